"""The Piano Programma's budget: its cards line by line, with the year before and who pays.

Everything here is what the edition's own document prints; a year without a plan of its
own has no cards, and every frame is empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import pandas as pd

from annuario.charts import Chart, grouped
from annuario.data import Vintage
from annuario.data.corrections import COLUMN
from annuario.tables import Column, Table, ledger_notes
from annuario.words import numbers, phrases
from cremasca.budgets import PLANNED, areas, heading, labelled, titled, together
from cremasca.names import Names, listed
from cremasca.plan import CENTS, ZERO, own


@dataclass(frozen=True)
class Card:
    """A budget card of a plan; empty (false) where the plan has no such card.

    ``frame`` has the rows of ``bilancio`` with each action's ``titolo`` (empty for the
    total), amounts in EUR: of ``year`` and of the year before in the channel ``totale``, and
    the split of ``year`` by channel. ``explained`` maps the checks of the plan that do not
    hold to their explanation. ``payers`` are the names of the channels (the list
    ``canali-schede``): as they stand alone, and after «da».
    """

    name: str
    title: str
    year: int
    frame: pd.DataFrame
    explained: Mapping[str, str]
    payers: Names

    def __bool__(self) -> bool:
        return not self.frame.empty

    @cached_property
    def lines(self) -> pd.DataFrame:
        """The lines without the total, one row each: ``voce``, ``nome`` (distinct within its
        action), ``breve`` (distinct within the card), ``azione``, ``titolo``, ``prima`` and ``ora``
        (the amounts of the two years, None where the cell is empty), ``fonti`` (amounts by
        channel, zeros left out)."""
        parts = self.frame[self.frame["voce"] != "totale"]
        rows = []
        for _voce, cells in parts.groupby("voce", sort=False):
            whole = cells[cells["canale"] == "totale"]
            amounts = dict(zip(whole["anno"], whole["valore"]))
            split = cells[(cells["canale"] != "totale") & cells["valore"].map(bool)]
            rows.append(
                cells.iloc[0][["voce", "nome", "breve", "azione", "titolo"]].to_dict()
                | {"prima": amounts.get(self.year - 1), "ora": amounts.get(self.year)}
                | {"fonti": dict(zip(split["canale"], split["valore"]))}
            )
        columns = ["voce", "nome", "breve", "azione", "titolo", "prima", "ora", "fonti"]
        return pd.DataFrame(rows, columns=columns, dtype=object)

    def printed(self, year: int, channel: str = "totale") -> Decimal | None:
        """The printed total of a year, or of a channel in the plan's year."""
        totals = self.frame[(self.frame["voce"] == "totale") & (self.frame["anno"] == year)]
        return next(iter(totals.loc[totals["canale"] == channel, "valore"]), None)

    def summed(self, year: int, channel: str = "totale") -> Decimal:
        """The sum of the lines of a year, or of a channel in the plan's year."""
        rows = self.frame[(self.frame["voce"] != "totale") & (self.frame["anno"] == year)]
        return sum(rows.loc[rows["canale"] == channel, "valore"], ZERO)

    def gap(self, year: int, channel: str = "totale") -> Decimal:
        """The sum of the lines less the printed total (nothing printed counts as zero)."""
        return self.summed(year, channel) - (self.printed(year, channel) or ZERO)

    def corrections(self, year: int) -> tuple:
        """What the ledger says of the total of a year."""
        totals = self.frame[(self.frame["voce"] == "totale") & (self.frame["anno"] == year)]
        return together(totals.loc[totals["canale"] == "totale", COLUMN])

    @property
    def planned(self) -> Decimal | None:
        """The card's amount in the plan's year."""
        return self.printed(self.year)

    @property
    def before(self) -> Decimal | None:
        """The card's amount in the year before, as the plan prints it."""
        return self.printed(self.year - 1)

    @cached_property
    def channels(self) -> dict[str, Decimal]:
        """What each channel pays, summed over the lines, largest first."""
        sums: dict[str, Decimal] = {}
        for split in self.lines["fonti"]:
            for code, value in split.items():
                sums[code] = sums.get(code, ZERO) + value
        return dict(sorted(sums.items(), key=lambda pair: -pair[1]))

    @property
    def unassigned(self) -> Decimal:
        """The part of the amount for which no source can be read; a few cents count as none."""
        rest = (self.planned or ZERO) - sum(self.channels.values(), ZERO)
        return rest if rest > CENTS else ZERO

    @cached_property
    def actions(self) -> pd.DataFrame:
        """The sums of the lines of each action, computed: ``azione``, ``nome``, ``prima``, ``ora``."""
        rows = [
            {"azione": action, "nome": some["titolo"].iloc[0], "prima": _sum(some["prima"]), "ora": _sum(some["ora"])}
            for action, some in self.lines.groupby("azione", sort=False)
        ]
        return pd.DataFrame(rows, columns=["azione", "nome", "prima", "ora"], dtype=object)

    @cached_property
    def bars(self) -> pd.DataFrame:
        """What a chart of the card compares, in the two years: its actions, or its lines where
        the action is one. Those without an amount in either year are left out.

        Columns ``codice``, ``nome``, ``anno``, ``valore`` in EUR.
        """
        by_action = len(self.actions) > 1
        rows = self.actions if by_action else self.lines.assign(nome=self.lines["breve"])
        rows = rows[rows["prima"].map(bool) | rows["ora"].map(bool)]
        parts = [
            pd.DataFrame(
                {
                    "codice": rows["azione" if by_action else "voce"],
                    "nome": rows["nome"],
                    "anno": year,
                    "valore": rows[name],
                }
            )
            for year, name in ((self.year - 1, "prima"), (self.year, "ora"))
        ]
        return pd.concat(parts, ignore_index=True)

    @property
    def drawn(self) -> bool:
        """Whether there is something to compare in a chart."""
        return self.bars["codice"].nunique() > 1

    def chart(self) -> Chart | None:
        """The two years of each action (or line) side by side; None where there is no more than one."""
        titles = {year: str(year) for year in (self.year - 1, self.year)}
        return (
            grouped(self.bars, self.title, rows="codice", columns="anno", titles=titles, unit="EUR")
            if self.drawn
            else None
        )

    def table(self) -> Table | None:
        """The card as printed: the year before, the budget, and who pays each line.

        Where one channel pays the whole line its name stands alone. Notes tell what does
        not add up, with the explanation.
        """
        if not self:
            return None
        lines = [
            [row["nome"], _cell(row["prima"]), _cell(row["ora"]), self._sources(row["fonti"], row["ora"])]
            for row in self.lines.to_dict("records")
        ]
        totals = {code: self.printed(self.year, code) for code in self._printed_channels}
        totals = {code: value for code, value in totals.items() if value}
        lines.append(
            ["Totale", *(_cell(self.printed(year)) for year in (self.year - 1, self.year)), self._sources(totals, None)]
        )
        kinds = [""] * len(self.lines) + ["totale"]
        notes, marks = self._notes()
        columns = [
            Column("voce", "Voce"),
            Column("prima", str(self.year - 1), right=True),
            Column("ora", str(self.year), right=True),
            Column("fonti", f"Fonti {self.year}"),
        ]
        printed = pd.DataFrame(lines, columns=[column.name for column in columns])
        return Table(printed, columns, kinds, notes, marks, sections=[*self.lines["titolo"], ""], rests=self.frame)

    def _sources(self, split: Mapping[str, Decimal], whole: Decimal | None) -> str:
        """``FNPS``, or ``FNPS € 10,00; Comuni € 2,00`` where the line has more than one source."""
        if len(split) == 1 and whole in split.values():
            return phrases.capital(self.payers[next(iter(split))].nome)
        parts = [f"{self.payers[code].nome} {numbers.euro(split[code])}" for code in self.payers.ordered(split)]
        return phrases.capital("; ".join(parts))

    @property
    def _printed_channels(self) -> list[str]:
        totals = self.frame[(self.frame["voce"] == "totale") & (self.frame["canale"] != "totale")]
        return list(totals["canale"])

    def _ledger(self) -> tuple[list[str], dict[tuple[int, int], tuple[int, ...]], int]:
        """What the ledger says of the printed totals, where in the table, and the row of the totals."""
        notes, marks, last = [], {}, len(self.lines)
        for row in self.frame[self.frame["voce"] == "totale"].to_dict("records"):
            place = (last, 3 if row["canale"] != "totale" else 1 if row["anno"] < self.year else 2)
            for note in ledger_notes(row, "EUR"):
                notes.append(note)
                marks[place] = (*marks.get(place, ()), len(notes))
        return notes, marks, last

    def _notes(self) -> tuple[list[str], dict[tuple[int, int], int | tuple[int, ...]]]:
        """What the ledger says, and what does not add up: totals, channels' totals, lines' sources; and where in the table."""
        notes, marks, last = self._ledger()
        for column, year in enumerate((self.year - 1, self.year), start=1):
            if gap := self.gap(year):
                notes.append(self._told(f"Totale {year}", gap, f"schede/{self.name}/{PLANNED}", year))
                marks[last, column] = (*marks.get((last, column), ()), len(notes))
        wrong = []
        for code in {**dict.fromkeys(self._printed_channels), **self.channels} if self._printed_channels else {}:
            if gap := self.gap(self.year, code):
                wrong.append(
                    self._told(
                        phrases.capital(self.payers[code].nome), gap, f"schede/{self.name}/{PLANNED}/{code}", self.year
                    )
                )
        if wrong:
            notes.append(" ".join(wrong))
            marks[last, 3] = (*marks.get((last, 3), ()), len(notes))
        for place, row in enumerate(self.lines.to_dict("records")):
            lacking = (row["ora"] or ZERO) - sum(row["fonti"].values(), ZERO)
            if row["fonti"] and lacking:
                why = self.explained.get(f"canali/{row['voce']}/{self._edition}/{self.year}", "")
                notes.append(f"Le fonti che si leggono sono meno del budget per {numbers.euro(lacking)}. {why}".strip())
                marks[place, 3] = len(notes)
        return notes, marks

    @property
    def _edition(self) -> str:
        return self.frame["edizione"].iloc[0]

    def _told(self, what: str, gap: Decimal, check: str, year: int) -> str:
        """How far the lines are from a total, and why."""
        side = "in più" if gap > 0 else "in meno"
        why = self.explained.get(f"{check}/{self._edition}/{year}", "")
        return (
            f"{what}: le voci che si leggono fanno {numbers.euro(abs(gap))} {side} del totale stampato. {why}".strip()
        )


