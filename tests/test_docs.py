"""The examples of the documentation are run."""

import doctest
import re

from conftest import ROOT
from reference import FLAGS, Plain

from annuario import charts, checks, init, publish, tables
from annuario.book.finished import FORMATS
from annuario.checks import confidential
from annuario.cli import main
from annuario.data import Package
from annuario.data.validate import validate
from annuario.notebook import open_edition
from annuario.workbook import layout


def run(name, root, monkeypatch, capsys, **names):
    monkeypatch.setenv("ANNUARIO_ROOT", str(root))
    names |= {
        "open_edition": open_edition,
        "charts": charts,
        "tables": tables,
        "checks": checks,
        "confidential": confidential,
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


def test_the_guide_names_commands_and_options_that_exist():
    text = (ROOT / "docs" / "guida.md").read_text(encoding="utf-8")
    named = re.findall(r"annuario ([a-z]+)((?: (?!annuario)[^\s`]+)*)", text)
    assert {name for name, _ in named} >= {"new", "sheet", "import", "missing", "build", "check", "explain", "publish"}
    for name, rest in named:
        command = main.commands.get(name)
        assert command, f"annuario {name}"
        known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
        assert set(re.findall(r"(--[a-z-]+)", rest)) <= known, f"annuario {name}{rest}"


def test_links_within_the_guide_lead_somewhere():
    text = (ROOT / "docs" / "guida.md").read_text(encoding="utf-8")
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w\s-]", "", title.lower()).replace(" ", "-") for title in titles}
    assert set(re.findall(r"\]\(#([^)]*)\)", text)) <= anchors


def test_the_guide_has_words_that_the_workbook_has():
    text = (ROOT / "docs" / "guida.md").read_text(encoding="utf-8")
    for state in (*layout.STATES, layout.REMOVE):
        assert f"`{state}`" in text


def test_the_files_that_the_architecture_names_are_there():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:lib|tests|docs|data)/[\w./-]+\.\w+)`", text))
    assert len(named) > 20 and {name for name in named if not (ROOT / name).is_file()} == set()
    for names, file in re.findall(r"`(\w+)` (?:of|in) `([\w./]+\.py)`", text):
        assert re.search(rf"\b{names}\b", (ROOT / file).read_text(encoding="utf-8")), (names, file)


def test_every_format_has_a_writer_and_stands_in_the_help():
    (asked,) = (option for option in main.commands["build"].params if option.name == "formats")
    for form in FORMATS:
        assert publish.writer(publish.engine("pandoc"), form).__name__ == form
        assert re.search(rf"\b{form}\b", asked.help)
