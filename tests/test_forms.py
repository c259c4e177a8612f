"""The other forms of a book: the same numbers, captions, texts for who cannot see, links and notes in Word, EPUB and pages."""

import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pikepdf
import pymupdf
import pytest
import yaml
from lxml import etree, html
from reading import structure

from annuario import publish
from annuario.book import gallery, website
from annuario.errors import BookError
from annuario.execution.cache import Store
from annuario.publish import epub, fonts, options, pandoc, word
from annuario.publish.manuscript import Manuscript, Part

PROJECT = yaml.safe_load((Path(__file__).parents[1] / "_quarto.yml").read_text(encoding="utf-8"))
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="200"><rect width="640" height="200" fill="red"/></svg>'
)
WIDE = "| Progetto | " + " | ".join(f"Importo assegnato {n}" for n in range(12)) + " |\n|:--|" + "--:|" * 12
WIDE += (
    "\n| Casa | "
    + " | ".join(["€ 1.234.567,89"] * 12)
    + " |\n| **Totale** | "
    + " | ".join(["**€ 1.234.567,89**"] * 12)
    + " |"
)
CHART = {
    "alt": "Una barra: 1.234 casi.",
    "colonne": ["Anno", "Casi"],
    "righe": [["2025", "1.234"]],
    "csv": "a",
    "spec": {},
}
METADATA = {
    "title": "Relazione & prova 2025", "subtitle": "Edizione pubblicata", "author": "Ente di <prova>",
    "date": "2025-12-31", "lang": "it", "description": "Nota di [copertina](#sec-primo).",
    "annuario": {"testatina": "edizione di prova"},
}  # fmt: skip
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture
def written(tmp_path):
    """Writes a book in a form: two chapters, a chart, a picture's words, tables, notes, boxes."""
    folder = tmp_path / "libro"
    (folder / "figure").mkdir(parents=True)
    (folder / "figure" / "fig-casi.svg").write_text(SVG, encoding="utf-8")

    def write(form: str, more: str = "", name: str = "fatto", metadata: dict = METADATA) -> Path:
        first = [
            Part("# Primo {#sec-primo}\n\nVedi @fig-casi, @tbl-larga e @sec-secondo.^[Una nota.] Sono 1.234.", "/x/primo.ipynb, cell 2"),
            Part('![I casi](figure/fig-casi.svg){#fig-casi fig-alt="Una barra: 1.234 casi."}\n\n::: {.note-tabella}\nNota sotto.\n:::', "/x/primo.ipynb, cell 3"),
            Part(f"{WIDE}\n\n: Gli *importi* {{#tbl-larga}}", "/x/primo.ipynb, cell 4"),
        ]  # fmt: skip
        second = [
            Part('# Secondo {#sec-secondo}\n\n::: {.callout-note title="In breve"}\nTesto del riquadro, $x^2$.\n:::\n\n## Sezione & altro', "/x/secondo.ipynb, cell 2"),
            Part("| Voce | Valore |\n|:--|--:|\n| Comuni | 48 |\n\n: Valori {#tbl-valori}\n\nCome dice @tbl-larga.\n\n" + more, "/x/secondo.ipynb, cell 3"),
        ]  # fmt: skip
        lists = [
            Part(
                "# Indice delle figure {#sec-figure .unnumbered}\n\n::: {.elenco-figure}\n\n- @fig-casi: I casi\n\n:::"
            )
        ]
        block = f'<script type="application/json" id="annuario-grafici">{json.dumps({"fig-casi": CHART})}</script>'
        book = Manuscript(folder, metadata, [lists, first, second], {"fig-casi": "", "tbl-larga": ""}, block)
        target = tmp_path / (f"{name}.{form}" if form != "site" else name)
        return publish.writer(pandoc, form)(book, target, PROJECT, None)

    return write


def document(path: Path) -> etree._Element:
    return etree.fromstring(zipfile.ZipFile(path).read("word/document.xml"))


def words(element) -> str:
    return "".join(text.text or "" for text in element.iter(f"{W}t")).replace("\u00a0", " ")


def styled(root, style: str) -> list[str]:
    return [
        words(paragraph) for paragraph in root.iter(f"{W}p")
        if any(name.get(f"{W}val") == style for name in paragraph.iter(f"{W}pStyle"))
    ]  # fmt: skip


