"""Where the numbers of sentences and tables come from, for whoever asks on the page: values, units, documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from annuario.data import nature
from annuario.data.corrections import COLUMN
from annuario.data.roles import DEFINITIONS, EDITIONS, INDICATORS
from annuario.data.sources import in_short
from annuario.data.value import CELLS, Record
from annuario.text import jupyter

if TYPE_CHECKING:
    from annuario.data import Package, Vintage

#: A sentence and the rows (table, number, ``fonte``) that it rests on.
Sentence = tuple[str, list[list]]
#: A cell of a table by its row and column, and the rows that it rests on.
Cell = tuple[int, int, list[list]]


def sentences(chapters: Mapping[Path, dict], titles: Mapping[Path, str]) -> dict[str, list[Sentence]]:
    """The sentences of the executed chapters that rest on rows of the data, by the label of the chapter."""
    return {
        titles.get(source, ""): [
            (text, [list(row) for row in rows])
            for cell in notebook["cells"]
            if cell["cell_type"] == "markdown"
            for text, rows in cell["metadata"].get("annuario", {}).get(jupyter.RESTING, ())
        ]
        for source, notebook in chapters.items()
    }


def tables(chapters: Mapping[Path, dict], titles: Mapping[Path, str]) -> dict[str, dict[str, list[Cell]]]:
    """The cells of the tables that rest on rows of the data, by the labels of the chapter and of the table."""
    found: dict[str, dict[str, list[Cell]]] = {}
    for source, notebook in chapters.items():
        for cell in notebook["cells"]:
            label = cell["metadata"].get("annuario", {}).get("options", {}).get("label")
            for output in cell.get("outputs", ()):
                told = output.get("metadata", {}).get("annuario", {}).get(CELLS)
                if told and label:
                    found.setdefault(titles.get(source, ""), {})[str(label)] = [
                        (row, column, [list(told["righe"][number]) for number in numbers])
                        for row, column, *numbers in told["celle"]
                    ]
    return found


def rows(package: Package, edition: Vintage, wanted: Iterable[Sequence]) -> dict[str, list[str]]:
    """What some rows tell: name, year, value, unit, definition, where it stands, what the ledger says; by ``table:row``."""
    package = package.used
    about = _About(package, edition)
    found = {}
    for table, row, source in {tuple(one) for one in wanted}:
        told = about.row(table, row, source)
        if told:
            found[f"{table}:{row}"] = told
    return dict(sorted(found.items()))


class _About:
    """What a package says of its rows."""

    def __init__(self, package: Package, edition: Vintage):
        from annuario.figures import Source

        self.package, self.source = package, Source(edition)
        editions = package.whole(EDITIONS).frame
        self.titles = dict(zip(editions["edizione"], editions["titolo"])) if "titolo" in editions else {}
        self.natures = nature.declared(package)
        self.places: dict[str, dict[int, int]] = {}

    def row(self, table: str, row: int, source: str) -> list[str]:
        indexed = self.package.indexed(table)
        if table not in self.places:
            self.places[table] = {record.row: place for place, record in enumerate(indexed.records)}
        place = self.places[table].get(row)
        valued = "valore" in indexed.fields
        if place is None or not (valued or _title(indexed.fields)):
            return []
        name, unit, definition = self._named(table, place)
        value = indexed.column("valore")[place] if valued else None
        year = str(indexed.column("anno")[place]) if "anno" in indexed.fields else ""
        ledger = indexed.column(COLUMN)[place] if COLUMN in indexed.fields else ()
        return [
            name, year, "" if value is None else str(value), unit, definition,
            self._where(Record(table, row, source)), " ".join(one.note for one in ledger),
        ]  # fmt: skip

    def _named(self, table: str, place: int) -> tuple[str, str, str]:
        indexed, package = self.package.indexed(table), self.package
        if table == package.name(INDICATORS) and package.has(DEFINITIONS):
            definitions = package.indexed(DEFINITIONS)
            found = definitions.rows({"indicatore": indexed.column("indicatore")[place]})
            said = [
                definitions.column(field)[found[0]] if found and field in definitions.fields else ""
                for field in ("nome", "unita", "definizione")
            ]
            return said[0], said[1], said[2]
        declared = package.resources[table]
        if "valore" not in indexed.fields:
            return f"{declared.get('title', table)}: {indexed.column(_title(indexed.fields))[place]}", "", ""
        fields = declared.get("cifra", [])
        values = {field: str(indexed.column(field)[place]) for field in fields}
        names = [self.source._name(table, {field: value}) for field, value in values.items()]
        unit = declared.get("unita") or nature.find("/".join([table, *values.values()]), self.natures).unit
        return ", ".join(names) or declared.get("title", table), unit, ""

    def _where(self, record: Record) -> str:
        return "; ".join(
            self.titles.get(cited.document, cited.document) + (f", {_lines(cited.where)}" if cited.where else "")
            for cited in in_short([record])
        )


def _title(fields: Iterable[str]) -> str:
    """The field that names a row of a table without a value, if it has one."""
    return next((name for name in ("titolo", "nome") if name in fields), "")


def _lines(where: str) -> str:
    """Lines of a document, or cells of a delivery, in words."""
    if "!" in where:
        return where
    return f"{'riga' if where.isdigit() else 'righe'} {where}"
