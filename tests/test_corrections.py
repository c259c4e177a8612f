"""Corrections: what a document prints wrong, in text, tables, charts, open data and checks."""

import csv
import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from conftest import ROOT, edit
from test_provenance import cited, stands

from annuario import charts, checks, figures, init, project, tables
from annuario.book import build, opendata
from annuario.data import Package, corrections, editions
from annuario.data.validate import validate
from annuario.errors import BookError, CheckError
from annuario.figures import Absent, Source
from annuario.notebook import Chapter
from annuario.text import absence, answers, inline
from annuario.text.expressions import written
from annuario.text.paragraphs import Answer, Prose

LEDGER = (
    "controllo,edizione,esito,differenza,spiegazione,valore_usato\n"
    "prestiti/somma/relazione-2025/2025,relazione-2025,non torna,180,Due cifre scambiate.,\n"
    "somme/prestiti/valore/relazione-2025/2025,relazione-2025,non torna,180,Due cifre scambiate.,\n"
)
NAMES = "tabella,edizione,chiave,campo,stampato,usato,fonte,cosa,motivo,controllo"
RIGHT = (
    "indicatori,relazione-2025,2025 prestiti/libri tabella,valore,46130,46310,esempio,Libri prestati nel 2025,"
    "Due cifre sono scambiate: vale il registro.,prestiti/somma/relazione-2025/2025"
)
OPEN = RIGHT.replace("46130,46310,esempio", "46130,,")
PRINTED_NOTE = "Libri prestati nel 2025: il documento stampa 46.130. Due cifre sono scambiate: vale il registro"


@pytest.fixture
def library(tmp_path):
    """The example project with a number misprinted, recorded, and corrected by some rows of the ledger."""
    root = tmp_path / "biblioteca"
    init.init(root)
    data = root / "data"
    edit(data / "indicatori.csv", "2025,prestiti/libri,tabella,46310", "2025,prestiti/libri,tabella,46130")
    declared = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    for name, header, key in (("discrepanze", LEDGER, ["controllo"]), ("correzioni", NAMES, NAMES.split(",")[:4])):
        columns = header.split("\n")[0].split(",")
        fields = [{"name": column, "type": "number" if column == "differenza" else "string"} for column in columns]
        schema = {"fields": fields, "missingValues": [""], "primaryKey": key}
        told = {"name": name, "ruolo": name, "path": f"{name}.csv", "title": name.capitalize(), "schema": schema}
        declared["resources"].append(told | ({"capitolo": "sec-in-sintesi"} if name == "correzioni" else {}))
    (data / "datapackage.json").write_text(json.dumps(declared), encoding="utf-8")
    (data / "discrepanze.csv").write_text(LEDGER, encoding="utf-8")

    def correct(*rows: str) -> Package:
        (data / "correzioni.csv").write_text("\n".join([NAMES, *rows]) + "\n", encoding="utf-8")
        return Package(data)

    correct.project = project.Project(root)
    return correct


def books(package, year=2025):
    """The figure that is misprinted, as the edition of a year sees it."""
    return Source(package.edition("relazione", year)).figures("prestiti").libri


def test_a_corrected_value_stands_in_text_table_chart_and_open_data(library, shared, tmp_path):
    library(RIGHT)
    build.build(library.project, "relazione-2025", tmp_path / "out", ("html",), "pandoc", kept=shared)
    made = tmp_path / "out" / "relazione-2025"
    page = (made / "relazione-2025.html").read_text(encoding="utf-8")
    told = page.replace("\u00a0", " ")
    assert (
        "46.310" in told and told.count("46.130") == 4
    )  # the notes of the text, of the table, of the chart and of its data
    assert told.count(PRINTED_NOTE) == 4 and 'href="#sec-in-sintesi"' in page
    assert page.count('class="footnote-ref"') == 1 and f"<p>{PRINTED_NOTE}" in told
    assert "46.310<sup>1</sup>" in told
    rows = list(csv.DictReader((made / "dati" / "indicatori.csv").open(encoding="utf-8")))
    [row] = [row for row in rows if row["stampato"]]
    assert (row["indicatore"], row["valore"], row["stampato"]) == ("prestiti/libri", "46310", "46130")
    assert "Due cifre sono scambiate" in row["motivo"] and (made / "dati" / "correzioni.csv").exists()


def test_without_the_correction_the_printed_value_is_used(library):
    figure = books(library())
    assert (figure.valore, figure.corretta, figure.aperta) == (46130, False, False)
    assert tables.by_year(figure).notes == [] and charts.by_year(figure, "Prestiti").notes == []
    with pytest.raises(Absent):
        figure.motivo
    assert not figure.stampato.nota


