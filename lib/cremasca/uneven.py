"""Where the parts of a whole do not make it, in words."""

from __future__ import annotations

from annuario.figures import Absent, Figure, Figures, Said
from annuario.words import numbers, phrases


def said(parts: list[str], figure: Figure, joint: str = "") -> Said:
    """Facts as a list; absent where there is none."""
    if not parts:
        raise Absent(figure.code, figure.year, "niente da segnalare")
    return Said(joint.join(parts) if joint else phrases.listing(parts))


def sums(parts: Figures, year: int) -> dict[int, object]:
    """The sum of the parts in each of three years that has any; absent where this year has none."""
    if not parts.note:
        raise Absent(parts.code, year)
    found: dict[int, object] = {}
    for code in parts:
        if code == "totale":
            continue
        for each, value in parts[code].series.items():
            if each > year - 3:
                found[each] = found.get(each, 0) + value
    return dict(sorted(found.items()))


def uneven(totals: dict[int, object], whole: Figure) -> Said:
    """``670 nel 2020 (anziché 676)``: the years where a sum is not the figure it should be; absent without."""
    return said(
        [
            f"{numbers.number(total)} nel {year} (anziché {numbers.number(whole.series[year])})"
            for year, total in totals.items()
            if year in whole.series and total != whole.series[year]
        ],
        whole,
    )
