"""The agency's own Python: one package, named in ``_quarto.yml`` under ``annuario: agenzia``.

A project needs none. Where it is, it stands in ``lib/`` of the project or is installed, and may
define, in its ``__init__``:

- ``checks(package)``: the checks of the figures, a list of frames as ``annuario.checks.rows.table``
  gives them, instead of :func:`annuario.checks.standard`;
- ``facts(package)``: numbers that identities may name beside the indicators, as
  ``annuario.checks.facts.Fact``;
- ``entries(package)``: more entries of the index of indicators, by code.

The engine reaches the agency through these alone; chapters import its modules as they need.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from annuario.errors import BookError
from annuario.messages import say
from annuario.project import CONFIG, Project

if TYPE_CHECKING:
    from annuario.data import Package


@dataclass(frozen=True)
class Agency:
    """What a project's own package defines; nothing where it has none.

    >>> Agency().modules, Agency("cremasca").modules[0]
    ([], 'cremasca')
    """

    name: str = ""
    checks: Callable[[Package], list] | None = None
    facts: Callable[[Package], Iterable] | None = None
    entries: Callable[[Package], dict] | None = None

    @property
    def modules(self) -> list[str]:
        """The names of the package's modules."""
        if not self.name:
            return []
        package = importlib.import_module(self.name)
        return [self.name, *(f"{self.name}.{module.name}" for module in pkgutil.iter_modules(package.__path__))]


def named(root: Path) -> str:
    """The name of the agency's package; empty where the project at ``root`` has none.

    >>> named(progetto.root), named(cartella)
    ('', '')
    """
    path = root / CONFIG
    return _named(root, path.read_bytes()) if path.is_file() else ""


@lru_cache(maxsize=8)  # each chapter's key asks for it
def _named(root: Path, content: bytes) -> str:  # noqa: ARG001 - by the content it is known again
    return Project(root).config["annuario"].get("agenzia") or ""


def load(root: Path) -> Agency:
    """The agency of the project at ``root``.

    Raises BookError where its package cannot be imported.

    >>> load(progetto.root)
    Agency(name='', checks=None, facts=None, entries=None)
    """
    name = named(root)
    if not name:
        return Agency()
    module = _imported(root, name)
    return Agency(name, *(getattr(module, each, None) for each in ("checks", "facts", "entries")))


def of(package: Package) -> Agency:
    """The agency of the project that a data package belongs to.

    >>> of(esempio), of(package).name
    (Agency(name='', checks=None, facts=None, entries=None), 'cremasca')
    """
    return load(package.folder.parent)


def digest(root: Path) -> str:
    """The digest of the agency's code; of a project without, of nothing.

    >>> digest(progetto.root) == digest(cartella)  # there is no code of an agency
    True
    """
    total = hashlib.sha256()
    for path in sources(root):
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:40]


def sources(root: Path) -> list[Path]:
    """The files of the agency's package, in order.

    >>> sources(progetto.root), sources(package.folder.parent)[0].name
    ([], '__init__.py')
    """
    name = named(root)
    if not name:
        return []
    _reachable(root)
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise _missing(root, name, say("there is no such package"))
    return sorted(path for folder in spec.submodule_search_locations for path in Path(folder).rglob("*.py"))


def _imported(root: Path, name: str) -> ModuleType:
    _reachable(root)
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise _missing(root, name, str(error)) from error


def _missing(root: Path, name: str, reason: str) -> BookError:
    return BookError(
        say(
            "{path}: the agency's package «{name}» cannot be imported ({reason}): put it into "
            "{folder} or take «agenzia» off.",
            path=root / CONFIG,
            name=name,
            reason=reason,
            folder=root / "lib",
        )
    )


def _reachable(root: Path) -> None:
    folder = str(root / "lib")
    if (root / "lib").is_dir() and folder not in sys.path:
        sys.path.append(folder)
