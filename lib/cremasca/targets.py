"""The goals that a plan sets: what is expected of each, by when, under which heading."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

from annuario import charts, numbers, phrases
from cremasca.goals import SCOPES
from cremasca.plan import INDICATOR
from annuario.tables import Column, Table

#: What a plan expects of a goal: a date, an amount or a share, or that it is done.
KINDS = {"data": "Data", "soglia": "Soglia", "si-no": "Sì o no", "aperto": "Senza indicatore"}
_DAY = re.compile(r"\b(\d\d)/(\d\d)/(\d{4})\b")


def kind(row: dict) -> str:
    """A code of :data:`KINDS`: how one can tell that a goal is reached."""
    if not row["indicatore"]:
        return "aperto"
    if row["scadenza"]:
        return "data"
    return "si-no" if row["valore_atteso"].strip("()").upper() == "SI/NO" else "soglia"


def kinds(frame: pd.DataFrame) -> pd.DataFrame:
    """The goals with their ``tipo``, the heading they stand under (``gruppo``) and its ``nome``.

    The heading is the scope; within a single scope, the part of the plan that the goal declares.
    """
    parts = frame["ambito"].nunique() == 1 and frame["obiettivo_strategico"].all()
    groups = list(frame["obiettivo_strategico"] if parts else frame["ambito"])
    names = [group if parts else SCOPES[group][1] for group in groups]
    return frame.assign(tipo=[kind(row) for row in frame.to_dict("records")], gruppo=groups, nome=names)


def counts(frame: pd.DataFrame) -> Table:
    """How many goals stand under each heading, by what is expected, with a total; counted."""
    used = [code for code in KINDS if code in set(frame["tipo"])]
    lines = []
    for group, rows in frame.groupby("gruppo", sort=False):
        lines.append({"nome": rows["nome"].iloc[0], **_found(rows, used), "tutti": len(rows)})
    lines.append({"nome": "Totale", **_found(frame, used), "tutti": len(frame)})
    columns = [Column("nome", "Ambito"), *(Column(code, KINDS[code], "numero") for code in used if len(used) > 1)]
    columns.append(Column("tutti", "Obiettivi" if used == ["aperto"] else "Indicatori", "numero"))
    return Table(pd.DataFrame(lines), columns, [""] * (len(lines) - 1) + ["totale"])


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
    found = []
    for row in frame.to_dict("records"):
        days = [date.fromisoformat(row["scadenza"])] if row["scadenza"] else []
        days = days or [date(int(year), int(month), int(day)) for day, month, year in _DAY.findall(row["indicatore"])]
        found += days
    return sorted(found)


def schedule(frame: pd.DataFrame) -> str:
    """How many indicators name a date and which: a sentence, or nothing where none does."""
    days = deadlines(frame)
    if not days:
        return ""
    each = {day: phrases.spelled(days.count(day)) for day in dict.fromkeys(days)}
    told = phrases.listing([f"{number} entro il {numbers.date_long(day)}" for day, number in each.items()])
    have = phrases.inflected(len(days), "ha", "hanno")
    return f"Nel valore atteso o nel testo {have} una scadenza {phrases.count(len(days), INDICATOR)}: {told}."


def open_goals(frame: pd.DataFrame) -> Table:
    """Goals without an indicator: number and title, and what each consists of, by part of the plan."""
    lines, sections = [], []
    for place, (part, rows) in enumerate(frame.groupby("obiettivo_strategico", sort=False), start=1):
        for number, row in enumerate(rows.to_dict("records"), start=1):
            lines.append([f"{place}.{number} {row['obiettivo']}", row["nota"]])
            sections.append(f"{place}. {part}")
    columns = [Column("obiettivo", "Obiettivo"), Column("contenuto", "In che cosa consiste")]
    return Table(pd.DataFrame(lines, columns=["obiettivo", "contenuto"]), columns, sections=sections)


def table(frame: pd.DataFrame) -> Table | None:
    """Goals with their indicator and the printed expected value; None where there are none.

    What the document does oddly stands in a note.
    """
    if frame.empty:
        return None
    columns = [Column("obiettivo", "Obiettivo"), Column("indicatore", "Indicatore"), Column("valore_atteso", "Valore atteso")]
    remarks = {row: note for row, note in enumerate(frame["nota"]) if note}
    notes = [f"{phrases.capital(note).rstrip('; .')}." for note in dict.fromkeys(remarks.values())]
    marks = {(row, 2): list(dict.fromkeys(remarks.values())).index(note) + 1 for row, note in remarks.items()}
    return Table(frame, columns, notes=notes, marks=marks, indicators=[])


def told(frame: pd.DataFrame) -> str:
    """How many indicators one scope has and how each can be told reached, in a sentence."""
    words = {"data": "con una data", "soglia": "con una soglia", "si-no": "a risposta sì o no", "aperto": "senza valore atteso"}
    found = {text: int((frame["tipo"] == code).sum()) for code, text in words.items() if code in set(frame["tipo"])}
    if len(frame) == 1:
        return f"L’ambito ha un solo indicatore, {next(iter(found))}."
    if len(found) == 1:
        every = "entrambi" if len(frame) == 2 else "tutti"
        return f"Gli indicatori sono {phrases.spelled(len(frame))}, {every} {next(iter(found))}."
    parts = [f"{phrases.spelled(number)} {text}" for text, number in found.items()]
    return f"Gli indicatori sono {phrases.spelled(len(frame))}: {phrases.listing(parts)}."
