"""What the cells of a workbook mean: a number, a text, a state; or what is wrong with them, in Italian.

A cell means something only where it can mean one thing.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches

from annuario.data import Package
from annuario.data.cells import day, meanings
from annuario.data.columns import codes
from annuario.data.validate import closest
from annuario.words import numbers
from annuario.workbook import layout
from annuario.workbook.bounds import is_code
from annuario.workbook.form import Line
from annuario.workbook.read import Cell

#: The first day that a workbook counts from.
_FIRST = datetime.date(1899, 12, 30)
#: How many times last year's value is still plausible; see ``annuario.checks.series``.
TIMES = 4


class Wrong(ValueError):
    """A cell that means nothing, or more than one thing: its message says what was found, expected, and what to do."""


def number(cell: Cell, line: Line, year: int, confirmed: bool) -> Decimal | None:
    """The number in a cell of a row; None where it is blank.

    Raises Wrong where it is none, may be two, or is not what the row can hold.
    """
    value = cell.value
    if cell.error:
        raise Wrong(f"trovato l’errore «{cell.text}», atteso {line.bounds}: correggere la formula o scrivere il numero")
    if cell.formula and value is None:
        raise Wrong("trovata una formula senza il suo valore: aprire il file in Excel e salvarlo, o scrivere il numero")
    if value is None or cell.text in ("", layout.INCOMPLETE if cell.formula else ""):
        return None
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        raise Wrong(f"trovata la data {_day(value)}, atteso {line.bounds}: riscrivere il numero, con la virgola")
    if isinstance(value, bool):
        raise Wrong(f"trovato {'VERO' if value else 'FALSO'}, atteso {line.bounds}: scrivere il numero")
    found = _typed(value, cell, line) if isinstance(value, (int, float)) else _spelt(str(value), line)
    if not confirmed:
        _require_percent(found, line)
        _require_no_date(found, line, year)
    if not line.bounds.text(found):
        raise Wrong(f"trovato {told(found)}, atteso {line.bounds}: correggere il numero{_cents(found, line)}")
    return found


def _typed(value: float, cell: Cell, line: Line) -> Decimal:
    found = Decimal(f"{value:.15g}")
    if cell.percent and line.unit == "%":
        return found * 100
    if cell.percent:
        raise Wrong(
            f"trovato {told(found * 100)} %, atteso {line.bounds} in {line.unit or 'cifre'}: scrivere il numero senza %"
        )
    return found


def _spelt(text: str, line: Line) -> Decimal:
    if "%" in text and line.unit != "%":
        raise Wrong(
            f"trovato «{_cut(text)}», atteso {line.bounds} in {line.unit or 'cifre'}: scrivere il numero senza %"
        )
    meant = meanings(text)
    if len(meant) > 1:
        choice = " o ".join(_plain(one) for one in meant)
        raise Wrong(f"trovato il testo «{_cut(text)}», che può essere {choice}: scrivere il numero che si intende")
    if not meant:
        raise Wrong(
            f"trovato «{_cut(text)}», atteso {line.bounds}: scrivere il numero, o scegliere lo Stato «non rilevato» o "
            "«non applicabile»"
        )
    return meant[0]


def _require_percent(found: Decimal, line: Line) -> None:
    """A percentage typed with its sign into a cell of numbers becomes a hundredth of itself."""
    if line.unit == "%" and 0 < abs(found) < 1 and not (isinstance(line.before, Decimal) and abs(line.before) < 1):
        raise Wrong(
            f"trovato {told(found)} in una riga di percentuali: se vuol dire {told(found * 100)} %, scrivere {told(found * 100)}; "
            "se è proprio così, scegliere lo Stato «confermato»"
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
            f"trovato {told(found)}, che è anche il numero del giorno {_day(when)}: se è una data letta da Excel, riscrivere "
            "il numero; se è giusto, scegliere lo Stato «confermato»"
        )


def unlikely(before: Decimal, now: Decimal) -> str:
    """How a value is out of proportion to last year's, in words; nothing where it is not."""
    if before * now < 0:
        return "ha l’altro segno"
    if not before or not now or max(abs(before), abs(now)) < 10:
        return ""
    ratio = max(abs(now / before), abs(before / now))
    if ratio <= TIMES:
        return ""
    return (
        f"è {told(numbers.rounded(ratio, 1))} volte"
        if abs(now) > abs(before)
        else f"è un {told(numbers.rounded(ratio, 1))}° di"
    )


