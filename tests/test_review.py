"""What a reader changes in Word comes back to notebook and cell, and never into a figure."""

import json
import zipfile

import pytest

from annuario.book import review
from annuario.errors import BookError
from annuario.publish.word import W

TEXT = "I casi sono stati 1.234, più dell'anno prima. Il servizio è cresciuto."


def word(path, body: str, comments: str = ""):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>')
        archive.writestr("word/comments.xml", f'<w:comments xmlns:w="{W}">{comments}</w:comments>')
    return path


def changed(old: str, new: str, text: str = TEXT) -> str:
    before, _, after = text.partition(old) if old else text.partition("|")
    run = '<w:r><w:t xml:space="preserve">{}</w:t></w:r>'
    gone = f'<w:del w:author="Anna"><w:r><w:delText>{old}</w:delText></w:r></w:del>' if old else ""
    come = f'<w:ins w:author="Anna">{run.format(new)}</w:ins>' if new else ""
    return f'<w:bookmarkStart w:id="1" w:name="cella_casi_2"/><w:p>{run.format(before)}{gone}{come}{run.format(after)}</w:p>'


@pytest.fixture
def notebook(tmp_path):
    path = tmp_path / "casi.ipynb"
    source = [
        "# Casi {#sec-casi}\n",
        "\n",
        "I casi sono stati `{python} casi`, più dell'anno prima. Il servizio è cresciuto.",
    ]
    cells = [{"cell_type": "code", "source": ["a = 1"]}, {"cell_type": "markdown", "source": source}]
    path.write_text(json.dumps({"cells": cells}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def source(path) -> str:
    return "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][1]["source"])


def test_comments_and_changes_are_told_with_their_cell(tmp_path):
    body = changed("cresciuto", "aumentato") + (
        '<w:p><w:commentRangeStart w:id="7"/><w:r><w:t>Una frase</w:t></w:r><w:commentRangeEnd w:id="7"/></w:p>'
    )
    comments = '<w:comment w:id="7" w:author="Bice"><w:p><w:r><w:t>È vero?</w:t></w:r></w:p></w:comment>'
    change, comment = review.remarks(word(tmp_path / "libro.docx", body, comments))
    assert (change.kind, change.author, change.where, change.old, change.new) == (
        "change",
        "Anna",
        "cella_casi_2",
        "cresciuto",
        "aumentato",
    )
    assert (comment.kind, comment.author, comment.where, comment.old, comment.new) == (
        "comment",
        "Bice",
        "cella_casi_2",
        "Una frase",
        "È vero?",
    )


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("cresciuto", "aumentato", "Il servizio è aumentato."),
        ("più dell'anno prima", "in più", "`{python} casi`, in più. Il"),
        (" Il servizio è cresciuto.", "", "prima."),
    ],
)
def test_a_change_of_plain_text_is_put_into_the_notebook(tmp_path, notebook, old, new, found):
    (change,) = review.remarks(word(tmp_path / "libro.docx", changed(old, new)))
    assert review.apply(change, notebook, 2) == ""
    assert found in source(notebook) and "`{python} casi`" in source(notebook)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("1.234", "1.300", TEXT),
        ("stati 1.234,", "stati 1.300,", TEXT),
        ("", "9", TEXT.replace("1.234", "1.2|34")),
        ("cresciuto", "`{python} altro`", TEXT),
        ("i", "o", "i"),
        ("python", "pitone", "`{python} casi`"),
    ],
)
def test_a_figure_and_what_is_uncertain_stay_as_they_are(tmp_path, notebook, old, new, text):
    before = notebook.read_bytes()
    (change,) = review.remarks(word(tmp_path / "libro.docx", changed(old, new, text)))
    assert review.apply(change, notebook, 2)
    assert notebook.read_bytes() == before


def test_what_is_no_word_document_is_told(tmp_path):
    (tmp_path / "libro.docx").write_text("testo", encoding="utf-8")
    with pytest.raises(BookError, match="is no Word document"):
        review.remarks(tmp_path / "libro.docx")
