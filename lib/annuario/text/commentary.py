"""The commentary of an edition: ``testi/<edition>/<chapter>.md``, one section below each first-level heading."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from annuario.messages import say, why
from annuario.text import prose
from annuario.text.expressions import is_condition

_HEADING = re.compile(r"^ {0,3}#[ \t]+(\S.*?)(?:[ \t]+#+)?[ \t]*$", re.MULTILINE)
#: What looks like such a heading, and is none.
_NEARLY = re.compile(r"^ {0,3}#(?:[^\s#].*|[ \t]*)$|^ {0,3}\S.*\n {0,3}=+[ \t]*$", re.MULTILINE)
#: Opens what may hide a heading.
_HIDES = re.compile(r"```|~~~|<!--")
#: Files that hold text, under whatever name: pictures may stand beside them.
_TEXTS = (".md", ".markdown", ".qmd", ".rst", ".txt")


class Section(NamedTuple):
    r"""A section: the line of its heading, and its text.

    >>> _ = (cartella / "minori.md").write_text("# servizio\n\nÈ cresciuto.\n")
    >>> read(cartella / "minori.md").sections["servizio"]
    Section(line=1, text='È cresciuto.')
    """

    line: int
    text: str


class File(NamedTuple):
    r"""A commentary file: its sections by name, and what is wrong with it, each with its place.

    >>> _ = (cartella / "minori.md").write_text("Fuori.\n\n# uno\n")
    >>> file = read(cartella / "minori.md")
    >>> list(file.sections), [problem.rpartition("/")[2] for problem in file.problems]
    (['uno'], ['minori.md, line 1: «Fuori.» stands before the first heading, in no section: write «# nome»
    above it.'])
    """

    sections: dict[str, Section]
    problems: tuple[str, ...] = ()


def section(texts: Path, chapter: str, name: str) -> str:
    r"""The text of a section of the commentary in the folder ``texts``, or nothing.

    >>> _ = (cartella / "minori.md").write_text("# servizio\n\nÈ cresciuto. <!-- rivedere -->\n")
    >>> section(cartella, "minori", "servizio"), section(cartella, "minori", "costi"), section(cartella, "altro", "x")
    ('È cresciuto.', '', '')
    """
    found = read(texts / f"{chapter}.md").sections.get(name)
    return found.text if found else ""


def heading(texts: Path, chapter: str, name: str) -> str:
    r"""How a section that is called ``name`` in a notebook is headed in its file, if it is.

    >>> _ = (cartella / "minori.md").write_text("# sub-ambiti\n")
    >>> heading(cartella, "minori", "sub_ambiti"), heading(cartella, "minori", "costi")
    ('sub-ambiti', '')
    """
    sections = read(texts / f"{chapter}.md").sections
    return next((spelling for spelling in spellings(name) if spelling in sections), "")


def spellings(name: str) -> list[str]:
    """What a section that a notebook calls ``name`` may be headed.

    >>> spellings("sub_ambiti"), spellings("costi")
    (['sub_ambiti', 'sub-ambiti', 'sub ambiti'], ['costi'])
    """
    return list(dict.fromkeys((name, name.replace("_", "-"), name.replace("_", " "))))


def read(path: Path) -> File:
    r"""A commentary file; one that is not there has no sections.

    Headings within code and comments open no section. A byte order mark and any line
    ends are accepted.

    >>> read(cartella / "nessuno.md")
    File(sections={}, problems=())
    >>> _ = (cartella / "minori.md").write_text("# uno\n\n```\n# codice\n```\n")
    >>> list(read(cartella / "minori.md").sections)
    ['uno']
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return File({})
    except OSError as error:
        return File({}, (say("{path}: cannot be read ({why}).", path=path, why=why(error)),))
    return _parse(path, content)


def problems(
    texts: Path,
    chapters: Collection[str],
    placed: Collection[tuple[str, str]],
    asked: Collection[tuple[str, str]],
    unknown: str = "",
) -> list[str]:
    r"""What is wrong with the commentary in the folder ``texts``: nothing of it may be lost.

    ``chapters`` are the names of the book's chapters; ``placed`` the sections that they put into
    the book, ``asked`` those that they asked for, each with the name of its file. ``unknown`` is
    the source of chapters that could not be finished: a section whose name stands in it may
    yet be placed.

    >>> _ = (cartella / "minori.md").write_text("# servizo\n\nÈ cresciuto.\n")
    >>> found = problems(cartella, ["minori"], [], [("minori", "servizio")])
    >>> [problem.rpartition("/")[2] for problem in found]
    ['minori.md, line 1: no chapter shows the section «servizo»: did you mean «servizio»?']
    """
    found = list(_misplaced(texts))
    for path in _files(texts):
        if path.suffix != ".md" or path.stem not in chapters:
            found.append(
                say(
                    "{path}: the book has no chapter of this name: a commentary is called as its chapter, "
                    "with the ending .md{meant}",
                    path=path,
                    meant=_meant(path.stem, chapters) or ".",
                )
            )
            continue
        file = read(path)
        found += file.problems
        missing = [name for chapter, name in asked if chapter == path.stem and name not in file.sections]
        found += [
            say(
                "{path}, line {line}: no chapter shows the section «{name}»{meant}",
                path=path,
                line=section.line,
                name=name,
                meant=_meant(name, missing) or say(": place it in a notebook, or take it out."),
            )
            for name, section in file.sections.items()
            if section.text and (path.stem, name) not in placed and name not in unknown
        ]
    return found


def _misplaced(texts: Path) -> Iterator[str]:
    """What lies beside the folders of the editions, where no edition looks."""
    edition = re.fullmatch(r"(.+)-\d{4}", texts.name)
    if not edition or not texts.parent.is_dir():
        return
    for path in sorted(texts.parent.iterdir()):
        if (
            edition
            and path.is_dir()
            and not re.fullmatch(rf"{re.escape(edition[1])}-\d{{4}}", path.name)
            and _files(path)
        ):
            yield say(
                "{path}: no edition is called so: the folder of a commentary is called as its edition, such as {name}.",
                path=path,
                name=texts.name,
            )
        elif path.is_file() and path.suffix.lower() in _TEXTS:
            yield say(
                "{path}: no edition looks for its commentary here: put it into the folder of one, such as {name}.",
                path=path,
                name=texts.name,
            )


def _files(texts: Path) -> list[Path]:
    if not texts.is_dir():
        return []
    return sorted(
        path
        for path in texts.iterdir()
        if path.is_file()
        and {suffix.lower() for suffix in path.suffixes[-2:] or [".md"]}.intersection(_TEXTS)
        and not path.name.startswith(".")
    )


def _meant(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, list(known), 1)
    return say(": did you mean «{close}»?", close=close[0]) if close else ""


@lru_cache(maxsize=256)
def _parse(path: Path, content: bytes) -> File:
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        return File(
            {}, (say("{path}: not UTF-8 (byte {start}): save the file as UTF-8.", path=path, start=error.start),)
        )
    seen = prose.masked(text) if _HIDES.search(text) else text
    headings = list(_in_prose(_HEADING, text, seen))
    sections: dict[str, Section] = {}
    problems = [
        (
            match.start(),
            say("«{short}» opens no section: write «# nome», with a blank and a name.", short=_short(match[0])),
        )
        for match in _in_prose(_NEARLY, text, seen)
    ]
    before = text[: headings[0].start() if headings else len(text)]
    if before.strip() and not any(place < len(before) for place, _ in problems):
        problem = say(
            "«{short}» stands before the first heading, in no section: write «# nome» above it.", short=_short(before)
        )
        problems.append((len(before) - len(before.lstrip()), problem))
    for heading, following in zip(headings, [*headings[1:], None]):
        line = text.count("\n", 0, heading.start()) + 1
        if heading[1] in sections:
            first = sections[heading[1]].line
            problem = say(
                "there is a section «{heading}» in line {line} already: rename one, or join them.",
                heading=heading[1],
                line=first,
            )
            problems.append((heading.start(), problem))
        else:
            body = text[heading.end() : following.start() if following else len(text)]
            sections[heading[1]] = Section(line, _without_comments(body).strip())
    places = ((text.count("\n", 0, place) + 1, problem) for place, problem in sorted(problems))
    return File(
        sections,
        tuple(say("{path}, line {line}: {problem}", path=path, line=line, problem=problem) for line, problem in places),
    )


def _without_comments(text: str) -> str:
    """What an author wrote for the book: comments are for those who write it."""
    for span in reversed(prose.spans(text) if "<!--" in text else []):
        if span.kind == "comment" and not is_condition(span.content):  # one that looks like a condition is refused
            text = text[: span.start] + text[span.end :]
    return text


def _in_prose(pattern: re.Pattern, text: str, seen: str) -> Iterator[re.Match]:
    """The matches in a text that do not begin in code or a comment: ``seen`` is the text without these."""
    for match in pattern.finditer(text):
        first = match.start() + len(match[0]) - len(match[0].lstrip())
        if seen[first] == text[first]:
            yield match


def _short(text: str) -> str:
    line = text.strip().splitlines()[0]
    return line if len(line) <= 60 else f"{line[:59]}…"
