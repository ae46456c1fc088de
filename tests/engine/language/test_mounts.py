"""RUN --mount of folders: bind, cache and tmpfs, with every option."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from engine.built import Built, Fact, build_image
from engine.client import build_text

if TYPE_CHECKING:
    from pathlib import Path

#: {id} makes the caches of every run of the tests fresh ones.
DOCKERFILE = """
FROM busybox AS other
RUN mkdir /seed && echo from-other >/seed/file && chmod 711 /seed && chown 5:6 /seed
FROM busybox
WORKDIR /w
ENV WHERE=/expanded NAME=file
# bind
RUN --mount=target=/context cp -r /context/folder /bound
RUN --mount=type=bind,source=folder/a.txt,target=/one cat /one >/bind-file
RUN --mount=type=bind,from=other,source=/seed,target=/seed cat /seed/file >/bind-stage
RUN --mount=type=bind,from=busybox,target=/image cat /image/etc/passwd >/bind-image
RUN --mount=type=bind,from=extra,target=/extra cat /extra/file.txt >/bind-context
RUN --mount=source=folder,dst=relative ls /w/relative >/bind-relative
RUN --mount=src=folder,destination=$WHERE ls $WHERE >/bind-expanded
RUN --mount=target=/context touch /context/new 2>/bind-read-only || true
RUN --mount=target=/context,rw touch /context/new && ls /context/new >/bind-writable
RUN --mount=target=/context,readwrite=true,ro=false touch /context/new && echo yes >/bind-writable-words
RUN --mount=target=/context ls /context/new >/bind-discarded 2>&1 || true
RUN --mount=target=/a/b,from=other,source=/seed --mount=target=/a,source=folder,rw find /a -type f >/bind-two
# tmpfs
RUN --mount=type=tmpfs,target=/scratch touch /scratch/x && grep ' /scratch tmpfs' /proc/mounts >/tmpfs
RUN --mount=type=tmpfs,size=1m,target=/scratch df -k /scratch | tail -1 >/tmpfs-size; \\
    dd if=/dev/zero of=/scratch/x bs=1k count=2000 2>/dev/null || echo full >>/tmpfs-size
# cache
RUN --mount=type=cache,id={id}-a,target=/cache touch /cache/first && stat -c '%u:%g %a' /cache >/cache-owner
RUN --mount=type=cache,id={id}-a,target=/else/where ls /else/where >/cache-kept
RUN --mount=type=cache,id={id}-a,target=/cache,readonly touch /cache/x 2>/cache-read-only || true
RUN --mount=type=cache,id={id}-b,target=/cache,uid=7,gid=8,mode=0750 stat -c '%u:%g %a' /cache >/cache-own
RUN --mount=type=cache,id={id}-c,from=other,source=/seed,target=/cache cat /cache/file >/cache-seed; \\
    stat -c '%u:%g %a' /cache >>/cache-seed; echo changed >/cache/file
