"""What an edition in the making has and lacks, told in a terminal and in the draft book."""

from __future__ import annotations

from annuario.data import Package
from annuario.data.expected import Expected, words
from annuario.messages import say, shortened
from annuario.words.markdown import escape
from annuario.words.numbers import number
from annuario.year.progress import Part, Progress, Section, summary

#: How many rows of a table, and how many differences or doubts, are named one by one.
NAMED, TOLD = 5, 10


def lines(progress: Progress, every: bool = False) -> list[str]:
    """What an edition has and lacks, chapter by chapter, for a terminal; ``every`` names each row, difference and doubt.

    >>> for line in lines(bozza)[:5]:
    ...     print(line)
    draft: 0 of 11 rows entered, 0 of 1 sections of commentary written
    <BLANKLINE>
    prestiti
      indicatori: 0 of 5 entered: 5 missing
        Prestiti di libri
    """
    found, chapter = [summary(progress.counts)], None
    sections: dict[str, list[Section]] = {}
    for section in progress.sections:
        sections.setdefault(section.chapter, []).append(section)
    parts: dict[str, list[Part]] = {}
    for part in progress.parts:
        parts.setdefault(part.chapter, []).append(part)
    names = [notebook.name for notebook in progress.chapters.notebooks]
    for chapter in [
        *(name for name in names if name in parts or name in sections),
        *(name for name in parts if not name),
    ]:
        found.append("")
        found.append(chapter or say("in no chapter"))
        for part in parts.get(chapter, []):
            excused = say(", {excused} will not be", excused=part.excused) if part.excused else ""
            state = say("{count} missing", count=len(part.missing)) if part.missing else say("complete")
            found.append(
                say(
                    "  {table}: {filled} of {count} entered{excused}: {state}",
                    table=part.table,
                    filled=part.filled,
                    count=len(part.rows),
                    excused=excused,
                    state=state,
                )
            )
            found += [f"    {told}" for told in named(progress.package, part.missing, None if every else NAMED)]
        for section in sections.get(chapter, []):
            if section.written:
                state = say("written")
            elif section.line:
                state = say(
                    "to be written ({name}/{file}, line {line})",
                    name=progress.texts.name,
                    file=section.file,
                    line=section.line,
                )
            else:
                state = say("no heading: nothing to say this year")
            if every or (not section.written and section.line):
                found.append(say("  commentary «{name}»: {state}", name=section.name, state=state))
    for title, told in (
        (say("unexplained differences"), progress.differences),
        (say("unconfirmed doubts"), progress.doubts),
        (say("states without a reason"), progress.unsaid),
        (say("rows that are there and excused"), progress.contradicted),
        (say("provisional deliveries"), progress.provisional),
        (
            say("commentary that no chapter shows"),
            [
                say("{file}, line {line}: «{name}»", file=file, line=line, name=name)
                for file, name, line in progress.unused
            ],
        ),
    ):
        if told:
            found += ["", f"{title}: {len(told)}"]
            found += [f"  {one}" for one in shortened(told, None if every else TOLD, "--all")]
    if progress.waiting:
        found += ["", say("{waiting} checks wait for rows that are to be entered", waiting=progress.waiting)]
    return found


def named(package: Package, rows: list[Expected], limit: int | None = None) -> list[str]:
    """Some rows by name, the first ``limit`` of them.

    >>> named(bozza.package, bozza.expectations.missing, 2)
    ['Prestiti di libri', 'Prestiti di altri materiali', '… and 9 more']
    """
    return shortened([words(package, row.table, row.key) for row in rows], limit)


def chapter(progress: Progress, label: str) -> dict:
    r"""The chapter, of drafts alone, that lists what is still to be done: a notebook of one cell of text.

    >>> chapter(bozza, "sec-da-inserire")["cells"][0]["source"].split("\n\n")[2]
    'Le righe inserite sono 0 su 11; le sezioni di commento scritte 0 su 1.'
    """
    text = [
        f"# Da inserire {{#{label}}}",
        "Questo elenco sta nelle bozze soltanto. Nelle tabelle di una bozza un trattino è anche un dato da inserire.",
    ]
    counts = progress.counts
    text.append(
        f"Le righe inserite sono {number(counts['filled'])} su {number(counts['expected'])}; le sezioni di commento "
        f"scritte {number(counts['written'])} su {number(counts['sections'])}."
    )
    by_chapter: dict[str, list[str]] = {}
    for part in progress.parts:
        if part.missing:
            names = named(progress.package, part.missing, NAMED)
            more = f" … e altre {len(part.missing) - NAMED}" if len(part.missing) > NAMED else ""
            shown = "; ".join(names[:NAMED]) + more
            file = progress.package.path(part.table).name
            by_chapter.setdefault(part.chapter, []).append(
                f"- {escape(file)}: {part.filled} su {len(part.rows)}. Mancano: {escape(shown)}."
            )
    for section in progress.sections:
        if section.line and not section.written:
            by_chapter.setdefault(section.chapter, []).append(
                f"- Commento «{escape(section.name)}» ({escape(section.file)}, riga {section.line})."
            )
    titles = {notebook.name: notebook.title for notebook in progress.chapters.notebooks}
    for name in [*titles, ""]:
        if name in by_chapter:
            text += [f"## {titles.get(name) or 'Altre tabelle'} {{.unnumbered .unlisted}}", "\n".join(by_chapter[name])]
    for title, told in (("Differenze da spiegare", progress.differences), ("Dubbi da confermare", progress.doubts)):
        if told:
            text += [f"## {title} {{.unnumbered .unlisted}}", "\n".join(f"- {escape(one)}" for one in told)]
    cell = {"cell_type": "markdown", "id": "da-inserire", "metadata": {}, "source": "\n\n".join(text)}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
