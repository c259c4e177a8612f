"""Fixtures: the project, a copy of it that may be spoiled, and the books built once."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from annuario import project
from annuario.data import Package

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT.parent / "shared" / "sources"
INVENTORY = ROOT.parent / "shared" / "inventory"
EDITIONS = ("relazione-2021", "relazione-2025", "piano-2020", "piano-2021")


@pytest.fixture(scope="session")
def here():
    return project.Project(ROOT)


@pytest.fixture(scope="session")
def package():
    return Package(ROOT / "data")


@pytest.fixture
def spoiled(tmp_path):
    """A copy of the data folder to spoil: a function (table, old, new) that edits one file."""
    folder = tmp_path / "data"
    shutil.copytree(ROOT / "data", folder)

    def edit(table: str, old: str, new: str) -> Path:
        path = folder / f"{table}.csv"
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path.name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    edit.folder = folder
    return edit


@pytest.fixture(scope="session")
def sources():
    """The lines of the four documents, by document; skips where they are not at hand."""
    if not SOURCES.is_dir():
        pytest.skip(f"the documents' text is not at {SOURCES}")
    return {path.stem: path.read_text(encoding="utf-8").split("\n") for path in sorted(SOURCES.glob("*.txt"))}


@pytest.fixture(scope="session")
def books(here, tmp_path_factory):
    """The folder with the editions, built by the command line from the project's root."""
    out = tmp_path_factory.mktemp("output")
    command = [sys.executable, "-m", "annuario", "build", *EDITIONS, "--engine", "pandoc", "--out", str(out)]
    done = subprocess.run(command, cwd=here.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


#: The tests that build whole books come last.
SLOW = ("test_third_book", "test_cluster", "test_book", "test_coverage", "test_accessibility")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: SLOW.index(item.path.stem) if item.path.stem in SLOW else -1)
