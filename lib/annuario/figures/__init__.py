"""Figures that know themselves: value, unit, noun, kind, basis, perimeter, series and sources, and their words."""

from annuario.figures.figure import Figure, Incomparable, Row
from annuario.figures.group import Figures
from annuario.figures.source import Source
from annuario.figures.words import Absent, Said, Year

__all__ = [
    "Absent", "Figure", "Figures", "Incomparable", "Row", "Said", "Source", "Year",
    "frame", "source", "territory",
]  # fmt: skip
