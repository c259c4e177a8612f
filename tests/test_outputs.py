"""What authors put into chapters in JupyterLab's ways: outputs, pictures, links, raw cells, formulas."""

import base64
import json
import re
import shutil

import altair
import nbformat
import pandas as pd
import pymupdf
import pytest
import yaml
from conftest import ROOT

from annuario import charts
from annuario.book import drawings
from annuario.book.assemble import assemble, problems
from annuario.errors import BookError, ChapterError
from annuario.execution import displays
from annuario.project import Project
from annuario.publish import pandoc
from annuario.text import links

META = {"title": "Prova 2025", "author": "Ente", "date": "2025-12-31", "lang": "it"}
PROJECT = yaml.safe_load((ROOT / "_quarto.yml").read_text(encoding="utf-8"))
TITLE = "# Prova {#sec-prova}"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGPgjsnGgxhGpbEhAIltUgmkxJiGAAAAAElFTkSuQmCC"
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30">{}</svg>'
TABLE = "| a | b |\n|---|---|\n| 1 | 2 |"


def code(options=None, *outputs, source="…", tags=()):
    cell = nbformat.v4.new_code_cell(source, metadata={"annuario": {"options": options or {}}, "tags": list(tags)})
    cell.outputs = list(outputs)
    return cell


def shows(metadata=None, **data):
    data = {kind.replace("__", "/").replace("_xml", "+xml"): content for kind, content in data.items()}
    return nbformat.v4.new_output("execute_result", data=data, metadata=metadata or {})


def prints(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


def drawing(spec):
    return nbformat.v4.new_output("execute_result", data={charts.MIME: spec, "text/plain": "alt.Chart(...)"})


def raw(text, **metadata):
    return nbformat.v4.new_raw_cell(text, metadata=metadata)


@pytest.fixture
def project(tmp_path):
    """The folder of a project, with pictures in it and beside it."""
    folder = tmp_path / "progetto" / "notebooks" / "relazione"
    (folder / "img").mkdir(parents=True)
    for path in (
        folder / "logo.png",
        folder / "img" / "due parole.png",
        folder.parent / "comune.png",
        tmp_path / "fuori.png",
    ):
        path.write_bytes(PNG)
    (folder / "piano.svg").write_text(SVG.format("<rect width='10' height='10'/>"), encoding="utf-8")
    return tmp_path / "progetto"


def book(root, *cells, execute=None, **others):
    """The document of a chapter ``prova`` and of others, and its text."""
    notebooks = {}
    for name, parts in {"prova": [TITLE, *cells], **others}.items():
        notebook = nbformat.v4.new_notebook()
        notebook.cells = [nbformat.v4.new_markdown_cell(part) if isinstance(part, str) else part for part in parts]
        notebooks[root / "notebooks" / "relazione" / f"{name}.ipynb"] = notebook
    document = assemble(notebooks, META, root / "libro", drawings.static_svg, root=root, execute=execute)
    return document, (root / "libro" / "libro.md").read_text(encoding="utf-8")


def published(root, *cells, **others):
    """The text of the page, and of the printed book, of a chapter."""
    document, _ = book(root, *cells, **others)
    page = pandoc.html(document.manuscript, root / "libro.html", PROJECT).read_text(encoding="utf-8")
    with pymupdf.open(pandoc.pdf(document.manuscript, root / "libro.pdf", PROJECT)) as printed:
        return page, " ".join("".join(leaf.get_text() for leaf in printed).split())


def refused(root, *cells, **others):
    """The lines of what is said of a chapter that no book can hold."""
    with pytest.raises(ChapterError) as error:
        book(root, *cells, **others)
    assert not (root / "libro" / "libro.md").exists()
    return str(error.value).split("\n")


# Pictures ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "![Il logo](logo.png)", "![Il logo](./img/due%20parole.png)", "![Il logo](<img/due parole.png>)", "![Il logo](../comune.png)",
        "Testo ![Il logo](logo.png){width=20%} e testo.", "![Il logo][l]\n\n[l]: logo.png", "![Il logo](piano.svg)",
        "<img src='logo.png' alt='Il logo' width=30>", '<p align="center"><img alt="Il logo" src="../comune.png"/></p>',
        f"![Il logo](data:image/png;base64,{base64.b64encode(PNG).decode()})",
        "> - ![Il logo](logo.png)", '![](logo.png){fig-alt="Il logo"}', "| a |\n|---|\n| ![Il logo](logo.png) |",
        "[![Il logo](logo.png)](https://example.org)",
    ],
)  # fmt: skip
def test_a_picture_of_the_project_stands_in_the_book(project, text):
    document, written = book(project, text)
    (name,) = document.images
    assert (project / "libro" / "figure" / name).is_file() and f"(figure/{name})" in written
    assert "Il logo" in written and "logo.png" not in written.replace("[l]: logo.png", "")


