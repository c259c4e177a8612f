"""A new project: an example that builds at once, to be filled with an agency's own tables and chapters."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

from annuario.errors import BookError
from annuario.messages import say, why

EXAMPLE = Path(str(files("annuario"))) / "example"
#: Files whose names would mean something within the package.
_NAMES = {"gitignore": ".gitignore"}


def init(folder: Path) -> list[Path]:
    """Write the example project into a folder, which must be empty or not be there; the files written.

    Its data are invented and say so.

    Raises BookError for a folder that holds something, or cannot be written.

    >>> written = init(cartella / "nuovo")
    >>> (cartella / "nuovo" / "_quarto.yml") in written
    True
    >>> init(cartella / "nuovo")
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: .../nuovo: the folder is not empty: name a new one, and nothing of yours is touched.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise BookError(say("{folder}: this is a file: name a new folder.", folder=folder))
    if folder.is_dir() and any(folder.iterdir()):
        raise BookError(
            say("{folder}: the folder is not empty: name a new one, and nothing of yours is touched.", folder=folder)
        )
    written = []
    try:
        for source in sorted(path for path in EXAMPLE.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
            name = source.relative_to(EXAMPLE)
            target = folder / name.with_name(_NAMES.get(name.name, name.name))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            written.append(target)
    except OSError as error:
        raise BookError(say("{folder}: cannot be written ({why}).", folder=folder, why=why(error))) from error
    return written
