"""Maps: one measure of each territory of a kind, where geography is the question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import count, pairwise

import altair as alt
import pandas as pd

from annuario.charts import findings, here
from annuario.charts.axes import LETTER, LINE, PHONE, legend_of
from annuario.charts.cartography import Sheet, Spot, fitted, spot
from annuario.charts.chart import Chart, Drawings, drawing, of_grid, question
from annuario.charts.theme import ACCENT, INK, MUTED, SHADES, ink_on
from annuario.charts.values import as_float, exact, gridded, only_year, parts_of, short
from annuario.charts.words import extremes, overall, span
from annuario.data import boundaries, territories
from annuario.data.boundaries import Area
from annuario.data.nature import FACT, RATIO
from annuario.errors import BookError
from annuario.messages import say
from annuario.words import numbers, phrases

#: Units of what is no number of things: a territory is shaded by it.
_SHADED = ("%", "EUR/persona", "EUR/ora", "anni", "punti")
_WIDTHS = (500, PHONE - 20)  # the narrowest page, and the narrowest phone
_TALLEST = 420
_RADIUS = 26  # of the largest circle
_LISTED = 12  # so many values that are of no territory are told below the map
_ABSENT = "non disponibile"
_SOLID = 0.82  # of circles, which letters stand in
_PAPER, _GROUND = "#ffffff", "#eef2f3"


@dataclass(frozen=True)
class _Place:
    """A territory: its name, its value as drawn, as printed there and in full, what fills it and what that is called."""

    code: str
    name: str
    value: float | None = None
    printed: str = numbers.MISSING
    full: str = _ABSENT
    color: str = _PAPER
    label: str = _ABSENT


@question(years=1)
def by_territory(
    frame: pd.DataFrame, subject: str, rows: str, unit: str | None = None, rate: bool | None = None
) -> Chart | None:
    """How one measure lies among the territories whose boundaries are declared, in one year: a map.

    A number of things (persons, hours, euros) is a circle in each territory, as large as the number: shaded, a wide
    territory would look like much. What is one thing over another (shares, euros a head) shades the territory
    itself. Which it is says the unit, or the figure's ``specie``; ``rate`` says it where neither does: ``True`` of
    cases in a thousand inhabitants.

    Shades are five at most, in equal steps between round numbers: the same difference is the same step, while
    classes of as many territories each would part values that are nearly alike. A territory has its name and its
    value where there is room; else a letter, the first for the largest value, and the rest is told below the map.

    The code of a row is that of a territory, alone or as a part (``visite/centro``). None where the territories have
    no boundaries (see ``annuario.data.boundaries``). Raises BookError for rows of no territory, and for a number
    of things below zero.

    Example: ``charts.by_territory(libro.cifre("lettori"), "Residenti iscritti per quartiere")``

    >>> by_territory(gruppo(casi(3, 5), casi(2, 4)), "Casi per quartiere") is None  # there are no boundaries here
    True
    """
    grid = gridded(frame, rows, "anno", unit)
    year = only_year(grid)
    found = _areas(parts_of(grid))
    if found is None:
        return None
    areas, names, codes = found
    measured = next(iter(grid.units.values()))
    if rate is None:
        kinds = set(frame["specie"]) - {""} if "specie" in frame else set()
        rate = kinds <= {RATIO, FACT} if kinds else measured in _SHADED
    known = {code: value for code, row in codes.items() if (value := grid.values.get((row, year))) is not None}
    if not rate and any(value < 0 for value in known.values()):
        text = say("A circle cannot show values below zero («{subject}»): give «rate=True».", subject=subject)
        raise BookError(text)
    bounds = classes(list(known.values())) if rate and known else []
    legend = _named(bounds, measured)
    places = []
    for code, name in names.items():
        place = _Place(code, name)
        if code in known:
            label = list(legend)[_class_of(known[code], bounds)] if rate else ""
            texts = short(grid, codes[code], year), exact(grid, codes[code], year)
            place = _Place(code, name, as_float(known[code]), *texts, legend.get(label, _PAPER), label)
        places.append(place)
    missing = [place.name for place in places if place.value is None]
    if missing and rate:
        legend[_ABSENT] = _PAPER
    drawings, lettered, bare = _drawn(places, areas, legend, measured)
    drawn = [codes[code] for code in known]
    beyond = [row for row in parts_of(grid) if row not in codes.values()]
    absent = f"Senza valore: {phrases.listing(missing)}." if missing else ""
    notes = [
        "" if rate else "L’area di ogni cerchio è proporzionale al valore.",
        _key("Dove il nome non ha posto, una lettera", [(f"{mark} {place.name}", place) for mark, place in lettered]),
        _key("Troppo piccoli per una lettera", [(place.name, place) for place in bare]),
        _told("Fuori della carta", [(grid.names[row], exact(grid, row, year)) for row in beyond]),
        absent,
    ]
    words = [f"{subject}, {span([year])}: carta.", extremes(grid, drawn), overall(grid), absent]
    finding = findings.comparison(grid, drawn, subject)
    return of_grid(drawings, words, grid, finding=finding, explained=[note for note in notes if note])


def _key(opening: str, named: Sequence[tuple[str, _Place]]) -> str:
    return f"{opening}: {'; '.join(f'{name} {place.full}' for name, place in named)}." if named else ""


def _told(opening: str, values: Sequence[tuple[str, str]]) -> str:
    """Values of no territory, or how many they are."""
    if len(values) > _LISTED:
        return f"{opening}: {len(values)} territori, che sono fra i dati del grafico."
    return f"{opening}: {'; '.join(f'{name} {value}' for name, value in values)}." if values else ""


def _areas(rows: Sequence[Hashable]) -> tuple[dict[str, Area], dict[str, str], dict[str, Hashable]] | None:
    """The areas and the names of the territories that some rows are about, and the row of each; None without boundaries."""
    package = here.package()
    if package is None or not (bounded := boundaries.tables(package)):
        return None
    known = {
        table: {code: name for code, name, _ in territories.named(package, table)}
        for table in (*bounded, *territories.tables(package))
    }
    found = {table: [(code, row) for row in rows if (code := _code(row, names))] for table, names in known.items()}
    table = max(known, key=lambda one: len(found[one]))
    codes = dict(found[table])
    if not codes:
        told = {"path": package.path(table).name, "code": next(iter(known[table]), "…")}
        raise BookError(
            say("No row of the map is about a territory of {path}: give the rows its codes, as «{code}».", **told)
        )
    if table not in bounded:
        return None
    if len(codes) < len(found[table]):
        code = Counter(code for code, _ in found[table]).most_common(1)[0][0]
        raise BookError(say("Two rows are about the territory «{code}»: filter the rows first.", code=code))
    return boundaries.read(package, table), known[table], codes


def _code(row: Hashable, names: Mapping[str, str]) -> str:
    """The last part of a row's code that is a territory's."""
    return next((part for part in reversed(str(row).split("/")) if part in names), "")


def classes(values: Sequence[Decimal]) -> list[Decimal]:
    """The bounds of at most five classes of one width, round numbers that hold some values between them.

    >>> classes([Decimal("11.5"), Decimal(34)])
    [Decimal('10'), Decimal('15'), Decimal('20'), Decimal('25'), Decimal('30'), Decimal('35')]
    """
    low, high = min(values), max(values)
    if low == high:
        return [low, high]
    for step in _steps((high - low).adjusted() - 1):
        first, last = (low / step).to_integral_value(ROUND_FLOOR), (high / step).to_integral_value(ROUND_CEILING)
        if last - first <= len(SHADES):
            return [step * number for number in range(int(first), int(last) + 1)]
    raise AssertionError


def _steps(power: int) -> Iterator[Decimal]:
    return (Decimal(digits).scaleb(one) for one in count(power) for digits in ("1", "2", "2.5", "5"))


def _class_of(value: Decimal, bounds: Sequence[Decimal]) -> int:
    return max(0, min(sum(value >= bound for bound in bounds), len(bounds) - 1) - 1)


def _named(bounds: Sequence[Decimal], unit: str) -> dict[str, str]:
    """What the legend calls each class, with its shade."""
    decimals = max(map(numbers.decimals_of, bounds), default=0)
    decimals = 2 if decimals and unit in numbers.MONEY else decimals
    pairs = list(pairwise(bounds))
    names = [
        f"da {numbers.number(start, decimals)} a {'' if end == bounds[-1] else 'meno di '}{numbers.quantity(end, unit, decimals)}"
        if start != end
        else numbers.quantity(end, unit, decimals)
        for start, end in pairs
    ]
    step = (len(SHADES) - 1) / max(len(pairs) - 1, 1)
    return {name: SHADES[round(number * step)] for number, name in enumerate(names)}


def _drawn(
    places: Sequence[_Place], areas: Mapping[str, Area], legend: Mapping[str, str], unit: str
) -> tuple[Drawings, list[tuple[str, _Place]], list[_Place]]:
    """The map on a page and on a phone, the territories that have a letter, and those that the page has room for none."""
    sheets = [fitted({place.code: areas[place.code] for place in places}, width, _TALLEST) for width in _WIDTHS]
    radii = [{} if legend else _radii(places, sheet) for sheet in sheets]
    narrow = [
        place
        for place in sorted(places, key=lambda one: (one.value is None, -(one.value or 0)))
        if not all(
            _stood(sheet.outlines[place.code], own.get(place.code), [place.name, place.printed])
            for sheet, own in zip(sheets, radii)
        )
    ]
    marks = {place.code: letter(number) for number, place in enumerate(narrow)}
    specs, left = [], []
    for sheet, own in zip(sheets, radii):
        spec, without = _shaded(places, sheet, legend, marks) if legend else _circled(places, sheet, unit, marks, own)
        specs.append(spec | {"projection": {"type": "identity"}})
        left.append(without)
    lettered = [(marks[place.code], place) for place in narrow if place not in left[0]]
    return (specs[0], specs[1]), lettered, [place for place in narrow if place in left[0]]


def letter(number: int) -> str:
    """A letter, or two, for a number from zero on.

    >>> letter(0), letter(25), letter(26), letter(47)
    ('a', 'z', 'aa', 'av')
    """
    before, last = divmod(number, 26)
    return (letter(before - 1) if before else "") + chr(ord("a") + last)


def _forms(place: _Place, marks: Mapping[str, str]) -> list[list[str]]:
    """What may stand in a territory, the first that has room: its name and value, a letter in the place of the name, nothing."""
    mark = marks.get(place.code, "")
    return [[place.name, place.printed], *([[mark, place.printed], [mark]] if mark else []), []]


def _shaded(
    places: Sequence[_Place], sheet: Sheet, legend: Mapping[str, str], marks: Mapping[str, str]
) -> tuple[dict, list[_Place]]:
    texts, without = [], []
    for place in places:
        for told in _forms(place, marks):
            found = _stood(sheet.outlines[place.code], None, told)
            if found and told:
                texts += _written(told, found.x, found.y, ink_on(place.color))
                break
        else:
            without.append(place)
    key = legend_of(list(legend), sheet.width)
    key.symbolStrokeColor, key.symbolStrokeWidth = MUTED, 0.8
    scale = alt.Scale(domain=list(legend), range=list(legend.values()))
    shapes = _territories(places, sheet).encode(color=alt.Color("classe:N", scale=scale, legend=key))
    return drawing([shapes, *_texts(texts)], round(sheet.height)), without


def _radii(places: Sequence[_Place], sheet: Sheet) -> dict[str, float]:
    return {place.code: _widest(sheet) * ((place.value or 0) / _top(places)) ** 0.5 for place in places}


def _widest(sheet: Sheet) -> float:
    """The radius of the largest circle; where territories are many, no wider than most of them."""
    return min(_RADIUS, sheet.width / 14, (sheet.width * sheet.height / len(sheet.outlines)) ** 0.5 / 2.6)


def _top(places: Sequence[_Place]) -> float:
    return max((place.value or 0 for place in places), default=0) or 1


def _circled(
    places: Sequence[_Place], sheet: Sheet, unit: str, marks: Mapping[str, str], radius: Mapping[str, float]
) -> tuple[dict, list[_Place]]:
    top, widest = _top(places), _widest(sheet)
    circles, texts, without = [], [], []
    for place in sorted(places, key=lambda place: -(place.value or 0)):
        own, middle = radius[place.code], (0.0, 0.0)
        for told in _forms(place, marks):
            found = _stood(sheet.outlines[place.code], own, told)
            if found:
                middle = found.x, found.y - len(told) * LINE / 2 - 1
                circles.append(
                    {"x": middle[0], "y": middle[1], "valore": place.value, "voce": place.name, "intero": place.full}
                )
                texts += _written(told, found.x, found.y + own + 1, INK)
                break
        if not told and found and place.code in marks and 2 * own >= max(_wide([marks[place.code]]), LINE):
            texts += _written([marks[place.code]], *middle, ink_on(ACCENT))
        elif not told:
            without.append(place)
    key = alt.Legend(
        values=list(dict.fromkeys([_round(top), _round(top / 4)])),
        format="$,~f" if unit in numbers.MONEY else ",~f",
        symbolType="circle",
        symbolFillColor=ACCENT,
        symbolOpacity=_SOLID,
        columns=2,
    )
    size = alt.Size(
        "valore:Q", legend=key, scale=alt.Scale(domain=[0, top], range=[0, 3.1416 * widest**2], zero=True, nice=False)
    )
    layers = [
        _territories(places, sheet).encode(color=alt.value(_GROUND)),
        alt.Chart(alt.Data(values=circles)).mark_circle(color=ACCENT, opacity=_SOLID).encode(
            longitude="x:Q", latitude="y:Q", size=size,
            tooltip=[alt.Tooltip("voce:N", title="Territorio"), alt.Tooltip("intero:N", title="Valore")],
        ),
        *_texts(texts),
    ]  # fmt: skip
    return drawing(layers, round(sheet.height)), without


def _stood(outline: Area, radius: float | None, told: Sequence[str]) -> Spot | None:
    """Where words stand in their territory, and with a circle above them as one; a circle alone stands as it can."""
    if radius is None:
        heights: tuple[float, ...] = (len(told) * LINE + 2,)
    else:
        heights = (2 * radius + len(told) * LINE + 2,) if told else (2 * radius, LINE, 0)
    found = (spot(outline, tall) for tall in heights)
    return next((one for one in found if one and one.room >= _wide(told)), None)


def _round(value: float) -> float:
    """The largest of 1, 2 and 5, ten times and so on, up to a value.

    >>> _round(470.0)
    200.0
    """
    power = Decimal(value).adjusted()
    return float(max(Decimal(digit).scaleb(power) for digit in (1, 2, 5) if Decimal(digit).scaleb(power) <= value))


def _territories(places: Sequence[_Place], sheet: Sheet) -> alt.Chart:
    records = [
        {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": sheet.outlines[place.code]}}
        | {"classe": place.label, "voce": place.name, "valore": place.full}
        for place in places
    ]
    tooltip = [alt.Tooltip("voce:N", title="Territorio"), alt.Tooltip("valore:N", title="Valore")]
    return alt.Chart(alt.Data(values=records)).mark_geoshape(stroke=MUTED, strokeWidth=0.8).encode(tooltip=tooltip)


def _wide(lines: Sequence[str]) -> float:
    return max(map(len, lines), default=0) * LETTER + 4


def _written(lines: Sequence[str], x: float, y: float, ink: str) -> list[dict]:
    """A name or a letter, and a value below it, around a place."""
    first = y - (len(lines) - 1) * LINE / 2
    return [
        {"x": x, "y": first + number * LINE, "testo": line, "inchiostro": ink, "nome": number == 0}
        for number, line in enumerate(lines)
    ]


def _texts(texts: Sequence[dict]) -> list[alt.Chart]:
    """Names in bold, and values; there is a layer of each, so that a phone's map has as many as a page's."""
    return [
        alt.Chart(alt.Data(values=[text for text in texts if text["nome"] is bold]))
        .mark_text(baseline="middle", fontWeight=600 if bold else 400)
        .encode(longitude="x:Q", latitude="y:Q", text=alt.Text("testo:N"), color=alt.Color("inchiostro:N", scale=None))
        for bold in (True, False)
    ]
