"""Groups of figures under shorter names, gathered from elsewhere, or with what some leave of a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import pandas as pd

from annuario.figures import Figure, Figures
from annuario.words import phrases


def renamed(figure: Figure, name: str) -> Figure:
    """The same figure under another name."""
    return replace(figure, name=name)


def as_rest(figure: Figure) -> Figure:
    """A figure of what the other parts of a whole leave: it has no place in their order."""
    return replace(figure, nature=replace(figure.nature, rest=True))


def gathered(code: str, figures: Mapping[str, Figure], year: int) -> Figures:
    """Figures that are there already as a group."""
    return Figures(code, {name: partial(_itself, figure) for name, figure in figures.items()}, year)


def _itself(figure: Figure) -> Figure:
    return figure


def short(group: Figures) -> Figures:
    """A group whose figures have the short form of their names: what follows the subject and its colon."""

    def make(code: str) -> Callable[[], Figure]:
        return lambda: renamed(group[code], phrases.capital(group[code].name.split(": ", 1)[-1]))

    return Figures(group.code, {code: make(code) for code in group}, group.year)


def split(whole: Figure, known: list[Figure], rest: str) -> Figures | None:
    """The parts of a whole, what they leave of it (named ``rest``, without it where nothing is left) and the whole.

    None where the year lacks the whole or a part, or the parts are more than the whole.
    """
    if not all(figure.nota for figure in (whole, *known)):
        return None
    figures = {figure.code: figure for figure in known}
    left = whole
    for figure in known:
        left = left - figure
    if any(value < 0 for value in left.series.values()):
        return None
    if any(left.series.values()):
        figures["resto"] = as_rest(renamed(left, rest))
    return gathered(whole.code, {**figures, "totale": renamed(whole, "Totale")}, whole.year)


def with_rest(
    named: list[Figure],
    whole: Figure,
    code: str,
    unit: str,
    rest: str = "Altri (per differenza)",
    names: list[str] | None = None,
) -> pd.DataFrame | None:
    """Parts of a whole in the year and, as one more row, what is left of it; None where any is not known."""
    if not whole.nota or not all(figure.nota for figure in named):
        return None
    names = names or [figure.name for figure in named]
    rows = [{"indicatore": figure.code, "nome": name, "valore": figure.valore} for figure, name in zip(named, names)]
    rows.append({"indicatore": code, "nome": rest, "valore": whole.valore - sum(row["valore"] for row in rows)})
    editions = {row.edition for figure in named for row in figure.rows if row.year == figure.year}
    return pd.DataFrame(rows).assign(anno=whole.year, unita=unit, da=editions.pop() if len(editions) == 1 else "")
