"""Execution of a book's notebooks for one edition, several at a time."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from pathlib import Path

import papermill
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from annuario import kernels
from annuario.inline import place
from annuario.errors import ChapterError


def chapter(source: Path, target: Path, edition: str, texts: Path) -> NotebookNode:
    """Execute one notebook with ``edizione`` set, write it to ``target``, return it.

    ``texts`` is the folder of the edition's commentary. Raises ChapterError naming
    notebook, cell and error.
    """
    try:
        return papermill.execute_notebook(
            source,
            target,
            parameters={"edizione": edition},
            engine_name="annuario",
            kernel_name="python3",
            progress_bar=False,
            request_save_on_cell_execute=False,
            texts=str(texts),
        )
    except PapermillExecutionError as error:
        notebook = papermill.iorw.load_notebook_node(str(target))
        # papermill puts a note of its own before the cell that failed
        index = next(i for i, cell in enumerate(notebook.cells) if cell.get("source") == error.source)
        marks = sum("papermill-error-cell-tag" in cell.metadata.get("tags", []) for cell in notebook.cells[:index])
        number = int(place(notebook, index).split()[-1]) - marks
        raise ChapterError(f"{source}, cell {number}: {error.ename}: {error.evalue}") from error


def book(
    chapters: tuple[Path, ...],
    target: Path,
    edition: str,
    root: Path,
    texts: Path,
    done: Callable[[Path], None] = lambda path: None,
    pool: Executor | None = None,
) -> list[NotebookNode]:
    """Execute the chapters of an edition into the folder ``target``, in parallel.

    ``done`` is called as each chapter ends. ``pool`` is where chapters run: any
    executor of ``concurrent.futures``; by default as many threads as processors,
    each waiting for a kernel of its own.

    Returns the executed notebooks in the order of the chapters. Raises the
    ChapterError of the first chapter that failed; chapters not yet begun are dropped.
    """
    os.environ["ANNUARIO_ROOT"] = str(root)
    kernels.use()
    target.mkdir(parents=True, exist_ok=True)
    own = pool or ThreadPoolExecutor(max_workers=os.cpu_count())
    try:
        futures = {own.submit(chapter, path, target / path.name, edition, texts): path for path in chapters}
        for future in as_completed(futures):
            future.result()
            done(futures[future])
        return [future.result() for future in futures]
    finally:
        if pool is None:
            own.shutdown(cancel_futures=True)
