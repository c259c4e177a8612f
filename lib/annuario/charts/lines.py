"""One measure over many years: a line with its values, open where a year is unknown."""

from __future__ import annotations

from collections.abc import Hashable

import altair as alt

from annuario.charts.axes import LETTER, PAGE, PHONE
from annuario.charts.bars import draw_groups
from annuario.charts.chart import Drawings, drawing
from annuario.charts.theme import ACCENT, MUTED
from annuario.charts.values import as_float, exact, short
from annuario.tables import Grid

#: Known years from which on a measure has a course rather than a few values to compare.
FEWEST = 4
UNKNOWN = "n.d."
_HEIGHT = 190
_ROOM = 0.16  # of the height, for the texts beyond the points


def is_course(grid: Grid, code: Hashable) -> bool:
    """Whether a row has enough known years for a line."""
    return sum(grid.values.get((code, year)) is not None for year in grid.columns) >= FEWEST


def draw_line(grid: Grid, code: Hashable) -> Drawings:
    """One indicator as a line from zero, every year on the axis; bars where there is no room for its values."""
    widest = max(len(short(grid, code, year)) for year in grid.columns) * LETTER + 6
    bars = draw_groups(grid, [code])
    if widest * len(grid.columns) > PAGE:
        return bars
    line = _line(grid, code)
    return line, line if widest * len(grid.columns) <= PHONE else bars[1]


def _line(grid: Grid, code: Hashable) -> dict:
    values = [as_float(grid.values.get((code, year))) for year in grid.columns]
    known = [value for value in values if value is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    room = (high - low or 1) * _ROOM
    records = [
        {"anno": str(year), "valore": value, "testo": short(grid, code, year), "intero": exact(grid, code, year)}
        for year, value in zip(grid.columns, values)
    ]
    scale = alt.Scale(nice=False, zero=False, domainMin=low - (room if low < 0 else 0), domainMax=high + room)
    x = alt.X(
        "anno:N",
        axis=alt.Axis(labelAngle=0),
        scale=alt.Scale(type="point", padding=0.5, domain=[record["anno"] for record in records]),
    )
    y = alt.Y("valore:Q", axis=None, scale=scale)
    tooltip = [alt.Tooltip("anno:N", title="Anno"), alt.Tooltip("intero:N", title="Valore")]
    layers = [
        alt.Chart(alt.Data(values=records))
        .mark_line(color=ACCENT, strokeWidth=2.5, invalid="break-paths-show-domains")
        .encode(x=x, y=y)
    ]
    if low < 0:
        layers.append(alt.Chart(alt.Data(values=[{"y": 0}])).mark_rule(color="#8a979e").encode(y=alt.Y("y:Q")))
    points = alt.Chart(alt.Data(values=[record for record in records if record["valore"] is not None]))
    layers.append(points.mark_point(color=ACCENT, filled=True, size=60, opacity=1).encode(x=x, y=y, tooltip=tooltip))
    below = [_is_dip(values, place, low + 2 * room) for place in range(len(values))]
    marks = {False: {"baseline": "bottom", "dy": -8}, True: {"baseline": "top", "dy": 9}}
    for under, look in marks.items():
        told = [record for record, dip in zip(records, below) if dip == under and record["valore"] is not None]
        if told:
            texts = alt.Chart(alt.Data(values=told)).mark_text(**look, fontWeight=600)  # type: ignore[arg-type]
            layers.append(texts.encode(x=x, y=y, text=alt.Text("testo:N")))
    unknown = [record | {"testo": UNKNOWN} for record in records if record["valore"] is None]
    if unknown:
        signs = alt.Chart(alt.Data(values=unknown)).mark_text(color=MUTED, baseline="bottom")
        layers.append(signs.encode(x=x, y=alt.YValue(_HEIGHT - 6), text=alt.Text("testo:N")))
    return drawing(layers, _HEIGHT)


def _is_dip(values: list[float | None], place: int, least: float) -> bool:
    """Whether a text stands better below its point: the line comes down to it, with room beneath."""
    value = values[place]
    if value is None or value < least:
        return False
    beside = [
        other for other in (*values[max(place - 1, 0) : place], *values[place + 1 : place + 2]) if other is not None
    ]
    return bool(beside) and min(beside) >= value and max(beside) > value
