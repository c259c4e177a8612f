"""What an absent figure takes along: the finished text of a chapter, without what cannot be said.

Text is put together when every cell has run, because only then is it known which tables
and charts were made. The rules, from the smallest to the largest:

- a sentence part in brackets, ``[…]{.se}``, drops out alone when a figure in it is absent;
- so does a reference in brackets to a table or chart that was not made; one within the
  sentence counts as an absent figure;
- a paragraph, a heading or the first paragraph of a list item drops out as a whole; a
  quotation and a Markdown table count as paragraphs;
- a paragraph that ends in a colon and the list that follows it go together; of a list whose last item
  dropped out the last one left ends with the full stop;
- a list, a box (``:::``) of which nothing is left goes; a box of which only headings and what
  depends on no figure are left goes too;
- ``::: {.altrimenti}`` stands for the block before it where that dropped out, and keeps the box
  or section that it stands in;
- a Markdown table takes its caption along, a note the marks that call it; what dropped out with
  a label is a table or figure that was not made;
- in a draft, what drops out because a figure is still to be entered leaves a note in its place,
  which says what and where: it counts as kept, so that nothing stands for it;
- a section (a heading below the chapter's title and what follows it) that depended on
  figures, tables or charts, of which none is left, goes with all its sentences.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from annuario.data.value import Record
from annuario.messages import say
from annuario.text import prose
from annuario.text.blocks import CAPTION, ROW, Block, blocks, captioned, is_alternative
from annuario.text.misuse import AFTER, misplaced
from annuario.text.paragraphs import (
    MARKER,
    NOTE,
    REFERENCE,
    UNENTERED,
    Lacks,
    Prose,
    in_place,
    mentioned,
    rested,
    with_answers,
)

_LABEL = re.compile(r"\{[^{}\n]*?#((?:fig|tbl)-[^\s{}]+)[^{}\n]*\}")
#: Sentences of a text, each with the rows of the data that it rests on.
Sentences = list[tuple[str, tuple[Record, ...]]]
_OPEN_END = re.compile(r"[;,](?=(?:\^\[[^\]]*\])*\s*\Z)")
_BARRED = re.compile(r"\(\s*\)|«\s*»|\(\s*[,;]")


@dataclass(frozen=True)
class Output:
    """A code cell with a label: whether its table or chart was made; in a draft, what it lacks.

    >>> from annuario.text.expressions import written
    >>> text = "I casi sono in aumento (@tbl-casi)."
    >>> finish([Output("tbl-casi", made=False), Prose(text, (), {})])[0]
    ['I casi sono in aumento.']
    """

    label: str
    made: bool
    lacks: Lacks = ()


@dataclass(frozen=True)
class Dropped:
    """A block that is not in the book: what it begins with, and why.

    >>> from annuario.text.expressions import written
    >>> from annuario.text.paragraphs import Answer
    >>> text = "Gli altri sono `{python} altri`."
    >>> finish([Prose(text, written(text).places, {"altri": Answer(absent="non pubblicato")})])[1]
    [Dropped(cell=0, begins='Gli altri sono `{python} altri`.', why='non pubblicato')]
    """

    cell: int
    begins: str
    why: str


def finish(
    parts: Sequence[Prose | Output], mention: bool = True, sentences: list[Sentences] | None = None
) -> tuple[list[str], list[Dropped], list[tuple[int, str]]]:
    """The finished texts of a chapter's Markdown cells, what dropped out, and what reads wrong.

    ``parts`` are the cells in their order; those without label or text may be left out.
    Texts come in the order of the ``Prose`` among the parts, which the others count by.
    ``mention`` says whether the first mention of a corrected value has its note (a caption has none);
    ``sentences`` is filled with those of each text that rest on rows of the data.

    >>> from annuario.text.expressions import written
    >>> from annuario.text.paragraphs import Answer
    >>> answers = {"nuovi": Answer("236"), "altri": Answer(absent="non pubblicato")}
    >>> text = "- Nuovi: `{python} nuovi`.\\n- Altri: `{python} altri`."
    >>> finish([Prose(text, written(text).places, answers)])[0]
    ['- Nuovi: 236.']
    """
    unmade = {part.label: part.lacks for part in parts if isinstance(part, Output) and not part.made}
    while True:
        trees, wrong = _settled(parts, unmade)
        lost = {label for part, tree in trees for label in _lost(part.source, tree)} - set(unmade)
        if not lost:
            break
        unmade |= dict.fromkeys(lost, ())
    told: set[str] | None = set() if mention else None
    texts = []
    for part, tree in trees:
        resting: Sentences = []
        texts.append(_written(part, tree, told, resting))
        if sentences is not None:
            sentences.append(resting)
    dropped = [drop for index, (part, tree) in enumerate(trees) for drop in _dropped(index, part.source, tree)]
    return texts, dropped, wrong


def _settled(
    parts: Sequence[Prose | Output], unmade: Mapping[str, Lacks]
) -> tuple[list[tuple[Prose, list[Block]]], list[tuple[int, str]]]:
    """The blocks of the chapter's texts, of each decided whether it is kept; what reads wrong."""
    trees: list[tuple[Prose, list[Block]]] = []
    course: list[Block] = []  # blocks, tables and charts of the chapter one after the other
    wrong: list[tuple[int, str]] = []
    for part in parts:
        if isinstance(part, Output):
            kept = part.made or bool(part.lacks)
            course.append(Block("output", 0, 0, depends=True, kept=kept, why=f"{part.label} non c’è"))
            continue
        tree = blocks(part.source)
        wrong += [(len(trees), problem) for problem in _settle(tree, part, unmade)]
        if tree and is_alternative(tree[0]):
            if course:
                tree[0].kept = not course[-1].kept
            else:
                wrong.append((len(trees), misplaced(AFTER)))
        trees.append((part, tree))
        course += tree
    _drop_sections(course)
    return trees, wrong


