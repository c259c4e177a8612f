"""What a chart says in words: sentences of its alternative text."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from annuario.charts.values import exact, totals, whole_of
from annuario.tables import Grid
from annuario.words import numbers, phrases


def span(years: Sequence[int]) -> str:
    """The years from the first to the last.

    >>> span([2023, 2024, 2025]), span([2025])
    ('anni 2023–2025', 'anno 2025')
    """
    return f"anno {years[0]}" if len(years) == 1 else f"anni {years[0]}–{years[-1]}"


def _moved(grid: Grid, code: Hashable) -> str:
    """How the last year compares with the one before, or nothing."""
    if len(grid.columns) < 2:
        return ""
    before, now = grid.columns[-2:]
    new, old = grid.values.get((code, now)), grid.values.get((code, before))
    if new is None or old is None:
        return ""
    change = phrases.change_points if grid.units[code] == "%" else phrases.change
    return change(new, old, before)


def history(grid: Grid, code: Hashable, named: bool) -> str:
    """One row year by year, and how it moved last.

    >>> print(history(griglia(casi(12, None, 15)), "uno", named=True))
    Uno – 2023: 12; 2025: 15 (in aumento del 25 % rispetto al 2023).
    """
    known = [year for year in grid.columns if grid.values.get((code, year)) is not None]
    values = "; ".join(f"{year}: {exact(grid, code, year)}" for year in known)
    moved = _moved(grid, code)
    text = f"{values or 'dati non disponibili'}{f' ({moved})' if moved else ''}."
    return f"{grid.names[code]} – {text}" if named else text


def extremes(grid: Grid, codes: Sequence, shares: bool = False) -> str:
    """The largest and the smallest of some rows in the last year.

    >>> print(extremes(griglia(casi(12), casi(3), casi(5)), ["uno", "due", "tre"], shares=True))
    Valore più alto del 2025: Uno (12, pari al 60 % del totale); più basso: Due (3, pari al 15 % del totale).
    """
    year = grid.columns[-1]
    known = {code: value for code in codes if (value := grid.values.get((code, year))) is not None}
    if len(known) < 2:
        return ""
    whole = whole_of(grid, year) if shares else None
    ordered = sorted(known, key=known.__getitem__)
    told = []
    for code in (ordered[-1], ordered[0]):
        share = f", {phrases.share(known[code], whole)}" if whole else ""
        told.append(f"{grid.names[code]} ({exact(grid, code, year)}{share})")
    return f"Valore più alto del {year}: {told[0]}; più basso: {told[1]}."


def widest_change(grid: Grid, codes: Sequence) -> str:
    """The row that moved most in the last year, or nothing.

    >>> print(widest_change(griglia(casi(12, 15), casi(3, 2)), ["uno", "due"]))
    Variazione più ampia sul 2024: Uno, +3.
    >>> widest_change(griglia(casi(12), casi(3)), ["uno", "due"])
    ''
    """
    if len(grid.columns) < 2:
        return ""
    before, now = grid.columns[-2:]
    pairs = {code: (grid.values.get((code, before)), grid.values.get((code, now))) for code in codes}
    gaps = {code: after - then for code, (then, after) in pairs.items() if then is not None and after is not None}
    if not any(gaps.values()):
        return ""
    widest = max(gaps, key=lambda code: abs(gaps[code]))
    change = numbers.signed(gaps[widest], grid.units[widest])
    return f"Variazione più ampia sul {before}: {grid.names[widest]}, {change}."


def overall(grid: Grid) -> str:
    """The printed total of the last year and how it moved, or nothing.

    >>> print(overall(griglia(casi(12), totale=casi(12, 15))))
    Totale 2025: 15, in aumento del 25 % rispetto al 2024.
    >>> overall(griglia(casi(12)))
    ''
    """
    year = grid.columns[-1]
    for code in totals(grid):
        if grid.values.get((code, year)) is not None:
            moved = _moved(grid, code)
            return f"Totale {year}: {exact(grid, code, year)}{f', {moved}' if moved else ''}."
    return ""
