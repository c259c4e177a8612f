"""A kernel's client that runs a chapter: its code cells, and at each point what the text asks for."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from functools import partial
from itertools import takewhile
from pathlib import Path
from queue import Empty

from jupyter_client.asynchronous import AsyncKernelClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import ValidationError
from papermill.clientwrap import PapermillNotebookClient
from traitlets import Dict

from annuario.errors import BookError, ChapterError, CheckError
from annuario.execution.kernels import CAN_FORK
from annuario.execution.questions import AS_JSON, BEGIN, JSON, TOLD, several
from annuario.messages import foreign, marked, say
from annuario.text import expressions, inline, jupyter

#: The parameter that says which edition is built.
EDITION = "edizione"


class Ended(Exception):
    """A cell after which a chapter cannot go on: why, in words."""


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
                    raise RuntimeError(say("it died before it answered")) from None
        raise RuntimeError(say("no answer in {timeout} seconds", timeout=timeout))


class InlineClient(PapermillNotebookClient):
    """Runs the cells in order, the Markdown ones too.

    The values that the text after a code cell asks for are fetched together with that
    cell's results: a message to a kernel costs more than most cells. ``values`` collects
    what the expressions gave, by the number of code cells before them; ``problems`` all that
    is wrong with the chapter; ``told`` what the kernel tells of it at its end.
    """

    def __init__(self, manager, texts: Path, **others):
        super().__init__(manager, on_cell_executed=self._receive, shell_timeout_interval=1, **others)
        self.finisher = inline.Finisher(texts)
        self.values: dict[str, object] = {}
        self.problems: list[str] = []
        self.told: dict = {}
        self._prose: list[int] = []  # the places of the Markdown cells
        self._edition = self.nb.metadata.papermill.get("parameters", {}).get(EDITION)
        self._ran = 0
        self._reply: dict | None = None
        self._asked: list[tuple[list[str], bool]] = []
        self._known: dict[tuple[str, bool], object] = {}

    def execute(self, **kwargs):
        """See papermill's client, which this follows; a kernel that may have ended is asked nothing more."""
        self.reset_execution_trackers()
        if sys.platform == "win32":
            asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
        with self.setup_kernel(**kwargs):
            self.papermill_execute_cells()
            if not self.problems:
                information = self.wait_for_reply(self.kc.kernel_info())
                self.nb.metadata["language_info"] = information["content"]["language_info"]
                self.set_widgets_metadata()

    def papermill_execute_cells(self):
        if not CAN_FORK:  # a forked kernel does by itself
            self._ask({BEGIN: BEGIN}, self.nb.cells[0])
        for index, cell in enumerate(self.nb.cells):
            self.nb_man.cell_start(cell, index)
            try:
                self._cell(cell, index)
            except expressions.Faults as faults:
                self._blame(index, faults.problems)
            except Ended as ended:
                self._blame(index, [str(ended), *jupyter.problems(cell)])
                for later, other in enumerate(self.nb.cells[index + 1 :], index + 1):
                    self._blame(later, jupyter.problems(other))
                return
            finally:
                self.nb_man.cell_complete(self.nb.cells[index], cell_index=index)
        if not self.problems:
            texts, wrong = self.finisher.texts_of_cells()
            for place, problem in wrong:
                self._blame(self._prose[place], [problem])
            for index, text, sentences in zip(self._prose, texts, self.finisher.sentences):
                jupyter.put(self.nb.cells[index], text, sentences)
        try:
            self.told, edition = self._ask({TOLD: TOLD, EDITION: f"{AS_JSON}([{EDITION}])"}, self.nb.cells[-1]).values()
        except Ended as ended:
            self.problems.append(say("{source}, after its last cell: {ended}", source=self._source(), ended=ended))
            return
        if self._edition and edition != [self._edition]:
            self.problems.append(f"{self._source()}: {self._changed()}")
        if self.told["opened"] and all(compared for _, compared in self.told["opened"]):
            self.problems.append(
                say(
                    "{source}: it opens no edition but for a comparison: open its own with open_edition({edition}).",
                    source=self._source(),
                    edition=EDITION,
                )
            )

    def _cell(self, cell, index: int) -> None:
        evaluate = partial(self._evaluate, index)
        cell.metadata.pop("annuario", None)  # of an executed notebook that has become a source again
        if cell.cell_type == "code":
            self._ran += 1
            try:
                options = jupyter.options(cell.source)
            except expressions.Faults:
                options = {}  # that is said when the cell has run
            if options.get("eval", True):
                self._execute(cell, index, options)
                self._blame(
                    index, [problem for text in _shown(cell, options) for problem in expressions.unfinished(text)]
                )
                options = self.finisher.code(cell.source, cell.outputs, evaluate)
            else:
                cell.outputs, cell.execution_count = [], None
            if options:
                cell.metadata["annuario"] = {"options": options}
        elif cell.cell_type == "markdown":
            self._prose.append(index)
            self.finisher.markdown(cell.source, evaluate)
        else:
            self._blame(index, jupyter.problems(cell))

    def _execute(self, cell, index: int, options: dict) -> None:
        """Run a code cell to its end. Raises Ended where the chapter cannot go on after it."""
        tags = cell.metadata.get("tags", [])
        self.allow_errors = bool(options.get("error")) or "raises-exception" in tags
        self._reply = None
        self._known = {}
        ahead = self._ahead(index)
        self._asked = [names for names, _ in ahead]
        self.kc.ahead = {str(number): source for number, (_, source) in enumerate(ahead)}
        if EDITION in cell.source and "parameters" not in tags:
            self.kc.ahead |= {EDITION: f"{AS_JSON}([{EDITION}])"}
        who = say("it, or an expression of the text below it,") if ahead else "it"
        try:
            self.execute_cell(cell, index)
        except CellExecutionError as error:
            if "label" in options and self._waits(error.ename, cell):
                cell.outputs = []
                return
            raise Ended(
                say("it {left}", left=say(LEFT)) if error.ename == "SystemExit" else _failed(error, cell)
            ) from error
        except CellTimeoutError as error:
            raise Ended(f"{who} {self._late()}") from error
        except DeadKernelError as error:
            raise Ended(f"{who} {say(DIED)}") from error
        except ValidationError as error:
            raise Ended(
                say(
                    "it puts out what no notebook can hold ({said}): mend what it shows.",
                    said=str(error).splitlines()[0][:80],
                )
            ) from error
        if self._reply is None:
            if cell.source.strip():
                raise Ended(say("the cell did not run: a cell that should not says «#| eval: false»."))
            return
        reply = self._reply["content"]
        if _leaves(reply) or reply.get("ename") == "SystemExit":
            raise Ended(f"{who} {say(LEFT)}")
        if reply["status"] != "ok" and not self.allow_errors:
            raise Ended(say("the cell did not run ({status}).", status=reply["status"]))
        edition = reply.get("user_expressions", {}).get(EDITION)
        if self._edition and edition and edition.get("data", {}).get(JSON) != [self._edition]:
            raise Ended(self._changed())

    def _waits(self, error: str, cell) -> bool:
        """Whether the chapter is of a draft whose missing rows may be why a table or chart failed."""
        asked = f"{AS_JSON}([__import__('annuario.text.unentered', fromlist=['x']).waits({error!r})])"
        value = self._ask({asked: asked}, cell)[asked]
        return not isinstance(value, inline.Failure) and value[0]

    def _ahead(self, index: int) -> list[tuple[tuple[list[str], bool], str]]:
        """What the captions of a code cell and the text that follows it ask for, with how it is asked."""
        cell, *others = self.nb.cells[index:]
        try:
            captions = list(jupyter.texts_in(jupyter.options(cell.source)))
        except expressions.Faults:
            captions = []
        ahead = [several([name for text in captions for name in expressions.written(text).expressions], True)]
        for following in takewhile(lambda other: other.cell_type != "code", others):
            if following.cell_type == "markdown":
                guard, text = expressions.split(following.source)
                if guard:
                    ahead.append(several([guard], False))
                ahead.append(several(expressions.written(text).expressions, True, guard))
        return [(names, source) for names, source in ahead if names[0]]

    def _receive(self, cell, cell_index: int, execute_reply: dict) -> None:
        """Keep the values that came with a cell's results; what failed is asked for again, by itself."""
        self._reply = execute_reply
        answers = execute_reply["content"].get("user_expressions", {})
        for number, (names, as_text) in enumerate(self._asked):
            found = answers.get(str(number), {}).get("data", {}).get(JSON, [])
            self._known |= {(name, as_text): value for name, value in zip(names, found)}

    def _evaluate(self, index: int, wanted: list[str], as_text: bool) -> dict:
        """The values of some expressions at this point of the document: rendered text, or truth, or a failure."""
        unknown = {name: several([name], as_text)[1] for name in wanted if (name, as_text) not in self._known}
        if unknown:
            found = self._ask(unknown, self.nb.cells[index])
            self._known |= {
                (name, as_text): value if isinstance(value, inline.Failure) else value[0]
                for name, value in found.items()
            }
        found = {name: self._known[name, as_text] for name in wanted}
        for name, value in found.items():
            if not isinstance(value, inline.Failure):
                self.values[inline.value_key(self._ran, name, as_text)] = value
        return found

    def _ask(self, asked: dict[str, str], cell: dict) -> dict:
        """What some expressions give, or how they fail. Raises Ended where the kernel ends over them."""
        names = {str(number): name for number, name in enumerate(asked)}
        message = self.kc.execute(
            "", silent=True, store_history=False, user_expressions={n: asked[name] for n, name in names.items()}
        )
        who = say("what is evaluated ({asked})", asked=", ".join(f"«{name}»" for name in asked))
        try:
            reply = self.wait_for_reply(message, cell)["content"]
        except CellTimeoutError as error:
            raise Ended(f"{who} {self._late()}") from error
        except DeadKernelError as error:
            raise Ended(f"{who} {say(DIED)}") from error
        if _leaves(reply):
            raise Ended(f"{who} {say(LEFT)}")
        answers = {name: reply["user_expressions"][number] for number, name in names.items()}
        return {
            name: answer["data"][JSON]
            if answer["status"] == "ok"
            else inline.Failure(_said(answer["ename"], answer["evalue"]))
            for name, answer in answers.items()
        }

    def _blame(self, index: int, problems: list[str]) -> None:
        self.problems += [f"{self._source()}, {jupyter.place(self.nb, index)}: {problem}" for problem in problems]

    def _source(self) -> str:
        return self.nb.metadata.papermill.get("input_path") or "notebook"

    def _changed(self) -> str:
        return say(
            "«{edition}» is no longer {built}, the edition being built: give what you set another name.",
            edition=EDITION,
            built=self._edition,
        )

    def _late(self) -> str:
        return say(
            "has not ended in {timeout} seconds: mend it, or set a longer limit in _quarto.yml "
            "(under «annuario», «limite-cella», in seconds).",
            timeout=self.timeout,
        )


