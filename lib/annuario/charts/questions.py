"""The questions that charts answer, each by a long frame or by figures."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import pandas as pd

from annuario.charts import findings
from annuario.charts.bars import bar_of, draw_bars, draw_columns, draw_groups
from annuario.charts.chart import Chart, Drawings, of_grid, question
from annuario.charts.dumbbells import draw_dumbbells
from annuario.charts.lines import FEWEST, draw_lines, is_course
from annuario.charts.stacks import draw_stack, is_told_apart
from annuario.charts.theme import ACCENT, BELOW, HUES, YEARS, plain_color, segment_colors, shades_of
from annuario.charts.values import (
    as_float,
    exact,
    gridded,
    largest_first,
    one_scale,
    only_year,
    parts_of,
    totals,
    whole,
    whole_of,
)
from annuario.charts.words import extremes, history, overall, span, widest_change
from annuario.errors import BookError
from annuario.messages import say
from annuario.tables import Grid
from annuario.words import numbers, phrases

#: So many panels or parts of a stack can be told apart.
_PANELS, _PARTS = 9, 4


def _over_years(grid: Grid, parts: Sequence, least: int = FEWEST) -> Drawings:
    """The form that rows over some years ask for.

    A course of four known years or more is a line, several are panels on one scale; two years of
    several rows are two points each; one row over two or three years stands in columns,
    anything else in bars.
    """
    years = [year for year in grid.columns if any(grid.values.get((code, year)) is not None for code in parts)]
    if len(parts) == 1 and is_course(grid, parts[0]):
        return draw_lines(grid, parts)
    if 1 < len(parts) <= _PANELS and len(years) >= least:
        return draw_lines(grid, parts)
    if len(parts) > 1 and len(grid.columns) == 2:
        return draw_dumbbells(grid, parts, {year: str(year) for year in grid.columns})
    upright = len(parts) == 1 and 2 <= len(grid.columns) <= 4
    if upright and all((value or 0) >= 0 for value in grid.values.values()):
        return draw_columns(grid, parts[0])
    return draw_groups(grid, parts)


@question(course=True)
def by_year(frame: pd.DataFrame, subject: str, rows: str = "indicatore", unit: str | None = None) -> Chart:
    """How one or several indicators went over the years.

    >>> by_year(casi(12, 15, 20), "Casi seguiti")
    Casi seguiti, anni 2023–2025. 2023: 12; 2024: 15; 2025: 20 (in aumento del 33,3 % rispetto al 2024).
    >>> by_year(casi(12, 15), "Casi seguiti") is None  # two numbers are told in the text
    True
    """
    grid = gridded(frame, rows, "anno", unit)
    parts, years = parts_of(grid), grid.columns
    words = [f"{subject}, {span(years)}."]
    if len(parts) <= 3:
        words += [history(grid, code, named=len(parts) > 1) for code in parts]
    else:
        words += [extremes(grid, parts), widest_change(grid, parts)]
    return of_grid(_over_years(grid, parts), [*words, overall(grid)], grid, finding=_course(grid, parts, subject))


def _course(grid: Grid, parts: Sequence, subject: str) -> str:
    """What the years show: of the total, of the one row, or of the rows beside each other."""
    if len(parts) == 1:
        return findings.series(grid, parts[0], subject)
    return findings.overall(grid) or findings.changes(grid, parts)


@question()
def distribution(frame: pd.DataFrame, subject: str, rows: str, unit: str | None = None) -> Chart:
    """How one measure is distributed among places or other parts, in one year or in several.

    >>> distribution(gruppo(casi(12), casi(3), casi(5)), "Casi per sede", years=1)
    Casi per sede, anno 2025. Valore più alto del 2025: Uno (12); più basso: Due (3).
    """
    grid = gridded(frame, rows, "anno", unit)
    years = grid.columns
    if len(years) > 1:
        spec = _over_years(grid, parts_of(grid), 3)
    else:
        order = largest_first(grid, years[0])
        spec = draw_bars([bar_of(grid, code, years[0], plain_color(code)) for code in order])
    words = [f"{subject}, {span(years)}.", extremes(grid, parts_of(grid)), overall(grid)]
    return of_grid(spec, words, grid, finding=findings.comparison(grid, parts_of(grid), subject))


@question(years=1)
def shares(frame: pd.DataFrame, subject: str, rows: str, unit: str | None = None) -> Chart:
    """What a whole is made of in one year: bars from the largest, with value and share.

    The whole is the printed total, where there is one, or else the sum of the parts.

    >>> shares(gruppo(casi(12), casi(3), casi(5)), "Casi per sede")
    Casi per sede, anno 2025. Uno: 12 (60,0 %); Tre: 5 (25,0 %); Due: 3 (15,0 %).
    """
    grid = gridded(frame, rows, "anno", unit)
    year = only_year(grid)
    all_ = whole_of(grid, year)
    bars = []
    for code in largest_first(grid, year):
        bar = bar_of(grid, code, year, plain_color(code))
        value = grid.values.get((code, year))
        share = f" ({numbers.percent(value / all_ * 100)})" if value is not None and all_ else ""
        bars.append(replace(bar, printed=bar.printed + share, full=bar.full + share))
    told = bars if len(bars) <= 5 else bars[:4]
    words = [f"{subject}, {span([year])}.", "; ".join(f"{bar.name}: {bar.full}" for bar in told) + "."]
    if len(told) < len(bars):
        words.append(f"Altre {phrases.spelled(len(bars) - len(told), feminine=True)} voci sono più piccole.")
    return of_grid(draw_bars(bars), [*words, overall(grid)], grid, finding=findings.parts(grid, year))


@question()
def stacked_by_year(
    frame: pd.DataFrame, subject: str, rows: str, unit: str | None = None, share: bool = False
) -> Chart:
    """How the composition of a whole changed: one stacked bar a year, of four parts at most.

    More parts, and parts whose colours would look alike in grey, are panels, one each, or two points each
    where there are two years, or bars where there is one; beyond nine, a note sums up the smallest. ``share``
    makes every stack 100 % long, whatever its parts; segments are ordered as their colours are declared, or else
    by the last year, and carry their share where it fits; beyond seven, the smallest are drawn as one.

    Raises BookError for a value below zero.

    >>> stacked_by_year(gruppo(casi(10, 12), casi(4, 3)), "Casi per sede")
    Casi per sede, anni 2024–2025. Valore più alto del 2025: Uno (12, pari all’80 % del totale); più basso: Due
    (3, pari al 20 % del totale).
    >>> stacked_by_year(gruppo(casi(10, 12), casi(4, -3)), "Saldi")
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: A stack cannot show values below zero («Saldi»): use by_year.
    """
    grid = gridded(frame, rows, "anno", unit)
    if any(value is not None and value < 0 for value in grid.values.values()):
        raise BookError(say("A stack cannot show values below zero («{subject}»): use by_year.", subject=subject))
    parts = largest_first(grid, grid.columns[-1])
    words = [f"{subject}, {span(grid.columns)}.", extremes(grid, parts, shares=True), overall(grid)]
    finding = (not share and findings.overall(grid)) or findings.parts(grid, grid.columns[-1])
    if (share or len(parts) <= _PARTS) and is_told_apart(grid):
        return of_grid(draw_stack(grid, share), words, grid, finding=finding)
    parts, left = parts[:_PANELS], parts[_PANELS:]
    if len(grid.columns) == 1:
        drawn = draw_bars([bar_of(grid, code, grid.columns[0], plain_color(code)) for code in parts])
    else:
        drawn = _over_years(grid, parts, 3)
    wholes = [
        f"{year}: {exact(grid, code, year)}"
        for code in totals(grid)
        for year in grid.columns
        if grid.values.get((code, year)) is not None
    ]
    explained = [f"Totale: {'; '.join(wholes)}."] if wholes else []
    if left:
        year, one = grid.columns[-1], len(left) == 1
        rest = numbers.quantity(sum(grid.values.get((code, year)) or Decimal(0) for code in left), grid.units[left[0]])
        told = (
            "La voce più piccola non è disegnata: vale"
            if one
            else (
                f"Le {phrases.spelled(len(left), feminine=True)} voci più piccole non sono disegnate: valgono in tutto"
            )
        )
        explained.append(f"{told} {rest} nel {year}.")
    return of_grid(drawn, words, grid, finding=finding, explained=explained)


@question(years=1)
def budget_vs_actual(
    frame: pd.DataFrame, subject: str, rows: str, phases: Sequence[str] = ("preventivo", "consuntivo")
) -> Chart:
    """How far what was spent is from what was planned, in EUR, by area or by line: bars up and down from zero.

    ``frame`` has ``fase`` and concerns one year.

    >>> frame = pd.DataFrame({"voce": ["a", "a", "b", "b"], "nome": ["Affitti"] * 2 + ["Utenze"] * 2, "anno": 2025,
    ...                       "fase": ["preventivo", "consuntivo"] * 2, "valore": [200, 150, 30, 60]})
    >>> budget_vs_actual(frame, "Spesa", "voce")
    Spesa: preventivo e consuntivo. Affitti: preventivo € 200,00, consuntivo € 150,00 (75,0 %). Utenze:
    preventivo € 30,00, consuntivo € 60,00 (200,0 %). Scostamento più ampio: Affitti, −€ 50,00.
    """
    grid = gridded(frame, rows, "fase", "EUR")
    planned, spent = grid.columns = list(phases)
    bars, gaps = [], {}
    for code in parts_of(grid):
        first, second = grid.values.get((code, planned)), grid.values.get((code, spent))
        if first is not None and second is not None:
            gaps[code] = second - first
    decimals = whole(gaps.values(), "EUR")
    for code in parts_of(grid):
        bar, gap = bar_of(grid, code, spent, ACCENT), gaps.get(code)
        full = f"{planned} {exact(grid, code, planned)}, {spent} {exact(grid, code, spent)}"
        told = numbers.quantity(gap, "EUR", decimals, sign=True)
        if gap is not None and (first := grid.values[code, planned]):
            told += f" ({numbers.percent((first + gap) / first * 100)})"
        color = BELOW if gap is not None and gap < 0 else ACCENT
        bars.append(replace(bar, end=as_float(gap), printed=told, full=full, color=color))
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
    explained = (
        f"Le barre sono la differenza fra {spent} e {planned}; fra parentesi il {spent} in percentuale del {planned}."
    )
    return of_grid(draw_bars(bars), words, grid, finding=findings.against(grid, planned, spent), explained=[explained])


@question(years=1)
def grouped(
    frame: pd.DataFrame, subject: str, rows: str, columns: str, titles: Mapping[Hashable, str], unit: str | None = None
) -> Chart:
    """How some things compare within each row: under every row a bar a value of ``columns``.

    ``titles`` gives the values of ``columns`` that are drawn, in order, with their labels.

    >>> frame = pd.DataFrame({"sede": ["a", "a", "b", "b"], "nome": ["Nord"] * 2 + ["Sud"] * 2, "anno": 2025,
    ...                       "misura": ["nuovi", "chiusi"] * 2, "valore": [8, 5, 3, 4]})
    >>> grouped(frame, "Casi per sede", "sede", "misura", {"nuovi": "Nuovi casi", "chiusi": "Casi chiusi"}, "casi")
    Casi per sede: Nuovi casi e Casi chiusi. Nuovi casi, valore più alto: Nord (8). Casi chiusi, valore più
    alto: Nord (5).
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
    drawn = draw_dumbbells(grid, parts, titles) if len(titles) == 2 and len(parts) > 1 else draw_bars(bars)
    return of_grid(drawn, words, grid, list(titles.values()), finding)


