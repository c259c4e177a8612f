"""Validation of the data files against their declaration.

The checking is frictionless's; the declaration is ``data/datapackage.json``; the
messages are put into the book's form. What it has no words for is in
``annuario.data.constraints``; that the lines exist which rows cite, in
``annuario.data.sources``.
A table that was found valid is not read again while it, its declaration and those that it
refers to are the same: in the same process, or for as long as the caller knows of it.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator
from decimal import Decimal
from difflib import get_close_matches
from importlib import import_module
from typing import NoReturn, Protocol

from frictionless import Checklist, Error, FrictionlessException, system
from frictionless import Package as DeclaredPackage
from frictionless.errors import ConstraintError, ForeignKeyError, PrimaryKeyError

from annuario.data import boundaries, constraints, corrections, sources
from annuario.data.columns import codes
from annuario.data.copies import changed
from annuario.data.package import SHOWN, Package
from annuario.data.problem import Problem, first
from annuario.data.salvage import salvage
from annuario.errors import BookError
from annuario.messages import foreign, say
from annuario.words.numbers import is_missing


class Known(Protocol):
    """What was found valid, as ``_contents`` names it."""

    def __contains__(self, contents: object, /) -> bool: ...

    def add(self, contents: str, /) -> None: ...


#: Found valid in this process.
_VALID: set[str] = set()


def validate(package: Package, known: Known = _VALID) -> None:
    """Check every declared table: columns, types, keys, references, enumerations; not those that are ``known``.

    Then the constraints under ``regole``, the boundaries of territories, and that every cited line exists. Raises BookError
    with one line a problem, each naming file, row, column, what was found and what to do: those of every
    table at once, of a cell one (of more than fifty the first ten of a column, and fifty in all).

    >>> validate(esempio)
    >>> esempio.fields("indicatori")["valore"]["constraints"] = {"maximum": 53000}
    >>> validate(esempio)
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: .../indicatori.csv, row 10, column «valore»: «53335» is more than 53000.
    """
    if found := wrong(package, known):
        _refuse(first([problem.told for problem in found], SHOWN))


def wrong(package: Package, known: Known = _VALID) -> list[Problem]:
    """What :func:`validate` finds, each problem with its cell.

    Raises BookError where the declaration cannot be read.

    >>> wrong(esempio)
    []
    """
    problems: list[Problem] = []
    readable = []
    for name in package.resources:
        try:
            package.indexed(name)
            readable.append(name)
        except BookError as error:
            problems += map(Problem, str(error).splitlines())
    others = _beside(package, [name for name in package.resources if name not in readable], known) if problems else None
    if others is not None:
        return _one_a_cell([*problems, *others])
    every = len(readable) == len(package.resources)
    if every:
        try:
            corrections.read(package)
        except BookError as error:
            problems += map(Problem, str(error).splitlines())
    declared = json.dumps(package.descriptor).encode()
    whole = (name for name in readable if _referred(package, name) <= set(readable))
    contents = {name: _contents(package, name, declared) for name in whole}
    asked = [name for name in contents if contents[name] not in known]
    found = list(_found(package, asked, every and len(asked) == len(contents)))
    if not found:
        for name in asked:
            known.add(contents[name])
    problems += found
    problems += constraints.broken(package, readable)
    problems += map(Problem, boundaries.wrong(package, readable))
    if every:
        problems += sources.missing(package)
    return _one_a_cell(problems)


def _beside(package: Package, unread: list[str], known: Known) -> list[Problem] | None:
    """What else is wrong, with the tables that cannot be read salvaged; None where they cannot be."""
    made = salvage(package, unread)
    if made is None:
        return None
    with changed(package, {package.path(name): one.content for name, one in made.items()}) as copy:
        try:
            for name in unread:
                copy.indexed(name)
        except BookError:
            return None
        here, there = str(package.folder), str(copy.folder)
        found = [Problem(told.replace(there, here), cell) for told, cell in wrong(copy, known)]
    rows = {(name, row) for name, one in made.items() for row in (*one.rows, *(row for row, _ in one.cells))}
    wheres = tuple(
        say("{path}, row {row}", path=package.path(name), row=row) + end for name, row in rows for end in ",:"
    )

    def is_told(problem: Problem) -> bool:
        if problem.cell is None:
            return problem.told.startswith(wheres)
        name, row, column = problem.cell
        return name in made and (row in made[name].rows or (row, column) in made[name].cells)

    hidden = [  # behind rows that are uneven
        Problem.at(package, name, row, column, f"{what}.")
        for name, one in made.items()
        if one.rows
        for (row, column), what in one.cells.items()
    ]
    return [*hidden, *(problem for problem in found if not is_told(problem))]


def _found(package: Package, asked: list[str], every: bool) -> Iterator[Problem]:
    """What frictionless finds in some tables."""
    checklist = Checklist(skip_errors=["extra-label"])
    needed = set(package.resources) if every else {other for name in asked for other in _referred(package, name)}
    resources = [
        _inline(package, name) if name in asked and package.indexed(name).mended else one
        for name, one in package.resources.items()
        if name in needed
    ]
    descriptor = package.descriptor | {"resources": resources}
    _spare_grammars()
    with system.use_context(trusted=True):
        try:
            declared = DeclaredPackage.from_descriptor(descriptor, basepath=str(package.folder))
            reports = (
                [declared.validate(checklist)]
                if every
                else [declared.get_resource(name).validate(checklist) for name in asked]
            )
        except FrictionlessException as error:
            reasons = [one.message for one in error.reasons or [error.error]]
            _refuse([f"{package.folder / 'datapackage.json'}: {' '.join(reason.split())}." for reason in reasons])
    for report in reports:
        for task in report.tasks:
            yield from (Problem(_message(package, task.name, error), _cell(task.name, error)) for error in task.errors)
        yield from (Problem(f"{package.folder / 'datapackage.json'}: {error.message}") for error in report.errors)


def _spare_grammars() -> None:
    """Load what checks declarations without the grammars of addresses: none is asked for, and they take seconds to make."""
    if "jsonschema" not in sys.modules:
        sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]  # JupyterLab brings it along
        import_module("jsonschema")
        del sys.modules["rfc3987_syntax"]


def _cell(name: str, error: Error) -> tuple[str, int, str] | None:
    """The cell that an error is about; None where it is about a row or a whole table."""
    row = getattr(error, "row_number", 0)
    column = error.field_names[-1] if isinstance(error, ForeignKeyError) else getattr(error, "field_name", "")
    return (name, row, column) if row and column else None


def _inline(package: Package, name: str) -> dict:
    """The declaration of a table, its rows as they are read in the place of its file."""
    frame = package.indexed(name).frame
    cells = ([_text(value) for value in row] for row in frame.itertuples(index=False))
    without = ("path", "format", "mediatype", "encoding")
    kept = {key: value for key, value in package.resources[name].items() if key not in without}
    return kept | {"data": [list(frame), *cells], "format": "inline"}


def _text(value: object) -> str:
    return "" if is_missing(value) else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _one_a_cell(problems: list[Problem]) -> list[Problem]:
    """The problems, of several of one cell the first."""
    first: dict[object, Problem] = {}
    for problem in problems:
        first.setdefault(problem.cell or problem.told, problem)
    return list(first.values())


def _contents(package: Package, name: str, declared: bytes) -> str:
    """A digest of all that says whether a table is valid: the declarations, its file, those of the tables that it refers to."""
    told = hashlib.sha256(name.encode() + b"\0" + declared)
    for table in sorted(_referred(package, name) & set(package.resources)):
        content = package.path(table).read_bytes()
        told.update(f"{table} {len(content)} ".encode() + content)
    return told.hexdigest()


def _referred(package: Package, name: str) -> set[str]:
    """A table and those that it refers to."""
    keys = package.resources[name]["schema"].get("foreignKeys", [])
    return {name, *(key["reference"]["resource"] or name for key in keys)}


def _refuse(problems: list[str]) -> NoReturn:
    more = say("\n… and {count} more.", count=len(problems) - SHOWN) if len(problems) > SHOWN else ""
    raise BookError("\n".join(problems[:SHOWN]) + more)


def _message(package: Package, name: str, error: Error) -> str:
    """One problem in the book's form: file, row, column, what is wrong, what to do."""
    row = getattr(error, "row_number", None)
    path, where = package.path(name), say(", row {row}", row=row) if row else ""
    if isinstance(error, ForeignKeyError):
        column = error.field_names[-1]
        code, other = str(error.field_cells[-1]), error.reference_name or name
        known = sorted({str(value) for value in package.indexed(other).column(error.reference_field_names[-1])})
        remedy = meant(code, known) or say("correct it, or add its row to {name}", name=package.path(other).name)
        return say(
            "{path}{where}, column «{column}»: «{code}» is not in {name}: {ended}",
            path=path,
            where=where,
            column=column,
            code=code[:60],
            name=package.path(other).name,
            ended=_ended(remedy),
        )
    if isinstance(error, PrimaryKeyError):
        first = re.search(r"\d+", error.note)
        return say(
            "{path}{where}: it has the same key as row {row}: take one of the two out.",
            path=path,
            where=where,
            row=first[0] if first else "?",
        )
    named, cell = str(getattr(error, "field_name", "")), getattr(error, "cell", None)
    where += say(", column «{column}»", column=named) if named else ""
    if isinstance(error, ConstraintError) and named:
        return f"{path}{where}: «{str(cell)[:60]}» {_ended(_broken(package, name, named, str(cell)))}"
    if named and package.fields(name)[named]["type"] == "date" and cell:
        return say(
            "{path}{where}: «{cell}» is no day: write it as 2026-12-31.", path=path, where=where, cell=str(cell)[:60]
        )
    found = f": «{str(cell)[:60]}»" if cell else ""
    return f"{path}{where}{found}: {foreign(error.note or error.title.lower())}."


