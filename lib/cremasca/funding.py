"""The sources that the text of the plans lists: what each is for, and what the year's forecast takes from it."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from annuario import numbers, phrases
from annuario.data import Vintage
from cremasca import revenues
from cremasca.plan import ZERO
from annuario.tables import Column, Table

#: The eight sources that both plans list, in their order: name, what it is for, channels of the revenues.
SOURCES = {
    "comuni": (
        "Fondi comunali",
        "Versati dai Comuni per i servizi in gestione associata",
        ("comuni",),
    ),
    "fnps": (
        "FNPS – Fondo Nazionale Politiche Sociali",
        ("Assegnato ogni anno all’ambito (legge 328/2000 e art. 18 della legge regionale 3/2008) per la rete dei servizi "
         "sociali territoriali e gli obiettivi di Piano Operativo e Piano di Zona"),
        ("fnps",),
    ),
    "fsr": (
        "FSR – Fondo Sociale Regionale",
        "Cofinanzia le unità di offerta sociali, pubbliche e private, per minori, disabili e anziani",
        ("fsr",),
    ),
    "fna": (
        "FNA – Fondo Non Autosufficienza",
        "Sostiene la permanenza a casa delle persone non autosufficienti",
        ("fna",),
    ),
    "ats": (
        "Fondi ATS",
        ("Coprono la quota sanitaria dei posti del CDD, la Misura 6 per minori vittime di maltrattamento e abuso, "
         "l’esercizio e la vigilanza delle unità di offerta sociali"),
        ("fondi-ats", "ats-misura-6"),
    ),
    "regionali": (
        "Misure regionali",
        ("Assegnate dalla Regione per interventi mirati, come Dopo di Noi, Reddito di autonomia, emergenza abitativa e "
         "bonus per gli assistenti familiari"),
        ("dopo-di-noi", "reddito-autonomia", "bonus-assistenti-familiari"),
    ),
    "poverta": (
        "Piano Povertà",
        "Finanzia le misure contro la povertà, in primo luogo il Reddito di Cittadinanza",
        ("fondo-poverta",),
    ),
    "altre": (
        "Altre entrate",
        "Ottenute partecipando a bandi e progetti",
        (
            "fami", "provi", "progetto-autismo", "banca-acqua", "emblematici", "diocesi", "care-leavers",
            "azioni-di-rete", "proximity", "pippi", "doniamo-energia",
        ),
    ),
}  # fmt: skip
#: Channels of the forecast that the list of sources does not name.
UNLISTED = "Canali che l’elenco non nomina"
SURPLUS = "Avanzo dell’esercizio precedente"


def forecast(edition: Vintage) -> pd.DataFrame:
    """The channels of the plan's own forecast: columns of ``entrate``, ``nome``, ``fonte_codice``.

    Without totals and without the quotas that are taken off. Empty for a year whose plan is
    not published.
    """
    frame = revenues.parts(revenues.forecast(edition)).reset_index(drop=True)
    known = edition.package.read("canali").set_index("canale")["nome"]
    source = {channel: code for code, (*_, channels) in SOURCES.items() for channel in channels}
    codes = ["avanzo" if row.provenienza == "avanzo" else source.get(row.canale, "altri") for row in frame.itertuples()]
    return frame.assign(nome=frame["canale"].map(known), fonte_codice=codes)


def amounts(frame: pd.DataFrame) -> pd.DataFrame:
    """The forecast summed by source (computed), in the order of :data:`SOURCES`.

    Columns ``sorgente``, ``nome``, ``anno``, ``valore`` in EUR.
    """
    names = {code: name for code, (name, *_) in SOURCES.items()} | {"altri": UNLISTED, "avanzo": SURPLUS}
    sums = frame.groupby("fonte_codice")["valore"].sum()
    rows = [(code, name, frame["anno"].iloc[0], sums[code]) for code, name in names.items() if code in sums.index]
    return pd.DataFrame(rows, columns=["sorgente", "nome", "anno", "valore"])


def table(frame: pd.DataFrame) -> Table:
    """The eight sources, what each is for and, where the plan has a forecast, its amount."""
    sums = dict(zip(amounts(frame)["sorgente"], amounts(frame)["valore"])) if len(frame) else {}
    rows = [[name, aim, sums.get(code)] for code, (name, aim, _) in SOURCES.items()]
    columns = [Column("fonte", "Fonte"), Column("scopo", "Che cosa finanzia")]
    if sums:
        columns.append(Column("importo", f"Previsione {frame['anno'].iloc[0]}", "EUR"))
    printed = pd.DataFrame(rows, columns=["fonte", "scopo", "importo"])
    printed["importo"] = printed["importo"].astype(object)
    return Table(printed, columns)


def ordered(sums: pd.DataFrame) -> pd.DataFrame:
    """The sources from the largest amount."""
    return sums.sort_values("valore", ascending=False, kind="stable", ignore_index=True)


def named(frame: pd.DataFrame, code: str) -> str:
    """The channels of a source that have an amount, with it, largest first: ``Proximity (€ 149.000,00)``."""
    rows = frame[(frame["fonte_codice"] == code) & (frame["valore"] != 0)]
    return phrases.listing([f"{row.nome} ({numbers.euro(row.valore)})" for row in ordered(rows).itertuples()])


def idle(frame: pd.DataFrame) -> list[str]:
    """The channels that the forecast prints without an amount."""
    return list(frame.loc[frame["valore"] == 0, "nome"])


def whole(sums: pd.DataFrame) -> Decimal:
    """The sum of every source, surplus included (computed)."""
    return sum(sums["valore"], ZERO)


def unfunded(sums: pd.DataFrame) -> list[str]:
    """The sources of the list to which the forecast gives nothing."""
    paid = {row.sorgente for row in sums.itertuples() if row.valore}
    return [name for code, (name, *_) in SOURCES.items() if code not in paid]
