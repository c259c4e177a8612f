"""What is said to whoever works on a book, in the language of the project.

The code says it in English, as templates with named fields; the catalogues of ``locale/`` hold it in
other languages (gettext's, which ``make messages`` keeps in step with the code). The environment variable
``LANGUAGE`` chooses among them, for this process and all that it starts; the command line sets it to the
project's ``lang`` where nobody has. Without it everything is said in English.
"""

from __future__ import annotations

import ctypes
import gettext
import locale
import os
import re
import string
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path

#: The name of the catalogues, and their folder.
DOMAIN, LOCALE = "annuario", Path(__file__).parent / "locale"
#: The signs of decimals and thousands, the other way round.
_SIGNS = str.maketrans(".,", ",.")


class _Form(string.Formatter):
    """Writes numbers as the language does that is spoken."""

    def format_field(self, value: object, form: str) -> str:
        text = format(value, form)
        if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
            return text
        return text.translate(_SIGNS) if _decimal_comma(spoken()) else text


def say(template: str, /, **fields: object) -> str:
    """A message, in the language that is spoken; ``template`` is a text of the code, which names its fields.

    >>> say("{path}: cannot be read ({why}).", path="a.csv", why="gone")
    'a.csv: cannot be read (gone).'
    """
    return _Form().vformat(_catalogue(spoken()).gettext(template), (), fields)


def say_many(one: str, many: str, count: int, /, **fields: object) -> str:
    """A message about one thing or about many: both forms may name ``count``.

    >>> say_many("{count} row", "{count} rows", 2)
    '2 rows'
    """
    template = _catalogue(spoken()).ngettext(one, many, count)
    return _Form().vformat(template, (), {"count": count, **fields})


def alternatives(words: Iterable[object]) -> str:
    """Things of which one is to be chosen.

    >>> alternatives(["true", "false", "asis"])
    'true, false or asis'
    """
    return _joined(words, say(" or "))


def listing(words: Iterable[object]) -> str:
    """Things that go together.

    >>> listing(["a", "b", "c"]), listing(["a"])
    ('a, b and c', 'a')
    """
    return _joined(words, say(" and "))


def shortened(lines: Sequence[str], most: int | None, where: str = "") -> list[str]:
    """The first of many lines and how many more there are, ``where`` telling which; all where ``most`` is None.

    >>> shortened(["a", "b", "c", "d"], 2), shortened(["a", "b", "c"], 3), shortened(["a", "b", "c"], None)
    (['a', 'b', '… and 2 more'], ['a', 'b', 'c'], ['a', 'b', 'c'])
    >>> shortened(["a", "b", "c", "d"], 2, "annuario missing")[-1]
    '… and 2 more (annuario missing)'
    """
    more = 0 if most is None else len(lines) - most
    if more <= 0:
        return list(lines)
    told = say("… and {more} more", more=more)
    return [*lines[:most], f"{told} ({where})" if where else told]


def _joined(words: Iterable[object], last: str) -> str:
    *before, end = map(str, words)
    return f"{', '.join(before)}{last}{end}" if before else end


def marked(template: str) -> str:
    """The template itself: one that is said elsewhere, and belongs into the catalogues.

    >>> marked("{path}: cannot be read ({why}).")
    '{path}: cannot be read ({why}).'
    """
    return template


def spoken() -> str:
    """The languages that are spoken, the first that there is a catalogue for; results that tell of something depend on it.

    >>> spoken()
    'en'
    """
    return os.environ.get("LANGUAGE", "")


def foreign(text: str) -> str:
    """What Python, a library or the system says, in the language that is spoken, as far as :data:`FOREIGN` knows it.

    >>> foreign("division by zero"), foreign("what nobody foresaw")
    ('division by zero', 'what nobody foresaw')
    """
    for template, pattern in _patterns():
        if found := pattern.fullmatch(text):
            return say(template, **found.groupdict())
    return text


def why(error: OSError) -> str:
    """What the system says of an error, such as that a file does not exist.

    >>> why(FileNotFoundError(2, "No such file or directory"))
    'No such file or directory'
    """
    return foreign(error.strerror or str(error))


