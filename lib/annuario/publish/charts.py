"""The charts of a book: their specifications, and what makes them interactive in HTML (Vega and ``book.js``)."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files

import orjson

from annuario.execution.cache import Store, digest, recalled
from annuario.publish import fonts

#: Name of the file to include after the body of the page.
INCLUDE = "grafici.html"
#: Id of the script element with the data of a book's charts.
DATA = "annuario-grafici"
#: Ids of the script elements with their specifications and with what draws them, each compressed.
DRAWN, LIBRARY = "annuario-disegni", "annuario-vega"
#: What Vega draws a chart from: on a wide page and on a phone.
SPECIFICATIONS = ("spec", "stretto")
#: What a chart of several views has in Vega-Lite.
COMPOSED = ("concat", "hconcat", "vconcat", "facet", "repeat")


def data(drawn: Mapping[str, object]) -> str:
    """What a page needs to draw charts, by their labels, as one script element; nothing where there are none.

    >>> data({"fig-casi": {"mark": "bar"}}).startswith("<script"), data({})
    (True, '')
    """
    if not drawn:
        return ""
    text = orjson.dumps(drawn, option=orjson.OPT_SORT_KEYS).decode("utf-8")
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    safe = safe.replace(f'ont":"{fonts.FAMILY}', f'ont":"{fonts.SCREEN}, {fonts.FAMILY}')  # what the page carries
    return f'<script type="application/json" id="{DATA}">{safe}</script>'


def include(store: Store | None = None) -> str:
    """Two script elements: the Vega libraries, bundled from the wheel and compressed, and ``book.js``.

    About 0.4 MB; the version of Vega-Lite is the one Altair writes. The bundle, which takes
    seconds to make, is recalled from ``store`` where it is there.
    """
    script = files("annuario.publish").joinpath("book.js").read_text(encoding="utf-8")
    packed = recalled(store, "vega-packed", _versions(), lambda: _packed(LIBRARY, library(store).encode("utf-8")))
    return f"{packed}\n<script>{script}</script>\n"


def library(store: Store | None = None) -> str:
    """The Vega libraries as one script."""
    return recalled(store, "vega", _versions(), _bundle)


def _versions() -> str:
    return digest(version("altair"), version("vl-convert-python"))


def _bundle() -> str:
    import altair  # slow to import, and needed once
    import vl_convert

    schema = ".".join(altair.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    return vl_convert.javascript_bundle(snippet="window.vegaEmbed = vegaEmbed;", vl_version=schema)


def packed(block: str) -> str:
    """The script element with the data of the charts as one long page has it: the specifications apart, compressed.

    They say the same things over and over, and are a tenth as long by it. What the page
    reads aloud, finds and gives away stays as it is. "" for a book without charts.
    """
    if not block:
        return ""
    drawn = orjson.loads(block.partition(">")[2].removesuffix("</script>"))
    specs = {label: {key: chart.pop(key) for key in SPECIFICATIONS if key in chart} for label, chart in drawn.items()}
    return f"{data(drawn)}\n{_packed(DRAWN, orjson.dumps(specs, option=orjson.OPT_SORT_KEYS))}"


def _packed(name: str, content: bytes) -> str:
    """A script element that holds something compressed, for ``book.js`` to open; the same bytes each time."""
    small = base64.b64encode(gzip.compress(content, mtime=0)).decode("ascii")
    return f'<script type="application/gzip" id="{name}">{small}</script>'


def specification(output: dict) -> dict | None:
    """The Vega-Lite specification of a cell's output as the book draws it, if it is a chart.

    In a notebook a chart has a width of its own, because JupyterLab hangs at one that is to
    take that of the page; in the book it takes the page's. Composed charts cannot, and a
    width that an author gave to a chart of Altair's stays.

    >>> specification({"data": {"text/plain": "12"}}) is None
    True
    """
    data = output.get("data", {})
    spec = next((spec for kind, spec in data.items() if kind.startswith("application/vnd.vegalite.")), None)
    if spec is None or composed(spec):
        return spec
    ours = "annuario" in output.get("metadata", {})
    return {**spec, "width": "container"} if ours or "width" not in spec else spec


def composed(spec: dict) -> bool:
    """Whether a chart is made of several views, side by side or one below the other.

    >>> composed({"mark": "bar"}), composed({"hconcat": [{"mark": "bar"}]})
    (False, True)
    """
    encoding = spec.get("encoding", {})
    return any(key in spec for key in COMPOSED) or any(key in encoding for key in ("row", "column", "facet"))
