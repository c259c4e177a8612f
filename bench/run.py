"""The benchmark: everything side by side in one run, interleaved, medians of the rounds.

    python bench/run.py [--rounds 5] [--quick]

The last line is one JSON object. ``--quick`` gives the same keys in one round, with 100
chapters in the place of 1,000 and two editions in that of all: its ``editions`` says so.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))
import tasks

ROOT = Path(__file__).resolve().parents[1]


def task(name: str, root: Path, *arguments: str) -> dict:
    """Run one task in a process of its own."""
    command = [sys.executable, str(Path(__file__).parent / "tasks.py"), name, str(root), *arguments]
    result = subprocess.run(command, cwd=root, env=surroundings(root), capture_output=True, text=True, check=False)
    if result.returncode:
        raise SystemExit(f"{name}: {result.stderr[-2000:]}")
    return json.loads(result.stdout.splitlines()[-1])


def command(root: Path, *arguments: str) -> float:
    """Seconds that ``annuario …`` takes, from the command to its end."""
    start = time.perf_counter()
    result = subprocess.run(
        [sys.executable, "-m", "annuario", *arguments],
        cwd=root, env=surroundings(root), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if result.returncode:
        raise SystemExit(f"annuario {' '.join(arguments)}: {result.stderr[-2000:]}")
    return time.perf_counter() - start


def surroundings(root: Path) -> dict[str, str]:
    """The environment of a timed process: the project's copy, this very package."""
    return os.environ | {"ANNUARIO_ROOT": str(root), "PYTHONPATH": str(ROOT / "lib")}


def round_of(root: Path, book: Path, times: dict[str, list[float]], quick: bool) -> None:
    """One round of everything that is compared, one after the other."""

    def note(name: str, seconds: float) -> None:
        times.setdefault(name, []).append(seconds)
        print(f"  {name:24} {seconds:8.2f} s", flush=True)

    note("papermill", task("baseline", root, "1")["seconds"])
    note("cold", task("ours", root)["seconds"])
    if not quick:
        note("papermill_2", task("baseline", root, "2")["seconds"])
    found = task("floor", root, str(book))
    note("floor", found["seconds"])
    for part in ("cells", "html", "pdf"):
        note(f"floor_{part}", found[part])
    shutil.rmtree(root / "output")
    build = ("build", tasks.EDITION)
    note("cold_build", command(root, *build))
    page = root / "output" / tasks.EDITION / f"{tasks.EDITION}.html"
    times.setdefault("html_mb", []).append(page.stat().st_size / 1e6)
    note("nothing_changed", command(root, *build))
    for name, form, change in (
        ("one_sentence_html", "html", lambda: sentence(root, tasks.MEDIAN)),
        ("one_sentence_longest_html", "html", lambda: sentence(root, tasks.LONGEST)),
        ("one_sentence_pdf", "pdf", lambda: sentence(root, tasks.MEDIAN)),
        ("one_number_html", "html", lambda: tasks.change_number(root)),
        ("one_number_pdf", "pdf", lambda: tasks.change_number(root)),
    ):
        if quick and name.endswith("_pdf"):
            continue
        command(root, *build, "--format", form)
        change()
        note(name, command(root, *build, "--format", form))
    for name, seconds in task("watch", root, "3" if quick else "5").items():
        note(f"watch_{name}", seconds)
    if shutil.which("quarto") and not quick:
        shutil.rmtree(root / "output")
        note("quarto_build", command(root, *build, "--engine", "quarto"))


def sentence(root: Path, chapter: float) -> None:
    tasks.change_sentence(root, f"Frase cambiata {time.time_ns()}.", chapter)


def measure(rounds: int, quick: bool) -> dict:
    """Every measure, in seconds, megabytes and ratios."""
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="annuario-bench-") as name:
        root = Path(name).resolve()
        for part in ("data", "notebooks"):
            shutil.copytree(ROOT / part, root / part)
        shutil.copyfile(ROOT / "_quarto.yml", root / "_quarto.yml")
        book = Path(task("assembled", root)["book"])
        times: dict[str, list[float]] = {}
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", flush=True)
            round_of(root, book, times, quick)
        seconds = {name: median(values) for name, values in times.items()}
        megabytes = seconds.pop("html_mb")
        scales = {}
        for size in ("tiny 10", "tiny 100", "real 10") if quick else ("tiny 10", "tiny 1000", "real 10", "real 100"):
            found = [task("scale", root, size) for _ in range(rounds if size.endswith(" 10") else 1)]
            scales[size] = {name: median(one[name] for one in found) for name in found[0]}
            print(f"  {size:24} {scales[size]}", flush=True)
        for size in () if quick else ("10", "100"):
            scales[f"editions {size}"] = task("cluster", root, size)
            print(f"  editions {size:15} {scales[f'editions {size}']}", flush=True)
        shutil.rmtree(root / "output")
        every = ["relazione-2024", tasks.EDITION] if quick else editions(root)
        seconds["all_editions"] = command(root, "build", *every)
    most = scales["tiny 100" if quick else "tiny 1000"]
    return {
        "cold_vs_papermill": seconds["papermill"] / seconds["cold"],
        "floor_ratio": seconds["cold_build"] / (seconds["floor"] / cores),
        "all_editions_vs_cold": seconds["all_editions"] / seconds["cold_build"],
        "editions": len(every),
        "one_number_html_vs_floor": seconds["one_number_html"] / seconds["floor"],
        "one_number_watch_vs_floor": seconds["watch_number"] / seconds["floor"],
        "watch_prose_vs_floor_html": seconds["watch_prose"] / seconds["floor_html"],
        "watch_prose_longest_vs_floor_html": seconds["watch_prose_longest"] / seconds["floor_html"],
        "watch_pdf_vs_floor_pdf": seconds["watch_pdf"] / seconds["floor_pdf"],
        "html_mb": megabytes,
        "nothing_changed_s": seconds["nothing_changed"],
        "one_sentence_html_s": seconds["one_sentence_html"],
        "watch_prose_s": seconds["watch_prose"],
        "cost_1000_vs_10": most["seconds_each"] / scales["tiny 10"]["seconds_each"],
        "cost_100_vs_10_editions": None
        if quick
        else scales["editions 100"]["seconds_each"] / scales["editions 10"]["seconds_each"],
        "kernel_private_mb": scales["real 10" if quick else "real 100"]["kernel_private_mb"],
        "builder_mb": most["builder_mb"],
        "cores": cores,
        "rounds": rounds,
        "load": os.getloadavg()[0],
        "seconds": seconds,
        "scale": scales,
    }


def editions(root: Path) -> list[str]:
    """Every edition of both books."""
    from annuario.data import Package
    from annuario.data import editions as data
    from annuario.project import Project

    return [str(one) for one in data.available(Project(root), Package(root / "data"))]


def rounded(value):
    """Numbers to three decimals, everywhere inside."""
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    return round(value, 3) if isinstance(value, float) else value


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure Annuario against papermill and against the floor.")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of everything; medians are taken")
    parser.add_argument("--quick", action="store_true", help="one round, 100 chapters for 1,000, two editions for all")
    chosen = parser.parse_args()
    print(json.dumps(rounded(measure(1 if chosen.quick else chosen.rounds, chosen.quick))))
