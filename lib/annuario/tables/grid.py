"""The values of a long frame as a grid of rows and columns, and how they are printed."""

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

import pandas as pd

from annuario.data.corrections import COLUMN
from annuario.data.value import COLUMN as RECORD
from annuario.data.value import Record, resting
from annuario.errors import BookError
from annuario.messages import say
from annuario.words import numbers
from annuario.words.numbers import MISSING


class Origin(NamedTuple):
    """Where a value comes from: the other edition that published it, and what the ledger says of it, note by note.

    A label comes from none: ``edition`` is None.
    """

    edition: str | None = ""
    ledger: tuple[str, ...] = ()


class Grid:
    r"""The values of a long frame by code of ``rows`` and value of ``columns``.

    ``values`` maps ``(code, column)`` to a Decimal or None; ``names`` (in data order) and
    ``units`` map codes, ``labels`` codes to what the ledger says of their labels; ``sources`` maps places
    to the edition they come from, ``ledger`` to what the ledger says of their values, note by note;
    ``series`` maps places to the first year that they can be compared with, where there is one; ``open``
    are the places whose value the ledger leaves open; ``indicators`` are the codes of the indicators that
    have a value, ``records`` the rows of the data that the values rest on.

    Raises BookError for a missing column, an empty frame, two values in one place, an
    unknown unit and a code with two units.

    >>> frame = pd.DataFrame({"voce": ["a", "a", "totale"], "nome": ["Affidi", "Affidi", "In tutto"],
    ...                       "anno": [2024, 2025, 2025], "valore": [Decimal("0.5"), 2, 2], "unita": ["%"] * 3})
    >>> grid = Grid(frame, "voce", "anno", order=sorted)
    >>> print(*grid.row("a"), *grid.row("totale"), sep=" | ")
    0,5 % | 2,0 % | – | 2 %
    >>> grid.codes, grid.kinds, grid.columns, grid.notes
    (['a', 'totale'], ['', 'totale'], [2024, 2025], [])
    >>> print(*grid.column(2025), sep=" | ")
    2 % | 2 %
    >>> Grid(pd.concat([frame, frame]), "voce", "anno")
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: Two values for voce «a», anno «2024»: filter the rows first.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        rows: str,
        columns: str,
        unit: str | None = None,
        order: Callable[[Collection], list] = list,
    ):
        require(frame, [rows, columns, "valore"])
        label = next((name for name in ("nome", "etichetta") if name in frame), rows)
        self.indicators = shown(frame)
        self.records = records(frame, ["valore"])
        self.values: dict[tuple, Decimal | None] = {}
        self.sources: dict[tuple, str] = {}
        self.ledger: dict[tuple, tuple[str, ...]] = {}
        self.series: dict[tuple, int] = {}
        self.open: set[tuple] = set()
        self.labels: dict[Hashable, tuple[str, ...]] = {}
        self.names: dict[Hashable, str] = {}
        self.units: dict[Hashable, str] = {}
        for row in frame.to_dict("records"):
            code, column = row[rows], row[columns]
            if (code, column) in self.values:
                raise BookError(
                    say(
                        "Two values for {rows} «{code}», {columns} «{column}»: filter the rows first.",
                        rows=rows,
                        code=code,
                        columns=columns,
                        column=column,
                    )
                )
            self.values[code, column] = numbers.to_decimal(row["valore"])
            self.names[code] = str(row[label])
            self.labels[code] = tuple(one.note for one in _corrections(row) if one.used == row[label])
            measured = unit or row.get("unita")
            if measured not in numbers.UNITS:
                raise BookError(
                    say(
                        "{rows} «{code}»: the unit «{measured}» is not known: give one of {units} as «unit», or "
                        "in the column «unita».",
                        rows=rows,
                        code=code,
                        measured=measured or "",
                        units=", ".join(numbers.UNITS),
                    )
                )
            if self.units.setdefault(code, measured) != measured:
                raise BookError(
                    say(
                        "{rows} «{code}» has values in {units} and in {measured}: use two codes.",
                        rows=rows,
                        code=code,
                        units=self.units[code],
                        measured=measured,
                    )
                )
            if row.get("da"):
                self.sources[code, column] = row["da"]
            if notes := ledger_notes(row, measured):
                self.ledger[code, column] = notes
            self.series[code, column] = row.get("dal") or 0
            if any(one.open and one.field == "valore" for one in _corrections(row)):
                self.open.add((code, column))
        self.columns = order(dict.fromkeys(column for _, column in self.values))

    @property
    def codes(self) -> list:
        """The codes of the rows, in data order."""
        return list(self.names)

    @property
    def notes(self) -> list[str]:
        """What the ledger says of the values, each note once, in order."""
        return list(dict.fromkeys(note for notes in self.ledger.values() for note in notes))

    @property
    def kinds(self) -> list[str]:
        """What each row is: ``""``, ``"totale"`` or ``"subtotale"``."""
        return [kind_of(code) for code in self.names]

    def row(self, code: Hashable) -> list[str]:
        """A row's printed cells, with as many decimals each."""
        return self._cells([(code, column) for column in self.columns], self.units[code])

    def column(self, column: Hashable) -> list[str]:
        """A column's printed cells; those of one unit have as many decimals each."""
        cells: dict[tuple, str] = {}
        for unit in dict.fromkeys(self.units.values()):
            places = [(code, column) for code in self.names if self.units[code] == unit]
            cells.update(zip(places, self._cells(places, unit)))
        return [cells[code, column] for code in self.names]

    def _cells(self, places: Sequence[tuple], unit: str) -> list[str]:
        return alike([self.values.get(place) for place in places], unit)

    def origin(self, code: Hashable, column: Hashable) -> Origin:
        """Where a value comes from.

        >>> frame = pd.DataFrame({"voce": ["a"], "anno": [2023], "valore": [2], "da": ["relazione-2023"]})
        >>> grid = Grid(frame, "voce", "anno", "casi")
        >>> grid.origin("a", 2023), grid.marked_row(4, "a"), grid.marked() == grid.marked_row(0, "a")
        (Origin(edition='relazione-2023', ledger=()), {(4, 1): Origin(edition='relazione-2023', ledger=())}, True)
        """
        return Origin(self.sources.get((code, column), ""), self.ledger.get((code, column), ()))

    def marked_row(self, row: int, code: Hashable, columns: Sequence | None = None) -> dict:
        """The origin of every value in row ``row`` of a table, one column of labels first; of a corrected label too."""
        label = {(row, 0): Origin(None, self.labels[code])} if self.labels.get(code) else {}
        return label | {
            (row, index): self.origin(code, column)
            for index, column in enumerate(columns or self.columns, start=1)
            if (code, column) in self.values
        }

    def marked(self) -> dict[tuple[int, int], Origin]:
        """The origin of every value, where the table's rows are the codes."""
        marked: dict[tuple[int, int], Origin] = {}
        for row, code in enumerate(self.names):
            marked |= self.marked_row(row, code)
        return marked


