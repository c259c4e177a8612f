"""What a reader left in the Word document of a book: comments, tracked changes, and changes that nothing tracked.

A changed end of a paragraph is a sign of its own (``END``), so that a paragraph that is put in, taken out, parted
or joined is a change like any other.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from lxml import etree

from annuario.errors import BookError
from annuario.messages import foreign, marked, say
from annuario.publish.word import BOOK, CELL, NO_CELL, PRINT, W

COMMENT, CHANGE, UNTRACKED = marked("comment"), marked("change"), marked("untracked change")
#: The end of a paragraph.
END = "¶"
_COME, _GONE = ("ins", "moveTo"), ("del", "moveFrom")
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_NOTES = "word/footnotes.xml"


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


@dataclass(frozen=True)
class Reviewed:
    """A Word document of a book: whose edition, of which making, what was left in it, its paragraphs as they were.

    ``edition`` is its bookmark's, with ``_`` for each sign that is no letter; ``paragraphs`` are each its cell's
    bookmark and its text.
    """

    edition: str
    making: str
    remarks: list[Remark]
    paragraphs: list[tuple[str, str]]


@dataclass(frozen=True)
class _Piece:
    """Some text of a paragraph: ``kept``, ``come`` or ``gone``, by whom, in which cell."""

    state: str
    text: str
    author: str
    cell: str


def read(path: Path) -> Reviewed:
    """The Word document of a book, as a reader gave it back.

    Raises BookError for a file that is no Word document, and for one that no build has made.

    >>> _ = (cartella / "libro.docx").write_text("testo")
    >>> read(cartella / "libro.docx")
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: .../libro.docx: is no Word document that can be read (File is not a zip ...
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = {
                name: etree.fromstring(archive.read(name))
                for name in ("word/document.xml", "word/comments.xml", _NOTES)
                if name == "word/document.xml" or name in archive.namelist()
            }
    except (OSError, KeyError, zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError,
            EOFError, ValueError, etree.XMLSyntaxError, zlib.error) as error:  # fmt: skip
        raise BookError(
            say(
                "{path}: is no Word document that can be read ({error}): save it as .docx.",
                path=path,
                error=foreign(str(error)),
            )
        ) from error
    return _Reader(parts).document(path)


class _Reader:
    """A Word document being read, paragraph by paragraph."""

    def __init__(self, parts: dict[str, etree._Element]):
        self.body = parts["word/document.xml"]
        comments = parts.get("word/comments.xml")
        self.comments = {one.get(_w("id")): one for one in comments.iter(_w("comment"))} if comments is not None else {}
        notes = parts.get(_NOTES)
        self.notes = {one.get(_w("id")): one for one in notes.iter(_w("footnote"))} if notes is not None else {}
        self.cell = ""
        self.open: set[str] = set()
        self.said: dict[str, tuple[str, list[str]]] = {}  # comments, each with its cell and the words that it is on
        self.above = ""  # the paragraph before them
        self.chain: list[_Piece] = []  # the paragraphs that are joined by changed ends
        self.remarks: list[Remark | str] = []  # a comment by its number, until its words are known
        self.paragraphs: list[tuple[str, str]] = []

    def document(self, path: Path) -> Reviewed:
        names = [start.get(_w("name"), "") for start in self.body.iter(_w("bookmarkStart"))]
        edition = next((name.removeprefix(BOOK) for name in names if name.startswith(BOOK)), "")
        if not edition:
            raise BookError(
                say(
                    "{path}: does not say which edition it is: take the document that «annuario build --format docx» made, "
                    "with its bookmarks.",
                    path=path,
                )
            )
        making = next((name.removeprefix(PRINT) for name in names if name.startswith(PRINT)), "")
        for element in self.body.iter(_w("bookmarkStart"), _w("p")):
            if element.tag == _w("p"):
                self.paragraph(element)
            else:
                self.place(element)
        self.finish()
        for one in self.comments.keys() - self.said.keys():
            self.said[one] = ("", [])
            self.remarks.append(one)
        found = [self.comment(one) if isinstance(one, str) else one for one in self.remarks]
        return Reviewed(edition, making, found, self.paragraphs)

    def place(self, start: etree._Element) -> None:
        name = start.get(_w("name"), "")
        if name.startswith((CELL, NO_CELL)):
            self.cell = name if name.startswith(CELL) else ""

    def paragraph(self, paragraph: etree._Element) -> None:
        if any(True for _ in paragraph.iterancestors(_FALLBACK)):
            return
        notes: list[etree._Element] = []
        pieces = list(self.pieces(paragraph, notes))
        cell = pieces[0].cell if pieces else self.cell  # a bookmark at a paragraph's end is of what follows
        text = "".join(piece.text for piece in pieces if piece.state != "come")
        self.paragraphs.append((cell, text))
        for one in self.open:
            self.said[one][1].append(" ")
        end = _state(paragraph.find(f"{_w('pPr')}/{_w('rPr')}"))
        if not self.chain and len(self.paragraphs) > 1:
            self.above = self.paragraphs[-2][1]
        self.chain += pieces
        if end:
            self.chain.append(_Piece(end[0], END, end[1], cell))
        else:
            self.finish()
        for note in notes:
            for own in note.iter(_w("p")):
                self.paragraph(own)

    def pieces(self, paragraph: etree._Element, notes: list[etree._Element]) -> Iterator[_Piece]:
        """The text of a paragraph; comments are told of on the way, its notes are put into ``notes``."""
        told: list[str] = []
        for element in paragraph.iter():
            if not isinstance(element.tag, str) or next(element.iterancestors(_w("p")), None) is not paragraph:
                continue
            name, number = etree.QName(element).localname, element.get(_w("id"), "")
            if name == "bookmarkStart":
                self.place(element)
            elif name == "commentRangeStart" and number in self.comments:
                self.open.add(number)
                self.opened(number)
            elif name == "commentRangeEnd":
                self.open.discard(number)
            elif name == "commentReference" and number in self.comments and number not in self.said:
                self.opened(number)
                self.said[number][1].extend(told)
            elif name == "footnoteReference" and number in self.notes:
                notes.append(self.notes[number])
            elif element.tag in _TEXTS:
                text = element.text or "" if element.tag in (_w("t"), _w("delText")) else _TEXTS[element.tag]
                state, author = _state_of(element)
                if state != "none":
                    told.append(text)
                    yield _Piece(state, text, author, self.cell)
                    for one in self.open:
                        self.said[one][1].append(text)

    def opened(self, number: str) -> None:
        self.said[number] = (self.cell, [])
        self.remarks.append(number)

    def comment(self, number: str) -> Remark:
        one = self.comments[number]
        cell, words = self.said[number]
        text = " ".join("".join(part.text or "" for part in line.iter(_w("t"))) for line in one.iter(_w("p")))
        return Remark(COMMENT, one.get(_w("author"), ""), cell, _one_line("".join(words)), _one_line(text))

    def finish(self) -> None:
        """Tell of the changes in the paragraphs that have come to an end."""
        pieces, self.chain = self.chain, []
        place = 0
        while place < len(pieces):
            end = place
            while end < len(pieces) and pieces[end].state != "kept":
                end += 1
            if end > place:
                run = pieces[place:end]
                old, new = ("".join(one.text for one in run if one.state == wanted) for wanted in ("gone", "come"))
                before = "".join(one.text for one in pieces[:place] if one.state != "come")
                after = "".join(one.text for one in pieces[end:] if one.state != "come")
                before, after = f"{self.above}{END}{before}", f"{after}{END}"
                if old != new:
                    self.remarks.append(Remark(CHANGE, run[0].author, run[0].cell, old, new, before, after))
            place = max(end, place + 1)


def untracked(given_back: Reviewed, built: Reviewed) -> list[Remark]:
    """What differs, besides what is tracked, from the document as it was made; nothing where that is of another making.

    >>> built = Reviewed("relazione_2025", "1", [], [("cella_a_2", "Sono dodici casi.")])
    >>> back = Reviewed("relazione_2025", "1", [], [("cella_a_2", "Sono quindici casi.")])
    >>> [(one.old, one.new) for one in untracked(back, built)]
    [('dodici', 'quindici')]
    """
    if given_back.making != built.making:
        return []
    old, new = (
        [(cell, text) for cell, raw in one.paragraphs if (text := _one_line(raw))] for one in (built, given_back)
    )
    found = []
    changes = SequenceMatcher(None, [text for _, text in old], [text for _, text in new], autojunk=False).get_opcodes()
    for kind, start, stop, first, last in changes:
        if kind == "equal":
            continue
        if stop - start == last - first:
            found += [_differing(cell, one, other) for (cell, one), (_, other) in zip(old[start:stop], new[first:last])]
        else:
            was, now = (f" {END} ".join(text for _, text in part) for part in (old[start:stop], new[first:last]))
            found.append(_differing((old[start:] or new[first:])[0][0], was, now))
    return [one for one in found if one.where]


def _differing(cell: str, old: str, new: str) -> Remark:
    """The words between which two texts differ."""
    one, other = re.findall(r"\s*\S+", old), re.findall(r"\s*\S+", new)
    first = 0
    while first < min(len(one), len(other)) and one[first] == other[first]:
        first += 1
    last = 0
    while last < min(len(one), len(other)) - first and one[-1 - last] == other[-1 - last]:
        last += 1
    was, now = ("".join(words[first : len(words) - last]).strip() for words in (one, other))
    return Remark(UNTRACKED, "", cell, was, now, "".join(one[:first]), "".join(one[len(one) - last :]))


def _state_of(element: etree._Element) -> tuple[str, str]:
    """Whether a piece of text is kept, come or gone; ``none`` where someone put it in and someone took it out."""
    changes = [one for one in element.iterancestors() if etree.QName(one).localname in (*_COME, *_GONE)]
    kinds = {("come" if etree.QName(one).localname in _COME else "gone") for one in changes}
    author = changes[0].get(_w("author"), "") if changes else ""
    return ("kept" if not kinds else "none" if len(kinds) > 1 else kinds.pop()), author


def _state(properties: etree._Element | None) -> tuple[str, str] | None:
    """Whether the end of a paragraph is come or gone, and by whom."""
    for one in properties if properties is not None else ():
        name = etree.QName(one).localname
        if name in _COME or name in _GONE:
            return "come" if name in _COME else "gone", one.get(_w("author"), "")
    return None


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _w(name: str) -> str:
    return f"{{{W}}}{name}"


_TEXTS = {
    _w("t"): "", _w("delText"): "", _w("tab"): " ", _w("br"): " ", _w("cr"): " ",
    _w("noBreakHyphen"): "\u2011", _w("softHyphen"): "",
}  # fmt: skip
