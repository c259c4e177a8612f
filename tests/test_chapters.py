"""A book converted chapter by chapter: what is converted anew, and that it reads as one."""

import re
from pathlib import Path
from urllib.parse import unquote

import pymupdf
import pytest
import yaml
from reading import manuscript
from test_publish import Page

from annuario.errors import BookError
from annuario.execution.cache import Store
from annuario.publish import chapters, charts, pandoc

PROJECT = yaml.safe_load((Path(__file__).parents[1] / "_quarto.yml").read_text(encoding="utf-8"))
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="40" height="30"/></svg>'
BEFORE = """# Prima {#sec-prima .unnumbered}

Avanti: @fig-uno, @tbl-due, @sec-due, @sec-casi, @sec-dopo; [-@fig-due], [Sezione @sec-casi], [@fig-uno; @fig-due].
"""
ONE = """# Uno {#sec-uno}

Una frase. Vedi @fig-due.

## Casi {#sec-casi}

![I casi](figure/fig.svg){#fig-uno fig-alt="Un rettangolo"}
"""
TWO = """# Due {#sec-due}

Indietro: @fig-uno, [-@sec-uno], @sec-prima.

| Voce | Valore |
|:--|--:|
| Comuni | 48 |

: Le voci {#tbl-due}

![Altri casi](figure/fig.svg){#fig-due fig-alt="Un altro rettangolo"}
"""
AFTER = "# Dopo {#sec-dopo .unnumbered}\n\nFine.\n"
CHART = '```{=html}\n<script type="application/json" id="annuario-grafici">{}</script>\n```\n'


def write(folder: Path, *parts: str) -> Path:
    """A ``libro.md`` with its front matter, and the one image."""
    (folder / "figure").mkdir(parents=True, exist_ok=True)
    (folder / "figure" / "fig.svg").write_text(SVG, encoding="utf-8")
    source = folder / "libro.md"
    front = "---\ntitle: Prova\nauthor: Ente\ndate: '2025-12-31'\nlang: it\n---\n"
    source.write_text("\n".join([front, *parts]), encoding="utf-8")
    return source


@pytest.fixture
def publish(tmp_path, monkeypatch):
    """A function that publishes chapters with a store: the file, and the chapters that were converted."""
    converted = []
    run_pandoc = chapters.pandoc

    def counted(source, text, arguments):
        converted.append(re.match(r"# (\w+)|", text)[1] or "page")
        return run_pandoc(source, text, arguments)

    monkeypatch.setattr(chapters, "pandoc", counted)

    def publish(form, *parts):
        converted.clear()
        source = write(tmp_path / "libro", *parts)
        written = getattr(pandoc, form)(manuscript(source), tmp_path / f"libro.{form}", PROJECT, publish.store)
        return written, sorted(converted)

    publish.store = Store(tmp_path / "cache")
    return publish


def read(path: Path) -> str:
    """The words of a published file, with plain spaces and without the pages that references have on paper."""
    if path.suffix == ".html":
        return " ".join(Page(path.read_text(encoding="utf-8")).text.replace("\u00a0", " ").split())
    with pymupdf.open(path) as document:
        text = " ".join(leaf.get_text() for leaf in document)
    return re.sub(r", p\. \d+", "", " ".join(text.replace("\u00a0", " ").split()))


both = pytest.mark.parametrize("form", ["html", "pdf"])
book = (BEFORE, ONE, TWO, AFTER)


@both
def test_a_changed_sentence_converts_its_chapter_alone(publish, form):
    _, converted = publish(form, *book)
    assert set(converted) >= {"Prima", "Uno", "Due", "Dopo"}
    written, converted = publish(form, BEFORE, ONE.replace("Una frase.", "Una frase cambiata."), TWO, AFTER)
    assert [name for name in converted if name != "page"] == ["Uno"]
    assert "Una frase cambiata." in read(written)


