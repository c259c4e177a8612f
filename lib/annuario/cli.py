"""The command line: a thin skin over the package's functions."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

import annuario
from annuario import project
from annuario.book import build as building
from annuario.book import differences, lineage
from annuario.errors import BookError, CheckError
from annuario.execution.cache import Store
from annuario.workbook.commands import import_, sheet
from annuario.year.commands import explain

console = Console(highlight=False, markup=False)
#: The exit code of an error that nobody foresaw.
UNFORESEEN = 70
#: How many doubts, and how many differences from the build before, a build tells.
SHOWN_DOUBTS = SHOWN_CHANGES = 10
#: How many rows that a code names are told.
SHOWN_ROWS = 12


class Commands(click.Group):
    """A group that prints a BookError as its message alone."""

    def invoke(self, context: click.Context):
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")  # a terminal that lacks a sign shows another
        try:
            with _ended_as_by_a_key():
                return super().invoke(context)
        except BookError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(error.exit_code)
        except KeyboardInterrupt as end:
            click.echo("Ended: what was there before is as it was.", err=True)
            sys.exit(128 + (end.args[0] if end.args else signal.SIGINT))
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001 - no user is to read a traceback
            click.echo(f"Error: {_unforeseen(error)}", err=True)
            sys.exit(UNFORESEEN)


@contextmanager
def _ended_as_by_a_key() -> Iterator[None]:
    """Let whoever ends the process from without have it clean up, as Ctrl-C does."""

    def end(number: int, _frame: object) -> None:
        raise KeyboardInterrupt(number)

    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in (getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP")):
            if number and signal.getsignal(number) == signal.SIG_DFL:  # nohup wants SIGHUP ignored
                before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _unforeseen(error: Exception) -> str:
    """One line about an error that nobody foresaw; its details are kept in a file."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    what = f"unforeseen: {type(error).__name__}: {' '.join(str(error).split())[:200]} ({last.filename}, line {last.lineno})"
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="annuario-errore-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
        ) as file:
            file.write("".join(traceback.format_exception(error)))
    except OSError:
        return f"{what}: this is a fault of Annuario's: report it."
    return f"{what}: this is a fault of Annuario's: report it with the details in {file.name}."


out_option = click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="Output folder (default: output)."
)
csv_option = click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path), help="Also write every row to this file."
)


@click.group(cls=Commands)
@click.version_option(annuario.__version__, prog_name="annuario")
def main() -> None:
    """Build a public agency's yearly book from its data and notebooks."""


main.add_command(sheet)
main.add_command(import_)
main.add_command(explain)


@main.command()
@click.argument("edition", nargs=-1, required=True)
@click.option(
    "--format", "formats", default="html,pdf", show_default=True, help="Comma-separated: html, pdf, docx, epub, site."
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "quarto", "pandoc"]),
    default="auto",
    show_default=True,
    help="Publisher; auto takes quarto where it is installed.",
)
@click.option("--no-cache", is_flag=True, help="Run everything anew.")
@click.option(
    "--scheduler", metavar="ADDRESS", help="Run chapters on a Dask cluster: tcp://host:port or tls://host:port."
)
@click.option(
    "--territory", metavar="CODE", help="Build the extract of one territory, such as pandino; all builds each of them."
)
@out_option
def build(
    edition: tuple[str, ...],
    formats: str,
    engine: str,
    no_cache: bool,
    scheduler: str | None,
    territory: str | None,
    out: Path | None,
) -> None:
    """Build one or more editions, such as relazione-2025; a book's name alone is its newest."""
    wanted = _formats(formats)
    here = project.find()
    names = [_newest(here, each) if each in here.books else each for each in edition]
    for name, place in product(names, _territories(territory)):
        bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.fields[name]}", style="bold", markup=False),
            BarColumn(),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        with bar:
            steps = max((len(book.chapters) for book in here.books.values()), default=0) + len(wanted) + 2
            task = bar.add_task("", total=steps, name=f"{name}-{place.id}" if place else name)

            def step(said: str, bar: Progress = bar, task: TaskID = task) -> None:
                bar.update(task, advance=1, description=said)

            summary = building.build(
                here,
                name,
                out or here.root / "output",
                wanted,
                engine,
                not no_cache,
                scheduler,
                step,
                territory=place,
            )
        _print_summary(summary)


