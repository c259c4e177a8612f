"""Artificial editions: the real data at their extremes, and the text that the chapters make of them.

From the command line, all of them, with what reads wrong counted by kind:

    python tests/artificial.py [--edition relazione-2026]… [--extreme zeros]… [--table indicatori]… [--show 3]

The data checks are passed by: they would rightly refuse these data.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from unittest import mock

import nbformat
import pandas as pd

from annuario import notebook, project
from annuario.data import Package, Vintage
from annuario.data.package import READS, _Table
from annuario.data.value import Record
from annuario.text import inline
from annuario.text.answers import answer
from annuario.text.expressions import Faults

ROOT = Path(__file__).resolve().parents[1]
#: The newest edition of each book, and the year that is made after it.
NEXT = {"relazione-2026": "relazione-2025", "piano-2022": "piano-2021"}
REAL = (*(f"relazione-{year}" for year in range(2019, 2026)), "piano-2020", "piano-2021")
#: Tables that declare what others hold: they stay.
DECLARATIONS = (
    "edizioni", "sub_ambiti", "aree", "servizi", "schede", "voci", "canali", "nomi", "definizioni", "grandezze",
    "colori", "identita", "conteggi",
)  # fmt: skip


class Artificial(Package):
    """The project's data with other rows in some tables."""

    def __init__(self, frames: dict[str, pd.DataFrame]):
        super().__init__(ROOT / "data")
        frames = {**frames, "correzioni": real().read("correzioni").iloc[:0]}  # they are of real numbers
        self._made = {
            name: _Table(
                frame.reset_index(drop=True), [Record(name, row) for row in range(2, len(frame) + 2)], self.path(name)
            )
            for name, frame in frames.items()
        }

    def whole(self, name: str) -> _Table:
        """The rows made here, else the project's."""
        return self._made.get(self.name(name)) or super().whole(name)

    @property
    def used(self) -> Package:
        """The same: corrections are of real numbers."""
        return self


@cache
def real() -> Package:
    """The project's data."""
    return Package(ROOT / "data")


def observations() -> list[str]:
    """The tables that hold what editions say."""
    return [name for name in real().resources if name not in DECLARATIONS]


# -- one year more


@cache
def after(edition: str) -> Package:
    """The data with a new edition, copied from that of the year before, every year in it one later."""
    last, frames = NEXT[edition], {}
    for name in ["edizioni", *observations()]:
        frame = real().read(name)
        if "edizione" not in frame or name == "discrepanze":
            continue
        own = frame[frame["edizione"] == last].copy()
        own["edizione"] = edition
        for column, kind in ((each, found["type"]) for each, found in real().fields(name).items()):
            if column == "anno":
                own[column] += 1
            elif kind == "date":
                own[column] = [_later(date) for date in own[column]]
        frames[name] = pd.concat([frame, own], ignore_index=True)
    return Artificial(frames)


def _later(date: str) -> str:
    return f"{int(date[:4]) + 1}{date[4:].replace('02-29', '02-28')}" if date[:4].isdigit() else date


def base(edition: str) -> Package:
    """The data with this edition in them."""
    return after(edition) if edition in NEXT else real()


# -- extremes: what becomes of a table's rows that the edition sees


@dataclass
class Rows:
    """A table as one edition sees it: its frame, the places that it sees, those of its own year, its columns of numbers."""

    name: str
    frame: pd.DataFrame
    seen: list[int]
    now: list[int]
    numbers: list[str]
    year: int
    chance: random.Random

    @property
    def code(self) -> list[str]:
        """What names an observation, apart from edition and year."""
        key = real().resources[self.name]["schema"].get("primaryKey", [])
        return [field for field in key if field not in ("edizione", "anno")]

    def give(self, places: list[int], value: Callable[[Decimal], Decimal]) -> pd.DataFrame:
        """The frame with other numbers at these places."""
        frame = self.frame.copy()
        for column in self.numbers:
            values = frame[column].tolist()
            for place in places:
                if values[place] is not None:
                    values[place] = value(values[place])
            frame[column] = pd.Series(values, index=frame.index, dtype=object)
        return frame

    def without(self, places: list[int]) -> pd.DataFrame:
        return self.frame.drop(index=places)


def reversed_(rows: Rows) -> pd.DataFrame:
    """The years of each series in the other order: what grew falls."""
    frame = rows.frame.copy()
    if "anno" not in frame or not rows.numbers:
        return frame
    for column in rows.numbers:
        values = frame[column].tolist()
        series: dict[tuple, list[int]] = {}
        for place in rows.seen:
            series.setdefault(tuple(frame.at[place, name] for name in rows.code), []).append(place)
        for places in series.values():
            places.sort(key=lambda place: frame.at[place, "anno"])
            for place, value in zip(places, [values[place] for place in reversed(places)]):
                values[place] = value
        frame[column] = pd.Series(values, index=frame.index, dtype=object)
    return frame


