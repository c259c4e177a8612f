"""What a text leads to and what it is made of: its links, its pictures, its headings, and where they stand.

The places are those of the text itself, so that an address can be put in the place of
another. Code, comments and formulas are no text (``annuario.text.prose``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from html.parser import HTMLParser
from typing import NamedTuple

from markdown_it import MarkdownIt

from annuario.text import prose

_PARAGRAPH = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|\Z))+")
_ATTRIBUTES = re.compile(r'\{((?:"[^"]*"|[^{}"])*)\}')
_ATTRIBUTE = re.compile(r'#([^\s}]+)|([\w-]+)=(?:"((?:\\.|[^"\\])*)"|([^\s}"]+))')
_TAG = re.compile(r"""(?<!\\)<(img|a)(?=\s|/?>)(?:"[^"]*"|'[^']*'|[^<>"'])*>""", re.IGNORECASE)
_LEADING = re.compile(r"\]\(|<(?:img|a)[\s/>]", re.IGNORECASE)
# An address with a name; a note begins so as well, but for its sign.
_DEFINED = re.compile(r"\[(?!\^)(?:[^\[\]\\]|\\.)+\]:", re.DOTALL)
_HEADING = re.compile(r"^ {0,3}(?:#|[-=]+[ \t]*$)", re.MULTILINE)
_CROWDED = re.compile(r"\S[ \t]*\n {0,3}(?:[-*+>#]|\d+[.)]|:::)|^=+[ \t]*$", re.MULTILINE)
# Opens a box (a «div») right below another block.
_BOX = re.compile(r"^(?![ \t]*(?:\n|:::)).*\n(?= {0,3}:{3,}[ \t]*[^\s:])", re.MULTILINE)
#: What stands directly below another block is, to pandoc, part of it; to JupyterLab it is not.
_APART = ("heading_open", "bullet_list_open", "ordered_list_open", "blockquote_open")


class Link(NamedTuple):
    """A link or a picture of a text.

    ``kind`` is ``link``, ``picture`` or ``tag`` (a picture or link written as HTML);
    ``text[start:end]`` is the whole of it, ``text[braces:end]`` the attributes that follow
    it, if any; ``words`` what stands in its brackets, ``address`` where it leads; ``attributes`` are
    those of the braces or of the tag, with the identifier as ``id``.

    >>> text = "Vedi [altro](altro.ipynb){.esterno}."
    >>> link = links(text)[0]
    >>> text[link.start : link.end], text[link.start : link.closed], text[link.braces : link.end]
    ('[altro](altro.ipynb){.esterno}', '[altro]', '{.esterno}')
    """

    kind: str
    start: int
    braces: int
    end: int
    words: str
    address: str
    attributes: dict[str, str]

    @property
    def closed(self) -> int:
        """Where its brackets have closed."""
        return self.start + len(self.words) + (3 if self.kind == "picture" else 2)


class Heading(NamedTuple):
    """A heading: ``text[start:end]`` are its lines, ``label`` its identifier, if it has one of its own.

    >>> heading = headings("## Costi {#sec-costi .unnumbered}")[0]
    >>> heading.level, heading.title, heading.label, heading.attributes
    (2, 'Costi', 'sec-costi', '#sec-costi .unnumbered')
    """

    start: int
    end: int
    level: int
    title: str
    label: str | None
    attributes: str


def definitions(text: str) -> dict[str, Mapping]:
    r"""The addresses that a text defines by name: ``[logo]: img/logo.png``.

    >>> [(name, one["href"]) for name, one in definitions("[logo]: img/logo.png\n\n[^1]: Una nota.").items()]
    [('LOGO', 'img/logo.png')]
    """
    found: dict = {}
    if _DEFINED.search(text):
        _blocks(prose.masked(text), found)
    return {
        name: address for name, address in found.get("references", {}).items() if not name.startswith("^")
    }  # these are notes


def links(text: str, defined: Mapping[str, Mapping] | None = None) -> list[Link]:
    """The links and pictures of a text, in order; ``defined`` are the addresses that others of the chapter define.

    >>> [(link.kind, link.words, link.address) for link in links("![Logo](img/logo.png) e [altro](altro.ipynb#sec-a)")]
    [('picture', 'Logo', 'img/logo.png'), ('link', 'altro', 'altro.ipynb#sec-a')]
    """
    own = definitions(text)
    if not (defined or own or _LEADING.search(text)):
        return []
    masked, found = prose.masked(text), []
    lines = masked.split("\n")
    for definition in own.values():
        for number in range(*definition["map"]):
            lines[number] = " " * len(lines[number])
    masked = "\n".join(lines)
    for paragraph in _PARAGRAPH.finditer(masked):
        environment: dict = {"references": {**(defined or {}), **own}, "found": []}
        _parser().inline.parse(paragraph[0], _parser(), environment, [])
        for kind, start, end, words, address in environment["found"]:
            opens, closes = (place + paragraph.start() for place in words)
            braces = end + paragraph.start()
            attributes, end = _attributes(text, braces)
            found.append(Link(kind, start + paragraph.start(), braces, end, text[opens:closes], address, attributes))
    for tag in _TAG.finditer(masked):
        attributes = _tag(tag[0])
        found.append(
            Link(
                "tag",
                tag.start(),
                tag.end(),
                tag.end(),
                tag[1].lower(),
                attributes.get("src", attributes.get("href", "")),
                attributes,
            )
        )
    return sorted(found, key=lambda link: link.start)


