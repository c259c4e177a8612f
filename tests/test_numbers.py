"""Reading and printing numbers, and Vega agreeing with both."""

import re
from datetime import date
from decimal import Decimal
from html import unescape

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annuario.book.drawings import static_svg
from annuario.charts import THEME
from annuario.words import numbers
from annuario.words.numbers import MINUS, MISSING, NBSP

D = Decimal
AMOUNTS = st.decimals(min_value=D("-99999999999"), max_value=D("99999999999"), places=2)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,50", "1234.50"),
        ("€. 1.234,50", "1234.50"),
        ("€ 4.592.578,12", "4592578.12"),
        (f"€{NBSP}1.234,50", "1234.50"),
        ("1.735.604,91€", "1735604.91"),
        ("749,00 €", "749.00"),
        ("4592578,12", "4592578.12"),
        ("33.465,63", "33465.63"),
        ("4214", "4214"),
        ("1.234", "1234"),
        ("12,3 %", "12.3"),
        ("75%", "75"),
        ("49,92%", "49.92"),
        ("-1.234,50", "-1234.50"),
        (f"{MINUS}€{NBSP}3,10", "-3.10"),
        ("€ -3,10", "-3.10"),
        ("+4,1 %", "4.1"),
        ("0,125", "0.125"),
        ("1.234,567", "1234.567"),
        ("0", "0"),
    ],
)
def test_parse_reads_what_the_documents_print(text, value):
    found = numbers.parse(text)
    assert found == D(value)
    assert found.as_tuple().exponent == D(value).as_tuple().exponent  # printed decimals are kept


@pytest.mark.parametrize("text", ["", "  ", NBSP, "-", "–", "—", MINUS, "€ -", "€ –", "- €"])
def test_parse_takes_dashes_and_blanks_as_missing(text):
    assert numbers.parse(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "12.5",
        "1.23",
        "12.34.567",
        "1234.567",
        "1 234",
        "1'234",
        "1.168*",
        "€",
        "%",
        "€ 5 %",
        "5 ore",
        "(3)",
        "1,2,3",
        "٣",
    ],
)
def test_parse_refuses_wrong_forms(text):
    with pytest.raises(ValueError, match=re.escape(f"«{text}»")):
        numbers.parse(text)


@pytest.mark.parametrize("text", ["1,234", "€ 12,345", "-123,456"])
def test_parse_refuses_what_may_be_thousands_or_decimals(text):
    with pytest.raises(ValueError, match="ambiguous"):
        numbers.parse(text)


@given(AMOUNTS)
def test_printed_amounts_are_read_back(value):
    assert numbers.parse(numbers.number(value, 2)) == value
    assert numbers.parse(numbers.euro(value)) == value
    assert numbers.parse(numbers.percent(value, 2, sign=True)) == value
    assert numbers.parse(numbers.number(value)) == value


