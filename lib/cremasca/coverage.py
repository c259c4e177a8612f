"""How the budget of a plan is covered: how much goes from each source to the cards.

The revenues are forecast by channel; the cards split each line among a few columns. Both
are brought to the same sources, those of the list ``fonti-schede`` in the table of names: a
revenue whose channel has no column of its own in the cards goes under «altri fondi».
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from annuario.data import Vintage
from annuario.tables import Column, Table
from annuario.words import numbers
from cremasca.names import Name, listed, named
from cremasca.plan import ZERO, numbered
from cremasca.plan_cards import Card, present
from cremasca.revenues import forecast

#: The source of what has no column of its own: it comes first nowhere.
OTHERS = "altri-fondi"
#: What is left of a source when the lines that can be read are paid.
UNREAD = "non-leggibile"


def source_of(channel: str, columns: set[str], known: Mapping[str, Name]) -> str:
    """Which of the ``known`` sources a channel belongs to, given the columns that the cards have."""
    alike = next((code for code, name in known.items() if channel in name.codici), channel)
    code = "avanzo" if channel.startswith("avanzo") else alike
    return code if code in known and (code in columns or code == "avanzo") else OTHERS


def assigned(edition: Vintage, cards: Mapping[str, Card]) -> pd.DataFrame:
    """What each source pays in each card, summed over the lines that can be read.

    Columns ``fonte``, ``scheda``, ``valore`` in EUR.
    """
    columns = {code for card in cards.values() for code in card.channels}
    known = listed(edition.package, "fonti-schede")
    sums: dict[tuple[str, str], Decimal] = {}
    for name, card in present(cards).items():
        for code, value in card.channels.items():
            key = (source_of(code, columns, known), name)
            sums[key] = sums.get(key, ZERO) + value
    rows = [(source, name, value) for (source, name), value in sums.items()]
    return pd.DataFrame(rows, columns=["fonte", "scheda", "valore"])


def sources(edition: Vintage, cards: Mapping[str, Card]) -> pd.DataFrame:
    """Each source: what the plan forecasts, what it takes off, what the cards' lines use.

    Columns ``fonte``, ``nome``, ``entrate``, ``detratte``, ``schede``, ``resto`` (forecast less
    what is taken off, less what is used), in EUR; sources without any amount are left out.
    """
    frame = forecast(edition)
    frame = frame[frame["provenienza"] != "totale"]
    columns = {code for card in cards.values() for code in card.channels}
    known = listed(edition.package, "fonti-schede")
    frame = frame.assign(fonte=[source_of(channel, columns, known) for channel in frame["canale"]])
    used = assigned(edition, cards)
    rows = []
    for code, name in known.items():
        own_rows = frame[frame["fonte"] == code]
        planned, off = (sum(own_rows.loc[own_rows["detratta"] == taken, "valore"], ZERO) for taken in (False, True))
        spent = sum(used.loc[used["fonte"] == code, "valore"], ZERO)
        if planned or spent:
            rows.append((code, name.nome, planned, off, spent, planned - off - spent))
    return pd.DataFrame(rows, columns=["fonte", "nome", "entrate", "detratte", "schede", "resto"], dtype=object)


def sources_table(frame: pd.DataFrame) -> Table | None:
    """The frame of :func:`sources` with its computed sums; None where there is nothing."""
    if frame.empty:
        return None
    names = ["entrate", "detratte", "schede", "resto"]
    titles = ["Entrate previste", "Quote detratte", "Nelle schede", "Resto"]
    kept = [(name, title) for name, title in zip(names, titles) if name != "detratte" or frame[name].map(bool).any()]
    rows = [*frame.to_dict("records"), {"nome": "Somma", **{name: sum(frame[name], ZERO) for name in names}}]
    printed = pd.DataFrame(
        [{"nome": row["nome"], **{name: numbers.euro(row[name]) for name, _ in kept}} for row in rows]
    )
    columns = [Column("nome", "Fonte"), *(Column(name, title, right=True) for name, title in kept)]
    return Table(printed, columns, [""] * len(frame) + ["totale"], rests=frame)


def flows(edition: Vintage, cards: Mapping[str, Card]) -> pd.DataFrame:
    """How much goes from each source to each goal of the plan, or to each area.

    Columns ``fonte``, ``fonte_nome``, ``centro``, ``centro_nome``, ``posto`` (the centre's place
    in the plan), ``valore`` in EUR. What is left
    of a source goes to the one card whose sources cannot all be read; where they are several,
    to a centre of its own (:data:`UNREAD`) that names them.
    """
    used = assigned(edition, cards)
    centres, names = _centres(edition, cards)
    used = used.assign(centro=used["scheda"].map(centres))
    unread = [name for name, card in present(cards).items() if card.unassigned]
    if unread:
        rest = sources(edition, cards)
        rest = rest[rest["resto"].map(lambda value: value > 0)]
        target = centres[unread[0]] if len({centres[name] for name in unread}) == 1 else UNREAD
        rows = pd.DataFrame({"fonte": rest["fonte"], "centro": target, "valore": rest["resto"]})
        used = pd.concat([used, rows], ignore_index=True)
    sums = used.groupby(["fonte", "centro"])["valore"].sum().reset_index()
    several = " e ".join(dict.fromkeys(names[centres[name]] for name in unread))
    names = names | {UNREAD: f"{several}: voci non leggibili"}
    places = {centre: place for place, centre in enumerate([*dict.fromkeys(centres.values()), UNREAD])}
    sources_ = named(edition.package, "fonti-schede")
    sums = sums.assign(
        fonte_nome=sums["fonte"].map(sources_), centro_nome=sums["centro"].map(names), posto=sums["centro"].map(places)
    )
    return sums.sort_values("posto", kind="stable").reset_index(drop=True)


def unread_centres(edition: Vintage, cards: Mapping[str, Card]) -> set[str]:
    """The centres of which a part cannot be read, with that of what cannot (:data:`UNREAD`)."""
    centres, _ = _centres(edition, cards)
    return {UNREAD, *(centres[name] for name, card in present(cards).items() if card.unassigned)}


def _centres(edition: Vintage, cards: Mapping[str, Card]) -> tuple[dict[str, str], dict[str, str]]:
    """The centre of each card (itself, or its area) and the short names of the centres."""
    known = edition.package.read("schede").set_index("scheda")
    areas = edition.package.read("aree").set_index("area")["nome"]
    centres = {name: known.at[name, "area"] or name for name in present(cards)}
    names = {
        centre: numbered(areas.get(centre) or known.at[centre, "nome"]) for centre in dict.fromkeys(centres.values())
    }
    return centres, names


def by_centre(frame: pd.DataFrame, label: str) -> Table | None:
    """The frame of :func:`flows` as a list: beside each goal or area its sources, from the largest."""
    if frame.empty:
        return None
    lines = []
    for name, rows in frame.sort_values("posto", kind="stable").groupby("centro_nome", sort=False):
        whole = sum(rows["valore"], ZERO)
        for place, row in enumerate(rows.sort_values("valore", ascending=False, kind="stable").itertuples()):
            share = numbers.percent(row.valore / whole * 100)
            lines.append(["" if place else name, row.fonte_nome, numbers.euro(row.valore), share])
    columns = [Column("centro", label), Column("fonte", "Fonte")]
    columns += [Column("valore", "Importo", right=True), Column("quota", "Quota", right=True)]
    return Table(pd.DataFrame(lines, columns=[column.name for column in columns]), columns, rests=frame)
