"""The one place that decides how numbers and dates are read and printed.

Printed forms: ``1.234``, ``1.234,50``, ``€ 1.234,50``, ``12,3 %``, ``+4,1 %``,
``31/12/2025``, ``1° marzo 2025``; a missing value is an en dash, zero is ``0``.
A no-break space joins ``€`` and ``%`` to their digits and minus is U+2212.
Rounding is half up (away from zero), always on decimals. :data:`VEGA_LOCALE` makes
Vega print the same forms.
"""

import re
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from numbers import Integral, Real
from typing import Self

from annuario.messages import say

MISSING = "–"
NBSP = "\u00a0"
MINUS = "\u2212"

MONTHS = (
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
    "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
)  # fmt: skip
DAYS = ("domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato")

#: Locale of d3-format and d3-time-format, for ``config.locale`` of a Vega or Vega-Lite
#: spec. In a format, ``$`` puts ``€`` before the digits and ``%`` closes with its space.
VEGA_LOCALE: dict[str, dict[str, object]] = {
    "number": {
        "decimal": ",",
        "thousands": ".",
        "grouping": [3],
        "currency": [f"€{NBSP}", ""],
        "percent": f"{NBSP}%",
        "minus": MINUS,
        "nan": MISSING,
    },
    "time": {
        "dateTime": "%-d %B %Y, %H:%M",
        "date": "%d/%m/%Y",
        "time": "%H:%M",
        "periods": ["AM", "PM"],
        "days": list(DAYS),
        "shortDays": [day[:3] for day in DAYS],
        "months": list(MONTHS),
        "shortMonths": [month[:3] for month in MONTHS],
    },
}

MONEY = ("EUR", "EUR/persona", "EUR/ora")
COUNTS = (
    "persone", "minori", "utenti", "casi", "nuclei",
    "giorni", "Comuni", "numero", "punti", "anni",
)  # fmt: skip
#: Every unit of measure that the data may declare.
UNITS = (*MONEY, "%", "ore", *COUNTS)

_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_ITALIAN = re.compile(r"(\d+|\d{1,3}(?:\.\d{3})+)(?:,(\d+))?", re.ASCII)
_AMBIGUOUS = re.compile(r"[1-9]\d{0,2},\d{3}", re.ASCII)
_DASHES = ("-", "–", "—", MINUS)


def parse(text: str) -> Decimal | None:
    """Read one number printed in Italian; None for an empty text or a lone dash.

    ``€`` and ``%`` (percent points) may stand beside it, a sign before or after ``€``; the printed decimals are kept.
    Raises ValueError for what is no such number, or may be two.

    >>> parse("€ 1.234,50"), parse("12,30 %"), parse("-€ 3"), parse("–")
    (Decimal('1234.50'), Decimal('12.30'), Decimal('-3'), None)
    >>> parse("12.5")
    Traceback (most recent call last):
        ...
    ValueError: «12.5» is not a number in Italian form: ...
    >>> parse("1,234")
    Traceback (most recent call last):
        ...
    ValueError: «1,234» is ambiguous: 1.234, or three decimals?
    """
    body = re.sub(r"\s+", " ", text).strip()
    if not body:
        return None
    money = re.fullmatch(r"([+\-−]? ?)€\.? ?(.+)|(.+?) ?€", body)
    if money:
        body = money[3] or money[1] + money[2]
    elif body.endswith("%"):
        body = body[:-1].rstrip()
    if body in _DASHES:
        return None
    negative = body.startswith(_DASHES)
    digits = body[1:].lstrip() if negative or body.startswith("+") else body
    found = _ITALIAN.fullmatch(digits)
    if not found:
        raise ValueError(
            say(
                "«{text}» is not a number in Italian form: a dot every three digits for thousands, a "
                "comma for decimals, nothing else",
                text=text,
            )
        )
    if _AMBIGUOUS.fullmatch(digits):
        raise ValueError(
            say("«{text}» is ambiguous: {digits}, or three decimals?", text=text, digits=digits.replace(",", "."))
        )
    value = Decimal(found[1].replace(".", "") + ("." + found[2] if found[2] else ""))
    return -value if negative else value


