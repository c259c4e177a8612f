"""Who works for the company: counts at dates, contracts, what is counted over the year."""

import pytest

from annuario.figures import Absent
from annuario.notebook import open_edition
from cremasca.workforce import Organico


def test_a_count_stands_beside_those_of_other_dates():
    organico = Organico(open_edition("relazione-2021"))
    assert (organico.data, organico.confronto) == ("31 dicembre 2021", ", due in più rispetto al 30 novembre 2020")
    assert organico.altre_date == "del 1° dicembre 2019 (43) e del 30 novembre 2020 (44)"
    assert organico.movimenti == "sono di più gli operatori amministrativi (+1) e gli educatori (+1)"
    assert organico.gruppo == "degli assistenti sociali"
    assert [(figure.name, figure.valore) for figure in organico.rapporti] == [
        ("Tempo indeterminato", 43), ("Tempo determinato", 3), ("Libera professione", 3),
    ]  # fmt: skip


def test_all_permanent_or_some_on_a_fixed_term():
    early, late = (Organico(open_edition(f"relazione-{year}")) for year in (2021, 2025))
    assert early.determinati.valore == 3 and late.tutti_stabili.valore == 51
    for absent in (lambda: early.tutti_stabili, lambda: late.determinati):
        with pytest.raises(Absent):
            absent()


def test_what_is_counted_over_the_year_says_so():
    organico = Organico(open_edition("relazione-2025"))
    assert organico.quota_agile.reasons == (
        "Il lavoro agile è contato nell’intero anno, il personale alla data indicata.",
    )
    assert [figure.valore for figure in organico.uso_agile] == [31, 20]
    assert organico.ore_medie.reasons


def test_the_first_count_has_none_to_compare_with():
    organico = Organico(open_edition("relazione-2019"))
    assert organico.confronto == "" and organico.profili_negli_anni is None and organico.contratti_negli_anni is None
    for absent in (lambda: organico.altre_date, lambda: organico.movimenti, lambda: organico.inizio):
        with pytest.raises(Absent):
            absent()
    assert Organico(open_edition("relazione-2023")).tabella is None
