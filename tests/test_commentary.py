"""The commentary of an edition: nothing of it is lost, and nothing of it unread."""

import pytest

from annuario.errors import ChapterError
from annuario.execution import execute
from annuario.text import commentary

CHAPTERS = {"gestione", "tutela-minori"}


@pytest.fixture
def said(tmp_path):
    """A function that writes a commentary file: what is said of it when no chapter fails."""

    def said(content, name="gestione.md", placed=(), asked=(), unknown=""):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        found = commentary.problems(
            tmp_path, CHAPTERS, {("gestione", each) for each in placed}, {("gestione", each) for each in asked}, unknown
        )
        return [problem.replace(f"{tmp_path}/", "") for problem in found]

    return said


@pytest.mark.parametrize(
    "content",
    [
        "# costi\nUno.\n\n# ricavi\n\nDue.\n",
        "\ufeff# costi\nUno.\n# ricavi\nDue.",
        "# costi\r\nUno.\r\n\r\n# ricavi\r\nDue.\r\n",
        "# costi #\nUno.\n\n#\tricavi \nDue.",
    ],
    ids=["plain", "byte order mark", "Windows", "closed"],
)
def test_sections_are_read(said, tmp_path, content):
    assert said(content, placed=("costi", "ricavi")) == []
    assert [commentary.section(tmp_path, "gestione", name) for name in ("costi", "ricavi", "altro")] == [
        "Uno.",
        "Due.",
        "",
    ]
    assert commentary.section(tmp_path, "nessuno", "costi") == ""


def test_headings_in_code_and_comments_open_no_section(said, tmp_path):
    content = "# costi\n\n```\n# ricavi\n```\n\n<!--\n\n# altro\n\n-->\n\n## sotto\nFine."
    assert said(content, placed=("costi",)) == []
    assert commentary.section(tmp_path, "gestione", "costi") == "```\n# ricavi\n```\n\n\n\n## sotto\nFine."


def test_what_is_nothing_but_a_comment_is_no_text_yet_and_no_mistake(said, tmp_path):
    content = "# costi\n\n<!-- 2025:\n\nCosì nel 2025.\n\n-->\n\n# ricavi\n<!-- 2025: -->\nUno."
    assert said(content, placed=("ricavi",)) == []
    assert commentary.section(tmp_path, "gestione", "costi") == ""
    assert commentary.section(tmp_path, "gestione", "ricavi") == "Uno."


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("Perso.\n\n# costi\nUno.", "gestione.md, line 1: «Perso.» stands before the first heading"),
        ("\n\nSolo testo.", "gestione.md, line 3: «Solo testo.» stands before the first heading"),
        ("## sotto\nPerso.\n\n# costi\nUno.", "gestione.md, line 1: «## sotto» stands before the first heading"),
        ("#costi\nUno.", "gestione.md, line 1: «#costi» opens no section"),
        ("# costi\nUno.\n#ricavi\nDue.", "gestione.md, line 3: «#ricavi» opens no section"),
        ("# costi\nUno.\n\nRicavi\n======\nDue.", "gestione.md, line 4: «Ricavi» opens no section"),
        ("# costi\nUno.\n\n#\nDue.", "gestione.md, line 4: «#» opens no section"),
        ("# costi\nUno.\n\n# costi\nDue.", "gestione.md, line 4: there is a section «costi» in line 1 already"),
        ("# costi\nperch\u00e9".encode("latin-1"), "gestione.md: not UTF-8 (byte 13): save the file as UTF-8."),
        ("# costi\nUno.".encode("utf-16"), "gestione.md: not UTF-8 (byte 0): save the file as UTF-8."),
    ],
)
def test_what_would_be_lost_is_an_error(said, content, line):
    (found,) = said(content, placed=("costi",))
    assert found.startswith(line)


def test_a_section_that_no_chapter_shows_is_an_error(said):
    content = "# costi\nUno.\n\n# ricavvi\nDue.\n\n# extra\nTre."
    assert said(content, placed=("costi",), asked=("costi", "ricavi")) == [
        "gestione.md, line 4: no chapter shows the section «ricavvi»: did you mean «ricavi»?",
        "gestione.md, line 7: no chapter shows the section «extra»: place it in a notebook, or take it out.",
    ]


def test_of_a_chapter_that_failed_nobody_can_tell(said):
    assert said("# costi\nUno.", unknown='libro.text("gestione", "costi")') == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("tutela_minori.md", "tutela-minori"),
        ("gestione.txt", "gestione"),
        ("altro.md", None),
        ("Gestione.md", "gestione"),
        ("gestione.md.txt", "gestione"),
        ("gestione", "gestione"),
    ],
)
def test_a_file_of_no_chapter_is_an_error(said, name, meant):
    (found,) = said("# costi\nUno.", name)
    assert found.startswith(f"{name}: the book has no chapter of this name")
    assert ("did you mean" in found) == bool(meant) and (meant or "") in found


def test_pictures_may_stand_beside(said):
    assert said(b"x", "logo.png") == []


def test_the_commentary_of_an_unreadable_chapter_is_not_judged(tmp_path):
    """Its notebook is told; that nothing shows its sections is no second mistake."""
    path = tmp_path / "gestione.ipynb"
    path.write_bytes(b"")
    (tmp_path / "gestione.md").write_text("# costi\nUno.\n")
    with pytest.raises(ChapterError) as error:
        execute.book((path,), tmp_path / "out", "relazione-2021", tmp_path, tmp_path)
    assert len(str(error.value).splitlines()) == 1 and "gestione.ipynb: not a notebook" in str(error.value)


def test_commentary_where_no_edition_looks_is_an_error(tmp_path):
    texts = tmp_path / "testi" / "relazione-2021"
    for folder in (texts, texts.with_name("relazione_2021"), texts.with_name("relazione-2020")):
        folder.mkdir(parents=True)
        (folder / "gestione.md").write_text("# costi\nUno.", encoding="utf-8")
    (texts.parent / "sciolto.md").write_text("# costi\nUno.", encoding="utf-8")
    (texts.parent / "img").mkdir()
    found = commentary.problems(texts, {"gestione"}, {("gestione", "costi")}, set())
    assert [line.replace(str(texts.parent), "testi").partition(": ")[0] for line in found] == [
        "testi/relazione_2021",
        "testi/sciolto.md",
    ]
