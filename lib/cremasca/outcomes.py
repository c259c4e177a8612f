"""What became of what a plan promised: budget, lines and goals beside what later documents say of the year."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cached_property

import pandas as pd

from annuario.figures import Absent, Figure, Said
from annuario.notebook import Chapter
from annuario.tables import Table
from annuario.words import numbers, phrases
from cremasca import plan_cards, plan_years, promises
from cremasca.budgets import PLANNED, SPENT, areas
from cremasca.counts import some
from cremasca.plan import CHANGE, LINE, ZERO
from cremasca.plan_facts import amount, counted, more, named, printed, step
from cremasca.promises import BOTH, PLAN_ONLY, REPORT, REPORT_ONLY

TOTAL = "bilancio_aree/{}/totale"
#: Reasons for shares of two bases, printed below them.
SPENDING = (
    "Il piano è la previsione a inizio d’anno; il consuntivo è la spesa che la relazione dichiara a esercizio chiuso."
)


class Area:
    """The lines of the plan in some cards, and what the report says of them."""

    def __init__(self, name: str, lines: pd.DataFrame, cards: list[str] | None, names: dict[str, str], year: int):
        self.name = f"promesso-fatto/{name}"
        self.year = year
        self._names = names
        self._both, self._alone = (promises.where(lines, place, cards) for place in (BOTH, PLAN_ONLY))

    def _sum(self, column: str, basis: str) -> Figure:
        value = promises.total(self._both, column) if len(self._both) else None
        return amount(f"{self.name}/{column}", value, self.year, basis)

    @cached_property
    def piano(self) -> Figure:
        """What the plan meant for the lines that the report has too."""
        return self._sum("piano", PLANNED)

    @cached_property
    def preventivo(self) -> Figure:
        """What the report's own budget has for them."""
        return self._sum(PLANNED, PLANNED)

    @cached_property
    def spesa(self) -> Figure:
        """What was spent on them."""
        return self._sum(SPENT, SPENT)

    @cached_property
    def quota(self) -> Figure:
        """The share of the plan that was spent; the reason stands once, at the share of the whole."""
        return replace(self.spesa.quota(self.piano, perche=SPENDING), reasons=())

    @property
    def quante(self) -> Said:
        """``34 su 37``, ``tutte e quattro``: how many lines of the plan the report has."""
        self.piano.valore
        both, all_ = len(self._both), len(self._both) + len(self._alone)
        return Said(f"{both} su {all_}" if both < all_ else f"tutte e {phrases.spelled(all_, True)}")

    @cached_property
    def _moved(self) -> list[dict]:
        return [row for row in self._both.to_dict("records") if row[SPENT] is not None and row[SPENT] != row["piano"]]

    @property
    def scostamento(self) -> Said:
        """The line whose outcome is farthest from the plan: ``«…» (−€ 193.913,24)``; absent where none is."""
        if not self._moved:
            raise Absent(self.name, self.year, "nessuno scostamento")
        far = max(self._moved, key=lambda row: abs(row[SPENT] - row["piano"]))
        return named({far["breve"]: far[SPENT] - far["piano"]}, step)

    @property
    def ferme(self) -> Said:
        """``; restano senza spesa quattro voci, per € 38.000,00 previsti``; empty where there are none."""
        idle = [row for row in self._moved if row["piano"] and not row[SPENT]]
        if not idle:
            return Said("")
        worth = numbers.euro(sum((row["piano"] for row in idle), ZERO))
        if len(idle) == 1:
            return Said(f"; resta senza spesa la voce «{idle[0]['breve']}», per {worth} previsti")
        return Said(f"; restano senza spesa {phrases.count(len(idle), LINE, words=True)}, per {worth} previsti")

    def tabella(self) -> Table | None:
        """The lines with plan, budget, outcome and their difference; None without lines."""
        return promises.table(self._both, self._names)


