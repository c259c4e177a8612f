"""The bodies of the company: their sessions and acts, who presides, what the Region gives."""

from decimal import Decimal

import pytest

from annuario.figures import Absent
from annuario.notebook import open_edition
from cremasca.governance import Quadro


def test_sessions_are_counted_and_spaced():
    sedute = Quadro(open_edition("relazione-2025")).sedute
    assert (sedute.consiglio.conta, sedute.assemblea.valore, len(sedute.consiglio.rows)) == (
        "9\u00a0sedute".replace("\u00a0", " "),
        3,
        9,
    )
    assert (sedute.intervallo_medio, sedute.intervallo_massimo) == ("39", "68")
    assert sedute.dopo_intervallo.replace("\u00a0", " ") == "23 settembre 2025"
    assert sedute.calendario is not None and len(sedute.elenco) == 12


def test_what_the_year_does_not_tell_is_absent():
    quadro = Quadro(open_edition("relazione-2024"))
    sedute = quadro.sedute
    assert not sedute.consiglio.nota and sedute.elenco is None and sedute.calendario is None and quadro.cariche is None
    for fact in (
        lambda: sedute.intervallo_medio,
        lambda: quadro.presidente,
        lambda: quadro.raccontato,
        lambda: quadro.quota_spesa.il,
    ):
        with pytest.raises(Absent):
            fact()
    assert quadro.solo_verbali.valore == 8 and not Quadro(open_edition("relazione-2025")).solo_verbali.nota
    assert quadro.atti and Quadro(open_edition("relazione-2019")).atti is None  # one year alone


def test_what_comes_from_the_region():
    quadro = Quadro(open_edition("relazione-2025"))
    assert quadro.regione.valore == Decimal("1862534.99") and round(quadro.quota_regione.valore, 1) == Decimal("10.5")
    assert not Quadro(open_edition("relazione-2020")).regione.nota  # a forecast is all there is
