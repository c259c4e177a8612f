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
    """The last known year before ``year``, or None.

    >>> last_before({2019: 3, 2022: 4, 2025: 6}, 2025), last_before({2025: 6}, 2025)
    (2022, None)
    """
    return max((known for known in series if known < year), default=None)


def trend(series: Mapping[int, Decimal], year: int, agree: str = "ms", opening: str = ", ") -> str:
    """The change on the last known year; empty where ``year`` or every year before it is missing.

    >>> print(trend({2023: 98, 2025: 102}, 2025))
    , in aumento del 4,1 % rispetto al 2023
    >>> trend({2025: 102}, 2025)
    ''
    """
    before = last_before(series, year)
    if before is None or year not in series:
        return ""
    return opening + phrases.change(series[year], series[before], before, agree)


def step(series: Mapping[int, Decimal], year: int, agree: str = "mp") -> str:
    """The change of a small count, where a percentage says too much; beyond twenty the :func:`trend`.

    Empty where ``year`` or every year before it is missing.

    >>> step({2024: 9, 2025: 6}, 2025), step({2024: 6, 2025: 6}, 2025), step({2025: 6}, 2025)
    (', tre in meno del 2024', ', come nel 2024', '')
    """
    before = last_before(series, year)
    if before is None or year not in series:
        return ""
    gap = series[year] - series[before]
    if abs(gap) > 20:
        return trend(series, year, agree)
    return f", {more_or_less(gap, agree[0] == 'f')} del {before}" if gap else f", come nel {before}"


def record(series: Mapping[int, Decimal], year: int) -> str:
    """The highest or the lowest of :data:`RECORD_YEARS` known years or more; else, and on a tie, empty.

    >>> record({2019: 3, 2021: 4, 2022: 4, 2023: 5, 2025: 9}, 2025)
    ', il valore più alto dei cinque anni documentati, 2019–2025'
    >>> record({2021: 4, 2022: 4, 2023: 5, 2024: 9, 2025: 9}, 2025), record({2024: 3, 2025: 9}, 2025)
    ('', '')
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
    """The years missing between the first and the last known.

    >>> gaps({2019: 3, 2021: 4, 2023: 5}), gaps({2024: 3, 2025: 4})
    ('2020 e 2022', '')
    """
    known = sorted(series)
    return phrases.listing([str(year) for year in range(known[0], known[-1]) if year not in series]) if known else ""


def more_or_less(gap: Decimal, feminine: bool = False) -> str:
    """A difference of whole things, in words.

    >>> more_or_less(Decimal(1)), more_or_less(Decimal(-5)), more_or_less(Decimal(0), feminine=True)
    ('uno in più', 'cinque in meno', 'nessuna in più')
    """
    if gap == 0:
        return f"{'nessuna' if feminine else 'nessuno'} in più"
    return f"{phrases.spelled(int(abs(gap)), feminine)} in {'più' if gap > 0 else 'meno'}"
