"""The data package: declared tables, read exactly.

``data/datapackage.json`` is the single place where a table is declared. Every
observation says which edition published it (``edizione``), which year it is
about (``anno``) and where it stands (``fonte``).
"""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import pandas as pd

from annuario.data import declaration
from annuario.data.cells import converted, day
from annuario.data.corrections import COLUMN, Correction, read
from annuario.data.problem import first
from annuario.data.questions import ASKS, ROWS, Index, told, values_of
from annuario.data.roles import CORRECTIONS, EDITIONS
from annuario.data.value import Record, Value
from annuario.data.vintage import Vintage
from annuario.errors import BookError
from annuario.messages import say, why

#: The word in ``stato`` of the table of editions that makes one a draft.
DRAFT = "bozza"
#: How many problems of a table are told.
SHOWN = 50
#: What was read so far in this process: what a chapter depends on. Files, and questions asked of them
#: (``annuario.data.questions``).
READS: set[str] = set()
_here = threading.local()
#: Corrected tables made so far in this process, each with the tables that it was made of.
_MADE: dict[Path, tuple] = {}
#: The tables parsed so far in this process, each with the content and the declaration that it came from.
_PARSED: dict[Path, tuple[bytes, dict, _Table]] = {}


@contextmanager
def unwatched() -> Iterator[None]:
    """What is read within is not recorded: whoever reads it tells what it depends on.

    >>> is_unwatched()
    False
    >>> with unwatched():
    ...     is_unwatched()
    True
    """
    with _asleep(True):
        yield


@contextmanager
def watched() -> Iterator[None]:
    """Within what is not recorded, a part that is.

    >>> with unwatched(), watched():
    ...     is_unwatched()
    False
    """
    with _asleep(False):
        yield


@contextmanager
def _asleep(asleep: bool) -> Iterator[None]:
    _here.asleep, before = asleep, getattr(_here, "asleep", False)
    try:
        yield
    finally:
        _here.asleep = before


def is_unwatched() -> bool:
    """Whether what is read now, in this thread, is not recorded.

    >>> is_unwatched()
    False
    """
    return getattr(_here, "asleep", False)


class _Column(list):
    """The values of a field, row by row: whoever goes through them has read the whole table, who takes one has not."""

    def __init__(self, values: list, whole: Callable[[], None]):
        super().__init__(values)
        self._whole = whole

    def __iter__(self) -> Iterator:
        self._whole()
        return super().__iter__()

    def __contains__(self, value: object) -> bool:
        self._whole()
        return super().__contains__(value)

    def __len__(self) -> int:
        self._whole()
        return super().__len__()


