"""A workbook that comes back: its sheets as they are, found by their marks and not by their places."""

from __future__ import annotations

import datetime
import hashlib
import io
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
from openpyxl.utils import get_column_letter

from annuario.errors import BookError
from annuario.messages import say, why
from annuario.workbook import layout
from annuario.workbook.layout import KEY, Mark

#: How many of a sheet's first rows are looked at for its mark and its columns' names.
_TOP = 15
#: What the title in a sheet's first row looks like, beside the mark.
_TITLE = re.compile(r".* – [a-z]+(?:-[a-z]+)*-\d{4}")
#: Beyond this nobody enters anything.
_MOST = 20_000


@dataclass(frozen=True)
class Cell:
    r"""A cell: its value, as saved; whether it is a formula, an error; how its number is shown.

    >>> Cell(datetime.datetime(2026, 5, 3), "G7").text, Cell(0.1 + 0.2, "G7").text, Cell("  due\n parole ", "G7").text
    ('03/05/2026', '0.3', 'due parole')
    >>> Cell(" ", "G7").blank, Cell(None, "G7", formula=True).blank
    (True, False)
    """

    value: object
    place: str
    formula: bool = False
    error: bool = False
    percent: bool = False

    @property
    def text(self) -> str:
        """Its value as a text, without blanks around it."""
        value = self.value
        if isinstance(value, datetime.datetime):
            return value.strftime("%d/%m/%Y")
        if isinstance(value, float):
            return f"{value:.15g}"
        return "" if value is None else " ".join(str(value).split())

    @property
    def blank(self) -> bool:
        """Whether nothing is in it."""
        return not self.formula and self.text == ""


NOTHING = Cell(None, "")


@dataclass(frozen=True)
class Row:
    """A row of a sheet, its cells by the names of the columns.

    >>> row = Row("Prestiti", 7, {"valore": Cell(12, "G7")})
    >>> row["valore"].value, row["nota"] is NOTHING
    (12, True)
    """

    sheet: str
    number: int
    cells: dict[str, Cell]

    def __getitem__(self, name: str) -> Cell:
        return self.cells.get(name, NOTHING)


@dataclass
class Sheet:
    """A sheet of rows: what it is, what its columns are called for people, its rows.

    >>> sheet = Sheet("Prestiti", Mark(1, "relazione-2026", "prestiti", "0123"), {"valore": "2026"}, [])
    >>> sheet.where(Row("Prestiti", 7, {}), "valore")
    'sheet «Prestiti», row 7, column «2026»'
    """

    name: str
    mark: Mark
    headings: dict[str, str]
    rows: list[Row]

    def where(self, row: Row, column: str) -> str:
        """Where a cell stands, in words."""
        return say(
            "sheet «{name}», row {row}, column «{column}»",
            name=self.name,
            row=row.number,
            column=self.headings.get(column, column),
        )


@dataclass
class Read:
    """A workbook that was read: its sheets, what is said of the delivery, what is wrong, what is worth telling.

    >>> Read(cartella / "a.xlsx", b"", "relazione-2026").sha256[:8]
    'e3b0c442'
    """

    path: Path
    content: bytes
    edition: str
    sheets: list[Sheet] = field(default_factory=list)
    delivery: dict[str, Cell] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def sha256(self) -> str:
        """The file's digest."""
        return hashlib.sha256(self.content).hexdigest()


