"""A draft: its state, who sees its rows, what it shows of what is not entered yet."""

import datetime
import json
import os
import re
import shutil
from typing import NamedTuple

import pandas as pd
import pymupdf
import pytest
from click.testing import CliRunner
from conftest import edit, keep_in

from annuario import checks, project
from annuario.book import build as building
from annuario.book import checking
from annuario.checks.revisions import revisions
from annuario.cli import main
from annuario.data import Package, editions, sources
from annuario.data.expected import Expectations
from annuario.errors import BookError, CheckError
from annuario.execution.supposed import Supposed
from annuario.init import init
from annuario.notebook import open_edition
from annuario.text import answers, commentary, unentered
from annuario.year import missing, sealing, start
from annuario.year.progress import Progress

DRAFT = "relazione-2026"
DAY = datetime.date(2027, 4, 1)


def append(root, table: str, *rows: str) -> None:
    with (root / "data" / f"{table}.csv").open("a", encoding="utf-8") as file:
        file.write("".join(f"{row}\n" for row in rows))


@pytest.fixture
def new(tmp_path, shared):
    """The example as a new project, whose drafts are asked for its indicators alone."""
    init(tmp_path / "progetto")
    edit(
        tmp_path / "progetto" / "data" / "datapackage.json", '"name": "lettori",', '"name": "lettori", "attese": "no",'
    )
    keep_in(shared, tmp_path / "progetto" / "output")
    return project.Project(tmp_path / "progetto")


@pytest.fixture
def draft(new):
    """The example with an edition begun by ``annuario new``."""
    start.begin(new, DRAFT)
    return new


def enter(root, *codes: str, source: str = "calcolato", **values: str) -> None:
    """Enter indicators of the draft's year."""
    append(root, "indicatori", *(f"{DRAFT},2026,{code},tabella,{values.get(code, '100')},{source}," for code in codes))


def small(root) -> None:
    """Let the draft's small round numbers stand beside the example's large ones: its tables are no series."""
    path = root / "data" / "datapackage.json"
    declared = json.loads(path.read_text(encoding="utf-8"))
    for resource in declared["resources"]:
        resource["regole"] = resource.get("regole", {}) | {"serie": False}
    path.write_text(json.dumps(declared), encoding="utf-8")


def progress(new) -> Progress:
    package = Package(new.root / "data", DRAFT)
    return Progress(new, package, editions.parse(DRAFT, new, package))


def built(new, name: str = DRAFT, formats: tuple[str, ...] = ("html",)) -> tuple[building.Summary, str]:
    """What a build says, and the page's text."""
    summary = building.build(new, name, new.root / "output", formats, "pandoc")
    page = (new.root / "output" / name / f"{name}.html").read_text(encoding="utf-8")
    return summary, page


ALL = ("prestiti/libri", "prestiti/altro", "prestiti/totale", "iscritti/attivi", "iscritti/nuovi")


# -- the start


def test_a_new_edition_is_a_draft_asked_for_the_rows_of_the_last_one(draft):
    package = Package(draft.root / "data", DRAFT)
    [edition] = [one for one in editions.declared(package) if str(one) == DRAFT]
    assert edition.draft and not edition.published and not edition.reconstructed
    rows = Expectations(package, DRAFT, 2026).rows
    assert {row.key for row in rows} == {f"2026|{code}|tabella" for code in ALL}
    assert all(row.missing and row.state == "manca" for row in rows)
    assert package.read("indicatori")["edizione"].unique().tolist() == ["relazione-2025"], "nothing is entered"
    assert package.read("edizioni")["titolo"].tolist()[-1] == "Relazione 2026 (esempio)"


def test_commentary_has_a_heading_for_every_place_and_last_years_text_in_a_comment(draft):
    text = (draft.books["relazione"].texts / DRAFT / "prestiti.md").read_text(encoding="utf-8")
    assert text.startswith("# anno\n") and "<!-- 2025:" in text and "da sostituire" in text
    section = commentary.read(draft.books["relazione"].texts / DRAFT / "prestiti.md").sections["anno"]
    assert section.text == ""


