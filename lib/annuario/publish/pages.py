"""The book as pages, a chapter each: what a site and an EPUB are made of.

The chapters are those of the one page, with the same numbers; links between them name the
page that they lead to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from lxml import html

from annuario.publish import chapters
from annuario.publish.manuscript import Manuscript

ID = re.compile(r'\sid="([^"]+)"')
LINK = re.compile(r'(?<=\shref=")#([^"]+)(?=")')
OPENING = "apertura"
NOTEBOOK = re.compile(r"([^/\\]+)\.ipynb, ")


@dataclass(frozen=True)
class Page:
    """A chapter as a page of its own: its name in addresses, its title with its number, its HTML, its labels.

    What stands in no list of contents, below the cover, has no title.

    >>> Page("costi", "2 Costi", '<h1 id="sec-costi">Costi</h1>', []).name
    'costi'
    """

    name: str
    title: str
    text: str
    labels: list[chapters.Label]


def pages(book: Manuscript, converted: list[chapters.Chapter]) -> list[Page]:
    """The pages of a book whose chapters are converted to HTML.

    Raises BookError for a broken reference.
    """
    number, named = chapters.numbers(converted), chapters.namer(book, converted)
    found = []
    for own, chapter, text in zip(book.chapters, converted, chapters.finished(book, converted)):
        first = next((label for label in chapter.labels if label.kind == "sec"), None)
        if first is None:  # what opens the book, below its cover
            found.append(Page(OPENING, "", text, chapter.labels))
            continue
        title = plain(named(" ".join(filter(None, (number.get(first.id), first.title)))))
        notebook = next((match[1] for part in own if (match := NOTEBOOK.search(part.where))), None)
        found.append(Page(notebook or first.id.removeprefix("sec-"), title, text, chapter.labels))
    return found


def linked(found: Iterable[Page], address: Callable[[Page, Page | None], str]) -> list[Page]:
    """The pages with their links led to where they point: ``address`` says how one page names another.

    >>> one = Page("a", "1 A", '<h1 id="sec-a">A</h1> <a href="#sec-b">B</a> <a href="#sec-a">A</a>', [])
    >>> two = Page("b", "2 B", '<h1 id="sec-b">B</h1>', [])
    >>> print(linked([one, two], lambda page, here: f"{page.name}.html")[0].text)
    <h1 id="sec-a">A</h1> <a href="b.html#sec-b">B</a> <a href="#sec-a">A</a>
    """
    found = list(found)
    return [replace(page, text=relinked(page.text, page, found, address)) for page in found]


def relinked(text: str, here: Page | None, found: list[Page], address: Callable[[Page, Page | None], str]) -> str:
    """A text that stands on a page, or on none of the book's, with its links led to where they point.

    >>> page = Page("b", "2 B", '<h1 id="sec-b">B</h1>', [])
    >>> relinked('<a href="#sec-b">B</a> <a href="#sec-c">C</a>', None, [page], lambda page, here: f"{page.name}.html")
    '<a href="b.html#sec-b">B</a> <a href="#sec-c">C</a>'
    """
    of = {name: page for page in found for name in ID.findall(page.text)}

    def target(match: re.Match) -> str:
        page = of.get(match[1])
        return match[0] if page is None or (here and page.name == here.name) else f"{address(page, here)}#{match[1]}"

    return LINK.sub(target, text)


def plain(text: str) -> str:
    r"""The words of some HTML.

    >>> plain("<em>Costi</em> &amp;\n ricavi")
    'Costi & ricavi'
    """
    return " ".join(html.fromstring(f"<p>{text}</p>").text_content().split())
