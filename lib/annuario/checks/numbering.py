"""Numbering: figures and projects numbered once each and without gaps."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from annuario.checks.rows import Number, row, table


def sequence(frame: pd.DataFrame, name: str, what: str, number: str) -> pd.DataFrame:
    """Numbers of an edition's list: how many are repeated and how many are missing (none should be)."""
    rows = []
    frame = frame[frame[number].astype(str).str.fullmatch(r"\d+")]
    frame = frame.assign(numero=frame[number].astype(int))
    for (edition, year), listed in frame.groupby(["edizione", "anno"], sort=False):
        repeated = listed[listed["numero"].duplicated(keep=False)]
        count = Decimal(len(repeated) - int(repeated["numero"].nunique()))
        missing = Decimal(int(listed["numero"].max()) - listed["numero"].nunique())
        everywhere = ";".join(listed["fonte"])
        rows.append(row(f"numerazione/{name}/ripetuti", f"{what}: numeri ripetuti", edition, year, Number(Decimal(0), ""), Number(count, ";".join(repeated["fonte"]) or everywhere)))
        rows.append(row(f"numerazione/{name}/mancanti", f"{what}: numeri mancanti", edition, year, Number(Decimal(0), ""), Number(missing, everywhere)))
    return table(rows)
