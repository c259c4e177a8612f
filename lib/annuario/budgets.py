"""Budget cards: what was planned and what was spent, by line, by action and by area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import pandas as pd

from annuario import numbers, phrases
from annuario.data import Vintage
from annuario.tables import Column, Table, budget

PLANNED, SPENT, ESTIMATED = "preventivo", "consuntivo", "preconsuntivo"
#: The cards of the five areas, in the printed order.
CARDS = ("tm", "sil", "ssd", "sst", "cpe", "gestione-associata", "progettazione", "misure", "udp")
ZERO = Decimal(0)


@dataclass(frozen=True)
class Card:
    """A budget card of one year, as one edition sees it; empty where nothing is published.

    ``frame`` has a row a line and phase: ``voce``, ``azione``, ``titolo`` (heading of the
    action), ``natura``, ``fase``, ``valore`` in EUR, ``nome`` (the printed label), ``da``;
    the printed total is the line ``totale``.
    """

    name: str
    frame: pd.DataFrame

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
        found = self.frame.loc[(self.frame["voce"] == "totale") & (self.frame["fase"] == phase), "valore"]
        return None if found.empty else found.iloc[0]

    @cached_property
    def lines(self) -> pd.DataFrame:
        """The lines without the total, one row each: ``voce``, ``nome``, ``azione``,
        ``titolo``, ``natura``, ``preventivo``, ``consuntivo``, ``scostamento`` (None where
        either is not printed)."""
        parts = self.frame[self.frame["voce"] != "totale"]
        lines = parts.drop_duplicates("voce")[["voce", "nome", "azione", "titolo", "natura"]].reset_index(drop=True)
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
        for phase in self.phases:
            if self.gap(phase):
                table.notes.append(
                    f"Nel documento la somma delle voci a {phase} differisce dal totale stampato di "
                    f"{numbers.signed(self.gap(phase), 'EUR')}."
                )
        return table


def card(edition: Vintage, name: str) -> Card:
    """A card of the edition's year: the nine of :data:`CARDS`, or a goal of the 2020 plan."""
    frame = edition.budget(name)
    labels = [_label(label, nature) for label, nature in zip(frame["etichetta"], frame["natura"])]
    headings = [_heading(action, title) for action, title in zip(frame["azione"], frame["titolo"])]
    return Card(name, frame.assign(nome=labels, titolo=headings))


def cards(edition: Vintage) -> dict[str, Card]:
    """The nine cards of the edition's year, by name; some may be empty."""
    return {name: card(edition, name) for name in CARDS}


def _label(label: str, nature: str) -> str:
    """A line's printed label with the printed nature of the cost, unless it says the same."""
    if not nature or nature.lower() in label.lower():
        return label
    acronym = len(nature) > 1 and nature[1].isupper()
    return f"{label} ({nature if acronym else nature[0].lower() + nature[1:]})"


def _heading(action: str, title: object) -> str:
    """``Azione 7bis: Progetto PIPPI``; nothing for a total."""
    if not isinstance(title, str):
        return ""
    number = action.removeprefix("azione-").split("-")[0]
    return f"Azione {number}: {title}"


def _single(frame: pd.DataFrame, phase: str) -> Table:
    """A card of which one phase only is published, in sections by action."""
    lines, kinds, marks, current = [], [], {}, ""
    sources = [source for source in dict.fromkeys(frame["da"]) if source]
    for row in frame.to_dict("records"):
        if row["titolo"] and row["titolo"] != current:
            current = row["titolo"]
            lines.append([current, None])
            kinds.append("sezione")
        lines.append([row["nome"], row["valore"]])
        kinds.append("totale" if row["voce"] == "totale" else "")
    columns = [Column("voce", "Voce"), Column("valore", phase.capitalize(), "EUR")]
    notes = [f"Dati pubblicati nell’edizione «{source.replace('-', ' ')}»." for source in sources]
    return Table(pd.DataFrame(lines, columns=["voce", "valore"], dtype=object), columns, kinds, notes, marks)


def all_lines(cards_: Mapping[str, Card], year: int) -> pd.DataFrame:
    """The lines of every card whose outcome is published, with ``scheda`` and ``anno``."""
    frames = [each.lines.assign(scheda=name) for name, each in cards_.items() if each.closed]
    columns = ["scheda", "voce", "nome", "azione", "titolo", "natura", PLANNED, SPENT, "scostamento"]
    return (pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)).assign(anno=year)


def widest(lines: pd.DataFrame, count: int) -> pd.DataFrame:
    """The lines whose outcome is farthest from the plan, as a long frame of the two phases."""
    known = lines[lines["scostamento"].notna()]
    order = known["scostamento"].map(abs).sort_values(ascending=False, kind="stable").index[:count]
    return _long(known.loc[order])


def largest(lines: pd.DataFrame, count: int, by: str = SPENT) -> pd.DataFrame:
    """The lines with the largest amount of one phase, as a long frame of the two phases."""
    order = lines[by].map(lambda value: value or ZERO).sort_values(ascending=False, kind="stable").index[:count]
    return _long(lines.loc[order])


def _long(lines: pd.DataFrame) -> pd.DataFrame:
    return lines.melt(["voce", "nome"], [PLANNED, SPENT], "fase", "valore").sort_values(
        "voce", key=lambda names: names.map({name: place for place, name in enumerate(lines["voce"])}), kind="stable"
    )


