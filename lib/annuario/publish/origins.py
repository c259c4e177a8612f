"""Where the numbers of the text come from, at a click: the data of it as one element, and the script that shows it.

The page itself is as it was: the script finds the sentences by how they begin and marks their numbers.
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
    rows: Mapping[str, Sequence[str]],
    chapters: Iterable[str] | None = None,
) -> str:
    r"""The element and the script for a page with some chapters, by their labels, or all; nothing without sentences.

    Each text stands once; rows name their texts by number, sentences their rows.

    >>> sentences = {"sec-minori": [("Si sono aggiunti 318 casi.", [("indicatori", 396)])]}
    >>> element(sentences, {"indicatori:396": ["318", "casi"]}).partition("\n")[0]
    '<script type="application/json"
    id="annuario-origini">{"testi":["318","casi"],"righe":[[0,1]],"frasi":{"sisonoaggiunti318casi":[0]}}</script>'
    >>> element(sentences, {})
    ''
    """
    texts: dict[str, int] = {}
    numbers: dict[str, int] = {}
    told: dict[str, list[int]] = {}
    for label in sentences if chapters is None else [one for one in sentences if one in set(chapters)]:
        for sentence, own in sentences[label]:
            names = [f"{table}:{row}" for table, row, *_ in own if f"{table}:{row}" in rows]
            begins = key(sentence)
            if names and len(begins) >= LEAST:
                found = told.setdefault(begins, [])
                found += [number for name in names if (number := numbers.setdefault(name, len(numbers))) not in found]
    if not told:
        return ""
    kept = [[texts.setdefault(text, len(texts)) for text in rows[name]] for name in numbers]
    data = json.dumps({"testi": list(texts), "righe": kept, "frasi": told}, ensure_ascii=False, separators=(",", ":"))
    safe = data.replace("<", "\\u003c")
    script = SCRIPT.read_text(encoding="utf-8")
    return f'<script type="application/json" id="{ELEMENT}">{safe}</script>\n<script>{script}</script>\n'
