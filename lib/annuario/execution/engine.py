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

import ast
import sys
import tempfile
from functools import partial
from pathlib import Path

import yaml
from nbclient.exceptions import CellExecutionError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.log import logger
from papermill.utils import remove_args
from traitlets.config import Config

from annuario import inline
from annuario.errors import ChapterError

RENDER = "__import__('annuario.inline', fromlist=['render']).render"
READS = "sorted(__import__('annuario.data', fromlist=['READS']).READS)"


class InlineClient(PapermillNotebookClient):
    """Runs the cells in order, the Markdown ones too.

    ``values`` collects what the expressions gave, by the number of code cells before
    them; ``reads`` the files that the chapter read.
    """

    def __init__(self, manager, texts: Path, **others):
        super().__init__(manager, **others)
        self.texts = texts
        self.values: dict[str, object] = {}
        self.reads: list[str] = []

    def papermill_execute_cells(self):
        ran = 0
        for index, cell in enumerate(self.nb.cells):
            self.nb_man.cell_start(cell, index)
            evaluate = partial(self._evaluate, index, ran)
            try:
                if cell.cell_type == "code":
                    self.execute_cell(cell, index)
                    ran += 1
                    self._resolve_options(cell, index, partial(self._evaluate, index, ran))
                elif cell.cell_type == "markdown":
                    inline.finish(cell, inline.resolve_markdown(cell.source, evaluate, self.texts))
            except CellExecutionError as error:
                self.nb_man.cell_exception(self.nb.cells[index], cell_index=index, exception=error)
                break
            finally:
                self.nb_man.cell_complete(self.nb.cells[index], cell_index=index)
        else:
            self.reads = self._ask({"reads": READS})["reads"]

    def _resolve_options(self, cell, index: int, evaluate: inline.Evaluate) -> None:
        try:
            found = inline.resolve_options(cell.source, evaluate, self.texts)
        except yaml.YAMLError as error:
            raise ChapterError(f"{self._where(index)}: the «#|» options are not valid YAML: {error}.") from error
        if found:
            cell.metadata["annuario"] = {"options": found}

    def _evaluate(self, index: int, ran: int, wanted: list[str], as_text: bool) -> dict:
        """The values of some expressions, in the kernel: rendered text, or truth."""
        function = RENDER if as_text else "bool"
        asked = {expression: f"{function}(({expression}))" for expression in wanted}
        found = self._ask(asked, self._where(index))
        for expression, value in found.items():
            self.values[inline.value_key(ran, expression, as_text)] = value
        return found

    def _ask(self, asked: dict[str, str], where: str = "") -> dict:
        names = {str(number): name for number, name in enumerate(asked)}
        message = self.kc.execute(
            "", silent=True, store_history=False, user_expressions={n: asked[name] for n, name in names.items()}
        )
        answers = self.wait_for_reply(message)["content"]["user_expressions"]
        values = {}
        for number, name in names.items():
            answer = answers[number]
            if answer["status"] != "ok":
                raise ChapterError(
                    f"{where}: the inline expression «{name}» failed: {answer['ename']}: {answer['evalue']}."
                )
            values[name] = ast.literal_eval(answer["data"]["text/plain"])
        return values

    def _where(self, index: int) -> str:
        return f"{self.nb.metadata.papermill.get('input_path', 'notebook')}, {inline.place(self.nb, index)}"


class BookEngine(NBClientEngine):
    """papermill's own engine with inline expressions."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man, kernel_name, log_output=False, start_timeout=60, execution_timeout=None, texts="", **others
    ):
        """Execute a parameterised notebook; see papermill's engine of the same shape.

        ``texts`` is the folder of the edition's commentary. What the expressions gave and
        the files read are left in the notebook's metadata as ``annuario``.

        Raises ChapterError for an expression that fails.
        """
        others = remove_args(["input_path", "stdout_file", "stderr_file"], **others)
        with tempfile.TemporaryDirectory(prefix="annuario-") as folder:
            client = InlineClient(
                nb_man,
                Path(texts),
                kernel_name=kernel_name,
                log=logger,
                log_output=log_output,
                startup_timeout=start_timeout,
                timeout=execution_timeout,
                extra_arguments=["--IPKernelApp.log_level=ERROR", "--HistoryManager.enabled=False"],
                shutdown_kernel="immediate",
                config=_connection(Path(folder)),
                **others,
            )
            client.execute()
        nb_man.nb.metadata["annuario"] = {"values": client.values, "reads": client.reads}
        return nb_man.nb


def _connection(folder: Path) -> Config:
    """How a kernel is reached: through files of its own, where the system has such sockets.

    Free ports are looked for and then taken: two kernels can meet on one; files cannot.
    """
    manager = {"connection_file": str(folder / "kernel.json")}
    if sys.platform != "win32":
        manager |= {"transport": "ipc", "ip": str(folder / "kernel")}
    return Config({"KernelManager": manager})
