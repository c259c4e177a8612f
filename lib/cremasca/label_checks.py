"""What the labels of revenues and funds say, against the tables that they stand in."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from annuario.checks.across import records
from annuario.checks.rows import Number, row, table

ROMAN = {"I": 1, "V": 5, "X": 10}


def years(revenue: pd.DataFrame) -> pd.DataFrame:
    """The year in the label of a revenue, or of a total, against the year of the table."""
    named = revenue[~revenue["canale"].str.contains("avanzo")]
    years = named["etichetta"].str.findall(r"\b20\d\d\b")
    named = named.assign(anni=years)[years.str.len() == 1]
    rows = []
    for edition, year, channel, label, source, labels in records(
        named, "edizione", "anno", "canale", "etichetta", "fonte", "anni"
    ):
        what = f"Entrate, «{label}»: anno nell’etichetta = anno della tabella"
        expected, found = Number(Decimal(year), source), Number(Decimal(labels[0]), source)
        rows.append(row(f"etichette/anno/{channel}", what, edition, year, expected, found))
    return table(rows)


def numerals(funds: pd.DataFrame, revenue: pd.DataFrame) -> pd.DataFrame:
    """The edition of a project (a Roman numeral) in the labels of its fund and of its revenue."""
    funds, revenue = (
        frame.assign(romano=frame["etichetta"].str.extract(r"\b([IVX]+)\b", expand=False)).dropna(subset="romano")
        for frame in (funds.rename(columns={"fondo": "canale"}), revenue)
    )
    both = funds.merge(revenue, on=["edizione", "anno", "canale"], suffixes=("", "_ricavi"))
    rows = []
    for edition, year, channel, label, numeral, source, other, other_source in records(
        both, "edizione", "anno", "canale", "etichetta_ricavi", "romano", "fonte", "romano_ricavi", "fonte_ricavi"
    ):
        what = f"«{label}»: edizione del progetto nei fondi = nei ricavi"
        expected, found = Number(_roman(numeral), source), Number(_roman(other), other_source)
        rows.append(row(f"etichette/numero/{channel}", what, edition, year, expected, found))
    return table(rows)


def _roman(numeral: str) -> Decimal:
    units = [ROMAN[letter] for letter in numeral]
    return Decimal(sum(-unit if unit < after else unit for unit, after in zip(units, [*units[1:], 0])))
