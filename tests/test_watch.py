"""The live preview: what a save shows, what a mistake shows, and what stays behind."""

import http.client
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pymupdf
import pytest
from conftest import PATIENCE, PROSE, edit, keep_in, one_chapter

from annuario.book import watch
from annuario.book.finished import PREVIEW
from annuario.errors import BookError

EDITION = "relazione-2021"
CHAPTER = "notebooks/relazione/gestione.ipynb"
COMMENTARY = f"notebooks/relazione/testi/{EDITION}/gestione.md"
CONFIG = "_quarto.yml"


class Served:
    """A preview that is served and followed, and what its terminal said."""

    def __init__(self, folder: Path, shared: Path):
        self.project = one_chapter(folder / "progetto")
        self.out = keep_in(shared, folder / "libri")
        self.said: list[str] = []
        self.preview = watch.Preview(self.project, EDITION, self.out, self.said.append)
        self.server = watch.serve(self.preview, 0)
        self.stop = threading.Event()
        self.threads = [
            threading.Thread(target=self.server.serve_forever),
            threading.Thread(target=watch.follow, args=(self.project, self.preview.rebuild, self.stop)),
        ]
        for thread in self.threads:
            thread.start()
        self.first = self.until(lambda news: news["version"])
        self._originals: dict[Path, bytes] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/"

    def get(self, path: str = "/"):
        """The status, the kind and the body of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=PATIENCE)
        connection.request("GET", path, headers={"Referer": self.address})
        answer = connection.getresponse()
        found = answer.status, answer.headers["Content-Type"], answer.read()
        connection.close()
        return found

    def page(self) -> str:
        return self.get()[2].decode("utf-8")

    def until(self, holds) -> dict:
        """The first event of the stream for which ``holds``."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=PATIENCE)
        connection.request("GET", "/eventi")
        answer = connection.getresponse()
        assert answer.headers["Content-Type"] == "text/event-stream"
        for line in answer:
            if line.startswith(b"data: "):
                news = json.loads(line.removeprefix(b"data: "))
                if holds(news):
                    connection.close()
                    return news
        raise AssertionError("the stream has ended")

    def save(self, name: str, old: str, new: str) -> None:
        """Save a changed file of the project, until the test ends."""
        path = self.project.root / name
        self._originals.setdefault(path, path.read_bytes())
        edit(path, old, new)

    def save_aside(self, name: str, old: str, new: str) -> None:
        """As ``save``, the way of editors that put a new file in the place of the old one."""
        path = self.project.root / name
        aside = path.with_name(f".{path.name}.new")
        aside.write_bytes(path.read_bytes())
        self._originals.setdefault(path, path.read_bytes())
        edit(aside, old, new)
        os.replace(aside, path)

    def mend(self) -> dict:
        """Save the files as they were and wait for the first page."""
        for path, content in self._originals.items():
            path.write_bytes(content)
        self._originals.clear()
        return self.until(lambda news: news == self.first)

    def close(self) -> None:
        self.stop.set()
        self.server.shutdown()
        self.server.server_close()
        for thread in self.threads:
            thread.join()


@pytest.fixture(scope="module")
def serving(tmp_path_factory, shared):
    one = Served(tmp_path_factory.mktemp("anteprima"), shared)
    yield one
    one.close()


@pytest.fixture
def served(serving):
    yield serving
    serving.mend()


@pytest.mark.parametrize(
    ("name", "old", "new", "shown"),
    [
        (CHAPTER, PROSE, "Una frase cambiata.", "Una frase cambiata."),
        (COMMENTARY, "La spesa cresce ancora", "La spesa cresce davvero", "La spesa cresce davvero"),
        ("data/definizioni.csv", "Valore spesa gestita", "Importo della spesa gestita", "Importo della spesa gestita"),
        (CONFIG, "titolo: Relazione", "titolo: Rendiconto", "Rendiconto 2021"),
    ],
    ids=["sentence", "commentary", "table", "configuration"],
)
def test_what_is_saved_shows(served, name, old, new, shown):
    assert shown not in served.page()
    served.save(name, old, new)
    news = served.until(lambda news: news["version"] != served.first["version"])
    assert news["error"] == ""
    assert shown in served.page()
    (*_, last) = (line for line in served.said if not line.startswith(" "))  # what changed stands below it
    assert re.fullmatch(rf"{EDITION}\.html: \d+\.\d\d s", last)


