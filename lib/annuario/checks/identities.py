"""Declared identities: expressions over published numbers, and how they compare."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from itertools import product
from typing import NamedTuple

import pandas as pd

from annuario.checks.facts import Facts
from annuario.checks.rows import EXACT, FAILS, ROUNDING, Number, row, table
from annuario.data import Package
from annuario.data.package import SHOWN
from annuario.data.problem import place
from annuario.data.roles import DEFINITIONS, IDENTITIES
from annuario.errors import BookError
from annuario.messages import say
from annuario.words.numbers import is_missing, rounded


class Identity(NamedTuple):
    """Something that should hold wherever all its numbers are known; the columns of the table.

    ``atteso`` and ``trovato`` are expressions (see :func:`evaluate`); ``relazione`` says
    how found stands to expected (``=``, ``!=``, ``<=``, ``>=``), ``regola`` how they are
    compared; ``edizione`` and ``anno``, when given, are the only ones it is asked of.
    ``noti`` are keys that must be known though they are no part of it. ``arrotondati`` are
    the keys whose numbers are printed already rounded: where some value within their
    rounding gives the number found, the verdict is «arrotondamento».

    >>> declared(esempio)[0].atteso
    'prestiti/libri + prestiti/altro'
    """

    id: str
    cosa: str
    atteso: str
    relazione: str
    trovato: str
    regola: str
    edizione: str
    anno: int | None
    noti: tuple[str, ...]
    arrotondati: tuple[str, ...]


class Missing(LookupError):
    """A number of an identity is not known in this edition and year.

    >>> evaluate("prestiti/dischi + 1", Facts(esempio), "relazione-2025", 2025)
    Traceback (most recent call last):
        ...
    annuario.checks.identities.Missing: prestiti/dischi
    """


def declared(package: Package) -> list[Identity]:
    """The identities that a package declares, in the table of role ``identita``; none without it.

    Raises BookError naming file and row for an expression that is none.

    >>> [(one.id, one.relazione, one.trovato) for one in declared(esempio)]
    [('prestiti/somma', '=', 'prestiti/totale')]
    """
    if not package.has(IDENTITIES):
        return []
    found, problems = [], []
    for line, record in enumerate(package.read(IDENTITIES).to_dict("records"), 2):
        year = record["anno"]
        found.append(
            Identity(
                record["controllo"],
                record["cosa"],
                record["atteso"],
                record["relazione"],
                record["trovato"],
                record["regola"] or EXACT,
                record["edizione"],
                None if is_missing(year) else int(year),
                tuple(record["noti"].split()),
                tuple(record["arrotondati"].split()),
            )
        )
        for column in ("atteso", "trovato"):
            try:
                _parse(record[column])
            except ValueError as error:
                problems.append(f"{place(package, IDENTITIES, line, column)}: {error}.")
    if problems:
        raise BookError("\n".join(problems))
    return found


def require_codes(package: Package, facts: Facts) -> None:
    """Raise BookError for a code that no number can ever have: its identity would be asked of nothing, in silence.

    Under ``?`` such a code counts zero. Codes of the agency's facts are known by how they begin.

    >>> require_codes(esempio, Facts(esempio))
    """
    if not package.has(IDENTITIES):
        return
    codes: set[str] = set()
    if package.has(DEFINITIONS):
        definitions = package.read(DEFINITIONS)
        codes = {*definitions["indicatore"], *(f"{group}/*" for group in definitions["gruppo"])}
    known = facts.keys | codes | {f"testo:{code}" for code in codes}
    own = {re.split("[:/]", key)[0] for key in facts.keys} - {re.split("[:/]", key)[0] for key in codes}
    wrong = []
    for line, one in enumerate(declared(package), 2):
        columns = {
            "atteso": _keys(_parse(one.atteso)), "trovato": _keys(_parse(one.trovato)),
            "noti": one.noti, "arrotondati": one.arrotondati,
        }  # fmt: skip
        for column, keys in columns.items():
            for key in dict.fromkeys(keys):
                if key not in known and re.split("[:/]", key)[0] not in own:
                    wrong.append((line, column, key))
    if not wrong:
        return
    problems, spelt = [], sorted(known)
    for line, column, key in wrong[:SHOWN]:
        close = get_close_matches(key, spelt, 1)
        meant = say("did you mean «{close}»?", close=close[0]) if close else say("check the spelling.")
        what = say("«{key}» is no number's code: {meant}", key=key, meant=meant)
        problems.append(f"{place(package, IDENTITIES, line, column)}: {what}")
    more = say("\n… and {count} more.", count=len(wrong) - SHOWN) if len(wrong) > SHOWN else ""
    raise BookError("\n".join(problems) + more)


def _keys(node) -> Iterator[str]:
    """The keys of an expression that count, if not known, for nothing: all but those under ``?``."""
    if isinstance(node, _Term) and not node.optional:
        yield node.key
    elif isinstance(node, tuple) and not isinstance(node, _Term):
        yield from (key for part in node[1:] for key in _keys(part))


def check(facts: Facts, identities: Iterable[Identity]) -> pd.DataFrame:
    """One row for each identity in each edition and year in which all its numbers are known.

    >>> one = Identity("prova", "Più di tutto", "prestiti/totale", ">=", "prestiti/libri", EXACT, "", 2025, (), ())
    >>> check(Facts(esempio), [one])[["id", "atteso", "trovato", "esito"]].values.tolist()
    [['prova/relazione-2025/2025', Decimal('53335'), Decimal('46310'), 'non torna']]
    """
    rows = []
    for identity in identities:
        for edition, year in facts.contexts:
            if identity.edizione not in ("", edition) or identity.anno not in (None, year):
                continue
            if not all(facts.get(edition, year, key) for key in identity.noti):
                continue
            try:
                expected = evaluate(identity.atteso, facts, edition, year)
                found = evaluate(identity.trovato, facts, edition, year)
            except Missing:
                continue
            one = row(identity.id, identity.cosa, edition, year, expected, found, identity.regola, identity.relazione)
            if one[-1] == FAILS and identity.arrotondati and _within(identity, facts, edition, year, found.value):
                one = (*one[:-1], ROUNDING)
            rows.append(one)
    return table(rows)


def _within(identity: Identity, facts: Facts, edition: str, year: int, found: Decimal) -> bool:
    """Whether the roundings of an identity's numbers can give the number found."""
    known = {key: facts.get(edition, year, key) for key in identity.arrotondati}
    numbers = {key: number for key, number in known.items() if number}
    half = Decimal("0.5")
    values = []
    for signs in product((-1, 1), repeat=len(numbers)):
        moved = {
            key: Number(number.value + sign * half.scaleb(int(number.value.as_tuple().exponent)), "")
            for (key, number), sign in zip(numbers.items(), signs)
        }
        values.append(evaluate(identity.atteso, facts.replaced(edition, year, moved), edition, year).value)
    digits = max(0, -int(found.as_tuple().exponent))
    return rounded(min(values), digits) <= found <= rounded(max(values), digits)


