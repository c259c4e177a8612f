"""Charts: what the drawing says, what the words say, and the data behind both."""

import json
import re
from decimal import Decimal
from functools import cache
from html import unescape
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from annuario import charts
from annuario.book import drawings
from annuario.charts import Chart
from annuario.charts.bars import Bar, beside
from annuario.charts.theme import ink_on, outline_of, shades_of
from annuario.data import Package
from annuario.errors import BookError
from annuario.publish.charts import specification
from annuario.words import numbers
from annuario.words.numbers import MINUS, NBSP

D = Decimal
YEARS = (2023, 2024, 2025)


def long(rows: str, years=YEARS, unit: str | None = "minori", key: str = "indicatore") -> pd.DataFrame:
    """A long frame from lines «code | label | value of each year» (a blank: no row)."""
    found = []
    for line in rows.strip().splitlines():
        code, label, *values = [part.strip() for part in line.split("|")]
        for year, value in zip(years, values):
            if value:
                found.append({key: code, "etichetta": label, "anno": year, "valore": D(value), "unita": unit})
    return pd.DataFrame(found)


def in_book(spec: dict) -> dict:
    """A specification as the book draws it: as wide as the page."""
    return specification({"data": {charts.MIME: spec}, "metadata": {"annuario": {}}})


def drawn(chart: Chart | dict, width: int = drawings.WIDTH) -> list[str]:
    """The texts of the static drawing of a chart, or of a specification."""
    svg = drawings.static_svg(in_book(chart.spec if isinstance(chart, Chart) else chart), width)
    return [unescape(found) for found in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


STOCK = long("fine | Minori in carico al 31/12 | 756 | 741 | 879")
FLOWS = long(
    """
    inizio | Minori in carico al 01/01 | 720 | 764 | 753
    nuovi | Nuovi casi | 252 | 258 | 318
    chiusi | Casi chiusi | 216 | 281 | 191
    fine | Minori in carico al 31/12 | 756 | 741 | 879
    """
)
COST = long(
    """
    bagnolo | Bagnolo Cremasco | 741663.42 | 811557.34 | 822911.66
    crema | Crema | 1698442.85 | 1885067.53 | 2033652.27
    pandino | Pandino | 1293321.61 | 1462172.40 | 1594247.02
    totale | TOTALE | 5870936.23 | 6537420.21 | 7002049.31
    """,
    unit="EUR",
    key="sub_ambito",
)
COURSE = long("a | SAAP | 5370936.23 | 5270936.23 | 5870936.23 | | 6537420.21 | 7002049.31", range(2019, 2025), "EUR")
MONEY = long("entrate | Entrate | 20\nuscite | Uscite | 16.5\navanzo | Avanzo | 3.5", (2025,), "EUR")
MANY = long(
    "\n".join(f"c{index} | Canale {index} | {index} | {index + 1} | {index + 2}" for index in range(1, 6))
    + "\ntotale | Totale | 15 | 20 | 25"
)
AREAS = pd.DataFrame(
    {"centro": code, "etichetta": name, "fase": phase, "valore": D(value)}
    for code, name, *values in (
        ("gestione-associata", "Area gestione associata servizi", "15783884.56", "12836218.95"),
        ("progettazione", "Area progettazione", "799220.83", "405948.82"),
        ("totale", "TOTALE", "22006782.22", "16384627.28"),
    )
    for phase, value in zip(("preventivo", "consuntivo"), values)
)
LOADS = pd.DataFrame(
    {"operatore": code, "etichetta": name, "ruolo": role, "anno": 2025, "valore": D(value), "unita": "punti"}
    for code, name, role, value in (
        ("educatore-1", "Educatore 1", "Educatore", 80),
        ("psicologo-1", "Psicologo 1", "Psicologo", 175),
        ("psicologo-2", "Psicologo 2", "Psicologo", 133),
    )
)


@cache
def every_chart() -> dict[str, Chart]:
    last = COST[COST["anno"] == 2025]
    return {
        "by_year": charts.by_year(STOCK, "Minori in carico"),
        "by_year_bars": charts.by_year(FLOWS, "Movimento dei minori"),
        "by_year_line": charts.by_year(COURSE, "Costo del SAAP"),
        "distribution": charts.distribution(COST, "Costo del SAAP per sub-ambito", "sub_ambito"),
        "distribution_one": charts.distribution(last, "Costo del SAAP per sub-ambito", "sub_ambito"),
        "distribution_two": charts.distribution(
            COST[COST["anno"] > 2023], "Costo del SAAP per sub-ambito", "sub_ambito"
        ),
        "balance": charts.balance(MONEY, "Entrate, uscite e avanzo", "entrate", "uscite", "avanzo"),
        "stacked_panels": charts.stacked_by_year(MANY, "Casi", "indicatore"),
        "shares": charts.shares(last, "Costo del SAAP", "sub_ambito"),
        "stacked": charts.stacked_by_year(COST, "Costo del SAAP", "sub_ambito"),
        "budget": charts.budget_vs_actual(AREAS, "Bilancio 2025", "centro"),
        "grouped": charts.grouped(COST, "Costo del SAAP", "sub_ambito", "anno", {2024: "2024", 2025: "2025"}),
        "flows": charts.flows(FLOWS, "Minori in carico", "inizio", "nuovi", "chiusi", "fine"),
        "ranking": charts.ranking(LOADS, "Carico di lavoro", group="ruolo", reference=100),
    }


# Every chart


@pytest.mark.parametrize("name", every_chart())
def test_the_output_is_complete_and_responsive(name):
    chart = every_chart()[name]
    data, metadata = chart._repr_mimebundle_()
    spec, facts = data[charts.MIME], metadata["annuario"]
    assert spec["width"] == 600 and in_book(spec)["width"] == "container"  # JupyterLab hangs at the latter
    assert spec["description"] == data["text/plain"] == facts["alt"]
    assert spec["config"]["locale"] == numbers.VEGA_LOCALE
    assert set(facts) - {"stretto", "indicatori", "note", "risultato", "misura"} == {"alt", "colonne", "righe", "csv"}
    assert {**spec, **facts.get("stretto", {})} == chart.narrow
    assert all(len(row) == len(facts["colonne"]) for row in facts["righe"])
    assert len(facts["csv"].splitlines()) == len(facts["righe"]) + 1
    assert not re.search(r"https?://(?!vega\.github\.io/schema)", json.dumps(spec))


@pytest.mark.parametrize("name", every_chart())
def test_the_same_data_give_the_same_bytes(name):
    first, second = every_chart()[name], every_chart.__wrapped__()[name]
    assert json.dumps(first._repr_mimebundle_()) == json.dumps(second._repr_mimebundle_())
    assert drawings.static_svg(first.spec) == drawings.static_svg(second.spec)


@pytest.mark.parametrize("name", every_chart())
@pytest.mark.parametrize("width", [350, drawings.WIDTH])
def test_the_drawing_keeps_its_width_and_its_labels_inside(name, width):
    chart = every_chart()[name]
    svg = drawings.static_svg(in_book(chart.narrow if width == 350 else chart.spec), width)
    assert f'width="{width}"' in svg[:300]
    for x, anchor, length, label in _placed(svg):
        left = x - {"start": 0, "middle": length / 2, "end": length}[anchor]
        assert left > -6 and left + length < width + 6, label


def _placed(svg: str):
    """The texts of a drawing: where they stand across, which point of them stands there, how long they are."""
    groups = [(0.0, "start")]  # groups' translations added up, and what they say for their texts
    for tag in re.finditer(r"<(/?)(g|text)\b([^>]*)>([^<]*)", svg):
        closing, kind, attributes, content = tag.groups()
        if kind == "g" and closing:
            groups.pop()
        elif not closing:
            moved = re.search(r"translate\((-?[\d.]+)", attributes)
            told = re.search(r'text-anchor="(\w+)"', attributes)
            x, anchor = groups[-1][0] + (float(moved[1]) if moved else 0), told[1] if told else groups[-1][1]
            if kind == "g":
                groups.append((x, anchor))
            elif content.strip():
                yield x, anchor, float(re.search(r'textLength="([\d.]+)"', attributes)[1]), unescape(content)


def test_labels_in_the_drawing_are_those_of_our_numbers():
    texts = drawn(charts.distribution(COST, "Costo del SAAP per sub-ambito", "sub_ambito"))
    for value in COST.loc[(COST["sub_ambito"] != "totale") & (COST["anno"] != 2024), "valore"]:
        assert numbers.euro(value, 0) in texts
    assert f"2,99{NBSP}%" in drawn(charts.by_year(long("a | Quota | 2.99 | 3.15 | 3.17", unit="%"), "Quota"))
    assert "33.465,63" not in drawn(charts.by_year(long("a | Ore | 33465.63 | 2 | 3", unit="ore"), "Ore"))
    assert f"€{NBSP}124,95" in drawn(charts.by_year(long("a | Spesa | 124.95 | 2 | 3", unit="EUR/persona"), "Spesa"))


def test_the_data_behind_are_exact():
    facts = charts.distribution(COST, "Costo del SAAP per sub-ambito", "sub_ambito").facts
    assert facts["colonne"] == ["Voce", "2023", "2024", "2025"]
    assert facts["righe"][1] == ["Crema", f"€{NBSP}1.698.442,85", f"€{NBSP}1.885.067,53", f"€{NBSP}2.033.652,27"]
    assert facts["csv"].splitlines()[:2] == [
        "Voce,Unità,2023,2024,2025",
        "Bagnolo Cremasco,EUR,741663.42,811557.34,822911.66",
    ]
    facts = charts.by_year(STOCK, "Minori").facts
    assert facts["colonne"] == ["Voce", "2023 (minori)", "2024 (minori)", "2025 (minori)"]


# The words


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "by_year",
            "Minori in carico, anni 2023–2025. 2023: 756; 2024: 741; 2025: 879 "
            "(in aumento del 18,6 % rispetto al 2024).",
        ),
        (
            "distribution",
            "Costo del SAAP per sub-ambito, anni 2023–2025. Valore più alto del 2025: Crema (€ 2.033.652,27); "
            "più basso: Bagnolo Cremasco (€ 822.911,66). "
            "Totale 2025: € 7.002.049,31, in aumento del 7,1 % rispetto al 2024.",
        ),
        (
            "shares",
            "Costo del SAAP, anno 2025. Crema: € 2.033.652,27 (29,0 %); Pandino: € 1.594.247,02 (22,8 %); "
            "Bagnolo Cremasco: € 822.911,66 (11,8 %). Totale 2025: € 7.002.049,31.",
        ),
        (
            "budget",
            "Bilancio 2025: preventivo e consuntivo. "
            "TOTALE: preventivo € 22.006.782,22, consuntivo € 16.384.627,28 (74,5 %). "
            "Scostamento più ampio: Area gestione associata servizi, −€ 2.947.665,61.",
        ),
        (
            "ranking",
            "Carico di lavoro, anno 2025. Valore più alto del 2025: Psicologo 1 (175); più basso: Educatore 1 (80). "
            "Valori sopra 100: 2 su 3.",
        ),
        (
            "grouped",
            "Costo del SAAP: 2024 e 2025. 2024, valore più alto: Crema (€ 1.885.067,53). "
            "2025, valore più alto: Crema (€ 2.033.652,27).",
        ),
    ],
)
def test_the_alternative_text_says_what_is_shown(name, said):
    assert every_chart()[name].alt.replace(NBSP, " ") == said


