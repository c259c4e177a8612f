"""How the goals of the year came out: counts and shares by scope, and the goals not reached by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, partial

import pandas as pd

from annuario.charts import Chart
from annuario.data.nature import FACT, Nature
from annuario.figures import Absent, Figure, Figures, Said, Year
from annuario.notebook import Chapter
from annuario.tables import Table
from annuario.words import phrases
from cremasca import goals
from cremasca.counts import counted

_GOALS = Nature("numero", FACT, noun=phrases.NOUNS["obiettivi"])
#: What is said of one goal with an outcome, and of several.
_WORDS = {
    "raggiunto": ("raggiunto", "raggiunti"),
    "in-corso": ("in corso", "in corso"),
    "non-raggiunto": ("non raggiunto", "non raggiunti"),
}


class Ambito:
    """The goals of one scope, or of all."""

    def __init__(self, libro: Chapter, frame: pd.DataFrame, name: str = ""):
        self.libro, self.frame, self.nome = libro, frame, name
        self._judged = goals.judged(frame)

    def _count(self, code: str, frame: pd.DataFrame, known: bool) -> Figure:
        keys = ["ambito", "numero", "obiettivo", "obiettivo_operativo", "indicatore"]
        return counted(self.libro, f"obiettivi/{code}", frame, keys, _GOALS, known, self.nome)

    def _with(self, outcome: str) -> Figure:
        """How many have an outcome; absent where none is declared."""
        return self._count(outcome, self._judged[self._judged["esito"] == outcome], len(self._judged) > 0)

    @cached_property
    def valutati(self) -> Figure:
        """The goals whose outcome is declared; absent without any."""
        return self._count("valutati", self._judged, len(self._judged) > 0)

    @cached_property
    def senza_esito(self) -> Figure:
        """The goals that are listed, where the outcome of none is declared."""
        return self._count("senza-esito", self.frame, len(self.frame) > 0 and self._judged.empty)

    @cached_property
    def raggiunti(self) -> Figure:
        """The goals reached."""
        return self._with("raggiunto")

    @cached_property
    def quota_raggiunti(self) -> Figure:
        """The share of the goals reached, of those with an outcome."""
        return self.raggiunti.quota(self.valutati)

    @property
    def esiti(self) -> Said:
        """``7 raggiunti e 2 non raggiunti``, ``tutti raggiunti``."""
        whole = self.valutati.valore
        found = {outcome: int(self._with(outcome).valore) for outcome in goals.OUTCOMES}
        told = [f"{number} {_WORDS[outcome][number != 1]}" for outcome, number in found.items() if number]
        if len(told) == 1 and whole > 1:
            told = [f"tutti {told[0].partition(' ')[2]}"]
        return Said(phrases.listing(told)).of(self.valutati)

    def _missed(self, told: Callable) -> Said:
        figure = self._with("non-raggiunto")
        rows = self._judged[self._judged["esito"] == "non-raggiunto"]
        if rows.empty:
            raise Absent(figure.code, figure.year, "nessuno")
        names = [told(row) for row in rows.itertuples()]
        return Said(f"{'l’obiettivo' if len(names) == 1 else 'gli obiettivi'} {phrases.listing(names)}").of(figure)

    @property
    def nomi_mancati(self) -> Said:
        """The goals not reached: ``gli obiettivi «…» e «…»``; absent without any."""
        return self._missed(lambda row: f"«{row.obiettivo}»")

    @property
    def mancati(self) -> Said:
        """The same, each with the company's remark on it, if any."""
        return self._missed(goals.with_remark)

    @property
    def tabella(self) -> Table | None:
        """The goals with indicator, expected value, outcome and remark."""
        return goals.table(self.frame)


class Obiettivi(Ambito):
    """The goals of the year, as an edition sees them."""

    def __init__(self, libro: Chapter):
        super().__init__(libro, goals.goals(libro))
        self._scopes = goals.scopes(libro)
        self.strategici, self.servizi = self._of("strategici"), self._of("servizi-aziendali")
        self.associata, self.progettazione = self._of("gestione-associata"), self._of("progettazione")
        self.piano = self._of("ufficio-di-piano")

    def _of(self, scope: str) -> Ambito:
        return Ambito(self.libro, goals.of(self.frame, scope), self._scopes[scope].nome)

    # -- what the documents give: the year, or absence

    @property
    def con_esito(self) -> Year:
        """The year, where outcomes are declared."""
        self.valutati.valore
        return self.libro.anno

    @property
    def elencati(self) -> Year:
        """The year, where goals are listed without outcome."""
        self.senza_esito.valore
        return self.libro.anno

    @property
    def non_pubblicati(self) -> Year:
        """The year, where no document gives its goals."""
        if len(self.frame):
            raise Absent("obiettivi", self.libro.year, "pubblicati")
        if self.libro.draft:
            raise Absent("obiettivi", self.libro.year)
        return self.libro.anno

    # -- by scope

    @cached_property
    def ambiti(self) -> Figures:
        """The share of the goals reached of each scope with outcomes."""
        judged = self._scopes.ordered(self._judged["ambito"])
        make = {scope: partial(self._share, self._of(scope)) for scope in judged}
        return Figures("obiettivi/ambiti", make, self.libro.year)

    def _share(self, scope: Ambito) -> Figure:
        return replace(scope.quota_raggiunti, name=scope.nome)

    @property
    def strategici_raggiunti(self) -> Figure:
        """The strategic goals reached, where there are others; else absent."""
        if len(self.ambiti) < 2:
            raise Absent("obiettivi/strategici", self.libro.year, "un solo ambito")
        return self.strategici.raggiunti

    @property
    def per_esito(self) -> Table | None:
        """How many goals of each scope have each outcome; None with one scope alone."""
        return goals.counts(self.libro, self.frame) if len(self.ambiti) > 1 else None

    @property
    def proporzioni(self) -> Chart | None:
        """The same as parts of a whole."""
        return goals.chart(self.libro, self.frame) if len(self.ambiti) > 1 else None

    @property
    def riepilogo(self) -> Table | None:
        """The percentages that the document prints."""
        return goals.summary(self.libro)
