"""The numbers of a document, line by line: what the values of the tables are held against.

``python -m annuario.words.transcript relazione-2026.txt`` prints the rows of a document's text for
the table of role ``stampati``: the numbers of each line as they stand there, the words for
small ones too, and the last line always, beyond which there is nothing to cite.
"""

from __future__ import annotations

import csv
import re
import sys
from decimal import Decimal
from functools import cache
from pathlib import Path

from annuario.words.phrases import SPELLED

#: The numbers that may stand in letters.
WORDS = {word: Decimal(number) for number, word in enumerate(SPELLED) if number} | {"un": Decimal(1), "una": Decimal(1)}
_TOKEN = re.compile(rf"\d[\d.,]*|\b(?:{'|'.join(WORDS)})\b", re.ASCII | re.IGNORECASE)
_ITALIAN = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d+)(,\d+)?", re.ASCII)


def rows(document: str, text: str) -> list[tuple[str, int, str]]:
    """Each line with numbers: the document, the line, the numbers; the last line in any case.

    >>> rows("relazione-2026", "Nuovi casi 1.240\\n\\ndue educatori, 3,5 %\\nFine.")
    [('relazione-2026', 1, '1.240'), ('relazione-2026', 3, 'due 3,5'), ('relazione-2026', 4, '')]
    """
    lines = text.rstrip("\n").split("\n")
    found = [(document, place, " ".join(tokens(line))) for place, line in enumerate(lines, 1)]
    return [row for row in found if row[2] or row[1] == len(lines)]


def tokens(text: str) -> list[str]:
    """The numbers in a text, as they stand there.

    >>> tokens("Nel 2025 due educatori, 1.240 ore e il 3,5 %.")
    ['2025', 'due', '1.240', '3,5']
    """
    return [token.rstrip(".,").lower() for token in _TOKEN.findall(text)]


@cache
def values(token: str) -> frozenset[Decimal]:
    """What a printed number may mean: one value in Italian form, else each reading of its digits.

    >>> values("due"), values("1.240")
    (frozenset({Decimal('2')}), frozenset({Decimal('1240')}))
    >>> print(*sorted(values("12.3.25")))
    3 12 25 123.25 12325
    """
    if token in WORDS:
        return frozenset([WORDS[token]])
    if _ITALIAN.fullmatch(token):
        return frozenset([Decimal(token.replace(".", "").replace(",", "."))])
    parts = re.split("[.,]+", token)
    return frozenset(map(Decimal, [*parts, "".join(parts), f"{''.join(parts[:-1])}.{parts[-1]}"]))


if __name__ == "__main__":
    out = csv.writer(sys.stdout, lineterminator="\n")
    for path in map(Path, sys.argv[1:]):
        out.writerows(rows(path.stem, path.read_text(encoding="utf-8")))
