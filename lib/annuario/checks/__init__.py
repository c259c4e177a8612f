"""The quadrature: everything that should hold between the published numbers.

:func:`run` returns one row a check (:data:`COLUMNS`). A check that fails for a reason
that lies in the published documents stands in ``data/discrepanze.csv`` with its
explanation; :func:`require_explained` refuses every other.
"""

from __future__ import annotations

import pandas as pd

from annuario.checks import accounts, across, budgets, numbering, ratios, services
from annuario.checks.rows import (
    BASIS, COLUMNS, FAILS, HOLDS, INCOMPLETE, ROUNDED, ROUNDING, Facts, check,
)  # fmt: skip
from annuario.checks.sums import parts_of, printed_twice, totals
from annuario.data import Package
from annuario.errors import CheckError

__all__ = ["BASIS", "COLUMNS", "FAILS", "HOLDS", "INCOMPLETE", "ROUNDING", "explained", "require_explained", "run"]

#: Verdicts that need no explanation.
ACCEPTED = (HOLDS, ROUNDING)
IDENTITIES = (*services.IDENTITIES, *accounts.IDENTITIES, *across.IDENTITIES)


def run(package: Package) -> pd.DataFrame:
    """Every check of the package: a row each, with the columns of :data:`COLUMNS`.

    ``dove`` names document and lines of both sides; ``atteso``, ``trovato`` and
    ``differenza`` (found − expected) are Decimal, or None where nothing is printed. A
    failing check takes the verdict that ``discrepanze`` records, when it is one of
    «base diversa» and «testo incompleto».
    """
    results = pd.concat([*_tables(package), check(Facts(package), IDENTITIES)], ignore_index=True)
    recorded = package.read("discrepanze").set_index("controllo")["esito"]
    known = results["id"].map(recorded[recorded.isin([BASIS, INCOMPLETE])])
    failing = (results["esito"] == FAILS) & known.notna()
    results.loc[failing, "esito"] = known[failing]
    return results


def _tables(package: Package) -> list[pd.DataFrame]:
    """The checks that run through whole tables."""
    indicators, areas, people = package.read("indicatori"), package.read("servizi_sub_ambito"), package.read("personale")
    budget, revenue, figures = package.read("bilancio"), package.read("entrate"), package.read("grafici")
    surplus, funds, summary = package.read("avanzo"), package.read("fondi"), package.read("bilancio_aree")
    declared = package.read("definizioni").set_index("indicatore")
    printed = indicators[indicators["sede"] == "tabella"]
    printed = printed.join(declared[["gruppo", "voce", "misura"]], on="indicatore")
    flat = printed[~((printed["gruppo"] == "fna-domande") & (printed["edizione"] == "relazione-2025"))]
    hours = {"ore": ROUNDED}
    return [
        totals(flat, "somme", "{0}: somma delle voci = totale ({1})", ["gruppo", "misura"], "voce"),
        parts_of(printed[printed["gruppo"] == "ddn-domande"], "domande", "{0}, {1}: ammesse + non ammesse = presentate", ["gruppo", "voce"], "misura",
                 ["ammesse", "non-ammesse"], "presentate"),
        totals(areas[areas["misura"] != "quota-adesione"], "sub-ambiti", "{0}: somma dei sub-ambiti = totale ({1})", ["servizio", "misura"], "sub_ambito", rules=hours),
        totals(funds, "fondi", "{0}: somma delle righe = totale", ["gruppo"], "fondo"),
        totals(_revenue_items(revenue), "ricavi/somma", "Entrate: somma delle voci = totale entrate", [], "canale", "totale-entrate"),
        totals(surplus[surplus["destinazione"] != "libero"], "avanzo/somma", "Dettaglio dell’avanzo: somma delle voci = totale {0}", ["destinazione"], "voce"),
        totals(people, "personale", "Personale: somma dei profili = totale ({0})", ["misura"], "profilo"),
        parts_of(people, "personale/contratti", "Personale, {0}: contratti = persone", ["profilo"], "misura",
                 ["tempo-indeterminato", "tempo-determinato", "collaboratori", "comando"], "persone"),
        parts_of(people, "personale/orario", "Personale, {0}: tempo pieno + part-time = persone", ["profilo"], "misura", ["tempo-pieno", "part-time"], "persone"),
        *_areas(summary),
        printed_twice(summary, "stampe", "Riepilogo, {0}: {1} uguale dove è stampato due volte", ["centro", "fase"]),
        budgets.cards(budget),
        budgets.channels(budget),
        ratios.memberships(areas),
        ratios.hourly_costs(areas),
        ratios.workloads(package.read("carichi_lavoro")),
        ratios.goals(package.read("obiettivi"), package.read("obiettivi_riepilogo")),
        ratios.cofinancing(package.read("progetti")),
        numbering.sequence(figures.assign(anno=figures["edizione"].str[-4:].astype(int)), "figure", "Figure", "figura"),
        numbering.sequence(package.read("progetti"), "progetti", "Elenco dei progetti", "numero"),
        across.table_and_text(indicators),
        across.survey_year(indicators),
        across.label_years(revenue),
        across.label_numerals(funds, revenue, accounts.FUNDS),
        across.two_editions(indicators, package.read("edizioni")),
        across.same_column(printed, printed["gruppo"]),
    ]


