"""The charts and pictures of a book as files: for print, and beside the page."""

from __future__ import annotations

import base64
from functools import cache
from importlib.metadata import version
from pathlib import Path

from annuario.execution.cache import Store, digest, recalled
from annuario.publish import fonts

#: How many dots of a picture for print stand for one of the drawing: 300 an inch at the width of the text.
PRINT_SCALE = 3


@cache
def register_font() -> None:
    """Labels are measured with the book's own typeface, the same on every machine."""
    import vl_convert

    vl_convert.register_font_directory(str(fonts.directory()))


def png(svg: str, store: Store | None = None) -> bytes:
    """A drawing as a PNG at the size of print."""

    def anew() -> str:
        import vl_convert

        register_font()
        return base64.b64encode(vl_convert.svg_to_png(svg, scale=PRINT_SCALE)).decode("ascii")

    return base64.b64decode(recalled(store, "png", _key(svg), anew))


def kept(svg: str, store: Store | None) -> bytes | None:
    """The PNG of a drawing that was made earlier, if it is there."""
    found = store.load("png", _key(svg)) if store else None
    return base64.b64decode(found) if isinstance(found, str) else None


def _key(svg: str) -> str:
    return digest(svg, str(PRINT_SCALE), version("vl-convert-python"))


def for_print(source: Path, folder: Path, store: Store | None = None) -> None:
    """Copy the pictures of a book into ``folder``, its drawings as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.iterdir()) if source.is_dir() else ():
        if path.suffix == ".svg":
            (folder / f"{path.stem}.png").write_bytes(png(path.read_text(encoding="utf-8"), store))
        else:
            (folder / path.name).write_bytes(path.read_bytes())
