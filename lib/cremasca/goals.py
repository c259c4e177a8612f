"""The goals of the year: what was to be reached, and what the company says of it."""

from __future__ import annotations

import re
from copy import deepcopy

import altair as alt
import pandas as pd

from annuario import charts
from annuario.data import Vintage
from annuario.tables import Column, Table, edition_notes
from cremasca.names import Names, listed

OUTCOMES = {"raggiunto": "Raggiunto", "in-corso": "In corso", "non-raggiunto": "Non raggiunto"}
COLORS = {"raggiunto": charts.HUES[0], "in-corso": charts.HUES[1], "non-raggiunto": charts.theme.REST}
# Remarks of the transcription, not of the document.
_TRANSCRIPTION = re.compile(
    r"cella continua dalla riga precedente|valori attesi \d{4} e \d{4} non distinguibili nel testo"
)


def goals(edition: Vintage) -> pd.DataFrame:
    """The goals of the edition's year in the printed order.

    The columns of the table ``obiettivi``, with the outcome in words (``esito_nome``, empty
    where none is declared) and ``nota`` without the remarks of the transcription.
    """
    frame = edition.table("obiettivi", anno=edition.year)
    order = scopes(edition).ordered(frame["ambito"])
    frame = frame.sort_values("ambito", key=lambda scopes: scopes.map(order.index), kind="stable").reset_index(
        drop=True
    )
    return named(frame)


