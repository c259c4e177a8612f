"""Foster care: how many minors, of which kinds, how they came and went."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from annuario.figures import Absent, Figure, Said
from annuario.notebook import Chapter
from annuario.words import numbers, phrases
from cremasca.groups import with_rest
from cremasca.names import listed
from cremasca.uneven import sums, uneven

#: Reason for a share whose parts are not counted alike, printed below it.
FOSTER = "Gli affidi sono quelli in carico al 31 dicembre, i minori quelli seguiti nell’intero anno."


class Affidi:
    """The foster care of the service, as an edition sees it."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self.cifre = libro.cifre("tm-affidi")
        self.in_carico, self.nuovi, self.chiusi = self.cifre.in_carico, self.cifre.nuovi, self.cifre.chiusi
        self.tipi = self.cifre.solo(*listed(libro.package, "insiemi").together("affidi", self.cifre))
        self.seguiti = libro.cifra("tm-flussi/in-carico-anno")

    @property
    def prevalenti(self) -> Said:
        """``etero-famigliari (22), seguiti da quelli a parenti (21)``: the two commonest kinds."""
        kinds = {figure.name.removeprefix("Affidi "): figure.valore for figure in self.tipi.note}
        if len(kinds) < 2:
            raise Absent("tm-affidi", self.libro.year)
        order = sorted(kinds, key=lambda name: -kinds[name])
        first = [name for name in order if kinds[name] == kinds[order[0]]]
        if len(first) > 1:
            return Said(f"{phrases.listing(first)} ({numbers.number(kinds[first[0]])} per ciascun tipo)")
        most, next_ = (f"{name} ({numbers.number(kinds[name])})" for name in order[:2])
        return Said(f"{most}, seguiti da quelli {next_}")

    @cached_property
    def quota(self) -> Figure:
        """The share of the minors followed who are in foster care."""
        return self.in_carico.quota(self.seguiti, perche=FOSTER)

    @property
    def per_equipe(self) -> pd.DataFrame | None:
        """The minors followed in the year: in foster care and, by difference, the others."""
        return with_rest(
            [self.in_carico], self.seguiti, "tm-flussi/altri", "minori", "Resto del servizio", ["Équipe Affidi"]
        )

    @property
    def variazione(self) -> Said:
        """The change of the foster care on the year before; absent where openings and closings explain it."""
        now, before = self.in_carico, self.in_carico.prima
        step = now.valore - before.valore
        if step == self.nuovi.valore - self.chiusi.valore:
            raise Absent("tm-affidi", self.libro.year, "i movimenti tornano")
        return Said(numbers.signed(step))

    @property
    def saldo(self) -> Said:
        """Openings minus closings."""
        return Said(numbers.signed(self.nuovi.valore - self.chiusi.valore))

    @property
    def scarti(self) -> Said:
        """Where the kinds do not make the foster care in all; absent where they do."""
        return uneven(sums(self.tipi, self.libro.year), self.in_carico)
