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
from annuario.data.expected import tables, words
from annuario.data.roles import EDITIONS, ERRATA, EXPECTED
from annuario.data.writing import Lines, put
from annuario.errors import BookError, CheckError
from annuario.messages import say, say_many, shortened
from annuario.words.numbers import spans
from annuario.year.missing import NAMED, TOLD
from annuario.year.progress import Part, Progress, require_draft, summary

PUBLISHED = "pubblicata"


def publish(progress: Progress, day: datetime.date) -> None:
    """Make a draft a published edition, as of a day, and seal its rows.

    Raises CheckError with what stands in the way (:func:`unready`); BookError for an edition that
    is no draft, or a table of editions that cannot be written.

    >>> publish(bozza, datetime.date(2027, 5, 31))
    Traceback (most recent call last):
        ...
    annuario.errors.CheckError: relazione-2026 cannot be published yet (draft: 0 of 11 rows entered, ...
    """
    require_draft(progress.edition)
    package, name = progress.package, str(progress.edition)
    reasons = unready(progress)
    if reasons:
        raise CheckError(
            say("{name} cannot be published yet ({summary}).\n", name=name, summary=summary(progress.counts))
            + "\n".join(f"{reason}." for reason in reasons)
            + say("\nEach row, difference and doubt: annuario missing {name} --all", name=name)
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
    """What stands in the way of publishing an edition, with what to do: the missing rows by chapter and table, of the
    rest of a kind the first ones.

    >>> for reason in unready(bozza):
    ...     print(reason)
    prestiti, indicatori.csv: 5 rows are missing («Prestiti di libri», «Prestiti di altri materiali», «Prestiti in ...
    prestiti, lettori.csv: 6 rows are missing (...
    .../prestiti.md, line 1: the section «anno» is empty: write it, or delete its heading
    """
    package, texts = progress.package, progress.texts
    kinds = [
        [_missing(package, part) for part in progress.parts if part.missing],
        progress.unsaid,
        progress.contradicted,
        [
            say(
                "{path}, line {line}: the section «{name}» is empty: write it, or delete its heading",
                path=texts / section.file,
                line=section.line,
                name=section.name,
            )
            for section in progress.sections
            if section.line and not section.written
        ],
        [
            say(
                "{path}, line {line}: no chapter shows the section «{name}»: place it, or take it out",
                path=texts / file,
                line=line,
                name=name,
            )
            for file, name, line in progress.unused
        ],
        progress.provisional,
        [
            say(
                '{told}: mend the data, or explain the difference: annuario explain {id} --note "…"',
                told=told,
                id=told.partition(": ")[0],
            )
            for told in progress.differences
        ],
        [told.rstrip(".") for told in progress.doubts],
    ]
    every = f"annuario missing {progress.edition} --all"
    return [*kinds[0], *(line for lines in kinds[1:] for line in shortened(lines, TOLD, every))]


def _missing(package: Package, part: Part) -> str:
    """The rows of a table that a chapter lacks, in a line."""
    rows = part.missing
    names = [f"«{words(package, row.table, row.key)}»" for row in rows]
    return say_many(
        "{chapter}, {table}: {count} row is missing ({names}): enter it, or say in {expected}, row {rows}, that it "
        "will not be there and why",
        "{chapter}, {table}: {count} rows are missing ({names}): enter them, or say in {expected}, rows {rows}, that "
        "they will not be there and why",
        len(rows),
        chapter=part.chapter or say("in no chapter"),
        table=package.path(part.table).name,
        names=", ".join(shortened(names, NAMED)),
        expected=package.path(EXPECTED).name,
        rows=", ".join(shortened(spans(row.place for row in rows), NAMED)),
    )


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
                then, count = (int(digest.partition(":")[0]) for digest in (was, is_))
                counts = say_many("{count} row then, {more} now", "{count} rows then, {more} now", then, more=count)
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
