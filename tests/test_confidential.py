"""Small numbers: what is hidden cannot be computed back from what is shown."""

import json
from fractions import Fraction
from itertools import product

import pandas as pd
import pytest
from frictionless import Package as DeclaredPackage
from hypothesis import given, settings
from hypothesis import strategies as st

from annuario.book import opendata
from annuario.checks import confidential
from annuario.data import Package
from annuario.data.package import Veiled
from annuario.errors import BookError
from annuario.figures import Source

TABLE = "servizi_sub_ambito"
RULE = {
    "soglia": 3,
    "dove": {"misura": ["utenti", "casi", "inseriti", "presenti"]},
    "con": {"misura": ["ore", "costo"]},
    "somme": [{"campo": "sub_ambito", "totale": "totale"}],
}


ROWS, COLUMNS = 3, 2


def grid(numbers):
    """A table of numbers with its totals: values and relations by (row, column)."""
    values = {(r, c): Fraction(numbers[r * COLUMNS + c]) for r in range(ROWS) for c in range(COLUMNS)}
    for r in range(ROWS):
        values[r, COLUMNS] = sum(values[r, c] for c in range(COLUMNS))
    for c in range(COLUMNS + 1):
        values[ROWS, c] = sum(values[r, c] for r in range(ROWS))
    sums = [{**{(r, c): Fraction(1) for c in range(COLUMNS)}, (r, COLUMNS): Fraction(-1)} for r in range(ROWS + 1)]
    sums += [{**{(r, c): Fraction(1) for r in range(ROWS)}, (ROWS, c): Fraction(-1)} for c in range(COLUMNS + 1)]
    return values, sums


def is_total(cell):
    return cell[0] == ROWS or cell[1] == COLUMNS


def order(values):
    return sorted(values, key=lambda cell: (is_total(cell), values[cell], cell))


def settled(values, hidden):
    """The hidden cells that can hold one number alone, found by trying every way of filling the holes."""
    shown = {cell: int(value) for cell, value in values.items() if cell not in hidden}
    least, most = 0 if any(values[cell] == 0 for cell in hidden) else 1, 7
    lines = []
    for r in range(ROWS):
        choices = [[shown[r, c]] if (r, c) in shown else range(least, most + 1) for c in range(COLUMNS)]
        lines.append([line for line in product(*choices) if shown.get((r, COLUMNS), sum(line)) == sum(line)])
    held = {cell: set() for cell in hidden}
    for way in product(*lines):
        filled, _ = grid([number for line in way for number in line])
        if all(filled[cell] == value for cell, value in shown.items()):
            for cell in hidden:
                held[cell].add(filled[cell])
            if all(len(values) > 1 for values in held.values()):
                return set()
    return {cell for cell, values in held.items() if len(values) < 2}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from([0, 0, 1, 2, 3, 4]), min_size=ROWS * COLUMNS, max_size=ROWS * COLUMNS), st.booleans())
def test_what_is_hidden_has_another_value_that_fits_all_that_is_shown(numbers, told):
    """The grand total may be published already; where that gives all away, no more than everything can be hidden."""
    values, sums = grid(numbers)
    published = {(ROWS, COLUMNS)} if told else set()
    small = {cell for cell, value in values.items() if 0 < value < 3} - published
    hidden = confidential.protected(values, sums, small, published, order(values))
    if sum(numbers) > 2 or not told:
        assert small <= hidden
    assert hidden.isdisjoint(published)
    assert settled(values, hidden) == set() or hidden == set(values) - published


def test_no_more_is_hidden_than_needed():
    values, sums = grid([2, 7, 9, 8, 5, 6])
    hidden = confidential.protected(values, sums, {(0, 0)}, set(), order(values))
    assert len(hidden) == 4 and not any(map(is_total, hidden))
    assert settled(values, {(0, 0), (0, 1)}) == {(0, 0), (0, 1)}, "fewer would not do"


def test_what_published_numbers_give_away_is_no_secret():
    values, sums = grid([2, 7, 9, 8, 5, 6])
    assert confidential.protected(values, sums, {(0, 0)}, set(values) - {(0, 0)}, sorted(values)) == set()


