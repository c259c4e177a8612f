"""Who governs the ambito and the company: bodies, their sessions, the units and their links.

The diagrams hold only units and links that the documents name: the reports of 2021 (lines
54-280) and 2025 (lines 24-242), the plans of 2020 (lines 136-250) and 2021 (lines 276-490).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import pandas as pd

from annuario.charts.diagrams import Box, Diagram, Link, Panel, diagram
from annuario.data import Vintage
from annuario.figures import Absent, Figure, Said, Year
from annuario.notebook import Chapter
from cremasca import names, revenues
from cremasca.budgets import execution
from cremasca.meetings import Sedute
from cremasca.years import several


class Quadro:
    """Who governs the ambito and the company, as an edition tells it."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self.comuni, self.sub_ambiti = (
            libro.cifra("azienda/comuni-soci").ultima,
            libro.cifra("territorio/sub-ambiti").ultima,
        )
        self.sedute = Sedute(libro)
        self.verbali, self.delibere = (
            libro.cifra(f"sistema/{code}") for code in ("verbali-cda", "deliberazioni-assemblea")
        )
        self.speso, self.previsto = (
            libro.cifra(f"bilancio_aree/{phase}/ufficio-di-piano") for phase in ("consuntivo", "preventivo")
        )
        self.sanitario = libro.cifra("fondi/fondi-istituzionali/sanitario-cdd-misura-6")
        self.entrate = libro.cifra("entrate/consuntivo/totale-entrate")
        self._testo = libro.testo("quadro-istituzionale")

    @property
    def raccontato(self) -> Year:
        """The year, where the edition tells what marked it."""
        self._testo.attività
        return self.libro.anno

    @property
    def enti(self) -> list[str]:
        """The institutions whose relations the edition tells: the names of those with a section of the year's text."""
        known = names.named(self.libro.package, "istituzioni")
        return [name for code, name in known.items() if self.libro.text("quadro-istituzionale", code)]

    # -- the bodies

    @cached_property
    def cariche(self) -> pd.DataFrame | None:
        """Who sits in the bodies in the year; None where no document says it."""
        frame = self.libro.table("cariche", anno=self.libro.year)
        return None if frame.empty else frame

    def _president(self, field: str) -> Said:
        found = None if self.cariche is None else self.cariche.loc[self.cariche["ruolo"] == "Presidente", field]
        if found is None or found.empty:
            raise Absent("cariche: presidente", self.libro.year)
        return Said(found.iloc[0])

    @property
    def presidente(self) -> Said:
        """Who presides over the board."""
        return self._president("nominativo")

    @property
    def rappresentanza(self) -> Said:
        """Whom the president stands for."""
        return self._president("rappresentanza")

    @property
    def solo_verbali(self) -> Figure:
        """The minutes of the board, where no document lists its sessions."""
        if self.sedute.consiglio.nota:
            return replace(self.verbali, series={}, why_absent="le sedute sono elencate")
        return self.verbali

    @property
    def atti(self) -> list[Figure] | None:
        """Minutes and resolutions, where several years are known."""
        return None if several(self.verbali) is None else [self.verbali, self.delibere]

    # -- money

    @cached_property
    def quota_spesa(self) -> Figure:
        """What the planning office's cost centre spent of what was budgeted for it."""
        return execution(self.speso, self.previsto)

    @cached_property
    def regione(self) -> Figure:
        """The revenues of the year from the Region's channels; absent without final accounts."""
        found = revenues.origins(self.libro)
        if revenues.phase(self.libro) != revenues.OUTCOME or "regione" not in found:
            return replace(self.entrate, series={})
        return found["regione"]

    @cached_property
    def quota_regione(self) -> Figure:
        """Their share of all the revenues of the year."""
        return self.regione.quota(self.entrate)


