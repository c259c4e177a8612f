"""Which cell of which notebook each part of an assembled book comes from, for messages."""

from __future__ import annotations

import json
from bisect import bisect_right
from pathlib import Path

#: Name of the file beside ``libro.md``.
FILE = "luoghi.json"


def write(source: Path, parts: list[tuple[str, str]], labels: dict[str, str]) -> None:
    """Note the parts of ``source`` and where each comes from, and where its labels are declared."""
    lines, at = [], 1
    for text, where in parts:
        lines.append((at, where))
        at += text.count("\n") + 2  # and the blank line between parts
    (source.parent / FILE).write_text(json.dumps({"lines": lines, "labels": labels}, ensure_ascii=False), encoding="utf-8")


class Places:
    """Where the parts of a book come from; nothing is known of a book that says nothing."""

    def __init__(self, source: Path):
        self.source = source
        try:
            noted = json.loads((source.parent / FILE).read_text(encoding="utf-8"))
        except OSError:
            noted = {"lines": [], "labels": {}}
        self.lines = [(at, where) for at, where in noted["lines"]]
        self.labels: dict[str, str] = noted["labels"]

    def of_line(self, line: int) -> str:
        """The cell that a line of the book comes from, or the book's file."""
        at = bisect_right(self.lines, line, key=lambda part: part[0]) - 1
        return (self.lines[at][1] if at >= 0 else "") or str(self.source)

    def of_text(self, *texts: str) -> str:
        """The first cell whose part holds one of the texts, or the book's file."""
        lines = self.source.read_text(encoding="utf-8").split("\n")
        for text in filter(None, texts):
            for number, line in enumerate(lines, 1):
                if text in line and (where := self.of_line(number)) != str(self.source):
                    return where
        return str(self.source)
