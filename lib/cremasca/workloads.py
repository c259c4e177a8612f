"""The weighing of the workloads of the child protection service: operators, cases, load on their hours."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from annuario.figures import Absent, Figure, Figures, Said
from annuario.notebook import Chapter
from annuario.words import numbers, phrases
from cremasca.names import listed, named


class Carichi:
    """The weighing of the year, as an edition sees it."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self._roles = listed(libro.package, "ruoli")

    @cached_property
    def dati(self) -> pd.DataFrame | None:
        """The weighing of the year: one row an operator and a measure; ``nome`` is role and number, ``profilo`` the role."""
        frame = self.libro.table("carichi_lavoro", anno=self.libro.year)
        if frame.empty:
            return None
        names = [f"{self._roles[row.ruolo].nome} {row.operatore.rpartition('-')[2]}" for row in frame.itertuples()]
        return frame.assign(nome=names, profilo=[self._roles[role].nome for role in frame["ruolo"]])

    def di(self, measure: str) -> pd.DataFrame | None:
        """The rows of one measure of the weighing; None where it has none."""
        rows = None if self.dati is None else self.dati[self.dati["misura"] == measure]
        return None if rows is None or rows.empty else rows

    @property
    def titoli(self) -> dict[str, str]:
        """The measures that the weighing has, with their headings."""
        found = set() if self.dati is None else set(self.dati["misura"])
        names = named(self.libro.package, "carichi-lavoro")
        return {code: names[code] for code in names.ordered(found)}

    @cached_property
    def casi(self) -> Figures:
        """The cases of each operator."""
        return self.libro.cifre("carichi_lavoro/casi")

    @cached_property
    def su_ore(self) -> Figures:
        """The load of each operator in proportion to the hours."""
        return self.libro.cifre("carichi_lavoro/carico-ore")

    @property
    def operatori(self) -> Said:
        """``7 assistenti sociali, 3 educatori e 4 psicologi``: the operators weighed, by role."""
        counted = self._loads().groupby("ruolo", sort=False)["operatore"].nunique()
        return Said(phrases.listing([phrases.count(number, self._noun(role)) for role, number in counted.items()]))

    @property
    def medie(self) -> Said:
        """``102 casi per assistente sociale, 58 per educatore…``: mean cases of each role."""
        cases = self._loads()
        cases = cases[cases["misura"] == "casi"]
        parts = []
        for role, rows in cases.groupby("ruolo", sort=False):
            mean = numbers.number(sum(rows["valore"]) / len(rows), 0)
            parts.append(f"{mean} {'casi ' if not parts else ''}per {self._noun(role).singular}")
        return Said(phrases.listing(parts))

    def _noun(self, role: str) -> phrases.Noun:
        one, many = self._roles[role]
        return phrases.Noun(one.lower(), many)

    def _loads(self) -> pd.DataFrame:
        if self.dati is None:
            raise Absent("carichi_lavoro", self.libro.year)
        return self.dati

    @property
    def pesati(self) -> int:
        """How many operators the table lists."""
        return len(self.casi.note)

    @property
    def oltre_cento(self) -> int:
        """How many have a load above a hundred; absent where the load is not given so."""
        rows = self.di("carico-100")
        if rows is None:
            raise Absent("carichi_lavoro/carico-100", self.libro.year)
        return int((rows["valore"] > 100).sum())

    @property
    def dichiarati(self) -> Figure:
        """The operators that the text speaks of; absent where they are those of the table."""
        told = self.libro.cifra("tm-testo/operatori-pesatura")
        if told.valore == self.pesati:
            raise Absent(told.code, told.year, "come nella tabella")
        return told
