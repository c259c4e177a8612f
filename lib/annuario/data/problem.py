"""What is wrong with the data, and with which of their cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from annuario.messages import say

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
