"""A draft's figures as an Excel workbook, filled in as a person would, and brought back."""

import datetime
import json
import os
import shutil
from decimal import Decimal
from types import SimpleNamespace

import openpyxl
import pytest
from click.testing import CliRunner

from annuario import project
from annuario.cli import main
from annuario.data import Package, editions
from annuario.init import init
from annuario.workbook import bring, values, write
from annuario.workbook.compare import compare
from annuario.workbook.form import Form, subject
from annuario.workbook.read import Cell, read
from annuario.year import start

DRAFT = "relazione-2026"
DAY = datetime.date(2027, 2, 10)


@pytest.fixture(autouse=True)
def italian(monkeypatch):
    """The messages are looked for as an Italian analyst reads them."""
    monkeypatch.setenv("LANGUAGE", "it")


def field(name, kind="string", **constraints):
    return {"name": name, "type": kind, "title": name.capitalize(), "constraints": constraints}


COST = {
    "name": "spese",
    "path": "spese.csv",
    "title": "Spese",
    "unita": "EUR",
    "cifra": ["fase", "voce"],
    "regole": {"vincoli": [{"campo": "valore", "pattern": "\\d+\\.\\d{2}|0"}], "serie": False},
    "schema": {
        "fields": [
            field("edizione", required=True), field("anno", "integer", required=True), field("voce", required=True),
            field("fase", required=True, enum=["preventivo", "consuntivo"]), field("natura"),
            field("valore", "number", required=True, minimum=0), field("etichetta", required=True), field("fonte"),
            field("nota"),
        ],
        "missingValues": [""],
        "primaryKey": ["edizione", "anno", "voce", "fase"],
    },
}  # fmt: skip
MEETINGS = {
    "name": "sedute",
    "path": "sedute.csv",
    "title": "Sedute",
    "attese": "elenco",
    "regole": {"date": ["data"], "vincoli": [{"campo": "gettoni", "pattern": "\\d+\\.\\d{2}|0"}]},
    "schema": {
        "fields": [
            field("edizione", required=True), field("anno", "integer", required=True),
            field("organo", required=True, enum=["consiglio", "assemblea"]), field("data", "date", required=True),
            field("presenti", "integer"), field("gettoni", "number"), field("fonte"),
        ],
        "missingValues": [""],
        "primaryKey": ["edizione", "organo", "data"],
    },
}  # fmt: skip
COSTS = """edizione,anno,voce,fase,natura,valore,etichetta,fonte,nota
relazione-2025,2025,libri,consuntivo,acquisti,1200.50,Libri e riviste,esempio,
relazione-2025,2025,sala,consuntivo,servizi,800.00,Sala lettura 2025,esempio,
relazione-2025,2025,totale,consuntivo,,2000.50,Totale,esempio,
"""


@pytest.fixture
def draft(tmp_path, monkeypatch):
    """The example with two tables more and an edition begun."""
    root = tmp_path / "progetto"
    init(root)
    path = root / "data" / "datapackage.json"
    declared = json.loads(path.read_text(encoding="utf-8"))
    indicators = next(one for one in declared["resources"] if one["name"] == "indicatori")
    indicators["regole"] = {
        "vincoli": [
            {"campo": "valore", "pattern": "\\d+", "minimum": 0, "dove": {"indicatore.unita": ["numero", "persone"]}}
        ]
    }
    declared["resources"] += [COST, MEETINGS]
    path.write_text(json.dumps(declared), encoding="utf-8")
    (root / "data" / "spese.csv").write_text(COSTS, encoding="utf-8")
    (root / "data" / "sedute.csv").write_text(
        "edizione,anno,organo,data,presenti,gettoni,fonte\nrelazione-2025,2025,consiglio,2025-03-04,5,,esempio\n",
        encoding="utf-8",
    )
    start.begin(project.Project(root), DRAFT)
    monkeypatch.chdir(root)
    monkeypatch.delenv("ANNUARIO_ROOT", raising=False)
    return root


def form(root) -> Form:
    here = project.Project(root)
    package = Package(root / "data", DRAFT)
    return Form(here, package, editions.parse(DRAFT, here, package))


class Person:
    """Who fills a workbook in: cells by the words or the key of their row and the name of their column."""

    def __init__(self, path):
        self.path, self.book = path, openpyxl.load_workbook(path)

    def sheet(self, key: str):
        for sheet in self.book.worksheets:
            for row in sheet.iter_rows(min_row=5, max_col=1):
                if row[0].value == key:
                    return sheet, row[0].row
        raise AssertionError(f"no row {key}")

    def column(self, sheet, name: str) -> int:
        return next(cell.column for row in sheet.iter_rows(max_row=6) for cell in row if cell.value == name)

    def cell(self, key: str, column: str = "valore"):
        sheet, row = self.sheet(key)
        return sheet.cell(row, self.column(sheet, column))

    def put(self, key: str, value, column: str = "valore"):
        self.cell(key, column).value = value
        return self

    def save(self):
        self.book.save(self.path)
        return self.path