# What every form holds ------------------------------------------------------------------------

KINDS = ("headings", "captions", "tables", "rows", "figures", "notes")


def held(form: str, path: Path) -> dict[str, int]:
    """How many of each kind a book has in a form."""
    if form == "pdf":
        with pikepdf.open(path) as found:
            tags = [str(node.S) for node in structure(found)]
        names = [("/H1", "/H2", "/H3"), ("/Caption",), ("/Table",), ("/TR",), ("/Figure",), ("/Note",)]
        counts = [sum(tag in of for tag in tags) for of in names]
        return dict(zip(KINDS, [counts[0] - 1, *counts[1:]]))  # over its contents stands a heading of their own
    if form == "docx":
        root, notes = document(path), etree.fromstring(zipfile.ZipFile(path).read("word/footnotes.xml"))
        styles = [name.get(f"{W}val") for name in root.iter(f"{W}pStyle")]
        tables = [table for table in root.iter(f"{W}tbl") if list(table.iter(f"{W}tblHeader"))]
        counts = [
            sum(style.startswith("Heading") for style in styles),
            sum(style in ("ImageCaption", "TableCaption") for style in styles),
            len(tables),
            sum(1 for table in tables for _ in table.iter(f"{W}tr")),
            sum(1 for picture in root.iter("{*}docPr") if picture.get("descr")),
            sum(1 for note in notes.iter(f"{W}footnote") if note.get(f"{W}type") is None),
        ]
        return dict(zip(KINDS, counts))
    if form == "epub":
        archive = zipfile.ZipFile(path)
        texts = [archive.read(name) for name in archive.namelist() if name.endswith(".xhtml") and "indice" not in name]
    else:
        files = sorted(path.rglob("index.html")) if form == "site" else [path]
        texts = [file.read_bytes() for file in files]
    pages = [html.fromstring(text) for text in texts]
    paths = [
        "count(//section[contains(@class, 'level')]/*[starts-with(name(), 'h')][1])", "count(//figcaption)", "count(//table)", "count(//table//tr)",
        "count(//figure//img[@alt])", "count(//*[@role='doc-endnotes' or contains(@class, 'footnotes')]//li)",
    ]  # fmt: skip
    return {kind: sum(int(page.xpath(path)) for page in pages) for kind, path in zip(KINDS, paths)}


def test_every_form_holds_the_same(written):
    forms = {form: held(form, written(form, name=f"fatto-{form}")) for form in ("html", "epub", "site", "docx", "pdf")}
    assert forms["html"] == {"headings": 4, "captions": 3, "tables": 2, "rows": 5, "figures": 1, "notes": 1}
    assert {form: counts for form, counts in forms.items() if counts != forms["html"]} == {}


# Word -----------------------------------------------------------------------------------------


def test_word_says_the_numbers_of_the_other_forms(written):
    root = document(written("docx"))
    assert styled(root, "ImageCaption") == ["Figura 1: I casi"]
    assert styled(root, "TableCaption") == ["Tabella 1: Gli importi", "Tabella 2: Valori"]
    assert styled(root, "Heading1") == ["Indice delle figure", "1Primo", "2Secondo"]
    assert styled(root, "Heading2") == ["2.1Sezione & altro"]
    assert "Vedi Figura 1, Tabella 1 e Capitolo 2. Sono 1.234." in [words(p) for p in root.iter(f"{W}p")]
    assert styled(root, "TableofFigures") == ["Figura 1: I casi"]
    assert styled(root, "TOC1") == ["Indice delle figure", "1 Primo", "2 Secondo"]
    assert styled(root, "NotaTabella") == ["Nota sotto."]
    assert styled(root, "RiquadroTitolo") == ["In breve"]


def test_word_numbers_and_lists_by_fields(written):
    root = document(written("docx"))
    codes = [code.text.strip() for code in root.iter(f"{W}instrText")]
    assert codes.count("SEQ Figura \\* ARABIC") == 1 and codes.count("SEQ Tabella \\* ARABIC") == 2
    assert 'TOC \\o "1-3" \\h \\z \\u' in codes and 'TOC \\h \\z \\c "Figura"' in codes
    kinds = [field.get(f"{W}fldCharType") for field in root.iter(f"{W}fldChar")]
    assert kinds.count("begin") == kinds.count("separate") == kinds.count("end") == len(codes)


