"""The accredited home and school services: who used them, for how long, at what cost.

Users, hours and cost by sub-ambito are printed data (``servizi_sub_ambito``); the costs
per hour and per user are computed from the printed totals, never from partial sums.
"""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from annuario import numbers, phrases
from annuario.data import Vintage
from cremasca import sub_ambiti

#: The services with data by sub-ambito, in the order of the reports.
NAMES = {"saap": "SAAP", "sad": "SAD", "adm": "ADM/ADEA", "sip": "SIP"}
MEASURES = ("utenti", "ore", "costo")
MEMBERSHIP = {"comuni": "Comuni", "comuni-aderenti": "Aderenti", "quota-adesione": "Quota"}
#: The lines of the budget card that concern the accredited services, by the start of their code.
CARD_LINES = ("saap", "sad", "adm", "sip", "aid", "servizi-accreditati-")
#: Years before the edition's in which earlier documents are searched for a comparison.
LONG = 9
#: Decimals kept of a computed cost: two are printed, the others keep its changes exact.
PRECISION = 4


class Service:
    """One accredited service as an edition sees it.

    ``users``, ``hours`` and ``cost`` map every published year up to the edition's to the
    printed total (hours in hours, cost in EUR); ``per_hour``, ``per_user`` (EUR) and
    ``hours_per_user`` are computed from them.
    """

    def __init__(self, edition: Vintage, code: str):
        self.code, self.name, self.year = code, NAMES[code], edition.year
        self._all = sub_ambiti.of(edition, code, list(MEASURES), years=LONG)
        self.recent = self._all[self._all["anno"].isin(edition.years())]
        self.membership = sub_ambiti.of(edition, code, list(MEMBERSHIP))
        self.users, self.hours, self.cost = (self._totals(measure) for measure in MEASURES)
        self.per_hour = _ratio(self.cost, self.hours)
        self.per_user = _ratio(self.cost, self.users)
        self.hours_per_user = _ratio(self.hours, self.users)

    def _totals(self, measure: str) -> dict[int, Decimal]:
        rows = self._all[(self._all["sub_ambito"] == "totale") & (self._all["misura"] == measure)]
        return dict(sorted(zip(rows["anno"], rows["valore"])))

    @property
    def known(self) -> bool:
        """Whether the edition's own year is published."""
        return self.year in self.cost

    @property
    def has_membership(self) -> bool:
        """Whether the municipalities that joined are published for the edition's year."""
        return self.year in set(self.membership["anno"])

    def unit_costs(self) -> pd.DataFrame:
        """Cost per hour and per user, hours per user, for the edition's three years.

        Columns ``indicatore``, ``nome``, ``unita``, ``anno``, ``valore``.
        """
        lines = {"costo-ora": ("Costo per ora", "EUR/ora", self.per_hour),
                 "costo-utente": ("Costo per utente", "EUR/persona", self.per_user),
                 "ore-utente": ("Ore per utente", "ore", self.hours_per_user)}  # fmt: skip
        rows = [
            {"indicatore": code, "nome": name, "unita": unit, "anno": year, "valore": series[year]}
            for code, (name, unit, series) in lines.items()
            for year in sorted(set(self.recent["anno"]))
            if year in series
        ]
        return pd.DataFrame(rows)

    def shares(self) -> pd.DataFrame:
        """The cost of the edition's year by sub-ambito, with the printed total; no empty rows."""
        rows = self._all[(self._all["anno"] == self.year) & (self._all["misura"] == "costo")]
        return rows[rows["valore"] != 0]

    def users_costs(self) -> pd.DataFrame:
        """Cost per user of each of the six sub-ambiti in the edition's three years, in EUR.

        Columns ``sub_ambito``, ``nome``, ``anno``, ``valore``. Users from outside the
        ambito are left out: they are one or two persons.
        """
        wide = self.recent[~self.recent["sub_ambito"].isin(["totale", "fuori-ambito"])].pivot(
            index=["sub_ambito", "nome", "anno"], columns="misura", values="valore"
        )
        wide = wide[wide["utenti"] != 0].reset_index()
        order = list(dict.fromkeys(self.recent["sub_ambito"]))
        wide = wide.sort_values("sub_ambito", key=lambda codes: codes.map(order.index), kind="stable")
        wide["valore"] = [numbers.rounded(cost / users, PRECISION) for cost, users in zip(wide["costo"], wide["utenti"])]
        return wide[["sub_ambito", "nome", "anno", "valore"]].reset_index(drop=True)

    def costs_here(self) -> dict[str, Decimal]:
        """The cost of the edition's year, by name of sub-ambito."""
        rows = self.shares()
        rows = rows[~rows["sub_ambito"].isin(["totale", "fuori-ambito"])]
        return dict(zip(rows["nome"], rows["valore"]))

    def users_costs_here(self) -> dict[str, Decimal]:
        """The cost per user of the edition's year, by name of sub-ambito."""
        rows = self.users_costs()
        rows = rows[rows["anno"] == self.year]
        return dict(zip(rows["nome"], rows["valore"]))

    def top_share(self) -> str:
        """What the dearest sub-ambito takes: ``il primo assorbe il 29 % della spesa``."""
        costs = self.costs_here()
        share = max(costs.values()) / self.cost[self.year] * 100
        return f"il primo assorbe {phrases.the_percent(share)} della spesa"

    def spread(self) -> str:
        """The lowest and highest cost per user: ``da € 5.000,00 (Soncino) a € 8.000,00 (Crema)``."""
        costs = self.users_costs_here()
        low, high = min(costs, key=costs.get), max(costs, key=costs.get)
        return f"da {numbers.euro(costs[low])} ({low}) a {numbers.euro(costs[high])} ({high})"

    def joined(self) -> str:
        """How many municipalities joined: ``45 Comuni su 48, il 94 %; l’adesione è completa in…``."""
        rows = self.membership[self.membership["anno"] == self.year]
        totals = rows[rows["sub_ambito"] == "totale"].set_index("misura")["valore"]
        parts = rows[(rows["sub_ambito"] != "totale") & (rows["misura"] == "quota-adesione")]
        full = phrases.count(sum(parts["valore"] == 100), phrases.Noun("sub-ambito", "sub-ambiti"), words=True)
        return (
            f"{phrases.count(totals['comuni-aderenti'], 'Comuni')} su {numbers.number(totals['comuni'])}, "
            f"{phrases.the_percent(totals['quota-adesione'])}; l’adesione è completa in {full} su {phrases.spelled(len(parts))}"
        )


