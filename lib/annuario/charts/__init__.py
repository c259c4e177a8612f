"""Charts of the book: one theme, one locale, and for each the words and data behind it.

Every function answers a question and takes a long frame, as ``annuario.data`` gives it:
``valore``; ``anno``; ``nome`` or else ``etichetta``, the label; ``unita``, unless ``unit`` is
given; and the code that the caller names. A code with a part ``totale`` is the whole,
never a bar beside its parts. ``subject`` says in Italian what is measured, as a noun
phrase with a capital letter: it opens the alternative text.

Values are printed here by ``annuario.words.numbers``, as exact texts beside the marks, so that
they are the same in every renderer. All specifications are responsive; where a phone has
no room beside the bars for their labels, a chart has a second drawing for it.
"""

from annuario.charts.chart import MIME, Chart, drawing
from annuario.charts.maps import by_territory
from annuario.charts.questions import (
    balance,
    budget_vs_actual,
    by_year,
    distribution,
    flows,
    grouped,
    ranking,
    shares,
    stacked_by_year,
)
from annuario.charts.theme import (
    ACCENT,
    FONT,
    GREY,
    HUES,
    INK,
    MUTED,
    THEME,
    YEARS,
    fixed_colors,
    segment_colors,
)

__all__ = [
    "ACCENT", "FONT", "GREY", "HUES", "INK", "MIME", "MUTED", "THEME", "YEARS",
    "Chart", "balance", "budget_vs_actual", "by_territory", "by_year", "chart", "comparisons", "distribution", "drawing",
    "findings", "fixed_colors", "flows", "grouped", "maps", "ranking", "segment_colors", "shares", "stacked_by_year", "theme", "values", "words",
]  # fmt: skip