def test_a_figure_knows_what_is_printed_also_after_arithmetic(library):
    package = library(RIGHT)
    group = Source(package.edition("relazione", 2025)).figures("prestiti")
    libri, altro = group.libri, group.altro
    assert (libri.valore, libri.stampato.valore, str(libri.motivo)) == (
        46310,
        46130,
        "Due cifre sono scambiate: vale il registro.",
    )
    total = libri + altro
    assert total.valore == group.totale.valore and total.stampato.valore == 53155
    share = altro.quota(total)
    assert share.corretta and str(share.stampato.cifre) == "13,2\u00a0%" and not altro.corretta
    assert group.somma.corretta and not libri.prima.corretta and not libri.prima.stampato.nota
    assert altro.quota(libri.prima, perche="Prova.").corretta is False
    assert libri.quota(altro.prima, perche="Prova.").stampato.valore == Decimal(46130) / 7640 * 100


def test_the_change_on_a_corrected_year_says_so(library):
    package = library(RIGHT)
    figure = books(package)
    assert [one.subject for one in figure.andamento.corrections] == ["Libri prestati nel 2025"]
    assert figure.prima.cifre.corrections == () and figure.prima.andamento.corrections == ()
    later = figures.Figure("x", {**figure.series, 2026: Decimal(47000)}, 2026, figure.nature, rows=figure.rows)
    assert later.cifre.corrections == () and len(later.andamento.corrections) == 1


def test_what_the_documents_leave_open_is_used_as_printed_and_said(library):
    group = Source(library(OPEN).edition("relazione", 2025)).figures("prestiti")
    libri = group.libri
    assert (libri.valore, libri.corretta, libri.aperta) == (46130, False, True)
    assert tables.by_year(libri).notes == [
        "Libri prestati nel 2025: valore incerto. Due cifre sono scambiate: vale il registro."
    ]
    with pytest.raises(Absent, match="lasciano aperti"):
        group.massima
    assert group.somma.aperta and not group.somma.incerta()
    of_six = replace(libri, series={year: year - 1979 for year in range(2020, 2025)} | {2025: 46130})
    assert (
        of_six.record == ""
        and replace(of_six, rows=()).record == ", il valore più alto dei sei anni documentati, 2020–2025"
    )


def test_marks_of_editions_and_of_the_ledger_stand_side_by_side():
    one = corrections.Correction("t", 0, "valore", Decimal(1), Decimal(2), "Cosa", "Perché.", "c", "e")
    frame = [
        {"indicatore": code, "nome": code, "unita": "numero", "anno": year, "valore": Decimal(2), "da": da, "correzioni": own}
        for code, year, da, own in (
            ("a", 2024, "x-2025", (one,)), ("a", 2025, "", ()), ("b", 2024, "", ()), ("b", 2025, "", (one,)),
        )
    ]  # fmt: skip
    table = tables.by_year(tables.pd.DataFrame(frame))
    assert table.marks == {(0, 1): (1, 2), (1, 2): (2,)}
    assert "2^1,2^" in table.markdown() and "<sup>1,2</sup>" in table.html()
    assert table.notes[1] == "Cosa: il documento stampa 1. Perché."


NOTE = "Cosa: il documento stampa 1."


def prose(text, **answers):
    return Prose(
        text, written(text).places, {name: Answer(said, ledger=notes) for name, (said, notes) in answers.items()}
    )


def test_the_first_mention_of_a_chapter_has_the_note():
    parts = [
        prose("## Sono `{python} a`", a=("2", (NOTE,))),
        prose("Sono `{python} a`, `{python} b`.\n\n- Ancora `{python} a`.", a=("2", (NOTE,)), b=("3", ())),
        prose("Sono `{python} a` e `{python} c`.", a=("2", (NOTE,)), c=("4", (NOTE, "Altro."))),
    ]
    assert absence.finish(parts)[0] == ["## Sono 2", f"Sono 2^[{NOTE}], 3.\n\n- Ancora 2.", "Sono 2 e 4^[Altro.]."]
    assert absence.finish(parts, mention=False)[0][1].startswith("Sono 2, 3.")


@pytest.mark.parametrize(
    ("printed", "used", "slight"),
    [
        ("20489419.39", "20489419.38", True), ("100000.50", "100000.49", True), ("39", "43", False), ("6", "7", False),
        ("139969.28", "139967.28", False), ("27.07", "27.08", False), ("100000", "100000.6", False), ("12", None, False),
        ("FNPS 2024", "FNPS 2025", False),
    ],
)  # fmt: skip
def test_what_a_reader_would_not_see_is_told_below_tables_alone(printed, used, slight):
    def typed(text):
        return Decimal(text) if text and text[0].isdigit() else text

    one = corrections.Correction("t", 0, "valore", typed(printed), typed(used), "Cosa", "Perché.", "x", "libro-2025")
    assert one.slight is slight and one.note.startswith("Cosa: ")
    assert bool(one.footnote) is not slight


