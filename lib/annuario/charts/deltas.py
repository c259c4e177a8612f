"""Differences, up and down from zero: one bar a row, its label beside it."""

from __future__ import annotations

from textwrap import wrap

import altair as alt
import pandas as pd

from annuario.charts.chart import Chart, drawing, question
from annuario.charts.theme import ACCENT, BELOW, INK, RULE
from annuario.charts.values import whole
from annuario.tables import ledger_notes
from annuario.words import numbers, phrases

_UP, _DOWN = ACCENT, BELOW
_LETTERS = 24  # of a label's line
_LINE = 14
_ROW = 24  # least height of a row


@question(years=1)
def deltas(frame: pd.DataFrame, subject: str) -> Chart:
    """Differences in EUR from the largest rise to the largest fall.

    ``frame`` has ``nome`` and ``valore``, one row each. ``subject`` opens the
    alternative text: a noun phrase with a capital letter.
    """
    order = sorted(frame.to_dict("records"), key=lambda row: -row["valore"])
    records, labels, below = [], [], 0.0
    decimals = whole([row["valore"] for row in order], "EUR")
    for row in order:
        lines = wrap(row["nome"], _LETTERS)
        tall = max(_ROW, len(lines) * _LINE + 6)
        middle = below + tall / 2
        value = float(row["valore"])
        records.append(
            {"voce": row["nome"], "y": middle - 8, "y2": middle + 8, "meta": middle, "inizio": 0, "fine": value}
            | {
                "bordo": max(value, 0.0),
                "colore": _UP if value > 0 else _DOWN,
                "intero": numbers.signed(row["valore"], "EUR"),
            }
            | {"testo": numbers.quantity(row["valore"], "EUR", decimals, sign=True)}
        )
        first = middle - (len(lines) - 1) * _LINE / 2
        labels += [{"y": first + number * _LINE, "testo": line} for number, line in enumerate(lines)]
        below += tall
    told = f"L’aumento maggiore: {order[0]['nome']}, {records[0]['intero']}." if order[0]["valore"] > 0 else ""
    fall = f"La riduzione maggiore: {order[-1]['nome']}, {records[-1]['intero']}." if order[-1]["valore"] < 0 else ""
    data = pd.DataFrame([[row["nome"], row["valore"]] for row in order], columns=["Voce", "Variazione"], dtype=object)
    words = " ".join(filter(None, [f"{subject}.", told, fall]))
    notes = dict.fromkeys(note for row in order for note in ledger_notes(row, "EUR"))
    return Chart(
        _spec(records, labels, below), words, data, ["EUR"] * len(data), notes=list(notes), finding=_finding(order)
    )


def _finding(order: list[dict]) -> str:
    """The largest rise and the largest fall: ``L’aumento maggiore è di € 12.000 (SAAP), …``"""
    told = []
    for row, way, sign in ((order[0], "L’aumento", 1), (order[-1], "la riduzione", -1)):
        alike = [other for other in order if other["valore"] == row["valore"]]
        if row["valore"] * sign > 0 and len(alike) == 1:
            amount = abs(row["valore"])
            told.append(f"{way} maggiore è di {numbers.euro(amount, 0 if amount >= 1000 else 2)} ({row['nome']})")
    return f"{phrases.capital(', '.join(told))}." if told else ""


def _spec(records: list[dict], labels: list[dict], height: float) -> dict:
    gutter = max(len(label["testo"]) for label in labels) * 6.6 + 10
    room = max(len(record["testo"]) for record in records) * 6.6 + 12
    low, high = min(0.0, *(record["fine"] for record in records)), max(0.0, *(record["fine"] for record in records))
    span = (high - low) or 1.0
    # Room on the left for the labels and on the right for the amounts, at any width.
    unit = f"({span} / max(width - {round(gutter + room)}, 60))"
    scale = alt.Scale(
        nice=False,
        zero=False,
        domainMin=alt.ExprRef(f"{low} - {round(gutter)} * {unit}"),
        domainMax=alt.ExprRef(f"{high} + {round(room)} * {unit}"),
    )
    x = alt.X("inizio:Q", axis=None, scale=scale)
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False, zero=False))
    base = alt.Chart(alt.Data(values=records))
    tooltip = [alt.Tooltip("voce:N", title="Voce"), alt.Tooltip("intero:N", title="Variazione")]
    layers = [
        base.mark_rect().encode(
            x=x, x2=alt.X2("fine:Q"), y=y, y2=alt.Y2("y2:Q"), fill=alt.Fill("colore:N", scale=None), tooltip=tooltip
        ),
        alt.Chart(alt.Data(values=[{"x": 0}])).mark_rule(color=RULE).encode(x=alt.X("x:Q", scale=scale)),
        base.mark_text(align="left", baseline="middle", dx=6).encode(
            x=alt.X("bordo:Q", scale=scale), y=alt.Y("meta:Q"), text=alt.Text("testo:N")
        ),
        alt.Chart(alt.Data(values=labels))
        .mark_text(align="left", baseline="middle", color=INK)
        .encode(x=alt.XValue(0), y=y, text=alt.Text("testo:N")),
    ]
    return drawing(layers, round(height)) | {"autosize": {"type": "fit-x", "contains": "padding"}}
