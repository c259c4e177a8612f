"""The Quarto publisher writes the book that the built-in one writes, and what Quarto is told.

The filter that does it runs under any pandoc: here it runs under the embedded one, and under
Quarto itself where it is on PATH.
"""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import nbformat
import pypandoc
import pytest
import typst
import yaml
from reading import Screen, manuscript, on_paper
from test_publish import book

from annuario import project
from annuario.book.build import build
from annuario.errors import BookError, ChapterError
from annuario.execution import execute
from annuario.execution.cache import Store
from annuario.publish import charts, fonts, notebooks, pandoc, quarto, tags
from annuario.publish.manuscript import Manuscript

ROOT = Path(__file__).parents[1]
PROJECT = yaml.safe_load((ROOT / "_quarto.yml").read_text(encoding="utf-8"))
QUARTO = shutil.which("quarto")
with_quarto = pytest.mark.skipif(not QUARTO, reason="Quarto is not on PATH")
#: What a book may hold that the two could print each in its way.
EXTRA = """Una nota[^1], “virgolette”, l'apostrofo, tre puntini... e -- un trattino.

[^1]: Del primo capitolo.

::: {.callout-warning title="Attenzione: *prudenza*"}
Vedi [-@tbl-gruppi] e [Tabella @tbl-gruppi].
:::

| Voce | Valore | Testo |
|:---|---:|:---|
| **Entrate** | | |
| Comuni^1^ | 48 | l'ente «A» |
| **Uscite** | | |
| **Personale** | | |
| Stipendi | 1.234,50 | a\\|b |
| **Totale** | **1.282,50** | |

: Le *voci* del bilancio^[Una nota della didascalia.] {#tbl-gruppi testo="#testo-tbl-gruppi"}

::: {.note-tabella}
^1^ Una nota sotto la tabella.
:::

## Le voci {.unnumbered}

Come dice la [@tbl-gruppi]{#testo-tbl-gruppi}, ci sono voci; le [voci](#le-voci) stanno sopra.

# Terzo, dopo la @fig-casi^[Una nota del titolo.] {#sec-terzo}

La formula $a^2 + \\frac{1}{2}$ e una riga<br>spezzata.

## Un paragrafo

Un'altra nota[^1] e il [capitolo](#sec-primo).

[^1]: Del terzo capitolo.

::::: {.indice-indicatori}

## Servizio {.unnumbered .unlisted}

[In sintesi](#sec-sintesi); @sec-primo

- Casi: [fig. @fig-casi]; [tab. @tbl-larga]

:::::
"""
MARKED = {
    "description": "Il 2024 non ha un documento proprio: l'edizione dice [che cosa manca](#sec-terzo).",
    "annuario": {"testatina": "edizione ricostruita"},
}


def whole(folder: Path, **front: object) -> Path:
    """A book with everything, its front matter completed."""
    source = book(folder, EXTRA)
    _, head, text = source.read_text(encoding="utf-8").split("---\n", 2)
    head = yaml.safe_dump(yaml.safe_load(head) | front, allow_unicode=True)
    source.write_text(f"---\n{head}---\n{text}", encoding="utf-8")
    return source


@pytest.fixture(scope="module", params=[{}, MARKED], ids=["published", "reconstructed"])
def source(request, tmp_path_factory) -> Path:
    return whole(tmp_path_factory.mktemp("libro"), **request.param)


def without_charts(folder: Path) -> Path:
    source = book(folder)
    source.write_text(source.read_text(encoding="utf-8").split("```{=html}")[0], encoding="utf-8")
    return source


@pytest.fixture
def store(shared) -> Store:
    return Store(shared)


def as_quarto(source: Path, folder: Path, form: str, store: Store | None = None) -> str:
    """What Quarto's pandoc writes of a book, by the embedded pandoc."""
    done = converted(manuscript(source), folder, form, store)
    assert done.returncode == 0, done.stderr
    return done.stdout


