"""Revenues by channel and by who assigns them: those of a year, and those that a plan forecasts."""

from __future__ import annotations

import pandas as pd

from annuario.data import Vintage
from cremasca.plan import ZERO, own

ORIGINS = {
    "comuni": "Comuni",
    "regione": "Regione",
    "stato": "Stato",
    "ats-asst": "ATS e ASST",
    "unione-europea": "Unione europea",
    "provincia": "Provincia",
    "fondazioni": "Fondazioni",
    "proprie": "Entrate proprie",
    "avanzo": "Avanzo dell’esercizio precedente",
    "altro": "Altre provenienze",
}
OUTCOME, FORECAST = "consuntivo", "previsione"


def of_year(edition: Vintage) -> pd.DataFrame:
    """The revenues of the year by channel: the outcome, or the forecast where that is all there is.

    Columns of ``entrate``, the amounts in EUR, with the channel's ``nome`` and ``provenienza``
    (``totale`` for the printed totals); ``fase`` is the same in every row.
    """
    frame = edition.table("entrate", anno=edition.year)
    phase = OUTCOME if OUTCOME in set(frame["fase"]) else FORECAST
    known = edition.package.read("canali")
    return frame[frame["fase"] == phase].merge(known, on="canale", how="left", validate="many_to_one")


def by_origin(edition: Vintage) -> pd.DataFrame:
    """Revenues of the year summed by where they come from (computed from the channels).

    Columns ``provenienza``, ``nome``, ``anno``, ``valore`` in EUR, from the largest.
    """
    lines = of_year(edition)
    lines = lines[lines["provenienza"] != "totale"]
    sums = lines.groupby("provenienza")["valore"].sum().sort_values(ascending=False).rename("valore").reset_index()
    return sums.assign(nome=sums["provenienza"].map(ORIGINS), anno=edition.year)


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
    latest = dict(zip(sums.loc[sums["anno"] == edition.year, "provenienza"], sums.loc[sums["anno"] == edition.year, "valore"]))
    order = sorted(sums["provenienza"].drop_duplicates(), key=lambda code: -latest.get(code, ZERO))
    sums = sums.assign(nome=sums["provenienza"].map(ORIGINS))
    return sums.sort_values(["provenienza"], key=lambda codes: codes.map(order.index), kind="stable").reset_index(drop=True)
