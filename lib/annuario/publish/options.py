"""Options of a book, read from ``_quarto.yml`` and from the front matter of libro.md.

Both publishers follow the same keys, with Quarto's names and Quarto's precedence.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from annuario import inline
from annuario.errors import BookError

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


def front_matter(source: Path) -> dict:
    """The YAML front matter of a Markdown file.

    Raises BookError where it is missing or not valid.
    """
    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        raise BookError(f"{source}: cannot be read ({error.strerror}).") from error
    opening, _, rest = text.partition("\n")
    block, closing, _ = rest.partition("\n---")
    if opening.strip() != "---" or not closing:
        raise BookError(f"{source}: the front matter is missing: open the document with «---», title and author.")
    try:
        metadata = yaml.load(block, inline.YAML)
    except yaml.YAMLError as error:
        raise BookError(f"{source}: the front matter is not valid YAML: {error}.") from error
    if not isinstance(metadata, dict) or not metadata.get("title"):
        raise BookError(f"{source}: the front matter has no title: add «title: …».")
    return metadata


def read(source: Path, project: dict, form: str) -> dict:
    """The options in force for ``form`` (``html`` or ``typst``).

    The front matter prevails over the project, a format's own section over what
    surrounds it. Lists of one may be written as a scalar.
    """
    merged = dict(DEFAULTS)
    crossref = dict(CROSSREF)
    for layer in (project, front_matter(source)):
        section = layer.get("format")
        section = section.get(form) if isinstance(section, dict) else None
        for options in (layer, section if isinstance(section, dict) else {}):
            merged.update({key: value for key, value in options.items() if key != "format"})
            crossref.update(options.get("crossref") or {})
    for key in ("css", "include-after-body", "pdf-standard", "author"):
        value = merged.get(key) or []
        merged[key] = [str(item) for item in (value if isinstance(value, list) else [value])]
    return {**merged, "crossref": {key: str(value) for key, value in crossref.items()}}