def test_words_links_lead_to_places_that_are_there(written):
    root = document(written("docx"))
    places = {place.get(f"{W}name") for place in root.iter(f"{W}bookmarkStart")}
    links = [link.get(f"{W}anchor") for link in root.iter(f"{W}hyperlink")]
    assert len(links) > 5 and set(links) <= places
    numbers = [place.get(f"{W}id") for place in root.iter(f"{W}bookmarkStart")]
    assert len(numbers) == len(set(numbers))


def test_words_tables_repeat_their_heads_and_turn_the_page_where_they_are_wide(written):
    root = document(written("docx"))
    tables = list(root.iter(f"{W}tbl"))
    assert all(table.find(f"{W}tr/{W}trPr/{W}tblHeader") is not None for table in tables)
    turned = [size.get(f"{W}orient") for size in root.iter(f"{W}pgSz")]
    assert turned == [None, "landscape", None]
    assert [cell.get(f"{W}fill") for cell in tables[0].findall(f"{W}tr")[-1].iter(f"{W}shd")] == ["E9F1F2"] * 13


def test_words_columns_are_as_wide_as_what_they_hold(written):
    more = (
        "| Voce | 2024 | 2025 |\n|:--|--:|--:|\n"
        "| Minori in carico complessivamente seguiti nell'anno | 1 | € 1.234.567,89 |\n\n: Larghezze {#tbl-larghezze}\n"
    )
    tables = list(document(written("docx", more)).iter(f"{W}tbl"))
    name, small, large = (int(column.get(f"{W}w")) for column in tables[-1].iter(f"{W}gridCol"))
    assert small < large < name
    page = next(document(written("docx", more)).iter(f"{W}pgSz"))
    assert name + small + large < int(page.get(f"{W}w"))


def test_words_charts_are_pictures_for_print_with_their_words(written):
    path = written("docx")
    shown = [found.get("descr") for found in document(path).iter() if found.tag.endswith("}docPr")]
    assert shown == ["Una barra: 1.234 casi."]
    with zipfile.ZipFile(path) as archive:
        media = [name for name in archive.namelist() if name.startswith("word/media/")]
        assert [Path(name).suffix for name in media] == [".png"]
        assert int.from_bytes(archive.read(media[0])[16:20], "big") == 1920  # 640 drawn, three for each
        assert b'w:val="it-IT"' in archive.read("word/styles.xml")
        assert "edizione di prova" in archive.read("word/header1.xml").decode()
        assert b"Relazione &amp; prova 2025" in archive.read("docProps/core.xml")


def test_word_has_places_to_come_back_to(written):
    """Of the edition, of the making, of each cell, and where the text comes from none."""
    metadata = {**METADATA, "annuario": {"edizione": "relazione-2025"}}
    root = document(written("docx", "- Un punto.", metadata=metadata))
    names = [place.get(f"{W}name") for place in root.iter(f"{W}bookmarkStart")]
    own = [name for name in names if name.startswith(("edizione_", "cella_", "nessuna_"))]
    assert own == [
        "edizione_relazione_2025", "nessuna_cella_1", "cella_primo_2", "cella_primo_3", "cella_primo_4",
        "cella_secondo_2", "cella_secondo_3",
    ]  # fmt: skip
    assert sum(name.startswith("fattura_") for name in names) == 1
    other = document(written("docx", "- Un altro.", "altro", metadata))
    making = [{place.get(f"{W}name") for place in one.iter(f"{W}bookmarkStart")} for one in (root, other)]
    assert [name.startswith("fattura_") for name in making[0] ^ making[1]] == [True, True]


def test_a_list_that_begins_a_cell_has_its_place_in_it(written):
    book = Manuscript(Path(), METADATA, [[Part("- Uno.", "/x/a.ipynb, cell 2"), Part("- Due.", "/x/a.ipynb, cell 3")]])
    (text,) = word._anchored(book)
    assert (
        text.startswith("- `<w:bookmarkStart") and "}Uno.\n\n- `<w:bookmarkStart" in text and text.endswith("}Due.\n")
    )


def test_words_bytes_depend_on_the_book_alone(written):
    assert written("docx").read_bytes() == written("docx", name="altro").read_bytes()


