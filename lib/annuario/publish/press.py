"""Typst with the book's own faces and no others."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import typst

from annuario.publish import fonts

# A letter of each face: Typst opens a face when a letter of it is first set, and keeps it.
_EACH = f'#set text(font: "{fonts.FAMILY}")\na _a_ *a*'.encode()


def compiler(
    source: Path | None = None, root: Path | None = None, inputs: dict[str, str] | None = None
) -> typst.Compiler:
    """A new one, for a file that reads others below ``root`` and is told ``inputs``.

    What one of this process has laid out is not laid out again by the next.
    Raises BookError where a face is missing.
    """
    return typst.Compiler(source, root, _faces(), ignore_system_fonts=True, sys_inputs=inputs or {})


@cache
def _faces() -> typst.Fonts:
    """The faces, opened once for this process: the folder that they are read from lasts no longer than this call."""
    with tempfile.TemporaryDirectory(prefix="annuario-") as folder:
        fonts.copy(Path(folder))
        faces = typst.Fonts(include_system_fonts=False, font_paths=[folder])
        typst.Compiler(font_paths=faces, ignore_system_fonts=True).compile(_EACH, format="pdf")
    return faces
