"""The Piano Programma's budget: its cards line by line, with the year before and who pays.

Everything here is what the edition's own document prints; a year without a plan of its
own has no cards, and every frame is empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import pandas as pd

from annuario import numbers, phrases
from annuario.charts import Chart, grouped
from annuario.data import Vintage
from cremasca.budgets import CARDS, PLANNED, heading, labelled, titled
from annuario.tables import Column, Table, rate

ZERO = Decimal(0)
#: The columns that split a line by who pays it: the name, and the name after «da».
CHANNELS = {
    "fnps": ("FNPS", "dal FNPS"),
    "fsol": ("FSOL", "dal FSOL"),
    "fsr": ("FSR", "dal FSR"),
    "fna": ("FNA", "dal FNA"),
    "comuni": ("Comuni", "dai Comuni"),
    "ats": ("ATS", "dall’ATS"),
    "provincia": ("Provincia", "dalla Provincia"),
    "altri-fondi": ("altri fondi", "da altri fondi"),
    "avanzo-vincolato": ("avanzo vincolato", "dall’avanzo vincolato"),
    "avanzo-non-vincolato": ("avanzo non vincolato", "dall’avanzo non vincolato"),
    "avanzo-fondo-poverta": ("avanzo Fondo Povertà", "dall’avanzo del Fondo Povertà"),
    "avanzo-smart-bear": ("avanzo Smart Bear", "dall’avanzo di Smart Bear"),
    "avanzo-care-leavers": ("avanzo Care Leavers", "dall’avanzo di Care Leavers"),
}
LINE = phrases.Noun("voce", "voci", feminine=True)
CARD = phrases.Noun("scheda", "schede", feminine=True)
INDICATOR = phrases.Noun("indicatore", "indicatori")
CHANGE = phrases.Noun("variazione", "variazioni", feminine=True)
#: A difference of so much or less, in EUR, is one of rounding.
CENTS = Decimal("0.05")


def own(edition: Vintage, name: str, **where) -> pd.DataFrame:
    """The rows of a table that the edition's own document prints, about any year."""
    return edition.table(name, ["edizione"], edizione=edition.id, **where)


def whole(edition: Vintage) -> Decimal | None:
    """The printed total of the plan's year, or None."""
    return next(iter(own(edition, "bilancio_aree", anno=edition.year, fase=PLANNED, centro="totale")["valore"]), None)


def centre_names(edition: Vintage) -> dict[str, str]:
    """The names of the goals, of the areas and of the total by code, in the order of the plans."""
    cards_, areas = edition.package.read("schede"), edition.package.read("aree")
    return dict(zip(cards_["scheda"], cards_["nome"])) | dict(zip(areas["area"], areas["nome"])) | {"totale": "Totale"}


def channel_name(code: str) -> str:
    """The short name of a channel; the code itself where it has none."""
    return CHANNELS.get(code, (code,))[0]


def listed(name: str) -> str:
    """``Obiettivo 10: Misure`` as ``10. Misure``, for a column of goals."""
    return re.sub(r"^Obiettivo (\d+): ", r"\1. ", name)


def numbered(name: str) -> str:
    """A name as :func:`listed`, and ``Area Progettazione`` as ``Progettazione``, for charts."""
    return listed(name).removeprefix("Area ").removeprefix("Servizio ")


