"""Fixtures: the project, a copy of it that may be spoiled, and the books built once."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from annuario import project
from annuario.data import Package, editions
from annuario.execution.cache import Store, recalled
from annuario.notebook import Chapter
from annuario.publish import charts

#: Most tests look for messages as the code has them.
os.environ["LANGUAGE"] = "en"

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 300  # seconds until a test gives up waiting
DOCUMENTS = ROOT / "tests" / "documents"
INVENTORY = DOCUMENTS / "inventory"
EDITIONS = ("relazione-2021", "relazione-2025", "piano-2020", "piano-2021")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
#: The sentence that the project of one chapter ends with.
PROSE = "Una frase come tante."


@pytest.fixture(scope="session")
def here():
    return project.Project(ROOT)


@pytest.fixture(scope="session")
def package():
    return Package(ROOT / "data")


@pytest.fixture(scope="session")
def opened(here, package):
    """What a chapter opens, by the edition's name."""
    return lambda name: Chapter(here, package, editions.parse(name, here, package))


@pytest.fixture
def spoiled(tmp_path):
    """A copy of the data folder to spoil: a function (table, old, new) that edits one file."""
    folder = tmp_path / "data"
    shutil.copytree(ROOT / "data", folder)
    shutil.copyfile(ROOT / "_quarto.yml", tmp_path / "_quarto.yml")

    def spoil(table: str, old: str, new: str) -> Path:
        path = folder / f"{table}.csv"
        edit(path, old, new)
        return path

    spoil.folder = folder
    return spoil


def one_chapter(root: Path) -> project.Project:
    """A project of one chapter, made in the folder ``root``."""
    notebooks = root / "notebooks" / "relazione"
    shutil.copytree(ROOT / "data", root / "data")
    for path in (ROOT / "notebooks" / "relazione" / "testi").glob("*/gestione.md"):
        copy = notebooks / "testi" / path.parent.name / path.name
        copy.parent.mkdir(parents=True)
        shutil.copy(path, copy)
    notebook = json.loads((ROOT / "notebooks" / "relazione" / "gestione.ipynb").read_text(encoding="utf-8"))
    notebook["cells"].append({"cell_type": "markdown", "id": "prova", "metadata": {}, "source": PROSE})
    (notebooks / "gestione.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    config = (ROOT / "_quarto.yml").read_text(encoding="utf-8").partition("annuario:")[0]
    (root / "_quarto.yml").write_text(
        config + "annuario:\n  ente: Ente\n  agenzia: cremasca\n  libri:\n    relazione:\n      titolo: Relazione\n"
        "      capitoli: [relazione/gestione.ipynb]\n",
        encoding="utf-8",
    )
    return project.Project(root)


def edit(path: Path, old: str, new: str) -> None:
    """Change the first ``old`` of a file, which must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path.name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def small(tmp_path):
    """A project of one chapter."""
    return one_chapter(tmp_path / "progetto")


@pytest.fixture(scope="session")
def sources():
    """What the lines of the four documents print, by document: the numbers, and the first words of tables' rows."""
    printed = sorted((DOCUMENTS / "printed").glob("*.txt"))
    return {path.stem: path.read_text(encoding="utf-8").split("\n") for path in printed}


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory) -> Path:
    """A folder of this run of the tests, the same for all its processes."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


@pytest.fixture(scope="session")
def shared(run_folder) -> Path:
    """Where builds keep their results that are no test of the cache: chapters run, and charts are drawn, once for all."""
    folder = run_folder / "kept"
    folder.mkdir(exist_ok=True)
    return folder


def keep_in(shared: Path, out: Path) -> Path:
    """A folder for books whose builds, also those of other processes, keep their results in ``shared``."""
    out.mkdir(parents=True, exist_ok=True)
    if not (out / ".cache").is_symlink():
        (out / ".cache").symlink_to(shared)
    return out


@pytest.fixture(scope="session", autouse=True)
def libraries(shared):
    """Vega's libraries are bundled once: it takes six seconds, and every book with a chart holds the same."""
    with pytest.MonkeyPatch.context() as patch:
        make = charts._bundle
        patch.setattr(charts, "_bundle", lambda: recalled(Store(shared), "vega", "libraries", make))
        yield


@pytest.fixture(scope="session")
def books(here, run_folder, shared):
    """The folder with the editions, built by the command line from the project's root: once for all processes."""
    out = run_folder / "output"
    built = out / "built"
    with FileLock(f"{out}.lock"):
        if not built.exists():
            keep_in(shared, out)
            command = [sys.executable, "-m", "annuario", "build", *EDITIONS, "--engine", "pandoc", "--out", str(out)]
            done = subprocess.run(command, cwd=here.root, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            built.touch()
    return out


@pytest.fixture(scope="module")
def browser():
    """A browser, for the tests of one file: while it runs no event loop can be started beside it."""
    if not BROWSER:
        pytest.skip("no Chromium or Chrome is installed")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        made = running.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


#: Marks the cells and paragraphs that look like one before them: of thousands, a few hundred do not.
ALIKE = """() => {
  const seen = new Set();
  for (const node of document.querySelectorAll("main :is(td, th, p, li, dt, dd, figcaption, summary, .porta-via), nav li")) {
    const style = getComputedStyle(node), around = [];
    for (let other = node.parentElement; other; other = other.parentElement) around.push(other.tagName, other.className);
    const looks = JSON.stringify([
      node.tagName, node.className, getComputedStyle(node.parentElement).backgroundColor, around,
      style.color, style.backgroundColor, style.fontSize, style.fontWeight, style.display, style.visibility,
      [...new Set([...node.querySelectorAll("*")].map(one => [one.tagName, one.className, getComputedStyle(one).color].join()))],
    ]);
    if (seen.has(looks)) node.dataset.alike = ""; else seen.add(looks);
  }
}"""


def require_accessible(page, *tags: str) -> None:
    """No violation of the rules of axe with some tags, or of all its rules.

    The contrast of colours, which takes most of the time, is measured once for each look that a cell or a paragraph
    has, on a light and on a dark page. Only violations are worked out in full.
    """
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(tags)} if tags else {})
    page.evaluate(ALIKE)
    contrast = options | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    unlike = {"exclude": [["[data-alike]"]]}
    results = [
        axe.run(page, options=options | {"rules": {"color-contrast": {"enabled": False}}}),
        axe.run(page, context=unlike, options=contrast),
    ]
    page.emulate_media(color_scheme="dark")
    results.append(axe.run(page, context=unlike, options=contrast))
    page.emulate_media(color_scheme="light")
    for result in results:
        assert result.violations_count == 0, result.generate_report()[:3000]


#: The files that build, watch or open books over and over, the longest first: two processes end together when each
#: takes up the next file of these, and the short ones last.
LONG = (
    *("test_book", "test_output", "test_accessibility", "test_lineage", "test_lab", "test_cache", "test_watch"),
    *("test_every_year", "test_explain", "test_forms", "test_cli", "test_archive", "test_processes", "test_cluster"),
    *("test_reading_aids", "test_publish", "test_quarto", "test_drafts", "test_init", "test_coverage", "test_edit"),
    *("test_third_book",),
)


def pytest_collection_modifyitems(items):
    place = {name: number for number, name in enumerate(LONG)}
    slow = set((ROOT / "tests" / "slow.txt").read_text(encoding="utf-8").splitlines())
    for item in items:
        if item.path.stem in LONG or f"{item.path.name}::{getattr(item, 'originalname', item.name)}" in slow:
            item.add_marker("slow")
    items.sort(key=lambda item: place.get(item.path.stem, len(LONG)))
