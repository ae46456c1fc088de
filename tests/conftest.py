"""What all tests share."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings
from wheels import Package, made_in

ROOT = Path(__file__).parent.parent

#: The same examples every time: a change that breaks a test is the one that is being tested.
settings.register_profile("usual", derandomize=True, deadline=None, max_examples=100)
#: New ones, and as many as wished, without time limits: PYFRONTEND_EXAMPLES=10000 pytest tests/properties.
LONG = "PYFRONTEND_EXAMPLES" in os.environ
if LONG:
    settings.register_profile("long", deadline=None, max_examples=int(os.environ["PYFRONTEND_EXAMPLES"]))
settings.load_profile("long" if LONG else "usual")


def pytest_configure() -> None:
    # Shells start background jobs with this signal ignored, and processes of tests would inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if LONG:
        for item in items:
            item.add_marker(pytest.mark.timeout(0))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the expected files in tests/cases")


@pytest.fixture
def update_golden(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--update-golden"))


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The wheel and the sdist, as `hack/package` makes them."""
    return made_in(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT
