"""Doubts: what is declared right and looks wrong, until the analyst confirms it.

A doubt is about one row, line or list: it is told by every check and build and stops no
book. Who has looked at the document either mends the data or records in the table of role
``conferme`` that it is so, with the value confirmed and the reason; another value there is
doubted again, and a confirmation of what is not doubted any more is told as well. A row that
a draft was asked for is confirmed there, in the table of role ``attese``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from annuario.data import Package
from annuario.data.expected import CONFIRMED, SEPARATOR
from annuario.data.roles import CONFIRMATIONS, EXPECTED
from annuario.messages import say


class Doubt(NamedTuple):
    """One thing that looks wrong.

    ``id`` names it for ever, as ``rule/table/key``; ``where`` is file and row (or rows);
    ``what`` says what was found, what was expected and what to do; ``found`` is the value
    that a confirmation repeats, ``or_else`` how it is confirmed.

    >>> doubt = Doubt("serie/casi/2025", "casi.csv, row 3", "300 is ten times 30", "300")
    >>> str(doubt), doubt.found
    ('casi.csv, row 3: 300 is ten times 30', '300')
    """

    id: str
    where: str
    what: str
    found: str = ""
    or_else: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}{self.or_else}"


def unconfirmed(package: Package, doubts: Iterable[Doubt]) -> list[Doubt]:
    """The doubts that nobody confirmed, with the way to do so, and the confirmations of nothing.

    >>> doubt = Doubt("serie/casi/2025", "casi.csv, row 3", "300 is ten times 30", "300")
    >>> unconfirmed(esempio, [doubt]) == [doubt]  # there is no table to confirm it in
    True
    >>> unconfirmed(package, [doubt])[0].or_else
    ', or confirm it in .../data/conferme.csv as «serie/casi/2025».'
    """
    asked, confirmed = _asked(package), {}
    path = package.path(CONFIRMATIONS) if package.has(CONFIRMATIONS) else None
    if path:
        for place, one in enumerate(package.indexed(CONFIRMATIONS).frame.itertuples(), 2):
            confirmed[one.controllo] = (place, one.trovato)
    told, known = [], set()
    for doubt in doubts:
        known.add(doubt.id)
        place, value = confirmed.get(doubt.id, (0, None))
        row, state = asked.get(doubt.id.partition("/")[2], (0, ""))
        if value == doubt.found or state == CONFIRMED:
            continue
        again = say(" (row {row} there confirms «{value}»)", row=place, value=value) if place else ""
        if row:
            how = say(
                ", or confirm it: state «confermato», and why, in the sheet or in {path}, row {row}.",
                path=package.path(EXPECTED),
                row=row,
            )
        elif path:
            how = say(", or confirm it in {path} as «{id}»{again}.", path=path, id=doubt.id, again=again)
        else:
            how = ""
        told.append(doubt._replace(or_else=how))
    for name, (place, _) in confirmed.items():
        if name not in known:
            what = say("«{name}» is confirmed, and nothing is doubted there any more: delete the row.", name=name)
            told.append(Doubt(name, say("{path}, row {row}", path=path, row=place), what))
    return told


def _asked(package: Package) -> dict[str, tuple[int, str]]:
    """The rows that editions were asked for, as doubts name them: the row of the file, and the state."""
    if not package.has(EXPECTED):
        return {}
    table = package.indexed(EXPECTED)
    columns = (table.column(field) for field in ("tabella", "edizione", "chiave", "stato"))
    return {
        "/".join((name, edition, *key.split(SEPARATOR))): (place, state)
        for place, (name, edition, key, state) in enumerate(zip(*columns), 2)
    }


def row_ids(package: Package, table: str) -> list[str]:
    """What names each row of a table within it: the fields of its key, or the row where it has none.

    >>> row_ids(esempio, "indicatori")[0], row_ids(esempio, "edizioni")
    ('relazione-2025/2023/prestiti/libri/tabella', ['relazione-2025'])
    """
    key = package.resources[table]["schema"].get("primaryKey", [])
    rows = package.indexed(table)
    if not key:
        return [f"riga-{place}" for place in range(2, len(rows.frame) + 2)]
    columns = [rows.column(field) for field in ([key] if isinstance(key, str) else key)]
    return ["/".join(map(str, values)) for values in zip(*columns)]
