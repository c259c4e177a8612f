"""What a reader changed in the Word document of a book, put into the notebook or the commentary that says it.

A change of plain text alone can be put there. What an expression says cannot be changed, nor what cannot be found
again word for word, in one place; and after the change the text must read as the document does.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import NamedTuple

import orjson

from annuario.book.remarks import END, Remark
from annuario.messages import say
from annuario.project import Book, Project
from annuario.publish.word import BOOK, anchor, told
from annuario.text import commentary

#: So many signs at least tell a place, the changed ones among them.
LEAST = 4
#: What stands beside the changed ones may end anywhere after so many.
NEAR = 20
#: What stands in a source and is not printed as it stands.
UNPRINTED = re.compile(
    r"<!--.*?-->|`+[^`]*`+|\{[^{}]*\}|\]\([^()\s]*\)|(?<!\w)@\w[\w:.#/-]*\w|<[^<>\s][^<>]*>|\[\^[^\]]+\]:?", re.DOTALL
)
#: Signs of Markdown, at which what is printed may end to be what stands there.
_MARKUP = set("*_[]{}()`#|>\\~^")
#: What is typed otherwise than it is printed.
_DRAWN = set("–—…")
_ITEM = re.compile(r"(?:^|\n)\s*(?:\d+[.)]|[-+*:])$")
_TYPED = str.maketrans({"\u00a0": " ", "\u202f": " ", "’": "'", "‘": "'", "“": '"', "”": '"', "\u2011": "-"})
_LEAVES = ("Para", "Plain", "Header", "CodeBlock", "RawBlock", "HorizontalRule")


class _Cell(NamedTuple):
    """A cell of a notebook, by its number, and the edition's commentary of its chapter."""

    notebook: Path
    number: int
    commentary: Path


@dataclass
class _Source:
    """A text that a cell prints: the file that holds it, and the changes that go into it."""

    path: Path
    text: str
    changes: list[tuple[int, int, str, int]]


def places(book: Book, edition: str) -> dict[str, _Cell]:
    """The cells of a book, by their bookmarks; ``edition`` is that of the commentary.

    >>> sorted({cell.notebook.name for cell in places(progetto.books["relazione"], "relazione-2025").values()})
    ['in-sintesi.ipynb', 'prestiti.ipynb']
    """
    found: dict[str, _Cell] = {}
    for path in book.chapters:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for number in range(1, len(cells) + 1):
            texts = book.texts / edition / f"{path.stem}.md"
            found[anchor(say("{path}, cell {cell}", path=path, cell=number))] = _Cell(path, number, texts)
    return found


def edition(bookmark: str, project: Project, names: Iterable[str]) -> str:
    """Which of the editions ``names`` a document is of, or an extract of; nothing where it is of none of them.

    >>> edition("relazione_2025", progetto, ["relazione-2024", "relazione-2025"])
    'relazione-2025'
    """
    bare = {name: told(name).removeprefix(BOOK) for name in names if name.rpartition("-")[0] in project.books}
    found = [name for name, own in bare.items() if bookmark == own or bookmark.startswith(f"{own}_")]
    return max(found, key=len, default="")


def apply(changes: Sequence[Remark], cell: _Cell) -> list[str]:
    """Put changes into the cell that they are about, or into its commentary: for each where it is put, or why it cannot be.

    Either file is written once, with all that can be put into it.

    >>> path = cartella / "a.ipynb"
    >>> written = {"cell_type": "markdown", "source": ["Sono `{python} n` casi in tutto."]}
    >>> _ = path.write_text(json.dumps({"cells": [written]}))
    >>> cell = _Cell(path, 1, cartella / "a.md")
    >>> apply([Remark("change", "Anna", "", "in tutto", "nell'anno", "Sono 12 casi ", ".")], cell)
    ['put into .../a.ipynb']
    >>> json.loads(path.read_text())["cells"][0]["source"]
    ["Sono `{python} n` casi nell'anno."]
    >>> apply([Remark("change", "Anna", "", "12", "15", "Sono ", " casi in tutto.")], cell)
    ['the words do not stand in the cell as they are printed: a figure says them, or the notebook has changed since']
    """
    notebook = json.loads(cell.notebook.read_text(encoding="utf-8"))
    written = notebook["cells"][cell.number - 1]
    if written["cell_type"] == "code":
        return [say("the text is of a code cell (a caption, a table, a chart): change it there")] * len(changes)
    sources = [_Source(cell.notebook, "".join(written["source"]), []), *_commentary(cell, "".join(written["source"]))]
    verdicts = [_noted(change, number, sources) for number, change in enumerate(changes)]
    for source in sources:
        text = source.text
        for start, stop, new, number in sorted(source.changes, reverse=True):
            changed = text[:start] + new + text[stop:]
            if _reads(text, changed, changes[number]):
                text = changed
            else:
                verdicts[number] = say(
                    "the words are part of what shapes the text (a title, bold type, a list): change it there"
                )
        if text == source.text:
            continue
        if source.path == cell.notebook:
            written["source"] = text.splitlines(keepends=True)
            text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
        source.path.write_text(text, encoding="utf-8")
    return verdicts


