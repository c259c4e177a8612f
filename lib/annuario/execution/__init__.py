"""The notebook engine: chapters executed in warm kernels, recalled from the cache, or sent to a cluster."""

__all__ = ["cache", "displays", "execute", "parameters", "stored"]
