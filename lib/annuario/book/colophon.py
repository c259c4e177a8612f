"""The last page of a book: who publishes it, which version it is, its licence, how to cite it, for whom it is readable.

It says only what the project declares: the agency, the edition's row, its errata, the licence of
the data, and what the documents say of themselves (the table with the role ``colophon``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from annuario.book.opening import citation
from annuario.data.roles import COLOPHON, EDITIONS, ERRATA
from annuario.words import numbers
from annuario.words.markdown import escape

if TYPE_CHECKING:
    from annuario.data import Package
    from annuario.data.editions import Edition

#: The standards that a PDF is made by, as readers know them.
_STANDARDS = {"ua-1": "PDF/UA-1, per le tecnologie assistive", "a-2a": "PDF/A-2a, per la conservazione"}


def read(package: Package, edition: Edition) -> dict:
    """What the data say of an edition as a publication, in plain values."""
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
    }


def _said(package: Package, edition: Edition) -> list[list[str]]:
    """What the documents say of themselves, each thing by the edition nearest to this one."""
    if not package.has(COLOPHON):
        return []
    found: dict[str, list[str]] = {}
    years = {str(one["edizione"]): one["anno"] for one in package.whole(EDITIONS).frame.to_dict("records")}
    rows = package.read(COLOPHON).to_dict("records")
    for row in sorted(
        rows, key=lambda row: (row["edizione"] != str(edition), abs(years[row["edizione"]] - edition.year))
    ):
        if row["edizione"] == str(edition) or row["sempre"]:
            found.setdefault(row["voce"], [row["voce"], row["testo"]])
    return list(found.values())


def chapter(facts: Mapping, metadata: Mapping) -> list[str]:
    """The page as Markdown; its terms are those that there is something to say of."""
    own = metadata["annuario"]
    terms = [("Editore", escape(str(metadata["author"])))]
    terms += [("Documento", escape(facts["document"]))] if facts["document"] else []
    terms += [("Anno di riferimento", str(own["anno"]))]
    terms += [(escape(term), escape(text)) for term, text in facts["said"]]
    terms += [("Versione", _version(facts, own))]
    terms += [("Licenza", _licence(facts))] if facts["licence"]["title"] else []
    terms += [("Come citare", citation(metadata)), ("Accessibilità", _accessibility(metadata))]
    lines = [f"{term}\n\n:   {text}" for term, text in terms if text]
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
    return text + (f" Il PDF è etichettato secondo {' e '.join(standards)}." if standards else "")
