"""The book as a Word document: pandoc's, over a template made here, with fields and places to come back to.

The chapters go through ``book.lua`` as they do for the page and for paper. Captions number
themselves by Word's own fields and the contents are a field, so that both follow what an
editor changes; until then they say what the other forms say. Each cell of the book has a
bookmark, by which :mod:`annuario.book.review` finds the way back; so have the edition and the
making of the document, which tell of which book the cells are and what it said.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import orjson
import pypandoc
from lxml import etree

from annuario.execution.cache import Store
from annuario.publish import assets, chapters, options, pictures
from annuario.publish.manuscript import Manuscript, Part

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
#: How the bookmarks begin of cells, of what comes from no cell, of the edition, of the making; Word takes no longer ones.
CELL, NO_CELL, BOOK, PRINT, LONGEST = "cella_", "nessuna_cella_", "edizione_", "fattura_", 40
PLACE = re.compile(r"([^/\\]+)\.ipynb, \w+ (\d+)$")
ITEM = re.compile(r"\s*([-*+:]|\d+[.)]|\(?[a-z][.)])\s+(?=[\w*«“\"'(])")
#: The first instant that a ZIP file knows: the bytes depend on the book alone.
EPOCH = (1980, 1, 1, 0, 0, 0)
#: A face that every Word has: in the place of one that it lacks it takes any.
FACE = "Calibri"
#: A twentieth of a point, Word's measure.
TWIPS = 20
#: How wide a sign is, in its size; what stands at the edges of a cell; from how many signs on a cell may have more lines.
LETTER, EDGES, FULL = 0.62, 230, 42
#: The fill of rows that sum others, as on paper.
TOTAL = "E9F1F2"
HEAD = '<w:{kind} xmlns:w="{w}"><w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{text}</w:p></w:{kind}>'


def docx(book: Manuscript, target: Path, project: dict, store: Store | None = None) -> Path:
    """Write the book as a Word document; its bytes depend on the book and the options alone.

    Raises BookError for a broken reference, a missing alternative text and any other
    complaint of pandoc.
    """
    chosen = options.read(book.metadata, project, "typst")
    converted = chapters.convert(
        book, ["--to=json"], options.dialect(chosen, "typst"), store, list(_anchored(book)), _taken
    )
    body = json.loads("[" + chapters.joined(book, converted).rstrip(",") + "]")
    contents = _contents(converted, int(chosen["toc-depth"]), str(chosen["toc-title"])) if chosen["toc"] else []
    document = {
        "pandoc-api-version": _api_version(),
        "meta": {},
        "blocks": [*_told(book, body), *_cover(book, chosen), *contents, *body],
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures.for_print(book.folder / "figure", folder / "figure", store)
        (folder / "modello.docx").write_bytes(_template(chosen))
        metadata = {"lang": options.language(chosen), "pagetitle": str(chosen["title"])}
        defaults = folder / "defaults.yaml"
        defaults.write_text(json.dumps({"metadata": metadata}), encoding="utf-8")
        made = folder / "libro.docx"
        arguments = [
            "--from=json", "--to=docx", f"--defaults={defaults}", f"--reference-doc={folder / 'modello.docx'}",
            f"--resource-path={folder}", f"--output={made}",
        ]  # fmt: skip
        chapters.pandoc(book, orjson.dumps(document).decode("utf-8"), arguments)
        target.write_bytes(_finished(made.read_bytes(), chosen))
    return target


def anchor(where: str) -> str:
    """The bookmark of a cell, by its place in messages; nothing where it is no cell of a notebook."""
    found = PLACE.search(where)
    return _short(CELL, f"{found[1]}_{found[2]}") if found else ""


def told(edition: str) -> str:
    """The bookmark that says the edition, or an extract's."""
    return _short(BOOK, edition)