def services(edition: Vintage) -> dict[str, Service]:
    """The four services by code."""
    return {code: Service(edition, code) for code in NAMES}


def total_cost(services_: dict[str, Service]) -> dict[int, Decimal]:
    """The cost of the services together, for the years in which all are published (computed)."""
    years = set.intersection(*(set(service.cost) for service in services_.values()))
    return {year: sum(service.cost[year] for service in services_.values()) for year in sorted(years)}


def hour_spread(services_: dict[str, Service], year: int) -> str:
    """The lowest and highest cost of an hour: ``€ 23,27 (SIP) a € 27,07 (ADM/ADEA)``."""
    costs = {service.name: service.per_hour[year] for service in services_.values() if year in service.per_hour}
    low, high = min(costs, key=costs.get), max(costs, key=costs.get)
    return f"{numbers.euro(costs[low])} ({low}) a {numbers.euro(costs[high])} ({high})"


def by_service(services_: dict[str, Service], measure: str, years: set[int]) -> pd.DataFrame:
    """One measure of each service over some years, service by service.

    ``measure`` names a series of :class:`Service`, such as ``cost`` or ``per_hour``.
    Columns ``servizio``, ``nome``, ``anno``, ``valore``.
    """
    rows = [
        {"servizio": code, "nome": service.name, "anno": year, "valore": value}
        for code, service in services_.items()
        for year, value in getattr(service, measure).items()
        if year in years
    ]
    return pd.DataFrame(rows)


