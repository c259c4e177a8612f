"""The cell of the parameters: a chapter shows the edition being built only if all comes from there."""

from __future__ import annotations

import ast
from difflib import get_close_matches

from annuario import inline

#: papermill's tag of the cell that holds the parameters, and the one parameter that a build sets.
TAG, EDITION = "parameters", "edizione"


def problems(cells: list[dict]) -> list[str]:
    """Why a build could not set the edition of a chapter, each with its cell; nothing where it can.

    The first code cell is tagged ``parameters`` and sets plain values alone, ``edizione``
    among them: papermill sets the edition being built right after it.
    """
    code = [number for number, cell in enumerate(cells) if cell["cell_type"] == "code"]
    tagged = [number for number in code if TAG in _tags(cells[number])]
    found = [
        f", {_place(cells, number)}: papermill left this cell («{inline.INJECTED}»): delete it, a build adds its own."
        for number in code
        if inline.is_injected(cells[number])
    ]
    if not code:
        return [f": it has no code: its first code cell is tagged «{TAG}» and sets «{EDITION}»."]
    if not tagged:
        nearly = [(tag, number) for number in code for tag in _tags(cells[number]) if _is_nearly(tag)]
        if nearly:
            tag, number = nearly[0]
            return [*found, f", {_place(cells, number)}: the tag «{tag}» is written «{TAG}»."]
        return [*found, f", {_place(cells, code[0])}: the first code cell sets the parameters: tag it «{TAG}»."]
    if tagged[0] != code[0]:
        found.append(f", {_place(cells, tagged[0])}: the cell tagged «{TAG}» must be the first code cell: move it up.")
    found += [f", {_place(cells, number)}: a second cell is tagged «{TAG}»: take the tag off." for number in tagged[1:]]
    return found + [f", {_place(cells, tagged[0])}: {problem}" for problem in _set(cells[tagged[0]]["source"])]


def _set(source: str) -> list[str]:
    """What is wrong with the code of the parameters."""
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        return [f"the parameters are no Python ({error.msg}, line {error.lineno})."]
    names: list[str] = []
    for statement in statements:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        try:
            ast.literal_eval(statement.value)
            if not isinstance(statement, ast.Expr):
                names += [target.id for target in targets]
        except (AttributeError, ValueError, TypeError):
            return [
                f"line {statement.lineno}: the cell tagged «{TAG}» sets plain values alone: what is made from them "
                "stands in a later cell, else it would be made from the edition written here."
            ]
    return [] if EDITION in names else [f"the parameters do not set «{EDITION}»: write «{EDITION} = \"…\"»."]


def _is_nearly(tag: object) -> bool:
    return isinstance(tag, str) and bool(get_close_matches(tag.strip().lower(), [TAG, "parametri"], 1, 0.7))


def _tags(cell: dict) -> list:
    return cell["metadata"].get("tags", [])


def _place(cells: list[dict], number: int) -> str:
    return inline.place({"cells": cells}, number)
