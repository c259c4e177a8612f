"""The notebook engine: inline expressions, conditions, captions, and what goes wrong."""

import json
import re

import nbformat
import pytest
from conftest import edit, one_chapter

from annuario.errors import BookError, ChapterError
from annuario.execution import execute, processes
from annuario.text import expressions, jupyter

PARAMETERS = 'edizione = "relazione-2025"'


def notebook(*cells, parameters=PARAMETERS, tags=("parameters",)):
    """A notebook of (kind, source) or (kind, source, tags) cells, the first of them the parameters."""
    made = nbformat.v4.new_notebook()
    made.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    makers = {"code": nbformat.v4.new_code_cell, "md": nbformat.v4.new_markdown_cell, "raw": nbformat.v4.new_raw_cell}
    for kind, source, *others in [("code", parameters, list(tags)), *cells] if parameters else cells:
        made.cells.append(makers[kind](source, metadata={"tags": others[0]} if others else {}))
    return made


@pytest.fixture
def run(tmp_path):
    def run(*cells, edition="relazione-2021", **others):
        source = tmp_path / "prova.ipynb"
        nbformat.write(notebook(*cells, **others), source)
        return nbformat.from_dict(execute.chapter(source, edition, tmp_path, tmp_path))

    return run


@pytest.fixture
def wrong(run, tmp_path):
    """A function that runs a chapter in which something is wrong: the lines of what is said."""

    def wrong(*cells, **others):
        with pytest.raises(ChapterError) as error:
            run(*cells, **others)
        return str(error.value).replace(f"{tmp_path}/", "").splitlines()

    return wrong


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
        ([("md", "`{python} 0.1`")], ["prova.ipynb, cell 2", "«0.1»", "float", "annuario.words.numbers"]),
        ([("md", "`{python} non_definito`")], ["prova.ipynb, cell 2", "«non_definito»", "NameError"]),
        (
            [("code", "x = 1"), ("md", "`{python} x`, `{python} x / 0`, `{python} x + 1`")],
            ["cell 3", "«x / 0»", "ZeroDivisionError"],
        ),
        (
            [("code", '#| fig-cap: "`{python} 1`, `{python} y`"\n1'), ("md", "`{python} 2`")],
            ["cell 2", "«y»", "NameError"],
        ),
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
    (
        "code",
        "from annuario.notebook import Markdown\nseen = []\ndef say(x):\n    seen.append(x)\n    return str(x)\nnested = Markdown('di `{python} 6 * 7`')\nx = None",
    ),
    ("md", "`{python} say(1)`, `{python} say(2)`, `{python} say(1)`"),
    ("md", "<!-- se: x -->\n`{python} say(3)` `{python} 1 / 0` `{python} non_definito`"),
    ("md", "<!-- se: x is None -->\n`{python} x`, `{python} len(seen)`, `{python} nested`"),
    ("code", '#| label: tbl-x\n#| tbl-cap: "`{python} say(4)`"\nx = 5'),
    ("md", "<!-- se: x -->\n`{python} say(x)`: `{python} x`, `{python} len(seen)`"),
    ("code", ""),
    ("md", "`{python} len(seen)`"),
)


def test_each_expression_is_evaluated_once_at_its_place(run):
    executed = run(*CHAPTER)
    assert texts(executed) == ["Prima: relazione-2021.", "1, 2, 1", "", "–, 2, di 42", "5: 5, 4", "4"]
    captioned = next(cell for cell in executed.cells if "tbl-x" in cell.source)
    assert captioned.metadata["annuario"]["options"]["tbl-cap"] == "4"


READING = (
    (
        "code",
        "from annuario import project\nfrom annuario.data import Package\nvalori = Package(project.find().root / 'data').read('indicatori')",
    ),
    ("md", "`{python} valori['valore'].max()`"),
)


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """A function that has a chapter read a table of a project, with a warm process of its own."""
    monkeypatch.setattr(processes, "SERVER", processes.ForkServer())

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
    assert reads == ["data/datapackage.json", "data/edizioni.csv", "data/indicatori.csv"]  # who may see which rows
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


