"""Figures: what they say, what they refuse, where they come from."""

from dataclasses import replace
from decimal import Decimal

import pytest

from annuario.data import Package
from annuario.data.nature import FLOW, MIXED, RATIO, STOCK, YEAR_BEFORE, Nature
from annuario.errors import BookError
from annuario.figures import Absent, Figure, Figures, Incomparable, Source
from annuario.notebook import open_edition
from annuario.text import answers
from annuario.words.phrases import Noun

NB = "\u00a0"
CASES = Nature("casi", FLOW, noun=Noun("caso", "casi"))
CHILDREN = Nature("minori", STOCK, "31-12", noun=Noun("minore", "minori"), perimeter="tutela")
REQUESTS = Nature("numero", FLOW, noun=Noun("domanda", "domande", True), feminine=True)
SPENT = Nature("EUR", FLOW, basis="consuntivo", feminine=True)
RATE = Nature("%", RATIO)


def figure(nature=CASES, code="x", **years):
    """A figure of the last year named: figure(y2024=220, y2025=236)."""
    series = {int(year[1:]): None if value is None else Decimal(str(value)) for year, value in years.items()}
    return Figure(code, {year: value for year, value in series.items() if value is not None}, max(series), nature, code)


def plain(said):
    return str(said).replace(NB, " ")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (figure(y2025=769), "769 casi"), (figure(y2025=1), "un caso"), (figure(y2025=0), "nessun caso"),
        (figure(REQUESTS, y2025=1), "una domanda"), (figure(REQUESTS, y2025=0), "nessuna domanda"),
        (figure(REQUESTS, y2025=1234), "1.234 domande"), (figure(Nature("ore"), y2025="12.5"), "12,50 ore"),
    ],
)  # fmt: skip
def test_counts(value, said):
    assert plain(value.conta) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (figure(SPENT, y2025="16384000.10"), "16,4 milioni di euro"), (figure(SPENT, y2025=1_000_000), "1 milione di euro"),
        (figure(SPENT, y2025=999_960), "1 milione di euro"), (figure(SPENT, y2025="-2600000"), "−2,6 milioni di euro"),
        (figure(SPENT, y2025="231910.50"), "232.000 euro"), (figure(SPENT, y2025="812.50"), "813 euro"),
        (figure(SPENT, y2025=0), "0 euro"), (figure(SPENT, y2025=2_400_000_000), "2,4 miliardi di euro"),
        (figure(y2025=12_480), "12.000 casi"), (figure(y2025=448), "448 casi"),
    ],
)  # fmt: skip
def test_rounded_for_reading(value, said):
    assert plain(value.circa) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (figure(y2024=220, y2025=236), ", in aumento del 7,3 % rispetto al 2024"),
        (figure(y2024=236, y2025=236), ", come nel 2024"),
        (figure(y2024=236, y2025=220), ", in calo del 6,8 % rispetto al 2024"),
        (figure(y2021=220, y2025=236), ", in aumento del 7,3 % rispetto al 2021"),
        (figure(y2024=100, y2025=200), ", raddoppiati rispetto al 2024"),
        (figure(y2024=5, y2025=0), ", contro cinque nel 2024"),
        (figure(y2024=0, y2025=5), ", in aumento rispetto al 2024, quando il valore era zero"),
        (figure(REQUESTS, y2024=236, y2025=236), ", come nel 2024"),
        (figure(SPENT, y2024=236, y2025=236), ", come nel 2024"),
        (figure(RATE, y2024="61.5", y2025=64), ", in aumento di 2,5 punti percentuali rispetto al 2024"),
        (figure(y2025=236), ""),
    ],
)
def test_the_movement(value, said):
    assert plain(value.andamento) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (figure(y2024=220, y2025=236), "(+7,3 %)"), (figure(y2021=220, y2025=236), "(+7,3 % dal 2021)"),
        (figure(y2024=236, y2025=236), "(come nel 2024)"), (figure(y2024=0, y2025=5), ""), (figure(y2024=3, y2025=770), ""),
        (figure(RATE, y2024="61.5", y2025=64), "(+2,5 punti)"), (figure(RATE, y2024=63, y2025=64), "(+1 punto)"),
        (figure(SPENT, y2024=-100, y2025=-50), "(+50 %)"), (figure(y2025=236), ""),
    ],
)  # fmt: skip
def test_the_movement_in_brackets(value, said):
    assert plain(value.variazione) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (figure(y2024=10, y2025=7), ", tre in meno del 2024"), (figure(REQUESTS, y2024=10, y2025=11), ", una in più del 2024"),
        (figure(y2024=10, y2025=10), ", come nel 2024"), (figure(y2024=10, y2025=40), ", quadruplicati rispetto al 2024"),
        (figure(SPENT, y2024="1.5", y2025=2), ", in aumento del 33,3 % rispetto al 2024"), (figure(y2025=10), ""),
    ],
)  # fmt: skip
def test_the_change_of_a_small_count(value, said):
    assert plain(value.scarto) == said


