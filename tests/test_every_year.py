"""The text is true and grammatical whatever the year's numbers: chapters read with data at their extremes.

A few variants run here; ``python tests/artificial.py`` runs them all.
"""

import doctest
import random
from decimal import Decimal

import artificial
import italian
import pytest
from artificial import Variant

from annuario.data.nature import FLOW, Nature
from annuario.figures import Figure
from annuario.words.phrases import Noun

#: Chapters that are quick to read and full of figures.
REPORT = {
    "in-sintesi",
    "amministrazione",
    "tutela-minori",
    "inserimento-lavorativo",
    "gestione",
    "personale",
    "progettazione",
}
PLAN = {"in-sintesi", "territorio", "personale", "promesso-fatto", "pluriennale", "canali"}
ALL_AT_ONCE = ("ones", "zeros", "small", "deficit", "only-now", "not-entered", "holes")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Gli affidi sono 1.", "one or none with a plural verb"),
        ("Nell'anno sono state 0 tra le esercite.", "one or none with a plural verb"),
        ("L'azienda ha 1 dipendenti.", "one or none of a plural"),
        ("Le adozioni 0, sedici in meno del 2024.", "a lone 0 or 1"),
        ("Si sono aggiunti 3 caso.", "several of a singular"),
        ("Nell'anno è seguito 12 minori.", "several with a singular verb"),
        ("L'anno conta nessun intervento.", "none without «non»"),
        ("L'avanzo è di −€ 1.384.627,28, in calo del 133,7 %.", "a negative surplus"),
        ("Il costo per utente va da € 453,75 (Crema) a € 453,75 (Crema).", "from a thing to itself"),
        ("Le domande ammesse sono 459 (0 %).", "no change told"),
        ("Il costo è di None.", "raw code"),
        ("La voce maggiore è «A» e «B», a pari merito.", "the first of a tie"),
    ],
)
def test_the_checker_sees_each_kind(text, kind):
    assert kind in {found for found, _ in italian.sentences(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Sono in carico 879 minori, in aumento del 18,6 % rispetto al 2024.",
        "È stata attivata una postazione; non vi è stata inserita nessuna persona.",
        "Casi nuovi: 0; chiusi: 1.",
        "Il costo va da € 453,75 (Crema) a € 553,75 (Soncino); la quota è l'1 %.",
        "Lo scostamento è di −€ 12,00.",
        "Al 1° gennaio 2025 erano in carico 1.001 minori, dei quali 21 in affido.",
    ],
)
def test_the_checker_leaves_good_sentences(text):
    assert italian.sentences(text) == []


def test_a_chapter_is_checked_as_it_is_built():
    found = artificial.Read(
        "prova", texts=[(0, "# Titolo\n\n## Vuoto\n\n## Pieno\n\nsenza maiuscola, e  doppi blanks")]
    )
    kinds = {finding.kind for finding in italian.findings(Variant("relazione-2025"), [found])}
    assert kinds >= {"a heading of nothing", "begins in the middle", "has no end", "double blanks"}


def test_examples_in_the_documentation():
    assert doctest.testmod(italian).failed == 0


CHILDREN = Nature("numero", FLOW, noun=Noun("minore", "minori"))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (236, "Sono seguiti 236 minori"), (1, "È seguito un minore"), (0, "Non è seguito nessun minore"),
    ],
)  # fmt: skip
def test_a_verb_agrees_with_what_it_counts(value, said):
    figure = Figure("minori", {2025: Decimal(value)}, 2025, CHILDREN)
    assert figure.conta_con("È seguito", "Sono seguiti") == said


def _sample(seed: int, edition: str, count: int) -> list[Variant]:
    """Some variants of one table, at random; others at each seed."""
    single = [variant for variant in artificial.variants(edition, seed) if variant.table]
    return random.Random(seed).sample(single, count)


def _read(variant: Variant, chapters: set[str]) -> list[str]:
    found = italian.findings(variant, artificial.run(variant, chapters))
    return [f"{finding.kind}: {finding.chapter}: {finding.text}" for finding in found]


@pytest.mark.parametrize("edition", ["relazione-2026", "piano-2022"])
def test_a_new_year_reads_right(edition):
    """As the newest edition, every year one later, without a commentary: nothing is blamed on the documents."""
    chapters = REPORT if edition.startswith("relazione") else PLAN
    assert _read(Variant(edition, artificial.MUTE), chapters) == []


@pytest.mark.parametrize("extreme", ALL_AT_ONCE)
def test_the_report_reads_right_with_all_tables_at_an_extreme(extreme):
    assert (
        _read(
            Variant("relazione-2025", extreme),
            {"in-sintesi", "tutela-minori", "gestione", "personale"},
        )
        == []
    )


@pytest.mark.parametrize("extreme", ["ones", "zeros", "not-entered", "holes"])
def test_the_plan_reads_right_with_all_tables_at_an_extreme(extreme):
    assert _read(Variant("piano-2021", extreme), PLAN) == []


@pytest.mark.parametrize("variant", _sample(1, "relazione-2026", 4) + _sample(2, "piano-2022", 3), ids=str)
def test_one_table_at_an_extreme(variant):
    chapters = REPORT if variant.book == "relazione" else PLAN
    assert _read(variant, chapters) == []


def test_a_deficit_is_called_so():
    [page] = artificial.run(Variant("relazione-2025", "deficit", "indicatori"), {"in-sintesi"})
    text = " ".join(text for _, text in page.texts)
    assert "un disavanzo di " in text and "un avanzo" not in text
