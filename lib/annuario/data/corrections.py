"""Corrections: the cells of the data that a document prints wrong, and the values that the books use.

The tables keep what is printed. A table of role ``correzioni`` names, cell by cell, the value
used and why; without a value the documents leave it open, and what is printed is used, marked
as uncertain. ``Package.used`` is a data package in which the corrections are made: what an edition
reads. Checks read both.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from annuario.data import nature
from annuario.data.cells import NUMBERS
from annuario.data.roles import CORRECTIONS, DEFINITIONS, INDICATORS
from annuario.errors import BookError
from annuario.messages import say
from annuario.words import numbers
from annuario.words.markdown import escape

#: What a cell may hold.
Value = Decimal | int | str
if TYPE_CHECKING:
    from annuario.data.package import Package

#: The column of a corrected table that holds each row's corrections, a tuple.
COLUMN = "correzioni"


@dataclass(frozen=True)
class Correction:
    r"""A cell that a document prints wrong, or that it leaves open.

    ``place`` is the row in its table (from 0), ``printed`` and ``used`` are of the field's type,
    ``used`` None where it is open; ``subject`` says what number it is, ``reason`` why another
    counts, ``check`` which check asks for it; ``unit`` is that of the number, ``chapter`` the label of the
    chapter that tells of it, if the book has one.

    >>> cell = ("casi", 3, "valore", Decimal(78))
    >>> one = Correction(*cell, Decimal(106), "Casi nel 2025", "Sono scambiati.", "casi/somma", "relazione-2025")
    >>> one.note, one.said, one.said_used
    ('Casi nel 2025: il documento stampa 78. Sono scambiati.', '78', '106')
    >>> print(one.footnote)
    Casi nel 2025: il documento stampa 78\. Sono scambiati.
    >>> from dataclasses import replace
    >>> left = replace(one, used=None)
    >>> left.open, left.note, left.said_used
    (True, 'Casi nel 2025: valore incerto. Sono scambiati.', '–')
    >>> one.slight, replace(one, printed=Decimal("10000.4"), used=Decimal("10000.2")).slight
    (False, True)
    """

    table: str
    place: int
    field: str
    printed: Value | None
    used: Value | None
    subject: str
    reason: str
    check: str
    edition: str
    unit: str = ""
    chapter: str = ""

    @property
    def open(self) -> bool:
        """Whether the documents do not say which value is right."""
        return self.used is None

    @property
    def note(self) -> str:
        """What stands below a table or a chart that shows the cell, or a number that rests on it."""
        said = "valore incerto" if self.open else f"il documento stampa {self.said}"
        return f"{self.subject}: {said}. {self.reason}"

    @property
    def slight(self) -> bool:
        """Whether the two values are one to who reads: less than half a unit and a ten-thousandth apart."""
        if not isinstance(self.printed, (Decimal, int)) or not isinstance(self.used, (Decimal, int)):
            return False
        gap, used = abs(Decimal(self.printed) - Decimal(self.used)), abs(Decimal(self.used))
        return gap < Decimal("0.5") and gap * 10_000 < used

    @property
    def footnote(self) -> str:
        """The same for the first sentence that uses it, as Markdown, with the chapter that tells of it.

        Empty for a slight one, which a table or chart tells of alone.
        """
        if self.slight:
            return ""
        where = f" (@{self.chapter})" if self.chapter else ""
        return f"{escape(self.note.rstrip('.'))}{where}."

    @property
    def said(self) -> str:
        """The printed value, in the form of its unit."""
        return self._said(self.printed)

    @property
    def said_used(self) -> str:
        """The value used, likewise; ``–`` where it is open."""
        return self._said(self.used)

    def _said(self, value: Value | None) -> str:
        if value is None:
            return numbers.MISSING
        return f"«{value}»" if isinstance(value, str) else numbers.quantity(Decimal(value), self.unit or "numero")


def of(cell: object, field: str = "valore") -> Correction | None:
    """The correction of a field among those that a row holds in its column :data:`COLUMN`, if any.

    >>> one = read(package, "indicatori")[0]
    >>> of((one,)) is one, of((one,), "etichetta"), of(())
    (True, None, None)
    """
    found = cell if isinstance(cell, tuple) else ()
    return next((one for one in found if one.field == field), None)


def read(package: Package, table: str | None = None) -> list[Correction]:
    """The corrections of a package, or of one of its tables, in their order; none without the table.

    Raises BookError with a line for each that is wrong: that names no table, field or row,
    whose printed value is not what the data hold, whose value used is none of the field's type
    or is the printed one.

    >>> read(esempio), read(package, "indicatori")[0].edition
    ([], 'relazione-2025')
    """
    if not package.has(CORRECTIONS):
        return []
    package = package.printed
    found, problems = [], []
    ledger = package.indexed(CORRECTIONS)
    places = ledger.rows({} if table is None else {"tabella": table})
    for place, row in zip(places, ledger.some(places).to_dict("records")):
        wrong = list(_problems(package, row))
        problems += [
            say("{path}, row {row}: {what}.", path=package.path(CORRECTIONS), row=ledger.records[place].row, what=what)
            for what in wrong
        ]
        if not wrong and (corrected := _place(package, row)) is not None:
            found.append(_correction(package, row, corrected))
    if problems:
        raise BookError("\n".join(problems))
    return found


def _problems(package: Package, row: dict) -> Iterator[str]:
    name, field = row["tabella"], row["campo"]
    if name not in package.resources or package.name(CORRECTIONS) == name:
        yield say(
            "column «tabella»: «{name}» is no table that can be corrected: the tables are {resources}",
            name=name,
            resources=", ".join(package.resources),
        )
        return
    keys, fields = _keys(package, name), package.fields(name)
    if field not in fields or field in ("edizione", *keys):
        yield say("column «campo»: «{field}» is no field of «{name}» that can be corrected", field=field, name=name)
        return
    given = _split(row["chiave"])
    if len(given) != len(keys):
        yield (
            say(
                "column «chiave»: «{chiave}» has {count} parts, the key of «{name}» {wanted}: {keys}",
                chiave=row["chiave"],
                count=len(given),
                name=name,
                wanted=len(keys),
                keys=" ".join(keys),
            )
        )
        return
    place = _place(package, row)
    if place is None:
        yield say(
            "column «chiave»: «{chiave}» of «{edizione}» is no row of {path}",
            chiave=row["chiave"],
            edizione=row["edizione"],
            path=package.path(name),
        )
        return
    held = package.indexed(name).column(field)[place]
    kind = fields[field]["type"]
    printed, wrong = _typed(row["stampato"], kind)
    if wrong or printed != held:
        yield (
            say(
                "column «stampato»: «{stampato}» is not what {path}, row {row}, holds: «{held}»",
                stampato=row["stampato"],
                path=package.path(name),
                row=place + 2,
                held=held,
            )
        )
    used, wrong = _typed(row["usato"], kind)
    if wrong:
        yield say("column «usato»: {wrong}", wrong=wrong)
    elif row["usato"] and used == printed:
        yield say(
            "column «usato»: «{usato}» is the printed value: leave it empty where it is uncertain, or delete the row",
            usato=row["usato"],
        )
    elif row["usato"] and not row["fonte"]:
        yield say("column «fonte»: it is empty: name the lines that the value used rests on")


def _correction(package: Package, row: dict, place: int) -> Correction:
    name = row["tabella"]
    kind = package.fields(name)[row["campo"]]["type"]
    printed, used = (_typed(row[column], kind)[0] for column in ("stampato", "usato"))
    return Correction(
        name,
        place,
        row["campo"],
        printed,
        used if row["usato"] else None,
        row["cosa"],
        row["motivo"],
        row["controllo"],
        row["edizione"],
        _unit(package, name, place),
    )


def _keys(package: Package, name: str) -> list[str]:
    """The primary key of a table without the edition."""
    key = package.resources[name]["schema"].get("primaryKey", [])
    return [field for field in ([key] if isinstance(key, str) else key) if field != "edizione"]


def _split(key: str) -> list[str]:
    """The parts of a key, which blanks part; one that holds blanks stands in quotation marks.

    >>> _split('2025 "casa famiglia" costo')
    ['2025', 'casa famiglia', 'costo']
    """
    return next(csv.reader([key], delimiter=" "), [])


def _place(package: Package, row: dict) -> int | None:
    """The row of its table that a correction names."""
    name = row["tabella"]
    fields, where = package.fields(name), {"edizione": row["edizione"]} if "edizione" in package.fields(name) else {}
    for field, text in zip(_keys(package, name), _split(row["chiave"]), strict=True):
        where[field] = _typed(text, fields[field]["type"])[0]
    return next(iter(package.indexed(name).rows(where)), None)


def _typed(text: str, kind: str) -> tuple[Value | None, str]:
    """A text as a value of a field's type, and what is wrong with it, if anything."""
    if kind not in ("number", "integer"):
        return text, ""
    if not text:
        return None, ""
    convert = Decimal if kind == "number" else int
    pattern, what = NUMBERS[convert]
    return (
        (convert(text), "")
        if pattern.fullmatch(text)
        else (None, say("«{text}» is not {what}", text=text[:60], what=say(what)))
    )


def _unit(package: Package, name: str, place: int) -> str:
    """The unit of a row's number, as far as its table or its definition says it."""
    if name == package.name(INDICATORS) and package.has(DEFINITIONS):
        definitions = package.indexed(DEFINITIONS)
        rows = definitions.rows({"indicatore": package.indexed(name).column("indicatore")[place]})
        return definitions.column("unita")[rows[0]] if rows else ""
    declared = package.resources[name]
    if declared.get("unita") or not declared.get("cifra"):
        return declared.get("unita", "")
    table = package.indexed(name)
    code = "/".join([name, *(str(table.column(field)[place]) for field in declared["cifra"])])
    return nature.find(code, nature.declared(package)).unit