def test_the_change_of_a_computed_share_is_that_of_what_is_read():
    share = figure(y2024=10, y2025=11).quota(figure(y2024=37, y2025=43))
    assert plain(share.andamento) == ", in calo di 1,4 punti percentuali rispetto al 2024"
    assert plain(share.variazione) == "(−1,4 punti)"
    assert (
        plain(figure(RATE, y2024="3.15", y2025="3.17").andamento)
        == ", in aumento di 0,02 punti percentuali rispetto al 2024"
    )


def test_a_record_needs_five_comparable_years():
    five = figure(y2021=1, y2022=2, y2023=3, y2024=4, y2025=5)
    assert plain(five.record) == ", il valore più alto dei cinque anni documentati, 2021–2025"
    assert (
        plain(figure(y2021=6, y2022=7, y2023=8, y2024=9, y2025=5).record)
        == ", il valore più basso dei cinque anni documentati, 2021–2025"
    )
    assert plain(figure(y2021=5, y2022=2, y2023=3, y2024=4, y2025=5).record) == ""
    assert plain(figure(y2022=2, y2023=3, y2024=4, y2025=5).record) == ""
    assert plain(figure(y2022=2, y2023=3, y2024=4, y2025=5).storia) == ", in aumento del 25 % rispetto al 2024"


PANDEMIC = Nature(
    "casi", FLOW, noun=Noun("caso", "casi"), unusual={2020: "anno di chiusura", 2021: "anno di riapertura"}
)


def test_a_year_that_is_no_measure_is_named_where_another_is_compared_with_it():
    assert (
        plain(figure(PANDEMIC, y2021=4, y2025=5).andamento)
        == ", in aumento del 25 % rispetto al 2021, anno di riapertura"
    )
    assert plain(figure(PANDEMIC, y2021=5, y2025=5).andamento) == ", come nel 2021, anno di riapertura"
    assert plain(figure(PANDEMIC, y2021=5, y2025=0).andamento) == ", contro cinque nel 2021, anno di riapertura"
    assert plain(figure(PANDEMIC, y2020=4, y2022=5).scarto) == ", uno in più del 2020, anno di chiusura"
    assert plain(figure(PANDEMIC, y2024=4, y2025=5).andamento) == ", in aumento del 25 % rispetto al 2024"
    share = figure(PANDEMIC, y2021=1, y2025=2).quota(figure(y2021=10, y2025=10))
    assert plain(share.andamento).endswith("2021, anno di riapertura")


def test_of_two_such_years_and_in_brackets_a_note_says_so():
    both, next_to = figure(PANDEMIC, y2020=4, y2021=5), figure(PANDEMIC, y2021=4, y2022=5).andamento
    assert plain(both.andamento) == ", in aumento del 25 % rispetto al 2020"
    assert plain(next_to) == ", in aumento del 25 % rispetto al 2021" and next_to.corrections
    for said in (both.andamento, figure(PANDEMIC, y2020=4, y2022=5).variazione):
        assert [one.footnote for one in said.corrections] == [
            "Il 2020 è un anno di chiusura: il confronto va letto tenendone conto."
        ]
    assert answers.answer(lambda: both.andamento)["ledger"]
    assert figure(PANDEMIC, y2021=4, y2025=5).andamento.corrections == ()


