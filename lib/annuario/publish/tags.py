"""The tags of a PDF put right after Typst, which knows no headers of rows.

The first cell of each row of a table becomes the row's header; a heading within a table
becomes one of the rows that follow it, and belongs to the table's body, as do the first and last
rows, which Typst keeps together as headers and foot; labels of list items that hold nothing go.
The same bytes give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name


def mended(content: bytes) -> bytes:
    """A PDF with its tags put right; one without tags as it is."""
    with pikepdf.open(io.BytesIO(content)) as document:
        tree = document.Root.get("/StructTreeRoot")
        if not isinstance(tree, Dictionary):
            return content
        for node in list(_within(tree)):
            if Name.Table == node.S:
                _table(document, node)
            elif node.S == Name.LI:
                _keep(node, [child for child in _children(node) if Name.Lbl != child.S or _holds(child)])
        written = io.BytesIO()
        document.save(
            written, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True
        )
    return written.getvalue()


def _within(node: Dictionary) -> Iterator[Dictionary]:
    waiting = [node]
    while waiting:
        for child in _children(waiting.pop()):
            yield child
            waiting.append(child)


def _children(node: Dictionary) -> list[Dictionary]:
    """The tags right below one; what else stands there is content."""
    below = node.get("/K")
    return [
        one for one in (below if isinstance(below, Array) else [below]) if isinstance(one, Dictionary) and "/S" in one
    ]


def _holds(node: Dictionary) -> bool:
    below = node.get("/K")
    return len(below) > 0 if isinstance(below, Array) else below is not None


def _keep(node: Dictionary, children: list[Dictionary]) -> None:
    if len(children) != len(_children(node)):
        node.K = Array(children)


def _table(document: pikepdf.Pdf, table: Dictionary) -> None:
    parts: list[Dictionary] = []
    for part in _children(table):
        if part.S not in (Name.THead, Name.TBody, Name.TFoot):
            parts.append(part)
            continue
        head = Name.THead == part.S and not any(Name.THead == one.S for one in parts)
        rows = _children(part)
        heads = [row for number, row in enumerate(rows) if head and (number == 0 or not _is_below(row))]
        others = [row for row in rows if not any(row.objgen == one.objgen for one in heads)]
        if heads:
            part.K = Array(heads)
            parts.append(part)
            for row in heads:
                for cell in _children(row):
                    _attribute(cell, scope="/Column")
        if others:
            if parts and Name.TBody == parts[-1].S:
                body = parts[-1]
            else:
                body = (
                    part
                    if not heads
                    else document.make_indirect(Dictionary(Type=Name.StructElem, S=Name.TBody, P=table))
                )
                body.S, body.K = Name.TBody, Array([])
                parts.append(body)
            for row in others:
                row.P = body
                body.K.append(row)
                _row(row)
                _close(document, row)
    table.K = Array(parts)


def _row(row: Dictionary) -> None:
    for number, cell in enumerate(_children(row)):
        cell.S = Name.TD if number else Name.TH
        _attribute(cell, scope="/Row" if cell.S == Name.TH else "")


def _close(document: pikepdf.Pdf, row: Dictionary) -> None:
    """In the place of a heading over all columns a header of the row, and empty cells."""
    if not _is_group(row):
        return
    head = _children(row)[0]
    for own in _attributes(head):
        for _ in range(1, int(own.get("/ColSpan", 1))):
            row.K.append(document.make_indirect(Dictionary(Type=Name.StructElem, S=Name.TD, P=row)))
        if "/ColSpan" in own:
            del own["/ColSpan"]


def _is_group(row: Dictionary) -> bool:
    """Whether a row is one cell over all columns."""
    cells = _children(row)
    return len(cells) == 1 and any(int(one.get("/ColSpan", 1)) > 1 for one in _attributes(cells[0]))


def _is_below(row: Dictionary) -> bool:
    """Whether a row is headed by others: Typst has it among the headers where it only keeps it with the next."""
    return any(len(own.get("/Headers", [])) > 0 for cell in _children(row) for own in _attributes(cell))


def _attributes(cell: Dictionary) -> list[Dictionary]:
    found = cell.get("/A")
    return [one for one in (found if isinstance(found, Array) else [found]) if isinstance(one, Dictionary)]


def _attribute(cell: Dictionary, scope: str) -> None:
    """Give a cell its scope, in the place of a list of its headers."""
    own = next((one for one in _attributes(cell) if one.get("/O") == Name.Table), None)
    if own is None:
        own = Dictionary(O=Name.Table)
        cell.A = Array([*_attributes(cell), own])
        own = next(one for one in _attributes(cell) if one.get("/O") == Name.Table)
    if "/Headers" in own:
        del own["/Headers"]
    if scope:
        own.Scope = Name(scope)
    elif "/Scope" in own:
        del own["/Scope"]
    if len(own.keys()) == 1:
        rest = [one for one in _attributes(cell) if one.get("/O") != Name.Table]
        if rest:
            cell.A = Array(rest)
        else:
            del cell["/A"]
