"""What Typst says of a book that it cannot print, told with the cell that it is about."""

from __future__ import annotations

import re
from collections.abc import Callable

import typst

from annuario.messages import marked, say
from annuario.publish.manuscript import Manuscript

_ONE = re.compile(r"^(?:error|warning): (.*?)(?=^(?:error|warning): |\Z)", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"\.typ:(\d+):\d+$", re.MULTILINE)
_SIGN = re.compile(r'the text `"(.*?)"` could not be displayed')
_HINT = re.compile(r"^\s*= hint: (.*)$", re.MULTILINE)
#: In Typst's words, or part of them, and in the author's.
_TOLD = {
    "missing alt text": marked("a picture or a formula has no alternative text: say what it shows"),
    "decod": marked("the picture cannot be read: save it again, as PNG"),
}


def explained(
    book: Manuscript, error: typst.TypstError, marked: Callable[[], str], compiled: Callable[[str], bytes]
) -> str:
    """All that Typst says, a line for each complaint, with notebook and cell where they can be told.

    ``marked`` gives Typst's source with a mark of each part of the book, which is ``compiled``
    once more: a place in it is looked up.
    """
    text = ""
    if any(part.where for chapter in book.chapters for part in chapter):
        text = marked()
        try:
            compiled(text)
        except typst.TypstError as again:
            error = again
    said = _ONE.findall(str(getattr(error, "diagnostic", "") or "")) or [str(error)]
    return "\n".join(dict.fromkeys(_complaint(book, text, one) for one in said))


def _complaint(book: Manuscript, text: str, said: str) -> str:
    line, sign = _LINE.search(said), _SIGN.search(said)
    where = str(book.file)
    if line and text:
        where = book.of_mark("\n".join(text.split("\n")[: int(line[1]) - 1]))
    elif sign:
        where = _in_drawing(book, sign[1]) or book.of_text(sign[1])
    if sign:
        return say(
            "{where}: the sign {sign} is in none of the book's typefaces: write a word for it, or "
            "show it in a picture.",
            where=where,
            sign=sign[1],
        )
    what = said.partition("\n")[0].rpartition(" error: ")[2]
    if "font family" in what:
        where = "_quarto.yml, mainfont"
    told = next((words for words in _TOLD if words in what), None)
    hints = "; ".join(_HINT.findall(said))
    return f"{where}: {say(_TOLD[told])}." if told else f"{where}: {what}{f' ({hints})' if hints else ''}."


def _in_drawing(book: Manuscript, sign: str) -> str | None:
    """Where the chart or picture is declared that holds a sign."""
    for path in sorted((book.folder / "figure").glob("*.svg")):
        if sign in path.read_text(encoding="utf-8", errors="replace"):
            return book.labels.get(path.stem) or book.of_text(path.name)
    return None
