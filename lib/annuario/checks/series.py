"""Plausibility: each value against the same figure in the year before that is known.

Of 2,090 pairs of years in four documents the ratio is beyond four, or below a quarter, in
two of a hundred, and beyond it in 98 of a hundred were one value ten times too large.

The only zero of a series is doubted as well, once: the value that falls to it, or the one that rises from
it where the series begins so; not what a document prints, whose lines are held whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from annuario.checks import printed
from annuario.checks.doubts import Doubt, row_ids
from annuario.data import Package
from annuario.data.roles import INDICATORS
from annuario.messages import say

#: How many times the year before, or what part of it, is still plausible.
TIMES = 4
#: Numbers below this go up and down by chance.
SMALL = 10
#: Fewer than these come and go altogether by chance.
FEW = 5


class Value(NamedTuple):
    """One value of a series."""

    year: int
    value: Decimal
    edition: str
    place: int


def check(package: Package) -> Iterator[Doubt]:
    """The values out of proportion to those of the year before, or of the other sign; a zero where there is no other."""
    for name, resource in package.resources.items():
        fields = package.fields(name)
        figure: list[str] = ["indicatore"] if name == package.name(INDICATORS) else resource.get("cifra", [])
        dated = {"edizione", "anno", "valore"} <= set(fields)
        if figure and dated and resource.get("regole", {}).get("serie", True):
            yield from _table(package, name, figure)


def _table(package: Package, name: str, figure: list[str]) -> Iterator[Doubt]:
    table, path = package.indexed(name), package.path(name)
    ids = row_ids(package, name)
    sources = table.column("fonte") if "fonte" in package.fields(name) else [""] * len(table.frame)
    series: dict[tuple, list[Value]] = {}
    for place, (year, value, edition, *code) in enumerate(
        zip(*(table.column(field) for field in ("anno", "valore", "edizione", *figure)))
    ):
        if value is not None:
            series.setdefault(tuple(code), []).append(Value(year, Decimal(value), edition, place))
    odd = []
    for values in series.values():
        known = [one for one in values if one.value]
        years = sorted({one.year for one in known})
        before = dict(zip(years[1:], years))
        for one in known:
            if one.year not in before:
                continue
            then = [other for other in known if other.year == before[one.year]]
            last = next((other for other in then if other.edition == one.edition), then[-1])
            if what := unlikely(last.value, one.value):
                odd.append((one, last, what))
    if alone := [found for values in series.values() if (found := _alone(values))]:
        vouched = printed.vouched(package, name)
        odd += [found for found in alone if found[0].place not in vouched]
    for one, last, what in odd:
        origin = f" ({sources[last.place]})" if sources[last.place] else ""
        yield Doubt(
            f"serie/{name}/{ids[one.place]}",
            say("{path}, row {row}, column «valore»", path=path, row=one.place + 2),
            say(
                "{value} of {year} {unlikely} {before} of {last_year} in row {row}{origin}: look it up in "
                "its source, correct the one that is wrong",
                value=one.value,
                year=one.year,
                unlikely=what,
                before=last.value,
                last_year=last.year,
                row=last.place + 2,
                origin=origin,
            ),
            str(one.value),
        )


def _alone(values: list[Value]) -> tuple[Value, Value, str] | None:
    """The value that falls to the only zero of a series, or rises from it, the one that it is held against, and how."""
    years = sorted({one.year for one in values})
    zeros = {one.year for one in values if not one.value}
    if len(years) == 1 or len(zeros) != 1 or any(one.value for one in values if one.year in zeros):
        return None
    place = years.index(*zeros)
    zero = next(one for one in values if not one.value)
    beside = next(one for one in values if one.year == years[place - 1 if place else 1])
    if abs(beside.value) < FEW:
        return None
    if place:
        return zero, beside, say("is the first zero of its series, after")
    return beside, zero, say("rises from the only zero of its series,")


def unlikely(before: Decimal, now: Decimal) -> str:
    """How a value is out of proportion to the one before, in words; nothing where it is not.

    >>> unlikely(Decimal(12), Decimal(120)), unlikely(Decimal(120), Decimal(12)), unlikely(Decimal(12), Decimal(-12))
    ('is 10.0 times', 'is one part in 10.0 of', 'has the other sign than')
    >>> unlikely(Decimal(-22), Decimal(-22)), unlikely(Decimal(1), Decimal(9)), unlikely(Decimal(0), Decimal(900))
    ('', '', '')
    """
    if before * now < 0:
        return say("has the other sign than")
    small, large = sorted((abs(before), abs(now)))
    if not small or large < SMALL or large <= small * TIMES:
        return ""
    if large == abs(now):
        return say("is {ratio:.1f} times", ratio=large / small)
    return say("is one part in {ratio:.1f} of", ratio=large / small)
