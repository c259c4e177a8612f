"""What a chapter opens with: the edition, its data and its commentary."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

from annuario import project
from annuario.checks import confidential
from annuario.data import editions, territories
from annuario.data.expected import Expectations
from annuario.data.package import READS, Package, Veiled
from annuario.data.questions import ASKS
from annuario.data.roles import CORRECTIONS
from annuario.data.vintage import Vintage
from annuario.errors import BookError
from annuario.execution import displays, reads
from annuario.execution.cache import SECTION, SECTION_TEXT
from annuario.figures import Figure, Figures, Source, Year
from annuario.figures.territory import Territorio
from annuario.messages import say
from annuario.text import commentary, inline, unentered


class Markdown(str):
    """Text that is Markdown already: put into the book as it is, not escaped.

    >>> Markdown("**12 casi**")._repr_markdown_(), casi(12).conta._repr_markdown_()
    ('**12 casi**', '12 casi')
    """

    def _repr_markdown_(self) -> str:
        return str(self)


class Section:
    r"""A section of the commentary; it travels to the book by name (``marker``).

    Asking whether there is one (its truth) makes the chapter depend on that alone, showing it
    on nothing; used as a text it is one, and the chapter depends on what it says.

    >>> section = libro.text("gestione", "nessuna")
    >>> bool(section), str(section), len(section), section.marker
    (False, '', 0, '\x02gestione\x1fnessuna\x03')
    """

    def __init__(self, path: Path, name: str):
        self._path = path
        self._name = name
        self.marker = inline.SECTION.format(chapter=path.stem, section=name)

    def __bool__(self) -> bool:
        READS.add(self._read(SECTION))
        return self._text() != ""

    def __str__(self) -> str:
        READS.add(self._read(SECTION_TEXT))
        return self._text()

    def _repr_markdown_(self) -> str:
        return self._text()

    def __getattr__(self, name: str):
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(str(self), name)

    def __len__(self) -> int:
        return len(str(self))

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __contains__(self, part: str) -> bool:
        return part in str(self)

    def __getitem__(self, place):
        return str(self)[place]

    def __add__(self, other: object) -> str:
        return str(self) + str(other)

    def __radd__(self, other: object) -> str:
        return str(other) + str(self)

    def __format__(self, form: str) -> str:
        return format(str(self), form)

    def _text(self) -> str:
        with reads.unwatched():
            return commentary.section(self._path.parent, self._path.stem, self._name)

    def _read(self, what: str) -> str:
        return f"{self._path}{ASKS}{what}{self._name}"


class Texts:
    """The sections of a chapter's commentary, by name: ``testo.sub_ambiti`` is «sub-ambiti», or «sub ambiti».

    One that the edition lacks is absent: the paragraph that places it drops out.

    >>> testo = libro.testo("gestione")
    >>> testo.nessuna
    Traceback (most recent call last):
        ...
    annuario.text.unentered.NotWritten: gestione: nessuna (2025): nessun commento
    """

    def __init__(self, book: Chapter, chapter: str):
        self._book = book
        self._chapter = chapter

    def __getattr__(self, name: str) -> Section:
        if name.startswith("__"):
            raise AttributeError(name)
        for spelling in commentary.spellings(name):
            found = self._book.text(self._chapter, spelling)
            if found:
                return found
        raise unentered.NotWritten(self._chapter, name, self._book.year)


class Chapter(Vintage):
    """The data as one edition sees them, with its figures and its commentary.

    >>> libro.id, libro.anno, libro.edition.published, libro.ledger
    ('relazione-2025', 2025, True, 'sec-quadratura')
    """

    def __init__(self, project_: project.Project, package: Package, edition: editions.Edition):
        super().__init__(package, edition.book, edition.year)
        self.project = project_
        self.edition = edition
        self.called = self.id

    @property
    def anno(self) -> Year:
        """The edition's year, printed as a year."""
        return Year(self.year)

    @cached_property
    def ledger(self) -> str:
        """The label of the chapter that tells of the corrections, as their table declares it (``capitolo``); none without."""
        declared = self.package.resources[self.package.name(CORRECTIONS)] if self.package.has(CORRECTIONS) else {}
        label = declared.get("capitolo", "")
        with reads.unwatched():  # the chapter is no matter of this one
            chapters = self.project.books[self.book].chapters if label else ()
            return label if any(f"{{#{label}}}" in path.read_text(encoding="utf-8") for path in chapters) else ""

    @cached_property
    def _source(self) -> Source:
        return Source(self)

    def cifra(self, code: str) -> Figure:
        """The figure called ``code``: ``libro.cifra("tm-flussi/nuovi-casi")``. See ``annuario.figures.source``.

        >>> print(libro.cifra("tm-flussi/nuovi-casi").conta)
        318 casi
        """
        return self._source.figure(code)

    def cifre(self, code: str) -> Figures:
        """The figures of a group, or of a table's rows: ``libro.cifre("tm-flussi").nuovi_casi``.

        >>> list(libro.cifre("tm-flussi"))[:2]
        ['in-carico-01-01', 'nuovi-casi']
        """
        return self._source.figures(code)

    def territorio(self, name: str) -> Territorio:
        """What the data say of one territory: ``qui = libro.territorio(territorio)``, in a chapter of an extract.

        >>> print(libro.territorio("pandino").titolo)
        Sub-ambito di Pandino
        """
        return Territorio(self, territories.parse(name, self.package)[0])

    def testo(self, chapter: str) -> Texts:
        """The commentary of a chapter, by section: ``libro.testo("tutela-minori").servizio``.

        >>> type(libro.testo("gestione")).__name__
        'Texts'
        """
        return Texts(self, chapter)

    def text(self, chapter: str, section: str) -> Section:
        """A section of the edition's own commentary, or nothing.

        Stands in ``notebooks/<book>/testi/<edition>/<chapter>.md`` under a first-level
        heading. A chapter or section that the edition lacks is empty: not every year has
        something of its own to say.

        >>> bool(libro.text("gestione", "nessuna"))  # not every year has something to say
        False
        """
        return Section(self.project.books[self.book].texts / self.called / f"{chapter}.md", section)


