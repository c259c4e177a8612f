"""Publication of an edition: refused while something is missing, and sealed from then on.

The seal, ``impronta`` in the table of editions, holds for each table how many rows the edition
has and a digest of them: ``indicatori=670:0123456789abcdef``.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from pathlib import Path

from annuario.checks import errata
from annuario.data import Package, deliveries, expected
from annuario.data.expected import CONFIRMED, UNSURVEYED, tables, words
from annuario.data.roles import DELIVERIES, DISCREPANCIES, EDITIONS, ERRATA, EXPECTED
from annuario.data.writing import Lines, put
from annuario.errors import BookError, CheckError
from annuario.messages import say
from annuario.year.progress import Progress, require_draft

PUBLISHED = "pubblicata"


def publish(progress: Progress, day: datetime.date) -> None:
    """Make a draft a published edition, as of a day, and seal its rows.

    Raises CheckError with all that stands in the way, a line each; BookError for an edition that
    is no draft, or a table of editions that cannot be written.

    >>> publish(bozza, datetime.date(2027, 5, 31))
    Traceback (most recent call last):
        ...
    annuario.errors.CheckError: relazione-2026 cannot be published yet.
    .../indicatori.csv: «Prestiti di libri» (2026|prestiti/libri|tabella) is missing: ...
    """
    require_draft(progress.edition)
    package, name = progress.package, str(progress.edition)
    reasons = unready(progress)
    if reasons:
        raise CheckError(
            say("{name} cannot be published yet.\n", name=name) + "\n".join(f"{reason}." for reason in reasons)
        )
    known = {"stato": PUBLISHED, "pubblicata_il": day.isoformat(), "impronta": seal(package, name)}
    path = package.path(EDITIONS)
    changed = {field: value for field, value in known.items() if field in package.fields(EDITIONS)}
    lines = Lines(path.read_bytes())
    for place, row in enumerate(lines.rows):
        if row["edizione"] == name:
            lines.replace(place, row | changed)
    put({path: lines.content()})


def unready(progress: Progress) -> list[str]:
    """All that stands in the way of publishing an edition, one line each with what to do.

    >>> reasons = unready(bozza)
    >>> len(reasons), reasons[0].rpartition("/")[2]
    (12, 'libri|tabella) is missing: enter it, or say in attese.csv, row 2, that it will not be there and why')
    """
    package, rows = progress.package, progress.expectations.rows
    path = package.path(EXPECTED) if rows else package.folder
    found = [
        say(
            "{path}: «{words}» ({key}) is missing: enter it, or say in {name}, row {row}, that it "
            "will not be there and why",
            path=package.path(row.table),
            words=words(package, row.table, row.key),
            key=row.key or say("some row"),
            name=path.name,
            row=row.place,
        )
        for row in rows
        if row.missing
    ]
    found += [
        say(
            "{path}, row {row}: «{words}» is {state} and nobody says why: fill in «motivo»",
            path=path,
            row=row.place,
            words=words(package, row.table, row.key),
            state=row.state,
        )
        for row in rows
        if not row.reason and ((row.state == UNSURVEYED and not row.filled) or row.state == CONFIRMED)
    ]
    found += [
        say(
            "{path}, row {row}: «{words}» is {state}, and {name} has it: delete one of the two",
            path=path,
            row=row.place,
            words=words(package, row.table, row.key),
            state=row.state,
            name=package.path(row.table).name,
        )
        for row in rows
        if row.excused and row.filled and row.key
    ]
    found += [
        say(
            "{path}, line {line}: the section «{name}» is empty: write it, or delete its heading",
            path=progress.texts / section.file,
            line=section.line,
            name=section.name,
        )
        for section in progress.sections
        if section.line and not section.written
    ]
    found += [
        say(
            "{path}, line {line}: no chapter shows the section «{name}»: place it, or take it out",
            path=progress.texts / file,
            line=line,
            name=name,
        )
        for file, name, line in progress.unused
    ]
    found += [
        say(
            "{path}, row {row}: the delivery «{consegna}» is provisional: ask {servizio} ({ruolo}) "
            "for the final one, or write «definitivo»",
            path=package.path(DELIVERIES),
            row=one["riga"],
            consegna=one["consegna"],
            servizio=one["servizio"],
            ruolo=one["ruolo"],
        )
        for one in deliveries.of(package, str(progress.edition))
        if one["stato"] == deliveries.PROVISIONAL
    ]
    ledger = package.path(DISCREPANCIES) if package.has(DISCREPANCIES) else say("a table of role «discrepanze»")
    found += [
        say("{told}: mend the data, or explain the difference in {ledger}", told=told, ledger=ledger)
        for told in progress.differences
    ]
    found += [f"{told.rstrip('.')}" for told in progress.doubts]
    return found


# -- the seal


def seal(package: Package, edition: str) -> str:
    """What an edition's rows are, table by table: how many, and their digest.

    Their order does not count, nor columns that are empty.

    >>> seal(esempio, "relazione-2025").partition(":")[0], seal(esempio, "relazione-2031")
    ('indicatori=15', '')
    """
    return " ".join(f"{name}={told}" for name, told in _digests(package, edition).items())


def _digests(package: Package, edition: str) -> dict[str, str]:
    found = {}
    for name in tables(package):
        rows = package.whole(name).frame
        rows = rows[rows["edizione"] == edition]
        lines = sorted(
            "\x1f".join(f"{field}\x1e{value}" for field, value in row.items() if value not in ("", None))
            for row in rows.astype(object).to_dict("records")
        )
        if lines:
            found[name] = f"{len(lines)}:{hashlib.sha256(chr(10).join(lines).encode()).hexdigest()[:16]}"
    return found


def broken(package: Package) -> Iterator[str]:
    """The tables in which rows of a sealed edition are not as they were when it was published, one message each.

    >>> list(broken(esempio))  # no edition of it is sealed
    []
    """
    if "impronta" not in package.fields(EDITIONS):
        return
    table = package.whole(EDITIONS)
    since = table.column("pubblicata_il") if "pubblicata_il" in table.frame else [""] * len(table.frame)
    remedy = say("in {path}", path=package.path(ERRATA)) if package.has(ERRATA) else say("in a table of role «errata»")
    for name, sealed, day in zip(table.column("edizione"), table.column("impronta"), since):
        before = dict(part.split("=", 1) for part in sealed.split() if "=" in part)
        now = _digests(package, name) if before else {}
        for one in dict.fromkeys((*before, *now)):
            was, is_ = before.get(one, "0:"), now.get(one, "0:")
            if was != is_:
                counts = say("{was} rows then, {what} now", was=was.partition(":")[0], what=is_.partition(":")[0])
                where = package.path(one) if one in package.resources else Path(one)
                yield (
                    say(
                        "{where}: the rows of {name}, published{day}, are not what they were ({counts}): put "
                        "them back, and write what is wrong in print as a row {row}.",
                        where=where,
                        name=name,
                        day=say(" on {day}", day=day) if day else "",
                        counts=counts,
                        row=remedy,
                    )
                )


def require(package: Package) -> None:
    """Raise BookError where a sealed edition has changed, or something names a delivery, row or table that is not there.

    >>> require(esempio)
    """
    unknown = (problem.told for problem in deliveries.unknown(package))
    problems = [*broken(package), *unknown, *expected.unknown(package), *errata.wrong(package)]
    if problems:
        raise BookError("\n".join(problems))
