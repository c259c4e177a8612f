"""What should hold in the accounts: result, revenues, surplus, funds, budget cards, areas, plans."""

from __future__ import annotations

from annuario.checks.rows import PRINTED, Identity

RESULT = [
    Identity("risultato/avanzo", "Sintesi del consuntivo: entrate − uscite = avanzo",
             "risultato/entrate - risultato/uscite", "risultato/avanzo"),
    Identity("risultato/entrate-budget", "Sintesi del consuntivo: entrate = totale budget dei ricavi", "entrate:totale-budget", "risultato/entrate"),
    Identity("risultato/uscite-ricavi", "Sintesi del consuntivo: uscite = uscite della tabella dei ricavi", "entrate:uscite", "risultato/uscite"),
    Identity("risultato/uscite-aree", "Sintesi del consuntivo: uscite = consuntivo delle aree", "area:totale/consuntivo", "risultato/uscite"),
    Identity("risultato/avanzo-ricavi", "Sintesi del consuntivo: avanzo = avanzo gestionale dei ricavi", "entrate:avanzo-gestionale", "risultato/avanzo"),
    Identity("ricavi/totale-avanzo", "Ricavi: avanzo vincolato + non vincolato = totale avanzo",
             "entrate:avanzo-vincolato + entrate:avanzo-non-vincolato + entrate:avanzo-care-leavers? + entrate:avanzo-fondo-poverta?"
             " + entrate:avanzo-smart-bear?", "entrate:totale-avanzo"),
    Identity("ricavi/totale-budget", "Ricavi: totale avanzo + totale entrate = totale budget",
             "entrate:totale-avanzo + entrate:totale-entrate", "entrate:totale-budget"),
    Identity("ricavi/totale-budget-voci", "Ricavi: totale avanzo + somma delle voci = totale budget", "entrate:totale-avanzo + entrate:*", "entrate:totale-budget"),
    Identity("ricavi/avanzo", "Ricavi: totale budget − uscite = avanzo gestionale", "entrate:totale-budget - entrate:uscite", "entrate:avanzo-gestionale"),
    Identity("ricavi/totale-po", "Entrate: totale budget − quote vincolate = totale del Piano Operativo",
             "entrate:totale-budget - entrate:smart-bear-quota-vincolata - entrate:fami-quota-vincolata", "entrate:totale-po"),
    Identity("ricavi/budget-uscite", "Entrate: totale budget = totale del preventivo per obiettivo", "area:totale/preventivo", "entrate:totale-budget", edition="piano-2020"),
    Identity("avanzo/totale", "Dettaglio dell’avanzo: somma dei totali = avanzo dell’esercizio",
             "avanzo:totale/*", "risultato/avanzo"),
    Identity("avanzo/vincolato-finalizzato", "Dettaglio dell’avanzo: vincolato + finalizzato = importo nel testo",
             "avanzo:totale/vincolato + avanzo:totale/finalizzato + avanzo:totale/pre-finalizzato-1? + avanzo:totale/pre-finalizzato-2?",
             "gestione-testo/avanzo-vincolato-finalizzato"),
    Identity("avanzo/libero", "Dettaglio dell’avanzo: libero = importo nel testo", "avanzo:totale/libero", "gestione-testo/avanzo-applicabile"),
    Identity("tfr/copertura", "TFR: accantonato / debito maturato",
             "100 * gestione-testo/tfr-accantonato / gestione-testo/tfr-debito", "gestione-testo/tfr-copertura", PRINTED),
]

