"""Numbering: figures, projects and headings numbered once each and without gaps."""

from __future__ import annotations

import re
from decimal import Decimal

import pandas as pd

from annuario.checks.rows import Number, row, table
from annuario.errors import BookError
from annuario.messages import say

#: Groups of ``testi_tabella`` that hold numbered headings start so.
HEADINGS = "numerazione-"
_MARK = re.compile(r"(?:(\d+)\.)?(?:(\d+)|([a-z])\))")
_NONE = Number(Decimal(0), "")


def sequence(frame: pd.DataFrame, name: str, what: str, number: str) -> pd.DataFrame:
    """The numbers in a column of a list: how many are repeated, how many are missing.

    >>> frame = pd.DataFrame({"edizione": "relazione-2025", "anno": 2025, "numero": ["1", "2", "2", "5"],
    ...                       "fonte": ["d:1", "d:2", "d:3", "d:4"]})
    >>> sequence(frame, "progetti", "Progetti", "numero")[["cosa", "trovato", "dove"]].values.tolist()
    [['Progetti: numeri ripetuti', Decimal('1'), 'd:2-3'], ['Progetti: numeri mancanti', Decimal('2'), 'd:1-4']]
    """
    frame = frame[frame[number].str.fullmatch(r"\d+")]
    marks = [(0, int(text)) for text in frame[number]]
    return _rows(frame.assign(segno=marks, elenco=name), what)


def _mark(heading: str) -> tuple[int, int]:
    """What a heading is numbered with: ``(1, 4)`` for ``1.4``, ``(0, 2)`` for ``b)``."""
    mark = _MARK.search(heading)
    if not mark:
        raise BookError(
            say(
                "testi_tabella: «{heading}» has no number, and stands in a group «{group}…»: number it as in the "
                "document, or give it another «gruppo».",
                heading=heading,
                group=HEADINGS,
            )
        )
    return int(mark[1] or 0), int(mark[2]) if mark[2] else ord(mark[3]) - ord("a") + 1


def headings(texts: pd.DataFrame) -> pd.DataFrame:
    """Headings numbered ``1.``, ``1.4`` or ``a)``: the same question for each group.

    >>> frame = pd.DataFrame({"edizione": "relazione-2025", "gruppo": "numerazione-capitoli", "fonte": ["d:1", "d:9"],
    ...                       "testo": ["1. Servizi", "3. Spesa"]})
    >>> headings(frame)[["cosa", "trovato"]].values.tolist()
    [['Titoli numerati: numeri ripetuti', Decimal('0')], ['Titoli numerati: numeri mancanti', Decimal('1')]]
    """
    frame = texts[texts["gruppo"].str.startswith(HEADINGS)]
    marks = [_mark(text) for text in frame["testo"]]
    years = frame["edizione"].str[-4:].astype(int)
    frame = frame.assign(anno=years, segno=marks, elenco=frame["gruppo"].str.removeprefix(HEADINGS))
    return _rows(frame, "Titoli numerati")


def _rows(frame: pd.DataFrame, what: str) -> pd.DataFrame:
    rows = []
    for (edition, year, name), listed in frame.groupby(["edizione", "anno", "elenco"], sort=False):
        marks = list(listed["segno"])
        everywhere = ";".join(listed["fonte"])
        again = [source for mark, source in zip(marks, listed["fonte"]) if marks.count(mark) > 1]
        last: dict[int, int] = {}
        for chapter, number in marks:
            last[chapter] = max(number, last.get(chapter, 0))
        repeated = Number(Decimal(len(marks) - len(set(marks))), ";".join(again) or everywhere)
        missing = Number(Decimal(sum(last.values()) - len(set(marks))), everywhere)
        rows.append(row(f"numerazione/{name}/ripetuti", f"{what}: numeri ripetuti", edition, year, _NONE, repeated))
        rows.append(row(f"numerazione/{name}/mancanti", f"{what}: numeri mancanti", edition, year, _NONE, missing))
    return table(rows)
