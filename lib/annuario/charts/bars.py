"""Bars, with their labels beside or above them, and columns."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from textwrap import wrap

import altair as alt

from annuario.charts.axes import LETTER, LINE, PAGE, PHONE, label_axis, legend_of, pixels_down, scale_with_room
from annuario.charts.chart import Drawings, drawing
from annuario.charts.theme import INK, RULE, outline_of, shades_of
from annuario.charts.values import as_float, exact, short
from annuario.tables import Grid

BAR = 14  # thickness of a bar
_STEP = 19  # from a bar to the next
_NEAR = 16  # and within a group
_GAP = 9  # between groups
_A_PART = 10  # percent: smaller shares would not be seen on a scale up to a hundred
_BOLD_LETTER = 6.2  # width of a letter of the headings, which may come near the edge
_BESIDE = 280  # room for the labels beside the bars, on a page
_LONGEST_LABEL = 22  # letters beside a bar on a phone; longer labels stand above it


@dataclass(frozen=True)
class Bar:
    """One bar: its row's name, the label beside it, the heading above, where it runs, its text."""

    name: str
    label: str
    group: str
    start: float
    end: float | None
    printed: str
    full: str
    color: str


def bar_of(grid: Grid, code: Hashable, column: Hashable, color: str, label: str | None = None, group: str = "") -> Bar:
    """The bar of a row's value in one column."""
    name = grid.names[code]
    return Bar(
        name=name,
        label=name if label is None else label,
        group=group,
        start=0,
        end=as_float(grid.values.get((code, column))),
        printed=short(grid, code, column),
        full=exact(grid, code, column),
        color=color,
    )


def draw_groups(grid: Grid, codes: Sequence) -> Drawings:
    """A group of bars for each row, one bar a year; no headings where either is one."""
    shades = shades_of(grid.columns)
    bars = []
    for code in codes:
        for year in grid.columns:
            bar = bar_of(grid, code, year, shades[year])
            if len(grid.columns) > 1:
                bar = replace(bar, label=str(year), group=bar.name if len(codes) > 1 else "")
            bars.append(bar)
    return draw_bars(bars)


@dataclass(frozen=True)
class Rows:
    """Where bars and their words stand, in pixels from the top and from the axis.

    ``tops`` has a place for each bar; ``labels`` maps where their first lines stand to their lines;
    ``headings`` are the words of the groups: ``x``, ``y`` and ``testo``, aligned ``side``.
    """

    tops: list[float]
    labels: dict[str, list[str]]
    headings: list[dict]
    side: str
    gutter: float
    height: float


def draw_bars(
    bars: Sequence[Bar], line: tuple[float, str] | None = None, legend: Mapping[str, str] | None = None
) -> Drawings:
    """Horizontal bars, in groups where they have one.

    On a page labels and names of groups stand on the left; on a phone the names, and labels
    too long to stand beside their bars, are headings. ``line`` is a value to mark and its
    label; ``legend`` maps names to colours.
    """
    return tuple(
        _bars_in(rows, bars, line, legend, width) for rows, width in ((beside(bars), PAGE), (above(bars), PHONE))
    )


def _grouped(bars: Sequence[Bar]) -> list[list[Bar]]:
    """Bars next to each other with one heading; each by itself where they have none."""
    return [
        part
        for group, same in groupby(bars, key=lambda bar: bar.group)
        for members in [list(same)]
        for part in ([members] if group else [[bar] for bar in members])
    ]


