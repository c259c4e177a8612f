"""Sums: members of a dimension against their total, parts of a row against the row."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from annuario.checks.rows import EXACT, Number, numbers, row, summed, table

CONTEXT = ["edizione", "anno"]
NOTHING = Number(Decimal(0), "")


def totals(
    frame: pd.DataFrame,
    name: str,
    what: str,
    by: list[str],
    member: str,
    total: str = "totale",
    rules: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """The sum of the rows of each group against the group's row whose ``member`` is ``total``.

    ``by`` are the columns of a group beside edition and year: they follow ``name`` in the
    check's id and, by their ``names``, fill ``what``. ``rules`` gives the rule of a group by
    its last key. A group whose total is not printed is not checked; a total without parts is.
    """
    is_total = frame[member] == total
    parts = summed(frame[~is_total], [*CONTEXT, *by])
    rows = []
    for key, by_member in numbers(frame[is_total], [*CONTEXT, *by], member).items():
        edition, year, *group = key
        rule = (rules or {}).get(group[-1], EXACT) if group else EXACT
        check = "/".join([name, *group])
        asked = _named(what, group, names)
        rows.append(row(check, asked, edition, year, parts.get(key, NOTHING), by_member[total], rule))
    return table(rows)


def _named(what: str, group: list[str], names: Mapping[str, str] | None) -> str:
    return what.format(*((names or {}).get(key, key) for key in group))


def parts_of(
    frame: pd.DataFrame,
    name: str,
    what: str,
    by: list[str],
    parts: list[str],
    whole: str,
) -> pd.DataFrame:
    """The sum of some measures (``misura``) of each row against another measure of the same row."""
    sums = summed(frame[frame["misura"].isin(parts)], [*CONTEXT, *by])
    rows = []
    for key, measures in numbers(frame[frame["misura"] == whole], [*CONTEXT, *by], "misura").items():
        if key in sums:
            edition, year, *group = key
            asked = what.format(*group)
            rows.append(row("/".join([name, *group]), asked, edition, year, sums[key], measures[whole]))
    return table(rows)


def printed_twice(frame: pd.DataFrame, name: str, what: str, by: list[str], names: Mapping[str, str]) -> pd.DataFrame:
    """Numbers that the data hold once and cite from two places, which must print the same.

    ``by`` and ``names`` as in :func:`totals`.
    """
    rows = []
    twice = frame[(frame["fonte"].str.count(";") == 1) & frame["valore"].notna()]
    for edition, year, *group, value, source in zip(*(twice[c] for c in [*CONTEXT, *by, "valore", "fonte"])):
        first, second = source.split(";")
        check = "/".join([name, *group])
        asked = _named(what, group, names)
        rows.append(row(check, asked, edition, year, Number(value, first), Number(value, second)))
    return table(rows)
