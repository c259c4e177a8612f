"""An edition in the making: begun from the last one, filled, told what is missing, published."""

__all__ = ["explain", "missing", "places", "progress", "sealing", "start"]
