"""The embedded publisher on a tiny book: numbers, links, accessibility, bytes."""

import base64
import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import outloud
import pdfua
import pikepdf
import pymupdf
import pytest
import yaml
from conftest import require_accessible
from page import validate_pdf
from reading import manuscript, structure

from annuario import publish
from annuario.errors import BookError
from annuario.publish import fonts, pandoc, press, quarto, svg
from annuario.words.markdown import escape
from annuario.workplace import TEMPORARY_FILES

PROJECT = yaml.safe_load((Path(__file__).parents[1] / "_quarto.yml").read_text(encoding="utf-8"))
SPECIAL = r"a | b * c $ d # e < f > g _h_ @i \ j {{< meta k >}} `l` [m](n) ~o~ ^p^ & \"q\" 'r' -- ..."
NUMBERED = (
    "Figura 1: I casi", "Figura 2: Tutti i Comuni", "Tabella 1: Progetti e importi", "Tabella 2: Abitanti",
    "Vedi Figura 1, Tabella 1, Tabella 2, Capitolo 2 e Sezione 1.1; anche Figura 1, Figura 2.",
)  # fmt: skip
CELLS = [
    "1. abc", "+ 3", "- x", "= y", "== y", "/ z: w", "a // b", "http://x.y/z?q=1#k", "/* x */", "---", "...", "-5",
    "a -5 b", "x-?y", "1) abc", "* x", "a;b", "#let x", "e-mail a@b.it", "C:\\x", "1.", "a\\", "::: x",
]  # fmt: skip
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="{0}"><rect width="640" height="{0}"/></svg>'
PLAIN = "| Voce | Valore |\n|:--|--:|\n| Comuni | 48 |\n"

CHART = {
    "spec": {
        "data": {"values": [{"anno": "2024", "casi": 1234}, {"anno": "2025", "casi": 1300}]},
        "mark": "bar",
        "width": "container",
        "encoding": {"x": {"field": "anno", "type": "ordinal"}, "y": {"field": "casi", "type": "quantitative"}},
    },
    "alt": "Colonne: 1.234 casi nel 2024 e 1.300 nel 2025.",
    "colonne": ["Anno", "Casi"],
    "righe": [["2024", "1.234"], ["2025", "1.300"]],
    "csv": "Anno,Casi\n2024,1234\n2025,1300\n",
}


# What `outloud` takes for errors: a table of two columns, whose rows' headers are half of its cells; the
# header of a table that goes on, which is repeated for the eye alone.
OUTLOUD_FALSE = ["TBL-010", "TAG-002"]
# What `page` takes for a violation: where the last byte of a stream is a carriage return, it and the line
# feed before the keyword are read as one end of line, and the length as one byte too long.
PAGE_FALSE = "PDFA2A-STREAM-LENGTH-001"


def violations(path: Path) -> list[str]:
    """The rules of PDF/UA-1 and of PDF/A-2a that a file breaks, checked as veraPDF does."""
    found = [one for kind in ("ua1", "2a") for one in validate_pdf(path, profile=kind).failures]
    return [f"{one.rule_id}: {one.message}" for one in found if one.rule_id != PAGE_FALSE]


def pipe(head: list[str], rows: list[list[str]], label: str, caption: str) -> str:
    rule = [":---", *["---:"] * (len(head) - 1)]
    lines = ["| " + " | ".join(row) + " |" for row in [head, rule, *rows]]
    return "\n".join(lines) + f"\n\n: {caption} {{#{label}}}"


