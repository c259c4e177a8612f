"""What is kept of earlier runs, when it is found again and when it is not."""

import json
import shutil
import subprocess
import sys
from itertools import cycle

import nbformat
import pytest
from conftest import PROSE, edit

from annuario import workplace
from annuario.book import build, finished
from annuario.errors import ChapterError
from annuario.execution import cache, execute, processes
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
    _, store, run = kept
    written = store.folder.parent / "out" / "gestione.ipynb"
    ran, first = run(monkeypatch)
    before = written.read_bytes()
    again, second = run(monkeypatch)
    assert (ran, again) == (["gestione"], [])
    assert outline(first[0]) == outline(second[0])
    assert written.read_bytes() == before


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
    edit(
        made.books["relazione"].texts / "relazione-2021" / "gestione.md",
        "# risultato\n",
        "# risultato\n\nUna frase nuova.\n",
    )
    ran, notebooks = run(monkeypatch)
    assert ran == []
    assert any("Una frase nuova." in cell["source"] for cell in notebooks[0]["cells"])


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("data/indicatori.csv", "13180676.24", "13180676.25"),
        ("notebooks/relazione/gestione.ipynb", 'title=\\"Voce\\"', 'title=\\"Posta\\"'),
        ("notebooks/relazione/gestione.ipynb", PROSE, "Una frase del `{python} str(anno)`."),
    ],
    ids=["a table that was read", "a code cell", "a new expression"],
)
def test_what_matters_runs_the_chapter_again(kept, monkeypatch, name, old, new):
    made, _, run = kept
    run(monkeypatch)
    edit(made.root / name, old, new)
    assert run(monkeypatch)[0] == ["gestione"]


#: Files beside a chapter, the code that depends on them, and a change.
BESIDE = {
    "a table read with pandas": (
        "import pandas as pd\npd.read_csv('dati.csv').iloc[0, 0]",
        "dati.csv",
        "a\n1\n",
        "a\n2\n",
    ),
    "a table elsewhere in the project": ("open('../../altro/dati.csv').read()", "../../altro/dati.csv", "1", "2"),
    "a module": ("import aiuto\naiuto.x", "aiuto.py", "x = 1\n", "x = 2\n"),
    "a module of a package": ("from pacco.parte import x\nx", "pacco/parte.py", "x = 1\n", "x = 2\n"),
    "a module elsewhere": (
        "import sys\nsys.path.append('../../altro')\nimport mio\nmio.x",
        "../../altro/mio.py",
        "x = 1\n",
        "x = 2\n",
    ),
    "a script": ("%run aiuto.py\nx", "aiuto.py", "x = 1\n", "x = 2\n"),
    "a file that was not there": ("from pathlib import Path\nPath('x.csv').exists()", "x.csv", None, "1"),
    "a file that cannot be read": ("import os\nos.access('x.csv', os.R_OK)", "x.csv", None, "1"),
    "a file that is no more": ("import os\nos.path.isfile('x.csv')", "x.csv", "1", None),
    "a module that was not there": (
        "try:\n    import tardi\nexcept ImportError:\n    pass",
        "tardi.py",
        None,
        "x = 1\n",
    ),
    "a folder": ("import os\nlen(os.listdir('.'))", "nuovo.csv", None, "1"),
    "a pattern": ("from pathlib import Path\nlen(list(Path('.').glob('*.csv')))", "nuovo.csv", None, "1"),
    "the configuration": ("libro.project.agency", "../../_quarto.yml", "", "\nmetadata: {}\n"),
}


