"""The profile of a build names functions of the frontend, which may be renamed."""

from __future__ import annotations

import ast
from functools import reduce
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def test_phases_begin_with_functions_that_there_are(root: Path) -> None:
    # Read and not imported: the module measures from its import on.
    tree = ast.parse((root / "tests" / "bench" / "profiled.py").read_bytes())
    (phases,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PHASES"
    )
    assert phases.keys() >= {"read", "parse", "lower"}
    for module, names in phases.values():
        for name in names.split():
            assert callable(reduce(getattr, name.split("."), import_module(module)))
