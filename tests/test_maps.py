"""Maps: what a drawing of territories shows, when it is shaded, and what is wrong with boundaries."""

import json
import re
from decimal import Decimal
from html import unescape

import altair
import pandas as pd
import pytest
from conftest import ROOT, edit

from annuario import charts, init
from annuario.book import drawings
from annuario.charts.cartography import fitted, spot
from annuario.charts.maps import classes
from annuario.charts.theme import SHADES
from annuario.data import Package, boundaries
from annuario.data.validate import validate
from annuario.errors import BookError
from annuario.notebook import open_edition
from annuario.publish.charts import specification
from annuario.words.numbers import NBSP

D = Decimal
NAMES = ("Centro", "Fiume", "Stazione", "Colle", "Mura", "Molini")
LOANS = dict(zip(("centro", "fiume", "stazione", "colle", "mura", "molini"), (1240, 310, 655, 205, 90, 12)))


@pytest.fixture
def example(tmp_path, monkeypatch):
    """The example project, as a chapter finds it."""
    init.init(tmp_path / "libro")
    monkeypatch.setenv("ANNUARIO_ROOT", str(tmp_path / "libro"))
    return tmp_path / "libro"


def frame(values, unit="persone", **more):
    return pd.DataFrame(
        [
            {"quartiere": code, "nome": code.capitalize(), "anno": 2025, "valore": None if value is None else D(str(value))}
            | {"unita": unit, **more}
            for code, value in values.items()
        ]
    )  # fmt: skip


def asked(values, unit="persone", rate=None, **more):
    return charts.by_territory(frame(values, unit, **more), "Iscritti", rows="quartiere", rate=rate)


def texts(spec, width=drawings.WIDTH):
    told = specification({"data": {charts.MIME: spec}, "metadata": {"annuario": {}}})
    svg = drawings.static_svg(told, width)
    return [unescape(found) for found in re.findall(r"<text[^>]*>([^<]*)</text>", svg)], svg


def marks(spec):
    return [layer["mark"]["type"] for layer in spec["layer"]]


def fills(chart):
    """The class of each territory."""
    return {record["voce"]: record["classe"] for record in chart.spec["layer"][0]["data"]["values"]}


def test_the_example_draws_its_territories_by_a_share(example):
    chart = charts.by_territory(open_edition("relazione-2025").cifre("lettori"), "Quota di residenti iscritti")
    told, svg = texts(chart.spec)
    assert {*NAMES, f"33,8{NBSP}%", f"12,4{NBSP}%", f"da 10 a meno di 15{NBSP}%", f"da 30 a 35{NBSP}%"} <= set(told)
    assert all(svg.count(f'fill="{shade}"') >= 2 for shade in SHADES)  # in the map and in the legend
    assert chart.alt.endswith(f"Valore più alto del 2025: Centro (33,8{NBSP}%); più basso: Colle (12,4{NBSP}%).")
    assert chart.finding == f"La quota di residenti iscritti va dal 12,4{NBSP}% (Colle) al 33,8{NBSP}% (Centro)."
    assert len(chart.records) == 6 and chart.size == 6 and not chart.notes
    altair.Chart.from_dict(chart.spec, validate=True)


def test_a_phone_has_a_smaller_map_with_the_same_layers(example):
    chart = asked(LOANS, "%")
    assert chart.narrow["height"] < 0.7 * chart.spec["height"]
    assert marks(chart.narrow) == marks(chart.spec)
    told, svg = texts(chart.narrow | {"projection": chart.spec["projection"]}, 340)
    assert 'width="340"' in svg[:200] and set(NAMES) <= set(told)


