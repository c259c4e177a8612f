"""A figure: a number that knows what it counts, when, on what basis, and where it stands.

>>> from decimal import Decimal
>>> from annuario.data.nature import Nature, FLOW
>>> from annuario.words.phrases import Noun
>>> casi = Nature("casi", FLOW, noun=Noun("caso", "casi"))
>>> nuovi = Figure("tm-flussi/nuovi-casi", {2024: Decimal(220), 2025: Decimal(236)}, 2025, casi)
>>> f"Si sono aggiunti {nuovi.conta}{nuovi.andamento}."
'Si sono aggiunti 236 casi, in aumento del 7,3\\xa0% rispetto al 2024.'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from annuario.data.corrections import Correction
from annuario.data.nature import MIXED, RATIO, STOCK, UNDECLARED, YEAR_BEFORE, Nature
from annuario.data.value import Record
from annuario.figures.words import Absent, Said, Sayings, Year
from annuario.messages import say
from annuario.words import numbers


class Incomparable(ValueError):
    """Two figures that must not be combined, in any edition: two kinds, units, bases or perimeters.

    >>> libro.cifra("tm-flussi/nuovi-casi") + casi(1).quota(casi(8))
    Traceback (most recent call last):
        ...
    annuario.figures.figure.Incomparable: ... minori and %, ratios are not added: not comparable. ...
    """


@dataclass(frozen=True)
class Row:
    """A row that a figure rests on: its table, its place in it (from 0), its year and its source.

    ``edition`` is that which published it, where it is not the figure's own; ``correction`` what the
    ledger says of its value; ``record`` is the row in its file.

    >>> libro.cifra("tm-flussi/nuovi-casi").rows[-1].source
    'relazione-2025:1254'
    """

    table: str
    place: int
    year: int = 0
    source: str = ""
    edition: str = ""
    correction: Correction | None = None
    record: Record | None = None


@dataclass(frozen=True, eq=False)
class Figure(Sayings):
    """One number of one year with all that is known of it.

    ``series`` maps the years that the edition sees to their values: up to its own, and the year
    after where it announces one; without ``year`` among them the figure is absent. ``rows`` are the rows
    of the data it rests on, ``reasons`` what an author gave for a comparison that is refused otherwise, ``name`` what
    tables and charts call it; ``printed`` maps the years whose value the ledger corrects to what
    the documents print.

    Equality is identity: compare ``valore``. A figure has no truth and no length; text is
    written so that its absence empties the sentence.

    >>> nuovi = libro.cifra("tm-flussi/nuovi-casi")
    >>> nuovi.valore, nuovi.unit, nuovi.nature.kind, nuovi.anno, str(nuovi.nome)
    (Decimal('318'), 'minori', 'flusso', 2025, 'Nuovi casi')
    >>> bool(nuovi)
    Traceback (most recent call last):
        ...
    TypeError: tm-flussi/nuovi-casi: a figure has no truth: write the sentence so that its absence empties it
    """

    code: str
    series: Mapping[int, Decimal]
    year: int
    nature: Nature = UNDECLARED
    name: str = ""
    rows: tuple[Row, ...] = ()
    reasons: tuple[str, ...] = ()
    why_absent: str = field(default=Absent.UNPUBLISHED, repr=False)
    printed: Mapping[int, Decimal] = field(default_factory=dict, repr=False)

    @property
    def nota(self) -> bool:
        """Whether the figure is there.

        >>> casi(12).nota, casi(0).nota, casi(12, None).nota
        (True, True, False)
        """
        return self.series.get(self.year) is not None

    @property
    def valore(self) -> Decimal:
        """The exact value. Raises Absent.

        >>> casi(12).valore
        Decimal('12')
        >>> casi(12, None).valore
        Traceback (most recent call last):
            ...
        annuario.figures.words.Absent: casi (2025): non pubblicato
        """
        value = self.series.get(self.year)
        if value is None:
            raise Absent(self.code, self.year, self.why_absent)
        return value

    @property
    def nome(self) -> Said:
        """What the figure is called; absent where the figure is."""
        self.valore
        return Said(self.name)

    @property
    def unit(self) -> str:
        """The unit of measure, one of ``numbers.UNITS``; of what is not declared, ``numero``."""
        return self.nature.unit or "numero"

    def __bool__(self) -> bool:
        raise TypeError(
            say("{code}: a figure has no truth: write the sentence so that its absence empties it", code=self.code)
        )

    def __iter__(self):
        raise TypeError(say("{code}: a figure is one number, not a list", code=self.code))

    def __format__(self, spec: str) -> str:
        raise TypeError(
            say("{code}: a figure is not formatted: name it, or one of its sayings, in the text", code=self.code)
        )

    # -- what the ledger says of it

    def corrections(self, *years: int) -> tuple[Correction, ...]:
        """What the ledger says of the cells that it rests on in some years (default: its own).

        >>> [(one.printed, one.used) for one in libro.cifra("sil-indicatori/utenti-in-carico").corrections()]
        [(Decimal('78'), Decimal('106'))]
        """
        years = years or (self.year,)
        return tuple(dict.fromkeys(row.correction for row in self.rows if row.correction and row.year in years))

    @property
    def corretta(self) -> bool:
        """Whether its value is another than the documents', or rests on one that is.

        >>> libro.cifra("sil-indicatori/utenti-in-carico").corretta, libro.cifra("tm-flussi/casi-chiusi").corretta
        (True, False)
        """
        return any(not one.open for one in self.corrections())

    @property
    def aperta(self) -> bool:
        """Whether the documents leave its value open, or one that it rests on.

        >>> libro.cifra("sil-indicatori/utenti-in-carico").aperta, libro.cifra("tm-flussi/casi-chiusi").aperta
        (False, True)
        """
        return any(one.open for one in self.corrections())

    def incerta(self, *years: int) -> bool:
        """Whether all that it rests on in one of some years (default: its own) is left open.

        >>> chiusi = libro.cifra("tm-flussi/casi-chiusi")
        >>> chiusi.incerta(), chiusi.incerta(2024)
        (True, False)
        """
        return any(
            {True} == {bool(row.correction and row.correction.open) for row in self.rows if row.year == year}
            for year in years or (self.year,)
        )

    @property
    def stampato(self) -> Figure:
        """The same as the documents print it, or as their numbers would have it; absent where that is no other.

        >>> utenti = libro.cifra("sil-indicatori/utenti-in-carico")
        >>> print(utenti.cifre, utenti.stampato.cifre, utenti.prima.stampato.nota)
        106 78 False
        """
        if not self.corretta:
            return replace(self, series={}, printed={}, why_absent="come nel documento")
        rows = tuple(replace(row, correction=None) for row in self.rows)
        return replace(self, series={**self.series, **self.printed}, printed={}, rows=rows)

    @property
    def motivo(self) -> Said:
        """Why the book uses another value, or why it is uncertain; absent where nothing is to be said.

        >>> print(libro.cifra("tm-flussi/casi-chiusi").motivo)
        Con 192 il movimento darebbe gli 879 minori di fine anno, che tre tabelle confermano: ...
        """
        found = self.corrections()
        if not found:
            raise Absent(self.code, self.year, "come nel documento")
        return Said(" ".join(dict.fromkeys(one.reason for one in found)))

    def told(self, *years: int) -> tuple[Row, ...]:
        """The rows of the values of some years (default: its own): what a number told rests on, not its whole series.

        >>> [row.year for row in libro.cifra("tm-flussi/nuovi-casi").told(2024, 2025)]
        [2024, 2025]
        """
        years = years or (self.year,)
        return tuple(row for row in self.rows if row.year in years) or self.rows

    # -- other figures of the same thing

    @property
    def anno(self) -> Year:
        """The year of the figure, printed as a year."""
        return Year(self.year)

    @property
    def prima(self) -> Figure:
        """The same of the year before.

        >>> print(casi(12, 15).prima.conta, casi(12, None, 15).prima.nota)
        12 casi False
        """
        return self.nel(self.year - 1)

    @property
    def dopo(self) -> Figure:
        """The same of the year after, where the edition itself announces it: absent otherwise.

        >>> casi(12, 15).prima.dopo.nota  # a year knows nothing of the next
        False
        """
        return self.nel(self.year + 1)

    @property
    def ultima(self) -> Figure:
        """The same of the last year known, up to this one: for what is not published each year.

        >>> ultima = casi(12, 15, None).ultima
        >>> print(ultima.conta, ultima.anno)
        15 casi 2024
        """
        return self.nel(max((year for year in self.series if year <= self.year), default=self.year))

    def nel(self, year: int) -> Figure:
        """The same of another year, as it was known up to then.

        >>> print(casi(12, 15, 20).nel(2024).conta, casi(12, 15, 20).nel(2024).andamento, sep="")
        15 casi, in aumento del 25 % rispetto al 2023
        >>> casi(12, 15).nel(2001).nota
        False
        """
        series, printed = (
            {each: value for each, value in known.items() if each <= year} for known in (self.series, self.printed)
        )
        return replace(self, year=year, series=series, printed=printed)

    # -- arithmetic

    def __add__(self, other: Figure) -> Figure:
        """The sum: of two amounts of one unit; a flow may be added to a stock (opening + new)."""
        return self._sum(other, "+", 1)

    def __sub__(self, other: Figure) -> Figure:
        """The difference, under the same conditions as the sum."""
        return self._sum(other, "−", -1)

    def _sum(self, other: Figure, sign: str, factor: int) -> Figure:
        problems = self._bases(other) + self._perimeters(other, sign)
        if self.unit != other.unit and not (self.unit in numbers.COUNTS and other.unit in numbers.COUNTS):
            problems.append(say("{unit} and {other_unit}", unit=self.unit, other_unit=other.unit))
        if RATIO in (self.nature.kind, other.nature.kind) or "%" in (self.unit, other.unit):
            problems.append(say("ratios are not added"))
        return self._combined(other, sign, lambda one, two: one + factor * two, self.nature, problems)

    def quota(self, whole: Figure, perche: str = "") -> Figure:
        """The share of ``whole`` in percent: prints with its article, ``l’11,5 %``.

        Raises Incomparable for two units, a stock and a flow, stocks of two dates, two bases, or a
        perimeter that the whole does not hold, unless ``perche`` gives the reason, which is printed; a whole
        that is declared a denominator may be of other things. Figures of two years give an
        absent one, unless ``perche`` is given.

        >>> print(casi(1).quota(casi(8)).il, casi(0).quota(casi(8)).il, casi(1).quota(casi(0)).nota, sep=", ")
        il 12,5 %, lo 0 %, False
        >>> print(casi(12, 15).quota(casi(12, 15).prima, perche="Sul 2024.").il)
        il 125 %
        """
        problems = self._bases(whole)
        if self.unit == "%" or whole.unit == "%":
            problems.append(say("a percentage of a percentage"))
        if not whole.nature.denominator:
            problems += self._kinds(whole) + self._perimeters(whole, "quota")
            known = self.nature.unit and whole.nature.unit
            problems += (
                [say("{unit} of {other_unit}", unit=self.unit, other_unit=whole.unit)]
                if known and self.unit != whole.unit
                else []
            )
        nature = Nature("%", RATIO, basis=self.nature.basis, perimeter=self.nature.perimeter)
        found = self._combined(
            whole, "quota", lambda part, all_: part / all_ * 100 if all_ else None, nature, problems, perche
        )
        return Share(**{name: getattr(found, name) for name in found.__dataclass_fields__})

    def ogni(self, whole: Figure, quanti: int = 1, perche: str = "") -> Figure:
        """The ratio: ``spesa.ogni(seguiti)`` in euro for each, ``seguiti.ogni(abitanti, 1000)`` per thousand.

        Raises Incomparable for a stock over a flow (or the reverse) whose divisor is not
        declared a denominator, two bases or two perimeters, unless ``perche`` gives the
        reason, which is printed. Figures of two years give an absent one, unless ``perche``
        is given.

        >>> print(casi(12).ogni(casi(8)).cifre, casi(12).ogni(casi(8), 100).cifre, casi(12).ogni(casi(0)).nota)
        1,5 150 False
        """
        problems = self._bases(whole)
        if not whole.nature.denominator:
            problems += self._kinds(whole) + self._perimeters(whole, "ogni")
        unit = self.unit if self.unit.startswith("EUR") else "numero"
        nature = Nature(unit, RATIO, basis=self.nature.basis)
        return self._combined(
            whole, "ogni", lambda one, two: one / two * quanti if two else None, nature, problems, perche
        )

    def _combined(
        self, other: Figure, sign: str, value: Callable, nature: Nature, problems: list[str], perche: str = ""
    ) -> Figure:
        """The figure of an operation, year by year where both are known; absent where years or dates lie apart.

        What must not be combined is refused; a reason that is given settles it, and is kept.
        """
        apart = self._real_year() != other._real_year()
        if problems and not perche:
            raise Incomparable(
                say(
                    "{code} {sign} {other}: {problems}: not comparable. Where they are, correct the table "
                    'grandezze; where you mean it all the same, say why: perche="…".',
                    code=self.code,
                    sign=sign,
                    other=other.code,
                    problems=", ".join(problems),
                )
            )
        series, printed, why = {}, {}, self.why_absent if not self.nota else other.why_absent
        shift = other.year - self.year
        if not apart or perche:
            for year, one in self.series.items():
                two = other.series.get(year + shift)
                if one is not None and two is not None and (found := value(one, two)) is not None:
                    series[year] = found
                    before = value(self.printed.get(year, one), other.printed.get(year + shift, two))
                    if (year in self.printed or year + shift in other.printed) and before is not None:
                        printed[year] = before
        elif self.nota and other.nota:
            why = f"anni diversi ({self._real_year()} e {other._real_year()})"
        nature = replace(
            nature,
            breaks={**self.nature.breaks, **other.nature.breaks},
            apart=self.nature.apart or other.nature.apart,
            unusual={**self.nature.unusual, **other.nature.unusual},
            within="",
            rest=False,
        )
        given = (perche,) if perche and (problems or apart) else ()
        reasons = tuple(dict.fromkeys((*self.reasons, *other.reasons, *given)))
        # each under the year of the result that it goes into
        others = (replace(row, year=row.year - shift) for row in other.rows) if shift else other.rows
        rows = tuple(dict.fromkeys((*self.rows, *others)))
        code = f"({self.code} {sign} {other.code})"
        return Figure(code, series, self.year, nature, "", rows, reasons, why, printed)

    def _real_year(self) -> object:
        """The year that the figure is about, which need not be that it is printed under."""
        if self.nature.date == MIXED:
            return (self.year - 1, self.year)
        return self.year - (self.nature.date == YEAR_BEFORE)

    def _kinds(self, other: Figure) -> list[str]:
        one, two = self.nature, other.nature
        if one.kind and two.kind and one.kind != two.kind:
            return [say("a {kind} over a {other_kind}", kind=one.kind, other_kind=two.kind)]
        days = [nature.date for nature in (one, two) if nature.kind == STOCK and nature.date]
        return (
            [say("the dates {days} and {other_days}", days=days[0], other_days=days[1])] if len(set(days)) == 2 else []
        )

    def _bases(self, other: Figure) -> list[str]:
        one, two = self.nature.basis, other.nature.basis
        return [say("{one} and {two}", one=one, two=two)] if one and two and one != two else []

    def _perimeters(self, other: Figure, sign: str) -> list[str]:
        one, two = self.nature.perimeters, other.nature.perimeters
        if not one or not two or one == two or (sign == "quota" and one < two):
            return []
        return [say("the perimeters {one} and {two}", one="+".join(sorted(one)), two="+".join(sorted(two)))]


class Share(Figure):
    """A share in percent: in a sentence it prints with its article, ``l’11,5 %``; ``nuda`` without."""

    def _repr_markdown_(self) -> str:
        return self.il._repr_markdown_()

    def _told(self, value: Decimal) -> Decimal:
        return numbers.rounded(value, 1)
