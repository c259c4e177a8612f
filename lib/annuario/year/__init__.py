"""An edition in the making: begun from the last one, filled, told what is missing, published."""

__all__ = ["commands", "explain", "missing", "places", "progress", "sealing", "start"]
