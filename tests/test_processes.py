"""Chapters' processes: isolated as kernels are, and never orphans."""

import json
import os
import signal
import subprocess
import sys
import time

import nbformat
import psutil
import pytest
from conftest import PATIENCE

from annuario.errors import ChapterError
from annuario.execution import execute, processes

pytestmark = pytest.mark.skipif(not processes.CAN_FORK, reason="processes are forked on Linux only")


#: What a chapter's process tells of itself.
ABOUT = (
    "import json, os, random, sys",
    "import numpy",
    "known = 'mine' in globals()",
    "mine = 1",
    "loaded = sorted({'pandas', 'altair', 'cremasca'} & set(sys.modules))",
    "print(json.dumps([os.getpid(), known, random.random(), numpy.random.random(), os.getcwd(), loaded]))",
)


def written(path, source):
    """The path of a chapter of one cell beside the parameters."""
    parameters = nbformat.v4.new_code_cell('edizione = "relazione-2025"', metadata={"tags": ["parameters"]})
    made = nbformat.v4.new_notebook(cells=[parameters, nbformat.v4.new_code_cell(source)])
    made.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    nbformat.write(made, path)
    return path


@pytest.fixture
def printed(tmp_path):
    """A function that runs a chapter of one cell beside the parameters: the text that it prints."""

    def printed(source, name="prova"):
        path = written(tmp_path / f"{name}.ipynb", source)
        cells = execute.chapter(path, "relazione-2021", tmp_path, tmp_path)["cells"]
        return "".join(output.get("text", "") for output in cells[-1]["outputs"])

    return printed


def test_chapters_run_warm_in_processes_of_their_own(printed, tmp_path):
    (pid, known, one, two, folder, loaded), other = (
        json.loads(printed("\n".join(ABOUT))),
        json.loads(printed("\n".join(ABOUT))),
    )
    assert len({pid, other[0], os.getpid()}) == 3
    assert not known and not other[1]
    assert one != other[2] and two != other[3]
    assert folder == str(tmp_path)
    assert loaded[:1] == ["altair"] and "pandas" in loaded


def test_the_environment_is_passed_on(printed, monkeypatch):
    monkeypatch.setenv("UNA_PROVA", "sì")
    assert printed("import os\nprint(os.environ['UNA_PROVA'])") == "sì\n"


def test_where_no_process_can_be_forked_one_is_started(printed, monkeypatch):
    monkeypatch.setattr(processes, "CAN_FORK", False)
    assert printed("print(6 * 7)") == "42\n"
    with pytest.raises(ChapterError, match="prova.ipynb, cell 2: ZeroDivisionError"):
        printed("1 / 0")
    with pytest.raises(ChapterError, match="prova.ipynb, cell 2: it ended its process"):
        printed("import os\nos._exit(3)")


@pytest.mark.parametrize(
    ("source", "outputs"),
    [
        ("print('uno')\nprint('due')", [("stream", "uno\ndue\n")]),
        (
            "import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('c')",
            [("stream", "a\n"), ("stream", "b\n"), ("stream", "c\n")],
        ),
        ("import os\nos.write(1, b'sotto\\n')\nNone", [("stream", "sotto\n")]),
        ("!echo fuori", [("stream", "fuori\r\n")]),
        ("await __import__('asyncio').sleep(0, 'atteso')", [("execute_result", "'atteso'")]),
        ("6 * 7;", []),
        (
            "import sys\n{(out.encoding, out.errors) for out in (sys.stdout, sys.stderr)}",
            [("execute_result", "{('utf-8', 'replace')}")],
        ),
        ("%who_ls nessuno", [("execute_result", "[]")]),
        (
            "from IPython.display import clear_output, display\nprint('via')\nclear_output(wait=True)\ndisplay(1)",
            [("display_data", "1")],
        ),
        (
            "h = display('prima', display_id='x')\ndisplay('dopo', display_id='x', update=True)\n2",
            [("display_data", "'dopo'"), ("execute_result", "2")],
        ),
    ],
)
def test_what_a_cell_puts_out_is_kept_as_jupyter_does(tmp_path, source, outputs):
    path = written(tmp_path / "prova.ipynb", source)
    (*_, cell) = execute.chapter(path, "relazione-2021", tmp_path, tmp_path)["cells"]
    found = [(one["output_type"], one.get("text") or one["data"]["text/plain"]) for one in cell["outputs"]]
    assert found == outputs


BUILDER = """
import sys
from pathlib import Path
from annuario.execution import execute
source = Path(sys.argv[1])
execute.chapter(source, "relazione-2021", source.parent, source.parent)
"""