def speak(language: str) -> None:
    """Choose the language of this process and of those that it starts, unless the environment has chosen.

    Where there is none to choose, it is that of the system. What the library of the command line says is said
    in it as well.

    >>> speak("it")  # what the environment has chosen stands
    >>> spoken()
    'en'
    """
    chosen = spoken() or language.replace("-", "_") or _system()
    if chosen:
        os.environ["LANGUAGE"] = "en" if chosen.startswith("en") else chosen
    gettext.bindtextdomain(DOMAIN, LOCALE)
    gettext.textdomain(DOMAIN)


def _system() -> str:
    """The language of the system, as it says it: in the environment, or in Windows by a number."""
    told = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    if sys.platform == "win32":
        return next(
            filter(None, told), locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
        )
    return next(filter(None, told), "")


#: What is said by others: of files by the system, of a configuration by the reader of YAML, of a cell by
#: Python, of a text by pandoc's filter (book.lua).
FOREIGN = (
    marked("No such file or directory"),
    marked("Permission denied"),
    marked("Is a directory"),
    marked("Not a directory"),
    marked("File exists"),
    marked("Directory not empty"),
    marked("No space left on device"),
    marked("Read-only file system"),
    marked("Disk quota exceeded"),
    marked("File name too long"),
    marked("Input/output error"),
    marked("Too many open files"),
    marked("Address already in use"),
    marked("Operation not permitted"),
    marked("Invalid argument"),
    marked("mapping values are not allowed in this context"),
    marked("did not find expected key"),
    marked("did not find expected '-' indicator"),
    marked("did not find expected node content"),
    marked("did not find expected ',' or ']'"),
    marked("did not find expected ',' or '}}'"),
    marked("did not find expected <document start>"),
    marked("could not find expected ':'"),
    marked("found character that cannot start any token"),
    marked("found a tab character that violates indentation"),
    marked("found unexpected end of stream"),
    marked("found undefined alias"),
    marked("block sequence entries are not allowed in this context"),
    marked("found unknown escape character"),
    marked("control characters are not allowed"),
    marked("File is not a zip file"),
    marked("the picture {source} has no alternative text: write «![Descrizione]({source})»"),
    marked("the picture {source} is not in the book: save it beside the notebook, with no blank in its name"),
    marked("the table {label} has no caption: write «: Didascalia {{#{label}}}»"),
    marked("name '{name}' is not defined"),
    marked("'{kind}' object has no attribute '{name}'"),
    marked("'{kind}' object is not callable"),
    marked("'{kind}' object is not iterable"),
    marked("'{kind}' object is not subscriptable"),
    marked("module '{module}' has no attribute '{name}'"),
    marked("No module named '{name}'"),
    marked("cannot import name '{name}' from '{module}' ({path})"),
    marked("division by zero"),
    marked("list index out of range"),
    marked("unsupported operand type(s) for {sign}: '{one}' and '{two}'"),
    marked("could not convert string to float: {text}"),
    marked("invalid literal for int() with base 10: {text}"),
    marked("{function}() missing {count} required positional argument: {names}"),
    marked("{function}() missing {count} required positional arguments: {names}"),
    marked("{function}() got an unexpected keyword argument '{name}'"),
    marked("[Errno 2] No such file or directory: {path}"),
    marked("invalid syntax"),
    marked("invalid syntax. Perhaps you forgot a comma?"),
    marked("'{sign}' was never closed"),
    marked("unmatched '{sign}'"),
    marked("unexpected indent"),
    marked("expected ':'"),
    marked("unindent does not match any outer indentation level"),
    marked("unterminated string literal (detected at line {line})"),
)


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """The templates of :data:`FOREIGN`, and what they look like when they are filled in."""
    found = []
    for template in FOREIGN:
        text, known = "", set()
        for words, name, _, _ in string.Formatter().parse(template):
            text += re.escape(words)
            if name:
                text += f"(?P={name})" if name in known else f"(?P<{name}>.+?)"
            known.add(name)
        found.append((template, re.compile(text, re.DOTALL)))
    return found


@cache
def _catalogue(languages: str) -> gettext.NullTranslations:
    """The catalogue of the first of some languages, written as in ``LANGUAGE``, that there is one for."""
    return gettext.translation(DOMAIN, LOCALE, languages.split(":"), fallback=True)


@cache
def _decimal_comma(languages: str) -> bool:
    return _catalogue(languages).info().get("language", "").startswith("it")
