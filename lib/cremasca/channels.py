"""Where the money of a plan comes from: the revenues that it forecasts, channel by channel, and who assigns them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cached_property, partial

import pandas as pd

from annuario.figures import Absent, Figure, Figures, Said, Year
from annuario.notebook import Chapter
from annuario.words import numbers, phrases
from cremasca import revenues
from cremasca.budgets import PLANNED
from cremasca.counts import some
from cremasca.groups import as_rest
from cremasca.plan import ZERO
from cremasca.plan_facts import amount, more, named, printed, step
from cremasca.revenues import FORECAST

SURPLUS = "avanzo"


class Canali:
    """The revenues that the plan forecasts, as printed, and their sums by who assigns them."""

    def __init__(self, libro: Chapter):
        self.libro, self.year = libro, libro.year
        self._frame = revenues.forecast(libro)
        self._parts = revenues.parts(self._frame)
        self.risorse, self.avanzo, self.stampate = map(
            self._printed, ("totale-budget", "totale-avanzo", "totale-entrate")
        )
        self.stampate = self.stampate.stampato if self.stampate.corretta else self.stampate
        self._origins = revenues.forecast_by_origin(libro) if len(self._frame) else None

    def _printed(self, channel: str) -> Figure:
        return printed(self.libro, self.libro.book, self.year, f"entrate/{FORECAST}/{channel}")

    def _absent(self, why: str) -> Absent:
        return Absent("canali", self.year, why)

    @property
    def prima(self) -> Year:
        """The year before."""
        return Year(self.year - 1)

    # -- the revenues

    @cached_property
    def quota_avanzo(self) -> Figure:
        """The share of the surplus of the year before."""
        return self.avanzo.quota(self.risorse)

    def _summed(self, name: str, channels: list[str]) -> Figure:
        """The sum of some channels of the plan's own forecast."""
        figures = [self._printed(channel) for channel in channels]
        total = figures[0]
        for figure in figures[1:]:
            total = total + figure
        return replace(total, code=f"entrate: {name}", name=name)

    @cached_property
    def entrate(self) -> Figure:
        """The sum of the revenues of the year, the surplus apart."""
        own = self._parts[self._parts["provenienza"] != SURPLUS]
        if own.empty:
            return amount("entrate: anno", None, self.year, PLANNED)
        return self._summed("anno", list(own["canale"]))

    @property
    def senza_importo(self) -> Said:
        """The channels that are listed without an amount, where they are several."""
        empty = self._parts.loc[self._parts["valore"] == 0, "nome"]
        if len(empty) < 2:
            raise self._absent("quasi tutti hanno un importo")
        return Said(phrases.listing([f"«{name}»" for name in empty]))

    @cached_property
    def detratte(self) -> Figure:
        """What the plan takes off the total; absent where it takes nothing off."""
        taken = self._frame[self._frame["detratta"]]
        return (
            self._summed("detratte", list(taken["canale"]))
            if len(taken)
            else amount("entrate: detratte", None, self.year)
        )

    @property
    def elenco_detratte(self) -> Said:
        """The amounts taken off, by name."""
        taken = self._frame[self._frame["detratta"]]
        return named(dict(zip(taken["nome"], taken["valore"])), numbers.euro)

    @cached_property
    def netto(self) -> Figure:
        """What is left for the cards, as printed."""
        net = self._printed("totale-po")
        return net if net.nota else self.risorse

    @property
    def ripartito(self) -> Figure:
        """The budget shared among the cards; absent where it is not what is left."""
        whole = printed(self.libro, self.libro.book, self.year, f"bilancio_aree/{PLANNED}/totale")
        if whole.valore != self.netto.valore:
            raise self._absent("il budget è un altro")
        return whole

    @property
    def scarto(self) -> Said:
        """By how much the printed total of the revenues is below their sum: ``€ 320.000,00 in meno``; absent where it is right."""
        return more(self.stampate, self.entrate)

    @property
    def somma_esatta(self) -> Figure:
        """The total of the budget, where surplus and revenues make it; absent otherwise."""
        if (self.avanzo + self.entrate).valore != self.risorse.valore:
            raise self._absent("il totale non torna")
        return self.risorse

    @property
    def tabella(self) -> pd.DataFrame | None:
        """The forecast as printed; None without one."""
        return self._frame if len(self._frame) else None

    # -- who assigns them

    @cached_property
    def origini(self) -> Figures:
        """The resources by who assigns them, the surplus among them."""
        groups = self._parts.groupby("provenienza", sort=False)["canale"].agg(list).to_dict()

        called = revenues.origin_names(self.libro)

        def summed(origin: str) -> Figure:
            found = self._summed(called[origin], groups[origin])
            return as_rest(found) if origin == revenues.OTHERS else found

        make = {origin: partial(summed, origin) for origin in groups}
        return Figures("entrate per provenienza", make, self.year)

    @cached_property
    def quota_massima(self) -> Figure:
        """The share of the first of them."""
        return self.origini.massima.quota(self.origini.somma)

    @property
    def seguono(self) -> Said:
        """The next three with their shares: ``«Stato» (9,9 %)``."""
        order = [figure for figure in self.origini.note if not figure.nature.rest]
        order = sorted(order, key=lambda figure: -figure.valore)[1:4]
        return named({figure.name: figure.quota(self.origini.somma).valore for figure in order}, numbers.percent)

    @property
    def provenienze(self) -> pd.DataFrame | None:
        """The amounts above zero of the year, for a chart."""
        if self._origins is None:
            return None
        return some(self._origins[(self._origins["anno"] == self.year) & (self._origins["valore"] > 0)])

    @cached_property
    def risorse_prima(self) -> Figure:
        """What the plan before forecast for its own year."""
        frame = self._origins if self._origins is not None else pd.DataFrame(columns=["anno", "valore"])
        rows = frame.loc[frame["anno"] == self.year - 1, "valore"]
        return amount("entrate: piano prima", sum(rows, ZERO) if len(rows) else None, self.year - 1, PLANNED)

    @property
    def andamento(self) -> Said:
        """``in aumento del 4 % rispetto al 2020``: the resources against those of the plan before.

        Also without those that do not pay for the cards, where this plan has some: the one before had none.
        """
        now, before = self.origini.somma.valore, self.risorse_prima.valore
        told = phrases.change(now, before, self.prima, "fp")
        if self.netto.valore != now:
            alike = phrases.change(self.netto.valore, before, self.prima, "fp")
            told += f", e {alike.removesuffix(f' rispetto al {self.prima}')} senza le quote vincolate"
        return Said(told)

    @cached_property
    def _steps(self) -> dict[str, Decimal]:
        self.risorse_prima.valore
        wide = self._origins.pivot(index="nome", columns="anno", values="valore").dropna()
        return {name: row[self.year] - row[self.year - 1] for name, row in wide.iterrows()}

    @property
    def aumento(self) -> Said:
        """Who gives more than the year before: ``«Avanzo…» (+€ 718.391,15)``; absent where nobody does."""
        return named(_first({name: gap for name, gap in self._steps.items() if gap > 0}), step)

    @property
    def calo(self) -> Said:
        """Who gives less."""
        return named(_first({name: gap for name, gap in self._steps.items() if gap < 0}), step)

    @property
    def confronto(self) -> pd.DataFrame | None:
        """The amounts of both plans; None where the one before is not published."""
        return self._origins if self.risorse_prima.nota else None


def _first(steps: dict[str, Decimal]) -> dict[str, Decimal]:
    return dict(sorted(steps.items(), key=lambda pair: -abs(pair[1]))[:1])
