"""Figures as the long frame that tables and charts take, and what becomes of those that are absent."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import wraps

import pandas as pd

from annuario.data.corrections import COLUMN
from annuario.data.value import Value
from annuario.figures.figure import Figure
from annuario.figures.group import Figures

#: The column with the code of a figure within its table or chart.
CODE = "cifra"


def long(what: Figure | Figures | Iterable[Figure], years: int = 3) -> pd.DataFrame:
    """One row a figure and year, over the last ``years``: ``cifra``, ``nome``, ``unita``, ``anno``, ``valore``, ``da``.

        ``indicatore`` holds the codes, for the index; of a group ``cifra`` is the code within it;
        ``correzioni`` what the ledger says of the cells that a value rests on; ``dal`` is the first year of the
        series that a value can be compared within, ``specie`` the kind of the figure. Years that a figure lacks have no row.

    >>> long(casi(3, 5, None, 8))[["anno", "valore"]].to_dict("records")
    [{'anno': 2023, 'valore': Decimal('5')}, {'anno': 2025, 'valore': Decimal('8')}]
    """
    named = [(figure.code, figure) for figure in _listed(what)]
    if isinstance(what, Figures):
        named = [(code, what[code]) for code in what]
    rows = []
    for code, figure in named:
        editions = {row.year: row.edition for row in figure.rows}
        rows += [
            {CODE: code, "nome": figure.name or code, "unita": figure.unit, "anno": year, "valore": _resting(figure, year, value),
             "da": editions.get(year, ""), "indicatore": figure.code, COLUMN: figure.corrections(year),
             "dal": max((first for first in figure.nature.breaks if first <= year), default=0), "specie": figure.nature.kind}
            for year, value in sorted(figure.series.items())
            if figure.year - years < year <= figure.year
        ]  # fmt: skip
    return pd.DataFrame(
        rows, columns=[CODE, "nome", "unita", "anno", "valore", "da", "indicatore", COLUMN, "dal", "specie"]
    )


def _resting(figure: Figure, year: int, value: Decimal) -> Decimal:
    """A value with the records of the figure, where it does not know its own."""
    if isinstance(value, Value):
        return value
    return Value(value, *(row.record for row in figure.rows if row.year == year and row.record))


def known(what: pd.DataFrame | Figure | Figures | Iterable[Figure] | None) -> bool:
    """Whether there is something to show: a frame, or a figure of the edition's year.

    >>> known(casi(0)), known(casi(12, None)), known([casi(None), casi(3)]), known(None)
    (True, False, True, False)
    """
    if what is None or isinstance(what, pd.DataFrame):
        return what is not None
    return any(figure.nota for figure in _listed(what))


#: The years of a course, and how many of them must be known.
COURSE, FEWEST = 7, 4


def of_figures(years: int = 3, course: bool = False) -> Callable:
    """For a question about a frame: it may be asked of figures as well, and of what is absent.

    The first argument may be a figure, a group or a list of figures, of which the last
    ``years`` are shown (the caller may ask for others), or None; with ``course`` a figure alone that
    is known for long enough shows all the years of its series. Where nothing is known of
    the edition's year the answer is None: no table, no chart.

    >>> @of_figures(years=2)
    ... def years(frame, rows):
    ...     return list(frame["anno"])
    >>> years(casi(3, 5, 8)), years(casi(3, 5, 8), years=3), years(casi(3, None))
    ([2024, 2025], [2023, 2024, 2025], None)
    """
    usual = years

    def asked(question: Callable) -> Callable:
        takes_rows = "rows" in inspect.signature(question).parameters

        @wraps(question)
        def answer(frame, *others, years: int | None = None, **named):
            if not known(frame):
                return None
            if not isinstance(frame, pd.DataFrame):
                frame = long(frame, years or (COURSE if course and _has_course(frame) else usual))
                if takes_rows:
                    named.setdefault("rows", CODE)
            return question(frame, *others, **named)

        return answer

    return asked


def _has_course(what: Figure | Figures | Iterable[Figure]) -> bool:
    """Whether it is one figure that is known, and can be compared, over years enough."""
    figures = _listed(what)
    if len(figures) != 1:
        return False
    figure = figures[0]
    start = max((first for first in figure.nature.breaks if first <= figure.year), default=0)
    last = range(max(figure.year - COURSE + 1, start), figure.year + 1)
    return not figure.nature.apart and sum(figure.series.get(year) is not None for year in last) >= FEWEST


def _listed(what: Figure | Figures | Iterable[Figure]) -> list[Figure]:
    return (
        [what]
        if isinstance(what, Figure)
        else [what[code] for code in what]
        if isinstance(what, Figures)
        else list(what)
    )
