"""Tables: what a reader finds printed, read back through pandoc."""

import json
import re
from decimal import Decimal

import pandas as pd
import pypandoc
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from annuario import tables
from annuario.data import Package
from annuario.errors import BookError
from annuario.tables import Column, Table
from annuario.words.markdown import escape
from annuario.words.numbers import MINUS, NBSP
from cremasca import sub_ambiti
from cremasca.names import Name

D = Decimal
READER = "markdown+smart+autolink_bare_uris+emoji+mark+lists_without_preceding_blankline"


def blocks(markdown: str) -> list[dict]:
    return json.loads(pypandoc.convert_text(markdown, "json", format=READER))["blocks"]


def text(inlines: list[dict]) -> str:
    """The text of inlines; anything but plain words shows as its type."""
    plain = {"Space": " ", "SoftBreak": " "}
    return "".join(node["c"] if node["t"] == "Str" else plain.get(node["t"], f"<{node['t']}>") for node in inlines)


def printed(table: Table) -> list[list[str]]:
    """The cells of the Markdown table as pandoc reads them, heading first; bold as **…**."""
    found = blocks(table.markdown())[0]
    assert found["t"] == "Table"
    _, _, _, head, bodies, _ = found["c"]
    return [[_cell(cell) for cell in row[1]] for row in head[1] + bodies[0][3]]


def _cell(cell: list) -> str:
    words = []
    for node in cell[4][0]["c"] if cell[4] else []:
        if node["t"] == "Strong":
            words.append(f"**{text(node['c'])}**")
        elif node["t"] == "Superscript":
            words.append(f"^{text(node['c'])}^")
        else:
            words.append(text([node]))
    return "".join(words)


def widths(table: Table) -> list[float]:
    return [width["c"] for _, width in blocks(table.markdown())[0]["c"][2]]


def long(rows: str, years, unit: str | None = None) -> pd.DataFrame:
    """A long frame from lines «code | label | value of each year» (a blank: no row)."""
    found = []
    for line in rows.strip().splitlines():
        code, label, *values = [part.strip() for part in line.split("|")]
        for year, value in zip(years, values):
            if value:
                found.append({"codice": code, "etichetta": label, "anno": year, "valore": D(value), "unita": unit})
    return pd.DataFrame(found)


FLOWS = long(
    """
    tm/nuovi | Nuovi casi | 252 | 258 | 318
    tm/chiusi | Casi chiusi | 216 | | 191
    tm/totale | Totale | 756 | 741 | 1879
    """,
    (2023, 2024, 2025),
    "minori",
)


# Escaping


@pytest.mark.parametrize(
    "example",
    [
        "TM & affidi | *nota* $5 #1 _x_ <b> `cod` [a](b) {x} ~a~ ^b^ @rossi \\ ' \"",
        "Fine... sì -- no --- forse",
        "{{< pagebreak >}} https://www.example.org a@b.it www.example.org",
        "@fig-x [@tbl-y] ![i](j) <!-- z --> &amp; &#39; \\alpha $a_1$",
        "1. Primo",
        "1) Primo",
        "(a) Primo",
        "- punto",
        "+ punto",
        "# titolo",
        "::: nota",
        ": definizione",
        "| a | b |",
        "> citazione",
        "    codice",
        "=====",
        "Cfr. Dott. Rossi e.g. p.es. n. 3",
        "Azione 1: Sub-ambito 8:30 50%",
        f"€{NBSP}1.234,50 +4,1{NBSP}% {MINUS}3 – l’8{NBSP}% «x» …",
        "==evidenziato== :smile: H~2~O x^2^ [^1] ^[nota]",
        "**grassetto** __sotto__ ~~via~~ $$x$$",
    ],
)
def test_escaped_text_prints_as_itself(example):
    found = blocks(escape(example))
    assert len(found) == 1 and found[0]["t"] in ("Para", "Plain")
    assert text(found[0]["c"]) == " ".join(example.split(" ")).strip()


LATIN = st.characters(min_codepoint=32, max_codepoint=382, exclude_characters="\x7f")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(LATIN, max_size=30), min_size=1))
def test_any_text_prints_as_itself_in_a_cell(values):
    values = [re.sub(r"[\x80-\x9f\xa0\xad]", "x", value) for value in values]
    table = Table(pd.DataFrame({"a": values, "b": values}), [Column("a", "A"), Column("b", "B")])
    expected = [" ".join(value.split()) for value in values]
    assert [row[0] for row in printed(table)[1:]] == expected


def test_escape_keeps_ordinary_words_readable():
    for plain in ("Servizio Tutela Minori", "1.234,50", "12,3 %", "sub-ambito", "2023–2025", "l’8 %"):
        assert escape(plain) == plain


