"""Measures of the social district service: what was asked, granted and spent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import pandas as pd

from annuario import numbers, phrases
from annuario.data import Vintage
from annuario.markdown import escape
from annuario.notebook import Markdown
from annuario.tables import Column, Table

PHASES = ("preventivo", "consuntivo")


def bullets(items: Iterable[str]) -> Markdown:
    """A list of the plain texts that are not empty."""
    return Markdown("\n".join(f"- {escape(item)}" for item in items if item))


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """Indicators with the short form of ``nome``: what follows the subject and its colon."""
    return frame.assign(nome=[_capital(name.split(": ", 1)[-1]) for name in frame["nome"]])


def by_measure(frame: pd.DataFrame, titles: Mapping[str, str], title: str) -> Table:
    """One row a ``voce``, one column a measure of ``titles``, under its year where they are several.

    A row whose code begins the codes of others is their subtotal. What the data note
    about a row is told below the table.
    """
    years = sorted(set(frame["anno"]))
    values = {(row.voce, row.anno, row.misura): row.valore for row in frame.itertuples()}
    units = dict(zip(frame["voce"], frame["unita"]))
    labels = {row.voce: _capital(row.nome.split(" – ")[0].split(": ", 1)[-1]) for row in frame.itertuples()}
    printed, columns = pd.DataFrame({"riga": list(labels.values())}), [Column("riga", title)]
    for year in years:
        for measure in titles:
            if any((code, year, measure) in values for code in labels):
                name = f"{year}-{measure}"
                printed[name] = [numbers.quantity(values.get((code, year, measure)), units[code]) for code in labels]
                columns.append(Column(name, titles[measure], group=str(year) if len(years) > 1 else "", right=True))
    noted = frame[frame["nota"] != ""].drop_duplicates(["voce", "nota"])
    notes = [f"{labels[row.voce]}: {row.nota}." for row in noted.itertuples()]
    notes += [f"Dati pubblicati nell’edizione «{source.replace('-', ' ')}»." for source in dict.fromkeys(frame["da"]) if source]
    return Table(printed, columns, [_kind(code, labels) for code in labels], notes)


def leading(frame: pd.DataFrame, measure: str, year: int) -> pd.DataFrame:
    """One measure of one year, for the rows that are not details of another row."""
    codes = list(dict.fromkeys(frame["voce"]))
    inner = {code for code in codes if any(code.startswith(f"{other}-") for other in codes)}
    kept = (frame["misura"] == measure) & (frame["anno"] == year) & ~frame["voce"].isin(inner)
    names = [_capital(name.split(" – ")[0].split(": ", 1)[-1]) for name in frame.loc[kept, "nome"]]
    return frame[kept].assign(nome=names)


def parts(edition: Vintage, whole: str, known: Iterable[str], rest: str) -> pd.DataFrame:
    """Indicators that are parts of another one, and what they leave, named ``rest``.

    The indicators are complete codes. Columns ``indicatore``, ``nome``, ``anno``,
    ``unita``, ``valore``; empty where the whole or all of its parts are missing.
    """
    frame = named(edition.indicators([whole, *known], years=1))
    total = frame.loc[frame["indicatore"] == whole]
    frame = frame[frame["indicatore"] != whole]
    if total.empty or frame.empty:
        return frame.iloc[:0]
    left = total["valore"].iloc[0] - sum(frame["valore"], Decimal(0))
    other = {"indicatore": "resto", "nome": rest, "anno": edition.year, "unita": frame["unita"].iloc[0], "valore": left}
    columns = list(other)
    return pd.concat([frame[columns], pd.DataFrame([other])], ignore_index=True) if left else frame[columns]


def lines(edition: Vintage, card: str, codes: str | tuple[str, ...]) -> pd.DataFrame:
    """The lines of a budget card whose code begins so, those without amounts left out.

    Columns of :meth:`Vintage.budget`, amounts in EUR.
    """
    frame = edition.budget(card)
    frame = frame[frame["voce"].str.startswith(codes) & frame["fase"].isin(PHASES)]
    spent = frame.groupby("voce")["valore"].transform(lambda values: any(values))
    return frame[spent.astype(bool)] if len(frame) else frame


def by_action(edition: Vintage, card: str, phase: str = "consuntivo") -> pd.DataFrame:
    """What each action of a card cost, from the largest, with the printed total.

    Columns ``azione``, ``nome``, ``anno``, ``valore`` in EUR; actions without amounts are
    left out.
    """
    frame = edition.budget(card)
    frame = frame[frame["fase"] == phase]
    sums = frame.groupby("azione", sort=False).agg(nome=("titolo", "first"), anno=("anno", "first"), valore=("valore", "sum"))
    sums = sums.reset_index()
    sums["nome"] = sums["nome"].where(sums["azione"] != "totale", "Totale")
    return sums[[bool(value) for value in sums["valore"]]].sort_values("valore", ascending=False, kind="stable", ignore_index=True)


def poverty(edition: Vintage) -> pd.DataFrame:
    """What the poverty plan cost, line by line, in EUR: ``voce``, ``nome``, ``anno``, ``valore``.

    A line that the data note as printed inconsistently with the card's total is what the
    total leaves.
    """
    card = edition.budget("sst")
    card = card[card["fase"] == "consuntivo"]
    plan = card[[str(title).startswith("Piano Povertà") for title in card["titolo"]]].copy()
    doubtful = plan["nota"].str.contains("incoerenti con i totali")
    if doubtful.sum() == 1:
        total = card.loc[card["voce"] == "totale", "valore"].iloc[0]
        others = sum(card.loc[(card["voce"] != "totale") & ~card.index.isin(plan.index[doubtful]), "valore"], Decimal(0))
        plan.loc[doubtful, "valore"] = total - others
    plan = plan.rename(columns={"etichetta": "nome"})[["voce", "nome", "anno", "valore"]]
    return plan[[bool(value) for value in plan["valore"]]]


def spending(frame: pd.DataFrame) -> str:
    """What budget lines cost in all: ``€ 22.474,62 a consuntivo, l’88,5 % del preventivo``."""
    sums = {phase: frame.loc[frame["fase"] == phase, "valore"] for phase in PHASES}
    planned, spent = (sum(sums[phase], Decimal(0)) for phase in PHASES)
    if sums["consuntivo"].empty:
        return f"{numbers.euro(planned)} a preventivo"
    text = f"{numbers.euro(spent)} a consuntivo"
    if sums["preventivo"].empty or not planned:
        return f"{text}, senza previsione iniziale"
    return f"{text}, {phrases.the_percent(spent / planned * 100)} del preventivo"


def staff(frame: pd.DataFrame, sections: Mapping[str, str]) -> Table:
    """The people of a service: one row a profile, under headings.

    ``sections`` maps the beginning of the codes ``voce`` to headings; the first that fits.
    """
    rows, kinds, current = [], [], None
    for row in named(frame).to_dict("records"):
        heading = next(name for start, name in sections.items() if row["voce"].startswith(start))
        if heading != current:
            current = heading
            rows.append([heading, ""])
            kinds.append("sezione")
        rows.append([row["nome"], numbers.quantity(row["valore"], row["unita"])])
        kinds.append("")
    return Table(pd.DataFrame(rows, columns=["riga", "valore"]), [Column("riga", "Figura"), Column("valore", "Persone", right=True)], kinds)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _kind(code: str, codes: Iterable[str]) -> str:
    if code == "totale":
        return "totale"
    return "subtotale" if any(other.startswith(f"{code}-") for other in codes) else ""
