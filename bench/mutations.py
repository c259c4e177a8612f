"""What slips in: one cell or row of valid data changed at a time, and whether the checks notice.

    python bench/mutations.py [--count 900] [--seed 1] [--data data] [--missed]

The mutants are spread over the tables in proportion to their rows, and over the kinds of
:data:`KINDS`; a mutant is noticed when validation or the checks tell something that they do
not tell of the data as they are, and placed when what they tell names its file and row, its
code or its lines. ``--missed`` lists those that passed.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "lib"))

#: Tables of the engine's own: what the others are judged by.
APART = {"identita", "discrepanze", "grandezze", "colori", "stampati", "conteggi", "conferme"}
#: At least so many mutants of each table.
LEAST = 8


@dataclass(frozen=True)
class Mutant:
    """One change: the table's new rows, the place (first row of data: 2), what was and what is."""

    table: str
    kind: str
    row: int
    column: str
    before: str
    after: str
    record: dict[str, str]
    rows: list[dict[str, str]]

    def __str__(self) -> str:
        return (
            f"{self.kind:10} {self.table} row {self.row} {self.column}: «{self.before}» → «{self.after}» {self.record}"
        )


class Table:
    """One table as text, and what its columns are."""

    def __init__(self, folder: Path, resource: dict):
        with (folder / resource["path"]).open(encoding="utf-8-sig", newline="") as file:
            self.rows = list(csv.DictReader(file))
        self.name, self.path = resource["name"], resource["path"]
        fields, key = resource["schema"]["fields"], resource["schema"].get("primaryKey", [])
        references = {name for one in resource["schema"].get("foreignKeys", []) for name in one["fields"]}
        text = [field["name"] for field in fields if field["type"] == "string" and field["name"] != "fonte"]
        self.values = [field["name"] for field in fields if field["type"] == "number"]
        self.codes = [name for name in text if name in key or name in references]
        self.labels = [name for name in text if name not in self.codes and name != "nota"]
        self.columns = [field["name"] for field in fields]


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def tenfold(text: str, _dice: random.Random) -> str:
    return f"{Decimal(text) * 10:.{_decimals(text)}f}" if Decimal(text) else text


def digit(text: str, dice: random.Random) -> str:
    place = dice.choice([i for i, sign in enumerate(text) if sign.isdigit()])
    return text[:place] + dice.choice([one for one in "123456789" if one != text[place]]) + text[place + 1 :]


def swapped(text: str, dice: random.Random) -> str:
    places = [i for i in range(len(text) - 1) if text[i : i + 2].isdigit() and text[i] != text[i + 1]]
    if not places:
        return text
    place = dice.choice(places)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def comma(text: str, dice: random.Random) -> str:
    if "." not in text:
        return f"{text[:-1]}.{text[-1]}" if len(text) > 1 else text
    return str(Decimal(text).scaleb(dice.choice([-1, 1])).quantize(Decimal("0.01"))) if Decimal(text) else text


def typo(text: str, dice: random.Random) -> str:
    places = [i for i, sign in enumerate(text) if sign.isalpha()]
    if not places:
        return text
    place = dice.choice(places)
    return (
        text[:place]
        + dice.choice([one for one in "abcdefilmnoprstuv" if one != text[place].lower()])
        + text[place + 1 :]
    )


def line(text: str, dice: random.Random) -> str:
    places = list(re.finditer(r":(\d+)", text))
    if not places:
        return text
    found = dice.choice(places)
    number = max(1, int(found[1]) + dice.choice([-5, -2, -1, 1, 2, 5]))
    return f"{text[: found.start(1)]}{number}{text[found.end(1) :]}"


VALUES: dict[str, Callable[[str, random.Random], str]] = {
    "tenfold": tenfold,
    "digit": digit,
    "swapped": swapped,
    "comma": comma,
    "sign": lambda text, _dice: f"-{text}" if Decimal(text) else text,
    "negative": lambda _text, _dice: "-5",
    "fraction": lambda text, _dice: text if "." in text else f"{text}.5",
    "NaN": lambda _text, _dice: "NaN",
    "8_0000": lambda _text, _dice: "8_0000",
    "blank": lambda _text, _dice: "",
}
#: The kinds, with how often each is tried.
KINDS = {
    "tenfold": 4, "digit": 3, "swapped": 2, "comma": 2, "sign": 1, "negative": 1, "fraction": 1, "NaN": 1, "8_0000": 1,
    "blank": 1, "deleted": 4, "doubled": 1, "code": 3, "label": 2, "year": 2, "2062": 1, "line": 2, "no line": 1,
}  # fmt: skip


