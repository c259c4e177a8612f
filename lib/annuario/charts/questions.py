"""The questions that charts answer, each by a long frame or by figures."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import pandas as pd

from annuario.charts import findings
from annuario.charts.bars import bar_of, draw_bars, draw_columns, draw_groups
from annuario.charts.chart import Chart, of_grid
from annuario.charts.lines import draw_line, is_course
from annuario.charts.stacks import draw_stack
from annuario.charts.theme import ACCENT, GREY, HUES, plain_color, segment_colors, shades_of
from annuario.charts.values import (
    as_float,
    exact,
    gridded,
    largest_first,
    one_scale,
    only_year,
    parts_of,
    totals,
    whole_of,
)
from annuario.charts.words import extremes, history, overall, span, widest_change
from annuario.errors import BookError
from annuario.figures.frame import of_figures
from annuario.tables import Grid
from annuario.words import numbers, phrases


@of_figures()
def by_year(frame: pd.DataFrame, subject: str, rows: str = "indicatore", unit: str | None = None) -> Chart:
    """How one or several indicators went over the years.

    One indicator known for four years or more is a line; over two to four years, never below
    zero, it stands in columns; anything else in bars.
    """
    grid = gridded(frame, rows, "anno", unit)
    parts, years = parts_of(grid), grid.columns
    upright = len(parts) == 1 and 2 <= len(years) <= 4 and all((value or 0) >= 0 for value in grid.values.values())
    if len(parts) == 1 and is_course(grid, parts[0]):
        spec = draw_line(grid, parts[0])
    else:
        spec = draw_columns(grid, parts[0]) if upright else draw_groups(grid, parts)
    words = [f"{subject}, {span(years)}."]
    if len(parts) <= 3:
        words += [history(grid, code, named=len(parts) > 1) for code in parts]
    else:
        words += [extremes(grid, parts), widest_change(grid, parts)]
    return of_grid(spec, [*words, overall(grid)], grid, finding=_course(grid, parts, subject))


def _course(grid: Grid, parts: Sequence, subject: str) -> str:
    """What the years show: of the total, of the one row, or of the rows beside each other."""
    if len(parts) == 1:
        return findings.series(grid, parts[0], subject)
    return findings.overall(grid) or findings.changes(grid, parts)


@of_figures()
def distribution(frame: pd.DataFrame, subject: str, rows: str, unit: str | None = None) -> Chart:
    """How one measure is distributed among places or other parts, in one year or in several."""
    grid = gridded(frame, rows, "anno", unit)
    years = grid.columns
    if len(years) > 1:
        spec = draw_groups(grid, parts_of(grid))
    else:
        order = largest_first(grid, years[0])
        spec = draw_bars([bar_of(grid, code, years[0], plain_color(code)) for code in order])
    words = [f"{subject}, {span(years)}.", extremes(grid, parts_of(grid)), overall(grid)]
    return of_grid(spec, words, grid, finding=findings.comparison(grid, parts_of(grid), subject))


@of_figures(years=1)
def shares(frame: pd.DataFrame, subject: str, rows: str, unit: str | None = None) -> Chart:
    """What a whole is made of in one year: bars from the largest, with value and share.

    The whole is the printed total, where there is one, or else the sum of the parts.
    """
    grid = gridded(frame, rows, "anno", unit)
    year = only_year(grid)
    whole = whole_of(grid, year)
    bars = []
    for code in largest_first(grid, year):
        bar = bar_of(grid, code, year, plain_color(code))
        value = grid.values.get((code, year))
        share = f" ({numbers.percent(value / whole * 100)})" if value is not None and whole else ""
        bars.append(replace(bar, printed=bar.printed + share, full=bar.full + share))
    told = bars if len(bars) <= 5 else bars[:4]
    words = [f"{subject}, {span([year])}.", "; ".join(f"{bar.name}: {bar.full}" for bar in told) + "."]
    if len(told) < len(bars):
        words.append(f"Altre {phrases.spelled(len(bars) - len(told), feminine=True)} voci sono più piccole.")
    return of_grid(draw_bars(bars), [*words, overall(grid)], grid, finding=findings.parts(grid, year))


@of_figures()
def stacked_by_year(
    frame: pd.DataFrame, subject: str, rows: str, unit: str | None = None, share: bool = False
) -> Chart:
    """How the composition of a whole changed: one stacked bar a year.

    ``share`` makes every bar 100 % long. Segments are ordered by the last year and carry
    their share where it fits; beyond seven, the smallest are drawn as one. Raises
    BookError for a value below zero.
    """
    grid = gridded(frame, rows, "anno", unit)
    if any(value is not None and value < 0 for value in grid.values.values()):
        raise BookError(f"A stack cannot show values below zero («{subject}»): use by_year.")
    words = [f"{subject}, {span(grid.columns)}.", extremes(grid, parts_of(grid), shares=True), overall(grid)]
    finding = (not share and findings.overall(grid)) or findings.parts(grid, grid.columns[-1])
    return of_grid(draw_stack(grid, share), words, grid, finding=finding)


@of_figures(years=1)
def budget_vs_actual(
    frame: pd.DataFrame, subject: str, rows: str, phases: Sequence[str] = ("preventivo", "consuntivo")
) -> Chart:
    """What was planned against what was spent, in EUR, by area or by line.

    ``frame`` has ``fase`` and concerns one year.
    """
    grid = gridded(frame, rows, "fase", "EUR")
    planned, spent = grid.columns = list(phases)
    bars, gaps = [], {}
    for code in parts_of(grid):
        first, second = grid.values.get((code, planned)), grid.values.get((code, spent))
        bar = bar_of(grid, code, spent, ACCENT, label=spent.capitalize(), group=grid.names[code])
        if first and second is not None:
            bar = replace(bar, printed=f"{bar.printed} ({numbers.percent(second / first * 100)})")
            gaps[code] = second - first
        bars += [bar_of(grid, code, planned, GREY, label=planned.capitalize(), group=grid.names[code]), bar]
    words = [f"{subject}: {planned} e {spent}."]
    for code in totals(grid) or parts_of(grid)[:3]:
        first, second = grid.values.get((code, planned)), grid.values.get((code, spent))
        ratio = f" ({numbers.percent(second / first * 100)})" if first and second is not None else ""
        words.append(
            f"{grid.names[code]}: {planned} {exact(grid, code, planned)}, {spent} {exact(grid, code, spent)}{ratio}."
        )
    if len(gaps) > 1:
        widest = max(gaps, key=lambda code: abs(gaps[code]))
        words.append(f"Scostamento più ampio: {grid.names[widest]}, {numbers.signed(gaps[widest], 'EUR')}.")
    return of_grid(draw_bars(bars), words, grid, finding=findings.against(grid, planned, spent))


@of_figures(years=1)
def grouped(
    frame: pd.DataFrame, subject: str, rows: str, columns: str, titles: Mapping[Hashable, str], unit: str | None = None
) -> Chart:
    """How some things compare within each row: under every row a bar a value of ``columns``.

    ``titles`` gives the values of ``columns`` that are drawn, in order, with their labels.
    """
    grid = one_scale(Grid(frame, rows, columns, unit, order=lambda found: list(titles)))
    years = all(isinstance(column, int) for column in titles)
    colors = shades_of(list(titles)) if years else dict(zip(titles, segment_colors(list(titles))))
    parts = parts_of(grid)
    bars = [
        bar_of(grid, code, column, colors[column], label=title, group=grid.names[code])
        for code in parts
        for column, title in titles.items()
    ]
    words = [f"{subject}: {phrases.listing(list(titles.values()))}."]
    for column, title in titles.items():
        known = [code for code in parts if grid.values.get((code, column)) is not None]
        if known:
            top = max(known, key=lambda code: grid.values[code, column])
            words.append(f"{title}, valore più alto: {grid.names[top]} ({exact(grid, top, column)}).")
    finding = findings.changes(grid, parts) if years else findings.largest(grid, parts, dict(titles))
    return of_grid(draw_bars(bars), words, grid, list(titles.values()), finding)


@of_figures()
def flows(
    frame: pd.DataFrame, subject: str, initial: str, new: str, closed: str, final: str, rows: str = "indicatore"
) -> Chart:
    """Stock and flow, year by year: what there was, what came, what went, what is left.

    The four codes name rows of ``frame``. The last bar is the published figure; where the
    sum gives another, the alternative text says so.
    """
    grid = gridded(frame[frame[rows].isin([initial, new, closed, final])], rows, "anno", None)
    shades = shades_of(grid.columns)
    bars, words = [], [f"{subject}, {span(grid.columns)}."]
    for year in grid.columns:
        at, came, went, left = (grid.values.get((code, year)) for code in (initial, new, closed, final))
        top = None if at is None or came is None else at + came
        low = None if top is None or went is None else top - went
        entering, leaving = bar_of(grid, new, year, HUES[1]), bar_of(grid, closed, year, HUES[2])
        coming, going = "+" if came else "", numbers.MINUS if went else ""
        group = [
            bar_of(grid, initial, year, shades[year]),
            replace(entering, start=as_float(at) or 0, end=as_float(top), printed=coming + entering.printed),
            replace(leaving, start=as_float(low) or 0, end=as_float(top), printed=going + leaving.printed),
            bar_of(grid, final, year, shades[year]),
        ]
        bars += [replace(bar, group=str(year) if len(grid.columns) > 1 else "") for bar in group]
        words.append(f"{year}: " + "; ".join(f"{bar.name} {bar.full}" for bar in group) + ".")
        if low is not None and left is not None and low != left:
            words.append(f"La somma darebbe {numbers.quantity(low, grid.units[final])}.")
    return of_grid(draw_bars(bars), words, grid, finding=findings.stock(grid, initial, final))


@of_figures(years=1)
def ranking(
    frame: pd.DataFrame,
    subject: str,
    rows: str = "operatore",
    unit: str | None = None,
    group: str | None = None,
    reference: Decimal | int | None = None,
    reference_label: str = "",
) -> Chart:
    """Who has most in one year: bars from the largest, a colour for each ``group``.

    ``group`` names a column of the frame; ``reference`` draws a line at a value.
    """
    grid = gridded(frame, rows, "anno", unit)
    year = only_year(grid)
    order = largest_first(grid, year)
    groups = dict(zip(frame[rows], frame[group])) if group else {}
    colors = dict(zip(dict.fromkeys(groups.values()), HUES))
    bars = [bar_of(grid, code, year, colors.get(groups.get(code), ACCENT)) for code in order]
    words = [f"{subject}, {span([year])}.", extremes(grid, order)]
    if reference is not None:
        above = sum((grid.values.get((code, year)) or 0) > reference for code in order)
        words.append(f"Valori sopra {numbers.number(reference)}: {above} su {len(order)}.")
    line = None if reference is None else (float(reference), reference_label or numbers.number(reference))
    finding = findings.comparison(grid, order, subject)
    if reference is not None:
        finding = findings.above(grid, order, reference) or finding
    return of_grid(draw_bars(bars, line, colors), words, grid, finding=finding)