@both
def test_a_new_figure_moves_later_numbers_without_converting(publish, form, tmp_path):
    publish(form, *book)
    one = ONE + '\n![Nuova](figure/fig.svg){#fig-nuova fig-alt="Nuovo rettangolo"}\n'
    written, converted = publish(form, BEFORE, one, TWO, AFTER)
    assert [name for name in converted if name != "page"] == ["Uno"]
    text = read(written)
    assert "Vedi Figura 3." in text and "Figura 2: Nuova" in text and "Figura 3: Altri casi" in text
    elsewhere = manuscript(write(tmp_path / "altrove", BEFORE, one, TWO, AFTER))
    anew = getattr(pandoc, form)(elsewhere, tmp_path / f"altro.{form}", PROJECT)
    assert written.read_bytes() == anew.read_bytes()


@both
def test_references_reach_other_chapters(publish, form):
    text = read(publish(form, *book)[0])
    assert "Avanti: Figura 1, Tabella 1, Capitolo 2, Capitolo 1.1, Dopo; 2, Sezione 1.1, Figura 1, Figura 2." in text
    assert "Indietro: Figura 1, 1, Prima." in text
    for caption in ("Figura 1: I casi", "Figura 2: Altri casi", "Tabella 1: Le voci"):
        assert caption in text


def test_every_link_of_the_page_leads_somewhere(publish):
    page = Page(publish("html", *book)[0].read_text(encoding="utf-8"))
    assert {"#fig-uno", "#fig-due", "#tbl-due", "#sec-casi", "#sec-prima", "#sec-dopo"} <= set(page.links)
    assert {link[1:] for link in page.links} <= set(page.ids)


def test_links_of_the_pdf_lead_to_other_pages(publish):
    more = "\nUn altro capoverso.\n" * 40  # chapters run on: the next begins on a page of its own
    with pymupdf.open(publish("pdf", BEFORE + more, ONE + more, TWO, AFTER)[0]) as document:
        page = {
            words: next(leaf.number for leaf in document if words in leaf.get_text().replace("\u00a0", " "))
            for words in ("Avanti:", "Una frase.", "Indietro:", "Figura 1: I casi", "Figura 2: Altri casi")
        }
        reached = {(leaf.number, link["page"]) for leaf in document for link in leaf.get_links()}
    asked = [("Avanti:", "Figura 1: I casi"), ("Una frase.", "Figura 2: Altri casi"), ("Indietro:", "Avanti:")]
    links = {(page[here], page[there]) for here, there in asked}
    assert links <= reached, (page, reached)
    assert all(here != there for here, there in links)


@both
def test_numbers_of_sections_agree(publish, form):
    deep = "# Tre {#sec-tre}\n\n## A {#sec-a}\n\n### Aa {#sec-aa}\n\n## B {#sec-b}\n\n### Ba {#sec-ba}\n\n### Bb {#sec-bb}\n"
    told = "# Dice {#sec-dice .unnumbered}\n\nDico @sec-aa, @sec-b, @sec-bb, @sec-quattro.\n"
    written, _ = publish(form, *book, told, deep, "# Quattro {#sec-quattro}\n")
    text = read(written)
    assert "Dico Capitolo 3.1.1, Capitolo 3.2, Capitolo 3.2.2, Capitolo 4." in text
    for heading in ("3 Tre", "3.1 A", "3.1.1 Aa", "3.2 B", "3.2.1 Ba", "3.2.2 Bb", "4 Quattro"):
        assert heading in text


@both
def test_footnotes_of_two_chapters_stay_apart(publish, form):
    parts = [f"# {name} {{#sec-{name.lower()}}}\n\nTesto.[^1]\n\n[^1]: Nota di {name}.\n" for name in ("Uno", "Due")]
    written, _ = publish(form, *parts)
    assert "Nota di Uno." in read(written) and "Nota di Due." in read(written)
    if form == "html":
        page = Page(written.read_text(encoding="utf-8"))
        assert len(page.ids) == len(set(page.ids))
        assert {link[1:] for link in page.links} <= set(page.ids)
        notes = [link for link, words in page.links.items() if words == ["1"]]
        assert len(notes) == 2  # the two marks lead to two notes


