"""What the chapters of a book ask for: which rows of the data, which sections of the commentary."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import orjson

from annuario import agency
from annuario.data import Package
from annuario.data.expected import SEPARATOR
from annuario.data.roles import DEFINITIONS, INDICATORS
from annuario.errors import BookError
from annuario.project import Book, Project
from annuario.text import inline

#: A section that is asked for in one go: ``libro.testo("gestione").costi``, ``libro.text("gestione", "costi")``.
_AT_ONCE = re.compile(
    r"\.testo\(\s*[\"']([\w-]+)[\"']\s*\)\.([^\W\d]\w*)|\.text\(\s*[\"']([\w-]+)[\"'],\s*[\"']([^\"'\n]+)[\"']"
)


class Notebook:
    """A chapter's notebook, read without being run."""

    def __init__(self, path: Path):
        self.path, self.name = path, path.stem
        try:
            cells = orjson.loads(path.read_bytes())["cells"]
            self._code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
            prose = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BookError(f"{path}: not a notebook: {error}.") from error
        titles = (re.match(r"#\s+(.*?)\s*(?:\{[^{}]*\})?\s*$", text.lstrip(), re.MULTILINE) for text in prose)
        self.title = next((title[1] for title in titles if title), self.name)
        captions = [line for code in self._code for line in code.splitlines() if line.startswith("#|")]
        expressions = [name for text in (*prose, *captions) for name in inline.written(text).expressions]
        self._expressions = expressions
        self._trees = [tree for tree in map(_parsed, [*self._code, *expressions]) if tree]

    @cached_property
    def sections(self) -> list[tuple[str, str]]:
        """The sections of the commentary that it places, each with the name of its file, in their order."""
        files = {}
        for tree in self._trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.Assign):
                    files |= _bound(node)
        found = {}
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
    def texts(self) -> set[str]:
        """The texts in its code and expressions: names of data among them."""
        return {text for tree in self._trees for text in _texts(tree)}

    @cached_property
    def modules(self) -> set[str]:
        """The modules that its code imports."""
        found = set()
        for tree in self._trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module:
                    found.add(node.module)
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
        name.id: value.args[0].value
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
    nothing is run.
    """

    def __init__(self, project: Project, package: Package, book: Book):
        self.package = package
        self.notebooks = [Notebook(path) for path in book.chapters]
        sources = {path.stem: path for path in agency.sources(project.root)}
        self._shown = {notebook.name: notebook.shown for notebook in self.notebooks}
        own = agency.named(project.root)
        read: dict[str, set[str]] = {}
        self._signs: dict[str, set[str]] = {}
        for notebook in self.notebooks:
            signs = set(notebook.texts)
            for module in notebook.modules:
                name = module.removeprefix(f"{own}.")
                if own and module.startswith(f"{own}.") and name in sources:
                    if name not in read:
                        tree = _parsed(sources[name].read_text(encoding="utf-8"))
                        read[name] = set(_texts(tree)) if tree else set()
                    signs |= read[name]
            self._signs[notebook.name] = signs

    def of(self, table: str, key: str) -> str:
        """The chapter that shows a row, by its table and key; nothing where none names it."""
        parts = [part for part in key.split(SEPARATOR) if part]
        wanted = {table}
        if self.package.has(INDICATORS, DEFINITIONS) and table == self.package.name(INDICATORS):
            wanted = {name for part in parts for name in self._indicator(part)}
        else:
            wanted |= set(parts)
        best, chapter = 0.0, ""
        for name, signs in self._signs.items():
            score = len(wanted & signs) + self._shown[name] / 1000 if wanted & signs else 0
            if table in wanted and table not in signs:
                score = 0
            if score > best:
                best, chapter = score, name
        return chapter

    def _indicator(self, code: str) -> set[str]:
        """What an indicator may be called by: its code, its group, its name within the group."""
        definitions = self.package.indexed(DEFINITIONS)
        places = definitions.places("indicatore").get(code)
        if not places:
            return set()
        return {code, definitions.column("gruppo")[places[0]]}
