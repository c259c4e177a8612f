"""The last page of a book: who publishes it, which version it is, its licence, how to cite it, for whom it is readable.

It says only what the project declares: the agency, the edition's row, its errata, the licence of
the data, and what the documents say of themselves (the table with the role ``colophon``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from annuario.book.opening import citation
from annuario.data.roles import COLOPHON, EDITIONS, ERRATA, GLOSSARY
from annuario.words import numbers
from annuario.words.markdown import escape

if TYPE_CHECKING:
    from annuario.data import Package
    from annuario.data.editions import Edition

#: The standards that a PDF is made by, as readers know them.
_STANDARDS = {"ua-1": "PDF/UA-1, per le tecnologie assistive", "a-2a": "PDF/A-2a, per la conservazione"}


def read(package: Package, edition: Edition) -> dict:
    """What the data say of an edition as a publication, in plain values.

    >>> from annuario.data import editions
    >>> found = read(esempio, editions.declared(esempio)[0])
    >>> found["document"], found["version"], found["published"], found["words"]
    ('Relazione 2025 (esempio)', 1, '', {})
    """
    rows = package.whole(EDITIONS).frame
    own = rows[rows["edizione"] == str(edition)].to_dict("records")
    day = own[0].get("pubblicata_il") if own else None
    corrected = []
    if package.has(ERRATA) and edition.published:
        errata = package.whole(ERRATA).frame
        corrected = sorted({*errata.loc[errata["edizione"] == str(edition), "data"]})
    licences = package.descriptor.get("licenses") or [{}]
    return {
        "published": "" if numbers.is_missing(day) else str(day)[:10],
        "version": 1 + len(corrected) if edition.published else 0,
        "corrected": [numbers.date_long(str(one)[:10]) for one in corrected],
        "document": own[0].get("titolo") if own and edition.published else "",
        "licence": {key: str(licences[0].get(key) or "") for key in ("title", "name", "path")},
        "data": {key: str(package.descriptor.get(key) or "") for key in ("title", "description", "version")},
        "said": _said(package, edition),
        "words": words(package),
    }


def _said(package: Package, edition: Edition) -> list[list[str]]:
    """What the documents say of themselves, each thing by the edition nearest to this one."""
    if not package.has(COLOPHON):
        return []
    years = {one["edizione"]: one["anno"] for one in package.whole(EDITIONS).frame.to_dict("records")}
    found: dict[str, list[str]] = {}
    for row in sorted(
        package.read(COLOPHON).to_dict("records"), key=lambda row: abs(years[row["edizione"]] - edition.year)
    ):
        year = years[row["edizione"]]
        text = row["testo"] if year == edition.year else f"{row['testo']} (come la scrive il documento del {year})"
        found.setdefault(row["voce"], [row["voce"], text])
    return list(found.values())


def words(package: Package) -> dict[str, str]:
    """The abbreviations that the documents use, and what each means.

    >>> words(esempio), words(package)["SAD"]
    ({}, 'Servizio Assistenza Domiciliare')
    """
    if not package.has(GLOSSARY):
        return {}
    return {row["sigla"]: row["esteso"] for row in package.read(GLOSSARY).to_dict("records")}


def glossary(known: Mapping[str, str], texts: Iterable[str]) -> list[str]:
    r"""The abbreviations that some texts use, as a chapter of Markdown; none where there are none.

    >>> glossary({"SAD": "Servizio di assistenza domiciliare", "SIL": "Inserimento lavorativo"}, ["Il SAD cresce."])
    ['# Sigle {#sec-sigle .unnumbered}', 'SAD\n:   Servizio di assistenza domiciliare']
    >>> glossary({"SAD": "Servizio di assistenza domiciliare"}, ["Nulla."])
    []
    """
    used = set(re.findall(r"[A-Z]{2,}", " ".join(texts)))
    terms = [f"{escape(short)}\n:   {escape(known[short])}" for short in sorted(known) if short in used]
    return ["# Sigle {#sec-sigle .unnumbered}", "\n\n".join(terms)] if terms else []


def chapter(facts: Mapping, metadata: Mapping) -> list[str]:
    r"""The page as Markdown; its terms are those that there is something to say of.

    >>> from annuario.data import editions
    >>> facts = read(esempio, editions.declared(esempio)[0])
    >>> metadata = {"title": "Relazione 2025", "author": "Ente", "date": "2025-12-31", "annuario": {"anno": 2025}}
    >>> chapter(facts, metadata)[1].split("\n\n")[:2]
    ['Editore\n:   Ente', 'Documento\n:   Relazione 2025 (esempio)']
    """
    own = metadata["annuario"]
    terms = [("Editore", escape(str(metadata["author"])))]
    terms += [("Documento", escape(facts["document"]))] if facts["document"] else []
    terms += [("Anno di riferimento", str(own["anno"]))]
    terms += [(escape(term), escape(text)) for term, text in facts["said"]]
    terms += [("Versione", _version(facts, own))]
    terms += [("Licenza", _licence(facts))] if facts["licence"]["title"] else []
    terms += [("Come citare", citation(metadata)), ("Accessibilità", _accessibility(metadata))]
    lines = [f"{term}\n:   {text}" for term, text in terms if text]
    return ["# Questa pubblicazione {#sec-colophon .unnumbered}", "\n\n".join(lines)]


def _version(facts: Mapping, own: Mapping) -> str:
    parts = [f"{facts['version']}" if facts["version"] else own.get("natura", "")]
    parts += [f"pubblicata il {own['pubblicata']}"] if own.get("pubblicata") else []
    parts += [f"corretta il {day}" for day in facts["corrected"]]
    parts += [f"dati in versione {facts['data']['version']}"] if facts["data"]["version"] else []
    return ", ".join(part for part in parts if part) + "."


def _licence(facts: Mapping) -> str:
    title, path = escape(facts["licence"]["title"]), facts["licence"]["path"]
    return f"I dati sono distribuiti con licenza {f'[{title}]({path})' if path else title}."


def _accessibility(metadata: Mapping) -> str:
    standards = [_STANDARDS[one] for one in metadata["annuario"].get("norme", ()) if one in _STANDARDS]
    text = (
        "Ogni figura ha una descrizione a parole; la pagina si legge senza rete, si usa con la tastiera "
        "e con un lettore di schermo, e segue i colori chiari o scuri di chi legge."
    )
    return text + (f" Il PDF è etichettato secondo {', e '.join(standards)}." if standards else "")
