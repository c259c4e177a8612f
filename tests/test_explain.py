"""Differences that are proposed for the ledger, and explained."""

import openpyxl
import pytest
from click.testing import CliRunner
from conftest import edit
from test_drafts import DRAFT, append, enter
from test_drafts import small as without_series

from annuario import checks, project
from annuario.cli import main
from annuario.data import Package
from annuario.data.validate import validate
from annuario.init import init
from annuario.year import start
from annuario.year.explain import unexplained


@pytest.fixture(autouse=True)
def italian(monkeypatch):
    """The messages are looked for as an Italian analyst reads them."""
    monkeypatch.setenv("LANGUAGE", "it")


@pytest.fixture
def data(small, monkeypatch):
    """The data of a project of one chapter, to spoil."""
    monkeypatch.chdir(small.root)
    monkeypatch.delenv("ANNUARIO_ROOT", raising=False)
    return small.root / "data"


def run(*arguments):
    result = CliRunner().invoke(main, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def differing(data) -> str:
    """Data in which a check fails that the documents have no difference in: its name."""
    edit(data / "entrate.csv", "1716731.15", "1716731.16")
    package = Package(data)
    return unexplained(checks.run(package), package)["id"].tolist()[0]


def test_check_proposes_the_row_and_explain_writes_it(data):
    name = differing(data)
    said = run("check", "relazione-2021")
    assert said.exit_code == 1, said.output
    assert f"da spiegare: {name}" in said.output and f'annuario explain {name} --note "…"' in said.output
    assert "differenza" in said.output and "fonti: relazione-2021:4" in said.output
    package = Package(data)
    before = (data / "discrepanze.csv").read_bytes()
    for one in unexplained(checks.run(package), package)["id"]:
        assert run("explain", one, "--note", "Un centesimo, per prova: «sì, no».", "--used", "il totale").exit_code == 0
    after = (data / "discrepanze.csv").read_bytes()
    kept = set(before.splitlines()) - set(after.splitlines())
    assert len(kept) <= 1, "a recorded difference that is another now is replaced"
    package = Package(data)
    validate(package)
    assert unexplained(checks.run(package), package).empty
    told = checks.recorded(package).loc[name]
    assert told["spiegazione"] == "Un centesimo, per prova: «sì, no»." and told["valore_usato"] == "il totale"
    checks.require_explained(checks.run(package), package)


def test_an_explanation_is_replaced_and_keeps_the_value_used(data):
    name = differing(data)
    run("explain", name, "--note", "Prima.", "--used", "il totale")
    assert run("explain", name, "--note", "Dopo.").exit_code == 0
    told = checks.recorded(Package(data))
    assert told.index.tolist().count(name) == 1
    assert told.loc[name, "spiegazione"] == "Dopo." and told.loc[name, "valore_usato"] == "il totale"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--note", "  "], "vuota"),
        (["--note", "Così.", "--verdict", "forse"], "scegliere fra"),
    ],
)
def test_what_explains_nothing_is_refused(data, arguments, said):
    name, before = differing(data), (data / "discrepanze.csv").read_bytes()
    found = run("explain", name, *arguments)
    assert found.exit_code == 2 and said in found.output
    assert (data / "discrepanze.csv").read_bytes() == before


def test_a_check_that_is_none_or_holds_is_told(data):
    name = differing(data)
    found = run("explain", name[:-5] + "x" + name[-5:], "--note", "Così.")
    assert found.exit_code == 2 and "non è un controllo" in found.output and "intendeva" in found.output
    package = Package(data)
    results = checks.run(package)
    holds = results[results["esito"] == checks.HOLDS]["id"].iloc[0]
    assert "torna" in run("explain", holds, "--note", "Così.").output


def test_a_drafts_difference_is_explained_before_it_is_published(tmp_path, monkeypatch):
    root = tmp_path / "progetto"
    init(root)
    start.begin(project.Project(root), DRAFT)
    monkeypatch.chdir(root)
    monkeypatch.delenv("ANNUARIO_ROOT", raising=False)
    without_series(root)
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


