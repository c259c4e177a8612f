"""What the benchmark times, each run in a process of its own: ``tasks.py NAME ROOT [ARGUMENT]``.

A task prints one JSON object. ``ROOT`` is a copy of the project.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import pickle
import re
import resource
import shutil
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median

EDITION = "relazione-2025"
MEDIAN, LONGEST = 0.5, 1.0
NUMBER = re.compile(r"^(relazione-2025,2025,ict-consistenza/telefoni-fissi,tabella,)(\d+)", re.MULTILINE)


def baseline(root: Path, processes: str) -> dict:
    """papermill as its users run it: its own engine, a notebook after another, or some at a time."""
    import papermill  # paid for before the clock, as ours is inside it

    names = [str(path) for path in _book(root).chapters]
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        if processes == "1":
            for name in names:
                _papermill(name, folder)
        else:
            with ProcessPoolExecutor(int(processes)) as pool:
                list(pool.map(_papermill, names, [folder] * len(names)))
        return {"seconds": time.perf_counter() - start, "papermill": papermill.__version__}


def _papermill(source: str, folder: str) -> None:
    import papermill

    target = Path(folder) / Path(source).name
    papermill.execute_notebook(source, target, {"edizione": EDITION}, kernel_name="python3", progress_bar=False)


def ours(root: Path) -> dict:
    """The same notebooks by our engine, nothing kept and nothing warm: the warm process starts inside the clock."""
    start = time.perf_counter()
    from annuario.execution import execute

    book = _book(root)
    with tempfile.TemporaryDirectory() as folder:
        execute.book(book.chapters, Path(folder), EDITION, root, book.texts / EDITION)
        return {"seconds": time.perf_counter() - start}


def assembled(root: Path) -> dict:
    """The manuscript, made once for the floor."""
    from annuario import project
    from annuario.book import assemble, build
    from annuario.data import Package, editions
    from annuario.execution import execute

    here, package = project.Project(root), Package(root / "data", EDITION)
    edition = editions.parse(EDITION, here, package)
    book = here.books[edition.book]
    executed = execute.book(book.chapters, root / "output" / "banco", EDITION, root, book.texts / EDITION)
    chapters = dict(zip(book.chapters, executed))
    facts = build.facts(here, package, edition)
    document = assemble.assemble(chapters, build.front_matter(here, edition, facts), root / "libro", facts=facts)
    (root / "libro.pickle").write_bytes(pickle.dumps(document.manuscript))
    return {"book": str(root / "libro.pickle")}


def floor(root: Path, manuscript: str) -> dict:
    """The least there is to do, on one processor: the cells in one process with imports paid, pandoc, Typst."""
    from IPython.core.interactiveshell import InteractiveShell

    from annuario import project
    from annuario.execution import processes
    from annuario.execution.cache import Store
    from annuario.publish import charts, pandoc

    processes.warm(root)
    shell = InteractiveShell.instance()
    config = project.Project(root).config
    book = pickle.loads(Path(manuscript).read_bytes())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        libraries = Store(folder / "librerie")
        charts.include(libraries)
        gc.freeze()  # or else each reset would look through all that was imported
        os.sched_setaffinity(0, {0})
        start = time.perf_counter()
        for path in _book(root).chapters:
            shell.reset(new_session=False)
            with contextlib.redirect_stdout(io.StringIO()):
                for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                    if cell["cell_type"] == "code":
                        shell.run_cell("".join(cell["source"])).raise_error()
                        if "parameters" in cell["metadata"].get("tags", []):
                            shell.run_cell(f"edizione = '{EDITION}'")
        cells = time.perf_counter() - start
        pandoc.html(book, folder / "libro.html", config, libraries)
        html = time.perf_counter() - start - cells
        pandoc.pdf(book, folder / "libro.pdf", config)
    total = time.perf_counter() - start
    return {"seconds": total, "cells": cells, "html": html, "pdf": total - cells - html}


def watch(root: Path, rounds: str) -> dict:
    """From saving a sentence or a number to the page that has it, in a running preview, and to the PDF."""
    from annuario.book import watch as watching
    from annuario.project import Project

    gc.set_threshold(20_000)  # as the command does
    preview = watching.Preview(Project(root), EDITION, root / "output", lambda text: None)
    server = watching.serve(preview, 0)
    address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    preview.rebuild()
    stop = threading.Event()
    following = threading.Thread(target=watching.follow, args=(preview.project, preview.rebuild, stop))
    following.start()
    time.sleep(1)
    news = (line for line in urllib.request.urlopen(f"{address}/eventi") if line.startswith(b"data: {"))
    next(news)
    taken: dict[str, list[float]] = {}

    def saved(name: str, save: Callable[[str], None]) -> None:
        mark = f"Frase cambiata {time.time_ns()}."
        start = time.perf_counter()
        save(mark)
        next(news)
        page = urllib.request.urlopen(f"{address}/").read().decode("utf-8")
        taken.setdefault(name, []).append(time.perf_counter() - start)
        assert name == "number" or mark in page

    asked = urllib.request.Request(f"{address}/pdf", headers={"Referer": f"{address}/"})
    for _ in range(int(rounds)):
        saved("prose", lambda mark: change_sentence(root, mark, MEDIAN))
        saved("prose_longest", lambda mark: change_sentence(root, mark, LONGEST))
        saved("number", lambda mark: change_number(root))
        urllib.request.urlopen(asked).read()  # the browser turns to the paper
        start = time.perf_counter()
        change_sentence(root, f"Frase cambiata {time.time_ns()}.", MEDIAN)
        next(news)
        urllib.request.urlopen(asked).read()
        taken.setdefault("pdf", []).append(time.perf_counter() - start)
        urllib.request.urlopen(f"{address}/").read()  # and back to the page
    stop.set()
    following.join()
    server.shutdown()
    return {name: median(each) for name, each in taken.items()}


def change_number(root: Path) -> None:
    """One more of what no sum counts, in the table that most chapters read; the checks hold, and doubt it."""
    path = root / "data" / "indicatori.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(NUMBER.sub(lambda found: found[1] + str(int(found[2]) + 1), text), encoding="utf-8")


def change_sentence(root: Path, mark: str, chapter: float) -> None:
    """Put a sentence in place of the last one put so, in a chapter: by its length among the others, 0 to 1."""
    paths = sorted(_book(root).chapters, key=lambda path: path.stat().st_size)
    path = paths[int(chapter * (len(paths) - 1))]
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = notebook["cells"]
    if cells[-1].get("id") != "prova":
        cells.append({"cell_type": "markdown", "id": "prova", "metadata": {}, "source": []})
    cells[-1]["source"] = [mark]
    new = path.with_name(f".{path.name}")  # saved at once, as editors do
    new.write_text(json.dumps(notebook), encoding="utf-8")
    new.replace(path)


def scale(root: Path, kind_and_count: str) -> dict:
    """Many chapter executions, ``tiny 100`` or ``real 100``: cost of each, peak memory of the builder and of a chapter's process."""
    from annuario.execution import execute, processes

    kind, count = kind_and_count.split()
    real = _book(root).chapters
    with tempfile.TemporaryDirectory() as name:
        folder, sources = Path(name), []
        texts = folder / "testi"
        texts.mkdir()
        for number in range(int(count)):
            chapter = real[number % len(real)]
            sources.append(folder / str(number) / chapter.name)
            sources[-1].parent.mkdir()
            sources[-1].write_text(chapter.read_text(encoding="utf-8") if kind == "real" else TINY, encoding="utf-8")
            written = _book(root).texts / EDITION / f"{chapter.stem}.md"
            if kind == "real" and written.exists():
                shutil.copy(written, texts)
        execute.book(sources[:1], folder / "caldo", EDITION, root, folder / "nulla")  # the warm process is up
        private = _watch_processes(processes)
        start = time.perf_counter()
        execute.book(tuple(sources), folder / "fatti", EDITION, root, texts)
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "seconds_each": seconds / int(count),
        "builder_mb": peak,
        "kernel_private_mb": max(private.values(), default=0.0),
    }


