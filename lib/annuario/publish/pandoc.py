"""The built-in publisher: pandoc for HTML, pandoc and Typst for PDF, from wheels alone."""

from __future__ import annotations

import datetime
import json
import re
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import typst

from annuario import numbers
from annuario.errors import BookError
from annuario.execution.cache import Store, digest, file_digest, recalled
from annuario.publish import assets, chapters, charts, complaints, fonts, options

# What is put in at last.
CONTENTS, BODY = "<!--indice-->", "<!--libro-->"
# The files of the built-in publisher's page, beside the book's own.
SCREEN = ("page.css", "page.js", "search.js", "sort.js")
# Paper sizes by their Typst names, and units of length, in points.
PAPERS = {"a3": (841.9, 1190.6), "a4": (595.3, 841.9), "a5": (419.5, 595.3), "us-letter": (612.0, 792.0)}
# A heading within a table, as book.lua marks it: to Typst, a header that is kept with what follows.
GROUP = re.compile(r"^( +)(table\.cell\([^)\n]*fill: gruppo\)\[.*\]),$", re.MULTILINE)
POINTS = {"pt": 1.0, "mm": 72 / 25.4, "cm": 72 / 2.54, "in": 72.0}


def html(source: Path, target: Path, project: dict, store: Store | None = None) -> Path:
    """Write the book as one HTML file that needs no other file and no network.

    Raises BookError for a broken reference, an image that cannot be read or lacks its
    alternative text, and any other complaint of pandoc.
    """
    source, target = Path(source), Path(target)
    chosen = options.read(source, project, "html")
    front, texts, data = chapters.split(source)
    with ThreadPoolExecutor(1) as aside:
        scripts = aside.submit(charts.include, store) if data else None
        arguments = ["--to=html5", "--section-divs"]
        book = chapters.convert(source, texts, arguments, _settings(chosen), store)
        page = _page(source, front, chosen, store)
        page = page.replace(CONTENTS, chapters.contents(source, book, int(chosen["toc-depth"])))
        head, tail = page.split(BODY)
        tail = tail.replace("</body>", (scripts.result() if scripts else "") + "</body>")
    text = "".join([head, chapters.with_images(source, chapters.joined(source, book)), data, tail])
    target.write_text(text, encoding="utf-8", newline="\n")
    return target


