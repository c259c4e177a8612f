"""The regularity that a table declares of its rows, under ``regole`` in ``datapackage.json``.

- ``determina``: rows with the same fields ``da`` have the same fields ``campi`` (a line of the
  document one label, one code); where ``fonte`` is among them, rows that rest on a document alone:
  in a delivery each value has a cell of its own;
- ``griglia``: within the same fields ``entro``, each value of the first field of ``di`` stands
  with each of the others (an indicator with every year of its printed table);
- ``continui``: what the edition of the year before gives within ``entro``, this one gives too,
  wherever it gives anything; as above, but for rows that a draft is asked for or has told why it will not have;
- ``numerati``: within ``entro``, the ``campo`` counts 1, 2, 3… in the order of the rows;
- ``ordinati``: within ``entro``, the lines of ``fonte`` never go back;
- ``composti``: the ``campo`` is made of the fields ``di``, joined by ``/``; the last ones may be left out;
- ``crescenti``: in each row, no number of ``campi`` is more than the next;
- ``usati``: every row of a table of codes is used in one of these ``tabella.campo``;
- ``conteggi``, a table by its role: how many rows each table of each edition has, or the whole of one without.

A field may be one of the table that it refers to: ``indicatore.gruppo``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, product

from annuario.checks.doubts import Doubt, row_ids
from annuario.data import Package, sources
from annuario.data.columns import chosen, columns
from annuario.data.expected import SEPARATOR, Expectations, key_fields
from annuario.data.roles import COUNTS, EDITIONS
from annuario.messages import say, say_many


def check(package: Package) -> Iterator[Doubt]:
    """Every row, list or table that is not as the rules say."""
    asked = _asked(package)
    for name, resource in package.resources.items():
        rules = resource.get("regole", {})
        for rule in rules.get("determina", []):
            yield from _determined(package, name, rule["da"], rule["campi"])
        for rule in rules.get("griglia", []):
            yield from _grid(package, name, rule["entro"], rule["di"], rule.get("dove", {}), asked.get(name, []))
        for rule in rules.get("continui", []):
            yield from _continued(package, name, rule["entro"], rule["di"], rule.get("dove", {}), asked.get(name, []))
        for rule in rules.get("numerati", []):
            yield from _numbered(package, name, rule["campo"], rule["entro"])
        for rule in rules.get("ordinati", []):
            yield from _ordered(package, name, rule["entro"])
        for rule in rules.get("composti", []):
            yield from _composed(package, name, rule["campo"], rule["di"])
        for rule in rules.get("crescenti", []):
            yield from _growing(package, name, rule["campi"])
        if "usati" in rules:
            yield from _used(package, name, rules["usati"])
    yield from _counted(package)


def _groups(package: Package, name: str, within: Sequence[str], where: dict | None = None) -> dict[tuple, list[int]]:
    """The places of the rows with the same values of some fields, in order."""
    keys = columns(package, name, within)
    groups: dict[tuple, list[int]] = {}
    for place in sorted(chosen(package, name, where or {})):
        groups.setdefault(tuple(column[place] for column in keys), []).append(place)
    return groups


def _id(rule: str, name: str, key: Sequence[object], *more: object) -> str:
    return "/".join([rule, name, *map(str, key), *map(str, more)])


def _named(fields: Sequence[str], key: Sequence[object]) -> str:
    return ", ".join(f"{field} {value}" for field, value in zip(fields, key))


def _determined(package: Package, name: str, fields: Sequence[str], told: Sequence[str]) -> Iterator[Doubt]:
    path = package.path(name)
    printed = [True] * len(package.indexed(name).frame)
    if "fonte" in {*fields, *told}:
        printed = [bool(sources.lines(source)) for source in package.indexed(name).column("fonte")]
    for field, values in zip(told, columns(package, name, told)):
        for key, places in _groups(package, name, fields).items():
            found: dict[object, list[int]] = {}
            for place in places:
                if printed[place]:
                    found.setdefault(values[place], []).append(place + 2)
            if len(found) > 1:
                by_number = sorted(found.items(), key=lambda one: len(one[1]))
                (odd, rows), (usual, _) = by_number[0], by_number[-1]
                yield Doubt(
                    _id("determina", name, key, field),
                    say("{path}, row {row}, column «{column}»", path=path, row=", ".join(map(str, rows)), column=field),
                    say(
                        "«{odd}», where other rows of the same {named} have «{usual}»: make them agree",
                        odd=odd,
                        named=_named(fields, key),
                        usual=usual,
                    ),
                    "; ".join(sorted(map(str, found))),
                )


def _grid(
    package: Package, name: str, within: Sequence[str], axes: Sequence[str], where: dict, asked: list[dict[str, str]]
) -> Iterator[Doubt]:
    values = columns(package, name, axes)
    for key, places in _groups(package, name, within, where).items():
        there = {tuple(column[place] for column in values) for place in places}
        full = product(*(dict.fromkeys(column[place] for place in places) for column in values))
        for cell in full:
            if cell not in there and not _is_asked(asked, [*within, *axes], [*key, *cell]):
                yield Doubt(
                    _id("griglia", name, key, *cell),
                    say(
                        "{path}, rows {row} to {places}",
                        path=package.path(name),
                        row=min(places) + 2,
                        places=max(places) + 2,
                    ),
                    say(
                        "no row has {named}, as the others of {group} have: enter it",
                        named=_named(axes, cell),
                        group=_named(within, key),
                    ),
                )


def _continued(
    package: Package, name: str, within: Sequence[str], axes: Sequence[str], where: dict, asked: list[dict[str, str]]
) -> Iterator[Doubt]:
    known = package.indexed(EDITIONS).frame
    year = dict(zip(known["edizione"], known["anno"]))
    of = {(book, year): edition for edition, book, year in zip(known["edizione"], known["libro"], known["anno"])}
    before = {
        edition: of.get((book, year - 1))
        for edition, book, year in zip(known["edizione"], known["libro"], known["anno"])
    }
    values = columns(package, name, axes)
    given: dict[tuple, set[tuple]] = {}
    for (edition, about, *key), places in _groups(package, name, ["edizione", "anno", *within], where).items():
        gap = about - year.get(edition, about)
        given[edition, gap, *key] = {tuple(column[place] for column in values) for place in places}
    fields = ["edizione", "anno", *within, *axes]
    for (edition, gap, *key), there in given.items():
        for cell in sorted(given.get((before.get(edition), gap, *key), set()) - there):
            if _is_asked(asked, fields, [edition, year[edition] + gap, *key, *cell]):
                continue
            among = _named(within, key)
            yield Doubt(
                _id("continui", name, [edition, *key], *cell, gap),
                say("{path}, rows of {edition}", path=package.path(name), edition=edition),
                say(
                    "no row about {year} has {named}{among}, which {before} gave about {last_year}: enter it",
                    year=year[edition] + gap,
                    named=_named(axes, cell),
                    among=say(", in {named}", named=among) if among else "",
                    before=before[edition],
                    last_year=year[edition] + gap - 1,
                ),
            )


def _asked(package: Package) -> dict[str, list[dict[str, str]]]:
    """The rows without a value that the package's own draft is asked for, by table: the fields of their keys."""
    found: dict[str, list[dict[str, str]]] = {}
    if package.own in package.drafts:
        for row in Expectations(package, package.own, 0).rows:
            if not row.filled:
                named = dict(zip(key_fields(package, row.table), row.key.split(SEPARATOR)))
                found.setdefault(row.table, []).append({**named, "edizione": package.own})
    return found


