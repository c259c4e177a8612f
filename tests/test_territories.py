"""Extracts: what the data say of one territory, found by the declaration of the tables."""

import json
import shutil

import pytest
from click.testing import CliRunner
from conftest import ROOT, edit

from annuario import project
from annuario.book import build as building
from annuario.cli import main
from annuario.data import Package, editions, territories
from annuario.data.package import Veiled
from annuario.errors import BookError
from annuario.figures import Absent
from annuario.notebook import Chapter


@pytest.fixture
def opened_at(here):
    def make(name, code, package=None):
        package = package or Package(ROOT / "data")
        return Chapter(here, package, editions.parse(name, here, package)).territorio(code)

    return make


def entry(place, theme, name):
    return next(one for one in place.voci if one.tema.startswith(theme) and one.nome == name)


def test_every_table_with_the_dimension_is_found_and_compared_with_the_whole_and_the_others(opened_at):
    here = opened_at("relazione-2025", "pandino")
    assert here.titolo == "Sub-ambito di Pandino" and here.quanti == "sei"
    cases = entry(here, "Tutela Minori", "Casi")
    assert cases.valore == "164 minori" and cases.cifra.andamento == ", in aumento del 14,7\xa0% rispetto al 2024"
    assert cases.insieme.valore == 879 and cases.quota.il == "il 18,7\xa0%"
    assert cases.posto == "al secondo posto su sei"


def test_zeros_ties_and_what_the_documents_leave_open_have_no_place_that_is_not_theirs(opened_at):
    here = opened_at("relazione-2025", "pandino")
    nobody = entry(here, "Centro Diurno", "Inseriti")
    assert nobody.valore == "nessun minore"
    for absent in (lambda: nobody.posto, lambda: nobody.quota, lambda: entry(here, "SIP", "Utenti").posto):
        with pytest.raises(Absent):
            absent()
    there = opened_at("relazione-2021", "pandino")
    assert entry(there, "Centro Diurno", "Presenti").valore == "un minore"
    assert entry(there, "SAD", "Quota adesione").contro == "contro il 92\xa0% dell’insieme"
    tied = entry(there, "Centro Diurno", "Inseriti").posto
    assert tied == "al secondo posto su sei, a pari merito con Crema e Soncino"


def test_a_year_that_tells_nothing_of_it_has_no_entries(opened_at):
    here = opened_at("relazione-2022", "pandino")
    assert here.voci == [] and here.anni() is None
    with pytest.raises(Absent):
        here.racconto("", "")


def test_a_text_is_repeated_for_each_theme_and_entry_and_says_their_names(opened_at):
    here = opened_at("relazione-2025", "crema")
    told = here.racconto("## `{python} tema.nome`", "- `{python} voce.nome`: `{python} voce.valore`; la voce")
    assert told.startswith(
        "## `{python} qui.temi[0].nome`\n\n- `{python} qui.voci[0].nome`: `{python} qui.voci[0].valore`"
    )
    assert told.count("; la voce") == len(here.voci) and told.count("## ") == len(here.temi)


def test_what_is_not_to_be_told_is_missing_and_said_so(opened_at):
    package = Package(ROOT / "data")
    table = package.indexed("servizi_sub_ambito")
    fields = [table.column(field) for field in ("anno", "servizio", "sub_ambito")]
    rows = [row for row, told in enumerate(zip(*fields), 2) if told == (2025, "tutela-minori", "pandino")]
    veiled = Veiled(package, {"servizi_sub_ambito": {row: ["valore"] for row in rows}})
    here = opened_at("relazione-2025", "pandino", veiled)
    assert "Tutela Minori" not in [theme.nome for theme in here.temi]
    assert here.mancanti == "Tutela Minori (casi)"
    other = opened_at("relazione-2025", "crema", veiled)
    assert entry(other, "Tutela Minori", "Casi").posto == "al primo posto su cinque"


