"""The territory of the ambito: people, surface, municipalities by size and by sub-ambito."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from annuario.data import Vintage
from annuario.figures import Absent, Figure, Said
from annuario.notebook import Chapter
from cremasca import sub_ambiti
from cremasca.counts import some
from cremasca.names import named
from cremasca.unpublished import Grafici

_YEARS = 5


class Territorio:
    """The territory in the last year known, as an edition sees it."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self._frame = facts(libro)
        known = libro.cifre("territorio")
        self.abitanti, self.crema = known.popolazione.ultima, known.popolazione_crema.ultima
        self.comuni, self.piccoli, self.medi = (
            each.ultima for each in (known.comuni, known.comuni_sotto_5000, known.comuni_5000_10000)
        )
        self.superficie, self.sub_ambiti = known.superficie.ultima, known.sub_ambiti.ultima
        self.densita, self.provincia, self.regione = (
            each.ultima for each in (known.densita, known.densita_provinciale, known.densita_regionale)
        )
        self.per_sub_ambito = libro.cifre("servizi_sub_ambito/saap/comuni")
        self.misure = sub_ambiti.measures(libro.package, "comuni")
        self.grafici = Grafici(libro, "territorio")

    @property
    def altrove(self) -> Said:
        """The edition that the facts are taken from, ``piano 2021``; absent where it is this one."""
        source = self._frame["da"].iloc[0] if len(self._frame) else ""
        if not source:
            raise Absent("territorio", self.libro.year, "dati dell’edizione stessa")
        return Said(source.replace("-", " ")).of(self.abitanti)

    # -- people and surface

    @cached_property
    def media(self) -> Figure:
        """People for each municipality."""
        return self.abitanti.ogni(self.comuni)

    @property
    def densita_calcolata(self) -> Figure:
        """The density that people and surface give; absent where it is the published one."""
        found = self.abitanti.ogni(self.superficie)
        if str(found.intero) == str(self.densita.intero):
            raise Absent(self.densita.code, self.libro.year, "la densità torna")
        return found

    @property
    def sulla_provincia(self) -> Said:
        """``superiore``, ``inferiore`` or ``pari``: the density against that of the province."""
        return _against(self.densita, self.provincia)

    @property
    def sulla_regione(self) -> Said:
        """The same against that of the region."""
        return _against(self.densita, self.regione)

    # -- the municipalities

    @cached_property
    def quota_piccoli(self) -> Figure:
        """The share of the small ones."""
        return self.piccoli.quota(self.comuni)

    @cached_property
    def quota_crema(self) -> Figure:
        """The share of the people who live in Crema."""
        return self.crema.quota(self.abitanti)

    @cached_property
    def media_senza_crema(self) -> Figure:
        """People for each of the other municipalities."""
        return (self.abitanti - self.crema).ogni(self.piccoli + self.medi)

    @property
    def sola(self) -> Said:
        """``Crema``, where it is a sub-ambito of its own; else absent."""
        if self.per_sub_ambito.crema.valore != 1:
            raise Absent(self.per_sub_ambito.code, self.libro.year, "non da sola")
        return Said("Crema").of(self.per_sub_ambito.crema)

    # -- for tables and charts

    @property
    def dati(self) -> pd.DataFrame | None:
        """The facts, in the order of the table."""
        return self._frame if len(self._frame) else None

    @property
    def densita_confrontate(self) -> pd.DataFrame | None:
        """The densities of ambito, province and region."""
        return some(densities(self.libro, self._frame))

    @property
    def per_dimensione(self) -> pd.DataFrame | None:
        """The municipalities by number of people."""
        return some(sizes(self._frame))

    @property
    def residenti(self) -> pd.DataFrame | None:
        """The people of Crema and of the others."""
        return some(residents(self._frame))

    @cached_property
    def comuni_per_sub_ambito(self) -> pd.DataFrame | None:
        """The municipalities by sub-ambito; None where they are not known."""
        frame = municipalities(self.libro)
        return frame if len(frame) else None


def _against(one: Figure, other: Figure) -> Said:
    gap = one.valore - other.valore
    return Said("superiore" if gap > 0 else "inferiore" if gap < 0 else "pari").of(one, other)


def facts(edition: Vintage) -> pd.DataFrame:
    """The facts of the last year known, those that the list ``territorio`` names; empty where there is none."""
    names = named(edition.package, "territorio")
    frame = edition.indicators(list(names), years=_YEARS)
    frame = frame[frame["anno"] == frame["anno"].max()]
    return frame.assign(nome=frame["indicatore"].map(names))


def densities(edition: Vintage, frame: pd.DataFrame) -> pd.DataFrame:
    """The density of the ambito and those of province and region, of the facts."""
    names = named(edition.package, "densita")
    rows = frame[frame["indicatore"].isin(names)]
    return rows.assign(nome=rows["indicatore"].map(names))


def sizes(frame: pd.DataFrame) -> pd.DataFrame:
    """The municipalities by population: ``classe``, ``nome``, ``anno``, ``valore``, ``da``; all of them as ``totale``.

    The largest class holds those that the other two leave; no rows where one of them is not known.
    """
    found = _known(frame, "comuni", "comuni-sotto-5000", "comuni-5000-10000")
    if not found:
        return frame.iloc[:0]
    whole, small, middle = found
    rows = [
        ("piccoli", "Meno di 5.000 abitanti", small),
        ("medi", "Da 5.000 a 10.000 abitanti", middle),
        ("grandi", "Oltre 10.000 abitanti", whole - small - middle),
        ("totale", "Totale", whole),
    ]
    return _rows(frame, rows, "classe")


def residents(frame: pd.DataFrame) -> pd.DataFrame:
    """The residents of Crema (about so many) and of the other municipalities, with the total: ``comune``, ``valore``…"""
    found = _known(frame, "popolazione", "popolazione-crema")
    if not found:
        return frame.iloc[:0]
    whole, city = found
    rows = [
        ("crema", "Crema, circa", city),
        ("altri", "Altri Comuni, circa", whole - city),
        ("totale", "Totale", whole),
    ]
    return _rows(frame, rows, "comune")


def _known(frame: pd.DataFrame, *names: str) -> list | None:
    """The values of some facts; None where one is missing, or the parts are more than the whole, which comes first."""
    known = dict(zip(frame["indicatore"], frame["valore"]))
    found = [known.get(f"territorio/{name}") for name in names]
    return None if None in found or sum(found[1:]) > found[0] else found


def _rows(frame: pd.DataFrame, rows: list[tuple], code: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[code, "nome", "valore"]).assign(
        anno=frame["anno"].iloc[0], da=frame["da"].iloc[0]
    )


def municipalities(edition: Vintage) -> pd.DataFrame:
    """The municipalities of each sub-ambito and in all, in the last year known up to the edition's."""
    frame = sub_ambiti.of(edition, "saap", ["comuni"], years=_YEARS)
    return frame[frame["anno"] == frame["anno"].max()].reset_index(drop=True)
