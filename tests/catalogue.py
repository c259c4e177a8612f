"""The catalogues of messages: what of the code belongs into them, and how they are kept in step with it.

``make messages`` runs this file. A template is the first argument of ``say``, of ``marked``, the first two of
``say_many``; of the commands it is their docstring, and the help of their options; and all that the library of the
command line says.
"""

import ast
import sys
from pathlib import Path

import click
from babel.messages import mofile, pofile

from annuario.messages import DOMAIN, LOCALE

LIB = Path(__file__).resolve().parents[1] / "lib" / "annuario"
#: Where the library of the command line says something, by the names that it gives gettext's functions.
CLICK, ITS = Path(click.__file__).parent, {"_": 1, "ngettext": 2}
OURS = {"say": 1, "marked": 1, "say_many": 2}


def templates() -> dict[str | tuple[str, str], list[tuple[str, int]]]:
    """The templates of the code, those of one thing and of many as pairs, with the files and lines that hold them."""
    found: dict[str | tuple[str, str], list[tuple[str, int]]] = {}
    for root, functions in ((LIB, OURS), (CLICK, ITS)):
        for path in sorted(root.rglob("*.py")):
            for template, line in _of(ast.parse(path.read_text(encoding="utf-8")), functions):
                found.setdefault(template, []).append((path.relative_to(root.parent).as_posix(), line))
    return found


def _of(tree: ast.Module, functions: dict[str, int]):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            count = functions.get(name, 0)
            if count and len(texts) >= count and len(texts[0]) > 1:
                yield (texts[0] if count == 1 else tuple(texts[:2])), node.lineno
            elif name == "option" and functions is OURS:
                yield from (
                    (word.value.value, node.lineno)
                    for word in node.keywords
                    if word.arg == "help" and isinstance(word.value, ast.Constant)
                )
        elif isinstance(node, ast.FunctionDef) and functions is OURS and any(map(_is_command, node.decorator_list)):
            yield ast.get_docstring(node), node.lineno


def _is_command(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and getattr(decorator.func, "attr", "") in ("command", "group")


def path(language: str) -> Path:
    """The catalogue of a language, as it is written."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str):
    """The catalogue of a language."""
    with path(language).open("rb") as file:
        return pofile.read_po(file, language)


def compile_to(catalogue, target: Path) -> None:
    """Write the form of a catalogue that gettext reads."""
    with target.open("wb") as file:
        mofile.write_mo(file, catalogue)


def update(language: str) -> list[str]:
    """Bring a catalogue in step with the code; returns the templates that have no translation yet."""
    catalogue, known = read(language), templates()
    for message in [one for one in catalogue if one.id and one.id not in known]:
        catalogue.delete(message.id)
    for template, places in known.items():
        if template not in catalogue:
            catalogue.add(template)
        catalogue[template].locations = sorted({(file, None) for file, _ in places})
    with path(language).open("wb") as file:
        pofile.write_po(file, catalogue, width=120, sort_output=True, include_lineno=False)
    compile_to(catalogue, path(language).with_suffix(".mo"))
    return [str(one.id) for one in catalogue if one.id and not one.string]


if __name__ == "__main__":
    lacking = [f"{file.parts[-3]}: {one!r}" for file in LOCALE.glob("*/*/*.po") for one in update(file.parts[-3])]
    sys.exit("\n".join(["to be translated:", *lacking]) if lacking else 0)
