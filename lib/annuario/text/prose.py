"""The text of a chapter as Markdown sees it: where code, comments and formulas stand in it.

What an author writes in prose is told apart by a parser, not by patterns over the source:
an expression is a code span, and what stands in a fence or a comment is not prose. The
parser is markdown-it-py; where pandoc reads its own dialect otherwise, pandoc is followed:
a comment may go over several paragraphs, ``:::`` stands alone, tables and HTML elements
hold Markdown, what is indented below a note or a definition continues it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from itertools import accumulate
from typing import NamedTuple

#: A text without any of these is prose from end to end.
_SPECIAL = re.compile(r"[`~$]|<!--|^(?: {4}|\t| +\t)", re.MULTILINE)
#: Opens a block that indented lines continue, in pandoc's Markdown: a note, a definition, an item of a fancy list.
_CONTINUED = re.compile(r"\[\^[^\]]+\]:|[:~]\s|\(?(?:@[\w-]*|#|\w{1,4})[.)]\s")
#: A formula as pandoc sees it: no blank inside its marks, no digit after them.
_FORMULA = re.compile(r"\$\$(?:[^$\\]|\\.)+\$\$|\$(?![\s$])(?:[^$\\]|\\.)*?(?<!\s)\$(?!\d)", re.DOTALL)
_FILLER = "\ufffc"


class Span(NamedTuple):
    """A part of a text that is not plain prose.

    ``kind`` is ``code`` (a code span), ``fence`` (a code block, fenced or indented),
    ``comment``, ``formula`` (one that holds no code span), or ``unclosed``: a comment or a
    fence that the text opens and never closes. ``text[start:end]`` is the whole of it with
    its marks; ``content`` what is between them, for code spans with line ends as blanks.

    >>> text = "Sono $n$ casi."
    >>> span = spans(text)[0]
    >>> span.kind, text[span.start : span.end], span.content
    ('formula', '$n$', 'n')
    """

    kind: str
    start: int
    end: int
    content: str


def spans(text: str) -> list[Span]:
    """What is not plain prose in a text, in order.

    >>> spans("Sono `{python} n` minori. <!-- rivedere -->")
    [Span(kind='code', start=5, end=17, content='{python} n'), Span(kind='comment', start=26, end=43, content=' rivedere ')]

    Two code spans that touch are one for Markdown, and are one here:

    >>> [span.content for span in spans("`{python} a``{python} b`")]
    ['{python} a``{python} b']
    """
    if not _SPECIAL.search(text):
        return []
    found: list[Span] = []
    read = text
    while True:
        parsed = _parse(read)
        cut = next((span for span in parsed if span.kind == "cut"), None)
        if cut is None:
            return sorted(found + parsed, key=lambda span: span.start)
        # a comment over several blocks: for the parser it becomes a word of one line
        closing = text.find("-->", cut.start + 4)
        end = len(text) if closing < 0 else closing + 3
        kind = "unclosed" if closing < 0 else "comment"
        found.append(Span(kind, cut.start, end, text[cut.start + 4 : end if closing < 0 else closing]))
        read = read[: cut.start] + _FILLER * (end - cut.start) + read[end:]


def masked(text: str) -> str:
    """The text with code, comments and formulas blanked out: as long as it was, line by line.

    Marks of Quarto's (``@fig-x``, ``{#sec-x}``) can be looked for in it, at their right places.

    >>> masked("Vedi @fig-a, non `@fig-b`.")
    'Vedi @fig-a, non         .'
    """
    for span in spans(text):
        blank = re.sub(r"[^\n]", " ", text[span.start : span.end])
        text = text[: span.start] + blank + text[span.end :]
    return text


def is_comment(text: str) -> bool:
    """Whether there is nothing in a text but comments and blanks.

    >>> is_comment("<!-- da scrivere -->"), is_comment("$$x^2$$")
    (True, False)
    """
    for span in reversed(spans(text) if text.strip() else []):
        if span.kind == "comment":
            text = text[: span.start] + text[span.end :]
    return not text.strip()


def parse(text: str) -> list:
    r"""The tokens of markdown-it-py; a line of ``:::`` is a token ``division`` of its own.

    >>> [token.type for token in parse("::: {.nota}\nUno.\n:::")]
    ['division', 'paragraph_open', 'inline', 'paragraph_close', 'division']
    """
    return _parser().parse(text)


def _parse(text: str) -> list[Span]:
    """The spans of a text; ``cut`` is a comment that does not end in its paragraph."""
    lines = text.split("\n")
    begins = list(accumulate((len(line) + 1 for line in lines), initial=0))
    found = []
    for token in parse(text):
        if token.type == "inline":
            place = None
            for child in token.children:
                if child.meta:
                    place = place or _places(token, lines, begins)
                    start, end = child.meta["at"]
                    found.append(Span(child.type, place(start), place(end - 1) + 1, child.content))
        elif token.type in ("fence", "code_block"):
            first, last = token.map
            closed = token.type == "code_block" or (
                last - first > 1 and lines[last - 1].strip(" \t\r>").startswith(token.markup)
            )
            end = min(begins[last] - 1, len(text))
            found.append(Span("fence" if closed else "unclosed", begins[first], end, token.content))
    return found


def _places(token, lines: list[str], begins: list[int]):
    """Turns a place in the content of a block into one in the text: marks before lines are taken off in it."""
    parts = token.content.split("\n")
    inside = list(accumulate((len(part) + 1 for part in parts), initial=0))
    shifts = []
    # lines of signs that are blanks to Python alone, such as that of a file from Windows, begin a block and are cut off it
    first = next((number for number in range(*token.map) if parts[0].strip() in lines[number]), token.map[0])
    for number, part in enumerate(parts, first):
        line, core = lines[number].rstrip(), part.strip()
        column = len(line) - len(core) if line.endswith(core) else line.find(core)
        shifts.append(begins[number] + column - (len(part) - len(part.lstrip())) - inside[number - first])

    return lambda at: at + shifts[bisect_right(inside, at) - 1]


@cache
def _parser():
    from markdown_it import MarkdownIt
    from markdown_it.rules_block.code import code as indented
    from markdown_it.rules_inline.backticks import backtick

    def code(state, silent: bool) -> bool:
        start, before = state.pos, len(state.tokens)
        done = backtick(state, silent)
        if len(state.tokens) > before and state.tokens[-1].type == "code_inline":
            _mark(state.tokens[-1], "code", start, state.pos)
        return done

    def comment(state, silent: bool) -> bool:
        if not state.src.startswith("<!--", state.pos):
            return False
        closing = state.src.find("-->", state.pos + 4)
        end = len(state.src) if closing < 0 else closing + 3
        if not silent:
            token = state.push("comment", "", 0)
            token.content = state.src[state.pos + 4 : closing]
            _mark(token, "cut" if closing < 0 else "comment", state.pos, end)
        state.pos = end
        return True

    def formula(state, silent: bool) -> bool:
        match = _FORMULA.match(state.src, state.pos)
        if not match or "`{" in match[0]:
            return False
        if not silent:
            token = state.push("formula", "", 0)
            token.content = match[0].strip("$")
            _mark(token, "formula", match.start(), match.end())
        state.pos = match.end()
        return True

    def block(state, start: int, end: int, silent: bool) -> bool:
        if not state.is_code_block(start):
            return False
        for line in range(start - 1, -1, -1):  # what these lines would continue
            if state.tShift[line] == 0 and not state.isEmpty(line):
                if _CONTINUED.match(state.src, state.bMarks[line]):
                    return False
                break
        return indented(state, start, end, silent)

    def division(state, start: int, end: int, silent: bool) -> bool:
        if not state.src.startswith(":::", state.bMarks[start] + state.tShift[start]) or state.is_code_block(start):
            return False
        if not silent:
            state.line = start + 1
            state.push("division", "", 0).map = [start, start + 1]
        return True

    parser = MarkdownIt("zero").enable(["blockquote", "code", "fence", "heading", "hr", "lheading", "list"])
    parser.enable(["backticks", "escape"])
    parser.disable("normalize")  # places stay what they are
    parser.block.ruler.at("code", block)
    parser.block.ruler.before("fence", "division", division, {"alt": ["paragraph", "blockquote", "list"]})
    parser.inline.ruler.at("backticks", code)
    parser.inline.ruler.before("backticks", "comment", comment)
    parser.inline.ruler.before("backticks", "formula", formula)
    return parser


def _mark(token, kind: str, start: int, end: int) -> None:
    token.type, token.meta = kind, {"at": (start, end)}
