"""Budget cards: what was planned and what was spent, by line, by action and by area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

import pandas as pd

from annuario.data import Package, Vintage
from annuario.data.corrections import COLUMN
from annuario.figures import Figure, Row, source
from annuario.tables import Column, Table, budget, edition_notes
from annuario.words import numbers, phrases

PLANNED, SPENT, ESTIMATED = "preventivo", "consuntivo", "preconsuntivo"
ZERO = Decimal(0)


@dataclass(frozen=True)
class Card:
    """A budget card of one year, as one edition sees it; empty where nothing is published.

    ``frame`` has a row a line and phase: ``voce``, ``azione``, ``titolo`` (heading of the
    action), ``fase``, ``valore`` in EUR, ``nome`` (the printed label with the printed
    ``natura`` of the cost), ``breve`` (the label alone), ``nota``, ``da``; the printed total
    is the line ``totale``.
    """

    name: str
    frame: pd.DataFrame
    missing: Mapping[str, str] = field(default_factory=dict)  # which lines the document lacks, by phase

    def __bool__(self) -> bool:
        return not self.frame.empty

    @cached_property
    def phases(self) -> list[str]:
        """The phases published, the plan first."""
        return [phase for phase in (PLANNED, SPENT) if phase in set(self.frame["fase"])]

    @property
    def closed(self) -> bool:
        """Whether both the plan and the outcome are published."""
        return len(self.phases) == 2

    @cached_property
    def planned(self) -> Decimal | None:
        """The printed total of the plan."""
        return self._total(PLANNED)

    @cached_property
    def spent(self) -> Decimal | None:
        """The printed total of the outcome."""
        return self._total(SPENT)

    def _total(self, phase: str) -> Decimal | None:
        return next(
            iter(self.frame.loc[(self.frame["voce"] == "totale") & (self.frame["fase"] == phase), "valore"]), None
        )

    @cached_property
    def parts(self) -> pd.DataFrame:
        """The lines: ``frame`` without the total."""
        return self.frame[self.frame["voce"] != "totale"]

    @cached_property
    def lines(self) -> pd.DataFrame:
        """The lines, one row each: ``voce``, ``nome``, ``breve``, ``azione``, ``titolo``,
        ``natura``, ``preventivo``, ``consuntivo``, ``scostamento`` (None where either is not
        printed), ``correzioni`` of both phases."""
        parts = self.parts
        lines = parts.drop_duplicates("voce")[["voce", "nome", "breve", "azione", "titolo", "natura"]].reset_index(
            drop=True
        )
        lines[COLUMN] = lines["voce"].map(parts.groupby("voce")[COLUMN].agg(together))
        for phase in (PLANNED, SPENT):
            amounts = dict(zip(parts.loc[parts["fase"] == phase, "voce"], parts.loc[parts["fase"] == phase, "valore"]))
            lines[phase] = pd.Series([amounts.get(line) for line in lines["voce"]], dtype=object)
        gaps = [None if None in pair else pair[1] - pair[0] for pair in zip(lines[PLANNED], lines[SPENT])]
        return lines.assign(scostamento=pd.Series(gaps, dtype=object))

    @cached_property
    def actions(self) -> pd.DataFrame:
        """The sums of the lines of each action, computed: ``azione``, ``nome``, ``fase``, ``valore`` in EUR, ``correzioni``."""
        actions = self.parts.groupby(["azione", "titolo", "fase"], sort=False)
        sums = actions.agg({"valore": "sum", COLUMN: together}).reset_index()
        return sums.rename(columns={"titolo": "nome"})

    def gap(self, phase: str) -> Decimal:
        """The sum of the lines less the total; zero where there is none."""
        parts, total = self.parts[self.parts["fase"] == phase], self._total(phase)
        return ZERO if total is None else sum(parts["valore"], ZERO) - total

    def table(self) -> Table | None:
        """The card with the differences; None where nothing is published.

        Notes tell where the lines do not make the total, and what the document does oddly.
        """
        if not self:
            return None
        table = budget(self.frame) if self.closed else single(self.frame, self.phases[0])
        marked = {number for numbers_ in table.marks.values() for number in numbers_}
        unmarked = [note for number, note in enumerate(table.notes, 1) if number not in marked]
        table.notes = [note for number, note in enumerate(table.notes, 1) if number in marked]
        shift = len(unmarked)  # notes without marks come first
        table.marks = {place: tuple(number - shift for number in numbers_) for place, numbers_ in table.marks.items()}
        lines = [row for row, kind in enumerate(table.kinds) if kind != "sezione"]
        rows = dict(zip(self.frame["voce"].drop_duplicates(), lines))
        remarks: dict[str, list[tuple[int, int]]] = {}
        for voce, phase, text in zip(self.frame["voce"], self.frame["fase"], self.frame["nota"]):
            if remark := text.removeprefix("stampato «-»").removeprefix("; "):
                remarks.setdefault(f"{phrases.capital(remark)}.", []).append((rows[voce], 1 + self.phases.index(phase)))
        for column, phase in enumerate(self.phases, start=1):
            if gap := self.gap(phase):
                remark = f"La somma delle voci differisce dal totale: {numbers.signed(gap, 'EUR')}."
                remark = f"{remark} {self.missing.get(phase, '')}".strip()
                remarks.setdefault(remark, []).append((rows["totale"], column))
        for remark, places in remarks.items():
            table.notes.append(remark)
            table.marks |= {place: (*table.marks.get(place, ()), len(table.notes)) for place in places}
        table.notes += unmarked
        return table


def areas(package: Package) -> dict[str, list[str]]:
    """The cards of each area, in the printed order; those of the goals of a plan belong to none."""
    known = package.read("schede")
    known = known[known["area"] != ""].sort_values("ordine", kind="stable")
    return {area: list(rows["scheda"]) for area, rows in known.groupby("area", sort=False)}


def together(corrections: pd.Series) -> tuple:
    """What the ledger says of several lines."""
    return tuple(one for found in corrections if isinstance(found, tuple) for one in found)


def card(edition: Vintage, name: str) -> Card:
    """A card of the edition's year: one of :func:`areas`, or a goal of the 2020 plan."""
    frame = labelled(printed(edition, name), edition.package)
    frame["titolo"] = [heading(action, title) for action, title in zip(frame["azione"], frame["titolo"])]
    return Card(name, frame, _missing(edition, name, frame))


