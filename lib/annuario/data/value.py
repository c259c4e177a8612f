"""Numbers that know the rows of the data they come from, and pass that on to what is computed from them.

>>> one, two = Value("12", Record("casi", 2, "relazione-2025:10")), Value("30", Record("casi", 3, "relazione-2025:11"))
>>> [record.row for record in resting([one + two])]
[2, 3]
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple, Self

#: The column of a table's rows, as an edition sees them, that holds the record of each.
COLUMN = "riga_dati"
#: What the output of a table or chart tells of the records that it rests on is called so.
RECORDS = "righe_dati"
#: And what the output of a table tells of those that each of its cells rests on.
CELLS = "celle_dati"


class Record(NamedTuple):
    """A row of the data: its table, its number in the file (the names of the columns stand in 1), its ``fonte``.

    >>> esempio.indexed("indicatori").records[0]
    Record(table='indicatori', row=2, source='esempio')
    """

    table: str
    row: int
    source: str = ""


class Value(Decimal):
    """An exact number and the records that it rests on; what is computed from it rests on them too.

    >>> one, two = Value("12", Record("casi", 2)), Value("30", Record("casi", 3))
    >>> (one + two).records == one.records + two.records, one / two * 100, (two - 1).records
    (True, Decimal('40.0'), [Record(table='casi', row=3, source='')])
    """

    __slots__ = ("_on",)
    _on: tuple

    def __new__(cls, number: object, *on: Record | Value) -> Self:
        made = super().__new__(cls, number)  # type: ignore[arg-type]
        made._on = on
        return made

    def __reduce__(self):
        return Value, (str(self), *self.records)

    def __copy__(self) -> Value:
        return self

    def __deepcopy__(self, memo: dict) -> Value:
        return self

    @property
    def records(self) -> list[Record]:
        """The records, each once, in the order of tables and rows."""
        found, left, seen = set(), [self], set()
        while left:
            for part in left.pop()._on:
                if isinstance(part, Record):
                    found.add(part)
                elif id(part) not in seen:
                    seen.add(id(part))
                    left.append(part)
        return sorted(found)


def _computing(name: str):
    compute = getattr(Decimal, name)

    def computed(self, *others):
        result = compute(self, *others)
        if result is NotImplemented:
            return result
        return Value(result, self, *(other for other in others if isinstance(other, Value)))

    return computed


for _name in (
    *("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__truediv__", "__rtruediv__"),
    *("__neg__", "__pos__", "__abs__"),
):
    setattr(Value, _name, _computing(_name))


def resting(values: Iterable[object]) -> list[Record]:
    """The records among some values, and those that the values rest on, each once; other values rest on none.

    Of a frame of pandas' all cells are meant.

    >>> resting([Record("casi", 3), Value("12", Record("casi", 2)), Value("12", Record("casi", 2)), 7, None])
    [Record(table='casi', row=2, source=''), Record(table='casi', row=3, source='')]
    """
    found: set[Record] = set()
    if hasattr(values, "to_numpy"):
        values = values.to_numpy(dtype=object).ravel()
    for value in values:
        if isinstance(value, Record):
            found.add(value)
        elif isinstance(value, Value):
            found.update(value.records)
    return sorted(found)
