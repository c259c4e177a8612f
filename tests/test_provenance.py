"""Every observation stands in the lines it cites, in its printed form."""

import csv
import re
from decimal import Decimal

import pytest
from conftest import DOCUMENTS, ROOT
from documents.index import digest, masked, named
from reading import words

TEXTS = ROOT.parent / "shared" / "sources"


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
    quoted = masked(spelled[1]) if spelled else ""
    return quoted not in ("", "·") and quoted in text


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


def test_labels_are_those_of_the_document(package):
    tables = csv.DictReader((DOCUMENTS / "words.csv").read_text(encoding="utf-8").splitlines())
    frame = package.read("bilancio")
    printed = {edition: set() for edition in frame["edizione"]}
    for row in tables:
        document = row["tabella"].partition("/")[0]
        printed.setdefault(document, set()).update(row["parole"].split())
    labels = {(edition, label) for edition, label in zip(frame["edizione"], frame["etichetta"]) if label}
    astray = [(edition, label) for edition, label in labels if not words(label) <= printed[edition]]
    assert len(astray) <= len(labels) // 50, astray[:20]


def test_no_caseworker_is_named(package):
    names = set((DOCUMENTS / "names.txt").read_text(encoding="utf-8").split())
    assert len(names) == 20
    for name in package.resources:
        text = package.path(name).read_text(encoding="utf-8").upper()
        for word in sorted(set(re.findall(r"\b[A-Z]+\b", text))):
            assert digest(word) not in names, f"{word} in {name} may be a caseworker's name"


if TEXTS.is_dir():  # the documents themselves are not part of the project

    @pytest.mark.parametrize("path", sorted(TEXTS.glob("*.txt")), ids=lambda path: path.stem)
    def test_the_index_is_what_the_documents_print(path, sources):
        lines = enumerate(path.read_text(encoding="utf-8").split("\n"), start=1)
        assert [masked(line, named(path.stem, number)) for number, line in lines] == sources[path.stem]
