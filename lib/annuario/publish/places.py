"""Which cell of which notebook each part of an assembled book comes from, for messages."""

from __future__ import annotations

import json
from bisect import bisect_right
from pathlib import Path

#: Opens the number of a part in a mark, which is a comment of Typst's.
MARK = "\ue004"
#: Name of the file beside ``libro.md``.
FILE = "luoghi.json"


def write(source: Path, parts: list[tuple[str, str]], labels: dict[str, str]) -> None:
    """Note the parts of ``source`` and where each comes from, and where its labels are declared."""
    lines, at = [], 1
    for text, where in parts:
        lines.append((at, where))
        at += text.count("\n") + 2  # and the blank line between parts
    (source.parent / FILE).write_text(
        json.dumps({"lines": lines, "labels": labels}, ensure_ascii=False), encoding="utf-8"
    )


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

    def marked(self, text: str) -> str:
        """The book's text with a mark before each part, by which a place in what is made of it is found."""
        lines = text.split("\n")
        for number, (at, where) in reversed(list(enumerate(self.lines))):
            if where:
                lines[at - 1 : at - 1] = ["```{=typst}", f"/*{MARK}{number}*/", "```", ""]
        return "\n".join(lines)

    def of_mark(self, text: str) -> str:
        """The cell of the last mark in a text that was made of the book's, or the book's file."""
        number = text.rpartition(MARK)[2].partition("*/")[0]
        return self.lines[int(number)][1] if number.isdigit() else str(self.source)

    def of_text(self, text: str) -> str:
        """The first cell whose part holds a text, whatever its line ends, or the book's file."""
        lines = self.source.read_text(encoding="utf-8").split("\n")
        ends = [at for at, _ in self.lines[1:]] + [len(lines) + 1]
        for (at, where), end in zip(self.lines, ends):
            if where and text and text in " ".join(" ".join(lines[at - 1 : end - 1]).split()):
                return where
        return str(self.source)
