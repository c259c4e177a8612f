"""Processes for chapters: forked from one that has paid for the imports already.

``python -m annuario.execution.processes ROOT`` is that warm process. It imports pandas, Altair and this
package, parses the tables, starts no thread, and forks at each order a process that runs one
chapter (``annuario.execution.running``) and tells how it goes, line by line, as JSON. Where a
process cannot be forked, one is started anew for each chapter, and does the same.

The socket or pipe that a process gets its order from also ties it to the builder: the builder sees it
close when the process ends, and the process ends when it closes, so that none outlives a killed builder.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import orjson

from annuario.messages import say

#: What chapters import, at their start or later; every module of the agency besides.
PRELOAD = (
    *("IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger", "IPython.core.oinspect"),
    *("IPython.extensions.storemagic", "annuario.execution.running"),
    *("pandas.core.methods.to_dict", "pandas.core.reshape.reshape", "pandas.io.formats.csvs"),
    *("annuario.checks", "annuario.checks.revisions", "annuario.notebook", "annuario.words.trends"),
)
CAN_FORK = sys.platform == "linux"
_SIZE = 1 << 20


class Process:
    """The process of one chapter, seen from the builder; ``late`` says that it was ended for its slowness."""

    def __init__(self, pid: int, lines: IO[bytes], ties: list):
        self.pid = pid
        self.late = False
        self._lines = lines
        self._ties = ties
        self._ended = False
        _running.add(self)

    def messages(self, limit: float | None = None) -> Iterator[dict[str, Any]]:
        """What it tells, until it ends; it is ended where nothing comes for ``limit`` seconds."""
        try:
            while line := self._line(limit):
                yield orjson.loads(line)
        finally:
            self._ended = True
            _running.discard(self)
            for tie in (self._lines, *self._ties):
                tie.close()

    def _line(self, limit: float | None) -> bytes:
        timer = threading.Timer(limit, self._give_up) if limit else None
        if timer:
            timer.daemon = True
            timer.start()
        try:
            line = self._lines.readline()
        except OSError:  # the process has been killed
            return b""
        finally:
            if timer:
                timer.cancel()
        return line if line.endswith(b"\n") else b""

    def _give_up(self) -> None:
        self.late = True
        self.kill()

    def kill(self) -> None:
        """End the process at once."""
        if not self._ended:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)


#: The processes that run chapters now.
_running: set[Process] = set()


class ForkServer:
    """The warm process, seen from the builder; started at the first need."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._link: socket.socket | None = None
        self._root = Path()

    def start(self, root: Path) -> None:
        """Start the process unless it runs; returns at once, imports go on meanwhile.

        The tables of the project at ``root`` are made ready; other projects may be served as well.
        """
        with self._lock:
            self._root = root
            self._started()

    def _started(self) -> socket.socket:
        """The link to the process, which is started unless it runs."""
        if self._link is None:
            self._link, theirs = socket.socketpair()
            with theirs:
                subprocess.Popen(
                    [sys.executable, "-m", __name__, str(self._root)],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    close_fds=True,
                    start_new_session=True,  # ^C is the builder's to handle
                )
        return self._link

    def launch(self, order: dict[str, Any]) -> Process:
        """Fork a process that runs a chapter; a warm process that has died is started anew.

        Raises RuntimeError where it dies again.
        """
        ours, theirs = socket.socketpair()
        message = orjson.dumps(order)
        with self._lock, theirs:
            answer = self._order(message, theirs) or self._order(message, theirs)
        if not answer:
            ours.close()
            raise RuntimeError(say("the process that chapters are forked from has died"))
        return Process(int.from_bytes(answer, "big"), ours.makefile("rb"), [ours])

    def _order(self, message: bytes, tie: socket.socket) -> bytes:
        """The answer of the warm process to an order; nothing where it has died."""
        link = self._started()
        try:
            socket.send_fds(link, [len(message).to_bytes(8, "big")], [tie.fileno()])
            link.sendall(message)
            answer = link.recv(8)
        except OSError:
            answer = b""
        if not answer:
            link.close()
            self._link = None
        return answer


SERVER = ForkServer()


