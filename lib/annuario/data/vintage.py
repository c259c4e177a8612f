"""The data as one edition sees them."""

from __future__ import annotations

from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from annuario.data.questions import distance, seen
from annuario.data.roles import DEFINITIONS, EDITIONS, INDICATORS
from annuario.data.value import COLUMN
from annuario.errors import BookError
from annuario.messages import say

if TYPE_CHECKING:
    from annuario.data.package import Package


class Vintage:
    """The data as one edition sees them.

    The value that the edition itself published comes first; where it is silent
    about a year, the nearest later edition's, then the nearest earlier one's. The
    fields within which one edition is taken whole are declared for each table in
    ``datapackage.json`` as ``vintage``, so that rows of two editions never mix in
    one printed table. The column ``da`` names the edition a row comes from when
    it is not this one, ``riga_dati`` is its record (``annuario.data.value``), ``correzioni`` in a
    corrected table the corrections of a row. ``ledger`` is the label of the chapter that tells of
    them, where the book has one.

    >>> edition = Vintage(esempio, "relazione", 2025)
    >>> edition.id, edition.published, edition.draft, edition.years(), edition.ledger
    ('relazione-2025', True, False, [2023, 2024, 2025], '')
    >>> earlier = Vintage(esempio, "relazione", 2024)  # a year that is only in the tables of a later one
    >>> earlier.published, earlier.value("prestiti/libri"), earlier.value("prestiti/libri", 2025)
    (False, Decimal('43850'), None)
    """

    def __init__(self, package: Package, book: str, year: int):
        self.package = package = package.used
        self.book = book
        self.year = year
        self.id = f"{book}-{year}"
        editions = package.read(EDITIONS)
        self._order = {row.edizione: distance(row.libro, row.anno, book, year) for row in editions.itertuples()}

    @cached_property
    def ledger(self) -> str:
        """The label of the chapter that tells of the corrections; none here."""
        return ""

    @property
    def published(self) -> bool:
        """Whether this very edition has rows of its own: the agency published it, or it is a draft."""
        return self.id in self._order

    @property
    def draft(self) -> bool:
        """Whether the edition is in the making."""
        return self.id in self.package.drafts

    def years(self, count: int = 3) -> list[int]:
        """The last ``count`` years up to the edition's, oldest first."""
        return list(range(self.year - count + 1, self.year + 1))

    def table(self, name: str, series: list[str] | None = None, **where) -> pd.DataFrame:
        """The rows of a table that this edition sees.

        ``where`` keeps the rows whose field equals the value, or is among a list of
        values. Rows of other editions about years after this edition's are left out.
        ``series`` replaces the declared fields within which one edition is taken whole.

        >>> found = Vintage(esempio, "relazione", 2024).table("indicatori", indicatore="prestiti/libri")
        >>> found[["anno", "valore", "da"]].values.tolist()
        [[2023, Decimal('41200'), 'relazione-2025'], [2024, Decimal('43850'), 'relazione-2025']]
        """
        return self._frame(name, self._rows(name, series, where))

    def _frame(self, name: str, rows: list[int]) -> pd.DataFrame:
        """Some rows of a table, with the columns ``da`` and ``riga_dati``."""
        table = self.package.indexed(name)
        frame = table.some(rows)
        frame[COLUMN] = pd.Series([table.records[row] for row in rows], frame.index, object)
        if "edizione" in frame:
            frame["da"] = ["" if edition == self.id else edition for edition in frame["edizione"]]
        return frame

    def _rows(self, name: str, series: list[str] | None, where: dict, then: dict | None = None) -> list[int]:
        """The places of the rows that ``table`` gives; ``then`` keeps of these the rows with other values."""
        table = self.package.indexed(name)
        if "edizione" not in table.fields:
            return table.rows(where | (then or {}))
        dated = ["anno"] if "anno" in table.fields else []
        fields = series or self.package.resources[self.package.name(name)].get("vintage", dated)
        editions = self.package.path(EDITIONS).relative_to(self.package.folder).as_posix()
        view = {"libro": self.book, "anno": self.year, "campi": list(fields), "edizioni": editions}
        table.ask(where, view, then)
        columns = {field: table.column(field) for field in ("edizione", *dated, *fields)}
        rows = seen(table.matching(where), columns, self.id, self.year, self._order, fields)
        return rows if then is None else sorted(set(rows) & set(table.matching(then)))

    def indicators(self, which: str | list[str], years: int = 3) -> pd.DataFrame:
        """Indicators of the last ``years`` years, in the printed order.

        ``which`` is a group (the family of one printed table) or a list of indicators.
        Adds to the table ``indicatori`` the declared ``servizio``, ``gruppo``, ``voce``,
        ``misura``, ``nome``, ``unita`` and ``definizione``. A number that stands in prose
        appears only where no table prints the indicator, or anything of its group.

        Raises BookError for a group or an indicator that is not declared.

        >>> Vintage(esempio, "relazione", 2025).indicators("iscritti", years=1)[["nome", "valore"]].values.tolist()
        [['Iscritti attivi', Decimal('5733')], ['Nuovi iscritti', Decimal('701')]]
        >>> Vintage(esempio, "relazione", 2025).indicators(["prestiti/dischi"])
        Traceback (most recent call last):
            ...
        annuario.errors.BookError: ... «prestiti/dischi» is not declared: check the spelling or add the definition.
        """
        rows = self._printed(which, years)
        frame = self._frame(INDICATORS, rows)
        definitions = self.package.indexed(DEFINITIONS)
        places = {name: definitions.rows({"indicatore": name})[0] for name in dict.fromkeys(frame["indicatore"])}
        beside = definitions.some([places[name] for name in frame["indicatore"]])
        return pd.concat([frame, beside.drop(columns="indicatore")], axis="columns")

    def _printed(self, which: str | list[str], years: int) -> list[int]:
        """The places of the rows that ``indicators`` gives, in their order."""
        names = self._declared(which)
        where = {"indicatore": names, "anno": self.years(years)}
        rows = self._rows(INDICATORS, ["anno"] if isinstance(which, str) else None, where | {"sede": "tabella"})
        printed = self.package.indexed(INDICATORS).column("indicatore")
        if not (isinstance(which, str) and rows):
            known = {printed[row] for row in rows}
            prose = self._rows(INDICATORS, ["anno", "indicatore"], where | {"sede": "testo"})
            rows += [row for row in prose if printed[row] not in known]
        if not isinstance(which, str):
            rows.sort(key=lambda row: names.index(printed[row]))
        return rows

    def _declared(self, which: str | list[str]) -> list[str]:
        """The indicators of a group, or those asked for, all of which must be declared."""
        definitions = self.package.indexed(DEFINITIONS)
        field = "gruppo" if isinstance(which, str) else "indicatore"
        names = [which] if isinstance(which, str) else which
        places = {name: definitions.rows({field: name}) for name in names}
        unknown = [name for name in names if not places[name]]
        if unknown:
            close = get_close_matches(unknown[0], definitions.column(field), 1, 0.8)
            if close and len(unknown) == 1:
                raise BookError(
                    say(
                        "{path}: «{unknown}» is not declared: did you mean «{close}»?",
                        path=self.package.path(DEFINITIONS),
                        unknown=unknown[0],
                        close=close[0],
                    )
                )
            raise BookError(
                say(
                    "{path}: {unknown} is not declared: check the spelling or add the definition.",
                    path=self.package.path(DEFINITIONS),
                    unknown=", ".join(f"«{name}»" for name in unknown),
                )
            )
        return [definitions.column("indicatore")[row] for name in names for row in places[name]]

    def value(self, indicator: str, year: int | None = None) -> Decimal | None:
        """One indicator's value in one year (default: the edition's), or None.

        >>> edition = Vintage(esempio, "relazione", 2025)
        >>> edition.value("iscritti/nuovi"), edition.value("iscritti/nuovi", 2019)
        (Decimal('701'), None)
        """
        where = {"indicatore": self._declared([indicator]), "anno": self.year if year is None else year}
        table = self.package.indexed(INDICATORS)
        first = min(self._rows(INDICATORS, None, where), key=table.column("sede").__getitem__, default=None)
        return None if first is None else table.column("valore")[first]

    def has(self, group: str, year: int | None = None) -> bool:
        """Whether a group has an indicator in a year (default: the edition's).

        >>> edition = Vintage(esempio, "relazione", 2025)
        >>> edition.has("iscritti"), edition.has("iscritti", 2019)
        (True, False)
        """
        where = {"indicatore": self._declared(group), "anno": self.year if year is None else year}
        return len(self._rows(INDICATORS, None, where)) > 0

    def series(self, indicator: str, years: int = 3) -> dict[int, Decimal]:
        """One indicator by year, oldest first, for the last ``years`` years known.

        >>> Vintage(esempio, "relazione", 2025).series("iscritti/nuovi", years=2)
        {2024: Decimal('655'), 2025: Decimal('701')}
        """
        rows = self._printed([indicator], years)
        table = self.package.indexed(INDICATORS)
        return dict(sorted((table.column("anno")[row], table.column("valore")[row]) for row in rows))
