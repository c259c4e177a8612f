"""The key figures of a year on one page: level and change on the year before."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from annuario.data import Vintage
from cremasca import accounts
from cremasca.accredited import NAMES

#: Indicators of the page, in order, with the name they have there.
INDICATORS = {
    "risultato/entrate": "Entrate dell’esercizio, con l’avanzo dell’anno prima",
    "risultato/uscite": "Uscite dell’esercizio",
    "risultato/avanzo": "Avanzo di gestione",
    "gestione/erogazione-pro-capite": "Volume di erogazione per abitante",
    "gestione/spesa-sociale-pro-capite": "Spesa sociale del distretto per abitante",
    "gestione/quota-gestita": "Quota della spesa sociale gestita dall’azienda",
    "gestione-testo/costi-gestione": "Costi di pura gestione sul bilancio",
    "tm-flussi/in-carico-anno": "Minori in carico alla Tutela nell’anno",
    "tm-flussi/in-carico-31-12": "Minori in carico alla Tutela al 31 dicembre",
    "sil-indicatori/utenti-in-carico": "Persone in carico all’Inserimento lavorativo",
}
#: Measures of the accredited services, with the name they have on the page and their unit.
MEASURES = {"utenti": ("utenti", "utenti"), "ore": ("ore", "ore"), "costo": ("costo", "EUR")}


def figures(edition: Vintage) -> pd.DataFrame:
    """The figures known for the edition's year, with the year before where it is published.

    Columns ``codice``, ``nome``, ``anno``, ``valore``, ``unita``, ``da``.
    """
    years = edition.years(2)
    parts = [_indicators(edition, years), _services(edition, years), _staff(edition, years)]
    frame = pd.concat([part[["codice", "nome", "anno", "valore", "unita", "da"]] for part in parts], ignore_index=True)
    present = frame.loc[frame["anno"] == edition.year, "codice"]
    return frame[frame["codice"].isin(set(present))].reset_index(drop=True)


def value(frame: pd.DataFrame, code: str, year: int) -> Decimal | None:
    """One figure of one year, or None."""
    return next(iter(frame.loc[(frame["codice"] == code) & (frame["anno"] == year), "valore"]), None)


def _indicators(edition: Vintage, years: list[int]) -> pd.DataFrame:
    frame = edition.indicators(list(INDICATORS), years=2)
    surplus = _surplus(
        edition,
        [year for year in years if year not in set(frame.loc[frame["indicatore"] == "risultato/avanzo", "anno"])],
    )
    frame = pd.concat([frame, surplus], ignore_index=True) if len(surplus) else frame
    order = list(INDICATORS)
    frame = frame.sort_values("indicatore", key=lambda names: names.map(order.index), kind="stable")
    return frame.assign(codice=frame["indicatore"], nome=frame["indicatore"].map(INDICATORS))


def _surplus(edition: Vintage, years: list[int]) -> pd.DataFrame:
    """The surplus of years whose report is not at hand: the first line of the next year's revenues."""
    found = [accounts.carried(edition, year) for year in years]
    rows = [
        {"indicatore": "risultato/avanzo", "unita": "EUR", "anno": figure.year, "valore": figure.valore}
        | {"da": "" if figure.rows[0].edition == edition.id else figure.rows[0].edition}
        for figure in found
        if figure.nota
    ]
    return pd.DataFrame(rows, columns=["indicatore", "unita", "anno", "valore", "da"])


def _services(edition: Vintage, years: list[int]) -> pd.DataFrame:
    """Users, hours and cost of each accredited service: the printed totals of the sub-ambiti."""
    frame = edition.table(
        "servizi_sub_ambito", servizio=list(NAMES), misura=list(MEASURES), sub_ambito="totale", anno=years
    )
    frame = frame.assign(
        codice=frame["servizio"] + "/" + frame["misura"],
        nome=[
            f"{NAMES[service]}: {MEASURES[measure][0]}"
            for service, measure in zip(frame["servizio"], frame["misura"])
        ],
        unita=[MEASURES[measure][1] for measure in frame["misura"]],
    )
    order = [f"{service}/{measure}" for service in NAMES for measure in MEASURES]
    return frame.sort_values("codice", key=lambda codes: codes.map(order.index), kind="stable")


def _staff(edition: Vintage, years: list[int]) -> pd.DataFrame:
    people = edition.table("personale", anno=years, profilo="totale", misura="persone")
    people = people.assign(
        codice="personale/persone", nome="Persone in servizio all’ultima rilevazione dell’anno", unita="persone"
    )
    hours = edition.indicators(["gestione-testo/ore-personale"], years=2)
    hours = hours.assign(codice=hours["indicatore"], nome="Ore di lavoro del personale dipendente")
    return pd.concat([people, hours], ignore_index=True)


def cost_of_services(edition: Vintage) -> pd.DataFrame:
    """Cost in EUR of each accredited service over three years and, as ``totale``, their sum.

    Columns of ``servizi_sub_ambito`` with the service's ``nome``, and ``da``.
    """
    frame = edition.table(
        "servizi_sub_ambito", servizio=list(NAMES), misura="costo", sub_ambito="totale", anno=edition.years()
    )
    frame = frame.assign(nome=frame["servizio"].map(NAMES))
    sums = frame.groupby("anno", as_index=False).agg({"valore": "sum", "da": "first"})
    return pd.concat([frame, sums.assign(servizio="totale", nome="Totale")], ignore_index=True)
