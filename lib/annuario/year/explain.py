"""Differences and their explanations: the rows that are proposed for the table of role ``discrepanze``, and written."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from annuario import checks
from annuario.data import Package
from annuario.data.roles import DISCREPANCIES
from annuario.data.writing import Lines, put
from annuario.errors import BookError
from annuario.messages import say
from annuario.words import numbers

#: The verdicts that an explanation may give a difference.
VERDICTS = (checks.FAILS, checks.BASIS, checks.INCOMPLETE)


def unexplained(results: pd.DataFrame, package: Package) -> pd.DataFrame:
    """The checks that fail, or not by the recorded difference, and nobody has explained so.

    >>> from annuario import checks
    >>> results = checks.run(esempio)
    >>> unexplained(results, esempio).empty
    True
    >>> results.loc[5, "esito"] = checks.FAILS
    >>> unexplained(results, esempio)["id"].tolist()
    ['prestiti/somma/relazione-2025/2025']
    """
    failing = results[~results["esito"].isin((*checks.ACCEPTED, checks.WAITING))]
    known = checks.recorded(package)
    if "differenza" not in known:
        return failing[~failing["id"].isin(known.index)]
    differences = known["differenza"].to_dict()
    others = [
        name not in differences or differences[name] != now for name, now in zip(failing["id"], failing["differenza"])
    ]
    return failing.loc[failing.index[others]]


def proposals(results: pd.DataFrame, package: Package) -> list[str]:
    """For each difference that is not explained the row that the ledger would have, and how it is written.

    >>> from annuario import checks
    >>> proposals(checks.run(esempio), esempio)  # it has no ledger, and nothing to explain
    []
    """
    if not package.has(DISCREPANCIES):
        return []
    found = []
    for one in unexplained(results, package).itertuples():
        told = say(
            "    {cosa} ({anno}): expected {atteso}, found {trovato}, difference {differenza}; sources: {dove}",
            cosa=one.cosa,
            anno=one.anno,
            atteso=checks.told(one.atteso, one.cosa),
            trovato=checks.told(one.trovato, one.cosa),
            differenza=numbers.number(one.differenza),
            dove=checks.rows.places(one.dove),
        )
        found.append(
            "\n".join((say("to be explained: {id}", id=one.id), told, f'    annuario explain {one.id} --note "…"'))
        )
    return found


def explain(
    folder: Path, name: str, note: str, verdict: str = checks.FAILS, used: str = ""
) -> tuple[Path, dict[str, str]]:
    """Write the explanation of a difference into the ledger: its file, and the row.

    ``name`` is the check's id; a row that is there already is replaced.

    Raises BookError for an unknown check, one that holds, an empty note, a project without the table.

    >>> explain(esempio.folder, "prestiti/somma/relazione-2025/2025", "Arrotondamento.")
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: .../datapackage.json: no table has the role «discrepanze»: declare it.
    """
    edition = name.split("/")[-2] if name.count("/") >= 2 else ""
    package = Package(folder, edition)
    if not package.has(DISCREPANCIES):
        raise BookError(
            say(
                "{path}: no table has the role «{discrepancies}»: declare it.",
                path=folder / "datapackage.json",
                discrepancies=DISCREPANCIES,
            )
        )
    if not note.strip():
        raise BookError(say("The explanation is empty: write it after --note, in quotation marks."))
    results = checks.run(package)
    made = results[results["id"] == name]
    if made.empty:
        close = get_close_matches(name, results["id"].tolist(), 1)
        hint = (
            say("did you mean «{close}»?", close=close[0])
            if close
            else say("«annuario check» tells those that are to be explained.")
        )
        raise BookError(say("«{name}» is no check: {hint}", name=name, hint=hint))
    one = made.iloc[0]
    if one["esito"] in checks.ACCEPTED:
        raise BookError(say("«{name}» holds: there is nothing to explain.", name=name))
    if one["esito"] == checks.WAITING:
        raise BookError(
            say("«{name}» waits for rows that are to be entered: it is explained when they are there.", name=name)
        )
    path = package.path(DISCREPANCIES)
    row = {
        "controllo": name,
        "edizione": str(one["edizione"]),
        "esito": verdict,
        "differenza": "" if one["differenza"] is None else f"{one['differenza']:f}",
        "spiegazione": " ".join(note.split()),
        "valore_usato": used,
    }
    lines = Lines(path.read_bytes())
    place = next((place for place, known in enumerate(lines.rows) if known["controllo"] == name), None)
    if place is None:
        lines.append([row])
    else:
        kept = lines.rows[place]
        lines.replace(place, kept | row | {"valore_usato": used or kept.get("valore_usato", "")})
    put({path: lines.content()})
    return path, row
