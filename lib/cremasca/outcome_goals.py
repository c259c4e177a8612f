"""The goals of a plan and their outcome in the report; and the year as the next plan tells it, where there is no report."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cached_property

import pandas as pd

from annuario.charts import Chart
from annuario.figures import Absent, Figure, Said, Year
from annuario.notebook import Chapter
from annuario.tables import Table
from annuario.words import phrases
from cremasca import goals, indicator_grids, plan_years, promised_goals, promises
from cremasca.budgets import ESTIMATED, PLANNED
from cremasca.outcomes import TOTAL, extreme, shares
from cremasca.plan import INDICATOR
from cremasca.plan_facts import counted, named, printed, step
from cremasca.promises import BOTH, PLAN_ONLY, REPORT, REPORT_ONLY

STRATEGIC = "strategici"
GOAL = phrases.Noun("obiettivo strategico", "obiettivi strategici")
ROW = phrases.Noun("riga", "righe", feminine=True)
#: Reason for the share of an estimate, printed below it.
ESTIMATE = "La spesa è quella stimata dal piano seguente prima della chiusura dell’esercizio, non il consuntivo."


class Mete:
    """The goals that the plan set, with the outcome that the report declares for the same words."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self._goals = promised_goals.aims(libro)
        self._both, self._alone, self._new = (
            self._goals[self._goals["dove"] == place] for place in (BOTH, PLAN_ONLY, REPORT_ONLY)
        )
        self._strategic = goals.of(self._goals[self._goals["dove"] != REPORT_ONLY], STRATEGIC)

    def _counted(self, what: str, number: int, noun: phrases.Noun = INDICATOR, zero: bool = True) -> Figure:
        return counted(f"promesso-fatto/{what}", number, self.libro.year, noun, zero and len(self._goals) > 0)

    @property
    def indicatori(self) -> Figure:
        """How many indicators the plan has."""
        return self._counted("indicatori", len(self._both) + len(self._alone))

    @property
    def con_esito(self) -> Figure:
        """How many of them have an outcome in the report."""
        return self._counted("con-esito", len(self._both))

    @property
    def raggiunti(self) -> Figure:
        """How many of these are reached."""
        return self._counted("raggiunti", goals.count(self._both, "raggiunto"))

    @property
    def senza_esito(self) -> Figure:
        """How many have none; absent where all have."""
        return self._counted("senza-esito", len(self._alone), zero=False)

    @property
    def nuovi(self) -> Figure:
        """How many rows of the report the plan has not; absent without any."""
        return self._counted("nuovi", len(self._new), ROW, zero=False)

    def conteggio(self) -> Table | None:
        """How many indicators of each scope have an outcome."""
        return promised_goals.counts(self.libro, self._goals)

    def grafico(self) -> Chart | None:
        """The outcomes of each scope."""
        return goals.chart(self.libro, self._both)

    def senza_riscontro(self, dove: str) -> Table | None:
        """The goals of the plan alone (``piano``), or of the report alone (``relazione``)."""
        return promised_goals.table(self.libro, self._goals[self._goals["dove"] == dove])

    # -- the strategic ones

    @property
    def strategici(self) -> Figure:
        """How many strategic goals the plan has."""
        return self._counted("strategici", len(self._strategic), GOAL, zero=False)

    @property
    def strategici_con_esito(self) -> Figure:
        """How many of them have an outcome."""
        self.strategici.valore
        return self._counted("strategici-con-esito", int((self._strategic["dove"] == BOTH).sum()), GOAL)

    @property
    def strategici_raggiunti(self) -> Figure:
        """How many are reached."""
        return self._outcome("raggiunto")

    @property
    def strategici_in_corso(self) -> Figure:
        """How many are under way."""
        return self._outcome("in-corso")

    @property
    def strategici_mancati(self) -> Figure:
        """How many are not reached."""
        return self._outcome("non-raggiunto")

    def _outcome(self, outcome: str) -> Figure:
        self.strategici.valore
        return self._counted(f"strategici-{outcome}", goals.count(self._strategic, outcome), GOAL)

    @property
    def mancati(self) -> Said:
        """The strategic goals not reached, with the company's remark on each; absent without any."""
        rows = self._strategic[self._strategic["esito"] == "non-raggiunto"]
        if rows.empty:
            raise Absent("promesso-fatto/strategici", self.libro.year, "tutti raggiunti o in corso")
        remarks = [
            f" ({row.nota[0].lower()}{row.nota[1:].rstrip('.')})" if row.nota else "" for row in rows.itertuples()
        ]
        return Said(phrases.listing([f"«{name}»{remark}" for name, remark in zip(rows["obiettivo"], remarks)]))

    def tabella_strategici(self) -> Table | None:
        """The strategic goals with their outcome."""
        return goals.table(self._strategic)


