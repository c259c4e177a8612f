"""Charts of the book: one theme, one locale, and for each the words and data behind it.

Every function answers a question and takes a long frame, as ``annuario.data`` gives it:
``valore``; ``anno``; ``nome`` or else ``etichetta``, the label; ``unita``, unless the unit is
given; and the code that the caller names (``totale`` rows are the whole, never a bar).
``subject`` says what is measured, as an Italian noun phrase: it opens the alternative text.

Labels are printed here by ``annuario.numbers``, so that they are the same in every
renderer; only the axis leaves numbers to Vega, by our locale.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from textwrap import wrap

import altair as alt
import pandas as pd
import vl_convert

from annuario import numbers, phrases
from annuario.errors import BookError

#: Quoted: a family name with a bare number is not valid CSS, and would undo the whole list.
FONT = "'Source Sans 3', 'Source Sans Pro', 'Helvetica Neue', Arial, sans-serif"
ACCENT = "#0b5c6b"
INK = "#22313a"
MUTED = "#5b6870"
GRID = "#e3e7e9"
STATIC_WIDTH = 640
#: The one that JupyterLab draws; it reads version 6 specs too.
MIME = "application/vnd.vegalite.v5+json"

# Six hues that stay apart in the usual forms of colour blindness, 3:1 or more on white.
_HUES = ("#0b5c6b", "#d1660a", "#7b4fa3", "#3a86c8", "#8a5a00", "#c2408a", "#5d6b00", "#a02c2c")
GREY = "#767676"
SUB_AMBITI = dict(zip(("crema", "pandino", "castelleone", "soncino", "sergnano", "bagnolo"), _HUES))
AREE = dict(zip(("gestione-associata", "misure", "servizi-aziendali", "progettazione", "ufficio-di-piano"), _HUES))
SERVIZI = dict(zip(("saap", "sad", "adm", "sip", "aid", "cdd"), _HUES))
_COLORS = {**SERVIZI, **AREE, **SUB_AMBITI, "fuori-ambito": GREY, "senza-residenza": GREY}

_FIRST_YEAR, _LAST_YEAR = (0x6B, 0x9A, 0xA3), (0x0B, 0x4A, 0x57)

THEME = {
    "background": "#ffffff",
    "font": FONT,
    "locale": numbers.VEGA_LOCALE,
    "view": {"stroke": None},
    "mark": {"aria": False},
    "text": {"color": INK, "fontSize": 12},
    "axis": {
        "aria": False,
        "labelColor": INK,
        "labelFontSize": 12,
        "labelLimit": 0,
        "titleColor": MUTED,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domainColor": "#8a979e",
        "ticks": False,
        "labelPadding": 6,
    },
    "legend": {
        "aria": False,
        "labelColor": INK,
        "labelFontSize": 12,
        "labelLimit": 0,
        "title": None,
        "orient": "top",
        "symbolType": "square",
        "symbolStrokeWidth": 0,
    },
}


class Chart:
    """A Vega-Lite chart with its alternative text and the table behind it.

    ``spec`` is responsive (``width: "container"``); ``table`` has one column of labels and
    then columns of values, with ``units`` (a unit a row, or one for all) to print them.

    Raises BookError without an alternative text or without a value.
    """

    def __init__(self, spec: dict, alt_text: str, table: pd.DataFrame, units: Sequence[str] | str):
        values = [value for column in table.columns[1:] for value in table[column]]
        if all(numbers.is_missing(value) for value in values):
            raise BookError("The chart has no value to show: the edition has no such data, or the filter is wrong.")
        if not alt_text.strip():
            raise BookError("The chart has no alternative text: give «subject» the words that say what it shows.")
        self.alt = alt_text.strip()
        self.spec = {**spec, "description": self.alt}
        self.table = table
        self.units = [units] * len(table) if isinstance(units, str) else list(units)

    @property
    def facts(self) -> dict:
        """What the page adds to the drawing: words, printed table, CSV with raw values."""
        rows = [
            [str(cells[0]), *(numbers.quantity(value, unit) for value in cells[1:])]
            for cells, unit in zip(self.table.itertuples(index=False, name=None), self.units)
        ]
        raw = self.table.map(lambda value: "" if numbers.is_missing(value) else str(value))
        return {
            "alt": self.alt,
            "colonne": [str(column) for column in self.table.columns],
            "righe": rows,
            "csv": raw.to_csv(index=False, lineterminator="\n"),
        }

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        return {MIME: self.spec, "text/plain": self.alt}, {"annuario": self.facts}

    def __repr__(self) -> str:
        return self.alt


def static_svg(spec: dict, width: int = STATIC_WIDTH) -> str:
    """The chart drawn once, ``width`` pixels wide, with Italian labels."""
    return vl_convert.vegalite_to_svg(
        {**spec, "width": width},
        format_locale=numbers.VEGA_LOCALE["number"],
        time_format_locale=numbers.VEGA_LOCALE["time"],
    )


def by_year(frame: pd.DataFrame, subject: str, rows: str = "indicatore", unit: str | None = None) -> Chart:
    """How one or several indicators went over the years.

    One indicator over few years stands in columns, anything else in groups of bars.
    """
    grid = _Grid(frame, rows, "anno", unit)
    years = sorted(grid.columns)
    words = [f"{subject}, {_span(years)}."]
    for code in grid.parts:
        words.append(_history(grid, code, years, named=len(grid.parts) > 1))
    if len(grid.parts) == 1 and 1 < len(years) <= 4:
        spec = _columns(grid, grid.parts[0], years)
    else:
        spec = _grouped(grid, years, _shades(years))
    return Chart(spec, " ".join(words), grid.table(years), grid.printed_units)


def by_sub_ambito(frame: pd.DataFrame, subject: str, unit: str | None = None) -> Chart:
    """How a measure is distributed among the sub-ambiti, in one year or in several.

    ``frame`` has ``sub_ambito`` and one measure only.
    """
    grid = _Grid(frame, "sub_ambito", "anno", unit)
    years = sorted(grid.columns)
    last = years[-1]
    if len(years) == 1:
        bars = [grid.bar(code, last, color=_COLORS.get(code, ACCENT)) for code in grid.sorted(last)]
        spec = _bars(bars)
    else:
        spec = _grouped(grid, years, _shades(years))
    words = [f"{subject} per sub-ambito, {_span(years)}.", _extremes(grid, last), _overall(grid, years)]
    return Chart(spec, _joined(words), grid.table(years), grid.printed_units)


def shares(frame: pd.DataFrame, subject: str, rows: str, unit: str | None = None) -> Chart:
    """What a whole is made of: bars from the largest, with value and share.

    ``frame`` is about one year. The whole is the printed total, where there is one, or
    else the sum of the parts.
    """
    grid = _Grid(frame, rows, "anno", unit)
    year = grid.only_column()
    whole = grid.whole(year)
    bars = []
    for code in grid.sorted(year):
        value = grid.values.get((code, year))
        note = f" ({numbers.percent(value / whole * 100)})" if value is not None and whole else ""
        bars.append(grid.bar(code, year, color=_COLORS.get(code, ACCENT), note=note))
    words = [f"{subject}, {year}."]
    for bar in bars[:3]:
        words.append(f"{bar.name}: {bar.printed}{bar.note}.")
    if len(bars) > 3:
        words.append(f"Altre {phrases.spelled(len(bars) - 3, feminine=True)} voci più piccole." if len(bars) > 4 else f"{bars[3].name}: {bars[3].printed}{bars[3].note}.")
    words.append(_overall(grid, [year]))
    return Chart(_bars(bars), _joined(words), grid.table([year]), grid.printed_units)


def stacked_by_year(
    frame: pd.DataFrame, subject: str, rows: str, unit: str | None = None, share: bool = False
) -> Chart:
    """How the composition of a whole changed: one stacked bar a year.

    ``share`` makes every year 100 % long. Segments carry their share where it fits.
    """
    grid = _Grid(frame, rows, "anno", unit)
    years = sorted(grid.columns)
    last = years[-1]
    spec = _stack(grid, years, share)
    words = [f"{subject}, {_span(years)}.", _extremes(grid, last, shares=True), _overall(grid, years)]
    return Chart(spec, _joined(words), grid.table(years), grid.printed_units)


def budget_vs_actual(
    frame: pd.DataFrame,
    subject: str,
    rows: str,
    phases: Sequence[str] = ("preventivo", "consuntivo"),
) -> Chart:
    """What was planned against what was spent, by area or by line, in EUR."""
    grid = _Grid(frame, rows, "fase", "EUR")
    planned, spent = phases
    colors = {planned: "#8a979e", spent: ACCENT}
    bars = []
    for code in grid.parts:
        for phase in phases:
            first, second = grid.values.get((code, planned)), grid.values.get((code, phase))
            note = f" ({numbers.percent(second / first * 100)})" if phase == spent and first and second is not None else ""
            bars.append(grid.bar(code, phase, label=phase.capitalize(), group=grid.names[code], color=colors[phase], note=note))
    words = [f"{subject}: {planned} e {spent}."]
    for code in grid.total or grid.parts:
        words.append(_spent(grid, code, planned, spent))
    gaps = {code: grid.values[code, spent] - grid.values[code, planned] for code in grid.parts if grid.both(code, phases)}
    if len(gaps) > 1:
        widest = max(gaps, key=lambda code: abs(gaps[code]))
        words.append(f"Lo scostamento maggiore è di {grid.names[widest]}: {numbers.signed(gaps[widest], 'EUR')}.")
    table = grid.table(list(phases), titles=[phase.capitalize() for phase in phases])
    return Chart(_bars(bars), _joined(words), table, grid.printed_units)


def flows(
    frame: pd.DataFrame, subject: str, initial: str, new: str, closed: str, final: str, rows: str = "indicatore"
) -> Chart:
    """Stock and flow: what there was, what came, what went, what is left, for each year.

    The four codes name the rows of ``frame``. The last bar is the published figure; where
    the sum gives another, the alternative text says so.
    """
    grid = _Grid(frame, rows, "anno", None)
    years = sorted(grid.columns)
    shades = _shades(years)
    bars, words = [], [f"{subject}, {_span(years)}."]
    for year in years:
        at, came, went, left = (grid.values.get((code, year)) for code in (initial, new, closed, final))
        top = None if at is None or came is None else at + came
        group = str(year) if len(years) > 1 else ""
        bars += [
            grid.bar(initial, year, group=group, color=shades[year]),
            grid.bar(new, year, group=group, color=_HUES[1], start=at, end=top, sign="+"),
            grid.bar(closed, year, group=group, color=_HUES[2], start=None if top is None or went is None else top - went, end=top, sign=numbers.MINUS),
            grid.bar(final, year, group=group, color=shades[year]),
        ]
        names = [grid.names[code] for code in (initial, new, closed, final)]
        unit = grid.units[initial]
        printed = [numbers.quantity(value, unit) for value in (at, came, went, left)]
        words.append(f"Nel {year}: " + "; ".join(f"{name}: {text}" for name, text in zip(names, printed)) + ".")
        if None not in (top, went, left) and top - went != left:
            words.append(f"La somma darebbe {numbers.quantity(top - went, unit)}.")
    return Chart(_bars(bars), _joined(words), grid.table(years), grid.printed_units)


def ranking(
    frame: pd.DataFrame,
    subject: str,
    rows: str = "operatore",
    unit: str | None = None,
    group: str | None = None,
    reference: float | None = None,
    reference_label: str = "",
) -> Chart:
    """Who has most: bars from the largest, a colour for each ``group``, a reference line."""
    grid = _Grid(frame, rows, "anno", unit)
    year = grid.only_column()
    groups = dict(zip(frame[rows], frame[group])) if group else {}
    colors = dict(zip(dict.fromkeys(groups.values()), _HUES))
    order = grid.sorted(year)
    bars = [
        grid.bar(code, year, color=colors.get(groups.get(code), ACCENT), legend=str(groups.get(code, "")))
        for code in order
    ]
    words = [f"{subject}, {year}.", _extremes(grid, year)]
    if reference is not None:
        above = sum(1 for code in order if (grid.values.get((code, year)) or 0) > reference)
        over = f"{phrases.spelled(above)} su {phrases.spelled(len(order))}" if above else "nessuno"
        words.append(f"Sopra {numbers.number(reference)}: {over}.")
    return Chart(_bars(bars, reference, reference_label), _joined(words), grid.table([year]), grid.printed_units)


@dataclass(frozen=True)
class _Bar:
    """One bar: its own label, the heading it stands under, where it runs, what it says."""

    name: str
    label: str
    group: str
    start: float
    end: float | None
    printed: str
    full: str
    note: str
    color: str
    legend: str


class _Grid:
    """Values of a long frame by code and column; the parts apart from the total."""

    def __init__(self, frame: pd.DataFrame, rows: str, columns: str, unit: str | None):
        for column in (rows, columns, "valore"):
            if column not in frame:
                raise BookError(f"The frame lacks the column «{column}»: it has {', '.join(map(str, frame))}.")
        if frame.empty:
            raise BookError("The chart has no value to show: the edition has no such data, or the filter is wrong.")
        label = next((name for name in ("nome", "etichetta") if name in frame), rows)
        self.values, self.names, self.units = {}, {}, {}
        for row in frame.to_dict("records"):
            place = row[rows], row[columns]
            if place in self.values:
                raise BookError(f"Two values for {rows} «{place[0]}», {columns} «{place[1]}»: filter the frame first.")
            self.values[place] = numbers.to_decimal(row["valore"])
            self.names[row[rows]] = str(row[label])
            self.units[row[rows]] = unit or row.get("unita")
            if not self.units[row[rows]]:
                raise BookError("The unit of the values is not known: give «unit», or a column «unita».")
        self.columns = list(dict.fromkeys(column for _, column in self.values))
        self.total = [code for code in self.names if "totale" in str(code).split("/")]
        self.parts = [code for code in self.names if code not in self.total] or self.total
        self.printed_units = [self.units[code] for code in self.names]

    def only_column(self):
        if len(self.columns) > 1:
            raise BookError(f"The chart is about one year, the frame has {', '.join(map(str, self.columns))}.")
        return self.columns[0]

    def both(self, code, columns) -> bool:
        return all(self.values.get((code, column)) is not None for column in columns)

    def sorted(self, column) -> list:
        return sorted(self.parts, key=lambda code: -(self.values.get((code, column)) or 0))

    def whole(self, column) -> Decimal:
        """The printed total, or the sum of the parts."""
        for code in self.total:
            if self.values.get((code, column)) is not None:
                return self.values[code, column]
        return sum((self.values.get((code, column)) or Decimal(0) for code in self.parts), Decimal(0))

    def table(self, columns: list, titles: Sequence[str] = ()) -> pd.DataFrame:
        rows = [[self.names[code], *(self.values.get((code, column)) for column in columns)] for code in self.names]
        return pd.DataFrame(rows, columns=["Voce", *(titles or map(str, columns))], dtype=object)

    def short(self, code, column) -> str:
        """A value as the drawing prints it: amounts of a thousand euros on without cents."""
        value, unit = self.values.get((code, column)), self.units[code]
        if unit == "EUR" and value is not None and abs(value) >= 1000:
            return numbers.euro(value, 0)
        if unit == "ore" and value is not None and abs(value) >= 1000:
            return numbers.number(value, 0)
        alike = [self.values.get((other, column)) for other in self.parts]
        return numbers.quantity(value, unit, numbers.decimals_for(unit, *alike) if unit == "%" else None)

    def full(self, code, column) -> str:
        """A value printed exactly."""
        return numbers.quantity(self.values.get((code, column)), self.units[code])

    def total_label(self, column) -> str:
        """The printed total, drawn at the end of a stack; nothing where there is none."""
        return self.short(self.total[0], column) if self.total and self.parts != self.total else ""

    def bar(
        self, code, column, *, color: str, label: str | None = None, group: str = "", note: str = "",
        legend: str = "", start: Decimal | None = None, end: Decimal | None = None, sign: str = "",
    ) -> _Bar:  # fmt: skip
        value = self.values.get((code, column))
        stop = end if end is not None else value
        return _Bar(
            name=self.names[code],
            label=self.names[code] if label is None else label,
            group=group,
            start=float(start or 0),
            end=None if stop is None else float(stop),
            printed=(sign if value else "") + self.short(code, column),
            full=numbers.quantity(value, self.units[code]),
            note=note,
            color=color,
            legend=legend,
        )


def _grouped(grid: _Grid, years: list, colors: Mapping) -> dict:
    """A group of bars for each part, one bar a year; a single part needs no headings."""
    several = len(grid.parts) > 1
    single_year = len(years) == 1
    return _bars([
        grid.bar(
            code, year, color=colors[year],
            label=grid.names[code] if single_year else str(year),
            group=grid.names[code] if several and not single_year else "",
        )
        for code in grid.parts for year in years
    ])  # fmt: skip


_STEP, _LINE, _CHARACTER = 22, 15, 6.4


def _bars(bars: list[_Bar], reference: float | None = None, reference_label: str = "") -> dict:
    """Horizontal bars in rows of one height, under headings where they have a group.

    Labels that would take more than two short lines become headings themselves.
    """
    if any(len(wrap(bar.label, 20)) > 2 for bar in bars) and not any(bar.group for bar in bars):
        bars = [_Bar(**{**bar.__dict__, "group": bar.label, "label": ""}) for bar in bars]
    domain, headings, records, group = [], [], [], ""
    for bar in bars:
        if bar.group != group:
            group = bar.group
            if domain:
                domain.append(f"{len(domain):03d}|")
            for line in wrap(group, 46):
                headings.append({"riga": f"{len(domain):03d}|", "gruppo": line})
                domain.append(f"{len(domain):03d}|")
        label = "\n".join(wrap(bar.label, 20))
        domain.append(f"{len(domain):03d}|{label}")
        ends = [bar.start, bar.end if bar.end is not None else bar.start]
        records.append({
            "riga": domain[-1], "inizio": bar.start, "fine": bar.end, "bordo": max(ends),
            "colore": bar.color, "testo": bar.printed + bar.note,
            "voce": bar.name, "serie": bar.label if bar.group else bar.legend, "valore": bar.full + bar.note,
        })  # fmt: skip
    lines = max(key.count("\n") + 1 for key in domain)
    step = max(_STEP, lines * _LINE + 8)
    room = round(max(len(record["testo"]) for record in records) * _CHARACTER) + 10
    gutter = max(len(line) for key in domain for line in key[4:].split("\n")) * _CHARACTER
    low, high = (pick([e for r in records for e in (r["inizio"], r["bordo"])] + [r["fine"] or 0 for r in records] + [0, reference or 0]) for pick in (min, max))
    span = (high - low) or 1
    x = alt.X(
        "inizio:Q",
        axis=None,
        scale=alt.Scale(
            nice=False, zero=False, domainMin=low,
            domainMax=alt.ExprRef(f"{low} + {span} * width / max(width - {room}, 60)"),
        ),
    )  # fmt: skip
    y = alt.Y(
        "riga:N",
        scale=alt.Scale(domain=domain, paddingInner=0.24, paddingOuter=0.1),
        axis=alt.Axis(title=None, domain=False, labelExpr="split(slice(datum.value, 4), '\\n')", grid=False, labelLineHeight=_LINE),
    )
    base = alt.Chart(alt.Data(values=records))
    tooltip = [alt.Tooltip("voce:N", title="Voce"), alt.Tooltip("serie:N", title="Serie"), alt.Tooltip("valore:N", title="Valore")]
    if not any(record["serie"] for record in records):
        tooltip.pop(1)
    layers = [
        base.mark_bar().encode(x=x, x2="fine:Q", y=y, color=alt.Color("colore:N", scale=None), tooltip=tooltip),
        base.mark_text(align="left", baseline="middle", dx=6).encode(x=alt.X("bordo:Q"), y=y, text="testo:N"),
    ]
    if headings:
        layers.append(
            alt.Chart(alt.Data(values=headings))
            .mark_text(align="left", baseline="middle", fontWeight=600, dy=2)
            .encode(x=alt.value(-round(gutter) - 6 if gutter else 0), y=y, text="gruppo:N")
        )
    rule = alt.Chart(alt.Data(values=[{"x": reference if reference is not None else 0}]))
    if reference is None:
        layers.append(rule.mark_rule(color="#8a979e").encode(x="x:Q"))
    else:
        layers.append(rule.mark_rule(color=INK, strokeDash=[4, 3]).encode(x="x:Q"))
        layers.append(
            rule.mark_text(align="center", baseline="bottom", dy=-4, color=INK).encode(
                x="x:Q", y=alt.value(0), text=alt.value(reference_label or numbers.number(reference))
            )
        )
    return _spec(alt.layer(*layers), alt.Step(step))


def _columns(grid: _Grid, code, years: list) -> dict:
    """One indicator in columns, one a year, the last year darkest."""
    shades = _shades(years)
    records = [
        {
            "anno": str(year), "valore": None if grid.values.get((code, year)) is None else float(grid.values[code, year]),
            "colore": shades[year], "testo": grid.short(code, year),
            "intero": numbers.quantity(grid.values.get((code, year)), grid.units[code]),
        }
        for year in years
    ]  # fmt: skip
    for record in records:
        record["bordo"] = record["valore"] or 0
    base = alt.Chart(alt.Data(values=records))
    x = alt.X("anno:N", sort=None, axis=alt.Axis(title=None, labelAngle=0), scale=alt.Scale(paddingInner=0.35, paddingOuter=0.2))
    high = max(record["bordo"] for record in records) or 1
    y = alt.Y("valore:Q", axis=None, scale=alt.Scale(nice=False, zero=True, domainMax=high * 1.12))
    bars = base.mark_bar().encode(
        x=x, y=y, color=alt.Color("colore:N", scale=None),
        tooltip=[alt.Tooltip("anno:N", title="Anno"), alt.Tooltip("intero:N", title="Valore")],
    )  # fmt: skip
    labels = base.mark_text(baseline="bottom", dy=-4, fontSize=13, fontWeight=600).encode(x=x, y=alt.Y("bordo:Q"), text="testo:N")
    return _spec(alt.layer(bars, labels), 220)


def _stack(grid: _Grid, years: list, share: bool) -> dict:
    last = years[-1]
    order = grid.sorted(last)
    colors = {code: _COLORS.get(code) or _HUES[index % len(_HUES)] for index, code in enumerate(order)}
    if len(set(colors.values())) < len(colors):
        colors = {code: _HUES[index % len(_HUES)] for index, code in enumerate(order)}
    records, ends, longest = [], [], 0.0
    for year in years:
        start = Decimal(0)
        whole = sum((grid.values.get((code, year)) or Decimal(0) for code in order), Decimal(0))
        for code in order:
            value = grid.values.get((code, year)) or Decimal(0)
            part = value / whole * 100 if whole else Decimal(0)
            records.append({
                "anno": str(year), "inizio": float(start), "fine": float(start + (part if share else value)),
                "voce": grid.names[code], "quota": numbers.percent(part),
                "valore": numbers.quantity(grid.values.get((code, year)), grid.units[code]),
            })  # fmt: skip
            start += part if share else value
        ends.append({"anno": str(year), "fine": float(start), "testo": grid.total_label(year)})
        longest = max(longest, float(start))
    for record in records:
        record["centro"] = (record["inizio"] + record["fine"]) / 2
        record["breve"] = record["quota"] if record["fine"] - record["inizio"] > 0.14 * longest else ""
    room = round(max(len(end["testo"]) for end in ends) * _CHARACTER) + 10
    x = alt.X("inizio:Q", axis=None, scale=alt.Scale(nice=False, zero=True, domainMin=0, domainMax=alt.ExprRef(f"{longest} * width / max(width - {room}, 60)")))
    y = alt.Y("anno:N", sort=None, axis=alt.Axis(title=None, domain=False), scale=alt.Scale(paddingInner=0.3, paddingOuter=0.1))
    names = [grid.names[code] for code in order]
    columns = 1 if max(map(len, names)) > 24 else 2 if max(map(len, names)) > 12 else 3
    color = alt.Color("voce:N", scale=alt.Scale(domain=names, range=[colors[code] for code in order]), legend=alt.Legend(columns=columns))
    base = alt.Chart(alt.Data(values=records))
    tooltip = [alt.Tooltip("anno:N", title="Anno"), alt.Tooltip("voce:N", title="Voce"), alt.Tooltip("valore:N", title="Valore"), alt.Tooltip("quota:N", title="Quota")]
    layers = [
        base.mark_bar(stroke="#ffffff", strokeWidth=1).encode(x=x, x2="fine:Q", y=y, color=color, tooltip=tooltip),
        base.mark_text(color="#ffffff", baseline="middle").encode(x="centro:Q", y=y, text="breve:N"),
        alt.Chart(alt.Data(values=ends)).mark_text(align="left", baseline="middle", dx=6, fontWeight=600).encode(x="fine:Q", y=y, text="testo:N"),
    ]
    return _spec(alt.layer(*layers), alt.Step(44))


def _spec(chart: alt.LayerChart, height: object) -> dict:
    """The finished specification: responsive, themed, its data inline."""
    chart = chart.properties(width="container", height=height, autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
    with alt.data_transformers.enable(consolidate_datasets=False):
        spec = chart.to_dict()
    spec["config"] = THEME
    return json.loads(json.dumps(spec))


def _shades(years: Sequence[int]) -> dict[int, str]:
    """One hue from light to dark: the last year is the darkest."""
    steps = max(1, len(years) - 1)
    shades = {}
    for index, year in enumerate(years):
        at = index / steps if len(years) > 1 else 1
        mix = (round(a + (b - a) * at) for a, b in zip(_FIRST_YEAR, _LAST_YEAR))
        shades[year] = "#" + "".join(f"{part:02x}" for part in mix)
    return shades


def _joined(sentences: Sequence[str]) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _span(years: Sequence[int]) -> str:
    return f"anno {years[0]}" if len(years) == 1 else f"anni {years[0]}–{years[-1]}"


def _history(grid: _Grid, code, years: list, named: bool) -> str:
    """One indicator's values year by year and its change over the last year."""
    values = [f"{grid.full(code, year)} nel {year}" for year in years if grid.values.get((code, year)) is not None]
    text = ", ".join(values) or "dato non disponibile"
    before, now = (years[-2], years[-1]) if len(years) > 1 else (None, None)
    if before is not None and grid.both(code, (before, now)):
        text += f"; {phrases.change(grid.values[code, now], grid.values[code, before], before)}"
    return f"{grid.names[code]}: {text}." if named else f"{text[0].upper()}{text[1:]}."


