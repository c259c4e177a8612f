"""Where territories lie: the file of their boundaries, which a table of role ``territori`` names as ``confini``.

The file is GeoJSON in degrees: a polygon, or several, for each territory, known by the code in the property
``codice``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from annuario.data import territories
from annuario.errors import BookError
from annuario.messages import say, why

if TYPE_CHECKING:
    from pathlib import Path

    from annuario.data.package import Package

#: A closed line of longitudes and latitudes, and the polygons of a territory: of each its edge and its holes.
Ring = list[tuple[float, float]]
Area = list[list[Ring]]


def tables(package: Package) -> list[str]:
    """The tables whose territories have boundaries."""
    return [name for name in territories.tables(package) if package.resources[name].get("confini")]


def read(package: Package, table: str) -> dict[str, Area]:
    """The areas of a table's territories, by code.

    Raises BookError with a line for each thing that is wrong, naming the feature.
    """
    areas, problems = _read(package, table)
    if problems:
        raise BookError("\n".join(problems))
    return areas


def wrong(package: Package, readable: Collection[str]) -> Iterator[str]:
    """What is wrong with the boundaries, of the tables that are readable."""
    for table in tables(package):
        if table in readable:
            yield from _read(package, table)[1]


def _read(package: Package, table: str) -> tuple[dict[str, Area], list[str]]:
    """The areas that are right, by code, and what is wrong with the others."""
    path: Path = package.folder / package.resources[table]["confini"]
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        return {}, [say("{path}: cannot be read ({why}).", path=path, why=why(error))]
    except (ValueError, RecursionError) as error:
        return {}, [say("{path}: cannot be read as JSON ({error}).", path=path, error=error)]
    if not isinstance(told, dict) or not isinstance(told.get("features"), list):
        return {}, [say("{path}: not GeoJSON with a list of «features»: export the layer as GeoJSON.", path=path)]
    known = [code for code, *_ in territories.named(package, table)]
    areas: dict[str, Area] = {}
    held: dict[str, int] = {}
    problems = []
    for number, feature in enumerate(told["features"], 1):
        code = _code(feature)
        area, problem = None, _misnamed(code, known, held, package.path(table).name)
        if code in known:
            held.setdefault(code, number)
        if not problem:
            area, problem = _area(feature.get("geometry"))
        if area is None:
            problems.append(say("{path}, feature {number}: {problem}.", path=path, number=number, problem=problem))
        else:
            areas[code] = area
    missing = [code for code in known if code not in held]
    problems += [
        say("{path}: the territory «{code}» has no feature: add it.", path=path, code=code) for code in missing
    ]
    return areas, problems


def _code(feature: object) -> str:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return str(properties.get("codice") or "") if isinstance(properties, dict) else ""


def _misnamed(code: str, known: list[str], held: dict[str, int], table: str) -> str:
    """What is wrong with the code of a feature, or nothing."""
    if not code:
        return say("«properties» has no «codice»: write the code of the territory")
    if code in held:
        return say(
            "«{code}» is that of feature {number} too: make one MultiPolygon of the two", code=code, number=held[code]
        )
    if code in known:
        return ""
    close = get_close_matches(code, known, 1)
    meant = say("write one of its codes, as «{code}»", code=(close or known or ["…"])[0])
    return say("«{code}» is no territory of {table}: {meant}", code=code, table=table, meant=meant)


def _area(geometry: object) -> tuple[Area | None, str]:
    """The polygons of a geometry, or what is wrong with it."""
    told = geometry if isinstance(geometry, dict) else {}
    kind, lines = told.get("type"), told.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        return None, say("its geometry is «{kind}»: it must be a Polygon or a MultiPolygon", kind=kind)
    try:
        polygons: list = [lines] if kind == "Polygon" else list(lines or ())
        area = [[[(x, y) for x, y, *_ in ring] for ring in polygon] for polygon in polygons]
    except (TypeError, ValueError):
        area = []
    rings = [ring for polygon in area for ring in polygon]
    points = [point for ring in rings for point in ring]
    if not rings or not all(area) or min(map(len, rings)) < 4 or not all(map(_is_number, _flat(points))):
        return None, say(
            "its coordinates are not closed lines of at least four points, each a longitude and a latitude"
        )
    beyond = next(((x, y) for x, y in points if not (abs(x) <= 180 and abs(y) <= 90)), None)
    if beyond:
        return None, say(
            "{x}, {y} are no degrees of longitude and latitude, but metres of a projection: export the layer in "
            "WGS 84 (EPSG:4326)",
            x=beyond[0],
            y=beyond[1],
        )
    return area, ""


def _flat(points: Iterable[tuple[object, object]]) -> Iterator[object]:
    return (part for point in points for part in point)


def _is_number(value: object) -> bool:
    return type(value) in (int, float)