def with_total(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The frame of :func:`by_service` and, last, the sum of each year (computed)."""
    sums = frame.groupby("anno", as_index=False)["valore"].sum()
    return pd.concat([frame, sums.assign(servizio="totale", nome=name)], ignore_index=True)


def by_service_and_sub_ambito(services_: dict[str, Service]) -> pd.DataFrame:
    """The cost of the edition's year by sub-ambito and service, with the printed totals.

    Columns ``sub_ambito``, ``nome``, ``servizio``, ``valore``; the service ``insieme`` is
    the sum of the four (computed).
    """
    rows = pd.concat([service.shares() for service in services_.values()], ignore_index=True)
    sums = rows.groupby(["sub_ambito", "nome"], as_index=False, sort=False)["valore"].sum()
    found = pd.concat([rows[["sub_ambito", "nome", "servizio", "valore"]], sums.assign(servizio="insieme")], ignore_index=True)
    total = found["sub_ambito"] == "totale"
    return pd.concat([found[~total], found[total]], ignore_index=True)


def by_sub_ambito(services_: dict[str, Service]) -> pd.DataFrame:
    """The same frame with the printed costs of the six sub-ambiti only: no sums, no totals."""
    frame = by_service_and_sub_ambito(services_)
    return frame[~frame["sub_ambito"].isin(["totale", "fuori-ambito"]) & (frame["servizio"] != "insieme")]


def costs_together(services_: dict[str, Service]) -> dict[str, Decimal]:
    """The cost of the four services in the edition's year (computed), by name of sub-ambito."""
    frame = by_service_and_sub_ambito(services_)
    frame = frame[(frame["servizio"] == "insieme") & ~frame["sub_ambito"].isin(["totale", "fuori-ambito"])]
    return dict(zip(frame["nome"], frame["valore"]))


def members(edition: Vintage, services_: dict[str, Service]) -> pd.DataFrame:
    """How many municipalities use each service, over the edition's three years.

    From the membership by sub-ambito where it is published, else from the indicators.
    Columns ``servizio``, ``nome``, ``anno``, ``valore``.
    """
    rows = []
    for code, service in services_.items():
        joined = service.membership
        joined = joined[(joined["sub_ambito"] == "totale") & (joined["misura"] == "comuni-aderenti")]
        if service.has_membership:
            series = dict(zip(joined["anno"], joined["valore"]))
        else:
            known = edition.package.read("definizioni")["indicatore"]
            indicator = f"accreditati-indicatori/{code}/comuni"
            series = edition.series(indicator) if indicator in set(known) else {}
        rows += [{"servizio": code, "nome": service.name, "anno": year, "valore": value} for year, value in series.items()]
    return pd.DataFrame(rows, columns=["servizio", "nome", "anno", "valore"])


def differing_users(edition: Vintage, services_: dict[str, Service]) -> str:
    """Where the two tables of one document give other numbers of users, this year or the one before.

    ``nel 2024 SAAP 989 e 883, SAD 266 e 172; nel 2025 SAAP 1.001 e 877``: first those by sub-ambito.
    """
    years = []
    for year in (edition.year - 1, edition.year):
        pairs = [
            f"{service.name} {numbers.number(service.users[year])} e {numbers.number(told[year])}"
            for service, told in _users(edition, services_)
            if year in told and service.users.get(year, told[year]) != told[year]
        ]
        years += [f"nel {year} {', '.join(pairs)}"] if pairs else []
    return "; ".join(years)


def contrary_users(edition: Vintage, services_: dict[str, Service]) -> list[str]:
    """The services whose users grow in one of those tables and fall in the other, by name."""
    now, before = edition.year, edition.year - 1
    return [
        service.name
        for service, told in _users(edition, services_)
        if {now, before} <= set(told) & set(service.users)
        and (service.users[now] - service.users[before]) * (told[now] - told[before]) < 0
    ]


def _users(edition: Vintage, services_: dict[str, Service]) -> list[tuple[Service, dict[int, Decimal]]]:
    """Each service with the users that the table of indicators gives, by year."""
    return [(service, edition.series(f"accreditati-indicatori/{code}/utenti")) for code, service in services_.items()]


def _ratio(above: dict[int, Decimal], below: dict[int, Decimal]) -> dict[int, Decimal]:
    return {year: numbers.rounded(value / below[year], PRECISION) for year, value in above.items() if below.get(year)}
