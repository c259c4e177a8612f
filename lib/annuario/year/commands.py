"""The command ``annuario explain``."""

from __future__ import annotations

import click

from annuario import project


@click.command()
@click.argument("key", metavar="CONTROLLO")
@click.option("--note", required=True, metavar="TESTO", help="La spiegazione, come la leggerà chi apre il libro.")
@click.option(
    "--verdict",
    metavar="ESITO",
    default="non torna",
    show_default=True,
    help="non torna, base diversa o testo incompleto.",
)
@click.option("--used", default="", metavar="TESTO", help="Quale dei numeri usa il libro.")
def explain(key: str, note: str, verdict: str, used: str) -> None:
    """Scrive fra le discrepanze la spiegazione di una differenza che «annuario check» propone."""
    from annuario.errors import BookError
    from annuario.year import explain as explaining

    if verdict not in explaining.VERDICTS:
        raise BookError(f"--verdict {verdict}: scegliere fra {', '.join(explaining.VERDICTS)}.")
    path, row = explaining.explain(project.find().root / "data", key, note, verdict, used)
    click.echo(
        f"{path}: {row['controllo']}: {row['esito']}, differenza {row['differenza'] or '–'}: {row['spiegazione']}"
    )
