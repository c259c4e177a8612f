"""The text of a chapter put together from what its expressions give and from the commentary.

The values come from the chapter as it runs or from what is kept of an earlier run; either way the
text is put together here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from annuario.data.value import Record
from annuario.messages import say
from annuario.text import commentary
from annuario.text.absence import Dropped, Output, Sentences, finish
from annuario.text.expressions import Faults, Written, split, written
from annuario.text.jupyter import options, statements
from annuario.text.paragraphs import UNENTERED, Answer, Lacks, Prose, note

#: How a section of the commentary travels from the chapter's process: by name, not by content.
SECTION = "\x02{chapter}\x1f{section}\x03"
#: What tells, in the chapter's process, why a cell has shown nothing.
SHOWN = "__import__('annuario.text.unentered', fromlist=['x']).shown"
#: What the output of a draft's table or chart tells of the rows that it lacks is called so.
LACKS = "mancano"
#: How deep values may hold expressions: a section of the commentary, a text that it places, and some more.
DEPTH = 6
_SECTION = re.compile("\x02([^\x1f]*)\x1f([^\x03]*)\x03")


class Failure(NamedTuple):
    """What stands in the place of a value that an expression did not give: the reason."""

    reason: str

    @property
    def inner(self) -> str:
        """The reason as it stands within a sentence, which has a full stop of its own."""
        return self.reason.removesuffix(".")


#: What an expression gives: a text, a text with what is to be known of it, or its truth.
Given = str | dict | bool | Failure
#: Asks for the values of expressions: their rendered text, or their truth.
Evaluate = Callable[[list[str], bool], dict[str, Given]]


class Finisher:
    """Puts the finished text of a chapter together, from what its expressions give and from the commentary.

    The cells are told in their order, with what their expressions give at that point; the
    texts are finished when all are known (``texts_of_cells``), for only then is it known which
    tables and charts were made. ``texts`` is the folder of the edition's own commentary.
    ``placed`` collects the sections that the text shows, ``asked`` those that it asks for,
    each with the name of its file; ``looked`` the names of all files of commentary that it looked into.
    """

    def __init__(self, texts: Path):
        self.texts = texts
        self.placed: set[tuple[str, str]] = set()
        self.asked: set[tuple[str, str]] = set()
        self.looked: set[str] = set()
        self._parts: list[Prose | Output] = []
        self.dropped: list[Dropped] = []
        self.sentences: list[Sentences] = []

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
                raise Faults(
                    [
                        say("the condition «{condition}» failed: {reason}.", condition=condition, reason=truth.inner),
                        *written(body).problems,
                    ]
                )
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
        shown = [output for output in outputs if output["output_type"] in ("execute_result", "display_data")]
        made = any(output.get("data", True) for output in shown)
        lacking = [tuple(pair) for output in shown for pair in _facts(output).get(LACKS, ())]
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
                return ""

        label, captions = found.get("label"), [found.get(name) for name in ("tbl-cap", "fig-cap")]
        kind = "tabella" if captions[0] else "figura"
        found = {name: finished(value) for name, value in found.items()}
        if isinstance(label, str):
            lacks = self._lacks(source, evaluate, lacking, kind, str(next(filter(None, captions), label)), made)
            self._parts.append(Output(label, made, lacks))
            if lacks:
                found[UNENTERED] = note(lacks)
        if faults:
            raise Faults(faults)
        return found

    def _lacks(self, source: str, evaluate: Evaluate, lacking: list, kind: str, caption: str, made: bool) -> Lacks:
        """What is to be entered, in a draft, for a table or chart to be whole, or to be made."""
        if made:
            return tuple(lacking)
        asked = "" if lacking else _question(source)
        value = evaluate([asked], True)[asked] if asked else {"lacks": lacking}
        files = dict.fromkeys(file for _, file in value.get("lacks", ())) if isinstance(value, dict) else {}
        if not files:
            return ()
        places = written(caption).places
        values = evaluate([name for _, _, names in places for name in names], True) if places else {}
        for start, end, names in reversed(places):
            given = [values[name] for name in names]
            texts = [_answer(value).text for value in given if not isinstance(value, Failure)]
            caption = caption[:start] + ("".join(texts) or "…") + caption[end:]
        return tuple((f"{kind} «{caption}»", file) for file in files)

    def _caption(self, text: str, evaluate: Evaluate, made: bool) -> str:
        prose = self._prose(text, evaluate)
        if made:  # what a draft lacks is told in the text
            prose = replace(
                prose, answers={name: Answer("…") if one.lacks else one for name, one in prose.answers.items()}
            )
        [said], dropped, wrong = finish([prose], mention=False)
        if made and dropped:
            raise Faults(
                [
                    say(
                        "its caption needs a figure that is absent: {why}: bracket that part, […]{{.se}}, or drop it.",
                        why=dropped[0].why,
                    )
                ]
            )
        if made and wrong:
            raise Faults([say("in its caption, {problem}", problem=problem) for _, problem in wrong])
        return said

    def texts_of_cells(self) -> tuple[list[str], list[tuple[int, str]]]:
        """The finished texts of the Markdown cells taken in, and what reads wrong in them, each by its place among them.

        ``sentences`` has then those of each text that rest on rows of the data.
        """
        self.sentences = []
        texts, self.dropped, wrong = finish(self._parts, sentences=self.sentences)
        return texts, wrong

    def _prose(self, text: str, evaluate: Evaluate) -> Prose:
        """A text with the texts that its expressions place, and the answers to the expressions left in it."""
        whole = _Part(text, "")
        parts = [whole]
        faults: list[str] = []
        answers: dict[str, Answer] = {}
        for _ in range(DEPTH):
            faults += [part.origin + problem for part in parts for problem in written(part.text).problems]
            wanted = list(dict.fromkeys(name for part in parts for name in written(part.text).expressions))
            if not wanted:
                break
            values = evaluate(wanted, True)
            for part in parts:
                given = [(name, values[name]) for name in written(part.text).expressions]
                faults += [
                    say(
                        "{origin}the inline expression «{name}» failed: {reason}.",
                        origin=part.origin,
                        name=name,
                        reason=value.inner,
                    ).replace("?.", "?")
                    for name, value in given
                    if isinstance(value, Failure)
                ]
                part.inner = [
                    [self._placed(name, values[name]) for name in names] for _, _, names in written(part.text).places
                ]
            answers |= {name: self._answer(value) for name, value in values.items() if not isinstance(value, Failure)}
            parts = [inner for part in parts for inners in part.inner for inner in inners if inner]
        else:
            faults.append(say("«{wanted}» holds itself: a text cannot be placed within itself.", wanted=wanted[0]))
        if faults:
            raise Faults(faults)
        source, placed = whole.expanded()
        return Prose(source, written(source).places, answers, placed)

    def _placed(self, name: str, value: Given) -> _Part | None:
        """The text that an expression places: a section of the commentary, or a value with expressions of its own."""
        text = value if isinstance(value, str) else ""
        section = _SECTION.fullmatch(text)
        if not section:
            return _Part(text, say("in the value of «{name}»: ", name=name)) if written(text) != Written() else None
        chapter, asked = section[1], section[2]
        self.asked.add((chapter, asked))
        self.looked.add(chapter)
        text = commentary.section(self.texts, chapter, asked)
        if text:
            self.placed.add((chapter, asked))
        return _Part(text, say("{path}.md, section «{name}»: ", path=self.texts / chapter, name=asked))

    def _answer(self, value: str | dict | bool) -> Answer:
        """An answer, and what is to be written for it in a draft."""
        answer = _answer(value)
        if not isinstance(value, dict) or "section" not in value:
            return answer
        chapter, name = value["section"]
        self.looked.add(chapter)
        heading = commentary.heading(self.texts, chapter, name)
        if not heading:
            return answer
        return replace(answer, lacks=(*answer.lacks, (f"commento «{heading}»", f"{self.texts.name}/{chapter}.md")))


def _facts(output: dict) -> dict:
    """What an output tells of itself."""
    return output.get("metadata", {}).get("annuario", {})


def _answer(value: str | dict | bool) -> Answer:
    if not isinstance(value, dict):
        return Answer(str(value))
    lacks = [tuple(pair) for pair in value.get("lacks", ())]
    rows = tuple(Record(*record) for record in value.get("rows", ()))
    notes, ledger = tuple(value.get("notes", ())), tuple(filter(None, value.get("ledger", ())))
    return Answer(value.get("text", ""), value.get("absent", ""), notes, rows, ledger, tuple(lacks))


def _question(source: str) -> str:
    """The expression that tells, in the chapter's process, why a cell has shown nothing; nothing for what shows nothing."""
    try:
        last = statements(source)[-1:]
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


def value_key(ran: int, expression: str, as_text: bool) -> str:
    """The name under which a value is kept: where it was asked for, how, and what."""
    return f"{ran} {'text' if as_text else 'truth'} {expression}"
