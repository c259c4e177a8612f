"""The checks that concern an edition as figures: how many hold, how many do not and why."""

from __future__ import annotations

from functools import cached_property

from annuario import checks
from annuario.figures import Absent, Figure, Said, Year
from annuario.notebook import Chapter
from annuario.tables import Table
from annuario.words import phrases
from cremasca import quadrature
from cremasca.plan_facts import counted

CHECK, CASE = phrases.Noun("controllo", "controlli"), phrases.NOUNS["casi"]
VALUE = phrases.Noun("valore", "valori")
GAP = phrases.Noun("differenza", "differenze", feminine=True)


class Quadratura:
    """The checks that concern an edition, counted by what they found."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self._checks = quadrature.results(libro)
        self._cents = quadrature.cents(self._checks)
        self._errors, self._bases, self._gaps = (
            quadrature.failing(self._checks, verdict) for verdict in (checks.FAILS, checks.BASIS, checks.INCOMPLETE)
        )

    def _count(self, code: str, number: int, noun: phrases.Noun = CASE) -> Figure:
        return counted(f"controlli/{code}", number, self.libro.year, noun)

    @cached_property
    def controlli(self) -> Figure:
        """How many checks; absent without any."""
        return self._count("tutti", len(self._checks), CHECK)

    @property
    def nessuno(self) -> Year:
        """The year, where there is no check; else absent, and in a draft, whose numbers are still coming in."""
        if self.libro.draft or self.controlli.nota:
            raise Absent("controlli", self.libro.year, "ci sono controlli")
        return self.libro.anno

    @property
    def su_che(self) -> Said:
        """What they are about."""
        own = "i numeri stampati nel documento di questa edizione"
        return Said(
            own if self.libro.published else f"i numeri che i documenti disponibili danno per il {self.libro.year}"
        )

    @cached_property
    def tornano(self) -> Figure:
        """How many hold, those that differ by rounding among them."""
        return self._count("tornano", quadrature.count(self._checks, checks.HOLDS, checks.ROUNDING), CHECK)

    @cached_property
    def quota(self) -> Figure:
        """The share of those that hold."""
        return self.tornano.quota(self.controlli)

    @cached_property
    def errori(self) -> Figure:
        """How many fail, those of a few cents apart; absent without any."""
        return self._count("errori", len(self._errors), CHECK)

    @property
    def argomento(self) -> Said:
        """The subject with most of them; absent where it has but one, or where several have as many."""
        return Said(self._worst[0])

    @property
    def nell_argomento(self) -> Figure:
        """How many fail there."""
        return self._count("argomento", self._worst[1], CHECK)

    @cached_property
    def _worst(self) -> tuple[str, int]:
        subject, number = quadrature.worst(self._checks)
        if number < 2:
            raise Absent("controlli/argomento", self.libro.year, "nessun argomento ne ha di più")
        return subject, number

    @cached_property
    def centesimi(self) -> Figure:
        """How many fail by a few cents."""
        return self._count("centesimi", len(self._cents), GAP)

    @cached_property
    def basi(self) -> Figure:
        """How many compare two bases."""
        return self._count("basi", len(self._bases))

    @cached_property
    def lacune(self) -> Figure:
        """How many meet a gap of the text."""
        return self._count("lacune", len(self._gaps))

    @cached_property
    def corretti(self) -> Figure:
        """How many values the book corrects; absent without any."""
        return self._count("corretti", sum(not one.open and one.field == "valore" for one in self._found), VALUE)

    @cached_property
    def aperti(self) -> Figure:
        """How many it leaves open, those of one reason together; absent without any."""
        return self._count("aperti", len({one.note for one in self._found if one.open}), VALUE)

    @cached_property
    def risolti(self) -> Figure:
        """How many checks that fail on what is printed hold with the values used; absent without any."""
        failing, holding = self._checks["stato"] != "", self._checks["esito_usati"].isin(checks.ACCEPTED)
        return self._count("risolti", int((failing & holding).sum()), CHECK)

    @property
    def _found(self) -> set:
        return {one for found in self._checks["correzioni"] for one in found}

    def da_sapere(self) -> Table | None:
        """What a reader must know."""
        return quadrature.foremost(self._checks)

    def per_argomento(self) -> Table | None:
        """The checks by subject and verdict."""
        return quadrature.counts(self._checks)

    def tabella_errori(self) -> Table | None:
        """Those that fail, explained."""
        return quadrature.explanations(self._errors)

    def tabella_centesimi(self) -> Table | None:
        """Those that fail by a few cents."""
        return quadrature.differences(self._cents)

    def tabella_basi(self) -> Table | None:
        """Those on two bases, explained."""
        return quadrature.explanations(self._bases, ("Primo numero", "Secondo numero"))

    def tabella_lacune(self) -> Table | None:
        """Those that meet a gap of the text, explained."""
        return quadrature.explanations(self._gaps)
