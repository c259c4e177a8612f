"""JupyterLab opens an executed chapter and draws its charts; it saves a chapter as the project stores it."""

import difflib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time

import altair
import nbformat
import pandas as pd
import pytest
from conftest import PATIENCE, ROOT

from annuario import charts, init
from annuario.execution import displays

CHAPTERS = [
    path for folder in (ROOT, init.EXAMPLE) for path in sorted((folder / "notebooks").rglob("*.ipynb"))
    if path.parent.name != ".ipynb_checkpoints"
]  # fmt: skip
STORED = ROOT / "notebooks" / "relazione" / "gestione.ipynb"
#: What JupyterLab writes into the metadata of a notebook; the version is that of whoever saved it last.
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {
    "codemirror_mode", "file_extension", "mimetype", "name", "nbconvert_exporter", "pygments_lexer", "version",
}  # fmt: skip
PYTHON = re.compile(r'"version": "\d+\.\d+\.\d+')
WORDS = pd.DataFrame({"voce": ["a", "b"], "valore": [1, 2], "gruppo.nome": ["x", "y"]})


def outputs():
    """The outputs of charts of every make: the book's own, and Altair's."""
    frame = pd.DataFrame(
        {"indicatore": "casi", "etichetta": "Casi", "anno": [2023, 2024, 2025], "valore": [3, 5, 4], "unita": "casi"}
    )
    chart = charts.by_year(frame, "Casi")
    bars = altair.Chart(WORDS).mark_bar().encode(x="voce:N", y="valore:Q")
    made = [
        bars,
        bars.properties(width="container"),
        bars.encode(column="gruppo.nome:N"),
        bars + bars.mark_line(),
        bars | bars,
    ]
    return [chart._repr_mimebundle_(), ({charts.MIME: chart.narrow, "text/plain": ""}, {}), *map(displays.chart, made)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def lab(folder):
    """A JupyterLab over a folder with an executed chapter and one of the project's: a function to its addresses."""
    pytest.importorskip("jupyterlab")
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )
    for data, metadata in outputs():
        shown = nbformat.v4.new_output(
            "execute_result", data=json.loads(json.dumps(data)), metadata=metadata, execution_count=1
        )
        notebook.cells.append(nbformat.v4.new_code_cell("grafico", outputs=[shown], execution_count=1))
    (folder / "libro").mkdir()
    shutil.copy(STORED, folder / "libro")
    nbformat.write(notebook, folder / "libro" / "capitolo.ipynb")
    places = {
        name: str(folder / name.lower())
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    token = secrets.token_hex(8)
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root",
        f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder / 'libro'}",
        "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with (folder / "registro").open("w") as log:
        server = subprocess.Popen(command, env={**os.environ, **places}, stdout=log, stderr=log)
        try:
            address = _address(server, folder / "jupyter_runtime_dir")
            yield lambda name: f"{address}lab/tree/{name}?token={token}"
        finally:
            server.terminate()
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:  # a thread of its own can keep it from ending
                server.kill()
                server.wait()


def _address(server: subprocess.Popen, runtime) -> str:
    """Where the server answers, once it says so."""
    for _ in range(PATIENCE * 10):
        for path in runtime.glob("jpserver-*.json"):
            try:
                return json.loads(path.read_text(encoding="utf-8"))["url"]
            except ValueError:
                continue  # being written
        assert server.poll() is None, "JupyterLab does not start"
        time.sleep(0.1)
    raise AssertionError("JupyterLab does not answer")


@pytest.fixture
def page(browser):
    """A page of a browser."""
    page = browser.new_page(viewport={"width": 1280, "height": 6000})
    page.set_default_timeout(PATIENCE * 1000)
    yield page
    page.close()


def test_an_executed_chapter_is_seen_with_all_its_charts(lab, page):
    page.goto(lab("capitolo.ipynb"))
    drawings = page.locator(".vega-embed .marks")
    drawings.nth(len(outputs()) - 1).wait_for(state="attached")  # a hung page answers nothing
    assert drawings.count() == len(outputs())
    assert all(drawings.nth(number).bounding_box()["width"] > 50 for number in range(len(outputs())))


def test_saving_a_changed_word_changes_one_line(lab, page, folder):
    page.goto(lab(STORED.name))
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()  # from here on it knows the kernel's language
    cell = page.locator(".jp-MarkdownCell").nth(1)
    cell.dblclick()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Aggiunta.")
    page.keyboard.press("Control+s")
    before, path = STORED.read_text(encoding="utf-8"), folder / "libro" / STORED.name
    for _ in range(PATIENCE * 10):
        # The server empties the file and then writes it: until its last line, even half a letter may stand at its end.
        now = path.read_text(encoding="utf-8", errors="replace")
        if now != before and now.endswith("}\n"):
            break
        page.wait_for_timeout(100)
    changed = [line for line in difflib.ndiff(before.split("\n"), now.split("\n"))
               if line[0] in "+-" and not PYTHON.search(line)]  # fmt: skip
    assert len(changed) == 2 and changed[1].rstrip('",').endswith("Aggiunta."), changed


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_chapters_are_stored_as_jupyter_saves_them(path):
    """Byte by byte, without outputs, and with what JupyterLab notes of the kernel."""
    text = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    assert nbformat.writes(notebook) + "\n" == text
    assert all(cell.execution_count is None and not cell.outputs for cell in notebook.cells if cell.cell_type == "code")
    assert notebook.metadata.pop("kernelspec") == KERNEL
    assert notebook.metadata.pop("language_info").keys() == LANGUAGE and notebook.metadata == {}
