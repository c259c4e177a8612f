"""The cases of the child protection service by sub-ambito: where they are, and how far each moved."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property

import pandas as pd

from annuario.figures import Absent, Figure, Figures, Said, Year
from annuario.notebook import Chapter
from annuario.words import trends
from cremasca import sub_ambiti
from cremasca.uneven import said, uneven


class Territori:
    """The cases by sub-ambito, as an edition sees them."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self.in_carico = libro.cifra("tm-flussi/in-carico-31-12")

    @cached_property
    def dati(self) -> pd.DataFrame | None:
        """Cases by sub-ambito over three years, in the official order; a total only where the year has one."""
        frame = in_order(sub_ambiti.of(self.libro, "tutela-minori", ["casi"]))
        year = frame[frame["anno"] == self.libro.year]
        if year.empty:
            return None
        return frame if (year["sub_ambito"] == "totale").any() else frame[frame["sub_ambito"] != "totale"]

    @cached_property
    def dell_anno(self) -> pd.DataFrame | None:
        """The same of the year, without the total."""
        frame = self.dati
        return None if frame is None else frame[(frame["anno"] == self.libro.year) & (frame["sub_ambito"] != "totale")]

    @cached_property
    def _casi(self) -> Figures:
        return self.libro.cifre("servizi_sub_ambito/tutela-minori/casi")

    @cached_property
    def sub_ambiti(self) -> Figures:
        """The cases of each sub-ambito, without those from elsewhere."""
        return self._casi.senza(*sub_ambiti.outside(self.libro.package))

    @cached_property
    def casi(self) -> Figure:
        """The cases of all, from elsewhere too."""
        return self._casi.somma

    @cached_property
    def fuori(self) -> Figure:
        """The cases from outside the territory."""
        return self.libro.cifra("servizi_sub_ambito/tutela-minori/casi/fuori-ambito")

    @cached_property
    def senza_residenza(self) -> Figure:
        """The cases without residence in Italy."""
        return self.libro.cifra("servizi_sub_ambito/tutela-minori/casi/senza-residenza")

    @cached_property
    def quota_primi(self) -> Figure:
        """The share of the first three sub-ambiti."""
        return self.sub_ambiti.primi(3).quota(self.casi)

    @cached_property
    def quota_senza_residenza(self) -> Figure:
        """The share of the cases without residence."""
        return self.senza_residenza.quota(self.casi)

    @cached_property
    def con_residenza(self) -> Figure:
        """What the table of the document gives without them."""
        return self.casi - self.senza_residenza

    @property
    def prima(self) -> Year:
        """The year that the sub-ambiti are compared with; absent where there is none, or nothing changed."""
        for figure in self.sub_ambiti.note:
            before = trends.last_before(figure.series, figure.year)
            if before is not None and any(each.series.get(before) != each.valore for each in self.sub_ambiti.note):
                return Year(before)
        raise Absent("tutela-minori: sub-ambiti", self.libro.year, "niente da confrontare")

    @property
    def movimenti(self) -> Said:
        """``l’aumento maggiore è a Pandino (+21) e il calo maggiore a Soncino (−4)``, or one of them; a single one is the only one."""
        parts = []
        for name in ("aumento", "calo"):
            try:
                where = getattr(self.sub_ambiti, name)
            except Absent:
                continue
            moved = sum(gap > 0 if name == "aumento" else gap < 0 for gap in self._passi)
            which = f"{'l’' if name == 'aumento' else 'il '}{name} maggiore" if moved > 1 else f"il solo {name}"
            parts.append(f"{which} {'' if parts else 'è '}a {where}")
        return said(parts, self.in_carico)

    @property
    def _passi(self) -> list[Decimal]:
        """How far each sub-ambito moved since the last year known."""
        steps = []
        for figure in self.sub_ambiti.note:
            before = trends.last_before(figure.series, figure.year)
            steps += [] if before is None else [figure.valore - figure.series[before]]
        return steps

    @property
    def scarti(self) -> Said:
        """Where the sub-ambiti do not make the cases at the end of the year; absent where they do."""
        if self.dati is None:
            raise Absent("tutela-minori: sub-ambiti", self.libro.year)
        rows = self.dati[self.dati["sub_ambito"] != "totale"]
        return uneven(rows.groupby("anno")["valore"].sum().to_dict(), self.in_carico)


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows by sub-ambito in the official order, the total last."""
    return frame.sort_values(["ordine", "anno"], kind="stable")