def test_many_indicators_are_summed_up():
    rows = "\n".join(f"i{index} | Voce {index} | 1 | 5 | {index}" for index in range(1, 6))
    alt = charts.by_year(long(rows), "Casi").alt
    assert alt == (
        "Casi, anni 2023–2025. Valore più alto del 2025: Voce 5 (5); più basso: Voce 1 (1). "
        f"Variazione più ampia sul 2024: Voce 1, {MINUS}4."
    )


def test_percentages_change_by_points():
    alt = charts.by_year(long("a | Quota | 75 | 75 | 71.5", unit="%"), "Quota").alt
    assert "in calo di 3,5 punti percentuali rispetto al 2024" in alt


def test_flows_tell_where_the_sum_is_another():
    alt = every_chart()["flows"].alt
    assert alt.count("La somma darebbe") == 1
    assert alt.endswith("Minori in carico al 31/12 879. La somma darebbe 880.")


def test_values_of_other_editions_are_told():
    alt = charts.by_year(STOCK.assign(da=["relazione-2023", "", ""]), "Minori").alt
    assert alt.endswith("In parte dati pubblicati nell’edizione «relazione 2023».")
    alt = charts.by_year(STOCK.assign(da="relazione-2025"), "Minori").alt
    assert alt.endswith(". Dati pubblicati nell’edizione «relazione 2025».")


