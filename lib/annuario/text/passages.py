"""The text of a chapter made ready for the book.

Labels are declared, references and links noted, pictures taken in, labelled figures and
tables of Markdown entered in the lists, comments left out. What is wrong is told to the
document, with the cell, and the text goes on: all problems of a book are told at once.
"""

from __future__ import annotations

import hashlib
import re
from html import unescape

from annuario.messages import say
from annuario.text import links, pictures, prose
from annuario.text.boxes import boxes, notes
from annuario.text.expressions import shortened
from annuario.text.place import Place
from annuario.text.targets import SCHEME, leads_to

REFERENCE = re.compile(r"(?<![\w\\@])@((?:fig|tbl|sec)-[A-Za-z0-9_-]*[A-Za-z0-9])")
# A table or a figure that the text speaks of; what stands in brackets is passed over.
_MENTION = re.compile(r"\[[^\[\]]*\]|(?<![\w\\@])@((?:fig|tbl)-[a-z0-9-]*[a-z0-9])")
# What pandoc takes for the sign of a list, where nothing is listed: a note that is «2025.», an initial.
_ALONE = re.compile(
    r"^(?:\[\^[^\]\s]+\]:)?[ ]{0,3}\(?(?:\d+|[A-Za-z]|[ivxlcdmIVXLCDM]+|#|@)([.)])[ \t]*(?=\Z|\n\s*\Z|\n[ \t]*\n(?![ \t]))",
    re.MULTILINE,
)
# A reference in brackets (not those of a note), with words around it, and the words that stand for the name of what it is to.
_CITATION = re.compile(r"(?<!\^)\[([^\[\]@]*-?@(?:fig|tbl|sec)-[^\[\]]*)\](?![(\[{])")
_CITED = re.compile(r"(.*?)(-?@(?:fig|tbl|sec)-[A-Za-z0-9_-]*[A-Za-z0-9])(.*)", re.DOTALL)
_NAMED = re.compile(r"(?:^|\s)(?:fig|tab|cap|sez|par)\w*\.?$", re.IGNORECASE)
_CAPTION = re.compile(
    r"^ {0,3}(?:[Tt]able)?:[ \t]+((?:(?!\n[ \t]*\n)[^{}])*?)[ \t]*\{([^{}]*#(tbl-[^\s{}]+)[^{}]*)\}[ \t]*$",
    re.MULTILINE,
)
_LABEL = re.compile(r"\{[^{}\n]*?#((?:fig|tbl|eq|lst)-[^\s{}]+)[^{}\n]*\}")
_IDENTIFIER = re.compile(r"\{[^{}\n]*?#([^\s{}]+)[^{}\n]*\}")
_UNKNOWN = re.compile(r"(?<![\w\\@])@((?:eq|lst|thm|lem|cor|prp|def|exm|exr)-[\w-]+)")
#: Elements of HTML that paper has no form for, or that bring something in from elsewhere.
_ELEMENT = re.compile(
    r"(?<!\\)<(script|style|link|meta|base|iframe|object|embed|video|audio|source|picture|svg|canvas|form|input|button|table)\b",
    re.IGNORECASE,
)
_ROW = re.compile(r"\||^\s*\+[-=+:]+|^\s*-{2,}(\s+-+)*\s*$")
# A link whose address is to stand elsewhere, by its name.
_BY_NAME = re.compile(r"(?<![\\\]])\[[^\[\]]+\]\[([^\[\]@^][^\[\]]*)\]")
# What is not Markdown: a block or a span for one form alone, a command of TeX, a shortcode.
_RAW_FENCE = re.compile(r"[ \t>]*(?:`{3,}|~{3,})[ \t]*\{=(\w+)\}")
_RAW_SPAN = re.compile(r" \{=(\w+)\}")
_TEX = re.compile(r"(?<!\\)(?:\\\\)*(\\[A-Za-z]{2,})")
_SHORTCODE = re.compile(r"\{\{<[^{}\n]*>\}\}")
#: Signs that no reader sees and no form of a book holds: of control, of private use, of none.
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\uf8ff\ufdd0-\ufdef\ufff9-\uffff]")
#: Stands among the attributes of a table or figure until it is known whether the text speaks of it.
END = "\x02{label}\x03"


