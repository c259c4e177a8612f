"""The files beside a book while it is published: style sheets, fonts, included pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from annuario.errors import BookError
from annuario.execution.cache import Store
from annuario.messages import say
from annuario.publish import fonts

RESOURCES = Path(str(files("annuario.publish")))


def lay(
    book: Path, chosen: dict, folder: Path, letters: Iterable[str] = "", store: Store | None = None
) -> tuple[list[str], list[str]]:
    """Lay in ``folder`` what ``css`` and ``include-after-body`` name, and the typeface for the book's ``letters``.

    A name is looked for in the folder ``book``, then among the package's own files. Returns
    the names of the style sheets and of the includes, relative to ``folder``.

    Raises BookError for a name found in neither place.
    """
    fonts.subset(letters, folder / fonts.FOLDER, store)
    sheets = ["fonts.css", *(_copy(book, name, folder) for name in chosen["css"])]
    return sheets, [_copy(book, name, folder) for name in chosen["include-after-body"]]


def gather(root: Path, config: dict, folder: Path) -> list[Path]:
    """Copy into the folder of the assembled book what ``css`` and ``include-after-body`` name of the project's files."""
    forms = config.get("format") or {}
    names = []
    for section in (config, *(forms.get(form) for form in ("html", "typst"))):
        if not isinstance(section, dict):
            continue
        for key in ("css", "include-after-body"):
            named = section.get(key) or []
            names += [str(name) for name in (named if isinstance(named, list) else [named])]
    found = []
    for name in names:
        path, place = (root / name).resolve(), (folder / name).resolve()
        inside = path.is_relative_to(root.resolve()) and place.is_relative_to(folder.resolve())
        if inside and path.is_file() and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
            found.append(path)
    return found


def script(name: str) -> str:
    """A script element that holds one of the package's own files."""
    return f"<script>\n{(RESOURCES / name).read_text(encoding='utf-8')}</script>\n"


def _copy(book: Path, name: str, folder: Path) -> str:
    found = Path(name).name
    home = book.resolve()
    for path in (book / name, RESOURCES / found):
        if path.is_file() and (path.resolve().is_relative_to(home) or path.parent == RESOURCES):
            if path.resolve() != (folder / found).resolve():
                shutil.copyfile(path, folder / found)
            return found
    raise BookError(
        say("_quarto.yml: {name} does not exist in the project: put it beside _quarto.yml, or take it off.", name=name)
    )
