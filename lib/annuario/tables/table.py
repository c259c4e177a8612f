"""A table of printed cells: as Markdown for the publishers, HTML for the notebook, plain text."""

import itertools
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape as html_escape

import pandas as pd

from annuario.data.value import CELLS, RECORDS, Record, resting
from annuario.tables.grid import alike, records, require, shown, word
from annuario.words.markdown import escape
from annuario.words.numbers import Printed

#: Characters of the table's type that fit the text width of an A4 page.
LINE = 96
# pandoc gives columns relative widths only where a line is longer than this.
_PANDOC_LINE = 72


@dataclass(frozen=True)
class Column:
    """One column: the frame's column it prints, its title, its unit (None: text).

    ``group`` is a heading over neighbouring columns, such as a year; ``right`` aligns
    texts that are printed numbers.

    >>> costo = Column("costo", "Costo", "EUR", group="2025")
    >>> costo.heading, costo.numeric, costo.side, Column("nome", "Comune").side
    ('Costo 2025', True, 'right', 'left')
    """

    name: Hashable
    title: str
    unit: str | None = None
    group: str = ""
    right: bool = False

    @property
    def heading(self) -> str:
        """The title on one line, with its group: ``Utenti 2023``."""
        return f"{self.title} {self.group}".strip()

    @property
    def numeric(self) -> bool:
        """Whether it holds numbers: aligned right, never wrapped."""
        return self.right or self.unit is not None

    @property
    def side(self) -> str:
        """Where its cells are aligned."""
        return "right" if self.numeric else "left"


