"""Where a row comes from, as its ``fonte`` says: the one place that reads it.

A row rests on lines of a document (``relazione-2025:12-14``), on a cell of what a service has
delivered (``tutela-minori-1!Movimento!C7``), or is computed (``calcolato``); on several of them
with ``;`` between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from annuario.data.package import Package
from annuario.data.roles import EDITIONS, PRINTED

COMPUTED = "calcolato"
_LINES = re.compile(r"([a-z-]+-\d{4}):(\d+)(?:-(\d+))?")
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
    parts = [(part, _part(part)) for part in source.split(";")]
    for text, part in parts:
        if part is None and text != COMPUTED:
            raise ValueError(f"«{text}» is neither documento:righe, nor consegna!foglio!cella, nor {COMPUTED}")
    return [part for _, part in parts if part]


def lines(source: str) -> list[Lines]:
    """The lines of documents among what a row rests on; what is none is left out.

    >>> lines("relazione-2025:20;esempio")
    [Lines(document='relazione-2025', first=20, last=20)]
    """
    return [part for part in map(_part, source.split(";")) if isinstance(part, Lines)]


def cells(source: str) -> list[Cell]:
    """The cells of deliveries among what a row rests on; what is none is left out."""
    return [part for part in map(_part, source.split(";")) if isinstance(part, Cell)]


def _part(text: str) -> Lines | Cell | None:
    if match := _LINES.fullmatch(text):
        return Lines(match[1], int(match[2]), int(match[3] or match[2]))
    if match := _CELL.fullmatch(text):
        return Cell(*match.groups())
    return None


def last_lines(package: Package) -> dict[str, int]:
    """The last line of each document whose numbers are listed in the table of role ``stampati``."""
    table, last = package.indexed(PRINTED), {}
    for document, place in zip(table.column("documento"), table.column("riga")):
        last[document] = max(place, last.get(document, 0))
    return last


def missing(package: Package) -> Iterator[str]:
    """The rows whose ``fonte`` names a document or a line that is not there, one message each."""
    if not package.has(PRINTED):
        return
    last = last_lines(package)
    editions = set(package.indexed(EDITIONS).column("edizione"))
    for name in package.resources:
        if "fonte" not in package.fields(name):
            continue
        for source, places in package.indexed(name).places("fonte").items():
            for document, first, end in lines(source):
                where = f"{package.path(name)}, row {places[0] + 2}, column «fonte»: «{source[:60]}»"
                if document not in last and document not in editions:
                    yield f"{where}: there is no document «{document}»: the documents are {', '.join(last)}."
                elif document in last and not 0 < first <= end <= last[document]:
                    yield f"{where}: the lines of «{document}» are 1 to {last[document]}: correct the line."
