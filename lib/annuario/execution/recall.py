"""What a chapter gave when it last ran, kept, and recalled where nothing that it depends on has changed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import orjson

from annuario.data.questions import ASKS, ROWS
from annuario.execution.cache import Ran, Results, Store, Told, chapter_key, contents_key, digest, file_digest, recalled
from annuario.execution.stored import load
from annuario.text import expressions, inline, jupyter

#: The file of the editions, where a question is asked with the eyes of one.
_EDITIONS = re.compile(r'"edizioni": "([^"]+)"')


def keep(edition: str, root: Path, executed: dict, store: Store, began: int, helpers: str) -> None:
    """Keep the results of a chapter, whose execution began at ``began`` (nanoseconds since the epoch).

    ``helpers`` is the digest of the agency's code.

    Nothing is kept where a file that it read has been saved since, as nobody can say which content it
    read, or where it did what cannot be tracked.
    """
    found = executed["metadata"]["annuario"]
    if found["untracked"] or any(_saved_since(began, root / read.partition(ASKS)[0]) for read in found["reads"]):
        return
    code = [cell for cell in executed["cells"] if cell["cell_type"] == "code"]
    # of the code that ran: the notebook may have been saved since
    key = _key([cell for cell in code if not jupyter.is_injected(cell)], edition, helpers)
    results = {
        "values": found["values"],
        "code": [
            {name: cell[name] for name in ("source", "outputs", "execution_count")}
            | {"tags": cell["metadata"].get("tags", [])}
            for cell in code
        ],
    }
    store.save("reads", key, found["reads"])
    store.save("chapter", _results_key(key, root, found["reads"], store), results)


def _results_key(key: str, root: Path, reads: list[str], store: Store) -> str:
    """The key of a chapter's results; of a file its questions are asked again only where it has changed."""
    asked: dict[str, list[str]] = {}
    others = []
    for read in reads:
        if f"{ASKS}{ROWS}" in read:
            asked.setdefault(read.partition(ASKS)[0], []).append(read)
        else:
            others.append(read)
    answers = []
    for name, questions in sorted(asked.items()):
        editions = {str(Path(name).parent / file) for file in _EDITIONS.findall("".join(questions))}
        about = contents_key(digest(*sorted(questions)), root, sorted({name, *editions}))
        answers.append(recalled(store, "answers", about, partial(contents_key, "", root, questions)))
    return contents_key(digest(key, *answers), root, others)


def _saved_since(began: int, path: Path) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    now = time.time_ns()  # a time in the future is not that of a save
    return any(began <= saved <= now for saved in (status.st_mtime_ns, status.st_ctime_ns))


def recall(source: Path, edition: str, root: Path, texts: Path, store: Store, helpers: str) -> dict | None:
    """The executed chapter from kept results, or None where something must run.

    The text is put together anew: sentences may have changed, the values they ask for
    must all be among those kept. ``helpers`` is the digest of the agency's code.

    Raises ChapterError for a notebook that is no chapter.
    """
    notebook = load(source)
    key = _key(notebook["cells"], edition, helpers)
    reads = store.load("reads", key)
    if reads is None:
        return None
    results_key = _results_key(key, root, reads, store)
    results = store.load("chapter", results_key)
    if results is None:
        return None
    told = _recall_told(notebook["cells"], results, texts, store, results_key)
    if told is None:
        return None
    cells = []
    options, finished = iter(told["options"]), iter(told["texts"])
    for cell, ran, injected in _steps(notebook["cells"], results["code"]):
        if cell["cell_type"] == "code":
            cells.append(_ran(cell, results["code"][ran - 1]))
            if chosen := orjson.loads(next(options)):
                cell["metadata"]["annuario"] = {"options": chosen}
            if injected:
                own = {"cell_type": "code", "id": jupyter.INJECTED, "metadata": {"tags": [jupyter.INJECTED]}}
                cells.append(_ran(own, injected))
        else:
            if cell["cell_type"] == "markdown":
                jupyter.put(cell, *next(finished))
            elif jupyter.problems(cell):
                return None
            cells.append(cell)
    told_of = {
        "values": results["values"],
        "reads": reads,
        "untracked": [],
        "placed": told["placed"],
        "asked": told["asked"],
    }
    return {**notebook, "cells": cells, "metadata": {**notebook["metadata"], "annuario": told_of}}


def _recall_told(cells: list[dict], results: Results, texts: Path, store: Store, key: str) -> Told | None:
    """What a chapter says with these results, kept by its source, the results and the commentary that it looked into."""
    key = digest(key, *(f"{cell['cell_type']} {cell['source']}" for cell in cells))
    looked = store.load("looked", key)
    kept = None if looked is None else store.load("told", _told_key(key, looked, texts))
    if kept is not None:
        return kept
    finisher = inline.Finisher(texts)
    try:
        told = _told(cells, results, finisher)
    except (KeyError, expressions.Faults):  # a new expression, or a wrong text: reported when the chapter runs
        return None
    if told is not None:
        looked = sorted(finisher.looked)
        store.save("told", _told_key(key, looked, texts), told)
        store.save("looked", key, looked)
    return told


def _told_key(key: str, looked: list[str], texts: Path) -> str:
    return digest(key, *(file_digest(texts / f"{chapter}.md") for chapter in looked))


def _told(cells: list[dict], results: Results, finisher: inline.Finisher) -> Told | None:
    """What a chapter says; None where something reads wrong. Raises KeyError for an expression that was not asked for."""
    chosen = []
    for cell, ran, _ in _steps(cells, results["code"]):
        values = partial(_kept, results["values"], ran)
        if cell["cell_type"] == "code":
            options = jupyter.options(cell["source"])
            if options.get("eval", True):
                options = finisher.code(cell["source"], results["code"][ran - 1]["outputs"], values)
            written = orjson.dumps(options)
            if orjson.loads(written) != options:  # of a form that JSON does not have
                return None
            chosen.append(written.decode("utf-8"))
        elif cell["cell_type"] == "markdown":
            finisher.markdown(cell["source"], values)
    finished, wrong = finisher.texts_of_cells()
    if wrong:
        return None
    resting = ([[sentence, list(map(list, rows))] for sentence, rows in found] for found in finisher.sentences)
    return {
        "options": chosen,
        "texts": list(map(list, zip(finished, resting))),
        "placed": sorted(map(list, finisher.placed)),
        "asked": sorted(map(list, finisher.asked)),
    }


def _steps(cells: list[dict], code: list[Ran]) -> Iterator[tuple[dict, int, Ran | None]]:
    """Each cell, how many of ``code`` had run when it did, and the cell of parameters that was put in behind it."""
    ran = 0
    for cell in cells:
        if cell["cell_type"] != "code":
            yield cell, ran, None
            continue
        ran += 1
        injected = code[ran] if ran < len(code) and jupyter.INJECTED in code[ran]["tags"] else None
        yield cell, ran, injected
        ran += injected is not None


def _key(cells: list[dict], edition: str, helpers: str) -> str:
    return chapter_key(cells, {"edizione": edition}, helpers)


def _ran(cell: dict, kept: Ran) -> dict:
    return cell | {name: value for name, value in kept.items() if name != "tags"}


def _kept(values: dict, ran: int, wanted: list[str], as_text: bool) -> dict:
    return {expression: values[inline.value_key(ran, expression, as_text)] for expression in wanted}
