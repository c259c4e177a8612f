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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from urllib.parse import unquote

import pypandoc

from annuario.errors import BookError
from annuario.execution.cache import Store, digest, file_digest, recalled
from annuario.publish.places import Places

RESOURCES = Path(__file__).parent
PANDOC = version("pypandoc-binary")
FILTERS = ("book.lua", "tables.lua")
# What book.lua writes: the number of a label, and the labels of a chapter.
MARK = re.compile("\ue000([^\ue000|]+?)(?:\\|([^\ue000]*?))?\ue001")
LABELS = re.compile("(?:<!--|/\\*)\ue002(.*?)\ue002(?:-->|\\*/)\n?", re.DOTALL)
LOST = "the label {label} stands by no heading, figure or table: put blank lines around what it belongs to."
# Warnings of pandoc that are mistakes.
MISTAKES = ("Could not fetch resource", "Could not convert TeX math")
# What book.lua says of a mistake: the text by which it is found, and what is wrong.
PROBLEM = re.compile("^\ue003(.*?)\ue003(.*)$", re.MULTILINE)
FORMULA = re.compile(r"Could not convert TeX math (.*?), rendering as TeX:\n.*?\n *\^\n\s*(.*?)\n", re.DOTALL)
FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)")
IMAGE = re.compile(r'(<img [^>]*?\bsrc=")(?!data:)([^"]+)')
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


def split(source: Path, marked: bool = False) -> tuple[str, list[str], str]:
    """The front matter of ``libro.md``, its chapters and the raw HTML that it ends with.

    ``marked`` puts a mark (``Places.mark``) before each part of the book.
    """
    text = source.read_text(encoding="utf-8")
    _, front, text = (Places(source).marked(text) if marked else text).split("---\n", 2)
    body, opening, data = text.partition('```{=html}\n<script type="application/json"')
    chapters, fence, comment, blank = [[]], "", False, True
    for line in body.splitlines(keepends=True):
        marks = None if comment else FENCE.match(line)
        if fence:
            if marks and marks[1].startswith(fence) and not marks[2].strip():
                fence = ""
        elif marks:
            fence = marks[1]
        else:
            if line.startswith("# ") and blank and not comment:
                chapters.append([])
            comment = line.rfind("<!--") > line.rfind("-->") or (comment and "-->" not in line)
        blank = not line.strip()
        chapters[-1].append(line)
    data = (opening + data).removeprefix("```{=html}\n").rstrip().removesuffix("```")
    return f"---\n{front}---\n", [text for text in map("".join, chapters) if text.strip()], data


def convert(
    source: Path, chapters: list[str], arguments: list[str], settings: dict, store: Store | None
) -> list[Chapter]:
    """The chapters of ``source`` as pandoc writes them, recalled from ``store`` where they are there.

    ``arguments`` are pandoc's, ``settings`` the options that book.lua reads.

    Raises BookError with pandoc's complaint, or with that of book.lua.
    """
    made_with = [PANDOC, *arguments, json.dumps(settings), *(file_digest(RESOURCES / name) for name in FILTERS)]
    with tempfile.TemporaryDirectory() as name:
        metadata = Path(name) / "metadata.json"
        metadata.write_text(json.dumps({"publish": settings}), encoding="utf-8")
        filtered = [f"--metadata-file={metadata}", f"--lua-filter={RESOURCES / FILTERS[0]}", *arguments]

        def anew(text: str) -> dict:
            written = pandoc(source, text, filtered)
            return {"text": LABELS.sub("", written), "labels": json.loads(LABELS.search(written)[1]) or []}

        def one(text: str) -> dict:
            return recalled(store, "pandoc", digest(text, *made_with), lambda: anew(text))

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = list(pool.map(one, chapters))
    return [
        Chapter(FOOTNOTE.sub(f"capitolo-{number}-\\1", one["text"]), [Label(**label) for label in one["labels"]])
        for number, one in enumerate(found, 1)
    ]


