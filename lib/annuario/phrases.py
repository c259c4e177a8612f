"""Italian phrases that read right whatever the figures: plain texts, grammatical always.

Agreement is asked for as ``"ms"``, ``"fs"``, ``"mp"``, ``"fp"`` (masculine or feminine,
singular or plural). A series maps years to values; missing years are passed over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from annuario import numbers
from annuario.numbers import is_missing, percent, to_decimal

_SPELLED = (
    "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici "
    "quattordici quindici sedici diciassette diciotto diciannove venti"
).split()
# Articles before a consonant, before a vowel, before s+consonant, z, gn, ps, x, y.
_ARTICLES = {
    "": {"ms": ("il ", "l’", "lo "), "fs": ("la ", "l’", "la "), "mp": ("i ", "gli ", "gli "), "fp": ("le ", "le ", "le ")},
}
for _simple, _joined in (("di", "de"), ("a", "a"), ("da", "da"), ("in", "ne"), ("su", "su")):
    _ARTICLES[_simple] = {
        "ms": (f"{_joined}l ", f"{_joined}ll’", f"{_joined}llo "),
        "fs": (f"{_joined}lla ", f"{_joined}ll’", f"{_joined}lla "),
        "mp": (f"{_joined}i ", f"{_joined}gli ", f"{_joined}gli "),
        "fp": (f"{_joined}lle ", f"{_joined}lle ", f"{_joined}lle "),
    }
_PERIODS = {2: "biennio", 3: "triennio", 4: "quadriennio", 5: "quinquennio"}


@dataclass(frozen=True)
class Noun:
    """A noun that can be counted: ``Noun("domanda", "domande", feminine=True)``."""

    singular: str
    plural: str
    feminine: bool = False


#: Nouns known by their plural; the units of the data are among them.
NOUNS = {
    noun.plural: noun
    for noun in (
        Noun("persona", "persone", True), Noun("minore", "minori"), Noun("utente", "utenti"),
        Noun("caso", "casi"), Noun("nucleo", "nuclei"), Noun("ora", "ore", True),
        Noun("giorno", "giorni"), Noun("Comune", "Comuni"), Noun("punto", "punti"),
        Noun("anno", "anni"), Noun("mese", "mesi"), Noun("affido", "affidi"),
        Noun("domanda", "domande", True), Noun("progetto", "progetti"),
        Noun("obiettivo", "obiettivi"), Noun("operatore", "operatori"),
        Noun("tirocinio", "tirocini"), Noun("struttura", "strutture", True),
        Noun("seduta", "sedute", True), Noun("servizio", "servizi"), Noun("anziano", "anziani"),
        Noun("richiesta", "richieste", True), Noun("segnalazione", "segnalazioni", True),
    )
}  # fmt: skip


def article(word: str, agree: str, preposition: str = "") -> str:
    """The article of a word, joined to ``preposition`` if any: ``dell’``, ``gli ``, ``al ``.

    Ends in a blank or an apostrophe, so that the word follows. Numbers in figures are
    read aloud: ``8``, ``11`` and ``80 %`` begin with a vowel, ``0`` with a z.
    """
    start = _spoken(word).lower()
    if start[0] in "aeiouàèéìòù":
        form = 1
    elif start.startswith(("z", "gn", "ps", "pn", "x", "y")) or (start[0] == "s" and start[1:2] not in "aeiouàèéìòù"):
        form = 2
    else:
        form = 0
    return _ARTICLES[preposition][agree][form]


def _spoken(text: str) -> str:
    """A word that begins as the text does when read aloud."""
    if not text[0].isdigit():
        return text
    groups = text.split(",")[0].split(" ")[0].split(numbers.NBSP)[0].split(".")
    head = int(groups[0]) if groups[0].isdigit() else 0
    if head == 0:
        return "zero"
    if head in (8, 11) or 80 <= head <= 89 or 800 <= head <= 899 or (head == 1 and len(groups) != 2):
        return "otto"
    return "due"


def agreed(adjective: str, agree: str) -> str:
    """An adjective or participle in -o or -e, agreed: ``aumentato``, ``fp`` gives ``aumentate``."""
    if adjective.endswith("e"):
        return adjective[:-1] + ("i" if agree[1] == "p" else "e")
    return adjective[:-1] + {"ms": "o", "fs": "a", "mp": "i", "fp": "e"}[agree]


def spelled(value: int, feminine: bool = False) -> str:
    """A whole number in words up to twenty (``uno``, ``una``), in figures beyond."""
    if value == 1 and feminine:
        return "una"
    return _SPELLED[value] if 0 <= value <= 20 else numbers.number(value)


def count(value: object, noun: str | Noun, words: bool = False) -> str:
    """``769 minori``, ``1 minore``, ``nessun minore``; ``words`` spells up to twenty.

    ``noun`` is a Noun or the plural of a known one; raises KeyError for another.
    """
    noun = NOUNS[noun] if isinstance(noun, str) else noun
    exact = to_decimal(value)
    if exact is None:
        return f"un numero non disponibile di {noun.plural}"
    one = article(noun.singular, "ms")  # «il», «l’», «lo» tell which of un, uno
    if exact == 0:
        if noun.feminine:
            return f"nessun’{noun.singular}" if one == "l’" else f"nessuna {noun.singular}"
        return f"{'nessuno' if one == 'lo ' else 'nessun'} {noun.singular}"
    if exact == 1:
        if not words:
            return f"1 {noun.singular}"
        if noun.feminine:
            return f"un’{noun.singular}" if one == "l’" else f"una {noun.singular}"
        return f"{'uno' if one == 'lo ' else 'un'} {noun.singular}"
    whole = exact == exact.to_integral_value()
    figure = spelled(int(exact)) if words and whole else numbers.quantity(exact, "ore" if noun.plural == "ore" else "numero")
    return f"{figure} {noun.plural}"


def the(value: object, noun: str | Noun, preposition: str = "") -> str:
    """``i 48 Comuni``, ``degli 8 casi``, ``l’unica persona``; ``nessun minore`` for none."""
    noun = NOUNS[noun] if isinstance(noun, str) else noun
    exact, gender = to_decimal(value), "f" if noun.feminine else "m"
    if exact is None or exact == 0:
        return f"{preposition} {count(exact, noun)}".strip()
    if exact == 1:
        only = agreed("unico", gender + "s")
        return f"{article(only, gender + 's', preposition)}{only} {noun.singular}"
    text = count(exact, noun)
    return article(text, gender + "p", preposition) + text


def the_percent(value: object, preposition: str = "", decimals: int | None = 1) -> str:
    """``l’11,5 %``, with ``di`` ``del 4,1 %``, with ``a`` ``all’86,0 %``."""
    text = percent(value, decimals)
    if is_missing(value):
        return f"{preposition} una quota non disponibile".strip()
    return article(text.lstrip(numbers.MINUS), "ms", preposition) + text


def listing(items: Sequence[str], conjunction: str = "e") -> str:
    """``a, b e c``; the conjunction takes a d before its own vowel (``ed Elena``)."""
    items = [str(item) for item in items]
    if len(items) < 2:
        return "".join(items)
    link = conjunction + ("d" if items[-1][:1].lower() == conjunction else "")
    return f"{', '.join(items[:-1])} {link} {items[-1]}"


def change(now: object, before: object, since: int | str, agree: str = "ms") -> str:
    """``in aumento del 4,1 % rispetto al 2024``.

    Unchanged, nearly so (0,0 %), doubled or more, zero on either side and missing values
    have words of their own. ``since`` is the year compared with; ``agree`` is the subject's.
    """
    new, old = to_decimal(now), to_decimal(before)
    if new is None or old is None:
        return f"non {agreed('confrontabile', agree)} con il {since}"
    if new == old:
        return f"{agreed('invariato', agree)} rispetto al {since}"
    if old == 0:
        return f"{'in aumento' if new > 0 else 'in calo'} rispetto al {since}, quando il valore era zero"
    return f"{_change(new, old, agree)} rispetto al {since}"


def change_points(now: object, before: object, since: int | str, agree: str = "ms") -> str:
    """The change of a percentage: ``in aumento di 2,5 punti percentuali rispetto al 2024``."""
    new, old = to_decimal(now), to_decimal(before)
    if new is None or old is None or new == old:
        return change(now, before, since, agree)
    gap = abs(new - old)
    points = "un punto percentuale" if gap == 1 else f"{numbers.number(gap)} punti percentuali"
    return f"in {'aumento' if new > old else 'calo'} di {points} rispetto al {since}"


def _change(new: Decimal, old: Decimal, agree: str) -> str:
    rate = (new - old) / abs(old) * 100
    if new == 0:
        return agreed("azzerato", agree)
    if numbers.rounded(rate, 1) == 0:
        return f"sostanzialmente {agreed('invariato', agree)}"
    if old > 0 and rate >= 100:
        times = {100: "raddoppiato", 200: "triplicato", 300: "quadruplicato"}
        step = min(300, int(rate // 100) * 100)
        return f"{'' if rate == step else 'più che '}{agreed(times[step], agree)}"
    return f"in {'aumento' if rate > 0 else 'calo'} {the_percent(abs(rate), 'di')}"


def changed(now: object, before: object, agree: str = "ms") -> str:
    """The same as a verb: ``è aumentata del 4,1 %``, ``sono rimasti invariati``."""
    new, old = to_decimal(now), to_decimal(before)
    be = "sono" if agree[1] == "p" else "è"
    if new is None or old is None:
        return f"non {be} {agreed('confrontabile', agree)}"
    if new == old:
        return f"{be} {agreed('rimasto', agree)} {agreed('invariato', agree)}"
    if old == 0:
        return f"{be} {agreed('aumentato' if new > 0 else 'diminuito', agree)} da zero"
    how = _change(new, old, agree)
    if how.startswith("in "):
        direction, _, rest = how.removeprefix("in ").partition(" ")
        return f"{be} {agreed('aumentato' if direction == 'aumento' else 'diminuito', agree)} {rest}"
    if how.startswith("sostanzialmente"):
        return f"{be} {agreed('rimasto', agree)} {how}"
    if how.startswith("azzerat"):
        return f"si {'sono' if be == 'sono' else 'è'} {how}"
    return f"{be} {how}"


def share(part: object, whole: object, of: str = "del totale", decimals: int = 1) -> str:
    """``pari al 34,5 % del totale``."""
    some, all_ = to_decimal(part), to_decimal(whole)
    if some is None or not all_:
        return "in quota non calcolabile"
    return f"pari {the_percent(some / all_ * 100, 'a', decimals)} {of}"


def ranking(values: Mapping[str, object], places: int = 3, agree: str = "ms", lowest: bool = False) -> str:
    """``Crema, seguito da Pandino e Sergnano``: names by value, ties together.

    ``agree`` is that of the first name; ``lowest`` begins from the smallest. Zero and
    missing values are left out; with none left the phrase is ``nessuno``.
    """
    known = {name: to_decimal(value) for name, value in values.items()}
    known = {name: value for name, value in known.items() if value}
    order = sorted(known, key=lambda name: known[name] if lowest else -known[name])
    first = [name for name in order if known[name] == known[order[0]]]
    others = order[len(first) : max(places, len(first))]
    if not first:
        return agreed("nessuno", agree)
    head = first[0] if len(first) == 1 else f"{listing(first)}, a pari merito"
    if not others:
        return head
    followed = agreed("seguito", agree if len(first) == 1 else agree[0] + "p")
    return f"{head}, {followed} da {listing(others)}"


def _known(series: Mapping[int, object]) -> dict[int, Decimal]:
    found = {year: to_decimal(value) for year, value in sorted(series.items())}
    return {year: value for year, value in found.items() if value is not None}


def _steps(series: Mapping[int, object]) -> list[int]:
    values = list(_known(series).values())
    return [(new > old) - (new < old) for old, new in zip(values, values[1:])]


def course(series: Mapping[int, object], agree: str = "ms") -> str:
    """How a series went: ``in crescita costante``, ``prima in aumento e poi in calo``…"""
    steps = _steps(series)
    if not steps:
        return f"non {agreed('confrontabile', agree)} con gli anni precedenti"
    names = {1: "in aumento", -1: "in calo", 0: "stabile" if agree[1] == "s" else "stabili"}
    runs = [step for index, step in enumerate(steps) if index == 0 or step != steps[index - 1]]
    if len(runs) == 1:
        steady = {1: "in crescita costante", -1: "in calo costante", 0: names[0]}
        return steady[runs[0]] if len(steps) > 1 else names[runs[0]]
    if len(runs) > 2:
        return "con andamento alterno"
    return f"prima {names[runs[0]]} e poi {names[runs[1]]}"


def since(series: Mapping[int, object], agree: str = "ms") -> str:
    """Since when the last movement goes on: ``in calo dal 2019``, ``stabile dal 2024``."""
    known, steps = list(_known(series)), _steps(series)
    if not steps:
        return course(series, agree)
    start = len(steps) - 1
    while start and steps[start - 1] == steps[-1]:
        start -= 1
    name = {1: "in crescita", -1: "in calo", 0: agreed("stabile", agree)}[steps[-1]]
    return f"{name} dal {known[start]}"


def period(series: Mapping[int, object]) -> str:
    """``triennio`` for three known years, and so on; ``periodo`` beyond five."""
    return _PERIODS.get(len(_known(series)), "periodo")


def extreme(series: Mapping[int, object], year: int) -> str:
    """Where a year stands: ``il valore più alto del triennio``, ``un valore intermedio``…"""
    known = _known(series)
    if year not in known:
        return "un valore non disponibile"
    if len(known) == 1:
        return "il solo valore disponibile"
    top, bottom = max(known.values()), min(known.values())
    if top == bottom:
        return f"un valore costante nel {period(series)}"
    if known[year] not in (top, bottom):
        return f"un valore intermedio nel {period(series)}"
    ties = [f"nel {other}" for other, value in known.items() if value == known[year] and other != year]
    same = f", come {listing(ties)}" if ties else ""
    return f"il valore più {'alto' if known[year] == top else 'basso'} del {period(series)}{same}"
