"""Where figures come from: any table whose rows are observations, as one edition sees them.

A code names one observation each year. An indicator's is its own (``tm-flussi/nuovi-casi``);
of the other tables it is the table's name and the fields that ``datapackage.json`` lists as
``cifra``: ``servizi_sub_ambito/tutela-minori/casi/crema``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cached_property, partial

from annuario.data import Vintage
from annuario.data.corrections import COLUMN, of
from annuario.data.nature import Nature, declared, find
from annuario.data.roles import DEFINITIONS, INDICATORS
from annuario.errors import BookError
from annuario.figures.figure import Figure, Row
from annuario.figures.group import TOTAL, Figures
from annuario.messages import listing, say

_ALL_YEARS = 200
#: Opens the code of an indicator as the document's text gives it, where its table prints another.
TOLD = "testo:"


class Source:
    """The figures of one edition.

    >>> Source(libro).natures["tm-flussi/nuovi-casi"].kind
    'flusso'
    """

    def __init__(self, vintage: Vintage):
        self.vintage = vintage
        self.package = vintage.package

    @cached_property
    def natures(self) -> dict[str, Nature]:
        """What the table ``grandezze`` declares, by code."""
        return declared(self.package)

    def figure(self, code: str) -> Figure:
        """The figure called ``code`` in the edition's year.

        Raises BookError for a code that no table declares or holds.

        >>> source = Source(libro)
        >>> print(source.figure("servizi_sub_ambito/tutela-minori/casi/crema").conta)
        174 minori
        >>> source.figure("tm-flussi/nuovi")
        Traceback (most recent call last):
            ...
        annuario.errors.BookError: ... «tm-flussi/nuovi» is not declared: did you mean «tm-flussi/nuovi-casi»?
        """
        if code.startswith(TOLD):
            return self._indicator(code.removeprefix(TOLD), told=True)
        table, fields, rest = self._table(code)
        if table is None or self._defines("indicatore", code):
            return self._indicator(code)
        if len(rest) != len(fields):
            raise BookError(
                say(
                    "«{code}» is not a figure: the code is {table}/{fields}.",
                    code=code,
                    table=table,
                    fields="/".join(f"<{field}>" for field in fields),
                )
            )
        return self._observed(code, table, dict(zip(fields, rest)))

    def figures(self, code: str) -> Figures:
        """The figures whose codes begin with ``code``, by what is left of their codes.

        Of indicators ``code`` is a group. Raises BookError for one that no table declares.

        >>> list(Source(libro).figures("tm-flussi"))[:2]
        ['in-carico-01-01', 'nuovi-casi']
        """
        table, fields, rest = self._table(code)
        if table is None or self._defines("gruppo", code):
            return self._group(code)
        where = dict(zip(fields, rest))
        found = self.package.indexed(table)
        self._require(code, table, where)
        left = fields[len(rest) :]
        rows = self._rows(table, where)
        columns = [found.column(field) for field in left]
        names = dict.fromkeys("/".join(str(column[row]) for column in columns) for row in rows)

        def make(name: str) -> Figure:
            return self._observed(f"{code}/{name}", table, where | dict(zip(left, name.split("/"))))

        return Figures(code, {name: partial(make, name) for name in names}, self.vintage.year, missing=make)

    def _defines(self, field: str, code: str) -> bool:
        return self.package.has(DEFINITIONS) and bool(self.package.indexed(DEFINITIONS).rows({field: code}))

    def _table(self, code: str) -> tuple[str | None, list[str], list[str]]:
        """The table that a code begins with, its fields, and the values that the code gives them."""
        head, *rest = code.split("/")
        fields = self.package.resources.get(head, {}).get("cifra")
        return (head, fields, rest) if fields else (None, [], [])

    def _observed(self, code: str, table: str, where: dict) -> Figure:
        found = self.package.indexed(table)
        self._require(code, table, where)
        rows = self._rows(table, where)
        years, values = found.column("anno"), found.column("valore")
        name = self._name(table, where)
        return self._made(code, table, {years[row]: values[row] for row in rows}, rows, name)

    def _require(self, code: str, table: str, where: dict) -> None:
        """Raises BookError where a part of a code is spelled as nothing is; a row that is not there is no misspelling."""
        wrong = [f"«{value}»" for field, value in where.items() if not self._spelled(table, field, value)]
        if wrong:
            raise BookError(
                say(
                    "{path}: no row is the figure «{code}», nor has any {wrong}: check the spelling.",
                    path=self.package.path(table),
                    code=code,
                    wrong=listing(wrong),
                )
            )

    def _spelled(self, table: str, field: str, value: str) -> bool:
        """Whether a value of a field is one of its rows', or of those that the field is declared to have."""
        rows = self.package.indexed(table).rows
        declared = self.package.fields(table)[field].get("constraints", {}).get("enum", ())
        return (
            value == TOTAL
            or value in declared
            or bool(rows({field: value}))
            or self._referred(table, field, value) is not None
            or not rows({})
        )

    def _rows(self, table: str, where: dict) -> list[int]:
        """The rows of an observation, of the edition that the whole of its printed table is taken from."""
        within = self.package.resources[table].get("vintage", [])
        return self.vintage._rows(table, None, {field: where[field] for field in within if field in where}, where)

    def _name(self, table: str, where: dict) -> str:
        """What the last field of a code is called: by the table that it refers to, else as it is."""
        field, value = list(where.items())[-1]
        return self._referred(table, field, value) or str(value).replace("-", " ").capitalize()

    def _referred(self, table: str, field: str, value: str) -> str | None:
        """What a value is called in the table that its field refers to; None where it is not there."""
        for key in self.package.resources[table]["schema"].get("foreignKeys", []):
            if key["fields"] == [field] or key["fields"] == field:
                other = self.package.indexed(key["reference"]["resource"])
                if places := other.rows({field: value}):
                    return other.column("nome")[places[0]] if "nome" in other.fields else ""
        return None

    def _indicator(self, code: str, told: bool = False) -> Figure:
        vintage = self.vintage
        self._require_definitions(code)
        vintage._declared([code])
        definitions, table = self.package.indexed(DEFINITIONS), self.package.indexed(INDICATORS)
        place = definitions.rows({"indicatore": code})[0]
        rows = self._stated(code, told)
        series = {table.column("anno")[row]: table.column("valore")[row] for row in rows}
        return self._made(
            code, INDICATORS, series, rows, definitions.column("nome")[place], definitions.column("unita")[place]
        )

    def _stated(self, code: str, told: bool) -> list[int]:
        """The rows of an indicator, those of tables first; what stands in prose only of years that no table has.

        Among them what this edition announces of the year after. ``told`` gives those in prose alone.
        """
        years = self.package.indexed(INDICATORS).column("anno")
        where = {"indicatore": code, "anno": [*self.vintage.years(_ALL_YEARS), self.vintage.year + 1]}
        printed, prose = (
            self.vintage._rows(INDICATORS, None, where | {"sede": place}) for place in ("tabella", "testo")
        )
        if told:
            return prose
        known = {years[row] for row in printed}
        return [*printed, *(row for row in prose if years[row] not in known)]

    def _group(self, group: str) -> Figures:
        self._require_definitions(group)
        codes = self.vintage._declared(group)
        make = {code.partition("/")[2]: partial(self._indicator, code) for code in codes}
        return Figures(group, make, self.vintage.year)

    def _require_definitions(self, code: str) -> None:
        if not self.package.has(DEFINITIONS, INDICATORS):
            tables = [name for name, found in self.package.resources.items() if "cifra" in found]
            raise BookError(
                say(
                    "«{code}» is not a figure: the tables with figures are {tables}.",
                    code=code,
                    tables=", ".join(tables) or say("none"),
                )
            )

    def _made(self, code: str, table: str, series: dict, places: list[int], name: str, unit: str = "") -> Figure:
        nature = find(code, self.natures)
        unit = unit or self.package.resources[self.package.name(table)].get("unita", "")
        if unit:
            nature = replace(nature, unit=unit)
        kept = rows(self.vintage, table, places, nature.unit)
        printed = as_printed(series, kept)
        ordered = {year: series[year] for year in sorted(series)}
        return Figure(code, ordered, self.vintage.year, nature, name, kept, printed=printed)


