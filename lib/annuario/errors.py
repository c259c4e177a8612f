"""Errors that a user of Annuario can mend.

Every message is one sentence or two: where (file and row, or notebook and
cell), what is wrong, what to do. The command line prints the message alone and
leaves with ``exit_code``.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from typing import TypeVar

Result = TypeVar("Result")


class BookError(Exception):
    """Bad input or usage: a data file, the configuration, an unknown edition."""

    exit_code = 2


class ChapterError(BookError):
    """A notebook raised, or its output cannot become a page of the book."""

    exit_code = 1


class CheckError(BookError):
    """The book's own checks found a difference that is not recorded."""

    exit_code = 1


def together(futures: Iterable[Future[Result]]) -> list[Result]:
    """What some futures give; raises one BookError with what all of them say is wrong."""
    futures = list(futures)
    errors = [future.exception() for future in futures]
    for error in errors:
        if error is not None and not isinstance(error, BookError):
            raise error
    problems = [str(error) for error in errors if error]
    if problems:
        raise BookError("\n".join(dict.fromkeys("\n".join(problems).split("\n"))))
    return [future.result() for future in futures]
