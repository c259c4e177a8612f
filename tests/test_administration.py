"""The facts of the administrative unit that need computation: budget lines, accredited services, fees."""

import pytest

from annuario.figures import Absent
from cremasca.accredited import Accreditati, Servizio
from cremasca.administration import Amministrazione
from cremasca.budget_lines import Conti
from cremasca.child_areas import Territori
from cremasca.placements import Rette


def test_lines_of_a_service_are_summed_year_by_year(opened):
    lines = Conti(opened("relazione-2025")).cdd
    assert str(lines.speso.cifre) == "€\u00a0688.000,81" and set(lines.speso.series) == {2021, 2025}
    assert str(lines.quota.pari) == "pari al 93,1\u00a0%" and lines.quota.reasons == ()
    assert len(lines.voci) == 8 and {row.year for row in lines.speso.rows} == {2021, 2025}
    assert {row.source.partition(":")[0] for row in lines.previsto.rows if row.year == 2025} == {"relazione-2025"}


def test_without_an_outcome_the_lines_say_nothing(opened):
    lines = Conti(opened("relazione-2024")).sistema
    assert lines.voci is None and lines.maggiori(10) is None and lines.anni("Costo") is None
    for what in ("speso", "quota"):
        assert not getattr(lines, what).nota
    with pytest.raises(Absent):
        lines.massima


def test_the_largest_lines_have_no_service_in_their_names(opened):
    lines = Conti(opened("relazione-2025")).sistema
    assert list(lines.maggiori(3)["nome"]) == ["Spese generali", "Supporto amministrativo", "IRAP"]


def test_costs_per_hour_and_per_user_come_from_the_printed_totals(opened):
    services = Accreditati(opened("relazione-2025"))
    saap = services.servizi[0]
    assert str(saap.per_ora.cifre) == "€\u00a024,97" and str(saap.ore_per_utente.intero) == "280"
    assert str(saap.forbice) == "da €\u00a06.116,74 (Soncino) a €\u00a08.544,76 (Crema)"
    assert str(services.costo.cifre) == "€\u00a07.981.714,45" and str(services.forbice_ora).endswith("(SIP)")
    sip = services.servizi[3]
    assert str(sip.per_ora.cifre) == "€\u00a027,07" and str(sip.utenti.andamento) == ""
    with pytest.raises(Absent):
        sip.forbice  # the costs of the sub-ambiti are left open


def test_municipalities_with_users_are_not_those_that_joined(opened):
    services = Accreditati(opened("relazione-2021"))
    assert [int(figure.valore) for figure in services.comuni] == [45, 44, 40, 23]
    assert int(services.servizi[3].aderenti.valore) == 37
    assert str(services.servizi[3].adesione_completa) == "un sub-ambito su sei"


def test_two_tables_of_one_document_count_other_users(opened):
    services = Accreditati(opened("relazione-2024"))
    assert str(services.utenti_diversi).endswith(
        "nel 2024 SAAP 989 e 883, SAD 266 e 172, ADM/ADEA 201 e 147, SIP 48 e 42"
    )
    assert str(Accreditati(opened("relazione-2025")).segno_contrario) == "SAAP e ADM/ADEA"
    for year in (2019, 2021):  # in 2020 one of the two is a misprint
        with pytest.raises(Absent):
            Accreditati(opened(f"relazione-{year}")).utenti_diversi


def test_means_of_the_placements(opened):
    fees = Rette(opened("relazione-2025"))
    assert str(fees.senza_affidi.cifre) == "€\u00a013.251,44" and str(fees.minori.cifre) == "€\u00a011.301,77"
    assert str(fees.diurno_compreso.cifre) == "€\u00a064.275,75"
    with pytest.raises(Absent):
        Rette(opened("relazione-2021")).diurno_compreso


def test_units_of_offer_by_the_name_of_each_edition(opened):
    now, before = (Amministrazione(book, Conti(book)) for book in map(opened, ("relazione-2025", "relazione-2021")))
    assert [int(unit.nuove_esercite.valore) for unit in (now, before)] == [7, 8]
    assert [str(unit.controlli) for unit in (now, before)] == [
        "47 sopralluoghi sulle unità accreditate",
        "10 controlli sulle unità esercite",
    ]
    assert str(before.rilievi) == "risultano 8 contestazioni e nessuna sanzione"
    assert str(now.rilievi) == "non risultano contestazioni né sanzioni"
    assert (
        now.costo_assistito.reasons and now.parole("ict-roadmap") is not None and before.parole("ict-roadmap") is None
    )


def test_what_moved_the_cost_of_a_service(opened):
    saap, sad = (Servizio(opened("relazione-2025"), code) for code in ("saap", "sad"))
    assert saap.spinta == "perché un’ora costa di più, mentre le ore calano"
    assert sad.spinta == "perché le ore calano, mentre il costo di un’ora cresce"
    before = Servizio(opened("relazione-2021"), "sad")
    assert before.spinta == "soprattutto perché le ore crescono"


def test_the_one_sub_ambito_that_falls_is_not_the_largest_fall(opened):
    assert (
        Territori(opened("relazione-2025")).movimenti
        == "l’aumento maggiore è a Pandino (+21) e il solo calo a Crema (−1)"
    )
    assert "il calo maggiore a Crema" in Territori(opened("relazione-2024")).movimenti