def ones(rows: Rows) -> pd.DataFrame:
    return rows.give(rows.now, lambda value: Decimal(1))


def zeros(rows: Rows) -> pd.DataFrame:
    return rows.give(rows.now, lambda value: Decimal(0))


def always_zero(rows: Rows) -> pd.DataFrame:
    return rows.give(rows.seen, lambda value: Decimal(0))


def always_one(rows: Rows) -> pd.DataFrame:
    return rows.give(rows.seen, lambda value: Decimal(1))


def ties(rows: Rows) -> pd.DataFrame:
    return rows.give(rows.now, lambda value: Decimal(12))


def tenfold(rows: Rows) -> pd.DataFrame:
    return rows.give(rows.now, lambda value: value * 10)


def huge(rows: Rows) -> pd.DataFrame:
    return rows.give(rows.now, lambda value: value * 10**6)


def small(rows: Rows) -> pd.DataFrame:
    """Numbers from 0 to 3, which words agree with."""
    return rows.give(rows.now, lambda value: Decimal(rows.chance.randrange(4)))


def shuffled(rows: Rows) -> pd.DataFrame:
    """The year's numbers handed round among the rows."""
    frame = rows.frame.copy()
    for column in rows.numbers:
        values = frame[column].tolist()
        places = [place for place in rows.now if values[place] is not None]
        for place, value in zip(places, rows.chance.sample([values[place] for place in places], len(places))):
            values[place] = value
        frame[column] = pd.Series(values, index=frame.index, dtype=object)
    return frame


def deficit(rows: Rows) -> pd.DataFrame:
    """More spent than earned: the year's result below zero, and no surplus to be told of."""
    if rows.name == "avanzo":
        return rows.without(rows.now)
    if rows.name != "indicatori":
        return rows.frame
    codes = rows.frame["indicatore"]
    result = [place for place in rows.now if codes[place] == "risultato/avanzo"]
    spent = [place for place in rows.now if codes[place] == "risultato/uscite"]
    told = [place for place in rows.now if "avanzo" in codes[place] and place not in result]
    rows.frame = rows.give(result, lambda value: -value)
    rows.frame = rows.give(spent, lambda value: value * 2)
    return rows.without(told)


def only_now(rows: Rows) -> pd.DataFrame:
    """One year in every series."""
    return (
        rows.without([place for place in rows.seen if place not in set(rows.now)])
        if "anno" in rows.frame
        else rows.frame
    )


def no_last_year(rows: Rows) -> pd.DataFrame:
    if "anno" not in rows.frame:
        return rows.frame
    return rows.without([place for place in rows.seen if rows.frame.at[place, "anno"] == rows.year - 1])


def not_entered(rows: Rows) -> pd.DataFrame:
    """Nothing of the year."""
    return rows.without(rows.now)


def empty(rows: Rows) -> pd.DataFrame:
    """Nothing at all."""
    return rows.without(rows.seen)


def holes(rows: Rows) -> pd.DataFrame:
    """A row of four missing, at random."""
    return rows.without([place for place in rows.seen if rows.chance.random() < 0.25])


def one_left(rows: Rows) -> pd.DataFrame:
    """Of each series of rows that differ in their last code alone, the first."""
    first: dict[tuple, int] = {}
    for place in rows.now:
        head = tuple(str(rows.frame.at[place, name]) for name in rows.code[:-1]) or ("",)
        if rows.name == "indicatori":
            head = (str(rows.frame.at[place, "indicatore"]).rpartition("/")[0],)
        first.setdefault((*head, rows.frame["anno"][place] if "anno" in rows.frame else 0), place)
    return rows.without(sorted(set(rows.now) - set(first.values())))


def as_before(rows: Rows) -> pd.DataFrame:
    """Two equal years: what the year before has is what this has."""
    if "anno" not in rows.frame or not rows.numbers:
        return rows.frame
    codes = {tuple(rows.frame.at[place, name] for name in rows.code): place for place in rows.now}
    frame = rows.frame.copy()
    for column in rows.numbers:
        values = frame[column].tolist()
        for place in rows.seen:
            same = codes.get(tuple(frame.at[place, name] for name in rows.code))
            if same is not None and frame.at[place, "anno"] == rows.year - 1:
                values[place] = values[same]
        frame[column] = pd.Series(values, index=frame.index, dtype=object)
    return frame


