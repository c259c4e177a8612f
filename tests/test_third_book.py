"""A third book needs a folder of notebooks, its texts and a few lines of declaration."""

import shutil

import nbformat
import pytest

from annuario.book import build
from annuario.data import Package, editions
from annuario.errors import BookError
from annuario.project import Project

NOTEBOOK = [
    ("parameters", 'edizione = "bilancio-sociale-2021"'),
    (
        "code",
        "from annuario import tables\nfrom annuario.notebook import open_edition\n\nlibro = open_edition(edizione)",
    ),
    (
        "md",
        "# I minori {#sec-minori}\n\nNel `{python} str(libro.year)` i casi nuovi sono "
        '`{python} libro.value("tm-flussi/nuovi-casi")` (@tbl-minori).\n\n`{python} libro.text("minori", "commento")`',
    ),
    ("code", '#| label: tbl-minori\n#| tbl-cap: "I minori"\ntables.by_year(libro.indicators("tm-flussi"))'),
]


@pytest.fixture
def third(here, tmp_path):
    root = tmp_path / "progetto"
    shutil.copytree(here.root / "data", root / "data")
    (root / "data" / "edizioni.csv").open("a", encoding="utf-8").write(
        "bilancio-sociale-2021,bilancio-sociale,2021,Bilancio sociale 2021,relazione-2021:5,,,\n"
    )
    folder = root / "notebooks" / "bilancio-sociale"
    folder.mkdir(parents=True)
    made = nbformat.v4.new_notebook()
    for kind, source in NOTEBOOK:
        cell = nbformat.v4.new_markdown_cell(source) if kind == "md" else nbformat.v4.new_code_cell(source)
        if kind == "parameters":
            cell.metadata["tags"] = ["parameters"]
        made.cells.append(cell)
    nbformat.write(made, folder / "minori.ipynb")
    texts = folder / "testi" / "bilancio-sociale-2021"
    texts.mkdir(parents=True)
    (texts / "minori.md").write_text("# commento\n\nUn commento di quell'anno.\n", encoding="utf-8")
    config = (here.root / "_quarto.yml").read_text(encoding="utf-8").partition("  libri:")[0]
    (root / "_quarto.yml").write_text(
        config + "  libri:\n    bilancio-sociale:\n      titolo: Bilancio sociale\n"
        "      capitoli:\n        - bilancio-sociale/minori.ipynb\n",
        encoding="utf-8",
    )
    return Project(root)


def test_a_third_book_is_built(third, shared, tmp_path):
    summary = build.build(third, "bilancio-sociale-2021", tmp_path / "libri", engine="pandoc", kept=shared)
    assert (summary.chapters, summary.tables) == (1, 1)
    page = (tmp_path / "libri" / "bilancio-sociale-2021" / "bilancio-sociale-2021.html").read_text(encoding="utf-8")
    assert "Bilancio sociale 2021" in page
    assert "i casi nuovi sono 236" in page
    assert "Un commento di quell’anno." in page or "Un commento di quell'anno." in page
    assert (tmp_path / "libri" / "bilancio-sociale-2021" / "bilancio-sociale-2021.pdf").read_bytes().startswith(b"%PDF")


def test_only_its_published_years_exist(third):
    package = Package(third.root / "data")
    assert [str(edition) for edition in editions.available(third, package)] == ["bilancio-sociale-2021"]
    with pytest.raises(BookError, match="Unknown edition «bilancio-sociale-2020»"):
        editions.parse("bilancio-sociale-2020", third, package)