RUN --mount=type=cache,id={id}-c,from=other,source=/seed,target=/cache cat /cache/file >/cache-seed-kept
RUN --mount=type=cache,target=/cache-{id} touch /cache-{id}/by-target
RUN --mount=type=cache,id=/cache-{id},target=/cache ls /cache >/cache-by-target
RUN --mount=type=cache,id={id}-$NAME,target=/cache touch /cache/expanded
RUN --mount=type=cache,id={id}-file,target=/cache ls /cache >/cache-expanded
RUN --mount=type=cache,id={id}-d,target=rel touch /w/rel/x
RUN --mount=type=cache,id={id}-d,sharing=locked,target=/cache ls /cache >/cache-relative
"""

FACTS = [
    Fact("bind is the context by default", "/bound/a.txt", "a"),
    Fact("bind source may be a file", "/bind-file", "a"),
    Fact("bind from a stage", "/bind-stage", "from-other\n"),
    Fact("bind from a named context", "/bind-context", "extra"),
    Fact("bind target may be relative to WORKDIR", "/bind-relative", "a.txt\n"),
    Fact("bind target is expanded", "/bind-expanded", "a.txt\n"),
    Fact("bind is read-only by default", "/bind-read-only", "touch: /context/new: Read-only file system\n"),
    Fact("bind rw may be written", "/bind-writable", "/context/new\n"),
    Fact("bind readwrite=true,ro=false may be written", "/bind-writable-words", "yes\n"),
    Fact("bind below another bind", "/bind-two", "/a/a.txt\n/a/b/file\n"),
    Fact("tmpfs is one", "/tmpfs"),
    Fact("cache belongs to root", "/cache-owner", "0:0 755\n"),
    Fact("cache keeps its files, whatever the target", "/cache-kept", "first\n"),
    Fact("cache readonly", "/cache-read-only", "touch: /cache/x: Read-only file system\n"),
    Fact("cache uid, gid and mode", "/cache-own", "7:8 750\n"),
    Fact("cache from and source", "/cache-seed", "from-other\n5:6 711\n"),
    Fact("cache from a source keeps what was changed", "/cache-seed-kept", "changed\n"),
    Fact("cache id is the target by default", "/cache-by-target", "by-target\n"),
    Fact("cache id is expanded", "/cache-expanded", "expanded\n"),
    Fact("cache target may be relative to WORKDIR", "/cache-relative", "x\n"),
]


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("context")
    (folder / "folder").mkdir()
    (folder / "folder/a.txt").write_text("a")
    return folder


@pytest.fixture(scope="module")
def built(context: Path, tmp_path_factory: pytest.TempPathFactory, syntax: str) -> Built:
    extra = tmp_path_factory.mktemp("extra")
    (extra / "file.txt").write_text("extra")
    text = syntax + DOCKERFILE.format(id=uuid4().hex)
    return build_image(context, text, f"--build-context=extra={extra}")


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.promise)
def test_a_mount_has_what_was_asked_for(built: Built, fact: Fact) -> None:
    fact.holds_in(built)


def test_bind_mount_from_an_image_shows_its_files(built: Built) -> None:
    assert built.text("/bind-image").startswith("root:x:0:0:")


def test_what_is_written_to_a_bind_mount_is_discarded(built: Built) -> None:
    assert "No such file" in built.text("/bind-discarded")


def test_tmpfs_has_the_size_that_it_is_given(built: Built) -> None:
    line, full = built.text("/tmpfs-size").splitlines()
    assert line.split()[1] == "1024"
    assert full == "full"


def test_mounts_leave_nothing_but_empty_folders_behind(built: Built) -> None:
    for folder in ("/context", "/cache", "/scratch", "/seed", "/image", "/extra", "/w", "/expanded", "/a"):
        assert built.below(folder) == []
    assert not [path for layer in built.layers for path in layer if path.startswith("/cache/")]


#: Two steps that meet in a cache: each leaves a note, and waits a while for the other's.
MEETING = """
FROM busybox AS base
RUN echo {id} >/id
FROM base AS one
RUN --mount=type=cache,id={id},sharing={sharing},target=/c touch /c/one && for i in $(seq {patience}); do \\
    test -e /c/two && break; sleep 0.1; done; ls /c >/one
FROM base AS two
RUN --mount=type=cache,id={id},sharing={sharing},target=/c touch /c/two && for i in $(seq {patience}); do \\
    test -e /c/one && break; sleep 0.1; done; ls /c >/two
FROM scratch
COPY --from=one /one /
COPY --from=two /two /
"""


@pytest.mark.parametrize(
    ("sharing", "patience", "seen"),
    [
        pytest.param("shared", 300, [["one", "two"], ["one", "two"]], id="shared: both at the same time"),
        pytest.param("private", 20, [["one"], ["two"]], id="private: each has its own"),
    ],
)
def test_cache_sharing(
    tmp_path: Path, syntax: str, sharing: str, patience: int, seen: list[list[str]]
) -> None:
    text = MEETING.format(id=uuid4().hex, sharing=sharing, patience=patience)
    built = build_image(tmp_path, syntax + text)
    assert [built.text("/one").split(), built.text("/two").split()] == seen


def test_cache_sharing_locked_has_one_step_wait_for_the_other(tmp_path: Path, syntax: str) -> None:
    built = build_image(tmp_path, syntax + MEETING.format(id=uuid4().hex, sharing="locked", patience=10))
    # The first has waited in vain, and the second finds what the first left.
    first, second = sorted((built.text("/one").split(), built.text("/two").split()), key=len)
    assert len(first) == 1
    assert second == ["one", "two"]


@pytest.mark.parametrize(
    ("mount", "message"),
    [
        pytest.param("type=bind,target=/", 'invalid mount target "/"', id="the root as target"),
        pytest.param("type=cache,sharing=shard,target=/x", "(did you mean shared?)", id="unknown sharing"),
        pytest.param("type=tmpfs,mode=700,target=/x", 'mode not allowed for "tmpfs"', id="mode of a tmpfs"),
    ],
)
def test_a_bad_mount_fails_the_build(tmp_path: Path, syntax: str, mount: str, message: str) -> None:
    built = build_text(tmp_path, f"{syntax}FROM busybox\nRUN --mount={mount} true\n")
    assert built.code != 0
    assert message in built.message, built.message
    assert built.marked == [3]