def _extremes(grid: _Grid, column, shares: bool = False) -> str:
    """The largest and the smallest part in a year."""
    known = [code for code in grid.sorted(column) if grid.values.get((code, column)) is not None]
    if len(known) < 2:
        return ""
    def told(code):
        whole = grid.whole(column)
        share = f" ({numbers.percent(grid.values[code, column] / whole * 100)})" if shares and whole else ""
        return f"{grid.names[code]} ({grid.full(code, column)})" if not share else f"{grid.names[code]}, {grid.full(code, column)}{share}"
    return f"Nel {column} il valore più alto è di {told(known[0])}, il più basso di {told(known[-1])}."


def _overall(grid: _Grid, years: list) -> str:
    """The printed total, where there is one, and how it changed."""
    if not grid.total or grid.parts == grid.total:
        return ""
    code, last = grid.total[0], years[-1]
    if grid.values.get((code, last)) is None:
        return ""
    text = f"Totale {last}: {grid.full(code, last)}"
    if len(years) > 1 and grid.values.get((code, years[-2])) is not None:
        text += f", {phrases.change(grid.values[code, last], grid.values[code, years[-2]], years[-2])}"
    return text + "."


def _spent(grid: _Grid, code, planned: str, spent: str) -> str:
    first, second = grid.values.get((code, planned)), grid.values.get((code, spent))
    text = f"{grid.names[code]}: {grid.full(code, planned)} a {planned}, {grid.full(code, spent)} a {spent}"
    if first and second is not None:
        text += f" ({numbers.percent(second / first * 100)})"
    return text + "."
