"""The notebook engine: inline expressions, conditions, captions, and what goes wrong."""

import nbformat
import pytest
from conftest import edit, one_chapter

from annuario.errors import ChapterError
from annuario.execution import execute, kernels


def notebook(*cells):
    """A notebook of (kind, source) cells, the first of them the parameters."""
    made = nbformat.v4.new_notebook()
    made.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    first = nbformat.v4.new_code_cell('edizione = "relazione-2025"')
    first.metadata["tags"] = ["parameters"]
    makers = {"code": nbformat.v4.new_code_cell, "md": nbformat.v4.new_markdown_cell}
    made.cells = [first, *(makers[kind](source) for kind, source in cells)]
    return made


@pytest.fixture
def run(tmp_path):
    def run(*cells, edition="relazione-2021"):
        source = tmp_path / "prova.ipynb"
        nbformat.write(notebook(*cells), source)
        return nbformat.from_dict(execute.chapter(source, edition, tmp_path, tmp_path))

    return run


def texts(executed):
    return [cell.source for cell in executed.cells if cell.cell_type == "markdown"]


def test_text_captions_and_conditions(run):
    executed = run(
        ("code", "from decimal import Decimal\nx = Decimal('1234.50')"),
        ("md", "Per `{python} edizione`: `{python} x`, `{python} None`, `{python} 1000 + 234`."),
        ("code", "x = Decimal('2')"),
        ("md", "Dopo: `{python} x`. Codice `x` intatto."),
        ("md", "<!-- se: x > 5 -->\n## Non appare"),
        ("md", "<!-- se: x < 5 -->\n## Appare"),
        ("code", '#| label: tbl-x\n#| tbl-cap: "Il `{python} x`, `{python} y`"\ny = "a|b"'),
        ("md", "`{python} '<script> | * $ #'`"),
    )
    assert texts(executed) == [
        "Per relazione-2021: 1.234,5, –, 1.234.",
        "Dopo: 2. Codice `x` intatto.",
        "",
        "## Appare",
        r"\<script\> \| \* \$ \#",
    ]
    captioned = next(cell for cell in executed.cells if "tbl-x" in cell.source)
    assert captioned.metadata["annuario"]["options"] == {"label": "tbl-x", "tbl-cap": r"Il 2, a\|b"}
    kept = next(cell for cell in executed.cells if cell.source.startswith("Dopo"))
    assert "`{python} x`" in kept.metadata["annuario"]["source"]


def test_a_value_that_is_markdown_may_hold_expressions(run):
    executed = run(
        ("code", "from annuario.notebook import Markdown\nt = Markdown('**Sono `{python} 40 + 2`**')"),
        ("md", "`{python} t`"),
    )
    assert texts(executed) == ["**Sono 42**"]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([("md", "# T"), ("md", "`{python} 1 / 0`")], ["prova.ipynb, cell 3", "«1 / 0»", "ZeroDivisionError"]),
        ([("md", "`{python} 0.1`")], ["prova.ipynb, cell 2", "«0.1»", "float", "annuario.numbers"]),
        ([("md", "`{python} non_definito`")], ["prova.ipynb, cell 2", "«non_definito»", "NameError"]),
        ([("code", "x = 1"), ("md", "`{python} x`, `{python} x / 0`, `{python} x + 1`")], ["cell 3", "«x / 0»", "ZeroDivisionError"]),
        ([("code", '#| fig-cap: "`{python} 1`, `{python} y`"\n1'), ("md", "`{python} 2`")], ["cell 2", "«y»", "NameError"]),
        ([("md", "`{python} 1 +`")], ["prova.ipynb, cell 2", "«1 +»", "SyntaxError"]),
        ([("md", "<!-- se: mancante -->\nTesto")], ["prova.ipynb, cell 2", "«mancante»"]),
        ([("md", "# T"), ("code", "raise RuntimeError('guasto')")], ["prova.ipynb, cell 3", "RuntimeError: guasto"]),
        ([("code", '#| tbl-cap: "aperta\n1')], ["prova.ipynb, cell 2", "not valid YAML"]),
    ],
    ids=["expression", "float", "undefined", "among others", "caption", "syntax", "condition", "code cell", "options"],
)
def test_an_error_names_notebook_cell_and_expression(run, cells, said):
    with pytest.raises(ChapterError) as error:
        run(*cells)
    for part in said:
        assert part in str(error.value)
    assert "Traceback" not in str(error.value)


