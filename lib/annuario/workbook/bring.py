"""A workbook's changes brought into the tables: all of them or none, with the delivery that they come from."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from annuario.data import Package, deliveries, expected
from annuario.data.copies import changed
from annuario.data.expected import SEPARATOR, key_fields
from annuario.data.problem import Problem
from annuario.data.problem import place as spot
from annuario.data.roles import DELIVERIES, EXPECTED
from annuario.data.validate import wrong
from annuario.data.writing import Lines, put
from annuario.errors import BookError
from annuario.messages import say
from annuario.workbook import layout, values
from annuario.workbook.changes import ADDED, REMOVED, Change, Changes
from annuario.workbook.explanations import is_asked
from annuario.workbook.form import SOURCE, Form
from annuario.workbook.read import Cell, Read, Sheet
from annuario.workbook.values import Wrong

#: The folder of the project that keeps the files as they were delivered.
KEPT = "consegne"
_UNSAID = {"ruolo": "referente", "stato": layout.PROVISIONAL}


def bring(form: Form, read: Read, changes: Changes, today: datetime.date) -> str:
    """Write the changes, the delivery and a copy of its file; the delivery's name.

    What a row rests on is its cell (``consegna!foglio!cella``) unless the sheet says another source.

    Raises BookError where the tables would not be valid with them, or cannot be written: nothing
    is changed then.

    >>> from annuario.workbook.read import read
    >>> from annuario.workbook.write import write
    >>> form = Form(bozza.project, bozza.package, bozza.edition)
    >>> write(form, form.subjects, cartella / "a.xlsx")
    >>> bring(form, read(cartella / "a.xlsx"), Changes(), datetime.date(2027, 1, 31))
    'relazione-2026-1'
    """
    name, files = _files(form, read, changes, today)
    with changed(form.package, _tables(form, files)) as package:
        problems = _invalid(form, read, changes, package)
    if problems:
        told = "\n".join(problems)
        raise BookError(say("With these rows the tables would not be valid; nothing was written.\n{told}", told=told))
    put(files)
    return name


@contextmanager
def tried(form: Form, read: Read, changes: Changes, today: datetime.date) -> Iterator[tuple[Package, list[str]]]:
    """The tables with the changes in them, on a copy, and what is wrong with the delivery or would be with them.

    >>> form = Form(bozza.project, bozza.package, bozza.edition)
    >>> found = Read(cartella / "a.xlsx", b"", "relazione-2026")
    >>> with tried(form, found, Changes(), datetime.date(2027, 1, 31)) as (package, problems):
    ...     package.own, problems
    ('relazione-2026', [])
    """
    problems = wrong_delivery(form, read)
    if problems or not changes:
        yield form.package, problems
        return
    with changed(form.package, _tables(form, _files(form, read, changes, today)[1])) as package:
        yield package, _invalid(form, read, changes, package)


def _tables(form: Form, files: dict[Path, bytes]) -> dict[Path, bytes]:
    """Those of some files that are among the data."""
    return {path: content for path, content in files.items() if path.parent == form.package.folder}


def _files(form: Form, read: Read, changes: Changes, today: datetime.date) -> tuple[str, dict[Path, bytes]]:
    """The files that the changes are written into, as they will be, and the delivery's name."""
    package = form.package
    answers = {sheet.name for sheet in read.sheets if is_asked(sheet)}
    places = [one.place for one in changes.rows] + [one.place for one in changes.states]
    entered = not places or any(sheet not in answers for sheet, _ in places)
    delivery = _delivery(form, read, changes, today) if entered and package.has(DELIVERIES) else None
    name = delivery["consegna"] if delivery else ""
    files: dict[Path, bytes] = {}
    if delivery:
        lines = Lines(package.path(DELIVERIES).read_bytes())
        if all(row["consegna"] != name for row in lines.rows):
            lines.append([delivery])
            files[package.path(DELIVERIES)] = lines.content()
            files[form.project.root / delivery["file"]] = read.content
    for table in dict.fromkeys(change.table for change in changes.rows):
        files[package.path(table)] = _table(form, table, [one for one in changes.rows if one.table == table], name)
    if changes.states:
        files[package.path(EXPECTED)] = _states(form, changes)
    return name, files


def wrong_delivery(form: Form, read: Read) -> list[str]:
    """What is wrong with what the first sheet says of the delivery, one message each.

    >>> form = Form(bozza.project, bozza.package, bozza.edition)
    >>> found = Read(cartella / "a.xlsx", b"", "relazione-2026", delivery={"rilevato_al": Cell("ieri", "C7")})
    >>> wrong_delivery(form, found)
    ['sheet «Leggimi», cell C7 (Giorno a cui i dati si riferiscono (gg/mm/aaaa)): found «ieri», expected a
    date such as 31/12/2026: correct it']
    """
    if not form.package.has(DELIVERIES):
        return []
    found = []
    for name, cell in read.delivery.items():
        try:
            _said(form, name, cell)
        except Wrong as wrong:
            found.append(
                say(
                    "sheet «{first}», cell {place} ({delivery}): {wrong}",
                    first=layout.FIRST,
                    place=cell.place,
                    delivery=layout.DELIVERY[name],
                    wrong=wrong,
                )
            )
    return found


def _said(form: Form, name: str, cell: Cell) -> str:
    return values.value(cell, form.package, form.package.name(DELIVERIES), name)