def test_a_pasted_picture_stands_in_both_forms(project):
    cell = nbformat.v4.new_markdown_cell("![Mappa](attachment:image.png)")
    cell["attachments"] = {"image.png": {"image/png": base64.b64encode(PNG).decode()}}
    page, _ = published(project, cell)
    assert f"data:image/png;base64,{base64.b64encode(PNG).decode()}" in page
    with pymupdf.open(project / "libro.pdf") as printed:
        assert sum(len(leaf.get_images()) for leaf in printed) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("![x](../../../fuori.png)", "lies outside the project"),
        ("![x](scorciatoia.png)", "lies outside the project"),
        ("<img alt=x src='../../../fuori.png'>", "lies outside the project"),
        ("![x][r]\n\n[r]: ../../../fuori.png", "lies outside the project"),
        ("![x](/etc/passwd)", "is not a file of the project"),
        ("![x](file:///etc/passwd)", "is not a file of the project"),
        ("![x](https://example.org/x.png)", "is not a file of the project"),
        ("![x](//example.org/x.png)", "is not a file of the project"),
        ("![x](manca.png)", "manca.png cannot be read"),
        ("![x](attachment:manca.png)", "paste it again"),
        ("![](logo.png)", "no alternative text"),
        ("<img src='logo.png'>", "no alternative text"),
        ("![x](testo.png)", "none of png"),
        ("![x](data:image/png;base64,????)", "picture written into the text"),
        ("![x](script.svg)", "holds «script»"),
        ("![x](evento.svg)", "onload"),
        ("![x](altrove.svg)", "asks for http://example.org"),
        ("![x](stile.svg)", "asks for what is not in it"),
        ("Testo ![Didascalia](logo.png){#fig-logo} e testo.", "within a paragraph"),
        ("![](logo.png){#fig-logo}", "no caption"),
        ("::: {#fig-logo}\n![x](logo.png)\n\nDidascalia\n:::", "stands by nothing that can be numbered"),
        ("<iframe src='x.html'></iframe>", "<iframe>"),
        ("<table><tr><td>1</td></tr></table>", "write a Markdown table"),
    ],
)
def test_what_is_wrong_with_a_picture_is_told(project, text, said):
    folder = project / "notebooks" / "relazione"
    (folder / "scorciatoia.png").symlink_to(project.parent / "fuori.png")
    (folder / "testo.png").write_text("testo", encoding="utf-8")
    for name, inside in {
        "script": "<script>1</script>", "evento": "<g onload='x()'/>", "altrove": "<image href='http://example.org/x.png'/>",
        "stile": "<style>@import 'x.css';</style>",
    }.items():  # fmt: skip
        (folder / f"{name}.svg").write_text(SVG.format(inside), encoding="utf-8")
    lines = refused(project, "Testo.", text)
    assert any("prova.ipynb, cell 3: " in line and said in line for line in lines), lines