@lru_cache(4096)  # a preview asks for those of the same texts at each save
def headings(text: str) -> tuple[Heading, ...]:
    """The headings of a text, also those that a line below them makes.

    >>> [(heading.level, heading.title, heading.label) for heading in headings("Costi {#sec-costi}\\n---")]
    [(2, 'Costi', 'sec-costi')]
    """
    if not _HEADING.search(text):
        return ()
    masked = prose.masked(text)
    begins = _begins(masked)
    found = []
    for opening in _blocks(masked):
        if opening.type != "heading_open":
            continue
        start, end = begins[opening.map[0]], begins[opening.map[1]]
        title = " ".join(text[start:end].strip().split("\n")[: None if opening.markup[0] == "#" else -1]).strip()
        title = re.sub(r"^#+\s*|\s+#+$", "", title) if opening.markup[0] == "#" else title
        braces = re.search(r"\s*\{([^{}]*)\}$", title)
        inside = braces[1] if braces else ""
        label = re.search(r"#([^\s}]+)", inside)
        found.append(
            Heading(
                start,
                end,
                int(opening.tag[1]),
                title[: braces.start()] if braces else title,
                label and label[1],
                inside,
            )
        )
    return tuple(found)


def apart(text: str) -> str:
    """The text as pandoc reads it in JupyterLab's way: blank lines around blocks, chapters' titles behind a «#».

    >>> apart("Servono:\\n- tempo\\n- mezzi")
    'Servono:\\n\\n- tempo\\n- mezzi'
    """
    if not _CROWDED.search(text):
        return text
    masked = prose.masked(text)
    lines, begins = masked.split("\n"), _begins(masked)
    edits = [(match.end(), match.end(), "\n") for match in _BOX.finditer(masked)]
    for token in _blocks(masked):
        if token.type not in _APART or token.level:
            continue
        first, last = token.map
        if token.type == "heading_open" and token.markup == "=":
            title = " ".join(
                line.strip() for line in text[begins[first] : begins[last - 1]].split("\n") if line.strip()
            )
            edits.append((begins[first], begins[last], f"# {title}\n"))
        if first and lines[first - 1].strip() and not lines[first - 1].lstrip().startswith(":::"):
            edits.append((begins[first], begins[first], "\n"))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def slug(title: str) -> str:
    """The identifier that pandoc gives a heading without a label, but for the case of its letters.

    >>> slug("I *costi*, nel 2025")
    'i-costi-nel-2025'
    """
    text = re.sub(r"\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])?", r"\1", re.sub(r"\[\^[^\]]*\]|\^\[[^\]]*\]", "", title))
    text = re.sub(r"[^\w\s.-]", "", re.sub(r"(?<!\w)_|_(?!\w)", "", text).lower())
    return re.sub(r"^[\W\d_]+", "", re.sub(r"\s+", "-", text.strip()))


def _blocks(masked: str, environment: dict | None = None) -> list:
    """The blocks of a text, of which nothing inside is looked at."""
    tokens: list = []
    _parser().block.parse(masked, _parser(), {} if environment is None else environment, tokens)
    return tokens


def _begins(text: str) -> list[int]:
    begins = [0]
    for line in text.split("\n"):
        begins.append(begins[-1] + len(line) + 1)
    begins[-1] -= 1
    return begins


def _attributes(text: str, end: int) -> tuple[dict[str, str], int]:
    """The attributes in braces right after a link, and where they end."""
    braces = _ATTRIBUTES.match(text, end)
    if not braces:
        return {}, end
    found = {}
    for name, key, quoted, bare in _ATTRIBUTE.findall(braces[1]):
        found["id" if name else key] = name or bare or re.sub(r"\\(.)", r"\1", quoted)
    return found, braces.end()


class _Tag(HTMLParser):
    """Reads the attributes of a tag."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {key: value or "" for key, value in attrs}


def _tag(text: str) -> dict[str, str]:
    reader = _Tag()
    reader.feed(text)
    return reader.found


class _Parser(MarkdownIt):
    """Takes every address as it is: what is wrong with one is told, not passed over."""

    def validateLink(self, url: str) -> bool:
        return True

    def normalizeLink(self, url: str) -> str:
        return url


@cache
def _parser() -> MarkdownIt:
    parser = _Parser("commonmark").disable(["normalize", "html_block", "html_inline", "code"])
    for kind, name, brackets in (("picture", "image", 2), ("link", "link", 1)):
        parser.inline.ruler.at(name, _noting(kind, name, brackets))
    return parser


def _noting(kind: str, name: str, brackets: int):
    """A rule of the parser that also notes where what it found stands."""
    from markdown_it.rules_inline import image, link

    rule, attribute = {"image": (image, "src"), "link": (link, "href")}[name]

    opening, inside, carrier = ("![", False, "image") if name == "image" else ("[", True, "link_open")

    def noting(state, silent: bool) -> bool:
        start, found = state.pos, state.env.get("found")
        closing = -1
        if found is not None and state.src.startswith(opening, start):
            closing = state.md.helpers.parseLinkLabel(state, start + brackets - 1, inside)
        if name == "image":
            state.env["found"] = None  # what is in its brackets is a text of its own
        done = rule(state, silent)
        state.env["found"] = found
        if done and found is not None and not silent:
            address = next(token for token in reversed(state.tokens) if token.type == carrier).attrs[attribute]
            found.append((kind, start, state.pos, (start + brackets, closing), str(address)))
        return done

    return noting