def _commentary(cell: _Cell, source: str) -> Iterator[_Source]:
    """The commentary of a cell that places a section of it."""
    names = commentary.read(cell.commentary).sections
    if any(re.search(rf"\b{re.escape(re.sub('[- ]', '_', name))}\b", source) for name in names):
        yield _Source(cell.commentary, cell.commentary.read_text(encoding="utf-8"), [])


def _noted(change: Remark, number: int, sources: Sequence[_Source]) -> str:
    """Note in its source where a change goes, and say so, or why it cannot."""
    if re.search(r"[`{}\\[\]*_|<>@^~$]|^\s*#", change.new):
        return say("the new words have signs that mean something in a notebook: write them there")
    spots = [(score, source, place) for source in sources for place, score in _spots(source.text, change).items()]
    best = max((score for score, *_ in spots), default=0)
    found = [(source, place) for score, source, place in spots if score == best]
    if len(found) > 1:
        return say("the words are in the cell more than once")
    if not found:
        there = Remark(change.kind, "", "", change.new, change.old, change.before, change.after)
        if change.new.strip() and any(_spots(source.text, there) for source in sources):
            return say("it stands there already")
        return say(
            "the words do not stand in the cell as they are printed: a figure says them, or the notebook has changed since"
        )
    source, (start, stop) = found[0]
    if any(start < other and begun < stop for begun, other, *_ in source.changes):
        return say("the words are in the cell more than once")
    new = _typed(change.new).strip(END).replace(END, "\n\n")
    if END in change.new and not change.old:  # a paragraph of its own, or one that is parted
        new = f"{new}\n\n" if source.text[:start].rstrip(" ")[-1:] in ("", "\n") else f"\n\n{new}"
    if _of_figure(source.text, start, stop, new):
        return say("the new words would be part of a figure: change what computes it")
    source.changes.append((start, stop, new, number))
    return say("put into {path}", path=source.path)


def _spots(source: str, change: Remark) -> dict[tuple[int, int], int]:
    """Where the old words stand in a source, and how much of what stands around them in print stands around them there."""
    plain = re.sub(r"(?<!\n)\n(?!\n)", " ", source.translate(_TYPED).replace("\n\n", END * 2))
    hidden = [match.span() for match in UNPRINTED.finditer(source)]
    starts, ends = {start for start, _ in hidden}, {end for _, end in hidden}
    found: dict[tuple[int, int], int] = {}
    for words, left_of, right_of in _asked(change):
        for match in re.finditer(f"(?={re.escape(words)})", plain):
            first, last = match.start(), match.start() + len(words)
            if any(first < end and last > start for start, end in hidden):
                continue
            left = _common(plain[:first][::-1], left_of[::-1])
            right = _common(plain[last:], right_of)
            behind, ahead = left_of[len(left_of) - left :], right_of[:right]
            begins, ceases = left_of[: len(left_of) - left][-1:], right_of[right : right + 1]
            if (
                len(words) + left + right >= LEAST
                and (_known(behind, begins) or _opens(source, first - left, ends, begins in ("", END)))
                and (_known(ahead, ceases) or _closes(source, last + right, starts, ceases in ("", END)))
            ):
                found[first, last] = left + right
        if found:
            break
    return found


def _asked(change: Remark) -> Iterator[tuple[str, str, str]]:
    """What to look for: the old words and what stands around them, as they may stand in a source.

    A paragraph is put in or taken out with the end before it, with its own, or with neither where it is alone.
    """
    old, new, before, after = (_typed(text) for text in (change.old, change.new, change.before, change.after))
    found = [(old, before, after)]
    if (old or new).endswith(END) and before.endswith(END):
        found.append((END + old[:-1] if old else "", before[:-1], END + after))
    if (old or new).startswith(END) and after.startswith(END):
        found.append((old[1:] + END if old else "", before + END, after[1:]))
    if old.strip(END) and END in old:
        found.append((old.strip(END), before, END + after))
    for texts in found:
        words, left, right = (text.replace(END, END * 2) for text in texts)
        yield words, left, right