def _short(kind: str, name: str) -> str:
    """The name of a bookmark; one that is too long ends in a number of its own."""
    plain, room = re.sub(r"\W", "_", name), LONGEST - len(kind)
    if len(plain) > room:
        plain = f"{plain[: room - 9]}_{zlib.crc32(name.encode()):08x}"
    return kind + plain


def _told(book: Manuscript, body: list[dict]) -> list[dict]:
    edition = str((book.metadata.get("annuario") or {}).get("edizione") or "")
    names = [told(edition)] if edition else []
    return [_mark(name) for name in (*names, f"{PRINT}{zlib.crc32(orjson.dumps(body)):08x}")]


def _mark(name: str) -> dict:
    return _raw(_bookmark(name), "RawBlock")


def _bookmark(name: str) -> str:
    number = zlib.crc32(name.encode()) % 10**9 + 10**6
    return f'<w:bookmarkStart w:id="{number}" w:name="{name}"/><w:bookmarkEnd w:id="{number}"/>'


def _anchored(book: Manuscript) -> Iterator[str]:
    """The chapters' texts, with a bookmark before each part that comes from a cell, and where none does any more."""

    def text(part: Part, before: Part | None, chapter: int) -> str:
        name = anchor(part.where) or ("" if before and not anchor(before.where) else f"{NO_CELL}{chapter}")
        item = ITEM.match(part.text)
        if item:  # in the list, which may go on from the cell before
            return f"{item[0]}`{_bookmark(name)}`{{=openxml}}{part.text[item.end() :]}" if name else part.text
        return f"```{{=openxml}}\n{_bookmark(name)}\n```\n\n{part.text}" if name else part.text

    for number, chapter in enumerate(book.chapters, 1):
        parts = zip(chapter, [None, *chapter])
        yield "\n\n".join(text(part, before, number) for part, before in parts) + "\n"


def _taken(written: str) -> dict:
    """A chapter's blocks as JSON, each followed by a comma, parted from its labels."""
    blocks = orjson.loads(written)["blocks"]
    labels = orjson.loads(blocks.pop()["c"][1].strip("\ue002")) or []
    for label in labels:
        label["title"] = json.dumps(label.get("title", ""), ensure_ascii=False)[1:-1]  # goes into JSON
    return {"text": "".join(f"{orjson.dumps(block).decode('utf-8')}," for block in blocks), "labels": labels}


@cache
def _api_version() -> list[int]:
    command = [pypandoc.get_pandoc_path(), "--from=markdown", "--to=json"]
    empty = subprocess.run(command, input="", capture_output=True, encoding="utf-8", check=True).stdout
    return json.loads(empty)["pandoc-api-version"]


# Blocks of pandoc's -------------------------------------------------------------------------


def _styled(style: str, *inlines: dict) -> dict:
    return {"t": "Div", "c": [["", [], [["custom-style", style]]], [{"t": "Para", "c": list(inlines)}]]}


def _text(text: str) -> dict:
    return {"t": "Str", "c": text}


def _raw(xml: str, kind: str = "RawInline") -> dict:
    return {"t": kind, "c": ["openxml", xml]}


def _cover(book: Manuscript, chosen: dict) -> list[dict]:
    """The cover: whose book it is, what it is called, what edition, which day."""
    own = chosen.get("annuario") or {}
    lines = [
        *(("Author", name) for name in chosen["author"]), ("Title", str(chosen["title"])),
        ("Subtitle", str(chosen.get("subtitle") or "")), ("Timbro", str(own.get("timbro") or "")),
    ]  # fmt: skip
    blocks = [_styled(style, _text(text)) for style, text in lines if text]
    if chosen.get("description"):
        note = json.loads(chapters.pandoc(book, str(chosen["description"]), ["--to=json"]))["blocks"]
        blocks.append({"t": "Div", "c": [["", [], [["custom-style", "Abstract"]]], note]})
    return [*blocks, *(_styled("Date", _text(fact)) for fact in options.facts(chosen))]


