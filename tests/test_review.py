"""What a reader changes in Word comes back to notebook and cell, and never into a figure."""

import json
import zipfile
from pathlib import Path

import pytest

from annuario.book import remarks, review
from annuario.errors import BookError
from annuario.project import Book
from annuario.publish.word import W

TEXT = "I casi sono stati 1.234, più dell’anno prima. Il servizio è cresciuto."
CELL = '<w:bookmarkStart w:id="1" w:name="cella_casi_2"/>'
RUN = '<w:r><w:t xml:space="preserve">{}</w:t></w:r>'


def word(path, body: str, comments: str = "", edition: str = "edizione_relazione_2025", notes: str = ""):
    told = f'<w:bookmarkStart w:id="0" w:name="{edition}"/><w:bookmarkStart w:id="2" w:name="fattura_1"/>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{told}{body}</w:body></w:document>')
        archive.writestr("word/comments.xml", f'<w:comments xmlns:w="{W}">{comments}</w:comments>')
        archive.writestr("word/footnotes.xml", f'<w:footnotes xmlns:w="{W}">{notes}</w:footnotes>')
    return path


def gone(text: str, kind: str = "del") -> str:
    return f'<w:{kind} w:author="Anna"><w:r><w:delText xml:space="preserve">{text}</w:delText></w:r></w:{kind}>'


def come(text: str, kind: str = "ins") -> str:
    return f'<w:{kind} w:author="Anna">{RUN.format(text)}</w:{kind}>'


def paragraph(*parts: str, end: str = "") -> str:
    mark = f'<w:pPr><w:rPr><w:{end} w:author="Anna"/></w:rPr></w:pPr>' if end else ""
    return f"<w:p>{mark}{''.join(part if part.startswith('<') else RUN.format(part) for part in parts)}</w:p>"


def changed(old: str, new: str, text: str = TEXT) -> str:
    before, _, after = text.partition(old) if old else text.partition("|")
    return CELL + paragraph(before, *([gone(old)] if old else []), *([come(new)] if new else []), after)


