"""The values of a chart: its rows and columns, the whole and its parts, and how each is printed."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from decimal import Decimal

import pandas as pd

from annuario.errors import BookError
from annuario.messages import say
from annuario.tables import Grid, kind_of
from annuario.words import numbers


def gridded(frame: pd.DataFrame, rows: str, columns: str, unit: str | None) -> Grid:
    """The values of a chart, every year in order.

    >>> from annuario.figures.frame import long
    >>> gridded(long(gruppo(casi(12, 15), casi(3))), "cifra", "anno", None).columns
    [2024, 2025]
    """
    return one_scale(Grid(frame, rows, columns, unit, order=_every_year if columns == "anno" else list))


def one_scale(grid: Grid) -> Grid:
    """The same values, which must be of one unit. Raises BookError where they are of several.

    >>> one_scale(griglia(casi(12), casi(3))).codes
    ['uno', 'due']
    >>> one_scale(griglia(casi(12), casi(3).quota(casi(12))))
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: A chart has one scale, the rows have the units %, casi: filter the rows ...
    """
    units = sorted(set(grid.units.values()))
    if len(units) > 1:
        raise BookError(
            say(
                "A chart has one scale, the rows have the units {units}: filter the rows first.", units=", ".join(units)
            )
        )
    return grid


def _every_year(years: Collection[int]) -> list[int]:
    """Years without values between others keep their place, empty."""
    return list(range(min(years), max(years) + 1))


def totals(grid: Grid) -> list:
    """The code of the whole, or none where the whole is all there is.

    >>> totals(griglia(casi(12), totale=casi(15))), totals(griglia(totale=casi(15)))
    (['totale'], [])
    """
    return [code for code in grid.names if kind_of(code) == "totale"] if any(map(_is_part, grid.names)) else []


def parts_of(grid: Grid) -> list:
    """The codes of what is drawn: all but the whole, unless there is nothing else.

    >>> parts_of(griglia(casi(12), totale=casi(15))), parts_of(griglia(totale=casi(15)))
    (['uno'], ['totale'])
    """
    return [code for code in grid.names if _is_part(code)] or grid.codes


def _is_part(code: Hashable) -> bool:
    return not kind_of(code)


def largest_first(grid: Grid, column: Hashable) -> list:
    """The codes of the parts in the order of their values in one column.

    >>> largest_first(griglia(casi(3), casi(12), casi(5)), 2025)
    ['due', 'tre', 'uno']
    """
    return sorted(parts_of(grid), key=lambda code: -(grid.values.get((code, column)) or 0))


def whole_of(grid: Grid, column: Hashable) -> Decimal:
    """The printed total, or else the sum of the parts.

    >>> whole_of(griglia(casi(3), casi(12)), 2025), whole_of(griglia(casi(3), totale=casi(20)), 2025)
    (Decimal('15'), Decimal('20'))
    """
    printed = [value for code in totals(grid) if (value := grid.values.get((code, column))) is not None]
    parts = (grid.values.get((code, column)) or Decimal(0) for code in parts_of(grid))
    return printed[0] if printed else sum(parts, Decimal(0))


def only_year(grid: Grid) -> int:
    """The one year of the values. Raises BookError where there are several.

    >>> only_year(griglia(casi(3)))
    2025
    >>> only_year(griglia(casi(3, 5)))
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: This chart is about one year, the rows have 2024, 2025.
    """
    if len(grid.columns) > 1:
        raise BookError(
            say("This chart is about one year, the rows have {columns}.", columns=", ".join(map(str, grid.columns)))
        )
    return grid.columns[0]


def exact(grid: Grid, code: Hashable, column: Hashable) -> str:
    """A value printed exactly.

    >>> exact(griglia(casi(1234)), "uno", 2025)
    '1.234'
    """
    return numbers.quantity(grid.values.get((code, column)), grid.units[code])


def short(grid: Grid, code: Hashable, column: Hashable) -> str:
    """A value printed for the drawing: from a thousand euros or hours on, nothing in the chart has decimals.

    >>> frame = pd.DataFrame({"voce": ["a"], "anno": [2025], "valore": [Decimal("1234.5")]})
    >>> grid = Grid(frame, "voce", "anno", "EUR")
    >>> print(short(grid, "a", 2025), exact(grid, "a", 2025), sep=" | ")
    € 1.235 | € 1.234,50
    """
    unit = grid.units[code]
    return numbers.quantity(grid.values.get((code, column)), unit, whole(grid.values.values(), unit))


def whole(values: Iterable[Decimal | None], unit: str) -> int | None:
    """The decimals of amounts in one chart: none where one of them reaches a thousand, else those of the unit.

    >>> whole([Decimal("999.5")], "EUR"), whole([Decimal(3), Decimal(1000), None], "EUR")
    (None, 0)
    """
    large = unit in ("EUR", "ore") and any(value is not None and abs(value) >= 1000 for value in values)
    return 0 if large else None


def as_float(value: Decimal | None) -> float | None:
    """A value as a drawing has it.

    >>> as_float(Decimal("3.5")), as_float(None)
    (3.5, None)
    """
    return None if value is None else float(value)
