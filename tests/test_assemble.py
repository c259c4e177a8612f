"""Assembly: labels, captions, references, figures and the text of the data."""

import nbformat
import pytest

from annuario.assemble import assemble
from annuario.errors import ChapterError

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
    return code({"label": label, "fig-cap": "Un grafico"}, data, {"annuario": {"alt": alt, "colonne": ["a"], "righe": [["x"]], "csv": "a\n"}})


def book(tmp_path, *cells):
    made = nbformat.v4.new_notebook()
    for cell in cells:
        made.cells.append(nbformat.v4.new_markdown_cell(cell[1]) if isinstance(cell, tuple) else cell)
    document = assemble({tmp_path / "prova.ipynb": made}, META, tmp_path)
    return document, (tmp_path / "libro.md").read_text(encoding="utf-8")


def test_a_document_with_a_table_and_a_figure(tmp_path):
    document, text = book(tmp_path, TITLE, ("md", "Si veda @tbl-a e @fig-a in @sec-prova."), table(), chart())
    assert set(document.labels) == {"sec-prova", "tbl-a", "fig-a"}
    assert ": Una tabella {#tbl-a}" in text
    assert '![Un grafico](figure/fig-a.svg){#fig-a fig-alt="Un grafico con una barra"}' in text
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
