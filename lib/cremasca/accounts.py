"""The company's accounts: the result of the year, the surplus and where it goes, what management costs."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property, partial

import pandas as pd

from annuario.data import Vintage
from annuario.errors import BookError
from annuario.figures import Absent, Figure, Figures, Said, Source, Year, source
from annuario.notebook import Chapter
from annuario.words import numbers, phrases
from cremasca import revenues
from cremasca.counts import some
from cremasca.names import Name, listed
from cremasca.years import of_the_year_before, several, span

#: Years of the series of what management costs.
COSTS = 4


class Conti:
    """The figures of the accounts, as an edition sees them."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self.risultato = libro.cifre("risultato")
        self.entrate, self.uscite, self.avanzo = self.risultato.entrate, self.risultato.uscite, self.risultato.avanzo
        self.dal_testo = libro.cifre("gestione-testo")
        self.costi, self.ore = self.dal_testo.costi_gestione, self.dal_testo.ore_personale
        self.movimenti = [self.dal_testo.incassi_competenza, self.dal_testo.pagamenti_competenza]
        self.indicatori = libro.cifre("gestione")
        self.gestita, self.servizi = self.indicatori.quota_gestita, self.indicatori.incidenza_servizi
        self.erogazione = self.indicatori.erogazione_pro_capite
        self.pro_capite = [self.indicatori.spesa_sociale_pro_capite, self.erogazione]
        self.quote = [self.gestita, self.indicatori.servizi_esternalizzati, self.servizi]
        self.competenza, self.precedente, self.budget = (
            libro.cifra(f"entrate/consuntivo/{channel}")
            for channel in ("totale-entrate", "totale-avanzo", "totale-budget")
        )
        self.previste, self.budget_previsto = (
            libro.cifra(f"entrate/previsione/{channel}") for channel in ("totale-entrate", "totale-budget")
        )

    # -- the result of the year

    @property
    def consuntivo(self) -> Year:
        """The year, where its final accounts are published."""
        self.avanzo.valore
        return self.libro.anno

    @cached_property
    def riportato(self) -> Figure:
        """The surplus as the next year's revenues open with it, where a document closes them."""
        return carried(self.libro)

    @cached_property
    def saldo(self) -> Figure:
        """What is left at the end of the year, or lacking: see :func:`balance`."""
        return balance(self.avanzo)

    @cached_property
    def quota_saldo(self) -> Figure:
        """The same over the revenues."""
        return self.saldo.quota(self.entrate)

    # -- the surplus

    @cached_property
    def tabella_avanzo(self) -> pd.DataFrame | None:
        """The surplus line by line, in EUR, the printed total last."""
        frame = self.libro.table("avanzo", anno=self.libro.year)
        return None if frame.empty else frame.assign(nome=frame["etichetta"].where(frame["voce"] != "totale", "Totale"))

    @property
    def titoli_avanzo(self) -> dict[str, str]:
        """The destinations that the surplus has and their headings, the coming years spelled out."""
        found = set() if self.tabella_avanzo is None else set(self.tabella_avanzo["destinazione"])
        names = listed(self.libro.package, "avanzo-destinazioni")
        return {code: self._dated(names[code]) for code in names.ordered(found)}

    def _dated(self, destination: Name) -> str:
        """The name of a destination, with the year where it is for the first or second of the coming ones."""
        years = destination.altro
        if years and not years.isdecimal():
            raise BookError(
                f"nomi.csv: «{destination.nome}» ha in «altro» «{years}»: scrivervi di quanti anni dopo, o nulla."
            )
        return f"{destination.nome} {self.libro.year + int(years)}" if years else destination.nome

    @cached_property
    def destinazioni(self) -> Figures:
        """The printed totals of the surplus by destination."""
        make = {code: partial(self._destination, code, title) for code, title in self.titoli_avanzo.items()}
        return Figures("avanzo", make, self.libro.year)

    def _destination(self, code: str, title: str = "") -> Figure:
        return replace(self.libro.cifra(f"avanzo/{code}/totale"), name=title)

    @cached_property
    def vincolato(self) -> Figure:
        """The part with a bond."""
        return self._destination("vincolato")

    @cached_property
    def quota_vincolata(self) -> Figure:
        """The share of the surplus with a bond."""
        return self.vincolato.quota(self.avanzo)

    @cached_property
    def quota_libera(self) -> Figure:
        """The share of the surplus without."""
        return self._destination("libero").quota(self.avanzo)

    @property
    def voci_maggiori(self) -> pd.DataFrame | None:
        """The ten largest lines of the surplus; of one with two destinations the larger part."""
        if self.tabella_avanzo is None:
            return None
        lines = self.tabella_avanzo[self.tabella_avanzo["voce"] != "totale"]
        return some(largest(lines, len(lines)).drop_duplicates("voce").head(10))

    @property
    def senza_massima(self) -> Figure:
        """The surplus without its largest line."""
        return self.avanzo - self.voce_massima

    @property
    def voce_massima(self) -> Figure:
        """The largest line, by its printed label."""
        found = self.libro.cifre("avanzo").massima
        return replace(found, name=self.libro.package.indexed("avanzo").column("etichetta")[found.rows[-1].place])

    # -- the revenues

    @cached_property
    def provenienze(self) -> Figures:
        """The revenues by who assigns them, the surplus of the year before among them."""
        return revenues.origins(self.libro)

    @cached_property
    def prima_provenienza(self) -> Figure:
        """Who assigns most of the revenues of the year."""
        return self.provenienze.senza("avanzo").massima

    @cached_property
    def quota_sul_totale(self) -> Figure:
        """Its share of all, the surplus of the year before included."""
        return self.prima_provenienza.quota(self.provenienze.somma)

    @cached_property
    def quota_sull_anno(self) -> Figure:
        """Its share of the revenues of the year alone."""
        return self.prima_provenienza.quota(self.provenienze.senza("avanzo").somma)

    @property
    def tabella_entrate(self) -> pd.DataFrame | None:
        """The revenues by channel, with the printed labels."""
        frame = revenues.of_year(self.libro)
        return None if frame.empty else frame.drop(columns="nome")

    @property
    def stato(self) -> Said:
        """``a consuntivo`` or ``previste``: what there is of the revenues."""
        return Said("a consuntivo" if revenues.phase(self.libro) == revenues.OUTCOME else "previste")

    # -- costs and indicators

    @property
    def servizi_nel_testo(self) -> Figure:
        """The weight of the services as the document's text gives it, where its table prints another."""
        return in_text(self.libro, self.servizi)

    @property
    def costi_esatti(self) -> Said:
        """``il 3,17 %``: what management costs, as published; its movement is in hundredths."""
        return exact(self.costi)

    @property
    def copertura_esatta(self) -> Said:
        """``del 49,92 %``: how much of what is owed for severance pay is set aside, as published."""
        cover = self.dal_testo.tfr_copertura
        return Said(phrases.article(cover.cifre, "ms", "di") + numbers.percent(cover.valore, None)).of(cover)

    @property
    def costi_negli_anni(self) -> Figure | None:
        """What management costs, where several years are known."""
        return several(self.costi, COSTS)

    @property
    def anni_costi(self) -> Said:
        """The years of what management costs."""
        return span(self.costi, years=COSTS)

    @property
    def ore_negli_anni(self) -> Figure | None:
        """The hours worked, where several years are known."""
        return several(self.ore)

    @property
    def anni_ore(self) -> Said:
        """The years of the hours worked."""
        return span(self.ore)

    @property
    def anni(self) -> Said:
        """The years of the indicators."""
        return span(*map(self.indicatori.__getitem__, self.indicatori))

    @cached_property
    def sociale(self) -> Figure:
        """The social spending for each inhabitant, under the year that it is about."""
        return of_the_year_before(self.indicatori.spesa_sociale_pro_capite)

    @property
    def anno_sociale(self) -> Year:
        """The year that the social spending is about; absent where it is not published."""
        self.sociale.valore
        return self.sociale.anno

    @property
    def forbice(self) -> Said:
        """``da € 63,04 a € 138,20``: what the municipalities spend for each inhabitant; absent where all spend alike."""
        low, high = self.dal_testo.spesa_pro_capite_minima, self.dal_testo.spesa_pro_capite_massima
        if low.valore == high.valore:
            raise Absent(low.code, low.year, "lo stesso importo")
        return Said(f"da {low.cifre} a {high.cifre}").of(low, high)

    @property
    def definizioni(self) -> pd.DataFrame | None:
        """How the indicators are computed: ``nome``, ``definizione``."""
        frame = self.libro.indicators("gestione").drop_duplicates("indicatore")
        if not self.gestita.nota:
            return None
        frame = frame.loc[frame["definizione"] != "", ["nome", "definizione"]]
        return frame.assign(definizione=[re.sub(r"\s*/\s*", " / ", text) for text in frame["definizione"]])


