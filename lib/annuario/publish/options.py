"""Options of a book, from ``_quarto.yml`` and from its front matter.

Both publishers follow the same keys, with Quarto's names and Quarto's precedence.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping

from annuario.errors import BookError
from annuario.messages import say
from annuario.publish import fonts
from annuario.words import numbers

DEFAULTS = {
    "lang": "it",
    "toc": False,
    "toc-depth": 3,
    "toc-title": "Indice",
    "number-sections": False,
    "css": [],
    "include-after-body": [],
    "papersize": "a4",
    "fontsize": "10pt",
    "margin": {"x": "2cm", "top": "2.4cm", "bottom": "2.2cm"},
    "pdf-standard": [],
}
CROSSREF = {
    "fig-title": "Figura",
    "tbl-title": "Tabella",
    "fig-prefix": "Figura",
    "tbl-prefix": "Tabella",
    "sec-prefix": "Sezione",
    "title-delim": ":",
}
# Paper sizes by their Typst names, and units of length, in points.
PAPERS = {"a3": (841.9, 1190.6), "a4": (595.3, 841.9), "a5": (419.5, 595.3), "us-letter": (612.0, 792.0)}
POINTS = {"pt": 1.0, "mm": 72 / 25.4, "cm": 72 / 2.54, "in": 72.0}
# The running text in ems of its type, about 75 letters a line, and the narrowest margin for captions, in points.
MEASURE, BESIDE = 31.0, 90.0


def read(metadata: Mapping, project: dict, form: str) -> dict:
    """The options in force for ``form`` (``html`` or ``typst``).

    The front matter prevails over the project, a format's own section over what
    surrounds it. Lists of one may be written as a scalar.

    >>> project = {"toc-title": "Indice", "format": {"html": {"css": "book.css"}}}
    >>> chosen = read({"title": "Relazione", "toc-title": "Sommario"}, project, "html")
    >>> chosen["toc-title"], chosen["css"], read({}, project, "typst")["css"]
    ('Sommario', ['book.css'], [])
    """
    merged = dict(DEFAULTS)
    crossref = dict(CROSSREF)
    for layer in (project, metadata):
        section = layer.get("format")
        section = section.get(form) if isinstance(section, dict) else None
        for options in (layer, section if isinstance(section, dict) else {}):
            merged.update({key: value for key, value in options.items() if key != "format"})
            crossref.update(options.get("crossref") or {})
    for key in ("css", "include-after-body", "pdf-standard", "author"):
        value = merged.get(key) or []
        merged[key] = [str(item) for item in (value if isinstance(value, list) else [value])]
    return {**merged, "crossref": {key: str(value) for key, value in crossref.items()}}


def date(chosen: Mapping) -> tuple[datetime.date | None, str]:
    """The date of the book and its printed form; a text that is no ISO date is printed as it is.

    >>> date({"date": "2025-12-31"}), date({"date": "fine 2025"}), date({})
    ((datetime.date(2025, 12, 31), '31 dicembre 2025'), (None, 'fine 2025'), (None, ''))
    """
    value = chosen.get("date")
    try:
        found = value if isinstance(value, datetime.date) else datetime.date.fromisoformat(str(value))
    except ValueError:
        return None, str(value or "")
    return found, numbers.date_long(found)


def language(chosen: dict) -> str:
    """The language with its country.

    >>> language({"lang": "it"}), language({"lang": "it-CH"})
    ('it-IT', 'it-CH')
    """
    lang = str(chosen["lang"])
    return lang if "-" in lang else f"{lang}-{lang.upper()}"


def facts(chosen: dict) -> list[str]:
    """What the cover says of an edition: its year, its version, the day it was published; else the book's date.

    >>> facts({"date": "2025-12-31"}), facts({"annuario": {"anno": 2025, "versione": 2}})
    (['31 dicembre 2025'], ['Anno di riferimento 2025', 'Versione 2'])
    """
    own = chosen.get("annuario") or {}
    if not own.get("anno"):
        return [text for _, text in [date(chosen)] if text]
    found = [f"Anno di riferimento {own['anno']}"]
    found += [f"Versione {own['versione']}"] if own.get("versione") else []
    return found + ([f"Pubblicata il {own['pubblicata']}"] if own.get("pubblicata") else [])


def dialect(chosen: dict, form: str) -> dict:
    """What book.lua reads: words of labels and references, numbering; for ``typst`` also widths of the text, in points.

    >>> dialect(read({}, {}, "typst"), "typst")["upright"], "upright" in dialect(read({}, {}, "html"), "html")
    (481.9, False)
    """
    words = {**chosen["crossref"], "number-sections": bool(chosen["number-sections"])}
    words |= {f"sigla-{short}": long for short, long in ((chosen.get("annuario") or {}).get("sigle") or {}).items()}
    return words | _widths(chosen) if form == "typst" else words


def printed(chosen: dict) -> dict:
    """What book.typ reads: cover, type, paper, contents.

    >>> found = printed(read({"title": "Relazione", "date": "2025-12-31"}, {}, "typst"))
    >>> found["title"], found["date"], found["size"]
    ('Relazione', {'year': 2025, 'month': 12, 'day': 31}, '10pt')
    >>> printed(read({"title": "Relazione", "fontsize": "grande"}, {}, "typst"))
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: _quarto.yml: fontsize «grande» is not a length: write it as «10.5pt».
    """
    day, _ = date(chosen)
    own = chosen.get("annuario") or {}
    size = str(chosen["fontsize"])
    if not re.fullmatch(rf"\d+(?:\.\d+)?({'|'.join(POINTS)})", size):
        raise BookError(say("_quarto.yml: fontsize «{size}» is not a length: write it as «10.5pt».", size=size))
    column, beside = _columns(chosen)
    return {
        "title": str(chosen["title"]),
        "subtitle": str(chosen.get("subtitle") or ""),
        "mark": str(own.get("testatina") or ""),
        "stamp": str(own.get("timbro") or ""),
        "facts": facts(chosen),
        "cover": str(own.get("copertina") or ""),
        "drawn": str(own.get("disegno") or ""),
        "summary": str(own.get("sommario") or ""),
        "opening": bool(own.get("apertura")),
        "author": chosen["author"],
        "date": {"year": day.year, "month": day.month, "day": day.day} if day else None,
        "lang": str(chosen["lang"]),
        "font": [str(chosen.get("mainfont") or fonts.FAMILY), *fonts.FALLBACKS],
        "size": size,
        "paper": str(chosen["papersize"]).lower(),
        "margin": margins(chosen),
        "column": column,
        "beside": beside,
        "numbered": bool(chosen["number-sections"]),
        "toc": bool(chosen["toc"]),
        "toc-depth": int(chosen["toc-depth"]),
        "toc-title": str(chosen["toc-title"]),
        "figure": chosen["crossref"]["fig-title"],
        "table": chosen["crossref"]["tbl-title"],
        "delimiter": chosen["crossref"]["title-delim"],
    }


def margins(chosen: dict) -> dict[str, float]:
    """The margins of a page, in points, by side.

    Raises BookError for one that is no length.

    >>> margins({"margin": {"x": "1in", "top": "2cm"}})
    {'left': 72.0, 'right': 72.0, 'top': 56.69291338582677, 'bottom': 70.86614173228347}
    >>> margins({"margin": {"x": "largo"}})
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: _quarto.yml: margin left «largo» is not a length: write it as «2cm» or ...
    """
    margin = chosen["margin"]
    if not isinstance(margin, dict):
        raise BookError(say("_quarto.yml: margin must name its sides, for instance «x: 2cm» and «y: 2.4cm»."))
    found = {}
    for side, axis in (("left", "x"), ("right", "x"), ("top", "y"), ("bottom", "y")):
        text = str(margin.get(side, margin.get(axis, "2.5cm")))
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(pt|mm|cm|in)", text)
        if not match:
            raise BookError(
                say(
                    "_quarto.yml: margin {side} «{text}» is not a length: write it as «2cm» or «20mm».",
                    side=side,
                    text=text,
                )
            )
        found[side] = float(match[1]) * POINTS[match[2]]
    return found


def paper(chosen: dict) -> tuple[float, float]:
    """Width and height of the paper, in points.

    Raises BookError for a paper that is not known.

    >>> paper({"papersize": "A4"})
    (595.3, 841.9)
    >>> paper({"papersize": "a0"})
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: _quarto.yml: papersize a0 is not known: choose one of a3, a4, a5, us-letter.
    """
    name = str(chosen["papersize"]).lower()
    if name not in PAPERS:
        raise BookError(
            say(
                "_quarto.yml: papersize {name} is not known: choose one of {papers}.",
                name=name,
                papers=", ".join(PAPERS),
            )
        )
    return PAPERS[name]


def _columns(chosen: dict) -> tuple[float, float]:
    """Width of the running text and of what is left beside it for captions, if that is wide enough, in points."""
    whole = _widths(chosen)["upright"]
    size = str(chosen["fontsize"])
    column = round(MEASURE * float(size[:-2]) * POINTS[size[-2:]], 1)
    return (column, round(whole - column, 1)) if whole - column >= BESIDE else (whole, 0.0)


def _widths(chosen: dict) -> dict[str, float]:
    """Widths of the text on an upright page and on one turned sideways, in points."""
    width, height = paper(chosen)
    found = margins(chosen)
    sides = found["left"] + found["right"]
    return {"upright": round(width - sides, 1), "sideways": round(height - sides, 1)}