def printed(edition: Vintage, name: str) -> pd.DataFrame:
    """A card of the edition's year as printed: a row a line and phase, with each action's ``titolo``.

    Columns of ``bilancio``, amounts in EUR: the whole lines, not their split by channel.
    """
    return titled(edition.table("bilancio", scheda=name, canale="totale", anno=edition.year), edition.package)


def titled(frame: pd.DataFrame, package: Package) -> pd.DataFrame:
    """Rows of ``bilancio`` with each action's printed ``titolo`` (none for a card's total) and their ``correzioni``."""
    titles = package.read("azioni").drop(columns="fonte")
    frame = frame if COLUMN in frame else frame.assign(**{COLUMN: [()] * len(frame)})
    return frame.merge(titles, on=["edizione", "scheda", "azione"], how="left", validate="many_to_one")


def labelled(frame: pd.DataFrame, package: Package) -> pd.DataFrame:
    """Rows of ``bilancio`` with ``nome`` (label and nature) and ``breve`` (the label alone).

    Both are as printed, or the standard name of a line where another line of the same
    action (of the same rows, for ``breve``) has the same.
    """
    names = package.read("voci").set_index("voce")["nome"]
    full = [_label(label, nature) for label, nature in zip(frame["etichetta"], frame["natura"])]
    return frame.assign(
        nome=_distinct(frame, pd.Series(full, index=frame.index, dtype=object), names, ["azione"]),
        breve=_distinct(frame, frame["etichetta"], names, []),
    )


def _missing(edition: Vintage, name: str, frame: pd.DataFrame) -> dict[str, str]:
    """Why the lines of a card do not make its total, by phase, where the document lacks some of them."""
    known = edition.package.read("discrepanze")
    known = known[known["esito"] == "testo incompleto"].set_index("controllo")["spiegazione"]
    places = dict(zip(frame["fase"], frame["edizione"]))
    checks = {phase: f"schede/{name}/{phase}/{source}/{edition.year}" for phase, source in places.items()}
    return {phase: known[check] for phase, check in checks.items() if check in known.index}


def _distinct(frame: pd.DataFrame, labels: pd.Series, names: pd.Series, within: list[str]) -> pd.Series:
    """The labels; the standard name of a line where another has the same label within some columns."""
    keys = [*(frame[column] for column in within), labels]
    shared = frame["voce"].groupby(keys).transform("nunique")
    return labels.where(shared.eq(1), frame["voce"].map(names))


def rows(edition: Vintage, frame: pd.DataFrame) -> tuple[Row, ...]:
    """Rows of ``bilancio`` as a figure made of them keeps them."""
    table = edition.package.indexed("bilancio")
    key = ("edizione", "anno", "scheda", "azione", "voce", "fase", "canale")
    places = [table.rows({field: line[field] for field in key})[0] for line in frame.to_dict("records")]
    return source.rows(edition, "bilancio", places, "EUR")


def execution(spent: Figure, planned: Figure) -> Figure:
    """What was spent of what was planned, in percent: the comparison of two bases that a budget is made for."""
    return spent.quota(_any_basis(planned))


def deviation(spent: Figure, planned: Figure) -> Figure:
    """What was spent less what was planned."""
    return spent - _any_basis(planned)


def _any_basis(figure: Figure) -> Figure:
    return replace(figure, nature=replace(figure.nature, basis=""))


def _label(label: str, nature: str) -> str:
    """A line's printed label with the printed nature of the cost, unless it says the same."""
    if not nature or nature.lower() in label.lower():
        return label
    acronym = len(nature) > 1 and nature[1].isupper()
    return f"{label} ({nature if acronym else nature[0].lower() + nature[1:]})"


def heading(action: str, title: object) -> str:
    """``Azione 7bis: Progetto PIPPI``, or its number alone where no title is known; nothing for a total."""
    if action == "totale":
        return ""
    number = action.removeprefix("azione-").split("-")[0]
    return f"Azione {number}: {title}" if isinstance(title, str) else f"Azione {number}"


def single(frame: pd.DataFrame, phase: str, title: str = "Voce") -> Table:
    """A card of which one phase only is published, in sections by action."""
    columns = [Column("nome", title), Column("valore", phase.capitalize(), "EUR")]
    kinds = ["totale" if line == "totale" else "" for line in frame["voce"]]
    return Table(frame, columns, kinds, edition_notes(frame["da"]), sections=list(frame["titolo"]))
