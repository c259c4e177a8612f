"""What the cells of a table may look like, and their values."""

from __future__ import annotations

import re
from decimal import Decimal

#: What the cells of numbers look like: no exponents, no «NaN», and no more digits than sums hold exactly.
NUMBERS = {
    Decimal: (re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII), "a decimal number with a point, such as 1234.50"),
    int: (re.compile(r"-?\d{1,15}", re.ASCII), "a whole number"),
}


def converted(texts: list[str], convert: type, required: bool) -> tuple[list, list[tuple[int, str]]]:
    """The values of some cells, and what is wrong with which rows."""
    pattern, kind = NUMBERS[convert]
    values, wrong = [], []
    for row, text in enumerate(texts, start=2):
        if text == "":
            values.append(None)
            if required:
                wrong.append((row, "is empty: fill it in"))
        elif pattern.fullmatch(text):
            values.append(convert(text))
        else:
            values.append(None)
            wrong.append((row, f"«{text[:60]}» is not {kind}"))
    return values, wrong
