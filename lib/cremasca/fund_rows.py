"""The rows of the funds that were assigned to the ambito: short names, the table of a group, what is bound."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from annuario.data import Package, Vintage
from annuario.tables import Column, Grid, Table, provenance, rate
from annuario.words import numbers
from cremasca.names import Name, listed

INSTITUTIONAL = "fondi-istituzionali"


@dataclass(frozen=True)
class Names:
    """How the funds are called: those that a list names, the others as they are printed."""

    by_code: dict[str, Name]
    by_label: dict[str, str]

    @classmethod
    def of(cls, package: Package) -> Names:
        """The names of the list ``fondi``, and those of ``fondi-etichette`` for labels that an edition prints otherwise."""
        labels = {name.altro: name.nome for name in listed(package, "fondi-etichette").values()}
        return cls(listed(package, "fondi"), labels)

    def name(self, code: str, label: str) -> str:
        """The short name of a fund, by its code or its printed label."""
        if label in self.by_label:
            return self.by_label[label]
        if code in self.by_code:
            return self.by_code[code].nome
        return "Altri progetti" if "/" in label else label

    def aim(self, code: str, label: str) -> str:
        """What the money is for, where the name does not say it; of several small projects together, their names."""
        if code in self.by_code:
            return self.by_code[code].altro
        return label.replace("/", ", ") if "/" in label else ""


def free(package: Package) -> list[str]:
    """The quotas that the ambito shares out freely: without them, the printed percentages hold."""
    return list(listed(package, "fondi-liberi"))


def assigned(edition: Vintage, group: str, years: int = 2) -> pd.DataFrame:
    """The rows of a group in the last ``years`` years known to the edition, in printed order.

    Amounts in EUR by ``fondo`` and ``anno``, the printed total last; ``nome`` is short,
    ``descrizione`` also says what the money is for. Empty where the edition's own year
    is not known.
    """
    frame = edition.table("fondi", gruppo=group, anno=edition.years(years))
    if edition.year not in set(frame["anno"]):
        return frame.head(0).assign(nome="", descrizione="")
    called = Names.of(edition.package)
    names = [called.name(row.fondo, row.etichetta) for row in frame.itertuples()]
    aims = [called.aim(row.fondo, row.etichetta) if group != INSTITUTIONAL else "" for row in frame.itertuples()]
    texts = [f"{name}: {aim}" if aim else name for name, aim in zip(names, aims)]
    frame = frame.assign(nome=names, descrizione=texts)
    return frame.sort_values("fondo", key=lambda codes: codes == "totale", kind="stable", ignore_index=True)


def table(frame: pd.DataFrame, title: str, origin: str) -> Table:
    """The amounts of a group by year, with their change; ``origin`` heads the column of the acts, none if empty.

    Below it, for each year whose printed total is not the sum of the rows, both.
    """
    grid = Grid(frame.assign(nome=frame["descrizione"]), "fondo", "anno", "EUR", order=sorted)
    printed = pd.DataFrame({"riga": list(grid.names.values())})
    columns = [Column("riga", title)]
    if origin:
        acts = dict(zip(frame["fondo"], frame["atto"]))
        printed["atto"] = [act(acts[code]) for code in grid.codes]
        columns.append(Column("atto", origin))
    for year in grid.columns:
        printed[year] = grid.column(year)
        columns.append(Column(year, str(year), right=True))
    if len(grid.columns) > 1:
        before, now = grid.columns[-2:]
        rates = [rate(grid.values.get((code, now)), grid.values.get((code, before))) for code in grid.codes]
        printed["variazione"] = [numbers.percent(each, sign=True) for each in rates]
        columns.append(Column("variazione", "Var.", right=True))
    first = 2 if origin else 1
    notes, marks = provenance(
        {
            (row, first + place): grid.origin(code, year)
            for row, code in enumerate(grid.codes)
            for place, year in enumerate(grid.columns)
            if (code, year) in grid.values
        }
    )
    return Table(printed, columns, grid.kinds, [*notes, *differences(frame)], marks, rests=grid.records)


def act(text: str) -> str:
    """The acts or the origin of an assignment: acts told apart, dates and capitals in one form."""
    parted = re.sub(r"(?<=\d) (?=DGR|DECRETO)", "; ", text)
    dated = re.sub(r"(\d{2})\.(\d{2})\.(\d{4})", r"\1/\2/\3", parted).replace("DECRETO", "Decreto")
    return re.sub(r"Fondo (Ministeriale|Regionale)", lambda found: found[0].capitalize(), dated)


def differences(frame: pd.DataFrame) -> list[str]:
    """A sentence for each year whose printed total is not the sum of its rows."""
    said = []
    for year, rows in frame.groupby("anno"):
        whole = _total(rows)
        parts = rows.loc[rows["fondo"] != "totale", "valore"].sum()
        if whole is not None and whole != parts:
            gap = numbers.signed(parts - whole, "EUR")
            said.append(f"{year}: le righe sommano {numbers.euro(parts)}, {gap} rispetto al totale pubblicato.")
    return said


def _total(rows: pd.DataFrame) -> Decimal | None:
    return next(iter(rows.loc[rows["fondo"] == "totale", "valore"]), None)


def bonds(frame: pd.DataFrame, free: Collection[str]) -> pd.DataFrame:
    """The institutional funds of each year, bound, free and whole: ``vincolo``, ``nome``, ``valore``.

    The bound are what the ``free`` leave of the printed total; years without one are left out.
    """
    rows = []
    for year, some in frame.groupby("anno"):
        whole, loose = _total(some), some.loc[some["fondo"].isin(free), "valore"].sum()
        if whole is None:
            continue
        rows += [("vincolate", "Risorse vincolate", year, whole - loose), ("libere", "Risorse libere", year, loose)]
        rows.append(("totale", "Totale", year, whole))
    return pd.DataFrame(rows, columns=["vincolo", "nome", "anno", "valore"])
