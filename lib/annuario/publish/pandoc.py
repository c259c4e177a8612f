"""The built-in publisher: pandoc for HTML, pandoc and Typst for PDF, from wheels alone."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pypandoc
import typst

from annuario import numbers
from annuario.errors import BookError
from annuario.publish import assets, charts, fonts, options

FILTERS = ("tables.lua", "book.lua")
# Paper sizes by their Typst names, and units of length, in points.
PAPERS = {"a3": (841.9, 1190.6), "a4": (595.3, 841.9), "a5": (419.5, 595.3), "us-letter": (612.0, 792.0)}
POINTS = {"pt": 1.0, "mm": 72 / 25.4, "cm": 72 / 2.54, "in": 72.0}


def html(source: Path, target: Path, project: dict) -> Path:
    """Write the book as one HTML file that needs no other file and no network.

    Raises BookError for a broken reference, an image that cannot be read or lacks its
    alternative text, and any other complaint of pandoc.
    """
    source, target = Path(source), Path(target)
    chosen = options.read(source, project, "html")
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(1) as aside:
        folder = Path(name)
        scripts = aside.submit(charts.include) if assets.has_charts(source) else None
        sheets, includes = assets.lay(source, chosen, folder)
        for own in ("page.css", "page.js"):
            shutil.copyfile(assets.RESOURCES / own, folder / own)
        arguments = [
            "--to=html5", f"--template={assets.RESOURCES / 'book.html'}", "--section-divs", "--embed-resources",
            f"--variable=toc-title:{chosen['toc-title']}",
            f"--resource-path={os.pathsep.join([str(source.parent.resolve()), str(folder)])}",
            *(f"--css={sheet}" for sheet in [*sheets, "page.css"]),
            *(f"--include-after-body={folder / include}" for include in includes),
        ]  # fmt: skip
        if chosen["toc"]:
            arguments += ["--toc", f"--toc-depth={int(chosen['toc-depth']) + 1}"]  # chapters are h2 there
        _, date = _date(chosen)
        if date:
            arguments.append(f"--variable=data-estesa:{date}")
        page = _pandoc(source, chosen, folder, arguments)
        if scripts:  # added last: a megabyte that pandoc need not read
            head, closing, tail = page.rpartition("</body>")
            page = head + scripts.result() + closing + tail
        target.write_text(page, encoding="utf-8", newline="\n")
    return target


def pdf(source: Path, target: Path, project: dict) -> Path:
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
        folder = Path(name)
        arguments = ["--to=typst-smart", f"--template={assets.RESOURCES / 'book.typ'}"]
        text = _pandoc(source, chosen, folder, arguments, _widths(chosen))
        try:
            content, warnings = typst.compile_with_warnings(
                text.encode("utf-8"),
                root=str(source.parent.resolve()),
                font_paths=[str(fonts.copy(folder / fonts.FOLDER))],
                ignore_system_fonts=True,
                pdf_standards=chosen["pdf-standard"],
                sys_inputs={"book": json.dumps(book, ensure_ascii=False)},
                timestamp=0,
            )
        except typst.TypstError as error:
            raise BookError(f"{source}: {'; '.join([str(error.message), *error.hints])}.") from error
        except ValueError as error:
            raise BookError(f"_quarto.yml: pdf-standard {chosen['pdf-standard']}: {error}.") from error
    if warnings:
        raise BookError(f"{source}: {'; '.join(str(warning) for warning in warnings)}.")
    target.write_bytes(content)
    return target


def _pandoc(source: Path, chosen: dict, folder: Path, arguments: list[str], page: dict | None = None) -> str:
    """Run pandoc over ``source`` with the book's filter; what it writes."""
    settings = {**chosen["crossref"], "number-sections": bool(chosen["number-sections"]), **(page or {})}
    metadata = folder / "metadata.json"
    metadata.write_text(json.dumps({"publish": settings, "lang": str(chosen["lang"])}), encoding="utf-8")
    command = [
        pypandoc.get_pandoc_path(), str(source.resolve()), "--from=markdown", "--standalone", "--wrap=none",
        f"--metadata-file={metadata}", *(f"--lua-filter={assets.RESOURCES / name}" for name in FILTERS), *arguments,
    ]  # fmt: skip
    result = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    if result.returncode or "Could not fetch resource" in result.stderr:
        raise BookError(f"{source}: {result.stderr.strip()}")
    return result.stdout


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
