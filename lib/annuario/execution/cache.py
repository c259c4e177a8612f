"""Results of earlier work, kept by the content they depend on.

A chapter's results depend on its code cells and parameters, on the package's code, on
the versions of the libraries that shape output, and on the contents of the files that
the chapter read when it last ran. Prose is not among them: a changed sentence finds
its results again. Entries carry a checksum of what they hold and of their key; one
that is damaged, or stands in the place of another, counts as absent.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

import orjson

from annuario import inline

Entry = TypeVar("Entry")
#: What the package's code is made of, as far as chapters depend on it.
CODE = (".py", ".csv")
#: Libraries that shape what a chapter puts out.
LIBRARIES = ("altair", "ipykernel", "ipython", "nbclient", "numpy", "pandas", "papermill", "vl-convert-python")


def digest(*parts: str | bytes) -> str:
    """A hexadecimal digest of some parts, each apart from the next."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8") if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()[:40]


def file_digest(path: Path | str) -> str:
    """The digest of a file's content; of a missing file, ``absent``."""
    try:
        return digest(Path(path).read_bytes())
    except OSError:
        return "absent"


@cache
def code_digest() -> str:
    """The digest of the package's own code, of Python and of the libraries' versions."""
    folder = Path(__file__).parents[1]
    sources = sorted(path for path in folder.rglob("*") if path.suffix in CODE)
    parts = [f"{path.relative_to(folder)}={file_digest(path)}" for path in sources]
    return digest(sys.version, *parts, *(f"{name}={_version(name)}" for name in LIBRARIES))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


class Store:
    """A folder of JSON entries by kind and key; safe for several builds at once."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)

    def _path(self, kind: str, key: str) -> Path:
        return self.folder / kind / key[:2] / f"{key}.json"

    def load(self, kind: str, key: str) -> object | None:
        """The entry, or None where there is none, it is damaged or it is another's."""
        try:
            check, _, text = self._path(kind, key).read_bytes().partition(b"\n")
            return orjson.loads(text) if check == digest(kind, key, text).encode() else None
        except (OSError, ValueError):
            return None

    def save(self, kind: str, key: str, entry: object) -> None:
        """Write an entry whole or not at all; a cache that cannot be written is none."""
        path = self._path(kind, key)
        text = orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(digest(kind, key, text).encode() + b"\n" + text)
            os.replace(name, path)
        except OSError:
            pass

    def size(self) -> tuple[int, int]:
        """Number of entries and their bytes."""
        files = [path for path in self.folder.rglob("*.json")]
        return len(files), sum(path.stat().st_size for path in files)

    def prune(self) -> None:
        """Delete every entry."""
        shutil.rmtree(self.folder, ignore_errors=True)


def recalled(store: Store | None, kind: str, key: str, make: Callable[[], Entry]) -> Entry:
    """The kept entry; where there is none, what ``make`` gives, which is kept. Without a store it is made."""
    entry = store.load(kind, key) if store else None
    if entry is None:
        entry = make()
        if store:
            store.save(kind, key, entry)
    return entry


def chapter_key(cells: list[dict], parameters: dict) -> str:
    """The key of a chapter's code: its code cells and its parameters."""
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return digest(code_digest(), orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS), *code)


def contents_key(key: str, root: Path, reads: list[str]) -> str:
    """The key of a chapter's results: its code and the contents of what it reads.

    ``reads`` are relative to ``root``. A read ``file?section`` is about whether the commentary has that section.
    """
    return digest(key, *(f"{read}={_content(root / read)}" for read in sorted(reads)))


def _content(read: Path) -> str:
    path, _, name = str(read).partition("?")
    if not name:
        return file_digest(path)
    return str(bool(inline.section(Path(path).parent, Path(path).stem, name)))
