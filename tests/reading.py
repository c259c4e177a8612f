"""What the documents and the built books print, as numbers and words that can be compared.

A number is a Decimal, a date, or a pair (year, month). The documents' tables have their
cells between tabs, or between runs of spaces where the text lost the tabs.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pikepdf
import pymupdf
import yaml

from annuario.publish.manuscript import Manuscript, Part
from annuario.words import numbers

Number = Decimal | date | tuple[int, int]

MONTHS = {name[:length]: number for number, name in enumerate(numbers.MONTHS, 1) for length in (3, len(name))}
WORDS = {
    "un": 1, "uno": 1, "una": 1, "due": 2, "tre": 3, "quattro": 4, "cinque": 5,
    "sei": 6, "sette": 7, "otto": 8, "nove": 9, "dieci": 10, "zero": 0,
}  # fmt: skip
WHOLE_DATE = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b")
LONG_DATE = re.compile(r"\b(\d{1,2})°? ([a-z]+) (\d{4})\b", re.IGNORECASE)
MONTH = re.compile(r"\b([a-z]{3,9})[-. ](\d{4}|\d\d)\b", re.IGNORECASE)
# An amount or a share among words: thousands with their dot, two decimals, or a per cent sign.
AMONG_WORDS = re.compile(
    r"(?<![\d.,])\d{1,3}(?:\.\d{3})+(?:,\d+)?(?![\d,])"
    r"|(?<![\d.,/])\d+,\d{2}(?!\d)"
    r"|(?<![\d.,])\d+(?:,\d+)?(?= ?%)"
)
YEAR = re.compile(r"(?<![\d.,/])20[0-3]\d(?![\d.,/])")
TITLE = re.compile(r"OBIETTIVO \d")
FIRST = re.compile(r"(\d+)\*? \(")
ALONE = re.compile(r"(?<![\w./,-])\d+(?![\w/°-])(?![.,]\d)")
IN_PROSE = re.compile(r"(?<![\w.,])\d{1,3}(?:\.\d{3})+(?:,\d+)?(?!\w)|(?<![\w.,])\d+(?:,\d+)?(?!\w)")


def plain(text: str) -> str:
    """The text without Markdown's marks, tags, notes and no-break spaces."""
    text = text.replace(numbers.NBSP, " ").replace(numbers.MINUS, "-")
    text = re.sub(r"\^\d+\^|</?\w+>", " ", text)
    return re.sub(r"\s+", " ", text.replace("**", "").replace("\\", "")).strip()


