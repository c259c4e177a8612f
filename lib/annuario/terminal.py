"""Commands whose help is said in the project's language: click's own, which take the words from the catalogues."""

from __future__ import annotations

import re
from inspect import cleandoc
from typing import Any

import click

from annuario.messages import marked, say

#: What stands for the arguments and values in the help of a command.
STANDING = (
    marked("EDITION"), marked("OTHER"), marked("FILE"), marked("FOLDER"), marked("PATH"), marked("TEXT"),
    marked("INTEGER"), marked("ADDRESS"), marked("CODE"), marked("ROW"), marked("OPTIONS"), marked("COMMAND"),
    marked("ARGS"), marked("SUBJECT"), marked("CHECK"), marked("VERDICT"),
)  # fmt: skip


def _standing(text: str) -> str:
    return re.sub(r"\b[A-Z]+\b", lambda word: say(word[0]), text)


class _Helping:
    """Something with a help, which is said when it is asked for."""

    @property
    def help(self) -> str | None:
        return say(self._help) if self._help else self._help

    @help.setter
    def help(self, template: str | None) -> None:
        self._help = cleandoc(template) if template else template

    def make_metavar(self, ctx: click.Context) -> str:
        return _standing(super().make_metavar(ctx))  # type: ignore[misc]

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [_standing(piece) for piece in super().collect_usage_pieces(ctx)]  # type: ignore[misc]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        found = super().get_help_option(ctx)  # type: ignore[misc]
        if found:
            found.help = say("Show this message and exit.")
        return found


class Command(_Helping, click.Command):
    """A command."""


class Group(_Helping, click.Group):
    """The commands of a program."""

    command_class = Command


class Option(_Helping, click.Option):
    """An option of a command."""


class Argument(_Helping, click.Argument):
    """An argument of a command."""


def option(*declarations: str, **attributes: Any):
    """See click."""
    return click.option(*declarations, cls=Option, **attributes)


def argument(*declarations: str, **attributes: Any):
    """See click."""
    return click.argument(*declarations, cls=Argument, **attributes)
