"""Clauses about a series of years, said only when the other years are known.

A series maps years to values, as ``Vintage.series`` gives it; years may be missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from annuario import phrases


def last_before(series: Mapping[int, Decimal], year: int) -> int | None:
    """The last known year before ``year``, or None."""
    return max((known for known in series if known < year), default=None)


def trend(series: Mapping[int, Decimal], year: int, agree: str = "ms", opening: str = ", ") -> str:
    """``, in aumento del 4,1 % rispetto al 2024``: the change on the last known year.

    Empty where ``year`` or every year before it is missing.
    """
    before = last_before(series, year)
    if before is None or year not in series:
        return ""
    return opening + phrases.change(series[year], series[before], before, agree)


def record(series: Mapping[int, Decimal], year: int, opening: str = ", ") -> str:
    """``, il valore più alto fra gli anni pubblicati dal 2019``, or the lowest; else empty.

    Empty with fewer than three known years, and where another year has the same value.
    """
    known = {each: value for each, value in series.items() if each <= year}
    others = [value for each, value in known.items() if each != year]
    if year not in known or len(others) < 2:
        return ""
    for side, beyond in (("alto", max(others) < known[year]), ("basso", min(others) > known[year])):
        if beyond:
            return f"{opening}il valore più {side} fra gli anni pubblicati dal {min(known)}"
    return ""


def gaps(series: Mapping[int, Decimal]) -> str:
    """``2022`` or ``2020 e 2022``: the years missing between the first and the last known."""
    known = sorted(series)
    return phrases.listing([str(year) for year in range(known[0], known[-1]) if year not in series]) if known else ""


def more_or_less(gap: Decimal) -> str:
    """``uno in più``, ``cinque in meno``, ``nessuno in più`` for a difference of whole things."""
    if gap == 0:
        return "nessuno in più"
    return f"{phrases.spelled(int(abs(gap)))} in {'più' if gap > 0 else 'meno'}"
