"""Inline expressions: `` `{python} expression` `` in Markdown cells and captions.

The values come from a kernel or from what is kept of an earlier run; either way the
text is put together here, outside the kernel. In the kernel, ``render`` turns a value
into Markdown.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

from annuario.configuration import YAML
from annuario.text import commentary, prose
from annuario.text.absence import UNENTERED, Answer, Dropped, Lacks, Output, Prose, finish, misused, note

#: papermill's tag of the cell that it adds, which sets the parameters.
INJECTED = "injected-parameters"
#: How a section of the commentary travels from the kernel: by name, not by content.
SECTION = "\x02{chapter}\x1f{section}\x03"
#: What tells, in the chapter's process, why a cell has shown nothing.
SHOWN = "__import__('annuario.text.unentered', fromlist=['x']).shown"
#: How deep values may hold expressions: a section of the commentary, a text that it places, and some more.
DEPTH = 6
_SECTION = re.compile("\x02([^\x1f]*)\x1f([^\x03]*)\x03")
_CONDITION = re.compile(r"\A<!--[ \t]*se:[ \t]*(?!-->)(\S[^\n]*?)[ \t]*-->[ \t]*\n?")
_EXPRESSION = re.compile(r"\s*\{python\}\s+(\S.*?)\s*", re.DOTALL)
# What is nearly an expression: at the beginning of a code span, and in the text around.
_ANYWHERE = re.compile(r"\{+\s*python\s*\}", re.IGNORECASE)
_NEARLY_CODE = re.compile(r"\s*(?:[{\[(<]+\s*(\w+)\s*[}\])>]*|(\w+)\s*[}\])>]+)")
_NEARLY = re.compile(r"(?<!\\)\{+\s*(\w+)\s*\}*")
_SUSPECT = re.compile(r"\{+\s*p\w*n\b|<!\W*se\b", re.IGNORECASE)
# What is nearly a condition: as a comment, and where not even the comment is one.
_NEARLY_CONDITION = re.compile(r"\s*(?:se\b|(?:s[eéè]+|if)\s*[:=;])", re.IGNORECASE)
_NEARLY_COMMENT = re.compile(
    r"<\s*!\s*[-–—]*\s*se\b|<\s*[-–—]{2,}\s*se\b|^\s*se\s*:.*--+>", re.IGNORECASE | re.MULTILINE
)


def render(value: object) -> str:
    """A value as Markdown: numbers in Italian form, text escaped, missing as «–».

    An object with ``_repr_markdown_`` is Markdown already and stays as it is; a section
    of the commentary is named by its ``marker``.

    Raises TypeError for a float (its digits are arbitrary: use the functions of
    ``annuario.words.numbers``) and for anything that has no evident text.
    """
    from annuario.words import numbers  # only kernels need it
    from annuario.words.markdown import escape

    if value is None:
        return numbers.MISSING
    if hasattr(value, "marker"):
        return value.marker
    if hasattr(value, "_repr_markdown_"):
        return value._repr_markdown_()
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise TypeError(
            f"a value of type {type(value).__name__} has no set format: "
            "give it one with annuario.words.numbers (number, euro, percent)"
        )
    if isinstance(value, str):
        inner = value.strip(" ")
        return value.replace(inner, escape(inner), 1) if inner else value
    return numbers.number(value)


def answer(ask: Callable[[], object]) -> str | dict:
    """What an expression gives, as it travels from the kernel: its text; or, where there is more to say, a dictionary.

    Of a figure that is absent it holds why (``absent``) and, in a draft, what it ``lacks`` or which
    ``section`` of the commentary it would be; of words that need it, ``notes`` for the foot of
    their paragraph and the ``rows`` that they rest on, each its table and place.
    """
    from annuario.figures import Absent, Figure, Said  # only kernels need them
    from annuario.text import unentered

    try:
        value = ask()
        text = render(value)
    except Absent as absent:
        return {"absent": str(absent)} | unentered.told(absent)
    except Exception as error:
        waiting = unentered.failed(error)
        if not waiting:
            raise
        return waiting
    if not isinstance(value, (Figure, Said)):
        return text
    told = {"notes": list(value.reasons), "rows": [[row.table, row.place] for row in value.rows]}
    return {"text": text} | told if any(told.values()) else text


class Failure(NamedTuple):
    """What stands in the place of a value that an expression did not give: the reason."""

    reason: str


#: Asks for the values of expressions: their rendered text, or their truth.
Evaluate = Callable[[list[str], bool], dict[str, object]]


class Faults(Exception):
    """What is wrong with a text, each thing in words."""

    def __init__(self, problems: list[str]):
        super().__init__("; ".join(problems))
        self.problems = list(dict.fromkeys(problems))


class Written(NamedTuple):
    """A text as it was written: where its expressions stand, and what is nearly one."""

    places: tuple[tuple[int, int, tuple[str, ...]], ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def expressions(self) -> list[str]:
        """The expressions, each once, in order."""
        return list(dict.fromkeys(name for _, _, names in self.places for name in names))


@lru_cache(maxsize=8192)
def written(text: str) -> Written:
    """The expressions of a text, by the parser of Markdown: what stands in code blocks and comments is none.

    >>> written("Sono `{python} n`.").expressions
    ['n']
    >>> written("Sono `{python}n`.").problems
    ('«`{python}n`» is nearly an expression: write `{python} …`, with a blank, between single backticks.',)
    """
    if not any(mark in text for mark in "`{<>"):
        return Written()
    places, problems, outside = [], [], text
    for span in prose.spans(text):
        whole = text[span.start : span.end]
        outside = outside[: span.start] + " " * len(whole) + outside[span.end :]
        if span.kind == "code":
            # where two expressions touch, Markdown sees one span
            found = [_EXPRESSION.fullmatch(part) for part in span.content.split("``")]
            if all(found) and not whole.startswith("``"):
                places.append((span.start, span.end, tuple(match[1] for match in found)))
            elif _ANYWHERE.search(span.content) or _named_nearly(_NEARLY_CODE.match(span.content)):
                problems.append(_nearly(whole))
        elif span.kind == "comment" and _NEARLY_CONDITION.match(span.content):
            problems.append(_no_condition(whole))
        elif span.kind == "unclosed":
            what = (
                "comment is never closed: end it with «-->»"
                if whole.startswith("<!--")
                else ("code block is never closed: end it with the same marks on a line of their own")
            )
            problems.append(f"«{_short(whole)}»: the {what}.")
    for match in _NEARLY.finditer(outside):
        if _named_nearly(match):
            problems.append(_nearly(text[max(match.start() - 1, 0) :]))
    problems += [_no_condition(text[match.start() :]) for match in _NEARLY_COMMENT.finditer(outside)]
    problems += misused(text, places)
    return Written(tuple(places), tuple(problems))


def _named_nearly(match: re.Match | None) -> bool:
    """Whether what stands in braces is nearly the word python, or another of Quarto's languages in a code span."""
    name = next((group for group in match.groups() if group), "").lower() if match else ""
    if name in ("r", "julia", "ojs", "py"):
        return match.re is _NEARLY_CODE and match[0].strip() == f"{{{name}}}"
    return SequenceMatcher(None, name, "python").ratio() > 0.7


