"""Printed shares, means and unit costs against their recomputed values, row by row."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from annuario.checks.rows import EXACT, PRINTED, ROUNDED, Number, row, table

#: A single tariff is applied in every sub-ambito: hourly costs differ from the mean by 5% at most.
TARIFF_SPREAD = Decimal(5)
HUNDRED = Decimal(100)
OUTCOMES = {"raggiunti": "raggiunto", "non-raggiunti": "non-raggiunto", "in-corso": "in-corso"}


def _numbers(frame: pd.DataFrame, keys: list[str], measure: str) -> dict[tuple, dict[str, Number]]:
    """The measures of each row: ``{keys: {measure: Number}}``."""
    found: dict[tuple, dict[str, Number]] = {}
    for *key, name, value, source in frame.loc[frame["valore"].notna(), [*keys, measure, "valore", "fonte"]].itertuples(index=False):
        found.setdefault(tuple(key), {})[name] = Number(value, source)
    return found


def _ratio(above: Number, below: Number, scale: Decimal = Decimal(1)) -> Number:
    return Number(scale * above.value / below.value, f"{above.source};{below.source}")


def memberships(areas: pd.DataFrame) -> pd.DataFrame:
    """Share of the Comuni of each sub-ambito that use a service: users / Comuni."""
    rows = []
    for (edition, year, service, area), numbers in _numbers(areas, ["edizione", "anno", "servizio", "sub_ambito"], "misura").items():
        if "quota-adesione" in numbers:
            expected = _ratio(numbers["comuni-aderenti"], numbers["comuni"], HUNDRED)
            name = f"adesioni/{service}/{area}"
            rows.append(row(name, "Adesioni: Comuni aderenti / Comuni", edition, year, expected, numbers["quota-adesione"], PRINTED))
    return table(rows)


def hourly_costs(areas: pd.DataFrame) -> pd.DataFrame:
    """Hourly costs: near the mean in every sub-ambito, and the mean never below the year before."""
    by_area = _numbers(areas[areas["misura"].isin(["ore", "costo"])], ["edizione", "anno", "servizio", "sub_ambito"], "misura")
    costs: dict[tuple, dict[str, Number]] = {}
    for (edition, year, service, area), numbers in by_area.items():
        if len(numbers) == 2 and numbers["ore"].value:
            costs.setdefault((edition, year, service), {})[area] = _ratio(numbers["costo"], numbers["ore"])
    rows = []
    for (edition, year, service), by in costs.items():
        mean = by["totale"]
        worst = max(abs(cost.value / mean.value - 1) * HUNDRED for cost in by.values())
        source = ";".join(cost.source for cost in by.values())
        rows.append(
            row(
                f"costo-orario/scarto/{service}", "Costo orario dei sub-ambiti: scarto massimo dal medio entro il 5%",
                edition, year, Number(TARIFF_SPREAD, ""), Number(worst.quantize(Decimal("0.01")), source), relation="<=",
            )  # fmt: skip
        )
        before = costs.get((edition, year - 1, service))
        if before:
            rows.append(
                row(
                    f"costo-orario/anno-prima/{service}", "Costo orario medio non inferiore all’anno prima", edition, year,
                    _cents(before["totale"]), _cents(mean), relation=">=",
                )  # fmt: skip
            )
    return table(rows)


def _cents(number: Number) -> Number:
    return Number(number.value.quantize(Decimal("0.01")), number.source)


def workloads(frame: pd.DataFrame) -> pd.DataFrame:
    """Weighing of cases: mean weight, load per weekly hour, load on a scale of 100."""
    rows = []
    for (edition, year, operator), numbers in _numbers(frame, ["edizione", "anno", "operatore"], "misura").items():
        mean = _ratio(numbers["somma-peso"], numbers["casi"])
        load = _ratio(numbers["somma-peso"], numbers["ore-settimanali"])
        asked = [("peso-medio", "somma peso / casi = peso medio", mean), ("carico-ore", "somma peso / ore settimanali = carico", load)]
        if "carico-100" in numbers:
            scaled = _ratio(load, numbers["peso-massimo"], HUNDRED)
            asked.append(("carico-100", "carico / peso massimo × 100 = carico rapportato a 100", scaled))
        for measure, what, expected in asked:
            rows.append(row(f"pesatura/{measure}/{operator}", f"Pesatura: {what}", edition, year, expected, numbers[measure], PRINTED))
    return table(rows)


def goals(frame: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    """Goals: listed rows and outcomes against the summary, its means and its shares."""
    outcomes = frame[frame["esito"] != ""]
    listed = {key: Number(Decimal(len(rows)), ";".join(rows)) for key, rows in outcomes.groupby(["edizione", "anno", "ambito"])["fonte"]}
    counted = {
        key: Number(Decimal(len(rows)), ";".join(rows))
        for key, rows in outcomes.groupby(["edizione", "anno", "ambito", "esito"])["fonte"]
    }
    by_scope = _numbers(summary, ["edizione", "anno", "ambito"], "misura")
    rows = []
    for (edition, year, scope), numbers in by_scope.items():
        if "numero" in numbers:
            total = listed[(edition, year, scope)]
            rows.append(row(f"obiettivi/{scope}/numero", "Obiettivi: righe = numero nel riepilogo", edition, year, total, numbers["numero"], EXACT))
            for measure, outcome in OUTCOMES.items():
                count = counted.get((edition, year, scope, outcome), Number(Decimal(0), ""))
                expected = Number(HUNDRED * count.value / total.value, total.source)
                rows.append(row(f"obiettivi/{scope}/{measure}", "Obiettivi: esiti / numero", edition, year, expected, numbers[measure], PRINTED))
        else:
            scopes = [by for (e, y, _), by in by_scope.items() if (e, y) == (edition, year) and "numero" in by]
            for measure in OUTCOMES:
                mean = sum(by[measure].value for by in scopes) / len(scopes)
                expected = Number(mean, ";".join(by[measure].source for by in scopes))
                rows.append(row(f"obiettivi/{scope}/{measure}", "Obiettivi: media semplice degli ambiti", edition, year, expected, numbers[measure], PRINTED))
        shares = [numbers[measure] for measure in OUTCOMES]
        found = Number(sum(share.value for share in shares), shares[0].source)
        rows.append(row(f"obiettivi/{scope}/somma", "Obiettivi: raggiunti + non raggiunti + in corso = 100%", edition, year, Number(HUNDRED, ""), found, ROUNDED))
    return table(rows)


def cofinancing(projects: pd.DataFrame) -> pd.DataFrame:
    """Projects wholly assigned to the agency: total − financed = its own share."""
    rows = []
    for project in projects.itertuples(index=False):
        amounts = (project.importo_totale, project.importo_finanziato, project.assegnato_csc, project.cofinanziamento_csc)
        if None not in amounts and project.assegnato_csc == project.importo_finanziato:
            expected = Number(project.importo_totale - project.importo_finanziato, project.fonte)
            found = Number(project.cofinanziamento_csc, project.fonte)
            rows.append(row(f"progetti/cofinanziamento/{project.progetto}", "Progetto: totale − finanziato = cofinanziamento di CSC", project.edizione, project.anno, expected, found))
    return table(rows)
