"""The bodies of the company and their part in its acts, as the two plans describe them.

The facts stand in the plans of 2020 (lines 136-248) and 2021 (lines 276-490).
"""

from __future__ import annotations

import pandas as pd

from annuario.charts.diagrams import Box, Diagram, Link, diagram
from annuario.data import Vintage
from annuario.words import numbers
from cremasca.names import named


def acts(edition: Vintage) -> pd.DataFrame:
    """Who does what in the company's main acts: a row an act, a column a body; ``–`` where it has no part in it."""
    known = named(edition.package, "atti")
    frame = pd.DataFrame({"atto": known.values()})
    for body in ("direttore", "consiglio", "assemblea", "revisore"):
        part = named(edition.package, f"atti-{body}")
        frame[body] = [part.get(code, numbers.MISSING) for code in known]
    return frame


def chain() -> Diagram:
    """From the triennial plan of the ambito to the services: who plans, by which document, who manages."""
    boxes = [
        Box("comuni", "Comuni dell’ambito", 0, 2, 40, "ente"),
        Box("zona", "Piano di Zona: linee del triennio", 0, 60, 98),
        Box("sindaci", "Assemblea dei Sindaci", 1, 2, 40, "ente"),
        Box("operativo", "Piano Operativo: indirizzi dell’anno", 1, 60, 98),
        Box("azienda", "Comunità Sociale Cremasca", 2, 2, 40, "unita"),
        Box("servizi", "Servizi e interventi del distretto", 2, 60, 98),
    ]
    links = [
        Link("comuni", "zona", "definizione delle linee guida", "side", "definiscono"),
        Link("sindaci", "operativo", "programmazione dell’anno", "side", "programma"),
        Link("azienda", "servizi", "gestione", "side", "gestisce"),
        Link("zona", "operativo", "attuazione annuale"),
        Link("operativo", "servizi", "obiettivi dell’anno"),
        Link("sindaci", "azienda", "indirizzi", label="indirizzi"),
    ]
    return diagram("Dalla programmazione alla gestione", boxes, links)


def company() -> Diagram:
    """The bodies of the company: who names, directs and reports to whom."""
    boxes = [
        Box("assemblea", "Assemblea Consortile", 0, 2, 52),
        Box("revisore", "Revisore dei Conti", 0, 70, 98, "ente"),
        Box("cda", "Consiglio di Amministrazione", 1, 2, 52),
        Box("presidente", "Presidente", 1, 70, 98),
        Box("direttore", "Direttore Generale", 2, 2, 52),
        Box("servizi", "Servizi, settori e uffici", 3, 2, 52, "unita"),
    ]
    links = [
        Link("assemblea", "revisore", "nomina", "side", "nomina"),
        Link("assemblea", "cda", "nomina", label="nomina"),
        Link("presidente", "cda", "presidenza", "side", "presiede"),
        Link("cda", "direttore", "nomina", label="nomina"),
        Link("direttore", "servizi", "direzione", label="direzione"),
    ]
    return diagram("Gli organi dell’azienda", boxes, links)
