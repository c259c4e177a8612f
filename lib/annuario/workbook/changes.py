"""What a workbook changes in an edition's tables: compared row by row, problems all at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from annuario.data import sources
from annuario.data.expected import CONFIRMED, EXCUSED, MISSING, SEPARATOR, key_fields, words
from annuario.workbook import layout, values
from annuario.workbook.form import LABEL, NOTE, SOURCE, Form, Line, List, is_fixed, text_of, value_field
from annuario.workbook.layout import JOINT, KEY
from annuario.workbook.read import Cell, Read, Row, Sheet
from annuario.workbook.values import Wrong

ADDED, CHANGED, REMOVED = "+", "~", "−"
#: How many rows of one kind of problem are told one by one.
SHOWN = 5


@dataclass
class Change:
    """A row that is added, changed or removed: by its table and key, with its whole new content.

    ``old`` and ``new`` are its value, or what else changes, in words; ``place`` is sheet and cell.
    """

    kind: str
    table: str
    key: str
    words: str
    old: str
    new: str
    place: tuple[str, str]
    row: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        sheet, cell = self.place
        shown = {ADDED: self.new, CHANGED: f"{self.old} → {self.new}", REMOVED: f"{self.old} (tolto)"}[self.kind]
        return f"{self.kind} {sheet}, {cell}: {self.words}: {shown}"


@dataclass
class Changes:
    """What a workbook changes: rows, states of rows that are asked for (state and reason); what is wrong, worth telling."""

    rows: list[Change] = field(default_factory=list)
    states: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.rows or self.states)

    def count(self, kind: str) -> int:
        """How many rows are added, changed or removed."""
        return sum(one.kind == kind for one in self.rows)


def compare(form: Form, read: Read) -> Changes:
    """What a workbook changes in the edition that a form is of."""
    found = Changes(problems=list(read.problems), notices=list(read.notices))
    digest = layout.digest(form.package)
    if any(sheet.mark.digest != digest for sheet in read.sheets):
        found.notices.append(
            "la dichiarazione delle tabelle è cambiata da quando il foglio è stato fatto: ogni riga si controlla"
        )
    _Rows(form, found).compare([sheet for sheet in read.sheets if not sheet.mark.table])
    lists = {one.table: one for one in form.lists}
    for table in dict.fromkeys(sheet.mark.table for sheet in read.sheets if sheet.mark.table):
        if table not in form.package.resources or is_fixed(form.package, table):
            found.problems.append(
                f"{read.path.name}: la tabella «{table}» non è un elenco: rifare il foglio con «annuario sheet»"
            )
            continue
        known = lists.get(table) or List(
            table, table, [name for name in form.package.fields(table) if name != "edizione"], []
        )
        _List(form, known, found).compare([sheet for sheet in read.sheets if sheet.mark.table == table])
    return found


class _Rows:
    """The sheets of rows with a key."""

    def __init__(self, form: Form, found: Changes):
        self.form, self.found = form, found
        self.lines = {line.name: line for line in form.lines}
        #: The numbers of the workbook by row, for totals; of the rows, which are «non applicabile».
        self.numbers: dict[tuple[str, str], Decimal | None] = {}
        self.absent: set[tuple[str, str]] = set()

    def compare(self, sheets: list[Sheet]) -> None:
        kept = [one for sheet in sheets for one in self._known(sheet)]
        kept = list(self._once(kept))
        read = [(sheet, row, line, *self._read(sheet, row, line)) for sheet, row, line in kept]
        self.wrong = {line.name for _, _, line, value, _ in read if value is values}
        for _, _, line, value, state in read:
            if line.bounds.numeric and isinstance(value, Decimal):
                self.numbers[line.name] = value
            if state == "non-applicabile":
                self.absent.add(line.name)
        for sheet, row, line, value, state in read:
            if value is not values:
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
                        f"foglio «{sheet.name}», riga {row.number}: «{told[:60]}» non ha la chiave, non si sa quale riga sia: se è un "
                        f"dato nuovo, va prima dichiarato (codice proposto: {code}); se no, scriverlo nella sua riga"
                    )
                continue
            table, _, key = text.partition(JOINT)
            line = self.lines.get((table, key))
            if line is None:
                if not row["valore"].blank:
                    self.found.problems.append(
                        f"foglio «{sheet.name}», riga {row.number}: la chiave «{text[:80]}» non è fra le righe attese di "
                        f"{self.form.edition}: rifare il foglio con «annuario sheet», o aggiungere la riga ad attese.csv ({year})"
                    )
                continue
            if row["voce"].text != " ".join(line.words.split()):
                moved.append((row, line))
            else:
                yield sheet, row, line
        if len(moved) > SHOWN:
            numbers = ", ".join(str(row.number) for row, _ in moved[:12]) + (", …" if len(moved) > 12 else "")
            self.found.problems.append(
                f"foglio «{sheet.name}»: in {len(moved)} righe ({numbers}) la voce non è quella della chiave nascosta: il foglio è "
                "stato ordinato senza la prima colonna: annullare l’ordinamento, o ordinare tutte le colonne insieme"
            )
        else:
            for row, line in moved:
                self.found.problems.append(
                    f"{sheet.where(row, 'voce')}: trovato «{row['voce'].text[:60]}», atteso «{line.words[:60]}» secondo la chiave "
                    "nascosta: rimettere la voce, o spostare il valore nella sua riga"
                )

    def _once(self, rows: list[tuple[Sheet, Row, Line]]) -> Iterator[tuple[Sheet, Row, Line]]:
        """The rows that stand once; copies are refused, all of them."""
        counts = Counter(line.name for _, _, line in rows)
        told: dict[tuple[str, str], list[str]] = {}
        for sheet, row, line in rows:
            if counts[line.name] == 1:
                yield sheet, row, line
            else:
                told.setdefault(line.name, []).append(f"foglio «{sheet.name}», riga {row.number}")
        for name, places in told.items():
            self.found.problems.append(
                f"{'; '.join(places)}: «{self.lines[name].words[:60]}» c’è {len(places)} volte: cancellare le righe copiate"
            )

    def _read(self, sheet: Sheet, row: Row, line: Line) -> tuple[object, str]:
        """The value of a row, None where it is blank, and its state; what is wrong is told, and is no value."""
        try:
            state = values.state(row["stato"])
        except Wrong as wrong:
            self.found.problems.append(f"{sheet.where(row, 'stato')}: {wrong}")
            return values, ""
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
            return values, state
        if cell.formula and value is not None:
            self.found.notices.append(
                f"{sheet.where(row, 'valore')}: è una formula: vale il numero salvato, {row['valore'].text}"
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
                    f"{sheet.where(row, 'valore')}: il totale è {values.told(value)}, le sue parti sommano {values.told(added)}"
                )
        if value is not None and state in EXCUSED:
            found.problems.append(
                f"{sheet.where(row, 'stato')}: c’è un valore e lo Stato è «{row['stato'].text}»: svuotare la cella del valore, o quella dello Stato"
            )
            return
        self._state(row, line, value, state)
        if value is None:
            if line.value is not None and (state == layout.REMOVE or state in EXCUSED):
                self._remove(line, place)
            elif line.value is not None and not computed:
                found.notices.append(
                    f"{sheet.where(row, 'valore')}: è vuota, e {values_in_words(line.value, line)} resta: per toglierlo, Stato «{layout.REMOVE}»"
                )
            elif not row[NOTE].blank and not line.row:
                found.notices.append(f"{sheet.where(row, NOTE)}: è una nota senza valore, non si scrive")
            return
        self._write(sheet, row, line, value, place, computed)
        if isinstance(value, Decimal) and isinstance(line.before, Decimal) and CONFIRMED not in (state, line.state):
            odd = values.unlikely(line.before, value) if value != line.value else ""
            if odd:
                found.notices.append(
                    f"{sheet.where(row, 'valore')}: {values.told(value)} {odd} quello dell’anno prima ({values.told(line.before)}): se è "
                    "giusto, scegliere lo Stato «confermato» e dire perché"
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
                if part is None and known.state == "non-applicabile":
                    continue
            if name in self.wrong or (part is None and name not in self.absent):
                return None
            added += part or 0
        return added

    def _state(self, row: Row, line: Line, value: object, state: str) -> None:
        wanted = line.state if state in ("", layout.REMOVE) else state
        if value is not None and wanted in EXCUSED:
            wanted = MISSING
        reason = row["motivo"].text or line.reason
        if (wanted, reason) != (line.state, line.reason):
            for key in (line.key, *line.twins):
                self.found.states[line.table, key] = (wanted, reason)

    def _remove(self, line: Line, place: tuple[str, str]) -> None:
        for key in (line.key, *line.twins):
            self.found.rows.append(
                Change(
                    REMOVED,
                    line.table,
                    key,
                    words_of(self.form, line.table, key),
                    values_in_words(line.value, line),
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
                f"{sheet.where(row, 'valore')}: il totale {values.told(value)} non è {line.bounds}: correggere le sue parti"
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
                    f"{sheet.where(row, name)}: è vuota: riempirla, perché il valore si possa scrivere"
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
            old = (
                values_in_words(line.value, line)
                if not same
                else ", ".join(f"«{line.row.get(name, '')}»" for name in changed)
            )
            self.found.rows.append(
                Change(
                    kind, line.table, key, words_of(self.form, line.table, key), old if line.row else "",
                    values_in_words(value, line) if not same else others, place,
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
                    f"{sheet.where(row, SOURCE)}: trovato «{said[:60]}», atteso documento:righe (relazione-2025:12-14) o {sources.COMPUTED}: "
                    "correggerla, o svuotare la cella"
                )
                return None
            return said
        if same:
            return old
        return sources.COMPUTED if computed else ""


class _List:
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
                places = "; ".join(f"foglio «{sheet.name}», riga {row.number}" for sheet, row, _ in found)
                self.found.problems.append(
                    f"{places}: la stessa riga ({key.replace(SEPARATOR, ', ')}) c’è {len(found)} volte: cancellare la copia"
                )
            else:
                self._compare(key, *found[0], old.get(key, {}))
        for key in old if sheets and not broken else ():
            if key not in rows:
                self.found.notices.append(
                    f"{self.known.title}: «{key.replace(SEPARATOR, ', ')}» non è più nel foglio e resta: per toglierla, Stato «{layout.REMOVE}»"
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
                    f"{sheet.where(row, 'anno')}: trovato {found['anno']}, atteso {year}: correggere l’anno"
                )
                good = False
        for name in self.known.fields:
            needed = self.fields[name].get("constraints", {}).get("required") and name != SOURCE
            if good and needed and not found[name]:
                self.found.problems.append(f"{sheet.where(row, name)}: è vuota: {self._proposed(name, found)}")
                good = False
        return found if good else None

    def _proposed(self, name: str, row: dict[str, str]) -> str:
        """What to write into a field that is empty: of a code, a proposal."""
        title = next((row[one] for one in ("titolo", "nome", LABEL) if row.get(one)), "")
        if name in self.key and self.fields[name]["type"] == "string" and title:
            return f"scrivere un codice, per esempio {re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')[:40]}"
        return "riempirla"

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


def words_of(form: Form, table: str, key: str) -> str:
    """A row in words."""
    return words(form.package, table, key)


def values_in_words(value: Decimal | str | None, line: Line) -> str:
    """A value as people write it, with its unit."""
    if isinstance(value, Decimal):
        unit = "" if line.unit == "numero" else "€" if line.unit == "EUR" else line.unit
        return f"{values.told(value)} {unit}".strip()
    return f"«{text_of(value)}»"
