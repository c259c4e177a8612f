"""Sums: the members of a dimension against their printed total, the parts of a row against the row."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from annuario.checks.rows import EXACT, Number, row, table

ZERO = Decimal(0)


def totals(
    frame: pd.DataFrame, name: str, what: str, by: list[str], member: str, total: str = "totale", rules: Mapping = {}
) -> pd.DataFrame:
    """The sum of the rows of each group against the group's row whose ``member`` is ``total``.

    ``by`` are the columns of a group beside edition and year: they make the check's id
    (``name/by…``) and fill ``what``. ``rules`` gives the rule of a group by its last key.
    A group without a printed total is not checked.
    """
    keys = ["edizione", "anno", *by]
    frame = frame[frame["valore"].notna()]
    is_total = frame[member] == total
    parts = frame[~is_total].groupby(keys, sort=False).agg(valore=("valore", "sum"), fonte=("fonte", ";".join))
    sums = dict(zip(parts.index, zip(parts["valore"], parts["fonte"])))
    rows = []
    for *key, value, source in frame.loc[is_total, [*keys, "valore", "fonte"]].itertuples(index=False):
        edition, year, *group = key
        expected = Number(*sums.get(tuple(key), (ZERO, "")))
        rule = rules.get(group[-1], EXACT) if group else EXACT
        rows.append(row("/".join([name, *group]), what.format(*group), edition, year, expected, Number(value, source), rule))
    return table(rows)


def parts_of(
    frame: pd.DataFrame, name: str, what: str, by: list[str], measure: str, parts: list[str], whole: str
) -> pd.DataFrame:
    """The sum of some measures of each row against another measure of the same row."""
    keys = ["edizione", "anno", *by]
    chosen = frame[frame[measure].isin(parts) & frame["valore"].notna()]
    sums = chosen.groupby(keys, sort=False).agg(valore=("valore", "sum"), fonte=("fonte", ";".join))
    sums = dict(zip(sums.index, zip(sums["valore"], sums["fonte"])))
    rows = []
    for *key, value, source in frame.loc[frame[measure] == whole, [*keys, "valore", "fonte"]].itertuples(index=False):
        if tuple(key) in sums:
            edition, year, *group = key
            expected = Number(*sums[tuple(key)])
            rows.append(row("/".join([name, *group]), what.format(*group), edition, year, expected, Number(value, source)))
    return table(rows)


def printed_twice(frame: pd.DataFrame, name: str, what: str, by: list[str]) -> pd.DataFrame:
    """Numbers that the data hold once and cite from two places of the same document."""
    rows = []
    cited = frame["fonte"].str.split(";").str
    twice = frame[(cited.len() == 2) & frame["valore"].notna()]
    for edition, year, *group, value, source in twice[["edizione", "anno", *by, "valore", "fonte"]].itertuples(index=False):
        first, second = source.split(";")
        rows.append(row("/".join([name, *group]), what.format(*group), edition, year, Number(value, first), Number(value, second)))
    return table(rows)
