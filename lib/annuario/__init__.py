"""Annuario: a public agency's yearly book, made from its data and notebooks."""

from importlib.metadata import PackageNotFoundError, version

__all__ = [
    "agency", "book", "charts", "checks", "configuration", "data", "errors", "execution", "figures", "init", "messages",
    "notebook", "project", "publish", "tables", "text", "words", "workbook", "year",
]  # fmt: skip

try:
    __version__ = version("annuario")
except PackageNotFoundError:  # a source tree that is not installed
    __version__ = "0+source"
