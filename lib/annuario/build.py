"""The build of one edition: check, execute, assemble, publish, put in place."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from annuario import assemble, checks, execute, publish
from annuario.data import Package
from annuario.editions import Edition
from annuario.errors import BookError, CheckError
from annuario.project import Project
from annuario.validate import validate

FORMATS = ("html", "pdf")


@dataclass(frozen=True)
class Summary:
    """What a build made."""

    edition: Edition
    chapters: int
    tables: int
    charts: int
    checks: int
    seconds: float
    paths: tuple[Path, ...]


def build(
    project: Project,
    edition: Edition,
    out: Path,
    formats: tuple[str, ...] = FORMATS,
    engine: str = "auto",
    progress: Callable[[str], None] = lambda step: None,
) -> Summary:
    """Build one edition into ``out/<edition>/``.

    Everything is written into a folder aside first; the finished files replace the
    old ones only at the end, so that a failed or killed build leaves the last good
    book. ``progress`` is told of each step in words.

    Raises BookError: bad data, an unrecorded difference (CheckError), a chapter that
    fails (ChapterError), an output folder that cannot be written.
    """
    start = time.perf_counter()
    package = Package(project.root / "data")
    progress("Dati e quadratura")
    validate(package)
    results = checks.run(package)
    checks.require_explained(results, package)
    book = project.books[edition.book]
    target = Path(out).resolve() / str(edition)
    try:
        target.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".in-corso-", dir=target))
    except OSError as error:
        raise BookError(
            f"{target}: the output folder cannot be written ({error.strerror}): choose another with --out."
        ) from error
    try:
        executed = execute.book(
            book.chapters,
            aside / "notebooks",
            str(edition),
            project.root,
            book.texts / str(edition),
            lambda path: progress(path.stem),
        )
        progress("Composizione")
        document = assemble.assemble(
            dict(zip(book.chapters, executed)), front_matter(project, edition), aside / "libro"
        )
        publisher = publish.engine(engine)
        finished = [aside / "notebooks"]
        for form in formats:
            progress(form.upper())
            write = publisher.html if form == "html" else publisher.pdf
            finished.append(write(aside / "libro" / "libro.md", aside / f"{edition}.{form}", project.config))
        paths = tuple(_replace(path, target / path.name) for path in finished)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Summary(
        edition,
        len(book.chapters),
        sum(label.startswith("tbl-") for label in document.labels),
        sum(label.startswith("fig-") for label in document.labels),
        len(results),
        time.perf_counter() - start,
        paths,
    )


def front_matter(project: Project, edition: Edition) -> dict:
    """The metadata of an edition's cover and of both output files."""
    book = project.books[edition.book]
    kind = "Edizione pubblicata" if edition.published else "Edizione ricostruita da documenti successivi"
    return {
        "title": f"{book.title} {edition.year}",
        "subtitle": kind,
        "author": project.agency,
        "date": f"{edition.year}-12-31",
        "lang": "it",
    }


def _replace(new: Path, old: Path) -> Path:
    """Put a finished file or folder in the place of the old one."""
    try:
        if old.is_dir():
            away = new.parent / f"{old.name}.vecchio"
            os.replace(old, away)
        os.replace(new, old)
    except OSError as error:
        raise BookError(f"{old}: cannot be replaced ({error.strerror}): is it open in another program?") from error
    return old


__all__ = ["FORMATS", "CheckError", "Summary", "build", "front_matter"]
