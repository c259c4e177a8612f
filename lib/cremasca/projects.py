"""The register of projects: who promotes and funds them, how much, and what part is the company's."""

from __future__ import annotations

import re
from decimal import Decimal

import pandas as pd

from annuario import numbers, phrases
from annuario.data import Vintage
from annuario.tables import Column, Table

AMOUNTS = {
    "importo_totale": "Importo totale",
    "importo_finanziato": "Importo finanziato",
    "assegnato_ambito": "Assegnato all’Ambito",
    "assegnato_csc": "di cui a CSC",
    "cofinanziamento_csc": "Cofin. CSC",
}
#: Kinds of funding body, told by how the printed name begins.
FUNDERS = (
    ("ministero-regione", r"Ministero ?- ?Regione", "Ministero e Regione"),
    ("ministero", "Ministero", "Ministero del Lavoro"),
    ("regione", "Regione|ATS", "Regione Lombardia e ATS Val Padana"),
    ("provincia", "Provincia", "Provincia"),
    ("unione-europea", "Unione", "Unione europea"),
    ("csc", "CSC", "Piano Operativo dell’azienda"),
    ("fondazioni", "", "Fondazioni ed enti ecclesiastici"),
)


def register(edition: Vintage) -> pd.DataFrame:
    """The projects of the year as the register lists them: amounts in EUR, dates as texts."""
    return edition.table("progetti", anno=edition.year)


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
    return Table(frame, columns, notes=notes, marks={place: 1 for place in wrong})


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
    return Table(frame, columns, notes=notes, marks=marks)


def remarks(projects: pd.DataFrame) -> Table:
    """What the register adds about projects, in words."""
    frame = projects[["numero", "titolo", "annotazione"]].astype({"numero": str})
    frame["annotazione"] = [phrases.capital(text) for text in frame["annotazione"]]
    columns = [Column("numero", "N.", right=True), Column("titolo", "Progetto"), Column("annotazione", "Annotazione")]
    return Table(frame, columns)


def total(projects: pd.DataFrame, amount: str) -> Decimal:
    """The sum of one of :data:`AMOUNTS` over the projects that state it, in EUR."""
    return sum((value for value in projects[amount] if value is not None), Decimal(0))


def by_company_amount(projects: pd.DataFrame) -> pd.DataFrame:
    """What each project assigns to the company, from the largest, zeros left out.

    Columns ``progetto``, ``etichetta`` (the short title), ``anno``, ``valore`` in EUR.
    """
    frame = projects.assign(etichetta=[_short(title) for title in projects["titolo"]], valore=projects["assegnato_csc"])
    frame = frame.loc[[bool(value) for value in frame["valore"]], ["progetto", "etichetta", "anno", "valore"]]
    return frame.sort_values("valore", ascending=False, kind="stable", ignore_index=True)


def by_funder(projects: pd.DataFrame) -> pd.DataFrame:
    """Projects, and what they assign to the company, by kind of funding body.

    Columns ``finanziatore``, ``nome``, ``anno``, ``progetti``, ``valore`` in EUR, from
    the largest. The grouping is ours.
    """
    kinds = [next(code for code, start, _ in FUNDERS if re.match(start, name)) for name in projects["finanziatore"]]
    given = [value or Decimal(0) for value in projects["assegnato_csc"]]
    lines = pd.DataFrame({"finanziatore": kinds, "anno": projects["anno"], "valore": given})
    found = {"anno": ("anno", "first"), "progetti": ("valore", "size"), "valore": ("valore", "sum")}
    frame = lines.groupby("finanziatore").agg(**found).reset_index()
    frame["nome"] = frame["finanziatore"].map({code: name for code, _, name in FUNDERS})
    return frame.sort_values("valore", ascending=False, kind="stable", ignore_index=True)


def company_share(projects: pd.DataFrame) -> pd.DataFrame:
    """The company's share of what each project assigns to the territory, in percent.

    Columns ``progetto``, ``etichetta`` (the short title), ``anno``, ``valore``; projects
    that assign nothing, or do not say, are left out.
    """
    rows = [
        (row.progetto, _short(row.titolo), row.anno, numbers.rounded(row.assegnato_csc / row.assegnato_ambito * 100, 1))
        for row in projects.itertuples()
        if row.assegnato_ambito and row.assegnato_csc is not None
    ]
    return pd.DataFrame(rows, columns=["progetto", "etichetta", "anno", "valore"])


def _short(title: str) -> str:
    """A title up to its explanation, which follows a dash, a colon or a bracket."""
    return re.split(r"(?<=\w.) \(|: | - (?!\d)", title)[0]


def _month(text: str) -> str:
    """``2023-01`` as ``gen 2023``; a year or words as they are."""
    found = re.fullmatch(r"(\d{4})-(\d\d)", text)
    return f"{numbers.MONTHS[int(found[2]) - 1][:3]}{numbers.NBSP}{found[1]}" if found else text or numbers.MISSING
