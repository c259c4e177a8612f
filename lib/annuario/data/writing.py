"""Changes of tables' files: rows more, rows fewer, cells changed; every other line stays as it is."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from annuario.errors import BookError
from annuario.messages import say, why


class Lines:
    r"""A table's file as its lines: the cells of each row, and the text that they stand in.

    >>> table = Lines(b"codice,valore\na, 1\nb,2\n")
    >>> table.append([{"codice": "c", "valore": "3"}])
    >>> table.replace(1, {"codice": "b", "valore": "9"})
    >>> table.insert(0, {"codice": "z"})
    >>> table.remove(lambda row: row["codice"] == "c")
    >>> table.content()  # what did not change stays as it was written
    b'codice,valore\nz,\na, 1\nb,9\n'
    """

    def __init__(self, content: bytes):
        text = content.decode("utf-8")
        self._end = "\r\n" if "\r\n" in text else "\n"
        self._mark = "\ufeff" if text.startswith("\ufeff") else ""
        lines = list(io.StringIO(text.removeprefix("\ufeff"), newline=""))
        reader = csv.reader(lines)
        self.header = [name.strip() for name in next(reader)]
        self._head = "".join(lines[: reader.line_num])
        start = reader.line_num
        self.rows: list[dict[str, str]] = []
        self._texts: list[str] = []
        for cells in reader:
            self.rows.append(dict(zip(self.header, cells)))
            self._texts.append("".join(lines[start : reader.line_num]))
            start = reader.line_num

    def replace(self, place: int, row: Mapping[str, str]) -> None:
        """Put a row in the place of another."""
        self.rows[place], self._texts[place] = dict(row), self._text(row)

    def insert(self, place: int, row: Mapping[str, str]) -> None:
        """Put a row before the one at a place, or at the end."""
        self.rows.insert(place, dict(row))
        self._texts.insert(place, self._text(row))

    def append(self, rows: Iterable[Mapping[str, str]]) -> None:
        """Put rows at the end."""
        for row in rows:
            self.insert(len(self.rows), row)

    def remove(self, wanted: Callable[[dict[str, str]], bool]) -> None:
        """Take out the rows of which something holds."""
        kept = [(row, text) for row, text in zip(self.rows, self._texts) if not wanted(row)]
        self.rows, self._texts = [row for row, _ in kept], [text for _, text in kept]

    def content(self) -> bytes:
        """The file's content."""
        parts = [self._head, *self._texts]
        parts = [part if part.endswith("\n") else part + self._end for part in parts[:-1]] + parts[-1:]
        return (self._mark + "".join(parts)).encode("utf-8")

    def _text(self, row: Mapping[str, str]) -> str:
        text = io.StringIO()
        csv.writer(text, lineterminator=self._end).writerow(row.get(name, "") for name in self.header)
        return text.getvalue()


def put(changed: dict[Path, bytes]) -> None:
    r"""Write files, all or none; the first is put in its place last.

    Raises BookError where one cannot be written; what was there is then as it was.

    >>> put({cartella / "a.csv": b"codice\na\n"})
    >>> (cartella / "a.csv").read_bytes()
    b'codice\na\n'
    """
    before = {path: path.read_bytes() if path.exists() else None for path in changed}
    aside = {path: path.with_name(f".{path.name}.nuovo") for path in changed}
    try:
        for path, content in changed.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            aside[path].write_bytes(content)
        for path in reversed(changed):
            os.replace(aside[path], path)
    except OSError as error:
        for path, was in before.items():
            aside[path].unlink(missing_ok=True)
            if was is None:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != was:
                path.write_bytes(was)
        raise BookError(
            say(
                "{filename}: cannot be written ({why}): nothing was changed.",
                filename=error.filename,
                why=why(error),
            )
        ) from error
