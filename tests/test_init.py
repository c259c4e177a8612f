"""A new project builds at once, and takes an agency's own tables without Python."""

import json

import nbformat
import pytest
from click.testing import CliRunner
from conftest import edit, keep_in

from annuario import checks, init
from annuario.book import build
from annuario.cli import main
from annuario.data import Package
from annuario.errors import BookError, CheckError
from annuario.project import Project


@pytest.fixture
def new(tmp_path):
    init.init(tmp_path / "biblioteca")
    return Project(tmp_path / "biblioteca")


def test_a_new_project_is_a_book_in_two_commands(tmp_path, shared, monkeypatch):
    run = CliRunner().invoke
    made = run(main, ["init", str(tmp_path / "ente")])
    assert made.exit_code == 0 and "annuario build relazione" in made.output
    keep_in(shared, tmp_path / "ente" / "output")
    monkeypatch.chdir(tmp_path / "ente")
    built = run(main, ["build", "relazione", "--format", "html", "--engine", "pandoc"])
    assert built.exit_code == 0, built.output
    page = (tmp_path / "ente" / "output" / "relazione-2025" / "relazione-2025.html").read_text(encoding="utf-8")
    assert "Biblioteca di esempio" in page and "sono inventati" in page
    assert "53.335, in aumento del 3,6\u00a0% rispetto al 2024" in page
    checked = run(main, ["check"])
    assert checked.exit_code == 0 and "torna: 6" in checked.output


def test_nothing_of_the_users_is_written_over(tmp_path):
    (tmp_path / "mio").mkdir()
    (tmp_path / "mio" / "nota.txt").write_text("mia", encoding="utf-8")
    for folder in (tmp_path / "mio", tmp_path / "mio" / "nota.txt"):
        with pytest.raises(BookError, match="name a new"):
            init.init(folder)
    assert [path.name for path in (tmp_path / "mio").iterdir()] == ["nota.txt"]


def test_what_does_not_add_up_is_found(new):
    edit(new.root / "data" / "indicatori.csv", "53335", "53336")
    package = Package(new.root / "data")
    with pytest.raises(CheckError, match="prestiti/somma.*expected 53335, found 53336"):
        checks.require_explained(checks.run(package), package)


def test_what_the_checks_and_a_chapter_find_wrong_is_told_at_once(new, shared, tmp_path):
    """The checks are made while the chapters run."""
    edit(new.root / "data" / "indicatori.csv", "53335", "53336")
    path = new.root / "notebooks" / "relazione" / "in-sintesi.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells[1].source += "\n1 / 0"
    nbformat.write(notebook, path)
    with pytest.raises(BookError, match="ZeroDivisionError") as told:
        build.build(new, "relazione-2025", keep_in(shared, tmp_path / "libri"), ("html",), "pandoc")
    assert "expected 53335, found 53336" in str(told.value)
    assert not (tmp_path / "libri" / "relazione-2025").exists()


def test_an_agency_brings_a_table_of_its_own(new, shared, tmp_path):
    """Visitors by branch: a file, its declaration, what it counts; then a chapter names the figures."""
    data = new.root / "data"
    (data / "visite.csv").write_text(
        "edizione,anno,sede,valore,fonte\n"
        "relazione-2025,2024,centro,1000,conteggio\nrelazione-2025,2025,centro,1200,conteggio\n"
        "relazione-2025,2024,mare,500,conteggio\nrelazione-2025,2025,mare,1,conteggio\n",
        encoding="utf-8",
    )
    declared = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    kinds = {"edizione": "string", "anno": "integer", "sede": "string", "valore": "number", "fonte": "string"}
    declared["resources"].append(
        {"name": "visite", "path": "visite.csv", "title": "Visite", "cifra": ["sede"],
         "schema": {"fields": [{"name": name, "type": kind} for name, kind in kinds.items()], "primaryKey": ["anno", "sede"]}}
    )  # fmt: skip
    (data / "datapackage.json").write_text(json.dumps(declared), encoding="utf-8")
    with (data / "grandezze.csv").open("a", encoding="utf-8") as file:
        file.write("visite,flusso,visita,visite,f\n")
    path = new.root / "notebooks" / "relazione" / "in-sintesi.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells[1].source += '\nvisite = libro.cifre("visite")'
    notebook.cells.append(
        nbformat.v4.new_markdown_cell(
            "Le visite al mare: `{python} visite.mare.conta`. In tutto sono `{python} visite.somma` `{python} visite.somma.andamento`; "
            "al primo posto `{python} visite.classifica`."
        )
    )
    nbformat.write(notebook, path)
    build.build(new, "relazione-2025", tmp_path / "libri", ("html",), "pandoc", kept=shared)
    page = (
        (tmp_path / "libri" / "relazione-2025" / "relazione-2025.html")
        .read_text(encoding="utf-8")
        .replace("\u00a0", " ")
    )
    assert "Le visite al mare: una visita. In tutto sono 1.201, in calo del 19,9 % rispetto al 2024" in page
    assert "al primo posto Centro, seguito da Mare." in page


def test_the_example_names_no_agency_of_ours():
    for path in init.EXAMPLE.rglob("*"):
        assert not path.is_file() or "cremasc" not in path.read_text(encoding="utf-8").lower()


def test_a_chapter_that_reads_what_nobody_follows_is_built_again(new, shared, tmp_path):
    outside = tmp_path / "fuori.txt"
    path = new.root / "notebooks" / "relazione" / "prestiti.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells[2].source += "\n\nFuori si legge `{python} fuori`."
    notebook.cells[1].source += f"\nfuori = open({str(outside)!r}).read()"
    nbformat.write(notebook, path)
    for content in ("primo", "secondo"):
        outside.write_text(content, encoding="utf-8")
        build.build(new, "relazione-2025", tmp_path / "out", ("html",), "pandoc", kept=shared)
        page = (tmp_path / "out" / "relazione-2025" / "relazione-2025.html").read_text(encoding="utf-8")
        assert f"Fuori si legge {content}." in page