# Markdown, HTML, plain text


def test_totals_are_bold_and_notes_stand_below():
    table = tables.by_year(FLOWS, rows="codice", title="Minori")
    table.notes.append("Valori al 31/12 *")
    assert printed(table)[-1] == ["**Totale**", "**756**", "**741**", "**1.879**"]
    _, note = blocks(table.markdown())
    assert text(note["c"]) == "Valori al 31/12 *"


def test_numbers_are_aligned_right_and_keep_their_room():
    table = tables.by_year(FLOWS, rows="codice")
    _, _, columns, *_ = blocks(table.markdown())[0]["c"]
    assert [align["t"] for align, _ in columns] == ["AlignLeft", "AlignRight", "AlignRight", "AlignRight"]
    assert sum(widths(table)) == pytest.approx(1)
    assert widths(table)[0] > widths(table)[1]


def test_long_texts_share_the_line_and_numbers_do_not_wrap():
    frame = pd.DataFrame({"a": ["parola " * 60], "b": ["breve"], "c": [D("7002049.31")]})
    table = Table(frame, [Column("a", "A"), Column("b", "B"), Column("c", "C", unit="EUR")])
    assert table.fits
    assert table.widths[2] == len(f"€{NBSP}7.002.049,31") + 2
    assert table.widths[0] > table.widths[1] >= len("breve")


def test_html_is_accessible_and_escaped():
    html = sub_ambiti.table(_sub_ambiti({2024: ("", ""), 2025: ("", "")}), _measures("utenti", "ore")).html()
    assert '<th scope="colgroup" colspan="2">2025</th>' in html
    assert '<th scope="col" rowspan="2" style="text-align:left">Sub-ambito</th>' in html
    assert html.count('scope="row"') == 3
    frame = pd.DataFrame({"a": ["<b>&"], "b": ["x"]})
    assert "&lt;b&gt;&amp;" in Table(frame, [Column("a", "A"), Column("b", "B")]).html()


def test_mimebundle_has_the_three_forms():
    bundle, metadata = tables.by_year(FLOWS, rows="codice")._repr_mimebundle_()
    assert list(bundle) == ["text/markdown", "text/html", "text/plain"]
    assert bundle["text/markdown"].startswith("| Indicatore |")
    assert "Nuovi casi    252   258    318" in bundle["text/plain"]
    assert metadata == {}


def test_a_table_says_which_indicators_it_shows():
    flows = FLOWS.rename(columns={"codice": "indicatore"})
    codes = list(dict.fromkeys(flows["indicatore"]))
    assert tables.by_year(flows)._repr_mimebundle_()[1] == {"annuario": {"indicatori": codes}}
    hidden = flows["indicatore"] == codes[0]
    assert tables.shown(flows.assign(valore=flows["valore"].mask(hidden, None))) == codes[1:]


# The recurring shapes


def test_by_year_prints_a_row_an_indicator_and_a_dash_for_what_is_missing():
    assert printed(tables.by_year(FLOWS, rows="codice", title="Minori"))[:3] == [
        ["Minori", "2023", "2024", "2025"],
        ["Nuovi casi", "252", "258", "318"],
        ["Casi chiusi", "216", "–", "191"],
    ]


def test_by_year_with_change():
    frame = long("a | Utenti | 100 | 104.1\nb | Zero | 0 | 3", (2024, 2025), "utenti")
    assert [row[3] for row in printed(tables.by_year(frame, rows="codice", change=True))] == [
        "Var. 2024–2025",
        f"+4,1{NBSP}%",
        "–",
    ]
    shares = long("a | Quota | 75 | 71.5", (2024, 2025), "%")
    rows = printed(tables.by_year(shares, rows="codice", change=True))
    assert rows[1] == ["Quota", f"75,0{NBSP}%", f"71,5{NBSP}%", f"{MINUS}3,5{NBSP}p.p."]


def test_by_year_prints_each_row_in_its_unit():
    frame = pd.concat(
        [long("o | Ore | 33465.63 | 12", (2024, 2025), "ore"), long("c | Costo | 5.5 | 7", (2024, 2025), "EUR")]
    )
    assert printed(tables.by_year(frame, rows="codice"))[1:] == [
        ["Ore", "33.465,63", "12,00"],
        ["Costo", f"€{NBSP}5,50", f"€{NBSP}7,00"],
    ]


def test_by_year_too_wide_for_the_page_becomes_a_list():
    frame = long("a | Spesa | " + " | ".join(["12345678.90"] * 8), range(2018, 2026), "EUR")
    rows = printed(tables.by_year(frame, rows="codice"))
    assert rows[:3] == [["Anno", "Valore"], ["**Spesa**", ""], ["2018", f"€{NBSP}12.345.678,90"]]
    assert len(rows) == 10


