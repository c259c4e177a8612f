"""What was assigned to the ambito: totals, shares, what came and what went."""

from decimal import Decimal

import pytest

from annuario.figures import Absent
from annuario.notebook import open_edition
from cremasca.funds import Risorse


def test_the_lines_of_a_group_by_their_short_names():
    fondi = Risorse(open_edition("relazione-2025")).fondi
    assert fondi.voci.massima.name == "Fondi comunali per la gestione associata"
    assert fondi.voci["sanitario-cdd-misura-6"].name == "Fondo sanitario per CDD, Misura 6 e vigilanza"
    assert fondi.variazione_massima.replace("\u00a0", " ") == "«Fondo Povertà» (+€ 1.550.793,19)"
    assert (
        Risorse(open_edition("relazione-2021")).fondi.voci["sanitario-cdd-misura-6"].name
        == "Fondo sanitario per CDD e Misura 6"
    )


@pytest.mark.parametrize(
    ("year", "moved"),
    [
        (2021, "si aggiunge «Dopo di Noi»; viene meno «Dote infanzia»"),
        (2020, None),  # the year before is not known
        (2025, None),  # the same lines
    ],
)
def test_what_came_and_what_went(year, moved):
    misure = Risorse(open_edition(f"relazione-{year}")).misure
    if moved:
        assert misure.mosse == moved
    else:
        with pytest.raises(Absent):
            misure.mosse


def test_what_is_bound_and_all_together():
    risorse = Risorse(open_edition("relazione-2021"))
    assert risorse.somma.valore == Decimal("13918627.93")
    assert round(risorse.fondi.quota_vincolata.valore, 1) == Decimal("86.0")
    assert risorse.progetti.origini.massima.name == "Fondo ministeriale"
    shown = risorse.fondi.vincoli.groupby("anno")["valore"].agg(list)
    assert all(bound + free == whole for bound, free, whole in shown)


def test_a_year_without_funds_has_nothing_to_show():
    risorse = Risorse(open_edition("relazione-2022"))
    fondi = risorse.fondi
    assert not risorse.somma.nota
    with pytest.raises(Absent):
        risorse.misure.parti.motore.valore
    assert (fondi.tabella, fondi.confronto, fondi.senza_confronto, fondi.negli_anni, fondi.vincoli) == (None,) * 5


def test_the_fund_that_moved_the_total_is_named_also_where_a_line_is_new(opened):
    parts = Risorse(opened("relazione-2025")).fondi.parti
    assert parts.motore.name == "Fondo Povertà" and str(parts.motore.differenza) == "+€\u00a01.550.793,19"
    assert str(parts.altre.somma.tasso) == "+3,2\u00a0%"
