"""What is wrong with the data, and with which of their cells."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """Something to be mended: one message, and the cell that it is about as (table, row, column), if it is one cell's.

    >>> Problem("casi.csv, row 3, column «valore»: «12,5» is no number.", ("casi", 3, "valore")).cell
    ('casi', 3, 'valore')
    """

    told: str
    cell: tuple[str, int, str] | None = None