def test_every_part_of_a_word_file_is_told_and_well_formed(written):
    with zipfile.ZipFile(written("docx")) as archive:
        types = archive.read("[Content_Types].xml").decode()
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(archive.read(name))
            assert f'PartName="/{name}"' in types or f'Extension="{name.rpartition(".")[2]}"' in types
        relations = archive.read("word/_rels/document.xml.rels").decode()
        for target in re.findall(r'Target="(?!http)([^"]+)"', relations):
            assert f"word/{target}" in archive.namelist()


def test_a_picture_without_words_is_refused_in_every_form(written):
    for form in ("docx", "epub", "site"):
        with pytest.raises(BookError, match=r"o.ipynb, cell 3: .*has no alternative text"):
            written(form, "![](figure/fig-casi.svg)", name=f"rotto-{form}")


@pytest.mark.parametrize("form", ["docx", "epub", "site"])
def test_a_broken_reference_is_refused_in_every_form(written, form):
    with pytest.raises(BookError, match="@fig-nulla points at nothing"):
        written(form, "Vedi @fig-nulla.")


def test_a_label_without_number_is_told_by_its_title(written):
    """What is written in JSON on the way keeps its quotes and backslashes."""
    root = document(written("docx", 'Vedi @sec-detto.\n\n# Il "detto" \\\\ e altro {#sec-detto .unnumbered}'))
    assert "Vedi Il “detto” \\ e altro." in [words(p) for p in root.iter(f"{W}p")]


# EPUB -----------------------------------------------------------------------------------------


def test_epub_holds_the_chapters_and_names_them(written):
    with zipfile.ZipFile(written("epub")) as archive:
        names = archive.namelist()
        assert names[0] == "mimetype" and archive.getinfo("mimetype").compress_type == zipfile.ZIP_STORED
        package = etree.fromstring(archive.read("libro/libro.opf"))
        items = {item.get("id"): item.get("href") for item in package.iter("{*}item")}
        assert sorted(f"libro/{name}" for name in items.values()) == sorted(
            name for name in names if name.startswith("libro/") and not name.endswith(".opf")
        )
        spine = [items[item.get("idref")] for item in package.iter("{*}itemref")]
        assert spine == ["frontespizio.xhtml", "indice.xhtml", "figure.xhtml", "primo.xhtml", "secondo.xhtml"]
        assert package.findtext(".//{*}language") == "it-IT"
        assert package.findtext(".//{*}title") == "Relazione & prova 2025"
        ids = {}
        for name in spine:
            page = etree.fromstring(archive.read(f"libro/{name}"))
            ids[name] = {found.get("id") for found in page.iter() if found.get("id")}
        for name in spine:
            page = etree.fromstring(archive.read(f"libro/{name}"))
            for link in page.iter("{*}a"):
                there, _, place = link.get("href").partition("#")
                assert not place or place in ids[there or name]
            assert all(image.get("alt") for image in page.iter("{*}img"))


def test_epub_says_what_the_page_says(written, tmp_path):
    page = html.fromstring(written("html").read_text(encoding="utf-8"))
    with zipfile.ZipFile(written("epub")) as archive:
        chapters = [html.fromstring(archive.read(f"libro/{name}.xhtml")) for name in ("primo", "secondo")]
    for kind in ("figcaption", "td", "th", "h2", "h3", "p"):
        said = [" ".join(one.text_content().split()) for chapter in chapters for one in chapter.iter(kind)]
        whole = [" ".join(one.text_content().split()) for one in page.iter(kind)]
        assert said and set(said) <= set(whole)


def test_epubs_bytes_depend_on_the_book_alone(written):
    assert written("epub").read_bytes() == written("epub", name="altro").read_bytes()


def test_a_cell_that_is_empty_heads_nothing(written):
    table = "<table><tr><th>Voce</th></tr><tr><th scope='row'> </th></tr></table>"
    body = etree.fromstring(f"<div>{epub._xhtml(table)}</div>")
    assert [(cell.tag, cell.get("scope")) for cell in body.iter("th", "td")] == [("th", None), ("td", None)]


def test_headings_that_skip_a_level_make_no_broken_contents(written):
    with zipfile.ZipFile(written("epub", "#### In fondo\n\nTesto.")) as archive:
        nav = etree.fromstring(archive.read("libro/indice.xhtml"))
    for items in nav.iter("{*}ol"):
        assert {child.tag.rpartition("}")[2] for child in items} == {"li"}


