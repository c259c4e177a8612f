"""The budget cards of a plan as figures by name, with what changes, who pays and what does not add up."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import pandas as pd

from annuario.charts import Chart
from annuario.figures import Absent, Figure, Said
from annuario.notebook import Chapter
from annuario.tables import Table
from annuario.words import numbers, phrases
from cremasca import indicator_grids, plan, plan_cards
from cremasca.budgets import PLANNED
from cremasca.plan import CENTS, ZERO
from cremasca.plan_facts import counted

AIMS = "obiettivi-triennali"
#: Sources that are named before the others are counted.
NAMED = 4


class Scheda:
    """A card of the plan. Where the plan has no such card everything is absent."""

    def __init__(self, libro: Chapter, card: plan_cards.Card, whole: Figure, grids: dict):
        self.card = card
        self._whole = whole
        self._grids = grids
        printed = libro.cifra(f"bilancio/{PLANNED}/totale/{card.name}/totale/totale")
        amounts = {year: card.printed(year) for year in (card.year - 1, card.year)} if card else {}
        self.importo = replace(
            printed,
            series={year: value for year, value in amounts.items() if value is not None},
            name=card.title,
            rows=tuple(row for row in printed.rows if row.year in amounts),
        )

    def _absent(self, why: str) -> Absent:
        return Absent(self.importo.code, self.card.year, why)

    # -- the budget

    @cached_property
    def budget(self) -> Figure:
        """The budget of the year; absent where there is none."""
        if not self.importo.nota or self.importo.valore:
            return self.importo
        before = {year: value for year, value in self.importo.series.items() if year != self.card.year}
        return replace(self.importo, series=before, why_absent="a zero")

    @cached_property
    def quota(self) -> Figure:
        """The share of the plan's total."""
        return self.budget.quota(self._whole)

    @property
    def storia(self) -> Said:
        """``, in calo dell’1,6 % rispetto al 2019, quando era di € 424.569,18``; ``, che nel 2019 era a zero``."""
        self.budget.valore
        if not self.card.before:
            return Said(f"; nel {self.card.year - 1} la scheda era a zero")
        moved = phrases.change(self.card.planned, self.card.before, self.card.year - 1)
        return Said(f", {moved}, quando era di {self.importo.prima.cifre}")

    @property
    def azzerata(self) -> Figure:
        """The budget of the year before, of a card that has none any more; absent otherwise."""
        if self.importo.valore or not self.importo.prima.valore:
            raise self._absent("ha un importo")
        return self.importo.prima

    @property
    def vuota(self) -> Said:
        """``né per il 2019 né per il 2020``, of a card without any amount; absent otherwise."""
        if not self.card or self.card.planned or self.card.before:
            raise self._absent("ha un importo")
        return Said(f"né per il {self.card.year - 1} né per il {self.card.year}")

    # -- who pays

    @property
    def quali(self) -> Said:
        """Which money ``fonti`` tells of: ``della scheda``, ``della parte leggibile``, or nothing where none can be read."""
        if not self.card.channels:
            return Said("")
        return Said("della parte leggibile" if self.card.unassigned else "della scheda")

    @property
    def fonti(self) -> Said:
        """``per il 90 % dal FSOL, per l’8,4 % dal FSR e per l’1,6 % dal FNPS``; ``tutte dal FNPS``; and what cannot be read."""
        self.budget.valore
        paid = self.card.channels
        known = sum(paid.values(), ZERO)
        if not known:
            return Said("da fonti che nel testo disponibile non si leggono")
        rest = self.card.unassigned
        unread = f"; per {numbers.euro(rest)} la fonte non si legge nel testo disponibile" if rest else ""
        names = {code: self.card.payers[code].altro or f"da {self.card.payers[code].nome}" for code in paid}
        if len(paid) == 1:
            return Said(f"tutte {next(iter(names.values()))}{unread}")
        told = NAMED if len(paid) <= NAMED else NAMED - 1
        parts = [
            f"per {phrases.the_percent(value / known * 100)} {names[code]}" for code, value in list(paid.items())[:told]
        ]
        if len(paid) > told:
            parts.append(f"per il resto da altre {phrases.spelled(len(paid) - told, True)} fonti")
        return Said(phrases.listing(parts) + unread)

    # -- lines and actions

    @property
    def mosse(self) -> Said:
        """Which lines rise and fall most, and how many begin or end; absent of a card without lines or amounts.

        ``l’aumento maggiore riguarda la voce «SAAP» (+€ 286.795,71), la riduzione maggiore la voce «…»``.
        """
        rows = self.card.lines
        moved = rows.assign(passo=[(now or ZERO) - (before or ZERO) for now, before in zip(rows["ora"], rows["prima"])])
        moved = moved[moved["passo"].map(bool)]
        if moved.empty:
            if not self.card.planned:
                raise self._absent("nessuna voce")
            return Said("nessuna voce cambia importo")
        if len(moved) == 1:
            return Said(f"cambia soltanto {_step(moved.iloc[0])}")
        order = moved["passo"].astype(float)
        top, low = moved.loc[order.idxmax()], moved.loc[order.idxmin()]
        rises, falls = ((moved["passo"] * sign > 0).sum() for sign in (1, -1))
        where = " fra le voci che si leggono" if self.lette else ""
        more, less = (
            "l’aumento maggiore" if rises > 1 else "il solo aumento",
            "la riduzione maggiore" if falls > 1 else "la sola riduzione",
        )
        parts = [f"{more}{where} riguarda {_step(top)}"] if rises else []
        parts += [f"{less}{'' if parts else f'{where} riguarda'} {_step(low)}"] if falls else []
        told = [", ".join(parts)]
        new = rows[~rows["prima"].map(bool) & rows["ora"].map(bool)]
        gone = rows[rows["prima"].map(bool) & ~rows["ora"].map(bool)]
        opened, closed = (phrases.count(len(some), plan.LINE, words=True) for some in (new, gone))
        if len(new) > 1:
            told.append(f"{opened} prima senza importo ricevono {numbers.euro(sum(new['ora']))}")
        if len(gone) > 1:
            told.append(f"{closed} che valevano {numbers.euro(sum(gone['prima']))} non hanno più importo")
        return Said("; ".join(told))

    @property
    def azioni(self) -> Said:
        """The actions with most budget: ``«Azione 1: …», seguita da «…» e «…»``; absent where none is before others."""
        paid = {f"«{row.nome}»": row.ora for row in self.card.actions.itertuples() if row.ora}
        if len(paid) < 2 or list(paid.values()).count(max(paid.values())) > 1:
            raise self._absent("nessuna prima di altre")
        return Said(phrases.ranking(paid, 3, "fs"))

    @property
    def lette(self) -> Said:
        """``che si leggono``, where the text lacks some of the lines; else nothing."""
        return Said("che si leggono" if self.card.gap(self.card.year) < -CENTS else "")

    def tabella(self) -> Table | None:
        """The card as printed; None where the plan has no such card."""
        return self.card.table()

    def grafico(self) -> Chart | None:
        """The two years of each action, or line; None where there is no more than one."""
        return self.card.chart()

    # -- the grids

    @property
    def indicatori(self) -> Figure:
        """How many indicators the grids of the card list."""
        return self._counted("indicatori", indicator_grids.indicators(self._grids, self.card.name))

    @property
    def traguardi(self) -> Figure:
        """How many of them are tied to an aim of the three years."""
        return self._counted("traguardi", indicator_grids.indicators(self._grids, self.card.name, AIMS))

    def _counted(self, what: str, number: int) -> Figure:
        return counted(f"griglie/{self.card.name}/{what}", number, self.card.year, plan.INDICATOR)

    def griglia(self, azione: str) -> Table | None:
        """The grid of an action, to be filled; None where there is none."""
        return indicator_grids.grid(self._grids, self.card.name, azione)

    def non_ristampati(self, prima: str, seconda: str) -> Said:
        """The indicators of a grid that its second print leaves out; absent without any."""
        both = [self._grids.get((self.card.name, action)) for action in (prima, seconda)]
        names = [] if any(grid is None for grid in both) else indicator_grids.left_out(*both)
        if not names:
            raise self._absent("nessuno")
        return Said(phrases.listing([f"«{name}»" for name in names]))


def _step(row: pd.Series) -> str:
    more = ", prima senza importo" if not row["prima"] else ", ora senza importo" if not row["ora"] else ""
    return f"la voce «{row['breve']}» ({numbers.signed(row['passo'], 'EUR')}{more})"