def test_a_comment_in_last_years_text_does_not_end_the_comment_around_it(new):
    path = new.books["relazione"].texts / "relazione-2025" / "prestiti.md"
    path.write_text("# anno\nPrima. <!-- da rivedere --> Dopo.\n", encoding="utf-8")
    start.begin(new, DRAFT)
    assert commentary.read(new.books["relazione"].texts / DRAFT / "prestiti.md").sections["anno"].text == ""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("relazione-2025", "is there already"),
        ("relazione", "names no edition"),
        ("Relazione-2026", "names no edition"),
        ("bilancio-2026", "There is no book «bilancio»"),
        ("relazione-2062", "is 2062 the year that you mean"),
    ],
)
def test_what_cannot_begin_is_refused_and_changes_nothing(new, name, said):
    before = {path: path.read_bytes() for path in (new.root / "data").iterdir()}
    with pytest.raises(BookError, match=said):
        start.begin(new, name)
    assert {path: path.read_bytes() for path in (new.root / "data").iterdir()} == before


def test_a_beginning_that_cannot_be_written_leaves_nothing(new, monkeypatch):
    before = {path: path.read_bytes() for path in (new.root / "data").iterdir()}
    replaced = os.replace

    def full(source, target):
        if str(target).endswith("edizioni.csv"):
            raise OSError(28, "No space left on device", str(target))
        replaced(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(BookError, match="nothing was changed"):
        start.begin(new, DRAFT)
    assert {path: path.read_bytes() for path in (new.root / "data").iterdir()} == before
    assert not (new.books["relazione"].texts / DRAFT).exists()


def test_rows_are_added_as_the_file_is_written(new):
    path = new.root / "data" / "edizioni.csv"
    path.write_bytes(path.read_bytes().rstrip(b"\n").replace(b"\n", b"\r\n"))
    before = path.read_bytes()
    start.begin(new, DRAFT)
    assert path.read_bytes().startswith(before + b"\r\n") and path.read_bytes().count(b"\r\n") == 3


def test_without_a_state_no_draft_begins(new):
    spoil = new.root / "data" / "datapackage.json"
    package = json.loads(spoil.read_text(encoding="utf-8"))
    fields = package["resources"][0]["schema"]["fields"]
    fields[:] = [field for field in fields if field["name"] not in ("stato", "pubblicata_il", "impronta")]
    spoil.write_text(json.dumps(package), encoding="utf-8")
    (new.root / "data" / "edizioni.csv").write_text(
        "edizione,libro,anno,titolo\nrelazione-2025,relazione,2025,Relazione\n", encoding="utf-8"
    )
    assert [str(one) for one in editions.published(Package(new.root / "data"))] == ["relazione-2025"]
    with pytest.raises(BookError, match="has no field «stato»"):
        start.begin(new, DRAFT)


# -- who sees a draft's rows


def test_rows_of_a_draft_are_seen_by_itself_alone(draft):
    append(
        draft.root,
        "indicatori",
        f"{DRAFT},2025,prestiti/libri,tabella,99999,calcolato,",
        f"{DRAFT},2026,prestiti/libri,tabella,1,calcolato,",
    )
    published, own = Package(draft.root / "data"), Package(draft.root / "data", DRAFT)
    other = Package(draft.root / "data", "relazione-2025")
    for package in (published, other):
        assert DRAFT not in package.read("indicatori")["edizione"].tolist()
        assert DRAFT not in package.read("edizioni")["edizione"].tolist()
        assert package.edition("relazione", 2025).value("prestiti/libri") == 46310
        assert revisions(package).empty
        assert set(checks.run(package)["edizione"]) == {"relazione-2025"}
    assert own.edition("relazione", 2026).value("prestiti/libri") == 1
    assert own.edition("relazione", 2026).draft and not own.edition("relazione", 2025).draft
    assert len(revisions(own)) == 1


def test_no_other_edition_opens_a_draft(draft, monkeypatch):
    monkeypatch.setenv("ANNUARIO_ROOT", str(draft.root))
    monkeypatch.setenv("ANNUARIO_EDITION", "relazione-2025")
    with pytest.raises(BookError, match=f"{DRAFT} is a draft"):
        open_edition(DRAFT, confronto=True)


def test_a_books_name_alone_is_its_newest_edition_that_is_out(draft):
    package = Package(draft.root / "data")
    assert str(editions.newest("relazione", draft, package)) == "relazione-2025"
    edit(draft.root / "data" / "edizioni.csv", "(esempio),,,", "(esempio),bozza,,")
    assert str(editions.newest("relazione", draft, Package(draft.root / "data"))) == DRAFT, "there is no other"


def test_a_draft_after_a_gap_reconstructs_no_year_between(here, spoiled):
    spoiled("edizioni", "piano-2021,", "relazione-2028,relazione,2028,Relazione 2028,,bozza,,\npiano-2021,")
    names = [str(one) for one in editions.available(here, Package(spoiled.folder))]
    assert names[:2] == ["relazione-2028", "relazione-2025"]


# -- the draft book


def test_a_draft_says_what_it_is_and_what_is_to_be_entered(draft):
    enter(draft.root, "iscritti/attivi", "iscritti/nuovi")
    summary, page = built(draft, formats=("html", "pdf"))
    assert summary.draft == "draft: 2 of 5 rows entered, 0 of 1 sections of commentary written"
    assert '<p class="timbro">Bozza</p>' in page
    assert '<p class="testatina"><a href="#frontespizio">bozza</a></p>' in page
    assert "Edizione pubblicata" not in page and "non pubblic" not in page
    notes = re.findall(r'<span class="da-inserire">(.*?)</span>', page, re.DOTALL)
    told = [" ".join(note.split()) for note in notes]
    assert "Da inserire: Prestiti in tutto (indicatori.csv)" in told, "an item of a list"
    assert "Da inserire: Prestiti di libri; Prestiti di altri materiali (indicatori.csv)" in told, "a paragraph"
    assert f"Da inserire: commento «anno» ({DRAFT}/prestiti.md)" in told
    assert "Da inserire: tabella «Prestiti per materiale» (indicatori.csv)" in told
    assert "Da inserire: figura «Prestiti per materiale» (indicatori.csv)" in told
    assert "Gli iscritti attivi sono 100" in page
    with pymupdf.open(draft.root / "output" / DRAFT / f"{DRAFT}.pdf") as pdf:
        texts = [" ".join(leaf.get_text().split()) for leaf in pdf]
    assert "Bozza" in texts[0]
    assert all("· bozza" in text for text in texts[1:])
    assert any("Da inserire: Prestiti in tutto" in text for text in texts)
    assert any("Le righe inserite sono 2 su 5" in text for text in texts), "the list at the end"


def test_the_same_is_told_of_what_is_recalled(draft):
    _, first = built(draft)
    path = draft.root / "notebooks" / "relazione" / "in-sintesi.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("# In sintesi", "# Sintesi"), encoding="utf-8")
    _, again = built(draft)
    assert again.count("da-inserire") == first.count("da-inserire") > 5
    path = draft.books["relazione"].texts / DRAFT / "prestiti.md"
    path.write_text("", encoding="utf-8")
    _, without = built(draft)
    assert "commento «anno»" not in without, "whoever deletes a heading has nothing to say"


def test_what_is_excused_is_not_asked_for(draft):
    path = draft.root / "data" / "attese.csv"
    edit(path, "2026|prestiti/libri|tabella,manca,", "2026|prestiti/libri|tabella,non-rilevato,archivio fermo")
    edit(path, "2026|prestiti/altro|tabella,manca,", "2026|prestiti/altro|tabella,non-applicabile,")
    edit(path, "2026|prestiti/totale|tabella,manca,", "2026|prestiti/totale|tabella,non-applicabile,")
    _, page = built(draft)
    assert "Prestiti di libri" not in page and "Prestiti per materiale" not in page
    assert "Da inserire: Iscritti attivi" in page


def test_a_complete_draft_has_no_notes_and_a_published_edition_none_at_all(draft):
    enter(draft.root, *ALL)
    edit(draft.root / "data" / "indicatori.csv", "2026,prestiti/totale,tabella,100", "2026,prestiti/totale,tabella,200")
    (draft.books["relazione"].texts / DRAFT / "prestiti.md").write_text("# anno\nUn anno.\n", encoding="utf-8")
    summary, page = built(draft)
    assert summary.draft == "draft: 5 of 5 rows entered, 1 of 1 sections of commentary written"
    assert "Da inserire: " not in page and "Un anno." in page
    _, other = built(draft, "relazione-2025")
    assert 'class="timbro"' not in other and "da-inserire" not in re.sub(
        r"<style.*?</style>", "", other, flags=re.DOTALL
    )


def go_on(draft, chapter, cell, text):
    """Write a paragraph more at the end of a cell of a chapter."""
    path = draft.root / "notebooks" / "relazione" / f"{chapter}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][cell]["source"] += f"\n\n{text}"
    path.write_text(json.dumps(notebook), encoding="utf-8")


def test_an_alternative_that_says_it_is_not_published_stands_in_no_draft(draft):
    go_on(
        draft, "in-sintesi", -1,
        "I prestiti sono `{python} prestiti.totale`.\n\n::: {.altrimenti}\n\nI documenti non pubblicano i prestiti.\n\n:::\n",
    )  # fmt: skip
    _, page = built(draft)
    assert "non pubblicano" not in page


def test_code_that_half_of_the_rows_break_does_not_stop_a_draft(draft):
    path = draft.root / "notebooks" / "relazione" / "prestiti.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"] += [
        {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": None,
         "source": '#| label: tbl-rotta\n#| tbl-cap: "Rotta"\nNone - 1'},
        {"cell_type": "markdown", "id": "b", "metadata": {}, "source": "Sono `{python} None - 1` (@tbl-rotta)."},
    ]  # fmt: skip
    path.write_text(json.dumps(notebook), encoding="utf-8")
    _, page = built(draft)
    assert "Da inserire: altri dati" in page and "tabella «Rotta»" in page
    with pytest.raises(BookError, match="TypeError"):
        building.build(draft, "relazione-2025", draft.root / "output", ("html",), "pandoc")
    edit(path, "None - 1`", "nulla`")
    with pytest.raises(BookError, match="NameError"):
        building.build(draft, DRAFT, draft.root / "output", ("html",), "pandoc")


