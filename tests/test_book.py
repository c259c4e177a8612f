"""The published editions, built once as a user builds them, and what a reader finds."""

import json
import os
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import lxml.html
import nbformat
import pikepdf
import pymupdf
import pytest
from conftest import EDITIONS
from reading import structure
from test_charts import lightness
from test_publish import violations

from annuario import charts


class Page(HTMLParser):
    """What an HTML page loads, its headings, captions and identifiers."""

    LOADS = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}

    def __init__(self, text):
        super().__init__()
        self.loads, self.ids, self.links, self.headings, self.text = [], [], [], [], []
        self._open, self._skip = None, 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if self.LOADS.get(tag) in attributes:
            self.loads.append(attributes[self.LOADS[tag]])
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "a" and attributes.get("href", "").startswith("#"):
            self.links.append(attributes["href"][1:])
        if re.fullmatch("h[1-6]", tag):
            self._open = ""
        self._skip += tag in ("script", "style")

    def handle_endtag(self, tag):
        if re.fullmatch("h[1-6]", tag) and self._open is not None:
            self.headings.append(" ".join(self._open.split()))
            self._open = None
        self._skip -= tag in ("script", "style")

    def handle_data(self, data):
        if self._skip:
            return
        self.text.append(data)
        if self._open is not None:
            self._open += data


@pytest.fixture(scope="session")
def pages(books):
    return {e: Page((books / e / f"{e}.html").read_text(encoding="utf-8")) for e in EDITIONS}


@pytest.fixture(scope="session")
def pdfs(books):
    return {e: books / e / f"{e}.pdf" for e in EDITIONS}


@pytest.fixture(scope="session")
def printed(pdfs):
    texts = {}
    for edition, path in pdfs.items():
        with pymupdf.open(path) as document:
            texts[edition] = [page.get_text() for page in document]
    return texts


every_edition = pytest.mark.parametrize("edition", EDITIONS)


@every_edition
def test_the_page_loads_nothing_from_elsewhere(books, pages, edition):
    assert [load for load in pages[edition].loads if not load.startswith("data:")] == []
    text = (books / edition / f"{edition}.html").read_text(encoding="utf-8")
    styles = " ".join(re.findall(r"<style[^>]*>(.*?)</style>", text, re.DOTALL))
    assert not re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^)'\"]+", styles)


@every_edition
def test_references_resolve_and_point_somewhere(pages, edition):
    page = pages[edition]
    text = " ".join(page.text)
    assert not re.findall(r"\?@|(?<![\w.])@(?:fig|tbl|sec)-\S+", text)
    assert "{python}" not in text
    assert set(page.links) <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


@every_edition
@pytest.mark.parametrize("kind", ["Figura", "Tabella"])
def test_captions_are_numbered_from_one_in_both_formats(pages, printed, edition, kind):
    pattern = rf"{kind}\s+(\d+):"
    in_page = [int(number) for number in re.findall(pattern, " ".join(pages[edition].text))]
    in_print = {int(number) for number in re.findall(pattern, " ".join(printed[edition]))}
    assert sorted(set(in_page)) == list(range(1, max(in_page) + 1))
    assert in_print == set(in_page)


@every_edition
def test_the_two_formats_have_the_same_headings(pages, pdfs, edition):
    def plain(title):
        return re.sub(r"^[\d.]+\s+", "", title)

    with pymupdf.open(pdfs[edition]) as document:
        bookmarks = {plain(" ".join(title.split())) for _, title, _ in document.get_toc()}
    headings = {plain(title) for title in pages[edition].headings}
    assert bookmarks - {"Indice"} <= headings
    assert len(bookmarks) > 20


@every_edition
def test_the_pdf_is_tagged_archivable_and_italian(pdfs, edition):
    with pikepdf.open(pdfs[edition]) as document:
        assert str(document.Root.Lang).lower().startswith("it")
        assert document.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in document.Root
        xmp = document.Root.Metadata.read_bytes().decode("utf-8")
    assert edition[-4:] in re.search(r"<dc:title>.*?</dc:title>", xmp, re.DOTALL)[0]
    assert re.search(r"pdfuaid:part\W+(?:1\b)", xmp)
    assert re.search(r"pdfaid:part\W+2\b", xmp) and re.search(r"pdfaid:conformance\W+A\b", xmp)


