"""Territories: what an extract of a book can be about.

A table of role ``territori`` names them by its primary key: ``nome``, and ``tipo``, what each is
(``sub-ambito``, ``comune``); a row without a ``tipo`` is none («fuori ambito», a total). There may be several
such tables. Other tables speak of a territory by a field that refers to one of these.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annuario.data.roles import TERRITORIES
from annuario.errors import BookError
from annuario.messages import say

if TYPE_CHECKING:
    from annuario.data.package import Package

#: What asks for every territory.
ALL = "all"


@dataclass(frozen=True)
class Territory:
    """A territory: its code, its name, what it is, and the table that names it; ``id`` is its code, told apart.

    >>> str(Territory("pandino", "Pandino", "sub-ambito", "sub_ambiti", "pandino"))
    'sub-ambito di Pandino'
    """

    code: str
    name: str
    kind: str
    table: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind} di {self.name}"


def declared(package: Package) -> list[Territory]:
    """The territories of a package, in the order of its tables; none where none is declared.

    >>> [one.name for one in declared(package)][:2]
    ['Bagnolo Cremasco', 'Castelleone']
    """
    found = [(*one, table) for table in tables(package) for one in named(package, table)]
    count = Counter(code for code, *_ in found)
    return [Territory(*one, one[0] if count[one[0]] == 1 else f"{one[0]}-{one[3].replace('_', '-')}") for one in found]


def tables(package: Package) -> list[str]:
    """The tables that name territories.

    >>> tables(esempio)
    ['quartieri']
    """
    return [name for name, resource in package.resources.items() if resource.get("ruolo") == TERRITORIES]


def named(package: Package, table: str) -> list[tuple[str, str, str]]:
    """The territories of one table, each with its code, its name and what it is.

    >>> [name for _, name, kind in named(esempio, "quartieri")][:2]
    ['Centro', 'Fiume']
    """
    key = package.resources[table]["schema"].get("primaryKey") or next(iter(package.fields(table)))
    rows = package.indexed(table)
    codes = rows.column(key if isinstance(key, str) else key[0])
    told = zip(codes, rows.column("nome"), rows.column("tipo"))
    return [(str(code), called, kind) for code, called, kind in told if kind]


def parse(text: str, package: Package) -> list[Territory]:
    """The territory called ``text``, by its code or its name; of ``all`` every one.

    Raises BookError for an unknown one, with those there are.

    >>> parse("pandino", package)[0].kind, len(parse("all", package)) == len(declared(package))
    ('sub-ambito', True)
    >>> parse("Atlantide", esempio)
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: Unknown territory «Atlantide»: choose one of centro, fiume, stazione, ...
    """
    choice = declared(package)
    if not choice:
        raise BookError(
            say(
                "{path}: no territory is declared: give the table that names them the «ruolo» {role}.",
                path=package.folder / "datapackage.json",
                role=TERRITORIES,
            )
        )
    if text == ALL:
        return choice
    wanted = text.strip().casefold()
    for names in (lambda one: one.id, lambda one: one.code, lambda one: one.name):
        found = [one for one in choice if names(one).casefold() == wanted]
        if len(found) == 1:
            return found
    raise BookError(
        say(
            "Unknown territory «{text}»: choose one of {known}, or {all}.",
            text=text,
            known=", ".join(one.id for one in choice),
            all=ALL,
        )
    )
