"""The book as pages of a web site, a chapter each: ``tutela-minori/#fig-…`` leads to a chart for as long as it has its name.

Every page is that of the one-page book: the same template, styles and scripts, which lie
beside in ``risorse``. A chapter brings the data of its own charts along; the library that
draws them is loaded when one of them comes near (``site.js``). The search looks through all
pages, by ``cerca.json``, which is loaded at its first use. All links are relative: the folder
can stand anywhere.
"""

from __future__ import annotations

import json
import re
import shutil
from html import escape
from pathlib import Path

from lxml import html

from annuario.execution.cache import Store
from annuario.publish import assets, chapters, charts, options, origins, pages, pandoc
from annuario.publish.manuscript import Manuscript

ASSETS, INDEX, ABOUT = "risorse", "cerca.json", "libro.json"
#: Nothing from elsewhere.
POLICY = (
    "default-src 'none'; img-src 'self' data: blob:; font-src 'self'; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'; connect-src 'self'; base-uri 'none'; form-action 'none'"
)
PICTURE = re.compile(r'(<img [^>]*?\bsrc=")(figure/[^"]+)')
#: What the search takes for one text each.
BLOCKS = ("p", "li", "tr", "figcaption", "dt", "dd", "pre")
LEFT_OUT = ("elenco", "al-testo", "header-section-number")


def site(book: Manuscript, target: Path, project: dict, store: Store | None = None) -> Path:
    """Write the book as a folder of pages, ``index.html`` first.

    Raises BookError for a broken reference, an image that lacks its alternative text and any
    other complaint of pandoc.
    """
    chosen = options.read(book.metadata, project, "html")
    converted = chapters.convert(book, ["--to=html5", "--section-divs"], options.dialect(chosen, "html"), store)
    target.mkdir(parents=True)
    shell = _shell(book, chosen, target / ASSETS, store)
    contents = chapters.contents(book, converted, int(chosen["toc-depth"]))
    opening: list[pages.Page] = []
    found: list[pages.Page] = []
    for one in pages.linked(pages.pages(book, converted), _address):
        (found if one.title else opening).append(one)
    drawn = json.loads(re.sub(r"^<script[^>]*>|</script>$", "", book.charts)) if book.charts else {}
    for place, page in enumerate([None, *found]):
        before, after = found[place - 2] if place > 1 else None, found[place] if place < len(found) else None
        near = _near(page, before, after)
        folder = target / page.name if page else target
        folder.mkdir(exist_ok=True)
        text = pages.relinked(shell[page is not None].replace(pandoc.CONTENTS, contents), page, found, _address)
        head, tail = text.split(pandoc.BODY)
        own = {label.id: drawn[label.id] for label in page.labels if label.id in drawn} if page else {}
        body = (
            page.text
            if page
            else "".join(one.text for one in opening)
            .replace('href="../', 'href="')
            .replace('href="dati/"', 'href="dati/dati.xlsx"')
        )
        body = PICTURE.sub(rf'\1{_up(page)}{ASSETS}/\2" loading="lazy', body)
        head = head.replace("<title>", f"<title>{escape(page.title)} – " if page else "<title>", 1)
        asked = (
            origins.element(book.sentences, book.cells, book.rows, [label.id for label in page.labels]) if page else ""
        )
        written = "".join([head, body, near, charts.data(own), asked, tail])
        (folder / "index.html").write_text(written, encoding="utf-8", newline="\n")
    shutil.copytree(book.folder / "figure", target / ASSETS / "figure")
    index = json.dumps(_units(found, drawn), ensure_ascii=False, separators=(",", ":"))
    (target / INDEX).write_text(index, encoding="utf-8")
    if drawn:
        (target / ASSETS / "vega.js").write_text(charts.library(store), encoding="utf-8")
        shutil.copyfile(assets.RESOURCES / "book.js", target / ASSETS / "book.js")
    day, _ = options.date(chosen)
    about = {
        "titolo": str(chosen["title"]), "sottotitolo": str(chosen.get("subtitle") or ""), "ente": chosen["author"],
        "data": day.isoformat() if day else "", "lingua": str(chosen["lang"]),
        "bozza": bool((chosen.get("annuario") or {}).get("timbro")),
        "capitoli": [{"titolo": page.title, "pagina": f"{page.name}/"} for page in found],
    }  # fmt: skip
    (target / ABOUT).write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return target


def _up(page: pages.Page | None) -> str:
    """The way from a page to the folder of the book."""
    return "../" if page else ""


def _address(page: pages.Page, here: pages.Page | None) -> str:
    return f"{_up(here)}{page.name}/" if page.title else _up(here)


