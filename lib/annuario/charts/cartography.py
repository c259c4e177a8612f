"""Territories on a flat page: their outlines in pixels, and where in each a label stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians

from annuario.data.boundaries import Area

_LINES = 31  # horizontal lines along which room is looked for


@dataclass(frozen=True)
class Sheet:
    """A map that fits some pixels: its size, and the outlines, in pixels from its upper left corner."""

    width: float
    height: float
    outlines: dict[str, Area]


@dataclass(frozen=True)
class Spot:
    """A place within a territory: its centre, and the width that is free around it."""

    x: float
    y: float
    room: float


def fitted(areas: Mapping[str, Area], width: float, height: float) -> Sheet:
    """The areas as large as they fit: equirectangular, true at the middle latitude, as a province needs it."""
    points = [point for area in areas.values() for polygon in area for ring in polygon for point in ring]
    west, east = (pick(x for x, _ in points) for pick in (min, max))
    south, north = (pick(y for _, y in points) for pick in (min, max))
    squeezed = cos(radians((south + north) / 2))
    across, down = (east - west) * squeezed or 1e-9, north - south or 1e-9
    scale = min(width / across, height / down)

    def placed(point: tuple[float, float]) -> tuple[float, float]:
        x, y = (point[0] - west) * squeezed * scale, (north - point[1]) * scale
        return round(x * 2) / 2, round(y * 2) / 2  # finer would not be seen, and the page carries it

    outlines = {}
    for code, area in areas.items():
        polygons = [[_thinned([placed(point) for point in ring]) for ring in polygon] for polygon in area]
        outlines[code] = [[ring for ring in polygon if len(ring) > 3] for polygon in polygons if len(polygon[0]) > 3]
    return Sheet(across * scale, down * scale, outlines)


def _thinned(ring: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A ring without points that have become the one before, closed."""
    kept = [point for point, before in zip(ring, [None, *ring]) if point != before]
    return kept if kept[0] == kept[-1] else [*kept, kept[0]]


def spot(outline: Area, tall: float = 0) -> Spot | None:
    """Where in a territory something so tall has most room beside it, near the middle of what is as good.

    None where nothing so tall stands in it.
    """
    heights = [y for polygon in outline for ring in polygon for _, y in ring]
    if not heights:
        return None
    top, foot = min(heights) + tall / 2, max(heights) - tall / 2
    if foot < top:
        return None
    found = []
    for number in range(1, _LINES + 1):
        y = top + (foot - top) * number / (_LINES + 1)
        free = _inside(outline, y)
        for other in (y - tall / 2, y + tall / 2) if tall else ():
            free = list(_shared(free, _inside(outline, other)))
        found += [Spot((left + right) / 2, y, right - left) for left, right in free]
    most = max((one.room for one in found), default=0)
    good = [one for one in found if one.room >= 0.9 * most and one.room > 0]
    return good[len(good) // 2] if good else None


def _inside(outline: Area, y: float) -> list[tuple[float, float]]:
    """The stretches of a horizontal line that lie within a territory."""
    crossings = sorted(
        x + (y - at) / (at2 - at) * (x2 - x)
        for polygon in outline
        for ring in polygon
        for (x, at), (x2, at2) in pairwise(ring)
        if (at > y) != (at2 > y)
    )
    return list(zip(crossings[::2], crossings[1::2]))


def _shared(
    some: Sequence[tuple[float, float]], others: Sequence[tuple[float, float]]
) -> Iterator[tuple[float, float]]:
    for left, right in some:
        for left2, right2 in others:
            if max(left, left2) < min(right, right2):
                yield max(left, left2), min(right, right2)
