"""Open data beside the book: the rows that an edition sees, as CSV files and one workbook.

Only the tables that the book's chapters read, described by a data package of their own.
"""

from __future__ import annotations

import copy
import datetime
import json
from pathlib import Path

import pandas as pd

from annuario.data import Package, Vintage

#: The column that names the edition a row comes from, when it is not the book's own.
SOURCE_FIELD = {
    "name": "da",
    "type": "string",
    "title": "Da",
    "description": "Edizione da cui proviene il dato, quando non è quella del libro.",
}
WORKBOOK = "dati.xlsx"


def write(package: Package, edition: Vintage, tables: list[str], folder: Path) -> Path:
    """Write ``datapackage.json``, one CSV a table and ``dati.xlsx`` into ``folder``.

    ``tables`` are the names of the tables to include, in any order.
    """
    folder.mkdir(parents=True)
    names = [name for name in package.resources if name in tables]
    resources = []
    with pd.ExcelWriter(folder / WORKBOOK, engine="xlsxwriter") as workbook:
        workbook.book.set_properties({"title": edition.id, "created": datetime.datetime(edition.year, 12, 31)})
        for name in names:
            frame = _seen(package, edition, name)
            frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
            frame.to_excel(workbook, sheet_name=name[:31], index=False)
            sheet = workbook.sheets[name[:31]]
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)
            sheet.autofit()
            resources.append(_resource(package.resources[name], frame, set(names)))
    descriptor = package.descriptor | {"name": f"dati-{edition.id}", "resources": resources}
    text = json.dumps(descriptor, ensure_ascii=False, indent=2)
    (folder / "datapackage.json").write_text(text + "\n", encoding="utf-8")
    return folder


def _seen(package: Package, edition: Vintage, name: str) -> pd.DataFrame:
    """A table as the edition sees it; registers that are about no year are given whole."""
    about_years = "anno" in package.fields(name) and package.resources[name]["schema"]["primaryKey"] != ["edizione"]
    return edition.table(name) if about_years else package.read(name)


def _resource(declared: dict, frame: pd.DataFrame, included: set[str]) -> dict:
    """The declaration of a table as written: with the source column, without absent references."""
    resource = copy.deepcopy(declared)
    resource.pop("vintage", None)
    schema = resource["schema"]
    if "da" in frame:
        schema["fields"].append(SOURCE_FIELD)
    keys = [key for key in schema.get("foreignKeys", []) if key["reference"]["resource"] in included]
    schema.pop("foreignKeys", None)
    if keys:
        schema["foreignKeys"] = keys
    return resource
