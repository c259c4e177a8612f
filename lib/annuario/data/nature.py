"""What a figure counts: declared once, in the table ``grandezze``, by code or by the beginning of codes.

``tm-flussi/nuovi-casi`` finds its own row, else the one of ``tm-flussi``, else nothing is
known and nothing is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from annuario.data.roles import NATURES
from annuario.words.phrases import Noun

if TYPE_CHECKING:
    from annuario.data.package import Package, _Table


#: Kinds of figures: what there is at a date, what happens in a period, one over another, a plain fact.
STOCK, FLOW, RATIO, FACT = "consistenza", "flusso", "rapporto", "attributo"
KINDS = (STOCK, FLOW, RATIO, FACT)
#: The first year of a series that starts anew each year.
EACH_YEAR = "ogni anno"
#: Reference dates that are not a day of the year: the year before, and two years in one figure.
YEAR_BEFORE, MIXED = "anno-prima", "anni-diversi"


@dataclass(frozen=True)
class Nature:
    """What makes figures comparable, and what their things are called.

    ``kind`` is one of :data:`KINDS`; ``date`` the day (``31-12``) a stock is of, or
    :data:`YEAR_BEFORE` or :data:`MIXED`; ``perimeter`` whose things are counted, parts joined
    by ``+``; ``basis`` the state of an amount (preventivo, assestato, preconsuntivo,
    consuntivo); ``denominator`` says that others may be divided by it; ``breaks`` maps the
    first year of a new series to what changed, ``apart`` says what keeps any two years apart.
    ``unusual`` maps years that are no measure for others to what they were (``anno della pandemia``).
    ``within`` is the code of the figure whose things these are among, ``rest`` says that it is what
    the other parts of its whole leave over. Empty: not declared.

    >>> Nature("casi", FLOW, perimeter="nord+sud").perimeters == {"nord", "sud"}, UNDECLARED.perimeters
    (True, frozenset())
    """

    unit: str = ""
    kind: str = ""
    date: str = ""
    noun: Noun | None = None
    feminine: bool = False
    perimeter: str = ""
    basis: str = ""
    denominator: bool = False
    breaks: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    apart: str = ""
    unusual: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    within: str = ""
    rest: bool = False

    @property
    def perimeters(self) -> frozenset[str]:
        """The parts of the perimeter; none where it is not declared."""
        return frozenset(part for part in self.perimeter.split("+") if part)


UNDECLARED = Nature()


def read(row: Mapping[str, str | None]) -> Nature:
    """The nature that a row of ``grandezze`` declares.

    >>> nature = read({"specie": "flusso", "singolare": "domanda", "plurale": "domande", "genere": "f",
    ...                "rotture": "2022: cambia la misura", "eccezioni": "2020: anno di chiusura"})
    >>> nature.kind, nature.noun, nature.breaks[2022], nature.unusual[2020]
    ('flusso', Noun(singular='domanda', plural='domande', feminine=True), 'cambia la misura', 'anno di chiusura')
    >>> read({"rotture": "ogni anno: prima iniziale, poi aggiornato"}).apart
    'prima iniziale, poi aggiornato'
    """
    feminine = row.get("genere") == "f"
    one, many = row.get("singolare"), row.get("plurale")
    noun = Noun(one, many or "", feminine) if one else None
    breaks = _by_year(row.get("rotture"))
    apart = breaks.pop(EACH_YEAR, "")
    return Nature(
        row.get("unita") or "", row.get("specie") or "", row.get("riferimento") or "", noun, feminine,
        row.get("perimetro") or "", row.get("base") or "", row.get("denominatore") == "sì", MappingProxyType(breaks),
        apart, MappingProxyType(_by_year(row.get("eccezioni"))), row.get("compresa") or "", row.get("resto") == "sì",
    )  # fmt: skip


def _by_year(cell: str | None) -> dict:
    """What a cell says of some years: ``2020: …; 2021: …``."""
    parts = [part.partition(":") for part in (cell or "").split(";") if part.strip()]
    return {int(year) if year.strip().isdigit() else year.strip(): what.strip() for year, _, what in parts}


def find(code: str, declared: Mapping[str, Nature]) -> Nature:
    """The nature of a code: its own, or that of the longest beginning of it that is declared.

    >>> find("tm-flussi/nuovi-casi", {"tm-flussi": Nature(kind=FLOW)}).kind
    'flusso'
    >>> find("tm-flussiere", {"tm-flussi": Nature(kind=FLOW)}).kind
    ''
    """
    while code:
        if code in declared:
            return declared[code]
        code = code.rpartition("/")[0]
    return UNDECLARED


def declared(package: Package) -> dict[str, Nature]:
    """What the table of role ``grandezze`` declares, by code; it is shared. Nothing where there is no such table.

    >>> {code: nature.noun.plural for code, nature in declared(esempio).items() if nature.noun}
    {'prestiti': 'prestiti', 'iscritti': 'iscritti'}
    """
    if not package.has(NATURES):
        return {}
    table = package.indexed(NATURES)
    table.whole()
    return _declared(table)


@lru_cache(maxsize=8)  # the table of all figures is asked for with each of some
def _declared(table: _Table) -> dict[str, Nature]:
    return {row["cifra"]: read(row) for row in table.frame.to_dict("records")}
