"""The budget of a plan beside the year before: what was estimated of it, and how its budget changed on the way."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property

import pandas as pd

from annuario.figures import Absent, Figure, Said, Year
from annuario.notebook import Chapter
from annuario.tables import Table
from annuario.words import numbers, phrases
from cremasca import plan_years
from cremasca.budgets import ESTIMATED, PLANNED
from cremasca.plan import CHANGE, ZERO, numbered
from cremasca.plan_facts import counted, more, named, printed, step

AIM = phrases.Noun("obiettivo", "obiettivi")
TOTAL = "bilancio_aree/{}/totale"
#: Reason for the share of an estimate, printed below it.
ESTIMATE = "Il preconsuntivo è una stima fatta prima della chiusura dell’esercizio, il budget è quello riportato nello stesso piano."


class Confronto:
    """The budget of the year and the estimate of the one before, by goal, as the plan prints them."""

    def __init__(self, libro: Chapter):
        self.libro, self.year = libro, libro.year
        self._frame = plan_years.comparison(libro)
        self._goals = self._frame[self._frame["centro"] != "totale"]
        self._revised = plan_years.revised(libro)
        planned, estimated = (
            printed(libro, libro.book, libro.year, TOTAL.format(phase)) for phase in (PLANNED, ESTIMATED)
        )
        self.budget = planned
        self.stima, self.budget_prima = estimated.nel(libro.year - 1), planned.nel(libro.year - 1)
        self.iniziale = printed(libro, libro.book, libro.year - 1, TOTAL.format(PLANNED)).nel(libro.year - 1)

    @property
    def prima(self) -> Year:
        """The year before."""
        return Year(self.year - 1)

    def _absent(self, why: str) -> Absent:
        return Absent("confronto", self.year, why)

    # -- the estimate and the budget

    @property
    def andamento(self) -> Said:
        """``, in aumento del 13,7 % rispetto al preconsuntivo 2020``."""
        return Said(f", {phrases.change(self.budget.valore, self.stima.valore, f'preconsuntivo {self.prima}')}")

    @property
    def scarto(self) -> Said:
        """By how much the budget is above the estimate: ``€ 1.504.399,79 in più``."""
        return more(self.budget, self.stima)

    @cached_property
    def _steps(self) -> dict[str, Decimal]:
        frame = plan_years.changes(self._frame, self.year)
        return dict(zip(frame["nome"], frame["valore"]))

    def _counted(self, what: str, number: int, noun: phrases.Noun = AIM, zero: bool = True) -> Figure:
        return counted(f"confronto/{what}", number, self.year, noun, zero and len(self._goals) > 0)

    @property
    def crescono(self) -> Figure:
        """How many goals have more than what was estimated for the year before."""
        return self._counted("crescono", sum(gap > 0 for gap in self._steps.values()))

    @property
    def calano(self) -> Figure:
        """How many have less."""
        return self._counted("calano", sum(gap < 0 for gap in self._steps.values()))

    @property
    def aumento(self) -> Said:
        """The goal that grows most: ``«Obiettivo 6: …» (+€ 1.231.273,55)``; absent where none grows."""
        return named(dict(sorted(_above(self._steps, 1).items(), key=lambda pair: -pair[1])[:1]), step)

    @property
    def calo(self) -> Said:
        """The goal that falls most; absent where none falls."""
        return named(dict(sorted(_above(self._steps, -1).items(), key=lambda pair: pair[1])[:1]), step)

    @property
    def cause(self) -> Figure:
        """How many changes the document gives the cause of; absent without any."""
        return self._counted("cause", int(self._goals["causa"].map(bool).sum()), CHANGE, zero=False)

    @property
    def esattezza(self) -> Said:
        """Whether the printed changes are right: ``sono la differenza esatta…``; absent where none is printed."""
        known = [row for row in self._goals.to_dict("records") if row["variazione"] is not None]
        if not known:
            raise self._absent("nessuna variazione stampata")
        wrong = [
            f"«{row['nome']}»" for row in known if row["variazione"] != (row["ora"] or ZERO) - (row["stima"] or ZERO)
        ]
        return Said(
            f"non tornano per {phrases.listing(wrong)}" if wrong else "sono la differenza esatta fra i due importi"
        )

    @property
    def senza_totale(self) -> Said:
        """``; quella del totale non è stampata``; empty where it is."""
        total = self._frame.loc[self._frame["centro"] == "totale", "variazione"]
        return Said("; quella del totale non è stampata" if total.isna().all() else "")

    @property
    def somme(self) -> Said:
        """``fanno i totali stampati``, or by how much they differ; absent without a comparison."""
        self.stima.valore
        gaps = {
            name: sum((value for value in self._goals[column] if value is not None), ZERO) - total.valore
            for name, column, total in (("preconsuntivo", "stima", self.stima), ("budget", "ora", self.budget))
        }
        told = phrases.listing([f"{step(gap)} per il {name}" for name, gap in gaps.items() if gap])
        return Said(f"differiscono dai totali stampati di {told}" if told else "fanno i totali stampati")

    def tabella(self) -> Table | None:
        """The comparison as printed; None where there is none."""
        return plan_years.comparison_table(self._frame, self.year)

    @property
    def importi(self) -> pd.DataFrame | None:
        """Estimate and budget of each goal, for a chart; None without a comparison."""
        return plan_years.paired(self._frame, {"stima": self.year - 1, "ora": self.year}) if len(self._frame) else None

    @property
    def titoli(self) -> dict[int, str]:
        """What the two amounts are called."""
        return {self.year - 1: f"Preconsuntivo {self.prima}", self.year: f"Budget {self.year}"}

    @property
    def variazioni(self) -> pd.DataFrame | None:
        """The changes of the goals, for a chart; None where nothing changes."""
        frame = plan_years.changes(self._frame, self.year)
        return frame.assign(nome=frame["nome"].map(numbered)) if len(frame) else None

    # -- what was spent of the budget before

    @cached_property
    def realizzazione(self) -> Figure:
        """The share of the budget of the year before that is estimated to be spent."""
        return self.stima.quota(self.budget_prima, perche=ESTIMATE)

    @cached_property
    def _shares(self) -> dict[str, Decimal]:
        rows = self._goals.to_dict("records")
        return {
            row["nome"]: row["stima"] / row["budget_prima"] * 100
            for row in rows
            if row["budget_prima"] and row["stima"] is not None
        }

    @property
    def minima(self) -> Said:
        """The goal that spends least of its budget: ``«Obiettivo 9: …» (22,2 %)``."""
        return named(dict(sorted(self._shares.items(), key=lambda pair: pair[1])[:1]), numbers.percent)

    @property
    def uguali(self) -> Figure:
        """For how many goals the estimate is the budget."""
        return self._counted("uguali", sum(share == 100 for share in self._shares.values()))

    @property
    def confrontati(self) -> Figure:
        """How many goals have both."""
        return self._counted("confrontati", len(self._shares), zero=False)

    @property
    def realizzazioni(self) -> pd.DataFrame | None:
        """Budget and estimate of the year before by goal, for a chart; None where the plan prints no such budget."""
        titles = {"budget_prima": "budget", "stima": ESTIMATED}
        return plan_years.paired(self._frame, titles) if self.budget_prima.nota and len(self._frame) else None

    # -- how the budget before changed

    @property
    def aggiornamento(self) -> Said:
        """By how much this plan's budget of the year before is above that of its own plan."""
        return more(self.budget_prima, self.iniziale)

    @property
    def revisioni(self) -> Said:
        """The three goals whose budget changed most."""
        moves = {
            row["nome"]: row["assestato"] - row["iniziale"]
            for row in self._revised.to_dict("records")
            if row["centro"] != "totale" and row["assestato"] != row["iniziale"]
        }
        return named(dict(sorted(moves.items(), key=lambda pair: -abs(pair[1]))[:3]), step)

    def tabella_assestato(self) -> Table | None:
        """The budget of the year before in its own plan and in this one; None where either is not published."""
        titles = {"iniziale": f"Piano {self.prima}", "assestato": f"Piano {self.year}"}
        return plan_years.compared(self._revised, titles, "Obiettivo")


def _above(steps: dict[str, Decimal], sign: int) -> dict[str, Decimal]:
    """The steps up (``sign`` 1) or down (-1)."""
    return {name: gap for name, gap in steps.items() if gap * sign > 0}
