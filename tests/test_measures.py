"""The district's measures and the work placement: facts that need more than one figure."""

from decimal import Decimal

import pytest

from annuario.data import editions
from annuario.figures import Absent, Figure
from annuario.notebook import Chapter
from cremasca.employment import Inserimento
from cremasca.groups import short, split
from cremasca.social_district import Distretto
from cremasca.spending import Spending

NB = "\u00a0"


@pytest.fixture(scope="module")
def opened(here, package):
    return lambda year: Chapter(here, package, editions.parse(f"relazione-{year}", here, package))


def amount(value):
    return Figure("x", {} if value is None else {2025: Decimal(value)}, 2025)


@pytest.mark.parametrize(
    ("spent", "planned", "said"),
    [
        ("22474.62", "25394.00", "€ 22.474,62 a consuntivo, l’88,5 % del preventivo"),
        ("40006.72", "4900", "€ 40.006,72 a consuntivo, a fronte di € 4.900,00 a preventivo"),
        ("0", "80000", "zero euro a consuntivo, a fronte di € 80.000,00 a preventivo"),
        ("100", "0", "€ 100,00 a consuntivo, senza previsione iniziale"),
        ("100", None, "€ 100,00 a consuntivo, senza previsione iniziale"),
    ],
)
def test_spending_says_itself_with_what_was_planned(spent, planned, said):
    found = Spending("x", {2025: Decimal(spent)}, 2025, planned=amount(planned))
    assert str(found.detta).replace(NB, " ") == said


def test_spending_is_the_sum_of_its_lines_and_rests_on_both_phases(opened):
    fna = Distretto(opened(2025)).costi.fna
    assert (fna.valore, fna.planned.valore) == (Decimal("732761.90"), Decimal("1277099.45"))
    assert len(fna.righe) == sum(row.year == 2025 for row in fna.rows) == 6
    absent = Distretto(opened(2023)).costi.fna
    assert not absent.nota and absent.righe is None


def test_a_line_that_the_totals_contradict_is_what_they_leave(opened):
    plan = Distretto(opened(2025)).piano_poverta
    assert plan.somma.valore == Decimal("638315.64") and len(plan["qsfp-interventi-inclusione"].rows) > 1


def test_parts_of_a_whole_with_what_they_leave():
    def figure(code, **years):
        return Figure(
            code, {int(year[1:]): Decimal(value) for year, value in years.items()}, 2025, name=f"Gruppo: {code}"
        )

    whole, part = figure("whole", y2024=10, y2025=12), figure("part", y2024=4, y2025=12)
    parts = split(whole, [part], "Altri")
    assert [(code, parts[code].valore) for code in parts] == [("part", 12), ("resto", 0), ("totale", 12)]
    assert parts.resto.series == {2024: 6, 2025: 0} and parts.resto.name == "Altri"
    assert list(split(whole, [figure("part", y2024=10, y2025=12)], "Altri")) == ["part", "totale"]
    assert split(whole, [figure("part", y2024=4).nel(2025)], "Altri") is None
    assert short(parts).part.name == "Part"


def test_totals_that_leave_a_category_out_are_not_compared(opened):
    fna = Distretto(opened(2021)).fna
    assert fna.presentate.andamento == "" and fna.quota_ammesse.nota
    assert fna.domande_comuni.valore == 342 and fna.domande_comuni.prima.valore == 260
    before = Distretto(opened(2020)).fna  # those granted hold a category that those made do not
    with pytest.raises(Absent):
        before.quota_ammesse
    now = Distretto(opened(2025)).fna
    with pytest.raises(Absent):
        now.domande_comuni
    assert now.presentate.prima.valore == 548


def test_two_cells_that_the_document_exchanged_are_put_in_order(opened):
    sil = Inserimento(opened(2025))
    assert (sil.utenti.valore, sil.beneficiari.valore) == (106, 78)
    assert (sil.utenti.stampato.valore, sil.utenti.prima.valore) == (78, 115)
    assert str(sil.quota_nuovi.cifre) == "44,3\u00a0%"


def test_the_project_shows_what_is_announced_of_the_year_after(opened):
    acqua = Inserimento(opened(2021)).acqua
    assert acqua["da-attivare-dopo"].valore == 2 and acqua["da-attivare-dopo"].name.endswith("nel 2022")
    later = Inserimento(opened(2022))
    assert later.previsioni == "" and later.acqua.da_attivare.valore == 2
    with pytest.raises(Absent):
        Inserimento(opened(2025)).previsioni