def _lost(source: str, tree: list[Block]) -> set[str]:
    """What can be referred to in the blocks that dropped out: labels, and notes."""
    lines = source.split("\n")
    found: set[str] = set()
    for block in tree:
        if block.kept:
            found |= _lost(source, block.children)
            continue
        text = "\n".join(lines[block.start : block.end])
        note = NOTE.match(text)
        found |= {*_LABEL.findall(text), *([note[1]] if note and note[2] else [])}
    return found


def _settle(tree: list[Block], part: Prose, unmade: Mapping[str, Lacks]) -> list[str]:
    """Decide of each block of a cell whether it is kept, and what is left of its text; what reads wrong."""
    wrong = []
    lines = part.source.split("\n")
    begins = list(accumulate((len(line) + 1 for line in lines), initial=0))
    masked = prose.masked(part.source)

    def leaf(block: Block) -> None:
        start, end = begins[block.start], min(begins[block.end] - 1, len(part.source))
        own = [place for place in part.places if start <= place[0] < end]
        block.depends = bool(own) or bool(REFERENCE.search(masked, start, end))
        block.depends |= any(first < end and start < last for first, last in part.placed)
        text, absent, notes, lacks = with_answers(part, masked, start, end, own, unmade)
        if lacks:
            block.text = in_place(part.source[start:end], lacks)
            return
        bare = MARKER.sub("", text, count=1).strip()
        if absent or (own and not bare):
            block.kept, block.why = False, absent or "niente da dire"
            return
        if own and _BARRED.search(text):
            wrong.append(
                say(
                    "«{bare}»: an empty pair of brackets is left: bracket the optional part with […]{{.se}}",
                    bare=bare[:60],
                )
            )
        block.text = text + "".join(f"^[{note}]" for note in notes)

    def walk(siblings: list[Block]) -> None:
        for number, block in enumerate(siblings):
            if block.kind in ("paragraph", "heading"):
                leaf(block)
                above = siblings[number - 1].text if number else None
                if block.kind == "paragraph" and block.text and block.text == above and UNENTERED in above:
                    block.text = ""  # said once
                continue
            walk(block.children)
            block.depends = any(child.depends for child in block.children)
            before = siblings[number - 1] if number else None
            if block.kind == "item" and block.children:
                block.kept, block.why = block.children[0].kept, block.children[0].why
            elif block.kind in ("list", "box", "quote") and block.depends:
                left = [
                    child
                    for child in block.children
                    if child.kept
                    and ((child.depends and child.kind != "heading") or block.kind == "list" or is_alternative(child))
                ]
                block.kept, block.why = bool(left), "niente è rimasto"
            if block.kind == "list" and block.kept:
                _close(block.children, lines)
            if before and block.kind == "list" and before.kind == "paragraph" and _announces(lines, before):
                block.kept = before.kept = before.kept and block.kept
            if is_alternative(block) and before:
                block.kept = block.kept and not before.kept
        for block, table in captioned(siblings, lines):
            if table.kept and not block.kept:
                wrong.append(
                    say(
                        "the caption of a table needs a figure that is absent: {why}: bracket that part, […]{{.se}}.",
                        why=block.why,
                    )
                )
            elif block.kept and not table.kept:
                block.kept, block.why = False, table.why

    walk(tree)
    return wrong


