"""The district's measures against poverty, for disability and for people who need care: figures by name."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import pandas as pd

from annuario.figures import Absent, Figure, Figures, Said
from annuario.notebook import Chapter
from annuario.tables import Table
from annuario.words import numbers, phrases
from cremasca import budgets, measures
from cremasca.groups import gathered, renamed, short, split
from cremasca.home_care import Fna
from cremasca.names import listed, named
from cremasca.spending import Costs, total


class Distretto:
    """The figures of the service and of its measures, as an edition sees them."""

    def __init__(self, libro: Chapter):
        self.libro = libro
        sets = listed(libro.package, "insiemi")
        self.costi = Costs(libro, "voci-distretto")
        self.fna = Fna(libro)
        self.organico = libro.cifre("ssd-organico").solo(*self._tabled("ssd-organico", years=1))
        self.pis, self.ses = self._short("pis"), libro.cifre("emergenza-sociale")
        self.unica, self.motivi = libro.cifre("misura-unica"), self._short("misura-unica-motivi")
        self.rdc, self.nuclei = self._short("rdc-puc"), self._short("rdc-nuclei")
        self.rdc_pubblicati = self.rdc.senza("progetti-sottoscritti", "puc-presentati")
        self.adi, self.qsfp = self._short("adi"), libro.cifre("qsfp-sostegni")
        self.profilo_adi = self.adi.solo(*sets.together("adi", self.adi))
        self.centro, self.autismo = self._short("centro-vita-indipendente"), self._short("autismo")
        self.registro = libro.cifre("registro-assistenti-familiari")
        self.bonus = libro.cifre("bonus-assistenti-familiari")
        self.assistenti = [self.registro[code] for code in sets.together("assistenti-familiari", self.registro)]
        self.assistenti += [self.bonus[code] for code in sets.together("bonus-assistenti-familiari", self.bonus)]
        self.isd, self.provi, self.ddn = self._short("isd"), self._short("provi"), self._short("dopo-di-noi")
        self.quote_ddn = self.ddn.solo(*sets.together("dopo-di-noi", self.ddn))
        self.rsa = self._short("rsa-accordo")
        self.rsa_pubblicati, self.richiedenti_rsa = (
            self.rsa.solo(*sets.together("rsa", self.rsa)),
            self.rsa.solo(*sets.together("rsa-richiedenti", self.rsa)),
        )
        self.autonomia = libro.cifra("reddito-autonomia/pratiche")
        self.legale, self.piattaforma = self._short("sportello-legale"), self._short("piattaforma")

    def _short(self, group: str) -> Figures:
        return short(self.libro.cifre(group))

    def _tabled(self, group: str, years: int = 3) -> list[str]:
        """The figures of a group that its printed table has in the last years."""
        frame = self.libro.indicators(group, years)
        return list(dict.fromkeys(frame.loc[frame["sede"] == "tabella", "voce"]))

    # -- the service and what it spends

    @property
    def assetto(self) -> Table | None:
        """The people of the service, under where they work."""
        frame = self.libro.indicators("ssd-organico", years=1).query("sede == 'tabella'")
        if frame.empty:
            return None
        places = listed(self.libro.package, "ssd-sedi")
        return measures.staff(frame, [places[places.fitting(code)].nome for code in frame["voce"]])

    @cached_property
    def misure(self) -> Figures:
        """What each measure costs, from the largest, with the printed total of the card."""
        frame = budgets.printed(self.libro, "misure")
        frame = frame[frame["fase"] == "consuntivo"]
        figures = {}
        for action, lines in frame.groupby("azione", sort=False):
            name = "Totale" if action == "totale" else _titled(action, lines["titolo"].iloc[0])
            found = replace(total(self.libro, "misure", lines), code=f"misure/{action}", name=name)
            if found.nota and found.valore:
                figures[action] = found
        order = sorted(figures, key=lambda action: -figures[action].valore)
        return gathered("misure", {action: figures[action] for action in order}, self.libro.year)

    @cached_property
    def quota_misura(self) -> Figure:
        """The share of the measure that costs most."""
        return self.misure.massima.quota(self.costi.misure)

    # -- poverty

    @cached_property
    def interventi(self) -> Figures | None:
        """The interventions of the emergency service: for minors alone, and the others."""
        return split(self.pis.interventi, [self.pis.interventi_msna], "Altri interventi")

    @cached_property
    def motore_pis(self) -> Figure:
        """The interventions that alone make most of the change; absent where none do."""
        return self._split_pis.motore

    @cached_property
    def altri_pis(self) -> Figure:
        """The others together."""
        return self._split_pis.altre.somma

    @property
    def _split_pis(self) -> Figures:
        if self.interventi is None:
            raise Absent(self.pis.interventi.code, self.libro.year, "non divisi")
        return self.interventi.senza("totale")

    @cached_property
    def quota_msna(self) -> Figure:
        """The share of the interventions for foreign minors alone."""
        return self.pis.interventi_msna.quota(self.pis.interventi)

    @cached_property
    def quota_finanziate(self) -> Figure:
        """The share of the requests for help with the rent that were financed."""
        return self.unica.istanze_finanziate.quota(self.unica.istanze_presentate)

    @property
    def persone_per_nucleo(self) -> Said:
        """How many people each household with the inclusion allowance has, with two decimals."""
        mean = self.adi.individui.ogni(self.adi.nuclei)
        return Said(numbers.number(mean.valore, 2)).of(mean)

    @cached_property
    def quota_crema(self) -> Figure:
        """The share of the households that live in Crema."""
        return self.adi.nuclei_crema.quota(self.adi.nuclei)

    @cached_property
    def quota_pandino(self) -> Figure:
        """The share of the households that live around Pandino."""
        return self.adi.nuclei_pandino.quota(self.adi.nuclei)

    @cached_property
    def nuclei_adi(self) -> Figures | None:
        """The households with the inclusion allowance by where they live."""
        known = [self.adi.nuclei_crema, self.adi.nuclei_pandino]
        named = [renamed(each, phrases.capital(each.name.removeprefix("Nuclei beneficiari nel "))) for each in known]
        return split(self.adi.nuclei, named, "Altri sub-ambiti")

    @cached_property
    def sostegni(self) -> Figures:
        """The kinds of support that the year's document prints in its table."""
        return self.qsfp.solo(*self._tabled("qsfp-sostegni"))

    @cached_property
    def sostegni_comuni(self) -> Figures:
        """The same without their total."""
        return self.sostegni.senza("totale")

    @cached_property
    def piano_poverta(self) -> Figures:
        """What the poverty plan cost, line by line."""
        card = budgets.printed(self.libro, "sst")
        plan = card[(card["fase"] == "consuntivo") & card["titolo"].astype(str).str.startswith("Piano Povertà")]
        figures = {}
        for line, row in plan.groupby("voce", sort=False):
            found = total(self.libro, "sst", row)
            if found.nota and found.valore:
                figures[line] = renamed(found, row["etichetta"].iloc[0])
        return gathered("sst", figures, self.libro.year)

    # -- disability

    @cached_property
    def pua(self) -> Figures:
        """The forms of the access point by the municipality that the person lives in, as the table calls it."""
        frame = self.libro.indicators("pua-residenza", years=1)
        names, group = dict(zip(frame["voce"], frame["etichetta"])), self.libro.cifre("pua-residenza")
        figures = {code: renamed(group[code], names.get(code, "")) for code in group}
        return gathered(group.code, figures, self.libro.year)

    @property
    def comuni_pua(self) -> Said:
        """``15 Comuni``: how many municipalities the forms come from."""
        return Said(phrases.count(len(self.pua.note), "Comuni"))

    @cached_property
    def quota_comune(self) -> Figure:
        """The share of the municipality with most forms."""
        return self.pua.massima.quota(self.pua.totale)

    @cached_property
    def progetti_autismo(self) -> Figures | None:
        """The projects for people with autism by age."""
        known = [self.autismo.progetti_minori, self.autismo.progetti_giovani_adulti]
        return split(self.autismo.progetti_sottoscritti, known, "Altri progetti")

    @cached_property
    def quota_minori(self) -> Figure:
        """The share of the projects that are for minors."""
        return self.autismo.progetti_minori.quota(self.autismo.progetti_sottoscritti)

    @cached_property
    def attivazioni_isd(self) -> Figures | None:
        """The interventions at home by the fund that pays them."""
        known = [self.isd.attivazioni_ambito, self.isd.attivazioni_pnrr]
        return split(self.isd.attivazioni, known, "Altre attivazioni")

    @property
    def seguite_nel_tempo(self) -> Figure | None:
        """The people followed with Dopo di Noi, where there is another of the last three years to compare them with."""
        figure = self.ddn.persone_seguite
        before = [year for year in figure.series if figure.year - 3 < year < figure.year]
        return figure if figure.nota and before else None

    @property
    def ddn_annualita(self) -> pd.DataFrame | None:
        """What Dopo di Noi cost, by the year of the fund that pays for it."""
        lines = self.costi.ddn.righe
        return None if lines is None else measures.by_fund(lines)

    @cached_property
    def ddn_presentate(self) -> Figure:
        """The requests for Dopo di Noi."""
        return self.libro.cifra("ddn-domande/totale/presentate")

    @cached_property
    def ddn_ammesse(self) -> Figure:
        """Those granted."""
        return self.libro.cifra("ddn-domande/totale/ammesse")

    @cached_property
    def quota_ddn(self) -> Figure:
        """The share of the requests for Dopo di Noi that were granted."""
        return self.ddn_ammesse.quota(self.ddn_presentate)

    @property
    def ddn_esiti(self) -> Table | None:
        """The requests for Dopo di Noi by kind and outcome."""
        frame = self.libro.indicators("ddn-domande", years=1)
        outcomes = named(self.libro.package, "ddn-esiti")
        return None if frame.empty else measures.by_measure(frame, outcomes, "Tipo di intervento")

    @property
    def ddn_tipi(self) -> pd.DataFrame | None:
        """The same, for a chart."""
        frame = measures.leading(self.libro.indicators("ddn-domande", years=1), self.libro.year)
        return None if frame.empty else frame

    # -- other activities

    @cached_property
    def pareri(self) -> Figures | None:
        """The opinions asked of the legal desk by who asks."""
        return split(self.legale.pareri, [self.legale.pareri_comuni], "Pareri richiesti da azienda e Ambito")

    @cached_property
    def quota_pareri(self) -> Figure:
        """The share of the opinions that the municipalities asked for."""
        return self.legale.pareri_comuni.quota(self.legale.pareri)


def _titled(action: str, title: object) -> str:
    """The title of an action; where none is known, its number."""
    return title if isinstance(title, str) else budgets.heading(action, title)
