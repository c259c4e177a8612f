"""A cell of a chapter that is being put into the book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """A cell of a chapter: ``where``, for messages; its notebook; what is pasted in it; addresses defined in the chapter."""

    where: str
    notebook: Path
    pasted: Mapping[str, Mapping] = field(default_factory=dict)
    defined: Mapping[str, Mapping] = field(default_factory=dict)
