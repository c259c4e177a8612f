"""What a page says of itself to those that link to it, look for it or keep it: the head of the HTML.

A book says it in its front matter, under ``annuario``; one that says nothing there has only
what every page has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from urllib.parse import quote

from annuario.publish import options

#: The picture of the cover, beside the page.
COVER = "copertina.png"
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="5" fill="#0b4a56"/>'
    '<g fill="#fff"><rect x="6" y="17" width="5" height="9"/><rect x="13.5" y="12" width="5" height="14"/>'
    '<rect x="21" y="6" width="5" height="20"/></g></svg>'
)


def elements(chosen: Mapping) -> str:
    r"""The elements of the head, one a line.

    >>> print(elements({"title": "Relazione 2025", "author": ["Ente"], "date": "2025-12-31"}).split("\n")[1])
    <meta name="dcterms.date" content="2025-12-31">
    """
    own = chosen.get("annuario") or {}
    lines = [f'<link rel="icon" href="data:image/svg+xml,{quote(_ICON)}">']
    if own.get("anno"):
        title, summary = str(chosen["title"]), str(own.get("sommario") or "")
        named = {"description": summary, "dcterms.temporal": str(own["anno"])}
        named |= {"dcterms.issued": str(chosen["date"])} if own.get("pubblicata") else {}
        shown = {"og:type": "book", "og:title": title, "og:description": summary, "og:locale": "it_IT"}
        shown |= {"og:site_name": ", ".join(chosen["author"])}
        shown |= {"og:image": COVER, "og:image:width": "1200", "og:image:height": "630"} if own.get("copertina") else {}
        lines += [f'<meta name="{key}" content="{escape(text)}">' for key, text in named.items() if text]
        lines += [f'<meta property="{key}" content="{escape(text)}">' for key, text in shown.items() if text]
        lines.append(f'<script type="application/ld+json">{_linked(chosen, own)}</script>')
    elif day := options.date(chosen)[0]:
        lines.append(f'<meta name="dcterms.date" content="{day.isoformat()}">')
    return "\n".join(lines) + "\n"


def _linked(chosen: Mapping, own: Mapping) -> str:
    """The book and its data in the words of schema.org."""
    publisher = {"@type": "Organization", "name": ", ".join(chosen["author"])}
    licence = (own.get("licenza") or {}).get("path")
    data = own.get("dati") or {}
    report = {
        "@type": "Report",
        "name": str(chosen["title"]),
        "inLanguage": str(chosen["lang"]),
        "temporalCoverage": str(own["anno"]),
        "description": own.get("sommario"),
        "version": own.get("versione"),
        "datePublished": str(chosen["date"]) if own.get("pubblicata") else None,
        "publisher": publisher,
        "image": COVER if own.get("copertina") else None,
    }
    dataset = {
        "@type": "Dataset",
        "name": data.get("title"),
        "description": data.get("description"),
        "version": data.get("version"),
        "license": licence,
        "creator": publisher,
        "temporalCoverage": str(own["anno"]),
        "distribution": {
            "@type": "DataDownload",
            "contentUrl": "dati/datapackage.json",
            "encodingFormat": "application/json",
        },
    }
    graph = [
        {key: value for key, value in one.items() if value} for one in (report, dataset if data.get("title") else {})
    ]
    told = {"@context": "https://schema.org", "@graph": [one for one in graph if one]}
    return json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
