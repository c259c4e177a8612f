"""The configuration as read: valid YAML, each key once, each value of the kind that is asked for.

All that is wrong is told at once.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

import yaml

from annuario.errors import BookError
from annuario.messages import alternatives, foreign, marked, say, why

Problems = Iterator[str]
#: The parser in C, where PyYAML was built with it, takes a tenth of the time.
if TYPE_CHECKING or not hasattr(yaml, "CSafeLoader"):
    from yaml import SafeLoader
else:
    from yaml import CSafeLoader as SafeLoader

#: The keys of Annuario's own section, and of each book in it.
OWN, BOOK = (
    ("ente", "libri", "agenzia", "limite-cella"),
    ("titolo", "capitoli", "ricostruito", "giorno", "apertura", "estratto"),
)
#: The keys of what a book opens with, and of each of its key figures.
OPENING, CARD = ("copertina", "sintesi", "cifre"), ("cifra", "nome", "capitolo")


class _Loader(SafeLoader):
    """Reads YAML in which no key stands twice: the last would win, in silence."""

    def construct_mapping(self, node, deep=False):
        seen = {}
        for key, _ in node.value:
            name = (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else None
            if name in seen:
                raise yaml.MarkedYAMLError(
                    problem=say("«{value}» stands twice", value=key.value), problem_mark=key.start_mark
                )
            if name and key.tag != "tag:yaml.org,2002:merge":
                seen[name] = key
        return super().construct_mapping(node, deep)


def read(path: Path) -> dict:
    r"""The parsed configuration, whose values are of the kinds that Annuario counts on.

    Raises BookError with a line for each problem, naming the place in the file.

    >>> read(progetto.root / "_quarto.yml")["annuario"]["ente"]
    'Biblioteca di esempio'
    >>> _ = (cartella / "_quarto.yml").write_text("annuario:\n  ente: Ente\n  ente: Altro\n")
    >>> read(cartella / "_quarto.yml")
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: .../_quarto.yml: not valid YAML: line 3, column 3: «ente» stands twice.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BookError(say("{path}: cannot be read ({why}).", path=path, why=why(error))) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BookError(say("{path}, line {line}: not UTF-8: save the file as UTF-8.", path=path, line=line)) from error
    try:
        config = yaml.load(text, _Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BookError(say("{path}: not valid YAML: {where}.", path=path, where=complaint(error))) from error
    problems = [f"{path}: {problem}" for problem in _problems(config)]
    if problems:
        raise BookError("\n".join(problems))
    return config


def complaint(error: Exception) -> str:
    """What is wrong with some YAML, and where.

    >>> try:
    ...     yaml.safe_load("a: b: c")
    ... except yaml.YAMLError as error:
    ...     print(complaint(error))
    line 1, column 5: mapping values are not allowed here
    """
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    if mark is None or problem is None:
        return " ".join(str(error).split())
    tab = "\\t" in problem or "tab" in problem
    problem = foreign(problem)
    if tab:
        problem += say(" (indent with blanks, not with the tab key)")
    return say("line {line}, column {column}: {problem}", line=mark.line + 1, column=mark.column + 1, problem=problem)


def _problems(config: object) -> Problems:
    if not isinstance(config, dict) or config.get("annuario") is None:
        yield say("the section «annuario» is missing: add the agency and its books.")
        return
    yield from _options(config, "")
    if "format" in config:
        if _is_mapping(config["format"]):
            for form in ("html", "typst"):
                options = config["format"].get(form)
                if _is_mapping(options):
                    yield from _options(options, f"format, {form}")
                elif isinstance(options, list):
                    yield _wrong(f"format, {form}", say("must hold keys and values"))
        else:
            yield _wrong("format", say("must hold keys and values, such as «html» and «typst»"))
    execute = config.get("execute")
    if execute is None:
        execute = {}
    if not _is_mapping(execute):
        yield _wrong("execute", say("must hold keys and values, such as «echo: false»"))
        execute = {}
    for key, value in execute.items():
        words = {"echo": ("fenced",), "output": ("asis",), "include": (), "warning": ()}.get(key)
        if words is not None and not _is_truth(value) and value not in list(words):
            yield _wrong(f"execute, {key}", alternatives([say("must be true or false"), *words]))
    own = config["annuario"]
    if not _is_mapping(own):
        yield _wrong("annuario", say("must hold keys and values: «ente» and «libri»"))
        return
    yield from _unknown(own, OWN, "annuario")
    yield from _told(own, "ente", "annuario", _is_text, say("must be a text"))
    yield from _told(own, "libri", "annuario", _is_mapping, say("must hold a key for each book"))
    if own.get("agenzia") not in (None, "") and not _is_package(own["agenzia"]):
        yield _wrong(
            "annuario, agenzia", say("is «{agenzia}»: write the name of a Python package", agenzia=own["agenzia"])
        )
    if own.get("limite-cella") is not None and not _is_limit(own["limite-cella"]):
        yield _wrong(
            "annuario, limite-cella",
            say(
                "is «{limite_cella}»: write the seconds that a cell may take, or 0 for no limit",
                limite_cella=own["limite-cella"],
            ),
        )
    if _is_mapping(own.get("libri")):
        for name, book in own["libri"].items():
            yield from _book(name, book)


def _book(name: object, book: object) -> Problems:
    place = f"annuario, libri, {name}"
    if not (isinstance(name, str) and re.fullmatch("[a-z]+(-[a-z]+)*", name)):
        yield _wrong(place, say("is not the name of a book: use lowercase letters and hyphens"))
    if not _is_mapping(book):
        yield _wrong(place, say("must hold keys and values: «titolo» and «capitoli»"))
        return
    yield from _unknown(book, BOOK, place)
    yield from _told(book, "titolo", place, _is_text, say("must be a text"))
    yield from _told(book, "capitoli", place, _is_list, say("must be a list of notebooks"))
    yield from _notebooks(book.get("capitoli"), f"{place}, capitoli")
    if "estratto" in book:
        yield from _told(book, "estratto", place, _is_list, say("must be a list of notebooks"))
        yield from _notebooks(book["estratto"], f"{place}, estratto")
    if not isinstance(book.get("ricostruito", False), bool):
        yield _wrong(f"{place}, ricostruito", say("must be true or false"))
    if "giorno" in book and not _is_day(book["giorno"]):
        yield _wrong(f"{place}, giorno", say("must be a month and a day of every year, such as 12-31"))
    if "apertura" in book:
        yield from _opening(book["apertura"], f"{place}, apertura")


def _notebooks(chapters: object, place: str) -> Problems:
    """What is wrong with a list of notebooks."""
    for chapter in chapters if isinstance(chapters, list) else ():
        if (
            not isinstance(chapter, str)
            or not re.fullmatch(r"[^/\\]+/[^/\\]+\.ipynb", chapter)
            or ".." in chapter.split("/")
        ):
            yield _wrong(
                place,
                say(
                    "holds «{chapter}»: write a folder of notebooks/ and a notebook, such as a/b.ipynb", chapter=chapter
                ),
            )
    names = (
        [chapter.rpartition("/")[2] for chapter in chapters if isinstance(chapter, str)]
        if isinstance(chapters, list)
        else []
    )
    for twice in sorted({one for one in names if names.count(one) > 1}):
        yield _wrong(place, say("names two chapters {name}: rename one", name=twice))


def _opening(section: object, place: str) -> Problems:
    """What is wrong with the declaration of what a book opens with."""
    if not _is_mapping(section):
        yield _wrong(place, say("must hold keys and values: {keys}", keys=", ".join(f"«{key}»" for key in OPENING)))
        return
    yield from _unknown(section, OPENING, place)
    if not isinstance(section.get("sintesi", ""), str):
        yield _wrong(f"{place}, sintesi", say("must be the label of a chapter, such as sec-sintesi"))
    cards = section.get("cifre", [])
    if not _is_list(cards):
        yield _wrong(f"{place}, cifre", say("must be a list of key figures"))
    named: list[tuple[str, object, tuple[str, ...]]] = [
        (f"{place}, cifre, {number}", card, CARD) for number, card in enumerate(cards if _is_list(cards) else (), 1)
    ]
    named += [(f"{place}, copertina", section["copertina"], CARD[:2])] if "copertina" in section else []
    for here, card, keys in named:
        if not _is_mapping(card):
            yield _wrong(here, say("must hold keys and values: {keys}", keys=", ".join(f"«{key}»" for key in keys)))
            continue
        yield from _unknown(card, keys, here)
        for key in keys:
            yield from _told(card, key, here, lambda value: isinstance(value, str), say("must be a text"))


def _options(options: dict, place: str) -> Problems:
    """What is wrong with the options of all formats, or of one; unknown ones are the publishers' own."""
    for kind, wanted, names in _OPTIONS:
        for name in names:
            if name in options and not kind(options[name]):
                yield _wrong(f"{place}, {name}".lstrip(", "), say(wanted))
    for name in ("crossref", "margin"):
        section = options.get(name)
        for key, value in section.items() if isinstance(section, dict) else ():
            if not _is_text(value) and not isinstance(value, bool):
                yield _wrong(f"{place}, {name}, {key}".lstrip(", "), say("must be a text"))


def _unknown(section: dict, known: tuple[str, ...], place: str) -> Problems:
    for key in section:
        if key not in known:
            yield _wrong(f"{place}, {key}", say("is not known here: the keys are {known}", known=", ".join(known)))


def _told(section: dict, key: str, place: str, kind: Callable[[object], bool], wanted: str) -> Problems:
    if section.get(key) in (None, "", [], {}):
        yield say("under «{place}» there is no «{key}»: add it.", place=place, key=key)
    elif not kind(section[key]):
        yield _wrong(f"{place}, {key}", wanted)


def _wrong(place: str, what: str) -> str:
    return f"«{place}» {what}."


def _is_package(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-z_][a-z0-9_]*", value) is not None


def _is_limit(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < float("inf")


def _is_mapping(value: object) -> TypeGuard[dict]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list]:
    return isinstance(value, list)


def _is_text(value: object) -> bool:
    return isinstance(value, (str, int, float, datetime.date)) and not isinstance(value, bool)


def _is_texts(value: object) -> bool:
    return value is None or _is_text(value) or (_is_list(value) and all(map(_is_text, value)))


def _is_truth(value: object) -> bool:
    return isinstance(value, bool)


def _is_depth(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 6


def _is_day(value: object) -> bool:
    try:
        datetime.date.fromisoformat(f"2001-{value}")
    except ValueError:
        return False
    return isinstance(value, str)


#: A kind of value, in words, and the options that are of it.
_OPTIONS = (
    (_is_truth, marked("must be true or false"), ("toc", "number-sections")),
    (_is_depth, marked("must be a whole number from 1 to 6"), ("toc-depth",)),
    (_is_text, marked("must be a text"), ("lang", "toc-title", "papersize", "fontsize", "mainfont")),
    (_is_texts, marked("must be a text or a list of texts"), ("css", "include-after-body", "pdf-standard", "author")),
    (_is_mapping, marked("must hold keys and values"), ("crossref", "margin")),
)
