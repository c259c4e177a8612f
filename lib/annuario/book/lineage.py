"""What a book says and the rows of the data that it rests on, kept beside the finished book.

The file :data:`FILE` of an edition's folder holds every sentence, table and chart in the book's
order, with its chapter, its cell, what it says and its rows; and of each row what it held. What
the build before said is kept in :data:`BEFORE`, as far as it was another.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path

import orjson

from annuario.data.roles import INDICATORS
from annuario.data.value import RECORDS
from annuario.errors import BookError
from annuario.execution.cache import fits
from annuario.messages import alternatives, marked, say
from annuario.text import jupyter
from annuario.text.paragraphs import sentences_of
from annuario.words.numbers import number

FILE, BEFORE = ".annuario-righe.json", ".annuario-righe-prima.json"
SENTENCE, TABLE, CHART = marked("sentence"), marked("table"), marked("chart")
_OBJECT = {"kind": str, "chapter": str, "cell": int, "label": str, "text": str, "says": [str], "rows": [list]}
_SHAPE = {
    "edition": str,
    "objects": [_OBJECT],
    "held": {...: {...: {"code": str, "year": str, "value": str, "source": str}}},
}
#: Fields that say neither what a row is about nor what it holds.
_BESIDE = ("edizione", "anno", "fonte", "nota")


@dataclass(frozen=True)
class Object:
    """A sentence, table or chart of a book: where it stands, what it says, the ``rows`` (table, number) it rests on.

    ``text`` is the sentence or the caption; ``says`` the lines of the table, or of the chart's values.

    >>> Object(SENTENCE, "minori", 2, "", "Sono 12 casi.", rows=[("indicatori", 396)]).rows
    [('indicatori', 396)]
    """

    kind: str
    chapter: str
    cell: int
    label: str
    text: str
    says: Sequence[str] = ()
    rows: Sequence[tuple[str, int]] = ()


#: A number as the tables' files have it.
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True)
class Held:
    """What a row of the data held: the ``code`` of what it is about, its year, its value, its ``fonte``.

    >>> held(esempio.folder, {"indicatori": [2]})["indicatori"][2]
    Held(code='prestiti/libri', year='2023', value='41200', source='esempio')
    """

    code: str
    year: str
    value: str
    source: str

    @property
    def told(self) -> str:
        """The value as people read it.

        >>> [Held("casi", "2026", value, "").told for value in ("13689.30", "2026-03-05", "nord")]
        ['13.689,3', '2026-03-05', 'nord']
        """
        return number(Decimal(self.value)) if _NUMBER.fullmatch(self.value) else self.value


@dataclass(frozen=True)
class Lineage:
    """What the book of an edition says; ``held`` maps tables to the numbers of their rows to what these held.

    >>> Lineage("relazione-2025").objects
    ()
    """

    edition: str
    objects: Sequence[Object] = ()
    held: Mapping[str, Mapping[int, Held]] = field(default_factory=dict)


def of(edition: str, executed: Mapping[Path, dict], data: Path) -> Lineage:
    """The lineage of an edition, from its executed notebooks by their sources and the folder of the data.

    >>> cell = {"cell_type": "markdown", "source": "Sono 46.310. E crescono.", "metadata": {"annuario": {
    ...     "frasi": [["Sono 46.310.", [["indicatori", 4, "esempio"]]]]}}}
    >>> found = of("relazione-2025", {Path("prestiti.ipynb"): {"cells": [cell]}}, esempio.folder)
    >>> [(one.text, one.rows) for one in found.objects], found.held["indicatori"][4].value
    ([('Sono 46.310.', [('indicatori', 4)]), ('E crescono.', ())], '46310')
    """
    objects = [
        one
        for source, notebook in executed.items()
        for index, cell in enumerate(notebook["cells"])
        for one in _objects(source.stem, notebook, index, cell)
    ]
    rows: dict[str, set[int]] = {}
    for one in objects:
        for table, row in one.rows:
            rows.setdefault(table, set()).add(row)
    return Lineage(edition, objects, held(data, rows))


def _objects(chapter: str, notebook: dict, index: int, cell: dict) -> Iterable[Object]:
    place = jupyter.number(notebook, index)
    told = cell["metadata"].get("annuario", {})
    if cell["cell_type"] == "markdown":
        resting = {text: _places(rows) for text, rows in told.get(jupyter.RESTING, ())}
        for text in dict.fromkeys((*sentences_of(cell["source"]), *resting)):
            yield Object(SENTENCE, chapter, place, "", text, (), resting.get(text, ()))
    label = told.get("options", {}).get("label")
    if cell["cell_type"] != "code" or not label:
        return
    caption = next((told["options"][name] for name in ("tbl-cap", "fig-cap") if name in told["options"]), "")
    for output in cell["outputs"]:
        if output["output_type"] in ("execute_result", "display_data"):
            facts = output["metadata"].get("annuario", {})
            kind = TABLE if str(label).startswith("tbl-") else CHART
            yield Object(
                kind, chapter, place, str(label), str(caption), _says(output, facts), _places(facts.get(RECORDS, ()))
            )


def _says(output: dict, facts: dict) -> list[str]:
    """The lines of a table, or of the values that a chart shows."""
    if "righe" in facts:
        return [" | ".join(map(str, line)) for line in [facts["colonne"], *facts["righe"]]]
    return "".join(output["data"].get("text/markdown", "")).splitlines()


def _places(records: Iterable[Sequence]) -> list[tuple[str, int]]:
    return [(table, row) for table, row, *_ in records]


def held(data: Path, rows: Mapping[str, Iterable[int]]) -> dict[str, dict[int, Held]]:
    """What some rows of the tables of a data folder hold, as they stand in their files.

    What a row is about is told by the fields that its table declares as ``cifra``, or else by its
    key; its value is its ``valore``, or else all the words it has.

    >>> list(held(esempio.folder, {"indicatori": [3, 999]})["indicatori"])  # a row that is not there holds nothing
    [3]
    """
    declared = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    found: dict[str, dict[int, Held]] = {}
    for resource in declared:
        name = resource["name"]
        if name in rows:
            with (data / resource["path"]).open(encoding="utf-8-sig", newline="") as file:
                names, *lines = csv.reader(file)
            about = _about(resource)
            found[name] = {
                row: _held(name, about, resource.get("ruolo") == INDICATORS, dict(zip(names, lines[row - 2])))
                for row in sorted(rows[name])
                if row - 2 < len(lines)
            }
    return found


def _about(resource: dict) -> list[str]:
    if resource.get("ruolo") == INDICATORS:
        return ["indicatore"]
    key = resource["schema"].get("primaryKey", [])
    fields = resource.get("cifra") or [key] if isinstance(key, str) else resource.get("cifra") or key
    return [field for field in fields if field not in _BESIDE]


def _held(table: str, about: Sequence[str], indicator: bool, line: Mapping[str, str]) -> Held:
    code = "/".join(line.get(field, "") for field in about)
    words = (text for name, text in line.items() if name not in (*_BESIDE, *about) and text)
    value = line["valore"] if "valore" in line else " · ".join(words)
    return Held(code if indicator else f"{table}/{code}", line.get("anno", ""), value, line.get("fonte", ""))


def write(lineage: Lineage, path: Path) -> None:
    """Keep a lineage in a file.

    >>> write(Lineage("relazione-2025"), cartella / "righe.json")
    >>> read(cartella / "righe.json")
    Lineage(edition='relazione-2025', objects=[], held={})
    """
    path.write_bytes(orjson.dumps(lineage, option=orjson.OPT_NON_STR_KEYS))


def read(path: Path) -> Lineage | None:
    """The lineage that a file keeps; None where there is none, or one of another form.

    >>> read(cartella / "righe.json") is None
    True
    >>> _ = (cartella / "righe.json").write_text("{}")
    >>> read(cartella / "righe.json") is None
    True
    """
    try:
        kept = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    if not fits(kept, _SHAPE):
        return None
    objects = [Object(**{**one, "rows": [(table, row) for table, row in one["rows"]]}) for one in kept["objects"]]
    rows = {table: {int(row): Held(**one) for row, one in found.items()} for table, found in kept["held"].items()}
    return Lineage(kept["edition"], objects, rows)


def named(data: Path, what: str) -> dict[tuple[str, int], Held]:
    """The rows of a data folder that a code (``tm-flussi/nuovi-casi``), the beginning of one, or ``FILE:ROW`` names.

    Raises BookError for what names no row.

    >>> list(named(esempio.folder, "prestiti/libri")), list(named(esempio.folder, "edizioni.csv:2"))
    ([('indicatori', 2), ('indicatori', 3), ('indicatori', 4)], [('edizioni', 2)])
    >>> named(esempio.folder, "prestiti/libro")
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: «prestiti/libro» names no row of .../data: did you mean prestiti/libri, ...
    """
    declared = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    paths = {resource["name"]: data / resource["path"] for resource in declared}
    rows = {table: range(2, path.read_bytes().count(b"\n") + 2) for table, path in paths.items() if path.is_file()}
    table, _, number = what.removesuffix(":").rpartition(":")
    table = Path(table).name.removesuffix(".csv")
    if table in paths and number.isdigit():
        found = held(data, {table: [int(number)]})[table] if int(number) > 1 else {}
        if not found:
            raise BookError(
                say(
                    "{paths}: it has no row {row} (row 1 holds the names of the columns).",
                    paths=paths[table],
                    row=number,
                )
            )
        return {(table, row): one for row, one in found.items()}
    everything = {(table, row): one for table, found in held(data, rows).items() for row, one in found.items()}
    wanted = {place: one for place, one in everything.items() if f"{one.code}/".startswith(f"{what.rstrip('/')}/")}
    if not wanted:
        codes = dict.fromkeys(one.code for one in everything.values())
        near = get_close_matches(what, [*dict.fromkeys(code.rpartition("/")[0] for code in codes), *codes], 3)
        hint = (
            say(": did you mean {near}?", near=alternatives(near))
            if near
            else say(": give a code, or FILE:ROW, such as indicatori:12.")
        )
        raise BookError(say("«{what}» names no row of {data}{hint}", what=what, data=data, hint=hint))
    return wanted


def resting_on(lineage: Lineage, wanted: Iterable[Held]) -> list[Object]:
    """The sentences, tables and charts of a book that rest on some rows, told by what these are about and cite.

    By their numbers they might be others by now: rows may have been put in since the build.

    >>> row = Held("casi/nuovi", "2025", "12", "relazione-2025:7")
    >>> told = Object(SENTENCE, "minori", 2, "", "Sono 12.", rows=[("casi", 3)])
    >>> kept = Lineage("relazione-2025", [told], {"casi": {3: row}})
    >>> [one.text for one in resting_on(kept, [row])], resting_on(kept, [Held("casi/chiusi", "2025", "9", "")])
    (['Sono 12.'], [])
    """
    about = {(one.code, one.year, one.source) for one in wanted}
    rows = {
        (table, row)
        for table, found in lineage.held.items()
        for row, one in found.items()
        if (one.code, one.year, one.source) in about
    }
    return [one for one in lineage.objects if not rows.isdisjoint(map(tuple, one.rows))]
