"""What is different between two editions, or between a build and the one before: figures, sentences, tables, charts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape

from annuario.book.lineage import CHART, SENTENCE, TABLE, Held, Lineage, Object
from annuario.messages import say, say_many

#: The headings of what is different, in order.
HEADINGS = {"figure": "Cifre", SENTENCE: "Frasi", TABLE: "Tabelle", CHART: "Figure"}
_NONE = "–"


@dataclass(frozen=True)
class Difference:
    """One thing that is different: its kind, where it stands or what it is about, as it was and as it is.

    Empty lines on one side mean that it is not there.

    >>> one = Difference("figure", "casi/nuovi (2025)", ["12"], ["15"], "relazione-2025:7")
    >>> list(lines([one]))
    ['casi/nuovi (2025): 12 → 15 [relazione-2025:7]']
    """

    kind: str
    where: str
    before: Sequence[str]
    now: Sequence[str]
    source: str = ""


def between(before: Lineage, now: Lineage) -> list[Difference]:
    """What is different from one lineage to the other, in the order of :data:`HEADINGS`.

    A figure of two editions is compared by its code, each with the value of its edition's year.

    >>> before = Lineage("relazione-2025", [Object(SENTENCE, "minori", 2, "", "Sono 12.")])
    >>> now = Lineage("relazione-2025", [Object(SENTENCE, "minori", 2, "", "Sono 15.")])
    >>> between(before, now), between(now, now)
    ([Difference(kind='sentence', where='minori, cell 2', before=['Sono 12.'], now=['Sono 15.'],
    source='')], [])
    """
    return [
        *_figures(before, now),
        *_sentences(before, now),
        *_outputs(before, now, TABLE),
        *_outputs(before, now, CHART),
    ]


def _figures(before: Lineage, now: Lineage) -> Iterator[Difference]:
    same = before.edition == now.edition
    one, two = _values(before, same), _values(now, same)
    for code, year in sorted({*one, *two}):
        old, new = one.get((code, year)), two.get((code, year))
        if [held.value for held in (old or [])] != [held.value for held in (new or [])]:
            source = "; ".join(dict.fromkeys(held.source for held in (new or old or []) if held.source))
            where = f"{code} ({year})" if year else code
            yield Difference(
                "figure", where, [held.told for held in old or []], [held.told for held in new or []], source
            )


def _values(lineage: Lineage, every_year: bool) -> dict[tuple[str, str], list[Held]]:
    """What the rows of a lineage held, by code and year; only the edition's own year, under none, unless every year."""
    found: dict[tuple[str, str], list[Held]] = {}
    own = lineage.edition.rpartition("-")[2]
    for rows in lineage.held.values():
        for held in rows.values():
            if every_year or held.year == own:
                found.setdefault((held.code, held.year if every_year else ""), []).append(held)
    return {key: sorted(rows, key=lambda held: (held.value, held.source)) for key, rows in found.items()}


def _sentences(before: Lineage, now: Lineage) -> Iterator[Difference]:
    one, two = ([each for each in lineage.objects if each.kind == SENTENCE] for lineage in (before, now))
    for chapter in dict.fromkeys(each.chapter for each in (*two, *one)):
        old, new = ([each for each in found if each.chapter == chapter] for found in (one, two))
        match = SequenceMatcher(None, [each.text for each in old], [each.text for each in new], autojunk=False)
        for kind, first, last, start, end in match.get_opcodes():
            if kind == "equal":
                continue
            if last - first == end - start:
                for was, became in zip(old[first:last], new[start:end]):
                    yield Difference(SENTENCE, _where(became), [was.text], [became.text])
            else:
                some = new[start:end] or old[first:last]
                yield Difference(
                    SENTENCE,
                    _where(some[0]),
                    [each.text for each in old[first:last]],
                    [each.text for each in new[start:end]],
                )


def _outputs(before: Lineage, now: Lineage, kind: str) -> Iterator[Difference]:
    one, two = ({each.label: each for each in lineage.objects if each.kind == kind} for lineage in (before, now))
    for label in dict.fromkeys((*two, *one)):
        old, new = one.get(label), two.get(label)
        was, became = (_lines(each) for each in (old, new))
        if was != became:
            match = SequenceMatcher(None, was, became, autojunk=False)
            parts = [part for part in match.get_opcodes() if part[0] != "equal"]
            yield Difference(
                kind,
                f"{label}, {_where(new or old)}",  # type: ignore[arg-type]
                [line for _, first, last, _, _ in parts for line in was[first:last]],
                [line for _, _, _, start, end in parts for line in became[start:end]],
            )


def _lines(one: Object | None) -> list[str]:
    return [] if one is None else [one.text, *one.says]


