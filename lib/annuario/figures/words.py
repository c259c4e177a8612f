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
    """A figure is not there: the sentence, item or caption that needs it drops out.

    >>> print(Absent("casi", 2025), Absent("casi", 2025, "nessuna lacuna").reason, sep=" | ")
    casi (2025): non pubblicato | nessuna lacuna
    """

    #: The reason where nobody gives another: the data have no such row.
    UNPUBLISHED = "non pubblicato"

    def __init__(self, code: str, year: int, reason: str = UNPUBLISHED):
        super().__init__(f"{code} ({year}): {reason}")
        self.code, self.year, self.reason = code, year, reason


class Year(int):
    """A year, which prints without a dot.

    >>> Year(2025)._repr_markdown_(), Year(2025) - 1
    ('2025', 2024)
    """

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

    >>> said = casi(12, 15).conta
    >>> said + " in tutto", said._repr_markdown_()
    ('15 casi in tutto', '15 casi')
    """

    rows: tuple[Row, ...] = ()
    reasons: tuple[str, ...] = ()
    corrections: tuple[Correction | Notice, ...] = ()

    def of(self, *figures: Sayings, years: tuple[int, ...] = ()) -> Said:
        """The same words, resting on what these figures rest on, in their own year or in ``years``.

        >>> Said("molti").of(libro.cifra("tm-flussi/nuovi-casi")).rows[0].table
        'indicatori'
        """
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
        def incerta(self, *years: int) -> bool: ...
        def corrections(self, *years: int) -> tuple[Correction, ...]: ...
        def told(self, *years: int) -> tuple[Row, ...]: ...

    def _repr_markdown_(self) -> str:
        """The value in the form of its unit: ``1.234``, ``€ 1.234,50``, ``12,3 %``."""
        return str(self.cifre)

    # -- values

    @property
    def cifre(self) -> Said:
        """The value in figures, in the form of its unit; a ratio has one decimal at most.

        >>> print(casi(1234).cifre, casi(1).cifre, casi(0).cifre)
        1.234 1 0
        >>> print(casi(1).ogni(casi(3)).cifre, casi(1).quota(casi(3)).cifre, sep=", ")
        0,3, 33,3 %
        """
        value = self.valore
        if self.nature.kind == "rapporto" and self.unit not in numbers.MONEY:
            value = numbers.rounded(value, 1)
        return self._say(numbers.quantity(value, self.unit))

    @property
    def conta(self) -> Said:
        """The value with its noun. Raises ValueError where none is declared for the figure.

        >>> print(casi(769).conta, casi(1).conta, casi(0).conta, sep=", ")
        769 casi, un caso, nessun caso
        >>> casi(12, None).conta
        Traceback (most recent call last):
            ...
        annuario.figures.words.Absent: casi (2025): non pubblicato
        """
        return self._say(phrases.count(self.valore, self._noun, words=self.valore == 1))

    @property
    def intero(self) -> Said:
        """The value rounded to the whole, in the form of its unit.

        >>> print(libro.cifra("tm-flussi/nuovi-casi").quota(libro.cifra("tm-flussi/in-carico-anno")).intero)
        30 %
        """
        return self._say(numbers.quantity(self.valore, self.unit, 0))

    @property
    def conta_in_lettere(self) -> Said:
        """The value with its noun, up to twenty in words.

        >>> print(*(casi(value).conta_in_lettere for value in (3, 1, 0, 21)), sep=", ")
        tre casi, un caso, nessun caso, 21 casi
        """
        return self._say(phrases.count(self.valore, self._noun, words=True))

    @property
    def in_lettere(self) -> Said:
        """A whole number up to twenty in words; beyond in figures.

        >>> print(casi(3).in_lettere, casi(1).in_lettere, casi(0).in_lettere, casi(21).in_lettere)
        tre uno zero 21
        """
        value = self.valore
        whole = value == value.to_integral_value() and value >= 0
        return self._say(phrases.spelled(int(value), self.nature.feminine)) if whole else self.cifre

    @property
    def circa(self) -> Said:
        """The value rounded for reading: from a million on with one decimal, from ten thousand on in whole thousands.

        Below as it is, amounts in whole euro.

        >>> print(*(casi(value).circa for value in (16_432_000, 999_960, 12_345, 950)), sep=", ")
        16,4 milioni di casi, 1 milione di casi, 12.000 casi, 950 casi
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
        """With its article; amounts as they are.

        >>> print(casi(48).il, casi(8).il, casi(1).il, casi(0).il, casi(1).quota(casi(8)).il, sep=", ")
        i 48 casi, gli 8 casi, l’unico caso, nessun caso, il 12,5 %
        """
        return self._with_article("")

    @property
    def dell(self) -> Said:
        """The same after «di».

        >>> print(casi(48).dell, casi(8).dell, casi(1).dell, casi(0).dell, sep=", ")
        dei 48 casi, degli 8 casi, dell’unico caso, di nessun caso
        """
        return self._with_article("di")

    @property
    def all(self) -> Said:
        """The same after «a».

        >>> print(casi(48).all, casi(8).all, casi(1).all, casi(0).all, sep=", ")
        ai 48 casi, agli 8 casi, all’unico caso, a nessun caso
        """
        return self._with_article("a")

    @property
    def dall(self) -> Said:
        """The same after «da».

        >>> print(casi(48).dall, casi(8).dall, casi(1).dall, casi(0).dall, sep=", ")
        dai 48 casi, dagli 8 casi, dall’unico caso, da nessun caso
        """
        return self._with_article("da")

    @property
    def nell(self) -> Said:
        """The same after «in».

        >>> print(casi(48).nell, casi(8).nell, casi(1).nell, casi(0).nell, sep=", ")
        nei 48 casi, negli 8 casi, nell’unico caso, in nessun caso
        """
        return self._with_article("in")

    @property
    def pari(self) -> Said:
        """Of a percentage: with «pari a».

        >>> print(casi(1).quota(casi(8)).pari, casi(0).quota(casi(8)).pari, sep=", ")
        pari al 12,5 %, pari allo 0 %
        """
        return self._say(f"pari {self.all}")

    @property
    def nuda(self) -> Said:
        """Without the article that a share has.

        >>> print(casi(1).quota(casi(8)).nuda)
        12,5 %
        """
        return self.cifre

    def accordo(self, uno: str, molti: str) -> Said:
        """``uno`` for none or one, else ``molti``.

        >>> print(*(casi(value).accordo("si è aggiunto", "si sono aggiunti") for value in (0, 1, 2)), sep=", ")
        si è aggiunto, si è aggiunto, si sono aggiunti
        """
        return self._say(phrases.inflected(self.valore, uno, molti))

    def conta_con(self, uno: str, molti: str = "", lettere: bool = False) -> Said:
        """The verb and what it counts.

        >>> print(*(casi(value).conta_con("è seguito", "sono seguiti") for value in (769, 1, 0)), sep=", ")
        sono seguiti 769 casi, è seguito un caso, non è seguito nessun caso
        >>> print(*(casi(value).conta_con("Si è chiuso", "Si sono chiusi", lettere=True) for value in (3, 0)), sep=", ")
        Si sono chiusi tre casi, Non si è chiuso nessun caso
        """
        verb = phrases.inflected(self.valore, uno, molti or uno)
        if self.valore == 0:
            verb = f"Non {verb[:1].lower()}{verb[1:]}" if verb[:1].isupper() else f"non {verb}"
        return self._say(f"{verb} {self.conta_in_lettere if lettere else self.conta}")

    # -- clauses

    @property
    def andamento(self) -> Said:
        r"""The change on the last comparable year; of a percentage in points; empty without such a year.

        Where nothing, or next to nothing, is left, it says the number of then.

        >>> print(*(casi(12, value).andamento for value in (15, 12, 0)), casi(0, 12).andamento, sep="\n")
        , in aumento del 25 % rispetto al 2024
        , come nel 2024
        , contro dodici nel 2024
        , in aumento rispetto al 2024, quando il valore era zero
        >>> str(casi(12).andamento)
        ''
        >>> print(casi(1, 2).quota(casi(8, 8)).andamento)
        , in aumento di 12,5 punti percentuali rispetto al 2024
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
        """The same in parentheses; empty also from zero, or where it grew more than tenfold.

        >>> print(*(casi(12, value).variazione for value in (15, 12, 0)), casi(12, None, 15).variazione)
        (+25 %) (come nel 2024) (dodici nel 2024) (+25 % dal 2023)
        >>> print(casi(1, 2).quota(casi(8, 8)).variazione)
        (+12,5 punti)
        >>> str(casi(0, 12).variazione), str(casi(12).variazione)
        ('', '')
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
        """The change since the last comparable year, as a value. Absent without one.

        >>> print(casi(12, 15).differenza, casi(12, 12).differenza, casi(0, 12).differenza)
        +3 0 +12
        >>> casi(12).differenza
        Traceback (most recent call last):
            ...
        annuario.figures.words.Absent: casi (2025): nessun anno con cui confrontarla
        """
        before = self._since()
        gap = numbers.signed(self.valore - self.series[before], self.unit)
        return Said(gap).of(self, years=(self.year, before))

    @property
    def tasso(self) -> Said:
        """The same in per cent. Absent without a year before, or from zero.

        >>> print(*(casi(12, value).tasso for value in (15, 12, 0)), sep=", ")
        +25 %, 0 %, −100 %
        >>> casi(0, 12).tasso
        Traceback (most recent call last):
            ...
        annuario.figures.words.Absent: casi (2025): l'anno prima era zero
        """
        before = self._since()
        if not self.series[before]:
            raise Absent(self.code, self.year, "l'anno prima era zero")
        rate = numbers.percent(self._rate(before), decimals=None, sign=True)
        return Said(rate).of(self, years=(self.year, before))

    @property
    def scarto(self) -> Said:
        r"""The change of a small count; beyond twenty the andamento.

        >>> print(*(casi(9, value).scarto for value in (6, 9, 0, 90)), sep="\n")
        , tre in meno del 2024
        , come nel 2024
        , contro nove nel 2024
        , più che quadruplicati rispetto al 2024
        >>> str(casi(9).scarto)
        ''
        """
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
        """The highest or the lowest value of five years at least, none of them left open; else empty.

        >>> print(casi(3, 4, None, 5, 4, 9).record)
        , il valore più alto dei cinque anni documentati, 2020–2025
        >>> str(casi(3, 4, 5, 9, 9).record), str(casi(3, 4, 9).record)
        ('', '')
        """
        self.valore
        compared = self._comparable()
        if self.incerta(*compared):  # nobody knows whether a value that the documents leave open is above the others
            return Said("").of(self)
        return Said(trends.record(compared, self.year)).of(self)

    @property
    def storia(self) -> Said:
        r"""The record where there is one, else the andamento.

        >>> print(casi(3, 4, 5, 4, 9).storia, casi(4, 9).storia, sep="\n")
        , il valore più alto dei cinque anni documentati, 2021–2025
        , più che raddoppiati rispetto al 2024
        """
        return self.record or self.andamento

    @property
    def lacune(self) -> Said:
        """The years missing between the first and the last known; absent without any.

        >>> print(casi(3, None, 4, None, 5).lacune)
        2022 e 2024
        >>> casi(3, 4).lacune
        Traceback (most recent call last):
            ...
        annuario.figures.words.Absent: casi (2025): nessuna lacuna
        """
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
