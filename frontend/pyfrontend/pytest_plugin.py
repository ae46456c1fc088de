"""The plugin for pytest: the fixture ``dockerfile``, which comes with ``pip install pyfrontend``.

pytest loads it in every run where both are installed, so it imports nothing before a test asks.
"""

from __future__ import annotations

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.testing import Tester

#: Options of pytest, in ``[tool.pytest.ini_options]`` of pyproject.toml or the like.
BASE_OPTION = "pyfrontend_base"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    parser.addini(BASE_OPTION, "image that instructions without a FROM build upon (default: debian:stable)")


@pytest.fixture(scope="session")
def dockerfile(pytestconfig: pytest.Config) -> Tester:
    """Return what tests say of Dockerfiles: a `pyfrontend.testing.Tester`, as pytest is configured."""
    from pyfrontend.testing import Tester
    from pyfrontend.testing.text import BASE

    return Tester(base=pytestconfig.getini(BASE_OPTION) or BASE)
