"""Numbers know the rows that they rest on, and tables, charts and sentences tell them."""

import copy
import csv
import io
import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import altair as alt
import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import ROOT, edit, keep_in

from annuario import charts, project, tables
from annuario.book import differences, lineage
from annuario.book.lineage import Held, Lineage, Object, named
from annuario.cli import main
from annuario.data.questions import ASKS, ROWS, digest_of
from annuario.data.sources import in_short
from annuario.data.value import Record, Value, resting
from annuario.errors import BookError
from annuario.execution import displays, execute
from annuario.execution.cache import contents_key
from annuario.figures import Source
from annuario.tables import Column, Table
from annuario.text.absence import finish
from annuario.text.answers import answer
from annuario.text.expressions import written
from annuario.text.paragraphs import Answer, Prose, sentences_of

FLOWS = "tm-flussi"


@pytest.fixture
def edition(package):
    return package.edition("relazione", 2025)


def lines(records):
    """What the files hold in the rows that records name."""
    files = {table: (ROOT / "data" / f"{table}.csv").read_text("utf-8").splitlines() for table, *_ in records}
    return [files[record.table][record.row - 1] for record in records]


def test_what_is_computed_rests_on_all_that_it_was_computed_from():
    one, two = Value("12", Record("casi", 2)), Value("30", Record("casi", 3))
    for result in (one + two, two - one, one * two, one / two, sum([one, two]), sum([one, two], Decimal(0))):
        assert resting([result]) == [Record("casi", 2), Record("casi", 3)]
    for result in (one + 1, 1 - one, Decimal(2) * one, 2 / one, -one, abs(one), copy.deepcopy(one)):
        assert resting([result]) == [Record("casi", 2)]
    assert one + two == 42 and hash(one) == hash(Decimal(12)) and str(one) == "12"
    assert resting([Decimal(1), None, "1", 1]) == []


def test_sums_of_pandas_rest_on_their_rows():
    frame = pd.DataFrame({"c": ["a", "a"], "v": [Value("1", Record("t", 2)), Value("2", Record("t", 3))]}, dtype=object)
    assert resting(frame.groupby("c")["v"].sum()) == [Record("t", 2), Record("t", 3)]


@pytest.mark.parametrize("show", [tables.by_year, lambda what: charts.by_year(what, "Casi")])
def test_a_table_or_chart_of_figures_tells_exactly_the_rows_of_its_values(edition, show):
    shown = show(Source(edition).figures(FLOWS))
    _, metadata = shown._repr_mimebundle_()
    records = metadata["annuario"]["righe_dati"]
    assert records == shown.records
    found = lines(records)
    assert found and all(f",{FLOWS}/" in line and record.source in line for line, record in zip(found, records))
    assert {line.split(",")[1] for line in found} == {"2023", "2024", "2025"} or len(found) >= 3


def test_a_table_of_words_tells_its_rows(edition):
    frame = edition.table("bilancio", anno=2025, fase="consuntivo").head(3)
    made = tables.texts(frame, {"etichetta": "Voce"})
    assert len(made.records) == 3
    assert all(label in line for label, line in zip(frame["etichetta"], lines(made.records)))


def test_what_is_printed_by_hand_rests_on_what_it_is_told_to(edition):
    values = edition.table("bilancio", anno=2025, fase="consuntivo")["valore"].head(2)
    table = Table(pd.DataFrame({"importo": [str(sum(values))]}), [Column("importo", "Importo")], rests=values)
    assert len(table.records) == 2


def test_frames_and_charts_of_the_libraries_tell_their_rows_and_do_not_show_them(edition):
    frame = edition.indicators(FLOWS, years=1)[["nome", "valore", "riga_dati"]]
    table = displays.frame(frame)
    assert table.records == resting(frame["riga_dati"]) and "riga" not in table.markdown()
    bundle, metadata = displays.chart(
        alt.Chart(frame.assign(valore=frame["valore"].map(float))).mark_bar().encode(x="valore:Q")
    )
    assert metadata["annuario"]["righe_dati"] == resting(frame["riga_dati"]) and "riga_dati" not in str(bundle)


def test_a_sentence_tells_the_rows_of_the_years_it_speaks_of(edition):
    cases = Source(edition).figure(f"{FLOWS}/nuovi-casi")
    own, compared = answer(lambda: cases)["rows"], answer(lambda: cases.andamento)["rows"]
    assert len(own) == 1 and len(compared) == 2
    assert all("/nuovi-casi," in line for line in lines(compared))


def test_rows_keep_their_number_in_the_file_where_drafts_are_hidden(package, monkeypatch):
    before = package.edition("relazione", 2025).table("sub_ambiti")["riga_dati"].tolist()
    assert [record.row for record in before] == list(range(2, len(before) + 2))
    hidden = type(package)(package.folder)
    monkeypatch.setattr(type(package), "drafts", frozenset({"relazione-2019"}))
    frame = hidden.edition("relazione", 2025).indicators(FLOWS, years=1)
    assert all(value in line for value, line in zip(map(str, frame["valore"]), lines(frame["riga_dati"].tolist())))


