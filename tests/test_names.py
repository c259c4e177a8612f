"""What the book calls what tables know by a code: the table of names says it, and where it does not one is told."""

import pytest

from annuario.data import Package, editions
from annuario.errors import BookError
from annuario.notebook import Chapter
from annuario.text import inline
from annuario.text.expressions import Faults
from cremasca import fund_rows, funding, plan, revenues
from cremasca.names import listed
from cremasca.projects import Progetti


def test_a_fund_is_called_as_the_table_says_and_else_as_it_is_printed(spoiled):
    spoiled("nomi", "fondi,pua,PUA – Punto Unico di Accesso,", "fondi,pua,Il PUA,")
    spoiled("nomi", "fondi,comuni,Fondi comunali per la gestione associata,\n", "")
    edition = Package(spoiled.folder).edition("relazione", 2025)
    named = fund_rows.assigned(edition, fund_rows.INSTITUTIONAL).set_index("fondo")["nome"]
    assert set(named["pua"]) == {"Il PUA"} and set(named["comuni"]) == {"FONDI COMUNALI per gestione associata"}


def test_a_name_that_is_nowhere_is_asked_for_with_its_list(spoiled):
    spoiled("nomi", "provenienze,stato,Stato,\n", "")
    with pytest.raises(BookError, match=r"nomi\.csv: l’elenco «provenienze» non ha un nome per il codice «stato»"):
        revenues.forecast_by_origin(Package(spoiled.folder).edition("piano", 2021))


def test_a_channel_of_the_cards_without_a_name_is_asked_for(spoiled):
    spoiled("nomi", "canali-schede,fnps,FNPS,dal FNPS\n", "")
    card = plan.cards(Package(spoiled.folder).edition("piano", 2020))["po2020-01"]
    with pytest.raises(BookError, match="«canali-schede» non ha un nome per il codice «fnps»"):
        card.table()


def test_the_table_says_which_channels_a_source_of_the_plans_has(spoiled):
    spoiled("nomi", "fonti-canali,poverta,Piano Povertà,fondo-poverta\n", "")
    spoiled("nomi", ",fondi-ats ats-misura-6", ",fondi-ats ats-misura-6 fondo-poverta")
    edition = Package(spoiled.folder).edition("piano", 2021)
    frame = funding.forecast(edition).set_index("canale")
    assert frame.at["fondo-poverta", "fonte_codice"] == "ats" and frame.at["comuni", "fonte_codice"] == "comuni"
    assert "poverta" not in set(funding.amounts(edition, frame)["sorgente"])


def test_a_new_kind_of_funding_body_is_a_row_of_the_table(spoiled, here):
    """Wherever it stands: the longest beginning counts, and the row without one has all others."""
    spoiled("nomi", "finanziatori,csc,", "finanziatori,cariplo,Cariplo,Fondazione Cariplo\nfinanziatori,csc,")

    def register() -> Progetti:
        package = Package(spoiled.folder)
        return Progetti(Chapter(here, package, editions.parse("relazione-2025", here, package)))

    kinds = register().per_numero
    assert kinds["cariplo"].name == "Cariplo" and kinds["fondazioni"].nota and kinds["ministero-regione"].nota
    spoiled("nomi", "finanziatori,fondazioni,Fondazioni ed enti ecclesiastici,\n", "")
    with pytest.raises(BookError, match=r"nomi\.csv: l’elenco «finanziatori» non comprende «"):
        register().per_numero


@pytest.mark.parametrize("cell", ["Sono `{python} nome`.", "<!-- se: nome -->\nCi sono."])
def test_a_reason_that_ends_with_a_full_stop_gets_no_second_one(tmp_path, spoiled, cell):
    names = listed(Package(spoiled.folder), "provenienze")
    with pytest.raises(BookError) as told:
        names["marte"]
    fails = inline.Failure(f"BookError: {told.value}")
    with pytest.raises(Faults) as faults:
        inline.Finisher(tmp_path).markdown(cell, lambda wanted, _: dict.fromkeys(wanted, fails))
    assert [problem for problem in faults.value.problems if "lo dia." in problem and ".." not in problem]