def fold(text: str) -> str:
    """Lowercase, without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))


def words(text: str) -> set[str]:
    """The words of four letters or more."""
    return set(re.findall(r"[a-z]{4,}", fold(plain(text))))


def stems(text: str) -> set[str]:
    """The first five letters of those words, so that singular and plural meet."""
    return {word[:5] for word in words(text)}


def _value(text: str) -> Decimal:
    return Decimal(text.replace(".", "").replace(",", ".")).normalize() + 0


def _month(match: re.Match) -> tuple[int, int]:
    return int(match[2]) + (2000 if len(match[2]) == 2 else 0), MONTHS[match[1].lower()]


def _date(match: re.Match) -> date:
    return date(int(match[3]), int(match[2]), int(match[1]))


def in_cell(cell: str, loose: bool = False) -> list[Number]:
    """The numbers of a table's cell: the whole cell, or the amounts and shares among its words.

    ``loose`` takes the integers among the words too.
    """
    text = plain(cell)
    try:
        value = numbers.parse(text.rstrip("*"))
        return [] if value is None else [value.normalize() + 0]
    except ValueError:
        pass
    if whole := WHOLE_DATE.fullmatch(text):
        return [_date(whole)]
    if (month := MONTH.fullmatch(text)) and month[1].lower() in MONTHS:
        return [_month(month)]
    found = [_value(match) for match in AMONG_WORDS.findall(text)]
    if loose:
        return found + [Decimal(match) for match in ALONE.findall(AMONG_WORDS.sub(" ", text))]
    first = FIRST.match(text)
    return found + ([Decimal(first[1])] if first else [])


def in_prose(text: str) -> set[Number]:
    """Every number that a sentence tells, in digits or (up to ten) in words, dates whole."""
    text, found = plain(text).replace("€", " "), set()

    def take(pattern: re.Pattern, read) -> None:
        nonlocal text

        def swallow(match: re.Match) -> str:
            try:
                found.add(read(match))
            except (KeyError, ValueError):
                return match[0]
            return " # "

        text = pattern.sub(swallow, text)

    take(WHOLE_DATE, _date)
    take(LONG_DATE, lambda m: date(int(m[3]), MONTHS[m[2].lower()], int(m[1])))
    take(MONTH, _month)
    found |= {_value(match) for match in IN_PROSE.findall(text)}
    return found | {Decimal(WORDS[word]) for word in re.findall(r"\w+", fold(text)) if word in WORDS}


@dataclass
class Source:
    """A table of a document: what its lines print, its words, and whether its cells are sentences."""

    lines: Sequence[str]
    words: Collection[str] = frozenset()
    of_words: bool = False

    @property
    def unparted(self) -> bool:
        """Whether nothing parts its cells, or a cell is a list of its own."""
        text = "\n".join(self.lines)
        return "<p>" in text or not re.search("[\t€]", text)

    @property
    def loose(self) -> bool:
        """Whether its numbers stand among words."""
        return self.of_words or self.unparted

    @cached_property
    def rows(self) -> list[tuple[str, Counter]]:
        """The lines that hold numbers, with these. A line whose only numbers are years is a heading."""
        rows = []
        for line in self.lines:
            if not (self.loose and TITLE.match(line)) and self._read(YEAR.sub("", line)):
                rows.append((line, self._read(line)))
        return rows

    def _read(self, line: str) -> Counter:
        cells = re.split(r"\t|\s{2,}|(?<=\s)(?=€)", re.sub(r"€\.? +", "€ ", line))
        return Counter(number for cell in cells for number in in_cell(cell, self.loose))

    @cached_property
    def cells(self) -> Counter:
        return sum((row for _, row in self.rows), Counter())


class Table:
    """A table of a built book: the numbers of its rows, its words, and the numbers of the notes below it.

    Rows that open with the same text are one: a table by sub-ambito is stacked, measure
    by measure. In a table whose last column names the sources of an amount, a source
    without an amount of its own pays for all of it.
    """

    def __init__(self, label: str, caption: str, markdown: str):
        grid, _, notes = markdown.partition("\n\n")
        head, _, *rows = [re.split(r"(?<!\\)\|", line.strip())[1:-1] for line in grid.split("\n")]
        self.label = label
        self.words = words(f"{caption} {markdown}")
        self.notes = in_prose(notes)
        self._numbers: dict[bool, Counter] = {}
        self._cells = rows
        self._sources = plain(head[-1]).startswith("Fonti")

    def numbers(self, loose: bool = False) -> Counter:
        """All its numbers; ``loose`` counts the integers among words too."""
        if loose not in self._numbers:
            self._numbers[loose] = sum(self.rows(loose).values(), Counter())
        return self._numbers[loose]

    def rows(self, loose: bool = False) -> dict[str, Counter]:
        """The numbers of the rows by what the row opens with."""
        found: dict[str, Counter] = {}
        for cells in self._cells:
            values = [in_cell(cell, loose) for cell in cells]
            name = next((plain(cell) for cell in cells if re.search("[^\\W\\d]", cell)), "")
            bag = found.setdefault(fold(name), Counter())
            bag.update(number for cell in values for number in cell)
            if self._sources and plain(cells[-1]) and not values[-1] and (amounts := [v for v in values if v]):
                bag.update(amounts[-1][-1:])
        return found

    def __or__(self, other: "Table") -> "Table":
        union = Table.__new__(Table)
        union.label = f"{self.label} {other.label}"
        union.words = self.words | other.words
        union.notes = self.notes | other.notes
        union._cells = self._cells + other._cells
        union._sources, union._numbers = False, {}
        return union


@dataclass(frozen=True)
class Passage:
    """A paragraph, a table's row or a chart's row, in its chapter; ``context`` has headings and captions."""

    chapter: str
    context: set[str]
    text: str
    numbers: set[Number]


class Book:
    """The executed notebooks of an edition: what its tables, charts and paragraphs say."""

    def __init__(self, folder: Path):
        self.tables: dict[str, Table] = {}
        self.charts: dict[str, set[Number]] = {}
        self.passages: list[Passage] = []
        for path in sorted(folder.glob("*.ipynb")):
            self._heading = ""
            for cell in nbformat.read(path, 4).cells:
                if cell.cell_type == "markdown":
                    self._prose(path.stem, cell.source)
                for output in cell.get("outputs", []):
                    self._output(path.stem, cell.metadata.get("annuario", {}).get("options", {}), output)

    def _output(self, chapter: str, options: dict, output: dict) -> None:
        label, data = options.get("label", ""), output.get("data", {})
        caption = options.get("fig-cap") or options.get("tbl-cap") or ""
        if any(kind.startswith("application/vnd.vegalite") for kind in data):
            facts = output["metadata"]["annuario"]
            rows = [[str(cell) for cell in row] for row in facts.get("righe", [])]
            self.charts[label] = {number for row in rows for cell in row[1:] for number in in_prose(cell)}
            self._add(chapter, caption, facts["alt"])
            for row in rows:
                self._add(chapter, f"{caption} {' '.join(facts['colonne'])}", " ; ".join(row))
        elif "text/markdown" in data and label.startswith("tbl-"):
            text = data["text/markdown"]
            self.tables[label] = Table(label, caption, text)
            grid, _, notes = text.partition("\n\n")
            head, _, *rows = grid.split("\n")
            for row in rows:
                self._add(chapter, f"{caption} {head}", row.replace("|", " ; "))
            self._add(chapter, caption, notes)
        elif "text/markdown" in data:
            self._prose(chapter, data["text/markdown"])

    def _prose(self, chapter: str, text: str) -> None:
        for paragraph in re.split(r"\n\s*\n|\n(?=[-#*] )", text):
            if heading := re.match(r"#+ (.*)", paragraph):
                self._heading = heading[1]
            self._add(chapter, "", paragraph)

    def _add(self, chapter: str, context: str, text: str) -> None:
        about = stems(f"{self._heading} {context} {text}")
        self.passages.append(Passage(chapter, about, plain(text), in_prose(text)))


class Screen(HTMLParser):
    """What an HTML book shows and leads to, part by part, in its order.

    ``parts`` has ``headings`` (level and text), ``captions``, ``rows`` (of tables: each cell's
    text and the columns that it spans), ``alternatives``, ``references`` and ``back`` (links
    and their texts), ``contents`` and ``marks``.
    """

    LINKS = {"riferimento": "references", "al-testo": "back"}
    PARAGRAPHS = ("testatina", "nota", "subtitle", "date", "ente")

    def __init__(self, page: str):
        super().__init__()
        names = ("headings", "captions", "rows", "alternatives", "references", "back", "contents", "marks")
        self.parts: dict[str, list] = {name: [] for name in names}
        self._open: list[tuple[str, str, str, list[str]]] = []  # tag, part, what goes with the text, the text
        self._contents = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        classes = (attributes.get("class") or "").split()
        part = next((self.LINKS[name] for name in classes if name in self.LINKS), "") if tag == "a" else ""
        if re.fullmatch("h[1-6]", tag):
            self._open.append((tag, "headings", tag, []))
        elif tag in ("figcaption", "summary"):
            self._open.append((tag, "captions", "", []))
        elif tag == "p" and set(classes) & set(self.PARAGRAPHS):
            self._open.append((tag, "marks", classes[0], []))
        elif tag == "tr":
            self.parts["rows"].append([])
        elif tag in ("td", "th"):
            self._open.append((tag, "cells", attributes.get("colspan") or "1", []))
        elif tag == "a" and (part or self._contents):
            self._open.append((tag, part or "contents", attributes["href"], []))
        elif tag == "nav":
            self._contents = True
        elif tag == "img":
            self.parts["alternatives"].append(attributes.get("alt"))

    def handle_data(self, data):
        for _, part, _, text in self._open:
            if part == "back" or not any(other == "back" for _, other, _, _ in self._open):
                text.append(data)

    def handle_endtag(self, tag):
        self._contents = self._contents and tag != "nav"
        if self._open and self._open[-1][0] == tag:
            _, part, beside, text = self._open.pop()
            words = " ".join("".join(text).split())
            if part == "cells":
                self.parts["rows"][-1].append((words, beside))
            else:
                self.parts[part].append((beside, words))


def on_paper(path: Path) -> dict[str, list]:
    """What a PDF book prints and leads to: each page's words, bookmarks, alternatives, cells, links, standards."""
    with pymupdf.open(path) as document:
        found = {
            "pages": [leaf.get_text().split() for leaf in document],
            "bookmarks": [(level, " ".join(title.split()), page) for level, title, page in document.get_toc()],
            "links": [len(leaf.get_links()) for leaf in document],
        }
    with pikepdf.open(path) as document:
        nodes = structure(document)
        found["alternatives"] = [str(node.Alt) for node in nodes if "/Alt" in node]
        found["cells"] = [str(node.S) for node in nodes if node.S in ("/TH", "/TD", "/TR", "/Table")]
        found["language"] = [str(document.Root.Lang)]
        with document.open_metadata() as metadata:
            found["standards"] = [metadata.pdfa_status, metadata["pdfuaid:part"]]
    return found


def structure(document: pikepdf.Pdf) -> list[pikepdf.Dictionary]:
    """The tags of a PDF."""
    found, waiting = [], [document.Root.StructTreeRoot.K]
    while waiting:
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting += list(node)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            found.append(node)
            if "/K" in node:
                waiting.append(node.K)
    return found


def manuscript(source: Path, **metadata: object) -> Manuscript:
    """A book that a test wrote in one file, for publishers: each «# » that begins a line begins a chapter."""
    _, front, text = source.read_text(encoding="utf-8").split("---\n", 2)
    text, opening, charts = text.partition("```{=html}\n<script")
    chapters = [Part(part.strip("\n")) for part in re.split("^(?=# )", text, flags=re.MULTILINE) if part.strip()]
    charts = f"<script{charts}".rstrip().removesuffix("```").rstrip() if opening else ""
    return Manuscript(source.parent, yaml.safe_load(front) | metadata, [[part] for part in chapters], charts=charts)
