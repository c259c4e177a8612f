"""Box-and-line diagrams: who does what and how the parts are connected.

A diagram is a chart without figures: boxes in rows, links between them, panels that
hold several boxes. Across, places are percent of the width, so that the drawing follows
the page; texts are wrapped for the narrowest one.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import altair as alt
import pandas as pd

from annuario.charts.chart import Chart, drawing
from annuario.charts.theme import ACCENT, INK, MUTED
from annuario.data.value import RECORDS
from annuario.errors import BookError
from annuario.messages import say

_NARROW = 340  # width of the drawing on a phone, in pixels
_LETTER = 6.6  # generous width of a letter
_LINE = 15
_PAD = 6  # above and below the text of a box
_GAP = 24  # between rows, for the links
_CLOSE = 9  # between rows of a tree
_TITLE = 24  # for the title of a panel
_MARGIN = 2.5  # of a panel around its boxes, in percent of the width

_FILLS = {"ente": ("#ffffff", ACCENT, INK), "organo": ("#e2eef0", ACCENT, INK), "unita": (ACCENT, ACCENT, "#ffffff")}


@dataclass(frozen=True)
class Box:
    """A box in a row of the diagram, from ``left`` to ``right`` percent of the width.

    ``style`` is ``ente`` (outlined), ``organo`` (tinted) or ``unita`` (solid).
    """

    code: str
    text: str
    row: int
    left: float
    right: float
    style: str = "organo"

    @property
    def lines(self) -> list[str]:
        """The text, wrapped for a phone."""
        return wrap(self.text, max(8, int((self.right - self.left) / 100 * (_NARROW - 8) / _LETTER)))


@dataclass(frozen=True)
class Panel:
    """A titled background behind the boxes of rows ``first`` to ``last``."""

    code: str
    text: str
    first: int
    last: int
    left: float
    right: float


@dataclass(frozen=True)
class Link:
    """An arrow from one box or panel to another; ``words``, a noun, say what passes.

    ``way`` is ``down`` (to a later row), ``side`` (to the same row) or ``tree`` (from below
    the left end of a box to the side of one further down). ``label`` is drawn on it.
    """

    start: str
    end: str
    words: str
    way: str = "down"
    label: str = ""


class Diagram(Chart):
    """A drawing with its alternative text and, as its table, the links in words."""

    @property
    def facts(self) -> dict:
        rows = self.data.to_numpy().tolist()
        csv = self.data.to_csv(index=False, lineterminator="\n")
        found = {"alt": self.alt, "colonne": list(self.data.columns), "righe": rows, "csv": csv}
        return found | ({RECORDS: self.records} if self.records else {})


def diagram(subject: str, boxes: Sequence[Box], links: Sequence[Link], panels: Sequence[Panel] = ()) -> Diagram:
    """Draw boxes, links and panels; ``subject`` opens the alternative text.

    Raises BookError for a link to a box that is not there.
    """
    parts: list[Box | Panel] = [*boxes, *panels]
    named = {part.code: part for part in parts}
    unknown = [code for link in links for code in (link.start, link.end) if code not in named]
    if unknown:
        raise BookError(
            say(
                "The diagram has no box «{unknown}»: its boxes are {named}.", unknown=unknown[0], named=", ".join(named)
            )
        )
    places, height = _places(boxes, panels, links)
    data = pd.DataFrame(
        [[named[link.start].text, link.words, named[link.end].text] for link in links], columns=["Da", "Legame", "A"]
    )
    told = [f"{link.words.capitalize()}: da {named[link.start].text} verso {named[link.end].text}." for link in links]
    words = " ".join([f"{subject}.", *told])
    return Diagram(_spec(boxes, links, panels, places, height), words, data, [""] * len(data))


def _places(boxes: Sequence[Box], panels: Sequence[Panel], links: Sequence[Link]) -> tuple[dict, float]:
    """Top and bottom of every box and panel, in pixels, and the height of the whole."""
    trees = {link.end for link in links if link.way == "tree"}
    tops: dict[int, float] = {}
    bottoms: dict[int, float] = {}
    below = 2.0
    for row in sorted({box.row for box in boxes}):
        within = [box for box in boxes if box.row == row]
        if tops:
            below += _CLOSE if all(box.code in trees for box in within) else _GAP
        below += _TITLE * any(panel.first == row for panel in panels)
        tops[row] = below
        below += max(len(box.lines) for box in within) * _LINE + 2 * _PAD
        bottoms[row] = below
        below += _PAD * any(panel.last == row for panel in panels)
    places = {box.code: (tops[box.row], bottoms[box.row]) for box in boxes}
    places |= {panel.code: (tops[panel.first] - _TITLE, bottoms[panel.last] + _PAD) for panel in panels}
    return places, below + 2


def _spec(boxes, links, panels, places: dict, height: float) -> dict:
    areas, texts, segments, tips = [], [], [], []
    for panel in panels:
        top, bottom = places[panel.code]
        left, right = panel.left - _MARGIN, panel.right + _MARGIN
        areas.append(_area(left, right, top, bottom, "#f5f8f8", "#c9d4d6"))
        texts.append(_text((left + right) / 2, top + _TITLE / 2, panel.text, MUTED))
    for box in boxes:
        top, bottom = places[box.code]
        fill, stroke, ink = _FILLS[box.style]
        areas.append(_area(box.left, box.right, top, bottom, fill, stroke))
        first = (top + bottom - (len(box.lines) - 1) * _LINE) / 2
        for number, line in enumerate(box.lines):
            texts.append(_text((box.left + box.right) / 2, first + number * _LINE, line, ink))
    named = {part.code: part for part in (*boxes, *panels)}
    for link in links:
        path, shape = _path(named[link.start], named[link.end], link.way, places)
        segments += [{"x": x, "y": y, "x2": x2, "y2": y2} for (x, y), (x2, y2) in itertools.pairwise(path)]
        if shape:
            x, y = path[-1]
            tips.append({"x": x, "y": y - 3 * (link.way == "down"), "forma": shape, "legame": link.words})
        if link.label:
            (x, y), (x2, y2) = path[-2:]
            at = ((x + x2) / 2, y - 9, "center") if y == y2 else (x2 + 1.5, (y + y2) / 2, "left")
            texts.append(_text(at[0], at[1], link.label, MUTED, at[2]))
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.4, 100.4], nice=False, zero=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False, zero=False))
    rules = alt.Chart(alt.Data(values=segments)).mark_rule(color=MUTED, strokeWidth=1.3)
    heads = alt.Chart(alt.Data(values=tips)).mark_point(filled=True, color=MUTED, size=46, opacity=1)
    layers = [
        alt.Chart(alt.Data(values=areas)).mark_rect(cornerRadius=3).encode(
            x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"),
            fill=alt.Fill("fondo:N", scale=None), stroke=alt.Stroke("bordo:N", scale=None),
        ),
        rules.encode(x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q")),
        heads.encode(x=x, y=y, shape=alt.Shape("forma:N", scale=None), tooltip=alt.Tooltip("legame:N", title="Legame")),
    ]  # fmt: skip
    for side in ("center", "left"):
        written = [text for text in texts if text["lato"] == side]
        if written:
            mark = alt.Chart(alt.Data(values=written)).mark_text(align=side, baseline="middle")
            layers.append(mark.encode(x=x, y=y, text=alt.Text("testo:N"), color=alt.Color("inchiostro:N", scale=None)))
    return drawing(layers, round(height))


def _path(start: Box | Panel, end: Box | Panel, way: str, places: dict) -> tuple[list, str]:
    """The points of a link and the shape of its head; a tree has none."""
    (top, bottom), (end_top, end_bottom) = places[start.code], places[end.code]
    if way == "side":
        rightward = end.left > start.left
        y = (top + bottom) / 2 if isinstance(start, Box) else (end_top + end_bottom) / 2
        out, into = (_edge(start, True), _edge(end, False)) if rightward else (_edge(start, False), _edge(end, True))
        return [(out, y), (into, y)], "triangle-right" if rightward else "triangle-left"
    if way == "tree":
        x, y = start.left + 3, (end_top + end_bottom) / 2
        return [(x, bottom), (x, y), (end.left, y)], ""
    middle, x, x2 = end_top - _GAP / 2, (start.left + start.right) / 2, (end.left + end.right) / 2
    if isinstance(start, Box) and start.left <= x2 <= start.right:
        return [(x2, bottom), (x2, end_top)], "triangle-down"
    return [(x, bottom), (x, middle), (x2, middle), (x2, end_top)], "triangle-down"


def _edge(part: Box | Panel, right: bool) -> float:
    margin = _MARGIN if isinstance(part, Panel) else 0
    return part.right + margin if right else part.left - margin


def _area(left: float, right: float, top: float, bottom: float, fill: str, stroke: str) -> dict:
    return {"x": left, "x2": right, "y": top, "y2": bottom, "fondo": fill, "bordo": stroke}


def _text(x: float, y: float, text: str, ink: str, side: str = "center") -> dict:
    return {"x": x, "y": y, "testo": text, "inchiostro": ink, "lato": side}
