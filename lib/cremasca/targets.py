"""The goals that a plan sets: what is expected of each, by when, under which heading."""

from __future__ import annotations

import re
from datetime import date
from functools import cached_property, partial

import pandas as pd

from annuario import charts
from annuario.data import Vintage
from annuario.data.nature import FACT, Nature
from annuario.figures import Figure, Figures, Said
from annuario.notebook import Chapter
from annuario.tables import Column, Table
from annuario.words import numbers, phrases
from cremasca import goals
from cremasca.counts import counted
from cremasca.plan import INDICATOR

#: What a plan expects of a goal: a date, an amount or a share, or that it is done.
KINDS = {"data": "Data", "soglia": "Soglia", "si-no": "Sì o no", "aperto": "Senza indicatore"}
#: How one can tell that an indicator is reached, in words.
TOLD = {
    "data": "con una data",
    "soglia": "con una soglia",
    "si-no": "a risposta sì o no",
    "aperto": "senza valore atteso",
}
#: What tells one row of the table from the others.
KEYS = ["ambito", "numero", "obiettivo", "obiettivo_operativo", "indicatore"]
GOAL = phrases.Noun("obiettivo strategico", "obiettivi strategici")
AREA, SCOPE = phrases.Noun("area", "aree", feminine=True), phrases.Noun("ambito", "ambiti")
_DAY = re.compile(r"\b(\d\d)/(\d\d)/(\d{4})\b")