def is_missing(value: object) -> bool:
    """True for None, NaN, NaT and pandas' NA.

    >>> is_missing(None), is_missing(float("nan")), is_missing(0), is_missing("")
    (True, True, False, False)
    """
    # NA is known by its type's name: what draws and publishes needs no pandas otherwise
    return value is None or type(value).__name__ == "NAType" or value != value  # noqa: PLR0124


def to_decimal(value: object) -> Decimal | None:
    """The exact Decimal of an int, float (by its shortest form) or Decimal; None if missing.

    Raises TypeError for booleans and texts, ValueError for infinities.

    >>> to_decimal(0.1), to_decimal(3), to_decimal(None)
    (Decimal('0.1'), Decimal('3'), None)
    >>> to_decimal("3")
    Traceback (most recent call last):
        ...
    TypeError: expected a number, found '3'
    """
    if is_missing(value):
        return None
    if isinstance(value, bool) or not isinstance(value, (Decimal, Real)):
        raise TypeError(say("expected a number, found {value!r}", value=value))
    if isinstance(value, Decimal):
        exact = value
    else:
        exact = Decimal(int(value) if isinstance(value, Integral) else repr(float(value)))
    if not exact.is_finite():
        raise ValueError(say("expected a finite number, found {value!r}", value=value))
    return exact


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Round half away from zero to so many decimals; never a negative zero.

    >>> rounded(Decimal("2.5"), 0), rounded(Decimal("-2.5"), 0), rounded(Decimal("-0.4"), 0)
    (Decimal('3'), Decimal('-3'), Decimal('0'))
    """
    result = value.quantize(Decimal(1).scaleb(-decimals), context=_EXACT)
    return abs(result) if result.is_zero() else result


def stretches(values: Iterable[int]) -> list[tuple[int, int]]:
    """Whole numbers as stretches without a gap, each by its first and last.

    >>> stretches([2025, 2019, 2020, 2021])
    [(2019, 2021), (2025, 2025)]
    """
    found: list[tuple[int, int]] = []
    for value in sorted(set(values)):
        first = found.pop()[0] if found and found[-1][1] == value - 1 else value
        found.append((first, value))
    return found


def spans(values: Iterable[int]) -> list[str]:
    """The same in signs, as lines and rows are cited.

    >>> spans([2025, 2019, 2020, 2021])
    ['2019-2021', '2025']
    """
    return [str(first) if first == last else f"{first}-{last}" for first, last in stretches(values)]


def decimals_of(value: Decimal) -> int:
    """How many decimals a value needs, trailing zeros apart.

    >>> decimals_of(Decimal("231910.00")), decimals_of(Decimal("3.50"))
    (0, 1)
    """
    return max(0, -int(value.normalize(_EXACT).as_tuple().exponent))


class Printed(str):
    """A printed number that keeps the exact one, so that a table can tell where it comes from.

    >>> cell = number(Decimal("1234.5"), 0)
    >>> cell, cell.exact
    ('1.235', Decimal('1234.5'))
    """

    exact: Decimal

    def __new__(cls, text: str, exact: Decimal) -> Self:
        made = super().__new__(cls, text)
        made.exact = exact
        return made

    def __reduce__(self) -> tuple[type, tuple[str, Decimal]]:
        return Printed, (str(self), self.exact)


def _printed(value, decimals: int | None, before: str = "", after: str = "", sign: bool = False) -> str:
    exact = to_decimal(value)
    if exact is None:
        return MISSING
    shown = rounded(exact, decimals_of(exact) if decimals is None else decimals)
    mark = MINUS if shown < 0 else "+" if sign and shown > 0 else ""
    digits = f"{abs(shown):,f}".translate({ord(","): ".", ord("."): ","})
    return Printed(f"{mark}{before}{digits}{after}", exact)


def number(value: object, decimals: int | None = None) -> str:
    """A number in Italian form, with so many decimals or as many as it needs.

    >>> print(number(1234.5), number(1234.5, 0), number(0), number(None))
    1.234,5 1.235 0 –
    """
    return _printed(value, decimals)


def euro(value: object, decimals: int = 2) -> str:
    """An amount; the sign of a negative one stands before ``€``, as Vega writes it.

    >>> print(euro(1234.5), euro(-3), euro(None), sep=" | ")
    € 1.234,50 | −€ 3,00 | –
    """
    return _printed(value, decimals, before=f"€{NBSP}")


def percent(value: object, decimals: int | None = 1, sign: bool = False) -> str:
    """A percentage from percent points; ``sign`` adds ``+`` to what is above zero.

    >>> print(percent(12.34), percent(4, sign=True), percent(0, sign=True), percent(-4), sep=" | ")
    12,3 % | +4,0 % | 0,0 % | −4,0 %
    """
    return _printed(value, decimals, after=f"{NBSP}%", sign=sign)


def decimals_for(unit: str, *values: object) -> int:
    """How many decimals print values of one unit alike, in a row or in a column.

    Money has two; hours two or none; the others as many as the values need. Raises
    ValueError for an unknown unit.

    >>> decimals_for("EUR", 3), decimals_for("ore", 3), decimals_for("ore", 3, 3.5), decimals_for("%", 3, 3.25)
    (2, 0, 2, 2)
    """
    if unit not in UNITS:
        raise ValueError(say("unknown unit «{unit}» (known: {units})", unit=unit, units=", ".join(UNITS)))
    needed = max((decimals_of(value) for value in map(to_decimal, values) if value is not None), default=0)
    return 2 if unit in MONEY or (unit == "ore" and needed) else needed


def quantity(value: object, unit: str, decimals: int | None = None, sign: bool = False) -> str:
    """A value printed as its unit asks, without the unit's name.

    ``decimals`` overrides :func:`decimals_for`; ``sign`` adds ``+`` above zero.

    >>> print(quantity(3, "EUR"), quantity(63, "%"), quantity(12, "casi"), quantity(None, "EUR"), sep=" | ")
    € 3,00 | 63 % | 12 | –
    """
    places = decimals_for(unit, value) if decimals is None else decimals
    before, after = f"€{NBSP}" if unit in MONEY else "", f"{NBSP}%" if unit == "%" else ""
    return _printed(value, places, before, after, sign)


def spaced(text: str) -> str:
    """A text in which every ``%`` after a digit stands as :func:`percent` prints it.

    >>> print(spaced("il 75% dei casi"))
    il 75 % dei casi
    """
    return re.sub(r"(?<=\d) ?%", f"{NBSP}%", text)


def signed(value: object, unit: str = "numero") -> str:
    """A difference printed as its unit asks, with its sign.

    >>> print(signed(12), signed(-3, "EUR"), signed(0), sep=" | ")
    +12 | −€ 3,00 | 0
    """
    return quantity(value, unit, sign=True)


def points(value: object) -> str:
    """A difference between two percentages, with its sign.

    >>> print(points(5), points(Decimal("-0.2")), sep=" | ")
    +5 p.p. | −0,2 p.p.
    """
    return _printed(value, None, after=f"{NBSP}p.p.", sign=True)


def _as_date(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def date_short(value: date | str | None) -> str:
    """A date, or an ISO text, in figures.

    >>> date_short("2025-12-31"), date_short(None)
    ('31/12/2025', '–')
    """
    return MISSING if value is None or is_missing(value) else f"{_as_date(value):%d/%m/%Y}"


def date_long(value: date | str | None) -> str:
    """A date, or an ISO text, with the month in letters.

    >>> date_long("2025-12-31"), date_long("2025-03-01"), date_long(None)
    ('31 dicembre 2025', '1° marzo 2025', '–')
    """
    if value is None or is_missing(value):
        return MISSING
    day = _as_date(value)
    return f"{day.day}{'°' * (day.day == 1)} {MONTHS[day.month - 1]} {day.year}"