@pytest.mark.parametrize("edition", ["relazione-2025", "piano-2021"])
def test_the_pdf_breaks_no_rule_of_its_standards(pdfs, edition):
    assert violations(pdfs[edition]) == []


GOLDEN = {
    "relazione-2021": ["15.787.231,12", "2.606.554,88", "4.592.578,12", "231.909,96", "82,38", "13.180.676,24"],
    "relazione-2025": ["20.489.419,39", "4.104.792,10", "7.002.049,31", "280.438,75", "1.071", "101,45", "16.384.627,28"],
    "piano-2020": ["12.236.661,01", "6.323.674,94", "9.569.298,01", "10.508.172,44"],
    "piano-2021": ["12.447.918,48", "14.142.017,22", "10.943.518,69", "12.725.044,33"],
}  # fmt: skip


@every_edition
def test_golden_values_stand_in_both_formats(pages, printed, edition):
    page, paper = " ".join(pages[edition].text), " ".join(printed[edition])
    for value in GOLDEN[edition]:
        assert value in page
        assert value in paper


@every_edition
def test_numbers_are_italian(pages, printed, edition):
    for text in (" ".join(pages[edition].text), " ".join(printed[edition])):
        assert not re.findall(r"\d,\d{3}\.\d", text)
        assert not re.findall(r"\d[ \u00a0]?€(?!\u00a0\d)", text)
        assert "nan" not in re.findall(r"\b\w+\b", text)


