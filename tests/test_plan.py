"""The second book: cards and who pays them, what does not add up, the plan against the report."""

import json
from decimal import Decimal

import pandas as pd
import pytest

from annuario import charts
from annuario.book import drawings
from annuario.charts import bands, deltas
from annuario.data import editions
from annuario.figures import Absent, Incomparable
from annuario.notebook import Chapter
from annuario.words import numbers
from cremasca import (
    coverage,
    goals,
    indicator_grids,
    plan,
    plan_cards,
    plan_figures,
    plan_years,
    promised_goals,
    promises,
)
from cremasca.card_sums import Schede, overview
from cremasca.channels import Canali
from cremasca.money_paths import Percorsi
from cremasca.outcome_goals import Mete, Seguito
from cremasca.outcomes import SPENDING, Esiti
from cremasca.plan_comparison import Confronto
from cremasca.three_years import Triennio

D = Decimal
EDITIONS = ("piano-2020", "piano-2021")


@pytest.fixture(scope="module", params=EDITIONS)
def edition(request, package):
    book, year = request.param.split("-")
    return package.edition(book, int(year))


@pytest.fixture(scope="module")
def first(package):
    return package.edition("piano", 2020)


@pytest.fixture(scope="module")
def second(package):
    return package.edition("piano", 2021)


@pytest.fixture(scope="module")
def libro(here, package):
    """What a chapter of an edition opens with, by the edition's name."""
    return lambda name: Chapter(here, package, editions.parse(name, here, package))


def test_every_card_of_the_plan_is_there_and_makes_its_total(edition):
    cards = plan_cards.present(plan_cards.cards(edition))
    assert len(cards) == {2020: 15, 2021: 9}[edition.year]
    assert abs(sum(card.planned for card in cards.values()) - plan.whole(edition)) <= D("0.01")


def test_every_printed_amount_stands_in_the_table_of_its_card(edition):
    for name, card in plan_cards.present(plan_cards.cards(edition)).items():
        text = card.table().text()
        printed = plan.own(edition, "bilancio", scheda=name)
        printed = printed[(printed["valore"] != 0) & printed["anno"].isin([edition.year - 1, edition.year])]
        missing = [value for value in printed["valore"] if numbers.euro(value) not in text]
        assert missing == [], name


def test_a_total_that_was_not_brought_up_to_date_is_corrected(first):
    card = plan_cards.cards(first)["po2020-05"]
    assert (card.planned, card.gap(2020)) == (D("6643674.94"), 0)
    assert card.unassigned == 300000  # the cell «#####»
    table = card.table()
    assert any("il documento stampa €\u00a06.323.674,94" in note for note in table.notes)
    assert "#####" in " ".join(table.notes) and len(table.marks[len(table.rows) - 1, 3]) == 3


def test_lines_on_a_lost_page_leave_the_printed_total(second):
    card = plan_cards.cards(second)["gestione-associata"]
    assert card.planned == card.printed(2021) and card.unassigned == D("5317814.12")


def test_a_line_paid_by_one_channel_names_it_alone(first):
    table = plan_cards.cards(first)["po2020-01"].table()
    sources = {row[0]: row[3] for row in table.rows}
    assert sources["Gestione e sviluppo software"] == "FNPS"
    assert sources["Canone e contratto di assistenza"] == "FNPS €\u00a011.105,00; avanzo non vincolato €\u00a01.370,00"


def test_a_card_without_amounts_has_little_to_say(libro):
    card = Schede(libro("piano-2020")).obiettivi[12]
    assert card.vuota == "né per il 2019 né per il 2020" and card.tabella() is not None and card.grafico() is None
    for name in ("budget", "fonti", "mosse", "azioni", "azzerata"):
        with pytest.raises(Absent):
            value = getattr(card, name)
            value.valore


