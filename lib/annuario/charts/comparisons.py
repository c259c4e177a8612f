"""Comparisons: two columns side by side, and series whose missing years stay in sight."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import pandas as pd

from annuario.charts import findings
from annuario.charts.chart import Chart, question
from annuario.charts.dumbbells import draw_dumbbells
from annuario.data.corrections import COLUMN
from annuario.tables import Grid, kind_of
from annuario.words import numbers


def filled(frame: pd.DataFrame, rows: str) -> pd.DataFrame:
    """The frame with a row without value for every code and year missing in between.

    A year that no document publishes keeps its place in tables and charts.

    >>> frame = pd.DataFrame({"voce": "a", "anno": [2023, 2025], "valore": [3, 5]})
    >>> sorted(filled(frame, "voce")[["anno", "valore"]].values.tolist())
    [[2023, 3], [2024, None], [2025, 5]]
    """
    years = range(frame["anno"].min(), frame["anno"].max() + 1)
    missing = [year for year in years if year not in set(frame["anno"])]
    codes = frame.drop_duplicates(rows).assign(valore=None)
    if "da" in codes:
        codes["da"] = ""
    if COLUMN in codes:
        codes[COLUMN] = [()] * len(codes)
    return pd.concat([frame, *(codes.assign(anno=year) for year in missing)], ignore_index=True)


@question(years=2)
def pairs(
    frame: pd.DataFrame, subject: str, rows: str, columns: str, titles: Mapping[Hashable, str], unit: str
) -> Chart:
    """Two columns of a long frame beside each other, two points for each row.

    ``titles`` names the two values of ``columns``. Rows keep the order of the frame;
    a ``totale`` is told in the alternative text and not drawn. ``subject`` opens that
    text: a noun phrase with a capital letter.

    >>> frame = pd.DataFrame({"sede": ["a", "a", "b", "b"], "nome": ["Nord"] * 2 + ["Sud"] * 2,
    ...                       "misura": ["nuovi", "chiusi"] * 2, "valore": [8, 5, 3, 4]})
    >>> pairs(frame, "Casi per sede", "sede", "misura", {"nuovi": "Nuovi casi", "chiusi": "Casi chiusi"}, "casi")
    Casi per sede: Nuovi casi e Casi chiusi. Valore più alto (Nuovi casi): Nord, 8. Valore più alto (Casi
    chiusi): Nord, 5.
    """
    grid = Grid(frame, rows, columns, unit, order=lambda _: list(titles))
    codes = [code for code in grid.codes if not kind_of(code)]
    before, now = titles
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
    spec, narrow = draw_dumbbells(grid, codes, titles)
    told = " ".join(filter(None, words))
    money = unit in numbers.MONEY
    finding = (
        findings.changes(grid, codes)
        if _is_year(now)
        else findings.against(grid, str(before), str(now))
        if money
        else findings.largest(grid, codes, dict(titles))
    )
    return Chart(
        spec, told, data, [unit] * len(data), narrow, grid.indicators, grid.notes, grid.records, finding,
        [] if money or unit in ("%", "numero") else [unit],
    )  # fmt: skip


def _is_year(column: Hashable) -> bool:
    return isinstance(column, int)


def _highest(grid: Grid, codes: list, column: Hashable, title: str) -> str:
    known = {code: value for code in codes if (value := grid.values.get((code, column))) is not None}
    if len(known) < 2:
        return ""
    top = max(known, key=known.__getitem__)
    said = numbers.quantity(known[top], grid.units[top])
    return f"Valore più alto ({title}): {grid.names[top]}, {said}."


def _widest(grid: Grid, codes: list, before: Hashable, now: Hashable) -> str:
    pairs = {code: (grid.values.get((code, before)), grid.values.get((code, now))) for code in codes}
    gaps = {code: after - then for code, (then, after) in pairs.items() if then is not None and after is not None}
    if not any(gaps.values()):
        return ""
    widest = max(gaps, key=lambda code: abs(gaps[code]))
    return f"Variazione più ampia: {grid.names[widest]}, {numbers.signed(gaps[widest], grid.units[widest])}."
