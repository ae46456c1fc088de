"""Policies on older engines, which heed no source policies: the frontend enforces them by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.client import build_text, docker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.releases.conftest import OldEngine

TAG = "pyfrontend-test-policies-old"


@pytest.fixture
def syntax_with_policies(tmp_path: Path, image: str, old_engine: OldEngine) -> Iterator[str]:
    """The line of a frontend that the old engine has, with registries and requirements."""
    text = (
        f"FROM {image}\nENV DOCKERFILE_FRONTEND_REGISTRIES=docker.io/library \\\n"
        "DOCKERFILE_FRONTEND_REQUIRE=checksum\n"
    )
    made = build_text(tmp_path, text, f"--tag={TAG}", "--load", "--provenance=false")
    assert made.code == 0, made.output
    try:
        old_engine.load(TAG)
        yield f"# syntax={TAG}\n"
    finally:
        docker("image", "rm", "--force", TAG)


def test_policies_hold_on_an_engine_that_heeds_none(
    tmp_path: Path, old_engine: OldEngine, syntax_with_policies: str
) -> None:
    def build(text: str) -> tuple[int, str]:
        (tmp_path / "Dockerfile").write_text(syntax_with_policies + text)
        done = old_engine.build(tmp_path, "--output=type=cacheonly")
        return done.code, done.message

    assert build("FROM busybox\nCOPY Dockerfile /\n")[0] == 0
    for text, told in (
        ("FROM busybox\nCOPY --from=evil.invalid/x / /\n", "the image evil.invalid/x:latest is denied"),
        (
            "FROM busybox\nADD https://evil.invalid/x /\n",
            "https://evil.invalid/x is denied by the policy checksum",
        ),
    ):
        code, message = build(text)
        assert code != 0
        assert told in message
