"""Make the index of what the four documents print, from their text: numbers on their lines, no sentences.

    python tests/documents/index.py FOLDER-WITH-THE-TEXTS

``printed/<document>.txt`` has a line for each line of the document. Digits, signs, marks of money, the gaps
between cells, months and numerals in words stay as they are; of a table's row its first word stays too;
every other run of words is a point in the middle. ``words.csv`` has the words of each table of the
inventory, once each and in the order of the alphabet. So the tests of provenance and of coverage hold where
the documents are not at hand, and nobody reads the documents in here.

``runs.bin`` has digests of runs of words of the prose: see ``copied.py``, which finds what the books copy.

``names.txt`` has 28 bits of the digest of each caseworker's name: enough to find a name that slipped into
the data, too little to tell it.

Where the books hold a run of eight words of the documents, names and labels apart, each is told, and the exit code is
not zero: ``runs.bin`` alone finds runs of ten.
"""

import csv
import hashlib
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import copied
from conftest import ROOT
from reading import MONTHS, fold, words

from annuario.words.phrases import SPELLED

HERE = Path(__file__).parent
INVENTORY = HERE / "inventory"
#: Where caseworkers are named: tables whose other columns are published.
NAMED = {"relazione-2021": range(688, 701), "relazione-2025": range(1347, 1361)}
#: Words that count, or that say that there is nothing to count.
NUMERALS = {*SPELLED, "un", "una", "trenta", "nessun", "nessuno", "nessuna", "circa", "oltre", "altro", "non"}
WORDS = re.compile(r"[^\W\d_]+(?:[’'`]?[^\W\d_]+)*[’'`]?")
KEPT = re.compile(r"OBIETTIVO|p(?=>)|i(?=>)")


def masked(line: str, named: bool = False) -> str:
    """The line with its numbers, without its sentences.

    Example: ``masked("Nel 2021 i minori sono 1.071, in due anni +4 %")`` is ``"· 2021 · 1.071, · due · +4 %"``.
    """
    first = None if named or "\t" not in line else WORDS.search(line)

    def mask(match: re.Match) -> str:
        word = match[0]
        stays = fold(word) in NUMERALS or fold(word) in MONTHS or KEPT.match(word)
        if stays or (first and match.start() == first.start()):
            return word
        return word[0] if line[match.start() - 1 : match.start()].isdigit() else "·"  # «60gg» is no number alone

    text = re.sub(WORDS, mask, line)
    return re.sub(r"·[·,.;:()«»“”\"!? ]*(?=·)", "", text)


def named(document: str, number: int) -> bool:
    """Whether the line, counted from one, names a caseworker."""
    return number in NAMED.get(document, ())


def digest(name: str) -> str:
    """The first 28 bits of a name's digest, as seven hexadecimal digits."""
    return hashlib.sha256(name.upper().encode()).hexdigest()[:7]


def main(folder: Path) -> None:
    """Write the index of the documents in a folder; end with an error where the books copy them."""
    texts = {path.stem: path.read_text(encoding="utf-8").split("\n") for path in sorted(folder.glob("*.txt"))}
    (HERE / "printed").mkdir(exist_ok=True)
    names = set()
    for document, lines in texts.items():
        numbered = list(enumerate(lines, start=1))
        names |= {re.match(r"[A-Z]+", line)[0] for number, line in numbered if named(document, number)}
        text = "\n".join(masked(line, named(document, number)) for number, line in numbered)
        (HERE / "printed" / f"{document}.txt").write_text(text, encoding="utf-8")
    (HERE / "runs.bin").write_bytes(copied.index("\n".join(lines) for lines in texts.values()))
    (HERE / "names.txt").write_text("\n".join(sorted(map(digest, names))) + "\n", encoding="utf-8")
    with (
        (INVENTORY / "tables.csv").open(encoding="utf-8", newline="") as listed,
        (HERE / "words.csv").open("w", encoding="utf-8", newline="") as written,
    ):
        write = csv.writer(written, lineterminator="\n")
        write.writerow(["tabella", "parole"])
        for row in csv.DictReader(listed):
            lines = texts[row["doc"]][int(row["first_line"]) - 1 : int(row["last_line"])]
            kept = words(" ".join(lines)) - {fold(name) for name in names}
            write.writerow([row["table_id"], " ".join(sorted(kept))])
    prose = [found for lines in texts.values() for found in copied.prose("\n".join(lines))]
    known = {copied.digest(run) for found in prose for run in copied.runs(found)}
    copies = {f"{place}: {run}" for place, text in copied.authored(ROOT) for run in copied.copied(text, known)}
    if copies:
        raise SystemExit("\n".join(sorted(copies)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
