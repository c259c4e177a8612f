"""Chapters on a Dask cluster: the same results, and a lost worker does not matter."""

import os
import shutil
import signal
import threading
import time

import pytest
from conftest import edit
from distributed import LocalCluster

from annuario.errors import BookError, ChapterError
from annuario.execution import cluster, execute

NAMES = ("gestione", "obiettivi", "fondi")


@pytest.fixture(scope="module")
def workers():
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as made:
        yield made


def kill_one_at_work(workers: LocalCluster) -> None:
    """Kill the first worker that is seen running a chapter."""
    pids = {worker.worker_address: worker.pid for worker in workers.workers.values()}
    while True:
        for worker in list(workers.scheduler.workers.values()):
            if worker.processing:
                os.kill(pids[worker.address], signal.SIGKILL)
                return
        time.sleep(0.01)


def outline(notebook):
    return [(cell["source"], [output.get("data") for output in cell.get("outputs", [])]) for cell in notebook["cells"]]


@pytest.fixture
def texts(here):
    return here.books["relazione"].texts / "relazione-2021"


@pytest.fixture
def few(here, texts, tmp_path):
    """A project of a few chapters."""
    root = tmp_path / "progetto"
    folder = root / "notebooks" / "relazione"
    (folder / "testi" / texts.name).mkdir(parents=True)
    shutil.copytree(here.root / "data", root / "data")
    (root / "_quarto.yml").write_text(
        "annuario:\n  ente: Ente\n  libri:\n    relazione:\n      titolo: Relazione\n"
        f"      capitoli: [{', '.join(f'relazione/{name}.ipynb' for name in NAMES)}]\n",
        encoding="utf-8",
    )
    for name in NAMES:
        shutil.copy(texts.parents[1] / f"{name}.ipynb", folder)
        shutil.copy(texts / f"{name}.md", folder / "testi" / texts.name)
    return root


def test_the_same_results_with_a_worker_lost(few, workers, tmp_path):
    folder = few / "notebooks" / "relazione"
    chapters, texts = tuple(folder / f"{name}.ipynb" for name in NAMES), folder / "testi" / "relazione-2021"
    (folder / "aiuto.py").write_text("x = 1\n", encoding="utf-8")
    edit(chapters[0], "libro = open_edition(edizione)", "import aiuto\\nlibro = open_edition(edizione)")
    local = [execute.chapter(path, "relazione-2021", few, texts) for path in chapters]
    murderer = threading.Thread(target=kill_one_at_work, args=(workers,), daemon=True)
    murderer.start()
    with cluster.submitter(workers.scheduler_address, few, texts, "relazione-2021") as submit:
        far = execute.book(chapters, tmp_path, "relazione-2021", few, texts, submit=submit)
    murderer.join()
    assert [outline(notebook) for notebook in far] == [outline(notebook) for notebook in local]
    # questions about modules that are not there depend on what the asking process has looked for before
    there = [[read for read in n["metadata"]["annuario"]["reads"] if (few / read).is_file()] for n in (*far, *local)]
    assert there[: len(far)] == there[len(far) :] and all(
        "notebooks/relazione/aiuto.py" in reads for reads in there[:1]
    )


def test_a_failing_chapter_says_the_same(here, workers, texts, tmp_path):
    root = tmp_path / "progetto"
    (root / "notebooks" / "relazione").mkdir(parents=True)
    (root / "data").symlink_to(here.root / "data")
    (root / "_quarto.yml").symlink_to(here.root / "_quarto.yml")
    path = root / "notebooks" / "relazione" / "gestione.ipynb"
    text = (here.root / "notebooks" / "relazione" / "gestione.ipynb").read_text(encoding="utf-8")
    path.write_text(text.replace("libro = open_edition(edizione)", "libro = 1 / 0"), encoding="utf-8")
    with cluster.submitter(workers.scheduler_address, root, root / "testi", "relazione-2021") as submit:
        with pytest.raises(ChapterError, match=r"notebooks/relazione/gestione.ipynb, cell \d+: ZeroDivisionError"):
            execute.book((path,), tmp_path / "out", "relazione-2021", root, root / "testi", submit=submit)


def test_no_scheduler(here, texts):
    with pytest.raises(BookError, match="no Dask scheduler answers"):
        with cluster.submitter("tcp://127.0.0.1:9", here.root, texts, "relazione-2021"):
            pass
