"""Editions: one book of one year, published, reconstructed or a draft.

A published edition is a document the agency printed; its figures carry its
identifier in the column ``edizione``. A reconstructed edition is a year between
published ones, for which later documents print the figures. A draft is an edition in the
making: its row in the table of editions says ``bozza`` in ``stato``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annuario.data.roles import EDITIONS
from annuario.errors import BookError
from annuario.messages import say
from annuario.project import Project

if TYPE_CHECKING:
    from annuario.data import Package


@dataclass(frozen=True, order=True)
class Edition:
    """One book of one year.

    >>> str(Edition("relazione", 2025)), Edition("relazione", 2024, published=False).reconstructed
    ('relazione-2025', True)
    >>> max(Edition("relazione", 2024), Edition("relazione", 2025)).year
    2025
    """

    book: str
    year: int
    published: bool = True
    draft: bool = False

    @property
    def reconstructed(self) -> bool:
        """Whether it has no document of its own."""
        return not self.published and not self.draft

    def __str__(self) -> str:
        return f"{self.book}-{self.year}"


def declared(package: Package) -> list[Edition]:
    """The editions of the table ``edizioni``: published ones, and drafts.

    >>> declared(esempio)
    [Edition(book='relazione', year=2025, published=True, draft=False)]
    """
    rows, drafts = package.whole(EDITIONS).frame, package.drafts
    return [
        Edition(row.libro, row.anno, row.edizione not in drafts, row.edizione in drafts) for row in rows.itertuples()
    ]


def published(package: Package) -> list[Edition]:
    """The editions that the agency published.

    >>> [str(edition) for edition in published(esempio)]
    ['relazione-2025']
    """
    return [edition for edition in declared(package) if edition.published]


def available(project: Project, package: Package) -> list[Edition]:
    """Every edition that can be built, newest first within each book.

    A year is available when its book has a published edition or a draft of that year or, for
    a book that may be reconstructed, a published one of a later year: from two years before
    the first published edition on (each report prints three years).

    >>> [str(edition) for edition in available(progetto, esempio)]
    ['relazione-2025']
    """
    editions = []
    known = declared(package)
    for book in project.books.values():
        own = {edition.year: edition for edition in known if edition.book == book.name}
        years = [year for year, edition in own.items() if edition.published]
        if book.reconstructed and years:
            for year in range(min(years) - 2, max(years)):
                own.setdefault(year, Edition(book.name, year, published=False))
        editions += [own[year] for year in sorted(own, reverse=True)]
    return editions


def newest(book: str, project: Project, package: Package) -> Edition:
    """The newest edition of a book that is out; a draft only where there is no other: it is asked for by its name.

    Raises BookError where the book has none.

    >>> str(newest("relazione", progetto, esempio))
    'relazione-2025'
    >>> newest("piano", progetto, esempio)
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: ... there is no edition of the book «piano»: add a row to its table of editions.
    """
    editions = [edition for edition in available(project, package) if edition.book == book]
    if not editions:
        raise BookError(
            say(
                "{folder}: there is no edition of the book «{book}»: add a row to its table of editions.",
                folder=package.folder,
                book=book,
            )
        )
    return next((edition for edition in editions if not edition.draft), editions[0])


def parse(text: str, project: Project, package: Package) -> Edition:
    """The edition named ``text``, such as ``relazione-2025``.

    Raises BookError for an unknown book or year, with the list of those that exist.

    >>> parse("relazione-2025", progetto, esempio)
    Edition(book='relazione', year=2025, published=True, draft=False)
    >>> parse("relazione-2031", progetto, esempio)
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: Unknown edition «relazione-2031»: choose one of relazione-2025.
    """
    choice = available(project, package)
    match = re.fullmatch(r"([a-z-]+)-(\d{4})", text)
    if match:
        for edition in choice:
            if (edition.book, edition.year) == (match[1], int(match[2])):
                return edition
    if not choice:
        raise BookError(
            say("{path}: there is no edition of the books in _quarto.yml: add a row.", path=package.path("edizioni"))
        )
    names = ", ".join(str(e) for e in choice)
    raise BookError(say("Unknown edition «{text}»: choose one of {names}.", text=text, names=names))
