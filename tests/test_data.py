"""The tables as declared, read exactly, seen as each edition sees them."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from frictionless import Package as DeclaredPackage

from annuario.data import Package, editions
from annuario.data import package as data
from annuario.data.questions import ASKS
from annuario.data.validate import validate
from annuario.errors import BookError
from cremasca import budgets, sub_ambiti

# value printed, and where: relazione-2021:583, :342, :1079, relazione-2025:1256, :693, :328, :543
GOLDEN = [
    ("relazione", 2021, "tm-flussi/in-carico-anno", "912"),
    ("relazione", 2021, "risultato/uscite", "13180676.24"),
    ("relazione", 2025, "tm-flussi/in-carico-anno", "1071"),
    ("relazione", 2025, "risultato/uscite", "16384627.28"),
    ("relazione", 2025, "gestione/incidenza-servizi", "87"),
]


@pytest.mark.parametrize(("book", "year", "indicator", "value"), GOLDEN)
def test_golden_indicators(package, book, year, indicator, value):
    assert package.edition(book, year).value(indicator) == Decimal(value)


@pytest.mark.parametrize(
    ("year", "of", "measure", "value"),
    [(2021, 2021, "costo", "4592578.12"), (2021, 2019, "ore", "168556.19"), (2025, 2025, "costo", "7002049.31")],
)
def test_golden_totals_by_sub_ambito(package, year, of, measure, value):
    frame = sub_ambiti.of(package.edition("relazione", year), "saap", measure)
    row = frame[(frame["anno"] == of) & (frame["sub_ambito"] == "totale")]
    assert list(row["valore"]) == [Decimal(value)]


def test_golden_budget_lines(package):
    frame = budgets.printed(package.edition("relazione", 2021), "tm")
    rows = {(row.voce, row.fase): row.valore for row in frame.itertuples()}
    assert rows["tm-coordinamento", "consuntivo"] == Decimal("50349.30")
    assert rows["totale", "preventivo"] == Decimal("446056.46")
    assert set(frame["edizione"]) == {"relazione-2021"}


def test_money_is_exact(package):
    frame = budgets.printed(package.edition("relazione", 2025), "tm")
    lines = frame[(frame["fase"] == "consuntivo") & (frame["voce"] != "totale")]
    assert sum(lines["valore"]) == Decimal("547089.56")


def test_frictionless_finds_no_error(here):
    report = DeclaredPackage(str(here.root / "data" / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "note"])[:10]


def test_an_edition_prefers_what_it_published(package):
    old, new = package.edition("relazione", 2021), package.edition("relazione", 2025)
    assert set(old.table("indicatori", indicatore="tm-flussi/nuovi-casi")["edizione"]) == {"relazione-2021"}
    assert set(new.indicators("tm-flussi")["anno"]) == {2023, 2024, 2025}


def test_a_silent_edition_sees_the_nearest_later_one_and_says_so(package):
    frame = package.edition("relazione", 2023).indicators("tm-flussi", years=1)
    assert set(frame["anno"]) == {2023}
    assert set(frame["da"]) == {"relazione-2025"}


def test_a_past_edition_does_not_know_the_future(package):
    frame = package.edition("relazione", 2023).indicators("tm-flussi")
    assert 2024 not in set(frame["anno"])


def test_reads_are_recorded(here, monkeypatch):
    monkeypatch.setattr(data, "READS", set())
    budgets.printed(Package(here.root / "data").edition("relazione", 2025), "tm")
    files = {Path(read.partition(ASKS)[0]).name for read in data.READS}
    assert files == {"datapackage.json", "edizioni.csv", "bilancio.csv", "azioni.csv", "correzioni.csv"}
    whole = {Path(read).name for read in data.READS if ASKS not in read}
    assert whole == {"datapackage.json", "edizioni.csv", "azioni.csv"}


def test_harmless_forms_are_accepted(spoiled):
    path = spoiled.folder / "aree.csv"
    text = path.read_text(encoding="utf-8")
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode("utf-8"))
    assert list(Package(spoiled.folder).read("aree").columns) == ["area", "nome", "ordine"]
    validate(Package(spoiled.folder))


SPOILS = [
    ("missing column", "aree", "area,nome,ordine", "area,nome,posto", ["aree.csv", "«ordine» is missing", "«posto»"]),
    ("thousands separator", "entrate", "1716731.15", "1.716.731.15", ["entrate.csv, row 2", "«valore»"]),
    ("thousands or decimals", "entrate", "1716731.15", '"1,071"', ["entrate.csv, row 2", "«valore»", "1071 or 1.071"]),
    ("a thousand with a point", "entrate", "1716731.15", "1.071", ["entrate.csv, row 2", "«1.071»", "did you mean 1071.00?"]),
    ("unquoted comma", "entrate", "1716731.15", "1716731,15", ["entrate.csv, row 2", "9 cells", "write 1716731.15"]),
    ("capital in a code", "servizi_sub_ambito", "bagnolo,casi", "Bagnolo,casi", ["row 2, column «sub_ambito»", "«bagnolo»?"]),
    ("a code of none", "servizi_sub_ambito", "bagnolo,casi", "lodi-nord,casi", ["row 2", "is not in sub_ambiti.csv", "add its row"]),
    ("capital in a word", "servizi_sub_ambito", "bagnolo,casi", "bagnolo,Casi", ["row 2, column «misura»", "«casi»?"]),
    ("misspelt indicator", "indicatori", "risultato/entrate", "risultato/entratte", ["row 2, column «indicatore»", "«risultato/entrate»?"]),
    ("a year to come", "entrate", "relazione-2021,2021,", "relazione-2021,2062,", ["row 2, column «anno»", "2062", "about 2021"]),
    ("no day", "personale", "2021-12-31", "31/2/2021", ["personale.csv, row 2, column «data»", "31/2/2021"]),
    ("text for a number", "entrate", "1716731.15", "n.d.", ["entrate.csv, row 2", "«n.d.»"]),
    ("no number", "entrate", "1716731.15", "NaN", ["entrate.csv, row 2", "«valore»", "«NaN»"]),
    ("infinity", "entrate", "1716731.15", "Infinity", ["entrate.csv, row 2", "«valore»", "«Infinity»"]),
    ("signalling no number", "entrate", "1716731.15", "sNaN", ["entrate.csv, row 2", "«sNaN»"]),
    ("exponent", "entrate", "1716731.15", "1e5", ["entrate.csv, row 2", "«1e5»"]),
    ("underscore", "entrate", "1716731.15", "1_716_731", ["entrate.csv, row 2", "«1_716_731»"]),
    ("another script's digits", "entrate", "1716731.15", "١٢٣", ["entrate.csv, row 2", "«١٢٣»"]),
    ("more digits than sums hold", "entrate", "1716731.15", "1" * 30, ["entrate.csv, row 2", "«valore»"]),
    ("infinite year", "entrate", "relazione-2021,2021,", "relazione-2021,inf,", ["row 2", "«inf»", "whole number"]),
    ("row cut short", "entrate", ",relazione-2021:450,", "", ["entrate.csv, row 2", "cells, the row of the columns' names"]),
    ("stray blank", "entrate", "1716731.15", "17167 31.15", ["entrate.csv, row 2", "«17167 31.15»"]),
    ("missing year", "entrate", "relazione-2021,2021,", "relazione-2021,,", ["entrate.csv, row 2", "«anno»"]),
    ("text for a year", "entrate", "relazione-2021,2021,", "relazione-2021,duemila,", ["row 2", "«duemila»", "whole number"]),
    (
        "unknown sub-ambito", "servizi_sub_ambito", "tutela-minori,bagnolo", "tutela-minori,bagnolino",
        ["servizi_sub_ambito.csv, row 2", "bagnolino"],
    ),
    (
        "outside the enumeration", "servizi_sub_ambito", "bagnolo,casi", "bagnolo,casini",
        ["servizi_sub_ambito.csv, row 2", "«misura»", "«casini»"],
    ),
    ("bad source", "entrate", "relazione-2021:451", "pagina 3", ["entrate.csv", "«fonte»", "«pagina 3»"]),
]  # fmt: skip


@pytest.mark.parametrize(("table", "old", "new", "said"), [spoil[1:] for spoil in SPOILS], ids=[s[0] for s in SPOILS])
def test_a_spoiled_table_is_refused(spoiled, table, old, new, said):
    spoiled(table, old, new)
    with pytest.raises(BookError) as error:
        validate(Package(spoiled.folder))
    for part in said:
        assert part in str(error.value)


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("entrate", "1716731.15", '"1716731,15"'),
        ("entrate", "1716731.15", '"1.716.731,15"'),
        ("entrate", "1716731.15", "1\u00a0716\u00a0731.15"),
        ("entrate", "1716731.15", " 1716731.15"),
        ("entrate", "1716731.15", '"€ 1.716.731,15"'),
        ("entrate", "relazione-2021,2021,", "relazione-2021, 2021,"),
        ("servizi_sub_ambito", "tutela-minori,bagnolo,casi", "tutela-minori, bagnolo\u00a0,casi "),
        ("personale", "2021-12-31", "31/12/2021"),
        ("entrate", "edizione,anno,canale", "edizione, anno,canale"),
    ],
)
def test_what_can_mean_one_thing_alone_is_read_so(spoiled, package, table, old, new):
    spoiled(table, old, new)
    read = Package(spoiled.folder)
    validate(read)
    assert read.read(table).equals(package.read(table))


def test_only_what_changed_and_what_refers_to_it_is_validated_again(spoiled, monkeypatch):
    from annuario.data import validate as validating

    asked, found, known = [], validating._found, set()
    monkeypatch.setattr(
        validating, "_found", lambda package, names, every: asked.append(names) or found(package, names, every)
    )
    spoiled("avanzo", "edizione", "edizione")
    validating.validate(Package(spoiled.folder), known)
    path = spoiled.folder / "sub_ambiti.csv"
    path.write_text(path.read_text(encoding="utf-8") + "altrove,Altrove,99,sub-ambito\n", encoding="utf-8")
    validating.validate(Package(spoiled.folder), known)
    every, again = map(set, asked)
    assert {"sub_ambiti", "servizi_sub_ambito"} <= again < every and "personale" not in again
    spoiled("servizi_sub_ambito", "tutela-minori,bagnolo,casi", "tutela-minori,Bagnolo,casi")
    with pytest.raises(BookError, match="servizi_sub_ambito.csv"):
        validating.validate(Package(spoiled.folder), known)


def complained(folder):
    """The places that the validation of a folder complains about, in order."""
    with pytest.raises(BookError) as error:
        validate(Package(folder))
    return sorted(line.partition(": ")[0].rpartition("/")[2] for line in str(error.value).splitlines())


def test_problems_of_all_tables_are_told_at_once_and_each_once(spoiled):
    spoiled("entrate", "1716731.15", "circa")
    spoiled("bilancio_aree", "1676761.84", "-1676761.841")
    spoiled("servizi_sub_ambito", "tutela-minori,bagnolo,casi", "tutela-minori,Bagnolo,casi")
    assert complained(spoiled.folder) == [
        "bilancio_aree.csv, row 2, column «valore»",
        "entrate.csv, row 2, column «valore»",
        "servizi_sub_ambito.csv, row 2, column «sub_ambito»",
    ]


def test_a_table_that_cannot_be_read_hides_nothing(spoiled):
    """A row with a cell too many, and within the same table a text for a number, a code in capitals, a row twice."""
    path = spoiled.folder / "servizi_sub_ambito.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    names = lines[0].split(",")
    cells = [line.split(",") for line in lines[:6]]
    cells[2].append("troppo")
    cells[3][names.index("valore")] = "tanti"
    cells[4][names.index("sub_ambito")] = cells[4][names.index("sub_ambito")].capitalize()
    path.write_text("\n".join([*map(",".join, cells), *lines[6:], lines[5]]) + "\n", encoding="utf-8")
    spoiled("entrate", "1716731.15", "circa")
    assert complained(spoiled.folder) == [
        "entrate.csv, row 2, column «valore»",
        "servizi_sub_ambito.csv, row 3",
        "servizi_sub_ambito.csv, row 4, column «valore»",
        "servizi_sub_ambito.csv, row 5, column «sub_ambito»",
        f"servizi_sub_ambito.csv, row {len(lines) + 1}",
    ]


def test_a_duplicated_row_is_refused(spoiled):
    path = spoiled.folder / "entrate.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    with pytest.raises(BookError, match=rf"entrate.csv, row {len(lines) + 1}"):
        validate(Package(spoiled.folder))


def test_a_latin_1_file_is_refused(spoiled):
    path = spoiled.folder / "sub_ambiti.csv"
    path.write_bytes(path.read_text(encoding="utf-8").replace("Crema", "Cremà").encode("latin-1"))
    with pytest.raises(BookError, match="sub_ambiti.csv, line 2: not UTF-8.*save the file as UTF-8"):
        validate(Package(spoiled.folder))


@pytest.mark.parametrize(
    ("content", "said"),
    [("\ufeff\n", "is empty"), ("\ufeffsub_ambito;nome\ncrema;Crema\n", "with commas")],
)
def test_a_table_that_is_empty_or_separated_by_semicolons_is_refused_as_such(spoiled, content, said):
    (spoiled.folder / "sub_ambiti.csv").write_text(content, encoding="utf-8")
    with pytest.raises(BookError, match=f"sub_ambiti.csv: .*{said}"):
        Package(spoiled.folder).read("sub_ambiti")


def test_rows_longer_than_the_first_are_refused(spoiled):
    path = spoiled.folder / "aree.csv"
    first, *others = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([first, *(f"{line}," for line in others)]) + "\n", encoding="utf-8")
    with pytest.raises(BookError, match="aree.csv, row 2: it has 4 cells, the row of the columns' names 3"):
        validate(Package(spoiled.folder))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("area,nome,ordine\na,A,1\n\nb,B,2\n", "aree.csv, row 3: it is empty"),
        ("area,nome,ordine\na,A,1\n\n", "aree.csv, row 3: it is empty"),
        ("area,nome,ordine\na,A,1\nb,B\nc\n", "row 3: it has 2 cells.*\n.*row 4: it has 1 cells"),
        ("area,nome,ordine\na,A,1,2\nb,B\n", "row 2: it has 4 cells.*\n.*row 3: it has 2 cells"),
        ('area,nome,ordine\na,"A,1\nb,B,2\n', "aree.csv, row 2: it has|a quotation mark is opened and not closed"),
        ("area,nome,ordine\na,A\0a,1\n", "aree.csv, line 2: it holds a sign that no text has"),
    ],
    ids=["blank", "blank-end", "short", "long-and-short", "quote", "nul"],
)
def test_rows_of_another_shape_are_named(spoiled, content, said):
    (spoiled.folder / "aree.csv").write_bytes(content.encode())
    with pytest.raises(BookError, match=said):
        validate(Package(spoiled.folder))


def test_an_empty_file_is_refused(spoiled):
    (spoiled.folder / "aree.csv").write_text("")
    with pytest.raises(BookError, match="aree.csv: the file is empty: put back"):
        validate(Package(spoiled.folder))


def test_a_missing_file_is_refused(spoiled):
    (spoiled.folder / "aree.csv").unlink()
    with pytest.raises(BookError, match="aree.csv: cannot be read"):
        validate(Package(spoiled.folder))


def test_a_huge_cell_is_refused(spoiled):
    spoiled("entrate", "1716731.15", "9" * 10_000_000 + "x")
    with pytest.raises(BookError) as error:
        validate(Package(spoiled.folder))
    assert "entrate.csv, row 2" in str(error.value)
    assert len(str(error.value)) < 500


def test_an_undeclared_indicator_is_not_a_missing_value(package):
    with pytest.raises(BookError, match="«tm-flussi/nuovi» is not declared"):
        package.edition("relazione", 2025).value("tm-flussi/nuovi")


def test_a_register_without_years_is_seen_from_one_edition(package):
    frame = package.edition("relazione", 2025).table("grafici")
    assert set(frame["edizione"]) == {"relazione-2025"} and len(frame) == 125


def test_all_bad_cells_are_told_at_once(spoiled):
    spoiled("entrate", "1716731.15", "NaN")
    spoiled("entrate", "relazione-2021,2021,", "relazione-2021,,")
    spoiled("fondi", "relazione-2021,2021,", "relazione-2021,x,")
    with pytest.raises(BookError) as error:
        validate(Package(spoiled.folder))
    lines = str(error.value).splitlines()
    told = [("entrate.csv", "«anno»", "is empty"), ("entrate.csv", "«valore»", "«NaN»"), ("fondi.csv", "«anno»", "«x»")]
    assert all(all(part in line for part in one) for line, one in zip(lines, told, strict=True)), lines


def declared(folder, change):
    """The complaint about the declaration of the tables once it is changed."""
    path = folder / "datapackage.json"
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    change(descriptor)
    path.write_text(json.dumps(descriptor), encoding="utf-8")
    with pytest.raises(BookError) as error:
        validate(Package(folder))
    assert all(line.startswith(str(path)) for line in str(error.value).splitlines()), error.value
    return str(error.value)


def first(change):
    return lambda descriptor: change(descriptor["resources"][1])


BROKEN = [
    (lambda descriptor: descriptor.pop("resources"), "declares no tables"),
    (lambda descriptor: descriptor.update(resources={}), "declares no tables"),
    (lambda descriptor: descriptor.update(resources=[]), "no table has the «ruolo» edizioni"),
    (lambda descriptor: descriptor["resources"].append(3), "has no «name»"),
    (
        lambda descriptor: descriptor["resources"].append(descriptor["resources"][1]),
        "two tables are called «sub_ambiti»",
    ),
    (first(lambda table: table.pop("name")), "table 2 has no «name»"),
    (first(lambda table: table.update(name="../x")), "table 2 has no «name»"),
    (first(lambda table: table.pop("path")), "table «sub_ambiti»: has no «path»"),
    (first(lambda table: table.update(path="../segreto.csv")), "is not a file of the data folder"),
    (first(lambda table: table.update(path="/etc/passwd")), "is not a file of the data folder"),
    (first(lambda table: table.update(path="http://esempio.it/x.csv")), "is not a file of the data folder"),
    (first(lambda table: table.update(path=["a.csv"])), "has no «path»"),
    (first(lambda table: table.pop("schema")), "has no «schema»"),
    (first(lambda table: table.update(schema=[])), "has no «schema»"),
    (first(lambda table: table["schema"].pop("fields")), "has no «schema» with a list of «fields»"),
    (first(lambda table: table["schema"].update(fields=[])), "has no «schema» with a list of «fields»"),
    (first(lambda table: table["schema"]["fields"].append("x")), "field 5 has no «name»"),
    (first(lambda table: table["schema"]["fields"][0].pop("type")), "field 1 has no «name» or no «type»"),
    (
        first(lambda table: table["schema"]["fields"][0].update(constraints=[1])),
        "«constraints» of the field «sub_ambito»",
    ),
    (
        first(lambda table: table["schema"]["fields"].append(table["schema"]["fields"][0])),
        "two fields are called «sub_ambito»",
    ),
    (first(lambda table: table["schema"].update(primaryKey=["x"])), "«primaryKey» must name fields"),
    (first(lambda table: table.update(vintage=[["x"]])), "«vintage» must name fields"),
    (first(lambda table: table["schema"].update(foreignKeys={})), "«foreignKeys» must be a list"),
    (first(lambda table: table["schema"].update(foreignKeys=[{"fields": ["nome"]}])), "«foreignKeys» must be a list"),
    (
        lambda descriptor: descriptor["resources"][0]["schema"]["fields"].pop(1),
        "«edizioni»: the field «libro» is missing",
    ),
    (lambda descriptor: descriptor["resources"].pop(0), "no table has the «ruolo» edizioni"),
    (first(lambda table: table.update(ruolo="servizo")), "no «ruolo» servizo: did you mean «servizi»?"),
    (first(lambda table: table.update(ruolo=["servizi"])), "there is no «ruolo» ['servizi']"),
    (first(lambda table: table.update(ruolo="edizioni")), "both have the «ruolo» edizioni"),
    (first(lambda table: table.update(ruolo="colori")), "table «sub_ambiti»: the field «voce» is missing"),
    (
        lambda descriptor: descriptor["resources"][0]["schema"]["fields"][2].update(type="string"),
        "must be of the type integer",
    ),
    (
        first(lambda table: table["schema"]["fields"][0].update(type="testo")),
        "is of the type «testo»: the types are any",
    ),
    (
        first(lambda table: table["schema"]["fields"][0].update(constraints={"pattern": "("})),
        "is not a regular expression",
    ),
    (first(lambda table: table["schema"]["fields"][0].update(nomi=["comuni"])), "must name tables: «comuni» is none"),
    (first(lambda table: table.update(cifra="nome")), "«cifra» must be a list of fields"),
    (first(lambda table: table.update(cifra=["nomi"])), "«cifra» must be a list of fields"),
    (first(lambda table: table.update(unita=["EUR"])), "«unita» must be a text"),
    (first(lambda table: table.update(regole=["usati"])), "«regole»: must hold rules by their names"),
    (first(lambda table: table.update(regole={"usato": []})), "there is no rule «usato»: did you mean «usati»?"),
    (first(lambda table: table.update(regole={"usati": ["servizi.nulla"]})), "«servizi.nulla» is none"),
    (first(lambda table: table.update(regole={"determina": [{"da": ["nome"]}]})), "each with da, campi"),
    (
        first(lambda table: table.update(regole={"determina": [{"da": ["nome"], "campi": ["x"]}]})),
        "«x» is no field of the table",
    ),
    (
        first(lambda table: table.update(regole={"griglia": [{"entro": ["nome.x"], "di": ["ordine"]}]})),
        "«nome.x» is no field of the table, nor of one that it refers to",
    ),
    (first(lambda table: table.update(regole={"anni": {"relazione": [0]}})), "as [-2, 0]"),
    (
        first(lambda table: table.update(regole={"ordinati": [{"entro": ["nome"]}]})),
        "«ordinati» needs the field «fonte»",
    ),
    (
        first(lambda table: table.update(regole={"vincoli": [{"campo": "nome", "minimum": 0}]})),
        "«minimum» must be a number, and the field «nome» one of numbers",
    ),
    (
        first(lambda table: table.update(regole={"vincoli": [{"campo": "nome", "pattern": "("}]})),
        "is not a regular expression",
    ),
]


@pytest.mark.parametrize(
    ("change", "said"), BROKEN, ids=[f"{number}-{said[:25]}" for number, (_, said) in enumerate(BROKEN)]
)
def test_a_broken_declaration_is_refused(spoiled, change, said):
    assert said in declared(spoiled.folder, change)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b'{"resources": [], "resources": []}'], ids=range(5)
)
def test_a_declaration_that_is_no_json(spoiled, content):
    (spoiled.folder / "datapackage.json").write_bytes(content)
    with pytest.raises(BookError, match=r"datapackage\.json: cannot be read as JSON"):
        validate(Package(spoiled.folder))


@pytest.mark.parametrize("content", ["[]", "3", "null", '"testo"', "{}"])
def test_a_declaration_of_nothing(spoiled, content):
    (spoiled.folder / "datapackage.json").write_text(content, encoding="utf-8")
    with pytest.raises(BookError, match=r"datapackage\.json: declares no tables"):
        validate(Package(spoiled.folder))


def test_no_edition_at_all(spoiled, here):
    path = spoiled.folder / "edizioni.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(BookError, match=r"edizioni\.csv: there is no edition of the books in _quarto\.yml"):
        editions.parse("relazione-2021", here, Package(spoiled.folder))
