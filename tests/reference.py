"""The public names of the engine, and the examples in its docstrings.

A name is public where the ``__all__`` of its room has it. One that is a module stands for that module's own
names: those of its ``__all__``, or else every function and class of it without an underscore.
"""

import ast
import doctest
import importlib
import inspect
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache, cached_property, partial
from pathlib import Path
from types import ModuleType

import annuario
from annuario import project
from annuario.data import Package, editions
from annuario.data.nature import FLOW, Nature
from annuario.figures import Figure, Figures
from annuario.figures.frame import CODE, long
from annuario.init import EXAMPLE, init
from annuario.notebook import Chapter
from annuario.tables import Grid
from annuario.words.phrases import SPELLED, Noun
from annuario.year import start
from annuario.year.progress import Progress

ENGINE = Path(annuario.__file__).parent
ROOT = Path(__file__).resolve().parents[1]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Plain(doctest.OutputChecker):
    """Documentation is written with plain blanks where figures print no-break ones."""

    def check_output(self, want, got, optionflags):
        return super().check_output(want, got.replace("\u00a0", " "), optionflags)


def casi(*values: int | None) -> Figure:
    """A figure of cases, whose last years up to 2025 had these values; None for a year that is missing."""
    years = range(2026 - len(values), 2026)
    series = {year: Decimal(value) for year, value in zip(years, values, strict=True) if value is not None}
    return Figure("casi", series, 2025, Nature("casi", FLOW, noun=Noun("caso", "casi")), "Casi seguiti")


def gruppo(*figures: Figure, **others: Figure) -> Figures:
    """A group of such figures, which are called Uno, Due, Tre… or as they are given."""
    made = dict(zip(SPELLED[1:], figures, strict=False)) | others
    named = {name: replace(one, name=name.capitalize()) for name, one in made.items()}
    return Figures("gruppo", {name: partial(named.__getitem__, name) for name in named}, 2025)


def griglia(*figures: Figure, **others: Figure) -> Grid:
    """The same as the grid of a table or chart, over three years."""
    return Grid(long(gruppo(*figures, **others)), CODE, "anno", order=sorted)


@cache
def _opened() -> Chapter:
    here, package = project.Project(ROOT), Package(ROOT / "data")
    return Chapter(here, package, editions.parse("relazione-2025", here, package))


def _begun(folder: Path) -> Progress:
    """The example project with a draft of its next year."""
    init(folder)
    here = project.Project(folder)
    start.begin(here, "relazione-2026")
    package = Package(folder / "data", "relazione-2026")
    return Progress(here, package, editions.parse("relazione-2026", here, package))


def names(folder: Path, text: str) -> dict[str, object]:
    """What the examples of a text know beside the names of their module.

    docs/reference.md tells what they are.
    """
    libro = _opened()
    return {
        "libro": libro,
        "package": libro.package.printed,
        "progetto": project.Project(EXAMPLE),
        "esempio": Package(EXAMPLE / "data"),
        "casi": casi,
        "gruppo": gruppo,
        "griglia": griglia,
        "cartella": folder,
        "Decimal": Decimal,
    } | ({"bozza": _begun(folder.with_name(f"{folder.name}.bozza"))} if "bozza" in text else {})


def modules() -> list[str]:
    """The modules of the engine, by name."""
    found = []
    for path in sorted(ENGINE.rglob("*.py")):
        parts = path.relative_to(ENGINE.parent).with_suffix("").parts
        if path.name != "__main__.py" and "example" not in parts:
            found.append(".".join(parts[:-1] if path.name == "__init__.py" else parts))
    return found


def own(module: ModuleType) -> dict[str, object]:
    """The functions and classes that a module defines, with an underscore or without."""
    made = {node.name for node in ast.parse(inspect.getsource(module)).body if hasattr(node, "name")}
    return {name: value for name, value in vars(module).items() if name in made}


def members(kind: type) -> dict[str, object]:
    """The methods and properties that a class defines itself."""
    known = (property, cached_property, classmethod, staticmethod)
    return {name: one for name, one in vars(kind).items() if inspect.isfunction(one) or isinstance(one, known)}


def public_members(value: object) -> dict[str, object]:
    """The public methods and properties of a class, those of its bases too; an override says what the other says."""
    found: dict[str, object] = {}
    for kind in reversed(value.__mro__) if inspect.isclass(value) else ():
        if kind.__module__.startswith("annuario."):
            found |= {name: one for name, one in members(kind).items() if not name.startswith("_") and one.__doc__}
    return found


def documented(name: str) -> Iterator[tuple[str, str]]:
    """What has a docstring in a module, and the docstring: the module, its functions and classes, their members."""
    module = importlib.import_module(name)
    yield name, module.__doc__ or ""
    for one, value in own(module).items():
        yield f"{name}.{one}", value.__doc__ or ""
        for member, what in members(value).items() if inspect.isclass(value) else ():
            yield f"{name}.{one}.{member}", what.__doc__ or ""


def public(name: str = "annuario") -> dict[str, object]:
    """The public functions and classes of a module and below it, by full name; constants have no example."""
    module = importlib.import_module(name)
    found = {}
    for each in getattr(module, "__all__", None) or [one for one in own(module) if not one.startswith("_")]:
        value = getattr(module, each, None)
        if value is None or inspect.ismodule(value):
            found |= public(f"{name}.{each}")
        elif callable(value):
            found[f"{name}.{each}"] = value
    return found
