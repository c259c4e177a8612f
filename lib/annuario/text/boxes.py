"""Boxes and notes of a chapter: they may begin in one cell and end, or be called, in another."""

from __future__ import annotations

import re

from annuario.messages import say
from annuario.text import prose
from annuario.text.place import Place

# A note's mark in the text, or the beginning of a note.
_NOTE = re.compile(r"(?<!\\)\[\^([^\]\[\s]+)\](:?)")
# What a line of «:::» may say: it closes a box, or opens one with a class or with attributes.
_BOX = re.compile(r":{3,}[ \t]*(\{[^{}]*\}|[^\s{}:]+)?[ \t]*:*")


def boxes(document, text: str, place: Place) -> None:
    """Takes note of the boxes that a text opens and closes: they may go over several cells."""
    lines = text.split("\n") if ":::" in text else []
    for token in prose.parse(text) if lines else ():
        if token.type == "division":
            line = lines[token.map[0]].strip()
            found = _BOX.fullmatch(line.strip(" \t>"))
            if not found:
                document.problem(
                    place.where,
                    say(
                        '«{line}» opens no box: write «::: {{.classe}}», its title within it or as «title="…"».',
                        line=line,
                    ),
                )
            elif found[1]:
                document.boxes.append((line, place.where))
            elif document.boxes:
                document.boxes.pop()
            else:
                document.problem(
                    place.where, say("a «:::» closes a box that is not open: take it off, or open the box above it.")
                )


def notes(document, masked: str, place: Place) -> list[tuple[int, int, str]]:
    """Takes note of the notes of a text; their names are their chapter's own: two chapters may call theirs alike."""
    edits = []
    for match in _NOTE.finditer(masked):
        begins = match[2] and not masked[: match.start()].rpartition("\n")[2].strip()
        if begins and match[1] in document.notes:
            document.problem(
                place.where,
                say(
                    "the note [^{name}] is already written in {notes}: call it otherwise.",
                    name=match[1],
                    notes=document.notes[match[1]],
                ),
            )
        elif begins:
            document.notes[match[1]] = place.where
        else:
            document.called.setdefault(match[1], place.where)
        edits.append((match.start(1), match.start(1), f"c{len(document.titles)}-"))
    return edits


def closed(document, written: str) -> None:
    """The end of a chapter: its boxes are closed, its notes written and called.

    ``written`` is the text of its cells as it was before what is absent dropped out.
    """
    for line, where in document.boxes:
        document.problem(
            where,
            say(
                "«{line}» is opened and never closed in its chapter: close it with «:::» on a line of its own.",
                line=line,
            ),
        )
    for name, where in document.called.items():
        if name not in document.notes:
            document.problem(
                where,
                say(
                    "the note [^{name}] is nowhere in its chapter: write «[^{name}]: …» on a line of its own.",
                    name=name,
                ),
            )
    uncalled = document.notes.keys() - document.called.keys()
    before = {match[1] for match in _NOTE.finditer(prose.masked(written)) if not match[2]} if uncalled else set()
    for name, where in document.notes.items():
        if name in uncalled - before:
            document.problem(
                where,
                say("no text calls the note [^{name}]: write [^{name}] where it belongs, or take it out.", name=name),
            )
    document.boxes, document.notes, document.called = [], {}, {}
