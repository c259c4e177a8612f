"""The book of one edition: built and watched; chapters assembled, charts drawn, open data, the finished folder."""

__all__ = [
    "build", "colophon", "credits", "differences", "indicators", "lineage", "review", "saving", "sketches",
    "website", "widths",
]  # fmt: skip
