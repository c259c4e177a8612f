"""Execution of a book's notebooks for one edition: recalled from the cache, or run."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path

from annuario import inline
from annuario.cache import Store, chapter_key, contents_key
from annuario.errors import ChapterError


def book(
    chapters: tuple[Path, ...],
    target: Path,
    edition: str,
    root: Path,
    texts: Path,
    store: Store | None = None,
    done: Callable[[Path], None] = lambda path: None,
    pool: Executor | None = None,
) -> list[dict]:
    """The executed notebooks of an edition, written into the folder ``target``.

    ``texts`` is the folder of the edition's commentary. Chapters whose results are in
    ``store`` are put together without a kernel; the others run in ``pool``, any executor
    of ``concurrent.futures`` (by default as many threads as processors, each waiting for
    a kernel of its own). ``done`` is called as each chapter ends.

    Returns the notebooks in the order of the chapters. Raises the ChapterError of the
    first chapter that failed; chapters not yet begun are dropped.
    """
    os.environ["ANNUARIO_ROOT"] = str(root)
    target.mkdir(parents=True, exist_ok=True)
    executed: dict[Path, dict] = {}
    for path in chapters:
        notebook = recall(path, edition, texts, store) if store else None
        if notebook:
            (target / path.name).write_text(json.dumps(notebook, ensure_ascii=False, indent=1), encoding="utf-8")
            executed[path] = notebook
            done(path)
    missing = [path for path in chapters if path not in executed]
    if missing:
        own = pool or ThreadPoolExecutor(max_workers=os.cpu_count())
        try:
            futures = {own.submit(chapter, path, target / path.name, edition, texts): path for path in missing}
            for future in as_completed(futures):
                path = futures[future]
                executed[path] = future.result()
                if store:
                    keep(path, edition, executed[path], store)
                done(path)
        finally:
            if pool is None:
                own.shutdown(cancel_futures=True)
    return [executed[path] for path in chapters]


def chapter(source: Path, target: Path, edition: str, texts: Path) -> dict:
    """Execute one notebook with ``edizione`` set, write it to ``target``, return it.

    Raises ChapterError naming notebook, cell and error.
    """
    import papermill  # slow to import, and needed only where something runs
    from papermill.exceptions import PapermillExecutionError

    from annuario import kernels

    kernels.use()
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
        number = int(inline.place(notebook, index).split()[-1]) - marks
        raise ChapterError(f"{source}, cell {number}: {error.ename}: {error.evalue}") from error


def keep(source: Path, edition: str, executed: dict, store: Store) -> None:
    """Keep the results of an executed chapter."""
    key = _key(_load(source), edition)
    found = executed["metadata"]["annuario"]
    code = [cell for cell in executed["cells"] if cell["cell_type"] == "code"]
    results = {
        "values": found["values"],
        "code": [{"source": cell["source"], "outputs": cell["outputs"], "tags": cell["metadata"].get("tags", [])} for cell in code],
    }
    store.save("reads", key, found["reads"])
    store.save("chapter", contents_key(key, found["reads"]), results)


def recall(source: Path, edition: str, texts: Path, store: Store) -> dict | None:
    """The executed chapter from kept results, or None where something must run.

    The text is put together anew: sentences may have changed, the values they ask for
    must all be among those kept.
    """
    notebook = _load(source)
    key = _key(notebook, edition)
    reads = store.load("reads", key)
    results = None if reads is None else store.load("chapter", contents_key(key, reads))
    if results is None:
        return None
    cells, ran = [], 0
    try:
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                kept = results["code"][ran]
                cells.append(_ran(cell, kept, ran + 1))
                ran += 1
                options = inline.resolve_options(cell["source"], partial(_kept, results["values"], ran), texts)
                if options:
                    cell["metadata"]["annuario"] = {"options": options}
                if ran < len(results["code"]) and "injected-parameters" in results["code"][ran]["tags"]:
                    injected = {"cell_type": "code", "id": "injected-parameters", "metadata": {"tags": ["injected-parameters"]}}
                    cells.append(_ran(injected, results["code"][ran], ran + 1))
                    ran += 1
            else:
                if cell["cell_type"] == "markdown":
                    text = inline.resolve_markdown(cell["source"], partial(_kept, results["values"], ran), texts)
                    inline.finish(cell, text)
                cells.append(cell)
    except KeyError:
        return None
    return {**notebook, "cells": cells}


def _load(source: Path) -> dict:
    try:
        notebook = json.loads(source.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ChapterError(f"{source}: not a notebook: {error}.") from error
    return notebook


def _key(notebook: dict, edition: str) -> str:
    return chapter_key(notebook["cells"], {"edizione": edition})


def _ran(cell: dict, kept: dict, number: int) -> dict:
    return cell | {"source": kept["source"], "outputs": copy.deepcopy(kept["outputs"]), "execution_count": number}


def _kept(values: dict, ran: int, wanted: list[str], as_text: bool) -> dict:
    return {expression: values[inline.value_key(ran, expression, as_text)] for expression in wanted}
