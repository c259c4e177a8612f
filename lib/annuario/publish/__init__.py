"""Publishers: modules that write the assembled book, each form by a function of its name.

Two write the page and the PDF, ``html(book, target, project, store)`` and
``pdf(book, target, project, store)``: ``book`` is the :class:`~annuario.publish.manuscript.Manuscript`,
``target`` the file to write, ``project`` the parsed ``_quarto.yml``, ``store`` where parts of
earlier books are kept, if anywhere; they return ``target`` and raise BookError. The other
forms have one writer each, whoever writes those two.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from annuario.errors import BookError
from annuario.messages import say
from annuario.publish import epub, pandoc, quarto, site, word

__all__ = ["ENGINES", "engine", "head", "manuscript", "options", "origins", "svg", "writer"]

ENGINES = ("auto", "quarto", "pandoc")


def engine(name: str = "auto") -> ModuleType:
    """The publisher called ``name``; ``auto`` takes Quarto where it is installed.

    Raises BookError for an unknown name, and for ``quarto`` where it is not on PATH.

    >>> engine("pandoc").__name__
    'annuario.publish.pandoc'
    >>> engine("latex")
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: Unknown publisher «latex»: choose one of auto, quarto, pandoc.
    """
    if name not in ENGINES:
        raise BookError(
            say("Unknown publisher «{name}»: choose one of {engines}.", name=name, engines=", ".join(ENGINES))
        )
    installed = shutil.which("quarto") is not None
    if name == "quarto" and not installed:
        raise BookError(say("Quarto is not on PATH: install it, or publish with the built-in publisher «pandoc»."))
    return quarto if name == "quarto" or (name == "auto" and installed) else pandoc


def writer(publisher: ModuleType, form: str) -> Callable[..., Path]:
    """The function that writes a form: the publisher's own, or that of the one module which has it.

    >>> [writer(pandoc, form).__name__ for form in ("html", "pdf", "docx", "epub", "site")]
    ['html', 'pdf', 'docx', 'epub', 'site']
    """
    others: dict[str, Callable[..., Path]] = {"docx": word.docx, "epub": epub.epub, "site": site.site}
    return others.get(form) or getattr(publisher, form)
