"""What a plan promised against what the report of the same year then said.

Budget lines are matched by their code, which is the same for the same cost line in every
document. Where the year has no report, the next plan tells how the year was going, goal by
goal.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from annuario.data import Vintage
from annuario.tables import Column, Table
from annuario.words import numbers
from cremasca.budgets import ESTIMATED, PLANNED, SPENT, heading, titled
from cremasca.plan import ZERO, centre_names
from cremasca.plan_cards import Card, present

REPORT = "relazione"
BOTH, PLAN_ONLY, REPORT_ONLY = "entrambi", "piano", "relazione"


def report(edition: Vintage) -> str:
    """The identifier of the report of the plan's year."""
    return f"{REPORT}-{edition.year}"


def lines(edition: Vintage, cards: Mapping[str, Card]) -> pd.DataFrame:
    """Every budget line of the year in the plan, in the report, or in both.

    Columns ``voce``, ``nome``, ``breve`` (the standard name), ``scheda``, ``titolo`` (of the
    action, in the plan where it has the line), ``titolo_relazione``, ``piano``, ``preventivo``,
    ``consuntivo`` (EUR, None where there is none), ``dove`` (one of :data:`BOTH`,
    :data:`PLAN_ONLY`, :data:`REPORT_ONLY`). A plan's line counts where its amount is printed,
    zero included. Empty where the plan or the report is not published.
    """
    columns = ["voce", "nome", "scheda", "titolo", "piano", PLANNED, SPENT, "titolo_relazione", "dove"]
    told = _reported(edition)
    found = present(cards)
    if told.empty or not found:
        return pd.DataFrame(columns=[*columns, "breve"])
    promised = pd.concat([card.lines.assign(scheda=name) for name, card in found.items()], ignore_index=True)
    promised = promised[promised["ora"].notna()].rename(columns={"ora": "piano"})
    outcome = {row["voce"]: row for row in told.to_dict("records")}
    rows = []
    for row in promised.to_dict("records"):
        match = outcome.pop(row["voce"], {})
        amounts = {name: match.get(name) for name in (PLANNED, SPENT)} | {"titolo_relazione": match.get("titolo", "")}
        rows.append({name: row[name] for name in columns[:5]} | amounts | {"dove": BOTH if match else PLAN_ONLY})
    rows += [row | {"piano": None, "titolo_relazione": row["titolo"], "dove": REPORT_ONLY} for row in outcome.values()]
    found = pd.DataFrame(rows, columns=columns, dtype=object)
    standard = edition.package.read("voci").set_index("voce")["nome"]
    return found.assign(breve=found["voce"].map(standard))


def _reported(edition: Vintage) -> pd.DataFrame:
    """The lines of the report, one row each, with ``preventivo`` and ``consuntivo``."""
    frame = edition.package.read("bilancio")
    frame = frame[
        (frame["edizione"] == report(edition)) & (frame["anno"] == edition.year) & (frame["voce"] != "totale")
    ]
    frame = titled(frame, edition.package)
    standard = edition.package.read("voci").set_index("voce")["nome"]
    rows = []
    for voce, cells in frame.groupby("voce", sort=False):
        first = cells.iloc[0]
        amounts = dict(zip(cells["fase"], cells["valore"]))
        rows.append(
            {"voce": voce, "nome": first["etichetta"], "scheda": first["scheda"]}
            | {"titolo": heading(first["azione"], first["titolo"])}
            | {phase: amounts.get(phase) for phase in (PLANNED, SPENT)}
        )
    known = pd.DataFrame(rows, columns=["voce", "nome", "scheda", "titolo", PLANNED, SPENT], dtype=object)
    shared = known.duplicated(["scheda", "titolo", "nome"], keep=False)
    return known.assign(nome=known["nome"].where(~shared, known["voce"].map(standard)))


def where(frame: pd.DataFrame, place: str, cards: list[str] | None = None) -> pd.DataFrame:
    """The lines of one place, of some cards if given."""
    frame = frame[frame["dove"] == place]
    return frame[frame["scheda"].isin(cards)] if cards is not None else frame