@pytest.fixture
def beside(kept):
    """A function that puts code into a short chapter and gives a function to write the file ``name`` beside it."""
    made, _, run = kept
    source = made.books["relazione"].chapters[0]
    (made.books["relazione"].texts / "relazione-2021" / "gestione.md").write_text("# costi\nUno.\n", encoding="utf-8")

    def beside(code, name="x"):
        cells = [
            nbformat.v4.new_code_cell('edizione = "relazione-2025"', metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell("from annuario.notebook import open_edition\nlibro = open_edition(edizione)"),
            nbformat.v4.new_markdown_cell('`{python} libro.text("gestione", "costi")`'),
            nbformat.v4.new_code_cell(code),
        ]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), source)
        path = source.parent / name

        def write(content):
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.parent.mkdir(exist_ok=True)
                old = path.read_text(encoding="utf-8") if path.suffix == ".yml" else ""
                path.write_text(old + content, encoding="utf-8")

        return write

    return beside, run


@pytest.mark.parametrize(("code", "name", "old", "new"), BESIDE.values(), ids=BESIDE)
def test_what_a_chapter_opens_runs_it_again(beside, monkeypatch, code, name, old, new):
    begin, run = beside
    write = begin(code, name)
    write(old)
    assert run(monkeypatch)[0] == ["gestione"]
    assert run(monkeypatch)[0] == []
    write(new)
    assert run(monkeypatch)[0] == ["gestione"]


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess\nsubprocess.run(['true'])",
        "import os\nos.system('true')",
        "import socket\nsocket.getaddrinfo('localhost', 80)",
        "import sqlite3\nsqlite3.connect('x.db')",
        "open('uscita.txt', 'w').close()",
        "import tempfile, pathlib\nlist(pathlib.Path(tempfile.gettempdir()).iterdir())",
        "from datetime import date\ndef oggi():\n    return date.today()",
        "import os\nos.environ.get('TITOLO')",
    ],
    ids=["program", "shell", "network", "database", "a file written", "a folder elsewhere", "clock", "environment"],
)
def test_what_cannot_be_tracked_is_not_kept(beside, monkeypatch, code):
    begin, run = beside
    begin(code)
    assert run(monkeypatch)[0] == run(monkeypatch)[0] == ["gestione"]


def test_what_a_chapter_makes_for_itself_is_its_own(beside, monkeypatch):
    begin, run = beside
    begin(
        "import tempfile, pathlib\nwith tempfile.TemporaryDirectory() as f:\n    p = pathlib.Path(f, 'a')\n    p.write_text('x')\n    p.read_text()"
    )
    assert (run(monkeypatch)[0], run(monkeypatch)[0]) == (["gestione"], [])


def test_a_misspelt_section_is_told_with_the_one_that_is_asked_for(beside, kept, monkeypatch):
    begin, run = beside
    begin("testo = libro.testo('gestione')\ntry:\n    testo.ricavi\nexcept Exception:\n    pass")
    edit(kept[0].books["relazione"].texts / "relazione-2021" / "gestione.md", "# costi", "# costi\nUno.\n\n# ricavvi")
    with pytest.raises(ChapterError, match="no chapter shows the section «ricavvi»: did you mean «ricavi»"):
        run(monkeypatch)


@pytest.mark.parametrize(
    ("code", "again"),
    [("testo = str(libro.text('gestione', 'costi'))", True), ("esiste = bool(libro.text('gestione', 'costi'))", False)],
    ids=["its words", "that it is there"],
)
def test_a_chapter_depends_on_what_it_does_with_a_section(beside, kept, monkeypatch, code, again):
    begin, run = beside
    begin(code)
    run(monkeypatch)
    edit(kept[0].books["relazione"].texts / "relazione-2021" / "gestione.md", "Uno.", "Due.")
    assert run(monkeypatch)[0] == (["gestione"] if again else [])


def test_a_tag_is_part_of_the_key(kept, monkeypatch):
    made, _, run = kept
    run(monkeypatch)
    edit(made.books["relazione"].chapters[0], '"parameters"', '"Parameters"')
    with pytest.raises(ChapterError, match="the tag «Parameters» is written «parameters»"):
        run(monkeypatch)


def test_a_failed_chapter_leaves_nothing_behind(kept, monkeypatch):
    made, store, run = kept
    edit(made.books["relazione"].chapters[0], PROSE, "`{python} manca`")
    with pytest.raises(ChapterError, match="«manca» failed"):
        run(monkeypatch)
    assert store.size()[0] == 0


