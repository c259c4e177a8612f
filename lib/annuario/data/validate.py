"""Validation of the data files against their declaration.

The checking is frictionless's; the declaration is ``data/datapackage.json``; the
messages are put into the book's form.
"""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from frictionless import Checklist, Error, FrictionlessException, system
from frictionless import Package as DeclaredPackage

from annuario.data import corrections
from annuario.data.package import SHOWN, Package
from annuario.errors import BookError


def validate(package: Package) -> None:
    """Check every declared table: columns, types, keys, references, enumerations.

    Raises BookError with one line a problem (the first ten), each naming file, row,
    column and the text found.
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
    with system.use_context(trusted=True):
        try:
            declared = DeclaredPackage.from_descriptor(package.descriptor, basepath=str(package.folder))
            report = declared.validate(Checklist(skip_errors=["extra-label"]))
        except FrictionlessException as error:
            reasons = [one.message for one in error.reasons or [error.error]]
            _refuse([f"{package.folder / 'datapackage.json'}: {' '.join(reason.split())}." for reason in reasons])
    problems = [_message(package.folder / (task.place or ""), error) for task in report.tasks for error in task.errors]
    problems += [f"{package.folder / 'datapackage.json'}: {error.message}" for error in report.errors]
    if problems:
        _refuse(problems)


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