SPENDING = [
    Identity("gestione/quota-gestita", "Spesa gestita: volume pro capite / spesa sociale pro capite",
             "100 * gestione/erogazione-pro-capite / gestione/spesa-sociale-pro-capite", "gestione/quota-gestita", PRINTED),
    Identity("gestione/quota-gestita-uscite", "Spesa gestita: uscite / spesa sociale",
             "100 * risultato/uscite / gestione/spesa-sociale", "gestione/quota-gestita", PRINTED),
    Identity("gestione/erogazione-pro-capite", "Volume di erogazione pro capite = uscite / abitanti (spesa sociale / pro capite)",
             "risultato/uscite * gestione/spesa-sociale-pro-capite / gestione/spesa-sociale", "gestione/erogazione-pro-capite", PRINTED,
             roundings=("gestione/spesa-sociale-pro-capite",)),
    Identity("gestione/incidenza-servizi", "Incidenza dei servizi = servizi per euro × (capitale + FSOL) / uscite",
             "100 * gestione/servizi-per-euro * ( gestione-testo/capitale-sociale + entrate:fsol ) / risultato/uscite",
             "gestione/incidenza-servizi", PRINTED),
    *(Identity("gestione/incidenza-servizi-implicita", "Incidenza dei servizi = servizi per euro × (capitale + FSOL) / volume di erogazione",
               f"100 * gestione/servizi-per-euro * ( gestione-testo/capitale-sociale@{year} + entrate:fsol@{year} ) "
               "/ ( gestione/erogazione-pro-capite * gestione/spesa-sociale / gestione/spesa-sociale-pro-capite )",
               "gestione/incidenza-servizi", PRINTED, edition=f"relazione-{year}",
               roundings=("gestione/servizi-per-euro", "gestione/erogazione-pro-capite", "gestione/spesa-sociale-pro-capite")) for year in (2021, 2025)),
    Identity("gestione/spesa-sociale-colonna", "Spesa sociale: valore nel testo (anno di rilevazione) = colonna dell’anno dopo in tabella",
             "testo:gestione/spesa-sociale@-1", "gestione/spesa-sociale"),
    Identity("gestione/costi-continuita/aumento", "Costi di gestione detti in continuità: aumento sull’anno prima entro mezzo punto",
             "0.5", "gestione-testo/costi-gestione - gestione-testo/costi-gestione@-1", relation="<="),
    Identity("gestione/costi-continuita/calo", "Costi di gestione detti in continuità: calo sull’anno prima entro mezzo punto",
             "0.5", "gestione-testo/costi-gestione@-1 - gestione-testo/costi-gestione", relation="<="),
]

FUNDS = {
    "fondi-istituzionali/fsr": "fsr", "fondi-istituzionali/fnps": "fnps", "fondi-istituzionali/fna": "fna",
    "fondi-istituzionali/fna-caregiver": "fna-caregiver", "fondi-istituzionali/fna-misura-b1": "fna-b1",
    "fondi-istituzionali/pua": "ats-pua", "fondi-istituzionali/fsol": "fsol", "fondi-istituzionali/comuni": "comuni",
    "fondi-istituzionali/fondo-l178": "legge-178", "fondi-istituzionali/fondo-poverta": "fondo-poverta",
    "fondi-istituzionali/sanitario-cdd-misura-6": "ats-misura-6 fondi-ats",
    "misure-ambito/reddito-autonomia": "reddito-autonomia", "misure-ambito/dopo-di-noi": "dopo-di-noi",
    "misure-ambito/protezione-famiglia": "protezione-famiglia", "misure-ambito/misura-unica-locazione": "emergenza-abitativa",
    "misure-ambito/sportello-badanti": "sportello-badanti",
    "progetti-ambito/fondo-poverta": "fondo-poverta", "progetti-ambito/fami": "fami-lab-impact", "progetti-ambito/provi": "provi",
    "progetti-ambito/outsiders": "outsiders", "progetti-ambito/care-leavers": "care-leavers-i care-leavers-iii",
    "progetti-ambito/proximity": "proximity", "progetti-ambito/doniamo-energia": "doniamo-energia",
    "progetti-ambito/azioni-di-rete": "azioni-di-rete", "progetti-ambito/autismo": "progetto-autismo",
    "progetti-ambito/centro-vita-indipendente": "centro-vita-indipendente", "progetti-ambito/integra": "integra",
    "progetti-ambito/attentamente": "attentamente", "progetti-ambito/progetti-vari": "rete-competente-rivediamoci",
}  # fmt: skip

