"""What a chart shows, said in a sentence: its title. Each is computed, and is empty where nothing stands out.

A sentence tells only values that the chart shows, that can be compared and that the
ledger does not leave open. Names stand in brackets, so that no word has to agree with them; the
subject opens the sentence where its gender and number are known, and stays out of it elsewhere: the
caption follows.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence, Sized
from decimal import Decimal

from annuario.charts.values import parts_of, short, totals, whole, whole_of
from annuario.tables import Grid
from annuario.words import numbers, phrases, subjects

#: So many known years make a record.
RECORD = 4
_SMALL = 20  # counts up to here are told, not turned into percentages
_NAMES = 2  # names told of those that share a place


def series(grid: Grid, code: Hashable, subject: str) -> str:
    """How one row moved in its last year, and whether that is the most or the least of the years shown.

    ``I casi sono aumentati del 7,3 % rispetto al 2024, il valore più alto dal 2019.``

    >>> print(series(griglia(casi(12, 15, 20)), "uno", "Casi seguiti"))
    I casi seguiti passano da 15 a 20 fra il 2024 e il 2025.
    >>> series(griglia(casi(12)), "uno", "Casi seguiti")
    ''
    """
    years = _comparable(grid, code)
    if len(years) < 2 or years[-1] != grid.columns[-1]:
        return ""
    before, now = years[-2:]
    old, new = _value(grid, code, before), _value(grid, code, now)
    agree = subjects.of_phrase(subject)
    opening = subjects.opened(subject, agree) if agree else ""
    if _told_as_values(old, new, grid.units[code]):
        moved = f"da {short(grid, code, before)} a {short(grid, code, now)}"
        if old == new:
            text = f"Nel {now} il valore è lo stesso del {before}: {short(grid, code, now)}"
        elif opening:
            text = f"{opening} {'passano' if agree[1] == 'p' else 'passa'} {moved} fra il {before} e il {now}"
        else:
            text = f"Fra il {before} e il {now} si passa {moved}"
    elif grid.units[code] == "%":
        be = "sono" if agree.endswith("p") else "è"
        stands = f"{opening} {be}" if opening else f"Nel {now} il valore è"
        text = f"{stands} {phrases.change_points(new, old, before, agree or 'ms')}"
    else:
        text = f"{opening or 'Il valore'} {phrases.changed(new, old, agree or 'ms')} rispetto al {before}"
    return f"{text}{_record(grid, code, years)}."


def comparison(grid: Grid, codes: Sequence, subject: str) -> str:
    """Who has most and who least in the last year: ``Il costo per utente va da € 120 (Offanengo) a € 511 (Crema).``

    >>> print(comparison(griglia(casi(12), casi(3), casi(5)), ["uno", "due", "tre"], "Casi seguiti"))
    I casi seguiti vanno da 3 (Due) a 12 (Uno).
    """
    year = grid.columns[-1]
    codes = [code for code in codes if grid.values.get((code, year)) is not None]
    if len(codes) < 2 or _open(grid, *((code, year) for code in codes)):
        return ""
    top, least = (pick(_value(grid, code, year) for code in codes) for pick in (max, min))
    if top == least:
        return f"Tutti i valori{_in(grid, year)} sono uguali: {short(grid, codes[0], year)}."
    ends = [
        f"{short(grid, same[0], year)} ({_names(grid, same)})"
        for value in (least, top)
        for same in [[code for code in codes if _value(grid, code, year) == value]]
    ]
    agree = subjects.of_phrase(subject)
    if agree:
        opening = subjects.opened(subject, agree)
        goes = "vanno" if agree[1] == "p" else "va"
        way = [
            f"{phrases.article(end, 'ms', joined)}{end}" if grid.units[codes[0]] == "%" else f"{joined} {end}"
            for joined, end in zip(("da", "a"), ends)
        ]
        return f"{opening}{_in(grid, year)} {goes} {' '.join(way)}."
    return f"Il valore più alto{_in(grid, year)} è {ends[1]}, il più basso {ends[0]}."


def above(grid: Grid, codes: Sequence, limit: Decimal | int) -> str:
    """How many of the last year's values lie above a limit: ``Tre valori su dieci superano 100.``

    >>> print(above(griglia(casi(12), casi(3), casi(5)), ["uno", "due", "tre"], 4))
    Due valori su tre superano 4.
    """
    year = grid.columns[-1]
    known = [code for code in codes if grid.values.get((code, year)) is not None]
    if len(known) < 2 or _open(grid, *((code, year) for code in known)):
        return ""
    beyond = sum(_value(grid, code, year) > limit for code in known)
    told = numbers.number(limit)
    if beyond in (0, len(known)):
        return f"Tutti i valori superano {told}." if beyond else f"Nessun valore supera {told}."
    many = phrases.capital("un valore" if beyond == 1 else f"{phrases.spelled(beyond)} valori")
    return f"{many} su {phrases.spelled(len(known))} {'supera' if beyond == 1 else 'superano'} {told}."


def changes(grid: Grid, codes: Sequence) -> str:
    """What rose and what fell most between the last two years shown, or that all did the same.

    >>> print(changes(griglia(casi(12, 15), casi(3, 2)), ["uno", "due"]))
    Rispetto al 2024 l’unico aumento è di 3 (Uno), l’unico calo è di 1 (Due).
    >>> print(changes(griglia(casi(12, 15), casi(3, 4)), ["uno", "due"]))
    Entrambe le voci sono in aumento rispetto al 2024, di più Uno (+3).
    """
    if len(grid.columns) < 2:
        return ""
    before, now = grid.columns[-2:]
    pairs = {code: (grid.values.get((code, before)), grid.values.get((code, now))) for code in codes}
    gaps = {
        code: new - old
        for code, (old, new) in pairs.items()
        if old is not None and new is not None and grid.series.get((code, now), 0) <= before
    }
    if len(gaps) < 2 or _open(grid, *((code, year) for code in gaps for year in (before, now))):
        return ""
    return moved(grid, gaps, f"rispetto al {before}", len(gaps) == len(codes))


def moved(grid: Grid, gaps: dict, than: str, complete: bool = True) -> str:
    """The largest rise and the largest fall among differences by code.

    >>> print(moved(griglia(casi(12), casi(3)), {"uno": Decimal(3), "due": Decimal(-1)}, "rispetto al 2024"))
    Rispetto al 2024 l’unico aumento è di 3 (Uno), l’unico calo è di 1 (Due).
    """
    rises, falls = ({code: gap for code, gap in gaps.items() if sign * gap > 0} for sign in (1, -1))
    entries = "voci" if complete else "voci confrontabili"
    if not rises and not falls:
        return f"Nessuna delle {entries} cambia {than}."
    if len(gaps) in (len(rises), len(falls)):
        widest = _widest(rises or falls)
        most = f", di più {_name(grid, widest)} ({_signed(grid, widest, gaps[widest])})" if widest is not None else ""
        return f"{_all(gaps)} {entries} sono in {'aumento' if rises else 'calo'} {than}{most}."
    told = []
    for some, way, article in ((rises, "aumento", "l’"), (falls, "calo", "il ")):
        widest = _widest(some)
        if widest is not None:
            which = f"l’unico {way}" if len(some) == 1 else f"{article}{way} maggiore"
            told.append(f"{which} è di {_amount(abs(gaps[widest]), grid.units[widest])} ({_name(grid, widest)})")
    return f"{phrases.capital(than)} {', '.join(told)}." if told else ""


def _widest(gaps: dict) -> Hashable | None:
    """The code of the widest of some differences; None where there is none, or two are alike."""
    order = sorted(gaps, key=lambda code: -abs(gaps[code]))
    alone = len(order) == 1 or (order and abs(gaps[order[0]]) > abs(gaps[order[1]]))
    return order[0] if alone else None


def parts(grid: Grid, year: Hashable) -> str:
    """The largest parts of a whole: ``La voce maggiore è Crema, con il 45,1 % del totale.``

    >>> print(parts(griglia(casi(12), casi(3), casi(5)), 2025))
    Più della metà del totale è in una sola voce: Uno (60 %).
    """
    codes = [code for code in parts_of(grid) if grid.values.get((code, year)) is not None]
    total = whole_of(grid, year)
    values = {code: _value(grid, code, year) for code in codes}
    if len(codes) < 2 or any(value < 0 for value in values.values()) or not total or sum(values.values()) > total:
        return ""
    if _open(grid, *((code, year) for code in [*codes, *totals(grid)])):
        return ""
    order = sorted(codes, key=lambda code: -values[code])
    first = [code for code in order if values[code] == values[order[0]]]
    inside = _in(grid, year)
    if any(_is_rest(grid, code) for code in first):
        return ""
    if len(first) == len(codes):
        return f"Le voci{inside} sono tutte uguali."
    share = [values[code] / total * 100 for code in order]
    if len(first) > 1:
        if len(first) > _NAMES:
            return ""
        names = _names(grid, first)
        return f"Le voci maggiori{inside} sono {names}, con {phrases.the_percent(share[0])} del totale ciascuna."
    name = _name(grid, order[0])
    two = len(codes) > 3 and values[order[1]] != values[order[2]] and not _is_rest(grid, order[1])
    if two and share[0] < 50 <= numbers.rounded(share[0] + share[1], 1):
        both = _names(grid, order[:2])
        opening = f"Nel {year} " if inside else ""
        return f"{opening}{both} fanno insieme {phrases.the_percent(share[0] + share[1])} del totale."
    if len(codes) > 2 and share[0] > 50 and numbers.rounded(share[0], 1) > 50:
        return f"Più della metà del totale{inside} è in una sola voce: {name} ({_percent(share[0])})."
    return f"La voce maggiore{inside} è {name}, con {phrases.the_percent(share[0])} del totale."


def against(grid: Grid, planned: str, spent: str) -> str:
    """What was spent against what was planned: of the total, or else in how many rows less, and where most.

    ``Nel complesso il consuntivo è pari al 93,2 % del preventivo.``

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"voce": ["a", "a", "b", "b"], "nome": ["Affitti"] * 2 + ["Utenze"] * 2,
    ...                       "fase": ["preventivo", "consuntivo"] * 2, "valore": [200, 150, 30, 60]})
    >>> print(against(Grid(frame, "voce", "fase", "EUR"), "preventivo", "consuntivo"))
    Lo scostamento più ampio è di −€ 50,00 (Affitti).
    """
    pairs = {code: (grid.values.get((code, planned)), grid.values.get((code, spent))) for code in grid.codes}
    gaps = {code: new - old for code, (old, new) in pairs.items() if old is not None and new is not None}
    if _open(grid, *((code, phase) for code in gaps for phase in (planned, spent))):
        return ""
    actual = _the(spent)
    for code in totals(grid) or (grid.codes if len(grid.codes) == 1 else []):
        old, new = pairs[code]
        if old is not None and new is not None and old > 0 and new >= 0:
            share = f"pari {_the(planned, 'a')}" if old == new else phrases.share(new, old, _the(planned, "di"))
            return f"Nel complesso {actual} è {share}."
    gaps = {code: gap for code, gap in gaps.items() if code in parts_of(grid)}
    less, more = (sum(sign * gap > 0 for gap in gaps.values()) for sign in (-1, 1))
    if len(gaps) < 2:
        return ""
    if not less and not more:
        return f"{phrases.capital(actual)} è pari {_the(planned, 'a')} in {_all(gaps).lower()} voci."
    count, widest = max(less, more), _widest(gaps)
    gap = ""
    if widest is not None:
        gap = f"lo scostamento più ampio è di {_signed(grid, widest, gaps[widest])} ({_name(grid, widest)})"
    if count * 2 <= len(gaps):
        return f"{phrases.capital(gap)}." if gap else ""
    where = f"{phrases.spelled(count, True)} {'voce' if count == 1 else 'voci'} su {phrases.spelled(len(gaps))}"
    where = f"In {_all(gaps).lower()} voci" if count == len(gaps) else f"In {where}"
    side = "inferiore" if less >= more else "superiore"
    return f"{where} {actual} è {side} {_the(planned, 'a')}{f'; {gap}' if gap else ''}."


def _the(noun: str, preposition: str = "") -> str:
    """A phase with its article: ``il preventivo``, ``al piano``."""
    noun = _plain(noun)
    return phrases.article(noun, subjects.agreement(noun.split()[0]) or "ms", preposition) + noun


def largest(grid: Grid, codes: Sequence, titles: dict) -> str:
    """The highest value of a grid whose columns are no years: ``Il valore più alto è € 123 (Crema, SAAP).``

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"sede": ["a", "a", "b", "b"], "nome": ["Nord"] * 2 + ["Sud"] * 2,
    ...                       "misura": ["nuovi", "chiusi"] * 2, "valore": [8, 5, 3, 4]})
    >>> grid = Grid(frame, "sede", "misura", "casi")
    >>> print(largest(grid, ["a", "b"], {"nuovi": "Nuovi casi", "chiusi": "Casi chiusi"}))
    Il valore più alto è 8 (Nord, nuovi casi).
    """
    places = [(code, column) for code in codes for column in titles if grid.values.get((code, column)) is not None]
    if len(places) < 3 or _open(grid, *places):
        return ""
    top = max(_value(grid, *place) for place in places)
    which = [place for place in places if _value(grid, *place) == top]
    if len(which) > 1 or top <= 0:
        return ""
    code, column = which[0]
    return f"Il valore più alto è {short(grid, code, column)} ({_name(grid, code)}, {_plain(titles[column])})."


def overall(grid: Grid) -> str:
    """How the printed total stands beside the year before, planned years too: ``Nel 2025 il totale è in aumento del …``

    >>> print(overall(griglia(casi(12), totale=casi(12, 15))))
    Nel 2025 il totale è in aumento del 25 % rispetto al 2024.
    """
    for code in totals(grid):
        years = _comparable(grid, code)
        if len(years) > 1 and years[-1] == grid.columns[-1]:
            before, now = years[-2:]
            change = phrases.change_points if grid.units[code] == "%" else phrases.change
            told = change(_value(grid, code, now), _value(grid, code, before), before)
            return f"Nel {now} il totale è {told}{_record(grid, code, years)}."
    return ""


def stock(grid: Grid, initial: Hashable, final: Hashable) -> str:
    """What was there at the beginning of the last year and at its end: ``Nel 2025 si sale da 533 a 549.``

    >>> print(stock(griglia(casi(12), casi(15)), "uno", "due"))
    Nel 2025 si sale da 12 a 15.
    """
    year = grid.columns[-1]
    old, new = grid.values.get((initial, year)), grid.values.get((final, year))
    if old is None or new is None or _open(grid, (initial, year), (final, year)):
        return ""
    at, left = short(grid, initial, year), short(grid, final, year)
    if old == new:
        return f"Alla fine del {year} si resta a {left}, come all’inizio."
    return f"Nel {year} si {'sale' if new > old else 'scende'} da {at} a {left}."


def balance(grid: Grid, comes: Hashable, goes: Hashable) -> str:
    """Whether more came in than went out: ``Le entrate superano le uscite di € 4.104.792.``

    >>> print(balance(griglia(casi(12), casi(5)), "uno", "due"))
    Le entrate superano le uscite di 7.
    """
    year = grid.columns[-1]
    came, went = grid.values.get((comes, year)), grid.values.get((goes, year))
    if came is None or went is None or _open(grid, (comes, year), (goes, year)):
        return ""
    if came == went:
        return "Entrate e uscite sono pari."
    told = _amount(abs(came - went), grid.units[comes])
    return f"Le entrate superano le uscite di {told}." if came > went else f"Le uscite superano le entrate di {told}."


# -- what they are made of


def _comparable(grid: Grid, code: Hashable) -> list[int]:
    """The known years of a row that can be compared with its last one."""
    known = [year for year in grid.columns if grid.values.get((code, year)) is not None]
    start = max((grid.series.get((code, year), 0) for year in known), default=0)
    years = [year for year in known if year >= start]
    return [] if _open(grid, *((code, year) for year in years)) else years


def _record(grid: Grid, code: Hashable, years: list[int]) -> str:
    """``, il valore più alto dal 2019``, or the lowest, where no other of at least four is like it."""
    if len(years) < RECORD:
        return ""
    last, others = _value(grid, code, years[-1]), [_value(grid, code, year) for year in years[:-1]]
    for side, beyond in (("alto", last > max(others)), ("basso", last < min(others))):
        if beyond and len(years) == years[-1] - years[0] + 1:
            return f", il valore più {side} dal {years[0]}"
        if beyond:
            return f", il valore più {side} dei {phrases.spelled(len(years))} anni noti dal {years[0]}"
    return ""


def _told_as_values(old: Decimal, new: Decimal, unit: str) -> bool:
    """Whether two values say more than their change in percent."""
    small = unit in numbers.COUNTS and abs(old) <= _SMALL and abs(new) <= _SMALL
    return small or old <= 0 or new <= 0


def _value(grid: Grid, code: Hashable, column: Hashable) -> Decimal:
    value = grid.values[code, column]
    assert value is not None
    return value


def _open(grid: Grid, *places: tuple) -> bool:
    """Whether the ledger leaves one of some values open."""
    return any(place in grid.open for place in places)


def _in(grid: Grid, year: Hashable) -> str:
    """``nel 2025``, where the chart shows other years too."""
    return f" nel {year}" if len(grid.columns) > 1 and isinstance(year, int) else ""


def _names(grid: Grid, codes: Sequence) -> str:
    if len(codes) > _NAMES:
        return f"{phrases.spelled(len(codes), True)} voci"
    return phrases.listing([_name(grid, code) for code in codes])


def _name(grid: Grid, code: Hashable) -> str:
    """A row's name as it stands in brackets, or before them."""
    return re.sub(r"\s*\(([^()]*)\)", r" – \1", grid.names[code])


def _is_rest(grid: Grid, code: Hashable) -> bool:
    """Whether a row is what is left beside the others: the largest of a whole it may be, but that says nothing."""
    return bool(re.match(r"(altr[aeio]|resto|restanti|rimanenti)\b", grid.names[code], re.IGNORECASE))


def _all(rows: Sized) -> str:
    return "Entrambe le" if len(rows) == 2 else "Tutte le"


def _signed(grid: Grid, code: Hashable, gap: Decimal) -> str:
    if grid.units[code] == "%":
        return f"{'+' if gap > 0 else numbers.MINUS}{_amount(abs(gap), '%')}"
    return numbers.quantity(gap, grid.units[code], whole([gap], grid.units[code]), sign=True)


def _plain(title: str) -> str:
    return title if title.isupper() else title[:1].lower() + title[1:]


def _percent(value: Decimal) -> str:
    return numbers.percent(numbers.rounded(value, 1), decimals=None)


def _amount(value: Decimal, unit: str) -> str:
    if unit == "%":
        return "1 punto" if value == 1 else f"{numbers.number(numbers.rounded(value, 1))} punti"
    return numbers.quantity(value, unit, whole([value], unit))
