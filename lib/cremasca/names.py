"""What the book calls the things that tables know by a code, from the table ``nomi``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, NoReturn

from annuario.data import Package
from annuario.errors import BookError
from annuario.figures import Figures


class Name(NamedTuple):
    """A name, and what a list says besides: see the table's declaration."""

    nome: str
    altro: str

    @property
    def codici(self) -> list[str]:
        """What the list says besides, where it is codes: others that bear the name, or those that stand together under it."""
        return self.altro.split()


class Names(dict[str, Any]):
    """One list of names by code; asked for a code that it does not have, it tells where the name is to be written."""

    def __init__(self, which: str, names: dict):
        super().__init__(names)
        self.which = which

    def __missing__(self, code: str) -> NoReturn:
        raise BookError(
            f"nomi.csv: l’elenco «{self.which}» non ha un nome per il codice «{code}»: aggiungervi una riga che lo dia."
        )

    def fitting(self, text: str) -> str:
        """The code whose ``altro`` begins a text; the longest such beginning counts, and none begins all.

        Several beginnings of one code stand apart by «; ». Raises BookError where none fits.
        """
        starts = {start: code for code, name in self.items() for start in name.altro.split("; ")}
        found = [start for start in starts if text.startswith(start)]
        if not found:
            raise BookError(
                f"nomi.csv: l’elenco «{self.which}» non comprende «{text}»: aggiungervi una riga che in «altro» ne abbia "
                "l’inizio, o una senza «altro» per tutto il resto."
            )
        return starts[max(found, key=len)]

    def together(self, code: str, group: Figures) -> list[str]:
        """The codes that stand together under one code, those of a group; raises BookError for one that the group has not."""
        for one in self[code].codici:
            try:
                group[one]
            except KeyError as error:
                raise BookError(f"nomi.csv: l’elenco «{self.which}», codice «{code}»: {error.args[0]}.") from error
        return self[code].codici

    def ordered(self, codes: Iterable[str]) -> list[str]:
        """Some codes in the order of the list; raises BookError where one has no name."""
        wanted = set(codes)
        for code in sorted(wanted - self.keys()):
            self.__missing__(code)
        return [code for code in self if code in wanted]


def listed(package: Package, which: str) -> Names:
    """The names of one list of the table ``nomi`` by their codes, in the order of the table.

    Raises BookError when asked for a code without a name.
    """
    table = package.indexed(
        "nomi"
    )  # what is read is the list alone: another one that changes is nothing to the chapter
    own = table.some(table.rows({"elenco": which}))
    return Names(which, {code: Name(*texts) for code, *texts in zip(own["codice"], own["nome"], own["altro"])})


def named(package: Package, which: str) -> Names:
    """The bare names of one list by their codes; raises as :func:`listed`."""
    return Names(which, {code: name.nome for code, name in listed(package, which).items()})