def total(frame: pd.DataFrame, column: str) -> Decimal:
    """The sum of a column, missing amounts apart."""
    return sum((value for value in frame[column] if value is not None), ZERO)


def unseen(frame: pd.DataFrame) -> pd.DataFrame:
    """The report's unmatched lines of the actions of which no line is in the plan."""
    keys = ["scheda", "titolo_relazione"]
    matched = set(where(frame, BOTH)[keys].itertuples(index=False, name=None))
    rest = where(frame, REPORT_ONLY)
    return rest[[tuple(each) not in matched for each in rest[keys].itertuples(index=False, name=None)]]


def moved(frame: pd.DataFrame) -> dict[str, int]:
    """How many matched lines the report's own budget leaves ``uguali``, raises (``su``), lowers
    (``giu``), does not print (``senza``)."""
    both = where(frame, BOTH)
    known = both[both[PLANNED].notna()]
    gaps = [row.preventivo - row.piano for row in known.itertuples()]
    ways = {
        "uguali": sum(not gap for gap in gaps),
        "su": sum(gap > 0 for gap in gaps),
        "giu": sum(gap < 0 for gap in gaps),
    }
    return ways | {"senza": len(both) - len(known)}


def _sections(frame: pd.DataFrame, names: Mapping[str, str]) -> list[str]:
    """The heading of each line: its action, after its card where the lines are of several."""
    several = frame["scheda"].nunique() > 1
    return [f"{names[row.scheda]} – {row.titolo}" if several else row.titolo for row in frame.itertuples()]


def table(frame: pd.DataFrame, names: Mapping[str, str]) -> Table | None:
    """Matched lines: plan, the report's budget and outcome, and the outcome less the plan.

    ``names`` are those of the cards. The last row is the computed sum. None without lines.
    """
    return _listed(frame, names, {"piano": "Piano", PLANNED: "Preventivo", SPENT: "Consuntivo"}, gap=True)


def unmatched(frame: pd.DataFrame, names: Mapping[str, str]) -> Table | None:
    """Lines of the plan alone, or of the report alone, with their computed sum; None without lines."""
    titles = {"piano": "Piano", PLANNED: "Preventivo", SPENT: "Consuntivo"}
    return _listed(
        frame, names, {name: title for name, title in titles.items() if frame[name].notna().any()}, gap=False
    )


def _listed(frame: pd.DataFrame, names: Mapping[str, str], titles: Mapping[str, str], gap: bool) -> Table | None:
    if frame.empty:
        return None
    sums = {"nome": "Somma delle voci", **{name: total(frame, name) for name in titles}}
    lines = [[row["nome"], *_amounts(row, titles, gap)] for row in [*frame.to_dict("records"), sums]]
    columns = [Column("voce", "Voce"), *(Column(name, title, right=True) for name, title in titles.items())]
    columns += [Column("scarto", "Scostamento", right=True)] * gap
    printed = pd.DataFrame(lines, columns=[column.name for column in columns])
    return Table(printed, columns, [""] * len(frame) + ["totale"], sections=[*_sections(frame, names), ""], rests=frame)


def _amounts(row: Mapping, titles: Mapping[str, str], gap: bool) -> list[str]:
    cells = [numbers.euro(row[name]) for name in titles]
    if gap:
        first, last = row["piano"], row[SPENT]
        cells.append(numbers.signed(None if None in (first, last) else last - first, "EUR"))
    return cells


