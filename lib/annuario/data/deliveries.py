"""What services have delivered for an edition: the table of role ``consegne``, and the rows that rest on it."""

from __future__ import annotations

from collections.abc import Iterator

from annuario.data.package import Package
from annuario.data.problem import Problem
from annuario.data.roles import DELIVERIES
from annuario.data.sources import cells
from annuario.data.validate import meant
from annuario.messages import say

#: The word in ``stato`` of a delivery that may still change.
PROVISIONAL = "provvisorio"


def unknown(package: Package) -> Iterator[Problem]:
    """The rows whose ``fonte`` names a delivery that is not in the table of deliveries, or is another edition's.

    >>> list(unknown(esempio))
    []
    """
    if not package.has(DELIVERIES):
        return
    path, table = package.path(DELIVERIES), package.whole(DELIVERIES)
    owners = dict(zip(table.column("consegna"), table.column("edizione")))
    for name in package.resources:
        if not {"edizione", "fonte"} <= set(package.fields(name)):
            continue
        rows = package.whole(name)
        for source, places in rows.places("fonte").items():
            for delivery, _, _ in cells(source):
                for place in places:
                    edition = rows.column("edizione")[place]
                    if delivery not in owners:
                        what = say(
                            "«{source}»: there is no delivery «{delivery}» in {path}: {remedy}",
                            source=source[:60],
                            delivery=delivery,
                            path=path,
                            remedy=meant(delivery, owners) or say("correct its name, or add its row."),
                        )
                    elif owners[delivery] != edition:
                        what = say(
                            "«{source}»: the delivery «{delivery}» is of {owners}, the row of {edition}.",
                            source=source[:60],
                            delivery=delivery,
                            owners=owners[delivery],
                            edition=edition,
                        )
                    else:
                        continue
                    yield Problem.at(package, name, place + 2, "fonte", what)


def of(package: Package, edition: str) -> list[dict]:
    """The deliveries for an edition, row by row; ``riga`` is that of the file.

    >>> of(esempio, "relazione-2025")
    []
    """
    if not package.has(DELIVERIES):
        return []
    frame = package.indexed(DELIVERIES).frame
    rows = frame.to_dict("records")
    return [{**row, "riga": place} for place, row in enumerate(rows, 2) if row["edizione"] == edition]
