"""The opening of a book: its cover, its key figures, its year in a few sentences, where its files are.

Which figures are key is the project's choice, declared with the book in ``_quarto.yml``::

    apertura:
      copertina: {cifra: prestiti, nome: Prestiti per materiale}  # the group that the cover is drawn from
      sintesi: sec-sintesi               # the chapter whose first list is the year in sentences
      cifre:
        - {cifra: prestiti/totale, nome: Prestiti, capitolo: sec-prestiti}

The first six that the edition knows are shown. A book that declares none has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from annuario.book import sketches
from annuario.errors import BookError
from annuario.words import numbers, phrases
from annuario.words.markdown import escape

if TYPE_CHECKING:
    from annuario.figures import Figure
    from annuario.notebook import Chapter

#: How many key figures are shown, and how many sentences.
CARDS, SENTENCES = 6, 5
#: What a sentence says to its own chapter alone: marks of notes, places that links lead to.
_NOTE = re.compile(r"\s*(?:\[\^[^\]]+\]|\^\[(?:[^\[\]]|\[[^\[\]]*\])*\])")
_PLACE = re.compile(r"\[([^\[\]]*)\]\{#testo-[^}]*\}")
_HEADLINE = re.compile(r"(?m)^# .*\{#(sec-[a-z0-9-]+)[^}]*\}")


def read(book: Chapter, declared: Mapping, where: str) -> dict:
    """What the opening of an edition shows of its figures, in plain values: ``cards``, and ``cover``.

    Raises BookError for a figure that is not declared; one that the edition lacks is left out.
    """
    cards: list[dict] = []
    for entry in declared.get("cifre") or ():
        try:
            figure = book.cifra(entry["cifra"])
        except BookError as error:
            raise BookError(f"{where}, cifre: {error}") from error
        if len(cards) < CARDS and figure.nota:
            cards.append(_card(figure, entry))
    return {"cards": cards, "cover": _cover(book, declared.get("copertina") or {}, where)}


def _card(figure: Figure, entry: Mapping) -> dict:
    known = {year: float(value) for year, value in figure.series.items() if year <= figure.year}
    rate = figure.unit == "%"
    return {
        "name": str(entry["nome"]).replace("'", "’"),
        "value": str(figure.intero if rate else figure.circa),
        "change": str(figure.andamento).removeprefix(",").strip(),
        "chapter": str(entry["capitolo"]),
        "series": {str(year): value for year, value in known.items()},
        "said": {str(year): numbers.quantity(figure.series[year], figure.unit) for year in known},
    }


def _cover(book: Chapter, declared: Mapping, where: str) -> dict:
    """The drawing of the cover and what it shows; empty where nothing is declared, or known."""
    if not declared:
        return {}
    try:
        group = book.cifre(declared["cifra"])
    except BookError as error:
        raise BookError(f"{where}, copertina: {error}") from error
    figures = [figure for figure in (group[one] for one in group) if figure.code.rpartition("/")[2] != "totale"]
    figures = [figure for figure in figures if figure.nota]
    series = [
        {year: float(value) for year, value in figure.series.items() if year <= book.year and value >= 0}
        for figure in figures
    ]
    if len(series) < 2 or not any(part.get(book.year) for part in series):
        return {}
    years = range(min(min(part) for part in series), book.year + 1)
    whole = [year for year in years if all(year in part for part in series)]
    years = range(whole[0], book.year + 1) if len(whole) > 1 else range(book.year, book.year + 1)
    series = [{year: value for year, value in part.items() if year in whole} for part in series]
    missing = [str(year) for year in years if year not in whole]
    name = str(declared["nome"]).replace("'", "’")
    said = f"{name}, {years[0]}–{years[-1]}" if len(years) > 1 else f"{name}, {book.year}"
    said += (
        f" ({phrases.listing(missing)} non {'pubblicato' if len(missing) == 1 else 'pubblicati'})" if missing else ""
    )
    return {"svg": sketches.cover(series, years), "said": said}


def summary(title: str, agency: str, facts: Mapping) -> str:
    """The book in one line, for pages that tell of it."""
    known = "; ".join(f"{_small(card['name'])}: {card['value']}" for card in facts.get("cards", ())[:3])
    return f"{title} di {agency}{f'. {known[0].upper()}{known[1:]}' if known else ''}."


def chapter(facts: Mapping, metadata: Mapping, titles: Mapping[str, str], sentences: Sequence[str]) -> list[str]:
    """The opening as Markdown, below the cover: key figures, sentences, files and the way to cite the book.

    ``titles`` maps the labels of the book's chapters to their titles.
    """
    year = metadata["annuario"]["anno"]
    parts = []
    if facts["cards"]:
        parts += [f"# Il {year} in cifre {{#sec-cifre .unnumbered .unlisted}}", _cards(facts["cards"], year, titles)]
    if sentences:
        level = "##" if parts else "#"
        count = f"{phrases.spelled(len(sentences), feminine=True)} {'frase' if len(sentences) == 1 else 'frasi'}"
        heading = f"{level} L’anno in {count} {{#sec-frasi .unnumbered .unlisted}}"
        parts += [heading, "::: {.frasi}\n\n" + "\n".join(f"- {one}" for one in sentences) + "\n\n:::"]
    return [*parts, files(metadata), "::: {.indice-generale}\n:::"] if parts else []


def files(metadata: Mapping) -> str:
    """Where the other forms of the book are and how to cite it; on paper the citation alone."""
    name = metadata["annuario"]["edizione"]
    forms = [f"[PDF]({name}.pdf)"] * ("pdf" in metadata["annuario"]["formati"]) + ["[Dati aperti](dati/)"]
    return (
        '::: {.content-visible when-format="html"}\n::: {.scarica}\n'
        + " · ".join(forms)
        + f"\n:::\n:::\n\n::: {{.citare}}\n**Come citare.** {citation(metadata)}\n:::"
    )


def citation(metadata: Mapping) -> str:
    """How the book is cited.

    >>> metadata = {"title": "Relazione 2025", "author": "Ente", "date": "2025-12-31", "annuario": {"anno": 2025}}
    >>> citation(metadata)
    'Ente, *Relazione 2025*.'
    """
    own = metadata["annuario"]
    parts = [str(metadata["author"]), f"*{escape(str(metadata['title']))}*"]
    parts += [own["natura"]] if own.get("natura") else []
    parts += [f"versione {own['versione']}"] if own.get("versione") else []
    return ", ".join(parts) + (f", {own['pubblicata']}" if own.get("pubblicata") else "") + "."


def sentences(chapters: Iterable[Sequence[str]], label: str) -> list[str]:
    r"""The year in a few sentences: the first items of the lists in the chapter with that label, each by itself.

    >>> sentences([["# In sintesi {#sec-sintesi}", "- I casi crescono.\n- I costi calano."]], "sec-sintesi")
    ['I casi crescono.', 'I costi calano.']
    """
    for texts in chapters:
        whole = "\n\n".join(texts)
        opening = _HEADLINE.search(whole)
        if opening and opening[1] == label:
            items = re.findall(r"(?m)^[-*] +(.*(?:\n +.*)*)", whole)
            plain = (_PLACE.sub(r"\1", _NOTE.sub("", " ".join(item.split()))) for item in items)
            return [item for item in plain if item][:SENTENCES]
    return []


def drawings(facts: Mapping, year: int) -> dict[str, str]:
    """The pictures of the opening, by their names."""
    since = _since(facts["cards"], year)
    found = {f"apertura-{number}.svg": _line(card, since, year) for number, card in enumerate(facts["cards"], 1)}
    found = {name: svg for name, svg in found.items() if svg}
    return found | ({"copertina.svg": facts["cover"]["svg"]} if facts["cover"] else {})


def _since(cards: Sequence[Mapping], year: int) -> int:
    """The first year of the lines, one for all."""
    return min((int(one) for card in cards for one in card["series"]), default=year)


def _line(card: Mapping, since: int, year: int) -> str:
    series = {int(one): value for one, value in card["series"].items()}
    return sketches.line(series, range(since, year + 1)) if len(series) > 1 else ""


def _cards(cards: Sequence[Mapping], year: int, titles: Mapping[str, str]) -> str:
    parts, since = [], _since(cards, year)
    for number, card in enumerate(cards, 1):
        lines = [f"[{escape(card['name'])}]{{.nome}}", f"[{escape(card['value'])}]{{.valore}}"]
        lines += [f"[{escape(card['change'])}]{{.andamento}}"] if card["change"] else []
        if len(card["series"]) > 1:
            told = "; ".join(f"{one}: {card['said'].get(str(one), 'non pubblicato')}" for one in range(since, year + 1))
            alt = f"{card['name']}, {told}".replace('"', "”")
            lines.append(f'![](figure/apertura-{number}.svg){{fig-alt="{alt}" width="140"}} [{since}–{year}]{{.anni}}')
        lines.append(f"[{escape(titles[card['chapter']])}](#{card['chapter']})")
        parts.append("::: {.scheda}\n\n" + "\n\n".join(lines) + "\n\n:::")
    return ":::: {.schede}\n\n" + "\n\n".join(parts) + "\n\n::::"


def _small(text: str) -> str:
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
