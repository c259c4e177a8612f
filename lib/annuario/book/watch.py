"""A live preview: the book served on this machine, rebuilt whenever a file is saved.

The browser keeps its place; an error lies over the last good page until it is mended.
It is built aside, in ``.anteprima`` of the output folder: the finished book stays as it is.

Any page that the browser shows can ask this machine for something, and with a name of its
own that leads here it could read the answer: only requests that name this server, and come
from its own page or from the address bar, are answered. The PDF, which takes work to make, is
given to the page alone: it shows the book on paper in its own place.
"""

from __future__ import annotations

import contextlib
import html
import json
import re
import select
import socket
import sys
import threading
import time
from collections.abc import Callable
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path

from annuario.book import build as building
from annuario.book import differences
from annuario.book.finished import PREVIEW
from annuario.errors import BookError
from annuario.execution.cache import digest
from annuario.messages import say, why
from annuario.project import CONFIG, Project

PULSE = 15  # seconds between signs of life to the browser
LOOK = 0.5  # seconds after which a stream looks whether its browser has gone
PATIENCE = 10  # seconds that a request may take to arrive
CONNECTIONS = 64  # at the same time
NONE = {"version": "", "error": "", "place": ""}  # no news
SHOWN = 5  # differences from the page before
META_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
#: For a page that brings no policy along: what is in it, and nothing from elsewhere.
POLICY = "default-src data: blob: 'unsafe-inline' 'unsafe-eval'; base-uri 'none'; form-action 'none'"
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Preview:
    """The last good page of an edition, with its version, and what is wrong since, if anything.

    The version is the digest of the page: it tells a browser whether it shows this page.
    """

    def __init__(self, project: Project, name: str, out: Path, say: Callable[[str], None]):
        self.project = project
        self.name = name
        self.out = out
        self.say = say
        self.page, self.policy = _live(EMPTY, "")
        self.news = dict(NONE)
        self.place = ""  # the label where the next page has something new, if an editor says so
        self.paper = False  # whether the browser shows the book on paper: both are then made in one go
        self._changed = threading.Condition()
        self._building = threading.Lock()

    def asked(self) -> tuple[str, str]:
        """The page and its policy, for a browser that shows it from now on."""
        self.paper = False
        return self.page, self.policy

    def rebuild(self, form: str = "html") -> bytes | None:
        """Build one format anew and return it; on an error keep the last good page and say what is wrong."""
        self.paper = self.paper or form == "pdf"
        forms = ("html", "pdf") if self.paper and form == "html" else (form,)
        with self._building:
            start = time.perf_counter()
            try:
                project = Project(self.project.root)  # reads the configuration anew
                summary = building.build(
                    project, self.name, self.out / PREVIEW, forms, kept=self.out / ".cache", beside=False
                )
                made = next(Path(path) for path in summary.paths if path.endswith(f".{form}"))
                content = made.read_bytes()
            except BookError as error:
                self._fail(str(error))
                return None
            except Exception as error:  # noqa: BLE001 - what nobody foresaw must not end the preview either
                self._fail(f"{type(error).__name__}: {error}")
                return None
            self.say(say("{name}: {seconds:.2f} s", name=made.name, seconds=time.perf_counter() - start))
            for line in differences.lines([] if summary.unchanged else summary.changes, SHOWN):
                self.say(f"    {line}")
            if form == "html":
                version = digest(content)
                self._tell(*_live(content.decode("utf-8"), version), version, "")
            return content

    def _fail(self, error: str) -> None:
        self.say(say("Error: {error}", error=error))
        self._tell(self.page, self.policy, self.news["version"], error)

    def _tell(self, page: str, policy: str, version: str, error: str) -> None:
        with self._changed:
            self.page, self.policy = page, policy
            self.news, self.place = {"version": version, "error": error, "place": self.place}, ""
            self._changed.notify_all()

    def wait(self, known: dict, seconds: float) -> dict | None:
        """The news, as soon as they are not those ``known``; None after some seconds without any."""
        with self._changed:
            return self.news if self._changed.wait_for(lambda: self.news != known, seconds) else None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *given):
        self.free = threading.BoundedSemaphore(CONNECTIONS)
        super().__init__(*given)

    def process_request(self, request, client_address) -> None:
        if self.free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request, client_address) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.free.release()

    def handle_error(self, request, client_address) -> None:
        """A browser that goes away in the middle is no error."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def serve(preview: Preview, port: int) -> ThreadingHTTPServer:
    """A server of the preview on 127.0.0.1; ``port`` 0 takes a free one.

    ``/`` is the page, ``/pdf`` builds and gives it the PDF, ``/eventi`` streams the news.
    Raises BookError where the port is taken.
    """

    class Handler(BaseHTTPRequestHandler):
        def setup(self):
            super().setup()
            self.late = threading.Timer(PATIENCE, _hang_up, [self.connection])
            self.late.daemon = True
            self.late.start()

        def finish(self):
            self.late.cancel()
            super().finish()

        def do_GET(self):
            self.late.cancel()
            self.connection.settimeout(PATIENCE)  # for whoever does not read the answer
            self.path = self.path.partition("?")[0]
            if not _is_ours(self.headers, self.server.server_port, self.path):
                self._send(403, TEXT, "Non è una richiesta di questa pagina.".encode())
            elif self.path == "/":
                page, policy = preview.asked()
                self._send(200, "text/html; charset=utf-8", page.encode("utf-8"), policy)
            elif self.path == "/pdf":
                made = preview.rebuild("pdf")
                if made:
                    self._send(200, "application/pdf", made)
                else:
                    self._send(500, TEXT, preview.news["error"].encode("utf-8"))
            elif self.path == "/eventi":
                self._stream()
            else:
                self._send(404, TEXT, b"404")

        def _send(self, status: int, kind: str, body: bytes, policy: str = POLICY) -> None:
            self._head(status, {"Content-Type": kind, "Content-Length": len(body), "Content-Security-Policy": policy})
            self.wfile.write(body)

        def _head(self, status: int, headers: dict) -> None:
            self.send_response(status)
            for name, value in (headers | HEADERS).items():
                self.send_header(name, str(value))
            self.end_headers()

        def _stream(self) -> None:
            self._head(200, {"Content-Type": "text/event-stream"})
            known, heard = NONE, time.monotonic()
            while not _has_gone(self.connection):
                news = preview.wait(known, LOOK)
                if news or time.monotonic() - heard > PULSE:
                    known, heard = news or known, time.monotonic()
                    line = f"data: {json.dumps(news)}\n\n" if news else ": vivo\n\n"
                    self.wfile.write(line.encode("utf-8"))
                    self.wfile.flush()

        def log_message(self, *arguments) -> None:
            """Requests are not logged."""

    try:
        return _Server(("127.0.0.1", port), Handler)
    except (OSError, OverflowError) as error:
        reason = why(error) if isinstance(error, OSError) else error
        raise BookError(
            say("--port {port}: cannot be used ({reason}): choose another.", port=port, reason=reason)
        ) from error


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it has ended by itself
        connection.shutdown(socket.SHUT_RDWR)


def _has_gone(connection: socket.socket) -> bool:
    """Whether a browser that is listening has closed its end."""
    readable, _, _ = select.select([connection], [], [], 0)
    return bool(readable) and not connection.recv(1, socket.MSG_PEEK)


def _is_ours(headers: Message, port: int, path: str) -> bool:
    """Whether a request names this server, and is made by its own page or from the address bar.

    Browsers say so (``Sec-Fetch-Site``, ``Origin``, ``Referer``); what is no browser says
    nothing, and gets no PDF. Another site may lead to the page by a link; it can read nothing of it.
    """
    hosts = [f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")]
    if [host.lower() for host in headers.get_all("Host", [])] not in [[host] for host in hosts]:
        return False
    origins = [f"http://{host}" for host in hosts]
    if headers.get("Origin", origins[0]) not in origins:
        return False
    site, alone = headers.get("Sec-Fetch-Site"), path == "/pdf"
    if site is None:
        referer = headers.get("Referer", "" if alone else f"{origins[0]}/")
        return referer.startswith(tuple(f"{origin}/" for origin in origins))
    if alone:
        return site == "same-origin"
    led = path == "/" and (headers.get("Sec-Fetch-Mode"), headers.get("Sec-Fetch-Dest")) == ("navigate", "document")
    return site in ("same-origin", "none") or led


TEXT = "text/plain; charset=utf-8"
EMPTY = (
    '<!DOCTYPE html><html lang="it"><head><meta charset="utf-8"><title>Annuario</title></head>'
    "<body><p>Il libro si sta costruendo per la prima volta…</p></body></html>"
)


def _live(page: str, version: str) -> tuple[str, str]:
    """The page with the script that follows the preview, and its policy with leave to hear from it."""
    own = META_POLICY.search(page)
    if own:
        page = page.replace(own[0], "", 1)
    policy = " ".join(html.unescape(own[1]).split()) if own else POLICY
    policy = f"{policy}; connect-src 'self'; frame-src 'self'; frame-ancestors 'self'"
    script = files("annuario.book").joinpath("watch.js").read_text(encoding="utf-8")
    body, end, rest = page.rpartition("</body>")  # the libraries of the charts hold one as well
    return f'{body}<script data-version="{version}">{script}</script>{end}{rest}', policy


def follow(
    project: Project,
    rebuild: Callable[[], object],
    stop: threading.Event | None = None,
    saved: threading.Event | None = None,
) -> None:
    """Call ``rebuild`` now, and whenever a file of the project is saved or ``saved`` is set, until ``stop``.

    Files saved while it runs are not missed: it is called again.
    """
    stop = stop or threading.Event()
    saved = saved or threading.Event()
    config = project.root / CONFIG
    listeners = [
        _listen(
            [project.root / "data", project.root / "notebooks"], lambda path: not path.name.startswith("."), saved, stop
        ),
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
    folders: list[Path],
    counts: Callable[[Path], bool],
    saved: threading.Event,
    stop: threading.Event,
    recursive: bool = True,
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
