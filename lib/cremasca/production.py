"""The company: how old it is, and its value of production in the closed years that the plans cite."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cached_property

import pandas as pd

from annuario import charts
from annuario.data import Vintage
from annuario.figures import Absent, Figure, Said
from annuario.notebook import Chapter
from annuario.tables import Table, matrix
from annuario.words import numbers, phrases
from cremasca.budgets import ESTIMATED
from cremasca.plan_facts import counted

INDICATOR = "azienda/volume-produzione"


class Azienda:
    """The company's life and its value of production, as a plan tells them."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self.comuni = libro.cifra("azienda/comuni-soci").ultima
        self._dates = libro.table("testi_tabella", gruppo="azienda").set_index("voce")["testo"]
        self._values = values(libro)
        self.stima = libro.cifra(f"bilancio_aree/{ESTIMATED}/totale").prima

    @property
    def nascita(self) -> Said:
        """The day it was founded: ``11 dicembre 2006``."""
        return self._date("data-costituzione")

    @property
    def scadenza(self) -> Said:
        """The day until which it lasts."""
        return self._date("durata-fino-al")

    def _date(self, code: str) -> Said:
        if code not in self._dates:
            raise Absent(f"azienda/{code}", self.libro.year)
        return Said(self._dates[code])

    @property
    def eta(self) -> Figure:
        """How many years it has at the end of the edition's."""
        return self._years("eta", self.libro.year - int(self.nascita[-4:]))

    @property
    def residuo(self) -> Figure:
        """How many are left."""
        return self._years("residuo", int(self.scadenza[-4:]) - self.libro.year)

    def _years(self, code: str, number: int) -> Figure:
        return counted(f"azienda/{code}", number, self.libro.year, phrases.NOUNS["anni"])

    # -- the value of production

    @cached_property
    def _production(self) -> Figure:
        """In the closed years that the plan itself cites, or in all those known where it cites none."""
        whole = self.libro.cifra(INDICATOR)
        rows = tuple(row for row in whole.rows if not row.edition) or whole.rows
        return replace(whole, series={year: whole.series[year] for year in sorted(row.year for row in rows)}, rows=rows)

    @property
    def fine(self) -> Figure:
        """That of the last of those years."""
        return self._production.ultima

    @property
    def inizio(self) -> Figure:
        """That of the first."""
        return self._production.nel(min(self._production.series, default=self.libro.year))

    @property
    def crescita(self) -> Said:
        """``è più che raddoppiato``: from the first to the last; absent where only one is known, or both are equal."""
        self._span, self._ratio
        return Said(phrases.changed(self.fine.valore, self.inizio.valore)).of(self.fine)

    @property
    def tasso(self) -> Said:
        """``+141,0 %``: the same in percent."""
        return Said(numbers.percent((self._ratio - 1) * 100, sign=True)).of(self.fine)

    @property
    def media(self) -> Said:
        """``+8,3 %``: in a year, on average."""
        rate = (self._ratio ** (Decimal(1) / self._span) - 1) * 100
        return Said(numbers.percent(rate, sign=True)).of(self.fine)

    @property
    def _span(self) -> int:
        """The years from the first to the last."""
        years = self.fine.year - self.inizio.year
        if not years:
            raise Absent(INDICATOR, self.libro.year, "un anno solo")
        return years

    @property
    def _ratio(self) -> Decimal:
        if self.inizio.valore <= 0 or self.fine.valore < 0 or self.fine.valore == self.inizio.valore:
            raise Absent(INDICATOR, self.libro.year, "nessun rapporto, o nessuna variazione")
        return self.fine.valore / self.inizio.valore

    @property
    def lacune(self) -> Said:
        """The years between the first and the last that no document gives: ``dal 2008 al 2017``; absent without any."""
        missing = gaps(dict(zip(self._values["anno"], self._values["valore"])))
        if not missing:
            raise Absent(INDICATOR, self.libro.year, "nessuna lacuna")
        return Said(missing)

    @property
    def confronto(self) -> Said:
        """``in aumento del 3 % rispetto al 2018``: the estimate of the last year against the last closed one."""
        return Said(phrases.change(self.stima.valore, self.fine.valore, self.fine.year, "fs")).of(self.stima, self.fine)

    @property
    def chiuso(self) -> Figure:
        """What a later plan gives for a year that this one does not know closed; absent without any."""
        whole = self.libro.cifra(INDICATOR)
        later = [row for row in whole.rows if row.edition and row.year > self.fine.year]
        return whole.nel(later[-1].year if later else self.libro.year)

    @property
    def altrove(self) -> Said:
        """The edition of that plan: ``piano 2021``."""
        self.chiuso.valore
        return Said(next(row.edition for row in self.chiuso.rows if row.year == self.chiuso.year).replace("-", " "))

    @property
    def anni(self) -> Said:
        """The first and the last known year: ``2007–2020``."""
        first, last = self._values["anno"].min(), self._values["anno"].max()
        return Said(str(first) if first == last else f"{first}–{last}")

    def tabella(self) -> Table:
        """The values known."""
        return table(self._values)

    def grafico(self) -> charts.Chart:
        """The same, drawn."""
        return chart(self._values)


