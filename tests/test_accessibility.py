"""The books' pages in a browser: no violation of WCAG 2.1 AA, nothing wider than the window."""

import pytest
from conftest import require_accessible


@pytest.mark.parametrize(("edition", "width"), [("relazione-2025", 1280), ("relazione-2021", 390), ("piano-2021", 390)])
def test_no_violation_and_nothing_wider_than_the_window(books, browser, edition, width):
    requests = []
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.on("request", lambda request: requests.append(request.url))
    page.goto((books / edition / f"{edition}.html").as_uri())
    page.wait_for_load_state("networkidle")
    require_accessible(page, "wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in requests if url.startswith("http")] == []
    page.close()
