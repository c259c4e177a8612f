"""Editions: one book of one year, published or reconstructed.

A published edition is a document the agency printed; its figures carry its
identifier in the column ``edizione``. A reconstructed edition is a year between
published ones, for which later documents print the figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annuario.data.roles import EDITIONS
from annuario.errors import BookError
from annuario.project import Project

if TYPE_CHECKING:
    from annuario.data import Package


@dataclass(frozen=True, order=True)
class Edition:
    """One book of one year."""

    book: str
    year: int
    published: bool = True

    def __str__(self) -> str:
        return f"{self.book}-{self.year}"


def published(package: Package) -> list[Edition]:
    """The editions that the agency published, from the table ``edizioni``."""
    rows = package.read(EDITIONS)
    return [Edition(row.libro, row.anno) for row in rows.itertuples()]


def available(project: Project, package: Package) -> list[Edition]:
    """Every edition that can be built, newest first within each book.

    A year is available when its book has a published edition in that year or, for a
    book that may be reconstructed, in a later one: from two years before the first
    published edition on (each report prints three years).
    """
    editions = []
    known = set(published(package))
    for book in project.books.values():
        years = sorted((e.year for e in known if e.book == book.name), reverse=True)
        if book.reconstructed and years:
            years = range(years[0], years[-1] - 3, -1)
        editions += [Edition(book.name, year, Edition(book.name, year) in known) for year in years]
    return editions


def parse(text: str, project: Project, package: Package) -> Edition:
    """The edition named ``text``, such as ``relazione-2025``.

    Raises BookError for an unknown book or year, with the list of those that exist.
    """
    choice = available(project, package)
    match = re.fullmatch(r"([a-z-]+)-(\d{4})", text)
    if match:
        for edition in choice:
            if (edition.book, edition.year) == (match[1], int(match[2])):
                return edition
    if not choice:
        raise BookError(f"{package.path('edizioni')}: there is no edition of the books in _quarto.yml: add a row.")
    names = ", ".join(str(e) for e in choice)
    raise BookError(f"Unknown edition «{text}»: choose one of {names}.")
