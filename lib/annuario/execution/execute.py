"""Execution of a book's notebooks for one edition: recalled from the cache, or run."""

from __future__ import annotations

import math
import os
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import orjson

from annuario import agency
from annuario.data.questions import ASKS
from annuario.errors import ChapterError
from annuario.execution import parameters
from annuario.execution.cache import SECTION, SECTION_TEXT, Store
from annuario.execution.recall import keep, recall
from annuario.execution.stored import load
from annuario.messages import say
from annuario.project import CONFIG, Project
from annuario.text import commentary, jupyter


class Unfinished(ChapterError):
    """Chapters or commentary with problems; ``executed`` are the chapters without any, by their sources.

    >>> Unfinished(["a.ipynb: uno", "b.ipynb: due"], {}).exit_code
    1
    """

    def __init__(self, problems: list[str], executed: dict[Path, dict]):
        super().__init__("\n".join(problems))
        self.executed = executed


#: What papermill calls the engine of :mod:`annuario.execution.engine`.
ENGINE = "annuario"
#: The seconds that a cell may take where the project says nothing else.
LIMIT = 600
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
    begun: Callable[[], object] = lambda: None,
) -> list[dict]:
    """The executed notebooks of an edition, written into the folder ``target``.

    ``texts`` is the folder of the edition's commentary. Chapters whose results are in
    ``store`` are put together and run nothing; the others run where ``submit`` sends
    them: by default on this machine, as many at a time as it has processors, each in a
    process of its own. ``done`` is called with each chapter as it ends, ``begun`` once all that must run has begun:
    what else there is to do would only keep the chapters waiting before.

    Returns the notebooks in the order of the chapters. Raises Unfinished, a ChapterError with a line
    for each problem of the commentary and of every chapter; what the other chapters gave is kept. ::

        book(own.chapters, Path("out"), "relazione-2025", here.root, own.texts / "relazione-2025", Store(Path("kept")))
    """
    executed: dict[Path, dict] = {}
    failed: dict[Path, str] = {}
    began = time.time_ns()
    helpers = agency.digest(root) if store else ""
    with _here(edition, root, texts) if submit is None else nullcontext(submit) as start:
        futures: dict[Future, Path] = {}
        try:
            # the longest first, so that none of them starts last; what must run begins while the others are recalled
            for path in sorted(chapters, key=_length, reverse=True):
                try:
                    notebook = recall(path, edition, root, texts, store, helpers) if store else None
                except ChapterError as error:
                    failed[path] = str(error)
                    continue
                if notebook:
                    executed[path] = notebook
                    done(path, notebook)
                else:
                    futures[start(path)] = path
            begun()
            for future in as_completed(futures):
                path = futures[future]
                try:
                    executed[path] = future.result()
                except ChapterError as error:
                    failed[path] = str(error)
                    continue
                if store:
                    keep(edition, root, executed[path], store, began, helpers)
                done(path, executed[path])
        except BaseException:
            for future in futures:
                future.cancel()
            raise
    problems = [*_commentary(chapters, texts, executed, failed), *(failed[path] for path in chapters if path in failed)]
    if problems:
        raise Unfinished(problems, {path: executed[path] for path in chapters if path in executed})
    target.mkdir(parents=True, exist_ok=True)
    for path in chapters:
        (target / path.name).write_bytes(orjson.dumps(executed[path], option=jupyter.FORM))
    return [executed[path] for path in chapters]


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _commentary(
    chapters: tuple[Path, ...], texts: Path, executed: dict[Path, dict], failed: dict[Path, str]
) -> list[str]:
    """What is wrong with the commentary, as far as the chapters that failed let it be known."""
    told = [notebook["metadata"]["annuario"] for notebook in executed.values()]
    placed, asked = ({tuple(section) for each in told for section in each[what]} for what in ("placed", "asked"))
    for path, _, question in (read.partition(ASKS) for each in told for read in each["reads"]):
        if question.startswith(SECTION_TEXT):  # its text has been used otherwise
            placed.add((Path(path).stem, question.removeprefix(SECTION_TEXT)))
        elif question.startswith(SECTION):
            asked.add((Path(path).stem, question.removeprefix(SECTION)))
    unknown = "".join(path.read_text(encoding="utf-8", errors="replace") for path in failed if path.is_file())
    for path in failed:
        if not _is_readable(path):  # which sections it places is unknown
            unknown += " ".join(commentary.read(texts / f"{path.stem}.md").sections)
    return commentary.problems(texts, {path.stem for path in chapters}, placed, asked, unknown)


