"""What an absent figure takes along, and what stays exactly as it was written."""

import json

import pytest
from conftest import ROOT

from annuario.text.absence import Output, finish
from annuario.text.expressions import Faults, written
from annuario.text.inline import Finisher
from annuario.text.misuse import misused
from annuario.text.paragraphs import Answer, Prose

GONE = Answer(absent="non pubblicato")
ANSWERS = {"a": Answer("12"), "b": Answer("34"), "vuoto": Answer(""), "virgola": Answer(", in aumento"), "no": GONE}


def prose(source, answers=ANSWERS):
    return Prose(source, written(source).places, answers)


def said(*sources, outputs=()):
    parts = [source if isinstance(source, Output) else prose(source) for source in sources]
    return finish(parts)[0]


def one(source):
    return said(source)[0]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Sono `{python} a`.", "Sono 12."),
        ("Sono `{python} a` `{python} vuoto`.", "Sono 12."),
        ("Sono `{python} a` `{python} virgola` e `{python} b`.", "Sono 12, in aumento e 34."),
        ("Sono `{python} a``{python} virgola`.", "Sono 12, in aumento."),
        ("`{python} vuoto` Poi `{python} a`.", "Poi 12."),
        ("Prima `{python} no`.\n\nPoi `{python} a`.", "Poi 12."),
        ("Poi `{python} a`.\n\nSono `{python} no`.", "Poi 12."),
        ("- uno `{python} no`\n- due `{python} a`\n- tre", "- due 12\n- tre"),
        ("- uno `{python} a`;\n- due;\n- tre `{python} no`.", "- uno 12;\n- due."),
        ("- uno `{python} a`;\n- due `{python} no`;\n- tre `{python} no`.\n\nPoi.", "- uno 12.\n\nPoi."),
        ("- uno `{python} a`;\n- due `{python} no`;\n- tre.", "- uno 12;\n- tre."),
        ("- uno;\n  - due `{python} a`;\n- tre `{python} no`.", "- uno;\n  - due 12."),
        ("- uno `{python} a`;\n- tre `{python} no`;", "- uno 12;"),
        ("Sono:\n\n- uno `{python} no`\n- due `{python} no`\n\nFine.", "Fine."),
        ("Sono `{python} no`:\n\n- uno `{python} a`\n\nFine.", "Fine."),
        ("Sono `{python} a`[, di cui `{python} no` nuovi]{.se}.", "Sono 12."),
        ("Sono `{python} a`[, di cui `{python} b` nuovi]{.se}.", "Sono 12, di cui 34 nuovi."),
        ("[Sono `{python} a`[ e `{python} no`]{.se}]{.se}.", "Sono 12."),
        ("- padre `{python} no`\n  - figlio `{python} a`\n- altro", "- altro"),
        ("> Cita `{python} no`.\n\nResta.", "Resta."),
        ("| a | b |\n|---|---|\n| x | `{python} no` |\n\nResta.", "Resta."),
        ("::: {.callout-note}\n\n- Uno `{python} no`.\n\n:::\n\nResta.", "Resta."),
        (
            "::: {.callout-note}\n\n- Uno `{python} no`.\n- Due `{python} a`.\n\n:::",
            "::: {.callout-note}\n\n- Due 12.\n\n:::",
        ),
        (
            "::: {.callout-note}\n\n- Due `{python} a`.\n- Uno `{python} no`.\n\n:::",
            "::: {.callout-note}\n\n- Due 12.\n\n:::",
        ),
        ("::: {.callout-note}\n\nSempre.\n\n- Uno `{python} no`.\n\n:::\n\nResta.", "Resta."),
        (
            "Sono `{python} no`.\n\n::: {.altrimenti}\n\nNiente per il `{python} a`.\n\n:::\n\nFine.",
            "Niente per il 12.\n\nFine.",
        ),
        ("Sono `{python} a`.\n\n::: {.altrimenti}\n\nNiente.\n\n:::\n\nFine.", "Sono 12.\n\nFine."),
        ("## Sezione\n\nSempre vera.\n\nSono `{python} no`.\n\n## Altra\n\nResta.", "## Altra\n\nResta."),
        ("# Titolo\n\nSono `{python} no`.", "# Titolo"),
        ("## Di soli titoli\n\n## Sezione\n\nSono `{python} no`.", "## Di soli titoli"),
        ("## S\n\nSono `{python} no`.\n\n::: {.altrimenti}\nManca.\n:::", "## S\n\nManca."),
        ("::: {.callout-note}\n## I `{python} a`\n\nSono `{python} no`.\n:::\n\nResta.", "Resta."),
        ("Sono `{python} a` [con `{python} no`]{.se}.", "Sono 12."),
        ("Sono `{python} a` [con `{python} no`]{.se} o `{python} b`.", "Sono 12 o 34."),
        ("| a |\n|---|\n| `{python} no` |\n\n: Didascalia {#tbl-x}\n\nResta (@tbl-x).\n\nVedi @tbl-x.", "Resta."),
        (": Didascalia {#tbl-x}\n\n| a |\n|---|\n| `{python} no` |\n\nResta.", "Resta."),
        ("Resta[^n].\n\n[^n]: Sono `{python} no`.\n\nFine[^m].\n\n[^m]: Nota.", "Resta.\n\nFine[^m].\n\n[^m]: Nota."),
        ("## Sempre\n\nResta sempre.", "## Sempre\n\nResta sempre."),
        (
            "```\n`{python} no`\n```\n<!-- `{python} no` -->\nResta.",
            "```\n`{python} no`\n```\n<!-- `{python} no` -->\nResta.",
        ),
    ],
)
def test_what_drops_and_what_stays(source, text):
    assert one(source) == text