def _broken(package: Package, name: str, column: str, cell: str) -> str:
    """Which declared constraint a cell breaks, and what may be meant."""
    declared = package.fields(name)[column].get("constraints", {})
    if "enum" in declared and cell not in map(str, declared["enum"]):
        known = [str(one) for one in declared["enum"]]
        return say("is none of {known}: {meant}", known=", ".join(known), meant=meant(cell, known) or say("choose one"))
    if "pattern" in declared and not re.fullmatch(declared["pattern"], cell):
        if told := meant(cell, codes(package, name, column)):
            return say("is no code: {told}", told=told)
        if column == "fonte":
            return say(
                "is no source: write documento:righe (relazione-2025:12-14), consegna!foglio!cella, or calcolato"
            )
        return say("is not of the form {bound}", bound=declared["pattern"])
    for word in ("minimum", "maximum"):
        if word in declared:
            kept, said = constraints.KEPT[word]
            if kept(Decimal(cell), cell, declared[word]) is False:
                return say(said, bound=declared[word])
    return say("is not as declared") if cell else say("is empty: fill it in")


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith("?") else f"{sentence}."


def meant(text: str, known: Iterable[str]) -> str:
    """The question whether one of some codes is meant, in another case or misspelt; nothing where none is close.

    >>> meant("Crema", ["crema", "soncino"])
    'did you mean «crema»?'
    >>> meant("pandno", ["pandino", "crema"]), meant("x", ["pandino"])
    ('did you mean «pandino»?', '')
    """
    close = closest(text, known)
    return say("did you mean «{close}»?", close=close) if close else ""


def closest(text: str, known: Iterable[str]) -> str:
    """The one of some codes that a text may mean, in another case or misspelt; nothing where none is close.

    >>> closest("pandno", ["pandino", "crema"]), closest("x", ["pandino"])
    ('pandino', '')
    """
    known = list(known)
    slug = re.sub(r"[\s_]+", "-", text.strip().lower())
    close = [one for one in known if one.lower() == slug] or get_close_matches(slug, known, 1, 0.75)
    return close[0] if close else ""
