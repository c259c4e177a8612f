"""The built-in publisher: pandoc for HTML, pandoc and Typst for PDF, from wheels alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import typst

from annuario.errors import BookError
from annuario.execution.cache import Store, digest, file_digest, recalled
from annuario.publish import assets, chapters, charts, complaints, head, options, origins, press, tags
from annuario.publish.manuscript import Manuscript

# How often charts that have come to stand above the heading of their section are moved below it: others may come there.
MOVES = 2
# What is put in at last.
CONTENTS, BODY = "<!--indice-->", "<!--libro-->"
# What the page says of itself, beside it while it is made.
HEAD = "testa.html"
# The files of the built-in publisher's page, beside the book's own.
SCREEN = ("page.css", "data.css", "data.js", "page.js", "search.js", "sort.js")
# Rows that book.lua marks, headings within a table and its first but one: to Typst, headers that are
# kept with what follows. Its last rows are its foot, below which pandoc wants a line of its own.
KEPT = re.compile(
    r"^( +)(table\.cell\([^)\n]*fill: gruppo\)\[.*\]|.*/\*primi\*/(?:.|\n)*?/\*fino\*/\]),$", re.MULTILINE
)
FOOT = re.compile(r"^ +table\.hline\(\),\n( +table\.footer\()", re.MULTILINE)


def html(book: Manuscript, target: Path, project: dict, store: Store | None = None) -> Path:
    """Write the book as one HTML file that needs no other file and no network.

    Raises BookError for a broken reference, an image that cannot be read or lacks its
    alternative text, and any other complaint of pandoc.
    """
    chosen = options.read(book.metadata, project, "html")
    with ThreadPoolExecutor(1) as aside:
        scripts = aside.submit(charts.include, store) if book.charts else None
        arguments = ["--to=html5", "--section-divs"]
        converted = chapters.convert(book, arguments, options.dialect(chosen, "html"), store)
        around = page(book, chosen, store)
        around = around.replace(CONTENTS, chapters.contents(book, converted, int(chosen["toc-depth"])))
        before, tail = around.split(BODY)
        tail = tail.replace("</body>", (scripts.result() if scripts else "") + "</body>")
    data = f"{charts.packed(book.charts)}\n" if book.charts else ""
    data += origins.element(book.sentences, book.cells, book.rows)
    text = "".join(
        [before, chapters.with_images(book, chapters.joined(book, chapters.neighbours(converted))), data, tail]
    )
    target.write_text(text, encoding="utf-8", newline="\n")
    return target


def page(book: Manuscript, chosen: dict, store: Store | None, beside: Path | None = None) -> str:
    """The page around the book: its head, cover and scripts, with places for contents and chapters.

    What it needs is put into it or, where ``beside`` is a folder, laid there and named alone.
    """
    with nullcontext(beside) if beside else tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.mkdir(exist_ok=True)
        sheets, includes = assets.lay(book.folder, chosen, folder, book.letters, store)
        for own in SCREEN:
            shutil.copyfile(assets.RESOURCES / own, folder / own)
        (folder / HEAD).write_text(head.elements(chosen), encoding="utf-8")
        variables = {"lang": str(chosen["lang"]), "toc-title": str(chosen["toc-title"])}
        variables |= {"table-of-contents": CONTENTS, "toc": True} if chosen["toc"] else {}
        variables |= {"fatti": options.facts(chosen)}
        # in a file, because the command line is read in whatever encoding the locale names
        defaults = folder / "defaults.yaml"
        defaults.write_text(
            json.dumps({"variables": variables, "css": [*sheets, "page.css", "data.css"]}), encoding="utf-8"
        )
        arguments = ["--to=html5", "--standalone", f"--template={assets.RESOURCES / 'book.html'}"]
        arguments += [] if beside else ["--embed-resources"]
        cover = book.folder / str((chosen.get("annuario") or {}).get("copertina") or "")
        files = [*(path for path in sorted(folder.rglob("*")) if path.is_file()), assets.RESOURCES / "book.html"]
        files += [cover] if cover.is_file() else []
        key = digest(chapters.PANDOC, book.front, *arguments, *includes, *(file_digest(path) for path in files))
        here = [
            f"--defaults={defaults}",
            f"--resource-path={folder}{os.pathsep}{book.folder.resolve()}",
            f"--include-in-header={folder / HEAD}",
            *(f"--include-after-body={folder / one}" for one in includes),
        ]
        text = f"{book.front}\n```{{=html}}\n{BODY}\n```\n"
        return recalled(store, "page", key, lambda: chapters.pandoc(book, text, arguments + here))


def pdf(book: Manuscript, target: Path, project: dict, store: Store | None = None) -> Path:
    """Write the book as a tagged PDF of the standards that ``pdf-standard`` names.

    The bytes depend on the book, its images and the options alone.

    Raises BookError for a broken reference, a missing alternative text, an unknown
    standard or typeface and any other complaint of pandoc or Typst.
    """
    chosen = options.read(book.metadata, project, "typst")
    typed = book.folder / "libro.typ"

    def laid(text: str) -> typst.Compiler:
        typed.write_text(text, encoding="utf-8", newline="\n")
        inputs = {"book": json.dumps(options.printed(chosen), ensure_ascii=False)}
        return press.compiler(typed, book.folder.resolve(), inputs)

    def compiled(text: str) -> bytes:
        for _ in range(MOVES):
            try:
                above = json.loads(laid(text).query("<sopra>", field="value", one=True))
            except RuntimeError:  # what is wrong is said below, in full
                break
            for label in above:  # stands where the text speaks of it, and not at the head of the page
                text = text.replace(f"kind: image) <{label}>", f"kind: image, placement: none) <{label}>")
        content, warnings = laid(text).compile_with_warnings(
            format="pdf", pdf_standards=chosen["pdf-standard"], timestamp=0
        )
        if warnings:
            raise typst.TypstError("".join(str(warning) for warning in warnings))
        return content

    try:
        content = compiled(_typst(book, chosen, store))
    except typst.TypstError as error:
        raise BookError(
            complaints.explained(book, error, lambda: _typst(book, chosen, None, marked=True), compiled)
        ) from error
    except ValueError as error:
        raise BookError(f"_quarto.yml: pdf-standard {chosen['pdf-standard']}: {error}.") from error
    target.write_bytes(tags.mended(content))
    return target


def _typst(book: Manuscript, chosen: dict, store: Store | None, marked: bool = False) -> str:
    """The book as Typst's source, with marks of its parts if they are asked for."""
    texts = book.texts(marked=True) if marked else None
    parts = chapters.convert(book, ["--to=typst-smart"], options.dialect(chosen, "typst"), store, texts)
    arguments = ["--to=typst-smart", "--standalone", f"--template={assets.RESOURCES / 'book.typ'}"]
    page = chapters.pandoc(book, f"{book.front}\n```{{=typst}}\n{BODY}\n```\n", arguments)
    text = page.replace(BODY, chapters.joined(book, parts))
    return FOOT.sub(r"\1repeat: false, ", KEPT.sub(r"\1table.header(level: 2, repeat: false, \2),", text))
