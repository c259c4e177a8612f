"""The Quarto publisher: ``quarto render`` over the same document and configuration.

Each call renders in a directory of its own, because two renders in one directory
overwrite each other's intermediate files.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import yaml

from annuario.errors import BookError
from annuario.execution.cache import Store
from annuario.publish import assets, charts, fonts, options

#: Name of the file with the script that lets a reader put tables in order.
SORT = "tabelle.html"


def html(source: Path, target: Path, project: dict, store: Store | None = None) -> Path:
    """Write the book as HTML with ``quarto render libro.md --to html``.

    Raises BookError with Quarto's words where it fails, and for a broken reference.
    """
    return _render(Path(source), Path(target), project, "html", "html", store)


def pdf(source: Path, target: Path, project: dict, store: Store | None = None) -> Path:
    """Write the book as PDF with ``quarto render libro.md --to typst``.

    Raises BookError with Quarto's words where it fails, and for a broken reference.
    """
    return _render(Path(source), Path(target), project, "typst", "pdf", store)


def _render(source: Path, target: Path, project: dict, form: str, suffix: str, store: Store | None) -> Path:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(source.parent, folder, dirs_exist_ok=True)
        config = directory_config(source, project, folder, store)
        (folder / "_quarto.yml").write_text(
            yaml.safe_dump(config, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
        try:
            result = subprocess.run(
                ["quarto", "render", source.name, "--to", form],
                cwd=folder, env={**os.environ, "SOURCE_DATE_EPOCH": "0"},
                capture_output=True, encoding="utf-8", check=False,
            )  # fmt: skip
        except OSError as error:
            raise BookError(f"quarto cannot be run ({error.strerror}): install it or publish with «pandoc».") from error
        written = folder / f"{source.stem}.{suffix}"
        if result.returncode or not written.is_file():
            raise BookError(f"{source}: quarto render --to {form} failed: {result.stderr.strip()}")
        broken = [line.strip() for line in result.stderr.splitlines() if "Unable to resolve crossref" in line]
        if broken:
            raise BookError(f"{source}: {'; '.join(broken)}")
        shutil.move(written, target)
    return target


def directory_config(source: Path, project: dict, folder: Path, store: Store | None = None) -> dict:
    """The ``_quarto.yml`` of a render directory: the project's, with the files it names.

    Style sheets, fonts and the scripts of tables and charts are laid in ``folder`` and named by
    paths relative to it; everything else is the project's own configuration.
    """
    chosen = options.read(source, project, "html")
    sheets, includes = assets.lay(source, chosen, folder)
    (folder / SORT).write_text(assets.script("sort.js"), encoding="utf-8")
    includes.append(SORT)
    if assets.has_charts(source):
        (folder / charts.INCLUDE).write_text(charts.include(store), encoding="utf-8")
        includes.append(charts.INCLUDE)
    formats = {name: dict(value) if isinstance(value, dict) else {} for name, value in project["format"].items()}
    formats["html"].update({"css": sheets, "include-after-body": includes})
    formats["typst"]["font-paths"] = [fonts.FOLDER]
    return {**project, "format": formats}
