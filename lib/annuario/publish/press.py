"""Typst with the book's own faces and no others."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import typst

from annuario.publish import fonts


def compiler() -> typst.Compiler:
    """A new one. While it is kept, what stood in the book before is not laid out again."""
    return typst.Compiler(font_paths=[_faces().name], ignore_system_fonts=True)


@cache
def _faces() -> tempfile.TemporaryDirectory:
    """A folder of faces, until the process ends: Typst opens one when it needs it."""
    folder = tempfile.TemporaryDirectory(prefix="annuario-")
    fonts.copy(Path(folder.name))
    return folder