@given(AMOUNTS)
def test_digits_are_grouped_by_three(value):
    assert re.fullmatch(rf"{MINUS}?€{NBSP}\d{{1,3}}(\.\d{{3}})*,\d\d", numbers.euro(value))


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (numbers.number(1234), "1.234"),
        (numbers.number(999), "999"),
        (numbers.number(D("231910.00")), "231.910"),
        (numbers.number(D("1E+3")), "1.000"),
        (numbers.number(1234.5), "1.234,5"),
        (numbers.number(0), "0"),
        (numbers.number(D("-1234.5"), 0), f"{MINUS}1.235"),
        (numbers.number(D("-0.004"), 2), "0,00"),
        (numbers.euro(D("1234.5")), f"€{NBSP}1.234,50"),
        (numbers.euro(D("12836218.95"), 0), f"€{NBSP}12.836.219"),
        (numbers.euro(D("-3.005")), f"{MINUS}€{NBSP}3,01"),
        (numbers.percent(D("12.25")), f"12,3{NBSP}%"),
        (numbers.percent(2.675, 2), f"2,68{NBSP}%"),
        (numbers.percent(D("4.1"), sign=True), f"+4,1{NBSP}%"),
        (numbers.percent(D("-4.1"), sign=True), f"{MINUS}4,1{NBSP}%"),
        (numbers.percent(0, sign=True), f"0,0{NBSP}%"),
        (numbers.signed(12), "+12"),
        (numbers.signed(D("-3"), "EUR"), f"{MINUS}€{NBSP}3,00"),
        (numbers.signed(0), "0"),
        (numbers.date_short("2025-12-31"), "31/12/2025"),
        (numbers.date_short(date(2025, 3, 1)), "01/03/2025"),
        (numbers.date_long("2025-03-02"), "2 marzo 2025"),
        (numbers.date_long("2025-03-01"), "1° marzo 2025"),
    ],
)
def test_printed_forms(printed, expected):
    assert printed == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("7002049.31", "EUR", f"€{NBSP}7.002.049,31"),
        ("118.3", "EUR/persona", f"€{NBSP}118,30"),
        ("21", "EUR/ora", f"€{NBSP}21,00"),
        ("1071", "minori", "1.071"),
        ("15.5", "minori", "15,5"),
        ("177.00", "utenti", "177"),
        ("33465.6", "ore", "33.465,60"),
        ("231910.00", "ore", "231.910"),
        ("75", "%", f"75{NBSP}%"),
        ("49.92", "%", f"49,92{NBSP}%"),
        ("48", "Comuni", "48"),
    ],
)
def test_quantity_prints_as_the_unit_asks(value, unit, expected):
    assert numbers.quantity(D(value), unit) == expected


def test_decimals_for_prints_a_column_alike():
    assert numbers.decimals_for("ore", D("3"), None, D("2.5")) == 2
    assert numbers.decimals_for("%", D("63"), D("3.17")) == 2
    assert numbers.decimals_for("minori", D("63.0")) == 0


def test_unknown_units_are_refused():
    with pytest.raises(ValueError, match="unknown unit «mele»"):
        numbers.quantity(1, "mele")


@pytest.mark.parametrize("value", [None, float("nan"), pd.NA, pd.NaT, D("NaN")])
def test_missing_is_an_en_dash(value):
    printed = [numbers.number(value), numbers.euro(value), numbers.percent(value), numbers.date_short(value)]
    assert printed + [numbers.quantity(value, unit) for unit in numbers.UNITS] == [MISSING] * (4 + len(numbers.UNITS))


@pytest.mark.parametrize("value", [True, "12", [1]])
def test_what_is_not_a_number_is_refused(value):
    with pytest.raises(TypeError):
        numbers.number(value)


def test_infinity_is_refused():
    with pytest.raises(ValueError, match="finite"):
        numbers.number(float("inf"))


def test_vega_prints_the_same_forms():
    """Numbers and dates formatted by Vega, in a drawing, against our own."""
    cases = [
        (1234, ",d", numbers.number(1234)),
        (-1234567, ",d", numbers.number(-1234567)),
        (1234.5, ",.2f", numbers.number(1234.5, 2)),
        (1234.5, "$,.2f", numbers.euro(1234.5)),
        (-1234.5, "$,.2f", numbers.euro(-1234.5)),
        (0.123, ".1%", numbers.percent(D("12.3"))),
        (12.5, ",.1%", numbers.percent(D("1250"))),
        (0.0412, "+.1%", numbers.percent(D("4.12"), sign=True)),
        (0, ",d", numbers.number(0)),
    ]
    drawn = [_drawn({"type": "quantitative", "format": form}, value) for value, form, _ in cases]
    assert drawn == [expected for _, _, expected in cases]
    assert _drawn({"type": "temporal", "format": "%-d %B %Y"}, "2025-03-11T12:00") == numbers.date_long("2025-03-11")
    assert _drawn({"type": "temporal", "format": "%d/%m/%Y"}, "2025-12-31T12:00") == numbers.date_short("2025-12-31")


def _drawn(text: dict, value: object) -> str:
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": [{"v": value}]},
        "mark": "text",
        "encoding": {"text": {"field": "v", **text}},
        "config": THEME,
    }
    return unescape(re.search(r"<text[^>]*>([^<]*)</text>", static_svg(spec))[1])