def ready(document, text: str, place: Place, aloud: bool = False) -> str:
    """The text as it stands in the book.

    ``aloud`` for prose: the first words about a table or figure become a place that can be
    gone back to.
    """
    unseen = UNSEEN.search(text)
    if unseen:
        signs = ", ".join(f"U+{ord(sign):04X}" for sign in dict.fromkeys(UNSEEN.findall(text)))
        found = shortened(UNSEEN.sub("\ufffd", text[max(unseen.start() - 20, 0) :]))
        document.problem(
            place.where,
            say(
                "«{found}» holds what is no sign of a text ({signs}), perhaps copied from elsewhere: delete it.",
                found=found,
                signs=signs,
            ),
        )
    text = links.apart(UNSEEN.sub(" ", text))
    edits = _without_comments(document, text, place)
    masked = prose.masked(text)
    headings = links.headings(text)
    for heading in headings:
        if heading.label and heading.label.startswith("sec-"):
            document.define(heading.label, place.where)
            if re.search(r"(^|\s)(\.unnumbered|-)(\s|$)", heading.attributes):
                document.unnumbered[heading.label] = heading.title
        document.anchors.setdefault(place.notebook, {}).setdefault(
            links.slug(heading.title).lower(), heading.label or links.slug(heading.title)
        )
    for identifier in _IDENTIFIER.findall(masked):
        document.anchors.setdefault(place.notebook, {})[identifier] = identifier
    boxes(document, text, place)
    edits += notes(document, masked, place)
    document.references += [(label, place.where) for label in REFERENCE.findall(masked)]
    for label in _UNKNOWN.findall(masked):
        document.problem(
            place.where,
            say("@{label}: only figures, tables and sections can be referred to (fig-, tbl-, sec-).", label=label),
        )
    for element in dict.fromkeys(name.lower() for name in _ELEMENT.findall(masked)):
        advice = (
            say("write a Markdown table") if element == "table" else say("write Markdown, save a picture as a file")
        )
        document.problem(
            place.where,
            say("the HTML element <{element}> has no form on paper: {advice}.", element=element, advice=advice),
        )
    for wrong in _unprinted(text, masked):
        document.problem(place.where, wrong)
    labelled = []
    leading = links.links(text, place.defined)
    for link in leading:
        if link.kind == "picture" or (link.kind == "tag" and link.words == "img"):
            edits.append((link.start, link.end, _picture(document, text, link, place)))
            labelled.append((link.braces, link.end))
        elif link.kind == "link":
            target = leads_to(document, link.address, place)
            edits.append((link.closed, link.braces, f"({target})"))
        elif SCHEME.match(link.address) is None and link.address:
            document.problem(
                place.where,
                say("the link to {address} is written as HTML: write «[testo]({address})».", address=link.address),
            )
    for match in _BY_NAME.finditer(masked):
        if not any(link.start <= match.start() < link.end for link in leading):
            document.problem(
                place.where,
                say(
                    "the link {link} leads nowhere: write «[testo](…)», or «[{label}]: …» on a line of its own.",
                    link=match[0],
                    label=match[1],
                ),
            )
    for caption in _CAPTION.finditer(masked):
        label = caption[3]
        words = text[caption.start(1) : caption.end(1)]
        labelled.append(caption.span())
        if not words.strip():
            document.problem(
                place.where, say("the table {label} has no caption: write «: Didascalia {{#{label}}}».", label=label)
            )
        elif not _beside_table(masked, caption):
            document.problem(
                place.where,
                say("the caption {label} stands by no table: put it right above or below one.", label=label),
            )
        elif document.define(label, place.where):
            document.captions[label] = ready(document, " ".join(words.split()), place)
            edits.append((caption.end(2), caption.end(2), END.format(label=label)))
    for label in _LABEL.finditer(masked):
        if not any(start <= label.start() < end for start, end in labelled):
            document.problem(
                place.where,
                say(
                    "the label {label} stands by nothing that can be numbered: write "
                    "«![Didascalia](img/nome.png){{#fig-…}}» for a figure, «: Didascalia {{#tbl-…}}» below a "
                    "table.",
                    label=label[1],
                ),
            )
    for citation in _CITATION.finditer(masked):
        parts = _parts(citation)
        cited = [part for span in parts if (part := _CITED.fullmatch(text, *span))]
        if len(cited) == len(parts) and any(part[3].strip() for part in cited):
            edits.append((*citation.span(), "; ".join(map(_spelled, cited))))
    edits += [(match.start(1), match.start(1), "\\") for match in _ALONE.finditer(masked)]
    if aloud:
        passed = (
            [(heading.start, heading.end) for heading in headings]
            + labelled
            + [(link.start, link.end) for link in leading]
        )
        edits += _mentions(document, masked, passed)
    return _edited(text, edits).strip()


def _without_comments(document, text: str, place: Place) -> list[tuple[int, int, str]]:
    """Comments are left out: they are not for the book's readers."""
    edits = []
    for span in prose.spans(text):
        if span.kind == "unclosed":
            mark, close = ("<!--", "-->") if text.startswith("<!--", span.start) else ("```", "```")
            document.problem(
                place.where, say("a «{mark}» is opened and never closed: close it with «{end}».", mark=mark, end=close)
            )
        elif span.kind == "comment" and span.content.strip():
            start, end = span.start, span.end
            line = text.rfind("\n", 0, start) + 1
            following = re.compile(r"[ \t]*(\n|\Z)").match(text, end)
            if not text[line:start].strip() and following:
                start, end = line, following.end()
            edits.append((start, end, ""))
    return edits