def test_a_card_tells_what_changes_and_who_pays(libro):
    goals_ = Schede(libro("piano-2020")).obiettivi
    assert goals_[2].fonti == "per il 90\u00a0% dal FSOL, per l’8,4\u00a0% dal FSR e per l’1,6\u00a0% dal FNPS"
    assert goals_[14].fonti == "tutte dal FNPS" and goals_[14].quali == "della scheda"
    assert goals_[2].storia == ", in calo dell’1,6\u00a0% rispetto al 2019, quando era di €\u00a0424.569,18"
    assert goals_[11].azzerata.valore == 16500
    assert goals_[11].mosse == "cambia soltanto la voce «progetto LIA» (−€\u00a016.500,00, ora senza importo)"
    assert goals_[14].mosse.startswith("il solo aumento riguarda la voce «Nucleo Operativo")
    assert "la sola riduzione la voce" in goals_[1].mosse  # a single one is not the largest of several
    lost = Schede(libro("piano-2021")).aree[5]
    assert lost.mosse.startswith("l’aumento maggiore fra le voci che si leggono riguarda")
    assert lost.quali == "della parte leggibile" and lost.lette == "che si leggono"
    assert lost.fonti.endswith("; per €\u00a05.317.814,12 la fonte non si legge nel testo disponibile")


def test_cards_that_the_plan_has_not_are_absent(libro):
    cards = Schede(libro("piano-2021"))
    with pytest.raises(Absent):
        cards.obiettivi[0].budget.valore
    assert cards.obiettivi[0].tabella() is None and cards.obiettivi[0].griglia("tutte") is None


def test_the_cards_together(libro):
    cards = Schede(libro("piano-2021"))
    assert cards.somma.valore == D("12447918.49") and cards.quante.conta_in_lettere == "nove schede"
    assert cards.aumento == "«Servizio Sociale Territoriale» (+€\u00a0270.009,77)"
    assert "(€\u00a00,01 nel 2021)" in cards.centesimi and cards.scompagnate.valore == 2
    assert Schede(libro("piano-2020")).anticipate.conta_in_lettere == "cinque griglie"


def test_grids_have_every_indicator_and_an_empty_cell_a_year(first):
    grids = indicator_grids.grids(first)
    assert (len(grids), indicator_grids.indicators(grids)) == (24, 255)
    rows = sum(len([kind for kind in indicator_grids.grid(grids, *key).kinds if kind != "sezione"]) for key in grids)
    assert rows == 255
    row = next(row for row in indicator_grids.grid(grids, "po2020-01", "tutte").rows if row[0] == "Accesso")
    assert [cell.strip("\u00a0") for cell in row] == ["Accesso", "n° operatori profilati", "", "", "", ""]


def test_sources_of_the_cards_are_the_revenues_less_what_cannot_be_read(edition):
    cards = plan_cards.cards(edition)
    rest = sum(coverage.sources(edition, cards)["resto"])
    unread = sum(card.unassigned for card in cards.values())
    assert unread > 0 and abs(rest - unread) <= D("0.01")


def test_flows_carry_the_whole_budget(edition):
    flows = coverage.flows(edition, plan_cards.cards(edition))
    assert abs(sum(flows["valore"]) - plan.whole(edition)) <= D("0.01")
    assert (coverage.UNREAD in set(flows["centro"])) == (edition.year == 2021)


def test_comparison_keeps_the_printed_columns(first, second):
    frame = plan_years.comparison(first)
    assert len(frame) == 16 and frame["variazione"].notna().sum() == 15 and frame["causa"].map(bool).sum() == 8
    frame = plan_years.comparison(second)
    assert len(frame) == 16 and set(frame["al_posto"]) == {"", "RISORSE COMUNE DI CREMA"}
    assert "Variazione (calcolata)" in plan_years.comparison_table(frame, 2021).text()


def test_lines_match_by_code(second):
    lines = promises.lines(second, plan_cards.cards(second))
    counts = lines["dove"].value_counts().to_dict()
    assert counts == {promises.BOTH: 129, promises.REPORT_ONLY: 53, promises.PLAN_ONLY: 18}
    saap = lines[lines["voce"] == "saap"].iloc[0]
    assert saap["dove"] == promises.REPORT_ONLY and saap["piano"] is None
    assert set(promises.unseen(lines)["voce"]) >= {"saap", "rette-tm", "proximity-tirocini"}


