"""Where a row comes from, as its ``fonte`` says, and the deliveries among that: the table of role ``consegne``.

A row rests on lines of a document (``relazione-2025:12-14``), on a cell of what a service has
delivered (``tutela-minori-1!Movimento!C7``), or is computed (``calcolato``); on several of them
with ``;`` between. A row typed by hand rests on a delivery of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from annuario.data.package import Package
from annuario.data.roles import DELIVERIES

COMPUTED = "calcolato"
#: The word in ``stato`` of a delivery that may still change.
PROVISIONAL = "provvisorio"
_LINES = re.compile(r"([a-z]+(?:-[a-z]+)*-\d{4}):(\d+)(?:-(\d+))?")
_CELL = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)!([^!;]+)!([A-Z]{1,3}\d+)")


class Lines(NamedTuple):
    """Lines of a document, the first and the last."""

    document: str
    first: int
    last: int


class Cell(NamedTuple):
    """A cell of a sheet of a delivery."""

    delivery: str
    sheet: str
    cell: str


def parse(source: str) -> list[Lines | Cell]:
    """What a row rests on; what is computed rests on nothing else.

    >>> parse("relazione-2025:12-14;tutela-minori-1!Movimento!C7")
    [Lines(document='relazione-2025', first=12, last=14), Cell(delivery='tutela-minori-1', sheet='Movimento', cell='C7')]

    Raises ValueError for what is neither.
    """
    found: list[Lines | Cell] = []
    for part in source.split(";"):
        if match := _LINES.fullmatch(part):
            found.append(Lines(match[1], int(match[2]), int(match[3] or match[2])))
        elif match := _CELL.fullmatch(part):
            found.append(Cell(*match.groups()))
        elif part != COMPUTED:
            raise ValueError(f"«{part}» is neither documento:righe, nor consegna!foglio!cella, nor {COMPUTED}")
    return found


def unknown(package: Package) -> Iterator[str]:
    """The rows whose ``fonte`` names a delivery that is not in the table of deliveries, or is another edition's."""
    if not package.has(DELIVERIES):
        return
    path, table = package.path(DELIVERIES), package.whole(DELIVERIES)
    owners = dict(zip(table.column("consegna"), table.column("edizione")))
    for name in package.resources:
        if not {"edizione", "fonte"} <= set(package.fields(name)):
            continue
        rows = package.whole(name)
        for source, places in rows.places("fonte").items():
            for delivery, _, _ in _cells(source):
                for place in places:
                    edition = rows.column("edizione")[place]
                    where = f"{package.path(name)}, row {place + 2}, column «fonte»: «{source[:60]}»"
                    if delivery not in owners:
                        yield f"{where}: there is no delivery «{delivery}» in {path}: add its row."
                    elif owners[delivery] != edition:
                        yield f"{where}: the delivery «{delivery}» is of {owners[delivery]}, the row of {edition}."


def _cells(source: str) -> Iterator[Cell]:
    for part in source.split(";"):
        if match := _CELL.fullmatch(part):
            yield Cell(*match.groups())


def of(package: Package, edition: str) -> list[dict]:
    """The deliveries for an edition, row by row; ``riga`` is that of the file."""
    if not package.has(DELIVERIES):
        return []
    frame = package.indexed(DELIVERIES).frame
    rows = frame.to_dict("records")
    return [{**row, "riga": place} for place, row in enumerate(rows, 2) if row["edizione"] == edition]
