"""The goals that a plan set against the outcomes that the report of the same year declares.

They are matched by a key computed from their words.
"""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

from annuario.data import Vintage
from annuario.tables import Column, Table
from cremasca import goals
from cremasca.promises import BOTH, PLAN_ONLY, REPORT_ONLY, report


def key(*words: str) -> str:
    """Words without case, accents, marks and blanks: what two prints of a goal share."""
    plain = unicodedata.normalize("NFKD", " ".join(words)).casefold()
    return re.sub(r"[^a-z0-9]", "", plain)


def aims(edition: Vintage) -> pd.DataFrame:
    """The plan's goals of the year with the outcome that the report declares for the same goal.

    The columns of ``goals.goals``; ``esito`` and ``nota`` are the report's, ``dove`` says where the
    goal is. Goals of the report alone come last. Two goals are the same where scope, words and
    indicator have the same :func:`key`.
    """
    frame = edition.package.read("obiettivi")
    frame = frame[frame["anno"] == edition.year]
    plan, told_ = (frame[frame["edizione"] == name] for name in (edition.id, report(edition)))
    if plan.empty or told_.empty:
        return frame[:0].assign(esito_nome="", dove="", da="")
    promised, declared = (
        [key(row.ambito, row.obiettivo, row.indicatore) for row in rows.itertuples()] for rows in (plan, told_)
    )
    outcome = dict(zip(declared, zip(told_["esito"], told_["nota"])))
    plan = plan.assign(
        esito=[outcome.get(each, ("", ""))[0] for each in promised],
        nota=[outcome.get(each, ("", ""))[1] for each in promised],
        dove=[BOTH if each in outcome else PLAN_ONLY for each in promised],
    )
    rest = told_[[each not in set(promised) for each in declared]].assign(dove=REPORT_ONLY)
    found = pd.concat([plan, rest], ignore_index=True)
    return goals.named(found).assign(da="")


def table(edition: Vintage, frame: pd.DataFrame) -> Table | None:
    """Unmatched goals with their scope as heading; None without goals."""
    scopes = goals.scopes(edition)
    return goals.table(frame.assign(obiettivo_strategico=[scopes[scope].nome for scope in frame["ambito"]]))


def counts(edition: Vintage, frame: pd.DataFrame) -> Table | None:
    """How many goals of each scope match, are in the plan alone, are in the report alone."""
    if frame.empty:
        return None
    rows, scopes = [], goals.scopes(edition)
    for scope in [*scopes.ordered(frame["ambito"]), None]:
        some = frame if scope is None else goals.of(frame, scope)
        both, plan, rest = ((some["dove"] == place).sum() for place in (BOTH, PLAN_ONLY, REPORT_ONLY))
        reached = goals.count(some[some["dove"] == BOTH], "raggiunto")
        rows.append(("Totale" if scope is None else scopes[scope].nome, both + plan, both, reached, plan, rest))
    titles = ("Nel piano", "Con esito", "Raggiunti", "Solo nel piano", "Solo nella relazione")
    columns = [Column("nome", "Ambito"), *(Column(name, title, "numero") for name, title in zip("abcde", titles))]
    printed = pd.DataFrame(rows, columns=[column.name for column in columns])
    return Table(printed, columns, [""] * (len(rows) - 1) + ["totale"], rests=frame)