def start(order: dict[str, Any]) -> Process:
    """A process that runs a chapter.

    ``order`` is what :class:`annuario.execution.running.Running` takes, with the ``folder`` and the
    environment (``env``) to run in. Raises RuntimeError where none can be started.
    """
    if CAN_FORK:
        return SERVER.launch(order)
    process = subprocess.Popen(
        [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=order["env"]
    )
    assert process.stdin and process.stdout
    with contextlib.suppress(OSError):  # it has died, which is told by its silence
        process.stdin.write(orjson.dumps(order) + b"\n")
        process.stdin.flush()
    return Process(process.pid, process.stdout, [process.stdin])


def end() -> None:
    """End every chapter that runs, whatever it does."""
    for process in list(_running):
        process.kill()


def use(root: Path) -> None:
    """Start warming processes for the chapters of a project."""
    if CAN_FORK:
        SERVER.start(root)


def warm(root: Path) -> None:
    """Pay for what every chapter needs: imports, and the tables of the project at ``root``.

    Altair's checks of each part of a chart as it is made are left out: they help the
    author of a chart, and took half of the time of a chapter.
    """
    from altair.utils.schemapi import disable_debug_mode

    from annuario import agency
    from annuario.data.package import READS, Package
    from annuario.errors import BookError

    try:
        own = agency.load(root).modules
    except BookError:
        own = []  # reported by the chapters that import it
    for name in [*PRELOAD, *own]:
        __import__(name)
    disable_debug_mode()
    Package(root / "data").preload()
    READS.clear()  # what was read to get ready is no chapter's read


def serve(root: Path) -> None:
    """The warm process: get ready, then fork one for each order until the link closes."""
    gc.disable()  # what is imported stays: looking for what does not took a sixth of the time
    warm(root)
    from annuario.execution.shell import shell

    shell()
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000)  # what a chapter makes, it keeps to its end
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are never waited for
    with socket.socket(fileno=os.dup(0)) as link:
        while True:
            head, ties, _, _ = socket.recv_fds(link, 8, 1)
            if not head:
                return
            order = json.loads(_receive(link, int.from_bytes(head, "big")))
            pid = os.fork()
            if pid == 0:
                link.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                signal.signal(signal.SIGINT, signal.default_int_handler)
                os.setsid()
                _run(order, ties[0], ties[0])
            os.close(ties[0])
            link.sendall(pid.to_bytes(8, "big"))


def _receive(link: socket.socket, length: int) -> bytes:
    parts = b""
    while len(parts) < length:
        parts += link.recv(min(_SIZE, length - len(parts)))
    return parts


def _alone() -> None:
    """In a process that was started for one chapter: take its order, and run it."""
    order = json.loads(sys.stdin.buffer.readline())
    from altair.utils.schemapi import disable_debug_mode

    disable_debug_mode()
    _run(order, os.dup(0), os.dup(1))


def _run(order: dict[str, Any], asker: int, teller: int) -> None:
    """Take on the order's folder and environment, run its chapter and report on it; the process ends with it."""
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.clear()
        os.environ.update(order["env"])
        os.chdir(order["folder"])
        random.seed()
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed()
        threading.Thread(target=_end_with, args=(asker,), daemon=True).start()
        from annuario.execution import reads
        from annuario.execution.running import Running
        from annuario.execution.shell import shell

        def tell(message: dict) -> None:
            line = memoryview(orjson.dumps(message, default=list) + b"\n")  # records are named tuples
            while line:
                line = line[os.write(teller, line) :]

        chapter = shell()
        chapter.outputs.redirect()
        sys.argv = [order["source"]]
        sys.path.insert(0, "")  # a chapter finds what lies beside it
        reads.begin()
        tell({})
        try:
            tell({"done": Running(order, chapter, tell).run()})
        except Exception:  # noqa: BLE001 - the builder reports it
            tell({"broken": traceback.format_exc()})
    finally:
        os._exit(0)


def _end_with(asker: int) -> None:
    """End this process when the other end of its tie closes."""
    with contextlib.suppress(OSError):
        os.read(asker, 1)
    os._exit(1)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(Path(sys.argv[1]))
    else:
        _alone()