def test_references_to_what_was_not_made():
    missing, there = Output("tbl-no", False), Output("fig-si", True)
    assert said("Sono `{python} a` (@tbl-no e @fig-si).", missing, there) == ["Sono 12 (@fig-si)."]
    assert said("Sono `{python} a` (@tbl-no).", missing) == ["Sono 12."]
    assert said("La @tbl-no mostra `{python} a`.\n\nLa @fig-si no.", missing, there) == ["La @fig-si no."]
    assert said("Sono `{python} a`[, come mostra la @tbl-no]{.se}.", missing) == ["Sono 12."]


def test_a_section_goes_with_its_chart_and_stays_for_its_chart():
    assert said("# T\n\n## S\n\nSempre.", Output("fig-no", False)) == ["# T"]
    assert said("# T\n\n## S\n\nSono `{python} no`.\n\nSempre.", Output("fig-si", True)) == ["# T\n\n## S\n\nSempre."]


def test_a_section_over_several_cells():
    assert said("# T\n\nInizio.", "## S\n\nSono `{python} no`.", Output("t", False), "Coda.", "## R\n\nResta.") == [
        "# T\n\nInizio.", "", "", "## R\n\nResta.",
    ]  # fmt: skip


def test_what_one_year_has_to_say_keeps_its_section():
    source = "## S\n\nSono `{python} no`.\n\nUn commento."
    placed = [(source.index("Un"), len(source))]
    assert finish([Prose(source, written(source).places, ANSWERS, placed)])[0] == ["## S\n\nUn commento."]
    assert said(source) == [""]


def test_an_alternative_at_the_head_of_a_cell_answers_the_table_before():
    alternative = "::: {.altrimenti}\n\nNon c'è.\n\n:::"
    assert said("# T\n\nA.", Output("tbl-x", False), alternative) == ["# T\n\nA.", "Non c'è."]
    assert said("# T\n\nA.", Output("tbl-x", True), alternative) == ["# T\n\nA.", ""]


def test_a_box_over_several_cells_is_left_alone():
    assert said("::: {.callout-note}\n\n- Sono `{python} a`.", "- Sono `{python} no`.", ":::") == [
        "::: {.callout-note}\n\n- Sono 12.", "", ":::",
    ]  # fmt: skip


def test_notes_stand_at_the_foot_of_their_block():
    answers = {"a": Answer("12", notes=("Perché sì.",))}
    assert finish([prose("Sono `{python} a`.\n\nResta.", answers)])[0] == ["Sono 12.^[Perché sì.]\n\nResta."]


def test_what_dropped_is_told_and_empty_brackets_are_refused():
    _texts, dropped, wrong = finish([prose("- Sono `{python} no`.\n- Sono (`{python} vuoto`).")])
    assert [(each.cell, each.begins, each.why) for each in dropped] == [(0, "- Sono `{python} no`.", "non pubblicato")]
    assert wrong[0][0] == 0 and "empty pair of brackets" in wrong[0][1]


