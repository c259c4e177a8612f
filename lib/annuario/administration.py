"""Frames of the administrative unit: what its services cost, what a placement costs.

Costs come from the budget cards; a sum of lines is computed and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from annuario import numbers, phrases
from annuario.data import Vintage

#: Years before the edition's in which earlier documents are searched for a comparison.
LONG = 9


def earlier(series: Mapping[int, Decimal], year: int) -> int | None:
    """The last year before ``year`` that a series knows."""
    return max((known for known in series if known < year), default=None)


def compared(series: Mapping[int, Decimal], year: int, agree: str = "ms") -> str:
    """A value against the last earlier one known: ``in aumento del 4,1 % rispetto al 2021``."""
    before = earlier(series, year)
    if before is None:
        return "primo dato pubblicato"
    return phrases.change(series.get(year), series[before], before, agree)


def units_of_offer(edition: Vintage) -> pd.DataFrame:
    """The printed table of the units of offer: ``voce``, ``nome``, ``misura``, ``valore``."""
    frame = edition.indicators("cpe-accreditamento", years=1)
    frame = frame[frame["misura"].isin(["esercizio", "accreditate"]) & (frame["sede"] == "tabella")]
    return frame.assign(nome=[name.rpartition(" – ")[0] for name in frame["nome"]])


def budget_lines(edition: Vintage, prefixes: str | tuple[str, ...], card: str = "gestione-associata") -> pd.DataFrame:
    """The lines of a card whose code begins so: ``voce``, ``nome``, ``fase``, ``valore`` in EUR.

    ``nome`` is the line's standard name, without the service's where all lines repeat it;
    lines that are zero in both phases are left out. Empty where the card has no outcome
    for the edition's year.
    """
    frame = edition.budget(card)
    frame = frame[frame["voce"].str.startswith(prefixes)]
    if "consuntivo" not in set(frame["fase"]):
        return frame.iloc[:0].assign(nome="")
    names = edition.package.read("voci").set_index("voce")["nome"]
    labels = frame["voce"].map(names)
    if labels.str.contains(" – ").all():
        labels = labels.str.partition(" – ")[2].map(lambda text: text[0].upper() + text[1:])
    used = frame.groupby("voce")["valore"].transform(lambda values: any(value != 0 for value in values))
    return frame.assign(nome=labels)[used].reset_index(drop=True)


def action_lines(edition: Vintage, title: str, card: str = "gestione-associata") -> pd.DataFrame:
    """The lines of one action of a card, named by its title, as :func:`budget_lines` gives them."""
    frame = edition.budget(card)
    codes = tuple(frame.loc[frame["titolo"] == title, "voce"])
    return budget_lines(edition, codes, card) if codes else frame.iloc[:0].assign(nome="")


def phase_totals(lines: pd.DataFrame) -> dict[str, Decimal]:
    """The sum of the lines in each phase (computed), in EUR."""
    return {phase: sum(rows["valore"], Decimal(0)) for phase, rows in lines.groupby("fase")}


def outcomes(edition: Vintage, prefixes: str | tuple[str, ...], card: str = "gestione-associata") -> dict[int, Decimal]:
    """The sum of the lines at the close of each published year up to the edition's, in EUR."""
    frame = edition.table("bilancio", scheda=card, canale="totale", fase="consuntivo")
    frame = frame[frame["voce"].str.startswith(prefixes)]
    return {year: sum(rows["valore"], Decimal(0)) for year, rows in frame.groupby("anno")}


def yearly(series: Mapping[int, Decimal], name: str, unit: str = "EUR") -> pd.DataFrame:
    """A series as a frame of one indicator: ``indicatore``, ``nome``, ``unita``, ``anno``, ``valore``."""
    rows = [{"indicatore": name, "nome": name, "unita": unit, "anno": year, "valore": value} for year, value in series.items()]
    return pd.DataFrame(rows)


def fund(edition: Vintage, code: str) -> dict[int, Decimal]:
    """What an institutional fund assigned in each published year up to the edition's, in EUR."""
    frame = edition.table("fondi", gruppo="fondi-istituzionali", fondo=code)
    return dict(sorted(zip(frame["anno"], frame["valore"])))


PLACEMENTS = {"affido": ("Affido", "affidi"), "comunita": ("Comunità (minori)", "comunita"),
              "cdm": ("Centro diurno minori", "cdm"), "mamme": ("Comunità (mamme)", "mamme")}  # fmt: skip


def placement_costs(edition: Vintage) -> pd.DataFrame:
    """The fees for each kind of placement divided by the cases, over three years (computed).

    Columns ``indicatore``, ``nome``, ``unita``, ``anno``, ``valore`` in EUR a case.
    """
    rows = []
    for code, (name, line) in PLACEMENTS.items():
        costs, cases = edition.series(f"rette-costi/{line}"), edition.series(f"rette-casi/{code}")
        rows += _per_case(code, name, costs, cases)
    return pd.DataFrame(rows)


def average_placement_costs(edition: Vintage) -> pd.DataFrame:
    """The two averages of the reports, over three years (computed), in EUR a case.

    Minors and mothers without foster care: the total less foster care, over the cases less
    foster care. Minors only: the total less mothers, over the cases less mothers.
    """
    costs, cases = ({line: edition.series(f"rette-{kind}/{line}") for line in lines}
                    for kind, lines in (("costi", ("totale", "affidi", "mamme")), ("casi", ("totale", "affido", "mamme"))))  # fmt: skip
    rows = _per_case("senza-affidi", "Minori e mamme, esclusi gli affidi", _less(costs, "affidi"), _less(cases, "affido"))
    rows += _per_case("minori", "Solo minori", _less(costs, "mamme"), _less(cases, "mamme"))
    return pd.DataFrame(rows)


def _less(series: dict[str, dict[int, Decimal]], line: str) -> dict[int, Decimal]:
    return {year: value - series[line][year] for year, value in series["totale"].items() if year in series[line]}


def _per_case(code: str, name: str, costs: dict[int, Decimal], cases: dict[int, Decimal]) -> list[dict]:
    return [
        {"indicatore": code, "nome": name, "unita": "EUR/persona", "anno": year, "valore": numbers.rounded(cost / cases[year], 2)}
        for year, cost in costs.items()
        if cases.get(year)
    ]


def word_table(edition: Vintage, group: str) -> pd.DataFrame:
    """A printed table of words of this very edition, one column a kind of cell.

    The codes ``voce`` are ``row/column``. Empty where the edition prints no such table.
    """
    frame = edition.table("testi_tabella", gruppo=group, edizione=edition.id)
    if frame.empty:
        return frame
    place = frame["voce"].str.partition("/")
    wide = frame.assign(riga=place[0], colonna=place[2]).pivot(index="riga", columns="colonna", values="testo")
    return wide.loc[list(dict.fromkeys(place[0]))].reset_index()