# -- checks


def test_a_check_that_lacks_rows_waits_and_one_that_has_them_all_fails(draft):
    enter(draft.root, "prestiti/libri", "prestiti/totale", **{"prestiti/totale": "350"})
    results = checks.run(Package(draft.root / "data", DRAFT))
    own = results[results["edizione"] == DRAFT]
    assert set(own["esito"]) == {checks.WAITING}
    assert progress(draft).differences == [] and progress(draft).waiting == len(own)
    enter(draft.root, "prestiti/altro")
    package = Package(draft.root / "data", DRAFT)
    results = checks.run(package)
    failing = results[results["esito"] == checks.FAILS]
    assert set(failing["edizione"]) == {DRAFT} and len(failing)
    checks.require_explained(results, package)  # a draft is built all the same
    assert len(progress(draft).differences) == len(failing)
    assert all("expected 200, found 350" in told for told in progress(draft).differences)


# -- what is missing, and publication


def test_missing_tells_by_chapter_and_table(draft):
    enter(draft.root, "iscritti/attivi")
    (draft.books["relazione"].texts / DRAFT / "prestiti.md").write_text(
        "# anno\n\n# mai-chiesta\nUn testo.\n", encoding="utf-8"
    )
    told = "\n".join(missing.lines(progress(draft)))
    assert "draft: 1 of 5 rows entered, 0 of 1 sections" in told
    assert "indicatori: 1 of 5 entered: 4 missing\n    Prestiti di libri" in told
    assert f"commentary «anno»: to be written ({DRAFT}/prestiti.md, line 1)" in told
    assert "prestiti.md, line 3: «mai-chiesta»" in told