def test_same_headings_of_two_chapters_stay_apart(publish):
    parts = [f"# {name} {{#sec-{name.lower()}}}\n\n## Stesso titolo\n\nTesto.\n" for name in ("Uno", "Due")]
    page = Page(publish("html", *parts)[0].read_text(encoding="utf-8"))
    assert len(page.ids) == len(set(page.ids))
    assert sum("Stesso titolo" in "".join(words) for words in page.links.values()) == 2  # in the contents
    assert {link[1:] for link in page.links} <= set(page.ids)


@both
def test_links_to_headings_without_a_label_work(publish, form):
    parts = [
        f"# {name} {{#sec-{name.lower()}}}\n\nVedi [sotto](#casi) e [Casi].\n\n## Casi\n" for name in ("Uno", "Due")
    ]
    written, _ = publish(form, *parts)
    if form == "html":
        page = Page(written.read_text(encoding="utf-8"))
        assert {link[1:] for link in page.links} <= set(page.ids)


@both
def test_a_reference_to_nothing_is_one_clear_error(publish, form):
    with pytest.raises(BookError, match=r"^\S+libro\.md: the reference @fig-nessuna points at nothing: [^\n]+\.$"):
        publish(form, BEFORE, ONE, TWO, AFTER + "\nVedi @fig-nessuna.\n")


@pytest.mark.parametrize("spoil", [lambda text: text[: len(text) // 2], lambda text: b""], ids=["cut", "empty"])
def test_a_damaged_entry_is_converted_anew(publish, spoil):
    first = publish("html", *book)[0].read_bytes()
    for path in (publish.store.folder / "pandoc").rglob("*.json"):
        path.write_bytes(spoil(path.read_bytes()))
    written, converted = publish("html", *book)
    assert converted == ["Dopo", "Due", "Prima", "Uno"]
    assert written.read_bytes() == first


def test_the_frame_and_the_libraries_are_recalled(publish, monkeypatch):
    bundles = []
    monkeypatch.setattr(charts, "_bundle", lambda: bundles.append(1) or "var vega;")
    first, converted = publish("html", *book, CHART)
    assert "page" in converted and bundles == [1]
    content = first.read_bytes()
    again, converted = publish("html", *book, CHART)
    assert (converted, bundles) == ([], [1])
    assert again.read_bytes() == content and content.count(b'id="annuario-vega"') == 1


def test_another_option_converts_anew(publish, monkeypatch):
    publish("html", *book)
    monkeypatch.setitem(PROJECT, "crossref", {**PROJECT["crossref"], "fig-title": "Fig."})
    written, converted = publish("html", *book)
    assert set(converted) >= {"Prima", "Uno", "Due", "Dopo"}
    assert "Fig. 1: I casi" in read(written)


def test_another_image_of_the_same_name_shows(publish, monkeypatch):
    def shown(written):
        sources = re.findall(r"<img[^>]* src='data:image/svg\+xml,([^']+)'", written.read_text(encoding="utf-8"))
        return {unquote(source) for source in sources}

    assert shown(publish("html", *book)[0]) == {SVG}
    other = SVG.replace("40", "50")
    monkeypatch.setitem(globals(), "SVG", other)
    assert shown(publish("html", *book)[0]) == {other}


def test_a_note_stays_below_its_figure_on_paper(publish):
    """A figure moves to where there is room; one with a note below it does not leave that behind."""
    filler = "Un capoverso come tanti.\n\n" * 20
    figure = (
        '![I casi](figure/fig.svg){#fig-uno fig-alt="Un rettangolo"}\n\n::: {.note-tabella}\nNota del grafico.\n:::'
    )
    with pymupdf.open(publish("pdf", f"# Uno {{#sec-uno}}\n\n{filler}{figure}\n\n{filler}")[0]) as document:
        leaves = [" ".join(leaf.get_text().replace("\u00a0", " ").split()) for leaf in document]
    assert any("Figura 1: I casi Nota del grafico." in leaf for leaf in leaves)
