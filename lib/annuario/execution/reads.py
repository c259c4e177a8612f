"""What a chapter depends on besides its code, seen from within its process.

Python tells of every file that is opened and of every folder that is listed (audit events);
questions whether a file exists are seen through ``os.stat`` and ``os.access``. What concerns the project is
collected in ``annuario.data.package.READS``; what nobody can follow (another program, the network, a
file elsewhere) is named, and a chapter that does it is not kept.

A read is a path, or a path and a question about it: see ``annuario.execution.cache``.
"""

from __future__ import annotations

import importlib
import os
import sys
import sysconfig
from contextlib import suppress
from importlib.util import source_from_cache
from pathlib import Path
from types import CodeType

from annuario import agency
from annuario.data.package import READS, is_unwatched, unwatched
from annuario.data.questions import ASKS
from annuario.errors import BookError
from annuario.execution.cache import NAMES, SKIPPED

#: The editions that the chapter opened; those opened for a comparison are marked so.
OPENED: set[tuple[str, bool]] = set()
#: What was done that cannot be followed, in words.
UNTRACKED: set[str] = set()

_ELSEWHERE = {
    "os.exec": "another program", "os.fork": "another process", "os.forkpty": "another process",
    "os.posix_spawn": "another program", "os.spawn": "another program", "os.startfile": "another program",
    "os.system": "another program", "pty.spawn": "another program", "subprocess.Popen": "another program",
    "socket.connect": "the network", "socket.getaddrinfo": "the network", "socket.sendto": "the network",
    "sqlite3.connect": "a database",
}  # fmt: skip
_CHANGES = ("os.link", "os.remove", "os.rename", "os.symlink", "os.truncate")
#: Names in a chapter's code that ask for what changes while no file does.
_PASSING = {
    "ctime": "the clock", "gmtime": "the clock", "localtime": "the clock", "monotonic": "the clock",
    "now": "the clock", "perf_counter": "the clock", "time": "the clock", "time_ns": "the clock",
    "today": "the clock", "utcnow": "the clock", "environ": "the environment", "environb": "the environment",
    "getenv": "the environment", "getenvb": "the environment", "getlogin": "the user's name",
    "getpass": "the user's name", "getuser": "the user's name", "gethostname": "the machine's name",
    "uname": "the machine's name",
}  # fmt: skip
_EVENTS = frozenset(("exec", "open", "import", "os.listdir", "os.scandir", "os.mkdir", *_ELSEWHERE, *_CHANGES))
#: Libraries that open files on their own, unseen.
_NATIVE = frozenset(
    ("cv2", "dbm", "duckdb", "fiona", "h5py", "lxml", "netCDF4", "polars", "pyarrow", "pyogrio", "rasterio", "tables")
)
_PACKAGE = str(Path(__file__).parents[1])
_made: set[str] = set()


def told() -> dict:
    """What the chapter read so far, what it did that cannot be followed, and the editions that it opened."""
    read = [name.partition(ASKS) for name in READS]
    found = {os.path.normpath(path) + asks + asked for path, asks, asked in read if os.path.isabs(path)}
    return {"reads": sorted(found), "untracked": sorted(UNTRACKED), "opened": sorted(OPENED)}


