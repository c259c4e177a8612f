"""What is kept of earlier runs, when it is found again and when it is not."""

import json
import subprocess
import sys

import pytest
from conftest import PROSE, edit

from annuario import build
from annuario.execution import cache, execute
from annuario.execution.cache import Store


@pytest.fixture
def kept(small, tmp_path):
    """A project of one chapter, its results kept: (project, store, run), run returns what ran."""
    store = Store(tmp_path / "cache")
    texts = small.books["relazione"].texts / "relazione-2021"

    def run(monkeypatch):
        ran = []
        execute_one = execute.chapter
        monkeypatch.setattr(execute, "chapter", lambda *given: ran.append(given[0].stem) or execute_one(*given))
        notebooks = execute.book(
            small.books["relazione"].chapters, tmp_path / "out", "relazione-2021", small.root, texts, store
        )
        monkeypatch.undo()
        return ran, notebooks

    return small, store, run


def outline(notebook):
    """What a reader of an executed notebook sees, cell by cell."""
    return [
        (cell["cell_type"], cell["source"], [output.get("data") for output in cell.get("outputs", [])])
        for cell in notebook["cells"]
    ]


def test_recalled_is_the_same_as_run(kept, monkeypatch):
    _, _, run = kept
    ran, first = run(monkeypatch)
    again, second = run(monkeypatch)
    assert (ran, again) == (["gestione"], [])
    assert outline(first[0]) == outline(second[0])


def test_a_changed_sentence_runs_nothing_and_shows(kept, monkeypatch):
    made, _, run = kept
    run(monkeypatch)
    edit(made.books["relazione"].chapters[0], PROSE, "Una frase cambiata.")
    ran, notebooks = run(monkeypatch)
    assert ran == []
    assert any("Una frase cambiata." in cell["source"] for cell in notebooks[0]["cells"])


def test_a_changed_commentary_runs_nothing_and_shows(kept, monkeypatch):
    made, _, run = kept
    run(monkeypatch)
    edit(made.books["relazione"].texts / "relazione-2021" / "gestione.md", "# risultato\n", "# risultato\n\nUna frase nuova.\n")
    ran, notebooks = run(monkeypatch)
    assert ran == []
    assert any("Una frase nuova." in cell["source"] for cell in notebooks[0]["cells"])


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("data/indicatori.csv", "13180676.24", "13180676.25"),
        ("notebooks/relazione/gestione.ipynb", "title=\\\"Voce\\\"", "title=\\\"Posta\\\""),
        ("notebooks/relazione/gestione.ipynb", PROSE, "Una frase del `{python} str(anno)`."),
    ],
    ids=["a table that was read", "a code cell", "a new expression"],
)
def test_what_matters_runs_the_chapter_again(kept, monkeypatch, name, old, new):
    made, _, run = kept
    run(monkeypatch)
    edit(made.root / name, old, new)
    assert run(monkeypatch)[0] == ["gestione"]


def test_a_table_that_was_not_read_does_not_matter(kept, monkeypatch):
    made, _, run = kept
    run(monkeypatch)
    edit(made.root / "data" / "sedute.csv", "2021-01-26", "2021-01-27")
    assert run(monkeypatch)[0] == []


@pytest.mark.parametrize("spoil", [lambda text: text[: len(text) // 2], lambda text: "estraneo", lambda text: ""])
def test_a_damaged_entry_is_rebuilt(kept, monkeypatch, spoil):
    _, store, run = kept
    run(monkeypatch)
    for path in store.folder.rglob("*.json"):
        path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert run(monkeypatch)[0] == ["gestione"]
    assert run(monkeypatch)[0] == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("data/indicatori.csv", "13180676.24", "13180676.25"),
        ("notebooks/relazione/gestione.ipynb", "title=\\\"Voce\\\"", "title=\\\"Posta\\\""),
    ],
    ids=["table", "code"],
)
def test_what_is_saved_while_a_chapter_runs_is_not_what_it_ran_with(kept, monkeypatch, name, old, new):
    made, _, run = kept
    execute_one = execute.chapter

    def chapter(*given):
        executed = execute_one(*given)
        edit(made.root / name, old, new)
        return executed

    monkeypatch.setattr(execute, "chapter", chapter)
    run(monkeypatch)
    assert execute.chapter is execute_one
    assert run(monkeypatch)[0] == ["gestione"]
    assert run(monkeypatch)[0] == []


def test_entries_are_counted_and_pruned(tmp_path):
    store = Store(tmp_path / "cache")
    store.save("prova", "abcd", {"x": [1, "è"]})
    assert store.load("prova", "abcd") == {"x": [1, "è"]}
    assert store.load("prova", "altro") is None
    assert store.size()[0] == 1
    store.prune()
    assert store.size() == (0, 0)


@pytest.mark.parametrize(("kind", "key"), [("prova", "ab02"), ("altra", "ab01")], ids=["another key", "another kind"])
def test_an_entry_in_the_place_of_another_is_none(tmp_path, kind, key):
    store = Store(tmp_path / "cache")
    store.save("prova", "ab01", ["uno"])
    store.save(kind, key, ["due"])
    one, two = (next(store.folder.rglob(f"{a}/**/{b}.json")) for a, b in (("prova", "ab01"), (kind, key)))
    content = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(content)
    assert store.load("prova", "ab01") is None and store.load(kind, key) is None
    store.save("prova", "ab01", ["uno"])
    assert store.load("prova", "ab01") == ["uno"]


def test_the_code_is_part_of_every_key(monkeypatch):
    cells = [{"cell_type": "code", "source": "1"}]
    before = cache.chapter_key(cells, {})
    monkeypatch.setattr(cache, "code_digest", lambda: "altro")
    assert cache.chapter_key(cells, {}) != before


def test_nothing_changed_makes_nothing(small, tmp_path):
    first = build.build(small, "relazione-2021", tmp_path / "libri", ("html",), "pandoc")
    loaded = set(sys.modules)
    second = build.build(small, "relazione-2021", tmp_path / "libri", ("html",), "pandoc")
    assert (first.unchanged, second.unchanged) == (False, True)
    assert (first.tables, first.charts, first.paths) == (second.tables, second.charts, second.paths)
    assert set(sys.modules) == loaded
    page = tmp_path / "libri" / "relazione-2021" / "relazione-2021.html"
    page.write_text("rovinato")
    assert not build.build(small, "relazione-2021", tmp_path / "libri", ("html",), "pandoc").unchanged
    assert json.loads((page.parent / build.STAMP).read_text())["summary"]["tables"] == first.tables


def test_a_changed_sentence_loads_nothing_slow(small, tmp_path):
    given = ["build", "relazione-2021", "--format", "html", "--engine", "pandoc", "--out", str(tmp_path / "libri")]

    def loaded() -> set[str]:
        command = [sys.executable, "-X", "importtime", "-m", "annuario", *given]
        done = subprocess.run(command, cwd=small.root, capture_output=True, text=True, check=True)
        assert "nothing changed" not in done.stdout
        return {"pandas", "papermill", "altair"} & {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}

    assert loaded() == {"pandas", "papermill", "altair"}
    edit(small.books["relazione"].chapters[0], PROSE, "Una frase cambiata.")
    assert loaded() == set()
