"""The command line: a thin skin over the package's functions."""

from __future__ import annotations

import gc
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
from annuario.messages import marked, say, say_many, shortened, speak, why
from annuario.terminal import Group, Option, argument, option
from annuario.workbook.commands import explain, import_, sheet

console = Console(highlight=False, markup=False)
#: The exit code of an error that nobody foresaw.
UNFORESEEN = 70
#: How many doubts, and how many differences from the build before, a build tells.
SHOWN_DOUBTS = SHOWN_CHANGES = 10
#: How many rows that a code names are told.
SHOWN_ROWS = 12
#: How many differences of each kind «annuario diff» tells.
SHOWN_DIFFERENT = 20
#: How many doubts and proposals «annuario check» tells.
SHOWN_CHECKED = 40


class Commands(Group):
    """A group that prints a BookError as its message alone."""

    def main(self, args=None, *arguments, **options):
        words = sys.argv[1:] if args is None else list(args)
        speak(project.language(*(word for word in words if not word.startswith("-"))))
        return super().main(args, *arguments, **options)

    def invoke(self, context: click.Context):
        gc.set_threshold(20_000)  # a tenth of a build went into looking for what nobody has dropped; memory is the same
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")  # a terminal that lacks a sign shows another
        try:
            with _ended_as_by_a_key():
                return super().invoke(context)
        except BookError as error:
            click.echo(say("Error: {error}", error=error), err=True)
            sys.exit(error.exit_code)
        except KeyboardInterrupt as end:
            click.echo(say("Ended: what was there before is as it was."), err=True)
            sys.exit(128 + (end.args[0] if end.args else signal.SIGINT))
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001 - no user is to read a traceback
            click.echo(say("Error: {error}", error=_unforeseen(error)), err=True)
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
    what = say(
        "unforeseen: {name}: {error} ({filename}, line {line})",
        name=type(error).__name__,
        error=" ".join(str(error).split())[:200],
        filename=last.filename,
        line=last.lineno,
    )
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="annuario-errore-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
        ) as file:
            file.write("".join(traceback.format_exception(error)))
    except OSError:
        return say("{what}: this is a fault of Annuario's: report it.", what=what)
    return say(
        "{what}: this is a fault of Annuario's: report it with the details in {name}.", what=what, name=file.name
    )


out_option = option("--out", type=click.Path(path_type=Path), default=None, help="Output folder (default: output).")
csv_option = option("--csv", "csv_file", type=click.Path(path_type=Path), help="Also write every row to this file.")


@click.group(cls=Commands)
@click.version_option(
    annuario.__version__,
    prog_name="annuario",
    message="%(prog)s %(version)s",
    help=marked("Show the version and exit."),
    cls=Option,
)
def main() -> None:
    """Build a public agency's yearly book from its data and notebooks."""


main.add_command(sheet)
main.add_command(import_)
main.add_command(explain)


@main.command()
@argument("edition", nargs=-1)
@option("--all", "every", is_flag=True, help="Build every edition of every book, drafts too.")
@option(
    "--format", "formats", default="html,pdf", show_default=True, help="Comma-separated: html, pdf, docx, epub, site."
)
@option(
    "--engine",
    type=click.Choice(["auto", "quarto", "pandoc"]),
    default="auto",
    show_default=True,
    help="Publisher; auto takes quarto where it is installed.",
)
@option("--no-cache", is_flag=True, help="Run everything anew.")
@option("--scheduler", metavar="ADDRESS", help="Run chapters on a Dask cluster: tcp://host:port or tls://host:port.")
@option(
    "--territory", metavar="CODE", help="Build the extract of one territory, such as pandino; all builds each of them."
)
@out_option
def build(
    edition: tuple[str, ...],
    every: bool,
    formats: str,
    engine: str,
    no_cache: bool,
    scheduler: str | None,
    territory: str | None,
    out: Path | None,
) -> None:
    """Build one or more editions, such as relazione-2025; a book's name alone is its newest.

    Where one of several cannot be built the others are, and what is wrong is told in the end.
    """
    wanted = _formats(formats)
    here = project.find()
    if every == bool(edition):
        raise BookError(say("name the editions to build, such as relazione-2025, or take all of them with --all."))
    names = _every() if every else [_newest(here, each) if each in here.books else each for each in edition]
    wrong: list[BookError] = []
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

            try:
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
            except BookError as error:
                wrong.append(error)
                continue
        _print_summary(summary)
    if wrong:
        raise wrong[0] if len(wrong) == 1 else BookError("\n".join(dict.fromkeys(map(str, wrong))))


