"""Every public name of the engine has an example in its docstring, and the examples hold."""

import doctest
import importlib

import pytest
import reference
from conftest import ROOT


@pytest.mark.parametrize("name", reference.modules())
def test_the_examples_of_a_module_hold(name, capsys, monkeypatch):
    monkeypatch.setenv("ANNUARIO_ROOT", str(ROOT))
    examples = [(where, text) for where, text in reference.documented(name) if ">>>" in text]
    runner = doctest.DocTestRunner(reference.Plain(), optionflags=reference.FLAGS)
    for where, text in examples:
        known = vars(importlib.import_module(name)) | reference.names()
        runner.run(doctest.DocTestParser().get_doctest(text, known, where, where, 0))
    assert runner.failures == 0, capsys.readouterr().out
