"""What makes the charts of an HTML book interactive: Vega and ``book.js``."""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files

from annuario.execution.cache import Store, digest, recalled

#: Name of the file to include after the body of the page.
INCLUDE = "grafici.html"
#: Id of the JSON block that an assembled book with charts ends with.
DATA = "annuario-grafici"


def include(store: Store | None = None) -> str:
    """Two script elements: the Vega libraries, bundled from the wheel, and ``book.js``.

    About 0.9 MB; the version of Vega-Lite is the one Altair writes. The bundle, which takes
    seconds to make, is recalled from ``store`` where it is there.
    """
    bundle = recalled(store, "vega", digest(version("altair"), version("vl-convert-python")), _bundle)
    script = files("annuario.publish").joinpath("book.js").read_text(encoding="utf-8")
    return f"<script>{bundle}</script>\n<script>{script}</script>\n"


def _bundle() -> str:
    import altair  # slow to import, and needed once
    import vl_convert

    schema = ".".join(altair.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    return vl_convert.javascript_bundle(snippet="window.vegaEmbed = vegaEmbed;", vl_version=schema)
