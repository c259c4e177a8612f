"""The checks that concern an edition, by subject, and the differences they found."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from annuario import checks
from annuario.data import Package, Vintage, corrections
from annuario.tables import Column, Table
from annuario.words import numbers, phrases
from cremasca.names import listed, named
from cremasca.plan import CENTS

#: The verdicts in the order of the tables, with their headings.
VERDICTS = {
    checks.HOLDS: "Torna",
    checks.ROUNDING: "Arrotondamento",
    checks.BASIS: "Base diversa",
    checks.INCOMPLETE: "Testo incompleto",
    checks.FAILS: "Non torna",
}
# «saap: somma dei sub-ambiti…», «Scheda tm: somma delle righe…»
_CODED = re.compile(r"(?:Scheda )?([a-z][a-z0-9-]+): ")
# The subject whose numbers are all amounts in EUR, and that of what belongs to no other.
_MONEY, _OTHERS = "bilancio", "altri"
# «Tabella fondi-istituzionali: …»
_TABLE = re.compile(r"^Tabella ([a-z0-9-]+)(?=[:,])")


def results(edition: Vintage) -> pd.DataFrame:
    """The checks that concern an edition: its own document's, or its year's where it has none.

    The columns of ``checks.explained``, ``cosa`` with the name of the thing it is about,
    ``argomento``, the subject by name (ordered), whether its numbers are all amounts
    (``importi``), and ``correzioni``, those that name it.
    """
    frame = checks.explained(checks.run(edition.package), edition.package)
    own = frame["edizione"] == edition.id if edition.published else frame["anno"] == edition.year
    frame = frame[own].reset_index(drop=True)
    names, called = _names(edition.package), named(edition.package, "tabelle-controlli")
    frame["cosa"] = [_what(name, text, names, called) for name, text in zip(frame["id"], frame["cosa"])]
    found, subjects = corrections.read(edition.package), listed(edition.package, "argomenti-controlli")
    families = {family: code for code, subject in subjects.items() for family in subject.codici}
    codes = [families.get(_family(name), _OTHERS) for name in frame["id"]]
    order = [subject.nome for subject in subjects.values()]
    return frame.assign(
        argomento=pd.Categorical([subjects[code].nome for code in codes], order, ordered=True),
        importi=[code == _MONEY for code in codes],
        correzioni=[[one for one in found if one.check == name] for name in frame["id"]],
    )


def _family(name: str) -> str:
    """The family of a check, which its id begins with; sums belong to that of what is summed."""
    family, first, *_ = name.split("/")
    return first if family == "somme" else family


def _names(package: Package) -> dict[str, str]:
    """What the codes in a check's id stand for: indicators, lines, cards, services, channels."""
    names = dict(zip(*(package.read("avanzo")[column] for column in ("voce", "etichetta"))))
    tables = {
        "voci": "voce",
        "canali": "canale",
        "servizi": "servizio",
        "schede": "scheda",
        "definizioni": "indicatore",
    }
    for table, code in tables.items():
        frame = package.read(table)
        names |= dict(zip(frame[code], frame["nome"]))
    return names


def _what(name: str, text: str, names: Mapping[str, str], called: Mapping[str, str]) -> str:
    """The words of a check, codes replaced by names, with what it is about when only its id says so."""
    text = _TABLE.sub(lambda found: f"Tabella «{called.get(found[1]) or found[1].replace('-', ' ')}»", text)
    if coded := _CODED.match(text):
        code = coded[1]
        return f"{names.get(code) or code.replace('-', ' ').capitalize()}: {text[coded.end() :]}"
    codes = name.split("/")[1:-2]  # between the family and the edition and year
    known = [
        names[code]
        for code in ("/".join(codes), *codes)
        if code in names and code != "totale" and code not in text.lower()
    ]
    about = [each for each in known if each.lower() not in text.lower()]
    return f"{text} ({about[0]})" if about else text


def count(frame: pd.DataFrame, *verdicts: str) -> int:
    """How many checks have one of the verdicts."""
    return int(frame["esito"].isin(verdicts).sum())


def worst(frame: pd.DataFrame) -> tuple[str, int]:
    """The subject with most checks that fail, those of a few cents apart, and how many they are.

    Nothing and zero where there is none, or more than one.
    """
    found = failing(frame, checks.FAILS)["argomento"].value_counts()
    alone = len(found) and (found == found.iloc[0]).sum() == 1
    return (found.index[0], int(found.iloc[0])) if alone else ("", 0)


def counts(frame: pd.DataFrame) -> Table | None:
    """How many checks of each subject have each verdict, with the total; None without checks."""
    if frame.empty:
        return None
    found = [subject for subject in frame["argomento"].cat.categories if subject in set(frame["argomento"])]
    rows = []
    for subject in [*found, "Totale"]:
        some = frame if subject == "Totale" else frame[frame["argomento"] == subject]
        rows.append(
            {"argomento": subject, "tutti": len(some), **{verdict: count(some, verdict) for verdict in VERDICTS}}
        )
    columns = [Column("argomento", "Argomento"), Column("tutti", "Controlli", "numero")]
    columns += [Column(verdict, title, "numero") for verdict, title in VERDICTS.items()]
    return Table(pd.DataFrame(rows), columns, [""] * len(found) + ["totale"])


