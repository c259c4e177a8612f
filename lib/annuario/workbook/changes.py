"""What a workbook changes in an edition's tables: rows, states, what is wrong and what is worth telling."""

from __future__ import annotations

from dataclasses import dataclass, field

from annuario.data.expected import CONFIRMED, UNSURVEYED
from annuario.messages import say
from annuario.workbook import layout

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
class State:
    """What becomes of a row that is asked for, and why; ``place`` is sheet and cell.

    >>> str(State("casi", "2026|nuovi", "Nuovi casi", UNSURVEYED, "archivio chiuso", ("Minori", "I7")))
    '~ Minori, I7: Nuovi casi: state «non rilevato» (archivio chiuso)'
    >>> str(State("casi", "2026|nuovi", "Nuovi casi", UNSURVEYED, "", ("Minori", "I7")))
    '~ Minori, I7: Nuovi casi: state «non rilevato», without a reason yet'
    """

    table: str
    key: str
    words: str
    state: str
    reason: str
    place: tuple[str, str]

    def __str__(self) -> str:
        sheet, cell = self.place
        shown = {state: word for word, state in layout.STATES.items()}.get(self.state, self.state)
        told = say("state «{shown}»", shown=shown)
        if self.reason:
            told += f" ({self.reason})"
        elif self.state in (UNSURVEYED, CONFIRMED):
            told += say(", without a reason yet")
        return f"{CHANGED} {sheet}, {cell}: {self.words}: {told}"


@dataclass
class Changes:
    """What a workbook changes: rows, states of rows that are asked for; what is wrong, what is worth telling.

    >>> changes = Changes([Change(ADDED, "casi", "2026|nuovi", "Nuovi casi", "", "15", ("Minori", "G7"))])
    >>> bool(changes), changes.count(ADDED), changes.count(REMOVED), bool(Changes(problems=["Minori, G7: …"]))
    (True, 1, 0, False)
    """

    rows: list[Change] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.rows or self.states)

    def count(self, kind: str) -> int:
        """How many rows are added, changed or removed."""
        return sum(one.kind == kind for one in self.rows)
