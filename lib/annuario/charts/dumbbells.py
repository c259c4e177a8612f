"""Two values beside each other in each row: two points and the way between them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import altair as alt

from annuario.charts.axes import PAGE, PHONE, label_axis, legend_of, pixels_down, scale_with_room
from annuario.charts.bars import BAR, Bar, Rows, above, beside
from annuario.charts.chart import Drawings, drawing
from annuario.charts.theme import ACCENT, INK, RULE, YEARS, outline_of, shades_of
from annuario.charts.values import as_float, exact, short
from annuario.tables import Grid
from annuario.words.numbers import MISSING


def draw_dumbbells(grid: Grid, codes: Sequence[Hashable], titles: Mapping[Hashable, str]) -> Drawings:
    """A row each with the two values of ``titles``: the first a ring, the second a disc, both printed at the end."""
    first, second = titles
    between = " → " if isinstance(first, int) else " e "  # from a year to another, or two things
    bars = []
    for code in codes:
        values = [as_float(grid.values.get((code, column))) for column in (first, second)]
        known = [value for value in values if value is not None]
        told = [short(grid, code, column) if value is not None else MISSING for column, value in zip(titles, values)]
        text = f"{told[0]}{between}{told[1]}" if known else MISSING
        full = "; ".join(f"{title}: {exact(grid, code, column)}" for column, title in titles.items())
        name = grid.names[code]
        bars.append(
            (Bar(name, name, "", min(known, default=0.0), max(known, default=None), text, full, ACCENT), values)
        )
    rows = [bar for bar, _ in bars]
    names = list(titles.values())
    years = [title for title in titles if isinstance(title, int)]
    light, dark = shades_of(years).values() if len(years) == len(titles) else (YEARS[1], ACCENT)
    colors = outline_of(light), dark
    return _drawn(beside(rows), bars, names, colors, PAGE), _drawn(above(rows), bars, names, colors, PHONE)


def _drawn(
    rows: Rows,
    bars: Sequence[tuple[Bar, list[float | None]]],
    titles: list[str],
    colors: tuple[str, str],
    width: int,
) -> dict:
    points, ways, texts = [], [], []
    for top, (bar, values) in zip(rows.tops, bars):
        middle = top + BAR / 2
        for title, value in zip(titles, values):
            if value is not None:
                points.append({"x": value, "y": middle, "serie": title, "voce": bar.name, "valore": bar.full})
        if None not in values:
            ways.append({"x": values[0], "x2": values[1], "y": middle})
        texts.append(
            {"x": max([0.0, *(value for value in values if value is not None)]), "y": middle, "testo": bar.printed}
        )
    ends = [value for _, values in bars for value in values if value is not None]
    x = alt.X(
        "x:Q", axis=None, scale=scale_with_room(min([0.0, *ends]), max([0.0, *ends]), [bar.printed for bar, _ in bars])
    )
    axis = label_axis(rows.labels)
    axis.labelPadding = 12  # clear of a point on zero
    y = alt.Y("y:Q", axis=axis, scale=pixels_down(rows.height))
    plain = alt.Y("y:Q", scale=pixels_down(rows.height))
    legend = legend_of(titles, width - rows.gutter)
    legend.symbolType, legend.symbolStrokeWidth = "circle", 2.5
    tooltip = [alt.Tooltip("voce:N", title="Voce"), alt.Tooltip("valore:N", title="Valori")]
    base = alt.Chart(alt.Data(values=points))
    layers = [
        base.mark_point(size=75, opacity=1, strokeWidth=2.5).encode(
            x=x,
            y=y,
            stroke=alt.Stroke("serie:N", scale=alt.Scale(domain=titles, range=list(colors)), legend=legend),
            fill=alt.Fill("serie:N", scale=alt.Scale(domain=titles, range=["#ffffff", colors[1]]), legend=legend),
            tooltip=tooltip,
        ),
        alt.Chart(alt.Data(values=[{"x": 0}])).mark_rule(color=RULE).encode(x=alt.X("x:Q")),
    ]
    if ways:
        between = alt.Chart(alt.Data(values=ways)).mark_rule(color=colors[0], strokeWidth=2.5)
        layers.insert(0, between.encode(x=x, x2=alt.X2("x2:Q"), y=y))
    layers.append(
        alt.Chart(alt.Data(values=texts)).mark_text(align="left", baseline="middle", dx=12).encode(
            x=alt.X("x:Q"), y=plain, text=alt.Text("testo:N")
        )
    )  # fmt: skip
    if rows.headings:
        words = alt.Chart(alt.Data(values=rows.headings)).mark_text(
            align="left", baseline="middle", fontWeight=600, color=INK
        )
        layers.append(words.encode(x=alt.XValue(rows.headings[0]["x"]), y=plain, text=alt.Text("testo:N")))
    return drawing(layers, round(rows.height))