def _contents(converted: list[chapters.Chapter], depth: int, title: str) -> list[dict]:
    """The contents: a field of Word's, which says what the other forms say until Word makes it anew."""
    number = chapters.numbers(converted)
    headings = [
        label for chapter in converted for label in chapter.labels if label.kind == "sec" and label.level <= depth
    ]
    lines = []
    for heading in headings:
        words = " ".join(filter(None, (number.get(heading.id), json.loads(f'"{heading.title}"'))))
        words = chapters.MARK.sub(lambda mark: f"{mark[2] or ''} {number.get(mark[1], '')}".strip(), words)
        link = {"t": "Link", "c": [["", [], []], [_text(words)], [f"#{heading.id}", ""]]}
        lines.append((f"toc {heading.level}", [link]))
    if not lines:
        return []
    code = f' TOC \\o "1-{depth}" \\h \\z \\u '
    begin = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve">{code}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    lines[0][1].insert(0, _raw(begin))
    lines[-1][1].append(_raw('<w:r><w:fldChar w:fldCharType="end"/></w:r>'))
    return [_styled("TOC Heading", _text(title)), *(_styled(style, *inlines) for style, inlines in lines)]


# The template -------------------------------------------------------------------------------


def _template(chosen: dict) -> bytes:
    """pandoc's template with the book's styles, paper, running heads and language."""
    command = [pypandoc.get_pandoc_path(), "--print-default-data-file=reference.docx"]
    parts = _parts(subprocess.run(command, capture_output=True, check=True).stdout)
    parts["word/styles.xml"] = _styles(parts["word/styles.xml"], chosen)
    parts["word/settings.xml"] = _settings(parts["word/settings.xml"], options.language(chosen))
    field = '<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    mark = str((chosen.get("annuario") or {}).get("testatina") or "")
    words = escape(" · ".join(filter(None, (str(chosen["title"]), mark))))
    text = f'<w:r><w:t xml:space="preserve">{words}</w:t></w:r>'
    parts["word/header1.xml"] = HEAD.format(kind="hdr", w=W, style="Header", text=text).encode("utf-8")
    parts["word/footer1.xml"] = HEAD.format(kind="ftr", w=W, style="Footer", text=field).encode("utf-8")
    types = "".join(
        f'<Override PartName="/word/{name}1.xml" ContentType="{TYPES}.{name}+xml"/>' for name in ("header", "footer")
    )
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", f"{types}</Types>".encode())
    links = "".join(
        f'<Relationship Id="rIdBook{name}" Type="{R}/{name}" Target="{name}1.xml"/>' for name in ("header", "footer")
    )
    relations = "word/_rels/document.xml.rels"
    parts[relations] = parts[relations].replace(b"</Relationships>", f"{links}</Relationships>".encode())
    document = etree.fromstring(parts["word/document.xml"])
    body = document[0]
    body[:] = [_section(chosen, heads=True)]
    parts["word/document.xml"] = etree.tostring(document, xml_declaration=True, encoding="UTF-8", standalone=True)
    return _zipped(parts)


def _styles(declared: bytes, chosen: dict) -> bytes:
    """pandoc's styles, with the book's own in the place of those of the same name."""
    styles = etree.fromstring(declared)
    points = float(options.printed(chosen)["size"].rstrip("cimnpt"))
    text = (assets.RESOURCES / "styles.xml").read_text(encoding="utf-8")
    text = text.replace("{font}", FACE).replace("{size}", str(round(points * 2)))
    own = etree.fromstring(text.replace("{lang}", options.language(chosen)).encode("utf-8"))
    for new in own:
        same = [
            old for old in styles if old.tag == new.tag and old.get(f"{{{W}}}styleId") == new.get(f"{{{W}}}styleId")
        ]
        for old in same:
            styles.replace(old, new)
        if not same:
            styles.append(new)
    return etree.tostring(styles, xml_declaration=True, encoding="UTF-8", standalone=True)