def test_of_a_series_that_starts_anew_each_year_no_two_years_are_compared():
    apart = Nature("EUR", FLOW, basis="preventivo", apart="iniziale o aggiornato")
    budget = figure(apart, y2021=1, y2022=2, y2023=3, y2024=4, y2025=5)
    assert (budget.andamento, budget.variazione, budget.record) == ("", "", "")
    for what in ("differenza", "tasso"):
        with pytest.raises(Absent):
            getattr(budget, what)
    assert (budget + budget).andamento == ""


def test_nothing_is_said_across_a_break_in_the_series():
    broken = Nature("casi", FLOW, noun=Noun("caso", "casi"), breaks={2025: "altra misura"})
    assert figure(broken, y2024=1, y2025=9).andamento == ""
    assert figure(broken, y2020=1, y2021=2, y2022=3, y2023=4, y2024=5, y2025=9).record == ""
    assert plain(figure(broken, y2025=9, y2026=18).andamento) == ", raddoppiati rispetto al 2025"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (figure(y2025=48), "i 48 casi|dei 48 casi|ai 48 casi|dai 48 casi|nei 48 casi"),
        (figure(y2025=8), "gli 8 casi|degli 8 casi|agli 8 casi|dagli 8 casi|negli 8 casi"),
        (
            figure(REQUESTS, y2025=1),
            "l’unica domanda|dell’unica domanda|all’unica domanda|dall’unica domanda|nell’unica domanda",
        ),
        (figure(RATE, y2025="11.5"), "l’11,5 %|dell’11,5 %|all’11,5 %|dall’11,5 %|nell’11,5 %"),
        (figure(SPENT, y2025=3), "€ 3,00|di € 3,00|a € 3,00|da € 3,00|in € 3,00"),
    ],
)
def test_articles(value, said):
    assert "|".join(plain(each) for each in (value.il, value.dell, value.all, value.dall, value.nell)) == said


def test_agreement_of_verbs():
    assert figure(y2025=1).accordo("si è aggiunto", "si sono aggiunti") == "si è aggiunto"
    assert figure(y2025=2).accordo("si è aggiunto", "si sono aggiunti") == "si sono aggiunti"


def test_what_the_text_shows():
    assert answers.render(figure(y2025="1234")) == "1.234"
    assert answers.render(figure(SPENT, y2025="1234.5")) == f"€{NB}1.234,50"
    assert answers.render(figure(y2025=1).anno) == "2025"
    assert answers.render(figure(y2025=5).quota(figure(y2025=40))) == f"il 12,5{NB}%"
    assert answers.render(figure(y2025=5).quota(figure(y2025=40)).nuda) == f"12,5{NB}%"
    assert answers.render(figure(SPENT, y2025=100).ogni(figure(y2025=8))) == f"€{NB}12,50"


VALUES = (
    "cifre",
    "conta",
    "in_lettere",
    "conta_in_lettere",
    "intero",
    "circa",
    "il",
    "dell",
    "all",
    "pari",
    "nuda",
    "andamento",
    "variazione",
    "scarto",
    "record",
    "storia",
)


@pytest.mark.parametrize("saying", VALUES)
def test_an_absent_figure_says_nothing_at_all(saying):
    with pytest.raises(Absent, match=r"x \(2025\): non pubblicato"):
        getattr(figure(y2024=1, y2025=None), saying)


