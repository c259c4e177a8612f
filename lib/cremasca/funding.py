"""The sources that the text of the plans lists: what each is for, and what the year's forecast takes from it."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, partial

import pandas as pd

from annuario.data import Vintage
from annuario.figures import Absent, Figure, Figures, Said, Year
from annuario.notebook import Chapter
from annuario.tables import Column, Table
from annuario.words import numbers, phrases
from cremasca import names, revenues
from cremasca.plan_facts import counted, printed
from cremasca.unpublished import Grafici

#: Channels of the forecast that the list of sources does not name.
UNLISTED = "Canali che l’elenco non nomina"
SURPLUS = "Avanzo dell’esercizio precedente"
CHANNEL = phrases.Noun("canale", "canali")


class Finanziamento:
    """The sources of the plan, each with the sum of the channels that the forecast gives it."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self._forecast = forecast(libro)
        self._sums = amounts(libro, self._forecast) if len(self._forecast) else None
        self.grafici = Grafici(libro, "finanziamento")

    @property
    def anno(self) -> Year:
        """The year of the forecast; absent without one."""
        if self._sums is None:
            raise Absent("entrate", self.libro.year)
        return self.libro.anno

    @cached_property
    def fonti(self) -> Figures:
        """The sources by their sums, the surplus and the channels without a source among them."""
        titles = {} if self._sums is None else dict(zip(self._sums["sorgente"], self._sums["nome"]))
        return Figures(
            "fonti", {code: partial(self._of_source, code, title) for code, title in titles.items()}, self.libro.year
        )

    def _of_source(self, code: str, name: str) -> Figure:
        channels = self._forecast.loc[self._forecast["fonte_codice"] == code, "canale"]
        make = {channel: partial(self._channel, channel) for channel in channels}
        return replace(Figures(f"fonti/{code}", make, self.libro.year).somma, code=f"fonti/{code}", name=name)

    def _channel(self, code: str) -> Figure:
        return printed(self.libro, self.libro.book, self.libro.year, f"entrate/{revenues.FORECAST}/{code}")

    @cached_property
    def totale(self) -> Figure:
        """What they sum up to (computed)."""
        return self.fonti.somma

    @property
    def prima(self) -> Figure:
        """The largest."""
        return self.fonti.massima

    @property
    def quota_prima(self) -> Figure:
        """Its share."""
        return self.prima.quota(self.totale)

    @property
    def seconda(self) -> Figure:
        """The one after it."""
        return self.fonti.posto(2)

    @property
    def quota_seconda(self) -> Figure:
        """Its share."""
        return self.seconda.quota(self.totale)

    @property
    def avanzo(self) -> Figure:
        """The surplus of the year before; absent where none is used."""
        if "avanzo" not in self.fonti or not self.fonti.avanzo.valore:
            raise Absent("fonti/avanzo", self.libro.year, "nessun avanzo")
        return self.fonti.avanzo

    @property
    def quota_avanzo(self) -> Figure:
        """Its share."""
        return self.avanzo.quota(self.totale)

    # -- the channels

    @property
    def non_nominati(self) -> Said:
        """The channels that the list of sources does not name, largest first; absent without any."""
        return self._named("altri")

    @property
    def altre(self) -> Said:
        """Those of the other revenues: ``Proximity (€ 149.000,00)``."""
        return self._named("altre")

    def _named(self, code: str) -> Said:
        rows = self._forecast[(self._forecast["fonte_codice"] == code) & (self._forecast["valore"] != 0)]
        if rows.empty:
            raise Absent(f"fonti/{code}", self.libro.year, "nessun canale")
        order = rows.sort_values("valore", ascending=False, kind="stable")
        return Said(phrases.listing([f"{row.nome} ({numbers.euro(row.valore)})" for row in order.itertuples()]))

    @property
    def _idle(self) -> pd.Series:
        return self._forecast.loc[self._forecast["valore"] == 0, "nome"]

    @property
    def senza_importo(self) -> Figure:
        """How many channels the forecast prints without an amount; absent without any."""
        return counted("entrate/senza-importo", len(self._idle), self.libro.year, CHANNEL)

    @property
    def quali_senza_importo(self) -> Said:
        """Which."""
        self.senza_importo.valore
        return Said(phrases.listing(list(self._idle)))

    @property
    def scoperte(self) -> Said:
        """The sources of the list to which the forecast gives nothing: ``«Misure regionali»``; absent without any."""
        self.anno
        paid = {row.sorgente for row in self._sums.itertuples() if row.valore}
        titles = [f"«{title}»" for code, title in names.named(self.libro.package, "fonti").items() if code not in paid]
        if not titles:
            raise Absent("fonti/scoperte", self.libro.year, "nessuna")
        return Said(phrases.listing(titles))

    # -- for tables and charts

    def tabella(self) -> Table:
        """The sources of the list, what each is for and its sum."""
        return table(self.libro, self._forecast)

    @property
    def somme(self) -> pd.DataFrame | None:
        """The sum of each source; None without a forecast."""
        return self._sums


def forecast(edition: Vintage) -> pd.DataFrame:
    """The channels of the plan's own forecast: columns of ``entrate``, ``nome``, ``fonte_codice``.

    A source of the list ``fonti`` has the channel of its own code and those that ``fonti-canali`` adds. Without totals and without the quotas that are taken off. Empty for a year whose plan is
    not published.
    """
    frame = revenues.parts(revenues.forecast(edition)).reset_index(drop=True)
    known = edition.package.read("canali").set_index("canale")["nome"]
    source = {code: code for code in names.named(edition.package, "fonti")}
    for code, more in names.listed(edition.package, "fonti-canali").items():
        source |= dict.fromkeys(more.codici, code)
    codes = ["avanzo" if row.provenienza == "avanzo" else source.get(row.canale, "altri") for row in frame.itertuples()]
    return frame.assign(nome=frame["canale"].map(known), fonte_codice=codes)


def amounts(edition: Vintage, frame: pd.DataFrame) -> pd.DataFrame:
    """The forecast summed by source (computed), in the order of the list ``fonti``.

    Columns ``sorgente``, ``nome``, ``anno``, ``valore`` in EUR.
    """
    titles = names.named(edition.package, "fonti")
    titles.update(altri=UNLISTED, avanzo=SURPLUS)
    sums = frame.groupby("fonte_codice")["valore"].sum().to_dict()
    rows = [(code, titles[code], frame["anno"].iloc[0], sums[code]) for code in titles.ordered(sums)]
    return pd.DataFrame(rows, columns=["sorgente", "nome", "anno", "valore"])


def table(edition: Vintage, frame: pd.DataFrame) -> Table:
    """The sources of the list, what each is for and, where the plan has a forecast, its amount."""
    found = amounts(edition, frame) if len(frame) else None
    sums = {} if found is None else dict(zip(found["sorgente"], found["valore"]))
    known = names.listed(edition.package, "fonti")
    rows = [[name.nome, name.altro, sums.get(code)] for code, name in known.items()]
    columns = [Column("fonte", "Fonte"), Column("scopo", "Che cosa finanzia")]
    if sums:
        columns.append(Column("importo", f"Previsione {frame['anno'].iloc[0]}", "EUR"))
    printed = pd.DataFrame(rows, columns=["fonte", "scopo", "importo"])
    printed["importo"] = printed["importo"].astype(object)
    return Table(printed, columns)
