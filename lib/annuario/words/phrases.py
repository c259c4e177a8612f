"""Italian phrases that read right whatever the figures: plain texts, grammatical always.

Agreement is asked for as ``"ms"``, ``"fs"``, ``"mp"`` or ``"fp"``: masculine or feminine,
singular or plural. A series maps years to values; missing years are passed over.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from annuario.words import numbers
from annuario.words.numbers import to_decimal

#: The numbers up to twenty in letters.
SPELLED = [
    "zero",
    "uno",
    "due",
    "tre",
    "quattro",
    "cinque",
    "sei",
    "sette",
    "otto",
    "nove",
    "dieci",
    "undici",
    "dodici",
    "tredici",
    "quattordici",
    "quindici",
    "sedici",
    "diciassette",
    "diciotto",
    "diciannove",
    "venti",
]
# Before a consonant, before a vowel, before s and a consonant, z, gn, ps, x, y.
_ARTICLES = {
    "ms": ("il ", "l’", "lo "), "fs": ("la ", "l’", "la "),
    "mp": ("i ", "gli ", "gli "), "fp": ("le ", "le ", "le "),
}  # fmt: skip
_VOWELS = tuple("aeiouàèéìòù")
_JOINED = {"di": "de", "a": "a", "da": "da", "in": "ne", "su": "su"}


@dataclass(frozen=True)
class Noun:
    """A noun that can be counted.

    >>> print(count(2, Noun("domanda", "domande", feminine=True)), count(0, Noun("asilo", "asili")), sep=", ")
    2 domande, nessun asilo
    """

    singular: str
    plural: str
    feminine: bool = False


_MASCULINE = (
    "affido affidi, anno anni, anziano anziani, caso casi, Comune Comuni, giorno giorni, mese mesi, minore minori, "
    "nucleo nuclei, obiettivo obiettivi, operatore operatori, progetto progetti, punto punti, servizio servizi, "
    "tirocinio tirocini, utente utenti"
)
_FEMININE = "domanda domande, ora ore, persona persone, richiesta richieste, segnalazione segnalazioni, seduta sedute"
#: Nouns known by their plural; among them the units of the data that have a name.
NOUNS = {
    plural: Noun(singular, plural, feminine)
    for pairs, feminine in ((_MASCULINE, False), (_FEMININE, True))
    for singular, plural in (pair.split() for pair in pairs.split(", "))
}


def capital(text: str) -> str:
    """The text with a capital letter, the others as they are.

    >>> capital("minori in carico al Comune")
    'Minori in carico al Comune'
    """
    return text[:1].upper() + text[1:]


def article(word: str, agree: str, preposition: str = "") -> str:
    """The article of a word, joined to ``preposition`` if any.

    Ends in a blank or an apostrophe, so that the word follows. Figures are read aloud:
    ``8``, ``11`` and ``80 %`` begin with a vowel, ``0,3 %`` with a z, ``1°`` with a consonant.

    >>> [article(word, "ms") + word for word in ("Comune", "anno", "studio", "80 %")]
    ['il Comune', 'l’anno', 'lo studio', 'l’80 %']
    >>> article("8", "mp", "di") + "8", article("educatrici", "fp", "a") + "educatrici"
    ('degli 8', 'alle educatrici')
    """
    plain = _ARTICLES[agree][_opening(word)]
    joined = {"il ": "l ", "i ": plain, "gli ": plain}.get(plain, f"l{plain}")
    return _JOINED[preposition] + joined if preposition else plain


def _opening(word: str) -> int:
    start = word.lower()
    if start[0].isdigit():
        groups = start.replace(numbers.NBSP, " ").split(" ")[0].split(",")[0].split(".")
        if groups[0] == "1°":
            return 0
        head = int(groups[0])
        vowel = head in (8, 11) or 80 <= head <= 89 or 800 <= head <= 899 or (head == 1 and len(groups) != 2)
        return 1 if vowel else 2 if head == 0 else 0
    hard = start.startswith(("z", "gn", "ps", "pn", "x", "y")) or (start[0] == "s" and start[1:2] not in _VOWELS)
    return 1 if start[0] in _VOWELS else 2 if hard else 0


def agreed(adjective: str, agree: str) -> str:
    """An adjective or participle in -o or -e, which agrees.

    >>> agreed("aumentato", "fp"), agreed("stabile", "mp")
    ('aumentate', 'stabili')
    """
    endings = {"ms": "o", "fs": "a", "mp": "i", "fp": "e"}
    return adjective[:-1] + (endings[agree] if adjective.endswith("o") else "ei"[agree[1] == "p"])


def inflected(value: object, singular: str, plural: str) -> str:
    """``singular`` for none or one, else ``plural``.

    >>> [inflected(value, "è stato chiuso", "sono stati chiusi") for value in (0, 1, 2)]
    ['è stato chiuso', 'è stato chiuso', 'sono stati chiusi']
    """
    return singular if to_decimal(value) in (0, 1) else plural


def spelled(value: int, feminine: bool = False) -> str:
    """A whole number in words up to twenty, in figures beyond.

    >>> spelled(0), spelled(1, feminine=True), spelled(20), spelled(1234)
    ('zero', 'una', 'venti', '1.234')
    """
    words = "una" if value == 1 and feminine else SPELLED[value] if 0 <= value <= 20 else ""
    return words or numbers.number(value)


def count(value: object, noun: str | Noun, words: bool = False) -> str:
    """A number with its noun; ``words`` spells it, up to twenty. Raises KeyError for a noun that is not known.

    >>> print(count(769, "minori"), count(1, "minori"), count(0, "minori"), count(None, "minori"), sep=", ")
    769 minori, 1 minore, nessun minore, un numero non disponibile di minori
    >>> print(count(1, "domande", words=True), count(3, "ore", words=True), count(2.5, "ore"), sep=", ")
    una domanda, tre ore, 2,50 ore
    """
    noun = NOUNS[noun] if isinstance(noun, str) else noun
    exact = to_decimal(value)
    if exact is None:
        return f"un numero non disponibile di {noun.plural}"
    if exact == 0 or (exact == 1 and words):
        one = "nessun" if exact == 0 else "un"
        ending = (("a ", "’", "a ") if noun.feminine else (" ", " ", "o "))[_opening(noun.singular)]
        return f"{one}{ending}{noun.singular}"
    spell = words and exact == exact.to_integral_value()
    figure = spelled(int(exact)) if spell else numbers.quantity(exact, "ore" if noun.plural == "ore" else "numero")
    return f"{figure} {noun.singular if exact == 1 else noun.plural}"


def the(value: object, noun: str | Noun, preposition: str = "") -> str:
    """The same with its article, joined to ``preposition`` if any; of none ``nessuno``.

    >>> [the(48, "Comuni"), the(1, "persone"), the(8, "casi", "di"), the(0, "minori", "di")]
    ['i 48 Comuni', 'l’unica persona', 'degli 8 casi', 'di nessun minore']
    """
    noun = NOUNS[noun] if isinstance(noun, str) else noun
    exact, gender = to_decimal(value), "f" if noun.feminine else "m"
    if exact is None or exact <= 0:
        return f"{preposition} {count(exact, noun)}".strip()
    text = f"{agreed('unico', gender + 's')} {noun.singular}" if exact == 1 else count(exact, noun)
    return article(text, gender + ("s" if exact == 1 else "p"), preposition) + text


def the_percent(value: object, preposition: str = "") -> str:
    """A percentage with its article, joined to ``preposition`` if any; one decimal at most.

    >>> print(the_percent(11.46), the_percent(4.1, "di"), the_percent(0.3, "a"), the_percent(None, "a"), sep=" | ")
    l’11,5 % | del 4,1 % | allo 0,3 % | a una quota non disponibile
    """
    exact = to_decimal(value)
    if exact is None:
        return f"{preposition} una quota non disponibile".strip()
    text = numbers.percent(numbers.rounded(exact, 1), decimals=None)
    return article("meno" if exact < 0 else text, "ms", preposition) + text


def listing(items: Sequence[str], conjunction: str = "e") -> str:
    """Things in a row; the conjunction takes a d before its own vowel.

    >>> listing(["Ada"]), listing(["Crema", "Pandino", "Soncino"]), listing(["Ada", "Elena"])
    ('Ada', 'Crema, Pandino e Soncino', 'Ada ed Elena')
    """
    if len(items) < 2:
        return "".join(items)
    link = conjunction + ("d" if items[-1][:1].lower() == conjunction else "")
    return f"{', '.join(items[:-1])} {link} {items[-1]}"


def change(now: object, before: object, since: int | str, agree: str = "ms") -> str:
    r"""How a value changed; ``since`` is the year compared with.

    Unchanged, nearly so, doubled or more, to or from zero, missing: all have their words.

    >>> print(change(102, 98, 2024), change(98, 98, 2024), change(98.01, 98, 2024, "fs"), sep="\n")
    in aumento del 4,1 % rispetto al 2024
    invariato rispetto al 2024
    sostanzialmente invariata rispetto al 2024
    >>> print(change(300, 100, 2024), change(3, 0, 2024), change(0, 3, 2024), change(3, None, 2024), sep="\n")
    triplicato rispetto al 2024
    in aumento rispetto al 2024, quando il valore era zero
    azzerato rispetto al 2024
    non confrontabile con il 2024
    """
    new, old = to_decimal(now), to_decimal(before)
    if new is None or old is None:
        return f"non {agreed('confrontabile', agree)} con il {since}"
    if old == 0 and new != 0:
        return f"in {'aumento' if new > 0 else 'calo'} rispetto al {since}, quando il valore era zero"
    return f"{_change(new, old, agree)} rispetto al {since}"


def _change(new: Decimal, old: Decimal, agree: str) -> str:
    if new == old:
        return agreed("invariato", agree)
    if new == 0:
        return agreed("azzerato", agree)
    rate = (new - old) / abs(old) * 100
    if numbers.rounded(rate, 1) == 0:
        return f"sostanzialmente {agreed('invariato', agree)}"
    times = min(int(rate // 100), 3)
    if old > 0 and times > 0:
        how = agreed(("raddoppiato", "triplicato", "quadruplicato")[times - 1], agree)
        return how if rate == times * 100 else f"più che {how}"
    return f"in {'aumento' if rate > 0 else 'calo'} {the_percent(abs(rate), 'di')}"


def changed(now: object, before: object, agree: str = "ms") -> str:
    r"""The same as a verb.

    >>> print(changed(102, 98, "fs"), changed(98, 98, "mp"), changed(3, 0), changed(0, 3, "mp"), sep="\n")
    è aumentata del 4,1 %
    sono rimasti invariati
    è passato da zero a 3
    si sono azzerati
    """
    new, old = to_decimal(now), to_decimal(before)
    be = "sono" if agree[1] == "p" else "è"
    if new is None or old is None:
        return f"non {be} {agreed('confrontabile', agree)}"
    if old == 0 and new != 0:
        return f"{be} {agreed('passato', agree)} da zero a {numbers.number(new)}"
    how = _change(new, old, agree)
    if how.startswith("in "):
        _, direction, rest = how.split(" ", 2)
        return f"{be} {agreed('aumentato' if direction == 'aumento' else 'diminuito', agree)} {rest}"
    if how.endswith(agreed("invariato", agree)):
        return f"{be} {agreed('rimasto', agree)} {how}"
    return f"si {be} {how}" if how == agreed("azzerato", agree) else f"{be} {how}"


def change_points(now: object, before: object, since: int | str, agree: str = "ms") -> str:
    r"""The same of a percentage, in points.

    >>> print(change_points(12.5, 10, 2024), change_points(9, 10, 2024), change_points(10, 10, 2024), sep="\n")
    in aumento di 2,5 punti percentuali rispetto al 2024
    in calo di un punto percentuale rispetto al 2024
    invariato rispetto al 2024
    """
    new, old = to_decimal(now), to_decimal(before)
    if new is None or old is None or new == old:
        return change(now, before, since, agree)
    gap = abs(new - old)
    points = "un punto percentuale" if gap == 1 else f"{numbers.number(gap)} punti percentuali"
    return f"in {'aumento' if new > old else 'calo'} di {points} rispetto al {since}"


def share(part: object, whole: object, of: str = "del totale") -> str:
    """What part of a whole it is, in percent.

    >>> print(share(1, 8), share(1, 8, "dei minori"), share(1, 0), sep=", ")
    pari al 12,5 % del totale, pari al 12,5 % dei minori, in quota non calcolabile
    """
    some, total = to_decimal(part), to_decimal(whole)
    if some is None or not total:
        return "in quota non calcolabile"
    return f"pari {the_percent(some / total * 100, 'a')} {of}"


def ranking(values: Mapping[str, object], places: int = 3, agree: str = "ms", one: str = "", many: str = "") -> str:
    """Names by value, ties for the first together.

    ``agree`` is that of one name; ``one`` and ``many`` stand before one first or several (``il
    sub-ambito di``). Only names with a value above zero; with none the phrase is ``nessuno``.

    >>> ranking({"Crema": 174, "Pandino": 130, "Sergnano": 90, "Soncino": 60, "Ignoto": None})
    'Crema, seguito da Pandino e Sergnano'
    >>> ranking({"Crema": 12, "Pandino": 12, "Soncino": 3}, one="il Comune di", many="i Comuni di")
    'i Comuni di Crema e Pandino, a pari merito, seguiti da Soncino'
    >>> ranking({"Crema": 0})
    'nessuno'
    """
    known = {name: value for name, value in ((n, to_decimal(v)) for n, v in values.items()) if value and value > 0}
    order = sorted(known, key=lambda name: -known[name])
    first = [name for name in order if known[name] == known[order[0]]]
    if not first:
        return agreed("nessuno", agree)
    alone = len(first) == 1
    head = f"{one} {first[0]}" if alone else f"{many} {listing(first)}, a pari merito"
    others = order[len(first) : places]
    followed = agreed("seguito", agree if alone else agree[0] + "p")
    return f"{head}, {followed} da {listing(others)}".strip() if others else head.strip()


def _known(series: Mapping[int, object]) -> dict[int, Decimal]:
    exact = ((year, to_decimal(value)) for year, value in sorted(series.items()))
    return {year: value for year, value in exact if value is not None}


def _steps(series: Mapping[int, object]) -> list[int]:
    values = list(_known(series).values())
    return [(new > old) - (new < old) for old, new in itertools.pairwise(values)]


def course(series: Mapping[int, object], agree: str = "ms") -> str:
    """How a series went.

    >>> course({2023: 3, 2024: 5, 2025: 8}), course({2023: 3, 2024: 5, 2025: 2}), course({2024: 5, 2025: 5})
    ('in crescita costante', 'prima in aumento e poi in calo', 'stabile')
    >>> course({2022: 3, 2023: 5, 2024: 2, 2025: 9}), course({2025: 9})
    ('con andamento alterno', 'non confrontabile con gli anni precedenti')
    """
    steps = _steps(series)
    if not steps:
        return f"non {agreed('confrontabile', agree)} con gli anni precedenti"
    runs = [step for index, step in enumerate(steps) if index == 0 or step != steps[index - 1]]
    names = {1: "in aumento", -1: "in calo", 0: agreed("stabile", agree)}
    if len(runs) > 2:
        return "con andamento alterno"
    if len(runs) == 2:
        return f"prima {names[runs[0]]} e poi {names[runs[1]]}"
    return {1: "in crescita costante", -1: "in calo costante"}.get(runs[0] * (len(steps) > 1), names[runs[0]])