def test_a_file_replaced_at_each_save_is_followed(served):
    known = served.first
    for old, new in (("Relazione", "Rendiconto"), ("Rendiconto", "Bilancio"), ("Bilancio", "Resoconto")):
        served.save_aside(CONFIG, f"titolo: {old}", f"titolo: {new}")
        known = served.until(lambda news: news != known)  # noqa: B023
        assert f"<title>{new} 2021</title>" in served.page()


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (CHAPTER, PROSE, "Vale `{python} non_definito`.", ["gestione.ipynb, cell ", "«non_definito»", "NameError"]),
        (CONFIG, "toc: true", "toc: [true", ["_quarto.yml: not valid YAML"]),
        (CONFIG, "  libri:\n", "  altro:\n", ["libri"]),
        ("data/indicatori.csv", "13180676.24", "13.180", ["indicatori.csv", "row ", "«valore»", "«13.180»"]),
    ],
    ids=["expression", "yaml", "configuration", "cell"],
)
def test_a_mistake_keeps_the_page_until_it_is_mended(served, name, old, new, said):
    before = served.page()
    served.save(name, old, new)
    news = served.until(lambda news: news["error"])
    assert all(part in news["error"] for part in said)
    assert "Traceback" not in news["error"]
    assert served.said[-1] == f"Error: {news['error']}"
    assert served.page() == before and news["version"] == served.first["version"]
    assert served.mend()["error"] == ""


def test_the_pdf_is_made_when_it_is_asked_for(served):
    served.save(CHAPTER, PROSE, "Una frase da stampare.")
    served.until(lambda news: news["version"] != served.first["version"])
    status, kind, body = served.get("/pdf")
    assert (status, kind) == (200, "application/pdf")
    with pymupdf.open(stream=body) as document:
        assert "Una frase da stampare." in " ".join(leaf.get_text() for leaf in document)


def test_page_and_paper_are_made_in_one_go_while_the_paper_is_shown(served):
    paper = served.out / PREVIEW / EDITION / f"{EDITION}.pdf"
    served.get("/pdf")
    served.save(CHAPTER, PROSE, "Una frase per la carta.")
    news = served.until(lambda news: news["version"] != served.first["version"])
    with pymupdf.open(paper) as document:
        assert "Una frase per la carta." in " ".join(leaf.get_text() for leaf in document)
    assert "Una frase per la carta." in served.page()
    served.save(CHAPTER, "per la carta", "per la pagina")
    served.until(lambda other: other["version"] != news["version"])
    assert not paper.exists()


def test_the_pdf_of_a_broken_book_is_its_error(served):
    served.save(CONFIG, "toc: true", "toc: [true")
    error = served.until(lambda news: news["error"])["error"]
    status, kind, body = served.get("/pdf")
    assert (status, kind) == (500, "text/plain; charset=utf-8")
    assert body.decode("utf-8") == error
    served.mend()
    assert served.get("/pdf")[0] == 200


def request(served, path="/", **headers):
    """The status and the headers of an answer to a request with some headers (``_`` for ``-``); None leaves one out."""
    connection = http.client.HTTPConnection("127.0.0.1", served.server.server_port, timeout=PATIENCE)
    connection.putrequest("GET", path, skip_host=True)
    for name, value in ({"Host": f"127.0.0.1:{served.server.server_port}"} | headers).items():
        if value is not None:
            connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    connection.close()
    return answer.status, answer.headers


@pytest.mark.parametrize("path", ["/", "/eventi", "/pdf"])
def test_another_name_for_this_machine_is_refused(served, path):
    """A site whose name has come to lead here would read the draft."""
    port = served.server.server_port
    for host in (
        None,
        "",
        "sito.example",
        f"sito.example:{port}",
        f"127.0.0.1.sito.example:{port}",
        "127.0.0.1",
        f"127.0.0.1:{port + 1}",
    ):
        assert request(served, path, Host=host)[0] == 403, host
    for host in ("127.0.0.1", "localhost", "LOCALHOST", "[::1]"):
        assert request(served, "/", Host=f"{host}:{port}")[0] == 200, host


def test_a_request_of_two_names_is_refused(served):
    port = served.server.server_port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.putrequest("GET", "/", skip_host=True)
    connection.putheader("Host", f"127.0.0.1:{port}")
    connection.putheader("Host", "sito.example")
    connection.endheaders()
    assert connection.getresponse().status == 403
    connection.close()


def test_the_pdf_is_for_the_page_alone(served):
    own = f"http://127.0.0.1:{served.server.server_port}"
    for headers in ({}, {"Sec_Fetch_Site": "none"}, {"Origin": own}, {"Referer": "http://127.0.0.1/"}):
        assert request(served, "/pdf", **headers)[0] == 403, headers


