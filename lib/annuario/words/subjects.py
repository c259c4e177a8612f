"""The subject of a sentence: a noun phrase as charts are called by, with its article and what agrees with it.

>>> opened("Ore di servizio erogate", "fp"), opened("Fondo Sociale Regionale", "ms")
('Le ore di servizio erogate', 'Il Fondo Sociale Regionale')
"""

from __future__ import annotations

import re

from annuario.words import phrases

# Words whose ending says another gender or number than theirs, or none.
_FEMININE_PLURAL = (
    "accoglienze assistenze assunzioni classi donne entrate famiglie fonti madri misure ore parti persone quote reti "
    "rette risorse richieste domande schede sedi sedute spese strutture unità uscite utenze voci istanze pratiche rate"
)
_OTHERS = {
    word: agree
    for agree, words in {
        "fp": _FEMININE_PLURAL,
        "fs": "rete sede parte voce fonte classe",
        "ms": "personale valore carico totale bilancio ente canale budget mese problema programma sistema tema clima",
        "mp": "enti mesi problemi programmi sistemi temi",
        "": "analisi crisi ipotesi tesi serie specie mano mani moto foto auto radio",
    }.items()
    for word in words.split()
}
_ENDINGS = (
    (r"(z|s|g)ione|udine|trice", "fs"), (r"(z|s|g)ioni|udini|trici", "fp"), (r"ment[oe]|[^e]o", "ms"),
    (r"a", "fs"), (r"[^aeou]i|[ae]i|ii", "mp"),
)  # fmt: skip


def agreement(word: str) -> str:
    """Gender and number of a noun, ``"ms"`` to ``"fp"``; nothing where its form does not say.

    >>> [agreement(word) for word in ("Costo", "Ore", "Attivazioni", "Minori", "Progettualità")]
    ['ms', 'fp', 'fp', 'mp', '']
    """
    noun = word.lower().strip("«»,;:()")
    if noun in _OTHERS:
        return _OTHERS[noun]
    for known in phrases.NOUNS.values():
        if noun in (known.singular.lower(), known.plural.lower()):
            return ("f" if known.feminine else "m") + ("p" if noun == known.plural.lower() else "s")
    if word.isupper() or not noun.isalpha():
        return ""
    return next((agree for ending, agree in _ENDINGS if re.search(f"({ending})$", noun)), "")


def of_phrase(phrase: str) -> str:
    """That of a noun phrase, by its first word; nothing where it names several things, or where the word does not say.

    >>> of_phrase("Ore di servizio erogate"), of_phrase("Progettualità attivate"), of_phrase("Entrate e uscite")
    ('fp', 'fp', '')
    """
    if not phrase or re.search(r"[,;:]|\be(d)?\b", phrase):
        return ""
    first, second = [*phrase.split(), ""][:2]
    if first.lower().endswith("tà") and not agreement(first):  # one or many: what follows agrees with it
        return (
            {"a": "fs", "e": "fp"}.get(second[-1:], "") if second not in ("e", "che", "per", "della", "delle") else ""
        )
    return agreement(first)


def opened(phrase: str, agree: str) -> str:
    """The phrase with its article, as a sentence opens with it; a proper name keeps its capital letter.

    >>> opened("Minori in carico", "mp"), opened("Comuni serviti", "mp")
    ('I minori in carico', 'I Comuni serviti')
    """
    first, _, rest = phrase.partition(" ")
    capital = any(first in (known.singular, known.plural) for known in phrases.NOUNS.values())
    if not rest[:1].isupper() and not first.isupper() and not capital:
        first = first[:1].lower() + first[1:]
    phrase = f"{first} {rest}".strip()
    return phrases.capital(phrases.article(phrase, agree) + phrase)
