"""Check rows, the numbers that checks compare, and the form in which identities are declared.

A check row says what should hold, what was expected, what was found, and on which
lines of which document. Verdicts are never lenient:

- money and counts must be equal, money to the cent;
- a printed percentage or ratio (:data:`PRINTED`) must equal the recomputed value
  rounded half up to the digits printed;
- hours printed in hundredths (:data:`ROUNDED`) are themselves roundings of minutes: two
  printings of the same total may differ by one unit of the last digit, or one may be the
  other rounded to the whole hour, and the verdict is then «arrotondamento». So are the
  shares of a whole that should make 100. Nothing else is ever excused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import pandas as pd

from annuario.data import Package
from annuario.numbers import MONTHS, rounded

HOLDS = "torna"
ROUNDING = "arrotondamento"
FAILS = "non torna"
BASIS = "base diversa"
INCOMPLETE = "testo incompleto"

#: Rules of comparison: equal; equal to the digits printed; two roundings of one thing.
EXACT, PRINTED, ROUNDED = "esatto", "cifre stampate", "arrotondati"

COLUMNS = ["id", "cosa", "edizione", "anno", "dove", "atteso", "trovato", "differenza", "esito"]


class Number(NamedTuple):
    """A number and the lines it comes from (``document:lines``, several joined by ``;``)."""

    value: Decimal
    source: str


class Identity(NamedTuple):
    """Something that should hold wherever all its numbers are known.

    ``expected`` and ``found`` are expressions (see :func:`evaluate`); ``relation`` says
    how found stands to expected (``=``, ``!=``, ``<=``, ``>=``); ``edition`` and ``year``,
    when given, are the only ones it is asked of. ``given`` are keys that must be known though
    no part of the identity. ``roundings`` are the keys of numbers printed
    already rounded: where some value within their rounding gives the number found, the
    verdict is «arrotondamento».
    """

    id: str
    what: str
    expected: str
    found: str
    rule: str = EXACT
    relation: str = "="
    edition: str = ""
    year: int = 0
    given: tuple[str, ...] = ()
    roundings: tuple[str, ...] = ()


class Facts:
    """Every number of the package by edition, year and key.

    ``indicatore`` (the table's number, or the prose's where no table prints it) and
    ``testo:indicatore``; ``gruppo/*`` (sum of a table without its total);
    ``sub:servizio/misura/sub_ambito``; ``voce:voce/fase`` and ``scheda:scheda/fase``, both
    with ``/canale`` for a funding channel; ``area:centro/fase``; ``entrate:canale``
    and ``entrate:*`` (without surplus and totals);
    ``avanzo:voce`` and ``avanzo:voce/destinazione``; ``fondi:gruppo/fondo``;
    ``personale:profilo/misura``; ``riepilogo:ambito/misura``; ``progetti:progetto/importo``;
    ``obiettivo:ambito/numero`` (the number in the expected value of a goal declared
    reached) and ``raggiunto:ambito/numero`` (1 or 0); ``conta:…`` (how many a document lists);
    ``mese:gruppo/voce`` (the first month named in a printed text).
    """

    def __init__(self, package: Package):
        self.numbers: dict[tuple[str, int], dict[str, Number]] = {}
        for load in (_indicators, _subareas, _budget, _money, _people, _goals, _projects, _counts):
            for edition, year, key, value, source in load(package):
                numbers = self.numbers.setdefault((edition, year), {})
                if key in numbers and key.endswith("*"):
                    before = numbers[key]
                    numbers[key] = Number(before.value + value, f"{before.source};{source}")
                else:
                    numbers[key] = Number(value, source)

    def get(self, edition: str, year: int, key: str) -> Number | None:
        """One number, or None where the edition does not print it."""
        return self.numbers.get((edition, year), {}).get(key)


def _records(frame: pd.DataFrame, *columns: str):
    frame = frame[frame["valore"].notna()] if "valore" in frame else frame
    return zip(*(frame[column] for column in columns))


def _indicators(package: Package):
    columns = ("edizione", "anno", "indicatore", "valore", "fonte")
    frame = package.read("indicatori")
    for edition, year, name, value, source in _records(frame[frame["sede"] == "testo"], *columns):
        yield edition, year, name, value, source
        yield edition, year, f"testo:{name}", value, source
    for edition, year, name, value, source in _records(frame[frame["sede"] == "tabella"], *columns):
        yield edition, year, name, value, source
        group, _, item = name.partition("/")
        if not item.startswith("totale"):
            yield edition, year, f"{group}/*", value, source


def _subareas(package: Package):
    frame = package.read("servizi_sub_ambito")
    for edition, year, service, area, measure, value, source in _records(
        frame, "edizione", "anno", "servizio", "sub_ambito", "misura", "valore", "fonte"
    ):
        yield edition, year, f"sub:{service}/{measure}/{area}", value, source
        if area != "totale":
            yield edition, year, f"sub:{service}/{measure}/*", value, source


def _budget(package: Package):
    for edition, year, card, item, phase, channel, value, source in _records(
        package.read("bilancio"), "edizione", "anno", "scheda", "voce", "fase", "canale", "valore", "fonte"
    ):
        end = phase if channel == "totale" else f"{phase}/{channel}"
        yield edition, year, f"scheda:{card}/{end}" if item == "totale" else f"voce:{item}/{end}", value, source
        if item != "totale" and channel != "totale":
            yield edition, year, f"canale:{channel}/*", value, source
            yield edition, year, f"canale:{channel}/{card}/*", value, source


def _money(package: Package):
    columns = ("edizione", "anno", "valore", "fonte")
    for edition, year, value, source, centre, phase in _records(package.read("bilancio_aree"), *columns, "centro", "fase"):
        yield edition, year, f"area:{centre}/{phase}", value, source
    sums = package.read("canali").set_index("canale")["provenienza"].isin(["avanzo", "totale"])
    for edition, year, value, source, channel in _records(package.read("entrate"), *columns, "canale"):
        yield edition, year, f"entrate:{channel}", value, source
        if not sums[channel] and not channel.endswith("-quota-vincolata"):
            yield edition, year, "entrate:*", value, source
    for edition, year, value, source, group, fund in _records(package.read("fondi"), *columns, "gruppo", "fondo"):
        yield edition, year, f"fondi:{group}/{fund}", value, source
    for edition, year, value, source, item, use in _records(package.read("avanzo"), *columns, "voce", "destinazione"):
        yield edition, year, f"avanzo:{item}/{use}", value, source
        yield edition, year, f"avanzo:{item}/*", value, source


def _people(package: Package):
    for edition, year, profile, measure, value, source in _records(
        package.read("personale"), "edizione", "anno", "profilo", "misura", "valore", "fonte"
    ):
        yield edition, year, f"personale:{profile}/{measure}", value, source


def _goals(package: Package):
    for edition, year, scope, measure, value, source in _records(
        package.read("obiettivi_riepilogo"), "edizione", "anno", "ambito", "misura", "valore", "fonte"
    ):
        yield edition, year, f"riepilogo:{scope}/{measure}", value, source
    goals = package.read("obiettivi")
    for edition, year, scope, number, expected, due, outcome, source in _records(
        goals[goals["esito"] != ""], "edizione", "anno", "ambito", "numero", "valore_atteso", "scadenza", "esito", "fonte"
    ):
        yield edition, year, f"raggiunto:{scope}/{number}", Decimal(outcome == "raggiunto"), source
        amount = re.search(r"\d+", expected)
        if amount and not due and outcome == "raggiunto":
            yield edition, year, f"obiettivo:{scope}/{number}", Decimal(amount[0]), source


def _projects(package: Package):
    frame = package.read("progetti")
    amounts = [name for name, field in package.fields("progetti").items() if field["type"] == "number"]
    long = frame.melt(["edizione", "anno", "progetto", "fonte"], amounts, "importo", "valore")
    for edition, year, project, amount, value, source in _records(
        long, "edizione", "anno", "progetto", "importo", "valore", "fonte"
    ):
        yield edition, year, f"progetti:{project}/{amount}", value, source


def _counts(package: Package):
    goals, workloads, projects = package.read("obiettivi"), package.read("carichi_lavoro"), package.read("progetti")
    submitted = projects["annotazione"].str.startswith("PRESENTATO")
    own_year = projects["edizione"].str[-4:]
    counted = {
        "sedute": (package.read("sedute"), ["organo"]),
        "obiettivi": (goals, ["ambito"]),
        "esiti": (goals[goals["esito"] != ""], ["ambito", "esito"]),
        "operatori": (workloads.drop_duplicates(["edizione", "operatore"]), []),
        "conclusi": (projects[projects["data_fine"].str[:4] == own_year], []),
        "avviati": (projects[(projects["data_avvio"].str[:4] == own_year) | submitted], []),
        "presentati": (projects[submitted], []),
    }
    for name, (frame, by) in counted.items():
        for group, listed in frame.groupby(["edizione", "anno", *by], sort=False)["fonte"]:
            yield group[0], int(group[1]), "/".join([f"conta:{name}", *group[2:]]), Decimal(len(listed)), ";".join(listed)
    states: dict[tuple, list[str]] = {}
    for edition, group, item, text, source in _records(
        package.read("testi_tabella"), "edizione", "gruppo", "voce", "testo", "fonte"
    ):
        year = int(edition[-4:])
        months = [month for month in re.findall(r"[a-z]+", text.lower()) if month in MONTHS]
        names = re.search(r"\(([^()]+)\)", text)
        if months:
            yield edition, year, f"mese:{group}/{item}", Decimal(MONTHS.index(months[0]) + 1), source
        if names:
            yield edition, year, f"conta:elenco/{group}/{item}", Decimal(names[1].count(",") + 1), source
        if item.endswith("/stato"):
            states.setdefault((edition, year, f"conta:stati/{group}"), []).append(source)
            if text == "Completato":
                states.setdefault((edition, year, f"conta:completati/{group}"), []).append(source)
    for key, sources in states.items():
        yield *key, Decimal(len(sources)), ";".join(sources)


# --------------------------------------------------------------------------- rows


def lines(source: str) -> str:
    """``document:lines`` with adjoining lines joined: ``relazione-2021:65-73,75``."""
    found: dict[str, set[int]] = {}
    for part in dict.fromkeys(source.split(";")):
        document, _, span = part.strip().rpartition(":")
        first, _, last = span.partition("-")
        found.setdefault(document, set()).update(range(int(first), int(last or first) + 1))
    texts = []
    for document, numbers in found.items():
        spans: list[list[int]] = []
        for number in sorted(numbers):
            if spans and spans[-1][1] == number - 1:
                spans[-1][1] = number
            else:
                spans.append([number, number])
        texts.append(f"{document}:" + ",".join(str(a) if a == b else f"{a}-{b}" for a, b in spans))
    return "; ".join(texts)


def verdict(expected: Decimal, found: Decimal, rule: str = EXACT, relation: str = "=") -> tuple[Decimal, str]:
    """The expected value as it should be printed, and the verdict."""
    printed = max(0, -found.as_tuple().exponent)
    if rule == PRINTED:
        expected = rounded(expected, printed)
    if relation != "=":
        holds = {"!=": found != expected, "<=": found <= expected, ">=": found >= expected}[relation]
        return expected, HOLDS if holds else FAILS
    if expected == found:
        return expected, HOLDS
    if rule == ROUNDED:
        unit = Decimal(1).scaleb(-min(printed, max(0, -expected.as_tuple().exponent)))
        whole = rounded(expected, 0) == found or rounded(found, 0) == expected
        if abs(expected - found) <= unit or whole:
            return expected, ROUNDING
    return expected, FAILS


def row(
    name: str, what: str, edition: str, year: int, expected: Number, found: Number, rule: str = EXACT, relation: str = "="
) -> tuple:
    """One check row, in the order of :data:`COLUMNS`."""
    value, outcome = verdict(expected.value, found.value, rule, relation)
    where = [lines(number.source) for number in (expected, found) if number.source]
    return (
        f"{name}/{edition}/{year}", what, edition, year, "; ".join(dict.fromkeys(where)),
        value, found.value, found.value - value, outcome,
    )  # fmt: skip


def table(rows: Iterable[tuple]) -> pd.DataFrame:
    """Check rows as a DataFrame with :data:`COLUMNS`; numbers stay Decimal."""
    return pd.DataFrame(list(rows), columns=COLUMNS, dtype=object)


# ---------------------------------------------------------------------- identities


class Missing(LookupError):
    """A number of an identity is not known in this edition and year."""


def evaluate(expression: str, facts: Facts, edition: str, year: int) -> Number:
    """The value of an expression in one edition and year, with the lines it rests on.

    Terms and the operators ``+ - * / ( )`` are separated by blanks. A term is a number or
    a key of :class:`Facts`, after ``edition!`` when it is another edition's, before
    ``@2020`` or ``@-1`` when it is of another year (or of another by so much), and
    before ``?`` when it counts zero where it is not printed. Raises Missing when any
    other key is unknown.
    """
    sources: list[str] = []
    value = _value(_parse(expression), facts, edition, year, sources)
    return Number(value, ";".join(sources))


def _value(node, facts: Facts, edition: str, year: int, sources: list[str]) -> Decimal:
    if isinstance(node, Decimal):
        return node
    if node[0] == "key":
        _, other, key, base, shift, optional = node
        number = facts.get(other or edition, (year if base is None else base) + shift, key)
        if number is None:
            if optional:
                return Decimal(0)
            raise Missing(key)
        sources.append(number.source)
        return number.value
    operator, left, right = node
    a = _value(left, facts, edition, year, sources)
    b = _value(right, facts, edition, year, sources)
    if operator == "+":
        return a + b
    if operator == "-":
        return a - b
    if operator == "*":
        return a * b
    if b == 0:
        raise Missing("division by zero")
    return a / b


_TERM = re.compile(r"(?:(?P<edition>[a-z]+-\d{4})!)?(?P<key>[^@?!]+)(?:@(?P<year>[+-]?\d+))?(?P<optional>\?)?")


@lru_cache(maxsize=None)
def _parse(expression: str):
    tokens = expression.split()
    node = _sum(tokens)
    if tokens:
        raise ValueError(f"«{expression}»: unexpected «{tokens[0]}»")
    return node


def _sum(tokens: list[str]):
    node = _product(tokens)
    while tokens and tokens[0] in "+-":
        node = (tokens.pop(0), node, _product(tokens))
    return node


def _product(tokens: list[str]):
    node = _term(tokens)
    while tokens and tokens[0] in "*/":
        node = (tokens.pop(0), node, _term(tokens))
    return node


