"""Where code, comments and formulas stand in a text."""

import itertools
import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from annuario.text.prose import masked, spans


def seen(text):
    return [(span.kind, text[span.start : span.end]) for span in spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sono `a` e `b`.", [("code", "`a`"), ("code", "`b`")]),
        ("> `a\n> b` c", [("code", "`a\n> b`")]),
        ("- x `a`\n  y `b`\n\n  1. `c`\n     `d`", [("code", f"`{name}`") for name in "abcd"]),
        ("## Titolo `a` ##\n\n### Titolo `b` {#sec-x}", [("code", "`a`"), ("code", "`b`")]),
        ("| `a` | `b|c` |\n|---|---:|\n| `d` | x |", [("code", "`a`"), ("code", "`b|c`"), ("code", "`d`")]),
        ("::: {.callout-note}\n`a`\n\n`b`", [("code", "`a`"), ("code", "`b`")]),
        ("`a`\n:::", [("code", "`a`")]),
        ("<div>\n`a`\n</div>", [("code", "`a`")]),
        ("[`a`](x `b`) ![`c`](x){#fig-x}", [("code", "`a`"), ("code", "`b`"), ("code", "`c`")]),
        ("\\`a` b`", [("code", "` b`")]),
        ("`aperto e `` basta", []),
        ("`a\n\nb`", []),
        ("`a``b`", [("code", "`a``b`")]),
        ("```\n`a`\n```\n`b`", [("fence", "```\n`a`\n```"), ("code", "`b`")]),
        ("- x\n\n  ~~~ python\n  `a`\n  ~~~\n- `b`", [("fence", "  ~~~ python\n  `a`\n  ~~~"), ("code", "`b`")]),
        ("Testo.\n\n    `a`\n\n`b`", [("fence", "    `a`"), ("code", "`b`")]),
        ("[^1]: Nota.\n\n    `a`", [("code", "`a`")]),
        ("Termine\n\n:   Uno.\n\n    `a`", [("code", "`a`")]),
        ("x <!-- `a` --> `b`", [("comment", "<!-- `a` -->"), ("code", "`b`")]),
        ("<!-- a\n\n```\n\n`b` --> `c`", [("comment", "<!-- a\n\n```\n\n`b` -->"), ("code", "`c`")]),
        ("<!-- `a --> b` `c`", [("comment", "<!-- `a -->"), ("code", "` `")]),
        ("`x <!-- y` z --> `w`", [("code", "`x <!-- y`"), ("code", "`w`")]),
        ("a <!-- b\n\n`c`", [("unclosed", "<!-- b\n\n`c`")]),
        ("```\na", [("unclosed", "```\na")]),
        ("$a`b$ `c` $$\nd`\n$$", [("formula", "$a`b$"), ("code", "`c`"), ("formula", "$$\nd`\n$$")]),
        ("costa $5 `a` e $6, \\$`b`", [("code", "`a`"), ("code", "`b`")]),
        ("$`{python} x` + 1$", [("code", "`{python} x`")]),
        ("a\r\n`b`\r\n", [("code", "`b`")]),
        ("1.\t`a`\n\n\t`b`", [("code", "`a`"), ("code", "`b`")]),
    ],
)
def test_spans_stand_where_they_are_written(text, expected):
    assert seen(text) == expected


def test_the_content_of_a_span_over_lines_is_one_line():
    assert [span.content for span in spans("> `{python} a +\n> b`")] == ["{python} a + b"]


def test_marks_are_searched_in_prose_alone():
    text = "Vedi @fig-a, `@fig-b`, $@x$.\n\n```\n@fig-c\n```\n<!-- @fig-d\n\n@fig-e -->\n@fig-f"
    found = masked(text)
    assert [found.index(mark) for mark in ("@fig-a", "@fig-f")] == [text.index("@fig-a"), text.index("@fig-f")]
    assert found.count("@") == 2 and found.count("\n") == text.count("\n")


@settings(max_examples=300, deadline=None)
@given(some.text(some.sampled_from("ab`` ``~$<!-->\\#:|>-*1.\t\n\n\r\xa0[]^{}"), max_size=60))
@example("> <!-- a\n\n> b --> `c`")
@example("\r\n$1$")
@example("> \xa0\n> `a`")
def test_any_text_has_its_places(text):
    found = spans(text)
    assert all(one.end <= two.start for one, two in itertools.pairwise(found))
    for span in found:
        part = text[span.start : span.end]
        if span.kind == "code":
            assert part[0] == part[-1] == "`"
        elif span.kind == "comment":
            assert part.startswith("<!--") and part.endswith("-->")
    assert len(masked(text)) == len(text)


def test_the_parser_is_not_loaded_for_plain_prose():
    code = "import sys; from annuario.text import prose; prose.spans('Una **frase** di @fig-x.'); print('markdown_it' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"
