"""Cells of a notebook as far as the book reads them: options, tags, and how their author counts them."""

from __future__ import annotations

import ast
import threading
from collections.abc import Iterator

import orjson
import yaml

from annuario.configuration import YAML
from annuario.text.expressions import Faults, shortened, split, unfinished, written

#: papermill's tag of the cell that it adds, which sets the parameters.
INJECTED = "injected-parameters"
#: How executed notebooks are written: with the keys in Jupyter's order, whoever has put them together.
FORM = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
_PARSING = threading.Lock()


def statements(source: str) -> list[ast.stmt]:
    """The statements of a cell; raises SyntaxError for what is no Python.

    By one thread at a time: CPython 3.11 keeps one depth for the trees of all, and raises
    SystemError where two are made at once.
    """
    with _PARSING:
        return ast.parse(source).body


def texts_in(options: object) -> Iterator[str]:
    """The texts among the options of a code cell."""
    if isinstance(options, str):
        yield options
    elif isinstance(options, (list, dict)):
        for value in options.values() if isinstance(options, dict) else options:
            yield from texts_in(value)


def problems(cell) -> list[str]:
    """What is wrong with the text of a cell, as far as nothing need be evaluated to see it."""
    if cell["cell_type"] == "raw":
        return unfinished(cell["source"])
    if cell["cell_type"] == "markdown":
        return list(written(split(cell["source"])[1]).problems)
    if cell["cell_type"] == "code":
        try:
            return [problem for text in texts_in(options(cell["source"])) for problem in written(text).problems]
        except Faults as faults:
            return faults.problems
    return []


def options(source: str) -> dict:
    """The Quarto options of a code cell: its leading ``#|`` lines, read as YAML.

    Raises Faults where they are no valid options.
    """
    lines = []
    for line in source.splitlines():
        if not line.startswith("#|"):
            break
        lines.append(line[2:].removeprefix(" "))
    if not lines:
        return {}
    try:
        found = yaml.load("\n".join(lines), YAML) or {}
    except yaml.YAMLError as error:
        raise Faults([f"the «#|» options are not valid YAML: {' '.join(str(error).split())}."]) from error
    if not isinstance(found, dict):
        raise Faults([f"the «#|» options are not options, but «{shortened(str(found))}»: write «#| name: value»."])
    for name in ("eval", "error"):
        if not isinstance(found.get(name, False), bool):
            raise Faults([f"the option «{name}» is «{found[name]}»: it is true or false."])
    return found


def put(cell, text: str) -> None:
    """Put the finished text into a Markdown cell, keeping the original in its metadata."""
    if text != cell["source"]:
        cell["metadata"]["annuario"] = {"source": cell["source"]}
        cell["source"] = text


def is_injected(cell) -> bool:
    """Whether papermill added the cell."""
    return INJECTED in cell["metadata"].get("tags", [])


def place(notebook, index: int) -> str:
    """A cell as its author counts it: papermill's injected cell is left out."""
    cells = notebook["cells"][: index + 1]
    return f"cell {sum(not is_injected(cell) for cell in cells)}"
