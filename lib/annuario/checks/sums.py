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

    >>> frame = pd.DataFrame({"edizione": "relazione-2025", "anno": 2025, "servizio": "asili",
    ...                       "fonte": ["d:1", "d:2", "d:3"], "sede": ["nord", "sud", "totale"], "valore": [Decimal(3), Decimal(9), Decimal(13)]})
    >>> totals(frame, "sedi", "Somma delle sedi: {0}", ["servizio"], "sede").iloc[0].tolist()
    ['sedi/asili/relazione-2025/2025', 'Somma delle sedi: asili', 'relazione-2025', 2025, 'd:1-2; d:3',
    Decimal('12'), Decimal('13'), Decimal('1'), 'non torna']
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
    """The sum of some measures (``misura``) of each row against another measure of the same row.

    >>> frame = pd.DataFrame({"edizione": "relazione-2025", "anno": 2025, "sede": "nord",
    ...                       "fonte": ["d:1", "d:2", "d:3"], "misura": ["nuovi", "noti", "casi"], "valore": [Decimal(3), Decimal(9), Decimal(12)]})
    >>> parts_of(frame, "casi", "Nuovi e noti: {0}", ["sede"], ["nuovi", "noti"], "casi").iloc[0].tolist()
    ['casi/nord/relazione-2025/2025', 'Nuovi e noti: nord', 'relazione-2025', 2025, 'd:1-2; d:3',
    Decimal('12'), Decimal('12'), Decimal('0'), 'torna']
    """
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

    >>> frame = pd.DataFrame({"edizione": "relazione-2025", "anno": 2025, "sede": "nord", "valore": [Decimal(3)]})
    >>> frame = frame.assign(fonte="d:1;e:7")
    >>> printed_twice(frame, "casi", "Casi: {0}", ["sede"], {"nord": "Sede nord"})[["cosa", "dove"]].values.tolist()
    [['Casi: Sede nord', 'd:1; e:7']]
    """
    rows = []
    twice = frame[(frame["fonte"].str.count(";") == 1) & frame["valore"].notna()]
    for edition, year, *group, value, source in zip(*(twice[c] for c in [*CONTEXT, *by, "valore", "fonte"])):
        first, second = source.split(";")
        check = "/".join([name, *group])
        asked = _named(what, group, names)
        rows.append(row(check, asked, edition, year, Number(value, first), Number(value, second)))
    return table(rows)
