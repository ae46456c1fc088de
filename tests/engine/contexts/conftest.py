"""A project that can be had in many ways, for all tests of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.contexts.places import places
from engine.servers import missing_git

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.contexts.places import Places


@pytest.fixture(scope="session")
def everywhere(tmp_path_factory: pytest.TempPathFactory, syntax: str) -> Iterator[Places]:
    reason = missing_git()
    if reason:
        pytest.skip(reason)
    with places(tmp_path_factory.mktemp("places"), syntax) as made:
        yield made
