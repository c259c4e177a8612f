"""Constraints of a row that the form of data packages has no words for, under ``regole``.

- ``vincoli``: constraints of a ``campo`` (``minimum``, ``maximum``, ``pattern``, ``enum``,
  ``required``) in the rows that are ``dove`` and not ``tranne``: whole numbers where the unit
  counts people, cents where it is money;
- ``anni``: how many years from the edition's the ``anno`` may be, by book;
- ``date``: fields whose date lies in the year of the row.

What is declared is checked by ``annuario.data.declaration``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

import pandas as pd

from annuario.data.columns import chosen, referred
from annuario.data.package import Package
from annuario.data.problem import Problem
from annuario.data.roles import EDITIONS
from annuario.messages import marked, say

#: Each constraint: whether a value, as it is and as its text, keeps it, and what is said where not.
KEPT: dict[str, tuple[Callable[[Any, str, Any], bool], str]] = {
    "minimum": (lambda value, _text, bound: value >= Decimal(str(bound)), marked("is less than {bound}")),
    "maximum": (lambda value, _text, bound: value <= Decimal(str(bound)), marked("is more than {bound}")),
    "pattern": (
        lambda _value, text, bound: re.fullmatch(bound, text) is not None,
        marked("is not of the form {bound}"),
    ),
    "enum": (lambda _value, text, bound: text in map(str, bound), marked("is none of {bound}")),
}


def broken(package: Package, readable: Iterable[str] | None = None) -> Iterator[Problem]:
    """One problem for each cell that breaks a constraint of its row; those of tables that cannot be read are left out.

    >>> esempio.resources["indicatori"]["regole"] = {"vincoli": [{"campo": "valore", "maximum": 53000}]}
    >>> [problem.told.rpartition("/")[2] for problem in broken(esempio)]
    ['indicatori.csv, row 10, column «valore»: «53335» is more than 53000.']
    """
    known = package.resources if readable is None else list(readable)
    for name in known:
        rules = package.resources[name].get("regole", {})
        for rule in rules.get("vincoli", []):
            if all(other in known for other in _rests_on(package, name, rule)):
                yield from _conditional(package, name, rule)
        if package.name(EDITIONS) not in known:
            continue
        if "anni" in rules:
            yield from _years(package, name, rules["anni"])
        for field in rules.get("date", []):
            yield from _dates(package, name, field)


def _rests_on(package: Package, name: str, rule: dict) -> Iterator[str]:
    """The tables whose fields choose the rows that a constraint is about."""
    for field in (*rule.get("dove", {}), *rule.get("tranne", {})):
        own, _, far = field.partition(".")
        if far:
            yield referred(package.resources[name], own)[0]


def _conditional(package: Package, name: str, rule: dict) -> Iterator[Problem]:
    field, told = rule["campo"], rule.get("perche", "")
    places = chosen(package, name, rule.get("dove", {}))
    if rule.get("tranne"):
        places -= chosen(package, name, rule["tranne"])
    values = package.indexed(name).column(field)
    asked = [(word, kept, said) for word, (kept, said) in KEPT.items() if word in rule]
    for place in sorted(places):
        value = values[place]
        text = "" if pd.isna(value) else format(value, "f") if isinstance(value, Decimal) else str(value)
        if not text:
            if rule.get("required"):
                what = say("is empty: {told}.", told=told or say("fill it in"))
                yield Problem.at(package, name, place + 2, field, what)
            continue
        for word, kept, said in asked:
            if not kept(value, text, rule[word]):
                bound = ", ".join(map(str, rule[word])) if word == "enum" else rule[word]
                what = f"«{text[:60]}» {told or say(said, bound=bound)}{_thousands(text, rule)}"
                yield Problem.at(package, name, place + 2, field, what)


def _thousands(text: str, rule: dict) -> str:
    """The question whether thousands were meant, where they would keep the constraint: ``1.071`` for ``1071``."""
    other = text.replace(".", "")
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text) and "pattern" in rule:
        for meant in (other, f"{other}.00"):
            if re.fullmatch(rule["pattern"], meant):
                return say(": did you mean {meant}?", meant=meant)
    return "."


def _years(package: Package, name: str, allowed: dict[str, list[int]]) -> Iterator[Problem]:
    editions = package.indexed(EDITIONS).frame
    ranges = {
        one.edizione: (one.anno + allowed[one.libro][0], one.anno + allowed[one.libro][1])
        for one in editions.itertuples()
        if one.libro in allowed
    }
    table = package.indexed(name)
    for place, (edition, year) in enumerate(zip(table.column("edizione"), table.column("anno")), 2):
        first, last = ranges.get(edition, (year, year))
        if not first <= year <= last:
            years = say("{first} to {last}", first=first, last=last) if first < last else first
            what = say(
                "{year} is no year of {edition}, whose rows here are about {years}: correct it, or widen «anni» in "
                "{declaration}.",
                year=year,
                edition=edition,
                years=years,
                declaration=package.folder / "datapackage.json",
            )
            yield Problem.at(package, name, place, "anno", what)


def _dates(package: Package, name: str, field: str) -> Iterator[Problem]:
    table = package.indexed(name)
    for place, (year, day) in enumerate(zip(table.column("anno"), table.column(field)), 2):
        if day and not day.startswith(f"{year}-"):
            what = say(
                "{day} is not in {year}, the year of the row: correct the date, or the year.", day=day, year=year
            )
            yield Problem.at(package, name, place, field, what)
