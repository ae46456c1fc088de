"""SOURCE_DATE_EPOCH: a number, or the time of a git source, of a context or of a stage."""

from __future__ import annotations

import io
import os
import tarfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

import pytest

from engine.built import build_context, build_image
from engine.client import build_text
from engine.servers import TIMES, git_daemon, make_repository, missing_git, web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.built import Built

TEXT = """
FROM busybox
ARG SOURCE_DATE_EPOCH
WORKDIR /made
RUN echo "[$SOURCE_DATE_EPOCH]" >/seen
"""


def created(built: Built) -> list[int]:
    """Return the times that the image and the last three entries of its history tell."""
    texts = [built.image["created"], *(entry["created"] for entry in built.image["history"][-3:])]
    return [int(datetime.fromisoformat(text).timestamp()) for text in texts]


def check(built: Built, seconds: int) -> None:
    """Everything that the frontend dates has this time."""
    assert created(built) == [seconds] * 4
    assert built.text("/seen") == f"[{seconds}]\n"
    assert built.tree["/made"].mtime == seconds


def test_epoch_from_a_number(tmp_path: Path, syntax: str) -> None:
    check(build_image(tmp_path, syntax + TEXT, "--build-arg=SOURCE_DATE_EPOCH=1234567890"), 1234567890)


def test_epoch_from_a_global_default(tmp_path: Path, syntax: str) -> None:
    check(build_image(tmp_path, f"{syntax}ARG SOURCE_DATE_EPOCH=1000000001{TEXT}"), 1_000_000_001)


def test_epoch_makes_images_the_same(tmp_path: Path, syntax: str) -> None:
    option = "--build-arg=SOURCE_DATE_EPOCH=1"
    first, second = (build_image(tmp_path, syntax + TEXT, option).image for _ in range(2))
    assert first == second


def test_without_epoch_the_time_is_now(tmp_path: Path, syntax: str) -> None:
    start = datetime.now(UTC).timestamp()
    built = build_image(tmp_path, f"{syntax}FROM scratch\nWORKDIR /{uuid4().hex}\nENV A=1\nENV B=1\n")
    assert start - 5 < created(built)[0] < start + 300


def test_epoch_that_is_no_time_is_reported(tmp_path: Path, syntax: str) -> None:
    built = build_text(tmp_path, f"{syntax}ARG SOURCE_DATE_EPOCH=soon-ish{TEXT}")
    assert "invalid SOURCE_DATE_EPOCH: soon-ish" in built.message, built.message
    assert built.marked == [2]


def test_epoch_from_a_local_context_is_none(tmp_path: Path, syntax: str) -> None:
    built = build_image(tmp_path, f"{syntax}ARG SOURCE_DATE_EPOCH=context{TEXT}")
    assert built.text("/seen") == "[]\n"


def test_epoch_from_a_stage_that_does_more_is_refused(tmp_path: Path, syntax: str) -> None:
    text = "ARG SOURCE_DATE_EPOCH=src\nFROM scratch AS src\nADD http://x.test/a /\nCOPY x /\n"
    built = build_text(tmp_path, syntax + text + TEXT)
    assert "does not meet source-only requirements" in built.message, built.message


class Source(NamedTuple):
    """Where the time comes from: a URL that may be a context too, and the time."""

    url: str
    seconds: int


@pytest.fixture(scope="module", params=["archive.tar", "archive.tar.gz", "git"])
def source(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, syntax: str
) -> Iterator[Source]:
    folder = tmp_path_factory.mktemp("www")
    dockerfile = f"{syntax}ARG SOURCE_DATE_EPOCH=context{TEXT}"
    if request.param != "git":
        make_archive(folder / request.param, dockerfile)
        with web(folder) as server:
            yield Source(f"{server.url}/{request.param}", 1_400_000_000)
        return
    if missing := missing_git():
        pytest.skip(missing)
    make_repository(folder / "repo", folder / "modules.git", {"Dockerfile": dockerfile})
    with git_daemon(folder) as url:
        yield Source(f"{url}/repo.git#v1", TIMES["v1"])


def make_archive(path: Path, dockerfile: str) -> None:
    """Make an archive whose newest file is as old as the archive itself."""
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for name, age in (("Dockerfile", 0), ("older", 1000)):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(dockerfile), 1_400_000_000 - age
            archive.addfile(entry, io.BytesIO(dockerfile.encode()))
    os.utime(path, (1_400_000_000, 1_400_000_000))


def check_source(built: Built, source: Source) -> None:
    """The time is that of the source, if the engine can tell it."""
    if source.url.startswith("git:") and built.text("/seen") == "[]\n":
        pytest.skip("the engine tells nothing of a commit but its name (BuildKit before 0.26)")
    check(built, source.seconds)


def test_epoch_from_the_context(source: Source) -> None:
    check_source(build_context(source.url), source)


def test_epoch_from_a_named_context(tmp_path: Path, syntax: str, source: Source) -> None:
    text = f"{syntax}ARG SOURCE_DATE_EPOCH=src{TEXT}"
    check_source(build_image(tmp_path, text, f"--build-context=src={source.url}"), source)


def test_epoch_from_a_stage(tmp_path: Path, syntax: str, source: Source) -> None:
    stage = f"ARG SOURCE_DATE_EPOCH=src\nFROM scratch AS src\nADD {source.url} /\n"
    check_source(build_image(tmp_path, syntax + stage + TEXT), source)