def _is_asked(asked: list[dict[str, str]], fields: Sequence[str], values: Sequence[object]) -> bool:
    """Whether a row with some fields is among those that are asked for; what other tables say of it does not count."""
    wanted = {field: str(value) for field, value in zip(fields, values) if "." not in field}
    return any(wanted.items() <= row.items() for row in asked)


def _numbered(package: Package, name: str, field: str, within: Sequence[str]) -> Iterator[Doubt]:
    (numbers,) = columns(package, name, [field])
    for key, places in _groups(package, name, within).items():
        # in whatever order they were entered
        ordered = sorted(places, key=lambda place: (len(str(numbers[place])), str(numbers[place])))
        for expected, place in enumerate(ordered, 1):
            if str(numbers[place]) != str(expected):
                yield Doubt(
                    _id("numerati", name, key, field),
                    say("{path}, row {row}, column «{column}»", path=package.path(name), row=place + 2, column=field),
                    say(
                        "{numbers}, where the count of {named} comes to {expected}: enter the row that is "
                        "missing, or correct the number",
                        numbers=numbers[place],
                        named=_named(within, key),
                        expected=expected,
                    ),
                    str(numbers[place]),
                )
                break


def _ordered(package: Package, name: str, within: Sequence[str]) -> Iterator[Doubt]:
    origins = package.indexed(name).column("fonte")
    lines = [tuple(map(int, re.findall(r":(\d+)", origin)[:1])) for origin in origins]
    for key, places in _groups(package, name, within).items():
        for before, place in pairwise(places):
            if lines[place] and lines[before] and lines[place] < lines[before]:
                yield Doubt(
                    _id("ordinati", name, key, origins[place]),
                    say("{path}, row {row}, column «fonte»", path=package.path(name), row=place + 2),
                    say(
                        "{source} comes before {above} of the row above, in {named}: correct the line, or "
                        "put the rows in the order of the document",
                        source=origins[place],
                        above=origins[before],
                        named=_named(within, key),
                    ),
                    origins[place],
                )


