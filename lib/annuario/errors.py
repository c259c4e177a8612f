"""Errors that a user of Annuario can mend.

Every message is one sentence or two: where (file and row, or notebook and
cell), what is wrong, what to do. The command line prints the message alone and
leaves with ``exit_code``.
"""


class BookError(Exception):
    """Bad input or usage: a data file, the configuration, an unknown edition."""

    exit_code = 2


class ChapterError(BookError):
    """A notebook raised, or its output cannot become a page of the book."""

    exit_code = 1


class CheckError(BookError):
    """The book's own checks found a difference that is not recorded."""

    exit_code = 1
