"""Wrong data do not pass: constraints of rows, doubts and their confirmations, on small packages and on the real data."""

import csv
import json
import random
import sys
from decimal import Decimal

import pytest
from click.testing import CliRunner
from conftest import ROOT, edit, keep_in

from annuario import checks, init
from annuario.cli import main
from annuario.data import Package
from annuario.data.validate import validate
from annuario.errors import BookError
from annuario.words import transcript

sys.path.insert(0, str(ROOT / "bench"))
import mutations

EDITIONS = [("relazione-2024", "relazione", 2024), ("relazione-2025", "relazione", 2025)]
#: What two libraries were visited, by year: lines 3 and 4 of the document, the total in line 5.
VISITS = [
    ("relazione-2025", year, site, value, label, f"relazione-2025:{line}")
    for line, site, label, values in (
        (3, "centro", "Biblioteca centrale", (1200, 1250, 1310)),
        (4, "nord", "Biblioteca nord", (80, 95, 90)),
        (5, "totale", "Totale", (1280, 1345, 1400)),
    )
    for year, value in zip((2023, 2024, 2025), values)
]
DOCUMENT = """Relazione 2025

Biblioteca centrale 1.200 1.250 1.310
Biblioteca nord 80 95 90
Totale 1.280 1.345 1.400

Lavorano in due, con 3 volontari.
Fine."""
FIELDS = {"edizione": "string", "anno": "integer", "sede": "string", "valore": "number", "etichetta": "string", "fonte": "string"}  # fmt: skip


def table(name, fields, key, **more):
    schema = {"fields": [{"name": field, "type": kind} for field, kind in fields.items()], "primaryKey": key}
    return {"name": name, "type": "table", "path": f"{name}.csv", "schema": schema, **more}