def test_a_near_miss_is_told_of_a_chapter_that_is_kept(kept, monkeypatch):
    made, _, run = kept
    run(monkeypatch)
    edit(made.books["relazione"].chapters[0], PROSE, "`{python}1`")
    with pytest.raises(ChapterError, match="nearly an expression"):
        run(monkeypatch)
    edit(
        made.books["relazione"].chapters[0],
        '{"cell_type": "markdown", "id": "prova"',
        '{"cell_type": "raw", "id": "prova"',
    )
    with pytest.raises(ChapterError, match="nearly an expression"):
        run(monkeypatch)


def test_all_chapters_are_told_of_and_the_good_ones_kept(small, tmp_path):
    (good,) = small.books["relazione"].chapters
    chapters, store = [good], Store(tmp_path / "cache")
    for name, source in (("uno", "`{python} a`"), ("due", "`{python}b`")):
        chapters.append(good.with_stem(name))
        edited = good.read_text(encoding="utf-8").replace(PROSE, source)
        chapters[-1].write_text(edited, encoding="utf-8")
    texts = small.books["relazione"].texts / "relazione-2021"
    done = []

    def run():
        execute.book(
            tuple(chapters),
            tmp_path / "out",
            "relazione-2021",
            small.root,
            texts,
            store,
            lambda path, _: done.append(path.stem),
        )

    with pytest.raises(ChapterError) as error:
        run()
    said = str(error.value).splitlines()
    assert len(said) == 2 and "uno.ipynb, cell" in said[0] and "due.ipynb, cell" in said[1]
    assert not (tmp_path / "out").exists()
    for path in chapters[1:]:
        path.write_text(good.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatched = pytest.MonkeyPatch()
    monkeypatched.setattr(execute, "chapter", lambda *given: pytest.fail("nothing need run"))
    run()
    monkeypatched.undo()
    assert done == ["gestione", "gestione", "uno", "due"]


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
        ("notebooks/relazione/gestione.ipynb", 'title=\\"Voce\\"', 'title=\\"Posta\\"'),
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


@pytest.mark.parametrize("library", ["pandas", "altair", "una-nuova"])
def test_the_version_of_every_library_is_part_of_every_key(monkeypatch, tmp_path, library):
    def digest(version):
        folder = tmp_path / version
        (folder / f"{library}-{version}.dist-info").mkdir(parents=True)
        monkeypatch.setattr(sys, "path", [*before, str(folder)])
        cache.code_digest.cache_clear()
        return cache.code_digest()

    before = list(sys.path)
    assert len({digest("1.0"), digest("1.1"), digest("2.0")}) == 3
    monkeypatch.undo()
    cache.code_digest.cache_clear()


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
    assert json.loads((page.parent / finished.STAMP).read_text())["summary"]["tables"] == first.tables


def test_the_agencys_modules_are_no_files_of_others(small, tmp_path, monkeypatch):
    """Processes that were made ready for a project without an agency import its modules themselves."""
    monkeypatch.setattr(processes, "SERVER", processes.ForkServer())
    processes.use(tmp_path)
    build.build(small, "relazione-2021", tmp_path / "libri", ("html",), "pandoc")
    made = json.loads((tmp_path / "libri" / "relazione-2021" / finished.STAMP).read_text("utf-8"))
    assert not [read for read in made["elsewhere"] if "cremasca" in read]
    assert build.build(small, "relazione-2021", tmp_path / "libri", ("html",), "pandoc").unchanged


def test_a_changed_sentence_loads_nothing_slow(small, tmp_path):
    given = ["build", "relazione-2021", "--format", "html", "--engine", "pandoc", "--out", str(tmp_path / "libri")]

    def loaded() -> set[str]:
        command = [sys.executable, "-X", "importtime", "-m", "annuario", *given]
        done = subprocess.run(command, cwd=small.root, capture_output=True, text=True, check=True)
        assert "nothing changed" not in done.stdout
        return {"pandas", "papermill", "altair"} & {
            line.rpartition("|")[2].strip() for line in done.stderr.splitlines()
        }

    assert loaded() == {"pandas", "papermill", "altair"}
    edit(small.books["relazione"].chapters[0], PROSE, "Una frase cambiata.")
    assert loaded() == set()


def test_an_entry_that_was_written_elsewhere_is_none(tmp_path, monkeypatch):
    """Entries are signed with a key among the user's own files: a folder from elsewhere puts nothing into a book."""
    store = Store(tmp_path / "cache")
    store.save("page", "abcd", "<html>")
    assert store.load("page", "abcd") == "<html>"
    path = next(store.folder.rglob("abcd.json"))
    path.write_bytes(cache.digest("page", "abcd", b'"x"').encode() + b'\n"x"')  # what anybody can reckon
    assert store.load("page", "abcd") is None
    store.save("page", "abcd", "<html>")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "altri"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "altri"))
    cache.secret.cache_clear()
    if sys.platform != "darwin":
        assert store.load("page", "abcd") is None
    cache.secret.cache_clear()


