"""The Piano Programma: what its own document prints, and what its goals and areas are called.

In a year without a plan of its own every frame is empty.
"""

from __future__ import annotations

import re
from decimal import Decimal

import pandas as pd

from annuario.data import Vintage
from annuario.words import phrases
from cremasca.budgets import PLANNED

ZERO = Decimal(0)
LINE = phrases.Noun("voce", "voci", feminine=True)
CARD = phrases.Noun("scheda", "schede", feminine=True)
INDICATOR = phrases.Noun("indicatore", "indicatori")
CHANGE = phrases.Noun("variazione", "variazioni", feminine=True)
#: A difference of so much or less, in EUR, is one of rounding.
CENTS = Decimal("0.05")


def own(edition: Vintage, name: str, **where) -> pd.DataFrame:
    """The rows of a table that the edition's own document prints, about any year."""
    return edition.table(name, ["edizione"], edizione=edition.id, **where)


def whole(edition: Vintage) -> Decimal | None:
    """The printed total of the plan's year, or None."""
    return next(iter(own(edition, "bilancio_aree", anno=edition.year, fase=PLANNED, centro="totale")["valore"]), None)


def centre_names(edition: Vintage) -> dict[str, str]:
    """The names of the goals, of the areas and of the total by code, in the order of the plans."""
    cards_, areas = edition.package.read("schede"), edition.package.read("aree")
    return dict(zip(cards_["scheda"], cards_["nome"])) | dict(zip(areas["area"], areas["nome"])) | {"totale": "Totale"}


def listed(name: str) -> str:
    """``Obiettivo 10: Misure`` as ``10. Misure``, for a column of goals."""
    return re.sub(r"^Obiettivo (\d+): ", r"\1. ", name)


def numbered(name: str) -> str:
    """A name as :func:`listed`, and ``Area Progettazione`` as ``Progettazione``, for charts."""
    return listed(name).removeprefix("Area ").removeprefix("Servizio ")
