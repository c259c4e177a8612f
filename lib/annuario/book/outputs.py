"""What a code cell puts into the book: figures, tables, text, printed words, its code.

The options of the cell and its tags have the meaning that Quarto gives them.
"""

from __future__ import annotations

import base64
import binascii
import re
import subprocess
from collections.abc import Mapping

from annuario.book import credits
from annuario.data.value import RECORDS, Record
from annuario.messages import marked, say
from annuario.publish.charts import specification
from annuario.text import jupyter, passages, pictures
from annuario.text.paragraphs import UNENTERED
from annuario.text.place import Place
from annuario.words import numbers
from annuario.words.markdown import escape

#: What cells show unless they say otherwise: Quarto's ``execute`` options of a book.
EXECUTE = {"include": True, "echo": False, "output": True, "warning": False}
#: Tags of Quarto and of nbconvert that stand for options.
TAGS = {
    "hide-cell": ("include", False), "remove-cell": ("include", False),
    "hide-code": ("echo", False), "hide-input": ("echo", False), "remove-input": ("echo", False), "show-code": ("echo", True),
    "hide-output": ("output", False), "remove-output": ("output", False), "show-output": ("output", True),
    "hide-warnings": ("warning", False), "show-warnings": ("warning", True),
}  # fmt: skip
_IMAGES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp")
_HTML = "html-native_divs-native_spans"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
#: The names of what drew a chart, which a cell ends with beside the chart itself.
_DRAWN = re.compile(r"\s*[\[(<{].*[\])>}]\s*|Text\([-\d].*", re.DOTALL)
# Where a cell's code lies while it runs: another place each time.
_CELL_FILE = re.compile(r"^\S*ipykernel_\d+[/\\]\d+\.py:\d+: ", re.MULTILINE)
# The line below the head of a table.
_DELIMITER = re.compile(r"^ {0,3}\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)+\|?[ \t]*$", re.MULTILINE)
_CELL = re.compile(r"<td\b", re.IGNORECASE)
_CAPTION = re.compile(r"<caption\b[^>]*>\s*[^<\s]", re.IGNORECASE)
# What a chart's facts have for the page around it, not for its drawing.
_BESIDE = ("indicatori", "note", "risultato", "misura", RECORDS)
_REFUSED = {
    "application/vnd.jupyter.widget-view+json": marked("a widget needs a running notebook"),
    "application/vnd.plotly.v1+json": marked("a Plotly figure has no static form here"),
    "application/javascript": marked("scripts do not run in a book"),
}


def cell(document, found: dict, place: Place, chapter: str | None, execute: Mapping) -> None:
    """Add what a code cell of ``chapter`` shows; ``execute`` are the project's options."""
    options = found["metadata"].get("annuario", {}).get("options", {})
    tags = dict(TAGS[tag] for tag in found["metadata"].get("tags", []) if tag in TAGS)
    shows = {**EXECUTE, **{key: value for key, value in execute.items() if key in EXECUTE}, **tags, **options}
    if not shows["include"]:
        return
    if shows["echo"] and not jupyter.is_injected(found):
        code = "\n".join(line for line in found["source"].splitlines() if not line.startswith("#|")).strip("\n")
        if code.strip():
            document.add(_verbatim(code, "{.python .cell-code}"), place.where)
    if shows["output"] is False:
        return
    if UNENTERED in options:
        document.say(options[UNENTERED], place)
    _Cell(document, options, place, chapter, shows["output"] == "asis", bool(shows["warning"])).outputs(
        found["outputs"]
    )


