"""The web site of all editions: those that are built as pages, an index of them and a feed.

The folder can be put on any static host: ``<book>/<year>/<chapter>/`` stays the address of a
chapter for as long as the notebook keeps its name.
"""

from __future__ import annotations

import json
import shutil
import uuid
from dataclasses import dataclass
from html import escape
from pathlib import Path

from annuario.book import finished
from annuario.errors import BookError
from annuario.messages import say
from annuario.publish import site

FEED = "feed.xml"
#: The other forms of an edition, as the index names them.
FORMS = {"pdf": "PDF", "docx": "Word", "epub": "EPUB"}
PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{sheets}
<link rel="alternate" type="application/atom+xml" title="{title}" href="{feed}">
</head>
<body>
<main id="contenuto">
<h1>{title}</h1>
{books}
<p><a href="{feed}">Feed delle edizioni (Atom)</a></p>
</main>
</body>
</html>
"""


@dataclass(frozen=True)
class Edition:
    """An edition that is built as pages: its book and year, where it stands, what its pages say of it.

    >>> from pathlib import Path
    >>> Edition("relazione", 2025, Path("output/relazione-2025"), {}).address
    'relazione/2025/'
    """

    book: str
    year: int
    folder: Path
    about: dict

    @property
    def address(self) -> str:
        return f"{self.book}/{self.year}/"


def write(out: Path, target: Path, address: str = "") -> list[Edition]:
    """Write into ``target`` the site of all editions that stand in ``out`` as pages; drafts stay out.

    ``address`` is where it will be found, for the feed: without it its links are relative.

    Raises BookError where there is no such edition, where ``target`` holds something else, and
    where it cannot be written.

    >>> write(cartella, cartella / "sito")
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: ...: no edition is built as pages: «annuario build EDITION --format site» makes them.
    """
    found = _built(out)
    if not found:
        raise BookError(
            say("{out}: no edition is built as pages: «annuario build EDITION --format site» makes them.", out=out)
        )
    if target.exists() and not (target / FEED).is_file() and (not target.is_dir() or any(target.iterdir())):
        raise BookError(
            say(
                "{target}: holds something that is no site of Annuario's: choose another folder with --to.",
                target=target,
            )
        )
    new = target.with_name(f".{target.name}.nuovo")
    try:
        shutil.rmtree(new, ignore_errors=True)
        for edition in found:
            _lay(edition, new / edition.address)
        (new / "index.html").write_text(_index(found), encoding="utf-8")
        (new / FEED).write_text(_feed(found, address), encoding="utf-8")
        if target.exists():
            shutil.rmtree(target)
        new.rename(target)
    except OSError as error:
        raise finished.unwritable(error, target) from error
    return found


def _built(out: Path) -> list[Edition]:
    """The editions that are built as pages, those of a book together, the newest first."""
    found = []
    for path in sorted(out.glob(f"*/{finished.SITE}/{site.ABOUT}")):
        book, _, year = path.parents[1].name.rpartition("-")
        about = json.loads(path.read_text(encoding="utf-8"))
        if book and year.isdigit() and not about["bozza"]:
            found.append(Edition(book, int(year), path.parents[1], about))
    return sorted(found, key=lambda edition: (edition.book, -edition.year))


def _lay(edition: Edition, folder: Path) -> None:
    shutil.copytree(edition.folder / finished.SITE, folder)
    for form in FORMS:
        path = edition.folder / finished.made(edition.folder.name, form)
        if path.is_file():
            shutil.copyfile(path, folder / path.name)
    for beside in (finished.DATA, finished.CHARTS):
        if (edition.folder / beside).is_dir():
            shutil.copytree(edition.folder / beside, folder / beside)


def _index(found: list[Edition]) -> str:
    books = dict.fromkeys(edition.book for edition in found)
    newest = max(found, key=lambda edition: edition.year)
    parts = []
    for book in books:
        own = [edition for edition in found if edition.book == book]
        title = own[0].about["titolo"].removesuffix(str(own[0].year)).strip()
        lines = "".join(f"<li>{_line(edition)}</li>\n" for edition in own)
        parts.append(f'<h2>{escape(title)}</h2>\n<ul class="edizioni">\n{lines}</ul>')
    beside = f"{newest.address}{site.ASSETS}/"
    sheets = "\n".join(
        f'<link rel="stylesheet" href="{beside}{name}">' for name in ("fonts.css", "book.css", "page.css", "site.css")
    )
    return PAGE.format(
        lang=escape(newest.about["lingua"]), policy=site.POLICY, title=escape(", ".join(newest.about["ente"])),
        sheets=sheets, feed=FEED, books="\n".join(parts),
    )  # fmt: skip


def _line(edition: Edition) -> str:
    """An edition with its other forms."""
    about, name = edition.about, edition.folder.name
    forms = [
        f'<a href="{edition.address}{escape(finished.made(name, form))}">{title}</a>'
        for form, title in FORMS.items()
        if (edition.folder / finished.made(name, form)).is_file()
    ]
    if (edition.folder / finished.DATA / "datapackage.json").is_file():
        forms.append(f'<a href="{edition.address}{finished.DATA}/datapackage.json">dati aperti</a>')
    text = f'<a href="{edition.address}">{escape(about["titolo"])}</a>, {escape(about["sottotitolo"].lower())}'
    return text + (f" ({', '.join(forms)})" if forms else "")


def _feed(found: list[Edition], address: str) -> str:
    """The editions as an Atom feed, which changes only when they do."""
    root = f"{address.rstrip('/')}/" if address else ""
    newest = max(found, key=lambda edition: edition.about["data"])
    agency = ", ".join(newest.about["ente"])
    entries = "".join(
        f"<entry>\n<title>{escape(edition.about['titolo'])}</title>\n<id>{_id(agency, edition.address)}</id>\n"
        f'<link href="{root}{edition.address}"/>\n<updated>{edition.about["data"]}T00:00:00Z</updated>\n'
        f"<summary>{escape(edition.about['sottotitolo'])}</summary>\n</entry>\n"
        for edition in sorted(found, key=lambda edition: edition.about["data"], reverse=True)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<title>{escape(agency)}</title>\n<id>{_id(agency, '')}</id>\n"
        f'<link rel="self" href="{root}{FEED}"/>\n<link href="{root or "./"}"/>\n'
        f"<updated>{newest.about['data']}T00:00:00Z</updated>\n<author><name>{escape(agency)}</name></author>\n{entries}</feed>\n"
    )


def _id(agency: str, address: str) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{agency}/{address}')}"
