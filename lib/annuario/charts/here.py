"""The data of the project that a chart is drawn in: colours and boundaries are its own."""

from __future__ import annotations

from annuario import project
from annuario.data import Package
from annuario.errors import BookError


def package() -> Package | None:
    """The data package of the project around the notebook; None outside of any."""
    try:
        return Package(project.find().root / "data")
    except BookError:
        return None