def test_labelled_figures_and_tables_of_markdown_are_like_those_of_code(project):
    tables = [
        f": Sopra {{#tbl-sopra}}\n\n{TABLE}", f"{TABLE}\n\n: Sotto {{#tbl-sotto}}", "a | b\n--|--\n1 | 2\n\n: Senza bordi {#tbl-senza}",
        "+---+---+\n| a | b |\n+===+===+\n| 1 | 2 |\n+---+---+\n\nTable: A griglia\nsu due righe {#tbl-griglia}",
    ]  # fmt: skip
    figure = '![Il *logo*](logo.png){#fig-logo fig-alt="Un quadrato"}'
    document, written = book(project, "Vedi @fig-logo, @tbl-griglia.", figure, *tables)
    assert list(document.captions.values()) == ["Il *logo*", "Sopra", "Sotto", "Senza bordi", "A griglia su due righe"]
    assert '![Il *logo*](figure/fig-logo.png){#fig-logo fig-alt="Un quadrato" testo="#testo-fig-logo"}' in written
    page = pandoc.html(document.manuscript, project / "x.html", PROJECT).read_text(encoding="utf-8")
    assert len(re.findall(r'<figure class="tabella"', page)) == 4 and 'alt="Un quadrato"' in page
    for label in ("fig-logo", "tbl-sopra", "tbl-sotto", "tbl-senza", "tbl-griglia"):
        assert f'id="{label}"' in page and f'href="#{label}"' in page
    with pymupdf.open(pandoc.pdf(document.manuscript, project / "x.pdf", PROJECT)) as printed:
        text = " ".join("".join(leaf.get_text() for leaf in printed).split())
    assert "Tabella 4: A griglia su due righe" in text and "Figura 1: Il logo" in text


# Links ---------------------------------------------------------------------------------

OTHER = ["# Altro {#sec-altro}\n\n## Una sezione {#sec-sezione}\n\n## Senza nome\n\ntesto"]


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("altro.ipynb", "#sec-altro"), ("./altro.ipynb#sec-sezione", "#sec-sezione"), ("altro.ipynb#Una-sezione", "#sec-sezione"),
        ("#sec-sezione", "#sec-sezione"), ("#sec-prova", "#sec-prova"), ("prova.ipynb#tbl-a", "#tbl-a"),
        ("#Qui-e-là", "#qui-e-là"), ("https://example.org/x?a=1", "https://example.org/x?a=1"), ("mailto:a@example.org", "mailto:a@example.org"),
    ],
)  # fmt: skip
def test_a_link_leads_there(project, address, target):
    _, written = book(
        project, "## Qui e là\n\n" + f"Si veda [qui]({address}).", f"{TABLE}\n\n: T {{#tbl-a}}", altro=OTHER
    )
    assert f"[qui]({target})" in written


def test_links_lead_to_other_chapters_in_both_forms(project):
    page, _ = published(project, "Vedi [là][l] e [qui](altro.ipynb).\n\n[l]: altro.ipynb#sec-sezione", altro=OTHER)
    assert '<a href="#sec-sezione">là</a>' in page and '<a href="#sec-altro">qui</a>' in page
    with pymupdf.open(project / "libro.pdf") as printed:
        within = (pymupdf.LINK_GOTO, pymupdf.LINK_NAMED)
        linked = {
            leaf.get_textbox(link["from"]).strip()
            for leaf in printed for link in leaf.get_links() if link["kind"] in within
        }  # fmt: skip
    assert any("là" in words for words in linked) and any("qui" in words for words in linked)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("manca.ipynb", "no chapter of this book"), ("altro.ipynb#sec-manca", "leads nowhere"), ("#sec-manca", "leads nowhere"),
        ("#manca", "leads nowhere"), ("altro.ipynb#Senza-nome", "needs a label"), ("altro.ipynb#tbl-manca", "leads nowhere"),
        ("dati.xlsx", "out of the book"), ("../../README.md", "out of the book"), ("file:///etc/passwd", "out of the book"),
        ("javascript:alert(1)", "out of the book"), ("altro.ipynb#sec-prova", "leads nowhere"),
    ],
)  # fmt: skip
def test_a_link_to_nowhere_is_told(project, address, said):
    (line,) = refused(project, "Testo.", f"Si veda [qui]({address}).", altro=OTHER)
    assert "prova.ipynb, cell 3: " in line and said in line


# Outputs -------------------------------------------------------------------------------

WORDS = pd.DataFrame({"voce.nome": ["a", "b"], "valore[0]": [1234.5, 2], "gruppo": ["x", "y"]})
BARS = altair.Chart(WORDS).mark_bar().encode(x="voce.nome:N", y="valore[0]:Q")


