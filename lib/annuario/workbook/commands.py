"""The commands ``annuario sheet``, ``annuario import`` and ``annuario explain``."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from annuario import project
from annuario.errors import BookError
from annuario.messages import say, say_many, shortened
from annuario.terminal import Command, argument, option

if TYPE_CHECKING:
    from annuario.workbook.explanations import Question
    from annuario.workbook.form import Form

#: How many changes and notices are told one by one.
SHOWN = 40
#: How many problems of a sheet.
BY_SHEET = 15


@click.command(cls=Command)
@argument("edition", metavar="EDITION")
@option("--subject", "name", default="", metavar="SUBJECT", help="One subject alone, such as tutela-minori.")
@option("--output", type=click.Path(path_type=Path), metavar="FILE", help="The file to write (default: EDITION.xlsx).")
def sheet(edition: str, name: str, output: Path | None) -> None:
    """Write the Excel workbook into which the data of a draft are entered."""
    from annuario.workbook import explanations, write
    from annuario.workbook.form import subject

    path = output or Path(f"{edition}-{name}.xlsx" if name else f"{edition}.xlsx")
    _require_new(path, output is not None)
    form = _form(edition)
    subjects = subject(form, name)
    asked = [] if name else explanations.questions(form.package, edition)
    write.write(form, subjects, path, asked)
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
        + (say(", {asked}", asked=_counted(asked)) if asked else "")
    )
    click.echo(f"  annuario import {path}")


def _require_new(path: Path, chosen: bool) -> None:
    """Raise BookError for the name of a file that is no workbook's, or of one that is there and nobody has ``chosen``."""
    if path.suffix.lower() != ".xlsx":
        raise BookError(say("{path}: the name must end in .xlsx.", path=path))
    if not chosen and path.exists():
        raise BookError(
            say("{path} is there already, and may hold data: move it, or give another name with --output.", path=path)
        )


def _counted(asked: list[Question]) -> str:
    """How many differences and doubts are to be explained, in words."""
    differences = sum(not one.row and not one.answer for one in asked)
    doubts = sum(one.row is not None for one in asked)
    return say(
        "{differences} to be explained, {doubts} to be confirmed",
        differences=say_many("{count} difference", "{count} differences", differences),
        doubts=say_many("{count} doubt", "{count} doubts", doubts),
    )


@click.command("import", cls=Command)
@argument("file", type=click.Path(path_type=Path))
@option("--yes", "--apply", "yes", is_flag=True, help="Write; without it, only say what would change.")
@option("--all", "every", is_flag=True, help="Name each row that changes, and each problem.")
def import_(file: Path, yes: bool, every: bool) -> None:
    """Bring an Excel workbook made with «annuario sheet» into the tables."""
    from annuario.workbook import bring, explanations
    from annuario.workbook.changes import ADDED, CHANGED, REMOVED
    from annuario.workbook.compare import compare
    from annuario.workbook.read import read

    found = read(file)
    form = _form(found.edition, file)
    changes = compare(form, found)
    today = datetime.datetime.now().astimezone().date()
    with bring.tried(form, found, changes, today) as (tried, invalid):
        if not (invalid or changes.problems):
            explanations.compare(form, found, changes, tried)
    problems = [*changes.problems, *invalid]
    shown = None if every else SHOWN
    for notice in changes.notices[:shown]:
        click.echo(say("Warning: {notice}.", notice=notice))
    _more(len(changes.notices), shown)
    if problems:
        told = "".join(f"\n  {one}" for one in _by_sheet(list(map(_ended, problems)), None if every else BY_SHEET))
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


@click.command(cls=Command)
@argument("what", metavar="EDITION|CHECK")
@option("--note", default="", metavar="TEXT", help="The explanation of one CHECK, as readers of the book will read it.")
@option(
    "--verdict",
    metavar="VERDICT",
    default="non torna",
    show_default=True,
    help="non torna, base diversa or testo incompleto.",
)
@option("--used", default="", metavar="TEXT", help="Which of the numbers the book uses.")
@option(
    "--output", type=click.Path(path_type=Path), metavar="FILE", help="The sheet (default: EDITION-spiegazioni.xlsx)."
)
def explain(what: str, note: str, verdict: str, used: str, output: Path | None) -> None:
    """Explain the differences of a draft: all in one Excel sheet, or one CHECK that «annuario check» names.

    Of an EDITION it writes the sheet with all that is open, to be filled in and brought back with «annuario import».
    """
    if "/" in what:
        _explain_one(what, note, verdict, used)
    elif note or used:
        raise BookError(
            say("--note and --used explain one check: write its name, such as fsol/capitale/relazione-2026/2026.")
        )
    else:
        _explain_all(what, output)


def _explain_one(key: str, note: str, verdict: str, used: str) -> None:
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


def _explain_all(edition: str, output: Path | None) -> None:
    from annuario.workbook import explanations, write

    path = output or Path(f"{edition}-spiegazioni.xlsx")
    _require_new(path, output is not None)
    form = _form(edition)
    asked = explanations.questions(form.package, edition)
    if asked:
        write.write(form, [], path, asked)
        click.echo(f"{path}: {_counted(asked)}")
        click.echo(f"  annuario import {path}")
    else:
        click.echo(say("{edition}: there is nothing to explain or to confirm", edition=edition))


def _more(count: int, shown: int | None) -> None:
    if shown is not None and count > shown:
        click.echo(say("  … and {count} more (--all shows them all)", count=count - shown))


def _by_sheet(problems: list[str], most: int | None) -> list[str]:
    """The problems, of many in one sheet the first."""
    sheets: dict[str, list[str]] = {}
    for problem in problems:
        sheets.setdefault(problem.partition(",")[0].partition(":")[0], []).append(problem)
    for lines in sheets.values():
        lines.sort(key=lambda line: int(found[1]) if (found := re.search(r"», \w+ (\d+)", line)) else 0)
    return [line for one in sheets.values() for line in shortened(one, most, "--all")]


def _ended(problem: str) -> str:
    return problem if problem.endswith("?") else f"{problem.rstrip('.')}."


def _form(name: str, file: Path | None = None) -> Form:
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
