"""Where links lead: out to the web, or to a chapter, a section, a table, a figure of the book."""

from __future__ import annotations

import re
from urllib.parse import unquote

from annuario.messages import say
from annuario.text.place import Place

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_OPEN = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)
#: Stands for the place where a link leads until all chapters are known.
LINK = "\x02link {number}\x03"


def leads_to(document, address: str, place: Place) -> str:
    """Where a link leads; within the book that is known when all chapters are."""
    if _OPEN.match(address):
        return f"<{address}>" if re.search(r"[\s()<>]", address) else address
    if not address.startswith("#") and (SCHEME.match(address) or not re.match(r"[^#?]*\.ipynb(?:[#?]|$)", address)):
        document.problem(
            place.where,
            say(
                "the link to {address} leads out of the book: lead to a chapter («altro.ipynb#sec-…»), "
                "to a section («#sec-…»), or to a page of the web («https://…»).",
                address=address or say("nothing"),
            ),
        )
        return "#"
    document.links.append((address, place))
    return LINK.format(number=len(document.links) - 1)


def anchor(document, address: str, place: Place) -> str:
    """The identifier where a link within the book leads; tells the document of one that leads nowhere."""
    path, _, fragment = unquote(address).partition("#")
    notebook = (place.notebook.parent / path).resolve() if path else place.notebook.resolve()
    chapters = {chapter.resolve(): chapter for chapter in document.titles}
    if notebook in document.lacking:
        return ""
    if notebook not in chapters:
        document.problem(
            place.where,
            say(
                "the link to {address} leads to no chapter of this book: correct it, or add the chapter to it.",
                address=address,
            ),
        )
        return ""
    if not fragment:
        return document.titles[chapters[notebook]]
    known = document.anchors.get(chapters[notebook], {})
    found = fragment if fragment in known or fragment in document.labels else known.get(fragment.lower())
    if not path and any(fragment in text for text in document.lacking.values()):
        return ""
    if found is None or (
        path and fragment not in known and fragment.lower() not in known and found not in document.captions
    ):
        document.problem(
            place.where,
            say("the link to {address} leads nowhere: there is no such section or label there.", address=address),
        )
        return ""
    if path and found not in document.labels and notebook != place.notebook.resolve():
        document.problem(
            place.where,
            say(
                "the link to {address} needs a label: write «{{#sec-…}}» after that heading, and «#sec-…» here.",
                address=address,
            ),
        )
        return ""
    return found