@dataclass(frozen=True)
class Card:
    """A budget card of a plan; empty (false) where the plan has no such card.

    ``frame`` has the rows of ``bilancio`` with each action's ``titolo`` (empty for the
    total), amounts in EUR: of ``year`` and of the year before in the channel ``totale``, and
    the split of ``year`` by channel. ``explained`` maps the checks of the plan that do not
    hold to their explanation.
    """

    name: str
    title: str
    year: int
    frame: pd.DataFrame
    explained: Mapping[str, str]

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
        for voce, cells in parts.groupby("voce", sort=False):
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

    def amount(self, year: int) -> Decimal | None:
        """What the card is worth in a year: the printed total, or the lines where they make more.

        Lines that make less are lines on a page that the text lacks; lines that make more,
        beyond the cents, show a total that was not brought up to date.
        """
        printed = self.printed(year)
        return self.summed(year) if printed is not None and self.gap(year) > CENTS else printed

    @property
    def planned(self) -> Decimal | None:
        """The card's amount in the plan's year."""
        return self.amount(self.year)

    @property
    def before(self) -> Decimal | None:
        """The card's amount in the year before, as the plan prints it."""
        return self.amount(self.year - 1)

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
            pd.DataFrame({"codice": rows["azione" if by_action else "voce"], "nome": rows["nome"], "anno": year, "valore": rows[name]})
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
        return grouped(self.bars, self.title, rows="codice", columns="anno", titles=titles, unit="EUR") if self.drawn else None

    def table(self) -> Table | None:
        """The card as printed: the year before, the budget, and who pays each line.

        Where one channel pays the whole line its name stands alone. Notes tell what does
        not add up, with the explanation.
        """
        if not self:
            return None
        lines = [
            [row["nome"], _cell(row["prima"]), _cell(row["ora"]), _sources(row["fonti"], row["ora"])]
            for row in self.lines.to_dict("records")
        ]
        totals = {code: self.printed(self.year, code) for code in self._printed_channels}
        totals = {code: value for code, value in totals.items() if value}
        lines.append(["Totale", *(_cell(self.printed(year)) for year in (self.year - 1, self.year)), _sources(totals, None)])
        kinds = [""] * len(self.lines) + ["totale"]
        notes, marks = self._notes()
        columns = [
            Column("voce", "Voce"),
            Column("prima", str(self.year - 1), right=True),
            Column("ora", str(self.year), right=True),
            Column("fonti", f"Fonti {self.year}"),
        ]
        printed = pd.DataFrame(lines, columns=[column.name for column in columns])
        return Table(printed, columns, kinds, notes, marks, sections=[*self.lines["titolo"], ""])

    @property
    def _printed_channels(self) -> list[str]:
        totals = self.frame[(self.frame["voce"] == "totale") & (self.frame["canale"] != "totale")]
        return list(totals["canale"])

    def _notes(self) -> tuple[list[str], dict[tuple[int, int], int]]:
        """What does not add up: the totals, the channels' totals, the lines' sources; and where in the table."""
        notes, marks, last = [], {}, len(self.lines)
        for column, year in enumerate((self.year - 1, self.year), start=1):
            if gap := self.gap(year):
                notes.append(self._told(f"Totale {year}", gap, f"schede/{self.name}/{PLANNED}", year))
                marks[last, column] = len(notes)
        wrong = []
        for code in {**dict.fromkeys(self._printed_channels), **self.channels} if self._printed_channels else {}:
            if gap := self.gap(self.year, code):
                wrong.append(self._told(phrases.capital(channel_name(code)), gap, f"schede/{self.name}/{PLANNED}/{code}", self.year))
        if wrong:
            notes.append(" ".join(wrong))
            marks[last, 3] = len(notes)
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
        return f"{what}: le voci che si leggono fanno {numbers.euro(abs(gap))} {side} del totale stampato. {why}".strip()


def cards(edition: Vintage) -> dict[str, Card]:
    """Every card that a plan may have, by name, in order: the goals of 2020, the nine of the areas."""
    names = edition.package.read("schede")
    goals = [name for name in names["scheda"] if name.startswith("po2020-")]
    frame = own(edition, "bilancio", fase=PLANNED, anno=[edition.year - 1, edition.year])
    frame = titled(frame, edition.package)
    frame["titolo"] = [heading(action, title) for action, title in zip(frame["azione"], frame["titolo"])]
    recorded = edition.package.read("discrepanze")
    explained = dict(zip(recorded["controllo"], recorded["spiegazione"]))
    title = dict(zip(names["scheda"], names["nome"]))
    return {
        name: Card(name, title[name], edition.year, labelled(frame[frame["scheda"] == name], edition.package), explained)
        for name in [*goals, *CARDS]
    }


def present(cards_: Mapping[str, Card]) -> dict[str, Card]:
    """The cards that the plan has."""
    return {name: card for name, card in cards_.items() if card}


def _sum(values: pd.Series) -> Decimal:
    return sum((value for value in values if value is not None), ZERO)


def _cell(value: Decimal | None) -> str:
    return "" if value is None else numbers.euro(value)


def _sources(split: Mapping[str, Decimal], whole: Decimal | None) -> str:
    """``FNPS``, or ``FNPS € 10,00; Comuni € 2,00`` where the line has more than one source."""
    if len(split) == 1 and whole in split.values():
        return phrases.capital(channel_name(next(iter(split))))
    order = [code for code in CHANNELS if code in split] + [code for code in split if code not in CHANNELS]
    return phrases.capital("; ".join(f"{channel_name(code)} {numbers.euro(split[code])}" for code in order))


