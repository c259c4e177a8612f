"""What the documents show and do not give in figures, and what a reconstructed year lacks."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from annuario.data import Vintage
from annuario.figures import Absent, Figure, Said, Year
from annuario.notebook import Chapter
from annuario.tables import Table, texts
from annuario.words import numbers, phrases
from cremasca.accounts import carried
from cremasca.names import named
from cremasca.plan_facts import counted

#: What the tables are under of which a year has nothing.
WHOLE = "Tabelle di cui non è pubblicato nulla"
#: The year's surplus, which the next year's revenues give too.
SURPLUS = "risultato/avanzo"


TITLES = {"figura": "Figura", "didascalia": "Didascalia nel documento", "nota": "Che cosa manca"}
CHART, DRAWING = phrases.Noun("figura", "figure", feminine=True), phrases.Noun("disegno", "disegni")
GROUP = phrases.Noun("gruppo di dati", "gruppi di dati")
#: How much of a chart's data is published, in words.
DATA = {"completi": "con tutti i dati", "parziali": "con una parte dei dati", "assenti": "senza dati"}


class Grafici:
    """The charts of the edition's own document, all of them or a chapter's, by how much of their data is published."""

    def __init__(self, libro: Chapter, chapter: str = ""):
        self.libro = libro
        frame = charts(libro)
        self.frame = frame[frame["capitolo"] == chapter] if chapter else frame
        self._lacking = self.frame[self.frame["dati"] == "assenti"]

    def _count(self, code: str, frame: pd.DataFrame, noun: phrases.Noun = CHART) -> Figure:
        return counted(f"grafici/{code}", len(frame), self.libro.year, noun)

    @cached_property
    def tutti(self) -> Figure:
        """How many; absent without any."""
        return self._count("tutti", self.frame)

    @cached_property
    def incompleti(self) -> Figure:
        """How many whose data are not all published."""
        return self._count("incompleti", self.frame[self.frame["dati"] != "completi"])

    @cached_property
    def disegni(self) -> Figure:
        """How many without any data."""
        return self._count("assenti", self._lacking, DRAWING)

    @property
    def divisione(self) -> Said:
        """``36 con tutti i dati, 32 con una parte dei dati e 34 senza dati``."""
        self.tutti.valore
        found = {text: int((self.frame["dati"] == code).sum()) for code, text in DATA.items()}
        return Said(phrases.listing([f"{phrases.spelled(many, True)} {text}" for text, many in found.items() if many]))

    @property
    def didascalie(self) -> Said:
        """The captions of those without data: ``organigramma attuale e organigramma prossimo``."""
        self.disegni.valore
        return Said(phrases.listing([title.lower() for title in self._lacking["didascalia"]]))

    @property
    def didascalia(self) -> Said:
        """The caption of the first without data, as printed."""
        self.disegni.valore
        return Said(self._lacking["didascalia"].iloc[0])

    @property
    def motivo(self) -> Said:
        """What it lacks."""
        self.disegni.valore
        return Said(self._lacking["nota"].iloc[0])

    def tabella(self) -> Table | None:
        """Those whose data are not all published, as a table of one chapter; None without any."""
        rows = self.frame[self.frame["dati"] != "completi"]
        return None if rows.empty else texts(rows, TITLES)

    def tabella_assenti(self) -> Table | None:
        """Those without data, by chapter."""
        return charts_table(self._lacking)

    def tabella_parziali(self) -> Table | None:
        """Those with a part of their data, by chapter."""
        return charts_table(self.frame[self.frame["dati"] == "parziali"])


class Mancanti:
    """What a reconstructed year lacks of what the nearest edition gives of its own."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self._frame = gaps(libro)

    @cached_property
    def gruppi(self) -> Figure:
        """How many groups of data; absent where nothing is missing, and for a published edition."""
        return counted("mancanti", len(self._frame), self.libro.year, GROUP)

    @property
    def vicina(self) -> Said:
        """The nearest edition: ``relazione 2021``."""
        self.gruppi.valore
        return Said(neighbour(self.libro).replace("-", " "))

    @property
    def niente(self) -> Year:
        """The year, where neither data nor charts are missing; else absent."""
        if self.libro.draft or self.gruppi.nota or Grafici(self.libro).tutti.nota:
            raise Absent("mancanti", self.libro.year, "qualcosa manca")
        return self.libro.anno

    def tabella(self) -> Table | None:
        """The groups by table."""
        return gaps_table(self._frame)


def charts(edition: Vintage) -> pd.DataFrame:
    """The charts of the edition's own document: the columns of ``grafici`` and ``nome_capitolo``."""
    frame = edition.package.read("grafici")
    frame = frame[frame["edizione"] == edition.id].reset_index(drop=True)
    names = named(edition.package, "capitoli-figure")
    return frame.assign(nome_capitolo=[names[chapter] for chapter in frame["capitolo"]])


def charts_table(frame: pd.DataFrame) -> Table | None:
    """Number, caption and what is missing of some charts, by chapter; None without charts."""
    if frame.empty:
        return None
    order = list(dict.fromkeys(frame["nome_capitolo"]))
    rows = frame.sort_values("nome_capitolo", key=lambda names: names.map(order.index), kind="stable")
    return texts(rows.assign(nota=rows["nota"].map(numbers.spaced)), TITLES, section="nome_capitolo")


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