def read(path: Path) -> Read:
    """The workbook in a file.

    Raises BookError for what is no workbook of Excel, or none of Annuario's.

    >>> from annuario.workbook.form import Form
    >>> from annuario.workbook.write import write
    >>> form = Form(bozza.project, bozza.package, bozza.edition)
    >>> write(form, form.subjects, cartella / "a.xlsx")
    >>> found = read(cartella / "a.xlsx")
    >>> found.edition, [sheet.name for sheet in found.sheets], found.problems
    ('relazione-2026', ['I prestiti'], [])
    >>> read(cartella / "b.xlsx")
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: .../b.xlsx: cannot be read (No such file or directory): check the name ...
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BookError(
            say("{path}: cannot be read ({why}): check the name of the file.", path=path, why=why(error))
        ) from error
    _require_excel(path, content)
    try:
        shown = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        written = openpyxl.load_workbook(io.BytesIO(content))
    except Exception as error:
        raise BookError(
            say("{path}: the file is damaged: open it in Excel and save it again as .xlsx.", path=path)
        ) from error
    found = Read(path, content, "")
    marks = []
    for sheet in written.worksheets:
        mark, column = _mark(sheet)
        if mark is None:
            _unmarked(found, sheet)
            continue
        marks.append(mark)
        names = _names(sheet)
        if names:
            found.sheets.append(_sheet(found, sheet, shown[sheet.title], mark, *names))
        elif delivery := _delivery(shown[sheet.title], column):  # the first sheet, whatever its name
            found.delivery = delivery
        else:
            found.problems.append(
                say(
                    "sheet «{title}»: the hidden row with the names of the columns is missing: copy the "
                    "values into a new sheet made with «annuario sheet»",
                    title=sheet.title,
                )
            )
    _require_marks(found, marks)
    return found


def _require_excel(path: Path, content: bytes) -> None:
    """Raise BookError for a file that is no workbook: what it is, and what to do."""
    remedy = say("open it and save it as «Excel workbook (.xlsx)»")
    other = say("bring in the workbook made with «annuario sheet»")
    again = say("have it sent again, or copy it anew")
    kind = ""
    if path.name.startswith(("~$", ".~lock.")):
        kind = say("what says that a workbook is open, not the workbook")
        remedy = say(
            "close it and bring in {name}", name=path.name.removeprefix("~$").removeprefix(".~lock.").rstrip("#")
        )
    elif not content.strip(b"\0"):
        kind, remedy = say("an empty file"), again
    elif content[:4] == b"\xd0\xcf\x11\xe0":
        kind = say("an old Excel workbook (.xls) or a file with a password")
    elif not zipfile.is_zipfile(io.BytesIO(content)):
        if content[:2] == b"PK":
            kind, remedy = say("an incomplete file"), again
        else:
            pdf = content[:5] == b"%PDF-"
            kind, remedy = (
                say("a PDF file, not an Excel workbook") if pdf else say("a text file, not an Excel workbook"),
                other,
            )
    else:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if "mimetype" in names:
                kind = say("a LibreOffice sheet (.ods)")
            elif "word/document.xml" in names:
                kind, remedy = say("a Word document, not an Excel workbook"), other
            elif "xl/workbook.xml" not in names:
                kind, remedy = say("an archive that is not Excel's"), other
    if kind:
        raise BookError(say("{path}: is {kind}: {remedy}.", path=path, kind=kind, remedy=remedy))


def _require_marks(found: Read, marks: list[Mark]) -> None:
    path = found.path
    if not marks:
        raise BookError(
            say(
                "{path}: there are no sheets made with «annuario sheet»: copy the values into one of "
                "those, which have a hidden first column.",
                path=path,
            )
        )
    versions = {mark.version for mark in marks}
    if versions != {layout.VERSION}:
        raise BookError(
            say(
                "{path}: the sheets are of another version ({versions}; this one reads {version}): make "
                "them again with «annuario sheet» and copy the values.",
                path=path,
                versions=", ".join(map(str, sorted(versions))),
                version=layout.VERSION,
            )
        )
    editions = sorted({mark.edition for mark in marks})
    if len(editions) > 1:
        raise BookError(
            say(
                "{path}: there are sheets of several editions ({editions}): divide them into several files.",
                path=path,
                editions=", ".join(editions),
            )
        )
    found.edition = editions[0]


def _mark(sheet) -> tuple[Mark | None, int]:
    """What a sheet is, and the column that says it: the first, unless others were put before it."""
    for row in sheet.iter_rows(min_row=1, max_row=_TOP):
        for cell in row:
            if mark := layout.parse(cell.value):
                return mark, cell.column
    return None, 0


def _unmarked(found: Read, sheet) -> None:
    filled = [cell for row in sheet.iter_rows(max_row=_MOST) for cell in row if cell.value is not None]
    if not filled:
        return
    if sheet.title == layout.FIRST or any(_TITLE.fullmatch(str(cell.value)) for cell in filled[:20]):
        found.problems.append(
            say(
                "sheet «{title}»: the hidden first column, which says which row is which, is missing: copy the "
                "values into a new sheet made with «annuario sheet»",
                title=sheet.title,
            )
        )
    elif any(layout.JOINT in str(cell.value) and "|" in str(cell.value) for cell in filled):
        found.problems.append(
            say(
                "sheet «{title}»: it has rows of Annuario, but lacks the first row, which says of which "
                "edition they are: copy the values into a new sheet made with «annuario sheet»",
                title=sheet.title,
            )
        )
    else:
        found.notices.append(say("sheet «{title}»: it is not Annuario's, and is not read", title=sheet.title))


def _names(sheet) -> tuple[int, dict[str, int]] | None:
    """The row of the columns' names, and the column of each."""
    for row in sheet.iter_rows(min_row=1, max_row=_TOP):
        texts = {str(cell.value): cell.column for cell in reversed(row) if cell.value is not None}
        if KEY in texts and len(texts) > 2:
            return row[0].row, texts
    return None