NEARLY_EXPRESSIONS = [
    "`{python}1+1`",
    "`{Python} y`",
    "`{ python } y`",
    "`{python } y`",
    "`{{python}} y`",
    "`{pyton} y`",
    "`{python y`",
    "`python} y`",
    "`[python] y`",
    "`{py} y`",
    "`{pyt} y`",
    "`{py thon} y`",
    "`{jupyter} y`",
    "`$python} y`",
    "${python} y$",
    "``{python} y``",
    "`` `{python} y` ``",
    "`{python} y",
    "{python} y",
    "'{python} y'",
    "`{python}`",
    "`{python} `",
    "`x {python} y`",
    "`{python} y``{python}`",
    "`{python} y``altro`",
    "- a\n\n  > `{python}y`",
    "| a | `{python}y` |\n|---|---|\n| b | c |",
    "## Titolo `{PYTHON} y`",
    "Nota.[^1]\n\n[^1]: Uno.\n\n    `{python}y`",
]


@pytest.mark.parametrize("text", NEARLY_EXPRESSIONS)
def test_what_is_nearly_an_expression_is_told(text):
    assert any("nearly an expression" in problem for problem in expressions.written(text).problems)


NEARLY_CONDITIONS = [
    "<!-- Se: y -->\nTesto",
    "<!-- SE: y -->\nTesto",
    "<!-- se y -->\nTesto",
    "<!-- se : y -->\nTesto",
    "<!-- se; y -->\nTesto",
    "<!-- sé: y -->\nTesto",
    "<!-- if: y -->\nTesto",
    "<!-- if y -->\nTesto",
    "<!-- quando: y -->\nTesto",
    "<!-- solo se: y -->\nTesto",
    "<!-- altrimenti -->\nTesto",
    "<!--- se: y --->\nTesto",
    "<!---se: y-->\nTesto",
    "<!-- se: -->\nTesto",
    "<!-- se:\ny -->\nTesto",
    "<!--\nse: y\n-->\nTesto",
    "\n<!-- se: y -->\nTesto",
    " <!-- se: y -->\nTesto",
    "\ufeff<!-- se: y -->\nTesto",
    "Testo <!-- se: y -->",
    "Testo\n\n<!-- se: y -->\n\nAltro",
    "<!-- se: y -->\n<!-- se: z -->\nTesto",
    "<! -- se: y -->\nTesto",
    "<!- se: y -->\nTesto",
    "<!– se: y –>\nTesto",
    "se: y -->\nTesto",
]


@pytest.mark.parametrize("text", NEARLY_CONDITIONS)
def test_what_is_nearly_a_condition_is_told(text):
    found = jupyter.problems({"cell_type": "markdown", "source": text})
    assert any("nearly a condition" in problem for problem in found)


@pytest.mark.parametrize(
    "text",
    [
        "<!-- `{python} y` `{python}1` -->",
        "Testo <!-- una nota --> e `codice`.",
        "<!-- semplice, secondo, sera: nota -->",
        "```\n`{python}1+1` <!-- Se: x -->\n```",
        "~~~ {.python}\n`{Python} y`\n~~~",
        "    `{python}1`",
        "Il linguaggio (Python), `print(1)`{.python}, `python prova.py`, `{anno}`, {#sec-python}.",
        r"Con \{python\} e \`\{python\} x\`.",
        "Se: così comincia una frase. I < - se 3 > 2.",
    ],
)
def test_what_is_no_expression_is_left_alone(text):
    assert jupyter.problems({"cell_type": "markdown", "source": text}) == []
    assert expressions.written(text).expressions == []


def test_expressions_in_comments_and_fences_are_not_evaluated(run):
    text = "<!-- `{python} manca` -->\n\n```\n`{python} manca`\n```\n\n`{python} 1``{python} 2`"
    assert texts(run(("md", text))) == [text.replace("`{python} 1``{python} 2`", "12")]


@pytest.mark.parametrize("text", ["<!-- aperto\n\nTesto `{python} 1`", "```\nTesto\n\n`{python} 1`"])
def test_what_is_never_closed_is_told(wrong, text):
    (said,) = wrong(("md", "Testo."), ("md", text))
    assert said.startswith("prova.ipynb, cell 3: ") and "is never closed" in said


