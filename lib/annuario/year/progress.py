"""How far an edition has come: rows and commentary, differences and doubts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from annuario import checks
from annuario.data import Package, deliveries
from annuario.data.editions import Edition
from annuario.data.expected import CONFIRMED, UNSURVEYED, Expectations, Expected, words
from annuario.data.roles import DELIVERIES, EXPECTED
from annuario.errors import BookError
from annuario.messages import say
from annuario.project import Project
from annuario.text import commentary
from annuario.year import explain
from annuario.year.places import Chapters


@dataclass(frozen=True)
class Part:
    """The rows of one table that one chapter shows.

    >>> part = bozza.parts[0]
    >>> part.chapter, part.table, len(part.rows), part.filled, part.excused, len(part.missing)
    ('prestiti', 'indicatori', 5, 0, 0, 5)
    """

    chapter: str
    table: str
    rows: tuple[Expected, ...]

    @property
    def filled(self) -> int:
        """How many of them are entered."""
        return sum(row.filled for row in self.rows)

    @property
    def excused(self) -> int:
        """How many will not be."""
        return sum(row.excused and not row.filled for row in self.rows)

    @property
    def missing(self) -> list[Expected]:
        """Those that are still to be entered."""
        return [row for row in self.rows if row.missing]


@dataclass(frozen=True)
class Section:
    """A place that a chapter has for commentary; ``line`` is that of its heading, 0 where there is none.

    >>> [(section.chapter, section.name, section.line, section.written) for section in bozza.sections]
    [('prestiti', 'anno', 1, False)]
    """

    chapter: str
    file: str
    name: str
    line: int
    written: bool


class Progress:
    """What an edition in the making has and lacks.

    ``package`` is opened for the edition, and valid.

    >>> bozza.counts
    {'filled': 0, 'expected': 11, 'written': 0, 'sections': 1}
    >>> len(bozza.chapters.notebooks), len(bozza.parts), len(bozza.sections), bozza.texts.name
    (2, 2, 1, 'relazione-2026')
    >>> bozza.unused, bozza.differences, bozza.waiting, bozza.doubts
    ([], [], 0, [])
    >>> bozza.unsaid, bozza.contradicted, bozza.provisional
    ([], [], [])
    """

    def __init__(self, project: Project, package: Package, edition: Edition):
        self.project, self.package, self.edition = project, package, edition
        self.book = project.books[edition.book]
        self.texts = self.book.texts / str(edition)
        self.expectations = Expectations(package, str(edition), edition.year)

    @cached_property
    def chapters(self) -> Chapters:
        """The book's chapters and what they ask for."""
        return Chapters(self.project, self.package, self.book)

    @cached_property
    def parts(self) -> list[Part]:
        """The expected rows by chapter and table, in the order of the chapters; those of no chapter last."""
        found: dict[tuple[str, str], list[Expected]] = {}
        for row in self.expectations.rows:
            found.setdefault((self.chapters.of(row.table, row.key), row.table), []).append(row)
        order = [notebook.name for notebook in self.chapters.notebooks]
        tables = list(self.package.resources)

        def place(part: tuple[str, str]) -> tuple[int, int]:
            chapter, table = part
            return order.index(chapter) if chapter in order else len(order), tables.index(table)

        return [Part(*part, tuple(found[part])) for part in sorted(found, key=place)]

    @cached_property
    def sections(self) -> list[Section]:
        """The places of the commentary, in the order of the chapters; those of last year's files among them are its headings."""
        found = []
        for notebook in self.chapters.notebooks:
            for file, name in notebook.sections:
                headed = commentary.heading(self.texts, file, name)
                section = commentary.read(self.texts / f"{file}.md").sections.get(headed)
                line, text = (section.line, section.text) if section else (0, "")
                found.append(Section(notebook.name, f"{file}.md", headed or name.replace("_", "-"), line, bool(text)))
        return found

    @cached_property
    def unused(self) -> list[tuple[str, str, int]]:
        """The sections that are written and that no notebook names: file, name and line."""
        known = {(section.file, section.name) for section in self.sections}
        found = []
        for path in sorted(self.texts.glob("*.md")) if self.texts.is_dir() else ():
            signs = {text for notebook in self.chapters.notebooks for text in notebook.texts}
            found += [
                (path.name, name, section.line)
                for name, section in commentary.read(path).sections.items()
                if section.text
                and (path.name, name) not in known
                and name not in signs
                and not self._before(path.name, name)
            ]
        return found

    def _before(self, file: str, name: str) -> bool:
        """Whether some other edition has the section: a place that only the agency's code names."""
        folders = [folder for folder in self.book.texts.iterdir() if folder.is_dir() and folder != self.texts]
        return any(name in commentary.read(folder / file).sections for folder in folders)

    @cached_property
    def _results(self):
        results = checks.run(self.package)
        return results[results["edizione"] == str(self.edition)]

    @cached_property
    def differences(self) -> list[str]:
        """What does not hold in the edition's figures and is not explained, one line each."""
        return [
            say(
                "{id}: {cosa} ({dove}): expected {atteso}, found {trovato}",
                id=one.id,
                cosa=one.cosa,
                dove=checks.rows.places(one.dove),
                atteso=checks.told(one.atteso, one.cosa),
                trovato=checks.told(one.trovato, one.cosa),
            )
            for one in explain.unexplained(self._results, self.package).itertuples()
        ]

    @cached_property
    def waiting(self) -> int:
        """How many checks wait for rows that are still to be entered."""
        return int((self._results["esito"] == checks.WAITING).sum())

    @cached_property
    def doubts(self) -> list[str]:
        """What looks wrong in the edition's rows and nobody has confirmed, one line each."""
        others = {doubt.id for doubt in checks.doubts(Package(self.package.folder))}
        return [str(doubt) for doubt in checks.doubts(self.package) if doubt.id not in others]

    @property
    def unsaid(self) -> list[str]:
        """The rows whose state asks for a reason that nobody gives, one line each with what to do."""
        return [
            say(
                "{path}, row {row}: «{words}» is {state} and nobody says why: fill in «motivo»",
                path=self.package.path(EXPECTED),
                row=row.place,
                words=words(self.package, row.table, row.key),
                state=row.state,
            )
            for row in self.expectations.rows
            if not row.reason and ((row.state == UNSURVEYED and not row.filled) or row.state == CONFIRMED)
        ]

    @property
    def contradicted(self) -> list[str]:
        """The rows that are there although they are said not to be, one line each with what to do."""
        return [
            say(
                "{path}, row {row}: «{words}» is {state}, and {name} has it: delete one of the two",
                path=self.package.path(EXPECTED),
                row=row.place,
                words=words(self.package, row.table, row.key),
                state=row.state,
                name=self.package.path(row.table).name,
            )
            for row in self.expectations.rows
            if row.excused and row.filled and row.key
        ]

    @property
    def provisional(self) -> list[str]:
        """The deliveries that may still change, one line each with what to do."""
        return [
            say(
                "{path}, row {row}: the delivery «{consegna}» is provisional: ask {servizio} ({ruolo}) "
                "for the final one, or write «definitivo»",
                path=self.package.path(DELIVERIES),
                row=one["riga"],
                consegna=one["consegna"],
                servizio=one["servizio"],
                ruolo=one["ruolo"],
            )
            for one in deliveries.of(self.package, str(self.edition))
            if one["stato"] == deliveries.PROVISIONAL
        ]

    @property
    def counts(self) -> dict[str, int]:
        """What is done of what there is to do, for a build's summary."""
        rows = self.expectations.rows
        return {
            "filled": sum(row.filled for row in rows),
            "expected": sum(row.filled or not row.excused for row in rows),
            "written": sum(section.written for section in self.sections),
            "sections": len(self.sections),
        }


def summary(counts: dict[str, int]) -> str:
    """The counts of :attr:`Progress.counts` in words.

    >>> summary(bozza.counts)
    'draft: 0 of 11 rows entered, 0 of 1 sections of commentary written'
    """
    return say(
        "draft: {filled} of {expected} rows entered, {written} of {sections} sections of commentary written",
        filled=counts["filled"],
        expected=counts["expected"],
        written=counts["written"],
        sections=counts["sections"],
    )


def require_draft(edition: Edition) -> None:
    """Raise BookError for an edition that is not in the making.

    >>> require_draft(bozza.edition)
    >>> require_draft(Edition("relazione", 2025))
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: relazione-2025 is not a draft: «annuario new» begins one.
    """
    if not edition.draft:
        raise BookError(say("{edition} is not a draft: «annuario new» begins one.", edition=edition))