def test_sources_are_told_in_few_words():
    rows = [
        Record("t", 2, "relazione-2025:10"),
        Record("t", 3, "relazione-2025:12-14"),
        Record("t", 4, "relazione-2025:20"),
    ]
    assert in_short(rows) == [("relazione-2025", "10–14, 20")]
    assert in_short([Record("t", 2, "")]) == [] and in_short([]) == []
    both = [Record("t", 2, "tutela-1!Foglio!B2"), Record("t", 3, "calcolato"), Record("t", 4, "piano-2021:3")]
    assert [cited.document for cited in in_short(both)] == ["piano-2021", "tutela-1", "calcolato"]


def test_each_sentence_tells_its_own_rows():
    one, two = Record("t", 2, "d-2020:1"), Record("t", 3, "d-2020:2")
    answers = {
        "a": Answer("12", rows=(one,)),
        "b": Answer("30", rows=(two,), ledger=("Il documento stampa 31. Non torna.",)),
    }
    text = "Sono `{python} a`. Poi `{python} b`, e basta. Nulla qui.\n\n- Ancora `{python} a`\n- Niente"
    found = []
    [said], _, _ = finish([Prose(text, written(text).places, answers)], sentences=found)
    assert said == "Sono 12. Poi 30^[Il documento stampa 31. Non torna.], e basta. Nulla qui.\n\n- Ancora 12\n- Niente"
    assert found == [[("Sono 12.", (one,)), ("Poi 30, e basta.", (two,)), ("Ancora 12", (one,))]]
    assert sentences_of(said) == ["Sono 12.", "Poi 30, e basta.", "Nulla qui.", "Ancora 12", "Niente"]


def book(edition, value, says="Sono 12.", table=("| a |", "| 12 |")):
    rows = [("indicatori", 5)]
    objects = [
        Object("sentence", "casi", 3, "", says, (), rows),
        Object("sentence", "casi", 3, "", "Resta."),
        Object("table", "casi", 4, "tbl-casi", "I casi", table, rows),
    ]
    year = edition[-4:]
    return Lineage(edition, objects, {"indicatori": {5: Held("casi/nuovi", year, value, f"{edition}:7")}})


def test_differences_of_two_builds_and_of_two_editions():
    one, two = book("r-2025", "12"), book("r-2025", "13", "Sono 13.", ("| a |", "| 13 |"))
    figure, sentence, table = differences.between(one, two)
    assert (figure.where, figure.before, figure.now, figure.source) == ("casi/nuovi (2025)", ["12"], ["13"], "r-2025:7")
    assert (sentence.before, sentence.now) == (["Sono 12."], ["Sono 13."])
    assert (table.where, table.before, table.now) == ("tbl-casi, casi, cell 4", ["| 12 |"], ["| 13 |"])
    assert differences.counted([figure, sentence, table, sentence]) == "1 figure, 2 sentences, 1 table"
    assert differences.between(one, one) == [] and differences.counted([]) == ""
    assert [each.where for each in differences.between(book("r-2024", "9"), one)] == ["casi/nuovi"]
    gone = Lineage("r-2025", one.objects[:1], one.held)
    assert [(each.kind, list(each.now)) for each in differences.between(one, gone)] == [("sentence", []), ("table", [])]
    escaped = differences.Difference("sentence", "casi, cell 3", [], [r"Sono \+10\."])
    assert list(differences.lines([escaped]))[1] == "    + Sono +10."
    assert "Sono +10." in differences.page([escaped], "a", "b")
    told = "\n".join(differences.lines([figure, sentence, table], 1))
    assert told == "casi/nuovi (2025): 12 → 13 [r-2025:7]\n… and 2 more"
    page = differences.page([figure, sentence], "ieri", "<oggi>")
    assert "&lt;oggi&gt;" in page and "Sono 13." in page and "<h2>Cifre</h2>" in page


def test_rows_are_named_by_code_by_group_and_by_file():
    data = ROOT / "data"
    assert all(held.code.startswith(f"{FLOWS}/") for held in named(data, FLOWS).values())
    [(place, held)] = named(data, "data/indicatori.csv:12").items()
    assert place == ("indicatori", 12) and named(data, "indicatori:12") == {place: held}
    assert (place, held) in named(data, held.code).items()
    for wrong, said in (
        ("tm-flusi", "tm-flussi"),
        ("indicatori:99999", "no row 99999"),
        ("indicatori:1", "no row 1"),
        ("x y", "FILE:ROW"),
    ):
        with pytest.raises(BookError, match=said):
            named(data, wrong)