def _settings(declared: bytes, lang: str) -> bytes:
    settings = etree.fromstring(declared)
    for name, value in (("themeFontLang", lang), ("decimalSymbol", ","), ("listSeparator", ";")):
        for found in settings.iter(f"{{{W}}}{name}"):
            found.set(f"{{{W}}}val", value)
    return etree.tostring(settings, xml_declaration=True, encoding="UTF-8", standalone=True)


def _section(chosen: dict, sideways: bool = False, heads: bool = False) -> etree._Element:
    """Paper and margins of a run of pages; the heads, once said, hold for those that follow."""
    width, height = (round(side * TWIPS) for side in options.paper(chosen))
    margin = {side: round(length * TWIPS) for side, length in options.margins(chosen).items()}
    if sideways:
        width, height = height, width
    references = "".join(
        f'<w:{name}Reference w:type="default" r:id="rIdBook{name}"/>' for name in ("header", "footer") if heads
    )
    turned = ' w:orient="landscape"' if sideways else ""
    edges = " ".join(f'w:{side}="{margin[side]}"' for side in ("top", "right", "bottom", "left"))
    return etree.fromstring(
        f'<w:sectPr xmlns:w="{W}" xmlns:r="{R}">{references}<w:pgSz w:w="{width}" w:h="{height}"{turned}/>'
        f'<w:pgMar {edges} w:header="720" w:footer="720" w:gutter="0"/>{"<w:titlePg/>" if heads else ""}</w:sectPr>'
    )


# What pandoc has made -----------------------------------------------------------------------


