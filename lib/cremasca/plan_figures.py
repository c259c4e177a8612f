"""The key figures of a plan on one page: this year's and, where published, the year before's."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from annuario import numbers, tables
from annuario.data import Vintage
from cremasca import staff as people
from cremasca.budgets import ESTIMATED, PLANNED
from cremasca.plan import numbered, own
from cremasca.plan_years import multiyear
from cremasca.revenues import forecast

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
    frame = forecast(edition)
    return next(iter(frame.loc[frame["canale"] == code, "valore"]), None)


def table(frame: pd.DataFrame, year: int) -> tables.Table:
    """The figures of the two years with the change; of one only, where the year before has but its estimate."""
    if compared(frame, year):
        return tables.by_year(frame, rows="codice", change=True, title="Voce")
    names = [row.nome if row.anno == year else f"{row.nome} {row.anno}" for row in frame.itertuples()]
    printed = frame.assign(nome=names, valore=frame["valore"].map(numbers.euro))
    return tables.Table(printed, [tables.Column("nome", "Voce"), tables.Column("valore", "Importo", right=True)])


def compared(frame: pd.DataFrame, year: int) -> bool:
    """Whether some figure is known in both years."""
    before, now = (set(frame.loc[frame["anno"] == each, "codice"]) for each in (year - 1, year))
    return bool(before & now)


def parts(edition: Vintage) -> pd.DataFrame:
    """The budget of the year by goal or by area, with short names, those at zero left out."""
    frame = multiyear(edition)
    frame = frame[(frame["anno"] == edition.year) & frame["valore"].map(bool)]
    return frame.assign(nome=frame["nome"].map(numbered))


def staff(edition: Vintage) -> tuple[str, Decimal] | None:
    """The latest count of people that the plan prints and its date in words; None where there is none."""
    frame = own(edition, "personale", profilo="totale", misura="persone")
    if frame.empty:
        return None
    last = frame["anno"].max()
    return people.dates(frame)[last], people.count(frame)[last]
