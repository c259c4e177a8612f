"""The commands ``annuario sheet`` and ``annuario import``."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from annuario import project
from annuario.errors import BookError
from annuario.messages import say, say_many
from annuario.terminal import Command, argument, option

#: How many changes and notices are told one by one.
SHOWN = 40


@click.command(cls=Command)
@argument("edition", metavar="EDITION")
@option("--subject", "name", default="", metavar="SUBJECT", help="One subject alone, such as tutela-minori.")
@option("--output", type=click.Path(path_type=Path), metavar="FILE", help="The file to write (default: EDITION.xlsx).")
def sheet(edition: str, name: str, output: Path | None) -> None:
    """Write the Excel workbook into which the data of a draft are entered."""
    from annuario.workbook import write
    from annuario.workbook.form import subject

    path = output or Path(f"{edition}-{name}.xlsx" if name else f"{edition}.xlsx")
    if path.suffix.lower() != ".xlsx":
        raise BookError(say("{path}: the name must end in .xlsx.", path=path))
    if output is None and path.exists():
        raise BookError(
            say("{path} is there already, and may hold data: move it, or give another name with --output.", path=path)
        )
    form = _form(edition)
    subjects = subject(form, name)
    write.write(form, subjects, path)
    lines = [line for one in subjects for line in one.lines]
    missing = sum(line.value is None and line.state == "manca" for line in lines)
    lists = sum(len(one.lists) for one in subjects)
    click.echo(
        say(
            "{path}: {subjects}, {rows} ({missing} to be entered), {lists}",
            path=path,
            subjects=say_many("{count} subject", "{count} subjects", len(subjects)),
            rows=say_many("{count} row", "{count} rows", len(lines)),
            missing=missing,
            lists=say_many("{count} list", "{count} lists", lists),
        )
    )
    click.echo(f"  annuario import {path}")


@click.command("import", cls=Command)
@argument("file", type=click.Path(path_type=Path))
@option("--yes", "--apply", "yes", is_flag=True, help="Write; without it, only say what would change.")
@option("--all", "every", is_flag=True, help="Name each row that changes.")
def import_(file: Path, yes: bool, every: bool) -> None:
    """Bring an Excel workbook made with «annuario sheet» into the tables."""
    from annuario.workbook import bring
    from annuario.workbook.changes import ADDED, CHANGED, REMOVED
    from annuario.workbook.compare import compare
    from annuario.workbook.read import read

    found = read(file)
    form = _form(found.edition, file)
    changes = compare(form, found)
    today = datetime.datetime.now().astimezone().date()
    problems = [*changes.problems, *bring.problems(form, found, changes, today)]
    shown = None if every else SHOWN
    for notice in changes.notices[:shown]:
        click.echo(say("Warning: {notice}.", notice=notice))
    _more(len(changes.notices), shown)
    if problems:
        told = "".join(f"\n  {_ended(one)}" for one in problems)
        raise BookError(
            say(
                "{file}: {counted}; nothing was written.{told}",
                file=file,
                counted=say_many("{count} problem", "{count} problems", len(problems)),
                told=told,
            )
        )
    for change in changes.rows[:shown]:
        click.echo(f"  {change}")
    _more(len(changes.rows), shown)
    for state in changes.states[:shown]:
        click.echo(f"  {state}")
    _more(len(changes.states), shown)
    counts = say(
        "{rows} to add, {changed} to change, {removed} to remove, {states} to change",
        rows=say_many("{count} row", "{count} rows", changes.count(ADDED)),
        changed=changes.count(CHANGED),
        removed=changes.count(REMOVED),
        states=say_many("{count} state", "{count} states", len(changes.states)),
    )
    if not changes:
        click.echo(say("{edition}: no difference", edition=form.edition))
    elif yes:
        name = bring.bring(form, found, changes, today)
        click.echo(
            say("{edition}: {counts}: written", edition=form.edition, counts=counts)
            + (say(" (delivery {name})", name=name) if name else "")
        )
        click.echo(f"  annuario missing {form.edition}")
    else:
        click.echo(say("{edition}: {counts}; nothing was written yet", edition=form.edition, counts=counts))
        click.echo(f"  annuario import {file} --yes")


def _more(count: int, shown: int | None) -> None:
    if shown is not None and count > shown:
        click.echo(say("  … and {count} more (--all shows them all)", count=count - shown))


def _ended(problem: str) -> str:
    return problem if problem.endswith("?") else f"{problem.rstrip('.')}."


def _form(name: str, file: Path | None = None):
    """What a draft's workbook asks for, its data being valid; ``file`` is the workbook that names the draft."""
    from annuario.data import Package, editions
    from annuario.data.validate import validate
    from annuario.workbook.form import Form
    from annuario.year.progress import require_draft

    here = project.find()
    package = Package(here.root / "data", name)
    if file and name not in package.drafts:
        drafts = ", ".join(sorted(package.drafts)) or say("there is none: «annuario new» begins one")
        raise BookError(
            say(
                "{path}: the sheets are of {edition}, which is not a draft: bring in those of a draft ({drafts}).",
                path=file,
                edition=name,
                drafts=drafts,
            )
        )
    edition = editions.parse(name, here, package)
    require_draft(edition)
    validate(package)
    return Form(here, package, edition)
