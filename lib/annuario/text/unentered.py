"""What a draft lacks, in the words that stand at its place: kept by the chapter's process while it runs.

An absent figure of a draft, a table or a chart that cannot be made, a section of the
commentary that has a heading and no text are not «non pubblicato»: they are still to be entered.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property

from annuario.data.expected import Expectations, Expected, words
from annuario.data.package import Package
from annuario.data.supposed import Supposed, Supposition
from annuario.data.value import Record
from annuario.figures import Absent, Figure, Figures
from annuario.text.paragraphs import OTHERS
from annuario.words.markdown import escape

#: What a name of the data may look like within the code of an absent figure.
_CODE = re.compile(r"[\w.-]+(?:/[\w.-]+)*")
#: What code may run into for want of rows; a name that is none is a fault in any edition.
FOR_WANT = (ArithmeticError, LookupError, TypeError, ValueError)
#: Errors of figures, and of decimals, that may be so too.
_OWN = ("Incomparable", "DivisionByZero", "InvalidOperation", "DivisionUndefined", "Absent", "NotWritten")

#: The draft whose chapter runs in this process, if it is one.
_drafts: list[Expectations] = []
#: What is supposed of the rows to be entered, while something is asked as if they had been.
_supposed: list[Supposition] = []


class NotEntered(Absent):
    """A table or chart that is not made because rows of some files are still to be entered."""

    def __init__(self, files: list[str]):
        super().__init__("", 0, "da inserire")
        self.files = files


def of(draft: Expectations | None) -> None:
    """Have what this process evaluates from now on be a draft's, or (None) not."""
    _drafts[:] = [draft] if draft else []


def awaited() -> bool:
    """Whether the chapter that runs in this process is of a draft that lacks rows."""
    return bool(_drafts and _drafts[0].missing)


@contextmanager
def supposing(suppose: Supposition) -> Iterator[None]:
    """What opens the draft within has the rows to be entered, with the values that are supposed."""
    _supposed.append(suppose)
    try:
        yield
    finally:
        _supposed.clear()


def opened(package: Package, draft: Expectations | None) -> Package:
    """The package of an edition that a chapter opens as its own: as it stands, or as is being supposed."""
    if _supposed and _drafts:
        return Supposed(package, _drafts[0].missing, _supposed[0])
    of(draft)
    return package


def lacking(records: Iterable[Record]) -> list[list[str]]:
    """The rows to be entered among those that something rests on which was supposed: pairs of what and where."""
    places = {-record.row for record in records if record.row < 0}
    return [_place(row) for row in _drafts[0].missing if row.place in places] if _drafts else []


def unknown(records: Iterable[Record]) -> dict:
    """What travels to the book of an answer that would be another with the rows to be entered."""
    return {"absent": "da inserire", "lacks": lacking(records) or [list(OTHERS)]}


def _place(row: Expected) -> list[str]:
    package = _drafts[0].package
    return [escape(words(package, row.table, row.key)), package.path(row.table).name]


def lacks(absent: Absent) -> list[list[str]]:
    """What is to be entered for an absent figure to be there: pairs of what and where; nothing outside a draft.

    Figures of other years, those that somebody has excused, and what is absent for a reason of
    its own (a tie, nothing to compare) are not to be entered.
    """
    if isinstance(absent, NotEntered):
        return [["", file] for file in absent.files]
    if not _drafts or absent.reason != Absent.UNPUBLISHED:
        return []
    draft = _drafts[0]
    rows = draft.missing_of(_CODE.findall(absent.code))
    return [_place(row) for row in rows if draft.year_of(row) == absent.year]


class NotWritten(Absent):
    """A section of a draft's commentary that is not there: to be written, where its heading is."""

    def __init__(self, chapter: str, section: str, year: int):
        super().__init__(f"{chapter}: {section}", year, "nessun commento")
        self.section = [chapter, section]


def failed(error: Exception) -> dict:
    """What travels to the book of an expression that failed, where that may be for want of rows of a draft; else nothing.

    A draft is built at any time: half of a table's rows may be more than code bears.
    """
    if not (awaited() and isinstance(error, FOR_WANT)):
        return {}
    return {"absent": f"{type(error).__name__}: {error}", "lacks": [list(OTHERS)]}


def waits(name: str) -> bool:
    """Whether an error of this name may be for want of rows of the draft that runs in this process."""
    kind = getattr(builtins, name, None)
    known = isinstance(kind, type) and issubclass(kind, FOR_WANT)
    return awaited() and (known or name in _OWN)


def told(absent: Absent) -> dict:
    """What travels to the book of an absence in a draft: see ``annuario.text.answers.answer``."""
    if not _drafts:
        return {}
    if isinstance(absent, NotWritten):
        return {"section": absent.section}
    found = lacks(absent)
    return {"lacks": found} if found else {}


# -- tables and charts


def shown(ask: Callable[[], object], owner: Callable[[], object], attribute: str) -> str:
    """Nothing, where what ``ask`` gives is empty by nature.

    Raises NotEntered where it lacks rows of a draft: of figures by their codes, of what an
    agency's method makes by the names of data in its code.
    """
    if not _drafts:
        return ""
    try:
        codes = set(_codes(ask()))
    except Absent as absent:
        codes = set(_CODE.findall(absent.code))
    if not codes:
        try:
            codes = _Literals(owner(), attribute).found
        except Absent:
            codes = set()
    draft = _drafts[0]
    files = {draft.package.path(row.table).name: None for row in draft.missing_of(codes)}
    if files:
        raise NotEntered(list(files))
    return ""


def _codes(what: object) -> Iterable[str]:
    if isinstance(what, Figure):
        yield from _CODE.findall(what.code)
    elif isinstance(what, Figures):
        yield from (code for name in what for code in _codes(what[name]))
    elif isinstance(what, (list, tuple)):
        yield from (code for one in what for code in _codes(one))


class _Literals:
    """The names of data that a method's code holds, and that of what it calls in its own package."""

    def __init__(self, owner: object, attribute: str):
        self._type = type(owner)
        self._seen: set[object] = set()
        self.found: set[str] = set()
        self._attribute(attribute)

    def _attribute(self, name: str) -> None:
        member = inspect.getattr_static(self._type, name, None)
        if isinstance(member, property):
            member = member.fget
        elif isinstance(member, cached_property):
            member = member.func
        if inspect.isfunction(member):
            self._function(member)

    def _function(self, function: Callable) -> None:
        if function in self._seen:
            return
        self._seen.add(function)
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        except (OSError, SyntaxError):
            return
        package = function.__module__.partition(".")[0]
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.found.add(node.value)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
                self._attribute(node.attr)
            elif isinstance(node, ast.Name):
                other = function.__globals__.get(node.id)
                if inspect.isfunction(other) and other.__module__.partition(".")[0] == package:
                    self._function(other)
