"""The examples of the documentation are run."""

import doctest

from conftest import ROOT

from annuario import charts, checks, init, tables
from annuario.data import Package
from annuario.data.validate import validate
from annuario.notebook import open_edition

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Plain(doctest.OutputChecker):
    """Documentation is written with plain blanks where figures print no-break ones."""

    def check_output(self, want, got, optionflags):
        return super().check_output(want, got.replace("\u00a0", " "), optionflags)


def run(name, root, monkeypatch, capsys, **names):
    monkeypatch.setenv("ANNUARIO_ROOT", str(root))
    names |= {
        "open_edition": open_edition,
        "charts": charts,
        "tables": tables,
        "checks": checks,
        "Package": Package,
        "validate": validate,
    }
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    runner = doctest.DocTestRunner(Plain(), optionflags=FLAGS)
    result = runner.run(doctest.DocTestParser().get_doctest(text, names, name, name, 0))
    assert result.attempted > 5 and result.failed == 0, capsys.readouterr().out


def test_examples_of_figures_hold(monkeypatch, capsys):
    run("cifre.md", ROOT, monkeypatch, capsys)


def test_examples_of_a_new_project_hold(tmp_path, monkeypatch, capsys):
    init.init(tmp_path / "nuovo")
    run("progetto.md", tmp_path / "nuovo", monkeypatch, capsys, nuovo=tmp_path / "nuovo")
