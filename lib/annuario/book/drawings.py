"""Static drawings of charts, made aside while chapters still run.

The renderer keeps a whole process busy, and everything else in it: it has processes of its
own, which are started for the first charts that must be drawn anew, and kept: it takes a
renderer longer to start than to draw a dozen charts.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Self

import orjson

from annuario.book import widths
from annuario.execution.cache import Store, code_digest, digest, recalled
from annuario.publish import charts, pictures, svg

#: Width of the static drawing, in pixels.
WIDTH = 520


def static_svg(spec: dict, width: int = WIDTH) -> str:
    """A chart drawn once, with Italian labels: ``width`` pixels wide where it takes the page's width.

    Raises ValueError for a chart that cannot be drawn, or that asks for something on the network.
    """
    import vl_convert

    from annuario.words import numbers

    pictures.register_font()
    fixed = {"width": width, "autosize": {"type": "fit-x", "contains": "padding"}}
    drawn = vl_convert.vegalite_to_svg(
        {**spec, **(fixed if spec.get("width") == "container" else {})},
        allowed_base_urls=[],
        format_locale=numbers.VEGA_LOCALE["number"],
        time_format_locale=numbers.VEGA_LOCALE["time"],
    )
    return svg.lean(widths.held(drawn))


def png(svg: str) -> bytes:
    """A drawing as a picture of points, with the book's own typeface."""
    import vl_convert

    pictures.register_font()
    return vl_convert.svg_to_png(svg)


def _draw(spec: dict, key: str, store: Store | None) -> str:
    return recalled(store, "svg", key, lambda: static_svg(spec))


def _end_with_builder() -> None:
    """In a drawing process: end as soon as the builder has, even where it was killed."""

    builder = multiprocessing.parent_process()
    if builder is None:
        return

    def wait() -> None:
        builder.join()
        os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C is the builder's to handle
    threading.Thread(target=wait, daemon=True).start()


class _Renderers:
    """The processes that draw, for all the books of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, task: Callable, *arguments: object) -> Future:
        """Have something done there; processes of which one has died are started anew."""
        with self._lock:
            if self._pool is not None:
                with contextlib.suppress(BrokenProcessPool):
                    return self._pool.submit(task, *arguments)
            self._pool = ProcessPoolExecutor(
                os.cpu_count(), mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_builder
            )
            return self._pool.submit(task, *arguments)


_RENDERERS = _Renderers()


class Drawings:
    """The drawings of one book: each distinct chart is drawn once, and recalled from ``store``.

    ``interactive`` has the libraries of a page with interactive charts bundled there too.
    """

    def __init__(self, store: Store | None = None, interactive: bool = False):
        self.store = store
        self.interactive = interactive
        self._bundles = False
        self._begun: dict[str, Future] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error) -> None:
        for drawing in self._begun.values():
            drawing.cancel()

    def begin(self, notebook: dict) -> None:
        """Have the charts of an executed notebook drawn."""
        for cell in notebook["cells"]:
            for output in cell.get("outputs", []):
                spec = charts.specification(output)
                if spec:
                    self._begin(spec)

    def svg(self, spec: dict) -> str:
        """The drawing of a chart, once it is made."""
        return self._begun[self._begin(spec)].result()

    def _begin(self, spec: dict) -> str:
        key = digest(code_digest(), orjson.dumps(spec, option=orjson.OPT_SORT_KEYS))
        if key not in self._begun:
            kept = self.store.load("svg", key) if self.store else None
            if kept is None:
                if self.store and self.interactive and not self._bundles:
                    _RENDERERS.submit(charts.include, self.store)
                    self._bundles = True
                self._begun[key] = _RENDERERS.submit(_draw, spec, key, self.store)
            else:
                self._begun[key] = Future()
                self._begun[key].set_result(kept)
        return key
