"""The territory of the ambito: people, surface, municipalities by size and by sub-ambito."""

from __future__ import annotations

import pandas as pd

from annuario.data import Vintage
from cremasca import sub_ambiti

#: The facts of the territory with their measure, as the book names them.
NAMES = {
    "territorio/comuni": "Comuni dell’ambito",
    "territorio/popolazione": "Popolazione al 31 dicembre (abitanti)",
    "territorio/superficie": "Superficie (km²)",
    "territorio/densita": "Densità dell’ambito (abitanti per km²)",
    "territorio/densita-provinciale": "Densità media provinciale (abitanti per km²)",
    "territorio/densita-regionale": "Densità media regionale (abitanti per km²)",
    "territorio/comuni-sotto-5000": "Comuni con meno di 5.000 abitanti",
    "territorio/comuni-5000-10000": "Comuni fra 5.000 e 10.000 abitanti",
    "territorio/popolazione-crema": "Popolazione di Crema, circa (abitanti)",
    "territorio/sub-ambiti": "Sub-ambiti",
}
DENSITIES = {
    "territorio/densita": "Ambito cremasco",
    "territorio/densita-provinciale": "Media provinciale",
    "territorio/densita-regionale": "Media regionale",
}
_YEARS = 5


def facts(edition: Vintage) -> pd.DataFrame:
    """The facts of the last year known, with :data:`NAMES` as ``nome``; empty where there is none."""
    frame = edition.indicators(list(NAMES), years=_YEARS)
    frame = frame[frame["anno"] == frame["anno"].max()]
    return frame.assign(nome=frame["indicatore"].map(NAMES))


def densities(frame: pd.DataFrame) -> pd.DataFrame:
    """The density of the ambito and those of province and region, of the facts."""
    rows = frame[frame["indicatore"].isin(DENSITIES)]
    return rows.assign(nome=rows["indicatore"].map(DENSITIES))


def sizes(frame: pd.DataFrame) -> pd.DataFrame:
    """The municipalities by population: ``classe``, ``nome``, ``anno``, ``valore``, ``da``; all of them as ``totale``.

    The largest class holds those that the other two leave.
    """
    known = frame.set_index("indicatore")["valore"]
    whole, small, middle = (known[f"territorio/{name}"] for name in ("comuni", "comuni-sotto-5000", "comuni-5000-10000"))
    rows = [
        ("piccoli", "Meno di 5.000 abitanti", small),
        ("medi", "Da 5.000 a 10.000 abitanti", middle),
        ("grandi", "Oltre 10.000 abitanti", whole - small - middle),
        ("totale", "Totale", whole),
    ]
    return _rows(frame, rows, "classe")


def residents(frame: pd.DataFrame) -> pd.DataFrame:
    """The residents of Crema (about so many) and of the other municipalities, with the total: ``comune``, ``valore``…"""
    known = frame.set_index("indicatore")["valore"]
    whole, city = known["territorio/popolazione"], known["territorio/popolazione-crema"]
    rows = [("crema", "Crema, circa", city), ("altri", "Altri Comuni, circa", whole - city), ("totale", "Totale", whole)]
    return _rows(frame, rows, "comune")


def _rows(frame: pd.DataFrame, rows: list[tuple], code: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[code, "nome", "valore"]).assign(anno=frame["anno"].iloc[0], da=frame["da"].iloc[0])


def municipalities(edition: Vintage) -> pd.DataFrame:
    """The municipalities of each sub-ambito and in all, in the last year known up to the edition's."""
    frame = sub_ambiti.of(edition, "saap", ["comuni"], years=_YEARS)
    return frame[frame["anno"] == frame["anno"].max()].reset_index(drop=True)
