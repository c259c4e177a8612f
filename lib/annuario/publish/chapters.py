"""A book converted by pandoc, a chapter at a time: what has not changed is not converted again.

A converted chapter has no numbers. A mark stands for the number of each label, and numbers
are set when the chapters are put together: a new figure moves those of later chapters,
which need no conversion for that.
"""

from __future__ import annotations

import base64
import json
import mimetypes
import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from urllib.parse import unquote

import pypandoc

from annuario.errors import BookError, together
from annuario.execution.cache import Store, digest, file_digest, recalled
from annuario.messages import foreign, marked, say, why
from annuario.publish import svg
from annuario.publish.manuscript import Manuscript

RESOURCES = Path(__file__).parent
PANDOC = version("pypandoc-binary")
FILTERS = ("book.lua", "tables.lua")
# What book.lua writes: the number of a label, and the labels of a chapter.
MARK = re.compile("\ue000([^\ue000|]+?)(?:\\|([^\ue000]*?))?\ue001")
LABELS = re.compile("(?:<!--|/\\*)\ue002(.*?)\ue002(?:-->|\\*/)\n?", re.DOTALL)
LOST = marked("the label {label} stands by no heading, figure or table: put blank lines around what it belongs to.")
# One form after another: each takes every processor as it is, and the one that began goes on to its slow end meanwhile.
_CONVERTING = threading.Lock()
# Warnings of pandoc that are mistakes.
MISTAKES = ("Could not fetch resource", "Could not convert TeX math")
# What book.lua says of a mistake: the text by which it is found, and what is wrong.
PROBLEM = re.compile("^\ue003(.*?)\ue003(.*)$", re.MULTILINE)
FORMULA = re.compile(r"Could not convert TeX math (.*?), rendering as TeX:\n.*?\n *\^\n\s*(.*?)\n", re.DOTALL)
IMAGE = re.compile(r'(<img [^>]*?\bsrc=)"(?!data:)([^"]+)"')
FOOTNOTE = re.compile(r'(?<=["#])(fn(?:ref)?(?=\d+")|footnotes(?="))')


@dataclass(frozen=True)
class Label:
    """A heading, figure or table: ``kind`` sec, fig or tbl; headings have a level and a title."""

    kind: str
    id: str
    level: int = 0
    numbered: bool = True
    title: str = ""


@dataclass(frozen=True)
class Chapter:
    """A converted chapter: its text, with marks for numbers, and its labels in their order."""

    text: str
    labels: list[Label]


def parted(written: str) -> dict:
    """A chapter as pandoc wrote it, parted from its labels."""
    labels = LABELS.search(written)
    if not labels:
        raise ValueError("the filter has told no labels")
    return {"text": LABELS.sub("", written), "labels": json.loads(labels[1]) or []}


def convert(
    book: Manuscript,
    arguments: list[str],
    settings: dict,
    store: Store | None,
    texts: list[str] | None = None,
    taken: Callable[[str], dict] = parted,
) -> list[Chapter]:
    """The chapters of ``book`` as pandoc writes them, recalled from ``store`` where they are there.

    ``arguments`` are pandoc's, ``settings`` the options that book.lua reads; ``texts`` are those
    of the chapters where they are more than the book's own, such as marked ones; ``taken``
    parts what pandoc wrote from its labels.

    Raises BookError with all that pandoc or book.lua complain of, in whatever chapter.
    """
    made_with = [PANDOC, *arguments, json.dumps(settings), *(file_digest(RESOURCES / name) for name in FILTERS)]
    with tempfile.TemporaryDirectory() as name:
        metadata = Path(name) / "metadata.json"
        metadata.write_text(json.dumps({"publish": settings}), encoding="utf-8")
        filtered = [f"--metadata-file={metadata}", f"--lua-filter={RESOURCES / FILTERS[0]}", *arguments]

        def one(text: str) -> dict:
            return recalled(store, "pandoc", digest(text, *made_with), lambda: taken(pandoc(book, text, filtered)))

        with _CONVERTING, ThreadPoolExecutor(os.cpu_count()) as pool:
            found = together(pool.submit(one, text) for text in texts or book.texts())
    return [
        Chapter(FOOTNOTE.sub(f"capitolo-{number}-\\1", one["text"]), [Label(**label) for label in one["labels"]])
        for number, one in enumerate(found, 1)
    ]


def pandoc(book: Manuscript, text: str, arguments: list[str]) -> str:
    """What pandoc makes of a text of ``book``, with the cell named that it complains of."""
    command = [pypandoc.get_pandoc_path(), "--from=markdown", "--wrap=none", *arguments]
    result = subprocess.run(command, cwd=book.folder, input=text, capture_output=True, encoding="utf-8", check=False)
    if result.returncode or any(mistake in result.stderr for mistake in MISTAKES):
        raise BookError("\n".join(_complaints(book, text, result.stderr)))
    return result.stdout


