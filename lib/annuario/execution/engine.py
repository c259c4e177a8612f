"""A papermill engine that also evaluates what stands inline in the text.

Beside the code cells it evaluates, in the chapter's process and at that point of the document,

- inline expressions in Markdown cells: the executed notebook holds the finished
  text, the original is kept in the cell's metadata;
- a first line ``<!-- se: expression -->`` in a Markdown cell: where it is false
  the cell is emptied;
- inline expressions in the captions of code cells (``#| fig-cap:`` and the
  like): the resolved options are kept in the cell's metadata.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from papermill.engines import Engine

from annuario.errors import ChapterError
from annuario.execution import processes
from annuario.execution.parameters import EDITION
from annuario.execution.reports import ASKED, CELL, evaluated
from annuario.messages import marked, say
from annuario.text import jupyter

DIED = marked("ended its process: did it need too much memory, or end the process itself?")


class BookEngine(Engine):
    """Runs a notebook in a process of its own, its text with it."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man,
        kernel_name,
        *,
        results,
        execution_timeout=None,
        texts="",
        environment=None,
        input_path="",
        **others,
    ):
        """Execute a parameterised notebook in its own folder; see papermill's engines of the same shape.

        ``texts`` is the folder of the edition's commentary, ``environment`` what is
        added to the chapter's environment. The executed cells go into the dictionary ``results``, with
        ``language_info`` and, as ``annuario``, what the expressions gave, the files read and the sections
        placed. The notebook stays as it is: papermill would turn each output into objects of its own and
        write them out in the end, to nowhere, which takes as long as a tenth of the cells.

        Raises ChapterError with a line for each problem of the chapter, and RuntimeError where its process
        ends before it begins.
        """
        notebook = nb_man.nb
        order = {
            "source": input_path or "notebook",
            "edition": notebook.metadata.papermill.get("parameters", {}).get(EDITION),
            "texts": str(texts),
            "folder": str(Path(input_path or "").parent),
            "env": {**os.environ, **(environment or {})},
            "cells": [{key: cell[key] for key in ("cell_type", "source", "metadata")} for cell in notebook.cells],
        }
        results.update(_followed(processes.start(order), order, execution_timeout))
        return notebook


def _followed(process: processes.Process, order: dict[str, Any], limit: float | None) -> dict[str, Any]:
    """What the process of a chapter gives in the end. Raises ChapterError where it has problems, or ends."""
    problems: list[str] = []
    last: dict[str, Any] | None = None
    for message in process.messages(limit):
        if "done" in message:
            if problems:
                break
            return message["done"]
        if "broken" in message:
            raise SystemError(message["broken"])  # our fault, not the author's
        if "problem" in message:
            problems.append(message["problem"])
        else:
            last = message
    else:
        if last is None:
            raise RuntimeError(say("it died before it was ready"))
        problems += _broken_off(order, last, limit if process.late else None)
    raise ChapterError("\n".join(problems))


def _broken_off(order: dict[str, Any], last: dict[str, Any], late: float | None) -> list[str]:
    """What to say of a process that ended while it did ``last``, or was ended after so many seconds."""
    cells, index = order["cells"], last.get(CELL, 0)
    if late:
        why = say(
            "has not ended in {timeout} seconds: mend it, or set a longer limit in _quarto.yml "
            "(under «annuario», «limite-cella», in seconds).",
            timeout=late,
        )
    else:
        why = say(DIED)
    ended = f"{evaluated(last[ASKED])} {why}" if ASKED in last else say("it {left}", left=why)
    found = [(index, ended)]
    found += [(place, said) for place, cell in enumerate(cells) if place >= index for said in jupyter.problems(cell)]
    return [f"{order['source']}, {jupyter.place({'cells': cells}, place)}: {said}" for place, said in found]
