"""A flow chart: bands that run from sources to uses, as thick as the money they carry."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal
from textwrap import wrap

import altair as alt
import pandas as pd

from annuario.charts.chart import Chart, drawing, question
from annuario.charts.theme import INK, segment_colors
from annuario.words import numbers, phrases

_TALL = 320  # of all the bands together, in pixels
_LINE = 14
_GAP = 7  # between nodes
_BAR = 1.6  # width of a node, in percent of the drawing's
_LETTERS = (15, 20)  # of a label's line, on the left and on the right
_STEPS = 10  # points of a band's edge


@dataclass
class _Node:
    """A source or a use: its code, its label, its amount, where its bar begins and how tall it is."""

    code: Hashable
    name: str
    value: Decimal
    lines: list[str]
    color: str = INK
    top: float = 0.0
    height: float = 0.0
    used: float = 0.0  # of the height, by the bands placed so far


@question(years=1)
def bands(frame: pd.DataFrame, subject: str, start: str, end: str) -> Chart:
    """What goes from each code in the column ``start`` to each in ``end``, in EUR.

    ``frame`` has a row a flow, with ``valore``, none below zero, and the names of the codes in
    columns of their own, as ``fonte_nome`` for ``fonte``. Sources stand on the left from the
    largest, uses on the right in the frame's order; each label says its share of the
    whole. ``subject`` opens the alternative text: a noun phrase with a capital letter.
    """
    frame = frame[frame["valore"] > 0]
    whole = sum(frame["valore"])
    left, right = (_nodes(frame, column, whole, letters) for column, letters in zip((start, end), _LETTERS))
    left.sort(key=lambda node: -node.value)
    for node, color in zip(left, segment_colors([node.code for node in left])):
        node.color = color
    height = max(_stack(left, whole), _stack(right, whole))
    for nodes in (left, right):
        _center(nodes, height)
    sources, uses = ({node.code: node for node in nodes} for nodes in (left, right))
    places = [list(sources), list(uses)]
    order = sorted(frame.to_dict("records"), key=lambda row: (places[0].index(row[start]), places[1].index(row[end])))
    flows = [(sources[row[start]], uses[row[end]], row["valore"]) for row in order]
    records = []
    for number, (source, use, value) in enumerate(flows):
        records += _band(number, source, use, value, float(value / whole) * _TALL)
    data = pd.DataFrame(
        [[f"{source.name} → {use.name}", value] for source, use, value in flows],
        columns=["Flusso", "Importo"],
        dtype=object,
    )
    words = _words(subject, flows, left, right, whole)
    return Chart(_spec(records, left, right, height), words, data, ["EUR"] * len(data), finding=_finding(left, whole))


def _finding(left: list[_Node], whole: Decimal) -> str:
    """Where most comes from, unless two sources give the same."""
    if len(left) < 2 or left[0].value == left[1].value:
        return ""
    return f"La fonte maggiore è {left[0].name}, con {phrases.the_percent(left[0].value / whole * 100)} del totale."


def _nodes(frame: pd.DataFrame, column: str, whole: Decimal, letters: int) -> list[_Node]:
    nodes = []
    for code, rows in frame.groupby(column, sort=False):
        name, value = rows[f"{column}_nome"].iloc[0], sum(rows["valore"])
        share = numbers.percent(value / whole * 100)
        nodes.append(_Node(code, name, value, wrap(f"{name} {share}", letters, break_long_words=False)))
    return nodes


def _stack(nodes: list[_Node], whole: Decimal) -> float:
    """Give each node its height and place one below the other, with room for its label."""
    below = 0.0
    for node in nodes:
        node.height = float(node.value / whole) * _TALL
        slot = max(node.height, len(node.lines) * _LINE + 2)
        node.top = below + (slot - node.height) / 2
        below += slot + _GAP
    return below - _GAP


def _center(nodes: list[_Node], height: float) -> None:
    """Spread the nodes of the shorter side over the whole height."""
    last = nodes[-1]
    end = last.top + last.height + max(0.0, (len(last.lines) * _LINE + 2 - last.height) / 2)
    spare = (height - end) / max(1, len(nodes) - 1)
    for place, node in enumerate(nodes):
        node.top += spare * place


def _band(number: int, source: _Node, use: _Node, value: Decimal, thick: float) -> list[dict]:
    """The points of a band, from its source to its use."""
    begin, finish = source.top + source.used, use.top + use.used
    source.used += thick
    use.used += thick
    points = []
    for step in range(_STEPS + 1):
        at = step / _STEPS
        top = begin + (finish - begin) * at * at * (3 - 2 * at)
        points.append(
            {"flusso": number, "x": round(_BAR + (100 - 2 * _BAR) * at, 2), "sopra": round(top, 2)}
            | {"sotto": round(top + max(thick, 0.7), 2), "colore": source.color, "da": source.name, "a": use.name}
            | {"importo": numbers.euro(value)}
        )
    return points


def _spec(records: list[dict], left: list[_Node], right: list[_Node], height: float) -> dict:
    bars, labels = [], []
    for side, nodes in (("left", left), ("right", right)):
        for node in nodes:
            edge = 0 if side == "left" else 100 - _BAR
            bars.append(
                {
                    "x": edge,
                    "x2": edge + _BAR,
                    "y": node.top,
                    "y2": node.top + max(node.height, 1),
                    "colore": node.color,
                }
                | {"nome": node.name, "importo": numbers.euro(node.value)}
            )
            first = node.top + node.height / 2 - (len(node.lines) - 1) * _LINE / 2
            for number, line in enumerate(node.lines):
                at = _BAR if side == "left" else 100 - _BAR
                labels.append({"x": at, "y": first + number * _LINE, "testo": line, "lato": side})
    down = alt.Scale(domain=[height, 0], nice=False, zero=False)
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, 100], nice=False, zero=False))
    y = alt.Y("y:Q", axis=None, scale=down)
    tips = {"da": "Da", "a": "A", "importo": "Importo"}
    layers = [
        alt.Chart(alt.Data(values=records))
        .mark_area(interpolate="monotone", opacity=0.42)
        .encode(
            x=x, y=alt.Y("sopra:Q", axis=None, scale=down, stack=None), y2=alt.Y2("sotto:Q"), detail=alt.Detail("flusso:N"),
            fill=alt.Fill("colore:N", scale=None), tooltip=[alt.Tooltip(f"{name}:N", title=title) for name, title in tips.items()],
        ),
        alt.Chart(alt.Data(values=bars)).mark_rect().encode(
            x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"), fill=alt.Fill("colore:N", scale=None),
            tooltip=[alt.Tooltip("nome:N", title="Nome"), alt.Tooltip("importo:N", title="Importo")],
        ),
    ]  # fmt: skip
    for side in ("left", "right"):
        texts = alt.Chart(alt.Data(values=[label for label in labels if label["lato"] == side]))
        place = {"align": side, "baseline": "middle", "dx": 6 if side == "left" else -6}
        for look in (
            {"color": "#ffffff", "stroke": "#ffffff", "strokeWidth": 3, "strokeJoin": "round"},
            {"color": INK},
        ):
            layers.append(texts.mark_text(**place, **look).encode(x=x, y=y, text=alt.Text("testo:N")))
    return drawing(layers, round(height)) | {"autosize": {"type": "fit-x", "contains": "padding"}}


def _words(
    subject: str, flows: list[tuple[_Node, _Node, Decimal]], left: list[_Node], right: list[_Node], whole: Decimal
) -> str:
    largest = sorted(flows, key=lambda flow: -flow[2])[:4]
    told = "; ".join(f"da {source.name} a {use.name} {numbers.euro(value)}" for source, use, value in largest)
    shares = ", ".join(f"{node.name} {numbers.percent(node.value / whole * 100)}" for node in left)
    sources = "una fonte" if len(left) == 1 else f"{phrases.spelled(len(left), True)} fonti"
    uses = "una destinazione" if len(right) == 1 else f"{phrases.spelled(len(right), True)} destinazioni"
    return f"{subject}: {numbers.euro(whole)} da {sources} a {uses}. Fonti: {shares}. Flussi maggiori: {told}."
