"""The built books hold what the documents hold: every table, every chart, every number in prose.

``documents/inventory/`` lists what stands in the four documents, ``documents/printed/`` what their lines print. Beside this file, ``figures.csv``
says which chart of the book answers each chart of a document, or why the text tells its
one number; ``told.csv`` gives the book's words for the numbers that it tells in another
way than by printing them beside the words of the document.
"""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, reduce
from operator import or_
from pathlib import Path

import pytest
from conftest import EDITIONS, INVENTORY, ROOT
from reading import Book, Source, Table, fold, in_prose, plain, stems

HERE = Path(__file__).parent

#: What the inventory lists for each document: tables but the index, charts with data, numbers in prose.
#: The book leaves none of them out.
LISTED = {
    "relazione-2021": (60, 68, 98),
    "relazione-2025": (49, 86, 241),
    "piano-2020": (47, 1, 9),
    "piano-2021": (23, 2, 17),
}
#: Tables that the book splits on purpose: all the parts together are the table.
SPLIT = [("tbl-pj-enti", "tbl-pj-importi", "tbl-pj-note")]
#: The notebook where the numbers of a chapter of the documents are told, by a part of its heading.
CHAPTERS = {
    "fondi istituzionali": "fondi",
    "il quadro istituzionale": "quadro-istituzionale",
    "quadro operativo": "personale",
    "analisi della gestione": "gestione",
    "u.o. amministrazione": "amministrazione",
    "sociale territoriale": "amministrazione",
    "tutela minori": "tutela-minori",
    "centro diurno minori": "tutela-minori",
    "inserimento lavorativo": "inserimento-lavorativo",
    "u.o. progettazione": "progettazione",
    "sociale distrettuale": "sociale-distrettuale",
    "emergenza sociale": "sociale-distrettuale",
    "accordo rsa": "sociale-distrettuale",
    "area misure": "sociale-distrettuale",
    "l'azienda": "azienda",
    "il territorio": "territorio",
    "politica del personale": "personale",
    "obiettivi strategici": "obiettivi",
    "confronto budget": "confronto",
}
#: Where in the document it is, which is no number of it.
_LINE = re.compile(r"\(rig(?:a|he) [\d–, -]+\)")
#: Up to here an integer says little by itself: two words of the indicator must stand with it.
SMALL = 12


def listed(name: str, edition: str, folder: Path = INVENTORY) -> list[dict[str, str]]:
    """The rows of a list about one document."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["doc"] == edition]


@pytest.fixture(scope="session")
def read(books):
    """The built books, read once: a function from the edition."""
    done: dict[str, Book] = {}

    def book(edition: str) -> Book:
        if edition not in done:
            done[edition] = Book(books / edition / "notebooks")
        return done[edition]

    return book


every_edition = pytest.mark.parametrize("edition", EDITIONS)


# Tables


@cache
def corrections() -> dict[Decimal, set[Decimal]]:
    """The numbers that a document prints wrong, each with those that the book uses for it."""
    found: dict[Decimal, set[Decimal]] = {}
    with (ROOT / "data" / "correzioni.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            pair = [row["stampato"], row["usato"]]
            if all(re.fullmatch(r"-?\d+(\.\d+)?", text) for text in pair):
                printed, used = (Decimal(text).normalize() + 0 for text in pair)
                found.setdefault(printed, set()).add(used)
    return found


@dataclass(frozen=True)
class Match:
    """A table of a document and the table of the book that comes nearest to it."""

    name: str
    source: Source
    table: Table

    @property
    def missing(self) -> Counter:
        """The numbers of the document that the table lacks."""
        return self._lacking(self.source.cells, self.table.numbers(self.source.loose))

    def _lacking(self, printed: Counter, shown: Counter) -> Counter:
        """What is not shown; a number that is corrected is, by the one used and by the table's note that tells it."""
        return Counter(
            {
                number: count
                for number, count in (printed - shown).items()
                if not (corrections().get(number, set()) & set(shown) and number in self.table.notes)
            }
        )

    @property
    def scattered(self) -> list[str]:
        """The rows of the document whose numbers do not stand in one row of the book.

        A row that the book splits in two, as the document has two amounts in a cell,
        opens both with the same word.
        """
        if self.source.unparted:
            return []
        rows = self.table.rows(self.source.loose)

        def together(line: str, numbers: Counter) -> bool:
            first = fold(plain(line)).split()[0]
            alike = sum((row for name, row in rows.items() if name.split()[:1] == [first]), Counter())
            return any(not self._lacking(numbers, row) for row in (*rows.values(), alike))

        return [line for line, numbers in self.source.rows if not together(line, numbers)]

    @property
    def likeness(self) -> float:
        """How much of all the words the two have in common."""
        return len(self.source.words & self.table.words) / len(self.source.words | self.table.words)

    @property
    def silent(self) -> bool:
        """Whether the words of the document, where the table is of words, are not in the book's."""
        share = len(self.source.words & self.table.words) / len(self.source.words)
        return share < 0.9 if self.source.of_words else not self.source.cells and share < 0.5

    @property
    def complete(self) -> bool:
        return not (self.missing or self.scattered or self.silent)