@pytest.mark.parametrize(
    "chart",
    [BARS, BARS.encode(column="gruppo:N"), BARS.facet("voce.nome:N"), BARS | BARS, BARS & BARS, BARS + BARS.mark_line(),
     BARS.properties(width=900), BARS.properties(width="container"), altair.Chart(WORDS).mark_bar().encode(altair.X(altair.repeat("row"), type="nominal")).repeat(row=["voce.nome"])],
    ids=["plain", "column", "facet", "beside", "below", "layers", "fixed", "container", "repeat"],
)  # fmt: skip
def test_a_chart_of_altair_stands_in_the_book(project, chart):
    spec = displays.chart(chart)[0][charts.MIME]
    assert spec.get("width") != "container"  # at which JupyterLab hangs
    document, _ = book(
        project, code({"label": "fig-a", "fig-cap": "Un grafico", "fig-alt": "Due colonne"}, drawing(spec))
    )
    svg = document.images["fig-a.svg"]
    assert re.search(r'width="[1-9]', svg) and ">a</text>" in svg and ">undefined<" not in svg
    drawn = document.charts["fig-a"]["spec"]
    assert (drawn.get("width") == "container") == (
        chart in (BARS,) or "layer" in drawn or chart.to_dict().get("width") == "container"
    )


def test_a_chart_that_needs_what_is_not_in_it_is_refused(project):
    spec = altair.Chart("https://example.org/x.csv").mark_bar().encode(x="a:N").to_dict()
    (line,) = refused(project, code({"label": "fig-a", "fig-cap": "X", "fig-alt": "x"}, drawing(spec)))
    assert "cell 2: the chart takes its data from https://example.org/x.csv" in line
    (line,) = refused(
        project,
        code({"label": "fig-a", "fig-cap": "X", "fig-alt": "x"}, drawing({"mark": "nulla", "data": {"values": []}})),
    )
    assert "cell 2: the chart fig-a cannot be drawn" in line


def test_a_frame_is_a_table_in_italian():
    frame = pd.DataFrame(
        {"Comune": ["Crema|", None], "Anno": [2021, 2022], "ore": [1234.5, None], "quota": [0.0123, 0.5], "sì": [True, False],
         "giorno": pd.to_datetime(["2021-03-01", "2021-03-02"])}
    )  # fmt: skip
    head, _, first, second = displays.frame(frame).markdown().split("\n")
    assert head == "| Comune | Anno | ore | quota | sì | giorno |"
    assert first == r"| Crema\| | 2021 | 1.234,5 | 0,0123 | sì | 01/03/2021 |"
    assert second == "| – | 2022 | – | 0,5000 | no | 02/03/2021 |"
    assert "| Crema | 34.000 |" in displays.series(pd.Series({"Crema": 34000}, name="abitanti")).markdown()
    assert "| 2021 | 5 |" in displays.series(pd.Series({2021: 5, 2022: 6})).markdown()
    assert "| 2021 | 5 |" in displays.frame(pd.DataFrame({"casi": [5, 6]}, index=range(2021, 2023))).markdown()
    wide = pd.DataFrame({"c": ["x", "x"], "anno": [2021, 2022], "v": [1, 2000]}).pivot(
        index="c", columns="anno", values="v"
    )
    shown = displays.frame(wide).markdown()
    assert shown.startswith("| c | 2021 | 2022 |") and "| x | 1 | 2.000 |" in shown
    assert displays.frame(frame.iloc[:0]) is None


def test_tables_known_by_their_html_alone_stand_in_the_book(project):
    frame = pd.DataFrame({"Comune": ["Crema"], "ore": [1234.5]})
    cells = [
        code({"label": "tbl-a", "tbl-cap": "A"}, shows(text__html=frame._repr_html_(), text__plain="…")),
        code(
            {"label": "tbl-b", "tbl-cap": "B"},
            shows(text__html=displays.styler(frame.style.hide(axis="index").highlight_max(color="#dddddd"))),
        ),
    ]
    page, printed = published(project, *cells)
    for text in (page, printed):
        assert text.count("1.234,5") == 2 and "Crema" in text
    (line,) = refused(
        project / "x",
        code({"label": "tbl-a", "tbl-cap": "A"}, shows(text__html=pd.DataFrame({"a": range(99)})._repr_html_())),
    )
    assert "longer or wider than pandas shows" in line


