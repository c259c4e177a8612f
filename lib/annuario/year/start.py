"""The beginning of a year's edition: its row, the rows that it is asked for, the files of its commentary."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from annuario.data import Package, editions
from annuario.data.declaration import SOME
from annuario.data.editions import Edition
from annuario.data.expected import MISSING, SEPARATOR, key_fields, keys, tables
from annuario.data.package import DRAFT
from annuario.data.roles import EDITIONS, EXPECTED
from annuario.data.writing import Lines
from annuario.errors import BookError
from annuario.messages import say, why
from annuario.project import Project
from annuario.text import commentary
from annuario.year.places import Notebook

_NAME = re.compile(r"([a-z]+(?:-[a-z]+)*)-(\d{4})")


@dataclass(frozen=True)
class Begun:
    """What was made for a new edition: how many rows it is asked for, by table; its files of commentary, their headings.

    >>> Begun("relazione-2026", "relazione-2025", {"indicatori": 5}, (), 1).rows
    {'indicatori': 5}
    """

    edition: str
    before: str
    rows: dict[str, int]
    files: tuple[Path, ...]
    headings: int


def begin(project: Project, name: str) -> Begun:
    """Make the edition called ``name`` as a draft, from the last one before it that is out.

    Its rows are those of that edition's own year, moved on to the new one: a proposal, of which
    some will not apply. All is written, or nothing.

    Raises BookError for a name that is none, an unknown book, an edition that is there already,
    and where the table of editions has no ``stato``.

    >>> from annuario.init import init
    >>> _ = init(cartella)
    >>> begun = begin(Project(cartella), "relazione-2026")
    >>> begun.before, begun.rows, [path.name for path in begun.files], begun.headings
    ('relazione-2025', {'indicatori': 5, 'lettori': 6}, ['prestiti.md'], 1)
    >>> begin(Project(cartella), "relazione-2026")
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: .../edizioni.csv: relazione-2026 is there already: go on with «annuario ...
    """
    package = Package(project.root / "data")
    edition = _new(project, package, name)
    book = project.books[edition.book]
    earlier = [one for one in editions.published(package) if one.book == book.name and one.year < edition.year]
    before = max(earlier, key=lambda one: one.year, default=None)
    rows = _rows(package, before, edition) if before and package.has(EXPECTED) else []
    files, headings = _commentary(project, edition, before)
    changed = {package.path(EDITIONS): _appended(package.path(EDITIONS), [_row(package, edition, before)])}
    if rows:
        changed[package.path(EXPECTED)] = _appended(package.path(EXPECTED), rows)
    _write(book.texts / name, files, changed)
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["tabella"]] = counts.get(row["tabella"], 0) + 1
    return Begun(name, str(before or ""), counts, tuple(book.texts / name / file for file in files), headings)


def _new(project: Project, package: Package, name: str) -> Edition:
    match = _NAME.fullmatch(name)
    if not match:
        raise BookError(
            say("«{name}» names no edition: write the book and the year, such as relazione-2026.", name=name)
        )
    if match[1] not in project.books:
        raise BookError(
            say("There is no book «{book}»: the books are {books}.", book=match[1], books=", ".join(project.books))
        )
    edition = Edition(match[1], int(match[2]), published=False, draft=True)
    path = package.path(EDITIONS)
    if any(str(one) == name for one in editions.declared(package)):
        raise BookError(
            say("{path}: {name} is there already: go on with «annuario missing {name}».", path=path, name=name)
        )
    if "stato" not in package.fields(EDITIONS):
        raise BookError(
            say(
                "{path}: the table of editions has no field «stato», which tells a draft from what is "
                "published: declare it and add the column.",
                path=package.folder / "datapackage.json",
            )
        )
    texts = project.books[edition.book].texts / name
    if texts.exists():
        raise BookError(
            say("{texts}: there is commentary already, and no edition {name}: move it away.", texts=texts, name=name)
        )
    last = max((one.year for one in editions.declared(package)), default=edition.year)
    if not last - 100 < edition.year <= last + 5:
        raise BookError(
            say(
                "«{name}»: the last edition is of {last}: is {year} the year that you mean?",
                name=name,
                last=last,
                year=edition.year,
            )
        )
    return edition


def _row(package: Package, edition: Edition, before: Edition | None) -> dict[str, str]:
    """The edition's row: its title is that of the edition before, with the new year."""
    title = f"{edition.book.replace('-', ' ').capitalize()} {edition.year}"
    fields = package.fields(EDITIONS)
    if before and "titolo" in fields:
        table = package.indexed(EDITIONS)
        old = table.column("titolo")[table.places("edizione")[str(before)][0]]
        step = edition.year - before.year
        years = range(before.year - 5, before.year + 6)
        title = re.sub(r"\b\d{4}\b", lambda year: str(int(year[0]) + step * (int(year[0]) in years)), old)
    known = {
        "edizione": str(edition),
        "libro": edition.book,
        "anno": str(edition.year),
        "titolo": title,
        "stato": DRAFT,
    }
    return {field: known.get(field, "") for field in fields}