def test_a_value_is_evaluated_only_where_it_is_markdown(run):
    text = "`{python} 1 / 0` <!-- se: x -->"
    executed = run(("code", f"t = {text!r}"), ("md", "`{python} t`"))
    assert re.sub(r"\\(?=\W)", "", texts(executed)[0]) == text


def test_markdown_that_holds_what_is_nearly_an_expression_is_told(wrong):
    (said,) = wrong(
        ("code", "from annuario.notebook import Markdown\nt = Markdown('`{python}1`')"), ("md", "`{python} t`")
    )
    assert said.startswith("prova.ipynb, cell 3: in the value of «t»: «`{python}1`» is nearly an expression")


def test_markdown_that_holds_itself_is_told(wrong):
    (said,) = wrong(
        ("code", "from annuario.notebook import Markdown\nt = Markdown('`{python} t`')"), ("md", "`{python} t`")
    )
    assert "«t» holds itself" in said


def test_captions_of_parts_are_evaluated_and_checked(run, wrong):
    executed = run(("code", "#| fig-subcap:\n#|   - 'A `{python} 1 + 1`'\n#|   - B\nx = 1"))
    assert executed.cells[-1].metadata["annuario"]["options"] == {"fig-subcap": ["A 2", "B"]}
    assert "nearly an expression" in wrong(("code", "#| fig-subcap: ['`{python}1`']\nx = 1"))[0]


def test_all_that_is_wrong_is_told_at_once(wrong):
    said = wrong(
        ("md", "`{python} a`, `{python} 1`, `{python} b`, `{python}c`"),
        ("code", "x = 1"),
        ("md", "<!-- Se: x -->\nTesto"),
        ("code", '#| tbl-cap: "`{python} y`"\nx = 1'),
        ("code", "x = 1 / 0"),
        ("md", "`{python} x`\n\n`{python}z`"),
    )
    places = ["cell 2: «`{python}c`»", "«a» failed: NameError", "«b» failed: NameError", "cell 4: «<!-- Se: x -->»"]
    places += ["cell 5: the inline expression «y» failed", "cell 6: ZeroDivisionError", "cell 7: «`{python}z`»"]
    assert len(said) == len(places)
    assert all(place in line for place, line in zip(places, said)), said


@pytest.mark.parametrize(
    "source",
    [
        "import sys; sys.exit(0)",
        "exit()",
        "quit()",
        "raise SystemExit",
        "import os; os._exit(0)",
        "import os; os.kill(os.getpid(), 9)",
    ],
)
def test_a_chapter_that_ends_early_is_an_error(wrong, source):
    said = wrong(("md", "Testo."), ("code", source), ("code", "y = 1"), ("md", "`{python} y`"))
    assert len(said) == 1 and said[0].startswith("prova.ipynb, cell 3: ")
    assert "ends the chapter" in said[0] or "ended its process" in said[0]


@pytest.mark.parametrize("cell", [("code", "exit()"), ("md", "`{python} exit()`")], ids=["code", "expression"])
def test_not_even_the_last_cell_ends_a_chapter(wrong, cell):
    (said,) = wrong(("code", "y = 1"), cell)
    assert "ends the chapter" in said


def test_cells_that_may_raise_or_do_not_run(run, wrong):
    executed = run(
        ("code", "1 / 0", ["raises-exception"]),
        ("code", "#| error: true\nraise ValueError('sì')"),
        ("code", "#| eval: false\n#| tbl-cap: '`{python} manca`'\nx = 1 / 0"),
        ("md", "`{python} 1`"),
    )
    first, second, third = executed.cells[2:5]
    assert [cell.outputs[0].ename for cell in (first, second)] == ["ZeroDivisionError", "ValueError"]
    assert third.outputs == [] and third.execution_count is None
    assert texts(executed) == ["1"]
    assert "ends the chapter" in wrong(("code", "raise SystemExit", ["raises-exception"]))[0]
    assert "«eval» is «forse»" in wrong(("code", "#| eval: forse\n1"))[0]
    assert "did not run" in wrong(("code", "1 / 0", ["skip-execution"]))[0]