def test_where_and_diff_tell_what_a_changed_figure_touched(small, shared, monkeypatch):
    keep_in(shared, small.root / "output")
    monkeypatch.chdir(small.root)

    def run(*words):
        return CliRunner().invoke(main, words)

    assert run("where", "gestione").exit_code and "annuario build" in run("diff", "relazione-2025").stderr
    notebook = small.root / "notebooks" / "relazione" / "gestione.ipynb"
    for text in (small.root / "notebooks" / "relazione" / "testi" / "relazione-2025").glob("*.md"):
        text.write_text(text.read_text("utf-8").replace("@sec-", "sec-"), "utf-8")
    ended = run("build", "relazione-2025", "--format", "html")
    assert ended.exit_code == 0, ended.output
    edit(notebook, "Una frase come tante.", "Una frase come poche.")
    ended = run("build", "relazione-2025", "--format", "html")
    assert "different from before: 1 sentence" in ended.output and "+ Una frase come poche." in ended.output
    told = run("diff", "relazione-2025", "--html", "differenze.html").output
    assert "- Una frase come tante." in told and "Una frase come poche." in (small.root / "differenze.html").read_text(
        "utf-8"
    )
    said = lineage.read(small.root / "output" / "relazione-2025" / lineage.FILE)
    table, row = next(one for one in said.objects if one.kind == "table").rows[0]
    found = run("where", f"{table}:{row}").output
    assert "gestione, cell" in found and "table tbl-" in found and f"{table}.csv:{row}" in found


def test_what_is_asked_without_pandas_is_what_a_chapter_gets(package, monkeypatch):
    """For every edition and table: the rows that a view shows change the digest, the others leave it as it is."""
    path = ROOT / "data" / "indicatori.csv"
    for book_, year in (("relazione", 2021), ("relazione", 2025), ("piano", 2021)):
        reads = set()
        monkeypatch.setattr("annuario.data.package.READS", reads)
        frame = package.edition(book_, year).indicators(FLOWS)
        questions = [read.partition(f"{ASKS}{ROWS}")[2] for read in reads if read.startswith(f"{path}{ASKS}")]
        assert str(path) not in reads and questions
        got = {record.row for record in frame["riga_dati"]}
        lines = path.read_text("utf-8").splitlines(keepends=True)

        def digests(row=0, lines=lines, questions=questions):
            changed = [f"{line[:-1]}x\n" if number == row else line for number, line in enumerate(lines, 1)]
            return [
                digest_of(path, each, lambda file: "".join(changed).encode() if file == path else file.read_bytes())
                for each in questions
            ]

        same = digests()
        for row in [*got, *range(2, len(lines), 97)]:
            assert (digests(row) != same) == (row in got), f"{book_}-{year}, row {row}"


def test_what_no_text_can_ask_is_the_whole_file(package, monkeypatch):
    reads = set()
    monkeypatch.setattr("annuario.data.package.READS", reads)
    table = package.indexed("indicatori")
    for ask in (
        lambda: table.rows({"valore": Decimal(1)}),
        lambda: list(table.column("anno")),
        lambda: table.frame,
        lambda: table.places("anno"),
    ):
        reads.clear()
        ask()
        assert str(table.file) in reads
    reads.clear()
    table.column("anno")[3], table.some([3])
    assert not reads


@pytest.mark.slow
def test_no_chapter_is_stale_whichever_row_changes(tmp_path):
    """Of 50 rows all that a chapter's questions do not touch are changed at once: run anew, it gives the very same."""
    for name in ("data", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copyfile(ROOT / "_quarto.yml", tmp_path / "_quarto.yml")
    edition, kept = "relazione-2025", project.Project(tmp_path).books["relazione"]
    rows = {}
    for path in sorted((tmp_path / "data").glob("*.csv")):
        names, *lines_ = csv.reader(io.StringIO(path.read_text("utf-8"), newline=""))
        if {"valore", "edizione"} <= set(names):
            rows |= {
                (path, number): names.index("valore")
                for number, line in enumerate(lines_, 1)
                if line[names.index("valore")]
            }
    chosen = random.Random(50).sample(sorted(rows), 50)
    before = {path: path.read_bytes() for path, _ in rows}

    def change(some):
        for path, content in before.items():
            table = list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
            for number in (number for one, number in some if one == path):
                cell = table[number][rows[path, number]]
                table[number][rows[path, number]] = str(Decimal(cell) + 1)
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows(table)
            path.write_text(text.getvalue(), "utf-8")

    def run(chapter):
        executed = execute.chapter(chapter, edition, tmp_path, kept.texts / edition)
        return executed["metadata"]["annuario"]["reads"], [
            (cell["source"], cell.get("outputs")) for cell in executed["cells"]
        ]

    change([])
    with ThreadPoolExecutor(2) as pool:
        told = dict(zip(kept.chapters, pool.map(run, kept.chapters)))
    asked = {chapter: contents_key("", tmp_path, reads) for chapter, (reads, _) in told.items()}
    touched = {}
    for one in chosen:
        change([one])
        touched[one] = {
            chapter for chapter, (reads, _) in told.items() if contents_key("", tmp_path, reads) != asked[chapter]
        }
    by_file = [
        sum(any(read.startswith(f"data/{path.name}") for read in reads) for reads, _ in told.values())
        for path, _ in chosen
    ]
    assert sum(map(len, touched.values())) < 0.6 * sum(by_file)
    for chapter, (_, shown) in told.items():
        quiet = [one for one in chosen if chapter not in touched[one]]
        if quiet:
            change(quiet)
            assert run(chapter)[1] == shown, chapter.stem
