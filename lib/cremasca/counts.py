"""Counts of the rows of a list, as figures: sessions, projects, goals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pandas as pd

from annuario.data import Vintage
from annuario.data.nature import Nature
from annuario.figures import Figure, Row


def some(frame: pd.DataFrame | None) -> pd.DataFrame | None:
    """The rows of a frame; None where it has none: of nothing there is no table and no chart."""
    return None if frame is None or frame.empty else frame


def sound(figure: Figure) -> Figure:
    """What a whole leaves of its parts, in the years where they are not more than it; absent in the others."""
    return replace(figure, series={year: value for year, value in figure.series.items() if value >= 0})


def rows(edition: Vintage, table: str, frame: pd.DataFrame, keys: Sequence[str]) -> tuple[Row, ...]:
    """The places of some rows that an edition sees in their table; ``keys`` tell one row of it from the others."""
    found = edition.package.indexed(table)
    sources, where = found.column("fonte"), ["edizione", "anno", *keys]
    return tuple(
        Row(table, place, line["anno"], sources[place], line["da"], record=found.records[place])
        for line in frame.to_dict("records")
        for place in found.rows({field: line[field] for field in where})
    )


def counted(
    edition: Vintage, code: str, frame: pd.DataFrame, keys: Sequence[str], nature: Nature, known: bool, name: str = ""
) -> Figure:
    """How many rows there are; ``code`` begins with their table. Absent where nothing is ``known`` of them."""
    series = {edition.year: Decimal(len(frame))} if known else {}
    return Figure(code, series, edition.year, nature, name, rows(edition, code.partition("/")[0], frame, keys))
