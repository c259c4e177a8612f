"""Assembly: labels, captions, references, figures and the text of the data."""

import json
import re

import nbformat
import pypandoc
import pytest

from annuario.book import indicators
from annuario.book.assemble import assemble
from annuario.book.indicators import Entry
from annuario.errors import ChapterError
from cremasca import sub_ambiti

META = {"title": "Prova 2025", "lang": "it"}
TITLE = ("md", "# Prova {#sec-prova}")


def code(options, data, metadata=None):
    cell = nbformat.v4.new_code_cell("…", metadata={"annuario": {"options": options}})
    cell.outputs = [nbformat.v4.new_output("execute_result", data=data, metadata=metadata or {})]
    return cell


def table(label="tbl-a", caption="Una tabella", text="| a |\n|---|\n| 1 |"):
    return code({"label": label, "tbl-cap": caption}, {"text/markdown": text, "text/plain": "…"})


SPEC = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "data": {"values": [{"a": "x", "b": 1234.5}]},
    "mark": "bar",
    "encoding": {"x": {"field": "b", "type": "quantitative"}, "y": {"field": "a", "type": "nominal"}},
}


def chart(label="fig-a", alt="Un grafico con una barra"):
    data = {"application/vnd.vegalite.v5+json": SPEC, "text/plain": alt}
    return code(
        {"label": label, "fig-cap": "Un grafico"},
        data,
        {"annuario": {"alt": alt, "colonne": ["a"], "righe": [["x"]], "csv": "a\n"}},
    )


def book(tmp_path, *cells):
    made = nbformat.v4.new_notebook()
    for cell in cells:
        made.cells.append(nbformat.v4.new_markdown_cell(cell[1]) if isinstance(cell, tuple) else cell)
    document = assemble({tmp_path / "prova.ipynb": made}, META, tmp_path)
    return document, (tmp_path / "libro.md").read_text(encoding="utf-8")


def test_a_document_with_a_table_and_a_figure(tmp_path):
    document, text = book(tmp_path, TITLE, ("md", "Si veda @tbl-a e @fig-a in @sec-prova."), table(), chart())
    assert set(document.labels) == {"sec-prova", "tbl-a", "fig-a"}
    assert "Si veda [@tbl-a]{#testo-tbl-a} e [@fig-a]{#testo-fig-a} in @sec-prova." in text
    assert ': Una tabella {#tbl-a testo="#testo-tbl-a"}' in text
    assert '![Un grafico](figure/fig-a.svg){#fig-a fig-alt="Un grafico con una barra" testo="#testo-fig-a"}' in text
    assert (tmp_path / "figure" / "fig-a.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "- @fig-a: Un grafico" in text and "- @tbl-a: Una tabella" in text
    assert 'id="annuario-grafici"' in text


def test_the_same_input_gives_the_same_bytes(tmp_path):
    texts = [book(tmp_path / name, TITLE, chart())[1] for name in ("uno", "due")]
    assert texts[0] == texts[1]
    svg = [(tmp_path / name / "figure" / "fig-a.svg").read_bytes() for name in ("uno", "due")]
    assert svg[0] == svg[1]


def test_chart_data_cannot_close_its_script(tmp_path):
    _, text = book(tmp_path, TITLE, chart(alt="Minore < maggiore & </script><b>"))
    assert text.count("</script>") == 1 + text.count('fig-alt="Minore < maggiore & </script>')


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([("md", "Senza titolo")], ["cell 1", "title and label"]),
        ([TITLE, ("md", "Si veda @fig-manca.")], ["cell 2", "@fig-manca does not resolve"]),
        ([TITLE, table(), table()], ["cell 3", "«tbl-a» is already used", "cell 2"]),
        ([TITLE, table(label="tbl-A_b")], ["cell 2", "«tbl-A_b» is not a valid one"]),
        ([TITLE, table(caption="")], ["cell 2", "a table needs"]),
        ([TITLE, chart(alt=" ")], ["cell 2", "fig-a has no alternative text"]),
        ([TITLE, chart(label="tbl-x")], ["cell 2", "a chart needs"]),
        ([TITLE, code({}, {"text/html": "<b>x</b>", "text/plain": "x"})], ["cell 2", "no form that a book can hold", "text/html"]),
    ],
    ids=["title", "reference", "twice", "label", "caption", "alt", "wrong kind", "only html"],
)  # fmt: skip
def test_what_cannot_become_a_page_is_refused(tmp_path, cells, said):
    with pytest.raises(ChapterError) as error:
        book(tmp_path, *cells)
    for part in ["prova.ipynb", *said]:
        assert part in str(error.value)