REVENUE = [
    *(Identity(f"fondi-ricavi/{fund.partition('/')[2]}", "Fondi: importo della tabella dei fondi = tabella dei ricavi",
               f"fondi:{fund}", " + ".join(f"entrate:{channel}" for channel in channels.split()))
      for fund, channels in FUNDS.items()),
    Identity("fondi-ricavi/pippi", "Fondi: importo della tabella dei fondi = tabella dei ricavi",
             "fondi:progetti-ambito/pippi", "entrate:pippi? + entrate:fnps-pippi? + entrate:pippi-pnrr?", given=("entrate:totale-entrate",)),
    Identity("fondi-ricavi/gap", "Fondi: importo della tabella dei fondi = tabella dei ricavi",
             "fondi:progetti-ambito/gap", "entrate:gap?", given=("entrate:totale-entrate",)),
    Identity("fondi/quota-vincolata", "Fondi istituzionali vincolati: (totale − FNPS − FSOL) / totale",
             "100 * ( fondi:fondi-istituzionali/totale - fondi:fondi-istituzionali/fnps - fondi:fondi-istituzionali/fnps-covid?"
             " - fondi:fondi-istituzionali/fsol ) / fondi:fondi-istituzionali/totale", "testo:fondi-istituzionali/quota-vincolata", PRINTED),
    Identity("fondi/quota-vincolata-nominati", "Fondi istituzionali vincolati nominati nel testo (FNA, FSR, Comuni, ATS) / totale",
             "100 * ( fondi:fondi-istituzionali/fna + fondi:fondi-istituzionali/fna-misura-b1? + fondi:fondi-istituzionali/fna-caregiver?"
             " + fondi:fondi-istituzionali/fsr + fondi:fondi-istituzionali/comuni ) / fondi:fondi-istituzionali/totale",
             "testo:fondi-istituzionali/quota-vincolata", PRINTED, edition="relazione-2021"),
    Identity("fondi/quota-vincolata-nominati", "Fondi istituzionali vincolati nominati nel testo (FNA, FSR, Comuni, ATS) / totale",
             "100 * ( fondi:fondi-istituzionali/fna + fondi:fondi-istituzionali/fna-misura-b1 + fondi:fondi-istituzionali/fsr"
             " + fondi:fondi-istituzionali/comuni + fondi:fondi-istituzionali/sanitario-cdd-misura-6 ) / fondi:fondi-istituzionali/totale",
             "testo:fondi-istituzionali/quota-vincolata", PRINTED, edition="relazione-2025"),
    Identity("banca-acqua/consuntivo", "Banca dell’Acqua: ricavi = spesa consuntiva (costi + personale)",
             "voce:banca-acqua-costi/consuntivo + voce:banca-acqua-personale/consuntivo", "entrate:banca-acqua"),
    Identity("banca-acqua/progetto", "Banca dell’Acqua: ricavi = importo del progetto", "progetti:banca-acqua-2021/assegnato_csc", "entrate:banca-acqua"),
    Identity("banca-acqua/progetto", "Banca dell’Acqua: ricavi = importo del progetto", "progetti:banca-acqua-2024/assegnato_csc", "entrate:banca-acqua"),
    Identity("fondo-poverta/progetto-2019", "Fondo povertà: ricavi = importo della quota 2019", "progetti:quota-fondo-poverta-2019/importo_totale", "entrate:fondo-poverta"),
    Identity("fondo-poverta/progetti-2022-2023", "Fondo povertà: ricavi = quota 2022 + quota 2023",
             "progetti:quota-fondo-poverta-2022/importo_totale + progetti:quota-fondo-poverta-2023/importo_totale", "entrate:fondo-poverta"),
    Identity("dopo-di-noi/preventivo-2018", "Dopo di Noi: fondo d’ambito = preventivo «Fondo 2018»", "fondi:misure-ambito/dopo-di-noi", "voce:dopo-di-noi-2018/preventivo"),
    Identity("gap/quota-70", "GAP: ricavi = 70% dell’assegnato all’Ambito", "0.7 * progetti:gap-2021/assegnato_ambito", "entrate:gap", PRINTED),
    Identity("outsiders/quota-70", "Outsiders: ricavi = 70% dell’assegnato a CSC di Outsiders VII", "0.7 * progetti:outsiders-7/assegnato_csc", "entrate:outsiders", PRINTED),
    Identity("outsiders/cofinanziamento", "Outsiders VII: 25% dell’assegnato a CSC = cofinanziamento",
             "0.25 * progetti:outsiders-7/assegnato_csc", "progetti:outsiders-7/cofinanziamento_csc", PRINTED),
    Identity("pippi-fnps/terzo", "FNPS PIPPI: ricavi dell’anno = un terzo del progetto", "progetti:pippi-fnps/assegnato_csc / 3", "entrate:fnps-pippi", PRINTED),
    Identity("integra/progetto", "Integra: ricavi = assegnato a CSC", "progetti:integra/assegnato_csc", "entrate:integra"),
    Identity("considero-valore/progetto", "Considero Valore: preventivo = assegnato a CSC", "progetti:considero-valore/assegnato_csc", "voce:considero-valore/preventivo"),
    Identity("fsr/sostegni", "FSR: sostegni a comunità alloggio, servizi per minori e fuori distretto ≤ FSR assegnato",
             "fondi:fondi-istituzionali/fsr",
             "voce:fsr-cah/preventivo + voce:fsr-sostegno-servizi/preventivo + voce:fsr-prima-infanzia-covid/preventivo"
             " + voce:fsr-sfa-cse-non-a-contratto/preventivo + voce:fsr-sfa-cse-fuori-distretto/preventivo", relation="<=", edition="relazione-2021"),
]

