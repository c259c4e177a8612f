"""Tables of the book, as Markdown for the publishers and HTML for the notebook.

The functions take long frames, as ``annuario.data`` gives them: one value a row.
Columns they know: ``valore``; ``anno``; ``nome`` or else ``etichetta``, the label of a
row; ``unita``; ``da``, the edition that a value comes from when it is not this one. The
code that identifies a row is named by the caller; a code with a part ``totale`` or
``totale-…`` makes a bold row. Totals are data: nothing is summed here.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape as html_escape

import pandas as pd

from annuario import numbers
from annuario.errors import BookError
from annuario.markdown import escape
from annuario.numbers import MISSING

#: Characters of the table's type that fit the text width of an A4 page.
LINE = 96
# pandoc gives columns relative widths only where a line is longer than this.
_PANDOC_LINE = 72

#: Opens the code of a measure of a service by sub-ambito: ``sub-ambito/saap/utenti``.
BY_SUB_AMBITO = "sub-ambito"
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


class Table:
    """A table of printed cells.

    ``kinds`` says what each row is: ``""``, ``"totale"``, ``"subtotale"`` or
    ``"sezione"`` (a heading: only its first cell is printed). ``notes`` are lines under
    the table; ``marks`` gives cells ``(row, column)``, counted from 0 (row -1: the
    heading), the number of a note; ``indicators`` are the codes of the indicators that it
    shows, for the book's index: those of the frame, unless they are given.

    Raises BookError where the frame has no rows or lacks a declared column.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        columns: Sequence[Column],
        kinds: Sequence[str] = (),
        notes: Sequence[str] = (),
        marks: Mapping[tuple[int, int], int] | None = None,
        indicators: Sequence[str] | None = None,
    ):
        require(frame, [column.name for column in columns])
        self.indicators = shown(frame) if indicators is None else list(indicators)
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
        """A pipe table; after a blank line, the notes."""
        widths = self.widths
        scale = -(-(_PANDOC_LINE + 1) // sum(widths))  # long enough for pandoc to keep the widths
        rules = [
            "-" * (width * scale - 1) + (":" if column.numeric else "-")
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
        mark = self.marks.get((row, index))
        return f"{text}^{mark}^" if mark else text

    def _numbered_notes(self) -> list[tuple[int | None, str]]:
        marked = set(self.marks.values())
        return [(number if number in marked else None, note) for number, note in enumerate(self.notes, start=1)]

    def html(self) -> str:
        """An accessible table: headings have a scope, sections span the table."""
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
        column, mark = self.columns[index], self.marks.get((-1, index))
        attributes = f'rowspan="{rows}" ' if rows > 1 else ""
        content = html_escape(column.title) + (f"<sup>{mark}</sup>" if mark else "")
        return f'<th scope="col" {attributes}style="text-align:{_side(column)}">{content}</th>'

    def _html_cell(self, row: int, index: int, text: str) -> str:
        mark = self.marks.get((row, index))
        content = html_escape(text) + (f"<sup>{mark}</sup>" if mark else "")
        style = f"text-align:{_side(self.columns[index])};font-weight:{'bold' if self.kinds[row] else 'normal'}"
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

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        forms = {"text/markdown": self.markdown(), "text/html": self.html(), "text/plain": self.text()}
        return forms, {"annuario": {"indicatori": self.indicators}} if self.indicators else {}

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
    given, ``unita``. ``change`` adds the change in percent over the last year; of
    percentages, the difference in points.
    """
    grid = Grid(frame, rows, "anno", unit, order=sorted)
    printed = pd.DataFrame([grid.row(code) for code in grid.codes], columns=grid.columns)
    printed.insert(0, "riga", list(grid.names.values()))
    columns = [Column("riga", title), *(Column(year, str(year), right=True) for year in grid.columns)]
    if change and len(grid.columns) > 1:
        before, now = grid.columns[-2:]
        printed["variazione"] = [_variation(grid, code, now, before) for code in grid.codes]
        columns.append(Column("variazione", f"Var. {before}–{now}", right=True))
    table = Table(printed, columns, grid.kinds, *_provenance(grid.marked()), grid.indicators)
    return table if table.fits else _listed(grid, {year: str(year) for year in grid.columns}, "Anno")


def matrix(
    frame: pd.DataFrame,
    rows: str,
    columns: str,
    unit: str | None = None,
    titles: Mapping[Hashable, str] | None = None,
    title: str = "Voce",
) -> Table:
    """One row a code of ``rows``, one column a value of ``columns``, both in data order.

    ``titles`` gives the columns their headings and their order; ``title`` heads the rows.
    Where the columns would not fit the page, every row becomes a heading with its values
    below it.
    """
    grid = Grid(frame, rows, columns, unit, order=(lambda found: list(titles)) if titles else list)
    headings = titles or {value: str(value) for value in grid.columns}
    printed = pd.DataFrame({"riga": list(grid.names.values())})
    declared = [Column("riga", title)]
    for value in grid.columns:
        printed[value] = grid.column(value)
        declared.append(Column(value, headings[value], right=True))
    table = Table(printed, declared, grid.kinds, *_provenance(grid.marked()), grid.indicators)
    return table if table.fits else _listed(grid, headings, title)


def _listed(grid: "Grid", headings: Mapping[Hashable, str], title: str) -> Table:
    """A table too wide for the page, as a list: the values of each row, missing ones left out."""
    lines, kinds, marked = [], [], {}
    for code in grid.codes:
        lines.append([grid.names[code], ""])
        kinds.append("sezione")
        for column, cell in zip(grid.columns, grid.row(code)):
            if grid.values.get((code, column)) is not None:
                marked |= grid.marked_row(len(lines), code, [column])
                lines.append([headings[column], cell])
                kinds.append(kind_of(code))
    columns = [Column("riga", title), Column("valore", "Valore", right=True)]
    return Table(pd.DataFrame(lines, columns=["riga", "valore"]), columns, kinds, *_provenance(marked), grid.indicators)


def by_sub_ambito(
    frame: pd.DataFrame, measures: Sequence[str] | Mapping[str, str], stacked: bool | None = None
) -> Table:
    """One row a sub-ambito and the total, for each year the measures.

    ``frame`` has ``sub_ambito``, ``anno``, ``misura``, ``valore``, a label. ``measures``
    are codes of :data:`MEASURES`, or map them to titles of one's own. Where the columns
    would not fit the page (or ``stacked`` asks so) the measures stand one below the
    other, each under its heading, and the columns are the years.
    """
    require(frame, ["sub_ambito", "anno", "misura", "valore"])
    unknown = [code for code in measures if code not in MEASURES]
    if unknown:
        raise BookError(f"Unknown measure «{unknown[0]}»: choose among {', '.join(MEASURES)}.")
    titles = {code: measures[code] if isinstance(measures, Mapping) else MEASURES[code][0] for code in measures}
    grids = {
        title: Grid(frame[frame["misura"] == code], "sub_ambito", "anno", MEASURES[code][1], order=sorted)
        for code, title in titles.items()
    }
    if stacked:
        return _stacked(grids)
    table = _side_by_side(grids)
    return table if table.fits or stacked is False else _stacked(grids)


def _side_by_side(grids: Mapping[str, "Grid"]) -> Table:
    names = {code: name for grid in grids.values() for code, name in grid.names.items()}
    order = _totals_last(names)
    printed = pd.DataFrame({"riga": [names[code] for code in order]})
    columns, marked = [Column("riga", "Sub-ambito")], {}
    for year in sorted({year for grid in grids.values() for year in grid.columns}):
        for title, grid in grids.items():
            if year not in grid.columns:
                continue
            cells = dict(zip(grid.codes, grid.column(year)))
            printed[f"{title} {year}"] = [cells.get(code, MISSING) for code in order]
            places = {(code, year): (row, len(columns)) for row, code in enumerate(order)}
            marked |= {places[place]: grid.sources.get(place) for place in places if place in grid.values}
            columns.append(Column(f"{title} {year}", title, group=str(year), right=True))
    return Table(printed, columns, [kind_of(code) for code in order], *_provenance(marked), _indicators(grids))


def _stacked(grids: Mapping[str, "Grid"]) -> Table:
    years = sorted({year for grid in grids.values() for year in grid.columns})
    lines, kinds, marked = [], [], {}
    for title, grid in grids.items():
        lines.append([title, *[""] * len(years)])
        kinds.append("sezione")
        cells = {year: dict(zip(grid.codes, grid.column(year))) for year in grid.columns}
        for code in _totals_last(grid.codes):
            marked |= grid.marked_row(len(lines), code, years)
            lines.append([grid.names[code], *(cells[year][code] if year in cells else MISSING for year in years)])
            kinds.append(kind_of(code))
    columns = [Column("riga", "Sub-ambito"), *(Column(year, str(year), right=True) for year in years)]
    return Table(pd.DataFrame(lines, columns=["riga", *years]), columns, kinds, *_provenance(marked), _indicators(grids))


def _indicators(grids: Mapping[str, "Grid"]) -> list[str]:
    return list(dict.fromkeys(code for grid in grids.values() for code in grid.indicators))


def budget(
    frame: pd.DataFrame,
    rows: str = "voce",
    phases: Sequence[str] = ("preventivo", "consuntivo"),
    section: str = "titolo",
    title: str = "Voce",
) -> Table:
    """Two phases of a budget, their difference in euros and in percent of the first.

    ``frame`` has ``rows`` (a code), ``fase``, ``valore`` in EUR, a label and, if there is
    a column ``section``, the heading that each row stands under (none for totals).
    """
    grid = Grid(frame, rows, "fase", "EUR", order=lambda found: list(phases))
    headings = dict(zip(frame[rows], frame[section])) if section in frame else {}
    lines, kinds, marked, current = [], [], {}, None
    for code, kind in zip(grid.codes, grid.kinds):
        heading = "" if kind else headings.get(code)
        if isinstance(heading, str) and heading and heading != current:
            current = heading
            lines.append([current, "", "", "", ""])
            kinds.append("sezione")
        first, second = (grid.values.get((code, phase)) for phase in phases)
        difference = None if first is None or second is None else second - first
        marked |= grid.marked_row(len(lines), code)
        amounts = [numbers.euro(first), numbers.euro(second), numbers.signed(difference, "EUR")]
        lines.append([grid.names[code], *amounts, numbers.percent(rate(second, first), sign=True)])
        kinds.append(kind)
    columns = [
        Column("riga", title),
        *(Column(phase, phase.capitalize(), right=True) for phase in phases),
        Column("scostamento", "Scostamento", right=True),
        Column("quota", "Scost. %", right=True),
    ]
    printed = pd.DataFrame(lines, columns=[column.name for column in columns])
    return Table(printed, columns, kinds, *_provenance(marked))


def texts(frame: pd.DataFrame, columns: Mapping[str, str], section: str | None = None) -> Table:
    """Columns of words; ``columns`` maps the frame's columns to titles.

    ISO dates are printed as ``31/12/2025``. ``section`` names a column whose changes
    open a heading.
    """
    require(frame, [*columns, *([section] if section else [])])
    lines, kinds, current = [], [], None
    for row in frame.to_dict("records"):
        if section and row[section] != current:
            current = row[section]
            lines.append([current, *[""] * (len(columns) - 1)])
            kinds.append("sezione")
        lines.append([_word(row[name]) for name in columns])
        kinds.append("")
    printed = pd.DataFrame(lines, columns=list(columns))
    return Table(printed, [Column(name, title) for name, title in columns.items()], kinds, indicators=shown(frame))


class Grid:
    """The values of a long frame by code of ``rows`` and value of ``columns``.

    ``values`` maps ``(code, column)`` to a Decimal or None; ``names`` (in data order) and
    ``units`` map codes; ``sources`` maps places to the edition they come from;
    ``indicators`` are the codes of the indicators that have a value.

    Raises BookError for a missing column, an empty frame, two values in one place, an
    unknown unit and a code with two units.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        rows: str,
        columns: str,
        unit: str | None = None,
        order: Callable[[Sequence], list] = list,
    ):
        require(frame, [rows, columns, "valore"])
        label = next((name for name in ("nome", "etichetta") if name in frame), rows)
        self.indicators = shown(frame)
        self.values: dict[tuple, Decimal | None] = {}
        self.sources: dict[tuple, str] = {}
        self.names: dict[Hashable, str] = {}
        self.units: dict[Hashable, str] = {}
        for row in frame.to_dict("records"):
            code, column = row[rows], row[columns]
            if (code, column) in self.values:
                raise BookError(f"Two values for {rows} «{code}», {columns} «{column}»: filter the rows first.")
            self.values[code, column] = numbers.to_decimal(row["valore"])
            self.names[code] = str(row[label])
            measured = unit or row.get("unita")
            if measured not in numbers.UNITS:
                raise BookError(
                    f"{rows} «{code}»: the unit «{measured or ''}» is not known: give one of "
                    f"{', '.join(numbers.UNITS)} as «unit», or in the column «unita»."
                )
            if self.units.setdefault(code, measured) != measured:
                raise BookError(f"{rows} «{code}» has values in {self.units[code]} and in {measured}: use two codes.")
            if row.get("da"):
                self.sources[code, column] = row["da"]
        self.columns = order(dict.fromkeys(column for _, column in self.values))

    @property
    def codes(self) -> list:
        """The codes of the rows, in data order."""
        return list(self.names)

    @property
    def kinds(self) -> list[str]:
        """What each row is: ``""``, ``"totale"`` or ``"subtotale"``."""
        return [kind_of(code) for code in self.names]

    def row(self, code: Hashable) -> list[str]:
        """A row's printed cells, with as many decimals each."""
        return self._alike([(code, column) for column in self.columns], self.units[code])

    def column(self, column: Hashable) -> list[str]:
        """A column's printed cells; those of one unit have as many decimals each."""
        cells = {}
        for unit in dict.fromkeys(self.units.values()):
            places = [(code, column) for code in self.names if self.units[code] == unit]
            cells.update(zip(places, self._alike(places, unit)))
        return [cells[code, column] for code in self.names]

    def _alike(self, places: Sequence[tuple], unit: str) -> list[str]:
        return _alike([self.values.get(place) for place in places], unit)

    def marked_row(self, row: int, code: Hashable, columns: Sequence | None = None) -> dict:
        """The source of every value in row ``row`` of a table, one column of labels first."""
        return {
            (row, index): self.sources.get((code, column))
            for index, column in enumerate(columns or self.columns, start=1)
            if (code, column) in self.values
        }

    def marked(self) -> dict[tuple[int, int], str | None]:
        """The source of every value, where the table's rows are the codes."""
        marked = {}
        for row, code in enumerate(self.names):
            marked |= self.marked_row(row, code)
        return marked


def shown(frame: pd.DataFrame) -> list[str]:
    """The codes of the indicators of which a long frame holds a value, in its order.

    Measures by sub-ambito are indicators too, one for each service and measure.
    """
    if "valore" in frame:
        frame = frame[[not numbers.is_missing(value) for value in frame["valore"]]]
    if "indicatore" in frame:
        return list(dict.fromkeys(frame["indicatore"]))
    if {"sub_ambito", "servizio", "misura"} <= set(frame):
        pairs = dict.fromkeys(zip(frame["servizio"], frame["misura"]))
        return [f"{BY_SUB_AMBITO}/{service}/{measure}" for service, measure in pairs]
    return []


def kind_of(code: object) -> str:
    """What a row is by its code: ``saap/totale`` a total, ``totale-avanzo`` a subtotal."""
    parts = str(code).split("/")
    if "totale" in parts:
        return "totale"
    return "subtotale" if any(part.startswith("totale-") for part in parts) else ""


def rate(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """The change from ``before`` in percent; None where it has no meaning."""
    return None if now is None or not before else (now - before) / abs(before) * 100


def require(frame: pd.DataFrame, names: Sequence[Hashable]) -> None:
    """Raises BookError where a frame lacks a column or has no rows."""
    missing = [f"«{name}»" for name in names if name not in frame]
    if missing:
        raise BookError(f"The frame lacks the column {', '.join(missing)}: it has {', '.join(map(str, frame))}.")
    if frame.empty:
        raise BookError("There are no rows to show: the edition has no such data, or the filter is wrong.")


def _provenance(marked: Mapping[tuple[int, int], str | None]) -> tuple[list[str], dict[tuple[int, int], int]]:
    """One note for each other edition that values come from, and the cells it marks.

    ``marked`` has every cell of values. A column that comes whole from one edition is
    marked in its heading; a table that does has no marks.
    """
    sources = list(dict.fromkeys(source for source in marked.values() if source))
    notes = [f"Dati pubblicati nell’edizione «{source.replace('-', ' ')}»." for source in sources]
    if len(set(marked.values())) == 1:
        return notes, {}
    marks = {}
    for index in dict.fromkeys(index for _, index in marked):
        cells = {place: source for place, source in marked.items() if place[1] == index}
        if len(set(cells.values())) == 1:
            cells = {(-1, index): next(iter(cells.values()))}
        marks |= {place: sources.index(source) + 1 for place, source in cells.items() if source}
    return notes, marks


def _variation(grid: Grid, code: Hashable, now: Hashable, before: Hashable) -> str:
    new, old = grid.values.get((code, now)), grid.values.get((code, before))
    if grid.units[code] == "%":
        return MISSING if new is None or old is None else f"{numbers.signed(new - old)}{numbers.NBSP}p.p."
    return numbers.percent(rate(new, old), sign=True)


def _alike(values: Sequence, unit: str) -> list[str]:
    """Printed with as many decimals each, where the unit leaves the choice."""
    decimals = numbers.decimals_for(unit, *values) if unit in ("%", "ore") else None
    return [numbers.quantity(value, unit, decimals) for value in values]


def _printed(values: pd.Series, unit: str | None) -> list[str]:
    return [_word(value) for value in values] if unit is None else _alike(list(values), unit)


def _word(value: object) -> str:
    if numbers.is_missing(value):
        return MISSING
    if isinstance(value, str):
        return numbers.date_short(value) if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else value
    return numbers.number(value)


def _totals_last(codes) -> list:
    return sorted(codes, key=lambda code: kind_of(code) == "totale")


def _side(column: Column) -> str:
    return "right" if column.numeric else "left"
