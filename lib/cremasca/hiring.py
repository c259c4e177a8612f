"""The posts that a plan means to fill, and those that the plan before meant to."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property

import pandas as pd

from annuario import charts
from annuario.data import Vintage
from annuario.figures import Absent, Figure, Said
from annuario.notebook import Chapter
from annuario.words import phrases
from cremasca.plan import ZERO, own
from cremasca.plan_facts import counted

POSTS = phrases.Noun("posto", "posti")
COMPETITION = "Selezione pubblica"
#: Reason for the share of the posts, which are of the plan's years, in the people at a date.
SHARE = (
    "I posti sono quelli previsti per tutti gli anni del piano, il personale è quello in servizio alla data indicata."
)


class Assunzioni:
    """The posts of the plan, and those that the plan before meant to fill in its year."""

    def __init__(self, libro: Chapter, persone: Figure):
        self.libro, self.persone = libro, persone
        self._posts, self._before = posts(libro), previous(libro)

    @cached_property
    def posti(self) -> Figure:
        """How many posts the plan means to fill; absent without any."""
        return counted("piano_occupazionale/posti", total(self._posts), self.libro.year, POSTS)

    @cached_property
    def quota_posti(self) -> Figure:
        """Their share of the people."""
        return self.posti.quota(self.persone, perche=SHARE)

    @property
    def quando(self) -> Said:
        """``2 nel 2021, 2 nel 2022 e 2 nel 2023``; ``tutti nel 2020``."""
        return Said(when(self._posts)).of(self.posti)

    @property
    def quali(self) -> Said:
        """The profiles with their posts."""
        return Said(wanted(self._posts)).of(self.posti)

    @property
    def selezione(self) -> Said:
        """``selezione pubblica``, where all the posts are filled so; else absent."""
        if set(self._posts["modalita"]) != {COMPETITION}:
            raise Absent("piano_occupazionale", self.libro.year, "modalità diverse")
        return Said(COMPETITION.lower())

    @property
    def periodo(self) -> Said:
        """The years of the posts: ``2021–2023``."""
        self.posti.valore
        return Said(period(self._posts))

    titoli = {
        "nome": "Profilo",
        "ambito": "Ambito",
        "unita": "Unità",
        "modalita": "Modalità di copertura",
        "anno": "Anno",
    }

    @property
    def tabella(self) -> pd.DataFrame | None:
        """The posts, a row each request."""
        return self._posts.assign(anno=self._posts["anno"].astype(str)) if self.posti.nota else None

    def grafico(self) -> charts.Chart | None:
        """The posts by profile."""
        return chart(self._posts) if self.posti.nota else None

    @property
    def attesi(self) -> Figure:
        """The posts that the plan before meant to fill in its year; absent where it is not published."""
        return counted("piano_occupazionale/attesi", total(self._before), self.libro.year - 1, POSTS)


def posts(edition: Vintage) -> pd.DataFrame:
    """The posts of the edition's own plan, a row each request, in printed order; may be empty.

    Columns of ``piano_occupazionale``, with ``nome`` (the profile) and ``valore`` (posts).
    """
    frame = own(edition, "piano_occupazionale")
    names = frame["etichetta"].str.capitalize()
    return frame.assign(nome=names, valore=frame["unita"])


def total(frame: pd.DataFrame) -> Decimal:
    """How many posts a plan has."""
    return sum(frame["unita"], ZERO)


def chart(frame: pd.DataFrame) -> charts.Chart | None:
    """The posts by profile over all the years of the plan, as parts of the whole; None of one or two profiles."""
    sums = frame.groupby(["profilo", "nome"], sort=False)["valore"].sum().reset_index()
    drawn = charts.shares(
        sums.assign(anno=frame["anno"].max()), "Posti previsti per profilo", rows="profilo", unit="numero"
    )
    if drawn is None:
        return None
    told = drawn.alt.replace(f"anno {frame['anno'].max()}", period(frame), 1)
    return charts.Chart(
        drawn.spec,
        told,
        drawn.data,
        drawn.units,
        drawn.narrow,
        notes=drawn.notes,
        rests=frame,
        finding=drawn.finding,
        measured=[period(frame)],
    )


def period(frame: pd.DataFrame) -> str:
    """The years of the posts: ``2021–2023``, ``2020``."""
    first, last = frame["anno"].min(), frame["anno"].max()
    return str(first) if first == last else f"{first}–{last}"


def when(frame: pd.DataFrame) -> str:
    """How the posts are spread over the years: ``2 nel 2021, 2 nel 2022 e 2 nel 2023``; ``tutti nel 2020``."""
    years = {year: total(frame[frame["anno"] == year]) for year in sorted(set(frame["anno"]))}
    if len(years) == 1:
        return f"tutti nel {next(iter(years))}"
    return phrases.listing([f"{value} nel {year}" for year, value in years.items() if value])


def wanted(frame: pd.DataFrame) -> str:
    """The profiles by posts, largest first: ``assistente sociale (7), …``."""
    sums = frame.groupby("nome", sort=False)["valore"].sum().sort_values(ascending=False, kind="stable")
    return phrases.listing([f"{name[0].lower()}{name[1:]} ({value})" for name, value in sums.items()])


def previous(edition: Vintage) -> pd.DataFrame:
    """The posts that the plan of the year before meant for that year; may be empty."""
    frame = edition.package.read("piano_occupazionale")
    return frame[(frame["edizione"] == f"{edition.book}-{edition.year - 1}") & (frame["anno"] == edition.year - 1)]
