"""The command line: a thin skin over the package's functions."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

import annuario
from annuario import checks, editions, numbers, project
from annuario import build as building
from annuario.data import Package
from annuario.errors import BookError
from annuario.validate import validate

console = Console(highlight=False)


class Commands(click.Group):
    """A group that prints a BookError as its message alone."""

    def invoke(self, context: click.Context):
        try:
            return super().invoke(context)
        except BookError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(error.exit_code)


@click.group(cls=Commands)
@click.version_option(annuario.__version__, prog_name="annuario")
def main() -> None:
    """Build a public agency's yearly book from its data and notebooks."""


@main.command()
@click.argument("edition", nargs=-1, required=True)
@click.option("--format", "formats", default="html,pdf", show_default=True, help="Comma-separated: html, pdf.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "quarto", "pandoc"]),
    default="auto",
    show_default=True,
    help="Publisher; auto takes quarto where it is installed.",
)
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Output folder (default: output).")
def build(edition: tuple[str, ...], formats: str, engine: str, out: Path | None) -> None:
    """Build one or more editions, such as relazione-2025."""
    wanted = tuple(part.strip() for part in formats.split(",") if part.strip())
    unknown = [part for part in wanted if part not in building.FORMATS]
    if unknown or not wanted:
        raise BookError(f"--format {formats}: choose among {', '.join(building.FORMATS)}.")
    here = project.find()
    package = Package(here.root / "data")
    chosen = [editions.parse(name, here, package) for name in edition]
    for one in chosen:
        steps = len(here.books[one.book].chapters) + len(wanted) + 2
        bar = Progress(
            SpinnerColumn(),
            TextColumn(f"[bold]{one}[/bold]"),
            BarColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        with bar:
            task = bar.add_task("", total=steps)
            summary = building.build(
                here,
                one,
                out or here.root / "output",
                wanted,
                engine,
                lambda step: bar.update(task, advance=1, description=step),
            )
        _print_summary(summary)


def _print_summary(summary: building.Summary) -> None:
    console.print(
        f"{summary.edition}: {summary.chapters} chapters, {summary.tables} tables, {summary.charts} charts, "
        f"{summary.checks} checks, {numbers.number(round(summary.seconds, 1))} s"
    )
    for path in summary.paths:
        console.print(f"  {path}", soft_wrap=True)


@main.command("list")
def list_() -> None:
    """List the editions that can be built and their chapters."""
    here = project.find()
    package = Package(here.root / "data")
    table = Table("edition", "kind", "chapters", box=None, pad_edge=False)
    for one in editions.available(here, package):
        chapters = here.books[one.book].chapters
        kind = "published" if one.published else "reconstructed"
        table.add_row(str(one), kind, ", ".join(path.stem for path in chapters))
    console.print(table)


@main.command()
@click.argument("edition", required=False)
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Also write every check to this file.")
def check(edition: str | None, csv_file: Path | None) -> None:
    """Check the data and list the differences that the documents contain."""
    here = project.find()
    package = Package(here.root / "data")
    chosen = editions.parse(edition, here, package) if edition else None
    validate(package)
    results = checks.run(package)
    if chosen:
        results = results[results["edizione"] == str(chosen)]
    if csv_file:
        try:
            results.to_csv(csv_file, index=False, lineterminator="\n")
        except OSError as error:
            raise BookError(f"{csv_file}: cannot be written ({error.strerror}).") from error
    _print_checks(checks.explained(results, package))
    checks.require_explained(results, package)


def _print_checks(results) -> None:
    for row in results[results["esito"] != checks.HOLDS].itertuples():
        console.print(
            f"[bold]{row.esito}[/bold]  {row.cosa} ({row.anno}) — {row.dove}\n"
            f"    expected {numbers.number(row.atteso)}, found {numbers.number(row.trovato)}, "
            f"difference {numbers.number(row.differenza)}"
            + (f"\n    {row.spiegazione}" if row.spiegazione else ""),
            soft_wrap=True,
        )
    counts = results["esito"].value_counts()
    console.print(", ".join(f"{verdict}: {count}" for verdict, count in counts.items()) or "no check applies")