@pytest.mark.parametrize("book", ["relazione", "piano"])
def test_notebooks_run_again_to_the_same_outputs(books, here, book):
    """In an ordinary kernel, which takes ten times as long: every fourth chapter, of the one edition or of the other."""
    editions = [edition for edition in EDITIONS if edition.startswith(book)]
    chapters = [
        books / editions[number % 2] / "notebooks" / path.name
        for number, path in enumerate(here.books[book].chapters[::4])
    ]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--nbval"]
    done = subprocess.run(
        [*command, *map(str, chapters)],
        cwd=chapters[0].parent,
        env=os.environ | {"ANNUARIO_ROOT": str(here.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 2 * len(chapters)


@every_edition
def test_pages_are_full(pdfs, edition):
    """At most four pages are a quarter empty, and none has a blank band of a tenth of it but above its notes."""
    with pymupdf.open(pdfs[edition]) as document:
        assert len([leaf.number + 1 for leaf in list(document)[1:] if blanks(leaf)[1] > 0.25]) <= 4
        assert [leaf.number + 1 for leaf in list(document)[1:] if blanks(leaf)[0] > 0.1] == []


def blanks(leaf: pymupdf.Page) -> tuple[float, float]:
    """The highest blank band within a page but that above its notes, and what is left at its foot, as parts of it."""
    height = leaf.rect.height
    boxes = [pymupdf.Rect(block[:4]) for block in leaf.get_text("blocks")]
    boxes += [drawn["rect"] for drawn in leaf.get_drawings()] + [
        pymupdf.Rect(one["bbox"]) for one in leaf.get_image_info()
    ]
    body = sorted((box for box in boxes if box.y0 > 60 and box.y1 < height - 60), key=lambda box: box.y0)
    below, band = (body[0].y1 if body else 60), 0.0
    for box in body:
        notes = box.height < 1 and 0.15 < box.width / (leaf.rect.width - 120) < 0.4  # the line above them
        band = max(band, 0.0 if notes else box.y0 - below)
        below = max(below, box.y1)
    return band / height, (height - 75 - below) / (height - 150)


@every_edition
def test_a_note_stands_on_the_page_of_its_mark(pdfs, edition):
    with pikepdf.open(pdfs[edition]) as document:
        numbers = {leaf.obj.objgen: leaf.index for leaf in document.pages}

        def pages_of(node) -> list[int]:
            """The pages of the words of a part, in their order; its notes apart."""
            if isinstance(node, pikepdf.Array):
                return [place for part in node for place in pages_of(part)]
            if not isinstance(node, pikepdf.Dictionary) or node.get("/S") == "/Note":
                return []
            return [numbers[node.Pg.objgen]] if "/Pg" in node else pages_of(node.get("/K", pikepdf.Array()))

        noted = [node for node in structure(document) if any(part.get("/S") == "/Note" for part in parts(node))]
        assert noted
        for node in noted:
            for mark, note in pairwise(parts(node)):
                if note.get("/S") == "/Note":
                    assert pages_of(mark)[-1] == pages_of(note.K)[0], note


def parts(node: pikepdf.Dictionary) -> list[pikepdf.Dictionary]:
    """The tags within a tag."""
    below = node.get("/K")
    return [
        part
        for part in (below if isinstance(below, pikepdf.Array) else [below])
        if isinstance(part, pikepdf.Dictionary)
    ]


def test_lines_have_about_75_letters(pdfs):
    with pymupdf.open(pdfs["relazione-2025"]) as document:
        blocks = [block for leaf in document.pages(5, 40) for block in leaf.get_text("dict")["blocks"]]
    paragraphs = [block["lines"] for block in blocks if len(block.get("lines", [])) > 2]
    lines = [
        sum(len(span["text"]) for span in line["spans"])
        for paragraph in paragraphs
        for line in paragraph[:-1]
        if {round(span["size"], 1) for span in line["spans"]} == {10.5}
    ]
    assert len(lines) > 200 and 70 <= statistics.median(lines) <= 80


@every_edition
def test_executed_notebooks_open_as_notebooks(books, edition):
    for path in (books / edition / "notebooks").glob("*.ipynb"):
        nbformat.validate(nbformat.read(path, 4))


@every_edition
def test_a_name_has_one_colour_in_all_charts_of_a_book(books, edition):
    """Years too: a tint each, counted back from the edition's; white is no colour: a ring has it inside."""
    colours: dict[str, set[str]] = {}
    for spec in drawn_in(books / edition):
        for scale in scales(spec):
            for name, colour in zip(scale.get("domain", ()), scale.get("range", ())):
                if str(colour).startswith("#") and colour != "#ffffff":
                    colours.setdefault(str(name), set()).add(colour)
    assert colours and {name: found for name, found in colours.items() if len(found) > 1} == {}


@every_edition
def test_apostrophes_are_those_of_print_in_both_formats(pages, printed, edition):
    for text in (" ".join(pages[edition].text), " ".join(printed[edition])):
        assert re.findall(r".{20}[^\W\d_]'[^\W_].{20}", text) == []


@every_edition
def test_each_chapter_explains_an_abbreviation_once(books, edition):
    page = lxml.html.parse(books / edition / f"{edition}.html").getroot()
    known = set(page.xpath("//section[@id='sec-sigle']//dt/text()"))
    chapters = page.xpath("//main//section[contains(@class, 'level2') and @id != 'sec-sigle']")
    assert len(known) > 12 and len(chapters) > 12
    for chapter in chapters:
        told = [abbreviation.text for abbreviation in chapter.iter("abbr")]
        plain = chapter.xpath(
            ".//text()[not(ancestor::a or ancestor::code or ancestor::h2 or ancestor::h3 or ancestor::h4)]"
        )
        used = known & set(re.findall(r"(?<![^\W_])[A-Z]{2,}(?![^\W_])", " ".join(plain)))
        assert sorted(told) == sorted(used), chapter.get("id")


@every_edition
def test_neighbours_in_a_stack_can_be_told_apart_in_grey(books, edition):
    """On a dark page too."""
    seen = 0
    for spec in drawn_in(books / edition):
        for layer in spec.get("layer", ()):
            color = layer["encoding"].get("color", {})
            if layer["mark"]["type"] != "bar" or "range" not in (color.get("scale") or {}):
                continue
            tints = dict(zip(color["scale"]["domain"], color["scale"]["range"]))
            rows: dict[object, list[dict]] = {}
            for record in layer.get("data", spec.get("data"))["values"]:
                if record["fine"] and record["fine"] > record["inizio"]:
                    rows.setdefault(record.get("mezzo", record.get("ambito")), []).append(record)
            for record, after in (pair for row in rows.values() for pair in pairwise(row)):
                one, other = (tints[each[color["field"]]] for each in (record, after))
                for dark in (False, True):
                    assert abs(lightness(one, dark) - lightness(other, dark)) >= 25, (spec["description"], one, other)
                seen += 1
    assert seen or edition.startswith("piano")


def drawn_in(folder: Path) -> Iterator[dict]:
    """The specifications of the charts of a built book."""
    for path in (folder / "notebooks").glob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", ()):
                if spec := output.get("data", {}).get(charts.MIME):
                    yield spec


def scales(part) -> Iterator[dict]:
    """The scales of a specification, wherever they stand in it."""
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from scales(value)
    if isinstance(part, dict) and isinstance(part.get("scale"), dict):
        yield part["scale"]