@pytest.mark.parametrize(
    ("cells", "others", "said"),
    [
        ([], {"tags": ["Parameters"]}, "cell 1: the tag «Parameters» is written «parameters»"),
        ([], {"tags": ["parametri"]}, "cell 1: the tag «parametri» is written «parameters»"),
        ([], {"tags": []}, "cell 1: the first code cell sets the parameters: tag it «parameters»"),
        (
            [("code", "anno = 1"), ("code", PARAMETERS, ["parameters"])],
            {"parameters": ""},
            "cell 2: only the first code cell",
        ),
        (
            [("md", "x", ["parameters"]), ("code", PARAMETERS, ["parameters"])],
            {"parameters": ""},
            "cell 1: only the first",
        ),
        ([("code", PARAMETERS, ["parameters"])], {}, "cell 2: only the first code cell"),
        ([("code", PARAMETERS, ["injected-parameters"])], {}, "papermill left this cell"),
        ([("md", "Testo")], {"parameters": ""}, "it has no code"),
        (
            [],
            {"parameters": f"{PARAMETERS}\nanno = int(edizione[-4:])"},
            "cell 1: line 2: the cell tagged «parameters» sets plain values",
        ),
        ([], {"parameters": f"from datetime import date\n{PARAMETERS}"}, "sets plain values alone"),
        ([], {"parameters": f"{PARAMETERS}\nanno = 2025"}, "«anno» repeats the year"),
        ([], {"parameters": f"{PARAMETERS}\ntitolo: str = 'Nel 2025'"}, "«titolo» repeats the year"),
        ([], {"parameters": "anno = 2025"}, "do not set «edizione»"),
        ([], {"parameters": "edizione ="}, "are no Python"),
    ],
)
def test_the_first_code_cell_is_the_parameters(wrong, cells, others, said):
    lines = wrong(*cells, ("md", "`{python} edizione`"), **others)
    assert len(lines) == 1 and said in lines[0]


@pytest.mark.parametrize(
    "cell",
    [
        ("code", PARAMETERS),
        ("code", "globals()['ediz' + 'ione'] = 'relazione-2025'"),
        ("code", "for edizione in ['relazione-2025']: pass"),
        ("code", "del edizione"),
    ],
)
def test_the_edition_stays_what_it_is(wrong, cell):
    (said,) = wrong(cell)
    assert "«edizione» is no longer relazione-2021" in said


def test_other_parameters_are_plain_values(run):
    run(("md", "`{python} soglia`"), parameters=f"# I parametri\n{PARAMETERS}\nsoglia: int = -3\nnomi = ['a']")


@pytest.mark.parametrize(
    "cell",
    [
        ("code", "from annuario.notebook import Markdown\nMarkdown('Sono `{python} 1`.')"),
        ("code", "from IPython.display import Markdown, display\ndisplay(Markdown('`{Python} 1`'))"),
        ("code", "#| output: asis\nprint('<!-- se: x -->')"),
        ("raw", "`{python} 1`"),
    ],
    ids=["output", "displayed", "printed", "raw"],
)
def test_what_is_not_evaluated_there_is_told(wrong, cell):
    (said,) = wrong(cell)
    assert said.startswith("prova.ipynb, cell 2: ")


def test_outputs_hold_other_braces_and_printed_text(run):
    run(
        ("code", "from annuario.notebook import Markdown\nMarkdown(r'`{anno}` \\{python\\}')"),
        ("code", "print('`{python} 1`')"),
        ("raw", "<b>"),
    )


def test_a_name_within_a_function_is_another(run):
    run(("code", "def f(edizione): return [edizione for edizione in [edizione]]\nf('relazione-2025')"))


OPEN = "from annuario.notebook import open_edition\n"