# The drawings


@pytest.mark.parametrize("years", [(2021, 2023, 2024), (2019, 2024, 2025)])
def test_years_stand_in_order_whatever_is_missing(years):
    texts = drawn(charts.by_year(long("a | Persone | 29 | 38 | 40", years), "Persone"))
    every = range(years[0], years[-1] + 1)
    assert [text for text in texts if re.fullmatch(r"20\d\d", text)] == [str(year) for year in every]
    assert texts.count("–") == len(every) - 3


def _kinds(spec: dict) -> list[str]:
    return [layer["mark"]["type"] for layer in spec["layer"]]


def _lines(spec: dict) -> list[list[float]]:
    """The points of each line drawn, from left to right."""
    layer = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "line")
    found: dict[str, list[float]] = {}
    for record in (layer.get("data") or spec["data"])["values"]:
        found.setdefault(record["tratto"], []).append(record["y"])
    return list(found.values())


def test_four_known_years_are_a_line_that_is_open_where_a_year_is_missing():
    chart = every_chart()["by_year_line"]
    texts = drawn(chart)
    assert "bar" not in _kinds(chart.spec)
    assert [text for text in texts if re.fullmatch(r"20\d\d", text)] == [str(year) for year in range(2019, 2025)]
    assert texts.count("n.d.") == 1 and f"€{NBSP}6.537.420" in texts
    assert [len(points) for points in _lines(chart.spec)] == [3, 2]
    assert {f"€{NBSP}7.002.049", f"€{NBSP}5.370.936"} <= set(drawn(chart.narrow, 350))  # first and last on a phone too


