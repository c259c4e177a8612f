"""The data package: declared tables, read exactly, seen as one edition sees them.

``data/datapackage.json`` is the single place where a table is declared. Every
observation says which edition published it (``edizione``), which year it is
about (``anno``) and where it stands (``fonte``).
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path

import pandas as pd

from annuario.errors import BookError


#: The files read so far in this process: what a chapter depends on.
READS: set[str] = set()


class Package:
    """The tables of one data folder."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self._cache: dict[str, pd.DataFrame] = {}

    @cached_property
    def descriptor(self) -> dict:
        """The parsed ``datapackage.json``."""
        path = self.folder / "datapackage.json"
        READS.add(str(path))
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BookError(f"{path}: cannot be read as JSON ({error}).") from error

    @cached_property
    def resources(self) -> dict[str, dict]:
        """The declarations of the tables, by name."""
        return {resource["name"]: resource for resource in self.descriptor["resources"]}

    def fields(self, name: str) -> dict[str, dict]:
        """The declared fields of a table, by name and in order."""
        return {field["name"]: field for field in self.resources[name]["schema"]["fields"]}

    def path(self, name: str) -> Path:
        """The file of a table."""
        return self.folder / self.resources[name]["path"]

    def read(self, name: str) -> pd.DataFrame:
        """One table as it stands, every row of every edition.

        Fields of type ``number`` become ``Decimal`` (empty: ``None``), ``integer``
        fields ``int``, everything else ``str`` (empty: ``""``). A byte order mark
        and Windows line ends are accepted.

        Raises BookError for an undeclared table, an unreadable file, a missing or
        unknown column, or a cell that is not of its declared type.
        """
        if name not in self.resources:
            raise BookError(f"{self.folder / 'datapackage.json'}: no table «{name}» is declared.")
        READS.add(str(self.path(name)))
        if name not in self._cache:
            self._cache[name] = self._read(name)
        return self._cache[name].copy()

    def _read(self, name: str) -> pd.DataFrame:
        path, fields = self.path(name), self.fields(name)
        try:
            frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        except OSError as error:
            raise BookError(f"{path}: cannot be read ({error.strerror}).") from error
        except UnicodeDecodeError as error:
            raise BookError(f"{path}: not UTF-8 (byte {error.start}): save the file as UTF-8.") from error
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise BookError(f"{path}: not a table: {str(error).strip()}.") from error
        missing = [column for column in fields if column not in frame]
        extra = [column for column in frame if column not in fields]
        if missing or extra:
            what = [f"column «{column}» is missing" for column in missing]
            what += [f"column «{column}» is not declared" for column in extra]
            raise BookError(f"{path}: {', '.join(what)}: the declared columns are {', '.join(fields)}.")
        frame = frame[list(fields)]
        for column, field in fields.items():
            if field["type"] in ("number", "integer"):
                convert = Decimal if field["type"] == "number" else int
                frame[column] = pd.Series(
                    [_cell(text, convert, path, row, column) for row, text in enumerate(frame[column], start=2)],
                    index=frame.index,
                    dtype=object if convert is Decimal else None,
                )
        return frame

    def edition(self, book: str, year: int) -> Vintage:
        """The data as the edition of ``book`` for ``year`` sees them."""
        return Vintage(self, book, year)


def _cell(text: str, convert: type, path: Path, row: int, column: str):
    if text == "":
        return None
    try:
        return convert(text)
    except (ValueError, InvalidOperation) as error:
        kind = "a decimal number with a point, such as 1234.50" if convert is Decimal else "a whole number"
        raise BookError(f"{path}, row {row}, column «{column}»: «{text[:60]}» is not {kind}.") from error


