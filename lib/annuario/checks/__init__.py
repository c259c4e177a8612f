"""The quadrature: everything that should hold between the published numbers.

:func:`run` returns one row a check (:data:`COLUMNS`). A check that fails for a reason
that lies in the published documents stands in the table ``discrepanze`` with its
explanation; :func:`require_explained` refuses every other, and every recorded one that
is not there any more.
"""

from __future__ import annotations

import pandas as pd

from annuario.checks import across, budgets, identities, numbering, ratios
from annuario.checks.facts import Facts
from annuario.checks.rows import BASIS, COLUMNS, FAILS, HOLDS, HOURS, INCOMPLETE, ROUNDING
from annuario.checks.sums import parts_of, printed_twice, totals
from annuario.data import Package
from annuario.errors import CheckError

__all__ = ["BASIS", "COLUMNS", "FAILS", "HOLDS", "INCOMPLETE", "ROUNDING", "explained", "require_explained", "run"]

#: Verdicts that need no explanation.
ACCEPTED = (HOLDS, ROUNDING)


def run(package: Package) -> pd.DataFrame:
    """Every check of the package: a row each, with the columns of :data:`COLUMNS`.

    ``dove`` names document and lines of both sides; ``atteso``, ``trovato`` and
    ``differenza`` (found − expected) are Decimal, or None where nothing is printed. A
    failing check takes the verdict that ``discrepanze`` records, when it is «base
    diversa» or «testo incompleto».
    """
    declared = identities.check(Facts(package), identities.declared())
    results = pd.concat([*_tables(package), declared], ignore_index=True)
    recorded = package.read("discrepanze").set_index("controllo")["esito"]
    known = results["id"].map(recorded[recorded.isin([BASIS, INCOMPLETE])])
    failing = (results["esito"] == FAILS) & known.notna()
    results.loc[failing, "esito"] = known[failing]
    return results


def _tables(package: Package) -> list[pd.DataFrame]:
    """The checks that run through whole tables."""
    return [*_services(package), *_accounts(package), *_people(package), *_documents(package)]


def _names(package: Package, *tables: str) -> dict[str, str]:
    """The names of the codes of some reference tables, whose first column is the code."""
    names: dict[str, str] = {}
    for name in tables:
        frame = package.read(name)
        names |= dict(zip(frame.iloc[:, 0], frame["nome"]))
    return names


def _services(package: Package) -> list[pd.DataFrame]:
    areas, printed = package.read("servizi_sub_ambito"), _indicators(package)
    printed = printed[printed["sede"] == "tabella"]
    names = _names(package, "servizi", "sub_ambiti")
    additive = areas[areas["misura"] != "quota-adesione"]
    # in 2025 the targets of the FNA are printed as rows among their own details
    targets = (printed["gruppo"] == "fna-domande") & (printed["edizione"] == "relazione-2025")
    by, measures = ["gruppo", "misura"], ["ammesse", "non-ammesse"]
    requests = printed[printed["gruppo"] == "ddn-domande"]
    of_areas = "{0}: somma dei sub-ambiti = totale ({1})"
    of_requests = "Dopo di Noi, {0}: ammesse + non ammesse = presentate"
    return [
        totals(printed[~targets], "somme", "Tabella {0}: somma delle voci = totale ({1})", by, "voce"),
        totals(
            additive, "sub-ambiti", of_areas, ["servizio", "misura"], "sub_ambito", rules={"ore": HOURS}, names=names
        ),
        parts_of(requests, "domande/dopo-di-noi", of_requests, ["voce"], measures, "presentate"),
        ratios.memberships(areas, names),
        ratios.hourly_costs(areas, names),
        ratios.workloads(package.read("carichi_lavoro")),
        across.repeated_columns(printed),
    ]


def _indicators(package: Package) -> pd.DataFrame:
    """The indicators with their declared ``gruppo``, ``voce``, ``misura`` and ``nome``."""
    declared = package.read("definizioni").set_index("indicatore")[["gruppo", "voce", "misura", "nome"]]
    return package.read("indicatori").join(declared, on="indicatore")


def _accounts(package: Package) -> list[pd.DataFrame]:
    budget, summary, surplus = package.read("bilancio"), package.read("bilancio_aree"), package.read("avanzo")
    areas = summary["centro"].isin(package.read("aree")["area"])
    is_total = summary["centro"] == "totale"
    centres = _names(package, "aree", "schede")
    revenue = _revenue_items(package.read("entrate"))
    what = "Riepilogo per {}: somma = totale ({{0}})"
    return [
        budgets.cards(budget, _names(package, "schede", "canali")),
        budgets.channels(budget, _names(package, "voci")),
        *(
            totals(
                _with_totals(summary[mask & ~is_total], summary[is_total]),
                f"riepilogo/{name}",
                what.format(name),
                ["fase"],
                "centro",
            )
            for name, mask in (("area", areas), ("obiettivo", ~areas))
        ),
        printed_twice(summary, "stampe", "{0}: {1} uguale dove è stampato due volte", ["centro", "fase"], centres),
        totals(package.read("fondi"), "fondi", "Tabella {0}: somma delle righe = totale", ["gruppo"], "fondo"),
        totals(revenue, "ricavi/somma", "Entrate: somma delle voci = totale entrate", [], "canale", "totale-entrate"),
        totals(
            surplus[surplus["destinazione"] != "libero"],
            "avanzo/somma",
            "Dettaglio dell’avanzo: somma delle voci = totale {0}",
            ["destinazione"],
            "voce",
        ),
        ratios.cofinancing(package.read("progetti")),
    ]


