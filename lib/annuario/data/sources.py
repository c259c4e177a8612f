"""The lines of documents that rows cite in ``fonte``: ``relazione-2025:12``, ``relazione-2025:12-14;relazione-2025:20``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from annuario.data.package import Package
from annuario.data.roles import EDITIONS, PRINTED

_LINES = re.compile(r"([a-z-]+-\d{4}):(\d+)(?:-(\d+))?")


def spans(source: str) -> Iterator[tuple[str, int, int]]:
    """Document, first and last line of each part of a ``fonte`` that names a document.

    >>> list(spans("relazione-2025:12-14;relazione-2025:20;consegna!foglio!B4"))
    [('relazione-2025', 12, 14), ('relazione-2025', 20, 20)]
    """
    for part in source.split(";"):
        found = _LINES.fullmatch(part)
        if found:
            yield found[1], int(found[2]), int(found[3] or found[2])


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
            for document, first, end in spans(source):
                where = f"{package.path(name)}, row {places[0] + 2}, column «fonte»: «{source[:60]}»"
                if document not in last and document not in editions:
                    yield f"{where}: there is no document «{document}»: the documents are {', '.join(last)}."
                elif document in last and not 0 < first <= end <= last[document]:
                    yield f"{where}: the lines of «{document}» are 1 to {last[document]}: correct the line."
