"""What a value may be, as the declaration says, in the words of a sheet and of its messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property

from annuario.data import Package
from annuario.data.columns import referred
from annuario.data.constraints import KEPT
from annuario.messages import say

#: How many decimals a value can have at most.
_MOST = 6


class Bounds:
    """What one row's value may be: declared for its field, and for rows of its kind.

    ``row`` are the row's fields as far as they are known, ``before`` last year's value.

    >>> rule = {"campo": "valore", "dove": {"indicatore.unita": ["numero"]}, "pattern": r"\\d+", "maximum": 60000}
    >>> esempio.resources["indicatori"]["regole"] = {"vincoli": [rule]}
    >>> loans, readers = (
    ...     Bounds(esempio, "indicatori", "valore", {"indicatore": code}) for code in ("prestiti/libri", "iscritti/attivi")
    ... )
    >>> str(loans), loans.whole, loans.decimals, loans.minimum, loans.maximum, str(readers)
    ('a whole number, from 0 to 60000', True, 0, Decimal('0'), Decimal('60000'), 'a number')
    >>> loans.text(Decimal("47000")), loans.text(Decimal("47000.5")), loans.allow(Decimal(60001), "60001")
    ('47000', '', False)
    """

    def __init__(self, package: Package, table: str, field: str, row: dict, before: object = None):
        self.numeric = package.fields(table)[field]["type"] in ("number", "integer")
        self._before = before
        self._rules = [package.fields(table)[field].get("constraints", {})]
        self._rules += [
            rule
            for rule in package.resources[table].get("regole", {}).get("vincoli", [])
            if rule["campo"] == field
            and _chosen(package, table, row, rule.get("dove", {}))
            and not (rule.get("tranne") and _chosen(package, table, row, rule["tranne"]))
        ]

    def allow(self, value: Decimal, text: str) -> bool:
        """Whether a value that is written so keeps all that is declared."""
        return all(
            kept(value, text, rule[word]) for rule in self._rules for word, (kept, _) in KEPT.items() if word in rule
        )

    def text(self, value: Decimal) -> str:
        """How a value is written, exactly: with last year's decimals or as few as are allowed; nothing where it is not."""
        for decimals in self._decimals():
            written = f"{value:.{decimals}f}"
            if Decimal(written) == value and self.allow(value, written):
                return written
        return ""

    def _decimals(self) -> Iterator[int]:
        if isinstance(self._before, Decimal):
            yield -int(self._before.as_tuple().exponent)
        yield from range(_MOST + 1)

    @cached_property
    def whole(self) -> bool:
        """Whether only whole numbers are allowed."""
        return self.decimals == 0

    @cached_property
    def decimals(self) -> int:
        """The most decimals that a value may have."""
        tried = [Decimal("11." + "1" * count) if count else Decimal(11) for count in range(_MOST + 1)]
        return max((count for count, value in enumerate(tried) if self.allow(value, f"{value:f}")), default=0)

    @cached_property
    def minimum(self) -> Decimal | None:
        """The least value, where one is declared."""
        none_below = not self.text(Decimal(-1)) and self.text(Decimal(1))  # by another rule, such as a sign
        declared = (Decimal(str(rule["minimum"])) for rule in self._rules if "minimum" in rule)
        return max(declared, default=Decimal(0) if none_below else None)

    @cached_property
    def maximum(self) -> Decimal | None:
        """The greatest value, where one is declared."""
        return min((Decimal(str(rule["maximum"])) for rule in self._rules if "maximum" in rule), default=None)

    def __str__(self) -> str:
        if not self.numeric:
            return say("a text")
        kind = say("a whole number") if self.whole else say("a number")
        kind += say(" with at most {decimals} decimals", decimals=self.decimals) if 0 < self.decimals < _MOST else ""
        if self.minimum is not None and self.maximum is not None:
            return say("{kind}, from {minimum} to {maximum}", kind=kind, minimum=self.minimum, maximum=self.maximum)
        if self.minimum is not None:
            return say("{kind}, from {minimum} up", kind=kind, minimum=self.minimum)
        return kind


def _chosen(package: Package, table: str, row: dict, where: dict[str, list]) -> bool:
    """Whether a row is among those whose fields have each one of some values."""
    for field, values in where.items():
        own, _, far = field.partition(".")
        found = row.get(own, "")
        if far:
            other, key = referred(package.resources[table], own)
            known = package.indexed(other)
            places = known.places(key).get(found)
            found = known.column(far)[places[0]] if places else ""
        if found not in values:
            return False
    return True


def is_code(rules: dict) -> bool:
    r"""Whether a field's constraints ask for a code: lower case, digits, hyphens.

    >>> is_code({"pattern": "[a-z0-9-]+"}), is_code({"pattern": r"\d{4}"}), is_code({})
    (True, False, False)
    """
    pattern = rules.get("pattern", "")
    return bool(pattern) and re.fullmatch(pattern, "abc-1") is not None