def book(folder: Path, extra: str = "") -> Path:
    """A book of two chapters in ``folder``: libro.md and its figures."""
    (folder / "figure").mkdir(parents=True, exist_ok=True)
    for slug, height in (("casi", 300), ("alta", 2400)):
        (folder / "figure" / f"fig-{slug}.svg").write_text(SVG.format(height), encoding="utf-8")
    wide = pipe(
        ["Progetto", *(f"Importo assegnato {n}" for n in range(1, 12))],
        [["Casa e lavoro", *["€\u00a01.234.567,89"] * 11], ["**Totale**", *["**€\u00a01.234.567,89**"] * 11]],
        "tbl-larga", "Progetti e importi",
    )  # fmt: skip
    long = pipe(["Comune", "Abitanti"], [[f"Comune {n}", f"{n}.{n:03}"] for n in range(1, 81)], "tbl-lunga", "Abitanti")
    data = json.dumps({"fig-casi": CHART}, sort_keys=True)
    source = folder / "libro.md"
    source.write_text(
        f"""---
title: Relazione di prova 2025
subtitle: Edizione pubblicata
author: Ente di prova
date: '2025-12-31'
lang: it
---

# Indice delle figure {{#sec-figure .unnumbered}}

::: {{.elenco-figure}}

- @fig-casi: I casi
- @fig-alta: Tutti i Comuni

:::

# In sintesi {{#sec-sintesi .unnumbered}}

Vedi @fig-casi, @tbl-larga, @tbl-lunga, @sec-secondo e [Sezione @sec-casi]; anche [@fig-casi; @fig-alta].

::: {{.callout-note title="In breve"}}
Testo del riquadro.
:::

{PLAIN}

{PLAIN}

# Primo {{#sec-primo}}

## Casi {{#sec-casi}}

![I casi](figure/fig-casi.svg){{#fig-casi fig-alt="Colonne: 1.234 casi \\"nel\\" 2024"}}

{wide}

# Secondo {{#sec-secondo}}

{long}

![Tutti i Comuni](figure/fig-alta.svg){{#fig-alta fig-alt="Barre molto alte"}}

Segni: {escape(SPECIAL)}

::: {{.content-visible when-format="html"}}
Solo sullo schermo.
:::

::: {{.content-visible unless-format="html"}}
Solo sulla carta.
:::

{extra}

```{{=html}}
<script type="application/json" id="annuario-grafici">{data}</script>
```
""",
        encoding="utf-8",
    )
    return source


