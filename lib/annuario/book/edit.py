"""Writing beside the page: JupyterLab on the left, the live preview on the right, in one process and at one address.

JupyterLab's own server runs here, with three addresses more: the page with the two frames, the
preview of an edition, and the news of it. They stand behind its token and its check of the Host
as everything of Jupyter's does. On save the notebook's file is kept clean (``annuario.book.saving``)
and the preview goes to the place that changed.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
import os
import secrets
import signal
import sys
import threading
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any, NoReturn
from urllib.parse import quote, urlencode

from annuario.book import saving
from annuario.book.watch import HEADERS, LOOK, NONE, PULSE, Preview
from annuario.data import Package, editions
from annuario.errors import BookError
from annuario.messages import say
from annuario.project import Book, Project

#: The part of JupyterLab that asks whether to look for news elsewhere.
_NEWS = "@jupyterlab/apputils-extension:announcements"


class Desk:
    """The previews of the editions that are looked at, and where the last save has changed something."""

    def __init__(self, project: Project, out: Path, say: Callable[[str], None]):
        self.project = project
        self.out = out
        self.say = say
        self.open: dict[str, int] = {}  # how many pages listen to each edition
        self.previews: dict[str, Preview] = {}
        self.asked = threading.Event()

    def preview(self, name: str) -> Preview:
        """The preview of an edition, which is built from now on."""
        if name not in self.previews:
            self.previews[name] = Preview(self.project, name, self.out, self.say)
            self.asked.set()
        return self.previews[name]

    def rebuild(self) -> None:
        """Build what somebody looks at anew."""
        for name, preview in list(self.previews.items()):
            if self.open.get(name) or not preview.news["version"]:
                preview.rebuild()

    def saving(self, model: dict[str, Any], path: str, **_: object) -> None:
        """Jupyter's hook before a file is written."""
        source = self.project.root / path.lstrip("/")
        if model.get("type") != "notebook" or (self.project.root / "notebooks") not in source.parents:
            return
        before = saving.stored(source)
        saving.clean(model["content"], before)
        changed = saving.place(model["content"], before)
        for preview in self.previews.values():
            preview.place = changed


def server(desk: Desk, first: str, port: int, chapter: str = "") -> tuple[Any, str]:
    """JupyterLab's server with the desk's addresses, and the address of its page for the edition ``first``.

    Raises BookError where JupyterLab is not installed, the port is taken, or Jupyter's configuration sets
    how one signs in.
    """
    try:
        from jupyter_server.base.handlers import JupyterHandler
        from jupyterlab.labapp import LabApp
        from tornado import iostream, web
    except ImportError as error:
        raise BookError(say("JupyterLab is not installed: pip install 'annuario[edit]'.")) from error

    class Asked(JupyterHandler):
        """A request of the desk's, whose edition is known."""

        def edition(self, name: str) -> str:
            """The edition asked for, if it can be built."""
            package = Package(desk.project.root / "data")
            if name not in map(str, editions.available(desk.project, package)):
                raise web.HTTPError(404)
            return name

        def keep(self, kind: str, policy: str = "") -> None:
            """Say what the answer is, and that nobody keeps it."""
            for key, value in (HEADERS | {"Content-Type": kind}).items():
                self.set_header(key, value)
            if policy:
                self.set_header("Content-Security-Policy", policy)

    class Page(Asked):
        """Both frames, with the choices above."""

        @web.authenticated
        def get(self, name: str) -> None:
            self.keep("text/html; charset=utf-8")
            self.finish(page(desk.project, self.edition(name), self.get_argument("capitolo", "")))

    class Pages(Asked):
        """The preview."""

        @web.authenticated
        def get(self, name: str) -> None:
            page, policy = desk.preview(self.edition(name)).asked()
            self.keep("text/html; charset=utf-8", policy)
            self.finish(page)

    class Paper(Asked):
        """The PDF, built when it is asked for."""

        @web.authenticated
        async def get(self, name: str) -> None:
            preview = desk.preview(self.edition(name))
            made = await asyncio.get_running_loop().run_in_executor(None, preview.rebuild, "pdf")
            self.keep("application/pdf" if made else "text/plain; charset=utf-8")
            if not made:
                self.set_status(500)
            self.finish(made or preview.news["error"])

    class News(Asked):
        """What is new of a preview, as a stream of events; it ends with its client and holds no thread."""

        gone = False

        def on_connection_close(self) -> None:
            self.gone = True

        @web.authenticated
        async def get(self, name: str) -> None:
            preview = desk.preview(self.edition(name))
            self.keep("text/event-stream")
            desk.open[name] = desk.open.get(name, 0) + 1
            known, silent = NONE, 0.0
            try:
                while not self.gone:
                    if preview.news != known:
                        known, silent = preview.news, 0.0
                        self.write(f"data: {json.dumps(known)}\n\n")
                        await self.flush()
                    elif silent > PULSE:
                        silent = 0.0
                        self.write(": vivo\n\n")
                        await self.flush()
                    await asyncio.sleep(LOOK / 5)
                    silent += LOOK / 5
            except iostream.StreamClosedError:
                pass
            finally:
                desk.open[name] -= 1

    token = secrets.token_hex(24)
    argv = [
        "--ip=127.0.0.1", f"--port={port}", "--no-browser", f"--ServerApp.root_dir={desk.project.root}",
        "--ServerApp.port_retries=0", "--ServerApp.answer_yes=True", "--ServerApp.log_level=ERROR", "--LabApp.log_level=ERROR",
        "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        f"--IdentityProvider.token={token}",
    ]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        argv.append("--allow-root")
    try:
        app = LabApp.initialize_server(argv)
    except SystemExit as end:
        raise BookError(say("--port {port}: cannot be used: choose another.", port=port)) from end
    if app.identity_provider.token != token:
        raise BookError(say("Jupyter's configuration sets how one signs in: take its token or password out of it."))
    app.web_app.settings["page_config_hook"] = _quiet
    app.contents_manager.register_pre_save_hook(desk.saving)
    base, edition = app.base_url, "([a-z0-9-]+)"
    app.web_app.add_handlers(
        ".*$",
        [
            (f"{base}annuario/{edition}/", Page),
            (f"{base}annuario/{edition}/libro/", Pages),
            (f"{base}annuario/{edition}/libro/eventi", News),
            (f"{base}annuario/{edition}/libro/pdf", Paper),
        ],
    )
    asked = ({"capitolo": chapter} if chapter else {}) | {"token": token}
    return app, f"http://127.0.0.1:{app.port}{base}annuario/{first}/?{urlencode(asked)}"


