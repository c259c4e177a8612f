"""The tables of a book validated, and its figures checked while the chapters run."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Self, cast

from annuario.errors import BookError
from annuario.execution.cache import Store, code_digest, digest

if TYPE_CHECKING:
    from annuario.data import Package


class Checking:
    """The checks of a package's figures, recalled from ``store`` by ``key``, or made aside within a ``with`` statement.

    ``package`` gives the package where it must be read. The tables are validated at once: a table that
    ``store`` knows to be valid, and those that it refers to, are not validated again. Raises BookError for
    bad data.

    Nothing else may ask the package of anything until the results are there: chapters, which run in
    processes of their own, have packages of theirs. ::

        with Checking(lambda: package, None, "") as checking:
            executed = execute.book(chapters, target, "relazione-2025", root, texts, begun=checking.make)
            found = checking.results()["checks"]
    """

    def __init__(
        self,
        package: Callable[[], Package],
        store: Store | None,
        key: str,
    ):
        self._package, self._store, self._key = package, store, key
        self._pool = ThreadPoolExecutor(1)
        self._made: Future[dict] | None = None
        kept = store.load("checked", key) if store else None
        if kept is None:
            require_valid(package(), store)
        else:
            self._made = Future()
            self._made.set_result(cast(dict, kept))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error) -> None:
        self._pool.shutdown()

    def make(self) -> None:
        """Begin to make the checks, unless they are recalled."""
        if self._made is None:
            self._made = self._pool.submit(self._make)

    def results(self) -> dict:
        """How many ``checks`` were made, and the ``doubts``; waits for them.

        Raises CheckError for a difference that is not recorded, BookError for one that is not there any more.
        """
        self.make()
        assert self._made is not None
        return self._made.result()

    def problems(self) -> list[str]:
        """What the checks find wrong, in words; waits for them."""
        try:
            self.results()
        except BookError as error:
            return [str(error)]
        return []

    def _make(self) -> dict:
        from annuario import checks

        package = self._package()
        results = checks.run(package)
        checks.require_explained(results, package)
        made = {"checks": len(results), "doubts": [str(doubt) for doubt in checks.doubts(package)]}
        if self._store:
            self._store.save("checked", self._key, made)
        return made


def require_valid(package: Package, store: Store | None = None) -> None:
    """Raise BookError for bad data: tables that are not as declared, and rows of a published edition that have changed.

    >>> require_valid(esempio)
    """
    from annuario.data.validate import validate
    from annuario.year import sealing

    validate(package, *([_Valid(store)] if store else []))
    sealing.require(package)


class _Valid:
    """The tables that were found valid by this code, as ``store`` keeps them."""

    def __init__(self, store: Store):
        self.store = store

    def __contains__(self, contents: object) -> bool:
        return self.store.load("valid", digest(code_digest(), str(contents))) is not None

    def add(self, contents: str) -> None:
        self.store.save("valid", digest(code_digest(), contents), True)
