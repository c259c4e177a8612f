"""Budget cards: lines against totals, lines against their funding channels."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from annuario.checks.rows import FAILS, Number, lines, row, summed, table
from annuario.checks.sums import totals

CHANNEL = "Scheda «{0}», {1}, {2}: somma delle righe"
CARD = ["edizione", "anno", "scheda", "fase"]


def cards(budget: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """The lines of each card against its total, for the amounts and for each funding channel.

    ``names`` are those of cards and channels.
    """
    amounts = budget[budget["canale"] == "totale"]
    channels = _with_blanks(amounts, budget[budget["canale"] != "totale"])
    by = ["scheda", "fase"]
    return pd.concat(
        [
            totals(amounts, "schede", "Scheda «{0}», {1}: somma delle righe = totale", by, "voce", names=names),
            totals(channels, "schede", f"{CHANNEL} = totale", [*by, "canale"], "voce", names=names),
            _unprinted(channels, names),
        ],
        ignore_index=True,
    )


def _with_blanks(amounts: pd.DataFrame, channels: pd.DataFrame) -> pd.DataFrame:
    """The channels with a zero for each blank cell, where the card prints the channel's total."""
    printed = channels.loc[channels["voce"] == "totale", [*CARD, "canale"]]
    items = amounts.loc[amounts["voce"] != "totale", [*CARD, "voce", "fonte"]]
    cells = items.merge(printed, on=CARD).assign(valore=Decimal(0))
    filled = pd.concat([channels, cells])
    return filled.drop_duplicates([*CARD, "canale", "voce"])


def _unprinted(channels: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Channels that a card uses in its lines and leaves out of its row of totals."""
    is_total = channels["voce"] == "totale"
    printed = set(zip(*(channels.loc[is_total, column] for column in [*CARD, "canale"])))
    carded = {key[:-1] for key in printed}
    rows = []
    for key, used in summed(channels[~is_total], [*CARD, "canale"]).items():
        if key[:-1] in carded and key not in printed and used.value:
            edition, year, card, phase, channel = key
            check = f"schede/{card}/{phase}/{channel}/{edition}/{year}"
            what = CHANNEL.format(names.get(card, card), phase, names.get(channel, channel)) + " = totale"
            rows.append((check, what, edition, year, lines(used.source), used.value, None, None, FAILS))
    return table(rows)


def channels(budget: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Each budget line against the sum of the channels that fund it, in the plans that print them.

    ``names`` are those of the lines.
    """
    keys = ["edizione", "anno", "fase", "voce"]
    items = budget[budget["voce"] != "totale"]
    is_amount = items["canale"] == "totale"
    funding = summed(items[~is_amount], keys)
    split = {key[:-1] for key in funding}
    rows = []
    for key, amount in summed(items[is_amount], keys).items():
        if key[:-1] in split:
            edition, year, _, item = key
            expected = funding.get(key, Number(Decimal(0), amount.source))
            what = f"Riga «{names.get(item, item)}» = somma dei canali di finanziamento"
            rows.append(row(f"canali/{item}", what, edition, year, expected, amount))
    return table(rows)