def test_a_slight_correction_leaves_no_note_in_the_text():
    finisher = inline.Finisher(ROOT / "tests" / "none")
    finisher.markdown("Sono `{python} x`.", lambda names, as_text: {"x": {"text": "€ 1,00", "ledger": [""]}})
    assert finisher.texts_of_cells()[0] == ["Sono € 1,00."]


def test_a_mention_that_drops_out_leaves_the_note_to_the_next():
    gone = Prose(
        "Sono `{python} a` e `{python} no`.\n\nPoi `{python} a`.",
        written("Sono `{python} a` e `{python} no`.\n\nPoi `{python} a`.").places,
        {"a": Answer("2", ledger=(NOTE,)), "no": Answer(absent="non pubblicato")},
    )
    assert absence.finish([gone])[0] == [f"Poi 2^[{NOTE}]."]


def test_a_clause_with_nothing_to_say_has_no_note(library):
    figure = books(library(RIGHT))
    assert answers.answer(lambda: figure.cifre)["ledger"] == [PRINTED_NOTE.replace("46.130.", "46.130\\.") + "."]
    assert "ledger" not in (told := answers.answer(lambda: figure.record)) or told["ledger"] == []


WRONG = {
    RIGHT.replace("indicatori,", "indicatrici,"): "«indicatrici» is no table",
    RIGHT.replace(",valore,", ",valori,"): "«valori» is no field",
    RIGHT.replace(",valore,46130,46310", ",anno,2025,2024"): "«anno» is no field of «indicatori» that can be corrected",
    RIGHT.replace("2025 prestiti/libri tabella", "2025 prestiti/libri"): "has 2 parts, the key of «indicatori» 3",
    RIGHT.replace("2025 prestiti/libri tabella", "2031 prestiti/libri tabella"): "is no row of",
    RIGHT.replace("2025 prestiti/libri tabella", "MMXXV prestiti/libri tabella"): "is no row of",
    RIGHT.replace("46130,46310", "46131,46310"): "«46131» is not what",
    RIGHT.replace("46130,46310", "46130,molti"): "«molti» is not a decimal number",
    RIGHT.replace("46130,46310", "46130,46130"): "«46130» is the printed value",
    RIGHT.replace("46310,esempio", "46310,"): "column «fonte»: it is empty",
}


@pytest.mark.parametrize("row", WRONG)
def test_a_wrong_correction_is_an_error_with_file_and_row(library, row):
    for refuses in (validate, corrections.read):
        with pytest.raises(BookError) as error:
            refuses(library(row))
        assert "correzioni.csv, row 2" in str(error.value) and WRONG[row] in str(error.value)


def test_all_wrong_corrections_are_told_at_once(library):
    with pytest.raises(BookError) as error:
        validate(library(*WRONG))
    assert all(said in str(error.value) for said in WRONG.values())


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (RIGHT.replace("prestiti/somma/relazione-2025/2025", "prestiti/altro/relazione-2025/2025"), "is no check that is made"),
        (RIGHT.replace("relazione-2025/2025", "relazione-2025/2024"), "no check needs the correction"),
        (OPEN.replace("relazione-2025/2025", "relazione-2025/2024"), "nothing is open"),
        (RIGHT.replace("46130,46310", "46130,45310"), "is no nearer with «45310»"),
    ],
)  # fmt: skip
def test_a_correction_that_no_check_needs_is_an_error(library, row, message):
    package = library(row)
    with pytest.raises(CheckError) as error:
        checks.require_explained(checks.run(package), package)
    assert "correzioni.csv, row 2" in str(error.value) and message in str(error.value)


def test_a_correction_that_puts_another_check_out_of_order_is_an_error(library):
    package = library(RIGHT)
    path = package.path("identita")
    same = "libri/registro,Libri come nel registro,46130,=,prestiti/libri,,,2025,,"
    path.write_text(path.read_text(encoding="utf-8") + same + "\n", encoding="utf-8")
    with pytest.raises(CheckError) as error:
        checks.require_explained(checks.run(package), package)
    assert "with the values used libri/registro/relazione-2025/2025 does not hold any more" in str(error.value)


def test_the_checks_are_made_on_what_is_printed_and_on_what_is_used(library):
    package = library(RIGHT)
    printed = checks.run(package)
    told = checks.explained(printed, package).set_index("id")
    checks.require_explained(printed, package)
    for name in ("prestiti/somma/relazione-2025/2025", "somme/prestiti/valore/relazione-2025/2025"):
        assert tuple(told.loc[name, ["esito", "esito_usati", "stato"]]) == ("non torna", "torna", "corretto")
    assert checks.on_used(library()) is None