class _Table:
    """A parsed table with an index of each field that was asked about; ``records`` are its rows in its file.

    What a chapter depends on is recorded as it asks: the rows that it asked for by their fields
    (``rows``) and took (``some``, or one by one from a ``column``), or else the whole ``file``.
    ``hidden`` are the editions whose rows are left out; fields that are ``loose`` hold other values
    than the file. ``mended``: whether its file has cells in another form than that of data, which can
    mean one thing alone.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        records: list[Record],
        file: Path,
        hidden: frozenset[str] = frozenset(),
        loose: frozenset[str] = frozenset(),
        mended: bool = False,
    ):
        self._frame = frame
        self.records = records
        self.file = file
        self.hidden = hidden
        self.loose = loose
        self.mended = mended
        self.fields = frozenset(frame.columns)
        self._columns: dict[str, _Column] = {}
        self._index: Index | None = None

    def whole(self) -> None:
        """The whole file has been read."""
        READS.add(str(self.file))

    @property
    def frame(self) -> pd.DataFrame:
        """All the rows; they are shared and must not be changed."""
        self.whole()
        return self._frame

    def some(self, rows: Sequence[int]) -> pd.DataFrame:
        """A copy of rows that were asked for."""
        return self._frame.iloc[rows].reset_index(drop=True)

    def extended(self, rows: pd.DataFrame, records: list[Record]) -> _Table:
        """The same table with more rows at its end."""
        frame = pd.concat([self.frame, rows.astype(self._frame.dtypes.to_dict())], ignore_index=True)
        return _Table(frame, [*self.records, *records], self.file, self.hidden, self.loose, self.mended)

    def column(self, name: str) -> list:
        """The values of a field, row by row."""
        if name not in self._columns:
            self._columns[name] = _Column(self._frame[name].tolist(), self.whole)
        return self._columns[name]

    def places(self, name: str) -> dict:
        """The rows where each value of a field stands."""
        self.whole()
        return self._indexed([name]).places(name)

    def _indexed(self, names: Iterable[str]) -> Index:
        if self._index is None:
            self._index = Index({}, len(self.records))
        for name in names:
            if name not in self._index.columns:
                self._index.columns[name] = list.copy(self.column(name))
        return self._index

    def rows(self, where: Mapping[str, object]) -> list[int]:
        """The rows whose fields equal a value each, or are among a list of values."""
        self.ask(where)
        return self.matching(where)

    def matching(self, where: Mapping[str, object]) -> list[int]:
        """The same, for who tells what is asked: see ``ask``."""
        return self._indexed(where).rows({name: values_of(value) for name, value in where.items()})

    def ask(
        self, where: Mapping[str, object], view: Mapping | None = None, then: Mapping[str, object] | None = None
    ) -> None:
        """Record what is asked; see ``annuario.data.questions.told``."""
        exact = not self.mended and self.loose.isdisjoint((*where, *(then or ()), *(view or {}).get("campi", ())))
        question = told(where, self.hidden, view, then) if exact else None
        if question is None:
            self.whole()
        else:
            READS.add(f"{self.file}{ASKS}{ROWS}{question}")


class Package:
    """The tables of one data folder.

    The rows of a draft are seen by that ``edition`` alone: for whoever opens another, or
    none, they are not there, neither as values nor as revisions, checks or entries of an index.

    >>> list(esempio.resources)[:3], esempio.name("grandezze"), esempio.path("edizioni").name
    (['edizioni', 'definizioni', 'indicatori'], 'grandezze', 'edizioni.csv')
    >>> list(esempio.fields("edizioni"))[:3], esempio.own, esempio.drafts
    (['edizione', 'libro', 'anno'], '', frozenset())
    >>> esempio.has("indicatori", "definizioni"), esempio.has("discrepanze")
    (True, False)
    >>> esempio.descriptor["resources"][0]["ruolo"], esempio.printed is esempio, esempio.used is esempio
    ('edizioni', True, True)
    """

    def __init__(self, folder: Path, edition: str = ""):
        self.folder = Path(folder)
        self.own = edition
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
        """One table as it stands, every row of every edition, but drafts that are not the package's.

        Fields of type ``number`` become ``Decimal`` (empty: ``None``), ``integer``
        fields ``int``, everything else ``str`` (empty: ``""``). A byte order mark,
        Windows line ends, blanks around a cell and numbers typed in a form that can mean one
        number alone (``1.234,50``) are accepted.

        Raises BookError for an undeclared table, an unreadable file, a missing or
        unknown column, and (the first :data:`SHOWN`) for cells that are not of their declared type,
        or empty where the declaration asks for a number.

        >>> esempio.read("indicatori").loc[0, ["edizione", "indicatore", "valore", "nota"]].tolist()
        ['relazione-2025', 'prestiti/libri', Decimal('41200'), 'dato di esempio']
        >>> esempio.read("casi")
        Traceback (most recent call last):
            ...
        annuario.errors.BookError: .../datapackage.json: no table «casi» is declared.
        """
        return self.indexed(name).frame.copy()

    @cached_property
    def drafts(self) -> frozenset[str]:
        """The editions whose ``stato`` is «bozza»."""
        if "stato" not in self.fields(EDITIONS):
            return frozenset()
        table = self.whole(EDITIONS)
        states = zip(table.column("edizione"), table.column("stato"))
        return frozenset(edition for edition, state in states if state == DRAFT)

    def indexed(self, name: str) -> _Table:
        """One table as ``read`` gives it, indexed; it is shared and must not be changed.

        >>> table = esempio.indexed("indicatori")
        >>> places = table.rows({"indicatore": "prestiti/libri", "anno": [2024, 2025]})
        >>> [str(table.column("valore")[place]) for place in places], table.records[places[0]]
        (['43850', '46310'], Record(table='indicatori', row=3, source='esempio'))
        """
        name = self.name(name)
        if name not in self._tables:
            self._tables[name] = self._seen(self.whole(name))
        return self._tables[name]

    def _seen(self, table: _Table) -> _Table:
        """A table without the rows of drafts but the package's own edition."""
        if "edizione" not in table.fields or not (hidden := self.drafts - {self.own}):
            return table
        gone = set(table.matching({"edizione": hidden}))
        left = [row for row in range(len(table.records)) if row not in gone]
        records = [table.records[row] for row in left]
        return _Table(table.some(left), records, table.file, frozenset(hidden), mended=table.mended)

    def whole(self, name: str) -> _Table:
        """One table with the rows of every draft, indexed; it is shared and must not be changed.

        >>> whole, seen = esempio.whole("indicatori"), esempio.indexed("indicatori")
        >>> len(whole.records) == len(seen.records)  # no edition is a draft
        True
        """
        name = self.name(name)
        if name not in self.resources:
            raise BookError(
                say("{path}: no table «{name}» is declared.", path=self.folder / "datapackage.json", name=name)
            )
        with unwatched():  # what is asked of it is recorded
            return self._parsed(name)

    def _parsed(self, name: str) -> _Table:
        path, fields = self.path(name), self.fields(name)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise BookError(say("{path}: cannot be read ({why}).", path=path, why=why(error))) from error
        if path not in _PARSED or _PARSED[path][:2] != (content, fields):
            _PARSED[path] = (content, fields, self._parse(name, content, fields))
        return _PARSED[path][2]

    def _parse(self, name: str, content: bytes, fields: dict[str, dict]) -> _Table:
        path = self.path(name)
        try:
            frame = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise BookError(
                say(
                    "{path}, line {line}: not UTF-8: save the file as UTF-8.",
                    path=path,
                    line=content.count(b"\n", 0, error.start) + 1,
                )
            ) from error
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            said = say("{path}: not a table: {error}.", path=path, error=str(error).strip())
            if "inside string" in said:
                last = content.count(b"\n", 0, content.rindex(b'"')) + 1
                said = say(
                    "{path}: a quotation mark is opened and not closed (the last one stands in line {line}).",
                    path=path,
                    line=last,
                )
            raise BookError(_misshapen(path, content) or said) from error
        uneven = _misshapen(path, content)
        if uneven:
            raise BookError(uneven)
        frame = frame.rename(columns=str.strip)
        missing = [column for column in fields if column not in frame]
        extra = [column for column in frame if column not in fields]
        if missing or extra:
            what = [say("column «{column}» is missing", column=column) for column in missing]
            what += [say("column «{column}» is not declared", column=column) for column in extra]
            raise BookError(
                say(
                    "{path}: {what}: the declared columns are {fields}.",
                    path=path,
                    what=", ".join(what),
                    fields=", ".join(fields),
                )
            )
        frame = frame[list(fields)]
        problems, mended = [], False
        sources = frame["fonte"].str.strip() if "fonte" in frame else [""] * len(frame)
        records = [Record(name, row, source) for row, source in enumerate(sources, 2)]
        for column, field in fields.items():
            if field["type"] not in ("number", "integer"):
                texts = frame[column].tolist()
                meant = [text.strip() for text in texts]  # no blank at an end means anything
                if field["type"] == "date":
                    meant = list(map(day, meant))
                if meant != texts:
                    frame[column], mended = meant, True
            else:
                convert = Decimal if field["type"] == "number" else int
                required = field.get("constraints", {}).get("required") is True
                values, wrong, other = converted(frame[column].tolist(), convert, required)
                mended = mended or other
                problems += [(row, column, what) for row, what in wrong]
                if convert is Decimal:
                    values = [None if one is None else Value(one, record) for one, record in zip(values, records)]
                frame[column] = pd.Series(values, index=frame.index, dtype=object if convert is Decimal else None)
        if problems:
            lines = [
                say("{path}, row {row}, column «{column}»: {what}.", path=path, row=row, column=column, what=what)
                for row, column, what in sorted(problems)
            ]
            raise BookError(_cut(path, lines))
        return _Table(frame, records, path.absolute(), mended=mended)

    def preload(self) -> None:
        """Parse every table, to have them ready; one that cannot be parsed is left for its reader to meet.

        >>> esempio.preload()
        """
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
        """The package as the books use it: with the corrections made, where it has any (``annuario.data.corrections``)."""
        if not self.has(CORRECTIONS):
            return self
        return Used(self)

    def edition(self, book: str, year: int) -> Vintage:
        """The data as the edition of ``book`` for ``year`` sees them.

        >>> esempio.edition("relazione", 2025).years()
        [2023, 2024, 2025]
        """
        return Vintage(self, book, year)


