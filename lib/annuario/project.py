"""The project on disk: its root folder, its configuration, its books."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from annuario import configuration
from annuario.errors import BookError
from annuario.messages import say

CONFIG = "_quarto.yml"


@dataclass(frozen=True)
class Book:
    """One yearly book: its name, its title and its chapters in order.

    ``chapters`` are the notebooks' paths, absolute. ``reconstructed`` says whether years
    without a published edition can be built from what later editions print; ``day``
    (``MM-DD``) is the day of its year that a book is about; ``opening`` declares what it opens with
    (``annuario.book.opening``).

    >>> book = progetto.books["relazione"]
    >>> book.title, [path.name for path in book.chapters], book.reconstructed, book.texts.name
    ('Relazione', ['in-sintesi.ipynb', 'prestiti.ipynb'], False, 'testi')
    """

    name: str
    title: str
    chapters: tuple[Path, ...]
    reconstructed: bool = False
    day: str = "12-31"
    opening: Mapping = field(default_factory=dict)
    folder: str = "testi"

    @property
    def texts(self) -> Path:
        """Folder of the commentary that belongs to one edition each."""
        return self.chapters[0].parents[1] / self.name / self.folder  # beside the notebooks


@dataclass(frozen=True)
class Project:
    """A folder with ``_quarto.yml``, ``data/`` and ``notebooks/``.

    Of ``extracts`` the books are those of one territory each: with the chapters of ``estratto``, without an opening,
    their commentary in ``estratti``; books that declare none are left out.

    >>> progetto.agency, list(progetto.books), progetto.config["lang"]
    ('Biblioteca di esempio', ['relazione'], 'it')
    >>> Project(progetto.root, extracts=True).books  # the example has none
    {}
    >>> Project(cartella).config
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: .../_quarto.yml: cannot be read (No such file or directory).
    """

    root: Path
    extracts: bool = False

    @cached_property
    def config(self) -> dict:
        """The parsed ``_quarto.yml``.

        Raises BookError with a line for each thing that is wrong in it.
        """
        return configuration.read(self.root / CONFIG)

    @property
    def agency(self) -> str:
        """Name of the agency, as printed on the cover."""
        return str(self.config["annuario"]["ente"])

    @cached_property
    def books(self) -> dict[str, Book]:
        """The books declared in ``_quarto.yml``, by name.

        Raises BookError for chapters that do not exist.
        """
        books, problems = {}, []
        listed = "estratto" if self.extracts else "capitoli"
        for name, entry in self.config["annuario"]["libri"].items():
            if listed not in entry:
                continue
            chapters = tuple(self.root / "notebooks" / chapter for chapter in entry[listed])
            problems += [
                say(
                    "{path}: chapter {notebook} of the book «{name}» does not exist: write the notebook or take "
                    "it off the list.",
                    path=self.root / CONFIG,
                    notebook=path.relative_to(self.root),
                    name=name,
                )
                for path in chapters
                if not path.is_file()
            ]
            books[name] = Book(
                name,
                str(entry["titolo"]),
                chapters,
                entry.get("ricostruito", False),
                entry.get("giorno", "12-31"),
                (not self.extracts and entry.get("apertura")) or {},
                "estratti" if self.extracts else "testi",
            )
        if problems:
            raise BookError("\n".join(problems))
        return books


def language(*named: str) -> str:
    """The ``lang`` of the project around the working directory, as far as it can be read; nothing elsewhere.

    Outside a project that of the one which something ``named`` is or holds, such as an archive.

    >>> language()
    'it'
    """
    try:
        files = [find().root / CONFIG]
    except BookError:
        files = [file for name in named if name for file in (Path(name, CONFIG), *_within(name))]
    for file in files:
        try:
            text = file.read_text(encoding="utf-8-sig", errors="replace")
        except (OSError, ValueError):
            continue
        if found := re.search(r"^[ \t]*lang:[ \t]*[\"']?([A-Za-z-]+)", text, re.MULTILINE):
            return found[1]
    return ""


def _within(name: str) -> list[Path]:
    """The configurations of the projects that a folder holds."""
    try:
        return sorted(Path(name).glob(f"*/{CONFIG}"))
    except (OSError, ValueError):
        return []


def find(start: Path | None = None) -> Project:
    """The project around ``start`` (default: the working directory).

    The environment variable ``ANNUARIO_ROOT`` comes first: the engine sets it for
    the chapters' processes, whose working directory is the notebook's.

    Raises BookError where no folder upwards holds ``_quarto.yml`` and ``data/``.

    >>> find(progetto.root / "notebooks" / "relazione").root == progetto.root
    True
    >>> find(cartella)
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: ...: neither this folder nor one above it is an Annuario project ...
    """
    if start is None and "ANNUARIO_ROOT" in os.environ:
        return Project(Path(os.environ["ANNUARIO_ROOT"]))
    here = Path(start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / CONFIG).is_file() and (folder / "data" / "datapackage.json").is_file():
            return Project(folder)
    raise BookError(
        say(
            "{here}: neither this folder nor one above it is an Annuario project ({config} and "
            "data/datapackage.json): change to the project's folder.",
            here=here,
            config=CONFIG,
        )
    )