class Traguardi:
    """The goals of a plan: some plans give them indicators with an expected value, others none (they are open)."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self.frame = kinds(libro, goals.goals(libro))
        self.open = len(self.frame) > 0 and set(self.frame["tipo"]) == {"aperto"}
        self.strategici, self.aziendali = self._of("strategici"), self._of("servizi-aziendali")
        self.associata, self.progettazione = self._of("gestione-associata"), self._of("progettazione")
        self.ufficio = self._of("ufficio-di-piano")

    def _of(self, scope: str) -> Ambito:
        return Ambito(self, goals.of(self.frame, scope))

    def count(self, code: str, frame: pd.DataFrame, noun: phrases.Noun, name: str = "") -> Figure:
        """How many rows; absent where there is none."""
        nature = Nature("numero", FACT, noun=noun, feminine=noun.feminine)
        return counted(self.libro, f"obiettivi/{code}", frame, KEYS, nature, len(frame) > 0, name)

    @cached_property
    def obiettivi(self) -> Figure:
        """The strategic goals, where the plan has no indicators; else absent."""
        return self.count("aperti", self.frame if self.open else self.frame[:0], GOAL)

    @cached_property
    def indicatori(self) -> Figure:
        """The indicators; absent where the plan has none."""
        return self.count("indicatori", self.frame[:0] if self.open else self.frame, INDICATOR)

    # -- the headings they stand under

    @cached_property
    def voci(self) -> Figures:
        """How many goals, or indicators, stand under each heading."""
        groups = dict(iter(self.frame.groupby("gruppo", sort=False)))
        noun = GOAL if self.open else INDICATOR
        make = {group: partial(self.count, group, rows, noun, rows["nome"].iloc[0]) for group, rows in groups.items()}
        return Figures("obiettivi", make, self.libro.year)

    @property
    def quante(self) -> Said:
        """How many headings: ``tre aree``, ``cinque ambiti``."""
        return Said(phrases.count(len(self.voci), AREA if self.open else SCOPE, words=True)).of(*self.voci.note)

    @property
    def aree(self) -> Said:
        """The headings by name: ``organizzazione, servizi e progetti``."""
        return Said(phrases.listing([figure.name.lower() for figure in self.voci.note])).of(*self.voci.note)

    @property
    def maggiore(self) -> Figure:
        """That with most goals, where the plan has no indicators."""
        self.obiettivi.valore
        return self.voci.massima

    @property
    def maggiore_per_indicatori(self) -> Figure:
        """That with most indicators."""
        self.indicatori.valore
        return self.voci.massima

    # -- dates

    @cached_property
    def _days(self) -> list[date]:
        return deadlines(self.frame)

    @property
    def con_scadenza(self) -> Figure:
        """How many indicators name a date; absent where none does."""
        return self.count("scadenze", self.frame[self.frame.apply(lambda row: bool(_days(row)), axis=1)], INDICATOR)

    @property
    def scadenze(self) -> Said:
        """``due entro il 30 giugno 2021 e quattordici entro il 31 dicembre 2021``."""
        each = {day: phrases.spelled(self._days.count(day)) for day in dict.fromkeys(self._days)}
        told = phrases.listing([f"{number} entro il {numbers.date_long(day)}" for day, number in each.items()])
        return Said(told).of(self.con_scadenza)

    # -- tables and charts

    @property
    def che(self) -> Said:
        """What the tables count: ``Obiettivi`` or ``Indicatori``."""
        return Said("Obiettivi" if self.open else "Indicatori")

    @property
    def dove(self) -> Said:
        """What they stand under: ``area`` or ``ambito``."""
        return Said("area" if self.open else "ambito")

    def conteggio(self) -> Table | None:
        """How many stand under each heading."""
        return counts(self.frame) if len(self.frame) else None

    def distribuzione(self) -> charts.Chart | None:
        """The same as parts of the whole."""
        return chart(self.frame, f"{self.che} del piano") if len(self.frame) else None

    def tipi(self) -> charts.Chart | None:
        """How the indicators can be told reached; None without indicators."""
        return kinds_chart(self.frame, "Indicatori per tipo di valore atteso") if self.indicatori.nota else None


class Ambito:
    """The goals of one scope."""

    def __init__(self, plan: Traguardi, frame: pd.DataFrame):
        self.plan, self.frame = plan, frame

    @cached_property
    def obiettivi(self) -> Figure:
        """How many goals, with or without indicator."""
        return self.plan.count("tutti", self.frame, GOAL)

    @cached_property
    def indicatori(self) -> Figure:
        """How many indicators; absent where the plan has none."""
        return self.plan.count("indicatori", self.frame[:0] if self.plan.open else self.frame, INDICATOR)

    @property
    def tipi(self) -> Said:
        """How each can be told reached: ``, otto con una soglia e otto a risposta sì o no``, ``, tutti con una data``."""
        found = {
            text: int((self.frame["tipo"] == code).sum())
            for code, text in TOLD.items()
            if code in set(self.frame["tipo"])
        }
        every = {1: "", 2: "entrambi "}.get(len(self.frame), "tutti ")
        if len(found) == 1:
            return Said(f", {every}{next(iter(found))}").of(self.indicatori)
        parts = [f"{phrases.spelled(number)} {text}" for text, number in found.items()]
        return Said(f", {phrases.listing(parts)}").of(self.indicatori)

    def tabella(self) -> Table | None:
        """The goals with their indicators, or, of those without, what they consist of; None where there are none."""
        return open_goals(self.frame) if self.plan.open and len(self.frame) else table(self.frame)


def kind(row: dict) -> str:
    """A code of :data:`KINDS`: how one can tell that a goal is reached."""
    if not row["indicatore"]:
        return "aperto"
    if row["scadenza"]:
        return "data"
    return "si-no" if row["valore_atteso"].strip("()").upper() == "SI/NO" else "soglia"


def kinds(edition: Vintage, frame: pd.DataFrame) -> pd.DataFrame:
    """The goals with their ``tipo``, the heading they stand under (``gruppo``) and its ``nome``.

    The heading is the scope; within a single scope, the part of the plan that the goal declares.
    """
    parts = frame["ambito"].nunique() == 1 and frame["obiettivo_strategico"].all()
    groups = list(frame["obiettivo_strategico"] if parts else frame["ambito"])
    scopes = goals.scopes(edition)
    names = [group if parts else scopes[group].altro for group in groups]
    return frame.assign(tipo=[kind(row) for row in frame.to_dict("records")], gruppo=groups, nome=names)


def counts(frame: pd.DataFrame) -> Table:
    """How many goals stand under each heading, by what is expected, with a total; counted."""
    used = [code for code in KINDS if code in set(frame["tipo"])]
    lines = []
    for _group, rows in frame.groupby("gruppo", sort=False):
        lines.append({"nome": rows["nome"].iloc[0], **_found(rows, used), "tutti": len(rows)})
    lines.append({"nome": "Totale", **_found(frame, used), "tutti": len(frame)})
    columns = [Column("nome", "Ambito"), *(Column(code, KINDS[code], "numero") for code in used if len(used) > 1)]
    columns.append(Column("tutti", "Obiettivi" if used == ["aperto"] else "Indicatori", "numero"))
    return Table(pd.DataFrame(lines), columns, [""] * (len(lines) - 1) + ["totale"], rests=frame)


def _found(frame: pd.DataFrame, codes: list[str]) -> dict[str, int]:
    return {code: int((frame["tipo"] == code).sum()) for code in codes}


def chart(frame: pd.DataFrame, subject: str) -> charts.Chart:
    """How many goals stand under each heading."""
    sums = frame.groupby(["gruppo", "nome"], sort=False).size().rename("valore").reset_index()
    return charts.shares(sums.assign(anno=frame["anno"].iloc[0]), subject, rows="gruppo", unit="numero")


def kinds_chart(frame: pd.DataFrame, subject: str) -> charts.Chart:
    """How the goals can be told reached, all headings together."""
    sums = frame["tipo"].value_counts().rename_axis("codice").rename("valore").reset_index()
    sums = sums.assign(nome=sums["codice"].map(KINDS), anno=frame["anno"].iloc[0])
    return charts.shares(sums, subject, rows="codice", unit="numero")


def deadlines(frame: pd.DataFrame) -> list[date]:
    """The dates that the goals name, as expected value or in the indicator's words, in order."""
    return sorted(day for row in frame.to_dict("records") for day in _days(row))


