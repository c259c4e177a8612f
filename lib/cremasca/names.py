"""What the book calls the things that tables know by a code, from the table ``nomi``."""

from __future__ import annotations

from typing import NamedTuple

from annuario.data import Package


class Name(NamedTuple):
    """A name, and what a list says besides: see the table's declaration."""

    nome: str
    altro: str


def listed(package: Package, which: str) -> dict[str, Name]:
    """The names of one list of the table ``nomi`` by their codes, in the order of the table."""
    frame = package.read("nomi")
    own = frame[frame["elenco"] == which]
    return {code: Name(name, more) for code, name, more in zip(own["codice"], own["nome"], own["altro"])}


def named(package: Package, which: str) -> dict[str, str]:
    """The bare names of one list by their codes."""
    return {code: name.nome for code, name in listed(package, which).items()}