def _near(page: pages.Page | None, before: pages.Page | None, after: pages.Page | None) -> str:
    """Links to the pages before and after."""
    links = []
    if page:
        address = _address(before, page) if before else "../"
        links.append(f'<a rel="prev" href="{address}">{escape(before.title if before else "Frontespizio")}</a>')
    if after:
        links.append(f'<a rel="next" href="{_address(after, page)}">{escape(after.title)}</a>')
    return f'<nav class="vicini" aria-label="Pagine vicine">{"".join(links)}</nav>'


def _shell(book: Manuscript, chosen: dict, beside: Path, store: Store | None) -> tuple[str, str]:
    """What stands around the first page and around a chapter; what both need is laid in ``beside``."""
    around = pandoc.page(book, chosen, store, beside)
    (beside / "defaults.yaml").unlink()
    for name in ("site.css", "site.js"):
        shutil.copyfile(assets.RESOURCES / name, beside / name)
    return _retold(around, ""), _retold(around, "../")


def _retold(around: str, up: str) -> str:
    """The page with its files where ``up`` leads; without the cover where it is a chapter's."""
    page = html.document_fromstring(around)
    for policy in page.xpath("//meta[@http-equiv='Content-Security-Policy']"):
        policy.set("content", POLICY)
    head = page.find("head")
    for picture in page.iter("img"):
        if picture.get("src", "").startswith("figure/"):
            picture.set("src", f"{up}{ASSETS}/{picture.get('src')}")
    for element, name in [
        *((one, "href") for one in page.iter("link")),
        *((one, "src") for one in page.iter("script")),
    ]:
        if element.get(name) and not re.match(r"[a-z]+:|/", element.get(name)):
            element.set(name, f"{up}{ASSETS}/{element.get(name)}")
    head.append(html.fragment_fromstring(f'<link rel="stylesheet" href="{up}{ASSETS}/site.css">'))
    script = html.fragment_fromstring(f'<script src="{up}{ASSETS}/site.js" data-libro="{up or "./"}"></script>')
    page.body.insert(0, script)
    for link in page.xpath("//a[@href='#frontespizio']"):
        link.set("href", up or "./")
    if up:
        for cover in page.xpath("//*[@id='frontespizio']"):
            cover.drop_tree()
        # the book's title, which the cover holds on the first page, heads every page
        for title in page.xpath("//*[contains(@class, 'testata-titolo')]"):
            title.tag = "h1"
    return html.tostring(page, encoding="unicode", doctype="<!DOCTYPE html>")


# The search ---------------------------------------------------------------------------------


def _units(found: list[pages.Page], drawn: dict) -> dict:
    """What the search looks through: for each page its title and texts, each with its section, anchor and context."""
    return {
        "pagine": [{"titolo": page.title, "indirizzo": f"{page.name}/", "testi": _texts(page, drawn)} for page in found]
    }


def _texts(page: pages.Page, drawn: dict) -> list[list[str]]:
    body = html.fromstring(f"<div>{page.text}</div>")
    for name in LEFT_OUT:
        for element in list(body.find_class(name)):
            element.drop_tree()
    texts: list[list[str]] = []
    section, anchor = "", ""
    for element in body.iter(*BLOCKS, "h2", "h3", "h4", "h5", "section", "figure"):
        if element.tag in ("section", "figure"):
            anchor = element.get("id") or anchor
            if element.tag == "figure":
                texts += [
                    [section, anchor, text, ""] for image in element.iter("img") for text in [image.get("alt")] if text
                ]
                texts += _chart(section, anchor, drawn.get(anchor))
            continue
        if element.tag.startswith("h"):
            section = _words(element)
        elif element.tag == "li" and element.find("p") is not None:
            continue
        text, context = _words(element), ""
        if element.tag == "tr":
            text = " · ".join(filter(None, map(_words, element)))
            figure = next(element.iterancestors("figure"), None)
            if figure is not None and element.getparent().tag != "thead":
                context = " ".join(_words(part) for part in (*figure.iter("figcaption"), *figure.iter("thead")))
        if text:
            texts.append([section, anchor, text, context])
    return texts


def _chart(section: str, anchor: str, chart: dict | None) -> list[list[str]]:
    """The data of a chart, a row each."""
    if not chart or "righe" not in chart:
        return []
    context = " ".join(map(str, chart["colonne"]))
    return [[section, anchor, " · ".join(map(str, row)), context] for row in chart["righe"]]


def _words(element) -> str:
    return " ".join(element.text_content().split())