def _every() -> list[str]:
    """Every edition that the project can build."""
    from annuario.data import editions

    return [str(each) for each in editions.available(*_open())]


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
        raise BookError(say("--format {text}: choose among {formats}.", text=text, formats=", ".join(building.FORMATS)))
    return wanted


def _print_summary(summary: building.Summary) -> None:
    console.print(
        say(
            "{edition}: {chapters}, {tables}, {charts}, {checks}, {seconds:.1f} s",
            edition=summary.edition,
            chapters=say_many("{count} chapter", "{count} chapters", summary.chapters),
            tables=say_many("{count} table", "{count} tables", summary.tables),
            charts=say_many("{count} chart", "{count} charts", summary.charts),
            checks=say_many("{count} check", "{count} checks", summary.checks),
            seconds=summary.seconds,
        )
        + (say(" (nothing changed)") if summary.unchanged else ""),
        soft_wrap=True,
    )
    if summary.draft:
        console.print(f"  {summary.draft}", soft_wrap=True)
    for path in summary.paths:
        console.print(f"  {path}", soft_wrap=True)
    for path in summary.removed:
        console.print(say("  {path}: of an earlier build, removed", path=path), soft_wrap=True)
    if summary.changes:
        console.print(
            say("  different from before: {counted}", counted=differences.counted(summary.changes)), soft_wrap=True
        )
        for line in differences.lines(summary.changes, SHOWN_CHANGES):
            console.print(f"    {line}", soft_wrap=True)
    _print_doubts(summary.doubts, SHOWN_DOUBTS)


def _print_doubts(doubts, shown: int | None = None) -> None:
    for doubt in doubts[:shown]:
        click.echo(say("Warning: {doubt}", doubt=doubt), err=True)
    if shown is not None and len(doubts) > shown:
        click.echo(
            say("Warning: … and {count} more: «annuario check --all» tells them all.", count=len(doubts) - shown),
            err=True,
        )


@main.command()
@argument("edition")
@option("--to", "target", type=click.Path(path_type=Path), help="Folder of the archive (default: EDITION-archivio).")
@option("--format", "formats", default="html,pdf", show_default=True, help="Forms of the book in it.")
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
@argument("folder", type=click.Path(path_type=Path))
@option("--rebuild", is_flag=True, help="Also build the book again from what is archived, and compare.")
def verify(folder: Path, rebuild: bool) -> None:
    """Say which files of an archive differ from what was archived, if any."""
    from annuario.book import archive as archiving

    console.print(
        say("{folder}: {count} files as archived", folder=folder, count=archiving.verify(folder)), soft_wrap=True
    )
    if rebuild:
        console.print(
            say(
                "{folder}: {count} files of the book come out the same",
                folder=folder,
                count=archiving.rebuild(folder),
            ),
            soft_wrap=True,
        )


