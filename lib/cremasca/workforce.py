"""Who works for the company: the count of the year, its contracts and hours, the counts before it."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import pandas as pd

from annuario.charts import comparisons
from annuario.figures import Absent, Figure, Said
from annuario.notebook import Chapter
from annuario.words import numbers, phrases
from annuario.words.trends import last_before
from cremasca import staff
from cremasca.counts import some, sound
from cremasca.names import listed, named

#: Years of the series of the counts.
LONG = 7
#: Reasons for comparing what is counted over the year with who is there at a date.
WORKED = "Le ore sono quelle dell’intero anno, le persone quelle in servizio alla data indicata."
REMOTE = "Il lavoro agile è contato nell’intero anno, il personale alla data indicata."


class Contracts:
    """What follows from ``persone`` and those among them with a permanent contract and part time, and from ``tabella``."""

    libro: Chapter
    tabella: pd.DataFrame | None
    persone: Figure
    indeterminati: Figure
    part_time: Figure

    @cached_property
    def quota_indeterminati(self) -> Figure:
        """The share of the permanent contracts."""
        return self.indeterminati.quota(self.persone)

    @cached_property
    def tempo_pieno(self) -> Figure:
        """Who works full time."""
        return sound(self.persone - self.part_time)

    @cached_property
    def quota_part_time(self) -> Figure:
        """The share of who works part time."""
        return self.part_time.quota(self.persone)

    @cached_property
    def titoli_orari(self) -> dict[str, str]:
        """The measures by hours, with their headings."""
        known = named(self.libro.package, "misure-personale")
        return {code: known[code] for code in listed(self.libro.package, "insiemi")["orari"].codici}

    @property
    def orari(self) -> pd.DataFrame | None:
        """The persons by profile and hours."""
        return None if self.tabella is None else some(self.tabella[self.tabella["misura"].isin(self.titoli_orari)])


class Organico(Contracts):
    """The people of the company at the date that the year's document gives, as an edition sees them."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self.profili = libro.cifre("personale/persone")
        self.persone, self.sociali = self.profili.totale, self.profili.assistenti_sociali
        self.part_time, self.indeterminati, self._fixed = (
            libro.cifra(f"personale/{measure}/totale")
            for measure in ("part-time", "tempo-indeterminato", "tempo-determinato")
        )
        self.libera_professione = libro.cifra("personale-altro/psicologi-libera-professione")
        self.ore = libro.cifra("gestione-testo/ore-personale")
        self.agile = libro.cifra("lavoro-agile/dipendenti")
        self.giornate = libro.cifra("lavoro-agile/giornate-massime")

    # -- how many, and when

    @cached_property
    def storia(self) -> pd.DataFrame:
        """Every count that the edition knows."""
        return staff.staff(self.libro)

    @cached_property
    def tabella(self) -> pd.DataFrame | None:
        """The count of the year: persons by profile and measure."""
        frame = self.storia[self.storia["anno"] == self.libro.year]
        return frame if self.persone.nota and len(frame) else None

    @property
    def titoli(self) -> dict[str, str]:
        """The headings of its measures."""
        return {} if self.tabella is None else staff.titles(self.libro, self.tabella)

    @cached_property
    def _dates(self) -> dict[int, str]:
        return staff.dates(self.storia)

    @property
    def data(self) -> Said:
        """The day of the count: ``31 dicembre 2025``."""
        self.persone.valore
        return Said(self._dates[self.libro.year]).of(self.persone)

    @property
    def confronto(self) -> Said:
        """``, due in più rispetto al 30 novembre 2020``: on the last count before; empty without one."""
        self.persone.valore
        return Said(staff.compared(self.persone.series, self._dates, self.libro.year)).of(self.persone)

    @cached_property
    def quota_sociali(self) -> Figure:
        """The share of the social workers."""
        return self.sociali.quota(self.persone)

    @property
    def gruppo(self) -> Said:
        """The profile with most people: ``degli assistenti sociali``."""
        name = self.profili.massima.name.lower()
        return Said(f"{phrases.article(name, 'mp', 'di')}{name}").of(self.profili.massima)

    @cached_property
    def quota_gruppo(self) -> Figure:
        """Its share of all."""
        return self.profili.massima.quota(self.persone)

    @property
    def movimenti(self) -> Said:
        """``sono di più gli educatori (+3); sono di meno i funzionari (−1)``, on the last count; absent without one."""
        self.persone.valore
        if last_before(self.persone.series, self.libro.year) is None:
            raise Absent(self.persone.code, self.libro.year, "nessuna rilevazione precedente")
        return Said(staff.moves(self.storia, self.libro.year) or "la composizione per profilo è la stessa").of(
            self.persone
        )

    @property
    def data_prima(self) -> Said:
        """The day of the last count before: ``31 dicembre 2021``."""
        before = last_before(self.persone.series, self.libro.year)
        if before is None:
            raise Absent(self.persone.code, self.libro.year, "nessuna rilevazione precedente")
        return Said(self._dates[before]).of(self.persone, years=(before,))

    @property
    def per_profilo(self) -> pd.DataFrame | None:
        """The persons of the year by profile, with their total."""
        return None if self.tabella is None else some(staff.persons(self.tabella))

    # -- the counts of other years

    @cached_property
    def _recent(self) -> pd.DataFrame | None:
        """The counts of the last seven years; None where the year has none, or nothing to compare it with."""
        frame = self.storia[self.storia["anno"] > self.libro.year - LONG]
        return None if self.tabella is None or frame["anno"].nunique() < 2 else frame

    @property
    def altre_date(self) -> Said:
        """``del 1° dicembre 2019 (43) e del 30 novembre 2020 (44)``: the other counts, each at its date."""
        years = [] if self._recent is None else sorted(set(self._recent["anno"]) & set(self.persone.series))
        years = [year for year in years if year != self.libro.year]
        if not years:
            raise Absent(self.persone.code, self.libro.year, "una sola rilevazione")
        told = [f"del {self._dates[year]} ({numbers.number(self.persone.series[year])})" for year in years]
        return Said(phrases.listing(told)).of(self.persone)

    @property
    def inizio(self) -> Said:
        """The first year of those counts."""
        if self._recent is None:
            raise Absent(self.persone.code, self.libro.year)
        return Said(str(self._recent["anno"].min())).of(self.persone)

    @property
    def profili_negli_anni(self) -> pd.DataFrame | None:
        """The persons by profile and year, missing years in their place."""
        return None if self._recent is None else comparisons.filled(staff.persons(self._recent), "profilo")

    @property
    def contratti_negli_anni(self) -> pd.DataFrame | None:
        """Permanent and fixed-term contracts by year, with all persons as ``totale``, missing years in their place."""
        if self._recent is None:
            return None
        codes = ["tempo-indeterminato", "tempo-determinato", "persone"]
        rows = self._recent[(self._recent["profilo"] == "totale") & self._recent["misura"].isin(codes)]
        known = named(self.libro.package, "misure-personale")
        names = rows["misura"].map(lambda code: "Totale" if code == "persone" else known[code])
        return comparisons.filled(rows.assign(misura=rows["misura"].replace("persone", "totale"), nome=names), "misura")

    # -- contracts and hours

    @property
    def tutti_stabili(self) -> Figure:
        """All the people, where all have a permanent contract; else absent."""
        if self._fixed.valore or self.indeterminati.valore != self.persone.valore:
            raise Absent(self.persone.code, self.libro.year, "non tutti a tempo indeterminato")
        return self.persone

    @property
    def determinati(self) -> Figure:
        """Who has a fixed-term contract; absent where all are permanent."""
        try:
            self.tutti_stabili
        except Absent:
            return self._fixed
        raise Absent(self._fixed.code, self.libro.year, "tutti a tempo indeterminato")

    @cached_property
    def ore_medie(self) -> Figure:
        """The hours of the year for each person."""
        return self.ore.ogni(self.persone, perche=WORKED)

    @property
    def rapporti(self) -> list[Figure] | None:
        """The kinds of work relation that the year has, freelance psychologists among them; None with one alone."""
        known = named(self.libro.package, "misure-personale")
        found = [
            replace(self.libro.cifra(f"personale/{code}/totale"), code=f"personale/{code}", name=known[code])
            for code in listed(self.libro.package, "insiemi")["contratti"].codici
        ]
        found.append(replace(self.libera_professione, name="Libera professione"))
        there = [figure for figure in found if figure.nota and figure.valore]
        return there if self.persone.nota and len(there) > 1 else None

    # -- remote work

    @cached_property
    def quota_agile(self) -> Figure:
        """The share of the people who worked remotely."""
        return self.agile.quota(self.persone, perche=REMOTE)

    @property
    def uso_agile(self) -> list[Figure]:
        """Who worked remotely and who did not."""
        others = replace(self.persone - self.agile, code="personale/senza-lavoro-agile", name="Senza lavoro agile")
        return [replace(self.agile, name="Con lavoro agile"), others]
