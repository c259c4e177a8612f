"""The build of one edition: check, execute, assemble, publish, put in place.

Every step is recalled where nothing it depends on has changed; the modules that a step
needs are imported only when it runs.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from pathlib import Path

from annuario import agency
from annuario.book import differences, finished, lineage
from annuario.book.finished import FORMATS, USUAL, made
from annuario.data.questions import ASKS
from annuario.data.territories import Territory
from annuario.errors import ChapterError, together
from annuario.execution.cache import CODE, Store, code_digest, contents_key, digest, file_digest, recalled
from annuario.messages import listing, say, spoken
from annuario.project import CONFIG, Project
from annuario.words import numbers
from annuario.workplace import TEMPORARY_FILES, sweep_temporary

__all__ = ["Summary", "build"]

#: The chapter that lists what an edition lacks, and its label.
MISSING_CHAPTER, MISSING_LABEL = "dati-non-pubblicati", "sec-non-pubblicati"
#: The label of the chapter, of drafts alone, that lists what is not entered yet.
TODO_LABEL = "sec-da-inserire"
#: What the cover says of an edition: published or not, a draft or not.
SUBTITLES = {
    (True, False): "Edizione pubblicata",
    (False, False): "Edizione ricostruita da documenti successivi",
    (False, True): "Edizione in lavorazione",
}


@dataclass(frozen=True)
class Summary:
    """What a build made, or found made already.

    ``removed`` are the files of an earlier build that this one did not make anew; ``doubts``
    what looks wrong in the tables and nobody confirmed; ``draft`` says how far a draft has come;
    ``changes`` are what the book says otherwise than that of the build before, if there was one.

    >>> made = Summary("relazione-2025", 2, 3, 4, 120, 1.5, ("relazione-2025.html",), removed=("relazione-2025.pdf",))
    >>> made.unchanged, made.removed, made.doubts
    (False, ('relazione-2025.pdf',), ())
    """

    edition: str
    chapters: int
    tables: int
    charts: int
    checks: int
    seconds: float
    paths: tuple[str, ...]
    unchanged: bool = False
    removed: tuple[str, ...] = ()
    doubts: Sequence[str] = ()
    draft: str = ""
    changes: Sequence[differences.Difference] = ()


def build(
    project: Project,
    name: str,
    out: Path,
    formats: tuple[str, ...] = USUAL,
    engine: str = "auto",
    use_cache: bool = True,
    scheduler: str | None = None,
    progress: Callable[[str], None] = lambda step: None,
    kept: Path | None = None,
    beside: bool = True,
    territory: Territory | None = None,
) -> Summary:
    """Build the edition called ``name`` into ``out/<edition>/``.

    Everything is written into a folder aside first, which then takes the place of the
    finished one as a whole: a failed or killed build leaves the last good book, and the
    folder holds one build at any time. A format that is not asked for stays only if it was
    made from the very same; else it is removed, and the summary says so. ``progress`` is
    told of each step in words. Results of earlier builds are kept in ``kept`` (default:
    ``out/.cache``); ``use_cache`` false neither reads nor writes them. ``scheduler`` is
    the address of a Dask scheduler, to run chapters on its cluster. ``beside`` false leaves out
    what stands beside the book, the charts as files and the open data, which nobody takes from a preview. Charts are drawn in a
    process of their own: a script calls this under ``if __name__ == "__main__"``.
    Of a ``territory`` the extract is built, into ``out/<edition>-<territory>/``.

    Raises BookError: an unknown edition, bad data, an unrecorded difference
    (CheckError), a chapter that fails (ChapterError), an output folder that cannot be
    written, or in which another process builds the same edition. ::

        summary = build(project.find(), "relazione-2025", Path("output"), ("html", "pdf"), progress=print)
    """
    start = time.perf_counter()
    out = Path(out).resolve()
    called = f"{name}-{territory.id}" if territory else name
    project = Project(project.root, extracts=territory is not None)
    target = (out / called).resolve()
    store = Store(kept or out / ".cache") if use_cache else None
    finished.sweep(target.parent)
    sweep_temporary(Path(tempfile.gettempdir()))
    if store:
        store.sweep()
    inputs = digest(inputs_digest(project), engine)
    before = finished.stamped(target)
    same = (
        use_cache
        and before.get("inputs") == inputs
        and not before["untracked"]
        and _unchanged(project.root, before["elsewhere"])
    )
    if same and set(formats) <= set(before["formats"]) and finished.stands(before, target):
        kept_summary = {name: before["summary"][name] for name in finished.SUMMARY}
        paths = _paths(target, called, before["formats"], beside)
        return Summary(**kept_summary, seconds=time.perf_counter() - start, paths=paths, unchanged=True)

    from annuario import publish
    from annuario.book import assemble, gallery, indicators, origins, sketches
    from annuario.book.checking import Checking
    from annuario.book.drawings import Drawings, png
    from annuario.data import editions
    from annuario.execution import execute
    from annuario.publish import assets, head, notebooks, pictures

    @cache
    def package():
        from annuario.data import Package  # pandas is slow to import, and needed only where something is read anew

        return Package(project.root / "data", name)

    def known_anew() -> dict:
        if scheduler is None:
            from annuario.execution import processes

            processes.use(project.root)  # chapters will run: their process gets ready meanwhile
        edition = editions.parse(name, Project(project.root), package())
        if territory:
            from annuario.notebook import require_extract

            require_extract(project, edition.book)
        own = agency.load(project.root).entries
        catalogue = indicators.catalogue(package(), own(package()) if own else {})
        return {
            "edition": asdict(edition),
            "catalogue": {code: asdict(entry) for code, entry in catalogue.items()},
            "facts": facts(project, package(), edition),
        }

    progress(say("Data and checks"))
    package_key = digest(
        code_digest(),
        agency.digest(project.root),
        *(file_digest(path) for path in sorted((project.root / "data").glob("*"))),
    )
    known = recalled(
        store,
        "known",
        digest(package_key, name, str(project.extracts), file_digest(project.root / "_quarto.yml")),
        known_anew,
    )
    edition = editions.Edition(**known["edition"])
    checked_key = digest(package_key, spoken(), name if edition.draft else "")
    checking = Checking(package, store, checked_key)
    hidden = recalled(store, "hidden", digest(package_key, name), lambda: _untold(package()))
    built = f"{name}/{territory.id}/{digest(str(hidden))}" if territory else name
    metadata = front_matter(project, edition, known["facts"], formats)
    if territory:
        metadata = _extract(metadata, territory, called)
    if territory:
        from annuario.notebook import require_extract

        require_extract(project, edition.book)
    book = project.books[edition.book]
    try:
        with (
            finished.aside(target) as aside,
            TEMPORARY_FILES,
            Drawings(store, "html" in formats) as drawings,
            checking,
        ):

            def done(path: Path, notebook: dict) -> None:
                progress(path.stem)
                drawings.begin(notebook)

            new = aside / finished.NEW
            texts = book.texts / called
            with _cluster(scheduler, project.root, texts, built) as submit:
                try:
                    executed = execute.book(
                        book.chapters,
                        new / finished.NOTEBOOKS,
                        built,
                        project.root,
                        texts,
                        store,
                        done,
                        submit,
                        checking.make,
                    )
                except execute.Unfinished as error:  # all is told at once, of the other chapters too
                    others = assemble.problems(book.chapters, error.executed, project)
                    raise ChapterError("\n".join([str(error), *others, *checking.problems()])) from error
            checked = checking.results()
            progress(say("Composition"))
            chapters = dict(zip(book.chapters, executed))
            last, come = {}, ""
            if edition.draft and not territory:
                from annuario.year import missing
                from annuario.year import progress as coming

                how_far = coming.Progress(project, package(), edition)
                last, come = (
                    {project.root / "da-inserire": missing.chapter(how_far, TODO_LABEL)},
                    coming.summary(how_far.counts),
                )
            document = assemble.assemble(
                chapters | last,
                metadata,
                aside / "libro",
                drawings.svg,
                {code: indicators.Entry(**entry) for code, entry in known["catalogue"].items()},
                project.root,
                project.config.get("execute"),
                known["facts"],
            )
            said_by = origins.sentences(chapters, document.titles)
            cells = origins.tables(chapters, document.titles)
            asked = sorted(
                {tuple(row) for found in said_by.values() for _, rows in found for row in rows}
                | {tuple(row) for by in cells.values() for found in by.values() for *_, rows in found for row in rows}
            )
            told = recalled(
                store,
                "origins",
                digest(package_key, name, str(asked)),
                lambda: origins.rows(package(), package().edition(edition.book, edition.year), asked),
            )
            if territory:
                told = {
                    one: row
                    for one, row in told.items()
                    if one.partition(":")[2] not in hidden.get(one.partition(":")[0], {})
                }
            if document.manuscript:
                document.manuscript = replace(document.manuscript, sentences=said_by, cells=cells, rows=told)
            if known["facts"]["cover"]:
                picture = sketches.card(metadata["title"], project.agency, known["facts"]["cover"]["svg"])
                (new / head.COVER).write_bytes(png(picture))
            pictured = assets.gather(project.root, project.config, aside / "libro")
            notebooks.write(chapters, metadata, drawings.svg, new / finished.NOTEBOOKS)
            progress(listing(form.upper() for form in formats))
            shown = document.captions, document.images, document.charts
            same_charts = use_cache and bool(before) and _same_charts(shown, before, target)
            if beside and same_charts:
                shutil.copytree(target / finished.CHARTS, new / finished.CHARTS)
            publisher = publish.engine(engine)
            data = _data(executed)
            untold = {table: {int(row): fields for row, fields in rows.items()} for table, rows in hidden.items()}
            data_key = digest(contents_key(code_digest(), project.root, data), str(untold))
            # as many at a time as there are processors, the longest first: Typst takes longer than all the others
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                writes = [
                    pool.submit(
                        publish.writer(publisher, form),
                        document.manuscript,
                        new / made(called, form),
                        project.config,
                        store,
                    )
                    for form in sorted(formats, key=lambda form: form != "pdf")
                ]
                if beside and not same_charts:
                    prints = partial(pictures.prints, store=store)
                    writes.append(pool.submit(gallery.write, *shown, new / finished.CHARTS, prints))
                if use_cache and before.get("data") == data_key and finished.stands(before, target, finished.DATA):
                    shutil.copytree(target / finished.DATA, new / finished.DATA)
                elif beside:
                    from annuario.book import opendata

                    tables = [Path(read).stem for read in data if read.endswith(".csv")]
                    seen = package().edition(edition.book, edition.year)
                    opendata.write(package(), seen, tables, new / finished.DATA, store, untold)
                together(writes)
            forms = [
                form
                for form in FORMATS
                if form in formats or (same and _taken_along(before, target, made(called, form), new))
            ]
            said = lineage.of(called, chapters, project.root / "data")
            once = lineage.read(target / lineage.FILE)
            changes = differences.between(once, said) if once else []
            there = [target / made(called, form) for form in FORMATS if form not in forms]
            summary = Summary(
                called,
                len(book.chapters),
                sum(label.startswith("tbl-") for label in document.labels),
                sum(label.startswith("fig-") for label in document.labels),
                checked["checks"],
                time.perf_counter() - start,
                _paths(target, called, forms, beside),
                removed=tuple(str(path) for path in there if path.exists()),
                doubts=checked["doubts"],
                draft=come,
                changes=changes,
            )
            elsewhere = _elsewhere(project.root, executed, [*document.files, *pictured])
            stamp = {
                "inputs": inputs,
                "untracked": any(notebook["metadata"]["annuario"]["untracked"] for notebook in executed),
                "elsewhere": elsewhere,
                "data": data_key,
                "formats": forms,
                "summary": {part: getattr(summary, part) for part in finished.SUMMARY},
            }
            lineage.write(said, new / lineage.FILE)
            kept_before = target / (lineage.FILE if changes else lineage.BEFORE)
            if kept_before.is_file():
                shutil.copyfile(kept_before, new / lineage.BEFORE)
            finished.stamp(new, stamp)
            finished.put(new, target)
    except OSError as error:
        raise finished.unwritable(error, target) from error
    return summary


def _elsewhere(root: Path, executed: list[dict], pictures: Iterable[Path]) -> dict[str, str]:
    """What a book was made from that is none of the folders of :func:`inputs_digest`: files and their digests."""
    reads = {read for notebook in executed for read in notebook["metadata"]["annuario"]["reads"] if ASKS not in read}
    reads |= {path.relative_to(root).as_posix() for path in pictures if path.is_relative_to(root)}
    return {
        read: file_digest(root / read) for read in sorted(reads) if Path(read).parts[0] not in ("data", "notebooks")
    }


def _unchanged(root: Path, files: dict[str, str]) -> bool:
    return all(file_digest(root / name) == kept for name, kept in files.items())


def _paths(target: Path, name: str, formats: Iterable[str], beside: bool) -> tuple[str, ...]:
    """What a finished folder holds, for the summary."""
    folders = [finished.NOTEBOOKS, *((finished.DATA, finished.CHARTS) if beside else ())]
    return tuple(str(target / part) for part in (*folders, *(made(name, form) for form in formats)))


def _same_charts(shown: tuple, before: dict, target: Path) -> bool:
    """Whether the charts that stand as files beside the finished book are those that it shows now."""
    from annuario.book import gallery

    folder = target / finished.CHARTS
    return gallery.kept(folder) == gallery.key(*shown) and finished.stands(before, target, finished.CHARTS)


def _taken_along(before: dict, target: Path, name: str, new: Path) -> bool:
    """Copy into the new folder a file that was made from the same earlier; whether there is one."""
    if not finished.stands(before, target, name):
        return False
    copy = shutil.copytree if (target / name).is_dir() else shutil.copy2
    copy(target / name, new / name)
    return True


def _extract(metadata: dict, territory: Territory, called: str) -> dict:
    """The metadata of an extract: the book's, with the territory on its cover and in its heads."""
    title = f"{metadata['title']}: {territory.name}"
    subtitle = f"Estratto, {territory}. {metadata['subtitle']}"
    own = metadata["annuario"] | {"edizione": called, "sommario": f"{title}. {subtitle}."}
    return metadata | {"title": title, "subtitle": subtitle, "annuario": own}


