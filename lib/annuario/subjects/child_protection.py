"""Frames of the child protection service: movement of the cases, who reports them, workloads."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from annuario import numbers, phrases, trends
from annuario.data import Vintage

ROLES = {"assistente-sociale": "Assistente sociale", "educatore": "Educatore", "psicologo": "Psicologo"}
ROLE_NOUNS = {
    "assistente-sociale": phrases.Noun("assistente sociale", "assistenti sociali"),
    "educatore": phrases.Noun("educatore", "educatori"),
    "psicologo": phrases.Noun("psicologo", "psicologi"),
}
#: Headings of what is measured of each operator, in the order of the documents.
LOADS = {
    "somma-peso": "Somma pesi",
    "casi": "Casi",
    "peso-medio": "Peso medio",
    "ore-settimanali": "Ore sett.",
    "carico-ore": "Carico su ore",
    "peso-massimo": "Peso max",
    "carico-100": "Carico su 100",
}
PLACEMENTS = ("etero-famigliari", "parenti", "associazione", "altre-strutture")


@dataclass(frozen=True)
class Balance:
    """The published movement of one year, and the last figure of the year before."""

    year: int
    initial: Decimal
    new: Decimal
    closed: Decimal
    final: Decimal
    before: Decimal | None

    @property
    def computed(self) -> Decimal:
        """What there was, plus what came, minus what went."""
        return self.initial + self.new - self.closed

    @property
    def gap(self) -> Decimal:
        """How far the computed figure is from the published one."""
        return self.computed - self.final

    @property
    def jump(self) -> Decimal:
        """How far the year starts from where the year before ended (0 where unknown)."""
        return Decimal(0) if self.before is None else self.initial - self.before


def balances(edition: Vintage) -> dict[int, Balance]:
    """The movement of the cases over three years, year by year, oldest first: only years known in full."""
    rows = ("in-carico-01-01", "nuovi-casi", "casi-chiusi", "in-carico-31-12")
    initial, new, closed, final = (edition.series(f"tm-flussi/{row}") for row in rows)
    return {
        year: Balance(year, initial[year], new[year], closed[year], final[year], final.get(year - 1))
        for year in final
        if year in initial and year in new and year in closed
    }


def balance_rows(movement: dict[int, Balance]) -> pd.DataFrame:
    """What the movement should give and what is published, a row each: ``voce``, ``anno``, ``valore``."""
    rows = {
        "saldo": ("Saldo calcolato: iniziali + nuovi − chiusi", lambda each: each.computed),
        "finale": ("In carico al 31 dicembre, pubblicato", lambda each: each.final),
        "scarto": ("Differenza", lambda each: each.gap),
        "prima": ("In carico al 31 dicembre dell’anno prima", lambda each: each.before),
        "iniziale": ("In carico al 1° gennaio, pubblicato", lambda each: each.initial),
        "salto": ("Differenza", lambda each: None if each.before is None else each.jump),
    }
    return pd.DataFrame(
        [
            {"voce": code, "nome": name, "anno": year, "valore": value(each), "unita": "minori"}
            for code, (name, value) in rows.items()
            for year, each in movement.items()
        ]
    )


def unbalanced(movement: dict[int, Balance]) -> str:
    """``571 minori nel 2019 (pubblicati: 576) e 670…``: the years that do not add up."""
    return phrases.listing(
        [
            f"{phrases.count(each.computed, 'minori')} nel {year} (pubblicati: {numbers.number(each.final)})"
            for year, each in movement.items()
            if each.gap
        ]
    )


def discontinuous(movement: dict[int, Balance]) -> str:
    """``il 2024 si apre con 764 minori, otto in più di quelli al 31 dicembre 2023``, and so on."""
    return "; ".join(
        [
            f"il {year} si apre con {phrases.count(each.initial, 'minori')}, "
            f"{trends.more_or_less(each.jump)} di quelli pubblicati al 31 dicembre {year - 1}"
            for year, each in movement.items()
            if each.jump
        ]
    )


def uneven_totals(sums: dict[int, Decimal], printed: dict[int, Decimal]) -> str:
    """``670 nel 2020 (anziché 676)``: the years where a sum is not the figure it should be."""
    return phrases.listing(
        [
            f"{numbers.number(total)} nel {year} (anziché {numbers.number(printed[year])})"
            for year, total in sums.items()
            if year in printed and total != printed[year]
        ]
    )


def sums(frame: pd.DataFrame) -> dict[int, Decimal]:
    """The sum of ``valore`` by year."""
    return frame.groupby("anno")["valore"].sum().to_dict()


def by_area(edition: Vintage, service: str, measures: list[str], years: int = 3) -> pd.DataFrame:
    """A service by sub-ambito, in the official order, the total last."""
    frame = edition.sub_ambiti(service, measures, years)
    return frame.sort_values(["ordine", "anno"], kind="stable")


def orders(edition: Vintage) -> pd.DataFrame:
    """The minors by kind of court order at the end of the year, with names short enough for a chart."""
    frame = edition.indicators("tm-provvedimenti", years=1)
    return frame.assign(nome=[name.partition(" (")[0] for name in frame["nome"]])


def reporters(edition: Vintage) -> pd.DataFrame:
    """Who reported to the Procura, in the year: the named ones and, by difference, the others."""
    named = edition.indicators("tm-segnalanti", years=1)
    inquiries = edition.value("tm-provvedimenti/procura-altro")
    return _with_rest(named, inquiries, "tm-segnalanti/altri")


def mandates(edition: Vintage) -> pd.DataFrame:
    """The mandates of the courts: inquiries, civil cases and, by difference, the others."""
    named = edition.indicators(["tm-provvedimenti/procura-altro", "tm-testo/incarichi-civili"], years=1)
    if len(named) < 2:
        return named.iloc[:0]
    named = named.assign(nome=["Indagini della Procura", "Procedimenti civili"])
    every = edition.value("tm-testo/incarichi-autorita-giudiziaria")
    return _with_rest(named, every, "tm-testo/incarichi-altri")


def teams(edition: Vintage) -> pd.DataFrame:
    """The minors followed in the year: in foster care and, by difference, the others."""
    foster = edition.indicators(["tm-affidi/in-carico"], years=1).assign(nome="Équipe Affidi")
    every = edition.value("tm-flussi/in-carico-anno")
    return _with_rest(foster, every, "tm-flussi/altri", "Resto del servizio")


def _with_rest(
    named: pd.DataFrame, whole: Decimal | None, code: str, name: str = "Altri (per differenza)"
) -> pd.DataFrame:
    """Parts of a whole and, as one more row, what is left of it."""
    if named.empty or whole is None:
        return named.iloc[:0]
    rest = {"indicatore": code, "nome": name, "valore": whole - sum(named["valore"])}
    rest |= {"anno": named["anno"].iloc[0], "unita": named["unita"].iloc[0], "da": ""}
    return pd.concat([named, pd.DataFrame([rest])], ignore_index=True)


def workloads(edition: Vintage) -> pd.DataFrame:
    """The weighing of the year: one row an operator and a measure.

    ``nome`` is the operator's role and number, ``profilo`` the role.
    """
    frame = edition.table("carichi_lavoro", anno=edition.year)
    names = [f"{ROLES[row.ruolo]} {row.operatore.rpartition('-')[2]}" for row in frame.itertuples()]
    return frame.assign(nome=names, profilo=frame["ruolo"].map(ROLES))


def load_titles(loads: pd.DataFrame) -> dict[str, str]:
    """The measures that a weighing has, with their headings."""
    found = set(loads["misura"])
    return {code: title for code, title in LOADS.items() if code in found}


def staff(loads: pd.DataFrame) -> str:
    """``7 assistenti sociali, 3 educatori e 4 psicologi``: the operators weighed, by role."""
    counted = loads.groupby("ruolo", sort=False)["operatore"].nunique()
    return phrases.listing([phrases.count(number, ROLE_NOUNS[role]) for role, number in counted.items()])


def per_operator(loads: pd.DataFrame) -> str:
    """``102 casi per assistente sociale, 58 per educatore…``: mean cases of each role."""
    cases = loads[loads["misura"] == "casi"]
    parts = []
    for role, rows in cases.groupby("ruolo", sort=False):
        mean = numbers.number(sum(rows["valore"]) / len(rows), 0)
        parts.append(f"{mean} {'casi ' if not parts else ''}per {ROLE_NOUNS[role].singular}")
    return phrases.listing(parts)


def area_movements(frame: pd.DataFrame, year: int) -> str:
    """``Rispetto al 2024 l’aumento maggiore è a Pandino (+21), …``; empty with no year before."""
    areas = frame[~frame["sub_ambito"].isin(["fuori-ambito", "senza-residenza", "totale"])]
    before = trends.last_before(dict.fromkeys(areas["anno"]), year)
    if before is None:
        return ""
    by_year = {each: rows.set_index("nome")["valore"] for each, rows in areas.groupby("anno")}
    changes = {name: value - by_year[before][name] for name, value in by_year[year].items() if name in by_year[before]}
    parts = []
    for name, extreme in (("l’aumento", max(changes.values())), ("il calo", min(changes.values()))):
        if extreme > 0 if name == "l’aumento" else extreme < 0:
            places = phrases.listing([place for place, value in changes.items() if value == extreme])
            parts.append(f"{name} maggiore {'è ' if not parts else ''}a {places} ({numbers.signed(extreme)})")
    if not parts:
        return f"Nessun sub-ambito varia rispetto al {before}."
    return f"Rispetto al {before} {phrases.listing(parts)}."


def fewest(areas: dict[str, Decimal]) -> str:
    """The name with the smallest value, or those that share it: ``Bagnolo Cremasco e Soncino``."""
    return phrases.listing([name for name, value in areas.items() if value == min(areas.values())])


def foremost_placements(frame: pd.DataFrame) -> str:
    """``etero-famigliari (22), seguiti da quelli a parenti (21)``: the two commonest kinds."""
    kinds = {row.nome.removeprefix("Affidi "): row.valore for row in frame.itertuples()}
    order = sorted(kinds, key=lambda name: -kinds[name])
    first = [name for name in order if kinds[name] == kinds[order[0]]]
    if len(first) > 1:
        return f"{phrases.listing(first)} ({numbers.number(kinds[first[0]])} per ciascun tipo)"
    most, next_ = (f"{name} ({numbers.number(kinds[name])})" for name in order[:2])
    return f"{most}, seguiti da quelli {next_}"