def test_pictures_of_libraries_are_figures(project):
    options = {"label": "fig-a", "fig-cap": "Una linea", "fig-alt": "Sale"}
    names = shows(text__plain="[<matplotlib.lines.Line2D at 0x7f>]")
    document, text = book(
        project, code(options, names, shows(image__png=base64.b64encode(PNG).decode(), text__plain="<Figure size>"))
    )
    assert document.images["fig-a.png"] == PNG and "Line2D" not in text
    (line,) = refused(project / "x", code(options, shows(image__svg_xml=SVG.format("<script/>"))))
    assert "cell 2: the picture holds «script»" in line


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ([shows(**{"application/vnd.jupyter.widget-view+json": {}, "text/plain": "IntSlider()"})], "a widget"),
        ([shows(**{"application/vnd.plotly.v1+json": {}, "text/html": "<div>"})], "Plotly"),
        ([shows(text__html="<b>x</b>", text__plain="x")], "no form that a book can hold"),
        (
            [shows(text__html=pd.DataFrame({"a": [1]}).style.set_caption("Altra").to_html())],
            "the table has a caption of its own",
        ),
        ([shows(text__plain="<annuario.Cosa at 0x7f>")], "no form that a book can hold"),
        ([shows(text__markdown=TABLE), shows(text__markdown=TABLE)], "several figures or tables under one label"),
        ([shows(text__markdown="Solo parole.")], "a text that is no table"),
    ],
)
def test_what_no_book_can_hold_is_refused_with_its_cell(project, outputs, said):
    (line,) = refused(project, code({"label": "tbl-a", "tbl-cap": "A"}, *outputs))
    assert "prova.ipynb, cell 2: " in line and said in line


@pytest.mark.parametrize(
    "text",
    [
        "a | b\n--|--\n1 | 2",
        "+---+---+\n| a | b |\n+===+===+\n| 1 | 2 |\n+---+---+",
        "  a   b\n--- ---\n  1   2",
        TABLE,
    ],
)
@pytest.mark.parametrize("asis", [True, False])
def test_any_markdown_table_may_have_a_label(project, text, asis):
    options = {"label": "tbl-a", "tbl-cap": "Didascalia"} | ({"output": "asis"} if asis else {})
    document, written = book(
        project,
        code(options, prints(f"{text}\n\nNota sotto.\n") if asis else shows(text__markdown=f"{text}\n\nNota sotto.")),
    )
    assert document.captions == {"tbl-a": "Didascalia"} and ": Didascalia {#tbl-a}" in written
    assert "::: {.note-tabella}\nNota sotto.\n:::" in written


# Options and tags ------------------------------------------------------------------------

ALL = [
    prints("stampato\n"),
    prints("avviso\n", "stderr"),
    nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[]),
]


@pytest.mark.parametrize(
    ("options", "tags", "execute", "shown"),
    [
        ({}, [], {}, {"stampato", "ValueError: no"}),
        ({"warning": True}, [], {}, {"stampato", "avviso", "ValueError: no"}),
        ({}, [], {"warning": True, "echo": True}, {"x = 1", "stampato", "avviso", "ValueError: no"}),
        ({"echo": True}, [], {}, {"x = 1", "stampato", "ValueError: no"}),
        ({"echo": False}, [], {"echo": True}, {"stampato", "ValueError: no"}),
        ({"output": False, "echo": True}, [], {}, {"x = 1"}),
        ({"output": False}, [], {}, set()),
        ({"include": False, "echo": True}, [], {}, set()),
        ({}, ["remove-cell"], {"echo": True}, set()),
        ({}, ["hide-cell"], {"echo": True}, set()),
        ({}, ["remove-input"], {"echo": True}, {"stampato", "ValueError: no"}),
        ({}, ["remove-output"], {"echo": True}, {"x = 1"}),
        ({"include": True}, ["remove-cell"], {}, {"stampato", "ValueError: no"}),
    ],
)
def test_options_and_tags_have_quartos_meaning(project, options, tags, execute, shown):
    _, text = book(project, code(options, *ALL, source="#| echo: x\nx = 1", tags=tags), execute=execute)
    assert {word for word in ("x = 1", "stampato", "avviso", "ValueError: no") if word in text} == shown
    assert "#| echo" not in text


def test_printed_text_is_markdown_under_asis_alone(project):
    _, text = book(
        project,
        code({"output": "asis"}, prints("- uno\n"), prints("- **due**\n")),
        code({}, prints("- `tre`\n\x1b[31m```\x1b[0m\n")),
    )
    assert "\n\n- uno\n- **due**\n\n" in text and "\n````\n- `tre`\n```\n````\n" in text