def test_the_contents_of_an_epub_say_what_they_are(written):
    with zipfile.ZipFile(written("epub")) as archive:
        nav = etree.fromstring(archive.read("libro/indice.xhtml")).find(".//{*}nav[@id='toc']")
    assert nav.get("role") == "doc-toc"


@pytest.mark.skipif(not shutil.which("epubcheck"), reason="epubcheck is not installed")
def test_epubcheck_has_nothing_to_say(written):
    program = shutil.which("epubcheck")
    command = ["java", "-jar", program] if zipfile.is_zipfile(program) else [program]  # as Debian has it
    done = subprocess.run([*command, str(written("epub"))], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# Pages ----------------------------------------------------------------------------------------


def test_pages_lead_to_each_other(written):
    folder = written("site", name="sito")
    addresses = [path.parent.relative_to(folder).as_posix() for path in sorted(folder.rglob("index.html"))]
    assert sorted(addresses) == [".", "figure", "primo", "secondo"]
    for path in folder.rglob("index.html"):
        page = html.fromstring(path.read_text(encoding="utf-8"))
        for name in ("href", "src"):
            for link in page.xpath(f"//@{name}"):
                there, _, place = str(link).partition("#")
                if there.startswith("data:"):
                    continue
                target = (path.parent / there).resolve() if there else path
                assert target.exists(), link
                target = target / "index.html" if target.is_dir() else target
                assert not place or f'id="{place}"' in target.read_text(encoding="utf-8"), link
    second = html.fromstring((folder / "secondo" / "index.html").read_text(encoding="utf-8"))
    assert [a.get("href") for a in second.xpath("//a[text()='Tabella\u00a01']")] == ["../primo/#tbl-larga"]
    assert [a.get("href") for a in second.find_class("vicini")[0]] == ["../primo/"]
    assert second.xpath("//h1")[0].text_content() == "Relazione & prova 2025"


def test_a_page_brings_its_own_charts_and_no_library(written):
    folder = written("site", name="sito")
    first, second = (
        html.fromstring((folder / name / "index.html").read_text(encoding="utf-8")) for name in ("primo", "secondo")
    )
    assert json.loads(first.get_element_by_id("annuario-grafici").text)["fig-casi"]["righe"] == [["2025", "1.234"]]
    assert second.get_element_by_id("annuario-grafici", None) is None
    sizes = [
        path.stat().st_size
        for path in (folder / "risorse").rglob("*")
        if path.suffix in (".css", ".js", ".woff") and path.stem not in ("vega", "book")
    ]
    assert sum(sizes) + (folder / "index.html").stat().st_size < 400_000


def test_the_search_knows_every_page(written):
    index = json.loads((written("site", name="sito") / "cerca.json").read_text(encoding="utf-8"))
    texts = {page["indirizzo"]: page["testi"] for page in index["pagine"]}
    assert [text[1] for text in texts["primo/"] if text[2:] == ["2025 · 1.234", "Anno Casi"]] == ["fig-casi"]
    rows = [text for text in texts["secondo/"] if text[2] == "Comuni · 48"]
    assert rows and rows[0][1] == "tbl-valori" and "Valori" in rows[0][3]


def test_a_page_carries_the_letters_that_it_needs_under_a_name_of_their_own(written):
    """The family's licence reserves its name to the whole one."""
    from fontTools.ttLib import TTFont

    folder = written("site", name="sito") / "risorse"
    sheet = (folder / "fonts.css").read_text(encoding="utf-8")
    for name, _, _ in fonts.FACES:
        face = folder / "fonts" / f"{name.removesuffix('.otf')}.woff"
        font = TTFont(face)
        assert face.name in sheet and face.stat().st_size < 40_000
        assert {*map(ord, "Reàèìòù€–’1,")} <= font.getBestCmap().keys()
        assert all(fonts.SCREEN in font["name"].getDebugName(number) for number in (1, 4))
        assert "Open Font License" in font["name"].getDebugName(13)
        assert font["CFF "].cff.topDictIndex[0].FamilyName == fonts.SCREEN
    assert fonts.FAMILY not in sheet and fonts.SCREEN in sheet


# All editions ---------------------------------------------------------------------------------


@pytest.fixture
def editions(written, tmp_path):
    out = tmp_path / "output"
    for name, more in (
        ("relazione-2025", {}),
        ("relazione-2024", {"date": "2024-12-31"}),
        ("piano-2026", {"annuario": {"timbro": "Bozza"}}),
    ):
        folder = written("site", name=name, metadata={**METADATA, **more})
        (out / name).mkdir(parents=True)
        folder.rename(out / name / "sito")
    (out / "relazione-2025" / "relazione-2025.pdf").write_bytes(b"%PDF")
    return out


def test_the_site_has_every_edition_but_drafts(editions, tmp_path):
    target = tmp_path / "sito"
    found = website.write(editions, target)
    assert [edition.address for edition in found] == ["relazione/2025/", "relazione/2024/"]
    index = html.fromstring((target / "index.html").read_text(encoding="utf-8"))
    assert [a.get("href") for a in index.xpath("//li/a")] == [
        "relazione/2025/",
        "relazione/2025/relazione-2025.pdf",
        "relazione/2024/",
    ]
    for link in index.xpath("//@href"):
        assert (target / str(link)).exists()
    feed = etree.fromstring((target / "feed.xml").read_bytes())
    assert [entry.find("{*}link").get("href") for entry in feed.iter("{*}entry")] == [
        "relazione/2025/",
        "relazione/2024/",
    ]
    assert (target / "relazione" / "2025" / "primo" / "index.html").is_file()
    again = {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}
    website.write(editions, target)
    assert {path: path.read_bytes() for path in target.rglob("*") if path.is_file()} == again


def test_the_feed_of_a_known_address_is_absolute(editions, tmp_path):
    website.write(editions, tmp_path / "sito", "https://www.ente.it/libri")
    feed = etree.fromstring((tmp_path / "sito" / "feed.xml").read_bytes())
    links = [link.get("href") for link in feed.iter("{*}link")]
    assert all(link.startswith("https://www.ente.it/libri/") for link in links)


def test_a_site_takes_the_place_of_nothing_else(editions, tmp_path):
    (tmp_path / "mio").mkdir()
    (tmp_path / "mio" / "tesi.txt").write_text("mia", encoding="utf-8")
    with pytest.raises(BookError, match="choose another folder"):
        website.write(editions, tmp_path / "mio")
    assert (tmp_path / "mio" / "tesi.txt").read_text(encoding="utf-8") == "mia"
    with pytest.raises(BookError, match="--format site"):
        website.write(tmp_path / "mio", tmp_path / "sito")


def test_the_language_has_its_country():
    assert [options.language({"lang": lang}) for lang in ("it", "it-CH", "de")] == ["it-IT", "it-CH", "de-DE"]


def test_word_takes_pictures_of_any_kind(written):
    (Path(written("epub")).parent / "libro" / "figure" / "foto.png").write_bytes(publish.pictures.prints([SVG])[0])
    with zipfile.ZipFile(io.BytesIO(written("docx", "![Una foto](figure/foto.png)").read_bytes())) as archive:
        assert sum(name.startswith("word/media/") for name in archive.namelist()) == 2


# Data from the page, charts as files ------------------------------------------------------------


def test_prints_are_made_once_at_three_dots_for_each(tmp_path, monkeypatch):
    store = Store(tmp_path)
    made = publish.pictures.prints([SVG, SVG.replace("red", "blue"), SVG], store)
    size = pymupdf.Pixmap(made[0])
    assert made[0] == made[2] != made[1] and (size.width, size.height) == (640 * 3, 200 * 3)
    monkeypatch.setattr(publish.pictures.press, "compiler", None)
    assert publish.pictures.prints([SVG], store) == made[:1]


def test_charts_are_files_named_by_number_and_title(tmp_path):
    captions = {
        "tbl-a": "Tabella",
        "fig-casi": "I *casi* seguiti, 2023–2025 ^[nota]",
        "fig-foto": "La sede: è qui " * 9,
    }
    images = {"fig-casi.svg": SVG, "fig-foto.png": b"PNG"}
    folder = gallery.write(
        captions, images, {"fig-casi": CHART}, tmp_path / "grafici", lambda drawings: [b"P"] * len(drawings)
    )
    manifest = json.loads((folder / "grafici.json").read_text(encoding="utf-8"))
    assert [one["file"] for one in manifest["grafici"]] == [
        [
            "figura-01-i-casi-seguiti-2023-2025.svg",
            "figura-01-i-casi-seguiti-2023-2025.png",
            "figura-01-i-casi-seguiti-2023-2025.csv",
        ],
        ["figura-02-la-sede-e-qui-la-sede-e-qui-la-sede-e-qui-la-sede-e-qui-la.png"],
    ]
    assert manifest["grafici"][0]["descrizione"] == CHART["alt"]
    assert {path.name for path in folder.iterdir()} == {
        "grafici.json",
        *(name for one in manifest["grafici"] for name in one["file"]),
    }
    assert gallery.kept(folder) == gallery.key(captions, images, {"fig-casi": CHART})
    assert gallery.kept(folder) != gallery.key(captions | {"fig-casi": "Altro"}, images, {"fig-casi": CHART})


@pytest.fixture
def taken(written, browser, tmp_path):
    """What the row below a table gives, by the words on its buttons."""
    more = (
        "| Voce | Importo | Quota | Misto | Codice |\n|:--|--:|--:|--:|:--|\n"
        '| A; \\"b\\" | € 1.234,50 | 12,3 % | 5 % | 007 |\n| −x | −€ 20,00 | – | 7 | 2.025 |\n\n'
        ": Le *voci* {#tbl-voci}\n\n::: {.note-tabella}\nUna nota.\n:::"
    )
    metadata = {**METADATA, "author": "Ente", "annuario": {"licenza": {"title": "CC BY 4.0"}}}
    page_file = written("html", more, metadata=metadata)
    page = browser.new_page(accept_downloads=True)
    page.goto(page_file.as_uri())

    def take(label: str, name: str) -> bytes:
        below = page.locator(f"xpath=//figure[@id='{label}']/following-sibling::div[@class='porta-via'][1]")
        with page.expect_download() as download:
            below.get_by_text(name, exact=True).click()
        download.value.save_as(tmp_path / "preso")
        return (tmp_path / "preso").read_bytes()

    take.page = page
    yield take
    page.close()


def test_a_tables_numbers_can_be_taken_by_people_and_programs(taken):
    lines = taken("tbl-voci", "CSV").decode("utf-8-sig").splitlines()
    assert lines == [
        "Titolo;Tabella 3: Le voci",
        "Fonte;Ente, Relazione & prova 2025. Una nota.", "Indirizzo;fatto.html#tbl-voci", "Licenza;CC BY 4.0", "",
        "Voce;Importo (€);Quota (%);Misto;Codice", '"A; ""b""";1234,50;12,3;5 %;007', "−x;-20,00;;7;2025",
    ]  # fmt: skip
    assert taken("tbl-voci", "CSV per programmi").decode().splitlines() == [
        "Voce,Importo (€),Quota (%),Misto,Codice", '"A; ""b""",1234.50,12.3,5 %,007', "−x,-20.00,,7,2025",
    ]  # fmt: skip
    rows = list(openpyxl.load_workbook(io.BytesIO(taken("tbl-voci", "Excel"))).active.iter_rows(values_only=True))
    assert rows[-2:] == [('A; "b"', 1234.5, 12.3, "5 %", "007"), ("−x", -20, None, 7, 2025)]


def test_a_chart_can_be_taken_as_a_drawing_and_for_print(taken):
    assert taken("fig-casi", "SVG").decode() == SVG
    png = taken("fig-casi", "PNG")
    assert png[:4] == b"\x89PNG" and int.from_bytes(png[16:20], "big") == 1920
    assert taken("fig-casi", "CSV per programmi") == b"a"
    row = "xpath=//figure[@id='fig-casi']/following-sibling::div[@class='porta-via'][1]/button"
    taken.page.focus(f"{row}[1]")
    for key, told in (("ArrowRight", "CSV per programmi"), ("ArrowLeft", "CSV"), ("ArrowLeft", "Cita")):
        taken.page.keyboard.press(key)
        assert taken.page.evaluate("document.activeElement.textContent") == told
        assert taken.page.locator(f"{row}[@tabindex='0']").all_inner_texts() == [told]  # the one stop of the Tab key
