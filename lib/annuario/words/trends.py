"""Clauses about a series of years, said only when the other years are known.

A series maps years to values, as ``Vintage.series`` gives it; years may be missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from annuario.words import phrases

#: Known years that a record needs.
RECORD_YEARS = 5


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


def step(series: Mapping[int, Decimal], year: int, agree: str = "mp") -> str:
    """``, tre in meno del 2024``: the change of a small count, where a percentage says too much.

    ``, come nel 2024`` where nothing changed; the :func:`trend` beyond twenty; empty where
    ``year`` or every year before it is missing.
    """
    before = last_before(series, year)
    if before is None or year not in series:
        return ""
    gap = series[year] - series[before]
    if abs(gap) > 20:
        return trend(series, year, agree)
    return f", {more_or_less(gap, agree[0] == 'f')} del {before}" if gap else f", come nel {before}"


def record(series: Mapping[int, Decimal], year: int) -> str:
    """``, il valore più alto dei sei anni documentati, 2019–2025``, or the lowest; else empty.

    Empty with fewer than :data:`RECORD_YEARS` known years, and where another year has the same value.
    """
    known = {each: value for each, value in series.items() if each <= year}
    others = [value for each, value in known.items() if each != year]
    if year not in known or len(known) < RECORD_YEARS:
        return ""
    for side, beyond in (("alto", max(others) < known[year]), ("basso", min(others) > known[year])):
        if beyond:
            count = phrases.spelled(len(known), False)
            return f", il valore più {side} dei {count} anni documentati, {min(known)}–{year}"
    return ""


def gaps(series: Mapping[int, Decimal]) -> str:
    """``2022`` or ``2020 e 2022``: the years missing between the first and the last known."""
    known = sorted(series)
    return phrases.listing([str(year) for year in range(known[0], known[-1]) if year not in series]) if known else ""


def more_or_less(gap: Decimal, feminine: bool = False) -> str:
    """``uno in più``, ``cinque in meno``, ``nessuno in più`` for a difference of whole things."""
    if gap == 0:
        return f"{'nessuna' if feminine else 'nessuno'} in più"
    return f"{phrases.spelled(int(abs(gap)), feminine)} in {'più' if gap > 0 else 'meno'}"
