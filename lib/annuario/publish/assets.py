"""The files beside a book while it is published: style sheets, fonts, included pages."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

from annuario.errors import BookError
from annuario.publish import charts, fonts

RESOURCES = Path(str(files("annuario.publish")))


def lay(source: Path, chosen: dict, folder: Path) -> tuple[list[str], list[str]]:
    """Lay in ``folder`` what ``css`` and ``include-after-body`` name, and the typeface.

    A name is looked for beside ``source``, then among the package's own files. Returns
    the names of the style sheets and of the includes, relative to ``folder``.

    Raises BookError for a name found in neither place.
    """
    fonts.copy(folder / fonts.FOLDER)
    (folder / "fonts.css").write_text(fonts.css(fonts.FOLDER), encoding="utf-8")
    sheets = ["fonts.css", *(_copy(source, name, folder) for name in chosen["css"])]
    return sheets, [_copy(source, name, folder) for name in chosen["include-after-body"]]


def has_charts(source: Path) -> bool:
    """Whether the assembled book ends with the data of interactive charts."""
    return f'id="{charts.DATA}"' in source.read_text(encoding="utf-8")


def script(name: str) -> str:
    """A script element that holds one of the package's own files."""
    return f"<script>\n{(RESOURCES / name).read_text(encoding='utf-8')}</script>\n"


def _copy(source: Path, name: str, folder: Path) -> str:
    found = Path(name).name
    for path in (source.parent / name, RESOURCES / found):
        if path.is_file():
            if path.resolve() != (folder / found).resolve():
                shutil.copyfile(path, folder / found)
            return found
    raise BookError(f"_quarto.yml: {name} does not exist: put it in {source.parent} or take it off.")
