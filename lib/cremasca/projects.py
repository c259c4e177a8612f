"""The register of projects: who promotes and funds them, how much, and what part is the company's."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cached_property, partial

import pandas as pd

from annuario.data.nature import FACT, FLOW, RATIO, Nature
from annuario.figures import Absent, Figure, Figures, Said
from annuario.notebook import Chapter
from annuario.tables import Table
from annuario.words import numbers, phrases
from cremasca.budgets import execution
from cremasca.counts import rows
from cremasca.names import Names, listed
from cremasca.project_tables import amounts, parties, remarks
from cremasca.years import several, span

#: Years of the series of the unit's activity.
LONG = 4
_COUNTED = Nature("numero", FACT, noun=phrases.NOUNS["progetti"])
_MONEY = Nature("EUR", FLOW)


class Progetti:
    """The unit's year and the register of its projects, as an edition sees them; amounts are those of the whole projects."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self.attivita = libro.cifra("progettazione/presentate-avviate")
        self.speso, self.previsto = (
            libro.cifra(f"bilancio/{phase}/totale/progettazione/totale/totale")
            for phase in ("consuntivo", "preventivo")
        )
        self.registro = libro.table("progetti", anno=libro.year)

    # -- the year of the unit

    @property
    def attivita_negli_anni(self) -> Figure | None:
        """Projects presented or begun, where several years are known."""
        return several(self.attivita, LONG)

    @property
    def anni_attivita(self) -> Said:
        """Those years."""
        return span(self.attivita, years=LONG)

    @cached_property
    def quota_spesa(self) -> Figure:
        """What was spent of what was planned."""
        return execution(self.speso, self.previsto)

    # -- how many

    def _count(self, name: str, frame: pd.DataFrame) -> Figure:
        """How many projects there are in some rows of the register; absent in a year without one."""
        return self._figure(name, frame, None if self.registro.empty else Decimal(len(frame)), _COUNTED)

    def _sum(self, name: str, amount: str) -> Figure:
        """The sum of an amount over the projects that state it; absent where none does."""
        frame = self._stating(amount)
        return self._figure(name, frame, sum(frame[amount], Decimal(0)) if len(frame) else None, _MONEY)

    def _figure(self, name: str, frame: pd.DataFrame, value: Decimal | None, nature: Nature, label: str = "") -> Figure:
        year = self.libro.year
        found = rows(self.libro, "progetti", frame, ["progetto"])
        return Figure(f"progetti/{name}", {} if value is None else {year: value}, year, nature, label, found)

    def _stating(self, amount: str) -> pd.DataFrame:
        return _where(self.registro, [value is not None for value in self.registro[amount]])

    @cached_property
    def numero(self) -> Figure:
        """The projects of the register; absent without one."""
        return self._count("numero", self.registro)

    @cached_property
    def avviati(self) -> Figure:
        """Those that begin in the year, by the printed dates."""
        return self._count("avviati", self._dated("data_avvio"))

    @cached_property
    def conclusi(self) -> Figure:
        """Those that end in the year."""
        return self._count("conclusi", self._dated("data_fine"))

    def _dated(self, field: str) -> pd.DataFrame:
        return _where(self.registro, [day.startswith(str(self.libro.year)) for day in self.registro[field]])

    @cached_property
    def capofila(self) -> Figure:
        """Those that the company leads."""
        leads = [name.startswith(("CSC", "Comunità Sociale")) for name in self.registro["capofila"]]
        return self._count("capofila", _where(self.registro, leads))

    @cached_property
    def con_importi(self) -> Figure:
        """Those whose total the register states."""
        return self._count("con-importi", self._stating("importo_totale"))

    # -- how much

    @cached_property
    def ambito(self) -> Figure:
        """What the projects assign to the ambito."""
        return self._sum("ambito", "assegnato_ambito")

    @cached_property
    def azienda(self) -> Figure:
        """What they assign to the company."""
        return self._sum("azienda", "assegnato_csc")

    @cached_property
    def cofinanziamento(self) -> Figure:
        """What the company adds of its own."""
        return self._sum("cofinanziamento", "cofinanziamento_csc")

    @cached_property
    def maggiori(self) -> Figures:
        """What each project assigns to the company, by its short title, from the largest; zeros left out."""
        frame = self._stating("assegnato_csc").sort_values("assegnato_csc", ascending=False, kind="stable")
        titles = {row.progetto: (row.titolo, row.assegnato_csc) for row in frame.itertuples() if row.assegnato_csc}
        make = {
            code: partial(self._figure, code, frame[frame["progetto"] == code], value, _MONEY, _short(title))
            for code, (title, value) in titles.items()
        }
        return Figures("progetti", make, self.libro.year)

    @property
    def primi_dieci(self) -> list[Figure]:
        """The ten largest of them."""
        return self.maggiori.note[:10]

    @cached_property
    def quota_primo(self) -> Figure:
        """The share of the largest of what goes to the company."""
        return self.maggiori.massima.quota(self.azienda)

    # -- who funds

    @cached_property
    def _kinds(self) -> dict[str, pd.DataFrame]:
        """The projects by kind of funding body, which is ours."""
        kinds = [self._kind(name) for name in self.registro["finanziatore"]]
        return dict(list(self.registro.groupby(pd.Series(kinds, index=self.registro.index, dtype=object))))

    def _kind(self, printed: str) -> str:
        """The kind of a funding body, of the list ``finanziatori``, by how its printed name begins."""
        return self._known.fitting(re.sub(r"\s*-\s*", "-", printed))

    @cached_property
    def _known(self) -> Names:
        return listed(self.libro.package, "finanziatori")

    def _funders(self, value: Callable) -> Figures:
        make = {code: partial(value, code, frame, self._known[code].nome) for code, frame in self._kinds.items()}
        return Figures("progetti/finanziatori", make, self.libro.year)

    @cached_property
    def finanziatori(self) -> Figures:
        """What each kind of funding body gives to the company."""

        def given(code: str, frame: pd.DataFrame, name: str) -> Figure:
            values = [value for value in frame["assegnato_csc"] if value is not None]
            return self._figure(code, frame, sum(values, Decimal(0)), _MONEY, name)

        return self._funders(given)

    @property
    def finanziatori_maggiori(self) -> list[Figure]:
        """Those that give something, from the largest."""
        return sorted((figure for figure in self.finanziatori.note if figure.valore), key=lambda figure: -figure.valore)

    @cached_property
    def per_numero(self) -> Figures:
        """How many projects each kind funds."""
        return self._funders(lambda code, frame, name: self._figure(code, frame, Decimal(len(frame)), _COUNTED, name))

    @cached_property
    def quota_finanziatore(self) -> Figure:
        """The share of the first."""
        return self.finanziatori.massima.quota(self.azienda)

    # -- the company's part

    @cached_property
    def _both(self) -> pd.DataFrame:
        """The projects that print what goes to the ambito and to the company, the first not zero."""
        frame = self._stating("assegnato_csc")
        return _where(frame, [bool(value) for value in frame["assegnato_ambito"]])

    @cached_property
    def quota_azienda(self) -> Figure:
        """The company's share, over the projects that print both amounts."""
        sums = [sum(self._both[field], Decimal(0)) for field in ("assegnato_csc", "assegnato_ambito")]
        one, all_ = (self._figure("quota", self._both, value if len(self._both) else None, _MONEY) for value in sums)
        return one.quota(all_)

    def _divided(self, name: str, test: Callable) -> Figure:
        chosen = [test(row.assegnato_csc, row.assegnato_ambito) for row in self._both.itertuples()]
        if self._both.empty:
            return self._figure(name, self._both, None, _COUNTED)
        return self._count(name, _where(self._both, chosen))

    @cached_property
    def interi(self) -> Figure:
        """The projects whose amount is all the company's."""
        return self._divided("interi", lambda own, all_: own >= all_)

    @cached_property
    def divisi(self) -> Figure:
        """Those whose amount is shared with other bodies."""
        return self._divided("divisi", lambda own, all_: 0 < own < all_)

    @cached_property
    def di_altri(self) -> Figure:
        """Those of which the company has nothing; absent where there is none."""
        found = self._divided("di-altri", lambda own, all_: own == 0)
        if not found.valore:
            raise Absent(found.code, found.year, "nessuno")
        return found

    @cached_property
    def quote(self) -> list[Figure] | None:
        """The company's share of each project that is shared; None with fewer than two."""
        rate = Nature("%", RATIO)
        found = [
            self._figure(
                row.progetto,
                self._both[self._both["progetto"] == row.progetto],
                numbers.rounded(share, 1),
                rate,
                _short(row.titolo),
            )
            for row in self._both.itertuples()
            if 0 < (share := row.assegnato_csc / row.assegnato_ambito * 100) < 100
        ]
        return found if len(found) > 1 else None

    def _extreme(self, pick: Callable) -> Figure:
        if self.quote is None:
            raise Absent("progetti/quote", self.libro.year)
        return pick(self.quote, key=lambda figure: figure.valore)

    @property
    def quota_minima(self) -> Figure:
        """The smallest of those shares."""
        return self._extreme(min)

    @property
    def quota_massima(self) -> Figure:
        """The largest."""
        return self._extreme(max)

    # -- tables

    @property
    def enti(self) -> Table | None:
        """Who promotes and who funds each project, and its dates."""
        return None if self.registro.empty else parties(self.registro)

    @property
    def importi(self) -> Table | None:
        """The amounts of each project."""
        return amounts(self.registro) if self.azienda.nota else None

    @property
    def annotazioni(self) -> Table | None:
        """What the register adds about some projects."""
        noted = self.registro[self.registro["annotazione"] != ""]
        return None if noted.empty else remarks(noted)


def _where(frame: pd.DataFrame, chosen: list[bool]) -> pd.DataFrame:
    return frame[pd.Series(chosen, index=frame.index, dtype=bool)]


def _short(title: str) -> str:
    """A title up to its explanation, which follows a dash, a colon or a bracket."""
    return re.split(r"(?<=\w.) \(|: | - (?!\d)", title)[0]
