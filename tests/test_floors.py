"""Imports go down only: the floors are those of docs/architecture.md.

Imports that only type checkers see count as well.
"""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

#: Packages and modules by floor; all that is not named here is on the ground.
FLOORS = {
    "syntax": 1,
    "llb": 1,
    "lint": 2,
    "extend": 2,
    "gateway": 2,
    "lower": 3,
    "plugins": 3,
    "fix": 3,
    "driver": 4,
    "cli": 5,
    "library": 5,
    "api": 5,
    "__main__": 6,
    "testing": 6,
    "serving": 7,
    "pytest_plugin": 7,
}

#: Rows of neighbouring folders, on the ground or in one room: each may import those before it in its row.
INNER_FLOORS = (
    ("golang", "oci"),
    ("driver.options", "driver.contexts", "driver.diagnostics", "driver.subrequests"),
)

#: Pairs of modules that may name each other, with the reason.
PAIRS = {
    ("lower.lowering", "lower.stage"): "a lowering lists its stages, and a stage reads the options of its"
    " lowering: types only",
}


def imports(path: Path, modules: Iterable[str]) -> Iterator[str]:
    """Yield the ``modules`` of our package that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "pyfrontend":
            module = str(node.module)
            found = [f"{module}.{alias.name}" for alias in node.names]
            names = [name if name.removeprefix("pyfrontend.") in modules else module for name in found]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.startswith("pyfrontend.")]
        else:
            continue
        yield from {name.removeprefix("pyfrontend.") for name in names} - {"pyfrontend"}


def of_parts(graph: dict[str, set[str]], depth: int) -> dict[str, set[str]]:
    """Return what the parts of our package import of one another, a part being ``depth`` names deep."""

    def part(module: str) -> str:
        return ".".join(module.split(".")[:depth])

    found: dict[str, set[str]] = {}
    for module, others in graph.items():
        found.setdefault(part(module), set()).update(map(part, others))
    return {name: others - {name} for name, others in found.items()}


@pytest.fixture(scope="module")
def graph(root: Path) -> dict[str, set[str]]:
    """What each module of our package imports of the others."""
    package = root / "frontend" / "pyfrontend"
    paths = {}
    for path in package.rglob("*.py"):
        parts = path.relative_to(package).with_suffix("").parts
        paths[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    paths.pop("")
    return {name: set(imports(path, paths)) - {name} for name, path in paths.items()}


def test_imports_go_to_lower_floors_only(graph: dict[str, set[str]]) -> None:
    parts = of_parts(graph, 1)
    assert parts.keys() >= FLOORS.keys()
    assert [
        f"{part} imports {other}"
        for part, others in parts.items()
        for other in others
        if FLOORS.get(part, 0) <= FLOORS.get(other, 0) != 0
    ] == []


def test_lowering_knows_no_gateway(graph: dict[str, set[str]]) -> None:
    parts = of_parts(graph, 1)
    assert "gateway" not in parts["lower"] | parts["lint"]


@pytest.mark.parametrize("row", INNER_FLOORS, ids=["the ground", "the driver"])
def test_folders_import_only_those_before_them(graph: dict[str, set[str]], row: tuple[str, ...]) -> None:
    parts = of_parts(graph, row[0].count(".") + 1)
    assert parts.keys() >= set(row)
    assert [
        f"{part} imports {other}"
        for position, part in enumerate(row)
        for other in row[position:]
        if other in parts[part]
    ] == []


def test_no_modules_import_one_another_in_a_circle(graph: dict[str, set[str]]) -> None:
    for one, other in PAIRS:
        assert other in graph[one], f"{one} no longer imports {other}: remove the pair from the list"
        assert one in graph[other], f"{other} no longer imports {one}: remove the pair from the list"
    firsts = {other: one for one, other in PAIRS}  # a pair counts as one module: circles through both show

    def first(name: str) -> str:
        return firsts.get(name, name)

    merged: dict[str, set[str]] = {}
    for name, others in graph.items():
        merged.setdefault(first(name), set()).update(set(map(first, others)) - {first(name)})
    try:
        TopologicalSorter(merged).prepare()
    except CycleError as error:
        pytest.fail(f"imports lead in a circle: {' <- '.join(error.args[1])}")
