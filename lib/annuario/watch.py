"""A live preview: the book served on this machine, rebuilt whenever a file is saved.

The browser keeps its place; an error lies over the last good page until it is mended.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path

from annuario import build as building
from annuario.errors import BookError
from annuario.project import Project

PULSE = 15  # seconds between signs of life to the browser


class Preview:
    """The last good page of an edition, and what is wrong since, if anything."""

    def __init__(self, project: Project, name: str, out: Path, say: Callable[[str], None]):
        self.project = project
        self.name = name
        self.out = out
        self.say = say
        self.page = ""
        self.error = ""
        self.version = 0
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
                self.say(f"Error: {error}")
                self._tell(str(error))
                return None
            made = Path(summary.paths[-1])
            self.say(f"{made.name}: {time.perf_counter() - start:.2f} s")
            if form == "html":
                self.page = _live(made.read_text(encoding="utf-8"))
                self._tell("")
            return made

    def _tell(self, error: str) -> None:
        with self._changed:
            self.error = error
            self.version += 1
            self._changed.notify_all()

    def wait(self, known: int) -> dict | None:
        """The state newer than version ``known``; None after a while without news."""
        with self._changed:
            if self._changed.wait_for(lambda: self.version != known, PULSE):
                return {"version": self.version, "error": self.error}
            return None


def serve(preview: Preview, port: int) -> ThreadingHTTPServer:
    """A server of the preview on 127.0.0.1; ``port`` 0 takes a free one.

    ``/`` is the page, ``/pdf`` builds and gives the PDF, ``/eventi`` streams the news.
    Raises BookError where the port is taken.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/":
                self._send(200, "text/html; charset=utf-8", (preview.page or _live(EMPTY)).encode("utf-8"))
            elif self.path == "/pdf":
                made = preview.rebuild("pdf")
                if made:
                    self._send(200, "application/pdf", made.read_bytes())
                else:
                    self._send(500, "text/plain; charset=utf-8", preview.error.encode("utf-8"))
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
            known = -1
            try:
                while True:
                    news = preview.wait(known)
                    known = news["version"] if news else known
                    line = f"data: {json.dumps(news)}\n\n" if news else ": vivo\n\n"
                    self.wfile.write(line.encode("utf-8"))
                    self.wfile.flush()
            except OSError:
                return  # the browser has gone

        def log_message(self, *arguments) -> None:
            """Requests are not logged."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except OSError as error:
        raise BookError(f"--port {port}: cannot be used ({error.strerror}): choose another.") from error
    server.daemon_threads = True
    return server


EMPTY = '<!DOCTYPE html><html lang="it"><head><title>Annuario</title></head><body></body></html>'


def _live(page: str) -> str:
    """The page with the script that follows the preview, and leave to hear from it."""
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    script = files("annuario").joinpath("watch.js").read_text(encoding="utf-8")
    return page.replace("</body>", f"<script>{script}</script></body>")


def follow(project: Project, rebuild: Callable[[], object], stop: threading.Event | None = None) -> None:
    """Call ``rebuild`` whenever a file of the project changes, until ``stop``."""
    from watchfiles import watch

    paths = [project.root / "data", project.root / "notebooks", project.root / "_quarto.yml"]
    for changes in watch(*paths, debounce=50, step=20, stop_event=stop):
        if any(not Path(path).name.startswith(".") for _, path in changes):
            rebuild()
