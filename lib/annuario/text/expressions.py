"""Expressions in a text as it was written, conditions of cells, and what is nearly one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from annuario.messages import say
from annuario.text import prose
from annuario.text.misuse import misused

_CONDITION = re.compile(r"\A<!--[ \t]*se:[ \t]*(?!-->)(\S[^\n]*?)[ \t]*-->[ \t]*\n?")
_EXPRESSION = re.compile(r"\s*\{python\}\s+(\S.*?)\s*", re.DOTALL)
# What is nearly an expression: at the beginning of a code span, and in the text around.
_ANYWHERE = re.compile(r"\{+\s*python\s*\}", re.IGNORECASE)
_NEARLY_CODE = re.compile(r"\s*(?:\{+([\w \t.-]{1,12})\}+|[{\[(<]+\s*(\w+)\s*[}\])>]*|\W?(\w+)\s*[}\])>]+)")
_NEARLY = re.compile(r"(?<!\\)\{+\s*(\w+)\s*\}*")
_SUSPECT = re.compile(r"\{+\s*p\w*n\b|<!\W*se\b", re.IGNORECASE)
# What is nearly a condition: as a comment, and where not even the comment is one.
_NEARLY_CONDITION = re.compile(
    r"[\s<!-]*(?:(?:(?:solo|altrimenti|fine)\s+)?(?:se|if)\b"
    r"|(?:s[eéèi]*|es|el(?:se\s*)?if|when|quando|ove|condi[zt]ione?)\s*[:=;]|(?:altrimenti|else|end\s*if)\s*(?:[:=;]|-*\Z))",
    re.IGNORECASE,
)
_NEARLY_COMMENT = re.compile(
    r"<\s*!\s*[-–—]*\s*se\b|<\s*[-–—]{2,}\s*se\b|^\s*se\s*:.*--+>", re.IGNORECASE | re.MULTILINE
)


class Faults(Exception):
    """What is wrong with a text, each thing in words.

    >>> Faults(["a", "b", "a"]).problems
    ['a', 'b']
    """

    def __init__(self, problems: Sequence[str]):
        super().__init__("; ".join(problems))
        self.problems = list(dict.fromkeys(problems))


class Written(NamedTuple):
    """A text as it was written: where its expressions stand, and what is nearly one.

    >>> written("Da `{python} a` a `{python} b`, cioè `{python} a`.").expressions
    ['a', 'b']
    >>> Written().problems
    ()
    """

    places: tuple[tuple[int, int, tuple[str, ...]], ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def expressions(self) -> list[str]:
        """The expressions, each once, in order."""
        return list(dict.fromkeys(name for _, _, names in self.places for name in names))


@lru_cache(maxsize=8192)
def written(text: str) -> Written:
    """The expressions of a text, by the parser of Markdown: what stands in code blocks and comments is none.

    >>> written("Sono `{python} n`.").expressions
    ['n']
    >>> written("Sono `{python}n`.").problems
    ('«`{python}n`» is nearly an expression: write `{python} …`, with a blank, between single backticks.',)
    """
    if not any(mark in text for mark in "`{<>"):
        return Written()
    places, problems, outside = [], [], text
    for span in prose.spans(text):
        whole = text[span.start : span.end]
        outside = outside[: span.start] + " " * len(whole) + outside[span.end :]
        if span.kind == "code":
            # where two expressions touch, Markdown sees one span
            found = [_EXPRESSION.fullmatch(part) for part in span.content.split("``")]
            names = tuple(match[1] for match in found if match)
            if len(names) == len(found) and not whole.startswith("``"):
                places.append((span.start, span.end, names))
            elif _ANYWHERE.search(span.content) or _named_nearly(_NEARLY_CODE.match(span.content)):
                problems.append(_nearly(whole))
        elif span.kind == "formula" and _ANYWHERE.search(span.content):
            problems.append(_nearly(whole))
        elif span.kind == "comment" and is_condition(span.content):
            problems.append(_no_condition(whole))
        elif span.kind == "unclosed":
            what = (
                say("comment is never closed: end it with «-->»")
                if whole.startswith("<!--")
                else (say("code block is never closed: end it with the same marks on a line of their own"))
            )
            problems.append(say("«{shortened}»: the {what}.", shortened=shortened(whole), what=what))
    for match in _NEARLY.finditer(outside):
        if _named_nearly(match):
            problems.append(_nearly(text[max(match.start() - 1, 0) :]))
    problems += [_no_condition(text[match.start() :]) for match in _NEARLY_COMMENT.finditer(outside)]
    problems += misused(text, places)
    return Written(tuple(places), tuple(problems))


def _named_nearly(match: re.Match | None) -> bool:
    """Whether what stands in braces is nearly the word python, or another of Quarto's languages in a code span."""
    if not match:
        return False
    name = next((group for group in match.groups() if group), "").lower()
    name = re.sub(r"[\W_]", "", name)
    if name in ("r", "julia", "jupyter", "ojs", "py", "pyt"):
        return match.re is _NEARLY_CODE and re.sub(r"\W", "", match[0]) == name
    return SequenceMatcher(None, name, "python").ratio() > 0.7


def is_condition(comment: str) -> bool:
    """Whether what stands in a comment is a condition, or nearly one.

    >>> is_condition(" se: costi "), is_condition(" SE = costi "), is_condition(" rivedere ")
    (True, True, False)
    """
    return _NEARLY_CONDITION.match(comment) is not None


def _nearly(text: str) -> str:
    return say(
        "«{shortened}» is nearly an expression: write `{{python}} …`, with a blank, between single backticks.",
        shortened=shortened(text),
    )


def _no_condition(text: str) -> str:
    return say(
        "«{shortened}» is nearly a condition: write «<!-- se: expression -->» on one line, at "
        "the very beginning of the cell.",
        shortened=shortened(text),
    )


def shortened(text: str) -> str:
    r"""A text on one line, its first sixty letters.

    >>> shortened("uno\n  due"), len(shortened("a" * 100))
    ('uno due', 60)
    """
    line = " ".join(text[:200].split())
    return line if len(line) <= 60 else f"{line[:59]}…"


def split(source: str) -> tuple[str | None, str]:
    r"""The condition of a Markdown cell, or None, and the text below it.

    >>> split("<!-- se: costi -->\nI costi crescono."), split("I costi crescono.")
    (('costi', 'I costi crescono.'), (None, 'I costi crescono.'))
    """
    condition = _CONDITION.match(source)
    return (condition[1], source[condition.end() :]) if condition else (None, source)


def unfinished(text: str) -> list[str]:
    """What looks as if it should have been evaluated, in a text that is not: a cell's output, a raw cell.

    >>> unfinished("Sono `{python} n`.")
    ['the expression «n» is not evaluated in an output or a raw cell: write it in a Markdown cell, or give
    the value itself.']
    >>> unfinished("Sono tre.")
    []
    """
    if not _SUSPECT.search(text):
        return []
    found = written(text)
    where = say("write it in a Markdown cell, or give the value itself")
    return [
        *found.problems,
        *(
            say("the expression «{name}» is not evaluated in an output or a raw cell: {where}.", name=name, where=where)
            for name in found.expressions
        ),
    ]
