"""Frames and tables of the measures of the district service: what was asked, granted and spent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import pandas as pd

from annuario.data import Vintage
from annuario.tables import Column, Table, edition_notes, shown
from annuario.words import numbers, phrases
from cremasca import budgets

PHASES = ("preventivo", "consuntivo")


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """Indicators with the short form of ``nome``: what follows the subject and its colon."""
    return frame.assign(nome=[phrases.capital(name.split(": ", 1)[-1]) for name in frame["nome"]])


def by_measure(frame: pd.DataFrame, titles: Mapping[str, str], title: str) -> Table:
    """One row a ``voce``, one column a measure of ``titles``, under its year where they are several.

    A row whose code begins the codes of others is their subtotal. What the data note
    about a row is told below the table.
    """
    years = sorted(set(frame["anno"]))
    values = {(row.voce, row.anno, row.misura): row.valore for row in frame.itertuples()}
    units = dict(zip(frame["voce"], frame["unita"]))
    labels = {row.voce: _subject(row.nome) for row in frame.itertuples()}
    printed, columns = pd.DataFrame({"riga": list(labels.values())}), [Column("riga", title)]
    for year in years:
        for measure in titles:
            if any((code, year, measure) in values for code in labels):
                name = f"{year}-{measure}"
                printed[name] = [numbers.quantity(values.get((code, year, measure)), units[code]) for code in labels]
                columns.append(Column(name, titles[measure], group=str(year) if len(years) > 1 else "", right=True))
    noted = frame[frame["nota"] != ""].drop_duplicates(["voce", "nota"])
    notes = [f"{labels[row.voce]}: {row.nota}." for row in noted.itertuples()]
    return Table(
        printed,
        columns,
        [_kind(code, labels) for code in labels],
        [*notes, *edition_notes(frame["da"])],
        indicators=shown(frame),
        rests=frame,
    )


def leading(frame: pd.DataFrame, year: int) -> pd.DataFrame:
    """The rows of one year that are not details of another row, named without their measure."""
    codes = list(dict.fromkeys(frame["voce"]))
    inner = {code for code in codes if any(code.startswith(f"{other}-") for other in codes)}
    found = frame[(frame["anno"] == year) & ~frame["voce"].isin(inner)]
    return found.assign(nome=[_subject(name) for name in found["nome"]])


def lines(edition: Vintage, card: str, codes: str | tuple[str, ...]) -> pd.DataFrame:
    """The lines of a budget card whose code begins so, those without amounts left out.

    Columns of :func:`budgets.printed`, amounts in EUR. Empty for a year whose final
    accounts nobody published.
    """
    frame = budgets.printed(edition, card)
    if "consuntivo" not in set(frame["fase"]):
        return frame.iloc[:0]
    frame = frame[frame["voce"].str.startswith(codes) & frame["fase"].isin(PHASES)]
    spent = {row.voce for row in frame.itertuples() if row.valore}
    return frame[frame["voce"].isin(spent)]


def by_fund(frame: pd.DataFrame) -> pd.DataFrame:
    """Budget lines named by the year's fund that pays for them, where they say it."""
    names = [kind if kind.startswith("Fondo") else label for kind, label in zip(frame["natura"], frame["etichetta"])]
    return frame.assign(etichetta=names)


def spending(frame: pd.DataFrame) -> str:
    """What budget lines cost in all: ``€ 22.474,62 a consuntivo, l’88,5 % del preventivo``."""
    planned, spent = (sum(frame.loc[frame["fase"] == phase, "valore"], Decimal(0)) for phase in PHASES)
    text = f"{numbers.euro(spent)} a consuntivo"
    if not planned:
        return f"{text}, senza previsione iniziale"
    if not 0 < spent <= 2 * planned:
        return f"{text}, a fronte di {numbers.euro(planned)} a preventivo"
    return f"{text}, {phrases.the_percent(spent / planned * 100)} del preventivo"


def staff(frame: pd.DataFrame, headings: list[str]) -> Table:
    """The people of a service: one row a profile, each under its heading."""
    amounts = [numbers.quantity(value, unit) for value, unit in zip(frame["valore"], frame["unita"])]
    columns = [Column("nome", "Figura"), Column("valore", "Persone", right=True)]
    return Table(named(frame).assign(valore=amounts), columns, sections=headings, rests=frame)


def _subject(name: str) -> str:
    """``FNA anziani: buono caregiver – domande presentate`` as ``Buono caregiver``."""
    return phrases.capital(name.split(" – ")[0].split(": ", 1)[-1])


def _kind(code: str, codes: Iterable[str]) -> str:
    if code == "totale":
        return "totale"
    return "subtotale" if any(other.startswith(f"{code}-") for other in codes) else ""
