"""Open data beside the book: what the edition sees, valid and reproducible."""

import pandas as pd
from frictionless import Package as DeclaredPackage

from annuario import opendata

TABLES = ["edizioni", "indicatori", "definizioni", "servizi", "bilancio"]


def test_the_bundle_is_a_valid_package_of_what_the_edition_sees(package, tmp_path):
    folder = opendata.write(package, package.edition("relazione", 2023), TABLES, tmp_path / "dati")
    assert {path.name for path in folder.iterdir()} == {"datapackage.json", "dati.xlsx", *(f"{name}.csv" for name in TABLES)}
    report = DeclaredPackage(str(folder / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "note"])[:5]
    frame = pd.read_csv(folder / "indicatori.csv", dtype=str, keep_default_na=False)
    assert set(frame["anno"].astype(int)) <= set(range(2000, 2024))
    row = frame[(frame["indicatore"] == "tm-flussi/nuovi-casi") & (frame["anno"] == "2023")]
    assert list(row["valore"]) == ["252"] and list(row["da"]) == ["relazione-2025"]


def test_the_workbook_has_a_sheet_a_table(package, tmp_path):
    folder = opendata.write(package, package.edition("relazione", 2021), TABLES, tmp_path / "dati")
    sheets = pd.read_excel(folder / "dati.xlsx", sheet_name=None)
    assert set(sheets) == set(TABLES)
    assert len(sheets["bilancio"]) == len(package.edition("relazione", 2021).table("bilancio"))


def test_the_same_data_give_the_same_bytes(package, tmp_path):
    one, two = (opendata.write(package, package.edition("relazione", 2021), TABLES, tmp_path / name) for name in "ab")
    for path in one.iterdir():
        assert path.read_bytes() == (two / path.name).read_bytes(), path.name
