"""An assembled book as publishers get it: chapters, made of parts that know the cell they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import yaml

from annuario.data.value import Record

#: Opens the number of a part in a mark, which is a comment of Typst's.
MARK = "\ue004"


class Part(NamedTuple):
    """Some Markdown of a book, and the notebook and cell that it comes from, if it comes from one.

    >>> Part("# Costi", "costi.ipynb, cell 1").where, Part("::: {}").where
    ('costi.ipynb, cell 1', '')
    """

    text: str
    where: str = ""


@dataclass(frozen=True)
class Manuscript:
    r"""An assembled book.

    ``folder`` holds its pictures and what its options name; ``metadata`` is its front matter;
    ``chapters`` are the parts of each of its chapters; ``labels`` says in which cell each label
    is declared; ``charts`` is the script element with the data of its interactive charts, if it
    has any; ``sources`` gives the labels of tables and charts the rows of the data that they rest
    on: ``annuario.data.sources.in_short`` says them in few words; ``sentences`` those of each chapter that rest on
    rows, ``cells`` of each chapter those of its tables, ``rows`` what these tell (``annuario.publish.origins``).

    >>> chapter = [Part("# Costi", "costi.ipynb, cell 1"), Part("Crescono.")]
    >>> book = Manuscript(cartella, {"title": "Relazione"}, [chapter])
    >>> book.front, book.texts()
    ('---\ntitle: Relazione\n---\n', ['# Costi\n\nCrescono.\n'])
    >>> book.of_text("Crescono.") == str(book.file), book.of_text("# Costi"), book.of_mark(book.texts(marked=True)[0])
    (True, 'costi.ipynb, cell 1', 'costi.ipynb, cell 1')
    >>> book.write()
    >>> book.file.read_text().endswith("# Costi\n\nCrescono.\n"), "€" in book.letters
    (True, False)
    """

    folder: Path
    metadata: Mapping
    chapters: Sequence[Sequence[Part]]
    labels: Mapping[str, str] = field(default_factory=dict)
    charts: str = ""
    sources: Mapping[str, Sequence[Record]] = field(default_factory=dict)
    sentences: Mapping[str, Sequence] = field(default_factory=dict)
    cells: Mapping[str, Mapping[str, Sequence]] = field(default_factory=dict)
    rows: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """The whole book as one Markdown file, which :meth:`write` makes."""
        return self.folder / "libro.md"

    @cached_property
    def front(self) -> str:
        """The front matter, as a Markdown file has it."""
        return f"---\n{yaml.safe_dump(dict(self.metadata), allow_unicode=True, sort_keys=False)}---\n"

    @cached_property
    def letters(self) -> frozenset[str]:
        """The letters and signs that the book is written with."""
        return frozenset().union(self.front, self.charts, *(part.text for part in self._parts()))

    def texts(self, marked: bool = False) -> list[str]:
        """The text of each chapter; ``marked`` puts a mark before each part, see :meth:`of_mark`."""
        number, texts = 0, []
        for chapter in self.chapters:
            written = []
            for part in chapter:
                if marked and part.where:
                    written.append(f"```{{=typst}}\n/*{MARK}{number}*/\n```")
                written.append(part.text)
                number += 1
            texts.append("\n\n".join(written) + "\n")
        return texts

    def write(self) -> None:
        """Write the whole book into its file, as Quarto's Markdown."""
        parts = [self.front.removesuffix("\n"), *(part.text for part in self._parts())]
        parts += [f"```{{=html}}\n{self.charts}\n```"] if self.charts else []
        self.file.write_text("\n\n".join(parts) + "\n", encoding="utf-8")

    def of_mark(self, text: str) -> str:
        """The cell of the last mark in a text that was made of the marked one, or the book's file."""
        number = text.rpartition(MARK)[2].partition("*/")[0]
        return list(self._parts())[int(number)].where if number.isdigit() else str(self.file)

    def of_text(self, text: str) -> str:
        """The first cell whose part holds a text, whatever its line ends, or the book's file."""
        for part in self._parts():
            if part.where and text and text in " ".join(part.text.split()):
                return part.where
        return str(self.file)

    def _parts(self) -> Iterator[Part]:
        return (part for chapter in self.chapters for part in chapter)
