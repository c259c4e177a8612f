"""Charts of the book: one theme, one locale, and for each the words and data behind it.

Every function answers a question and takes a long frame, as ``annuario.data`` gives it:
``valore``; ``anno``; ``nome`` or else ``etichetta``, the label; ``unita``, unless ``unit`` is
given; and the code that the caller names. A code with a part ``totale`` is the whole,
never a bar beside its parts. ``subject`` says in Italian what is measured, as a noun
phrase with a capital letter: it opens the alternative text.

Values are printed here by ``annuario.numbers``, as exact texts beside the marks, so that
they are the same in every renderer. All specifications are responsive; where a phone has
no room beside the bars for their labels, a chart has a second drawing for it.
"""

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from textwrap import wrap

import altair as alt
import pandas as pd

from annuario import numbers, phrases, project
from annuario.data import Package
from annuario.errors import BookError
from annuario.figures.frame import of_figures
from annuario.roles import COLORS
from annuario.tables import Grid, kind_of

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
#: Years run from the first to the second, by so many steps.
YEARS = ("#6b9aa3", "#0b4a57")

#: The form of Vega-Lite output that JupyterLab draws; it reads specs of version 6 too.
MIME = "application/vnd.vegalite.v5+json"

THEME = {
    "background": "#ffffff",
    "font": FONT,
    "locale": numbers.VEGA_LOCALE,
    "view": {"stroke": None},
    "mark": {"aria": False},
    "text": {"color": INK, "fontSize": 12},
    "axis": {
        "aria": False,
        "domainColor": "#8a979e",
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

_SHOWN = 600  # width in a notebook: JupyterLab hangs at charts that take the page's
_BAR = 14  # thickness of a bar
_STEP = 19  # from a bar to the next
_NEAR = 16  # and within a group
_GAP = 9  # between groups
_LINE = 14  # a line of a label or a heading
_LETTER = 6.6  # generous width of a letter of the labels
_KEY_LETTER = 5.9  # width of a letter of a legend, whose names are long
_BOLD_LETTER = 6.2  # and of the headings, which may come near the edge
_BESIDE = 280  # room for the labels beside the bars, on a page
_LONGEST_LABEL = 22  # letters beside a bar on a phone; longer labels stand above it
_PHONE = 330  # narrowest drawing
_MOST_PARTS = 7  # segments of a stack
_SEGMENT = 24  # thickness of a stack


class Chart:
    """A Vega-Lite chart with its alternative text and the data behind it.

    ``spec`` is as wide as a notebook shows it, and takes the width of a book's page
    (``drawings.specification``); so does ``narrow``, the drawing for a phone where it is another; ``data`` has a column of labels and then columns of exact values, ``units`` a
    unit for each row; ``indicators`` are the codes of the indicators drawn, for the book's index;
    ``notes`` are lines under the drawing.

    Raises BookError without an alternative text or without a value.
    """

    def __init__(
        self,
        spec: dict,
        alt_text: str,
        data: pd.DataFrame,
        units: Sequence[str],
        narrow: dict | None = None,
        indicators: Sequence[str] = (),
        notes: Sequence[str] = (),
    ):
        if not any(not numbers.is_missing(value) for column in data.columns[1:] for value in data[column]):
            raise BookError("The chart has no value to show: the edition has no such data, or the filter is wrong.")
        self.alt = alt_text.strip()
        if not self.alt:
            raise BookError("The chart has no alternative text: say what it shows in «subject».")
        self.spec = {**spec, "description": self.alt}
        self.narrow = self.spec if narrow in (None, spec) else {**narrow, "description": self.alt}
        self.data = data
        self.units = list(units)
        self.indicators = list(indicators)
        self.notes = list(notes)

    @property
    def facts(self) -> dict:
        """What the page adds to the drawing: words, a printed table, a CSV of raw values.

        With ``stretto``, what a phone draws otherwise: its marks and their height.
        """
        rows = list(zip(self.data.itertuples(index=False, name=None), self.units))
        raw = self.data.map(lambda value: "" if numbers.is_missing(value) else str(value))
        raw.insert(1, "Unità", self.units)
        other = {key: self.narrow[key] for key in ("layer", "height") if self.narrow is not self.spec}
        return (
            {
                "alt": self.alt,
                "colonne": [str(column) for column in self.data.columns],
                "righe": [
                    [label, *(numbers.quantity(value, unit) for value in values)] for (label, *values), unit in rows
                ],
                "csv": raw.to_csv(index=False, lineterminator="\n"),
            }
            | ({"stretto": other} if other else {})
            | ({"indicatori": self.indicators} if self.indicators else {})
            | ({"note": self.notes} if self.notes else {})
        )

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        return {MIME: self.spec, "text/plain": self.alt}, {"annuario": self.facts}

    def __repr__(self) -> str:
        return self.alt


@of_figures()
def by_year(frame: pd.DataFrame, subject: str, rows: str = "indicatore", unit: str | None = None) -> Chart:
    """How one or several indicators went over the years.

    One indicator over two to four years, never below zero, stands in columns; anything
    else in bars.
    """
    grid = _grid(frame, rows, "anno", unit)
    parts, years = _parts(grid), grid.columns
    upright = len(parts) == 1 and 2 <= len(years) <= 4 and all((value or 0) >= 0 for value in grid.values.values())
    spec = _columns(grid, parts[0]) if upright else _groups(grid, parts)
    words = [f"{subject}, {_span(years)}."]
    if len(parts) <= 3:
        words += [_history(grid, code, named=len(parts) > 1) for code in parts]
    else:
        words += [_extremes(grid, parts), _widest_change(grid, parts)]
    return _chart(spec, [*words, _overall(grid)], grid)


@of_figures()
def distribution(frame: pd.DataFrame, subject: str, rows: str, unit: str | None = None) -> Chart:
    """How one measure is distributed among places or other parts, in one year or in several."""
    grid = _grid(frame, rows, "anno", unit)
    years = grid.columns
    if len(years) > 1:
        spec = _groups(grid, _parts(grid))
    else:
        order = _sorted(grid, years[0])
        spec = _bars([_bar(grid, code, years[0], _plain(code)) for code in order])
    words = [f"{subject}, {_span(years)}.", _extremes(grid, _parts(grid)), _overall(grid)]
    return _chart(spec, words, grid)


@of_figures(years=1)
def shares(frame: pd.DataFrame, subject: str, rows: str, unit: str | None = None) -> Chart:
    """What a whole is made of in one year: bars from the largest, with value and share.

    The whole is the printed total, where there is one, or else the sum of the parts.
    """
    grid = _grid(frame, rows, "anno", unit)
    year = _only_year(grid)
    whole = _whole(grid, year)
    bars = []
    for code in _sorted(grid, year):
        bar = _bar(grid, code, year, _plain(code))
        value = grid.values.get((code, year))
        share = f" ({numbers.percent(value / whole * 100)})" if value is not None and whole else ""
        bars.append(replace(bar, printed=bar.printed + share, full=bar.full + share))
    told = bars if len(bars) <= 5 else bars[:4]
    words = [f"{subject}, {_span([year])}.", "; ".join(f"{bar.name}: {bar.full}" for bar in told) + "."]
    if len(told) < len(bars):
        words.append(f"Altre {phrases.spelled(len(bars) - len(told), feminine=True)} voci sono più piccole.")
    return _chart(_bars(bars), [*words, _overall(grid)], grid)


@of_figures()
def stacked_by_year(
    frame: pd.DataFrame, subject: str, rows: str, unit: str | None = None, share: bool = False
) -> Chart:
    """How the composition of a whole changed: one stacked bar a year.

    ``share`` makes every bar 100 % long. Segments are ordered by the last year and carry
    their share where it fits; beyond seven, the smallest are drawn as one. Raises
    BookError for a value below zero.
    """
    grid = _grid(frame, rows, "anno", unit)
    if any(value is not None and value < 0 for value in grid.values.values()):
        raise BookError(f"A stack cannot show values below zero («{subject}»): use by_year.")
    words = [f"{subject}, {_span(grid.columns)}.", _extremes(grid, _parts(grid), shares=True), _overall(grid)]
    return _chart(_stack(grid, share), words, grid)


@of_figures(years=1)
def budget_vs_actual(
    frame: pd.DataFrame, subject: str, rows: str, phases: Sequence[str] = ("preventivo", "consuntivo")
) -> Chart:
    """What was planned against what was spent, in EUR, by area or by line.

    ``frame`` has ``fase`` and concerns one year.
    """
    grid = _grid(frame, rows, "fase", "EUR")
    planned, spent = grid.columns = list(phases)
    bars, gaps = [], {}
    for code in _parts(grid):
        first, second = grid.values.get((code, planned)), grid.values.get((code, spent))
        bar = _bar(grid, code, spent, ACCENT, label=spent.capitalize(), group=grid.names[code])
        if first and second is not None:
            bar = replace(bar, printed=f"{bar.printed} ({numbers.percent(second / first * 100)})")
            gaps[code] = second - first
        bars += [_bar(grid, code, planned, GREY, label=planned.capitalize(), group=grid.names[code]), bar]
    words = [f"{subject}: {planned} e {spent}."]
    for code in _total(grid) or _parts(grid)[:3]:
        first, second = grid.values.get((code, planned)), grid.values.get((code, spent))
        ratio = f" ({numbers.percent(second / first * 100)})" if first and second is not None else ""
        words.append(
            f"{grid.names[code]}: {planned} {_full(grid, code, planned)}, {spent} {_full(grid, code, spent)}{ratio}."
        )
    if len(gaps) > 1:
        widest = max(gaps, key=lambda code: abs(gaps[code]))
        words.append(f"Scostamento più ampio: {grid.names[widest]}, {numbers.signed(gaps[widest], 'EUR')}.")
    return _chart(_bars(bars), words, grid)


@of_figures(years=1)
def grouped(
    frame: pd.DataFrame, subject: str, rows: str, columns: str, titles: Mapping[Hashable, str], unit: str | None = None
) -> Chart:
    """How some things compare within each row: under every row a bar a value of ``columns``.

    ``titles`` gives the values of ``columns`` that are drawn, in order, with their labels.
    """
    grid = _one_scale(Grid(frame, rows, columns, unit, order=lambda found: list(titles)))
    years = all(isinstance(column, int) for column in titles)
    colors = _shades(list(titles)) if years else dict(zip(titles, segment_colors(list(titles))))
    parts = _parts(grid)
    bars = [
        _bar(grid, code, column, colors[column], label=title, group=grid.names[code])
        for code in parts
        for column, title in titles.items()
    ]
    words = [f"{subject}: {phrases.listing(list(titles.values()))}."]
    for column, title in titles.items():
        known = [code for code in parts if grid.values.get((code, column)) is not None]
        if known:
            top = max(known, key=lambda code: grid.values[code, column])
            words.append(f"{title}, valore più alto: {grid.names[top]} ({_full(grid, top, column)}).")
    return _chart(_bars(bars), words, grid, list(titles.values()))


@of_figures()
def flows(
    frame: pd.DataFrame, subject: str, initial: str, new: str, closed: str, final: str, rows: str = "indicatore"
) -> Chart:
    """Stock and flow, year by year: what there was, what came, what went, what is left.

    The four codes name rows of ``frame``. The last bar is the published figure; where the
    sum gives another, the alternative text says so.
    """
    grid = _grid(frame[frame[rows].isin([initial, new, closed, final])], rows, "anno", None)
    shades = _shades(grid.columns)
    bars, words = [], [f"{subject}, {_span(grid.columns)}."]
    for year in grid.columns:
        at, came, went, left = (grid.values.get((code, year)) for code in (initial, new, closed, final))
        top = None if at is None or came is None else at + came
        low = None if top is None or went is None else top - went
        entering, leaving = _bar(grid, new, year, HUES[1]), _bar(grid, closed, year, HUES[2])
        coming, going = "+" if came else "", numbers.MINUS if went else ""
        group = [
            _bar(grid, initial, year, shades[year]),
            replace(entering, start=_float(at) or 0, end=_float(top), printed=coming + entering.printed),
            replace(leaving, start=_float(low) or 0, end=_float(top), printed=going + leaving.printed),
            _bar(grid, final, year, shades[year]),
        ]
        bars += [replace(bar, group=str(year) if len(grid.columns) > 1 else "") for bar in group]
        words.append(f"{year}: " + "; ".join(f"{bar.name} {bar.full}" for bar in group) + ".")
        if low is not None and left is not None and low != left:
            words.append(f"La somma darebbe {numbers.quantity(low, grid.units[final])}.")
    return _chart(_bars(bars), words, grid)


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
    grid = _grid(frame, rows, "anno", unit)
    year = _only_year(grid)
    order = _sorted(grid, year)
    groups = dict(zip(frame[rows], frame[group])) if group else {}
    colors = dict(zip(dict.fromkeys(groups.values()), HUES))
    bars = [_bar(grid, code, year, colors.get(groups.get(code), ACCENT)) for code in order]
    words = [f"{subject}, {_span([year])}.", _extremes(grid, order)]
    if reference is not None:
        above = sum((grid.values.get((code, year)) or 0) > reference for code in order)
        words.append(f"Valori sopra {numbers.number(reference)}: {above} su {len(order)}.")
    line = None if reference is None else (float(reference), reference_label or numbers.number(reference))
    return _chart(_bars(bars, line, colors), words, grid)


# Values


def _grid(frame: pd.DataFrame, rows: str, columns: str, unit: str | None) -> Grid:
    """The values of a chart, every year in order."""
    return _one_scale(Grid(frame, rows, columns, unit, order=_every_year if columns == "anno" else list))


def _one_scale(grid: Grid) -> Grid:
    units = sorted(set(grid.units.values()))
    if len(units) > 1:
        raise BookError(f"A chart has one scale, the rows have the units {', '.join(units)}: filter the rows first.")
    return grid


def _every_year(years: Sequence[int]) -> list[int]:
    """Years without values between others keep their place, empty."""
    return list(range(min(years), max(years) + 1))


def _total(grid: Grid) -> list:
    """The code of the whole, or none where the whole is all there is."""
    return [code for code in grid.names if kind_of(code) == "totale"] if any(map(_is_part, grid.names)) else []


def _parts(grid: Grid) -> list:
    return [code for code in grid.names if _is_part(code)] or grid.codes


def _is_part(code: Hashable) -> bool:
    return not kind_of(code)


def _sorted(grid: Grid, column: Hashable) -> list:
    return sorted(_parts(grid), key=lambda code: -(grid.values.get((code, column)) or 0))


def _whole(grid: Grid, column: Hashable) -> Decimal:
    """The printed total, or else the sum of the parts."""
    printed = [grid.values[code, column] for code in _total(grid) if grid.values.get((code, column)) is not None]
    return printed[0] if printed else sum(grid.values.get((code, column)) or Decimal(0) for code in _parts(grid))


def _only_year(grid: Grid) -> int:
    if len(grid.columns) > 1:
        raise BookError(f"This chart is about one year, the rows have {', '.join(map(str, grid.columns))}.")
    return grid.columns[0]


def _full(grid: Grid, code: Hashable, column: Hashable) -> str:
    """A value printed exactly."""
    return numbers.quantity(grid.values.get((code, column)), grid.units[code])


def _short(grid: Grid, code: Hashable, column: Hashable) -> str:
    """A value printed for the drawing: a thousand euros or hours on, without decimals."""
    value, unit = grid.values.get((code, column)), grid.units[code]
    if unit in ("EUR", "ore") and value is not None and abs(value) >= 1000:
        return numbers.quantity(value, unit, 0)
    return _full(grid, code, column)


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _chart(drawings: "_Drawings", words: Sequence[str], grid: Grid, titles: Sequence[str] = ()) -> Chart:
    spec, narrow = drawings
    unit = next(iter(grid.units.values()))
    suffix = "" if unit in (*numbers.MONEY, "%", "numero") else f" ({unit})"
    titles = [f"{title}{suffix}" for title in titles or (str(column).capitalize() for column in grid.columns)]
    rows = [[name, *(grid.values.get((code, column)) for column in grid.columns)] for code, name in grid.names.items()]
    data = pd.DataFrame(rows, columns=["Voce", *titles], dtype=object)
    whole = len(grid.sources) == len(grid.values)
    notes = [
        f"{'Dati pubblicati' if whole else 'In parte dati pubblicati'} nell’edizione «{source.replace('-', ' ')}»."
        for source in dict.fromkeys(grid.sources.values())
    ]
    return Chart(
        spec,
        " ".join(word for word in [*words, *notes] if word),
        data,
        list(grid.units.values()),
        narrow,
        grid.indicators,
        grid.notes,
    )


# Words


def _span(years: Sequence[int]) -> str:
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


def _history(grid: Grid, code: Hashable, named: bool) -> str:
    known = [year for year in grid.columns if grid.values.get((code, year)) is not None]
    values = "; ".join(f"{year}: {_full(grid, code, year)}" for year in known)
    moved = _moved(grid, code)
    text = f"{values or 'dati non disponibili'}{f' ({moved})' if moved else ''}."
    return f"{grid.names[code]} – {text}" if named else text


def _extremes(grid: Grid, codes: Sequence, shares: bool = False) -> str:
    """The largest and the smallest of some rows in the last year."""
    year = grid.columns[-1]
    known = [code for code in codes if grid.values.get((code, year)) is not None]
    if len(known) < 2:
        return ""
    whole = _whole(grid, year) if shares else None
    ordered = sorted(known, key=lambda code: grid.values[code, year])
    told = []
    for code in (ordered[-1], ordered[0]):
        share = f", {phrases.share(grid.values[code, year], whole)}" if whole else ""
        told.append(f"{grid.names[code]} ({_full(grid, code, year)}{share})")
    return f"Valore più alto del {year}: {told[0]}; più basso: {told[1]}."


def _widest_change(grid: Grid, codes: Sequence) -> str:
    if len(grid.columns) < 2:
        return ""
    before, now = grid.columns[-2:]
    known = [code for code in codes if None not in (grid.values.get((code, now)), grid.values.get((code, before)))]
    gaps = {code: grid.values[code, now] - grid.values[code, before] for code in known}
    if not any(gaps.values()):
        return ""
    widest = max(gaps, key=lambda code: abs(gaps[code]))
    change = numbers.signed(gaps[widest], grid.units[widest])
    return f"Variazione più ampia sul {before}: {grid.names[widest]}, {change}."


def _overall(grid: Grid) -> str:
    """The printed total of the last year and how it moved, or nothing."""
    year = grid.columns[-1]
    for code in _total(grid):
        if grid.values.get((code, year)) is not None:
            moved = _moved(grid, code)
            return f"Totale {year}: {_full(grid, code, year)}{f', {moved}' if moved else ''}."
    return ""


# Drawings

#: The specifications for a page and for a phone.
_Drawings = tuple[dict, dict]
_PAGE = 600  # width of a page's drawing, for its legend


@dataclass(frozen=True)
class _Bar:
    """One bar: its row's name, the label beside it, the heading above, where it runs, its text."""

    name: str
    label: str
    group: str
    start: float
    end: float | None
    printed: str
    full: str
    color: str


def _bar(grid: Grid, code: Hashable, column: Hashable, color: str, label: str | None = None, group: str = "") -> _Bar:
    name = grid.names[code]
    return _Bar(
        name=name,
        label=name if label is None else label,
        group=group,
        start=0,
        end=_float(grid.values.get((code, column))),
        printed=_short(grid, code, column),
        full=_full(grid, code, column),
        color=color,
    )


def _plain(code: Hashable) -> str:
    """The colour of a bar that its label alone tells from the others."""
    return GREY if fixed_colors().get(code) == GREY else ACCENT


def _shades(years: Sequence[int]) -> dict[int, str]:
    """One hue from light to dark: the last year is the darkest; a year alone has the accent."""
    if len(years) == 1:
        return {years[0]: ACCENT}
    first, last = (tuple(bytes.fromhex(color[1:])) for color in YEARS)
    shades = {}
    for index, year in enumerate(years):
        at = index / (len(years) - 1)
        shades[year] = "#" + bytes(round(a + (b - a) * at) for a, b in zip(first, last)).hex()
    return shades


def _groups(grid: Grid, codes: Sequence) -> _Drawings:
    """A group of bars for each row, one bar a year; no headings where either is one."""
    shades = _shades(grid.columns)
    bars = []
    for code in codes:
        for year in grid.columns:
            bar = _bar(grid, code, year, shades[year])
            if len(grid.columns) > 1:
                bar = replace(bar, label=str(year), group=bar.name if len(codes) > 1 else "")
            bars.append(bar)
    return _bars(bars)


@dataclass(frozen=True)
class _Rows:
    """Where bars and their words stand, in pixels from the top and from the axis.

    ``tops`` has a place for each bar; ``labels`` maps where their first lines stand to their lines;
    ``headings`` are the words of the groups: ``x``, ``y`` and ``testo``, aligned ``side``.
    """

    tops: list[float]
    labels: dict[str, list[str]]
    headings: list[dict]
    side: str
    gutter: float
    height: float


def _bars(
    bars: Sequence[_Bar], line: tuple[float, str] | None = None, legend: Mapping[str, str] | None = None
) -> _Drawings:
    """Horizontal bars, in groups where they have one.

    On a page labels and names of groups stand on the left; on a phone the names, and labels
    too long to stand beside their bars, are headings. ``line`` is a value to mark and its
    label; ``legend`` maps names to colours.
    """
    return tuple(
        _bars_in(rows, bars, line, legend, width) for rows, width in ((_beside(bars), _PAGE), (_above(bars), _PHONE))
    )


def _grouped(bars: Sequence[_Bar]) -> list[list[_Bar]]:
    """Bars next to each other with one heading; each by itself where they have none."""
    return [
        part
        for group, same in groupby(bars, key=lambda bar: bar.group)
        for members in [list(same)]
        for part in ([members] if group else [[bar] for bar in members])
    ]


def _beside(bars: Sequence[_Bar]) -> _Rows:
    """Rows of a page: labels beside the bars, names of groups on their left, on several lines."""
    gutter = min(max(len(bar.label) for bar in bars) * _LETTER + 12, _BESIDE)
    letters = int((_BESIDE - gutter) / _BOLD_LETTER) if bars[0].group else int(_BESIDE / _LETTER)
    tops, labels, headings, below = [], {}, [], 0.0
    for part in _grouped(bars):
        words = _lines(part[0].group, max(letters, 14))
        own = [_lines(bar.label, letters) if not bar.group else [bar.label] if bar.label else [] for bar in part]
        if not part[0].group:
            step = max(_STEP, len(own[0]) * _LINE + _STEP - _BAR)
            tops.append(below + (step - _BAR) / 2)
        else:
            step = max(len(part) * _NEAR, len(words) * _LINE) + _GAP
            first = below + (step - len(part) * _NEAR) / 2
            tops += [first + index * _NEAR + (_NEAR - _BAR) / 2 + 0.5 for index in range(len(part))]
            middle = below + step / 2 - (len(words) - 1) * _LINE / 2
            headings += [{"x": -gutter, "y": middle + index * _LINE, "testo": word} for index, word in enumerate(words)]
        labels |= {_place(top, lines): lines for top, lines in zip(tops[-len(part) :], own)}
        below += step
    return _Rows(tops, labels, headings, "right", gutter + (_BESIDE - gutter if headings else 0), below)


def _lines(text: str, letters: int) -> list[str]:
    """The fewest lines of so many letters, about as long as each other."""
    lines, least = wrap(text, letters), max(map(len, text.split()), default=0)
    while len(lines) > 1 and letters > least and len(narrower := wrap(text, letters - 1)) == len(lines):
        lines, letters = narrower, letters - 1
    return lines


def _above(bars: Sequence[_Bar]) -> _Rows:
    """Rows of a phone: names of groups, and long labels, above the bars."""
    if not bars[0].group and max(len(bar.label) for bar in bars) > _LONGEST_LABEL:
        bars = [replace(bar, group=bar.label, label="") for bar in bars]
    gutter = max(len(bar.label) for bar in bars) * _LETTER
    tops, labels, headings, below = [], {}, [], 0.0
    for part in _grouped(bars):
        words = wrap(part[0].group, int((_PHONE - gutter) / _BOLD_LETTER))
        headings += [
            {"x": 4, "y": below + (index + 0.5) * _LINE + 1, "testo": word} for index, word in enumerate(words)
        ]
        below += len(words) * _LINE + 1 if words else 0
        for bar in part:
            tops.append(below + (_STEP - _BAR) / 2)
            own = [bar.label] if bar.label else []
            labels[_place(tops[-1], own)] = own
            below += _STEP
        below += _GAP - 3 if words else 0
    return _Rows(tops, labels, headings, "left", gutter, below)


def _place(top: float, lines: Sequence[str]) -> str:
    """Where the first line of a bar's label stands, all of them centred on it, as the axis writes it."""
    return f"{top + _BAR / 2 - max(len(lines) - 1, 0) * _LINE / 2:g}"


def _bars_in(
    rows: _Rows, bars: Sequence[_Bar], line: tuple[float, str] | None, legend: Mapping[str, str] | None, width: int
) -> dict:
    records = []
    for top, bar in zip(rows.tops, bars):
        edge = max(bar.start, bar.start if bar.end is None else bar.end)
        name = f"{bar.name}, {bar.label.lower()}" if bar.label not in ("", bar.name) else bar.name
        records.append(
            {"sopra": top, "sotto": top + _BAR, "mezzo": top + _BAR / 2}
            | {"inizio": bar.start, "fine": bar.end, "bordo": edge, "colore": bar.color}
            | {"testo": bar.printed, "voce": name, "valore": bar.full}
        )
    ends = [0.0, *(record[end] for record in records for end in ("inizio", "fine", "bordo") if record[end] is not None)]
    low, high = min(ends), max([*ends, line[0] if line else 0.0])
    axis = None
    if line:
        axis = alt.Axis(orient="top", domain=False, grid=False, values=[line[0]], labelExpr=json.dumps(line[1]))
    x = alt.X("inizio:Q", axis=axis, scale=_scale(low, high, [bar.printed for bar in bars]))
    down = _down(rows.height)
    base = alt.Chart(alt.Data(values=records))
    tooltip = [alt.Tooltip("voce:N", title="Voce"), alt.Tooltip("valore:N", title="Valore")]
    layers = [
        base.mark_bar().encode(
            x=x,
            x2=alt.X2("fine:Q"),
            y=alt.Y("sopra:Q", axis=_labels(rows.labels), scale=down),
            y2=alt.Y2("sotto:Q"),
            color=_color(legend, rows.gutter, width),
            tooltip=tooltip,
        ),
        alt.Chart(alt.Data(values=[{"x": 0}])).mark_rule(color="#8a979e").encode(x=alt.X("x:Q")),
    ]
    if line:
        rule = alt.Chart(alt.Data(values=[{"x": line[0]}])).encode(x=alt.X("x:Q"))
        layers += [rule.mark_rule(color="#ffffff", strokeWidth=3), rule.mark_rule(color=INK, strokeDash=[4, 3])]
    texts = base.mark_text(align="left", baseline="middle", dx=6)
    layers.append(texts.encode(x=alt.X("bordo:Q"), y=alt.Y("mezzo:Q", scale=down), text=alt.Text("testo:N")))
    if rows.headings:
        words = alt.Chart(alt.Data(values=rows.headings))
        words = words.mark_text(align=rows.side, baseline="middle", fontWeight=600)
        layers.append(
            words.encode(x=alt.XValue(rows.headings[0]["x"]), y=alt.Y("y:Q", scale=down), text=alt.Text("testo:N"))
        )
    return drawing(layers, round(rows.height))


def _down(height: float) -> alt.Scale:
    """Pixels from the top."""
    return alt.Scale(domain=[0, height], range=[0, height], nice=False, zero=False)


def _labels(lines: Mapping[str, Sequence[str]]) -> alt.Axis:
    """An axis with a label, on as many lines as it has, at each place that has one."""
    written = {place: words if len(words) > 1 else words[0] for place, words in lines.items() if words}
    return alt.Axis(
        domain=False,
        grid=False,
        values=[float(place) for place in written],
        tickCount=len(written),  # fewer ticks than values would thin the values out
        labelExpr=f"{json.dumps(written, ensure_ascii=False)}[datum.value]",
        labelOverlap=False,
        labelLineHeight=_LINE,
        labelFlush=False,
    )


def _color(legend: Mapping[str, str] | None, gutter: float, width: int) -> alt.Color:
    """Colours are in the data; a legend, where asked for, names them."""
    if not legend:
        return alt.Color("colore:N", scale=None)
    colors = list(legend.values())
    names = json.dumps({color: name for name, color in legend.items()}, ensure_ascii=False)
    key = _legend(list(legend), width - gutter, f"{names}[datum.value]")
    return alt.Color("colore:N", scale=alt.Scale(domain=colors, range=colors), legend=key)


def _legend(names: Sequence[str], width: float, label: str = "datum.label") -> alt.Legend:
    """A legend above the bars, in as many columns as fit a width."""
    return alt.Legend(columns=max(1, int(width / (max(map(len, names)) * _KEY_LETTER + 28))), labelExpr=label)


def _scale(low: float, high: float, labels: Sequence[str]) -> alt.Scale:
    """A scale that leaves the room of the longest label on the right, at any width."""
    room = round(max(map(len, labels)) * _LETTER) + 10
    end = alt.ExprRef(f"{low} + {(high - low) or 1} * width / max(width - {room}, 60)")
    return alt.Scale(nice=False, zero=False, domainMin=low, domainMax=end)


def _columns(grid: Grid, code: Hashable) -> _Drawings:
    """One indicator in columns, one a year."""
    shades = _shades(grid.columns)
    records = []
    for year in grid.columns:
        value = _float(grid.values.get((code, year)))
        records.append(
            {"anno": str(year), "valore": value, "bordo": value or 0.0, "colore": shades[year]}
            | {"testo": _short(grid, code, year), "intero": _full(grid, code, year)}
        )
    values = [record["bordo"] for record in records]
    scale = alt.Scale(nice=False, domainMin=0, domainMax=(max(values) or 1) * 1.16)
    base = alt.Chart(alt.Data(values=records))
    places = alt.Scale(domain=[record["anno"] for record in records], paddingInner=0.5, paddingOuter=0.4)
    x = alt.X("anno:N", axis=alt.Axis(labelAngle=0), scale=places)
    tooltip = [alt.Tooltip("anno:N", title="Anno"), alt.Tooltip("intero:N", title="Valore")]
    bars = base.mark_bar().encode(
        x=x, y=alt.Y("valore:Q", axis=None, scale=scale), color=alt.Color("colore:N", scale=None), tooltip=tooltip
    )
    texts = base.mark_text(baseline="bottom", dy=-4, fontSize=13, fontWeight=600)
    spec = drawing([bars, texts.encode(x=x, y=alt.Y("bordo:Q"), text=alt.Text("testo:N"))], 150)
    return spec, spec


def _stack(grid: Grid, share: bool) -> _Drawings:
    """One horizontal stack a year, segments ordered by the last year; years without values are thin."""
    order = _sorted(grid, grid.columns[-1])
    drawn, rest = (order, []) if len(order) <= _MOST_PARTS else (order[: _MOST_PARTS - 1], order[_MOST_PARTS - 1 :])
    names = [grid.names[code] for code in drawn] + (["Altre voci"] if rest else [])
    colors = segment_colors(drawn) + ([GREY] if rest else [])
    unit = grid.units[order[0]]
    records, ends, labels, below = [], [], {}, 0.0
    for year in grid.columns:
        values = [grid.values.get((code, year)) or Decimal(0) for code in order]
        segments = values[: len(drawn)] + ([sum(values[len(drawn) :])] if rest else [])
        whole, start = sum(segments) or Decimal(1), Decimal(0)
        thick = _SEGMENT if any(segments) else _LINE
        middle = below + thick / 2
        for name, color, value in zip(names, colors, segments):
            length = value / whole * 100 if share else value
            records.append(
                {"anno": str(year), "voce": name, "inizio": float(start), "fine": float(start + length)}
                | {"centro": float(start + length / 2), "quota": numbers.percent(value / whole * 100)}
                | {"valore": numbers.quantity(value, unit), "inchiostro": _ink_on(color)}
                | {"sopra": below, "sotto": below + thick, "mezzo": middle}
            )
            start += length
        printed = [_short(grid, code, year) for code in _total(grid) if grid.values.get((code, year)) is not None]
        total = printed[0] if printed else "" if any(segments) else numbers.MISSING
        ends.append({"mezzo": middle, "fine": float(start), "testo": total})
        labels[f"{middle:g}"] = [str(year)]
        below += thick + 6
    longest = max(end["fine"] for end in ends) or 1
    x = alt.X("inizio:Q", axis=None, scale=_scale(0, longest, [end["testo"] for end in ends]))
    down = _down(below)
    base = alt.Chart(alt.Data(values=records))
    middle = alt.Y("mezzo:Q", scale=down)
    titles = {"anno": "Anno", "voce": "Voce", "valore": "Valore", "quota": "Quota"}
    tooltip = [alt.Tooltip(f"{name}:N", title=title) for name, title in titles.items()]
    wide = f"datum.quota && scale('x', datum.fine) - scale('x', datum.inizio) > {round(_LETTER * 7)}"
    specs = []
    for width in (_PAGE, _PHONE):
        legend = _legend(names, width - 5 * _LETTER)
        color = alt.Color("voce:N", scale=alt.Scale(domain=names, range=colors), legend=legend)
        layers = [
            base.mark_bar(stroke="#ffffff", strokeWidth=1).encode(
                x=x,
                x2=alt.X2("fine:Q"),
                y=alt.Y("sopra:Q", axis=_labels(labels), scale=down),
                y2=alt.Y2("sotto:Q"),
                color=color,
                tooltip=tooltip,
            ),
            base.mark_text(baseline="middle").encode(
                x=alt.X("centro:Q"),
                y=middle,
                text=alt.TextValue("", condition={"test": wide, "field": "quota", "type": "nominal"}),
                color=alt.Color("inchiostro:N", scale=None),
            ),
            alt.Chart(alt.Data(values=ends))
            .mark_text(align="left", baseline="middle", dx=6, fontWeight=600)
            .encode(x=alt.X("fine:Q"), y=middle, text=alt.Text("testo:N")),
        ]
        specs.append(drawing(layers, round(below)))
    return specs[0], specs[1]


def fixed_colors() -> dict[str, str]:
    """What keeps its colour in every edition, by code: the project's table of role ``colori``, if it has one."""
    try:
        package = Package(project.find().root / "data")
    except BookError:
        return {}
    if not package.has(COLORS):
        return {}
    table = package.indexed(COLORS)
    return dict(zip(table.column("voce"), table.column("colore")))


def segment_colors(codes: Sequence[Hashable]) -> list[str]:
    """The fixed colours of codes that have them, and for the others the hues left, in order."""
    declared = fixed_colors()
    fixed = {code: declared[code] for code in codes if code in declared}
    if len(set(fixed.values())) < len(fixed):
        fixed = {}
    left = iter([color for color in (*HUES, *MORE) if color not in fixed.values()])
    return [fixed.get(code) or next(left) for code in codes]


def _ink_on(color: str) -> str:
    """White or near black: what reads better on a colour."""
    linear = [(part / 255 + 0.055) ** 2.4 / 1.055**2.4 for part in bytes.fromhex(color[1:])]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (luminance + 0.05) >= 4.5 else "#111111"


def drawing(layers: Sequence[alt.Chart], height: int) -> dict:
    """The finished specification of some layers: themed, with its data inside.

    Each layer has its records as ``alt.Data(values=…)``. The result is what ``alt.layer``
    gives; records go by Altair, which would walk through every one of them, and validation
    is for the tests: together they took four fifths of a chart's time.
    """
    parts = []
    for layer in layers:
        bare = layer.copy(deep=False)
        bare.data = alt.Undefined
        part = bare.to_dict(validate=False, context={"top_level": False})
        parts.append(part | {"data": {"values": layer.data["values"]}})
    spec = {"$schema": alt.SCHEMA_URL, "config": THEME, "width": _SHOWN, "height": height, "layer": parts}
    if all(part["data"] == parts[0]["data"] for part in parts):
        spec["data"] = [part.pop("data") for part in parts][0]
    return json.loads(json.dumps(spec))
