"""The book as an EPUB 3: the chapters of the page, a document each, with its pictures and nothing from elsewhere."""

from __future__ import annotations

import mimetypes
import re
import uuid
import zipfile
from html import escape
from pathlib import Path
from urllib.parse import unquote

from lxml import etree, html

from annuario.errors import BookError
from annuario.execution.cache import Store
from annuario.messages import say, why
from annuario.publish import assets, chapters, options, pages
from annuario.publish.manuscript import Manuscript
from annuario.publish.word import EPOCH

CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="libro/libro.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="{lang}" xml:lang="{lang}">
<head><title>{title}</title><link rel="stylesheet" type="text/css" href="epub.css"/></head>
<body>{body}</body>
</html>
"""
PACKAGE = """<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="libro" xml:lang="{lang}">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="libro">urn:uuid:{identifier}</dc:identifier>
<dc:title>{title}</dc:title>
<dc:language>{lang}</dc:language>
{more}
<meta property="dcterms:modified">{day}T00:00:00Z</meta>
<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessMode">visual</meta>
<meta property="schema:accessModeSufficient">textual</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityFeature">structuralNavigation</meta>
<meta property="schema:accessibilityHazard">none</meta>
<meta property="schema:accessibilitySummary">Ogni grafico ha un testo alternativo, ogni tabella le sue intestazioni.</meta>
</metadata>
<manifest>
{manifest}
</manifest>
<spine>
{spine}
</spine>
</package>
"""
#: Attributes of a page that scrolls, of no use in a book for reading.
SCREEN = ("tabindex", "role")


def epub(book: Manuscript, target: Path, project: dict, store: Store | None = None) -> Path:
    """Write the book as an EPUB 3; its bytes depend on the book and the options alone.

    Raises BookError for a broken reference, an image that cannot be read or lacks its
    alternative text, and any other complaint of pandoc.
    """
    chosen = options.read(book.metadata, project, "html")
    arguments = ["--to=html5", "--section-divs"]
    converted = chapters.convert(book, arguments, options.dialect(chosen, "html"), store)
    found = pages.linked(pages.pages(book, converted), lambda page, _: f"{page.name}.xhtml")
    lang, title = options.language(chosen), str(chosen["title"])
    documents = {page.name: (page.title or title, _xhtml(page.text)) for page in found}
    headings = _headings(book, converted, found, int(chosen["toc-depth"]))
    files: dict[str, bytes] = {}
    wraps = {
        "frontespizio": (title, _cover(book, chosen)),
        "indice": (str(chosen["toc-title"]), _nav(chosen, headings)),
    }
    for name, (heading, body) in {**wraps, **documents}.items():
        text = DOCUMENT.format(lang=lang, title=escape(heading), body=body)
        files[f"{name}.xhtml"] = text.encode("utf-8")
    files["epub.css"] = (assets.RESOURCES / "epub.css").read_bytes()
    files |= _pictures(book, [page.text for page in found])
    day, _ = options.date(chosen)
    package = PACKAGE.format(
        lang=lang,
        title=escape(title),
        identifier=uuid.uuid5(uuid.NAMESPACE_URL, "/".join([*chosen["author"], title])),
        day=day.isoformat() if day else "2000-01-01",
        more="\n".join(
            [f"<dc:creator>{escape(name)}</dc:creator>" for name in chosen["author"]]
            + ([f"<dc:date>{day.isoformat()}</dc:date>"] if day else [])
        ),
        manifest="\n".join(_item(number, name, content) for number, (name, content) in enumerate(files.items())),
        spine="\n".join(
            f'<itemref idref="f{number}"/>' for number, name in enumerate(files) if name.endswith(".xhtml")
        ),
    )
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype", EPOCH), "application/epub+zip", zipfile.ZIP_STORED)
        for name, content in {
            "META-INF/container.xml": CONTAINER.encode("utf-8"),
            "libro/libro.opf": package.encode("utf-8"),
            **{f"libro/{name}": content for name, content in files.items()},
        }.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return target


def _xhtml(text: str) -> str:
    """A chapter as well-formed XML, without what only a page that scrolls needs."""
    body = html.fromstring(f"<div>{text}</div>")
    for comment in list(body.iter(etree.Comment)):
        comment.drop_tree()
    for needless in [*body.iter("summary"), *body.find_class("scarica"), *body.find_class("ancora")]:
        needless.drop_tree()
    for element in body.iter(etree.Element):
        if element.tag == "details":
            element.tag = "div"
        if element.tag == "th" and not element.text_content().strip():  # it heads nothing
            element.tag = "td"
            element.attrib.pop("scope", None)
        for name in SCREEN:
            element.attrib.pop(name, None)
        if element.tag == "div":
            element.attrib.pop("aria-labelledby", None)
            element.attrib.pop("aria-label", None)
        if element.get("align") and element.tag in ("td", "th"):
            element.set("style", f"text-align: {element.attrib.pop('align')};")
    return "".join(etree.tostring(child, encoding="unicode", method="xml") for child in body)


def _cover(book: Manuscript, chosen: dict) -> str:
    own = chosen.get("annuario") or {}
    lines = [("ente", ", ".join(chosen["author"])), ("subtitle", str(chosen.get("subtitle") or "")),
             ("timbro", str(own.get("timbro") or "")), ("date", " · ".join(options.facts(chosen)))]  # fmt: skip
    told = {kind: f'<p class="{kind}">{escape(text)}</p>' if text else "" for kind, text in lines}
    note = ""
    if chosen.get("description"):
        words = chapters.pandoc(book, str(chosen["description"]), ["--to=html5"])
        note = _xhtml(re.sub(r"<a\b[^>]*>|</a>", "", words))
    return (
        f'<section class="frontespizio" epub:type="titlepage">{told["ente"]}<h1>{escape(str(chosen["title"]))}</h1>'
        f"{told['subtitle']}{told['timbro']}{note}{told['date']}</section>"
    )


def _headings(
    book: Manuscript, converted: list[chapters.Chapter], found: list[pages.Page], depth: int
) -> list[tuple[int, str, str]]:
    """Level, title and address of each heading; none is more than one level below the one before it."""
    number, named = chapters.numbers(converted), chapters.namer(book, converted)
    headings: list[tuple[int, str, str]] = []
    for page in found:
        for label in page.labels:
            if label.kind == "sec" and label.level <= depth:
                title = pages.plain(named(" ".join(filter(None, (number.get(label.id), label.title)))))
                level = min(label.level, headings[-1][0] + 1 if headings else 1)
                headings.append((level, title, f"{page.name}.xhtml#{label.id}"))
    return headings


def _nav(chosen: dict, headings: list[tuple[int, str, str]]) -> str:
    """The contents, by which reading systems find their way."""
    parts, level = [], 0
    for depth, title, address in headings:
        parts += ["<ol>"] * (depth - level) + ["</li>"] * (depth <= level) + ["</ol></li>"] * (level - depth)
        parts.append(f'<li><a href="{escape(address)}">{escape(title)}</a>')
        level = depth
    parts += ["</li></ol>"] * level
    return (
        f'<nav epub:type="toc" role="doc-toc" id="toc"><h1>{escape(str(chosen["toc-title"]))}</h1>{"".join(parts)}</nav>'
        '<nav epub:type="landmarks" hidden="hidden"><ol><li><a epub:type="titlepage" href="frontespizio.xhtml">'
        'Frontespizio</a></li><li><a epub:type="toc" href="#toc">Indice</a></li></ol></nav>'
    )


def _pictures(book: Manuscript, texts: list[str]) -> dict[str, bytes]:
    """The pictures that the chapters name, by their names."""
    names = dict.fromkeys(match[2] for text in texts for match in chapters.IMAGE.finditer(text))
    found = {}
    for name in names:
        try:
            found[unquote(name)] = (book.folder / unquote(name)).read_bytes()
        except OSError as error:
            raise BookError(
                say(
                    "{where}: the image {name} cannot be read ({why}): save it beside the book.",
                    where=book.of_text(name),
                    name=name,
                    why=why(error),
                )
            ) from error
    return found


def _item(number: int, name: str, content: bytes) -> str:
    kind = "application/xhtml+xml" if name.endswith(".xhtml") else mimetypes.guess_type(name)[0]
    holds = [*(["nav"] if name == "indice.xhtml" else []), *(["mathml"] if b"<math" in content else [])]
    properties = f' properties="{" ".join(holds)}"' if holds and name.endswith(".xhtml") else ""
    return f'<item id="f{number}" href="{escape(name)}" media-type="{kind}"{properties}/>'