def _known(common: str, beyond: str) -> bool:
    """Whether what is alike on one side of a change, and the sign where it ceases, is enough to know the place."""
    return len(common) >= NEAR or END in common or beyond in _DRAWN


def _opens(source: str, place: int, ends: set[int], whole: bool) -> bool:
    """Whether what is printed may begin to be what stands in a source at a place; ``whole`` where nothing is printed before it."""
    bare = len(source[:place].rstrip(" "))
    if place in ends or bare in ends or source[place - 1 : place] in _MARKUP:
        return True
    return whole and (bare == 0 or source[bare - 1] in {"\n", *_MARKUP} or bool(_ITEM.search(source[:bare])))


def _closes(source: str, place: int, starts: set[int], whole: bool) -> bool:
    """Whether what is printed may cease to be what stands in a source at a place; ``whole`` where nothing is printed after it."""
    rest = source[place:]
    if place in starts or len(source) - len(rest.lstrip(" ")) in starts or rest[:1] in _MARKUP:
        return True
    return whole and (not rest.strip() or rest.lstrip(" ").startswith("\n"))


def _of_figure(source: str, start: int, stop: int, new: str) -> bool:
    """Whether new words would become part of a number that stands beside them."""
    codes = [match.span() for match in UNPRINTED.finditer(source)]
    behind, ahead = any(end == start for _, end in codes), any(begun == stop for begun, _ in codes)
    return bool(
        (behind and re.search(r"[\d%]", re.match(r"\S*", new)[0]))  # type: ignore[index]
        or (ahead and re.search(r"[\d€+−-]", re.search(r"\S*$", new)[0]))  # type: ignore[index]
    )


# What a text prints --------------------------------------------------------------------------


def _reads(source: str, changed: str, change: Remark) -> bool:
    """Whether a changed source prints what the one before it prints, but for the change."""
    (before, shapes), (after, new_shapes) = _printed(source), _printed(changed)
    if [shape for shape in shapes if shape != "Para"] != [shape for shape in new_shapes if shape != "Para"]:
        return False
    common = _common(before, after)
    old, new = _typed(change.old), _typed(change.new)
    for words, others in product({old, old.strip(END)}, {new, END + new.strip(END) if END in new else new}):
        for first in range(max(0, common - len(words) - len(new) - 2), common + 1):
            if (
                before.startswith(words, first)
                and _even(before[:first] + others + before[first + len(words) :]) == after
            ):
                return True
    return False


def _common(one: str, other: str) -> int:
    """How many signs two texts begin with alike."""
    return next((place for place, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))


def _printed(source: str) -> tuple[str, list[str]]:
    """What a source prints, in one line, and the kinds of its paragraphs."""
    import pypandoc

    command = [pypandoc.get_pandoc_path(), "--from=markdown", "--to=json"]
    made = subprocess.run(command, input=source, capture_output=True, encoding="utf-8", check=True).stdout
    leaves: list[tuple[str, str]] = []
    _walk(orjson.loads(made)["blocks"], leaves)
    return _even(END.join(text for _, text in leaves)), [
        shape if text.strip() or shape == "Para" else "" for shape, text in leaves
    ]


def _walk(part: object, leaves: list[tuple[str, str]]) -> None:
    if isinstance(part, list):
        for each in part:
            _walk(each, leaves)
    elif isinstance(part, dict) and part.get("t") in _LEAVES:
        leaves.append((f"{part['t']}{part['c'][0] if part['t'] == 'Header' else ''}", _typed(_words(part))))
    elif isinstance(part, dict):
        _walk(part.get("c"), leaves)


def _words(part: object) -> str:
    """The words of an element of pandoc's, with its shape where it has one."""
    if isinstance(part, str):
        return part
    if isinstance(part, list):
        return "".join(map(_words, part))
    if not isinstance(part, dict):
        return ""
    kind, content = part.get("t"), part.get("c")
    if kind == "Header":
        return _words(content[2])  # type: ignore[index]
    if kind in ("Space", "SoftBreak", "LineBreak"):
        return " "
    if kind == "Quoted":
        mark = "'" if content[0]["t"] == "SingleQuote" else '"'  # type: ignore[index]
        return f"{mark}{_words(content[1])}{mark}"  # type: ignore[index]
    if kind == "Code":
        return f"`{content[1]}`"  # type: ignore[index]
    return _words(content)


def _even(text: str) -> str:
    return re.sub(rf" *{END}[ {END}]*", END, " ".join(text.split())).strip(f" {END}")


def _typed(text: str) -> str:
    """A printed text as it is typed: what stands for a sign of the keyboard, and no joiners."""
    return text.translate(_TYPED).replace("\u2060", "").replace("\u200b", "")