def test_publication_is_refused_with_every_reason_and_then_seals(draft):
    small(draft.root)
    enter(draft.root, "prestiti/libri", "prestiti/altro", "prestiti/totale", source="biblioteca-1!Prestiti!B2")
    append(
        draft.root,
        "consegne",
        f"biblioteca-1,{DRAFT},Biblioteca,responsabile,Catalogo,2026-12-31,2027-02-01,,b.xlsx,,provvisorio",
    )
    edit(
        draft.root / "data" / "attese.csv",
        "2026|iscritti/nuovi|tabella,manca,",
        "2026|iscritti/nuovi|tabella,non-rilevato,",
    )
    with pytest.raises(CheckError) as refused:
        sealing.publish(progress(draft), DAY)
    said = str(refused.value)
    for reason in (
        "1 row is missing («Iscritti attivi»): enter it, or say in attese.csv, row",
        "«Nuovi iscritti» is non-rilevato and nobody says why",
        "prestiti.md, line 1: the section «anno» is empty",
        "consegne.csv, row 2: the delivery «biblioteca-1» is provisional",
        "expected 200, found 100",
    ):
        assert reason in said, reason
    edit(draft.root / "data" / "attese.csv", "tabella,non-rilevato,", "tabella,non-rilevato,archivio fermo")
    edit(draft.root / "data" / "consegne.csv", "provvisorio", "definitivo")
    edit(draft.root / "data" / "indicatori.csv", "2026,prestiti/totale,tabella,100", "2026,prestiti/totale,tabella,200")
    enter(draft.root, "iscritti/attivi")
    (draft.books["relazione"].texts / DRAFT / "prestiti.md").write_text("", encoding="utf-8")
    before = (draft.root / "data" / "edizioni.csv").read_text(encoding="utf-8")
    sealing.publish(progress(draft), DAY)
    after = (draft.root / "data" / "edizioni.csv").read_text(encoding="utf-8")
    assert after.splitlines()[:2] == before.splitlines()[:2]
    assert after.splitlines()[2].startswith(
        f"{DRAFT},relazione,2026,Relazione 2026 (esempio),pubblicata,2027-04-01,indicatori=4:"
    )
    package = Package(draft.root / "data")
    assert str(editions.newest("relazione", draft, package)) == DRAFT
    sealing.require(package)
    with pytest.raises(BookError, match="is not a draft"):
        sealing.publish(progress(draft), DAY)


