"""The pytest plugin: the fixture ``dockerfile``, which comes with ``pip install pyfrontend``.

pytest loads it in every run if both are installed, so it imports nothing until a test uses it.
"""

from __future__ import annotations

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.testing import Tester

# Options of pytest, in ``[tool.pytest.ini_options]`` of pyproject.toml or the like.
PLUGINS, BASE = "pyfrontend_plugins", "pyfrontend_base"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    parser.addini(PLUGINS, "modules that declare something with pyfrontend.api, to be tested", "args")
    parser.addini(BASE, "base image for instructions without a FROM (default: debian:stable)")


@pytest.fixture(scope="session")
def dockerfile(pytestconfig: pytest.Config) -> Tester:
    """Return a `pyfrontend.testing.Tester`, as set in pytest's configuration."""
    from pyfrontend import DockerfileError
    from pyfrontend.library.source import loaded
    from pyfrontend.testing import Tester
    from pyfrontend.testing.text import BASE as USUAL

    plugins = pytestconfig.getini(PLUGINS)
    try:
        loaded(plugins)
    except DockerfileError as error:
        message = f"{PLUGINS}: {error.message} (pythonpath, an option of pytest too, says where modules are)"
        raise pytest.UsageError(message) from None
    return Tester(*plugins, base=pytestconfig.getini(BASE) or USUAL)
