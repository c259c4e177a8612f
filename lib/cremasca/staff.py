"""The company's people: by profile, contract and hours, at the dates that the documents give."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from annuario.data import Vintage
from annuario.words import numbers, phrases
from annuario.words.trends import last_before, more_or_less
from cremasca import names


def staff(edition: Vintage, year: int | None = None) -> pd.DataFrame:
    """Persons by ``profilo`` and ``misura`` in every known year, or in one; with ``nome``, and ``chi`` are the people of it."""
    frame = edition.table("personale", **({} if year is None else {"anno": year}))
    known = names.listed(edition.package, "profili")
    found = [known.get(row.profilo, names.Name(row.etichetta, "")) for row in frame.itertuples()]
    return frame.assign(
        nome=[profile.nome for profile in found], chi=[profile.altro or profile.nome.lower() for profile in found]
    )


def titles(edition: Vintage, frame: pd.DataFrame) -> dict[str, str]:
    """The headings of the measures that a table of staff has."""
    known = names.named(edition.package, "misure-personale")
    return {code: known[code] for code in known.ordered(frame["misura"])}


def dates(frame: pd.DataFrame) -> dict[int, str]:
    """The date that each year's figures refer to, in words: ``31 dicembre 2025``, ``1° dicembre 2019``."""
    return {year: numbers.date_long(day) for year, day in sorted(set(zip(frame["anno"], frame["data"])))}


def persons(frame: pd.DataFrame) -> pd.DataFrame:
    """The persons by profile and year, with their total."""
    return frame[frame["misura"] == "persone"]


def compared(series: dict[int, Decimal], days: dict[int, str], year: int) -> str:
    """``, due in più rispetto al 30 novembre 2020``: the last count before, at its own date; or nothing."""
    before = last_before(series, year)
    if before is None or year not in series:
        return ""
    gap = series[year] - series[before]
    if gap == 0:
        return f", quante al {days[before]}"
    return f", {more_or_less(gap, feminine=True)} rispetto al {days[before]}"


def moves(frame: pd.DataFrame, year: int) -> str:
    """``sono di più gli educatori (+3); sono di meno i funzionari (−1)`` since the last count; empty where none moved."""
    before = last_before(dict.fromkeys(frame["anno"]), year)
    rows = frame[(frame["misura"] == "persone") & (frame["profilo"] != "totale")]
    wide = rows.pivot(index="profilo", columns="anno", values="valore").reindex(dict.fromkeys(rows["profilo"]))
    counted = zip(wide.index, wide[year], wide[before]) if {year, before} <= set(wide) else ()
    people = dict(zip(rows["profilo"], rows["chi"]))
    gaps = {
        people[code]: now - old
        for code, now, old in counted
        if not numbers.is_missing(now) and not numbers.is_missing(old) and now != old
    }
    said = []
    for way, sign in (("più", 1), ("meno", -1)):
        moved = [
            f"{phrases.article(name, 'mp')}{name} ({numbers.signed(gap)})"
            for name, gap in gaps.items()
            if gap * sign > 0
        ]
        said += [f"sono di {way} {phrases.listing(moved)}"] if moved else []
    return "; ".join(said)
