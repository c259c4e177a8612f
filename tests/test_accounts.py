"""The frames and phrases behind the chapters on budget, goals, key figures and method."""

from decimal import Decimal

import pytest

from annuario.checks import revisions
from annuario.figures import Absent, Figure, Source
from annuario.notebook import open_edition
from cremasca import accounts, budgets, goals, key_figures, quadrature, revenues, sources, unpublished, years
from cremasca.budget_areas import Bilancio


@pytest.mark.parametrize(
    ("year", "card", "planned", "spent", "lines"),
    [
        (2021, "tm", "446056.46", "444812.20", 10),
        (2021, "gestione-associata", "8954263.12", "9905945.10", 74),
        (2025, "gestione-associata", "15783884.56", "12836218.95", 82),
        (2025, "udp", "255912.01", "127125.26", 6),
    ],
)
def test_a_card_is_the_report_s_own(package, year, card, planned, spent, lines):
    found = budgets.card(package.edition("relazione", year), card)
    assert (found.planned, found.spent, len(found.lines)) == (Decimal(planned), Decimal(spent), lines)
    assert set(found.frame["edizione"]) == {f"relazione-{year}"}


def test_lines_that_do_not_make_the_total_are_noted(package):
    card = budgets.card(package.edition("relazione", 2021), "misure")
    assert card.gap("preventivo") == Decimal("-5642.46")
    assert any("−€\u00a05.642,46" in note for note in card.table().notes)


def test_a_line_that_cannot_be_right_is_used_as_the_total_leaves_it(package):
    card = budgets.card(package.edition("relazione", 2025), "sst")
    line = card.lines.set_index("voce").loc["qsfp-interventi-inclusione"]
    assert (line["preventivo"], line["consuntivo"]) == (Decimal("949551.66"), Decimal("274660.46"))
    assert card.gap("preventivo") == 0 and Decimal("1499294.56") not in set(card.frame["valore"])
    assert any("stampa €\u00a01.499.294,56" in note for note in card.table().notes)


def test_a_card_without_outcome_tells_the_plan_only(opened):
    card = Bilancio(opened("relazione-2020")).tm
    assert card.previsto.valore == Decimal("422506.31") and not card.speso.nota and not card.personale.nota
    assert [column.title for column in card.tabella().columns] == ["Voce", "Preventivo"]
    for fact in ("oltre", "eccezioni", "scarto", "ferme", "prima_azione"):
        with pytest.raises(Absent):
            getattr(card, fact)
    assert card.maggiori(6) is None and card.lontane(8) is None and card.azioni_maggiori(8) is None


def test_a_year_without_cards_has_no_tables(opened):
    found = Bilancio(opened("relazione-2024"))
    assert not found.chiuso and all(card.tabella() is None for card in found.schede.values())
    assert found.confronto is None and found.attese_tabella is None and found.tabella_obiettivi is None
    with pytest.raises(Absent):
        found.altrove


def test_lines_without_spending_and_beyond_the_plan(opened):
    now, before = (Bilancio(opened(f"relazione-{year}")) for year in (2025, 2021))
    assert (str(now.sil.oltre), str(now.sil.eccezioni)) == (
        "una voce su 6 supera",
        "; restano senza spesa tre voci previste (€\u00a03.000,00)",
    )
    assert (str(now.sil.scostata), str(now.sil.scarto)) == ("Coordinamento SIL", "−€\u00a05.411,25")
    assert str(before.ssd.oltre) == "nessuna voce su 4 supera"
    assert str(before.ssd.eccezioni) == "; resta senza spesa la voce «Supervisione / Formazione» (€\u00a05.000,00)"
    assert str(now.tm.eccezioni) == "" and not now.progettazione.azioni_maggiori(3).empty
    assert str(before.misure.mancano) == "€\u00a05.642,46 a preventivo e €\u00a02.307,44 a consuntivo"
    assert str(now.sst.scarto) == "−€\u00a0674.891,20" and len(now.sst.scarto.corrections) == 2