def nearest(row: dict[str, str], lines: list[str], tables: list[Table]) -> Match:
    """The match with the fewest numbers missing; among equals, the one with most words in common."""
    of_words = "testo" in row["unit"] or "soglie" in row["unit"]
    source = Source(
        lines[int(row["first_line"]) - 1 : int(row["last_line"])], words_of_tables()[row["table_id"]], of_words
    )
    matches = [Match(row["table_id"], source, table) for table in tables]
    return min(matches, key=lambda match: (match.missing.total(), -match.likeness))


@cache
def words_of_tables() -> dict[str, frozenset[str]]:
    """The words of each table of the documents."""
    with (INVENTORY.parent / "words.csv").open(encoding="utf-8", newline="") as file:
        return {row["tabella"]: frozenset(row["parole"].split()) for row in csv.DictReader(file)}


@pytest.fixture(scope="session")
def matches(read, sources):
    """The tables of a document, each with its nearest in the book: a function from the edition."""
    done: dict[str, list[Match]] = {}

    def find(edition: str) -> list[Match]:
        if edition not in done:
            rows = [row for row in listed("tables.csv", edition) if not row["table_id"].endswith("/indice")]
            tables = dict(read(edition).tables)
            for parts in SPLIT:
                if present := [tables.pop(label) for label in parts if label in tables]:
                    tables[parts[0]] = reduce(or_, present)
            done[edition] = [nearest(row, sources[edition], list(tables.values())) for row in rows]
        return done[edition]

    return find


@every_edition
def test_every_table_stands_in_one_table_of_the_book(matches, edition, record_property):
    found = matches(edition)
    record_property("cells", sum(match.source.cells.total() for match in found))
    wrong = [
        f"{match.name} in {match.table.label}: missing {dict(match.missing)}, not in one row {match.scattered}"
        for match in found
        if not match.complete
    ]
    assert wrong == []


@every_edition
def test_no_two_tables_are_found_in_the_same(matches, edition):
    # The parts of a card that the pages of the document cut are one table of the book.
    whole = {match.name.removesuffix("-a") for match in matches(edition)}
    names = Counter(
        match.table.label
        for match in matches(edition)
        if not (match.name[:-2] in whole and match.name[-2:] in ("-b", "-c", "-d"))
    )
    assert [label for label, count in names.items() if count > 1] == []


def test_a_table_with_a_number_changed_is_not_found():
    source = Source(["Voce\t2024\t2025", "Minori\t1.071\t€ 12,50", "Mamme\t3\t€ -"], {"voce", "minori", "mamme"})
    right = "| Voce | 2024 | 2025 |\n|---|---:|---:|\n| Minori | 1.071 | € 12,50 |\n| Mamme | 3 | € 0,00 |"
    for change in (("1.071", "1.017"), ("12,50", "12,5"), ("| 3 |", "| – |")):
        match = Match("prova", source, Table("tbl-prova", "", right.replace(*change)))
        assert match.complete == (change[1] == "12,5")
    swapped = right.replace("1.071", "x").replace("| 3 |", "| 1.071 |").replace("x", "3")
    assert Match("prova", source, Table("tbl-prova", "", swapped)).scattered


# Charts


