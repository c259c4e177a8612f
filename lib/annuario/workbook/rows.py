"""The sheets of rows with a key, compared with the tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from annuario.checks.series import FEW, unlikely
from annuario.data import sources
from annuario.data.expected import CONFIRMED, EXCUSED, MISSING, NOT_APPLICABLE, SEPARATOR, key_fields, words
from annuario.messages import say
from annuario.words import phrases
from annuario.workbook import layout, values
from annuario.workbook.changes import ADDED, CHANGED, REMOVED, Change, Changes, State
from annuario.workbook.form import LABEL, NOTE, SOURCE, Form, Line, text_of, value_field
from annuario.workbook.layout import JOINT, KEY
from annuario.workbook.read import Row, Sheet
from annuario.workbook.values import Wrong

#: How many rows with another's words are told one by one.
SHOWN = 5
#: What a cell holds that means nothing, or more than one thing.
_WRONG = object()


class Rows:
    """The sheets of rows with a key."""

    def __init__(self, form: Form, found: Changes):
        self.form, self.found = form, found
        self.lines = {line.name: line for line in form.lines}
        #: The numbers of the workbook by row, for totals; of the rows, which are «non applicabile».
        self.numbers: dict[tuple[str, str], Decimal | None] = {}
        self.absent: set[tuple[str, str]] = set()
        #: The rows whose value is wrong.
        self.wrong: set[tuple[str, str]] = set()

    def compare(self, sheets: list[Sheet]) -> None:
        kept = [one for sheet in sheets for one in self._known(sheet)]
        kept = list(self._once(kept))
        read = [(sheet, row, line, *self._read(sheet, row, line)) for sheet, row, line in kept]
        self.wrong = {line.name for _, _, line, value, _ in read if value is _WRONG}
        for _, _, line, value, state in read:
            if line.bounds.numeric and isinstance(value, Decimal):
                self.numbers[line.name] = value
            if state == NOT_APPLICABLE:
                self.absent.add(line.name)
        for sheet, row, line, value, state in read:
            if value is not _WRONG:
                self._compare(sheet, row, line, value, state)

    def _known(self, sheet: Sheet) -> Iterator[tuple[Sheet, Row, Line]]:
        """The rows that are asked for; others are told."""
        year, moved = str(self.form.edition.year), []
        for row in sheet.rows:
            text, filled = (
                row[KEY].text,
                [name for name in row.cells if name not in (KEY, "voce", "codice") and not row[name].blank],
            )
            if not text:
                if filled and (told := row["voce"].text or ", ".join(row[name].text for name in filled)):
                    code = re.sub(r"[^a-z0-9]+", "-", told.lower()).strip("-")[:40]
                    self.found.problems.append(
                        say(
                            "sheet «{name}», row {row}: «{told}» has no key, so that nobody knows which row it is: "
                            "if it is new, it must be declared first (a code for it: {code}); if not, write it into "
                            "its row",
                            name=sheet.name,
                            row=row.number,
                            told=told[:60],
                            code=code,
                        )
                    )
                continue
            table, _, key = text.partition(JOINT)
            line = self.lines.get((table, key))
            if line is None:
                if not row["valore"].blank:
                    self.found.problems.append(
                        say(
                            "sheet «{name}», row {row}: the key «{text}» is not among the rows expected of "
                            "{edition}: make the sheet again with «annuario sheet», or add the row to attese.csv "
                            "({year})",
                            name=sheet.name,
                            row=row.number,
                            text=text[:80],
                            edition=self.form.edition,
                            year=year,
                        )
                    )
                continue
            if row["voce"].text != " ".join(line.words.split()):
                moved.append((row, line))
            else:
                yield sheet, row, line
        if len(moved) > SHOWN:
            numbers = ", ".join(str(row.number) for row, _ in moved[:12]) + (", …" if len(moved) > 12 else "")
            self.found.problems.append(
                say(
                    "sheet «{name}»: in {count} rows ({numbers}) the entry is not that of the hidden key: "
                    "the sheet was sorted without its first column: undo the sorting, or sort all columns "
                    "together",
                    name=sheet.name,
                    count=len(moved),
                    numbers=numbers,
                )
            )
        else:
            for row, line in moved:
                self.found.problems.append(
                    say(
                        "{where}: found «{text}», expected «{words}» by the hidden key: put the entry back, or "
                        "move the value to its row",
                        where=sheet.where(row, "voce"),
                        text=row["voce"].text[:60],
                        words=line.words[:60],
                    )
                )

    def _once(self, rows: list[tuple[Sheet, Row, Line]]) -> Iterator[tuple[Sheet, Row, Line]]:
        """The rows that stand once; copies are refused, all of them."""
        counts = Counter(line.name for _, _, line in rows)
        told: dict[tuple[str, str], list[str]] = {}
        for sheet, row, line in rows:
            if counts[line.name] == 1:
                yield sheet, row, line
            else:
                told.setdefault(line.name, []).append(say("sheet «{name}», row {row}", name=sheet.name, row=row.number))
        for name, places in told.items():
            self.found.problems.append(
                say(
                    "{places}: «{words}» is there {count} times: delete the copied rows",
                    places="; ".join(places),
                    words=self.lines[name].words[:60],
                    count=len(places),
                )
            )

    def _read(self, sheet: Sheet, row: Row, line: Line) -> tuple[object, str]:
        """The value of a row, None where it is blank, and its state; what is wrong is told, and is no value."""
        try:
            state = values.state(row["stato"])
        except Wrong as wrong:
            self.found.problems.append(f"{sheet.where(row, 'stato')}: {wrong}")
            return _WRONG, ""
        cell = row["valore"]
        if (line.parts and cell.formula) or state == layout.REMOVE:
            return None, state
        try:
            confirmed = CONFIRMED in (state, line.state)
            if line.bounds.numeric:
                value: object = values.number(cell, line, self.form.edition.year, confirmed)
            else:
                rules = self.form.package.fields(line.table)[value_field(self.form.package, line.table)].get(
                    "constraints", {}
                )
                value = values.text(cell, rules) or None
        except Wrong as wrong:
            self.found.problems.append(f"{sheet.where(row, 'valore')}: {wrong}")
            return _WRONG, state
        if cell.formula and value is not None:
            self.found.notices.append(
                say(
                    "{where}: it is a formula: the number saved is taken, {text}",
                    where=sheet.where(row, "valore"),
                    text=row["valore"].text,
                )
            )
        return value, state

    def _compare(self, sheet: Sheet, row: Row, line: Line, value, state: str) -> None:
        found, place = self.found, (sheet.name, row["valore"].place)
        computed = bool(line.parts and row["valore"].formula)
        if computed:
            value = self._sum(line) if state != layout.REMOVE else None
        elif line.parts and isinstance(value, Decimal):
            added = self._sum(line)
            if added is not None and added != value:
                found.notices.append(
                    say(
                        "{where}: the total is {told}, its parts make {added}",
                        where=sheet.where(row, "valore"),
                        told=values.told(value),
                        added=values.told(added),
                    )
                )
        if value is not None and state in EXCUSED:
            found.problems.append(
                say(
                    "{where}: there is a value and the state is «{text}»: empty the cell of the value, or "
                    "that of the state",
                    where=sheet.where(row, "stato"),
                    text=row["stato"].text,
                )
            )
            return
        self._state(row, line, value, state, place)
        if value is None:
            if line.value is not None and (state == layout.REMOVE or state in EXCUSED):
                self._remove(line, place)
            elif line.value is not None and not computed:
                found.notices.append(
                    say(
                        "{where}: is empty, and {said} stays: to remove it, state «{remove}»",
                        where=sheet.where(row, "valore"),
                        said=_said(line.value, line),
                        remove=layout.REMOVE,
                    )
                )
            elif not row[NOTE].blank and not line.row:
                found.notices.append(
                    say("{where}: it is a note without a value, and is not written", where=sheet.where(row, NOTE))
                )
            return
        self._write(sheet, row, line, value, place, computed)
        if isinstance(value, Decimal) and isinstance(line.before, Decimal) and CONFIRMED not in (state, line.state):
            odd = unlikely(line.before, value) if value != line.value else ""
            if not value and value != line.value and abs(line.before) >= FEW:
                found.notices.append(
                    say(
                        "{where}: is 0, and in the year before {before}: if it is right, choose the state "
                        "«confermato» and say why",
                        where=sheet.where(row, "valore"),
                        before=values.told(line.before),
                    )
                )
            elif odd:
                found.notices.append(
                    say(
                        "{where}: {told} {odd} that of the year before ({before}): if it is right, choose the "
                        "state «confermato» and say why",
                        where=sheet.where(row, "valore"),
                        told=values.told(value),
                        odd=odd,
                        before=values.told(line.before),
                    )
                )

    def _sum(self, line: Line) -> Decimal | None:
        """The sum of a total's parts, as they are in the workbook or else in the tables; None where one is missing."""
        added = Decimal(0)
        for key in line.parts:
            name = (line.table, key)
            part = self.numbers.get(name)
            if part is None and name in self.lines and name not in self.absent:
                known = self.lines[name]
                part = known.value if isinstance(known.value, Decimal) else None
                if part is None and known.state == NOT_APPLICABLE:
                    continue
            if name in self.wrong or (part is None and name not in self.absent):
                return None
            added += part or 0
        return added

    def _state(self, row: Row, line: Line, value: object, state: str, place: tuple[str, str]) -> None:
        wanted = line.state if state in ("", layout.REMOVE) else state
        if value is not None and wanted in EXCUSED:
            wanted = MISSING
        reason = row["motivo"].text or line.reason
        if (wanted, reason) != (line.state, line.reason):
            for key in (line.key, *line.twins):
                self.found.states.append(
                    State(line.table, key, words(self.form.package, line.table, key), wanted, reason, place)
                )

    def _remove(self, line: Line, place: tuple[str, str]) -> None:
        for key in (line.key, *line.twins):
            self.found.rows.append(
                Change(
                    REMOVED,
                    line.table,
                    key,
                    words(self.form.package, line.table, key),
                    _said(line.value, line),
                    "",
                    place,
                )
            )

    def _write(
        self, sheet: Sheet, row: Row, line: Line, value: Decimal | str, place: tuple[str, str], computed: bool
    ) -> None:
        package, what = self.form.package, value_field(self.form.package, line.table)
        fields = package.fields(line.table)
        same = value == line.value
        written = line.bounds.text(value) if isinstance(value, Decimal) else value
        if isinstance(value, Decimal) and not written:
            self.found.problems.append(
                say(
                    "{where}: the total {told} is not {bounds}: correct its parts",
                    where=sheet.where(row, "valore"),
                    told=values.told(value),
                    bounds=line.bounds,
                )
            )
            return
        new = dict(line.row) or dict.fromkeys(fields, "")
        changed = [] if same else [what]
        if not same:
            new[what] = written
        told = [name for name in (NOTE, LABEL, *line.extras) if name in fields]
        for name in told:
            try:
                said = values.value(row[name], package, line.table, name)
            except Wrong as wrong:
                self.found.problems.append(f"{sheet.where(row, name)}: {wrong}")
                return
            if not said and not line.row:
                said = line.label if name == LABEL else line.extras.get(name, "")
            if not said and name == LABEL and not line.row and fields[name].get("constraints", {}).get("required"):
                said = line.words
            if said and " ".join(said.split()) != " ".join(line.row.get(name, "").split()):
                new[name] = said
                changed.append(name)
            if not new[name] and fields[name].get("constraints", {}).get("required"):
                self.found.problems.append(
                    say("{where}: is empty: fill it in, so that the value can be written", where=sheet.where(row, name))
                )
                return
        if SOURCE in fields:
            source = self._source(sheet, row, line, same, computed)
            if source is None:
                return
            if source != line.row.get(SOURCE, ""):
                new[SOURCE] = source
                changed.append(SOURCE)
        if not changed:
            return
        for key in (line.key, *line.twins):
            parts = dict(zip(key_fields(package, line.table), key.split(SEPARATOR)))
            kind = CHANGED if line.row else ADDED
            others = ", ".join(f"{fields[name].get('title', name)} «{new[name]}»" for name in changed)
            old = _said(line.value, line) if not same else ", ".join(f"«{line.row.get(name, '')}»" for name in changed)
            self.found.rows.append(
                Change(
                    kind, line.table, key, words(self.form.package, line.table, key), old if line.row else "",
                    _said(value, line) if not same else others, place,
                    new | parts | {"edizione": str(self.form.edition)},
                )
            )  # fmt: skip

    def _source(self, sheet: Sheet, row: Row, line: Line, same: bool, computed: bool) -> str | None:
        """What a row rests on: what its column says, if that is new; else the cell that its value comes from (nothing yet)."""
        old, said = line.row.get(SOURCE, ""), row[SOURCE].text
        if said and said != old:
            try:
                sources.parse(said)
            except ValueError:
                self.found.problems.append(
                    say(
                        "{where}: found «{said}», expected documento:righe (relazione-2025:12-14) or {computed}: "
                        "correct it, or empty the cell",
                        where=sheet.where(row, SOURCE),
                        said=said[:60],
                        computed=sources.COMPUTED,
                    )
                )
                return None
            return said
        if same:
            return old
        return sources.COMPUTED if computed else ""


def _said(value: Decimal | str | None, line: Line) -> str:
    """A value as people write it, with its unit: ``1 persona``."""
    if isinstance(value, Decimal):
        unit = "" if line.unit == "numero" else line.unit.replace("EUR", "€")
        if value == 1 and unit in phrases.NOUNS:
            unit = phrases.NOUNS[unit].singular
        return f"{values.told(value)} {unit}".strip()
    return f"«{text_of(value)}»"
