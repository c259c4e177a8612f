"""What the sheets of an edition's workbook ask for: a subject for each chapter, with its rows and its lists.

A row of a table with a key of its own is a :class:`Line`; a table of open rows, such as meetings
or projects, is a sheet by itself, a :class:`List`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import combinations

from annuario.data import Package, editions, nature
from annuario.data.declaration import EACH
from annuario.data.editions import Edition
from annuario.data.expected import MISSING, SEPARATOR, Expectations, key_fields, keys, tables, words
from annuario.data.roles import DEFINITIONS, INDICATORS
from annuario.errors import BookError
from annuario.messages import say
from annuario.project import Project
from annuario.workbook.bounds import Bounds
from annuario.year.places import Chapters

#: Fields of a row that are not its value and have columns of their own.
SOURCE, NOTE, LABEL = "fonte", "nota", "etichetta"
#: The subject of what no chapter shows.
OTHER = "altre-tabelle"
#: The places of an indicator's number: a table, or the text, which repeats it.
_PLACES = ("tabella", "testo")
_TOTAL = "totale"


@dataclass
class Line:
    """A row that is asked for: what it is in words, what it was last year, what is known of it.

    ``value`` is the draft's, None where there is none yet; ``extras`` are its other fields;
    ``parts`` the keys of the rows that it is the sum of; ``twins`` keys of rows that repeat it.

    >>> line = Form(bozza.project, bozza.package, bozza.edition).lines[0]
    >>> line.name, line.words, line.heading, line.before, line.value, line.state
    (('indicatori', '2026|prestiti/libri|tabella'), 'Prestiti di libri', 'prestiti', Decimal('46310'), None,
    'manca')
    """

    table: str
    key: str
    words: str
    unit: str
    before: Decimal | str | None
    value: Decimal | str | None
    state: str
    reason: str
    bounds: Bounds
    row: dict[str, str]
    label: str = ""
    extras: dict[str, str] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()

    @property
    def name(self) -> tuple[str, str]:
        """What names the row in the workbook."""
        return self.table, self.key

    @property
    def heading(self) -> str:
        """What several rows of a table are about: the group of an indicator."""
        return re.sub(r"^\d+\|", "", self.key).split("/")[0] if "/" in self.key else ""


@dataclass
class List:
    """A table of open rows: the draft's, each by the texts of its fields.

    >>> List("riunioni", "Riunioni", ["data", "tema"], []).fields
    ['data', 'tema']
    """

    table: str
    title: str
    fields: list[str]
    rows: list[dict[str, str]]


@dataclass
class Subject:
    """What one chapter asks for.

    >>> found = subject(Form(bozza.project, bozza.package, bozza.edition), "")[0]
    >>> found.name, found.title, len(found.lines), found.lists
    ('prestiti', 'I prestiti', 11, [])
    """

    name: str
    title: str
    lines: list[Line]
    lists: list[List]


class Form:
    """What an edition's workbook asks for. ``package`` is opened for the edition, and valid.

    >>> form = Form(bozza.project, bozza.package, bozza.edition)
    >>> str(form.before), [one.name for one in form.subjects], len(form.lines), form.lists
    ('relazione-2025', ['prestiti'], 11, [])
    """

    def __init__(self, project: Project, package: Package, edition: Edition):
        self.project, self.package, self.edition = project, package, edition
        earlier = [one for one in editions.published(package) if one.book == edition.book and one.year < edition.year]
        self.before = max(earlier, key=lambda one: one.year, default=None)
        self._natures = nature.declared(package)
        self._expected = {(row.table, row.key): row for row in Expectations(package, str(edition), edition.year).rows}

    @property
    def subjects(self) -> list[Subject]:
        """The subjects in the order of the chapters; what no chapter shows comes last."""
        chapters = Chapters(self.project, self.package, self.project.books[self.edition.book])
        found = {one.name: Subject(one.name, one.title, [], []) for one in chapters.notebooks}
        found[OTHER] = Subject(OTHER, "Altre tabelle", [], [])
        for line in self.lines:
            found[chapters.of(*line.name) or OTHER].lines.append(line)
        for one in self.lists:
            found[chapters.of(one.table, "") or OTHER].lists.append(one)
        return [one for one in found.values() if one.lines or one.lists]

    @cached_property
    def lines(self) -> list[Line]:
        """The rows that are asked for, and those that are there already, table by table."""
        return [line for table in tables(self.package) if is_fixed(self.package, table) for line in self._lines(table)]

    @property
    def lists(self) -> list[List]:
        """The tables of open rows that are asked for, or have rows."""
        package, found = self.package, []
        for table in tables(package):
            if is_fixed(package, table):
                continue
            own = package.indexed(table)
            rows = [_texts(own.frame.iloc[place]) for place in own.places("edizione").get(str(self.edition), ())]
            if rows or (table, "") in self._expected:
                fields = [name for name in package.fields(table) if name != "edizione"]
                found.append(List(table, str(package.resources[table].get("title", table)), fields, rows))
        return found

    def _lines(self, table: str) -> list[Line]:
        package, edition = self.package, self.edition
        own = keys(package, table, str(edition))
        asked = [key for name, key in self._expected if name == table and key]
        then = keys(package, table, str(self.before)) if self.before else {}
        found = {}
        for key in dict.fromkeys((*asked, *own)):
            old = _row(package, table, then.get(self._moved(table, key)))
            now = _row(package, table, own.get(key))
            found[key] = self._line(table, key, old, now)
        _repeated(package, table, found)
        self._totals(table, found)
        return list(found.values())

    def _line(self, table: str, key: str, old: dict, now: dict) -> Line:
        package, what = self.package, value_field(self.package, table)
        named = dict(zip(key_fields(package, table), key.split(SEPARATOR))) | {"edizione": str(self.edition)}
        expected = self._expected.get((table, key))
        told = words(package, table, key)
        if named.get("anno", str(self.edition.year)) != str(self.edition.year):
            told += f" ({named['anno']})"
        shown = now or {name: self._proposed(table, name, text) for name, text in _texts(old).items()}
        others = [name for name in package.fields(table) if name not in (*named, what, SOURCE, NOTE, LABEL)]
        kind = package.fields(table)[what]["type"]
        bounds = Bounds(package, table, what, {**shown, **named}, old.get(what))
        return Line(
            table, key, told, self._unit(table, named) if kind == "number" else "", old.get(what), now.get(what),
            expected.state if expected else MISSING, expected.reason if expected else "", bounds, _texts(now),
            str(shown.get(LABEL, "")), {name: str(shown.get(name) or "") for name in others},
        )  # fmt: skip

    def _moved(self, table: str, key: str) -> str:
        """A key as it was in the edition before."""
        fields, parts = key_fields(self.package, table), key.split(SEPARATOR)
        if self.before and "anno" in fields and len(parts) == len(fields):
            place = fields.index("anno")
            parts[place] = str(int(parts[place]) - self.edition.year + self.before.year)
        return SEPARATOR.join(parts)

    def _proposed(self, table: str, name: str, text: str) -> str:
        """What last year's row says of its fields beside the value, for the new one: dates are moved on, other digits left out."""
        if self.before and self.package.fields(table)[name]["type"] == "date" and text:
            return text.replace(str(self.before.year), str(self.edition.year), 1)
        return "" if re.search(r"\d", text) else text

    def _unit(self, table: str, named: dict[str, str]) -> str:
        package = self.package
        if package.has(INDICATORS, DEFINITIONS) and table == package.name(INDICATORS):
            definitions = package.indexed(DEFINITIONS)
            places = definitions.places("indicatore").get(named["indicatore"])
            return definitions.column("unita")[places[0]] if places else ""
        resource = package.resources[table]
        code = "/".join([table, *(named.get(one, "") for one in resource.get("cifra", []))])
        return resource.get("unita") or nature.find(code, self._natures).unit

    def _totals(self, table: str, lines: dict[str, Line]) -> None:
        """Find the rows of which each total is the sum: those that summed up to it in the edition before."""
        placed = {key: coordinates(self.package, table, key) for key in lines}
        telling = {place for parts in placed.values() for place, part in enumerate(parts) if part != _TOTAL}
        for key, line in lines.items():
            fields = [place for place, part in enumerate(placed[key]) if part == _TOTAL]
            if telling.intersection(fields) and _TOTAL not in line.words.lower():
                line.words += f" ({_TOTAL})"
            for count in range(len(fields), 0, -1):
                for free in combinations(fields, count):
                    parts = [other for other in lines if _is_part(placed[key], placed[other], free)]
                    olds = [old for other in parts if isinstance(old := lines[other].before, Decimal)]
                    if len(olds) == len(parts) > 1 and sum(olds) == line.before and not line.parts:
                        line.parts = tuple(parts)


