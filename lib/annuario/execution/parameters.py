"""The cell of the parameters: a chapter shows the edition being built only if everything comes from there."""

from __future__ import annotations

import ast
from difflib import get_close_matches

from annuario.messages import say
from annuario.text import jupyter

#: papermill's tag of the cell that holds the parameters, and the one parameter that a build sets.
TAG, EDITION = "parameters", "edizione"
#: The parameter that a build of an extract sets as well.
TERRITORY = "territorio"


def of(built: str) -> dict[str, str]:
    """The parameters of a chapter, by what is being built: an edition, or an extract of it.

    >>> of("relazione-2025"), of("relazione-2025/pandino")
    ({'edizione': 'relazione-2025'}, {'edizione': 'relazione-2025', 'territorio': 'pandino'})
    """
    edition, *territory = built.split("/")
    return {EDITION: edition} | ({TERRITORY: territory[0]} if territory else {})


def problems(cells: list[dict]) -> list[str]:
    r"""Why a build could not set the edition of a chapter, each with its cell; nothing where it can.

    The first code cell is tagged ``parameters`` and sets plain values alone, ``edizione``
    among them: papermill sets the edition being built right after it.

    >>> cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": 'edizione = "relazione-2025"'}
    >>> problems([cell])
    []
    >>> problems([cell | {"source": 'edizione = "relazione-2025"\nanno = 2025'}])
    [', cell 1: «anno» repeats the year of the edition written here: make it from «edizione» in a later cell.']
    >>> problems([])
    [': it has no code: its first code cell is tagged «parameters» and sets «edizione».']
    """
    code = [number for number, cell in enumerate(cells) if cell["cell_type"] == "code"]
    if not code:
        return [
            say(
                ": it has no code: its first code cell is tagged «{tag}» and sets «{edition}».",
                tag=TAG,
                edition=EDITION,
            )
        ]
    first, *_ = code
    found = []
    for number, cell in enumerate(cells):
        for tag in cell["metadata"].get("tags", []):
            if tag == jupyter.INJECTED:
                problem = say("papermill left this cell («{tag}»): delete it, a build adds its own.", tag=tag)
            elif tag == TAG and number != first:
                problem = say(
                    "only the first code cell is tagged «{tag}»: take the tag off here, or move the cell up.", tag=TAG
                )
            elif tag != TAG and number == first and _is_nearly(tag):
                problem = say("the tag «{tag}» is written «{right}».", tag=tag, right=TAG)
            else:
                continue
            found.append(f", {_place(cells, number)}: {problem}")
    if TAG in cells[first]["metadata"].get("tags", []):
        found += [f", {_place(cells, first)}: {problem}" for problem in _set(cells[first]["source"])]
    elif not found:
        found.append(
            say(
                ", {place}: the first code cell sets the parameters: tag it «{tag}».",
                place=_place(cells, first),
                tag=TAG,
            )
        )
    return found


def _assigned(statement: ast.stmt) -> dict[str, object]:
    """The plain values that a statement sets, by name; ValueError or TypeError for any other statement."""
    if isinstance(statement, ast.Expr):
        ast.literal_eval(statement.value)  # a text that explains the parameters
        return {}
    if isinstance(statement, ast.Assign):
        targets, value = statement.targets, statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value:
        targets, value = [statement.target], statement.value
    else:
        raise ValueError("not an assignment")
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    if len(names) < len(targets):
        raise ValueError("not a name")
    return dict.fromkeys(names, ast.literal_eval(value))


def _set(source: str) -> list[str]:
    """What is wrong with the code of the parameters."""
    try:
        found = jupyter.statements(source)
    except SyntaxError as error:
        return [say("the parameters are no Python ({msg}, line {line}).", msg=error.msg, line=error.lineno)]
    values: dict[str, object] = {}
    for statement in found:
        try:
            values |= _assigned(statement)
        except (ValueError, TypeError):
            return [
                (
                    say(
                        "line {line}: the cell tagged «{tag}» sets plain values alone: what is made from them "
                        "stands in a later cell, else it would be made from the edition written here.",
                        line=statement.lineno,
                        tag=TAG,
                    )
                )
            ]
    if EDITION not in values:
        return [say('the parameters do not set «{edition}»: write «{edition} = "…"».', edition=EDITION)]
    year = str(values.pop(EDITION)).rpartition("-")[2]
    return [
        say(
            "«{name}» repeats the year of the edition written here: make it from «{edition}» in a later cell.",
            name=name,
            edition=EDITION,
        )
        for name, value in values.items()
        if year and year in str(value)
    ]


def _is_nearly(tag: object) -> bool:
    return isinstance(tag, str) and bool(get_close_matches(tag.strip().lower(), [TAG, "parametri"], 1, 0.7))


def _place(cells: list[dict], number: int) -> str:
    return jupyter.place({"cells": cells}, number)
