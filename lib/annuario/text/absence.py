"""What an absent figure takes along: the finished text of a chapter, without what cannot be said.

Text is put together when every cell has run, because only then is it known which tables
and charts were made. The rules, from the smallest to the largest:

- a sentence part in brackets, ``[…]{.se}``, drops out alone when a figure in it is absent;
- so does a reference in brackets to a table or chart that was not made; one within the
  sentence counts as an absent figure;
- a paragraph, a heading or the first paragraph of a list item drops out as a whole; a
  quotation and a Markdown table count as paragraphs;
- a paragraph that ends in a colon and the list that follows it go together;
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
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import accumulate

from annuario.text import prose

_REFERENCE = re.compile(r"(?<![\w\\@])@((?:fig|tbl)-[A-Za-z0-9_-]*[A-Za-z0-9])")
_BRACKETED = re.compile(r" ?\(((?:@(?:fig|tbl|sec)-[\w-]*\w)(?:(?:, | e )@(?:fig|tbl|sec)-[\w-]*\w)*)\)")
_OPTIONAL = "]{.se}"
# What is nearly the mark of an optional part, or of an alternative.
_NEARLY_OPTIONAL = re.compile(
    r"""\{(?:\s*\.?(?:s[eéèi]|es)|[^{}"'\n]*\s\.se)(?=[\s.}])[^{}\n]*\}|\]\{\.?se\b(?![^{}\n]*\})""", re.IGNORECASE
)
_WORD = re.compile(r"[\w-]+")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_LABEL = re.compile(r"\{[^{}\n]*?#((?:fig|tbl)-[^\s{}]+)[^{}\n]*\}")
_CAPTION = re.compile(r" {0,3}(?:[Tt]able)?:[ \t]")
_ROW = re.compile(r"\s*(?:\||\+[-=+:]+\+\s*$|-{2,}(?:\s+-+)*\s*$)")
# A note's mark in the text, or the beginning of a note.
_NOTE = re.compile(r"\[(\^[^\]\s]+)\](:?)")
_MARKER = re.compile(r"[ \t>]*(?:(?:[-*+]|\d+[.)]|#+)[ \t]+)*")
_BARRED = re.compile(r"\(\s*\)|«\s*»|\(\s*[,;]")
_LABELLED = re.compile(r"\s*\{#[^{}]*\}\s*$")
ALTERNATIVE = "altrimenti"
#: The class of what stands, in a draft, for what is to be entered; its name among the options of a code cell.
UNENTERED = "da-inserire"
#: How many things that are to be entered are named one by one.
NAMED = 3
#: What is to be entered, and where: pairs.
Lacks = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Answer:
    """What an expression gave: its text, or why it is absent; notes for the foot of its block; the rows it rests on.

    ``lacks`` is, in a draft, what is to be entered for it to be there.
    """

    text: str = ""
    absent: str = ""
    notes: tuple[str, ...] = ()
    rows: tuple[tuple[str, int], ...] = ()
    lacks: Lacks = ()


@dataclass(frozen=True)
class Prose:
    """A Markdown cell: its source, where its expressions stand in it, and the answers to them.

    A place is where it starts and ends, and the expressions there: two that touch share one.
    ``placed`` are the parts of the source that expressions have placed there, as commentary:
    what one year has to say keeps its section like a figure.
    """

    source: str
    places: Sequence[tuple[int, int, tuple[str, ...]]]
    answers: Mapping[str, Answer]
    placed: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True)
class Output:
    """A code cell with a label: whether its table or chart was made; in a draft, what it lacks."""

    label: str
    made: bool
    lacks: Lacks = ()


@dataclass
class Block:
    """A block of a cell: ``start`` and ``end`` are its lines, ``text`` what is left of a leaf."""

    kind: str  # paragraph, heading, list, item, box, quote, other
    start: int
    end: int
    level: int = 0
    info: str = ""
    children: list[Block] = field(default_factory=list)
    text: str | None = None
    depends: bool = False
    kept: bool = True
    why: str = ""


@dataclass(frozen=True)
class Dropped:
    """A block that is not in the book: what it begins with, and why."""

    cell: int
    begins: str
    why: str


def finish(parts: Sequence[Prose | Output]) -> tuple[list[str], list[Dropped], list[tuple[int, str]]]:
    """The finished texts of a chapter's Markdown cells, what dropped out, and what reads wrong.

    ``parts`` are the cells in their order; those without label or text may be left out.
    Texts come in the order of the ``Prose`` among the parts, which the others count by.

    >>> from annuario.text.inline import written
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
    texts = [_written(part.source, tree) for part, tree in trees]
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
        if tree and _is_alternative(tree[0]):
            if course:
                tree[0].kept = not course[-1].kept
            else:
                wrong.append((len(trees), f"{_ALTERNATIVE} {AFTER}"))
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
        note = _NOTE.match(text)
        found |= {*_LABEL.findall(text), *([note[1]] if note and note[2] else [])}
    return found


def misused(text: str, places: Sequence[tuple[int, int, tuple[str, ...]]]) -> list[str]:
    """What is nearly an optional part or an alternative, or stands where it can say nothing.

    ``places`` are those of the expressions in the text.

    >>> misused("Sono tre[, di cui due]{se}.", ())
    ['«[, di cui due]{se}» is nearly an optional part: write «[…]{.se}», within one paragraph.']
    """
    masked = prose.masked(text)
    found = _NEARLY_OPTIONAL.search(masked) or "{.se}" in masked
    tree = blocks(text) if found or ":::" in masked else []
    begins = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
    ends: set[int] = set()
    problems: list[str] = []

    def depends(block: Block) -> bool:
        start, end = begins[block.start], begins[block.end]
        return any(start <= place[0] < end for place in places) or bool(_REFERENCE.search(masked, start, end))

    def walk(siblings: list[Block], around: Block | None) -> None:
        for number, block in enumerate(siblings):
            start, end = begins[block.start], min(begins[block.end] - 1, len(text))
            if block.kind in ("paragraph", "heading"):
                ends.update(last for _, last in _optional(masked, start, end))
            line = text[start:end].split("\n", 1)[0].strip()
            if not line.startswith(":::") or block.kind not in ("box", "other"):
                pass
            elif _is_alternative(Block("box", 0, 0, info=line)):
                before = siblings[number - 1] if number else None
                if block.kind == "other":
                    problems.append(
                        f"«{line}» is opened and never closed in its cell: close it with «:::» on a line of its own."
                    )
                elif around and (before is None or (around.kind == "item" and number == 1)):
                    problems.append(f"{_ALTERNATIVE} {AFTER}" if before is None else f"{_ALTERNATIVE} {_IN_ITEM}")
                elif before and not _is_alternative(before) and not depends(before):
                    problems.append(f"{_ALTERNATIVE} {AFTER}")
            elif any(_nearly(word.lower(), ALTERNATIVE) for word in _WORD.findall(_QUOTED.sub("", line))):
                problems.append(f"«{line}» is nearly an alternative: write «::: {{.{ALTERNATIVE}}}».")
            walk(block.children, block)

    walk(tree, None)
    for match in _NEARLY_OPTIONAL.finditer(masked) if found else ():
        if match[0] != "{.se}" or match.end() not in ends:
            begin = max(text.rfind("[", 0, match.start()), text.rfind("\n", 0, match.start()) + 1, match.start() - 30)
            shown = " ".join(text[begin : match.end()].split())
            problems.append(f"«{shown}» is nearly an optional part: write «[…]{{.se}}», within one paragraph.")
    return problems


def _nearly(word: str, meant: str) -> bool:
    return SequenceMatcher(None, word, meant).ratio() > 0.75


_ALTERNATIVE = f"a block «::: {{.{ALTERNATIVE}}}»"
AFTER = (
    "stands right after what drops out when a figure is absent: before this one there is nothing that can drop out, "
    "so that it would be printed never or always: move it."
)
_IN_ITEM = "cannot stand for the first paragraph of a list item, which takes the item along: write it after the list."


def blocks(text: str) -> list[Block]:
    """The blocks of a Markdown cell, nested; a box that is not closed in the cell is no block."""
    root: list[Block] = []
    stack: list[tuple[Block | None, list[Block]]] = [(None, root)]
    lines = text.split("\n")
    opened = {"bullet_list_open": "list", "ordered_list_open": "list", "list_item_open": "item", "blockquote_open": "quote",
              "paragraph_open": "paragraph", "heading_open": "heading"}  # fmt: skip
    for token in prose.parse(text):
        siblings = stack[-1][1]
        if token.type in opened:
            block = Block(
                opened[token.type], *token.map, level=int(token.tag[1]) if token.type == "heading_open" else 0
            )
            siblings.append(block)
            stack.append((block, block.children))
        elif token.type.endswith("_close"):
            while stack[-1][0] is not None and stack[-1][0].kind == "box":  # not closed where it was opened
                _unbox(stack)
            stack.pop()
        elif token.type == "division":
            line = lines[token.map[0]].strip().lstrip(":").strip()
            if line:
                box = Block("box", *token.map, info=line)
                siblings.append(box)
                stack.append((box, box.children))
            elif stack[-1][0] is not None and stack[-1][0].kind == "box":
                stack.pop()[0].end = token.map[1]
            else:
                siblings.append(Block("other", *token.map))
        elif token.map and token.type != "inline":
            siblings.append(Block("other", *token.map))
    while stack[-1][0] is not None:
        _unbox(stack)
    return root


def _unbox(stack: list) -> None:
    """A box that was never closed gives its blocks back to what is around it."""
    box, children = stack.pop()
    if box.kind != "box":
        return
    around = stack[-1][1]
    around[around.index(box) :] = [Block("other", box.start, box.start + 1), *children]


def _settle(tree: list[Block], part: Prose, unmade: Mapping[str, Lacks]) -> list[str]:
    """Decide of each block of a cell whether it is kept, and what is left of its text; what reads wrong."""
    wrong = []
    lines = part.source.split("\n")
    begins = list(accumulate((len(line) + 1 for line in lines), initial=0))
    masked = prose.masked(part.source)

    def leaf(block: Block) -> None:
        start, end = begins[block.start], min(begins[block.end] - 1, len(part.source))
        own = [place for place in part.places if start <= place[0] < end]
        block.depends = bool(own) or bool(_REFERENCE.search(masked, start, end))
        block.depends |= any(first < end and start < last for first, last in part.placed)
        text, absent, notes, lacks = _said(part, masked, start, end, own, unmade)
        if lacks:
            block.text = _in_place(part.source[start:end], lacks)
            return
        bare = _MARKER.sub("", text, count=1).strip()
        if absent or (own and not bare):
            block.kept, block.why = False, absent or "niente da dire"
            return
        if own and _BARRED.search(text):
            wrong.append(f"«{bare[:60]}»: an empty pair of brackets is left: bracket the optional part with […]{{.se}}")
        block.text = text + "".join(f"^[{note}]" for note in notes)

    def walk(siblings: list[Block]) -> None:
        for number, block in enumerate(siblings):
            if block.kind in ("paragraph", "heading"):
                leaf(block)
                before = siblings[number - 1].text if number else None
                if block.kind == "paragraph" and block.text and block.text == before and UNENTERED in before:
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
                    and ((child.depends and child.kind != "heading") or block.kind == "list" or _is_alternative(child))
                ]
                block.kept, block.why = bool(left), "niente è rimasto"
            if before and block.kind == "list" and before.kind == "paragraph" and _announces(lines, before):
                block.kept = before.kept = before.kept and block.kept
            if _is_alternative(block) and before:
                block.kept = block.kept and not before.kept
        for block, table in _captioned(siblings, lines):
            if table.kept and not block.kept:
                wrong.append(
                    f"the caption of a table needs a figure that is absent: {block.why}: bracket that part, […]{{.se}}."
                )
            elif block.kept and not table.kept:
                block.kept, block.why = False, table.why

    walk(tree)
    return wrong


def _captioned(siblings: list[Block], lines: list[str]) -> list[tuple[Block, Block]]:
    """The captions among some blocks, each with its Markdown table: the block above, or else that below."""

    def is_table(block: Block | None) -> bool:
        return (
            block is not None
            and block.kind == "paragraph"
            and any(_ROW.match(line) for line in lines[block.start : block.end])
        )

    pairs = []
    for number, block in enumerate(siblings):
        if block.kind == "paragraph" and _CAPTION.match(lines[block.start]):
            above = siblings[number - 1] if number else None
            below = siblings[number + 1] if number + 1 < len(siblings) else None
            pairs += [(block, other) for other in (above, below) if is_table(other)][:1]
    return pairs


def _announces(lines: list[str], block: Block) -> bool:
    return lines[block.end - 1].rstrip().endswith(":")


def _is_alternative(block: Block) -> bool:
    return block.kind == "box" and ALTERNATIVE in re.split(r"[{}.\s]+", block.info)


def note(lacks: Lacks) -> str:
    """What stands in a draft in the place of what is to be entered.

    >>> note((("Nuovi casi", "indicatori.csv"), ("Casi chiusi", "indicatori.csv")))
    '[Da inserire: Nuovi casi; Casi chiusi (indicatori.csv)]{.da-inserire}'
    """
    places: dict[str, list[str]] = {}
    for what, where in dict.fromkeys(lacks):
        places.setdefault(where, []).append(what)
    together: dict[str, list[str]] = {}  # one thing that is in two places is said once
    for where, named in places.items():
        more = f" e altre {len(named) - NAMED} voci" if len(named) > NAMED + 1 else ""
        together.setdefault("; ".join(named[:NAMED] if more else named) + more, []).append(where)
    said = "; ".join(f"{what} ({', '.join(where)})" for what, where in together.items())
    return f"[Da inserire: {said}]{{.{UNENTERED}}}"


def _in_place(source: str, lacks: Lacks) -> str:
    """The note that stands for a paragraph, an item or a heading, with what makes it one."""
    marker = _MARKER.match(source)[0] or (_CAPTION.match(source) or [""])[0]
    label = _LABELLED.search(source) if marker.strip().startswith("#") or marker.strip(" ").endswith(":") else None
    return marker + note(lacks) + (label[0].rstrip() if label else "")


def _said(
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
        text = "".join(answer.text for answer in answers)
        joins = part.source[place - 1 : place] == " " and text.removeprefix("\\")[:1] in ("", *",;:.)")
        edits.append((place - joins, stop, text))
    for match in _BRACKETED.finditer(masked, start, end):
        labels = re.findall(r"@[\w-]*\w", match[1])
        left = [label for label in labels if label[1:] not in unmade]
        if len(left) < len(labels):
            told = f"{', '.join(left[:-1])} e {left[-1]}" if left[1:] else "".join(left)
            edits.append((*match.span(), f" ({told})" if left else ""))
    covered = [(first, last) for first, last, _ in edits]
    for match in _REFERENCE.finditer(masked, start, end):
        if match[1] in unmade and not any(first <= match.start() < last for first, last in covered):
            why[match.start()] = f"{match[1]} non c’è"
            lacks[match.start()] = unmade[match[1]]
    for match in _NOTE.finditer(masked, start, end):
        if match[1] in unmade and not (match[2] and masked[: match.start()].rpartition("\n")[2].strip() == ""):
            edits.append((match.start(), match.end() - len(match[2]), ""))
    for first, last in _optional(masked, start, end):
        lost = [place for place in why if first <= place < last]
        if lost:
            gone.append((first, last))
            for place in lost:
                del why[place]
        else:
            edits += [(first, first + 1, ""), (last - len(_OPTIONAL), last, "")]
    if why:
        figures = [place for place, _, _ in own if lacks.get(place)]  # a reference says no more than these
        told = tuple(pair for place in figures or sorted(lacks) if place in why for pair in lacks[place])
        return "", why[min(why)], [], told
    edits = [edit for edit in edits if not any(first <= edit[0] < last for first, last in gone)]
    for first, last in gone:  # the blank before it is not left before a mark that follows
        joins = (
            masked[first - 1 : first] == " " and (masked[last : last + 1] or " ") in " ,;:.)\n" and first - 1 >= start
        )
        edits.append((first - joins, last, ""))
    said = [name for place, _, names in own if not any(first <= place < last for first, last in gone) for name in names]
    notes = list(dict.fromkeys(note for name in said for note in part.answers[name].notes))
    return _edited(part.source, start, end, edits), "", notes, ()


def _optional(masked: str, start: int, end: int) -> list[tuple[int, int]]:
    """The places of ``[…]{.se}``, inner ones first."""
    found, opened = [], []
    for place in range(start, end):
        if masked[place] == "[" and masked[place - 1 : place] != "\\":
            opened.append(place)
        elif masked[place] == "]" and opened:
            first = opened.pop()
            if masked.startswith(_OPTIONAL, place):
                found.append((first, place + len(_OPTIONAL)))
    return found


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
    marker = min(_MARKER.match(text, start, end).end() - start, len(whole))
    return whole[:marker] + whole[marker:].lstrip(" ") if edits else whole


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
        left = any(block.kept and (block.depends or not depends or _is_alternative(block)) for block in own)
        if body and not left and (depends or not own):
            for block in (heading, *body):
                if block.kept:
                    block.kept, block.why = False, "della sezione non resta niente"


def _written(source: str, tree: list[Block]) -> str:
    """The source with the leaves' finished texts, without the blocks that are not kept."""
    lines = source.split("\n")
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
                new[block.start] = (block.end, block.text)
            else:
                if _is_alternative(block):
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
        if not block.kept and not _is_alternative(block):
            found.append(Dropped(cell, lines[block.start].strip()[:60], block.why))
        elif block.kept:
            found += _dropped(cell, source, block.children)
    return found
