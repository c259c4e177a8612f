"""Open data beside the book: the rows that an edition sees, as CSV files and one workbook.

Only the tables that the book's chapters read, described by a data package of their own.
"""

from __future__ import annotations

import base64
import copy
import datetime
import io
import json
from collections.abc import Container, Mapping, Sequence
from itertools import chain, count
from pathlib import Path

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format

from annuario.data import Package, Vintage
from annuario.data.corrections import COLUMN, Correction
from annuario.data.roles import COLORS, CONFIRMATIONS, CORRECTIONS, DISCREPANCIES, ERRATA
from annuario.data.value import COLUMN as RECORD
from annuario.errors import BookError
from annuario.execution.cache import Store, code_digest, digest, recalled
from annuario.messages import say

#: Rows that are not told whole: by table and number in the file, the fields to leave empty.
Hidden = Mapping[str, Mapping[int, Sequence[str]]]
#: The column that names the edition a row comes from, when it is not the book's own.
SOURCE_FIELD = {
    "name": "da",
    "type": "string",
    "title": "Da",
    "description": "Edizione da cui proviene il dato, quando non è quella del libro.",
}
#: The columns of a corrected table: what the document prints, and why the book uses another value, or is not sure.
CORRECTED_FIELDS = [
    {
        "name": "stampato",
        "type": "string",
        "title": "Stampato",
        "description": "Valore stampato nel documento, dove il libro ne usa un altro o lo dà per incerto.",
    },
    {
        "name": "motivo",
        "type": "string",
        "title": "Motivo",
        "description": "Perché vale un altro valore, o perché quello stampato è incerto.",
    },
]
#: The column of a table with numbers that are not told.
HIDDEN_FIELD = {
    "name": "riservato",
    "type": "string",
    "title": "Riservato",
    "description": "«sì» dove il numero non è dato: è piccolo, o da esso si ricaverebbe un numero piccolo.",
}
#: The tables that tell of numbers of others.
REGISTERS = (CORRECTIONS, ERRATA, DISCREPANCIES, CONFIRMATIONS)
WORKBOOK = "dati.xlsx"
#: What Excel allows: the length of a sheet's name, of the text in a cell.
SHEET_NAME, CELL = 31, 32_767


def write(
    package: Package,
    edition: Vintage,
    tables: list[str],
    folder: Path,
    store: Store | None = None,
    hidden: Hidden | None = None,
) -> Path:
    """Write ``datapackage.json``, one CSV a table and ``dati.xlsx`` into ``folder``.

    Of the rows that are ``hidden`` (``annuario.checks.confidential``) the fields named stay empty, and the
    column ``riservato`` says so; so do the registers that tell of their values.
    ``tables`` are the names of the tables to include, in any order. The workbook is recalled
    from ``store`` where the edition sees the same rows. The CSV files are exact:
    a text that begins with ``=`` stands in them as it is, and a spreadsheet that opens them by
    a double click may take it for a formula. In the workbook every text is text.

    Raises BookError for a text longer than a cell of a workbook holds.
    """
    folder.mkdir(parents=True)
    names = [name for name in package.resources if name in tables and name != package.name(COLORS)]
    frames = {name: _seen(package, edition, name, hidden or {}) for name in names}
    texts = {name: frame.to_csv(index=False, lineterminator="\n") for name, frame in frames.items()}
    for name, text in texts.items():
        _require_short(frames[name], package.path(name))
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
    resources = [
        _resource(package.resources[name], frame, set(names), (hidden or {}).get(name, {}))
        for name, frame in frames.items()
    ]
    descriptor = package.descriptor | {"name": f"dati-{edition.id}", "resources": resources}
    told = json.dumps(descriptor, ensure_ascii=False, indent=2)
    (folder / "datapackage.json").write_text(told + "\n", encoding="utf-8")
    key = digest(code_digest(), edition.id, told, *texts.values())
    book = recalled(store, "workbook", key, lambda: base64.b64encode(_workbook(frames, edition)).decode("ascii"))
    (folder / WORKBOOK).write_bytes(base64.b64decode(book))
    return folder


def _workbook(frames: dict[str, pd.DataFrame], edition: Vintage) -> bytes:
    """The tables as one workbook, a sheet each.

    Column by column, by the library that writes it: pandas looks at each cell several times, and takes twice as long.
    """
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as workbook:
        workbook.set_properties({"title": edition.id, "created": datetime.datetime(edition.year, 12, 31)})
        heading = workbook.add_format({"bold": True})
        for name, frame in frames.items():
            sheet = workbook.add_worksheet(_sheet_name(name, workbook.sheetnames))
            sheet.add_write_handler(str, _write_text)
            sheet.write_row(0, 0, frame.columns, heading)
            for place, column in enumerate(frame):
                cells = frame[column].astype(object)
                sheet.write_column(1, place, cells.where(cells.notna(), None).tolist())
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)
            sheet.autofit()
    return written.getvalue()


