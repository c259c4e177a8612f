"""Measures of the social district service: what was asked, granted and spent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import pandas as pd

from annuario import numbers, phrases
from annuario.data import Vintage
from cremasca import budgets
from annuario.tables import Column, Table, edition_notes, shown

PHASES = ("preventivo", "consuntivo")


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """Indicators with the short form of ``nome``: what follows the subject and its colon."""
    return frame.assign(nome=[phrases.capital(name.split(": ", 1)[-1]) for name in frame["nome"]])


def by_measure(frame: pd.DataFrame, titles: Mapping[str, str], title: str) -> Table:
    """One row a ``voce``, one column a measure of ``titles``, under its year where they are several.

    A row whose code begins the codes of others is their subtotal. What the data note
    about a row is told below the table.
    """
    years = sorted(set(frame["anno"]))
    values = {(row.voce, row.anno, row.misura): row.valore for row in frame.itertuples()}
    units = dict(zip(frame["voce"], frame["unita"]))
    labels = {row.voce: _subject(row.nome) for row in frame.itertuples()}
    printed, columns = pd.DataFrame({"riga": list(labels.values())}), [Column("riga", title)]
    for year in years:
        for measure in titles:
            if any((code, year, measure) in values for code in labels):
                name = f"{year}-{measure}"
                printed[name] = [numbers.quantity(values.get((code, year, measure)), units[code]) for code in labels]
                columns.append(Column(name, titles[measure], group=str(year) if len(years) > 1 else "", right=True))
    noted = frame[frame["nota"] != ""].drop_duplicates(["voce", "nota"])
    notes = [f"{labels[row.voce]}: {row.nota}." for row in noted.itertuples()]
    return Table(printed, columns, [_kind(code, labels) for code in labels], [*notes, *edition_notes(frame["da"])], indicators=shown(frame))


def leading(frame: pd.DataFrame, year: int) -> pd.DataFrame:
    """The rows of one year that are not details of another row, named without their measure."""
    codes = list(dict.fromkeys(frame["voce"]))
    inner = {code for code in codes if any(code.startswith(f"{other}-") for other in codes)}
    found = frame[(frame["anno"] == year) & ~frame["voce"].isin(inner)]
    return found.assign(nome=[_subject(name) for name in found["nome"]])


def parts(edition: Vintage, whole: str, known: Iterable[str], rest: str, years: int = 1) -> pd.DataFrame:
    """The parts of an indicator, what they leave (named ``rest``) and the whole, year by year.

    The indicators are complete codes; years without the whole or one of the parts are left
    out, and ``rest`` where it is always zero. Columns ``indicatore``, ``nome``, ``anno``,
    ``unita``, ``valore``; the whole is the row ``totale``.
    """
    known = list(known)
    frame = named(edition.indicators([whole, *known], years))[["indicatore", "nome", "anno", "unita", "valore"]]
    rows = []
    for year, found in frame.groupby("anno"):
        values = dict(zip(found["indicatore"], found["valore"]))
        if len(values) == len(known) + 1:
            left = values[whole] - sum((values[code] for code in known), Decimal(0))
            base = {"anno": year, "unita": found["unita"].iloc[0]}
            rows += found[found["indicatore"] != whole].to_dict("records")
            rows += [{**base, "indicatore": "resto", "nome": rest, "valore": left}]
            rows += [{**base, "indicatore": "totale", "nome": "Totale", "valore": values[whole]}]
    split = pd.DataFrame(rows, columns=list(frame))
    return split if split.loc[split["indicatore"] == "resto", "valore"].any() else split[split["indicatore"] != "resto"]


def lines(edition: Vintage, card: str, codes: str | tuple[str, ...]) -> pd.DataFrame:
    """The lines of a budget card whose code begins so, those without amounts left out.

    Columns of :func:`budgets.printed`, amounts in EUR. Empty for a year whose final
    accounts nobody published.
    """
    frame = budgets.printed(edition, card)
    if "consuntivo" not in set(frame["fase"]):
        return frame.iloc[:0]
    frame = frame[frame["voce"].str.startswith(codes) & frame["fase"].isin(PHASES)]
    spent = {row.voce for row in frame.itertuples() if row.valore}
    return frame[frame["voce"].isin(spent)]


def by_action(edition: Vintage, card: str) -> pd.DataFrame:
    """What each action of a card cost, from the largest, with the printed total.

    Columns ``azione``, ``nome``, ``anno``, ``valore`` in EUR; actions without amounts are
    left out.
    """
    frame = budgets.printed(edition, card)
    frame = frame[frame["fase"] == "consuntivo"]
    found = {"nome": ("titolo", "first"), "anno": ("anno", "first"), "valore": ("valore", "sum")}
    sums = frame.groupby("azione", sort=False).agg(**found).reset_index()
    sums["nome"] = sums["nome"].where(sums["azione"] != "totale", "Totale")
    return sums[sums["valore"] != 0].sort_values("valore", ascending=False, kind="stable", ignore_index=True)


def poverty(edition: Vintage) -> pd.DataFrame:
    """What the poverty plan cost, line by line, in EUR: ``voce``, ``nome``, ``anno``, ``valore``.

    A line that the data note as printed inconsistently with the card's total is what the
    total leaves.
    """
    card = budgets.printed(edition, "sst")
    card = card[card["fase"] == "consuntivo"]
    plan = card[card["titolo"].astype(str).str.startswith("Piano Povertà")].copy()
    doubtful = plan["nota"].str.contains("incoerenti con i totali")
    if doubtful.sum() == 1:
        certain = card.drop(index=plan.index[doubtful]).set_index("voce")["valore"]
        plan.loc[doubtful, "valore"] = certain["totale"] - sum(certain.drop("totale"), Decimal(0))
    plan = plan.rename(columns={"etichetta": "nome"})[["voce", "nome", "anno", "valore"]]
    return plan[plan["valore"] != 0]


def by_fund(frame: pd.DataFrame) -> pd.DataFrame:
    """Budget lines named by the year's fund that pays for them, where they say it."""
    names = [kind if kind.startswith("Fondo") else label for kind, label in zip(frame["natura"], frame["etichetta"])]
    return frame.assign(etichetta=names)


