"""Indicators as a reader looks them up in the book's index: under a service, by name."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from annuario.data.roles import DEFINITIONS, SERVICES
from annuario.words.markdown import escape

if TYPE_CHECKING:
    from annuario.data import Package


@dataclass(frozen=True)
class Entry:
    """An indicator in the index: the service it stands under and its name.

    >>> Entry("Tutela Minori", "Nuovi casi").name
    'Nuovi casi'
    """

    service: str
    name: str


def catalogue(package: Package, more: Mapping[str, Entry] = MappingProxyType({})) -> dict[str, Entry]:
    """Every declared indicator by its code, and ``more`` entries of the agency's own.

    Two indicators of a service with one name and one unit are one entry; with two units
    or measures each says which it is. Empty without definitions.

    >>> catalogue(esempio)["prestiti/libri"]
    Entry(service='Biblioteca', name='Prestiti di libri')
    """
    if not package.has(DEFINITIONS):
        return dict(more)
    services = package.read(SERVICES).set_index("servizio")["nome"] if package.has(SERVICES) else {}
    declared = package.read(DEFINITIONS)
    alike = declared.groupby(["servizio", "nome"])[["misura", "unita"]].transform("nunique")
    entries = {}
    for row, several in zip(declared.to_dict("records"), alike.to_dict("records")):
        which = row["misura"] if several["misura"] > 1 else row["gruppo"] if several["unita"] > 1 else ""
        name = row["nome"] + (f" ({which.replace('-', ' ')})" if which else "")
        service = row["servizio"]
        entries[row["indicatore"]] = Entry(services.get(service, service.replace("-", " ").capitalize()), name)
    return entries | dict(more)


def index(
    catalogue: Mapping[str, Entry],
    shown: Mapping[str, Sequence[str]],
    chapters: Mapping[str, str],
    unnumbered: Mapping[str, str],
) -> str:
    """The index as Markdown: under each service its indicators, each with where it stands.

    ``shown`` maps codes to the labels of the tables and figures that hold them, in the
    book's order; ``chapters`` maps labels to the label of their chapter, ``unnumbered`` those of
    chapters without number to their titles. Codes that are not declared are left out. Empty where nothing is left.

    >>> known = {"casi/nuovi": Entry("Minori", "Nuovi casi")}
    >>> print(index(known, {"casi/nuovi": ["tbl-a", "fig-b"]}, {"tbl-a": "sec-casi", "fig-b": "sec-casi"}, {}))
    ## Minori {.unnumbered .unlisted}
    <BLANKLINE>
    @sec-casi
    <BLANKLINE>
    - Nuovi casi: [tab. @tbl-a]; [fig. @fig-b]
    >>> index(known, {}, {}, {})
    ''
    """
    places: dict[Entry, dict[str, None]] = {}
    for code, labels in shown.items():
        if code in catalogue:
            places.setdefault(catalogue[code], {}).update(dict.fromkeys(labels))
    parts, order = [], {label: number for number, label in enumerate(chapters)}
    for service in sorted({entry.service for entry in places}, key=_alphabetical):
        own = {entry.name: sorted(places[entry], key=order.__getitem__) for entry in places if entry.service == service}
        where = dict.fromkeys(
            chapters[label] for label in sorted((x for found in own.values() for x in found), key=order.__getitem__)
        )
        parts.append(f"## {escape(service)} {{.unnumbered .unlisted}}")
        parts.append(
            "; ".join(
                f"[{unnumbered[chapter]}](#{chapter})" if chapter in unnumbered else f"@{chapter}" for chapter in where
            )
        )
        parts.append(
            "\n".join(f"- {escape(name)}: {_references(own[name])}" for name in sorted(own, key=_alphabetical))
        )
    return "\n\n".join(parts)


def _references(labels: Sequence[str]) -> str:
    return "; ".join(f"[{label[:3].replace('tbl', 'tab')}. @{label}]" for label in labels)


def _alphabetical(text: str) -> str:
    """No case, no accents, no quotation marks."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalnum() or letter == " ").strip()
