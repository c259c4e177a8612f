"""Writing beside the page: JupyterLab and the live preview on one page, and what a save leaves in the file."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from conftest import PATIENCE, keep_in

from annuario import init
from annuario.book import saving

PARAMETERS = {"cell_type": "code", "source": 'edizione = "r-2025"', "metadata": {"tags": ["parameters"]}, "outputs": []}
TEXT = {"cell_type": "markdown", "source": "# Minori {#sec-minori}", "metadata": {}}


def test_a_saved_notebook_keeps_what_was_written_and_nothing_of_its_run():
    before = {"cells": [PARAMETERS | {"execution_count": None}, TEXT], "metadata": {"kernelspec": {"name": "python3"}}}
    now = {
        "cells": [
            {
                "cell_type": "code", "source": 'edizione = "r-2021"', "execution_count": 4, "outputs": [{"text": "x"}],
                "metadata": {"tags": ["parameters"], "execution": {"iopub.status.busy": "ora"}},
            },
            TEXT | {"source": "# Minori {#sec-minori}\n\nUno."},
        ],
        "metadata": {"kernelspec": {"name": "python3"}, "widgets": {}},
    }  # fmt: skip
    saving.clean(now, before)
    assert saving.place(now, before) == "sec-minori"
    assert now == before | {"cells": [before["cells"][0], TEXT | {"source": "# Minori {#sec-minori}\n\nUno."}]}


@pytest.fixture
def desk(tmp_path, shared):
    """A project, and the address of the page on which it is written."""
    pytest.importorskip("jupyterlab")
    init.init(tmp_path / "libro")
    places = {
        name: str(tmp_path / name.lower())
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    command = [
        sys.executable,
        "-m",
        "annuario",
        "edit",
        "--port",
        "0",
        "--out",
        str(keep_in(shared, tmp_path / "esce")),
    ]
    with subprocess.Popen(
        command, cwd=tmp_path / "libro", env={**os.environ, **places}, stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            address = re.match(r"http\S+", running.stdout.readline())[0]
            yield tmp_path / "libro", address
        finally:
            running.send_signal(signal.SIGINT)
            running.communicate(timeout=PATIENCE)
    assert running.returncode == 0


def test_a_changed_word_and_a_mistake_are_seen_beside_the_notebook(desk, browser):
    root, address = desk
    with urllib.request.urlopen(address.partition("?")[0] + "libro/pdf") as unknown:
        assert "/login?" in unknown.url
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(urllib.request.Request(address, headers={"Host": "altrove.example"}))
    source = root / "notebooks" / "relazione" / "in-sintesi.ipynb"
    before = source.read_text(encoding="utf-8").splitlines()
    page = browser.new_page(viewport={"width": 1500, "height": 900})
    page.set_default_timeout(120_000)
    page.goto(address)
    lab, book = page.frame_locator("#sinistra"), page.frame_locator("#destra")
    book.get_by_role("heading", name="In sintesi").first.wait_for()
    lab.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
    cell = lab.locator(".jp-MarkdownCell").first
    cell.dblclick()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Aggiunta.")
    page.keyboard.press("Control+s")
    book.get_by_text("Aggiunta.").first.wait_for()
    after = source.read_text(encoding="utf-8").splitlines()
    assert len(set(after) - set(before)) == len(set(before) - set(after)) == 1
    page.keyboard.type(" `{python} nessuno`.")
    page.keyboard.press("Control+s")
    book.get_by_role("alert").get_by_text("in-sintesi.ipynb, cell 3").wait_for()
    book.get_by_text("Aggiunta.").first.wait_for()  # the last good page still stands
    page.get_by_label("Scrivere").select_option(label="prestiti")
    lab.locator("#jp-main-statusbar").get_by_text("prestiti.ipynb").wait_for()
    assert json.loads(source.read_text(encoding="utf-8"))["cells"][0]["source"] == ['edizione = "relazione-2025"']
