"""What is wrong in ``_quarto.yml`` is told: where, what, all at once; never a traceback."""

import pytest
from conftest import ROOT

from annuario.errors import BookError
from annuario.project import Project
from annuario.publish import assets

WHOLE = (ROOT / "_quarto.yml").read_text(encoding="utf-8")


@pytest.fixture
def told(tmp_path):
    """A function that gives the complaints, line by line, about a configuration (bytes, or text)."""
    (tmp_path / "notebooks").symlink_to(ROOT / "notebooks", target_is_directory=True)

    def told(content: str | bytes) -> list[str]:
        path = tmp_path / "_quarto.yml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        try:
            project = Project(tmp_path)
            assert project.agency and project.books
        except BookError as error:
            lines = str(error).splitlines()
            assert all(line.startswith(str(path)) for line in lines), lines
            return [line.removeprefix(str(path)) for line in lines]
        return []

    return told


def test_nothing_is_wrong_with_ours(told):
    assert told(WHOLE) == [] and told(WHOLE.encode("utf-8-sig")) == []
    assert told(WHOLE.replace("toc: true", "altro: &a {b: 1}\nterzo: {<<: *a, b: 2}", 1)) == []


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding(told, encoding):
    (one,) = told(WHOLE.encode(encoding))
    assert "not UTF-8: save the file as UTF-8" in one


SPOILS = [
    ("toc: true", "\ttoc: true", [": not valid YAML: line ", "tab"]),
    ("toc: true", "toc: [true", [": not valid YAML: line "]),
    ("toc: true", "toc: true\ntoc: false", ["«toc» stands twice"]),
    ("giorno: 01-01", "giorno: 01-01\n      giorno: 01-02", ["«giorno» stands twice"]),
    ("toc: true", "data: 2021-13-45", [": not valid YAML: month"]),
    ("toc: true", 'toc: "\x07"', [": not valid YAML: "]),
    ("toc: true", "? {a: b}\n: 1", [": not valid YAML: line "]),
    ("toc: true", "toc: sì", ["«toc» must be true or false"]),
    ("toc-depth: 3", "toc-depth: molto", ["«toc-depth» must be a whole number"]),
    ("lang: it", "lang: [it]", ["«lang» must be a text"]),
    ("css: lib/annuario/publish/book.css", "css: {a: 1}", ["«format, html, css» must be a text or a list of texts"]),
    ("x: 2.1cm", "x: [2]", ["«format, typst, margin, x» must be a text"]),
    ("crossref:\n", "crossref: [a]\naltro:\n", ["«crossref» must hold keys and values"]),
    ("execute:\n", "execute: [echo]\naltro:\n", ["«execute» must hold keys and values"]),
    ("  echo: false\n", "  echo: forse\n", ["«execute, echo» must be true or false or fenced"]),
    ("  warning: false\n", "  output: [asis]\n", ["«execute, output» must be true or false or asis"]),
    ("format:\n", "format:\naltro:\n", ["«format» must hold keys and values"]),
    ("format:\n", "format: [html]\naltro:\n", ["«format» must hold keys and values"]),
    ("  html:\n", "  html: [a]\n  altro:\n", ["«format, html» must hold keys and values"]),
    ("  ente: Comunità Sociale Cremasca", "  ente: {a: b}", ["«annuario, ente» must be a text"]),
    ("    piano:\n", "    12:\n", ["«annuario, libri, 12» is not the name of a book"]),
    ("    piano:\n", "    piano: x\n    altro:\n", ["«annuario, libri, piano» must hold keys and values"]),
    ("titolo: Piano Programma", "titolo: [Piano]", ["«annuario, libri, piano, titolo» must be a text"]),
    ("giorno: 01-01", "giorni: 01-01", ["«annuario, libri, piano, giorni» is not known here: the keys are titolo"]),
    ("  ente: Comunità", "  altro: 1\n  ente: Comunità", ["«annuario, altro» is not known here: the keys are ente"]),
    ("giorno: 01-01", "giorno: 02-30", ["«annuario, libri, piano, giorno» must be a month and a day"]),
    ("ricostruito: true", "ricostruito: forse", ["«annuario, libri, relazione, ricostruito» must be true or false"]),
    ("- piano/azienda.ipynb", "- 3", ["«annuario, libri, piano, capitoli» holds «3»"]),
    ("- piano/azienda.ipynb", "-", ["«annuario, libri, piano, capitoli» holds «None»"]),
    ("- piano/azienda.ipynb", "- ../../etc.ipynb", ["holds «../../etc.ipynb»"]),
    ("- piano/azienda.ipynb", "- relazione/obiettivi.ipynb", ["names two chapters obiettivi.ipynb: rename one"]),
]


@pytest.mark.parametrize(("old", "new", "said"), SPOILS, ids=[new[:30] for _, new, _ in SPOILS])
def test_one_mistake_is_one_line(told, old, new, said):
    assert old in WHOLE
    (one,) = told(WHOLE.replace(old, new, 1))
    assert all(part in one for part in said), one


@pytest.mark.parametrize("whole", ["", "null", "[]", "3", "testo", "a: b", "annuario:"])
def test_a_configuration_that_is_none(told, whole):
    assert told(whole) == [": the section «annuario» is missing: add the agency and its books."]


@pytest.mark.parametrize(
    "own", ["[]", "x", "3", "{}", "{ente: A, libri: [a]}", "{ente: A, libri: {a: }}", "{ente: , libri: {a: []}}"]
)
def test_a_list_a_text_or_nothing_for_a_mapping(told, own):
    assert told(f"annuario: {own}")


def test_all_is_told_at_once(told):
    said = told(
        WHOLE.replace("toc: true", "toc: 1", 1)
        .replace("papersize: a4", "papersize: [a4]", 1)
        .replace("titolo: Piano Programma", "titolo: {}", 1)
        .replace("- relazione/fondi.ipynb", "- 7", 1)
    )
    assert [
        place in line for place, line in zip(("«toc»", "papersize", "capitoli", "«titolo»"), said, strict=True)
    ] == [True] * 4
    chapters = WHOLE.replace("relazione/fondi.ipynb", "relazione/fond.ipynb").replace(
        "piano/schede.ipynb", "piano/sched.ipynb"
    )
    assert [name in line for name, line in zip(("fond.ipynb", "sched.ipynb"), told(chapters), strict=True)] == [
        True
    ] * 2


def test_style_sheets_of_the_project_are_found_beside_its_configuration(tmp_path):
    root, folder = tmp_path / "progetto", tmp_path / "libro"
    (root / "stili").mkdir(parents=True)
    folder.mkdir()
    (root / "stili" / "mio.css").write_text("p {}")
    (tmp_path / "fuori.css").write_text("p {}")
    config = {"format": {"html": {"css": ["book.css", "stili/mio.css", "../fuori.css"]}}}
    assert assets.gather(root, config, folder) == [(root / "stili" / "mio.css").resolve()]
    chosen = {"css": ["book.css", "stili/mio.css"], "include-after-body": []}
    assert assets.lay(folder, chosen, folder)[0] == ["fonts.css", "book.css", "mio.css"]
    for name in ("../fuori.css", str(tmp_path / "fuori.css"), "manca.css"):
        with pytest.raises(
            BookError, match=r"^_quarto.yml: \S+ does not exist in the project: put it beside _quarto.yml"
        ):
            assets.lay(folder, {**chosen, "css": [name]}, folder)
