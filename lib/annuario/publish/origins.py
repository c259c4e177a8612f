"""Where the numbers of the text come from, at a click: the data of it as one element, and the script that shows it.

The page itself is as it was: the script finds the sentences by how they begin, the cells of tables
by the label of their table, and marks their numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

#: Id of the element with the data; how many letters and digits of its beginning a sentence is found by.
ELEMENT, LENGTH, LEAST = "annuario-origini", 32, 8
SCRIPT = Path(__file__).with_name("origins.js")


def key(sentence: str) -> str:
    """How a sentence begins, letters and digits alone, up to a reference or a link, whose words the page makes.

    >>> key("Nell'anno si sono aggiunti 318 casi (@tbl-tm), in aumento.")
    'nellannosisonoaggiunti318casi'
    """
    plain = sentence.replace("\\", "")
    for stop in ("@", "](", "]{", "$"):
        plain = plain.partition(stop)[0]
    return "".join(sign for sign in plain.lower() if sign.isalnum())[:LENGTH]


def element(
    sentences: Mapping[str, Sequence[tuple[str, Sequence[Sequence]]]],
    cells: Mapping[str, Mapping[str, Sequence[tuple[int, int, Sequence[Sequence]]]]],
    rows: Mapping[str, Sequence[str]],
    chapters: Iterable[str] | None = None,
) -> str:
    r"""The element and the script for a page with some chapters, by their labels, or all; nothing without any number.

    Each text stands once; rows name their texts by number, sentences and the cells of tables (row, column) their rows.

    >>> sentences = {"sec-minori": [("Si sono aggiunti 318 casi.", [("indicatori", 396)])]}
    >>> cells = {"sec-minori": {"tbl-casi": [(0, 1, [("indicatori", 396)])]}}
    >>> data = element(sentences, cells, {"indicatori:396": ["318", "casi"]}).partition("\n")[0]
    >>> data.partition(">")[2].removesuffix("</script>")
    '{"testi":["318","casi"],"righe":[[0,1]],"frasi":{"sisonoaggiunti318casi":[0]},"tavole":{"tbl-casi":[[0,1,0]]}}'
    >>> element(sentences, cells, {})
    ''
    """
    texts: dict[str, int] = {}
    numbers: dict[str, int] = {}
    told: dict[str, list[int]] = {}
    tables: dict[str, list[list[int]]] = {}

    def numbered(own: Sequence[Sequence]) -> list[int]:
        names = [f"{table}:{row}" for table, row, *_ in own]
        return [numbers.setdefault(name, len(numbers)) for name in names if name in rows]

    for label in dict.fromkeys((*sentences, *cells)) if chapters is None else chapters:
        for sentence, own in sentences.get(label, ()):
            begins = key(sentence)
            if len(begins) >= LEAST and (found := numbered(own)):
                told[begins] = list(dict.fromkeys((*told.get(begins, ()), *found)))
        for table, marked in cells.get(label, {}).items():
            if known := [[row, column, *found] for row, column, own in marked if (found := numbered(own))]:
                tables[table] = known
    if not told and not tables:
        return ""
    kept = [[texts.setdefault(text, len(texts)) for text in rows[name]] for name in numbers]
    shown = {"testi": list(texts), "righe": kept, "frasi": told, "tavole": tables}
    data = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
    safe = data.replace("<", "\\u003c")
    script = SCRIPT.read_text(encoding="utf-8")
    return f'<script type="application/json" id="{ELEMENT}">{safe}</script>\n<script>{script}</script>\n'
