"""A chart: its drawing, the words that tell it, and the data behind it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import wraps

import altair as alt
import pandas as pd

from annuario.charts.theme import THEME
from annuario.data.value import RECORDS, resting
from annuario.errors import BookError
from annuario.figures.frame import of_figures
from annuario.messages import say
from annuario.tables import Grid
from annuario.words import numbers

#: The form of Vega-Lite output that JupyterLab draws; it reads specs of version 6 too.
MIME = "application/vnd.vegalite.v5+json"
#: So many numbers are told in a sentence, and not drawn.
FEW = 2
_SHOWN = 600  # width in a notebook: JupyterLab hangs at charts that take the page's
#: The specifications for a page and for a phone.
Drawings = tuple[dict, dict]


class Chart:
    """A Vega-Lite chart with its alternative text and the data behind it.

    ``spec`` is as wide as a notebook shows it, and takes the width of a book's page
    (``annuario.publish.charts.specification``); so does ``narrow``, the drawing for a phone
    where it is another; ``data`` has a column of labels and then columns of exact values,
    ``units`` a unit for each row; ``indicators`` are the codes of the indicators drawn, for the
    book's index; ``notes`` are lines under the drawing; ``rests`` gives rows of the data that it
    rests on, or values that do, or a whole frame of them, beside those of ``data``; ``finding`` is a
    sentence that the chart shows, its title; ``measured`` says unit and years, where the caption may not.

    Raises BookError without an alternative text or without a value.

    >>> data = pd.DataFrame({"Voce": ["Affidi", "Comunità"], "2025": [Decimal(12), None]}, dtype=object)
    >>> chart = Chart({"mark": "bar"}, "Affidi: 12.", data, ["casi", "casi"])
    >>> chart, chart.size, chart.facts["righe"], chart.narrow is chart.spec
    (Affidi: 12., 1, [['Affidi', '12'], ['Comunità', '–']], True)
    >>> Chart({"mark": "bar"}, " ", data, ["casi", "casi"])
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: The chart has no alternative text: say what it shows in «subject».
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
        rests: Iterable[object] | pd.DataFrame = (),
        finding: str = "",
        measured: Sequence[str] = (),
    ):
        self.data = data
        if not self.size:
            raise BookError(
                say("The chart has no value to show: the edition has no such data, or the filter is wrong.")
            )
        self.alt = alt_text.strip()
        if not self.alt:
            raise BookError(say("The chart has no alternative text: say what it shows in «subject»."))
        self.spec = {**spec, "description": self.alt}
        self.narrow = self.spec if narrow in (None, spec) else {**narrow, "description": self.alt}
        self.units = list(units)
        self.indicators = list(indicators)
        self.notes = list(notes)
        self.finding = finding
        self.measured = list(measured)
        self.records = resting([*resting(rests), *resting(data)])

    @property
    def size(self) -> int:
        """How many numbers are behind it."""
        return sum(not numbers.is_missing(value) for column in self.data.columns[1:] for value in self.data[column])

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
            | ({"risultato": self.finding} if self.finding else {})
            | ({"misura": self.measured} if self.measured else {})
            | ({RECORDS: self.records} if self.records else {})
        )

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        return {MIME: self.spec, "text/plain": self.alt}, {"annuario": self.facts}

    def __repr__(self) -> str:
        return self.alt


def question(years: int = 3, course: bool = False) -> Callable:
    """For a question that a chart answers: of figures or of a frame, see ``annuario.figures.frame.of_figures``.

    The answer is None, no chart, also where there would be no more than two numbers in it: the text says them.

    >>> @question(years=2)
    ... def columns(frame, rows):
    ...     data = frame[["nome", "valore"]]
    ...     return Chart({"mark": "bar"}, "Casi.", data, ["casi"] * len(data))
    >>> columns(gruppo(casi(3, 5), casi(8, 9))).size, columns(casi(3, 5)), columns(casi(3, None))
    (4, None, None)
    """

    def asked(ask: Callable) -> Callable:
        @wraps(ask)
        def answer(*arguments, **named) -> Chart | None:
            chart = ask(*arguments, **named)
            return None if chart is None or chart.size <= FEW else chart

        return of_figures(years, course)(answer)

    return asked


def of_grid(
    drawings: Drawings,
    words: Sequence[str],
    grid: Grid,
    titles: Sequence[str] = (),
    finding: str = "",
    explained: Sequence[str] = (),
) -> Chart:
    """The chart of some values, with its words and with a note for each edition that others come from.

    ``explained`` says what signs in the drawing mean, in notes below it.

    >>> chart = of_grid(({"mark": "bar"}, {"mark": "bar"}), ["Casi per sede."], griglia(casi(12), casi(3)))
    >>> chart, chart.facts["colonne"], chart.facts["righe"], chart.measured
    (Casi per sede., ['Voce', '2025 (casi)'], [['Uno', '12'], ['Due', '3']], ['casi', '2025'])
    """
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
        [*explained, *grid.notes],
        grid.records,
        finding,
        _measured(grid, unit),
    )


def _measured(grid: Grid, unit: str) -> list[str]:
    """The unit, where the values do not carry it, and the years shown."""
    named = [] if unit in ("%", "numero", *numbers.MONEY) else [unit]
    years = [column for column in grid.columns if isinstance(column, int)]
    if len(years) == len(grid.columns):
        named.append(str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}")
    return named


def drawing(layers: Sequence[alt.Chart], height: int) -> dict:
    """The finished specification of some layers: themed, with its data inside.

    Each layer has its records as ``alt.Data(values=…)``. The result is what ``alt.layer``
    gives; records go by Altair, which would walk through every one of them, and validation
    is for the tests: together they took four fifths of a chart's time.

    >>> bar = alt.Chart(alt.Data(values=[{"v": 12}])).mark_bar().encode(x="v:Q")
    >>> spec = drawing([bar], 80)
    >>> spec["height"], spec["data"], [layer["mark"]["type"] for layer in spec["layer"]]
    (80, {'values': [{'v': 12}]}, ['bar'])
    """
    parts = []
    for layer in layers:
        bare = layer.copy(deep=False)
        bare.data = alt.Undefined
        part = bare.to_dict(validate=False, context={"top_level": False})
        parts.append(part | {"data": {"values": layer.data["values"]}})
    spec = {"$schema": alt.SCHEMA_URL, "config": THEME, "width": _SHOWN, "height": height, "layer": parts}
    if all(part["data"] == parts[0]["data"] for part in parts):
        spec["data"] = parts[0]["data"]
        for part in parts:
            del part["data"]
    return json.loads(json.dumps(spec))
