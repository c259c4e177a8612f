"""The rows of the funds that were assigned to the ambito: short names, the table of a group, what is bound."""

from __future__ import annotations

import re
from decimal import Decimal

import pandas as pd

from annuario.data import Vintage
from annuario.tables import Column, Grid, Table, provenance, rate
from annuario.words import numbers

#: Short name of each fund, measure or project, and what it is for, where the name does not say it.
FUNDS = {
    "fsr": ("FSR – Fondo Sociale Regionale", ""),
    "fnps": ("FNPS – Fondo Nazionale Politiche Sociali", ""),
    "fnps-covid": ("FNPS – quota per l’emergenza Covid-19", ""),
    "fna": ("FNA – Fondo Non Autosufficienze", ""),
    "fna-caregiver": ("FNA – integrazione per i caregiver", ""),
    "fna-misura-b1": ("FNA – misura B1", ""),
    "pua": ("PUA – Punto Unico di Accesso", ""),
    "fsol": ("FSOL – Fondo di Solidarietà", ""),
    "comuni": ("Fondi comunali per la gestione associata", ""),
    "fondo-l178": ("Fondo Legge 178/2020", ""),
    "fondo-poverta": ("Fondo Povertà", "servizi a sostegno del Reddito di Cittadinanza"),
    "sanitario-covid-centri-estivi": ("Fondo sanitario Covid-19 per i centri estivi", ""),
    "sanitario-cdd-misura-6": ("Fondo sanitario per CDD e Misura 6", ""),
    "dote-infanzia": ("Dote infanzia", "prestazioni e beni a supporto della genitorialità"),
    "reddito-autonomia": ("Reddito di autonomia", "interventi per anziani e persone con disabilità"),
    "dopo-di-noi": ("Dopo di Noi", "forme innovative di residenzialità per persone con disabilità grave"),
    "protezione-famiglia": ("Protezione famiglia", "sostegno alle famiglie in emergenza Covid-19"),
    "misura-unica-locazione": (
        "Misura unica per l’affitto",
        "mantenimento dell’alloggio in locazione dopo l’emergenza Covid-19",
    ),
    "sportello-badanti": ("Sportello badanti", ""),
    "autismo": ("Autismo", "progetti di vita per persone con disabilità"),
    "provi": ("Pro.Vi.", "progetti di vita per persone con disabilità"),
    "pippi": ("P.I.P.P.I.", "prevenzione dell’allontanamento dei minori dalla famiglia"),
    "outsiders": ("Outsiders", "minori sottoposti a provvedimenti giudiziari"),
    "riscatto": ("Riscatto", "adulti sottoposti a provvedimenti giudiziari"),
    "care-leavers": ("Care Leavers", "autonomia dei ragazzi che escono dalle strutture educative"),
    "centro-vita-indipendente": ("Centro Vita Indipendente", ""),
    "integra": ("Integra", "potenziamento della rete antiviolenza"),
    "fami": ("FAMI", "integrazione dei cittadini stranieri"),
    "proximity": ("Proximity", "formazione e occupazione di persone in condizione di vulnerabilità"),
    "gap": ("GAP", "contrasto al gioco d’azzardo patologico"),
    "doniamo-energia": ("Doniamo Energia", "famiglie in difficoltà dopo l’emergenza sanitaria"),
    "attentamente": ("Attentamente", "benessere emotivo e psicologico di preadolescenti e adolescenti"),
    "azioni-di-rete": ("Azioni di rete", "inserimento lavorativo di persone con disabilità"),
    "totale": ("Totale", ""),
}
#: Names that an edition prints otherwise, by the printed label.
PRINTED = {
    "FONDO SANITARIO CDD - Misura 6 - VIGILANZA": "Fondo sanitario per CDD, Misura 6 e vigilanza",
    "FAMI LAB-IMPACT 2° - Ed.": "FAMI Lab’Impact, seconda edizione",
}
#: The quotas that the ambito shares out freely: without them, the printed percentages hold.
FREE = ("fnps", "fnps-covid", "fsol")
INSTITUTIONAL = "fondi-istituzionali"


