"""Results of earlier work, kept by the content they depend on.

A chapter's results depend on its code cells and parameters, on the package's code, on
the versions of the libraries, and on the contents of the files that the chapter read
when it last ran. Prose is not among them: a changed sentence finds
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
from pathlib import Path
from typing import TypeVar

import orjson

from annuario import commentary

Entry = TypeVar("Entry")
#: What the package's code is made of, as far as chapters depend on it.
CODE = (".py", ".csv")
#: Parts a file that a chapter reads from what it asks about it; no path holds it.
ASKS = "\x1f"
#: What may be asked beside a file's content: the names in a folder, whether the commentary
#: has a section, what a section says.
NAMES, SECTION, SECTION_TEXT = "names", "section?", "section="


def digest(*parts: str | bytes) -> str:
    """A hexadecimal digest of some parts, each apart from the next."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8") if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()[:40]


def file_digest(path: Path | str) -> str:
    """The digest of a file's content; of a missing file, ``absent``; of a folder, ``folder``."""
    try:
        return digest(Path(path).read_bytes())
    except IsADirectoryError:
        return "folder"
    except OSError:
        return "absent"


@cache
def code_digest() -> str:
    """The digest of the package's own code, of Python and of the versions of all libraries."""
    folder = Path(__file__).parents[1]
    sources = sorted(path for path in folder.rglob("*") if path.suffix in CODE)
    parts = [f"{path.relative_to(folder)}={file_digest(path)}" for path in sources]
    return digest(sys.version, *parts, *sorted(_installed()))


def _installed() -> set[str]:
    """The libraries at hand, each with its version, as their installers name the folders that tell of them."""
    found: set[str] = set()
    for folder in sys.path:
        try:
            found |= {name for name in os.listdir(folder or ".") if name.endswith((".dist-info", ".egg-info"))}
        except OSError:
            pass
    return found


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
    """The key of a chapter's code: its code cells, their tags and its parameters."""
    code = [("".join(cell["source"]), cell.get("metadata", {}).get("tags", [])) for cell in cells if cell["cell_type"] == "code"]
    return digest(code_digest(), orjson.dumps([parameters, code], option=orjson.OPT_SORT_KEYS))


def contents_key(key: str, root: Path, reads: list[str]) -> str:
    """The key of a chapter's results: its code and the contents of what it reads.

    ``reads`` are relative to ``root``; ``annuario.execution.reads`` says what they are.
    """
    return digest(key, *(f"{read}={_content(root, read)}" for read in sorted(reads)))


def _content(root: Path, read: str) -> str:
    name, _, asked = read.partition(ASKS)
    path = root / name
    if not asked:
        return file_digest(path)
    if asked == NAMES:
        try:
            return digest(*sorted(os.listdir(path)))
        except OSError:
            return "absent"
    kind, section = asked[: len(SECTION)], asked[len(SECTION) :]
    text = commentary.section(path.parent, path.stem, section)
    return digest(text) if kind == SECTION_TEXT else str(bool(text))