@main.command()
@argument("file", type=click.Path(path_type=Path))
@option("--apply", "applying", is_flag=True, help="Put changes of plain text into their notebooks.")
@out_option
def review(file: Path, applying: bool, out: Path | None) -> None:
    """List the comments and changes of a book's Word document, with notebook and cell."""
    from annuario.book import remarks as remarking
    from annuario.book import review as reviewing
    from annuario.data import editions

    here, package = _open()
    found = remarking.read(file)
    edition = reviewing.edition(found.edition, here, [str(one) for one in editions.available(here, package)])
    if not edition:
        raise BookError(
            say(
                "{path}: is of the edition {edition}, which this project does not have: open the project that made it.",
                path=file,
                edition=found.edition,
            )
        )
    places = reviewing.places(here.books[editions.parse(edition, here, package).book], edition)
    built = (out or here.root / "output") / edition / f"{edition}.docx"
    beside = remarking.read(built) if built.is_file() else None
    told = [*found.remarks, *(remarking.untracked(found, beside) if beside else [])]
    verdicts: dict[int, str] = {}
    if applying:
        for where in dict.fromkeys(one.where for one in found.remarks if one.kind == remarking.CHANGE):
            if where in places:
                asked = [one for one in found.remarks if one.kind == remarking.CHANGE and one.where == where]
                verdicts |= dict(zip(map(id, asked), reviewing.apply(asked, places[where])))
    console.print(edition)
    for one in told:
        cell = places.get(one.where)
        console.print(
            say("{path}, cell {cell}", path=cell.notebook, cell=cell.number) if cell else say("no cell"),
            style="bold",
            soft_wrap=True,
        )
        words = f"«{one.old}» → «{one.new}»" if one.kind != remarking.COMMENT else f"«{one.old}»: {one.new}"
        console.print(
            f"  {', '.join(filter(None, (say(one.kind), one.author)))}: {words}", soft_wrap=True, markup=False
        )
        if id(one) in verdicts:
            console.print(f"    {verdicts[id(one)]}", soft_wrap=True, markup=False)
    console.print(say_many("{count} remark", "{count} remarks", len(told)))
    if not beside or beside.making != found.making:
        text = say("Untracked changes are not told: {path} is not the document that was given out.", path=built)
        console.print(text, soft_wrap=True)


@main.command()
@option("--to", "target", type=click.Path(path_type=Path), help="Folder of the site (default: output/sito).")
@option("--address", default="", help="Where the site will be found, such as https://www.ente.it/annuario.")
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
@argument("edition")
@option("--port", default=4321, show_default=True, help="Port on 127.0.0.1; 0 takes a free one.")
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
    console.print(say("http://127.0.0.1:{port}/ (Ctrl-C ends)", port=server.server_port), soft_wrap=True)
    with suppress(KeyboardInterrupt):
        watching.follow(here, preview.rebuild)
    server.shutdown()


@main.command()
@argument("edition", required=False)
@argument("chapter", default="")
@option("--port", default=8888, show_default=True, help="Port on 127.0.0.1; 0 takes a free one.")
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
    editing.serve(server, lambda: console.print(say("{address} (Ctrl-C ends)", address=address), soft_wrap=True))