def evaluate(expression: str, facts: Facts, edition: str, year: int) -> Number:
    """The value of an expression in one edition and year, with the lines it rests on.

    Terms and the operators ``+ - * / ( )`` are separated by blanks. A term is a number or
    a key of :class:`Facts`: after ``edition!`` when it is another edition's, before
    ``@2020`` or ``@-1`` when it is of another year (or of another by so much), and
    before ``?`` when it counts zero where it is not printed. Raises Missing when any
    other key is unknown, ValueError when the expression is malformed.

    >>> facts = Facts(esempio)
    >>> evaluate("prestiti/libri - prestiti/libri@-1", facts, "relazione-2025", 2025)
    Number(value=Decimal('2460'), source='esempio;esempio')
    >>> evaluate("( prestiti/dischi? + 3 ) / 2", facts, "relazione-2025", 2025).value
    Decimal('1.5')
    >>> evaluate("prestiti/dischi", facts, "relazione-2025", 2025)
    Traceback (most recent call last):
        ...
    annuario.checks.identities.Missing: prestiti/dischi
    >>> evaluate("3 %", facts, "relazione-2025", 2025)
    Traceback (most recent call last):
        ...
    ValueError: «3 %» is not an expression: «%» is not expected
    """
    sources: list[str] = []
    value = _value(_parse(expression), facts, edition, year, sources)
    return Number(value, ";".join(sources))


class _Term(NamedTuple):
    """A key, and where it is looked up."""

    edition: str | None
    key: str
    year: int | None
    shift: int
    optional: bool


def _value(node, facts: Facts, edition: str, year: int, sources: list[str]) -> Decimal:
    if isinstance(node, Decimal):
        return node
    if isinstance(node, _Term):
        number = facts.get(node.edition or edition, (node.year or year) + node.shift, node.key)
        if number is not None:
            sources.append(number.source)
            return number.value
        if node.optional:
            return Decimal(0)
        raise Missing(node.key)
    operator, left, right = node
    a = _value(left, facts, edition, year, sources)
    b = _value(right, facts, edition, year, sources)
    if operator == "/" and b == 0:
        raise Missing(say("nothing to divide by"))
    return {"+": a.__add__, "-": a.__sub__, "*": a.__mul__, "/": a.__truediv__}[operator](b)


_TERM = re.compile(
    r"(?:(?P<edition>[a-z]+-\d{4})!)?(?P<key>[a-z][^@?!\s]*)"
    r"(?:@(?:(?P<year>\d{4})|(?P<shift>[+-]\d+)))?(?P<optional>\?)?"
)


@cache
def _parse(expression: str):
    """The tree of an expression: a Decimal, a :class:`_Term`, or (operator, left, right)."""
    tokens = expression.split()
    try:
        node = _sum(tokens)
    except ValueError as error:
        raise ValueError(
            say("«{expression}» is not an expression: {error}", expression=expression, error=error)
        ) from error
    if tokens:
        raise ValueError(
            say(
                "«{expression}» is not an expression: «{tokens}» is not expected",
                expression=expression,
                tokens=tokens[0],
            )
        )
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
    if not tokens:
        raise ValueError(say("a number or a key is missing at its end"))
    token = tokens.pop(0)
    if token == "(":
        node = _sum(tokens)
        if not tokens or tokens.pop(0) != ")":
            raise ValueError(say("a parenthesis is not closed"))
        return node
    if re.fullmatch(r"\d+(\.\d+)?", token):
        return Decimal(token)
    term = _TERM.fullmatch(token)
    if not term:
        raise ValueError(say("«{token}» is neither a number nor a key", token=token))
    year = int(term["year"]) if term["year"] else None
    return _Term(term["edition"], term["key"], year, int(term["shift"] or 0), bool(term["optional"]))
