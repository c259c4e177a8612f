"""Warm kernels: isolated as ordinary ones, and never orphans."""

import os
import signal
import subprocess
import sys
import time

import nbformat
import psutil
import pytest
from conftest import PATIENCE
from jupyter_client.manager import KernelManager

from annuario.errors import ChapterError
from annuario.execution import execute, kernels

pytestmark = pytest.mark.skipif(not kernels.CAN_FORK, reason="kernels are forked on Linux only")


@pytest.fixture
def kernel(monkeypatch):
    """A function that starts a warm kernel and returns a function to ask it for values."""
    monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", "annuario-warm")
    managers = []

    def start(**others):
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel(**others)
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=PATIENCE)
        managers.append((manager, client))

        def ask(code, expression="None"):
            reply = client.execute_interactive(code, user_expressions={"x": expression}, output_hook=lambda m: None)
            return reply["content"]["user_expressions"]["x"]["data"]["text/plain"]

        ask.manager = manager
        return ask

    yield start
    for manager, client in managers:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_kernel_is_warm_and_its_own_process(kernel):
    one, two = kernel(), kernel()
    assert one("import sys", "'pandas' in sys.modules and 'altair' in sys.modules") == "True"
    pids = {ask("import os", "os.getpid()") for ask in (one, two)}
    assert len(pids | {str(os.getpid())}) == 3


def test_namespaces_and_random_states_are_apart(kernel):
    one, two = kernel(), kernel()
    one("mine = 1")
    assert two("", "'mine' in globals()") == "False"
    code = "import random, numpy"
    assert one(code, "random.random()") != two(code, "random.random()")
    assert one(code, "numpy.random.random()") != two(code, "numpy.random.random()")


def test_environment_and_folder_are_passed_on(kernel, tmp_path):
    ask = kernel(env=os.environ | {"UNA_PROVA": "sì"}, cwd=str(tmp_path))
    assert ask("import os", "os.environ['UNA_PROVA']") == "'sì'"
    assert ask("import os", "os.getcwd()") == repr(str(tmp_path))


def test_output_is_captured(kernel):
    seen = []
    ask = kernel()
    client = ask.manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=PATIENCE)
    client.execute_interactive(
        "print('ciao')", output_hook=lambda message: seen.append(message["content"].get("text", ""))
    )
    client.stop_channels()
    assert "ciao\n" in seen


def test_a_dead_kernel_is_seen_dead(kernel):
    ask = kernel()
    pid = int(ask("import os", "os.getpid()"))
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while ask.manager.is_alive() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not ask.manager.is_alive()


BUILDER = """
import os, sys, time
os.environ["JUPYTER_DEFAULT_PROVISIONER_NAME"] = "annuario-warm"
from jupyter_client.manager import KernelManager
manager = KernelManager(kernel_name="python3")
manager.start_kernel()
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=300)
print(manager.provisioner.pid, flush=True)
time.sleep(600)
"""


def test_a_killed_builder_leaves_no_kernel(tmp_path):
    builder = subprocess.Popen([sys.executable, "-c", BUILDER], stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    pid = int(builder.stdout.readline())
    os.kill(pid, 0)
    builder.kill()
    builder.wait()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    pytest.fail("the kernel outlived its builder")


@pytest.fixture
def chapter(tmp_path, monkeypatch):
    """A function that runs a chapter of one cell beside the parameters, with a warm process of its own."""
    monkeypatch.setattr(kernels, "SERVER", kernels.ForkServer())
    source = tmp_path / "prova.ipynb"
    parameters = nbformat.v4.new_code_cell('edizione = "relazione-2025"', metadata={"tags": ["parameters"]})
    made = nbformat.v4.new_notebook(cells=[parameters, nbformat.v4.new_code_cell("6 * 7")])
    made.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    nbformat.write(made, source)

    def run():
        executed = execute.chapter(source, "relazione-2021", tmp_path, tmp_path)
        return [cell["outputs"][0]["data"]["text/plain"] for cell in executed["cells"] if cell["source"] == "6 * 7"]

    return run


def test_a_kernel_that_dies_at_its_start_is_a_clear_error(chapter, tmp_path, monkeypatch):
    profile = tmp_path / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_kernel_config.py").write_text("import os\nos._exit(3)\n", encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setenv("IPYTHONDIR", str(profile.parent))
        with pytest.raises(
            ChapterError, match=r"^\S+prova\.ipynb: the kernel failed: it died before it was ready: build again\.$"
        ):
            chapter()
    assert chapter() == ["42"]


def warm_processes():
    """The processes of this one that make kernels; one that has just ended, and is not yet buried, is none of them."""
    return [child for child in psutil.Process().children() if "annuario.execution.kernels" in command(child)]


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
        ChapterError, match=r"^\S+prova\.ipynb: the kernel failed: the process .* has died: build again\.$"
    ):
        chapter()


INTERRUPTED = """
import time
from pathlib import Path
from annuario.execution import kernels
kernels.use(Path("."))
try:
    print("pronto", flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    time.sleep(1)
"""


def test_an_interrupt_while_kernels_get_warm_is_silent(tmp_path):
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
    parameters = nbformat.v4.new_code_cell('edizione = "relazione-2025"', metadata={"tags": ["parameters"]})
    for name in ("prova", "altra"):
        made = nbformat.v4.new_notebook(cells=[parameters, nbformat.v4.new_code_cell(loop)])
        nbformat.write(made, tmp_path / f"{name}.ipynb")
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
