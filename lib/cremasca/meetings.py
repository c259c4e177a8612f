"""The sessions of the company's bodies: how many, when, how far apart."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import cached_property

import altair as alt
import pandas as pd

from annuario.charts import ACCENT, INK, Chart, drawing
from annuario.data.nature import FLOW, Nature
from annuario.figures import Absent, Figure, Said
from annuario.notebook import Chapter
from annuario.words import numbers, phrases
from cremasca.counts import counted
from cremasca.names import Name, listed

_HELD = Nature("numero", FLOW, noun=phrases.Noun("seduta", "sedute", True), feminine=True)
_LINE = 16  # height of a day in the calendar


class Sedute:
    """The sessions of the year, where a document lists them."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self._bodies = listed(libro.package, "organi")
        self.consiglio, self.assemblea = self._held("cda"), self._held("assemblea")

    def _held(self, body: str) -> Figure:
        """How many sessions a body held: the rows that list them."""
        held = self.libro.table("sedute", anno=self.libro.year)
        own, name = held[held["organo"] == body], self._bodies[body].nome
        return counted(self.libro, f"sedute/{body}", own, ["organo", "data"], _HELD, len(held) > 0, name)

    @cached_property
    def elenco(self) -> pd.DataFrame | None:
        """The sessions by body, in order: number, date, days since the one before; None where none is listed."""
        frame = self.libro.table("sedute", anno=self.libro.year)
        rows = []
        for code, (name, _) in self._bodies.items():
            days = [date.fromisoformat(day) for day in sorted(frame.loc[frame["organo"] == code, "data"])]
            for index, day in enumerate(days):
                gap = (day - days[index - 1]).days if index else None
                rows.append((code, name, index + 1, numbers.date_long(day), gap, day))
        columns = ["organo", "nome", "numero", "data", "intervallo", "giornata"]
        return pd.DataFrame(rows, columns=columns) if rows else None

    @cached_property
    def _gaps(self) -> pd.DataFrame:
        """The sessions of the board that follow another; absent with fewer than two of them."""
        frame = self.elenco
        found = None if frame is None else frame[(frame["organo"] == "cda") & frame["intervallo"].notna()]
        if found is None or len(found) < 2:
            raise Absent("sedute/cda: intervalli", self.libro.year)
        return found

    @property
    def intervallo_medio(self) -> Said:
        """The mean days between a session of the board and the next one."""
        return Said(numbers.number(round(self._gaps["intervallo"].mean()))).of(self.consiglio)

    @property
    def _longest(self) -> pd.Series:
        return self._gaps.loc[self._gaps["intervallo"].idxmax()]

    @property
    def intervallo_massimo(self) -> Said:
        """The most days between them."""
        return Said(numbers.number(int(self._longest["intervallo"]))).of(self.consiglio)

    @property
    def dopo_intervallo(self) -> Said:
        """The day of the session that ended it: ``23 settembre 2025``."""
        return Said(self._longest["data"]).of(self.consiglio)

    @property
    def calendario(self) -> Chart | None:
        """The sessions of the year as a sheet of months, with the days in each."""
        return None if self.elenco is None else calendar(self.elenco, self.libro.year, self._bodies)


def calendar(frame: pd.DataFrame, year: int, bodies: Mapping[str, Name]) -> Chart:
    """The sessions of a year as a sheet of months, with the days in each; the bodies by code, with their short names."""
    records, counts = [], []
    for month, name in enumerate(numbers.MONTHS, start=1):
        held = {code: [day.day for day in _days(frame, code) if day.month == month] for code in bodies}
        counts.append([name.capitalize(), *map(len, held.values())])
        for code, days in held.items():
            for index, day in enumerate(days):
                shift = (index - (len(days) - 1) / 2) * _LINE
                records.append(
                    {"mese": month, "organo": bodies[code].altro, "scarto": shift, "testo": str(day)}
                    | {"nome": bodies[code].nome, "giorno": f"{day} {name} {year}"}
                )
    words = [f"Sedute degli organi, anno {year}."]
    for code, (body, _) in bodies.items():
        days = [f"{day.day} {numbers.MONTHS[day.month - 1]}" for day in _days(frame, code)]
        told = f" ({phrases.listing(days)})" if days else ""
        words.append(f"{body}: {phrases.count(len(days), 'sedute')}{told}.")
    data = pd.DataFrame(counts, columns=["Mese", *(body.nome for body in bodies.values())], dtype=object)
    return Chart(
        _sheet(records, [body.altro for body in bodies.values()]), " ".join(words), data, ["numero"] * len(data)
    )


def _days(frame: pd.DataFrame, body: str) -> list[date]:
    return list(frame.loc[frame["organo"] == body, "giornata"])


def _sheet(records: list[dict], bodies: list[str]) -> dict:
    """Twelve columns and a row for each body; a tile with its days where there are sessions."""
    short = json.dumps([name[:3] for name in numbers.MONTHS])
    x = alt.X(
        "mese:O",
        axis=alt.Axis(
            orient="top", domain=False, labelAngle=0, labelFontSize=11, labelExpr=f"{short}[datum.value - 1]"
        ),
        scale=alt.Scale(domain=list(range(1, 13)), paddingInner=0.06, paddingOuter=0),
    )
    y = alt.Y(
        "organo:N",
        axis=alt.Axis(domain=False),
        scale=alt.Scale(domain=bodies, paddingInner=0.08, paddingOuter=0),
    )
    cells = [{"mese": month, "organo": body} for month in range(1, 13) for body in bodies]
    held = Counter((record["mese"], record["organo"]) for record in records)
    busy = [{"mese": month, "organo": body} for month, body in held]
    most = max(held.values(), default=1)
    tooltip = [alt.Tooltip("nome:N", title="Organo"), alt.Tooltip("giorno:N", title="Seduta")]
    layers = [
        alt.Chart(alt.Data(values=cells)).mark_rect(color="#f1f4f5").encode(x=x, y=y),
        alt.Chart(alt.Data(values=busy)).mark_rect(color=ACCENT, opacity=0.2).encode(x=x, y=y),
        alt.Chart(alt.Data(values=records))
        .mark_text(color=INK, fontWeight=600, baseline="middle", dy=alt.ExprRef("datum.scarto"))
        .encode(x=x, y=y, text=alt.Text("testo:N"), tooltip=tooltip),
    ]
    return drawing(layers, len(bodies) * (most * _LINE + 14))
