"""The folder of a finished edition: one build, made aside, put in place as one.

Beside ``output/<edition>`` a running build has ``output/.in-corso-<edition>``, which is its
own (:mod:`annuario.workplace`). There the new folder is made, whole; then the two change
places, in one step where the system has one. Elsewhere there are two, and whoever comes
next finishes what was killed between them.

The folder is the build's own; files that others have put into it are taken along.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from annuario.errors import BookError
from annuario.execution.cache import file_digest, fits
from annuario.messages import say, why
from annuario.workplace import claim, delete, release

FORMATS = ("html", "pdf", "docx", "epub", "site")
#: What a build makes unless it is told.
USUAL = ("html", "pdf")
STAMP = ".annuario.json"
NOTEBOOKS, DATA, SITE, CHARTS = "notebooks", "dati", "sito", "grafici"
FOLDERS = (NOTEBOOKS, DATA, SITE, CHARTS)
#: Where ``watch`` builds, in the output folder.
PREVIEW = ".anteprima"
#: A build's own folder, beside that of the edition; in it the new folder, and the old one while they change places.
ASIDE, NEW, OLD = ".in-corso-", "nuovo", "vecchio"
#: How long a build waits for another of the same edition, in seconds.
PATIENCE = 10
#: What a stamp says, of which the summary tells again where nothing has changed.
SUMMARY = {
    "edition": str,
    "chapters": int,
    "tables": int,
    "charts": int,
    "checks": int,
    "doubts": [str],
    "draft": str,
}
_STAMP = {
    "inputs": str,
    "untracked": bool,
    "elsewhere": {...: str},
    "data": str,
    "formats": [str],
    "summary": SUMMARY,
    "files": {...: str},
}
_EXCHANGE, _HERE = 2, -100  # RENAME_EXCHANGE and AT_FDCWD of Linux


def made(edition: str, form: str) -> str:
    """The name of the file or folder that a form of an edition is.

    >>> made("relazione-2025", "pdf"), made("relazione-2025", "site")
    ('relazione-2025.pdf', 'sito')
    """
    return SITE if form == "site" else f"{edition}.{form}"


@contextmanager
def aside(target: Path) -> Iterator[Path]:
    """A build's own folder beside ``target``, empty; deleted at the end.

    Raises BookError where another process builds the same edition, where the folder
    cannot be written, and where a file stands in the place of a folder to be made.
    """
    folder = target.parent / f"{ASIDE}{target.name}"
    for place in (target, *(target / part for part in FOLDERS)):
        if place.exists() and not place.is_dir():
            raise BookError(
                say("{place}: a folder is to be written here, and this is a file: move it away.", place=place)
            )
    for place in (target / made(target.name, form) for form in FORMATS if form != "site"):
        if place.is_dir():
            raise BookError(
                say("{place}: a file is to be written here, and this is a folder: move it away.", place=place)
            )
    try:
        lock = claim(folder, PATIENCE)
    except OSError as error:
        raise unwritable(error, target) from error
    if lock is None:
        raise BookError(
            say("{target}: another process is building this edition: wait until it has ended.", target=target)
        )
    try:
        _recover(folder, target)
        yield folder
    finally:
        _recover(folder, target)
        release(folder, lock)


def put(new: Path, target: Path) -> None:
    """Let a folder made within :func:`aside` take the place of the finished one.

    Raises BookError where the finished one cannot be moved: all is then as it was.
    """
    try:
        if not target.exists():
            os.rename(new, target)
        elif not _exchange(new, target):
            old = new.with_name(OLD)
            os.rename(target, old)
            try:
                os.rename(new, target)
            except OSError:
                os.rename(old, target)
                raise
    except OSError as error:
        raise BookError(
            say(
                "{target}: cannot be replaced ({why}): is a file in it open in another program? Close it "
                "and build again.",
                target=target,
                why=why(error),
            )
        ) from error


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False where the system or the disk knows none."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
        return False
    raise OSError(number, os.strerror(number), str(other))


def _recover(folder: Path, target: Path) -> None:
    """Finish what was ended between two steps, take along the files of others, empty the build's own folder."""
    if (folder / OLD).is_dir() and not target.exists():
        os.rename(folder / (NEW if (folder / NEW).is_dir() else OLD), target)
    for left in (folder / NEW, folder / OLD):
        for path in _foreign(left, target.name) if target.is_dir() else ():
            place = target / path.relative_to(left)
            if not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                os.rename(path, place)
        delete(left)
    for path in folder.iterdir():
        if path.is_dir():
            delete(path)


def _foreign(folder: Path, edition: str) -> list[Path]:
    """The files in an edition's folder that no build has made."""
    listed = set(stamped(folder).get("files", ()))
    own = {STAMP, *(made(edition, form) for form in FORMATS)}
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        kept = name.as_posix() in listed if listed else name.parts[0] in FOLDERS
        aside = kept or name.as_posix() in own or name.parts[0].startswith(ASIDE)
        if not aside and (path.is_symlink() or not path.is_dir()):
            found.append(path)
    return found


def sweep(out: Path) -> None:
    """Finish and delete what killed builds have left in an output folder; a running build's is left alone."""
    for folder in [*out.glob(f"{ASIDE}*"), *(out / PREVIEW).glob(f"{ASIDE}*")]:
        try:
            lock = claim(folder)
            if lock:
                _recover(folder, folder.with_name(folder.name.removeprefix(ASIDE)))
                release(folder, lock)
        except OSError:
            pass  # this build may have nothing to do with it


def stamped(target: Path) -> dict:
    """What a finished book was made from, and the digests of its files; nothing where there is no book."""
    try:
        stamp = json.loads((target / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if fits(stamp, _STAMP) else {}


def stands(stamp: dict, target: Path, *parts: str) -> bool:
    """Whether some files or folders of a finished book, or all, are as its build has left them."""
    files = {
        name: kept for name, kept in stamp["files"].items()
        if not parts or any(name == part or name.startswith(f"{part}/") for part in parts)
    }  # fmt: skip
    return bool(files) and all(file_digest(target / name) == kept for name, kept in files.items())


def stamp(folder: Path, made: dict) -> None:
    """Leave in a new folder what it was made from, with the digests of its files."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    found = {path.relative_to(folder).as_posix(): file_digest(path) for path in files}
    (folder / STAMP).write_text(json.dumps(made | {"files": found}, indent=1), encoding="utf-8")


def unwritable(error: OSError, target: Path) -> BookError:
    """The error of an output that cannot be written, in the book's form."""
    place, reason = error.filename or target, why(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        passing = Path(str(place)).is_relative_to(tempfile.gettempdir())
        if passing and not Path(str(place)).is_relative_to(target.parent):
            told = say(
                "{place}: cannot be written ({reason}): make room, or choose another folder for temporary files with "
                "TMPDIR.",
                place=place,
                reason=reason,
            )
        else:
            told = say(
                "{place}: cannot be written ({reason}): make room, or choose another folder with --out.",
                place=place,
                reason=reason,
            )
        return BookError(told)
    return BookError(
        say(
            "{place}: cannot be written or read ({reason}): mend that, or choose another folder with --out.",
            place=place,
            reason=reason,
        )
    )
