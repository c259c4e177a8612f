"""Revenues by channel and by who assigns them: those of a year, and those that a plan forecasts."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd

from annuario.data import Vintage
from annuario.figures import Figure, Figures
from annuario.notebook import Chapter
from cremasca import names
from cremasca.groups import as_rest
from cremasca.plan import ZERO, own

#: The origin of what has no other.
OTHERS = "altro"
OUTCOME, FORECAST = "consuntivo", "previsione"


def of_year(edition: Vintage) -> pd.DataFrame:
    """The revenues of the year by channel: the outcome, or the forecast where that is all there is.

    Columns of ``entrate``, the amounts in EUR, with the channel's ``nome`` and ``provenienza``
    (``totale`` for the printed totals); ``fase`` is the same in every row.
    """
    frame = edition.table("entrate", anno=edition.year)
    known = edition.package.read("canali")
    return frame[frame["fase"] == phase(edition)].merge(known, on="canale", how="left", validate="many_to_one")


def phase(edition: Vintage) -> str:
    """What there is of the year's revenues: their outcome, else their forecast."""
    frame = edition.table("entrate", anno=edition.year)
    return OUTCOME if OUTCOME in set(frame["fase"]) else FORECAST


def origin_names(edition: Vintage) -> names.Names:
    """Who assigns revenues: the list ``provenienze`` of the table of names, in order."""
    return names.named(edition.package, "provenienze")


def origins(libro: Chapter) -> Figures:
    """Revenues of the year summed by who assigns them (computed from the channels)."""
    lines, what, called = of_year(libro), phase(libro), origin_names(libro)
    channels: dict[str, list[str]] = {}
    for row in lines[lines["provenienza"] != "totale"].itertuples():
        channels.setdefault(row.provenienza, []).append(row.canale)

    def summed(origin: str) -> Figure:
        some = libro.cifre(f"entrate/{what}").solo(*channels[origin]).somma
        named = replace(some, code=f"entrate/{what}/{origin}", name=called[origin])
        return as_rest(named) if origin == OTHERS else named

    return Figures(f"entrate/{what}", {origin: partial(summed, origin) for origin in channels}, libro.year)


# The forecast of a plan


def forecast(edition: Vintage) -> pd.DataFrame:
    """The revenues that the plan forecasts for its year, in the printed order, totals included.

    Columns of ``entrate`` with ``nome`` (the printed label), ``provenienza`` and ``detratta``,
    true for the amounts printed after the total budget, which are taken off it.
    """
    frame = own(edition, "entrate", anno=edition.year, fase=FORECAST)
    known = edition.package.read("canali")[["canale", "provenienza"]]
    frame = frame.merge(known, on="canale", how="left", validate="many_to_one")
    after = (frame["canale"] == "totale-budget").cumsum().astype(bool) if len(frame) else pd.Series(dtype=bool)
    return frame.assign(nome=frame["etichetta"], detratta=after & (frame["provenienza"] != "totale"))


def parts(frame: pd.DataFrame) -> pd.DataFrame:
    """The revenues without totals and without what is taken off."""
    return frame[(frame["provenienza"] != "totale") & ~frame["detratta"]]


def forecast_by_origin(edition: Vintage) -> pd.DataFrame:
    """The forecast by who assigns the money, computed, for this plan and the one before.

    Columns ``provenienza``, ``nome``, ``anno``, ``valore`` in EUR; from this plan's largest.
    """
    frames = [parts(forecast(edition))]
    earlier = edition.package.edition(edition.book, edition.year - 1)
    if len(frames[0]) and earlier.published:
        frames.insert(0, parts(forecast(earlier)))
    frame = pd.concat(frames, ignore_index=True)
    sums = frame.groupby(["provenienza", "anno"])["valore"].sum().reset_index()
    sums = sums[sums.groupby("provenienza")["valore"].transform("sum").map(bool)] if len(sums) else sums
    latest = dict(
        zip(sums.loc[sums["anno"] == edition.year, "provenienza"], sums.loc[sums["anno"] == edition.year, "valore"])
    )
    order = sorted(sums["provenienza"].drop_duplicates(), key=lambda code: -latest.get(code, ZERO))
    sums = sums.assign(nome=sums["provenienza"].map(origin_names(edition)))
    return sums.sort_values(["provenienza"], key=lambda codes: codes.map(order.index), kind="stable").reset_index(
        drop=True
    )