def _sheet(found: Read, written, shown, mark: Mark, names: int, columns: dict[str, int]) -> Sheet:
    title = written.title
    headings = {name: str(written.cell(names + 1, column).value or name) for name, column in columns.items()}
    sheet = Sheet(title, mark, headings, [])
    gone = [] if mark.table else [name for name in ("voce", "valore") if name not in columns]
    if gone:
        found.problems.append(
            say(
                "sheet «{title}»: the column «{column}» is missing: copy the values into a new sheet made with "
                "«annuario sheet»",
                title=title,
                column=layout.COLUMNS[gone[0]].format(mark.edition.rpartition("-")[2]),
            )
        )
        return sheet
    for area in written.merged_cells.ranges:
        if area.max_row > names + 1:
            first, last = area.coord.split(":")
            found.problems.append(
                say(
                    "sheet «{title}»: the cells {first} and {last} are merged, and Excel keeps one alone of "
                    "several values: divide them and write the value of each",
                    title=title,
                    first=first,
                    last=last,
                )
            )
    others: set[int] = set()
    known = {column: name for name, column in columns.items()}
    for row in written.iter_rows(min_row=names + 2, max_row=min(written.max_row, _MOST)):
        cells, beside = {}, []
        for cell in row:
            if cell.value is None:
                continue
            if cell.column in known:
                cells[known[cell.column]] = _cell(cell, shown[cell.coordinate].value)
            else:
                beside.append(cell.column)
        if cells:
            others.update(beside if any(name not in (KEY, "voce") for name in cells) else ())
            sheet.rows.append(Row(title, row[0].row, cells))
    if others:
        letters = ", ".join(get_column_letter(column) for column in sorted(others))
        found.notices.append(
            say("sheet «{title}»: the column {letters} has no name, and is not read", title=title, letters=letters)
        )
    return sheet


def _cell(written, shown: object) -> Cell:
    formula = written.data_type == "f"
    value = shown if formula else written.value
    error = written.data_type == "e" or (
        isinstance(value, str) and value.startswith("#") and value.endswith(("!", "?", "A"))
    )
    return Cell(value, written.coordinate, formula, error, "%" in str(written.number_format or ""))


def _delivery(sheet, column: int) -> dict[str, Cell]:
    """What the first sheet says of the delivery: beside each name the label, beside that the answer."""
    found = {}
    for row in range(1, min(sheet.max_row, 200) + 1):
        name = str(sheet.cell(row, column).value or "")
        if name in layout.DELIVERY:
            cell = sheet.cell(row, column + 2)
            found[name] = Cell(cell.value, cell.coordinate)
    return found