def scheme(partners: Sequence[str]) -> Diagram:
    """Programming and management in the ambito: who decides, who acts, with whom.

    ``partners`` are drawn in a row at the foot.
    """
    boxes = [
        Box("comuni", "Comuni dell’ambito cremasco", 0, 20, 80, "ente"),
        Box("sindaci", "Assemblea dei Sindaci", 1, 3, 38),
        Box("capofila", "Comune di Crema, ente capofila", 2, 3, 38),
        Box("piano", "Ufficio di Piano", 3, 3, 38),
        Box("assemblea", "Assemblea Consortile", 1, 62, 97),
        Box("cda", "Consiglio di Amministrazione", 2, 62, 97),
        Box("direttore", "Direttore", 3, 62, 97),
        Box("unita", "Servizi e unità operative", 4, 62, 97, "unita"),
    ]
    panels = [
        Panel("ambito", "Programmazione", 1, 3, 3, 38),
        Panel("azienda", "Gestione: l’azienda", 1, 4, 62, 97),
    ]
    links = [
        Link("comuni", "ambito", "titolarità della funzione sociale"),
        Link("comuni", "azienda", "proprietà e contratto di servizio"),
        Link("sindaci", "azienda", "indirizzi", "side", "indirizzi"),
        Link("azienda", "capofila", "attività per conto dell’ambito", "side", "attività"),
        Link("azienda", "piano", "supporto alla programmazione", "side", "supporto"),
        Link("assemblea", "cda", "nomina", label="nomina"),
        Link("cda", "direttore", "nomina", label="nomina"),
        Link("direttore", "unita", "direzione", label="direzione"),
    ]
    width = (100 - 3 * (len(partners) - 1)) / len(partners) if partners else 0
    for index, name in enumerate(partners):
        left, code = index * (width + 3), f"ente-{index}"
        boxes.append(Box(code, name, 5, left, left + width, "ente"))
        links.append(Link("azienda", code, "collaborazione"))
    return diagram("Programmazione e gestione nell’ambito cremasco", boxes, links, panels)


def _units(edition: Vintage) -> pd.DataFrame:
    """The parts of the company under the director, as the edition's own report orders them."""
    return edition.table("unita", ["edizione"], edizione=edition.id, anno=edition.year)


def organisation(edition: Vintage) -> Diagram | None:
    """The company's bodies and the units that the edition's report names; None for other years."""
    units = _units(edition)
    if units.empty:
        return None
    boxes = [
        Box("assemblea", "Assemblea Consortile", 0, 8, 60),
        Box("revisore", "Revisore dei Conti", 0, 68, 100, "ente"),
        Box("cda", "Consiglio di Amministrazione", 1, 8, 60),
        Box("direttore", "Direttore", 2, 8, 60),
    ]
    links = [
        Link("assemblea", "revisore", "nomina", "side"),
        Link("assemblea", "cda", "nomina", label="nomina"),
        Link("cda", "direttore", "nomina", label="nomina"),
    ]
    for row, (code, name, above) in enumerate(zip(units["unita"], units["nome"], units["sopra"]), start=3):
        left = 30 if above else 18
        boxes.append(Box(code, name, row, left, 100, "ente" if above else "unita"))
        links.append(Link(above or "direttore", code, "ripartizione" if above else "direzione", "tree"))
    return diagram(f"Organigramma dell’azienda, {edition.year}", boxes, links)


def services(edition: Vintage) -> pd.DataFrame | None:
    """The units that the edition's report names and, for each, the services told under it.

    Columns ``unita`` and ``servizi`` (a text). None where the report has no units.
    """
    own = _units(edition)
    units = [name for name, above in zip(own["nome"], own["sopra"]) if name.startswith("U.O.") and not above]
    declared = edition.package.read("servizi").sort_values("ordine", kind="stable")
    rows = [(unit, "; ".join(declared.loc[declared["unita_operativa"] == unit, "nome"])) for unit in units]
    return pd.DataFrame(rows, columns=["unita", "servizi"]) if rows else None