def _unprinted(text: str, masked: str) -> list[str]:
    """What one publisher or form would print and another drop, or print as it is written."""
    found = [text[span.start : span.end] for span in prose.spans(text) if span.kind == "fence"]
    raw = [match[1] for fence in found if (match := _RAW_FENCE.match(fence))] + _RAW_SPAN.findall(masked)
    problems = [
        say(
            "what is written for {form} alone ({{={form}}}) is not in all forms of the book: write Markdown.", form=form
        )
        for form in raw
    ]
    problems += [
        say(
            "«{command}» is a command of TeX, which is not printed: write Markdown, or «\\{command}» "
            "for these very letters.",
            command=command,
        )
        for command in _TEX.findall(masked)
    ]
    return problems + [
        say("«{code}» is a shortcode of Quarto's, which is not printed: write Markdown.", code=code)
        for code in _SHORTCODE.findall(masked)
    ]


def _mentions(document, masked: str, passed: list[tuple[int, int]]) -> list[tuple[int, int, str]]:
    edits = []
    for match in _MENTION.finditer(masked):
        label = match[1]
        if label and label not in document.mentions and not any(start <= match.start() < end for start, end in passed):
            document.mentions.add(label)
            edits.append((*match.span(), f"[@{label}]{{#testo-{label}}}"))
    return edits


def _parts(citation: re.Match) -> list[tuple[int, int]]:
    """Where the references of a citation stand, which semicolons part."""
    parts, at = [], citation.start(1)
    for text in citation[1].split(";"):
        parts.append((at, at + len(text)))
        at += len(text) + 1
    return parts


def _spelled(cited: re.Match) -> str:
    """A reference with words after it, which Quarto would drop; words before it may name what it is to."""
    before, reference, after = cited[1].lstrip(), cited[2], cited[3].rstrip()
    if _NAMED.search(before.strip()) or reference.startswith("-"):
        return f"[{before}{reference}]{after}"
    return f"{before}{reference}{after}"


def _beside_table(masked: str, caption: re.Match) -> bool:
    """Whether there is a table right above or right below a caption."""
    above = masked[: caption.start()].rstrip().rpartition("\n")[2]
    below = ([*masked[caption.end() :].lstrip("\n").split("\n", 2), "", ""])[:2]
    return bool(_ROW.search(above) or any(_ROW.search(line) for line in below))


def _edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    """The text with parts replaced; of two that meet, the one that begins first."""
    parts, at = [], 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        if start >= at:
            parts += [text[at:start], new]
            at = end
    return "".join([*parts, text[at:]])


def _picture(document, text: str, link: links.Link, place: Place) -> str:
    """A picture of the text, taken into the book; one with a label is a figure."""
    if not link.address:
        document.problem(place.where, say("a picture has no address: write «![Descrizione](img/nome.png)»."))
        return ""
    try:
        picture = pictures.load(link.address, place.notebook.parent, document.root, place.pasted)
    except pictures.PictureError as error:
        document.problem(place.where, f"{error}.")
        return ""
    if picture.path:
        document.files.add(picture.path)
    attributes = link.attributes
    alt = attributes.get("fig-alt") or attributes.get("alt") or (link.words if link.kind == "picture" else "")
    shown = link.address if len(link.address) < 60 else f"{link.address[:40]}…"
    if not alt.strip():
        document.problem(
            place.where,
            say(
                "the picture {shown} has no alternative text: say what it shows, «![Descrizione]({shown})».",
                shown=shown,
            ),
        )
    if link.kind == "tag":
        size = "".join(
            f" {key}={_length(attributes[key])}" for key in ("width", "height") if _length(attributes.get(key, ""))
        )
        return f'![](figure/{add(document, picture)}){{fig-alt="{quoted(unescape(alt))}"{size}}}'
    words = ready(document, link.words, place)
    braces = text[link.braces : link.end]
    label = attributes.get("id", "")
    if not label.startswith("fig-"):
        if re.match("(tbl|sec)-", label):
            document.problem(place.where, say("the label {label} stands by a picture: write «#fig-…».", label=label))
        return f"![{words}](figure/{add(document, picture)}){braces}"
    if not words.strip():
        document.problem(
            place.where,
            say(
                "the figure {label} has no caption: write «![Didascalia]({shown}){{#{label}}}».",
                label=label,
                shown=shown,
            ),
        )
    if not _alone(text, link):
        document.problem(
            place.where,
            say("the figure {label} stands within a paragraph: put blank lines before and after it.", label=label),
        )
    if not document.define(label, place.where):
        return ""
    document.captions[label] = words
    name = f"{label}.{picture.kind}"
    document.images[name] = picture.content
    return f"![{words}](figure/{name}){braces[:-1]}{END.format(label=label)}}}"


def add(document, picture: pictures.Picture) -> str:
    """Takes a picture without a label in; gives the name of its file."""
    name = f"immagine-{hashlib.sha256(picture.content).hexdigest()[:12]}.{picture.kind}"
    document.images[name] = picture.content
    return name


def quoted(text: str) -> str:
    """A text within the double quotes of an attribute, on one line."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")


def _length(value: str) -> str:
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(px|%)?\s*", value)
    return match[1] + (match[2] or "px") if match else ""


def _alone(text: str, link: links.Link) -> bool:
    before, after = text[: link.start].rpartition("\n\n")[2], text[link.end :].partition("\n\n")[0]
    return not before.strip() and not after.strip()