# Raw cells, empty notebooks, comments ------------------------------------------------------


def test_raw_cells_are_markdown_or_refused(project):
    _, text = book(project, raw("Testo *grezzo*."), raw("Altro.", raw_mimetype="text/markdown"))
    assert "Testo *grezzo*." in text and "Altro." in text
    lines = refused(
        project / "x",
        raw("<b>x</b>", raw_mimetype="text/html"),
        raw("\\LaTeX", format="text/latex"),
        raw("---\ntitle: x\n---"),
    )
    assert [line.partition(": ")[2][:23] for line in lines] == [
        "a raw cell of the form ",
        "a raw cell of the form ",
        "a raw cell with front m",
    ]


@pytest.mark.parametrize("cells", [[], [""], [nbformat.v4.new_code_cell("x = 1")], ["<!-- solo un commento -->"]])
def test_a_chapter_without_text_is_refused(project, cells):
    (line,) = refused(project, vuoto=cells)
    assert "vuoto.ipynb: the chapter has no text" in line


def test_comments_stay_out_of_the_book(project):
    _, text = book(
        project,
        "Prima <!-- @fig-manca --> dopo.\n<!-- tutto\n\n![x](manca.png) [y](manca.ipynb)\n-->\nFine `@tbl-x` e $@tbl-y$.\n\n```\n@fig-codice # Titolo\n```",
    )
    assert "manca" not in text and "Prima  dopo.\nFine `@tbl-x`" in text


def test_html_that_is_escaped_is_text(project):
    _, text = book(project, r"Si scrive \<img src='x'> e \<table>, o `<iframe>`.")
    assert r"\<img src='x'> e \<table>" in text


@pytest.mark.parametrize(("text", "mark"), [("Testo <!-- mai chiuso", "<!--"), ("```\ncodice", "```")])
def test_what_is_never_closed_is_told(project, text, mark):
    (line,) = refused(project, text)
    assert "cell 2: " in line and f"«{mark}» is opened and never closed" in line


@pytest.mark.parametrize("sign", ["\x00", "\x02link 0\x03", "\x0c", "\x1b[1m", "\ue000", "\uf0b7", "\ufffe"])
def test_signs_that_are_no_text_are_refused(project, sign):
    for part in (
        f"Prima{sign}dopo",
        code({"label": "tbl-a", "tbl-cap": "Una"}, shows(text__markdown=TABLE.replace("1", f"x{sign}y"))),
    ):
        (line,) = refused(project, part)
        assert "cell 2: «" in line and f"U+{ord(sign[0]):04X}" in line
    _, written = book(project, code(None, prints(f"prima{sign}dopo")))
    assert sign[0] not in written and "prima" in written


@pytest.mark.parametrize("label", ["fig-a", "tbl-a"])
@pytest.mark.parametrize("output", [prints("parole"), shows(text__markdown="parole")], ids=["printed", "markdown"])
def test_a_caption_that_would_be_lost_is_told(project, label, output):
    (line,) = refused(project, code({"label": label, f"{label[:3]}-cap": "Una"}, output))
    assert f"cell 2: the label {label} and its caption stand by a text" in line


def test_a_second_table_is_no_note(project):
    (line,) = refused(project, code({"label": "tbl-a", "tbl-cap": "Una"}, shows(text__markdown=f"{TABLE}\n\n{TABLE}")))
    assert "more than one table" in line
    book(project, code({"label": "tbl-a", "tbl-cap": "Una"}, shows(text__markdown=f"{TABLE}\n\nNota: a | b - c")))


def test_a_table_without_rows_says_so(project):
    empty = pd.DataFrame({"a": []})._repr_html_()
    (line,) = refused(project, code({"label": "tbl-a", "tbl-cap": "Una"}, shows(text__html=empty)))
    assert "the table has no row" in line


def test_a_warning_says_the_same_each_time(project):
    warned = prints("/tmp/ipykernel_17410/1750910831.py:2: UserWarning: attento\n  avverti()", "stderr")
    _, written = book(project, code({"warning": True}, warned))
    assert "\nUserWarning: attento\n" in written and "ipykernel" not in written