def shown(frame: pd.DataFrame) -> list[str]:
    """The codes of the indicators of which a long frame holds a value, in its order.

    >>> shown(pd.DataFrame({"indicatore": ["a", "a", "b"], "valore": [1, 2, None]}))
    ['a']
    >>> shown(pd.DataFrame({"valore": [1]}))
    []
    """
    if "valore" in frame:
        frame = frame[[not numbers.is_missing(value) for value in frame["valore"]]]
    if "indicatore" in frame:
        return list(dict.fromkeys(frame["indicatore"]))
    return []


def records(frame: pd.DataFrame, columns: Sequence[Hashable]) -> list[Record]:
    """The rows of the data that the cells of some columns rest on, and those that a frame of an edition has."""
    if "valore" in columns:
        frame = frame[[not numbers.is_missing(value) for value in frame["valore"]]]
    return resting(value for name in [*columns, *([RECORD] if RECORD in frame else [])] for value in frame[name])


def kind_of(code: object) -> str:
    """What a row is by its code: ``saap/totale`` a total, ``totale-avanzo`` a subtotal.

    >>> kind_of("saap/totale"), kind_of("totale-avanzo"), kind_of("saap/costo")
    ('totale', 'subtotale', '')
    """
    parts = str(code).split("/")
    if "totale" in parts:
        return "totale"
    return "subtotale" if any(part.startswith("totale-") for part in parts) else ""


