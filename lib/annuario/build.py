"""The build of one edition: check, execute, assemble, publish, put in place.

Every step is recalled where nothing it depends on has changed; the modules that a step
needs are imported only when it runs.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from annuario.errors import BookError
from annuario.execution.cache import CODE, Store, code_digest, contents_key, digest, file_digest, recalled
from annuario.project import Project

FORMATS = ("html", "pdf")
STAMP = ".annuario.json"
#: The chapter that lists what an edition lacks, and its label.
MISSING_CHAPTER, MISSING_LABEL = "dati-non-pubblicati", "sec-non-pubblicati"


@dataclass(frozen=True)
class Summary:
    """What a build made, or found made already."""

    edition: str
    chapters: int
    tables: int
    charts: int
    checks: int
    seconds: float
    paths: tuple[str, ...]
    unchanged: bool = False


def build(
    project: Project,
    name: str,
    out: Path,
    formats: tuple[str, ...] = FORMATS,
    engine: str = "auto",
    use_cache: bool = True,
    scheduler: str | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> Summary:
    """Build the edition called ``name`` into ``out/<edition>/``.

    Everything is written into a folder aside first; the finished files replace the
    old ones only at the end, so that a failed or killed build leaves the last good
    book. ``progress`` is told of each step in words. Results of earlier builds are kept
    in ``out/.cache``; ``use_cache`` false neither reads nor writes them. ``scheduler`` is
    the address of a Dask scheduler, to run chapters on its cluster. Charts are drawn in a
    process of their own: a script calls this under ``if __name__ == "__main__"``.

    Raises BookError: an unknown edition, bad data, an unrecorded difference
    (CheckError), a chapter that fails (ChapterError), an output folder that cannot be
    written.
    """
    start = time.perf_counter()
    out = Path(out).resolve()
    target = out / name
    everything = digest(inputs_digest(project), *formats, engine)
    if use_cache and (made := _made(target, everything)):
        return Summary(**made | {"seconds": time.perf_counter() - start, "paths": tuple(made["paths"]), "unchanged": True})

    from annuario import assemble, editions, indicators, publish
    from annuario.drawings import Drawings
    from annuario.execution import execute

    @cache
    def package():
        from annuario.data import Package  # pandas is slow to import, and needed only where something is read anew

        return Package(project.root / "data")

    def known_anew() -> dict:
        edition = editions.parse(name, project, package())
        catalogue = indicators.catalogue(package())
        return {"edition": asdict(edition), "catalogue": {code: asdict(entry) for code, entry in catalogue.items()}}

    def check_anew() -> int:
        if scheduler is None:
            from annuario.execution import kernels

            kernels.use(project.root)  # chapters will run: kernels get ready meanwhile
        return check(package())

    store = Store(out / ".cache") if use_cache else None
    progress("Dati e quadratura")
    package_key = digest(code_digest(), *(file_digest(path) for path in sorted((project.root / "data").glob("*"))))
    known = recalled(store, "known", digest(package_key, name, file_digest(project.root / "_quarto.yml")), known_anew)
    checked = recalled(store, "checked", package_key, check_anew)
    edition = editions.Edition(**known["edition"])
    metadata = front_matter(project, edition)
    book = project.books[edition.book]
    aside = _aside(target)
    try:
        with Drawings(store, "html" in formats) as drawings:

            def done(path: Path, notebook: dict) -> None:
                progress(path.stem)
                drawings.begin(notebook)

            texts = book.texts / name
            with _cluster(scheduler, project.root, texts, name) as submit:
                executed = execute.book(
                    book.chapters, aside / "notebooks", name, project.root, texts, store, done, submit
                )
            progress("Composizione")
            document = assemble.assemble(
                dict(zip(book.chapters, executed)),
                metadata,
                aside / "libro",
                drawings.svg,
                {code: indicators.Entry(**entry) for code, entry in known["catalogue"].items()},
                project.root,
                project.config.get("execute"),
            )
        progress(" e ".join(form.upper() for form in formats))
        publisher = publish.engine(engine)
        source = aside / "libro" / "libro.md"
        data = _data(executed)
        data_key = contents_key(code_digest(), project.root, data)
        finished = [aside / "notebooks"]
        with ThreadPoolExecutor() as pool:
            writes = [
                pool.submit(getattr(publisher, form), source, aside / f"{name}.{form}", project.config, store)
                for form in formats
            ]
            if not (use_cache and _stands(_stamped(target), "data", data_key, target / "dati")):
                from annuario import opendata

                tables = [Path(read).stem for read in data if read.endswith(".csv")]
                seen = package().edition(edition.book, edition.year)
                finished.append(opendata.write(package(), seen, tables, aside / "dati"))
            finished += [write.result() for write in writes]
        for path in finished:
            _replace(path, target / path.name)
        paths = [str(target / part) for part in ("notebooks", "dati", *(f"{name}.{form}" for form in formats))]
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    summary = Summary(
        name,
        len(book.chapters),
        sum(label.startswith("tbl-") for label in document.labels),
        sum(label.startswith("fig-") for label in document.labels),
        checked,
        time.perf_counter() - start,
        tuple(paths),
    )
    _stamp(target, everything, data_key, summary)
    return summary


def check(package) -> int:
    """Validate the tables and check the figures; the number of checks made.

    Raises BookError for bad data, CheckError for a difference that is not recorded.
    """
    from annuario import checks
    from annuario.validate import validate

    validate(package)
    results = checks.run(package)
    checks.require_explained(results, package)
    return len(results)


def front_matter(project: Project, edition) -> dict:
    """The metadata of an edition's cover, of its running heads and of both output files.

    A reconstructed edition says so on every page, and on its cover where the list of what
    it lacks is.
    """
    book = project.books[edition.book]
    metadata = {
        "title": f"{book.title} {edition.year}",
        "subtitle": "Edizione pubblicata" if edition.published else "Edizione ricostruita da documenti successivi",
        "author": project.agency,
        "date": f"{edition.year}-{book.day}",
        "lang": "it",
    }
    if edition.published:
        return metadata
    note = f"Il {edition.year} non ha un documento proprio tra quelli raccolti: il libro riunisce ciò che ne dicono quelli di altri anni."
    if any(path.stem == MISSING_CHAPTER for path in book.chapters):
        note += f" [Che cosa manca](#{MISSING_LABEL})."
    return {**metadata, "description": note, "annuario": {"testatina": "edizione ricostruita"}}


def inputs_digest(project: Project) -> str:
    """The digest of all that a book is made from: configuration, data, notebooks, code."""
    here = Path(__file__).parent
    files = [project.root / "_quarto.yml"]
    for folder in (project.root / "data", project.root / "notebooks", here):
        files += sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    files = [path for path in files if not (path.is_relative_to(here) and path.suffix in CODE)]  # in the code's own digest
    return digest(code_digest(), *(f"{path}={file_digest(path)}" for path in files))


def _data(executed: list[dict]) -> list[str]:
    """The files of ``data/`` that the chapters read, relative to the project."""
    reads = {read for notebook in executed for read in notebook["metadata"]["annuario"]["reads"]}
    return sorted(read for read in reads if read.startswith("data/"))


def _cluster(scheduler: str | None, root: Path, texts: Path, name: str):
    """The way chapters start: on the cluster, or (nothing) on this machine."""
    if scheduler is None:
        return nullcontext()
    from annuario.execution import cluster

    return cluster.submitter(scheduler, root, texts, name)


def _made(target: Path, everything: str) -> dict | None:
    """The summary of the finished book, if it was made from the same and is untouched."""
    stamp = _stamped(target)
    return stamp["summary"] if _stands(stamp, "inputs", everything, target) else None


def _stamped(target: Path) -> dict:
    """What the finished book was made from, and the digests of its files; nothing where there is no book."""
    try:
        return json.loads((target / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _stands(stamp: dict, made_from: str, key: str, folder: Path) -> bool:
    """Whether what stands in ``folder`` was made from the same, and is untouched."""
    files = {Path(path): kept for path, kept in stamp.get("files", {}).items() if Path(path).is_relative_to(folder)}
    return stamp.get(made_from) == key and all(file_digest(path) == kept for path, kept in files.items())


def _stamp(target: Path, everything: str, data_key: str, summary: Summary) -> None:
    files = [path for name in summary.paths for path in ([Path(name)] if Path(name).is_file() else sorted(Path(name).iterdir()))]
    stamp = {
        "inputs": everything,
        "data": data_key,
        "summary": asdict(summary),
        "files": {str(path): file_digest(path) for path in files},
    }
    (target / STAMP).write_text(json.dumps(stamp, indent=1), encoding="utf-8")


def _aside(target: Path) -> Path:
    """A new folder beside the finished files, to be emptied into them."""
    try:
        target.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=".in-corso-", dir=target))
    except OSError as error:
        raise BookError(
            f"{target}: the output folder cannot be written ({error.strerror}): choose another with --out."
        ) from error


def _replace(new: Path, old: Path) -> Path:
    """Put a finished file or folder in the place of the old one."""
    try:
        if old.is_dir():
            os.replace(old, new.parent / f"{old.name}.vecchio")
        os.replace(new, old)
    except OSError as error:
        raise BookError(f"{old}: cannot be replaced ({error.strerror}): is it open in another program?") from error
    return old
