"""The key figures of a plan on one page: this year's and, where published, the year before's."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property

import pandas as pd

from annuario import tables
from annuario.data import Vintage
from annuario.figures import Absent, Figure, Said, Year
from annuario.notebook import Chapter
from annuario.words import numbers, phrases
from cremasca import plan_cards
from cremasca.budgets import ESTIMATED, PLANNED
from cremasca.counts import some
from cremasca.names import listed
from cremasca.plan import ZERO, numbered, own
from cremasca.plan_facts import amount, printed
from cremasca.plan_years import multiyear
from cremasca.revenues import forecast


class Sintesi:
    """The budget of the plan beside what the year before was planned and is estimated to have spent."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self._frame = figures(libro)
        own_total, estimate = (f"bilancio_aree/{phase}/totale" for phase in (PLANNED, ESTIMATED))
        self.budget = printed(libro, libro.book, libro.year, own_total)
        self.aggiornato = self.budget.prima
        self.iniziale = printed(libro, libro.book, libro.year - 1, own_total).prima
        self.stima = printed(libro, libro.book, libro.year, estimate).prima

    @property
    def andamento(self) -> Said:
        """``in aumento del 13,7 % rispetto al preconsuntivo 2020``: the budget against the estimated spending."""
        change = phrases.change(self.budget.valore, self.stima.valore, f"preconsuntivo {self.stima.year}")
        return Said(change).of(self.budget, self.stima)

    @property
    def nelle_schede(self) -> Figure:
        """What the cards give for the year before, where the plan has no total of its budget; else absent."""
        cards = {} if self.aggiornato.nota else plan_cards.present(plan_cards.cards(self.libro))
        found = sum((card.before or ZERO for card in cards.values()), ZERO)
        return amount("schede/prima", found or None, self.libro.year - 1, PLANNED)

    @property
    def due_date(self) -> Year:
        """The year before, where its budget is the revised one and its resources those first forecast; else absent."""
        self.aggiornato.valore
        if not compared(self._frame, self.libro.year):
            raise Absent("sintesi", self.libro.year, "niente da confrontare")
        return self.aggiornato.anno

    @cached_property
    def parti(self) -> pd.DataFrame | None:
        """The budget by goal or by area; None without one."""
        return some(parts(self.libro)) if self.budget.nota else None

    @property
    def per(self) -> Said:
        """What it is divided by: ``obiettivo`` or ``area``."""
        if self.parti is None:
            raise Absent("budget", self.libro.year)
        return Said("obiettivo" if self.parti["centro"].str.startswith("po2020-").any() else "area")

    def tabella(self) -> tables.Table | None:
        """The key figures of the two years."""
        return table(self._frame, self.libro.year) if self.budget.nota else None


def figures(edition: Vintage) -> pd.DataFrame:
    """The figures of the plan's year and of the year before, as this plan or its own prints them.

    Columns ``codice``, ``nome``, ``anno``, ``valore``, ``unita``, ``da``. Revenues are those
    of the list ``canali-piano``, each of the channel of its code or of the one that the list says;
    those of the year before are what its own plan forecast.
    """
    year = edition.year
    summary = own(edition, "bilancio_aree", centro="totale", anno=[year - 1, year])
    rows = [
        (code, name, row.anno, row.valore, "")
        for code, name, phase in (("budget", "Budget", PLANNED), ("stima", "Preconsuntivo", ESTIMATED))
        for row in summary[summary["fase"] == phase].itertuples()
    ]
    earlier = edition.package.edition(edition.book, year - 1)
    editions = [(edition, ""), *([(earlier, earlier.id)] if earlier.published else [])]
    for code, name in listed(edition.package, "canali-piano").items():
        for one, source in editions:
            amount = _revenue(one, name.altro or code)
            if amount is not None:
                rows.append((code, name.nome, one.year, amount, source))
    frame = pd.DataFrame(rows, columns=["codice", "nome", "anno", "valore", "da"], dtype=object)
    return frame.assign(unita="EUR") if edition.published else frame[:0].assign(unita="")


def _revenue(edition: Vintage, code: str) -> Decimal | None:
    frame = forecast(edition)
    return next(iter(frame.loc[frame["canale"] == code, "valore"]), None)


def table(frame: pd.DataFrame, year: int) -> tables.Table:
    """The figures of the two years with the change; of one only, where the year before has but its estimate."""
    if compared(frame, year):
        return tables.by_year(frame, rows="codice", change=True, title="Voce")
    names = [row.nome if row.anno == year else f"{row.nome} {row.anno}" for row in frame.itertuples()]
    printed = frame.assign(nome=names, valore=frame["valore"].map(numbers.euro))
    return tables.Table(printed, [tables.Column("nome", "Voce"), tables.Column("valore", "Importo", right=True)])


def compared(frame: pd.DataFrame, year: int) -> bool:
    """Whether some figure is known in both years."""
    before, now = (set(frame.loc[frame["anno"] == each, "codice"]) for each in (year - 1, year))
    return bool(before & now)


def parts(edition: Vintage) -> pd.DataFrame:
    """The budget of the year by goal or by area, with short names, those at zero left out."""
    frame = multiyear(edition)
    frame = frame[(frame["anno"] == edition.year) & frame["valore"].map(bool)]
    return frame.assign(nome=frame["nome"].map(numbered))
