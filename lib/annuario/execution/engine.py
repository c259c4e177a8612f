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

import sys
import tempfile
import time
from functools import partial
from itertools import takewhile
from pathlib import Path
from queue import Empty

import yaml
from jupyter_client.asynchronous import AsyncKernelClient
from nbclient.exceptions import CellExecutionError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.log import logger
from papermill.utils import remove_args
from traitlets import Dict
from traitlets.config import Config

from annuario import inline
from annuario.errors import ChapterError

RENDER = "__import__('annuario.inline', fromlist=['render']).render"
#: What an expression gives travels as JSON, in the form that IPython has for it.
JSON = "application/json"
AS_JSON = "__import__('IPython.display', fromlist=['JSON']).JSON"
READS = f"{AS_JSON}(sorted(__import__('annuario.data', fromlist=['READS']).READS))"


class ChapterClient(AsyncKernelClient):
    """A kernel's client that asks for values together with the code of a cell.

    ``ahead`` maps names to expressions, evaluated right after the code that runs next.
    """

    ahead = Dict()

    def execute(
        self, code, silent=False, store_history=True, user_expressions=None, allow_stdin=None, stop_on_error=True
    ):
        """See jupyter_client."""
        asked = self.ahead if user_expressions is None else user_expressions
        return super().execute(code, silent, store_history, asked, allow_stdin, stop_on_error)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers and is heard on both channels.

        jupyter_client's own waits for a fifth of a second more, to see that nothing else is
        on its way; here messages are told apart by the request that they answer.
        """
        end = time.monotonic() + (timeout or float("inf"))
        while time.monotonic() < end:
            self.kernel_info()
            try:
                await self.shell_channel.get_msg(timeout=1)
                await self.iopub_channel.get_msg(timeout=0.2)
                return
            except Empty:
                if not await self.is_alive():
                    raise RuntimeError("it died before it answered") from None
        raise RuntimeError(f"no answer in {timeout} seconds")


class InlineClient(PapermillNotebookClient):
    """Runs the cells in order, the Markdown ones too.

    The values that the text after a code cell asks for are fetched together with that
    cell's results: a message to a kernel costs more than most cells. ``values`` collects
    what the expressions gave, by the number of code cells before them; ``reads`` the files
    that the chapter read.
    """

    def __init__(self, manager, texts: Path, **others):
        super().__init__(manager, on_cell_executed=self._receive, **others)
        self.texts = texts
        self.values: dict[str, object] = {}
        self.reads: list[str] = []
        self._ran = 0
        self._asked: list[tuple[list[str], bool]] = []
        self._known: dict[tuple[str, bool], object] = {}

    def papermill_execute_cells(self):
        for index, cell in enumerate(self.nb.cells):
            self.nb_man.cell_start(cell, index)
            evaluate = partial(self._evaluate, index)
            try:
                if cell.cell_type == "code":
                    self._execute(cell, index)
                    self._resolve_options(cell, index, evaluate)
                elif cell.cell_type == "markdown":
                    inline.finish(cell, inline.resolve_markdown(cell.source, evaluate, self.texts))
            except CellExecutionError as error:
                self.nb_man.cell_exception(self.nb.cells[index], cell_index=index, exception=error)
                break
            finally:
                self.nb_man.cell_complete(self.nb.cells[index], cell_index=index)
        else:
            self.reads = self._ask({"reads": READS})["reads"]

    def _execute(self, cell, index: int) -> None:
        self._ran += 1
        self._known = {}
        ahead = self._ahead(index)
        self._asked = [names for names, _ in ahead]
        self.kc.ahead = {str(number): source for number, (_, source) in enumerate(ahead)}
        self.execute_cell(cell, index)

    def _ahead(self, index: int) -> list[tuple[tuple[list[str], bool], str]]:
        """What the captions of a code cell and the text that follows it ask for, with how it is asked."""
        cell, *others = self.nb.cells[index:]
        try:
            captions = [text for text in inline.options(cell.source).values() if isinstance(text, str)]
        except yaml.YAMLError:
            captions = []  # that is said when the cell has run
        ahead = [_several(inline.PATTERN.findall("\n".join(captions)), True)]
        for following in takewhile(lambda other: other.cell_type != "code", others):
            condition = inline.CONDITION.match(following.source)
            guard = condition[1] if condition else None
            if guard:
                ahead.append(_several([guard], False))
            ahead.append(_several(inline.PATTERN.findall(following.source), True, guard))
        return [(names, source) for names, source in ahead if names[0]]

    def _receive(self, cell, cell_index: int, execute_reply: dict) -> None:
        """Keep the values that came with a cell's results; what failed is asked for again, by itself."""
        answers = execute_reply["content"].get("user_expressions", {})
        for number, (names, as_text) in enumerate(self._asked):
            found = answers.get(str(number), {}).get("data", {}).get(JSON, [])
            self._known |= {(name, as_text): value for name, value in zip(names, found)}

    def _resolve_options(self, cell, index: int, evaluate: inline.Evaluate) -> None:
        try:
            found = inline.resolve_options(cell.source, evaluate, self.texts)
        except yaml.YAMLError as error:
            raise ChapterError(f"{self._where(index)}: the «#|» options are not valid YAML: {error}.") from error
        if found:
            cell.metadata["annuario"] = {"options": found}

    def _evaluate(self, index: int, wanted: list[str], as_text: bool) -> dict:
        """The values of some expressions at this point of the document: rendered text, or truth."""
        unknown = {name: _several([name], as_text)[1] for name in wanted if (name, as_text) not in self._known}
        if unknown:
            found = self._ask(unknown, self._where(index))
            self._known |= {(name, as_text): value for name, (value,) in found.items()}
        found = {name: self._known[name, as_text] for name in wanted}
        for name, value in found.items():
            self.values[inline.value_key(self._ran, name, as_text)] = value
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
            values[name] = answer["data"][JSON]
        return values

    def _where(self, index: int) -> str:
        return f"{self.nb.metadata.papermill.get('input_path', 'notebook')}, {inline.place(self.nb, index)}"


def _one(expression: str, as_text: bool) -> str:
    return f"{RENDER if as_text else 'bool'}(({expression}))"


def _several(names: list[str], as_text: bool, guard: str | None = None) -> tuple[tuple[list[str], bool], str]:
    """Some expressions asked for as one list, of which nothing is evaluated where ``guard`` is false."""
    names = list(dict.fromkeys(names))
    asked = f"{AS_JSON}([{', '.join(_one(name, as_text) for name in names)}])"
    return (names, as_text), f"{asked} if ({guard}) else None" if guard else asked


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
    """How a kernel is reached: by our client, through files of its own where the system has such sockets.

    Free ports are looked for and then taken: two kernels can meet on one; files cannot.
    """
    manager = {"connection_file": str(folder / "kernel.json"), "client_class": f"{__name__}.ChapterClient"}
    if sys.platform != "win32":
        manager |= {"transport": "ipc", "ip": str(folder / "kernel")}
    return Config({"KernelManager": manager})
