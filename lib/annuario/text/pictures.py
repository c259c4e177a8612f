"""The pictures of a chapter: pasted, beside the notebook, or within the text; nothing from elsewhere."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, unquote_to_bytes
from xml.etree import ElementTree

from annuario.messages import say, why

#: How the files of each kind begin: what both HTML and PDF can hold.
KINDS = {
    "png": rb"\x89PNG\r\n\x1a\n",
    "jpg": rb"\xff\xd8\xff",
    "gif": rb"GIF8[79]a",
    "webp": rb"RIFF....WEBP",
    "svg": rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml.*?\?>\s*)?(?:<!--.*?-->\s*)*(?:<!DOCTYPE svg.*?>\s*)?(?:<!--.*?-->\s*)*<(?:\w+:)?svg[\s>]",
}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|\\\\")
_DATA = re.compile(r"data:([^,]*?)(;base64)?,(.*)", re.DOTALL)
_OUTSIDE = re.compile(r"url\(\s*['\"]?\s*(?!['\"]?(?:#|data:image/))|@import", re.IGNORECASE)


class Picture(NamedTuple):
    r"""A picture: its kind (a key of KINDS), its content and its file, if it has one.

    >>> of(b"\x89PNG\r\n\x1a\n", "the picture a.png").kind
    'png'
    """

    kind: str
    content: bytes
    path: Path | None = None


class PictureError(ValueError):
    """What is wrong with a picture, and what to do.

    >>> of(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "the picture a.svg")
    Traceback (most recent call last):
        ...
    annuario.text.pictures.PictureError: the picture a.svg holds «script»: save it as plain SVG, or as PNG
    """


def load(address: str, folder: Path, root: Path, pasted: Mapping[str, Mapping] | None = None) -> Picture:
    """A picture by its address.

    ``address`` is as it stands in the text: ``attachment:…`` for one that is ``pasted``
    (the attachments of its cell), ``data:…``, or a path relative to ``folder``, the
    notebook's, which must stay within ``root``, the project's.

    Raises PictureError for a picture that is not there or of another kind, and for one
    that stands outside the project or asks for what does.

    >>> _ = (cartella / "a.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    >>> load("a.svg", cartella, cartella).kind, load("data:image/svg+xml,%3Csvg%20/%3E", cartella, cartella).path
    ('svg', None)
    >>> load("../b.svg", cartella, cartella)
    Traceback (most recent call last):
        ...
    annuario.text.pictures.PictureError: the picture ../b.svg lies outside the project: save it beside ...
    >>> load("https://example.org/a.svg", cartella, cartella)
    Traceback (most recent call last):
        ...
    annuario.text.pictures.PictureError: the picture https://example.org/a.svg is not a file of the project: ...
    """
    if address.startswith("attachment:"):
        return of(_pasted(unquote(address.partition(":")[2]), pasted or {}), say("the pasted picture"))
    if address.startswith("data:"):
        return of(_within(address), say("the picture written into the text"))
    path = unquote(re.split("[?#]", address)[0])
    if _SCHEME.match(address) or path.startswith(("/", "~")) or Path(path).is_absolute():
        raise PictureError(
            say(
                "the picture {address} is not a file of the project: save it beside the notebook and "
                "write «img/nome.png»",
                address=address[:80],
            )
        )
    found = (folder / path).resolve()
    if not found.is_relative_to(root.resolve()):
        raise PictureError(
            say("the picture {address} lies outside the project: save it beside the notebook", address=address)
        )
    try:
        content = found.read_bytes()
    except OSError as error:
        raise PictureError(
            say(
                "the picture {address} cannot be read ({why}): save it there, or correct its name",
                address=address,
                why=why(error),
            )
        ) from error
    return of(content, say("the picture {address}", address=address), found)


def of(content: bytes, what: str, path: Path | None = None) -> Picture:
    """A picture by its content. Raises PictureError where it is none that a book can hold.

    >>> of(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "the picture a.svg").kind
    'svg'
    >>> of(b"BM", "the picture a.bmp")
    Traceback (most recent call last):
        ...
    annuario.text.pictures.PictureError: the picture a.bmp is none of png, jpg, gif, webp, svg: save it ...
    """
    kind = next((kind for kind, opening in KINDS.items() if re.match(opening, content, re.DOTALL)), None)
    if kind is None:
        raise PictureError(say("{what} is none of {kinds}: save it as PNG", what=what, kinds=", ".join(KINDS)))
    if kind == "svg":
        _harmless(content, what)
    return Picture(kind, content, path)


def _harmless(content: bytes, what: str) -> None:
    """Raises PictureError for an SVG that holds a script or asks for another file."""
    if b"<!ENTITY" in content:
        raise PictureError(say("{what} declares entities: save it as plain SVG", what=what))
    try:
        drawing = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise PictureError(say("{what} is not a valid SVG ({error}): save it again", what=what, error=error)) from error
    for part in drawing.iter():
        name = str(part.tag).rpartition("}")[2].lower()
        if name in ("script", "foreignobject", "iframe", "handler", "listener"):
            raise PictureError(say("{what} holds «{name}»: save it as plain SVG, or as PNG", what=what, name=name))
        for key, value in part.attrib.items():
            key = key.rpartition("}")[2].lower()
            if key.startswith("on"):
                raise PictureError(
                    say("{what} holds a script («{key}»): save it as plain SVG, or as PNG", what=what, key=key)
                )
            if (key in ("href", "src") and not re.match(r"\s*(#|data:image/(?!svg))", value)) or _OUTSIDE.search(value):
                raise PictureError(
                    say(
                        "{what} asks for {value}, which is not in it: save it as plain SVG, or as PNG",
                        what=what,
                        value=value[:60],
                    )
                )
        if name == "style" and _OUTSIDE.search(part.text or ""):
            raise PictureError(
                say(
                    "{what} asks for what is not in it («{text}…»): save it as plain SVG, or as PNG",
                    what=what,
                    text=(part.text or "").strip()[:40],
                )
            )


def _pasted(name: str, pasted: Mapping[str, Mapping]) -> bytes:
    forms = pasted.get(name) or {}
    for kind, text in forms.items():
        if kind.startswith("image/") and isinstance(text, (str, list)):
            text = "".join(text)
            try:
                return (
                    base64.b64decode(text, validate=False)
                    if not text.lstrip().startswith("<")
                    else text.encode("utf-8")
                )
            except binascii.Error as error:
                raise PictureError(say("the pasted picture {name} is damaged: paste it again", name=name)) from error
    raise PictureError(say("the pasted picture {name} is not in the cell: paste it again", name=name))


def _within(address: str) -> bytes:
    match = _DATA.match(address)
    try:
        if not match:
            raise ValueError
        return base64.b64decode(unquote(match[3])) if match[2] else unquote_to_bytes(match[3])
    except ValueError as error:
        raise PictureError(
            say("the picture written into the text ({address}…) is damaged: save it as a file", address=address[:40])
        ) from error
