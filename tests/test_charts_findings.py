"""The sentence that a chart shows, its title: true and grammatical whatever the figures."""

from decimal import Decimal

import pytest
from test_charts import long

from annuario import charts
from annuario.book.outputs import _titled
from annuario.charts import findings
from annuario.charts.values import gridded
from annuario.data.corrections import COLUMN
from annuario.words import subjects
from annuario.words.numbers import MINUS, NBSP

SUBJECT = "Ore di servizio"


def course(values, subject=SUBJECT, unit="ore", first=2019):
    grid = gridded(long(f"a | Voce | {values}", range(first, 2026), unit=unit), "indicatore", "anno", None)
    return findings.series(grid, "a", subject).replace(NBSP, " ")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (" | | | | | 1000 | 1100", "Le ore di servizio sono aumentate del 10 % rispetto al 2024."),
        (" | | | | | 1000 | 900", "Le ore di servizio sono diminuite del 10 % rispetto al 2024."),
        (" | | | | | 1000 | 1000", "Le ore di servizio sono rimaste invariate rispetto al 2024."),
        (" | | | 1000 | | | 2000", "Le ore di servizio sono raddoppiate rispetto al 2022."),  # the last known year
        (
            "900 | 950 | | 1000 | 980 | 990 | 1100",
            "Le ore di servizio sono aumentate dell’11,1 % rispetto al 2024, il valore più alto dei sei anni noti dal 2019.",
        ),
        (
            " | | | 1000 | 980 | 990 | 900",
            "Le ore di servizio sono diminuite del 9,1 % rispetto al 2024, il valore più basso dal 2022.",
        ),
        (" | | | 1000 | 980 | 990 | 1000", "Le ore di servizio sono aumentate dell’1 % rispetto al 2024."),  # a tie
        (" | | | | | 0 | 30", "Le ore di servizio passano da 0 a 30 fra il 2024 e il 2025."),
        (" | | | | | 30 | 0", "Le ore di servizio passano da 30 a 0 fra il 2024 e il 2025."),
        (" | | | | | -5 | 3", f"Le ore di servizio passano da {MINUS}5 a 3 fra il 2024 e il 2025."),
        (" | | | | | 0 | 0", "Nel 2025 il valore è lo stesso del 2024: 0."),
        (" | | | | | | 5", ""),  # nothing to compare with
        (" | | | | 4 | 5", ""),  # the chart ends with the last known year, see below
    ],
)
def test_a_series(values, told):
    if values == " | | | | 4 | 5":
        frame = long("a | Voce | 1 | 2 |\nb | Altra | 3 | 4 | 5", unit="ore")
        grid = gridded(frame, "indicatore", "anno", None)
        assert findings.series(grid, "a", SUBJECT) == ""  # nothing is known of the last year
    else:
        assert course(values) == told


def test_small_counts_are_told_and_percentages_move_by_points():
    assert (
        course(" | | | | | 1 | 3", "Minori inseriti", "minori")
        == "I minori inseriti passano da 1 a 3 fra il 2024 e il 2025."
    )
    assert (
        course(" | | | | | 40 | 42.5", "Quota", "%")
        == "La quota è in aumento di 2,5 punti percentuali rispetto al 2024."
    )


def test_a_subject_that_does_not_say_its_gender_stays_out():
    assert course(" | | | | | 1000 | 1100", "FNA, misura B2") == "Il valore è aumentato del 10 % rispetto al 2024."
    assert course(" | | | | | 3 | 4", "FNA, misura B2", "casi") == "Fra il 2024 e il 2025 si passa da 3 a 4."