def test_a_discrepancy_has_one_state(library):
    package = library(RIGHT)
    edit(package.path("discrepanze"), "Due cifre scambiate.,\n", "Due cifre scambiate.,46130 (stampato)\n")
    with pytest.raises(CheckError, match="it is «corretto» by the table of the corrections"):
        checks.require_explained(checks.run(package), package)


def test_a_key_with_blanks_stands_in_quotation_marks(library):
    package = library(RIGHT)
    for name in ("indicatori", "definizioni"):
        path = package.path(name)
        path.write_text(
            path.read_text(encoding="utf-8").replace("prestiti/libri", "prestiti/libri antichi"), encoding="utf-8"
        )
    row = RIGHT.replace("2025 prestiti/libri tabella", '"2025 ""prestiti/libri antichi"" tabella"')
    [found] = corrections.read(library(row))
    assert (found.used, found.printed) == (46310, 46130)


def test_a_field_of_words_is_corrected_too(library, tmp_path):
    row = (
        "indicatori,relazione-2025,2025 prestiti/libri tabella,nota,dato di esempio,dato vero,esempio,La nota,"
        "Non è un esempio.,prestiti/somma/relazione-2025/2025"
    )
    package = library(row)
    figure = books(package)
    assert (figure.valore, figure.corretta) == (46130, False)
    edition = package.edition("relazione", 2025)
    opendata.write(package, edition, ["indicatori"], tmp_path / "dati")
    told = list(csv.DictReader((tmp_path / "dati" / "indicatori.csv").open(encoding="utf-8")))
    assert {(one["nota"], one["stampato"]) for one in told if one["stampato"]} == {
        ("dato vero", "nota: dato di esempio")
    }


def test_a_book_without_the_chapter_of_the_ledger_has_no_link_to_it(library):
    package = library(RIGHT)
    edit(package.folder / "datapackage.json", "sec-in-sintesi", "sec-nota")
    here = library.project
    chapter = Chapter(here, Package(package.folder), editions.parse("relazione-2025", here, package))
    told = answers.answer(lambda: chapter.cifre("prestiti").libri)["ledger"]
    assert chapter.ledger == "" and "@" not in told[0]


# The agency's own ledger


@pytest.mark.parametrize(
    ("edition", "code", "printed", "used"),
    [
        (2025, "servizi_sub_ambito/sip/utenti/totale", "39", "43"),
        (2025, "servizi_sub_ambito/sip/costo/totale", "24470.98", "28467.06"),
        (2025, "accreditati-indicatori/sip/ore", "1527.16", "1051.64"),
        (2025, "sil-indicatori/utenti-in-carico", "78", "106"),
        (2025, "sil-indicatori/beneficiari-interventi", "106", "78"),
        (2025, "bilancio/preventivo/totale/sst/azione-2/qsfp-interventi-inclusione", "1499294.56", "949551.66"),
        (2025, "bilancio/consuntivo/totale/sst/azione-2/qsfp-interventi-inclusione", "949551.66", "274660.46"),
        (2020, "accreditati-indicatori/saap/utenti", "602", "642"),
        (2021, "fondi/progetti-ambito/proximity", "6812.79", "16812.79"),
    ],
)
def test_what_the_report_prints_wrong(package, edition, code, printed, used):
    figure = Source(package.edition("relazione", edition)).figure(code)
    assert (figure.valore, figure.stampato.valore) == (Decimal(used), Decimal(printed))


def test_an_hour_of_the_incomplete_service_costs_what_its_card_says(package):
    source = Source(package.edition("relazione", 2025))
    cost, hours = (source.figure(f"servizi_sub_ambito/sip/{measure}/totale") for measure in ("costo", "ore"))
    hour = cost.ogni(hours)
    assert round(hour.valore, 2) == Decimal("27.07") and round(hour.stampato.valore, 2) == Decimal("23.27")


def test_the_corrections_of_each_edition_are_counted_so_that_one_that_is_lost_is_noticed(package):
    counts = package.read("conteggi")
    counts = counts[counts["tabella"] == "correzioni"]
    assert dict(zip(counts["edizione"], map(int, counts["righe"]))) == Counter(package.read("correzioni")["edizione"])


def test_every_value_used_stands_in_the_lines_that_it_rests_on(package, sources):
    rows = package.read("correzioni").to_dict("records")
    used = [row for row in rows if row["usato"]]
    assert all(cited(sources, row["fonte"]).strip() for row in used)
    astray = [
        row["cosa"]
        for row in used
        if not row["calcolo"] and not stands(Decimal(row["usato"]), cited(sources, row["fonte"]), "")
    ]
    assert not astray and len(used) < len(rows)