@every_edition
def test_every_chart_with_data_has_its_answer(edition):
    known = {(row["figure_no"], row["line"]) for row in listed("figures.csv", edition, HERE)}
    asked = {(row["figure_no"], row["line"]) for row in charts(edition)}
    assert known == asked


@every_edition
def test_the_charts_that_answer_are_drawn(read, sources, edition):
    assert unanswered(read(edition), edition, sources[edition]) == {}


def unanswered(book: Book, edition: str, lines: list[str]) -> dict[tuple[str, str], str]:
    """What is wrong with the answer to a chart of the document, by its number and line.

    A chart that draws none of the numbers that the document gives is no answer, unless it
    draws what is computed from them.
    """
    tables = {row["table_id"]: row for row in listed("tables.csv", edition)}
    answers = {(row["figure_no"], row["line"]): row for row in listed("figures.csv", edition, HERE)}
    told = {number for passage in book.passages for number in passage.numbers}
    wrong = {}
    for chart in charts(edition):
        given = set()
        for place in map(str.strip, chart["data_ref"].split(";")):
            table = tables.get(place)
            text = lines[int(table["first_line"]) - 1 : int(table["last_line"])] if table else []
            given |= set(Source(text).cells) if table else in_prose(_LINE.sub("", place))
        key = chart["figure_no"], chart["line"]
        answer = answers.get(key, {"labels": "", "told": "", "computed": ""})
        for label in answer["labels"].split():
            if label not in book.charts and label not in book.tables:
                wrong[key] = f"{label} is not in the book"
                continue
            drawn = book.charts[label] if label in book.charts else set(book.tables[label].numbers())
            if not answer["computed"] and not drawn & given:
                wrong[key] = f"{label} has no number of {chart['data_ref']}"
        if not answer["labels"] and (not answer["told"] or given - told):
            wrong[key] = "neither drawn nor told"
    return wrong


def charts(edition: str) -> list[dict[str, str]]:
    """The charts of the document whose data are published, wholly or in part."""
    return [row for row in listed("figures.csv", edition) if row["data_available"] != "none"]


# Numbers in prose


def untold(book: Book, edition: str) -> list[str]:
    """The numbers of the document's prose that the same chapter of the book does not tell."""
    said = {(row["line"], row["value"]): row["words"] for row in listed("told.csv", edition, HERE)}
    missing = []
    for row in listed("prose_figures.csv", edition):
        chapter = chapter_of(row["chapter"])
        passages = [passage for passage in book.passages if passage.chapter == chapter]
        if words := said.get((row["line"], row["value"])):
            told = any(words in passage.text for passage in passages)
        else:
            wanted, about = in_prose(row["value"]), stems(row["indicator"])
            small = len(wanted) == 1 and all(number in range(SMALL + 1) for number in wanted)
            least = min(2 if small else 1, len(about))
            told = wanted and any(
                wanted <= passage.numbers and len(about & passage.context) >= least for passage in passages
            )
        if not told:
            missing.append(f"{row['line']} {row['indicator']}: {row['value']} ({chapter})")
    return missing


def chapter_of(heading: str) -> str:
    """The notebook for a heading path: the last part of it that is known decides."""
    path = fold(heading).replace("’", "'")
    return max((path.rfind(part), name) for part, name in CHAPTERS.items() if part in path)[1]


@every_edition
def test_every_number_in_prose_is_told(read, edition):
    assert untold(read(edition), edition) == []


@every_edition
def test_the_lists_beside_this_test_are_of_use(edition):
    asked = {(row["line"], row["value"]) for row in listed("prose_figures.csv", edition)}
    assert {(row["line"], row["value"]) for row in listed("told.csv", edition, HERE)} <= asked
    for row in listed("figures.csv", edition, HERE):
        assert bool(row["labels"]) != bool(row["told"]), row


# Counts


@every_edition
def test_counts(read, sources, matches, edition, record_property):
    tables, asked, numbers = matches(edition), charts(edition), listed("prose_figures.csv", edition)
    assert (len(tables), len(asked), len(numbers)) == LISTED[edition]
    present = (
        sum(match.complete for match in tables),
        len(asked) - len(unanswered(read(edition), edition, sources[edition])),
        len(numbers) - len(untold(read(edition), edition)),
    )
    record_property("present", present)
    assert present == LISTED[edition]