def test_a_line_ends_where_a_series_breaks_or_a_year_stands_alone():
    rows = long("a | Casi | 1 | 2 | 3 | 4 | | 6", range(2019, 2025)).assign(dal=[0, 0, 2021, 2021, 2021])
    assert [len(points) for points in _lines(charts.by_year(rows, "Casi").spec)] == [2, 2, 1]


def test_places_over_the_years_are_panels_on_one_scale():
    spec = every_chart()["distribution"].spec
    ends = [points[-1] for points in _lines(spec)]
    assert len(ends) == 3 and ends[1] < ends[2] < ends[0]  # more is higher, whatever the panel
    assert {"Bagnolo Cremasco", "Crema", "Pandino"} <= set(drawn(spec))


def test_two_years_are_two_points_each_and_both_values_are_printed():
    spec = every_chart()["distribution_two"].spec
    assert "bar" not in _kinds(spec) and f"€{NBSP}1.462.172 → €{NBSP}1.594.247" in drawn(spec)
    gap = charts.grouped(
        long("a | Crema | 3 | \nb | Pandino | | 5\nc | Soncino | 1 | 2", (2024, 2025)),
        "Casi", "indicatore", "anno", {2024: "2024", 2025: "2025"},
    )  # fmt: skip
    assert {"3 → –", "– → 5", "1 → 2"} <= set(drawn(gap))