class Page(HTMLParser):
    """Ids, internal links, loaded addresses and the text of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.ids, self.links, self.loads, self.headings, self.words = [], {}, [], [], []
        self._link = self._skip = self._heading = None
        self.feed(text)
        self.text = re.sub(r"\s+", " ", "".join(self.words))

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "a":
            self._link = attributes.get("href", "")
        if tag in ("script", "style"):
            self._skip = tag
        self.loads += [attributes[key] for key in ("src", "srcset", "poster", "data") if attributes.get(key)]
        if tag == "link":
            self.loads.append(attributes.get("href", ""))
        if re.fullmatch("h[1-6]", tag):
            self._heading = tag
            self.headings.append([tag, ""])

    def handle_endtag(self, tag):
        if tag == "a":
            self._link = None
        if tag == self._skip:
            self._skip = None
        if tag == self._heading:
            self._heading = None

    def handle_data(self, data):
        if self._skip:
            return
        self.words.append(data)
        if self._link is not None:
            self.links.setdefault(self._link, []).append(data)
        if self._heading:
            self.headings[-1][1] += data


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    return book(tmp_path_factory.mktemp("libro"))


@pytest.fixture(scope="module")
def html(source) -> Path:
    return pandoc.html(manuscript(source), source.parent / "libro.html", PROJECT)


@pytest.fixture(scope="module")
def page(html) -> Page:
    return Page(html.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pdf(source) -> Path:
    return pandoc.pdf(manuscript(source), source.parent / "libro.pdf", PROJECT)


@pytest.fixture(scope="module")
def leaves(pdf) -> list[str]:
    with pymupdf.open(pdf) as document:
        return [re.sub(r"\s+", " ", leaf.get_text()).replace("\u00a0", " ") for leaf in document]


# HTML --------------------------------------------------------------------------------


def test_html_numbers_and_references(page):
    text = page.text
    for words in NUMBERED:
        assert words in text
    assert set(page.links["#sec-secondo"]) >= {"Capitolo\u00a02"}
    assert all(link[1:] in page.ids for link in page.links if link.startswith("#"))
    assert len(page.ids) == len(set(page.ids))


def test_html_headings_have_one_first_level(page):
    headings = [(tag, re.sub(r"\s+", " ", text).strip()) for tag, text in page.headings]
    assert [text for tag, text in headings if tag == "h1"] == ["Relazione di prova 2025"]
    assert ("h2", "1 Primo") in headings and ("h3", "1.1 Casi") in headings and ("h2", "In sintesi") in headings


def test_html_is_one_offline_file(html, page):
    assert page.loads and all(address.startswith("data:") for address in page.loads)
    sheets = re.findall(r"<style.*?</style>", html.read_text(encoding="utf-8"), re.DOTALL)
    assert sheets and not any(re.search(r"url\(['\"]?(?!['\"]?data:)|@import", sheet) for sheet in sheets)
    assert html.read_text(encoding="utf-8").count('id="annuario-vega"') == 1


def test_html_language_and_alternative_texts(html):
    text = html.read_text(encoding="utf-8")
    assert '<html lang="it">' in text
    assert 'alt="Colonne: 1.234 casi &quot;nel&quot; 2024"' in text


def test_special_characters_print_literally(page, leaves):
    expected = re.sub(r"\s+", " ", SPECIAL)
    assert expected in page.text
    assert expected.replace(" ", "") in "".join(leaves).replace(" ", "")


def test_cells_print_literally(tmp_path):
    rows = [[f"{escape(text)}", str(number)] for number, text in enumerate(CELLS, 100)]
    source = book(tmp_path, pipe(["Testo", "Numero"], rows, "tbl-testi", "Testi: 1. -- ..."))
    page = Page(pandoc.html(manuscript(source), tmp_path / "x.html", PROJECT).read_text(encoding="utf-8"))
    with pymupdf.open(pandoc.pdf(manuscript(source), tmp_path / "x.pdf", PROJECT)) as document:
        printed = " ".join("".join(leaf.get_text() for leaf in document).split())
    for number, text in enumerate(CELLS, 100):
        assert f"{text} {number} " in page.text
        assert f"{text} {number} " in printed


def test_conditional_blocks(page, leaves):
    assert "Solo sullo schermo" in page.text and "Solo sulla carta" not in page.text
    assert "Solo sulla carta" in "".join(leaves) and "Solo sullo schermo" not in "".join(leaves)


def test_a_book_without_charts_carries_no_vega(tmp_path):
    source = book(tmp_path)
    source.write_text(source.read_text(encoding="utf-8").split("```{=html}")[0], encoding="utf-8")
    assert "annuario-vega" not in pandoc.html(manuscript(source), tmp_path / "x.html", PROJECT).read_text(
        encoding="utf-8"
    )


def test_options_follow_the_project(source, tmp_path):
    project = {
        **PROJECT,
        "toc": False,
        "number-sections": False,
        "crossref": {"fig-title": "Fig.", "fig-prefix": "fig."},
    }
    text = Page(pandoc.html(manuscript(source), tmp_path / "x.html", project).read_text(encoding="utf-8")).text
    assert "Fig. 1: I casi" in text and "Vedi fig. 1" in text and "1.1 Casi" not in text


# PDF ---------------------------------------------------------------------------------


def test_pdf_identifies_its_standards_and_metadata(pdf):
    with pikepdf.open(pdf) as document:
        assert str(document.Root.Lang) == "it"
        assert bool(document.Root.MarkInfo.Marked)
        assert bool(document.Root.ViewerPreferences.DisplayDocTitle)
        with document.open_metadata() as metadata:
            assert metadata.pdfa_status == "2A"
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == "Relazione di prova 2025"
            assert metadata["dc:creator"] == ["Ente di prova"]
            assert metadata["xmp:CreateDate"].startswith("2025-12-31")


def test_pdf_tags_carry_alternative_texts_and_headers(pdf):
    with pikepdf.open(pdf) as document:
        nodes = structure(document)
        alternatives = {str(node.Alt) for node in nodes if node.S == "/Figure"}
        assert alternatives == {'Colonne: 1.234 casi "nel" 2024', "Barre molto alte"}
        rows = [node for node in nodes if node.S == "/TR"]
        first = [row.K[0] for row in rows]
        assert rows and all(cell.S == "/TH" for cell in first)
        scopes = [str(part.Scope) for cell in first for part in cell.A if "/Scope" in part]
        assert scopes.count("/Row") == len(rows) - scopes.count("/Column") == 84
        assert sum(node.S == "/Table" for node in nodes) == 4


def test_pdf_lists_without_marks_have_no_labels(tmp_path):
    source = book(tmp_path)
    front = source.read_text(encoding="utf-8").split("# Indice", 1)[0]
    source.write_text(f"{front}# Uno {{#sec-uno}}\n\n::: {{.frasi}}\n- Una.\n- Due.\n:::\n\n- Tre.\n", encoding="utf-8")
    with pikepdf.open(pandoc.pdf(manuscript(source, toc=False), tmp_path / "libro.pdf", PROJECT)) as document:
        kinds = [str(node.S) for node in structure(document)]
        assert (kinds.count("/LI"), kinds.count("/Lbl")) == (3, 1)


def test_pdf_bookmarks(pdf):
    with pikepdf.open(pdf) as document, document.open_outline() as outline:
        titles = [re.sub(r"\s+", " ", item.title) for item in outline.root]
        assert titles == ["Indice delle figure", "In sintesi", "1 Primo", "2 Secondo"]
        assert [item.title for item in outline.root[2].children] == ["1.1 Casi"]


def test_pdf_numbers_agree_with_the_html(leaves):
    text = " ".join(leaves)
    for words in NUMBERED[:-1]:
        assert words in text
    assert re.search(r"Vedi Figura 1, p\. \d+, Tabella 1, p\. \d+, Tabella 2, p\. \d+, Capitolo 2, p\. \d+ e", text)


def test_pdf_list_of_figures_has_page_numbers(leaves):
    listing = next(leaf for leaf in leaves if "Figura 1 I casi" in leaf)
    place = next(number for number, leaf in enumerate(leaves, 1) if "Figura 1: I casi" in leaf)
    assert re.search(rf"Figura 1 I casi[ .\u2060]+{place}\b", listing)


def test_pdf_repeats_the_header_of_a_long_table(leaves):
    pages = [leaf for leaf in leaves if re.search(r"Comune \d+ \d", leaf)]
    assert len(pages) >= 2 and all("Comune Abitanti" in leaf for leaf in pages)


def test_pdf_leaves_three_rows_of_a_table_that_breaks(tmp_path):
    """Wherever on the page it begins, and as rows of its body: neither its first row nor its total stands alone."""
    rows = pipe(
        ["Voce", "Valore"], [*([f"Riga {n}", f"{n}"] for n in range(14)), ["**Totale**", "**9**"]], "tbl-r", "Righe"
    )
    source = book(tmp_path)
    front = source.read_text(encoding="utf-8").split("# Indice", 1)[0]
    broken = 0
    for lines in range(22, 34):
        text = "\n\n".join(["Una riga."] * lines)
        source.write_text(f"{front}# Uno {{#sec-uno}}\n\n{text}\n\n{rows}\n", encoding="utf-8")
        made = pandoc.pdf(manuscript(source, toc=False), tmp_path / "libro.pdf", PROJECT)
        with pymupdf.open(made) as document:
            parts = [len(re.findall(r"^(?:Riga \d+|Totale)$", leaf.get_text(), re.MULTILINE)) for leaf in document]
        assert sum(parts) == 15 and not {1, 2} & set(parts), (lines, parts)
        broken += len(parts) - parts.count(0) > 1
    assert broken > 5
    with pikepdf.open(made) as document:
        kinds = [str(node.S) for node in structure(document)]
        assert [kinds.count(kind) for kind in ("/THead", "/TBody", "/TFoot")] == [1, 1, 0]


def test_pdf_charts_stand_below_the_table_before_them(tmp_path, monkeypatch):
    """At the head of its page a chart would stand amid a table that goes on there."""
    source = book(tmp_path)
    front = source.read_text(encoding="utf-8").split("# Indice", 1)[0]
    rows = "\n".join(f"| Riga {number}. | {number} |" for number in range(60))
    chart = "![I casi](figure/fig-casi.svg){#fig-casi fig-alt=Casi}"
    table = f"| Voce | Casi |\n|:--|--:|\n{rows}\n\n: Le righe {{#tbl-righe}}"
    source.write_text(f"{front}# Uno {{#sec-uno}}\n\n{table}\n\n{chart}\n", encoding="utf-8")

    def places() -> list[tuple[int, float]]:
        made = pandoc.pdf(manuscript(source, toc=False), tmp_path / "libro.pdf", PROJECT)
        with pymupdf.open(made) as document:
            words = ("Riga 59.", "Figura 1: I casi")
            return [
                (leaf.number, found[0].y0) for word in words for leaf in document if (found := leaf.search_for(word))
            ]

    last, caption = places()
    assert caption > last and last[0] > 1
    monkeypatch.setattr(pandoc, "MOVES", 0)
    last, caption = places()
    assert caption < last, "the test shows nothing: the chart is no longer amid the table"


def test_pdf_charts_stand_below_the_heading_of_their_section(tmp_path, monkeypatch):
    """At the head of its page a chart would stand above the heading that comes half-way down it."""
    source = book(tmp_path)
    front = source.read_text(encoding="utf-8").split("# Indice", 1)[0]
    before, chart = "\n\n".join(["Una riga."] * 12), "![I casi](figure/fig-casi.svg){#fig-casi fig-alt=Casi}"
    text = f"# Uno {{#sec-uno}}\n\n{before}\n\n## Due {{#sec-due}}\n\nNella @fig-casi i casi.\n\n{chart}\n"
    source.write_text(front + text, encoding="utf-8")

    def places() -> list[pymupdf.Rect]:
        made = pandoc.pdf(manuscript(source, toc=False), tmp_path / "libro.pdf", PROJECT)
        with pymupdf.open(made) as document:
            leaf = document[1]
            assert leaf.search_for("Nella Figura 1 i casi.")
            return [leaf.search_for(words)[0] for words in ("Due", "Figura 1: I casi", "Una riga.")]

    heading, caption, prose = places()
    assert caption.y0 > heading.y1
    assert caption.x0 > prose.x0 + 300, "the caption is not beside its chart"
    monkeypatch.setattr(pandoc, "MOVES", 0)
    heading, caption, _ = places()
    assert caption.y1 < heading.y0, "the test shows nothing: the chart is no longer at the head of its page"


def test_pdf_on_narrow_paper_captions_stand_below_their_charts(source, tmp_path):
    made = pandoc.pdf(manuscript(source, papersize="a5"), tmp_path / "libro.pdf", PROJECT)
    with pymupdf.open(made) as document:
        leaf = next(leaf for leaf in document if leaf.search_for("Figura 1: I casi"))
        caption = leaf.search_for("Figura 1: I casi")[0]
        assert caption.x0 < 80 and any(drawn["rect"].y1 <= caption.y0 for drawn in leaf.get_drawings())


def test_pdf_nothing_sticks_out_of_the_page(pdf):
    with pymupdf.open(pdf) as document:
        for leaf in document:
            inside = leaf.rect + (50, 20, -50, -20)  # noqa: RUF005 - of a rectangle, a sum
            for x0, y0, x1, y1, text, *_ in leaf.get_text("words"):
                assert pymupdf.Rect(x0, y0, x1, y1) in inside, (leaf.number + 1, text)
            for drawing in leaf.get_drawings():
                assert drawing["rect"].width <= leaf.rect.width - 100


def test_pdf_uses_the_book_typeface_alone(pdf):
    with pymupdf.open(pdf) as document:
        names = {font[3].split("+")[-1] for leaf in document for font in leaf.get_fonts()}
    assert names and all(name.startswith("SourceSansPro") for name in names)


def test_pdf_passes_the_checkers_of_accessibility(pdf):
    """No error by any that the registry has: this is a book of all that a book may have."""
    found = outloud.check(str(pdf), skip=OUTLOUD_FALSE)
    assert not found.error and [f for f in found.findings if f.severity == "error"] == []
    assert pdfua.validate(str(pdf)).findings == ()
    assert violations(pdf) == []


# Both --------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_same_input_same_bytes(form, source, tmp_path, request):
    first = request.getfixturevalue(form)
    again = book(tmp_path / "altrove")
    second = getattr(pandoc, form)(manuscript(again), tmp_path / f"x.{form}", PROJECT)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("form", ["html", "pdf"])
@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("Vedi @fig-nessuna.", "@fig-nessuna"),
        ("![Una](figure/fig-casi.svg){#fig-muta}\n\n![](figure/fig-casi.svg)", "alternative text"),
        ("![Una](https://example.org/x.png){#fig-lontana fig-alt=x}", "https://example.org/x.png"),
        ("![Una](figure/manca.svg){#fig-manca fig-alt=x}", "manca.svg"),
    ],
)
def test_mistakes_are_named(form, extra, words, tmp_path):
    source = book(tmp_path, extra)
    with pytest.raises(BookError, match=re.escape(words)):
        getattr(pandoc, form)(manuscript(source), tmp_path / f"x.{form}", PROJECT)
    assert not (tmp_path / f"x.{form}").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"pdf-standard": ["a-4", "ua-1"]}, "incompatible"),
        ({"mainfont": "Nessun Carattere"}, "_quarto.yml, mainfont: unknown font family: nessun carattere"),
        ({"fontsize": "10.5"}, "_quarto.yml: fontsize «10.5» is not a length"),
        ({"papersize": "a17"}, "a17"),
        ({"margin": {"x": "tanto"}}, "tanto"),
    ],
)
def test_bad_pdf_options_are_named(change, words, source, tmp_path):
    project = {**PROJECT, "format": {"typst": {**PROJECT["format"]["typst"], **change}}}
    with pytest.raises(BookError, match=words):
        pandoc.pdf(manuscript(source), tmp_path / "x.pdf", project)


def test_specifications_and_libraries_stand_apart_and_compressed(source, html):
    """What the page reads aloud and gives away stays as it is; the same bytes each time."""
    text = html.read_text(encoding="utf-8")
    blocks = dict(re.findall(r'<script type="application/(?:json|gzip)" id="annuario-(\w+)">(.*?)</script>', text))
    assert json.loads(blocks["grafici"]) == {"fig-casi": {key: part for key, part in CHART.items() if key != "spec"}}
    opened = {name: gzip.decompress(base64.b64decode(blocks[name])) for name in ("disegni", "vega")}
    assert json.loads(opened["disegni"]) == {"fig-casi": {"spec": CHART["spec"]}} and b"vegaEmbed" in opened["vega"]
    again = pandoc.html(manuscript(source), source.parent / "ancora.html", PROJECT)
    assert again.read_bytes() == html.read_bytes()


def test_a_drawing_is_the_same_picture_in_fewer_words():
    import altair
    import vl_convert

    data = altair.Data(values=[{"anno": "2024", "casi": 1234.567}, {"anno": "2025", "casi": 1300}])
    bars = (
        altair.Chart(data, width=300)
        .mark_bar(color="#0b5c6b")
        .encode(x="casi:Q", y=altair.Y("anno:N", title="L’«anno» & più"))
    )
    whole = vl_convert.vegalite_to_svg((bars + bars.mark_text(dx=4).encode(text="casi:Q")).to_dict())
    lean = svg.lean(whole)
    pictures = [pymupdf.Pixmap(vl_convert.svg_to_png(drawing)) for drawing in (whole, lean)]
    differences = [abs(one - other) for one, other in zip(*(picture.samples for picture in pictures))]
    assert len(lean) < len(whole) / 2
    assert pictures[0].irect == pictures[1].irect and max(differences) < 64


@pytest.mark.parametrize(
    "drawing",
    [
        """<svg xmlns="http://www.w3.org/2000/svg"><text fill="#fff">100 % d'uso: "a" &amp; à</text></svg>""",
        """<svg xmlns="http://www.w3.org/2000/svg" data-a="l'uno">\n\t<style>a[b="c"] { fill: red }</style></svg>""",
        '<?xml version="1.0" encoding="latin-1"?><svg xmlns="http://www.w3.org/2000/svg"><text>\u00e0</text></svg>',
    ],
    ids=["signs", "style", "encoding"],
)
def test_a_drawing_within_the_page_is_the_drawing(drawing):
    from lxml import html

    content = drawing.encode("latin-1" if "latin-1" in drawing else "utf-8")
    address = html.fromstring(f"<img src='{svg.address(content)}'>").get("src")
    head, _, said = address.partition(",")
    found = base64.b64decode(said) if head.endswith("base64") else unquote(said).encode("utf-8")
    assert found == content and not set("#\n\t") & set(said)


