"""Options of the syntax tests: `pytest tests/syntax --update-golden` writes the expected files anew."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/cases/lines/*.json")


@pytest.fixture
def update_golden(pytestconfig: pytest.Config) -> bool:
    # The option is unknown where pytest starts further up, and then nothing is to be rewritten.
    return bool(pytestconfig.getoption("--update-golden", default=False))