def test_a_mail_address_and_code_are_not_references(tmp_path):
    book(tmp_path, TITLE, ("md", r"Scrivere a ufficio\@fig-comune.it o `@tbl-x`."))


def test_captions_lead_back_to_the_first_words_about_them_alone(tmp_path):
    cells = [
        TITLE,
        table(),
        ("md", "## Si veda @tbl-a\n\nIn `@tbl-a` e [Tab. @tbl-a].\n\nPoi @tbl-a. Ancora @tbl-a."),
        chart(),
    ]
    document, text = book(tmp_path, *cells)
    assert "Poi [@tbl-a]{#testo-tbl-a}. Ancora @tbl-a." in text and text.count("#testo-tbl-a") == 2
    assert "![Un grafico](figure/" in text and "#testo-fig-a" not in text
    assert document.mentions == {"tbl-a"}


def test_a_sign_stays_with_its_euros(tmp_path):
    _, text = book(tmp_path, TITLE, ("md", "Scarto di −€\u00a03,00 e +€\u00a04,00, non −3."), chart(alt="−€\u00a01,00"))
    assert "−\u2060€\u00a03,00 e +\u2060€\u00a04,00, non −3." in text
    assert '"alt":"−€\u00a01,00"' in text


CATALOGUE = {
    "rette/totale": Entry("Rette", "Totale (rette)"), "casi/nuovi": Entry("Tutela", "Nuovi casi"),
    "casi/altri": Entry("Tutela", "«Altri» casi"), "casi/nuovi-bis": Entry("Tutela", "Nuovi casi"),
    "mai/mostrato": Entry("Affidi", "Mai mostrato"),
}  # fmt: skip


def shows(cell, *codes):
    cell.outputs[0]["metadata"].setdefault("annuario", {})["indicatori"] = list(codes)
    return cell


def test_the_index_lists_each_indicator_once_with_all_its_places(tmp_path):
    made = nbformat.v4.new_notebook()
    figure = shows(chart(), "casi/nuovi-bis", "non/dichiarato")
    made.cells += [
        nbformat.v4.new_markdown_cell(TITLE[1]),
        shows(table(), "casi/nuovi", "casi/altri"),
        figure,
        shows(table("tbl-b"), "rette/totale"),
    ]
    document = assemble({tmp_path / "prova.ipynb": made}, META, tmp_path, catalogue=CATALOGUE)
    text = (tmp_path / "libro.md").read_text(encoding="utf-8")
    index = text[text.index("# Indice degli indicatori {#sec-indice-indicatori .unnumbered}") :].partition("\n# ")[0]
    assert re.findall(r"^(?:##|-) .*", index, re.MULTILINE) == [
        "## Rette {.unnumbered .unlisted}",
        "- Totale (rette): [tab. @tbl-b]",
        "## Tutela {.unnumbered .unlisted}",
        "- «Altri» casi: [tab. @tbl-a]",
        "- Nuovi casi: [tab. @tbl-a]; [fig. @fig-a]",
    ]
    assert index.count("@sec-prova") == 2
    assert "indicatori" not in document.charts["fig-a"]
    assert "testo-" not in index


def test_without_indicators_there_is_no_index(tmp_path):
    assert "sec-indice-indicatori" not in book(tmp_path, TITLE, table())[1]


