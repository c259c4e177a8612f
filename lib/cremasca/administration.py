"""Frames of the administrative unit: what its services cost, what a placement costs.

Costs come from the budget cards; a sum of lines is computed and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from annuario import numbers, phrases
from annuario.data import Vintage
from cremasca import budgets
from cremasca.accounts import largest
from cremasca.accredited import LONG, PRECISION

#: The budget card of the associated services.
ASSOCIATED = "gestione-associata"
#: Columns of the computed indicators.
COMPUTED = ["indicatore", "nome", "unita", "anno", "valore"]

PLACED = phrases.Noun("collocamento", "collocamenti")
PLACES = phrases.Noun("inserimento", "inserimenti")
SELECTIONS = phrases.Noun("procedimento di selezione", "procedimenti di selezione")
LEAVERS = phrases.Noun("dimissione", "dimissioni", feminine=True)
HIRES = phrases.Noun("assunzione", "assunzioni", feminine=True)
OBJECTIONS = phrases.Noun("contestazione", "contestazioni", feminine=True)
FINES = phrases.Noun("sanzione", "sanzioni", feminine=True)
SITES = phrases.Noun("struttura", "strutture", feminine=True)
DISCHARGED = phrases.Noun("utente dimesso", "utenti dimessi")
NEW_USERS = phrases.Noun("nuovo utente", "nuovi utenti")
ENDINGS = phrases.Noun("cessazione", "cessazioni", feminine=True)
RESOLUTIONS = phrases.Noun("deliberazione", "deliberazioni", feminine=True)
MINUTES = phrases.Noun("verbale", "verbali")
ACCIDENTS = phrases.Noun("infortunio dei dipendenti", "infortuni dei dipendenti")
#: The kinds of site that the ATS inspects.
INSPECTED = {
    "asili-nido": phrases.Noun("asilo nido", "asili nido"),
    "micro-nidi": phrases.Noun("micro-nido", "micro-nidi"),
    "alloggi-autonomia": phrases.Noun("alloggio per l’autonomia", "alloggi per l’autonomia"),
    "comunita-familiari": phrases.Noun("comunità familiare", "comunità familiari", feminine=True),
    "cah": phrases.Noun("CAH", "CAH"),
    "cse": phrases.Noun("CSE", "CSE"),
    "sfa": phrases.Noun("SFA", "SFA"),
}
RECORDS = phrases.Noun("anagrafica", "anagrafiche", feminine=True)


def summed(edition: Vintage, group: str) -> dict[int, Decimal]:
    """The sum of a group's indicators in each published year (computed)."""
    return edition.indicators(group, LONG).groupby("anno")["valore"].sum().to_dict()


def named(frame: pd.DataFrame, year: int) -> dict[str, Decimal]:
    """The values of one year by name, without the total."""
    rows = frame[(frame["anno"] == year) & (frame["voce"] != "totale")]
    return dict(zip(rows["nome"], rows["valore"]))


def series_of(frame: pd.DataFrame, indicator: str) -> dict[int, Decimal]:
    """One computed indicator of a frame by year."""
    rows = frame[frame["indicatore"] == indicator]
    return dict(zip(rows["anno"], rows["valore"]))


def units_of_offer(edition: Vintage) -> pd.DataFrame:
    """The printed table of the units of offer: ``voce``, ``nome``, ``misura``, ``valore``."""
    frame = edition.indicators("cpe-accreditamento", years=1)
    frame = frame[frame["misura"].isin(["esercizio", "accreditate"]) & (frame["sede"] == "tabella")]
    return frame.assign(nome=[name.rpartition(" – ")[0] for name in frame["nome"]])


def tally(frame: pd.DataFrame) -> str:
    """One year's inspections in words: ``13 asili nido, 2 micro-nidi e 1 CSE``."""
    return phrases.listing([phrases.count(row.valore, INSPECTED[row.voce]) for row in frame.itertuples()])


def findings(objections: Decimal, fines: Decimal) -> str:
    """``risultano 8 contestazioni e nessuna sanzione``; with neither, says so."""
    if not objections and not fines:
        return "non risultano contestazioni né sanzioni"
    verb = "risultano" if objections + fines > 1 else "risulta"
    return f"{verb} {phrases.count(objections, OBJECTIONS)} e {phrases.count(fines, FINES)}"


def accidents(number: Decimal) -> str:
    """``si sono avuti 2 infortuni dei dipendenti``; with none, says so."""
    if not number:
        return f"non si sono avuti {ACCIDENTS.plural}"
    return f"si {'è avuto' if number == 1 else 'sono avuti'} {phrases.count(number, ACCIDENTS)}"


UNITS_OF_OFFER = {"unita-offerta/esercizio": "Esercite al funzionamento", "unita-offerta/accreditate": "Accreditate",
                  "sperimentali-attive/accreditate": "Sperimentali attive", "non-normate-attive/accreditate": "Non normate attive"}  # fmt: skip


def units_over_years(edition: Vintage) -> pd.DataFrame:
    """How many units of offer there were in each published year, by kind: an indicator frame."""
    names = {f"cpe-accreditamento/{code}": name for code, name in UNITS_OF_OFFER.items()}
    frame = edition.indicators(list(names), LONG)
    return frame.assign(nome=frame["indicatore"].map(names))