def test_only_its_own_page_and_the_address_bar_are_answered(served, path="/eventi"):
    port = served.server.server_port
    own = f"http://127.0.0.1:{port}"
    others = [
        {"Origin": "https://sito.example"}, {"Origin": "null"}, {"Origin": f"http://127.0.0.1:{port + 1}"}, {"Origin": f"https://127.0.0.1:{port}"},
        {"Referer": "https://sito.example/"}, {"Referer": f"{own}.sito.example/"},
        {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"},
    ]  # fmt: skip
    for headers in others:
        assert request(served, path, **headers)[0] == 403, headers
    for headers in (
        {"Sec_Fetch_Site": "none"},
        {"Sec_Fetch_Site": "same-origin", "Origin": own},
        {"Referer": f"{own}/"},
        {},
    ):
        assert request(served, path, **headers)[0] == 200, headers


def test_another_site_may_lead_to_the_page_and_not_embed_it(served):
    led = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert request(served, "/", **led)[0] == 200
    for dest in ("iframe", "script", "image", "empty"):
        assert request(served, "/", **(led | {"Sec_Fetch_Dest": dest}))[0] == 403, dest


def test_what_the_browser_is_told_about_the_page(served):
    for path in ("/", "/altro"):
        headers = request(served, path)[1]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "default-src" in headers["Content-Security-Policy"]
    policy = request(served)[1]["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "connect-src 'self'" in policy and "frame-ancestors 'self'" in policy
    assert "Content-Security-Policy" not in served.page().partition("</head>")[0]  # two would both hold


def test_a_page_without_a_policy_is_given_one():
    page, policy = watch._live("<html><body>x</body></html>", "abc")
    assert "connect-src 'self'" in policy and "default-src data:" in policy and "http" not in policy
    assert page.startswith("<html><body>x<script")


def test_a_request_that_never_arrives_is_given_up(served, monkeypatch):
    monkeypatch.setattr(watch, "PATIENCE", 0.3)
    with socket.create_connection(("127.0.0.1", served.server.server_port), timeout=PATIENCE) as slow:
        slow.sendall(b"GET / HTTP/1.0\r\n")
        answer = b"x"
        while answer:  # a byte now and then keeps no connection
            try:
                slow.sendall(b"A")
                slow.settimeout(0.1)
                answer = slow.recv(1)
            except TimeoutError:
                continue
            except OSError:
                break
    monkeypatch.undo()
    assert served.get()[0] == 200


def test_connections_are_bounded_and_end_with_their_client(served):
    port, opened = served.server.server_port, []
    try:
        for _ in range(watch.CONNECTIONS + 1):
            stream = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            opened.append(stream)
            stream.sendall(f"GET /eventi HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            if stream.recv(12) != b"HTTP/1.0 200":
                break
        else:
            pytest.fail("there is no bound")
    finally:
        for stream in opened:
            stream.close()
    for _ in range(watch.CONNECTIONS):  # each of them is free again
        assert served.server.free.acquire(timeout=PATIENCE)
    served.server.free.release(watch.CONNECTIONS)
    assert served.get()[0] == 200


def test_the_finished_book_is_left_alone(served):
    assert not (served.out / EDITION).exists()
    beside = served.out / ".anteprima" / EDITION
    assert (beside / f"{EDITION}.html").is_file()
    assert not (beside / "dati").exists() and not (beside / "grafici").exists()  # nobody takes them from a preview


@pytest.mark.parametrize("path", ["/altro", "/data/indicatori.csv", "/../_quarto.yml"])
def test_nothing_else_is_served(served, path):
    assert served.get(path)[0] == 404


def test_only_this_machine_is_served(served):
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.2", served.server.server_port), timeout=5)


def test_a_port_that_cannot_be_used_is_an_error(served):
    for port in (served.server.server_port, 70000):
        with pytest.raises(BookError, match=rf"^--port {port}: .*: choose another\.$"):
            watch.serve(served.preview, port)


def test_a_browser_that_goes_away_disturbs_nothing(served, capsys):
    for path in ("/", "/eventi", "/pdf"):
        connection = socket.create_connection(("127.0.0.1", served.server.server_port))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset at once
        connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        connection.recv(10)
        connection.close()
    served.save(CHAPTER, PROSE, "Una frase cambiata.")
    served.until(lambda news: news["version"] != served.first["version"])
    assert "Una frase cambiata." in served.page()
    assert capsys.readouterr().err == ""


def test_what_is_saved_during_a_build_is_built_too(tmp_path):
    made = one_chapter(tmp_path / "progetto")
    building, go, again, stop = (threading.Event() for _ in range(4))

    def rebuild():
        if building.is_set():
            again.set()
        building.set()
        go.wait(PATIENCE)

    follower = threading.Thread(target=watch.follow, args=(made, rebuild, stop))
    follower.start()
    assert building.wait(PATIENCE)
    for number in range(10):
        (made.root / "data" / "sedute.csv").write_text(str(number), encoding="utf-8")
        again.wait(0.1)
    go.set()
    assert again.wait(PATIENCE)
    stop.set()
    follower.join(PATIENCE)
    assert not follower.is_alive()


# In a browser ------------------------------------------------------------------------


@pytest.fixture
def tab(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE * 1000)
    yield context.new_page()
    context.close()


#: Where a part of the page stands once it has stood there for thirty frames.
SETTLED = """node => new Promise(done => {
  let last, same = 0;
  const look = () => {
    const now = node.getBoundingClientRect().y;
    same = now === last ? same + 1 : 0;
    last = now;
    if (same < 30) requestAnimationFrame(look); else done(now);
  };
  look();
})"""


def test_the_page_reloads_at_the_place_being_read(served, tab):
    errors = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(served.address)
    heading = tab.locator("main h3", has_text="I ricavi")
    heading.evaluate("node => window.scrollTo({ top: node.getBoundingClientRect().top - 100, behavior: 'instant' })")
    place = heading.evaluate(SETTLED)
    assert tab.evaluate("scrollY") > 500
    served.save(COMMENTARY, "La spesa cresce ancora", "La spesa cresce " + "davvero " * 200)  # pushes all down
    tab.get_by_text("davvero davvero").wait_for()
    at = "([node, place]) => Math.abs(node.getBoundingClientRect().y - place) <= 5"
    tab.wait_for_function(at, arg=[heading.element_handle(), place])  # the page moves as its charts are drawn
    tab.locator("#fig-provenienza").scroll_into_view_if_needed()
    tab.locator("#fig-provenienza .annuario-grafico svg").wait_for()  # the page is alive after its script came in
    assert errors == []


def test_an_error_lies_over_the_page_until_it_is_mended(served, tab):
    tab.goto(served.address)
    alert = tab.get_by_role("alert")
    assert alert.count() == 0
    served.save(CONFIG, "toc: true", "toc: [true")
    alert.wait_for()
    assert "_quarto.yml: not valid YAML" in alert.inner_text()
    assert tab.get_by_text(PROSE).count() == 1
    served.mend()
    alert.wait_for(state="detached")


def test_a_page_older_than_the_last_build_is_replaced(served, tab):
    old = served.page()
    served.save(CHAPTER, PROSE, "Una frase cambiata.")
    served.until(lambda news: news["version"] != served.first["version"])
    tab.route(served.address, lambda route: route.fulfill(body=old, content_type="text/html"), times=1)
    tab.goto(served.address)  # as if the build had ended while the page was on its way
    tab.get_by_text("Una frase cambiata.").wait_for()


# The command -------------------------------------------------------------------------


def said(page: Path) -> str:
    """What a page says; nothing at the moment at which a new one takes its place."""
    try:
        return page.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal")
def test_the_command_ends_cleanly_and_alone(served, shared, tmp_path):
    out = keep_in(shared, tmp_path / "libri")
    command = [sys.executable, "-u", "-m", "annuario", "watch", EDITION, "--port", "0", "--out", str(out)]
    environment = {name: value for name, value in os.environ.items() if name != "ANNUARIO_ROOT"}
    process = subprocess.Popen(
        command, cwd=served.project.root, env=environment, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert re.match(r"http://127\.0\.0\.1:\d+/ ", process.stdout.readline())
    assert process.stdout.readline().startswith(f"{EDITION}.html: ")
    served.save(CHAPTER, PROSE, "Otto per nove è `{python} str(8 * 9)`.")  # a chapter must run
    built = iter(process.stdout.readline, "")
    page = out / ".anteprima" / EDITION / f"{EDITION}.html"
    assert any("Otto per nove è 72." in said(page) for _ in built)
    left = psutil.Process(process.pid).children(recursive=True)
    assert left
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (0, "")
    assert psutil.wait_procs(left, timeout=PATIENCE)[1] == []
