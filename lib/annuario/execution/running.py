"""A chapter as it runs, in a process of its own: its code cells, and after each what the text asks for."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from annuario.data.package import unwatched, watched
from annuario.errors import BookError, ChapterError, CheckError
from annuario.execution import reads
from annuario.execution.parameters import EDITION, TAG
from annuario.execution.reports import ASKED, CELL, evaluated
from annuario.execution.shell import Shell
from annuario.execution.supposed import Supposed
from annuario.messages import foreign, marked, say
from annuario.text import answers, expressions, inline, jupyter, unentered

LEFT = marked("ends the chapter (exit, quit, SystemExit): a chapter runs to its last cell.")
#: Where Python says that a cell is wrong.
_IN_CELL = re.compile(r"(.*) \((?:\S*\.py|<[^<>]*>), line (\d+)\)")
#: Errors that a user can mend: the names of their classes add nothing.
_OURS = (BookError.__name__, ChapterError.__name__, CheckError.__name__)


class Ended(Exception):
    """A cell after which a chapter cannot go on: why, in words."""


class Running:
    """Runs the cells in order, the Markdown ones too.

    ``order`` holds the ``cells``, parameterised; ``source``, the notebook's name; ``edition``, that of
    the parameter, if any; and ``texts``, the folder of the commentary. ``tell`` is called before each
    cell, each question and with each problem, so that whoever waits knows where a process has ended.
    """

    def __init__(self, order: dict, shell: Shell, tell: Callable[[dict], None]):
        self.cells: list[dict] = order["cells"]
        self.source: str = order["source"]
        self.edition: str | None = order["edition"]
        self.shell = shell
        self.tell = tell
        self.finisher = inline.Finisher(Path(order["texts"]))
        self.supposed = Supposed()
        #: What the expressions gave, by the number of code cells before them.
        self.values: dict[str, object] = {}
        self.failed = False
        self._prose: list[int] = []  # the places of the Markdown cells
        self._ran = 0
        self._known: dict[tuple[str, bool], Any] = {}

    def run(self) -> dict[str, Any]:
        """The executed cells, and what is known of the chapter; an empty dictionary where it has problems."""
        with unwatched():  # what the cells read counts, and not what is read to put the text together
            for index, cell in enumerate(self.cells):
                try:
                    self._cell(cell, index)
                except expressions.Faults as faults:
                    self._blame(index, faults.problems)
                except Ended as ended:
                    self._blame(index, [str(ended), *jupyter.problems(cell)])
                    for later, other in enumerate(self.cells[index + 1 :], index + 1):
                        self._blame(later, jupyter.problems(other))
                    return {}
            if not self.failed:
                texts, wrong = self.finisher.texts_of_cells()
                for place, problem in wrong:
                    self._blame(self._prose[place], [problem])
                for index, text, sentences in zip(self._prose, texts, self.finisher.sentences):
                    jupyter.put(self.cells[index], text, sentences)
            told = reads.told()
            if self.edition and self._edition() != self.edition:
                self._problem(f"{self.source}: {self._changed()}")
            if told["opened"] and all(compared for _, compared in told["opened"]):
                self._problem(
                    say(
                        "{source}: it opens no edition but for a comparison: open its own with open_edition({edition}).",
                        source=self.source,
                        edition=EDITION,
                    )
                )
        if self.failed:
            return {}
        return {
            "cells": self.cells,
            "language_info": _language(),
            "annuario": {
                "values": self.values,
                "reads": told["reads"],
                "untracked": told["untracked"],
                "placed": sorted(self.finisher.placed),
                "asked": sorted(self.finisher.asked),
            },
        }

    def _cell(self, cell: dict, index: int) -> None:
        evaluate = partial(self._evaluate, index)
        cell["metadata"].pop("annuario", None)  # of an executed notebook that has become a source again
        if cell["cell_type"] == "code":
            self._ran += 1
            try:
                options = jupyter.options(cell["source"])
            except expressions.Faults:
                options = {}  # reported when the cell has run
            if options.get("eval", True):
                self._execute(cell, index, options)
                self._blame(
                    index, [problem for text in _shown(cell, options) for problem in expressions.unfinished(text)]
                )
                options = self.finisher.code(cell["source"], cell["outputs"], evaluate)
            else:
                cell["outputs"], cell["execution_count"] = [], None
            if options:
                cell["metadata"]["annuario"] = {"options": options}
        elif cell["cell_type"] == "markdown":
            self._prose.append(index)
            self.finisher.markdown(cell["source"], evaluate)
        else:
            self._blame(index, jupyter.problems(cell))

    def _execute(self, cell: dict, index: int, options: dict) -> None:
        """Run a code cell to its end. Raises Ended where the chapter cannot go on after it."""
        tags = cell["metadata"].get("tags", [])
        self._known = {}
        cell["outputs"] = []
        if not cell["source"].strip():
            return
        if "skip-execution" in tags:
            raise Ended(say("the cell did not run: a cell that should not says «#| eval: false»."))
        self.tell({CELL: index})
        self.shell.outputs.take()  # what the text's expressions have printed is of no cell
        with watched():
            result = self.shell.run_cell(cell["source"], store_history=True)
        cell["outputs"], cell["execution_count"] = self.shell.outputs.take(), self.shell.execution_count - 1
        error = result.error_before_exec or result.error_in_exec
        if self.shell.left or isinstance(error, SystemExit):
            raise Ended(say("it {left}", left=say(LEFT)))
        allowed = bool(options.get("error")) or "raises-exception" in tags
        if error is not None and not allowed:
            name = type(error).__name__
            if "label" in options and unentered.waits(name):
                cell["outputs"] = []
                return
            raise Ended(_said(name, str(error)))
        shown = [output for output in cell["outputs"] if output["output_type"] == "error"]
        if shown and not allowed:
            said = _said(shown[-1]["ename"], shown[-1]["evalue"])
            raise Ended(say("what it shows cannot be shown: {said}", said=said))
        for output in cell["outputs"]:
            if said := _unfit(output):
                raise Ended(say("it puts out what no notebook can hold ({said}): mend what it shows.", said=said[:80]))
        self.supposed.follow(cell["source"])
        self._without_the_unknown(cell, result.result)
        if self.edition and EDITION in cell["source"] and TAG not in tags and self._edition() != self.edition:
            raise Ended(self._changed())

    def _without_the_unknown(self, cell: dict, value: object) -> None:
        """Have a draft's table or chart not show what would be another with the rows that are to be entered."""
        with watched():
            known, lacks = self.supposed.shown(cell["source"], value)
        if known is value and not lacks:
            return
        for output in cell["outputs"]:
            if output["output_type"] == "execute_result":
                forms, told = ({}, {}) if known is None else known._repr_mimebundle_()
                told.setdefault("annuario", {})[inline.LACKS] = lacks
                output.update({"data": forms, "metadata": told})

    def _evaluate(self, index: int, wanted: list[str], as_text: bool) -> dict:
        """The values of some expressions at this point of the document: rendered text, or truth, or a failure."""
        unknown = [name for name in dict.fromkeys(wanted) if (name, as_text) not in self._known]
        if unknown:
            self.tell({CELL: index, ASKED: unknown})
        for name in unknown:
            self._known[name, as_text] = self._value(name, as_text)
        found = {name: self._known[name, as_text] for name in wanted}
        for name, value in found.items():
            if not isinstance(value, inline.Failure):
                self.values[inline.value_key(self._ran, name, as_text)] = value
        return found

    def _value(self, name: str, as_text: bool) -> Any:
        names = self.shell.user_ns
        value: Any = None
        try:
            with watched():
                if as_text:
                    value = self.supposed.answer(name, answers.answer(lambda: eval(f"({name})", names)))
                else:
                    value = bool(eval(f"({name})", names))
            value = value if isinstance(value, (str, bool)) else json.loads(json.dumps(value))
        except SystemExit:
            self.shell.left = True
        except Exception as error:  # noqa: BLE001 - whatever an expression raises is its author's
            value = inline.Failure(_said(type(error).__name__, str(error)))
        if self.shell.left:
            raise Ended(f"{evaluated([name])} {say(LEFT)}")
        return value

    def _edition(self) -> object:
        return self.shell.user_ns.get(EDITION)

    def _changed(self) -> str:
        return say(
            "«{edition}» is no longer {built}, the edition being built: give what you set another name.",
            edition=EDITION,
            built=self.edition,
        )

    def _blame(self, index: int, problems: list[str]) -> None:
        for problem in problems:
            self._problem(f"{self.source}, {jupyter.place({'cells': self.cells}, index)}: {problem}")

    def _problem(self, problem: str) -> None:
        self.failed = True
        self.tell({"problem": problem})


