"""What a reader wrote into the Word document of a book: comments and tracked changes, with the notebook and cell they are about.

A tracked change of plain text can be put into its notebook. What an expression says cannot be
changed there, nor what cannot be found again word for word, in one place alone.
"""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from annuario.errors import BookError
from annuario.messages import foreign, marked, say
from annuario.project import Project
from annuario.publish.word import W, anchor

COMMENT, CHANGE = marked("comment"), marked("change")
#: How much around a change is looked for with it, at most, and the least that tells a place where words are put in.
AROUND, LEAST = 60, 4
CODE = re.compile(r"`+[^`]*`+|\{[^{}]*\}")
_TYPED = str.maketrans({"\u00a0": " ", "’": "'", "‘": "'", "“": '"', "”": '"', "\u2060": ""})


@dataclass(frozen=True)
class Remark:
    """A comment (``new``) on some words (``old``), or a change of ``old`` into ``new``, between what stands around it.

    ``where`` is the bookmark of its cell; empty where the text comes from none.

    >>> Remark("change", "Anna", "cella_1", "dodici", "quindici", before="Sono ").new
    'quindici'
    """

    kind: str
    author: str
    where: str
    old: str
    new: str
    before: str = ""
    after: str = ""


def remarks(path: Path) -> list[Remark]:
    """The comments and tracked changes of a Word document, in its order.

    Raises BookError for a file that is no Word document.

    >>> _ = (cartella / "libro.docx").write_text("testo")
    >>> remarks(cartella / "libro.docx")
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: .../libro.docx: is no Word document that can be read (File is not a zip ...
    """
    try:
        with zipfile.ZipFile(path) as archive:
            document = etree.fromstring(archive.read("word/document.xml"))
            told = archive.read("word/comments.xml") if "word/comments.xml" in archive.namelist() else b"<none/>"
    except (OSError, KeyError, zipfile.BadZipFile, etree.XMLSyntaxError) as error:
        raise BookError(
            say(
                "{path}: is no Word document that can be read ({error}): save it as .docx.",
                path=path,
                error=foreign(str(error)),
            )
        ) from error
    comments = {one.get(_w("id")): one for one in etree.fromstring(told).iter(_w("comment"))}
    found: list[Remark] = []
    cell = ""
    for element in document.iter(_w("bookmarkStart"), _w("p")):
        if element.tag == _w("bookmarkStart"):
            name = element.get(_w("name"), "")
            cell = name if name.startswith("cella_") else cell
        else:
            for start in element.iter(_w("bookmarkStart")):  # Word puts those between paragraphs into the next
                cell = start.get(_w("name")) if start.get(_w("name"), "").startswith("cella_") else cell
            found += _of_paragraph(element, cell, comments)
    return found


def _of_paragraph(paragraph, cell: str, comments: dict) -> list[Remark]:
    pieces: list[tuple[str, str, str]] = []  # kept, gone or come; the text; who
    spans: dict[str, str] = {}
    opened: list[str] = []
    for element in paragraph.iter(_w("t"), _w("delText"), _w("commentRangeStart"), _w("commentRangeEnd")):
        if element.tag == _w("commentRangeStart"):
            opened.append(element.get(_w("id")))
            spans[opened[-1]] = ""
        elif element.tag == _w("commentRangeEnd"):
            opened = [one for one in opened if one != element.get(_w("id"))]
        else:
            change = next(element.iterancestors(_w("ins"), _w("del")), None)
            kind = "kept" if change is None else "come" if change.tag == _w("ins") else "gone"
            pieces.append((kind, element.text or "", "" if change is None else change.get(_w("author"), "")))
            for one in opened:
                spans[one] += element.text or ""
    found = [
        Remark(COMMENT, comments[one].get(_w("author"), ""), cell, text, "".join(comments[one].itertext()).strip())
        for one, text in spans.items()
        if one in comments
    ]
    place = 0
    while place < len(pieces):
        if pieces[place][0] == "kept":
            place += 1
            continue
        end = place
        while end < len(pieces) and pieces[end][0] != "kept":
            end += 1
        run = pieces[place:end]
        old, new = ("".join(text for kind, text, _ in run if kind == wanted) for wanted in ("gone", "come"))
        before = "".join(text for kind, text, _ in pieces[:place] if kind != "come")
        after = "".join(text for kind, text, _ in pieces[end:] if kind != "come")
        found.append(Remark(CHANGE, run[0][2], cell, old, new, before, after))
        place = end
    return found


def places(project: Project) -> dict[str, tuple[Path, int]]:
    """The notebooks and cells of a project's books, by their bookmarks.

    >>> sorted({path.name for path, _ in places(progetto).values()})
    ['in-sintesi.ipynb', 'prestiti.ipynb']
    """
    found: dict[str, tuple[Path, int]] = {}
    for book in project.books.values():
        for path in book.chapters:
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            found |= {
                anchor(say("{path}, cell {cell}", path=path, cell=number)): (path, number)
                for number in range(1, len(cells) + 1)
            }
    return found


def apply(remark: Remark, path: Path, number: int) -> str:
    """Put a change into the cell it is about; why it cannot be, or nothing where it is done.

    >>> path = cartella / "a.ipynb"
    >>> cell = {"cell_type": "markdown", "source": ["Sono `{python} n` casi in tutto."]}
    >>> _ = path.write_text(json.dumps({"cells": [cell]}))
    >>> apply(Remark(CHANGE, "Anna", "", "in tutto", "nell'anno", "casi "), path, 1)
    ''
    >>> json.loads(path.read_text())["cells"][0]["source"]
    ["Sono `{python} n` casi nell'anno."]
    >>> apply(Remark(CHANGE, "Anna", "", "12", "15", "Sono "), path, 1)
    'the words are not in the cell as they are printed, or more than once, or a figure says them'
    """
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = notebook["cells"][number - 1]
    source = "".join(cell["source"])
    if cell["cell_type"] != "markdown":
        return say("the cell is code: change what it computes")
    if remark.new != _plain(remark.new) or re.search(r"[`{}\\\[\]*_#@|]", remark.new):
        return say("the new words have signs that mean something in a notebook: write them there")
    where = _place(source, remark)
    if where is None:
        return say("the words are not in the cell as they are printed, or more than once, or a figure says them")
    start, end = where
    text = source[:start] + remark.new + source[end:]
    cell["source"] = text.splitlines(keepends=True)
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return ""


def _place(source: str, remark: Remark) -> tuple[int, int] | None:
    """Where the old words stand in a text, with as much around them as stands there too; never within code."""
    plain, old = source.translate(_TYPED), _plain(remark.old)
    if len(plain) != len(source):
        return None
    before, after = _plain(remark.before)[-AROUND:], _plain(remark.after)[:AROUND]
    code = [match.span() for match in CODE.finditer(source)]
    for width in range(AROUND, -1, -1):
        left, right = before[len(before) - width :] if width <= len(before) else before, after[:width]
        if not old and min(len(left), LEAST) + min(len(right), LEAST) < LEAST:
            return None
        hits = [match.start() for match in re.finditer(f"(?={re.escape(left + old + right)})", plain)]
        free = [
            hit for hit in hits
            if not any(hit < stop and hit + len(left + old + right) > start for start, stop in code)
        ]  # fmt: skip
        if free:
            return (free[0] + len(left), free[0] + len(left) + len(old)) if len(hits) == 1 else None
    return None


def _plain(text: str) -> str:
    return text.translate(_TYPED)


def _w(name: str) -> str:
    return f"{{{W}}}{name}"