def without_heading(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with names such as ``Controlli ATS: asili nido`` cut to ``Asili nido``."""
    names = frame["nome"].str.rpartition(": ")[2]
    return frame.assign(nome=names.str[:1].str.upper() + names.str[1:])


def first(values: Mapping[tuple[str, str], Decimal], lines: tuple[str, ...], measure: str | None = None) -> Decimal | None:
    """The value of the first of some lines that the table has, in one measure or in any."""
    for line in lines:
        for (voce, misura), value in values.items():
            if voce == line and measure in (None, misura):
                return value
    return None


def budget_lines(edition: Vintage, prefixes: str | tuple[str, ...], card: str = ASSOCIATED) -> pd.DataFrame:
    """The lines of a card whose code begins so: ``voce``, ``nome``, ``fase``, ``valore`` in EUR.

    ``nome`` is the line's standard name, without the service's where all lines repeat it;
    lines that are zero in both phases are left out. Empty where the card has no outcome
    for the edition's year.
    """
    frame = budgets.printed(edition, card)
    return _lines(edition, frame[frame["voce"].str.startswith(prefixes)])


def action_lines(edition: Vintage, title: str) -> pd.DataFrame:
    """The lines of one action of the card of the associated services, named by its title, as :func:`budget_lines` gives them."""
    frame = budgets.printed(edition, ASSOCIATED)
    return _lines(edition, frame[frame["titolo"] == title])


def _lines(edition: Vintage, frame: pd.DataFrame) -> pd.DataFrame:
    if "consuntivo" not in set(frame["fase"]):
        return frame.iloc[:0].assign(nome="")
    labels = frame["voce"].map(edition.package.read("voci").set_index("voce")["nome"])
    if labels.str.contains(" – ").all():
        labels = labels.str.partition(" – ")[2].map(phrases.capital)
    used = frame.groupby("voce")["valore"].transform(lambda values: any(value != 0 for value in values)).astype(bool)
    return frame.assign(nome=labels)[used].reset_index(drop=True)


def largest_lines(lines: pd.DataFrame, count: int) -> pd.DataFrame:
    """The ``count`` lines with the largest outcome, largest first."""
    return largest(lines[lines["fase"] == "consuntivo"], count)


def without_service(lines: pd.DataFrame, service: str) -> pd.DataFrame:
    """The lines with names such as ``Gestione del sistema – direttore`` cut to ``Direttore``."""
    names = [name.removeprefix(f"{service} – ") for name in lines["nome"]]
    return lines.assign(nome=[phrases.capital(name) for name in names])


def largest_line(lines: pd.DataFrame) -> str:
    """The name of the line with the largest outcome."""
    return largest_lines(lines, 1)["nome"].iloc[0]


def phase_totals(lines: pd.DataFrame) -> dict[str, Decimal]:
    """The sum of the lines in each phase (computed), in EUR."""
    return lines.groupby("fase")["valore"].sum().to_dict()


def outcomes(edition: Vintage, prefixes: str | tuple[str, ...]) -> dict[int, Decimal]:
    """The sum of lines of the associated services at the close of each published year up to the edition's, in EUR."""
    frame = edition.table("bilancio", scheda=ASSOCIATED, canale="totale", fase="consuntivo")
    return frame[frame["voce"].str.startswith(prefixes)].groupby("anno")["valore"].sum().to_dict()


def yearly(series: Mapping[int, Decimal], name: str) -> pd.DataFrame:
    """A series in EUR as a frame of one indicator: ``indicatore``, ``nome``, ``unita``, ``anno``, ``valore``."""
    rows = [{"indicatore": name, "nome": name, "unita": "EUR", "anno": year, "valore": value} for year, value in series.items()]
    return pd.DataFrame(rows, columns=COMPUTED)


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
    return pd.DataFrame(rows, columns=COMPUTED)


def average_placement_costs(edition: Vintage) -> pd.DataFrame:
    """The two averages of the reports, over three years (computed), in EUR a case.

    Minors and mothers without foster care: the total less foster care, over the cases less
    foster care. Minors only: the total less mothers, over the cases less mothers.
    """
    costs, cases = ({line: edition.series(f"rette-{kind}/{line}") for line in lines}
                    for kind, lines in (("costi", ("totale", "affidi", "mamme")), ("casi", ("totale", "affido", "mamme"))))  # fmt: skip
    rows = _per_case("senza-affidi", "Minori e mamme, esclusi gli affidi", _less(costs, "affidi"), _less(cases, "affido"))
    rows += _per_case("minori", "Solo minori", _less(costs, "mamme"), _less(cases, "mamme"))
    return pd.DataFrame(rows, columns=COMPUTED)


def all_placement_costs(edition: Vintage) -> pd.DataFrame:
    """The costs of each kind of placement and, below, the two averages."""
    return pd.concat([placement_costs(edition), average_placement_costs(edition)], ignore_index=True)


def _less(series: dict[str, dict[int, Decimal]], line: str) -> dict[int, Decimal]:
    return {year: value - series[line][year] for year, value in series["totale"].items() if year in series[line]}


def _per_case(code: str, name: str, costs: dict[int, Decimal], cases: dict[int, Decimal]) -> list[dict]:
    return [
        {"indicatore": code, "nome": name, "unita": "EUR/persona", "anno": year, "valore": numbers.rounded(cost / cases[year], PRECISION)}
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