def cents(frame: pd.DataFrame) -> pd.DataFrame:
    """The checks that fail by a few cents."""
    small = frame["differenza"].map(lambda gap: not numbers.is_missing(gap) and abs(gap) <= CENTS and gap % 1 != 0)
    return frame[(frame["esito"] == checks.FAILS) & small.astype(bool)]


def failing(frame: pd.DataFrame, verdict: str) -> pd.DataFrame:
    """The checks of one verdict, those of a few cents apart."""
    rows = frame[frame["esito"] == verdict]
    return rows[~rows.index.isin(cents(frame).index)]


def differences(frame: pd.DataFrame) -> Table | None:
    """Checks with what was expected and found, without explanations; None without checks."""
    return _listed(frame, ("Atteso", "Trovato"), explained=False)


def explanations(frame: pd.DataFrame, titles: tuple[str, str] = ("Atteso", "Trovato")) -> Table | None:
    """Checks with their two numbers under ``titles``, the explanation and the value used."""
    return _listed(frame, titles, explained=True)


def _listed(frame: pd.DataFrame, titles: tuple[str, str], explained: bool) -> Table | None:
    if frame.empty:
        return None
    frame = frame.sort_values("argomento", kind="stable")
    lines = []
    for row in frame.to_dict("records"):
        what = numbers.spaced(f"{row['cosa']}, {row['anno']}")
        last = _explanation(row) if explained else _number(row, "differenza", sign=True)
        lines.append([what, _number(row, "atteso"), _number(row, "trovato"), last])
    columns = [
        Column("cosa", "Controllo"),
        *(Column(name, title, right=True) for name, title in zip(("atteso", "trovato"), titles)),
    ]
    columns.append(Column("ultima", "Spiegazione") if explained else Column("ultima", "Differenza", right=True))
    printed = pd.DataFrame(lines, columns=[column.name for column in columns])
    return Table(printed, columns, sections=list(frame["argomento"]))


def _number(row: dict, column: str, sign: bool = False) -> str:
    """A value of a check; what is expected and what is found have as many decimals, none or two at least."""
    value = None if numbers.is_missing(row[column]) else row[column]
    if sign:
        return numbers.signed(value)
    if value is not None and checks.rows.of_years(row["cosa"]):
        return str(value)
    known = [row[each] for each in ("atteso", "trovato") if not numbers.is_missing(row[each])]
    decimals = max(map(numbers.decimals_of, known), default=0)
    return numbers.number(value, max(decimals, 2) if decimals or row["importi"] else 0)


def _explanation(row: dict) -> str:
    """Why the numbers differ, and which of them the book uses."""
    text, used = row["spiegazione"].strip(), row["valore_usato"].rstrip(".")
    if row["stato"] == checks.ledger.SETTLED:
        values = phrases.listing([f"{one.said_used} al posto di {one.said}" for one in row["correzioni"]])
        text += f" Il libro usa {values}." if values else " Con i valori usati dal libro torna."
    elif row["stato"] == checks.ledger.OPEN:
        text += " Resta aperto: il libro usa il valore stampato e lo segnala."
    elif used:
        text += f" Valore usato: {used}."
    return numbers.spaced(text)


def foremost(frame: pd.DataFrame) -> Table | None:
    """What a reader must know: the checks with a place (``rilievo``), in that order; None without any.

    A row for each value that the ledger corrects or leaves open, or for the check itself.
    """
    placed = frame[frame["rilievo"].map(lambda place: not numbers.is_missing(place))]
    lines = []
    for row in placed.sort_values("rilievo", kind="stable").to_dict("records"):
        told: dict[tuple, list[str]] = {}
        for one in row["correzioni"]:
            told.setdefault((one.subject, "incerto" if one.open else one.said_used, one.reason), []).append(one.said)
        for (subject, used, reason), printed in told.items():
            lines.append([subject, phrases.listing(printed), used, reason])
        if not told:
            pair = " e ".join(dict.fromkeys((_number(row, "atteso"), _number(row, "trovato"))))
            lines.append([f"{row['cosa']}, {row['anno']}", pair, row["valore_usato"] or "–", row["spiegazione"]])
    if not lines:
        return None
    columns = [
        Column("cosa", "Che cosa"),
        Column("stampato", "Il documento stampa"),
        Column("usato", "Il libro usa"),
        Column("motivo", "Perché"),
    ]
    spaced = [[numbers.spaced(cell) for cell in line] for line in dict.fromkeys(map(tuple, lines))]
    return Table(pd.DataFrame(spaced, columns=[column.name for column in columns]), columns)