def converted(book: Manuscript, folder: Path, form: str, store: Store | None = None) -> subprocess.CompletedProcess:
    shutil.copytree(book.folder, folder, dirs_exist_ok=True)
    config = quarto.lay(book, PROJECT, folder, form, store)
    chosen = config["format"][form]
    (folder / "config.json").write_text(json.dumps({"publish": config["publish"], "fatti": chosen.get("fatti")}))
    includes = chosen.get("include-after-body", []) if form == "html" else []
    (filter_,) = config["filters"]
    command = [
        pypandoc.get_pandoc_path(), book.file.name, f"--to={form}", "--standalone", f"--template={chosen['template']}",
        f"--lua-filter={filter_['path']}", "--metadata-file=config.json", "--wrap=none",
        *(f"--include-in-header={name}" for name in (chosen["include-in-header"] if form == "html" else ())),
        *(f"--include-after-body={name}" for name in includes),
    ]  # fmt: skip
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("form", ["html", "typst"])
def test_a_label_that_stands_by_nothing_is_told(tmp_path, form):
    """By both publishers; the built-in one, which is asked where Quarto fails, names the cell."""
    book = replace(manuscript(without_charts(tmp_path / "libro")), labels={"fig-persa": "prova.ipynb, cell 2"})
    done = converted(book, tmp_path / "quarto", form)
    assert done.returncode and "the label fig-persa stands by no heading, figure or table" in done.stderr
    with pytest.raises(BookError, match=r"^prova\.ipynb, cell 2: the label fig-persa stands by no heading"):
        (pandoc.html if form == "html" else pandoc.pdf)(book, tmp_path / "x", PROJECT)


def test_the_page_is_that_of_the_built_in_publisher(source, tmp_path, store):
    theirs = Screen(as_quarto(source, tmp_path / "quarto", "html", store)).parts
    ours = Screen(
        pandoc.html(manuscript(source), tmp_path / "libro.html", PROJECT, store).read_text(encoding="utf-8")
    ).parts
    assert theirs == ours
    assert ("h2", "1 Primo") in ours["headings"] and [tag for tag, _ in ours["headings"]].count("h1") == 1
    assert [("Entrate", "3")] in ours["rows"] and ours["back"] == [("#testo-tbl-gruppi", "↑ testo")]
    assert ("#sec-secondo", "Capitolo 2") in ours["references"] and ("#sec-casi", "1.1 Casi") in ours["contents"]


def test_the_whole_body_is_the_same(source, tmp_path, store):
    """Also what no list of parts has: notes, anchors, classes, the data of charts."""

    def body(page: str) -> str:
        page = page[page.index("<main") : page.index("</main>")]
        return re.sub(r"\s+", " ", re.sub(r"""src=("[^"]*"|'[^']*')""", "", page))

    theirs = as_quarto(source, tmp_path / "quarto", "html", store)
    ours = pandoc.html(manuscript(source), tmp_path / "libro.html", PROJECT, store).read_text(encoding="utf-8")
    data = re.compile(r'<script type="application/(?:json|gzip)".*?</script>\n?', re.DOTALL)
    assert data.findall(theirs) == data.findall(ours) != []
    assert body(data.sub("", theirs)) == body(data.sub("", ours))


def test_the_printed_book_is_that_of_the_built_in_publisher(source, tmp_path, monkeypatch):
    monkeypatch.setattr(pandoc, "MOVES", 0)  # Quarto prints a book once
    folder = tmp_path / "quarto"
    text = as_quarto(source, folder, "typst")
    (folder / "libro.typ").write_text(text, encoding="utf-8")
    theirs = typst.compile(
        folder / "libro.typ", font_paths=[str(folder / fonts.FOLDER)], ignore_system_fonts=True,
        pdf_standards=PROJECT["format"]["typst"]["pdf-standard"], timestamp=0,
    )  # fmt: skip
    assert tags.mended(theirs) == pandoc.pdf(manuscript(source), tmp_path / "libro.pdf", PROJECT).read_bytes()