class Made:
    """A package of one table of visits, of its document, and of what a test changes."""

    def __init__(self, folder):
        self.folder = folder
        self.rows = {
            "edizioni": EDITIONS,
            "visite": list(VISITS),
            "stampati": transcript.rows("relazione-2025", DOCUMENT),
            "conferme": [],
        }
        self.resources = {
            "edizioni": table(
                "edizioni", {"edizione": "string", "libro": "string", "anno": "integer"}, ["edizione"], ruolo="edizioni"
            ),
            "visite": table("visite", FIELDS, ["edizione", "anno", "sede"], cifra=["sede"], regole={}),
            "stampati": table(
                "stampati",
                {"documento": "string", "riga": "integer", "numeri": "string"},
                ["documento", "riga"],
                ruolo="stampati",
            ),
            "conferme": table(
                "conferme",
                {"controllo": "string", "trovato": "string", "motivo": "string", "confermata_da": "string"},
                ["controllo"],
                ruolo="conferme",
            ),
        }

    def rule(self, **rules):
        self.resources["visite"]["regole"] = rules
        return self

    def change(self, place, **cells):
        """Other cells in the row of this place."""
        row = dict(zip(FIELDS, self.rows["visite"][place])) | cells
        self.rows["visite"][place] = tuple(row.values())
        return self

    def without(self, *tables):
        for name in tables:
            del self.resources[name], self.rows[name]
        return self

    def package(self):
        self.folder.mkdir(exist_ok=True)
        for name, rows in self.rows.items():
            with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                out = csv.writer(file, lineterminator="\n")
                out.writerow(field["name"] for field in self.resources[name]["schema"]["fields"])
                out.writerows(rows)
        described = {"name": "prova", "resources": list(self.resources.values())}
        (self.folder / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
        return Package(self.folder)

    @property
    def doubts(self):
        package = self.package()
        validate(package)
        return [str(doubt).removeprefix(f"{self.folder}/") for doubt in checks.doubts(package)]

    @property
    def problems(self):
        with pytest.raises(BookError) as error:
            validate(self.package())
        return str(error.value).replace(f"{self.folder}/", "").splitlines()


@pytest.fixture
def made(tmp_path):
    return Made(tmp_path / "data")


def test_cells_of_deliveries_are_no_lines_of_a_document(made):
    made.without("stampati").rule(
        serie=False,
        determina=[
            {"da": ["edizione", "sede"], "campi": ["fonte"]},
            {"da": ["edizione", "fonte"], "campi": ["etichetta"]},
        ],
    )
    for place, source in enumerate(("prove-1!Visite!G5", "prove-1!Visite!G6", "prove-1!Visite!G7", "calcolato")):
        made.change(place, fonte=source)
    made.change(8, fonte="calcolato")
    assert made.doubts == []
    assert any("«fonte»" in one for one in made.change(7, fonte="relazione-2025:3").doubts)


def test_what_is_below_zero_is_as_plausible_as_last_year(made):
    made.without("stampati").rule()
    for place in (6, 7, 8):
        made.change(place, valore=-22)
    assert made.doubts == []


def test_right_data_are_not_doubted(made):
    made.rule(
        righe_intere=True,
        anni={"relazione": [-2, 0]},
        vincoli=[{"campo": "valore", "pattern": r"\d+"}],
        determina=[{"da": ["edizione", "sede"], "campi": ["etichetta", "fonte"]}],
        griglia=[{"entro": ["edizione"], "di": ["sede", "anno"]}],
        ordinati=[{"entro": ["edizione"]}],
    )
    assert made.doubts == []


# ------------------------------------------------------------------ against the document


@pytest.mark.parametrize("value", [12500, 1520, 1350, 125, Decimal("125.0"), -1205, Decimal("12.50")])
def test_a_value_that_its_line_does_not_print(made, value):
    (told,) = [line for line in made.change(1, valore=value).doubts if "is not printed" in line]
    assert told.startswith("visite.csv, row 3, column «valore»: ")
    assert f"{value} is not printed at relazione-2025:3, where there is 1.200 1.250 1.310" in told
    assert "or confirm it in" in told and "«stampato/visite/relazione-2025/2024/centro»" in told


def test_a_source_line_that_prints_something_else(made):
    told = made.change(4, fonte="relazione-2025:7").doubts
    assert any("row 6" in line and "is not printed at relazione-2025:7, where there is due 3" in line for line in told)


def test_a_number_in_letters_is_a_number(made):
    made.rows["visite"].append(("relazione-2025", 2025, "personale", 2, "in due", "relazione-2025:7"))
    assert made.doubts == []


def test_a_zero_may_be_a_blank_or_a_dash(made):
    made.rows["visite"].append(("relazione-2025", 2025, "sud", 0, "Biblioteca sud", "relazione-2025:1"))
    assert made.doubts == []


@pytest.mark.parametrize("place", range(len(VISITS)))
def test_a_row_taken_out_of_a_line(made, place):
    made.rule(righe_intere=True)
    gone = made.rows["visite"].pop(place)
    (told,) = made.doubts
    line = gone[-1]
    assert told.startswith(f"visite.csv, rows of {line}: the line prints {transcript.tokens(DOCUMENT.split(chr(10))[int(line[-1]) - 1])[place % 3]}")  # fmt: skip


@pytest.mark.parametrize(("site", "line"), [("nord", 4), ("totale", 5)])
def test_a_line_taken_out_of_the_table(made, site, line):
    made.rule(righe_intere=True)
    made.rows["visite"] = [row for row in made.rows["visite"] if row[2] != site]
    (told,) = made.doubts
    assert told.startswith(f"visite.csv, rows beside relazione-2025:{line}: ") and "no row cites the line" in told


def test_the_words_of_a_row_may_hold_numbers_of_its_line(made):
    made.rule(righe_intere=True)
    made.rows["stampati"] = transcript.rows("relazione-2025", DOCUMENT.replace("Biblioteca nord", "Biblioteca nord 2"))
    assert len(made.doubts) == 1
    for place in (3, 4, 5):
        made.change(place, etichetta="Biblioteca nord 2")
    assert made.doubts == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("relazione-2025:9", "the lines of «relazione-2025» are 1 to 8: correct the line"),
        ("relazione-2025:0", "the lines of «relazione-2025» are 1 to 8"),
        ("relazione-2025:5-3", "the lines of «relazione-2025» are 1 to 8"),
        ("relazione-2025:3;relazione-2025:999999999", "the lines of «relazione-2025» are 1 to 8"),
        ("relazone-2025:3", "there is no document «relazone-2025»: the documents are relazione-2025"),
    ],
)
def test_a_line_or_a_document_that_is_not_there(made, source, said):
    (told,) = made.change(4, fonte=source).problems
    assert told.startswith(f"visite.csv, row 6, column «fonte»: «{source}»: ") and said in told


