"""Budget cards: what was planned and what was spent, by line, by action and by area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

import pandas as pd

from annuario import numbers, phrases
from annuario.data import Package, Vintage
from annuario.figures import Figure
from annuario.tables import Column, Table, budget, edition_notes

PLANNED, SPENT, ESTIMATED = "preventivo", "consuntivo", "preconsuntivo"
#: The cards of the five areas, in the printed order.
CARDS = ("tm", "sil", "ssd", "sst", "cpe", "gestione-associata", "progettazione", "misure", "udp")
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
        return next(iter(self.frame.loc[(self.frame["voce"] == "totale") & (self.frame["fase"] == phase), "valore"]), None)

    @cached_property
    def lines(self) -> pd.DataFrame:
        """The lines without the total, one row each: ``voce``, ``nome``, ``breve``, ``azione``,
        ``titolo``, ``natura``, ``preventivo``, ``consuntivo``, ``scostamento`` (None where
        either is not printed)."""
        parts = self.frame[self.frame["voce"] != "totale"]
        lines = parts.drop_duplicates("voce")[["voce", "nome", "breve", "azione", "titolo", "natura"]].reset_index(
            drop=True
        )
        for phase in (PLANNED, SPENT):
            amounts = dict(zip(parts.loc[parts["fase"] == phase, "voce"], parts.loc[parts["fase"] == phase, "valore"]))
            lines[phase] = pd.Series([amounts.get(line) for line in lines["voce"]], dtype=object)
        gaps = [None if None in pair else pair[1] - pair[0] for pair in zip(lines[PLANNED], lines[SPENT])]
        return lines.assign(scostamento=pd.Series(gaps, dtype=object))

    @cached_property
    def actions(self) -> pd.DataFrame:
        """The sums of the lines of each action, computed: ``azione``, ``nome``, ``fase``, ``valore`` in EUR."""
        parts = self.frame[self.frame["voce"] != "totale"]
        sums = parts.groupby(["azione", "titolo", "fase"], sort=False)["valore"].sum().reset_index()
        return sums.rename(columns={"titolo": "nome"})

    def gap(self, phase: str) -> Decimal:
        """The sum of the printed lines less the printed total."""
        parts = self.frame[(self.frame["voce"] != "totale") & (self.frame["fase"] == phase)]
        return sum(parts["valore"], ZERO) - (self._total(phase) or ZERO)

    def table(self) -> Table | None:
        """The card as printed, with the differences; None where nothing is published.

        Notes tell where the lines do not make the total, and what the document does oddly.
        """
        if not self:
            return None
        table = budget(self.frame) if self.closed else _single(self.frame, self.phases[0])
        unmarked, table.notes = ([], table.notes) if table.marks else (table.notes, [])
        lines = [row for row, kind in enumerate(table.kinds) if kind != "sezione"]
        rows = dict(zip(self.frame["voce"].drop_duplicates(), lines))
        remarks: dict[str, list[tuple[int, int]]] = {}
        for voce, phase, text in zip(self.frame["voce"], self.frame["fase"], self.frame["nota"]):
            if remark := text.removeprefix("stampato «-»").removeprefix("; "):
                remarks.setdefault(f"{phrases.capital(remark)}.", []).append(
                    (rows[voce], 1 + self.phases.index(phase))
                )
        for column, phase in enumerate(self.phases, start=1):
            if gap := self.gap(phase):
                remark = f"La somma delle voci stampate differisce dal totale stampato: {numbers.signed(gap, 'EUR')}."
                remark = f"{remark} {self.missing.get(phase, '')}".strip()
                remarks.setdefault(remark, []).append((rows["totale"], column))
        for remark, places in remarks.items():
            table.notes.append(remark)
            table.marks |= {place: len(table.notes) for place in places}
        table.notes += unmarked
        return table


def card(edition: Vintage, name: str) -> Card:
    """A card of the edition's year: the nine of :data:`CARDS`, or a goal of the 2020 plan."""
    frame = labelled(printed(edition, name), edition.package)
    frame["titolo"] = [heading(action, title) for action, title in zip(frame["azione"], frame["titolo"])]
    return Card(name, frame, _missing(edition, name, frame))


def printed(edition: Vintage, name: str) -> pd.DataFrame:
    """A card of the edition's year as printed: a row a line and phase, with each action's ``titolo``.

    Columns of ``bilancio``, amounts in EUR: the whole lines, not their split by channel.
    """
    return titled(edition.table("bilancio", scheda=name, canale="totale", anno=edition.year), edition.package)


def titled(frame: pd.DataFrame, package: Package) -> pd.DataFrame:
    """Rows of ``bilancio`` with each action's printed ``titolo``; none for a card's total."""
    titles = package.read("azioni").drop(columns="fonte")
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


def cards(edition: Vintage) -> dict[str, Card]:
    """The nine cards of the edition's year, by name; some may be empty."""
    return {name: card(edition, name) for name in CARDS}


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
    """``Azione 7bis: Progetto PIPPI``; nothing for a total."""
    if not isinstance(title, str):
        return ""
    number = action.removeprefix("azione-").split("-")[0]
    return f"Azione {number}: {title}"


