"""Tables of the book, as Markdown for the publishers and HTML for the notebook.

The functions take long frames, as ``annuario.data`` gives them: one value a row.
Columns they know: ``valore``; ``anno``; ``nome`` or else ``etichetta``, the label of a
row; ``unita``; ``da``, the edition that a value comes from when it is not this one; ``correzioni``,
what the ledger says of it. The
code that identifies a row is named by the caller; a code with a part ``totale`` or
``totale-…`` makes a bold row. Totals are data: nothing is summed here.
"""

from collections.abc import Hashable, Mapping, Sequence

import pandas as pd

from annuario.data.value import Record
from annuario.figures.frame import of_figures
from annuario.tables.grid import Grid, Origin, edition_notes, kind_of, ledger_notes, provenance, rate, require, shown
from annuario.tables.table import Column, Table
from annuario.words import numbers
from annuario.words.numbers import MISSING

__all__ = [
    "Column", "Grid", "Table", "budget", "by_measure", "by_year", "edition_notes", "kind_of", "ledger_notes",
    "matrix", "provenance", "rate", "shown", "texts",
]  # fmt: skip


@of_figures()
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

    >>> print(by_year(gruppo(casi(12, 15), casi(3, None)), title="Casi", change=True))
    Casi  2024  2025  Var. 2024–2025
    Uno     12    15         +25,0 %
    Due      3     –               –
    >>> by_year(casi(12, None)) is None  # nothing of this year
    True
    """
    grid = Grid(frame, rows, "anno", unit, order=sorted)
    printed = pd.DataFrame([grid.row(code) for code in grid.codes], columns=grid.columns)
    printed.insert(0, "riga", list(grid.names.values()))
    columns = [Column("riga", title), *(Column(year, str(year), right=True) for year in grid.columns)]
    if change and len(grid.columns) > 1:
        before, now = grid.columns[-2:]
        printed["variazione"] = [_variation(grid, code, now, before) for code in grid.codes]
        columns.append(Column("variazione", f"Var. {before}–{now}", right=True))
    table = Table(printed, columns, grid.kinds, *provenance(grid.marked()), grid.indicators, rests=grid.records)
    return table if table.fits else _listed(grid, {year: str(year) for year in grid.columns}, "Anno")


@of_figures()
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

    >>> frame = pd.DataFrame({"comune": ["a", "a", "totale"], "nome": ["Crema", "Crema", "In tutto"],
    ...                       "misura": ["casi", "ore", "casi"], "valore": [3, 40, 3], "unita": ["numero"] * 3})
    >>> print(matrix(frame, "comune", "misura", titles={"ore": "Ore", "casi": "Casi"}, title="Comune"))
    Comune    Ore  Casi
    Crema      40     3
    In tutto    –     3
    """
    grid = Grid(frame, rows, columns, unit, order=(lambda found: list(titles)) if titles else list)
    headings = titles or {value: str(value) for value in grid.columns}
    printed = pd.DataFrame({"riga": list(grid.names.values())})
    declared = [Column("riga", title)]
    for value in grid.columns:
        printed[value] = grid.column(value)
        declared.append(Column(value, headings[value], right=True))
    table = Table(printed, declared, grid.kinds, *provenance(grid.marked()), grid.indicators, rests=grid.records)
    return table if table.fits else _listed(grid, headings, title)


def _listed(grid: Grid, headings: Mapping[Hashable, str], title: str) -> Table:
    """A table too wide for the page, as a list: the values of each row under its name, missing ones left out."""
    lines: list[list[str]] = []
    kinds: list[str] = []
    sections: list[str] = []
    marked: dict[tuple[int, int], Origin] = {}
    for code in grid.codes:
        for column, cell in zip(grid.columns, grid.row(code)):
            if grid.values.get((code, column)) is not None:
                marked |= grid.marked_row(len(lines), code, [column])
                lines.append([headings[column], cell])
                kinds.append(kind_of(code))
                sections.append(grid.names[code])
    columns = [Column("riga", title), Column("valore", "Valore", right=True)]
    printed = pd.DataFrame(lines, columns=["riga", "valore"])
    return Table(printed, columns, kinds, *provenance(marked), grid.indicators, sections, grid.records)


@of_figures()
def by_measure(
    frame: pd.DataFrame, rows: str, measures: Mapping[str, tuple[str, str]], title: str, stacked: bool | None = None
) -> Table:
    """One row a thing and the total, for each year the measures.

    ``frame`` has ``rows`` (a code), ``anno``, ``misura``, ``valore``, a label. ``measures``
    maps the codes of ``misura`` to title and unit; ``title`` heads the rows. Where the
    columns would not fit the page (or ``stacked`` asks so) the measures stand one below the
    other, each under its heading, and the columns are the years.

    >>> frame = pd.DataFrame({"servizio": ["a", "a"], "nome": ["Asilo", "Asilo"], "anno": [2025, 2025],
    ...                       "misura": ["ore", "costo"], "valore": [Decimal("40.5"), 1200]})
    >>> print(by_measure(frame, "servizio", {"costo": ("Costo", "EUR"), "ore": ("Ore", "ore")}, "Servizio"))
    Servizio  Costo 2025  Ore 2025
    Asilo     € 1.200,00     40,50
    """
    require(frame, [rows, "anno", "misura", "valore"])
    grids = {
        heading: Grid(frame[frame["misura"] == code], rows, "anno", unit, order=sorted)
        for code, (heading, unit) in measures.items()
    }
    if stacked:
        return _stacked(grids, title)
    table = _side_by_side(grids, title)
    return table if table.fits or stacked is False else _stacked(grids, title)


