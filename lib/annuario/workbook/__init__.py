"""A draft's figures as an Excel workbook for those who enter them, and back."""

__all__ = [
    "bounds",
    "bring",
    "changes",
    "commands",
    "compare",
    "explanations",
    "form",
    "layout",
    "read",
    "values",
    "write",
]
