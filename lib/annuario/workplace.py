"""Folders that belong to a running process, and are swept once it has ended, however it did.

A folder is claimed by a lock of the system's on a file in it: the lock vanishes with its
process, so that who can take the lock knows that the folder is nobody's any more.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import BinaryIO

#: The file in a claimed folder that is locked.
LOCK = ".blocco"
#: What the folders of temporary files are called, in the system's own.
TEMPORARY = "annuario-"

if sys.platform == "win32":
    import msvcrt

    def lock(file: BinaryIO) -> bool:
        """Lock a file for this process; False where another has it."""
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def lock(file: BinaryIO) -> bool:
        """Lock a file for this process; False where another has it."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def claim(folder: Path, patience: float = 0) -> BinaryIO | None:
    """Make a folder, unless it is there, and lock it: the lock, or None where another process keeps it.

    ``patience`` is how many seconds to wait for that process. Raises OSError where the
    folder cannot be made or locked.

    >>> file = claim(cartella)
    >>> claim(cartella) is None  # another holds it
    True
    >>> release(cartella, file)
    """
    end = time.monotonic() + patience
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            file = (folder / LOCK).open("ab")
        except FileNotFoundError:  # whoever had it has just deleted it
            continue
        mine = lock(file)
        if mine and _is(file, folder / LOCK):
            return file
        file.close()
        if not mine:
            if time.monotonic() >= end:
                return None
            time.sleep(0.05)


def _is(file: BinaryIO, path: Path) -> bool:
    """Whether a path still leads to an open file."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False


def release(folder: Path, file: BinaryIO) -> None:
    """Delete a claimed folder with all that it holds, also what processes that are just ending still write there."""
    _empty(folder)
    if sys.platform == "win32":  # an open file cannot be deleted there; another's cannot either
        file.close()
    with contextlib.suppress(OSError):
        (folder / LOCK).unlink(missing_ok=True)
    file.close()
    for _ in range(20):
        try:
            folder.rmdir()
            return
        except FileNotFoundError:
            return
        except OSError:
            if (folder / LOCK).exists():
                return  # another process has claimed it in the meantime
            time.sleep(0.05)
            _empty(folder)


def _empty(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        for path in folder.iterdir():
            if path.name != LOCK:
                delete(path)


def delete(path: Path) -> None:
    """Delete a file or a folder, as far as that can be done.

    >>> (cartella / "a.csv").touch()
    >>> delete(cartella / "a.csv")
    >>> delete(cartella / "a.csv")  # gone already
    """
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


class Temporary:
    """The temporary files of this process and of the programs that it runs, in a folder of its own.

    May be entered by several threads: the folder is there until the last of them leaves.
    """

    _NAMES = ("TMPDIR", "TEMP", "TMP")

    def __init__(self):
        self._guard = threading.Lock()
        self._inside = 0

    def __enter__(self) -> None:
        with self._guard:
            if not self._inside:
                self._enter()
            self._inside += 1

    def _enter(self) -> None:
        home = Path(tempfile.gettempdir())
        sweep_temporary(home)
        self._before = tempfile.tempdir, {name: os.environ.get(name) for name in self._NAMES}
        self._folder = home / f"{TEMPORARY}{os.urandom(4).hex()}"
        while (lock := claim(self._folder)) is None:  # another process has drawn the same name
            self._folder = home / f"{TEMPORARY}{os.urandom(4).hex()}"
        self._lock = lock
        self._folder.chmod(0o700)
        tempfile.tempdir = str(self._folder)
        os.environ.update(dict.fromkeys(self._NAMES, tempfile.tempdir))

    def __exit__(self, *error) -> None:
        with self._guard:
            self._inside -= 1
            if not self._inside:
                tempfile.tempdir, before = self._before
                for name, value in before.items():
                    if value is None:
                        os.environ.pop(name, None)
                    else:
                        os.environ[name] = value
                release(self._folder, self._lock)


TEMPORARY_FILES = Temporary()


def sweep_temporary(home: Path) -> None:
    """Delete the temporary files of processes that have ended: of folders that were claimed, no others."""
    for folder in home.glob(f"{TEMPORARY}{'[0-9a-f]' * 8}"):
        try:
            ours = not folder.is_symlink() and ((folder / LOCK).is_file() or not any(folder.iterdir()))
            if ours and _own(folder):
                left = claim(folder)
                if left:
                    release(folder, left)
        except OSError:
            pass  # another user's, or gone


def _own(folder: Path) -> bool:
    return sys.platform == "win32" or folder.stat().st_uid == os.getuid()