def test_absence_spreads():
    gone, there = figure(y2024=1, y2025=None), figure(y2025=3)
    for found in (gone + there, there - gone, there.quota(gone), gone.ogni(there)):
        assert not found.nota
        with pytest.raises(Absent):
            found.cifre
    assert not there.prima.nota and there.ultima.valore == 3 and gone.ultima.valore == 1
    assert not figure(y2025=3).quota(figure(y2025=0)).nota


def test_sums_keep_unit_rows_and_the_years_both_know():
    one, two = figure(y2024=1, y2025=2), figure(y2023=5, y2024=10, y2025=20)
    total = one + two
    assert (total.series, total.unit) == ({2024: 11, 2025: 22}, "casi")
    assert plain(total.andamento) == ", raddoppiati rispetto al 2024"
    assert (figure(CHILDREN, y2025=10) + figure(Nature("minori", FLOW), y2025=3)).valore == 13


@pytest.mark.parametrize(
    ("combine", "why"),
    [
        (lambda: figure(y2025=1) + figure(SPENT, y2025=1), "casi and EUR"),
        (lambda: figure(RATE, y2025=1) + figure(RATE, y2025=1), "ratios are not added"),
        (lambda: figure(y2025=1).quota(figure(CHILDREN, y2025=1)), "a flusso over a consistenza"),
        (
            lambda: figure(SPENT, y2025=1).quota(figure(Nature("EUR", FLOW, basis="preventivo"), y2025=1)),
            "consuntivo and preventivo",
        ),
        (
            lambda: figure(CHILDREN, y2025=1).quota(figure(Nature("minori", STOCK, perimeter="affidi"), y2025=1)),
            "perimeters tutela and affidi",
        ),
        (lambda: figure(RATE, y2025=1).quota(figure(RATE, y2025=2)), "a percentage of a percentage"),
        (
            lambda: figure(RATE, y2025=1).quota(figure(Nature("persone", STOCK, denominator=True), y2025=2)),
            "a percentage of a percentage",
        ),
        (lambda: figure(SPENT, y2025=1).quota(figure(y2025=2)), "EUR of casi"),
        (lambda: figure(SPENT, y2025=1).ogni(figure(CHILDREN, y2025=2)), "a flusso over a consistenza"),
        (
            lambda: figure(CHILDREN, y2025=1).quota(figure(Nature("minori", STOCK, "01-01"), y2025=2)),
            "the dates 31-12 and 01-01",
        ),
        (
            lambda: figure(CHILDREN, y2025=1).ogni(figure(Nature("persone", STOCK, "rilevazione"), y2025=2)),
            "the dates 31-12 and rilevazione",
        ),
    ],
    ids=[
        "units",
        "ratios",
        "kinds",
        "bases",
        "perimeters",
        "percentages",
        "percentage of a count",
        "share of another unit",
        "ratio of kinds",
        "share of another day",
        "ratio of days",
    ],
)
def test_what_must_not_be_compared_is_refused_with_the_reason(combine, why):
    with pytest.raises(Incomparable, match=why):
        combine()


def test_an_author_may_compare_with_a_reason_and_a_denominator_is_for_dividing():
    share = figure(y2025=1).quota(figure(CHILDREN, y2025=4), perche="entrambi del servizio")
    assert share.valore == 25 and share.reasons == ("entrambi del servizio",)
    people = Nature("persone", STOCK, denominator=True, perimeter="ambito")
    assert figure(CHILDREN, y2025=5).ogni(figure(people, y2025=1000), 1000).valore == 5
    part, whole = Nature("minori", STOCK, perimeter="tutela"), Nature("minori", STOCK, perimeter="tutela+affidi")
    assert figure(part, y2025=1).quota(figure(whole, y2025=4)).valore == 25


def test_a_reason_is_kept_where_it_was_needed():
    one, late = figure(y2025=1), figure(Nature("casi", FLOW, YEAR_BEFORE), y2025=4)
    assert one.quota(figure(y2025=4), perche="per prudenza").reasons == () == one.quota(late).reasons
    assert one.quota(late, perche="l’ultimo dato").reasons == ("l’ultimo dato",)


