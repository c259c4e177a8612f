"""Every public name of the engine has an example in its docstring, and the examples hold."""

import doctest
import importlib
import re

import pytest
import reference
from conftest import ROOT


@pytest.mark.parametrize("name", reference.modules())
def test_the_examples_of_a_module_hold(name, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("ANNUARIO_ROOT", str(ROOT))
    examples = [(where, text) for where, text in reference.documented(name) if ">>>" in text]
    runner = doctest.DocTestRunner(reference.Plain(), optionflags=reference.FLAGS)
    for where, text in examples:
        (tmp_path / where).mkdir()
        known = vars(importlib.import_module(name)) | reference.names(tmp_path / where, text)
        runner.run(doctest.DocTestParser().get_doctest(text, known, where, where, 0))
    assert runner.failures == 0, capsys.readouterr().out


#: Public names without an example that is run, and why.
WITHOUT = {
    "annuario.book.build.build": "makes a whole book",
    "annuario.data.validate.Known": "a protocol, which any set keeps",
    "annuario.execution.displays.register": "does nothing outside a chapter's process",
    "annuario.execution.execute.book": "starts processes",
    "annuario.execution.execute.chapter": "starts a process",
    "annuario.workbook.commands.import_": "a command: its docstring is what --help says",
    "annuario.workbook.commands.sheet": "a command",
    "annuario.workbook.commands.explain": "a command",
}


def shown(text: str) -> str:
    """The code of the examples in a docstring."""
    return "\n".join(example.source for example in doctest.DocTestParser().get_examples(text))


def lacking(name: str, value: object) -> list[str]:
    """What lacks an example of a public name: itself, or members that no example of the class shows."""
    members = reference.public_members(value)
    bases = getattr(value, "__mro__", [value])
    examples = "\n".join(shown(one.__doc__ or "") for one in (*bases, *members.values()))
    found = [] if shown(value.__doc__ or "") else [name]
    for member, what in members.items():
        if not shown(what.__doc__) and not re.search(rf"\.{member}\b", examples):
            found.append(f"{name}.{member}")
    return found


def test_every_public_name_has_an_example_that_is_run():
    found = [one for name, value in reference.public().items() for one in lacking(name, value)]
    assert sorted(found) == sorted(WITHOUT)