def with_year_before(frame: pd.DataFrame, indicator: str, change: Decimal | None) -> pd.DataFrame:
    """Indicators with the value of the year before, as the printed change tells it.

    Unchanged where the change or the indicator is missing.
    """
    last = frame[frame["indicatore"] == indicator].tail(1)
    if change is None or last.empty:
        return frame
    before = last.assign(anno=last["anno"] - 1, valore=last["valore"] - change)
    return pd.concat([frame, before], ignore_index=True)


def outcomes(frame: pd.DataFrame) -> pd.DataFrame:
    """Indicators of a total, named by what they count: ``Domande presentate``."""
    return frame.assign(nome=[phrases.capital(name.split(" – ")[-1]) for name in frame["nome"]])


def spending(frame: pd.DataFrame) -> str:
    """What budget lines cost in all: ``€ 22.474,62 a consuntivo, l’88,5 % del preventivo``."""
    planned, spent = (sum(frame.loc[frame["fase"] == phase, "valore"], Decimal(0)) for phase in PHASES)
    text = f"{numbers.euro(spent)} a consuntivo"
    if not planned:
        return f"{text}, senza previsione iniziale"
    if not 0 < spent <= 2 * planned:
        return f"{text}, a fronte di {numbers.euro(planned)} a preventivo"
    return f"{text}, {phrases.the_percent(spent / planned * 100)} del preventivo"


def told(subject: str, frame: pd.DataFrame) -> str:
    """What budget lines cost, as a sentence: ``La spesa per il Centro è di € 7.834,95 a consuntivo, …``.

    Without any spending: ``Per il Centro non risulta spesa a consuntivo, a fronte di … a preventivo.``
    """
    planned, spent = (sum(frame.loc[frame["fase"] == phase, "valore"], Decimal(0)) for phase in PHASES)
    if spent or not planned:
        return f"La spesa per {subject} è di {spending(frame)}."
    return f"Per {subject} non risulta spesa a consuntivo, a fronte di {numbers.euro(planned)} a preventivo."


def staff(frame: pd.DataFrame, sections: Mapping[str, str]) -> Table:
    """The people of a service: one row a profile, under headings.

    ``sections`` maps the beginning of the codes ``voce`` to headings; the first that fits.
    """
    amounts = [numbers.quantity(value, unit) for value, unit in zip(frame["valore"], frame["unita"])]
    headings = [next(name for start, name in sections.items() if code.startswith(start)) for code in frame["voce"]]
    columns = [Column("nome", "Figura"), Column("valore", "Persone", right=True)]
    return Table(named(frame).assign(valore=amounts), columns, sections=headings)


def _subject(name: str) -> str:
    """``FNA anziani: buono caregiver – domande presentate`` as ``Buono caregiver``."""
    return phrases.capital(name.split(" – ")[0].split(": ", 1)[-1])


def _kind(code: str, codes: Iterable[str]) -> str:
    if code == "totale":
        return "totale"
    return "subtotale" if any(other.startswith(f"{code}-") for other in codes) else ""