def test_a_document_whose_numbers_are_not_known_is_told_once(made):
    for place in range(3):
        made.change(place, fonte="relazione-2024:3")
    (told,) = [line for line in made.doubts if "relazione-2024" in line]
    assert told.startswith("stampati.csv: ") and "python -m annuario.words.transcript relazione-2024.txt" in told


@pytest.mark.parametrize(
    ("words", "source", "right"),
    [
        ("Biblioteca nord, 95 giorni", "relazione-2025:4", True),
        ("Biblioteca nord, 96 giorni", "relazione-2025:4", False),
        ("aperta 1.250 ore", "relazione-2025:3", True),
        ("aperta 1.205 ore", "relazione-2025:3", False),
        ("2025-03-01", "relazione-2025:1", False),
        ("1310-03-80", "relazione-2025:3-4", True),
        ("senza numeri, in tre", "relazione-2025:4", True),
    ],
)
def test_numbers_within_words_are_printed_too(made, words, source, right):
    made.rows["visite"].append(("relazione-2025", 2025, "sud", 0, words, source))
    told = made.rule(stampati=["etichetta"]).doubts
    assert told == [] if right else "the numbers of" in told[0] and "row 11, column «etichetta»" in told[0]


def test_sources_of_other_forms_are_let_be(made):
    made.change(0, fonte="consegna-tm!foglio!B4")
    assert made.doubts == []


def test_without_a_transcript_nothing_is_held_against_it(made):
    assert made.without("stampati").change(4, fonte="relazione-2025:99").doubts == []


# ------------------------------------------------------------------ against the series


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (1, 12500, "12500 of 2024 is 10.4 times 1200 of 2023 in row 2 (relazione-2025:3)"),
        (2, 131, "131 of 2025 is one part in 9.5 of 1250 of 2024 in row 3"),
        (2, -1310, "-1310 of 2025 has the other sign than 1250 of 2024"),
    ],
)
def test_a_value_out_of_proportion(made, place, value, said):
    made.without("stampati").change(place, valore=value)
    assert any(said in line for line in made.doubts), made.doubts


@pytest.mark.parametrize("values", [(1200, 4800, 1200), (1, 9, 2), (4, 0, 3), (1200, 0, 0), (0, 0, 12), (-5, -8, -6)])
def test_what_is_still_in_proportion(made, values):
    for place, value in enumerate(values):
        made.change(place, valore=value)
    assert made.without("stampati").doubts == []


@pytest.mark.parametrize(
    ("values", "row", "said"),
    [
        ((1200, 1250, 0), 4, "0 of 2025 is the first zero of its series, after 1250 of 2024 in row 3"),
        ((1200, 0, 1310), 3, "0 of 2024 is the first zero of its series, after 1200 of 2023 in row 2"),
        ((0, 12, 13), 3, "12 of 2024 rises from the only zero of its series, 0 of 2023 in row 2"),
    ],
)
def test_the_only_zero_of_a_series_is_doubted_once(made, values, row, said):
    for place, value in enumerate(values):
        made.change(place, valore=value)
    (told,) = made.without("stampati").doubts
    assert told.startswith(f"visite.csv, row {row}, column «valore»: {said}"), told
    made.rows["conferme"] = [(f"serie/visite/relazione-2025/{2021 + row}/centro", str(values[row - 2]), "chiusa", "x")]
    assert made.doubts == []


def test_a_zero_that_the_document_prints_is_not_doubted(made):
    made.rows["visite"] = [row for row in made.rows["visite"] if row[2] == "nord"]
    made.rows["stampati"] = transcript.rows("relazione-2025", DOCUMENT.replace("80 95 90", "80 95 –"))
    assert "first zero" in "".join(made.change(2, valore=0).doubts)
    assert "first zero" not in "".join(made.rule(righe_intere=True).doubts)
    assert "first zero" in "".join(made.change(2, fonte="calcolato").doubts)  # the values before are still printed


def test_a_series_of_another_edition_counts(made):
    made.rows["visite"] = [("relazione-2024", 2022, "centro", 12, "", "x"), *made.rows["visite"]]
    (told,) = made.without("stampati").doubts
    assert told.startswith("visite.csv, row 3, column «valore»: 1200 of 2023 is 100.0 times 12 of 2022 in row 2")


def test_what_is_no_series(made):
    made.rule(serie=False).change(1, valore=12500)
    assert made.without("stampati").doubts == []


# ------------------------------------------------------------------ the rules of rows