@pytest.fixture
def person(draft, tmp_path):
    """A person with the draft's new workbook."""
    path = tmp_path / "dati.xlsx"
    write.write(form(draft), subject(form(draft), ""), path)
    return Person(path)


def brought(root, path):
    """Bring a workbook in: what it changed."""
    found = read(path)
    changes = compare(form(root), found)
    assert changes.problems == []
    bring.bring(form(root), found, changes, DAY)
    return changes


def rows(root, table: str) -> list[dict]:
    frame = Package(root / "data", DRAFT).read(table)
    return frame[frame["edizione"] == DRAFT].astype(object).to_dict("records")


def run(*arguments):
    result = CliRunner().invoke(main, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def code(name: str, place: str = "tabella") -> str:
    return f"indicatori#2026|{name}|{place}"


LIBRI, ALTRO, TOTALE, ATTIVI, NUOVI = map(
    code, ("prestiti/libri", "prestiti/altro", "prestiti/totale", "iscritti/attivi", "iscritti/nuovi")
)
SALA, ACQUISTI, SPESA = (f"spese#2026|{name}|consuntivo" for name in ("sala", "libri", "totale"))


# -- the sheet


def test_a_sheet_for_each_subject_in_the_order_of_the_chapters_and_one_that_explains(person, draft):
    names = person.book.sheetnames
    chapters = [one.title for one in subject(form(draft), "")]
    assert names[0] == "Leggimi" and [name for name in names if name in chapters] == chapters
    assert "Sedute" in names


def test_each_sheet_says_edition_version_and_declaration(person):
    for sheet in person.book.worksheets:
        parts = str(sheet.cell(1, 1).value).split()
        assert parts[:3] == ["annuario-foglio", "1", DRAFT] and len(parts[4]) == 16
        assert sheet.column_dimensions["A"].hidden


def test_a_row_has_words_code_unit_and_last_years_value_locked_and_this_years_open(person):
    assert person.cell(LIBRI, "voce").value == "Prestiti di libri"
    assert person.cell(LIBRI, "prima").value == 46310
    assert person.cell(ATTIVI, "unita").value == "persone"
    assert person.cell(LIBRI, "voce").protection.locked and person.cell(LIBRI, "codice").protection.locked
    assert not person.cell(LIBRI).protection.locked and person.cell(LIBRI).value is None
    assert person.sheet(LIBRI)[0].protection.sheet


def test_cells_are_validated_by_type_sign_and_list(person):
    sheet, _ = person.sheet(LIBRI)
    rules = {
        rule.type: rule for rule in sheet.data_validations.dataValidation if person.cell(LIBRI).coordinate in rule.sqref
    }
    assert rules["whole"].operator == "greaterThanOrEqual" and float(rules["whole"].formula1) == 0
    states = [
        one for one in sheet.data_validations.dataValidation if person.cell(LIBRI, "stato").coordinate in one.sqref
    ]
    assert "non rilevato" in states[0].formula1 and "da togliere" in states[0].formula1
    assert sheet.conditional_formatting


def test_last_years_texts_are_proposed_but_not_its_digits(person):
    assert person.cell(ACQUISTI, "etichetta").value == "Libri e riviste"
    assert person.cell(ACQUISTI, "natura").value == "acquisti"
    assert not person.cell(SALA, "etichetta").value, "«Sala lettura 2025» would say last year's in the new one"


def test_totals_that_summed_up_last_year_are_formulas(person):
    assert str(person.cell(TOTALE).value).startswith("=IF(COUNT(")
    assert str(person.cell(SPESA).value).startswith("=IF(COUNT(")
    assert "SUM(" in person.cell(SPESA).value


def test_one_subject_alone(draft):
    assert run("sheet", DRAFT, "--subject", "prestiti").exit_code == 0
    book = openpyxl.load_workbook(draft / f"{DRAFT}-prestiti.xlsx")
    assert len(book.sheetnames) == 2
    assert run("sheet", DRAFT, "--subject", "prestitti").exit_code == 2


def test_a_workbook_that_may_hold_figures_is_not_written_over(draft):
    assert run("sheet", DRAFT).exit_code == 0
    again = run("sheet", DRAFT)
    assert again.exit_code == 2 and "c’è già" in again.output
    assert run("sheet", DRAFT, "--output", str(draft / "altro.xlsx")).exit_code == 0


def test_of_what_is_published_there_is_no_sheet(draft):
    assert run("sheet", "relazione-2025").exit_code == 2


# -- round trip


def test_a_new_sheet_changes_nothing(draft, person):
    assert not compare(form(draft), read(person.path))


def test_what_was_brought_in_comes_out_and_changes_nothing(draft, person, tmp_path):
    person.put(LIBRI, 47000).put(ALTRO, 7000).put(SALA, 810).put(SALA, "Sala", "etichetta").put(
        ATTIVI, "non rilevato", "stato"
    )
    brought(draft, person.save())
    before = {path: path.read_bytes() for path in (draft / "data").iterdir()}
    again = tmp_path / "di-nuovo.xlsx"
    write.write(form(draft), subject(form(draft), ""), again)
    assert Person(again).cell(LIBRI).value == 47000 and Person(again).cell(ATTIVI, "stato").value == "non rilevato"
    assert not compare(form(draft), read(again))
    assert run("import", str(again), "--yes").output.rstrip().endswith("nessuna differenza")
    assert {path: path.read_bytes() for path in (draft / "data").iterdir()} == before


def test_the_same_file_twice_changes_nothing(draft, person):
    person.put(LIBRI, 47000).save()
    first = run("import", str(person.path), "--yes")
    assert first.exit_code == 0 and "1 riga da aggiungere" in first.output
    before = {path: path.read_bytes() for path in (draft / "data").iterdir()}
    assert "nessuna differenza" in run("import", str(person.path), "--yes").output
    assert {path: path.read_bytes() for path in (draft / "data").iterdir()} == before


@pytest.mark.slow
def test_round_trip_of_the_whole_book(here, tmp_path):
    """Last year's figures as the draft's: written, filled in, brought in, and no difference left."""
    for name in ("data", "notebooks"):
        shutil.copytree(here.root / name, tmp_path / name)
    shutil.copy(here.root / "_quarto.yml", tmp_path)
    start.begin(project.Project(tmp_path), DRAFT)
    path = tmp_path / "dati.xlsx"
    write.write(form(tmp_path), subject(form(tmp_path), ""), path)
    found = read(path)
    assert not compare(form(tmp_path), found) and found.problems == [] == found.notices
    filled = Person(path)
    for sheet in filled.book.worksheets[1:]:
        names = {cell.value: cell.column for cell in sheet[3]}
        for row in range(5, sheet.max_row + 1) if "prima" in names else ():
            cell, before = sheet.cell(row, names["valore"]), sheet.cell(row, names["prima"]).value
            if sheet.cell(row, 1).value and not str(cell.value).startswith("="):
                cell.value = before
    changes = brought(tmp_path, filled.save())
    asked = [line for line in form(tmp_path).lines if line.before is not None]
    assert changes.count("+") == sum(1 + len(line.twins) for line in asked)
    own, before = Package(tmp_path / "data", DRAFT), here.root / "data"
    table = own.read("bilancio")
    then = Package(before).read("bilancio")
    key = ["scheda", "azione", "voce", "fase", "canale"]
    now = table[table["edizione"] == DRAFT].set_index(key)["valore"].map(str)
    then = then[(then["edizione"] == "relazione-2025") & (then["anno"] == 2025)].set_index(key)["valore"].map(str)
    assert now.to_dict() == {name: then[name] for name in now.index}, "exact, with the declared decimals"
    assert list(now.index) == [name for name in then.index if name in now.index], "in the order of last year"
    assert not compare(form(tmp_path), read(path))


# -- what comes in


def test_values_come_in_with_their_cell_as_source_and_the_delivery(draft, person):
    first = person.book["Leggimi"]
    for row in range(1, 30):
        answer = {"servizio": "biblioteca", "ruolo": "responsabile", "rilevato_al": "31/12/2026", "stato": "definitivo"}
        if first.cell(row, 1).value in answer:
            first.cell(row, 3).value = answer[first.cell(row, 1).value]
    person.put(LIBRI, 47000).put(LIBRI, "come da registro", "nota").put(ACQUISTI, 1234.5)
    place = person.cell(LIBRI).coordinate
    title = person.sheet(LIBRI)[0].title
    brought(draft, person.save())
    [loans] = rows(draft, "indicatori")
    assert loans["valore"] == 47000 and loans["anno"] == 2026 and loans["nota"] == "come da registro"
    assert loans["fonte"] == f"{DRAFT}-1!{title}!{place}"
    [cost] = rows(draft, "spese")
    assert str(cost["valore"]) == "1234.50", "as the declaration has amounts"
    assert cost["etichetta"] == "Libri e riviste" and cost["natura"] == "acquisti"
    [delivery] = rows(draft, "consegne")
    assert (
        delivery["servizio"] == "biblioteca"
        and delivery["ruolo"] == "responsabile"
        and delivery["stato"] == "definitivo"
    )
    assert delivery["rilevato_al"] == "2026-12-31" and delivery["importato_il"] == DAY.isoformat()
    kept = draft / delivery["file"]
    assert kept.read_bytes() == person.path.read_bytes() and len(delivery["sha256"]) == 64


def test_a_row_that_changes_shows_old_and_new_and_keeps_its_note(draft, person):
    brought(draft, person.put(LIBRI, 47000).put(LIBRI, "provvisorio", "nota").save())
    changes = compare(form(draft), read(person.put(LIBRI, 47500).put(LIBRI, None, "nota").save()))
    [change] = changes.rows
    assert (change.kind, change.old, change.new) == ("~", "47.000", "47.500")
    bring.bring(form(draft), read(person.path), changes, DAY)
    [row] = rows(draft, "indicatori")
    assert row["valore"] == 47500 and row["nota"] == "provvisorio" and row["fonte"].startswith("prestiti-2!")


def test_a_blank_cell_is_neither_zero_nor_a_removal(draft, person):
    brought(draft, person.put(LIBRI, 47000).put(ALTRO, 0).save())
    changes = compare(form(draft), read(person.put(LIBRI, None).put(ALTRO, "  ").save()))
    assert not changes and any("è vuota" in one and "47.000" in one for one in changes.notices)


@pytest.mark.parametrize(("state", "kept"), [("da togliere", "manca"), ("non rilevato", "non-rilevato")])
def test_a_value_goes_by_its_state(draft, person, state, kept):
    brought(draft, person.put(LIBRI, 47000).save())
    changes = brought(
        draft, person.put(LIBRI, None).put(LIBRI, state, "stato").put(LIBRI, "sistema guasto", "motivo").save()
    )
    assert changes.count("−") == 1 and rows(draft, "indicatori") == []
    [asked] = [row for row in rows(draft, "attese") if row["chiave"] == LIBRI.partition("#")[2]]
    assert asked["stato"] == kept and asked["motivo"] == "sistema guasto"


def test_a_value_ends_an_excuse(draft, person):
    brought(draft, person.put(LIBRI, "non applicabile", "stato").save())
    brought(draft, person.put(LIBRI, None, "stato").put(LIBRI, 5).save())
    [asked] = [row for row in rows(draft, "attese") if row["chiave"] == LIBRI.partition("#")[2]]
    assert asked["stato"] == "manca" and rows(draft, "indicatori")[0]["valore"] == 5


def test_nothing_is_written_before_it_is_asked_for(draft, person):
    before = {path: path.read_bytes() for path in (draft / "data").iterdir()}
    said = run("import", str(person.put(LIBRI, 47000).save()))
    assert said.exit_code == 0 and "niente è stato scritto ancora" in said.output and "--yes" in said.output
    assert {path: path.read_bytes() for path in (draft / "data").iterdir()} == before


def test_a_write_that_fails_leaves_all_as_it_was(draft, person, monkeypatch):
    person.put(LIBRI, 47000).put(ACQUISTI, 10).save()
    before = {path: path.read_bytes() for path in draft.rglob("*") if path.is_file()}
    replaced = os.replace

    def full(source, target):
        if str(target).endswith("indicatori.csv"):
            raise OSError(28, "No space left on device", str(target))
        replaced(source, target)

    monkeypatch.setattr(os, "replace", full)
    assert run("import", str(person.path), "--yes").exit_code == 2
    assert {path: path.read_bytes() for path in draft.rglob("*") if path.is_file()} == before


def test_other_lines_of_a_table_stay_as_they_are(draft, person):
    path = draft / "data" / "indicatori.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    before = path.read_bytes().splitlines(keepends=True)
    brought(draft, person.put(NUOVI, 700).save())
    brought(draft, person.put(LIBRI, 47000).save())
    after = path.read_bytes().splitlines(keepends=True)
    assert [line for line in after if line in before] == before
    own = [line for line in after if line not in before]
    assert [line.split(b",")[2] for line in own] == [b"prestiti/libri", b"iscritti/nuovi"], (
        "in the order of the expected rows"
    )
    assert all(line.endswith(b"\r\n") for line in own)


def test_rows_of_a_list_are_added_changed_and_taken_away(draft, person):
    sheet = person.book["Sedute"]
    names = {cell.value: cell.column for cell in sheet[3]}

    def fill(row, **cells):
        for name, value in cells.items():
            sheet.cell(row, names[name]).value = value

    fill(5, organo="consiglio", data=datetime.datetime(2026, 3, 5), presenti="5 ", gettoni=120)
    fill(7, organo="assemblea", data="12/5/2026", presenti=30)
    brought(draft, person.save())
    found = [(row["organo"], row["data"], row["presenti"], row["anno"]) for row in rows(draft, "sedute")]
    assert found == [("consiglio", "2026-03-05", 5, 2026), ("assemblea", "2026-05-12", 30, 2026)]
    assert "2026-03-05,5,120.00," in (draft / "data" / "sedute.csv").read_text(encoding="utf-8"), (
        "no Excel cell ends in ,00"
    )
    fill(5, presenti=6)
    fill(7, stato="da togliere")
    changes = brought(draft, person.save())
    assert sorted(change.kind for change in changes.rows) == ["~", "−"]
    assert [(row["organo"], row["presenti"]) for row in rows(draft, "sedute")] == [("consiglio", 6)]
    fill(8, organo="consiglio", data="2026-03-05")
    fill(9, organo="Consiglio", data="ieri")
    problems = compare(form(draft), read(person.save())).problems
    assert any("c’è 2 volte" in one and "riga 5" in one and "riga 8" in one for one in problems)
    assert any("riga 9" in one and "intendeva «consiglio»?" in one for one in problems)
    assert any("riga 9" in one and "attesa una data" in one for one in problems)


def test_what_stands_in_the_table_and_in_the_text_is_asked_once(draft, tmp_path):
    for path, row in (
        ("indicatori", "relazione-2025,2025,iscritti/nuovi,testo,701,esempio,"),
        ("attese", f"{DRAFT},indicatori,2026|iscritti/nuovi|testo,manca,"),
    ):
        with (draft / "data" / f"{path}.csv").open("a", encoding="utf-8") as file:
            file.write(row + "\n")
    path = tmp_path / "una.xlsx"
    write.write(form(draft), subject(form(draft), ""), path)
    with pytest.raises(AssertionError, match="no row"):
        Person(path).sheet(code("iscritti/nuovi", "testo"))
    brought(draft, Person(path).put(NUOVI, 720).save())
    assert {(row["sede"], row["valore"]) for row in rows(draft, "indicatori")} == {("tabella", 720), ("testo", 720)}
    assert not compare(form(draft), read(path))


# -- how rows are known again


def test_rows_and_columns_may_be_moved_and_sheets_renamed(draft, person):
    sheet, _ = person.sheet(LIBRI)
    person.put(LIBRI, 47000).put(ALTRO, 7000)
    sheet.insert_rows(6)
    sheet.insert_cols(3)
    sheet.title = "Prestiti (Rossi)"
    brought(draft, person.save())
    assert {row["indicatore"]: row["valore"] for row in rows(draft, "indicatori")} == {
        "prestiti/libri": 47000,
        "prestiti/altro": 7000,
        "prestiti/totale": 54000,
    }


def test_a_sheet_alone_in_a_new_file_works(draft, person):
    sheet, _ = person.sheet(LIBRI)
    person.put(LIBRI, 47000)
    for name in person.book.sheetnames:
        if name != sheet.title:
            del person.book[name]
    brought(draft, person.save())
    assert rows(draft, "indicatori")[0]["valore"] == 47000
    assert rows(draft, "consegne")[0]["stato"] == "provvisorio"


def test_a_total_is_computed_anew_and_only_when_complete(draft, person):
    changes = brought(draft, person.put(LIBRI, 47000).save())
    assert [change.words for change in changes.rows] == ["Prestiti di libri"], "a partial total is none"
    brought(draft, person.put(ALTRO, 7000).save())
    found = {row["indicatore"]: row for row in rows(draft, "indicatori")}
    assert found["prestiti/totale"]["valore"] == 54000 and found["prestiti/totale"]["fonte"] == "calcolato"
    brought(draft, person.put(ALTRO, None).put(ALTRO, "da togliere", "stato").save())
    assert "prestiti/altro" not in {row["indicatore"] for row in rows(draft, "indicatori")}


def test_a_part_that_does_not_apply_completes_a_total(draft, person):
    brought(draft, person.put(LIBRI, 47000).put(ALTRO, "non applicabile", "stato").save())
    assert {row["indicatore"]: row["valore"] for row in rows(draft, "indicatori")}["prestiti/totale"] == 47000


def test_a_typed_total_that_its_parts_do_not_make_is_told(draft, person):
    person.put(LIBRI, 47000).put(ALTRO, 7000).put(TOTALE, 54001)
    changes = compare(form(draft), read(person.save()))
    assert any("54.001" in one and "sommano 54.000" in one for one in changes.notices)


ACCEPTED = [
    ("blanks", " 47\u00a0000 ", "47000"),
    ("text with decimals", "47000,0", "47000"),
    ("float", 47000.0, "47000"),
    ("noise of computing", 46999.999999999996, "47000"),
    ("zero", 0, "0"),
    ("zeros before it", "0047000", "47000"),
]
REFUSED = [
    ("thousands or decimals", LIBRI, "1.071", ["può essere 1071 o 1,071"]),
    ("comma of thousands", LIBRI, "1,071", ["può essere 1071 o 1,071"]),
    ("words", LIBRI, "n.d.", ["«n.d.»", "non rilevato"]),
    ("a date", LIBRI, datetime.datetime(2026, 5, 3), ["la data 3/5/2026"]),
    ("a date's number", NUOVI, 46145, ["giorno 3/5/2026", "confermato"]),
    ("negative", LIBRI, -5, ["trovato −5", "da 0 in su"]),
    ("a part of one", LIBRI, 12.5, ["trovato 12,5", "un numero intero"]),
    ("true", LIBRI, True, ["VERO"]),
    ("an error", LIBRI, "#DIV/0!", ["#DIV/0!"]),
    ("three decimals", SALA, 10.125, ["trovato 10,125", "2 decimali"]),
    ("a formula without its value", LIBRI, "=40000+7000", ["formula senza il suo valore", "salvarlo"]),
    ("a percentage of what is counted", LIBRI, "12 %", ["atteso un numero intero, da 0 in su: scrivere", "senza %"]),
    ("money where people are counted", NUOVI, "700 €", ["da 0 in su, in persone", "senza €"]),
    ("two numbers in a cell", LIBRI, "308\n309", ["trovato «308 309», atteso un numero intero"]),
    ("another unit", NUOVI, "700 casi", ["«700 casi»"]),
]  # fmt: skip


@pytest.mark.parametrize(("value", "written"), [one[1:] for one in ACCEPTED], ids=[one[0] for one in ACCEPTED])
def test_what_can_mean_one_number_is_taken(draft, person, value, written):
    brought(draft, person.put(LIBRI, value).save())
    [row] = rows(draft, "indicatori")
    assert str(row["valore"]) == written


@pytest.mark.parametrize(("key", "value", "said"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_what_is_no_number_is_refused_with_its_place_and_the_remedy(draft, person, key, value, said):
    sheet, row = person.sheet(key)
    if key == SALA:
        person.put(SALA, "Sala", "etichetta")
    changes = compare(form(draft), read(person.put(key, value).save()))
    [problem] = changes.problems
    assert problem.startswith(f"foglio «{sheet.title}», riga {row}, colonna «2026»: ")
    assert all(part in problem for part in said), problem
    assert not changes.rows


def test_a_number_with_the_unit_of_its_row_is_taken(draft, person):
    changes = brought(draft, person.put(NUOVI, "700 persone").save())
    assert [row["valore"] for row in rows(draft, "indicatori")] == [700]
    assert [one.new for one in changes.rows] == ["700 persone"]


def test_one_person_is_told_as_one(draft, person):
    assert [one.new for one in compare(form(draft), read(person.put(NUOVI, 1).save())).rows] == ["1 persona"]


def test_a_percentage_typed_with_its_sign(draft, tmp_path):
    data = draft / "data"
    path = data / "definizioni.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("Nuovi iscritti,persone", "Nuovi iscritti,%"), encoding="utf-8"
    )
    path = data / "indicatori.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",701,", ",12.5,"), encoding="utf-8")
    book = tmp_path / "quote.xlsx"
    write.write(form(draft), subject(form(draft), ""), book)
    person = Person(book)
    [problem] = compare(form(draft), read(person.put(NUOVI, 0.12).save())).problems
    assert "se vuol dire 12 %, scrivere 12" in problem
    person.cell(NUOVI).number_format = "0%"
    brought(draft, person.save())
    assert rows(draft, "indicatori")[0]["valore"] == Decimal(12)
    brought(draft, person.put(NUOVI, "13,5 %").save())
    assert rows(draft, "indicatori")[0]["valore"] == Decimal("13.5")


def test_a_formula_is_taken_with_its_saved_value_and_told(draft, person, tmp_path):
    import xlsxwriter

    sheet, row = person.sheet(LIBRI)
    path = tmp_path / "formula.xlsx"
    with xlsxwriter.Workbook(path) as book:
        copy = book.add_worksheet(sheet.title)
        for cells in sheet.iter_rows(max_row=row):
            for cell in cells:
                if cell.value is not None and not str(cell.value).startswith("="):
                    copy.write(cell.row - 1, cell.column - 1, cell.value)
        copy.write_formula(row - 1, person.cell(LIBRI).column - 1, "=40000+7000", None, 47000)
    changes = brought(draft, path)
    assert rows(draft, "indicatori")[0]["valore"] == 47000
    assert any("è una formula" in one for one in changes.notices)


def test_copied_rows_are_refused_all_of_them(draft, person):
    sheet, row = person.sheet(LIBRI)
    person.put(LIBRI, 47000)
    for cell in sheet[row]:
        sheet.cell(sheet.max_row + (cell.column == 1), cell.column).value = cell.value
    changes = compare(form(draft), read(person.save()))
    [problem] = changes.problems
    assert f"riga {row}" in problem and f"riga {sheet.max_row}" in problem and "c’è 2 volte" in problem
    assert not changes.rows


def test_merged_cells_are_refused_with_both_names(draft, person):
    sheet, row = person.sheet(LIBRI)
    person.put(LIBRI, 47000)
    column = person.cell(LIBRI).column
    sheet.merge_cells(start_row=row, end_row=row + 1, start_column=column, end_column=column)
    [problem] = compare(form(draft), read(person.save())).problems
    first, last = (sheet.cell(one, column).coordinate for one in (row, row + 1))
    assert f"le celle {first} e {last} sono unite" in problem


def test_rows_without_a_key_and_columns_without_a_name_are_told(draft, person):
    sheet, row = person.sheet(LIBRI)
    end = sheet.max_row + 2
    sheet.cell(end, person.column(sheet, "voce")).value = "Prestiti di giochi"
    sheet.cell(end, person.column(sheet, "valore")).value = 12
    sheet.cell(row, sheet.max_column + 2).value = "da chiedere"
    person.put(LIBRI, 47000)
    changes = compare(form(draft), read(person.save()))
    [problem] = changes.problems
    assert f"riga {end}" in problem and "non ha la chiave" in problem and "prestiti-di-giochi" in problem
    assert any("non ha un nome" in one for one in changes.notices)


def test_a_sheet_sorted_without_its_key_is_refused(draft, person):
    sheet, row = person.sheet(LIBRI)
    other = person.sheet(ALTRO)[1]
    for column in range(2, sheet.max_column + 1):
        one, two = sheet.cell(row, column), sheet.cell(other, column)
        one.value, two.value = two.value, one.value
    changes = compare(form(draft), read(person.save()))
    assert len(changes.problems) == 2 and all("secondo la chiave nascosta" in one for one in changes.problems)
    assert not changes.rows


@pytest.mark.parametrize(
    ("name", "said"),
    [("chiave", "manca la prima colonna, nascosta"), ("voce", "manca la colonna «Voce»"), ("valore", "colonna «2026»")],
)
def test_a_sheet_without_a_column_that_it_needs_is_refused_in_one_message(draft, person, name, said):
    sheet, _ = person.put(LIBRI, 47000).sheet(LIBRI)
    sheet.delete_cols(person.column(sheet, name))
    found = run("import", str(person.save()))
    assert found.exit_code == 2 and "1 problema" in found.output and f"«{sheet.title}»: " in found.output
    assert said in found.output and "«annuario sheet»" in found.output


def test_a_list_without_a_column_that_it_needs_is_refused_in_one_message(draft, person):
    sheet = person.book["Sedute"]
    for row in (5, 6):
        sheet.cell(row, person.column(sheet, "data")).value = datetime.datetime(2026, 3, row)
    sheet.delete_cols(person.column(sheet, "organo"))
    [problem] = compare(form(draft), read(person.save())).problems
    assert problem.startswith("foglio «Sedute»: manca la colonna «Organo»")


def test_a_sheet_without_the_names_of_its_columns_is_refused(draft, person):
    sheet, _ = person.put(LIBRI, 47000).sheet(LIBRI)
    sheet.delete_rows(3)
    [problem] = compare(form(draft), read(person.save())).problems
    assert f"«{sheet.title}»: manca la riga nascosta" in problem


def test_a_workbook_of_another_edition_is_refused_with_its_name(draft, person):
    for sheet in person.book.worksheets:
        sheet.cell(1, 1).value = sheet.cell(1, 1).value.replace("2026", "2025")
    said = run("import", str(person.save()))
    assert said.exit_code == 2 and "fogli sono di relazione-2025" in said.output and "(relazione-2026)" in said.output


def test_a_state_is_told_in_words_with_its_cell(draft, person):
    place = person.cell(LIBRI, "stato").coordinate
    said = run("import", str(person.put(LIBRI, "non rilevato", "stato").save()))
    assert "Prestiti di libri: stato «non rilevato», ancora senza motivo" in said.output
    assert "1 stato da cambiare" in said.output and place[1:] in said.output


def test_a_value_and_an_excuse_are_one_too_many(draft, person):
    changes = compare(form(draft), read(person.put(LIBRI, 5).put(LIBRI, "non rilevato", "stato").save()))
    assert len(changes.problems) == 1 and "svuotare" in changes.problems[0]


def test_a_word_that_is_no_state_is_asked_about(draft, person):
    [problem] = compare(form(draft), read(person.put(LIBRI, "non rilevatto", "stato").save())).problems
    assert "intendeva «non rilevato»?" in problem


def test_what_is_ten_times_last_year_is_told_unless_confirmed(draft, person):
    changes = compare(form(draft), read(person.put(LIBRI, 463100).save()))
    assert any("è 10,0 volte quello dell’anno prima" in one for one in changes.notices) and changes.count("+") == 1
    assert not compare(form(draft), read(person.put(LIBRI, "confermato", "stato").save())).notices


def test_all_problems_are_told_at_once_and_nothing_is_written(draft, person):
    before = {path: path.read_bytes() for path in draft.rglob("*") if path.is_file()}
    person.put(LIBRI, "1.071").put(ALTRO, "boh").put(ATTIVI, -1).put(NUOVI, 700).save()
    said = run("import", str(person.path), "--yes")
    assert said.exit_code == 2 and "3 problemi; niente è stato scritto" in said.output
    assert said.output.count("riga ") == 3 and "Traceback" not in said.output
    assert {path: path.read_bytes() for path in draft.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("dati.ods", None, "LibreOffice (.ods)"),
        ("dati.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "(.xls)"),
        ("dati.xlsx", b"a;b\n1;2\n", "un file di testo, non una cartella di Excel: portare dentro"),
        ("dati.xlsx", b"", "un file vuoto: farselo mandare"),
        ("dati.xlsx", b"PK\x03\x04" + b"\0" * 600, "un file incompleto: farselo mandare"),
        ("dati.pdf", b"%PDF-1.7 ", "un file PDF"),
        ("~$dati.xlsx", b"\x05Paola", "chiuderla e portare dentro dati.xlsx"),
    ],
)
def test_other_files_are_refused_with_the_remedy(draft, tmp_path, name, content, said):
    import zipfile

    path = tmp_path / name
    if content is None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("content.xml", "<x/>")
    else:
        path.write_bytes(content)
    found = run("import", str(path))
    assert found.exit_code == 2 and said in found.output and f"{name}: è " in found.output


def test_a_workbook_of_nobody_and_a_file_that_is_not_there(draft, tmp_path):
    openpyxl.Workbook().save(tmp_path / "vuoto.xlsx")
    assert "non ci sono fogli" in run("import", str(tmp_path / "vuoto.xlsx")).output
    assert "non si può leggere" in run("import", str(tmp_path / "manca.xlsx")).output


def test_a_workbook_of_another_version_is_refused(draft, person):
    for sheet in person.book.worksheets:
        sheet.cell(1, 1).value = str(sheet.cell(1, 1).value).replace(" 1 ", " 9 ", 1)
    assert "altra versione" in run("import", str(person.save())).output


def test_what_the_tables_would_refuse_is_told_in_the_preview_where_it_stands(draft, person):
    """As a delivery that nobody knows, a meeting of another year: not when it is written, and not by rows of files."""
    sheet = person.book["Sedute"]
    names = {cell.value: cell.column for cell in sheet[3]}
    for row, day, source in ((5, "5/3/2025", ""), (6, "6/3/2026", "minori-9!Foglio!B2")):
        for name, value in {"organo": "consiglio", "data": day, "fonte": source}.items():
            sheet.cell(row, names[name]).value = value
    person.put(LIBRI, 47000).put(LIBRI, "consegna-1!Prestiti!G7", "fonte")
    said = run("import", str(person.save()))
    assert said.exit_code == 2 and "3 problemi; niente è stato scritto" in said.output
    assert "foglio «Sedute», riga 5, colonna «Data»: 2025-03-05 non è" in said.output
    assert "foglio «Sedute», riga 6, colonna «Fonte»: «minori-9!Foglio!B2»: non c’è" in said.output
    sheet, row = person.sheet(LIBRI)
    assert f"foglio «{sheet.title}», riga {row}, colonna «Fonte»: «consegna-1" in said.output
    assert "sedute.csv" not in said.output


def test_a_zero_after_a_value_is_told_unless_confirmed(draft, person):
    assert any("è 0" in one for one in compare(form(draft), read(person.put(LIBRI, 0).save())).notices)
    assert not compare(form(draft), read(person.put(LIBRI, "confermato", "stato").save())).notices


def test_a_declaration_that_changed_is_told(draft, person):
    path = draft / "data" / "datapackage.json"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    changes = compare(form(draft), read(person.put(LIBRI, 47000).save()))
    assert any("dichiarazione" in one for one in changes.notices) and changes.count("+") == 1


def test_a_date_that_is_none_in_the_delivery_is_told(draft, person):
    first = person.book["Leggimi"]
    row = next(row for row in range(1, 40) if first.cell(row, 1).value == "rilevato_al")
    first.cell(row, 3).value = "fine anno"
    said = run("import", str(person.put(LIBRI, 1).save()))
    assert said.exit_code == 2 and "attesa una data" in said.output and "Leggimi" in said.output


def test_a_number_in_a_cell_of_words_keeps_the_rules_of_words():
    words = {"enum": ["nord", "sud"]}
    for typed in (3, 3.5):
        with pytest.raises(values.Wrong, match="nord, sud"):
            values.text(Cell(typed, "H7"), words)
    assert values.text(Cell(3.5, "H7"), {}) == "3,5"


def test_only_a_whole_number_of_things_may_have_been_a_date():
    def taken(typed, unit):
        values._require_no_date(Decimal(typed), SimpleNamespace(unit=unit, before=None), 2026)

    taken("46145", "EUR")
    taken("46145.5", "ore")
    with pytest.raises(values.Wrong, match="numero del giorno 3/5/2026"):
        taken("46145", "ore")
