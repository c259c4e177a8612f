"""The numbers of this agency's tables by edition, year and key, for the declared identities.

- ``sub:servizio/misura/sub_ambito``, ``sub:servizio/misura/*``
- ``voce:voce/fase`` and ``scheda:scheda/fase``, both also with ``/canale``;
  ``canale:canale/*`` and ``canale:canale/scheda/*`` over the budget's lines
- ``area:centro/fase``; ``entrate:canale``, ``entrate:*`` (without surplus)
- ``avanzo:voce/destinazione``, ``avanzo:voce/*``; ``fondi:gruppo/fondo``
- ``personale:profilo/misura``; ``progetti:progetto/importo``
- ``riepilogo:ambito/misura``; ``raggiunto:ambito/numero`` (1 or 0) and
  ``obiettivo:ambito/numero`` (the number in the expected value of a goal declared reached)
- ``conta:…``: how many a document lists (see :func:`_lists` and :func:`_texts`);
  ``mese:gruppo/voce``, ``anno:gruppo/voce``: the first month and year named in a text
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from annuario.checks.facts import Fact, records
from annuario.checks.rows import counted
from annuario.data import Package
from annuario.words.numbers import MONTHS


def facts(package: Package) -> Iterator[Fact]:
    """Every number of the tables beside the indicators."""
    for load in (_subareas, _budget, _money, _people, _goals, _projects, _lists, _texts):
        yield from load(package)


def _subareas(package: Package) -> Iterator[Fact]:
    frame = package.read("servizi_sub_ambito")
    for edition, year, service, measure, area, *number in records(frame, "servizio", "misura", "sub_ambito"):
        yield edition, year, f"sub:{service}/{measure}/{area}", *number
        if area != "totale":
            yield edition, year, f"sub:{service}/{measure}/*", *number


def _budget(package: Package) -> Iterator[Fact]:
    frame = package.read("bilancio")
    for edition, year, card, item, phase, channel, *number in records(frame, "scheda", "voce", "fase", "canale"):
        name = f"scheda:{card}" if item == "totale" else f"voce:{item}"
        yield edition, year, f"{name}/{phase}" if channel == "totale" else f"{name}/{phase}/{channel}", *number
        if "totale" not in (item, channel):
            yield edition, year, f"canale:{channel}/*", *number
            yield edition, year, f"canale:{channel}/{card}/*", *number


def _money(package: Package) -> Iterator[Fact]:
    channels = package.read("canali")
    origin = dict(zip(channels["canale"], channels["provenienza"]))
    for edition, year, centre, phase, *number in records(package.read("bilancio_aree"), "centro", "fase"):
        yield edition, year, f"area:{centre}/{phase}", *number
    for edition, year, channel, *number in records(package.read("entrate"), "canale"):
        yield edition, year, f"entrate:{channel}", *number
        if origin.get(channel) not in ("avanzo", "totale") and not channel.endswith("-quota-vincolata"):
            yield edition, year, "entrate:*", *number
    for edition, year, group, fund, *number in records(package.read("fondi"), "gruppo", "fondo"):
        yield edition, year, f"fondi:{group}/{fund}", *number
    for edition, year, item, use, *number in records(package.read("avanzo"), "voce", "destinazione"):
        yield edition, year, f"avanzo:{item}/{use}", *number
        yield edition, year, f"avanzo:{item}/*", *number


def _people(package: Package) -> Iterator[Fact]:
    for edition, year, profile, measure, *number in records(package.read("personale"), "profilo", "misura"):
        yield edition, year, f"personale:{profile}/{measure}", *number


def _goals(package: Package) -> Iterator[Fact]:
    for edition, year, scope, measure, *number in records(package.read("obiettivi_riepilogo"), "ambito", "misura"):
        yield edition, year, f"riepilogo:{scope}/{measure}", *number
    goals = package.read("obiettivi")
    for goal in goals[goals["esito"] != ""].itertuples(index=False):
        reached = goal.esito == "raggiunto"
        name = f"{goal.ambito}/{goal.numero}"
        yield goal.edizione, goal.anno, f"raggiunto:{name}", Decimal(reached), goal.fonte
        amount = re.search(r"\d+", goal.valore_atteso)
        if amount and reached and not goal.scadenza:
            yield goal.edizione, goal.anno, f"obiettivo:{name}", Decimal(amount[0]), goal.fonte


def _projects(package: Package) -> Iterator[Fact]:
    frame = package.read("progetti")
    amounts = [name for name, field in package.fields("progetti").items() if field["type"] == "number"]
    long = frame.melt(["edizione", "anno", "progetto", "fonte"], amounts, "importo", "valore")
    for edition, year, project, amount, *number in records(long, "progetto", "importo"):
        yield edition, year, f"progetti:{project}/{amount}", *number


def _lists(package: Package) -> Iterator[Fact]:
    """How many rows a list has: meetings, goals and their outcomes, operators, projects by stage."""
    goals, projects = package.read("obiettivi"), package.read("progetti")
    workloads = package.read("carichi_lavoro").drop_duplicates(["edizione", "operatore"])
    own_year = projects["edizione"].str[-4:]
    submitted = projects["annotazione"].str.startswith("PRESENTATO")
    lists = {
        "sedute": (package.read("sedute"), ["organo"]),
        "obiettivi": (goals, ["ambito"]),
        "esiti": (goals[goals["esito"] != ""], ["ambito", "esito"]),
        "operatori": (workloads, []),
        "conclusi": (projects[projects["data_fine"].str[:4] == own_year], []),
        "avviati": (projects[(projects["data_avvio"].str[:4] == own_year) | submitted], []),
        "presentati": (projects[submitted], []),
    }
    for name, (frame, by) in lists.items():
        for (edition, year, *group), number in counted(frame, ["edizione", "anno", *by]).items():
            yield edition, year, "/".join([f"conta:{name}", *group]), *number


def _texts(package: Package) -> Iterator[Fact]:
    """What can be counted in the tables of words: names in brackets, stages done, months, years."""
    texts = package.read("testi_tabella")
    texts = texts.assign(anno=texts["edizione"].str[-4:].astype(int))
    for text in texts.itertuples(index=False):
        name = f"{text.gruppo}/{text.voce}"
        months = [word for word in re.findall(r"[a-zì]+", text.testo.lower()) if word in MONTHS]
        names = re.search(r"\(([^()]+)\)", text.testo)
        years = re.search(r"\b20\d\d\b", text.testo)
        if months:
            yield text.edizione, text.anno, f"mese:{name}", Decimal(MONTHS.index(months[0]) + 1), text.fonte
        if names:
            yield text.edizione, text.anno, f"conta:elenco/{name}", Decimal(names[1].count(",") + 1), text.fonte
        if years:
            yield text.edizione, text.anno, f"anno:{name}", Decimal(years[0]), text.fonte
    stages = texts[texts["voce"].str.endswith("/stato")]
    for name, frame in (("stati", stages), ("completati", stages[stages["testo"] == "Completato"])):
        for (edition, year, group), number in counted(frame, ["edizione", "anno", "gruppo"]).items():
            yield edition, year, f"conta:{name}/{group}", *number