class Esiti:
    """The whole plan and its outcome; ``aree`` are those of the budget."""

    def __init__(self, libro: Chapter):
        self.libro, self.year = libro, libro.year
        cards = plan_cards.cards(libro)
        self._names = {name: card.title for name, card in cards.items()}
        self._lines = promises.lines(libro, cards)
        self._cards = promises.cards_compared(libro, cards)
        self.piano = libro.cifra(TOTAL.format(PLANNED))
        self.preventivo = printed(libro, REPORT, self.year, TOTAL.format(PLANNED))
        self.consuntivo = printed(libro, REPORT, self.year, TOTAL.format(SPENT))
        self.trovate = Area("trovate", self._lines, None, self._names, self.year)
        self.aree = [Area(name, self._lines, of, self._names, self.year) for name, of in areas(libro.package).items()]

    def _counted(self, what: str, number: int, noun: phrases.Noun, zero: bool = False) -> Figure:
        return counted(f"promesso-fatto/{what}", number, self.year, noun, zero)

    # -- card by card

    @cached_property
    def quota_spesa(self) -> Figure:
        """The share of the plan that was spent."""
        return self.consuntivo.quota(self.piano, perche=SPENDING)

    @cached_property
    def quota_preventivo(self) -> Figure:
        """The share of the report's own budget that was spent."""
        return replace(self.consuntivo.quota(self.preventivo, perche=SPENDING), reasons=())

    @property
    def variazione(self) -> Said:
        """By how much the report's budget is above the plan: ``€ 1.060.365,66 in più``."""
        return more(self.preventivo, self.piano)

    @property
    def scarto(self) -> Said:
        """By how much the spending is above the plan: ``€ 732.757,76 in più``."""
        return more(self.consuntivo, self.piano)

    @cached_property
    def _gradi(self) -> dict[str, Decimal]:
        return shares(self._cards, SPENT)

    @property
    def oltre(self) -> Said:
        """The cards that spent more than planned, with their shares; ``nessuna scheda``."""
        self.consuntivo.valore
        over = {name: share for name, share in self._gradi.items() if share > 100}
        return named(over, numbers.percent) if over else Said("nessuna scheda")

    @property
    def massima(self) -> Said:
        """The card that exceeds the plan most: ``«Servizio Inserimento Lavorativo» (119,7 %)``; absent where none does."""
        return extreme({name: share for name, share in self._gradi.items() if share > 100}, max)

    @property
    def minima(self) -> Said:
        """The card that spends least of what was planned."""
        return extreme(self._gradi, min)

    def tabella_schede(self) -> Table | None:
        """Plan, budget and outcome of each card."""
        return plan_years.compared(
            self._cards, {"piano": "Piano", PLANNED: "Preventivo", SPENT: "Consuntivo"}, "Scheda"
        )

    @property
    def schede(self) -> pd.DataFrame | None:
        """Plan and outcome of each card, for a chart."""
        return some(plan_years.paired(self._cards, {"piano": "piano", SPENT: SPENT}))

    # -- line by line

    def _place(self, *places: str) -> pd.DataFrame:
        if not len(self._lines):
            raise Absent("promesso-fatto", self.year, "nessuna relazione")
        return self._lines[self._lines["dove"].isin(places)]

    def _many(self, what: str, *places: str, zero: bool = True) -> Figure:
        number = len(self._place(*places)) if len(self._lines) else 0
        return self._counted(what, number, LINE, zero and len(self._lines) > 0)

    @property
    def nel_piano(self) -> Figure:
        """How many lines are read in the plan."""
        return self._many("nel-piano", BOTH, PLAN_ONLY)

    @property
    def nella_relazione(self) -> Figure:
        """How many are in the report."""
        return self._many("nella-relazione", BOTH, REPORT_ONLY)

    @property
    def in_entrambi(self) -> Figure:
        """How many are in both."""
        return self._many("in-entrambi", BOTH)

    @property
    def solo_piano(self) -> Figure:
        """How many are in the plan alone."""
        return self._many("solo-piano", PLAN_ONLY, zero=False)

    @property
    def solo_relazione(self) -> Figure:
        """How many are in the report alone."""
        return self._many("solo-relazione", REPORT_ONLY, zero=False)

    @property
    def importo_solo_piano(self) -> Figure:
        """What the plan meant for those that the report has not."""
        return amount("promesso-fatto/solo-piano", promises.total(self._place(PLAN_ONLY), "piano"), self.year, PLANNED)

    @property
    def a_zero(self) -> Figure:
        """How many of them were at zero already; absent where none was."""
        return self._counted("a-zero", int((self._place(PLAN_ONLY)["piano"] == 0).sum()), LINE)

    @property
    def spesa_solo_relazione(self) -> Figure:
        """What was spent on those that the plan has not."""
        return amount(
            "promesso-fatto/solo-relazione", promises.total(self._place(REPORT_ONLY), SPENT), self.year, SPENT
        )

    @cached_property
    def _unseen(self) -> pd.DataFrame:
        self._place(REPORT_ONLY)
        return promises.unseen(self._lines)

    @property
    def non_lette(self) -> Figure:
        """How many of these belong to actions of which no line is read in the plan."""
        return self._counted("non-lette", len(self._unseen), LINE)

    @property
    def spesa_non_lette(self) -> Figure:
        """What was spent on them."""
        return amount("promesso-fatto/non-lette", promises.total(self._unseen, SPENT), self.year, SPENT)

    @property
    def maggiore(self) -> Said:
        """The one with most spending: ``«SAAP», passata da un preventivo di € 3.000.000,00 a un consuntivo di…``."""
        known = [row for row in self._place(REPORT_ONLY).to_dict("records") if row[SPENT] and row[PLANNED] is not None]
        if not known:
            raise Absent("promesso-fatto", self.year, "nessuna voce")
        row = max(known, key=lambda row: row[SPENT])
        planned, spent = numbers.euro(row[PLANNED]), numbers.euro(row[SPENT])
        return Said(f"«{row['breve']}», passata da un preventivo di {planned} a un consuntivo di {spent}")

    @cached_property
    def _moves(self) -> dict[str, int]:
        self._place(BOTH)
        return promises.moved(self._lines)

    @property
    def uguali(self) -> Figure:
        """How many lines the report's budget leaves as the plan has them."""
        return self._counted("uguali", self._moves["uguali"], CHANGE, zero=True)

    @property
    def aumentate(self) -> Figure:
        """How many it raises."""
        return self._counted("aumentate", self._moves["su"], CHANGE, zero=True)

    @property
    def ridotte(self) -> Figure:
        """How many it lowers."""
        return self._counted("ridotte", self._moves["giu"], CHANGE, zero=True)

    @property
    def senza_preventivo(self) -> Said:
        """``; in due la relazione non lo stampa``; empty where it prints them all."""
        number = self._moves["senza"]
        return Said(f"; in {phrases.spelled(number, True)} la relazione non lo stampa" if number else "")

    def conteggio(self) -> Table | None:
        """How many lines of each card are in the plan, in the report, in both."""
        return promises.counts(self._lines, self._names)

    @property
    def scostamenti(self) -> pd.DataFrame | None:
        """The ten lines farthest from the plan, for a chart."""
        return some(promises.widest(self._lines, 10))

    def senza_riscontro(self, dove: str) -> Table | None:
        """The lines of the plan alone (``piano``), or of the report alone (``relazione``)."""
        return promises.unmatched(promises.where(self._lines, dove), self._names)


def shares(frame: pd.DataFrame, column: str) -> dict[str, Decimal]:
    """A column of each card or goal in percent of what the plan meant for it, the total apart."""
    return {
        row["nome"]: row[column] / row["piano"] * 100
        for row in frame.to_dict("records")
        if row["centro"] != "totale" and row["piano"] and row[column] is not None
    }


def extreme(found: dict[str, Decimal], pick) -> Said:
    """The name with the largest or the smallest share: ``«Area Progettazione» (51,9 %)``; absent without any."""
    name = pick(found, key=found.get, default="")
    return named({name: found[name]} if name else {}, numbers.percent)