def _term(tokens: list[str]):
    token = tokens.pop(0)
    if token == "(":
        node = _sum(tokens)
        tokens.pop(0)
        return node
    if re.fullmatch(r"[\d.]+", token):
        return Decimal(token)
    term = _TERM.fullmatch(token)
    year = term["year"]
    absolute = int(year) if year and year.isdigit() else None
    return ("key", term["edition"], term["key"], absolute, int(year) if year and absolute is None else 0, bool(term["optional"]))


def check(facts: Facts, identities: Iterable[Identity]) -> pd.DataFrame:
    """One row for each identity in each edition and year in which all its numbers are known."""
    contexts = sorted(facts.numbers)
    rows = []
    for identity in identities:
        for edition, year in contexts:
            if identity.edition not in ("", edition) or identity.year not in (0, year):
                continue
            if not all(facts.get(edition, year, key) for key in identity.given):
                continue
            try:
                expected = evaluate(identity.expected, facts, edition, year)
                found = evaluate(identity.found, facts, edition, year)
            except Missing:
                continue
            one = row(identity.id, identity.what, edition, year, expected, found, identity.rule, identity.relation)
            if one[-1] == FAILS and identity.roundings and _within(identity, facts, edition, year, found.value):
                one = (*one[:-1], ROUNDING)
            rows.append(one)
    return table(rows)


def _within(identity: Identity, facts: Facts, edition: str, year: int, found: Decimal) -> bool:
    """Whether the roundings of an identity's numbers can give the number found."""
    known = facts.numbers[(edition, year)]
    halves = [(key, Decimal(5).scaleb(known[key].value.as_tuple().exponent - 1)) for key in identity.roundings]
    values = []
    for signs in product((-1, 1), repeat=len(halves)):
        moved = {key: Number(known[key].value + sign * half, "") for (key, half), sign in zip(halves, signs)}
        shifted = _Shifted(facts, edition, year, moved)
        values.append(evaluate(identity.expected, shifted, edition, year).value)
    digits = max(0, -found.as_tuple().exponent)
    return rounded(min(values), digits) <= found <= rounded(max(values), digits)


class _Shifted:
    """Facts with some numbers of one edition and year replaced."""

    def __init__(self, facts: Facts, edition: str, year: int, moved: dict[str, Number]):
        self._facts, self._context, self._moved = facts, (edition, year), moved

    def get(self, edition: str, year: int, key: str) -> Number | None:
        if (edition, year) == self._context and key in self._moved:
            return self._moved[key]
        return self._facts.get(edition, year, key)
