"""Execution of a book's notebooks for one edition: recalled from the cache, or run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path

import orjson

from annuario import inline
from annuario.errors import ChapterError
from annuario.execution.cache import Store, chapter_key, contents_key

#: Starts one chapter somewhere and gives its future: of the executed notebook.
Submit = Callable[[Path], Future]


def book(
    chapters: tuple[Path, ...],
    target: Path,
    edition: str,
    root: Path,
    texts: Path,
    store: Store | None = None,
    done: Callable[[Path, dict], None] = lambda path, executed: None,
    submit: Submit | None = None,
) -> list[dict]:
    """The executed notebooks of an edition, written into the folder ``target``.

    ``texts`` is the folder of the edition's commentary. Chapters whose results are in
    ``store`` are put together without a kernel; the others run where ``submit`` sends
    them: by default on this machine, as many at a time as it has processors, each in a
    kernel of its own. ``done`` is called with each chapter as it ends.

    Returns the notebooks in the order of the chapters. Raises the ChapterError of the
    first chapter that failed; chapters not yet begun are dropped.
    """
    executed: dict[Path, dict] = {}
    for path in chapters:
        notebook = recall(path, edition, root, texts, store) if store else None
        if notebook:
            executed[path] = notebook
            done(path, notebook)
    missing = [path for path in chapters if path not in executed]
    began = time.time_ns()
    if missing:
        with _here(edition, root, texts) if submit is None else nullcontext(submit) as start:
            # the longest first, lest one of them be the last
            futures = {start(path): path for path in sorted(missing, key=lambda path: -path.stat().st_size)}
            try:
                for future in as_completed(futures):
                    path = futures[future]
                    executed[path] = future.result()
                    if store:
                        keep(edition, root, executed[path], store, began)
                    done(path, executed[path])
            except BaseException:
                for future in futures:
                    future.cancel()
                raise
    target.mkdir(parents=True, exist_ok=True)
    for path in chapters:
        (target / path.name).write_bytes(orjson.dumps(executed[path], option=orjson.OPT_INDENT_2))
    return [executed[path] for path in chapters]


@contextmanager
def _here(edition: str, root: Path, texts: Path) -> Iterator[Submit]:
    """Chapters run on this machine, one thread waiting for each kernel."""
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        yield lambda path: pool.submit(chapter, path, edition, root, texts)


def chapter(source: Path, edition: str, root: Path, texts: Path) -> dict:
    """Execute one notebook with ``edizione`` set and return it.

    Its metadata hold, as ``annuario``, the values of its expressions and the files that
    it read, relative to ``root``. Raises ChapterError naming notebook, cell and error.
    """
    import papermill  # slow to import, and needed only where something runs
    from papermill.exceptions import PapermillExecutionError

    from annuario.execution import kernels

    os.environ["ANNUARIO_ROOT"] = str(root)
    kernels.use(root)
    try:
        executed = papermill.execute_notebook(
            str(source).replace("{", "{{").replace("}", "}}"),  # papermill fills in what stands in braces
            None,
            parameters={"edizione": edition},
            engine_name="annuario",
            kernel_name="python3",
            language="python",
            progress_bar=False,
            texts=str(texts),
        )
    except PapermillExecutionError as error:
        cells = _load(source)["cells"]
        number = next(number for number, cell in enumerate(cells, 1) if cell["source"] == error.source)
        raise ChapterError(f"{source}, cell {number}: {error.ename}: {error.evalue}") from error
    except RuntimeError as error:  # a kernel that died or never answered
        raise ChapterError(f"{source}: the kernel failed: {error}: build again.") from error
    found = executed["metadata"]["annuario"]
    found["reads"] = [Path(read).relative_to(root).as_posix() for read in found["reads"]]
    return _plain(executed)


def _plain(notebook: dict) -> dict:
    """A notebook as plain dictionaries and lists, without what differs from one run to another."""
    plain = orjson.loads(orjson.dumps(notebook))
    plain["metadata"].pop("papermill", None)
    for cell in plain["cells"]:
        for name in ("papermill", "execution"):
            cell["metadata"].pop(name, None)
        if inline.is_injected(cell):
            cell["id"] = inline.INJECTED
    return plain


def keep(edition: str, root: Path, executed: dict, store: Store, began: int) -> None:
    """Keep the results of a chapter, whose execution began at ``began`` (nanoseconds since the epoch).

    Where a file that it read has been saved since, nobody can say which content it read: nothing is kept.
    """
    found = executed["metadata"]["annuario"]
    if any(_saved_since(began, root / read.partition("?")[0]) for read in found["reads"]):
        return
    code = [cell for cell in executed["cells"] if cell["cell_type"] == "code"]
    # of the code that ran: the notebook may have been saved since
    key = chapter_key([cell for cell in code if not inline.is_injected(cell)], {"edizione": edition})
    results = {
        "values": found["values"],
        "code": [{"source": cell["source"], "outputs": cell["outputs"], "tags": cell["metadata"].get("tags", [])} for cell in code],
    }
    store.save("reads", key, found["reads"])
    store.save("chapter", contents_key(key, root, found["reads"]), results)


def _saved_since(began: int, path: Path) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    now = time.time_ns()  # a time to come is not that of a save
    return any(began <= saved <= now for saved in (status.st_mtime_ns, status.st_ctime_ns))


def recall(source: Path, edition: str, root: Path, texts: Path, store: Store) -> dict | None:
    """The executed chapter from kept results, or None where something must run.

    The text is put together anew: sentences may have changed, the values they ask for
    must all be among those kept.
    """
    notebook = _load(source)
    key = _key(notebook, edition)
    reads = store.load("reads", key)
    results = None if reads is None else store.load("chapter", contents_key(key, root, reads))
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
                if ran < len(results["code"]) and inline.INJECTED in results["code"][ran]["tags"]:
                    injected = {"cell_type": "code", "id": inline.INJECTED, "metadata": {"tags": [inline.INJECTED]}}
                    cells.append(_ran(injected, results["code"][ran], ran + 1))
                    ran += 1
            else:
                if cell["cell_type"] == "markdown":
                    text = inline.resolve_markdown(cell["source"], partial(_kept, results["values"], ran), texts)
                    inline.finish(cell, text)
                cells.append(cell)
    except KeyError:
        return None
    return {**notebook, "cells": cells, "metadata": {**notebook["metadata"], "annuario": {"values": results["values"], "reads": reads}}}


def _load(source: Path) -> dict:
    try:
        notebook = orjson.loads(source.read_bytes())
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ChapterError(f"{source}: not a notebook: {error}.") from error
    return notebook


def _key(notebook: dict, edition: str) -> str:
    return chapter_key(notebook["cells"], {"edizione": edition})


def _ran(cell: dict, kept: dict, number: int) -> dict:
    return cell | {"source": kept["source"], "outputs": kept["outputs"], "execution_count": number}


def _kept(values: dict, ran: int, wanted: list[str], as_text: bool) -> dict:
    return {expression: values[inline.value_key(ran, expression, as_text)] for expression in wanted}