def _nearly(text: str) -> str:
    return f"«{_short(text)}» is nearly an expression: write `{{python}} …`, with a blank, between single backticks."


def _no_condition(text: str) -> str:
    return (
        f"«{_short(text)}» is nearly a condition: write «<!-- se: expression -->» on one line, "
        "at the very beginning of the cell."
    )


def _short(text: str) -> str:
    line = " ".join(text[:200].split())
    return line if len(line) <= 60 else f"{line[:59]}…"


def split(source: str) -> tuple[str | None, str]:
    """The condition of a Markdown cell, or None, and the text below it."""
    condition = _CONDITION.match(source)
    return (condition[1], source[condition.end() :]) if condition else (None, source)


def texts_in(options: object) -> Iterator[str]:
    """The texts among the options of a code cell."""
    if isinstance(options, str):
        yield options
    elif isinstance(options, (list, dict)):
        for value in options.values() if isinstance(options, dict) else options:
            yield from texts_in(value)


def problems(cell) -> list[str]:
    """What is wrong with the text of a cell, as far as nothing need be evaluated to see it."""
    if cell["cell_type"] == "raw":
        return unfinished(cell["source"])
    if cell["cell_type"] == "markdown":
        return list(written(split(cell["source"])[1]).problems)
    if cell["cell_type"] == "code":
        try:
            return [problem for text in texts_in(options(cell["source"])) for problem in written(text).problems]
        except Faults as faults:
            return faults.problems
    return []


def unfinished(text: str) -> list[str]:
    """What looks as if it should have been evaluated, in a text that is not: a cell's output, a raw cell."""
    if not _SUSPECT.search(text):
        return []
    found = written(text)
    where = "write it in a Markdown cell, or give the value itself"
    return [
        *found.problems,
        *(
            f"the expression «{name}» is not evaluated in an output or a raw cell: {where}."
            for name in found.expressions
        ),
    ]


