"""A table that cannot be read, with what hinders it put aside: so that all else that is wrong is told with it."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import NamedTuple

from annuario.data.cells import converted
from annuario.data.package import Package

#: Numbers that no table holds begin here.
_NOBODYS = 9_000_000


class Salvaged(NamedTuple):
    """A table's content that can be read, the ``rows`` that were uneven, and what is wrong with cells (row and column)."""

    content: bytes
    rows: set[int]
    cells: dict[tuple[int, str], str]


def salvaged(content: bytes, fields: dict[str, dict]) -> Salvaged | None:
    """A content with rows of as many cells as there are fields, and numbers where these are asked for.

    Made-up values stand in the place of what cannot be read; rows keep their places. None where it is no table
    of these fields at all.

    >>> fields = {"casi": {"type": "integer"}, "nota": {"type": "string"}}
    >>> salvaged(b"casi,nota\\n3,a\\nmolti,b\\n4,c,d\\n", fields)
    Salvaged(content=b'casi,nota\\n3,a\\n9000003,b\\n4,c\\n', rows={4}, cells={(3, 'casi'): '«molti» is not a whole number: where ...'})
    >>> salvaged(b"altro\\n3\\n", fields) is None
    True
    """
    try:
        head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    except (ValueError, csv.Error):
        return None
    names = [name.strip() for name in head]
    if sorted(names) != sorted(fields):
        return None
    uneven = {number for number, row in enumerate(rows, 2) if len(row) != len(names)}
    rows = [(row + [""] * len(names))[: len(names)] for row in rows]
    cells: dict[tuple[int, str], str] = {}
    for place, name in enumerate(names):
        kind, required = fields[name]["type"], fields[name].get("constraints", {}).get("required") is True
        if kind in ("number", "integer"):
            convert = Decimal if kind == "number" else int
            _, wrong, _ = converted([row[place] for row in rows], convert, required)
            for number, _ in wrong:  # no other row's: else that would seem to stand twice
                rows[number - 2][place] = str(_NOBODYS + number)
            cells |= {(number, name): what for number, what in wrong if number not in uneven}
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n").writerows([names, *rows])
    return Salvaged(written.getvalue().encode("utf-8"), uneven, cells)


def salvage(package: Package, names: list[str]) -> dict[str, Salvaged] | None:
    """These tables of a package salvaged; None where one of them cannot be.

    >>> list(salvage(esempio, ["indicatori"]))
    ['indicatori']
    """
    found = {}
    for name in names:
        try:
            one = salvaged(package.path(name).read_bytes(), package.fields(name))
        except OSError:
            return None
        if one is None:
            return None
        found[name] = one
    return found
