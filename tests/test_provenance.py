"""Every observation stands in the lines it cites, in its printed form."""

import re
from decimal import Decimal

import pytest

WORDS = ["zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci", "undici", "dodici"]


def cited(lines, source):
    """The text that a ``fonte`` cites."""
    parts = []
    for reference in source.split(";"):
        document, _, span = reference.partition(":")
        first, _, last = span.partition("-")
        parts += lines[document][int(first) - 1 : int(last or first)]
    return "\n".join(parts)


def forms(value: Decimal) -> list[str]:
    """How a document may print a value: with or without thousands points and final zeros."""
    exact = format(abs(value), "f")
    whole, _, fraction = exact.partition(".")
    grouped = f"{int(whole):,}".replace(",", ".")
    fractions = {fraction, fraction.rstrip("0"), fraction + "0"} if fraction else {"", "00", "0"}
    found = []
    for head in (whole, grouped):
        for tail in sorted(fractions, key=len, reverse=True):
            found.append(f"{head},{tail}" if tail else head)
    return found


def stands(value: Decimal, text: str, note: str) -> bool:
    if any(re.search(rf"(?<![\d.,]){re.escape(form)}(?!\d|[.,]\d)", text) for form in forms(value)):
        return True
    if value == 0 and re.search(r"[-–]", text) and "«" in note:
        return True
    spelled = re.search(r"«([^»]+)»", note)
    return bool(spelled) and spelled[1] in text


OBSERVATIONS = (
    "indicatori", "servizi_sub_ambito", "carichi_lavoro", "bilancio", "bilancio_aree", "entrate",
    "avanzo", "fondi", "personale", "obiettivi_riepilogo",
)  # fmt: skip


@pytest.mark.parametrize("table", OBSERVATIONS)
def test_every_value_stands_in_its_lines(package, sources, table):
    frame = package.read(table)
    notes = frame["nota"] if "nota" in frame else [""] * len(frame)
    astray = [
        f"row {row}: {value} not in {source}"
        for row, (value, source, note) in enumerate(zip(frame["valore"], frame["fonte"], notes), start=2)
        if not stands(value, cited(sources, source), note)
    ]
    assert not astray, "\n".join(astray[:20])


@pytest.mark.parametrize("table", [*OBSERVATIONS, "azioni", "obiettivi", "progetti", "cariche", "grafici"])
def test_every_cited_line_exists(package, sources, table):
    for source in package.read(table)["fonte"]:
        assert cited(sources, source).strip(), source


def test_labels_are_those_of_the_document(package, sources):
    frame = package.read("bilancio")
    plain = {
        document: re.sub(r"[*_<>/iI`]", "", " ".join(" ".join(lines).split())) for document, lines in sources.items()
    }
    astray = [
        label
        for edition, label in set(zip(frame["edizione"], frame["etichetta"]))
        if label and re.sub(r"[*_<>/iI`]", "", " ".join(label.split())) not in plain[edition]
    ]
    assert len(astray) <= len(frame) // 50, astray[:20]


def test_no_caseworker_is_named(package, sources):
    names = set()
    for document, span in (("relazione-2021", range(688, 701)), ("relazione-2025", range(1347, 1361))):
        for number in span:
            names.add(re.match(r"[A-Z]+", sources[document][number - 1])[0])
    assert len(names) == 20
    for name in package.resources:
        text = package.path(name).read_text(encoding="utf-8").upper()
        for surname in names:
            assert not re.search(rf"\b{surname}\b", text), f"a caseworker's name stands in {name}"