def test_where_no_key_can_be_kept_nothing_is_recalled_later(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(cache.platformdirs, "user_data_dir", lambda *given, **named: str(tmp_path / "file"))
    cache.secret.cache_clear()
    store = Store(tmp_path / "cache")
    store.save("page", "abcd", "7")
    assert store.load("page", "abcd") == "7"
    cache.secret.cache_clear()
    assert store.load("page", "abcd") is None
    cache.secret.cache_clear()


FORGED = [
    None,
    [],
    {},
    "x",
    [1],
    "<script>alert(1)</script>",
    {"text": "<SCRIPT>alert(1)</SCRIPT>", "labels": []},
    {"values": []},
]
KINDS = ("known", "checked", "reads", "chapter", "looked", "told", "pandoc", "svg")
LIKE = [("reads", []), ("looked", []), ("svg", "x")]  # these look as they should


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_of_another_shape_is_none(tmp_path, kind):
    store = Store(tmp_path / "cache")
    for entry in FORGED:
        store.save(kind, "abcd", entry)
        assert store.load(kind, "abcd") == (entry if (kind, entry) in LIKE else None), entry


def test_a_book_is_the_same_whatever_is_put_into_its_cache(small, tmp_path):
    out = tmp_path / "libri"
    build.build(small, "relazione-2021", out, ("html",), "pandoc")
    page = (out / "relazione-2021" / "relazione-2021.html").read_text(encoding="utf-8")
    store = Store(out / ".cache")
    for kind in KINDS:
        forged = cycle(entry for entry in FORGED if (kind, entry) not in LIKE)
        for path in sorted((store.folder / kind).rglob("*.json")):
            store.save(kind, path.stem, next(forged))
    shutil.rmtree(out / "relazione-2021")
    build.build(small, "relazione-2021", out, ("html",), "pandoc")
    assert (out / "relazione-2021" / "relazione-2021.html").read_text(encoding="utf-8") == page


def test_what_a_killed_process_was_writing_is_swept(tmp_path):
    store = Store(tmp_path / "cache")
    store.save("page", "abcd", "7")
    left = store.folder / ".nuovi" / "tmpx"
    left.write_bytes(b"mezz")
    with (store.folder / ".nuovi" / "tmpy").open("wb") as writing:
        workplace.lock(writing)
        store.sweep()
        assert not left.exists() and (store.folder / ".nuovi" / "tmpy").exists()
    store.sweep()
    assert list((store.folder / ".nuovi").iterdir()) == [] and store.load("page", "abcd") == "7"


@pytest.mark.parametrize("place", ["cache", "cache/page", "cache/.nuovi"])
def test_a_cache_that_cannot_be_written_is_none(tmp_path, place):
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text("un file")
    store = Store(tmp_path / "cache")
    assert cache.recalled(store, "page", "abcd", lambda: "7") == "7"
    assert cache.recalled(store, "page", "abcd", lambda: "8") == "8"
    store.sweep()