def cards(edition: Vintage) -> dict[str, Card]:
    """Every card that a plan may have, by name, in order: the goals of 2020, those of the areas."""
    names = edition.package.read("schede")
    goals = [name for name in names["scheda"] if name.startswith("po2020-")]
    frame = own(edition, "bilancio", fase=PLANNED, anno=[edition.year - 1, edition.year])
    frame = titled(frame, edition.package)
    frame["titolo"] = [heading(action, title) for action, title in zip(frame["azione"], frame["titolo"])]
    recorded = edition.package.read("discrepanze")
    explained = dict(zip(recorded["controllo"], recorded["spiegazione"]))
    title, payers = dict(zip(names["scheda"], names["nome"])), listed(edition.package, "canali-schede")
    return {
        name: Card(
            name,
            title[name],
            edition.year,
            labelled(frame[frame["scheda"] == name], edition.package),
            explained,
            payers,
        )
        for name in [*goals, *(name for cards in areas(edition.package).values() for name in cards)]
    }


def present(cards_: Mapping[str, Card]) -> dict[str, Card]:
    """The cards that the plan has."""
    return {name: card for name, card in cards_.items() if card}


def _sum(values: pd.Series) -> Decimal:
    return sum((value for value in values if value is not None), ZERO)


def _cell(value: Decimal | None) -> str:
    return "" if value is None else numbers.euro(value)