class _Cell:
    """A code cell whose outputs are being added."""

    def __init__(self, document, options: dict, place: Place, chapter: str | None, asis: bool, warning: bool):
        self.document = document
        self.options = options
        self.place = place
        self.chapter = chapter
        self.asis = asis
        self.warning = warning
        self.numbered = 0  # figures and tables so far
        self.unnumbered = False  # whether anything else was shown

    def outputs(self, outputs: list[dict]) -> None:
        pictured = any(
            specification(output) or any(kind in output.get("data", {}) for kind in _IMAGES) for output in outputs
        )
        text = ""
        for output in outputs:
            kind = output["output_type"]
            if kind == "stream" and output["name"] == "stdout":
                text += "".join(output["text"])
                continue
            text = self._printed(text)
            if kind == "stream" and self.warning:
                self._printed(_CELL_FILE.sub("", "".join(output["text"])), asis=False)
            elif kind == "error":
                self._printed(f"{output['ename']}: {output['evalue']}", asis=False)
            elif output.get("data") and not (pictured and _names_a_drawing(output)):
                self._shown(output)
        self._printed(text)
        label = str(self.options.get("label") or "")
        if self.unnumbered and not self.numbered and re.match("(fig|tbl)-", label):
            self._problem(
                say(
                    "the label {label} and its caption stand by a text: take them off, or put out a table or a figure.",
                    label=label,
                )
            )

    def _printed(self, text: str, asis: bool | None = None) -> str:
        """Add printed text: as Markdown under ``output: asis``, else as it was printed."""
        if asis is None and text.strip() and not self.asis:
            self.unnumbered = True
        if text.strip() and (self.asis if asis is None else asis):
            self._markdown(text, {})
        elif text.strip():
            seen = passages.UNSEEN.sub("", _ANSI.sub("", text))
            self.document.add(_verbatim(seen.strip("\n")), self.place.where)
        return ""

    def _shown(self, output: dict) -> None:
        data = {kind: "".join(part) if isinstance(part, list) else part for kind, part in output["data"].items()}
        facts = output["metadata"].get("annuario", {})
        spec = specification(output)
        image = next((kind for kind in _IMAGES if kind in data), None)
        refused = next((say(reason) for kind, reason in _REFUSED.items() if kind in data), None)
        if spec:
            self._chart(spec, facts)
        elif image:
            self._image(image, data[image], output["metadata"].get(image, {}))
        elif refused:
            self._problem(
                say("{refused}: end the cell with a chart of Altair's, a picture or a table.", refused=refused)
            )
        elif "text/markdown" in data:
            self._markdown(data["text/markdown"], facts)
        elif re.match(r"\s*(\$|\\begin\{)", data.get("text/latex", "")):
            self.document.say(_formula(data["text/latex"]), self.place)
        elif re.search(r"<table\b", data.get("text/html", ""), re.IGNORECASE):
            table = _from_html(data["text/html"])
            if not _CELL.search(data["text/html"]):
                self._problem(say("the table has no row: put out one that has, or nothing."))
                return
            if _CAPTION.search(data["text/html"]):
                self._problem(
                    say("the table has a caption of its own: write it as «#| tbl-cap: …», and take it off the table.")
                )
            elif table is None:
                self._problem(
                    say(
                        "the table is longer or wider than pandas shows, or is more than a table: show part of "
                        "it, or use annuario.tables."
                    )
                )
            else:
                self._markdown(table, facts)
        else:
            self._problem(
                say(
                    "the output has no form that a book can hold ({data}): end the cell with a chart, a "
                    "table or Markdown, print it, or write «#| output: false».",
                    data=", ".join(sorted(data)),
                )
            )

    def _chart(self, spec: dict, facts: dict) -> None:
        address = next(_addresses(spec), None)
        if address:
            self._problem(
                say(
                    "the chart takes its data from {address}: read them in the notebook and give Altair the table.",
                    address=address[:60],
                )
            )
            return
        label, caption = self._captioned("fig")
        if label:
            alt = self._alternative(label, facts.get("alt"))
            drawn = {key: value for key, value in facts.items() if key not in _BESIDE}
            self.document.charts[label] = {**drawn, "alt": alt, "spec": spec}
            self._figure(label, _titled(caption, facts), alt, f"{label}.svg", facts)

    def _image(self, kind: str, content: str, told: Mapping) -> None:
        label, caption = self._captioned("fig")
        if not label:
            return
        try:
            picture = pictures.of(
                content.encode("utf-8") if kind == "image/svg+xml" else base64.b64decode(content), say("the picture")
            )
        except (pictures.PictureError, binascii.Error) as error:
            self._problem(f"{error}.")
            return
        name = f"{label}.{picture.kind}"
        self.document.images[name] = picture.content
        self._figure(
            label, caption, self._alternative(label, told.get("alt") if isinstance(told, Mapping) else None), name, {}
        )

    def _alternative(self, label: str, told: str | None) -> str:
        alt = self.options.get("fig-alt") or told
        if not isinstance(alt, str) or not alt.strip():
            self._problem(say("the figure {label} has no alternative text: add «#| fig-alt: …».", label=label))
            return label
        return alt

    def _figure(self, label: str, caption: str, alt: str, name: str, facts: dict) -> None:
        end = passages.END.format(label=label)
        figure = f'![{caption}](figure/{name}){{#{label} fig-alt="{passages.quoted(alt)}"{end}}}'
        self._enter(figure + self._below("\n\n".join(map(escape, facts.get("note", []))), facts), label, facts)

    def _below(self, notes: str, facts: dict) -> str:
        """Notes under a table or a figure, and where its numbers stand."""
        source = credits.line(Record(*record) for record in facts.get(RECORDS, []))
        parts = [passages.ready(self.document, notes, self.place)] if notes.strip() else []
        parts += [f"[{escape(source)}]{{.fonte}}"] if source else []
        return "\n\n::: {.note-tabella}\n" + "\n\n".join(parts) + "\n:::" if parts else ""

    def _markdown(self, text: str, facts: dict) -> None:
        text = text.strip("\n").rstrip()
        label = str(self.options.get("label") or "")
        if not (text.startswith("|") or label.startswith("tbl-")):
            self.unnumbered = True
            self.document.say(text, self.place)
            return
        table, _, notes = text.partition("\n\n")
        if not table.startswith("|") and not _is_table(table):
            table, notes = text, ""
            if not _is_table(table):
                self._problem(
                    say(
                        "the label {label} and its caption stand by a text that is no table: take them off, or "
                        "put out a table.",
                        label=label,
                    )
                )
                return
        if _DELIMITER.search(notes):
            self._problem(
                say("the cell puts out more than one table: give each a cell of its own, with label and caption.")
            )
            return
        entered, caption = self._captioned("tbl")
        if entered:
            table = passages.ready(self.document, table, self.place)
            end = passages.END.format(label=entered)
            self._enter(f"{table}\n\n: {caption} {{#{entered}{end}}}{self._below(notes, facts)}", entered, facts)

    def _enter(self, block: str, label: str, facts: dict) -> None:
        self.document.add(block, self.place.where)
        self.document.chapters[label] = self.chapter
        if RECORDS in facts:
            self.document.sources[label] = [Record(*record) for record in facts[RECORDS]]
        for code in facts.get("indicatori", []):
            self.document.indicators.setdefault(code, []).append(label)

    def _captioned(self, kind: str) -> tuple[str | None, str]:
        """The label and the caption of a figure or table; no label where they are not in order."""
        label, caption = self.options.get("label"), self.options.get(f"{kind}-cap")
        self.numbered += 1
        if self.numbered > 1:
            if self.numbered == 2:
                self._problem(
                    say(
                        "the cell puts out several figures or tables under one label ({label}): give each a cell "
                        "of its own.",
                        label=label,
                    )
                )
        elif (
            not label
            or not str(label).startswith(f"{kind}-")
            or caption in (None, "", [])
            or isinstance(caption, (list, dict))
        ):
            what = "chart" if kind == "fig" else "table"
            self._problem(say("a {what} needs «#| label: {kind}-…» and «#| {kind}-cap: …».", what=what, kind=kind))
        elif self.document.define(str(label), self.place.where):
            self.document.captions[label] = passages.ready(self.document, " ".join(str(caption).split()), self.place)
            return label, self.document.captions[label]
        return None, ""

    def _problem(self, text: str) -> None:
        self.document.problem(self.place.where, text)


