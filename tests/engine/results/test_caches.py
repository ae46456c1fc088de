"""Caches that leave the engine: another one, which never built anything, repeats no step."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine.client import build, docker
from engine.files import built_files, write_files

if TYPE_CHECKING:
    from pathlib import Path

    from engine.client import Build, Vertex
    from engine.machines import Engine

#: Every kind of step; what is random tells whether a step was run again.
DOCKERFILE = """
FROM busybox AS tools
WORKDIR /tools
RUN cat /proc/sys/kernel/random/uuid >id
FROM busybox AS build
ARG WORD=none
ENV SAID=$WORD
COPY --chown=1:2 source /source
ADD archive.tar /unpacked
COPY <<E /inline
inline
E
RUN --mount=from=tools,source=/tools,target=/t --mount=type=cache,target=/c,sharing=locked \\
    cat /t/id /proc/sys/kernel/random/uuid >/ids && cat /inline /source >/result
FROM scratch
COPY --link --from=build /ids /
COPY --from=build /result /
LABEL word=$WORD
"""


class Row(NamedTuple):
    """How a cache goes out and comes back; ``{registry}`` and ``{folder}`` are places for it."""

    promise: str
    export: tuple[str, ...]
    imported: str


ROWS = [
    Row(
        "registry",
        ("--cache-to=type=registry,ref={registry}/cache:all,mode=max",),
        "type=registry,ref={registry}/cache:all",
    ),
    Row("local", ("--cache-to=type=local,dest={folder},mode=max",), "type=local,src={folder}"),
    Row(
        "inline", ("--cache-to=type=inline", "--tag={registry}/app:inline", "--push"), "{registry}/app:inline"
    ),
    Row(
        "inline by a build argument",
        ("--build-arg=BUILDKIT_INLINE_CACHE=1", "--tag={registry}/app:argument", "--push"),
        "{registry}/app:argument",
    ),
]


@pytest.fixture
def empty_builder(second_engine: Engine, remote_builder: str) -> str:
    """A builder whose engine has nothing in its cache."""
    second_engine.docker("builder", "prune", "--all", "--force")
    return remote_builder


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.promise)
def test_an_empty_engine_reuses_every_step(
    tmp_path: Path, syntax: str, registry: str, empty_builder: str, row: Row
) -> None:
    context = _context(tmp_path, syntax)
    places = {"registry": registry, "folder": str(tmp_path / "cache")}
    options = [option.format(**places) for option in (*row.export, "--build-arg=WORD=w")]
    first = build(context, "--no-cache", "--provenance=false", *options)
    assert first.code == 0, first.output
    mine = built_files(context, "--build-arg=WORD=w")

    imported = f"--cache-from={row.imported.format(**places)}"
    theirs = built_files(context, imported, "--build-arg=WORD=w", f"--builder={empty_builder}")
    assert theirs.texts == mine.texts
    assert _repeated(theirs.build) == []

    other = built_files(context, imported, "--build-arg=WORD=other", f"--builder={empty_builder}")
    assert other.texts["ids"] != mine.texts["ids"], "another argument is another build"


def test_a_cache_that_is_nowhere_is_no_error(tmp_path: Path, syntax: str, registry: str) -> None:
    context = _context(tmp_path, syntax)
    built_files(context, f"--cache-from={registry}/nothing:here")


def test_comments_names_and_labels_keep_the_cache(tmp_path: Path, syntax: str) -> None:
    context = _context(tmp_path, syntax)
    before = built_files(context)
    edited = _text(tmp_path).replace("FROM busybox AS build", "# built here\nFROM busybox AS renamed")
    edited = edited.replace("--from=build", "--from=renamed").replace("LABEL word=$WORD", "LABEL other=label")
    write_files(context, {"Dockerfile": syntax + edited})
    after = built_files(context, "--label=more=yes")
    assert after.texts == before.texts
    assert _repeated(after.build) == []


def test_a_changed_file_repeats_only_what_follows(tmp_path: Path, syntax: str) -> None:
    context = _context(tmp_path, syntax)
    before = built_files(context)
    write_files(context, {"source": "changed\n"})
    after = built_files(context)
    assert before.texts["ids"].split()[0] == after.texts["ids"].split()[0]
    assert before.texts["ids"].split()[1] != after.texts["ids"].split()[1]
    assert after.texts["result"] == "inline\nchanged\n"


class NoCache(NamedTuple):
    """An option, and the stages whose commands are run again."""

    promise: str
    option: str
    repeated: set[str]


NO_CACHE = [
    NoCache("all stages", "--no-cache", {"tools", "build"}),
    NoCache("one stage", "--no-cache-filter=build", {"build"}),
    NoCache("two stages, whatever their case", "--no-cache-filter=tools,BUILD", {"tools", "build"}),
    NoCache("a stage that is not there", "--no-cache-filter=nothing", set()),
]


@pytest.mark.parametrize("row", NO_CACHE, ids=lambda row: row.promise)
def test_no_cache_runs_the_steps_that_it_names(tmp_path: Path, syntax: str, row: NoCache) -> None:
    context = _context(tmp_path, syntax)
    first, second = built_files(context), built_files(context, row.option)
    before, after = (found.texts["ids"].split() for found in (first, second))
    assert (before[0] != after[0]) == ("tools" in row.repeated)
    assert (before[1] != after[1]) == bool(row.repeated)
    assert {name[1:6] for name in _repeated(second.build) if " RUN " in name} == row.repeated


def test_cache_mounts_of_two_namespaces_are_apart(tmp_path: Path, syntax: str) -> None:
    text = f"""FROM busybox AS build
ARG STEP
RUN --mount=type=cache,target=/c,id={tmp_path} echo $STEP >>/c/steps && cat /c/steps >/steps
FROM scratch
COPY --from=build /steps /
"""
    context = write_files(tmp_path, {"Dockerfile": syntax + text})
    found = []
    for step, namespace in ((1, "one"), (2, "two"), (3, "one")):
        args = (f"--build-arg=STEP={step}", f"--build-arg=BUILDKIT_CACHE_MOUNT_NS={namespace}")
        found.append(built_files(context, *args).texts["steps"])
    assert found == ["1\n", "2\n", "1\n3\n"]


def test_a_pruned_engine_repeats_everything(tmp_path: Path, syntax: str, second_engine: Engine) -> None:
    context = _context(tmp_path, syntax)
    env = {"DOCKER_HOST": second_engine.host}
    first = built_files(context, env=env)
    docker("--host", second_engine.host, "buildx", "prune", "--all", "--force")
    second = built_files(context, env=env)
    assert _repeated(second.build) == _names(second.build)
    assert first.texts["result"] == second.texts["result"]
    assert first.texts["ids"] != second.texts["ids"]


def _context(folder: Path, syntax: str) -> Path:
    """Make a context unlike any other test's, so that the tests share no cache."""
    return write_files(
        folder / "context",
        {
            "Dockerfile": syntax + _text(folder),
            "source": f"{folder}\n",
            "archive.tar": "no archive\n",
        },
    )


def _text(folder: Path) -> str:
    return DOCKERFILE.replace("WORKDIR /tools", f"WORKDIR /tools\nENV FOR={folder}")


def _steps(done: Build) -> list[Vertex]:
    """Return the steps of those instructions that do something."""
    kinds = (" RUN ", " COPY ", " ADD ", " WORKDIR ")
    return [step for step in done.steps.values() if any(kind in step.name for kind in kinds)]


def _names(done: Build) -> list[str]:
    return [step.name for step in _steps(done)]


def _repeated(done: Build) -> list[str]:
    return [step.name for step in _steps(done) if not step.cached]