def assigned(edition: Vintage, group: str, years: int = 2) -> pd.DataFrame:
    """The rows of a group in the last ``years`` years known to the edition, in printed order.

    Amounts in EUR by ``fondo`` and ``anno``, the printed total last; ``nome`` is short,
    ``descrizione`` also says what the money is for. Empty where the edition's own year
    is not known.
    """
    frame = edition.table("fondi", gruppo=group, anno=edition.years(years))
    if edition.year not in set(frame["anno"]):
        return frame.head(0).assign(nome="", descrizione="")
    names = [named(row.fondo, row.etichetta) for row in frame.itertuples()]
    aims = [_aim(row.fondo, row.etichetta) if group != INSTITUTIONAL else "" for row in frame.itertuples()]
    texts = [f"{name}: {aim}" if aim else name for name, aim in zip(names, aims)]
    frame = frame.assign(nome=names, descrizione=texts)
    return frame.sort_values("fondo", key=lambda codes: codes == "totale", kind="stable", ignore_index=True)


def named(code: str, label: str) -> str:
    """The short name of a fund, by its code or its printed label."""
    return PRINTED.get(label) or FUNDS.get(code, ("Altri progetti" if "/" in label else label,))[0]


def _aim(code: str, label: str) -> str:
    """What the money is for; of several small projects together, their names."""
    return FUNDS[code][1] if code in FUNDS else label.replace("/", ", ") if "/" in label else ""


def table(frame: pd.DataFrame, title: str, origin: str) -> Table:
    """The amounts of a group by year, with their change; ``origin`` heads the column of the acts, none if empty.

    Below it, for each year whose printed total is not the sum of the rows, both.
    """
    grid = Grid(frame.assign(nome=frame["descrizione"]), "fondo", "anno", "EUR", order=sorted)
    printed = pd.DataFrame({"riga": list(grid.names.values())})
    columns = [Column("riga", title)]
    if origin:
        acts = dict(zip(frame["fondo"], frame["atto"]))
        printed["atto"] = [act(acts[code]) for code in grid.codes]
        columns.append(Column("atto", origin))
    for year in grid.columns:
        printed[year] = grid.column(year)
        columns.append(Column(year, str(year), right=True))
    if len(grid.columns) > 1:
        before, now = grid.columns[-2:]
        rates = [rate(grid.values.get((code, now)), grid.values.get((code, before))) for code in grid.codes]
        printed["variazione"] = [numbers.percent(each, sign=True) for each in rates]
        columns.append(Column("variazione", "Var.", right=True))
    first = 2 if origin else 1
    notes, marks = provenance(
        {
            (row, first + place): grid.origin(code, year)
            for row, code in enumerate(grid.codes)
            for place, year in enumerate(grid.columns)
            if (code, year) in grid.values
        }
    )
    return Table(printed, columns, grid.kinds, [*notes, *differences(frame)], marks, rests=grid.records)


def act(text: str) -> str:
    """The acts or the origin of an assignment: acts told apart, dates and capitals in one form."""
    parted = re.sub(r"(?<=\d) (?=DGR|DECRETO)", "; ", text)
    dated = re.sub(r"(\d{2})\.(\d{2})\.(\d{4})", r"\1/\2/\3", parted).replace("DECRETO", "Decreto")
    return re.sub(r"Fondo (Ministeriale|Regionale)", lambda found: found[0].capitalize(), dated)


def differences(frame: pd.DataFrame) -> list[str]:
    """A sentence for each year whose printed total is not the sum of its rows."""
    said = []
    for year, rows in frame.groupby("anno"):
        whole = _total(rows)
        parts = rows.loc[rows["fondo"] != "totale", "valore"].sum()
        if whole is not None and whole != parts:
            gap = numbers.signed(parts - whole, "EUR")
            said.append(f"{year}: le righe sommano {numbers.euro(parts)}, {gap} rispetto al totale pubblicato.")
    return said


def _total(rows: pd.DataFrame) -> Decimal | None:
    return next(iter(rows.loc[rows["fondo"] == "totale", "valore"]), None)


def bonds(frame: pd.DataFrame) -> pd.DataFrame:
    """The institutional funds of each year, bound, free and whole: ``vincolo``, ``nome``, ``valore``.

    The bound are what :data:`FREE` leaves of the printed total; years without one are left out.
    """
    rows = []
    for year, some in frame.groupby("anno"):
        whole, free = _total(some), some.loc[some["fondo"].isin(FREE), "valore"].sum()
        if whole is None:
            continue
        rows += [("vincolate", "Risorse vincolate", year, whole - free), ("libere", "Risorse libere", year, free)]
        rows.append(("totale", "Totale", year, whole))
    return pd.DataFrame(rows, columns=["vincolo", "nome", "anno", "valore"])
