"""Clauses about a series of years: said when the other years are known, else empty."""

from decimal import Decimal

import pytest

from annuario.words import numbers, trends

D = Decimal


def plain(text: str) -> str:
    return text.replace(numbers.NBSP, " ").replace(numbers.MINUS, "-")


@pytest.mark.parametrize(
    ("series", "trend"),
    [
        ({2024: D(200), 2025: D(205)}, ", in aumento del 2,5 % rispetto al 2024"),
        ({2021: D(80), 2025: D(72)}, ", in calo del 10 % rispetto al 2021"),
        ({2024: D(10), 2025: D(10)}, ", invariato rispetto al 2024"),
        ({2024: D(0), 2025: D(3)}, ", in aumento rispetto al 2024, quando il valore era zero"),
        ({2025: D(3)}, ""),
        ({2024: D(3)}, ""),
        ({2025: D(3), 2026: D(1)}, ""),
    ],
)
def test_the_change_on_the_last_known_year(series, trend):
    assert plain(trends.trend(series, 2025)) == trend


@pytest.mark.parametrize(
    ("series", "agree", "expected"),
    [
        ({2024: D(31), 2025: D(28)}, "mp", ", tre in meno del 2024"),
        ({2021: D(4), 2025: D(5)}, "fp", ", una in più del 2021"),
        ({2024: D(4), 2025: D(4)}, "fp", ", come nel 2024"),
        ({2024: D(34), 2025: D(86)}, "fp", ", più che raddoppiate rispetto al 2024"),
        ({2025: D(4)}, "mp", ""),
        ({2024: D(4)}, "mp", ""),
    ],
)
def test_the_change_of_a_small_count(series, agree, expected):
    assert trends.step(series, 2025, agree) == expected


def five(*values: int, last: int = 2025) -> dict[int, Decimal]:
    return {last - len(values) + 1 + place: D(value) for place, value in enumerate(values)}


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (five(1, 2, 3, 4, 5), ", il valore più alto dei cinque anni documentati, 2021–2025"),
        (five(5, 4, 9, 3, 2), ", il valore più basso dei cinque anni documentati, 2021–2025"),
        ({2019: D(9)} | five(5, 4, 9, 3, 2), ", il valore più basso dei sei anni documentati, 2019–2025"),
        (five(5, 4, 9, 2, 2), ""),
        (five(1, 5, 2, 3, 4), ""),
        (five(1, 2, 3, 4), ""),
        (five(1, 2, 3, 4, last=2024), ""),
        (five(1, 2, 3, 4) | {2026: D(9)}, ""),
    ],
)
def test_a_record_needs_five_known_years_and_names_them(series, expected):
    assert trends.record(series, 2025) == expected


def test_years_missing_in_between():
    assert trends.gaps({2019: D(1), 2021: D(2), 2023: D(3)}) == "2020 e 2022"
    assert trends.gaps({}) == ""
