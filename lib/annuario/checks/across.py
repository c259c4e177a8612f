"""The same quantity printed twice: in table and text, in two editions, in plan and report."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from annuario.checks.rows import PRINTED, Identity, Number, row, table

#: Indicators whose prose gives the year of survey and the table the year of the report.
OTHER_YEAR = ("gestione/spesa-sociale",)


def table_and_text(indicators: pd.DataFrame) -> pd.DataFrame:
    """Each number that an edition prints both in a table and in the text."""
    keys = ["edizione", "anno", "indicatore"]
    frame = indicators[~indicators["indicatore"].isin(OTHER_YEAR)]
    both = frame[frame["sede"] == "tabella"].merge(frame[frame["sede"] == "testo"], on=keys, suffixes=("", "_testo"))
    return table(
        row(f"testo/{name}", "Numero nel testo = numero in tabella", edition, year, Number(value, source), Number(text, text_source))
        for edition, year, name, value, source, text, text_source in both[
            [*keys, "valore", "fonte", "valore_testo", "fonte_testo"]
        ].itertuples(index=False)
    )


def two_editions(indicators: pd.DataFrame, editions: pd.DataFrame) -> pd.DataFrame:
    """Each indicator of a year that two editions print in their tables: the later against the earlier."""
    order = editions.set_index("edizione")["anno"]
    frame = indicators[indicators["sede"] == "tabella"]
    both = frame.merge(frame, on=["anno", "indicatore"], suffixes=("", "_dopo"))
    both = both[both["edizione"].map(order) < both["edizione_dopo"].map(order)]
    return table(
        row(f"edizioni/{name}", "Numero uguale in due edizioni", later, year, Number(value, source), Number(after, after_source))
        for later, year, name, value, source, after, after_source in both[
            ["edizione_dopo", "anno", "indicatore", "valore", "fonte", "valore_dopo", "fonte_dopo"]
        ].itertuples(index=False)
    )


def survey_year(indicators: pd.DataFrame) -> pd.DataFrame:
    """The year of a column against the year that the text gives for the same number."""
    frame = indicators[indicators["indicatore"].isin(OTHER_YEAR)]
    keys = ["edizione", "indicatore", "valore"]
    both = frame[frame["sede"] == "tabella"].merge(frame[frame["sede"] == "testo"], on=keys, suffixes=("", "_testo"))
    return table(
        row(f"anno/{name}", "Anno della colonna = anno di rilevazione nel testo", edition, year, Number(Decimal(surveyed), surveyed_source), Number(Decimal(year), source))
        for edition, name, year, source, surveyed, surveyed_source in both[
            ["edizione", "indicatore", "anno", "fonte", "anno_testo", "fonte_testo"]
        ].itertuples(index=False)
    )


def label_years(revenue: pd.DataFrame) -> pd.DataFrame:
    """The year in the label of a revenue or of its total against the year of the table."""
    named = revenue[~revenue["canale"].str.startswith("avanzo") & (revenue["canale"] != "totale-avanzo")]
    years = named["etichetta"].str.findall(r"\b20\d\d\b")
    return table(
        row(f"etichette/anno/{channel}", "Anno nell’etichetta = anno della tabella", edition, year, Number(Decimal(year), source), Number(Decimal(found[0]), source))
        for edition, year, channel, source, found in zip(named["edizione"], named["anno"], named["canale"], named["fonte"], years)
        if len(found) == 1
    )


def label_numerals(funds: pd.DataFrame, revenue: pd.DataFrame, pairs: dict[str, str]) -> pd.DataFrame:
    """The edition of a project (a Roman numeral) in the labels of funds and of revenues.

    ``pairs`` maps ``gruppo/fondo`` to the channel.
    """
    numeral = r"\b([IVX]+)\b"
    ours = funds.assign(canale=(funds["gruppo"] + "/" + funds["fondo"]).map(pairs), romano=funds["etichetta"].str.extract(numeral, expand=False))
    theirs = revenue.assign(romano=revenue["etichetta"].str.extract(numeral, expand=False))
    both = ours.dropna(subset=["canale", "romano"]).merge(theirs.dropna(subset=["romano"]), on=["edizione", "anno", "canale"], suffixes=("", "_ricavi"))
    return table(
        row(f"etichette/numero/{channel}", "Numero dell’edizione del progetto nell’etichetta dei fondi = in quella dei ricavi", edition, year, _roman(first, source), _roman(second, other))
        for edition, year, channel, first, source, second, other in both[
            ["edizione", "anno", "canale", "romano", "fonte", "romano_ricavi", "fonte_ricavi"]
        ].itertuples(index=False)
    )


def _roman(text: str, source: str) -> Number:
    units = [{"I": 1, "V": 5, "X": 10}[letter] for letter in text]
    value = sum(-a if a < b else a for a, b in zip(units, [*units[1:], 0]))
    return Number(Decimal(value), source)


def same_column(frame: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Tables of at least four rows whose column of one year repeats the year before in every row.

    ``groups`` names the printed table of each row. Found is how many rows repeat, expected
    how many may: all but one.
    """
    frame = frame.assign(gruppo=groups)[["edizione", "anno", "gruppo", "indicatore", "valore", "fonte"]]
    before = frame.assign(anno=frame["anno"] + 1)
    both = frame.merge(before, on=["edizione", "anno", "gruppo", "indicatore"], suffixes=("", "_prima"))
    both = both[(both["valore"] != 0) | (both["valore_prima"] != 0)]
    rows = []
    for (edition, year, group), pairs in both.groupby(["edizione", "anno", "gruppo"], sort=False):
        if len(pairs) > 3:
            same = int((pairs["valore"] == pairs["valore_prima"]).sum())
            rows.append((edition, year, group, len(pairs), same, ";".join(pairs["fonte"])))
    return table(
        row(
            f"colonne/{group}", "Righe che ripetono il valore dell’anno prima: meno di tutte",
            edition, year, Number(Decimal(count - 1), ""), Number(Decimal(same), source), relation="<=",
        )  # fmt: skip
        for edition, year, group, count, same, source in rows
    )