def text(cell: Cell, rules: dict) -> str:
    """The text in a cell; nothing where it is blank. ``rules`` are the field's constraints.

    Raises Wrong for what is no text, or none of those that are allowed.
    """
    value = cell.value
    if cell.error:
        raise Wrong(f"trovato l’errore «{cell.text}»: scrivere il testo")
    if cell.formula and value is None:
        raise Wrong("trovata una formula senza il suo valore: scrivere il testo")
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        raise Wrong(
            f"trovata la data {_day(value)}, atteso un testo: riscriverlo con un apostrofo davanti, per esempio ’3/5"
        )
    if isinstance(value, float):
        return _plain(Decimal(f"{value:.15g}"))
    found = "" if value is None else str(value).strip()
    return allowed(found, rules)


def allowed(found: str, rules: dict) -> str:
    """A text, if a field's constraints allow it."""
    known = list(map(str, rules.get("enum", [])))
    if found and known and found not in known:
        raise Wrong(
            f"trovato «{_cut(found)}», atteso uno fra {', '.join(known)}: {meant(found, known) or 'sceglierlo dall’elenco'}"
        )
    if found and "pattern" in rules and not matches(rules["pattern"], found):
        form = "un codice di minuscole, cifre e trattini" if is_code(rules) else f"la forma {rules['pattern']}"
        raise Wrong(f"trovato «{_cut(found)}», atteso {form}: correggerlo")
    return found


def matches(pattern: str, found: str) -> bool:
    """Whether a text is of a form."""
    return re.fullmatch(pattern, found) is not None


def value(cell: Cell, package: Package, table: str, name: str) -> str:
    """A cell of a list as the table's file has it; nothing where it is blank.

    Raises Wrong for what the field cannot hold.
    """
    declared = package.fields(table)[name]
    rules, kind = declared.get("constraints", {}), declared["type"]
    if kind in ("number", "integer"):
        if cell.blank:
            return ""
        if isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool):
            found = [Decimal(f"{cell.value:.15g}")]
        else:
            found = meanings(cell.text)
        if kind == "integer":
            found = [one for one in found if one == one.to_integral_value()]
        if len(found) > 1:
            raise Wrong(
                f"trovato «{cell.text}», che può essere {' o '.join(map(_plain, found))}: scrivere quello che si intende"
            )
        if not found:
            raise Wrong(
                f"trovato «{_cut(cell.text)}», atteso un numero{' intero' if kind == 'integer' else ''}: scriverlo in cifre"
            )
        return f"{found[0]:f}"
    if kind == "date":
        if isinstance(cell.value, (datetime.datetime, datetime.date)):
            return cell.value.strftime("%Y-%m-%d")
        found_day = day(cell.text)
        try:
            return datetime.date.fromisoformat(found_day).isoformat() if found_day else ""
        except ValueError:
            raise Wrong(f"trovato «{_cut(cell.text)}», attesa una data come 31/12/2026: correggerla") from None
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
            f"trovato «{_cut(found_text)}», atteso un codice: {meant(found_text, known) or 'i codici sono ' + ', '.join(known[:12])}"
        )
    return allowed(found_text, rules)


def state(cell: Cell) -> str:
    """The state that a cell chooses, as the table of expected rows has it; nothing where it is blank.

    Raises Wrong for a word that is none.
    """
    found = cell.text.lower().replace("-", " ")
    if not found or found in (layout.INCOMPLETE, "inserito"):
        return ""
    words = {told.replace("-", " "): told for told in (*layout.STATES, layout.REMOVE)}
    if found not in words:
        close = get_close_matches(found, words, 1)
        remedy = f"intendeva «{close[0]}»?" if close else "sceglierlo dall’elenco"
        raise Wrong(f"trovato «{_cut(cell.text)}», atteso uno fra {', '.join(words)}: {remedy}")
    return layout.STATES.get(words[found], layout.REMOVE)


def meant(found: str, known: Iterable[str]) -> str:
    """The question whether one of some codes is meant."""
    close = closest(found, known)
    return f"intendeva «{close}»?" if close else ""


def told(found: Decimal) -> str:
    """A number in Italian form."""
    return numbers.number(found)


def _plain(found: Decimal) -> str:
    return f"{found:f}".replace(".", ",")


def _cents(found: Decimal, line: Line) -> str:
    whole = numbers.rounded(found, line.bounds.decimals)
    return f" (arrotondato: {told(whole)})" if whole != found and line.bounds.text(whole) else ""


def _cut(found: str) -> str:
    return found[:60]


def _day(value: datetime.datetime | datetime.date | datetime.time) -> str:
    return value.isoformat("minutes") if isinstance(value, datetime.time) else f"{value.day}/{value.month}/{value.year}"