def pandoc(source: Path, text: str, arguments: list[str]) -> str:
    """What pandoc makes of a text, with ``source`` named where it complains."""
    command = [pypandoc.get_pandoc_path(), "--from=markdown", "--wrap=none", *arguments]
    result = subprocess.run(command, cwd=source.parent, input=text, capture_output=True, encoding="utf-8", check=False)
    if result.returncode or any(mistake in result.stderr for mistake in MISTAKES):
        raise BookError("\n".join(_complaints(Places(source), text, result.stderr)))
    return result.stdout


def _complaints(places: Places, text: str, said: str) -> list[str]:
    """What pandoc or book.lua said of a chapter, each with the cell that it is about."""
    chapter = places.of_text(text.strip().partition("\n")[0]).rpartition(", ")[0] or str(places.source)
    told = [(key, f"{what}.") for key, what in PROBLEM.findall(said)]
    for formula, why in FORMULA.findall(said):
        formula = " ".join(formula.split())
        told.append((formula, f"the formula {formula} is not understood ({why.strip()}): correct it."))
    found = [(places.of_text(key), what) for key, what in told] or [(chapter, said.strip())]
    return list(dict.fromkeys(f"{chapter if where == str(places.source) else where}: {what}" for where, what in found))


def with_images(source: Path, page: str) -> str:
    """An HTML text with the images that it names, relative to ``source``, put into it.

    Raises BookError for an image that cannot be read.
    """

    def image(match: re.Match) -> str:
        path = source.parent / unquote(match[2])
        kind, _ = mimetypes.guess_type(path.name)
        try:
            content = base64.b64encode(path.read_bytes()).decode("ascii")
        except OSError as error:
            where = Places(source).of_text(match[2])
            raise BookError(
                f"{where}: the image {match[2]} cannot be read ({error.strerror}): save it beside the book."
            ) from error
        return f"{match[1]}data:{kind};base64,{content}"

    return IMAGE.sub(image, page)


def numbers(chapters: list[Chapter]) -> dict[str, str]:
    """The number of every numbered label: headings by chapter, figures and tables through the book."""
    found, section, count = {}, [], {"fig": 0, "tbl": 0}
    for label in (label for chapter in chapters for label in chapter.labels):
        if label.kind != "sec":
            count[label.kind] += 1
            found[label.id] = str(count[label.kind])
        elif label.numbered:
            section = [*section, *[0] * label.level][: label.level]
            section[-1] += 1
            found[label.id] = ".".join(map(str, section))
    return found


def joined(source: Path, chapters: list[Chapter]) -> str:
    """The text of the whole book, with its numbers.

    Raises BookError for a reference to a label that is not there, and for a label of the
    text that stands by nothing that can have it.
    """
    titles = {label.id for chapter in chapters for label in chapter.labels}
    lost = {label: where for label, where in Places(source).labels.items() if label not in titles}
    if lost:
        raise BookError("\n".join(f"{where}: {LOST.format(label=label)}" for label, where in lost.items()))
    return _named(source, chapters, "\n".join(chapter.text for chapter in chapters))


def _named(source: Path, chapters: list[Chapter], text: str) -> str:
    """A text of the book with numbers in the place of its marks."""
    number = numbers(chapters)
    titles = {label.id: label.title for chapter in chapters for label in chapter.labels}

    def named(match: re.Match) -> str:
        label, name = match[1], match[2]
        if label not in titles:
            where = Places(source).of_text(f"@{label}")
            raise BookError(
                f"{where}: the reference @{label} points at nothing: write the label of a figure, table or section."
            )
        if label not in number:
            return titles[label]
        return f"{name}\u00a0{number[label]}" if name else number[label]

    return MARK.sub(named, text)


def contents(source: Path, chapters: list[Chapter], depth: int) -> str:
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
    return _named(source, chapters, "\n".join(part for part in parts if part) + "</li></ul>" * level)
