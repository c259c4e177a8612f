"""Who governs the ambito and the company: bodies, their sessions, the units and their links.

The diagrams hold only units and links that the documents name: the reports of 2021 (lines
54-280) and 2025 (lines 24-242), the plans of 2020 (lines 136-250) and 2021 (lines 276-490).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import altair as alt
import pandas as pd

from annuario import numbers, phrases
from annuario.charts import ACCENT, INK, Chart, drawing
from annuario.charts.diagrams import Box, Diagram, Link, Panel, diagram
from annuario.data import Vintage
from cremasca import revenues

BODIES = {"cda": "Consiglio di Amministrazione", "assemblea": "Assemblea Consortile"}
SHORT = {"cda": "CdA", "assemblea": "Assemblea"}
#: The institutions that the report tells its relations with: section of the year's text, name.
PARTNERS = {
    "provincia": "Provincia di Cremona",
    "ats": "ATS Val Padana",
    "asst": "ASST Crema",
    "regione": "Regione Lombardia",
    "neass": "NEASS",
}
#: The parts of the company under the director, as each report is ordered: code, name, part it belongs to.
UNITS = {
    "relazione-2021": (
        ("servizi-aziendali", "Area Servizi aziendali", ""),
        ("tutela-minori", "Servizio Tutela Minori", "servizi-aziendali"),
        ("inserimento-lavorativo", "Servizio Inserimento Lavorativo", "servizi-aziendali"),
        ("sociale-territoriale", "Servizio Sociale Territoriale", "servizi-aziendali"),
        ("sociale-distrettuale", "Servizio Sociale Distrettuale", "servizi-aziendali"),
        ("cpe-accreditamento", "Servizio CPE e Accreditamento", "servizi-aziendali"),
        ("gestione-associata", "Area Gestione associata dei servizi", ""),
        ("progettazione", "Area Progettazione", ""),
        ("misure", "Area Misure distrettuali e regionali", ""),
    ),
    "relazione-2025": (
        ("amministrazione", "U.O. Amministrazione", ""),
        ("tutela-minori", "U.O. Tutela Minori", ""),
        ("inserimento-lavorativo", "U.O. Inserimento Lavorativo", ""),
        ("progettazione", "U.O. Progettazione", ""),
        ("sociale-distrettuale", "U.O. Sociale Distrettuale", ""),
    ),
}

_LINE = 16  # height of a day in the calendar


def scheme(partners: Sequence[str]) -> Diagram:
    """Programming and management in the ambito: who decides, who acts, with whom.

    ``partners`` are codes of :data:`PARTNERS`, drawn in a row at the foot.
    """
    boxes = [
        Box("comuni", "Comuni dell’ambito cremasco", 0, 20, 80, "ente"),
        Box("sindaci", "Assemblea dei Sindaci", 1, 3, 38),
        Box("capofila", "Comune di Crema, ente capofila", 2, 3, 38),
        Box("piano", "Ufficio di Piano", 3, 3, 38),
        Box("assemblea", "Assemblea Consortile", 1, 62, 97),
        Box("cda", "Consiglio di Amministrazione", 2, 62, 97),
        Box("direttore", "Direttore", 3, 62, 97),
        Box("unita", "Servizi e unità operative", 4, 62, 97, "unita"),
    ]
    panels = [
        Panel("ambito", "Programmazione", 1, 3, 3, 38),
        Panel("azienda", "Gestione: l’azienda", 1, 4, 62, 97),
    ]
    links = [
        Link("comuni", "ambito", "titolarità della funzione sociale"),
        Link("comuni", "azienda", "proprietà e contratto di servizio"),
        Link("sindaci", "azienda", "indirizzi", "side", "indirizzi"),
        Link("azienda", "capofila", "attività per conto dell’ambito", "side", "attività"),
        Link("azienda", "piano", "supporto alla programmazione", "side", "supporto"),
        Link("assemblea", "cda", "nomina", label="nomina"),
        Link("cda", "direttore", "nomina", label="nomina"),
        Link("direttore", "unita", "direzione", label="direzione"),
    ]
    width = (100 - 3 * (len(partners) - 1)) / len(partners) if partners else 0
    for index, code in enumerate(partners):
        left = index * (width + 3)
        boxes.append(Box(code, PARTNERS[code], 5, left, left + width, "ente"))
        links.append(Link("azienda", code, "collaborazione"))
    return diagram("Programmazione e gestione nell’ambito cremasco", boxes, links, panels)


def organisation(edition: Vintage) -> Diagram | None:
    """The company's bodies and the units that the edition's report names; None for other years."""
    units = UNITS.get(edition.id)
    if not units:
        return None
    boxes = [
        Box("assemblea", "Assemblea Consortile", 0, 8, 60),
        Box("revisore", "Revisore dei Conti", 0, 68, 100, "ente"),
        Box("cda", "Consiglio di Amministrazione", 1, 8, 60),
        Box("direttore", "Direttore", 2, 8, 60),
    ]
    links = [
        Link("assemblea", "revisore", "nomina", "side"),
        Link("assemblea", "cda", "nomina", label="nomina"),
        Link("cda", "direttore", "nomina", label="nomina"),
    ]
    for row, (code, name, above) in enumerate(units, start=3):
        left = 30 if above else 18
        boxes.append(Box(code, name, row, left, 100, "ente" if above else "unita"))
        links.append(Link(above or "direttore", code, "ripartizione" if above else "direzione", "tree"))
    return diagram(f"Organigramma dell’azienda, {edition.year}", boxes, links)


def services(edition: Vintage) -> pd.DataFrame:
    """The units that the edition's report names and, for each, the services told under it.

    Columns ``unita`` and ``servizi`` (a text). Empty where the report has no units.
    """
    units = [name for _, name, above in UNITS.get(edition.id, ()) if name.startswith("U.O.") and not above]
    declared = edition.package.read("servizi").sort_values("ordine", kind="stable")
    rows = [(unit, "; ".join(declared.loc[declared["unita_operativa"] == unit, "nome"])) for unit in units]
    return pd.DataFrame(rows, columns=["unita", "servizi"])


def sessions(edition: Vintage) -> pd.DataFrame:
    """The sessions of the year by body, in order: number, date, days since the one before."""
    frame = edition.table("sedute", anno=edition.year)
    rows = []
    for code, name in BODIES.items():
        days = [date.fromisoformat(day) for day in sorted(frame.loc[frame["organo"] == code, "data"])]
        for index, day in enumerate(days):
            gap = (day - days[index - 1]).days if index else None
            rows.append((code, name, index + 1, numbers.date_long(day), gap, day))
    return pd.DataFrame(rows, columns=["organo", "nome", "numero", "data", "intervallo", "giornata"])


def rhythm(frame: pd.DataFrame) -> str:
    """How far apart the sessions of the board are, as a sentence; nothing with fewer than three."""
    gaps = frame[frame["intervallo"].notna()]
    if len(gaps) < 2:
        return ""
    mean = numbers.number(round(gaps["intervallo"].mean()))
    widest = gaps.loc[gaps["intervallo"].idxmax()]
    longest = numbers.number(int(widest["intervallo"]))
    return (
        f"Tra una seduta del Consiglio e la successiva passano in media {mean} giorni; "
        f"l’intervallo più lungo è di {longest} giorni e precede la seduta del {widest['data']}."
    )


def calendar(frame: pd.DataFrame, year: int) -> Chart:
    """The sessions of a year as a sheet of months, with the days in each."""
    records, counts = [], []
    for month, name in enumerate(numbers.MONTHS, start=1):
        held = {code: [day.day for day in _days(frame, code) if day.month == month] for code in BODIES}
        counts.append([name.capitalize(), *map(len, held.values())])
        for code, days in held.items():
            for index, day in enumerate(days):
                shift = (index - (len(days) - 1) / 2) * _LINE
                records.append(
                    {"mese": month, "organo": SHORT[code], "scarto": shift, "testo": str(day)}
                    | {"nome": BODIES[code], "giorno": f"{day} {name} {year}"}
                )
    words = [f"Sedute degli organi, anno {year}."]
    for code, body in BODIES.items():
        days = [f"{day.day} {numbers.MONTHS[day.month - 1]}" for day in _days(frame, code)]
        told = f" ({phrases.listing(days)})" if days else ""
        words.append(f"{body}: {phrases.count(len(days), 'sedute')}{told}.")
    data = pd.DataFrame(counts, columns=["Mese", *BODIES.values()], dtype=object)
    return Chart(_sheet(records), " ".join(words), data, ["numero"] * len(data))


def _days(frame: pd.DataFrame, body: str) -> list[date]:
    return list(frame.loc[frame["organo"] == body, "giornata"])


def _sheet(records: list[dict]) -> dict:
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
        scale=alt.Scale(domain=list(SHORT.values()), paddingInner=0.08, paddingOuter=0),
    )
    cells = [{"mese": month, "organo": body} for month in range(1, 13) for body in SHORT.values()]
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
    return drawing(layers, len(SHORT) * (most * _LINE + 14))


def planning_office(edition: Vintage) -> str:
    """What the planning office's cost centre was budgeted and spent, as a sentence, or nothing."""
    frame = edition.table("bilancio_aree", anno=edition.year, centro="ufficio-di-piano")
    amounts = dict(zip(frame["fase"], frame["valore"]))
    planned, spent = amounts.get("preventivo"), amounts.get("consuntivo")
    if not planned or spent is None:
        return ""
    return (
        f"Nel bilancio l’area Ufficio di Piano ha speso {numbers.euro(spent)} "
        f"su {numbers.euro(planned)} previsti, {phrases.the_percent(spent / planned * 100)}."
    )


