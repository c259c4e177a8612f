"""The Quarto publisher: ``quarto render`` over the same document and configuration.

The chapters go through the same filter, page and template as in the built-in publisher
(``quarto.lua``), so that both write the same book. Each call renders in a directory of its
own, because two renders in one directory overwrite each other's intermediate files.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pikepdf
import yaml

from annuario.errors import BookError
from annuario.execution.cache import Store
from annuario.messages import marked, say, why
from annuario.publish import assets, chapters, charts, fonts, head, options, origins, pandoc, tags
from annuario.publish.manuscript import Manuscript

#: The first Quarto with ``pdf-standard`` and alternative texts in Typst.
LEAST = (1, 9)
OTHERWISE = marked("or publish with the built-in publisher: --engine pandoc")
#: The filter of the book, and what it calls.
FILTERS = ("quarto.lua", "book.lua", "tables.lua")
# Where the numbers of the page come from, beside it.
ORIGINS = "origini.html"
# The files of the page, beside the book's own.
SCREEN = ("book.html", "page.css", "data.css", "data.js", "page.js", "search.js", "sort.js")
COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# What Quarto, pandoc and Typst say where the book is not whole; the rest they say in passing.
WRONG = re.compile(
    r"(ERROR|error)\b|\[ERROR\]|Error running filter|warning: |WARN: PDF validation failed"
    rf"|.*({'|'.join(('Unable to resolve crossref', *chapters.MISTAKES))})"
)
PASSING = re.compile(r"(WARN|INFO|\[WARNING\]|\[INFO\])")
# The way that a program came to its complaint: of no use to a reader of it.
TRACE = re.compile(r"\s*(Stack trace:|at |stack traceback:|\[C\]: |\S+\.(lua|js|ts):\d+: in )")


def html(book: Manuscript, target: Path, project: dict, store: Store | None = None) -> Path:
    """Write the book as HTML with ``quarto render libro.md --to html``.

    Raises BookError where the built-in publisher does, with Quarto's words where Quarto alone
    fails, and for a Quarto that is too old or does not start.
    """
    return _render(book, target, project, "html", "html", store)


def pdf(book: Manuscript, target: Path, project: dict, store: Store | None = None) -> Path:
    """Write the book as PDF with ``quarto render libro.md --to typst``.

    Raises BookError as ``html`` does.
    """
    _render(book, target, project, "typst", "pdf", store)
    try:
        target.write_bytes(tags.mended(target.read_bytes()))
    except pikepdf.PdfError as error:
        target.unlink()
        raise BookError(
            say(
                "{file}: what Quarto wrote is no PDF ({error}): install Quarto again, {otherwise}.",
                file=book.file,
                error=error,
                otherwise=say(OTHERWISE),
            )
        ) from error
    return target


def require() -> None:
    """Make sure that the Quarto on PATH is one that can write the book.

    Raises BookError where it does not start, says no version, or is too old.
    """
    told = _run("--version", timeout=60)
    said = next((line.strip() for line in reversed(told.stdout.splitlines()) if line.strip()), "")
    version = re.match(r"v?(\d+)\.(\d+)", said)
    if told.returncode or not version:
        words = " ".join((said, *_complaints(told.stderr))).strip() or say("exit {code}", code=told.returncode)
        raise BookError(
            say(
                "quarto does not start ({words}): install Quarto again, {otherwise}.",
                words=words,
                otherwise=say(OTHERWISE),
            )
        )
    if tuple(map(int, version.groups())) < LEAST:
        raise BookError(
            say(
                "Quarto {said} is too old: install {least} or newer, {otherwise}.",
                said=said,
                least=".".join(map(str, LEAST)),
                otherwise=say(OTHERWISE),
            )
        )


def _render(book: Manuscript, target: Path, project: dict, form: str, suffix: str, store: Store | None) -> Path:
    require()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(book.folder, folder, dirs_exist_ok=True)
        config = lay(book, project, folder, form, store)
        (folder / "_quarto.yml").write_text(
            yaml.safe_dump(config, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
        result = _run("render", book.file.name, "--to", form, cwd=folder)
        written = folder / f"{book.file.stem}.{suffix}"
        complaints = _complaints(result.stderr)
        if result.returncode or complaints or not written.is_file():
            # where the fault is the book's, the built-in publisher names notebook and cell
            getattr(pandoc, suffix)(book, folder / "altrove", project, store)
            words = "; ".join(complaints) or say(
                "quarto render --to {form} failed (exit {code})", form=form, code=result.returncode
            )
            raise BookError(f"{book.file}: {words.replace(str(folder), str(book.folder))}")
        shutil.move(written, target)
    return target


def lay(book: Manuscript, project: dict, folder: Path, form: str, store: Store | None = None) -> dict:
    """Lay in ``folder`` what a render needs and return its ``_quarto.yml``.

    That is the project's own, with the filter and the template of the book, and with what
    they read; every file is named by a path relative to ``folder``.
    """
    chosen = options.read(book.metadata, project, form)
    (folder / book.file.name).write_text(book.front, encoding="utf-8")
    (folder / "etichette.json").write_text(json.dumps(sorted(book.labels)), encoding="utf-8")
    (folder / "capitoli").mkdir()
    for number, text in enumerate(book.texts(), 1):
        (folder / "capitoli" / f"{number:04}.md").write_text(text, encoding="utf-8")
    for name in FILTERS:
        shutil.copyfile(assets.RESOURCES / name, folder / name)
    laid = _screen(book, chosen, folder, store) if form == "html" else _paper(chosen, folder)
    formats = project.get("format")
    own = formats.get(form) if isinstance(formats, dict) else None
    kept = {key: value for key, value in project.items() if key not in ("project", "date-format")}
    return kept | {
        "project": {"type": "default"},
        "filters": [{"path": FILTERS[0], "at": "pre-ast"}],
        "publish": options.dialect(chosen, form) | {key: chosen[key] for key in ("toc", "toc-depth", "toc-title")},
        # contents and numbers are the filter's
        "format": {form: (own if isinstance(own, dict) else {}) | {"toc": False, "number-sections": False} | laid},
    }


def _screen(book: Manuscript, chosen: dict, folder: Path, store: Store | None) -> dict:
    """The options of the page, whose files are laid in ``folder``."""
    for name in SCREEN:
        shutil.copyfile(assets.RESOURCES / name, folder / name)
    sheets, includes = assets.lay(book.folder, chosen, folder, book.letters, store)
    if book.charts:
        (folder / charts.INCLUDE).write_text(f"{charts.packed(book.charts)}\n{charts.include(store)}", encoding="utf-8")
        includes.append(charts.INCLUDE)
    if asked := origins.element(book.sentences, book.cells, book.rows):
        (folder / ORIGINS).write_text(asked, encoding="utf-8")
        includes.append(ORIGINS)
    (folder / pandoc.HEAD).write_text(head.elements(chosen), encoding="utf-8")
    return {
        "template": SCREEN[0],
        "theme": "none",
        "minimal": True,
        "embed-resources": True,
        "html-table-processing": "none",
        "css": [*sheets, "page.css", "data.css"],
        "include-after-body": includes,
        "include-in-header": [pandoc.HEAD],
        "fatti": options.facts(chosen),
    }


def _paper(chosen: dict, folder: Path) -> dict:
    """The options of the printed book, whose files are laid in ``folder``."""
    fonts.copy(folder / fonts.FOLDER)
    data = json.dumps(options.printed(chosen), ensure_ascii=False)
    (folder / "libro.json").write_text(data, encoding="utf-8")
    template = (assets.RESOURCES / "book.typ").read_text(encoding="utf-8")
    template = template.replace("json(bytes(sys.inputs.book))", 'json("libro.json")')  # Quarto passes no inputs
    (folder / "book.typ").write_text(template, encoding="utf-8")
    return {"template": "book.typ", "font-paths": [fonts.FOLDER]}


def _run(*arguments: str, cwd: Path | None = None, timeout: float | None = None) -> subprocess.CompletedProcess:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "0", "TYPST_IGNORE_SYSTEM_FONTS": "true", "NO_COLOR": "1"}
    try:
        return subprocess.run(
            ["quarto", *arguments], cwd=cwd, env=environment,
            capture_output=True, encoding="utf-8", errors="replace", check=False, timeout=timeout,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise BookError(
            say("quarto does not answer: install Quarto again, {otherwise}.", otherwise=say(OTHERWISE))
        ) from error
    except OSError as error:
        raise BookError(
            say(
                "quarto cannot be run ({why}): install Quarto again, {otherwise}.",
                why=why(error),
                otherwise=say(OTHERWISE),
            )
        ) from error


def _complaints(said: str) -> list[str]:
    """What is wrong by Quarto's words, without what it says in passing and the way it came to it."""
    lines, wrong = [], False
    for line in COLOURS.sub("", said).splitlines():
        wrong = bool(WRONG.match(line)) or (wrong and not PASSING.match(line))
        if wrong and line.strip() and not TRACE.match(line):
            lines.append(line.strip())
    return lines