@pytest.fixture
def delivered(spoiled):
    """The package with the rows of 2025 as services deliver them, which no document prints; the rule as given."""

    def make(rule=RULE, service="centro-diurno-minori"):
        path = spoiled.folder / "datapackage.json"
        descriptor = json.loads(path.read_text(encoding="utf-8"))
        next(one for one in descriptor["resources"] if one["name"] == TABLE)["riservatezza"] = rule
        path.write_text(json.dumps(descriptor), encoding="utf-8")
        file = spoiled.folder / f"{TABLE}.csv"
        lines = file.read_text(encoding="utf-8").splitlines()
        for place, line in enumerate(lines):
            if f",2025,{service}," in line:
                lines[place] = ",".join([*line.split(",")[:-2], f"{service}-1!Foglio!C{place}", ""])
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return Package(spoiled.folder)

    return make


def named(package, hidden):
    table = package.indexed(TABLE)
    fields = [table.column(field) for field in ("anno", "servizio", "misura", "sub_ambito")]
    return {tuple(field[row - 2] for field in fields) for row in hidden.get(TABLE, ())}


def test_what_documents_published_is_told(package, delivered):
    assert confidential.hidden(package) == {}
    assert confidential.hidden(delivered(service="nessuno")) == {}


def test_what_is_delivered_is_kept_with_what_would_give_it_away(delivered):
    package = delivered()
    hidden = named(package, confidential.hidden(package))
    assert {
        (2025, "centro-diurno-minori", "presenti", "sergnano"),
        (2025, "centro-diurno-minori", "inseriti", "soncino"),
    } <= hidden
    assert {service for _, service, _, _ in hidden} == {"centro-diurno-minori"}
    of_one = [place for _, _, measure, place in hidden if measure == "inseriti"]
    assert len(of_one) > 1 and "totale" not in of_one


def test_the_identities_of_other_tables_count(delivered):
    """The total of the table by sub-ambito is also an indicator: hiding the total alone would not do."""
    package = delivered({**RULE, "somme": []})
    hidden = confidential.hidden(package)
    assert "totale" not in {place for *_, place in named(package, hidden)}


def test_what_goes_with_a_small_number_is_hidden_along(delivered):
    package = delivered(service="adm")
    hidden = named(package, confidential.hidden(package))
    assert {(2025, "adm", measure, "fuori-ambito") for measure in ("utenti", "ore", "costo")} <= hidden
    for measure in ("ore", "costo"):
        assert len([place for _, _, one, place in hidden if one == measure]) > 1


def test_open_data_leave_them_empty_and_stay_valid(delivered, tmp_path):
    package = delivered()
    hidden = confidential.hidden(package)
    tables = [TABLE, "correzioni", "servizi", "sub_ambiti", "edizioni"]
    folder = opendata.write(package, package.edition("relazione", 2025), tables, tmp_path / "dati", hidden=hidden)
    frame = pd.read_csv(folder / f"{TABLE}.csv", dtype=str, keep_default_na=False)
    veiled = frame[frame["riservato"] == "sì"]
    assert len(veiled) == len(hidden[TABLE]) and set(veiled["valore"]) == {""}
    assert "" not in set(frame[frame["riservato"] == ""]["valore"])
    sheet = pd.read_excel(folder / "dati.xlsx", sheet_name=TABLE, dtype=str)
    assert sheet["valore"].isna().sum() == len(veiled)
    report = DeclaredPackage(str(folder / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "note"])[:5]
    register = pd.read_csv(folder / "correzioni.csv", dtype=str, keep_default_na=False)
    assert not ((register["tabella"] == TABLE) & (register["edizione"] == "relazione-2025")).any()


def test_figures_of_what_is_not_told_are_absent(delivered):
    package = delivered()
    veiled = Veiled(package, confidential.hidden(package)).edition("relazione", 2025)
    figures = Source(veiled).figures(f"{TABLE}/centro-diurno-minori/presenti")
    assert not figures["sergnano"].nota and figures["totale"].nota
    assert not figures["sergnano"].quota(figures["totale"]).nota


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({}, "must give «soglia»"),
        ({"soglia": 1}, "must be a number above 1"),
        ({"soglia": 3, "campi": ["misura"]}, "first of «campi» must be the field with the number"),
        ({"soglia": 3, "campi": ["quanti"]}, "«quanti» is no field"),
        ({"soglia": 3, "dove": {"misure": ["casi"]}}, "«dove»: «misure» is no field"),
        ({"soglia": 3, "somme": [{"campo": "sub_ambito"}]}, "each with «campo» and «totale»"),
        ({"soglia": 3, "altro": 1}, "nothing but soglia"),
    ],
)
def test_a_rule_that_is_none_is_refused(delivered, rule, said):
    with pytest.raises(BookError, match=said):
        delivered(rule).descriptor