def _language() -> dict[str, Any]:
    """What notebooks say of their language, in Jupyter's words."""
    return {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        "version": platform.python_version(),
    }


def _shown(cell: dict, options: dict) -> list[str]:
    """The texts among the outputs of a cell that the book takes for Markdown."""
    shown = [output["data"].get("text/markdown", "") for output in cell["outputs"] if "data" in output]
    if options.get("output") == "asis":
        shown += [output["text"] for output in cell["outputs"] if output["output_type"] == "stream"]
    return shown


def _unfit(output: dict) -> str:
    """Why a notebook cannot hold an output; nothing where it can."""
    for form, value in output.get("data", {}).items():
        if not isinstance(value, str) and not form.endswith("json"):
            return f"{form}: {type(value).__name__}"
    try:
        json.dumps(output)
    except (TypeError, ValueError) as error:
        return str(error)
    return ""


def _said(name: str, said: str) -> str:
    """An exception in one line."""
    said = " ".join(said.split())
    if found := _IN_CELL.fullmatch(said):  # the file is one of IPython's own
        said = say("{what} (line {line})", what=foreign(found[1]), line=found[2])
    if name in _OURS:  # a message that says all
        return said.removesuffix(".")
    return f"{name}: {foreign(said)}".removesuffix(": ")