@pytest.mark.parametrize(
    ("one", "other"),
    [("dell’azienda", "dell'azienda"), ("Équipe  TM", "equipe tm"), ("N° progetti", "n progetti")],
)
def test_the_key_of_a_goal_sees_only_letters_and_digits(one, other):
    assert promised_goals.key(one) == promised_goals.key(other)


def test_every_strategic_goal_has_its_outcome(second):
    aims = promised_goals.aims(second)
    strategic = goals.of(aims, "strategici")
    assert len(strategic) == 9 and (strategic["dove"] == promises.BOTH).all()
    assert strategic["esito"].value_counts().to_dict() == {"raggiunto": 4, "in-corso": 3, "non-raggiunto": 2}
    alone = aims[aims["dove"] != promises.BOTH]
    assert alone["dove"].value_counts().to_dict() == {promises.PLAN_ONLY: 4, promises.REPORT_ONLY: 3}


def test_a_year_without_a_report_is_told_by_the_next_plan(first):
    assert promises.lines(first, plan_cards.cards(first)).empty and promised_goals.aims(first).empty
    total = promises.later(first).set_index("centro").loc["totale"]
    assert (total["piano"], total["stima"]) == (D("12236661.01"), D("10943518.69"))


def test_a_year_without_a_plan_is_empty(package):
    none = package.edition("piano", 2019)
    cards = plan_cards.cards(none)
    assert not plan_cards.present(cards) and plan.whole(none) is None and overview(cards, None) is None
    assert coverage.flows(none, cards).empty and plan_years.multiyear(none).empty and plan_figures.figures(none).empty


def test_bands_are_as_thick_as_what_they_carry():
    frame = pd.DataFrame(
        [
            ("comuni", "Servizi", D(75)),
            ("comuni", "Progetti", D(0)),
            ("fsr", "Servizi", D(20)),
            ("altri", "Progetti", D(5)),
        ],
        columns=["da", "a", "valore"],
    )
    frame = frame.assign(
        da_nome=frame["da"].map({"comuni": "Comuni", "fsr": "FSR", "altri": "Altri"}), a_nome=frame["a"]
    )
    chart = bands.bands(frame, "Risorse", "da", "a")
    points = chart.spec["layer"][0]["data"]["values"]
    thick = {point["da"]: round(point["sotto"] - point["sopra"]) for point in points if point["x"] > 50}
    assert thick == {"Comuni": 240, "FSR": 64, "Altri": 16}
    assert {point["da"]: point["colore"] for point in points if point["da"] != "Altri"} == {
        "Comuni": charts.fixed_colors()["comuni"],
        "FSR": charts.fixed_colors()["fsr"],
    }
    assert "Comuni 75,0\u00a0%" in chart.alt and len(chart.data) == 3
    assert json.dumps(chart.spec) and "<svg" in drawings.static_svg(chart.spec, 360)


def test_deltas_run_from_the_largest_rise_to_the_largest_fall():
    frame = pd.DataFrame(
        [("a", "Meno", D("-10")), ("b", "Più", D(30)), ("c", "Poco", D(1))], columns=["codice", "nome", "valore"]
    )
    chart = deltas.deltas(frame, "Variazione")
    assert list(chart.data["Voce"]) == ["Più", "Poco", "Meno"]
    assert "aumento maggiore: Più" in chart.alt and "riduzione maggiore: Meno" in chart.alt
    assert "<svg" in drawings.static_svg(chart.spec)


def test_what_became_of_a_plan(libro):
    outcome, goals_ = Esiti(libro("piano-2021")), Mete(libro("piano-2021"))
    assert outcome.quota_spesa.pari == "pari al 105,9\u00a0%" and outcome.quota_spesa.reasons == (SPENDING,)
    assert outcome.scarto == "€\u00a0732.757,76 in più" and outcome.consuntivo.rows[-1].edition == "relazione-2021"
    assert (outcome.in_entrambi.valore, outcome.solo_piano.valore, outcome.solo_relazione.valore) == (129, 18, 53)
    own, *_, office = outcome.aree
    assert own.quante == "34 su 37" and office.quante == "tutte e quattro"
    assert own.ferme == "; restano senza spesa quattro voci, per €\u00a038.000,00 previsti" and office.ferme == ""
    assert outcome.maggiore.startswith(
        "«SAAP – assistenza ad personam», passata da un preventivo di €\u00a03.000.000,00"
    )
    assert goals_.strategici_raggiunti.in_lettere == "quattro" and "(progetto con FBC non finanziato)" in goals_.mancati


