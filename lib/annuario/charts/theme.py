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
#: Dark and light by turns, each 25 L* from those beside it, also on a dark page; they stay apart in the usual forms
#: of colour blindness; 3:1 or more on white.
HUES = ("#00424d", "#dc7b1e", "#542d0d", "#9f7ddf", "#412772", "#33a675")
#: Two more, for where names stand beside the colours.
MORE = ("#7d1a2d", "#7f9f2e")
RULE = "#8a979e"
#: What falls short, or goes out.
BELOW = HUES[1]
#: What is left of a whole, outlined: 25 L* from all hues.
REST = "#d3d9dc"
#: The tints of years: the last, the one before, and all earlier ones; each 25 L* from the next.
YEARS = ("#0b4a57", "#528b98", "#abd0d6")
#: What outlines the lightest of them, and what is left of a whole.
OUTLINE = YEARS[1]
#: How far in L* colours that touch each other are apart at least, to be told apart in grey.
_APART = 25
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
    [('adm', '#542d0d')]
    """
    data = here.package()
    if data is None or not data.has(COLORS):
        return {}
    table = data.indexed(COLORS)
    return dict(zip(table.column("voce"), table.column("colore")))


def segment_colors(codes: Sequence[Hashable]) -> list[str]:
    """The fixed colours of codes that have them; the others take of the hues left what differs in grey from its neighbours.

    >>> segment_colors(["nuovi", "chiusi"]) == list(HUES[:2])
    True
    """
    declared = fixed_colors()
    fixed = {code: declared[code] for code in codes if code in declared}
    if len(set(fixed.values())) < len(fixed):
        fixed = {}
    left = [color for color in (*HUES, *MORE) if color not in fixed.values()]
    colors = [fixed.get(code, "") for code in codes]
    for place, color in enumerate(colors):
        if not color:
            beside = [other for other in (*colors[max(place - 1, 0) : place], *colors[place + 1 : place + 2]) if other]
            colors[place] = next((hue for hue in left if all(are_apart(hue, other) for other in beside)), left[0])
            left.remove(colors[place])
    return colors


def are_apart(one: str, other: str) -> bool:
    """Whether two colours that touch each other can be told apart in grey.

    >>> are_apart(HUES[0], HUES[1]), are_apart(HUES[0], HUES[2])
    (True, False)
    """
    return abs(_lightness(one) - _lightness(other)) >= _APART


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
    return OUTLINE if color in (YEARS[-1], REST) else color


def ink_on(color: str) -> str:
    """White or near black: what reads better on a colour.

    >>> ink_on("#0b4a56"), ink_on("#ffffff")
    ('#ffffff', '#111111')
    """
    return "#ffffff" if 1.05 / (_luminance(color) + 0.05) >= 4.5 else "#111111"


def _luminance(color: str) -> float:
    linear = [(part / 255 + 0.055) ** 2.4 / 1.055**2.4 for part in bytes.fromhex(color[1:])]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _lightness(color: str) -> float:
    """L*, from 0 (black) to 100 (white)."""
    return 116 * _luminance(color) ** (1 / 3) - 16
