"""Check rows: what should hold, expected, found, difference, verdict, where.

A check row says what should hold, what was expected, what was found, and on which
lines of which document. Verdicts are never lenient:

- money and counts must be equal, money to the cent;
- a printed percentage or ratio (:data:`PRINTED`) must equal the recomputed value
  rounded half up to the digits printed;
- shares that should make 100 (:data:`ROUNDED`) may miss it by one unit of the last digit
  printed, and the verdict is then «arrotondamento»;
- so may hours (:data:`HOURS`), which are minutes rounded to hundredths; or one printing of
  the same hours may be the other rounded to the whole hour;
- a ratio of numbers that are printed rounded (the ``arrotondati`` of an identity) is
  «arrotondamento» when some value within their rounding gives exactly the digits printed.

Nothing else is ever excused: a sum of money off by one cent does not hold, and its cause,
most often that each part was rounded by itself, is recorded like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import pandas as pd

from annuario.messages import say
from annuario.words.numbers import number, rounded, spans

HOLDS = "torna"
ROUNDING = "arrotondamento"
FAILS = "non torna"
BASIS = "base diversa"
INCOMPLETE = "testo incompleto"

#: Rules of comparison: equal; equal to the digits printed; two roundings of one thing; two
#: roundings of hours, one of which may be to the whole hour.
EXACT, PRINTED, ROUNDED, HOURS = "esatto", "cifre stampate", "arrotondati", "ore"

#: What a check that compares years is called.
_OF_YEARS = re.compile(r"^Anno |\banno (?:della|nell)")

COLUMNS = ["id", "cosa", "edizione", "anno", "dove", "atteso", "trovato", "differenza", "esito"]


class Number(NamedTuple):
    """A number and the lines it comes from (``document:lines``, several joined by ``;``).

    >>> Number(Decimal(12), "relazione-2025:20").value
    Decimal('12')
    """

    value: Decimal
    source: str


def places(where: str) -> str:
    """Where the numbers of a check stand, for a message: the first places of many.

    >>> places("a!Casi!G1; a!Casi!G2; a!Casi!G3; a!Casi!G4; a!Casi!G5"), places("relazione-2025:20")
    ('a!Casi!G1; a!Casi!G2; a!Casi!G3; … and 2 more', 'relazione-2025:20')
    """
    parts = where.split("; ")
    return where if len(parts) <= 4 else f"{'; '.join(parts[:3])}; {say('… and {count} more', count=len(parts) - 3)}"


def of_years(what: str) -> bool:
    """Whether the numbers of a check, by what it is called, are years.

    >>> of_years("Anno nel titolo = anno della tabella"), of_years("Somma dei casi")
    (True, False)
    """
    return bool(_OF_YEARS.search(what))


def told(value: Decimal | None, what: str) -> str:
    """A number of a check in Italian form, or a year, by what the check is called.

    >>> told(Decimal(2026), "Anno nel titolo = anno della tabella"), told(Decimal(2026), "Somma dei casi")
    ('2026', '2.026')
    """
    return str(value) if value is not None and value > 0 and of_years(what) else number(value)


@lru_cache(8192)  # the checks on the values used cite what those on the printed ones do
def lines(source: str) -> str:
    """``document:lines`` with adjoining lines joined: ``relazione-2021:65-73,75``; a source of another form as it is.

    >>> lines("relazione-2021:65-70;relazione-2021:71;relazione-2021:75;relazione-2025:3;calcolato")
    'relazione-2021:65-71,75; relazione-2025:3; calcolato'
    """
    found: dict[str, set[int]] = {}
    for part in dict.fromkeys(source.split(";")):
        document, _, span = part.strip().rpartition(":")
        if not re.fullmatch(r"\d+(-\d+)?", span):
            found[part.strip()] = set()
            continue
        first, _, last = span.partition("-")
        found.setdefault(document, set()).update(range(int(first), int(last or first) + 1))
    texts = []
    for document, places in found.items():
        joined = ",".join(spans(places))
        texts.append(f"{document}:{joined}" if joined else document)
    return "; ".join(texts)


def verdict(expected: Decimal, found: Decimal, rule: str, relation: str) -> tuple[Decimal, str]:
    """The expected value as it should be printed, and the verdict.

    >>> verdict(Decimal("33.333"), Decimal("33.3"), PRINTED, "=")
    (Decimal('33.3'), 'torna')
    >>> [verdict(Decimal(100), Decimal("99.9"), rule, "=")[1] for rule in (EXACT, ROUNDED)]
    ['non torna', 'arrotondamento']
    >>> verdict(Decimal(12), Decimal(13), EXACT, "<="), verdict(Decimal("40.5"), Decimal(41), HOURS, "=")
    ((Decimal('12'), 'non torna'), (Decimal('40.5'), 'arrotondamento'))
    """
    if rule == PRINTED:
        expected = rounded(expected, _decimals(found))
    if relation != "=":
        holds = {"!=": found != expected, "<=": found <= expected, ">=": found >= expected}[relation]
        return expected, HOLDS if holds else FAILS
    if expected == found:
        return expected, HOLDS
    unit = Decimal(1).scaleb(-min(_decimals(found), _decimals(expected)))
    near = rule in (ROUNDED, HOURS) and abs(expected - found) <= unit
    whole = rule == HOURS and (rounded(expected, 0) == found or rounded(found, 0) == expected)
    return expected, ROUNDING if near or whole else FAILS


def _decimals(value: Decimal) -> int:
    """How many decimals a value is printed with: 2 for ``231910.00``."""
    return max(0, -int(value.as_tuple().exponent))


def row(
    check: str,
    what: str,
    edition: str,
    year: int,
    expected: Number,
    found: Number,
    rule: str = EXACT,
    relation: str = "=",
) -> tuple:
    """One check row, in the order of :data:`COLUMNS`; its id is ``check/edition/year``.

    >>> expected, found = Number(Decimal(12), "relazione-2025:20"), Number(Decimal(13), "relazione-2025:21")
    >>> row("casi/somma", "Somma dei casi", "relazione-2025", 2025, expected, found)
    ('casi/somma/relazione-2025/2025', 'Somma dei casi', 'relazione-2025', 2025, 'relazione-2025:20;
    relazione-2025:21', Decimal('12'), Decimal('13'), Decimal('1'), 'non torna')
    """
    value, outcome = verdict(expected.value, found.value, rule, relation)
    where = "; ".join(dict.fromkeys(lines(number.source) for number in (expected, found) if number.source))
    name = f"{check}/{edition}/{year}"
    return name, what, edition, year, where, value, found.value, found.value - value, outcome


def summed(frame: pd.DataFrame, keys: list[str]) -> dict[tuple, Number]:
    """The sum of ``valore`` in each group of rows, with the lines of all of them.

    >>> frame = pd.DataFrame({"sede": ["nord", "nord", "sud"], "valore": [Decimal(3), Decimal(9), None]})
    >>> summed(frame.assign(fonte="d:1"), ["sede"])  # what is not printed has no sum
    {('nord',): Number(value=Decimal('12'), source='d:1;d:1')}
    """
    sums: dict[tuple, list] = {}
    for *key, value, source in valued(frame, keys):
        group = sums.setdefault(tuple(key), [Decimal(0), []])
        group[0] += value
        group[1].append(source)
    return {key: Number(value, ";".join(sources)) for key, (value, sources) in sums.items()}


def counted(frame: pd.DataFrame, keys: list[str]) -> dict[tuple, Number]:
    """How many rows each group has, with the lines of all of them.

    >>> frame = pd.DataFrame({"sede": ["nord", "nord"], "fonte": ["d:1", "d:2"]})
    >>> counted(frame, ["sede"])
    {('nord',): Number(value=Decimal('2'), source='d:1;d:2')}
    """
    return summed(frame.assign(valore=Decimal(1)), keys)


def valued(frame: pd.DataFrame, columns: Iterable[str]) -> Iterator[tuple]:
    """Some columns, ``valore`` and ``fonte`` of each row that has a value.

    >>> frame = pd.DataFrame({"sede": ["nord", "sud"], "valore": [Decimal(3), None], "fonte": "d:1"})
    >>> list(valued(frame, ["sede"]))
    [('nord', Decimal('3'), 'd:1')]
    """
    # lists: going through a column of text of pandas' takes ten times as long
    for record in zip(*(frame[column].tolist() for column in [*columns, "valore", "fonte"])):
        if record[-2] is not None:
            yield record


def numbers(frame: pd.DataFrame, keys: list[str], measure: str) -> dict[tuple, dict[str, Number]]:
    """The measures of each row of a long table: ``{keys: {measure: Number}}``.

    >>> frame = pd.DataFrame({"sede": "nord", "misura": ["casi", "ore"], "valore": [Decimal(3), Decimal(40)]})
    >>> numbers(frame.assign(fonte="d:1"), ["sede"], "misura")
    {('nord',): {'casi': Number(value=Decimal('3'), source='d:1'), 'ore': Number(value=Decimal('40'),
    source='d:1')}}
    """
    found: dict[tuple, dict[str, Number]] = {}
    for *key, name, value, source in valued(frame, [*keys, measure]):
        found.setdefault(tuple(key), {})[name] = Number(value, source)
    return found


def table(rows: Iterable[tuple]) -> pd.DataFrame:
    """Check rows as a DataFrame with :data:`COLUMNS`; numbers stay Decimal.

    >>> one = Number(Decimal(12), "relazione-2025:20")
    >>> table([row("casi/somma", "Somma dei casi", "relazione-2025", 2025, one, one)])["esito"].tolist()
    ['torna']
    >>> list(table([])) == COLUMNS
    True
    """
    return pd.DataFrame(list(rows), columns=COLUMNS, dtype=object)
