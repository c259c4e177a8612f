"""The files beside a book while it is published: style sheets, fonts, scripts."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

from annuario.errors import BookError
from annuario.publish import charts, fonts

RESOURCES = Path(str(files("annuario.publish")))


def lay(source: Path, chosen: dict, folder: Path) -> tuple[list[str], list[str]]:
    """Lay in ``folder`` what the HTML book needs; the sheets and the includes, by name.

    A name in ``css`` or ``include-after-body`` is looked for beside ``source``, then
    among the package's own files. A book with charts also gets Vega and ``book.js``.

    Raises BookError for a name found in neither place.
    """
    fonts.copy(folder / fonts.FOLDER)
    (folder / "fonts.css").write_text(fonts.css(fonts.FOLDER), encoding="utf-8")
    sheets = ["fonts.css", *(_copy(source, name, folder) for name in chosen["css"])]
    includes = [_copy(source, name, folder) for name in chosen["include-after-body"]]
    if f'id="{charts.DATA}"' in source.read_text(encoding="utf-8"):
        (folder / charts.INCLUDE).write_text(charts.include(), encoding="utf-8")
        includes.append(charts.INCLUDE)
    return sheets, includes


def _copy(source: Path, name: str, folder: Path) -> str:
    found = Path(name).name
    for path in (source.parent / name, RESOURCES / found):
        if path.is_file():
            if path != folder / found:
                shutil.copyfile(path, folder / found)
            return found
    raise BookError(f"_quarto.yml: {name} does not exist: put it in {source.parent} or take it off.")
