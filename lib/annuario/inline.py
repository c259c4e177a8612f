"""Inline expressions: `` `{python} expression` `` in Markdown cells and captions.

The engine asks the kernel for the values and puts them into the text. In the
kernel, ``render`` turns a value into Markdown.
"""

from __future__ import annotations

import re
from decimal import Decimal

from annuario import numbers
from annuario.markdown import escape

PATTERN = re.compile(r"`\{python\}\s+([^`]+?)\s*`")


def expressions(text: str) -> list[str]:
    """The distinct expressions in a text, in order."""
    return list(dict.fromkeys(PATTERN.findall(text)))


def substitute(text: str, values: dict[str, str]) -> str:
    """The text with every expression replaced by its rendered value."""
    return PATTERN.sub(lambda match: values[match[1]], text)


def render(value: object) -> str:
    """A value as Markdown: numbers in Italian form, text escaped, missing as «–».

    An object with ``_repr_markdown_`` is Markdown already and stays as it is.

    Raises TypeError for a float (its digits are arbitrary: use the functions of
    ``annuario.numbers``) and for anything that has no evident text.
    """
    if value is None:
        return numbers.MISSING
    if hasattr(value, "_repr_markdown_"):
        return value._repr_markdown_()
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise TypeError(
            f"a value of type {type(value).__name__} has no set format: "
            "give it one with annuario.numbers (number, euro, percent)"
        )
    if isinstance(value, str):
        return escape(value)
    return numbers.number(value)
