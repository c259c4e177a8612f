"""The child protection service: the movement of its cases, the orders of the courts, who the minors are.

Where they live is in ``child_areas``; foster care, workloads and the day centre have modules of their own.
"""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from annuario.figures import Absent, Figure, Figures, Said
from annuario.notebook import Chapter
from annuario.words import numbers, phrases, trends
from cremasca.groups import with_rest
from cremasca.uneven import said, sums, uneven

#: Reason for a share whose parts are not counted alike, printed below it.
INQUIRIES = "Le indagini sono quelle trattate nell’anno, contate come i minori che vi corrispondono."


class Tutela:
    """The figures of the service, as an edition sees them."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        self.flussi = libro.cifre("tm-flussi")
        self.iniziali, self.nuovi = self.flussi.in_carico_01_01, self.flussi.nuovi_casi
        self.chiusi, self.in_carico = self.flussi.casi_chiusi, self.flussi.in_carico_31_12
        self.seguiti = self.flussi.in_carico_anno
        self.spesa = libro.cifra("bilancio/consuntivo/totale/tm/totale/totale")
        self.abitanti = libro.cifra("territorio/popolazione").ultima
        self.provvedimenti = libro.cifre("tm-provvedimenti")
        self.procura = self.provvedimenti.procura_altro
        self.segnalanti = libro.cifre("tm-segnalanti")
        self.dal_testo = libro.cifre("tm-testo")

    # -- the movement of the cases

    @cached_property
    def quota_chiusi(self) -> Figure:
        """The share of the cases followed in the year that were closed."""
        return self.chiusi.quota(self.seguiti)

    @cached_property
    def ricambio(self) -> Figure:
        """New cases for a hundred closed ones."""
        return self.nuovi.ogni(self.chiusi, 100)

    @cached_property
    def per_mille(self) -> Figure:
        """Minors followed in the year for a thousand inhabitants, as last counted."""
        return self.seguiti.ogni(
            self.abitanti, 1000, perche=f"I residenti sono quelli al 31 dicembre {self.abitanti.year}."
        )

    @cached_property
    def spesa_per_minore(self) -> Figure:
        """What was spent for each minor followed in the year."""
        return self.spesa.ogni(self.seguiti)

    @cached_property
    def saldo(self) -> Figure:
        """What there was, plus what came, minus what went: it should be what is left."""
        return self.iniziali + self.nuovi - self.chiusi

    @property
    def saldo_torna(self) -> Said:
        """Says nothing; absent where the movement of the year does not give the published figure."""
        if self.saldo.valore != self.in_carico.valore:
            raise Absent("tm-flussi: saldo", self.libro.year, "il movimento non torna")
        return Said("")

    @property
    def scarti(self) -> Said:
        """``571 minori nel 2019 (pubblicati: 576) e 670…``: the years that do not add up; absent where all do."""
        final = self.in_carico.series
        return said(
            [
                f"{phrases.count(total, 'minori')} nel {year} (pubblicati: {numbers.number(final[year])})"
                for year, total in self._balances().items()
                if total != final[year]
            ],
            self.in_carico,
        )

    @property
    def salti(self) -> Said:
        """``il 2024 si apre con 764 minori, otto in più di quelli pubblicati al 31 dicembre 2023``; absent without."""
        final = self.in_carico.series
        jumps = {year: self.iniziali.series[year] - final[year - 1] for year in self._balances() if year - 1 in final}
        return said(
            [
                f"il {year} si apre con {phrases.count(self.iniziali.series[year], 'minori')}, "
                f"{trends.more_or_less(jump)} di quelli pubblicati al 31 dicembre {year - 1}"
                for year, jump in jumps.items()
                if jump
            ],
            self.in_carico,
            "; ",
        )

    def _balances(self) -> dict[int, object]:
        """The computed movement of the last three years; absent where this year's is not published."""
        self.in_carico.valore
        return {
            year: total
            for year, total in self.saldo.series.items()
            if year in self.in_carico.series and year > self.libro.year - 3
        }

    @property
    def movimento(self) -> Figures | None:
        """The whole movement, for a chart; None where one of its four figures is not known."""
        four = (self.iniziali, self.nuovi, self.chiusi, self.in_carico)
        return self.flussi if all(figure.nota for figure in four) else None

    @property
    def verifica(self) -> pd.DataFrame | None:
        """What the movement should give and what is published, a row each; None where all adds up."""
        if not self.in_carico.nota:
            return None
        years = self._balances()
        final, opening = self.in_carico.series, self.iniziali.series
        before = {year: final.get(year - 1) for year in years}
        gaps = {year: years[year] - final[year] for year in years}
        jumps = {year: None if before[year] is None else opening[year] - before[year] for year in years}
        if not any(gaps.values()) and not any(jumps.values()):
            return None
        rows = {
            "saldo": ("Saldo calcolato: iniziali + nuovi − chiusi", years),
            "finale": ("In carico al 31 dicembre, pubblicato", final),
            "scarto": ("Differenza", gaps),
            "prima": ("In carico al 31 dicembre dell’anno prima", before),
            "iniziale": ("In carico al 1° gennaio, pubblicato", opening),
            "salto": ("Differenza", jumps),
        }
        return pd.DataFrame(
            [
                {"voce": code, "nome": name, "anno": year, "valore": values[year], "unita": "minori"}
                for code, (name, values) in rows.items()
                for year in years
            ]
        )

    # -- orders of the courts and who reports

    @cached_property
    def quota_massima(self) -> Figure:
        """The share of the commonest kind of order."""
        return self.provvedimenti.massima.quota(self.provvedimenti.totale)

    @property
    def scarti_provvedimenti(self) -> Said:
        """``670 nel 2020 (anziché 676)``: where the kinds do not make the printed total; absent where they do."""
        return uneven(sums(self.provvedimenti, self.libro.year), self.provvedimenti.totale)

    @cached_property
    def quota_procura(self) -> Figure:
        """The share of the minors without an order."""
        return self.procura.quota(self.in_carico)

    @cached_property
    def quota_forze_ordine(self) -> Figure:
        """The share of the inquiries that the police reported."""
        return self.segnalanti.forze_ordine.quota(self.procura, perche=INQUIRIES)

    @property
    def per_segnalante(self) -> pd.DataFrame | None:
        """Who reported to the Procura: the named ones and, by difference, the others."""
        return with_rest(
            list(map(self.segnalanti.__getitem__, self.segnalanti)), self.procura, "tm-segnalanti/altri", "numero"
        )

    @property
    def per_procedimento(self) -> pd.DataFrame | None:
        """The mandates of the courts: inquiries, civil cases and, by difference, the others."""
        named = [self.procura, self.dal_testo.incarichi_civili]
        names = ["Indagini della Procura", "Procedimenti civili"]
        return with_rest(
            named, self.dal_testo.incarichi_autorita_giudiziaria, "tm-testo/incarichi-altri", "numero", names=names
        )

    # -- who they are

    @cached_property
    def _cittadinanza(self) -> tuple[Figure, Figure]:
        group = self.libro.cifre("tm-cittadinanza")
        how = "transitati" if group["italiani/transitati"].nota else "in-carico"
        return group[f"italiani/{how}"], group[f"stranieri/{how}"]

    @property
    def italiani(self) -> Figure:
        """The Italian minors, of those that ``quali`` names."""
        return self._cittadinanza[0]

    @property
    def stranieri(self) -> Figure:
        """The foreign minors, of those that ``quali`` names."""
        return self._cittadinanza[1]

    @property
    def quali(self) -> Said:
        """Which minors are counted by citizenship."""
        return Said("transitati nell’anno" if self.italiani.code.endswith("transitati") else "in carico al 31 dicembre")

    @cached_property
    def quota_stranieri(self) -> Figure:
        """The share of the foreign minors."""
        return self.stranieri.quota(self.italiani + self.stranieri)
