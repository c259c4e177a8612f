"""The company's accounts: the surplus and where it goes, management indicators in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from annuario import phrases
from annuario.data import Vintage
from annuario.trends import last_before

DESTINATIONS = {
    "vincolato": "Vincolato",
    "finalizzato": "Finalizzato",
    "pre-finalizzato-1": "Pre-finalizzato {first}",
    "pre-finalizzato-2": "Pre-finalizzato {second}",
    "libero": "Non vincolato",
}


def destinations(edition: Vintage, surplus_: pd.DataFrame) -> dict[str, str]:
    """The destinations that a surplus has and their headings, the coming years spelled out."""
    return {
        code: title.format(first=edition.year + 1, second=edition.year + 2)
        for code, title in DESTINATIONS.items()
        if code in set(surplus_["destinazione"])
    }


def surplus(edition: Vintage) -> pd.DataFrame:
    """The surplus line by line: ``voce``, ``nome``, ``destinazione``, ``valore`` in EUR.

    Lines come before the printed total, whose ``nome`` is «Totale».
    """
    frame = edition.table("avanzo", anno=edition.year)
    frame["nome"] = frame["etichetta"].where(frame["voce"] != "totale", "Totale")
    return frame


def surplus_by_destination(edition: Vintage) -> pd.DataFrame:
    """The printed totals of the surplus, one row a destination, with its heading as ``nome``."""
    frame = surplus(edition)
    frame = frame[frame["voce"] == "totale"]
    return frame.assign(nome=frame["destinazione"].map(destinations(edition, frame)))


def years(frame: pd.DataFrame | dict[int, Decimal]) -> str:
    """The years of a frame or of a series by year, for a caption: ``2023–2025``, ``2019``."""
    known = sorted(set(frame["anno"] if isinstance(frame, pd.DataFrame) else frame))
    return "" if not known else str(known[0]) if len(known) == 1 else f"{known[0]}–{known[-1]}"


def in_prose(edition: Vintage, indicator: str, year: int) -> Decimal | None:
    """An indicator's value of one year as the document's text gives it, or None."""
    return next(iter(edition.table("indicatori", indicatore=indicator, anno=year, sede="testo")["valore"]), None)


def largest(frame: pd.DataFrame, count: int) -> pd.DataFrame:
    """The ``count`` rows with the largest ``valore``, largest first."""
    return frame.sort_values("valore", ascending=False, kind="stable").head(count)


def definitions(frame: pd.DataFrame) -> pd.DataFrame:
    """The indicators of a frame that have a definition, once each: ``nome``, ``definizione``."""
    frame = frame.drop_duplicates("indicatore")
    frame = frame.loc[frame["definizione"] != "", ["nome", "definizione"]]
    return frame.assign(definizione=[re.sub(r"\s*/\s*", " / ", text) for text in frame["definizione"]])


def carried(edition: Vintage, years_: list[int]) -> pd.DataFrame:
    """The surplus of some years as the next year's revenues open with it, where a document closes them.

    Columns ``anno`` (of the surplus), ``valore`` in EUR, ``edizione``.
    """
    frame = edition.package.read("entrate")
    frame = frame[(frame["canale"] == "totale-avanzo") & (frame["fase"] == "consuntivo")]
    frame = frame.assign(anno=frame["anno"] - 1)
    return frame.loc[frame["anno"].isin(years_), ["anno", "valore", "edizione"]].reset_index(drop=True)


def standing(series: Mapping[int, Decimal], year: int, agree: str = "ms") -> str:
    """Where a percentage stands: ``, il valore più alto del triennio``, else how it moved, else nothing.

    It is a record only among three years or more.
    """
    if year not in series:
        return ""
    known = {each: value for each, value in series.items() if each <= year}
    place = phrases.extreme(known, year) if len(known) > 2 else ""
    if place.startswith("il valore più"):
        return f", {place}"
    before = last_before(known, year)
    return "" if before is None else f", {phrases.change_points(series[year], series[before], before, agree)}"
