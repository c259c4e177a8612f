"""The «In breve» boxes: points that hold for the year at hand, the others left out."""

from __future__ import annotations

from annuario.markdown import escape
from annuario.notebook import Markdown


def points(*sentences: str | None) -> Markdown:
    """A Markdown list of plain sentences; empty ones and None are passed over."""
    return Markdown("\n".join(f"- {escape(sentence)}" for sentence in sentences if sentence))