def exact(figure: Figure) -> Said:
    """``il 3,17 %``: a published percentage with all its decimals."""
    text = numbers.percent(figure.valore, None)
    return Said(phrases.article(text, "ms") + text).of(figure)


def in_text(edition: Vintage, figure: Figure) -> Figure:
    """An indicator as the text of the edition's own document gives it; absent where its table says the same."""
    where = {"indicatore": figure.code, "anno": edition.year, "sede": "testo", "edizione": edition.id}
    found = _of_row(edition, "indicatori", where, figure)
    if found.nota and figure.nota and found.valore == figure.valore:
        return replace(found, series={}, why_absent="come nella tabella")
    return found


def carried(edition: Vintage, year: int | None = None) -> Figure:
    """The surplus of a year (the edition's) as the next year's revenues open with it, where a document closes them."""
    like = Source(edition).figure("risultato/avanzo").nel(year or edition.year)
    return _of_row(
        edition, "entrate", {"canale": "totale-avanzo", "fase": revenues.OUTCOME, "anno": like.year + 1}, like
    )


def surplus(edition: Vintage) -> Figure:
    """The surplus, this year's and the one before also where only the next year's revenues tell them."""
    found = Source(edition).figure("risultato/avanzo")
    missing = [carried(edition, year) for year in edition.years(2) if year not in found.series]
    series = found.series | {figure.year: figure.valore for figure in missing if figure.nota}
    return replace(
        found,
        series=dict(sorted(series.items())),
        rows=(*found.rows, *(row for figure in missing for row in figure.rows)),
    )


def balance(result: Figure) -> Figure:
    """A result called what it is: an ``avanzo``, or a ``disavanzo``, which is told without its sign.

    It is compared with those years alone that closed alike.
    """
    below = result.nota and result.valore < 0
    series = {year: abs(value) for year, value in result.series.items() if (value < 0) == below}
    return replace(result, series=series, name="disavanzo" if below else "avanzo")


def _of_row(edition: Vintage, table: str, where: dict, like: Figure) -> Figure:
    """A figure of one row that the edition does not see as one: absent without it, else like another."""
    found = edition.package.indexed(table)
    places = found.rows(where)[:1]
    series = {like.year: found.column("valore")[place] for place in places}  # noqa: B035
    kept = tuple(replace(row, year=like.year) for row in source.rows(edition, table, places, like.unit))
    return replace(like, series=series, rows=kept, printed=source.as_printed(series, kept))


def largest(frame: pd.DataFrame, count: int) -> pd.DataFrame:
    """The ``count`` rows with the largest ``valore``, largest first."""
    return frame.sort_values("valore", ascending=False, kind="stable").head(count)
