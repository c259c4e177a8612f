"""What the chapters of a plan share: counts, differences in words, and what other documents print of a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from annuario.figures import Absent, Figure, Said, Source
from annuario.figures.nature import FLOW, Nature
from annuario.notebook import Chapter
from annuario.words import numbers, phrases


def counted(code: str, number: int, year: int, noun: phrases.Noun, zero: bool = False) -> Figure:
    """A figure that counts what was found; where nothing was it is absent, or ``zero`` says so."""
    nature = Nature("numero", noun=noun, feminine=noun.feminine)
    return Figure(code, {year: Decimal(number)} if number or zero else {}, year, nature, why_absent="nessuno")


def amount(code: str, value: Decimal | None, year: int, basis: str = "") -> Figure:
    """A computed amount in EUR; absent where it is None."""
    return Figure(code, {} if value is None else {year: value}, year, Nature("EUR", FLOW, basis=basis))


def printed(libro: Chapter, book: str, year: int, code: str) -> Figure:
    """A figure of the edition's year as another document prints it, and that document alone."""
    vintage = libro.package.edition(book, year)
    vintage.ledger = libro.ledger
    figure = Source(vintage).figure(code)
    own = tuple(replace(row, edition=vintage.id) for row in figure.rows if not row.edition)
    kept = {row.year for row in own}
    return replace(figure, year=libro.year, series={each: figure.series[each] for each in sorted(kept)}, rows=own)


def more(now: Figure, before: Figure) -> Said:
    """``€ 1.060.365,66 in più``: by how much one amount is above another, or below; absent where they are equal."""
    gap = now.valore - before.valore
    if not gap:
        raise Absent(now.code, now.year, "importi uguali")
    return Said(f"{numbers.euro(abs(gap))} in {'più' if gap > 0 else 'meno'}")


def named(values: Mapping[str, Decimal], say) -> Said:
    """``«Progettazione» (51,9 %) e «…» (…)``: names with what ``say`` makes of their values; absent without any."""
    if not values:
        raise Absent("voci", 0, "nessuna")
    return Said(phrases.listing([f"«{name}» ({say(value)})" for name, value in values.items()]))


def step(value: Decimal) -> str:
    """``+€ 1.231.273,55``."""
    return numbers.signed(value, "EUR")
