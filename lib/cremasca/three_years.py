"""The budget of a plan over its three years: how it goes, what changes, what the plan before had foreseen."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from annuario.figures import Absent, Figure, Figures, Said, Year
from annuario.notebook import Chapter
from annuario.tables import Table
from annuario.words import numbers, phrases
from cremasca import plan_years
from cremasca.budgets import PLANNED
from cremasca.plan import ZERO, numbered
from cremasca.plan_facts import counted, more, named, printed, step

AIM = phrases.Noun("obiettivo", "obiettivi")
AREA = phrases.Noun("area", "aree", feminine=True)
AMOUNT = phrases.Noun("importo", "importi")


class Triennio:
    """The plan's three years by goal or by area: the first is the budget, the others are a projection."""

    def __init__(self, libro: Chapter):
        self.libro, self.year = libro, libro.year
        self._frame = plan_years.multiyear(libro)
        self._parts = self._frame[self._frame["centro"] != "totale"]
        self.totale = printed(libro, libro.book, libro.year, f"bilancio_aree/{PLANNED}/totale")
        self.previsto = printed(libro, libro.book, libro.year - 1, f"bilancio_aree/{PLANNED}/totale")
        self._noun = AIM if self._parts["centro"].str.startswith("po2020-").any() else AREA

    def _absent(self, why: str) -> Absent:
        return Absent("pluriennale", self.year, why)

    @property
    def prima(self) -> Year:
        """The year of the plan before."""
        return Year(self.year - 1)

    @property
    def ultimo(self) -> Year:
        """The last year; absent where the plan has no other than its own."""
        last = max(self.totale.series, default=self.year)
        if last <= self.year:
            raise self._absent("nessuna proiezione")
        return Year(last)

    @property
    def finale(self) -> Figure:
        """The total of the last year."""
        return self.totale.nel(self.ultimo)

    @property
    def variazione(self) -> Said:
        """``(−0,9 %)``: the total of the last year against the first."""
        if not self.totale.valore:
            raise self._absent("il primo anno è a zero")
        rate = (self.finale.valore / self.totale.valore - 1) * 100
        if not numbers.rounded(rate, 1):
            return Said("")
        return Said(f"({numbers.percent(rate, sign=True)})")

    @property
    def andamento_finale(self) -> Said:
        """``in calo dello 0,9 % rispetto al 2020``: the total of the last year against the first."""
        return Said(phrases.change(self.finale.valore, self.totale.valore, self.year)).of(self.totale)

    @property
    def seguenti(self) -> Said:
        """``€ 12.131.997,98 nel 2021 e € 12.131.997,98 nel 2022``: the totals after the first."""
        self.ultimo
        later = {year: value for year, value in self.totale.series.items() if year > self.year}
        return Said(phrases.listing([f"{numbers.euro(value)} nel {year}" for year, value in later.items()]))

    @property
    def corso(self) -> Said:
        """How the total goes over the years: ``prima in calo e poi stabile``."""
        self.ultimo
        return Said(phrases.course({year: value for year, value in self.totale.series.items() if year >= self.year}))

    # -- by goal or by area

    @cached_property
    def _steps(self) -> pd.DataFrame:
        return plan_years.steps(self._parts, self.year, self.ultimo)

    @cached_property
    def _moved(self) -> dict[str, object]:
        rows = self._steps[self._steps["passo"] != 0]
        return dict(zip(rows["nome"], rows["passo"]))

    @property
    def quanti(self) -> Figure:
        """How many goals, or areas, have an amount."""
        return counted("pluriennale/quanti", len(self._steps), self.year, self._noun)

    @property
    def andamento(self) -> Said:
        """``ne crescono due, ne calano due e ne restano uguali otto``."""
        return Said(plan_years.courses(self._steps["passo"], self._noun.feminine))

    @property
    def aumento(self) -> Said:
        """The part that grows most: ``«Obiettivo 8: Progettazione» (+€ 57.395,30)``; absent where none grows."""
        return self._widest(1)

    @property
    def calo(self) -> Said:
        """The part that falls most; absent where none falls."""
        return self._widest(-1)

    def _widest(self, sign: int) -> Said:
        found = sorted((pair for pair in self._moved.items() if pair[1] * sign > 0), key=lambda pair: -abs(pair[1]))
        return named(dict(found[:1]), step)

    @cached_property
    def parti(self) -> Figures:
        """The budgets of the goals or areas."""
        self.ultimo
        codes = self._steps["centro"]
        make = {code: lambda code=code: self.libro.cifra(f"bilancio_aree/{PLANNED}/{code}") for code in codes}
        return Figures("pluriennale", make, self.year)

    @property
    def maggiore(self) -> Said:
        """The name of the largest."""
        code = self.parti.massima.code.rpartition("/")[2]
        return Said(self._steps.set_index("centro").at[code, "nome"])

    @cached_property
    def quota(self) -> Figure:
        """Its share of the total."""
        return self.parti.massima.quota(self.totale)

    @cached_property
    def quota_finale(self) -> Figure:
        """The share of the same in the last year."""
        return self.parti.massima.nel(self.ultimo).quota(self.finale)

    @property
    def mossi(self) -> Figure:
        """How many amounts change; absent where none does."""
        return counted("pluriennale/mossi", len(self._moved), self.year, AMOUNT)

    @property
    def mosse(self) -> Said:
        """Which, with their change."""
        return named(self._moved, step)

    @property
    def ferme(self) -> Figure:
        """How many stay as they are, where several do."""
        still = len(self._steps) - len(self._moved)
        return counted("pluriennale/ferme", still if still > 1 else 0, self.year, AMOUNT)

    @cached_property
    def _gaps(self) -> dict[int, object]:
        self.ultimo
        sums = self._parts.groupby("anno")["valore"].sum().to_dict()
        return {year: sums.get(year, ZERO) - value for year, value in self.totale.series.items() if year >= self.year}

    @property
    def quadra(self) -> Said:
        """Says nothing; absent where in some year the parts do not make the total."""
        if any(self._gaps.values()):
            raise self._absent("le parti non fanno il totale")
        return Said("")

    @property
    def scarti(self) -> Said:
        """``+€ 10,00 nel 2022``: by how much they differ; absent where they do not."""
        told = [f"{step(gap)} nel {year}" for year, gap in self._gaps.items() if gap]
        if not told:
            raise self._absent("le parti fanno il totale")
        return Said(phrases.listing(told))

    # -- for tables and charts

    @property
    def importi(self) -> pd.DataFrame | None:
        """The amounts by year, the total last; None where the plan has none."""
        return self._frame if len(self._frame) else None

    @property
    def composizione(self) -> pd.DataFrame | None:
        """The same with short names."""
        return self._frame.assign(nome=self._frame["nome"].map(numbered)) if len(self._frame) else None

    @property
    def titolo(self) -> str:
        """``Obiettivi`` or ``Aree``."""
        return self._noun.plural.capitalize()

    @property
    def variazioni(self) -> pd.DataFrame | None:
        """The changes between the first and the last year; None where nothing changes."""
        if not len(self._frame) or max(self.totale.series, default=self.year) <= self.year:
            return None
        rows = self._steps[self._steps["passo"] != 0]
        return rows.assign(valore=rows["passo"], nome=rows["nome"].map(numbered)) if len(rows) else None

    # -- the plan before

    @property
    def scarto(self) -> Said:
        """By how much the plan before had foreseen more, or less, for this year."""
        return more(self.previsto, self.totale)

    def tabella_piani(self) -> Table | None:
        """The totals of the years that both plans give."""
        titles = {"piano_prima": f"Piano {self.prima}", "piano": f"Piano {self.year}"}
        return plan_years.compared(plan_years.projections(self.libro), titles, "Anno")