def mutate(table: Table, kind: str, dice: random.Random) -> Mutant | None:
    """One mutant of a table; None where the table has nothing of the kind."""
    place = dice.randrange(len(table.rows))
    record, rows = table.rows[place], table.rows
    if kind in ("deleted", "doubled"):
        new = rows[:place] + rows[place + 1 :] if kind == "deleted" else rows[: place + 1] + rows[place:]
        return Mutant(table.name, kind, place + 2, "", "", "", record, new)
    columns = {
        "code": table.codes, "label": table.labels, "year": ["anno"], "2062": ["anno"], "line": ["fonte"],
        "no line": ["fonte"],
    }.get(kind, table.values)  # fmt: skip
    columns = [name for name in columns if record.get(name)]
    if not columns:
        return None
    column = dice.choice(columns)
    before = record[column]
    if kind in VALUES:
        after = VALUES[kind](before, dice)
    elif kind in ("code", "label"):
        others = sorted({row[column] for row in rows} - {before, ""})
        after = dice.choice(others) if others and dice.random() < 0.5 else typo(before, dice)
    elif kind == "year":
        after = str(int(before) + dice.choice([-1, 1]))
    elif kind == "2062":
        after = "2062"
    else:
        after = line(before, dice) if kind == "line" else re.sub(r":\d+(-\d+)?$", ":99999", before)
    if after == before:
        return None
    new = [*rows[:place], record | {column: after}, *rows[place + 1 :]]
    return Mutant(table.name, kind, place + 2, column, before, after, record, new)


def mutants(folder: Path, count: int, seed: int) -> Iterator[Mutant]:
    """Some mutants of a data folder, the same ones for the same seed."""
    from annuario.data import Package

    dice = random.Random(seed)
    tables = [Table(folder, one) for one in Package(folder).descriptor["resources"] if one["name"] not in APART]
    tables = [table for table in tables if table.rows]
    total = sum(len(table.rows) for table in tables)
    for table in tables:
        for _ in range(max(LEAST, round(count * len(table.rows) / total))):
            found = None
            while found is None:
                found = mutate(table, *dice.choices(list(KINDS), list(KINDS.values())), dice)
            yield found


def written(rows: list[dict[str, str]], columns: list[str]) -> str:
    """The rows as a file."""
    file = io.StringIO()
    out = csv.DictWriter(file, columns, lineterminator="\n")
    out.writeheader()
    out.writerows(rows)
    return file.getvalue()


def told(folder: Path) -> Iterator[list[str]]:
    """What validation, then the search for doubts, then the checks say of a data folder, line by line."""
    from annuario import checks
    from annuario.data import Package
    from annuario.data.validate import validate
    from annuario.errors import BookError

    package = Package(folder)
    try:
        validate(package)
        yield [str(doubt) for doubt in checks.doubts(package)]
        checks.require_explained(checks.run(package), package)
    except BookError as error:
        yield str(error).splitlines()


class Bed:
    """A copy of the project's data in which one table at a time is another."""

    def __init__(self, data: Path, root: Path):
        self.folder = root / "data"
        shutil.copytree(data, self.folder)
        shutil.copyfile(data.parent / "_quarto.yml", root / "_quarto.yml")
        self.usual = {line for lines in told(self.folder) for line in lines}

    def notices(self, mutant: Mutant) -> list[str]:
        """What is told first of the mutant and not of the data as they are."""
        path = self.folder / f"{mutant.table}.csv"
        as_is = path.read_bytes()
        path.write_text(written(mutant.rows, list(mutant.record)), encoding="utf-8")
        try:
            new = ([line for line in lines if line not in self.usual] for lines in told(self.folder))
            return next(filter(None, new), [])
        finally:
            path.write_bytes(as_is)


def placed(mutant: Mutant, lines: list[str]) -> bool:
    """Whether what is told leads to the mutant."""
    marks = [f"{mutant.table}.csv, row {mutant.row},", f"{mutant.table}.csv, row {mutant.row}:", f"{mutant.table}.csv:"]
    if mutant.kind == "doubled":
        marks.append(f"{mutant.table}.csv, row {mutant.row + 1}")
    numbers = re.findall(r":(\d+)", mutant.record.get("fonte", ""))
    return any(
        any(mark in line for mark in marks) or any(_within(int(number), line) for number in numbers) for line in lines
    )


def _within(number: int, text: str) -> bool:
    spans = re.findall(r"(?<=[:,])(\d+)(?:-(\d+))?", text)
    return any(int(first) <= number <= int(last or first) for first, last in spans)


def report(title: str, results: list[tuple[Mutant, bool, bool]], key: Callable[[Mutant], str]) -> None:
    """How many of each were made, noticed, placed."""
    made = Counter(key(mutant) for mutant, _, _ in results)
    seen = Counter(key(mutant) for mutant, noticed, _ in results if noticed)
    found = Counter(key(mutant) for mutant, _, there in results if there)
    print(f"\n{title:22} made noticed placed")
    for name in sorted(made, key=lambda name: (name not in KINDS, list(KINDS).index(name) if name in KINDS else name)):
        print(f"{name:22} {made[name]:4} {seen[name] / made[name]:7.0%} {found[name] / made[name]:6.0%}")
    total = len(results)
    print(f"{'in all':22} {total:4} {sum(seen.values()) / total:7.1%} {sum(found.values()) / total:6.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=900)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=ROOT / "data")
    parser.add_argument("--missed", action="store_true")
    chosen = parser.parse_args()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="annuario-") as root:
        bed = Bed(chosen.data.resolve(), Path(root))
        results = []
        for mutant in mutants(bed.folder, chosen.count, chosen.seed):
            lines = bed.notices(mutant)
            results.append((mutant, bool(lines), placed(mutant, lines)))
            if chosen.missed and not lines:
                print(mutant, flush=True)
    report("kind", results, lambda mutant: mutant.kind)
    report("table", results, lambda mutant: mutant.table)
    print(f"\n{len(bed.usual)} lines told of the data as they are; {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
