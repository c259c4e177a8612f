"""The services by sub-ambito: their rows, their table, their entries of the index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from annuario import tables
from annuario.book.indicators import Entry
from annuario.data import Package, Vintage
from annuario.errors import BookError

#: Opens the code of a measure of a service by sub-ambito, for the index: ``sub-ambito/saap/utenti``.
PREFIX = "sub-ambito"
#: Title and unit of the measures by sub-ambito.
MEASURES = {
    "utenti": ("Utenti", "utenti"),
    "ore": ("Ore", "ore"),
    "costo": ("Costo", "EUR"),
    "comuni": ("Comuni", "Comuni"),
    "comuni-aderenti": ("Aderenti", "Comuni"),
    "quota-adesione": ("Adesione", "%"),
    "casi": ("Casi", "casi"),
    "inseriti": ("Inseriti nell’anno", "minori"),
    "presenti": ("Presenti al 31/12", "minori"),
}


def of(edition: Vintage, service: str, measures: str | list[str], years: int = 3) -> pd.DataFrame:
    """A service by sub-ambito over the last years, with the sub-ambito's ``nome`` and the ``indicatore`` of the index.

    ``measures`` are codes of :data:`MEASURES`.
    """
    frame = edition.table("servizi_sub_ambito", servizio=service, misura=measures, anno=edition.years(years))
    codes = [f"{PREFIX}/{row.servizio}/{row.misura}" for row in frame.itertuples()]
    names = edition.package.read("sub_ambiti")
    return frame.assign(indicatore=codes).merge(names, on="sub_ambito", how="left", validate="many_to_one")


def table(
    frame: pd.DataFrame | None, measures: Sequence[str] | Mapping[str, str], stacked: bool | None = None
) -> tables.Table | None:
    """One row a sub-ambito and the total, for each year the measures; see ``annuario.tables.by_measure``.

    ``measures`` are codes of :data:`MEASURES`, or map them to titles of one's own.
    """
    unknown = [code for code in measures if code not in MEASURES]
    if unknown:
        raise BookError(f"Misura sconosciuta «{unknown[0]}»: scegliere fra {', '.join(MEASURES)}.")
    titles = {code: measures[code] if isinstance(measures, Mapping) else MEASURES[code][0] for code in measures}
    units = {code: (title, MEASURES[code][1]) for code, title in titles.items()}
    return tables.by_measure(frame, "sub_ambito", units, "Sub-ambito", stacked)


def entries(package: Package) -> dict[str, Entry]:
    """The measures by sub-ambito as entries of the index."""
    services = package.read("servizi").set_index("servizio")["nome"]
    measures = package.read("servizi_sub_ambito")
    return {
        f"{PREFIX}/{service}/{measure}": Entry(services[service], f"{MEASURES[measure][0]} per sub-ambito")
        for service, measure in dict.fromkeys(zip(measures["servizio"], measures["misura"]))
    }
