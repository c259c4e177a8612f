"""The charts and pictures of a book as files beside it: SVG, and PNG at the size of print, named by number and title."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from annuario.execution.cache import digest

MANIFEST = "grafici.json"
#: The longest name of a file, without its number.
LONGEST = 60


def files(captions: Mapping[str, str], images: Mapping[str, str | bytes]) -> list[tuple[str, str, str]]:
    """The figures of a book in its order: label, name of its file without ending, name of its picture.

    >>> files({"fig-a": "I *casi*, 2023–2025", "tbl-b": "Altro"}, {"fig-a.svg": "<svg/>"})
    [('fig-a', 'figura-01-i-casi-2023-2025', 'fig-a.svg')]
    """
    labels = [label for label in captions if label.startswith("fig-")]
    width = max(2, len(str(len(labels))))
    pictures = {name.rpartition(".")[0]: name for name in images}
    return [
        (label, f"figura-{number:0{width}}-{_slug(captions[label])}".rstrip("-"), pictures[label])
        for number, label in enumerate(labels, 1)
    ]


def key(captions: Mapping[str, str], images: Mapping[str, str | bytes], charts: Mapping[str, Mapping]) -> str:
    """What the files depend on."""
    parts: list[str | bytes] = []
    for label, name, picture in files(captions, images):
        parts += [label, name, captions[label], str(charts.get(label, {}).get("alt", "")), images[picture]]
    return digest("grafici", *parts)


def kept(folder: Path) -> str:
    """The key of the files that stand in a folder; nothing where there are none."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["impronta"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return str(found)


def write(
    captions: Mapping[str, str],
    images: Mapping[str, str | bytes],
    charts: Mapping[str, Mapping],
    folder: Path,
    png: Callable[[Sequence[str]], Sequence[bytes]],
) -> Path:
    """Write the figures into ``folder``, with ``grafici.json`` that tells of each its number, title and words.

    ``charts`` are the facts of charts by label; ``png`` draws SVGs for print.
    """
    folder.mkdir()
    found = files(captions, images)
    drawn = {label: images[picture] for label, _, picture in found if picture.endswith(".svg")}
    texts = {label: image if isinstance(image, str) else image.decode("utf-8") for label, image in drawn.items()}
    prints = dict(zip(texts, png(list(texts.values()))))
    listed = []
    for number, (label, name, picture) in enumerate(found, 1):
        content = images[picture]
        made = {
            f"{name}.{picture.rpartition('.')[2]}": content if isinstance(content, bytes) else content.encode("utf-8")
        }
        if label in prints:
            made[f"{name}.png"] = prints[label]
        if charts.get(label, {}).get("csv"):
            made[f"{name}.csv"] = str(charts[label]["csv"]).encode("utf-8")
        for file, data in made.items():
            (folder / file).write_bytes(data)
        alt = charts.get(label, {}).get("alt", "")
        listed.append(
            {"numero": number, "figura": label, "titolo": captions[label], "descrizione": alt, "file": [*made]}
        )
    manifest = {"impronta": key(captions, images, charts), "grafici": listed}
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return folder


def _slug(text: str) -> str:
    """A caption as part of a file's name: small letters and digits with hyphens, cut at a word."""
    plain = unicodedata.normalize("NFKD", re.sub(r"\^\[.*?\]|\]\([^)]*\)|\{[^}]*\}", "", text.replace("–", "-")))
    letters = "".join(one for one in plain if not unicodedata.combining(one)).lower()
    name = "-".join(re.findall(r"[a-z0-9]+", letters))
    return name if len(name) <= LONGEST else name[: LONGEST + 1].rpartition("-")[0] or name[:LONGEST]