def test_a_computed_figure_was_printed_otherwise_where_one_of_its_parts_was():
    one, two = figure(y2024=1, y2025=2), figure(y2024=10, y2025=20)
    assert (one + two).printed == {}
    assert (replace(one, printed={2025: Decimal(3)}) + two).printed == {2025: 23}
    assert (one + replace(two, printed={2024: Decimal(30)})).printed == {2024: 31}


def test_figures_about_two_years_are_not_combined_unsaid():
    late = Nature("EUR", FLOW, YEAR_BEFORE)
    two = Nature("EUR", FLOW, MIXED)
    spent = figure(Nature("EUR", FLOW), y2025=1)
    assert not spent.quota(figure(late, y2025=2)).nota
    assert not spent.quota(figure(two, y2025=2)).nota
    assert spent.quota(figure(late, y2025=2), perche="l’ultimo dato").valore == 50
    assert not spent.quota(figure(Nature("EUR", FLOW), y2024=2)).nota
    with pytest.raises(Absent, match="anni diversi"):
        spent.quota(figure(late, y2025=2)).cifre


def test_a_figure_is_no_condition_list_or_format():
    for misuse in (bool, iter, lambda x: f"{x}"):
        with pytest.raises(TypeError):
            misuse(figure(y2025=1))


def group(**values):
    make = {name: lambda name=name, value=value: figure(CHILDREN, name, y2025=value) for name, value in values.items()}
    return Figures("gruppo", make, 2025)


def moved(**pairs):
    """A group of parts by their values of last year and of this."""
    make = {
        name: lambda name=name, pair=pair: figure(CHILDREN, name, y2024=pair[0], y2025=pair[1])
        for name, pair in pairs.items()
    }
    return Figures("gruppo", make, 2025)


def test_a_group_knows_which_part_moved_its_sum():
    parts = moved(fondo=(10, 30), altro=(20, 15), totale=(30, 45))
    assert parts.motore.name == "fondo" and parts.motore.differenza == "+20"
    assert plain(parts.altre.somma.tasso) == "−25 %" and plain(parts.somma.tasso) == "+50 %"
    assert moved(a=(30, 10), b=(20, 25)).motore.name == "a"
    for silent in (
        moved(a=(10, 20), b=(10, 20)),  # half each
        moved(a=(10, 20), b=(20, 10)),  # nothing moved
        moved(a=(None, 20), b=(20, 21)),  # nobody knows where the first was
        moved(a=(20, None), b=(20, 21)),
        moved(a=(1, 1)),
    ):
        for saying in ("motore", "altre"):
            with pytest.raises(Absent):
                getattr(silent, saying)


def parts_of(**natures):
    """A group of parts of last year and of this, each by its nature, its values growing from part to part."""
    make = {
        name: lambda name=name, nature=nature, value=place: figure(nature, name, y2024=value, y2025=value * 3)
        for place, (name, nature) in enumerate(natures.items(), 1)
    }
    return Figures("gruppo", make, 2025)


RANKS = ("massima", "minima", "classifica", "nomi_minima", "aumento")


def test_what_is_left_over_has_no_place_in_an_order_but_counts_in_the_sum():
    parts = parts_of(crema=CHILDREN, soncino=CHILDREN, altri=replace(CHILDREN, rest=True))
    assert (parts.massima.name, parts.minima.name, parts.posto(2).name) == ("soncino", "crema", "crema")
    assert parts.classifica == "soncino, seguito da crema" and parts.aumento == "soncino (+4)"
    assert parts.somma.valore == 18 and parts.primi(2).valore == 9
    with pytest.raises(Absent):
        parts.posto(3)
    with pytest.raises(Absent):
        parts.motore  # what moved the sum most is no one thing
    assert not (parts["altri"] + parts["crema"]).nature.rest


