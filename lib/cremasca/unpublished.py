"""What the documents show and do not give in figures, and what a reconstructed year lacks."""

from __future__ import annotations

import pandas as pd

from annuario import numbers, phrases
from annuario.data import Vintage
from cremasca.accounts import carried
from annuario.tables import Table, texts

#: The chapters of the published charts, with their names.
CHAPTERS = {
    "azienda": "L’azienda", "territorio": "Il territorio", "governance": "La governance", "finanziamento": "Il finanziamento",
    "fondi": "Fondi istituzionali e d’ambito", "quadro-istituzionale": "Quadro istituzionale", "personale": "Personale",
    "gestione": "Analisi della gestione", "tutela-minori": "Tutela Minori", "inserimento-lavorativo": "Inserimento lavorativo",
    "sociale-territoriale": "Servizio sociale territoriale", "sociale-distrettuale": "Servizio sociale distrettuale",
    "poverta": "Povertà e inclusione", "cpe": "CPE e accreditamento", "servizi-accreditati": "Servizi accreditati",
    "rette": "Rette Tutela Minori", "centro-diurno": "Centro diurno minori", "cdd": "CDD", "disabilita": "Rete disabilità",
    "fsr": "Fondo Sociale Regionale", "emergenza": "Emergenza sociale", "rsa": "Accordo RSA", "trasporto": "Trasporto sociale",
    "telesoccorso": "Telesoccorso", "piattaforma": "Piattaforma socio-sanitaria", "sistema": "Gestione del sistema",
    "misure": "Misure distrettuali e regionali", "progettazione": "Progettazione",
}  # fmt: skip

#: What the tables are under of which a year has nothing.
WHOLE = "Tabelle di cui non è pubblicato nulla"
#: The year's surplus, which the next year's revenues give too.
SURPLUS = "risultato/avanzo"


def charts(edition: Vintage) -> pd.DataFrame:
    """The charts of the edition's own document: the columns of ``grafici`` and ``nome_capitolo``."""
    frame = edition.package.read("grafici")
    frame = frame[frame["edizione"] == edition.id].reset_index(drop=True)
    return frame.assign(nome_capitolo=[CHAPTERS.get(chapter, chapter) for chapter in frame["capitolo"]])


def lacking(frame: pd.DataFrame, which: str) -> pd.DataFrame:
    """The charts whose data are «parziali» or «assenti»."""
    return frame[frame["dati"] == which]


def charts_table(frame: pd.DataFrame) -> Table | None:
    """Number, caption and what is missing of some charts, by chapter; None without charts."""
    if frame.empty:
        return None
    order = list(dict.fromkeys(frame["nome_capitolo"]))
    rows = frame.sort_values("nome_capitolo", key=lambda names: names.map(order.index), kind="stable")
    titles = {"figura": "Figura", "didascalia": "Didascalia nel documento", "nota": "Che cosa manca"}
    return texts(rows.assign(nota=rows["nota"].map(numbers.spaced)), titles, section="nome_capitolo")


def neighbour(edition: Vintage) -> str | None:
    """The nearest published edition of the same book, a later one first; None where there is none."""
    editions = edition.package.read("edizioni")
    years = editions.loc[editions["libro"] == edition.book, "anno"]
    if years.empty:
        return None
    later = years[years > edition.year]
    return f"{edition.book}-{later.min() if len(later) else years.max()}"


def gaps(edition: Vintage) -> pd.DataFrame:
    """What the neighbouring published edition gives of its own year and this year has not.

    Columns ``tabella`` (title of the table, :data:`WHOLE` for tables of which nothing is
    known) and ``gruppo``: those indicators of a group, with its service and their first lines,
    the measures of a service by sub-ambito, a budget card, the title of a whole table.
    """
    near = neighbour(edition)
    if near is None or edition.published:
        return pd.DataFrame(columns=["tabella", "gruppo"])
    year = int(near.rsplit("-", 1)[1])
    rows = []
    for name in ("indicatori", "servizi_sub_ambito", "bilancio"):
        rows += _missing(edition, name, near, year)
    for name, resource in edition.package.resources.items():
        fields = set(edition.package.fields(name))
        if name in ("indicatori", "servizi_sub_ambito", "bilancio", "edizioni") or not {"edizione", "anno"} <= fields:
            continue
        frame = edition.package.read(name)
        given = ((frame["edizione"] == near) & (frame["anno"] == year)).any()
        if given and not (frame["anno"] == edition.year).any():
            rows.append((WHOLE, resource["title"]))
    return pd.DataFrame(rows, columns=["tabella", "gruppo"])


def _missing(edition: Vintage, name: str, near: str, year: int) -> list[tuple[str, str]]:
    """The groups of one table that the neighbour gives and this year lacks, in words."""
    package = edition.package
    frame = package.read(name).reset_index(drop=True)
    if name == "indicatori":
        declared = package.read("definizioni").set_index("indicatore")
        frame = frame.assign(
            gruppo=frame["indicatore"].map(declared["gruppo"]), servizio=frame["indicatore"].map(declared["servizio"])
        )
        keys, one = ["servizio", "gruppo"], ["indicatore"]
    else:
        keys = one = ["servizio", "misura"] if name == "servizi_sub_ambito" else ["scheda", "fase"]
    known = set(frame.loc[frame["anno"] == edition.year, one].itertuples(index=False, name=None))
    if carried(edition).nota:
        known.add((SURPLUS,))
    given = frame[(frame["edizione"] == near) & (frame["anno"] == year)]
    given = given[[which not in known for which in given[one].itertuples(index=False, name=None)]]
    title = package.resources[name]["title"]
    parent = "schede" if name == "bilancio" else "servizi"
    names = package.read(parent).set_index(package.resources[parent]["schema"]["primaryKey"][0])["nome"]
    order = sorted(
        dict.fromkeys(given[keys].itertuples(index=False, name=None)), key=lambda key: list(names.index).index(key[0])
    )
    rows = []
    for key in order:
        own = given[(given[keys[0]] == key[0]) & (given[keys[1]] == key[1])]
        detail = key[1].replace("-", " ")
        if name == "indicatori":
            labels = list(dict.fromkeys(own["indicatore"].map(declared["nome"])))
            detail = "; ".join(labels[:3]) + (
                f" e altre {len(labels) - 3} voci" if len(labels) > 4 else "; " + labels[3] if len(labels) == 4 else ""
            )
        rows.append((names[key[0]], detail))
    if name == "indicatori":
        return [(title, f"{service}: {detail}") for service, detail in rows]
    together: dict[str, list[str]] = {}
    for service, detail in rows:
        together.setdefault(service, []).append(detail)
    return [(title, f"{service}: {phrases.listing(details)}") for service, details in together.items()]


def gaps_table(frame: pd.DataFrame) -> Table | None:
    """The frame of :func:`gaps` by table; None where nothing is missing."""
    return None if frame.empty else texts(frame, {"gruppo": "Che cosa manca"}, section="tabella")