# Sentences on a card


def told(card: Card, whole: Decimal | None = None) -> str:
    """The budget, its change on the year before and, given the plan's ``whole``, its share."""
    now, before, year = card.planned or ZERO, card.before or ZERO, card.year
    if not now and not before:
        return f"La scheda compare nel piano senza importi, né per il {year - 1} né per il {year}."
    if not now:
        return f"Per il {year} la scheda è a zero; il budget {year - 1} era di {numbers.euro(before)}."
    part = f", {phrases.share(now, whole, 'del piano')}" if whole else ""
    if not before:
        return f"Il budget {year} è di {numbers.euro(now)}{part}; nel {year - 1} la scheda era a zero."
    moved = phrases.change(now, before, year - 1)
    return f"Il budget {year} è di {numbers.euro(now)}{part}: {moved}, quando era di {numbers.euro(before)}."


def funded(card: Card) -> str:
    """Who pays, from the largest share; and for how much it cannot be read."""
    known = sum(card.channels.values(), ZERO)
    if not card.planned:
        return ""
    rest = f"Per {numbers.euro(card.unassigned)} la fonte non si legge nel testo disponibile." if card.unassigned else ""
    if not known:
        return rest
    what = "della parte leggibile" if card.unassigned else "della scheda"
    froms = {code: CHANNELS[code][1] if code in CHANNELS else f"da {code}" for code in card.channels}
    if len(froms) == 1:
        return f"Le risorse {what} vengono tutte {next(iter(froms.values()))}. {rest}".strip()
    named = 4 if len(card.channels) <= 4 else 3
    parts = [f"per {phrases.the_percent(value / known * 100)} {froms[code]}" for code, value in list(card.channels.items())[:named]]
    others = len(card.channels) - named
    if others > 0:
        parts.append(f"per il resto da altre {phrases.spelled(others, True)} fonti")
    return f"Le risorse {what} vengono {phrases.listing(parts)}. {rest}".strip()


def moved(card: Card) -> str:
    """The lines that rise and fall most; how many are new or have nothing any more, beyond those."""
    deltas = [(now or ZERO) - (before or ZERO) for now, before in zip(card.lines["ora"], card.lines["prima"])]
    rows = card.lines.assign(delta=deltas)
    moving = rows[rows["delta"].map(bool)]
    if moving.empty:
        return "Nessuna voce cambia importo." if card.planned else ""
    order = moving["delta"].astype(float)
    top, low = moving.loc[order.idxmax()], moving.loc[order.idxmin()]
    up = top["delta"] > 0
    told_ = [f"l’aumento maggiore riguarda {_step(top)}"] if up else []
    told_ += [f"la riduzione maggiore{'' if up else ' riguarda'} {_step(low)}"] if low["delta"] < 0 else []
    sentences = [f"{', '.join(told_)}."]
    new = rows[~rows["prima"].map(bool) & rows["ora"].map(bool)]
    gone = rows[rows["prima"].map(bool) & ~rows["ora"].map(bool)]
    if len(new) > 1:
        opened = f"{phrases.count(len(new), LINE, words=True)} senza importo nel {card.year - 1}"
        sentences.append(f"{opened} ricevono {numbers.euro(_sum(new['ora']))}.")
    if len(gone) > 1:
        closed = phrases.count(len(gone), LINE, words=True)
        sentences.append(f"{closed} che nel {card.year - 1} valevano {numbers.euro(_sum(gone['prima']))} non hanno più importo.")
    return " ".join(map(phrases.capital, sentences))


def _step(row: pd.Series) -> str:
    more = ", prima senza importo" if not row["prima"] else ", ora senza importo" if not row["ora"] else ""
    return f"la voce «{row['breve']}» ({numbers.signed(row['delta'], 'EUR')}{more})"


def unclosed(card: Card) -> str:
    """Which totals of the card the lines do not make; nothing where all close."""
    years = [year for year in (card.year - 1, card.year) if card.gap(year)]
    cents = [year for year in years if abs(card.gap(year)) <= CENTS]
    parts = [
        f"{numbers.euro(card.summed(year))} contro {numbers.euro(card.printed(year))} stampati per il {year}"
        for year in years
        if year not in cents
    ]
    sentences = [f"Nel {year} le voci e il totale stampato differiscono di {numbers.euro(abs(card.gap(year)))}." for year in cents]
    if parts:
        sentences.append(f"Le voci che si leggono non fanno il totale: sommano {phrases.listing(parts)}.")
        sentences.append("La nota alla tabella dice perché.")
    return " ".join(sentences)


