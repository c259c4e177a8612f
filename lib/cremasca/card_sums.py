"""All the cards of a plan together: how much they are worth, which move, what does not add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cached_property

import pandas as pd

from annuario.data.corrections import COLUMN
from annuario.data.nature import Nature
from annuario.figures import Absent, Figure, Figures, Said, Year
from annuario.figures.source import as_printed
from annuario.notebook import Chapter
from annuario.tables import Column, Table, ledger_notes, rate
from annuario.words import numbers, phrases
from cremasca import indicator_grids, plan, plan_cards
from cremasca.budgets import PLANNED, areas
from cremasca.cards import AIMS, Scheda
from cremasca.counts import some
from cremasca.plan import CENTS, ZERO
from cremasca.plan_facts import counted

GRID = phrases.Noun("griglia", "griglie", feminine=True)
#: The area of the services that the company runs itself.
OWN = "servizi-aziendali"


class Schede:
    """All the cards: ``obiettivi`` are those of the goals of 2020, ``aree`` those of the services and areas."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self._cards = plan_cards.cards(libro)
        self._grids = indicator_grids.grids(libro)
        self.totale = libro.cifra(f"bilancio_aree/{PLANNED}/totale")
        all_ = {name: Scheda(libro, card, self.totale, self._grids) for name, card in self._cards.items()}
        self.obiettivi = [card for name, card in all_.items() if name.startswith("po2020-")]
        by_area = areas(libro.package)
        self.aree = [all_[name] for cards in by_area.values() for name in cards]
        self._own = [all_[name] for name in by_area[OWN]]
        self.presenti = [card for card in all_.values() if card.card]
        self.aziendali = _sum([card for card in self._own if card.card], "servizi aziendali", libro.year)

    @property
    def prima(self) -> Year:
        """The year before, whose budget the plan reports."""
        return Year(self.libro.year - 1)

    @cached_property
    def somma(self) -> Figure:
        """The computed sum of the cards."""
        return _sum(self.presenti, "schede", self.libro.year)

    @property
    def andamento(self) -> Said:
        """``, in calo del 12 % rispetto al budget 2020 che il piano riporta``."""
        since = f"budget {self.prima} che il piano riporta"
        return Said(f", {phrases.change(self.somma.valore, self.somma.prima.valore, since)}")

    @property
    def quante(self) -> Figure:
        """How many cards the plan has."""
        return self._counted("numero", len(self.presenti))

    @property
    def voci(self) -> Figure:
        """How many lines they have."""
        number = sum(len(card.card.lines) for card in self.presenti)
        return counted("schede/voci", number, self.libro.year, plan.LINE)

    @cached_property
    def importi(self) -> Figures:
        """The budgets of the cards, to be ranked."""
        return Figures(
            "schede", {card.card.name: lambda card=card: card.importo for card in self.presenti}, self.libro.year
        )

    @cached_property
    def quota_massima(self) -> Figure:
        """The share of the largest card."""
        return self.importi.massima.quota(self.somma)

    @cached_property
    def quota_prime(self) -> Figure:
        """The share of the two largest."""
        return self.importi.primi(2).quota(self.somma)

    @cached_property
    def quota_aziendali(self) -> Figure:
        """The share of the services that the company runs itself."""
        return self.aziendali.quota(self.totale)

    @property
    def servizi(self) -> Figure:
        """How many cards those services have."""
        return self._counted("servizi", sum(bool(card.card) for card in self._own))

    @property
    def classifica(self) -> Said:
        """``«Obiettivo 5: …», seguita da «…» e «…»``: the largest three; absent where none comes first."""
        self.importi.massima.valore
        return Said(phrases.ranking({f"«{card.card.title}»": card.importo.valore for card in self.presenti}, 3, "fs"))

    @property
    def aumento(self) -> Said:
        """The card that grows most: ``«Obiettivo 6: …» (+€ 1.231.273,55)``; absent where none grows."""
        return self._widest(max, 1)

    @property
    def calo(self) -> Said:
        """The card that falls most; absent where none falls."""
        return self._widest(min, -1)

    def _widest(self, pick, sign: int) -> Said:
        steps = {card.card.title: (card.card.planned or ZERO) - (card.card.before or ZERO) for card in self.presenti}
        name = pick(steps, key=steps.get, default="")
        if not name or steps[name] * sign <= 0:
            raise Absent("schede", self.libro.year, "nessuna variazione")
        return Said(f"«{name}» ({numbers.signed(steps[name], 'EUR')})")

    def quadro(self) -> Table | None:
        """The cards in one table: the two years, the change and the share."""
        return overview(self._cards, self.totale.series.get(self.libro.year))

    @property
    def confronto(self) -> pd.DataFrame | None:
        """The cards' amounts in the two years, for a chart; None without cards."""
        return some(amounts(self._cards)) if self.presenti else None

    # -- what does not add up

    @cached_property
    def _gaps(self) -> list[tuple[plan_cards.Card, int]]:
        years = (self.libro.year - 1, self.libro.year)
        return [(card.card, year) for card in self.presenti for year in years if card.card.gap(year)]

    def _uneven(self, wide: bool) -> dict[str, list[tuple[plan_cards.Card, int]]]:
        """The cards whose lines do not make the total, by more than cents or by cents alone, each with its years."""
        found: dict[str, list[tuple[plan_cards.Card, int]]] = {}
        for card, year in self._gaps:
            found.setdefault(card.title, []).append((card, year))
        return {
            title: pairs
            for title, pairs in found.items()
            if any(abs(card.gap(year)) > CENTS for card, year in pairs) == wide
        }

    @property
    def scompagnate(self) -> Figure:
        """How many cards have lines that do not make the printed total."""
        return self._counted("scompagnate", len(self._uneven(True)))

    @property
    def scarti(self) -> Said:
        """``«Obiettivo 5: …» (€ 6.643.674,94 contro € 6.323.674,94 per il 2020)``: their sums and totals; absent without."""
        told = {
            title: [
                f"{numbers.euro(card.summed(year))} contro {numbers.euro(card.printed(year))} per il {year}"
                for card, year in pairs
            ]
            for title, pairs in self._uneven(True).items()
        }
        return self._listed(told)

    @property
    def centesimi(self) -> Said:
        """``«Servizio Sociale Distrettuale» (€ 0,01 nel 2021)``: differences of cents; absent without."""
        told = {
            title: [f"{numbers.euro(abs(card.gap(year)))} nel {year}" for card, year in pairs]
            for title, pairs in self._uneven(False).items()
        }
        return self._listed(told)

    def _listed(self, told: dict[str, list[str]]) -> Said:
        if not told:
            raise Absent("schede", self.libro.year, "le voci fanno il totale")
        return Said(phrases.listing([f"«{title}» ({phrases.listing(parts)})" for title, parts in told.items()]))

    # -- the grids

    @property
    def griglie(self) -> Figure:
        """How many grids of indicators the plan has."""
        return counted("griglie/numero", len(self._grids), self.libro.year, GRID)

    @property
    def indicatori(self) -> Figure:
        """How many indicators they list."""
        return counted("griglie/indicatori", indicator_grids.indicators(self._grids), self.libro.year, plan.INDICATOR)

    @property
    def monitoraggio(self) -> Figure:
        """How many of these are to be watched."""
        number = indicator_grids.indicators(self._grids, section="monitoraggio")
        return counted("griglie/monitoraggio", number, self.libro.year, plan.INDICATOR)

    @property
    def traguardi(self) -> Figure:
        """How many are tied to an aim of the three years."""
        return counted(
            "griglie/traguardi", indicator_grids.indicators(self._grids, section=AIMS), self.libro.year, plan.INDICATOR
        )

    @property
    def anticipate(self) -> Figure:
        """How many grids begin with the year before; absent where none does."""
        number = sum(grid["anni"].iloc[0].startswith(str(self.prima)) for grid in self._grids.values())
        return counted("griglie/anticipate", number, self.libro.year, GRID)

    def _counted(self, what: str, number: int) -> Figure:
        return counted(f"schede/{what}", number, self.libro.year, plan.CARD)


