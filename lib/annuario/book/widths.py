"""Texts of a drawing held to the width that they were measured with, whatever typeface shows them."""

from __future__ import annotations

import re
from functools import cache
from html import unescape

from PIL import ImageFont

from annuario.publish import fonts

_SIZE = 100  # the faces are measured at this size
# A text of one line, and what is said of it.
_TEXT = re.compile(r"<text\b([^>]*)>([^<]+)</text>")


def held(svg: str) -> str:
    """A drawing whose texts keep their widths: a page without the book's typeface squeezes them, and cuts none.

    >>> held('<svg><text font-size="12px">2025</text></svg>')
    '<svg><text font-size="12px" textLength="24.0" lengthAdjust="spacingAndGlyphs">2025</text></svg>'
    """
    return _TEXT.sub(_held, svg)


def _held(text: re.Match[str]) -> str:
    said, words = text[1], text[2]
    size = re.search(r'font-size="([\d.]+)px"', said)
    if not size or "textLength" in said or not words.strip():
        return text[0]
    bold = re.search(r'font-weight="(bold|[6-9]00)"', said) is not None
    length = _face(bold).getlength(unescape(words).strip()) * float(size[1]) / _SIZE
    return f'<text{said} textLength="{length:.1f}" lengthAdjust="spacingAndGlyphs">{words}</text>'


@cache
def _face(bold: bool) -> ImageFont.FreeTypeFont:
    name = fonts.FACES[2 if bold else 0][0]
    return ImageFont.truetype(str(fonts.directory() / name), _SIZE, layout_engine=ImageFont.Layout.BASIC)
