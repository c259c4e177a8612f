"""Differences that are proposed for the ledger, and explained."""

import pytest
from click.testing import CliRunner
from conftest import edit
from test_drafts import DRAFT, append, enter, small

from annuario import checks, project
from annuario.cli import main
from annuario.data import Package
from annuario.data.validate import validate
from annuario.init import init
from annuario.year import start
from annuario.year.explain import unexplained


@pytest.fixture
def copy(spoiled, monkeypatch):
    monkeypatch.chdir(spoiled.folder.parent)
    monkeypatch.delenv("ANNUARIO_ROOT", raising=False)
    return spoiled


def run(*arguments):
    result = CliRunner().invoke(main, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def differing(copy) -> str:
    """A copy in which a check fails that the documents have no difference in: its name."""
    copy("entrate", "1716731.15", "1716731.16")
    package = Package(copy.folder)
    return unexplained(checks.run(package), package)["id"].tolist()[0]


def test_check_proposes_the_row_and_explain_writes_it(copy):
    name = differing(copy)
    said = run("check", "relazione-2021")
    assert said.exit_code == 1
    assert f"da spiegare: {name}" in said.output and f'annuario explain {name} --note "…"' in said.output
    assert "differenza" in said.output and "fonti: relazione-2021:4" in said.output
    package = Package(copy.folder)
    before = (copy.folder / "discrepanze.csv").read_bytes()
    for one in unexplained(checks.run(package), package)["id"]:
        assert run("explain", one, "--note", "Un centesimo, per prova: «sì, no».", "--used", "il totale").exit_code == 0
    after = (copy.folder / "discrepanze.csv").read_bytes()
    assert after.startswith(before)
    package = Package(copy.folder)
    validate(package)
    assert unexplained(checks.run(package), package).empty
    told = checks.recorded(package).loc[name]
    assert told["spiegazione"] == "Un centesimo, per prova: «sì, no»." and told["valore_usato"] == "il totale"
    checks.require_explained(checks.run(package), package)


def test_an_explanation_is_replaced_and_keeps_the_value_used(copy):
    name = differing(copy)
    run("explain", name, "--note", "Prima.", "--used", "il totale")
    assert run("explain", name, "--note", "Dopo.").exit_code == 0
    told = checks.recorded(Package(copy.folder))
    assert told.index.tolist().count(name) == 1
    assert told.loc[name, "spiegazione"] == "Dopo." and told.loc[name, "valore_usato"] == "il totale"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--note", "  "], "vuota"),
        (["--note", "Così.", "--verdict", "forse"], "scegliere fra"),
    ],
)
def test_what_explains_nothing_is_refused(copy, arguments, said):
    name, before = differing(copy), (copy.folder / "discrepanze.csv").read_bytes()
    found = run("explain", name, *arguments)
    assert found.exit_code == 2 and said in found.output
    assert (copy.folder / "discrepanze.csv").read_bytes() == before


def test_a_check_that_is_none_or_holds_is_told(copy):
    name = differing(copy)
    found = run("explain", name[:-5] + "x" + name[-5:], "--note", "Così.")
    assert found.exit_code == 2 and "non è un controllo" in found.output and "intendeva" in found.output
    package = Package(copy.folder)
    results = checks.run(package)
    holds = results[results["esito"] == checks.HOLDS]["id"].iloc[0]
    assert "torna" in run("explain", holds, "--note", "Così.").output


def test_a_drafts_difference_is_explained_before_it_is_published(tmp_path, monkeypatch):
    root = tmp_path / "progetto"
    init(root)
    start.begin(project.Project(root), DRAFT)
    monkeypatch.chdir(root)
    monkeypatch.delenv("ANNUARIO_ROOT", raising=False)
    small(root)
    enter(root, "prestiti/libri", "prestiti/altro", "iscritti/attivi", "iscritti/nuovi", **{"prestiti/libri": "60"})
    assert "da spiegare" not in run("check", DRAFT).output, "a check that waits for rows is no difference"
    append(root, "indicatori", f"{DRAFT},2026,prestiti/totale,tabella,161,calcolato,")
    assert "nessuna tabella ha il ruolo" in run("explain", f"x/{DRAFT}/2026", "--note", "Così.").output
    edit(root / "data" / "datapackage.json", '"resources": [', '"resources": [' + LEDGER + ",")
    (root / "data" / "discrepanze.csv").write_text(
        "controllo,edizione,esito,differenza,spiegazione,valore_usato\n", encoding="utf-8"
    )
    package = Package(root / "data", DRAFT)
    found = unexplained(checks.run(package), package)["id"].tolist()
    assert found and all(one in run("check", DRAFT).output for one in found)
    for one in found:
        assert run("explain", one, "--note", "Una domanda è contata due volte.").exit_code == 0
    package = Package(root / "data", DRAFT)
    assert unexplained(checks.run(package), package).empty


LEDGER = """{"name": "discrepanze", "ruolo": "discrepanze", "path": "discrepanze.csv", "schema": {"fields": [
  {"name": "controllo", "type": "string"}, {"name": "edizione", "type": "string"}, {"name": "esito", "type": "string"},
  {"name": "differenza", "type": "number"}, {"name": "spiegazione", "type": "string"},
  {"name": "valore_usato", "type": "string"}], "missingValues": [""], "primaryKey": ["controllo"]}}"""
