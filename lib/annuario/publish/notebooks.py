"""The executed notebooks of a book as readable documents of their own, in JupyterLab and for Quarto.

The book itself is made from the notebooks as they were executed. For readers, captions are
put where the cells ask for them, charts get their static drawing beside the interactive one
and their notes below, tables keep the form that needs no script, and references to other
chapters name them. The cells whose outputs are no longer what a run gives say so to nbval.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import orjson
import yaml

from annuario.data.value import CELLS
from annuario.publish.charts import specification
from annuario.text import jupyter, links, prose
from annuario.words.markdown import escape

#: nbval's tag of a cell that is run, but whose outputs are not compared.
NOT_COMPARED = "nbval-ignore-output"
REFERENCE = re.compile(r"(?<![\w\\@])@((?:fig|tbl|sec)-[A-Za-z0-9_-]*[A-Za-z0-9])")
# Options are one line each: the parser in C takes no wider one.
DUMPER, WIDTH = getattr(yaml, "CSafeDumper", yaml.SafeDumper), 2**31 - 1


def write(executed: Mapping[Path, dict], metadata: dict, draw: Callable[[dict], str], folder: Path) -> Path:
    """Write the executed notebooks of an edition into ``folder``.

    ``executed`` maps the source of each chapter to its executed form, in the book's order;
    ``metadata`` is the book's front matter; ``draw`` gives the static drawing of a chart.
    """
    folder.mkdir(parents=True, exist_ok=True)
    labels = {label: path for path, notebook in executed.items() for label in _labels(notebook) if label}
    titles = {path: _title(notebook) or path.stem for path, notebook in executed.items()}

    def named(match: re.Match, here: Path) -> str:
        there = labels.get(match[1], here)
        return match[0] if there == here else f"[{titles[there]}]({there.name})"

    for path, notebook in executed.items():
        renamed = partial(named, here=path)
        cells = [one for cell in notebook["cells"] for one in (_cell(cell, draw, renamed), *_notes(cell))]
        cells = [cell | {"source": _lines(cell["source"])} for cell in (_front(metadata), *cells)]
        # What it asked for on the way is no part of the book: a kept chapter may have asked for more.
        own = {name: value for name, value in notebook["metadata"].items() if name != "annuario"}
        finished = {**notebook, "cells": cells, "metadata": own}
        (folder / path.name).write_bytes(orjson.dumps(finished, option=jupyter.FORM))
    return folder


def _front(metadata: dict) -> dict:
    """The front matter that Quarto looks for in a notebook's first cell."""
    kept = {key: metadata[key] for key in ("title", "subtitle", "author", "lang") if key in metadata}
    source = f"---\n{_yaml({**kept, 'execute': {'echo': False}})}---"
    return {"cell_type": "raw", "id": "testata", "metadata": {}, "source": source}


def _cell(cell: dict, draw: Callable[[dict], str], named: Callable[[re.Match], str]) -> dict:
    if cell["cell_type"] == "markdown":
        return {**cell, "source": _named(cell["source"], named)}
    if cell["cell_type"] != "code":
        return cell
    outputs = [_output(output, draw, named) for output in cell["outputs"]]
    options = dict(cell["metadata"].get("annuario", {}).get("options", {}))
    facts: dict = next(
        (o["metadata"]["annuario"] for o in outputs if "alt" in o.get("metadata", {}).get("annuario", {})), {}
    )
    if facts and not options.get("fig-alt"):
        options["fig-alt"] = facts["alt"]
    options.update({key: _named(text, named) for key, text in options.items() if key.endswith("-cap")})
    metadata = cell["metadata"]
    if any(set(new.get("data", ())) != set(old.get("data", ())) for new, old in zip(outputs, cell["outputs"])):
        metadata = {**metadata, "tags": [*metadata.get("tags", []), NOT_COMPARED]}
    return {**cell, "metadata": metadata, "outputs": outputs, "source": _with_options(cell["source"], options)}


def _notes(cell: dict) -> list[dict]:
    """What the book says below a chart, as a cell of its own: a table holds its notes."""
    facts = [
        output.get("metadata", {}).get("annuario", {}) for output in cell.get("outputs", ()) if specification(output)
    ]
    lines = "\n\n".join(escape(line) for each in facts for line in each.get("note", ()))
    if not lines:
        return []
    return [{"cell_type": "markdown", "id": f"{cell['id']}-note"[-64:], "metadata": {}, "source": lines}]


def _with_options(source: str, options: dict) -> str:
    """The code of a cell below its options, finished and written as YAML."""
    if not options:
        return source
    lines = source.splitlines()
    code = lines[next((place for place, line in enumerate(lines) if not line.startswith("#|")), len(lines)) :]
    return "\n".join([*(f"#| {line}" for line in _yaml(options).splitlines()), *code])


def _yaml(options: dict) -> str:
    return yaml.dump(options, Dumper=DUMPER, allow_unicode=True, sort_keys=False, width=WIDTH)


def _output(output: dict, draw: Callable[[dict], str], named: Callable[[re.Match], str]) -> dict:
    output = _without_cells(output)
    data = dict(output.get("data", {}))
    spec = specification(output)
    if spec:
        data.setdefault("image/svg+xml", draw(spec))
    if "text/markdown" in data:
        data["text/markdown"] = _lines(_named(data["text/markdown"], named))
        data.pop("text/html", None)  # for HTML of any kind Quarto fetches scripts from the network
    return {**output, "data": data} if data else output


def _without_cells(output: dict) -> dict:
    """An output without what only the page needs of it: the rows of the data that each cell of a table rests on."""
    told = output.get("metadata", {}).get("annuario", {})
    if CELLS not in told:
        return output
    kept = {name: value for name, value in told.items() if name != CELLS}
    return {**output, "metadata": {**output["metadata"], "annuario": kept}}


def _lines(text: str) -> list[str]:
    """A text as notebooks hold it on disk: Quarto takes a text in one piece for one line."""
    return text.splitlines(keepends=True)


def _named(text: str, named: Callable[[re.Match], str]) -> str:
    """The text with its references rewritten, outside of code and comments."""
    if "@" not in text:
        return text
    for match in reversed(list(REFERENCE.finditer(prose.masked(text)))):
        text = text[: match.start()] + named(match) + text[match.end() :]
    return text


def _headings(notebook: dict) -> list[links.Heading]:
    texts = (cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    return [heading for text in texts if "{#sec-" in text for heading in links.headings(text)]


def _labels(notebook: dict) -> list[str | None]:
    found: list[str | None] = [heading.label for heading in _headings(notebook)]
    return found + [cell["metadata"].get("annuario", {}).get("options", {}).get("label") for cell in notebook["cells"]]


def _title(notebook: dict) -> str:
    return next((heading.title for heading in _headings(notebook) if heading.level == 1), "")