def _composed(package: Package, name: str, field: str, parts: Sequence[str]) -> Iterator[Doubt]:
    ids = row_ids(package, name)
    for place, (code, *words) in enumerate(zip(*columns(package, name, [field, *parts]))):
        whole = "/".join(words)
        if whole != code and not whole.startswith(f"{code}/"):
            yield Doubt(
                f"composti/{name}/{ids[place]}",
                say("{path}, row {row}, column «{column}»", path=package.path(name), row=place + 2, column=field),
                say(
                    "«{code}» is not made of {parts}, which give «{whole}»: correct the one that is wrong",
                    code=code,
                    parts=", ".join(parts),
                    whole=whole,
                ),
                whole,
            )


def _growing(package: Package, name: str, fields: Sequence[str]) -> Iterator[Doubt]:
    ids = row_ids(package, name)
    for place, values in enumerate(zip(*columns(package, name, fields))):
        for (less, small), (more, large) in pairwise(zip(fields, values)):
            if small is not None and large is not None and small > large:
                yield Doubt(
                    f"crescenti/{name}/{ids[place]}/{less}",
                    say("{path}, row {row}, column «{column}»", path=package.path(name), row=place + 2, column=less),
                    say(
                        "{small} is more than the {large} of «{more}», of which it is a part: correct the one "
                        "that is wrong",
                        small=small,
                        large=large,
                        more=more,
                    ),
                    str(small),
                )


def _used(package: Package, name: str, users: Sequence[str]) -> Iterator[Doubt]:
    used: set[object] = set()
    for user in users:
        table, _, field = user.partition(".")
        used.update(package.indexed(table).column(field))
    key = package.resources[name]["schema"]["primaryKey"]
    field = key if isinstance(key, str) else key[0]
    for place, code in enumerate(package.indexed(name).column(field), 2):
        if code not in used:
            yield Doubt(
                _id("usati", name, [code]),
                say("{path}, row {row}, column «{column}»", path=package.path(name), row=place, column=field),
                say(
                    "no row of {users} has «{code}»: enter what is missing there, or delete this row",
                    users=", ".join(users),
                    code=code,
                ),
            )


def _counted(package: Package) -> Iterator[Doubt]:
    if not package.has(COUNTS):
        return
    path, table = package.path(COUNTS), package.indexed(COUNTS)
    for place, name, edition, number in zip(
        range(2, len(table.frame) + 2), *(table.column(field) for field in ("tabella", "edizione", "righe"))
    ):
        if name not in package.resources or ("edizione" in package.fields(name)) != bool(edition):
            known = name in package.resources and not edition
            yield Doubt(
                _id("conteggi", name, [edition]),
                say("{path}, row {row}, column «tabella»", path=path, row=place),
                say("«{name}» is a table of editions: say in «edizione» which one is counted", name=name)
                if known
                else say("«{name}» is no table of editions: correct its name", name=name),
            )
            continue
        counted = package.indexed(name)
        found = len(counted.places("edizione").get(edition, ()) if edition else counted.frame)
        if found != number:
            yield Doubt(
                _id("conteggi", name, [edition]),
                say("{path}, rows of {edition}", path=package.path(name), edition=edition)
                if edition
                else str(package.path(name)),
                say_many(
                    "{count} row, where {path}, row {row} counts {number}: enter what is missing, take out "
                    "what is too much, or count the document again",
                    "{count} rows, where {path}, row {row} counts {number}: enter what is missing, take out "
                    "what is too much, or count the document again",
                    found,
                    path=path,
                    row=place,
                    number=number,
                ),
                str(found),
            )