def test_a_chapter_shows_the_edition_being_built(small):
    source, texts_ = small.books["relazione"].chapters[0], small.books["relazione"].texts / "relazione-2021"

    def run(*code):
        nbformat.write(notebook(*(("code", OPEN + each) for each in code)), source)
        return execute.chapter(source, "relazione-2021", small.root, texts_)

    with pytest.raises(
        ChapterError, match="cell 2: the edition being built is relazione-2021, this opens relazione-2025"
    ):
        run("libro = open_edition('relazione-2025')")
    with pytest.raises(ChapterError, match="it opens no edition but for a comparison"):
        run("libro = open_edition('relazione-2025', confronto=True)")
    run("libro = open_edition(edizione)", "prima = open_edition('relazione-2025', confronto=True)")


def test_outside_a_build_any_edition_is_opened(small, monkeypatch):
    from annuario.notebook import open_edition

    monkeypatch.setenv("ANNUARIO_ROOT", str(small.root))
    assert open_edition("relazione-2025").year == 2025


def test_a_chapter_runs_in_the_folder_of_its_notebook(run, tmp_path):
    executed = run(("code", "import os\nfolder = os.getcwd()"), ("md", "`{python} folder`"))
    assert texts(executed)[0].replace("\\", "") == str(tmp_path)


CONFIG = "annuario:\n  ente: Ente\n  libri: {relazione: {titolo: Relazione, capitoli: [relazione/a.ipynb]}}\n"


@pytest.mark.parametrize(
    ("cells", "who"),
    [
        ([("code", "while True: pass")], "cell 2: it has not ended in 1 seconds"),
        (
            [("code", "import time"), ("md", "`{python} time.sleep(60)`")],
            "cell 3: what is evaluated («time.sleep(60)»)",
        ),
        (
            [("code", "import time"), ("code", ""), ("md", "`{python} time.sleep(60)`")],
            "cell 4: what is evaluated («time.sleep(60)»)",
        ),
    ],
)
def test_a_cell_has_a_limit_of_time(wrong, tmp_path, cells, who):
    (tmp_path / "_quarto.yml").write_text(f"{CONFIG}  limite-cella: 1\n")
    said = wrong(*cells, ("md", "`{python}1`"))
    assert who in said[0] and "limite-cella" in said[0]
    assert len(said) == 2 and "nearly an expression" in said[1]


@pytest.mark.parametrize(
    ("told", "limit"),
    [("", 600), ("limite-cella:", 600), ("limite-cella: 0", None), ("limite-cella: 2.5", 3)],
)
def test_the_limit_of_a_cell_is_declared(tmp_path, told, limit):
    assert execute.cell_limit(tmp_path) == 600
    (tmp_path / "_quarto.yml").write_text(f"{CONFIG}  {told}\n")
    assert execute.cell_limit(tmp_path) == limit


