"""An archive of one edition: the book with all that it was made from, and the checksum of every file.

``libro/`` is the book, ``progetto/`` the configuration, data, notebooks and Python that made it,
``ambiente.txt`` the versions of what was installed. ``SHA256SUMS`` has the form that
``sha256sum --check`` reads, so that no program of today is needed to see whether all is there.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

from annuario.book import finished
from annuario.errors import BookError, CheckError
from annuario.messages import say
from annuario.project import Project

BOOK, SOURCES, SUMS, PLACE, READ = "libro", "progetto", "SHA256SUMS", "ambiente.txt", "LEGGIMI.md"
#: What of a project a book is made from, or can be made with again.
KEPT = (
    "_quarto.yml",
    "data",
    "notebooks",
    "lib",
    "requirements.lock",
    "pyproject.toml",
    "environment.yml",
    "LICENSE",
    "README.md",
)
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "*.pyc", ".~lock*", "~$*")
TOLD = """# {title}

Archivio dell'edizione {name}.

- `{book}/`: il libro, in tutte le forme costruite, con i dati aperti e i grafici;
- `{sources}/`: ciò da cui è fatto: dati, notebook, configurazione, programma;
- `{place}`: le versioni di ciò che era installato ({python});
- `{sums}`: l'impronta di ogni file.

Per controllare che nulla sia cambiato: `sha256sum --check {sums}`, oppure `annuario verify` su questa cartella.
Per rifare il libro, byte per byte: installare in un ambiente nuovo le versioni di `{place}` (o quelle di
`{sources}/requirements.lock`), poi `annuario verify --rebuild` su questa cartella; a mano, in `{sources}/`:
`PYTHONPATH=lib python -m annuario build {name} --format {formats} --engine {engine} --out ../nuovo`.
"""


def write(project: Project, name: str, built: Path, target: Path, formats: tuple[str, ...], engine: str) -> Path:
    """Write the archive of the edition ``name``, built in the folder ``built``, into ``target``.

    Raises BookError where ``target`` holds something already, or cannot be written.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BookError(
            say(
                "{target}: holds something already: an archive is never written over: choose another folder with --to.",
                target=target,
            )
        )
    new = target.with_name(f".{target.name}.nuovo")
    try:
        shutil.rmtree(new, ignore_errors=True)
        for part in {*finished.FOLDERS, *(finished.made(name, form) for form in finished.FORMATS)}:
            _copy(built / part, new / BOOK / part)
        for part in KEPT:
            _copy(project.root / part, new / SOURCES / part)
        engine_code = Path(__file__).parents[1]
        shutil.copytree(engine_code, new / SOURCES / "lib" / "annuario", dirs_exist_ok=True, ignore=LEFT_OUT)
        (new / PLACE).write_text(_environment(), encoding="utf-8", newline="\n")
        title = f"{project.books[name.rpartition('-')[0]].title} {name.rpartition('-')[2]}, {project.agency}"
        told = TOLD.format(
            title=title, name=name, book=BOOK, sources=SOURCES, place=PLACE, sums=SUMS, engine=engine,
            python=f"Python {platform.python_version()}", formats=",".join(formats),
        )  # fmt: skip
        (new / READ).write_text(told, encoding="utf-8", newline="\n")
        lines = [f"{_sum(path)}  {path.relative_to(new).as_posix()}\n" for path in _files(new)]
        (new / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")
        if target.is_dir():
            target.rmdir()
        new.rename(target)
    except OSError as error:
        raise finished.unwritable(error, target) from error
    return target


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=LEFT_OUT)
    elif source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def verify(folder: Path) -> int:
    """See whether every file of an archive is what it was; how many there are.

    Raises BookError for a folder that is no archive, CheckError with a line for each file that
    differs, is missing or was put in later.
    """
    listed = _listed(folder)
    there = {path.relative_to(folder).as_posix() for path in _files(folder)} - {SUMS}
    problems = []
    for name in sorted(listed.keys() | there):
        if name not in there:
            problems.append(say("{path}: is missing.", path=folder / name))
        elif name not in listed:
            problems.append(say("{path}: was not in the archive.", path=folder / name))
        elif _sum(folder / name) != listed[name]:
            problems.append(say("{path}: differs from what was archived.", path=folder / name))
    if problems:
        raise CheckError("\n".join(problems))
    return len(listed)


def rebuild(folder: Path) -> int:
    """Build the book of an archive again from its own data, notebooks and program; how many files are the same.

    Raises CheckError with a line for each file that comes out otherwise, naming what is installed
    in another version; BookError where the book cannot be built.
    """
    listed = _listed(folder)
    told = (folder / READ).read_text(encoding="utf-8") if (folder / READ).is_file() else ""
    how = re.search(r"annuario build (\S+) --format (\S+) --engine (\S+)", told)
    if not how:
        raise BookError(
            say("{path}: does not say how the book was built: this is no whole archive.", path=folder / READ)
        )
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / SOURCES  # the archive is only read
        shutil.copytree(folder / SOURCES, copy)
        command = [
            sys.executable,
            "-m",
            "annuario",
            "build",
            how[1],
            "--format",
            how[2],
            "--engine",
            how[3],
            "--no-cache",
        ]
        environment = {key: value for key, value in os.environ.items() if key != "ANNUARIO_ROOT"}
        environment |= {"PYTHONPATH": str(copy / "lib"), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [*command, "--out", str(Path(name) / "nuovo")], cwd=copy, env=environment, capture_output=True,
            encoding="utf-8", errors="replace", check=False,
        )  # fmt: skip
        if done.returncode:
            raise BookError(
                say(
                    "{folder}: cannot be built again: {said}",
                    folder=folder,
                    said=done.stderr.strip() or done.stdout.strip(),
                )
            )
        new = Path(name) / "nuovo" / how[1]
        book = {path.removeprefix(f"{BOOK}/"): kept for path, kept in listed.items() if path.startswith(f"{BOOK}/")}
        wrong = [
            say("{path}: comes out otherwise.", path=folder / BOOK / path)
            if (new / path).is_file()
            else say("{path}: is not made again.", path=folder / BOOK / path)
            for path, kept in book.items()
            if not (new / path).is_file() or _sum(new / path) != kept
        ]
    if wrong:
        kept = set((folder / PLACE).read_text(encoding="utf-8").splitlines())
        others = sorted(set(_environment().splitlines()) - kept)
        hint = (
            [
                say(
                    "{path}: installed here in another version: {others}.",
                    path=folder / PLACE,
                    others=", ".join(others[:12]),
                )
            ]
            if others
            else []
        )
        raise CheckError("\n".join([*wrong, *hint]))
    return len(book)


def _listed(folder: Path) -> dict[str, str]:
    """The checksums of an archive, by file."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BookError(
            say("{path}: cannot be read: this is no archive made by «annuario archive».", path=folder / SUMS)
        ) from error
    found = {}
    for number, line in enumerate(lines, 1):
        kept, _, name = line.partition("  ")
        if not re.fullmatch("[0-9a-f]{64}", kept) or not name:
            raise BookError(say("{path}, line {line}: is no checksum with a name.", path=folder / SUMS, line=number))
        found[name] = kept
    return found


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_symlink() or path.is_file())


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _environment() -> str:
    """The Python and the packages that are installed, each with its version."""
    found = {f"{one.metadata['Name'].lower()}=={one.version}" for one in distributions() if one.metadata["Name"]}
    return "\n".join([f"# Python {platform.python_version()}", *sorted(found)]) + "\n"
