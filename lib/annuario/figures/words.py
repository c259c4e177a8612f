"""What a figure says of itself: Italian words that read within a sentence.

Values (``conta``, ``circa``, ``il``…) are never empty: of an absent figure they raise
Absent, and the sentence drops out. Clauses (``andamento``, ``variazione``, ``record``…)
are empty where nothing true can be said; those that open with a comma stand right after
what they speak of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from annuario.messages import say
from annuario.words import numbers, phrases, trends
from annuario.words.markdown import escape

if TYPE_CHECKING:
    from annuario.data.corrections import Correction
    from annuario.data.nature import Nature
    from annuario.figures.figure import Row

#: Growth beyond which a percentage says less than its words.
_LARGE = Decimal(1_000)


class Absent(Exception):
    """A figure is not there: the sentence, item or caption that needs it drops out."""

    #: The reason where nobody gives another: the data have no such row.
    UNPUBLISHED = "non pubblicato"

    def __init__(self, code: str, year: int, reason: str = UNPUBLISHED):
        super().__init__(f"{code} ({year}): {reason}")
        self.code, self.year, self.reason = code, year, reason


class Year(int):
    """A year: prints ``2025``, not ``2.025``."""

    def _repr_markdown_(self) -> str:
        return str(int(self))


@dataclass(frozen=True)
class Notice:
    """What is said at the foot where the words of a chapter first compare with a year that is no measure."""

    year: int
    what: str

    @property
    def footnote(self) -> str:
        """The note, as Markdown."""
        return f"Il {self.year} è un {self.what}: il confronto va letto tenendone conto."


class Said(str):
    """Words of a figure: plain text, escaped where it becomes Markdown.

    ``rows`` are the rows of the data that they rest on, ``reasons`` what an author gave for
    a comparison: they are printed at the foot of the paragraph; ``corrections`` what the ledger
    says of the values told, or what the years were that they are compared with: the first words of a
    chapter that tell of one say so in a note.
    """

    rows: tuple[Row, ...] = ()
    reasons: tuple[str, ...] = ()
    corrections: tuple[Correction | Notice, ...] = ()

    def of(self, *figures: Sayings, years: tuple[int, ...] = ()) -> Said:
        """The same words, resting on what these figures rest on, in their own year or in ``years``."""
        self.rows = tuple(dict.fromkeys(row for figure in figures for row in figure.rows))
        self.reasons = tuple(dict.fromkeys(reason for figure in figures for reason in figure.reasons))
        self.corrections = tuple(dict.fromkeys(one for figure in figures for one in figure.corrections(*years)))
        return self

    def _repr_markdown_(self) -> str:
        """As Markdown; a blank at either end stays."""
        inner = self.strip(" ")
        return self.replace(inner, escape(inner), 1) if inner else str(self)


class Sayings:
    """The words of a figure with ``valore``, ``unit``, ``year``, ``series`` and ``nature``."""

    if TYPE_CHECKING:  # a dataclass would take a property of its base for the default of its field

        @property
        def code(self) -> str: ...
        @property
        def year(self) -> int: ...
        @property
        def series(self) -> Mapping[int, Decimal]: ...
        @property
        def nature(self) -> Nature: ...
        @property
        def rows(self) -> tuple[Row, ...]: ...
        @property
        def reasons(self) -> tuple[str, ...]: ...
        @property
        def valore(self) -> Decimal: ...
        @property
        def unit(self) -> str: ...
        def corrections(self, *years: int) -> tuple[Correction, ...]: ...
        def told(self, *years: int) -> tuple[Row, ...]: ...

    def _repr_markdown_(self) -> str:
        """The value in the form of its unit: ``1.234``, ``€ 1.234,50``, ``12,3 %``."""
        return str(self.cifre)

    # -- values

    @property
    def cifre(self) -> Said:
        """The value in figures: ``1.234``, ``€ 1.234,50``, ``12,3 %``; a ratio has one decimal at most."""
        value = self.valore
        if self.nature.kind == "rapporto" and self.unit not in numbers.MONEY:
            value = numbers.rounded(value, 1)
        return self._say(numbers.quantity(value, self.unit))

    @property
    def conta(self) -> Said:
        """The value with its noun: ``769 minori``, ``un minore``, ``nessun minore``.

        Raises ValueError where no noun is declared for the figure.
        """
        return self._say(phrases.count(self.valore, self._noun, words=self.valore == 1))

    @property
    def intero(self) -> Said:
        """The value rounded to the whole, in the form of its unit: ``166``, ``€ 511``, ``51 %``."""
        return self._say(numbers.quantity(self.valore, self.unit, 0))

    @property
    def conta_in_lettere(self) -> Said:
        """The value with its noun, a small one in words: ``tre educatori``, ``un educatore``; beyond twenty in figures."""
        return self._say(phrases.count(self.valore, self._noun, words=True))

    @property
    def in_lettere(self) -> Said:
        """A small whole number in words, ``tre``; beyond twenty in figures."""
        value = self.valore
        whole = value == value.to_integral_value() and value >= 0
        return self._say(phrases.spelled(int(value), self.nature.feminine)) if whole else self.cifre

    @property
    def circa(self) -> Said:
        """The value rounded for reading: ``16,4 milioni di euro``, ``2.150 euro``, ``oltre mezzo milione`` it is not.

        From a million on with one decimal, from ten thousand on in whole thousands, below as it is
        (amounts in whole euro).
        """
        value, euro = self.valore, self.unit in numbers.MONEY
        size = abs(value)
        if size >= 999_950:
            scaled = numbers.rounded(value / (1_000_000 if size < 999_950_000 else 1_000_000_000), 1)
            one, many = ("milione", "milioni") if size < 999_950_000 else ("miliardo", "miliardi")
            text = f"{numbers.number(scaled)} {one if abs(scaled) == 1 else many}"
            return self._say(f"{text} di {self._counted}" if self._counted else text)
        if size >= 9_500:
            value = numbers.rounded(value / 1_000, 0) * 1_000
        elif euro:
            value = numbers.rounded(value, 0)
        text = numbers.number(value)
        return self._say(f"{text} {self._counted}" if self._counted else text)

    @property
    def il(self) -> Said:
        """With its article: ``i 48 Comuni``, ``l’unica persona``, ``l’11,5 %``; amounts as they are."""
        return self._with_article("")

    @property
    def dell(self) -> Said:
        """``dei 48 Comuni``, ``del 4,1 %``, ``di nessun minore``."""
        return self._with_article("di")

    @property
    def all(self) -> Said:
        """``ai 48 Comuni``, ``all’11,5 %``."""
        return self._with_article("a")

    @property
    def dall(self) -> Said:
        """``dai 48 Comuni``, ``dall’11,5 %``."""
        return self._with_article("da")

    @property
    def nell(self) -> Said:
        """``nei 48 Comuni``, ``nell’11,5 %``."""
        return self._with_article("in")

    @property
    def pari(self) -> Said:
        """Of a percentage: ``pari all’11,5 %``."""
        return self._say(f"pari {self.all}")

    @property
    def nuda(self) -> Said:
        """Without the article that a share has: ``11,5 %``."""
        return self.cifre

    def accordo(self, uno: str, molti: str) -> Said:
        """``uno`` for none or one, else ``molti``: ``nuovi.accordo("si è aggiunto", "si sono aggiunti")``."""
        return self._say(phrases.inflected(self.valore, uno, molti))

    def conta_con(self, uno: str, molti: str = "", lettere: bool = False) -> Said:
        """The verb and what it counts: ``sono seguiti 769 minori``, ``è seguito un minore``, ``non è seguito nessun minore``.

        ``uno`` and ``molti`` are the verb's two forms, or ``uno`` the only one; one with a capital opens the sentence.
        ``lettere`` writes a small number in words.
        """
        verb = phrases.inflected(self.valore, uno, molti or uno)
        if self.valore == 0:
            verb = f"Non {verb[:1].lower()}{verb[1:]}" if verb[:1].isupper() else f"non {verb}"
        return self._say(f"{verb} {self.conta_in_lettere if lettere else self.conta}")

    # -- clauses

    @property
    def andamento(self) -> Said:
        """``, in aumento del 4,1 % rispetto al 2024``; of a percentage in points; empty without a year before.

        ``, come nel 2024`` where nothing changed, ``, contro 12 nel 2024`` where nothing, or next to nothing, is left.
        """
        before = self._before()
        if before is None:
            return self._say("")
        if self.valore == self.series[before]:
            return self._say(f", come nel {before}{self._unusual(before)}", before)
        if self._vanishes(before):
            return self._say(f", contro {self._then(before)}{self._unusual(before)}", before)
        told = phrases.change_points if self.unit == "%" else phrases.change
        now, then = self._told(self.valore), self._told(self.series[before])
        return self._say(f", {told(now, then, before, self._agreement)}{self._unusual(before)}", before)

    @property
    def variazione(self) -> Said:
        """``(+4,1 %)``, ``(+4,1 % dal 2019)`` where that is the last year known; of a percentage in points.

        ``(come nel 2024)`` where nothing changed, ``(12 nel 2024)`` where nothing, or next to nothing, is left. Empty
        without a year before, or from zero, or where it grew more than tenfold.
        """
        before = self._before()
        if before is None:
            return self._say("")
        if self.valore == self.series[before]:
            return self._say(f"(come nel {before})", before)
        if self._vanishes(before):
            return self._say(f"({self._then(before)})", before)
        since = "" if before == self.year - 1 else f" dal {before}"
        if self.unit == "%":
            gap = numbers.rounded(self.valore - self.series[before], 1)
            if gap == 0:
                return self._say(f"(quasi come nel {before})", before)
            return self._say(f"({numbers.signed(gap)} {'punto' if abs(gap) == 1 else 'punti'}{since})", before)
        if not self.series[before]:
            return self._say("")
        change = self._rate(before)
        if change > _LARGE:
            return self._say("")
        if change == 0:
            return self._say(f"(quasi come nel {before})", before)
        return self._say(f"({numbers.percent(change, decimals=None, sign=True)}{since})", before)

    @property
    def differenza(self) -> Said:
        """``+318``, ``−€ 1.200,00``: the change since the last comparable year, as a value. Absent without one."""
        before = self._since()
        gap = numbers.signed(self.valore - self.series[before], self.unit)
        return Said(gap).of(self, years=(self.year, before))

    @property
    def tasso(self) -> Said:
        """``+4,1 %``: the same in per cent, as a value. Absent without a year before, or from zero."""
        before = self._since()
        if not self.series[before]:
            raise Absent(self.code, self.year, "l'anno prima era zero")
        rate = numbers.percent(self._rate(before), decimals=None, sign=True)
        return Said(rate).of(self, years=(self.year, before))

    @property
    def scarto(self) -> Said:
        """``, tre in meno del 2024``, ``, come nel 2024``: the change of a small count; beyond twenty the andamento."""
        before = self._before()
        if before is None:
            return self._say("")
        gap = self.valore - self.series[before]
        if self._vanishes(before) or abs(gap) > 20 or gap != gap.to_integral_value():
            return self.andamento
        step = trends.step(self._comparable(), self.year, self._agreement)
        return self._say(f"{step}{self._unusual(before)}", before)

    @property
    def record(self) -> Said:
        """``, il valore più alto dei sei anni documentati, 2019–2025``, or the lowest, of five at least; else empty."""
        self.valore
        return Said(trends.record(self._comparable(), self.year)).of(self)

    @property
    def storia(self) -> Said:
        """The record where there is one, else the andamento."""
        return self.record or self.andamento

    @property
    def lacune(self) -> Said:
        """The years missing between the first and the last known: ``2022``, ``2020 e 2022``; absent without any."""
        self.valore
        missing = trends.gaps({year: value for year, value in self.series.items() if year <= self.year})
        if not missing:
            raise Absent(self.code, self.year, "nessuna lacuna")
        return self._say(missing)

    def _vanishes(self, before: int) -> bool:
        """Whether nothing is left, or so little that it would be a fall by a hundred percent."""
        now, then = self.valore, self.series[before]
        if self.unit == "%" or then <= 0 or now >= then:
            return False
        return now == 0 or (now > 0 and now * 2000 < then)

    def _then(self, before: int) -> str:
        """``12 nel 2024``; a small count in words: ``una nel 2024``."""
        then = self.series[before]
        small = self.unit in numbers.COUNTS and then == then.to_integral_value() and then <= 20
        told = phrases.spelled(int(then), self._agreement[0] == "f") if small else numbers.quantity(then, self.unit)
        return f"{told} nel {before}"

    # -- what they rest on

    def _say(self, text: str, *before: int) -> Said:
        """The words, resting on the value of the year and on those of years ``before`` that they compare it with."""
        said = Said(text).of(self, years=(self.year, *before))
        said.rows = self.told(self.year, *before)
        untold = [year for year in before if year in self.nature.unusual and self.nature.unusual[year] not in text]
        said.corrections += tuple(Notice(year, self.nature.unusual[year]) for year in untold)
        return said

    def _unusual(self, before: int) -> str:
        """``, anno della pandemia``, of a year further back than the last; of that, and of two such, a note says it once."""
        unusual = self.nature.unusual
        far = before < self.year - 1 and self.year not in unusual
        return f", {unusual[before]}" if before in unusual and far else ""

    def _told(self, value: Decimal) -> Decimal:
        """The value as the text tells it: the change is that of what is read."""
        return value

    def _comparable(self) -> dict[int, Decimal]:
        """The series up to this year, from its last break on."""
        if self.nature.apart:
            return {year: value for year, value in self.series.items() if year == self.year}
        start = max((year for year in self.nature.breaks if year <= self.year), default=min(self.series, default=0))
        return {year: value for year, value in self.series.items() if start <= year <= self.year and value is not None}

    def _before(self) -> int | None:
        """The last comparable year before this one. Raises Absent for an absent figure."""
        self.valore
        return trends.last_before(self._comparable(), self.year)

    def _rate(self, before: int) -> Decimal:
        """The change since a year whose value is not zero, in per cent, with one decimal."""
        then = self.series[before]
        return numbers.rounded((self.valore - then) / abs(then) * 100, 1)

    def _since(self) -> int:
        before = self._before()
        if before is None:
            raise Absent(self.code, self.year, "nessun anno con cui confrontarla")
        return before

    @property
    def _noun(self) -> phrases.Noun:
        noun = self.nature.noun or phrases.NOUNS.get(self.unit)
        if noun is None:
            raise ValueError(
                say("{code}: no noun is declared: write it in the table grandezze (singolare, plurale)", code=self.code)
            )
        return noun

    @property
    def _counted(self) -> str:
        """What large numbers are of: ``euro``, or the plural of the noun, if any."""
        if self.unit in numbers.MONEY:
            return "euro"
        noun = self.nature.noun or phrases.NOUNS.get(self.unit)
        return noun.plural if noun else ""

    @property
    def _alone(self) -> bool:
        """Whether it counts one thing, or none."""
        return self.series.get(self.year) in (0, 1)

    @property
    def _agreement(self) -> str:
        """Gender and number of the words that agree with the figure."""
        noun = self.nature.noun or phrases.NOUNS.get(self.unit)
        feminine = noun.feminine if noun else self.nature.feminine
        singular = self.unit in numbers.MONEY or self.unit == "%" or self._alone
        return ("f" if feminine else "m") + ("s" if singular else "p")

    def _with_article(self, preposition: str) -> Said:
        if self.unit in numbers.MONEY:
            return self._say(f"{preposition} {self.cifre}".strip())
        if self.unit == "%":
            return self._say(phrases.the_percent(self.valore, preposition))
        noun = self.nature.noun or phrases.NOUNS.get(self.unit)
        if noun:
            return self._say(phrases.the(self.valore, noun, preposition))
        return self._say(phrases.article(self.cifre, "fp" if self.nature.feminine else "mp", preposition) + self.cifre)