def cluster(root: Path, count: str) -> dict:
    """The chapters of so many editions of a report on a Dask cluster of this machine: cost of an edition, peak memory of the builder."""
    from distributed import LocalCluster

    from annuario.execution import cluster, execute

    book = _book(root)
    with (
        tempfile.TemporaryDirectory() as name,
        LocalCluster(os.cpu_count(), threads_per_worker=1, dashboard_address=None) as here,
    ):

        def edition(number: int) -> None:
            texts = book.texts / EDITION
            with cluster.submitter(here.scheduler_address, root, texts, EDITION) as submit:
                execute.book(book.chapters, Path(name) / str(number), EDITION, root, texts, submit=submit)

        edition(0)  # the warm processes of the workers are up
        start = time.perf_counter()
        for number in range(int(count)):
            edition(number)
        seconds = time.perf_counter() - start
    return {
        "seconds_each": seconds / int(count),
        "builder_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


TINY = json.dumps(
    {
        "cells": [
            {"cell_type": "code", "id": "a", "metadata": {"tags": ["parameters"]}, "outputs": [], "execution_count": None, "source": "edizione = ''"},
            {"cell_type": "markdown", "id": "b", "metadata": {}, "source": "# Prova {#sec-prova}"},
            {"cell_type": "code", "id": "c", "metadata": {}, "outputs": [], "execution_count": None, "source": "edizione"},
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)  # fmt: skip


def _watch_processes(processes) -> dict[int, float]:
    """The largest private memory seen of each process launched from now on, in MB."""
    seen: dict[int, float] = {}
    launch = processes.SERVER.launch

    def launched(*arguments):
        process = launch(*arguments)
        seen[process.pid] = 0.0
        threading.Thread(target=follow, args=(process.pid,), daemon=True).start()
        return process

    def follow(pid: int) -> None:
        with contextlib.suppress(OSError):
            while True:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                private = sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
                seen[pid] = max(seen[pid], private / 1024)
                time.sleep(0.1)

    processes.SERVER.launch = launched
    return seen


def _book(root: Path):
    from annuario.project import Project

    return Project(root).books[EDITION.rpartition("-")[0]]


if __name__ == "__main__":
    task, place, *rest = sys.argv[1:]
    os.environ["ANNUARIO_ROOT"] = place
    print(json.dumps(globals()[task](Path(place), *rest)))