def scopes(edition: Vintage) -> Names:
    """The scopes of the goals in the printed order: title, and as ``altro`` the short name."""
    return listed(edition.package, "ambiti-obiettivi")


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``obiettivi`` with ``esito_nome``, the outcome in words or nothing, and ``nota`` as the document has it."""
    notes = [
        "; ".join(part for part in note.split("; ") if not _TRANSCRIPTION.fullmatch(part)) for note in frame["nota"]
    ]
    return frame.assign(esito_nome=frame["esito"].map(OUTCOMES).fillna(""), nota=notes)


def of(frame: pd.DataFrame, scope: str) -> pd.DataFrame:
    """The goals of one scope."""
    return frame[frame["ambito"] == scope]


def count(frame: pd.DataFrame, outcome: str) -> int:
    """How many goals have an outcome."""
    return int((frame["esito"] == outcome).sum())


def judged(frame: pd.DataFrame) -> pd.DataFrame:
    """The goals whose outcome is declared."""
    return frame[frame["esito"] != ""]


def table(frame: pd.DataFrame) -> Table | None:
    """Goals with indicator, expected value, outcome and remark; None where there are none.

    Rows stand under the strategic goal they belong to, where they declare one; columns that
    no row fills are left out.
    """
    if frame.empty:
        return None
    expected = frame["valore_atteso"].where(frame["valore_atteso"] != "", frame["scadenza"])
    printed = frame.assign(indicatore=frame["indicatore"].map(_cased), atteso=expected.map(_cased))
    titles = {
        "obiettivo": "Obiettivo", "obiettivo_operativo": "Obiettivo operativo", "indicatore": "Indicatore",
        "atteso": "Atteso", "esito_nome": "Esito", "nota": "Note",
    }  # fmt: skip
    columns = [Column(name, title) for name, title in titles.items() if printed[name].any()]
    sections = list(frame["obiettivo_strategico"])
    return Table(printed, columns, notes=edition_notes(frame["da"]), indicators=[], sections=sections)


def _cased(text: str) -> str:
    """What is printed in capitals alone, in ordinary letters: ``Sì/No``, ``Almeno un progetto``."""
    if text.strip("()") == "SI/NO":
        return "Sì/No"
    return text.capitalize() if text.isupper() and " " in text else text


def counts(edition: Vintage, frame: pd.DataFrame) -> Table | None:
    """How many goals of each scope have each outcome, counted; None where none is declared."""
    frame = judged(frame)
    if frame.empty:
        return None
    rows, kinds, known = [], [], scopes(edition)
    for scope in [*frame["ambito"].drop_duplicates(), "totale"]:
        some = frame if scope == "totale" else of(frame, scope)
        found = {outcome: count(some, outcome) for outcome in OUTCOMES}
        rows.append({"ambito": "Totale" if scope == "totale" else known[scope].nome, "numero": len(some), **found})
        kinds.append("totale" if scope == "totale" else "")
    columns = [
        Column("ambito", "Ambito"), Column("numero", "Obiettivi", "numero"), Column("raggiunto", "Raggiunti", "numero"),
        Column("in-corso", "In corso", "numero"), Column("non-raggiunto", "Non raggiunti", "numero"),
    ]  # fmt: skip
    one = frame["ambito"].nunique() == 1
    return Table(pd.DataFrame(rows[:1] if one else rows), columns, kinds[:1] if one else kinds, rests=frame)


def summary(edition: Vintage) -> Table | None:
    """The printed summary of the outcomes in percent, or None where the edition prints none."""
    frame = edition.table("obiettivi_riepilogo", anno=edition.year)
    if frame.empty:
        return None
    wide = frame.pivot(index="ambito", columns="misura", values="valore").reindex(frame["ambito"].drop_duplicates())
    names = {scope: name.nome for scope, name in scopes(edition).items()} | {"media": "Valore medio"}
    wide = wide.reset_index().assign(nome=lambda rows: rows["ambito"].map(names))
    columns = [
        Column("nome", "Ambito"), Column("numero", "Obiettivi", "numero"), Column("raggiunti", "Raggiunti", "%"),
        Column("in-corso", "In corso", "%"), Column("non-raggiunti", "Non raggiunti", "%"),
    ]  # fmt: skip
    return Table(wide, columns, ["totale" if scope == "media" else "" for scope in wide["ambito"]])


def chart(edition: Vintage, frame: pd.DataFrame) -> charts.Chart | None:
    """The outcomes of each scope as parts of a whole, with the number of goals of each part."""
    frame = judged(frame)
    if frame.empty:
        return None
    records, lines, words, known = [], [], [], scopes(edition)
    for scope in frame["ambito"].drop_duplicates():
        some, start = of(frame, scope), 0.0
        name = known[scope].altro
        found = {outcome: count(some, outcome) for outcome in OUTCOMES}
        for outcome, number in found.items():
            end = start + number / len(some) * 100
            records.append(
                {"ambito": name, "esito": OUTCOMES[outcome], "numero": number, "testo": str(number) if number else ""}
                | {
                    "inizio": start,
                    "fine": end,
                    "centro": (start + end) / 2,
                    "inchiostro": charts.theme.ink_on(COLORS[outcome]),
                }
                | {"contorno": charts.theme.outline_of(COLORS[outcome])}
            )
            start = end
        lines.append([name, *found.values()])
        words.append(f"{name}: {found['raggiunto']} su {len(some)}")
    base = alt.Chart(alt.Data(values=records))
    x = alt.X("inizio:Q", axis=None, scale=alt.Scale(domain=[0, 100], nice=False))
    y = alt.Y("ambito:N", sort=None, axis=alt.Axis(domain=False), scale=alt.Scale(paddingInner=0.3, paddingOuter=0.1))
    color = alt.Color(
        "esito:N",
        scale=alt.Scale(domain=list(OUTCOMES.values()), range=list(COLORS.values())),
        legend=alt.Legend(columns=3, symbolStrokeColor=charts.theme.OUTLINE, symbolStrokeWidth=1),
    )
    tooltip = [
        alt.Tooltip("ambito:N", title="Ambito"),
        alt.Tooltip("esito:N", title="Esito"),
        alt.Tooltip("numero:Q", title="Obiettivi"),
    ]
    layers = [
        base.mark_bar(strokeWidth=1).encode(
            x=x, x2=alt.X2("fine:Q"), y=y, color=color, stroke=alt.Stroke("contorno:N", scale=None), tooltip=tooltip
        ),
        base.mark_text(baseline="middle").encode(
            x=alt.X("centro:Q"), y=y, text=alt.Text("testo:N"), color=alt.Color("inchiostro:N", scale=None)
        ),
    ]
    spec = charts.drawing(layers, len(lines) * 30) | {"autosize": {"type": "fit-x", "contains": "padding"}}
    narrow = deepcopy(spec)
    narrow["layer"][0]["encoding"]["color"]["legend"]["columns"] = 2
    data = pd.DataFrame(lines, columns=["Ambito", "Raggiunti", "In corso", "Non raggiunti"], dtype=object)
    told = f"Obiettivi per esito in ciascun ambito. Raggiunti – {'; '.join(words)}."
    return charts.Chart(spec, told, data, ["numero"] * len(lines), narrow, rests=frame)


def with_remark(row) -> str:
    """A goal by name, with the company's remark on it: ``«…» (progetto non finanziato)``."""
    return f"«{row.obiettivo}»" + (f" ({row.nota[0].lower()}{row.nota[1:].rstrip('.')})" if row.nota else "")