def test_the_budget_by_area(opened):
    now, before = (Bilancio(opened(f"relazione-{year}")) for year in (2025, 2021))
    assert str(now.quota.pari) == "pari al 74,5\u00a0%" and now.quota.reasons == ()
    assert str(now.quote.minima.nome) == "Area Ufficio di Piano" and str(now.scarto) == "−€\u00a05.622.154,94"
    assert (
        str(now.speso.andamento) == ", in aumento del 24,3\u00a0% rispetto al 2021, anno ancora segnato dalla pandemia"
    )
    assert before.negli_anni is None and before.del_piano.valore == Decimal("12447918.48")
    with pytest.raises(Absent):
        now.del_piano


@pytest.mark.parametrize(
    ("year", "elsewhere"),
    [
        (2019, "il preventivo e il preconsuntivo per obiettivo"),
        (2020, "il preventivo e il preconsuntivo per obiettivo e il preventivo delle schede, voce per voce"),
        (2022, "la previsione per area"),
    ],
)
def test_what_other_documents_give_of_a_year_without_an_outcome(opened, year, elsewhere):
    found = Bilancio(opened(f"relazione-{year}"))
    assert str(found.altrove) == elsewhere
    if year == 2020:
        assert str(found.stime.massima.nome) == "Obiettivo 5: Gestione associata"
        with pytest.raises(Absent):
            found.attese


def test_revenues_are_the_outcome_where_there_is_one(package):
    assert set(revenues.of_year(package.edition("relazione", 2021))["fase"]) == {"consuntivo"}
    assert set(revenues.of_year(package.edition("relazione", 2020))["fase"]) == {"previsione"}


def test_the_years_of_a_figure():
    def figure(*known):
        return Figure("x", dict.fromkeys(known, Decimal(1)), 2021)

    assert [years.span(figure(*known)) for known in ([2021], [2019, 2021], [2017, 2020, 2021])] == [
        "2021",
        "2019–2021",
        "2020–2021",
    ]
    with pytest.raises(Absent):
        years.span(figure(2015))
    assert years.several(figure(2017, 2021)) is None and years.several(figure(2020)) is None
    assert years.several(figure(2020, 2021)).nota
    shifted = years.of_the_year_before(figure(2020, 2021))
    assert (shifted.anno, dict(shifted.series)) == (2020, {2019: 1, 2020: 1})


def test_the_surplus_of_a_year_without_report_opens_the_next_one(package):
    edition = package.edition("relazione", 2025)
    assert accounts.carried(edition, 2024).valore == Decimal("2717147.72")
    assert accounts.carried(edition, 2024).rows[0].source == "relazione-2025:445"
    assert not accounts.carried(edition, 2022).nota


def test_what_the_text_says_otherwise_than_the_table(package):
    late, early = (package.edition("relazione", year) for year in (2025, 2021))
    weight = "gestione/incidenza-servizi"
    assert accounts.in_text(late, Source(late).figure(weight)).valore == 86
    assert not accounts.in_text(early, Source(early).figure(weight)).nota  # the same


def test_revenues_by_who_assigns_them():
    found = revenues.origins(open_edition("relazione-2025"))
    assert found.massima.name == "Comuni" and found.somma.valore == Decimal("20489419.38")
    assert revenues.origins(open_edition("relazione-2020"))["avanzo"].valore == Decimal("1408488.57")


def test_remarks_of_the_transcription_are_no_remarks_on_goals(package):
    frame = goals.goals(package.edition("relazione", 2021))
    assert frame["nota"].any() and not frame["nota"].str.contains("cella continua").any()


def test_key_figures_leave_out_what_the_year_lacks():
    late, early = (key_figures.Sintesi(open_edition(f"relazione-{year}")) for year in (2024, 2022))
    names = {figure.code: figure.valore for figure in late.cifre}
    assert "risultato/uscite" not in names and names["risultato/avanzo"] == Decimal("2717147.72")
    assert [figure.code for figure in early.cifre] == [
        "gestione-testo/costi-gestione",
        "sil-indicatori/utenti-in-carico",
    ]
    assert late.senza_relazione == 2024 and late.servizio == "il SAAP"


def test_key_figures_are_those_that_the_book_uses():
    found = key_figures.Sintesi(open_edition("relazione-2025"))
    shown = {figure.code: figure for figure in found.cifre}
    placed = shown["sil-indicatori/utenti-in-carico"]
    assert (placed.valore, placed.stampato.valore) == (106, 78)  # two cells exchanged
    assert shown["sip/costo"].valore == Decimal("28467.06") and shown["sip/utenti"].valore == 43
    with pytest.raises(Absent):
        found.senza_relazione


