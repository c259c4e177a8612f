"""A budget card as figures: what was planned, what was spent, and which of its lines stand out."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cached_property

import pandas as pd

from annuario.data.corrections import COLUMN
from annuario.data.nature import FLOW, Nature
from annuario.figures import Absent, Figure, Said
from annuario.figures.source import as_printed
from annuario.notebook import Chapter
from annuario.tables import Column, Table
from annuario.words import numbers, phrases
from cremasca import budgets
from cremasca.budgets import PLANNED, SPENT, ZERO
from cremasca.counts import some

LINE = phrases.Noun("voce", "voci", feminine=True)
PLANNED_LINE = phrases.Noun("voce prevista", "voci previste", feminine=True)


class Righe:
    """The lines of cards whose outcome is published, one row each (``budgets.Card.lines``); absent without any."""

    def __init__(self, code: str, year: int, lines: pd.DataFrame, ledger: str = ""):
        self.code, self.year, self.ledger = code, year, ledger
        self._all = lines

    @cached_property
    def _lines(self) -> pd.DataFrame:
        if self._all.empty:
            raise Absent(f"{self.code}: voci", self.year)
        return self._all

    def _resting(self, text: str, line: pd.Series) -> Said:
        """Words about a line, with what the ledger says of it."""
        said = Said(text)
        said.corrections = tuple(replace(one, unit="EUR", chapter=self.ledger) for one in line[COLUMN])
        return said

    def _absent(self, what: str) -> Absent:
        return Absent(f"{self.code}: {what}", self.year, "nessuna")

    @property
    def oltre(self) -> Said:
        """How many lines spent more than planned: ``33 voci su 181 superano``, ``nessuna voce su 4 supera``."""
        over = sum(bool(gap and gap > 0) for gap in self._lines["scostamento"])
        lines = phrases.count(over, LINE, words=over == 1)
        return Said(f"{lines} su {len(self._lines)} {phrases.inflected(over, 'supera', 'superano')}")

    # -- without spending, without a plan

    @cached_property
    def _idle(self) -> pd.DataFrame:
        """The lines with an amount in the plan and nothing in the outcome, largest first."""
        idle = self._lines[PLANNED].map(bool) & self._lines[SPENT].map(lambda value: value is not None and value == 0)
        return self._lines[idle].sort_values(PLANNED, ascending=False, kind="stable")

    @cached_property
    def _extra(self) -> pd.DataFrame:
        """The lines with nothing in the plan and an amount in the outcome."""
        return self._lines[~self._lines[PLANNED].map(bool) & self._lines[SPENT].map(bool)]

    @property
    def ferme(self) -> Figure:
        """How many planned lines spent nothing; absent without any."""
        if self._idle.empty:
            raise self._absent("senza spesa")
        number = {self.year: Decimal(len(self._idle))}
        return Figure(f"{self.code}: senza spesa", number, self.year, Nature("numero", noun=PLANNED_LINE))

    @property
    def valore_ferme(self) -> Figure:
        """What was planned for them; absent without any."""
        planned = {self.ferme.year: sum(self._idle[PLANNED], ZERO)}
        return Figure(f"{self.code}: previsto senza spesa", planned, self.year, Nature("EUR", FLOW, basis=PLANNED))

    @property
    def tabella_ferme(self) -> Table | None:
        """Them with the action that they belong to, since several have the same name; None without any."""
        if self._all.empty or self._idle.empty:
            return None
        actions = [title.split(": ", 1)[-1] for title in self._idle["titolo"]]
        printed = self._idle.assign(attivita=actions, importo=[numbers.euro(value) for value in self._idle[PLANNED]])
        columns = [Column("nome", "Voce"), Column("attivita", "Azione"), Column("importo", "Preventivo", right=True)]
        return Table(printed, columns, rests=self._idle)

    @property
    def eccezioni(self) -> Said:
        """``; restano senza spesa tre voci previste (€ 3.000,00); non era prevista quella per «…» (€ 35.106,72)``.

        Empty where all planned lines spent and all that spent were planned.
        """
        text = ""
        if len(self._idle) == 1:
            text += f"; resta senza spesa la voce {_one(self._idle, PLANNED)}"
        elif len(self._idle):
            text += f"; restano senza spesa {_several(self._idle, PLANNED, PLANNED_LINE)}"
        if len(self._extra) == 1:
            text += f"; non era prevista la spesa per {_one(self._extra, SPENT)}"
        elif len(self._extra):
            text += f"; non era prevista la spesa di {_several(self._extra, SPENT, LINE)}"
        return Said(text)

    # -- the largest deviation

    @cached_property
    def _farthest(self) -> pd.Series:
        moved = self._lines[self._lines["scostamento"].map(bool)]
        if moved.empty:
            raise self._absent("scostamenti")
        return moved.loc[moved["scostamento"].map(abs).astype(float).idxmax()]

    @property
    def scostata(self) -> Said:
        """The name of the line farthest from its plan."""
        return Said(self._farthest["breve"])

    @property
    def scarto(self) -> Said:
        """By how much: ``−€ 35.643,85``."""
        return self._resting(numbers.signed(self._farthest["scostamento"], "EUR"), self._farthest)

    # -- for the charts

    def lontane(self, count: int) -> pd.DataFrame | None:
        """The lines farthest from their plan, as a long frame of the two phases."""
        known = self._all[self._all["scostamento"].notna()]
        order = known["scostamento"].map(abs).sort_values(ascending=False, kind="stable").index[:count]
        return _long(known.loc[order])

    def maggiori(self, count: int) -> pd.DataFrame | None:
        """The lines with the largest outcome, none at zero, as a long frame of the two phases."""
        amounts = self._all[SPENT].map(lambda value: value or ZERO).sort_values(ascending=False, kind="stable")
        return _long(self._all.loc[amounts[amounts > 0].index[:count]])


class Scheda(Righe):
    """A card of the edition's year. Where nothing is published everything is absent."""

    def __init__(self, libro: Chapter, name: str, title: str):
        self.card = budgets.card(libro, name)
        lines = self.card.lines
        super().__init__(f"bilancio/{name}", libro.year, lines if self.card.closed else lines.iloc[:0], libro.ledger)
        self.libro, self.name = libro, name
        self.previsto, self.speso = (
            replace(libro.cifra(f"bilancio/{phase}/totale/{name}/totale/totale"), name=title)
            for phase in (PLANNED, SPENT)
        )

    @cached_property
    def quota(self) -> Figure:
        """What was spent of what was planned, in percent."""
        return budgets.execution(self.speso, self.previsto)

    @cached_property
    def personale(self) -> Figure:
        """The sum of the lines whose printed nature is the cost of staff; absent where there is none."""
        frame = self.card.parts
        lines = frame[(frame["fase"] == SPENT) & frame["natura"].str.match("Costo (?:del |di )?personale")]
        cost = sum(lines["valore"], ZERO)
        series = {self.year: cost} if cost else {}
        nature = Nature("EUR", FLOW, basis=SPENT)
        kept = budgets.rows(self.libro, lines)
        return Figure(f"{self.code}: personale", series, self.year, nature, rows=kept, printed=as_printed(series, kept))

    @cached_property
    def quota_personale(self) -> Figure:
        """Their share of what the card spent."""
        return self.personale.quota(self.speso)

    def tabella(self) -> Table | None:
        """The card as printed, with the differences; None where nothing is published."""
        return self.card.table()

    # -- actions

    @property
    def azioni(self) -> pd.DataFrame | None:
        """The sums of the lines of each action, both phases; None without an outcome."""
        return some(self.card.actions) if self.card.closed else None

    def azioni_maggiori(self, count: int) -> pd.DataFrame | None:
        """The actions with most spending, from the largest, both phases."""
        sums = self.azioni
        if sums is None:
            return None
        order = sums[sums["fase"] == SPENT].sort_values("valore", ascending=False, kind="stable")["azione"].head(count)
        places = {action: place for place, action in enumerate(order)}
        kept = sums[sums["azione"].isin(places)]
        return kept.sort_values("azione", key=lambda codes: codes.map(places), kind="stable")

    @property
    def prima_azione(self) -> Said:
        """The actions with most spending: ``«Azione 1: …», seguita da «…» e «…»``; absent where none is first alone."""
        if self.azioni is None:
            raise self._absent("azioni")
        sums = self.azioni[self.azioni["fase"] == SPENT]
        if list(sums["valore"]).count(max(sums["valore"], default=ZERO)) != 1:
            raise self._absent("azioni")
        return Said(phrases.ranking({f"«{name}»": value for name, value in zip(sums["nome"], sums["valore"])}, 3, "fs"))

    # -- what does not add up

    @property
    def mancano(self) -> Said:
        """What the lines lack of the printed total: ``€ 5.642,46 a preventivo e…``; absent without."""
        gaps = {phase: -self.card.gap(phase) for phase in self.card.phases}
        told = [f"{numbers.euro(gap)} a {phase}" for phase, gap in gaps.items() if gap > 1]
        if not told:
            raise self._absent("differenze")
        return Said(phrases.listing(told))


def _one(lines: pd.DataFrame, phase: str) -> str:
    return f"«{lines['breve'].iloc[0]}» ({numbers.euro(lines[phase].iloc[0])})"


def _several(lines: pd.DataFrame, phase: str, noun: phrases.Noun) -> str:
    return f"{phrases.count(len(lines), noun, words=True)} ({numbers.euro(sum(lines[phase], ZERO))})"


def _long(lines: pd.DataFrame) -> pd.DataFrame | None:
    """Lines as one row a line and phase, in their order; None where there is none."""
    if lines.empty:
        return None
    lines = lines[["voce", "breve", PLANNED, SPENT, COLUMN]].rename(columns={"breve": "nome"})
    places = {name: place for place, name in enumerate(lines["voce"])}
    long = lines.melt(["voce", "nome", COLUMN], [PLANNED, SPENT], "fase", "valore")
    return long.sort_values("voce", key=lambda names: names.map(places), kind="stable")