@main.command()
@argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Make a new project in FOLDER: an example that builds at once, with invented data."""
    from annuario import init as initial

    written = initial.init(folder)
    console.print(say("{folder}: {count} files", folder=folder, count=len(written)), soft_wrap=True)
    console.print(f"  cd {folder} && annuario build relazione", soft_wrap=True)


@main.command("list")
def list_() -> None:
    """List the editions that can be built and their chapters."""
    from annuario.data import editions

    here, package = _open()
    table = Table(say("edition"), say("kind"), box=None, pad_edge=False)
    for one in editions.available(here, package):
        kind = say("published") if one.published else say("draft") if one.draft else say("reconstructed")
        table.add_row(str(one), kind)
    console.print(table)
    for book in here.books.values():
        console.print(f"\n{book.name}: {', '.join(path.stem for path in book.chapters)}")


@main.command()
@argument("edition")
def new(edition: str) -> None:
    """Begin the EDITION of a new year as a draft, such as relazione-2026, from the last one."""
    from annuario.year import start

    here = project.find()
    begun = start.begin(here, edition)
    console.print(
        say("{edition}: a draft", edition=edition)
        + (say(", after {before}", before=begun.before) if begun.before else ""),
        soft_wrap=True,
    )
    console.print(say("  {rows} rows to be entered", rows=sum(begun.rows.values())), soft_wrap=True)
    for table, count in begun.rows.items():
        console.print(f"    {table}: {count}", soft_wrap=True)
    console.print(say("  {headings} sections of commentary to be written", headings=begun.headings), soft_wrap=True)
    for path in begun.files:
        console.print(f"    {path}", soft_wrap=True)
    console.print(f"  annuario missing {edition}\n  annuario build {edition}", soft_wrap=True)


@main.command()
@argument("edition")
@option("--all", "every", is_flag=True, help="Name each missing row, and what is written.")
def missing(edition: str, every: bool) -> None:
    """Say what a draft has and lacks, by chapter and table."""
    from annuario.year import missing as telling

    for line in telling.lines(_progress(edition), every):
        console.print(line, soft_wrap=True)


@main.command()
@argument("edition")
def publish(edition: str) -> None:
    """Publish a draft: refused while something is missing or unexplained; its rows are sealed."""
    import datetime

    from annuario.year import sealing

    sealing.publish(_progress(edition), datetime.datetime.now().astimezone().date())
    console.print(say("{edition}: published", edition=edition), soft_wrap=True)
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
@argument("edition", required=False)
@option("--all", "every", is_flag=True, help="Name each difference and doubt, and the checks that wait.")
@csv_option
def check(edition: str | None, every: bool, csv_file: Path | None) -> None:
    """Check the data, list the differences that the documents contain and what looks wrong.

    What looks wrong and is not confirmed is told and makes the command fail; a build tells it and goes on.
    """
    from annuario import checks
    from annuario.data import editions
    from annuario.data.roles import DISCREPANCIES
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
    asked = results[results["edizione"] == str(chosen)] if chosen else results
    proposed = explaining.unexplained(asked, package)["id"] if package.has(DISCREPANCIES) else []
    _print_checks(
        shown, shown["esito"].isin([checks.HOLDS, *([] if every else [checks.WAITING])]) | shown["id"].isin(proposed)
    )
    doubts = checks.doubts(package)
    _print_doubts(doubts, None if every else SHOWN_CHECKED)
    for line in shortened(explaining.proposals(asked, package), None if every else SHOWN_CHECKED, "--all"):
        click.echo(line)
    if chosen and chosen.draft and len(proposed) > 1:
        click.echo(say("to explain all together, in an Excel sheet: annuario explain {edition}", edition=chosen))
    checks.require_explained(results, package)
    if doubts:
        raise CheckError(
            say(
                "the data look wrong: doubts that nobody confirmed: {count}, each told in a warning.", count=len(doubts)
            )
        )


def _print_checks(results, passed_over) -> None:
    from annuario import checks
    from annuario.words import numbers

    for row in results[~passed_over].itertuples():
        console.print(row.esito, style="bold", end="  ")
        console.print(
            say(
                "{cosa} ({anno}) — {dove}\n    expected {atteso}, found {trovato}, difference {differenza}",
                cosa=row.cosa,
                anno=row.anno,
                dove=row.dove,
                atteso=checks.told(row.atteso, row.cosa),
                trovato=checks.told(row.trovato, row.cosa),
                differenza=numbers.number(row.differenza),
            )
            + (f"\n    {row.spiegazione}" if row.spiegazione else ""),
            soft_wrap=True,
        )
    counts = results["esito"].value_counts()
    console.print(", ".join(f"{verdict}: {count}" for verdict, count in counts.items()) or say("no check applies"))


@main.command()
@csv_option
def revisions(csv_file: Path | None) -> None:
    """List the numbers that two editions print differently."""
    from annuario.checks import errata
    from annuario.checks.revisions import revisions as find
    from annuario.words import numbers

    def told(edition: str, value: object, source: str) -> str:
        return f"{edition}: {numbers.number(value)}" + (f" ({source})" if source else "")

    _, package = _open()
    if problems := list(errata.wrong(package)):
        raise BookError("\n".join(problems))
    found = find(package)
    _write_csv(found, csv_file)
    for row in found.itertuples():
        console.print(
            f"{row.tabella}: {row.cosa} ({row.anno})\n"
            f"    {told(row.edizione_prima, row.valore_prima, row.fonte_prima)}; "
            f"{told(row.edizione_dopo, row.valore_dopo, row.fonte_dopo)}; "
            + say("difference {number}", number=numbers.number(row.differenza)),
            soft_wrap=True,
        )
    console.print(say_many("{count} revision", "{count} revisions", len(found)))


@main.command()
@argument("what", metavar="CODE|FILE:ROW")
@option("--edition", "editions", multiple=True, help="Only in this edition; by default in all that are built.")
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
            f"{table}.csv:{row}  {about}: {one.told}" + (f"  [{one.source}]" if one.source else ""), soft_wrap=True
        )
    if len(rows) > SHOWN_ROWS:
        console.print(say_many("… and {count} more row", "… and {count} more rows", len(rows) - SHOWN_ROWS))
    for name, said in _lineages(here, editions, out).items():
        console.print(f"\n{name}", style="bold")
        found = lineage.resting_on(said, rows.values())
        for part in found:
            label = f" {part.label}" if part.label else ""
            console.print(
                say(
                    "  {chapter}, cell {cell}: {kind}{label}: {text}",
                    chapter=part.chapter,
                    cell=part.cell,
                    kind=say(part.kind),
                    label=label,
                    text=part.text,
                ),
                soft_wrap=True,
            )
        if not found:
            console.print(say("  nowhere"))
    results = checks.run(package)
    made = [
        one
        for one in results.itertuples()
        if any((record.table, record.row) in rows for record in resting([one.atteso, one.trovato, one.differenza]))
    ]
    console.print("\n" + say("checks"), style="bold")
    for one in made:
        console.print(f"  {one.id}: {one.cosa} ({one.anno}): {one.esito}", soft_wrap=True)
    if not made:
        console.print(say("  none"))


@main.command()
@argument("edition")
@argument("other", required=False)
@option("--html", "page", type=click.Path(path_type=Path), help="Write the differences as a page into this file.")
@option("--all", "every", is_flag=True, help="Name each difference; the page has them all.")
@out_option
def diff(edition: str, other: str | None, page: Path | None, every: bool, out: Path | None) -> None:
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
                say(
                    "{path}: no earlier build that said anything else is kept: build again after a change.",
                    path=folder / edition,
                )
            )
        before, names = earlier, (f"{edition}, prima", edition)
    found = differences.between(before, now)
    if page:
        try:
            page.write_text(differences.page(found, *names), encoding="utf-8")
        except OSError as error:
            raise BookError(say("{page}: cannot be written ({why}).", page=page, why=why(error))) from error
    for line in differences.lines(found) if every else differences.first(found, SHOWN_DIFFERENT):
        console.print(line, soft_wrap=True)
    console.print(differences.counted(found) or say("no difference"))


def _lineages(here: project.Project, editions: tuple[str, ...], out: Path | None) -> dict[str, lineage.Lineage]:
    """What the built books of some editions say, or of all that are built."""
    folder = out or here.root / "output"
    names = editions or sorted(path.parent.name for path in folder.glob(f"*/{lineage.FILE}"))
    found = {name: lineage.read(folder / name / lineage.FILE) for name in names}
    missing = [name for name, kept in found.items() if kept is None]
    if missing or not found:
        what = missing[0] if missing else say("EDITION")
        raise BookError(
            say(
                "{folder}: no build of {what} that tells what it rests on: annuario build {what}",
                folder=folder,
                what=what,
            )
        )
    return {name: kept for name, kept in found.items() if kept is not None}


@main.command()
@option("--prune", is_flag=True, help="Delete what is kept.")
@out_option
def cache(prune: bool, out: Path | None) -> None:
    """Say how much the cache holds, or empty it."""
    store = Store((out or project.find().root / "output") / ".cache")
    if prune:
        store.prune()
    entries, size = store.size()
    console.print(
        say("{folder}: {entries} entries, {size:.1f} MB", folder=store.folder, entries=entries, size=size / 1e6),
        soft_wrap=True,
    )


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
            raise BookError(say("{path}: cannot be written ({why}).", path=path, why=why(error))) from error