def _close(items: list[Block], lines: list[str]) -> None:
    """The last item that is left ends with a full stop, where the last that was written does."""
    left = [item for item in items if item.kept]
    if not left or left[-1] is items[-1] or not "".join(lines[items[-1].start : items[-1].end]).rstrip().endswith("."):
        return
    leaf = left[-1]
    while inner := [child for child in leaf.children if child.kept]:
        leaf = inner[-1]
    leaf.text = _OPEN_END.sub(".", leaf.text) if leaf.text else leaf.text


def _announces(lines: list[str], block: Block) -> bool:
    return lines[block.end - 1].rstrip().endswith(":")


def _drop_sections(course: list[Block]) -> None:
    """Sections that depended on figures of which nothing is left go whole."""
    for number, heading in enumerate(course):
        if heading.kind != "heading" or heading.level == 1:
            continue
        rest = range(number + 1, len(course))
        end = next((i for i in rest if course[i].kind == "heading" and course[i].level <= heading.level), len(course))
        body = course[number + 1 : end]
        own = [block for block in body if block.kind != "heading"]
        depends = any(block.depends for block in own)
        left = any(block.kept and (block.depends or not depends or is_alternative(block)) for block in own)
        if body and not left and (depends or not own):
            for block in (heading, *body):
                if block.kept:
                    block.kept, block.why = False, "della sezione non resta niente"


def _written(part: Prose, tree: list[Block], told: set[str] | None, sentences: Sentences) -> str:
    """The source with the leaves' finished texts, without the blocks that are not kept.

    ``told`` are the notes of the ledger that the chapter's texts have so far; None where none has any.
    ``sentences`` is filled with those that rest on rows of the data.
    """
    lines = part.source.split("\n")
    gone: set[int] = set()
    new: dict[int, tuple[int, str]] = {}

    def walk(siblings: list[Block]) -> None:
        for block in siblings:
            if not block.kept:
                end = block.end
                while (
                    end > block.start + 1 and not lines[end - 1].strip()
                ):  # the blank after a list is not its last item's
                    end -= 1
                gone.update(range(block.start, end))
            elif block.text is not None:
                prosaic = block.kind == "paragraph" and not ROW.match(block.text) and not CAPTION.match(block.text)
                text, resting = rested(block.text, part.answers)
                sentences.extend(resting)
                new[block.start] = (block.end, mentioned(text, told if prosaic else None))
            else:
                if is_alternative(block):
                    gone.update((block.start, block.end - 1))
                walk(block.children)

    walk(tree)
    out: list[str] = []
    number = 0
    while number < len(lines):
        if number in gone:
            number += 1
            while number < len(lines) and not lines[number].strip() and (not out or not out[-1].strip()):
                number += 1
        elif number in new:
            number, text = new[number][0], new[number][1]
            out.append(text)
        else:
            out.append(lines[number])
            number += 1
    text = "\n".join(out)
    return text.rstrip() if gone else text


def _dropped(cell: int, source: str, tree: list[Block]) -> list[Dropped]:
    lines = source.split("\n")
    found = []
    for block in tree:
        if not block.kept and not is_alternative(block):
            found.append(Dropped(cell, lines[block.start].strip()[:60], block.why))
        elif block.kept:
            found += _dropped(cell, source, block.children)
    return found