def _single(frame: pd.DataFrame, phase: str, title: str = "Voce") -> Table:
    """A card of which one phase only is published, in sections by action."""
    columns = [Column("nome", title), Column("valore", phase.capitalize(), "EUR")]
    kinds = ["totale" if line == "totale" else "" for line in frame["voce"]]
    return Table(frame, columns, kinds, edition_notes(frame["da"]), sections=list(frame["titolo"]))


def all_lines(cards_: Mapping[str, Card], year: int) -> pd.DataFrame:
    """The lines of every card whose outcome is published, with ``scheda`` and ``anno``."""
    frames = [each.lines.assign(scheda=name) for name, each in cards_.items() if each.closed]
    columns = ["scheda", "voce", "nome", "breve", "azione", "titolo", "natura", PLANNED, SPENT, "scostamento"]
    return (pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)).assign(anno=year)


def widest(lines: pd.DataFrame, count: int) -> pd.DataFrame:
    """The lines whose outcome is farthest from the plan, as a long frame of the two phases."""
    known = lines[lines["scostamento"].notna()]
    order = known["scostamento"].map(abs).sort_values(ascending=False, kind="stable").index[:count]
    return _long(known.loc[order])


def largest(lines: pd.DataFrame, count: int) -> pd.DataFrame:
    """The lines with the largest outcome, none at zero, as a long frame of the two phases."""
    amounts = lines[SPENT].map(lambda value: value or ZERO).sort_values(ascending=False, kind="stable")
    amounts = amounts[amounts > 0]
    return _long(lines.loc[amounts.index[:count]])


def _long(lines: pd.DataFrame) -> pd.DataFrame:
    lines = lines[["voce", "breve", PLANNED, SPENT]].rename(columns={"breve": "nome"})
    return lines.melt(["voce", "nome"], [PLANNED, SPENT], "fase", "valore").sort_values(
        "voce", key=lambda names: names.map({name: place for place, name in enumerate(lines["voce"])}), kind="stable"
    )


