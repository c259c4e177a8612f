"""The book's typeface: Source Sans Pro (SIL Open Font License), from its wheel.

One family serves the HTML page, the PDF and the charts.
"""

import base64
import errno
import io
import shutil
from collections.abc import Iterable
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

import font_source_sans_pro

from annuario.errors import BookError
from annuario.execution.cache import Store, digest, file_digest, recalled
from annuario.messages import say, why

FAMILY = "Source Sans Pro"
#: What the family is called on a page, which carries the letters that the book has.
SCREEN = "Annuario Sans"
#: The letters that every page has, whatever the book says: what readers type in the search, too.
ALWAYS = (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2028), *map(ord, "€−↑→↓←↕≤≥≠▴▸▾\u202f\u2060"))
#: Typst's own faces, for signs that the family lacks.
FALLBACKS = ("Libertinus Serif", "DejaVu Sans Mono")
#: Name of the folder of faces beside a book that is being published.
FOLDER = "fonts"
#: The faces the book uses: file, CSS weight, CSS style.
FACES = (
    ("SourceSansPro-Regular.otf", "400", "normal"),
    ("SourceSansPro-It.otf", "400", "italic"),
    ("SourceSansPro-Semibold.otf", "600 700", "normal"),
)


def directory() -> Path:
    """Folder of the typeface's files, to register with a chart renderer."""
    return Path(font_source_sans_pro.font_directory)


def copy(folder: Path) -> Path:
    """Copy the faces that the book uses, and no other, into ``folder``.

    The wheel holds each face twice (TrueType and OpenType); a renderer given the whole
    folder takes whichever the file system lists first.

    Raises BookError where the wheel lacks a face.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, _, _ in FACES:
        try:
            shutil.copyfile(directory() / name, folder / name)
        except OSError as error:
            if error.errno == errno.ENOSPC:  # the fault of the folder, not of the font
                raise OSError(error.errno, error.strerror, str(folder)) from error
            raise BookError(
                say(
                    "{path}: cannot be read ({why}): install font-source-sans-pro again.",
                    path=directory() / name,
                    why=why(error),
                )
            ) from error
    return folder


def subset(letters: Iterable[str], folder: Path, store: Store | None = None) -> Path:
    """Write the faces for a page that needs some letters, and the rules that name them, into ``folder``.

    A face is a tenth as long by it. The family's licence reserves its name to the whole one:
    these have a name of their own.

    Raises BookError where the wheel lacks a face.
    """
    folder.mkdir(parents=True, exist_ok=True)
    needed = "".join(sorted({*map(chr, ALWAYS), *letters}))
    copy(folder)
    rules = []
    for name, weight, style in FACES:
        (folder / name).unlink()
        whole = directory() / name
        key = digest(needed, file_digest(whole), version("fonttools"))
        small = recalled(store, "face", key, partial(_subset, whole, needed))
        (folder / name).with_suffix(".woff").write_bytes(base64.b64decode(small))
        rules.append(
            f'@font-face {{ font-family: "{SCREEN}"; font-weight: {weight}; font-style: {style}; '
            f'font-display: swap; src: url("{folder.name}/{whole.stem}.woff") format("woff"); }}'
        )
    (folder.parent / "fonts.css").write_text("\n".join(rules), encoding="utf-8")
    return folder


@cache
def _subset(face: Path, letters: str) -> str:
    """A face with these letters alone, as WOFF, in base64."""
    from fontTools import subset as tool  # slow to import, and needed once

    options = tool.Options(flavor="woff", name_IDs=[0, 1, 2, 4, 6, 13, 14], with_zopfli=False)
    font = tool.load_font(str(face), options)
    chosen = tool.Subsetter(options)
    chosen.populate(text=letters)
    chosen.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 4, 6):
            told = record.toUnicode().replace(FAMILY, SCREEN)
            record.string = told.replace(FAMILY.replace(" ", ""), SCREEN.replace(" ", ""))
    outlines = font["CFF "].cff
    outlines.fontNames = [str(font["name"].getDebugName(6))]
    outlines.topDictIndex[0].rawDict["FamilyName"] = SCREEN
    outlines.topDictIndex[0].rawDict.pop("FullName", None)
    written = io.BytesIO()
    tool.save_font(font, written, options)
    return base64.b64encode(written.getvalue()).decode("ascii")
