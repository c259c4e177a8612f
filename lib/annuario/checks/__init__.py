"""The quadrature: everything that should hold between the published numbers.

:func:`run` returns one row a check (:data:`COLUMNS`). A check that fails for a reason
that lies in the published documents stands in the table ``discrepanze`` with its
explanation; :func:`require_explained` refuses every other, and every recorded one that
is not there any more. Where cells are corrected (:mod:`annuario.data.corrections`) the checks
are made on the values used as well (:func:`on_used`).
"""

from __future__ import annotations

from collections.abc import Mapping
from weakref import WeakKeyDictionary

import pandas as pd

from annuario import agency as agencies
from annuario.agency import Agency
from annuario.checks import across, identities, ledger, printed, regular, series, waiting
from annuario.checks.doubts import Doubt, unconfirmed
from annuario.checks.facts import Facts
from annuario.checks.rows import BASIS, COLUMNS, FAILS, HOLDS, INCOMPLETE, ROUNDING, told
from annuario.checks.sums import totals
from annuario.data import Package, corrections
from annuario.data.roles import DEFINITIONS, DISCREPANCIES, EDITIONS, INDICATORS
from annuario.errors import BookError, CheckError
from annuario.messages import say

__all__ = [
    "ACCEPTED", "BASIS", "COLUMNS", "FAILS", "HOLDS", "INCOMPLETE", "ROUNDING", "WAITING", "Doubt", "across",
    "confidential", "doubts", "explained", "facts", "identities", "ledger", "named_indicators", "numbering", "on_used",
    "recorded", "require_explained", "revisions", "rows", "run", "standard", "sums", "told",
]  # fmt: skip

#: The verdict of a check of a draft that fails and would count rows that are still to be entered.
WAITING = "in attesa"
#: The checks on the values used, by package and agency.
_USED: WeakKeyDictionary[Package, dict[Agency, pd.DataFrame]] = WeakKeyDictionary()
#: Verdicts that need no explanation.
ACCEPTED = (HOLDS, ROUNDING)


def run(package: Package, agency: Agency | None = None) -> pd.DataFrame:
    """Every check of the package, on what is printed: a row each, with the columns of :data:`COLUMNS`.

    Those of the agency's code (by default the project's), or else the :func:`standard` ones,
    and the declared identities.

    ``dove`` names document and lines of both sides; ``atteso``, ``trovato`` and
    ``differenza`` (found − expected) are Decimal, or None where nothing is printed. A
    failing check takes the verdict that ``discrepanze`` records, when it is «base
    diversa» or «testo incompleto»; of the package's own draft, «in attesa» while it counts
    rows that are to be entered.

    >>> run(esempio)[["id", "atteso", "trovato", "esito"]].iloc[-1].tolist()
    ['prestiti/somma/relazione-2025/2025', Decimal('53335'), Decimal('53335'), 'torna']
    """
    agency = agencies.of(package) if agency is None else agency
    return _run(package.printed, agency)


def on_used(package: Package, agency: Agency | None = None) -> pd.DataFrame | None:
    """The same on the values that the books use, made once for a package; None where nothing is corrected.

    >>> on_used(esempio) is None  # nothing is corrected there
    True
    """
    if not corrections.read(package):
        return None
    agency = agencies.of(package) if agency is None else agency
    made = _USED.setdefault(package, {})
    if agency not in made:
        made[agency] = _run(package.used, agency)
    return made[agency].copy()


def _run(package: Package, agency: Agency) -> pd.DataFrame:
    facts = Facts(package, agency.facts(package) if agency.facts else ())
    identities.require_codes(package, facts)
    found = (agency.checks or standard)(package)
    results = pd.concat([*found, identities.check(facts, identities.declared(package))], ignore_index=True)
    for one in waiting.checks(results[results["esito"] == FAILS], package):
        results.loc[one, "esito"] = WAITING
    verdicts = recorded(package)["esito"]
    known = results["id"].map(verdicts[verdicts.isin([BASIS, INCOMPLETE])])
    failing = (results["esito"] == FAILS) & known.notna()
    results.loc[failing, "esito"] = known[failing]
    return results


def doubts(package: Package) -> list[Doubt]:
    """What looks wrong in the tables and nobody confirmed; see ``annuario.checks.doubts``.

    Values that the cited lines do not print and numbers of those lines that no row holds,
    rows that are not as regular as their table declares, values out of proportion to the year
    before. A valid package is asked for: see ``annuario.data.validate``.

    >>> doubts(esempio)
    []
    """
    return unconfirmed(package, [*printed.check(package), *regular.check(package), *series.check(package)])


def standard(package: Package) -> list[pd.DataFrame]:
    """The checks that need no agency's code: of the indicators, where the package has them.

    The sum of each printed table is its total; what is printed in a table and in the text, or
    in two editions, is the same; no column repeats the year before.

    >>> [frame["id"].tolist() for frame in standard(esempio)]
    [['somme/prestiti/valore/relazione-2025/2023', 'somme/prestiti/valore/relazione-2025/2024',
    'somme/prestiti/valore/relazione-2025/2025'], [], [], []]
    """
    if not package.has(INDICATORS, DEFINITIONS):
        return []
    indicators = named_indicators(package)
    printed = indicators[indicators["sede"] == "tabella"]
    return [
        totals(printed, "somme", "Tabella {0}: somma delle voci = totale ({1})", ["gruppo", "misura"], "voce"),
        across.table_and_text(indicators),
        across.two_editions(indicators, package.read(EDITIONS)),
        across.repeated_columns(printed),
    ]