@with_quarto
def test_quarto_itself_writes_the_same_book(source, tmp_path, store, monkeypatch):
    monkeypatch.setattr(pandoc, "MOVES", 0)  # Quarto prints a book once
    pages = [
        publisher.html(manuscript(source), tmp_path / "libro.html", PROJECT, store).read_text(encoding="utf-8")
        for publisher in (quarto, pandoc)
    ]
    theirs, ours = (Screen(page).parts for page in pages)
    assert theirs == ours
    assert all(re.search('<html lang="it"[ >]', page) and "Cerca nel libro" in page for page in pages)
    assert not re.search(r'(?:src|href)="(?!data:|#)', pages[0].partition("<script")[0])
    theirs, ours = (
        on_paper(publisher.pdf(manuscript(source), tmp_path / "libro.pdf", PROJECT)) for publisher in (quarto, pandoc)
    )
    assert theirs == ours


@with_quarto
@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("Vedi @fig-nessuna.", "@fig-nessuna points at nothing"),
        ("![](figure/fig-casi.svg)", "no alternative text"),
        ("![Una](figure/manca.svg){#fig-manca fig-alt=x}", "manca.svg"),
    ],
)
@pytest.mark.parametrize("form", ["html", "pdf"])
def test_quarto_names_mistakes_in_few_words(form, extra, words, tmp_path):
    source = book(tmp_path, extra)
    with pytest.raises(BookError, match=re.escape(words)) as raised:
        getattr(quarto, form)(manuscript(source), tmp_path / f"x.{form}", PROJECT)
    said = str(raised.value)
    assert len(said) < 500 and "metadata" not in said and "stack traceback" not in said.lower()
    assert not (tmp_path / f"x.{form}").exists()


@with_quarto
def test_a_project_is_built_the_same_by_both(small, shared, tmp_path):
    said = {}
    for engine in ("quarto", "pandoc"):
        build(small, "relazione-2021", tmp_path / engine, engine=engine, kept=shared)
        folder = tmp_path / engine / "relazione-2021"
        page = (folder / "relazione-2021.html").read_text(encoding="utf-8")
        said[engine] = Screen(page).parts, on_paper(folder / "relazione-2021.pdf")
    assert said["quarto"] == said["pandoc"]


# What Quarto is told -----------------------------------------------------------------


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A function that puts a program called quarto on PATH: its version, and what it does when it renders."""

    def put(version: str = "echo 1.9.37", render: str = "") -> Path:
        path = tmp_path / "bin" / "quarto"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!/bin/sh\nif test "$1" = --version; then\n{version}\nexit\nfi\n{render}\n', encoding="utf-8")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{path.parent}:/usr/bin:/bin")
        return path

    return put


RENDERED = """test "$1 $2 $3" = "render libro.md --to" || exit 9
case "$4" in html) own="book.html book.css fonts.css grafici.html fonts/SourceSansPro-Regular.woff";;
typst) own="book.typ libro.json fonts/SourceSansPro-Regular.otf";; esac
for name in _quarto.yml quarto.lua book.lua tables.lua capitoli/0001.md figure/fig-casi.svg $own; do
  test -f "$name" || { echo "ERROR: missing $name" >&2; exit 1; }