def _where(one: Object) -> str:
    return say("{chapter}, cell {cell}", chapter=one.chapter, cell=one.cell)


def counted(found: Sequence[Difference]) -> str:
    """How many of each kind: ``1 figure, 2 sentences``.

    >>> one, two = Difference("figure", "casi", ["12"], ["15"]), Difference(SENTENCE, "minori", [], ["Sono 15."])
    >>> counted([one, two])
    '1 figure, 1 sentence'
    >>> counted([])
    ''
    """
    counts = {kind: sum(each.kind == kind for each in found) for kind in HEADINGS}
    told = {
        "figure": say_many("{count} figure", "{count} figures", counts["figure"]),
        SENTENCE: say_many("{count} sentence", "{count} sentences", counts[SENTENCE]),
        TABLE: say_many("{count} table", "{count} tables", counts[TABLE]),
        CHART: say_many("{count} chart", "{count} charts", counts[CHART]),
    }
    return ", ".join(told[kind] for kind, count in counts.items() if count)


def first(found: Sequence[Difference], most: int) -> Iterator[str]:
    """Of the differences of each kind the first for a terminal, and how many more there are.

    >>> found = [Difference("figure", code, ["12"], ["13"]) for code in ("a", "b", "c")]
    >>> list(first([*found, Difference(SENTENCE, "casi", [], ["Sono 13."])], 2))
    ['a: 12 → 13', 'b: 12 → 13', '… and 1 more', 'casi:', '    + Sono 13.']
    """
    for kind in HEADINGS:
        yield from lines([one for one in found if one.kind == kind], most)


def lines(found: Sequence[Difference], shown: int | None = None) -> Iterator[str]:
    """The differences for a terminal; ``shown`` is how many are told one by one.

    >>> one, two = Difference("figure", "casi", ["12"], []), Difference(SENTENCE, "minori, cell 2", [], ["Sono 15."])
    >>> list(lines([one, two])), list(lines([one, two], shown=1))
    (['casi: 12 → –', 'minori, cell 2:', '    + Sono 15.'], ['casi: 12 → –', '… and 1 more'])
    """
    for one in found[:shown]:
        source = f" [{one.source}]" if one.source else ""
        if one.kind == "figure":
            yield f"{one.where}: {', '.join(one.before) or _NONE} → {', '.join(one.now) or _NONE}{source}"
        else:
            yield f"{one.where}:"
            yield from (f"    - {_plain(text)}" for text in one.before)
            yield from (f"    + {_plain(text)}" for text in one.now)
    if shown is not None and len(found) > shown:
        yield say("… and {count} more", count=len(found) - shown)


def page(found: Sequence[Difference], before: str, now: str) -> str:
    """The differences as a page of its own, in Italian.

    >>> one = Difference("figure", "casi", ["12"], ["15"])
    >>> "<td>12</td><td>15</td>" in page([one], "relazione 2024", "relazione 2025")
    True
    >>> "Nessuna differenza." in page([], "relazione 2024", "relazione 2025")
    True
    """
    parts = []
    for kind, heading in HEADINGS.items():
        rows = "".join(
            f"<tr><th scope='row'>{escape(one.where.replace(', cell ', ', cella '))}"
            + (f"<br><small>{escape(one.source)}</small>" if one.source else "")
            + f"</th><td>{_told(one.before)}</td><td>{_told(one.now)}</td></tr>\n"
            for one in found
            if one.kind == kind
        )
        if rows:
            head = f"<tr><th scope='col'>Dove</th><th scope='col'>{escape(before)}</th><th scope='col'>{escape(now)}</th></tr>"
            parts.append(f"<h2>{heading}</h2>\n<table><thead>{head}</thead>\n<tbody>{rows}</tbody></table>")
    title = f"Differenze: {escape(before)} e {escape(now)}"
    body = "\n".join(parts) or "<p>Nessuna differenza.</p>"
    return f"<!DOCTYPE html>\n<html lang='it'><head><meta charset='utf-8'><title>{title}</title>\n<style>{_STYLE}</style></head>\n<body><h1>{title}</h1>\n{body}\n</body></html>\n"


_STYLE = (
    "body{font:16px/1.45 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem;color:#1d2426}"
    "table{border-collapse:collapse;width:100%;table-layout:fixed}"
    "th,td{border-top:1px solid #c9d4d6;padding:.4rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}"
    "tbody th{font-weight:normal}small{color:#5a686c}"
)


def _told(texts: Sequence[str]) -> str:
    return "<br>".join(escape(_plain(text)) for text in texts) or _NONE


def _plain(text: str) -> str:
    """A sentence as it is read, without what only its writing needs."""
    return re.sub(r"\\([^\w\s])", r"\1", text)