def test_numbers_of_things_are_circles_and_ratios_shades(example):
    assert marks(asked(LOANS).spec) == ["geoshape", "circle", "text", "text"]
    assert "circle" in marks(asked(LOANS, "EUR").spec)
    for shaded in (
        asked(LOANS, "EUR/persona"),
        asked(LOANS, "casi", rate=True),
        asked(LOANS, "numero", specie="rapporto"),
    ):
        assert marks(shaded.spec) == ["geoshape", "text", "text"]
    assert "circle" in marks(asked(LOANS, "%", specie="flusso").spec)
    circles = asked(LOANS)
    told, _ = texts(circles.spec)
    assert {*NAMES, "1.240", "12", "1.000", "200"} <= set(told)  # the last two in the legend
    assert "proporzionale" in circles.notes[0]
    size = circles.spec["layer"][1]["encoding"]["size"]["scale"]
    assert size["domain"] == [0, 1240.0] and size["range"][0] == 0  # so that the area is as the value
    with pytest.raises(BookError, match="below zero"):
        asked(LOANS | {"mura": -1})
    assert "circle" not in marks(asked(LOANS | {"mura": -1}, rate=True).spec)


@pytest.mark.parametrize("unit", ["%", "persone"])
def test_a_territory_without_a_value_is_drawn_and_said_so(example, unit):
    left = {code: value for code, value in LOANS.items() if code != "mura"}
    for chart in (asked(left, unit), asked(LOANS | {"mura": None}, unit)):
        told, _ = texts(chart.spec)
        assert set(NAMES) <= set(told) and "–" in told
        assert "Senza valore: Mura." in chart.alt and "Senza valore: Mura." in chart.notes
        assert ("non disponibile" in told) is (unit == "%")


def test_what_lies_in_no_territory_and_what_has_no_room_is_told_below(example):
    chart = asked(LOANS | {"totale": 2512, "altrove": 44})
    assert "Fuori della carta: Altrove 44." in chart.notes and "Totale 2025: 2.512" in chart.alt
    edit(example / "data" / "quartieri.csv", "centro,Centro", "centro,Centro storico e frazioni della collina")
    crowded = frame(LOANS, "%").replace("Centro", "Centro storico e frazioni della collina di levante")
    chart = charts.by_territory(crowded, "Iscritti", rows="quartiere")
    told, _ = texts(chart.spec)
    assert chart.notes[0].endswith(f"una lettera: a Centro storico e frazioni della collina 1.240{NBSP}%.")
    assert f"1.240{NBSP}%" in told and "a" in told and not any("storico" in text for text in told)
    path = example / "data" / "quartieri.geojson"
    shapes = json.loads(path.read_text(encoding="utf-8"))
    shapes["features"][5]["geometry"]["coordinates"] = [[[5.02, 42.02], [5.021, 42.02], [5.02, 42.021], [5.02, 42.02]]]
    path.write_text(json.dumps(shapes), encoding="utf-8")
    for unit, value in (("%", f"12{NBSP}%"), ("persone", "12")):
        assert any(
            note.endswith(f"Troppo piccoli per una lettera: Molini {value}.") for note in asked(LOANS, unit).notes
        )


