"""What is asked of a table, kept so that it can be asked again: has the answer changed?

A chapter depends on the rows that it got, not on the file. Each question is told as one text
(:func:`told`), beside the table's file; :func:`digest_of` asks it again of the file as it
stands, without pandas. What cannot be told in full is no question: the whole file is meant.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

#: Distance of an edition from one that looks at the data: smaller is preferred.
Distance = tuple[int, int, bool]
#: Parts a file from what is asked about it; no path holds it. A question of a table's rows begins with the second.
ASKS, ROWS = "\x1f", "rows?"
#: The field that holds a whole number.
YEAR = "anno"


class Index:
    """Columns of a table, with an index of each that was asked about."""

    def __init__(self, columns: Mapping[str, Sequence], length: int):
        self.columns = dict(columns)
        self.length = length
        self._places: dict[str, dict[Hashable, list[int]]] = {}

    def places(self, name: str) -> dict[Hashable, list[int]]:
        """The rows where each value of a column stands."""
        if name not in self._places:
            found: dict[Hashable, list[int]] = {}
            self._places[name] = found
            for row, value in enumerate(self.columns[name]):
                found.setdefault(value, []).append(row)
        return self._places[name]

    def rows(self, where: Mapping[str, Collection]) -> list[int]:
        """The rows whose columns have each one of some values."""
        if not where:
            return list(range(self.length))
        places = {name: self.places(name) for name in where if name != YEAR or len(where) == 1}
        found = {name: {row for value in where[name] for row in places[name].get(value, ())} for name in places}
        left = set.intersection(*found.values())
        years = where.get(YEAR)
        return sorted(left if years is None else (row for row in left if self.columns[YEAR][row] in years))


def values_of(value: object) -> set:
    """The values that are asked for, of which there may be one.

    >>> values_of("a"), values_of([1, 2, 1]) == {1, 2}
    ({'a'}, True)
    """
    return set(value) if isinstance(value, (list, tuple, AbstractSet, range)) else {value}


def distance(book: str, year: int, own_book: str, own_year: int) -> Distance:
    """Of an edition: this one comes first, then later ones, then earlier ones; the own book first.

    >>> own = ("relazione", 2025)
    >>> sorted([("relazione", 2023), ("piano", 2026), own, ("relazione", 2026)], key=lambda one: distance(*one, *own))
    [('relazione', 2025), ('relazione', 2026), ('piano', 2026), ('relazione', 2023)]
    """
    gap = year - own_year
    return (0 if gap == 0 and book == own_book else 1 if gap >= 0 else 2, abs(gap), book != own_book)


def seen(
    rows: Iterable[int],
    columns: Mapping[str, Sequence],
    own: str,
    year: int,
    order: Mapping[str, Distance],
    fields: Sequence[str],
) -> list[int]:
    """Those of some rows that an edition sees: of each group by ``fields`` one edition's, the first in ``order``.

    Rows of other editions about years after its own are left out.
    """
    editions, years = columns["edizione"], columns.get("anno")
    groups: dict[tuple, dict[str, list[int]]] = {}
    within = [columns[field] for field in fields]
    for row in rows:
        if years is None or editions[row] == own or years[row] <= year:
            groups.setdefault(tuple(field[row] for field in within), {}).setdefault(editions[row], []).append(row)
    return sorted(row for found in groups.values() for row in found[min(found, key=order.__getitem__)])


def told(
    where: Mapping[str, object],
    hidden: Iterable[str] = (),
    view: Mapping | None = None,
    then: Mapping[str, object] | None = None,
) -> str | None:
    """A question as a text: rows by the values of some fields, but those of ``hidden`` editions.

    ``view`` says whose eyes they are seen with, see :func:`digest_of`; ``then`` keeps of these the rows
    with other values. None for what no text can tell: values that are neither words nor years.

    >>> told({"indicatore": "prestiti/libri", "anno": [2024, 2025]})
    '{"dove": {"anno": [2024, 2025], "indicatore": ["prestiti/libri"]}}'
    """
    asked = {name: _kept(name, values_of(value)) for name, value in where.items()}
    kept = {name: _kept(name, values_of(value)) for name, value in (then or {}).items()}
    if None in (*asked.values(), *kept.values()):
        return None
    parts = {"dove": asked, "senza": sorted(hidden), "vista": view, "poi": kept}
    return json.dumps({name: part for name, part in parts.items() if part}, ensure_ascii=False, sort_keys=True)


def _kept(name: str, values: set) -> list | None:
    """Values in order; many years in a row as the first and the last."""
    if name != YEAR:
        return sorted(values) if set(map(type, values)) <= {str} else None  # of thousands, in one go
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return None
    ordered = sorted(map(int, values))
    return (
        ["da", ordered[0], ordered[-1]]
        if len(ordered) > 3 and ordered[-1] - ordered[0] == len(ordered) - 1
        else ordered
    )


def _given(kept: list) -> Collection:
    return range(kept[1], kept[2] + 1) if kept[:1] == ["da"] and len(kept) == 3 and isinstance(kept[1], int) else kept


def digest_of(path: Path, question: str, read: Callable[[Path], bytes]) -> str:
    """The digest of the rows of a table's file that answer a question, with their numbers, as it stands now.

    A view has the edition that looks (``libro``, ``anno``), the ``campi`` within which one edition
    is taken whole, and the file of the editions. ``read`` gives the contents of files. ``absent`` for
    a file that is no table, or has not the fields that are asked for.
    """
    asked = json.loads(question)
    try:
        index, lines = _parsed(read(path))
        hidden = set(asked.get("senza", ()))
        rows = index.rows({name: _given(kept) for name, kept in asked.get("dove", {}).items()})
        if hidden and "edizione" in index.columns:
            rows = [row for row in rows if index.columns["edizione"][row] not in hidden]
        if view := asked.get("vista"):
            order = _order(read(path.parent / view["edizioni"]), view["libro"], view["anno"])
            rows = seen(rows, index.columns, f"{view['libro']}-{view['anno']}", view["anno"], order, view["campi"])
        if then := asked.get("poi"):
            rows = sorted(set(rows) & set(index.rows({name: _given(kept) for name, kept in then.items()})))
    except (OSError, KeyError, TypeError, ValueError, csv.Error):
        return "absent"
    total = sha256()
    for row in rows:
        total.update(lines[row])
    return total.hexdigest()[:40]


@lru_cache(maxsize=64)
def _order(content: bytes, book: str, year: int) -> dict[str, Distance]:
    columns = _parsed(content)[0].columns
    known = zip(columns["edizione"], columns["libro"], columns[YEAR])
    return {edition: distance(own, when, book, year) for edition, own, when in known}


@lru_cache(maxsize=64)
def _parsed(content: bytes) -> tuple[Index, list[bytes]]:
    """A file's columns, in which years are numbers, and its numbered lines."""
    lines = [
        [text.strip() for text in line] for line in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    ]
    names = lines.pop(0)
    columns: dict[str, list] = {name: list(column) for name, column in zip(names, zip(*lines))} if lines else {}
    if YEAR in columns:
        columns[YEAR] = [int(text) if text else None for text in columns[YEAR]]
    return Index(columns or {name: [] for name in names}, len(lines)), [
        json.dumps([*numbered]).encode() for numbered in enumerate(lines)
    ]
