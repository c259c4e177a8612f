"""Numbers know the rows that they rest on, and tables, charts and sentences tell them."""

import copy
from decimal import Decimal

import altair as alt
import pandas as pd
import pytest
from conftest import ROOT

from annuario import charts, tables
from annuario.data.sources import in_short
from annuario.data.value import Record, Value, resting
from annuario.execution import displays
from annuario.figures import Source
from annuario.tables import Column, Table
from annuario.text.answers import answer

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