def counts(frame: pd.DataFrame, names: Mapping[str, str]) -> Table | None:
    """How many lines of each card match, are in the plan alone, are in the report alone."""
    if frame.empty:
        return None
    rows = []
    for card in [*(name for name in names if name in set(frame["scheda"])), None]:
        some = frame if card is None else frame[frame["scheda"] == card]
        both, plan, rest = ((some["dove"] == place).sum() for place in (BOTH, PLAN_ONLY, REPORT_ONLY))
        rows.append(("Totale" if card is None else names[card], both + plan, both + rest, both, plan, rest))
    titles = ("Nel piano", "Nella relazione", "In entrambi", "Solo nel piano", "Solo nella relazione")
    columns = [Column("nome", "Scheda"), *(Column(name, title, "numero") for name, title in zip("abcde", titles))]
    printed = pd.DataFrame(rows, columns=[column.name for column in columns])
    return Table(printed, columns, [""] * (len(rows) - 1) + ["totale"], rests=frame)


def widest(frame: pd.DataFrame, count: int) -> pd.DataFrame:
    """The matched lines whose outcome is farthest from the plan, as a long frame of the two.

    Columns ``voce``, ``nome``, ``fase`` (``piano``, ``consuntivo``), ``valore``.
    """
    both = where(frame, BOTH)
    both = both[both[SPENT].notna()]
    gaps = pd.Series([abs(row.consuntivo - row.piano) for row in both.itertuples()], index=both.index, dtype=object)
    chosen = both.loc[gaps.sort_values(ascending=False, kind="stable").index[:count]]
    rows = [
        {"voce": row["voce"], "nome": row["breve"], "fase": phase, "valore": row[phase]}
        for row in chosen.to_dict("records")
        for phase in ("piano", SPENT)
    ]
    return pd.DataFrame(rows, columns=["voce", "nome", "fase", "valore"])


def cards_compared(edition: Vintage, cards: Mapping[str, Card]) -> pd.DataFrame:
    """The totals of each card: ``centro``, ``nome``, ``piano``, ``preventivo``, ``consuntivo``.

    The plan's as :meth:`Card.amount`, the report's as printed; the last row, ``totale``, has the
    printed totals. Empty where the plan or the report is not published.
    """
    frame, columns = edition.package.read("bilancio"), ["centro", "nome", "piano", PLANNED, SPENT]
    frame = frame[
        (frame["edizione"] == report(edition)) & (frame["anno"] == edition.year) & (frame["voce"] == "totale")
    ]
    found = {(row.scheda, row.fase): row.valore for row in frame.itertuples()}
    rows = [
        {"centro": name, "nome": card.title, "piano": card.planned}
        | {phase: found.get((name, phase)) for phase in (PLANNED, SPENT)}
        for name, card in present(cards).items()
        if (name, PLANNED) in found
    ]
    summary = edition.package.read("bilancio_aree")
    summary = summary[(summary["anno"] == edition.year) & (summary["centro"] == "totale")]
    printed = {(row.edizione, row.fase): row.valore for row in summary.itertuples()}
    if rows:
        totals = {phase: printed.get((report(edition), phase)) for phase in (PLANNED, SPENT)}
        rows.append({"centro": "totale", "nome": "Totale", "piano": printed.get((edition.id, PLANNED)), **totals})
    return pd.DataFrame(rows, columns=columns, dtype=object)


def later(edition: Vintage) -> pd.DataFrame:
    """The year by goal as this plan and the next one give it; for a year without a report.

    Columns ``centro``, ``nome``, ``piano``, ``assestato`` (the budget as revised), ``stima`` (the
    outcome estimated before the end of the year); the total last.
    """
    frame, columns = edition.package.read("bilancio_aree"), ["centro", "nome", "piano", "assestato", "stima"]
    frame = frame[frame["anno"] == edition.year]
    after = f"{edition.book}-{edition.year + 1}"
    found = {(row.edizione, row.centro, row.fase): row.valore for row in frame.itertuples()}
    names = centre_names(edition)
    rows = [
        {
            "centro": centre,
            "nome": names[centre],
            "piano": found[edition.id, centre, PLANNED],
            "assestato": found.get((after, centre, PLANNED)),
            "stima": found[after, centre, ESTIMATED],
        }
        for centre in names
        if (edition.id, centre, PLANNED) in found and (after, centre, ESTIMATED) in found
    ]
    return pd.DataFrame(rows, columns=columns, dtype=object)