def test_values_of_other_editions_are_marked():
    frame = FLOWS.assign(da=["relazione-2025" if year == 2023 else "" for year in FLOWS["anno"]])
    table = tables.by_year(frame, rows="codice")
    assert printed(table)[0] == ["Indicatore", "2023^1^", "2024", "2025"]
    assert table.notes == ["Dati pubblicati nell’edizione «relazione 2025»."]
    assert "^1^ Dati pubblicati" in table.markdown() and "2023<sup>1</sup>" in table.html()


def test_a_single_value_of_another_edition_is_marked_alone():
    table = tables.by_year(FLOWS.assign(da=["piano-2021", *[""] * 7]), rows="codice")
    assert printed(table)[1] == ["Nuovi casi", "252^1^", "258", "318"]


def test_a_table_all_from_another_edition_needs_no_marks():
    table = tables.by_year(FLOWS.assign(da="relazione-2025"), rows="codice")
    assert table.marks == {} and len(table.notes) == 1


def _sub_ambiti(years: dict) -> pd.DataFrame:
    rows = []
    for year in years:
        for code, name, users, hours, cost in (
            ("totale", "TOTALE", 982, "270370.90", "5870936.23"),
            ("bagnolo", "Bagnolo Cremasco", 121, "34111.50", "741663.42"),
            ("crema", "Crema", 233, "77984", "1698442.85"),
        ):
            for measure, value in (("utenti", users), ("ore", hours), ("costo", cost)):
                rows.append(
                    {"sub_ambito": code, "etichetta": name, "anno": year, "misura": measure, "valore": D(value)}
                )
    return pd.DataFrame(rows)


def _measures(*codes: str) -> dict:
    return sub_ambiti.measures(Package(ROOT / "data"), *codes)


def test_by_sub_ambito_side_by_side_where_it_fits():
    rows = printed(sub_ambiti.table(_sub_ambiti({2025: ()}), _measures("utenti", "ore", "costo")))
    assert rows[0] == ["Sub-ambito", "Utenti 2025", "Ore 2025", "Costo 2025"]
    assert rows[1] == ["Bagnolo Cremasco", "121", "34.111,50", f"€{NBSP}741.663,42"]
    assert rows[2][2] == "77.984,00"
    assert rows[3][0] == "**TOTALE**"


def test_by_sub_ambito_stacks_the_measures_where_the_page_is_too_narrow():
    table = sub_ambiti.table(_sub_ambiti({2023: (), 2024: (), 2025: ()}), _measures("utenti", "ore", "costo"))
    rows = printed(table)
    assert table.fits
    assert rows[0] == ["Sub-ambito", "2023", "2024", "2025"]
    assert [row[0] for row in rows[1:6]] == ["**Utenti**", "Bagnolo Cremasco", "Crema", "**TOTALE**", "**Ore**"]
    assert 'scope="rowgroup" colspan="4"' in table.html()


def test_by_sub_ambito_takes_titles_and_a_layout():
    frame, names = _sub_ambiti({2025: ()}), {"utenti": Name("Minori", "minori")}
    assert printed(sub_ambiti.table(frame, names))[0] == ["Sub-ambito", "Minori 2025"]
    assert printed(sub_ambiti.table(frame, names, stacked=True))[1] == ["**Minori**", ""]


def _budget() -> pd.DataFrame:
    rows = [
        ("Azione 1: Tutela", "coordinamento", "Coordinamento TM", "57334.81", "60871.20"),
        ("Azione 1: Tutela", "legale", "Consulente legale", "0", "6000.01"),
        ("Azione 2: Affidi", "educatore", "Educatore", "32363.34", ""),
        ("", "totale", "TOTALE SERVIZIO", "588210.60", "547089.56"),
    ]
    return pd.DataFrame(
        {"titolo": title, "voce": code, "etichetta": label, "fase": phase, "valore": D(value) if value else None}
        for title, code, label, *values in rows
        for phase, value in zip(("preventivo", "consuntivo"), values)
    )


