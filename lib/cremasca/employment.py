"""The work placement service: users, placements, hirings, and the Banca dell'Acqua project, by name."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import pandas as pd

from annuario.figures import Absent, Figure, Figures, Said
from annuario.notebook import Chapter
from cremasca.groups import gathered, renamed, short
from cremasca.names import listed, named

#: Years that the service's own table shows.
YEARS = 5


class Inserimento:
    """The figures of the service, as an edition sees them."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self.spesa = libro.cifra("bilancio/consuntivo/totale/sil/totale/totale")
        self.indicatori = libro.cifre("sil-indicatori")
        self.utenti, self.beneficiari = self.indicatori.utenti_in_carico, self.indicatori.beneficiari_interventi
        self.tirocini, self.proroghe = self.indicatori.tirocini_attivati, self.indicatori.proroghe
        self.laboratori = self.indicatori.attivita_laboratoriali
        self.nuovi, self.assunti = self.indicatori.nuovi_utenti, self.indicatori.assunzioni
        self.burocratiche, self.equipe = self.indicatori.attivita_burocratiche, self.indicatori.equipe_coordinamento
        self.formazione = self.indicatori.incontri_formativi
        self.incontri = self.indicatori.consulenze_pre_presa_in_carico
        self.consulenze = self.indicatori.consulenze_incontri_servizi
        self.progettualita, self.realta = self.indicatori.progettualita_attive, self.indicatori.realta_organizzative
        self.presentati, self.pluriennali = self.indicatori.progetti_presentati, self.indicatori.progetti_pluriennali
        self.assunzioni = short(libro.cifre("sil-assunzioni"))
        self.azioni = libro.cifre("sil-azioni")
        self.banca = short(libro.cifre("banca-acqua"))
        self.fondazione = libro.cifra("entrate/consuntivo/banca-acqua")

    @cached_property
    def tabella(self) -> pd.DataFrame | None:
        """The service's own table; None where the year has none."""
        frame = self.libro.indicators("sil-indicatori", years=YEARS)
        frame = frame[frame["sede"] == "tabella"]
        return frame if (frame["anno"] == self.libro.year).any() else None

    # -- the users

    @cached_property
    def quota_nuovi(self) -> Figure:
        """The share of the users who are new."""
        return self.nuovi.quota(self.utenti)

    @property
    def attesa(self) -> Said:
        """``non c’è nessun utente``, ``c’è un utente``, ``ci sono 2 utenti``: who waits."""
        waiting = self.indicatori.lista_attesa
        be = "non c’è" if not waiting.valore else waiting.accordo("c’è", "ci sono")
        return Said(f"{be} {waiting.conta}").of(waiting)

    # -- placements and hirings

    @property
    def edizione_laboratori(self) -> Said:
        """``relazione 2025``: the other edition that publishes the workshops of this year; absent where it is this one."""
        edition = {row.edition for row in self.laboratori.rows if row.year == self.libro.year}
        if not self.libro.published or not any(edition):
            raise Absent(self.laboratori.code, self.libro.year, "pubblicato in questa edizione")
        return Said(edition.pop().replace("-", " "))

    @cached_property
    def percorsi(self) -> Figures:
        """The paths started in the year by who pays for them, as the prose tells."""
        group = self.libro.cifre("sil-percorsi")
        names = named(self.libro.package, "sil-percorsi")
        return gathered(group.code, {code: renamed(group[code], name) for code, name in names.items()}, self.libro.year)

    @cached_property
    def quota_progetti(self) -> Figure:
        """The share of the paths that projects pay for."""
        return self.percorsi.progettualita.quota(self.percorsi.somma)

    @cached_property
    def ogni_cento(self) -> Figure:
        """People hired for a hundred placements started."""
        return self.assunti.ogni(self.tirocini, 100)

    # -- activities and projects

    @cached_property
    def quota_azione(self) -> Figure:
        """The share of the commonest activity."""
        return self.azioni.massima.quota(self.azioni.totale)

    @cached_property
    def realta_per_progettualita(self) -> Figure:
        """Organisations for each project."""
        return self.realta.ogni(self.progettualita)

    # -- Banca dell'Acqua

    @cached_property
    def acqua(self) -> Figures:
        """The project in the year, with what the year's document announces for the next one."""
        year = self.libro.year
        figures = {code: self.banca[code] for code in self.libro.indicators("banca-acqua", years=1)["voce"]}
        for code in listed(self.libro.package, "insiemi").together("banca-acqua-dopo", self.banca):
            later = self.banca[code].dopo
            if later.nota:
                figures[f"{code}-dopo"] = replace(
                    later, year=year, series={year: later.valore}, name=f"{later.name} nel {year + 1}"
                )
        return gathered("banca-acqua", figures, year)

    @cached_property
    def acqua_breve(self) -> Figures:
        """The same with names short enough for a chart."""
        brief, figures = named(self.libro.package, "banca-acqua-grafico"), {}
        for code in self.acqua:
            figure, own = self.acqua[code], code.removesuffix("-dopo")
            name = figure.name.replace(self.banca[own].name, brief[own]) if own in brief else figure.name
            figures[code] = renamed(figure, name)
        return gathered("banca-acqua", figures, self.libro.year)

    @cached_property
    def quota_estinti(self) -> Figure:
        """The share of the paths that ended with the whole debt paid."""
        return self.banca.debito_estinto.quota(self.banca.percorsi_conclusi)

    @cached_property
    def quota_non_positivi(self) -> Figure:
        """The share of the situations that came to nothing."""
        return self.banca.esito_non_positivo.quota(self.banca.situazioni)

    @property
    def previsioni(self) -> Said:
        """Says nothing; absent where the year's own data are published."""
        if not len(self.acqua) or self.banca.percorsi.nota or self.banca.situazioni.nota:
            raise Absent("banca-acqua", self.libro.year, "non sono previsioni")
        return Said("")