EXTREMES: dict[str, Callable[[Rows], pd.DataFrame]] = {
    "reversed": reversed_, "ones": ones, "zeros": zeros, "always-zero": always_zero, "always-one": always_one,
    "ties": ties, "tenfold": tenfold, "huge": huge, "small": small, "shuffled": shuffled, "deficit": deficit,
    "only-now": only_now, "no-last-year": no_last_year, "not-entered": not_entered, "empty": empty, "holes": holes,
    "one-left": one_left, "as-before": as_before,
}  # fmt: skip
#: The extremes that leave the data as they are.
PLAIN, MUTE = "plain", "no-commentary"
#: Those that leave the commentary too: what an author writes of other numbers is not looked at.
WITH_COMMENTARY = (PLAIN, "only-now", "no-last-year", "not-entered", "empty", "holes", "one-left")


def groups(name: str, package: Package) -> list[str]:
    """The groups of a table's observations, by what opens their codes."""
    frame = package.read(name)
    if name == "indicatori":
        return sorted({code.partition("/")[0] for code in frame["indicatore"]})
    fields = real().resources[name].get("cifra", [])
    return sorted(set(frame[fields[0]])) if len(fields) > 1 else []


@dataclass(frozen=True)
class Variant:
    """An edition, what is done to its data, and to which table (all where none is named) or group of its rows."""

    edition: str
    extreme: str = PLAIN
    table: str = ""
    group: str = ""
    seed: int = 0

    def __str__(self) -> str:
        return " ".join(filter(None, (self.edition, self.extreme, self.table, self.group)))

    @property
    def book(self) -> str:
        return self.edition.rpartition("-")[0]

    @property
    def year(self) -> int:
        return int(self.edition.rpartition("-")[2])

    def package(self) -> Package:
        """The data of the variant."""
        package = base(self.edition)
        if self.extreme in (PLAIN, MUTE):
            return package
        vintage = Vintage(package, self.book, self.year)
        frames = {name: table.frame for name, table in getattr(package, "_made", {}).items()}
        for name in [self.table] if self.table else observations():
            frames[name] = EXTREMES[self.extreme](self._rows(name, package, vintage))
        return Artificial(frames)

    def _rows(self, name: str, package: Package, vintage: Vintage) -> Rows:
        frame = package.read(name)
        seen = vintage._rows(name, None, {})
        if self.group:
            first = "indicatore" if name == "indicatori" else real().resources[name]["cifra"][0]
            seen = [place for place in seen if frame.at[place, first].partition("/")[0] == self.group]
        dated = "anno" in frame
        now = [place for place in seen if not dated or frame.at[place, "anno"] == self.year]
        kinds = {column: found["type"] for column, found in real().fields(name).items()}
        numbers = [column for column, kind in kinds.items() if kind == "number" and column != "differenza"]
        return Rows(name, frame, seen, now, numbers, self.year, random.Random(f"{self}{self.seed}"))


def variants(edition: str, seed: int = 0) -> Iterator[Variant]:
    """Every variant of an edition: all tables at once, each in turn, and the groups of their rows missing one at a time."""
    yield Variant(edition)
    yield Variant(edition, MUTE)
    for extreme in EXTREMES:
        yield Variant(edition, extreme, seed=seed)
    package = base(edition)
    for table in observations():
        for extreme in EXTREMES:
            if extreme != "deficit" or table in ("indicatori", "avanzo"):
                yield Variant(edition, extreme, table, seed=seed)
        for group in groups(table, package):
            for extreme in ("empty", "not-entered"):
                yield Variant(edition, extreme, table, group, seed)


# -- the text


@dataclass
class Read:
    """What a chapter says: its blocks as Markdown with the place of their cell, and what went wrong."""

    chapter: str
    texts: list[tuple[int, str]] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    alternatives: list[str] = field(default_factory=list)
    made: set[str] = field(default_factory=set)
    shown: list[int] = field(default_factory=list)  # the places of the cells that show something
    problems: list[str] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)


def chapters(book: str) -> list[Path]:
    """The chapters of a book."""
    return list(project.Project(ROOT).books[book].chapters)


@cache
def _cells(path: Path) -> tuple:
    return tuple(nbformat.read(path, 4).cells)


@contextmanager
def opened(variant: Variant) -> Iterator[Package]:
    """Within, chapters that open the variant's edition see its data."""
    package = variant.package()
    environment = {"ANNUARIO_ROOT": str(ROOT), "ANNUARIO_EDITION": variant.edition}
    with mock.patch.dict(os.environ, environment), mock.patch.object(notebook, "Package", lambda *_: package):
        if variant.extreme not in WITH_COMMENTARY:
            with mock.patch.object(project.Book, "texts", ROOT / "tests" / "none"):
                yield package
        else:
            yield package


def texts_of(variant: Variant) -> Path:
    """The folder of the variant's commentary."""
    name = variant.edition if variant.extreme in WITH_COMMENTARY else "none"
    return ROOT / "notebooks" / variant.book / "testi" / name


