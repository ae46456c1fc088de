"""How the image's modules are made: without what only type checkers read."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import marshal
import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def rootfs(root: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script hack/rootfs.py."""
    monkeypatch.syspath_prepend(root)
    return importlib.import_module("hack.rootfs")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "def f(a: int, /, b: str=1, *c: int, d: int, **e: int) -> None:\n    x: int = 1",
            "def f(a, /, b=1, *c, d, **e):\n    x: int = 1",
            id="a function",
        ),
        pytest.param("X: int = 1\nY: int", "X = 1\nY: int", id="variables of a module"),
        pytest.param("class A:\n    x: int = 1", "class A:\n    x: int = 1", id="those of a class stay"),
        pytest.param("if TYPE_CHECKING:\n    import a", "pass", id="imports for types"),
        pytest.param("if TYPE_CHECKING:\n    x = 1\nelse:\n    x = 2", "x = 2", id="one of two"),
        pytest.param("if not TYPE_CHECKING:\n    x = 1", "x = 1", id="what type checkers do not see"),
        pytest.param("if a:\n    x = 1", "if a:\n    x = 1", id="another condition"),
    ],
)
def test_what_only_type_checkers_read_is_left_out(rootfs: Any, text: str, expected: str) -> None:
    assert ast.unparse(ast.fix_missing_locations(rootfs.Untyped().visit(ast.parse(text)))) == expected


def test_a_package_is_compiled_and_has_a_command(rootfs: Any, tmp_path: Path) -> None:
    package = tmp_path / "frontend" / "ours"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        '"""Ours."""\n__version__ = "1"\ndef f(a: int) -> int:\n    return a\n'
    )
    (tmp_path / "LICENSE").write_text("")
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "ours"\ndescription = ""\nlicense = ""\nrequires-python = ""\nurls = {}\n'
        "[project.optional-dependencies]\nbuild = []\n"
    )
    rootfs.make_package(package, tmp_path / "out")
    data = (tmp_path / "out" / rootfs.STDLIB / "ours" / "__init__.pyc").read_bytes()
    assert data[:8] == importlib.util.MAGIC_NUMBER + b"\1\0\0\0", "it is never checked against a source"
    names: dict[str, Any] = {}
    exec(marshal.loads(data[16:]), names)
    function = names["f"]
    assert (function(1), function.__annotations__, names.get("__doc__")) == (1, {}, None)
    assert function.__code__.co_filename == f"/{rootfs.STDLIB}/ours/__init__.pyc".removesuffix("c")
    command = tmp_path / "out/usr/bin/ours"
    assert (command.read_text(), os.access(command, os.X_OK)) == (rootfs.COMMAND, True)
