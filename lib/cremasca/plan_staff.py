"""The people that a plan starts from: who they are at the date of its count, and since the count before."""

from __future__ import annotations

from functools import cached_property, partial

import pandas as pd

from annuario.data import Vintage
from annuario.figures import Absent, Figure, Figures, Said, Year
from annuario.notebook import Chapter
from annuario.words import numbers, phrases
from cremasca import staff
from cremasca.counts import some
from cremasca.unpublished import Grafici
from cremasca.workforce import Contracts


class Dotazione(Contracts):
    """The people that the plan starts from, at the date of its count."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self._year = count_year(libro) or libro.year
        known = staff.staff(libro)
        self._history = known[known["anno"] <= self._year]
        self._dates = staff.dates(self._history)
        self.profili = libro.cifre("personale/persone")
        self.persone, self.sociali = (
            self._counted(f"persone/{profile}") for profile in ("totale", "assistenti-sociali")
        )
        self.indeterminati, self._fixed, self.part_time = (
            self._counted(f"{measure}/totale") for measure in ("tempo-indeterminato", "tempo-determinato", "part-time")
        )
        self.dichiarate, self.tecnici, self.amministrativi = (
            self._counted(code) for code in ("persone", "profilo-tecnico", "profilo-amministrativo")
        )
        self.grafici = Grafici(libro, "personale")

    def _counted(self, code: str) -> Figure:
        return self.libro.cifra(f"personale/{code}").nel(self._year)

    # -- who is there

    @property
    def data(self) -> Said:
        """The day of the count: ``30 novembre 2020``."""
        self.persone.valore
        return Said(self._dates[self._year]).of(self.persone)

    @property
    def confronto(self) -> Said:
        """``, una in più rispetto al 1° dicembre 2019``; empty without a count before."""
        self.persone.valore
        return Said(staff.compared(self.persone.series, self._dates, self._year)).of(self.persone)

    @cached_property
    def quota_sociali(self) -> Figure:
        """The share of the social workers."""
        return self.sociali.quota(self.persone)

    @cached_property
    def _profiles(self) -> Figures:
        codes = [code for code in self.profili if code != "totale"]
        return Figures(
            self.profili.code, {code: partial(self._counted, f"persone/{code}") for code in codes}, self._year
        )

    @property
    def gruppo(self) -> Said:
        """The profile with most people: ``degli assistenti sociali``."""
        name = self._profiles.massima.name.lower()
        return Said(f"{phrases.article(name, 'mp', 'di')}{name}").of(self._profiles.massima)

    @cached_property
    def quota_gruppo(self) -> Figure:
        """Its share of all."""
        return self._profiles.massima.quota(self.persone)

    @property
    def movimenti(self) -> Said:
        """``sono di più i funzionari (+1)``, on the count before; absent without one."""
        if not self.persone.prima.nota:
            raise Absent(self.persone.code, self._year, "nessuna rilevazione precedente")
        return Said(staff.moves(self._history, self._year) or "la composizione per profilo è la stessa").of(
            self.persone
        )

    @property
    def data_prima(self) -> Said:
        """The day of the count before."""
        self.persone.prima.valore
        return Said(self._dates[self._year - 1]).of(self.persone, years=(self._year - 1,))

    # -- contracts and hours

    @property
    def tutti_stabili(self) -> Figure:
        """All the people, where all have a permanent contract; else absent."""
        if self._fixed.valore or self.indeterminati.valore != self.persone.valore:
            raise Absent(self.persone.code, self._year, "non tutti a tempo indeterminato")
        return self.persone

    @property
    def determinati(self) -> Figure:
        """Who has a fixed-term contract; absent where nobody has."""
        if not self._fixed.valore:
            raise Absent(self._fixed.code, self._year, "nessuno a tempo determinato")
        return self._fixed

    # -- what the text says of them

    @property
    def concordi(self) -> Figure:
        """Who the table counts, where the text counts as many; else absent."""
        if self.dichiarate.valore != self.persone.valore:
            raise Absent(self.dichiarate.code, self._year, "il testo non concorda con la tabella")
        return self.persone

    @property
    def discordi(self) -> Figure:
        """Who the table counts, where the text counts others; else absent."""
        if self.dichiarate.valore == self.persone.valore:
            raise Absent(self.dichiarate.code, self._year, "il testo concorda con la tabella")
        return self.persone

    # -- tables and charts

    @cached_property
    def tabella(self) -> pd.DataFrame | None:
        """The count: persons by profile and measure."""
        rows = self._history[self._history["anno"] == self._year]
        return rows if self.persone.nota and len(rows) else None

    @property
    def titoli(self) -> dict[str, str]:
        """The headings of its measures."""
        return {} if self.tabella is None else staff.titles(self.libro, self.tabella)

    @property
    def per_profilo(self) -> pd.DataFrame | None:
        """The persons by profile."""
        return None if self.tabella is None else some(staff.persons(self.tabella))

    @property
    def rilevazioni(self) -> pd.DataFrame | None:
        """The persons by profile at the dates of the plans; None with one count alone."""
        several = self.persone.nota and self._history["anno"].nunique() > 1
        return some(staff.persons(self._history)) if several else None

    @property
    def inizio(self) -> Year:
        """The year of the first count."""
        self.persone.valore
        return Year(self._history["anno"].min())

    @property
    def fine(self) -> Year:
        """The year of the count."""
        self.persone.valore
        return Year(self._year)

    # -- since the count before

    @property
    def passaggio(self) -> Said:
        """``è passato da 43 a 44 persone``: the people from the count before to this one."""
        before, now = self.persone.prima.valore, self.persone.valore
        moved = f"è passato da {numbers.number(before)} a {phrases.count(now, 'persone')}"
        return Said(moved if before != now else "non è cambiato di numero").of(self.persone)

    @property
    def determinati_prima(self) -> Figure:
        """Who had a fixed-term contract at the count before; absent where they are as many."""
        if self._fixed.prima.valore == self._fixed.valore:
            raise Absent(self._fixed.code, self._year, "altrettanti")
        return self._fixed.prima

    @property
    def determinati_ora(self) -> Figure:
        """Who has one now, none included."""
        return self._fixed


def count_year(edition: Vintage) -> int | None:
    """The year of the count of staff that the plan prints: its own, or the last known."""
    frame = edition.table("personale")
    own = frame[frame["da"] == ""]
    years = own["anno"] if len(own) else frame["anno"]
    return None if years.empty else int(years.max())
