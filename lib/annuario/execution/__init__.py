"""The notebook engine: chapters run in warm processes, recalled from the cache, or sent to a cluster."""

__all__ = ["cache", "displays", "execute", "parameters", "stored"]
