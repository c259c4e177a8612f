"""Tables of the book, as Markdown for the publishers and HTML for the notebook.

The functions take long frames, as ``annuario.data`` gives them: one value a row.
Columns they know: ``valore``; ``anno``; ``nome`` or else ``etichetta``, the label of a
row; ``unita``; ``da``, the edition that a value comes from when it is not this one. The
code that identifies a row is named by the caller; a code that is ``totale``, or begins
so, or ends in ``/totale``, makes a bold row. Totals are data: nothing is summed here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape as html_escape

import pandas as pd

from annuario import numbers
from annuario.errors import BookError
from annuario.markdown import escape
from annuario.numbers import MISSING

#: Characters of the table's type that fit the text width of an A4 page.
LINE = 96
#: pandoc gives columns relative widths only where a line is longer than this.
_PANDOC_LINE = 72

#: Title and unit of the measures by sub-ambito.
MEASURES = {
    "utenti": ("Utenti", "utenti"),
    "ore": ("Ore", "ore"),
    "costo": ("Costo", "EUR"),
    "comuni": ("Comuni", "Comuni"),
    "comuni-aderenti": ("Aderenti", "Comuni"),
    "quota-adesione": ("Adesione", "%"),
    "casi": ("Casi", "casi"),
    "inseriti": ("Inseriti nell’anno", "minori"),
    "presenti": ("Presenti al 31/12", "minori"),
}


@dataclass(frozen=True)
class Column:
    """One column: the frame's column it prints, its title, its unit (None: text).

    ``group`` is a heading over neighbouring columns, such as a year; ``right`` aligns
    texts that are printed numbers.
    """

    name: str
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
        return self.right or self.unit is not None


class Table:
    """A table of printed cells.

    ``kinds`` says what each row is: ``""``, ``"totale"``, ``"subtotale"`` or
    ``"sezione"`` (a heading: its first cell only is printed). ``notes`` are lines under
    the table; ``marks`` gives cells ``(row, column)``, counted from 0, the number of a note.

    Raises BookError where the frame has no rows or lacks a declared column.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        columns: Sequence[Column],
        kinds: Sequence[str] = (),
        notes: Sequence[str] = (),
        marks: Mapping[tuple[int, int], int] | None = None,
    ):
        _require(frame, [column.name for column in columns])
        self.columns = list(columns)
        self.kinds = list(kinds) or [""] * len(frame)
        self.notes = list(notes)
        self.marks = dict(marks or {})
        printed = [_printed(frame[column.name], column.unit) for column in self.columns]
        self.rows = [list(cells) for cells in zip(*printed, strict=True)]

    @property
    def widths(self) -> list[int]:
        """Relative widths: numbers never wrap, texts share what is left of the line."""
        least, most = [], []
        for index, column in enumerate(self.columns):
            cells = [row[index] for row, kind in zip(self.rows, self.kinds) if kind != "sezione" or not index]
            words = [word for text in (column.heading, *cells) for word in text.split(" ")]
            least.append(max(map(len, words)) + 2)
            whole = max(map(len, cells)) if column.numeric else max(len(column.heading), *map(len, cells))
            most.append(max(least[-1], whole + 2))
        if sum(most) <= LINE:
            return most
        spare = max(0, LINE - sum(m if c.numeric else l for c, l, m in zip(self.columns, least, most)))
        wanted = [0 if c.numeric else (m - l) ** 0.5 for c, l, m in zip(self.columns, least, most)]
        return [
            most[i] if column.numeric else least[i] + min(most[i] - least[i], round(spare * wanted[i] / (sum(wanted) or 1)))
            for i, column in enumerate(self.columns)
        ]

    @property
    def fits(self) -> bool:
        """Whether the table fits an A4 page upright."""
        return sum(self.widths) <= LINE

    def markdown(self) -> str:
        """A pipe table; after a blank line, the notes."""
        widths = self.widths
        scale = -(-(_PANDOC_LINE + 1) // sum(widths))
        rules = [
            "-" * (width * scale - 1) + (":" if column.numeric else "-")
            for column, width in zip(self.columns, widths)
        ]
        lines = [[escape(column.heading) for column in self.columns], rules]
        for number, (row, kind) in enumerate(zip(self.rows, self.kinds)):
            cells = []
            for index, text in enumerate(row):
                cell = escape(text)
                if cell and (kind in ("totale", "subtotale") or (kind == "sezione" and index == 0)):
                    cell = f"**{cell}**"
                mark = self.marks.get((number, index))
                cells.append(f"{cell}^{mark}^" if mark else cell)
            lines.append(cells)
        table = "\n".join(f"| {' | '.join(cells)} |" if cells is not rules else f"|{'|'.join(cells)}|" for cells in lines)
        return "\n\n".join([table, *self._notes_markdown()])

    def _notes_markdown(self) -> list[str]:
        marked = set(self.marks.values())
        return [
            f"^{number}^ {escape(note)}" if number in marked else escape(note)
            for number, note in enumerate(self.notes, start=1)
        ]

    def html(self) -> str:
        """An accessible table: headings have a scope, sections span the table."""
        parts = ['<table class="annuario">', "<thead>", *self._html_head(), "</thead>", "<tbody>"]
        for number, (row, kind) in enumerate(zip(self.rows, self.kinds)):
            parts.append(f'<tr class="{kind}">' if kind else "<tr>")
            if kind == "sezione":
                parts.append(f'<th scope="rowgroup" colspan="{len(row)}" style="text-align:left">{html_escape(row[0])}</th>')
            else:
                parts.extend(self._html_cell(number, index, text, kind) for index, text in enumerate(row))
            parts.append("</tr>")
        parts += ["</tbody>", "</table>"]
        marked = set(self.marks.values())
        for number, note in enumerate(self.notes, start=1):
            parts.append(f"<p>{f'<sup>{number}</sup> ' if number in marked else ''}{html_escape(note)}</p>")
        return "\n".join(parts)

    def _html_head(self) -> list[str]:
        groups = [column.group for column in self.columns]
        if not any(groups):
            return [f"<tr>{''.join(_html_heading(column, column.title) for column in self.columns)}</tr>"]
        above, below, index = [], [], 0
        while index < len(groups):
            column, span = self.columns[index], 1
            while groups[index] and index + span < len(groups) and groups[index + span] == groups[index]:
                span += 1
            if groups[index]:
                above.append(f'<th scope="colgroup" colspan="{span}">{html_escape(column.group)}</th>')
                below.extend(_html_heading(each, each.title) for each in self.columns[index : index + span])
            else:
                above.append(_html_heading(column, column.title, rows=2))
            index += span
        return [f"<tr>{''.join(above)}</tr>", f"<tr>{''.join(below)}</tr>"]

    def _html_cell(self, row: int, index: int, text: str, kind: str) -> str:
        mark = self.marks.get((row, index))
        content = html_escape(text) + (f"<sup>{mark}</sup>" if mark else "")
        tag = 'th scope="row"' if index == 0 else "td"
        weight = "bold" if kind else "normal"
        align = "right" if self.columns[index].numeric else "left"
        return f'<{tag} style="text-align:{align};font-weight:{weight}">{content}</{tag.split()[0]}>'

    def text(self) -> str:
        """The table in columns of plain text."""
        table = [[column.heading for column in self.columns], *self.rows]
        widths = [max(len(row[index]) for row in table) for index in range(len(self.columns))]
        lines = [
            "  ".join(
                cell.rjust(width) if column.numeric else cell.ljust(width)
                for cell, width, column in zip(row, widths, self.columns)
            ).rstrip()
            for row in table
        ]
        return "\n".join([*lines, *self.notes])

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/markdown": self.markdown(), "text/html": self.html(), "text/plain": self.text()}

    def __repr__(self) -> str:
        return self.text()


def by_year(
    frame: pd.DataFrame,
    rows: str = "indicatore",
    unit: str | None = None,
    change: bool = False,
    title: str = "Indicatore",
) -> Table:
    """One row an indicator, one column a year.

    ``frame`` has ``rows`` (a code), ``anno``, ``valore``, a label and, unless ``unit`` is
    given, ``unita``. ``change`` adds the change in percent from the last year but one.
    """
    grid = _Grid(frame, rows, "anno", sorted)
    printed = pd.DataFrame({"riga": grid.labels})
    for index, year in enumerate(grid.columns):
        printed[year] = [grid.row(code, unit)[index] for code in grid.codes]
    columns = [Column("riga", title), *(Column(year, str(year), right=True) for year in grid.columns)]
    if change and len(grid.columns) > 1:
        before, now = grid.columns[-2:]
        printed["variazione"] = [
            numbers.percent(_change(grid.values.get((code, now)), grid.values.get((code, before))), sign=True)
            for code in grid.codes
        ]
        columns.append(Column("variazione", f"Var. {before}–{now}", right=True))
    return Table(printed, columns, grid.kinds, *grid.provenance(1))


def matrix(
    frame: pd.DataFrame,
    rows: str,
    columns: str,
    unit: str | None = None,
    titles: Mapping[str, str] | None = None,
    title: str = "",
) -> Table:
    """One row a code of ``rows``, one column a value of ``columns``, both in data order.

    ``titles`` gives the columns their headings and their order; ``title`` heads the rows.
    """
    grid = _Grid(frame, rows, columns, list(titles) if titles else list)
    printed = pd.DataFrame({"riga": grid.labels})
    declared = [Column("riga", title)]
    for value in grid.columns:
        printed[value] = grid.column(value, unit)
        declared.append(Column(value, titles[value] if titles else str(value), right=True))
    return Table(printed, declared, grid.kinds, *grid.provenance(1))


def by_sub_ambito(
    frame: pd.DataFrame, measures: Sequence[str] | Mapping[str, str], stacked: bool | None = None
) -> Table:
    """One row a sub-ambito, for each year the measures.

    ``frame`` has ``sub_ambito``, ``anno``, ``misura``, ``valore``, a label. ``measures``
    are codes of :data:`MEASURES`, or map codes to titles of one's own. Where the columns
    would not fit the page, or ``stacked`` asks so, the measures stand one below the
    other, each with its own heading, and the columns are the years.
    """
    titles = {code: measures[code] if isinstance(measures, Mapping) else MEASURES[code][0] for code in measures}
    _require(frame, ["sub_ambito", "anno", "misura", "valore"])
    grids = {code: _Grid(frame[frame["misura"] == code], "sub_ambito", "anno", sorted) for code in titles}
    if stacked:
        return _stacked(grids, titles)
    order = _totals_last(dict.fromkeys(code for grid in grids.values() for code in grid.codes))
    labels = {code: label for grid in grids.values() for code, label in zip(grid.codes, grid.labels)}
    printed = pd.DataFrame({"riga": [labels[code] for code in order]})
    columns, marked = [Column("riga", "Sub-ambito")], {}
    for year in sorted({year for grid in grids.values() for year in grid.columns}):
        for code, grid in grids.items():
            if year in grid.columns:
                cells = dict(zip(grid.codes, grid.column(year, MEASURES[code][1])))
                columns.append(Column(f"{code}-{year}", titles[code], group=str(year), right=True))
                printed[f"{code}-{year}"] = [cells.get(each, MISSING) for each in order]
                sources = {row: grid.sources.get((each, year)) for row, each in enumerate(order)}
                marked |= {(row, len(columns) - 1): source for row, source in sources.items() if source}
    table = Table(printed, columns, [_kind(code) for code in order], *_notes(marked, printed.shape[0]))
    return table if table.fits or stacked is False else _stacked(grids, titles)


def _stacked(grids: dict[str, "_Grid"], titles: Mapping[str, str]) -> Table:
    years = sorted({year for grid in grids.values() for year in grid.columns})
    lines, kinds, marked = [], [], {}
    for code, grid in grids.items():
        lines.append([titles[code], *[""] * len(years)])
        kinds.append("sezione")
        cells = {year: dict(zip(grid.codes, grid.column(year, MEASURES[code][1]))) for year in grid.columns}
        for each in _totals_last(grid.codes):
            for index, year in enumerate(years, start=1):
                if (each, year) in grid.sources:
                    marked[len(lines), index] = grid.sources[each, year]
            lines.append([grid.label(each), *[cells[year][each] if year in cells else MISSING for year in years]])
            kinds.append(_kind(each))
    columns = [Column("riga", "Sub-ambito"), *(Column(year, str(year), right=True) for year in years)]
    frame = pd.DataFrame(lines, columns=["riga", *years])
    return Table(frame, columns, kinds, *_notes(marked, kinds.count("") + kinds.count("totale")))


def budget(
    frame: pd.DataFrame,
    rows: str = "voce",
    phases: Sequence[str] = ("preventivo", "consuntivo"),
    section: str = "titolo",
    title: str = "Voce",
) -> Table:
    """Two phases of a budget, their difference in euros and in percent of the first.

    ``frame`` has ``rows`` (a code), ``fase``, ``valore`` in EUR, a label and, if there is
    a column ``section``, the heading each row stands under (none for totals).
    """
    grid = _Grid(frame, rows, "fase", lambda found: list(phases))
    heading = dict(zip(frame[rows], frame[section])) if section in frame else {}
    lines, kinds, marked, current = [], [], {}, None
    for code, label, kind in zip(grid.codes, grid.labels, grid.kinds):
        if not kind and heading.get(code) and heading[code] != current:
            current = heading[code]
            lines.append([current, "", "", "", ""])
            kinds.append("sezione")
        first, second = (grid.values.get((code, phase)) for phase in phases)
        difference = None if first is None or second is None else second - first
        for index, phase in enumerate(phases, start=1):
            if (code, phase) in grid.sources:
                marked[len(lines), index] = grid.sources[code, phase]
        cells = [*map(numbers.euro, (first, second)), numbers.signed(difference, "EUR")]
        lines.append([label, *cells, numbers.percent(_change(second, first), sign=True)])
        kinds.append(kind)
    columns = [
        Column("riga", title),
        *(Column(phase, phase.capitalize(), right=True) for phase in phases),
        Column("scostamento", "Scostamento", right=True),
        Column("quota", "Scost. %", right=True),
    ]
    printed = pd.DataFrame(lines, columns=[column.name for column in columns])
    return Table(printed, columns, kinds, *_notes(marked, len(grid.codes)))


def texts(frame: pd.DataFrame, columns: Mapping[str, str], section: str | None = None) -> Table:
    """Columns of words; ``columns`` maps the frame's columns to titles.

    ISO dates are printed as ``31/12/2025``. ``section`` names a column whose changes
    open a heading.
    """
    _require(frame, [*columns, *([section] if section else [])])
    lines, kinds, current = [], [], None
    for row in frame.to_dict("records"):
        if section and row[section] != current:
            current = row[section]
            lines.append([current, *[""] * (len(columns) - 1)])
            kinds.append("sezione")
        lines.append([_word(row[name]) for name in columns])
        kinds.append("")
    printed = pd.DataFrame(lines, columns=list(columns))
    return Table(printed, [Column(name, title) for name, title in columns.items()], kinds)


class _Grid:
    """Values of a long frame by code and column, with labels, units and sources."""

    def __init__(self, frame: pd.DataFrame, rows: str, columns: str, order):
        _require(frame, [rows, columns, "valore"])
        label = next((name for name in ("nome", "etichetta") if name in frame), rows)
        self.values, self.units, self.sources, self._labels = {}, {}, {}, {}
        for row in frame.to_dict("records"):
            place = row[rows], row[columns]
            if place in self.values:
                raise BookError(f"Two values for {rows} «{place[0]}», {columns} «{place[1]}»: filter the frame first.")
            self.values[place] = None if numbers.is_missing(row["valore"]) else row["valore"]
            self._labels[row[rows]] = str(row[label])
            self.units[row[rows]] = row.get("unita") or None
            if row.get("da"):
                self.sources[place] = row["da"]
        self.codes = list(self._labels)
        self.labels = list(self._labels.values())
        self.kinds = [_kind(code) for code in self.codes]
        self.columns = order(dict.fromkeys(column for _, column in self.values)) if callable(order) else order

    def label(self, code) -> str:
        return self._labels[code]

    def row(self, code, unit: str | None) -> list[str]:
        """A row's cells, with as many decimals each."""
        return self._alike([(code, column) for column in self.columns], unit or self.units[code])

    def column(self, column, unit: str | None) -> list[str]:
        """A column's cells; of each unit, with as many decimals each."""
        cells = {}
        for each in dict.fromkeys(unit or self.units[code] for code in self.codes):
            places = [(code, column) for code in self.codes if each == (unit or self.units[code])]
            cells |= dict(zip(places, self._alike(places, each)))
        return [cells[code, column] for code in self.codes]

    def _alike(self, places, unit: str | None) -> list[str]:
        if unit is None:
            raise BookError("The unit of the values is not known: give «unit», or a column «unita».")
        found = [self.values.get(place) for place in places]
        decimals = numbers.decimals_for(unit, *found) if unit in ("%", "ore") else None
        return [numbers.quantity(value, unit, decimals) for value in found]

    def provenance(self, offset: int) -> tuple[list[str], dict]:
        """Notes and marks for the values that come from other editions."""
        marked = {}
        for row, code in enumerate(self.codes):
            for index, column in enumerate(self.columns):
                if (code, column) in self.sources:
                    marked[row, index + offset] = self.sources[code, column]
        return _notes(marked, len(self.codes))


def _notes(marked: Mapping[tuple[int, int], str], rows: int) -> tuple[list[str], dict]:
    """One note a source, and the cells it marks."""
    sources = list(dict.fromkeys(marked.values()))
    notes = [f"Dato pubblicato nell’edizione «{source.replace('-', ' ')}»." for source in sources]
    return notes, {place: sources.index(source) + 1 for place, source in marked.items()}


def _printed(values: pd.Series, unit: str | None) -> list[str]:
    if unit is None:
        return [MISSING if numbers.is_missing(value) else str(value) for value in values]
    decimals = numbers.decimals_for(unit, *values) if unit in ("%", "ore") else None
    return [numbers.quantity(value, unit, decimals) for value in values]


def _word(value: object) -> str:
    if numbers.is_missing(value) or value == "":
        return MISSING
    if isinstance(value, str):
        return numbers.date_short(value) if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else value
    return numbers.number(value)


def _kind(code: object) -> str:
    parts = str(code).split("/")
    if "totale" in parts:
        return "totale"
    return "subtotale" if any(part.startswith("totale-") for part in parts) else ""


def _totals_last(codes) -> list:
    return sorted(codes, key=lambda code: _kind(code) == "totale")


def _change(now, before):
    return None if now is None or before is None or not before else (now - before) / abs(before) * 100


def _html_heading(column: Column, title: str, rows: int = 1) -> str:
    align = "right" if column.numeric else "left"
    span = f' rowspan="{rows}"' if rows > 1 else ""
    return f'<th scope="col"{span} style="text-align:{align}">{html_escape(title)}</th>'


def _require(frame: pd.DataFrame, names: Sequence) -> None:
    missing = [f"«{name}»" for name in names if name not in frame]
    if missing:
        raise BookError(f"The frame lacks the column {', '.join(missing)}: it has {', '.join(map(str, frame))}.")
    if frame.empty:
        raise BookError("The table has no rows: the edition has no such data, or the filter is wrong.")
