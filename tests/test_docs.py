"""The examples of the documentation are run."""

import doctest

import pytest
from conftest import ROOT

from annuario import charts, tables
from annuario.notebook import open_edition

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Plain(doctest.OutputChecker):
    """Documentation is written with plain blanks where figures print no-break ones."""

    def check_output(self, want, got, optionflags):
        return super().check_output(want, got.replace("\u00a0", " "), optionflags)


@pytest.mark.parametrize("name", ["cifre.md"])
def test_examples_hold(name, monkeypatch, capsys):
    monkeypatch.setenv("ANNUARIO_ROOT", str(ROOT))
    names = {"open_edition": open_edition, "charts": charts, "tables": tables}
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    runner = doctest.DocTestRunner(Plain(), optionflags=FLAGS)
    result = runner.run(doctest.DocTestParser().get_doctest(text, names, name, name, 0))
    assert result.attempted > 10 and result.failed == 0, capsys.readouterr().out
