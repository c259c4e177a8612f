"""What budget lines cost: what was spent, and beside it what had been planned."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial

import pandas as pd

from annuario.errors import BookError
from annuario.figures import Figure, Figures, Said
from annuario.notebook import Chapter
from annuario.words import numbers, phrases
from cremasca import measures
from cremasca.names import Name, listed

PLANNED, SPENT = measures.PHASES


@dataclass(frozen=True, eq=False)
class Spending(Figure):
    """What some lines of a budget card cost in the year; ``planned`` is what the budget had for them.

    ``righe`` are the lines with both phases, for a chart; None where the accounts are not
    published.
    """

    planned: Figure | None = None
    righe: pd.DataFrame | None = None

    def _repr_markdown_(self) -> str:
        return self.detta._repr_markdown_()

    @property
    def detta(self) -> Said:
        """``€ 22.474,62 a consuntivo, l’88,5 % del preventivo``: the amount with what was planned.

        Where the two are far apart, or nothing was spent, both amounts; ``senza previsione
        iniziale`` where nothing was planned.
        """
        spent, planned = self.valore, self.planned.valore if self.planned.nota else 0
        if not planned:
            beside = "senza previsione iniziale"
        elif 0 < spent <= 2 * planned:
            beside = f"{phrases.the_percent(spent / planned * 100)} del preventivo"
        else:
            beside = f"a fronte di {numbers.euro(planned)} a preventivo"
        return Said(f"{numbers.euro(spent) if spent else 'zero euro'} a consuntivo, {beside}").of(self)


class Costs:
    """The spending of a chapter by name, ``costi.pua``: each of a list is a card, and how the codes of its lines begin."""

    def __init__(self, libro: Chapter, which: str):
        self.libro = libro
        self._lines = listed(libro.package, which)

    def __getattr__(self, name: str) -> Spending:
        if name.startswith("_") or name not in self._lines:
            raise AttributeError(f"qui la spesa «{name}» non c’è: ci sono {', '.join(self._lines)}")
        self.__dict__[name] = found = spending(self.libro, *lines_of(self._lines[name]))
        return found


def lines_of(name: Name) -> tuple[str, tuple[str, ...]]:
    """The card that a name tells, and how the codes of its lines begin: ``misure/fna`` says both; raises BookError where it does not."""
    cards, starts = zip(*(code.partition("/")[::2] for code in name.codici)) if name.altro else ((), ())
    if len(set(cards)) != 1 or not all(starts):
        raise BookError(
            f"nomi.csv: «{name.nome}» ha in «altro» «{name.altro}»: scrivervi le voci di una sola scheda, ciascuna come "
            "«scheda/inizio del codice», separate da spazi."
        )
    return cards[0], starts


def spending(libro: Chapter, card: str, codes: str | tuple[str, ...]) -> Spending:
    """What the lines of a card whose code begins so cost in the edition's year."""
    frame = measures.lines(libro, card, codes)
    spent, planned = (total(libro, card, frame, phase) for phase in (SPENT, PLANNED))
    known = {field.name: getattr(spent, field.name) for field in fields(Figure)}
    known["rows"] = (*spent.rows, *planned.rows)
    return Spending(**known, planned=planned, righe=None if frame.empty else frame)


def total(libro: Chapter, card: str, frame: pd.DataFrame, phase: str = SPENT) -> Figure:
    """The sum of the lines of a frame of ``bilancio`` in one phase."""
    group = f"bilancio/{phase}/totale/{card}"
    rows = frame[frame["fase"] == phase]
    codes = [f"{action}/{line}" for action, line in zip(rows["azione"], rows["voce"])]
    return Figures(group, {code: partial(libro.cifra, f"{group}/{code}") for code in codes}, libro.year, codes).somma
