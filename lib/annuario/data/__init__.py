"""The data package, and the data as one edition sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annuario.data.package import Package
    from annuario.data.vintage import Vintage

__all__ = [
    "Package", "Vintage",
    "cells", "columns", "constraints", "corrections", "declaration", "deliveries", "editions", "expected", "nature",
    "problem", "roles", "sources", "territories", "validate", "value", "writing",
]  # fmt: skip


def __getattr__(name: str) -> object:
    """The two classes when they are asked for: pandas, which they need, is slow to import."""
    if name == "Package":
        from annuario.data.package import Package

        return Package
    if name == "Vintage":
        from annuario.data.vintage import Vintage

        return Vintage
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