def serve(app: Any, listening: Callable[[], None]) -> NoReturn:
    """Run the server until it is interrupted, and end the process; ``listening`` is called once it answers.

    Threads of the server may go on waiting for work, and would keep the process.
    """
    app.io_loop.add_callback(listening)
    for number in (signal.SIGINT, signal.SIGTERM):
        # through the loop: an exception in the middle of a request would be the request's, and end nothing
        with contextlib.suppress(NotImplementedError):  # not on Windows
            app.io_loop.asyncio_loop.add_signal_handler(number, app.stop)
    with contextlib.suppress(KeyboardInterrupt):
        app.start()
    sys.stdout.flush()
    os._exit(0)  # what a build leaves behind the next one sweeps


def _quiet(_handler: object, config: dict[str, Any]) -> dict[str, Any]:
    config["disabledExtensions"] = [*config.get("disabledExtensions", []), _NEWS]
    return config


def page(project: Project, name: str, chapter: str = "") -> str:
    """The page with JupyterLab and the preview of an edition side by side, at a chapter of its book."""
    package = Package(project.root / "data")
    known = editions.available(project, package)
    edition = next(each for each in known if str(each) == name)
    book = project.books[edition.book]
    chosen = next((path for path in book.chapters if path.stem == chapter), book.chapters[0])
    root = project.root
    texts = sorted((book.texts / name).glob("*.md"))
    found = [(path, path.stem) for path in book.chapters]
    found += [(path, f"testo {edition.year}: {path.stem}") for path in texts]
    first = quote(chosen.relative_to(root).as_posix())
    return Template(files("annuario.book").joinpath("edit.html").read_text(encoding="utf-8")).substitute(
        name=html.escape(name),
        editions="".join(_option(str(each), str(each), str(each) == name) for each in known),
        files="".join(
            _option(quote(path.relative_to(root).as_posix()), label, path == chosen, _label(book, path))
            for path, label in found
        ),
        first=first,
    )


def _label(book: Book, path: Path) -> str:
    """The label at which the preview shows a chapter, or the commentary of one."""
    chapter = next((each for each in book.chapters if each.stem == path.stem), None)
    return saving.first_label(saving.stored(chapter)) if chapter else ""


def _option(value: str, label: str, chosen: bool, place: str = "") -> str:
    marks = f"{' selected' if chosen else ''}{f' data-posto={chr(34)}{html.escape(place)}{chr(34)}' if place else ''}"
    return f'<option value="{html.escape(value)}"{marks}>{html.escape(label)}</option>'
