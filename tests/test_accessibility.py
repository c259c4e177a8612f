"""The books' pages in a browser: no violation of WCAG 2.1 AA, nothing wider than the window."""

import pytest
from conftest import EDITIONS, require_accessible


@pytest.mark.parametrize(("edition", "width"), [*zip(EDITIONS, (390, 1280, 1280, 390))])
def test_no_violation_and_nothing_wider_than_the_window(books, browser, edition, width):
    requests = []
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.on("request", lambda request: requests.append(request.url))
    page.goto((books / edition / f"{edition}.html").as_uri())
    page.wait_for_load_state("networkidle")
    require_accessible(page, "wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in requests if url.startswith("http")] == []
    met = page.evaluate(MET)
    assert met["of figures"] <= 2 * met["figures"] and met["others"] <= met["paragraphs"], met
    assert met["landmarks"] == ["FOOTER", "FORM", "HEADER", "MAIN", "NAV"]
    page.close()


#: What the Tab key stops at: its buttons and its data at a figure, links at a paragraph; and the page's landmarks, but
#: for tables that scroll.
MET = """() => {
  const seen = (node) => node.checkVisibility({ visibilityProperty: true });
  const stops = [...document.querySelectorAll("a[href], button, input, summary, [tabindex]")].filter((node) => node.tabIndex >= 0 && seen(node));
  const own = stops.filter((node) => node.closest("figure, .porta-via, .dati-grafico") && !node.matches("a, .scorre, .cifra"));
  const marks = "header, nav, main, footer, search, aside, section[aria-label], section[aria-labelledby], [role=region]:not(.largo), [role=navigation], [role=search]";
  return {
    "of figures": own.length, others: stops.length - own.length,
    figures: document.querySelectorAll("main figure").length, paragraphs: document.querySelectorAll("main :is(p, li)").length,
    landmarks: [...document.querySelectorAll(marks)].filter(seen).map((node) => node.tagName).sort(),
  };
}"""
