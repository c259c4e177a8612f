"""A figure: a number that knows what it counts, when, on what basis, and where it stands.

>>> from decimal import Decimal
>>> from annuario.figures.nature import Nature, FLOW
>>> from annuario.phrases import Noun
>>> casi = Nature("casi", FLOW, noun=Noun("caso", "casi"))
>>> nuovi = Figure("tm-flussi/nuovi-casi", {2024: Decimal(220), 2025: Decimal(236)}, 2025, casi)
>>> f"Si sono aggiunti {nuovi.conta}{nuovi.andamento}."
'Si sono aggiunti 236 casi, in aumento del 7,3\\xa0% rispetto al 2024.'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from annuario import numbers
from annuario.figures.nature import MIXED, RATIO, UNDECLARED, YEAR_BEFORE, Nature
from annuario.figures.words import Sayings, Year


class Absent(Exception):
    """A figure is not there: the sentence, item or caption that needs it drops out."""

    def __init__(self, code: str, year: int, reason: str = "non pubblicato"):
        super().__init__(f"{code} ({year}): {reason}")
        self.code, self.year, self.reason = code, year, reason


class Incomparable(ValueError):
    """Two figures that must not be combined, in any edition: two kinds, units, bases or perimeters."""


@dataclass(frozen=True)
class Row:
    """A row that a figure rests on: its table, its place in it (from 0), its year and its source.

    ``edition`` is that which published it, where it is not the figure's own.
    """

    table: str
    place: int
    year: int = 0
    source: str = ""
    edition: str = ""


@dataclass(frozen=True, eq=False)
class Figure(Sayings):
    """One number of one year with all that is known of it.

    ``series`` maps the years that the edition sees, up to its own, to their values; without
    ``year`` among them the figure is absent. ``rows`` are the rows of the data it rests on,
    ``reasons`` what an author gave for a comparison that is refused otherwise, ``name`` what
    tables and charts call it.

    Equality is identity: compare ``valore``. A figure has no truth and no length; text is
    written so that its absence empties the sentence.
    """

    code: str
    series: Mapping[int, Decimal]
    year: int
    nature: Nature = UNDECLARED
    name: str = ""
    rows: tuple[Row, ...] = ()
    reasons: tuple[str, ...] = ()
    why_absent: str = field(default="non pubblicato", repr=False)

    @property
    def nota(self) -> bool:
        """Whether the figure is there."""
        return self.series.get(self.year) is not None

    @property
    def valore(self) -> Decimal:
        """The exact value. Raises Absent."""
        value = self.series.get(self.year)
        if value is None:
            raise Absent(self.code, self.year, self.why_absent)
        return value

    @property
    def unit(self) -> str:
        """The unit of measure, one of ``numbers.UNITS``; of what is not declared, ``numero``."""
        return self.nature.unit or "numero"

    def __bool__(self) -> bool:
        raise TypeError(f"{self.code}: a figure has no truth: write the sentence so that its absence empties it")

    def __iter__(self):
        raise TypeError(f"{self.code}: a figure is one number, not a list")

    def __format__(self, spec: str) -> str:
        raise TypeError(f"{self.code}: a figure is not formatted: name it, or one of its sayings, in the text")

    # -- other figures of the same thing

    @property
    def anno(self) -> Year:
        """The year of the figure, printed as a year."""
        return Year(self.year)

    @property
    def prima(self) -> Figure:
        """The same of the year before."""
        return self.nel(self.year - 1)

    @property
    def ultima(self) -> Figure:
        """The same of the last year known, up to this one: for what is not published each year."""
        return self.nel(max((year for year in self.series if year <= self.year), default=self.year))

    def nel(self, year: int) -> Figure:
        """The same of another year, as it was known up to then."""
        return replace(self, year=year, series={each: value for each, value in self.series.items() if each <= year})

    # -- arithmetic

    def __add__(self, other: Figure) -> Figure:
        """The sum: of two amounts of one unit; a flow may be added to a stock (opening + new)."""
        return self._sum(other, "+", 1)

    def __sub__(self, other: Figure) -> Figure:
        """The difference, under the same conditions as the sum."""
        return self._sum(other, "−", -1)

    def _sum(self, other: Figure, sign: str, factor: int) -> Figure:
        self._same_things(other, sign)
        self._refuse(other, sign, self._bases(other) + self._perimeters(other, sign), "")
        return self._combined(other, sign, lambda one, two: one + factor * two, self.nature, "")

    def quota(self, whole: Figure, perche: str = "") -> Figure:
        """The share of ``whole`` in percent: prints with its article, ``l’11,5 %``.

        Raises Incomparable for two units, a stock and a flow, two bases, or a perimeter that
        the whole does not hold, unless ``perche`` gives the reason, which is printed.
        """
        problems = self._kinds(whole) + self._bases(whole) + self._perimeters(whole, "quota")
        if self.unit == "%" or whole.unit == "%":
            problems.append("a percentage of a percentage")
        elif self.unit != whole.unit:
            problems.append(f"{self.unit} of {whole.unit}")
        self._refuse(whole, "quota", problems, perche)
        nature = Nature("%", RATIO, basis=self.nature.basis, perimeter=self.nature.perimeter)
        found = self._combined(whole, "quota", lambda part, all_: part / all_ * 100 if all_ else None, nature, perche)
        return Share(**{name: getattr(found, name) for name in found.__dataclass_fields__})

    def ogni(self, whole: Figure, quanti: int = 1, perche: str = "") -> Figure:
        """The ratio: ``spesa.ogni(seguiti)`` in euro for each, ``seguiti.ogni(abitanti, 1000)`` per thousand.

        Raises Incomparable for a stock over a flow (or the reverse) whose divisor is not
        declared a denominator, two bases or two perimeters, unless ``perche`` gives the
        reason, which is printed.
        """
        problems = [] if whole.nature.denominator else self._kinds(whole)
        problems += self._bases(whole) + ([] if whole.nature.denominator else self._perimeters(whole, "ogni"))
        self._refuse(whole, "ogni", problems, perche)
        unit = self.unit if self.unit.startswith("EUR") else "numero"
        nature = Nature(unit, RATIO, basis=self.nature.basis)
        return self._combined(whole, "ogni", lambda one, two: one / two * quanti if two else None, nature, perche)

    def _combined(self, other: Figure, sign: str, value, nature: Nature, perche: str) -> Figure:
        """The figure of an operation, year by year where both are known; absent where years or dates lie apart."""
        series, why = {}, self.why_absent if not self.nota else other.why_absent
        if self._real_year() == other._real_year() or perche:
            shift = other.year - self.year
            for year, one in self.series.items():
                two = other.series.get(year + shift)
                if one is not None and two is not None and (found := value(one, two)) is not None:
                    series[year] = found
        elif self.nota and other.nota:
            why = f"anni diversi ({self._real_year()} e {other._real_year()})"
        nature = replace(nature, breaks={**self.nature.breaks, **other.nature.breaks})
        reasons = tuple(dict.fromkeys((*self.reasons, *other.reasons, *((perche,) if perche else ()))))
        rows = tuple(dict.fromkeys((*self.rows, *other.rows)))
        return Figure(f"({self.code} {sign} {other.code})", series, self.year, nature, "", rows, reasons, why)

    def _real_year(self) -> object:
        """The year that the figure is about, which need not be that it is printed under."""
        if self.nature.date == MIXED:
            return (self.year - 1, self.year)
        return self.year - (self.nature.date == YEAR_BEFORE)

    def _same_things(self, other: Figure, sign: str) -> None:
        if self.unit != other.unit and not (self.unit in numbers.COUNTS and other.unit in numbers.COUNTS):
            self._refuse(other, sign, [f"{self.unit} and {other.unit}"], "")
        if RATIO in (self.nature.kind, other.nature.kind) or "%" in (self.unit, other.unit):
            self._refuse(other, sign, ["ratios are not added"], "")

    def _kinds(self, other: Figure) -> list[str]:
        one, two = self.nature.kind, other.nature.kind
        return [f"a {one} over a {two}"] if one and two and one != two else []

    def _bases(self, other: Figure) -> list[str]:
        one, two = self.nature.basis, other.nature.basis
        return [f"{one} and {two}"] if one and two and one != two else []

    def _perimeters(self, other: Figure, sign: str) -> list[str]:
        one, two = self.nature.perimeters, other.nature.perimeters
        if not one or not two or one == two or (sign == "quota" and one < two):
            return []
        return [f"the perimeters {'+'.join(sorted(one))} and {'+'.join(sorted(two))}"]

    def _refuse(self, other: Figure, sign: str, problems: list[str], perche: str) -> None:
        if problems and not perche:
            raise Incomparable(
                f"{self.code} {sign} {other.code}: {', '.join(problems)}: not comparable. Where they are, correct the "
                "table grandezze; where you mean it all the same, say why: perche=\"…\"."
            )


class Share(Figure):
    """A share in percent: in a sentence it prints with its article, ``l’11,5 %``; ``nuda`` without."""

    def _repr_markdown_(self) -> str:
        return self.il._repr_markdown_()