def beside(bars: Sequence[Bar]) -> Rows:
    """Rows of a page: labels beside the bars, names of groups on their left, on several lines."""
    gutter = min(max(len(bar.label) for bar in bars) * LETTER + 12, _BESIDE)
    letters = int((_BESIDE - gutter) / _BOLD_LETTER) if bars[0].group else int(_BESIDE / LETTER)
    tops, labels, headings, below = [], {}, [], 0.0
    for part in _grouped(bars):
        words = _lines(part[0].group, max(letters, 14))
        own = [_lines(bar.label, letters) if not bar.group else [bar.label] if bar.label else [] for bar in part]
        if not part[0].group:
            step = max(_STEP, len(own[0]) * LINE + _STEP - BAR)
            tops.append(below + (step - BAR) / 2)
        else:
            step = max(len(part) * _NEAR, len(words) * LINE) + _GAP
            first = below + (step - len(part) * _NEAR) / 2
            tops += [first + index * _NEAR + (_NEAR - BAR) / 2 + 0.5 for index in range(len(part))]
            middle = below + step / 2 - (len(words) - 1) * LINE / 2
            headings += [{"x": -gutter, "y": middle + index * LINE, "testo": word} for index, word in enumerate(words)]
        labels |= {_place(top, lines): lines for top, lines in zip(tops[-len(part) :], own)}
        below += step
    return Rows(tops, labels, headings, "right", gutter + (_BESIDE - gutter if headings else 0), below)


def _lines(text: str, letters: int) -> list[str]:
    """The fewest lines of so many letters, about as long as each other."""
    lines, least = wrap(text, letters), max(map(len, text.split()), default=0)
    while len(lines) > 1 and letters > least and len(narrower := wrap(text, letters - 1)) == len(lines):
        lines, letters = narrower, letters - 1
    return lines


def above(bars: Sequence[Bar]) -> Rows:
    """Rows of a phone: names of groups, and long labels, above the bars."""
    if not bars[0].group and max(len(bar.label) for bar in bars) > _LONGEST_LABEL:
        bars = [replace(bar, group=bar.label, label="") for bar in bars]
    gutter = max(len(bar.label) for bar in bars) * LETTER
    tops, labels, headings, below = [], {}, [], 0.0
    for part in _grouped(bars):
        words = wrap(part[0].group, int((PHONE - gutter) / _BOLD_LETTER))
        headings += [{"x": 4, "y": below + (index + 0.5) * LINE + 1, "testo": word} for index, word in enumerate(words)]
        below += len(words) * LINE + 1 if words else 0
        for bar in part:
            tops.append(below + (_STEP - BAR) / 2)
            own = [bar.label] if bar.label else []
            labels[_place(tops[-1], own)] = own
            below += _STEP
        below += _GAP - 3 if words else 0
    return Rows(tops, labels, headings, "left", gutter, below)


def _place(top: float, lines: Sequence[str]) -> str:
    """Where the first line of a bar's label stands, all of them centred on it, as the axis writes it."""
    return f"{top + BAR / 2 - max(len(lines) - 1, 0) * LINE / 2:g}"