def income(edition: Vintage, origin: str) -> tuple[Decimal | None, Decimal | None]:
    """The year's revenues from an origin in EUR and their part of all, in percent; or None."""
    lines = revenues.of_year(edition)
    lines = lines[lines["fase"] == revenues.OUTCOME]
    own = lines["provenienza"] == origin
    whole = lines.loc[lines["canale"] == "totale-entrate", "valore"]
    if not own.any() or whole.empty:
        return None, None
    amount = lines.loc[own, "valore"].sum()
    return amount, amount / whole.iloc[0] * 100


def against(series: dict[int, Decimal], year: int) -> str:
    """A count beside that of the year before: ``9 (8 nel 2024)``, ``9, come nel 2024``, or alone."""
    now, before = numbers.number(series[year]), series.get(year - 1)
    if before is None:
        return now
    if before == series[year]:
        return f"{now}, come nel {year - 1}"
    return f"{now} ({numbers.number(before)} nel {year - 1})"


def scope(edition: Vintage, told: bool) -> str:
    """What else the chapter tells, or that no document tells it."""
    if told:
        return (
            "Racconta poi che cosa ha segnato l’anno oltre all’ordinaria amministrazione "
            "e come procedono i rapporti con gli altri enti."
        )
    missing = "non raccontano né le attività né i rapporti con gli altri enti"
    return f"Del {edition.year} i documenti pubblicati {missing}."
