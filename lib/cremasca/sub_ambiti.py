"""The services by sub-ambito: their rows, their table, their entries of the index."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from annuario import tables
from annuario.book.indicators import Entry
from annuario.data import Package, Vintage
from cremasca.names import Name, listed, named

#: Opens the code of a measure of a service by sub-ambito, for the index: ``sub-ambito/saap/utenti``.
PREFIX = "sub-ambito"


def of(edition: Vintage, service: str, measures: str | list[str], years: int = 3) -> pd.DataFrame:
    """A service by sub-ambito over the last years, with the sub-ambito's ``nome`` and the ``indicatore`` of the index."""
    frame = edition.table("servizi_sub_ambito", servizio=service, misura=measures, anno=edition.years(years))
    codes = [f"{PREFIX}/{row.servizio}/{row.misura}" for row in frame.itertuples()]
    names = edition.package.read("sub_ambiti")
    return frame.assign(indicatore=codes).merge(names, on="sub_ambito", how="left", validate="many_to_one")


def outside(package: Package) -> list[str]:
    """The codes of the table that are no sub-ambito: other places that people come from, the total."""
    known = package.read("sub_ambiti")
    return list(known.loc[known["tipo"] == "", "sub_ambito"])


def measures(package: Package, *codes: str) -> dict[str, Name]:
    """Title and unit of some measures, from the list ``misure-sub-ambito``."""
    known = listed(package, "misure-sub-ambito")
    return {code: known[code] for code in codes}


def table(frame: pd.DataFrame | None, names: Mapping[str, Name], stacked: bool | None = None) -> tables.Table | None:
    """One row a sub-ambito and the total, for each year the measures; see ``annuario.tables.by_measure``.

    ``names`` have title and unit of each measure.
    """
    return tables.by_measure(frame, "sub_ambito", names, "Sub-ambito", stacked)


def entries(package: Package) -> dict[str, Entry]:
    """The measures by sub-ambito as entries of the index."""
    services = package.read("servizi").set_index("servizio")["nome"]
    known, titles = package.read("servizi_sub_ambito"), named(package, "misure-sub-ambito")
    return {
        f"{PREFIX}/{service}/{measure}": Entry(services[service], f"{titles[measure]} per sub-ambito")
        for service, measure in dict.fromkeys(zip(known["servizio"], known["misura"]))
    }