class Finisher:
    """Puts the finished text of a chapter together, from what its expressions give and from the commentary.

    The cells are told in their order, with what their expressions give at that point; the
    texts are finished when all are known (``texts_of_cells``), for only then is it known which
    tables and charts were made. ``texts`` is the folder of the edition's own commentary.
    ``placed`` collects the sections that the text shows, ``asked`` those that it asks for,
    each with the name of its file.
    """

    def __init__(self, texts: Path):
        self.texts = texts
        self.placed: set[tuple[str, str]] = set()
        self.asked: set[tuple[str, str]] = set()
        self._parts: list[Prose | Output] = []
        self.dropped: list[Dropped] = []

    def markdown(self, source: str, evaluate: Evaluate) -> None:
        """Take in a Markdown cell: it is empty where its condition is false.

        Raises Faults for what is nearly an expression or a condition, and for those that fail.
        """
        condition, body = split(source)
        place = len(self._parts)
        self._parts.append(Prose("", (), {}))
        if condition:
            truth = evaluate([condition], False)[condition]
            if isinstance(truth, Failure):
                raise Faults([f"the condition «{condition}» failed: {truth.reason}.", *written(body).problems])
            if not truth:
                if written(body).problems:
                    raise Faults(written(body).problems)
                return
        self._parts[place] = self._prose(body, evaluate)

    def code(self, source: str, outputs: list[dict], evaluate: Evaluate) -> dict:
        """Take in a code cell that ran; its options, with the expressions in its captions evaluated.

        Raises as ``markdown``, and where the caption of a table or chart needs an absent figure.
        """
        found = options(source)
        made = any(output["output_type"] in ("execute_result", "display_data") for output in outputs)
        faults: list[str] = []

        def finished(value: object) -> object:
            if isinstance(value, dict):
                return {key: finished(entry) for key, entry in value.items()}
            if isinstance(value, list):
                return [finished(entry) for entry in value]
            try:
                return self._caption(value, evaluate, made) if isinstance(value, str) else value
            except Faults as wrong:
                faults.extend(wrong.problems)

        label, captions = found.get("label"), [found.get(name) for name in ("tbl-cap", "fig-cap")]
        kind = "tabella" if captions[0] else "figura"
        found = finished(found)
        if isinstance(label, str):
            lacks = () if made else self._lacks(source, evaluate, kind, str(next(filter(None, captions), label)))
            self._parts.append(Output(label, made, lacks))
            if lacks:
                found[UNENTERED] = note(lacks)
        if faults:
            raise Faults(faults)
        return found

    def _lacks(self, source: str, evaluate: Evaluate, kind: str, caption: str) -> Lacks:
        """What is to be entered, in a draft, for a table or chart to be made."""
        asked = _question(source)
        value = evaluate([asked], True)[asked] if asked else ""
        files = dict.fromkeys(file for _, file in value.get("lacks", ())) if isinstance(value, dict) else {}
        if not files:
            return ()
        places = written(caption).places
        values = evaluate([name for _, _, names in places for name in names], True) if places else {}
        for start, end, names in reversed(places):
            texts = [_answer(values[name]).text for name in names if not isinstance(values[name], Failure)]
            caption = caption[:start] + ("".join(texts) or "…") + caption[end:]
        return tuple((f"{kind} «{caption}»", file) for file in files)

    def _caption(self, text: str, evaluate: Evaluate, made: bool) -> str:
        prose = self._prose(text, evaluate)
        if made:  # what a draft lacks is told in the text
            prose = replace(
                prose, answers={name: Answer("…") if one.lacks else one for name, one in prose.answers.items()}
            )
        [said], dropped, wrong = finish([prose])
        if made and dropped:
            raise Faults(
                [
                    f"its caption needs a figure that is absent: {dropped[0].why}: bracket that part, […]{{.se}}, or drop it."
                ]
            )
        if made and wrong:
            raise Faults([f"in its caption, {problem}" for _, problem in wrong])
        return said

    def texts_of_cells(self) -> tuple[list[str], list[tuple[int, str]]]:
        """The finished texts of the Markdown cells taken in, and what reads wrong in them, each by its place among them."""
        texts, self.dropped, wrong = finish(self._parts)
        return texts, wrong

    def _prose(self, text: str, evaluate: Evaluate) -> Prose:
        """A text with the texts that its expressions place, and the answers to the expressions left in it."""
        whole = _Part(text, "")
        parts, faults, answers = [whole], [], {}
        for _ in range(DEPTH):
            faults += [part.origin + problem for part in parts for problem in written(part.text).problems]
            wanted = list(dict.fromkeys(name for part in parts for name in written(part.text).expressions))
            if not wanted:
                break
            values = evaluate(wanted, True)
            for part in parts:
                failed = [name for name in written(part.text).expressions if isinstance(values[name], Failure)]
                faults += [
                    f"{part.origin}the inline expression «{name}» failed: {values[name].reason}." for name in failed
                ]
                part.inner = [
                    [self._placed(name, values[name]) for name in names] for _, _, names in written(part.text).places
                ]
            answers |= {
                name: _answer(value, self.texts) for name, value in values.items() if not isinstance(value, Failure)
            }
            parts = [inner for part in parts for inners in part.inner for inner in inners if inner]
        else:
            faults.append(f"«{wanted[0]}» holds itself: a text cannot be placed within itself.")
        if faults:
            raise Faults(faults)
        source, placed = whole.expanded()
        return Prose(source, written(source).places, answers, placed)

    def _placed(self, name: str, value: object) -> _Part | None:
        """The text that an expression places: a section of the commentary, or a value with expressions of its own."""
        text = value if isinstance(value, str) else ""
        section = _SECTION.fullmatch(text)
        if not section:
            return _Part(text, f"in the value of «{name}»: ") if written(text) != Written() else None
        self.asked.add(section.groups())
        text = commentary.section(self.texts, *section.groups())
        if text:
            self.placed.add(section.groups())
        return _Part(text, f"{self.texts / section[1]}.md, section «{section[2]}»: ")