def open_edition(name: str, confronto: bool = False, territorio: str = "") -> Chapter:
    """Open an edition in a notebook: ``libro = open_edition(edizione)``.

    A chapter shows the edition that is being built. Another one is opened beside it, to be
    compared with, by saying so: ``open_edition("relazione-2020", confronto=True)``. From here
    on pandas' and Altair's own objects show themselves so that they can stand in the book.
    A chapter of an extract names its ``territorio``: what is not to be told outside the book is absent
    (``annuario.checks.confidential``).

    Raises BookError for an unknown edition, and where a chapter of one edition opens another
    without saying that it compares.

    >>> open_edition("relazione-2025").id
    'relazione-2025'
    >>> open_edition("relazione-2031")
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: Unknown edition «relazione-2031»: choose one of relazione-2025, ...
    """
    built = os.environ.get("ANNUARIO_EDITION", name)  # set by the engine: in JupyterLab any edition may be looked at
    if name != built and not confronto:
        raise BookError(
            say(
                "the edition being built is {built}, this opens {name}: write open_edition(edizione), or "
                'open_edition("{name}", confronto=True) to compare with it.',
                built=built,
                name=name,
            )
        )
    displays.register()
    reads.OPENED.add((name, confronto and name != built))
    here = project.find()
    package = Package(here.root / "data", name)
    if territorio:
        here = project.Project(here.root, extracts=True)
        before = set(READS)
        with reads.unwatched():
            package = Veiled(package, confidential.hidden(package))
        READS.intersection_update(before)  # a build runs the chapter anew where what is hidden is something else
    if name != built and name in package.drafts:
        raise BookError(say("{name} is a draft: no other edition shows its figures before it is published.", name=name))
    READS.add(str(here.root / project.CONFIG))
    with reads.unwatched():  # that the chapters of the books exist is no matter of this one
        edition = editions.parse(name, here, package)
    if name == built:
        package = unentered.opened(package, Expectations(package, name, edition.year) if edition.draft else None)
    chapter = Chapter(here, package, edition)
    if territorio:
        require_extract(here, edition.book)
        chapter.called = f"{name}-{territories.parse(territorio, package)[0].id}"
    return chapter


def require_extract(here: project.Project, book: str) -> None:
    """Raise BookError for a book that has no extract, of a project of :attr:`~annuario.project.Project.extracts`.

    >>> require_extract(project.Project(progetto.root, extracts=True), "relazione")
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: .../_quarto.yml: the book «relazione» has no extract: name its chapters ...
    """
    if book not in here.books:
        raise BookError(
            say(
                "{path}: the book «{book}» has no extract: name its chapters under annuario, libri, {book}, estratto.",
                path=here.root / project.CONFIG,
                book=book,
            )
        )
