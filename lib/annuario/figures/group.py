"""Figures that belong together: the rows of one printed table, the parts of a whole, by code or by name.

``tm = libro.cifre("tm-flussi")`` gives ``tm.nuovi_casi`` and ``tm["nuovi-casi"]``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial

from annuario.data.nature import UNDECLARED
from annuario.errors import BookError
from annuario.figures.figure import Figure, Incomparable
from annuario.figures.words import Absent, Said
from annuario.messages import listing, say
from annuario.words import numbers, phrases, trends

#: The row of a printed total, which is not one of the parts.
TOTAL = "totale"


class Figures:
    """Figures by code, in the printed order; each is made when it is asked for.

    ``parts`` are the codes that are parts of the whole: without it all but ``totale``. ``missing``
    makes the figure of a code that is asked for and not among them: one that the edition lacks is absent.

    >>> tm = libro.cifre("tm-flussi")
    >>> tm.nuovi_casi is tm["nuovi-casi"], len(tm), "nuovi-casi" in tm, next(iter(tm))
    (True, 5, True, 'in-carico-01-01')
    >>> tm.nuovi
    Traceback (most recent call last):
        ...
    AttributeError: tm-flussi: no figure «nuovi» here: there are in-carico-01-01, nuovi-casi, ...
    """

    def __init__(
        self,
        code: str,
        make: Mapping[str, Callable[[], Figure]],
        year: int,
        parts: list[str] | None = None,
        missing: Callable[[str], Figure] | None = None,
    ):
        self.code = code
        self.year = year
        self._make = dict(make)
        self._made: dict[str, Figure] = {}
        self._missing = missing
        self._parts = [name for name in self._make if name.rpartition("/")[2] != TOTAL] if parts is None else parts

    def __getattr__(self, name: str) -> Figure:
        if name.startswith("__"):
            raise AttributeError(name)
        for code in self._make:
            if code.replace("/", "-").replace("-", "_") == name:
                return self[code]
        try:
            return self[name.replace("_", "-")]
        except KeyError as error:
            raise AttributeError(*error.args) from error

    def __getitem__(self, code: str) -> Figure:
        if code not in self._made:
            self._made[code] = self._make[code]() if code in self._make else self._absent(code)
        return self._made[code]

    def _absent(self, code: str) -> Figure:
        try:
            if self._missing:
                return self._missing(code)
        except BookError:
            pass
        raise KeyError(
            say(
                "{code}: no figure «{other}» here: there are {known}",
                code=self.code,
                other=code,
                known=", ".join(self._make) or say("none"),
            )
        )

    def __iter__(self) -> Iterator[str]:
        """The codes, in the printed order."""
        return iter(self._make)

    def __len__(self) -> int:
        return len(self._make)

    def __contains__(self, code: str) -> bool:
        return code in self._make

    def __bool__(self) -> bool:
        raise TypeError(
            say(
                "{code}: a group of figures has no truth: write the sentence so that their absence empties it",
                code=self.code,
            )
        )

    @property
    def note(self) -> list[Figure]:
        """The parts that are there, in the printed order.

        >>> [str(figure.conta) for figure in libro.cifre("tm-flussi").note][:2]
        ['753 minori', '318 casi']
        """
        return [figure for figure in map(self.__getitem__, self._parts) if figure.nota]

    def solo(self, *codes: str) -> Figures:
        """A group of some of these figures, in the order given.

        >>> list(libro.cifre("tm-flussi").solo("casi-chiusi", "nuovi-casi"))
        ['casi-chiusi', 'nuovi-casi']
        """
        found = {code: self[code] for code in codes}
        return Figures(self.code, {code: partial(found.__getitem__, code) for code in codes}, self.year)

    def senza(self, *codes: str) -> Figures:
        """A group without some of these figures.

        >>> len(libro.cifre("tm-flussi")), len(libro.cifre("tm-flussi").senza("casi-chiusi", "nuovi-casi"))
        (5, 3)
        """
        return Figures(
            self.code,
            {code: make for code, make in self._make.items() if code not in codes},
            self.year,
            None,
            self._missing,
        )

    # -- sums and order

    @property
    def somma(self) -> Figure:
        """The computed sum of the parts, absent where there is none. The printed total is ``totale``.

        Years in which a part that is there this year is missing are left out, so that the sum
        of each year is of the same things. Raises Incomparable for parts that are not of one kind,
        or of which one is among another's.

        >>> print(gruppo(casi(12), casi(3), casi(None)).somma.conta)
        15 casi
        >>> gruppo(casi(None)).somma.nota
        False
        """
        return self._sum(self.note)

    def primi(self, count: int) -> Figure:
        """The sum of the ``count`` largest parts; absent with fewer, or with a tie at the last place.

        >>> print(gruppo(casi(12), casi(3), casi(5)).primi(2).conta)
        17 casi
        >>> gruppo(casi(12), casi(3), casi(3)).primi(2)
        Traceback (most recent call last):
            ...
        annuario.figures.words.Absent: gruppo: i primi 2 (2025): pochi valori o a pari merito
        """
        order = self._ordered()
        if len(order) < count or (len(order) > count and order[count - 1].valore == order[count].valore):
            raise Absent(f"{self.code}: i primi {count}", self.year, "pochi valori o a pari merito")
        return self._sum(order[:count])

    def _sum(self, figures: list[Figure]) -> Figure:
        if not figures:
            nature = self[self._parts[0]].nature if self._parts else UNDECLARED
            return Figure(f"{self.code}: somma", {}, self.year, nature)
        self._require_parts(figures)
        total = figures[0]
        for figure in figures[1:]:
            total = total + figure
        return replace(total, code=f"{self.code}: somma")

    @property
    def massima(self) -> Figure:
        """The largest part; absent on a tie, or where all are zero. What is declared a rest has no place.

        >>> print(gruppo(casi(3), casi(12)).massima.conta)
        12 casi
        >>> gruppo(casi(12), casi(12)).massima
        Traceback (most recent call last):
            ...
        annuario.figures.words.Absent: gruppo: 1° posto (2025): nessuno, o a pari merito
        """
        return self.posto(1)

    @property
    def minima(self) -> Figure:
        """The smallest part (one of them, on a tie: see ``nomi_minima``).

        >>> print(gruppo(casi(3), casi(12), casi(0)).minima.conta)
        nessun caso
        """
        return self._ordered()[-1]

    def posto(self, place: int) -> Figure:
        """The part at a place, from 1 for the largest; absent on a tie with another, or where it is zero.

        >>> print(gruppo(casi(3), casi(12), casi(5)).posto(2).conta)
        5 casi
        >>> gruppo(casi(3), casi(12)).posto(3)
        Traceback (most recent call last):
            ...
        annuario.figures.words.Absent: gruppo: 3° posto (2025): nessuno, o a pari merito
        """
        order = self._ordered()
        absent = Absent(f"{self.code}: {place}° posto", self.year, "nessuno, o a pari merito")
        if place > len(order) or not order[place - 1].valore:
            raise absent
        figure = order[place - 1]
        if sum(other.valore == figure.valore for other in order) > 1:
            raise absent
        return figure

    def _ordered(self) -> list[Figure]:
        known = sorted(self._named, key=lambda figure: -figure.valore)
        self._require_parts(known)
        if not known:
            raise Absent(self.code, self.year)
        self._require_settled(known)
        return known

    @property
    def _named(self) -> list[Figure]:
        """The parts that are there, without the rest of the whole, which is no part like the others."""
        return [figure for figure in self.note if not figure.nature.rest]

    def _require_parts(self, figures: list[Figure]) -> None:
        """Raises Incomparable where figures are no parts of one whole: nothing is first among them, nor their sum."""
        for what, found in (
            (say("kinds"), {figure.nature.kind for figure in figures}), (say("bases"), {figure.nature.basis for figure in figures}),
        ):  # fmt: skip
            if len(found - {""}) > 1:
                raise Incomparable(
                    say(
                        "{code}: the {what} {found}: not comparable.",
                        code=self.code,
                        what=what,
                        found=listing(sorted(found - {""})),
                    )
                )
        codes = {figure.code for figure in figures}
        for figure in figures:
            if figure.nature.within in codes:
                raise Incomparable(
                    say(
                        "{code}: {other} is among {within}: not beside it. Take one of them: senza(…), solo(…).",
                        code=self.code,
                        other=figure.code,
                        within=figure.nature.within,
                    )
                )

    # -- what moved the sum

    @property
    def motore(self) -> Figure:
        """The part whose change is more than half of the sum's since the last year known, and in its direction.

        Absent where no part alone is, or the rest is, where the sum did not change, or where a part is known in
        one of the two years only: what it did in the other nobody knows. Also where that is no year to compare with.

        >>> print(gruppo(casi(10, 30), casi(20, 15)).motore.differenza)
        +20
        >>> gruppo(casi(10, 20), casi(20, 30)).motore
        Traceback (most recent call last):
            ...
        annuario.figures.words.Absent: gruppo: motore (2025): nessuna voce spiega da sola la variazione
        """
        parts = self.note
        self._require_parts(parts)
        before = max((trends.last_before(part._comparable(), part.year) or 0 for part in parts), default=0)
        absent = Absent(f"{self.code}: motore", self.year, "nessuna voce spiega da sola la variazione")
        if any(part.year in part.series and before not in part._comparable() for part in parts):
            raise absent
        if any(part.nel(before).nota and not part.nota for part in map(self.__getitem__, self._parts)):
            raise absent
        gaps = {part: part.valore - part.series[before] for part in parts}
        change = sum(gaps.values())
        found = max(gaps, key=lambda part: gaps[part] * (1 if change > 0 else -1), default=None)
        if found is None or found.nature.rest or not change or gaps[found] * change * 2 <= change**2:
            raise absent
        return found

    @property
    def altre(self) -> Figures:
        """The parts without the ``motore``: their sum is what would have been without it. Absent as it is.

        >>> print(gruppo(casi(10, 30), casi(20, 15)).altre.somma.differenza)
        −5
        """
        found = self.motore
        return self.senza(next(code for code in self._parts if self[code] is found))

    def _require_settled(self, known: list[Figure], *years: int) -> None:
        """No order of values that the documents leave open: nobody knows which comes first.

        A sum of which a part alone is open keeps its place.
        """
        if any(figure.incerta(*years) for figure in known):
            raise Absent(self.code, self.year, "valori che i documenti lasciano aperti")

    # -- sayings

    @property
    def classifica(self) -> Said:
        """The first three by value, ties together. Absent without any.

        >>> print(gruppo(casi(3), casi(12), casi(5), casi(12)).classifica)
        Due e Quattro, a pari merito, seguiti da Tre
        """
        return Said(phrases.ranking(self._ranked()))

    def accordo(self, uno: str, molti: str) -> Said:
        """``uno`` where one part comes first, ``molti`` where several do.

        >>> gruppo(casi(3), casi(12)).accordo("viene", "vengono"), gruppo(casi(3), casi(3)).accordo("viene", "vengono")
        ('viene', 'vengono')
        """
        values = list(self._ranked().values())
        return Said(uno if values.count(max(values)) == 1 else molti)

    def _ranked(self) -> dict[str, Decimal]:
        known = {figure.name: figure.valore for figure in self._ordered()}
        if not any(known.values()):
            raise Absent(self.code, self.year, "tutti a zero")
        return known

    @property
    def nomi_minima(self) -> Said:
        """The names of the parts with the smallest value.

        >>> print(gruppo(casi(3), casi(12), casi(3)).nomi_minima)
        Uno e Tre
        """
        least = self.minima.valore
        return Said(phrases.listing([figure.name for figure in self.note if figure.valore == least]))

    @property
    def aumento(self) -> Said:
        """Where the growth since the last year known is largest; absent where nothing grew.

        >>> print(gruppo(casi(10, 30), casi(20, 25)).aumento)
        Uno (+20)
        >>> gruppo(casi(30, 10), casi(20, 20)).aumento
        Traceback (most recent call last):
            ...
        annuario.figures.words.Absent: gruppo (2025): nessuna variazione
        """
        return self._widest(max)

    @property
    def calo(self) -> Said:
        """Where the fall is largest; absent where nothing fell.

        >>> print(gruppo(casi(30, 10), casi(20, 25)).calo)
        Uno (−20)
        """
        return self._widest(min)

    def _widest(self, pick: Callable) -> Said:
        self._require_parts(self._named)
        since = {figure: trends.last_before(figure._comparable(), figure.year) for figure in self._named}
        before = max((year for year in since.values() if year is not None), default=0)
        moves = {}
        for figure in (figure for figure, year in since.items() if year == before):
            self._require_settled([figure], figure.year, before)
            moves[figure] = figure.valore - figure.series[before]
        widest = pick(moves.values(), default=0)
        if widest == 0 or (widest < 0) == (pick is max):
            raise Absent(self.code, self.year, "nessuna variazione")
        names = [figure.name for figure, gap in moves.items() if gap == widest]
        return Said(f"{phrases.listing(names)} ({numbers.signed(widest, next(iter(moves)).unit)})")