def test_what_cannot_be_compared_or_is_open_is_not_told():
    frame = long("a | Casi | 100 | 120 | 150").assign(dal=[0, 0, 2025])
    assert charts.by_year(frame, "Casi").finding == ""

    class Open:
        open, field, used, unit, note = True, "valore", "", "casi", "Incerto."

    frame = long("a | Crema | 100\nb | Offanengo | 120\nc | Soncino | 130", (2025,))
    assert "vanno da" in charts.ranking(frame, "Casi", "indicatore").finding
    frame[COLUMN] = [(), (Open(),), ()]
    grid = gridded(frame.drop(columns=COLUMN), "indicatore", "anno", None)
    grid.open.add(("b", 2025))
    assert findings.comparison(grid, ["a", "b"], "Casi") == findings.parts(grid, 2025) == ""


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("a | Crema | 9\nb | Pandino | 2\nc | Soncino | 5", "I casi vanno da 2 (Pandino) a 9 (Crema)."),
        ("a | Crema | 9\nb | Pandino | 2\nc | Soncino | 9", "I casi vanno da 2 (Pandino) a 9 (Crema e Soncino)."),
        ("a | A | 9\nb | B | 2\nc | C | 9\nd | D | 9", "I casi vanno da 2 (B) a 9 (tre voci)."),
        ("a | Crema | 0\nb | Pandino | -2", f"I casi vanno da {MINUS}2 (Pandino) a 0 (Crema)."),
        ("a | Crema | 4\nb | Pandino | 4", "Tutti i valori sono uguali: 4."),
        ("a | Crema | 4", ""),
    ],
)
def test_who_has_most_and_least(rows, told):
    grid = gridded(long(rows, (2025,)), "indicatore", "anno", None)
    assert findings.comparison(grid, grid.codes, "Casi") == told


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            "a | Crema | 60\nb | Pandino | 20\nc | Soncino | 20",
            "Più della metà del totale è in una sola voce: Crema (60 %).",
        ),
        ("a | Crema | 60\nb | Pandino | 40", "La voce maggiore è Crema, con il 60 % del totale."),
        ("a | A | 30\nb | B | 25\nc | C | 24\nd | D | 21", "A e B fanno insieme il 55 % del totale."),
        ("a | A | 30\nb | B | 18\nc | C | 17\nd | D | 17\ne | E | 18", "La voce maggiore è A, con il 30 % del totale."),
        ("a | A | 40\nb | B | 40\nc | C | 20", "Le voci maggiori sono A e B, con il 40 % del totale ciascuna."),
        ("a | A | 5\nb | B | 5", "Le voci sono tutte uguali."),
        ("a | Altri enti | 60\nb | B | 40", ""),  # what is left beside the others
        ("a | A | 60\nb | B | -40", ""),
        ("a | A | 60\nb | B | 40\ntotale | Totale | 90", ""),  # more than the whole
        ("a | A | 60\nb | B | 20\ntotale | Totale | 200", "La voce maggiore è A, con il 30 % del totale."),
        ("a | A | 60", ""),
    ],
)
def test_parts_of_a_whole(rows, told):
    grid = gridded(long(rows, (2025,)), "indicatore", "anno", None)
    assert findings.parts(grid, 2025).replace(NBSP, " ") == told


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("a | A | 5 | 9\nb | B | 7 | 8\nc | C | 1 | 3", "Tutte le voci sono in aumento rispetto al 2024, di più A (+4)."),
        ("a | A | 9 | 5\nb | B | 9 | 5", "Entrambe le voci sono in calo rispetto al 2024."),
        ("a | A | 5 | 9\nb | B | 7 | 6\nc | C | 1 | 3",
         "Rispetto al 2024 l’aumento maggiore è di 4 (A), l’unico calo è di 1 (B)."),
        ("a | A | 5 | 5\nb | B | 7 | 7", "Nessuna delle voci cambia rispetto al 2024."),
        ("a | A | 5 | 9\nb | B | 7 | 3\nc | C | 3 | \nd | D | 2 | 2",
         "Rispetto al 2024 l’unico aumento è di 4 (A), l’unico calo è di 4 (B)."),
        ("a | A | 5 | 9\nb | B | 7 | ", ""),
        ("a | A (uno) | 5 | 9\nb | B | 7 | 8", "Entrambe le voci sono in aumento rispetto al 2024, di più A – uno (+4)."),
    ],
)  # fmt: skip
def test_what_rose_and_what_fell(rows, told):
    assert charts.by_year(long(rows, (2024, 2025)), "Casi").finding == told


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("a | A | 100 | 90\nb | B | 50 | 45\ntotale | Totale | 200 | 150", "Nel complesso il consuntivo è pari al 75 % del preventivo."),
        ("a | A | 100 | 90\nb | B | 50 | 45\nc | C | 10 | 12",
         f"In due voci su tre il consuntivo è inferiore al preventivo; lo scostamento più ampio è di {MINUS}€ 10,00 (A)."),
        ("a | A | 100 | 100\nb | B | 50 | 50", "Il consuntivo è pari al preventivo in entrambe le voci."),
        ("a | A | 0 | 90\nb | B | 50 | 45", "Lo scostamento più ampio è di +€ 90,00 (A)."),
        ("a | A | 0 | 90", ""),
        ("a | A | 200 | 90", "Nel complesso il consuntivo è pari al 45 % del preventivo."),
    ],
)  # fmt: skip
def test_what_was_spent_against_what_was_planned(rows, told):
    frame = long(rows, ("preventivo", "consuntivo"), unit="EUR").rename(columns={"anno": "fase"})
    grid = gridded(frame, "indicatore", "fase", None)
    assert findings.against(grid, "preventivo", "consuntivo").replace(NBSP, " ") == told