def unspent(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines with an amount in the plan and nothing in the outcome, largest first."""
    planned = lines[PLANNED].map(lambda value: value or ZERO)
    rows = lines[(planned > 0) & lines[SPENT].map(lambda value: value is not None and value == 0)]
    return rows.sort_values(PLANNED, ascending=False, kind="stable")


def unplanned(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines with nothing in the plan and an amount in the outcome, largest first."""
    rows = lines[~lines[PLANNED].map(bool) & lines[SPENT].map(bool)]
    return rows.sort_values(SPENT, ascending=False, kind="stable")


def staff(lines: pd.DataFrame, phase: str) -> Decimal:
    """The sum of the lines whose printed nature is the cost of staff."""
    rows = lines[lines["natura"].str.match("Costo (?:del |di )?personale")]
    return sum((value for value in rows[phase] if value is not None), ZERO)


def realised(planned: Decimal | None, spent: Decimal | None) -> str:
    """``il 93,0 % del preventivo``."""
    if spent is None or not planned:
        return "una quota non calcolabile del preventivo"
    return f"{phrases.the_percent(spent / planned * 100)} del preventivo"


def farthest(lines: pd.DataFrame) -> str:
    """``Lo scostamento maggiore riguarda la voce «…»: −€ 35.643,85.``; nothing where all agree."""
    found = lines[lines["scostamento"].map(bool)]
    if found.empty:
        return "Nessuna voce si scosta dal preventivo."
    row = found.loc[found["scostamento"].map(abs).astype(float).idxmax()]
    return f"Lo scostamento maggiore riguarda la voce «{row['nome']}»: {numbers.signed(row['scostamento'], 'EUR')}."


def exceptions(lines: pd.DataFrame) -> str:
    """Sentences on the lines above the plan, those without spending and those not planned."""
    over = int(sum(bool(gap is not None and gap > 0) for gap in lines["scostamento"]))
    idle, extra = unspent(lines), unplanned(lines)
    sentences = [_over(over, len(lines))]
    if len(idle) == 1:
        sentences.append(f"Una voce prevista non ha avuto spesa: «{idle['nome'].iloc[0]}», per {numbers.euro(idle[PLANNED].iloc[0])}.")
    elif len(idle):
        sentences.append(f"Le voci previste e senza spesa sono {phrases.spelled(len(idle))}, per {numbers.euro(sum(idle[PLANNED], ZERO))}.")
    if len(extra) == 1:
        sentences.append(f"Una voce ha avuto spesa senza previsione: «{extra['nome'].iloc[0]}», per {numbers.euro(extra[SPENT].iloc[0])}.")
    elif len(extra):
        sentences.append(f"Le voci con spesa e senza previsione sono {phrases.spelled(len(extra))}, per {numbers.euro(sum(extra[SPENT], ZERO))}.")
    return " ".join(sentences)


def _over(over: int, count: int) -> str:
    if not over:
        return "Nessuna voce supera il preventivo."
    if over == 1:
        return f"Una sola voce su {count} supera il preventivo."
    return f"{phrases.spelled(over).capitalize()} voci su {count} superano il preventivo."


def areas(edition: Vintage) -> pd.DataFrame:
    """Plan and outcome by area and in total, in the years published so far.

    Columns ``anno``, ``centro``, ``nome``, ``fase``, ``valore`` in EUR, ``da``; the total is
    the centre ``totale`` of the editions that summarise by area.
    """
    frame = edition.table("bilancio_aree", ["anno", "fase"], fase=[PLANNED, SPENT])
    names = edition.package.read("aree").rename(columns={"area": "centro"})
    frame = frame.merge(names, on="centro", how="inner", validate="many_to_one")
    by_area = frame.groupby(["anno", "fase"])["centro"].transform("nunique") > 1
    return frame[by_area].sort_values(["anno", "fase", "ordine"], kind="stable").reset_index(drop=True)


def goals(edition: Vintage) -> pd.DataFrame:
    """The year by goal of the 2020 plan, as the one document that estimates its outcome prints it.

    Columns as in :func:`areas`; phases ``preventivo``, where printed, and ``preconsuntivo``.
    """
    frame = edition.table("bilancio_aree", fase=ESTIMATED, anno=edition.year)
    source = frame["edizione"].iloc[0] if len(frame) else ""
    frame = edition.table("bilancio_aree", ["anno"], edizione=source, anno=edition.year, fase=[PLANNED, ESTIMATED])
    names = edition.package.read("schede").rename(columns={"scheda": "centro"})
    frame = frame[frame["centro"].str.startswith("po2020-") | (frame["centro"] == "totale")]
    frame = frame.merge(names[["centro", "nome"]], on="centro", how="left", validate="many_to_one")
    return frame.assign(nome=frame["nome"].where(frame["centro"] != "totale", "Totale"))


def goals_table(frame: pd.DataFrame) -> Table | None:
    """The frame of :func:`goals` as a table: two phases and their difference, or the only one."""
    if frame.empty:
        return None
    phases: Sequence[str] = [phase for phase in (PLANNED, ESTIMATED) if phase in set(frame["fase"])]
    if len(phases) == 2:
        return budget(frame, rows="centro", phases=phases, title="Obiettivo")
    return _single(frame.rename(columns={"centro": "voce"}).assign(titolo=""), phases[0])