def test_budget_compares_two_phases_under_their_headings():
    table = tables.budget(_budget())
    assert printed(table) == [
        ["Voce", "Preventivo", "Consuntivo", "Scostamento", "Scost. %"],
        ["**Azione 1: Tutela**", "", "", "", ""],
        ["Coordinamento TM", f"€{NBSP}57.334,81", f"€{NBSP}60.871,20", f"+€{NBSP}3.536,39", f"+6,2{NBSP}%"],
        ["Consulente legale", f"€{NBSP}0,00", f"€{NBSP}6.000,01", f"+€{NBSP}6.000,01", "–"],
        ["**Azione 2: Affidi**", "", "", "", ""],
        ["Educatore", f"€{NBSP}32.363,34", "–", "–", "–"],
        [
            "**TOTALE SERVIZIO**",
            f"**€{NBSP}588.210,60**",
            f"**€{NBSP}547.089,56**",
            f"**{MINUS}€{NBSP}41.121,04**",
            f"**{MINUS}7,0{NBSP}%**",
        ],
    ]
    assert table.kinds == ["sezione", "", "", "sezione", "", "totale"]


def test_sections_open_where_they_change_and_marks_stay_on_their_rows():
    frame = pd.DataFrame({"nome": ["a", "b", "c", "Totale"], "valore": [D(1), D(2), D(3), D(6)]})
    columns = [Column("nome", "Voce"), Column("valore", "Valore", "numero")]
    table = Table(frame, columns, ["", "", "", "totale"], ["Nota."], {(2, 1): 1}, sections=["X", "X", "Y", ""])
    assert [row[0] for row in table.rows] == ["X", "a", "b", "Y", "c", "Totale"]
    assert table.kinds == ["sezione", "", "", "sezione", "", "totale"]
    assert table.rows[next(row for row, _ in table.marks)] == ["c", "3"]


def test_budget_prints_the_published_total_not_the_sum():
    frame = _budget()
    frame.loc[frame["voce"] == "totale", "valore"] = D("1.00")
    assert printed(tables.budget(frame))[-1][1] == f"**€{NBSP}1,00**"


def test_matrix_of_codes():
    frame = pd.DataFrame(
        {
            "voce": ["a", "a", "totale-a"],
            "canale": ["fnps", "comuni", "fnps"],
            "valore": [D(1), D(2), D(3)],
            "nome": "X",
        }
    )
    table = tables.matrix(frame, "voce", "canale", "EUR", {"comuni": "Comuni", "fnps": "FNPS"})
    assert printed(table) == [
        ["Voce", "Comuni", "FNPS"],
        ["X", f"€{NBSP}2,00", f"€{NBSP}1,00"],
        ["**X**", "**–**", f"**€{NBSP}3,00**"],
    ]
    assert table.kinds == ["", "subtotale"]


def test_matrix_too_wide_for_the_page_lists_what_there_is():
    frame = pd.DataFrame(
        [
            {"voce": "a", "canale": f"c{index}", "valore": D("12345678.90") if index != 3 else None, "nome": "SAAP"}
            for index in range(9)
        ]
    )
    rows = printed(tables.matrix(frame, "voce", "canale", "EUR"))
    assert rows[:3] == [["Voce", "Valore"], ["**SAAP**", ""], ["c0", f"€{NBSP}12.345.678,90"]]
    assert "c3" not in [row[0] for row in rows]


def test_texts_print_dates_and_sections():
    frame = pd.DataFrame(
        {
            "area": ["A", "A", "B"],
            "obiettivo": ["x | y", "z", "w"],
            "scadenza": ["2025-12-31", "", None],
            "n": [1, 2, 3],
        }
    )
    table = tables.texts(frame, {"obiettivo": "Obiettivo", "scadenza": "Scadenza", "n": "N."}, section="area")
    assert printed(table) == [
        ["Obiettivo", "Scadenza", "N."],
        ["**A**", "", ""],
        ["x | y", "31/12/2025", "1"],
        ["z", "", "2"],
        ["**B**", "", ""],
        ["w", "–", "3"],
    ]


# Mistakes


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tables.by_year(FLOWS.iloc[:0], rows="codice"), "no rows"),
        (lambda: tables.by_year(FLOWS), "lacks the column «indicatore»"),
        (lambda: tables.by_year(FLOWS.assign(unita="mele"), rows="codice"), "unit «mele»"),
        (lambda: tables.by_year(FLOWS.assign(unita=["ore", *["casi"] * 7]), rows="codice"), "in ore and in casi"),
        (lambda: tables.by_year(FLOWS.drop(columns="unita"), rows="codice"), "«unit»"),
        (lambda: tables.by_year(pd.concat([FLOWS, FLOWS]), rows="codice"), "Two values for codice «tm/nuovi»"),
        (lambda: _measures("mele"), "l’elenco «misure-sub-ambito» non ha un nome per il codice «mele»"),
        (lambda: tables.texts(FLOWS, {"nota": "Nota"}), "lacks the column «nota»"),
    ],
)
def test_mistakes_are_told(call, message):
    with pytest.raises(BookError, match=re.escape(message)):
        call()
