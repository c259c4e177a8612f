"""What makes the charts of an HTML book interactive: Vega and ``book.js``."""

from functools import cache
from importlib.resources import files

import altair
import vl_convert

#: Name of the file to include after the body of the page.
INCLUDE = "grafici.html"
#: Id of the JSON block that an assembled book with charts ends with.
DATA = "annuario-grafici"


@cache
def include() -> str:
    """Two script elements: the Vega libraries, bundled from the wheel, and ``book.js``.

    About 0.9 MB; the version of Vega-Lite is the one Altair writes.
    """
    version = ".".join(altair.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    bundle = vl_convert.javascript_bundle(snippet="window.vegaEmbed = vegaEmbed;", vl_version=version)
    script = files("annuario.publish").joinpath("book.js").read_text(encoding="utf-8")
    return f"<script>{bundle}</script>\n<script>{script}</script>\n"
