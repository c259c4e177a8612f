"""A notebook as its author stored it, checked before anything runs."""

from __future__ import annotations

from pathlib import Path

import orjson

from annuario.errors import ChapterError
from annuario.execution import parameters
from annuario.messages import say, why


def load(source: Path) -> dict:
    """A chapter's notebook. Raises ChapterError where the file is no notebook, or its parameters are wrong.

    >>> load(progetto.books["relazione"].chapters[0])["cells"][0]["cell_type"]
    'code'
    >>> _ = (cartella / "a.ipynb").write_text("{}")
    >>> load(cartella / "a.ipynb")
    Traceback (most recent call last):
        ...
    annuario.errors.ChapterError: .../a.ipynb: not a notebook: 'cells' is missing: save it anew in ...
    """
    try:
        notebook = orjson.loads(source.read_bytes().decode("utf-8"))
        cells = notebook["cells"] = list(notebook["cells"])
        metadata = notebook["metadata"]
        shaped = isinstance(metadata, dict) and isinstance(metadata.get("papermill", {}), dict)
        if notebook.get("nbformat") != 4 or not shaped:
            raise ValueError(say("it is not of the format 4, or its metadata are of another shape"))
    except OSError as error:
        raise ChapterError(say("{source}: cannot be read ({why}).", source=source, why=why(error))) from error
    except UnicodeDecodeError as error:
        raise ChapterError(
            say(
                "{source}: not a notebook: not UTF-8 (byte {start}): save it anew in JupyterLab.",
                source=source,
                start=error.start,
            )
        ) from error
    except (AttributeError, KeyError, ValueError, TypeError) as error:
        what = say("{error} is missing", error=error) if isinstance(error, KeyError) else error
        raise ChapterError(
            say("{source}: not a notebook: {what}: save it anew in JupyterLab.", source=source, what=what)
        ) from error
    for number, cell in enumerate(cells, 1):
        try:
            cell["source"] = "".join(cell["source"])
            known = cell["cell_type"] in ("code", "markdown", "raw") and isinstance(cell["metadata"], dict)
            tags, pasted = cell["metadata"].get("tags", []), cell.get("attachments", {})
            known = known and isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)
            known = known and isinstance(pasted, dict) and all(isinstance(forms, dict) for forms in pasted.values())
        except (AttributeError, KeyError, TypeError):
            known = False
        if not known:
            raise ChapterError(
                say(
                    "{source}, cell {cell}: not a cell of a notebook (type, text, metadata, tags, pasted "
                    "pictures): save it anew in JupyterLab.",
                    source=source,
                    cell=number,
                )
            )
        cell["metadata"].pop("annuario", None)  # of an executed notebook that has become a source again
    _identify(cells)
    problems = parameters.problems(cells)
    if problems:
        raise ChapterError("\n".join(f"{source}{problem}" for problem in problems))
    return notebook


def _identify(cells: list[dict]) -> None:
    """Give cells that share an identifier, or have none, one of their own: the same each time."""
    taken: set[str] = set()
    for number, cell in enumerate(cells, 1):
        own = cell.get("id")
        if not isinstance(own, str) or own in taken:
            cell["id"] = f"cella-{number}"
        taken.add(cell["id"])