def rate(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """The change from ``before`` in percent; None where it has no meaning.

    >>> rate(Decimal(15), Decimal(12)), rate(Decimal(15), Decimal(0)), rate(None, Decimal(12))
    (Decimal('25.00'), None, None)
    """
    return None if now is None or not before else (now - before) / abs(before) * 100


def require(frame: pd.DataFrame, names: Sequence[Hashable]) -> None:
    """Raises BookError where a frame lacks a column or has no rows."""
    missing = [f"«{name}»" for name in names if name not in frame]
    if missing:
        raise BookError(
            say(
                "The frame lacks the column {missing}: it has {frame}.",
                missing=", ".join(missing),
                frame=", ".join(map(str, frame)),
            )
        )
    if frame.empty:
        raise BookError(say("There are no rows to show: the edition has no such data, or the filter is wrong."))


def edition_notes(sources: Iterable[str | None]) -> list[str]:
    """A note for each other edition that values come from; nothing for those of this one.

    >>> edition_notes(["", "relazione-2023", "relazione-2023"])
    ['Dati pubblicati nell’edizione «relazione 2023».']
    """
    return [
        f"Dati pubblicati nell’edizione «{source.replace('-', ' ')}»." for source in dict.fromkeys(sources) if source
    ]


def ledger_notes(row: Mapping, unit: str = "") -> tuple[str, ...]:
    """What the ledger says of the ``valore`` of a frame's row, note by note, in a unit where it is not told otherwise.

    >>> row = libro.table("indicatori", indicatore="sil-indicatori/utenti-in-carico", anno=2025).iloc[0]
    >>> print(*ledger_notes(row, "utenti"))
    Persone intercettate dal SIL nel 2025: il documento stampa 78. I due valori del 2025 sono scambiati ...
    >>> ledger_notes({"valore": 3})
    ()
    """
    own = (one for one in _corrections(row) if one.field == "valore")
    return tuple(dict.fromkeys(replace(one, unit=one.unit or unit).note for one in own))


def _corrections(row: Mapping) -> tuple:
    found = row.get(COLUMN)
    return found if isinstance(found, tuple) else ()


def provenance(marked: Mapping[tuple[int, int], Origin]) -> tuple[list[str], dict[tuple[int, int], tuple[int, ...]]]:
    """A note for each other edition that values come from, one for each that the ledger has, and the cells they mark.

    ``marked`` has every cell of values. A column that comes whole from one edition is
    marked in its heading; a table that does has no marks of editions.

    >>> provenance({(0, 1): Origin("relazione-2023"), (0, 2): Origin()})
    (['Dati pubblicati nell’edizione «relazione 2023».'], {(-1, 1): (1,)})
    """
    sources = list(dict.fromkeys(origin.edition for origin in marked.values() if origin.edition))
    ledger = list(dict.fromkeys(note for place in sorted(marked) for note in marked[place].ledger))
    marks: dict[tuple[int, int], tuple[int, ...]] = {}
    editions = {place: origin.edition for place, origin in marked.items() if origin.edition is not None}
    if len(set(editions.values())) > 1:
        for index in dict.fromkeys(index for _, index in editions):
            cells = {place: source for place, source in editions.items() if place[1] == index}
            if len(set(cells.values())) == 1:
                cells = {(-1, index): next(iter(cells.values()))}
            marks |= {place: (sources.index(source) + 1,) for place, source in cells.items() if source}
    for place, origin in marked.items():
        numbers_ = tuple(len(sources) + ledger.index(note) + 1 for note in origin.ledger)
        if numbers_:
            marks[place] = (*marks.get(place, ()), *numbers_)
    return [*edition_notes(sources), *ledger], marks


def alike(values: Sequence, unit: str) -> list[str]:
    """The printed values of one unit, with as many decimals each, where the unit leaves the choice."""
    decimals = numbers.decimals_for(unit, *values) if unit in ("%", "ore") else None
    return [numbers.quantity(value, unit, decimals) for value in values]


def word(value: object) -> str:
    """A printed cell of no unit: words as they are, ISO dates as ``31/12/2025``."""
    if numbers.is_missing(value):
        return MISSING
    if isinstance(value, str):
        return numbers.date_short(value) if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else value
    return numbers.number(value)