def _sheet_name(name: str, taken: Container[str]) -> str:
    """The table's name, cut to what Excel allows and told apart from the others."""
    names = (f"{name[: SHEET_NAME - 4]}-{number}" for number in count(2))
    return next(one for one in chain([name[:SHEET_NAME]], names) if one not in taken)


def _require_short(frame: pd.DataFrame, path: Path) -> None:
    for column in frame:
        for text in frame[column]:
            if isinstance(text, str) and len(text.encode("utf-16-le")) // 2 > CELL:
                raise BookError(
                    say(
                        "{path}, column «{column}»: «{text}…» is longer than a cell of a workbook holds "
                        "({cell:,} characters): shorten it.",
                        path=path,
                        column=column,
                        text=text[:60],
                        cell=CELL,
                    )
                )


def _write_text(sheet, row: int, column: int, text: str, style=None) -> int:
    """A text as text: by itself xlsxwriter makes formulas, links and rich text of what looks like them."""
    if text.startswith("<r>") and text.endswith("</r>"):  # would stand in the file as XML
        plain = Format({})
        return sheet.write_rich_string(row, column, plain, text[:3], plain, text[3:], *([style] if style else []))
    return sheet.write_string(row, column, text, style) if text else sheet.write_blank(row, column, None, style)


def _seen(package: Package, edition: Vintage, name: str, hidden: Hidden) -> pd.DataFrame:
    """A table as the edition sees it; registers that are about no year are given whole.

    A corrected table holds the values used, with what is printed and why beside them.
    """
    about_years = "anno" in package.fields(name) and package.resources[name]["schema"].get("primaryKey") != ["edizione"]
    if about_years:
        frame = edition.table(name)
        records = frame.pop(RECORD)
    else:
        frame, records = package.used.read(name), package.used.indexed(name).records
    if COLUMN in frame:
        ledger = frame.pop(COLUMN)
        if ledger.map(len).any():
            frame = frame.assign(
                stampato=["; ".join(_printed(one) for one in found) for found in ledger],
                motivo=[" ".join(f"{one.subject}. {one.reason}" for one in found) for found in ledger],
            )
    if name in hidden:
        return _veiled(frame, [hidden[name].get(record.row, ()) for record in records])
    return _without(package, frame, hidden) if name in map(package.name, REGISTERS) else frame


def _veiled(frame: pd.DataFrame, emptied: Sequence[Sequence[str]]) -> pd.DataFrame:
    """A table without what is not told of each row: the fields named, and what the ledger says of it."""
    frame = frame.astype({field: object for fields in emptied for field in fields})
    for place, fields in enumerate(emptied):
        for field in (*fields, "stampato", "motivo") if fields else ():
            if field in frame:
                frame.iat[place, frame.columns.get_loc(field)] = None
    return frame.assign(riservato=["sì" if fields else "" for fields in emptied])


def _without(package: Package, frame: pd.DataFrame, hidden: Hidden) -> pd.DataFrame:
    """A register of what is wrong or odd in the data, without its rows about editions of which a number is not told.

    Where a row says its table, without those about that table of the edition.
    """
    of: dict[str, set[str]] = {}  # the editions with hidden rows, by table
    for table, rows in hidden.items():
        found = package.used.indexed(table)
        editions = zip(found.records, found.column("edizione"))
        of[table] = {edition for record, edition in editions if record.row in rows}
    told = [
        not any(
            edition in " ".join(map(str, row.values())) and row.get("tabella", table) == table
            for table, editions in of.items()
            for edition in editions
        )
        for row in frame.to_dict("records")
    ]
    return frame[told].reset_index(drop=True)


def _printed(one: Correction) -> str:
    """The printed value of a correction, with its field where it is not the row's value."""
    return str(one.printed) if one.field == "valore" else f"{one.field}: {one.printed}"


def _resource(declared: dict, frame: pd.DataFrame, included: set[str], hidden: Mapping[int, Sequence[str]]) -> dict:
    """The declaration of a table as written: with the source column, without absent references.

    What may be empty for it is not told is not required.
    """
    resource = copy.deepcopy(declared)
    for internal in ("vintage", "regole", "confini"):
        resource.pop(internal, None)
    schema = resource["schema"]
    if "da" in frame:
        schema["fields"].append(SOURCE_FIELD)
    declared_already = {field["name"] for field in schema["fields"]}
    schema["fields"] += [field for field in CORRECTED_FIELDS if field["name"] in set(frame) - declared_already]
    if hidden:
        schema["fields"].append(HIDDEN_FIELD)
        emptied = {name for fields in hidden.values() for name in fields}
        for field in schema["fields"]:
            if field["name"] in emptied:
                field.get("constraints", {}).pop("required", None)
    keys = [key for key in schema.get("foreignKeys", []) if key["reference"]["resource"] in included]
    schema.pop("foreignKeys", None)
    if keys:
        schema["foreignKeys"] = keys
    return resource