def read(path: Path, variant: Variant) -> Read:
    """Run a chapter as it stands and take down what it says. Within ``opened``."""
    found, namespace, finisher = Read(path.stem), {}, inline.Finisher(texts_of(variant))
    places, before = [], set(READS)
    READS.clear()

    def evaluate(wanted: list[str], as_text: bool) -> dict:
        answers = {}
        for name in wanted:
            try:
                answers[name] = answer(partial(eval, name, namespace)) if as_text else bool(eval(name, namespace))
            except Exception as error:
                answers[name] = inline.Failure(f"{type(error).__name__}: {error}")
        return answers

    for number, cell in enumerate(_cells(path)):
        try:
            if cell.cell_type == "markdown":
                places.append(number)
                finisher.markdown(cell.source, evaluate)
            elif cell.cell_type == "code" and "parameters" in cell.metadata.get("tags", []):
                namespace["edizione"] = variant.edition
            elif cell.cell_type == "code" and _run(cell.source, namespace, finisher, evaluate, found):
                found.shown.append(number)
        except Faults as faults:
            found.problems += [f"cell {number}: {problem}" for problem in faults.problems]
    try:
        texts, wrong = finisher.texts_of_cells()
    except Exception as error:
        texts, wrong = [], [(0, f"{type(error).__name__}: {error}")]
    found.texts = list(zip(places, texts))
    found.problems += [f"reads wrong: {problem}" for _, problem in wrong]
    found.tables = {Path(name).stem for name in READS if name.endswith(".csv")}
    READS.update(before)
    return found


def _run(source: str, namespace: dict, finisher: inline.Finisher, evaluate: Callable, found: Read) -> bool:
    """Run a code cell, and show what it shows; whether it does."""
    value = None
    try:
        tree = ast.parse(source)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), namespace)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), namespace)
        shown = _shown(value)
    except Exception as error:
        found.problems.append(f"cell «{source.strip().splitlines()[-1][:70]}»: {type(error).__name__}: {error}")
        shown = None
    options = finisher.code(source, [{"output_type": "execute_result"}] if shown is not None else [], evaluate)
    if shown is not None and isinstance(options.get("label"), str):
        found.made.add(options["label"])
        found.captions += [text for name in ("fig-cap", "tbl-cap") if (text := options.get(name))]
        if getattr(value, "alt", None):
            found.alternatives.append(value.alt)
    return shown is not None


def _shown(value: object) -> object:
    for name in ("_repr_mimebundle_", "_repr_markdown_"):
        if hasattr(value, name):
            return getattr(value, name)()
    return value


def run(variant: Variant, only: set[str] | None = None) -> list[Read]:
    """The chapters of a variant; ``only`` names some of them."""
    with opened(variant):
        return [read(path, variant) for path in chapters(variant.book) if only is None or path.stem in only]


@cache
def readers(edition: str) -> dict[str, set[str]]:
    """The chapters that read each table."""
    found: dict[str, set[str]] = {}
    for chapter in run(Variant(edition)):
        for table in chapter.tables:
            found.setdefault(table, set()).add(chapter.chapter)
    return found


def main() -> None:
    from italian import findings

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edition", action="append", help="default: all, and those of the year to come")
    parser.add_argument("--extreme", action="append", choices=[PLAIN, MUTE, *EXTREMES])
    parser.add_argument("--table", action="append", help="default: each in turn, and all; «all» for all at once")
    parser.add_argument("--chapter", action="append")
    parser.add_argument("--kind", action="append", help="show these kinds of findings alone")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=2, help="how many findings of each kind and chapter are shown")
    asked = parser.parse_args()
    counts: Counter = Counter()
    shown: Counter = Counter()
    seen: set = set()
    ran = 0
    for edition in asked.edition or [*NEXT, *REAL]:
        for variant in variants(edition, asked.seed):
            if asked.extreme and variant.extreme not in asked.extreme:
                continue
            if asked.table and (variant.table or "all") not in asked.table:
                continue
            only = (
                readers(edition).get(variant.table, set())
                if variant.table
                else {p.stem for p in chapters(variant.book)}
            )
            if asked.chapter:
                only = only & set(asked.chapter)
            if not only:
                continue
            ran += 1
            for finding in findings(variant, run(variant, only)):
                if asked.kind and finding.kind not in asked.kind:
                    continue
                counts[finding.kind] += 1
                key = (finding.kind, finding.chapter, finding.text)
                if key not in seen and shown[key[:2]] < asked.show:
                    seen.add(key)
                    shown[key[:2]] += 1
                    print(f"{finding.kind} | {finding.chapter} | {variant} | {finding.text}")
        print(f"-- {edition}: {ran} variants so far, {sum(counts.values())} findings", file=sys.stderr)
    print(f"\n{ran} variants, {sum(counts.values())} findings")
    for kind, count in counts.most_common():
        print(f"{count:6} {kind}")


if __name__ == "__main__":
    main()
