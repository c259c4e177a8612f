"""The blocks of a chapter's text: paragraphs, lists and their items, boxes, tables with their captions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from annuario.text import prose

#: How an optional part of a sentence ends.
OPTIONAL = "]{.se}"
CAPTION = re.compile(r" {0,3}(?:[Tt]able)?:[ \t]")
ROW = re.compile(r"\s*(?:\||\+[-=+:]+\+\s*$|-{2,}(?:\s+-+)*\s*$)")
#: The class of a box that stands for the block before it.
ALTERNATIVE = "altrimenti"


@dataclass
class Block:
    r"""A block of a cell: ``start`` and ``end`` are its lines, ``text`` what is left of a leaf.

    >>> title, box = blocks("# Costi\n\n::: {.callout-note}\nCrescono.\n:::")
    >>> (title.kind, title.level, title.start), (box.kind, box.info, box.end), box.children[0].kind
    (('heading', 1, 0), ('box', '{.callout-note}', 5), 'paragraph')
    """

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


def blocks(text: str) -> list[Block]:
    r"""The blocks of a Markdown cell, nested; a box that is not closed in the cell is no block.

    >>> [(block.kind, block.start, block.end) for block in blocks("Servono:\n\n- tempo\n- mezzi")]
    [('paragraph', 0, 1), ('list', 2, 4)]
    >>> [block.kind for block in blocks("::: {.nota}\nNon chiusa.")]
    ['other', 'paragraph']
    """
    lines = text.split("\n")
    root = Block("root", 0, len(lines))
    stack = [root]
    opened = {"bullet_list_open": "list", "ordered_list_open": "list", "list_item_open": "item", "blockquote_open": "quote",
              "paragraph_open": "paragraph", "heading_open": "heading"}  # fmt: skip
    for token in prose.parse(text):
        siblings = stack[-1].children
        if token.type in opened:
            start, end = token.map
            block = Block(opened[token.type], start, end, int(token.tag[1]) if token.type == "heading_open" else 0)
            siblings.append(block)
            stack.append(block)
        elif token.type.endswith("_close"):
            while stack[-1].kind == "box":  # not closed where it was opened
                _unbox(stack)
            stack.pop()
        elif token.type == "division":
            start, end = token.map
            line = lines[start].strip().lstrip(":").strip()
            if line:
                box = Block("box", start, end, info=line)
                siblings.append(box)
                stack.append(box)
            elif stack[-1].kind == "box":
                stack.pop().end = end
            else:
                siblings.append(Block("other", start, end))
        elif token.map and token.type != "inline":
            siblings.append(Block("other", *token.map))
    while stack[-1] is not root:
        _unbox(stack)
    return root.children


def _unbox(stack: list[Block]) -> None:
    """A box that was never closed gives its blocks back to what is around it."""
    box = stack.pop()
    if box.kind != "box":
        return
    around = stack[-1].children
    around[around.index(box) :] = [Block("other", box.start, box.start + 1), *box.children]


def captioned(siblings: list[Block], lines: list[str]) -> list[tuple[Block, Block]]:
    r"""The captions among some blocks, each with its Markdown table: the block above, or else that below.

    >>> text = "| a | b |\n|---|---|\n| 1 | 2 |\n\n: Casi {#tbl-casi}"
    >>> [(caption.start, table.start) for caption, table in captioned(blocks(text), text.split("\n"))]
    [(4, 0)]
    """

    def is_table(block: Block) -> bool:
        return block.kind == "paragraph" and any(ROW.match(line) for line in lines[block.start : block.end])

    pairs = []
    for number, block in enumerate(siblings):
        if block.kind == "paragraph" and CAPTION.match(lines[block.start]):
            above, below = siblings[max(number - 1, 0) : number], siblings[number + 1 : number + 2]
            pairs += [(block, other) for other in (*above, *below) if is_table(other)][:1]
    return pairs


def is_alternative(block: Block) -> bool:
    r"""Whether a block stands for the one before it, where that dropped out.

    >>> [is_alternative(block) for block in blocks("::: {.altrimenti}\nNessuno.\n:::\n\n::: {.nota}\nUno.\n:::")]
    [True, False]
    """
    return block.kind == "box" and ALTERNATIVE in re.split(r"[{}.\s]+", block.info)


def optional(masked: str, start: int, end: int) -> list[tuple[int, int]]:
    """The places of ``[…]{.se}``, inner ones first.

    >>> text = "Sono tre[, di cui [due]{.se} nuovi]{.se}."
    >>> [text[start:end] for start, end in optional(text, 0, len(text))]
    ['[due]{.se}', '[, di cui [due]{.se} nuovi]{.se}']
    """
    found, opened = [], []
    for place in range(start, end):
        if masked[place] == "[" and masked[place - 1 : place] != "\\":
            opened.append(place)
        elif masked[place] == "]" and opened:
            first = opened.pop()
            if masked.startswith(OPTIONAL, place):
                found.append((first, place + len(OPTIONAL)))
    return found
