"""Validation of the data files against their declaration.

The checking is frictionless's; the declaration is ``data/datapackage.json``; the
messages are put into the book's form. What it has no words for is in
``annuario.data.constraints``; that the lines exist which rows cite, in
``annuario.data.sources``.
A table that was found valid is not read again in the same process while it, its declaration
and those that it refers to are the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NoReturn

from frictionless import Checklist, Error, FrictionlessException, system
from frictionless import Package as DeclaredPackage

from annuario.data import constraints, corrections, sources
from annuario.data.package import SHOWN, Package
from annuario.errors import BookError

#: What was found valid in this process, as ``_contents`` gives it.
_VALID: set[tuple] = set()


def validate(package: Package) -> None:
    """Check every declared table: columns, types, keys, references, enumerations.

    Then the constraints under ``regole``, and that every cited line exists. Raises BookError
    with one line a problem (the first ten), each naming file, row, column and the text found.
    """
    unreadable = []
    for name in package.resources:
        try:
            package.indexed(name)
        except BookError as error:
            unreadable += str(error).splitlines()
    if not unreadable:
        try:
            corrections.read(package)
        except BookError as error:
            unreadable += str(error).splitlines()
    if unreadable:
        _refuse(unreadable)
    contents = {name: _contents(package, name) for name in package.resources}
    asked = [name for name in package.resources if contents[name] not in _VALID]
    checklist, problems = Checklist(skip_errors=["extra-label"]), []
    with system.use_context(trusted=True):
        try:
            declared = DeclaredPackage.from_descriptor(package.descriptor, basepath=str(package.folder))
            every = len(asked) == len(contents)
            reports = [declared.validate(checklist, name=name) for name in ([None] if every else asked)]
        except FrictionlessException as error:
            reasons = [one.message for one in error.reasons or [error.error]]
            _refuse([f"{package.folder / 'datapackage.json'}: {' '.join(reason.split())}." for reason in reasons])
    for report in reports:
        problems += [
            _message(package.folder / (task.place or ""), error) for task in report.tasks for error in task.errors
        ]
        problems += [f"{package.folder / 'datapackage.json'}: {error.message}" for error in report.errors]
    if not problems:
        _VALID.update(contents.values())
    problems += [*constraints.broken(package), *sources.missing(package)]
    if problems:
        _refuse(problems)


def _contents(package: Package, name: str) -> tuple:
    """All that says whether a table is valid: the declarations, its file, those of the tables that it refers to."""
    keys = package.resources[name]["schema"].get("foreignKeys", [])
    tables = sorted({name, *(key["reference"]["resource"] or name for key in keys)} & set(package.resources))
    files = tuple((table, package.path(table).read_bytes()) for table in tables)
    return name, json.dumps(package.descriptor), files


def _refuse(problems: list[str]) -> NoReturn:
    more = f"\n… and {len(problems) - SHOWN} more." if len(problems) > SHOWN else ""
    raise BookError("\n".join(problems[:SHOWN]) + more)


def _message(path: Path, error: Error) -> str:
    """One problem in the book's form: file, row, column, what is wrong."""
    row = getattr(error, "row_number", None)
    column = getattr(error, "field_name", None)
    cell = getattr(error, "cell", None)
    where = str(path) + (f", row {row}" if row else "") + (f", column «{column}»" if column else "")
    found = f": «{cell[:60]}»" if cell else ""
    return f"{where}{found}: {error.note or error.title.lower()}."
