"""Small drawings of the opening, made of the book's own figures: the cover, and a line beside each key figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from annuario.words.numbers import stretches

#: Seen on white and on black alike.
LINE = "#1b8a9b"
#: The cover's own ground, and the parts of its columns from the foot up.
GROUND, PARTS = "#0b4a56", ("#ffffff", "#bfe3e8", "#86c8d2", "#4fa9b7", "#2f8796", "#1d6b79")
LIGHT = "#9fd0d8"


def line(series: Mapping[int, float], years: Sequence[int]) -> str:
    """A sparkline: a point a year, joined where two years follow each other; a year without a value is a tick at the foot.

    >>> drawn = line({2023: 1, 2025: 3}, range(2023, 2026))
    >>> drawn.count("<circle"), drawn.count("<path"), "L" in drawn
    (2, 1, False)
    """
    width, height, edge = 160, 36, 5
    known = [series[year] for year in years if year in series]
    low, high = min(known), max(known)
    step = (width - 2 * edge) / max(len(years) - 1, 1)

    def place(year: int) -> str:
        share = (series[year] - low) / (high - low) if high > low else 0.5
        return f"{edge + (year - years[0]) * step:g} {round(height - edge - share * (height - 2 * edge), 1):g}"

    runs = stretches(year for year in years if year in series)
    parts = [f'<path d="M{"L".join(map(place, range(first, last + 1)))}"/>' for first, last in runs if last > first]
    for year in (year for year in years if year in series):
        left, top = place(year).split()
        parts.append(
            f'<circle cx="{left}" cy="{top}" r="{4 if year == years[-1] else 1.8}" fill="{LINE}" stroke="none"/>'
        )
    for year in (year for year in years if year not in series):
        x = edge + (year - years[0]) * step
        parts.append(f'<path d="M{x:g} {height - 1}v-5" stroke="#8a979a" stroke-width="1"/>')
    return _svg(width, height, f'<g fill="none" stroke="{LINE}" stroke-width="2">{"".join(parts)}</g>')


def cover(parts: Sequence[Mapping[int, float]], years: Sequence[int]) -> str:
    """The drawing of the cover, on its own ground: a column a year, in parts; a year without values is left open.

    Of one year alone: a bar a part, the longest first.

    >>> drawn = cover([{2024: 3, 2025: 5}, {2025: 2}], range(2023, 2026))
    >>> drawn.count("<rect"), drawn.count("<path")  # 2023 is left open
    (3, 1)
    """
    drawn = _bars(parts, years[-1]) if len(years) == 1 else _columns(parts, years)
    return _svg(1000, 380, drawn).replace("<svg ", '<svg preserveAspectRatio="none" ', 1)


def _columns(parts: Sequence[Mapping[int, float]], years: Sequence[int]) -> str:
    top = max(sum(part.get(year, 0) for part in parts) for year in years)
    step, drawn = 1000 / len(years), []
    wide = round(step * 0.72, 1)
    for number, year in enumerate(years):
        left, foot = round(number * step + (step - wide) / 2, 1), 380.0
        values = [part[year] for part in parts if year in part]
        if not values:
            drawn.append(
                f'<path d="M{left} 380V240h{wide}V380" fill="none" stroke="{LIGHT}" stroke-width="2" stroke-dasharray="3 9"/>'
            )
        for place, value in enumerate(values):
            high = round(value / top * 350, 1)
            foot = round(foot - high, 1)
            colour = PARTS[min(place, len(PARTS) - 1)]
            drawn.append(f'<rect x="{left}" y="{foot}" width="{wide}" height="{max(high - 3, 1):g}" fill="{colour}"/>')
    return "".join(drawn)


def _bars(parts: Sequence[Mapping[int, float]], year: int) -> str:
    values = sorted((part[year] for part in parts if part.get(year, 0) > 0), reverse=True)[:12]
    step = 380 / max(len(values), 1)
    return "".join(
        f'<rect x="0" y="{round(number * step, 1):g}" width="{max(round(value / values[0] * 1000, 1), 3):g}" '
        f'height="{round(step - 4, 1):g}" fill="{PARTS[min(number, len(PARTS) - 1)]}"/>'
        for number, value in enumerate(values)
    )


def card(title: str, agency: str, cover_: str) -> str:
    """The cover as one picture of 1200 × 630 points, for pages that show a link with a picture.

    >>> drawn = card("Relazione & co.", "Ente", cover([{2025: 3}], [2025]))
    >>> "Relazione &amp; co." in drawn, drawn.count("<svg")
    (True, 2)
    """
    drawing = cover_.replace('width="1000" height="380"', 'x="80" y="300" width="1040" height="330"', 1)
    words = (
        f'<text x="80" y="110" font-size="32" fill="{LIGHT}">{escape(agency)}</text>'
        f'<text x="80" y="205" font-size="76" font-weight="600" fill="#fff">{escape(title)}</text>'
    )
    ground = f'<rect width="1200" height="630" fill="{GROUND}"/>'
    return _svg(1200, 630, f'{ground}<g font-family="Source Sans Pro">{words}</g>{drawing}')


def _svg(width: int, height: int, content: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f"{content}</svg>"
    )
