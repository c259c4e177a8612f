"""The books are in their own words: no run of ten words is the documents', names and labels apart."""

import doctest

import copied
from conftest import DOCUMENTS, ROOT

SENTENCE = "Il servizio accompagna ogni anno le famiglie che hanno chiesto un aiuto per i loro figli minori"


def test_a_copied_run_is_found_and_a_name_is_none():
    known = copied.read_index(copied.index([SENTENCE]))
    assert copied.copied(f"Si dice: {SENTENCE.upper()}, dal 2019.", known)
    assert copied.copied("accompagna ogni anno le famiglie che hanno chiesto un aiuto per", known)
    own = "Ogni anno le famiglie che chiedono aiuto per i figli sono accompagnate"
    assert copied.copied(own, known) == []
    assert copied.copied(f"La scheda si chiama «{SENTENCE}».", known) == []
    name = "presso la Procura presso il Tribunale per i Minorenni di Brescia"
    assert copied.copied(name, copied.read_index(copied.index([name]))) == []


def test_the_rows_of_a_table_are_no_sentences():
    assert copied.index([SENTENCE.replace(" ", "\t", 1)]) == b""


def test_no_long_run_of_the_books_is_the_documents():
    known = copied.read(DOCUMENTS / "runs.bin")
    found = {(place, run) for place, text in copied.authored(ROOT) for run in copied.copied(text, known)}
    assert found == set()


def test_examples_in_the_documentation():
    assert doctest.testmod(copied).failed == 0