class Used(Package):
    """A data package with the corrections made: the values that the books use.

    A corrected table has one more column, :data:`COLUMN`. ``printed`` is the package as it stands.

    >>> type(package.used).__name__, package.used.printed is package, package.used.used is package.used
    ('Used', True, True)
    """

    def __init__(self, printed: Package):
        super().__init__(printed.folder, printed.own)
        self._printed = printed
        self._used: dict = {}

    @property
    def printed(self) -> Package:
        """The package as it stands."""
        return self._printed

    @property
    def used(self) -> Package:
        """This package."""
        return self

    @cached_property
    def descriptor(self) -> dict:
        return self.printed.descriptor

    def indexed(self, name: str):
        """One table as the books use it, indexed. Raises BookError for a correction of it that is wrong."""
        name, printed = self.name(name), self.printed.indexed(name)
        ledger = self.printed.indexed(CORRECTIONS)
        if name not in self._used:
            self._used[name] = self._corrected(name, printed, ledger)
        return self._used[name]

    def _corrected(self, name: str, printed, ledger):
        if not ledger.rows({"tabella": name}):
            return printed
        path = self.path(name)
        if path not in _MADE or _MADE[path][0] is not printed or _MADE[path][1] is not ledger:
            found = read(self.printed, name)
            loose = frozenset((COLUMN, *(one.field for one in found)))
            made = _Table(_made(printed, found), printed.records, printed.file, printed.hidden, loose, printed.mended)
            _MADE[path] = (printed, ledger, made)
        return _MADE[path][2]