def test_a_stack_of_many_parts_is_panels_and_its_total_is_told():
    chart = every_chart()["stacked_panels"]
    assert len(_lines(chart.spec)) == 5 and chart.notes == ["Totale: 2023: 15; 2024: 20; 2025: 25."]
    assert _kinds(every_chart()["stacked"].spec)[0] == "bar"


def test_a_stack_of_more_parts_than_panels_sums_up_the_smallest():
    rows = "\n".join(f"c{index} | Canale {index} | {index + 1} | {index + 1} | {index + 1}" for index in range(11))
    chart = charts.stacked_by_year(long(rows, (2023, 2024, 2025)), "Entrate", "indicatore")
    assert len(_lines(chart.spec)) == 9 and len(chart.facts["righe"]) == 11
    assert chart.notes == ["Le due voci più piccole non sono disegnate: valgono in tutto 3 nel 2025."]


def test_planned_and_spent_are_their_difference():
    texts = [text.replace(NBSP, " ") for text in drawn(every_chart()["budget"])]
    assert f"{MINUS}€ 2.947.666 (81,3 %)" in texts and "fra parentesi il consuntivo" in every_chart()["budget"].notes[0]
    rows = long("a | A | 0 | 5\nb | B | | 7\nc | C | 4 | 4\nd | D | 10 | 12", ("preventivo", "consuntivo"), "EUR")
    chart = charts.budget_vs_actual(rows.rename(columns={"anno": "fase"}), "Bilancio", "indicatore")
    texts = [text.replace(NBSP, " ") for text in drawn(chart)]
    assert {"+€ 5,00", "–", "€ 0,00 (100,0 %)", "+€ 2,00 (120,0 %)"} <= set(texts)


def test_what_comes_goes_and_is_left():
    spec = every_chart()["balance"].spec
    values = (spec["layer"][0].get("data") or spec["data"])["values"]
    assert [(bar["inizio"], bar["fine"]) for bar in values] == [(0, 20.0), (3.5, 20.0), (0, 3.5)]
    assert every_chart()["balance"].finding == f"Le entrate superano le uscite di €{NBSP}3,50."
    other = charts.balance(MONEY.assign(valore=[D(10), D(12), D(1)]), "Saldo", "entrate", "uscite", "avanzo")
    assert other.finding.startswith("Le uscite superano") and "La differenza darebbe" in other.alt


def test_euro_have_cents_or_none_throughout_a_chart():
    frame = long("a | A | 1500.5\nb | B | 3.25\nc | C | 4", (2025,), "EUR")
    assert {f"€{NBSP}1.501", f"€{NBSP}3"} <= set(drawn(charts.distribution(frame, "Spesa", "indicatore")))
    frame = long("a | A | 15.5\nb | B | 3\nc | C | 4", (2025,), "EUR")
    assert {f"€{NBSP}15,50", f"€{NBSP}3,00"} <= set(drawn(charts.distribution(frame, "Spesa", "indicatore")))


def test_three_known_years_stay_columns_or_bars():
    for values in ("1 | 2 | 3", "1 | | | 2 | 3"):
        chart = charts.by_year(long(f"a | Casi | {values}", range(2019, 2024)), "Casi")
        assert chart.spec["layer"][0]["mark"]["type"] == "bar"