#: Surplus set aside for a purpose and the budget lines it is the residue of.
RESIDUES = {
    "relazione-2021": {
        "dopo-di-noi": "dopo-di-noi-2016 dopo-di-noi-2017 dopo-di-noi-2018", "fna": "fna", "protezione-famiglia": "protezione-famiglia",
        "assistenti-familiari-bonus": "assistenti-familiari-bonus", "isd": "isd", "adeguamento-spazi": "adeguamento-spazi",
        "natura-giuridica-accompagnamento": "natura-giuridica-accompagnamento", "tavolo-disabilita": "tavolo-disabilita",
        "patti-comunita": "patti-comunita", "presidi-educativi": "presidi-educativi",
        "nuovo-centro-diurno": "nuovo-centro-diurno-sviluppo nuovo-centro-diurno-arredi", "avvio-al-lavoro-tm-sil": "avvio-al-lavoro-tm-sil",
        "fondo-salvaguardia-rdc": "qsfp-fondo-salvaguardia", "ssd-supervisione-formazione": "ssd-supervisione-formazione",
        "informatizzazione-sede": "informatizzazione-sede", "informatizzazione-archivi": "informatizzazione-archivi",
        "consulenze-rtd": "consulenze-rtd", "piattaforma-canoni": "piattaforma-canoni", "piattaforma-linee-guida": "piattaforma-linee-guida",
        "piattaforma-rsa": "piattaforma-rsa", "piattaforma-gecas": "piattaforma-gecas", "piattaforma-inps": "piattaforma-inps",
        "piattaforma-protocollo": "piattaforma-protocollo", "gap": "gap-azioni",
        "care-leavers-i": "care-leavers-spese-dirette care-leavers-tutor care-leavers-borse",
        "smart-bear": "smart-bear-personale smart-bear-spese-dirette smart-bear-costi-indiretti",
    },
    "relazione-2025": {
        "fna-b1": "fna-b1", "dopo-di-noi": "dopo-di-noi-2020 dopo-di-noi-2021 dopo-di-noi-2022 dopo-di-noi-2023",
        "protezione-famiglia": "protezione-famiglia", "fondo-poverta-mediazione-abitativa": "mediazione-abitativa-qsfp",
        "fnps-pippi": "pippi-azioni", "integra": "integra", "care-leavers-i-2-triennalita": "care-leavers-i-2-triennalita",
        "considero-valore": "considero-valore", "tavolo-domiciliarita": "tavolo-domiciliarita", "tavolo-disabilita": "tavolo-disabilita",
        "avvio-al-lavoro-tm-sil": "avvio-al-lavoro-tm-sil", "riorganizzazione-servizio-sociale": "riorganizzazione-servizio-sociale",
        "progetto-integrazione": "progetto-integrazione",
    },
}  # fmt: skip