class Seguito:
    """The year as the next plan tells it: the budget as revised and the outcome as estimated, by goal."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self._frame = promises.later(libro)
        self._grids = indicator_grids.grids(libro)
        self.piano = libro.cifra(TOTAL.format(PLANNED))
        self.aggiornato = printed(libro, libro.book, libro.year + 1, TOTAL.format(PLANNED))
        self.stima = printed(libro, libro.book, libro.year + 1, TOTAL.format(ESTIMATED))

    @property
    def anno(self) -> Year:
        """The year of the next plan; absent where it is not published or says nothing of this one."""
        self.stima.valore
        return Year(self.libro.year + 1)

    @property
    def senza_relazione(self) -> Year:
        """The year, where the next plan tells of it and no report does; absent otherwise."""
        self.stima.valore
        if printed(self.libro, REPORT, self.libro.year, TOTAL.format("consuntivo")).nota:
            raise Absent("promesso-fatto/seguito", self.libro.year, "c’è una relazione")
        return self.libro.anno

    @cached_property
    def quota(self) -> Figure:
        """The share of the plan that is estimated to be spent."""
        return self.stima.quota(self.piano, perche=ESTIMATE)

    @cached_property
    def quota_aggiornato(self) -> Figure:
        """The share of the revised budget; the reason stands at the share of the plan."""
        return replace(self.stima.quota(self.aggiornato, perche=ESTIMATE), reasons=())

    @cached_property
    def _shares(self) -> dict[str, Decimal]:
        return shares(self._frame, "stima")

    @property
    def minima(self) -> Said:
        """The goal whose estimate is lowest in the share of the plan: ``«Obiettivo 9: …» (18,9 %)``."""
        return extreme(self._shares, min)

    @property
    def massima(self) -> Said:
        """The goal whose estimate is highest."""
        return extreme(self._shares, max)

    @property
    def aggiornamenti(self) -> Said:
        """The three goals whose budget was revised most."""
        moves = {
            row["nome"]: row["assestato"] - row["piano"]
            for row in self._frame.to_dict("records")
            if row["centro"] != "totale" and row["assestato"] is not None
        }
        return named(dict(sorted(moves.items(), key=lambda pair: -abs(pair[1]))[:3]), step)

    def tabella(self) -> Table | None:
        """Plan, revised budget and estimate of each goal."""
        titles = {"piano": "Piano", "assestato": "Aggiornato", "stima": "Preconsuntivo"}
        return plan_years.compared(self._frame, titles, "Obiettivo")

    @property
    def confronto(self) -> pd.DataFrame | None:
        """Plan and estimate of each goal, for a chart."""
        return plan_years.paired(self._frame, {"piano": "piano", "stima": ESTIMATED}) if len(self._frame) else None

    @property
    def indicatori(self) -> Figure:
        """How many indicators the plan's grids list; absent without grids."""
        return counted("griglie/indicatori", indicator_grids.indicators(self._grids), self.libro.year, INDICATOR)

    @property
    def ripresi(self) -> Figure:
        """How many of them the next report prints with a value of the year."""
        return counted(
            "griglie/ripresi", indicator_grids.reported(self.libro, self._grids), self.libro.year, INDICATOR, zero=True
        )
