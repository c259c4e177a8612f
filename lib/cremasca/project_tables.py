"""The tables of the register of projects: bodies and dates, amounts, remarks."""

from __future__ import annotations

import re

import pandas as pd

from annuario.tables import Column, Table
from annuario.words import numbers, phrases

AMOUNTS = {
    "importo_totale": "Importo totale",
    "importo_finanziato": "Importo finanziato",
    "assegnato_ambito": "Assegnato all’Ambito",
    "assegnato_csc": "di cui a CSC",
    "cofinanziamento_csc": "Cofin. CSC",
}


def parties(projects: pd.DataFrame) -> Table:
    """Who promotes and who funds each project, and its dates."""
    dates = {"data_presentazione": "Presentato", "data_avvio": "Avvio", "data_fine": "Conclusione"}
    dates = {name: title for name, title in dates.items() if projects[name].any()}
    frame = projects[["numero", "titolo", "capofila", "finanziatore"]].astype({"numero": str})
    for name in dates:
        frame[name] = [_month(text) for text in projects[name]]
    wrong = [
        (row, 4 + place)
        for row, note in enumerate(projects["nota"])
        for place, name in enumerate(dates)
        if re.search(rf"data {dates[name].lower()} stampata [^;]*errata", note)
    ]
    notes = ["Data così stampata nel documento, dove è evidentemente errata."] if wrong else []
    columns = [
        Column("numero", "N.", right=True),
        Column("titolo", "Progetto"),
        Column("capofila", "Ente capofila"),
        Column("finanziatore", "Ente finanziatore"),
        *(Column(name, title) for name, title in dates.items()),
    ]
    return Table(frame, columns, notes=notes, marks=dict.fromkeys(wrong, 1), rests=projects)


def amounts(projects: pd.DataFrame) -> Table:
    """The amounts of each project, in EUR; words printed in their place become notes."""
    frame = projects[["numero", "titolo"]].astype({"numero": str})
    notes, marks = [], {}
    for index, name in enumerate(AMOUNTS, start=2):
        frame[name] = [numbers.number(value, 2) for value in projects[name]]
        for row, (value, note) in enumerate(zip(projects[name], projects["nota"])):
            words = re.search(r"assegnato a CSC stampato «([^»]+)»", note)
            if name == "assegnato_csc" and value is None and words:
                text = f"Il documento stampa «{words[1]}»."
                notes += [text] if text not in notes else []
                marks[row, index] = notes.index(text) + 1
    columns = [Column("numero", "N.", right=True), Column("titolo", "Progetto")]
    columns += [Column(name, title, right=True) for name, title in AMOUNTS.items()]
    return Table(frame, columns, notes=notes, marks=marks, rests=projects)


def remarks(projects: pd.DataFrame) -> Table:
    """What the register adds about projects, in words."""
    frame = projects[["numero", "titolo", "annotazione"]].astype({"numero": str})
    frame["annotazione"] = [phrases.capital(text) for text in frame["annotazione"]]
    columns = [Column("numero", "N.", right=True), Column("titolo", "Progetto"), Column("annotazione", "Annotazione")]
    return Table(frame, columns, rests=projects)


def _month(text: str) -> str:
    """``2023-01`` as ``gen 2023``; a year or words as they are."""
    found = re.fullmatch(r"(\d{4})-(\d\d)", text)
    return f"{numbers.MONTHS[int(found[2]) - 1][:3]}{numbers.NBSP}{found[1]}" if found else text or numbers.MISSING