@pytest.fixture
def many(example):
    """Forty-eight towns of all sizes, more than names have room for."""
    shapes, rows, values = [], ["quartiere,nome,tipo"], {}
    for number in range(48):
        code, west, south = f"c{number}", 9.5 + 0.05 * (number % 8), 45.2 + 0.04 * (number // 8)
        ring = [[west, south], [west + 0.05, south], [west + 0.05, south + 0.04], [west, south + 0.04], [west, south]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        shapes.append({"type": "Feature", "properties": {"codice": code}, "geometry": geometry})
        rows.append(f"{code},Comune numero {number},comune")
        values[code] = number * 10 + 5
    (example / "data" / "quartieri.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": shapes}), encoding="utf-8"
    )
    header = (example / "data" / "quartieri.csv").read_text(encoding="utf-8").splitlines()[0]
    rows[0] = header
    (example / "data" / "quartieri.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return values


@pytest.mark.parametrize("unit", ["%", "persone"])
def test_every_one_of_many_territories_can_be_told_by_its_letter(many, unit):
    data = frame(many, unit)
    data["nome"] = [f"Comune numero {number}" for number in range(48)]
    chart = charts.by_territory(data, "Iscritti", rows="quartiere")
    told, _ = texts(chart.spec)
    (key,) = [note for note in chart.notes if "una lettera" in note]
    named = dict(part.split(" ", 1) for part in key.partition(": ")[2].rstrip(".").split("; "))
    assert len(named) == 48 and named["a"].startswith("Comune numero 47 475") and "av" in named
    drawn = [text for text in told if text in named]
    assert sorted(drawn) == sorted(named)


@pytest.mark.parametrize(
    ("values", "bounds"),
    [
        ((11.5, 34), [10, 15, 20, 25, 30, 35]),
        ((0, 10), [0, 2, 4, 6, 8, 10]),
        ((1, 1000), [0, 200, 400, 600, 800, 1000]),
        ((99, 101), [99, D("99.5"), 100, D("100.5"), 101]),
        ((-3, 12), [-5, 0, 5, 10, 15]),
        ((0.012, 0.019), [D("0.012"), D("0.014"), D("0.016"), D("0.018"), D("0.02")]),
        ((7, 7), [7, 7]),
    ],
)
def test_classes_are_five_at_most_between_round_numbers(values, bounds):
    assert classes([D(str(value)) for value in values]) == bounds


def test_a_value_on_a_bound_belongs_to_the_class_that_begins_there(example):
    found = fills(asked(dict(zip(LOANS, (10, 15, 20, 30, 35, 34))), "%"))
    assert found["Fiume"] == f"da 15 a meno di 20{NBSP}%" and found["Mura"] == found["Molini"] == f"da 30 a 35{NBSP}%"
    assert set(fills(asked(dict.fromkeys(LOANS, 5), "%")).values()) == {f"5{NBSP}%"}
    assert fills(asked(LOANS, "EUR/persona"))["Mura"] == f"da 0 a meno di €{NBSP}250"


def test_without_boundaries_there_is_no_map(example, monkeypatch):
    edit(example / "data" / "datapackage.json", '"confini": "quartieri.geojson",', "")
    assert asked(LOANS) is None and charts.by_territory(None, "Iscritti") is None
    monkeypatch.setenv("ANNUARIO_ROOT", str(ROOT))
    cases = open_edition("relazione-2025").cifre("servizi_sub_ambito/tutela-minori/casi")
    assert charts.by_territory(cases, "Casi") is None


def test_territories_of_another_kind_with_a_name_in_common_are_not_taken_for_those_of_the_map(example):
    path = example / "data" / "datapackage.json"
    declared = json.loads(path.read_text(encoding="utf-8"))
    streets = next(one for one in declared["resources"] if one["name"] == "quartieri")
    declared["resources"].append(
        {key: value for key, value in streets.items() if key != "confini"} | {"name": "vie", "path": "vie.csv"}
    )
    path.write_text(json.dumps(declared), encoding="utf-8")
    names = "".join(f"{code},{code},via\n" for code in ("mura", "porta", "ponte"))
    (example / "data" / "vie.csv").write_text(f"quartiere,nome,tipo\n{names}", encoding="utf-8")
    assert asked({"mura": 1, "porta": 2, "ponte": 3}) is None
    assert asked(LOANS)


def test_rows_that_are_of_no_territory_are_refused(example):
    with pytest.raises(BookError, match=r"about a territory of quartieri\.csv.* as «centro»"):
        asked({"nord": 1, "sud": 2, "est": 3})
    with pytest.raises(BookError, match="Two rows are about the territory «mura»"):
        asked({"mura": 1, "mura/altro": 2, "centro": 3})


def test_a_label_stands_within_its_territory_beside_holes_and_in_the_largest_part():
    square = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)]
    hole = [(1.0, 1.0), (7.0, 1.0), (7.0, 9.0), (1.0, 9.0), (1.0, 1.0)]
    islet = [(20.0, 0.0), (21.0, 0.0), (21.0, 1.0), (20.0, 1.0), (20.0, 0.0)]
    found = spot([[square, hole], [islet]], 4)
    assert 7 < found.x < 10 and found.room == pytest.approx(3)
    assert spot([[islet]], 2) is None
    sheet = fitted({"a": [[[(x, y + 60) for x, y in square]]]}, 500, 400)
    assert sheet.height == 400 and sheet.width == pytest.approx(400 * 0.4226, abs=0.1)  # cos 65°


