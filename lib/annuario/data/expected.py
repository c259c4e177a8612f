"""The rows that an edition in the making is asked for: the table of role ``attese``.

Each row of it names a row of another table by its key, that is, by the fields of the primary
key but ``edizione``, one after the other with ``|`` between them (``2026|tm-flussi/chiusi|tabella``),
or by no key at all: some rows of that table, whichever they are. ``stato`` says what becomes of it:
``manca`` until it is entered, ``non-rilevato`` or ``non-applicabile`` where there will be
none this year, and why in ``motivo``, ``confermato`` where a value that looks wrong is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from annuario.data.declaration import EACH, NONE
from annuario.data.package import Package
from annuario.data.roles import (
    COLOPHON,
    CONFIRMATIONS,
    CORRECTIONS,
    COUNTS,
    DEFINITIONS,
    DELIVERIES,
    DISCREPANCIES,
    EDITIONS,
    ERRATA,
    EXPECTED,
    GLOSSARY,
    IDENTITIES,
    INDICATORS,
)
from annuario.messages import say

SEPARATOR = "|"
#: What may become of an expected row.
MISSING, UNSURVEYED, NOT_APPLICABLE, CONFIRMED = ("manca", "non-rilevato", "non-applicabile", "confermato")
#: Those in which no value is asked for.
EXCUSED = (UNSURVEYED, NOT_APPLICABLE)
#: Tables that tell of editions and hold no figures of theirs.
_ABOUT = (
    EDITIONS,
    EXPECTED,
    DELIVERIES,
    ERRATA,
    DISCREPANCIES,
    IDENTITIES,
    CORRECTIONS,
    CONFIRMATIONS,
    COUNTS,
    COLOPHON,
    GLOSSARY,
)
#: What adds nothing to the words for a row: where most rows are printed; a total, after what it is the total of.
_PRINTED, _TOTAL = "tabella", "totale"


@dataclass(frozen=True)
class Expected:
    """A row that is asked for: its table, its key, its state and why; ``place`` is its row in the file.

    >>> row = Expected("indicatori", "2026|casi/nuovi|tabella", MISSING, "", 7, filled=False)
    >>> row.missing, row.excused, Expected("indicatori", "", UNSURVEYED, "non più rilevato", 8, False).missing
    (True, False, False)
    """

    table: str
    key: str
    state: str
    reason: str
    place: int
    filled: bool

    @property
    def excused(self) -> bool:
        """Whether there will be no value."""
        return self.state in EXCUSED

    @property
    def missing(self) -> bool:
        """Whether a value is still to be entered."""
        return not self.filled and not self.excused


def tables(package: Package) -> list[str]:
    """The tables whose rows are asked for.

    >>> tables(esempio)
    ['indicatori', 'lettori']
    """
    about = {package.name(role) for role in _ABOUT if package.has(role)}
    return [
        name
        for name, resource in package.resources.items()
        if name not in about and "edizione" in package.fields(name) and resource.get("attese", EACH) != NONE
    ]


def key_fields(package: Package, table: str) -> list[str]:
    """The fields that make up the key of a row within its edition.

    >>> key_fields(esempio, "indicatori")
    ['anno', 'indicatore', 'sede']
    """
    declared = package.resources[package.name(table)]["schema"].get("primaryKey") or []
    return [field for field in ([declared] if isinstance(declared, str) else declared) if field != "edizione"]


def keys(package: Package, table: str, edition: str) -> dict[str, int]:
    """The keys of the rows that an edition has in a table, with their places; rows whose value is empty are left out.

    >>> list(keys(esempio, "indicatori", "relazione-2025"))[:2], keys(esempio, "indicatori", "relazione-2026")
    (['2023|prestiti/libri|tabella', '2024|prestiti/libri|tabella'], {})
    """
    found = package.indexed(table)
    columns = [found.column(field) for field in key_fields(package, table)]
    values = found.column("valore") if "valore" in found.frame else None
    return {
        SEPARATOR.join(str(column[row]) for column in columns): row
        for row in found.places("edizione").get(edition, ())
        if values is None or values[row] is not None
    }


def words(package: Package, table: str, key: str) -> str:
    """A row in words: the names of what its key refers to, or else its codes; without its year.

    The name of an indicator is that of its definition.

    >>> words(esempio, "indicatori", "2025|prestiti/libri|tabella")
    'Prestiti di libri'
    """
    parts: list[str] = []
    for field, code in zip(key_fields(package, table), key.split(SEPARATOR)):
        if field == "anno" or code == _PRINTED or (code == _TOTAL and parts):
            continue
        word = _name(package, table, field, code)
        if word not in parts:
            parts.append(word)
    return ", ".join(filter(None, parts)) or str(package.resources[package.name(table)].get("title", table))


def _name(package: Package, table: str, field: str, code: str) -> str:
    resource = package.resources[package.name(table)]
    references = resource["schema"].get("foreignKeys", [])
    referred = [key["reference"]["resource"] for key in references if key["fields"] in (field, [field])]
    for other in referred or package.fields(table)[field].get("nomi", []):
        first = key_fields(package, other)[:1]
        if first and "nome" in package.fields(other):
            places = package.indexed(other).places(first[0]).get(code)
            if places:
                return package.indexed(other).column("nome")[places[0]]
    return code if "/" in code else code.replace("-", " ")


def unknown(package: Package) -> Iterator[str]:
    """The rows that are asked for of no table, or by no key of it, one message each.

    >>> list(unknown(esempio))
    []
    """
    if not package.has(EXPECTED):
        return
    path, known = package.path(EXPECTED), tables(package)
    for place, one in enumerate(package.whole(EXPECTED).frame.to_dict("records"), 2):
        table, key = one["tabella"], one["chiave"]
        if table not in known:
            close = get_close_matches(table, known, 1)
            meant = (
                say("did you mean «{close}»?", close=close[0])
                if close
                else say("the tables are {known}.", known=", ".join(known))
            )
            yield say(
                "{path}, row {row}, column «tabella»: «{table}» is no table of an edition's rows: {meant}",
                path=path,
                row=place,
                table=table,
                meant=meant,
            )
        elif key and key.count(SEPARATOR) + 1 != len(key_fields(package, table)):
            wanted = SEPARATOR.join(key_fields(package, table))
            yield say(
                "{path}, row {row}, column «chiave»: «{key}» is no key of {table}: write {wanted}, or nothing.",
                path=path,
                row=place,
                key=key,
                table=table,
                wanted=wanted,
            )


class Expectations:
    """What an edition is asked for, and how far it has come.

    >>> expected = Expectations(esempio, "relazione-2025", 2025)
    >>> expected.rows, expected.missing, expected.missing_of(["prestiti"])
    ([], [], [])
    >>> expected.year_of(Expected("indicatori", "2024|prestiti/libri|tabella", MISSING, "", 2, False))
    2024
    """

    def __init__(self, package: Package, edition: str, year: int):
        self.package, self.edition, self.year = package, edition, year

    @cached_property
    def rows(self) -> list[Expected]:
        """The rows that are asked for; none where there is no such table."""
        if not self.package.has(EXPECTED):
            return []
        table, filled = self.package.indexed(EXPECTED), {}
        rows = []
        for place in table.places("edizione").get(self.edition, ()):
            name, key, state, reason = (
                table.column(field)[place] for field in ("tabella", "chiave", "stato", "motivo")
            )
            if name in self.package.resources and "edizione" in self.package.fields(name):
                if name not in filled:
                    filled[name] = keys(self.package, name, self.edition)
                known = key in filled[name] if key else bool(filled[name])
                rows.append(Expected(name, key, state or MISSING, reason, place + 2, known))
        return rows

    @cached_property
    def missing(self) -> list[Expected]:
        """The rows that are still to be entered."""
        return [row for row in self.rows if row.missing]

    @cached_property
    def _missing_in(self) -> dict[str, list[Expected]]:
        found: dict[str, list[Expected]] = {}
        for row in self.missing:
            found.setdefault(row.table, []).append(row)
        return found

    def missing_of(self, codes: Iterable[str]) -> list[Expected]:
        """The rows still to be entered among those that some codes name.

        A code is that of a figure, of a group of them, or a table's name with, after
        ``/``, any parts of its keys. What is none is passed over.
        """
        found: dict[Expected, None] = {}
        for code in codes:
            for table, wanted in self._named(code):
                rows = self._missing_in.get(table, [])
                found |= dict.fromkeys(row for row in rows if not row.key or wanted(row.key.split(SEPARATOR)))
        return list(found)

    def year_of(self, row: Expected) -> int:
        """The year that a row is about: that of the edition, where its key names none."""
        named = dict(zip(key_fields(self.package, row.table), row.key.split(SEPARATOR)))
        return int(named["anno"]) if named.get("anno", "").isdigit() else self.year

    def _named(self, code: str):
        """The tables that a code may be of, each with what tells whether a key is meant."""
        package = self.package
        if package.has(DEFINITIONS, INDICATORS):
            definitions, name = package.indexed(DEFINITIONS), package.name(INDICATORS)
            own = definitions.column("indicatore")
            group = {own[row] for row in definitions.places("gruppo").get(code, ())}
            codes = group or ({code} if code in definitions.places("indicatore") else set())
            if codes:
                yield name, lambda parts, codes=codes: not codes.isdisjoint(parts)
        head, *rest = code.split("/")
        if head in package.resources and (rest or head != package.name(INDICATORS)):
            yield head, lambda parts: set(rest) <= set(parts)