def begin() -> None:
    """Record from now on what this process does with the project that it runs a chapter of, if any."""
    if "ANNUARIO_ROOT" not in os.environ:
        return
    root = os.path.abspath(os.environ["ANNUARIO_ROOT"])
    inside = root.rstrip(os.sep) + os.sep
    installed = {sys.prefix, sys.base_prefix, sys.exec_prefix, _PACKAGE, *sysconfig.get_paths().values()}
    folders = [path.rstrip(os.sep) + os.sep for path in installed]
    libraries = tuple(folder for folder in folders if not inside.startswith(folder))
    cells = "<ipython-input-"  # the names that cells have in a traceback
    system = (
        *(
            f"/{name}/"
            for name in ("bin", "dev", "etc", "lib", "lib64", "opt", "proc", "sys", "usr", "Library", "System")
        ),
        cells,
        os.path.join(os.environ.get("SYSTEMROOT", "/usr"), ""),
        os.path.join(os.path.expanduser("~"), "."),
    )
    machinery = ("<frozen importlib", os.path.dirname(importlib.__file__))
    code: set[str] = set()  # the agency's modules: part of every chapter's key, whoever imports them first
    with suppress(BookError):  # reported where its code is needed
        agency.load(Path(root))  # a chapter that looks for it first would depend on where it might have been
        code = {os.path.abspath(path) for path in agency.sources(Path(root))}

    def belongs(path: str) -> bool | None:
        """Whether a file is the project's; None for one that no chapter depends on."""
        if path.startswith(libraries) or path in code:
            return None
        if path.startswith(inside) or path == root:
            return None if SKIPPED.intersection(path[len(inside) :].split(os.sep)) else True
        return None if path.startswith(system) else False

    def own(path: str) -> bool:
        """Whether the chapter itself has made a file, or a folder around it."""
        return path in _made or any(str(folder) in _made for folder in Path(path).parents)

    def opened(given: int | str | bytes, mode: object, flags: int) -> None:
        if isinstance(given, int):
            return
        path = os.path.abspath(os.fsdecode(given))
        if "<" in path:  # what tracebacks call code that has no file
            return
        if path.endswith(".pyc"):
            with suppress(ValueError):
                path = source_from_cache(path)
        mine = belongs(path)
        if mine is None:
            return
        writes = set(mode) & set("wx") if isinstance(mode, str) else flags & (os.O_TRUNC | os.O_EXCL)
        changes = writes or (set(mode) & set("a+") if isinstance(mode, str) else flags & (os.O_WRONLY | os.O_RDWR))
        if changes and mine:
            UNTRACKED.add(f"it writes {path}")
        if writes:
            _made.add(path)
        elif mine:
            READS.add(path)
        elif not own(path):
            UNTRACKED.add(f"it reads {path}, outside the project")

    def listed(given: int | str | bytes | None) -> None:
        # looking for modules and plugins lists folders too; modules are asked for by name
        if isinstance(given, int) or sys._getframe(2).f_code.co_filename.startswith(machinery):
            return
        path = os.path.abspath(os.fsdecode(given or "."))
        mine = belongs(path)
        if mine:
            READS.add(f"{path}{ASKS}{NAMES}")
        elif mine is False and not own(path):
            UNTRACKED.add(f"it lists {path}, outside the project")

    def imported(name: str) -> None:
        top = name.partition(".")[0]
        if top in _NATIVE:
            UNTRACKED.add(f"it uses {top}, which opens files unseen")
        if name != top or top in sys.stdlib_module_names:
            return
        for entry in sys.path:
            folder = os.path.abspath(entry or ".")
            if belongs(os.path.join(folder, "x")):
                READS.update(
                    os.path.join(folder, candidate) for candidate in (f"{top}.py", os.path.join(top, "__init__.py"))
                )

    def executed(code: object) -> None:
        named = (inside, cells, "<string>")  # files, cells, expressions
        if not isinstance(code, CodeType) or not code.co_filename.startswith(named):
            return
        for name in sorted(_PASSING.keys() & set(code.co_names)):
            UNTRACKED.add(f"it asks for {_PASSING[name]} ({name})")
        for part in code.co_consts:  # the functions that it defines
            executed(part)

    def hook(event: str, given: tuple) -> None:
        if event not in _EVENTS or is_unwatched():
            return
        with unwatched():
            if event == "open":
                opened(*given)
            elif event == "import":
                imported(given[0])
            elif event == "exec":
                executed(given[0])
            elif event in _ELSEWHERE:
                if event != "sqlite3.connect" or given[0] != ":memory:":
                    UNTRACKED.add(f"it uses {_ELSEWHERE[event]} ({event})")
            elif event == "os.mkdir":
                _made.add(os.path.abspath(os.fsdecode(given[0])))
            elif event in _CHANGES:
                relative = any(isinstance(each, int) and each >= 0 for each in given)  # to a folder that is open
                for path in () if relative else given[:2]:
                    if isinstance(path, (str, bytes)) and belongs(os.path.abspath(os.fsdecode(path))):
                        UNTRACKED.add(f"it changes {os.fsdecode(path)}")
            else:
                listed(given[0])

    def noticing(ask):
        def stat(path, *others, **named):
            if not isinstance(path, int) and not named.get("dir_fd") and not is_unwatched():
                with unwatched():
                    full = os.path.abspath(os.fsdecode(path))
                    if belongs(full) and not os.path.isdir(full) and "<" not in full:
                        READS.add(full)
            return ask(path, *others, **named)

        for able in (os.supports_fd, os.supports_dir_fd, os.supports_follow_symlinks, os.supports_effective_ids):
            if ask in able:
                able.add(stat)
        return stat

    loaded = [vars(module).get("__file__") for module in list(sys.modules.values()) if hasattr(module, "__dict__")]
    READS.update(path for path in loaded if path and belongs(path))
    os.stat, os.lstat, os.access = noticing(os.stat), noticing(os.lstat), noticing(os.access)
    sys.addaudithook(hook)