def _days(row: dict) -> list[date]:
    if row["scadenza"]:
        return [date.fromisoformat(row["scadenza"])]
    return [date(int(year), int(month), int(day)) for day, month, year in _DAY.findall(row["indicatore"])]


def open_goals(frame: pd.DataFrame) -> Table:
    """Goals without an indicator: number and title, and what each consists of, by part of the plan."""
    lines, sections = [], []
    for place, (part, rows) in enumerate(frame.groupby("obiettivo_strategico", sort=False), start=1):
        for number, row in enumerate(rows.to_dict("records"), start=1):
            lines.append([f"{place}.{number} {row['obiettivo']}", row["nota"]])
            sections.append(f"{place}. {part}")
    columns = [Column("obiettivo", "Obiettivo"), Column("contenuto", "In che cosa consiste")]
    return Table(pd.DataFrame(lines, columns=["obiettivo", "contenuto"]), columns, sections=sections, rests=frame)


def table(frame: pd.DataFrame) -> Table | None:
    """Goals with their indicator and the printed expected value; None where there are none.

    What the document does oddly stands in a note.
    """
    if frame.empty:
        return None
    columns = [
        Column("obiettivo", "Obiettivo"),
        Column("indicatore", "Indicatore"),
        Column("valore_atteso", "Valore atteso"),
    ]
    remarks = {row: note for row, note in enumerate(frame["nota"]) if note}
    notes = [f"{phrases.capital(note).rstrip('; .')}." for note in dict.fromkeys(remarks.values())]
    marks = {(row, 2): list(dict.fromkeys(remarks.values())).index(note) + 1 for row, note in remarks.items()}
    return Table(frame, columns, notes=notes, marks=marks, indicators=[])
