"""Small numbers: which cells are not to be told outside the book, so that nobody can compute them back.

A table declares its rule in ``datapackage.json`` as ``riservatezza``:

- ``soglia``: a number above zero and below it is not told;
- ``campi``: what is left empty in its row, first the field with the number (default: ``valore``);
- ``dove``: the rows that the rule is about, by fields with lists of values (default: all);
- ``con``: other rows hidden along, those that differ from it in these fields alone (the hours of one person);
- ``somme``: what adds up in the table: the row whose ``campo`` is ``totale`` is the sum of those that
  are ``parti`` (default: all others), everything else but ``fonte`` and the like being the same.

What a document has published is told: its ``fonte`` cites the lines. So is what follows from
published numbers alone. To keep the rest, more cells are hidden (:func:`protected`) until no
hidden one follows from those that are shown, by the declared sums, the sums of the indicators' groups,
the declared identities, or because a number stands in several places. All cells of the package are weighed
together, every edition's: what one keeps, another must not tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import chain, combinations
from math import gcd, lcm

from annuario import agency as agencies
from annuario.checks import identities
from annuario.checks.facts import Facts
from annuario.data import Package
from annuario.data.columns import chosen, columns
from annuario.data.roles import DEFINITIONS, INDICATORS
from annuario.data.sources import lines
from annuario.data.value import Record, Value

#: The word in a table's declaration.
RULE = "riservatezza"
#: A cell: its table and the number of its row in the file.
Cell = tuple[str, int]
#: What adds up to something known: cells with their factors.
Relation = Mapping[Cell, Fraction]
#: Fields that say nothing of what a row is about.
_BESIDE = ("fonte", "nota", "etichetta", "valore")


def hidden(package: Package) -> dict[str, dict[int, list[str]]]:
    """The rows that are not told whole, by table and by their numbers in its file, each with the fields to leave empty.

    >>> hidden(esempio)  # it declares no rule
    {}
    """
    package = package.used
    rules = {name: found[RULE] for name, found in package.resources.items() if RULE in found}
    if not rules:
        return {}
    values = dict(_values(package, rules))
    published = {cell for cell in values if _published(package, cell)}
    small = {cell for name, rule in rules.items() for cell in _small(package, name, rule, values)} - published
    if not small:
        return {}
    totals = {cell for name in package.resources for cell in _totals(package, name)}
    cost = {cell: (cell[0] not in rules, cell in totals, abs(value), cell) for cell, value in values.items()}
    kept = protected(values, _relations(package, rules, values), small, published, sorted(values, key=cost.__getitem__))
    found: dict[str, dict[int, list[str]]] = {}
    for name, row in sorted(kept):
        found.setdefault(name, {})[row] = rules.get(name, {}).get("campi", ["valore"])
    return found


def protected(
    values: Mapping[Cell, Fraction],
    relations: Iterable[Relation],
    small: Iterable[Cell],
    published: Iterable[Cell],
    order: Sequence[Cell],
) -> set[Cell]:
    """The cells to hide: those that are ``small``, and as many more, the first of ``order``, as keep them.

    What is left of the small ones can have another value: nothing that is shown tells which. One that follows
    from ``published`` cells alone is no secret, and is not hidden.

    >>> values = {("casi", row): Fraction(value) for row, value in ((2, 1), (3, 9), (4, 5), (5, 15))}
    >>> adds_up = {("casi", 2): 1, ("casi", 3): 1, ("casi", 4): 1, ("casi", 5): -1}
    >>> sorted(protected(values, [adds_up], [("casi", 2)], [], sorted(values)))  # one alone would follow from the total
    [('casi', 2), ('casi', 3)]
    """
    small, known = set(small), set(published)
    tied = [{cell: factor for cell, factor in one.items() if factor and cell not in known} for one in relations]
    kept = set(small)
    for cells, own in _components([one for one in tied if one]):
        if cells & small:
            kept -= cells
            kept |= _protected(values, own, cells & small, [cell for cell in order if cell in cells])
    return kept


def _protected(
    values: Mapping[Cell, Fraction], relations: Sequence[Relation], small: set[Cell], order: Sequence[Cell]
) -> set[Cell]:
    """The same among cells that hang together, none of them published."""
    kept, added = set(small), []
    told_anyway: set[Cell] = set()
    while told := exposed(values, relations, kept) - told_anyway:
        close = {cell for one in relations if told & one.keys() for cell in one}
        left = [cell for cell in order if cell not in kept and cell not in told_anyway]
        more = next(
            filter(
                None,
                (
                    [cell for cell in left if cell in close and values[cell]],
                    [cell for cell in left if values[cell]],
                    left,
                ),
            ),
            None,
        )
        if more is None:  # all that could keep it is published: what is published gives it away
            told_anyway |= told
            kept -= _followed(relations, kept) & told
            continue
        best = next((cell for cell in more if len(exposed(values, relations, kept | {cell})) < len(told)), more[0])
        kept.add(best)
        added.append(best)
    for cell in reversed(added):  # what a later one made needless
        if cell in kept and not exposed(values, relations, kept - {cell}) - told_anyway:
            kept.remove(cell)
    return kept


def exposed(values: Mapping[Cell, Fraction], relations: Iterable[Relation], kept: set[Cell]) -> set[Cell]:
    """The hidden cells that cannot be shown to have another value: they may be computed back.

    Who computes knows the relations, all that is shown, that numbers are not below zero and how finely they are
    counted, and that zero is shown as long as no zero is hidden.

    >>> values = {("casi", row): Fraction(value) for row, value in ((2, 1), (3, 9), (4, 10))}
    >>> exposed(values, [{("casi", 2): 1, ("casi", 3): 1, ("casi", 4): -1}], {("casi", 2)})
    {('casi', 2)}
    >>> exposed(values, [], {("casi", 2)})
    set()
    """
    rows = [{cell: factor for cell, factor in one.items() if cell in kept} for one in relations]
    free: set[Cell] = set()
    for cells, own in _components([row for row in rows if row]):
        grain = min(_grain(values[cell]) for cell in cells)
        least = grain if all(values[cell] for cell in cells) else Fraction(0)
        room = {cell: (values[cell] - least) / grain for cell in cells if values[cell] >= 0}
        moves = _moves(own, sorted(cells))
        pairs = (
            {cell: one.get(cell, 0) + sign * two.get(cell, 0) for cell in {*one, *two}}
            for one, two in combinations(moves, 2)
            for sign in (1, -1)
        )
        for move in chain(moves, pairs):
            if cells <= free:
                break
            for sign in (1, -1):
                if all(room[cell] + sign * step >= 0 for cell, step in move.items() if cell in room):
                    free |= {cell for cell, step in move.items() if step}
    return {cell for row in rows for cell in row} - free


def _followed(relations: Iterable[Relation], kept: set[Cell]) -> set[Cell]:
    """The hidden cells that follow from what is shown, by the relations alone."""
    rows = [{cell: factor for cell, factor in one.items() if cell in kept} for one in relations]
    bound = {cell for row in rows for cell in row}
    return bound - {cell for move in _moves(rows, sorted(bound)) for cell, step in move.items() if step}


def _components(relations: Sequence[Relation]) -> list[tuple[set[Cell], list[Relation]]]:
    """The relations that share cells with one another, each lot with its cells."""
    lots: list[tuple[set[Cell], list[Relation]]] = []
    for one in relations:
        touching = [lot for lot in lots if not lot[0].isdisjoint(one)]
        lots = [lot for lot in lots if lot[0].isdisjoint(one)]
        lots.append(
            (set(one).union(*(lot[0] for lot in touching)), [one, *(row for lot in touching for row in lot[1])])
        )
    return lots


def _moves(relations: Iterable[Relation], cells: Sequence[Cell]) -> list[dict[Cell, int]]:
    """Ways in which the cells can move together and no relation notice: whole steps, as few as can be."""
    solved: dict[Cell, dict[Cell, Fraction]] = {}  # each cell by those that are free
    for one in relations:
        row: dict[Cell, Fraction] = {}
        for cell, factor in one.items():
            for free, weight in solved.get(cell, {cell: Fraction(1)}).items():
                row[free] = row.get(free, Fraction(0)) + factor * weight
        row = {cell: factor for cell, factor in row.items() if factor}
        if not row:
            continue
        pivot = max(row)
        told = {cell: -factor / row[pivot] for cell, factor in row.items() if cell != pivot}
        for by in solved.values():
            if weight := by.pop(pivot, Fraction(0)):
                for cell, factor in told.items():
                    by[cell] = by.get(cell, Fraction(0)) + weight * factor
        solved[pivot] = told
    moves = []
    for cell in (cell for cell in cells if cell not in solved):
        move = {cell: Fraction(1), **{other: by[cell] for other, by in solved.items() if by.get(cell)}}
        scale = lcm(*(step.denominator for step in move.values()))
        whole = {other: int(step * scale) for other, step in move.items()}
        common = gcd(*whole.values())
        moves.append({other: step // common for other, step in whole.items()})
    return moves


def _grain(value: Fraction) -> Fraction:
    """What a number is counted in: 1, or the last of its decimals."""
    digits = 0
    while value * 10**digits % 1:
        digits += 1
    return Fraction(1, 10**digits)


# -- the cells of a package


def _values(package: Package, rules: Mapping[str, dict]) -> Iterator[tuple[Cell, Fraction]]:
    for name in package.resources:
        field = rules.get(name, {}).get("campi", ["valore"])[0]
        if {field, "edizione", "fonte"} <= package.fields(name).keys():
            for cell, value in zip(_cells(package, name), package.indexed(name).column(field)):
                if isinstance(value, Decimal):
                    yield cell, Fraction(value)


def _cells(package: Package, name: str) -> list[Cell]:
    """The cells of a table, one a row."""
    return [(name, record.row) for record in package.indexed(name).records]


def _keys(package: Package, name: str, *without: str) -> list[tuple]:
    """What the rows of a table are about: their primary key without some fields."""
    key = package.resources[name]["schema"].get("primaryKey") or list(package.fields(name))
    fields = [field for field in ([key] if isinstance(key, str) else key) if field not in (*_BESIDE, *without)]
    return list(zip(*columns(package, name, fields)))


def _published(package: Package, cell: Cell) -> bool:
    return bool(lines(_record(package, cell).source))


def _record(package: Package, cell: Cell) -> Record:
    records = package.indexed(cell[0]).records
    near = records[cell[1] - 2] if cell[1] - 2 < len(records) else records[-1]
    return near if near.row == cell[1] else next(record for record in records if record.row == cell[1])


def _small(package: Package, name: str, rule: dict, values: Mapping[Cell, Fraction]) -> Iterator[Cell]:
    """The cells that the rule of a table is about, and those that are hidden along."""
    beside = rule.get("con", {})
    keys, cells = _keys(package, name, *beside), _cells(package, name)
    small = [
        place
        for place in chosen(package, name, rule.get("dove", {}))
        if 0 < values.get(cells[place], 0) < rule["soglia"] and not _published(package, cells[place])
    ]
    yield from (cells[place] for place in small)
    if beside and small:
        along = {keys[place] for place in small}
        yield from (cells[place] for place in chosen(package, name, beside) if keys[place] in along)


def _totals(package: Package, name: str) -> Iterator[Cell]:
    """The rows of totals, which are the last to be hidden."""
    texts = [field for field, told in package.fields(name).items() if told["type"] == "string" and field not in _BESIDE]
    for cell, codes in zip(_cells(package, name), zip(*columns(package, name, texts))):
        if any(part.startswith("totale") for code in codes for part in code.split("/")):
            yield cell


# -- what adds up


def _relations(package: Package, rules: Mapping[str, dict], values: Mapping[Cell, Fraction]) -> Iterator[Relation]:
    for name, rule in rules.items():
        for one in rule.get("somme", []):
            members = columns(package, name, [one["campo"]])[0]
            keys = _keys(package, name, one["campo"])
            yield from _sums(_cells(package, name), keys, members, one["totale"], one.get("parti"), values)
    if package.has(INDICATORS, DEFINITIONS):  # the sum of each printed group, as annuario.checks.standard asks
        name = package.name(INDICATORS)
        within = columns(package, name, ["edizione", "anno", "sede", "indicatore.gruppo", "indicatore.misura"])
        members = columns(package, name, ["indicatore.voce"])[0]
        yield from _sums(_cells(package, name), list(zip(*within)), members, "totale", None, values)
    for name in {cell[0] for cell in values}:
        yield from _twice(package, name, values)
    yield from _identities(package)


def _sums(
    cells: Sequence[Cell],
    keys: Sequence[tuple],
    members: Sequence[str],
    total: str,
    parts: Sequence[str] | None,
    values: Mapping[Cell, Fraction],
) -> Iterator[Relation]:
    lots: dict[tuple, dict[Cell, Fraction]] = {}
    whole = set()
    for cell, key, member in zip(cells, keys, members):
        if cell not in values:
            continue
        if member == total:
            lots.setdefault(key, {})[cell] = Fraction(-1)
            whole.add(key)
        elif parts is None or member in parts:
            lots.setdefault(key, {})[cell] = Fraction(1)
    yield from (lots[key] for key in lots if key in whole)


def _twice(package: Package, name: str, values: Mapping[Cell, Fraction]) -> Iterator[Relation]:
    """A number that several editions give, or a table and a text: who sees one sees the other."""
    if not package.resources[name]["schema"].get("primaryKey"):
        return
    first: dict[tuple, Cell] = {}
    for cell, key in zip(_cells(package, name), _keys(package, name, "edizione", "sede")):
        if cell in values:
            other = first.setdefault((key, values[cell]), cell)
            if other != cell:
                yield {other: Fraction(1), cell: Fraction(-1)}


def _identities(package: Package) -> Iterator[Relation]:
    """The declared identities of equal sides, each where its numbers are known: how the sides move with each cell."""
    more = agencies.of(package).facts
    facts = Facts(package, more(package) if more else ())
    for one in identities.declared(package):
        for edition, year in facts.contexts if one.relazione == "=" else ():
            if one.edizione in ("", edition) and one.anno in (None, year):
                try:
                    sides = [
                        _slope(identities._parse(side), facts, edition, year) for side in (one.atteso, one.trovato)
                    ]
                except identities.Missing:
                    continue
                yield _joined(sides[0][1], sides[1][1], Fraction(1), Fraction(-1))


def _slope(node, facts: Facts, edition: str, year: int) -> tuple[Fraction, dict[Cell, Fraction]]:
    """The value of an expression, and how it moves with each cell."""
    if isinstance(node, Decimal):
        return Fraction(node), {}
    if isinstance(node, identities._Term):
        number = facts.get(node.edition or edition, (node.year or year) + node.shift, node.key)
        if number is None and not node.optional:
            raise identities.Missing(node.key)
        return (Fraction(0), {}) if number is None else (Fraction(number.value), _parts(number.value))
    operator, left, right = node
    (a, of_a), (b, of_b) = _slope(left, facts, edition, year), _slope(right, facts, edition, year)
    if operator == "*":
        return a * b, _joined(of_a, of_b, b, a)
    if operator == "/":
        if not b:
            raise identities.Missing("nothing to divide by")
        return a / b, _joined(of_a, of_b, 1 / b, -a / b**2)
    sign = 1 if operator == "+" else -1
    return a + sign * b, _joined(of_a, of_b, Fraction(1), Fraction(sign))


def _parts(value: Decimal) -> dict[Cell, Fraction]:
    """The cells that a number is the sum of."""
    found: dict[Cell, Fraction] = {}
    left = [value]
    while left:
        for part in getattr(left.pop(), "_on", ()):
            if isinstance(part, Record):
                cell = (part.table, part.row)
                found[cell] = found.get(cell, Fraction(0)) + 1
            elif isinstance(part, Value):
                left.append(part)
    return found


def _joined(one: Relation, two: Relation, by: Fraction, and_by: Fraction) -> dict[Cell, Fraction]:
    return {cell: one.get(cell, 0) * by + two.get(cell, 0) * and_by for cell in {**one, **two}}
