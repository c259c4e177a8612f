"""Results of earlier work, kept by the content they depend on.

A chapter's results depend on its code cells and parameters, on the package's code, on
the versions of the libraries, on the rows that it got from tables and on the contents of the
other files that it read when it last ran. Prose is not among them: a changed sentence finds
its results again. Entries carry a checksum of what they hold and of their key; one
that is damaged, or stands in the place of another, counts as absent.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal, TypedDict, TypeVar, cast, overload

import orjson
import platformdirs

from annuario.data.questions import ASKS, ROWS, digest_of
from annuario.text import commentary
from annuario.workplace import delete, lock

__all__ = ["Store", "digest", "file_digest", "fits", "recalled"]

Entry = TypeVar("Entry")
#: What the package's code is made of, as far as chapters depend on it.
CODE = (".py", ".csv")
#: Folders that no chapter depends on.
SKIPPED = frozenset(("__pycache__", ".ipynb_checkpoints"))
#: What may be asked besides a file's content and the rows of a table: the names in a folder, whether the
#: commentary has a section, what a section says.
NAMES, SECTION, SECTION_TEXT = "names", "section?", "section="


def digest(*parts: str | bytes) -> str:
    """A hexadecimal digest of some parts, each apart from the next.

    >>> digest("a", "b") == digest(b"a", b"b"), digest("a", "b") == digest("ab"), len(digest())
    (True, False, 40)
    """
    total = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8") if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()[:40]


def file_digest(path: Path | str) -> str:
    r"""The digest of a file's content; of a missing file, ``absent``; of a folder, ``folder``.

    >>> _ = (cartella / "a.csv").write_text("codice\n")
    >>> file_digest(cartella / "a.csv") == digest("codice\n"), file_digest(cartella), file_digest(cartella / "b.csv")
    (True, 'folder', 'absent')
    """
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
    """The installed libraries, each with its version, by the names of the folders that describe them."""
    found: set[str] = set()
    for folder in sys.path:
        with contextlib.suppress(OSError):
            found |= {name for name in os.listdir(folder or ".") if name.endswith((".dist-info", ".egg-info"))}
    return found


class Ran(TypedDict):
    """A code cell that ran: its source as it ran, what it put out, its tags."""

    source: str
    outputs: list[dict]
    execution_count: int | None
    tags: list[str]


class Results(TypedDict):
    """What a chapter gave: the values of its expressions, by :func:`annuario.text.inline.value_key`, and its code cells."""

    values: dict[str, object]
    code: list[Ran]


class Told(TypedDict):
    """What a chapter says: the options of its code cells, the texts of its Markdown cells with what their sentences rest on.

    Options are written as JSON, for the order of what is within. ``placed`` and ``asked`` are the sections of the commentary that it shows and asks for, as in ``annuario.text.inline.Finisher``.
    """

    options: list[str]
    texts: list[list]
    placed: list[list[str]]
    asked: list[list[str]]


class Store:
    """A folder of JSON entries by kind and key; safe for several builds at once.

    Entries are signed with a key that lies among the user's own files, outside the folder
    (:func:`secret`). One that is damaged, of another kind or key, or written by anyone who
    cannot read that key counts as absent: a folder that others may write into, or that
    comes from elsewhere, puts nothing into a book. Someone who works as the same user can change
    the book without the cache, and is not kept out.

    >>> store = Store(cartella)
    >>> store.save("page", "chiave", "<p>uno</p>")
    >>> store.load("page", "chiave"), store.load("page", "altra"), store.load("svg", "chiave")
    ('<p>uno</p>', None, None)
    >>> path = next(cartella.rglob("*.json"))
    >>> _ = path.write_bytes(path.read_bytes().replace(b"uno", b"due"))
    >>> store.load("page", "chiave") is None, store.size()[0]  # tampered with
    (True, 1)
    >>> store.prune()
    >>> store.size()
    (0, 0)
    """

    def __init__(self, folder: Path):
        self.folder = Path(folder)

    def _path(self, kind: str, key: str) -> Path:
        return self.folder / kind / key[:2] / f"{key}.json"

    @overload
    def load(self, kind: Literal["reads"], key: str) -> list[str] | None: ...
    @overload
    def load(self, kind: Literal["chapter"], key: str) -> Results | None: ...
    @overload
    def load(self, kind: Literal["looked"], key: str) -> list[str] | None: ...
    @overload
    def load(self, kind: Literal["told"], key: str) -> Told | None: ...
    @overload
    def load(self, kind: str, key: str) -> object | None: ...
    def load(self, kind: str, key: str) -> object | None:
        """The entry, or None where there is none, it is damaged or it is another's."""
        try:
            check, _, text = self._path(kind, key).read_bytes().partition(b"\n")
            if not hmac.compare_digest(check, _signature(kind, key, text)):
                return None
            entry = orjson.loads(text)
        except (OSError, ValueError):
            return None
        return entry if fits(entry, SHAPES.get(kind, object)) else None

    def save(self, kind: str, key: str, entry: object) -> None:
        """Write an entry whole or not at all; a cache that cannot be written keeps nothing."""
        path = self._path(kind, key)
        text = orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._new.mkdir(exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._new)
            try:
                with os.fdopen(handle, "wb") as file:
                    lock(file)
                    file.write(_signature(kind, key, text) + b"\n" + text)
                os.replace(name, path)
            except OSError:
                delete(Path(name))
        except OSError:
            pass

    @property
    def _new(self) -> Path:
        return self.folder / ".nuovi"

    def sweep(self) -> None:
        """Delete what killed processes were writing; what is being written is left alone.

        >>> store = Store(cartella)
        >>> store.save("page", "chiave", "<p>uno</p>")
        >>> (cartella / ".nuovi" / "rotto").touch()
        >>> store.sweep()
        >>> list((cartella / ".nuovi").iterdir()), store.load("page", "chiave")
        ([], '<p>uno</p>')
        """
        for path in self._new.glob("*"):
            try:
                with path.open("ab") as file:
                    left = lock(file)
                if left:
                    delete(path)
            except OSError:
                pass  # written whole in the meantime

    def size(self) -> tuple[int, int]:
        """Number of entries and their bytes."""
        files = list(self.folder.rglob("*.json"))
        return len(files), sum(path.stat().st_size for path in files)

    def prune(self) -> None:
        """Delete every entry."""
        shutil.rmtree(self.folder, ignore_errors=True)


