"""JupyterLab opens an executed chapter and draws its charts."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time

import altair
import nbformat
import pandas as pd
import pytest

from annuario import charts
from annuario.execution import displays

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
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


@pytest.fixture
def lab(tmp_path):
    """The address of a JupyterLab over a folder with one executed chapter."""
    pytest.importorskip("jupyterlab")
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )
    for data, metadata in outputs():
        shown = nbformat.v4.new_output(
            "execute_result", data=json.loads(json.dumps(data)), metadata=metadata, execution_count=1
        )
        notebook.cells.append(nbformat.v4.new_code_cell("grafico", outputs=[shown], execution_count=1))
    (tmp_path / "libro").mkdir()
    nbformat.write(notebook, tmp_path / "libro" / "capitolo.ipynb")
    places = {
        name: str(tmp_path / name.lower())
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    token = secrets.token_hex(8)
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root",
        f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={tmp_path / 'libro'}",
        "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with (tmp_path / "registro").open("w") as log:
        server = subprocess.Popen(command, env={**os.environ, **places}, stdout=log, stderr=log)
        try:
            yield f"{_address(server, tmp_path / 'jupyter_runtime_dir')}lab/tree/capitolo.ipynb?token={token}"
        finally:
            server.terminate()
            server.wait()


def _address(server: subprocess.Popen, runtime) -> str:
    """Where the server answers, once it says so."""
    for _ in range(600):
        for path in runtime.glob("jpserver-*.json"):
            try:
                return json.loads(path.read_text(encoding="utf-8"))["url"]
            except ValueError:
                continue  # being written
        assert server.poll() is None, "JupyterLab does not start"
        time.sleep(0.1)
    raise AssertionError("JupyterLab does not answer")


def test_an_executed_chapter_is_seen_with_all_its_charts(lab):
    if not BROWSER:
        pytest.skip("no Chromium or Chrome is installed")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        with running.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"]) as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 6000})
            page.set_default_timeout(60_000)
            page.goto(lab)
            drawings = page.locator(".vega-embed .marks")
            drawings.nth(len(outputs()) - 1).wait_for(state="attached")  # a hung page answers nothing
            assert drawings.count() == len(outputs())
            assert all(drawings.nth(number).bounding_box()["width"] > 50 for number in range(len(outputs())))