def test_the_catalogue_tells_like_names_apart(package):
    entries = indicators.catalogue(package, sub_ambiti.entries(package))
    assert set(package.read("definizioni")["indicatore"]) <= set(entries)
    assert {entries[f"{group}/totale"].name for group in ("rette-costi", "rette-casi")} == {
        "Totale (rette costi)",
        "Totale (rette casi)",
    }
    assert entries["sil-azioni/colloqui-utenti"] == entries["sil-indicatori/colloqui-utenti"]
    assert entries["sub-ambito/saap/utenti"].name == "Utenti per sub-ambito"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Testo[^a].", "the note [^a] is nowhere in its chapter"),
        ("Testo.\n\n[^a]: Nota.", "no text calls the note [^a]"),
        ("Testo[^a].\n\n[^a]: Nota uno.\n\n[^a]: Nota due.", "the note [^a] is already written"),
        ("::: {.callout-note}\nTesto.", "«::: {.callout-note}» is opened and never closed"),
        ("Testo.\n\n:::", "closes a box that is not open"),
        ("::: nota Titolo\nTesto.\n:::", "«::: nota Titolo» opens no box"),
        ("Testo `x`{=html}.", "for html alone"),
        ("~~~ {=typst}\nTesto.\n~~~", "for typst alone"),
        (r"In C:\dati e \newpage.", "«\\newpage» is a command of TeX"),
        ("{{< pagebreak >}}", "«{{< pagebreak >}}» is a shortcode"),
    ],
)
def test_what_would_be_printed_raw_or_lost_is_refused(tmp_path, text, problem):
    with pytest.raises(ChapterError, match=re.escape(problem)):
        book(tmp_path, TITLE, ("md", text))


@pytest.mark.parametrize("text", ["~~~\ncodice\n~~~", "    codice", "`codice`", "$$x^2$$"])
def test_a_cell_of_code_or_of_a_formula_alone_is_printed(tmp_path, text):
    assert text.strip() in book(tmp_path, TITLE, ("md", text))[1]


@pytest.mark.parametrize("text", ["N.", "2025.", "iv)", "(a)", "#."])
def test_what_stands_alone_is_no_list_of_nothing(tmp_path, text):
    """Pandoc would take it for the sign of a list, and print another or none."""
    made = book(tmp_path, TITLE, ("md", f"Uno.[^1]\n\n[^1]: {text}\n\n{text}"))[1]
    tree = pypandoc.convert_text(made, "json", "markdown")
    assert "OrderedList" not in tree and tree.count(json.dumps(text)) == 2


def test_a_list_keeps_its_signs(tmp_path):
    made = book(tmp_path, TITLE, ("md", "1.\n\n    Testo.\n\na) altro\n\nI.\n   terzo"))[1]
    assert pypandoc.convert_text(made, "json", "markdown").count("OrderedList") == 3


def test_notes_are_their_chapter_s_own_and_boxes_go_over_cells(tmp_path):
    cells = [
        nbformat.v4.new_markdown_cell(text)
        for text in ("Testo[^a].\n\n[^a]: Nota.", "Sopra\n::: {.callout-note}\nTesto.", ":::")
    ]
    chapters = {
        tmp_path / f"{name}.ipynb": nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_markdown_cell(f"# T {{#sec-{name}}}"), *cells]
        )
        for name in ("uno", "due")
    }
    assemble(chapters, META, tmp_path)
    text = (tmp_path / "libro.md").read_text(encoding="utf-8")
    assert len(set(re.findall(r"^\[\^(.+)\]: Nota", text, re.MULTILINE))) == 2
    assert "Sopra\n\n::: {.callout-note}" in text


def test_a_note_whose_text_dropped_out_need_not_be_called(tmp_path):
    cell = nbformat.v4.new_markdown_cell("[^a]: Nota.", metadata={"annuario": {"source": "Via[^a].\n\n[^a]: Nota."}})
    book(tmp_path, TITLE, cell)


def test_the_manuscript_has_a_chapter_a_notebook(tmp_path):
    """Whatever looks like the title of another within one; the book's own lists and index stand beside them."""
    code_block = "```\n# x {#sec-x}\n```"
    document, text = book(
        tmp_path, TITLE, ("md", code_block), ("md", "<!-- via:\n\n# y\n\n-->\n\nTesto."), table(), chart()
    )
    manuscript = document.manuscript
    titles = [chapter[0].text for chapter in manuscript.chapters]
    assert titles == [
        "# Prova {#sec-prova}",
        "# Indice delle figure {#sec-indice-figure .unnumbered}",
        "# Indice delle tabelle {#sec-indice-tabelle .unnumbered}",
    ]
    assert [part.where.rpartition(", ")[2] for part in manuscript.chapters[0]] == [f"cell {n}" for n in range(1, 6)]
    assert text.startswith(manuscript.front) and text.endswith(f"```{{=html}}\n{manuscript.charts}\n```\n")
    assert all(part.text in text for chapter in manuscript.chapters for part in chapter)
    assert manuscript.of_text("Testo.") == f"{tmp_path / 'prova.ipynb'}, cell 3"
    assert manuscript.of_text("Non c’è.") == str(tmp_path / "libro.md")
