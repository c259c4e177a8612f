"""Open data beside the book: what the edition sees, valid and reproducible."""

import json

import openpyxl
import pandas as pd
import pytest
from frictionless import Package as DeclaredPackage

from annuario.book import opendata
from annuario.data import Package
from annuario.errors import BookError
from annuario.execution.cache import Store

TABLES = ["edizioni", "indicatori", "definizioni", "servizi", "bilancio"]


def test_the_bundle_is_a_valid_package_of_what_the_edition_sees(package, tmp_path):
    folder = opendata.write(package, package.edition("relazione", 2023), TABLES, tmp_path / "dati")
    assert {path.name for path in folder.iterdir()} == {
        "datapackage.json",
        "dati.xlsx",
        *(f"{name}.csv" for name in TABLES),
    }
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


LIVE = [
    "=cmd|' /C calc'!A0", '=HYPERLINK("http://esempio.it","x")', "{=1+1}", "=1+1", "+1", "-1+1", "@SUM(A1)", "file:///etc/passwd",
    "http://esempio.it", "mailto:a@b.it", "internal:aree!A1", "1234", "<r><t>x</t></r>", "<r>rotto & </r>", "_x0041_", "NaN", "TRUE",
]  # fmt: skip


def test_a_text_is_text_whatever_it_looks_like(spoiled, tmp_path):
    """In the workbook no text becomes a formula, a link or a number; the CSV file has it as it stands in the data."""
    path = spoiled.folder / "sub_ambiti.csv"
    quoted = [text.replace('"', '""') for text in LIVE]
    path.write_text(
        "sub_ambito,nome,ordine,tipo\n" + "".join(f'"{text}","{text}",1,\n' for text in quoted), encoding="utf-8"
    )
    package = Package(spoiled.folder)
    folder = opendata.write(package, package.edition("relazione", 2021), ["sub_ambiti"], tmp_path / "dati")
    cells = [row[1] for row in openpyxl.load_workbook(folder / "dati.xlsx")["sub_ambiti"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == LIVE
    assert {cell.data_type for cell in cells} == {"s"} and not any(cell.hyperlink for cell in cells)
    assert list(pd.read_csv(folder / "sub_ambiti.csv", dtype=str, keep_default_na=False)["nome"]) == LIVE


@pytest.mark.parametrize("sign", ["x", "😀"])
def test_a_text_that_no_cell_holds_is_refused(spoiled, tmp_path, sign):
    text = sign * (32_768 // len(sign.encode("utf-16-le")) * 2)
    spoiled("sub_ambiti", "crema,Crema,", f"crema,{text},")
    package = Package(spoiled.folder)
    with pytest.raises(
        BookError, match=r"sub_ambiti\.csv, column «nome»: .* longer than a cell of a workbook"
    ) as error:
        opendata.write(package, package.edition("relazione", 2021), ["sub_ambiti"], tmp_path / "dati")
    assert len(str(error.value)) < 500


def test_tables_of_long_names_have_a_sheet_each(spoiled, tmp_path):
    """Names that are alike up to where Excel cuts them."""
    names = ["una_tabella_dal_nome_molto_lungo_prima", "una_tabella_dal_nome_molto_lungo_seconda"]
    path = spoiled.folder / "datapackage.json"
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    aree = next(resource for resource in descriptor["resources"] if resource["name"] == "aree")
    descriptor["resources"] += [aree | {"name": name} for name in names]
    path.write_text(json.dumps(descriptor), encoding="utf-8")
    package = Package(spoiled.folder)
    folder = opendata.write(package, package.edition("relazione", 2021), ["aree", *names], tmp_path / "dati")
    sheets = pd.read_excel(folder / "dati.xlsx", sheet_name=None)
    assert len(sheets) == 3 and all(len(sheet) == len(package.read("aree")) for sheet in sheets.values())


def test_the_workbook_is_recalled_where_the_edition_sees_the_same_rows(package, tmp_path, monkeypatch):
    made, store = [], Store(tmp_path / "kept")
    workbook = opendata._workbook
    monkeypatch.setattr(opendata, "_workbook", lambda *given: made.append(1) or workbook(*given))
    books = [
        opendata.write(package, package.edition("relazione", year), ["sub_ambiti"], tmp_path / name, store)
        / "dati.xlsx"
        for name, year in (("a", 2021), ("b", 2021), ("c", 2023))
    ]
    assert len(made) == 2 and books[0].read_bytes() == books[1].read_bytes() != books[2].read_bytes()
