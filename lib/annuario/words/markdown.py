"""Plain text as Markdown that prints the same text."""

import re

# Marks that mean something wherever they stand, in pandoc's Markdown and in Quarto's.
_ALWAYS = r"[\\|*$#_<>`\[\]{}~^@'\"&]"
# Marks that mean something only beside a blank, another mark or an end of the text:
# "...", "--", "Cfr. ", "==", "https://", "1. ", ": ".
_BESIDE = r"(?<![^\W_])[-.:]|[-.](?![^\W_])|:(?=\S)|=(?==)|(?<==)="
_START = r"^[+=%]|!(?=\[)"
_SPECIAL = re.compile(f"{_ALWAYS}|{_BESIDE}|{_START}")
# Code, which stays as it is; an apostrophe in place of the accent of a word in capitals, which typewriters had none for;
# and one after a letter and before another or a digit; escaped or not.
_TYPED = re.compile(
    r"(?P<code>(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`))"
    r"|(?<![\w'])(?P<word>[A-Z]{2,})(?P<accented>[AIOU])\\?'(?!\w)"
    r"|(?<=[^\W\d_])\\?'(?=[^\W_])",
    re.DOTALL,
)
_ACCENTS = str.maketrans("AIOU", "ÀÌÒÙ")
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
    """The text with the apostrophes and the accents of print, where documents and hands typed those of typewriters.

    >>> with_apostrophes("Nell'anno, in lista d\\\\'attesa; FONDO POVERTA' 2021; `f'x'`")
    "Nell’anno, in lista d’attesa; FONDO POVERTÀ 2021; `f'x'`"
    """

    def printed(found: re.Match) -> str:
        return found["code"] or (found["word"] + found["accented"].translate(_ACCENTS) if found["word"] else "’")

    return _TYPED.sub(printed, text) if "'" in text else text