def is_fixed(package: Package, table: str) -> bool:
    """Whether the rows of a table are asked for one by one, each with one value.

    >>> is_fixed(esempio, "indicatori"), is_fixed(esempio, "edizioni")
    (True, False)
    """
    return package.resources[table].get("attese", EACH) == EACH and bool(
        key_fields(package, table) and value_field(package, table)
    )


def value_field(package: Package, table: str) -> str:
    """The field that holds what a row of a table says: its ``valore``, or the first text that it must have.

    >>> value_field(esempio, "indicatori"), value_field(esempio, "edizioni")
    ('valore', 'libro')
    """
    fields, taken = package.fields(table), (*key_fields(package, table), "edizione", SOURCE, NOTE, LABEL)
    if "valore" in fields:
        return "valore"
    needed = (name for name, one in fields.items() if one.get("constraints", {}).get("required") is True)
    return next((name for name in needed if name not in taken and fields[name]["type"] == "string"), "")


def coordinates(package: Package, table: str, key: str) -> tuple[str, ...]:
    """The parts of a key; of an indicator those of its definition.

    >>> coordinates(esempio, "indicatori", "2025|prestiti/libri|tabella")
    ('2025', 'prestiti', 'libri', 'valore', 'tabella')
    """
    fields, parts = key_fields(package, table), key.split(SEPARATOR)
    if package.has(INDICATORS, DEFINITIONS) and table == package.name(INDICATORS) and "indicatore" in fields:
        definitions, place = package.indexed(DEFINITIONS), fields.index("indicatore")
        found = definitions.places("indicatore").get(parts[place])
        if found:
            own = [definitions.column(name)[found[0]] for name in ("gruppo", "voce", "misura")]
            parts = [*parts[:place], *own, *parts[place + 1 :]]
    return tuple(parts)


