"""What the data say of one territory: every figure of a table that refers to it, against the whole and the others.

A chapter of an extract opens it as ``qui = libro.territorio(territorio)``. Which tables speak of it nobody
names: they are those whose ``cifra`` has a field that refers to the table of the territory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

import pandas as pd

from annuario.data.nature import RATIO
from annuario.data.territories import Territory, declared
from annuario.data.value import Record, Value
from annuario.figures.figure import Figure
from annuario.figures.frame import long
from annuario.figures.group import TOTAL, Figures
from annuario.figures.source import Source
from annuario.figures.words import Absent, Said
from annuario.words import numbers, phrases

if TYPE_CHECKING:
    from annuario.data import Vintage

_PLACES = ("primo", "secondo", "terzo", "quarto", "quinto", "sesto", "settimo", "ottavo", "nono", "decimo")
_EXPRESSION = re.compile(r"`\{python\}([^`]*)`")


class Voce:
    """One figure of the territory: ``cifra``, with what it is called, the whole (``insieme``) and the ``altri``.

    >>> voce = next(one for one in libro.territorio("pandino").voci if one.cifra.unit == "minori")
    >>> print(voce.nome, voce.cifra.conta, voce.valore, voce.insieme.cifre, voce.quota.nuda, voce.posto, sep=" | ")
    Casi | 164 minori | 164 minori | 879 | 18,7 % | al secondo posto su sei
    >>> len(voce.territori)
    6
    >>> voce.contro
    Traceback (most recent call last):
        ...
    annuario.figures.words.Absent: servizi_sub_ambito/tutela-minori/casi/pandino: contro (2025): non è ...
    """

    def __init__(
        self, topic: str, name: str, codes: dict[str, str], here: Territory, source: Source, names: dict[str, str]
    ):
        self.tema, self._name, self._codes, self._here, self._source = topic, name, codes, here, source
        self._names = names

    @cached_property
    def cifra(self) -> Figure:
        """The territory's figure."""
        return self._source.figure(self._codes[self._here.code])

    @cached_property
    def insieme(self) -> Figure:
        """The whole: the printed total, or else the sum of all that the table tells, of ratios nothing."""
        if TOTAL in self._codes:
            return self._source.figure(self._codes[TOTAL])
        if self.cifra.unit == "%" or self.cifra.nature.kind == RATIO:
            raise Absent(f"{self.cifra.code}: {TOTAL}", self.cifra.year)
        parts = {place: partial(self._source.figure, code) for place, code in self._codes.items()}
        return Figures(self.cifra.code, parts, self.cifra.year).somma

    @cached_property
    def territori(self) -> list[Figure]:
        """The same figure of each territory of the kind."""
        return [self._source.figure(code) for place, code in self._codes.items() if place in self._names]

    @property
    def nome(self) -> Said:
        """What is counted."""
        return Said(self._name)

    @property
    def valore(self) -> Said:
        """The value with its noun where it has one."""
        return self.cifra.conta if self.cifra.nature.noun else self.cifra.cifre

    @property
    def quota(self) -> Figure:
        """The share of the whole; of nothing, and of what is a ratio itself, there is none."""
        if self.cifra.valore == 0 or self.cifra.unit == "%" or self.cifra.nature.kind == RATIO:
            raise Absent(f"{self.cifra.code}: quota", self.cifra.year, "niente, o già un rapporto")
        return self.cifra.quota(self.insieme)

    @property
    def contro(self) -> Said:
        """Of a ratio, that of the whole: ``contro il 94 % dell'insieme``; absent of other figures."""
        if self.cifra.unit != "%" and self.cifra.nature.kind != RATIO:
            raise Absent(f"{self.cifra.code}: contro", self.cifra.year, "non è un rapporto")
        whole = self.insieme
        return Said(f"contro {whole.il} dell’insieme").of(self.cifra, whole)

    @property
    def posto(self) -> Said:
        """``al secondo posto su sei``, with those that share it; absent with fewer than three, of zero, and where all are equal."""
        known = [figure for figure in self.territori if figure.nota]
        own = self.cifra
        if len(known) < 3 or own.valore == 0 or len({figure.valore for figure in known}) == 1:
            raise Absent(f"{own.code}: posto", own.year, "nessun ordine")
        if any(figure.incerta(figure.year) for figure in known):
            raise Absent(f"{own.code}: posto", own.year, "valori che i documenti lasciano aperti")
        place = sum(figure.valore > own.valore for figure in known) + 1
        equal = [figure.name for figure in known if figure.valore == own.valore and figure.code != own.code]
        said = _PLACES[place - 1] if place <= len(_PLACES) else f"{place}°"
        text = f"al {said} posto su {phrases.spelled(len(known))}" + (
            f", a pari merito con {phrases.listing(equal)}" if equal else ""
        )
        text = text.replace("al ottavo", "all’ottavo")
        return Said(text).of(*known)


