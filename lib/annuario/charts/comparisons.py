"""Comparisons: two columns side by side, and series whose missing years stay in sight."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from textwrap import wrap

import altair as alt
import pandas as pd

from annuario.charts import findings
from annuario.charts.chart import Chart, drawing
from annuario.charts.theme import ACCENT, GREY, HUES, YEARS
from annuario.data.corrections import COLUMN
from annuario.figures.frame import of_figures
from annuario.tables import Grid, kind_of
from annuario.words import numbers

_LETTERS = 22  # letters of a label's line
_LETTER = 6.6  # generous width of a letter
_ROW = 37  # height of a pair of bars, at least
_LINE = 14  # height of a label's line


def filled(frame: pd.DataFrame, rows: str) -> pd.DataFrame:
    """The frame with a row without value for every code and year missing in between.

    A year that no document publishes keeps its place in tables and charts.
    """
    years = range(frame["anno"].min(), frame["anno"].max() + 1)
    missing = [year for year in years if year not in set(frame["anno"])]
    codes = frame.drop_duplicates(rows).assign(valore=None)
    if "da" in codes:
        codes["da"] = ""
    if COLUMN in codes:
        codes[COLUMN] = [()] * len(codes)
    return pd.concat([frame, *(codes.assign(anno=year) for year in missing)], ignore_index=True)


@of_figures(years=2)
def pairs(
    frame: pd.DataFrame, subject: str, rows: str, columns: str, titles: Mapping[Hashable, str], unit: str
) -> Chart:
    """Two columns of a long frame side by side, a pair of thin bars for each row.

    ``titles`` names the two values of ``columns``. Rows keep the order of the frame;
    a ``totale`` is told in the alternative text and not drawn. ``subject`` opens that
    text: a noun phrase with a capital letter.
    """
    grid = Grid(frame, rows, columns, unit, order=lambda _: list(titles))
    codes = [code for code in grid.codes if not kind_of(code)]
    before, now = titles
    labels = {code: f"{index:02d}|" + "|".join(wrap(grid.names[code], _LETTERS)) for index, code in enumerate(codes)}
    records, lines = [], []
    for code in codes:
        parts = labels[code].split("|")[1:]
        for index, part in enumerate(parts):
            lines.append({"riga": labels[code], "testo": part, "scarto": (index - (len(parts) - 1) / 2) * _LINE})
        for column, title in titles.items():
            value = grid.values.get((code, column))
            records.append(
                {"riga": labels[code], "serie": title, "voce": grid.names[code]}
                | {"valore": None if value is None else float(value), "bordo": float(max(value or 0, 0))}
                | {"testo": _short(value, unit), "intero": numbers.quantity(value, unit)}
            )
    words = [f"{subject}: {titles[before]} e {titles[now]}."]
    words += [_highest(grid, codes, column, titles[column]) for column in ([now] if _is_year(now) else titles)]
    words += [_widest(grid, codes, before, now)] if _is_year(now) else []
    for code in grid.codes:
        if kind_of(code) == "totale":
            values = {title: grid.values.get((code, column)) for column, title in titles.items()}
            printed = [f"{title} {numbers.quantity(value, unit)}" for title, value in values.items()]
            words.append(f"Totale: {', '.join(printed)}.")
    data = pd.DataFrame(
        [[grid.names[code], *(grid.values.get((code, column)) for column in titles)] for code in grid.codes],
        columns=["Voce", *titles.values()],
        dtype=object,
    )
    colors = YEARS if _is_year(now) else (ACCENT, HUES[1])
    spec = _spec(records, lines, list(titles.values()), colors)
    told = " ".join(filter(None, words))
    money = unit in numbers.MONEY
    finding = (
        findings.changes(grid, codes)
        if _is_year(now)
        else findings.against(grid, before, now)
        if money
        else findings.largest(grid, codes, dict(titles))
    )
    return Chart(
        spec, told, data, [unit] * len(data), None, grid.indicators, grid.notes, grid.records, finding,
        [] if money or unit in ("%", "numero") else [unit],
    )  # fmt: skip


def _spec(records: list[dict], lines: list[dict], series: list[str], colors: tuple[str, str]) -> dict:
    high = max(record["bordo"] for record in records) or 1
    low = min([0.0, *(record["valore"] for record in records if record["valore"] is not None)])
    room = round(max(len(record["testo"]) for record in records) * _LETTER) + 12
    end = alt.ExprRef(f"{low} + {high - low} * width / max(width - {room}, 60)")
    x = alt.X("valore:Q", axis=None, scale=alt.Scale(nice=False, zero=False, domainMin=low, domainMax=end))
    y = alt.Y(
        "riga:N",
        sort=None,
        # The axis keeps the room of its labels; a layer of text draws them, each centred on its row.
        axis=alt.Axis(domain=False, labelExpr="split(slice(datum.value, 3), '|')", labelOpacity=0),
        scale=alt.Scale(paddingInner=0.28, paddingOuter=0.12),
    )
    offset = alt.YOffset("serie:N", sort=series, scale=alt.Scale(domain=series, paddingInner=0.12))
    color = alt.Color("serie:N", sort=series, scale=alt.Scale(domain=series, range=list(colors)))
    titles = {"voce": "Voce", "serie": "Serie", "intero": "Valore"}
    tooltip = [alt.Tooltip(f"{name}:N", title=title) for name, title in titles.items()]
    base = alt.Chart(alt.Data(values=records))
    layers = [
        base.mark_bar().encode(x=x, y=y, yOffset=offset, color=color, tooltip=tooltip),
        base.mark_text(align="left", baseline="middle", dx=6).encode(
            x=alt.X("bordo:Q"), y=y, yOffset=offset, text=alt.Text("testo:N")
        ),
        alt.Chart(alt.Data(values=lines))
        .mark_text(align="right", baseline="middle", dx=-6, dy=alt.ExprRef("datum.scarto"))
        .encode(x=alt.XValue(0), y=y, text=alt.Text("testo:N")),
        alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=GREY).encode(x=alt.X("zero:Q")),
    ]
    rows = {record["riga"] for record in records}
    return drawing(layers, len(rows) * max(_ROW, *(row.count("|") * _LINE + 4 for row in rows)))


def _short(value, unit: str) -> str:
    """As the charts print: from a thousand euros on without cents."""
    return numbers.quantity(value, unit, 0 if unit == "EUR" and value is not None and abs(value) >= 1000 else None)


def _is_year(column: Hashable) -> bool:
    return isinstance(column, int)


def _highest(grid: Grid, codes: list, column: Hashable, title: str) -> str:
    known = [code for code in codes if grid.values.get((code, column)) is not None]
    if len(known) < 2:
        return ""
    top = max(known, key=lambda code: grid.values[code, column])
    value = numbers.quantity(grid.values[top, column], grid.units[top])
    return f"Valore più alto ({title}): {grid.names[top]}, {value}."


def _widest(grid: Grid, codes: list, before: Hashable, now: Hashable) -> str:
    both = [code for code in codes if None not in (grid.values.get((code, before)), grid.values.get((code, now)))]
    gaps = {code: grid.values[code, now] - grid.values[code, before] for code in both}
    if not any(gaps.values()):
        return ""
    widest = max(gaps, key=lambda code: abs(gaps[code]))
    return f"Variazione più ampia: {grid.names[widest]}, {numbers.signed(gaps[widest], grid.units[widest])}."
