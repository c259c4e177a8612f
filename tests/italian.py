"""What reads wrong in the Italian of a book, whatever its figures: for artificial editions, and for real ones."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from annuario.words import numbers
from annuario.words.phrases import NOUNS

if TYPE_CHECKING:
    from artificial import Read, Variant

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS, DATA = ROOT / "notebooks", ROOT / "data"


@dataclass(frozen=True)
class Finding:
    """Something that reads wrong: its kind, the chapter, and the words."""

    kind: str
    chapter: str
    text: str


@dataclass(frozen=True)
class Said:
    """A block of text: heading, paragraph, item, caption or alternative text."""

    what: str
    text: str
    level: int = 0


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def blocks(markdown: str) -> list[Said]:
    """The blocks of a text, without Markdown's marks; what stands in code is kept as it is written.

    >>> [(block.what, block.text) for block in blocks("## Casi {#sec-casi}\\n\\n- Sono **tre**\\n")]
    [('heading', 'Casi'), ('item', 'Sono tre')]
    """
    text = re.sub(r"<!--.*?-->", "", markdown, flags=re.DOTALL)
    text = re.sub(r"^ *:::.*$", "\n", text, flags=re.MULTILINE)
    found, tokens = [], _parser().parse(text)
    for place, token in enumerate(tokens):
        if token.type != "inline":
            continue
        opening, inside = tokens[place - 1], ""
        for child in token.children or []:
            inside += {"softbreak": " ", "hardbreak": " ", "code_inline": f"`{child.content}`"}.get(
                child.type, child.content
            )
        inside = re.sub(r"\[\^[^\]]+\](:?)|\^\[[^\]]*\]", "", inside)
        if opening.type == "heading_open":
            found.append(Said("heading", re.sub(r"\s*\{[^{}]*\}\s*$", "", inside), int(opening.tag[1])))
        elif opening.type == "paragraph_open":
            item = place > 1 and tokens[place - 2].type == "list_item_open"
            found.append(Said("item" if item else "paragraph", inside))
    return found


@cache
def nouns() -> dict[str, tuple[str, bool]]:
    """The nouns that figures count, by their plural: the singular, and whether it is feminine."""
    found = {noun.plural: (noun.singular, noun.feminine) for noun in NOUNS.values()}
    with (DATA / "grandezze.csv").open(encoding="utf-8") as file:
        found |= {
            row["plurale"]: (row["singolare"], row["genere"] == "f") for row in csv.DictReader(file) if row["plurale"]
        }
    return {plural: pair for plural, pair in found.items() if plural != pair[0]}


@cache
def codes() -> frozenset[str]:
    """The codes of the data that no one would write in Italian: words joined by hyphens."""
    found: set[str] = set()
    for name in ("voci", "canali", "definizioni", "servizi", "aree", "schede"):
        with (DATA / f"{name}.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                first = next(iter(row.values()))
                found |= {part for part in first.split("/") if "-" in part}
    return frozenset(
        found
        - {"sub-ambito", "sub-ambiti", "in-carico", "micro-nido", "micro-nidi", "co-progettazione", "etero-famigliari"}
    )


@cache
def _alternatives(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_PLURAL_VERBS = (
    "sono|erano|siano|saranno|furono|hanno|avevano|vengono|restano|risultano|mancano|valgono|contano|costano|riguardano|"
    "seguono|lavorano|aggiungono|chiudono|arrivano|ammontano a|passano a|salgono a|scendono a|diventano|occupano|"
    "compaiono|escono|entrano|assorbono|coprono|rispondono|spettano|toccano|bastano|servono|comprendono|"
    "sono stat[ie]|erano stat[ie]|(?:sono|erano) \\w+(?:at|ut|it|s|t|is)[ie]"
)
_SINGULAR_VERBS = "è|era|sia|sarà|ha|aveva|viene|resta|risulta|manca|vale|è stato|è stata|(?:si )?è \\w+[oa]|c’è"
_NUMERAL = (
    r"(?:\d{1,3}(?:\.\d{3})+|[2-9]|[1-9]\d+|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|undici|dodici|tredici|"
    r"quattordici|quindici|sedici|diciassette|diciotto|diciannove|venti)"
)
# A 0 or a 1 by itself: no part of a number, a date, a share, an amount, a name.
_LONE = r"(?<![\w.,/€°\-–−+:(])(?<!€ )[01](?![\d.,]*\d)(?![°/%\-–:)])(?! ?%| gennaio| luglio|° )"
_NAMED = re.compile(
    r"(?:azion[ei]|obiettiv[oi]|schede?|numero|numer[oi] è|valore|soglia|punteggio|livello|misura|linea|tavola|n\.|B|"
    r"Fig\.|l’art\.|art\.|comma|[Oo]biettivo|:|è|era|=|è di|era di|da|a|dal numero|fra|di|pari a|poi|e|su|quota|classe|fascia|"
    r"2\.|[A-Z]\w*) $"
)
_VERB = re.compile(
    r"\b(?:è|sono|ha|hanno|era|erano|sia|siano|fa|fanno|dà|danno|va|vanno|può|possono|deve|devono|sta|stanno|dice|dicono|"
    r"c’è|s’è|sarà|saranno|restano?|valgono|vale|sommano|somma|segue|seguono|riguardano?|viene|vengono|prevede|prevedono|"
    r"\w+(?:isce|iscono|endono|ende|ette|ettono|eva|evano|ava|avano|iva|ivano|isse|ò|erà|eranno|irà))\b|"
    r"\b\w+(?:a|e|ano|ono)\b",
    re.IGNORECASE,
)
_EMPTIES = (
    (re.compile(r"\(\s*[,;:.]|[,;:]\s*\)|\(\s*\)|«\s*»"), "empty brackets"),
    (re.compile(r"\S {2,}\S"), "double blanks"),
    (re.compile(r"(?<!\.)\.\.(?!\.)|,,|[,;:]\s*[.,;:!?](?!\w)|\s[,;.](?!\w)(?!\.\.)"), "two marks"),
)
_SELF_RANGE = re.compile(
    r"\b(?:da|dal|dall’|dalla|fra|tra)\s?(?P<one>[^,;.:()]{1,60}(?:\([^()]*\))?|€ [\d.]+(?:,\d+)?(?: \([^()]*\))?) (?:a|al|all’|alla|e)\s?(?P=one)(?![\w,.]*\d)(?=\W|$)"
)
_FIRST_OF_MANY = re.compile(r"(?:\b(?:[Ii]l|[Ll]a) |\b[Ll]’)[^.;:]{0,60} è [^.;]*, a pari merito")
_MANY_YEARS = re.compile(
    r"\b(?:anni a confronto|negli anni pubblicati|gli anni pubblicati|"
    r"nei tre anni)\b"
)
_BLAME = re.compile(
    r"(?:nessuno? (?:dei )?document\w+|document\w+ (?:\w+ )?non (?:\w+ )?(?:pubblic|raccont|riport)\w*|"
    r"non (?:è|sono) (?:pubblicat|tra i document|fra i document|disponibil)\w*)",
    re.IGNORECASE,
)


def _plurals(text: str) -> list[tuple[str, str]]:
    """Figures that do not agree with their noun or verb."""
    found = []
    plural, singular = _alternatives(tuple(nouns())), _alternatives(tuple(pair[0] for pair in nouns().values()))
    for match in re.finditer(rf"(?<![\w.,/])(?:0|1|[Zz]ero|[Uu]no|[Uu]na?|[Nn]essuna?) (?:{plural})\b", text):
        found.append(("one or none of a plural", match[0]))
    for match in re.finditer(rf"(?<![\w.,/])(?P<n>{_NUMERAL}) (?:{singular})(?![\w-])", text):
        if match[0].partition(" ")[2] not in nouns():
            found.append(("several of a singular", match[0]))
    for match in re.finditer(
        rf"\b(?:{_PLURAL_VERBS}) (?:soltanto |solo |appena |invece |nel \d{{4}} )?(?:[01](?![\d.,/]*\d)(?! ?%)|zero\b|un[oa]\b|nessun\w*)",
        text,
    ):
        after = text[match.end() :]
        if re.search(r"\buna$", match[0]) and re.match(r" \w", after) and not re.match(r" (?:in|del|nell)", after):
            continue  # «sono una parte»
        if re.search(r"\b[01]$", match[0]) and re.match(r"[°/]|[.,]\d", after):
            continue
        found.append(("one or none with a plural verb", match[0] + after[:20]))
    for match in re.finditer(rf"\b(?<!non )(?:{_SINGULAR_VERBS}) (?P<n>{_NUMERAL}) (?P<noun>{plural})\b", text):
        if not re.match(r"(?:resta|vale|ha|aveva|era|è)\b", match[0]) or re.match(r"(?:è|era|resta) ", match[0]):
            found.append(("several with a singular verb", match[0]))
    for match in re.finditer(
        r"\b(?:è|sono|ha|hanno|conta|contano|si è|si sono|arriva a|sale a|segue|seguono|chiude|prende|attiva|accoglie)\b(?: \w+){0,3}? nessun\w*",
        text,
    ):
        before = text[: match.start()]
        if not re.search(r"\b(?:non|Non|né|con|per|di|a|in|da|senza)\b", match[0]) and not re.search(
            r"\b[Nn]on(?: si| ne| vi| ci| c’| se ne)? ?$", before
        ):
            found.append(("none without «non»", match[0]))
    for match in re.finditer(_LONE, text):
        before = text[: match.start()]
        if not _NAMED.search(before) and not re.match(
            r"(?:euro|milione|[A-Z]{2,}|nel \d{4}|" + singular + r")\b", text[match.end() :].lstrip()
        ):
            found.append(("a lone 0 or 1", text[max(0, match.start() - 40) : match.end() + 15]))
    return found


def _signs(text: str) -> list[tuple[str, str]]:
    found = []
    for match in re.finditer(r"[^.;]{0,60}(?<![(\d])[−-] ?€[^.;]{0,20}|(?<=\w )−\d[^.;]{0,20}", text):
        before = text[: match.start() + match[0].find("−")]
        if before.count("(") > before.count(")") or re.search(r"scost|lontan|differ|variazion|seguenti|ampio", before):
            continue
        found.append(("a negative amount in a sentence", match[0]))
    for match in re.finditer(r"\bavanzo\b[^.;:]{0,80}[−-] ?€", text):
        found.append(("a negative surplus", match[0]))
    for match in re.finditer(r"\b(?:il|al|del|lo|dello|allo) (?:−|meno )[\d.,]+ ?%", text):
        found.append(("a negative share", match[0]))
    return found


def _nothings(text: str) -> list[tuple[str, str]]:
    found = [
        ("no change told", match[0])
        for match in re.finditer(
            r"(?<![,\d]\d)\b\d+ \([+−]?0(?:,0+)? ?(?:%|punti)(?: dal \d{4})?\)|(?:aumento|calo) (?:dello|del|di) 0(?:,0)? ?(?:%|punti)|\bda zero a (?:zero|0)\b",
            text,
        )
    ]
    found += [("from a thing to itself", match[0]) for match in _SELF_RANGE.finditer(text)]
    found += [
        ("raw code", text[max(0, match.start() - 20) : match.end() + 20])
        for match in re.finditer(
            r"\b(?:None|nan|NaN|NaT|Decimal|Traceback)\b|`|\{\.|\{python|<class|\x02|\b(?:di|a|da|per|con|è|sono|al|del|su|e) –|(?<= )–(?=[.,;)])|^–",
            text,
        )
    ]
    for match in re.finditer(r"(?<![\w/@#-])[a-z0-9]+(?:-[a-z0-9]+)+(?![\w-])", text):
        if match[0] in codes() and text[match.start() - 1 : match.start()] != "@" and match[0] not in ("assegni-cura",):
            found.append(("raw code", match[0]))
    for match in re.finditer(r"\b(\w+[^.;:]{12,60}?) e (?:\w+ ){0,2}(?:di )?\1(?=\W)", text):
        if "nessun" in match[1]:
            found.append(("said twice", match[0]))
    return found


def _shape(block: Said) -> list[tuple[str, str]]:
    text = block.text.strip()
    if not text:
        return [("empty " + block.what, "")]
    found = [
        (kind, text[max(0, match.start() - 30) : match.end() + 20])
        for pattern, kind in _EMPTIES
        if (match := pattern.search(text))
    ]
    if block.what in ("paragraph", "item") and not text.startswith(("|", ":", "[^", "![", "@")):
        if block.what == "paragraph" and (text[0].islower() or text[0] in ",;.:)"):
            found.append(("begins in the middle", text[:60]))
        if block.what == "item" and text[0] in ",;.:)":
            found.append(("begins in the middle", text[:60]))
        if block.what == "paragraph" and not re.search(r"[.:;!?»…)]$", text):
            found.append(("has no end", text[-60:]))
        for sentence in re.split(r"(?<=[.!?]) (?=[A-ZÈ])", text):
            words = re.findall(r"[^\W\d_]+", sentence)
            if block.what == "paragraph" and words and not _VERB.search(sentence):
                found.append(("no verb", sentence[:80]))
        for match in re.finditer(r"\.\s+(?=[a-zàèé])", text):
            if not re.search(
                r"(?:Vi|art|n|co|D|L|lett|ss|pag|p|es|ecc|U|O|Fig|s|r|R|C|I|P|d|soc|coop|Soc|A|Coop|dott|prov|Lgs|nn|all)$",
                text[: match.start()],
            ):
                found.append(("a sentence begins in lower case", text[max(0, match.start() - 30) : match.end() + 30]))
    return found


def sentences(text: str) -> list[tuple[str, str]]:
    """What reads wrong in some words, each with its kind.

    >>> sentences("Gli affidi sono uno.")
    [('one or none with a plural verb', 'sono uno.')]
    >>> sentences("Gli affidi sono tre, uno in più del 2024.")
    []
    """
    text = text.replace(numbers.NBSP, " ")
    ties = [("the first of a tie", match[0]) for match in _FIRST_OF_MANY.finditer(text)]
    return _plurals(text) + _signs(text) + _nothings(text) + ties


def of_year(text: str, year: int) -> list[tuple[str, str]]:
    """Comparisons of a year with itself."""
    return [
        ("compared with itself", text[max(0, match.start() - 60) : match.end()])
        for match in re.finditer(rf"\b(?:rispetto al|del|come nel|contro \S+ nel) {year}\b", text)
        if match[0].startswith(("rispetto", "come", "contro")) or re.search(r"in (?:più|meno) $", text[: match.start()])
    ]


def headings(blocks_: list[Said]) -> list[tuple[str, str]]:
    """Headings below which nothing stands. ``blocks_`` are those of a chapter, with ``output`` for what cells show."""
    found = []
    for place, block in enumerate(blocks_):
        if block.what != "heading":
            continue
        after = blocks_[place + 1] if place + 1 < len(blocks_) else None
        if after is None or (after.what == "heading" and after.level <= block.level):
            found.append(("a heading of nothing", block.text))
    return found


@cache
def _declared(book: str) -> dict[str, str]:
    """The chapter of each table and chart of a book."""
    return {
        label: path.stem
        for path in (NOTEBOOKS / book).glob("*.ipynb")
        for label in re.findall(r"#\| label: ([\w-]+)", path.read_text(encoding="utf-8"))
    }


def findings(variant: Variant, chapters: list[Read]) -> list[Finding]:
    """All that reads wrong in the chapters of a variant."""
    found: list[Finding] = []
    labels = {label for chapter in chapters for label in chapter.made}
    for chapter in chapters:
        add = lambda pairs, chapter=chapter: found.extend(Finding(kind, chapter.chapter, text) for kind, text in pairs)
        if any("is no number's code" in problem for problem in chapter.problems):
            continue  # the checks of the data, which rightly complain
        add(
            [
                ("crash" if not problem.startswith("reads wrong") else "reads wrong", problem[:240])
                for problem in chapter.problems
            ]
        )
        whole: list[Said] = []
        for place, text in chapter.texts:
            own = blocks(text)
            whole += [*own]
            if place in chapter.shown:
                whole.append(Said("output", ""))
        course = []
        for place in sorted({*dict(chapter.texts), *chapter.shown}):
            course += blocks(dict(chapter.texts)[place]) if place in dict(chapter.texts) else [Said("output", "")]
        add(headings(course))
        blocks_ = whole + [Said("caption", text) for text in chapter.captions]
        for block in blocks_:
            if block.what == "output":
                continue
            add(_shape(block) + sentences(block.text))
            if variant.book != "piano":  # the last year of a plan is compared with its first
                add(of_year(block.text, variant.year))
            if variant.extreme in ("only-now",) and not variant.table and (match := _MANY_YEARS.search(block.text)):
                add([("several years of one", block.text[max(0, match.start() - 60) : match.end() + 40])])
            if variant.extreme in (
                "no-commentary",
                "not-entered",
                "empty",
                "holes",
                "one-left",
            ) and chapter.chapter not in ("dati-non-pubblicati", "nota-di-quadratura", "rettifiche", "fonti-e-metodo"):
                add(
                    [
                        ("blames the documents", block.text[max(0, m.start() - 60) : m.end() + 60])
                        for m in _BLAME.finditer(block.text)
                    ]
                )
        for text in chapter.alternatives:
            add(
                [
                    ("in an alternative: " + kind, words)
                    for kind, words in sentences(text)
                    if kind == "raw code" and "–" not in words
                ]
            )
    read, declared = {chapter.chapter for chapter in chapters}, _declared(variant.book)
    for chapter in chapters:
        for _, text in chapter.texts:
            for label in re.findall(r"@((?:fig|tbl)-[\w-]*\w)", text):
                if label not in labels and declared.get(label) in (None, *read):
                    found.append(Finding("a reference to nothing", chapter.chapter, label))
    return found
