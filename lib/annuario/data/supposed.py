"""A draft's data as if all of its rows had been entered: to see what hangs on those that have not.

Two packages are made so. In one every second row to come is far larger than last year's and the others are
nothing, in the other the reverse: each may be the largest or the smallest of its group, and planned with
nothing spent. What both say as the draft says it holds whatever is entered; what either says
otherwise (a sum, a share, a first place, a count of rows) is not known yet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cached_property

import pandas as pd

from annuario.data.corrections import COLUMN
from annuario.data.expected import SEPARATOR, Expected, key_fields
from annuario.data.package import Package
from annuario.data.value import Record, Value

#: The value that is supposed of a row, from last year's and from a number that no other row has.
Supposition = Callable[[Decimal, int], Decimal]


def evens(last: Decimal, number: int) -> Decimal:
    """Every second row is larger than what stands beside it, and no two are the same; whole, where last year's is.

    >>> evens(Decimal(12), 0), evens(Decimal(12), 1), evens(Decimal(12), 2)
    (Decimal('1012000'), Decimal('0'), Decimal('1012002'))
    """
    return Decimal(0) if number % 2 else abs(last) * 1000 + 1_000_000 + number


def odds(last: Decimal, number: int) -> Decimal:
    """The others are.

    >>> odds(Decimal(12), 0), odds(Decimal(12), 1)
    (Decimal('0'), Decimal('1012002'))
    """
    return evens(last, number + 1)


class Supposed(Package):
    """A draft's package with the ``missing`` rows in it, their numbers as ``suppose`` has them.

    The record of a row that is supposed has its place in the table ``attese``, below zero.

    >>> from annuario.data.expected import Expected
    >>> row = Expected("indicatori", "2026|prestiti/libri|tabella", "manca", "", 7, filled=False)
    >>> supposed = Supposed(esempio, [row], odds)
    >>> supposed.read("indicatori")[["anno", "indicatore", "valore"]].values.tolist()[-1]
    [2026, 'prestiti/libri', Decimal('0')]
    >>> supposed.indexed("indicatori").records[-1].row
    -7
    """

    def __init__(self, package: Package, missing: Sequence[Expected], suppose: Supposition):
        super().__init__(package.folder, package.own)
        self._entered = package.used
        self._suppose = suppose
        self._missing = [(number, row) for number, row in enumerate(missing) if row.key]
        self._supposed: dict = {}

    @property
    def used(self) -> Package:
        """This package."""
        return self

    @property
    def printed(self) -> Package:
        """The package as it stands: checks and corrections are of what is entered."""
        return self._entered.printed

    @cached_property
    def descriptor(self) -> dict:
        return self._entered.descriptor

    def indexed(self, name: str):
        """One table with the rows that are supposed, indexed."""
        name = self.name(name)
        table = self._entered.indexed(name)
        asked = [(number, row) for number, row in self._missing if row.table == name]
        if not asked:
            return table
        if name not in self._supposed:
            self._supposed[name] = self._with(table, name, asked)
        return self._supposed[name]

    def _with(self, table, name: str, asked: Sequence[tuple[int, Expected]]):
        keys, frame = key_fields(self, name), table.frame
        others = [key for key in keys if key != "anno"]
        # what a row is like beside its values, its label for instance, the last of its kind tells
        like = {key: place for place, key in enumerate(zip(*(map(str, frame[key]) for key in others)))}
        added, records = [], []
        for number, row in asked:
            given = dict(zip(keys, row.key.split(SEPARATOR)))
            before = like.get(tuple(given[key] for key in others))
            made = dict.fromkeys(frame, "") if before is None else frame.iloc[before].to_dict()
            record = Record(name, -row.place, str(made.get("fonte", "")))
            for field, declared in self.fields(name).items():
                if field in given:
                    made[field] = int(given[field]) if declared["type"] == "integer" else given[field]
                elif declared["type"] == "number":
                    made[field] = Value(self._suppose(Decimal(made[field] or 0), number), record)
                elif declared["type"] == "integer":
                    made[field] = made[field] or 0
            added.append(made | {"edizione": self.own} | ({COLUMN: ()} if COLUMN in frame else {}))
            records.append(record)
        return table.extended(pd.DataFrame(added, columns=list(frame)), records)