def test_revisions_compare_editions_of_the_same_thing(package):
    found = revisions.revisions(package)
    assert list(found) == revisions.COLUMNS
    total = found[(found["cosa"] == "totale, preventivo") & (found["anno"] == 2020)].iloc[0]
    assert (total["valore_prima"], total["valore_dopo"]) == (Decimal("12236661.01"), Decimal("14142017.22"))
    assert total["differenza"] == total["valore_dopo"] - total["valore_prima"]
    assert total["natura"] == revisions.UPDATE
    table = revisions.table(revisions.concerning(package.edition("relazione", 2021)))
    assert {row[1] for row, kind in zip(table.rows, table.kinds, strict=True) if not kind} == {"2020", "2021", "–"}
    changed = revisions.concerning(package.edition("relazione", 2025))
    assert set(changed["natura"]) == {revisions.CHANGE}
    assert ("SMART BEAR, di cui assegnato all'azienda", Decimal("357250.00"), Decimal("372250.00")) in set(
        zip(changed["cosa"], changed["valore_prima"], changed["valore_dopo"], strict=True)
    )


def test_every_check_of_an_edition_is_told_once(package):
    for book, year in (("relazione", 2021), ("relazione", 2025), ("relazione", 2024), ("piano", 2020)):
        frame = quadrature.results(package.edition(book, year))
        told = [len(quadrature.failing(frame, verdict)) for verdict in quadrature.VERDICTS]
        assert sum(told) + len(quadrature.cents(frame)) == len(frame)
        assert sum(quadrature.count(frame, verdict) for verdict in quadrature.VERDICTS) == len(frame)


def test_charts_without_data_have_a_chapter(package):
    for book, year in (("relazione", 2021), ("relazione", 2025), ("piano", 2020), ("piano", 2021)):
        frame = unpublished.charts(package.edition(book, year))
        assert len(frame) and frame["nome_capitolo"].all()


def test_gaps_of_a_reconstructed_year(package):
    assert unpublished.gaps(package.edition("relazione", 2025)).empty
    missing = unpublished.gaps(package.edition("relazione", 2024))
    assert (unpublished.WHOLE, "Entrate") in set(missing.itertuples(index=False, name=None))
    listed = "\n".join(missing["gruppo"])
    assert (
        "Entrate dell'esercizio" in listed and "Avanzo di gestione CSC" not in listed
    )  # the surplus opens 2025's revenues


def test_gaps_name_what_is_missing_of_a_group_known_in_part(package):
    edition = package.edition("relazione", 2024)
    given = package.read("indicatori").query("edizione == 'relazione-2025' and anno == 2025")["indicatore"]
    declared = package.read("definizioni").set_index("indicatore")
    known = {name for name in given if edition.value(name) is not None}
    partly = {declared["gruppo"][name] for name in given if name not in known} & {
        declared["gruppo"][name] for name in known
    }
    listed = "\n".join(unpublished.gaps(edition)["gruppo"])
    assert partly
    for group in partly:
        missing = [declared["nome"][name] for name in given if declared["gruppo"][name] == group and name not in known]
        assert any(name in listed for name in missing)


def test_documents_are_counted(package):
    frame = sources.documents(package.edition("relazione", 2025)).set_index("edizione")
    assert (frame["usate"] <= frame["righe"]).all()
    assert frame.loc["relazione-2025", "usate"] > 1900


def test_what_moved_the_spending_is_said_where_it_holds(opened):
    now = Bilancio(opened("relazione-2025"))
    assert now.scostata.name == "Area Gestione associata dei servizi"
    assert str(now.scarto_maggiore) == "−€\u00a02.947.665,61" and str(now.oltre_entrate.circa) == "1,5 milioni di euro"
    assert now.aree_sole.motore.name == "Area Gestione associata dei servizi"
    before = Bilancio(opened("relazione-2021"))
    for silent in ("scostata", "oltre_entrate"):
        with pytest.raises(Absent):
            getattr(before, silent).valore
