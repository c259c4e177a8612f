"""The engine's rooms: what is in a folder imports from those below it, never from those above."""

import ast
import gc

from conftest import ROOT

ENGINE = ROOT / "lib" / "annuario"
#: Folders and modules of the engine, from the ground up; what stands on one line knows nothing of each other.
FLOORS = (
    ("messages",),
    ("errors", "terminal", "words", "workplace"),
    ("configuration",),
    ("project",),
    ("data",),
    ("agency",),
    ("figures",),
    ("tables",),
    ("charts",),
    ("checks", "text"),
    ("execution", "year"),
    ("notebook", "publish", "workbook"),
    ("book",),
    ("init",),
    ("cli",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}


def imported(tree: ast.AST, known: set[str]) -> set[str]:
    """Which of the ``known`` modules a module imports, wherever in it; where only types are asked for, none."""
    found = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are written out"
            wholes = (f"{node.module}.{alias.name}" for alias in node.names)
            found |= {whole if whole in known else node.module for whole in wholes}
        else:
            found |= imported(node, known)
    return found & known


def modules() -> dict[str, set[str]]:
    """The engine's modules, each with those of the engine that it imports."""
    gc.collect()  # what is told of a forgotten task while a tree is made spoils it (CPython 3.11)
    names = {
        ".".join(("annuario", *path.relative_to(ENGINE).with_suffix("").parts)).removesuffix(".__init__"): path
        for path in ENGINE.rglob("*.py")
    }
    for outer in ("annuario", "annuario.__main__"):
        del names[outer]
    return {name: imported(ast.parse(path.read_text(encoding="utf-8")), set(names)) for name, path in names.items()}


def room(module: str) -> str:
    return module.split(".")[1]


def test_imports_between_rooms_go_down_only():
    upward = [
        f"{module} imports {other}"
        for module, others in modules().items()
        for other in others
        if room(module) != room(other) and FLOOR[room(module)] <= FLOOR[room(other)]
    ]
    assert upward == []


def test_every_room_has_its_floor():
    there = {path.stem for path in ENGINE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert there - {"__init__", "__main__"} == set(FLOOR)


def test_no_module_imports_itself_by_way_of_others():
    """Within a room as between them; what a function imports when it runs counts as well."""
    known, way = modules(), []

    def follow(module: str, seen: set[str]) -> None:
        if module in way:
            raise AssertionError(" imports ".join([*way[way.index(module) :], module]))
        if module not in seen:
            way.append(module)
            for other in known[module]:
                follow(other, seen)
            way.pop()
            seen.add(module)

    done: set[str] = set()
    for module in known:
        follow(module, done)


def test_the_list_of_slow_tests_names_tests_that_are_there():
    listed = [line for line in (ROOT / "tests" / "slow.txt").read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    gone = [
        name for name in listed
        if f"def {name.partition('::')[2]}(" not in (ROOT / "tests" / name.partition("::")[0]).read_text(encoding="utf-8")
    ]  # fmt: skip
    assert listed and not gone
