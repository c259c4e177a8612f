"""How the goals came out: with outcomes, listed alone, not published."""

import pytest

from annuario.figures import Absent
from annuario.notebook import open_edition
from cremasca.goal_outcomes import Obiettivi


def test_outcomes_are_counted_by_scope():
    found = Obiettivi(open_edition("relazione-2021"))
    assert (found.valutati.valore, found.raggiunti.valore, len(found.valutati.rows)) == (48, 33, 48)
    assert found.esiti == "33 raggiunti, 7 in corso e 8 non raggiunti"
    assert found.progettazione.esiti == "tutti raggiunti"
    assert (found.ambiti.massima.name, found.ambiti.minima.name) == ("Area Progettazione", "Obiettivi strategici")
    assert found.piano.senza_esito.valore == 2 and not found.piano.valutati.nota
    assert (
        found.strategici.mancati.startswith("gli obiettivi «")
        and "(progetto con FBC non finanziato)" in found.strategici.mancati
    )


@pytest.mark.parametrize(("year", "said"), [(2025, "con_esito"), (2020, "elencati"), (2019, "non_pubblicati")])
def test_the_chapter_opens_with_what_there_is(year, said):
    found = Obiettivi(open_edition(f"relazione-{year}"))
    for name in ("con_esito", "elencati", "non_pubblicati"):
        if name == said:
            assert getattr(found, name) == year
        else:
            with pytest.raises(Absent):
                getattr(found, name)


def test_one_scope_alone_is_not_compared():
    found = Obiettivi(open_edition("relazione-2025"))
    assert found.per_esito is None and found.proporzioni is None
    with pytest.raises(Absent):
        found.strategici_raggiunti
