"""The workbook of an edition: a sheet that explains, and one for each subject in the order of the chapters."""

from __future__ import annotations

import io
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from annuario import checks
from annuario.errors import BookError
from annuario.messages import say, why
from annuario.words.numbers import stretches
from annuario.workbook import explanations, layout
from annuario.workbook.explanations import Question
from annuario.workbook.form import LABEL, NOTE, SOURCE, Form, Line, List, Subject, text_of
from annuario.workbook.layout import COLUMNS, DELIVERY, KEY, Mark
from annuario.year.explain import VERDICTS

#: How many characters a drop-down list holds.
_LISTED = 255
#: Blank rows of a list, for what is entered.
BLANK = 60
#: Row of the columns' names for the program, of those for people, the first of a sheet's rows (from 0).
NAMES, HEADINGS, BODY = 2, 3, 4
#: What the first sheet explains; {0} is the year.
_EXPLAINED = (
    "Ogni foglio è un argomento del libro. Si scrive nelle celle bianche: i valori nella colonna {0}; accanto c’è il "
    "valore dell’anno prima. Le celle grigie non si toccano.\n"
    "Giallo: manca ancora. Verde: inserito. Grigio: quest’anno non ci sarà.\n"
    "Se un dato non c’è, si sceglie lo Stato: «non rilevato» (con il motivo) o «non applicabile». «Confermato» dice che un "
    "valore insolito è giusto. «Da togliere» toglie un valore già inserito: svuotare la cella non basta.\n"
    "I totali si sommano da soli; finché una parte manca c’è scritto «manca».\n"
    "Le percentuali si scrivono come numeri: 12,5 per 12,5 %. I decimali con la virgola, senza unità di misura.\n"
    "Righe e fogli si possono spostare; la prima colonna, nascosta, dice quale riga è: non va copiata né cancellata. Si "
    "salva come cartella di Excel (.xlsx)."
)
_DIFFERENCES, _EXPLAINED_ALREADY = "Differenze da spiegare", "Differenze già spiegate"
_DOUBTS = "Valori insoliti: perché sono giusti"
_WIDTHS = {
    "voce": 52, "codice": 26, "unita": 10, "prima": 14, "valore": 16, "situazione": 15, "stato": 15, "motivo": 26,
    "nota": 24, "fonte": 22, "etichetta": 34, "cosa": 60, "dove": 40, "spiegazione": 60, "usato": 24, "atteso": 15,
    "trovato": 15, "differenza": 15,
}  # fmt: skip
#: Of a sheet with texts among its values, so that they do not stand in a column of single words.
_TEXTS = {"prima": 42, "valore": 42}
_FORMS = {
    "title": {"bold": True, "font_size": 15, "font_color": "#0b5c6b"},
    "hint": {"font_color": "#555555", "italic": True},
    "wrap": {"text_wrap": True, "valign": "top"},
    "heading": {"bold": True, "bg_color": "#0b5c6b", "font_color": "#ffffff", "text_wrap": True, "valign": "vcenter", "border": 1, "border_color": "#cccccc"},
    "group": {"bold": True, "font_color": "#0b5c6b", "bottom": 1, "bottom_color": "#0b5c6b"},
    "locked": {"bg_color": "#f2f2f2", "border": 1, "border_color": "#dddddd", "valign": "top", "text_wrap": True},
    "situation": {"bg_color": "#f2f2f2", "border": 1, "border_color": "#dddddd", "valign": "top", "indent": 1},
    "code": {"bg_color": "#f2f2f2", "border": 1, "border_color": "#dddddd", "valign": "top", "font_color": "#888888", "font_size": 8, "shrink": True},
    "total": {"bold": True, "bg_color": "#e6f0f1", "border": 1, "border_color": "#bbbbbb", "valign": "top", "align": "right"},
    "figure": {"bg_color": "#f2f2f2", "border": 1, "border_color": "#dddddd", "valign": "top", "align": "right"},
    "open": {"locked": False, "border": 1, "border_color": "#bbbbbb", "valign": "top", "num_format": "@"},
    "text": {"locked": False, "border": 1, "border_color": "#bbbbbb", "valign": "top", "num_format": "@", "text_wrap": True},
}  # fmt: skip