FORECAST = {
    "fnps": "fnps", "fsol": "fsol", "fsr": "fsr", "comuni": "comuni", "fondo-poverta": "fondo-poverta", "fami": "fami-lab-impact",
    "proximity": "proximity", "banca-acqua": "banca-acqua", "doniamo-energia": "doniamo-energia", "fna": "fna",
    "ats-misura-6": "ats-misura-6", "ats": "fondi-ats", "avanzo-vincolato": "avanzo-vincolato", "avanzo-non-vincolato": "avanzo-non-vincolato",
}  # fmt: skip

PLAN_TO_REPORT = """tm-coordinamento tm-assistenti-sociali tm-psicologi tm-psicologi-incarichi tm-supervisione-formazione
    tm-consulente-legale affidi-coordinamento affidi-assistente-sociale affidi-educatore sil-coordinamento sil-educatore
    sil-psicologo sil-supporto-amministrativo ssd-coordinamento ssd-assistenti-sociali sst-servizio-sociale-comunale
    qsfp-assistenti-sociali qsfp-fondo-salvaguardia pon-inclusione cpe-esercizio-accreditamento cpe-vigilanza cdd-servizio
    rete-disabilita-accesso affitto-sede irap utenze-sede revisore spese-generali dote-comune informatizzazione-sede
    adeguamento-spazi""".split()

PLAN_TO_PLAN = """tm-coordinamento tm-assistenti-sociali affidi-coordinamento affidi-educatore sil-coordinamento
    sil-supporto-amministrativo sst-servizio-sociale-comunale qsfp-assistenti-sociali rete-disabilita-accesso fsr-cah
    cdd-servizio irap spese-generali qsfp-interventi-inclusione""".split()