def _residue(items: str) -> str:
    return " + ".join(f"voce:{item}/preventivo - voce:{item}/consuntivo" for item in items.split())


SURPLUS = [
    *(Identity(f"avanzo/{item}", "Avanzo: quota accantonata = preventivo − consuntivo della scheda", _residue(items), f"avanzo:{item}/*", edition=edition)
      for edition, residues in RESIDUES.items() for item, items in residues.items()),
    Identity("avanzo/care-leavers-iii", "Avanzo: quota accantonata = ricavi − consuntivo della scheda",
             "entrate:care-leavers-iii - voce:care-leavers-iii-borse/consuntivo", "avanzo:care-leavers-iii/*"),
    Identity("avanzo/fna", "Avanzo FNA (tre quote) = preventivo − consuntivo della scheda", _residue("fna"), "avanzo:fna/* + avanzo:fna-po/*"),
    Identity("avanzo/riorganizzazione-accompagnamento", "Avanzo: quota accantonata = preventivo − consuntivo della scheda",
             _residue("riorganizzazione-accompagnamento"), "avanzo:riorganizzazione-accompagnamento/vincolato"),
]

CARDS = {"tm": "Tutela Minori", "sil": "Inserimento Lavorativo", "ssd": "Sociale Distrettuale", "sst": "Sociale Territoriale", "cpe": "CPE"}

AREAS = [
    identity
    for phase in ("preventivo", "consuntivo")
    for identity in (
        Identity(f"aree/servizi-aziendali/{phase}", f"Area Servizi aziendali: somma delle cinque schede = riepilogo ({phase})",
                 " + ".join(f"scheda:{card}/{phase}" for card in CARDS), f"area:servizi-aziendali/{phase}"),
        *(Identity(f"aree/{area}/{phase}", f"Area {name}: totale della scheda = riepilogo ({phase})", f"scheda:{card}/{phase}", f"area:{area}/{phase}")
          for card, area, name in (("gestione-associata", "gestione-associata", "Gestione associata"), ("progettazione", "progettazione", "Progettazione"),
                                   ("misure", "misure", "Misure"), ("udp", "ufficio-di-piano", "Ufficio di Piano"))),
    )
]

GOALS = [f"po2020-{number:02d}" for number in range(1, 16)]