def _titled(caption: str, facts: dict) -> str:
    """The caption of a chart: what it shows as a sentence, then what is measured, in what unit and in which years."""
    plain = re.sub(r"\W+", " ", caption).lower()
    last = re.findall(r"(?:19|20)\d\d", caption)
    lacking = [
        told
        for told in facts.get("misura", [])
        if not (last if told[:1].isdigit() else re.search(rf"\b{re.escape(told.lower())}\b", plain))
    ]
    measured = f"{caption} ({', '.join(map(escape, lacking))})" if lacking else caption
    return f"**{escape(facts['risultato'])}** {measured}" if facts.get("risultato") else measured


def _names_a_drawing(output: dict) -> bool:
    data = output["data"]
    return set(data) == {"text/plain"} and bool(_DRAWN.fullmatch("".join(data["text/plain"])))


def _formula(text: str) -> str:
    return text if text.lstrip().startswith("$") else f"$$\n{text}\n$$"


def _verbatim(text: str, attributes: str = "") -> str:
    """A text that stands as it is, in a fence longer than any that it holds."""
    fence = "`" * max(3, *(len(ticks) + 1 for ticks in re.findall("`+", text)), 3)
    return f"{fence}{f' {attributes}' if attributes else ''}\n{text}\n{fence}"


def _addresses(part: object):
    """Where a specification takes data or pictures from that are not in it."""
    if isinstance(part, list):
        for each in part:
            yield from _addresses(each)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key == "url" and isinstance(value, str):
                yield value
            elif key not in ("datasets", "values", "config"):
                yield from _addresses(value)


