"""What the chapters of a book ask for: which rows of the data, which sections of the commentary."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import orjson

from annuario import agency
from annuario.data import Package
from annuario.data.expected import SEPARATOR
from annuario.data.roles import DEFINITIONS, INDICATORS
from annuario.errors import BookError
from annuario.messages import say
from annuario.project import Book, Project
from annuario.text.expressions import written

#: A section that is asked for in one go: ``libro.testo("gestione").costi``, ``libro.text("gestione", "costi")``.
_AT_ONCE = re.compile(
    r"\.testo\(\s*[\"']([\w-]+)[\"']\s*\)\.([^\W\d]\w*)|\.text\(\s*[\"']([\w-]+)[\"'],\s*[\"']([^\"'\n]+)[\"']"
)


class Notebook:
    """A chapter's notebook, read without being run.

    >>> notebook = Notebook(progetto.books["relazione"].chapters[1])
    >>> notebook.name, notebook.title, notebook.shown, notebook.sections
    ('prestiti', 'I prestiti', 3, [('prestiti', 'anno')])
    >>> "prestiti" in notebook.texts, "annuario.notebook" in notebook.modules
    (True, True)
    """

    def __init__(self, path: Path):
        self.path, self.name = path, path.stem
        try:
            cells = orjson.loads(path.read_bytes())["cells"]
            self._code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
            prose = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BookError(say("{path}: not a notebook: {error}.", path=path, error=error)) from error
        titles = (re.match(r"#\s+(.*?)\s*(?:\{[^{}]*\})?\s*$", text.lstrip(), re.MULTILINE) for text in prose)
        self.title = next((title[1] for title in titles if title), self.name)
        captions = [line for code in self._code for line in code.splitlines() if line.startswith("#|")]
        expressions = [name for text in (*prose, *captions) for name in written(text).expressions]
        self._expressions = expressions
        self._trees = [tree for tree in map(_parsed, [*self._code, *expressions]) if tree]

    @cached_property
    def sections(self) -> list[tuple[str, str]]:
        """The sections of the commentary that it places, each with the name of its file, in their order."""
        files: dict[str, str] = {}
        for tree in self._trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.Assign):
                    files |= _bound(node)
        found: dict[tuple[str, str], None] = {}
        for text in (*self._code, *self._expressions):
            for at_once in _AT_ONCE.finditer(text):
                found[(at_once[1] or at_once[3], at_once[2] or at_once[4])] = None
            for name, file in files.items():
                for section in re.findall(rf"\b{re.escape(name)}\.([^\W\d]\w*)", text):
                    found[(file, section)] = None
        return list(found)

    @property
    def shown(self) -> int:
        """How many tables and charts it shows: of two chapters that name a row, one that has more is its own."""
        return sum(line.startswith("#| label:") for code in self._code for line in code.splitlines())

    @cached_property
    def texts(self) -> list[str]:
        """The texts in its code and expressions: names of data among them."""
        return [text for tree in self._trees for text in _texts(tree)]

    @cached_property
    def modules(self) -> set[str]:
        """The modules that its code imports."""
        return {name for tree in self._trees for name in _imported(tree)}


def _imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def _parsed(text: str) -> ast.AST | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


def _texts(tree: ast.AST) -> Iterator[str]:
    return (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))


def _bound(node: ast.Assign) -> dict[str, str]:
    """The names that are given a chapter's commentary, each with the chapter."""
    [target, *_] = node.targets
    pairs = (
        zip(target.elts, node.value.elts)
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
        else [(target, node.value)]
    )
    return {
        name.id: str(value.args[0].value)
        for name, value in pairs
        if isinstance(name, ast.Name)
        and isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr == "testo"
        and value.args
        and isinstance(value.args[0], ast.Constant)
    }


class Chapters:
    """The chapters of a book, to be asked which of them shows a row of the data.

    What a notebook and the agency's modules that it imports call by name is taken as a sign:
    nothing is run. Chapters that several books share are about all tables, and asked last.

    >>> chapters = Chapters(progetto, esempio, progetto.books["relazione"])
    >>> [notebook.name for notebook in chapters.notebooks]
    ['in-sintesi', 'prestiti']
    >>> chapters.of("indicatori", "2025|prestiti/libri|tabella"), chapters.of("edizioni", "")
    ('prestiti', '')
    """

    def __init__(self, project: Project, package: Package, book: Book):
        self.package = package
        self.notebooks = [Notebook(path) for path in book.chapters]
        self._own = agency.named(project.root)
        self._modules = {
            f"{self._own}.{path.stem}": _Module(path)
            for path in agency.sources(project.root)
            if path.stem != "__init__"
        }
        signs = [{notebook.name: self._signs(notebook, far) for notebook in self.notebooks} for far in (False, True)]
        shared = {notebook.name for notebook in self.notebooks if notebook.path.parent.name != book.name}
        self._rounds = [{name: found for name, found in one.items() if name not in shared} for one in signs]
        self._rounds.append({name: found for name, found in signs[0].items() if name in shared})
        self._shown = {notebook.name: notebook.shown for notebook in self.notebooks}
        self._known: dict[frozenset[str], str] = {}

    def _signs(self, notebook: Notebook, far: bool) -> Counter[str]:
        """The texts in a notebook and in the agency's modules that it imports; ``far``: those that these import too."""
        found, seen, left = Counter(notebook.texts), set(), set(notebook.modules)
        while left:
            module = left.pop()
            if module in self._modules and module not in seen:
                seen.add(module)
                found += self._modules[module].texts
                left |= self._modules[module].modules if far else set()
        return found

    def of(self, table: str, key: str) -> str:
        """The chapter that shows a row, by its table and key; nothing where none names it."""
        if self.package.has(INDICATORS, DEFINITIONS) and table == self.package.name(INDICATORS):
            return next(filter(None, (self._indicator(part) for part in key.split(SEPARATOR))), "")
        return self._best(table, frozenset(part for part in key.split(SEPARATOR) if part))

    def _best(self, table: str, names: frozenset[str]) -> str:
        """The chapter with most signs of some names; of a table's, only those that name the table."""
        asked = names | {table}
        if asked not in self._known:
            self._known[asked] = ""
            for one in self._rounds:
                scores = {
                    name: sum(sign in signs for sign in names) + signs[table] / 10 + self._shown[name] / 1000
                    for name, signs in one.items()
                    if (signs[table] if table else not names.isdisjoint(signs))
                }
                if scores:
                    self._known[asked] = max(scores, key=scores.__getitem__)
                    break
        return self._known[asked]

    def _indicator(self, code: str) -> str:
        """The chapter of an indicator: that which names it or its group, or else that of most others of its service."""
        definitions = self.package.indexed(DEFINITIONS)
        places = definitions.places("indicatore").get(code)
        if not places:
            return ""
        group, service = (definitions.column(field)[places[0]] for field in ("gruppo", "servizio"))
        return self._best("", frozenset((code, group))) or self._of_service(service)

    def _of_service(self, service: str) -> str:
        definitions = self.package.indexed(DEFINITIONS)
        groups = {definitions.column("gruppo")[place] for place in definitions.places("servizio")[service]}
        chapters = Counter(filter(None, (self._best("", frozenset((group,))) for group in sorted(groups))))
        return chapters.most_common(1)[0][0] if chapters else ""


class _Module:
    """A module of the agency: the texts in it, and the modules that it imports."""

    def __init__(self, path: Path):
        tree = _parsed(path.read_text(encoding="utf-8")) or ast.Module([], [])
        self.texts = Counter(_texts(tree))
        self.modules = _imported(tree)