def leading(card: Card) -> str:
    """The actions with most budget, as a sentence; nothing where fewer than two have any."""
    paid = {f"«{row.nome}»": row.ora for row in card.actions.itertuples() if row.ora}
    if len(paid) < 2:
        return ""
    some = card.gap(card.year) < -CENTS
    if len(card.actions) == 2 and not some:
        return f"Delle due azioni la più consistente è {phrases.ranking(paid, 1, 'fs')}."
    of = "Fra le azioni che si leggono" if some else "Fra le azioni"
    return f"{of} la più consistente è {phrases.ranking(paid, 3, 'fs')}."


# All the cards together


def closing(cards_: Mapping[str, Card]) -> str:
    """In how many cards the lines do not make the printed totals, and in how many by cents, in a sentence."""
    gaps = [max(abs(card.gap(card.year - 1)), abs(card.gap(card.year))) for card in present(cards_).values()]
    wide, small = sum(gap > CENTS for gap in gaps), sum(0 < gap <= CENTS for gap in gaps)
    if not wide and not small:
        return "In tutte le schede le voci fanno il totale stampato."
    if not wide:
        return f"Le voci fanno il totale stampato in tutte le schede; in {phrases.count(small, CARD, words=True)} a meno di centesimi."
    more = "un’altra" if small == 1 else f"altre {phrases.spelled(small, True)}"
    cents = f"; in {more} la differenza è di centesimi" if small else ""
    return f"In {phrases.count(wide, CARD, words=True)} le voci che si leggono non fanno il totale stampato{cents}."


def overview(cards_: Mapping[str, Card], whole: Decimal | None) -> Table | None:
    """The cards in one table: the two years, the change and the share, with the computed sum.

    Amounts as :meth:`Card.amount`; notes say where the printed total is another, as ``whole``,
    the plan's own, may be.
    """
    found = present(cards_)
    if not found:
        return None
    year = next(iter(found.values())).year
    sums = [sum((getattr(card, name) or ZERO for card in found.values()), ZERO) for name in ("before", "planned")]
    lines, notes, marks = [], [], {}
    for card in found.values():
        for column, each in ((1, year - 1), (2, year)):
            if card.amount(each) != card.printed(each):
                notes.append(f"Somma delle voci; il totale stampato è {numbers.euro(card.printed(each))}.")
                marks[len(lines), column] = len(notes)
        lines.append(_compared(card.title, card.before, card.planned, sums[1]))
    if whole is not None and whole != sums[1]:
        notes.append(f"Il totale stampato del piano è {numbers.euro(whole)}.")
        marks[len(lines), 2] = len(notes)
    lines.append(_compared("Somma delle schede", *sums, sums[1]))
    columns = [Column("scheda", "Scheda")]
    columns += [Column(name, title, right=True) for name, title in _comparing(year)]
    frame = pd.DataFrame(lines, columns=[column.name for column in columns])
    return Table(frame, columns, [""] * len(found) + ["totale"], notes, marks)


def _comparing(year: int) -> list[tuple[str, str]]:
    return [("prima", str(year - 1)), ("ora", str(year)), ("variazione", "Var. %"), ("quota", f"Quota {year}")]


def _compared(label: str, before: Decimal | None, now: Decimal | None, whole: Decimal) -> list[str]:
    share = numbers.percent((now or ZERO) / whole * 100) if whole else numbers.MISSING
    return [label, numbers.euro(before), numbers.euro(now), numbers.percent(rate(now, before), sign=True), share]


def amounts(cards_: Mapping[str, Card]) -> pd.DataFrame:
    """The amounts of the cards in the two years: ``scheda``, ``nome``, ``anno``, ``valore`` in EUR.

    Cards at zero in both years are left out.
    """
    rows = [
        {"scheda": card.name, "nome": numbered(card.title), "anno": year, "valore": card.amount(year) or ZERO}
        for card in present(cards_).values()
        for year in (card.year - 1, card.year)
        if card.before or card.planned
    ]
    return pd.DataFrame(rows, columns=["scheda", "nome", "anno", "valore"])
