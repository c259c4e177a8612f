"""The charts and pictures of a book as files: for print, and beside the page."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

from annuario.execution.cache import Store, digest
from annuario.publish import fonts, press

#: How many dots of a picture for print stand for one of the drawing: 250 an inch at the width of the text.
PRINT_SCALE = 3
#: How many dots of a drawing are an inch to Typst.
DOTS = 96
#: Each drawing a page of its size.
PAGES = """#set page(width: auto, height: auto, margin: 0pt)
#for drawing in json(bytes(sys.inputs.drawings)) { page(image(bytes(drawing), format: "svg")) }"""


@cache
def register_font() -> None:
    """Labels are measured with the book's own typeface, the same on every machine."""
    import vl_convert

    vl_convert.register_font_directory(str(fonts.directory()))


def prints(drawings: Sequence[str], store: Store | None = None) -> list[bytes]:
    """Drawings as PNG at the size of print, those that ``store`` does not have made in one go."""
    keys = [digest(svg, str(PRINT_SCALE), version("typst")) for svg in drawings]
    found = {key: store.load("png", key) if store else None for key in keys}
    lacking = {key: svg for key, svg in zip(keys, drawings) if found[key] is None}
    if lacking:
        pages = json.dumps(list(lacking.values()))
        made = press.compiler().compile(
            PAGES.encode("utf-8"), format="png", ppi=DOTS * PRINT_SCALE, sys_inputs={"drawings": pages}
        )
        for key, content in zip(lacking, [made] if isinstance(made, bytes) else made or [], strict=True):
            found[key] = base64.b64encode(content).decode("ascii")
            if store:
                store.save("png", key, found[key])
    return [base64.b64decode(str(found[key])) for key in keys]


def for_print(source: Path, folder: Path, store: Store | None = None) -> None:
    """Copy the pictures of a book into ``folder``, its drawings as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    files = sorted(source.iterdir()) if source.is_dir() else []
    drawn = [path for path in files if path.suffix == ".svg"]
    for path, content in zip(drawn, prints([path.read_text(encoding="utf-8") for path in drawn], store)):
        (folder / f"{path.stem}.png").write_bytes(content)
    for path in set(files) - set(drawn):
        (folder / path.name).write_bytes(path.read_bytes())
