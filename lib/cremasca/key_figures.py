"""The key figures of a year on one page: level and change on the year before, and what to mind in reading them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cached_property

import pandas as pd

from annuario.figures import Absent, Figure, Figures, Said, Year
from annuario.notebook import Chapter
from annuario.words import phrases
from cremasca import accounts
from cremasca.accredited import MEASURES, Accreditati
from cremasca.employment import Inserimento
from cremasca.goal_outcomes import Obiettivi
from cremasca.names import named
from cremasca.years import of_the_year_before


class Sintesi:
    """The page, as an edition sees it."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self.entrate, self.uscite = libro.cifra("risultato/entrate"), libro.cifra("risultato/uscite")
        self.avanzo = accounts.surplus(libro)
        self.gestita = libro.cifra("gestione/quota-gestita")
        self.persone = libro.cifra("personale/persone/totale")
        self.minori = libro.cifra("tm-flussi/in-carico-anno")
        self.accreditati = Accreditati(libro)
        self.obiettivi = Obiettivi(libro)
        self.sil = Inserimento(libro)

    @cached_property
    def saldo(self) -> Figure:
        """What is left at the end of the year, or lacking: an ``avanzo`` or a ``disavanzo``."""
        return accounts.balance(self.avanzo)

    @property
    def senza_relazione(self) -> Year:
        """The year, where its report is not at hand."""
        if self.libro.published:
            raise Absent("edizioni", self.libro.year, "la relazione c’è")
        return self.libro.anno

    @property
    def anno_sociale(self) -> Year:
        """The year of the social spending that the managed share is taken of."""
        self.gestita.valore
        return of_the_year_before(self.libro.cifra("gestione/spesa-sociale-pro-capite")).anno

    # -- the accredited services

    @cached_property
    def costi(self) -> Figures:
        """The cost of each accredited service, with their sum."""
        return self.accreditati.costi

    @property
    def servizio(self) -> Said:
        """The service that costs most, with its article: ``il SAAP``."""
        name = self.costi.massima.name
        return Said(phrases.article(name, "ms") + name).of(self.costi.massima)

    @property
    def utenti(self) -> Figure:
        """Its users."""
        first = self.costi.massima.name
        return next(service.utenti for service in self.accreditati.servizi if service.nome == first)

    # -- the table

    @cached_property
    def cifre(self) -> list[Figure]:
        """The figures of the year that are known, in the order of the page."""
        found = [
            # the surplus is known by other rows too
            replace(self.avanzo if code == self.avanzo.code else self.libro.cifra(code), name=name)
            for code, name in named(self.libro.package, "sintesi").items()
        ]
        for service in self.accreditati.servizi:
            found += [
                replace(getattr(service, measure), code=f"{service.code}/{measure}", name=f"{service.nome}: {measure}")
                for measure in MEASURES
            ]
        found.append(
            replace(self.persone, code="personale/persone", name="Persone in servizio all’ultima rilevazione dell’anno")
        )
        found.append(
            replace(self.libro.cifra("gestione-testo/ore-personale"), name="Ore di lavoro del personale dipendente")
        )
        return [figure for figure in found if figure.nota]


def value(frame: pd.DataFrame, code: str, year: int) -> Decimal | None:
    """One figure of one year, or None."""
    return next(iter(frame.loc[(frame["codice"] == code) & (frame["anno"] == year), "valore"]), None)
