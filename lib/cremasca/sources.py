"""What a book stands on: its documents, its conventions, its licence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd

from annuario.data import Package, Vintage
from annuario.figures import Absent, Figure, Said, Year
from annuario.notebook import Chapter
from annuario.tables import Column, Table
from annuario.words import numbers, phrases
from cremasca.counts import some
from cremasca.plan_facts import counted
from cremasca.revenues import of_year, origin_names

DOCUMENT, ROW = (
    phrases.Noun("documento pubblicato", "documenti pubblicati"),
    phrases.Noun("riga", "righe", feminine=True),
)


class Fonti:
    """The documents that the book rests on, as an edition uses them."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self._documents = documents(libro)
        self._own = self._documents[self._documents["edizione"] == libro.id]

    @property
    def documenti(self) -> Figure:
        """How many documents."""
        return counted("fonti/documenti", len(self._documents), self.libro.year, DOCUMENT)

    @property
    def righe(self) -> Figure:
        """How many rows of data are transcribed from them."""
        return counted("fonti/righe", int(self._documents["righe"].sum()), self.libro.year, ROW)

    @property
    def documento(self) -> Said:
        """The title of the edition's own document; absent for a reconstructed one, and while it is a draft."""
        if self.libro.draft or not self.libro.published:
            raise Absent("fonti/documento", self.libro.year, "edizione ricostruita")
        return Said(self._own["titolo"].iloc[0])

    @property
    def ricostruito(self) -> Year:
        """The year of a reconstructed edition; absent for a published one."""
        if self.libro.published:
            raise Absent("fonti/ricostruito", self.libro.year, "edizione pubblicata")
        return self.libro.anno

    @property
    def altri(self) -> Said:
        """The other documents that a published edition draws on: ``«…» e «…»``; absent without any."""
        self.documento
        used = self._documents[(self._documents["edizione"] != self.libro.id) & (self._documents["usate"] > 0)]
        if used.empty:
            raise Absent("fonti/altri", self.libro.year, "nessun altro documento")
        return Said(phrases.listing([f"«{title}»" for title in used["titolo"]]))

    def tabella(self) -> Table:
        """The documents with their rows."""
        titles = {"titolo": ("Documento", None), "edizione": ("Edizione", None), "righe": ("Righe di dati", "numero"),
                  "usate": ("Visibili qui", "numero")}  # fmt: skip
        return Table(self._documents, [Column(name, title, unit) for name, (title, unit) in titles.items()])

    # -- the revenues

    @property
    def anno_con_entrate(self) -> Year:
        """The year, where some document prints its revenues; else absent."""
        if not len(of_year(self.libro)):
            raise Absent("entrate", self.libro.year)
        return self.libro.anno

    @property
    def anno_senza_entrate(self) -> Year:
        """The year, where none does; else absent."""
        if len(of_year(self.libro)):
            raise Absent("entrate", self.libro.year, "le entrate sono pubblicate")
        if self.libro.draft:
            raise Absent("entrate", self.libro.year)
        return self.libro.anno

    @property
    def provenienze(self) -> pd.DataFrame | None:
        """The channels by who assigns them."""
        return some(origins(self.libro))

    @property
    def convenzioni(self) -> pd.DataFrame:
        """How numbers and dates are printed."""
        return conventions()

    @property
    def licenza(self) -> Said:
        """The data's licence."""
        return Said(licence(self.libro.package))


def tables(package: Package) -> list[str]:
    """The tables of observations: those that say which edition published each row."""
    return [
        name
        for name in package.resources
        if "edizione" in package.fields(name)
        and name
        not in ("edizioni", "discrepanze", "identita", "conteggi", "correzioni", "attese", "consegne", "errata")
    ]


def documents(edition: Vintage) -> pd.DataFrame:
    """The published documents: ``titolo``, ``edizione``, ``anno``, ``righe``, ``usate``.

    ``righe`` counts the rows of data transcribed from a document, ``usate`` those among
    them that this edition sees about its last three years.
    """
    package = edition.package
    rows, used = pd.Series(dtype=int), pd.Series(dtype=int)
    for name in tables(package):
        printed = package.read(name)
        rows = rows.add(printed["edizione"].value_counts(), fill_value=0)
        seen = (
            edition.table(name, anno=edition.years())
            if "anno" in printed
            else printed[printed["edizione"] == edition.id]
        )
        used = used.add(seen["edizione"].value_counts(), fill_value=0)
    frame = package.read("edizioni").sort_values(["anno", "libro"], kind="stable").reset_index(drop=True)
    counts = {"righe": rows, "usate": used}
    return frame.assign(
        **{name: [int(count.get(each, 0)) for each in frame["edizione"]] for name, count in counts.items()}
    )


def origins(edition: Vintage) -> pd.DataFrame:
    """The channels of the revenues by who assigns them: ``provenienza``, ``canali``.

    Those of the edition's own document where it prints revenues of its year, or else those of
    the year; every known one where the year has none.
    """
    known = edition.package.read("canali")
    own = edition.table("entrate", ["edizione"], edizione=edition.id, anno=edition.year)
    used = set(own["canale"]) or set(of_year(edition)["canale"]) or set(edition.package.read("entrate")["canale"])
    parts = (known["provenienza"] != "totale") & ~known["canale"].str.endswith("quota-vincolata")
    channels = known[parts & known["canale"].isin(used)]
    called = origin_names(edition)
    lines = [
        (called[origin], "; ".join(channels.loc[channels["provenienza"] == origin, "nome"]))
        for origin in called.ordered(channels["provenienza"])
    ]
    return pd.DataFrame(lines, columns=["provenienza", "canali"])


def conventions() -> pd.DataFrame:
    """How numbers and dates are printed in the book: ``forma``, ``significato``."""
    day = date(2025, 3, 1)
    lines = [
        (numbers.number(1234), "le migliaia sono separate da un punto, da quattro cifre in su"),
        (numbers.number(Decimal("1234.5"), 2), "i decimali seguono la virgola"),
        (numbers.euro(Decimal("1234.5")), "importi in euro, al centesimo"),
        (numbers.percent(Decimal("12.3")), "percentuali"),
        (numbers.percent(Decimal("4.1"), sign=True), "variazioni, sempre con il segno"),
        (numbers.MISSING, "dato non pubblicato"),
        (numbers.number(0), "zero, anche dove il documento stampa un trattino al posto dell’importo"),
        (numbers.date_short(day), "date nelle tabelle"),
        (numbers.date_long(day), "date nel testo"),
    ]
    return pd.DataFrame(lines, columns=["forma", "significato"])


def licence(package: Package) -> str:
    """The data's licence, as the package declares it."""
    return package.descriptor["licenses"][0]["title"]
