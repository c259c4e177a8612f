"""The command line: what it says and how it exits."""

import shutil

import pytest
from click.testing import CliRunner

import annuario
from annuario.cli import main
from annuario.errors import BookError, ChapterError


@pytest.fixture
def run(here, monkeypatch):
    monkeypatch.chdir(here.root)
    monkeypatch.delenv("ANNUARIO_ROOT", raising=False)

    def run(*arguments):
        result = CliRunner().invoke(main, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    return run


@pytest.fixture
def project_copy(here, tmp_path, monkeypatch):
    """A copy of the project to spoil, and the working directory inside it."""
    copy = tmp_path / "progetto"
    copy.mkdir()
    shutil.copy(here.root / "_quarto.yml", copy)
    for folder in ("data", "notebooks"):
        shutil.copytree(here.root / folder, copy / folder)
    monkeypatch.chdir(copy)
    monkeypatch.delenv("ANNUARIO_ROOT", raising=False)
    return copy


def test_version(run):
    assert run("--version").output == f"annuario {annuario.__version__}\n"


def test_list_names_every_edition_and_its_kind(run):
    result = run("list")
    assert result.exit_code == 0
    assert "relazione-2025" in result.output and "published" in result.output
    assert "relazione-2023" in result.output and "reconstructed" in result.output


def test_check_lists_the_differences_of_the_documents(run, tmp_path):
    result = run("check", "relazione-2025", "--csv", str(tmp_path / "controlli.csv"))
    assert result.exit_code == 0
    assert "non torna" in result.output
    assert "880" in result.output and "879" in result.output
    header, *rows = (tmp_path / "controlli.csv").read_text(encoding="utf-8").splitlines()
    assert header.startswith("id,cosa,edizione,anno,dove,atteso,trovato,differenza,esito")
    assert len(rows) > 100


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["build", "relazione-1999"], ["Unknown edition «relazione-1999»", "relazione-2025"]),
        (["build", "bilancio-2025"], ["Unknown edition «bilancio-2025»"]),
        (["build", "relazione-2025", "--format", "odt"], ["--format odt", "html, pdf, docx, epub, site"]),
        (["check", "relazione-2025", "--csv", "/nessuna/cartella/x.csv"], ["/nessuna/cartella/x.csv", "cannot be written"]),
        (["build"], ["relazione-2025", "--all"]),
    ],
)  # fmt: skip
def test_a_wrong_call_says_what_is_wrong(run, arguments, said):
    result = run(*arguments)
    assert result.exit_code == 2
    for part in said:
        assert part in result.output


def test_outside_a_project(monkeypatch, tmp_path, run):
    monkeypatch.chdir(tmp_path)
    result = run("list")
    assert result.exit_code == 2
    assert "is an Annuario project" in result.output


def spoil(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_bad_data_stops_a_build(project_copy, run, monkeypatch):
    monkeypatch.chdir(project_copy)
    spoil(project_copy / "data" / "entrate.csv", "1716731.15", "1.716.731,15")
    result = run("build", "relazione-2021")
    assert result.exit_code == 2
    assert "entrate.csv, row 2" in result.output
    assert not (project_copy / "output" / "relazione-2021").exists()


def test_a_broken_total_fails_the_build_and_keeps_the_last_good_book(project_copy, run, monkeypatch):
    monkeypatch.chdir(project_copy)
    old = project_copy / "output" / "relazione-2021" / "relazione-2021.html"
    old.parent.mkdir(parents=True)
    old.write_text("il libro di prima")
    spoil(project_copy / "data" / "entrate.csv", "1716731.15", "1716731.16")
    result = run("build", "relazione-2021")
    assert result.exit_code == 1
    assert "relazione-2021:4" in result.output
    assert old.read_text() == "il libro di prima"
    assert [path.name for path in old.parent.iterdir()] == [old.name]


def test_a_notebook_that_raises_keeps_the_last_good_book(small, run, monkeypatch):
    monkeypatch.chdir(small.root)
    monkeypatch.delenv("ANNUARIO_ROOT", raising=False)
    old = small.root / "output" / "relazione-2021" / "relazione-2021.html"
    old.parent.mkdir(parents=True)
    old.write_text("il libro di prima")
    notebook = small.root / "notebooks" / "relazione" / "gestione.ipynb"
    spoil(notebook, "libro = open_edition(edizione)", "libro = open_edition(edizione).entrate()")
    result = run("build", "relazione-2021")
    assert result.exit_code == 1
    assert "gestione.ipynb, cell" in result.output and "AttributeError" in result.output
    assert old.read_text() == "il libro di prima"
    assert [path.name for path in old.parent.iterdir()] == [old.name]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  libri:\n", "  volumi:\n", "under «annuario» there is no «libri»"),
        ("  ente: ", "  azienda: ", "under «annuario» there is no «ente»"),
        ("      titolo: Relazione consuntivo\n", "", "under «annuario, libri, relazione» there is no «titolo»"),
    ],
)
def test_a_gap_in_the_configuration_is_named(project_copy, run, monkeypatch, old, new, said):
    monkeypatch.chdir(project_copy)
    spoil(project_copy / "_quarto.yml", old, new)
    result = run("build", "relazione-2025", "--format", "html")
    assert result.exit_code != 0 and "_quarto.yml" in result.output and said in result.output


def test_a_chapter_that_is_not_there(project_copy, run, monkeypatch):
    monkeypatch.chdir(project_copy)
    spoil(project_copy / "_quarto.yml", "relazione/gestione.ipynb", "relazione/gestone.ipynb")
    result = run("build", "relazione-2021")
    assert result.exit_code == 2
    assert "gestone.ipynb" in result.output and "does not exist" in result.output


def test_all_editions_are_built_and_one_that_is_wrong_keeps_no_other(run, monkeypatch):
    asked = []

    def build(_project, name, *_given, **_named):
        asked.append(name)
        raise (ChapterError if name == "piano-2021" else BookError)(f"{name}: guasta")

    monkeypatch.setattr("annuario.book.build.build", build)
    every = [line.split()[0] for line in run("list").stdout.splitlines() if line.startswith(("relazione-", "piano-"))]
    result = run("build", "--all")
    assert len(every) > 5 and sorted(asked) == sorted(every)
    assert result.exit_code == 2 and all(f"{name}: guasta" in result.stderr for name in every)


def test_an_output_folder_that_cannot_be_written(run, tmp_path):
    (tmp_path / "out").write_text("un file, non una cartella")
    result = run("build", "relazione-2021", "--out", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert "cannot be written" in result.output and "--out" in result.output
