"""A papermill engine that also evaluates what stands inline in the text.

Registered at papermill's entry point as ``annuario``. Beside the code cells it
evaluates, in the notebook's kernel and at that point of the document,

- inline expressions in Markdown cells: the executed notebook holds the finished
  text, the original is kept in the cell's metadata;
- a first line ``<!-- se: expression -->`` in a Markdown cell: where it is false
  the cell is emptied;
- inline expressions in the captions of code cells (``#| fig-cap:`` and the
  like): the resolved options are kept in the cell's metadata.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from pathlib import Path

from papermill.engines import NBClientEngine
from papermill.utils import remove_args
from traitlets.config import Config

from annuario.errors import ChapterError
from annuario.execution import client

#: What nbclient logs of a kernel that failed is said once, by the error.
log = logging.getLogger(__name__)
log.addHandler(logging.NullHandler())


class BookEngine(NBClientEngine):
    """papermill's own engine with inline expressions."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man,
        kernel_name,
        log_output=False,
        start_timeout=60,
        execution_timeout=None,
        texts="",
        environment=None,
        **others,
    ):
        """Execute a parameterised notebook in its own folder; see papermill's engine of the same shape.

        ``texts`` is the folder of the edition's commentary, ``environment`` what the kernel finds
        in its environment besides. What the expressions gave, the files read and the sections
        placed are left in the notebook's metadata as ``annuario``. The errors of cells that may
        raise are left in their metadata: papermill takes every error for a failure.

        Raises ChapterError with a line for each problem of the chapter.
        """
        source = Path(others.get("input_path") or "")
        others = remove_args(["input_path", "stdout_file", "stderr_file"], **others)
        with tempfile.TemporaryDirectory(prefix="annuario-") as folder:
            running = client.InlineClient(
                nb_man,
                Path(texts),
                kernel_name=kernel_name,
                log=log,
                log_output=log_output,
                startup_timeout=start_timeout,
                timeout=execution_timeout,
                extra_arguments=["--IPKernelApp.log_level=ERROR", "--HistoryManager.enabled=False"],
                shutdown_kernel="immediate",
                config=_connection(Path(folder)),
                **others,
            )
            surroundings = {**os.environ, **(environment or {})}
            if not surroundings.get("SOURCE_DATE_EPOCH", "").strip():
                surroundings.pop("SOURCE_DATE_EPOCH", None)  # an empty one ends IPython at its start
            running.execute(cwd=str(source.parent), env=surroundings)
        if running.problems:
            raise ChapterError("\n".join(running.problems))
        for cell in nb_man.nb.cells:
            if any(output["output_type"] == "error" for output in cell.get("outputs", [])):
                cell.metadata.setdefault("annuario", {})["outputs"] = cell.outputs
                cell.outputs = [output for output in cell.outputs if output["output_type"] != "error"]
        finisher = running.finisher
        nb_man.nb.metadata["annuario"] = {
            "values": running.values,
            "reads": running.told["reads"],
            "untracked": running.told["untracked"],
            "placed": sorted(finisher.placed),
            "asked": sorted(finisher.asked),
        }
        return nb_man.nb


def _connection(folder: Path) -> Config:
    """How a kernel is reached: by our client, through files of its own where the system has such sockets.

    Free ports are looked for and then taken: two kernels can meet on one; files cannot.
    """
    manager = {"connection_file": str(folder / "kernel.json"), "client_class": f"{client.__name__}.ChapterClient"}
    if sys.platform != "win32":
        manager |= {"transport": "ipc", "ip": str(folder / "kernel")}
    return Config({"KernelManager": manager})
