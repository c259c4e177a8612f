"""Annuario: a public agency's yearly book, made from its data and notebooks."""

import sys
from importlib.metadata import PackageNotFoundError, version

__all__ = [
    "agency", "book", "charts", "checks", "configuration", "data", "errors", "execution", "figures", "init", "messages",
    "notebook", "project", "publish", "tables", "text", "words", "workbook", "year",
]  # fmt: skip

# jsonschema, which papermill and Altair import, takes it along for a format that nothing here uses, and it works out a
# grammar for a second of each process that imports it: «not installed» is an answer that jsonschema knows.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

try:
    __version__ = version("annuario")
except PackageNotFoundError:  # a source tree that is not installed
    __version__ = "0+source"
