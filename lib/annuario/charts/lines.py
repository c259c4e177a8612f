"""Measures over the years: a line with its points in a panel for each, all on one scale, open where a year is unknown."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from textwrap import wrap

import altair as alt

from annuario.charts.axes import LETTER, LINE, PAGE, PHONE, pixels_down
from annuario.charts.chart import Drawings, drawing
from annuario.charts.theme import ACCENT, MUTED, RULE
from annuario.charts.values import as_float, exact, short
from annuario.tables import Grid

#: Known years from which on a measure has a course rather than a few values to compare.
FEWEST = 4
#: Panels beside each other on a page and on a phone.
_SIGN = 5.5  # width of a sign of a value, its points among them
_BESIDE = {PAGE: 3, PHONE: 2}
UNKNOWN = "n.d."
_HEIGHTS = (150, 70)  # of the drawing within a panel: alone, among others
_ABOVE = 18  # room above the highest point for its value
_EDGE = 0.06  # of a panel's width, kept free at either side


def is_course(grid: Grid, code: Hashable) -> bool:
    """Whether a row has enough known years for a line."""
    return sum(grid.values.get((code, year)) is not None for year in grid.columns) >= FEWEST


def draw_lines(grid: Grid, codes: Sequence[Hashable]) -> Drawings:
    """A panel for each row, every year on its axis; values stand at the points as far as there is room."""
    return _panels(grid, codes, PAGE), _panels(grid, codes, PHONE)


def _panels(grid: Grid, codes: Sequence[Hashable], width: int) -> dict:
    columns = min(len(codes), _BESIDE[width]) if len(codes) != 4 else 2
    wide, years = width / columns, grid.columns
    known = [
        value for code in codes for year in years if (value := as_float(grid.values.get((code, year)))) is not None
    ]
    low, high = min([0.0, *known]), max([0.0, *known])
    tall = _HEIGHTS[len(codes) > 1]
    titles = {
        code: wrap(grid.names[code], max(8, int(wide * 0.94 / LETTER))) if len(codes) > 1 else [] for code in codes
    }
    step = (1 - 2 * _EDGE) / len(years)
    points, values, marks, rules, heads, top = [], [], [], [], [], 0.0
    for start in range(0, len(codes), columns):
        row = codes[start : start + columns]
        first = top + max(len(titles[code]) for code in row) * LINE + _ABOVE
        for place, code in enumerate(row):
            heads += [
                {"x": place + _EDGE, "y": first - _ABOVE - (len(titles[code]) - index) * LINE + 7, "testo": line}
                for index, line in enumerate(titles[code])
            ]

            def down(value: float, first: float = first) -> float:
                return first + tall * (high - value) / ((high - low) or 1)

            rules.append({"x": place + _EDGE, "x2": place + 1 - _EDGE, "y": down(0.0)})
            ends = [index for index, year in enumerate(years) if grid.values.get((code, year)) is not None]
            printed = {index: short(grid, code, years[index]) for index in ends}
            for index, year in enumerate(years):
                at = place + _EDGE + (index + 0.5) * step
                if wide * step > 34 or index in (0, len(years) - 1):
                    marks.append({"x": at, "y": first + tall + LINE, "testo": str(year)})
                value = as_float(grid.values.get((code, year)))
                if value is None:
                    marks.append({"x": at, "y": down(0.0) - 9, "testo": UNKNOWN})
                    continue
                run = f"{code}/{_start(grid, code, index)}"
                points.append(
                    {"tratto": run, "x": at, "y": down(value), "voce": grid.names[code], "anno": str(year)}
                    | {"valore": exact(grid, code, year)}
                )
            for index in _told(printed, step * wide, as_floats(grid, code)):
                value = as_float(grid.values[code, years[index]]) or 0.0
                half = len(printed[index]) * LETTER / 2 / wide
                at = min(max(place + _EDGE + (index + 0.5) * step, place + half + 0.01), place + 1 - half - 0.01)
                under = _is_dip(as_floats(grid, code), index) and down(value) + 20 < first + tall
                values.append({"x": at, "y": down(value) + (13 if under else -11), "testo": printed[index]})
        top = first + tall + LINE * 2 + 6
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, columns], nice=False, zero=False))
    y = alt.Y("y:Q", axis=None, scale=pixels_down(top))
    tooltip = [
        alt.Tooltip(f"{name}:N", title=title)
        for name, title in (("voce", "Voce"), ("anno", "Anno"), ("valore", "Valore"))
    ]
    base = alt.Chart(alt.Data(values=points))
    layers = [
        alt.Chart(alt.Data(values=rules)).mark_rule(color=RULE).encode(x=x, x2=alt.X2("x2:Q"), y=y),
        base.mark_line(color=ACCENT, strokeWidth=2.5).encode(x=x, y=y, detail=alt.Detail("tratto:N")),
        base.mark_point(color=ACCENT, filled=True, size=55, opacity=1).encode(x=x, y=y, tooltip=tooltip),
        alt.Chart(alt.Data(values=values)).mark_text(baseline="middle", fontWeight=600).encode(x=x, y=y, text=alt.Text("testo:N")),
        alt.Chart(alt.Data(values=marks)).mark_text(baseline="middle", color=MUTED).encode(x=x, y=y, text=alt.Text("testo:N")),
    ]  # fmt: skip
    if heads:
        words = alt.Chart(alt.Data(values=heads)).mark_text(align="left", baseline="middle", fontWeight=600)
        layers.append(words.encode(x=x, y=y, text=alt.Text("testo:N")))
    return drawing(layers, round(top)) | {"autosize": {"type": "fit-x", "contains": "padding"}}


def as_floats(grid: Grid, code: Hashable) -> list[float | None]:
    """A row's values in the order of the years."""
    return [as_float(grid.values.get((code, year))) for year in grid.columns]


def _start(grid: Grid, code: Hashable, index: int) -> int:
    """Where the line through a point begins: after a year without value, or where the series breaks."""
    years = grid.columns
    while index and grid.values.get((code, years[index - 1])) is not None:
        if grid.series.get((code, years[index]), 0) > years[index - 1]:
            break
        index -= 1
    return index


def _told(printed: dict[int, str], step: float, values: Sequence[float | None]) -> list[int]:
    """The points whose values have room: the last and the first, the highest and the lowest, then the others."""
    if not printed:
        return []
    order = sorted(printed, key=lambda index: values[index] or 0.0)
    told: list[int] = []
    for index in dict.fromkeys([max(printed), min(printed), order[-1], order[0], *printed]):
        if all(
            abs(index - other) * step > (len(printed[index]) + len(printed[other])) * _SIGN / 2 + 4 for other in told
        ):
            told.append(index)
    return sorted(told)


def _is_dip(values: Sequence[float | None], place: int) -> bool:
    """Whether a value stands better below its point: the line comes down to it."""
    value = values[place]
    beside = [
        other for other in (*values[max(place - 1, 0) : place], *values[place + 1 : place + 2]) if other is not None
    ]
    return value is not None and bool(beside) and min(beside) >= value and max(beside) > value