def _bars_in(
    rows: Rows, bars: Sequence[Bar], line: tuple[float, str] | None, legend: Mapping[str, str] | None, width: int
) -> dict:
    records = []
    for top, bar in zip(rows.tops, bars):
        edge = max(bar.start, bar.start if bar.end is None else bar.end)
        name = f"{bar.name}, {bar.label.lower()}" if bar.label not in ("", bar.name) else bar.name
        records.append(
            {"sopra": top, "sotto": top + BAR, "mezzo": top + BAR / 2}
            | {"inizio": bar.start, "fine": bar.end, "bordo": edge, "colore": bar.color}
            | {"testo": bar.printed, "voce": name, "valore": bar.full, "contorno": outline_of(bar.color)}
        )
    ends = [0.0, *(record[end] for record in records for end in ("inizio", "fine", "bordo") if record[end] is not None)]
    low, high = min(ends), max([*ends, line[0] if line else 0.0])
    if low >= 0 and _A_PART < high <= 100 and all(bar.printed.endswith("%") or bar.end is None for bar in bars):
        high = 100.0  # percentages of a whole stand on the whole
    axis = None
    if line:
        axis = alt.Axis(orient="top", domain=False, grid=False, values=[line[0]], labelExpr=json.dumps(line[1]))
    x = alt.X("inizio:Q", axis=axis, scale=scale_with_room(low, high, [bar.printed for bar in bars]))
    down = pixels_down(rows.height)
    base = alt.Chart(alt.Data(values=records))
    tooltip = [alt.Tooltip("voce:N", title="Voce"), alt.Tooltip("valore:N", title="Valore")]
    layers = [
        base.mark_bar(strokeWidth=0.7).encode(
            x=x,
            x2=alt.X2("fine:Q"),
            y=alt.Y("sopra:Q", axis=label_axis(rows.labels), scale=down),
            y2=alt.Y2("sotto:Q"),
            stroke=alt.Stroke("contorno:N", scale=None),
            color=_color(legend, rows.gutter, width),
            tooltip=tooltip,
        ),
        alt.Chart(alt.Data(values=[{"x": 0}])).mark_rule(color=RULE).encode(x=alt.X("x:Q")),
    ]
    if line:
        rule = alt.Chart(alt.Data(values=[{"x": line[0]}])).encode(x=alt.X("x:Q"))
        layers += [rule.mark_rule(color="#ffffff", strokeWidth=3), rule.mark_rule(color=INK, strokeDash=[4, 3])]
    texts = base.mark_text(align="left", baseline="middle", dx=6)
    layers.append(texts.encode(x=alt.X("bordo:Q"), y=alt.Y("mezzo:Q", scale=down), text=alt.Text("testo:N")))
    if rows.headings:
        words = alt.Chart(alt.Data(values=rows.headings))
        words = words.mark_text(align=rows.side, baseline="middle", fontWeight=600)
        layers.append(
            words.encode(x=alt.XValue(rows.headings[0]["x"]), y=alt.Y("y:Q", scale=down), text=alt.Text("testo:N"))
        )
    return drawing(layers, round(rows.height))


def _color(legend: Mapping[str, str] | None, gutter: float, width: int) -> alt.Color:
    """Colours are in the data; a legend, where asked for, names them."""
    if not legend:
        return alt.Color("colore:N", scale=None)
    colors = list(legend.values())
    names = json.dumps({color: name for name, color in legend.items()}, ensure_ascii=False)
    key = legend_of(list(legend), width - gutter, f"{names}[datum.value]")
    return alt.Color("colore:N", scale=alt.Scale(domain=colors, range=colors), legend=key)


def draw_columns(grid: Grid, code: Hashable) -> Drawings:
    """One indicator in columns, one a year."""
    shades = shades_of(grid.columns)
    records = []
    for year in grid.columns:
        value = as_float(grid.values.get((code, year)))
        records.append(
            {"anno": str(year), "valore": value, "bordo": value or 0.0, "colore": shades[year]}
            | {"contorno": outline_of(shades[year])}
            | {"testo": short(grid, code, year), "intero": exact(grid, code, year)}
        )
    values = [record["bordo"] for record in records]
    scale = alt.Scale(nice=False, domainMin=0, domainMax=(max(values) or 1) * 1.16)
    base = alt.Chart(alt.Data(values=records))
    places = alt.Scale(domain=[record["anno"] for record in records], paddingInner=0.5, paddingOuter=0.4)
    x = alt.X("anno:N", axis=alt.Axis(labelAngle=0), scale=places)
    tooltip = [alt.Tooltip("anno:N", title="Anno"), alt.Tooltip("intero:N", title="Valore")]
    bars = base.mark_bar(strokeWidth=0.7).encode(
        stroke=alt.Stroke("contorno:N", scale=None),
        x=x,
        y=alt.Y("valore:Q", axis=None, scale=scale),
        color=alt.Color("colore:N", scale=None),
        tooltip=tooltip,
    )
    texts = base.mark_text(baseline="bottom", dy=-4, fontSize=13, fontWeight=600)
    spec = drawing([bars, texts.encode(x=x, y=alt.Y("bordo:Q"), text=alt.Text("testo:N"))], 150)
    return spec, spec
