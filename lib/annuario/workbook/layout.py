"""The form of the workbook: what the writer puts where, and the reader finds again."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from annuario.data import Package
from annuario.data.expected import CONFIRMED, MISSING, NOT_APPLICABLE, UNSURVEYED

#: The version of the form: a workbook of another is not read.
VERSION = 1
#: The first word of the cell that says what a sheet is.
MARK = "annuario-foglio"
#: The first column of each sheet, which names its rows; hidden.
KEY = "chiave"
#: Between the table and the key of a row in that column.
JOINT = "#"
#: What the columns of a sheet of rows are called for the program, and for people; {0} is the year, {1} the one before.
COLUMNS = {
    KEY: "Chiave",
    "voce": "Voce",
    "etichetta": "Etichetta stampata",
    "codice": "Codice",
    "unita": "Unità",
    "prima": "{1}",
    "valore": "{0}",
    "situazione": "Situazione",
    "stato": "Stato",
    "motivo": "Motivo",
    "nota": "Nota",
    "fonte": "Fonte",
}
#: The states of a row as they are chosen in a sheet.
STATES = {
    "da inserire": MISSING,
    "non rilevato": UNSURVEYED,
    "non applicabile": NOT_APPLICABLE,
    "confermato": CONFIRMED,
}
#: The word that takes a value away.
REMOVE = "da togliere"
#: What stands where a total cannot be formed yet.
INCOMPLETE = "manca"
#: The name of the first sheet, and what it asks of who delivers.
FIRST = "Leggimi"
DELIVERY = {
    "servizio": "Servizio che consegna",
    "ruolo": "Ruolo di chi consegna (mai un nome)",
    "sistema": "Archivio o programma da cui vengono i dati",
    "rilevato_al": "Giorno a cui i dati si riferiscono (gg/mm/aaaa)",
    "stato": "I dati sono provvisori o definitivi?",
}
#: The delivery's states.
PROVISIONAL, FINAL = "provvisorio", "definitivo"


@dataclass(frozen=True)
class Mark:
    """What a sheet is: of which edition and subject, from which declaration, for which list (or none).

    >>> str(Mark(1, "relazione-2026", "prestiti", "0123"))
    'annuario-foglio 1 relazione-2026 prestiti 0123'
    """

    version: int
    edition: str
    subject: str
    digest: str
    table: str = ""

    def __str__(self) -> str:
        return f"{MARK} {self.version} {self.edition} {self.subject} {self.digest} {self.table}".rstrip()


def parse(text: object) -> Mark | None:
    """The mark in a cell, if it is one.

    >>> parse("annuario-foglio 1 relazione-2026 prestiti 0123").subject, parse("Prestiti"), parse(None)
    ('prestiti', None, None)
    """
    parts = str(text or "").split()
    if len(parts) < 5 or parts[0] != MARK or not parts[1].isdigit():
        return None
    return Mark(int(parts[1]), *parts[2:6])


def digest(package: Package) -> str:
    """A digest of the declaration that a workbook is made from.

    >>> len(digest(esempio)), digest(esempio) == digest(package)
    (16, False)
    """
    content = (package.folder / "datapackage.json").read_bytes()
    return hashlib.sha256(content).hexdigest()[:16]


def sheet_name(title: str, taken: set[str]) -> str:
    """A sheet's name: what Excel and a row's ``fonte`` allow, told apart from the others.

    >>> taken = set()
    >>> sheet_name("Minori: casi / ore", taken), sheet_name("Minori casi ore", taken), sheet_name("!", taken)
    ('Minori casi ore', 'Minori casi ore 2', 'Foglio')
    """
    name = re.sub(r"[\[\]:*?/\\!;']", " ", title)
    name = " ".join(name.split())[:31].strip() or "Foglio"
    number, found = 2, name
    while found.lower() in taken:
        found = f"{name[:28].strip()} {number}"
        number += 1
    taken.add(found.lower())
    return found