@pytest.fixture
def published(draft):
    """The example's draft, published."""
    small(draft.root)
    enter(draft.root, *ALL)
    edit(draft.root / "data" / "indicatori.csv", "2026,prestiti/totale,tabella,100", "2026,prestiti/totale,tabella,200")
    shutil.rmtree(draft.books["relazione"].texts / DRAFT)
    sealing.publish(progress(draft), DAY)
    return draft


@pytest.mark.parametrize(
    ("old", "changed"),
    [
        (f"{DRAFT},2026,prestiti/libri,tabella,100", f"{DRAFT},2026,prestiti/libri,tabella,101"),
        (f"{DRAFT},2026,iscritti/nuovi,tabella,100,calcolato,\n", ""),
        (
            f"{DRAFT},2026,iscritti/nuovi,tabella,100,calcolato,",
            f"{DRAFT},2026,iscritti/nuovi,tabella,100,calcolato,nota",
        ),
    ],
)
def test_a_sealed_row_that_changes_is_refused(published, old, changed):
    edit(published.root / "data" / "indicatori.csv", old, changed)
    with pytest.raises(BookError, match=r"indicatori\.csv: the rows of relazione-2026, published on 2027-04-01"):
        checking.require_valid(Package(published.root / "data"))


def test_what_is_no_change_of_a_sealed_row_passes(published):
    path = published.root / "data" / "indicatori.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([head, *reversed(rows)]) + "\n", encoding="utf-8")
    edit(
        published.root / "data" / "indicatori.csv",
        "relazione-2025,2025,iscritti/nuovi,tabella,701",
        "relazione-2025,2025,iscritti/nuovi,tabella,702",
    )
    sealing.require(Package(published.root / "data"))


