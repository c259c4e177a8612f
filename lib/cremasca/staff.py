"""The company's people: by profile, contract and hours, at the dates that the documents give."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from annuario import numbers, phrases
from annuario.data import Vintage
from annuario.trends import last_before, more_or_less

PROFILES = {
    "direttore": "Direttore",
    "funzionari": "Funzionari",
    "segreteria": "Segreteria",
    "operatori-amministrativi": "Operatori amministrativi",
    "assistenti-sociali": "Assistenti sociali",
    "psicologi": "Psicologi",
    "educatori": "Educatori",
    "totale": "Totale",
}
#: The people of the profiles that have the name of a post.
PEOPLE = {"direttore": "direttori", "segreteria": "addetti alla segreteria"}
MEASURES = {
    "persone": "Persone",
    "tempo-indeterminato": "Tempo indeterminato",
    "tempo-determinato": "Tempo determinato",
    "collaboratori": "Collaboratori a progetto",
    "comando": "Comando",
    "tempo-pieno": "Tempo pieno",
    "part-time": "Part-time",
}


def staff(edition: Vintage, year: int | None = None) -> pd.DataFrame:
    """Persons by ``profilo`` and ``misura`` in every known year, or in one; with ``nome``."""
    frame = edition.table("personale", **({} if year is None else {"anno": year}))
    names = [PROFILES.get(row.profilo, row.etichetta) for row in frame.itertuples()]
    return frame.assign(nome=names)


def titles(frame: pd.DataFrame) -> dict[str, str]:
    """The headings of the measures that a table of staff has."""
    return {code: title for code, title in MEASURES.items() if code in set(frame["misura"])}


def count(frame: pd.DataFrame, measure: str = "persone", profile: str = "totale") -> dict[int, Decimal]:
    """One figure by year."""
    found = frame[(frame["misura"] == measure) & (frame["profilo"] == profile)]
    return dict(sorted(zip(found["anno"], found["valore"])))


def dates(frame: pd.DataFrame) -> dict[int, str]:
    """The date that each year's figures refer to, in words: ``31 dicembre 2025``, ``1° dicembre 2019``."""
    return {year: numbers.date_long(day) for year, day in sorted(set(zip(frame["anno"], frame["data"])))}


def persons(frame: pd.DataFrame) -> pd.DataFrame:
    """The persons by profile and year, with their total."""
    return frame[frame["misura"] == "persone"]


def highlights(frame: pd.DataFrame) -> tuple[Decimal | None, ...]:
    """Of one year: permanent and fixed-term contracts, part-time, social workers."""
    whole = [count(frame, measure_) for measure_ in ("tempo-indeterminato", "tempo-determinato", "part-time")]
    workers = count(frame, profile="assistenti-sociali")
    return tuple(next(iter(series.values()), None) for series in (*whole, workers))


def compared(series: dict[int, Decimal], days: dict[int, str], year: int) -> str:
    """``, due in più rispetto al 30 novembre 2020``: the last count before, at its own date; or nothing."""
    before = last_before(series, year)
    if before is None or year not in series:
        return ""
    gap = series[year] - series[before]
    if gap == 0:
        return f", quante al {days[before]}"
    return f", {more_or_less(gap, feminine=True)} rispetto al {days[before]}"


def largest(frame: pd.DataFrame) -> str:
    """The profile with most persons, with its share: ``degli assistenti sociali, il 43,1 %``."""
    rows = frame[(frame["misura"] == "persone") & (frame["profilo"] != "totale")]
    top = rows.loc[rows["valore"].astype(float).idxmax()]
    whole = count(frame)[top["anno"]]
    name = top["nome"].lower()
    share = phrases.the_percent(top["valore"] / whole * 100)
    return f"{phrases.article(name, 'mp', 'di')}{name}, {share} del totale"


def movements(frame: pd.DataFrame, year: int) -> str:
    """The profiles that grew and those that shrank since the last count, as a sentence, or nothing."""
    if last_before(dict.fromkeys(frame["anno"]), year) is None:
        return ""
    said = moves(frame, year)
    return f"Rispetto alla rilevazione precedente {said}." if said else "La composizione per profilo è quella della rilevazione precedente."


def moves(frame: pd.DataFrame, year: int) -> str:
    """``sono di più gli educatori (+3); sono di meno i funzionari (−1)`` since the last count; empty where none moved."""
    before = last_before(dict.fromkeys(frame["anno"]), year)
    rows = frame[(frame["misura"] == "persone") & (frame["profilo"] != "totale")]
    wide = rows.pivot(index="profilo", columns="anno", values="valore").reindex(dict.fromkeys(rows["profilo"]))
    moved = zip(wide.index, wide[year], wide[before])
    gaps = {PEOPLE.get(code, PROFILES[code].lower()): now - old for code, now, old in moved if now != old}
    said = []
    for way, sign in (("più", 1), ("meno", -1)):
        names = [
            f"{phrases.article(name, 'mp')}{name} ({numbers.signed(gap)})"
            for name, gap in gaps.items()
            if gap * sign > 0
        ]
        said += [f"sono di {way} {phrases.listing(names)}"] if names else []
    return "; ".join(said)


def stability(permanent: Decimal, fixed: Decimal, whole: Decimal) -> str:
    """How many have a permanent contract and how many a fixed term, as a sentence."""
    if fixed == 0 and permanent == whole:
        return "Tutto il personale ha un contratto a tempo indeterminato."
    return (
        f"Hanno un contratto a tempo indeterminato {phrases.count(permanent, 'persone')}, "
        f"{phrases.share(permanent, whole)}; a tempo determinato {phrases.count(fixed, 'persone')}."
    )