def _sum(cards: list[Scheda], name: str, year: int) -> Figure:
    """The sum of some cards in the two years, an amount that is not printed counting as nothing."""
    if not cards:
        return Figure(f"{name}: somma", {}, year, Nature("EUR"))
    series = {each: sum((card.card.printed(each) or ZERO for card in cards), ZERO) for each in (year - 1, year)}
    rows = tuple(row for card in cards for row in card.importo.rows)
    return replace(
        cards[0].importo,
        code=f"{name}: somma",
        series=series,
        name="Somma delle schede",
        rows=rows,
        printed=as_printed(series, rows),
    )


def overview(cards_: Mapping[str, plan_cards.Card], whole: Decimal | None) -> Table | None:
    """The cards in one table: the two years, the change and the share, with the computed sum.

    Notes say where the printed total is another, as ``whole``, the plan's own, may be.
    """
    found = plan_cards.present(cards_)
    if not found:
        return None
    year = next(iter(found.values())).year
    sums = [sum((getattr(card, name) or ZERO for card in found.values()), ZERO) for name in ("before", "planned")]
    lines, notes, marks = [], [], {}
    for card in found.values():
        for column, each in ((1, year - 1), (2, year)):
            for note in ledger_notes({COLUMN: card.corrections(each)}, "EUR"):
                notes.append(note)
                marks[len(lines), column] = (*marks.get((len(lines), column), ()), len(notes))
        lines.append(_compared(card.title, card.before, card.planned, sums[1]))
    if whole is not None and whole != sums[1]:
        notes.append(f"Il totale stampato del piano è {numbers.euro(whole)}.")
        marks[len(lines), 2] = len(notes)
    lines.append(_compared("Somma delle schede", *sums, sums[1]))
    columns = [Column("scheda", "Scheda")]
    columns += [Column(name, title, right=True) for name, title in _comparing(year)]
    frame = pd.DataFrame(lines, columns=[column.name for column in columns])
    return Table(frame, columns, [""] * len(found) + ["totale"], notes, marks, rests=sums)


def _comparing(year: int) -> list[tuple[str, str]]:
    return [("prima", str(year - 1)), ("ora", str(year)), ("variazione", "Var. %"), ("quota", f"Quota {year}")]


def _compared(label: str, before: Decimal | None, now: Decimal | None, whole: Decimal) -> list[str]:
    share = numbers.percent((now or ZERO) / whole * 100) if whole else numbers.MISSING
    return [label, numbers.euro(before), numbers.euro(now), numbers.percent(rate(now, before), sign=True), share]


def amounts(cards_: Mapping[str, plan_cards.Card]) -> pd.DataFrame:
    """The amounts of the cards in the two years: ``scheda``, ``nome``, ``anno``, ``valore`` in EUR, ``correzioni``.

    Cards at zero in both years are left out.
    """
    rows = [
        {"scheda": card.name, "nome": plan.numbered(card.title), "anno": year, "valore": card.printed(year) or ZERO,
         COLUMN: card.corrections(year)}
        for card in plan_cards.present(cards_).values()
        for year in (card.year - 1, card.year)
        if card.before or card.planned
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["scheda", "nome", "anno", "valore", COLUMN])
