"""What expressions give, seen in the chapter's process: a value as Markdown, with what it rests on."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from annuario.figures import Absent, Figure, Said
from annuario.messages import say
from annuario.text import unentered
from annuario.words import numbers
from annuario.words.markdown import escape


def render(value: object) -> str:
    r"""A value as Markdown: numbers in Italian form, text escaped, missing as «–».

    An object with ``_repr_markdown_`` is Markdown already and stays as it is; a section
    of the commentary is named by its ``marker``.

    Raises TypeError for a float (its digits are arbitrary: use the functions of
    ``annuario.words.numbers``) and for anything that has no evident text.

    >>> print(render(1234), render(None), render("1. Spesa*"), render(casi(0).conta), sep=" | ")
    1.234 | – | 1\. Spesa\* | nessun caso
    >>> render(1.5)
    Traceback (most recent call last):
        ...
    TypeError: a value of type float has no set format: give it one with annuario.words.numbers ...
    """
    if value is None:
        return numbers.MISSING
    if hasattr(value, "marker"):
        return value.marker
    if hasattr(value, "_repr_markdown_"):
        return value._repr_markdown_()
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise TypeError(
            say(
                "a value of type {name} has no set format: give it one with annuario.words.numbers "
                "(number, euro, percent)",
                name=type(value).__name__,
            )
        )
    if isinstance(value, str):
        inner = value.strip(" ")
        return value.replace(inner, escape(inner), 1) if inner else value
    return numbers.number(value)


def answer(ask: Callable[[], object]) -> str | dict:
    """What an expression gives, as it travels from the chapter's process: its text; or, where there is more to say, a dictionary.

    Of a figure that is absent it holds why (``absent``) and, in a draft, what it ``lacks`` or which
    ``section`` of the commentary it would be; of words that need it, ``notes`` for the foot of
    their paragraph, the ``rows`` that they rest on, each its record (``annuario.data.value``), and what
    the ledger says of their values (``ledger``), each a note.

    >>> answer(lambda: "tre"), answer(lambda: casi(12, None).conta)
    ('tre', {'absent': 'casi (2025): non pubblicato'})
    >>> told = answer(lambda: libro.cifra("tm-flussi/nuovi-casi").conta)
    >>> told["text"], told["rows"][0].source
    ('318 casi', 'relazione-2025:1254')
    """
    try:
        value = ask()
        text = render(value)
    except Absent as absent:
        return {"absent": str(absent)} | unentered.told(absent)
    except Exception as error:
        waiting = unentered.failed(error)
        if not waiting:
            raise
        return waiting
    if not isinstance(value, (Figure, Said)):
        return text
    ledger = value.corrections() if isinstance(value, Figure) else value.corrections
    rows = value.told() if isinstance(value, Figure) else value.rows
    told = {
        "notes": list(value.reasons),
        "rows": sorted({row.record for row in rows if row.record}),
        "ledger": list(dict.fromkeys(one.footnote for one in ledger)) if text.strip() else [],
    }
    return {"text": text} | told if any(told.values()) else text
