"""The budget of a year: the nine cards, the five areas, and the goals of the first plan."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cached_property, partial

import pandas as pd

from annuario.figures import Absent, Figure, Figures, Said, Source
from annuario.notebook import Chapter
from annuario.tables import Table, budget
from annuario.words import numbers, phrases
from cremasca import budgets
from cremasca.budget_cards import Righe, Scheda
from cremasca.budgets import ESTIMATED, PLANNED, SPENT, areas

#: The area of the services that the company runs with its own staff.
OWN = "servizi-aziendali"
#: What a year without an outcome has in other documents.
BY_AREA, BY_LINE = "la previsione per area", "il preventivo delle schede, voce per voce"
ESTIMATES = {2: "il preventivo e il preconsuntivo per obiettivo", 1: "il preconsuntivo per obiettivo"}


class Bilancio:
    """The budget and its outcome, as an edition sees them: ``tm`` is a card, ``aree`` what the areas spent."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self._known = libro.package.read("schede").set_index("scheda")
        self._areas = libro.package.read("aree").set_index("area")["nome"]
        self.schede = {
            name: Scheda(libro, name, self._known.loc[name, "nome"])
            for cards in areas(libro.package).values()
            for name in cards
        }
        self.tm, self.sil, self.ssd, self.sst, self.cpe = (
            self.schede[name] for name in ("tm", "sil", "ssd", "sst", "cpe")
        )
        self.associata, self.progettazione = self.schede["gestione-associata"], self.schede["progettazione"]
        self.misure, self.udp = self.schede["misure"], self.schede["udp"]
        self.aree, self._previste = self._by_area(SPENT), self._by_area(PLANNED)
        self.speso, self.previsto = self.aree.totale, self._previste.totale

    @property
    def chiuso(self) -> bool:
        """Whether the year has an outcome by area and by line."""
        return self.speso.nota and any(card.card.closed for card in self.schede.values())

    def _by_area(self, phase: str) -> Figures:
        make = {area: partial(self._figure, phase, area, name) for area, name in self._areas.items()}
        return Figures(f"bilancio_aree/{phase}", make, self.libro.year)

    def _figure(self, phase: str, code: str, name: str) -> Figure:
        return replace(self.libro.cifra(f"bilancio_aree/{phase}/{code}"), name=name)

    @cached_property
    def voci(self) -> Righe:
        """The lines of all cards whose outcome is published."""
        frames = [card.card.lines for card in self.schede.values() if card.card.closed]
        lines = pd.concat(frames, ignore_index=True) if frames else self.tm.card.lines.iloc[:0]
        return Righe("bilancio", self.libro.year, lines, self.libro.ledger)

    # -- by area

    @cached_property
    def quota(self) -> Figure:
        """What was spent of what was planned, in percent."""
        return budgets.execution(self.speso, self.previsto)

    @property
    def scarto(self) -> Said:
        """By how much: ``−€ 327.607,90``."""
        return Said(numbers.signed(budgets.deviation(self.speso, self.previsto).valore, "EUR"))

    @cached_property
    def aree_sole(self) -> Figures:
        """What the areas spent, without the total."""
        return self.aree.senza("totale")

    @cached_property
    def scostata(self) -> Figure:
        """The area that alone makes more than half of the deviation of all, and no more than it; else absent."""
        whole = budgets.deviation(self.speso, self.previsto).valore
        gaps = {area: self._gap(area) for area in self._areas.index if area != "totale" and self.aree[area].nota}
        found = max(gaps, key=lambda area: gaps[area] * (1 if whole > 0 else -1), default=None)
        if found is None or not whole**2 < gaps[found] * whole * 2 <= 2 * whole**2:
            raise Absent("bilancio_aree: scarto", self.libro.year, "nessuna area lo spiega da sola")
        return self.aree[found]

    def _gap(self, area: str) -> Decimal:
        return budgets.deviation(self.aree[area], self._previste[area]).valore

    @property
    def scarto_maggiore(self) -> Said:
        """That area's deviation."""
        found = self.scostata
        gap = self._gap(found.code.rpartition("/")[2])
        return Said(numbers.signed(gap, "EUR")).of(found)

    @cached_property
    def oltre_entrate(self) -> Figure:
        """By how much the plan is above the year's revenues, the surplus among them; absent where it is not."""
        revenues = self.libro.cifra("entrate/consuntivo/totale-budget")
        gap = budgets.deviation(revenues, self.previsto)
        if gap.valore >= 0:
            raise Absent(gap.code, self.libro.year, "le entrate bastano")
        return replace(gap, series={gap.year: -gap.valore})

    @cached_property
    def quote(self) -> Figures:
        """The same in percent, area by area."""
        return Figures("bilancio_aree: quote", {area: partial(self._rate, area) for area in self.aree}, self.libro.year)

    def _rate(self, area: str) -> Figure:
        spent = self.aree[area]
        return replace(budgets.execution(spent, self._previste[area]), name=spent.name)

    @cached_property
    def quota_massima(self) -> Figure:
        """The share of the area with most spending."""
        return self.aree.massima.quota(self.speso)

    @cached_property
    def quota_ferme(self) -> Figure:
        """The share of the plan of which nothing was spent."""
        return self.voci.valore_ferme.quota(self.previsto)

    @cached_property
    def confronto(self) -> pd.DataFrame | None:
        """Plan and outcome by area and in all: ``centro``, ``nome``, ``fase``, ``valore``; None without an outcome."""
        return self._frame((self._previste, PLANNED), (self.aree, SPENT)) if self.chiuso else None

    def _frame(self, *phases: tuple[Figures, str]) -> pd.DataFrame:
        year, rows = self.libro.year, []
        for group, phase in phases:
            for area, figure in ((area, group[area]) for area in group):
                if figure.nota:
                    source = next((row.edition for row in figure.rows if row.year == year), "")
                    rows.append((area, figure.name, year, phase, figure.valore, source))
        return pd.DataFrame(rows, columns=["centro", "nome", "anno", "fase", "valore", "da"])

    @property
    def spesa_aree(self) -> Figures | None:
        """What the areas spent; None without an outcome."""
        return self.aree if self.chiuso else None

    @property
    def negli_anni(self) -> Figures | None:
        """The same in the published years; None where this is the only one."""
        return self.aree if self.chiuso and len(self.speso.series) > 1 else None

    @property
    def del_piano(self) -> Figure:
        """What the year's own plan foresaw in all; absent where the report has the same."""
        plan = Source(self.libro.package.edition("piano", self.libro.year)).figure(f"bilancio_aree/{PLANNED}/totale")
        if not self.chiuso or plan.valore == self.previsto.valore:
            raise Absent(plan.code, plan.year, "come nella relazione")
        return plan

    @cached_property
    def aziendali(self) -> Figures:
        """What the cards of the company's own services spent."""
        make = {name: partial(getattr, self.schede[name], "speso") for name in areas(self.libro.package)[OWN]}
        return Figures(f"schede: {OWN}", make, self.libro.year)

    # -- a year without an outcome

    @property
    def altrove(self) -> Said:
        """What other documents give of it: ``la previsione per area``; absent where nothing."""
        goals = self.obiettivi
        known = [] if self.attese_tabella is None else [BY_AREA]
        known += [] if goals is None else [ESTIMATES[goals["fase"].nunique()]]
        known += [BY_LINE] if any(card.card for card in self.schede.values()) else []
        if self.chiuso or not known:
            raise Absent("bilancio: altri documenti", self.libro.year, "niente")
        return Said(phrases.listing(known))

    @property
    def attese(self) -> Figures:
        """What the areas are to spend, of a year without an outcome; absent otherwise."""
        if self.chiuso or not self._previste.note:
            raise Absent(self._previste.code, self.libro.year)
        return self._previste

    @property
    def attese_tabella(self) -> pd.DataFrame | None:
        """The same as a frame; None without."""
        return None if self.chiuso or not self._previste.note else self._frame((self._previste, PLANNED))

    @property
    def quota_attesa(self) -> Figure:
        """The share of the area that is to spend most."""
        return self.attese.massima.quota(self.previsto)

    # -- by goal

    @cached_property
    def obiettivi(self) -> pd.DataFrame | None:
        """The year by goal of the 2020 plan, as the one document that estimates its outcome prints it; None without.

        ``centro``, ``nome``, ``fase`` (``preventivo``: the totals of the goals' cards, where the
        summary has none; ``preconsuntivo``), ``valore`` in EUR, ``da``.
        """
        frame = self.libro.table("bilancio_aree", fase=ESTIMATED, anno=self.libro.year)
        if frame.empty:
            return None
        source, year = frame["edizione"].iloc[0], self.libro.year
        frame = self.libro.table("bilancio_aree", ["anno"], edizione=source, anno=year, fase=[PLANNED, ESTIMATED])
        frame = frame[frame["centro"].str.startswith("po2020-") | (frame["centro"] == "totale")]
        if PLANNED not in set(frame["fase"]):
            where = {"edizione": source, "anno": year, "voce": "totale", "canale": "totale", "fase": PLANNED}
            cards = self.libro.table("bilancio", **where)
            cards = cards[cards["scheda"].str.startswith("po2020-")].rename(columns={"scheda": "centro"})
            frame = pd.concat([frame, cards[frame.columns]], ignore_index=True)
        return frame.assign(nome=frame["centro"].map(self._known["nome"]).fillna("Totale"))

    @cached_property
    def stime(self) -> Figures:
        """The estimated outcome of each goal and of all."""
        names = {} if self.obiettivi is None else dict(zip(self.obiettivi["centro"], self.obiettivi["nome"]))
        make = {code: partial(self._figure, ESTIMATED, code, name) for code, name in names.items()}
        return Figures(f"bilancio_aree/{ESTIMATED}", make, self.libro.year)

    @cached_property
    def stima(self) -> Figure:
        """The estimated outcome in all."""
        return self.libro.cifra(f"bilancio_aree/{ESTIMATED}/totale")

    @cached_property
    def quota_stima(self) -> Figure:
        """The share of the goal with most of it."""
        return self.stime.massima.quota(self.stima)

    @property
    def tabella_obiettivi(self) -> Table | None:
        """The goals with their difference, or their only phase; None without."""
        if self.obiettivi is None:
            return None
        phases = [phase for phase in (PLANNED, ESTIMATED) if phase in set(self.obiettivi["fase"])]
        if len(phases) == 2:
            return budget(self.obiettivi, rows="centro", phases=phases, title="Obiettivo")
        frame = self.obiettivi.rename(columns={"centro": "voce"}).assign(titolo="")
        return budgets.single(frame, phases[0], "Obiettivo")

    @property
    def due_fasi(self) -> pd.DataFrame | None:
        """The goals, where both phases are published."""
        return None if self.obiettivi is None or self.obiettivi["fase"].nunique() < 2 else self.obiettivi
