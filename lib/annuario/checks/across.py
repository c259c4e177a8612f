"""The same quantity printed twice: in table and text, in two editions, in two columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal

import pandas as pd

from annuario.checks.rows import Number, row, table


def records(frame: pd.DataFrame, *columns: str) -> Iterator[tuple]:
    """The values of some columns, row by row.

    >>> list(records(pd.DataFrame({"sede": ["nord", "sud"], "valore": [3, 9]}), "valore", "sede"))
    [(3, 'nord'), (9, 'sud')]
    """
    return zip(*(frame[column] for column in columns))


def _table_with_text(indicators: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Rows of a table joined on ``keys`` to those of the text (suffix ``_testo``)."""
    in_table = indicators["sede"] == "tabella"
    return indicators[in_table].merge(indicators[~in_table], on=keys, suffixes=("", "_testo"))


def table_and_text(indicators: pd.DataFrame, other_year: Collection[str] = ()) -> pd.DataFrame:
    """Each number that an edition prints both in a table and in the text.

    ``indicators`` has here and below the column ``nome``; ``other_year`` are those whose prose
    gives the year of survey and whose table the year of the report.

    >>> frame = pd.DataFrame({"edizione": "relazione-2025", "anno": 2025, "indicatore": "casi",
    ...                       "nome": "Casi", "sede": ["tabella", "testo"], "valore": [Decimal(12), Decimal(13)],
    ...                       "fonte": ["d:1", "d:7"]})
    >>> table_and_text(frame)[["id", "atteso", "trovato", "esito"]].values.tolist()
    [['testo/casi/relazione-2025/2025', Decimal('12'), Decimal('13'), 'non torna']]
    """
    same_year = indicators[~indicators["indicatore"].isin(other_year)]
    both = _table_with_text(same_year, ["edizione", "anno", "indicatore"])
    rows = []
    for edition, year, name, title, value, source, told, told_source in records(
        both, "edizione", "anno", "indicatore", "nome", "valore", "fonte", "valore_testo", "fonte_testo"
    ):
        what = f"{title}: tabella = testo"
        rows.append(row(f"testo/{name}", what, edition, year, Number(value, source), Number(told, told_source)))
    return table(rows)


def survey_year(indicators: pd.DataFrame, other_year: Collection[str]) -> pd.DataFrame:
    """The year of a column against the year that the text gives for the same number, of those of ``other_year``.

    >>> frame = pd.DataFrame({"edizione": "relazione-2025", "anno": [2025, 2024], "indicatore": "casi", "nome": "Casi",
    ...                       "sede": ["tabella", "testo"], "valore": Decimal(12), "fonte": ["d:1", "d:7"]})
    >>> survey_year(frame, ["casi"])[["id", "atteso", "trovato", "esito"]].values.tolist()
    [['anno/casi/relazione-2025/2025', Decimal('2024'), Decimal('2025'), 'non torna']]
    """
    surveyed = indicators[indicators["indicatore"].isin(other_year)]
    both = _table_with_text(surveyed, ["edizione", "indicatore", "valore"])
    rows = []
    for edition, name, title, year, source, surveyed, text_source in records(
        both, "edizione", "indicatore", "nome", "anno", "fonte", "anno_testo", "fonte_testo"
    ):
        what = f"{title}: anno della colonna = anno di rilevazione nel testo"
        expected, found = Number(Decimal(surveyed), text_source), Number(Decimal(year), source)
        rows.append(row(f"anno/{name}", what, edition, year, expected, found))
    return table(rows)


def two_editions(indicators: pd.DataFrame, editions: pd.DataFrame) -> pd.DataFrame:
    """Each indicator of a year that two editions print in their tables: the later against the earlier.

    >>> frame = pd.DataFrame({"edizione": ["relazione-2024", "relazione-2025"], "anno": 2024,
    ...                       "indicatore": "casi", "nome": "Casi", "sede": "tabella", "valore": [Decimal(12), Decimal(13)], "fonte": ["d:1", "e:7"]})
    >>> editions = pd.DataFrame({"edizione": ["relazione-2024", "relazione-2025"], "anno": [2024, 2025]})
    >>> two_editions(frame, editions)[["id", "atteso", "trovato", "esito"]].values.tolist()
    [['edizioni/casi/relazione-2025/2024', Decimal('12'), Decimal('13'), 'non torna']]
    """
    order = editions.set_index("edizione")["anno"]
    frame = indicators[indicators["sede"] == "tabella"]
    frame = frame.assign(ordine=frame["edizione"].map(order))
    both = frame.merge(frame, on=["anno", "indicatore"], suffixes=("", "_dopo"))
    both = both[both["ordine"] < both["ordine_dopo"]]
    rows = []
    for later, year, name, title, value, source, again, again_source in records(
        both, "edizione_dopo", "anno", "indicatore", "nome", "valore", "fonte", "valore_dopo", "fonte_dopo"
    ):
        what = f"{title}: uguale nelle due edizioni"
        rows.append(row(f"edizioni/{name}", what, later, year, Number(value, source), Number(again, again_source)))
    return table(rows)


def repeated_columns(indicators: pd.DataFrame) -> pd.DataFrame:
    """Tables of at least four rows whose column of a year repeats the year before in every row.

    ``indicators`` has the column ``gruppo``, the printed table. Found is how many rows
    repeat, expected how many may: all but one.

    >>> frame = pd.DataFrame({"edizione": "relazione-2025", "anno": [2024, 2025] * 4, "gruppo": "sedi", "fonte": "d:1",
    ...                       "indicatore": list("aabbccdd"), "valore": [3, 3, 5, 5, 7, 7, 9, 8]})
    >>> repeated_columns(frame)[["id", "atteso", "trovato", "esito"]].values.tolist()
    [['colonne/sedi/relazione-2025/2025', Decimal('3'), Decimal('3'), 'torna']]
    """
    frame = indicators[["edizione", "anno", "gruppo", "indicatore", "valore", "fonte"]]
    before = frame.assign(anno=frame["anno"] + 1)
    both = frame.merge(before, on=["edizione", "anno", "gruppo", "indicatore"], suffixes=("", "_prima"))
    both = both[(both["valore"] != 0) | (both["valore_prima"] != 0)]
    tables: dict[tuple, list] = {}
    for *key, value, then, source in records(both, "edizione", "anno", "gruppo", "valore", "valore_prima", "fonte"):
        tables.setdefault(tuple(key), []).append((value == then, source))
    rows = []
    for (edition, year, group), cells in tables.items():
        if len(cells) > 3:
            what = f"Tabella {group}: righe che ripetono il valore dell’anno prima, meno di tutte"
            allowed = Number(Decimal(len(cells) - 1), "")
            same = Number(Decimal(sum(repeats for repeats, _ in cells)), ";".join(source for _, source in cells))
            rows.append(row(f"colonne/{group}", what, edition, year, allowed, same, relation="<="))
    return table(rows)
