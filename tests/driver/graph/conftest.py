"""What the tests of drawings share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def service(root: Path) -> str:
    """A Dockerfile of five stages with all that can be drawn."""
    return (root / "tests/cases/graph/service.dockerfile").read_text()