@pytest.mark.parametrize(
    "text",
    [
        "Sono tre[, di cui `{python} a`]{se}.",
        "Sono tre[, di cui `{python} a`]{.Se}.",
        "Sono tre[, di cui `{python} a`]{ .se }.",
        "Sono tre[, di cui `{python} a`] {.se}.",
        "Sono tre[, di cui `{python} a`]{.se .altro}.",
        "Sono tre[, di cui `{python} a`]{.sé}.",
        "Sono tre[, di cui `{python} a`]{.se.",
        "Sono tre, di cui `{python} a`]{.se}.",
        "Sono tre[, di cui `{python} a` {.se}.",
        "Sono tre[, di cui\n\n`{python} a`]{.se}.",
        "Sono `{python} a`.\n\n::: {.altrimenti}\nManca.",
        "Sono `{python} a`.\n\n::: {.Altrimenti}\nManca.\n:::",
        "Sono `{python} a`.\n\n::: altrimento\nManca.\n:::",
        "Sono tre.\n\n::: {.altrimenti}\nManca.\n:::",
        "- Sono `{python} a`.\n\n  ::: {.altrimenti}\n  Manca.\n  :::",
        "::: {.callout-note}\n::: {.altrimenti}\nManca.\n:::\n:::",
    ],
)
def test_what_is_nearly_optional_or_an_alternative_is_refused(text):
    assert len(misused(text, written(text).places)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Sono[, di cui `{python} a`[, e `{python} b`]{.se}]{.se}.",
        '::: {.callout-note title="Se altrimenti"}\nTesto.\n:::',
        "Un `[…]{.Se}` nel codice. {#sec-se}",
        "Vedi @tbl-x.\n\n::: {.altrimenti}\nManca.\n:::\n\n::: {.altrimenti}\nNulla.\n:::",
        "::: {.altrimenti}\nLa tabella della cella prima manca.\n:::",
    ],
)
def test_what_is_rightly_optional_or_an_alternative_is_not(text):
    assert misused(text, written(text).places) == []


def test_an_alternative_to_nothing_is_refused():
    assert "before this one there is nothing" in finish([prose("::: {.altrimenti}\nManca.\n:::")])[2][0][1]


def test_a_caption_needs_its_figures_where_its_table_stays():
    def wrong(table, caption):
        text = f"| a |\n|---|\n| `{{python}} {table}` |\n\n: Casi `{{python}} {caption}` {{#tbl-x}}"
        return [problem for _, problem in finish([prose(text)])[2]]

    assert wrong("a", "a") == wrong("no", "no") == wrong("no", "a") == []
    assert "needs a figure that is absent" in wrong("a", "no")[0]


def test_a_bracketed_part_of_a_caption_drops_out_alone():
    def answered(names, as_text):
        return {name: {"a": "12", "vuoto": ""}.get(name, {"absent": "no"}) for name in names}

    def caption(text):
        source, outputs = f"#| label: tbl-x\n#| tbl-cap: '{text}'\nx", [{"output_type": "execute_result"}]
        return Finisher(ROOT).code(source, outputs, answered)["tbl-cap"]

    assert caption("I `{python} a`[, di cui `{python} no`]{.se}") == "I 12"
    for text, problem in (
        ("I `{python} no`", "needs a figure that is absent"),
        ("I `{python} a` (`{python} vuoto`)", "empty pair"),
    ):
        with pytest.raises(Faults, match=problem):
            caption(text)


def test_a_text_without_absence_stays_as_it_was_written():
    """Every cell of every chapter, its expressions answered by themselves."""
    for path in sorted((ROOT / "notebooks").glob("*/*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for source in ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"):
            if "{.se}" in source or "{.altrimenti}" in source:
                continue
            names = [name for _, _, there in written(source).places for name in there]
            expected = source
            answers = {}
            for number, name in enumerate(names):
                answers.setdefault(name, Answer(f"x{number}"))
                expected = expected.replace(f"`{{python}} {name}`", answers[name].text, 1)
            assert finish([prose(source, answers)])[0] == [expected], path.name