@pytest.fixture
def cell(tmp_path):
    """The second cell of a notebook, and the commentary that it places."""
    path = tmp_path / "casi.ipynb"
    source = [
        "# Casi {#sec-casi}\n",
        "\n",
        "I casi sono stati `{python} casi`, più dell'anno prima. Il servizio è cresciuto.\n",
        "\n",
        "Un passo con una parola **forte**, e vedi @fig-casi.\n",
        "\n",
        "- primo punto\n",
        "- secondo punto\n",
        "\n",
        "`{python} testo.servizio`",
    ]
    cells = [{"cell_type": "code", "source": ["a = 1"]}, {"cell_type": "markdown", "source": source}]
    path.write_text(json.dumps({"cells": cells}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    commentary = tmp_path / "casi.md"
    commentary.write_text("# servizio\n\nCresce da anni.\n\n# altro\n\nNon detto.\n", encoding="utf-8")
    return review._Cell(path, 2, commentary)


def source(cell) -> str:
    return "".join(json.loads(cell.notebook.read_text(encoding="utf-8"))["cells"][1]["source"])


def left(tmp_path, body: str, comments: str = "", notes: str = "") -> list:
    return remarks.read(word(tmp_path / "libro.docx", body, comments, notes=notes)).remarks


def test_comments_and_changes_are_told_with_their_cell(tmp_path):
    body = changed("cresciuto", "aumentato") + (
        f'<w:p><w:commentRangeStart w:id="7"/>{RUN.format("Una frase")}</w:p>'
        f'<w:p>{RUN.format("e l’altra.")}<w:commentRangeEnd w:id="7"/>{RUN.format(" Fuori.")}</w:p>'
    )
    comments = (
        '<w:comment w:id="7" w:author="Bice"><w:p><w:r><w:t>È vero?</w:t></w:r></w:p>'
        "<w:p><w:r><w:t>Chiedere.</w:t></w:r></w:p></w:comment>"
        '<w:comment w:id="8" w:author="Bice"><w:p><w:r><w:t>Bene.</w:t></w:r></w:p></w:comment>'
    )
    change, comment, loose = left(tmp_path, body, comments)
    told = [(one.kind, one.author, one.where, one.old, one.new) for one in (change, comment, loose)]
    assert told == [
        ("change", "Anna", "cella_casi_2", "cresciuto", "aumentato"),
        ("comment", "Bice", "cella_casi_2", "Una frase e l’altra.", "È vero? Chiedere."),
        ("comment", "Bice", "", "", "Bene."),
    ]


def test_a_place_at_the_end_of_a_paragraph_is_of_the_next(tmp_path):
    """An office program that saves the document puts it there after a table."""
    body = paragraph("Una cella", CELL) + paragraph("Sono ", gone("dieci"), come("nove"), ".")
    assert [one.where for one in left(tmp_path, CELL.replace("_2", "_1") + body)] == ["cella_casi_2"]
    assert [where for where, _ in remarks.read(tmp_path / "libro.docx").paragraphs] == ["cella_casi_1", "cella_casi_2"]


def test_what_is_moved_goes_and_comes_and_what_two_undo_is_no_change(tmp_path):
    undone = f'<w:ins w:author="Anna">{gone("nulla")}</w:ins>'
    moved = '<w:moveFrom w:author="Anna"><w:r><w:t>qui </w:t></w:r></w:moveFrom>'
    found = left(tmp_path, CELL + paragraph(moved, "sta ", undone, come("là", "moveTo")))
    assert [(one.old, one.new) for one in found] == [("qui ", ""), ("", "là")]


def test_a_note_is_of_the_cell_that_calls_it(tmp_path):
    notes = f'<w:footnote w:id="5">{paragraph("Una nota ", gone("lunga"))}</w:footnote>'
    body = CELL + paragraph("Testo", '<w:r><w:footnoteReference w:id="5"/></w:r>')
    assert [(one.where, one.old) for one in left(tmp_path, body, notes=notes)] == [("cella_casi_2", "lunga")]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("cresciuto", "aumentato", "Il servizio è aumentato."),
        ("più dell’anno prima", "in più", "`{python} casi`, in più. Il"),
        ("è cresciuto", "è più grande dell’altr’anno", "è più grande dell'altr'anno."),
        (" Il servizio è cresciuto.", "", "prima.\n"),
    ],
)
def test_a_change_of_plain_text_is_put_into_the_notebook(tmp_path, cell, old, new, found):
    assert review.apply(left(tmp_path, changed(old, new)), cell) == [f"put into {cell.notebook}"]
    assert found in source(cell) and "`{python} casi`" in source(cell)


def test_changes_of_one_paragraph_are_put_together_and_once(tmp_path, cell):
    body = CELL + paragraph("I casi ", gone("sono stati"), come("furono"), " 1.234, più dell’anno ", gone("prima"), come("scorso"), ". Il servizio è cresciuto.")  # fmt: skip
    found = left(tmp_path, body)
    assert review.apply(found, cell) == [f"put into {cell.notebook}"] * 2
    assert "I casi furono `{python} casi`, più dell'anno scorso." in source(cell)
    assert review.apply(found, cell) == ["it stands there already"] * 2


def test_a_title_an_item_and_the_commentary_are_changed_where_they_stand(tmp_path, cell):
    body = CELL + paragraph("1 ", gone("Casi"), come("I casi dell’anno"))
    body += paragraph("secondo ", gone("punto"), come("passo")) + paragraph("Cresce ", come("molto "), "da anni.")
    assert [told.rpartition("/")[2] for told in review.apply(left(tmp_path, body), cell)] == ["casi.ipynb"] * 2 + [
        "casi.md"
    ]
    assert "# I casi dell'anno {#sec-casi}" in source(cell) and "- secondo passo\n" in source(cell)
    assert "Cresce molto da anni." in cell.commentary.read_text(encoding="utf-8")


