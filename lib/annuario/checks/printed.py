"""What the documents print against what the tables hold, both ways, line by line.

The table of role ``stampati`` lists the numbers of each line of a document, as
``annuario.words.transcript`` finds them in its text. Each value must stand in the lines that its
row cites; in the tables that say so (``righe_intere`` of their ``regole``: of all rows, or of
those with some values) each number of a cited line must be held by some row, and no line
with numbers may be left out in their midst; the numbers within the words of some fields
(``stampati``) must stand there too, of a date the day and the year. A document's last line is always listed: beyond
it there is nothing to cite.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal

from annuario.checks.doubts import Doubt, row_ids
from annuario.data import Package, sources
from annuario.data.columns import chosen
from annuario.data.roles import PRINTED
from annuario.messages import say
from annuario.words import transcript

_DAY = re.compile(r"(\d{4})-\d\d-(\d\d)")
_YEAR = re.compile(r"20\d\d")
Line = tuple[str, int]


class Lines:
    """The numbers that the documents print, by line."""

    def __init__(self, package: Package):
        table = package.indexed(PRINTED)
        rows = zip(*(table.column(name) for name in ("documento", "riga", "numeri")))
        self.numbers: dict[Line, list[str]] = {(document, place): numbers.split() for document, place, numbers in rows}
        self.last = sources.last_lines(package)
        self._cited: dict[str, list[Line]] = {}

    def cited(self, source: str) -> list[Line]:
        """The lines of a ``fonte`` that there are."""
        if source not in self._cited:
            self._cited[source] = [
                (document, place)
                for document, first, last in sources.lines(source)
                for place in range(first, min(last, self.last.get(document, 0)) + 1)
            ]
        return self._cited[source]

    def tokens(self, lines: Iterable[Line]) -> list[str]:
        """The numbers of some lines, as they stand there."""
        return [token for line in lines for token in self.numbers.get(line, ())]


def _citing(package: Package) -> Iterator[str]:
    """The tables of editions whose rows cite something."""
    yield from (name for name in package.resources if {"edizione", "fonte"} <= set(package.fields(name)))


def check(package: Package) -> Iterator[Doubt]:
    """Values that their lines do not print, and numbers of cited lines that no row holds."""
    if not package.has(PRINTED):
        return
    lines = Lines(package)
    citing: dict[Line, list[tuple[str, int]]] = {}
    whole: dict[Line, str] = {}
    for name in _citing(package):
        asked = _whole(package, name)
        for source, places in package.indexed(name).places("fonte").items():
            for line in lines.cited(source):
                citing.setdefault(line, []).extend((name, place) for place in places)
                if not asked.isdisjoint(places):
                    whole.setdefault(line, name)
        yield from _unprinted(package, name, lines)
        yield from _misquoted(package, name, lines)
    yield from _unread(package, lines)
    yield from _left_out(package, lines, citing, whole)
    yield from _skipped(package, lines, citing, whole)


def _whole(package: Package, name: str) -> set[int]:
    """The rows of a table whose lines must be held whole: all, none, or those with some values."""
    where = package.resources[name].get("regole", {}).get("righe_intere")
    return chosen(package, name, {} if where is True else where) if where else set()


def vouched(package: Package, name: str) -> set[int]:
    """The rows of a table, by their places, of which a document prints all: its lines are listed, and held whole.

    >>> vouched(esempio, "indicatori")  # no document of it is listed
    set()
    """
    if not package.has(PRINTED) or "fonte" not in package.fields(name):
        return set()
    listed, cited = sources.last_lines(package), package.indexed(name).column("fonte")
    return {
        place for place in _whole(package, name) if any(one.document in listed for one in sources.lines(cited[place]))
    }


def _numbers(package: Package, name: str) -> list[str]:
    return [field for field, declared in package.fields(name).items() if declared["type"] == "number"]


def _unprinted(package: Package, name: str, lines: Lines) -> Iterator[Doubt]:
    """The values of a table that the lines of their row do not print; a zero may be a blank or a dash there."""
    table, fields = package.indexed(name), _numbers(package, name)
    ids = row_ids(package, name)
    for field in fields:
        for place, (value, source) in enumerate(zip(table.column(field), table.column("fonte"))):
            if not value:
                continue
            spots = lines.cited(source)
            if not spots or any(abs(value) in transcript.values(token) for token in lines.tokens(spots)):
                continue
            there = " ".join(lines.tokens(spots))[:80] or say("no number")
            yield Doubt(
                "/".join(["stampato", name, ids[place], *([field] if len(fields) > 1 else [])]),
                say("{path}, row {row}, column «{column}»", path=package.path(name), row=place + 2, column=field),
                say(
                    "{value} is not printed at {source}, where there is {there}: correct the value or its source",
                    value=value,
                    source=source,
                    there=there,
                ),
                str(value),
            )


def _misquoted(package: Package, name: str, lines: Lines) -> Iterator[Doubt]:
    """The words of a table whose numbers the lines of their row do not print."""
    table, ids = package.indexed(name), row_ids(package, name)
    for field in package.resources[name].get("regole", {}).get("stampati", []):
        for place, (words, source) in enumerate(zip(table.column(field), table.column("fonte"))):
            day = _DAY.fullmatch(words)
            said = [day[2], day[1]] if day else [token for token in transcript.tokens(words) if token[0].isdigit()]
            if not said or not (spots := lines.cited(source)):
                continue
            there = {value for token in lines.tokens(spots) for value in transcript.values(token)}
            if any(there.isdisjoint(transcript.values(token)) for token in said):
                yield Doubt(
                    f"stampato/{name}/{ids[place]}/{field}",
                    say("{path}, row {row}, column «{column}»", path=package.path(name), row=place + 2, column=field),
                    say(
                        "the numbers of «{words}» are not all printed at {source}: correct the words or their source",
                        words=words[:60],
                        source=source,
                    ),
                    words,
                )


def _unread(package: Package, lines: Lines) -> Iterator[Doubt]:
    """The documents that rows cite and whose numbers are not listed."""
    cited = {
        document
        for name in _citing(package)
        for source in package.indexed(name).places("fonte")
        for document, _, _ in sources.lines(source)
    }
    path = package.path(PRINTED)
    for document in sorted(cited - set(lines.last)):
        yield Doubt(
            f"stampati/{document}",
            str(path),
            say(
                "it has no numbers of «{document}», so that no value can be held against it: add what "
                "«python -m annuario.words.transcript {document}.txt» prints of the document's text",
                document=document,
            ),
        )


def _left_out(package: Package, lines: Lines, citing: dict, whole: dict[Line, str]) -> Iterator[Doubt]:
    """The numbers of the lines that must be held whole, and are neither a value nor within the words of a row."""
    columns, words = {}, {}
    for name in _citing(package):
        table, numbers = package.indexed(name), _numbers(package, name)
        columns[name] = [table.column(field) for field in numbers]
        words[name] = [table.column(field) for field in package.fields(name) if field not in ("fonte", *numbers)]
    for line, name in whole.items():
        values = (column[place] for table, place in citing[line] for column in columns[table])
        held = Counter(abs(value) for value in values if value is not None)
        left = []
        for token in lines.numbers.get(line, ()):
            taken = next((value for value in transcript.values(token) if held[value]), None)
            if taken is not None:
                held[taken] -= 1
            elif token not in transcript.WORDS:
                left.append(token)
        if left:
            said = _said(str(column[place]) for table, place in citing[line] for column in words[table])
            left = [token for token in left if not transcript.values(token) & said]
        if left:
            yield _line(package, name, say("rows of"), line, left, say("which no row holds: enter it"))


def _said(texts: Iterable[str]) -> set[Decimal]:
    """The numbers within some words, of a year also the last two digits."""
    found = {value for text in set(texts) for token in transcript.tokens(text) for value in transcript.values(token)}
    return found | {value % 100 for value in found if 1900 < value < 2100}


def _skipped(package: Package, lines: Lines, citing: dict, whole: dict[Line, str]) -> Iterator[Doubt]:
    """The lines with numbers that follow a line of a table, or stand between its head and its first, and nobody cites.

    A line with nothing but years is a table's head.
    """
    for line, printed in lines.numbers.items():
        document, place = line
        if line in citing or all(_YEAR.fullmatch(token) or token in transcript.WORDS for token in printed):
            continue
        before, after = (document, place - 1), (document, place + 1)
        name = whole.get(before) or (whole.get(after) if before in lines.numbers else None)
        if name:
            yield _line(package, name, say("rows beside"), line, printed, say("and no row cites the line: enter it"))


def _line(package: Package, name: str, which: str, line: Line, printed: list[str], what: str) -> Doubt:
    document, place = line
    numbers = " ".join(printed)
    told = say("the line prints {numbers}, {what}", numbers=numbers[:80], what=what)
    return Doubt(f"riga/{document}/{place}", f"{package.path(name)}, {which} {document}:{place}", told, numbers)
