"""The funds of the ambito: what was assigned, by which act, with which bond, and how it moved."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, partial

import pandas as pd

from annuario.charts import comparisons
from annuario.figures import Absent, Figure, Figures, Row, Said, Year
from annuario.notebook import Chapter
from annuario.tables import Table, kind_of
from annuario.words import numbers, phrases
from cremasca.counts import some, sound
from cremasca.fund_rows import INSTITUTIONAL, Names, act, assigned, bonds, free, table
from cremasca.names import listed
from cremasca.plan import ZERO

MEASURES, PROJECTS = "misure-ambito", "progetti-ambito"
#: Years that the series of the institutional funds shows.
LONG = 6


class Risorse:
    """The funds of the ambito in their three groups, as an edition sees them."""

    def __init__(self, libro: Chapter):
        self.fondi = Istituzionali(libro, INSTITUTIONAL)
        self.misure, self.progetti = Gruppo(libro, MEASURES), Gruppo(libro, PROJECTS)

    @cached_property
    def somma(self) -> Figure:
        """All that was assigned to the ambito in the year."""
        return self.fondi.totale + self.misure.totale + self.progetti.totale


class Gruppo:
    """One group of funds: its total, its lines and how they moved."""

    def __init__(self, libro: Chapter, code: str):
        self.libro, self.code = libro, code
        self.totale = libro.cifra(f"fondi/{code}/totale")

    @cached_property
    def righe(self) -> pd.DataFrame:
        """The rows of the year and of the one before, in printed order: see :func:`assigned`."""
        return assigned(self.libro, self.code)

    @cached_property
    def voci(self) -> Figures:
        """The funds of the group by their short name."""
        group = self.libro.cifre(f"fondi/{self.code}")
        return Figures(group.code, {code: partial(self._named, group, code) for code in group}, group.year)

    @cached_property
    def _names(self) -> Names:
        return Names.of(self.libro.package)

    def _named(self, group: Figures, code: str) -> Figure:
        figure = group[code]
        label = self.libro.package.indexed("fondi").column("etichetta")[_last(figure).place]
        return replace(figure, name=self._names.name(code, label))

    @cached_property
    def quota_massima(self) -> Figure:
        """The share of the largest fund."""
        return self.voci.massima.quota(self.totale)

    @cached_property
    def quota_primi(self) -> Figure:
        """The share of the three largest."""
        return self.voci.primi(3).quota(self.totale)

    @property
    def quante(self) -> Said:
        """How many lines have an amount in the year: ``sette``."""
        found = [figure for figure in self.voci.note if figure.valore]
        if not found:
            raise Absent(self.totale.code, self.libro.year)
        return Said(phrases.spelled(len(found), feminine=True))

    @property
    def mosse(self) -> Said:
        """``si aggiunge «Dopo di Noi»; viene meno «Dote infanzia»``, on the year before; absent without any."""
        if not self._compared:
            raise Absent(self.totale.code, self.libro.year, "manca l’anno prima")
        lines = sorted((self.voci[code] for code in self.voci if not kind_of(code)), key=lambda line: _last(line).place)
        known = {line: tuple(bool(line.series.get(year)) for year in self.anni) for line in lines}
        said = []
        for move, one, many in (
            ((False, True), "si aggiunge", "si aggiungono"),
            ((True, False), "viene meno", "vengono meno"),
        ):
            names = [f"«{figure.name}»" for figure, seen in known.items() if seen == move]
            said += [f"{one if len(names) == 1 else many} {phrases.listing(names)}"] if names else []
        if not said:
            raise Absent(self.totale.code, self.libro.year, "le stesse voci")
        return Said("; ".join(said)).of(*known)

    @cached_property
    def parti(self) -> Figures:
        """The funds of the two years, where a line that is not printed is nothing: the others make the printed total."""

        def whole(code: str) -> Figure:
            line = self.voci[code]
            missing = {year: ZERO for year in self._complete if year not in line.series}
            return replace(line, series=dict(sorted({**missing, **line.series}.items())))

        codes = [code for code in self.voci if not kind_of(code)]
        return Figures(self.voci.code, {code: partial(whole, code) for code in codes}, self.libro.year)

    @cached_property
    def _complete(self) -> list[int]:
        """Those of the two years whose printed lines make the printed total, to a thousandth of it."""
        lines = self.righe.loc[[not kind_of(code) for code in self.righe["fondo"]]]
        sums = lines.groupby("anno")["valore"].sum().to_dict()
        totals = {year: self.totale.series[year] for year in self.anni if year in self.totale.series}
        return [year for year, all_ in totals.items() if abs(sums.get(year, ZERO) - all_) * 1000 <= all_]

    @property
    def variazione_massima(self) -> Said:
        """``«Fondo Povertà» (+€ 1.550.793,19)``: the line that moved most on the year before; absent without one."""
        before = self.libro.year - 1
        gaps = {figure: figure.valore - figure.series[before] for figure in self.voci.note if before in figure.series}
        if not any(gaps.values()):
            raise Absent(self.totale.code, self.libro.year, "niente da confrontare")
        widest = max(gaps, key=lambda figure: abs(gaps[figure]))
        return Said(f"«{widest.name}» ({numbers.signed(gaps[widest], 'EUR')})").of(widest)

    @cached_property
    def origini(self) -> Figures:
        """The amounts of the year by act or origin."""
        acts = {row.fondo: act(row.atto) for row in self.righe.itertuples() if row.anno == self.libro.year and row.atto}
        named = dict.fromkeys(acts.values())
        make = {name: partial(self._of_act, [code for code in acts if acts[code] == name], name) for name in named}
        return Figures(f"fondi/{self.code}: origini", make, self.libro.year)

    def _of_act(self, codes: list[str], name: str) -> Figure:
        return replace(self.voci.solo(*codes).somma, name=name)

    @cached_property
    def quota_origine(self) -> Figure:
        """The share of the largest of them."""
        return self.origini.massima.quota(self.origini.somma)

    # -- tables and charts

    @property
    def tabella(self) -> Table | None:
        """The funds of the two years, the acts (where the edition has a report of its own, or for projects) and the change."""
        title, origin = listed(self.libro.package, "gruppi-fondi")[self.code]
        shown = self.libro.published or self.code == PROJECTS
        return None if self.righe.empty else table(self.righe, title, origin if shown else "")

    @property
    def _compared(self) -> bool:
        return self.libro.year - 1 in set(self.righe["anno"])

    @property
    def confronto(self) -> pd.DataFrame | None:
        """The rows of the two years; None where the year before is not known."""
        return self.righe if self._compared else None

    @property
    def anni(self) -> dict[int, str]:
        """The two years, with their headings."""
        return {year: str(year) for year in (self.libro.year - 1, self.libro.year)}

    @property
    def senza_confronto(self) -> pd.DataFrame | None:
        """The rows of the year, zeros left out, where the year before is not known; else None."""
        return None if self.righe.empty or self._compared else self.righe[self.righe["valore"] != 0]


class Istituzionali(Gruppo):
    """The institutional funds: also their series, and what part of them is bound."""

    @cached_property
    def serie(self) -> pd.DataFrame:
        """The rows of the last six years."""
        return assigned(self.libro, self.code, LONG)

    @property
    def negli_anni(self) -> pd.DataFrame | None:
        """The rows by year, missing years in their place; None with one year alone."""
        several = self.totale.nota and self.serie["anno"].nunique() > 1
        return comparisons.filled(self.serie, "fondo") if several else None

    @property
    def composizione(self) -> pd.DataFrame | None:
        """The rows by year where there are more years than the two that are compared line by line."""
        return self.negli_anni if self.serie["anno"].nunique() > 2 else None

    @property
    def totali_negli_anni(self) -> pd.DataFrame | None:
        """The total of each of those years."""
        return None if self.negli_anni is None else some(self.negli_anni[self.negli_anni["fondo"] == "totale"])

    @property
    def inizio(self) -> Year:
        """The first of those years."""
        self.totale.valore
        return Year(self.serie["anno"].min())

    @cached_property
    def vincolati(self) -> Figure:
        """What the free quotas leave of the total."""
        self.totale.valore
        loose = self.voci.solo(*(code for code in free(self.libro.package) if code in self.voci)).somma
        return sound(self.totale - loose) if loose.nota else self.totale

    @cached_property
    def quota_vincolata(self) -> Figure:
        """The bound share, computed."""
        return self.vincolati.quota(self.totale)

    @property
    def quota_pubblicata(self) -> Figure:
        """The bound share, as the documents say it."""
        return self.libro.cifra("fondi-istituzionali/quota-vincolata")

    @property
    def vincoli(self) -> pd.DataFrame | None:
        """Of each year what is bound, what is free and the whole, missing years in their place: see :func:`bonds`.

        None where the parts are more than the whole, of which they are then no shares.
        """
        parts = bonds(self.serie, free(self.libro.package))
        return None if parts.empty or min(parts["valore"]) < 0 else comparisons.filled(parts, "vincolo")


def _last(figure: Figure) -> Row:
    """The row of its last year."""
    return max(figure.rows, key=lambda row: row.year)
