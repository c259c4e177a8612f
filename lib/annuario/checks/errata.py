"""What was found wrong in an edition once it was out: the table of role ``errata``.

The printed value stays, in the sealed row and wherever the edition shows it; the right one
stands among the revisions, with the day and the reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from annuario.data import Package
from annuario.data.expected import SEPARATOR, key_fields, keys, words
from annuario.data.roles import EDITIONS, ERRATA
from annuario.data.validate import meant
from annuario.messages import say
from annuario.words import numbers


def rows(package: Package) -> list[tuple]:
    """The errata as rows of ``annuario.checks.revisions``, without their kind: from the edition to its correction."""
    if not package.has(ERRATA):
        return []
    editions, found = package.indexed(EDITIONS), []
    for one in package.read(ERRATA).to_dict("records"):
        table, key, edition = one["tabella"], one["chiave"], one["edizione"]
        fields, parts = key_fields(package, table), key.split(SEPARATOR)
        year = editions.column("anno")[editions.places("edizione")[edition][0]]
        if "anno" in fields:
            year = int(parts[fields.index("anno")])
        printed, right = one["stampato"], one["corretto"]
        what = f"{words(package, table, key)} ({one['motivo']})"
        after = f"rettifica del {numbers.date_short(one['data'])}"
        found.append((table, what, year, edition, printed, after, right, right - printed, "", ""))
    return found


def wrong(package: Package) -> Iterator[str]:
    """The errata of nothing, one message each: of no row, of another printed value, of a draft."""
    if not package.has(ERRATA):
        return
    path = package.path(ERRATA)
    for place, one in enumerate(package.whole(ERRATA).frame.to_dict("records"), 2):
        table, key, edition = one["tabella"], one["chiave"], one["edizione"]
        where = say("{path}, row {row}", path=path, row=place)
        if edition in package.drafts:
            yield say("{where}: {edition} is a draft: correct the row itself.", where=where, edition=edition)
        elif table not in package.resources or not {"edizione", "valore"} <= set(package.fields(table)):
            yield say("{where}, column «tabella»: «{table}» is no table with values.", where=where, table=table)
        elif (found := keys(package, table, edition).get(key)) is None:
            yield (
                say(
                    "{where}, column «chiave»: {edition} has no row «{key}» in {path}: {remedy}",
                    where=where,
                    edition=edition,
                    key=key,
                    path=package.path(table),
                    remedy=meant(key, keys(package, table, edition))
                    or say("write {fields}.", fields=SEPARATOR.join(key_fields(package, table))),
                )
            )
        elif (value := package.indexed(table).column("valore")[found]) != one["stampato"]:
            yield say(
                "{where}, column «stampato»: {edition} prints {value}, not {stampato}: the printed value stays.",
                where=where,
                edition=edition,
                value=value,
                stampato=one["stampato"],
            )
