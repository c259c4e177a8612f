"""The child protection service: its figures by name, and the facts that need real computation."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property

import pandas as pd

from annuario.data import Vintage
from annuario.figures import Absent, Figure, Figures, Said, Year
from annuario.notebook import Chapter
from annuario.words import numbers, phrases, trends
from cremasca import sub_ambiti

ROLES = {"assistente-sociale": "Assistente sociale", "educatore": "Educatore", "psicologo": "Psicologo"}
ROLE_NOUNS = {
    "assistente-sociale": phrases.Noun("assistente sociale", "assistenti sociali"),
    "educatore": phrases.Noun("educatore", "educatori"),
    "psicologo": phrases.Noun("psicologo", "psicologi"),
}
#: Headings of what is measured of each operator, in the order of the documents.
LOADS = {
    "somma-peso": "Somma pesi",
    "casi": "Casi",
    "peso-medio": "Peso medio",
    "ore-settimanali": "Ore sett.",
    "carico-ore": "Carico su ore",
    "peso-massimo": "Peso max",
    "carico-100": "Carico su 100",
}
PLACEMENTS = ("etero-famigliari", "parenti", "associazione", "altre-strutture")
#: Rows of the table by sub-ambito that are none.
OUTSIDE = ("fuori-ambito", "senza-residenza")
DAY_CENTRE = {"inseriti": "Inseriti nell’anno", "presenti": "Presenti al 31/12"}


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
        self.affidi = libro.cifre("tm-affidi")
        self.tipi_affido = self.affidi.solo(*PLACEMENTS)
        self.centro = libro.cifre("centro-diurno")
        self.inseriti, self.presenti = (
            libro.cifra(f"servizi_sub_ambito/centro-diurno-minori/{measure}/totale") for measure in DAY_CENTRE
        )
        self.rette = libro.cifra("rette-riepilogo/centro-diurno")
        self.in_retta = libro.cifra("rette-casi/cdm")

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
        return _said(
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
        return _said(
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
        return self._uneven(self.provvedimenti, self.provvedimenti.totale)

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
        return _with_rest(
            list(map(self.segnalanti.__getitem__, self.segnalanti)), self.procura, "tm-segnalanti/altri", "numero"
        )

    @property
    def per_procedimento(self) -> pd.DataFrame | None:
        """The mandates of the courts: inquiries, civil cases and, by difference, the others."""
        named = [self.procura, self.dal_testo.incarichi_civili]
        names = ["Indagini della Procura", "Procedimenti civili"]
        return _with_rest(
            named, self.dal_testo.incarichi_autorita_giudiziaria, "tm-testo/incarichi-altri", "numero", names=names
        )

    # -- by sub-ambito

    @cached_property
    def territori(self) -> pd.DataFrame | None:
        """Cases by sub-ambito over three years, in the official order; a total only where the year has one."""
        frame = by_area(self.libro, "tutela-minori", ["casi"])
        year = frame[frame["anno"] == self.libro.year]
        if year.empty:
            return None
        return frame if (year["sub_ambito"] == "totale").any() else frame[frame["sub_ambito"] != "totale"]

    @cached_property
    def territori_anno(self) -> pd.DataFrame | None:
        """The same of the year, without the total."""
        frame = self.territori
        return None if frame is None else frame[(frame["anno"] == self.libro.year) & (frame["sub_ambito"] != "totale")]

    @cached_property
    def _casi(self) -> Figures:
        return self.libro.cifre("servizi_sub_ambito/tutela-minori/casi")

    @cached_property
    def sub_ambiti(self) -> Figures:
        """The cases of each sub-ambito, without those from elsewhere."""
        return self._casi.senza(*OUTSIDE)

    @cached_property
    def casi(self) -> Figure:
        """The cases of all, from elsewhere too."""
        return self._casi.somma

    @cached_property
    def fuori(self) -> Figure:
        """The cases from outside the territory."""
        return self.libro.cifra("servizi_sub_ambito/tutela-minori/casi/fuori-ambito")

    @cached_property
    def senza_residenza(self) -> Figure:
        """The cases without residence in Italy."""
        return self.libro.cifra("servizi_sub_ambito/tutela-minori/casi/senza-residenza")

    @cached_property
    def quota_primi(self) -> Figure:
        """The share of the first three sub-ambiti."""
        return self.sub_ambiti.primi(3).quota(self.casi)

    @cached_property
    def quota_senza_residenza(self) -> Figure:
        """The share of the cases without residence."""
        return self.senza_residenza.quota(self.casi)

    @cached_property
    def con_residenza(self) -> Figure:
        """What the table of the document gives without them."""
        return self.casi - self.senza_residenza

    @property
    def prima(self) -> Year:
        """The year that the sub-ambiti are compared with; absent where there is none, or nothing changed."""
        for figure in self.sub_ambiti.note:
            before = trends.last_before(figure.series, figure.year)
            if before is not None and any(each.series.get(before) != each.valore for each in self.sub_ambiti.note):
                return Year(before)
        raise Absent("tutela-minori: sub-ambiti", self.libro.year, "niente da confrontare")

    @property
    def movimenti_sub_ambiti(self) -> Said:
        """``l’aumento maggiore è a Pandino (+21) e il calo maggiore a Soncino (−4)``, or one of them; a single one is the only one."""
        parts = []
        for name in ("aumento", "calo"):
            try:
                where = getattr(self.sub_ambiti, name)
            except Absent:
                continue
            moved = sum(gap > 0 if name == "aumento" else gap < 0 for gap in self._passi_sub_ambiti)
            which = f"{'l’' if name == 'aumento' else 'il '}{name} maggiore" if moved > 1 else f"il solo {name}"
            parts.append(f"{which} {'' if parts else 'è '}a {where}")
        return _said(parts, self.in_carico)

    @property
    def _passi_sub_ambiti(self) -> list[Decimal]:
        """How far each sub-ambito moved since the last year known."""
        steps = []
        for figure in self.sub_ambiti.note:
            before = trends.last_before(figure.series, figure.year)
            steps += [] if before is None else [figure.valore - figure.series[before]]
        return steps

    @property
    def scarti_sub_ambiti(self) -> Said:
        """Where the sub-ambiti do not make the cases at the end of the year; absent where they do."""
        if self.territori is None:
            raise Absent("tutela-minori: sub-ambiti", self.libro.year)
        rows = self.territori[self.territori["sub_ambito"] != "totale"]
        return _uneven(rows.groupby("anno")["valore"].sum().to_dict(), self.in_carico)

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

    # -- foster care

    @property
    def tipi_prevalenti(self) -> Said:
        """``etero-famigliari (22), seguiti da quelli a parenti (21)``: the two commonest kinds."""
        kinds = {figure.name.removeprefix("Affidi "): figure.valore for figure in self.tipi_affido.note}
        if len(kinds) < 2:
            raise Absent("tm-affidi", self.libro.year)
        order = sorted(kinds, key=lambda name: -kinds[name])
        first = [name for name in order if kinds[name] == kinds[order[0]]]
        if len(first) > 1:
            return Said(f"{phrases.listing(first)} ({numbers.number(kinds[first[0]])} per ciascun tipo)")
        most, next_ = (f"{name} ({numbers.number(kinds[name])})" for name in order[:2])
        return Said(f"{most}, seguiti da quelli {next_}")

    @cached_property
    def quota_affidi(self) -> Figure:
        """The share of the minors followed who are in foster care."""
        return self.affidi.in_carico.quota(self.seguiti, perche=FOSTER)

    @property
    def per_equipe(self) -> pd.DataFrame | None:
        """The minors followed in the year: in foster care and, by difference, the others."""
        return _with_rest(
            [self.affidi.in_carico], self.seguiti, "tm-flussi/altri", "minori", "Resto del servizio", ["Équipe Affidi"]
        )

    @property
    def variazione_affidi(self) -> Said:
        """The change of the foster care on the year before; absent where openings and closings explain it."""
        now, before = self.affidi.in_carico, self.affidi.in_carico.prima
        step = now.valore - before.valore
        if step == self.affidi.nuovi.valore - self.affidi.chiusi.valore:
            raise Absent("tm-affidi", self.libro.year, "i movimenti tornano")
        return Said(numbers.signed(step))

    @property
    def saldo_affidi(self) -> Said:
        """Openings minus closings."""
        return Said(numbers.signed(self.affidi.nuovi.valore - self.affidi.chiusi.valore))

    @property
    def scarti_affidi(self) -> Said:
        """Where the kinds do not make the foster care in all; absent where they do."""
        return self._uneven(self.tipi_affido, self.affidi.in_carico)

    def _uneven(self, parts: Figures, whole: Figure) -> Said:
        return _uneven(_sums(parts, self.libro.year), whole)

    # -- workloads

    @cached_property
    def carichi(self) -> pd.DataFrame | None:
        """The weighing of the year: one row an operator and a measure; ``nome`` is role and number, ``profilo`` the role."""
        frame = self.libro.table("carichi_lavoro", anno=self.libro.year)
        if frame.empty:
            return None
        names = [f"{ROLES[row.ruolo]} {row.operatore.rpartition('-')[2]}" for row in frame.itertuples()]
        return frame.assign(nome=names, profilo=frame["ruolo"].map(ROLES))

    def carico(self, measure: str) -> pd.DataFrame | None:
        """The rows of one measure of the weighing, one of :data:`LOADS`; None where it has none."""
        rows = None if self.carichi is None else self.carichi[self.carichi["misura"] == measure]
        return None if rows is None or rows.empty else rows

    @property
    def titoli_carichi(self) -> dict[str, str]:
        """The measures that the weighing has, with their headings."""
        found = set() if self.carichi is None else set(self.carichi["misura"])
        return {code: title for code, title in LOADS.items() if code in found}

    @cached_property
    def casi_operatore(self) -> Figures:
        """The cases of each operator."""
        return self.libro.cifre("carichi_lavoro/casi")

    @cached_property
    def carico_ore(self) -> Figures:
        """The load of each operator in proportion to the hours."""
        return self.libro.cifre("carichi_lavoro/carico-ore")

    @property
    def operatori(self) -> Said:
        """``7 assistenti sociali, 3 educatori e 4 psicologi``: the operators weighed, by role."""
        counted = self._loads().groupby("ruolo", sort=False)["operatore"].nunique()
        return Said(phrases.listing([phrases.count(number, ROLE_NOUNS[role]) for role, number in counted.items()]))

    @property
    def medie(self) -> Said:
        """``102 casi per assistente sociale, 58 per educatore…``: mean cases of each role."""
        cases = self._loads()
        cases = cases[cases["misura"] == "casi"]
        parts = []
        for role, rows in cases.groupby("ruolo", sort=False):
            mean = numbers.number(sum(rows["valore"]) / len(rows), 0)
            parts.append(f"{mean} {'casi ' if not parts else ''}per {ROLE_NOUNS[role].singular}")
        return Said(phrases.listing(parts))

    def _loads(self) -> pd.DataFrame:
        if self.carichi is None:
            raise Absent("carichi_lavoro", self.libro.year)
        return self.carichi

    @property
    def pesati(self) -> int:
        """How many operators the table lists."""
        return len(self.casi_operatore.note)

    @property
    def oltre_cento(self) -> int:
        """How many have a load above a hundred; absent where the load is not given so."""
        rows = self.carico("carico-100")
        if rows is None:
            raise Absent("carichi_lavoro/carico-100", self.libro.year)
        return int((rows["valore"] > 100).sum())

    @property
    def dichiarati(self) -> Figure:
        """The operators that the text speaks of; absent where they are those of the table."""
        told = self.dal_testo.operatori_pesatura
        if told.valore == self.pesati:
            raise Absent(told.code, told.year, "come nella tabella")
        return told

    # -- the day centre

    @cached_property
    def diurno(self) -> pd.DataFrame | None:
        """Minors of the day centre by sub-ambito, in the year."""
        frame = by_area(self.libro, "centro-diurno-minori", list(DAY_CENTRE), years=1)
        return None if frame.empty else frame

    @cached_property
    def quota_posti(self) -> Figure:
        """The share of the places that those present at the end of the year take."""
        return self.presenti.quota(self.centro.posti_massimi)

    @cached_property
    def retta_media(self) -> Figure:
        """The cost for each minor that the table of fees counts in a day centre."""
        return self.rette.ogni(self.in_retta)

    @property
    def presenti_come_accolti(self) -> Figure:
        """Those present at the end of the year, where the table counts more of them than it counts as admitted."""
        if not self.inseriti.valore < self.presenti.valore:
            raise Absent(self.presenti.code, self.presenti.year, "lo stesso perimetro")
        return self.presenti


#: Reasons for shares whose parts are not counted alike, printed below them.
INQUIRIES = "Le indagini sono quelle trattate nell’anno, contate come i minori che vi corrispondono."
FOSTER = "Gli affidi sono quelli in carico al 31 dicembre, i minori quelli seguiti nell’intero anno."


def by_area(edition: Vintage, service: str, measures: list[str], years: int = 3) -> pd.DataFrame:
    """A service by sub-ambito, in the official order, the total last."""
    frame = sub_ambiti.of(edition, service, measures, years)
    return frame.sort_values(["ordine", "anno"], kind="stable")


def _said(parts: list[str], figure: Figure, joint: str = "") -> Said:
    """Facts as a list; absent where there is none."""
    if not parts:
        raise Absent(figure.code, figure.year, "niente da segnalare")
    return Said(joint.join(parts) if joint else phrases.listing(parts))


def _sums(parts: Figures, year: int) -> dict[int, object]:
    """The sum of the parts in each of three years that has any; absent where this year has none."""
    if not parts.note:
        raise Absent(parts.code, year)
    sums: dict[int, object] = {}
    for code in parts:
        if code == "totale":
            continue
        for each, value in parts[code].series.items():
            if each > year - 3:
                sums[each] = sums.get(each, 0) + value
    return dict(sorted(sums.items()))


def _uneven(sums: dict[int, object], whole: Figure) -> Said:
    """``670 nel 2020 (anziché 676)``: the years where a sum is not the figure it should be; absent without."""
    return _said(
        [
            f"{numbers.number(total)} nel {year} (anziché {numbers.number(whole.series[year])})"
            for year, total in sums.items()
            if year in whole.series and total != whole.series[year]
        ],
        whole,
    )


def _with_rest(
    named: list[Figure],
    whole: Figure,
    code: str,
    unit: str,
    rest: str = "Altri (per differenza)",
    names: list[str] | None = None,
) -> pd.DataFrame | None:
    """Parts of a whole in the year and, as one more row, what is left of it; None where any is not known."""
    if not whole.nota or not all(figure.nota for figure in named):
        return None
    names = names or [figure.name for figure in named]
    rows = [{"indicatore": figure.code, "nome": name, "valore": figure.valore} for figure, name in zip(named, names)]
    rows.append({"indicatore": code, "nome": rest, "valore": whole.valore - sum(row["valore"] for row in rows)})
    editions = {row.edition for figure in named for row in figure.rows if row.year == figure.year}
    return pd.DataFrame(rows).assign(anno=whole.year, unita=unit, da=editions.pop() if len(editions) == 1 else "")
