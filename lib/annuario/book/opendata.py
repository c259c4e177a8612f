"""Open data beside the book: the rows that an edition sees, as CSV files and one workbook.

Only the tables that the book's chapters read, described by a data package of their own.
"""

from __future__ import annotations

import base64
import copy
import datetime
import io
import json
from collections.abc import Container
from itertools import chain, count
from pathlib import Path

import pandas as pd
from xlsxwriter.format import Format

from annuario.data import Package, Vintage
from annuario.data.corrections import COLUMN, Correction
from annuario.data.roles import COLORS
from annuario.data.value import COLUMN as RECORD
from annuario.errors import BookError
from annuario.execution.cache import Store, code_digest, digest, recalled

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
WORKBOOK = "dati.xlsx"
#: What Excel allows: the length of a sheet's name, of the text in a cell.
SHEET_NAME, CELL = 31, 32_767


def write(package: Package, edition: Vintage, tables: list[str], folder: Path, store: Store | None = None) -> Path:
    """Write ``datapackage.json``, one CSV a table and ``dati.xlsx`` into ``folder``.

    ``tables`` are the names of the tables to include, in any order. The workbook is recalled
    from ``store`` where the edition sees the same rows. The CSV files are exact:
    a text that begins with ``=`` stands in them as it is, and a spreadsheet that opens them by
    a double click may take it for a formula. In the workbook every text is text.

    Raises BookError for a text longer than a cell of a workbook holds.
    """
    folder.mkdir(parents=True)
    names = [name for name in package.resources if name in tables and name != package.name(COLORS)]
    frames = {name: _seen(package, edition, name) for name in names}
    texts = {name: frame.to_csv(index=False, lineterminator="\n") for name, frame in frames.items()}
    for name, text in texts.items():
        _require_short(frames[name], package.path(name))
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
    resources = [_resource(package.resources[name], frame, set(names)) for name, frame in frames.items()]
    descriptor = package.descriptor | {"name": f"dati-{edition.id}", "resources": resources}
    told = json.dumps(descriptor, ensure_ascii=False, indent=2)
    (folder / "datapackage.json").write_text(told + "\n", encoding="utf-8")
    key = digest(code_digest(), edition.id, told, *texts.values())
    book = recalled(store, "workbook", key, lambda: base64.b64encode(_workbook(frames, edition)).decode("ascii"))
    (folder / WORKBOOK).write_bytes(base64.b64decode(book))
    return folder


def _workbook(frames: dict[str, pd.DataFrame], edition: Vintage) -> bytes:
    """The tables as one workbook, a sheet each."""
    written = io.BytesIO()
    with pd.ExcelWriter(written, engine="xlsxwriter") as workbook:
        workbook.book.set_properties({"title": edition.id, "created": datetime.datetime(edition.year, 12, 31)})
        for name, frame in frames.items():
            sheet = workbook.book.add_worksheet(_sheet_name(name, workbook.sheets))
            sheet.add_write_handler(str, _write_text)
            frame.to_excel(workbook, sheet_name=sheet.name, index=False)
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
                    f"{path}, column «{column}»: «{text[:60]}…» is longer than a cell of a workbook holds "
                    f"({CELL:,} characters): shorten it."
                )


def _write_text(sheet, row: int, column: int, text: str, style=None) -> int:
    """A text as text: by itself xlsxwriter makes formulas, links and rich text of what looks like them."""
    if text.startswith("<r>") and text.endswith("</r>"):  # would stand in the file as XML
        plain = Format({})
        return sheet.write_rich_string(row, column, plain, text[:3], plain, text[3:], *([style] if style else []))
    return sheet.write_string(row, column, text, style) if text else sheet.write_blank(row, column, None, style)


def _seen(package: Package, edition: Vintage, name: str) -> pd.DataFrame:
    """A table as the edition sees it; registers that are about no year are given whole.

    A corrected table holds the values used, with what is printed and why beside them.
    """
    about_years = "anno" in package.fields(name) and package.resources[name]["schema"].get("primaryKey") != ["edizione"]
    frame = edition.table(name).drop(columns=RECORD) if about_years else package.used.read(name)
    if COLUMN not in frame:
        return frame
    ledger = frame.pop(COLUMN)
    if not ledger.map(len).any():
        return frame
    return frame.assign(
        stampato=["; ".join(_printed(one) for one in found) for found in ledger],
        motivo=[" ".join(f"{one.subject}. {one.reason}" for one in found) for found in ledger],
    )


def _printed(one: Correction) -> str:
    """The printed value of a correction, with its field where it is not the row's value."""
    return str(one.printed) if one.field == "valore" else f"{one.field}: {one.printed}"


def _resource(declared: dict, frame: pd.DataFrame, included: set[str]) -> dict:
    """The declaration of a table as written: with the source column, without absent references."""
    resource = copy.deepcopy(declared)
    for internal in ("vintage", "regole"):
        resource.pop(internal, None)
    schema = resource["schema"]
    if "da" in frame:
        schema["fields"].append(SOURCE_FIELD)
    declared_already = {field["name"] for field in schema["fields"]}
    schema["fields"] += [field for field in CORRECTED_FIELDS if field["name"] in set(frame) - declared_already]
    keys = [key for key in schema.get("foreignKeys", []) if key["reference"]["resource"] in included]
    schema.pop("foreignKeys", None)
    if keys:
        schema["foreignKeys"] = keys
    return resource