class Tema:
    """What figures of the territory are about together, such as a service: its ``nome`` and its ``voci``.

    >>> tema = libro.territorio("pandino").temi[0]
    >>> tema.nome == tema.voci[0].tema
    True
    """

    def __init__(self, name: str, entries: list[Voce]):
        self._name, self.voci = name, entries

    @property
    def nome(self) -> Said:
        """What it is called."""
        return Said(self._name)


class Territorio:
    """A territory as an edition sees it.

    >>> qui = libro.territorio("pandino")
    >>> print(qui.nome, qui.titolo, qui.quanti, qui.temi[0].nome, sep=" | ")
    Pandino | Sub-ambito di Pandino | sei | SAAP – Servizio Assistenza Ad Personam
    >>> len(qui.voci) == int(qui.quante), list(qui.misure) == [str(tema.nome) for tema in qui.temi]
    (True, True)
    >>> qui.mancanti
    Traceback (most recent call last):
        ...
    annuario.figures.words.Absent: pandino: mancanti (2025): niente manca
    >>> sorted(set(qui.anni()["anno"])), str(qui.quote[0].nome), qui.confronto(qui.voci[0])[0].name
    ([2023, 2024, 2025], 'SAAP: utenti', 'Bagnolo Cremasco')
    >>> qui.racconto("## `{python} tema.nome`", "- `{python} voce.nome`").split("\\n")[0]
    '## `{python} qui.temi[0].nome`'
    """

    def __init__(self, vintage: Vintage, place: Territory):
        self._vintage, self._place = vintage, place
        self._source = Source(vintage)
        self._names = {
            one.code: one.name
            for one in declared(vintage.package)
            if (one.table, one.kind) == (place.table, place.kind)
        }

    @property
    def nome(self) -> Said:
        """The name: ``Pandino``."""
        return Said(self._place.name)

    @property
    def titolo(self) -> Said:
        """What it is, with its name: ``Sub-ambito di Pandino``."""
        text = str(self._place)
        return Said(text[:1].upper() + text[1:])

    @property
    def quanti(self) -> Said:
        """How many territories of the kind there are, in words."""
        return Said(phrases.spelled(len(self._names)))

    @cached_property
    def _entries(self) -> list[Voce]:
        """Every figure that some territory has in the edition's year, in the order of the tables and their rows."""
        return [entry for name, field in self._tables() for entry in self._of_table(name, field)]

    @property
    def voci(self) -> list[Voce]:
        """Those that are known of this one."""
        return [entry for entry in self._entries if self._place.code in entry._codes and entry.cifra.nota]

    @property
    def quante(self) -> Said:
        """How many these are; absent where there is none."""
        if not self.voci:
            raise Absent(f"{self._place.code}: voci", self._vintage.year)
        return Said(len(self.voci))

    @property
    def temi(self) -> list[Tema]:
        """The same by what they are about."""
        names = dict.fromkeys(entry.tema for entry in self.voci)
        return [Tema(name, [entry for entry in self.voci if entry.tema == name]) for name in names]

    @property
    def mancanti(self) -> Said:
        """What is told of other territories and not of this one; absent where nothing is."""
        known = {id(entry) for entry in self.voci}
        names = [f"{entry.tema} ({entry._name.lower()})" for entry in self._entries if id(entry) not in known]
        if not names:
            raise Absent(f"{self._place.code}: mancanti", self._vintage.year, "niente manca")
        return Said(phrases.listing(names))

    def racconto(self, tema: str, voce: str, qui: str = "qui") -> str:
        """A text for each theme, followed by one for each of its entries, as Markdown with expressions.

        In the texts «tema» and «voce» stand for each of them in turn; ``qui`` is what the chapter calls this.
        Absent where nothing is known of the territory.
        """
        self.quante
        parts, count = [], 0
        between = "\n" if voce.lstrip().startswith("- ") else "\n\n"
        for number, theme in enumerate(self.temi):
            names = {"tema": f"{qui}.temi[{number}]"}
            entries = []
            for _ in theme.voci:
                entries.append(_renamed(voce.strip(), names | {"voce": f"{qui}.voci[{count}]"}))
                count += 1
            parts += [_renamed(tema.strip(), names), between.join(entries)]
        return _Text("\n\n".join(parts))

    # -- for tables and charts

    def anni(self, years: int = 3) -> pd.DataFrame | None:
        """The entries over some years, by theme: rows ``voce``, ``misura`` the theme."""
        frames = [long([entry.cifra], years).assign(voce=str(number), nome=entry._name, misura=entry.tema)
                  for number, entry in enumerate(self.voci)]  # fmt: skip
        return pd.concat(frames, ignore_index=True) if frames else None

    @property
    def misure(self) -> dict[str, tuple[str, None]]:
        """The themes as headings of a table."""
        return {theme._name: (theme._name, None) for theme in self.temi}

    @property
    def quote(self) -> list[Figure]:
        """The shares of the whole, each called by theme and entry."""
        found = []
        for entry in self.voci:
            try:
                share = entry.quota
            except Absent:
                continue
            series = {
                year: Value(numbers.rounded(value, 1), *_records(share, year)) for year, value in share.series.items()
            }
            found.append(replace(share, name=f"{_short(entry.tema)}: {entry._name.lower()}", series=series))
        return [share for share in found if share.nota]

    def confronto(self, voce: Voce) -> list[Figure]:
        """The territories of the kind, for a chart."""
        return [figure for figure in voce.territori if figure.nota]

    def _tables(self) -> Iterable[tuple[str, str]]:
        """The tables that speak of territories of the kind, each with its field."""
        for name, resource in self._vintage.package.resources.items():
            for key in resource["schema"].get("foreignKeys", []):
                fields = [key["fields"]] if isinstance(key["fields"], str) else key["fields"]
                refers = key["reference"]["resource"] == self._place.table
                if refers and len(fields) == 1 and fields[0] in resource.get("cifra", []):
                    yield name, fields[0]

    def _of_table(self, name: str, field: str) -> Iterable[Voce]:
        resource = self._vintage.package.resources[name]
        fields: list[str] = resource["cifra"]
        beside = [one for one in fields if one != field]
        rows = self._vintage.table(name, anno=self._vintage.year)
        for key in dict.fromkeys(rows[beside].itertuples(index=False, name=None)):
            told = dict(zip(beside, map(str, key)))
            places = rows.loc[(rows[beside] == list(key)).all(axis=1), field] if beside else rows[field]
            codes = {
                place: "/".join([name, *(place if one == field else told[one] for one in fields)])
                for place in dict.fromkeys(map(str, places))
            }
            names = [self._source._name(name, {one: value}) for one, value in told.items()]
            title = resource.get("title", name)
            # what is beside: a theme and what is counted of it, or that alone
            theme, counted = (names[0], names[1:]) if len(names) > 1 else (title, names)
            yield Voce(theme, " ".join(counted) or title, codes, self._place, self._source, self._names)


def _renamed(text: str, names: dict[str, str]) -> str:
    """A text whose expressions speak of other names."""

    def expression(match: re.Match) -> str:
        inner = match[1]
        for old, new in names.items():
            inner = re.sub(rf"(?<![\w.]){old}\b", new, inner)
        return f"`{{python}}{inner}`"

    return _EXPRESSION.sub(expression, text)


def _records(figure: Figure, year: int) -> list[Record]:
    return [row.record for row in figure.told(year) if row.record]


def _short(name: str) -> str:
    """What stands before the dash, in a name that a dash explains: ``SAAP – Servizio …``."""
    return name.partition(" – ")[0]


class _Text(str):
    """Markdown with expressions of its own."""

    def _repr_markdown_(self) -> str:
        return str(self)
