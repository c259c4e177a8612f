"""The fees for minors and mothers placed by the child protection service: what is paid, for how many, at what mean."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from annuario.figures import Absent, Figure
from annuario.notebook import Chapter
from cremasca.counts import sound
from cremasca.names import listed


class Rette:
    """The fees, the cases and the means that the documents speak of without saying how they count them."""

    def __init__(self, libro: Chapter):
        self._kinds = listed(libro.package, "collocamenti")
        self.costi = libro.cifre("rette-costi")
        self.riepilogo = libro.cifre("rette-riepilogo")
        self.casi = libro.cifre("rette-casi")
        self.costo, self.collocati = self.costi.totale, self.casi.totale

    @cached_property
    def quota_costo(self) -> Figure:
        """The share of the largest cost."""
        return self.costi.massima.quota(self.costo)

    @cached_property
    def quota_casi(self) -> Figure:
        """The share of the commonest placement."""
        return self.casi.massima.quota(self.collocati)

    @property
    def diurno_compreso(self) -> Figure:
        """The fees of the day centre, where the summary counts them among those of the minors too."""
        day = self.riepilogo.centro_diurno
        if self.riepilogo.minori.valore + self.riepilogo.mamme.valore != self.costo.valore:
            raise Absent(day.code, day.year, "contate una volta")
        return day

    @cached_property
    def senza_affidi(self) -> Figure:
        """The mean cost of a placement without foster care: the total less foster care, in costs and in cases."""
        mean = sound(self.costo - self.costi.affidi).ogni(sound(self.collocati - self.casi.affido))
        return _each(mean, "Minori e mamme, esclusi gli affidi")

    @cached_property
    def minori(self) -> Figure:
        """The mean cost of a minor: the total less the mothers, in costs and in cases."""
        return _each(sound(self.costo - self.costi.mamme).ogni(sound(self.collocati - self.casi.mamme)), "Solo minori")

    @cached_property
    def per_tipo(self) -> list[Figure]:
        """The cost of a case of each kind of placement."""
        return [_each(self.costi[cost].ogni(self.casi[case]), name) for cost, (name, case) in self._kinds.items()]

    @property
    def medie(self) -> list[Figure]:
        """The two means over all kinds."""
        return [self.senza_affidi, self.minori]


def _each(mean: Figure, name: str) -> Figure:
    return replace(mean, name=name, nature=replace(mean.nature, unit="EUR/persona"))