done
echo 'WARN: PDF standard validation requested but verapdf is not installed.' >&2
case "$4" in html) cp _quarto.yml libro.html;; typst) cp _quarto.yml libro.pdf;; esac
"""


def test_quarto_renders_in_a_directory_of_its_own(tmp_path, program, store, monkeypatch):
    monkeypatch.setattr(tags, "mended", lambda content: content)  # what is rendered here is no PDF
    source = whole(tmp_path / "libro")
    program(render=RENDERED)
    before = sorted(source.parent.rglob("*"))
    told = replace(
        manuscript(source),
        sentences={"sec-prova": [("Sono stati 318 casi.", [("indicatori", 12)])]},
        rows={"indicatori:12": ["Casi", "2025", "318", "numero", "", "", ""]},
    )
    written = quarto.html(told, tmp_path / "x.html", PROJECT, store)
    config = yaml.safe_load(written.read_text(encoding="utf-8"))
    assert config["project"] == {"type": "default"}
    page = config["format"]["html"]
    assert page["css"] == ["fonts.css", "book.css", "page.css", "data.css"] and page["include-after-body"] == [
        charts.INCLUDE,
        quarto.ORIGINS,
    ]
    assert page["embed-resources"] and page["callout-icon"] is False and page["format-links"] is False
    assert config["crossref"] == PROJECT["crossref"]
    paper = yaml.safe_load(quarto.pdf(manuscript(source), tmp_path / "x.pdf", PROJECT).read_text(encoding="utf-8"))[
        "format"
    ]["typst"]
    assert paper["font-paths"] == [fonts.FOLDER] and paper["pdf-standard"] == ["a-2a", "ua-1"]
    assert sorted(source.parent.rglob("*")) == before


@pytest.mark.parametrize(
    "said",
    ["echo 1.9.0", "echo 1.10.13", "echo 2.0", "echo 99.9.9", "echo 1.11.0-rc1", "echo v1.9.2",
     "echo WARNING: an update is available; echo 1.9.1", "echo noise >&2; echo 1.9.1"],
)  # fmt: skip
def test_a_quarto_that_is_new_enough_may_write(said, program):
    program(said)
    quarto.require()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("echo 1.8.27", "1.8.27 is too old: install 1.9 or newer"),
        ("echo 1.6", "1.6 is too old"),
        ("echo 0.99.1", "0.99.1 is too old"),
        ("echo ciao", r"does not start \(ciao\)"),
        ("true", r"does not start"),
        ("echo 'error: no deno' >&2; exit 127", r"does not start \(error: no deno\)"),
        ("kill -9 $$", "does not start"),
    ],
)
def test_another_quarto_is_told_in_one_line(said, words, program, tmp_path):
    program(said, "touch libro.html")
    with pytest.raises(BookError, match=words) as raised:
        quarto.html(manuscript(without_charts(tmp_path)), tmp_path / "x.html", PROJECT)
    assert "--engine pandoc" in str(raised.value) and "\n" not in str(raised.value)
    assert not (tmp_path / "x.html").exists()


def test_a_quarto_that_cannot_be_run_is_told(program, tmp_path):
    path = program()
    path.write_bytes(b"\x7fELF no program")
    with pytest.raises(BookError, match="quarto cannot be run"):
        quarto.html(manuscript(without_charts(tmp_path)), tmp_path / "x.html", PROJECT)
    path.unlink()
    with pytest.raises(BookError, match="quarto cannot be run"):
        quarto.require()


@pytest.mark.parametrize("formats", [None, "html", {"html": "default"}, {"typst": {"papersize": "a4"}}])
def test_a_configuration_that_says_little_of_formats_is_enough(formats, program, tmp_path):
    program(render=RENDERED.replace("book.css", "").replace("grafici.html", ""))
    told = {key: value for key, value in PROJECT.items() if key != "format"} | ({"format": formats} if formats else {})
    written = quarto.html(manuscript(without_charts(tmp_path / "libro")), tmp_path / "x.html", told)
    assert yaml.safe_load(written.read_text(encoding="utf-8"))["format"]["html"]["template"] == "book.html"


ECHO = "printf '\\033[1mpandoc\\033[22m\\n' >&2; for i in 1 2 3 4 5 6 7 8 9; do echo \"  to: html $i\" >&2; done\n"


@pytest.mark.parametrize(
    ("render", "words", "not_said"),
    [
        (ECHO + "printf '\\033[91mERROR: no such thing\\033[39m\\n\\nStack trace:\\n    at x (file:///q.js:1:2)\\n' >&2; exit 1",
         ["ERROR: no such thing"], ["to: html", "Stack trace", "q.js", "\x1b"]),
        (ECHO + "exit 3", ["quarto render --to html failed (exit 3)"], ["to: html"]),
        ("echo 'WARN: Unable to resolve crossref @fig-x' >&2; touch libro.html", ["@fig-x"], []),
        ("echo \"[WARNING] Could not fetch resource $PWD/x.svg\" >&2; touch libro.html", ["/libro/x.svg"], ["/tmp.", "tmp/tmp"]),
        ("echo 'warning: unknown font family: nessuno' >&2; touch libro.html", ["unknown font family: nessuno"], []),
        ("printf 'error: file not found\\n  ┌─ libro.typ:1:2\\nWARN: by the way\\n' >&2; exit 1", ["file not found"], ["by the way"]),
        ("true", ["failed (exit 0)"], []),
    ],
)  # fmt: skip
def test_only_what_is_wrong_of_what_quarto_says(render, words, not_said, program, tmp_path):
    program(render=render)
    source = without_charts(tmp_path / "libro")
    with pytest.raises(BookError) as raised:
        quarto.html(manuscript(source), tmp_path / "x.html", PROJECT)
    said = str(raised.value)
    assert all(word in said for word in words) and not any(word in said for word in not_said), said
    assert not (tmp_path / "x.html").exists()


# A Quarto user in the project ---------------------------------------------------------


def test_the_project_renders_executed_notebooks_alone():
    assert PROJECT["project"]["render"] == ["output/*/notebooks/*.ipynb"]
    assert PROJECT["project"]["output-dir"].startswith("output/")
    for form in ("html", "typst"):
        assert PROJECT["format"][form]["callout-icon"] is False
    header = PROJECT["format"]["typst"]["include-in-header"]["text"]
    assert '#show figure.where(kind: "quarto-float-tbl"): set block(breakable: true)' in header
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/.quarto/", "**/*.quarto_ipynb", "/output/"} <= set(ignored)  # Quarto adds what it does not find


def test_every_folder_of_chapters_refuses_to_be_rendered(here):
    for folder in {path.parent for books in here.books.values() for path in books.chapters}:
        (filter_,) = yaml.safe_load((folder / "_metadata.yml").read_text(encoding="utf-8"))["filters"]
        assert (folder / filter_["path"]).is_file() and filter_["at"] == "pre-ast"
    (filter_,) = PROJECT["filters"]
    assert (ROOT / filter_["path"]).is_file()


@with_quarto
def test_a_source_is_refused_and_nothing_is_left(here, tmp_path):
    for name in ("lib/annuario/publish", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("_quarto.yml", ".gitignore"):
        shutil.copy(ROOT / name, tmp_path / name)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    for chapter in (here.books["relazione"].chapters[0], here.books["piano"].chapters[-1]):
        done = subprocess.run(
            ["quarto", "render", chapter.relative_to(ROOT)], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode != 0 and "annuario build" in done.stderr
    assert {path for path in tmp_path.rglob("*") if path.is_file() and ".quarto" not in path.parts} == before
    assert (tmp_path / ".gitignore").read_bytes() == (ROOT / ".gitignore").read_bytes()


def test_the_quarto_that_is_asked_for_is_the_quarto_that_is_checked():
    least = f">={'.'.join(map(str, quarto.LEAST))}"
    assert f"quarto{least}" in (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert f"quarto-cli{least}" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


# Executed notebooks -------------------------------------------------------------------


@pytest.fixture(scope="module")
def executed(tmp_path_factory, shared) -> Path:
    """The executed notebooks of a small book of two chapters."""
    from conftest import one_chapter

    root = tmp_path_factory.mktemp("progetto")
    small = one_chapter(root)
    folder = root / "notebooks" / "relazione"
    other = nbformat.v4.new_notebook(cells=[
        nbformat.v4.new_code_cell('edizione = "relazione-2021"', metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("from annuario.notebook import open_edition\nlibro = open_edition(edizione)"),
        nbformat.v4.new_markdown_cell("# Altro: «capitolo» {#sec-altro}\n\nVedi @sec-gestione, @tbl-indicatori e `@sec-gestione`."),
        nbformat.v4.new_code_cell(
            '#| label: tbl-altra\n#| tbl-cap: "Anno: `{python} str(libro.year)` # \'1\' (@sec-gestione)"\n'
            'from annuario import tables\ntables.by_year(libro.indicators("gestione"))'
        ),
        nbformat.v4.new_markdown_cell("Ancora @tbl-altra e @sec-altro."),
    ])  # fmt: skip
    nbformat.write(other, folder / "altro.ipynb")
    config = root / "_quarto.yml"
    config.write_text(
        config.read_text(encoding="utf-8").replace("gestione.ipynb]", "gestione.ipynb, relazione/altro.ipynb]"),
        encoding="utf-8",
    )
    build(project.Project(small.root), "relazione-2021", root / "output", ("html",), "pandoc", kept=shared)
    return root / "output" / "relazione-2021" / "notebooks"


def cells(path: Path, kind: str) -> list:
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == kind]


def test_executed_notebooks_are_notebooks_with_front_matter(executed):
    for path in executed.glob("*.ipynb"):
        notebook = nbformat.read(path, 4)
        nbformat.validate(notebook)
        front = yaml.safe_load(notebook.cells[0].source.strip("-\n"))
        assert notebook.cells[0].cell_type == "raw" and notebook.cells[0].source.startswith("---\n")
        assert front["title"] == "Relazione 2021" and front["lang"] == "it" and front["execute"] == {"echo": False}
    assert any("{#sec-gestione}" in cell.source for cell in cells(executed / "gestione.ipynb", "markdown"))
    stored = json.loads((executed / "gestione.ipynb").read_text(encoding="utf-8"))
    assert all(isinstance(cell["source"], list) for cell in stored["cells"])


def test_captions_are_finished_where_the_cell_asks_for_them(executed):
    for path in executed.glob("*.ipynb"):
        for cell in cells(path, "code"):
            lines = [line[3:] for line in cell.source.splitlines() if line.startswith("#|")]
            if lines:
                assert "{python}" not in "\n".join(lines)
                written = yaml.safe_load("\n".join(lines))
                finished = cell.metadata["annuario"]["options"]
                assert {key: written[key] for key in finished if key != "tbl-cap"} == {
                    key: finished[key] for key in finished if key != "tbl-cap"
                }
    (table,) = [cell for cell in cells(executed / "altro.ipynb", "code") if "tbl-altra" in cell.source]
    caption = yaml.safe_load(re.search(r"#\| (tbl-cap.*)", table.source)[1])["tbl-cap"]
    assert caption == "Anno: 2021 # '1' ([Analisi della gestione](gestione.ipynb))"


def test_charts_have_a_drawing_and_an_alternative_text_and_nothing_needs_a_network(executed):
    drawn = 0
    for cell in cells(executed / "gestione.ipynb", "code"):
        for output in cell.outputs:
            data = output.get("data", {})
            assert "text/html" not in data or "text/markdown" not in data
            if any(kind.startswith("application/vnd.vegalite") for kind in data):
                drawn += 1
                assert data["image/svg+xml"].startswith("<svg")
                assert (
                    yaml.safe_load(re.search(r"#\| (fig-alt:.*)", cell.source)[1])["fig-alt"]
                    == output["metadata"]["annuario"]["alt"]
                )
                assert notebooks.NOT_COMPARED in cell.metadata.tags
    assert drawn > 5


def test_a_chart_s_notes_stand_below_it(tmp_path):
    """As they do in the book; a table holds its own."""
    facts = {"annuario": {"alt": "Un grafico", "note": ["Stampato 1*2*", "Altra"]}}
    chart = nbformat.v4.new_output(
        "execute_result", data={"application/vnd.vegalite.v5+json": {"mark": "bar"}}, metadata=facts
    )
    made = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# Uno {#sec-uno}"),
            nbformat.v4.new_code_cell("grafico", outputs=[chart]),
            nbformat.v4.new_markdown_cell("Fine."),
        ]
    )
    notebooks.write({tmp_path / "uno.ipynb": made}, {}, lambda spec: "<svg/>", tmp_path / "out")
    written = nbformat.read(tmp_path / "out" / "uno.ipynb", 4)
    nbformat.validate(written)
    assert [cell.source for cell in written.cells][1:] == [
        "# Uno {#sec-uno}",
        "#| fig-alt: Un grafico\ngrafico",
        "Stampato 1\\*2\\*\n\nAltra",
        "Fine.",
    ]


def test_a_chapter_run_again_gives_what_its_executed_notebook_shows(executed):
    """nbval compares no cell whose outputs were put in another form: here their data are."""
    root = executed.parents[2]
    texts = root / "notebooks" / "relazione" / "testi" / "relazione-2021"
    again = execute.chapter(root / "notebooks" / "relazione" / "gestione.ipynb", "relazione-2021", root, texts)
    made = [cell for cell in again["cells"] if cell["cell_type"] == "code"]
    kept = cells(executed / "gestione.ipynb", "code")
    assert len(made) == len(kept)
    compared = 0
    for new, old in zip(made, kept):
        for theirs, ours in zip(new["outputs"], old.outputs, strict=True):
            for kind, value in theirs.get("data", {}).items():
                if kind != "text/html":
                    compared += 1
                    found = "".join(value) if isinstance(value, list) else value
                    assert found == ours["data"][kind]
    assert compared > 20


def test_references_to_other_chapters_lead_to_their_notebooks(executed):
    first, *_, last = cells(executed / "altro.ipynb", "markdown")
    away = "[Analisi della gestione](gestione.ipynb)"
    assert f"Vedi {away}, {away} e `@sec-gestione`." in first.source
    assert last.source == "Ancora @tbl-altra e @sec-altro."


@with_quarto
def test_quarto_makes_a_page_of_an_executed_notebook(executed):
    shutil.copytree(ROOT / "lib" / "annuario" / "publish", executed.parents[2] / "lib" / "annuario" / "publish")
    done = subprocess.run(
        ["quarto", "render", executed / "gestione.ipynb", "--to", "html"],
        cwd=executed.parents[2], capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0 and "Could not fetch" not in done.stderr and "Unable to resolve" not in done.stderr
    (page,) = (executed.parents[1] / "pagine").rglob("gestione.html")
    text = page.read_text(encoding="utf-8")
    assert "{python}" not in text and ":::" not in text and "Figura&nbsp;1" in text.replace("\u00a0", "&nbsp;")
    assert 'id="sec-gestione"' in text and not re.search(r'<script[^>]+src="https?:', text)
    assert not list(executed.glob("*.html"))


# The text ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading", ["# In sintesi {#sec-x .unnumbered}", "## Una {#sec-x -}", "## Una {#sec-x .unlisted .unnumbered}"]
)
def test_no_reference_to_the_number_of_a_heading_without(heading, tmp_path):
    from test_assemble import TITLE
    from test_assemble import book as assembled

    with pytest.raises(
        ChapterError, match=r"cell 3: the reference @sec-x points at .*, which has no number: write a link, \["
    ):
        assembled(tmp_path, TITLE, ("md", heading), ("md", "Vedi @sec-x."))
    assembled(tmp_path, TITLE, ("md", heading), ("md", "Vedi [qui](#sec-x) e `@sec-x`."))


def test_tables_say_how_every_column_is_aligned(here, executed):
    found = 0
    for path in executed.glob("*.ipynb"):
        for cell in cells(path, "code"):
            for output in cell.outputs:
                text = output.get("data", {}).get("text/markdown", "")
                if text.startswith("|"):
                    found += 1
                    rules = text.splitlines()[1].strip("|").split("|")
                    assert all(re.fullmatch(r":-+|-+:", rule) for rule in rules), rules
    assert found > 3


def test_what_is_no_pdf_is_told(tmp_path, program):
    program(render=RENDERED)
    with pytest.raises(BookError, match="what Quarto wrote is no PDF"):
        quarto.pdf(manuscript(whole(tmp_path / "libro")), tmp_path / "x.pdf", PROJECT)
    assert not (tmp_path / "x.pdf").exists()
