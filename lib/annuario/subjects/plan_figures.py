"""The key figures of a plan on one page: this year's and, where published, the year before's."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from annuario.data import Vintage
from annuario.subjects.budgets import ESTIMATED, PLANNED
from annuario.subjects.coverage import revenues
from annuario.subjects.plan import numbered, own
from annuario.subjects.plan_years import multiyear

#: The revenues on the page, by channel, with the name they have there.
CHANNELS = {
    "avanzo": "Avanzo dell’esercizio precedente",
    "comuni": "Fondi comunali",
    "fsol": "Fondo di Solidarietà",
    "fnps": "Fondo Nazionale Politiche Sociali",
    "fsr": "Fondo Sociale Regionale",
    "fna": "Fondo Non Autosufficienze",
}
# Totals of the revenues whose figures have a code of their own here.
_TOTALS = {"disponibile": "totale-budget", "avanzo": "totale-avanzo"}


def figures(edition: Vintage) -> pd.DataFrame:
    """The figures of the plan's year and of the year before, as this plan or its own prints them.

    Columns ``codice``, ``nome``, ``anno``, ``valore``, ``unita``, ``da``. Revenues of the year
    before are those that its own plan forecast.
    """
    year = edition.year
    summary = own(edition, "bilancio_aree", centro="totale", anno=[year - 1, year])
    rows = [
        (code, name, row.anno, row.valore, "")
        for code, name, phase in (("budget", "Budget", PLANNED), ("stima", "Preconsuntivo", ESTIMATED))
        for row in summary[summary["fase"] == phase].itertuples()
    ]
    earlier = edition.package.edition(edition.book, year - 1)
    editions = [(edition, ""), *([(earlier, earlier.id)] if earlier.published else [])]
    for code, name in {"disponibile": "Risorse disponibili", **CHANNELS}.items():
        for one, source in editions:
            amount = _revenue(one, _TOTALS.get(code, code))
            if amount is not None:
                rows.append((code, name, one.year, amount, source))
    frame = pd.DataFrame(rows, columns=["codice", "nome", "anno", "valore", "da"], dtype=object)
    return frame.assign(unita="EUR") if edition.published else frame[:0].assign(unita="")


def _revenue(edition: Vintage, code: str) -> Decimal | None:
    frame = revenues(edition)
    found = frame.loc[frame["canale"] == code, "valore"]
    return None if found.empty else found.iloc[0]


def value(frame: pd.DataFrame, code: str, year: int) -> Decimal | None:
    """One figure of one year, or None."""
    found = frame.loc[(frame["codice"] == code) & (frame["anno"] == year), "valore"]
    return None if found.empty else found.iloc[0]


def parts(edition: Vintage) -> pd.DataFrame:
    """The budget of the year by goal or by area, with short names, those at zero left out."""
    frame = multiyear(edition)
    frame = frame[(frame["anno"] == edition.year) & frame["valore"].map(bool)]
    return frame.assign(nome=frame["nome"].map(numbered))


def staff(edition: Vintage) -> dict | None:
    """The latest count of people that the plan prints: ``data`` and ``valore``; None where there is none."""
    frame = own(edition, "personale", profilo="totale", misura="persone")
    return None if frame.empty else frame.sort_values("data").iloc[-1][["data", "valore"]].to_dict()