def test_a_stack_prints_a_total_only_where_it_is_published():
    rows = long("a | A | 1 | 2 | 3\nb | B | 2 | 3 | 4\ntotale | Totale | | 5 | 8")
    texts = drawn(charts.stacked_by_year(rows, "Casi", "indicatore"))
    assert "5" in texts and "8" in texts and "3" not in texts and "–" not in texts


def test_a_missing_year_keeps_its_place():
    chart = charts.by_year(long("a | Ore | 168556.19 | | | 231910 | 5", range(2021, 2026), unit="ore"), "Ore SAAP")
    texts = drawn(chart)
    assert texts.count("–") == 2 and {"2022", "2023"} <= set(texts)
    assert "2022" not in chart.alt.removeprefix("Ore SAAP, anni 2021–2025.")


def test_the_total_is_not_a_bar():
    assert "TOTALE" not in drawn(charts.distribution(COST, "Costo", "sub_ambito"))
    assert "TOTALE" not in drawn(charts.shares(COST[COST["anno"] == 2025], "Costo", "sub_ambito"))


def test_a_total_alone_is_drawn():
    assert f"€{NBSP}7.002.049" in drawn(charts.by_year(COST[COST["sub_ambito"] == "totale"], "Costo", "sub_ambito"))


def test_flows_sign_what_comes_and_goes():
    texts = drawn(every_chart()["flows"])
    assert "+318" in texts and f"{MINUS}191" in texts and "879" in texts
    assert texts.count("Minori in carico al 01/01") == 3


def test_long_labels_stand_above_their_bars():
    label = "Solo Procura (+ sommarie informazioni senza provvedimento)"
    chart = charts.shares(long(f"a | {label} | 448\nb | Civile | 361\nc | Altro | 3", (2025,)), "Minori", "indicatore")
    parts = {"Solo Procura (+ sommarie informazioni senza", "provvedimento)", "Civile"}
    assert parts <= set(drawn(chart.narrow, 350)) and parts.isdisjoint({label}) and "Civile" in drawn(chart)
    assert chart.spec["height"] < chart.narrow["height"]


def test_a_label_on_two_lines_stands_around_its_bar_clear_of_the_next():
    names = ["Rafforzamento degli interventi di inclusione sociale e lavorativa", "Civile"] * 2
    bars = [Bar(name, name, "", 0, 1, "1", "1", charts.ACCENT) for name in names]
    rows = beside(bars)
    assert next(iter(rows.labels.values())) == ["Rafforzamento degli interventi di", "inclusione sociale e lavorativa"]
    spans = [(float(y) - 7, float(y) + 14 * len(lines) - 7) for y, lines in rows.labels.items()]
    assert [end - start for start, end in spans] == [28, 14] * 2
    assert [(start + end) / 2 for start, end in spans] == [top + 7 for top in rows.tops]
    assert all(later[0] - earlier[1] >= 4 for earlier, later in pairwise(spans)) and spans[-1][1] < rows.height


def test_labels_are_printed_whatever_marks_they_have():
    labels = ["L’area «A & B» <x>", 'Doppio "apice" | barra', "Percento % {x} \\ y"]
    rows = "\n".join(f"i{index} | {label.replace('|', '/')} | 3" for index, label in enumerate(labels))
    texts = drawn(charts.shares(long(rows, (2025,)), "Casi", "indicatore"))
    assert {label.replace("|", "/") for label in labels[:2]} <= set(texts)


def test_many_segments_are_drawn_as_one():
    rows = "\n".join(f"c{index} | Canale {index} | {index + 1}" for index in range(10))
    chart = charts.stacked_by_year(long(rows, (2025,)), "Entrate", "indicatore", share=True)
    texts = drawn(chart)
    assert "Altre voci" in texts and "Canale 9" in texts and "Canale 0" not in texts
    assert len(chart.facts["righe"]) == 10


def test_layers_that_share_their_records_hold_them_once():
    spec = charts.by_year(STOCK, "Minori").spec
    assert len(spec["data"]["values"]) == 3 and not any("data" in layer for layer in spec["layer"])


