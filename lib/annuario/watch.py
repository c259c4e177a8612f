"""A live preview: the book served on this machine, rebuilt whenever a file is saved.

The browser keeps its place; an error lies over the last good page until it is mended.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path

from annuario import build as building
from annuario.errors import BookError
from annuario.execution.cache import digest
from annuario.project import CONFIG, Project

PULSE = 15  # seconds between signs of life to the browser


class Preview:
    """The last good page of an edition, with its version, and what is wrong since, if anything.

    The version is the digest of the page: it tells a browser whether it shows this page.
    """

    def __init__(self, project: Project, name: str, out: Path, say: Callable[[str], None]):
        self.project = project
        self.name = name
        self.out = out
        self.say = say
        self.page = _live(EMPTY, "")
        self.news = {"version": "", "error": ""}
        self._changed = threading.Condition()
        self._building = threading.Lock()

    def rebuild(self, form: str = "html") -> Path | None:
        """Build one format anew; on an error keep the last good page and say what is wrong."""
        with self._building:
            start = time.perf_counter()
            try:
                project = Project(self.project.root)  # reads the configuration anew
                summary = building.build(project, self.name, self.out, (form,))
            except BookError as error:
                self._fail(str(error))
                return None
            except Exception as error:  # noqa: BLE001 - what nobody foresaw must not end the preview either
                self._fail(f"{type(error).__name__}: {error}")
                return None
            made = Path(summary.paths[-1])
            self.say(f"{made.name}: {time.perf_counter() - start:.2f} s")
            if form == "html":
                page = made.read_text(encoding="utf-8")
                version = digest(page)
                self._tell(_live(page, version), version, "")
            return made

    def _fail(self, error: str) -> None:
        self.say(f"Error: {error}")
        self._tell(self.page, self.news["version"], error)

    def _tell(self, page: str, version: str, error: str) -> None:
        with self._changed:
            self.page = page
            self.news = {"version": version, "error": error}
            self._changed.notify_all()

    def wait(self, known: dict) -> dict | None:
        """The news, as soon as they are not those ``known``; None after a while without any."""
        with self._changed:
            return self.news if self._changed.wait_for(lambda: self.news != known, PULSE) else None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address) -> None:
        """A browser that goes away in the middle is no error."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def serve(preview: Preview, port: int) -> ThreadingHTTPServer:
    """A server of the preview on 127.0.0.1; ``port`` 0 takes a free one.

    ``/`` is the page, ``/pdf`` builds and gives the PDF, ``/eventi`` streams the news.
    Raises BookError where the port is taken.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/":
                self._send(200, "text/html; charset=utf-8", preview.page.encode("utf-8"))
            elif self.path == "/pdf":
                made = preview.rebuild("pdf")
                if made:
                    self._send(200, "application/pdf", made.read_bytes())
                else:
                    self._send(500, "text/plain; charset=utf-8", preview.news["error"].encode("utf-8"))
            elif self.path == "/eventi":
                self._stream()
            else:
                self._send(404, "text/plain; charset=utf-8", b"404")

        def _send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def _stream(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            known = {"version": "", "error": ""}
            while True:
                news = preview.wait(known)
                known = news or known
                line = f"data: {json.dumps(news)}\n\n" if news else ": vivo\n\n"
                self.wfile.write(line.encode("utf-8"))
                self.wfile.flush()

        def log_message(self, *arguments) -> None:
            """Requests are not logged."""

    try:
        return _Server(("127.0.0.1", port), Handler)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BookError(f"--port {port}: cannot be used ({reason}): choose another.") from error


EMPTY = '<!DOCTYPE html><html lang="it"><head><title>Annuario</title></head><body></body></html>'


def _live(page: str, version: str) -> str:
    """The page with the script that follows the preview, and leave to hear from it."""
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page, count=1)
    script = files("annuario").joinpath("watch.js").read_text(encoding="utf-8")
    body, end, rest = page.rpartition("</body>")  # the libraries of the charts hold one as well
    return f'{body}<script data-version="{version}">{script}</script>{end}{rest}'


def follow(project: Project, rebuild: Callable[[], object], stop: threading.Event | None = None) -> None:
    """Call ``rebuild`` now, and whenever a file of the project is saved, until ``stop``.

    Files saved while it runs are not missed: it is called again.
    """
    stop = stop or threading.Event()
    saved = threading.Event()
    config = project.root / CONFIG
    listeners = [
        _listen([project.root / "data", project.root / "notebooks"], lambda path: not path.name.startswith("."), saved, stop),
        # the folder, because the file itself is another one after each save of many editors
        _listen([project.root], lambda path: path == config, saved, stop, recursive=False),
    ]
    try:
        while not stop.is_set():
            saved.clear()
            rebuild()
            saved.wait()
    finally:
        stop.set()
        for listener in listeners:
            listener.join()


def _listen(
    folders: list[Path], counts: Callable[[Path], bool], saved: threading.Event, stop: threading.Event, recursive: bool = True
) -> threading.Thread:
    """A thread that sets ``saved`` whenever a file that ``counts`` changes in some folders, and at the end."""
    from watchfiles import watch

    def listen() -> None:
        for changes in watch(*folders, debounce=50, step=20, stop_event=stop, recursive=recursive):
            if any(counts(Path(path)) for _, path in changes):
                saved.set()
        saved.set()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    return thread
