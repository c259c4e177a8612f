"""The line below a table or chart that says where its numbers stand."""

import pytest

from annuario.book.credits import line
from annuario.data.value import Record


def rows(*sources):
    return [Record("casi", number, source) for number, source in enumerate(sources, 2)]


@pytest.mark.parametrize(
    ("sources", "told"),
    [
        ((), ""),
        (("esempio",), ""),  # no document that has lines
        (("relazione-2025:7",), "Fonte: relazione 2025, riga 7."),
        (("relazione-2025:7-9",), "Fonte: relazione 2025, righe 7–9."),
        (("relazione-2024:7", "relazione-2025:9"), "Fonti: relazione 2025, riga 9; relazione 2024, riga 7."),
        (("calcolato",), "Fonte: elaborazione dell’agenzia."),
        (("relazione-2025:7", "calcolato"), "Fonte: relazione 2025, riga 7; valori in parte calcolati."),
        (("tutela-minori-1!Movimento!C7",), "Fonte: consegna «tutela-minori-1», Movimento, C7."),
    ],
)
def test_a_source_is_told_in_few_words(sources, told):
    assert line(rows(*sources)) == told


def test_long_lists_are_cut_and_say_how_much_is_left():
    assert line(rows(*(f"relazione-2025:{place}" for place in (10, 20, 30, 40)))).endswith("righe 10, 20, 30 e 40.")
    assert line(rows(*(f"relazione-2025:{place}" for place in range(10, 80, 10)))).endswith(
        "righe 10, 20, 30 e altre 4."
    )
    many = line(rows(*(f"relazione-{year}:1" for year in range(2019, 2026))))
    assert many.startswith("Fonti: relazione 2025, riga 1;") and many.endswith("; e altri 4 documenti.")
