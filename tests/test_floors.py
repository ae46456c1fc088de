"""Imports go down only: the floors are those of docs/architecture.md."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Packages and modules by floor; all that is not named here is on the ground.
FLOORS = {
    "syntax": 1,
    "llb": 1,
    "lint": 2,
    "gateway": 2,
    "lower": 3,
    "driver": 4,
    "cli": 5,
    "plugins": 5,
    "__main__": 6,
}


def imports(path: Path) -> Iterator[str]:
    """Yield the parts of our package that a module imports, anywhere in it, also for types only."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module == "pyfrontend":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pyfrontend."):
            yield str(node.module).split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (
                alias.name.split(".")[1] for alias in node.names if alias.name.startswith("pyfrontend.")
            )


@pytest.fixture(scope="module")
def graph(root: Path) -> dict[str, set[str]]:
    """What each part of our package imports of the others."""
    found: dict[str, set[str]] = {}
    package = root / "frontend" / "pyfrontend"
    for path in package.rglob("*.py"):
        part = path.relative_to(package).with_suffix("").parts[0]
        found.setdefault(part, set()).update(set(imports(path)) - {part, "__version__"})
    return found


def test_imports_go_to_lower_floors_only(graph: dict[str, set[str]]) -> None:
    assert graph.keys() >= FLOORS.keys()
    assert [
        f"{part} imports {other}"
        for part, others in graph.items()
        for other in others
        if FLOORS.get(part, 0) <= FLOORS.get(other, 0) != 0
    ] == []


def test_lowering_knows_no_gateway(graph: dict[str, set[str]]) -> None:
    assert "gateway" not in graph["lower"] | graph["lint"]


def test_the_ground_floor_has_no_circles(graph: dict[str, set[str]]) -> None:
    ground = {part: others for part, others in graph.items() if part not in FLOORS}
    while ground:
        free = {part for part, others in ground.items() if not others & ground.keys()}
        assert free, f"in a circle: {sorted(ground)}"
        ground = {part: others for part, others in ground.items() if part not in free}
