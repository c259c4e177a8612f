"""How the objects of pandas and Altair show themselves in a chapter, so that they can stand in the book.

A DataFrame or a Series is a Markdown table too, with numbers in Italian form; a chart of
Altair's own is its specification, which JupyterLab draws without a network.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Hashable
from decimal import Decimal

import pandas as pd

from annuario.data.value import COLUMN as RECORD
from annuario.data.value import RECORDS
from annuario.tables import Column, Table
from annuario.tables.grid import records
from annuario.words import numbers

#: Columns whose whole numbers are names, not quantities: «2025», not «2.025».
YEARS = ("anno", "anni", "esercizio", "year")


def register() -> None:
    """Have IPython show them so, in the process of a chapter; elsewhere this does nothing."""
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    bundles = shell.display_formatter.mimebundle_formatter
    bundles.for_type(pd.DataFrame, _bundle)
    bundles.for_type(pd.Series, _bundle)
    for version in ("v5", "v6"):  # by name: Altair is slow to import
        bundles.for_type_by_name(f"altair.vegalite.{version}.api", "TopLevelMixin", chart)
    html = shell.display_formatter.formatters["text/html"]
    html.for_type_by_name("pandas.io.formats.style", "Styler", styler)


def _bundle(found: pd.DataFrame | pd.Series) -> tuple[dict, dict]:
    """A frame or series as Markdown, with what there is to tell of it."""
    table = series(found) if isinstance(found, pd.Series) else frame(found)
    return ({}, {}) if table is None else ({"text/markdown": table.markdown()}, table.metadata)


def series(found: pd.Series) -> Table | None:
    """A Series as a table: its index, where it says something, and its values.

    >>> print(series(pd.Series([3, 12], index=["Crema", "Soncino"], name="Casi")))
             Casi
    Crema       3
    Soncino    12
    """
    return frame(found.to_frame("" if found.name is None else found.name))


def frame(found: pd.DataFrame) -> Table | None:
    """A DataFrame as a table with numbers in Italian form; None where it has no rows.

    The index is a column of the table, unless it only counts the rows. Whole numbers under
    «Anno», and those of an index without a name that can only be years, are not quantities.

    >>> print(frame(pd.DataFrame({"Comune": ["Crema"], "Ore": [1234.5]})).markdown())
    | Comune | Ore |
    |:---------------------------------------|--------------------------------------------:|
    | Crema | 1.234,5 |
    """
    if found.empty:
        return None
    rests = records(found, list(found.columns))
    found = found.drop(columns=RECORD, errors="ignore")
    titles = [_title(name) for name in found.columns]
    if not _counts(found.index):
        levels = found.index.to_frame(index=False)
        titles = ["" if name is None else _title(name) for name in found.index.names] + titles
        found = pd.concat([levels.set_axis(range(levels.shape[1]), axis=1), found.reset_index(drop=True)], axis=1)
    printed = {place: _printed(found.iloc[:, place], title) for place, title in enumerate(titles)}
    columns = [Column(place, title, right=printed[place][1]) for place, title in enumerate(titles)]
    cells = pd.DataFrame({place: cells for place, (cells, _) in printed.items()})
    return Table(cells, columns, indicators=(), rests=rests)


def styler(found) -> str:
    """A Styler as HTML, with numbers in Italian form where its author has formatted none.

    >>> "1.234,5" in styler(pd.DataFrame({"Ore": [1234.5]}).style)
    True
    """
    if not getattr(found, "_display_funcs", None):
        words = {name: dict(zip(column, _printed(column, _title(name))[0])) for name, column in found.data.items()}
        found = copy.deepcopy(found).format(
            {name: lambda value, known=known: known.get(value, numbers.MISSING) for name, known in words.items()}
        )
    return found._repr_html_()


def _counts(index: pd.Index) -> bool:
    """Whether an index only counts the rows (years do not)."""
    return isinstance(index, pd.RangeIndex) and index.name is None and index.min() < 1900


def _title(name: Hashable) -> str:
    """The heading of a column, which may have several levels."""
    return " ".join(str(part) for part in name if str(part)) if isinstance(name, tuple) else str(name)


def _printed(column: pd.Series, title: str) -> tuple[list[str], bool]:
    """The cells of a column, and whether they are numbers."""
    values = column.tolist()
    known = [value for value in values if not numbers.is_missing(value)]
    if known and all(isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) for value in known):
        if _years(known, title):
            return [numbers.MISSING if numbers.is_missing(value) else f"{value:g}" for value in values], True
        return _numbers(values), True
    return [_word(value) for value in values], False


def _years(known: list, title: str) -> bool:
    if not title:
        return all(value == int(value) and 1900 <= value <= 2100 for value in known)
    return title.lower().split()[0] in YEARS


def _numbers(values: list) -> list[str]:
    """Numbers with as many decimals each: two at most, four where all are below one."""
    finite = [
        None if numbers.is_missing(value) or abs(value) == float("inf") else numbers.to_decimal(value)
        for value in values
    ]
    largest = max((abs(value) for value in finite if value is not None), default=Decimal(1))
    most = 2 if largest >= 1 else 4
    places = max((min(most, numbers.decimals_of(value)) for value in finite if value is not None), default=0)
    return [
        str(value).replace("-", numbers.MINUS).replace("inf", "∞")
        if exact is None and not numbers.is_missing(value)
        else numbers.number(exact, places)
        for value, exact in zip(values, finite)
    ]


def _word(value: object) -> str:
    if numbers.is_missing(value):
        return numbers.MISSING
    if isinstance(value, bool):
        return "sì" if value else "no"
    if isinstance(value, pd.Timestamp):
        day = numbers.date_short(value.date())
        return day if value == value.normalize() else f"{day} {value:%H:%M}"
    if isinstance(value, (int, float, Decimal)):
        return _numbers([value])[0]
    return str(value)


def chart(found) -> tuple[dict, dict]:
    """A chart of Altair's as its specification, with Italian labels in the book's typeface.

    >>> import altair
    >>> forms, told = chart(altair.Chart(pd.DataFrame({"casi": [3]})).mark_bar().encode(x="casi"))
    >>> forms["application/vnd.vegalite.v5+json"]["config"]["locale"]["number"]["decimal"], told
    (',', {})
    """
    from annuario.charts import FONT, MIME

    spec = found.to_dict()
    rests = records(found.data, list(found.data.columns)) if isinstance(found.data, pd.DataFrame) else []
    for rows in spec.get("datasets", {}).values():
        for row in rows:
            row.pop(RECORD, None)
    columns = {name for records in spec.get("datasets", {}).values() for record in records for name in record}
    spec = _escaped(spec, {name for name in columns if set(name) & set(".[]")})
    if spec.get("width") == "container":
        del spec["width"]  # JupyterLab hangs; the book's chart takes the page's width without it
    spec["config"] = {"locale": numbers.VEGA_LOCALE, "font": FONT, "background": "#ffffff", **spec.get("config", {})}
    return {MIME: spec, "text/plain": repr(found)}, {"annuario": {RECORDS: rests}} if rests else {}


def _escaped(part: dict, columns: set[str]) -> dict:
    """A part of a specification in which names with dots and brackets are those of columns.

    Vega-Lite takes a dot in the name of a field for a path into its value, and draws nothing.
    """
    if not columns:
        return part
    found = {key: value if key in ("datasets", "values") else _within(value, columns) for key, value in part.items()}
    if isinstance(part.get("repeat"), (list, dict)):
        found["repeat"] = _repeated(part["repeat"], columns)
    plain = str(part.get("field", "")).replace("\\", "")
    if plain in columns:
        found["field"] = _path(plain)
        if "type" in part:
            found.setdefault("title", plain)
    return found


def _within(part: object, columns: set[str]) -> object:
    if isinstance(part, list):
        return [_within(each, columns) for each in part]
    return _escaped(part, columns) if isinstance(part, dict) else part


def _repeated(names: list | dict, columns: set[str]) -> list | dict:
    if isinstance(names, dict):
        return {key: _repeated(value, columns) for key, value in names.items()}
    return [_path(plain) if (plain := name.replace("\\", "")) in columns else name for name in names]


def _path(name: str) -> str:
    """The name of a column as Vega-Lite reads it."""
    return re.sub(r"[.\[\]]", r"\\\g<0>", name)
