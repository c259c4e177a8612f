"""Where the money of a plan goes: from each source to the goals, or to the areas, as the cards share it."""

from __future__ import annotations

import pandas as pd

from annuario.figures import Absent, Figure, Said
from annuario.notebook import Chapter
from annuario.tables import Table
from annuario.words import numbers, phrases
from cremasca import coverage, plan_cards
from cremasca.budgets import PLANNED
from cremasca.plan import ZERO
from cremasca.plan_facts import amount, named

SOURCE = phrases.Noun("fonte", "fonti", feminine=True)


class Percorsi:
    """The way of the money from the sources to the goals, or to the areas."""

    def __init__(self, libro: Chapter):
        self.libro, self.year = libro, libro.year
        self._cards = plan_cards.cards(libro)
        self._sources = coverage.sources(libro, self._cards)
        flows = coverage.flows(libro, self._cards)
        self._order = flows.sort_values("valore", ascending=False, kind="stable")
        self._flows = flows
        self._unread = [card for card in self._cards.values() if card.unassigned]

    def _absent(self, why: str) -> Absent:
        return Absent("percorsi", self.year, why)

    # -- sources and cards

    @property
    def senza_fonte(self) -> Figure:
        """The part of the budget for which no source can be read; absent where all are."""
        rest = sum((card.unassigned for card in self._cards.values()), ZERO)
        return amount("percorsi/senza-fonte", rest or None, self.year, PLANNED)

    @property
    def elenco_senza_fonte(self) -> Said:
        """The cards concerned, with their amounts."""
        return named({card.title: card.unassigned for card in self._unread}, numbers.euro)

    @property
    def resto(self) -> Figure:
        """What is forecast and not in the lines that can be read; absent where nothing is left."""
        rest = sum(self._sources["resto"], ZERO)
        return amount("percorsi/resto", rest if rest > 0 else None, self.year, PLANNED)

    @property
    def scarto_resto(self) -> Said:
        """``, con uno scarto di € 0,01``, where that is not just what cannot be read; else empty."""
        gap = abs(self.resto.valore - self.senza_fonte.valore)
        return Said(f", con uno scarto di {numbers.euro(gap)}" if gap else "")

    @property
    def intere(self) -> Said:
        """``sette fonti su otto``: those that are in the cards to the cent; absent where none is."""
        whole = int((self._sources["resto"] == 0).sum())
        if not whole:
            raise self._absent("nessuna per intero")
        return Said(f"{phrases.count(whole, SOURCE, words=True)} su {phrases.spelled(len(self._sources), True)}")

    def tabella_fonti(self) -> Table | None:
        """Each source: forecast, taken off, in the cards, left."""
        return coverage.sources_table(self._sources)

    # -- flows

    @property
    def meta(self) -> Said:
        """What the money goes to: ``obiettivo`` or ``area``; absent without flows."""
        if not len(self._flows):
            raise self._absent("nessun flusso")
        goals = any(card for name, card in self._cards.items() if name.startswith("po2020-"))
        return Said("obiettivo" if goals else "area")

    @property
    def mete(self) -> Said:
        """The same in the plural, with the article."""
        return Said("gli obiettivi" if self.meta == "obiettivo" else "le aree")

    @property
    def alle_mete(self) -> Said:
        """``agli obiettivi``, ``alle aree``."""
        return Said("agli obiettivi" if self.meta == "obiettivo" else "alle aree")

    @property
    def fra_letti(self) -> Said:
        """``fra quelli che si leggono``, where some cannot be read; else nothing."""
        return Said("fra quelli che si leggono" if self._unread else "")

    @property
    def maggiore(self) -> Said:
        """``da «Comuni» a «5. Gestione associata»: € 5.085.818,36``: the largest flow that can be read."""
        read = self._order[self._order["centro"] != coverage.UNREAD]
        if read.empty:
            raise self._absent("nessun flusso")
        row = read.iloc[0]
        return Said(f"da «{row['fonte_nome']}» a «{row['centro_nome']}»: {numbers.euro(row['valore'])}")

    @property
    def maggiori(self) -> Said:
        """The three largest flows of those that can be read."""
        self.meta
        rows = self._order[self._order["centro"] != coverage.UNREAD].head(3).itertuples()
        return Said(
            phrases.listing(
                [f"da «{row.fonte_nome}» a «{row.centro_nome}» ({numbers.euro(row.valore)})" for row in rows]
            )
        )

    @property
    def prime(self) -> Said:
        """``«Comuni» per «5. …» e «6. …»; «FNPS» per «15. …»``: the first source of each goal all of which can be read.

        A goal that the other funds together pay most of has none.
        """
        self.meta
        first = self._order.drop_duplicates("centro").sort_values("posto", kind="stable")
        unread = coverage.unread_centres(self.libro, self._cards)
        first = first[~first["centro"].isin(unread) & (first["fonte"] != coverage.OTHERS)]
        if first.empty:
            raise self._absent("nessuna che si legga per intero")
        groups = {name: list(rows["centro_nome"]) for name, rows in first.groupby("fonte_nome", sort=False)}
        order = sorted(groups, key=lambda name: -len(groups[name]))
        told = [f"«{name}» per {phrases.listing([f'«{centre}»' for centre in groups[name]])}" for name in order]
        return Said("; ".join(told))

    @property
    def sole(self) -> Said:
        """The goals that one source pays alone, with it; absent without any."""
        alone = {
            name: rows["fonte_nome"].iloc[0]
            for name, rows in self._flows.groupby("centro_nome", sort=False)
            if len(rows) == 1
        }
        return named(alone, str)

    @property
    def non_leggibile(self) -> Said:
        """The band of what cannot be read, by name; absent where there is none."""
        names = self._flows.loc[self._flows["centro"] == coverage.UNREAD, "centro_nome"]
        if names.empty:
            raise self._absent("tutto si legge")
        return Said(names.iloc[0])

    @property
    def attribuita(self) -> Said:
        """The only goal with lines that cannot be read, to which what is left goes; absent where they are none, or several."""
        if not self._unread or coverage.UNREAD in set(self._flows["centro"]):
            raise self._absent("nessuna, o più d’una")
        return Said(self._unread[0].title)

    @property
    def flussi(self) -> pd.DataFrame | None:
        """The flows, for a chart; None without any."""
        return self._flows if len(self._flows) else None

    def tabella(self) -> Table | None:
        """Beside each goal, or area, its sources from the largest."""
        return coverage.by_centre(self._flows, self.meta.capitalize()) if len(self._flows) else None