def _side_by_side(grids: Mapping[str, Grid], title: str) -> Table:
    names = {code: name for grid in grids.values() for code, name in grid.names.items()}
    order = _totals_last(names)
    printed = pd.DataFrame({"riga": [names[code] for code in order]})
    columns = [Column("riga", title)]
    marked: dict[tuple[int, int], Origin] = {}
    for year in sorted({year for grid in grids.values() for year in grid.columns}):
        for name, grid in grids.items():
            if year not in grid.columns:
                continue
            cells = dict(zip(grid.codes, grid.column(year)))
            printed[f"{name} {year}"] = [cells.get(code, MISSING) for code in order]
            places = {(code, year): (row, len(columns)) for row, code in enumerate(order)}
            marked |= {places[place]: grid.origin(*place) for place in places if place in grid.values}
            columns.append(Column(f"{name} {year}", name, group=str(year), right=True))
    rests = _records(grids)
    return Table(
        printed, columns, [kind_of(code) for code in order], *provenance(marked), _indicators(grids), rests=rests
    )


def _stacked(grids: Mapping[str, Grid], title: str) -> Table:
    years = sorted({year for grid in grids.values() for year in grid.columns})
    lines: list[list[str]] = []
    kinds: list[str] = []
    sections: list[str] = []
    marked: dict[tuple[int, int], Origin] = {}
    for name, grid in grids.items():
        cells = {year: dict(zip(grid.codes, grid.column(year))) for year in grid.columns}
        for code in _totals_last(grid.codes):
            marked |= grid.marked_row(len(lines), code, years)
            lines.append([grid.names[code], *(cells[year][code] if year in cells else MISSING for year in years)])
            kinds.append(kind_of(code))
            sections.append(name)
    columns = [Column("riga", title), *(Column(year, str(year), right=True) for year in years)]
    printed = pd.DataFrame(lines, columns=["riga", *years])
    return Table(printed, columns, kinds, *provenance(marked), _indicators(grids), sections, _records(grids))


def _indicators(grids: Mapping[str, "Grid"]) -> list[str]:
    return list(dict.fromkeys(code for grid in grids.values() for code in grid.indicators))


def _records(grids: Mapping[str, "Grid"]) -> list[Record]:
    return [record for grid in grids.values() for record in grid.records]


@of_figures()
def budget(
    frame: pd.DataFrame,
    rows: str = "voce",
    phases: Sequence[str] = ("preventivo", "consuntivo"),
    title: str = "Voce",
) -> Table:
    """Two phases of a budget, their difference in euros and in percent of the first.

    ``frame`` has ``rows`` (a code), ``fase``, ``valore`` in EUR, a label and, where rows
    stand under headings, ``titolo`` (a total under none).

    >>> frame = pd.DataFrame({"voce": ["a", "a", "b"], "nome": ["Personale", "Personale", "Affitti"],
    ...                       "fase": ["preventivo", "consuntivo", "consuntivo"], "valore": [200, 150, 30]})
    >>> print(budget(frame))
    Voce       Preventivo  Consuntivo  Scostamento  Scost. %
    Personale    € 200,00    € 150,00     −€ 50,00   −25,0 %
    Affitti             –     € 30,00            –         –
    """
    grid = Grid(frame, rows, "fase", "EUR", order=lambda found: list(phases))
    headings = dict(zip(frame[rows], frame["titolo"])) if "titolo" in frame else {}
    lines = []
    for code in grid.codes:
        first, second = (grid.values.get((code, phase)) for phase in phases)
        difference = None if first is None or second is None else second - first
        amounts = [numbers.euro(first), numbers.euro(second), numbers.signed(difference, "EUR")]
        lines.append([grid.names[code], *amounts, numbers.percent(rate(second, first), sign=True)])
    columns = [
        Column("riga", title),
        *(Column(phase, phase.capitalize(), right=True) for phase in phases),
        Column("scostamento", "Scostamento", right=True),
        Column("quota", "Scost. %", right=True),
    ]
    printed = pd.DataFrame(lines, columns=[column.name for column in columns])
    sections = [
        "" if kind or not isinstance(headings.get(code), str) else headings[code]
        for code, kind in zip(grid.codes, grid.kinds)
    ]
    return Table(printed, columns, grid.kinds, *provenance(grid.marked()), sections=sections, rests=grid.records)


@of_figures()
def texts(frame: pd.DataFrame, columns: Mapping[str, str], section: str | None = None) -> Table:
    """Columns of words; ``columns`` maps the frame's columns to titles.

    ISO dates are printed as ``31/12/2025``. ``section`` names a column whose changes
    open a heading.

    >>> frame = pd.DataFrame({"quando": ["2025-12-31", ""], "cosa": ["Approvazione", "Pubblicazione"]})
    >>> print(texts(frame, {"cosa": "Passo", "quando": "Data"}))
    Passo          Data
    Approvazione   31/12/2025
    Pubblicazione
    """
    require(frame, [*columns, *([section] if section else [])])
    sections = list(frame[section]) if section else ()
    return Table(frame, [Column(name, title) for name, title in columns.items()], sections=sections)


def _variation(grid: Grid, code: Hashable, now: Hashable, before: Hashable) -> str:
    new, old = grid.values.get((code, now)), grid.values.get((code, before))
    if grid.series.get((code, now)) != grid.series.get((code, before)):
        return MISSING  # the series breaks between them
    if grid.units[code] == "%":
        return MISSING if new is None or old is None else numbers.points(new - old)
    return numbers.percent(rate(new, old), sign=True)


def _totals_last(codes) -> list:
    return sorted(codes, key=lambda code: kind_of(code) == "totale")
