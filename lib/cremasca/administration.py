"""The administrative unit: its figures by name, and the facts that need real computation.

What its services cost is in ``budget_lines``, the accredited ones in ``accredited``, the
fees of the child protection service in ``placements``.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import pandas as pd

from annuario.figures import Absent, Figure, Figures, Said
from annuario.notebook import Chapter
from annuario.words import phrases
from cremasca.budget_lines import Conti
from cremasca.names import listed, named

#: Years in which earlier documents are searched for a comparison.
LONG = 10
#: Reasons for means whose parts are not counted alike, printed below them.
ALARMS = "La spesa è quella dell’intero anno, gli utenti quelli con il servizio attivo."


class Amministrazione:
    """The figures of the unit, as an edition sees them."""

    def __init__(self, libro: Chapter, conti: Conti):
        self.libro, self.conti = libro, conti
        self.sst, self.personale, self.adi = map(libro.cifre, ("sst-indicatori", "sst-personale", "adi-ore"))
        self.unita = libro.cifre("cpe-accreditamento")
        self.esercite, self.accreditate = self.unita["unita-offerta/esercizio"], self.unita["unita-offerta/accreditate"]
        self.vigilanza = libro.cifre("vigilanza-ats")
        self.cdd, self.rete = libro.cifre("cdd-utenti"), libro.cifre("rete-disabilita")
        self.fsr = replace(libro.cifra("fondi/fondi-istituzionali/fsr"), name="Fondo Sociale Regionale")
        self.telesoccorso = libro.cifre("telesoccorso")
        self.sistema = libro.cifre("sistema")
        platform, sets = libro.cifre("piattaforma"), listed(libro.package, "insiemi")
        self.piattaforma = platform.solo(*sets.together("piattaforma", platform))
        self.dotazioni = libro.cifre("ict-consistenza")

    # -- the social service of the municipalities

    @cached_property
    def ore_per_comune(self) -> Figure:
        """The mean hours of a municipality that has the service."""
        return self.sst.ore.ogni(self.sst.comuni)

    # -- units of offer

    def _first(self, *codes: str) -> Figure:
        """The first of some figures that the edition has: the documents count the same under other names."""
        return next((self.unita[code] for code in codes if self.unita[code].nota), self.unita[codes[0]])

    @property
    def nuove_esercite(self) -> Figure:
        """New units, or the notices received."""
        return self._first("nuove-unita/esercizio", "nuove-cpe-istanze/esercizio")

    @property
    def nuove_accreditate(self) -> Figure:
        """New accredited units, or the requests received."""
        return self._first("nuove-unita/accreditate", "nuove-cpe-istanze/accreditate")

    @property
    def controlli(self) -> Said:
        """``47 sopralluoghi sulle unità accreditate``: the documents count the one kind of units or the other."""
        checks, visits = self.unita["controlli/esercizio"], self.unita["sopralluoghi/accreditate"]
        of = ((checks, "sulle unità esercite"), (visits, "sulle unità accreditate"))
        told = [f"{figure.conta} {where}" for figure, where in of if figure.nota]
        if not told:
            raise Absent(visits.code, self.libro.year)
        return Said(phrases.listing(told)).of(*(figure for figure, _ in of if figure.nota))

    @property
    def rilievi(self) -> Said:
        """``risultano 8 contestazioni e nessuna sanzione``; with neither, says so."""
        objections, fines = self.unita["contestazioni/accreditate"], self.unita["sanzioni/accreditate"]
        if not objections.valore and not fines.valore:
            return Said("non risultano contestazioni né sanzioni")
        verb = "risultano" if objections.valore + fines.valore > 1 else "risulta"
        return Said(f"{verb} {objections.conta} e {fines.conta}")

    @cached_property
    def titoli_unita(self) -> dict[str, str]:
        """The columns of the printed table of the units of offer."""
        return named(self.libro.package, "unita-offerta")

    @cached_property
    def tabella_unita(self) -> pd.DataFrame | None:
        """The printed table of the units of offer: ``voce``, ``nome``, ``misura``, ``valore``; None without."""
        frame = self.libro.indicators("cpe-accreditamento", years=1)
        frame = frame[frame["misura"].isin(self.titoli_unita) & (frame["sede"] == "tabella")]
        return None if frame.empty else frame.assign(nome=[name.rpartition(" – ")[0] for name in frame["nome"]])

    @cached_property
    def unita_anni(self) -> pd.DataFrame | None:
        """How many units there were in each published year, by kind; None where the year has none."""
        if self.tabella_unita is None:
            return None
        names = named(self.libro.package, "unita-offerta-anni")
        frame = self.libro.indicators([f"cpe-accreditamento/{code}" for code in names], LONG)
        return frame.assign(nome=frame["indicatore"].str.partition("/")[2].map(names))

    @property
    def titoli_anni(self) -> dict[int, str]:
        """The years of ``unita_anni``, as headings."""
        years = () if self.unita_anni is None else sorted(set(self.unita_anni["anno"]))
        return {year: str(year) for year in years}

    @cached_property
    def strutture(self) -> list[Figure]:
        """The sites that the ATS inspected, by kind, without «Controlli ATS» in their names."""
        codes = listed(self.libro.package, "insiemi").together("ats", self.vigilanza)
        found = (self.vigilanza[code] for code in codes)
        return [replace(figure, name=phrases.capital(figure.name.rpartition(": ")[2])) for figure in found]

    @property
    def per_struttura(self) -> Said:
        """The same in words: ``13 asili nido, 2 micro-nidi e 1 CSE``."""
        known = [phrases.count(figure.valore, figure.nature.noun) for figure in self.strutture if figure.nota]
        if not known:
            raise Absent("vigilanza-ats", self.libro.year)
        return Said(phrases.listing(known))

    # -- services for disabled people

    @cached_property
    def costo_cdd(self) -> Figure:
        """What the day centre costs for each who attends it."""
        return self.conti.cdd.speso.ogni(self.cdd.frequentanti)

    @cached_property
    def inserimenti(self) -> Figure:
        """The placements in all services of the network."""
        return self.rete.somma

    @cached_property
    def quota_rete(self) -> Figure:
        """The share of the commonest kind of placement."""
        return self.rete.massima.quota(self.inserimenti)

    @cached_property
    def costo_inserimento(self) -> Figure:
        """What the access to the network costs for each placement."""
        return self.conti.rete.speso.ogni(self.inserimenti)

    # -- the remote alarm

    @cached_property
    def costo_assistito(self) -> Figure:
        """What the card spends, for each with an active alarm."""
        return self.conti.telesoccorso.speso.ogni(self.telesoccorso.utenti_attivi, perche=ALARMS)

    # -- information systems

    @cached_property
    def procedure_per_cento(self) -> Figure:
        """The procedures for a hundred personal records."""
        return self.piattaforma.procedure.ogni(self.piattaforma.anagrafiche, 100)

    @cached_property
    def quota_portatili(self) -> Figure:
        """The share of the workplaces that can be carried."""
        return self.dotazioni.postazioni_portatili.quota(self.dotazioni.postazioni)

    @property
    def apparecchi(self) -> Figures:
        """The equipment that can be counted."""
        return self.dotazioni.solo(*listed(self.libro.package, "insiemi").together("dotazioni", self.dotazioni))

    def parole(self, group: str, *columns: str) -> pd.DataFrame | None:
        """A printed table of words of this very edition, one column for each of ``columns``; None where it has none.

        The codes ``voce`` of ``testi_tabella`` are ``row/column``.
        """
        frame = self.libro.table("testi_tabella", gruppo=group, edizione=self.libro.id)
        if frame.empty:
            return None
        place = frame["voce"].str.partition("/")
        wide = frame.assign(riga=place[0], colonna=place[2]).pivot(index="riga", columns="colonna", values="testo")
        wide = wide.reindex(columns=list(columns)).fillna("")
        return wide.loc[list(dict.fromkeys(place[0]))].reset_index()