CARDS = ("tm", "sil", "ssd", "sst", "cpe", "gestione-associata", "progettazione", "misure", "udp")

IDENTITIES = [
    *(Identity(f"previsione-consuntivo/{channel}", "Entrata prevista dal piano = ricavo della relazione",
               f"piano-2021!entrate:{plan}", f"entrate:{channel}", edition="relazione-2021") for plan, channel in FORECAST.items()),
    *(Identity(f"previsione-fondi/{fund}", "Entrata prevista dal piano = importo dell’anno nella tabella dei fondi",
               f"piano-2020!entrate:{fund}", f"fondi:fondi-istituzionali/{fund}", edition="relazione-2021") for fund in ("fsol", "fnps", "fsr", "comuni", "fna")),
    *(Identity(f"budget-preventivo/scheda/{card}", "Budget del piano = preventivo della relazione, totale della scheda",
               f"piano-2021!scheda:{card}/preventivo", f"scheda:{card}/preventivo", edition="relazione-2021") for card in CARDS),
    Identity("budget-preventivo/totale", "Budget del piano = preventivo della relazione, totale", "piano-2021!area:totale/preventivo", "area:totale/preventivo", edition="relazione-2021"),
    *(Identity(f"budget-preventivo/{item}", "Budget del piano = preventivo della relazione", f"piano-2021!voce:{item}/preventivo", f"voce:{item}/preventivo", edition="relazione-2021")
      for item in PLAN_TO_REPORT),
    *(Identity(f"budget-piani/{item}", "Budget 2020 uguale nei due piani", f"piano-2020!voce:{item}/preventivo", f"voce:{item}/preventivo", edition="piano-2021")
      for item in PLAN_TO_PLAN),
    *(Identity(f"confronto-piani/po2020-{goal:02d}", "Preventivo 2020 per obiettivo uguale nei due piani",
               f"piano-2020!area:po2020-{goal:02d}/preventivo", f"area:po2020-{goal:02d}/preventivo", edition="piano-2021", year=2020) for goal in range(1, 16)),
    Identity("confronto-piani/totale", "Preventivo totale uguale nei due piani", "piano-2020!area:totale/preventivo", "area:totale/preventivo", edition="piano-2021"),
    Identity("produzione/2007", "Valore della produzione uguale nei due piani", "piano-2020!azienda/volume-produzione", "azienda/volume-produzione", edition="piano-2021"),
    Identity("produzione/preconsuntivo", "Valore della produzione 2019 = pre-consuntivo 2019 del piano prima", "piano-2020!area:totale/preconsuntivo", "azienda/volume-produzione", edition="piano-2021"),
    Identity("comuni/piani", "Comuni soci uguali nei due piani", "piano-2020!azienda/comuni-soci", "azienda/comuni-soci", edition="piano-2021"),
    Identity("comuni/relazione", "Comuni dell’Ambito = Comuni soci nel piano", "piano-2021!azienda/comuni-soci@2006", "sub:saap/comuni/totale", edition="relazione-2021"),
    Identity("personale/movimento", "Personale: al 30 novembre dell’anno prima + assunzioni − dimissioni = al 31 dicembre",
             "piano-2021!personale:totale/persone@-1 + sst-personale/assunzioni - sst-personale/dimissioni", "personale:totale/persone", edition="relazione-2021"),
    Identity("personale/as-tempo-determinato-2019", "Assistenti sociali a tempo determinato: piano = tabella SST",
             "100 * piano-2020!personale:assistenti-sociali/tempo-determinato / piano-2020!personale:assistenti-sociali/persone",
             "sst-indicatori/as-tempo-determinato", PRINTED, edition="relazione-2021"),
    Identity("personale/as-tempo-determinato-2020", "Assistenti sociali a tempo determinato: piano = tabella SST",
             "100 * piano-2021!personale:assistenti-sociali/tempo-determinato / piano-2021!personale:assistenti-sociali/persone",
             "sst-indicatori/as-tempo-determinato", PRINTED, edition="relazione-2021"),
    Identity("territorio/popolazione", "Spesa sociale pro capite = spesa sociale / popolazione al 31 dicembre nel piano",
             "gestione/spesa-sociale / piano-2021!territorio/popolazione", "gestione/spesa-sociale-pro-capite", PRINTED, edition="relazione-2021"),
    Identity("produzione/volume-erogazione", "Volume di erogazione pro capite = valore della produzione / abitanti impliciti",
             "piano-2021!azienda/volume-produzione * gestione/spesa-sociale-pro-capite / gestione/spesa-sociale",
             "gestione/erogazione-pro-capite", PRINTED, edition="relazione-2021"),
    Identity("produzione/volume-preconsuntivo", "Volume di erogazione pro capite = pre-consuntivo del piano / abitanti impliciti",
             "piano-2021!area:totale/preconsuntivo * gestione/spesa-sociale-pro-capite / gestione/spesa-sociale",
             "gestione/erogazione-pro-capite", PRINTED, edition="relazione-2021"),
    *(Identity(f"obiettivi-piano/{scope}", "Obiettivi previsti dal piano = obiettivi con esito nella relazione",
               f"piano-2021!conta:obiettivi/{scope}", f"riepilogo:{scope}/numero", edition="relazione-2021")
      for scope in ("strategici", "servizi-aziendali", "gestione-associata")),
    Identity("obiettivi-piano/ufficio-di-piano", "Obiettivi previsti dal piano = obiettivi con esito nella relazione",
             "piano-2021!conta:obiettivi/ufficio-di-piano", "riepilogo:ufficio-di-piano/numero?", edition="relazione-2021"),
    Identity("fsol/capitale", "FSOL = cinque volte il capitale sociale", "5 * gestione-testo/capitale-sociale", "entrate:fsol"),
    Identity("capitale/uguale", "Capitale sociale uguale nelle due relazioni", "relazione-2021!gestione-testo/capitale-sociale@2021", "gestione-testo/capitale-sociale", edition="relazione-2025"),
    Identity("fsol/uguale", "FSOL uguale nelle due relazioni", "relazione-2021!entrate:fsol@2021", "entrate:fsol", edition="relazione-2025"),
    Identity("sst/ore-2021", "Servizio sociale nei Comuni: ore 2023 diverse dalle ore 2021 della relazione 2021",
             "relazione-2021!sst-indicatori/ore@-2", "sst-indicatori/ore", relation="!=", edition="relazione-2025"),
    Identity("sst/comuni-2021", "Servizio sociale nei Comuni: Comuni 2023 = Comuni 2021 della relazione 2021",
             "relazione-2021!sst-indicatori/comuni@-2", "sst-indicatori/comuni", edition="relazione-2025"),
    Identity("avanzo/residuo-protezione-famiglia", "Protezione famiglia: residuo uguale negli avanzi 2021 e 2025", "relazione-2021!avanzo:protezione-famiglia/*@2021", "avanzo:protezione-famiglia/*", edition="relazione-2025"),
    Identity("avanzo/residuo-madeo", "Fondazione Madeo: residuo uguale negli avanzi 2021 e 2025", "relazione-2021!avanzo:madeo-patti/*@2021", "avanzo:progetto-integrazione/*", edition="relazione-2025"),
    *(Identity(f"progetti-edizioni/{project}/{amount}", "Importo del progetto uguale nelle due relazioni",
               f"relazione-2021!progetti:{project}/{amount}@2021", f"progetti:{other}/{amount}", edition="relazione-2025")
      for project, other, amount in (("smart-bear", "smart-bear", "importo_totale"), ("smart-bear", "smart-bear", "importo_finanziato"),
                                     ("smart-bear", "smart-bear", "assegnato_csc"), ("proximity", "proximity", "importo_totale"),
                                     ("azioni-di-rete-2022", "azioni-di-rete-2022", "assegnato_csc"))),
]
