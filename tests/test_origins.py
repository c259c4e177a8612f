"""Where the numbers of a sentence come from: what the page is given to show it."""

import json
import pickle
import re
from decimal import Decimal
from pathlib import Path

import pandas as pd

from annuario import tables
from annuario.book import origins
from annuario.data.value import CELLS, Record, Value
from annuario.publish import notebooks
from annuario.publish import origins as shown
from annuario.words import numbers


def told(package, *wanted):
    return origins.rows(package, package.edition("relazione", 2025), wanted)


def row_of(package, table, **where):
    [place] = package.indexed(table).rows(where)
    record = package.indexed(table).records[place]
    return (table, record.row, record.source)


def test_a_row_tells_name_year_value_unit_definition_and_lines(package):
    row = row_of(package, "indicatori", indicatore="tm-flussi/nuovi-casi", anno=2025, edizione="relazione-2025")
    [(name, year, value, unit, _, where, correction)] = told(package, row).values()
    assert (name, year, value, unit, correction) == ("Nuovi casi", "2025", "318", "minori", "")
    assert where == "Relazione di gestione consuntivo 2025, riga 1254"


def test_a_row_of_another_table_is_named_by_what_its_code_is_called_and_says_its_correction(package):
    where = {"servizio": "sip", "misura": "costo", "sub_ambito": "totale", "anno": 2025, "edizione": "relazione-2025"}
    [found] = told(package, row_of(package, "servizi_sub_ambito", **where)).values()
    assert found[0] == "SIP – Servizio Incontri Protetti, Costo, Totale"
    assert found[2:4] == ["28467.06", "EUR"] and "il documento stampa € 24.470,98" in found[6].replace("\xa0", " ")


def test_a_sentence_is_found_by_its_beginning_up_to_what_the_page_words_itself():
    assert shown.key("- Al 31\\. dicembre **879** minori") == "al31dicembre879minori"
    assert shown.key("Nuovi casi: 318 (@tbl-tm e @fig-tm)") == "nuovicasi318"
    assert shown.key("Si veda [il sito](https://x.it) e altro") == "sivedailsito"


def test_the_element_holds_each_text_once_and_nothing_that_ends_it(package):
    rows = {
        "t:2": ["Casi </script>", "2025", "3", "minori", "", "Relazione, riga 1", ""],
        "t:3": ["Casi </script>", "2024", "3", "", "", "", ""],
    }
    sentences = {
        "sec-a": [("I casi sono stati 3.", [["t", 2, ""], ["t", 3, ""]])],
        "sec-b": [("Altri casi sono 3.", [["t", 3, ""]])],
    }
    text = shown.element(sentences, {}, rows)
    assert text.count("</script>") == 2  # the data's and the script's own
    data = json.loads(re.search(r">(.*?)</script>", text, re.DOTALL)[1])
    assert data["frasi"] == {"icasisonostati3": [0, 1], "altricasisono3": [1]}
    assert len(data["testi"]) == len(set(data["testi"])) and data["testi"][data["righe"][1][1]] == "2024"
    assert "altricasi" not in shown.element(sentences, {}, rows, ["sec-a"])
    assert shown.element({"sec-a": [("Breve.", [["t", 2, ""]])]}, {}, rows) == "" == shown.element({}, {}, rows)


ONE, TWO = Value("12", Record("casi", 2, "relazione-2025:10")), Value("3500", Record("casi", 3, "relazione-2025:11"))


def executed(table):
    data, metadata = table._repr_mimebundle_()
    output = {"output_type": "execute_result", "data": data, "metadata": metadata}
    cell = {"cell_type": "code", "metadata": {"annuario": {"options": {"label": "tbl-casi"}}}, "outputs": [output]}
    return {Path("casi.ipynb"): {"cells": [cell, {"cell_type": "markdown", "source": "", "metadata": {}}]}}


