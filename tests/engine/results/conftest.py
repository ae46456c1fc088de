"""Machines that are started once for all tests of this folder, and only if a test asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine import machines

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Host and port of a registry with nothing in it."""
    reason = machines.missing_registry()
    if reason:
        pytest.skip(reason)
    with machines.registry(tmp_path_factory.mktemp("registry")) as address:
        yield address


@pytest.fixture(scope="session")
def second_engine(tmp_path_factory: pytest.TempPathFactory, image: str) -> Iterator[machines.Engine]:
    """An engine that has the frontend and busybox, and has built nothing."""
    reason = machines.missing_second_engine()
    if reason:
        pytest.skip(reason)
    with machines.second_engine(tmp_path_factory.mktemp("second"), image, "busybox") as engine:
        yield engine


@pytest.fixture(scope="session")
def remote_builder(second_engine: machines.Engine) -> Iterator[str]:
    """A builder of buildx's remote driver: the second engine, reached by TCP like a buildkitd."""
    with machines.builder_behind_a_port(second_engine.host) as name:
        yield name