def _delivery(form: Form, read: Read, changes: Changes, today: datetime.date) -> dict[str, str]:
    """The row of the delivery: the one that is there, if this very file was brought in before."""
    package, edition = form.package, str(form.edition)
    known = deliveries.of(package, edition)
    for one in known:
        if one["sha256"] == read.sha256:
            return one
    subjects = {sheet.mark.subject for sheet in read.sheets if any(one.place[0] == sheet.name for one in changes.rows)}
    stem = subjects.pop() if len(subjects) == 1 else edition
    taken = [re.fullmatch(rf"{re.escape(stem)}-(\d+)", one) for one in package.whole(DELIVERIES).column("consegna")]
    name = f"{stem}-{1 + max((int(match[1]) for match in taken if match), default=0)}"
    said = {field: _said(form, field, cell) for field, cell in read.delivery.items()}
    row = _UNSAID | {"servizio": stem} | {field: text for field, text in said.items() if text}
    return row | {
        "consegna": name,
        "edizione": edition,
        "consegnato_il": today.isoformat(),
        "importato_il": today.isoformat(),
        "file": f"{KEPT}/{edition}/{name}{read.path.suffix.lower() or '.xlsx'}",
        "sha256": read.sha256,
    }


def _table(form: Form, table: str, changes: list[Change], delivery: str) -> bytes:
    """A table's file with its changes; a new row stands where the expected rows have it."""
    package, edition = form.package, str(form.edition)
    lines = Lines(package.path(table).read_bytes())
    fields = key_fields(package, table)
    order = {line.key: place for place, line in enumerate(one for one in form.lines if one.table == table)}
    for line in form.lines:
        if line.table == table:
            order |= dict.fromkeys(line.twins, order[line.key])

    def key(row: dict[str, str]) -> str:
        return (
            SEPARATOR.join(row.get(name, "").strip() for name in fields) if row["edizione"].strip() == edition else ""
        )

    gone = {one.key for one in changes if one.kind == REMOVED}
    lines.remove(lambda row: key(row) in gone)
    keys = list(map(key, lines.rows))
    for one in changes:
        if one.kind == REMOVED:
            continue
        row = dict(one.row)
        if SOURCE in row and not row[SOURCE]:
            row[SOURCE] = f"{delivery}!{one.place[0]}!{one.place[1]}" if delivery else "calcolato"
        if one.kind == ADDED:
            place = _place(one.key, {known: place for place, known in enumerate(keys) if known}, order, len(keys))
            lines.insert(place, row)
            keys.insert(place, one.key)
        else:
            lines.replace(keys.index(one.key), row)
    return lines.content()


def _place(key: str, places: dict[str, int], order: dict[str, int], end: int) -> int:
    """Where a new row stands: after the nearest before it in the order, or before the nearest after it."""
    mine = order.get(key)
    if mine is not None:
        before = [(order[other], place) for other, place in places.items() if order.get(other, mine + 1) <= mine]
        if before:
            return max(before)[1] + 1
        after = [(order[other], place) for other, place in places.items() if order.get(other, -1) > mine]
        if after:
            return min(after)[1]
    return max(places.values(), default=end - 1) + 1


def _states(form: Form, changes: Changes) -> bytes:
    package, edition = form.package, str(form.edition)
    lines = Lines(package.path(EXPECTED).read_bytes())
    left = {(one.table, one.key): (one.state, one.reason) for one in changes.states}
    for place, row in enumerate(lines.rows):
        found = left.pop((row["tabella"], row["chiave"]), None) if row["edizione"] == edition else None
        if found:
            lines.replace(place, row | {"stato": found[0], "motivo": found[1]})
    lines.append(
        {"edizione": edition, "tabella": table, "chiave": key, "stato": state, "motivo": reason}
        for (table, key), (state, reason) in left.items()
    )
    return lines.content()


def _invalid(form: Form, read: Read, changes: Changes, package: Package) -> list[str]:
    """What is wrong with the tables that have the changes in them: where the sheet has it."""
    found = wrong(package)
    with suppress(BookError):  # a table that cannot be read is told already
        found += [*deliveries.unknown(package), *map(Problem, expected.unknown(package))]
    sheets = {sheet.name: sheet for sheet in read.sheets}
    told = [_in_the_sheet(problem, package, changes, sheets) for problem in found]
    return [one.replace(str(package.folder), str(form.package.folder)) for one in told]


def _in_the_sheet(problem: Problem, tried: Package, changes: Changes, sheets: dict[str, Sheet]) -> str:
    """A problem of a table's cell by the place in the workbook where the row comes from, if it comes from there."""
    if problem.cell is None:
        return problem.told
    table, row, column = problem.cell
    lines = Lines(tried.path(table).read_bytes()).rows
    cells = lines[row - 2] if row - 2 < len(lines) else {}
    change = next((one for one in changes.rows if one.table == table and one.row and _same(cells, one.row)), None)
    before = f"{spot(tried, table, row, column)}: "
    if change is None or not problem.told.startswith(before):
        return problem.told
    name, cell = change.place
    where = say(
        "sheet «{name}», row {row}, column «{column}»",
        name=name,
        row=re.sub(r"\D", "", cell),
        column=sheets[name].headings.get(column, column) if name in sheets else column,
    )
    return f"{where}: {problem.told.removeprefix(before)}"


def _same(cells: dict[str, str], row: dict[str, str]) -> bool:
    """Whether a line of a file is the row of a change: its source may have been filled in."""
    return all(cells.get(name, "") == text for name, text in row.items() if text and name in cells)
