"""The notebook engine: inline expressions, conditions, captions, and what goes wrong."""

import nbformat
import pytest

from annuario.errors import ChapterError
from annuario.execution import execute


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
        ([("md", "`{python} 1 +`")], ["prova.ipynb, cell 2", "«1 +»", "SyntaxError"]),
        ([("md", "<!-- se: mancante -->\nTesto")], ["prova.ipynb, cell 2", "«mancante»"]),
        ([("md", "# T"), ("code", "raise RuntimeError('guasto')")], ["prova.ipynb, cell 3", "RuntimeError: guasto"]),
        ([("code", '#| tbl-cap: "aperta\n1')], ["prova.ipynb, cell 2", "not valid YAML"]),
    ],
    ids=["expression", "float", "undefined", "syntax", "condition", "code cell", "options"],
)
def test_an_error_names_notebook_cell_and_expression(run, cells, said):
    with pytest.raises(ChapterError) as error:
        run(*cells)
    for part in said:
        assert part in str(error.value)
    assert "Traceback" not in str(error.value)