REGULAR = [
    ({"determina": [{"da": ["edizione", "sede"], "campi": ["etichetta"]}]}, 4, {"etichetta": "Biblioteca nrod"},
     "row 6, column «etichetta»: «Biblioteca nrod», where other rows of the same edizione relazione-2025, sede nord have «Biblioteca nord»"),
    ({"determina": [{"da": ["edizione", "fonte"], "campi": ["sede"]}]}, 4, {"sede": "sud"}, "«sud», where other rows"),
    ({"griglia": [{"entro": ["edizione"], "di": ["sede", "anno"]}]}, 4, {"anno": 2022}, "no row has sede nord, anno 2024"),
    ({"ordinati": [{"entro": ["edizione"]}]}, 4, {"fonte": "relazione-2025:2"}, "comes before relazione-2025:4"),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "place", "cells", "said"), REGULAR, ids=[next(iter(one[0])) for one in REGULAR])
def test_rows_less_regular_than_declared(made, rules, place, cells, said):
    assert made.rule(**rules).without("stampati").doubts == []
    assert any(
        said in line for line in Made(made.folder).rule(**rules).without("stampati").change(place, **cells).doubts
    )


def test_what_the_edition_before_gave_is_missed(made):
    made.without("stampati").rule(continui=[{"entro": [], "di": ["sede"]}])
    made.rows["visite"] += [
        ("relazione-2024", 2024, site, value, "", "") for site, value in (("nord", 90), ("sud", 70))
    ]
    (told,) = made.doubts
    assert "visite.csv, rows of relazione-2025: no row about 2025 has sede sud" in told
    assert "which relazione-2024 gave about 2024" in told
    made.rows["visite"].append(("relazione-2025", 2025, "sud", 75, "", ""))
    assert made.doubts == []


def codes(made, rows, **rules):
    fields = {"codice": "string", "gruppo": "string", "voce": "string", "numero": "integer", "parte": "number", "intero": "number"}  # fmt: skip
    made.resources["codici"] = table("codici", fields, ["codice"], regole=rules)
    made.rows["codici"] = rows
    return made


CODES = [("a/x", "a", "x", 1, 2, 5), ("a/y", "a", "y", 2, 5, 5), ("b/x", "b", "x", 1, "", 5)]


@pytest.mark.parametrize(
    ("rules", "place", "row", "said"),
    [
        ({"numerati": [{"campo": "numero", "entro": ["gruppo"]}]}, 1, ("a/y", "a", "y", 3, 5, 5),
         "row 3, column «numero»: 3, where the count of gruppo a comes to 2"),
        ({"numerati": [{"campo": "numero", "entro": ["gruppo"]}]}, 0, None, "row 2, column «numero»: 2, where the count of gruppo a comes to 1"),
        ({"composti": [{"campo": "codice", "di": ["gruppo", "voce"]}]}, 1, ("a/y", "b", "y", 2, 5, 5),
         "row 3, column «codice»: «a/y» is not made of gruppo, voce, which give «b/y»"),
        ({"crescenti": [{"campi": ["parte", "intero"]}]}, 0, ("a/x", "a", "x", 1, 20, 5),
         "row 2, column «parte»: 20 is more than the 5 of «intero»"),
    ],
)  # fmt: skip
def test_rows_that_count_and_codes_made_of_parts(made, rules, place, row, said):
    assert codes(made, CODES, **rules).doubts == []
    rows = [row if i == place else one for i, one in enumerate(CODES) if row or i != place]
    (told,) = codes(made, rows, **rules).doubts
    assert told.startswith("codici.csv, ") and said in told


def test_a_code_that_nothing_uses(made):
    made.resources["sedi"] = table("sedi", {"sede": "string"}, "sede", regole={"usati": ["visite.sede"]})
    made.rows["sedi"] = [("centro",), ("nord",), ("totale",)]
    assert made.doubts == []
    made.rows["sedi"].append(("sud",))
    (told,) = made.doubts
    assert told.startswith("sedi.csv, row 5, column «sede»: no row of visite.sede has «sud»")


