"""Budget cards: lines against totals, lines against their funding channels."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from annuario.checks.rows import FAILS, Number, lines, row, table
from annuario.checks.sums import totals


def cards(budget: pd.DataFrame) -> pd.DataFrame:
    """The lines of each card against its total, for the amounts and for each funding channel."""
    amounts = budget[budget["canale"] == "totale"]
    channels = _with_blanks(amounts, budget[budget["canale"] != "totale"])
    return pd.concat(
        [
            totals(amounts, "schede", "Scheda {0}: somma delle righe = totale ({1})", ["scheda", "fase"], "voce"),
            totals(channels, "schede", "Scheda {0}: somma delle righe = totale ({1}, {2})", ["scheda", "fase", "canale"], "voce"),
            _unprinted(channels),
        ],
        ignore_index=True,
    )


def _with_blanks(amounts: pd.DataFrame, channels: pd.DataFrame) -> pd.DataFrame:
    """The channels with a zero for each blank cell, where the card prints the channel's total."""
    keys = ["edizione", "anno", "scheda", "fase"]
    printed = channels.loc[channels["voce"] == "totale", [*keys, "canale"]]
    items = amounts.loc[amounts["voce"] != "totale", [*keys, "voce", "fonte"]]
    blanks = items.merge(printed, on=keys).assign(valore=Decimal(0))
    filled = blanks.merge(channels[[*keys, "voce", "canale"]], on=[*keys, "voce", "canale"], how="left", indicator=True)
    return pd.concat([channels, filled[filled["_merge"] == "left_only"]])


def _unprinted(channels: pd.DataFrame) -> pd.DataFrame:
    """Channels that a card uses in its lines and leaves out of its row of totals."""
    keys = ["edizione", "anno", "scheda", "fase"]
    printed = channels[channels["voce"] == "totale"]
    carded = set(printed[keys].itertuples(index=False, name=None))
    known = set(printed[[*keys, "canale"]].itertuples(index=False, name=None))
    rows = []
    for key, used in channels[channels["voce"] != "totale"].groupby([*keys, "canale"], sort=False):
        if key[:4] in carded and key not in known and used["valore"].sum():
            edition, year, card, phase, channel = key
            rows.append(
                (
                    f"schede/{card}/{phase}/{channel}/{edition}/{year}",
                    f"Scheda {card}: somma delle righe = totale ({phase}, {channel})",
                    edition, year, lines(";".join(used["fonte"])), used["valore"].sum(), None, None, FAILS,
                )  # fmt: skip
            )
    return table(rows)


def channels(budget: pd.DataFrame) -> pd.DataFrame:
    """Each budget line against the sum of the channels that fund it, in the plans that print them."""
    keys = ["edizione", "anno", "fase"]
    items = budget[(budget["voce"] != "totale") & budget["valore"].notna()]
    funded = items[items["canale"] != "totale"]
    split = set(funded[keys].itertuples(index=False, name=None))
    sums = funded.groupby([*keys, "voce"], sort=False)["valore"].sum().to_dict()
    rows = []
    for edition, year, phase, item, value, source in items.loc[
        items["canale"] == "totale", [*keys, "voce", "valore", "fonte"]
    ].itertuples(index=False):
        total = sums.get((edition, year, phase, item))
        if (edition, year, phase) in split:
            expected = Number(total if total is not None else Decimal(0), source)
            rows.append(row(f"canali/{item}", "Riga di budget = somma dei canali di finanziamento", edition, year, expected, Number(value, source)))
    return table(rows)
