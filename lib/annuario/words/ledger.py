"""What the books say of a corrected value, or of one that is left open."""

from __future__ import annotations

from decimal import Decimal

from annuario.data.corrections import Correction, Value
from annuario.words import numbers
from annuario.words.markdown import escape


def note(one: Correction) -> str:
    """What stands below a table or a chart that shows the cell, or a number that rests on it."""
    what = "valore incerto" if one.open else f"il documento stampa {printed(one)}"
    return f"{one.subject}: {what}. {one.reason}"


def footnote(one: Correction) -> str:
    """The same for the first sentence that uses it, as Markdown, with the chapter that tells of it."""
    where = f" (@{one.chapter})" if one.chapter else ""
    return f"{escape(note(one).rstrip('.'))}{where}."


def printed(one: Correction) -> str:
    """The printed value, in the form of its unit."""
    return _said(one.printed, one.unit)


def used(one: Correction) -> str:
    """The value used, likewise; ``–`` where it is open."""
    return numbers.MISSING if one.used is None else _said(one.used, one.unit)


def _said(value: Value, unit: str) -> str:
    return f"«{value}»" if isinstance(value, str) else numbers.quantity(Decimal(value), unit or "numero")
