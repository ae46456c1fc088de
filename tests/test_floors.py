"""Imports go down only: no floor knows of one above it, and the two languages do not know each other."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

FRONTEND = Path(__file__).parent.parent / "frontend"

#: The floors from the ground up.  What stands on one floor is apart: neither side imports the other.
FLOORS = (
    {"source", "values", "parallel", "reference", "pb"},
    {"paths", "automaton"},
    {"platforms", "giturl", "ignore"},
    {"image"},
    {"image_json"},
    {"syntax", "llb"},
    {"lint", "gateway"},
    {"lower"},
    {"driver", "plugins"},
    {"cli"},
    {"__main__"},
)
LEVELS = {name: level for level, floor in enumerate(FLOORS) for name in floor}


def modules() -> dict[str, Path]:
    """Return our modules, generated ones aside, by name without ``frontend.``."""
    files = sorted(FRONTEND.rglob("*.py"))
    found = {".".join(path.relative_to(FRONTEND).with_suffix("").parts): path for path in files}
    found = {name.removesuffix(".__init__"): path for name, path in found.items()}
    return {name: path for name, path in found.items() if not name.startswith("pb.") and name != "__init__"}


MODULES = modules()


def imports(path: Path, *, late: bool) -> Iterator[str]:
    """Yield the modules of ours that ``path`` imports at run time, ``late`` ones in functions included."""
    nodes: list[ast.AST] = [ast.parse(path.read_bytes())]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "frontend":
            inside = (node.module or "").partition(".")[2]
            for alias in node.names:
                name = f"{inside}.{alias.name}".lstrip(".")
                yield name if name in MODULES else inside
        elif isinstance(node, ast.Import):
            yield from (
                alias.name.partition(".")[2] for alias in node.names if alias.name.startswith("frontend.")
            )
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            nodes += node.orelse
        elif late or not isinstance(node, ast.FunctionDef):
            nodes += ast.iter_child_nodes(node)


def package(name: str) -> str:
    return name.partition(".")[0]


def test_every_module_stands_on_a_floor() -> None:
    assert {package(name) for name in MODULES} | {"pb"} == set(LEVELS)


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_down(name: str) -> None:
    level = LEVELS[package(name)]
    found = {package(other) for other in imports(MODULES[name], late=True)} - {package(name), ""}
    assert {other for other in found if LEVELS[other] >= level} == set()


@pytest.mark.parametrize("name", sorted({package(name) for name in MODULES if "." in name}))
def test_imports_in_a_package_go_one_way(name: str) -> None:
    inside = {other: path for other, path in MODULES.items() if package(other) == name}
    graph = {other: {*imports(path, late=False)} & inside.keys() - {other} for other, path in inside.items()}
    assert len([*TopologicalSorter(graph).static_order()]) == len(inside)


def test_an_import_is_seen_wherever_it_stands(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "import frontend.source\nfrom frontend import values\nfrom frontend.llb.ops import Output\n"
        "if TYPE_CHECKING:\n    import frontend.cli\nelse:\n    import frontend.paths\n"
        "def f():\n    import frontend.lower.plan\n"
    )
    early = {"source", "values", "llb.ops", "paths"}
    assert {*imports(module, late=False)} == early
    assert {*imports(module, late=True)} == early | {"lower.plan"}