def _complaints(book: Manuscript, text: str, said: str) -> list[str]:
    """What pandoc or book.lua said of a chapter, each with the cell that it is about."""
    chapter = book.of_text(text.strip().partition("\n")[0]).rpartition(", ")[0] or str(book.file)
    told = [(key, f"{foreign(what)}.") for key, what in PROBLEM.findall(said)]
    for formula, reason in FORMULA.findall(said):
        formula = " ".join(formula.split())
        told.append(
            (
                formula,
                say(
                    "the formula {formula} is not understood ({why}): correct it.", formula=formula, why=reason.strip()
                ),
            )
        )
    found = [(book.of_text(key), what) for key, what in told] or [(chapter, said.strip())]
    return list(dict.fromkeys(f"{chapter if where == str(book.file) else where}: {what}" for where, what in found))


def with_images(book: Manuscript, page: str) -> str:
    """An HTML text with the images that it names, of the folder of ``book``, put into it.

    Raises BookError for an image that cannot be read.
    """

    def image(match: re.Match) -> str:
        path = book.folder / unquote(match[2])
        kind, _ = mimetypes.guess_type(path.name)
        try:
            content = path.read_bytes()
        except OSError as error:
            where = book.of_text(match[2])
            raise BookError(
                say(
                    "{where}: the image {name} cannot be read ({why}): save it beside the book.",
                    where=where,
                    name=match[2],
                    why=why(error),
                )
            ) from error
        if path.suffix == ".svg":
            return f"{match[1]}'{svg.address(content)}'"
        return f'{match[1]}"data:{kind};base64,{base64.b64encode(content).decode("ascii")}"'

    return IMAGE.sub(image, page)


def numbers(chapters: list[Chapter]) -> dict[str, str]:
    """The number of every numbered label: headings by chapter, figures and tables through the book."""
    found: dict[str, str] = {}
    section: list[int] = []
    count = {"fig": 0, "tbl": 0}
    for label in (label for chapter in chapters for label in chapter.labels):
        if label.kind != "sec":
            count[label.kind] += 1
            found[label.id] = str(count[label.kind])
        elif label.numbered:
            section = [*section, *[0] * label.level][: label.level]
            section[-1] += 1
            found[label.id] = ".".join(map(str, section))
    return found


def neighbours(chapters: list[Chapter]) -> list[Chapter]:
    """The chapters of an HTML page, each with links to the one before and the one after."""
    opens = [
        next((label for label in one.labels if label.kind == "sec" and label.level == 1), None) for one in chapters
    ]
    places = [place for place, label in enumerate(opens) if label]
    found = list(chapters)
    for before, place, after in zip([None, *places], places, [*places[1:], None]):
        links = [
            f'<a rel="{rel}" href="#{label.id}">{label.title}</a>'
            for rel, other in (("prev", before), ("next", after))
            if other is not None and (label := opens[other])
        ]
        if links:
            text = f'{chapters[place].text}\n<p class="vicini">{" ".join(links)}</p>'
            found[place] = replace(chapters[place], text=text)
    return found


def joined(book: Manuscript, chapters: list[Chapter]) -> str:
    """The text of the whole book, with its numbers; raises BookError as :func:`finished` does."""
    return "\n".join(finished(book, chapters))


def finished(book: Manuscript, chapters: list[Chapter]) -> list[str]:
    """The text of each chapter, with its numbers.

    Raises BookError for a reference to a label that is not there, and for a label of the
    text that stands by nothing that can have it.
    """
    titles = {label.id for chapter in chapters for label in chapter.labels}
    lost = {label: where for label, where in book.labels.items() if label not in titles}
    if lost:
        raise BookError("\n".join(f"{where}: {say(LOST, label=label)}" for label, where in lost.items()))
    named = namer(book, chapters)
    return [named(chapter.text) for chapter in chapters]


def namer(book: Manuscript, chapters: list[Chapter]) -> Callable[[str], str]:
    """Puts numbers in the place of the marks of a text of the book."""
    number = numbers(chapters)
    titles = {label.id: label.title for chapter in chapters for label in chapter.labels}

    def named(match: re.Match) -> str:
        label, name = match[1], match[2]
        if label not in titles:
            where = book.of_text(f"@{label}")
            raise BookError(
                say(
                    "{where}: the reference @{label} points at nothing: write the label of a figure, table or section.",
                    where=where,
                    label=label,
                )
            )
        if label not in number:
            return titles[label]
        return f"{name}\u00a0{number[label]}" if name else number[label]

    return lambda text: MARK.sub(named, text)


def contents(book: Manuscript, chapters: list[Chapter], depth: int) -> str:
    """The table of contents of an HTML page, ``depth`` levels deep, as nested lists."""
    number = numbers(chapters)
    headings = [
        label for chapter in chapters for label in chapter.labels if label.kind == "sec" and label.level <= depth
    ]
    parts, level = [], 0
    for heading in headings:
        parts.append("</li>" if heading.level <= level else "")
        parts += ["<ul>"] * (heading.level - level) + ["</ul></li>"] * (level - heading.level)
        mark = f'<span class="header-section-number">{number[heading.id]}</span> ' if heading.id in number else ""
        parts.append(f'<li><a href="#{heading.id}" id="toc-{heading.id}">{mark}{heading.title}</a>')
        level = heading.level
    return namer(book, chapters)("\n".join(part for part in parts if part) + "</li></ul>" * level)
