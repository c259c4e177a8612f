"""The folder of an edition holds one build at any time; killed builds leave nothing that stays."""

import contextlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import altair as alt
import pandas as pd
import psutil
import pytest
from conftest import PATIENCE, PROSE, edit, keep_in

from annuario import workplace
from annuario.book import build, finished
from annuario.book.drawings import Drawings
from annuario.errors import BookError

EDITION = "relazione-2021"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "libri"


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def book(folder: Path, text: str, *formats: str) -> None:
    """A finished folder whose files all say ``text``."""
    for name in ("notebooks/a.ipynb", "dati/a.csv", *(f"{EDITION}.{form}" for form in formats or finished.FORMATS)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    summary = {"edition": EDITION, "chapters": 1, "tables": 0, "charts": 0, "checks": 0, "doubts": [], "draft": ""}
    finished.stamp(
        folder,
        {
            "inputs": text,
            "untracked": False,
            "elsewhere": {},
            "data": text,
            "formats": list(formats or finished.FORMATS),
            "summary": summary,
        },
    )


def test_renderers_that_have_died_are_started_anew():
    spec = alt.Chart(pd.DataFrame({"a": [1, 2], "b": [3, 4]})).mark_bar().encode(x="a:O", y="b:Q").to_dict()
    drawn = Drawings().svg(spec)
    for renderer in multiprocessing.active_children():
        renderer.kill()
        renderer.join()
    with contextlib.suppress(BrokenProcessPool):  # what they were asked for before it was seen is lost
        Drawings().svg(spec)
    assert Drawings().svg(spec) == drawn


@pytest.fixture(params=["one step", "two steps"])
def steps(request, monkeypatch):
    """Systems that let two folders change places, and others."""
    if request.param == "two steps":
        monkeypatch.setattr(finished, "_exchange", lambda one, other: False)
    elif sys.platform != "linux":
        pytest.skip("only Linux has it")


def put(out: Path, text: str, *formats: str) -> None:
    with finished.aside(out / EDITION) as aside:
        book(aside / finished.NEW, text, *formats)
        finished.put(aside / finished.NEW, out / EDITION)


def test_a_folder_takes_the_place_of_another_as_a_whole(steps, out):
    put(out, "primo")
    put(out, "secondo", "html")
    found = files(out / EDITION)
    assert {text for name, text in found.items() if name != finished.STAMP} == {"secondo"}
    assert f"{EDITION}.pdf" not in found
    assert [path.name for path in out.iterdir()] == [EDITION]


def test_the_files_of_others_are_taken_along(steps, out):
    put(out, "primo")
    for name in ("appunti.txt", "dati/analisi.xlsx", "notebooks/mio/prova.ipynb", "dati/.~lock.a.csv#"):
        (out / EDITION / name).parent.mkdir(exist_ok=True)
        (out / EDITION / name).write_text("mio", encoding="utf-8")
    put(out, "secondo", "html")
    put(out, "terzo")
    found = files(out / EDITION)
    assert {name for name, text in found.items() if text == "mio"} == {
        "appunti.txt", "dati/analisi.xlsx", "notebooks/mio/prova.ipynb", "dati/.~lock.a.csv#",
    }  # fmt: skip
    assert {text for name, text in found.items() if text != "mio" and name != finished.STAMP} == {"terzo"}


def test_what_fails_or_is_interrupted_changes_nothing(steps, out):
    put(out, "primo")
    before = files(out)
    for error in (BookError, KeyboardInterrupt, OSError):
        with pytest.raises(error), finished.aside(out / EDITION) as aside:
            book(aside / finished.NEW, "secondo")
            raise error
    assert files(out) == before and [path.name for path in out.iterdir()] == [EDITION]


def test_a_folder_that_cannot_be_moved_is_as_it_was(out, monkeypatch):
    put(out, "primo")
    before, rename = files(out), os.rename

    def refuse(old, new):
        if Path(old).name == finished.NEW:
            raise PermissionError(13, "The file is in use", str(old))
        rename(old, new)

    monkeypatch.setattr(finished, "_exchange", lambda one, other: False)
    monkeypatch.setattr(finished.os, "rename", refuse)
    with pytest.raises(
        BookError, match=rf"{EDITION}: cannot be replaced \(The file is in use\): .* Close it and build again"
    ):
        put(out, "secondo")
    assert files(out) == before


@pytest.mark.parametrize("done", [1, 2])
def test_a_kill_between_two_steps_is_finished_by_the_next(out, done):
    """Where folders cannot change places at once: after the first rename, or the second."""
    put(out, "primo")
    (out / EDITION / "appunti.txt").write_text("mio", encoding="utf-8")
    aside = out / f"{finished.ASIDE}{EDITION}"
    book(aside / finished.NEW, "secondo")
    (aside / workplace.LOCK).touch()
    os.rename(out / EDITION, aside / finished.OLD)
    if done == 2:
        os.rename(aside / finished.NEW, out / EDITION)
    finished.sweep(out)
    found = files(out / EDITION)
    assert found.pop("appunti.txt") == "mio" and found.pop(finished.STAMP)
    assert set(found.values()) == {"secondo"} and [path.name for path in out.iterdir()] == [EDITION]


def test_only_what_nobody_keeps_is_swept(out):
    put(out, "primo")
    (out / f"{finished.ASIDE}piano-2020").mkdir()
    (out / finished.PREVIEW / f"{finished.ASIDE}{EDITION}").mkdir(parents=True)
    with finished.aside(out / EDITION) as aside:
        finished.sweep(out)
        assert aside.is_dir()
        assert not (out / f"{finished.ASIDE}piano-2020").exists()
        assert list((out / finished.PREVIEW).iterdir()) == []


def test_two_builds_of_one_edition(out, monkeypatch):
    """The second waits for a while, then says why it does not go on; another edition need not wait."""
    monkeypatch.setattr(finished, "PATIENCE", 0.2)
    with finished.aside(out / EDITION):
        with (
            pytest.raises(BookError, match=f"{EDITION}: another process is building this edition"),
            finished.aside(out / EDITION),
        ):
            pass
        with finished.aside(out / "piano-2020"):
            pass
    monkeypatch.setattr(finished, "PATIENCE", 60)
    inside, end = threading.Event(), threading.Event()

    def first():
        with finished.aside(out / EDITION):
            inside.set()
            end.wait(60)

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(60)
    threading.Timer(0.3, end.set).start()
    with finished.aside(out / EDITION):
        assert end.is_set()
    thread.join()
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("place", ["", "notebooks", "dati"])
def test_a_file_in_the_place_of_a_folder(out, place):
    path = out / EDITION / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mio", encoding="utf-8")
    with pytest.raises(BookError, match="this is a file: move it away"), finished.aside(out / EDITION):
        pass
    assert path.read_text(encoding="utf-8") == "mio"


def test_a_folder_in_the_place_of_a_file(out):
    (out / EDITION / f"{EDITION}.html").mkdir(parents=True)
    with pytest.raises(BookError, match="this is a folder: move it away"), finished.aside(out / EDITION):
        pass


@pytest.mark.parametrize(
    "stamp",
    ["", "[]", "{}", '{"inputs": 1}', '{"inputs": "a", "data": "b", "formats": 3, "summary": {}, "files": []}', "\x00"],
)
def test_a_stamp_that_is_none(out, stamp):
    book(out / EDITION, "primo")
    (out / EDITION / finished.STAMP).write_text(stamp, encoding="utf-8")
    assert finished.stamped(out / EDITION) == {}


def test_temporary_files_are_in_a_folder_of_the_process(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("annuario-0123abcd", "annuario-89abcdef", "annuario-appunti"):
        (tmp_path / name).mkdir()
    (tmp_path / "annuario-0123abcd" / workplace.LOCK).touch()
    (tmp_path / "annuario-appunti" / "mio").touch()
    (tmp_path / "annuario-0000ffff").mkdir()
    (tmp_path / "annuario-0000ffff" / "mio").touch()
    temporary = workplace.Temporary()
    with temporary:
        assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {
            "annuario-appunti", "annuario-0000ffff", Path(tempfile.gettempdir()).name,
        }  # fmt: skip
        with temporary:
            own = Path(tempfile.mkdtemp())
            assert own.parent.parent == tmp_path and os.environ["TMPDIR"] == str(own.parent)
        workplace.sweep_temporary(tmp_path)
        assert own.exists()
    assert not own.parent.exists() and tempfile.gettempdir() == str(tmp_path)


# With a whole build -------------------------------------------------------------------


def test_a_format_that_is_not_asked_for(small, shared, out):
    """It stays while it is of the same build, and is taken off, which is said, once it is not."""
    make = lambda *formats: build.build(small, EDITION, out, formats, "pandoc", kept=shared)
    names = lambda: {path.name for path in (out / EDITION).glob(f"{EDITION}.*")}
    assert make("html").removed == ()
    assert make("pdf").removed == () and names() == {f"{EDITION}.html", f"{EDITION}.pdf"}
    assert make("html").unchanged and make("html", "pdf").unchanged
    edit(small.books["relazione"].chapters[0], PROSE, "Una frase cambiata.")
    changed = make("html")
    assert changed.removed == (str(out / EDITION / f"{EDITION}.pdf"),) and names() == {f"{EDITION}.html"}
    assert str(out / EDITION / f"{EDITION}.pdf") not in changed.paths
    stamp = json.loads((out / EDITION / finished.STAMP).read_text(encoding="utf-8"))
    assert stamp["formats"] == ["html"] and f"{EDITION}.pdf" not in stamp["files"]


def command(project, out, *more):
    given = [
        sys.executable,
        "-m",
        "annuario",
        "build",
        EDITION,
        "--format",
        "html",
        "--engine",
        "pandoc",
        "--out",
        str(out),
        *more,
    ]
    environment = {name: value for name, value in os.environ.items() if name != "ANNUARIO_ROOT"}
    return {"args": given, "cwd": project.root, "env": environment, "text": True}


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGKILL, -9)]
)
def test_an_ended_build_leaves_nothing_that_stays(small, shared, out, tmp_path, number, code):
    """Whoever asks it to end sees it clean up; after a kill the next build does."""
    (tmp_path / "tmp").mkdir()
    given = command(small, keep_in(shared, out))
    given["env"]["TMPDIR"] = str(tmp_path / "tmp")
    edit(small.books["relazione"].chapters[0], PROSE, "Attende `{python} __import__('time').sleep(1)`.")
    process = subprocess.Popen(**given, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    aside = out / f"{finished.ASIDE}{EDITION}"
    while not aside.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == code and "Traceback" not in said
    assert psutil.wait_procs(children, timeout=PATIENCE)[1] == []
    if number == signal.SIGKILL:
        assert aside.exists()
        edit(small.books["relazione"].chapters[0], "Attende", "Ha atteso")
        subprocess.run(**command(small, out), capture_output=True, check=False)
        finished.sweep(out)
        workplace.sweep_temporary(tmp_path / "tmp")
    assert not aside.exists() and list((tmp_path / "tmp").iterdir()) == []


def test_what_an_ending_process_still_writes_is_deleted_too(tmp_path, monkeypatch):
    """A process that is just being ended may write once more into the folder of temporary files."""
    folder, delete, late = tmp_path / "annuario-00000000", workplace.delete, ["tardi", "più tardi"]
    left = workplace.claim(folder)
    (folder / "subito").touch()

    def delete_and_write(path):
        delete(path)
        if late:
            (folder / late.pop(0)).touch()

    monkeypatch.setattr(workplace, "delete", delete_and_write)
    workplace.release(folder, left)
    assert not folder.exists() and not late
