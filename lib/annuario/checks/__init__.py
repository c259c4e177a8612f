"""The quadrature: everything that should hold between the published numbers.

:func:`run` returns one row a check (:data:`COLUMNS`). A check that fails for a reason
that lies in the published documents stands in the table ``discrepanze`` with its
explanation; :func:`require_explained` refuses every other, and every recorded one that
is not there any more.
"""

from __future__ import annotations

import pandas as pd

from annuario import agency as agencies
from annuario.agency import Agency
from annuario.checks import across, identities, waiting
from annuario.checks.facts import Facts
from annuario.checks.rows import BASIS, COLUMNS, FAILS, HOLDS, INCOMPLETE, ROUNDING
from annuario.checks.sums import totals
from annuario.data import Package
from annuario.data.roles import DEFINITIONS, DISCREPANCIES, EDITIONS, INDICATORS
from annuario.errors import CheckError

__all__ = [
    "ACCEPTED", "BASIS", "COLUMNS", "FAILS", "HOLDS", "INCOMPLETE", "ROUNDING", "WAITING", "explained", "named_indicators",
    "recorded", "require_explained", "run", "standard",
]  # fmt: skip

#: The verdict of a check of a draft that fails and would count rows that are still to be entered.
WAITING = "in attesa"
#: Verdicts that need no explanation.
ACCEPTED = (HOLDS, ROUNDING)


def run(package: Package, agency: Agency | None = None) -> pd.DataFrame:
    """Every check of the package: a row each, with the columns of :data:`COLUMNS`.

    Those of the agency's code (by default the project's), or else the :func:`standard` ones,
    and the declared identities.

    ``dove`` names document and lines of both sides; ``atteso``, ``trovato`` and
    ``differenza`` (found − expected) are Decimal, or None where nothing is printed. A
    failing check takes the verdict that ``discrepanze`` records, when it is «base
    diversa» or «testo incompleto»; of the package's own draft, «in attesa» while it counts
    rows that are to be entered.
    """
    agency = agencies.of(package) if agency is None else agency
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


def standard(package: Package) -> list[pd.DataFrame]:
    """The checks that need no agency's code: of the indicators, where the package has them.

    The sum of each printed table is its total; what is printed in a table and in the text, or
    in two editions, is the same; no column repeats the year before.
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
    """The indicators with their declared ``gruppo``, ``voce``, ``misura`` and ``nome``."""
    declared = package.read(DEFINITIONS).set_index("indicatore")[["gruppo", "voce", "misura", "nome"]]
    return package.read(INDICATORS).join(declared, on="indicatore")


def explained(results: pd.DataFrame, package: Package) -> pd.DataFrame:
    """The results with ``spiegazione`` and ``valore_usato`` of the recorded discrepancies, else empty."""
    told = recorded(package)[["spiegazione", "valore_usato"]]
    return results.join(told, on="id").fillna({"spiegazione": "", "valore_usato": ""})


def require_explained(results: pd.DataFrame, package: Package) -> None:
    """Raise CheckError unless the failing checks are exactly the recorded discrepancies.

    Those of a draft need no explanation before it is published.

    The message names each check that fails and is not recorded (lines, expected, found)
    and each recorded discrepancy that no longer exists, or whose verdict or recorded
    difference has changed.
    """
    known = recorded(package)
    if package.own in package.drafts:
        results = results[results["edizione"] != package.own]
        known = known.drop([name for name in known.index if name.rpartition("/")[0].endswith(f"/{package.own}")])
    path = package.path(DISCREPANCIES) if package.has(DISCREPANCIES) else "a table of role «discrepanze»"
    made = results.set_index("id")
    failing = results[~results["esito"].isin(ACCEPTED)]
    problems = [
        f"{one.id}: {one.cosa} ({one.dove}): expected {_text(one.atteso)}, found {_text(one.trovato)}: "
        f"mend the data, or record and explain it in {path}"
        for one in failing[~failing["id"].isin(known.index)].itertuples()
    ]
    verdicts, differences = known["esito"].to_dict(), known.get("differenza", pd.Series()).to_dict()
    for name, verdict in verdicts.items():
        if name not in made.index:
            now = "the check is not made any more"
        elif made.at[name, "esito"] != verdict:
            now = f"the check is now «{made.at[name, 'esito']}»"
        elif made.at[name, "differenza"] != differences.get(name, made.at[name, "differenza"]):
            now = f"the difference is now {_text(made.at[name, 'differenza'])} ({made.at[name, 'dove']})"
        else:
            continue
        problems.append(f"{name}: recorded as «{verdict}», {now}: delete or update the row in {path}")
    if problems:
        raise CheckError("The checks do not agree with the recorded discrepancies.\n" + "\n".join(problems))


def recorded(package: Package) -> pd.DataFrame:
    """The recorded discrepancies by the check that they are about; none where there is no such table."""
    if package.has(DISCREPANCIES):
        return package.read(DISCREPANCIES).set_index("controllo")
    return pd.DataFrame(columns=["esito", "differenza", "spiegazione", "valore_usato"])


def _text(value) -> str:
    return "nothing" if value is None else str(value)
