"""The same quantity printed twice: in table and text, in two editions, in label and table."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from annuario.checks.rows import Number, row, table

#: Indicators whose prose gives the year of survey and whose table the year of the report.
OTHER_YEAR = ("gestione/spesa-sociale",)
ROMAN = {"I": 1, "V": 5, "X": 10}


def _records(frame: pd.DataFrame, *columns: str):
    return zip(*(frame[column] for column in columns))


def _table_with_text(indicators: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Rows of a table joined on ``keys`` to those of the text (suffix ``_testo``)."""
    in_table = indicators["sede"] == "tabella"
    return indicators[in_table].merge(indicators[~in_table], on=keys, suffixes=("", "_testo"))


def table_and_text(indicators: pd.DataFrame) -> pd.DataFrame:
    """Each number that an edition prints both in a table and in the text.

    ``indicators`` has here and below the column ``nome``.
    """
    same_year = indicators[~indicators["indicatore"].isin(OTHER_YEAR)]
    both = _table_with_text(same_year, ["edizione", "anno", "indicatore"])
    rows = []
    for edition, year, name, title, value, source, told, told_source in _records(
        both, "edizione", "anno", "indicatore", "nome", "valore", "fonte", "valore_testo", "fonte_testo"
    ):
        what = f"{title}: tabella = testo"
        rows.append(row(f"testo/{name}", what, edition, year, Number(value, source), Number(told, told_source)))
    return table(rows)


def survey_year(indicators: pd.DataFrame) -> pd.DataFrame:
    """The year of a column against the year that the text gives for the same number."""
    other_year = indicators[indicators["indicatore"].isin(OTHER_YEAR)]
    both = _table_with_text(other_year, ["edizione", "indicatore", "valore"])
    rows = []
    for edition, name, title, year, source, surveyed, text_source in _records(
        both, "edizione", "indicatore", "nome", "anno", "fonte", "anno_testo", "fonte_testo"
    ):
        what = f"{title}: anno della colonna = anno di rilevazione nel testo"
        expected, found = Number(Decimal(surveyed), text_source), Number(Decimal(year), source)
        rows.append(row(f"anno/{name}", what, edition, year, expected, found))
    return table(rows)


def two_editions(indicators: pd.DataFrame, editions: pd.DataFrame) -> pd.DataFrame:
    """Each indicator of a year that two editions print in their tables: the later against the earlier."""
    order = editions.set_index("edizione")["anno"]
    frame = indicators[indicators["sede"] == "tabella"]
    frame = frame.assign(ordine=frame["edizione"].map(order))
    both = frame.merge(frame, on=["anno", "indicatore"], suffixes=("", "_dopo"))
    both = both[both["ordine"] < both["ordine_dopo"]]
    rows = []
    for later, year, name, title, value, source, again, again_source in _records(
        both, "edizione_dopo", "anno", "indicatore", "nome", "valore", "fonte", "valore_dopo", "fonte_dopo"
    ):
        what = f"{title}: uguale nelle due edizioni"
        rows.append(row(f"edizioni/{name}", what, later, year, Number(value, source), Number(again, again_source)))
    return table(rows)


def label_years(revenue: pd.DataFrame) -> pd.DataFrame:
    """The year in the label of a revenue, or of a total, against the year of the table."""
    named = revenue[~revenue["canale"].str.contains("avanzo")]
    years = named["etichetta"].str.findall(r"\b20\d\d\b")
    named = named.assign(anni=years)[years.str.len() == 1]
    rows = []
    for edition, year, channel, label, source, labels in _records(
        named, "edizione", "anno", "canale", "etichetta", "fonte", "anni"
    ):
        what = f"Entrate, «{label}»: anno nell’etichetta = anno della tabella"
        expected, found = Number(Decimal(year), source), Number(Decimal(labels[0]), source)
        rows.append(row(f"etichette/anno/{channel}", what, edition, year, expected, found))
    return table(rows)


def label_numerals(funds: pd.DataFrame, revenue: pd.DataFrame) -> pd.DataFrame:
    """The edition of a project (a Roman numeral) in the labels of its fund and of its revenue."""
    funds, revenue = (
        frame.assign(romano=frame["etichetta"].str.extract(r"\b([IVX]+)\b", expand=False)).dropna(subset="romano")
        for frame in (funds.rename(columns={"fondo": "canale"}), revenue)
    )
    both = funds.merge(revenue, on=["edizione", "anno", "canale"], suffixes=("", "_ricavi"))
    rows = []
    for edition, year, channel, label, numeral, source, other, other_source in _records(
        both, "edizione", "anno", "canale", "etichetta_ricavi", "romano", "fonte", "romano_ricavi", "fonte_ricavi"
    ):
        what = f"«{label}»: edizione del progetto nei fondi = nei ricavi"
        expected, found = Number(_roman(numeral), source), Number(_roman(other), other_source)
        rows.append(row(f"etichette/numero/{channel}", what, edition, year, expected, found))
    return table(rows)


def _roman(numeral: str) -> Decimal:
    units = [ROMAN[letter] for letter in numeral]
    return Decimal(sum(-unit if unit < after else unit for unit, after in zip(units, [*units[1:], 0])))


def repeated_columns(indicators: pd.DataFrame) -> pd.DataFrame:
    """Tables of at least four rows whose column of a year repeats the year before in every row.

    ``indicators`` has the column ``gruppo``, the printed table. Found is how many rows
    repeat, expected how many may: all but one.
    """
    frame = indicators[["edizione", "anno", "gruppo", "indicatore", "valore", "fonte"]]
    before = frame.assign(anno=frame["anno"] + 1)
    both = frame.merge(before, on=["edizione", "anno", "gruppo", "indicatore"], suffixes=("", "_prima"))
    both = both[(both["valore"] != 0) | (both["valore_prima"] != 0)]
    tables: dict[tuple, list] = {}
    for *key, value, then, source in _records(both, "edizione", "anno", "gruppo", "valore", "valore_prima", "fonte"):
        tables.setdefault(tuple(key), []).append((value == then, source))
    rows = []
    for (edition, year, group), cells in tables.items():
        if len(cells) > 3:
            what = f"Tabella {group}: righe che ripetono il valore dell’anno prima, meno di tutte"
            allowed = Number(Decimal(len(cells) - 1), "")
            same = Number(Decimal(sum(repeats for repeats, _ in cells)), ";".join(source for _, source in cells))
            rows.append(row(f"colonne/{group}", what, edition, year, allowed, same, relation="<="))
    return table(rows)