@cache
def secret() -> bytes:
    """The key that this user's entries are signed with; made where there is none.

    Where it can be neither read nor kept, it is this process's alone: nothing is recalled later.
    """
    try:
        path = Path(platformdirs.user_data_dir("annuario", appauthor=False)) / "chiave"
        if not path.exists():
            _make_secret(path)
        key = path.read_bytes()
    except (OSError, RuntimeError):
        key = b""
    return key if len(key) == 32 else secrets.token_bytes(32)


def _make_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)  # readable by the user alone
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(32))
    try:
        os.link(name, path)  # whole, and never over another: builds may start together
    except FileExistsError:
        pass
    finally:
        delete(Path(name))


def _signature(kind: str, key: str, text: bytes) -> bytes:
    return hmac.digest(secret(), digest(kind, key, text).encode(), "sha256").hex().encode()


def _inert(text: object) -> bool:
    """Whether a text that goes into a page as it is brings no script along."""
    return isinstance(text, str) and "<script" not in text.lower()


#: What the entries of each kind look like.
SHAPES = {
    "known": {
        "edition": {"book": str, "year": int, "published": bool, "draft": bool},
        "catalogue": {...: {"service": str, "name": str}},
    },
    "checked": {"checks": int, "doubts": [str]},
    "hidden": {...: {...: [str]}},
    "origins": {...: [str]},
    "reads": [str],
    "answers": str,
    "chapter": {"values": dict, "code": [dict]},
    "looked": [str],
    "told": {"options": [str], "texts": [list], "placed": [list], "asked": [list]},
    "svg": _inert,
    "pandoc": {"text": _inert, "labels": [dict]},
    "page": str,
    "png": str,
    "vega": str,
    "vega-packed": str,
    "face": str,
    "valid": bool,
    "workbook": str,
}


def fits(entry: object, shape) -> bool:
    """Whether an entry looks as it should.

    A shape is a type, a function that tells, a list of one shape, or a dictionary of
    shapes by key (``...``: whatever the key).

    >>> fits({"a": [1, 2]}, {"a": [int]}), fits({"a": [1, "2"]}, {"a": [int]})
    (True, False)
    """
    if isinstance(shape, list):
        if isinstance(entry, list) and shape[0] in (str, dict, list):  # of thousands, in one go
            return set(map(type, entry)) <= {shape[0]}
        return isinstance(entry, list) and all(fits(one, shape[0]) for one in entry)
    if isinstance(shape, dict):
        if not isinstance(entry, dict):
            return False
        if ... in shape:
            return all(fits(one, shape[...]) for one in entry.values())
        return all(name in entry and fits(entry[name], one) for name, one in shape.items())
    return isinstance(entry, shape) if isinstance(shape, type) else shape(entry)


def recalled(store: Store | None, kind: str, key: str, make: Callable[[], Entry]) -> Entry:
    """The kept entry; where there is none, what ``make`` gives, which is kept. Without a store it is made.

    >>> store = Store(cartella)
    >>> recalled(store, "page", "chiave", lambda: "<p>fatto</p>")
    '<p>fatto</p>'
    >>> recalled(store, "page", "chiave", lambda: "<p>altro</p>")
    '<p>fatto</p>'
    >>> recalled(None, "page", "chiave", lambda: "<p>altro</p>")
    '<p>altro</p>'
    """
    kept = store.load(kind, key) if store else None
    if kept is not None:
        return cast(Entry, kept)  # of the shape that its kind has
    entry = make()
    if store:
        store.save(kind, key, entry)
    return entry


def chapter_key(cells: list[dict], parameters: dict, agency: str = "") -> str:
    """The key of a chapter's code: its code cells, their tags and its parameters; ``agency`` is the digest of its code."""
    code = [
        ("".join(cell["source"]), cell.get("metadata", {}).get("tags", []))
        for cell in cells
        if cell["cell_type"] == "code"
    ]
    return digest(code_digest(), agency, orjson.dumps([parameters, code], option=orjson.OPT_SORT_KEYS))


def contents_key(key: str, root: Path, reads: list[str]) -> str:
    """The key of a chapter's results: its code and the contents of what it reads.

    ``reads`` are relative to ``root``; ``annuario.execution.reads`` says what they are.
    """
    once = cache(Path.read_bytes)  # a chapter asks a table hundreds of questions
    return digest(key, *(f"{read}={_content(root, read, once)}" for read in sorted(reads)))


def _content(root: Path, read: str, once: Callable[[Path], bytes]) -> str:
    name, _, asked = read.partition(ASKS)
    path = root / name
    if asked.startswith(ROWS):
        return digest_of(path, asked.removeprefix(ROWS), once)
    if not asked:
        return file_digest(path)
    if asked == NAMES:
        try:
            return digest(*sorted(set(os.listdir(path)) - SKIPPED))
        except OSError:
            return "absent"
    kind, section = asked[: len(SECTION)], asked[len(SECTION) :]
    text = commentary.section(path.parent, path.stem, section)
    return digest(text) if kind == SECTION_TEXT else str(bool(text))