@question()
def flows(
    frame: pd.DataFrame, subject: str, initial: str, new: str, closed: str, final: str, rows: str = "indicatore"
) -> Chart:
    """Stock and flow, year by year: what there was, what came, what went, what is left.

    The four codes name rows of ``frame``. The last bar is the published figure; where the
    sum gives another, the alternative text says so.

    >>> tm = libro.cifre("tm-flussi")
    >>> flows(tm, "Minori in carico", "in-carico-01-01", "nuovi-casi", "casi-chiusi", "in-carico-31-12", years=1)
    Minori in carico, anno 2025. 2025: Minori in carico al 1° gennaio 753; Nuovi casi 318; Casi chiusi 191;
    Minori in carico al 31 dicembre 879. La somma darebbe 880.
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


@question(years=1)
def balance(frame: pd.DataFrame, subject: str, comes: str, goes: str, left: str, rows: str = "indicatore") -> Chart:
    """What came in, what went out and what is left, in one year: each bar begins where the one before ends.

    The three codes name rows of ``frame``. The last bar is the published figure; where the
    difference is another, the alternative text says so.

    >>> balance(gruppo(casi(12), casi(5), casi(7)), "Casi", "uno", "due", "tre")
    Casi, anno 2025: Uno 12; Due 5; Tre 7.
    """
    grid = gridded(frame[frame[rows].isin([comes, goes, left])], rows, "anno", None)
    year = only_year(grid)
    values = [grid.values.get((code, year)) for code in (comes, goes, left)]
    came, went, rest = values
    incoming, outgoing, remaining = (
        bar_of(grid, code, year, color) for code, color in ((comes, ACCENT), (goes, BELOW), (left, YEARS[1]))
    )
    if came is not None and went is not None:
        outgoing = replace(outgoing, start=as_float(came - went) or 0.0, end=as_float(came))
    bars = [
        incoming,
        replace(outgoing, printed=f"{numbers.MINUS}{outgoing.printed}" if went else outgoing.printed),
        remaining,
    ]
    words = [f"{subject}, {span([year])}: " + "; ".join(f"{bar.name} {bar.full}" for bar in bars) + "."]
    if came is not None and went is not None and rest is not None and came - went != rest:
        words.append(f"La differenza darebbe {numbers.quantity(came - went, grid.units[left])}.")
    return of_grid(draw_bars(bars), words, grid, finding=findings.balance(grid, comes, goes))


@question(years=1)
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

    >>> ranking(gruppo(casi(12), casi(3), casi(5)), "Casi per operatore", reference=4)
    Casi per operatore, anno 2025. Valore più alto del 2025: Uno (12); più basso: Due (3). Valori sopra 4: 2 su 3.
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