def _is_table(text: str) -> bool:
    """Whether pandoc sees one table in a text, and nothing else."""
    return _blocks(text, "markdown") == ["Table"]


def _from_html(text: str) -> str | None:
    """The one table of an HTML text as a Markdown table; None where there is more, or no row.

    The numbers of pandas' own tables are put in Italian form.
    """
    text = re.sub(r"<style\b.*?</style>", "", text, flags=re.DOTALL | re.IGNORECASE)
    if re.search(r'<table\b[^>]*class="[^"]*\bdataframe\b', text):
        text = re.sub(r"(<td>)\s*([^<>]*?)\s*(</td>)", lambda cell: f"{cell[1]}{_italian(cell[2])}{cell[3]}", text)
    text = re.sub(r"<td\b([^>]*)>(?=\s*[€+−-]?\s*\d[\d.,\s]*%?\s*</td>)", r'<td\1 align="right">', text)
    if _blocks(text, _HTML) != ["Table"] or not _CELL.search(text):
        return None
    made = _pandoc(text, _HTML, "markdown-simple_tables-multiline_tables-header_attributes-raw_html").strip()
    return re.sub(r"^ +", "", made, flags=re.MULTILINE)


def _italian(text: str) -> str:
    if text in ("NaN", "None", "NaT", "&lt;NA&gt;"):
        return numbers.MISSING
    if not re.fullmatch(r"-?\d+(\.\d+)?", text) or re.fullmatch(r"(?:19|20)\d\d|0\d+", text):
        return text
    return numbers.number(numbers.Decimal(text))


def _blocks(text: str, form: str) -> list[str]:
    import orjson

    return [block["t"] for block in orjson.loads(_pandoc(text, form, "json"))["blocks"]]


def _pandoc(text: str, form: str, to: str) -> str:
    import pypandoc

    command = [pypandoc.get_pandoc_path(), f"--from={form}", f"--to={to}", "--wrap=none"]
    return subprocess.run(command, input=text, capture_output=True, encoding="utf-8", check=True).stdout
