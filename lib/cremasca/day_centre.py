"""The day centre for minors: who comes, from where, at what cost."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from annuario.figures import Absent, Figure
from annuario.notebook import Chapter
from cremasca import sub_ambiti
from cremasca.child_areas import in_order

#: What is counted of the minors by sub-ambito.
MEASURES = ("inseriti", "presenti")


class CentroDiurno:
    """The day centre, as an edition sees it."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self.cifre = libro.cifre("centro-diurno")
        self.inseriti, self.presenti = (
            libro.cifra(f"servizi_sub_ambito/centro-diurno-minori/{measure}/totale") for measure in MEASURES
        )
        self.rette, self.in_retta = libro.cifra("rette-riepilogo/centro-diurno"), libro.cifra("rette-casi/cdm")

    @property
    def titoli(self) -> dict[str, str]:
        """What is counted of the minors, with its headings."""
        return {code: name.nome for code, name in sub_ambiti.measures(self.libro.package, *MEASURES).items()}

    @cached_property
    def dati(self) -> pd.DataFrame | None:
        """Minors of the day centre by sub-ambito, in the year."""
        frame = in_order(sub_ambiti.of(self.libro, "centro-diurno-minori", list(MEASURES), years=1))
        return None if frame.empty else frame

    @cached_property
    def quota_posti(self) -> Figure:
        """The share of the places that those present at the end of the year take."""
        return self.presenti.quota(self.cifre.posti_massimi)

    @cached_property
    def retta_media(self) -> Figure:
        """The cost for each minor that the table of fees counts in a day centre."""
        return self.rette.ogni(self.in_retta)

    @property
    def presenti_come_accolti(self) -> Figure:
        """Those present at the end of the year, where the table counts more of them than it counts as admitted."""
        if not self.inseriti.valore < self.presenti.valore:
            raise Absent(self.presenti.code, self.presenti.year, "lo stesso perimetro")
        return self.presenti