def test_fonts_are_there():
    assert {name for name, _, _ in fonts.FACES} <= {path.name for path in fonts.directory().iterdir()}


# Quarto ------------------------------------------------------------------------------


def test_engine_choice(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert publish.engine() is pandoc
    with pytest.raises(BookError, match="not on PATH"):
        publish.engine("quarto")
    monkeypatch.setattr("shutil.which", lambda name: f"/opt/{name}")
    assert publish.engine() is quarto and publish.engine("pandoc") is pandoc
    with pytest.raises(BookError, match="Unknown publisher"):
        publish.engine("latex")


# In a browser ------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_in_a_browser(browser, html, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, accept_downloads=True)
    tab = context.new_page()
    requests, errors = [], []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(html.as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= width

    figure = tab.locator("#fig-casi")
    figure.scroll_into_view_if_needed()
    view = figure.locator(".annuario-grafico svg")
    view.wait_for()
    assert figure.get_by_role("img", name=CHART["alt"]).count() == 1
    assert figure.locator("img").count() == 0
    assert view.bounding_box()["width"] <= width

    data = tab.locator("#fig-casi + details")
    data.locator("summary").click()
    data.locator("tbody").wait_for()
    assert data.locator("tbody tr").all_inner_texts() == ["2024\t1.234", "2025\t1.300"]
    with tab.expect_download() as download:
        data.get_by_role("link", name="Scarica i dati (CSV)").click()
    assert download.value.suggested_filename == "casi.csv"
    assert Path(download.value.path()).read_text(encoding="utf-8-sig") == CHART["csv"]

    if width == 1280:
        tab.locator(".indice a", has_text="Secondo").click()
        tab.locator(".indice a[aria-current]", has_text="Secondo").wait_for()
    else:
        assert not tab.locator(".indice ul").first.is_visible()
        tab.locator(".indice summary").click()
        assert tab.locator(".indice ul").first.is_visible()
    assert tab.evaluate("document.documentElement.scrollWidth") <= width

    require_accessible(tab)
    assert errors == []
    assert all(url.startswith(("file:", "data:", "blob:")) for url in requests)
    context.close()


def test_without_scripts_the_image_stays(browser, html):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(html.as_uri())
    assert tab.locator("#fig-casi img").is_visible()
    context.close()


def test_the_faces_outlive_the_build_that_opened_them():
    """The next edition of the same process, and the next change in the preview, are set in the same type."""
    press._faces.cache_clear()
    with TEMPORARY_FILES:
        press.compiler()
    made = press.compiler().compile(f'#set text(font: "{fonts.FAMILY}")\nUno _due_ *tre*'.encode(), format="pdf")
    used = {font[3].partition("+")[2] for font in pymupdf.open(stream=made)[0].get_fonts()}
    assert {name.removesuffix("-Identity-H") for name in used} == {
        name.removesuffix(".otf") for name, _, _ in fonts.FACES
    }
