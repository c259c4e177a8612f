"""Warm kernels: forked from one process that has paid for the imports already.

``python -m annuario.execution.kernels`` is that process. It imports pandas, Altair and this
package, starts no thread and no event loop, and forks a kernel at each request. A
kernel provisioner of jupyter_client (entry point ``annuario-warm``) asks it for
kernels, and launches ordinary ones on systems that cannot fork.

A socket ties each kernel to the process that asked for it: the asker sees it close
when the kernel ends, the kernel ends when it closes, so that no kernel outlives a
killed builder.
"""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import random
import select
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from annuario.messages import say

#: What kernels and chapters import, at their start or later; every module of the agency besides.
PRELOAD = (
    *("IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger", "IPython.core.oinspect"),
    *("IPython.extensions.storemagic", "ipykernel.debugger", "ipykernel.ipkernel", "ipykernel.kernelapp"),
    *(
        "pandas.core.methods.to_dict",
        "pandas.core.reshape.reshape",
        "pandas.io.formats.csvs",
        "tornado.platform.asyncio",
    ),
    *(
        "annuario.checks",
        "annuario.checks.revisions",
        "annuario.notebook",
        "annuario.text.answers",
        "annuario.words.trends",
    ),
)
CAN_FORK = sys.platform == "linux"
#: What a kernel sends its asker when it listens on all its channels.
READY = b"!"
_SIZE = 1 << 20

log = logging.getLogger(__name__)


class WarmKernel:
    """A forked kernel, with the part of ``subprocess.Popen`` that provisioners use."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, tie: socket.socket):
        self.pid = pid
        self._tie = tie
        self._asking = threading.Lock()
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """None while the kernel runs; 0 once it ended, however it did."""
        with self._asking:  # an interrupted build asks beside the chapter's own thread
            if self.returncode is None and select.select([self._tie], [], [], 0)[0]:
                self._tie.close()
                self.returncode = 0
            return self.returncode

    def wait(self) -> int:
        """Wait until the kernel has ended."""
        while (ended := self.poll()) is None:
            with contextlib.suppress(OSError, ValueError):  # closed meanwhile: it has ended
                select.select([self._tie], [], [])
        return ended

    def send_signal(self, number: int) -> None:
        """Signal the kernel if it still runs."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End the kernel at once, and see it ended."""
        self.send_signal(signal.SIGKILL)
        self.wait()

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)


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
                    [sys.executable, "-m", "annuario.execution.kernels", str(self._root)],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    close_fds=True,
                    start_new_session=True,  # ^C is the builder's to handle
                )
        return self._link

    def launch(self, command: list[str], folder: str | None, environment: dict[str, str]) -> WarmKernel:
        """Fork a kernel that runs as ``command`` would; a warm process that has died is started anew.

        Raises RuntimeError where it dies again, and where the kernel dies at its start.
        """
        ours, theirs = socket.socketpair()
        order = {"argv": command[command.index("-f") :], "cwd": folder or str(Path.cwd()), "env": environment}
        message = json.dumps(order).encode()
        with self._lock, theirs:
            answer = self._order(message, theirs) or self._order(message, theirs)
        if not answer:
            raise RuntimeError(say("the process that kernels are forked from has died"))
        if not ours.recv(1):
            raise RuntimeError(say("it died before it was ready"))
        return WarmKernel(int.from_bytes(answer, "big"), ours)

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


#: The provisioners of the kernels that run.
_running: set[WarmProvisioner] = set()


class WarmProvisioner(LocalProvisioner):
    """Launches kernels by forking, or ordinary ones on systems that cannot fork."""

    _said = False

    async def cleanup(self, restart: bool = False) -> None:
        """See jupyter_client."""
        _running.discard(self)
        await super().cleanup(restart)

    async def kill(self, restart: bool = False) -> None:
        """See jupyter_client, which asks every tenth of a second whether the kernel has ended."""
        if isinstance(self.process, WarmKernel):
            self.process.kill()
        else:
            await super().kill(restart)

    async def launch_kernel(self, cmd: list[str], **kwargs) -> KernelConnectionInfo:
        """See jupyter_client; ``cmd`` must be that of a Python kernel."""
        if not CAN_FORK:
            if not WarmProvisioner._said:
                log.warning(say("Kernels cannot be forked on this system: ordinary kernels are used."))
                WarmProvisioner._said = True
            await super().launch_kernel(cmd, **kwargs)
        else:
            environment = kwargs.get("env") or os.environ
            kernel = SERVER.launch(cmd, kwargs.get("cwd"), dict(environment))
            self.process, self.pid = cast(subprocess.Popen, kernel), kernel.pid
        _running.add(self)
        return self.connection_info


def end() -> None:
    """End every kernel of this process at once, whatever it does."""
    for provisioner in list(_running):
        if provisioner.process:
            provisioner.process.kill()


def use(root: Path) -> None:
    """Make warm kernels the default of this process, and start warming them for a project."""
    os.environ["JUPYTER_DEFAULT_PROVISIONER_NAME"] = "annuario-warm"
    if CAN_FORK:
        SERVER.start(root)


def warm(root: Path) -> None:
    """Pay for what every chapter needs: imports, and the tables of the project at ``root``.

    Altair's checks of each part of a chart as it is made are left out: they are for who
    writes a chart, and took half of the time of a chapter.
    """
    from altair.utils.schemapi import disable_debug_mode

    from annuario import agency
    from annuario.data.package import READS, Package
    from annuario.errors import BookError

    # a kernel that nobody debugs need not load the debugger: to import what is None here fails
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    try:
        own = agency.load(root).modules
    except BookError:
        own = []  # its readers will meet it
    for name in [*PRELOAD, *own]:
        __import__(name)
    del sys.modules["debugpy"]
    disable_debug_mode()
    Package(root / "data").preload()
    READS.clear()  # that is for the chapters to tell


def serve(root: Path) -> None:
    """The warm process: get ready, then fork a kernel for each order until the link closes."""
    warm(root)
    gc.collect()
    gc.freeze()
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
                _become_kernel(order, ties[0])
            os.close(ties[0])
            link.sendall(pid.to_bytes(8, "big"))


def _receive(link: socket.socket, length: int) -> bytes:
    parts = b""
    while len(parts) < length:
        parts += link.recv(min(_SIZE, length - len(parts)))
    return parts


def _become_kernel(order: dict, tie: int) -> None:
    """In the forked process: take on the order's surroundings and run a kernel."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.environ.clear()
    os.environ.update(order["env"])
    os.environ.pop("JPY_PARENT_PID", None)
    os.chdir(order["cwd"])
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    threading.Thread(target=_end_with, args=(tie,), daemon=True).start()
    sys.argv = ["ipykernel_launcher", *order["argv"]]
    from ipykernel.kernelapp import IPKernelApp

    from annuario.execution import reads

    try:
        kernel = IPKernelApp.instance()
        kernel.initialize(order["argv"])
        reads.begin()
        os.write(tie, READY)
        kernel.start()
    finally:
        os._exit(0)


def _end_with(tie: int) -> None:
    """End the kernel when the other end of its tie closes."""
    select.select([tie], [], [])
    os._exit(1)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