@pytest.mark.parametrize("gone", [0, 4, -1])
def test_rows_are_counted(made, gone):
    fields = {"tabella": "string", "edizione": "string", "righe": "integer"}
    made.resources["conteggi"] = table("conteggi", fields, ["tabella", "edizione"], ruolo="conteggi")
    made.rows["conteggi"] = [("visite", "relazione-2025", len(VISITS))]
    assert made.doubts == []
    made.rows["visite"].pop(gone)
    (told,) = made.doubts
    assert (
        told.startswith("visite.csv, rows of relazione-2025: 8 rows, where ") and "conteggi.csv, row 2 counts 9" in told
    )


def test_a_table_of_no_edition_is_counted_whole(made):
    made.resources["sigle"] = table("sigle", {"sigla": "string"}, "sigla")
    made.rows["sigle"] = [("SAD",), ("SIL",)]
    fields = {"tabella": "string", "edizione": "string", "righe": "integer"}
    made.resources["conteggi"] = table("conteggi", fields, ["tabella", "edizione"], ruolo="conteggi")
    made.rows["conteggi"] = [("sigle", "", 2)]
    assert made.doubts == []
    made.rows["sigle"].pop()
    made.rows["conteggi"].append(("visite", "", 9))
    lost, unnamed = made.doubts
    assert lost.startswith("sigle.csv: 1 row, where ") and "conteggi.csv, row 2 counts 2" in lost
    assert "conteggi.csv, row 3, column «tabella»: «visite» is a table of editions" in unnamed


# ------------------------------------------------------------------ the constraints of rows


@pytest.mark.parametrize(
    ("rules", "cells", "said"),
    [
        ({"vincoli": [{"campo": "valore", "pattern": r"\d+", "perche": "is no whole number of persons"}]},
         {"valore": Decimal("95.5")}, "row 6, column «valore»: «95.5» is no whole number of persons."),
        ({"vincoli": [{"campo": "valore", "minimum": 0}]}, {"valore": -95}, "«-95» is less than 0."),
        ({"vincoli": [{"campo": "valore", "maximum": 100, "dove": {"sede": ["nord"]}}]}, {"valore": 950}, "«950» is more than 100."),
        ({"vincoli": [{"campo": "etichetta", "enum": ["Totale", "Biblioteca nord", "Biblioteca centrale"]}]},
         {"etichetta": "Nord"}, "«Nord» is none of Totale"),
        ({"vincoli": [{"campo": "valore", "required": True, "dove": {"anno": [2024]}}]}, {"valore": ""}, "is empty: fill it in."),
        ({"anni": {"relazione": [-2, 0]}}, {"anno": 2062}, "2062 is no year of relazione-2025, whose rows here are about 2023 to 2025"),
        ({"anni": {"relazione": [-2, 0]}}, {"anno": 2022}, "2022 is no year of relazione-2025"),
        ({"date": ["etichetta"]}, {"etichetta": "2025-03-01"}, "2025-03-01 is not in 2024, the year of the row"),
    ],
)  # fmt: skip
def test_constraints_of_some_rows(made, rules, cells, said):
    if "date" in rules:
        made.rows["visite"] = [(*row[:4], f"{row[1]}-02-01", row[5]) for row in made.rows["visite"]]
    validate(made.rule(**rules).package())
    (told,) = made.change(4, **cells).problems
    assert told.startswith("visite.csv, row 6, column «") and said in told


def test_rows_that_a_constraint_leaves_out(made):
    made.rule(vincoli=[{"campo": "valore", "maximum": 100, "tranne": {"sede": ["centro", "totale"]}}])
    validate(made.package())


def test_all_problems_are_told_at_once(made):
    made.rule(vincoli=[{"campo": "valore", "minimum": 0}], anni={"relazione": [-2, 0]})
    told = made.change(0, valore=-1200).change(3, anno=2050).change(6, fonte="relazione-2025:50").problems
    assert [line.split(":")[0] for line in told] == [
        "visite.csv, row 2, column «valore»",
        "visite.csv, row 5, column «anno»",
        "visite.csv, row 8, column «fonte»",
    ]


# ------------------------------------------------------------------ confirmations


def test_a_doubt_is_confirmed_once_with_its_value(made):
    made.without("stampati").change(2, valore=13100)
    (told,) = made.doubts
    name = told.partition("as «")[2].partition("»")[0]
    made.rows["conferme"] = [(name, "13100", "Il documento stampa questo valore.", "redazione")]
    assert made.doubts == []
    (again,) = made.change(2, valore=131000).doubts
    assert "131000 of 2025" in again and "(row 2 there confirms «13100»)" in again
    (idle,) = made.change(2, valore=1310).doubts
    assert idle.startswith("conferme.csv, row 2: «serie/visite/relazione-2025/2025/centro» is confirmed")
    assert "nothing is doubted there any more: delete the row" in idle


