"""The plan's people: the count it starts from and the posts that it means to fill."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from annuario import charts, phrases
from annuario.data import Vintage
from cremasca.plan import ZERO, own

POSTS = phrases.Noun("posto", "posti")


def count_year(edition: Vintage) -> int | None:
    """The year of the count of staff that the plan prints: its own, or the last known."""
    frame = edition.table("personale")
    own = frame[frame["da"] == ""]
    years = own["anno"] if len(own) else frame["anno"]
    return None if years.empty else int(years.max())


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


def chart(frame: pd.DataFrame) -> charts.Chart:
    """The posts by profile over all the years of the plan, as parts of the whole."""
    sums = frame.groupby(["profilo", "nome"], sort=False)["valore"].sum().reset_index()
    drawn = charts.shares(sums.assign(anno=frame["anno"].max()), "Posti previsti per profilo", rows="profilo", unit="numero")
    told = drawn.alt.replace(f"anno {frame['anno'].max()}", period(frame), 1)
    return charts.Chart(drawn.spec, told, drawn.data, drawn.units, drawn.narrow)


def period(frame: pd.DataFrame) -> str:
    """The years of the posts: ``2021–2023``, ``2020``."""
    first, last = frame["anno"].min(), frame["anno"].max()
    return str(first) if first == last else f"{first}–{last}"


def when(frame: pd.DataFrame) -> str:
    """How the posts are spread over the years: ``2 nel 2021, 2 nel 2022 e 2 nel 2023``; ``tutti nel 2020``."""
    years = {year: total(frame[frame["anno"] == year]) for year in sorted(set(frame["anno"]))}
    if len(years) == 1:
        return f"tutti nel {next(iter(years))}"
    return phrases.listing([f"{value} nel {year}" for year, value in years.items()])


def wanted(frame: pd.DataFrame) -> str:
    """The profiles by posts, largest first: ``assistente sociale (7), …``."""
    sums = frame.groupby("nome", sort=False)["valore"].sum().sort_values(ascending=False, kind="stable")
    return phrases.listing([f"{name[0].lower()}{name[1:]} ({value})" for name, value in sums.items()])


def previous(edition: Vintage) -> pd.DataFrame:
    """The posts that the plan of the year before meant for that year; may be empty."""
    frame = edition.package.read("piano_occupazionale")
    return frame[(frame["edizione"] == f"{edition.book}-{edition.year - 1}") & (frame["anno"] == edition.year - 1)]
