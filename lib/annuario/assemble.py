"""Assembly: executed notebooks become one Markdown document and a folder of figures.

The document is in Quarto's Markdown dialect (``libro.md``); both publishers read it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import yaml

from annuario import indicators
from annuario.drawings import specification, static_svg
from annuario.errors import ChapterError
from annuario.inline import place

LABEL = re.compile(r"(fig|tbl|sec)-[a-z0-9]+(?:-[a-z0-9]+)*")
REFERENCE = re.compile(r"(?<![\w\\@])@((?:fig|tbl|sec)-[A-Za-z0-9_-]*[A-Za-z0-9])")
HEADING_ID = re.compile(r"^#+ .*\{#((?:sec)-[A-Za-z0-9_-]+)[^}]*\}\s*$", re.MULTILINE)
UNNUMBERED = re.compile(r"^#+ +(.*?) *\{#(sec-[A-Za-z0-9_-]+)[^}]*?(?<= )(?:\.unnumbered|-)(?=[ }])[^}]*\}\s*$", re.MULTILINE)
TITLE = re.compile(r"# .*\{#(sec-[A-Za-z0-9_-]+)")
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
# A table or a figure that the text speaks of; code and what stands in brackets or in a heading is passed over.
MENTION = re.compile(rf"{CODE.pattern}|\[[^\[\]]*\]|^#.*?$|(?<![\w\\@])@((?:fig|tbl)-[a-z0-9-]*[a-z0-9])", re.DOTALL | re.MULTILINE)
# Stands among the attributes of a table or figure until it is known whether the text speaks of it.
END = "\x02{label}\x03"
INDEX_NOTE = "Gli indicatori che questa edizione mostra, servizio per servizio, con le tabelle e le figure che li contengono."
# A sign is not parted from its euros at the end of a line.
AMOUNT = re.compile(r"([−+])(?=€)")


@dataclass
class Document:
    """A book being assembled: its parts, its labels and its figures.

    ``unnumbered`` maps the labels of headings without number to their titles.
    ``chapters`` maps the labels of tables and figures to that of their chapter,
    ``indicators`` the codes of indicators to the tables and figures that show them.
    """

    blocks: list[str] = field(default_factory=list)
    captions: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    unnumbered: dict[str, str] = field(default_factory=dict)
    references: list[tuple[str, str]] = field(default_factory=list)
    mentions: set[str] = field(default_factory=set)
    chapters: dict[str, str] = field(default_factory=dict)
    indicators: dict[str, list[str]] = field(default_factory=dict)
    images: dict[str, str | bytes] = field(default_factory=dict)
    charts: dict[str, dict] = field(default_factory=dict)

    def define(self, label: str, where: str) -> None:
        if not LABEL.fullmatch(label):
            raise ChapterError(
                f"{where}: the label «{label}» is not a valid one: use fig-, tbl- or sec- "
                "and lowercase letters, digits and hyphens."
            )
        if label in self.labels:
            raise ChapterError(f"{where}: the label «{label}» is already used in {self.labels[label]}: choose another.")
        self.labels[label] = where

    def refer(self, text: str, where: str) -> None:
        for label in REFERENCE.findall(CODE.sub("", text)):
            self.references.append((label, where))

    def say(self, text: str, where: str) -> None:
        """Add a text; the first that speaks of a table or figure can be gone back to."""
        self.refer(text, where)
        self.blocks.append(MENTION.sub(self._mention, text.strip()))

    def _mention(self, match: re.Match) -> str:
        label = match[1]
        if not label or label in self.mentions:
            return match[0]
        self.mentions.add(label)
        return f"[@{label}]{{#testo-{label}}}"


def assemble(
    chapters: dict[Path, dict],
    metadata: dict,
    folder: Path,
    draw: Callable[[dict], str] = static_svg,
    catalogue: Mapping[str, indicators.Entry] | None = None,
) -> Document:
    """Write ``libro.md`` and ``figure/`` into ``folder``.

    ``chapters`` maps the source of each notebook (for messages) to its executed form,
    in the book's order; ``metadata`` is the front matter; ``draw`` gives the static drawing of
    a chart; ``catalogue`` names the indicators of the index at the end, which there is not
    without it.

    Raises ChapterError, naming notebook and cell, for a chapter without a labelled
    title, a chart or table without label or caption, a chart without alternative text,
    a label used twice and a reference that does not resolve.
    """
    document = Document()
    for source, notebook in chapters.items():
        _chapter(document, source, notebook)
    for label, where in document.references:
        if label not in document.labels:
            raise ChapterError(f"{where}: the reference @{label} does not resolve: no such label in the book.")
        if label in document.unnumbered:
            title = document.unnumbered[label]
            raise ChapterError(
                f"{where}: the reference @{label} points at «{title}», which has no number: write a link, [{title}](#{label})."
            )
    _draw_charts(document, draw)
    (folder / "figure").mkdir(parents=True, exist_ok=True)
    for name, content in document.images.items():
        path = folder / "figure" / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    front = yaml.safe_dump(metadata, allow_unicode=True, sort_keys=False)
    parts = [*_lists(document), *document.blocks, *_index(document, catalogue or {})]
    text = AMOUNT.sub("\\1\u2060", "\n\n".join(part for part in parts if part))
    text = re.sub(END.format(label="([a-z0-9-]+)"), lambda match: _back(document, match[1]), text)
    whole = [f"---\n{front}---", text, _chart_data(document)]
    (folder / "libro.md").write_text("\n\n".join(part for part in whole if part) + "\n", encoding="utf-8")
    return document


def _chapter(document: Document, source: Path, notebook: dict) -> None:
    title = None
    for index, cell in enumerate(notebook["cells"]):
        where = f"{source}, {place(notebook, index)}"
        if cell["cell_type"] == "markdown" and cell["source"].strip():
            for label in HEADING_ID.findall(cell["source"]):
                document.define(label, where)
            document.unnumbered |= {label: name for name, label in UNNUMBERED.findall(cell["source"])}
            opening = TITLE.match(cell["source"].lstrip())
            if not title and not opening:
                raise ChapterError(f"{where}: a chapter opens with its title and label: «# Titolo {{#sec-titolo}}».")
            title = title or opening[1]
            document.say(cell["source"], where)
        elif cell["cell_type"] == "code":
            options = cell["metadata"].get("annuario", {}).get("options", {})
            for output in cell["outputs"]:
                if output["output_type"] in ("execute_result", "display_data"):
                    _output(document, output, options, title, where)


def _output(document: Document, output: dict, options: dict, chapter: str | None, where: str) -> None:
    """Add one output of a code cell of a chapter."""
    data, facts = output["data"], output["metadata"].get("annuario", {})
    spec = specification(data)
    image = next((key for key in ("image/svg+xml", "image/png") if key in data), None)
    if spec or image:
        label, caption = _captioned(document, options, "fig", where)
        alt = options.get("fig-alt") or facts.get("alt")
        name = f"{label}.png" if image == "image/png" else f"{label}.svg"
        if spec:
            drawn = {key: value for key, value in facts.items() if key != "indicatori"}
            document.charts[label] = {**drawn, "alt": alt, "spec": spec}
        else:
            document.images[name] = base64.b64decode(data[image]) if image == "image/png" else data[image]
        document.blocks.append(_figure(label, caption, alt, name, where))
    elif "text/markdown" in data:
        text = data["text/markdown"].strip()
        if not text.startswith("|"):
            document.say(text, where)
            return
        document.refer(text, where)
        label, caption = _captioned(document, options, "tbl", where)
        table, _, notes = text.partition("\n\n")
        below = f"::: {{.note-tabella}}\n{notes}\n:::" if notes else ""
        document.blocks += [table, f": {caption} {{#{label}{END.format(label=label)}}}", below]
    else:
        raise ChapterError(
            f"{where}: the output has no form that a book can hold ({', '.join(sorted(data))}): "
            "end the cell with a chart, a table or Markdown."
        )
    document.chapters[label] = chapter
    for code in facts.get("indicatori", []):
        document.indicators.setdefault(code, []).append(label)


def _captioned(document: Document, options: dict, kind: str, where: str) -> tuple[str, str]:
    """The label and the caption of a figure or table."""
    label, caption = options.get("label"), options.get(f"{kind}-cap")
    if not label or not str(label).startswith(f"{kind}-") or not caption:
        what = "chart" if kind == "fig" else "table"
        raise ChapterError(f"{where}: a {what} needs «#| label: {kind}-…» and «#| {kind}-cap: …».")
    document.define(label, where)
    document.refer(caption, where)
    document.captions[label] = caption
    return label, caption


def _back(document: Document, label: str) -> str:
    """Asks for a link from a caption to the text that first speaks of its table or figure."""
    return f' testo="#testo-{label}"' if label in document.mentions else ""


def _figure(label: str, caption: str, alt: str | None, name: str, where: str) -> str:
    if not (alt or "").strip():
        raise ChapterError(f"{where}: the figure {label} has no alternative text: add «#| fig-alt: …».")
    quoted = alt.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'![{caption}](figure/{name}){{#{label} fig-alt="{quoted}"{END.format(label=label)}}}'


def _draw_charts(document: Document, draw: Callable[[dict], str]) -> None:
    for label, chart in document.charts.items():
        document.images[f"{label}.svg"] = draw(chart["spec"])


def _lists(document: Document) -> list[str]:
    """The lists of figures and of tables, after the table of contents."""
    parts = []
    for kind, title, name in (("fig", "Indice delle figure", "figure"), ("tbl", "Indice delle tabelle", "tabelle")):
        items = [f"- @{label}: {caption}" for label, caption in document.captions.items() if label.startswith(kind)]
        if items:
            parts.append(f"# {title} {{#sec-indice-{name} .unnumbered}}")
            parts.append(f"::: {{.elenco-{name}}}\n\n" + "\n".join(items) + "\n\n:::")
    return parts


def _index(document: Document, catalogue: Mapping[str, indicators.Entry]) -> list[str]:
    """The index of indicators, at the end of the book."""
    entries = indicators.index(catalogue, document.indicators, document.chapters, document.unnumbered)
    if not entries:
        return []
    title = "# Indice degli indicatori {#sec-indice-indicatori .unnumbered}"
    return [title, INDEX_NOTE, f"::::: {{.indice-indicatori}}\n\n{entries}\n\n:::::"]


def _chart_data(document: Document) -> str:
    """What the page needs to draw the interactive charts, as one JSON block."""
    if not document.charts:
        return ""
    text = orjson.dumps(document.charts, option=orjson.OPT_SORT_KEYS).decode("utf-8")
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return f'```{{=html}}\n<script type="application/json" id="annuario-grafici">{safe}</script>\n```'

