"""Every published number by edition, year and key: what the declared identities speak of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import chain

import pandas as pd

from annuario.checks.rows import Number, valued
from annuario.data import Package
from annuario.data.roles import INDICATORS

Fact = tuple[str, int, str, Decimal, str]  # edition, year, key, value, source


class Facts:
    """Every number of the package by edition, year and key.

    A key that ends with ``*`` is a sum over the rows without totals.

    ``gruppo/voce…`` is an indicator, as the table prints it or, failing that, the text;
    ``testo:gruppo/voce…`` as the text does; ``gruppo/*`` a group. ``more`` are facts of the
    agency's own tables, under keys of its own.

    >>> facts = Facts(esempio, [("relazione-2025", 2025, "ore:tutte", Decimal(40), "d:7")])
    >>> facts.get("relazione-2025", 2025, "prestiti/libri"), facts.get("relazione-2025", 1999, "prestiti/libri")
    (Number(value=Decimal('46310'), source='esempio'), None)
    >>> facts.get("relazione-2025", 2025, "prestiti/*").value  # without the total
    Decimal('53335')
    >>> "ore:tutte" in facts.keys, facts.contexts[-1]
    (True, ('relazione-2025', 2025))
    """

    def __init__(self, package: Package, more: Iterable[Fact] = ()):
        self._numbers: dict[tuple[str, int], dict[str, Number]] = {}
        for edition, year, key, value, source in chain(_indicators(package), more):
            numbers = self._numbers.setdefault((edition, year), {})
            before = numbers.get(key) if key.endswith("*") else None
            if before:
                value, source = before.value + value, f"{before.source};{source}"
            numbers[key] = Number(value, source)
        self.contexts = sorted(self._numbers)

    def get(self, edition: str, year: int, key: str) -> Number | None:
        """One number, or None where the edition does not print it."""
        return self._numbers.get((edition, year), {}).get(key)

    @property
    def keys(self) -> set[str]:
        """Every key under which some edition prints a number."""
        return {key for numbers in self._numbers.values() for key in numbers}

    def replaced(self, edition: str, year: int, numbers: dict[str, Number]) -> Facts:
        """The same facts with some numbers of one edition and year replaced.

        >>> facts = Facts(esempio)
        >>> other = facts.replaced("relazione-2025", 2025, {"prestiti/libri": Number(Decimal(1), "")})
        >>> [each.get("relazione-2025", 2025, "prestiti/libri").value for each in (facts, other)]
        [Decimal('46310'), Decimal('1')]
        """
        facts = object.__new__(Facts)
        facts._numbers = self._numbers | {(edition, year): self._numbers[(edition, year)] | numbers}
        facts.contexts = self.contexts
        return facts


def records(frame: pd.DataFrame, *columns: str) -> Iterator[tuple]:
    """Edition, year, the asked columns, value and source of each row that has a value.

    >>> frame = pd.DataFrame({"edizione": "relazione-2025", "sede": ["nord", "sud"], "valore": [Decimal(3), None]})
    >>> list(records(frame.assign(anno=2025, fonte="d:1"), "sede"))
    [('relazione-2025', 2025, 'nord', Decimal('3'), 'd:1')]
    """
    return valued(frame, ("edizione", "anno", *columns))


def _indicators(package: Package) -> Iterator[Fact]:
    if not package.has(INDICATORS):
        return
    frame = package.read(INDICATORS)
    in_table = frame["sede"] == "tabella"
    for edition, year, name, *number in records(frame[~in_table], "indicatore"):
        yield edition, year, name, *number
        yield edition, year, f"testo:{name}", *number
    for edition, year, name, *number in records(frame[in_table], "indicatore"):
        yield edition, year, name, *number
        group, _, item = name.partition("/")
        if not item.startswith("totale"):
            yield edition, year, f"{group}/*", *number