class Vintage:
    """The data as one edition sees them.

    The value that the edition itself published comes first; where it is silent
    about a year, the nearest later edition's, then the nearest earlier one's. The
    fields within which one edition is taken whole are declared for each table in
    ``datapackage.json`` as ``vintage``, so that rows of two editions never mix in
    one printed table. The column ``da`` names the edition a row comes from when
    it is not this one.
    """

    def __init__(self, package: Package, book: str, year: int):
        self.package = package
        self.book = book
        self.year = year
        self.id = f"{book}-{year}"
        editions = package.read("edizioni")
        self._order = {
            row.edizione: self._distance(row.libro, row.anno) for row in editions.itertuples()
        }

    def _distance(self, book: str, year: int) -> tuple:
        """Smaller is preferred: this edition, later ones, earlier ones; own book first."""
        gap = year - self.year
        return (0 if gap == 0 and book == self.book else 1 if gap >= 0 else 2, abs(gap), book != self.book)

    @property
    def published(self) -> bool:
        """Whether the agency published this very edition."""
        return self.id in self._order

    def years(self, count: int = 3) -> list[int]:
        """The last ``count`` years up to the edition's, oldest first."""
        return list(range(self.year - count + 1, self.year + 1))

    def table(self, name: str, series: list[str] | None = None, **where) -> pd.DataFrame:
        """The rows of a table that this edition sees.

        ``where`` keeps the rows whose field equals the value, or is among a list of
        values. Rows of other editions about years after this edition's are left out.
        ``series`` replaces the declared fields within which one edition is taken whole.
        """
        frame = self.package.read(name)
        for column, value in where.items():
            values = value if isinstance(value, (list, tuple, set, range)) else [value]
            frame = frame[frame[column].isin(list(values))]
        if "edizione" not in frame:
            return frame.reset_index(drop=True)
        own = frame["edizione"] == self.id
        if "anno" in frame:
            frame = frame[own | (frame["anno"] <= self.year)]
        order = frame["edizione"].map(self._order)
        series = series or self.package.resources[name].get("vintage", [column for column in frame if column == "anno"])
        best = order.groupby([frame[column] for column in series]).transform("min") if series else order.min()
        frame = frame[order == best].copy()
        frame["da"] = ["" if edition == self.id else edition for edition in frame["edizione"]]
        return frame.reset_index(drop=True)

    def indicators(self, which: str | list[str], years: int = 3) -> pd.DataFrame:
        """Indicators of the last ``years`` years, in the printed order.

        ``which`` is a group (the family of one printed table) or a list of indicators.
        Adds to the table ``indicatori`` the declared ``servizio``, ``gruppo``, ``voce``,
        ``misura``, ``nome``, ``unita`` and ``definizione``. A number that stands in prose
        appears only where no table prints the indicator, or anything of its group.

        Raises BookError for a group or an indicator that is not declared.
        """
        declared = self._declared(which)
        where = {"indicatore": list(declared["indicatore"]), "anno": self.years(years)}
        tables = self.table("indicatori", ["anno"] if isinstance(which, str) else None, sede="tabella", **where)
        prose = self.table("indicatori", ["anno", "indicatore"], sede="testo", **where)
        if isinstance(which, str) and len(tables):
            prose = prose[:0]
        prose = prose[~prose["indicatore"].isin(set(tables["indicatore"]))]
        frame = pd.concat([tables, prose], ignore_index=True)
        order = {name: place for place, name in enumerate(declared["indicatore"])}
        if not isinstance(which, str):
            frame = frame.sort_values("indicatore", key=lambda names: names.map(order), kind="stable")
        return frame.merge(declared, on="indicatore", how="left", validate="many_to_one")

    def _declared(self, which: str | list[str]) -> pd.DataFrame:
        """The definitions of a group, or of some indicators in the order asked."""
        declared = self.package.read("definizioni")
        if isinstance(which, str):
            found = declared[declared["gruppo"] == which]
            unknown = [] if len(found) else [which]
        else:
            unknown = [name for name in which if name not in set(declared["indicatore"])]
            found = declared.set_index("indicatore").reindex(which).reset_index()
        if unknown:
            raise BookError(
                f"{self.package.path('definizioni')}: {', '.join(f'«{name}»' for name in unknown)} is not declared: "
                "check the spelling or add the definition."
            )
        return found

    def value(self, indicator: str, year: int | None = None) -> Decimal | None:
        """One indicator's value in one year (default: the edition's), or None."""
        self._declared([indicator])
        frame = self.table("indicatori", indicatore=indicator, anno=self.year if year is None else year)
        frame = frame.sort_values("sede", kind="stable")
        return None if frame.empty else frame["valore"].iloc[0]

    def has(self, group: str, year: int | None = None) -> bool:
        """Whether a group has an indicator in a year (default: the edition's)."""
        names = list(self._declared(group)["indicatore"])
        return not self.table("indicatori", indicatore=names, anno=self.year if year is None else year).empty

    def series(self, indicator: str, years: int = 3) -> dict[int, Decimal]:
        """One indicator by year, oldest first, for the last ``years`` years known."""
        frame = self.indicators([indicator], years)
        return dict(sorted(zip(frame["anno"], frame["valore"])))

    def sub_ambiti(self, service: str, measures: str | list[str], years: int = 3) -> pd.DataFrame:
        """A service by sub-ambito over the last years, with the sub-ambito's ``nome``.

        ``measures`` are codes of the field ``misura`` of ``servizi_sub_ambito``.
        """
        frame = self.table("servizi_sub_ambito", servizio=service, misura=measures, anno=self.years(years))
        return frame.merge(self.package.read("sub_ambiti"), on="sub_ambito", how="left", validate="many_to_one")

    def budget(self, card: str) -> pd.DataFrame:
        """A budget card of this year, line by line, with each action's ``titolo``.

        Amounts in EUR: the whole lines, not their split by funding source.
        """
        frame = self.table("bilancio", scheda=card, canale="totale", anno=self.year)
        titles = self.package.read("azioni").drop(columns="fonte")
        return frame.merge(titles, on=["edizione", "scheda", "azione"], how="left", validate="many_to_one")

    def revenues(self) -> pd.DataFrame:
        """The revenues of this year by channel, with the channel's ``nome`` and ``provenienza``."""
        frame = self.table("entrate", anno=self.year)
        return frame.merge(self.package.read("canali"), on="canale", how="left", validate="many_to_one")