def _revenue_items(revenue: pd.DataFrame) -> pd.DataFrame:
    """Revenue without the surplus of the year before and without what follows the total."""
    canale = revenue["canale"]
    surplus = canale.str.startswith("avanzo") | canale.str.endswith("-quota-vincolata")
    return revenue[~surplus & ~canale.isin(["totale-avanzo", "totale-budget", "uscite", "totale-po"])]


def _areas(summary: pd.DataFrame) -> list[pd.DataFrame]:
    """Areas and goals against the total, in the editions that print either or both."""
    by_goal = summary["centro"].str.startswith("po2020-")
    what = "Riepilogo per {0}: somma = totale ({{0}})"
    tables = []
    for name, mask in (("area", ~by_goal), ("obiettivo", by_goal)):
        parts = summary[mask & (summary["centro"] != "totale")]
        keys = parts[["edizione", "anno", "fase"]].drop_duplicates()
        with_total = summary[summary["centro"] == "totale"].merge(keys)
        tables.append(totals(pd.concat([parts, with_total]), f"riepilogo/{name}", what.format(name), ["fase"], "centro"))
    return tables


def explained(results: pd.DataFrame, package: Package) -> pd.DataFrame:
    """The results with ``spiegazione`` and ``valore_usato`` of the recorded discrepancies, empty where there is none."""
    recorded = package.read("discrepanze").set_index("controllo")[["spiegazione", "valore_usato"]]
    return results.join(recorded, on="id").fillna({"spiegazione": "", "valore_usato": ""})


def require_explained(results: pd.DataFrame, package: Package) -> None:
    """Raise CheckError unless the failing checks are exactly the recorded discrepancies.

    The message names each check that fails and is not recorded (lines, expected, found)
    and each recorded discrepancy that no longer exists or whose verdict has changed.
    """
    recorded = package.read("discrepanze").set_index("controllo")["esito"]
    path = package.path("discrepanze")
    outcomes = results.set_index("id")["esito"]
    failing = results[~results["esito"].isin(ACCEPTED)]
    problems = [
        f"{one.id}: {one.cosa} ({one.dove}): expected {_text(one.atteso)}, found {_text(one.trovato)}: "
        f"mend the data, or record and explain it in {path}"
        for one in failing[~failing["id"].isin(recorded.index)].itertuples()
    ]
    for name, verdict in recorded.items():
        if outcomes.get(name) != verdict:
            now = f"is now «{outcomes[name]}»" if name in outcomes else "is not made any more"
            problems.append(f"{name}: recorded as «{verdict}», the check {now}: delete or update the row in {path}")
    if problems:
        raise CheckError("The checks do not agree with the recorded discrepancies.\n" + "\n".join(problems))


def _text(value) -> str:
    return "nothing" if value is None else str(value)
