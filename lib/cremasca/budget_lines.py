"""What single services cost: the lines of a budget card that concern each, planned and spent.

A sum of lines is computed, and the book says so; a card's own total is printed.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import pandas as pd

from annuario.data.nature import declared, find
from annuario.figures import Absent, Figure, Said
from annuario.figures.source import as_printed
from annuario.notebook import Chapter
from annuario.words import phrases
from cremasca.budgets import PLANNED, SPENT, execution, rows, titled
from cremasca.counts import some
from cremasca.names import listed
from cremasca.spending import lines_of

#: The budget card of the associated services.
ASSOCIATED = "gestione-associata"
#: The service whose lines are those of the action of its name: the company's own running.
RUNNING = "gestione-sistema"


class Conti:
    """The lines of the cards by service: ``conti.cdd`` are those of the day centre for disabled people."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self._services = listed(libro.package, "voci-amministrazione")
        self.area = libro.cifra(f"bilancio/consuntivo/totale/{ASSOCIATED}/totale/totale")

    def __getattr__(self, name: str) -> Voci:
        if name.startswith("_") or name not in self._services:
            raise AttributeError(f"il servizio «{name}» non c’è: ci sono {', '.join(self._services)}")
        card, starts = lines_of(self._services[name])
        lines = self._card(card)
        found = Voci(self.libro, lines[lines["voce"].str.startswith(starts)], name)
        self.__dict__[name] = found
        return found

    @cached_property
    def sistema(self) -> Voci:
        """The lines of the company's own running."""
        lines, services = self._card(ASSOCIATED), self.libro.package.read("servizi")
        title = services.set_index("servizio").at[RUNNING, "nome"]
        return Voci(self.libro, lines[lines["titolo"] == title], "sistema", title)

    def _card(self, card: str) -> pd.DataFrame:
        """The lines of a card in every year that the edition sees, with each action's ``titolo``."""
        return titled(self.libro.table("bilancio", scheda=card, canale="totale"), self.libro.package)


class Voci:
    """Lines of a card that belong together; absent where the year has no outcome.

    ``service`` is cut from the lines' names, where they begin with it.
    """

    def __init__(self, libro: Chapter, lines: pd.DataFrame, name: str, service: str = ""):
        self.libro, self.name, self._service = libro, name, service
        self._lines = lines

    @cached_property
    def speso(self) -> Figure:
        """The sum of the lines at the close of each published year."""
        return self._sum(SPENT)

    @cached_property
    def previsto(self) -> Figure:
        """The sum of the lines in the plan of each published year."""
        return self._sum(PLANNED)

    @cached_property
    def quota(self) -> Figure:
        """What was spent of what was planned, in percent."""
        return execution(self.speso, self.previsto)

    def _sum(self, phase: str) -> Figure:
        lines = self._lines[self._lines["fase"] == phase]
        series = lines.groupby("anno")["valore"].sum().to_dict()
        code, nature = f"bilancio/{phase}: {self.name}", find(f"bilancio/{phase}", declared(self.libro.package))
        kept = rows(self.libro, lines)
        return Figure(code, series, self.libro.year, nature, rows=kept, printed=as_printed(series, kept))

    @cached_property
    def voci(self) -> pd.DataFrame | None:
        """The lines of the year: ``voce``, ``nome``, ``fase``, ``valore`` in EUR; None without an outcome.

        ``nome`` is the standard name of a line, without the service where all repeat it; lines
        that are zero in both phases are left out.
        """
        frame = self._lines[self._lines["anno"] == self.libro.year].drop(columns="titolo")
        if SPENT not in set(frame["fase"]):
            return None
        names = frame["voce"].map(self.libro.package.read("voci").set_index("voce")["nome"])
        if names.str.contains(" – ").all():
            names = names.str.partition(" – ")[2]
        names = [phrases.capital(name.removeprefix(f"{self._service} – ")) for name in names]
        used = (
            frame.groupby("voce")["valore"].transform(lambda values: any(value != 0 for value in values)).astype(bool)
        )
        return some(frame.assign(nome=names)[used].reset_index(drop=True))

    def maggiori(self, count: int) -> pd.DataFrame | None:
        """The ``count`` lines with the largest outcome, largest first; None without an outcome."""
        if self.voci is None:
            return None
        lines = self.voci[self.voci["fase"] == SPENT]
        return some(lines.sort_values("valore", ascending=False, kind="stable").head(count))

    @property
    def massima(self) -> Said:
        """The name of the line with the largest outcome; absent without an outcome, and on a tie."""
        largest = self.maggiori(2)
        if largest is None or largest["valore"].nunique() < len(largest):
            raise Absent(self.speso.code, self.libro.year, "nessuna, o a pari merito")
        return Said(largest["nome"].iloc[0])

    def anni(self, name: str) -> Figure | None:
        """What was spent, called ``name``, where more than one year is published up to this one."""
        return replace(self.speso, name=name) if self.speso.nota and len(self.speso.series) > 1 else None
