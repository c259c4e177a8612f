"""Where the numbers of a sentence come from: what the page is given to show it."""

import json
import re

from annuario.book import origins
from annuario.publish import origins as shown


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
    text = shown.element(sentences, rows)
    assert text.count("</script>") == 2  # the data's and the script's own
    data = json.loads(re.search(r">(.*?)</script>", text, re.DOTALL)[1])
    assert data["frasi"] == {"icasisonostati3": [0, 1], "altricasisono3": [1]}
    assert len(data["testi"]) == len(set(data["testi"])) and data["testi"][data["righe"][1][1]] == "2024"
    assert "altricasi" not in shown.element(sentences, rows, ["sec-a"])
    assert shown.element({"sec-a": [("Breve.", [["t", 2, ""]])]}, rows) == "" == shown.element({}, rows)
