"""An archive says which of its files is not what it was, and makes its book again byte for byte."""

import json
import shutil
import subprocess
import sys

import pytest

from annuario.book import archive, build
from annuario.errors import BookError, CheckError
from annuario.project import Project


@pytest.fixture
def archived(tmp_path):
    """The archive of a book that no build has made: a few files."""
    root, built = tmp_path / "progetto", tmp_path / "output" / "relazione-2025"
    for name in ("data/a.csv", "notebooks/relazione/a.ipynb", "lib/ente/__init__.py", "lib/ente/__pycache__/a.pyc"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x", encoding="utf-8")
    (root / "_quarto.yml").write_text(
        "annuario:\n  ente: Ente\n  libri:\n    relazione:\n      titolo: Relazione\n      capitoli: [relazione/a.ipynb]\n",
        encoding="utf-8",
    )
    for name in ("relazione-2025.html", "dati/a.csv", "appunti di altri.txt", ".annuario.json"):
        (built / name).parent.mkdir(parents=True, exist_ok=True)
        (built / name).write_text("libro", encoding="utf-8")
    return archive.write(Project(root), "relazione-2025", built, tmp_path / "archivio", ("html",), "pandoc")


def test_an_archive_holds_the_book_and_what_it_is_made_from(archived):
    names = {path.relative_to(archived).as_posix() for path in archived.rglob("*") if path.is_file()}
    assert {
        "libro/relazione-2025.html", "libro/dati/a.csv", "progetto/_quarto.yml", "progetto/data/a.csv",
        "progetto/lib/ente/__init__.py", "progetto/lib/annuario/cli.py", "ambiente.txt", "LEGGIMI.md", "SHA256SUMS",
    } <= names  # fmt: skip
    assert not [name for name in names if "__pycache__" in name or "altri" in name]
    assert archive.verify(archived) == len(names) - 1
    assert "pandas==" in (archived / "ambiente.txt").read_text(encoding="utf-8")


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="sha256sum is not installed")
def test_its_checksums_need_no_program_of_ours(archived):
    done = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=archived, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_verify_names_every_file_that_differs(archived):
    (archived / "libro" / "dati" / "a.csv").write_text("altro", encoding="utf-8")
    (archived / "ambiente.txt").unlink()
    (archived / "progetto" / "nuovo.txt").write_text("", encoding="utf-8")
    with pytest.raises(CheckError) as told:
        archive.verify(archived)
    assert told.value.exit_code == 1
    assert [line.removeprefix(f"{archived}/") for line in str(told.value).splitlines()] == [
        "ambiente.txt: is missing.", "libro/dati/a.csv: differs from what was archived.", "progetto/nuovo.txt: was not in the archive.",
    ]  # fmt: skip


def test_what_is_no_archive_is_told(archived, tmp_path):
    with pytest.raises(BookError, match="no archive"):
        archive.verify(tmp_path)
    (archived / "SHA256SUMS").write_text("abc  libro\n", encoding="utf-8")
    with pytest.raises(BookError, match="line 1"):
        archive.verify(archived)


def test_an_archive_is_never_written_over(archived, tmp_path):
    with pytest.raises(BookError, match="choose another folder"):
        archive.write(
            Project(tmp_path / "progetto"), "relazione-2025", tmp_path / "output", archived, ("html",), "pandoc"
        )
    assert archive.verify(archived)


@pytest.mark.slow
def test_a_book_comes_out_of_its_archive_byte_for_byte(small, shared, tmp_path):
    out = small.root / "output"
    build.build(small, "relazione-2021", out, ("html", "docx", "epub"), "pandoc", kept=shared)
    shutil.copytree(archive.Path(__file__).parents[1] / "lib" / "cremasca", small.root / "lib" / "cremasca")
    stored = archive.write(
        small, "relazione-2021", out / "relazione-2021", tmp_path / "archivio", ("html", "docx", "epub"), "pandoc"
    )
    command = [sys.executable, "-m", "annuario", "verify", str(stored), "--rebuild"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "come out the same" in done.stdout
    assert archive.verify(stored)


@pytest.mark.slow
def test_what_was_written_on_the_way_leaves_no_trace(small, tmp_path):
    """A chapter that was tried with another expression, and is recalled, is written as one that runs for the first time."""
    make = lambda out: build.build(small, "relazione-2021", out, ("html",), "pandoc")
    made = lambda out: (out / "relazione-2021" / "notebooks" / "gestione.ipynb").read_bytes()
    source = small.books["relazione"].chapters[0]
    before = source.read_text(encoding="utf-8")
    notebook = json.loads(before)
    notebook["cells"][-1]["source"] += "\n\nSono `{python} 20 + 1`."
    assert notebook["cells"][-1]["cell_type"] == "markdown"
    source.write_text(json.dumps(notebook), encoding="utf-8")
    make(tmp_path / "provato")
    source.write_text(before, encoding="utf-8")
    make(tmp_path / "provato")
    make(tmp_path / "nuovo")
    assert made(tmp_path / "provato") == made(tmp_path / "nuovo")