def test_bars_start_from_zero_and_go_below_it():
    spec = charts.by_year(long("a | Saldo | -5 | 3 | 4", unit="EUR"), "Saldo").spec
    scale = spec["layer"][0]["encoding"]["x"]["scale"]
    assert scale["domainMin"] == -5 and scale["nice"] is False
    assert charts.by_year(STOCK, "Minori").spec["layer"][0]["encoding"]["y"]["scale"]["domainMin"] == 0


@pytest.mark.parametrize(("values", "end"), [((40, 30, 22), 100), ((4, 3, 2), 4)])
def test_percentages_stand_on_a_hundred_unless_they_would_not_be_seen(values, end):
    rows = "\n".join(f"{code} | {code} | {value}" for code, value in zip("abc", values))
    spec = charts.distribution(long(rows, (2025,), unit="%"), "Quote", "indicatore").spec
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domainMax"]["expr"].startswith(f"0.0 + {end}.0 *")


def test_a_year_has_its_tint_by_its_distance_from_the_last():
    assert shades_of([2025]) == {2025: charts.ACCENT}
    assert shades_of([2023, 2024, 2025]) == dict(zip((2025, 2024, 2023), charts.YEARS))
    assert shades_of([2023, 2025]) == {2025: charts.YEARS[0], 2023: charts.YEARS[2]}
    assert shades_of([2019, 2020, 2025])[2019] == charts.YEARS[-1]


def test_a_year_has_its_tint_by_its_distance_from_the_editions(monkeypatch):
    monkeypatch.setenv("ANNUARIO_EDITION", "piano-2021")
    assert shades_of([2019, 2020]) == {2019: charts.YEARS[2], 2020: charts.YEARS[1]}
    assert shades_of([2021, 2022]) == {2021: charts.YEARS[1], 2022: charts.YEARS[0]}  # the plan looks ahead


# Colours


def _linear(color: str) -> np.ndarray:
    part = np.array(list(bytes.fromhex(color[1:]))) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def _luminance(color: str) -> float:
    return float(_linear(color) @ [0.2126, 0.7152, 0.0722])


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_marks_and_texts_have_contrast():
    for color in (*charts.HUES, *charts.YEARS[:-1], charts.GREY, *charts.fixed_colors().values()):
        assert _contrast(color, "#ffffff") >= 3, color
        assert _contrast(color, ink_on(color)) >= 4.5, color
    assert _contrast(charts.INK, "#ffffff") >= 7 and _contrast(charts.MUTED, "#ffffff") >= 4.5


def test_the_tints_of_years_stay_apart_in_grey():
    lightness = [_lab(np.array(_SIGHTS["normal"]) @ _linear(color))[0] for color in charts.YEARS]
    assert all(later - earlier >= 25 for earlier, later in pairwise(lightness)), lightness
    assert _contrast(outline_of(charts.YEARS[-1]), "#ffffff") >= 3  # the lightest is outlined


