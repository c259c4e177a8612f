"""The built-in publisher: pandoc for HTML, pandoc and Typst for PDF, from wheels alone."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pypandoc
import typst

from annuario import numbers
from annuario.errors import BookError
from annuario.publish import assets, fonts, options

def html(source: Path, target: Path, project: dict) -> Path:
    """Write the book as one HTML file that needs no other file and no network.

    Raises BookError for a broken reference, an image that cannot be read or any other
    complaint of pandoc.
    """
    source, target = Path(source), Path(target)
    chosen = options.read(source, project, "html")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
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
            arguments += ["--toc", f"--toc-depth={chosen['toc-depth'] + 1}"]
        _, text = _date(chosen)
        if text:
            arguments.append(f"--variable=data-estesa:{text}")
        target.write_text(_pandoc(source, chosen, folder, arguments), encoding="utf-8")
    return target


def pdf(source: Path, target: Path, project: dict) -> Path:
    """Write the book as a tagged PDF of the standards that ``pdf-standard`` names.

    The bytes depend on the source, its images and the options alone.

    Raises BookError for a broken reference, a missing alternative text, an unknown
    standard or any other complaint of pandoc or Typst.
    """
    source, target = Path(source), Path(target)
    chosen = options.read(source, project, "typst")
    date, date_text = _date(chosen)
    book = {
        "title": str(chosen["title"]),
        "subtitle": str(chosen["subtitle"]) if chosen.get("subtitle") else None,
        "author": chosen["author"],
        "date": {"year": date.year, "month": date.month, "day": date.day} if date else None,
        "date-text": date_text,
        "running": str(chosen["title"]),
        "lang": str(chosen["lang"]),
        "font": [str(chosen.get("mainfont") or fonts.FAMILY), "Libertinus Serif", "DejaVu Sans Mono"],
        "size": str(chosen["fontsize"]),
        "paper": str(chosen["papersize"]).lower(),
        "margin": {side: str(width) for side, width in chosen["margin"].items()},
        "justify": False,
        "numbered": bool(chosen["number-sections"]),
        "toc": bool(chosen["toc"]),
        "toc-depth": int(chosen["toc-depth"]),
        "toc-title": str(chosen["toc-title"]),
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        arguments = ["--to=typst-smart", f"--template={assets.RESOURCES / 'book.typ'}"]
        text = _pandoc(source, chosen, folder, arguments)
        try:
            content = typst.compile(
                text.encode("utf-8"),
                root=str(source.parent.resolve()),
                font_paths=[str(fonts.copy(folder / fonts.FOLDER))],
                ignore_system_fonts=True,
                pdf_standards=chosen["pdf-standard"],
                sys_inputs={"book": json.dumps(book, ensure_ascii=False)},
                timestamp=0,
            )
        except typst.TypstError as error:
            raise BookError(f"{source}: {_complaint(error)}") from error
        except ValueError as error:
            raise BookError(f"{source}: the PDF cannot be written: {error}.") from error
    target.write_bytes(content)
    return target


def _pandoc(source: Path, chosen: dict, folder: Path, arguments: list[str]) -> str:
    """Run pandoc over ``source`` with the book's filter; what it writes."""
    metadata = folder / "metadata.json"
    metadata.write_text(json.dumps({"crossref": chosen["crossref"], "lang": chosen["lang"]}), encoding="utf-8")
    command = [
        pypandoc.get_pandoc_path(), str(source.resolve()), "--from=markdown", "--standalone", "--wrap=none",
        f"--lua-filter={assets.RESOURCES / 'book.lua'}", f"--metadata-file={metadata}", *arguments,
    ]  # fmt: skip
    result = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    if result.returncode or "Could not fetch resource" in result.stderr:
        raise BookError(f"{source}: {result.stderr.strip()}")
    return result.stdout


def _date(chosen: dict) -> tuple[datetime.date | None, str]:
    """The date of the book and its printed form, "" without one."""
    value = chosen.get("date")
    try:
        date = value if isinstance(value, datetime.date) else datetime.date.fromisoformat(str(value))
    except ValueError:
        return None, str(value) if value else ""
    return date, numbers.date_long(date)


def _complaint(error: typst.TypstError) -> str:
    return " ".join([str(error.message), *error.hints])
