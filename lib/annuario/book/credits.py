"""The line below a table or chart that says where its numbers stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from annuario.data.sources import COMPUTED, cells, in_short
from annuario.data.value import Record

#: So many places of a document are told, and so many documents.
PLACES = 3
DOCUMENTS = 3


def line(records: Iterable[Record]) -> str:
    """``Fonte: relazione 2025, righe 120–134 e 150.``; nothing where no row says.

    Long lists are cut, and say how much more there is. The whole of it is in the data of the book.

    >>> line([Record("casi", 2, "relazione-2025:10-12"), Record("casi", 3, "relazione-2024:7")])
    'Fonti: relazione 2025, righe 10–12; relazione 2024, riga 7.'
    """
    records = list(records)
    delivered = {cell.delivery for record in records for cell in cells(record.source)}
    told: list[str] = []
    computed = ""
    for document, where in sorted(in_short(records), key=lambda cited: -_year(cited.document)):
        if document == COMPUTED:
            computed = "elaborazione dell’agenzia" if not told else "valori in parte calcolati"
        else:
            told.append(_delivery(document, where) if document in delivered else _document(document, where))
    if len(told) > DOCUMENTS + 1:
        left = len(told) - DOCUMENTS
        told = [*told[:DOCUMENTS], f"e altri {left} documenti"]
    parts = [*told, *([computed] if computed else [])]
    return f"{'Fonte' if len(told) < 2 else 'Fonti'}: {'; '.join(parts)}." if parts else ""


def _year(document: str) -> int:
    """The year that a document's name ends in, the last documents first; deliveries stand after them."""
    end = document.rpartition("-")[2]
    return int(end) if len(end) == 4 and end.isdigit() else 0


def _document(name: str, where: str) -> str:
    places = where.split(", ")
    many = len(places) > 1 or "–" in where
    return f"{name.replace('-', ' ')}, {'righe' if many else 'riga'} {_cut(places, 'altre')}"


def _delivery(name: str, where: str) -> str:
    places = where.split(", ")
    shown = [place.replace("!", ", ") for place in places] if len(places) == 1 else places
    return f"consegna «{name}», {_cut(shown, 'altre')}"


def _cut(places: Sequence[str], others: str) -> str:
    """Places as a list, no more than :data:`PLACES` and how many there are beside."""
    if len(places) <= PLACES + 1:
        return f"{', '.join(places[:-1])} e {places[-1]}" if len(places) > 1 else places[0]
    return f"{', '.join(places[:PLACES])} e {others} {len(places) - PLACES}"