def _territories(text: str | None) -> list:
    """The territories asked for; of nothing asked the whole book, which is of none."""
    if text is None:
        return [None]
    from annuario.data import territories

    _, package = _open()
    return territories.parse(text, package)


def _formats(text: str) -> tuple[str, ...]:
    wanted = tuple(part.strip() for part in text.split(",") if part.strip())
    if not wanted or any(part not in building.FORMATS for part in wanted):
        raise BookError(f"--format {text}: choose among {', '.join(building.FORMATS)}.")
    return wanted


def _print_summary(summary: building.Summary) -> None:
    seconds = f"{summary.seconds:.1f}".replace(".", ",")
    console.print(
        f"{summary.edition}: {summary.chapters} chapters, {summary.tables} tables, {summary.charts} charts, "
        f"{summary.checks} checks, {seconds} s" + (" (nothing changed)" if summary.unchanged else "")
    )
    if summary.draft:
        console.print(f"  {summary.draft}", soft_wrap=True)
    for path in summary.paths:
        console.print(f"  {path}", soft_wrap=True)
    for path in summary.removed:
        console.print(f"  {path}: of an earlier build, removed", soft_wrap=True)
    if summary.changes:
        console.print(f"  different from before: {differences.counted(summary.changes)}", soft_wrap=True)
        for line in differences.lines(summary.changes, SHOWN_CHANGES):
            console.print(f"    {line}", soft_wrap=True)
    _print_doubts(summary.doubts, SHOWN_DOUBTS)


def _print_doubts(doubts, shown: int | None = None) -> None:
    for doubt in doubts[:shown]:
        click.echo(f"Warning: {doubt}", err=True)
    if shown is not None and len(doubts) > shown:
        click.echo(f"Warning: … and {len(doubts) - shown} more: «annuario check» tells them all.", err=True)


@main.command()
@click.argument("edition")
@click.option(
    "--to", "target", type=click.Path(path_type=Path), help="Folder of the archive (default: EDITION-archivio)."
)
@click.option("--format", "formats", default="html,pdf", show_default=True, help="Forms of the book in it.")
@out_option
def archive(edition: str, target: Path | None, formats: str, out: Path | None) -> None:
    """Keep an edition for good: book, data, notebooks, program, versions and checksums in one folder."""
    from annuario.book import archive as archiving

    here = project.find()
    out = out or here.root / "output"
    wanted = _formats(formats)
    summary = building.build(here, edition, out, wanted, "pandoc")
    written = archiving.write(
        here, summary.edition, out / summary.edition, target or out / f"{edition}-archivio", wanted, "pandoc"
    )
    console.print(f"{edition}: {written}", soft_wrap=True)
    console.print(f"  annuario verify {written}", soft_wrap=True)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--rebuild", is_flag=True, help="Also build the book again from what is archived, and compare.")
def verify(folder: Path, rebuild: bool) -> None:
    """Say which files of an archive differ from what was archived, if any."""
    from annuario.book import archive as archiving

    console.print(f"{folder}: {archiving.verify(folder)} files as archived", soft_wrap=True)
    if rebuild:
        console.print(f"{folder}: {archiving.rebuild(folder)} files of the book come out the same", soft_wrap=True)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--apply", "applying", is_flag=True, help="Put changes of plain text into their notebooks.")
def review(file: Path, applying: bool) -> None:
    """List the comments and tracked changes of a book's Word document, with notebook and cell."""
    from annuario.book import review as reviewing

    places = reviewing.places(project.find())
    found = reviewing.remarks(file)
    for one in found:
        path, number = places.get(one.where, (None, 0))
        console.print(f"{path}, cell {number}" if path else "no cell", style="bold", soft_wrap=True)
        words = f"«{one.old}» → «{one.new}»" if one.kind == reviewing.CHANGE else f"«{one.old}»: {one.new}"
        console.print(f"  {one.kind}, {one.author}: {words}", soft_wrap=True)
        if applying and path and one.kind == reviewing.CHANGE:
            console.print(f"    {reviewing.apply(one, path, number) or 'put into the notebook'}", soft_wrap=True)
    console.print(f"{len(found)} remarks")