# ------------------------------------------------------------------ the commands


def test_the_check_fails_by_a_doubt_and_a_build_tells_it_and_goes_on(tmp_path, shared, monkeypatch):
    init.init(tmp_path / "progetto")
    keep_in(shared, tmp_path / "progetto" / "output")
    monkeypatch.chdir(tmp_path / "progetto")
    monkeypatch.delenv("ANNUARIO_ROOT", raising=False)
    assert CliRunner().invoke(main, ["check"]).exit_code == 0
    edit(tmp_path / "progetto" / "data" / "indicatori.csv", "701", "7010")
    result = CliRunner().invoke(main, ["check"])
    assert result.exit_code == 1 and "Error: the data look wrong: doubts that nobody confirmed: 1," in result.output
    warning = (
        "Warning: " + str(tmp_path / "progetto" / "data" / "indicatori.csv") + ", row 16, column «valore»: 7010 of 2025"
    )
    assert warning in result.output
    for _ in range(2):  # the second time nothing has changed
        built = CliRunner().invoke(main, ["build", "relazione-2025", "--format", "html", "--engine", "pandoc"])
        assert built.exit_code == 0 and warning in built.output
    assert "(nothing" in built.output


# ------------------------------------------------------------------ the transcript of a document


@pytest.mark.parametrize(
    ("token", "values"),
    [("1.250", ["1250"]), ("12,50", ["12.5"]), ("1.234,56", ["1234.56"]), ("due", ["2"]), ("1,071", ["1.071"]),
     ("31.12.2025", ["31", "12", "2025", "31122025", "3112.2025"]), ("12.5", ["12", "5", "125", "12.5"])],
)  # fmt: skip
def test_what_a_printed_number_may_mean(token, values):
    assert transcript.values(token) == {Decimal(value) for value in values}


def test_the_last_line_of_a_document_is_always_listed():
    assert transcript.rows("d-2025", "1\n\nfine\n\n")[-1] == ("d-2025", 3, "")
    assert transcript.rows("d-2025", "a\n7")[-1] == ("d-2025", 2, "7")


# ------------------------------------------------------------------ the real data


def test_the_numbers_listed_are_those_of_the_documents(package, sources):
    """The digits; of the words that count, the index of the documents leaves out some."""
    listed = {}
    for document, line, numbers in package.read("stampati").itertuples(index=False):
        listed[document, line] = [token for token in numbers.split() if token[0].isdigit()]
    printed = {
        (document, line): [token for token in transcript.tokens(text) if token[0].isdigit()]
        for document, lines in sources.items()
        for line, text in enumerate(lines, 1)
    }
    assert {line: numbers for line, numbers in listed.items() if numbers} == {
        line: numbers for line, numbers in printed.items() if numbers
    }


def test_nothing_in_the_data_is_doubted(package):
    assert checks.doubts(package) == []


def test_confirmations_give_reasons_and_roles(package):
    frame = package.read("conferme")
    assert (frame["motivo"].str.len() > 20).all()
    assert set(frame["confermata_da"]) == {"redazione"}


def test_what_is_wrong_in_the_real_data_is_noticed(tmp_path):
    """A sample of single changes: see ``bench/mutations.py`` for the whole measure."""
    bed = mutations.Bed(ROOT / "data", tmp_path)
    dice = random.Random(5)
    tables = [mutations.Table(bed.folder, one) for one in Package(bed.folder).descriptor["resources"]]
    tables = {one.name: one for one in tables}
    wanted = [
        ("indicatori", "tenfold"), ("servizi_sub_ambito", "fraction"), ("progetti", "deleted"), ("azioni", "deleted"),
        ("piano_occupazionale", "tenfold"), ("cariche", "deleted"), ("personale", "negative"), ("obiettivi", "2062"),
        ("griglie_indicatori", "deleted"), ("fondi", "swapped"), ("entrate", "no line"), ("avanzo", "comma"),
    ]  # fmt: skip
    missed = []
    for name, kind in wanted:
        mutant = None
        while mutant is None:
            mutant = mutations.mutate(tables[name], kind, dice)
        if not bed.notices(mutant):
            missed.append(str(mutant))
    assert missed == []
