"""What is wrong with the data, and with which of their cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from annuario.messages import say, shortened

if TYPE_CHECKING:
    from annuario.data.package import Package


class Problem(NamedTuple):
    """Something to be mended: one message, and the cell that it is about as (table, row, column), if it is one cell's.

    >>> Problem("datapackage.json: it is no JSON.").cell is None
    True
    """

    told: str
    cell: tuple[str, int, str] | None = None

    @classmethod
    def at(cls, package: Package, table: str, row: int, column: str, what: str) -> Problem:
        """What is wrong with one cell; ``row`` is the line of the file.

        >>> problem = Problem.at(esempio, "indicatori", 3, "valore", "«12,5» is no number.")
        >>> problem.told.rpartition("/")[2], problem.cell
        ('indicatori.csv, row 3, column «valore»: «12,5» is no number.', ('indicatori', 3, 'valore'))
        """
        return cls(f"{place(package, table, row, column)}: {what}", (table, row, column))


def place(package: Package, table: str, row: int, column: str) -> str:
    """Where a cell is, in words.

    >>> place(esempio, "indicatori", 3, "valore").rpartition("/")[2]
    'indicatori.csv, row 3, column «valore»'
    """
    return say("{path}, row {row}, column «{column}»", path=package.path(table), row=row, column=column)


def first(told: list[str], most: int, of_one: int = 10) -> list[str]:
    """What many problems say: beyond ``most`` of each column, which a wrong save spoils whole, the first alone.

    >>> told = [f"casi.csv, row {row}, column «valore»: «n.d.» is no number." for row in (2, 3, 4)]
    >>> first([*told, "casi.csv, row 9, column «anno»: «2062» is no year."], 3, 1)
    ['casi.csv, row 2, column «valore»: «n.d.» is no number.', '… and 2 more (casi.csv, column «valore»)', 'casi.csv,
    row 9, column «anno»: «2062» is no year.']
    """
    if len(told) <= most:
        return told
    columns: dict[str, list[str]] = {}
    for line in told:
        columns.setdefault(re.sub(r", \w+ \d+", "", line.partition(": ")[0]), []).append(line)
    return [line for where, lines in columns.items() for line in shortened(lines, of_one, where)]