@main.command()
@click.option("--to", "target", type=click.Path(path_type=Path), help="Folder of the site (default: output/sito).")
@click.option("--address", default="", help="Where the site will be found, such as https://www.ente.it/annuario.")
@out_option
def site(target: Path | None, address: str, out: Path | None) -> None:
    """Put the editions built as pages together: one folder for any static host, with an index and a feed."""
    from annuario.book import website

    out = out or project.find().root / "output"
    target = target or out / "sito"
    for edition in website.write(out, target, address):
        console.print(f"{edition.folder.name}: {edition.address}", soft_wrap=True)
    console.print(f"  {target}", soft_wrap=True)


@main.command()
@click.argument("edition")
@click.option("--port", default=4321, show_default=True, help="Port on 127.0.0.1; 0 takes a free one.")
@out_option
def watch(edition: str, port: int, out: Path | None) -> None:
    """Serve an edition and rebuild it whenever a file is saved; the page shows the book on paper too."""
    from annuario.book import watch as watching
    from annuario.data import editions

    here, package = _open()
    editions.parse(edition, here, package)
    preview = watching.Preview(
        here, edition, out or here.root / "output", lambda text: console.print(text, soft_wrap=True)
    )
    server = watching.serve(preview, port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    console.print(f"http://127.0.0.1:{server.server_port}/ (Ctrl-C ends)", soft_wrap=True)
    with suppress(KeyboardInterrupt):
        watching.follow(here, preview.rebuild)
    server.shutdown()


@main.command()
@click.argument("edition", required=False)
@click.argument("chapter", default="")
@click.option("--port", default=8888, show_default=True, help="Port on this machine; 0 takes a free one.")
@out_option
def edit(edition: str | None, chapter: str, port: int, out: Path | None) -> None:
    """Write a chapter in JupyterLab beside the live page of an EDITION; the newest draft if none is named."""
    from annuario.book import edit as editing
    from annuario.book import watch as watching
    from annuario.data import editions

    here, package = _open()
    known = editions.available(here, package) or [editions.parse("", here, package)]
    drafts = [each for each in known if each.draft]
    chosen = editions.parse(edition, here, package) if edition else (drafts or known)[0]
    desk = editing.Desk(here, out or here.root / "output", lambda text: console.print(text, soft_wrap=True))
    server, address = editing.server(desk, str(chosen), port, chapter)
    threading.Thread(target=watching.follow, args=(here, desk.rebuild, None, desk.asked), daemon=True).start()
    editing.serve(server, lambda: console.print(f"{address} (Ctrl-C ends)", soft_wrap=True))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Make a new project in FOLDER: an example that builds at once, with invented data."""
    from annuario import init as initial

    written = initial.init(folder)
    console.print(f"{folder}: {len(written)} files", soft_wrap=True)
    console.print(f"  cd {folder} && annuario build relazione", soft_wrap=True)


@main.command("list")
def list_() -> None:
    """List the editions that can be built and their chapters."""
    from annuario.data import editions

    here, package = _open()
    table = Table("edition", "kind", box=None, pad_edge=False)
    for one in editions.available(here, package):
        table.add_row(str(one), "published" if one.published else "draft" if one.draft else "reconstructed")
    console.print(table)
    for book in here.books.values():
        console.print(f"\n{book.name}: {', '.join(path.stem for path in book.chapters)}")


@main.command()
@click.argument("edition")
def new(edition: str) -> None:
    """Begin the EDITION of a new year as a draft, such as relazione-2026, from the last one."""
    from annuario.year import start

    here = project.find()
    begun = start.begin(here, edition)
    console.print(f"{edition}: a draft" + (f", after {begun.before}" if begun.before else ""), soft_wrap=True)
    console.print(f"  {sum(begun.rows.values())} rows to be entered", soft_wrap=True)
    for table, count in begun.rows.items():
        console.print(f"    {table}: {count}", soft_wrap=True)
    console.print(f"  {begun.headings} sections of commentary to be written", soft_wrap=True)
    for path in begun.files:
        console.print(f"    {path}", soft_wrap=True)
    console.print(f"  annuario missing {edition}\n  annuario build {edition}", soft_wrap=True)


@main.command()
@click.argument("edition")
@click.option("--all", "every", is_flag=True, help="Name each missing row, and what is written.")
def missing(edition: str, every: bool) -> None:
    """Say what a draft has and lacks, by chapter and table."""
    from annuario.year import missing as telling

    for line in telling.lines(_progress(edition), every):
        console.print(line, soft_wrap=True)


@main.command()
@click.argument("edition")
def publish(edition: str) -> None:
    """Publish a draft: refused while something is missing or unexplained; its rows are sealed."""
    import datetime

    from annuario.year import sealing

    sealing.publish(_progress(edition), datetime.datetime.now().astimezone().date())
    console.print(f"{edition}: published", soft_wrap=True)
    console.print(f"  annuario build {edition}", soft_wrap=True)


def _progress(name: str):
    """How far a draft has come, its data being valid."""
    from annuario.data import editions
    from annuario.data.validate import validate
    from annuario.year import sealing
    from annuario.year.progress import Progress, require_draft

    here, package = _open(name)
    edition = editions.parse(name, here, package)
    require_draft(edition)
    validate(package)
    sealing.require(package)
    return Progress(here, package, edition)


@main.command()
@click.argument("edition", required=False)
@csv_option
def check(edition: str | None, csv_file: Path | None) -> None:
    """Check the data, list the differences that the documents contain and what looks wrong.

    What looks wrong and is not confirmed is told and makes the command fail; a build tells it and goes on.
    """
    from annuario import checks
    from annuario.data import editions
    from annuario.data.validate import validate
    from annuario.year import explain as explaining
    from annuario.year import sealing

    here, package = _open(edition or "")
    chosen = editions.parse(edition, here, package) if edition else None
    validate(package)
    sealing.require(package)
    results = checks.run(package)
    shown = checks.explained(results, package)
    if chosen:
        shown = shown[shown["edizione"] == str(chosen)]
    _write_csv(shown, csv_file)
    _print_checks(shown)
    doubts = checks.doubts(package)
    _print_doubts(doubts)
    for line in explaining.proposals(results[results["edizione"] == str(chosen)] if chosen else results, package):
        click.echo(line)
    checks.require_explained(results, package)
    if doubts:
        raise CheckError(f"the data look wrong: doubts that nobody confirmed: {len(doubts)}, each told in a warning.")


def _print_checks(results) -> None:
    from annuario import checks
    from annuario.words import numbers

    for row in results[results["esito"] != checks.HOLDS].itertuples():
        console.print(row.esito, style="bold", end="  ")
        console.print(
            f"{row.cosa} ({row.anno}) — {row.dove}\n"
            f"    expected {numbers.number(row.atteso)}, found {numbers.number(row.trovato)}, "
            f"difference {numbers.number(row.differenza)}" + (f"\n    {row.spiegazione}" if row.spiegazione else ""),
            soft_wrap=True,
        )
    counts = results["esito"].value_counts()
    console.print(", ".join(f"{verdict}: {count}" for verdict, count in counts.items()) or "no check applies")


@main.command()
@csv_option
def revisions(csv_file: Path | None) -> None:
    """List the numbers that two editions print differently."""
    from annuario.checks.revisions import revisions as find
    from annuario.words import numbers

    _, package = _open()
    found = find(package)
    _write_csv(found, csv_file)
    for row in found.itertuples():
        console.print(
            f"{row.tabella}: {row.cosa} ({row.anno})\n"
            f"    {row.edizione_prima}: {numbers.number(row.valore_prima)} ({row.fonte_prima}); "
            f"{row.edizione_dopo}: {numbers.number(row.valore_dopo)} ({row.fonte_dopo}); "
            f"difference {numbers.number(row.differenza)}",
            soft_wrap=True,
        )
    console.print(f"{len(found)} revisions")


@main.command()
@click.argument("what", metavar="CODE|FILE:ROW")
@click.option("--edition", "editions", multiple=True, help="Only in this edition; by default in all that are built.")
@out_option
def where(what: str, editions: tuple[str, ...], out: Path | None) -> None:
    """Tell where a figure stands: sentences, tables and charts of the built books, and checks.

    CODE is that of a figure or of a group, such as tm-flussi; FILE:ROW a row of data/, such as indicatori:12.
    """
    from annuario import checks
    from annuario.data.value import resting

    here, package = _open()
    rows = lineage.named(here.root / "data", what)
    for (table, row), one in list(rows.items())[:SHOWN_ROWS]:
        about = " ".join(filter(None, (one.code, one.year)))
        console.print(
            f"{table}.csv:{row}  {about}: {one.value}" + (f"  [{one.source}]" if one.source else ""), soft_wrap=True
        )
    if len(rows) > SHOWN_ROWS:
        console.print(f"… and {len(rows) - SHOWN_ROWS} more rows")
    for name, said in _lineages(here, editions, out).items():
        console.print(f"\n{name}", style="bold")
        found = lineage.resting_on(said, rows.values())
        for part in found:
            label = f" {part.label}" if part.label else ""
            console.print(f"  {part.chapter}, cell {part.cell}: {part.kind}{label}: {part.text}", soft_wrap=True)
        if not found:
            console.print("  nowhere")
    results = checks.run(package)
    made = [
        one
        for one in results.itertuples()
        if any((record.table, record.row) in rows for record in resting([one.atteso, one.trovato, one.differenza]))
    ]
    console.print("\nchecks", style="bold")
    for one in made:
        console.print(f"  {one.id}: {one.cosa} ({one.anno}): {one.esito}", soft_wrap=True)
    if not made:
        console.print("  none")


@main.command()
@click.argument("edition")
@click.argument("other", required=False)
@click.option("--html", "page", type=click.Path(path_type=Path), help="Write the differences as a page into this file.")
@out_option
def diff(edition: str, other: str | None, page: Path | None, out: Path | None) -> None:
    """Compare two built editions; of one EDITION alone, its last build with the one before."""
    here = project.find()
    folder = out or here.root / "output"
    if other:
        before, now = _lineages(here, (edition, other), out).values()
        names = edition, other
    else:
        now = _lineages(here, (edition,), out)[edition]
        earlier = lineage.read(folder / edition / lineage.BEFORE)
        if earlier is None:
            raise BookError(
                f"{folder / edition}: no earlier build that said anything else is kept: build again after a change."
            )
        before, names = earlier, (f"{edition}, prima", edition)
    found = differences.between(before, now)
    if page:
        try:
            page.write_text(differences.page(found, *names), encoding="utf-8")
        except OSError as error:
            raise BookError(f"{page}: cannot be written ({error.strerror}).") from error
    for line in differences.lines(found):
        console.print(line, soft_wrap=True)
    console.print(differences.counted(found) or "no difference")


def _lineages(here: project.Project, editions: tuple[str, ...], out: Path | None) -> dict[str, lineage.Lineage]:
    """What the built books of some editions say, or of all that are built."""
    folder = out or here.root / "output"
    names = editions or sorted(path.parent.name for path in folder.glob(f"*/{lineage.FILE}"))
    found = {name: lineage.read(folder / name / lineage.FILE) for name in names}
    missing = [name for name, kept in found.items() if kept is None]
    if missing or not found:
        what = missing[0] if missing else "EDITION"
        raise BookError(f"{folder}: no build of {what} that tells what it rests on: annuario build {what}")
    return {name: kept for name, kept in found.items() if kept is not None}


@main.command()
@click.option("--prune", is_flag=True, help="Delete what is kept.")
@out_option
def cache(prune: bool, out: Path | None) -> None:
    """Say how much the cache holds, or empty it."""
    store = Store((out or project.find().root / "output") / ".cache")
    if prune:
        store.prune()
    entries, size = store.size()
    console.print(f"{store.folder}: {entries} entries, {size / 1e6:.1f} MB", soft_wrap=True)


def _newest(here: project.Project, book: str) -> str:
    """The newest edition of a book that is out; a draft where there is no other."""
    from annuario.data import Package, editions

    return str(editions.newest(book, here, Package(here.root / "data")))


def _open(edition: str = ""):
    from annuario.data import Package

    here = project.find()
    return here, Package(here.root / "data", edition)


def _write_csv(frame, path: Path | None) -> None:
    if path:
        try:
            frame.to_csv(path, index=False, lineterminator="\n")
        except OSError as error:
            raise BookError(f"{path}: cannot be written ({error.strerror}).") from error
