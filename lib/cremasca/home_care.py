"""Measures B1 and B2 of the fund for people who cannot look after themselves: requests, outcomes, money."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import pandas as pd

from annuario.figures import Absent, Figure, Figures
from annuario.notebook import Chapter
from annuario.tables import Table
from annuario.words import phrases
from cremasca import measures
from cremasca.groups import gathered, renamed
from cremasca.names import named


class Fna:
    """The figures of the fund, as an edition sees them."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self.ammesse = libro.cifra("fna-domande/totale/ammesse")
        self.speso = libro.cifra("fna-risorse/totale/speso")
        self.b1, self.b2 = libro.cifre("fna-b1"), libro.cifre("fna-b2")

    @cached_property
    def _frame(self) -> pd.DataFrame:
        return self.libro.indicators("fna-domande")

    @cached_property
    def presentate(self) -> Figure:
        """The requests; the year before is known by the change that the document prints, if not otherwise."""
        found, change = self.libro.cifra("fna-domande/totale/presentate"), self.b2.variazione_istanze
        if not (found.nota and change.nota) or found.prima.nota:
            return found
        if found.valore < change.valore:
            return found
        series = {**found.series, found.year - 1: found.valore - change.valore}
        return replace(found, series=dict(sorted(series.items())), rows=(*found.rows, *change.rows))

    def _requests(self, year: int, measure: str = "presentate") -> dict[str, Figure]:
        """The requests of each category of a year, without the subtotals, by its code."""
        frame = measures.leading(self._frame, year)
        frame = frame[(frame["misura"] == measure) & (frame["voce"] != "totale")]
        return {row.voce: renamed(self.libro.cifra(row.indicatore), row.nome) for row in frame.itertuples()}

    @cached_property
    def domande(self) -> Figures:
        """The requests by category."""
        return gathered("fna-domande", self._requests(self.libro.year), self.libro.year)

    @cached_property
    def quota_ammesse(self) -> Figure:
        """The share of the requests that were granted; absent where the two do not count the same categories."""
        if self._requests(self.libro.year, "ammesse").keys() - self._requests(self.libro.year).keys():
            raise Absent(self.ammesse.code, self.libro.year, "le domande presentate non contano tutte le categorie")
        return self.ammesse.quota(self.presentate)

    @cached_property
    def domande_comuni(self) -> Figure:
        """The requests in the categories that two years share; absent where they have the same."""
        now, before = self._requests(self.libro.year), self._requests(self.libro.year - 1)
        common = {code: now[code] for code in now if code in before}
        if not common or now.keys() == before.keys():
            raise Absent("fna-domande", self.libro.year, "le stesse categorie")
        return gathered("fna-domande", common, self.libro.year).somma

    @property
    def esiti(self) -> list[Figure]:
        """What became of the requests: made, granted, waiting."""
        waiting = self.libro.cifra("fna-domande/totale/lista-attesa")
        figures = [self.presentate, self.ammesse, waiting]
        return [renamed(figure, phrases.capital(figure.name.split(" – ")[-1])) for figure in figures]

    @property
    def titoli(self) -> dict[str, str]:
        """The outcomes that the year has, with their headings."""
        found = set(self._frame.loc[self._frame["anno"] == self.libro.year, "misura"])
        outcomes = named(self.libro.package, "fna-esiti")
        return {code: outcomes[code] for code in outcomes.ordered(found)}

    @property
    def per_categoria(self) -> Table | None:
        """The requests by category and outcome, year by year."""
        return measures.by_measure(self._frame, self.titoli, "Categoria") if self.presentate.nota else None

    @property
    def categorie(self) -> pd.DataFrame | None:
        """The same of the year, for a chart."""
        return _some(measures.leading(self._frame, self.libro.year))

    @property
    def _funds(self) -> pd.DataFrame:
        return self.libro.indicators("fna-risorse", years=1)

    @property
    def risorse(self) -> Table | None:
        """What was made available and spent by category."""
        if self._funds.empty:
            return None
        called = named(self.libro.package, "fna-risorse")
        titles = {code: called[code] for code in called.ordered(self._funds["misura"])}
        return measures.by_measure(self._funds, titles, "Categoria")

    @property
    def categorie_risorse(self) -> pd.DataFrame | None:
        """The same, for a chart."""
        return _some(measures.leading(self._funds, self.libro.year))

    @cached_property
    def quota_b1(self) -> Figure:
        """The share of the money for measure B1 that was spent."""
        return self.b1.spesa.quota(self.b1.risorse)


def _some(frame: pd.DataFrame) -> pd.DataFrame | None:
    return None if frame.empty else frame
