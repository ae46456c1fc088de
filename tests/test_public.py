"""What `import pyfrontend` offers: these names and no others, each with a docstring whose examples run."""

from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

import pyfrontend
from pyfrontend import llb, testing

if TYPE_CHECKING:
    from pathlib import Path

#: Adding a name is a promise; removing one is a new major version.
NAMES = {
    *("Client", "Command", "DockerfileError", "Edge", "File", "Files", "Finding", "Frontend", "Image"),
    *("Lowered", "Report", "Stage", "frontend", "lint", "llb", "lower", "parse"),
}
LLB_NAMES = {
    *("Definition", "Mount", "State", "bind", "cache", "diff", "git", "http", "image", "local", "merge"),
    *("scratch", "secret", "ssh", "tmpfs"),
}
TESTING_NAMES = {
    *("Built", "Daemon", "Graph", "Tester", "assert_clean", "assert_denied", "assert_error"),
    *("assert_same_graph", "assert_warning", "build", "check", "graph", "parse", "plain"),
}
#: Modules whose examples are run.
EXAMPLES = (
    *("library.reading", "library.checking", "library.lowering", "llb.builder", "serving", "testing"),
    *("testing.tester", "testing.daemon"),
)


def test_the_public_names_are_exactly_these() -> None:
    assert set(dir(pyfrontend)) == NAMES | {"__version__"}
    assert set(dir(llb)) == LLB_NAMES
    assert set(testing.__all__) == TESTING_NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_public_name_is_there_and_documented(name: str) -> None:
    found = getattr(pyfrontend, name)
    assert (found.__doc__ or "").strip()


@pytest.mark.parametrize("name", sorted(LLB_NAMES))
def test_every_name_of_llb_is_there_and_documented(name: str) -> None:
    assert (getattr(llb, name).__doc__ or "").strip()


@pytest.mark.parametrize("name", sorted(TESTING_NAMES))
def test_every_name_of_testing_is_there_and_documented(name: str) -> None:
    assert (getattr(testing, name).__doc__ or "").strip()


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'pyfrontend' has no attribute 'pars'"):
        _ = pyfrontend.pars
    with pytest.raises(AttributeError, match=r"module 'pyfrontend\.llb' has no attribute 'imag'"):
        _ = llb.imag


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_in_docstrings_run(name: str) -> None:
    done = doctest.testmod(import_module(f"pyfrontend.{name}"))
    assert (done.failed, done.attempted > 0) == (0, True)


def python(root: Path, code: str) -> str:
    command = [sys.executable, "-c", code]
    env = {"PYTHONPATH": str(root / "frontend")}
    return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("name", ["lint", "lower"])
def test_a_verb_is_called_whether_its_package_is_imported_or_not(root: Path, name: str) -> None:
    call = f"print(type(pyfrontend.{name}('FROM alpine\\n')).__name__)"
    expected = {"lint": "Report", "lower": "Lowered"}[name]
    assert python(root, f"import pyfrontend; {call}") == expected
    assert python(root, f"import pyfrontend.lint.facts, pyfrontend.lower.target; {call}") == expected
    assert python(root, f"from pyfrontend import {name}; import pyfrontend; {call}") == expected


@pytest.mark.parametrize("name", ["lint", "lower"])
def test_a_verb_shows_the_signature_of_its_function(name: str) -> None:
    assert list(inspect.signature(getattr(pyfrontend, name)).parameters)[:2] == ["source", "name"]


def test_importing_the_package_loads_nothing_else_of_it(root: Path) -> None:
    code = "import pyfrontend, sys; print([name for name in sys.modules if name.startswith('pyfrontend.')])"
    assert python(root, code) == "[]"