def write(form: Form, subjects: Iterable[Subject], path: Path, asked: Iterable[Question] = ()) -> None:
    """Write the workbook of some subjects of an edition, and of what is ``asked`` to be explained.

    Raises BookError where the file cannot be written.

    >>> form = Form(bozza.project, bozza.package, bozza.edition)
    >>> write(form, form.subjects, cartella / "a.xlsx")
    >>> (cartella / "a.xlsx").read_bytes()[:2]
    b'PK'
    """
    content = _Workbook(form, list(subjects), list(asked)).content()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise BookError(
            say("{path}: cannot be written ({why}): if the file is open in Excel, close it.", path=path, why=why(error))
        ) from error


class _Workbook:
    def __init__(self, form: Form, subjects: list[Subject], asked: list[Question]):
        self.form, self.subjects, self.asked = form, subjects, asked
        self.year = form.edition.year
        self.file = io.BytesIO()
        self.book = xlsxwriter.Workbook(self.file, {"in_memory": True, "strings_to_formulas": False})
        self.styles = {name: self.book.add_format(properties) for name, properties in _FORMS.items()}
        self._numbers: dict[tuple[int, bool, bool], xlsxwriter.format.Format] = {}
        self._digest = layout.digest(form.package)
        self._lines = {line.name: line for subject in subjects for line in subject.lines}
        self._taken = {layout.FIRST.lower()}
        self._widths = _WIDTHS
        #: Sheets, each with how many rows it asks for and the column of their situation.
        self._index: list[tuple[str, int, str]] = []

    def content(self) -> bytes:
        first = self.book.add_worksheet(layout.FIRST) if self.subjects else None
        for subject in self.subjects:
            if subject.lines:
                self._rows(subject)
            for one in subject.lists:
                self._list(subject, one)
        if self.asked:
            self._explanations()
        if first:
            self._explain(first)
        self.book.close()
        return self.file.getvalue()

    def _sheet(self, title: str, mark: Mark, hint: str, columns: dict[str, str]):
        sheet = self.book.add_worksheet(layout.sheet_name(title, self._taken))
        sheet.write_string(0, 0, str(mark))
        sheet.write_string(0, 1, f"{title} – {self.form.edition}", self.styles["title"])
        sheet.write_string(1, 1, hint, self.styles["hint"])
        for place, (name, told) in enumerate(columns.items()):
            sheet.write_string(NAMES, place, name)
            sheet.write_string(HEADINGS, place, told, self.styles["heading"])
            sheet.set_column(place, place, _WIDTHS.get(name, 20))
        sheet.set_row(NAMES, None, None, {"hidden": True})
        sheet.set_row(HEADINGS, 30)
        sheet.set_column(0, 0, 20, None, {"hidden": True})
        sheet.protect("", {"format_cells": True, "format_columns": True, "format_rows": True, "insert_rows": True})
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEADINGS)
        return sheet

    # -- rows with a key

    def _rows(self, subject: Subject) -> None:
        form, year = self.form, self.year
        extras = list(dict.fromkeys(name for line in subject.lines for name in line.extras))
        before = form.before.year if form.before else year - 1
        columns = {name: told.format(year, before) for name, told in COLUMNS.items()}
        for name in extras:
            table = next(line.table for line in subject.lines if name in line.extras)
            columns[name] = str(form.package.fields(table)[name].get("title", name))
        mark = Mark(layout.VERSION, str(form.edition), subject.name, self._digest)
        hint = f"Si scrive nelle celle bianche della colonna {year}. Una cella vuota non è zero e non cancella niente."
        sheet = self._sheet(subject.title, mark, hint, columns)
        place = {name: number for number, name in enumerate(columns)}
        texts = (line.before for line in subject.lines if isinstance(line.before, str))
        self._widths = _WIDTHS | (_TEXTS if any(len(text) > 2 * _WIDTHS["prima"] for text in texts) else {})
        for name in _TEXTS:
            sheet.set_column(place[name], place[name], self._widths[name])
        row, last, rows = BODY, None, {}
        for line in subject.lines:
            if (line.table, line.heading) != last:
                last = line.table, line.heading
                row += 1 if row > BODY else 0
                title = form.package.resources[line.table].get("title", line.table)
                told = f"{title} – {line.heading.replace('-', ' ')}" if line.heading else title
                sheet.write_string(row, place["voce"], told, self.styles["group"])
                row += 1
            rows[line.name] = row
            row += 1
        for line in subject.lines:
            self._line(sheet, line, rows, place)
        self._colours(sheet, place, row)
        sheet.freeze_panes(BODY, place["voce"] + 1)
        self._index.append((sheet.name, len(rows), xl_col_to_name(place["situazione"])))

    def _line(self, sheet, line: Line, rows: dict[tuple[str, str], int], place: dict[str, int]) -> None:
        row = rows[line.name]
        locked, opened = self.styles["locked"], self.styles["open"]
        sheet.write_string(row, place[KEY], f"{line.table}{layout.JOINT}{line.key}")
        sheet.write_string(row, place["voce"], line.words, locked)
        sheet.write_string(row, place["codice"], line.key, self.styles["code"])
        sheet.write_string(row, place["unita"], line.unit, locked)
        if isinstance(line.before, Decimal):
            sheet.write_number(row, place["prima"], float(line.before), self._number(line, False))
        else:
            sheet.write_string(row, place["prima"], line.before or "", locked)
        self._value(sheet, line, rows, place)
        value, state = (f"{xl_col_to_name(place[name])}{row + 1}" for name in ("valore", "stato"))
        chosen = next((told for told, known in layout.STATES.items() if known == line.state), "")
        chosen = "" if chosen == "da inserire" else chosen
        situation = "inserito" if line.value is not None else chosen or layout.INCOMPLETE
        sheet.write_formula(
            row, place["situazione"],
            f'=IF(AND({value}<>"",{value}<>"{layout.INCOMPLETE}"),"inserito",'
            f'IF(OR({state}="",{state}="da inserire"),"{layout.INCOMPLETE}",{state}))',
            self.styles["situation"], situation,
        )  # fmt: skip
        for name, text in (
            ("stato", chosen), ("motivo", line.reason), (NOTE, line.row.get(NOTE, "")),
            (SOURCE, line.row.get(SOURCE, "")), (LABEL, line.label),
        ):  # fmt: skip
            has = name in ("stato", "motivo") or name in self.form.package.fields(line.table)
            sheet.write_string(
                row, place[name], text, self.styles["text" if name == LABEL else "open"] if has else locked
            )
        for name in list(place)[len(COLUMNS) :]:
            sheet.write_string(row, place[name], line.extras.get(name, ""), opened if name in line.extras else locked)
            self._choice(sheet, row, row, place[name], line.table, name)
        told = {"voce": line.words, LABEL: line.label}
        told |= {
            name: text_of(value)
            for name, value in (("prima", line.before), ("valore", line.value))
            if isinstance(value, str)
        }
        high = max(-(-len(text) // self._widths[name]) for name, text in told.items())
        if high > 1:  # not every program makes room for what it breaks into lines
            sheet.set_row(row, 15 * high)
        sheet.data_validation(row, place["stato"], row, place["stato"], _listed([*layout.STATES, layout.REMOVE]))

    def _value(self, sheet, line: Line, rows: dict[tuple[str, str], int], place: dict[str, int]) -> None:
        row, column = rows[line.name], place["valore"]
        if not line.bounds.numeric:
            sheet.write_string(row, column, text_of(line.value), self.styles["text"])
            self._choice(sheet, row, row, column, line.table, "")
            return
        parts = [rows[line.table, key] for key in line.parts if (line.table, key) in rows]
        values = [one.value for one in self._of(line)]
        known = [one for one in values if isinstance(one, Decimal)]
        added = sum(known, Decimal(0)) if len(known) == len(values) else None
        if parts and len(parts) == len(line.parts) and line.value in (None, added):
            cells = _ranges(xl_col_to_name(column), parts)
            states = _ranges(xl_col_to_name(place["stato"]), parts)
            excused = "".join(f'+COUNTIF({one},"non applicabile")' for one in states.split(","))
            formula = f'=IF(COUNT({cells}){excused}>={len(parts)},SUM({cells}),"{layout.INCOMPLETE}")'
            shown = layout.INCOMPLETE if added is None else float(added)
            sheet.write_formula(row, column, formula, self._number(line, True, total=True), shown)
            return
        style = self._number(line, True)
        if isinstance(line.value, Decimal):
            sheet.write_number(row, column, float(line.value), style)
        else:
            sheet.write_blank(row, column, None, style)
        sheet.data_validation(row, column, row, column, _numeric(line))

    def _of(self, line: Line) -> list[Line]:
        return [self._lines[line.table, key] for key in line.parts if (line.table, key) in self._lines]

    def _number(self, line: Line, opened: bool, total: bool = False):
        exponent = -int(line.before.as_tuple().exponent) if isinstance(line.before, Decimal) else 0
        decimals = max(exponent, 2 if line.unit.startswith("EUR") else 0)
        key = (decimals, opened, total)
        if key not in self._numbers:
            base = _FORMS["total" if total else "open" if opened else "locked"]
            form = "#,##0" + ("." + "0" * decimals if decimals else "")
            self._numbers[key] = self.book.add_format(
                base | {"num_format": form, "text_wrap": False, "locked": not opened}
            )
        return self._numbers[key]

    def _choice(self, sheet, first: int, last: int, column: int, table: str, name: str) -> None:
        """A drop-down list for a field with a list of values."""
        values = self.form.package.fields(table).get(name, {}).get("constraints", {}).get("enum")
        if values and len(",".join(map(str, values))) <= _LISTED:
            sheet.data_validation(first, column, last, column, _listed(map(str, values)))

    def _colours(self, sheet, place: dict[str, int], end: int) -> None:
        state, value = xl_col_to_name(place["situazione"]), place["valore"]
        for told, colour in (
            (layout.INCOMPLETE, "#fff2b3"), ("non rilevato", "#d9d9d9"), ("non applicabile", "#d9d9d9"),
            ("inserito", "#e2f0d9"), ("confermato", "#d6e4f5"),
        ):  # fmt: skip
            style = self.book.add_format({"bg_color": colour})
            rule = {"type": "formula", "criteria": f'=${state}{BODY + 1}="{told}"', "format": style}
            sheet.conditional_format(BODY, place["situazione"], end, place["situazione"], rule)
            if told in (layout.INCOMPLETE, "non rilevato", "non applicabile"):
                sheet.conditional_format(BODY, value, end, value, rule)

    # -- open rows

    def _list(self, subject: Subject, one: List) -> None:
        declared = self.form.package.fields(one.table)
        columns = {KEY: "Chiave"} | {name: str(declared[name].get("title", name)) for name in one.fields}
        columns |= {"stato": "Stato"} if "stato" not in columns else {}
        mark = Mark(layout.VERSION, str(self.form.edition), subject.name, self._digest, one.table)
        hint = f"Una riga per ciascuno. Per togliere una riga: «{layout.REMOVE}» nell’ultima colonna; cancellarla qui non basta."
        sheet = self._sheet(one.title, mark, hint, columns)
        end = BODY + len(one.rows) + BLANK
        for row in range(BODY, end):
            known = one.rows[row - BODY] if row - BODY < len(one.rows) else {}
            for place, name in enumerate(columns):
                if place:
                    sheet.write_string(row, place, known.get(name, ""), self.styles["open"])
        for place, name in enumerate(columns):
            if name == "stato" and name not in one.fields:
                sheet.data_validation(BODY, place, end, place, _listed([layout.REMOVE]))
            elif place:
                self._choice(sheet, BODY, end, place, one.table, name)
        sheet.freeze_panes(BODY, 2)
        self._index.append((sheet.name, 0, ""))

    # -- what is to be explained

    def _explanations(self) -> None:
        mark = Mark(layout.VERSION, str(self.form.edition), explanations.TITLE, self._digest, explanations.TABLE)
        sheet = self._sheet(explanations.TITLE, mark, explanations.HINT, explanations.COLUMNS)
        place = {name: number for number, name in enumerate(explanations.COLUMNS)}
        row, last = BODY, ""
        for one in self.asked:
            title = _DOUBTS if one.row else _EXPLAINED_ALREADY if one.answer else _DIFFERENCES
            if title != last:
                row += 1 if row > BODY else 0
                sheet.write_string(row, place["cosa"], title, self.styles["group"])
                row, last = row + 1, title
            sheet.write_string(row, 0, one.key)
            sheet.write_string(row, place["cosa"], one.what, self.styles["locked"])
            where = checks.rows.places(one.where)
            sheet.write_string(row, place["dove"], where, self.styles["locked"])
            for name, value in (("atteso", one.expected), ("trovato", one.found), ("differenza", one.difference)):
                told = "" if value is None else value if isinstance(value, str) else checks.told(value, one.what)
                sheet.write_string(row, place[name], told, self.styles["figure"])
            sheet.write_string(row, place["spiegazione"], one.answer, self.styles["text"])
            for name, text in (("esito", one.verdict), ("usato", one.used)):
                sheet.write_string(row, place[name], text, self.styles["locked" if one.row else "text"])
            if not one.row:
                sheet.data_validation(row, place["esito"], row, place["esito"], _listed(VERDICTS))
            lines = {name: -(-len(text) // _WIDTHS[name]) for name, text in (("cosa", one.what), ("dove", where))}
            sheet.set_row(row, 15 * max(2, *lines.values()))
            row += 1
        answer = xl_col_to_name(place["spiegazione"])
        blank = {"type": "formula", "criteria": f'=AND($A{BODY + 1}<>"",TRIM(${answer}{BODY + 1})="")'}
        sheet.conditional_format(
            BODY, place["spiegazione"], row, place["spiegazione"],
            blank | {"format": self.book.add_format({"bg_color": "#fff2b3"})},
        )  # fmt: skip
        sheet.freeze_panes(BODY, place["cosa"] + 1)
        self._index.append((sheet.name, 0, ""))

    # -- the first sheet

    def _explain(self, sheet) -> None:
        form, styles = self.form, self.styles
        only = self.subjects[0].name if len(self.subjects) == 1 else ""
        sheet.write_string(0, 0, str(Mark(layout.VERSION, str(form.edition), only or layout.FIRST, self._digest)))
        sheet.set_column(0, 0, 20, None, {"hidden": True})
        sheet.set_column(1, 1, 62)
        sheet.set_column(2, 3, 34)
        sheet.write_string(0, 1, f"Dati per {form.edition}", styles["title"])
        row = 2
        for text in _EXPLAINED.format(self.year).splitlines():
            sheet.merge_range(row, 1, row, 3, text, styles["wrap"])
            sheet.set_row(row, 15 * (1 + len(text) // 125))
            row += 1
        row += 1
        sheet.write_string(row, 1, "La consegna", styles["group"])
        for name, told in DELIVERY.items():
            row += 1
            sheet.write_string(row, 0, name)
            sheet.write_string(row, 1, told, styles["locked"])
            sheet.write_string(
                row, 2, only if name == "servizio" else layout.PROVISIONAL if name == "stato" else "", styles["open"]
            )
            if name == "stato":
                sheet.data_validation(row, 2, row, 2, _listed([layout.PROVISIONAL, layout.FINAL]))
        row += 2
        for place, told in enumerate(("Fogli", "Righe", "Da inserire"), 1):
            sheet.write_string(row, place, told, styles["heading"])
        for name, rows, column in self._index:
            row += 1
            quoted = "'" + name + "'"
            sheet.write_url(row, 1, f"internal:{quoted}!B1", styles["locked"], name)
            if column:
                sheet.write_number(row, 2, rows, styles["locked"])
                left = sum(
                    line.value is None and line.state == "manca"
                    for subject in self.subjects for line in subject.lines
                    if layout.sheet_name(subject.title, set()) == name
                )  # fmt: skip
                counted = f'=COUNTIF({quoted}!{column}{BODY + 1}:{column}2000,"{layout.INCOMPLETE}")'
                sheet.write_formula(row, 3, counted, styles["locked"], left)
            else:
                sheet.write_string(row, 2, "elenco", styles["locked"])
        sheet.protect("", {"format_cells": True, "format_columns": True, "format_rows": True})
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)


def _listed(values: Iterable[str]) -> dict:
    return {
        "validate": "list",
        "source": list(values),
        "error_title": say("Value not allowed"),
        "error_message": say("Choose a value of the list."),
    }


def _numeric(line: Line) -> dict:
    """The validation of a number's type and sign."""
    bounds = line.bounds
    least = bounds.minimum
    rule: dict = {"validate": "integer" if bounds.whole else "decimal"}
    if least is not None and bounds.maximum is not None:
        rule |= {"criteria": "between", "minimum": float(least), "maximum": float(bounds.maximum)}
    else:
        rule |= {"criteria": ">=", "value": float(-(10**15) if least is None else least)}
    return rule | {
        "error_title": say("Value not allowed"),
        "error_message": say("It takes {bounds}. If there is no such value, choose the state.", bounds=bounds)[:255],
    }


def _ranges(column: str, rows: list[int]) -> str:
    """Cells of a column, neighbours as ranges."""
    return ",".join(
        f"{column}{first + 1}" if first == last else f"{column}{first + 1}:{column}{last + 1}"
        for first, last in stretches(rows)
    )
