"""What a draft says of all the rows of a group before all of them are entered, found out by supposing the rest.

A chapter of a draft that lacks rows is followed twice more (``annuario.data.supposed``): its names are
made again as if the rows had been entered, with values that nobody has. A sentence, a number
in a table, the finding of a chart that would be another with them is not known yet: a sum or a share of half
of the rows, the largest of them, how many there are. No helper and no chapter has to know of drafts.
"""

from __future__ import annotations

import ast
import copy
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from typing import Any

import pandas as pd

from annuario.charts import Chart
from annuario.data.supposed import Supposition, evens, odds
from annuario.data.value import Record, resting
from annuario.figures import Figure, Figures
from annuario.tables import Table
from annuario.text import answers, inline, unentered
from annuario.text.jupyter import statements
from annuario.text.paragraphs import OTHERS
from annuario.words.numbers import MISSING, Printed

#: A share that a drawing has written in it.
_SHARE = re.compile(r"\d\s?%")
_SENTENCE = re.compile(r"(?<=\.)\s+(?=[A-ZÀ-Ý«])")


class _World:
    """The names of a chapter as if the rows had been entered, with the values that are supposed."""

    def __init__(self, suppose: Supposition):
        self._suppose = suppose
        self._names: dict[str, Any] = {"__name__": "__main__"}
        self._followed = 0
        self.lost = False  # where its names cannot be made nothing is asked of it

    def ask(self, sources: list[str], expression: ast.Expression, read: Callable = lambda ask: ask()) -> Any:
        """What an expression gives after some cells; None where it gives nothing, or fails."""
        with unentered.supposing(self._suppose):
            try:
                for source in sources[self._followed :]:
                    self._followed += 1
                    self._run(source)
            except Exception:  # noqa: BLE001 - values that nobody has may break whatever the chapter does with them
                self.lost = True
            try:
                return None if self.lost else read(lambda: eval(_compiled(expression), self._names))
            except Exception:  # noqa: BLE001 - see above
                return None

    def _run(self, source: str) -> None:
        """What gives names in a cell; what only shows something is passed over."""
        try:
            body = [one for one in statements(source) if not isinstance(one, ast.Expr)]
        except SyntaxError:  # a command of IPython's
            return
        exec(_compiled(ast.Module(body, [])), self._names)  # noqa: S102 - the cells that have run already


def _compiled(tree: ast.Module | ast.Expression) -> Any:
    return compile(tree, "<string>", "exec" if isinstance(tree, ast.Module) else "eval")


class Supposed:
    """The chapter that runs in this process, as if the draft's rows had all been entered."""

    def __init__(self) -> None:
        self._sources: list[str] = []
        self._worlds = [_World(evens), _World(odds)]

    def follow(self, source: str) -> None:
        """Take in a code cell that has run."""
        self._sources.append(source)

    def answer(self, expression: str, value: str | dict) -> str | dict:
        """What an expression gives; what is to be entered first, where it would give another text with that."""
        given = value if isinstance(value, dict) else {"text": value}
        if not unentered.awaited() or expression.startswith(inline.SHOWN) or not {"text", "lacks"} & set(given):
            return value
        tree = ast.parse(f"({expression})", mode="eval")
        for world in self._worlds:
            other = world.ask(self._sources, tree, answers.answer)
            if world.lost or _text(other) == given.get("text"):
                continue
            records = [Record(*row) for row in other.get("rows", ())] if isinstance(other, dict) else []
            if "text" in given:
                return unentered.unknown([*records, *self._behind(world, tree, groups=bool(records))])
            return given | {"lacks": unentered.lacking(records) or given["lacks"]}
        return value

    def _behind(self, world: _World, tree: ast.Expression, groups: bool) -> list[Record]:
        """The rows that an expression is about beyond those that it tells: all of ``voci`` in ``voci.massima``.

        Where it tells none, also those of other figures, and of what a helper of the agency's holds.
        """
        for node in ast.walk(tree.body):
            if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
                found = world.ask(self._sources, ast.Expression(node))
                rows = _records(found) if isinstance(found, Figures) or not groups else []
                if not rows and not groups:
                    rows = [row for part in getattr(found, "__dict__", {}).values() for row in _records(part)]
                if unentered.lacking(rows):
                    return rows
        return []

    def shown(self, source: str, value: object) -> tuple[Any, list[list[str]]]:
        """What a cell shows, without what would be another with the rows to be entered; and those rows."""
        if not unentered.awaited() or not isinstance(value, (Table, Chart)):
            return value, []
        last = statements(source)[-1]
        assert isinstance(last, ast.Expr)  # it has a value
        lacks: list[list[str]] = []
        tree = ast.Expression(last.value)
        for world in self._worlds:
            other = world.ask(self._sources[:-1], tree)
            if world.lost:
                continue
            if isinstance(value, Table) and isinstance(other, Table):
                value = _table(value, other)
            elif isinstance(value, Chart) and isinstance(other, Chart):
                value = _chart(value, other)
            else:  # whether there will be one is not known either
                value = None
            records = other.records if isinstance(other, (Table, Chart)) else self._behind(world, tree, groups=False)
            lacks = lacks or unentered.lacking(records)
            if value is None:
                return None, lacks or [list(OTHERS)]
        return value, lacks