class Veiled(Package):
    """A data package some of whose cells are empty: those that are not to be told.

    ``hidden`` maps tables to the numbers of rows in their files, each with the fields to empty
    (``annuario.checks.confidential``). Nothing tells what stood in them, a correction neither.

    >>> veiled = Veiled(esempio, {"indicatori": {2: ["valore"]}})
    >>> esempio.read("indicatori")["valore"].tolist()[:2], veiled.read("indicatori")["valore"].tolist()[:2]
    ([Decimal('41200'), Decimal('43850')], [None, Decimal('43850')])
    """

    def __init__(self, package: Package, hidden: Mapping[str, Mapping[int, Sequence[str]]]):
        super().__init__(package.folder, package.own)
        self._open, self._hidden = package.used, hidden
        self._veiled: dict[str, _Table] = {}

    @property
    def used(self) -> Package:
        """This package."""
        return self

    @cached_property
    def descriptor(self) -> dict:
        return self._open.descriptor

    def indexed(self, name: str):
        """One table without what is not to be told, indexed."""
        name = self.name(name)
        table = self._open.indexed(name)
        if name not in self._hidden:
            return table
        if name not in self._veiled:
            table.whole()
            frame = table.some(range(len(table.records)))
            loose = {COLUMN} & set(frame)
            for place, record in enumerate(table.records):
                for field in self._hidden[name].get(record.row, ()):
                    number = self.fields(name)[field]["type"] in ("number", "integer")
                    frame.iat[place, frame.columns.get_loc(field)] = None if number else ""
                    loose.add(field)
                if COLUMN in frame and record.row in self._hidden[name]:
                    frame.iat[place, frame.columns.get_loc(COLUMN)] = ()
            self._veiled[name] = _Table(
                frame, table.records, table.file, table.hidden, table.loose | loose, table.mended
            )
        return self._veiled[name]


