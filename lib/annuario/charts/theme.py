"""The look of charts: typeface, colours, and the theme that every chart has."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from annuario.charts import here
from annuario.data.roles import COLORS
from annuario.words import numbers

#: No name with a bare number: it is not valid CSS, and quoted it defeats the measuring of labels.
FONT = "Source Sans Pro, Helvetica Neue, Arial, sans-serif"
ACCENT = "#0b5c6b"
INK = "#22313a"
MUTED = "#5b6870"
GREY = "#767676"
#: Stay apart in the usual forms of colour blindness; 3:1 or more on white.
HUES = (ACCENT, "#d97112", "#8b5fc7", "#5d3714", "#2a9d6f", "#3f2f78")
#: Two more, for where names stand beside the colours.
MORE = ("#cc2f4a", "#6f8f1f")
RULE = "#8a979e"
#: What falls short, or goes out.
BELOW = "#d97112"
#: The tints of years: the last, the one before, and all earlier ones; each 25 L* from the next.
YEARS = ("#0b4a57", "#528b98", "#abd0d6")
#: What outlines the lightest of them.
OUTLINE = YEARS[1]
#: The tints of a map, from little to much; each 15 L* from the next.
SHADES = ("#d3e6ea", "#9cc5cd", "#64a1ad", "#2c7685", "#0b4a57")
THEME = {
    "background": "#ffffff",
    "font": FONT,
    "locale": numbers.VEGA_LOCALE,
    "view": {"stroke": None},
    "mark": {"aria": False},
    "text": {"color": INK, "fontSize": 12},
    "axis": {
        "aria": False,
        "domainColor": RULE,
        "gridColor": "#e3e7e9",
        "labelColor": INK,
        "labelFontSize": 12,
        "labelLimit": 0,
        "labelPadding": 6,
        "ticks": False,
        "title": None,
    },
    "legend": {
        "aria": False,
        "labelColor": INK,
        "labelFontSize": 12,
        "labelLimit": 0,
        "offset": 8,
        "orient": "top",
        "symbolStrokeWidth": 0,
        "symbolType": "square",
        "title": None,
    },
}


def fixed_colors() -> dict[Hashable, str]:
    """What keeps its colour in every edition, by code: the project's table of role ``colori``, if it has one.

    >>> sorted(fixed_colors().items())[:1]
    [('adm', '#8b5fc7')]
    """
    data = here.package()
    if data is None or not data.has(COLORS):
        return {}
    table = data.indexed(COLORS)
    return dict(zip(table.column("voce"), table.column("colore")))


def segment_colors(codes: Sequence[Hashable]) -> list[str]:
    """The fixed colours of codes that have them, and for the others the hues left, in order.

    >>> segment_colors(["nuovi", "chiusi"]) == list(HUES[:2])
    True
    """
    declared = fixed_colors()
    fixed = {code: declared[code] for code in codes if code in declared}
    if len(set(fixed.values())) < len(fixed):
        fixed = {}
    left = iter([color for color in (*HUES, *MORE) if color not in fixed.values()])
    return [fixed.get(code) or next(left) for code in codes]


def plain_color(code: Hashable) -> str:
    """The colour of a bar that its label alone tells from the others.

    >>> plain_color("nuovi") == ACCENT
    True
    """
    return GREY if fixed_colors().get(code) == GREY else ACCENT


def shades_of(years: Sequence[int]) -> dict[int, str]:
    """One hue from light to dark, a tint for each step back from the edition's year; a year alone has the accent.

    Outside of a build, and where years go beyond the edition's, steps are counted from the last of them.

    >>> shades_of([2024, 2025]) == {2024: YEARS[1], 2025: YEARS[0]}, shades_of([2025]) == {2025: ACCENT}
    (True, True)
    """
    if len(years) == 1:
        return {years[0]: ACCENT}
    last = max(*years, here.year() or 0)
    return {year: YEARS[min(last - year, len(YEARS) - 1)] for year in years}


def outline_of(color: str) -> str:
    """What a mark is outlined with: light ones with a darker tint, to stand off the page.

    >>> outline_of(YEARS[-1]) == OUTLINE, outline_of(ACCENT) == ACCENT
    (True, True)
    """
    return OUTLINE if color == YEARS[-1] else color


def ink_on(color: str) -> str:
    """White or near black: what reads better on a colour.

    >>> ink_on("#0b4a56"), ink_on("#ffffff")
    ('#ffffff', '#111111')
    """
    linear = [(part / 255 + 0.055) ** 2.4 / 1.055**2.4 for part in bytes.fromhex(color[1:])]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (luminance + 0.05) >= 4.5 else "#111111"