def test_a_link_by_a_name_that_nobody_defines_is_told(project):
    (line,) = refused(project, "[qui][nulla], [là][noto], `[x][y]` e [solo]\n\n[noto]: https://example.org")
    assert "cell 2: the link [qui][nulla] leads nowhere" in line


def test_what_others_would_declare_is_not_missed(project):
    """Of a book in which a chapter failed, the others' own mistakes are told, and no more."""
    folder = project / "notebooks" / "relazione"
    failed = folder / "rotto.ipynb"
    failed.write_text("# Rotto {#sec-rotto}", encoding="utf-8")
    text = "@tbl-nulla @sec-rotto [a](rotto.ipynb#sec-a) [b](#sec-rotto) [c](#sec-nulla) ![](nulla.png)"
    good = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(f"{TITLE}\n\n{text}")])
    shutil.copy(ROOT / "_quarto.yml", project)
    told = problems([failed, folder / "prova.ipynb"], {folder / "prova.ipynb": good}, Project(project))
    assert [re.search(r"nulla(\.png)?", line)[0] for line in told] == ["nulla.png", "nulla", "nulla"]


def test_what_pandoc_says_of_two_chapters_is_told_at_once(project):
    wrong = "$\\frac{1}{$"
    with pytest.raises(BookError) as error:
        published(project, wrong, altro=["# Altro {#sec-altro}", wrong.replace("1", "2")])
    assert [line.partition(": ")[0].rpartition("/")[2] for line in str(error.value).splitlines()] == [
        "prova.ipynb, cell 2",
        "altro.ipynb, cell 2",
    ]


def test_all_problems_are_told_at_once(project):
    chart = code({"label": "fig-a"}, drawing({"mark": "bar", "data": {"values": []}}))
    lines = refused(
        project, "Vedi @fig-manca e ![x](manca.png).", "## B {#sec-prova}", chart, altro=["Senza titolo [x](#no)"]
    )
    assert [re.search(r"(\w+)\.ipynb, cell (\d)", line).groups() for line in lines] == [
        ("prova", "2"), ("prova", "3"), ("prova", "4"), ("altro", "1"), ("prova", "2"), ("altro", "1"),
    ]  # fmt: skip


# As JupyterLab and pandoc read it -----------------------------------------------------------


def test_blocks_need_no_blank_line_as_in_jupyterlab(project):
    page, printed = published(
        project, "Servono:\n- tempo\n- mezzi\n## Titolo\nTesto\n> citato", altro=["Altro {#sec-altro}\n===\n\nTesto."]
    )
    assert "<li>tempo</li>" in page and "<blockquote>" in page and "1.1 Titolo" in printed and "2 Altro" in printed


def test_words_around_a_reference_are_kept(project):
    page, printed = published(
        project, f"{TABLE}\n\n: T {{#tbl-a}}", "Vedi [la @tbl-a per i dettagli], [Tab. @tbl-a, riga 2] e [Tab. @tbl-a]."
    )
    text = re.sub(r"<[^>]+>", "", page).replace("\u00a0", " ")
    for form in (text, printed):
        assert "Vedi la Tabella 1 per i dettagli, Tab. 1, riga 2 e Tab. 1." in form