# Machado, Oliveira and Fernandes (2009): how full colour blindness sees.
_SIGHTS = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def _lab(linear: np.ndarray) -> np.ndarray:
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(matrix @ np.clip(linear, 0, 1) / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def lightness(color: str, dark: bool = False) -> float:
    """L* of a colour, on the page or as the rules of a dark page turn it (``page.css``)."""
    if dark:
        turned = np.clip(_HALF_TURN @ (1 - np.array(list(bytes.fromhex(color[1:]))) / 255), 0, 1)
        ground = np.array(list(bytes.fromhex("14191b"))) / 255
        color = "#" + bytes(int(part) for part in np.rint((1 - (1 - turned) * (1 - ground)) * 255)).hex()
    return float(_lab(_SIGHTS["normal"] @ _linear(color))[0])


# hue-rotate(180deg), as CSS defines it.
_HALF_TURN = 2 * np.tile([0.213, 0.715, 0.072], (3, 1)) - np.eye(3)


@pytest.mark.parametrize("dark", [False, True])
def test_hues_beside_each_other_stay_apart_in_grey(dark):
    hues = [lightness(color, dark) for color in charts.HUES]
    assert all(abs(one - other) >= 25 for one in hues[::2] for other in hues[1::2]), hues
    assert all(abs(one - lightness(charts.theme.REST, dark)) >= 25 for one in hues)


def test_a_stack_whose_neighbours_look_alike_in_grey_is_panels():
    rows = "a | A | 5 | 4 | 3\nb | B | {} | 3 | 2\nc | C | 3 | 2 | 1"
    parted, touching = (charts.stacked_by_year(long(rows.format(value)), "Casi", "indicatore") for value in (1, 0))
    assert "legend" in json.dumps(parted.spec["layer"]) and "legend" not in json.dumps(touching.spec["layer"])


@pytest.mark.parametrize("sight", _SIGHTS)
def test_hues_stay_apart_for_every_sight(sight):
    seen = {color: _lab(np.array(_SIGHTS[sight]) @ _linear(color)) for color in charts.HUES}
    for one, other in combinations(charts.HUES, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 20, (one, other)


def test_codes_have_colours_of_their_own():
    table = Package(ROOT / "data").read("colori")
    for name, colors in table.groupby("insieme")["colore"]:
        assert colors.is_unique or name == "sub-ambiti", name


def test_a_code_keeps_its_colour_whatever_stands_beside_it():
    colors = charts.fixed_colors()
    fixed = colors["fsr"], colors["fsol"]
    assert tuple(charts.segment_colors(["fsr", "fsol"])) == tuple(charts.segment_colors(["fsol", "fsr"]))[::-1] == fixed
    mixed = charts.segment_colors(["altro", "fsr", "comuni", "nuovo"])
    assert mixed[1:3] == [colors["fsr"], colors["comuni"]] and len(set(mixed)) == 4


def test_bars_with_a_label_each_have_one_colour():
    for name in ("distribution_one", "shares"):
        spec = every_chart()[name].spec
        assert {record["colore"] for record in spec["layer"][0].get("data", spec.get("data"))["values"]} == {
            charts.ACCENT
        }


# Mistakes


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: charts.by_year(STOCK.iloc[:0], "Minori"), "no rows"),
        (lambda: charts.by_year(STOCK.assign(valore=None), "Minori"), "no value"),
        (lambda: charts.by_year(STOCK, "Minori", rows="voce"), "lacks the column «voce»"),
        (lambda: charts.by_year(pd.concat([STOCK, STOCK]), "Minori"), "Two values"),
        (lambda: charts.by_year(FLOWS.assign(unita=["ore"] * 3 + ["casi"] * 9), "X"), "one scale"),
        (lambda: charts.shares(COST, "Costo", "sub_ambito"), "about one year"),
        (lambda: charts.stacked_by_year(long("a | A | -1 | 2 | 3"), "Saldo", "indicatore"), "below zero"),
        (lambda: Chart({}, " ", pd.DataFrame({"Voce": ["a"], "2025": [D(1)]}), ["EUR"]), "alternative text"),
    ],
)
def test_mistakes_are_told(call, message):
    with pytest.raises(BookError, match=message):
        call()


def test_texts_of_the_static_drawing_keep_their_width_in_another_typeface():
    svg = drawings.static_svg(in_book(every_chart()["shares"].spec))
    texts = re.findall(r"<text\b([^>]*)>[^<]+</text>", svg)
    assert texts and all('lengthAdjust="spacingAndGlyphs"' in text for text in texts)
    lengths = {words: float(length) for length, words in re.findall(r'textLength="([\d.]+)"[^>]*>([^<]+)<', svg)}
    assert 24 < lengths["Crema"] < 36
