"""Images equal those of an older engine's own frontend, and the cache is good for both."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from engine.files import write_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.client import Build
    from engine.releases.conftest import OldEngine

#: What all engines know, in one file.
TEXT = """ARG base=busybox
FROM ${base} AS made
ARG word=none
ENV NAME=value PATH=/more:$PATH
WORKDIR /work
COPY --chown=3:4 a.txt ./
RUN --mount=type=cache,target=/cache echo $word $NAME >made
RUN ["/bin/sh", "-c", "echo listed >listed"]
FROM busybox
LABEL one=1 "two words"="2"
EXPOSE 80 443/udp
VOLUME /data
USER nobody
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s CMD true
ONBUILD RUN echo later
COPY --from=made /work /work
ENTRYPOINT ["cat"]
CMD ["/work/made"]
"""
OWN, OURS = "pyfrontend-test-own", "pyfrontend-test-ours"


@pytest.fixture
def folders(tmp_path: Path, syntax: str) -> dict[str, Path]:
    """The same context for the engine's own frontend and for ours."""
    files = {"a.txt": str(tmp_path)}
    own = write_files(tmp_path / "own", files | {"Dockerfile": TEXT})
    ours = write_files(tmp_path / "ours", files | {"Dockerfile": syntax + TEXT})
    return {OWN: own, OURS: ours}


@pytest.fixture
def inspect(old_engine: OldEngine) -> Iterator[Any]:
    """Returns what the engine knows of an image; the images are removed at the end."""

    def known(tag: str) -> dict[str, Any]:
        (found,) = json.loads(old_engine.docker("image", "inspect", tag))
        return {name: found[name] for name in ("Config", "RootFS", "Architecture", "Os")}

    yield known
    old_engine.docker("image", "rm", "--force", OWN, OURS)


@pytest.mark.parametrize("first", [OWN, OURS])
def test_an_image_is_the_same_and_the_second_build_runs_nothing(
    old_engine: OldEngine, folders: dict[str, Path], inspect: Any, first: str
) -> None:
    second = OURS if first == OWN else OWN
    done = {tag: old_engine.build(folders[tag], "--tag", tag) for tag in (first, second)}
    assert [build.code for build in done.values()] == [0, 0], done[first].output + done[second].output
    assert inspect(OWN) == inspect(OURS)
    assert _ran(done[first])
    assert _ran(done[second]) == []


def _ran(build: Build) -> list[str]:
    """The RUN steps that were not taken from the cache."""
    steps = build.steps.items()
    return [name for name, step in steps if "] RUN" in name and step.started and not step.cached]
