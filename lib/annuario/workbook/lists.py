"""The sheets of open rows, such as meetings or projects, compared with their table."""

from __future__ import annotations

import re
from decimal import Decimal

from annuario.data.expected import SEPARATOR, key_fields
from annuario.messages import say
from annuario.workbook import layout, values
from annuario.workbook.changes import ADDED, CHANGED, REMOVED, Change, Changes
from annuario.workbook.form import LABEL, SOURCE, Form, List
from annuario.workbook.read import Cell, Row, Sheet
from annuario.workbook.values import Wrong


class Entries:
    """The sheets of a table of open rows."""

    def __init__(self, form: Form, known: List, found: Changes):
        self.form, self.known, self.found = form, known, found
        self.package, self.table = form.package, known.table
        self.fields = form.package.fields(known.table)
        self.key = key_fields(form.package, known.table)

    def compare(self, sheets: list[Sheet]) -> None:
        rows: dict[str, list[tuple[Sheet, Row, dict[str, str]]]] = {}
        broken = False
        for sheet in sheets:
            gone = [name for name in self.known.fields if name not in sheet.headings and self._needed(name)]
            if gone:
                broken = True
                self.found.problems.append(
                    say(
                        "sheet «{title}»: the column «{column}» is missing: copy the values into a new sheet made "
                        "with «annuario sheet»",
                        title=sheet.name,
                        column=self.fields[gone[0]].get("title", gone[0]),
                    )
                )
                continue
            for row in sheet.rows:
                told = [name for name in row.cells if name in self.known.fields and not row[name].blank]
                if not set(told) - {"anno"}:
                    continue
                values_of = self._read(sheet, row)
                broken = broken or values_of is None
                if values_of is not None:
                    key = SEPARATOR.join(values_of[name] for name in self.key)
                    rows.setdefault(key, []).append((sheet, row, values_of))
        old = {SEPARATOR.join(row[name] for name in self.key): row for row in self.known.rows}
        for key, found in rows.items():
            if len(found) > 1:
                places = "; ".join(
                    say("sheet «{name}», row {row}", name=sheet.name, row=row.number) for sheet, row, _ in found
                )
                self.found.problems.append(
                    say(
                        "{places}: the same row ({key}) is there {count} times: delete the copy",
                        places=places,
                        key=key.replace(SEPARATOR, ", "),
                        count=len(found),
                    )
                )
            else:
                self._compare(key, *found[0], old.get(key, {}))
        for key in old if sheets and not broken else ():
            if key not in rows:
                self.found.notices.append(
                    say(
                        "{title}: «{key}» is no longer in the sheet and stays: to remove it, state «{remove}»",
                        title=self.known.title,
                        key=key.replace(SEPARATOR, ", "),
                        remove=layout.REMOVE,
                    )
                )

    def _read(self, sheet: Sheet, row: Row) -> dict[str, str] | None:
        """The fields of a row; None where something is wrong with them."""
        found, good = {}, True
        for name in self.known.fields:
            try:
                found[name] = values.value(row[name], self.package, self.table, name)
            except Wrong as wrong:
                self.found.problems.append(f"{sheet.where(row, name)}: {wrong}")
                good, found[name] = False, ""
        year = self.form.edition.year
        if "anno" in found:
            found["anno"] = found["anno"] or str(year)
            if abs(int(found["anno"]) - year) > 5 and good:
                self.found.problems.append(
                    say(
                        "{where}: found {anno}, expected {year}: correct the year",
                        where=sheet.where(row, "anno"),
                        anno=found["anno"],
                        year=year,
                    )
                )
                good = False
        for name in self.known.fields:
            if good and self._needed(name) and not found[name]:
                self.found.problems.append(
                    say(
                        "{where}: is empty: {proposed}",
                        where=sheet.where(row, name),
                        proposed=self._proposed(name, found),
                    )
                )
                good = False
        return found if good else None

    def _needed(self, name: str) -> bool:
        return bool(self.fields[name].get("constraints", {}).get("required")) and name not in (SOURCE, "anno")

    def _proposed(self, name: str, row: dict[str, str]) -> str:
        """What to write into a field that is empty: of a code, a proposal."""
        title = next((row[one] for one in ("titolo", "nome", LABEL) if row.get(one)), "")
        if name in self.key and self.fields[name]["type"] == "string" and title:
            return say("write a code, for instance {sub}", sub=re.sub("[^a-z0-9]+", "-", title.lower()).strip("-")[:40])
        return say("fill it in")

    def _compare(self, key: str, sheet: Sheet, row: Row, new: dict[str, str], old: dict[str, str]) -> None:
        first = next(
            (cell for name, cell in row.cells.items() if name in self.known.fields and not cell.blank), Cell(None, "A1")
        )
        place, told = (sheet.name, first.place), key.replace(SEPARATOR, ", ")
        told = f"{self.known.title}: {told}"
        if "stato" not in self.fields:
            try:
                state = values.state(row["stato"])
            except Wrong as wrong:
                self.found.problems.append(f"{sheet.where(row, 'stato')}: {wrong}")
                return
            if state == layout.REMOVE:
                if old:
                    self.found.rows.append(Change(REMOVED, self.table, key, told, "riga", "", place))
                return
        changed = {
            name: said
            for name, said in new.items()
            if said and not _same(self.fields[name]["type"], said, old.get(name, ""))
        }
        if old:
            changed.pop("anno", None)
        if not changed:
            return
        row_now = dict.fromkeys(self.fields, "") | old | changed | {"edizione": str(self.form.edition)}
        if SOURCE in self.fields and SOURCE not in changed:
            row_now[SOURCE] = ""
        fields = ", ".join(f"{self.fields[name].get('title', name)} «{changed[name]}»" for name in changed)
        before = ", ".join(f"«{old.get(name, '')}»" for name in changed)
        self.found.rows.append(Change(CHANGED if old else ADDED, self.table, key, told, before, fields, place, row_now))


def _same(kind: str, one: str, other: str) -> bool:
    if kind in ("number", "integer") and one and other:
        return Decimal(one) == Decimal(other)
    return " ".join(one.split()) == " ".join(other.split())
