"""IPython without a terminal and without messages: what a cell puts out is kept as a notebook holds it."""

from __future__ import annotations

import os
import sys
import tempfile
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config


class _Stream:
    """``sys.stdout`` or ``sys.stderr`` of a chapter."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, name: str, file: int, write: Callable[[str, str], None]):
        self.name = name
        self._file = file
        self._write = write

    def write(self, text: str) -> int:
        self._write(self.name, str(text))
        return len(text)

    def writelines(self, lines) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing is held back."""

    def fileno(self) -> int:
        return self._file

    def isatty(self) -> bool:
        return False

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True


class Outputs:
    """What a cell has put out so far, in nbformat's form; what is shown under a name may be replaced later."""

    def __init__(self) -> None:
        self._found: list[dict[str, Any]] = []
        self._named: dict[str, list[dict]] = {}
        self._clear = False
        self._files: dict[str, Any] = {}

    def take(self) -> list[dict[str, Any]]:
        """What was put out since the last time."""
        for name, file in self._files.items():  # written by other programs, or by libraries past Python
            file.seek(0)
            self.stream(name, file.read().decode("utf-8", "replace"))
            file.seek(0)
            file.truncate()
        found, self._found, self._clear = self._found, [], False
        return found

    def put(self, output: dict[str, Any]) -> None:
        """Take in one output."""
        if self._clear:
            self._found, self._clear = [], False
        self._found.append(output)

    def stream(self, name: str, text: str) -> None:
        """Take in printed text; what comes in a row on one stream is one output."""
        if not text:
            return
        last = self._found[-1] if self._found and not self._clear else {}
        if last.get("name") == name:
            last["text"] += text
        else:
            self.put({"name": name, "output_type": "stream", "text": text})

    def show(self, data: dict, metadata: dict, transient: dict, update: bool) -> None:
        """Take in what is displayed, or put it in the place of what was displayed under the same name."""
        name = transient.get("display_id", "")
        shown = {"data": _plain(data), "metadata": metadata}
        if update:
            for output in self._named.get(name, []):
                output.update(shown)
            return
        output = {"output_type": "display_data", **shown}
        if name:
            self._named.setdefault(name, []).append(output)
        self.put(output)

    def clear(self, wait: bool) -> None:
        """Forget what the cell has put out; with ``wait``, when the next output comes."""
        self._found = self._found if wait else []
        self._clear = wait

    def redirect(self) -> None:
        """Take over what this process prints, through Python or past it."""
        for name, number in (("stdout", 1), ("stderr", 2)):
            file = self._files[name] = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
            os.dup2(file.fileno(), number)
            setattr(sys, name, _Stream(name, number, self.stream))


def _plain(data: dict) -> dict:
    return {form: b64encode(value).decode() if isinstance(value, bytes) else value for form, value in data.items()}


class _Publisher(DisplayPublisher):
    """What ``display`` shows."""

    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **others):
        """See IPython."""
        self.shell.outputs.show(data, metadata or {}, transient or {}, update)

    def clear_output(self, wait=False):
        """See IPython."""
        self.shell.outputs.clear(wait)


class _Hook(DisplayHook):
    """The value of a cell's last line."""

    def write_output_prompt(self):
        """See IPython: the number of the result is kept with it."""

    def write_format_data(self, format_dict, md_dict=None):
        """See IPython."""
        if format_dict:
            self.shell.outputs.put(
                {
                    "data": _plain(format_dict),
                    "execution_count": self.prompt_count,
                    "metadata": md_dict or {},
                    "output_type": "execute_result",
                }
            )

    def finish_displayhook(self):
        """See IPython, which ends the line of a terminal."""


class Shell(InteractiveShell):
    """The shell that the cells of a chapter run in; ``left`` says that one has asked to end it."""

    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)

    def __init__(self, **others):
        self.outputs = Outputs()
        self.left = False
        super().__init__(**others)

    def ask_exit(self) -> None:
        """What ``exit`` and ``quit`` call."""
        self.left = True

    def _showtraceback(self, etype, evalue, stb):
        self.outputs.put(
            {"ename": etype.__name__, "evalue": str(evalue), "output_type": "error", "traceback": list(stb)}
        )


def shell() -> Shell:
    """The one shell of this process."""
    config = Config()
    config.HistoryManager.enabled = False
    return Shell.instance(config=config)