def unspent(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines with an amount in the plan and nothing in the outcome, largest first."""
    planned = lines[PLANNED].map(lambda value: value or ZERO)
    rows = lines[(planned > 0) & lines[SPENT].map(lambda value: value is not None and value == 0)]
    return rows.sort_values(PLANNED, ascending=False, kind="stable")


def unspent_table(lines: pd.DataFrame) -> Table:
    """The lines of :func:`unspent` with the action they belong to, since several have the same name."""
    actions = [title.split(": ", 1)[-1] for title in lines["titolo"]]
    printed = lines.assign(attivita=actions, importo=[numbers.euro(value) for value in lines[PLANNED]])
    columns = [Column("nome", "Voce"), Column("attivita", "Azione"), Column("importo", "Preventivo", right=True)]
    return Table(printed, columns)


def unplanned(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines with nothing in the plan and an amount in the outcome, largest first."""
    rows = lines[~lines[PLANNED].map(bool) & lines[SPENT].map(bool)]
    return rows.sort_values(SPENT, ascending=False, kind="stable")


def staff(lines: pd.DataFrame, phase: str) -> Decimal:
    """The sum of the lines whose printed nature is the cost of staff."""
    rows = lines[lines["natura"].str.match("Costo (?:del |di )?personale")]
    return sum((value for value in rows[phase] if value is not None), ZERO)


def told(card_: Card) -> str:
    """What was planned and what was spent, in a sentence; or that the outcome is not published."""
    if not card_.closed:
        return f"Il preventivo è di {numbers.euro(card_.planned)}; il consuntivo non è pubblicato."
    return (
        f"Erano previsti {numbers.euro(card_.planned)}; la spesa a consuntivo è di "
        f"{numbers.euro(card_.spent)}, {phrases.the_percent(card_.spent / card_.planned * 100)} della previsione."
    )


def staffed(card_: Card) -> str:
    """The part of the outcome that the card calls cost of staff; nothing where there is none."""
    cost = staff(card_.lines, SPENT) if card_.closed else ZERO
    if not cost:
        return ""
    if cost == card_.spent:
        return "Tutta la spesa è indicata come costo del personale."
    return f"Le voci indicate come costo del personale sommano {numbers.euro(cost)}, {phrases.share(cost, card_.spent, 'della scheda')}."


def heaviest(edition: Vintage, cards_: Mapping[str, Card]) -> str:
    """The card of the company's own services with most spending, by name: ``Servizio Sociale Territoriale``."""
    known = edition.package.read("schede").set_index("scheda")
    own = [name for name, each in cards_.items() if each.closed and known.loc[name, "area"] == "servizi-aziendali"]
    return known.loc[max(own, key=lambda name: cards_[name].spent), "nome"]


def leading_actions(card_: Card, count: int) -> pd.DataFrame:
    """The ``count`` actions with most spending, from the largest, with both phases (columns of ``Card.actions``)."""
    sums = card_.actions
    order = sums[sums["fase"] == SPENT].sort_values("valore", ascending=False, kind="stable")["azione"].head(count)
    places = {action: place for place, action in enumerate(order)}
    kept = sums[sums["azione"].isin(places)]
    return kept.sort_values("azione", key=lambda codes: codes.map(places), kind="stable")


def leading(card_: Card) -> str:
    """The actions with most spending: ``«Azione 1: …», seguita da «…» e «…»``."""
    sums = card_.actions[card_.actions["fase"] == SPENT]
    return phrases.ranking({f"«{name}»": value for name, value in zip(sums["nome"], sums["valore"])}, 3, "fs")


def farthest(lines: pd.DataFrame) -> str:
    """``Lo scostamento maggiore riguarda la voce «…»: −€ 35.643,85.``; nothing without an outcome."""
    if lines[SPENT].map(lambda value: value is None).all():
        return ""
    found = lines[lines["scostamento"].map(bool)]
    if found.empty:
        return "Nessuna voce si scosta dal preventivo."
    row = found.loc[found["scostamento"].map(abs).astype(float).idxmax()]
    return f"Lo scostamento maggiore riguarda la voce «{row['breve']}»: {numbers.signed(row['scostamento'], 'EUR')}."


def exceptions(lines: pd.DataFrame) -> str:
    """Sentences on the lines above the plan, those without spending and those not planned."""
    if lines[SPENT].map(lambda value: value is None).all():
        return ""
    over = int(sum(bool(gap is not None and gap > 0) for gap in lines["scostamento"]))
    idle, extra = unspent(lines), unplanned(lines)
    sentences = [
        _over(over, len(lines)),
        _amounting(idle, PLANNED, "Una voce prevista non ha avuto spesa", "Le voci previste e senza spesa"),
        _amounting(extra, SPENT, "Una voce ha avuto spesa senza previsione", "Le voci con spesa e senza previsione"),
    ]
    return " ".join(filter(None, sentences))


def _amounting(lines: pd.DataFrame, phase: str, one: str, several: str) -> str:
    """A sentence on some lines, one by its name or several by their number, with their amount; nothing on none."""
    if lines.empty:
        return ""
    amount = numbers.euro(sum(lines[phase], ZERO))
    if len(lines) == 1:
        return f"{one}: «{lines['breve'].iloc[0]}», per {amount}."
    return f"{several} sono {phrases.spelled(len(lines))}, per {amount}."


def _over(over: int, count: int) -> str:
    if not over:
        return "Nessuna voce supera il preventivo."
    if over == 1:
        return f"Una sola voce su {count} supera il preventivo."
    if over == count:
        return "Tutte le voci superano il preventivo."
    return f"Superano il preventivo {over} voci su {count}."


def areas(edition: Vintage) -> pd.DataFrame:
    """Plan and outcome by area and in total, in the years published so far.

    Columns of ``bilancio_aree`` with ``nome``, amounts in EUR, and ``da``; the total is
    the centre ``totale`` of the editions that summarise by area.
    """
    frame = edition.table("bilancio_aree", ["anno", "fase"], fase=[PLANNED, SPENT])
    names = edition.package.read("aree").rename(columns={"area": "centro"})
    frame = frame.merge(names, on="centro", how="inner", validate="many_to_one")
    by_area = frame.groupby(["anno", "fase"])["centro"].transform("nunique") > 1
    return frame[by_area].sort_values(["anno", "fase", "ordine"], kind="stable").reset_index(drop=True)


def goals(edition: Vintage) -> pd.DataFrame:
    """The year by goal of the 2020 plan, as the one document that estimates its outcome prints it.

    Columns as in :func:`areas`; phases ``preventivo`` (the totals of the goals' cards, where
    the summary has none) and ``preconsuntivo``.
    """
    frame = edition.table("bilancio_aree", fase=ESTIMATED, anno=edition.year)
    source = frame["edizione"].iloc[0] if len(frame) else ""
    frame = edition.table("bilancio_aree", ["anno"], edizione=source, anno=edition.year, fase=[PLANNED, ESTIMATED])
    names = edition.package.read("schede").rename(columns={"scheda": "centro"})
    frame = frame[frame["centro"].str.startswith("po2020-") | (frame["centro"] == "totale")]
    if PLANNED not in set(frame["fase"]):
        totals = edition.table(
            "bilancio", edizione=source, anno=edition.year, voce="totale", canale="totale", fase=PLANNED
        )
        totals = totals[totals["scheda"].str.startswith("po2020-")].rename(columns={"scheda": "centro"})
        frame = pd.concat([frame, totals[frame.columns]], ignore_index=True)
    frame = frame.merge(names[["centro", "nome"]], on="centro", how="left", validate="many_to_one")
    return frame.assign(nome=frame["nome"].where(frame["centro"] != "totale", "Totale"))


def goals_table(frame: pd.DataFrame) -> Table | None:
    """The frame of :func:`goals` as a table: two phases and their difference, or the only one."""
    if frame.empty:
        return None
    phases: Sequence[str] = [phase for phase in (PLANNED, ESTIMATED) if phase in set(frame["fase"])]
    if len(phases) == 2:
        return budget(frame, rows="centro", phases=phases, title="Obiettivo")
    return _single(frame.rename(columns={"centro": "voce"}).assign(titolo=""), phases[0], "Obiettivo")
