"""What the cells of a workbook mean: a number, a text, a state; or what is wrong with them, in Italian.

A cell means something only where it can mean one thing.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches

from annuario.checks.series import unlikely
from annuario.data import Package
from annuario.data.cells import day, meanings
from annuario.data.columns import codes
from annuario.data.validate import closest
from annuario.messages import alternatives, say
from annuario.words import numbers
from annuario.workbook import layout
from annuario.workbook.bounds import Bounds, is_code
from annuario.workbook.form import Line
from annuario.workbook.read import Cell

#: The first day that a workbook counts from.
_FIRST = datetime.date(1899, 12, 30)


class Wrong(ValueError):
    """A cell that means nothing, or more than one thing: its message says what was found, expected, and what to do.

    >>> state(Cell("boh", "I7"))
    Traceback (most recent call last):
        ...
    annuario.workbook.values.Wrong: found «boh», expected one of da inserire, non rilevato, non ...
    """


def number(cell: Cell, line: Line, year: int, confirmed: bool) -> Decimal | None:
    """The number in a cell of a row; None where it is blank.

    Raises Wrong where it is none, may be two, or is not what the row can hold.

    >>> from annuario.workbook.form import Form
    >>> line = Form(bozza.project, bozza.package, bozza.edition).lines[0]
    >>> [number(Cell(value, "G7"), line, 2026, confirmed=False) for value in (47000, "47 000", "47000,5", None)]
    [Decimal('47000'), Decimal('47000'), Decimal('47000.5'), None]
    >>> number(Cell("47.000", "G7"), line, 2026, confirmed=False)
    Traceback (most recent call last):
        ...
    annuario.workbook.values.Wrong: found the text «47.000», which may be 47000 or 47,000: write the ...
    >>> number(Cell("tanti", "G7"), line, 2026, confirmed=False)
    Traceback (most recent call last):
        ...
    annuario.workbook.values.Wrong: found «tanti», expected a number: write the number, or choose the ...
    """
    value = cell.value
    if cell.error:
        raise Wrong(
            say(
                "found the error «{text}», expected {bounds}: correct the formula or write the number",
                text=cell.text,
                bounds=line.bounds,
            )
        )
    if cell.formula and value is None:
        raise Wrong(say("found a formula without its value: open the file in Excel and save it, or write the number"))
    if value is None or cell.text in ("", layout.INCOMPLETE if cell.formula else ""):
        return None
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        raise Wrong(
            say(
                "found the date {day}, expected {bounds}: write the number again, with the comma",
                day=_day(value),
                bounds=line.bounds,
            )
        )
    if isinstance(value, bool):
        raise Wrong(
            say(
                "found {value}, expected {bounds}: write the number",
                value="VERO" if value else "FALSO",
                bounds=line.bounds,
            )
        )
    found = _typed(value, cell, line) if isinstance(value, (int, float)) else _spelt(str(value), line)
    if not confirmed:
        _require_percent(found, line)
        _require_no_date(found, line, year)
    if not line.bounds.text(found):
        raise Wrong(
            say(
                "found {told}, expected {bounds}: correct the number{cents}",
                told=told(found),
                bounds=line.bounds,
                cents=_cents(found, line),
            )
        )
    return found


def _typed(value: float, cell: Cell, line: Line) -> Decimal:
    found = Decimal(f"{value:.15g}")
    if cell.percent and line.unit == "%":
        return found * 100
    if cell.percent:
        raise Wrong(
            say(
                "found {told} %, expected {bounds}: write the number without %",
                told=told(found * 100),
                bounds=_wanted(line),
            )
        )
    return found


def _spelt(text: str, line: Line) -> Decimal:
    for sign, unit in (("%", "%"), ("€", "EUR")):
        if sign in text and not line.unit.startswith(unit):
            raise Wrong(
                say(
                    "found «{cut}», expected {bounds}: write the number without {sign}",
                    cut=_cut(text),
                    bounds=_wanted(line),
                    sign=sign,
                )
            )
    meant = meanings(text.strip().removesuffix(f" {line.unit}") if line.unit else text)
    if len(meant) > 1:
        choice = alternatives(_plain(one) for one in meant)
        raise Wrong(
            say(
                "found the text «{cut}», which may be {choice}: write the number that is meant",
                cut=_cut(text),
                choice=choice,
            )
        )
    if not meant:
        raise Wrong(
            say(
                "found «{cut}», expected {bounds}: write the number, or choose the state «non rilevato» "
                "or «non applicabile»",
                cut=_cut(text),
                bounds=line.bounds,
            )
        )
    return meant[0]


def _wanted(line: Line) -> str:
    """What a row can hold, and in what unit."""
    if line.unit in ("", "numero"):
        return str(line.bounds)
    return say("{bounds}, in {unit}", bounds=line.bounds, unit=line.unit)


def _require_percent(found: Decimal, line: Line) -> None:
    """A percentage typed with its sign into a cell of numbers becomes a hundredth of itself."""
    if line.unit == "%" and 0 < abs(found) < 1 and not (isinstance(line.before, Decimal) and abs(line.before) < 1):
        raise Wrong(
            say(
                "found {told} in a row of percentages: if it means {hundredfold} %, write {hundredfold}; if it "
                "is right as it is, choose the state «confermato»",
                told=told(found),
                hundredfold=told(found * 100),
            )
        )


def _require_no_date(found: Decimal, line: Line, year: int) -> None:
    """What looks like a date (``3/5``) becomes the number of its day."""
    if found != found.to_integral_value() or line.unit.startswith("EUR"):
        return
    if not (datetime.date(year - 1, 1, 1) - _FIRST).days <= found <= (datetime.date(year + 2, 12, 31) - _FIRST).days:
        return
    if line.before is None or not isinstance(line.before, Decimal) or unlikely(line.before, found):
        when = _FIRST + datetime.timedelta(days=int(found))
        raise Wrong(
            say(
                "found {told}, which is also the number of the day {day}: if it is a date that Excel has "
                "read, write the number again; if it is right, choose the state «confermato»",
                told=told(found),
                day=_day(when),
            )
        )


def text(cell: Cell, rules: dict) -> str:
    """The text in a cell; nothing where it is blank. ``rules`` are the field's constraints.

    Raises Wrong for what is no text, or none of those that are allowed.

    >>> text(Cell(" due parole ", "H7"), {}), text(Cell(None, "H7"), {}), text(Cell(3.5, "H7"), {})
    ('due parole', '', '3,5')
    >>> text(Cell(datetime.date(2026, 5, 3), "H7"), {})
    Traceback (most recent call last):
        ...
    annuario.workbook.values.Wrong: found the date 3/5/2026, expected a text: write it again with an ...
    """
    value = cell.value
    if cell.error:
        raise Wrong(say("found the error «{text}»: write the text", text=cell.text))
    if cell.formula and value is None:
        raise Wrong(say("found a formula without its value: write the text"))
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        raise Wrong(
            say(
                "found the date {day}, expected a text: write it again with an apostrophe before it, for instance ’3/5",
                day=_day(value),
            )
        )
    if isinstance(value, float):
        value = _plain(Decimal(f"{value:.15g}"))
    found = "" if value is None else str(value).strip()
    return allowed(found, rules)


def allowed(found: str, rules: dict) -> str:
    """A text, if a field's constraints allow it.

    >>> allowed("nord", {"enum": ["nord", "sud"]}), allowed("", {"enum": ["nord", "sud"]})
    ('nord', '')
    >>> allowed("Nord", {"enum": ["nord", "sud"]})
    Traceback (most recent call last):
        ...
    annuario.workbook.values.Wrong: found «Nord», expected one of nord, sud: did you mean «nord»?
    """
    known = list(map(str, rules.get("enum", [])))
    if found and known and found not in known:
        raise Wrong(
            say(
                "found «{cut}», expected one of {known}: {meant}",
                cut=_cut(found),
                known=", ".join(known),
                meant=meant(found, known) or say("choose it from the list"),
            )
        )
    if found and "pattern" in rules and not matches(rules["pattern"], found):
        form = (
            say("a code of lowercase letters, digits and hyphens")
            if is_code(rules)
            else say("the form {pattern}", pattern=rules["pattern"])
        )
        raise Wrong(say("found «{cut}», expected {form}: correct it", cut=_cut(found), form=form))
    return found


def matches(pattern: str, found: str) -> bool:
    r"""Whether a text is of a form.

    >>> matches(r"\d{4}", "2026"), matches(r"\d{4}", "2026-27")
    (True, False)
    """
    return re.fullmatch(pattern, found) is not None


def value(cell: Cell, package: Package, table: str, name: str) -> str:
    """A cell of a list as the table's file has it; nothing where it is blank.

    Raises Wrong for what the field cannot hold.

    >>> [value(Cell(typed, "B7"), esempio, "indicatori", "valore") for typed in ("1.234,5", "")]
    ['1234.5', '']
    >>> value(Cell("prestiti/libro", "B7"), esempio, "indicatori", "indicatore")
    Traceback (most recent call last):
        ...
    annuario.workbook.values.Wrong: found «prestiti/libro», expected a code: did you mean «prestiti/libri»?
    """
    declared = package.fields(table)[name]
    rules, kind = declared.get("constraints", {}), declared["type"]
    if kind in ("number", "integer"):
        if cell.blank:
            return ""
        if isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool):
            found = [Decimal(f"{cell.value:.15g}")]
        else:
            found = meanings(str(cell.value))
        if kind == "integer":
            found = [one for one in found if one == one.to_integral_value()]
        if len(found) > 1:
            raise Wrong(
                say(
                    "found «{text}», which may be {found}: write the one that is meant",
                    text=cell.text,
                    found=alternatives(map(_plain, found)),
                )
            )
        if not found:
            raise Wrong(
                say(
                    "found «{cut}», expected {kind}: write it in digits",
                    cut=_cut(cell.text),
                    kind=say("a whole number") if kind == "integer" else say("a number"),
                )
            )
        return Bounds(package, table, name, {}).text(found[0]) or f"{found[0]:f}"
    if kind == "date":
        if isinstance(cell.value, (datetime.datetime, datetime.date)):
            return cell.value.strftime("%Y-%m-%d")
        found_day = day(cell.text)
        try:
            return datetime.date.fromisoformat(found_day).isoformat() if found_day else ""
        except ValueError:
            raise Wrong(
                say("found «{cut}», expected a date such as 31/12/2026: correct it", cut=_cut(cell.text))
            ) from None
    if cell.blank:
        return ""
    if isinstance(cell.value, (datetime.datetime, datetime.date)) and "pattern" in rules:
        month = cell.value.strftime("%Y-%m")
        if matches(rules["pattern"], month):
            return month
    found_text = text(Cell(cell.value, cell.place, cell.formula, cell.error), {})
    known = codes(package, table, name)
    if known and found_text and found_text not in known:
        raise Wrong(
            say(
                "found «{cut}», expected a code: {meant}",
                cut=_cut(found_text),
                meant=meant(found_text, known) or say("the codes are {codes}", codes=", ".join(known[:12])),
            )
        )
    return allowed(found_text, rules)


def state(cell: Cell) -> str:
    """The state that a cell chooses, as the table of expected rows has it; nothing where it is blank.

    Raises Wrong for a word that is none.

    >>> state(Cell("Non rilevato", "I7")), state(Cell("", "I7")), state(Cell("da togliere", "I7"))
    ('non-rilevato', '', 'da togliere')
    >>> state(Cell("non rilevat", "I7"))
    Traceback (most recent call last):
        ...
    annuario.workbook.values.Wrong: found «non rilevat», expected one of da inserire, non rilevato, non ...
    """
    found = cell.text.lower().replace("-", " ")
    if not found or found in (layout.INCOMPLETE, "inserito"):
        return ""
    words = {told.replace("-", " "): told for told in (*layout.STATES, layout.REMOVE)}
    if found not in words:
        close = get_close_matches(found, words, 1)
        remedy = say("did you mean «{close}»?", close=close[0]) if close else say("choose it from the list")
        raise Wrong(
            say(
                "found «{cut}», expected one of {words}: {remedy}",
                cut=_cut(cell.text),
                words=", ".join(words),
                remedy=remedy,
            )
        )
    return layout.STATES.get(words[found], layout.REMOVE)


def meant(found: str, known: Iterable[str]) -> str:
    """The question whether one of some codes is meant.

    >>> meant("pandno", ["pandino"]), meant("x", ["pandino"])
    ('did you mean «pandino»?', '')
    """
    close = closest(found, known)
    return say("did you mean «{close}»?", close=close) if close else ""


def told(found: Decimal) -> str:
    """A number in Italian form.

    >>> told(Decimal("1234.50"))
    '1.234,5'
    """
    return numbers.number(found)


def _plain(found: Decimal) -> str:
    return f"{found:f}".replace(".", ",")


def _cents(found: Decimal, line: Line) -> str:
    whole = numbers.rounded(found, line.bounds.decimals)
    return say(" (rounded: {told})", told=told(whole)) if whole != found and line.bounds.text(whole) else ""


def _cut(found: str) -> str:
    return " ".join(found.split())[:60]


def _day(value: datetime.datetime | datetime.date | datetime.time) -> str:
    return value.isoformat("minutes") if isinstance(value, datetime.time) else f"{value.day}/{value.month}/{value.year}"
