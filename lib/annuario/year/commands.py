"""The command ``annuario explain``."""

from __future__ import annotations

from decimal import Decimal

import click

from annuario import project
from annuario.messages import say
from annuario.terminal import Command, argument, option


@click.command(cls=Command)
@argument("key", metavar="CHECK")
@option("--note", required=True, metavar="TEXT", help="The explanation, as readers of the book will read it.")
@option(
    "--verdict",
    metavar="VERDICT",
    default="non torna",
    show_default=True,
    help="non torna, base diversa or testo incompleto.",
)
@option("--used", default="", metavar="TEXT", help="Which of the numbers the book uses.")
def explain(key: str, note: str, verdict: str, used: str) -> None:
    """Write into the discrepancies the explanation of a difference that «annuario check» proposes."""
    from annuario.errors import BookError
    from annuario.words import numbers
    from annuario.year import explain as explaining

    if verdict not in explaining.VERDICTS:
        raise BookError(
            say(
                "--verdict {verdict}: choose among {verdicts}.",
                verdict=verdict,
                verdicts=", ".join(explaining.VERDICTS),
            )
        )
    path, row = explaining.explain(project.find().root / "data", key, note, verdict, used)
    click.echo(
        say(
            "{path}: {controllo}: {esito}, difference {differenza}: {spiegazione}",
            path=path,
            controllo=row["controllo"],
            esito=row["esito"],
            differenza=numbers.number(Decimal(row["differenza"]) if row["differenza"] else None),
            spiegazione=row["spiegazione"],
        )
    )