def test_territories_of_another_kind_are_the_same(spoiled, here):
    """Municipalities, in a table of the agency's whose field is not the last of the code."""
    path = spoiled.folder / "datapackage.json"
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    declared = {one["name"]: one for one in descriptor["resources"]}
    towns = json.loads(json.dumps(declared["sub_ambiti"]))
    towns |= {"name": "comuni", "path": "comuni.csv", "title": "Comuni"}
    towns.pop("regole")
    towns["schema"]["fields"][0]["name"] = towns["schema"]["primaryKey"][0] = "comune"
    towns["schema"]["fields"][3].pop("constraints")
    visits = json.loads(json.dumps(declared["servizi_sub_ambito"]))
    visits |= {"name": "accessi", "path": "accessi.csv", "title": "Accessi", "cifra": ["comune", "misura"]}
    for word in ("regole", "riservatezza", "vintage"):
        visits.pop(word, None)
    fields = {field["name"]: field for field in visits["schema"]["fields"]}
    fields["sub_ambito"]["name"] = "comune"
    fields["misura"]["constraints"] = {}
    visits["schema"]["fields"] = [
        fields[name] for name in ("edizione", "anno", "sub_ambito", "misura", "valore", "fonte")
    ]
    visits["schema"]["primaryKey"] = ["edizione", "anno", "comune", "misura"]
    visits["schema"]["foreignKeys"] = [
        {"fields": ["comune"], "reference": {"resource": "comuni", "fields": ["comune"]}}
    ]
    descriptor["resources"] += [towns, visits]
    path.write_text(json.dumps(descriptor), encoding="utf-8")
    names = {"dovera": "Dovera", "crema": "Crema", "vailate": "Vailate"}
    (spoiled.folder / "comuni.csv").write_text(
        "comune,nome,ordine,tipo\n" + "".join(f"{code},{name},1,comune\n" for code, name in names.items()),
        encoding="utf-8",
    )
    (spoiled.folder / "accessi.csv").write_text(
        "edizione,anno,comune,misura,valore,fonte\n"
        + "".join(
            f"relazione-2025,2025,{code},primi-accessi,{count},relazione-2025:5\n"
            for code, count in zip(names, (4, 9, 7))
        ),
        encoding="utf-8",
    )
    package = Package(spoiled.folder)
    assert [one.id for one in territories.parse("all", package)][-3:] == ["dovera", "crema-comuni", "vailate"]
    [place] = territories.parse("crema-comuni", package)
    town = Chapter(here, package, editions.parse("relazione-2025", here, package)).territorio(place.id)
    [only] = town.voci
    assert (town.titolo, only.nome, only.posto, only.insieme.valore) == (
        "Comune di Crema", "Primi accessi", "al primo posto su tre", 20,
    )  # fmt: skip
    with pytest.raises(BookError, match="Unknown territory «crema»"):
        territories.parse("crema", package)


def test_no_declaration_is_told(spoiled):
    edit(spoiled.folder / "datapackage.json", '"ruolo": "territori",', "")
    with pytest.raises(BookError, match="no territory is declared"):
        territories.parse("pandino", Package(spoiled.folder))


@pytest.fixture
def extracts(small):
    shutil.copy(ROOT / "notebooks" / "relazione" / "territorio.ipynb", small.root / "notebooks" / "relazione")
    edit(small.root / "_quarto.yml", "      capitoli:", "      estratto: [relazione/territorio.ipynb]\n      capitoli:")
    return project.Project(small.root)


def test_an_extract_is_a_book_of_its_own(extracts, tmp_path):
    [place] = territories.parse("Pandino", Package(extracts.root / "data"))
    out = tmp_path / "output"
    summary = building.build(extracts, "relazione-2025", out, ("html",), "pandoc", territory=place)
    assert [one.name for one in out.iterdir() if one.name[0] != "."] == ["relazione-2025-pandino"]
    page = (out / "relazione-2025-pandino" / "relazione-2025-pandino.html").read_text(encoding="utf-8")
    text = " ".join(page.replace("\xa0", " ").replace("&nbsp;", " ").split())
    assert "Relazione 2025: Pandino" in text and "Estratto, sub-ambito di Pandino" in text
    assert (
        "Casi: 164 minori, in aumento del 14,7 % rispetto al 2024; il 18,7 % dell’insieme (879); al secondo posto su sei."
        in text
    )
    assert "{python}" not in text and (summary.tables, summary.charts) == (1, 1)
    assert building.build(extracts, "relazione-2025", out, ("html",), "pandoc", territory=place).unchanged
    data = {path.stem for path in (out / "relazione-2025-pandino" / "dati").glob("*.csv")}
    assert "servizi_sub_ambito" in data and "bilancio" not in data


def test_a_territory_that_is_none_is_told_with_those_there_are(extracts, small, monkeypatch):
    monkeypatch.setenv("ANNUARIO_ROOT", str(extracts.root))
    told = CliRunner().invoke(main, ["build", "relazione-2025", "--territory", "milano"])
    assert told.exit_code == 2
    assert "Unknown territory «milano»: choose one of bagnolo, castelleone, crema, pandino" in told.output
    edit(extracts.root / "_quarto.yml", "      estratto: [relazione/territorio.ipynb]\n", "")
    told = CliRunner().invoke(main, ["build", "relazione-2025", "--territory", "crema", "--engine", "pandoc"])
    assert told.exit_code == 2 and "the book «relazione» has no extract" in told.output
