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
import re

import yaml
from nbclient.exceptions import CellExecutionError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.log import logger
from papermill.utils import remove_args

from annuario import inline
from annuario.errors import ChapterError

CONDITION = re.compile(r"\A<!--\s*se:\s*(.+?)\s*-->[ \t]*\n?")


def options(source: str) -> dict:
    """The Quarto options of a code cell: its leading ``#|`` lines, read as YAML."""
    lines = []
    for line in source.splitlines():
        if not line.startswith("#|"):
            break
        lines.append(line[2:].removeprefix(" "))
    return yaml.safe_load("\n".join(lines)) or {}


class InlineClient(PapermillNotebookClient):
    """Runs the cells in order, the Markdown ones too."""

    def papermill_execute_cells(self):
        for index, cell in enumerate(self.nb.cells):
            self.nb_man.cell_start(cell, index)
            try:
                if cell.cell_type == "code":
                    self.execute_cell(cell, index)
                    self._resolve_options(cell, index)
                elif cell.cell_type == "markdown":
                    self._resolve_text(cell, index)
            except CellExecutionError as error:
                self.nb_man.cell_exception(self.nb.cells[index], cell_index=index, exception=error)
                break
            finally:
                self.nb_man.cell_complete(self.nb.cells[index], cell_index=index)

    def _resolve_text(self, cell, index: int) -> None:
        source, condition = cell.source, CONDITION.match(cell.source)
        if condition:
            if not self._evaluate([condition[1]], index, render=False)[condition[1]]:
                cell.metadata["annuario"], cell.source = {"source": source}, ""
                return
            cell.source = source[condition.end() :]
        cell.source = self._resolve(cell.source, index)
        if cell.source != source:
            cell.metadata["annuario"] = {"source": source}

    def _resolve_options(self, cell, index: int) -> None:
        try:
            found = options(cell.source)
        except yaml.YAMLError as error:
            raise ChapterError(f"{self._where(index)}: the «#|» options are not valid YAML: {error}.") from error
        if found:
            resolved = {key: self._resolve(text, index) if isinstance(text, str) else text for key, text in found.items()}
            cell.metadata["annuario"] = {"options": resolved}

    def _resolve(self, text: str, index: int) -> str:
        """The text with its expressions evaluated, and those inside their values too."""
        for _ in range(2):
            wanted = inline.expressions(text)
            if not wanted:
                break
            text = inline.substitute(text, self._evaluate(wanted, index))
        return text

    def _evaluate(self, wanted: list[str], index: int, render: bool = True) -> dict:
        """The values of some expressions, in the kernel: rendered text, or truth."""
        function = "__import__('annuario.inline', fromlist=['render']).render" if render else "bool"
        asked = {str(number): f"{function}(({expression}))" for number, expression in enumerate(wanted)}
        reply = self.wait_for_reply(
            self.kc.execute("", silent=True, store_history=False, user_expressions=asked)
        )
        values = {}
        for number, expression in enumerate(wanted):
            answer = reply["content"]["user_expressions"][str(number)]
            if answer["status"] != "ok":
                raise ChapterError(
                    f"{self._where(index)}: the inline expression «{expression}» failed: "
                    f"{answer['ename']}: {answer['evalue']}."
                )
            values[expression] = ast.literal_eval(answer["data"]["text/plain"])
        return values

    def _where(self, index: int) -> str:
        return f"{self.nb.metadata.papermill.get('input_path', 'notebook')}, {place(self.nb, index)}"


def place(notebook, index: int) -> str:
    """A cell as its author counts it: papermill's injected cell is left out."""
    cells = notebook.cells[: index + 1]
    return f"cell {sum('injected-parameters' not in cell.metadata.get('tags', []) for cell in cells)}"


class BookEngine(NBClientEngine):
    """papermill's own engine with inline expressions."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man, kernel_name, log_output=False, start_timeout=60, execution_timeout=None, **others
    ):
        """Execute a parameterised notebook; see papermill's engine of the same shape.

        Raises ChapterError for an expression that fails.
        """
        others = remove_args(["input_path", "stdout_file", "stderr_file"], **others)
        client = InlineClient(
            nb_man,
            kernel_name=kernel_name,
            log=logger,
            log_output=log_output,
            startup_timeout=start_timeout,
            timeout=execution_timeout,
            extra_arguments=["--IPKernelApp.log_level=ERROR", "--HistoryManager.enabled=False"],
            shutdown_kernel="immediate",
            **others,
        )
        return client.execute()