def test_a_doubt_about_a_row_is_told_until_its_state_confirms_it_and_by_every_command(draft):
    enter(draft.root, *ALL, **{"prestiti/libri": "463100", "iscritti/attivi": "4000", "iscritti/nuovi": "700"})
    [first, *_] = told = [one for one in progress(draft).doubts if "463100" in one]
    assert (
        len(told) == 1 and "state «confermato», and why, in the sheet or in" in first and "attese.csv, row 2" in first
    )
    path = draft.root / "data" / "attese.csv"
    edit(path, "2026|prestiti/libri|tabella,manca,", "2026|prestiti/libri|tabella,confermato,")
    assert not any("463100" in one for one in progress(draft).doubts)
    assert not any("463100" in str(one) for one in checks.doubts(Package(draft.root / "data", DRAFT)))
    assert any(
        "«Prestiti di libri» is confermato and nobody says why" in one for one in sealing.unready(progress(draft))
    )


def test_rows_to_be_entered_are_asked_for_once_and_not_doubted(draft):
    path = draft.root / "data" / "datapackage.json"
    declared = json.loads(path.read_text(encoding="utf-8"))
    table = next(one for one in declared["resources"] if one["name"] == "indicatori")
    table["regole"] = {
        "serie": False,
        "griglia": [{"entro": ["edizione", "indicatore.gruppo"], "di": ["indicatore", "anno"]}],
        "continui": [{"entro": ["indicatore.gruppo"], "di": ["indicatore"]}],
    }
    path.write_text(json.dumps(declared), encoding="utf-8")
    append(draft.root, "indicatori", f"{DRAFT},2025,prestiti/altro,tabella,100,calcolato,")
    enter(draft.root, "prestiti/libri")
    assert [one for one in progress(draft).doubts if "prestiti/altro" in one and "2026" in one] == []
    assert any("anno 2025" in one for one in progress(draft).doubts), "what nobody is asked for is doubted"
    attese = draft.root / "data" / "attese.csv"
    edit(attese, "2026|prestiti/totale|tabella,manca,", "2026|prestiti/totale|tabella,non-rilevato,chiuso")
    assert not any("prestiti/totale" in one and "about 2026" in one for one in progress(draft).doubts)


def test_doubts_of_the_drafts_rows_stand_in_the_way_of_publishing(draft, monkeypatch):
    key = f"{DRAFT}/2026/iscritti/attivi/tabella"

    class Doubt(NamedTuple):
        id: str

        def __str__(self):
            return f"dubbio {self.id}"

    def doubts(package):
        return [Doubt("serie/indicatori/altro"), *([Doubt(f"serie/indicatori/{key}")] if package.own == DRAFT else [])]

    monkeypatch.setattr(checks, "doubts", doubts, raising=False)
    enter(draft.root, *ALL)
    assert progress(draft).doubts == [f"dubbio serie/indicatori/{key}"]
    assert f"dubbio serie/indicatori/{key}" in sealing.unready(progress(draft))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (f"{DRAFT},indicatore,2026|iscritti/nuovi|tabella,manca,", "did you mean «indicatori»"),
        (f"{DRAFT},indicatori,iscritti/nuovi,manca,", "write anno|indicatore|sede, or nothing"),
    ],
)
def test_what_is_asked_of_no_table_is_said(draft, row, said):
    append(draft.root, "attese", row)
    with pytest.raises(BookError, match=re.escape(said)):
        sealing.require(Package(draft.root / "data"))


