"""The numbers that two editions print differently, as an edition tells them."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from annuario.checks import revisions
from annuario.figures import Absent, Figure, Said, Year
from annuario.notebook import Chapter
from annuario.tables import Table
from annuario.words import numbers, phrases
from cremasca.plan_facts import counted

NUMBER = phrases.Noun("numero", "numeri")
#: Years that an edition looks back on, its own among them.
YEARS = 3


class Rettifiche:
    """The revisions of the edition's last three years and those of its own numbers.

    ``errata`` are those that the agency itself found wrong, ``aggiornamenti`` budgets that were brought up to
    date, ``cambiati`` all other numbers.
    """

    def __init__(self, libro: Chapter):
        self.libro = libro
        found = revisions.concerning(libro)
        kinds = (revisions.UPDATE, revisions.CHANGE, revisions.ERRATUM)
        groups = (Gruppo(libro.year, kind, found[found["natura"] == kind]) for kind in kinds)
        self.aggiornamenti, self.cambiati, self.errata = groups

    @property
    def inizio(self) -> Year:
        """The first of the edition's years."""
        return Year(self.libro.year - YEARS + 1)

    @property
    def nessuna(self) -> Said:
        """``2023–2025``: the years, where no number has changed; else absent."""
        if any(group.quanti.nota for group in (self.aggiornamenti, self.cambiati, self.errata)):
            raise Absent("rettifiche", self.libro.year, "qualche numero è cambiato")
        return Said(f"{self.inizio}–{self.libro.anno}")


class Gruppo:
    """Revisions of one kind."""

    def __init__(self, year: int, kind: str, frame: pd.DataFrame):
        self.year, self.kind, self._frame = year, kind, frame

    @cached_property
    def quanti(self) -> Figure:
        """How many numbers have changed; absent where none has."""
        return counted(f"rettifiche/{self.kind}", len(self._frame), self.year, NUMBER)

    @cached_property
    def _widest(self) -> dict:
        self.quanti.valore
        return revisions.widest(self._frame)

    @property
    def tavola(self) -> Said:
        """The title of the table in which the widest of them stands."""
        return Said(self._widest["titolo"])

    @property
    def voce(self) -> Said:
        """Its entry there."""
        return Said(self._widest["cosa"])

    @property
    def anno(self) -> Year:
        """The year that it is about; absent where it is about none."""
        if numbers.is_missing(self._widest["anno"]):
            raise Absent("rettifiche", self.year, "di nessun anno")
        return Year(self._widest["anno"])

    @property
    def differenza(self) -> Said:
        """The later number less the earlier: ``+€ 1.905.356,21``."""
        return Said(numbers.signed(self._widest["differenza"], self._widest["unita"]))

    @property
    def prima(self) -> Said:
        """The earlier edition: ``piano 2020``."""
        return Said(self._widest["edizione_prima"].replace("-", " "))

    @property
    def dopo(self) -> Said:
        """The later one."""
        return Said(self._widest["edizione_dopo"].replace("-", " "))

    def tabella(self) -> Table | None:
        """All of them, by table and pair of editions."""
        return revisions.table(self._frame)
