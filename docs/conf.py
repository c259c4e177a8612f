"""The site of guides and reference: ``make docs`` writes it to output/docs."""

from importlib.metadata import version as version_of

import papermill  # noqa: F401 - before the engine, which papermill looks for when it is imported

project = "Annuario"
author = "Annuario"
version = release = version_of("annuario")
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.viewcode"]
myst_heading_anchors = 3
templates_path = ["_templates"]
exclude_patterns = ["_templates"]

# Each module on a page of its own, in the order in which it is written.
autosummary_generate = True
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
# The names of types as they are written, without the modules that they come from.
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 100
# Some types of several modules have one name, such as Edition.
suppress_warnings = ["ref.python"]

html_theme = "furo"
html_title = f"Annuario {release}"
html_show_copyright = False
html_show_sphinx = False