def rows(vintage: Vintage, table: str, places: Iterable[int], unit: str = "") -> tuple[Row, ...]:
    """Rows of a table as a figure rests on them, with what the ledger says of their ``valore``, in a unit.

    >>> rows(libro, "indicatori", [3], "persone")[0].table
    'indicatori'
    """
    found = vintage.package.indexed(table)
    ledger = found.column(COLUMN) if COLUMN in found.fields else None
    kept = []
    for place in places:
        year, source, edition = (found.column(name)[place] for name in ("anno", "fonte", "edizione"))
        one = None if ledger is None else of(ledger[place])
        if one:
            one = replace(one, unit=unit or one.unit, chapter=vintage.ledger)
        kept.append(
            Row(table, place, year, source, "" if edition == vintage.id else edition, one or None, found.records[place])
        )
    return tuple(kept)


def as_printed(sums: Mapping[int, Decimal], kept: Iterable[Row]) -> dict[int, Decimal]:
    """What the printed values of some rows would make of their sums, by year, where that is another.

    >>> utenti = libro.cifra("sil-indicatori/utenti-in-carico")
    >>> as_printed({2025: utenti.valore}, [row for row in utenti.rows if row.year == 2025])
    {2025: Decimal('78')}
    """
    printed: dict[int, Decimal] = {}
    for row in kept:
        if row.correction and not row.correction.open and sums.get(row.year) is not None:
            before = printed.get(row.year, sums[row.year])
            printed[row.year] = before + Decimal(row.correction.printed or 0) - Decimal(row.correction.used or 0)
    return printed
