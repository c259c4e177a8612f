"""The ledger's corrections against the checks: what each settles, and what the values used put out of order.

The checks run on what is printed, and again on the values used. A correction must be asked for
by a check that fails on what is printed; with the values used it holds, or at least comes
nearer. What holds as printed and fails with the values used must be left open in the ledger.
"""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from annuario.checks.rows import HOLDS, ROUNDING
from annuario.data import Package, corrections
from annuario.data.roles import CORRECTIONS
from annuario.messages import say
from annuario.words.numbers import to_decimal

#: What became of a check that fails on what is printed.
SETTLED, OPEN, PRINTED = "corretto", "aperto", "stampato"


def states(printed: pd.DataFrame, used: pd.DataFrame | None, package: Package) -> dict[str, str]:
    """What became of each check that fails, by its id.

    ``corretto`` where a correction names it or it holds with the values used, ``aperto`` where the
    documents leave it open, ``stampato`` where the book uses the printed numbers, each in its place.

    >>> failing = pd.DataFrame({"id": ["a", "b"], "esito": ["non torna", "non torna"]})
    >>> states(failing, failing.assign(esito=["torna", "non torna"]), esempio)
    {'a': 'corretto', 'b': 'stampato'}
    """
    found = corrections.read(package)
    left = {one.check for one in found if one.open}
    good = {one.check for one in found if not one.open}
    good |= set() if used is None else set(used.loc[_holds(used), "id"])
    failing = printed.loc[~_holds(printed), "id"]
    return {name: SETTLED if name in good else OPEN if name in left else PRINTED for name in failing}


def problems(printed: pd.DataFrame, used: pd.DataFrame, package: Package) -> list[str]:
    """What is wrong with the corrections of a package, a line each with file and row.

    >>> failing = pd.DataFrame({"id": ["a"], "esito": ["non torna"]})
    >>> problems(failing, failing, esempio)  # it has no table of corrections
    []
    """
    if not package.has(CORRECTIONS):
        return []
    package, path = package.printed, package.path(CORRECTIONS)
    before, after = (frame.set_index("id") for frame in (printed, used))
    found = []
    rows = zip(package.indexed(CORRECTIONS).frame.to_dict("records"), corrections.read(package), strict=True)
    for number, (row, one) in enumerate(rows, 2):
        where = say("{path}, row {row}, column «controllo»: «{check}»", path=path, row=number, check=one.check)
        if one.check not in before.index:
            found.append(
                say("{where} is no check that is made: name the one that asks for the correction", where=where)
            )
        elif one.open and _held(before, one.check) and _held(after, one.check):
            found.append(
                say("{where} holds: nothing is open: delete the row, or name the check that fails", where=where)
            )
        elif not one.open and _held(before, one.check):
            found.append(
                say("{where} holds on what is printed: no check needs the correction: delete the row", where=where)
            )
        elif not one.open and not _held(after, one.check) and _gap(after, one.check) >= _gap(before, one.check):
            found.append(
                say(
                    "{where} is no nearer with «{usato}»: expected {expected}, found {found}: correct the value used",
                    where=where,
                    usato=row["usato"],
                    expected=after.at[one.check, "atteso"],
                    found=after.at[one.check, "trovato"],
                )
            )
    left = {one.check for one in corrections.read(package) if one.open}
    for name in after.index[~_holds(after)]:
        if name not in left and (name not in before.index or _held(before, name)):
            line = after.loc[name]
            found.append(
                say(
                    "{path}: with the values used {name} does not hold any more: {cosa} ({dove}): expected "
                    "{expected}, found {found}: correct the other cell too, or leave it open in a row that "
                    "names the check",
                    path=path,
                    name=name,
                    cosa=line["cosa"],
                    dove=line["dove"],
                    expected=line["atteso"],
                    found=line["trovato"],
                )
            )
    return found


def _holds(frame: pd.DataFrame) -> pd.Series:
    return frame["esito"].isin((HOLDS, ROUNDING))


def _held(frame: pd.DataFrame, name: str) -> bool:
    return frame.at[name, "esito"] in (HOLDS, ROUNDING)


def _gap(frame: pd.DataFrame, name: str) -> Decimal:
    """How far a check is from holding; without end where one side is not printed."""
    found = to_decimal(frame.at[name, "differenza"])
    return Decimal("Infinity") if found is None else abs(found)