def _page(source: Path, front: str, chosen: dict, store: Store | None) -> str:
    """The page around the book: its head, cover and scripts, with places for contents and chapters."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sheets, includes = assets.lay(source, chosen, folder)
        for own in SCREEN:
            shutil.copyfile(assets.RESOURCES / own, folder / own)
        arguments = [
            "--to=html5", "--standalone", "--embed-resources", f"--template={assets.RESOURCES / 'book.html'}",
            f"--variable=lang:{chosen['lang']}",
            f"--variable=toc-title:{chosen['toc-title']}",
            *([f"--variable=table-of-contents:{CONTENTS}", "--variable=toc:true"] if chosen["toc"] else []),
            *(f"--css={sheet}" for sheet in [*sheets, "page.css"]),
        ]  # fmt: skip
        _, date = _date(chosen)
        if date:
            arguments.append(f"--variable=data-estesa:{date}")
        files = [*(path for path in sorted(folder.rglob("*")) if path.is_file()), assets.RESOURCES / "book.html"]
        key = digest(chapters.PANDOC, front, *arguments, *includes, *(file_digest(path) for path in files))
        here = [f"--resource-path={folder}", *(f"--include-after-body={folder / include}" for include in includes)]
        text = f"{front}\n```{{=html}}\n{BODY}\n```\n"
        return recalled(store, "page", key, lambda: chapters.pandoc(source, text, arguments + here))


def pdf(source: Path, target: Path, project: dict, store: Store | None = None) -> Path:
    """Write the book as a tagged PDF of the standards that ``pdf-standard`` names.

    The bytes depend on the source, its images and the options alone.

    Raises BookError for a broken reference, a missing alternative text, an unknown
    standard or typeface and any other complaint of pandoc or Typst.
    """
    source, target = Path(source), Path(target)
    chosen = options.read(source, project, "typst")
    date, date_text = _date(chosen)
    book = {
        "title": str(chosen["title"]),
        "subtitle": str(chosen.get("subtitle") or ""),
        "mark": str((chosen.get("annuario") or {}).get("testatina") or ""),
        "author": chosen["author"],
        "date": {"year": date.year, "month": date.month, "day": date.day} if date else None,
        "date-text": date_text,
        "lang": str(chosen["lang"]),
        "font": [str(chosen.get("mainfont") or fonts.FAMILY), *fonts.FALLBACKS],
        "size": str(chosen["fontsize"]),
        "paper": str(chosen["papersize"]).lower(),
        "margin": {side: str(width) for side, width in chosen["margin"].items()},
        "numbered": bool(chosen["number-sections"]),
        "toc": bool(chosen["toc"]),
        "toc-depth": int(chosen["toc-depth"]),
        "toc-title": str(chosen["toc-title"]),
        "figure": chosen["crossref"]["fig-title"],
        "table": chosen["crossref"]["tbl-title"],
        "delimiter": chosen["crossref"]["title-delim"],
    }
    with tempfile.TemporaryDirectory() as name:
        folder = fonts.copy(Path(name) / fonts.FOLDER)

        def compiled(text: str) -> bytes:
            content, warnings = typst.compile_with_warnings(
                text.encode("utf-8"),
                root=str(source.parent.resolve()),
                font_paths=[str(folder)],
                ignore_system_fonts=True,
                pdf_standards=chosen["pdf-standard"],
                sys_inputs={"book": json.dumps(book, ensure_ascii=False)},
                timestamp=0,
            )
            if warnings:
                raise typst.TypstError("".join(str(warning) for warning in warnings))
            return content

        try:
            text = _typst(source, chosen, store)
            content = compiled(text)
        except typst.TypstError as error:
            raise BookError(complaints.explained(source, error, lambda: _typst(source, chosen, None, marked=True), compiled)) from error
        except ValueError as error:
            raise BookError(f"_quarto.yml: pdf-standard {chosen['pdf-standard']}: {error}.") from error
    target.write_bytes(content)
    return target


def _typst(source: Path, chosen: dict, store: Store | None, marked: bool = False) -> str:
    """The book as Typst's source, with marks of its parts if they are asked for."""
    front, texts, _ = chapters.split(source, marked)
    parts = chapters.convert(source, texts, ["--to=typst-smart"], _settings(chosen) | _widths(chosen), store)
    arguments = ["--to=typst-smart", "--standalone", f"--template={assets.RESOURCES / 'book.typ'}"]
    page = chapters.pandoc(source, f"{front}\n```{{=typst}}\n{BODY}\n```\n", arguments)
    text = page.replace(BODY, chapters.joined(source, parts))
    return GROUP.sub(r"\1table.header(level: 2, repeat: false, \2),", text)


def _settings(chosen: dict) -> dict:
    """The options that book.lua reads."""
    return {**chosen["crossref"], "number-sections": bool(chosen["number-sections"])}


def _widths(chosen: dict) -> dict[str, float]:
    """Widths of the text on an upright page and on one turned sideways, in points."""
    paper, margin = str(chosen["papersize"]).lower(), chosen["margin"]
    if paper not in PAPERS:
        raise BookError(f"_quarto.yml: papersize {paper} is not known: choose one of {', '.join(PAPERS)}.")
    if not isinstance(margin, dict):
        raise BookError("_quarto.yml: margin must name its sides, for instance «x: 2cm» and «y: 2.4cm».")
    sides = 0.0
    for side in ("left", "right"):
        text = str(margin.get(side, margin.get("x", "2.5cm")))
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(pt|mm|cm|in)", text)
        if not match:
            raise BookError(f"_quarto.yml: margin {side} «{text}» is not a length: write it as «2cm» or «20mm».")
        sides += float(match[1]) * POINTS[match[2]]
    width, height = PAPERS[paper]
    return {"upright": round(width - sides, 1), "sideways": round(height - sides, 1)}


def _date(chosen: dict) -> tuple[datetime.date | None, str]:
    """The date of the book and its printed form; a text that is no ISO date is printed as it is."""
    value = chosen.get("date")
    try:
        date = value if isinstance(value, datetime.date) else datetime.date.fromisoformat(str(value))
    except ValueError:
        return None, str(value or "")
    return date, numbers.date_long(date)