DIED = marked("ended its kernel: did it need too much memory, or end the process itself?")
#: Where Python says that a cell is wrong.
_IN_CELL = re.compile(r"(.*) \((?:\S*\.py|<[^<>]*>), line (\d+)\)")
#: Errors that a user can mend: what they are called says nothing more.
_OURS = (BookError.__name__, ChapterError.__name__, CheckError.__name__)
LEFT = marked("ends the chapter (exit, quit, SystemExit): a chapter runs to its last cell.")


def _shown(cell, options: dict) -> list[str]:
    """The texts among the outputs of a cell that the book takes for Markdown."""
    shown = [output["data"].get("text/markdown", "") for output in cell.outputs if "data" in output]
    if options.get("output") == "asis":
        shown += [output["text"] for output in cell.outputs if output["output_type"] == "stream"]
    return shown


def _leaves(reply: dict) -> bool:
    """Whether what was run has asked the kernel to end."""
    return any(part.get("source") == "ask_exit" for part in reply.get("payload", []))


def _failed(error: CellExecutionError, cell) -> str:
    """Why a cell failed; of a value that could not be shown the kernel tells among the outputs alone."""
    shown = [output for output in cell.outputs if output["output_type"] == "error"]
    if error.ename == "NoneType" and shown:
        return say("what it shows cannot be shown: {said}", said=_said(shown[-1]["ename"], shown[-1]["evalue"]))
    return _said(error.ename, error.evalue)


def _said(name: str, said: str) -> str:
    """An exception in one line."""
    said = " ".join(said.split())
    if found := _IN_CELL.fullmatch(said):  # the file is one of Jupyter's own
        said = say("{what} (line {line})", what=foreign(found[1]), line=found[2])
    if name in _OURS:  # a message that says all
        return said.removesuffix(".")
    return f"{name}: {foreign(said)}".removesuffix(": ")
