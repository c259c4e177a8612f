"""The checks of this agency's tables that need code."""

from __future__ import annotations

import pandas as pd

from annuario.checks import across, named_indicators, numbering
from annuario.checks.rows import HOURS
from annuario.checks.sums import parts_of, printed_twice, totals
from annuario.data import Package
from cremasca import budget_checks, label_checks, ratio_checks
from cremasca.names import listed


def checks(package: Package) -> list[pd.DataFrame]:
    """Every check that runs through whole tables."""
    return [*_services(package), *_accounts(package), *_people(package), *_documents(package)]


def _names(package: Package, *tables: str) -> dict[str, str]:
    """The names of the codes of some reference tables, whose first column is the code."""
    names: dict[str, str] = {}
    for name in tables:
        frame = package.read(name)
        names |= dict(zip(frame.iloc[:, 0], frame["nome"]))
    return names


def _services(package: Package) -> list[pd.DataFrame]:
    areas, printed = package.read("servizi_sub_ambito"), named_indicators(package)
    printed = printed[printed["sede"] == "tabella"]
    names = _names(package, "servizi", "sub_ambiti")
    additive = areas[areas["misura"] != "quota-adesione"]
    # some editions print the targets of the FNA as rows among their own details
    by_target = set(printed.loc[printed["indicatore"].str.startswith("fna-domande/anziani/"), "edizione"])
    targets = (printed["gruppo"] == "fna-domande") & printed["edizione"].isin(by_target)
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
        ratio_checks.memberships(areas, names),
        ratio_checks.hourly_costs(areas, names),
        ratio_checks.workloads(package.read("carichi_lavoro")),
        across.repeated_columns(printed),
    ]


def _accounts(package: Package) -> list[pd.DataFrame]:
    budget, summary, surplus = package.read("bilancio"), package.read("bilancio_aree"), package.read("avanzo")
    areas = summary["centro"].isin(package.read("aree")["area"])
    is_total = summary["centro"] == "totale"
    centres = _names(package, "aree", "schede")
    revenue = _revenue_items(package.read("entrate"))
    what = "Riepilogo per {}: somma = totale ({{0}})"
    return [
        budget_checks.cards(budget, _names(package, "schede", "canali")),
        budget_checks.channels(budget, _names(package, "voci")),
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
        ratio_checks.cofinancing(package.read("progetti")),
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
    sets = listed(package, "insiemi")
    contracts, hours = sets["contratti"].codici, sets["orari"].codici
    what = "Personale, {0}: "
    return [
        totals(staff, "personale", "Personale: somma dei profili = totale ({0})", ["misura"], "profilo"),
        parts_of(staff, "personale/contratti", what + "contratti = persone", ["profilo"], contracts, "persone"),
        parts_of(staff, "personale/orario", what + "tempo pieno + part-time", ["profilo"], hours, "persone"),
        ratio_checks.goals(package.read("obiettivi"), package.read("obiettivi_riepilogo")),
    ]


def _documents(package: Package) -> list[pd.DataFrame]:
    indicators, revenue, figures = named_indicators(package), package.read("entrate"), package.read("grafici")
    kinds = package.read("grandezze")
    other_year = set(kinds.loc[kinds["riferimento"] == "anno-prima", "cifra"])  # the prose gives the year of survey
    figures = figures.assign(anno=figures["edizione"].str[-4:].astype(int))
    return [
        across.table_and_text(indicators, other_year),
        across.survey_year(indicators, other_year),
        across.two_editions(indicators, package.read("edizioni")),
        label_checks.years(revenue),
        label_checks.numerals(package.read("fondi"), revenue),
        numbering.sequence(figures, "figure", "Figure", "figura"),
        numbering.sequence(package.read("progetti"), "progetti", "Elenco dei progetti", "numero"),
        numbering.headings(package.read("testi_tabella")),
    ]
