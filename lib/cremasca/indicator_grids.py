"""The indicator grids of the 2020 plan: what it means to measure of each action, year by year."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from annuario.data import Vintage
from annuario.tables import Column, Table
from annuario.words import numbers
from cremasca.plan import own
from cremasca.promised_goals import key
from cremasca.promises import REPORT


def grids(edition: Vintage) -> dict[tuple[str, str], pd.DataFrame]:
    """The indicator grids by card and action, in the printed order; none where the plan has none."""
    frame = own(edition, "griglie_indicatori")
    return dict(iter(frame.groupby(["scheda", "azione"], sort=False))) if len(frame) else {}


def grid(grids_: Mapping[tuple[str, str], pd.DataFrame], card: str, action: str) -> Table | None:
    """A grid to be filled: tool, indicator, an empty cell a year, the threshold or the deadline."""
    rows = grids_.get((card, action))
    if rows is None:
        return None
    years = rows["anni"].iloc[0].split(";")
    blank = numbers.NBSP * 7  # room to write in
    again = rows.duplicated(["sezione", "strumento"])
    printed = rows.assign(strumento=rows["strumento"].mask(again, ""), **dict.fromkeys(years, blank))
    columns = [Column("strumento", "Strumento"), Column("indicatore", "Indicatore")]
    columns += [Column(year, year) for year in years] + [Column("soglia", "Soglia o scadenza")]
    return Table(printed, columns, indicators=[], sections=list(rows["sezione"].str.replace("-", " ").str.capitalize()))


def indicators(grids_: Mapping[tuple[str, str], pd.DataFrame], card: str | None = None, section: str = "") -> int:
    """How many indicators the grids list: of a card, of a section, or in all."""
    rows = [frame for (name, _), frame in grids_.items() if card in (None, name)]
    return sum(int((frame["sezione"] == section).sum()) if section else len(frame) for frame in rows)


def left_out(first: pd.DataFrame, second: pd.DataFrame) -> list[str]:
    """The indicators of a grid that its reprint does not repeat."""
    return [name for name in first["indicatore"] if name not in set(second["indicatore"])]


def reported(edition: Vintage, grids_: Mapping[tuple[str, str], pd.DataFrame]) -> int:
    """How many indicators of the plan's grids have, by the same name, a value of the year in the next report."""
    frame = edition.package.read("indicatori")
    frame = frame[frame["edizione"].str.startswith(REPORT) & (frame["anno"] == edition.year) & frame["valore"].notna()]
    names = {key(label) for label in frame["etichetta"]}
    return sum(key(name) in names for rows in grids_.values() for name in rows["indicatore"])
