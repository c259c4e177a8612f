"""Checks of a draft that count rows which are still to be entered."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from annuario.checks.identities import declared
from annuario.data import Package
from annuario.data.expected import SEPARATOR, Expectations, Expected
from annuario.data.roles import EDITIONS

_CODE = re.compile(r"[a-z][^@?!\s()]*")


def checks(failing: pd.DataFrame, package: Package) -> Iterator[object]:
    """Which of some failing checks are of the package's own draft and may fail for want of rows: their labels.

    An identity counts what its expressions name; another check what its id names.
    """
    if package.own not in package.drafts:
        return
    editions = package.indexed(EDITIONS)
    year = editions.column("anno")[editions.places("edizione")[package.own][0]]
    draft = Expectations(package, package.own, year)
    missing = [_names(row) for row in draft.missing]
    known = list(map(_names, draft.rows))
    names = set().union(*known)
    expressions = {one.id: f"{one.atteso} {one.trovato}" for one in declared(package)}
    for label, name, edition in zip(failing.index, failing["id"], failing["edizione"]):
        if edition != package.own:
            continue
        check = name.rsplit("/", 2)[0]
        first, *others = check.split("/")
        counted = names.intersection(others) or names.intersection([first])
        codes = (code.removesuffix("/*") for code in _CODE.findall(expressions.get(check, "")))
        if draft.missing_of(codes) or (counted and any(_counts(counted, row, known) for row in missing)):
            yield label


def _counts(named: set[str], row: set[str], known: list[set[str]]) -> bool:
    """Whether a check that names some things counts a row: it has all of these, or one where no row has all."""
    return named <= row if any(named <= one for one in known) else not named.isdisjoint(row)


def _names(row: Expected) -> set[str]:
    """What a row may be called by in the id of a check."""
    parts = row.key.split(SEPARATOR)
    return {row.table, *parts, *(part for code in parts for part in code.split("/"))}
