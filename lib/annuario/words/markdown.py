"""Plain text as Markdown that prints the same text."""

import re

# Marks that mean something wherever they stand, in pandoc's Markdown and in Quarto's.
_ALWAYS = r"[\\|*$#_<>`\[\]{}~^@'\"&]"
# Marks that mean something only beside a blank, another mark or an end of the text:
# "...", "--", "Cfr. ", "==", "https://", "1. ", ": ".
_BESIDE = r"(?<![^\W_])[-.:]|[-.](?![^\W_])|:(?=\S)|=(?==)|(?<==)="
_START = r"^[+=%]|!(?=\[)"
_SPECIAL = re.compile(f"{_ALWAYS}|{_BESIDE}|{_START}")
# An apostrophe after a letter and before another or a digit, escaped or not; or code, which stays as it is.
_APOSTROPHE = re.compile(r"(?P<code>(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`))|(?<=[^\W\d_])\\?'(?=[^\W_])", re.DOTALL)
_ITEM = re.compile(r"^(\(?\w+)(?=\)(\s|$))")


def escape(text: str) -> str:
    r"""Markdown whose rendering is exactly ``text``, on one line.

    Holds in a paragraph, a table cell, a heading or a caption, with smart punctuation,
    bare addresses, citations, formulas and shortcodes on. Blanks and line ends become
    single spaces; no-break spaces stay.

    >>> print(escape("1. Spesa* del 2025: 12 % (nota_1)"))
    1\. Spesa\* del 2025: 12 % (nota\_1)
    >>> escape("Nuovi casi")  # what means nothing stays
    'Nuovi casi'
    """
    line = re.sub(r"[ \t\r\n\f\v]+", " ", text).strip(" ")
    return _ITEM.sub(r"\1\\", _SPECIAL.sub(r"\\\g<0>", line))


def with_apostrophes(text: str) -> str:
    """The text with the apostrophe of print, where documents and hands typed that of typewriters between letters.

    >>> with_apostrophes("Nell'anno, in lista d\\\\'attesa; `f'x'`")
    "Nell’anno, in lista d’attesa; `f'x'`"
    """
    return _APOSTROPHE.sub(lambda found: found["code"] or "’", text)
