"""The engine names no agency, and reaches it through one small interface."""

import ast
import re
import subprocess
import sys

import pytest
from conftest import ROOT

from annuario import agency
from annuario.errors import BookError

ENGINE = ROOT / "lib" / "annuario"
#: Words of this agency: its name, its territory, its own tables and services.
WORDS = r"cremasc|\bcrema\b|sub.?ambit|\bsaap\b|\bsad\b|\badm\b|\bfnps\b|\bfsr\b|\bqsfp\b|carichi_lavoro|bilancio_aree|avanzo"


def test_the_engine_imports_no_agency():
    for path in ENGINE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "cremasca" for name in names), path


def test_the_engine_names_no_agency():
    """In code; docstrings may give an example of the data at hand."""
    for path in ENGINE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docs = {id(node.body[0].value) for node in ast.walk(tree)
                if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and node.body
                and isinstance(node.body[0], ast.Expr)}  # fmt: skip
        for node in ast.walk(tree):
            texts = (
                [node.value]
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
                else []
            )
            texts += [node.id] if isinstance(node, ast.Name) else [node.attr] if isinstance(node, ast.Attribute) else []
            for text in texts:
                assert not re.search(WORDS, text, re.IGNORECASE), f"{path.name}, line {node.lineno}: {text}"


def test_nothing_in_the_engine_needs_the_agency_installed():
    code = "import sys; sys.modules['cremasca'] = None; import annuario.cli, annuario.book.build, annuario.checks, annuario.notebook"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def config(root, line):
    books = "{relazione: {titolo: Relazione, capitoli: [relazione/a.ipynb]}}"
    (root / "_quarto.yml").write_text(f"annuario:\n  ente: Ente\n  libri: {books}\n  {line}\n", encoding="utf-8")
    return root


def test_a_project_may_have_no_agency_or_one_of_its_own(tmp_path):
    assert agency.load(tmp_path) == agency.Agency()
    assert agency.load(config(tmp_path, "")) == agency.Agency()
    own = tmp_path / "lib" / "ente_di_prova"
    own.mkdir(parents=True)
    (own / "__init__.py").write_text("def checks(package):\n    return []\n", encoding="utf-8")
    (own / "altro.py").write_text("", encoding="utf-8")
    found = agency.load(config(tmp_path, "agenzia: ente_di_prova"))
    assert found.checks(None) == [] and found.facts is None
    assert found.modules == ["ente_di_prova", "ente_di_prova.altro"]
    before = agency.digest(tmp_path)
    (own / "altro.py").write_text("x = 1\n", encoding="utf-8")
    assert agency.digest(tmp_path) != before


@pytest.mark.parametrize("name", ["non_esiste_davvero", "«»", "[a]", "../x"])
def test_an_agency_that_is_none_is_told(tmp_path, name):
    with pytest.raises(BookError, match="agenzia|agency"):
        agency.load(config(tmp_path, f"agenzia: {name!r}"))