WRONG = {
    "missing": (None, r"quartieri\.geojson: cannot be read \(No such file"),
    "no JSON": (lambda told: "{", r"quartieri\.geojson: cannot be read as JSON"),
    "no features": (lambda told: {"type": "Topology"}, "not GeoJSON with a list of «features»"),
    "unknown": (lambda told: told["features"][2]["properties"].update(codice="stazzione"),
                r"feature 3: «stazzione» is no territory of quartieri\.csv: write one of its codes, as «stazione»"),
    "no code": (lambda told: told["features"][1].update(properties=None), "feature 2: «properties» has no «codice»"),
    "twice": (lambda told: told["features"].append(told["features"][0]), "feature 7: «centro» is that of feature 1 too"),
    "left out": (lambda told: told["features"].pop(), "the territory «molini» has no feature: add it"),
    "a point": (lambda told: told["features"][0].update(geometry={"type": "Point", "coordinates": [5, 42]}),
                "feature 1: its geometry is «Point»: it must be a Polygon"),
    "no rings": (lambda told: told["features"][0]["geometry"].update(coordinates=[[5, 42], [6, 42]]),
                 "feature 1: its coordinates are not closed lines"),
    "too few": (lambda told: told["features"][0]["geometry"]["coordinates"][0].__delitem__(slice(2, None)),
                "feature 1: its coordinates are not closed lines"),
    "metres": (lambda told: told["features"][4]["geometry"]["coordinates"][0].insert(1, [551234.5, 5024321.0]),
               r"feature 5: 551234\.5, 5024321\.0 are no degrees .*EPSG:4326"),
}  # fmt: skip


@pytest.mark.parametrize("change", WRONG)
def test_what_is_wrong_with_boundaries_is_told_by_file_and_feature(example, change):
    spoil, message = WRONG[change]
    path = example / "data" / "quartieri.geojson"
    told = json.loads(path.read_text(encoding="utf-8"))
    if spoil is None:
        path.unlink()
    else:
        other = spoil(told)
        path.write_text(
            other if isinstance(other, str) else json.dumps(other if change == "no features" else told),
            encoding="utf-8",
        )
    package = Package(example / "data")
    with pytest.raises(BookError, match=message):
        validate(package)
    with pytest.raises(BookError, match=message):
        boundaries.read(package, "quartieri")


def test_all_that_is_wrong_is_told_at_once(example):
    path = example / "data" / "quartieri.geojson"
    told = json.loads(path.read_text(encoding="utf-8"))
    for spoil, _ in (WRONG[name] for name in ("unknown", "a point", "metres")):
        spoil(told)
    path.write_text(json.dumps(told), encoding="utf-8")
    edit(example / "data" / "lettori.csv", "2024,fiume", "2024,fiumi")
    with pytest.raises(BookError) as error:
        validate(Package(example / "data"))
    lines = str(error.value).splitlines()
    assert len(lines) == 5 and sum("geojson" in line for line in lines) == 4, lines


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"confini": "quartieri.geojson"', '"confini": "../altrove.geojson"', "«confini» must name a GeoJSON file"),
        ('"confini": "quartieri.geojson"', '"confini": 3', "«confini» must name a GeoJSON file"),
        ('"ruolo": "territori",', "", "«confini» is for tables of the «ruolo» territori"),
    ],
)
def test_boundaries_are_declared_of_territories(example, old, new, message):
    edit(example / "data" / "datapackage.json", old, new)
    with pytest.raises(BookError, match=f"table «quartieri»: {message}"):
        Package(example / "data").resources