@pytest.mark.parametrize("value", ["-1", "dieci", "true", "[1]", ".inf", ".nan"])
def test_a_limit_that_is_none_is_an_error(tmp_path, value):
    (tmp_path / "_quarto.yml").write_text(f"{CONFIG}  limite-cella: {value}\n")
    with pytest.raises(BookError, match="_quarto.yml: «annuario, limite-cella»"):
        execute.cell_limit(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"{}", b"\xff", b"\xef\xbb\xbf{}", b"<<<<<<< mia\n{}", b'{"cells": 1}', b'{"cells": [1]}', b'{"cells": [{"cell_type": "code", "source": ""}]}',
        b'{"cells": [{"cell_type": "testo", "source": "", "metadata": {}}]}',
        b'{"cells": [{"cell_type": "code", "source": "", "metadata": {"tags": "parameters"}}]}',
        b'{"cells": [], "metadata": {}}', b'{"cells": [], "metadata": {}, "nbformat": 5}', b'{"cells": [], "metadata": [], "nbformat": 4}',
        b'{"cells": [], "metadata": {"papermill": "x"}, "nbformat": 4}',
        b'{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "markdown", "source": "", "metadata": {"tags": [[]]}}]}',
        b'{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "markdown", "source": "", "metadata": {}, "attachments": "x"}]}',
        b'{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "markdown", "source": "", "metadata": []}]}',
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_a_clear_error(tmp_path, content):
    source = tmp_path / "prova.ipynb"
    source.write_bytes(content)
    with pytest.raises(ChapterError, match=r"^\S+prova\.ipynb(: not a notebook: |, cell 1: not a cell of a notebook)"):
        execute.chapter(source, "relazione-2021", tmp_path, tmp_path)


def test_what_an_executed_notebook_says_of_itself_is_not_believed(tmp_path):
    """Executed notebooks lie in output/: one that becomes a chapter again brings old options along."""
    source, made = tmp_path / "prova.ipynb", notebook(("code", "7"), ("md", "Testo."))
    for cell in made.cells:
        cell.metadata["annuario"] = {"options": {"label": "tbl-vecchia"}}
    nbformat.write(made, source)
    found = execute.chapter(source, "relazione-2021", tmp_path, tmp_path)
    assert not any("annuario" in cell["metadata"] for cell in found["cells"])


@pytest.mark.parametrize(
    ("data", "what"),
    [("{'text/markdown': 5}", "text/markdown: int"), ("{'application/json': {5}}", "Object of type set")],
)
def test_an_output_that_no_notebook_can_hold_is_named(wrong, data, what):
    (line,) = wrong(("code", f"from IPython.display import publish_display_data\npublish_display_data({data})"))
    assert line.startswith(f"prova.ipynb, cell 2: it puts out what no notebook can hold ({what}")


def test_what_is_wrong_between_texts_is_told_with_the_cell(wrong):
    (line,) = wrong(("code", "x = 1"), ("md", "::: {.altrimenti}\nManca.\n:::"))
    assert line.startswith("prova.ipynb, cell 3: ") and "before this one there is nothing" in line


def test_a_cell_that_is_no_python_is_told_by_its_line(wrong):
    assert wrong(("code", "x = 1\ny = = 2")) == ["prova.ipynb, cell 2: SyntaxError: invalid syntax (line 2)"]


def test_a_value_that_cannot_be_shown_says_why(wrong):
    shows = "class Guasto:\n    def _repr_markdown_(self):\n        raise ValueError('vuoto')\nGuasto()"
    assert wrong(("code", shows)) == ["prova.ipynb, cell 2: what it shows cannot be shown: ValueError: vuoto"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("#| eval: forse\nx = 1", "the option «eval» is «forse»: it is true or false."),
        ("#| echo: forse\nx = 1", "the option «echo» is «forse»: it is true, false or fenced."),
        ("#| output: no, mai\nx = 1", "the option «output» is «no, mai»: it is true, false or asis."),
        ("#| include: 'false'\nx = 1", "the option «include» is «false»: it is true or false."),
        ("#| ouput: false\nx = 1", "there is no option «ouput»: did you mean «output»?"),
        ("#| fig_cap: Una\nx = 1", "there is no option «fig_cap»: did you mean «fig-cap»?"),
        ("x = 1\n#| output: false", "«#| output: false» stands below the code: the «#|» options of a cell are its first lines."),
    ],
)  # fmt: skip
def test_an_option_that_would_say_nothing_is_told(wrong, source, said):
    assert wrong(("code", source), ("md", "`{python} 1`")) == [f"prova.ipynb, cell 2: {said}"]


@pytest.mark.parametrize(
    "source", ["#| code-fold: true\n#| fig-width: 3\nx", "# nota | label\nx", "#| echo: fenced\nx"]
)
def test_other_options_of_quarto_are_left_alone(source):
    assert jupyter.problems({"cell_type": "code", "source": source}) == []


def test_cells_without_an_identifier_of_their_own_get_the_same_each_time(tmp_path, recwarn):
    made = notebook(("md", "Uno."), ("md", "Due."))
    made.cells[1]["id"] = made.cells[2]["id"] = "uno"
    del made.cells[0]["id"]
    (tmp_path / "prova.ipynb").write_text(json.dumps(made), encoding="utf-8")
    cells = execute.chapter(tmp_path / "prova.ipynb", "relazione-2021", tmp_path, tmp_path)["cells"]
    assert [cell["id"] for cell in cells] == ["cella-1", "injected-parameters", "uno", "cella-3"]
    assert not [warning for warning in recwarn if "id" in str(warning.message)]