@pytest.fixture
def half(draft, monkeypatch):
    """A draft that lacks some loans, and what its chapter asks: names, and what stands in them if all were entered."""
    append(draft.root, "definizioni", *(f"prestiti/{code},biblioteca,prestiti,{code},valore,{code.title()},numero," for code in ("film", "riviste", "giochi")))  # fmt: skip
    append(draft.root, "attese", *(f"{DRAFT},indicatori,2026|prestiti/{code}|tabella,manca," for code in ("film", "riviste", "giochi")))  # fmt: skip
    enter(
        draft.root,
        "prestiti/libri",
        "prestiti/film",
        "prestiti/riviste",
        **{"prestiti/libri": "300", "prestiti/film": "40"},
    )
    monkeypatch.setenv("ANNUARIO_ROOT", str(draft.root))
    opening = (
        "from annuario import charts, tables\nfrom annuario.notebook import open_edition\n"
        f'libro = open_edition("{DRAFT}")\nprestiti = libro.cifre("prestiti")\nrighe = libro.table("indicatori", anno=2026)\n'
    )
    names, supposed = {}, Supposed()
    exec(opening, names)  # noqa: S102 - as a cell of a chapter
    supposed.follow(opening)
    yield names, supposed
    unentered.of(None)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("prestiti.libri.conta", "300 prestiti"),
        ("prestiti.libri.andamento", ", in calo del 99,4 % rispetto al 2025"),
        ("prestiti.libri.quota(prestiti.libri + prestiti.film)", "l’88,2 %"),
        ("prestiti.somma.conta", None),
        ("prestiti.massima.nome", None),
        ("prestiti.minima.conta", None),
        ("prestiti.classifica", None),
        ("prestiti.libri.quota(prestiti.somma)", None),
        ("len(righe)", None),
        ("sum(righe['valore'])", None),
        ("', '.join(righe['indicatore'])", None),
    ],
)
def test_what_is_said_of_all_rows_waits_for_them(half, asked, told):
    """Of half of the rows nobody knows the sum, the largest or how many there are; what is entered is said."""
    names, supposed = half
    value = supposed.answer(asked, answers.answer(lambda: eval(asked, names)))
    if told:
        assert (value["text"] if isinstance(value, dict) else value).replace("\xa0", " ") == told
    else:
        assert ["Prestiti di altri materiali", "indicatori.csv"] in value["lacks"]


def test_a_table_or_chart_of_half_of_the_rows_shows_those_and_says_so(half):
    names, supposed = half

    def shown(source: str):
        supposed.follow(source)
        return supposed.shown(source, eval(source, names))

    table, lacks = shown("tables.by_year(prestiti, years=1)")
    assert [row[1] for row in table.rows][:2] == ["300", "40"], "what is entered stands"
    assert {what for what, _ in lacks} == {"Prestiti di altri materiali", "Prestiti in tutto", "Giochi"}
    names["pd"] = pd
    supposed.follow("import pandas as pd")
    sums = 'pd.DataFrame([["Libri", prestiti.libri.valore], ["In tutto", prestiti.somma.valore]], columns=["a", "b"])'
    table, _ = shown(f'tables.Table({sums}, [tables.Column("a", "A"), tables.Column("b", "B", "numero")])')
    assert [row[1] for row in table.rows] == ["300", "–"], "a sum of half of the rows does not"
    chart, lacks = shown('charts.distribution(prestiti, "Prestiti", rows="cifra", years=1)')
    assert chart.finding == "" and "più alto" not in chart.alt and len(lacks) == 3
    chart, lacks = shown('charts.shares(prestiti, "Prestiti")')
    assert chart is None and len(lacks) == 3, "a share of half of the rows is not drawn"


def test_the_page_of_a_draft_says_nothing_of_all_rows_before_they_are_there(draft):
    enter(draft.root, "prestiti/libri", "iscritti/attivi", "iscritti/nuovi")
    go_on(draft, "prestiti", -2, "In tutto sono `{python} prestiti.somma`, più di tutti `{python} prestiti.massima`.")
    _, page = built(draft)
    text = " ".join(page.split())
    assert "più di tutti" not in text and "Da inserire: Prestiti di altri materiali (indicatori.csv)" in text
    note = text.index("Da inserire: Prestiti di altri materiali; Prestiti in tutto (indicatori.csv)")
    assert note < text.index("Prestiti per materiale</"), "above its table"


