"""The data package: declared tables, read exactly, seen as one edition sees them.

``data/datapackage.json`` is the single place where a table is declared. Every
observation says which edition published it (``edizione``), which year it is
about (``anno``) and where it stands (``fonte``).
"""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import pandas as pd

from annuario import declaration
from annuario.errors import BookError
from annuario.roles import CORRECTIONS, DEFINITIONS, EDITIONS, INDICATORS

#: How many problems of a table are told.
SHOWN = 10
#: What the cells of numbers look like: no exponents, no «NaN», and no more digits than sums hold exactly.
NUMBERS = {
    Decimal: (re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII), "a decimal number with a point, such as 1234.50"),
    int: (re.compile(r"-?\d{1,15}", re.ASCII), "a whole number"),
}
#: The files read so far in this process: what a chapter depends on.
READS: set[str] = set()
#: The tables parsed so far in this process, each with the content and the declaration that it came from.
_PARSED: dict[Path, tuple[bytes, dict, _Table]] = {}


class _Table:
    """A parsed table with an index of each field that was asked about."""

    def __init__(self, frame: pd.DataFrame):
        self.frame = frame
        self._columns: dict[str, list] = {}
        self._places: dict[str, dict[object, list[int]]] = {}

    def column(self, name: str) -> list:
        """The values of a field, row by row."""
        if name not in self._columns:
            self._columns[name] = self.frame[name].tolist()
        return self._columns[name]

    def places(self, name: str) -> dict[object, list[int]]:
        """The rows where each value of a field stands."""
        if name not in self._places:
            found = self._places[name] = {}
            for row, value in enumerate(self.column(name)):
                found.setdefault(value, []).append(row)
        return self._places[name]

    def rows(self, where: dict) -> list[int]:
        """The rows whose fields equal a value each, or are among a list of values."""
        rows = set(range(len(self.frame)))
        for name, value in where.items():
            places = self.places(name)
            values = set(value) if isinstance(value, (list, tuple, set, range)) else {value}
            rows &= {row for value in values for row in places.get(value, ())}
        return sorted(rows)


