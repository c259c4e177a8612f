"""What helps a reader find the way: search, order of tables, links back, index, running heads."""

import re
from pathlib import Path

import pymupdf
import pytest
import yaml
from conftest import require_accessible
from reading import manuscript

from annuario.book import build
from annuario.data import editions
from annuario.publish import pandoc

PROJECT = yaml.safe_load((Path(__file__).parents[1] / "_quarto.yml").read_text(encoding="utf-8"))
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="300"><rect width="640" height="300"/></svg>'
CHART = (
    '{"fig-casi":{"alt":"Colonne: casi di fuoriuscita nel 2025","colonne":["Anno","Casi"],'
    '"righe":[["2024","1.234"],["2025","4.321"]],"csv":"Anno,Casi\\n",'
    '"spec":{"data":{"values":[{"a":"x","b":1}]},"mark":"bar","encoding":{"y":{"field":"a"}}}}}'
)
ROWS = [
    ("Crema", "€\u00a01.234,50", "12,5\u00a0%", "01/02/2024"),
    ("Àgnadello", "−\u2060€\u00a03,00", "–", "28/01/2025"),
    ("Soncino", "€\u00a0950,00", "+4,1\u00a0%", "15/12/2023"),
    ("Bagnolo", "–", "100\u00a0%", "01/03/2024"),
]
TABLE = "\n".join(
    [
        "| Comune | Spesa | Quota | Data |",
        "|:---|---:|---:|:---|",
        *(f"| {' | '.join(row)} |" for row in ROWS),
        "| **Totale** | **€\u00a02.181,50** | | |",
    ]
)
GROUPED = "\n".join(
    ["| Voce | Spesa |", "|:---|---:|"]
    + [
        line
        for group in range(1, 31)
        for line in (f"| **Gruppo {group}** | |", f"| Voce {group}a | {group} |", f"| Voce {group}b | {group} |")
    ]
)
UNLIKE = "| Indicatore | 2024 | 2025 |\n|:---|---:|---:|\n| Casi | 3 | 4 |\n| Quota | 3 % | 4 % |\n| Costo | € 3 | € 4 |\n| Ore | 5 | 6 |"
BOOK = f"""---
title: Relazione di prova 2024
author: Ente di prova
date: '2024-12-31'
lang: it
description: Riunisce altri documenti. [Che cosa manca](#sec-manca).
annuario:
  testatina: edizione ricostruita
---

# Primo {{#sec-primo}}

La spesa è nella [@tbl-spesa]{{#testo-tbl-spesa}}; città e attività sono nell’elenco della [@fig-casi]{{#testo-fig-casi}}.

{TABLE}

: Spesa dei Comuni {{#tbl-spesa testo="#testo-tbl-spesa"}}

## Sezione seconda

![I casi](figure/fig-casi.svg){{#fig-casi fig-alt="Colonne: casi di fuoriuscita nel 2025" testo="#testo-fig-casi"}}

{UNLIKE}

: Indicatori {{#tbl-unlike}}

# Che cosa manca {{#sec-manca}}

{GROUPED}

: Voci a gruppi {{#tbl-gruppi}}

# Indice degli indicatori {{#sec-indice .unnumbered}}

::: {{.indice-indicatori}}

## Azienda {{.unnumbered .unlisted}}

@sec-primo

- Spesa: [tab. @tbl-spesa]; [fig. @fig-casi]

:::

```{{=html}}
<script type="application/json" id="annuario-grafici">{CHART}</script>
```
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("libro")
    (folder / "figure").mkdir()
    (folder / "figure" / "fig-casi.svg").write_text(SVG, encoding="utf-8")
    (folder / "libro.md").write_text(BOOK, encoding="utf-8")
    return folder / "libro.md"


@pytest.fixture(scope="module")
def html(source):
    return pandoc.html(manuscript(source), source.parent / "libro.html", PROJECT)


@pytest.fixture(scope="module")
def pages(source):
    with pymupdf.open(pandoc.pdf(manuscript(source), source.parent / "libro.pdf", PROJECT)) as document:
        yield list(document)


@pytest.fixture(params=[1280, 390])
def tab(request, browser, html):
    errors = []
    opened = browser.new_page(viewport={"width": request.param, "height": 844})
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(html.as_uri())
    yield opened
    opened.close()
    assert errors == []


def words(page) -> str:
    return re.sub(r"[\s\u2060]+", " ", page.get_text())


# A reconstructed edition


def test_a_reconstructed_edition_says_so_and_where_the_gaps_are(here, package):
    edition = editions.parse("relazione-2024", here, package)
    front = build.front_matter(here, edition, build.facts(here, package, edition))
    assert front["annuario"]["testatina"] == "edizione ricostruita"
    assert "(#sec-non-pubblicati)" in front["description"] and "2024" in front["description"]
    edition = editions.parse("relazione-2025", here, package)
    published = build.front_matter(here, edition, build.facts(here, package, edition))
    assert "testatina" not in published["annuario"] and "description" not in published


def test_every_page_of_the_pdf_says_what_the_edition_is(pages):
    assert "Che cosa manca" in words(pages[0]) and any(
        link.get("nameddest") or link["kind"] == 1 for link in pages[0].get_links()
    )
    assert len(pages) > 3 and all("Relazione di prova 2024 · edizione ricostruita" in words(page) for page in pages[1:])


def test_the_bar_of_the_page_says_what_the_edition_is_wherever_one_reads(tab):
    tab.locator("#sec-manca").scroll_into_view_if_needed()
    tab.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    mark = tab.locator(".barra .testatina")
    assert mark.inner_text() == "edizione ricostruita"
    assert 0 <= mark.bounding_box()["y"] < 844
    assert tab.locator(".frontespizio a[href='#sec-manca']").count() == 1


# Search


def find(tab, text) -> list[str]:
    tab.keyboard.press("/")
    field = tab.get_by_role("searchbox", name="Cerca nel libro")
    assert field.evaluate("node => node === document.activeElement")
    field.fill(text)  # on a page where nothing was looked for before: what is counted is of this
    tab.locator(".quanti", has_text=re.compile("risultat")).wait_for()
    return [re.sub(r"\s+", " ", item) for item in tab.locator("#trovati a").all_inner_texts()]


def test_search_minds_neither_accents_nor_capitals(tab):
    assert any("città e attività" in text for text in find(tab, "ATTIVITA citta"))
    assert tab.locator("#trovati mark").all_inner_texts() == ["città", "attività"]
    assert tab.get_by_role("status").inner_text() == "1 risultato in un capitolo"


@pytest.mark.parametrize(("number", "count"), [("1.234", 2), ("1234", 2), ("1.234,50", 1), ("234", 0), ("4.321", 1)])
def test_search_finds_numbers_as_they_are_printed(tab, number, count):
    assert len(find(tab, number)) == count


def test_search_finds_a_row_by_the_names_of_its_columns(tab):
    found = [text.split(" · ")[0] for text in find(tab, "soncino spesa quota")]
    assert found == ["Spesa dei Comuni Soncino"]  # what the table is called, then its row


def test_a_result_is_shown_even_inside_a_closed_part(tab):
    find(tab, "4.321")
    tab.locator("#trovati a").click()
    row = tab.locator(".dati-grafico tbody tr", has_text="4.321")
    row.wait_for()
    assert row.evaluate("node => node === document.activeElement")
    assert 0 <= row.bounding_box()["y"] < 844


def test_a_result_is_marked_in_its_place(tab):
    find(tab, "citta")
    tab.locator("#trovati a").click()
    assert tab.evaluate("[...CSS.highlights.get('trovato')].map(String)") == ["città"]


def test_escape_leaves_the_search(tab):
    find(tab, "comune")
    tab.keyboard.press("Escape")
    assert not tab.locator("#trovati").is_visible()
    assert tab.locator("#cerca").input_value() == ""
    assert tab.evaluate("document.activeElement === document.body")


def test_nothing_found_is_said(tab):
    assert find(tab, "inesistente") == []
    assert tab.get_by_role("status").inner_text() == "Nessun risultato"


def test_search_and_order_are_accessible(tab):
    find(tab, "comune")
    require_accessible(tab)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


# Order of tables


def column(tab, number) -> list[str]:
    return [
        text.replace("\u00a0", " ").replace("\u2060", "")
        for text in tab.locator(f"#tbl-spesa tbody :is(th, td):nth-child({number})").all_inner_texts()
    ]


@pytest.mark.parametrize(
    ("number", "name", "first"),
    [
        (1, "Comune", ["Àgnadello", "Bagnolo", "Crema", "Soncino"]),
        (2, "Spesa", ["−€ 3,00", "€ 950,00", "€ 1.234,50", "–"]),
        (3, "Quota", ["+4,1 %", "12,5 %", "100 %", "–"]),
        (4, "Data", ["15/12/2023", "01/02/2024", "01/03/2024", "28/01/2025"]),
    ],
)
def test_a_table_is_put_in_order_and_back(tab, number, name, first):
    printed, total = column(tab, number)[:-1], column(tab, number)[-1]
    button = tab.locator("#tbl-spesa").get_by_role("button", name=name)
    head = button.locator("xpath=..")
    button.click()
    assert column(tab, number) == [*first, total] and head.get_attribute("aria-sort") == "ascending"
    button.click()
    known = [text for text in first if text != "–"]
    assert column(tab, number) == [*reversed(known), *(["–"] if "–" in first else []), total]
    assert head.get_attribute("aria-sort") == "descending"
    button.click()
    assert column(tab, number) == [*printed, total] and head.get_attribute("aria-sort") == "none"


def test_the_columns_of_a_table_are_one_stop_of_the_tab_key(tab):
    tab.locator("#tbl-spesa button").first.focus()
    for key, name in (("ArrowRight", "Spesa"), ("ArrowLeft", "Comune"), ("ArrowLeft", "Data")):
        tab.keyboard.press(key)
        assert tab.evaluate("document.activeElement.textContent") == name
        assert tab.locator("#tbl-spesa button[tabindex='0']").all_inner_texts() == [name]


def test_tables_of_groups_or_of_unlike_things_stay_as_they_are(tab):
    assert tab.locator("#tbl-gruppi button").count() == tab.locator("#tbl-unlike button").count() == 0


# Links back, index, pages


def test_services_of_the_index_are_not_in_the_contents(tab):
    contents = [text.strip() for text in tab.locator(".indice a").all_text_contents()]
    assert "Indice degli indicatori" in contents and "Azienda" not in contents


def test_a_caption_leads_back_to_the_text(tab):
    for role, name in (("link", "al testo su Tabella\u00a01"), ("button", "Al testo – Tabella 1")):
        tab.evaluate("location.hash = ''")
        tab.get_by_role(role, name=name).click()
        assert tab.evaluate("document.querySelector(':target').textContent") == "Tabella\u00a01"


def test_the_index_is_closed_until_it_is_asked_for(tab):
    entry = tab.locator(".indice-indicatori li").first
    assert not entry.is_visible()
    tab.get_by_text("Mostra l’indice").click()
    assert entry.is_visible()


def test_the_index_of_the_pdf_gives_pages(pages):
    index = next(page for page in pages if "Indice degli indicatori" in words(page) and "tab. 1" in words(page))
    place = next(page.number + 1 for page in pages if "Tabella 1: Spesa" in words(page))
    assert f"Spesa: tab. 1, p. {place}; fig. 1, p. {place}" in words(index)
    assert not any("↑ testo" in words(page) for page in pages)


def test_a_heading_within_a_table_never_ends_a_page(pages):
    last = [
        re.findall(r"Gruppo \d+|Voce \d+[ab]", words(page))[-1]
        for page in pages
        if re.search(r"Voce \d+a", words(page))
    ]
    assert len(last) > 1 and all(text.startswith("Voce") for text in last)
