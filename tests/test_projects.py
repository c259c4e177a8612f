"""The register of projects: how many, how much, whose."""

from decimal import Decimal

import pytest

from annuario.figures import Absent
from annuario.notebook import open_edition
from cremasca.projects import Progetti


def test_the_register_is_counted_and_summed():
    progetti = Progetti(open_edition("relazione-2021"))
    counted = (progetti.numero, progetti.avviati, progetti.conclusi, progetti.capofila, progetti.con_importi)
    assert [figure.valore for figure in counted] == [23, 6, 8, 10, 23]
    assert (progetti.ambito.valore, progetti.azienda.valore) == (Decimal("2435094.94"), Decimal("2128662.38"))
    assert len(progetti.numero.rows) == 23 and progetti.numero.rows[0].table == "progetti"
    assert progetti.finanziatori.massima.name == "Ministero del Lavoro"
    assert progetti.per_numero.massima.conta == "6 progetti"


def test_the_company_s_share_is_of_what_is_printed_for_both():
    """Blank cells are no zeros: the projects that leave the company's amount blank are left out of the whole."""
    early, late = (Progetti(open_edition(f"relazione-{year}")) for year in (2021, 2025))
    assert early.quota_azienda.nuda.replace("\u00a0", " ") == "89 %"
    assert [figure.valore for figure in (late.interi, late.divisi, late.di_altri)] == [17, 13, 3]
    with pytest.raises(Absent):
        early.di_altri
    assert (late.quota_minima.valore, late.quota_massima.valore) == (Decimal("1.1"), Decimal("54.3"))


def test_a_year_without_register_has_nothing_to_show():
    progetti = Progetti(open_edition("relazione-2023"))
    assert (progetti.enti, progetti.importi, progetti.annotazioni, progetti.quote) == (None,) * 4
    assert not any(
        figure.nota for figure in (progetti.numero, progetti.azienda, progetti.quota_azienda, progetti.interi)
    )
    assert progetti.primi_dieci == [] and progetti.finanziatori_maggiori == []
    assert progetti.attivita_negli_anni is not None
