"""Revisions: numbers that two editions print differently for the same thing and year."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd

from annuario.checks import errata
from annuario.data import Package, Vintage
from annuario.data.roles import EDITIONS
from annuario.tables import Column, Table
from annuario.words import numbers, phrases

COLUMNS = [
    "tabella", "cosa", "anno", "edizione_prima", "valore_prima",
    "edizione_dopo", "valore_dopo", "differenza", "fonte_prima", "fonte_dopo",
]  # fmt: skip

# Fields of a key that add nothing to the words: a line has one action, a profile one date.
_UNSAID = ("azione", "atto", "data")


def revisions(package: Package) -> pd.DataFrame:
    """Every number that a later edition prints differently from the edition before it.

    Goes through each table declared with ``edizione``, ``anno`` and ``valore``: the same
    thing is what has the same primary key but the edition. Editions follow one another by
    year, the plan before the report. ``tabella`` is the table's name, ``cosa`` the thing in
    words, ``valore_prima``, ``valore_dopo`` and ``differenza`` (after less before) are
    Decimal, ``fonte_prima`` and ``fonte_dopo`` the documents' lines. A row for each two
    editions in turn that differ, in the order of the tables; then the errata of each edition.
    """
    editions = package.read(EDITIONS).sort_values(["anno", "libro"], kind="stable")["edizione"]
    order = {edition: place for place, edition in enumerate(editions)}
    rows = [
        (name, _words(package, name, key), year, *before[:2], *after[:2], after[1] - before[1], before[2], after[2])
        for name in package.resources
        if {"edizione", "anno", "valore"} <= set(package.fields(name))
        for (key, year), printed in _printed(package, name, order).items()
        for before, after in pairwise(printed)
        if before[1] != after[1]
    ]
    return pd.DataFrame([*rows, *errata.rows(package)], columns=COLUMNS)


def _printed(package: Package, name: str, order: dict[str, int]) -> dict[tuple, list[tuple]]:
    """What editions print of each thing and year: ``(edizione, valore, fonte)``, oldest edition first."""
    frame = package.read(name)
    frame = frame[frame["valore"].notna()].sort_values("edizione", key=lambda names: names.map(order), kind="stable")
    keys = _keys(package, name)
    sources = frame["fonte"] if "fonte" in frame else pd.Series("", index=frame.index)
    printed: dict[tuple, list[tuple]] = {}
    for *key, year, edition, value, source in zip(
        *(frame[column] for column in [*keys, "anno", "edizione", "valore"]), sources
    ):
        printed.setdefault((tuple(key), year), []).append((edition, value, source))
    return printed


def _keys(package: Package, name: str) -> list[str]:
    """The primary key of a table without edition and year."""
    return [field for field in package.resources[name]["schema"]["primaryKey"] if field not in ("edizione", "anno")]


def _words(package: Package, name: str, key: tuple) -> str:
    """A thing in words: the names its key refers to, or else its codes; «totale» only once."""
    parts = []
    for field, code in zip(_keys(package, name), key):
        if field in _UNSAID or (field == "canale" and code == "totale") or code == "tabella":
            continue
        word = "totale" if code == "totale" else _name(package, name, field, code)
        if word not in parts:
            parts.append(word)
    return ", ".join(parts)


def _name(package: Package, name: str, field: str, code: str) -> str:
    """The name of a code in the table that its field refers to, or in those it declares as ``nomi``, or else the code."""
    declared = package.resources[name]["schema"].get("foreignKeys", [])
    tables = [key["reference"]["resource"] for key in declared if key["fields"] == [field]]
    for table in tables or package.fields(name)[field].get("nomi", []):
        if "nome" in package.fields(table):
            names = package.read(table).set_index(package.resources[table]["schema"]["primaryKey"][0])["nome"]
            if code in names:
                return names[code]
    return str(code)


def concerning(edition: Vintage) -> pd.DataFrame:
    """The revisions of the edition's last three years and those of its own numbers, with ``unita``."""
    frame = revisions(edition.package)
    own = (frame["edizione_prima"] == edition.id) | (frame["edizione_dopo"] == edition.id)
    frame = frame[own | frame["anno"].isin(edition.years())].reset_index(drop=True)
    units = [edition.package.resources[name].get("unita", "numero") for name in frame["tabella"]]
    return frame.assign(unita=units, titolo=[edition.package.resources[name]["title"] for name in frame["tabella"]])


def widest(frame: pd.DataFrame) -> dict | None:
    """The revision with the largest difference, as a row; amounts before counts; None without any."""
    if frame.empty:
        return None
    rows = frame.to_dict("records")
    return max(rows, key=lambda row: (row["unita"] == "EUR", abs(row["differenza"])))


def table(frame: pd.DataFrame) -> Table | None:
    """Revisions by table and pair of editions; None without any."""
    if frame.empty:
        return None
    lines, sections = [], []
    for (title, before, after), rows in frame.groupby(["titolo", "edizione_prima", "edizione_dopo"], sort=False):
        for row in rows.to_dict("records"):
            values = [numbers.quantity(row[name], row["unita"]) for name in ("valore_prima", "valore_dopo")]
            what = phrases.capital(row["cosa"])
            lines.append([what, str(row["anno"]), *values, numbers.signed(row["differenza"], row["unita"])])
            sections.append(f"{title}: da «{before.replace('-', ' ')}» a «{after.replace('-', ' ')}»")
    columns = [
        Column("cosa", "Che cosa"), Column("anno", "Anno", right=True), Column("prima", "Prima", right=True),
        Column("dopo", "Dopo", right=True), Column("differenza", "Differenza", right=True),
    ]  # fmt: skip
    printed = pd.DataFrame(lines, columns=[column.name for column in columns])
    return Table(printed, columns, sections=sections)
