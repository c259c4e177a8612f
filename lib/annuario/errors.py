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
    """Bad input or usage: a data file, the configuration, an unknown edition.

    >>> BookError("casi.csv, row 3: «12,5» is not a number").exit_code
    2
    """

    exit_code = 2


class ChapterError(BookError):
    """A notebook raised, or its output cannot become a page of the book.

    >>> issubclass(ChapterError, BookError), ChapterError.exit_code
    (True, 1)
    """

    exit_code = 1


class CheckError(BookError):
    """The book's own checks found a difference that is not recorded.

    >>> issubclass(CheckError, BookError), CheckError.exit_code
    (True, 1)
    """

    exit_code = 1


def together(futures: Iterable[Future[Result]]) -> list[Result]:
    """What some futures give; raises one BookError with what all of them say is wrong.

    >>> from concurrent.futures import ThreadPoolExecutor
    >>> def parsed(text):
    ...     if not text.isdigit():
    ...         raise BookError(f"«{text}» is not a number")
    ...     return int(text)
    >>> with ThreadPoolExecutor() as pool:
    ...     together([pool.submit(parsed, "12"), pool.submit(parsed, "3")])
    [12, 3]
    >>> with ThreadPoolExecutor() as pool:
    ...     together([pool.submit(parsed, text) for text in ("a", "12", "b")])
    Traceback (most recent call last):
        ...
    annuario.errors.BookError: «a» is not a number
    «b» is not a number
    """
    futures = list(futures)
    errors = [future.exception() for future in futures]
    for error in errors:
        if error is not None and not isinstance(error, BookError):
            raise error
    problems = [str(error) for error in errors if error]
    if problems:
        raise BookError("\n".join(dict.fromkeys("\n".join(problems).split("\n"))))
    return [future.result() for future in futures]