def test_a_year_without_a_report_is_told_by_the_next_plan_alone(libro):
    outcome, after = Esiti(libro("piano-2020")), Seguito(libro("piano-2020"))
    for figure in (outcome.preventivo, outcome.consuntivo, outcome.in_entrambi, outcome.aree[0].spesa):
        assert not figure.nota
    assert outcome.conteggio() is None and outcome.scostamenti is None and Mete(libro("piano-2020")).conteggio() is None
    assert after.senza_relazione == 2020 and after.quota.pari == "pari all’89,4\u00a0%"
    assert after.minima == "«Obiettivo 9: Reddito di cittadinanza» (18,9\u00a0%)"
    assert not Seguito(libro("piano-2021")).stima.nota


def test_the_budget_beside_the_year_before(libro):
    before, now = Confronto(libro("piano-2020")), Confronto(libro("piano-2021"))
    assert before.esattezza == "sono la differenza esatta fra i due importi" and before.cause.valore == 8
    assert not before.budget_prima.nota and before.realizzazioni is None and before.tabella_assestato() is None
    assert now.andamento == ", in aumento del 13,7\u00a0% rispetto al preconsuntivo 2020"
    assert now.realizzazione.pari == "pari al 77,4\u00a0%" and now.aggiornamento == "€\u00a01.905.356,21 in più"
    assert (now.uguali.valore, now.confrontati.valore) == (3, 13) and not now.cause.nota
    with pytest.raises(Absent):
        str(now.esattezza)
    with pytest.raises(Incomparable):
        now.stima.quota(now.budget_prima)


def test_the_three_years(libro):
    first_, second_ = Triennio(libro("piano-2020")), Triennio(libro("piano-2021"))
    assert (
        first_.ultimo == 2022 and first_.variazione == "(−0,9\u00a0%)" and first_.corso == "prima in calo e poi stabile"
    )
    assert first_.quanti.conta_in_lettere == "dodici obiettivi" and first_.ferme.conta_in_lettere == "otto importi"
    assert not first_.previsto.nota and first_.tabella_piani() is None
    assert second_.maggiore == "Area Gestione associata dei servizi" and second_.quota_finale.nuda == "68,3\u00a0%"
    assert not second_.ferme.nota and second_.scarto == "€\u00a0315.920,50 in meno" and second_.titolo == "Aree"


def test_channels_and_where_they_lead(libro):
    channels, paths = Canali(libro("piano-2021")), Percorsi(libro("piano-2021"))
    assert channels.entrate.valore == D("10598164.61") and channels.entrate.rows
    assert Canali(libro("piano-2020")).scarto == "€\u00a0320.000,00 in meno"
    assert channels.scarto == "€\u00a0100.000,00 in meno"
    assert channels.origini.massima.nome == "Comuni" and channels.quota_massima.pari == "pari al 59,4\u00a0%"
    assert channels.netto.valore == channels.ripartito.valore == D("12447918.48")
    assert channels.somma_esatta.valore == channels.risorse.valore
    assert channels.andamento.endswith("e in aumento dell’1,7\u00a0% senza le quote vincolate")
    assert paths.scarto_resto == ", con uno scarto di €\u00a00,01" and paths.non_leggibile.endswith(
        "voci non leggibili"
    )
    with pytest.raises(Absent):
        str(paths.intere)
    first_ = Percorsi(libro("piano-2020"))
    assert first_.intere == "sette fonti su otto" and first_.attribuita == "Obiettivo 5: Gestione associata"
    assert not Canali(libro("piano-2020")).detratte.nota
