"""Revisions: numbers that two editions print differently for the same thing and year."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd

from annuario.checks import errata
from annuario.data import Package, Vintage
from annuario.data.nature import declared, find
from annuario.data.roles import EDITIONS
from annuario.tables import Column, Table
from annuario.words import numbers, phrases

COLUMNS = [
    "tabella", "cosa", "anno", "edizione_prima", "valore_prima",
    "edizione_dopo", "valore_dopo", "differenza", "fonte_prima", "fonte_dopo", "natura",
]  # fmt: skip
#: What a revision is: a budget that is brought up to date, another number for the same thing, or one found wrong.
UPDATE, CHANGE, ERRATUM = "aggiornamento", "rettifica", "errata"
#: The states of an amount that later documents bring up to date.
PROVISIONAL = ("preventivo", "assestato", "preconsuntivo")

# Fields of a key that add nothing to the words: a line has one action, a profile one date.
_UNSAID = ("azione", "atto", "data")
#: The field of a table's one value; where it has none, all its decimal numbers are compared.
_VALUE = "valore"


def revisions(package: Package) -> pd.DataFrame:
    """Every number that a later edition prints differently from the edition before it.

    Goes through each table whose key holds ``edizione`` and that has decimal numbers (``valore``,
    or all that it declares): the same thing is what has the same primary key but the edition.
    Editions follow one another by year, the plan before the report. ``tabella`` is the table's
    name, ``cosa`` the thing in words, ``anno`` its year (None for a thing of no year),
    ``valore_prima``, ``valore_dopo`` and ``differenza`` (after less before) are Decimal,
    ``fonte_prima`` and ``fonte_dopo`` the documents' lines; ``natura`` tells a budget that is
    brought up to date (:data:`UPDATE`, by the declared basis of the amount) and what the agency found wrong
    (:data:`ERRATUM`) from every other change. A row for each two editions in turn that differ, in the order of the tables; then the errata of
    each edition.

    >>> revisions(esempio).empty  # one edition alone revises nothing
    True
    """
    package = package.printed
    editions = package.read(EDITIONS).sort_values(["anno", "libro"], kind="stable")["edizione"]
    order = {edition: place for place, edition in enumerate(editions)}
    natures = declared(package)
    rows = [
        (name, _words(package, name, key, field, after[3]), year, *before[:2], *after[:2], after[1] - before[1],
         before[2], after[2], _kind(package, name, key, natures))
        for name in package.resources
        for field in _compared(package, name)
        for (key, year), printed in _printed(package, name, field, order).items()
        for before, after in pairwise(printed)
        if before[1] != after[1]
    ]  # fmt: skip
    return pd.DataFrame(
        [*rows, *((*erratum, ERRATUM) for erratum in errata.rows(package))], columns=COLUMNS, dtype=object
    )


def _compared(package: Package, name: str) -> list[str]:
    """The fields of a table that editions can print differently; none where its rows are mere places in a list."""
    fields, key = package.fields(name), package.resources[name]["schema"].get("primaryKey", [])
    things = _keys(package, name)
    if "edizione" not in key or not things or (len(things) == 1 and fields[things[0]]["type"] == "integer"):
        return []
    numbers_ = [field for field, declared in fields.items() if declared["type"] == "number" and field not in key]
    return [_VALUE] if _VALUE in numbers_ else numbers_


def _kind(package: Package, name: str, key: tuple, natures: dict) -> str:
    """Whether a number is an amount of a budget that later documents bring up to date."""
    held = dict(zip(_keys(package, name), key, strict=True))
    fields = package.resources[name].get("cifra") or []
    code = "/".join([name, *(str(held[field]) for field in fields if field in held)])
    return UPDATE if find(code, natures).basis in PROVISIONAL else CHANGE


def _printed(package: Package, name: str, field: str, order: dict[str, int]) -> dict[tuple, list[tuple]]:
    """What editions print of each thing and year: ``(edizione, valore, fonte, nome)``, oldest edition first."""
    frame = package.read(name)
    frame = frame[frame[field].notna()].sort_values("edizione", key=lambda names: names.map(order), kind="stable")
    keys, nothing = _keys(package, name), pd.Series("", index=frame.index)
    sources = frame.get("fonte", nothing)
    labels = frame["titolo"] if "titolo" in frame and len(keys) == 1 else nothing
    years = frame["anno"] if "anno" in package.resources[name]["schema"]["primaryKey"] else [None] * len(frame)
    printed: dict[tuple, list[tuple]] = {}
    for *key, year, edition, value, source, label in zip(
        *(frame[column] for column in keys), years, frame["edizione"], frame[field], sources, labels, strict=True
    ):
        printed.setdefault((tuple(key), year), []).append((edition, value, source, label))
    return printed


def _keys(package: Package, name: str) -> list[str]:
    """The primary key of a table without edition and year."""
    return [field for field in package.resources[name]["schema"]["primaryKey"] if field not in ("edizione", "anno")]


def _words(package: Package, name: str, key: tuple, field: str = _VALUE, label: str = "") -> str:
    """A thing in words: its label, the names its key refers to, or else its codes; «totale» only once; and the field."""
    parts = [label] if label else []
    for named, code in zip(_keys(package, name), () if label else key):
        if named in _UNSAID or (named == "canale" and code == "totale") or code == "tabella":
            continue
        word = "totale" if code == "totale" else _name(package, name, named, code)
        if word not in parts:
            parts.append(word)
    if field != _VALUE:
        parts.append(package.fields(name)[field].get("title", field).lower())
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
    """The revisions of the edition's last three years and those of its own numbers, with ``unita``.

    >>> found = concerning(esempio.edition("relazione", 2025))
    >>> list(found) == [*COLUMNS, "unita", "titolo"], len(found)
    (True, 0)
    """
    frame = revisions(edition.package)
    own = (frame["edizione_prima"] == edition.id) | (frame["edizione_dopo"] == edition.id)
    frame = frame[own | frame["anno"].isin(edition.years())].reset_index(drop=True)
    units = [edition.package.resources[name].get("unita", "numero") for name in frame["tabella"]]
    return frame.assign(unita=units, titolo=[edition.package.resources[name]["title"] for name in frame["tabella"]])


def widest(frame: pd.DataFrame) -> dict | None:
    """The revision with the largest difference, as a row; amounts before counts; None without any.

    >>> frame = pd.DataFrame({"unita": ["casi", "EUR", "EUR"], "differenza": [900, -300, 200]})
    >>> widest(frame)["differenza"], widest(frame[:0])
    (-300, None)
    """
    if frame.empty:
        return None
    rows = frame.to_dict("records")
    return max(rows, key=lambda row: (row["unita"] == "EUR", abs(row["differenza"])))


def table(frame: pd.DataFrame) -> Table | None:
    """Revisions by table and pair of editions; None without any.

    >>> cells = ("casi", "nuovi casi", 2024, "relazione-2024", 12, "relazione-2025", 15, 3)
    >>> frame = pd.DataFrame([cells], columns=COLUMNS[:8]).assign(unita="casi", titolo="Casi")
    >>> print(table(frame))
    Che cosa                                      Anno  Prima  Dopo  Differenza
    Casi: da «relazione 2024» a «relazione 2025»
    Nuovi casi                                    2024     12    15          +3
    >>> table(frame[:0]) is None
    True
    """
    if frame.empty:
        return None
    lines, sections = [], []
    for (title, before, after), rows in frame.groupby(["titolo", "edizione_prima", "edizione_dopo"], sort=False):
        for row in rows.to_dict("records"):
            values = [numbers.quantity(row[name], row["unita"]) for name in ("valore_prima", "valore_dopo")]
            what = phrases.capital(row["cosa"])
            year = numbers.MISSING if numbers.is_missing(row["anno"]) else str(row["anno"])
            lines.append([what, year, *values, numbers.signed(row["differenza"], row["unita"])])
            sections.append(f"{title}: da «{before.replace('-', ' ')}» a «{after.replace('-', ' ')}»")
    columns = [
        Column("cosa", "Che cosa"), Column("anno", "Anno", right=True), Column("prima", "Prima", right=True),
        Column("dopo", "Dopo", right=True), Column("differenza", "Differenza", right=True),
    ]  # fmt: skip
    printed = pd.DataFrame(lines, columns=[column.name for column in columns])
    return Table(printed, columns, sections=sections)
