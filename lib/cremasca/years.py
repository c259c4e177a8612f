"""What the years of a figure say: the span that a caption names, and whether there are several to compare."""

from __future__ import annotations

from dataclasses import replace

from annuario.figures import Absent, Figure, Said


def several(figure: Figure, years: int = 3) -> Figure | None:
    """The figure, where at least two of the last ``years`` are known, its own among them: for a chart that compares."""
    return figure if figure.nota and len(_shown([figure], years)) > 1 else None


def span(*figures: Figure, years: int = 3) -> Said:
    """The first and the last of the years shown: ``2023–2025``, ``2019``; absent where none is known."""
    shown = _shown(figures, years)
    if not shown:
        raise Absent(figures[0].code, figures[0].year)
    return Said(str(shown[0]) if len(shown) == 1 else f"{shown[0]}–{shown[-1]}").of(*figures)


def of_the_year_before(figure: Figure) -> Figure:
    """A figure that the documents print under the year after its own, under the year that it is about.

    Its movement is then told against the year before that one.
    """
    series = {year - 1: value for year, value in figure.series.items()}
    return replace(figure, series=series, year=figure.year - 1, nature=replace(figure.nature, date=""))


def _shown(figures: tuple[Figure, ...] | list[Figure], years: int) -> list[int]:
    found = {year for figure in figures for year in figure.series if figure.year - years < year <= figure.year}
    return sorted(found)
