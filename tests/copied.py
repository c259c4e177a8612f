"""Runs of words that the books have in common with the documents they are made from.

A word is letters and digits, without case and accents. What the documents say is kept in
``documents/runs.bin``: five bytes of the digest of every third run of :data:`RUN` words of their prose, so
that a run of :data:`SURE` words that was copied is found where the documents are not at hand, and nobody
reads them in here. ``documents/index.py`` makes it.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

#: Words that a run in common has at least.
RUN = 8
#: Each third run is kept: as many words hold one that is.
STEP = 3
SURE = RUN + STEP - 1
BYTES = 5
_WORD = re.compile(r"[^\W_]+")
# What is no author's wording: expressions, references, notes' marks, attributes, comments, and what stands in quotation marks.
_PASSED = re.compile(r"`[^`]*`|<!--.*?-->|@[\w-]+|\{[^{}]*\}|\[\^[^\]]*\]|«[^»]*»", re.DOTALL)
#: Names of bodies, offices, acts and projects: a run ends where one begins.
NAMES = (
    "Procura presso il Tribunale per i Minorenni di Brescia",
    "Procura della Repubblica presso il Tribunale per i Minorenni",
    "l'Assemblea Consortile, il Consiglio di Amministrazione, il Presidente del Consiglio di Amministrazione, il "
    "Direttore Generale e il Revisore dei Conti",
    "Codice Etico e Modello di organizzazione, gestione e controllo",
    "Modello di organizzazione, gestione e controllo",
    "Autismo: dall'analisi territoriale al progetto di vita",
    "U.O. Servizio Sociale Territoriale", "Servizio Sociale Distrettuale", "Servizio Inserimento Lavorativo",
    "Comunità Sociale Cremasca", "Azienda Speciale Consortile", "Agenzia per la cybersicurezza nazionale",
    "Fondo Nazionale Politiche Sociali", "Ministero del Lavoro e delle Politiche Sociali",
    "SMART BEAR", "Astolfo non più sulla luna", "Giocati il tuo spazio", "Ri-vediamoci",
    "art. 114 del D.Lgs. 267/2000",
)  # fmt: skip


def words(text: str) -> list[str]:
    """The words of a text.

    >>> words("È l'Azienda, nel 2025")
    ['e', 'l', 'azienda', 'nel', '2025']
    """
    plain = unicodedata.normalize("NFD", text.replace("’", "'").lower())
    return _WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))


def runs(found: list[str], step: int = 1) -> Iterator[tuple[str, ...]]:
    """Its runs of :data:`RUN` words, one after the other."""
    return (tuple(found[start : start + RUN]) for start in range(0, len(found) - RUN + 1, step))


def digest(run: tuple[str, ...]) -> bytes:
    """A run, in five bytes."""
    return hashlib.sha256(" ".join(run).encode()).digest()[:BYTES]


def prose(document: str) -> Iterator[list[str]]:
    """The words of a document's paragraphs; rows of tables and titles are no sentences."""
    for line in document.splitlines():
        if "\t" not in line and len(found := words(line)) >= RUN:
            yield found


def index(documents: Iterable[str]) -> bytes:
    """What ``runs.bin`` holds of some documents."""
    kept = {digest(run) for text in documents for found in prose(text) for run in runs(found, STEP)}
    return b"".join(sorted(kept))


def read(path: Path) -> set[bytes]:
    """The digests in a file."""
    return read_index(path.read_bytes())


def read_index(data: bytes) -> set[bytes]:
    """The digests in what :func:`index` gives."""
    return {data[start : start + BYTES] for start in range(0, len(data), BYTES)}


def authored(root: Path) -> Iterator[tuple[str, str]]:
    """The paragraphs that authors wrote, each with its place: of the notebooks, and of the commentary."""
    for path in sorted(root.glob("notebooks/*/*.ipynb")):
        for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
            if cell["cell_type"] == "markdown":
                yield from ((f"{path.stem}, cell {number}", part) for part in _paragraphs("".join(cell["source"])))
    for path in sorted(root.glob("notebooks/*/testi/*/*.md")):
        place = f"{path.parent.name}/{path.name}"
        yield from ((place, part) for part in _paragraphs(path.read_text(encoding="utf-8")))


def _paragraphs(text: str) -> list[str]:
    return re.split(r"\n\s*\n|\n(?=\s*[-*] )", text)


def copied(text: str, known: set[bytes]) -> list[str]:
    """The runs of a text that are known ones, names apart, those that overlap as one."""
    found = []
    for own in map(str.split, (piece for part in _PASSED.split(text) for piece in _between_names(part))):
        end = 0
        for start in range(len(own) - RUN + 1):
            if start < end or digest(tuple(own[start : start + RUN])) not in known:
                continue
            end = start + RUN
            while end < len(own) and digest(tuple(own[end - RUN + 1 : end + 1])) in known:
                end += 1
            found.append(" ".join(own[start:end]))
    return found


def _between_names(text: str) -> list[str]:
    """The words of a text, parted where a name stands."""
    whole = " ".join(words(text))
    for name in NAMES:
        whole = whole.replace(" ".join(words(name)), "|")
    return whole.split("|")