class Table:
    """A table of printed cells.

    ``kinds`` says what each row of the frame is: ``""``, ``"totale"`` or ``"subtotale"``.
    ``sections`` gives each row the heading it stands under, or ``""``: where it changes, a
    row of kind ``"sezione"`` opens, of which only the first cell is printed. ``notes`` are
    lines under the table; ``marks`` gives cells ``(row, column)``, counted from 0 in the
    frame (row -1: the headings of the columns), the number of a note, or several. ``indicators`` are the
    codes of the indicators that it shows, for the book's index: those of the frame, unless
    they are given; ``rests`` gives rows of the data that it rests on, or values that do, or a whole
    frame of them, beside its own cells: what is printed already rests on nothing.

    The table's own ``rows``, ``kinds`` and ``marks`` count the rows of its sections too.

    Raises BookError where the frame has no rows or lacks a declared column.

    >>> frame = pd.DataFrame({"nome": ["Crema", "In tutto"], "valore": [Decimal("3.5"), None]})
    >>> table = Table(frame, [Column("nome", "Comune"), Column("valore", "Costo", "EUR")], ["", "totale"], ["Stimato."])
    >>> print(table.text())
    Comune     Costo
    Crema     € 3,50
    In tutto       –
    Stimato.
    >>> table.fits, table.widths, table.metadata
    (True, [10, 8], {})
    >>> Table(frame, [Column("ore", "Ore")])
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: The frame lacks the column «ore»: it has nome, valore.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        columns: Sequence[Column],
        kinds: Sequence[str] = (),
        notes: Sequence[str] = (),
        marks: Mapping[tuple[int, int], int | tuple[int, ...]] | None = None,
        indicators: Sequence[str] | None = None,
        sections: Sequence[str] = (),
        rests: Iterable[object] | pd.DataFrame = (),
    ):
        require(frame, [column.name for column in columns])
        self.indicators = shown(frame) if indicators is None else list(indicators)
        self.columns = list(columns)
        self.records = resting([*resting(rests), *records(frame, [column.name for column in self.columns])])
        self.notes = list(notes)
        self.rows: list[list[str]] = []
        self.kinds: list[str] = []
        places, current = {-1: -1}, ""
        printed = zip(*(_printed(frame[column.name], column.unit) for column in self.columns), strict=True)
        none = [""] * len(frame)
        for place, (cells, kind, section) in enumerate(zip(printed, kinds or none, sections or none, strict=True)):
            if section and section != current:
                current = section
                self.rows.append([section, *[""] * (len(self.columns) - 1)])
                self.kinds.append("sezione")
            places[place] = len(self.rows)
            self.rows.append(list(cells))
            self.kinds.append(kind)
        self.marks = {(places[row], column): number for (row, column), number in (marks or {}).items()}

    @property
    def widths(self) -> list[int]:
        """Relative widths: numbers never wrap, texts share what is left of the line."""
        least, most = [], []
        for index, column in enumerate(self.columns):
            cells = [row[index] for row, kind in zip(self.rows, self.kinds) if kind != "sezione"] or [""]
            word = max(len(word) for text in (column.heading, *cells) for word in text.split(" "))
            whole = max(map(len, cells if column.numeric else [column.heading, *cells]))
            most.append(max(word, whole) + 2)
            least.append(most[-1] if column.numeric else word + 2)
        spare = max(0, LINE - sum(least))
        if sum(most) <= LINE:
            return most
        # Square roots keep one very long text from starving the others.
        claims = [(high - low) ** 0.5 for low, high in zip(least, most)]
        return [
            low + min(high - low, round(spare * claim / (sum(claims) or 1)))
            for low, high, claim in zip(least, most, claims)
        ]

    @property
    def fits(self) -> bool:
        """Whether the table fits an A4 page upright."""
        return sum(self.widths) <= LINE

    def markdown(self) -> str:
        """A pipe table; after a blank line, the notes.

        >>> frame = pd.DataFrame({"nome": ["Crema", "In tutto"], "valore": [3, 12]})
        >>> columns = [Column("nome", "Comune"), Column("valore", "Casi", "casi")]
        >>> print(Table(frame, columns, ["", "totale"], marks={(0, 1): 1}).markdown())
        | Comune | Casi |
        |:-------------------------------------------------|-----------------------------:|
        | Crema | 3^1^ |
        | **In tutto** | **12** |
        """
        widths = self.widths
        scale = -(-(_PANDOC_LINE + 1) // sum(widths))  # long enough for pandoc to keep the widths
        rules = [
            "-" * (width * scale - 1) + ":" if column.numeric else ":" + "-" * (width * scale - 1)
            for column, width in zip(self.columns, widths)
        ]
        head = [self._marked(escape(column.heading), -1, index) for index, column in enumerate(self.columns)]
        body = [
            [self._marked(self._bold(text, row, index), row, index) for index, text in enumerate(cells)]
            for row, cells in enumerate(self.rows)
        ]
        lines = [f"| {' | '.join(head)} |", f"|{'|'.join(rules)}|", *(f"| {' | '.join(cells)} |" for cells in body)]
        notes = [f"{f'^{number}^ ' if number else ''}{escape(note)}" for number, note in self._numbered_notes()]
        return "\n\n".join(["\n".join(lines), *notes])

    def _bold(self, text: str, row: int, index: int) -> str:
        strong = self.kinds[row] in ("totale", "subtotale") or (self.kinds[row] == "sezione" and index == 0)
        return f"**{escape(text)}**" if strong and text else escape(text)

    def _marked(self, text: str, row: int, index: int) -> str:
        mark = self._mark(row, index)
        return f"{text}^{mark}^" if mark else text

    def _mark(self, row: int, index: int) -> str:
        """The numbers of a cell's notes: ``1``, ``1,2``; nothing without any."""
        return ",".join(map(str, _several(self.marks.get((row, index), ()))))

    def _numbered_notes(self) -> list[tuple[int | None, str]]:
        marked = {number for numbers in self.marks.values() for number in _several(numbers)}
        return [(number if number in marked else None, note) for number, note in enumerate(self.notes, start=1)]

    def html(self) -> str:
        """An accessible table: headings have a scope, sections span the table.

        >>> table = Table(pd.DataFrame({"valore": [3]}), [Column("valore", "Casi", "casi")])
        >>> print(table.html())
        <table class="annuario">
        <thead>
        <tr><th scope="col" style="text-align:right">Casi</th></tr>
        </thead>
        <tbody>
        <tr>
        <th scope="row" style="text-align:right;font-weight:normal">3</th>
        </tr>
        </tbody>
        </table>
        """
        parts = ['<table class="annuario">', "<thead>", *self._html_head(), "</thead>", "<tbody>"]
        for row, (cells, kind) in enumerate(zip(self.rows, self.kinds)):
            parts.append(f'<tr class="{kind}">' if kind else "<tr>")
            if kind == "sezione":
                attributes = f'scope="rowgroup" colspan="{len(cells)}" style="text-align:left"'
                parts.append(f"<th {attributes}>{html_escape(cells[0])}</th>")
            else:
                parts.extend(self._html_cell(row, index, text) for index, text in enumerate(cells))
            parts.append("</tr>")
        parts += ["</tbody>", "</table>"]
        for number, note in self._numbered_notes():
            parts.append(f"<p>{f'<sup>{number}</sup> ' if number else ''}{html_escape(note)}</p>")
        return "\n".join(parts)

    def _html_head(self) -> list[str]:
        if not any(column.group for column in self.columns):
            return [f"<tr>{''.join(self._html_heading(index) for index in range(len(self.columns)))}</tr>"]
        above, below = [], []
        for index, column in enumerate(self.columns):
            if not column.group:
                above.append(self._html_heading(index, rows=2))
                continue
            below.append(self._html_heading(index))
            if index == 0 or self.columns[index - 1].group != column.group:
                ahead = (other.group == column.group for other in self.columns[index:])
                span = next((count for count, same in enumerate(ahead) if not same), len(self.columns) - index)
                above.append(f'<th scope="colgroup" colspan="{span}">{html_escape(column.group)}</th>')
        return [f"<tr>{''.join(above)}</tr>", f"<tr>{''.join(below)}</tr>"]

    def _html_heading(self, index: int, rows: int = 1) -> str:
        column, mark = self.columns[index], self._mark(-1, index)
        attributes = f'rowspan="{rows}" ' if rows > 1 else ""
        content = html_escape(column.title) + (f"<sup>{mark}</sup>" if mark else "")
        return f'<th scope="col" {attributes}style="text-align:{column.side}">{content}</th>'

    def _html_cell(self, row: int, index: int, text: str) -> str:
        mark = self._mark(row, index)
        content = html_escape(text) + (f"<sup>{mark}</sup>" if mark else "")
        style = f"text-align:{self.columns[index].side};font-weight:{'bold' if self.kinds[row] else 'normal'}"
        if index == 0:
            return f'<th scope="row" style="{style}">{content}</th>'
        return f'<td style="{style}">{content}</td>'

    def text(self) -> str:
        """The table in columns of plain text."""
        table = [[column.heading for column in self.columns], *self.rows]
        widths = [max(len(row[index]) for row in table) for index in range(len(self.columns))]
        lines = []
        for row in table:
            cells = zip(row, widths, self.columns)
            aligned = [cell.rjust(width) if column.numeric else cell.ljust(width) for cell, width, column in cells]
            lines.append("  ".join(aligned).rstrip())
        return "\n".join([*lines, *self.notes])

    @property
    def metadata(self) -> dict:
        """What goes with the output: the indicators that it shows, the rows that it and each of its cells rest on."""
        facts: dict[str, object] = {"indicatori": self.indicators} if self.indicators else {}
        facts |= {RECORDS: self.records} if self.records else {}
        facts |= {CELLS: self._cells()} if any(map(_records, itertools.chain(*self.rows))) else {}
        return {"annuario": facts} if facts else {}

    def _cells(self) -> dict[str, list]:
        """The rows of the data that cells rest on, and of each such cell its place and theirs among them."""
        numbers: dict[Record, int] = {}
        places = [
            [row, column, *(numbers.setdefault(record, len(numbers)) for record in _records(cell))]
            for row, cells in enumerate(self.rows)
            for column, cell in enumerate(cells)
            if _records(cell)
        ]
        return {"righe": list(numbers), "celle": places}

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        forms = {"text/markdown": self.markdown(), "text/html": self.html(), "text/plain": self.text()}
        return forms, self.metadata

    def __repr__(self) -> str:
        return self.text()


def _records(cell: str) -> list[Record]:
    """The rows of the data that a printed cell rests on."""
    return resting([cell.exact]) if isinstance(cell, Printed) else []


def _several(numbers: int | tuple[int, ...]) -> tuple[int, ...]:
    return numbers if isinstance(numbers, tuple) else (numbers,)


def _printed(values: pd.Series, unit: str | None) -> list[str]:
    return [word(value) for value in values] if unit is None else alike(list(values), unit)
