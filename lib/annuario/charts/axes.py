"""Scales, axes and legends, and the room that their words take."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import altair as alt

LETTER = 6.6  # generous width of a letter of the labels
_KEY_LETTER = 5.9  # width of a letter of a legend, whose names are long
LINE = 14  # a line of a label or a heading
PAGE = 520  # narrowest drawing of a page, for its legend
PHONE = 330  # narrowest drawing


def pixels_down(height: float) -> alt.Scale:
    """Pixels from the top."""
    return alt.Scale(domain=[0, height], range=[0, height], nice=False, zero=False)


def label_axis(lines: Mapping[str, Sequence[str]]) -> alt.Axis:
    """An axis with a label, on as many lines as it has, at each place that has one."""
    written = {place: words if len(words) > 1 else words[0] for place, words in lines.items() if words}
    return alt.Axis(
        domain=False,
        grid=False,
        values=[float(place) for place in written],
        tickCount=len(written),  # fewer ticks than values would thin the values out
        labelExpr=f"{json.dumps(written, ensure_ascii=False)}[datum.value]",
        labelOverlap=False,
        labelLineHeight=LINE,
        labelFlush=False,
    )


def legend_of(names: Sequence[str], width: float, label: str = "datum.label") -> alt.Legend:
    """A legend above the bars, in as many columns as fit a width."""
    return alt.Legend(columns=max(1, int(width / (max(map(len, names)) * _KEY_LETTER + 28))), labelExpr=label)


def scale_with_room(low: float, high: float, labels: Sequence[str]) -> alt.Scale:
    """A scale that leaves the room of the longest label on the right, at any width."""
    room = round(max(map(len, labels)) * LETTER) + 10
    end = alt.ExprRef(f"{low} + {(high - low) or 1} * width / max(width - {room}, 60)")
    return alt.Scale(nice=False, zero=False, domainMin=low, domainMax=end)