def test_paragraphs_come_and_go(tmp_path, cell):
    body = (
        CELL + paragraph(TEXT) + paragraph(come("Uno nuovo."), end="ins") + paragraph("Un passo con una parola forte.")
    )
    body += paragraph("Cresce da anni.") + paragraph(come("In coda."), end="ins") + paragraph("Di un’altra cella.")
    review.apply(left(tmp_path, body), cell)
    assert "è cresciuto.\n\nUno nuovo.\n\nUn passo" in source(cell)
    assert "Cresce da anni.\n\nIn coda.\n\n# altro" in cell.commentary.read_text(encoding="utf-8")
    body = (
        CELL + paragraph(TEXT) + paragraph(gone("Uno nuovo."), end="del") + paragraph("Un passo con una parola forte.")
    )
    review.apply(left(tmp_path, body), cell)
    assert "è cresciuto.\n\nUn passo" in source(cell)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("1.234", "1.300", TEXT),
        ("stati 1.234,", "stati 1.300,", TEXT),
        ("", "9", TEXT.replace("1.234", "1.2|34")),
        ("", "5", TEXT.replace("1.234", "1.234|")),
        ("", "−", TEXT.replace("1.234", "|1.234")),
        ("cresciuto", "`{python} altro`", TEXT),
        ("cresciuto", "**aumentato**", TEXT),
        ("i", "o", "i"),
        ("python", "pitone", "`{python} casi`"),
        ("una parola forte", "un’altra", "Un passo con una parola forte, e vedi"),
        ("forte", "", "Un passo con una parola forte, e vedi"),
        ("Casi", "", "1 Casi"),
        ("punto", "passo", "terzo punto"),
        ("Figura 1", "Figura 2", "e vedi Figura 1."),
    ],
)
def test_a_figure_and_what_is_uncertain_stay_as_they_are(tmp_path, cell, old, new, text):
    before = cell.notebook.read_bytes()
    (told,) = review.apply(left(tmp_path, changed(old, new, text)), cell)
    assert "put into" not in told and cell.notebook.read_bytes() == before


def test_a_code_cell_is_changed_by_who_writes_it(tmp_path, cell):
    (told,) = review.apply(left(tmp_path, changed("cresciuto", "aumentato")), cell._replace(number=1))
    assert "code cell" in told


def test_a_change_that_nothing_tracks_is_told(tmp_path):
    built = remarks.read(word(tmp_path / "a.docx", CELL + paragraph("Uno.") + paragraph("Sono dieci casi.")))
    back = remarks.read(word(tmp_path / "b.docx", CELL + paragraph("Uno.") + paragraph("Sono nove ", come("bei "), "casi.")))  # fmt: skip
    assert [(one.kind, one.old, one.new) for one in remarks.untracked(back, built)] == [("untracked change", "dieci", "nove")]  # fmt: skip
    assert remarks.untracked(back, remarks.Reviewed("relazione_2025", "2", [], built.paragraphs)) == []


def test_chapters_of_the_same_name_are_told_apart_by_the_book(here):
    """Books have chapters of one name each: the edition says which book it is."""
    names = ["relazione-2025", "piano-2021"]
    edition = review.edition("piano_2021", here, names)
    own = review.places(here.books["piano"], edition)["cella_personale_3"]
    assert own.notebook.parent.name == "piano" and own.commentary.parent.name == "piano-2021"
    assert review.edition("relazione_2025_pandino", here, names) == "relazione-2025"
    assert review.edition("annuario_2025", here, names) == ""


def test_long_names_of_chapters_stay_apart(tmp_path):
    for name in ("a" * 40 + "uno", "a" * 40 + "due"):
        (tmp_path / f"{name}.ipynb").write_text('{"cells": [{}, {}]}', encoding="utf-8")
    found = review.places(Book("libro", "Libro", tuple(sorted(tmp_path.glob("*.ipynb")))), "libro-2025")
    assert len(found) == 4 and all(len(name) <= 40 for name in found)


@pytest.mark.parametrize("content", [b"testo", b"PK\x03\x04rotto", b""])
def test_what_is_no_word_document_is_told(tmp_path, content):
    (tmp_path / "libro.docx").write_bytes(content)
    with pytest.raises(BookError, match="is no Word document"):
        remarks.read(tmp_path / "libro.docx")


def test_a_document_that_is_none_of_a_book_is_told(tmp_path):
    other = Path(word(tmp_path / "libro.docx", paragraph("Testo."), edition="altro"))
    with pytest.raises(BookError, match="does not say which edition"):
        remarks.read(other)
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(BookError, match="is no Word document"):
        remarks.read(other)
