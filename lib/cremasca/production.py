"""The company's value of production: the closed years that the plans cite and the estimate of the last."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from annuario import charts, numbers, phrases
from annuario.data import Vintage
from annuario.tables import Table, matrix

INDICATOR = "azienda/volume-produzione"


def values(edition: Vintage) -> pd.DataFrame:
    """The known values, oldest first: ``esercizio`` (a code), ``anno``, ``nome``, ``stima``, ``valore`` in EUR, ``da``.

    The estimate is that of the year before the edition's: the outcome by goal that the plan
    foresees before the accounts are closed (``stima`` is true).
    """
    closed = edition.indicators([INDICATOR], years=edition.year - 1999)[["anno", "valore", "da"]].assign(stima=False)
    estimate = edition.table("bilancio_aree", centro="totale", fase="preconsuntivo", anno=edition.year - 1)
    estimate = estimate[["anno", "valore", "da"]].assign(stima=True)
    frame = pd.concat([estimate, closed], ignore_index=True).sort_values(["anno", "stima"], ascending=[True, False], kind="stable")
    names = [f"{row.anno}, pre-consuntivo" if row.stima else str(row.anno) for row in frame.itertuples()]
    codes = [f"{row.anno}-stima" if row.stima else str(row.anno) for row in frame.itertuples()]
    return frame.assign(esercizio=codes, nome=names).reset_index(drop=True)


def closed(frame: pd.DataFrame) -> dict[int, Decimal]:
    """The closed years that the edition itself cites, or all those known where it cites none."""
    rows = frame[~frame["stima"].astype(bool)]
    own = rows[rows["da"] == ""]
    rows = own if len(own) else rows
    return dict(zip(rows["anno"], rows["valore"]))


def estimated(frame: pd.DataFrame) -> dict[int, Decimal]:
    """The estimate of the last year before the edition's; empty where there is none."""
    rows = frame[frame["stima"].astype(bool)]
    return dict(zip(rows["anno"], rows["valore"]))


def growth(series: dict[int, Decimal]) -> str:
    """From the first year to the last: change in percent and a year's mean, as a sentence."""
    first, last = min(series), max(series)
    ratio = series[last] / series[first]
    mean = (ratio ** (Decimal(1) / (last - first)) - 1) * 100
    moved = phrases.changed(series[last], series[first])
    change = numbers.percent((ratio - 1) * 100, sign=True)
    return (
        f"Dal {first} al {last} il valore della produzione {moved}, da {numbers.euro(series[first])} a "
        f"{numbers.euro(series[last])} ({change}): in media {phrases.the_percent(mean)} l’anno."
    )


def span(frame: pd.DataFrame) -> str:
    """The first and the last known year: ``2007–2020``."""
    return f"{frame['anno'].min()}–{frame['anno'].max()}"


def gaps(series: dict[int, Decimal]) -> str:
    """The years between the first and the last that no document gives: ``dal 2008 al 2017``; or nothing."""
    missing = [year for year in range(min(series), max(series)) if year not in series]
    if len(missing) < 3 or missing[-1] - missing[0] >= len(missing):
        return phrases.listing([str(year) for year in missing])
    return f"dal {missing[0]} al {missing[-1]}"


def table(frame: pd.DataFrame) -> Table:
    """One row a value, the estimate named as such."""
    return matrix(frame.assign(colonna="valore"), "esercizio", "colonna", "EUR", {"valore": "Importo"}, "Esercizio")


def chart(frame: pd.DataFrame) -> charts.Chart:
    """A bar a known value, oldest first."""
    rows = frame.assign(voce="produzione", posto=range(len(frame)), nome="Valore della produzione")
    titles = dict(enumerate(frame["nome"]))
    drawn = charts.grouped(rows, "Valore della produzione", "voce", "posto", titles, "EUR")
    told = "; ".join(f"{row.nome}: {numbers.euro(row.valore)}" for row in frame.itertuples())
    others = {source: list(frame.loc[frame["da"] == source, "nome"]) for source in dict.fromkeys(frame["da"]) if source}
    sources = "".join(f" Dall’edizione «{each.replace('-', ' ')}»: {phrases.listing(names)}." for each, names in others.items())
    return charts.Chart(drawn.spec, f"Valore della produzione negli anni noti. {told}.{sources}", drawn.data, drawn.units, drawn.narrow)