def _records(found: object) -> list[Record]:
    """The rows of the data that figures or frames hold."""
    if isinstance(found, Figures):
        return [row for code in found for row in _records(found[code])]
    if isinstance(found, Figure):
        return [row.record for row in found.rows if row.record]
    return resting(found) if isinstance(found, pd.DataFrame) else []


def _text(value: object) -> object:
    return value.get("text") if isinstance(value, dict) else value


def _cells(table: Table) -> Iterator[tuple[Hashable, int, int]]:
    """Of each cell of a table what it is called, and its place."""
    section, rows, columns = "", Counter[Hashable](), Counter[str]()
    headings = []
    for column in table.columns:
        columns[column.heading] += 1
        headings.append((column.heading, columns[column.heading]))
    for row, (cells, kind) in enumerate(zip(table.rows, table.kinds)):
        if kind == "sezione":
            section = cells[0]
            continue
        name = (section, str(cells[0]))
        rows[name] += 1
        yield from (((name, rows[name], heading), row, column) for column, heading in enumerate(headings))


def _exact(cell: str) -> object:
    return cell.exact if isinstance(cell, Printed) else str(cell)


def _table(table: Table, other: Table) -> Table:
    """A table without the cells that are others in another one."""
    others = {name: _exact(other.rows[row][column]) for name, row, column in _cells(other)}
    if [column.heading for column in table.columns] != [column.heading for column in other.columns]:
        # laid out in another way: what a number is called there nobody knows, but it is the same somewhere
        there = set(others.values())
        others = {
            name: exact if (exact := _exact(table.rows[row][column])) in there else None
            for name, row, column in _cells(table)
            if isinstance(table.rows[row][column], Printed)
        }
    unknown = [
        (row, column)
        for name, row, column in _cells(table)
        for cell in [table.rows[row][column]]
        if cell not in ("", MISSING) and others.get(name, _exact(cell)) != _exact(cell)
    ]
    if not unknown:
        return table
    found = copy.copy(table)
    found.rows = [list(cells) for cells in table.rows]
    for row, column in unknown:
        found.rows[row][column] = MISSING
    return found


def _chart(chart: Chart, other: Chart) -> Chart | None:
    """A chart without the words that are others in another one; none where what it draws is."""
    drawn = [
        {(row[0], column): row[place] for row in each.data.itertuples(index=False, name=None)
         for place, column in enumerate(each.data.columns) if place}
        for each in (chart, other)
    ]  # fmt: skip
    if any(value is not None and drawn[1].get(name, value) != value for name, value in drawn[0].items()):
        return None
    if not set(_shares(chart.spec)) <= set(_shares(other.spec)):
        return None
    if (chart.alt, chart.finding) == (other.alt, other.finding):
        return chart
    found = copy.copy(chart)
    said = set(_SENTENCE.split(other.alt))
    first, *rest = _SENTENCE.split(chart.alt)
    found.alt = " ".join([first, *(sentence for sentence in rest if sentence in said)])
    found.finding = chart.finding if chart.finding == other.finding else ""
    found.spec = {**chart.spec, "description": found.alt}
    found.narrow = found.spec if chart.narrow is chart.spec else {**chart.narrow, "description": found.alt}
    return found


def _shares(part: object) -> Iterator[str]:
    """The texts with a share in them that a drawing writes."""
    if isinstance(part, str):
        yield from [part] if _SHARE.search(part) else []
    elif isinstance(part, (list, dict)):
        for each in part.values() if isinstance(part, dict) else part:
            yield from _shares(each)
