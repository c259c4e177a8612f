"""Cells of a notebook as far as the book reads them: options, tags, and how their author counts them."""

from __future__ import annotations

import ast
import re
import threading
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import takewhile

import orjson
import yaml

from annuario.configuration import SafeLoader, complaint
from annuario.messages import alternatives, say
from annuario.text.expressions import Faults, shortened, split, unfinished, written

#: papermill's tag of the cell that it adds, which sets the parameters.
INJECTED = "injected-parameters"
#: The sentences of a text that rest on rows of the data, each with these, among what a cell tells of itself.
RESTING = "frasi"
#: How executed notebooks are written: with the keys in Jupyter's order, whoever has put them together.
FORM = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
#: The options that say whether something runs and shows, with the words that each may be beside true and false.
SHOWN = {"eval": (), "error": (), "include": (), "warning": (), "echo": ("fenced",), "output": ("asis",)}
#: The options that are read here; Quarto has others.
NAMES = ("label", "fig-cap", "fig-alt", "fig-subcap", "tbl-cap", "tbl-subcap", *SHOWN)
# An option in the place of a comment.
_LATE = re.compile(rf"#\s?\|\s*(?:{'|'.join(NAMES)})\s*:")
_PARSING = threading.Lock()


def statements(source: str) -> list[ast.stmt]:
    r"""The statements of a cell; raises SyntaxError for what is no Python.

    By one thread at a time: CPython 3.11 keeps one depth for the trees of all, and raises
    SystemError where two are made at once.

    >>> [type(one).__name__ for one in statements("a = 1\na")]
    ['Assign', 'Expr']
    """
    with _PARSING:
        return ast.parse(source).body


def texts_in(options: object) -> Iterator[str]:
    """The texts among the options of a code cell.

    >>> list(texts_in({"label": "tbl-casi", "tbl-subcap": ["Nuovi", "Chiusi"], "echo": False}))
    ['tbl-casi', 'Nuovi', 'Chiusi']
    """
    if isinstance(options, str):
        yield options
    elif isinstance(options, (list, dict)):
        for value in options.values() if isinstance(options, dict) else options:
            yield from texts_in(value)


def problems(cell) -> list[str]:
    r"""What is wrong with the text of a cell, as far as nothing need be evaluated to see it.

    >>> problems({"cell_type": "markdown", "source": "Sono `{python}n`."})
    ['«`{python}n`» is nearly an expression: write `{python} …`, with a blank, between single backticks.']
    >>> problems({"cell_type": "code", "source": "#| echo: forse\nn"})
    ['the option «echo» is «forse»: it is true, false or fenced.']
    """
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
    r"""The Quarto options of a code cell: its leading ``#|`` lines, read as YAML.

    Raises Faults where they are no valid options.

    >>> options("#| label: tbl-casi\n#| echo: false\nn"), options("n")
    ({'label': 'tbl-casi', 'echo': False}, {})
    >>> options("#| lable: tbl-casi\nn")
    Traceback (most recent call last):
        ...
    annuario.text.expressions.Faults: there is no option «lable»: did you mean «label»?
    """
    code = source.splitlines()
    lines = [line[2:].removeprefix(" ") for line in takewhile(lambda line: line.startswith("#|"), code)]
    late = next((line for line in code[len(lines) :] if _LATE.match(line)), None)
    if late:
        raise Faults(
            [
                say(
                    "«{shortened}» stands below the code: the «#|» options of a cell are its first lines.",
                    shortened=shortened(late),
                )
            ]
        )
    if not lines:
        return {}
    try:
        found = yaml.load("\n".join(lines), SafeLoader) or {}
    except yaml.YAMLError as error:
        raise Faults(
            [
                say(
                    "the «#|» options are not valid YAML: {error}.",
                    error=complaint(error),
                )
            ]
        ) from error
    if not isinstance(found, dict):
        raise Faults(
            [
                say(
                    "the «#|» options are not options, but «{shortened}»: write «#| name: value».",
                    shortened=shortened(str(found)),
                )
            ]
        )
    problems = [
        say(
            "the option «{name}» is «{found}»: it is {choice}.",
            name=name,
            found=found[name],
            choice=alternatives(("true", "false", *words)),
        )
        for name, words in SHOWN.items()
        if name in found and not isinstance(found[name], bool) and found[name] not in words
    ]
    for name in found:
        meant = get_close_matches(str(name).lower().replace("_", "-"), NAMES, 1, 0.8) if name not in NAMES else []
        problems += (
            [say("there is no option «{name}»: did you mean «{meant}»?", name=name, meant=meant[0])] if meant else []
        )
    if problems:
        raise Faults(problems)
    return found


def put(cell, text: str, sentences: Sequence[tuple[str, Sequence]] = ()) -> None:
    """Put the finished text into a Markdown cell, keeping in its metadata the original and what its sentences rest on.

    >>> cell = {"cell_type": "markdown", "metadata": {}, "source": "Sono `{python} n`."}
    >>> put(cell, "Sono 3.")
    >>> cell["source"], cell["metadata"]["annuario"]["source"]
    ('Sono 3.', 'Sono `{python} n`.')
    """
    if text != cell["source"]:
        resting = [[sentence, list(map(list, rows))] for sentence, rows in sentences]
        cell["metadata"]["annuario"] = {"source": cell["source"]} | ({RESTING: resting} if resting else {})
        cell["source"] = text


def is_injected(cell) -> bool:
    """Whether papermill added the cell.

    >>> is_injected({"metadata": {"tags": ["injected-parameters"]}}), is_injected({"metadata": {}})
    (True, False)
    """
    return INJECTED in cell["metadata"].get("tags", [])


def number(notebook, index: int) -> int:
    """The number of a cell as its author counts it: papermill's injected cell is left out.

    >>> notebook = {"cells": [{"metadata": {"tags": tags}} for tags in ([], ["injected-parameters"], [])]}
    >>> number(notebook, 2)
    2
    """
    return sum(not is_injected(cell) for cell in notebook["cells"][: index + 1])


def place(notebook, index: int) -> str:
    """A cell as its author counts it, in words.

    >>> place({"cells": [{"metadata": {}}, {"metadata": {}}]}, 1)
    'cell 2'
    """
    return say("cell {number}", number=number(notebook, index))
