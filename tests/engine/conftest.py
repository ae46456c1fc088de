"""The engine of the engine tests: what `hack/test` chose, or the environment points at."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from engine.client import docker

# Its checks tell what differs, as those in tests do.
pytest.register_assert_rewrite("engine.built")

#: Seconds for one test, and for the images and engines that the first of a file prepares.
LIMIT = 900

HERE = Path(__file__).parent
IMAGE = os.environ.get("PYFRONTEND_IMAGE", "ourorg/pyfrontend")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, and let it have its engine."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.engine)
            item.add_marker(pytest.mark.usefixtures("engine"))
            item.add_marker(pytest.mark.timeout(LIMIT))


@pytest.fixture(scope="session")
def engine() -> str:
    """The image that an engine has; without an engine the tests are skipped, in `hack/test` failed."""
    try:
        docker("image", "inspect", IMAGE)
    except (OSError, AssertionError, subprocess.TimeoutExpired) as error:
        reason = f"no Docker Engine with {IMAGE} (hack/test starts one): {error}"
        if os.environ.get("PYFRONTEND_ENGINE_TESTS") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    return IMAGE


@pytest.fixture(scope="session")
def image(engine: str) -> str:
    """The name of our image, on an engine that has it."""
    return engine


@pytest.fixture(scope="session")
def syntax(image: str) -> str:
    """The first line of a Dockerfile that is built through our image."""
    return f"# syntax={image}\n"
