"""What is said in the language of the project: the catalogues, and the command line in Italian."""

import ast
import errno
import os
import socket
import string
import struct
import tempfile

import catalogue
import pytest
from catalogue import LIB
from click.testing import CliRunner
from conftest import one_chapter

from annuario import messages
from annuario.book import finished, watch
from annuario.cli import main
from annuario.errors import BookError
from annuario.messages import say, say_many

LANGUAGES = sorted(path.name for path in messages.LOCALE.iterdir())


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def forms(text) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (text,)


@pytest.fixture(scope="module")
def known():
    return catalogue.templates()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_of_the_code_is_translated_and_nothing_else(known, language):
    told = {message.id: message for message in catalogue.read(language) if message.id}
    assert not known.keys() - told.keys(), "make messages"
    assert not told.keys() - known.keys(), "make messages"
    lacking = [message.id for message in told.values() if not all(forms(message.string)) or message.fuzzy]
    assert not lacking


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_fields_of_its_template(language):
    for message in catalogue.read(language):
        if message.id:
            assert fields(forms(message.string)[-1]) == fields(forms(message.id)[-1]), message.id
            assert forms(message.string)[0].strip(" ") != "", message.id
            for edge in (0, -1):  # parts of a sentence keep the blank that joins them
                assert (forms(message.id)[0][edge] == " ") == (forms(message.string)[0][edge] == " "), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_one_that_is_read(language, tmp_path, monkeypatch):
    kept = catalogue.path(language).with_suffix(".mo").read_bytes()
    assert struct.unpack("<I", kept[:4]) == (0x950412DE,)
    catalogue.compile_to(catalogue.read(language), tmp_path / "made.mo")
    assert (tmp_path / "made.mo").read_bytes() == kept, "make messages"


def test_what_is_raised_at_an_analyst_goes_through_the_catalogues():
    """An error's message, or a problem's, is not put together where it is raised."""
    raw = []
    for path in sorted(LIB.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                "BookError",
                "ChapterError",
                "CheckError",
            ):
                for one in node.args:
                    if isinstance(one, ast.Constant) and " " in one.value:
                        raw.append(f"{path.name}:{node.lineno}")
                    elif isinstance(one, ast.JoinedStr):
                        words = " ".join(part.value for part in one.values if isinstance(part, ast.Constant))
                        if any(word.isalpha() and len(word) > 2 for word in words.split()):
                            raw.append(f"{path.name}:{node.lineno}")
    assert not raw


def test_numbers_are_written_as_the_language_does(monkeypatch):
    assert say("{path}: {size:.1f} of {whole:,} in {year}", path="1.5", size=1234.5, whole=12345, year=2026) == (
        "1.5: 1234.5 of 12,345 in 2026"
    )
    monkeypatch.setenv("LANGUAGE", "it_IT:en")
    assert say("{path}: {size:.1f} of {whole:,} in {year}", path="1.5", size=1234.5, whole=12345, year=2026) == (
        "1.5: 1234,5 of 12.345 in 2026"
    )
    assert [say_many("{count} row", "{count} rows", count) for count in (0, 1, 2)] == ["0 righe", "1 riga", "2 righe"]


def test_a_language_without_a_catalogue_is_said_in_english(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "tlh")
    assert say("nothing") == "nothing"


def test_what_others_say_is_told_as_far_as_it_is_known(monkeypatch):
    assert messages.foreign("name 'x' is not defined") == "name 'x' is not defined"
    monkeypatch.setenv("LANGUAGE", "it")
    assert messages.foreign("name 'x' is not defined") == "il nome «x» non è definito"
    assert messages.foreign("'(' was never closed") == "«(» è aperta e mai chiusa"
    assert messages.foreign("something else, {of} a library") == "something else, {of} a library"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A project whose ``lang`` is Italian."""
    return one_chapter(tmp_path_factory.mktemp("italiano") / "progetto").root


@pytest.fixture
def italian(root, monkeypatch):
    """Runs a command in that project, in an environment that asks for no language."""
    monkeypatch.chdir(root)
    monkeypatch.delenv("ANNUARIO_ROOT", raising=False)
    monkeypatch.setenv("LANGUAGE", "")
    return lambda *arguments: CliRunner().invoke(main, list(arguments)).output


ENGLISH = (" the ", " of ", " is ", " and ", " or ", " to ", "Options", "Usage", "Error", "Show")


@pytest.mark.parametrize("command", [(), *((name,) for name in sorted(main.commands))])
def test_the_help_of_every_command_is_in_the_language_of_the_project(italian, command):
    told = " ".join(italian(*command, "--help").split())
    assert told.startswith("Uso: ")
    assert not [word for word in ENGLISH if word in told]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("build", "relazione-1999"), "Errore: Edizione sconosciuta «relazione-1999»: scegliere fra relazione-2025"),
        (("build",), "Errore: indicare le edizioni da costruire, come relazione-2025, o prenderle tutte con --all."),
        (("missing",), "Errore: Manca l’argomento 'EDIZIONE'"),
        (("publica",), "Errore: Il comando 'publica' non esiste."),
        (("missing", "relazione-2025"), "relazione-2025 non è una bozza"),
        (("list",), "pubblicata"),
    ],
)
def test_what_a_command_says_is_in_the_language_of_the_project(italian, arguments, told):
    assert told in italian(*arguments)


def test_outside_a_project_that_of_what_is_named_and_else_the_systems_is_spoken(italian, root, tmp_path, monkeypatch):
    """As of an archive: it holds a project, and is looked at anywhere."""
    monkeypatch.chdir(tmp_path)
    for system, folder, told in (
        ("C.UTF-8", "altrove", "no archive"),
        ("C.UTF-8", str(root.parent), "non è un archivio"),
        ("it_IT.UTF-8", "altrove", "non è un archivio"),
    ):
        monkeypatch.setenv("LC_ALL", system)
        monkeypatch.setenv("LANGUAGE", "")
        assert told in italian("verify", folder)


def test_the_environment_chooses_before_the_project(italian, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "en_GB:it")
    assert "Unknown edition" in italian("build", "relazione-1999")


def test_a_mistake_in_a_table_is_told_in_italian(italian, small, monkeypatch):
    monkeypatch.chdir(small.root)
    path = small.root / "data" / "indicatori.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[3] = lines[3].replace("relazione-", "Relazione-", 1)
    path.write_text("\n".join(lines), encoding="utf-8")
    told = italian("check")
    assert "indicatori.csv, riga 4, colonna «edizione»: «Relazione-" in told
    assert ": si intendeva «relazione-" in told


def test_what_the_system_says_of_a_file_is_in_the_language_too(monkeypatch, tmp_path):
    monkeypatch.setenv("LANGUAGE", "it")
    error = finished.unwritable(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path)), tmp_path)
    assert str(error).startswith(f"{tmp_path}: non si può scrivere (sul disco non c’è più spazio)")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "passa"))
    error = finished.unwritable(
        OSError(errno.ENOSPC, "x", str(tmp_path / "passa" / "a")), tmp_path / "libri" / "r-2025"
    )
    assert "TMPDIR" in str(error) and "--out" not in str(error)
    taken = socket.create_server(("127.0.0.1", 0))
    with taken, pytest.raises(BookError, match="indirizzo"):
        watch.serve(None, taken.getsockname()[1])
