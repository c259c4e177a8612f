"""The commands ``annuario sheet`` and ``annuario import``."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from annuario import project
from annuario.errors import BookError

#: How many changes and notices are told one by one.
SHOWN = 40


@click.command()
@click.argument("edition", metavar="EDIZIONE")
@click.option("--subject", "name", default="", metavar="ARGOMENTO", help="Un solo argomento, come tutela-minori.")
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE", help="Il file da scrivere (di norma EDIZIONE.xlsx)."
)
def sheet(edition: str, name: str, output: Path | None) -> None:
    """Scrive la cartella di Excel in cui si inseriscono i dati di una bozza."""
    from annuario.workbook import write
    from annuario.workbook.form import subject

    form = _form(edition)
    subjects = subject(form, name)
    path = output or Path(f"{edition}-{name}.xlsx" if name else f"{edition}.xlsx")
    if path.suffix.lower() != ".xlsx":
        raise BookError(f"{path}: il nome deve finire in .xlsx.")
    if output is None and path.exists():
        raise BookError(f"{path} c’è già, e può contenere dati: spostarlo, o dire un altro nome con --output.")
    write.write(form, subjects, path)
    lines = [line for one in subjects for line in one.lines]
    missing = sum(line.value is None and line.state == "manca" for line in lines)
    lists = sum(len(one.lists) for one in subjects)
    click.echo(
        f"{path}: {_counted(len(subjects), 'argomento', 'argomenti')}, {_counted(len(lines), 'riga', 'righe')} "
        f"({missing} da inserire), {_counted(lists, 'elenco', 'elenchi')}"
    )
    click.echo(f"  annuario import {path}")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", "--apply", "yes", is_flag=True, help="Scrive; senza, dice soltanto che cosa cambierebbe.")
@click.option("--all", "every", is_flag=True, help="Nomina ogni riga che cambia.")
def import_(file: Path, yes: bool, every: bool) -> None:
    """Porta nelle tabelle una cartella di Excel fatta con «annuario sheet»."""
    from annuario.workbook import bring
    from annuario.workbook.changes import ADDED, CHANGED, REMOVED, compare
    from annuario.workbook.read import read

    found = read(file)
    form = _form(found.edition)
    changes = compare(form, found)
    problems = [*changes.problems, *bring.wrong_delivery(form, found)]
    shown = None if every else SHOWN
    for notice in changes.notices[:shown]:
        click.echo(f"Avviso: {notice}.")
    _more(len(changes.notices), shown)
    if problems:
        told = "".join(f"\n  {_ended(one)}" for one in problems)
        raise BookError(f"{file}: {_counted(len(problems), 'problema', 'problemi')}; niente è stato scritto.{told}")
    for change in changes.rows[:shown]:
        click.echo(f"  {change}")
    _more(len(changes.rows), shown)
    for (_, key), (state, reason) in list(changes.states.items())[:shown]:
        click.echo(f"  stato {key}: {state}" + (f" ({reason})" if reason else ""))
    _more(len(changes.states), shown)
    counts = (
        f"{_counted(changes.count(ADDED), 'riga', 'righe')} da aggiungere, {changes.count(CHANGED)} da cambiare, "
        f"{changes.count(REMOVED)} da togliere, {_counted(len(changes.states), 'stato', 'stati')} di righe"
    )
    if not changes:
        click.echo(f"{form.edition}: nessuna differenza")
    elif yes:
        name = bring.bring(form, found, changes, datetime.datetime.now().astimezone().date())
        click.echo(f"{form.edition}: {counts}: scritto" + (f" (consegna {name})" if name else ""))
        click.echo(f"  annuario missing {form.edition}")
    else:
        click.echo(f"{form.edition}: {counts}; niente è stato scritto ancora")
        click.echo(f"  annuario import {file} --yes")


def _more(count: int, shown: int | None) -> None:
    if shown is not None and count > shown:
        click.echo(f"  … e ancora {count - shown} (con --all si vedono tutti)")


def _counted(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _ended(problem: str) -> str:
    return problem if problem.endswith("?") else f"{problem.rstrip('.')}."


def _form(name: str):
    """What a draft's workbook asks for, its data being valid."""
    from annuario.data import Package, editions
    from annuario.data.validate import validate
    from annuario.workbook.form import Form
    from annuario.year.progress import require_draft

    here = project.find()
    package = Package(here.root / "data", name)
    edition = editions.parse(name, here, package)
    require_draft(edition)
    validate(package)
    return Form(here, package, edition)
