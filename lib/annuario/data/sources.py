"""Where a row comes from, as its ``fonte`` says: the one place that reads it.

A row rests on lines of a document (``relazione-2025:12-14``), on a cell of what a service has
delivered (``tutela-minori-1!Movimento!C7``), or is computed (``calcolato``); on several of them
with ``;`` between.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from annuario.data.problem import Problem
from annuario.data.roles import EDITIONS, PRINTED
from annuario.data.value import Record
from annuario.messages import say

if TYPE_CHECKING:
    from annuario.data.package import Package

COMPUTED = "calcolato"
_LINES = re.compile(r"([a-z-]+-\d{4}):(\d+)(?:-(\d+))?")
_CELL = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)!([^!;]+)!([A-Z]{1,3}\d+)")


class Lines(NamedTuple):
    """Lines of a document, the first and the last.

    >>> parse("relazione-2025:12")[0].first
    12
    """

    document: str
    first: int
    last: int


class Cell(NamedTuple):
    """A cell of a sheet of a delivery.

    >>> parse("tutela-minori-1!Movimento!C7")[0].sheet
    'Movimento'
    """

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
            raise ValueError(
                say(
                    "«{text}» is neither documento:righe, nor consegna!foglio!cella, nor {computed}",
                    text=text,
                    computed=COMPUTED,
                )
            )
    return [part for _, part in parts if part]


def lines(source: str) -> list[Lines]:
    """The lines of documents among what a row rests on; what is none is left out.

    >>> lines("relazione-2025:20;esempio")
    [Lines(document='relazione-2025', first=20, last=20)]
    """
    return [part for part in map(_part, source.split(";")) if isinstance(part, Lines)]


def cells(source: str) -> list[Cell]:
    """The cells of deliveries among what a row rests on; what is none is left out.

    >>> cells("relazione-2025:20;tutela-minori-1!Movimento!C7")
    [Cell(delivery='tutela-minori-1', sheet='Movimento', cell='C7')]
    """
    return [part for part in map(_part, source.split(";")) if isinstance(part, Cell)]


def _part(text: str) -> Lines | Cell | None:
    if match := _LINES.fullmatch(text):
        return Lines(match[1], int(match[2]), int(match[3] or match[2]))
    if match := _CELL.fullmatch(text):
        return Cell(*match.groups())
    return None


class Cited(NamedTuple):
    """A document or delivery that rows come from, and where in it, in few words.

    >>> in_short([Record("casi", 2, "relazione-2025:10-12")])[0].where
    '10–12'
    """

    document: str
    where: str


def in_short(records: Iterable[Record]) -> list[Cited]:
    """The documents that rows of the data come from, each with its lines; the deliveries with their cells.

    Of a table or chart the rows are in ``Manuscript.sources``, by its label. Lines that follow
    one another are told as one stretch, blank ones between them too; documents stand in the
    order of their names, the computed rows last.

    >>> rows = [Record("casi", 2, "relazione-2025:10-12"), Record("casi", 3, "relazione-2025:13;relazione-2024:7"),
    ...         Record("casi", 4, "tutela-minori-1!Movimento!C7"), Record("casi", 5, "calcolato")]
    >>> for cited in in_short(rows):
    ...     print(*cited)
    relazione-2024 7
    relazione-2025 10–13
    tutela-minori-1 Movimento!C7
    calcolato
    """
    stretches: dict[str, set[tuple[int, int]]] = {}
    places: dict[str, dict[str, None]] = {}
    computed = False
    for source in dict.fromkeys(record.source for record in records):
        for part in map(_part, source.split(";")):
            if isinstance(part, Lines):
                stretches.setdefault(part.document, set()).add((part.first, part.last))
            elif isinstance(part, Cell):
                places.setdefault(part.delivery, {})[f"{part.sheet}!{part.cell}"] = None
        computed |= COMPUTED in source.split(";")
    found = [Cited(document, ", ".join(_joined(sorted(lines)))) for document, lines in sorted(stretches.items())]
    found += [Cited(delivery, ", ".join(cells)) for delivery, cells in sorted(places.items())]
    return found + ([Cited(COMPUTED, "")] if computed else [])


def _joined(lines: list[tuple[int, int]]) -> Iterator[str]:
    """Stretches of lines, those with no more than a blank line between them as one."""
    start, end = lines[0]
    for first, last in [*lines[1:], (sys.maxsize, sys.maxsize)]:
        if first > end + 2:
            yield f"{start}–{end}" if end > start else str(start)
            start, end = first, last
        end = max(end, last)


def last_lines(package: Package) -> dict[str, int]:
    """The last line of each document whose numbers are listed in the table of role ``stampati``.

    >>> sorted(last_lines(package)) == sorted(package.read("edizioni")["edizione"])
    True
    """
    table = package.indexed(PRINTED)
    last: dict[str, int] = {}
    for document, place in zip(table.column("documento"), table.column("riga")):
        last[document] = max(place, last.get(document, 0))
    return last


def missing(package: Package) -> Iterator[Problem]:
    """The rows whose ``fonte`` names a document or a line that is not there, one problem each.

    >>> list(missing(esempio))
    []
    """
    if not package.has(PRINTED):
        return
    last = last_lines(package)
    editions = set(package.indexed(EDITIONS).column("edizione"))
    for name in package.resources:
        if "fonte" not in package.fields(name):
            continue
        for source, places in package.indexed(name).places("fonte").items():
            for document, first, end in lines(source):
                if document not in last and document not in editions:
                    what = say(
                        "«{source}»: there is no document «{document}»: the documents are {last}.",
                        source=source[:60],
                        document=document,
                        last=", ".join(last),
                    )
                elif document in last and not 0 < first <= end <= last[document]:
                    what = say(
                        "«{source}»: the lines of «{document}» are 1 to {last}: correct the line.",
                        source=source[:60],
                        document=document,
                        last=last[document],
                    )
                else:
                    continue
                yield Problem.at(package, name, places[0] + 2, "fonte", what)
