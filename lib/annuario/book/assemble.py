"""Assembly: executed notebooks become one Markdown document and a folder of figures.

The document is in Quarto's Markdown dialect; both publishers get it as a
:class:`~annuario.publish.manuscript.Manuscript`, and ``libro.md`` holds it as one text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from annuario.book import colophon, indicators, opening, outputs
from annuario.book.drawings import static_svg
from annuario.data.value import Record
from annuario.errors import ChapterError
from annuario.messages import say
from annuario.project import Project
from annuario.publish import charts
from annuario.publish.manuscript import Manuscript, Part
from annuario.text import links, passages, prose
from annuario.text.boxes import closed
from annuario.text.jupyter import place
from annuario.text.passages import END
from annuario.text.place import Place
from annuario.text.targets import LINK, anchor
from annuario.words.markdown import with_apostrophes

LABEL = re.compile(r"(fig|tbl|sec)-[a-z0-9]+(?:-[a-z0-9]+)*")
INDEX_NOTE = (
    "Gli indicatori che questa edizione mostra, servizio per servizio, con le tabelle e le figure che li contengono."
)
# A sign is not parted from its euros at the end of a line.
AMOUNT = re.compile(r"([−+])(?=€)")
#: The forms of raw cells that are Markdown: those of no form are, to Quarto.
MARKDOWN = ("", "text/markdown", "markdown", "text/x-markdown")


@dataclass
class Document:
    """A book being assembled: its parts, its labels and its figures.

    ``parts`` are those of each chapter; ``unnumbered`` maps the labels
    of headings without number to their titles, ``headlines`` those of chapters; ``chapters`` maps the labels
    of tables and figures to that of their chapter, ``indicators`` the codes of indicators to
    the tables and figures that show them, ``sources`` their labels to the rows of the data
    that they rest on; ``titles`` maps notebooks to the labels of their
    titles, ``anchors`` to the places in them that links can lead to; ``files`` are the
    pictures that it took in; ``boxes``, ``notes`` and ``called`` are the boxes open at this point, the
    notes and their marks of the chapter, each with its cell; ``problems`` what is wrong, each with its notebook and cell;
    ``lacking`` the sources of chapters that could not be executed; ``manuscript`` is the book once it is assembled.
    """

    root: Path
    parts: list[list[Part]] = field(default_factory=list)
    captions: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    unnumbered: dict[str, str] = field(default_factory=dict)
    headlines: dict[str, str] = field(default_factory=dict)
    references: list[tuple[str, str]] = field(default_factory=list)
    links: list[tuple[str, Place]] = field(default_factory=list)
    mentions: set[str] = field(default_factory=set)
    chapters: dict[str, str] = field(default_factory=dict)
    indicators: dict[str, list[str]] = field(default_factory=dict)
    sources: dict[str, list[Record]] = field(default_factory=dict)
    images: dict[str, str | bytes] = field(default_factory=dict)
    charts: dict[str, dict] = field(default_factory=dict)
    titles: dict[Path, str] = field(default_factory=dict)
    anchors: dict[Path, dict[str, str]] = field(default_factory=dict)
    files: set[Path] = field(default_factory=set)
    boxes: list[tuple[str, str]] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    lacking: dict[Path, str] = field(default_factory=dict)
    manuscript: Manuscript | None = None

    def problem(self, where: str, text: str) -> None:
        self.problems.append(f"{where}: {text}")

    def define(self, label: str, where: str) -> bool:
        """Declare a label; False where it is not a valid one, or taken."""
        if not LABEL.fullmatch(label):
            self.problem(
                where,
                say(
                    "the label «{label}» is not a valid one: use fig-, tbl- or sec- and lowercase letters, "
                    "digits and hyphens.",
                    label=label,
                ),
            )
        elif label in self.labels:
            self.problem(
                where,
                say(
                    "the label «{label}» is already used in {labels}: choose another.",
                    label=label,
                    labels=self.labels[label],
                ),
            )
        else:
            self.labels[label] = where
            return True
        return False

    def add(self, text: str, where: str) -> None:
        """Add a part that is ready."""
        if text:
            self.parts[-1].append(Part(text, where))

    def say(self, text: str, place: Place) -> None:
        """Add a text; the first that speaks of a table or figure can be gone back to."""
        self.add(passages.ready(self, text, place, aloud=True), place.where)


def assemble(
    chapters: dict[Path, dict],
    metadata: dict,
    folder: Path,
    draw: Callable[[dict], str] = static_svg,
    catalogue: Mapping[str, indicators.Entry] | None = None,
    root: Path | None = None,
    execute: Mapping | None = None,
    facts: Mapping | None = None,
) -> Document:
    """Write ``libro.md`` and ``figure/`` into ``folder``.

    ``chapters`` maps the source of each notebook (for messages) to its executed form,
    in the book's order; ``metadata`` is the front matter; ``draw`` gives the static drawing of
    a chart; ``catalogue`` names the indicators of the index at the end: without it there is
    no index; ``root`` is the project's folder, outside which no picture is looked for (default:
    the first notebook's); ``execute`` are Quarto's options of that name from ``_quarto.yml``;
    ``facts`` are those of the opening (:mod:`annuario.book.opening`) and of the last page
    (:mod:`annuario.book.colophon`): without them there is neither.

    Raises ChapterError with all that is wrong, a line for each problem with notebook and
    cell: a chapter without a labelled title, a chart or table without label or caption, a
    figure without alternative text, a picture that is not in the project, a label used twice,
    a reference or a link that leads nowhere, an output that no book can hold.
    """
    document = Document(root or next(iter(chapters)).parent)
    _put_together(document, chapters, execute or {}, draw)
    first = _opening(document, facts, metadata) if facts else []
    anchors = _anchors(document)
    if document.problems:
        raise ChapterError("\n".join(dict.fromkeys(document.problems)))
    (folder / "figure").mkdir(parents=True, exist_ok=True)
    for name, content in document.images.items():
        path = folder / "figure" / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))

    def finished(text: str) -> str:
        text = with_apostrophes(text)
        text = re.sub(LINK.format(number=r"(\d+)"), lambda match: anchors[int(match[1])], AMOUNT.sub("\\1\u2060", text))
        return re.sub(END.format(label="([a-z0-9-]+)"), lambda match: _back(document, match[1]), text)

    document.manuscript = Manuscript(
        folder,
        {**metadata, "annuario": {**metadata["annuario"], "apertura": bool(first)}} if facts else metadata,
        [
            [Part(finished(text), where) for text, where in chapter]
            for chapter in [
                *first,
                *document.parts,
                *_index(document, catalogue or {}),
                *_glossary(document, facts or {}),
                *_lists(document),
                *(_parts(colophon.chapter(facts, metadata)) if facts else []),
            ]
        ],
        document.labels,
        charts.data(document.charts),
        document.sources,
    )
    document.manuscript.write()
    return document


def problems(chapters: Sequence[Path], executed: dict[Path, dict], project: Project) -> list[str]:
    """What is wrong with the chapters of a book that are ``executed``, where others are not.

    What the others might declare is not missed.
    """
    document = Document(project.root)
    lacking = [path for path in chapters if path not in executed]
    document.lacking = {path.resolve(): path.read_text("utf-8", "replace") for path in lacking if path.is_file()}
    _put_together(document, executed, project.config.get("execute") or {}, static_svg)
    _anchors(document)
    return list(dict.fromkeys(document.problems))


def _anchors(document: Document) -> list[str]:
    """Where the links of the document lead, in their order; those that lead nowhere are problems."""
    return [f"#{anchor(document, address, place)}" for address, place in document.links]


def _put_together(
    document: Document, chapters: dict[Path, dict], execute: Mapping, draw: Callable[[dict], str]
) -> None:
    """Put the chapters into the document, told of all that is wrong with them."""
    for source, notebook in chapters.items():
        _chapter(document, source, notebook, execute)
    for label, where in document.references:
        if label not in document.labels:
            if not any(label in text for text in document.lacking.values()):
                document.problem(
                    where, say("the reference @{label} does not resolve: no such label in the book.", label=label)
                )
        elif label in document.unnumbered:
            title = document.unnumbered[label]
            document.problem(
                where,
                say(
                    "the reference @{label} points at «{title}», which has no number: write a link, "
                    "[{title}](#{label}).",
                    label=label,
                    title=title,
                ),
            )
    _draw_charts(document, draw)


def _chapter(document: Document, source: Path, notebook: dict, execute: Mapping) -> None:
    prosaic = [cell for cell in notebook["cells"] if cell["cell_type"] in ("markdown", "raw")]
    defined = links.definitions("\n\n".join(cell["source"] for cell in prosaic))
    document.anchors.setdefault(source, {})
    document.parts.append([])
    for index, cell in enumerate(notebook["cells"]):
        here = Place(f"{source}, {place(notebook, index)}", source, cell.get("attachments", {}), defined)
        text = cell["source"]
        if cell["cell_type"] == "code":
            outputs.cell(document, cell, here, document.titles.get(source), execute)
        elif cell["cell_type"] == "raw" and _form(cell) not in MARKDOWN:
            document.problem(
                here.where,
                say("a raw cell of the form {form} is not printed: write Markdown, or delete it.", form=_form(cell)),
            )
        elif cell["cell_type"] == "raw" and text.lstrip().startswith("---\n"):
            document.problem(
                here.where,
                say("a raw cell with front matter is not read: title and options stand in _quarto.yml: delete it."),
            )
        elif not prose.is_comment(text):
            if source not in document.titles:
                _title(document, source, text, here)
            document.say(text, here)
    closed(
        document, "\n\n".join(cell["metadata"].get("annuario", {}).get("source", cell["source"]) for cell in prosaic)
    )
    if source not in document.titles:
        document.titles[source] = ""
        document.problem(
            str(source), say("the chapter has no text: open it with its title and label, «# Titolo {{#sec-titolo}}».")
        )


def _title(document: Document, source: Path, text: str, here: Place) -> None:
    """The title that a chapter opens with."""
    first = next(iter(links.headings(text.lstrip())), None)
    if first and first.start == 0 and first.level == 1 and first.label and first.label.startswith("sec-"):
        document.titles[source] = first.label
        document.headlines[first.label] = first.title
    else:
        document.titles[source] = ""
        document.problem(here.where, say("a chapter opens with its title and label: «# Titolo {{#sec-titolo}}»."))


def _form(cell: dict) -> str:
    return cell["metadata"].get("raw_mimetype") or cell["metadata"].get("format") or ""


def _back(document: Document, label: str) -> str:
    """Asks for a link from a caption to the text that first speaks of its table or figure."""
    return f' testo="#testo-{label}"' if label in document.mentions else ""


def _draw_charts(document: Document, draw: Callable[[dict], str]) -> None:
    document.charts = {
        label: _as_printed(chart) if b"'" in orjson.dumps(chart, default=str) else chart
        for label, chart in document.charts.items()
    }
    for label, chart in document.charts.items():
        try:
            document.images[f"{label}.svg"] = draw(chart["spec"])
        except ValueError as error:
            reason = str(error).strip().splitlines()[0]
            document.problem(
                document.labels[label],
                say("the chart {label} cannot be drawn ({reason}): correct it.", label=label, reason=reason),
            )


def _as_printed(chart: Any) -> Any:
    """A chart whose words have the apostrophes of print; its raw data stay as they are, and so do expressions."""
    if isinstance(chart, dict):
        return {key: part if key == "csv" else _as_printed(part) for key, part in chart.items()}
    if isinstance(chart, list):
        return [_as_printed(part) for part in chart]
    return with_apostrophes(chart) if isinstance(chart, str) and "datum" not in chart else chart


def _opening(document: Document, facts: Mapping, metadata: Mapping) -> list[list[Part]]:
    """What comes before the first chapter; its pictures are taken in."""
    for label in [card["chapter"] for card in facts["cards"]] + [facts["sentences"]] * bool(facts["sentences"]):
        if label not in document.headlines:
            document.problem(
                "_quarto.yml",
                say(
                    "«apertura» names the chapter {label}, which the book does not have: write the label of one.",
                    label=label,
                ),
            )
            return []
    document.images |= opening.drawings(facts, metadata["annuario"]["anno"])
    told = opening.sentences(([part.text for part in chapter] for chapter in document.parts), facts["sentences"])
    return _parts(opening.chapter(facts, metadata, document.headlines, told))


def _glossary(document: Document, facts: Mapping) -> list[list[Part]]:
    texts = (part.text for chapter in document.parts for part in chapter)
    return _parts(colophon.glossary(facts.get("words", {}), texts))


def _parts(texts: list[str]) -> list[list[Part]]:
    """A chapter of these texts, which come from no notebook; none of none."""
    return [list(map(Part, texts))] if texts else []


def _lists(document: Document) -> list[list[Part]]:
    """The lists of figures and of tables, at the end."""
    lists = []
    for kind, title, name in (("fig", "Indice delle figure", "figure"), ("tbl", "Indice delle tabelle", "tabelle")):
        items = [f"- @{label}: {caption}" for label, caption in document.captions.items() if label.startswith(kind)]
        if items:
            heading = Part(f"# {title} {{#sec-indice-{name} .unnumbered}}")
            lists.append([heading, Part(f"::: {{.elenco-{name}}}\n\n" + "\n".join(items) + "\n\n:::")])
    return lists


def _index(document: Document, catalogue: Mapping[str, indicators.Entry]) -> list[list[Part]]:
    """The index of indicators, after the last chapter."""
    entries = indicators.index(catalogue, document.indicators, document.chapters, document.unnumbered)
    if not entries:
        return []
    title = "# Indice degli indicatori {#sec-indice-indicatori .unnumbered}"
    parts = [title, INDEX_NOTE, f"::::: {{.indice-indicatori}}\n\n{entries}\n\n:::::"]
    return [list(map(Part, parts))]
