"""What a workbook changes in an edition's tables: rows, states, what is wrong and what is worth telling."""

from __future__ import annotations

from dataclasses import dataclass, field

from annuario.messages import say

ADDED, CHANGED, REMOVED = "+", "~", "−"


@dataclass
class Change:
    """A row that is added, changed or removed: by its table and key, with its whole new content.

    ``old`` and ``new`` are its value, or what else changes, in words; ``place`` is sheet and cell.

    >>> str(Change(CHANGED, "casi", "2026|nuovi", "Nuovi casi", "12", "15", ("Minori", "G7")))
    '~ Minori, G7: Nuovi casi: 12 → 15'
    """

    kind: str
    table: str
    key: str
    words: str
    old: str
    new: str
    place: tuple[str, str]
    row: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        sheet, cell = self.place
        shown = {ADDED: self.new, CHANGED: f"{self.old} → {self.new}", REMOVED: say("{old} (removed)", old=self.old)}[
            self.kind
        ]
        return f"{self.kind} {sheet}, {cell}: {self.words}: {shown}"


@dataclass
class Changes:
    """What a workbook changes: rows, states of rows that are asked for (state, reason); what is wrong, worth telling.

    >>> changes = Changes([Change(ADDED, "casi", "2026|nuovi", "Nuovi casi", "", "15", ("Minori", "G7"))])
    >>> bool(changes), changes.count(ADDED), changes.count(REMOVED), bool(Changes(problems=["Minori, G7: …"]))
    (True, 1, 0, False)
    """

    rows: list[Change] = field(default_factory=list)
    states: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.rows or self.states)

    def count(self, kind: str) -> int:
        """How many rows are added, changed or removed."""
        return sum(one.kind == kind for one in self.rows)
