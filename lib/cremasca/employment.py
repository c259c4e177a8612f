"""Frames of the work placement service: paths, hirings, the Banca dell'Acqua project."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from annuario import phrases
from annuario.data import Vintage

#: Announced for the year after, in the prose of the year itself.
NEXT_YEAR = ("banca-acqua/da-attivare", "banca-acqua/progettualita-proseguono")


def paths(edition: Vintage) -> pd.DataFrame:
    """The paths started in the year by who pays for them, as the prose tells."""
    names = {"progettualita": "Su progettualità", "comuni": "A carico dei Comuni"}
    frame = edition.indicators("sil-percorsi", years=1)
    return frame.assign(nome=frame["voce"].map(names))


def hirings(edition: Vintage) -> pd.DataFrame:
    """The people hired in the year by what is known of them; the groups overlap."""
    frame = edition.indicators("sil-assunzioni", years=1)
    return frame.assign(nome=[phrases.capital(name.removeprefix("Assunti: ")) for name in frame["nome"]])


def water_bank(edition: Vintage) -> pd.DataFrame:
    """The project in the year, with what the year's document announces for the next one."""
    frame = edition.indicators("banca-acqua", years=1)
    coming = edition.table("indicatori", indicatore=list(NEXT_YEAR), anno=edition.year + 1)
    coming = coming.merge(edition.package.read("definizioni"), on="indicatore", how="left", validate="many_to_one")
    coming["nome"] = [f"{name} nel {edition.year + 1}" for name in coming["nome"]]
    frame = pd.concat([frame, coming.assign(anno=edition.year)], ignore_index=True)
    names = [phrases.capital(name.partition(": ")[2]) for name in frame["nome"]]
    return frame.assign(nome=names, unita="numero")


def short(project: pd.DataFrame) -> pd.DataFrame:
    """The frame of :func:`water_bank` with names short enough for a chart."""
    cuts = {" per l’attivazione": "", "Progettualità attive che": "Percorsi che"}
    return project.assign(nome=project["nome"].replace(cuts, regex=True))


def water_bank_funds(edition: Vintage) -> Decimal | None:
    """What the foundation of the same name gave in the year, in EUR, or None."""
    return next(iter(edition.table("entrate", anno=edition.year, canale="banca-acqua", fase="consuntivo")["valore"]), None)
