"""A paragraph or heading with the answers to its expressions put in, without the parts that cannot be said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annuario.data.value import Record
from annuario.text.blocks import CAPTION, OPTIONAL, optional

__all__ = ["Answer", "Prose", "in_place", "note", "sentences_of"]

#: A reference to a table or figure.
REFERENCE = re.compile(r"(?<![\w\\@])@((?:fig|tbl)-[A-Za-z0-9_-]*[A-Za-z0-9])")
_BRACKETED = re.compile(r" ?\(((?:@(?:fig|tbl|sec)-[\w-]*\w)(?:(?:, | e )@(?:fig|tbl|sec)-[\w-]*\w)*)\)")
#: A note's mark in the text, or the beginning of a note.
NOTE = re.compile(r"\[(\^[^\]\s]+)\](:?)")
#: What a block begins with before its words.
MARKER = re.compile(r"[ \t>]*(?:(?:[-*+]|\d+[.)]|#+)[ \t]+)*")

# What the ledger says of a value, right after it, until it is known which mention is the first.
_LEDGER = "\x04{}\x05"
_SAID_LEDGER = re.compile(r"(?:\x04[^\x05]*\x05)+")
# The name of an expression whose value rests on rows, right after it, until the sentence is whole.
_RESTS = "\x06{}\x07"
_RESTING = re.compile(r"\x06([^\x07]*)\x07")
# Where a sentence ends: what follows begins another, an item of a list, or a paragraph.
_END = re.compile(r"(?<=[.!?:»)])\s+(?=[A-ZÀÈÉÌÒÙ«“*_\[(€\d])|\n\s*\n|\n(?=\s*(?:[-*+]|\d+[.)])\s)|\n(?=:::)")
_NOTED = re.compile(r"\^\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]")

_LABELLED = re.compile(r"\s*\{#[^{}]*\}\s*$")
#: The class of what stands, in a draft, for what is to be entered; its name among the options of a code cell.
UNENTERED = "da-inserire"
#: How many things that are to be entered are named one by one.
NAMED = 3
#: What is to be entered, and where: pairs.
Lacks = tuple[tuple[str, str], ...]
#: The pair where nobody knows which.
OTHERS = ("altri dati di cui questo passo ha bisogno", "vedi l’elenco in fondo")


@dataclass(frozen=True)
class Answer:
    """What an expression gave: its text, or why it is absent; notes for the foot of its block; the rows it rests on.

    ``ledger`` are notes on values that a document prints wrong: the first of the chapter's texts
    that tells such a value has each. ``lacks`` is, in a draft, what is to be entered for it to be there.

    >>> Answer("236").text, Answer(absent="non pubblicato").text, Answer(absent="non pubblicato").absent
    ('236', '', 'non pubblicato')
    """

    text: str = ""
    absent: str = ""
    notes: tuple[str, ...] = ()
    rows: tuple[Record, ...] = ()
    ledger: tuple[str, ...] = ()
    lacks: Lacks = ()


@dataclass(frozen=True)
class Prose:
    """A Markdown cell: its source, where its expressions stand in it, and the answers to them.

    A place is where it starts and ends, and the expressions there: two that touch share one.
    ``placed`` are the parts of the source that expressions have placed there, as commentary:
    what one year has to say keeps its section like a figure.

    >>> from annuario.text.absence import finish
    >>> from annuario.text.expressions import written
    >>> text = "Sono `{python} nuovi` casi."
    >>> finish([Prose(text, written(text).places, {"nuovi": Answer("236")})])[0]
    ['Sono 236 casi.']
    """

    source: str
    places: Sequence[tuple[int, int, tuple[str, ...]]]
    answers: Mapping[str, Answer]
    placed: Sequence[tuple[int, int]] = ()


def with_answers(
    part: Prose, masked: str, start: int, end: int, own: list, unmade: Mapping[str, Lacks]
) -> tuple[str, str, list[str], Lacks]:
    """The text of a leaf with its answers put in; why it is absent, if it is; its notes; what it lacks in a draft."""
    edits: list[tuple[int, int, str]] = []
    gone: list[tuple[int, int]] = []  # optional parts that drop out
    why: dict[int, str] = {}  # places of what is absent
    lacks: dict[int, Lacks] = {}
    for place, stop, names in own:
        answers = [part.answers[name] for name in names]
        absent = next((answer.absent for answer in answers if answer.absent), "")
        if absent:
            why[place] = absent
            lacks[place] = tuple(pair for answer in answers for pair in answer.lacks)
        text = "".join(
            answer.text
            + (_RESTS.format(name) if answer.rows and answer.text.strip() else "")
            + "".join(map(_LEDGER.format, answer.ledger))
            for name, answer in zip(names, answers)
        )
        joins = part.source[place - 1 : place] == " " and text.removeprefix("\\")[:1] in ("", *",;:.)")
        edits.append((place - joins, stop, text))
    for match in _BRACKETED.finditer(masked, start, end):
        labels = re.findall(r"@[\w-]*\w", match[1])
        left = [label for label in labels if label[1:] not in unmade]
        if len(left) < len(labels):
            told = f"{', '.join(left[:-1])} e {left[-1]}" if left[1:] else "".join(left)
            edits.append((*match.span(), f" ({told})" if left else ""))
    covered = [(first, last) for first, last, _ in edits]
    for match in REFERENCE.finditer(masked, start, end):
        if match[1] in unmade and not any(first <= match.start() < last for first, last in covered):
            why[match.start()] = f"{match[1]} non c’è"
            lacks[match.start()] = unmade[match[1]]
    for match in NOTE.finditer(masked, start, end):
        if match[1] in unmade and not (match[2] and masked[: match.start()].rpartition("\n")[2].strip() == ""):
            edits.append((match.start(), match.end() - len(match[2]), ""))
    for first, last in optional(masked, start, end):
        lost = [place for place in why if first <= place < last]
        if lost:
            gone.append((first, last))
            for place in lost:
                del why[place]
        else:
            edits += [(first, first + 1, ""), (last - len(OPTIONAL), last, "")]
    if why:
        figures = [place for place, _, _ in own if lacks.get(place)]  # a reference says no more than these
        missing = tuple(pair for place in figures or sorted(lacks) if place in why for pair in lacks[place])
        return "", why[min(why)], [], missing
    edits = [edit for edit in edits if not any(first <= edit[0] < last for first, last in gone)]
    for first, last in gone:  # the blank before it is not left before a mark that follows
        joins = (
            masked[first - 1 : first] == " " and (masked[last : last + 1] or " ") in " ,;:.)\n" and first - 1 >= start
        )
        edits.append((first - joins, last, ""))
    said = [name for place, _, names in own if not any(first <= place < last for first, last in gone) for name in names]
    notes = list(dict.fromkeys(note for name in said for note in part.answers[name].notes))
    return _edited(part.source, start, end, edits), "", notes, ()


def _edited(text: str, start: int, end: int, edits: list[tuple[int, int, str]]) -> str:
    """A part of a text with places replaced; blanks that an empty saying leaves are taken along."""
    parts, at = [], start
    for first, last, new in sorted(edits, key=lambda edit: edit[:2]):
        if first >= at or last > at:
            parts += [text[at : max(first, at)], new]
            at = max(last, at)
        else:
            parts.append(new)
    whole = "".join([*parts, text[at:end]])
    marker = min(_marked(text[start:end]), len(whole))
    return whole[:marker] + whole[marker:].lstrip(" ") if edits else whole


def _marked(text: str) -> int:
    """Where the marks that make a text an item or a heading end."""
    match = MARKER.match(text)
    return match.end() if match else 0


def rested(text: str, answers: Mapping[str, Answer]) -> tuple[str, list[tuple[str, tuple[Record, ...]]]]:
    """A finished text without its marks of what rests on rows, and its sentences that do, each with its rows."""
    bare, at, found = "", 0, []
    for match in _RESTING.finditer(text):
        bare += text[at : match.start()]
        at = match.end()
        found.append((len(_SAID_LEDGER.sub("", bare)), answers[match[1]].rows))
    bare += text[at:]
    plain = _SAID_LEDGER.sub("", bare)
    sentences = []
    for start, end in _stretches(plain):
        rows = tuple(sorted({row for place, rows in found if start < place <= end for row in rows}))
        if rows:
            sentences.append((_bare(plain[start:end]), rows))
    return bare, sentences


def sentences_of(text: str) -> list[str]:
    r"""The sentences, headings and items of a finished text, without notes and marks of lists and boxes.

    >>> sentences_of("# Costi\n\nSono cresciuti.^[Una nota.] Non poco!\n\n- tempo\n- mezzi")
    ['Costi', 'Sono cresciuti.', 'Non poco!', 'tempo', 'mezzi']
    """
    text = _NOTED.sub("", text)
    found = [_bare(text[start:end]) for start, end in _stretches(text)]
    return [sentence for sentence in found if sentence.strip(":- ") and not sentence.startswith((":::", "<!--"))]


def _stretches(text: str) -> list[tuple[int, int]]:
    ends = [*(match.start() for match in _END.finditer(text)), len(text)]
    return list(zip([0, *ends], ends))


def _bare(text: str) -> str:
    return MARKER.sub("", " ".join(text.split()), count=1)


def mentioned(text: str, told: set[str] | None) -> str:
    """A text with the notes of the ledger that are not told yet, each at the value that it is about."""

    def note(match: re.Match) -> str:
        if told is None:
            return ""
        new = [one for one in dict.fromkeys(match[0][1:-1].split("\x05\x04")) if one not in told]
        told.update(new)
        return f"^[{' '.join(new)}]" if new else ""

    return _SAID_LEDGER.sub(note, text)


def note(lacks: Lacks) -> str:
    """What stands in a draft in the place of what is to be entered.

    >>> note((("Nuovi casi", "indicatori.csv"), ("Casi chiusi", "indicatori.csv")))
    '[Da inserire: Nuovi casi; Casi chiusi (indicatori.csv)]{.da-inserire}'
    """
    places: dict[str, list[str]] = {}
    known = [pair for pair in dict.fromkeys(lacks) if pair != OTHERS]
    for what, where in known or [OTHERS]:
        places.setdefault(where, []).append(what)
    together: dict[str, list[str]] = {}  # one thing that is in two places is said once
    for where, named in places.items():
        more = f" e altre {len(named) - NAMED} voci" if len(named) > NAMED + 1 else ""
        together.setdefault("; ".join(named[:NAMED] if more else named) + more, []).append(where)
    said = "; ".join(f"{what} ({', '.join(where)})" for what, where in together.items())
    return f"[Da inserire: {said}]{{.{UNENTERED}}}"


def in_place(source: str, lacks: Lacks) -> str:
    """The note that stands for a paragraph, an item or a heading, with what makes it one.

    >>> print(in_place("## Costi {#sec-costi}", (("Costi", "costi.csv"),)))
    ## [Da inserire: Costi (costi.csv)]{.da-inserire} {#sec-costi}
    >>> print(in_place("- Nuovi: tre", (("Nuovi casi", "indicatori.csv"),)))
    - [Da inserire: Nuovi casi (indicatori.csv)]{.da-inserire}
    """
    marker = source[: _marked(source)] or (CAPTION.match(source) or [""])[0]
    label = _LABELLED.search(source) if marker.strip().startswith("#") or marker.strip(" ").endswith(":") else None
    return marker + note(lacks) + (label[0].rstrip() if label else "")