def test_an_erratum_stands_among_the_revisions_and_the_printed_value_stays(published):
    append(
        published.root, "errata", f"{DRAFT},indicatori,2026|iscritti/nuovi|tabella,100,110,2027-05-05,contati due volte"
    )
    package = Package(published.root / "data")
    checking.require_valid(package)
    assert package.edition("relazione", 2026).value("iscritti/nuovi") == 100
    [row] = revisions(package).to_dict("records")
    assert (row["cosa"], row["anno"], row["natura"]) == ("Nuovi iscritti (contati due volte)", 2026, "errata")
    assert (row["edizione_prima"], row["valore_prima"]) == (DRAFT, 100)
    assert (row["edizione_dopo"], row["valore_dopo"], row["differenza"]) == ("rettifica del 05/05/2027", 110, 10)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (f"{DRAFT},indicatori,2026|iscritti/nuovi,100,110,2027-05-05,perché", "has no row «2026|iscritti/nuovi»"),
        (f"{DRAFT},indicatori,2026|iscritti/nuovi|tabella,101,110,2027-05-05,perché", "prints 100, not 101"),
        (f"{DRAFT},indicatore,2026|iscritti/nuovi|tabella,100,110,2027-05-05,perché", "«indicatore» is no table"),
        (
            f"{DRAFT},indicatori,2026|iscritti/nuov|tabella,100,110,2027-05-05,perché",
            "did you mean «2026|iscritti/nuovi|",
        ),
    ],
)
def test_an_erratum_of_nothing_is_refused(published, row, said, monkeypatch):
    append(published.root, "errata", row)
    with pytest.raises(BookError, match=re.escape(said)):
        checking.require_valid(Package(published.root / "data"))
    monkeypatch.chdir(published.root)
    listed = CliRunner().invoke(main, ["revisions"])
    assert listed.exit_code == 2 and said in listed.output


def test_a_source_names_a_delivery_of_its_edition(draft):
    enter(draft.root, "iscritti/attivi", source="ignota-1!Foglio!B2")
    with pytest.raises(BookError, match=r"indicatori\.csv, row 17, column «fonte»: .* no delivery «ignota-1»"):
        sealing.require(Package(draft.root / "data"))
    append(draft.root, "consegne", "ignota-1,relazione-2025,Biblioteca,responsabile,,,2027-02-01,,,,definitivo")
    with pytest.raises(BookError, match="«ignota-1» is of relazione-2025, the row of relazione-2026"):
        sealing.require(Package(draft.root / "data"))


@pytest.mark.parametrize(
    "source", ["relazione-2025:12-14;relazione-2025:20", "tm-1!Movimento casi!C7", "calcolato", "calcolato;tm-1!A!B2"]
)
def test_the_grammar_of_sources_is_that_of_the_declaration(package, source):
    pattern = package.fields("indicatori")["fonte"]["constraints"]["pattern"]
    assert re.fullmatch(pattern, source)
    sources.parse(source)


@pytest.mark.parametrize("source", ["", "a mano", "tm-1!C7", "relazione-2025", "tm-1!A!7C", "relazione-2025:1;"])
def test_what_is_no_source_is_none_to_both(package, source):
    pattern = package.fields("indicatori")["fonte"]["constraints"]["pattern"]
    assert not re.fullmatch(pattern, source)
    with pytest.raises(ValueError, match="is neither"):
        sources.parse(source)


def test_the_commands_tell_and_refuse_without_a_traceback(draft, monkeypatch):
    monkeypatch.chdir(draft.root)
    runner = CliRunner()
    told = runner.invoke(main, ["missing", DRAFT])
    assert told.exit_code == 0 and "Prestiti di libri" in told.output
    refused = runner.invoke(main, ["publish", DRAFT])
    assert refused.exit_code == 1 and "cannot be published yet" in refused.output
    assert runner.invoke(main, ["new", DRAFT]).exit_code == 2
    assert runner.invoke(main, ["missing", "relazione-2025"]).exit_code == 2
    begun = runner.invoke(main, ["new", "relazione-2027"])
    assert begun.exit_code == 0 and "5 rows to be entered" in begun.output
