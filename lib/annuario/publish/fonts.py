"""The book's typeface: Source Sans Pro (SIL Open Font License), from its wheel.

One family serves the HTML page, the PDF and the charts.
"""

import errno
import shutil
import struct
import zlib
from pathlib import Path

import font_source_sans_pro

from annuario.errors import BookError

FAMILY = "Source Sans Pro"
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
                f"{directory() / name}: cannot be read ({error.strerror}): install font-source-sans-pro again."
            ) from error
    return folder


def css(folder: str) -> str:
    """``@font-face`` rules for the faces, found in ``folder`` relative to the sheet."""
    return "\n".join(
        f'@font-face {{ font-family: "{FAMILY}"; font-weight: {weight}; font-style: {style}; '
        f'font-display: swap; src: url("{folder}/{name}") format("opentype"); }}'
        for name, weight, style in FACES
    )


def compressed(face: bytes) -> bytes:
    """A typeface as WOFF, its tables compressed: half as much to load."""
    flavor, count = struct.unpack(">4sH", face[:6])
    entries = [struct.unpack(">4sLLL", face[12 + 16 * n : 28 + 16 * n]) for n in range(count)]
    place, directory, body = 44 + 20 * count, b"", b""
    for tag, checksum, offset, length in entries:
        table = face[offset : offset + length]
        small = zlib.compress(table, 9)
        kept = small if len(small) < length else table
        directory += struct.pack(">4sLLLL", tag, place + len(body), len(kept), length, checksum)
        body += kept + b"\0" * (-len(kept) % 4)
    whole = 12 + 16 * count + sum(length + -length % 4 for *_, length in entries)
    head = struct.pack(">4s4sLHHLHHLLLLL", b"wOFF", flavor, place + len(body), count, 0, whole, 1, 0, 0, 0, 0, 0, 0)
    return head + directory + body
