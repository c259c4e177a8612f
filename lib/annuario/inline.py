"""Inline expressions: `` `{python} expression` `` in Markdown cells and captions.

The values come from a kernel or from what is kept of an earlier run; either way the
text is put together here, outside the kernel. In the kernel, ``render`` turns a value
into Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import yaml

#: Reads YAML: the parser in C, where PyYAML was built with it, takes a tenth of the time.
YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
PATTERN = re.compile(r"`\{python\}\s+([^`]+?)\s*`")
#: papermill's tag of the cell that it adds, which sets the parameters.
INJECTED = "injected-parameters"
CONDITION = re.compile(r"\A<!--\s*se:\s*(.+?)\s*-->[ \t]*\n?")
#: How a section of the commentary travels from the kernel: by name, not by content.
SECTION = "\x02{chapter}\x1f{section}\x03"
_SECTION = re.compile("\x02([^\x1f]*)\x1f([^\x03]*)\x03")

#: Asks for the values of expressions: their rendered text, or their truth.
Evaluate = Callable[[list[str], bool], dict]


def render(value: object) -> str:
    """A value as Markdown: numbers in Italian form, text escaped, missing as «–».

    An object with ``_repr_markdown_`` is Markdown already and stays as it is; a section
    of the commentary is named by its ``marker``.

    Raises TypeError for a float (its digits are arbitrary: use the functions of
    ``annuario.numbers``) and for anything that has no evident text.
    """
    from annuario import numbers  # only kernels need it
    from annuario.markdown import escape

    if value is None:
        return numbers.MISSING
    if hasattr(value, "marker"):
        return value.marker
    if hasattr(value, "_repr_markdown_"):
        return value._repr_markdown_()
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise TypeError(
            f"a value of type {type(value).__name__} has no set format: "
            "give it one with annuario.numbers (number, euro, percent)"
        )
    if isinstance(value, str):
        inner = value.strip(" ")
        return value.replace(inner, escape(inner), 1) if inner else value
    return numbers.number(value)


def resolve(text: str, evaluate: Evaluate, texts: Path) -> str:
    """The text with its expressions evaluated, and those inside their values too.

    ``texts`` is the folder of the edition's own commentary.
    """
    for _ in range(2):
        wanted = list(dict.fromkeys(PATTERN.findall(text)))
        if not wanted:
            break
        values = evaluate(wanted, True)
        text = PATTERN.sub(lambda match, values=values: values[match[1]], text)
        text = _SECTION.sub(lambda match: section(texts, match[1], match[2]), text)
    return text


def resolve_markdown(source: str, evaluate: Evaluate, texts: Path) -> str:
    """The finished text of a Markdown cell: empty where its condition is false."""
    condition = CONDITION.match(source)
    if condition:
        if not evaluate([condition[1]], False)[condition[1]]:
            return ""
        source = source[condition.end() :]
    return resolve(source, evaluate, texts)


def options(source: str) -> dict:
    """The Quarto options of a code cell: its leading ``#|`` lines, read as YAML."""
    lines = []
    for line in source.splitlines():
        if not line.startswith("#|"):
            break
        lines.append(line[2:].removeprefix(" "))
    return yaml.load("\n".join(lines), YAML) or {} if lines else {}


def resolve_options(source: str, evaluate: Evaluate, texts: Path) -> dict:
    """The options of a code cell with the expressions in its captions evaluated."""
    return {
        key: resolve(value, evaluate, texts) if isinstance(value, str) else value
        for key, value in options(source).items()
    }


def section(texts: Path, chapter: str, name: str) -> str:
    """A section of the commentary ``<texts>/<chapter>.md``, or nothing.

    A first-level heading opens each section.
    """
    path = texts / f"{chapter}.md"
    if not path.is_file():
        return ""
    parts = re.split(r"^# +(.+?) *$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2])).get(name, "").strip()


def value_key(ran: int, expression: str, as_text: bool) -> str:
    """The name under which a value is kept: where it was asked for, how, and what."""
    return f"{ran} {'text' if as_text else 'truth'} {expression}"


def finish(cell, text: str) -> None:
    """Put the finished text into a Markdown cell, keeping the original in its metadata."""
    if text != cell["source"]:
        cell["metadata"]["annuario"] = {"source": cell["source"]}
        cell["source"] = text


def is_injected(cell) -> bool:
    """Whether papermill added the cell."""
    return INJECTED in cell["metadata"].get("tags", [])


def place(notebook, index: int) -> str:
    """A cell as its author counts it: papermill's injected cell is left out."""
    cells = notebook["cells"][: index + 1]
    return f"cell {sum(not is_injected(cell) for cell in cells)}"