def _finished(made: bytes, chosen: dict) -> bytes:
    parts = _parts(made)
    document = etree.fromstring(parts["word/document.xml"])
    _turn_pages(document[0], chosen)
    for table in document.iter(f"{{{W}}}tbl"):
        _table(table)
        _columns(table)
    for found in document.iter("{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"):
        found.attrib.pop("title", None)
    parts["word/document.xml"] = etree.tostring(document, xml_declaration=True, encoding="UTF-8", standalone=True)
    day, _ = options.date(chosen)
    stamp = f"{day.isoformat() if day else '2000-01-01'}T00:00:00Z"
    core = parts["docProps/core.xml"].decode("utf-8")
    core = re.sub(r"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rf"\g<1>{stamp}", core)
    core = re.sub(r"(<dc:title>)[^<]*", lambda found: found[1] + escape(str(chosen["title"])), core)
    core = re.sub(r"(<dc:creator>)[^<]*", lambda found: found[1] + escape("; ".join(chosen["author"])), core)
    parts["docProps/core.xml"] = core.encode("utf-8")
    return _zipped(parts)


def _turn_pages(body: etree._Element, chosen: dict) -> None:
    """Pages turned sideways between the two marks of book.lua; where one table follows another, once."""
    marks = [
        (found, found[0][0].get(f"{{{W}}}val"))
        for found in body.iter(f"{{{W}}}p")
        if len(found) == 1 and len(found[0]) == 1 and found[0][0].get(f"{{{W}}}val") in ("Gira", "Raddrizza")
    ]
    heads = True
    for place, (found, kind) in enumerate(marks):
        after = marks[place + 1][0] if place + 1 < len(marks) else None
        if kind == "Raddrizza" and after is not None and not _between(found, after):
            found.getparent().remove(found)
            after.getparent().remove(after)
            marks[place + 1] = (after, "")
            continue
        if kind:
            found[0][0].set(f"{{{W}}}val", "Gira")
            found[0].append(_section(chosen, kind == "Raddrizza", heads))
            heads = False
    if not heads:  # the first run of pages has said them
        last = body[-1]
        for name in ("headerReference", "footerReference", "titlePg"):
            for old in last.findall(f"{{{W}}}{name}"):
                last.remove(old)
    for old in body.iter(f"{{{W}}}numRestart"):
        old.getparent().remove(old)


def _between(one: etree._Element, other: etree._Element) -> bool:
    """Whether something is printed between two paragraphs."""
    found = one.getnext()
    while found is not None and found is not other:
        if found.tag in (f"{{{W}}}p", f"{{{W}}}tbl", f"{{{W}}}sdt"):
            return True
        found = found.getnext()
    return False


def _table(table: etree._Element) -> None:
    """Rows that no page parts, and a fill for those that sum others."""
    for row in table.findall(f"{{{W}}}tr"):
        properties = row.find(f"{{{W}}}trPr")
        if properties is None:
            properties = etree.SubElement(row, f"{{{W}}}trPr")
            row.insert(0, properties)
        heads = properties.find(f"{{{W}}}tblHeader") is not None
        properties.insert(0, etree.Element(f"{{{W}}}cantSplit"))
        first = row.find(f".//{{{W}}}r")
        if not heads and first is not None and first.find(f"{{{W}}}rPr/{{{W}}}b") is not None:
            for cell in row.findall(f"{{{W}}}tc"):
                own = cell.find(f"{{{W}}}tcPr")
                fill = etree.SubElement(own, f"{{{W}}}shd")
                for key, value in (("val", "clear"), ("color", "auto"), ("fill", TOTAL)):
                    fill.set(f"{{{W}}}{key}", value)


def _columns(table: etree._Element) -> None:
    """Columns as wide as what they hold, and all as wide as the page at most: some programs make them all alike."""
    width = table.find(f"{{{W}}}tblPr/{{{W}}}tblW")
    grid = table.findall(f"{{{W}}}tblGrid/{{{W}}}gridCol")
    section = _section_of(table)
    if width is None or width.get(f"{{{W}}}type") != "auto" or section is None or not grid:
        return
    size, margin = section.find(f"{{{W}}}pgSz"), section.find(f"{{{W}}}pgMar")
    page = int(size.get(f"{{{W}}}w")) - sum(int(margin.get(f"{{{W}}}{side}")) for side in ("left", "right"))
    least, wanted = [0.0] * len(grid), [0.0] * len(grid)
    style = table.find(f"{{{W}}}tblPr/{{{W}}}tblStyle").get(f"{{{W}}}val", "")
    sign = TWIPS * LETTER * (float(f"{style[7:8]}.{style[8:] or 0}") if style[7:8].isdigit() else 9)
    for row in table.findall(f"{{{W}}}tr"):
        place = 0
        for cell in row.findall(f"{{{W}}}tc"):
            span = cell.find(f"{{{W}}}tcPr/{{{W}}}gridSpan")
            wide = int(span.get(f"{{{W}}}val")) if span is not None else 1
            if wide == 1 and place < len(grid):
                text = "".join(part.text or "" for part in cell.iter(f"{{{W}}}t"))
                longest = max(map(len, text.split(" ")), default=0)
                least[place] = max(least[place], longest * sign + EDGES)
                wanted[place] = max(wanted[place], min(len(text), FULL) * sign + EDGES, least[place])
            place += wide
    room = max(page - sum(least), 0)
    share = min(1.0, room / (sum(wanted) - sum(least))) if sum(wanted) > sum(least) else 0.0
    found = [low + (high - low) * share for low, high in zip(least, wanted)]
    found = [round(one * min(1.0, page / sum(found))) for one in found]
    width.set(f"{{{W}}}type", "dxa")
    width.set(f"{{{W}}}w", str(sum(found)))
    for column, one in zip(grid, found):
        column.set(f"{{{W}}}w", str(one))


def _section_of(element: etree._Element) -> etree._Element | None:
    """The paper of the run of pages that something stands on: that which is told of next."""
    return next(iter(element.xpath("following::w:sectPr[1]", namespaces={"w": W})), None)


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _zipped(parts: dict[str, bytes]) -> bytes:
    """The parts as one file, in their order, all of the same day."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()