def _is_part(total: tuple[str, ...], part: tuple[str, ...], free: tuple[int, ...]) -> bool:
    if len(total) != len(part):
        return False
    return all(
        _TOTAL not in other.split("-") if place in free else one == other
        for place, (one, other) in enumerate(zip(total, part))
    )


def _repeated(package: Package, table: str, lines: dict[str, Line]) -> None:
    """Ask once for a number that stands in a table and in the text, where it was one and the same last year."""
    fields = key_fields(package, table)
    if table != package.name(INDICATORS) or "sede" not in fields:
        return
    for key in list(lines):
        parts = key.split(SEPARATOR)
        if parts[fields.index("sede")] != _PLACES[0]:
            continue
        parts[fields.index("sede")] = _PLACES[1]
        twin = lines.get(SEPARATOR.join(parts))
        one = lines[key]
        if twin and (one.before, one.value, one.state) == (twin.before, twin.value, twin.state):
            one.twins = (twin.key,)
            del lines[twin.key]


def _row(package: Package, table: str, place: int | None) -> dict:
    return {} if place is None else package.indexed(table).frame.iloc[place].to_dict()


def _texts(row) -> dict[str, str]:
    """A row's fields as their texts."""
    values = dict(row)
    return {name: text_of(value) for name, value in values.items()}


def text_of(value: object) -> str:
    """A value as a table's file has it.

    >>> text_of(Decimal("1E+2")), text_of(None), text_of(float("nan")), text_of(2025)
    ('100', '', '', '2025')
    """
    if value is None or value != value:  # noqa: PLR0124 - what is no number is not equal to itself
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def subject(form: Form, name: str) -> list[Subject]:
    """The subjects of a form, or the one called ``name``.

    Raises BookError for a name that is none.

    >>> form = Form(bozza.project, bozza.package, bozza.edition)
    >>> [one.name for one in subject(form, "prestiti")]
    ['prestiti']
    >>> subject(form, "prestito")
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: «prestito» is no subject: the subjects are prestiti.
    """
    every = form.subjects
    chosen = [one for one in every if not name or name in (one.name, one.title)]
    if not chosen:
        raise BookError(
            say(
                "«{name}» is no subject: the subjects are {every}.",
                name=name,
                every=", ".join(one.name for one in every),
            )
        )
    return chosen
