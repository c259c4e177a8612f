"""Typst with the book's own faces and no others."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import typst

from annuario.publish import fonts

# A letter of each face: Typst opens a face when a letter of it is first set, and keeps it.
_EACH = f'#set text(font: "{fonts.FAMILY}")\na _a_ *a*'.encode()


def compiler() -> typst.Compiler:
    """A new one. While it is kept, what stood in the book before is not laid out again.

    Raises BookError where a face is missing.
    """
    return typst.Compiler(font_paths=_faces(), ignore_system_fonts=True)


@cache
def _faces() -> typst.Fonts:
    """The faces, opened once for this process: the folder that they are read from lasts no longer than this call."""
    with tempfile.TemporaryDirectory(prefix="annuario-") as folder:
        fonts.copy(Path(folder))
        faces = typst.Fonts(include_system_fonts=False, font_paths=[folder])
        typst.Compiler(font_paths=faces, ignore_system_fonts=True).compile(_EACH, format="pdf")
    return faces