def test_a_killed_builder_leaves_no_chapter_running(tmp_path):
    wait = "import os, time\nopen(f'{os.getpid()}.pid', 'w').close()\ntime.sleep(600)"
    path = written(tmp_path / "a.ipynb", wait)
    builder = subprocess.Popen([sys.executable, "-c", BUILDER, str(path)], cwd=tmp_path)
    while not (found := list(tmp_path.glob("*.pid"))):
        assert builder.poll() is None
        time.sleep(0.02)
    builder.kill()
    builder.wait()
    deadline = time.monotonic() + PATIENCE
    while psutil.pid_exists(int(found[0].stem)):
        assert time.monotonic() < deadline, "the chapter outlived its builder"
        time.sleep(0.02)


@pytest.fixture
def chapter(tmp_path, monkeypatch):
    """A function that runs a chapter of one cell beside the parameters, with a warm process of its own."""
    monkeypatch.setattr(processes, "SERVER", processes.ForkServer())
    source = written(tmp_path / "prova.ipynb", "6 * 7")

    def run():
        executed = execute.chapter(source, "relazione-2021", tmp_path, tmp_path)
        return [cell["outputs"][0]["data"]["text/plain"] for cell in executed["cells"] if cell["source"] == "6 * 7"]

    return run


def test_a_process_that_dies_at_its_start_is_a_clear_error(chapter, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(processes.ForkServer, "launch", _to_a_folder_that_is_gone(processes.ForkServer.launch))
        with pytest.raises(
            ChapterError, match=r"^\S+prova\.ipynb: its process failed: it died before it was ready: build again\.$"
        ):
            chapter()
    assert chapter() == ["42"]


def _to_a_folder_that_is_gone(launch):
    return lambda server, order: launch(server, order | {"folder": "/nessuna/cartella"})


def warm_processes():
    """The processes of this one that chapters are forked from; one that has just ended, and is not yet buried, is none of them."""
    return [child for child in psutil.Process().children() if "annuario.execution.processes" in command(child)]


def command(process):
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # gone meanwhile, or a zombie, which has no command any more
        return []


def test_an_empty_date_in_the_surroundings_counts_as_none(chapter, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "")
    assert chapter() == ["42"]


def test_a_warm_process_that_died_is_started_anew(chapter):
    others = warm_processes()
    assert chapter() == ["42"]
    (mine,) = [process for process in warm_processes() if process not in others]
    mine.kill()
    mine.wait()
    assert chapter() == ["42"]


def test_a_warm_process_that_cannot_start_is_a_clear_error(chapter, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(
        ChapterError, match=r"^\S+prova\.ipynb: its process failed: the process .* has died: build again\.$"
    ):
        chapter()


INTERRUPTED = """
import time
from pathlib import Path
from annuario.execution import processes
processes.use(Path("."))
try:
    print("pronto", flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    time.sleep(1)
"""


def test_an_interrupt_while_processes_get_warm_is_silent(tmp_path):
    builder = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=tmp_path, start_new_session=True,
    )  # fmt: skip
    assert builder.stdout.readline() == "pronto\n"
    time.sleep(0.5)
    os.killpg(builder.pid, signal.SIGINT)  # as a terminal does
    assert builder.communicate(timeout=PATIENCE)[1] == ""
    assert builder.returncode == 0


LOOPING = """
import sys
from pathlib import Path
from annuario.execution import execute
source, folder = Path(sys.argv[1]), Path(sys.argv[1]).parent
try:
    execute.book((source, source.with_stem("altra")), folder / "out", "relazione-2021", folder, folder / "testi")
except KeyboardInterrupt:
    print("interrotto", flush=True)
"""


def test_the_first_interrupt_ends_a_cell_that_loops(tmp_path):
    loop = "import os, pathlib\nopen(f'{os.getpid()}.pid', 'w').close()\nwhile True: pass"
    for name in ("prova", "altra"):
        written(tmp_path / f"{name}.ipynb", loop)
    builder = subprocess.Popen(
        [sys.executable, "-c", LOOPING, str(tmp_path / "prova.ipynb")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    while len(list(tmp_path.glob("*.pid"))) < min(2, os.cpu_count()):
        assert builder.poll() is None
        time.sleep(0.05)
    os.killpg(builder.pid, signal.SIGINT)
    said, errors = builder.communicate(timeout=PATIENCE)
    assert (said, errors, builder.returncode) == ("interrotto\n", "", 0)
    assert not any(psutil.pid_exists(int(path.stem)) for path in tmp_path.glob("*.pid"))