def test_each_cell_of_a_table_knows_its_rows_printed_before_or_by_the_table():
    frame = pd.DataFrame(
        {"voce": ["Casi", "Costo", "Nota"], "prima": ["–", numbers.euro(TWO), "1"], "ora": [ONE, ONE + TWO, 7]}
    )
    columns = [
        tables.Column("voce", "Voce"),
        tables.Column("prima", "Prima", right=True),
        tables.Column("ora", "Ora", "numero"),
    ]
    table = tables.Table(frame, columns, sections=["", "Spesa", "Spesa"])
    found = origins.tables(executed(table), {Path("casi.ipynb"): "sec-casi"})
    one, two = list(ONE.records[0]), list(TWO.records[0])
    assert found == {"sec-casi": {"tbl-casi": [(0, 2, [one]), (2, 1, [two]), (2, 2, [one, two])]}}
    assert CELLS not in tables.Table(frame, columns[:1]).metadata.get("annuario", {})


def test_the_notebooks_for_readers_do_without():
    table = tables.Table(pd.DataFrame({"ora": [ONE]}), [tables.Column("ora", "Ora", "numero")])
    [output] = executed(table)[Path("casi.ipynb")]["cells"][0]["outputs"]
    kept = notebooks._without_cells(output)
    assert CELLS in output["metadata"]["annuario"] and list(kept["metadata"]["annuario"]) == ["righe_dati"]


def test_a_printed_number_keeps_the_exact_one_also_where_it_is_sent_elsewhere():
    text = pickle.loads(pickle.dumps(numbers.percent(Decimal("12.34"))))
    assert (text, text.exact) == ("12,3\xa0%", Decimal("12.34")) and numbers.points(Decimal(5)).exact == 5


def test_a_row_without_a_value_tells_its_name_and_where_it_stands(package):
    record = package.indexed("progetti").records[-1]
    [(name, _, value, *_, where, _)] = told(package, tuple(record)).values()
    assert name.startswith("Progetti: ") and value == "" and where.startswith("Relazione di gestione")


PAGE = """<main><p>I casi sono stati 12 nell’anno.</p><figure id="tbl-casi"><table><thead><tr><th>Voce<th>Prima<th>Ora</thead>
<tbody><tr><th>Spesa</th></tr></tbody><tbody><tr><th>Casi<td>–<td>12<sup>1</sup></tr><tr><th>Costo<td>3.500,00<td>3.512</tr>
</tbody></table></figure></main>"""


def test_a_click_or_the_arrows_on_a_cell_tell_where_it_comes_from_with_one_stop_of_the_tab_key(browser):
    rows = {
        "casi:2": ["Casi", "2025", "12", "casi", "", "Relazione, riga 10", "Il documento stampa 21."],
        "casi:3": ["Costo", "2024", "3500", "EUR", "", "Relazione, riga 11", ""],
    }
    sentences = {"sec-casi": [("I casi sono stati 12 nell’anno.", [["casi", 2, ""]])]}
    one, two = ["casi", 2, ""], ["casi", 3, ""]
    cells = {"sec-casi": {"tbl-casi": [(1, 2, [one]), (2, 1, [two]), (2, 2, [one, two]), (9, 9, [one])]}}
    page = browser.new_page()
    page.set_content(PAGE + shown.element(sentences, cells, rows))
    box, focused = page.locator(".origine"), page.locator(":focus")
    page.locator("td", has_text="12").first.click()
    assert box.locator("p").inner_text() == "Da dove viene il numero"
    assert box.locator("li").inner_text().split("\n") == [
        "12\xa0casi Casi, 2025",
        "Relazione, riga 10",
        "Il documento stampa 21.",
    ]
    for key, text in [
        ("Escape", "12"),
        ("ArrowDown", "3.512"),
        ("ArrowLeft", "3.500,00"),
        ("ArrowUp", "12"),
        ("ArrowUp", "12"),
    ]:
        page.keyboard.press(key)
        assert focused.inner_text() == text
    assert page.evaluate("document.activeElement.parentElement.tagName") == "P"  # above the column the text before it
    page.locator("td", has_text="3.512").click()
    assert box.locator("p").inner_text() == "I dati su cui poggia il numero" and box.locator("li").count() == 2
    page.locator("td", has_text="3.500").click()
    assert box.locator("p").inner_text() == "Da dove viene il numero"  # whatever decimals are printed
    assert page.locator("main [tabindex='0']").count() == 1
    page.close()
