"""Errors have codes: each is named where it is raised, and each that has help is raised somewhere."""

from __future__ import annotations

import ast
import inspect
import re
from typing import TYPE_CHECKING

import pytest

from pyfrontend import errors
from pyfrontend.driver.diagnostics.help import HELP
from pyfrontend.errors import DAEMON_ERROR
from pyfrontend.lint.rules import all_rules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONSTANTS = {
    "BAD_IGNORE_PATTERN": errors.BAD_IGNORE_PATTERN,
    "DAEMON_ERROR": DAEMON_ERROR,
    "SOURCE_DENIED": errors.SOURCE_DENIED,
    "NO_BUILD_STAGE": errors.NO_BUILD_STAGE,
    "NOT_TEXT": errors.NOT_TEXT,
    "TOO_MUCH_TEXT": errors.TOO_MUCH_TEXT,
    "UNKNOWN_FLAG": errors.UNKNOWN_FLAG,
    "UNKNOWN_INSTRUCTION": errors.UNKNOWN_INSTRUCTION,
}


class Raised:
    """A place where an error is made, and the codes that it may have there."""

    def __init__(self, path: Path, call: ast.Call, codes: set[str]) -> None:
        self.place = f"{path}:{call.lineno}"
        self.codes = codes
        #: Names of the facts that the error carries; None where they are those of another error.
        names = {keyword.arg for keyword in call.keywords}
        self.facts = None if None in names else names


def raised(root: Path) -> Iterator[Raised]:
    """Yield the places where our package makes a `DockerfileError`."""
    for path in (root / "frontend" / "pyfrontend").rglob("*.py"):
        tree = ast.parse(path.read_bytes())
        names = {
            target.id: node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {
                "DockerfileError",
                "super().__init__",
            }:
                code = next((keyword.value for keyword in node.keywords if keyword.arg == "code"), None)
                if ast.unparse(node.func) == "DockerfileError" or code is not None:
                    yield Raised(path.relative_to(root), node, set(texts(code, names)))


def texts(node: ast.expr | None, names: dict[str, ast.expr]) -> Iterator[str]:
    """Yield the texts that an expression may stand for."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from (*texts(node.body, names), *texts(node.orelse, names))
    elif isinstance(node, ast.Name):
        yield from [CONSTANTS[node.id]] if node.id in CONSTANTS else texts(names.get(node.id), names)
    elif isinstance(node, ast.Attribute):  # of an error that is made again
        yield "again"


@pytest.fixture(scope="module")
def places(root: Path) -> list[Raised]:
    found = list(raised(root))
    assert len(found) > 100
    return found


def test_every_error_has_a_code_where_it_is_raised(places: list[Raised]) -> None:
    assert [one.place for one in places if not one.codes] == [], (
        'say DockerfileError(..., code="KindOfError")'
    )


def test_codes_are_names_that_no_rule_has(places: list[Raised]) -> None:
    codes = {code for one in places for code in one.codes} - {"again"}
    assert [
        code for code in sorted(codes) if not re.fullmatch(r"(?:[A-Z][a-z0-9]+){1,}|BuildKit", code)
    ] == []
    assert codes & all_rules().keys() == set()


def test_every_error_that_has_help_is_raised_somewhere(places: list[Raised]) -> None:
    codes = {code for one in places for code in one.codes}
    assert set(HELP) - codes == set()


def test_every_error_carries_the_facts_that_its_help_asks_for(places: list[Raised]) -> None:
    asked = {
        code: set(re.findall(r"""facts\[["'](\w+)["']\]""", inspect.getsource(find)))
        for code, find in HELP.items()
    }
    assert asked["DuplicateFlag"] == {"flag"}
    missing = {
        f"{one.place}: {code} has no fact {name}"
        for one in places
        for code in one.codes & asked.keys()
        for name in asked[code] - (asked[code] if one.facts is None else one.facts)
    }
    assert missing == set()
