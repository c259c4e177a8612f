"""Stacked bars: what a whole is made of, year by year."""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal
from itertools import pairwise

import altair as alt

from annuario.charts.axes import LETTER, LINE, PAGE, PHONE, label_axis, legend_of, pixels_down, scale_with_room
from annuario.charts.chart import Drawings, drawing
from annuario.charts.theme import OUTLINE, REST, are_apart, fixed_colors, ink_on, outline_of, segment_colors
from annuario.charts.values import largest_first, short, totals
from annuario.tables import Grid
from annuario.words import numbers

_MOST_PARTS = 7  # segments of a stack
_SEGMENT = 24  # thickness of a stack


def _parts(grid: Grid) -> tuple[list[Hashable], list[Hashable], list[str]]:
    """The codes that have a segment of their own, those that share one, and the segments' colours.

    Codes whose colours are all declared stand as they are declared, in every edition alike; others by the last year.
    """
    order, declared = largest_first(grid, grid.columns[-1]), list(fixed_colors())
    if set(order) <= set(declared):
        order.sort(key=declared.index)
    drawn, rest = (order, []) if len(order) <= _MOST_PARTS else (order[: _MOST_PARTS - 1], order[_MOST_PARTS - 1 :])
    return drawn, rest, segment_colors(drawn) + ([REST] if rest else [])


def is_told_apart(grid: Grid) -> bool:
    """Whether segments that touch each other differ in every year, also where those between them are nothing."""
    drawn, rest, colors = _parts(grid)
    for year in grid.columns:
        values = [grid.values.get((code, year)) for code in drawn] + ([1] if rest else [])
        seen = [color for color, value in zip(colors, values) if value]
        if not all(are_apart(one, other) for one, other in pairwise(seen)):
            return False
    return True


def draw_stack(grid: Grid, share: bool) -> Drawings:
    """One horizontal stack a year, segments in the same order; years without values are thin."""
    drawn, rest, colors = _parts(grid)
    order = [*drawn, *rest]
    names = [grid.names[code] for code in drawn] + (["Altre voci"] if rest else [])
    unit = grid.units[order[0]]
    records, ends, labels, below = [], [], {}, 0.0
    for year in grid.columns:
        values = [grid.values.get((code, year)) or Decimal(0) for code in order]
        segments = values[: len(drawn)] + ([sum(values[len(drawn) :])] if rest else [])
        whole, start = sum(segments) or Decimal(1), Decimal(0)
        thick = _SEGMENT if any(segments) else LINE
        middle = below + thick / 2
        for name, color, value in zip(names, colors, segments):
            length = value / whole * 100 if share else value
            records.append(
                {"anno": str(year), "voce": name, "inizio": float(start), "fine": float(start + length)}
                | {"centro": float(start + length / 2), "quota": numbers.percent(value / whole * 100)}
                | {"valore": numbers.quantity(value, unit), "inchiostro": ink_on(color)}
                | {"contorno": "#ffffff" if outline_of(color) == color else outline_of(color)}
                | {"sopra": below, "sotto": below + thick, "mezzo": middle}
            )
            start += length
        printed = [short(grid, code, year) for code in totals(grid) if grid.values.get((code, year)) is not None]
        total = printed[0] if printed else "" if any(segments) else numbers.MISSING
        ends.append({"mezzo": middle, "fine": float(start), "testo": total})
        labels[f"{middle:g}"] = [str(year)]
        below += thick + 6
    longest = max(end["fine"] for end in ends) or 1
    x = alt.X("inizio:Q", axis=None, scale=scale_with_room(0, longest, [end["testo"] for end in ends]))
    down = pixels_down(below)
    base = alt.Chart(alt.Data(values=records))
    middle = alt.Y("mezzo:Q", scale=down)
    titles = {"anno": "Anno", "voce": "Voce", "valore": "Valore", "quota": "Quota"}
    tooltip = [alt.Tooltip(f"{name}:N", title=title) for name, title in titles.items()]
    wide = f"datum.quota && scale('x', datum.fine) - scale('x', datum.inizio) > {round(LETTER * 7)}"
    specs = []
    for width in (PAGE, PHONE):
        legend = legend_of(names, width - 5 * LETTER)
        if rest:
            legend.symbolStrokeColor, legend.symbolStrokeWidth = OUTLINE, 1
        color = alt.Color("voce:N", scale=alt.Scale(domain=names, range=colors), legend=legend)
        layers = [
            base.mark_bar(strokeWidth=1).encode(
                x=x,
                x2=alt.X2("fine:Q"),
                y=alt.Y("sopra:Q", axis=label_axis(labels), scale=down),
                y2=alt.Y2("sotto:Q"),
                stroke=alt.Stroke("contorno:N", scale=None),
                color=color,
                tooltip=tooltip,
            ),
            base.mark_text(baseline="middle").encode(
                x=alt.X("centro:Q"),
                y=middle,
                text=alt.TextValue("", condition={"test": wide, "field": "quota", "type": "nominal"}),
                color=alt.Color("inchiostro:N", scale=None),
            ),
            alt.Chart(alt.Data(values=ends))
            .mark_text(align="left", baseline="middle", dx=6, fontWeight=600)
            .encode(x=alt.X("fine:Q"), y=middle, text=alt.Text("testo:N")),
        ]
        specs.append(drawing(layers, round(below)))
    return specs[0], specs[1]
