"""What a notebook's file keeps when its author saves it: what they wrote, and not what it showed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson

from annuario.execution.parameters import TAG

#: What editors note of a run among the metadata of a cell.
_OF_A_RUN = ("execution", "ExecuteTime", "collapsed", "scrolled", "vscode")
_LABEL = re.compile(r"\{#((?:sec|fig|tbl)-[\w-]+)|^#\|\s*label:\s*[\"']?((?:fig|tbl)-[\w-]+)", re.MULTILINE)


def stored(path: Path) -> dict[str, Any]:
    """The notebook as its file has it; an empty one where there is none, or no notebook.

    >>> sorted(stored(progetto.books["relazione"].chapters[0])), stored(cartella / "nessuno.ipynb")
    (['cells', 'metadata', 'nbformat', 'nbformat_minor'], {})
    """
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("cells"), list) else {}


def clean(notebook: dict[str, Any], before: dict[str, Any]) -> None:
    """Take out of a notebook what its run has left, so that a changed word is a changed line.

    Outputs and counts go; its parameters, and what its editor noted of the kernel, become again what the file
    ``before`` has: another edition is looked at without being kept.

    >>> cell = {"cell_type": "code", "source": "1 + 1", "execution_count": 3, "outputs": [2], "metadata": {"scrolled": 1}}
    >>> clean({"cells": [cell], "metadata": {}}, {})
    >>> cell
    {'cell_type': 'code', 'source': '1 + 1', 'execution_count': None, 'outputs': [], 'metadata': {}}
    """
    parameters = next((_source(cell) for cell in before.get("cells", []) if _sets_parameters(cell)), None)
    for cell in notebook["cells"]:
        for name in _OF_A_RUN:
            cell.get("metadata", {}).pop(name, None)
        if cell["cell_type"] == "code":
            cell["execution_count"], cell["outputs"] = None, []
            if parameters is not None and _sets_parameters(cell):
                cell["source"] = parameters
    notebook["metadata"] = before.get("metadata", notebook.get("metadata", {}))


def place(notebook: dict[str, Any], before: dict[str, Any]) -> str:
    """The label nearest to the first cell that differs from the file ``before``: in it, or else above it.

    >>> titled = {"cell_type": "markdown", "source": "# Minori {#sec-minori}"}
    >>> place({"cells": [titled, {"source": "Uno, due."}]}, {"cells": [titled, {"source": "Uno."}]})
    'sec-minori'
    """
    now = [_source(cell) for cell in notebook["cells"]]
    old = [_source(cell) for cell in before.get("cells", [])]
    first = next((number for number, source in enumerate(now) if old[number : number + 1] != [source]), None)
    if first is None:
        return ""
    for source in reversed(now[: first + 1]):
        labels = [first or second for first, second in _LABEL.findall(source)]
        if labels:
            return labels[-1] if source is not now[first] else labels[0]
    return ""


def first_label(notebook: dict[str, Any]) -> str:
    r"""The first label of a notebook, which is its chapter's; empty where it has none.

    >>> first_label({"cells": [{"source": ["# Minori {#sec-minori}\n", "\n"]}]}), first_label({})
    ('sec-minori', '')
    """
    found = (_LABEL.search(_source(cell)) for cell in notebook.get("cells", []))
    return next((match[1] or match[2] for match in found if match), "")


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def _sets_parameters(cell: dict[str, Any]) -> bool:
    return TAG in cell.get("metadata", {}).get("tags", [])
