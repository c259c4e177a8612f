"""Where figures come from: any table whose rows are observations, as one edition sees them.

A code names one observation each year. An indicator's is its own (``tm-flussi/nuovi-casi``);
of the other tables it is the table's name and the fields that ``datapackage.json`` lists as
``cifra``: ``servizi_sub_ambito/tutela-minori/casi/crema``.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, partial

from annuario.data import Vintage
from annuario.errors import BookError
from annuario.figures.figure import Figure, Row
from annuario.figures.group import Figures
from annuario.figures.nature import Nature, find, read

#: The table that declares what figures count.
NATURES = "grandezze"
_ALL_YEARS = 200


class Source:
    """The figures of one edition."""

    def __init__(self, vintage: Vintage):
        self.vintage = vintage
        self.package = vintage.package

    @cached_property
    def natures(self) -> dict[str, Nature]:
        """What the table ``grandezze`` declares, by code; nothing where there is no such table."""
        if NATURES not in self.package.resources:
            return {}
        rows = self.package.indexed(NATURES).frame.to_dict("records")
        return {row["cifra"]: read(row) for row in rows}

    def figure(self, code: str) -> Figure:
        """The figure called ``code`` in the edition's year.

        Raises BookError for a code that no table declares or holds.
        """
        table, fields, rest = self._table(code)
        if table is None or code in self.package.indexed("definizioni").places("indicatore"):
            return self._indicator(code)
        if len(rest) != len(fields):
            raise BookError(f"«{code}» is not a figure: the code is {table}/{'/'.join(f'<{field}>' for field in fields)}.")
        return self._observed(code, table, dict(zip(fields, rest)))

    def figures(self, code: str) -> Figures:
        """The figures whose codes begin with ``code``, by what is left of their codes.

        Of indicators ``code`` is a group. Raises BookError for one that no table declares.
        """
        table, fields, rest = self._table(code)
        if table is None or code in self.package.indexed("definizioni").places("gruppo"):
            return self._group(code)
        where = dict(zip(fields, rest))
        found = self.package.indexed(table)
        if not found.rows(where):
            raise BookError(f"{self.package.path(table)}: no row is a figure of «{code}»: check the spelling.")
        left = fields[len(rest) :]
        rows = self.vintage._rows(table, None, where)
        columns = [found.column(field) for field in left]
        names = dict.fromkeys("/".join(str(column[row]) for column in columns) for row in rows)
        make = {name: partial(self._observed, f"{code}/{name}", table, where | dict(zip(left, name.split("/")))) for name in names}
        return Figures(code, make, self.vintage.year)

    def _table(self, code: str) -> tuple[str | None, list[str], list[str]]:
        """The table that a code begins with, its fields, and the values that the code gives them."""
        head, *rest = code.split("/")
        fields = self.package.resources.get(head, {}).get("cifra")
        return (head, fields, rest) if fields else (None, [], [])

    def _observed(self, code: str, table: str, where: dict) -> Figure:
        found = self.package.indexed(table)
        if not found.rows(where):
            raise BookError(f"{self.package.path(table)}: no row is the figure «{code}»: check the spelling.")
        rows = self.vintage._rows(table, None, where)
        years, values = found.column("anno"), found.column("valore")
        name = self._name(table, where)
        return self._made(code, table, {years[row]: values[row] for row in rows}, rows, name)

    def _name(self, table: str, where: dict) -> str:
        """What the last field of a code is called: by the table that it refers to, else as it is."""
        field, value = list(where.items())[-1]
        for key in self.package.resources[table]["schema"].get("foreignKeys", []):
            if key["fields"] == [field] or key["fields"] == field:
                other = self.package.indexed(key["reference"]["resource"])
                places = other.places(field).get(value)
                if places and "nome" in other.frame:
                    return other.column("nome")[places[0]]
        return str(value).replace("-", " ").capitalize()

    def _indicator(self, code: str) -> Figure:
        vintage = self.vintage
        vintage._declared([code])
        definitions, table = self.package.indexed("definizioni"), self.package.indexed("indicatori")
        place = definitions.places("indicatore")[code][0]
        rows = self._stated(code)
        series = {table.column("anno")[row]: table.column("valore")[row] for row in rows}
        return self._made(
            code, "indicatori", series, rows, definitions.column("nome")[place], definitions.column("unita")[place]
        )

    def _stated(self, code: str) -> list[int]:
        """The rows of an indicator, those of tables first; what stands in prose only of years that no table has.

        Among them what this edition announces of the year after.
        """
        years = self.package.indexed("indicatori").column("anno")
        where = {"indicatore": code, "anno": [*self.vintage.years(_ALL_YEARS), self.vintage.year + 1]}
        printed, told = (self.vintage._rows("indicatori", None, where | {"sede": place}) for place in ("tabella", "testo"))
        known = {years[row] for row in printed}
        return [*printed, *(row for row in told if years[row] not in known)]

    def _group(self, group: str) -> Figures:
        codes = self.vintage._declared(group)
        make = {code.partition("/")[2]: partial(self._indicator, code) for code in codes}
        return Figures(group, make, self.vintage.year)

    def _made(self, code: str, table: str, series: dict, rows: list[int], name: str, unit: str = "") -> Figure:
        nature = find(code, self.natures)
        if unit:
            nature = replace(nature, unit=unit)
        columns = [self.package.indexed(table).column(name) for name in ("anno", "fonte", "edizione")]
        own = self.vintage.id
        kept = tuple(
            Row(table, row, year, source, "" if edition == own else edition)
            for row, year, source, edition in ((row, *(column[row] for column in columns)) for row in rows)
        )
        ordered = {year: series[year] for year in sorted(series)}
        return Figure(code, ordered, self.vintage.year, nature, name, kept)