def _rows(package: Package, before: Edition, edition: Edition) -> list[dict[str, str]]:
    """The rows that the edition is asked for: those of the edition before about its own year or later ones.

    Of a table in which that edition tells of earlier years alone, as a plan of what was, the last of these.
    """
    found: dict[tuple[str, str], None] = {}
    step = edition.year - before.year
    for table in tables(package):
        fields, found_there = key_fields(package, table), keys(package, table, str(before))
        years = package.indexed(table).column("anno") if "anno" in package.fields(table) else []
        first = min(before.year, max((years[place] for place in found_there.values()), default=0)) if years else 0
        for key, place in found_there.items():
            if years and years[place] < first:
                continue
            if package.resources[table].get("attese") == SOME or not fields:
                found[table, ""] = None
                continue
            parts = key.split(SEPARATOR)
            if "anno" in fields:
                year = fields.index("anno")
                parts[year] = str(int(parts[year]) + step)
            found[table, SEPARATOR.join(parts)] = None
    known = {"edizione": str(edition), "stato": MISSING}
    return [
        {field: {**known, "tabella": table, "chiave": key}.get(field, "") for field in package.fields(EXPECTED)}
        for table, key in found
    ]


def _commentary(project: Project, edition: Edition, before: Edition | None) -> tuple[dict[str, str], int]:
    """The files of commentary, with a heading for every place that the notebooks have, and how many headings."""
    book = project.books[edition.book]
    wanted: dict[str, list[str]] = {}
    for path in book.chapters:
        for file, name in Notebook(path).sections:
            wanted.setdefault(file, []).append(name)
    old = {file: commentary.read(book.texts / str(before) / f"{file}.md").sections if before else {} for file in wanted}
    files, count = {}, 0
    for file, names in wanted.items():
        headings = []
        for name in names:
            headed = next((one for one in commentary.spellings(name) if one in old[file]), name.replace("_", "-"))
            headings.append(headed)
        headings += [name for name in old[file] if name not in headings]  # what the agency's code places
        parts = []
        for heading in dict.fromkeys(headings):
            said = old[file].get(heading)
            text = f"\n<!-- {before.year}:\n\n{_hidden(said.text)}\n\n-->\n" if before and said and said.text else ""
            parts.append(f"# {heading}\n{text}")
            count += 1
        files[f"{file}.md"] = "\n".join(parts)
    return files, count


def _hidden(text: str) -> str:
    """A text as it can stand in a comment: a comment within it would end that."""
    return text.replace("<!--", "<!—").replace("-->", "—>")


def _appended(path: Path, rows: Iterable[dict[str, str]]) -> bytes:
    """The content of a table's file with some rows more; what was there stays as it is."""
    lines = Lines(path.read_bytes())
    lines.append(rows)
    return lines.content()


def _write(folder: Path, files: dict[str, str], changed: dict[Path, bytes]) -> None:
    """Write the commentary into a new folder and put the changed tables in their places: all, or nothing.

    Raises BookError where something cannot be written; what was there is then as it was.
    """
    before = {path: path.read_bytes() for path in changed}
    aside = folder.with_name(f".{folder.name}.nuovo")
    try:
        shutil.rmtree(aside, ignore_errors=True)
        if files:
            aside.mkdir(parents=True)
            for name, text in files.items():
                (aside / name).write_text(text, encoding="utf-8")
        for path, content in changed.items():
            path.with_name(f".{path.name}.nuovo").write_bytes(content)
        if files:
            os.replace(aside, folder)
        for path in reversed(changed):
            os.replace(path.with_name(f".{path.name}.nuovo"), path)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
        for path, content in before.items():
            path.with_name(f".{path.name}.nuovo").unlink(missing_ok=True)
            if path.read_bytes() != content:
                path.write_bytes(content)
        raise BookError(
            say(
                "{filename}: cannot be written ({why}): nothing was changed.",
                filename=error.filename or folder,
                why=why(error),
            )
        ) from error