def _answer(value: str | dict, texts: Path | None = None) -> Answer:
    if isinstance(value, str):
        return Answer(value)
    lacks = [tuple(pair) for pair in value.get("lacks", ())]
    if texts and "section" in value:
        chapter, name = value["section"]
        heading = commentary.heading(texts, chapter, name)
        lacks += [(f"commento «{heading}»", f"{texts.name}/{chapter}.md")] if heading else []
    rows = tuple((table, place) for table, place in value.get("rows", ()))
    return Answer(value.get("text", ""), value.get("absent", ""), tuple(value.get("notes", ())), rows, tuple(lacks))


class _Part:
    """A text with the texts that its expressions place; ``origin`` says where it comes from, for messages."""

    def __init__(self, text: str, origin: str):
        self.text = text
        self.origin = origin
        self.inner: list[list[_Part | None]] = []

    def expanded(self) -> tuple[str, list[tuple[int, int]]]:
        """The text with the placed ones in it, and where they stand; the other expressions stay."""
        text, end, placed = "", 0, []
        for (start, after, names), inners in zip(written(self.text).places, self.inner):
            if any(inners):
                text += self.text[end:start]
                for name, inner in zip(names, inners):
                    said = inner.expanded()[0] if inner else f"`{{python}} {name}`"
                    if inner and said:
                        placed.append((len(text), len(text) + len(said)))
                    text += said
                end = after
        return text + self.text[end:], placed


def options(source: str) -> dict:
    """The Quarto options of a code cell: its leading ``#|`` lines, read as YAML.

    Raises Faults where they are no valid options.
    """
    lines = []
    for line in source.splitlines():
        if not line.startswith("#|"):
            break
        lines.append(line[2:].removeprefix(" "))
    if not lines:
        return {}
    try:
        found = yaml.load("\n".join(lines), YAML) or {}
    except yaml.YAMLError as error:
        raise Faults([f"the «#|» options are not valid YAML: {' '.join(str(error).split())}."]) from error
    if not isinstance(found, dict):
        raise Faults([f"the «#|» options are not options, but «{_short(str(found))}»: write «#| name: value»."])
    for name in ("eval", "error"):
        if not isinstance(found.get(name, False), bool):
            raise Faults([f"the option «{name}» is «{found[name]}»: it is true or false."])
    return found


def _question(source: str) -> str:
    """The expression that tells, in the chapter's process, why a cell has shown nothing; nothing for what shows nothing."""
    try:
        last = ast.parse(source).body[-1:]
    except SyntaxError:
        return ""
    if not last or not isinstance(last[0], ast.Expr):
        return ""
    shown = last[0].value
    if isinstance(shown, ast.Call) and shown.args:
        shown = shown.args[0]
    owner, attribute = "None", ""
    part = shown.func if isinstance(shown, ast.Call) else shown
    if isinstance(part, ast.Attribute):
        owner, attribute = ast.unparse(part.value), part.attr
    return f"{SHOWN}(lambda: {ast.unparse(shown)}, lambda: {owner}, {attribute!r})"


def value_key(ran: int, expression: str, as_text: bool) -> str:
    """The name under which a value is kept: where it was asked for, how, and what."""
    return f"{ran} {'text' if as_text else 'truth'} {expression}"


def put(cell, text: str) -> None:
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