@pytest.mark.parametrize("asked", (*RANKS, "somma", "motore"))
@pytest.mark.parametrize(
    ("natures", "why"),
    [
        ({"in-carico": CHILDREN, "nuovi": replace(CHILDREN, kind=FLOW)}, "consistenza and flusso"),
        ({"previsto": replace(SPENT, basis="preventivo"), "speso": SPENT}, "consuntivo and preventivo"),
        ({"accolti": CASES, "nuovi": replace(CASES, within="accolti")}, "nuovi is among accolti"),
    ],
    ids=["kinds", "bases", "nested"],
)
def test_figures_that_are_no_parts_of_one_whole_are_neither_ranked_nor_summed(natures, why, asked):
    with pytest.raises(Incomparable, match=why):
        getattr(parts_of(**natures), asked)


def test_one_of_two_nested_counts_stands_alone():
    nested = parts_of(accolti=CASES, nuovi=replace(CASES, within="accolti"), chiusi=CASES)
    assert nested.senza("nuovi").massima.name == "chiusi"
    assert plain(nested["nuovi"].quota(nested["accolti"]).cifre) == "200 %"


def test_growth_is_compared_from_one_year():
    make = {
        "crema": lambda: figure(CHILDREN, "crema", y2024=10, y2025=12),
        "soncino": lambda: figure(CHILDREN, "soncino", y2021=1, y2025=30),
    }
    assert Figures("gruppo", make, 2025).aumento == "crema (+2)"


def test_a_change_is_a_value_too():
    cases = figure(y2024=220, y2025=236)
    assert (plain(cases.differenza), plain(cases.tasso)) == ("+16", "+7,3 %")
    assert plain(figure(y2024=236, y2025=220).differenza) == "−16"
    assert (plain(figure(y2024=5, y2025=5).differenza), plain(figure(y2024=5, y2025=5).tasso)) == ("0", "0 %")
    assert figure(y2024=0, y2025=5).differenza == "+5"
    for absent in (
        lambda: figure(y2025=5).differenza,
        lambda: figure(y2025=5).tasso,
        lambda: figure(y2024=0, y2025=5).tasso,
    ):
        with pytest.raises(Absent):
            absent()


def test_a_group_ranks_its_parts_and_knows_ties():
    parts = group(crema=10, pandino=7, soncino=7, bagnolo=1, totale=25)
    assert (parts.massima.name, parts.minima.name, parts.somma.valore) == ("crema", "bagnolo", 25)
    assert parts.classifica == "crema, seguito da pandino e soncino"
    assert parts.primi(3).valore == 24
    for absent in (lambda: parts.posto(2), lambda: parts.primi(2), lambda: parts.primi(9), lambda: group(a=0, b=0).classifica,
                   lambda: group(a=0, b=0).massima, lambda: group(a=None).classifica, lambda: parts.aumento):  # fmt: skip
        with pytest.raises(Absent):
            absent()
    assert not group(a=None).somma.nota and group(a=None).somma.unit == "minori"
    assert not group(a=None).somma.quota(group(a=3).somma).nota  # absent, not refused
    assert parts.solo("soncino", "crema").massima.name == "crema" and "pandino" not in parts.senza("pandino")
    with pytest.raises(AttributeError, match="no figure «milano» here: there are crema"):
        parts.milano


@pytest.fixture(scope="module")
def source(package):
    return Source(package.edition("relazione", 2025))


def test_figures_come_from_any_table_with_observations(source, package):
    flows = source.figures("tm-flussi")
    assert flows.nuovi_casi.valore == 318 and flows.nuovi_casi is flows["nuovi-casi"]
    assert flows.nuovi_casi.rows[-1].source == "relazione-2025:1254"
    assert source.figure("servizi_sub_ambito/tutela-minori/casi/crema").name == "Crema"
    assert source.figure("entrate/consuntivo/totale-entrate").unit == "EUR"
    assert source.figures("fondi/fondi-istituzionali").fsr.nota
    early = Source(package.edition("relazione", 2021)).figure("tm-flussi/nuovi-casi")
    assert early.valore == 236 and max(early.series) == 2021