def test_formulas_breaks_and_full_titles_stand_in_both_forms(project):
    long = "molto lungo " * 20
    cells = [
        f"## Sezione {long} con @tbl-a, *enfasi*, $x^2$, nota^[Nota del titolo.] e [link](https://example.org) {{#sec-due}}",
        "Uno<br>due<br/>tre\\\nquattro\n\n$$\\sum_{i=1}^n \\frac{a_i}{b}$$\n\nQui $y_1$.",
        f"| $z$ | b |\n|---|---|\n| 1 | 2<br>3 |\n\n: Tabella {long} con $w$, nota^[Nota della tabella.] e [link](#sec-due) {{#tbl-a}}",
    ]
    page, printed = published(project, *cells)
    assert page.count("<math") >= 6 and not re.search(r"<a [^>]*>(?:(?!</a>).)*<a ", page, re.DOTALL)
    assert re.search(r"Uno<br ?/?>\s*due<br ?/?>\s*tre<br ?/?>\s*quattro", page) and "\ue000" not in page
    assert printed.count("Nota del titolo.") == 1 and printed.count("Nota della tabella.") == 1
    with pymupdf.open(project / "libro.pdf") as document:
        assert re.search(r"Uno\s*\n\s*due\s*\n\s*tre\s*\n\s*quattro", "".join(leaf.get_text() for leaf in document))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Un sorriso 😀 qui.", "the sign 😀 is in none of the book's typefaces"),
        ("- voce\n- 中文", "the sign 中 is in none"),
        ("Formula $\\ignota{x}$.", r"the formula \ignota{x} is not understood"),
        ("![Rotta](rotta.png)", "the picture cannot be read: save it again"),
    ],
)
def test_what_the_publisher_cannot_print_is_told_with_its_cell(project, text, said):
    (project / "notebooks" / "relazione" / "rotta.png").write_bytes(PNG[:40])
    with pytest.raises(BookError) as error:
        published(project, "Testo.", text, "Testo.")
    assert str(error.value).startswith(str(project / "notebooks" / "relazione" / "prova.ipynb, cell 3: "))
    assert said in str(error.value) and "libro.md" not in str(error.value)


def test_a_sign_in_a_chart_is_told_with_its_cell(project):
    spec = altair.Chart(pd.DataFrame({"voce": ["中"], "n": [1]})).mark_bar().encode(x="voce:N", y="n:Q").to_dict()
    with pytest.raises(BookError, match="prova.ipynb, cell 2: the sign 中 is in none"):
        published(project, code({"label": "fig-a", "fig-cap": "X", "fig-alt": "x"}, drawing(spec)))


def test_places_of_links_and_headings():
    text = 'Uno ![a](b.png){#fig-x .y fig-alt="c }"} [d](e.ipynb#f) `[g](h)` <img src="i.png"> $[j](k)$'
    found = links.links(text)
    assert [(link.kind, link.address) for link in found] == [
        ("picture", "b.png"),
        ("link", "e.ipynb#f"),
        ("tag", "i.png"),
    ]
    assert (
        text[found[0].start : found[0].end] == '![a](b.png){#fig-x .y fig-alt="c }"}'
        and found[0].attributes["fig-alt"] == "c }"
    )
    assert [heading.title for heading in links.headings("# A {#sec-a}\n\nB\n--\n\n```\n# no\n```\n\n    # no")] == [
        "A",
        "B",
    ]


# In a kernel -------------------------------------------------------------------------------


def test_pandas_and_altair_show_themselves_in_a_chapter(small):
    from annuario.execution import execute

    path = small.root / "notebooks" / "relazione" / "gestione.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    first = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"][:2]
    sources = [
        "import pandas as pd, altair\ntavola = pd.DataFrame({'a': ['x'], 'n': [1234.5]})\ntavola",
        "tavola.n",
        "altair.Chart(tavola).mark_bar().encode(x='a', y='n')",
    ]
    notebook["cells"] = first + [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
        for n, source in enumerate(sources)
    ]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    texts = small.root / "notebooks" / "relazione" / "testi" / "nessuno"
    (executed,) = execute.book((path,), small.root / "out", "relazione-2021", small.root, texts)
    frame, series, chart = (cell["outputs"][0]["data"] for cell in executed["cells"][-3:])
    assert "| x | 1.234,5 |" in frame["text/markdown"] and "text/html" in frame
    assert "| 1.234,5 |" in series["text/markdown"]
    assert chart[charts.MIME]["config"]["locale"] and "text/html" not in chart


def test_a_list_of_several_pages_has_no_links_back(project):
    numbers = range(60, 160)
    tables = [f"{TABLE}\n\n: Tabella con una nota^[Nota {number}.] {{#tbl-{number}}}" for number in numbers]
    published(project, "Si vedano " + ", ".join(f"@tbl-{number}" for number in numbers) + ".", *tables)
    with pymupdf.open(project / "libro.pdf") as document:
        leaves = [leaf.get_text() for leaf in document]
    lists = [leaf for leaf in leaves if leaf.count(". . . .") > 20]
    assert len(lists) >= 2
    assert not any("↑" in leaf for leaf in leaves)
    assert sum(leaf.count("Nota ") for leaf in leaves) == len(numbers)
