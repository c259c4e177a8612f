"""The plan's people: the count it starts from and the posts that it means to fill."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from annuario import charts, phrases
from annuario.data import Vintage

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
    frame = edition.table("piano_occupazionale", edizione=edition.id)
    names = frame["etichetta"].str.capitalize()
    return frame.assign(nome=names, valore=frame["unita"])


def total(frame: pd.DataFrame) -> Decimal:
    """How many posts a plan has."""
    return sum(frame["unita"], Decimal(0))


def chart(frame: pd.DataFrame) -> charts.Chart:
    """The posts by profile: parts of the whole in one year, or a bar a year where there are more."""
    sums = frame.groupby(["profilo", "nome", "anno"], sort=False)["valore"].sum().reset_index()
    years = sorted(set(sums["anno"]))
    if len(years) == 1:
        return charts.shares(sums, "Posti previsti per profilo", rows="profilo", unit="numero")
    profiles = dict(zip(sums["profilo"], sums["nome"]))
    known = {(row.profilo, row.anno): row.valore for row in sums.itertuples()}
    order = sorted(profiles, key=lambda code: -sum(value for (profile, _), value in known.items() if profile == code))
    rows = [(code, profiles[code], year, known.get((code, year), Decimal(0))) for code in order for year in years]
    filled = pd.DataFrame(rows, columns=["profilo", "nome", "anno", "valore"])
    return charts.grouped(filled, "Posti previsti per profilo", "profilo", "anno", {year: str(year) for year in years}, "numero")


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