def named_indicators(package: Package) -> pd.DataFrame:
    """The indicators with their declared ``gruppo``, ``voce``, ``misura`` and ``nome``.

    >>> named_indicators(esempio).iloc[0][["indicatore", "valore", "gruppo", "voce", "nome"]].tolist()
    ['prestiti/libri', Decimal('41200'), 'prestiti', 'libri', 'Prestiti di libri']
    """
    declared = package.read(DEFINITIONS).set_index("indicatore")[["gruppo", "voce", "misura", "nome"]]
    return package.read(INDICATORS).join(declared, on="indicatore")


def explained(results: pd.DataFrame, package: Package) -> pd.DataFrame:
    """The results with what the ledger has of them, else empty.

    ``spiegazione`` and ``valore_usato`` are those of the recorded discrepancies, ``rilievo`` their
    place among what a reader must know; ``stato`` says what became of a check that fails
    (:func:`annuario.checks.ledger.states`), ``esito_usati`` its verdict on the values used.

    >>> explained(run(esempio), esempio).iloc[-1][["esito", "stato", "esito_usati", "spiegazione"]].tolist()
    ['torna', '', 'torna', '']
    """
    told = recorded(package).reindex(columns=["spiegazione", "valore_usato", "rilievo"])
    used = on_used(package)
    states = ledger.states(results, used, package)
    verdicts = {} if used is None else dict(zip(used["id"], used["esito"], strict=True))
    found = results.join(told, on="id").fillna({"spiegazione": "", "valore_usato": ""})
    return found.assign(
        stato=[states.get(name, "") for name in found["id"]],
        esito_usati=[verdicts.get(name, verdict) for name, verdict in zip(found["id"], found["esito"], strict=True)],
    )


def require_explained(results: pd.DataFrame, package: Package) -> None:
    """Raise CheckError unless the failing checks are exactly the recorded discrepancies.

    Those of a draft need no explanation before it is published.

    The message names each check that fails and is not recorded (lines, expected, found)
    and each recorded discrepancy that no longer exists, or whose verdict or recorded
    difference has changed; of the corrections those that no check needs.

    >>> results = run(esempio)
    >>> require_explained(results, esempio)
    >>> results.loc[5, "esito"] = FAILS
    >>> require_explained(results, esempio)
    Traceback (most recent call last):
        ...
    annuario.errors.CheckError: The checks do not agree with the recorded discrepancies.
    prestiti/somma/relazione-2025/2025: Prestiti: libri + altri materiali = in tutto (esempio): expected
    53335, found 53335: mend the data, or record and explain it in a table of role «discrepanze»
    """
    known, drafts = recorded(package), package.drafts & {package.own}
    results = results[~results["edizione"].isin(drafts)]
    if drafts:
        known = known.drop([name for name in known.index if name.rpartition("/")[0].endswith(f"/{package.own}")])
    path = package.path(DISCREPANCIES) if package.has(DISCREPANCIES) else say("a table of role «discrepanze»")
    made = results.set_index("id")
    failing = results[~results["esito"].isin(ACCEPTED)]
    problems = [
        say(
            "{id}: {cosa} ({dove}): expected {expected}, found {found}: mend the data, or record and explain it in {path}",
            id=one.id,
            cosa=one.cosa,
            dove=one.dove,
            expected=_text(one.atteso),
            found=_text(one.trovato),
            path=path,
        )
        for one in failing[~failing["id"].isin(known.index)].itertuples()
    ]
    verdicts, differences = known["esito"].to_dict(), known.get("differenza", pd.Series()).to_dict()
    for name, verdict in verdicts.items():
        if name not in made.index:
            now = say("the check is not made any more")
        elif made.at[name, "esito"] != verdict:
            now = say("the check is now «{verdict}»", verdict=made.at[name, "esito"])
        elif made.at[name, "differenza"] != differences.get(name, made.at[name, "differenza"]):
            now = say(
                "the difference is now {difference} ({where})",
                difference=_text(made.at[name, "differenza"]),
                where=made.at[name, "dove"],
            )
        else:
            continue
        problems.append(
            say(
                "{name}: recorded as «{verdict}», {now}: delete or update the row in {path}",
                name=name,
                verdict=verdict,
                now=now,
                path=path,
            )
        )
    try:
        used = on_used(package)
    except BookError as error:  # corrections of cells that the data do not hold any more
        problems, used = [*problems, *str(error).splitlines()], None
    if used is not None:
        used = used[~used["edizione"].isin(drafts)]
        problems += ledger.problems(results, used, package)
        problems += _said_twice(known, ledger.states(results, used, package), path)
    if problems:
        raise CheckError(say("The checks do not agree with the recorded discrepancies.\n") + "\n".join(problems))


def _said_twice(known: pd.DataFrame, states: Mapping[str, str], path: object) -> list[str]:
    """A discrepancy has one state: that of a corrected or open value stands in the table of the corrections alone."""
    return [
        say(
            "{path}, column «valore_usato» of {name}: it is «{states}» by the table of the corrections: leave it empty",
            path=path,
            name=name,
            states=states[name],
        )
        for name, told in known["valore_usato"].items()
        if told and states.get(name) in (ledger.SETTLED, ledger.OPEN)
    ]


def recorded(package: Package) -> pd.DataFrame:
    """The recorded discrepancies by the check that they are about; none where there is no such table.

    >>> recorded(package)["esito"].unique().tolist(), recorded(esempio).empty
    (['non torna', 'testo incompleto', 'base diversa'], True)
    """
    if package.has(DISCREPANCIES):
        return package.read(DISCREPANCIES).set_index("controllo")
    return pd.DataFrame(columns=["esito", "differenza", "spiegazione", "valore_usato"])


def _text(value) -> str:
    return "nothing" if value is None else str(value)
