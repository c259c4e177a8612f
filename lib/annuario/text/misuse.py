"""What is nearly the mark of an optional part or of an alternative, or stands where it can say nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import accumulate

from annuario.messages import marked, say
from annuario.text import prose
from annuario.text.blocks import ALTERNATIVE, Block, blocks, is_alternative, optional
from annuario.text.paragraphs import REFERENCE

# What is nearly the mark of an optional part, or of an alternative.
_NEARLY_OPTIONAL = re.compile(
    r"""\{(?:\s*\.?(?:s[eéèi]|es)|[^{}"'\n]*\s\.se)(?=[\s.}])[^{}\n]*\}|\]\{\.?se\b(?![^{}\n]*\})""", re.IGNORECASE
)
_WORD = re.compile(r"[\w-]+")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


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
        return any(start <= place[0] < end for place in places) or bool(REFERENCE.search(masked, start, end))

    def walk(siblings: list[Block], around: Block | None) -> None:
        for number, block in enumerate(siblings):
            start, end = begins[block.start], min(begins[block.end] - 1, len(text))
            if block.kind in ("paragraph", "heading"):
                ends.update(last for _, last in optional(masked, start, end))
            line = text[start:end].split("\n", 1)[0].strip()
            if not line.startswith(":::") or block.kind not in ("box", "other"):
                pass
            elif is_alternative(Block("box", 0, 0, info=line)):
                before = siblings[number - 1] if number else None
                if block.kind == "other":
                    problems.append(
                        say(
                            "«{line}» is opened and never closed in its cell: close it with «:::» on a line of its "
                            "own.",
                            line=line,
                        )
                    )
                elif around and (before is None or (around.kind == "item" and number == 1)):
                    problems.append(misplaced(AFTER if before is None else _IN_ITEM))
                elif before and not is_alternative(before) and not depends(before):
                    problems.append(misplaced(AFTER))
            elif any(_nearly(word.lower(), ALTERNATIVE) for word in _WORD.findall(_QUOTED.sub("", line))):
                problems.append(
                    say(
                        "«{line}» is nearly an alternative: write «::: {{.{alternative}}}».",
                        line=line,
                        alternative=ALTERNATIVE,
                    )
                )
            walk(block.children, block)

    walk(tree, None)
    for match in _NEARLY_OPTIONAL.finditer(masked) if found else ():
        if match[0] != "{.se}" or match.end() not in ends:
            begin = max(text.rfind("[", 0, match.start()), text.rfind("\n", 0, match.start()) + 1, match.start() - 30)
            shown = " ".join(text[begin : match.end()].split())
            problems.append(
                say("«{shown}» is nearly an optional part: write «[…]{{.se}}», within one paragraph.", shown=shown)
            )
    return problems


def misplaced(how: str) -> str:
    """What is wrong with an alternative that stands where it cannot: ``how`` is a template.

    >>> misplaced("stands alone.")
    'a block «::: {.altrimenti}» stands alone.'
    """
    return say(ALTERNATIVELY, alternative=ALTERNATIVE, what=say(how))


def _nearly(word: str, meant: str) -> bool:
    return SequenceMatcher(None, word, meant).ratio() > 0.75


ALTERNATIVELY = marked("a block «::: {{.{alternative}}}» {what}")
AFTER = marked(
    "stands right after what drops out when a figure is absent: before this one there is nothing that can drop out, "
    "so that it would be printed never or always: move it."
)
_IN_ITEM = marked(
    "cannot stand for the first paragraph of a list item, which takes the item along: write it after the list."
)
