"""Italian phrases: every case of each, and properties that hold for any figure."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annuario.words import numbers, phrases
from annuario.words.phrases import Noun

D = Decimal
VALUES = st.one_of(st.none(), st.decimals(min_value=0, max_value=10**7, places=2))
AGREEMENTS = st.sampled_from(["ms", "fs", "mp", "fp"])


def plain(text: str) -> str:
    return text.replace(numbers.NBSP, " ")


@pytest.mark.parametrize(
    ("value", "preposition", "expected"),
    [
        ("4.1", "di", "del 4,1 %"),
        ("8", "di", "dell’8 %"),
        ("8.04", "di", "dell’8 %"),
        ("11.5", "di", "dell’11,5 %"),
        ("0.3", "di", "dello 0,3 %"),
        ("1", "di", "dell’1 %"),
        ("1.3", "di", "dell’1,3 %"),
        ("18.6", "di", "del 18,6 %"),
        ("80", "", "l’80 %"),
        ("0", "", "lo 0 %"),
        ("100", "", "il 100 %"),
        ("86", "a", "all’86 %"),
        ("34.5", "a", "al 34,5 %"),
        ("0.5", "da", "dallo 0,5 %"),
        ("180", "in", "nel 180 %"),
        ("800", "su", "sull’800 %"),
        ("1100", "di", "del 1.100 %"),
        ("-8", "di", "del −8 %"),
        (None, "di", "di una quota non disponibile"),
    ],
)
def test_the_percent(value, preposition, expected):
    assert plain(phrases.the_percent(None if value is None else D(value), preposition)) == expected


@pytest.mark.parametrize(
    ("word", "agree", "preposition", "expected"),
    [
        ("Comune", "ms", "", "il "),
        ("utente", "ms", "di", "dell’"),
        ("studente", "ms", "a", "allo "),
        ("servizio", "ms", "di", "del "),
        ("zio", "mp", "di", "degli "),
        ("psicologo", "ms", "", "lo "),
        ("psicologi", "mp", "da", "dagli "),
        ("anziani", "mp", "su", "sugli "),
        ("minori", "mp", "in", "nei "),
        ("ora", "fs", "in", "nell’"),
        ("spesa", "fs", "di", "della "),
        ("ore", "fp", "di", "delle "),
        ("8.500", "mp", "di", "degli "),
        ("11.000", "mp", "", "gli "),
        ("1.000", "mp", "a", "ai "),
        ("1.000.000", "ms", "", "l’"),
        ("80", "fp", "", "le "),
        ("1° dicembre 2025", "ms", "di", "del "),
        ("11 dicembre 2025", "ms", "di", "dell’"),
    ],
)
def test_article(word, agree, preposition, expected):
    assert phrases.article(word, agree, preposition) == expected


@pytest.mark.parametrize(
    ("value", "noun", "words", "expected"),
    [
        (769, "minori", False, "769 minori"),
        (1071, "minori", False, "1.071 minori"),
        (2, "minori", False, "2 minori"),
        (1, "minori", False, "1 minore"),
        (0, "minori", False, "nessun minore"),
        (0, "utenti", False, "nessun utente"),
        (0, "persone", False, "nessuna persona"),
        (0, "ore", False, "nessun’ora"),
        (0, Noun("studente", "studenti"), False, "nessuno studente"),
        (1, "minori", True, "un minore"),
        (1, "persone", True, "una persona"),
        (1, "ore", True, "un’ora"),
        (1, "utenti", True, "un utente"),
        (1, Noun("psicologo", "psicologi"), True, "uno psicologo"),
        (3, "nuclei", True, "tre nuclei"),
        (20, "casi", True, "venti casi"),
        (21, "casi", True, "21 casi"),
        (D("15.5"), "minori", True, "15,5 minori"),
        (D("15.5"), "ore", False, "15,50 ore"),
        (None, "minori", False, "un numero non disponibile di minori"),
    ],
)
def test_count(value, noun, words, expected):
    assert phrases.count(value, noun, words) == expected


@pytest.mark.parametrize(
    ("value", "noun", "preposition", "expected"),
    [
        (48, "Comuni", "", "i 48 Comuni"),
        (48, "Comuni", "di", "dei 48 Comuni"),
        (8, "Comuni", "di", "degli 8 Comuni"),
        (11, "casi", "a", "agli 11 casi"),
        (80, "persone", "su", "sulle 80 persone"),
        (1, "Comuni", "", "l’unico Comune"),
        (1, "persone", "di", "dell’unica persona"),
        (0, "minori", "di", "di nessun minore"),
        (0, "minori", "", "nessun minore"),
    ],
)
def test_the(value, noun, preposition, expected):
    assert phrases.the(value, noun, preposition) == expected


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a e b"),
        (["a", "b", "c"], "a, b e c"),
        (["Ada", "Elena"], "Ada ed Elena"),
        (["tre", "8"], "tre e 8"),
    ],
)
def test_listing(items, expected):
    assert phrases.listing(items) == expected


@pytest.mark.parametrize(
    ("adjective", "expected"),
    [
        ("aumentato", ["aumentato", "aumentata", "aumentati", "aumentate"]),
        ("superiore", ["superiore", "superiore", "superiori", "superiori"]),
    ],
)
def test_agreed(adjective, expected):
    assert [phrases.agreed(adjective, agree) for agree in ("ms", "fs", "mp", "fp")] == expected


def test_inflected():
    assert [phrases.inflected(value, "è", "sono") for value in (0, 1, 2, D("1.5"))] == ["è", "è", "sono", "sono"]


def test_spelled():
    assert [phrases.spelled(value) for value in (0, 1, 20, 21, 1200)] == ["zero", "uno", "venti", "21", "1.200"]
    assert phrases.spelled(1, feminine=True) == "una"


@pytest.mark.parametrize(
    ("now", "before", "agree", "expected", "verb"),
    [
        (1041, 1000, "ms", "in aumento del 4,1 % rispetto al 2024", "è aumentato del 4,1 %"),
        (920, 1000, "fs", "in calo dell’8 % rispetto al 2024", "è diminuita dell’8 %"),
        (1003, 1000, "mp", "in aumento dello 0,3 % rispetto al 2024", "sono aumentati dello 0,3 %"),
        (5, 5, "fp", "invariate rispetto al 2024", "sono rimaste invariate"),
        (0, 0, "ms", "invariato rispetto al 2024", "è rimasto invariato"),
        (10001, 10000, "mp", "sostanzialmente invariati rispetto al 2024", "sono rimasti sostanzialmente invariati"),
        (20, 10, "ms", "raddoppiato rispetto al 2024", "è raddoppiato"),
        (25, 10, "fs", "più che raddoppiata rispetto al 2024", "è più che raddoppiata"),
        (30, 10, "mp", "triplicati rispetto al 2024", "sono triplicati"),
        (95, 10, "mp", "più che quadruplicati rispetto al 2024", "sono più che quadruplicati"),
        (0, 7, "fp", "azzerate rispetto al 2024", "si sono azzerate"),
        (3, 0, "ms", "in aumento rispetto al 2024, quando il valore era zero", "è passato da zero a 3"),
        (3, None, "mp", "non confrontabili con il 2024", "non sono confrontabili"),
        (None, 3, "fs", "non confrontabile con il 2024", "non è confrontabile"),
    ],
)
def test_change_as_a_complement_and_as_a_verb(now, before, agree, expected, verb):
    assert plain(phrases.change(now, before, 2024, agree)) == expected
    assert plain(phrases.changed(now, before, agree)) == verb


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ("75", "72.5", "in aumento di 2,5 punti percentuali rispetto al 2024"),
        ("71", "72", "in calo di un punto percentuale rispetto al 2024"),
        ("71", "71.00", "invariata rispetto al 2024"),
        ("71", None, "non confrontabile con il 2024"),
    ],
)
def test_change_points(now, before, expected):
    assert phrases.change_points(D(now), before and D(before), 2024, "fs") == expected


def test_share():
    assert plain(phrases.share(345, 1000)) == "pari al 34,5 % del totale"
    assert plain(phrases.share(8, 10, "della spesa")) == "pari all’80 % della spesa"
    assert phrases.share(1, 0) == phrases.share(None, 3) == "in quota non calcolabile"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"Pandino": 5, "Crema": 9, "Soncino": 4, "X": 1}, "il sub-ambito di Crema, seguito da Pandino e Soncino"),
        ({"Crema": 9, "Pandino": 9, "X": 1}, "i sub-ambiti di Crema e Pandino, a pari merito, seguiti da X"),
        ({"Crema": 9, "Pandino": 0, "Soncino": None}, "il sub-ambito di Crema"),
        ({"Crema": 0}, "nessuno"),
        ({}, "nessuno"),
    ],
)
def test_ranking(values, expected):
    assert phrases.ranking(values, one="il sub-ambito di", many="i sub-ambiti di") == expected


def test_ranking_agrees():
    assert phrases.ranking({"Crema": 2, "Soncino": 1}, agree="fs") == "Crema, seguita da Soncino"


@pytest.mark.parametrize(
    ("values", "course"),
    [
        ([1, 2, 3], "in crescita costante"), ([3, 2, 1], "in calo costante"), ([2, 2, 2], "stabile"),
        ([1, 3, 2], "prima in aumento e poi in calo"), ([3, 1, 2], "prima in calo e poi in aumento"),
        ([1, 1, 2], "prima stabile e poi in aumento"), ([1, 2, 2], "prima in aumento e poi stabile"),
        ([1, 2, 1, 2], "con andamento alterno"), ([1, 2], "in aumento"), ([None, 2, 1], "in calo"),
        ([None, None, 1], "non confrontabile con gli anni precedenti"),
    ],
)  # fmt: skip
def test_course(values, course):
    assert phrases.course(dict(enumerate(values, start=2023))) == course


def test_course_agrees():
    assert phrases.course({2023: 1, 2024: 1}, "fp") == "stabili"


@given(VALUES, VALUES, AGREEMENTS)
def test_a_change_always_says_against_what(now, before, agree):
    text = phrases.change(now, before, 2024, agree)
    assert text.endswith(("2024", "quando il valore era zero"))
    assert "  " not in text and "None" not in text


@given(VALUES, VALUES, AGREEMENTS)
def test_a_change_as_a_verb_agrees(now, before, agree):
    words = phrases.changed(now, before, agree).split()
    assert ("sono" in words) == (agree[1] == "p")
    assert ("è" in words) == (agree[1] == "s")


@given(st.decimals(min_value=0, max_value=10**6, places=1), st.sampled_from(["", "di", "a", "da", "in", "su"]))
def test_an_elided_article_joins_its_number(value, preposition):
    text = phrases.the_percent(value, preposition)
    head, _, _ = text.partition(numbers.percent(value)[0])
    assert head.endswith(("’", " ")) and not head.endswith("’ ")


@given(st.integers(min_value=0, max_value=10**6), st.sampled_from(sorted(phrases.NOUNS)))
def test_a_count_is_singular_only_for_none_and_one(value, noun):
    text = phrases.count(value, noun)
    assert text.endswith(phrases.NOUNS[noun].singular if value < 2 else noun)


@given(st.dictionaries(st.integers(2015, 2025), VALUES, max_size=6), AGREEMENTS)
def test_a_series_always_has_a_phrase(series, agree):
    text = phrases.course(series, agree)
    assert text and "None" not in text