#: A chapter whose expressions are asked for in every way there is.
CHAPTER = (
    ("md", "Prima: `{python} edizione`."),
    ("code", "from annuario.notebook import Markdown\nseen = []\ndef say(x):\n    seen.append(x)\n    return str(x)\nnested = Markdown('di `{python} 6 * 7`')\nx = None"),
    ("md", "`{python} say(1)`, `{python} say(2)`, `{python} say(1)`"),
    ("md", "<!-- se: x -->\n`{python} say(3)` `{python} 1 / 0` `{python} non_definito`"),
    ("md", "<!-- se: x is None -->\n`{python} x`, `{python} len(seen)`, `{python} nested`"),
    ("code", '#| label: tbl-x\n#| tbl-cap: "`{python} say(4)`"\nx = 5'),
    ("md", "<!-- se: x -->\n`{python} say(x)`: `{python} x`, `{python} len(seen)`"),
    ("code", ""),
    ("md", "`{python} len(seen)`"),
)


def test_values_come_with_the_code_as_they_would_one_by_one(run, monkeypatch):
    together = run(*CHAPTER)
    assert texts(together) == ["Prima: relazione-2021.", "1, 2, 1", "", "–, 2, di 42", "5: 5, 4", "4"]
    captioned = next(cell for cell in together.cells if "tbl-x" in cell.source)
    assert captioned.metadata["annuario"]["options"]["tbl-cap"] == "4"
    monkeypatch.setattr("annuario.execution.engine.InlineClient._ahead", lambda self, index: [])
    alone = run(*CHAPTER)
    assert texts(alone) == texts(together)
    assert alone.metadata["annuario"] == together.metadata["annuario"]


READING = (
    ("code", "from annuario import project\nfrom annuario.data import Package\nvalori = Package(project.find().root / 'data').read('indicatori')"),
    ("md", "`{python} valori['valore'].max()`"),
)


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """A function that has a chapter read a table of a project, with a warm process of its own."""
    monkeypatch.setattr(kernels, "SERVER", kernels.ForkServer())

    def ask(root):
        source = tmp_path / "lettura.ipynb"
        nbformat.write(notebook(*READING), source)
        executed = execute.chapter(source, "relazione-2021", root, tmp_path)
        return texts(nbformat.from_dict(executed))[0], executed["metadata"]["annuario"]["reads"]

    return ask


def spoil(root, value):
    """Give an indicator a value that no other reaches."""
    edit(root / "data" / "indicatori.csv", "13180676.24", value)


def test_each_chapter_reads_the_tables_that_are_there(ask, small, tmp_path):
    spoil(small.root, "999999999")
    value, reads = ask(small.root)
    assert value == "999.999.999"
    assert reads == ["data/datapackage.json", "data/indicatori.csv"]
    edit(small.root / "data" / "indicatori.csv", "999999999", "888888888")  # the tables are warm by now
    assert ask(small.root) == ("888.888.888", reads)
    other = one_chapter(tmp_path / "altro")
    spoil(other.root, "777777777")
    assert ask(other.root) == ("777.777.777", reads)


def test_a_broken_table_fails_its_reader_until_it_is_mended(ask, small):
    table = small.root / "data" / "indicatori.csv"
    edit(table, "13180676.24", "tanto")
    with pytest.raises(ChapterError, match="«tanto» is not a decimal number"):
        ask(small.root)
    edit(table, "tanto", "999999999")
    assert ask(small.root)[0] == "999.999.999"


def test_a_chapter_that_reads_nothing_depends_on_nothing(run):
    assert run(("code", "1")).metadata["annuario"]["reads"] == []


def test_a_chapter_run_twice_is_the_same_to_the_last_byte(tmp_path):
    source = tmp_path / "prova.ipynb"
    nbformat.write(notebook(("code", "x = 'perché «no»\\n\\t\\\\'\nx"), ("md", "`{python} x`")), source)
    first, second = (execute.chapter(source, "relazione-2021", tmp_path, tmp_path) for _ in range(2))
    assert first == second
    assert first["cells"][-1]["source"].startswith("perché «no»")