@pytest.mark.parametrize(
    ("phrase", "agree"),
    [
        ("Costo del servizio", "ms"), ("Persone seguite", "fp"), ("Attivazioni del servizio", "fp"), ("Minori", "mp"),
        ("Quota assegnata", "fs"), ("Progettualità presentate", "fp"), ("Densità", ""), ("Crisi", ""), ("SAAP", ""),
        ("Programma di zona", "ms"), ("Verbali e deliberazioni", ""), ("Utenti, ore", ""), ("Enti segnalanti", "mp"), ("", ""),
    ],
)  # fmt: skip
def test_gender_and_number_of_a_subject(phrase, agree):
    assert subjects.of_phrase(phrase) == agree


def test_names_keep_their_capital_letter():
    assert subjects.opened("Servizio Sociale erogato", "ms") == "Il Servizio Sociale erogato"
    assert subjects.opened("Comuni serviti", "mp") == "I Comuni serviti"
    assert subjects.opened("Utenti attivi", "mp") == "Gli utenti attivi"


def test_a_limit():
    frame = long("a | A | 120\nb | B | 90\nc | C | 130", (2025,))
    found = [
        charts.ranking(frame, "Carico", "indicatore", reference=limit).finding for limit in (100, 125, 300, Decimal(1))
    ]
    assert found == ["Due valori su tre superano 100.", "Un valore su tre supera 125.",
                     "Nessun valore supera 300.", "Tutti i valori superano 1."]  # fmt: skip


def test_the_title_stands_before_what_is_measured():
    facts = {"risultato": "I casi sono *due*!", "misura": ["minori", "2023–2025"]}
    assert _titled("Casi", facts) == r"**I casi sono \*due\*!** Casi (minori, 2023–2025)"
    assert _titled("Minori seguiti, 2025", facts).endswith(" Minori seguiti, 2025")  # both are told
    assert _titled("Casi", {}) == "Casi"


def test_one_or_two_numbers_are_no_chart():
    assert charts.by_year(long("a | Casi | 3 | 4", (2024, 2025)), "Casi") is None
    assert charts.shares(long("a | A | 3\nb | B | 4", (2025,)), "Casi", "indicatore") is None
    assert charts.by_year(long("a | Casi | 2 | 3 | 4", (2023, 2024, 2025)), "Casi").size == 3