def _with_totals(parts: pd.DataFrame, total: pd.DataFrame) -> pd.DataFrame:
    """The parts, and of the totals those of the same edition, year and phase."""
    keys = ["edizione", "anno", "fase"]
    return pd.concat([parts, total.merge(parts[keys].drop_duplicates())])


def _revenue_items(revenue: pd.DataFrame) -> pd.DataFrame:
    """Revenue without the surplus of the year before and without what follows the total."""
    channel = revenue["canale"]
    apart = channel.str.contains("avanzo") | channel.str.endswith("-quota-vincolata")
    return revenue[~apart & ~channel.isin(["totale-budget", "uscite", "totale-po"])]


def _people(package: Package) -> list[pd.DataFrame]:
    staff = package.read("personale")
    contracts = ["tempo-indeterminato", "tempo-determinato", "collaboratori", "comando"]
    hours = ["tempo-pieno", "part-time"]
    what = "Personale, {0}: "
    return [
        totals(staff, "personale", "Personale: somma dei profili = totale ({0})", ["misura"], "profilo"),
        parts_of(staff, "personale/contratti", what + "contratti = persone", ["profilo"], contracts, "persone"),
        parts_of(staff, "personale/orario", what + "tempo pieno + part-time", ["profilo"], hours, "persone"),
        ratios.goals(package.read("obiettivi"), package.read("obiettivi_riepilogo")),
    ]


def _documents(package: Package) -> list[pd.DataFrame]:
    indicators, revenue, figures = _indicators(package), package.read("entrate"), package.read("grafici")
    figures = figures.assign(anno=figures["edizione"].str[-4:].astype(int))
    return [
        across.table_and_text(indicators),
        across.survey_year(indicators),
        across.two_editions(indicators, package.read("edizioni")),
        across.label_years(revenue),
        across.label_numerals(package.read("fondi"), revenue),
        numbering.sequence(figures, "figure", "Figure", "figura"),
        numbering.sequence(package.read("progetti"), "progetti", "Elenco dei progetti", "numero"),
        numbering.headings(package.read("testi_tabella")),
    ]


def explained(results: pd.DataFrame, package: Package) -> pd.DataFrame:
    """The results with ``spiegazione`` and ``valore_usato`` of the recorded discrepancies, else empty."""
    recorded = package.read("discrepanze").set_index("controllo")[["spiegazione", "valore_usato"]]
    return results.join(recorded, on="id").fillna({"spiegazione": "", "valore_usato": ""})


def require_explained(results: pd.DataFrame, package: Package) -> None:
    """Raise CheckError unless the failing checks are exactly the recorded discrepancies.

    The message names each check that fails and is not recorded (lines, expected, found)
    and each recorded discrepancy that no longer exists, or whose verdict or recorded
    difference has changed.
    """
    recorded = package.read("discrepanze").set_index("controllo")
    path = package.path("discrepanze")
    made = results.set_index("id")
    failing = results[~results["esito"].isin(ACCEPTED)]
    problems = [
        f"{one.id}: {one.cosa} ({one.dove}): expected {_text(one.atteso)}, found {_text(one.trovato)}: "
        f"mend the data, or record and explain it in {path}"
        for one in failing[~failing["id"].isin(recorded.index)].itertuples()
    ]
    verdicts, differences = recorded["esito"].to_dict(), recorded.get("differenza", pd.Series()).to_dict()
    for name, verdict in verdicts.items():
        if name not in made.index:
            now = "the check is not made any more"
        elif made.at[name, "esito"] != verdict:
            now = f"the check is now «{made.at[name, 'esito']}»"
        elif made.at[name, "differenza"] != differences.get(name, made.at[name, "differenza"]):
            now = f"the difference is now {_text(made.at[name, 'differenza'])} ({made.at[name, 'dove']})"
        else:
            continue
        problems.append(f"{name}: recorded as «{verdict}», {now}: delete or update the row in {path}")
    if problems:
        raise CheckError("The checks do not agree with the recorded discrepancies.\n" + "\n".join(problems))


def _text(value) -> str:
    return "nothing" if value is None else str(value)
