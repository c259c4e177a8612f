"""Printed shares, means and unit costs against their recomputed values, row by row.

As everywhere, what is asked is asked where all its numbers are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from annuario.checks.rows import PRINTED, ROUNDED, Number, counted, numbers, row, table
from annuario.words.numbers import rounded

#: One tariff is applied in every sub-ambito: hourly costs differ from the mean by 5% at most.
TARIFF_SPREAD = Number(Decimal(5), "")
HUNDRED = Decimal(100)
OUTCOMES = {"raggiunti": "raggiunto", "non-raggiunti": "non-raggiunto", "in-corso": "in-corso"}


def _ratio(above: Number | None, below: Number | None, scale: Decimal = Decimal(1)) -> Number | None:
    """The ratio of two numbers; None where one is not known, or there is nothing to divide by."""
    if above is None or below is None or not below.value:
        return None
    return Number(scale * above.value / below.value, f"{above.source};{below.source}")


def memberships(areas: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Share of the Comuni of each sub-ambito that use a service; ``names`` are those of services and areas."""
    rows = []
    keys = ["edizione", "anno", "servizio", "sub_ambito"]
    for (edition, year, service, area), measures in numbers(areas, keys, "misura").items():
        expected, found = (
            _ratio(measures.get("comuni-aderenti"), measures.get("comuni"), HUNDRED),
            measures.get("quota-adesione"),
        )
        if expected and found:
            what = f"{names.get(service, service)}, {names.get(area, area)}: Comuni aderenti / Comuni"
            rows.append(row(f"adesioni/{service}/{area}", what, edition, year, expected, found, PRINTED))
    return table(rows)


def hourly_costs(areas: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Hourly costs: near the mean in every sub-ambito, and the mean never below the year before.

    ``names`` are those of the services.
    """
    costs: dict[tuple, dict[str, Number]] = {}
    paid = areas[areas["misura"].isin(["ore", "costo"])]
    for (*group, area), measures in numbers(paid, ["edizione", "anno", "servizio", "sub_ambito"], "misura").items():
        cost = _ratio(measures.get("costo"), measures.get("ore"))
        if cost:
            costs.setdefault(tuple(group), {})[area] = cost
    rows = []
    for (edition, year, service), by_area in costs.items():
        mean = by_area.get("totale")
        if not mean or not mean.value:
            continue
        spread = max(abs(cost.value / mean.value - 1) * HUNDRED for cost in by_area.values())
        found = Number(rounded(spread, 2), ";".join(cost.source for cost in by_area.values()))
        what = f"{names.get(service, service)}, costo orario dei sub-ambiti: scarto massimo dal medio entro il 5%"
        rows.append(row(f"costo-orario/scarto/{service}", what, edition, year, TARIFF_SPREAD, found, relation="<="))
        before = costs.get((edition, year - 1, service), {}).get("totale")
        if before:
            what = f"{names.get(service, service)}: costo orario medio non inferiore all’anno prima"
            then, now = (Number(rounded(cost.value, 2), cost.source) for cost in (before, mean))
            rows.append(row(f"costo-orario/anno-prima/{service}", what, edition, year, then, now, relation=">="))
    return table(rows)


def workloads(frame: pd.DataFrame) -> pd.DataFrame:
    """Weighing of cases: mean weight, load per weekly hour, load on a scale of 100."""
    rows = []
    for (edition, year, operator), measures in numbers(frame, ["edizione", "anno", "operatore"], "misura").items():
        known = measures.get
        load = _ratio(known("somma-peso"), known("ore-settimanali"))
        recomputed = {
            "peso-medio": ("somma peso / casi = peso medio", _ratio(known("somma-peso"), known("casi"))),
            "carico-ore": ("somma peso / ore settimanali = carico", load),
            "carico-100": (
                "carico / peso massimo × 100 = carico rapportato a 100",
                _ratio(load, known("peso-massimo"), HUNDRED),
            ),
        }
        for measure, (what, expected) in recomputed.items():
            if expected and measure in measures:
                check = f"pesatura/{measure}/{operator}"
                asked = f"Pesatura, {operator}: {what}"
                rows.append(row(check, asked, edition, year, expected, measures[measure], PRINTED))
    return table(rows)


def goals(frame: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    """Goals: listed rows and outcomes against the summary, its means and its shares."""
    keys = ["edizione", "anno", "ambito"]
    closed = frame[frame["esito"] != ""]
    listed, outcomes = counted(closed, keys), counted(closed, [*keys, "esito"])
    by_scope = numbers(summary, keys, "misura")
    rows = []
    for (edition, year, scope), measures in by_scope.items():
        if "numero" in measures:
            total = listed.get((edition, year, scope), Number(Decimal(0), measures["numero"].source))
            what = f"Obiettivi, {scope}: righe = numero nel riepilogo"
            rows.append(row(f"obiettivi/{scope}/numero", what, edition, year, total, measures["numero"]))
            what = f"Obiettivi, {scope}: esiti / numero"
            none = Number(Decimal(0), total.source)
            reached = {name: outcomes.get((edition, year, scope, outcome), none) for name, outcome in OUTCOMES.items()}
            expected = {name: _ratio(count, total, HUNDRED) for name, count in reached.items()}
        else:
            what = "Obiettivi: media semplice degli ambiti"
            scopes = [other for key, other in by_scope.items() if key[:2] == (edition, year) and "numero" in other]
            expected = {measure: _mean([other.get(measure) for other in scopes]) for measure in OUTCOMES}
        for measure, number in expected.items():
            if number and measure in measures:
                check = f"obiettivi/{scope}/{measure}"
                rows.append(row(check, what, edition, year, number, measures[measure], PRINTED))
        shares = [measures[measure] for measure in OUTCOMES if measure in measures]
        if len(shares) == len(OUTCOMES):
            whole = Number(HUNDRED.quantize(shares[0].value), "")
            found = Number(sum(share.value for share in shares), shares[0].source)
            what = f"Obiettivi, {scope}: raggiunti + non raggiunti + in corso = 100%"
            rows.append(row(f"obiettivi/{scope}/somma", what, edition, year, whole, found, ROUNDED))
    return table(rows)


def _mean(values: list[Number | None]) -> Number | None:
    if not values or None in values:
        return None
    return Number(sum(number.value for number in values) / len(values), ";".join(number.source for number in values))


def cofinancing(projects: pd.DataFrame) -> pd.DataFrame:
    """Projects wholly assigned to the agency: total − financed = its own share."""
    rows = []
    for project in projects.itertuples(index=False):
        amounts = (project.importo_totale, project.importo_finanziato, project.cofinanziamento_csc)
        if None not in amounts and project.assegnato_csc == project.importo_finanziato:
            expected = Number(project.importo_totale - project.importo_finanziato, project.fonte)
            found = Number(project.cofinanziamento_csc, project.fonte)
            check = f"progetti/cofinanziamento/{project.progetto}"
            what = f"Progetto «{project.titolo}»: totale − finanziato = cofinanziamento di CSC"
            rows.append(row(check, what, project.edizione, project.anno, expected, found))
    return table(rows)