@pytest.fixture
def odd(tmp_path, monkeypatch):
    """A draft with a difference and a doubt, of a project with a ledger."""
    root = tmp_path / "progetto"
    init(root)
    edit(root / "data" / "datapackage.json", '"resources": [', '"resources": [' + LEDGER + ",")
    (root / "data" / "discrepanze.csv").write_text(
        "controllo,edizione,esito,differenza,spiegazione,valore_usato\n", encoding="utf-8"
    )
    start.begin(project.Project(root), DRAFT)
    monkeypatch.chdir(root)
    monkeypatch.delenv("ANNUARIO_ROOT", raising=False)
    for code, value in {"libri": 46310, "altro": 6900, "totale": 53335}.items():
        append(root, "indicatori", f"{DRAFT},2026,prestiti/{code},tabella,{value},calcolato,")
    append(root, "indicatori", f"{DRAFT},2026,iscritti/attivi,tabella,57330,calcolato,")
    return root


def test_all_that_is_open_is_explained_in_one_sheet(odd):
    said = run("explain", DRAFT)
    assert said.exit_code == 0 and "1 dubbio da confermare" in said.output, said.output
    path = odd / f"{DRAFT}-spiegazioni.xlsx"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Spiegazioni"]
    sheet = book["Spiegazioni"]
    column = {cell.value: cell.column for cell in sheet[3]}
    asked = [row for row in range(5, sheet.max_row + 1) if sheet.cell(row, 1).value]
    package = Package(odd / "data", DRAFT)
    left = unexplained(checks.run(package), package)["id"].tolist()
    assert len(asked) == len(left) + 1 and f"{len(left)} differenz" in said.output
    assert "nessuna differenza" in run("import", str(path)).output, "nothing is answered yet"
    for row in asked:
        sheet.cell(row, column["spiegazione"]).value = f"Prova {row}."
    sheet.cell(asked[0], column["esito"]).value = "basi diverse"
    book.save(path)
    told = run("import", str(path), "--yes").output
    assert f"riga {asked[0]}, colonna «Che differenza è»" in told and "si intendeva «base diversa»?" in told
    sheet.cell(asked[0], column["esito"]).value = "base diversa"
    book.save(path)
    assert "niente è stato scritto ancora" in run("import", str(path)).output
    assert run("import", str(path), "--yes").exit_code == 0
    assert "nessuna differenza" in run("import", str(path)).output, "the same file twice"
    package = Package(odd / "data", DRAFT)
    assert unexplained(checks.run(package), package).empty and not checks.doubts(package)
    known = checks.recorded(package)
    assert known["spiegazione"].tolist() == [f"Prova {row}." for row in asked[:-1]]
    assert known["esito"].tolist()[0] == "base diversa"
    assert f"confermato,Prova {asked[-1]}." in (odd / "data" / "attese.csv").read_text(encoding="utf-8")
    assert not (odd / "consegne").exists(), "who explains delivers no data"


def test_an_explanation_is_of_one_difference_and_no_other(odd):
    run("explain", DRAFT)
    path = odd / f"{DRAFT}-spiegazioni.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Spiegazioni"]
    column = next(cell.column for cell in sheet[3] if cell.value == "spiegazione")
    for row in range(5, sheet.max_row + 1):
        if sheet.cell(row, 1).value:
            sheet.cell(row, column).value = "Così."
    book.save(path)
    edit(odd / "data" / "indicatori.csv", "2026,prestiti/altro,tabella,6900", "2026,prestiti/altro,tabella,6901")
    said = run("import", str(path))
    assert said.exit_code == 2 and "ora è un altro numero" in said.output
    edit(odd / "data" / "indicatori.csv", "2026,prestiti/altro,tabella,6901", "2026,prestiti/altro,tabella,7025")
    edit(odd / "data" / "indicatori.csv", "attivi,tabella,57330", "attivi,tabella,5733")
    said = run("import", str(path))
    assert (
        said.exit_code == 0 and "non c’è più niente da spiegare" in said.output and "nessuna differenza" in said.output
    )
    assert "non c’è niente da spiegare" in run("explain", DRAFT, "--output", "altro.xlsx").output
    assert run("explain", DRAFT, "--note", "Così.").exit_code == 2


LEDGER = """{"name": "discrepanze", "ruolo": "discrepanze", "path": "discrepanze.csv", "schema": {"fields": [
  {"name": "controllo", "type": "string"}, {"name": "edizione", "type": "string"}, {"name": "esito", "type": "string"},
  {"name": "differenza", "type": "number"}, {"name": "spiegazione", "type": "string"},
  {"name": "valore_usato", "type": "string"}], "missingValues": [""], "primaryKey": ["controllo"]}}"""