def _is_readable(path: Path) -> bool:
    try:
        orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return True


@contextmanager
def _here(edition: str, root: Path, texts: Path) -> Iterator[Submit]:
    """Chapters run on this machine, one thread waiting for each process; an interrupt ends them at once."""
    futures: list[Future] = []

    def start(path: Path) -> Future:
        futures.append(pool.submit(chapter, path, edition, root, texts))
        return futures[-1]

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        try:
            yield start
        except BaseException:
            from annuario.execution import processes

            for future in futures:
                future.cancel()
            while wait(futures, timeout=0.1).not_done:  # a process may be about to start
                processes.end()
            raise


def chapter(source: Path, edition: str, root: Path, texts: Path) -> dict:
    """Execute one notebook with ``edizione`` set and return it; of ``relazione-2025/pandino`` with ``territorio`` too.

    Its metadata hold, as ``annuario``, the values of its expressions, the files that it read,
    relative to ``root``, what it did that cannot be tracked, and the sections of the commentary
    that it placed and asked for. Raises ChapterError with a line for each problem, naming
    notebook and cell. ::

        chapter(own.chapters[0], "relazione-2025", here.root, own.texts / "relazione-2025")
    """
    stored = load(source)
    from annuario.execution import processes

    processes.use(root)  # gets ready while this process imports what follows
    import nbformat  # slow to import, and needed only where something runs
    import papermill
    from papermill.engines import papermill_engines

    from annuario.execution.engine import BookEngine

    papermill_engines.register(ENGINE, BookEngine)
    results: dict[str, Any] = {}
    for category in (nbformat.warnings.DuplicateCellId, nbformat.warnings.MissingIDFieldWarning):
        warnings.simplefilter("ignore", category)
    try:
        notebook = papermill.execute_notebook(
            str(source).replace("{", "{{").replace("}", "}}"),  # papermill fills in what stands in braces
            None,
            parameters=parameters.of(edition),
            engine_name=ENGINE,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            texts=str(texts),
            results=results,
            execution_timeout=cell_limit(root),
            environment={"ANNUARIO_ROOT": str(root), "ANNUARIO_EDITION": edition.partition("/")[0]},
        )
    except RuntimeError as error:  # a process that never was ready
        raise ChapterError(
            say("{source}: its process failed: {error}: build again.", source=source, error=error)
        ) from error
    found = results["annuario"]
    inside = [read for read in found["reads"] if Path(read).is_relative_to(root)]
    found["untracked"] += [f"it reads {read}, outside the project" for read in found["reads"] if read not in inside]
    found["reads"] = [Path(read).relative_to(root).as_posix() for read in inside]
    cells = [{**cell, **ran} for cell, ran in zip(notebook["cells"], results["cells"], strict=True)]
    metadata = {**notebook["metadata"], "language_info": results["language_info"], "annuario": found}
    plain = _plain({**notebook, "cells": cells, "metadata": metadata})
    # those of cells without one of their own nbformat makes anew each time
    for cell, own in zip((cell for cell in plain["cells"] if not jupyter.is_injected(cell)), stored["cells"]):
        cell["id"] = own["id"]
    return plain


def cell_limit(root: Path) -> int | None:
    """The seconds that a cell may take: ``limite-cella`` under ``annuario`` in ``_quarto.yml``; none for 0.

    >>> cell_limit(progetto.root), cell_limit(cartella)
    (600, 600)
    """
    limit = Project(root).config["annuario"].get("limite-cella") if (root / CONFIG).is_file() else None
    return math.ceil(LIMIT if limit is None else limit) or None


def _plain(notebook: dict) -> dict:
    """A notebook as plain dictionaries and lists, without what differs from one run to another."""
    plain = orjson.loads(orjson.dumps(notebook))
    plain["metadata"].pop("papermill", None)
    for cell in plain["cells"]:
        for name in ("papermill", "execution"):
            cell["metadata"].pop(name, None)
        if not cell["metadata"].get("tags", True):  # papermill's
            del cell["metadata"]["tags"]
        if jupyter.is_injected(cell):
            cell["id"] = jupyter.INJECTED
    return plain