def values(edition: Vintage) -> pd.DataFrame:
    """The known values, oldest first: ``esercizio`` (a code), ``anno``, ``nome``, ``stima``, ``valore`` in EUR, ``da``.

    The estimate is that of the year before the edition's: the outcome by goal that the plan
    foresees before the accounts are closed (``stima`` is true).
    """
    closed = edition.indicators([INDICATOR], years=edition.year - 1999)[["anno", "valore", "da"]].assign(stima=False)
    estimate = edition.table("bilancio_aree", centro="totale", fase="preconsuntivo", anno=edition.year - 1)
    estimate = estimate[["anno", "valore", "da"]].assign(stima=True)
    frame = pd.concat([estimate, closed], ignore_index=True).sort_values(
        ["anno", "stima"], ascending=[True, False], kind="stable"
    )
    names = [f"{row.anno}, pre-consuntivo" if row.stima else str(row.anno) for row in frame.itertuples()]
    codes = [f"{row.anno}-stima" if row.stima else str(row.anno) for row in frame.itertuples()]
    return frame.assign(esercizio=codes, nome=names).reset_index(drop=True)


def gaps(series: dict[int, Decimal]) -> str:
    """The years between the first and the last that no document gives: ``dal 2008 al 2017``; or nothing."""
    missing = [year for year in range(min(series), max(series)) if year not in series]
    if len(missing) < 3 or missing[-1] - missing[0] >= len(missing):
        return phrases.listing([str(year) for year in missing])
    return f"dal {missing[0]} al {missing[-1]}"


def table(frame: pd.DataFrame) -> Table:
    """One row a value, the estimate named as such."""
    return matrix(frame.assign(colonna="valore"), "esercizio", "colonna", "EUR", {"valore": "Importo"}, "Esercizio")


def chart(frame: pd.DataFrame) -> charts.Chart:
    """A bar a known value, oldest first."""
    rows = frame.assign(voce="produzione", posto=range(len(frame)), nome="Valore della produzione")
    titles = dict(enumerate(frame["nome"]))
    drawn = charts.grouped(rows, "Valore della produzione", "voce", "posto", titles, "EUR")
    told = "; ".join(f"{row.nome}: {numbers.euro(row.valore)}" for row in frame.itertuples())
    others = {source: list(frame.loc[frame["da"] == source, "nome"]) for source in dict.fromkeys(frame["da"]) if source}
    sources = "".join(
        f" Dall’edizione «{each.replace('-', ' ')}»: {phrases.listing(names)}." for each, names in others.items()
    )
    return charts.Chart(
        drawn.spec, f"Valore della produzione negli anni noti. {told}.{sources}", drawn.data, drawn.units, drawn.narrow
    )
