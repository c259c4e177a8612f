"""What the book calls what tables know by a code: the table of names says it, and where it does not one is told."""

import ast
import csv
import re

import pytest
from conftest import ROOT

from annuario.data import Package, editions
from annuario.data.package import READS
from annuario.errors import BookError
from annuario.figures import Source
from annuario.notebook import Chapter
from annuario.text import inline
from annuario.text.expressions import Faults
from cremasca import fund_rows, funding, plan_cards, revenues
from cremasca.names import Name, Names, listed
from cremasca.projects import Progetti
from cremasca.spending import lines_of


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
    card = plan_cards.cards(Package(spoiled.folder).edition("piano", 2020))["po2020-01"]
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


#: Names by code that stay in Python, and why.
STAY = {
    "goals.OUTCOMES": "the outcomes that the table of goals may have: the engine's colours and sentences know them too",
    "goal_outcomes._WORDS": "those outcomes within a sentence, of one goal and of several",
    "ratio_checks.OUTCOMES": "those outcomes in the table of goals by the names of the printed summary",
    "ratio_checks.workloads": "the formulas of a check, as its report prints them",
    "unpublished.DATA": "how much is published of a chart, the values that its field may have, within a sentence",
}


def test_names_of_codes_stand_in_data(package):
    """No module of the agency names two codes of one table or more: what an analyst knows is a row."""
    fields = {field for name in package.resources for field in package.fields(name)}
    codes: set[str] = set()
    for name in package.resources:
        own = [
            field
            for field, told in package.fields(name).items()
            if {"enum", "pattern"} & set(told.get("constraints", {}))
        ]
        for row in csv.DictReader(package.path(name).read_text(encoding="utf-8").splitlines()):
            codes.update(row[field] for field in own)
    codes = {code for code in codes - fields if re.fullmatch(r"[a-z][a-z0-9/-]+", code)}
    found = {}
    for path in sorted((ROOT / "lib" / "cremasca").glob("*.py")):
        source = path.read_text(encoding="utf-8")
        keys = re.findall(r'"([a-z][a-z0-9/-]+)": ', source)  # a module without any is not parsed
        for node in ast.parse(source).body if len(codes.intersection(keys)) > 1 else ():
            for inner in ast.walk(node):
                if isinstance(inner, ast.Dict):
                    named = [
                        key.value
                        for key, value in zip(inner.keys, inner.values)
                        if isinstance(key, ast.Constant) and key.value in codes and any(map(_is_text, ast.walk(value)))
                    ]
                    if len(named) > 1:
                        where = getattr(node, "targets", [node])[0]
                        found[f"{path.stem}.{getattr(where, 'id', getattr(where, 'name', ''))}"] = named
    assert not found.keys() ^ STAY.keys(), found


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_the_guide_tells_every_list(package):
    guide = (ROOT / "docs" / "guida.md").read_text(encoding="utf-8").partition("### Gli elenchi di nomi")[2]
    rows = [row.split("|")[1] for row in guide.partition("\n## ")[0].splitlines() if row.startswith("| `")]
    assert sorted(re.findall("`(.+?)`", " ".join(rows))) == sorted(set(package.read("nomi")["elenco"]))


@pytest.mark.parametrize("more", ["", "cdd", "misure/", "misure/fna ssd/pua"])
def test_lines_of_a_service_are_those_of_one_card(more):
    with pytest.raises(BookError, match="«Dopo di Noi» ha in «altro».*«scheda/inizio del codice»"):
        lines_of(Name("Dopo di Noi", more))
    assert lines_of(Name("Dopo di Noi", "misure/ddn misure/dopo")) == ("misure", ("ddn", "dopo"))


def test_the_longest_beginning_counts_wherever_it_stands():
    places = Names(
        "sedi", {"altre": Name("Altrove", ""), "pua": Name("PUA", "pua; puc"), "nord": Name("Nord", "pua-n")}
    )
    assert [places.fitting(code) for code in ("pua-nord", "pua-sud", "puc", "adi")] == ["nord", "pua", "pua", "altre"]
    del places["altre"]
    with pytest.raises(BookError, match="l’elenco «sedi» non comprende «adi»"):
        places.fitting("adi")


def test_who_asks_for_a_list_has_read_no_other(spoiled):
    READS.clear()
    assert list(listed(Package(spoiled.folder), "organi")) == ["cda", "assemblea"]
    asked = [read for read in READS if "nomi.csv" in read]
    assert len(asked) == 1 and "organi" in asked[0]


def test_a_misspelt_code_of_a_set_is_told_with_its_file_and_set(package):
    known = Names("insiemi", {"affidi": Name("Affidi per tipologia", "parenti parentii")})
    with pytest.raises(BookError, match=r"nomi\.csv: l’elenco «insiemi», codice «affidi»: .*«parentii»"):
        known.together("affidi", Source(package.edition("relazione", 2025)).figures("tm-affidi"))