def test_what_stands_in_prose_or_is_announced_by_the_edition_is_known(source, package):
    early = Source(package.edition("relazione", 2021)).figure("ssd-organico/nuove-amministrative")
    assert not early.nota and early.dopo.valore == 2 and early.dopo.anno == 2022
    assert not source.figure("ssd-organico/nuove-amministrative").dopo.nota
    both = source.figure("qsfp-sostegni/totale")  # in a table until 2021, then in prose
    assert both.series[2021] == 64 and both.valore == 143
    later = figure(y2020=1, y2021=2, y2022=3).nel(2021)
    assert not later.dopo.nota and later.prima.valore == 1


def test_the_text_of_a_document_may_say_otherwise_than_its_table(package):
    source = Source(package.edition("relazione", 2021))
    told, printed = source.figure("testo:gestione/spesa-sociale"), source.figure("gestione/spesa-sociale")
    assert told.nel(2019).valore == Decimal("19114600.09") and printed.nel(2020).valore == Decimal("19114600.59")


def test_a_printed_table_is_taken_whole_from_one_edition(package):
    """The plan of the same year has lines that the report's card lacks: they are not among its own."""
    card = Source(package.edition("relazione", 2021)).figures("bilancio/preventivo/totale/misure")
    editions = {row.edition for code in card for row in card[code].rows if row.year == 2021}
    assert len(editions) == 1


@pytest.mark.parametrize(
    "code",
    ["tm-flussi/nuovi-cas", "tm-fluss/nuovi-casi", "fondi/fsr", "servizi_sub_ambito/tutela-minori/casi/crem", "niente"],
)
def test_a_misspelt_code_is_refused(source, code):
    with pytest.raises(BookError):
        source.figure(code)


def test_a_misspelt_group_is_refused(source):
    for code in ("tm-fluss", "fondi/istituzionali"):
        with pytest.raises(BookError):
            source.figures(code)


def test_each_declared_nature_is_that_of_some_figure(package):
    source = Source(package.edition("relazione", 2025))
    indicators = set(package.read("definizioni")["indicatore"])
    for code in source.natures:
        table = code.partition("/")[0]
        if table in package.resources:
            source.figures(code)
        else:
            assert any(f"{each}/".startswith(f"{code}/") for each in indicators), code


def test_every_indicator_of_every_edition_says_itself(here, package):
    """No figure of the data raises anything but absence, whatever it is asked."""
    from annuario.data import editions

    for edition in editions.available(here, package):
        source = Source(package.edition(edition.book, edition.year))
        for code in package.read("definizioni")["indicatore"]:
            made = source.figure(code)
            for saying in VALUES:
                try:
                    assert str(getattr(made, saying)) is not None
                except Absent:
                    assert not made.nota
                except ValueError as error:
                    assert saying in ("conta", "conta_in_lettere") and "no noun is declared" in str(error)


def test_a_package_without_natures_has_figures_all_the_same(spoiled):
    import json

    folder = spoiled.folder
    declared = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    declared["resources"] = [one for one in declared["resources"] if one["name"] != "grandezze"]
    (folder / "datapackage.json").write_text(json.dumps(declared), encoding="utf-8")
    bare = Source(Package(folder).edition("relazione", 2025))
    assert bare.figure("tm-flussi/nuovi-casi").nature == Nature("minori")


def test_no_figure_is_counted_in_another_unit_of_time(package):
    """A noun declared for a beginning of codes must fit them all: «65 anni» of 65 minors came of one that did not."""
    for edition in ("relazione-2021", "relazione-2025", "piano-2021"):
        libro = open_edition(edition)
        for row in package.read("definizioni").itertuples():
            noun = libro.cifra(row.indicatore).nature.noun
            if noun and noun.plural in {"anni", "mesi", "giorni", "ore", "euro"}:
                assert row.unita in (noun.plural, "numero"), f"{row.indicatore}: {noun.plural} of {row.unita}"