PLANS = [
    *(identity for goal in GOALS for identity in (
        Identity(f"confronto/variazione/{goal}", "Confronto: preventivo − pre-consuntivo = variazione",
                 f"area:{goal}/preventivo - area:{goal}/preconsuntivo@-1", f"area:{goal}/variazione"),
        Identity(f"confronto/scheda/{goal}", "Piano: totale della scheda = preventivo del confronto",
                 f"scheda:{goal}/preventivo", f"area:{goal}/preventivo"),
        Identity(f"confronto/preconsuntivo/{goal}", "Piano: totale «PO 2019» della scheda = pre-consuntivo 2019 del confronto",
                 f"scheda:{goal}/preventivo", f"area:{goal}/preconsuntivo", edition="piano-2020"))),
    Identity("canali/fnps", "FNPS: somma degli obiettivi = entrata prevista", "canale:fnps/*", "entrate:fnps", edition="piano-2020"),
    Identity("canali/fsol", "FSOL: somma degli obiettivi = entrata prevista", "canale:fsol/*", "entrate:fsol", edition="piano-2020"),
    Identity("canali/fsr", "FSR: somma degli obiettivi = entrata prevista", "canale:fsr/*", "entrate:fsr", edition="piano-2020"),
    Identity("canali/fna", "FNA: somma degli obiettivi = entrata prevista", "canale:fna/*", "entrate:fna", edition="piano-2020"),
    Identity("canali/comuni", "Comuni: somma degli obiettivi = entrate dei Comuni e del Comune di Crema", "canale:comuni/*", "entrate:comuni + entrate:comune-crema", edition="piano-2020"),
    Identity("canali/ats", "ATS: somma degli obiettivi (300.000,00 al posto di «#####») = entrate ATS", "canale:ats/* + 300000", "entrate:ats-misura-6 + entrate:fondi-ats", edition="piano-2020"),
    Identity("canali/avanzo-vincolato", "Avanzo vincolato: somma degli obiettivi = entrata prevista", "canale:avanzo-vincolato/*", "entrate:avanzo-vincolato", edition="piano-2020"),
    Identity("canali/avanzo-non-vincolato", "Avanzo non vincolato: somma degli obiettivi = entrata prevista", "canale:avanzo-non-vincolato/*", "entrate:avanzo-non-vincolato", edition="piano-2020"),
    Identity("canali/avanzo-care-leavers", "Avanzo Care Leavers: somma degli obiettivi = entrata prevista", "canale:avanzo-care-leavers/*", "entrate:avanzo-care-leavers", edition="piano-2020"),
    Identity("canali/avanzo-fondo-poverta", "Avanzo Fondo povertà: somma degli obiettivi = entrata prevista", "canale:avanzo-fondo-poverta/*", "entrate:avanzo-fondo-poverta", edition="piano-2020"),
    Identity("canali/avanzo-smart-bear", "Avanzo Smart Bear: somma degli obiettivi = entrata prevista", "canale:avanzo-smart-bear/*", "entrate:avanzo-smart-bear", edition="piano-2020"),
    Identity("canali/altri-fondi", "Altri fondi: somma degli obiettivi = FAMI, PROVI, Autismo, Banca dell’Acqua e premialità", "canale:altri-fondi/*",
             "entrate:fami + entrate:provi + entrate:progetto-autismo + entrate:banca-acqua + entrate:premialita-regione", edition="piano-2020"),
    Identity("canali/totale-obiettivo-5", "Obiettivo 5, riga di totale: somma dei canali (FSR e avanzo vincolato dalle righe) = PO 2020 stampato",
             "scheda:po2020-05/preventivo/avanzo-non-vincolato + scheda:po2020-05/preventivo/avanzo-smart-bear + scheda:po2020-05/preventivo/fnps"
             " + scheda:po2020-05/preventivo/fsol + scheda:po2020-05/preventivo/comuni + scheda:po2020-05/preventivo/ats"
             " + canale:fsr/po2020-05/* + canale:avanzo-vincolato/po2020-05/*", "scheda:po2020-05/preventivo", edition="piano-2020"),
    Identity("aree/budget-2020", "Piano 2021: somma delle schede BUDGET 2020 = totale budget PO 2020 del confronto",
             " + ".join(f"scheda:{card}/preventivo" for card in (*CARDS, "gestione-associata", "progettazione", "misure", "udp")), "area:totale/preventivo", edition="piano-2021"),
    *(Identity(f"obiettivi-schede/{card}", "Piano 2021: totale della scheda = obiettivi corrispondenti nel confronto",
               " + ".join(f"area:po2020-{goal}/preventivo" for goal in goals.split()), " + ".join(f"scheda:{part}/preventivo" for part in card.split("+")), edition="piano-2021")
      for card, goals in {"tm": "03", "sil": "04", "cpe": "07", "udp": "15", "progettazione": "08 11", "misure": "10 14",
                          "gestione-associata": "01 05 06", "ssd+sst": "02 09"}.items()),
    Identity("obiettivi-schede/emergenza-abitativa", "Piano 2021: misure di emergenza abitativa + bandi Covid = Obiettivo 14",
             "voce:emergenza-abitativa-misure/preventivo + voce:emergenza-abitativa-locazione/preventivo", "area:po2020-14/preventivo", edition="piano-2021"),
]

IDENTITIES = [*RESULT, *SPENDING, *REVENUE, *SURPLUS, *AREAS, *PLANS]