def _made(printed: _Table, found: list[Correction]) -> pd.DataFrame:
    """A table with the values used, and its rows' corrections beside them."""
    frame = printed.some(range(len(printed.records)))
    kept: dict[int, tuple] = {}
    for one in found:
        kept[one.place] = (*kept.get(one.place, ()), one)
        if not one.open:
            used = Value(one.used, printed.records[one.place]) if isinstance(one.used, Decimal) else one.used
            frame.iat[one.place, frame.columns.get_loc(one.field)] = used
    return frame.assign(**{COLUMN: pd.Series([kept.get(row, ()) for row in range(len(frame))], frame.index, object)})


def _decimals(row: list[str]) -> str:
    """Where two cells look like a number with a comma: how it is written."""
    for whole, cents in pairwise(row):
        if (
            re.fullmatch(r"-?[\d.]*\d", whole)
            and re.fullmatch(r"\d{1,2}", cents)
            and not re.fullmatch(r"20\d\d", whole)
        ):
            return say(
                "if «{whole},{cents}» is one number, write {digits}.{cents}; else ",
                whole=whole,
                cents=cents,
                digits=whole.replace(".", ""),
            )
    return ""


def _misshapen(path: Path, content: bytes) -> str:
    """What is wrong with the rows of a file: each must have the cells of the first; nothing where all have."""
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        return say(
            "{path}, line {line}: it holds a sign that no text has (NUL): write the text again, and "
            "save the file as UTF-8.",
            path=path,
            line=line,
        )
    first = content.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0]
    if not content.removeprefix(b"\xef\xbb\xbf").strip():
        return say("{path}: the file is empty: put back the row of the columns' names.", path=path)
    if b";" in first and b"," not in first:
        return say(
            "{path}: its cells are separated by «;», expected «,»: save it as CSV with commas, or bring the data "
            "in with «annuario import».",
            path=path,
        )
    if b'"' not in content and len({line.count(b",") for line in content.removesuffix(b"\n").split(b"\n")}) < 2:
        return ""  # the common case, at a glance
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    except csv.Error as error:
        return say("{path}: not a table: {error}.", path=path, error=error)
    names = next((row for row in rows if row), [])
    problems = []
    for number, row in enumerate(rows, 1):
        if not row and number > rows.index(names):
            problems.append(say("{path}, row {row}: it is empty: take it out.", path=path, row=number))
        elif row and len(row) != len(names):
            advice = (
                say("put a text with commas in quotation marks, or take off what is too much")
                if len(row) > len(names)
                else say("fill it up")
            )
            problems.append(
                say(
                    "{path}, row {row}: it has {count} cells, the row of the columns' names {columns}: {decimals}{more}.",
                    path=path,
                    row=number,
                    count=len(row),
                    columns=len(names),
                    decimals=_decimals(row) if len(row) > len(names) else "",
                    more=advice,
                )
            )
    return _cut(path, problems)


def _cut(path: Path, problems: list[str]) -> str:
    """The first problems of a file, and how many more there are."""
    problems = first(problems, SHOWN)
    more = [say("{path}: … and {count} more.", path=path, count=len(problems) - SHOWN)] if len(problems) > SHOWN else []
    return "\n".join(problems[:SHOWN] + more)