def _untold(package) -> dict:
    """The rows that open data do not tell whole, as ``annuario.checks.confidential`` has them; by text, for the cache."""
    from annuario.checks import confidential

    return {
        name: {str(row): fields for row, fields in rows.items()} for name, rows in confidential.hidden(package).items()
    }


def facts(project: Project, package, edition) -> dict:
    """What the first and the last page of an edition say of it, in plain values."""
    from annuario.book import colophon, opening
    from annuario.notebook import Chapter

    declared = project.books[edition.book].opening
    where = f"{project.root / CONFIG}: annuario, libri, {edition.book}, apertura"
    found = opening.read(Chapter(project, package, edition), declared, where)
    return found | colophon.read(package, edition) | {"sentences": declared.get("sintesi", "")}


def front_matter(project: Project, edition, facts: Mapping, formats: Sequence[str] = FORMATS) -> dict:
    """The metadata of an edition's cover, of its running heads and of both output files.

    A reconstructed edition says so on every page, and on its cover where the list of what
    it lacks is; a draft likewise.
    """
    from annuario.book import opening
    from annuario.publish import options

    book, title = project.books[edition.book], f"{project.books[edition.book].title} {edition.year}"
    day = facts["published"]
    own = {
        "edizione": str(edition),
        "anno": edition.year,
        "versione": str(facts["version"] or ""),
        "pubblicata": numbers.date_long(day) if day else "",
        "sommario": opening.summary(title, project.agency, facts),
        "licenza": facts["licence"],
        "dati": facts["data"],
        "sigle": facts["words"],
        "copertina": "figure/copertina.svg" if facts["cover"] else "",
        "disegno": facts["cover"].get("said", ""),
        "formati": list(formats),
        "norme": options.read({}, project.config, "typst")["pdf-standard"],
    }
    metadata = {
        "title": title,
        "subtitle": SUBTITLES[edition.published, edition.draft],
        "author": project.agency,
        "date": day or f"{edition.year}-{book.day}",
        "lang": "it",
        "annuario": own,
    }
    if edition.draft:
        note = f"Ciò che non è ancora inserito è segnato al suo posto ed elencato [in fondo](#{TODO_LABEL})."
        return {
            **metadata,
            "description": note,
            "annuario": own | {"testatina": "bozza", "timbro": "Bozza", "natura": "bozza"},
        }
    if edition.published:
        return metadata
    note = f"Il {edition.year} non ha un documento proprio tra quelli raccolti: il libro riunisce ciò che ne dicono quelli di altri anni."
    if any(path.stem == MISSING_CHAPTER for path in book.chapters):
        note += f" [Che cosa manca](#{MISSING_LABEL})."
    mark = {"testatina": "edizione ricostruita", "natura": "edizione ricostruita"}
    return {**metadata, "description": note, "annuario": own | mark}


def inputs_digest(project: Project) -> str:
    """The digest of all that a book is made from: configuration, data, notebooks, code."""
    here = Path(__file__).parents[1]
    files = [project.root / "_quarto.yml"]
    for folder in (project.root / "data", project.root / "notebooks", here):
        files += sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    files = [
        path for path in files if not (path.is_relative_to(here) and path.suffix in CODE)
    ]  # in the code's own digest
    return digest(code_digest(), agency.digest(project.root), *(f"{path}={file_digest(path)}" for path in files))


def _data(executed: list[dict]) -> list[str]:
    """The files of ``data/`` that the chapters read, relative to the project."""
    reads = {read.partition(ASKS)[0] for notebook in executed for read in notebook["metadata"]["annuario"]["reads"]}
    return sorted(read for read in reads if read.startswith("data/"))


def _cluster(scheduler: str | None, root: Path, texts: Path, name: str):
    """The way chapters start: on the cluster, or (nothing) on this machine."""
    if scheduler is None:
        return nullcontext()
    from annuario.execution import cluster

    return cluster.submitter(scheduler, root, texts, name)
