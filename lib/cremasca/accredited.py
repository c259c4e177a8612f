"""The accredited home and school services: who used them, for how long, at what cost.

Users, hours and cost by sub-ambito are printed data (``servizi_sub_ambito``); the costs
per hour and per user are computed from the printed totals, never from partial sums.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cached_property, partial

import pandas as pd

from annuario.data.corrections import COLUMN
from annuario.figures import Absent, Figure, Figures, Said
from annuario.figures.frame import CODE, long
from annuario.notebook import Chapter
from annuario.words import numbers, phrases
from cremasca import sub_ambiti as per_sub_ambito
from cremasca.budgets import together
from cremasca.counts import some
from cremasca.names import listed, named

#: What is measured of each service, in the order of the reports.
MEASURES = ("utenti", "ore", "costo")
AREA = phrases.Noun("sub-ambito", "sub-ambiti")


class Servizio:
    """One accredited service, as an edition sees it."""

    def __init__(self, libro: Chapter, code: str):
        self.libro, self.code, self.nome = libro, code, named(libro.package, "servizi-accreditati")[code]
        self.misure = per_sub_ambito.measures(libro.package, *MEASURES)
        self.misure_adesioni = listed(libro.package, "adesioni")
        self.utenti, self.ore, self.costo = map(self._total, MEASURES)
        self.comuni, self.aderenti = self._total("comuni"), self._total("comuni-aderenti")
        self.quota_adesione = self._total("quota-adesione")
        self.per_ora = _named(self.costo.ogni(self.ore), "Costo per ora", "EUR/ora")
        self.per_utente = _named(self.costo.ogni(self.utenti), "Costo per utente", "EUR/persona")
        self.ore_intere = replace(
            self.ore, series={year: numbers.rounded(ore, 0) for year, ore in self.ore.series.items()}
        )
        self.ore_per_utente = _named(self.ore.ogni(self.utenti), "Ore per utente", "ore")

    def _total(self, measure: str) -> Figure:
        return self.libro.cifra(f"servizi_sub_ambito/{self.code}/{measure}/totale")

    @property
    def spinta(self) -> Said:
        """``perché un’ora costa di più: le ore calano``: what moved the cost, hours or their price; absent without a year before.

        Of two that push the same way, the one that pushes more; nothing where the cost did not move.
        """
        cost, hours, price = (self._rate(figure) for figure in (self.costo, self.ore, self.per_ora))
        if not cost or not (hours or price):
            raise Absent(self.costo.code, self.libro.year, "nessuna variazione")
        by_price = price * cost > 0 and abs(price) > abs(hours if hours * cost > 0 else 0)
        what = (
            f"un’ora costa {'di più' if price > 0 else 'di meno'}"
            if by_price
            else (f"le ore {'crescono' if hours > 0 else 'calano'}")
        )
        other, name = (hours, "le ore") if by_price else (price, "il costo di un’ora")
        if other * cost > 0:
            return Said(f"soprattutto perché {what}").of(self.costo, self.ore)
        verb = {1: "cresce", -1: "cala", 0: "è lo stesso"}[(other > 0) - (other < 0)]
        plural = {"cresce": "crescono", "cala": "calano", "è lo stesso": "sono le stesse"}
        return Said(f"perché {what}, mentre {name} {plural[verb] if by_price else verb}").of(self.costo, self.ore)

    def _rate(self, figure: Figure) -> Decimal:
        """The change of a figure since the year before, as a share of it."""
        before = figure.prima.valore
        if not before or not figure.differenza:
            raise Absent(figure.code, self.libro.year, "nessun confronto")
        return figure.valore / before - 1

    @property
    def unitari(self) -> list[Figure]:
        """The computed costs and hours."""
        return [self.per_ora, self.per_utente, self.ore_per_utente]

    # -- by sub-ambito

    @cached_property
    def tabella(self) -> pd.DataFrame | None:
        """Users, hours and cost by sub-ambito over three years; None where the year is not published."""
        return per_sub_ambito.of(self.libro, self.code, list(self.misure)) if self.costo.nota else None

    @cached_property
    def costi(self) -> Figures:
        """The cost of each sub-ambito, of those from elsewhere and of all; those at zero are left out."""
        group = self._measure("costo")
        return group.solo(*(code for code in group if group[code].nota and group[code].valore))

    @cached_property
    def sub_ambiti(self) -> Figures:
        """The cost of the six sub-ambiti."""
        return self._measure("costo").senza(*per_sub_ambito.outside(self.libro.package))

    @cached_property
    def quota_prima(self) -> Figure:
        """The share of the sub-ambito with the largest cost."""
        return self.sub_ambiti.massima.quota(self.costo)

    @cached_property
    def _pro_capite(self) -> Figures:
        users = self._measure("utenti")

        def each(code: str) -> Figure:
            cost = self.sub_ambiti[code]
            return _named(cost.ogni(users[code]), cost.name, "EUR/persona")

        make = {code: partial(each, code) for code in self.sub_ambiti}
        return Figures(f"{self.code}: costo per utente", make, self.libro.year)

    @cached_property
    def pro_capite(self) -> pd.DataFrame | None:
        """The cost of a user in each sub-ambito over three years; those from elsewhere are one or two persons."""
        frame = some(long(self._pro_capite)) if self.costo.nota else None
        return None if frame is None else frame.rename(columns={CODE: "sub_ambito"}).drop(columns="indicatore")

    @property
    def forbice(self) -> Said:
        """The lowest and highest cost of a user: ``da € 5.000,00 (Soncino) a € 8.000,00 (Crema)``."""
        return _spread(self._pro_capite)

    def _measure(self, measure: str) -> Figures:
        return self.libro.cifre(f"servizi_sub_ambito/{self.code}/{measure}")

    # -- the municipalities that joined

    @cached_property
    def adesioni(self) -> pd.DataFrame | None:
        """The municipalities of each sub-ambito and those that joined; None where the year has none."""
        return per_sub_ambito.of(self.libro, self.code, list(self.misure_adesioni)) if self.aderenti.nota else None

    @property
    def adesione_completa(self) -> Said:
        """In how many sub-ambiti all joined: ``quattro sub-ambiti su sei``."""
        shares = self._measure("quota-adesione").note
        if not shares:
            raise Absent(self.quota_adesione.code, self.libro.year)
        full = sum(share.valore == 100 for share in shares)
        return Said(f"{phrases.count(full, AREA, words=True)} su {phrases.spelled(len(shares))}")


class Accreditati:
    """The four services one beside the other, and together."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self.nomi = named(libro.package, "servizi-accreditati")
        self.servizi = [Servizio(libro, code) for code in self.nomi]
        self.indicatori = libro.cifre("accreditati-indicatori")
        self.utenti = [self.indicatori[f"{code}/utenti"] for code in self.nomi]
        self.costo = _sum([service.costo for service in self.servizi])
        self.ore = _sum([service.ore for service in self.servizi])

    @cached_property
    def quota_ore(self) -> Figure:
        """The share of the hours that are the SAAP's."""
        return self.servizi[0].ore.quota(self.ore)

    @cached_property
    def quota_costo(self) -> Figure:
        """The share of the cost that is the SAAP's."""
        return self.servizi[0].costo.quota(self.costo)

    @cached_property
    def costi(self) -> Figures:
        """The cost of each service and, as ``totale``, of the four (computed)."""
        make = {service.code: partial(replace, service.costo, name=service.nome) for service in self.servizi}
        make["totale"] = partial(replace, self.costo, name="Totale dei quattro servizi")
        return Figures("servizi accreditati: costo", make, self.libro.year)

    @cached_property
    def per_ora(self) -> Figures:
        """The cost of an hour of each service."""
        make = {service.code: partial(replace, service.per_ora, name=service.nome) for service in self.servizi}
        return Figures("servizi accreditati: costo per ora", make, self.libro.year)

    @property
    def forbice_ora(self) -> Said:
        """The lowest and highest cost of an hour: ``da € 23,27 (SIP) a € 27,07 (ADM/ADEA)``."""
        return _spread(self.per_ora)

    @cached_property
    def comuni(self) -> list[Figure]:
        """How many municipalities use each service, as the table of indicators has it."""
        known = listed(self.libro.package, "servizi-accreditati")
        return [replace(self.indicatori[f"{code}/{count}"], name=name) for code, (name, count) in known.items()]

    # -- by sub-ambito

    @cached_property
    def sub_ambiti(self) -> Figures:
        """The cost of the four services together in each of the six sub-ambiti (computed)."""
        costs = [service.sub_ambiti for service in self.servizi]

        def together(code: str) -> Figure:
            return replace(_sum([group[code] for group in costs]), name=costs[0][code].name)

        make = {code: partial(together, code) for code in costs[0]}
        return Figures("servizi accreditati: costo per sub-ambito", make, self.libro.year)

    @cached_property
    def per_sub_ambito(self) -> pd.DataFrame | None:
        """The cost of the year by ``sub_ambito`` and ``servizio``; the service ``insieme`` is the sum (computed)."""
        rows = [
            (code, figure.name, service.code, figure.valore, figure.corrections())
            for service in self.servizi
            for code, figure in ((code, service.costi[code]) for code in service.costi)
        ]
        if not rows:
            return None
        frame = pd.DataFrame(rows, columns=["sub_ambito", "nome", "servizio", "valore", COLUMN])
        sums = frame.groupby(["sub_ambito", "nome"], as_index=False, sort=False).agg(
            {"valore": "sum", COLUMN: together}
        )
        frame = pd.concat([frame, sums.assign(servizio="insieme")], ignore_index=True)
        return frame.sort_values("sub_ambito", key=lambda codes: codes == "totale", kind="stable", ignore_index=True)

    @property
    def dei_sub_ambiti(self) -> pd.DataFrame | None:
        """The same, of the six sub-ambiti and the four services only."""
        frame, outside = self.per_sub_ambito, per_sub_ambito.outside(self.libro.package)
        return None if frame is None else frame[~frame["sub_ambito"].isin(outside) & (frame["servizio"] != "insieme")]

    # -- the two counts of the users

    @property
    def utenti_diversi(self) -> Said:
        """Where two tables of one document give other users, this year or the one before; absent without.

        ``nel 2024 SAAP 989 e 883, SAD 266 e 172; nel 2025 SAAP 1.001 e 877``: first those by sub-ambito.
        """
        years = []
        for year in (self.libro.year - 1, self.libro.year):
            pairs = [
                f"{service.nome} {numbers.number(service.utenti.series[year])} e {numbers.number(told.series[year])}"
                for service, told in zip(self.servizi, self.utenti)
                if year in told.series and service.utenti.series.get(year, told.series[year]) != told.series[year]
            ]
            years += [f"nel {year} {', '.join(pairs)}"] if pairs else []
        return self._told("; ".join(years))

    @property
    def segno_contrario(self) -> Said:
        """The services whose users grow in one of those tables and fall in the other, by name; absent without."""
        now, before = self.libro.year, self.libro.year - 1
        names = []
        for service, told in zip(self.servizi, self.utenti):
            counts = [figure.series for figure in (service.utenti, told) if {now, before} <= set(_since_break(figure))]
            if len(counts) == 2 and (counts[0][now] - counts[0][before]) * (counts[1][now] - counts[1][before]) < 0:
                names.append(service.nome)
        return self._told(phrases.listing(names))

    def _told(self, text: str) -> Said:
        if not text:
            raise Absent("accreditati-indicatori: utenti", self.libro.year, "nessuna differenza")
        return Said(text)


def _since_break(figure: Figure) -> dict:
    """The years of a series that can be compared with its own."""
    start = max((year for year in figure.nature.breaks if year <= figure.year), default=0)
    return {year: value for year, value in figure.series.items() if year >= start}


def _named(figure: Figure, name: str, unit: str) -> Figure:
    return replace(figure, name=name, nature=replace(figure.nature, unit=unit))


def _sum(figures: list[Figure]) -> Figure:
    total = figures[0]
    for figure in figures[1:]:
        total = total + figure
    return total


def _spread(figures: Figures) -> Said:
    low, high = figures.minima, figures.massima
    return Said(f"da {low.cifre} ({low.name}) a {high.cifre} ({high.name})").of(low, high)
