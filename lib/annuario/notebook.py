"""What a chapter opens with: the edition, its data and its commentary."""

from __future__ import annotations

import re
from decimal import Decimal

from annuario import editions, project
from annuario.data import Package, Vintage
from annuario.errors import BookError


class Markdown(str):
    """Text that is Markdown already: put into the book as it is, not escaped."""

    def _repr_markdown_(self) -> str:
        return str(self)


class Chapter(Vintage):
    """The data as one edition sees them, with the commentary of that edition."""

    def __init__(self, project_: project.Project, package: Package, edition: editions.Edition):
        super().__init__(package, edition.book, edition.year)
        self.project = project_
        self.edition = edition

    def text(self, chapter: str, section: str) -> Markdown:
        """A section of the edition's own commentary, or nothing.

        Reads ``notebooks/<book>/testi/<edition>/<chapter>.md``, where a first-level
        heading opens each section. A chapter or section that the edition lacks is
        empty: not every year has something of its own to say.
        """
        path = self.project.books[self.book].texts / self.id / f"{chapter}.md"
        if not path.is_file():
            return Markdown()
        parts = re.split(r"^# +(.+?) *$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        return Markdown(dict(zip(parts[1::2], parts[2::2])).get(section, "").strip())


def open_edition(name: str) -> Chapter:
    """Open an edition in a notebook: ``libro = open_edition(edizione)``.

    Raises BookError for an unknown edition.
    """
    here = project.find()
    package = Package(here.root / "data")
    return Chapter(here, package, editions.parse(name, here, package))


def change(new: Decimal | None, old: Decimal | None) -> Decimal | None:
    """Change from ``old`` to ``new`` in percent, or None where it has no meaning."""
    if new is None or not old:
        return None
    return (new - old) / old * 100


__all__ = ["BookError", "Chapter", "Markdown", "change", "open_edition"]
