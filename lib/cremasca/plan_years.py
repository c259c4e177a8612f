"""The plan against the year before and over its three years, by goal or by area, as printed."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from annuario.data import Vintage
from annuario.tables import Column, Table, rate
from annuario.words import numbers, phrases
from cremasca.budgets import ESTIMATED, PLANNED
from cremasca.plan import ZERO, centre_names, listed, numbered, own


def comparison(edition: Vintage) -> pd.DataFrame:
    """The budget against the year before, by goal, as printed; the total last.

    Columns ``centro``, ``nome``, ``budget_prima`` (the budget of the year before), ``stima``
    (its outcome estimated before the end of the year), ``ora``, ``variazione`` (printed),
    ``causa`` (why), ``al_posto`` (words printed instead of the amount of the year).
    """
    frame = own(edition, "bilancio_aree", anno=[edition.year - 1, edition.year])
    names = centre_names(edition)
    frame = frame[frame["centro"].isin(set(frame.loc[frame["fase"] == ESTIMATED, "centro"]))]
    rows = []
    for centre, cells in frame.groupby("centro", sort=False):
        found = {(year, phase): value for year, phase, value in zip(cells["anno"], cells["fase"], cells["valore"])}
        varied = cells.loc[cells["fase"] == "variazione", "nota"]
        words = cells["nota"].str.extract(r"stampato «([^»]+)» al posto", expand=False).dropna()
        rows.append(
            {
                "centro": centre,
                "nome": names[centre],
                "budget_prima": found.get((edition.year - 1, PLANNED)),
                "stima": found.get((edition.year - 1, ESTIMATED)),
                "ora": found.get((edition.year, PLANNED)),
                "variazione": found.get((edition.year, "variazione")),
                "causa": "" if varied.empty or varied.iloc[0].startswith("stampato") else varied.iloc[0],
                "al_posto": "" if words.empty else words.iloc[0],
            }
        )
    columns = ["centro", "nome", "budget_prima", "stima", "ora", "variazione", "causa", "al_posto"]
    known = pd.DataFrame(rows, columns=columns, dtype=object)
    return known.sort_values("centro", key=lambda codes: codes == "totale", kind="stable").reset_index(drop=True)


def comparison_table(frame: pd.DataFrame, year: int) -> Table | None:
    """The frame of :func:`comparison`; where the document prints no variation, the computed one."""
    if frame.empty:
        return None
    printed = frame["variazione"].notna().any()
    title = "Variazione" if printed else "Variazione (calcolata)"
    columns = [Column("nome", "Obiettivo")]
    if frame["budget_prima"].notna().any():
        columns.append(Column("budget_prima", f"Budget {year - 1}", right=True))
    columns += [Column("stima", f"Preconsuntivo {year - 1}", right=True), Column("ora", f"Budget {year}", right=True)]
    columns.append(Column("variazione", title, right=True))
    if frame["causa"].map(bool).any():
        columns.append(Column("causa", "Causa"))
    lines, notes, marks = [], [], {}
    for index, row in enumerate(frame.to_dict("records")):
        gap = (
            row["variazione"] if printed else None if None in (row["ora"], row["stima"]) else row["ora"] - row["stima"]
        )
        cells = {name: numbers.euro(row[name]) for name in ("budget_prima", "stima", "ora")}
        lines.append(
            {"nome": listed(row["nome"]), "causa": row["causa"], "variazione": numbers.signed(gap, "EUR"), **cells}
        )
        if row["al_posto"]:
            note = f"Al posto dell’importo il documento stampa «{row['al_posto']}»."
            if note not in notes:
                notes.append(note)
            marks[index, [column.name for column in columns].index("ora")] = notes.index(note) + 1
    kinds = ["totale" if centre == "totale" else "" for centre in frame["centro"]]
    return Table(pd.DataFrame(lines), columns, kinds, notes, marks, rests=frame)


def changes(frame: pd.DataFrame, year: int) -> pd.DataFrame:
    """By how much each goal's budget differs from the outcome estimated for the year before, computed.

    Columns ``centro``, ``nome``, ``anno``, ``valore`` in EUR; goals that do not change are left out.
    """
    rows = [
        {
            "centro": row["centro"],
            "nome": row["nome"],
            "anno": year,
            "valore": (row["ora"] or ZERO) - (row["stima"] or ZERO),
        }
        for row in frame.to_dict("records")
        if row["centro"] != "totale" and (row["ora"] or ZERO) != (row["stima"] or ZERO)
    ]
    return pd.DataFrame(rows, columns=["centro", "nome", "anno", "valore"])


def paired(frame: pd.DataFrame, phases: Mapping[str, str | int]) -> pd.DataFrame:
    """Two columns of a frame by centre as a long frame for a chart: ``centro``, ``nome``, ``fase``, ``valore``.

    ``phases`` gives the columns and what each is called in ``fase``. Centres at zero in both
    are left out.
    """
    rows = [
        {"centro": row["centro"], "nome": numbered(row["nome"]), "fase": phase, "valore": row[name] or ZERO}
        for row in frame.to_dict("records")
        if any(row[name] for name in phases)
        for name, phase in phases.items()
    ]
    return pd.DataFrame(rows, columns=["centro", "nome", "fase", "valore"])


def revised(edition: Vintage) -> pd.DataFrame:
    """The budget of the year before by goal, as its own plan gave it and as this plan reports it.

    Columns ``centro``, ``nome``, ``iniziale``, ``assestato``; empty where either is not published.
    """
    year = edition.year - 1
    frame = edition.package.read("bilancio_aree")
    frame = frame[(frame["anno"] == year) & (frame["fase"] == PLANNED)]
    names = centre_names(edition)
    first, second = _two_plans(edition, frame, "centro")
    both = [centre for centre in first if centre in second and centre in names]
    rows = [
        {"centro": centre, "nome": names[centre], "iniziale": first[centre], "assestato": second[centre]}
        for centre in both
    ]
    found = pd.DataFrame(rows, columns=["centro", "nome", "iniziale", "assestato"], dtype=object)
    return found.sort_values("centro", key=lambda codes: codes == "totale", kind="stable").reset_index(drop=True)


def _two_plans(edition: Vintage, frame: pd.DataFrame, by: str) -> tuple[dict, dict]:
    """The amounts that the plan of the year before prints and those of this one, by a column."""
    before, now = (frame[frame["edizione"] == name] for name in (f"{edition.book}-{edition.year - 1}", edition.id))
    return dict(zip(before[by], before["valore"])), dict(zip(now[by], now["valore"]))


def compared(frame: pd.DataFrame, titles: Mapping[str, str], label: str) -> Table | None:
    """The amounts of each row in the columns of ``titles``, and the last less the first, in EUR and in percent.

    None without rows.
    """
    if frame.empty:
        return None
    first, *_, last = titles
    lines = []
    for row in frame.to_dict("records"):
        gap = None if None in (row[first], row[last]) else row[last] - row[first]
        change = numbers.percent(rate(row[last], row[first]), sign=True)
        lines.append(
            [listed(row["nome"]), *(numbers.euro(row[name]) for name in titles), numbers.signed(gap, "EUR"), change]
        )
    columns = [Column("nome", label), *(Column(name, title, right=True) for name, title in titles.items())]
    columns += [Column("scarto", "Scostamento", right=True), Column("quota", "Scost. %", right=True)]
    kinds = ["totale" if centre == "totale" else "" for centre in frame["centro"]]
    return Table(pd.DataFrame(lines, columns=[column.name for column in columns]), columns, kinds, rests=frame)


def multiyear(edition: Vintage) -> pd.DataFrame:
    """The budget over the plan's three years, by goal or by area: ``centro``, ``nome``, ``anno``,
    ``valore`` in EUR, the total last. Empty where the plan has none."""
    frame = own(edition, "bilancio_aree", fase=PLANNED)
    frame = frame[frame["anno"] >= edition.year]
    later = set(frame.loc[frame["anno"] > edition.year, "centro"])
    frame = frame[frame["centro"].isin(later)]
    frame = frame.assign(nome=frame["centro"].map(centre_names(edition)))
    return frame.sort_values(["centro"], key=lambda codes: codes == "totale", kind="stable").reset_index(drop=True)


def steps(frame: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    """How much each centre changes between two years: ``centro``, ``nome``, ``ora``, ``dopo``, ``passo``.

    Centres at zero in both are left out, and those that lack the last year.
    """
    amounts = {(row.centro, row.anno): row.valore for row in frame.itertuples()}
    rows = [
        (row.centro, row.nome, row.valore, amounts[row.centro, last])
        for row in frame[frame["anno"] == first].itertuples()
        if (row.centro, last) in amounts and (row.valore or amounts[row.centro, last])
    ]
    known = pd.DataFrame(rows, columns=["centro", "nome", "ora", "dopo"], dtype=object)
    return known.assign(passo=known["dopo"] - known["ora"])


def courses(gaps: pd.Series, feminine: bool) -> str:
    """How many rise, fall and stay: ``ne crescono due, ne cala uno e ne restano uguali otto``."""
    ways = (
        (sum(gap > 0 for gap in gaps), "cresce", "crescono"),
        (sum(gap < 0 for gap in gaps), "cala", "calano"),
        (sum(gap == 0 for gap in gaps), "resta uguale", "restano uguali"),
    )
    return phrases.listing(
        [f"ne {phrases.inflected(n, one, many)} {phrases.spelled(n, feminine)}" for n, one, many in ways if n]
    )


def projections(edition: Vintage) -> pd.DataFrame:
    """The plan's total of each year from this one on, in this plan and in the earlier one.

    Columns ``centro`` (the year as text), ``nome``, ``piano_prima``, ``piano``; only years in both.
    """
    frame = edition.package.read("bilancio_aree")
    frame = frame[(frame["centro"] == "totale") & (frame["fase"] == PLANNED) & (frame["anno"] >= edition.year)]
    first, second = _two_plans(edition, frame, "anno")
    rows = [
        {"centro": str(year), "nome": str(year), "piano_prima": first[year], "piano": second[year]}
        for year in sorted(first)
        if year in second
    ]
    return pd.DataFrame(rows, columns=["centro", "nome", "piano_prima", "piano"], dtype=object)
