"""Printed shares, means and unit costs against their recomputed values, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from annuario.checks.rows import PRINTED, ROUNDED, Number, counted, numbers, row, table
from annuario.numbers import rounded

#: One tariff is applied in every sub-ambito: hourly costs differ from the mean by 5% at most.
TARIFF_SPREAD = Number(Decimal(5), "")
HUNDRED = Decimal(100)
OUTCOMES = {"raggiunti": "raggiunto", "non-raggiunti": "non-raggiunto", "in-corso": "in-corso"}


def _ratio(above: Number, below: Number, scale: Decimal = Decimal(1)) -> Number:
    return Number(scale * above.value / below.value, f"{above.source};{below.source}")


def memberships(areas: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Share of the Comuni of each sub-ambito that use a service; ``names`` are those of services and areas."""
    rows = []
    keys = ["edizione", "anno", "servizio", "sub_ambito"]
    for (edition, year, service, area), measures in numbers(areas, keys, "misura").items():
        if "quota-adesione" in measures:
            expected = _ratio(measures["comuni-aderenti"], measures["comuni"], HUNDRED)
            what = f"{names[service]}, {names[area]}: Comuni aderenti / Comuni"
            found = measures["quota-adesione"]
            rows.append(row(f"adesioni/{service}/{area}", what, edition, year, expected, found, PRINTED))
    return table(rows)


def hourly_costs(areas: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Hourly costs: near the mean in every sub-ambito, and the mean never below the year before.

    ``names`` are those of the services.
    """
    costs: dict[tuple, dict[str, Number]] = {}
    paid = areas[areas["misura"].isin(["ore", "costo"])]
    for (*group, area), measures in numbers(paid, ["edizione", "anno", "servizio", "sub_ambito"], "misura").items():
        if len(measures) == 2 and measures["ore"].value:
            costs.setdefault(tuple(group), {})[area] = _ratio(measures["costo"], measures["ore"])
    rows = []
    for (edition, year, service), by_area in costs.items():
        mean = by_area["totale"]
        spread = max(abs(cost.value / mean.value - 1) * HUNDRED for cost in by_area.values())
        found = Number(rounded(spread, 2), ";".join(cost.source for cost in by_area.values()))
        what = f"{names[service]}, costo orario dei sub-ambiti: scarto massimo dal medio entro il 5%"
        rows.append(row(f"costo-orario/scarto/{service}", what, edition, year, TARIFF_SPREAD, found, relation="<="))
        before = costs.get((edition, year - 1, service))
        if before:
            what = f"{names[service]}: costo orario medio non inferiore all’anno prima"
            then, now = (Number(rounded(cost.value, 2), cost.source) for cost in (before["totale"], mean))
            rows.append(row(f"costo-orario/anno-prima/{service}", what, edition, year, then, now, relation=">="))
    return table(rows)


def workloads(frame: pd.DataFrame) -> pd.DataFrame:
    """Weighing of cases: mean weight, load per weekly hour, load on a scale of 100."""
    rows = []
    for (edition, year, operator), measures in numbers(frame, ["edizione", "anno", "operatore"], "misura").items():
        load = _ratio(measures["somma-peso"], measures["ore-settimanali"])
        recomputed = {
            "peso-medio": ("somma peso / casi = peso medio", _ratio(measures["somma-peso"], measures["casi"])),
            "carico-ore": ("somma peso / ore settimanali = carico", load),
        }
        if "carico-100" in measures:
            scaled = _ratio(load, measures["peso-massimo"], HUNDRED)
            recomputed["carico-100"] = ("carico / peso massimo × 100 = carico rapportato a 100", scaled)
        for measure, (what, expected) in recomputed.items():
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
            total = listed[(edition, year, scope)]
            what = f"Obiettivi, {scope}: righe = numero nel riepilogo"
            rows.append(row(f"obiettivi/{scope}/numero", what, edition, year, total, measures["numero"]))
            what = f"Obiettivi, {scope}: esiti / numero"
            none = Number(Decimal(0), total.source)
            reached = {name: outcomes.get((edition, year, scope, outcome), none) for name, outcome in OUTCOMES.items()}
            expected = {name: _ratio(count, total, HUNDRED) for name, count in reached.items()}
        else:
            what = "Obiettivi: media semplice degli ambiti"
            scopes = [other for key, other in by_scope.items() if key[:2] == (edition, year) and "numero" in other]
            expected = {measure: _mean([other[measure] for other in scopes]) for measure in OUTCOMES}
        for measure, number in expected.items():
            check = f"obiettivi/{scope}/{measure}"
            rows.append(row(check, what, edition, year, number, measures[measure], PRINTED))
        shares = [measures[measure] for measure in OUTCOMES]
        whole = Number(HUNDRED.quantize(shares[0].value), "")
        found = Number(sum(share.value for share in shares), shares[0].source)
        what = f"Obiettivi, {scope}: raggiunti + non raggiunti + in corso = 100%"
        rows.append(row(f"obiettivi/{scope}/somma", what, edition, year, whole, found, ROUNDED))
    return table(rows)


def _mean(values: list[Number]) -> Number:
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