class Package:
    """The tables of one data folder."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self._tables: dict[str, _Table] = {}

    @cached_property
    def descriptor(self) -> dict:
        """The parsed ``datapackage.json``."""
        path = self.folder / "datapackage.json"
        READS.add(str(path))
        return declaration.read(path)

    @cached_property
    def resources(self) -> dict[str, dict]:
        """The declarations of the tables, by name."""
        return {resource["name"]: resource for resource in self.descriptor["resources"]}

    @cached_property
    def _roles(self) -> dict[str, str]:
        return {found["ruolo"]: name for name, found in self.resources.items() if "ruolo" in found}

    def has(self, *roles: str) -> bool:
        """Whether there is a table for each of these roles."""
        return all(role in self._roles for role in roles)

    def name(self, name: str) -> str:
        """The name of a table, which may be called by its role."""
        return self._roles.get(name, name)

    def fields(self, name: str) -> dict[str, dict]:
        """The declared fields of a table, by name and in order."""
        return {field["name"]: field for field in self.resources[self.name(name)]["schema"]["fields"]}

    def path(self, name: str) -> Path:
        """The file of a table."""
        return self.folder / self.resources[self.name(name)]["path"]

    def read(self, name: str) -> pd.DataFrame:
        """One table as it stands, every row of every edition.

        Fields of type ``number`` become ``Decimal`` (empty: ``None``), ``integer``
        fields ``int``, everything else ``str`` (empty: ``""``). A byte order mark
        and Windows line ends are accepted.

        Raises BookError for an undeclared table, an unreadable file, a missing or
        unknown column, and (the first ten) for cells that are not of their declared type,
        or empty where the declaration asks for a number.
        """
        return self.indexed(name).frame.copy()

    def indexed(self, name: str) -> _Table:
        """One table as ``read`` gives it, indexed; it is shared and must not be changed."""
        name = self.name(name)
        if name not in self.resources:
            raise BookError(f"{self.folder / 'datapackage.json'}: no table «{name}» is declared.")
        READS.add(str(self.path(name)))
        if name not in self._tables:
            self._tables[name] = self._parsed(name)
        return self._tables[name]

    def _parsed(self, name: str) -> _Table:
        path, fields = self.path(name), self.fields(name)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise BookError(f"{path}: cannot be read ({error.strerror}).") from error
        if path not in _PARSED or _PARSED[path][:2] != (content, fields):
            _PARSED[path] = (content, fields, _Table(self._parse(path, content, fields)))
        return _PARSED[path][2]

    def _parse(self, path: Path, content: bytes, fields: dict[str, dict]) -> pd.DataFrame:
        try:
            frame = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise BookError(f"{path}: not UTF-8 (byte {error.start}): save the file as UTF-8.") from error
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            said = f"{path}: not a table: {str(error).strip()}."
            if "inside string" in said:
                last = content.count(b"\n", 0, content.rindex(b'"')) + 1
                said = f"{path}: a quotation mark is opened and not closed (the last one stands in line {last})."
            raise BookError(_misshapen(path, content) or said) from error
        uneven = _misshapen(path, content)
        if uneven:
            raise BookError(uneven)
        missing = [column for column in fields if column not in frame]
        extra = [column for column in frame if column not in fields]
        if missing or extra:
            what = [f"column «{column}» is missing" for column in missing]
            what += [f"column «{column}» is not declared" for column in extra]
            raise BookError(f"{path}: {', '.join(what)}: the declared columns are {', '.join(fields)}.")
        frame = frame[list(fields)]
        problems = []
        for column, field in fields.items():
            if field["type"] in ("number", "integer"):
                convert = Decimal if field["type"] == "number" else int
                required = field.get("constraints", {}).get("required") is True
                values, wrong = _converted(frame[column].tolist(), convert, required)
                problems += [(row, column, what) for row, what in wrong]
                frame[column] = pd.Series(values, index=frame.index, dtype=object if convert is Decimal else None)
        if problems:
            lines = [f"{path}, row {row}, column «{column}»: {what}." for row, column, what in sorted(problems)]
            more = [f"{path}: … and {len(lines) - SHOWN} more."] if len(lines) > SHOWN else []
            raise BookError("\n".join(lines[:SHOWN] + more))
        return frame

    def preload(self) -> None:
        """Parse every table, to have them ready; one that cannot be parsed is left for its reader to meet."""
        try:
            for name in self.resources:
                self._parsed(name)
        except BookError:
            pass

    @property
    def printed(self) -> Package:
        """The package as it stands, every value as printed."""
        return self

    @cached_property
    def used(self) -> Package:
        """The package as the books use it: with the corrections made, where it has any (``annuario.corrections``)."""
        if not self.has(CORRECTIONS):
            return self
        from annuario import corrections  # they are packages themselves

        return corrections.Used(self)

    def edition(self, book: str, year: int) -> Vintage:
        """The data as the edition of ``book`` for ``year`` sees them."""
        return Vintage(self, book, year)


def _misshapen(path: Path, content: bytes) -> str:
    """What is wrong with the rows of a file: each must have the cells of the first; nothing where all have."""
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        return f"{path}, line {line}: it holds a sign that no text has (NUL): write the text again, and save the file as UTF-8."
    if b'"' not in content and len({line.count(b",") for line in content.removesuffix(b"\n").split(b"\n")}) < 2:
        return ""  # the common case, at a glance
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    except csv.Error as error:
        return f"{path}: not a table: {error}."
    names = next((row for row in rows if row), [])
    problems = []
    for number, row in enumerate(rows, 1):
        if not row and number > rows.index(names):
            problems.append(f"{path}, row {number}: it is empty: take it out.")
        elif row and len(row) != len(names):
            more = (
                "put a text with commas in quotation marks, or take off what is too much"
                if len(row) > len(names)
                else "fill it up"
            )
            problems.append(
                f"{path}, row {number}: it has {len(row)} cells, the row of the columns' names {len(names)}: {more}."
            )
    more = [f"{path}: … and {len(problems) - SHOWN} more."] if len(problems) > SHOWN else []
    return "\n".join(problems[:SHOWN] + more)


def _converted(texts: list[str], convert: type, required: bool) -> tuple[list, list[tuple[int, str]]]:
    """The values of some cells, and what is wrong with which rows."""
    pattern, kind = NUMBERS[convert]
    values, wrong = [], []
    for row, text in enumerate(texts, start=2):
        if text == "":
            values.append(None)
            if required:
                wrong.append((row, "is empty: fill it in"))
        elif pattern.fullmatch(text):
            values.append(convert(text))
        else:
            values.append(None)
            wrong.append((row, f"«{text[:60]}» is not {kind}"))
    return values, wrong


class Vintage:
    """The data as one edition sees them.

    The value that the edition itself published comes first; where it is silent
    about a year, the nearest later edition's, then the nearest earlier one's. The
    fields within which one edition is taken whole are declared for each table in
    ``datapackage.json`` as ``vintage``, so that rows of two editions never mix in
    one printed table. The column ``da`` names the edition a row comes from when
    it is not this one; ``correzioni`` in a corrected table the corrections of a row. ``ledger`` is
    the label of the chapter that tells of them, where the book has one.
    """

    ledger = ""

    def __init__(self, package: Package, book: str, year: int):
        self.package = package = package.used
        self.book = book
        self.year = year
        self.id = f"{book}-{year}"
        editions = package.read(EDITIONS)
        self._order = {row.edizione: self._distance(row.libro, row.anno) for row in editions.itertuples()}

    def _distance(self, book: str, year: int) -> tuple:
        """Smaller is preferred: this edition, later ones, earlier ones; own book first."""
        gap = year - self.year
        return (0 if gap == 0 and book == self.book else 1 if gap >= 0 else 2, abs(gap), book != self.book)

    @property
    def published(self) -> bool:
        """Whether the agency published this very edition."""
        return self.id in self._order

    def years(self, count: int = 3) -> list[int]:
        """The last ``count`` years up to the edition's, oldest first."""
        return list(range(self.year - count + 1, self.year + 1))

    def table(self, name: str, series: list[str] | None = None, **where) -> pd.DataFrame:
        """The rows of a table that this edition sees.

        ``where`` keeps the rows whose field equals the value, or is among a list of
        values. Rows of other editions about years after this edition's are left out.
        ``series`` replaces the declared fields within which one edition is taken whole.
        """
        return self._frame(name, self._rows(name, series, where))

    def _frame(self, name: str, rows: list[int]) -> pd.DataFrame:
        """Some rows of a table, with the column ``da``."""
        frame = self.package.indexed(name).frame.iloc[rows].reset_index(drop=True)
        if "edizione" in frame:
            frame["da"] = ["" if edition == self.id else edition for edition in frame["edizione"]]
        return frame

    def _rows(self, name: str, series: list[str] | None, where: dict) -> list[int]:
        """The places of the rows that ``table`` gives."""
        table = self.package.indexed(name)
        rows = table.rows(where)
        if "edizione" not in table.frame:
            return rows
        editions = table.column("edizione")
        if "anno" in table.frame:
            years = table.column("anno")
            rows = [row for row in rows if editions[row] == self.id or years[row] <= self.year]
        dated = ["anno"] if "anno" in table.frame else []
        fields = [
            table.column(field)
            for field in series or self.package.resources[self.package.name(name)].get("vintage", dated)
        ]
        groups: dict[tuple, dict[str, list[int]]] = {}
        for row in rows:
            groups.setdefault(tuple(field[row] for field in fields), {}).setdefault(editions[row], []).append(row)
        return sorted(row for found in groups.values() for row in found[min(found, key=self._order.__getitem__)])

    def indicators(self, which: str | list[str], years: int = 3) -> pd.DataFrame:
        """Indicators of the last ``years`` years, in the printed order.

        ``which`` is a group (the family of one printed table) or a list of indicators.
        Adds to the table ``indicatori`` the declared ``servizio``, ``gruppo``, ``voce``,
        ``misura``, ``nome``, ``unita`` and ``definizione``. A number that stands in prose
        appears only where no table prints the indicator, or anything of its group.

        Raises BookError for a group or an indicator that is not declared.
        """
        rows = self._printed(which, years)
        frame = self._frame(INDICATORS, rows)
        definitions = self.package.indexed(DEFINITIONS)
        places = definitions.places("indicatore")
        beside = definitions.frame.iloc[[places[name][0] for name in frame["indicatore"]]]
        return pd.concat([frame, beside.drop(columns="indicatore").reset_index(drop=True)], axis="columns")

    def _printed(self, which: str | list[str], years: int) -> list[int]:
        """The places of the rows that ``indicators`` gives, in their order."""
        names = self._declared(which)
        where = {"indicatore": names, "anno": self.years(years)}
        rows = self._rows(INDICATORS, ["anno"] if isinstance(which, str) else None, where | {"sede": "tabella"})
        printed = self.package.indexed(INDICATORS).column("indicatore")
        if not (isinstance(which, str) and rows):
            known = {printed[row] for row in rows}
            prose = self._rows(INDICATORS, ["anno", "indicatore"], where | {"sede": "testo"})
            rows += [row for row in prose if printed[row] not in known]
        if not isinstance(which, str):
            rows.sort(key=lambda row: names.index(printed[row]))
        return rows

    def _declared(self, which: str | list[str]) -> list[str]:
        """The indicators of a group, or those asked for, all of which must be declared."""
        definitions = self.package.indexed(DEFINITIONS)
        places = definitions.places("gruppo" if isinstance(which, str) else "indicatore")
        names = [which] if isinstance(which, str) else which
        unknown = [name for name in names if name not in places]
        if unknown:
            raise BookError(
                f"{self.package.path(DEFINITIONS)}: {', '.join(f'«{name}»' for name in unknown)} is not declared: "
                "check the spelling or add the definition."
            )
        return [definitions.column("indicatore")[row] for name in names for row in places[name]]

    def value(self, indicator: str, year: int | None = None) -> Decimal | None:
        """One indicator's value in one year (default: the edition's), or None."""
        where = {"indicatore": self._declared([indicator]), "anno": self.year if year is None else year}
        table = self.package.indexed(INDICATORS)
        first = min(self._rows(INDICATORS, None, where), key=table.column("sede").__getitem__, default=None)
        return None if first is None else table.column("valore")[first]

    def has(self, group: str, year: int | None = None) -> bool:
        """Whether a group has an indicator in a year (default: the edition's)."""
        where = {"indicatore": self._declared(group), "anno": self.year if year is None else year}
        return len(self._rows(INDICATORS, None, where)) > 0

    def series(self, indicator: str, years: int = 3) -> dict[int, Decimal]:
        """One indicator by year, oldest first, for the last ``years`` years known."""
        rows = self._printed([indicator], years)
        table = self.package.indexed(INDICATORS)
        return dict(sorted((table.column("anno")[row], table.column("valore")[row]) for row in rows))
