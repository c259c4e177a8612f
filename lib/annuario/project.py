"""The project on disk: its root folder, its configuration, its books."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from annuario.errors import BookError
from annuario.inline import YAML

CONFIG = "_quarto.yml"


@dataclass(frozen=True)
class Book:
    """One yearly book: its name, its title and its chapters in order.

    ``chapters`` are the notebooks' paths, absolute. ``reconstructed`` says whether years
    without a published edition can be built from what later editions print; ``day``
    (``MM-DD``) is the day of its year that a book is about, its date on the cover.
    """

    name: str
    title: str
    chapters: tuple[Path, ...]
    reconstructed: bool = False
    day: str = "12-31"

    @property
    def texts(self) -> Path:
        """Folder of the commentary that belongs to one edition each."""
        return self.chapters[0].parents[1] / self.name / "testi"  # beside the notebooks


@dataclass(frozen=True)
class Project:
    """A folder with ``_quarto.yml``, ``data/`` and ``notebooks/``."""

    root: Path

    @cached_property
    def config(self) -> dict:
        """The parsed ``_quarto.yml``."""
        path = self.root / CONFIG
        try:
            config = yaml.load(path.read_text(encoding="utf-8"), YAML)
        except OSError as error:
            raise BookError(f"{path}: cannot be read ({error.strerror}).") from error
        except yaml.YAMLError as error:
            raise BookError(f"{path}: not valid YAML: {error}.") from error
        if not isinstance(config, dict) or "annuario" not in config:
            raise BookError(f"{path}: the section «annuario» is missing: add the agency and its books.")
        return config

    @property
    def agency(self) -> str:
        """Name of the agency, as printed on the cover."""
        return str(self._told(self.config["annuario"], "ente", "annuario"))

    @cached_property
    def books(self) -> dict[str, Book]:
        """The books declared in ``_quarto.yml``, by name."""
        books = {}
        for name, entry in self._told(self.config["annuario"], "libri", "annuario").items():
            place = f"annuario, libri, {name}"
            chapters = tuple(self.root / "notebooks" / chapter for chapter in self._told(entry, "capitoli", place))
            for path in chapters:
                if not path.is_file():
                    raise BookError(
                        f"{self.root / CONFIG}: chapter {path.relative_to(self.root)} of the book "
                        f"«{name}» does not exist: write the notebook or take it off the list."
                    )
            books[name] = Book(
                name,
                str(self._told(entry, "titolo", place)),
                chapters,
                bool(entry.get("ricostruito", False)),
                str(entry.get("giorno", "12-31")),
            )
        return books

    def _told(self, section: object, key: str, place: str) -> object:
        """What a section of the configuration says, which must say it."""
        if not isinstance(section, dict) or not section.get(key):
            raise BookError(f"{self.root / CONFIG}: under «{place}» there is no «{key}»: add it.")
        return section[key]


def find(start: Path | None = None) -> Project:
    """The project around ``start`` (default: the working directory).

    The environment variable ``ANNUARIO_ROOT`` comes first: the engine sets it for
    the kernels, whose working directory is the notebook's.

    Raises BookError where no folder upwards holds ``_quarto.yml`` and ``data/``.
    """
    if start is None and "ANNUARIO_ROOT" in os.environ:
        return Project(Path(os.environ["ANNUARIO_ROOT"]))
    here = Path(start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / CONFIG).is_file() and (folder / "data" / "datapackage.json").is_file():
            return Project(folder)
    raise BookError(
        f"{here}: neither this folder nor one above it is an Annuario project "
        f"({CONFIG} and data/datapackage.json): change to the project's folder."
    )
