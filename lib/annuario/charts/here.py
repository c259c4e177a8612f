"""The project that a chart is drawn in: colours and boundaries are its own, and the edition's year."""

from __future__ import annotations

import os
import re

from annuario import project
from annuario.data import Package
from annuario.errors import BookError


def package() -> Package | None:
    """The data package of the project around the notebook; None outside of any."""
    try:
        return Package(project.find().root / "data")
    except BookError:
        return None


def year() -> int | None:
    """The year of the edition that is being built; None outside of a build, where any may be looked at."""
    found = re.search(r"-(\d{4})$", os.environ.get("ANNUARIO_EDITION", ""))
    return int(found[1]) if found else None
