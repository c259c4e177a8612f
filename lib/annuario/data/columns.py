"""Fields of a table row by row, those of the tables that it refers to among them: ``indicatore.gruppo``."""

from __future__ import annotations

from collections.abc import Sequence

from annuario.data.package import Package


def columns(package: Package, name: str, fields: Sequence[str]) -> list[list]:
    """Some fields of a table, row by row.

    >>> [column[0] for column in columns(esempio, "indicatori", ["anno", "indicatore.unita"])]
    [2023, 'numero']
    """
    return [_column(package, name, field) for field in fields]


def _column(package: Package, name: str, field: str) -> list:
    own, _, far = field.partition(".")
    values = package.indexed(name).column(own)
    if not far:
        return values
    other, key = referred(package.resources[name], own)
    known = package.indexed(other)
    named = dict(zip(known.column(key), known.column(far)))
    return [named.get(value, "") for value in values]


def referred(resource: dict, field: str) -> tuple[str, str]:
    """The table and the field that a field refers to, which the declaration has.

    >>> referred(esempio.resources["indicatori"], "indicatore")
    ('definizioni', 'indicatore')
    """
    for one in resource["schema"].get("foreignKeys", []):
        if one["fields"] in (field, [field]):
            theirs = one["reference"]["fields"]
            return one["reference"]["resource"], theirs if isinstance(theirs, str) else theirs[0]
    raise LookupError(field)


def codes(package: Package, name: str, field: str) -> list[str]:
    """The codes that a field may hold, where it refers to another table; none where it does not.

    >>> codes(esempio, "indicatori", "indicatore")[:2], codes(esempio, "indicatori", "nota")
    (['iscritti/attivi', 'iscritti/nuovi'], [])
    """
    try:
        other, key = referred(package.resources[name], field)
    except LookupError:
        return []
    return sorted({str(code) for code in package.indexed(other).column(key)}) if other else []


def chosen(package: Package, name: str, where: dict[str, list]) -> set[int]:
    """The places of the rows whose fields have each one of some values: all of them, without any fields.

    >>> sorted(chosen(esempio, "indicatori", {"anno": [2025], "indicatore.unita": ["persone"]}))
    [11, 14]
    """
    allowed = [set(values) for values in where.values()]
    places = set(range(len(package.indexed(name).frame)))
    for values, column in zip(allowed, columns(package, name, list(where))):
        places = {place for place in places if column[place] in values}
    return places
