"""The main features of the language on older engines: they work, or the error names flag, engine and line."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine.files import write_files
from engine.releases.conftest import RELEASES
from engine.servers import git_daemon, make_repository, missing_git

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from engine.releases.conftest import OldEngine

FILES = {
    "a/one.txt": "one",
    "a/two.md": "two",
    "b.txt": "b",
    "skipped.txt": "skipped",
    ".dockerignore": "skipped.txt\n",
}
SINCE_23 = "needs BuildKit 0.9 (Docker Engine 23.0) or newer"
SINCE_23_TOO = "needs BuildKit 0.10 (Docker Engine 23.0) or newer"
SINCE_27 = "needs BuildKit 0.17 (Docker Engine 27.4) or newer"
SINCE_28 = "needs BuildKit 0.20 (Docker Engine 28.0) or newer"


class Row(NamedTuple):
    """A Dockerfile below its first line, and the files that come out; or by release the end of the error.

    The error is that of the last line.
    """

    promise: str
    text: str
    texts: Mapping[str, str]
    refused: Mapping[str, str] = {}
    options: tuple[str, ...] = ()


ROWS = [
    Row(
        "stages, variables and a target",
        "ARG base=busybox\nFROM $base AS made\nARG word=none\nRUN echo $word >/word\n"
        "FROM scratch AS other\nCOPY b.txt /never\nFROM scratch AS last\nCOPY --from=made /word /",
        {"word": "given\n"},
        options=("--build-arg", "word=given"),
    ),
    Row(
        "heredocs as commands and as files",
        "FROM busybox AS made\nRUN <<END\nmkdir /out\necho ran >/out/ran\nEND\n"
        "COPY <<END /out/file\nwritten\nEND\nFROM scratch\nCOPY --from=made /out /",
        {"ran": "ran\n", "file": "written\n"},
    ),
    Row(
        "the ignore file, folders and wildcards",
        "FROM scratch\nCOPY a/*.txt *.txt /",
        {"one.txt": "one", "b.txt": "b"},
    ),
    Row(
        "a layer of its own",
        "FROM scratch\nCOPY --link b.txt /b\nCOPY --link a /a/",
        {"b": "b", "a/one.txt": "one", "a/two.md": "two"},
    ),
    Row("an archive", "FROM scratch\nADD some.tar.gz /x/", {"x/inside": "inside"}),
    Row(
        "mounts of files, caches and secrets",
        "FROM busybox AS made\nRUN --mount=target=/ctx --mount=type=cache,target=/cache"
        " --mount=type=secret,id=word cat /ctx/b.txt /run/secrets/word >/out && touch /cache/x\n"
        "FROM scratch\nCOPY --from=made /out /",
        {"out": "bsecret"},
        options=("--secret", "id=word,env=WORD"),
    ),
    Row(
        "mounts of other stages",
        "FROM scratch AS files\nCOPY b.txt /\nFROM busybox AS made\n"
        "RUN --mount=from=files,target=/m cp /m/b.txt /out\nFROM scratch\nCOPY --from=made /out /",
        {"out": "b"},
    ),
    Row(
        "owners and modes in numbers",
        "FROM busybox AS made\nCOPY --chown=3:4 --chmod=640 b.txt /b\nRUN stat -c '%a %u:%g' /b >/out\n"
        "FROM scratch\nCOPY --from=made /out /",
        {"out": "640 3:4\n"},
    ),
    Row(
        "owners by name",
        "FROM busybox AS made\nCOPY --chown=nobody b.txt /b\nRUN stat -c %U /b >/out\n"
        "FROM scratch\nCOPY --from=made /out /",
        {"out": "nobody\n"},
    ),
    Row(
        "modes in letters",
        "FROM busybox AS made\nCOPY --chmod=u=rw,go=r b.txt /b\nRUN stat -c %a /b >/out\n"
        "FROM scratch\nCOPY --from=made /out /",
        {"out": "644\n"},
        dict.fromkeys(RELEASES, f"this engine does not support COPY --chmod=u=rw,go=r, which {SINCE_27}"),
    ),
    Row(
        "what is left out",
        "FROM scratch\nCOPY --exclude=*.md a /",
        {"one.txt": "one"},
        {"bookworm": f"this engine does not support COPY --exclude, which {SINCE_23}"},
    ),
    Row(
        "folders above",
        "FROM scratch\nCOPY --parents a/one.txt ./a/./two.md /",
        {"a/one.txt": "one", "two.md": "two"},
        {"bookworm": f"this engine does not support COPY --parents, which {SINCE_23}"},
    ),
    Row(
        "a secret in a variable",
        "FROM busybox AS made\nRUN --mount=type=secret,id=word,env=W echo $W >/out\n"
        "FROM scratch\nCOPY --from=made /out /",
        {"out": "secret\n"},
        {
            "bookworm": "exec.secretenv  is not supported by build server, please update docker:"
            f" RUN --mount=type=secret with env {SINCE_23_TOO}"
        },
        options=("--secret", "id=word,env=WORD"),
    ),
    Row(
        "memory of a size",
        "FROM busybox AS made\nRUN --mount=type=tmpfs,target=/t,size=64k df -k /t | grep -c ' 64 ' >/out\n"
        "FROM scratch\nCOPY --from=made /out /",
        {"out": "1\n"},
        {
            "bookworm": "exec.mount.tmpfs.size  is not supported by build server, please update docker:"
            f" RUN --mount=type=tmpfs with size {SINCE_23_TOO}"
        },
    ),
    Row(
        "a device that is not there",
        "FROM busybox AS made\nRUN --device=example.test/thing=one echo ran >/out\n"
        "FROM scratch\nCOPY --from=made /out /",
        {"out": "ran\n"},
        dict.fromkeys(RELEASES, f"this engine does not support RUN --device, which {SINCE_28}"),
    ),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A build context with the files of the rows."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        inside = tarfile.TarInfo("inside")
        inside.size = len(inside.name)
        archive.addfile(inside, io.BytesIO(inside.name.encode()))
    here = write_files(tmp_path / "here", FILES)
    (here / "some.tar.gz").write_bytes(data.getvalue())
    return here


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.promise)
def test_a_feature_works_or_is_refused(
    monkeypatch: pytest.MonkeyPatch, old_engine: OldEngine, syntax: str, folder: Path, row: Row
) -> None:
    monkeypatch.setenv("WORD", "secret")
    text = syntax + row.text
    (folder / "Dockerfile").write_text(text)
    refusal = row.refused.get(old_engine.release)
    if refusal is None:
        assert old_engine.built_files(folder, *row.options) == row.texts
        return
    # Without what is copied at the end: only the line that is refused counts.
    line = next(number for number, words in enumerate(text.splitlines(), 1) if _is_refused(words))
    check_error(old_engine, folder, refusal, line, *row.options)


def _is_refused(words: str) -> bool:
    flags = ("--chmod=u", "--exclude", "--parents", "env=W", "size=64k", "--device")
    return any(flag in words for flag in flags)


def check_error(engine: OldEngine, folder: Path, message: str, line: int, *options: str) -> None:
    """Build, and compare the error; the line is in the excerpt, or where there is none in the message."""
    done = engine.build(folder, *options)
    assert done.code != 0
    if engine.version.startswith("20."):
        assert done.message.endswith(f"{message} (Dockerfile:{line})")
    else:
        assert done.message.endswith(message)
        assert done.marked == [line]


def test_a_part_of_a_repository_is_added_or_refused(
    old_engine: OldEngine, syntax: str, tmp_path: Path
) -> None:
    if reason := missing_git():
        pytest.skip(reason)
    made = make_repository(tmp_path / "project", tmp_path / "modules")
    folder = tmp_path / "here"
    folder.mkdir()
    with git_daemon(tmp_path) as url:
        (folder / "Dockerfile").write_text(f"{syntax}FROM scratch\nADD {url}/{made.folder.name}#v1:sub /\n")
        if old_engine.release == "bookworm":
            text = f"this engine does not support a subdirectory of a git repository, which {SINCE_23}"
            check_error(old_engine, folder, text, 3)
        else:
            assert old_engine.built_files(folder) == {"below.txt": "below one"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("COPY bb.txt /", "the build context has no bb.txt (did you mean b.txt?)"),
        ("COPY skipped.txt /", "excluded by .dockerignore line 1: skipped.txt"),
        ("COPY none/x /", "the build context has no none/x"),
        ("COPY none/*.x /", "the build context has no none/*.x"),
        ("COPY --from=made /out/none /", "the stage made has no /out/none"),
        ("COPY --from=made /none/x /", "the stage made has no /none/x"),
        ("COPY --from=busybox /none/x /", "busybox has no /none/x"),
        ("RUN --mount=source=none/x,target=/x true", "the build context has no none/x"),
    ],
)
def test_a_missing_file_is_explained(
    old_engine: OldEngine, syntax: str, folder: Path, line: str, reason: str
) -> None:
    text = f"{syntax}FROM busybox AS made\nRUN mkdir /out\nFROM busybox\n{line}\n"
    (folder / "Dockerfile").write_text(text)
    done = old_engine.build(folder)
    assert done.code != 0
    assert done.message.endswith(f": {reason}")
    assert done.marked == ([] if old_engine.version.startswith("20.") else [5])


def test_parents_without_its_file_is_an_error(old_engine: OldEngine, syntax: str, folder: Path) -> None:
    (folder / "Dockerfile").write_text(f"{syntax}FROM busybox\nCOPY --parents a/one.txt a/none.txt /\n")
    refusal = f"this engine does not support COPY --parents, which {SINCE_23}"
    absent = '"/a/none.txt": not found: the build context has no a/none.txt (did you mean a/one.txt?)'
    check_error(old_engine, folder, refusal if old_engine.release == "bookworm" else absent, 3)


def test_help_is_in_the_message_of_every_engine(old_engine: OldEngine, syntax: str, folder: Path) -> None:
    (folder / "Dockerfile").write_text(f"{syntax}FROM busybox\nHEALTHCHECK --interval=5 CMD true\n")
    done = old_engine.build(folder)
    assert done.code != 0
    assert "a duration needs a unit, as in 5s" in done.message


@pytest.fixture
def tag(old_engine: OldEngine) -> Iterator[str]:
    name = "pyfrontend-test-release"
    yield name
    old_engine.docker("image", "rm", "--force", name)


def test_an_interval_at_the_start_is_kept_or_refused(
    old_engine: OldEngine, syntax: str, folder: Path, tag: str
) -> None:
    (folder / "Dockerfile").write_text(f"{syntax}FROM busybox\nHEALTHCHECK --start-interval=5s CMD true\n")
    if old_engine.release == "bookworm":
        text = "this engine does not support HEALTHCHECK --start-interval, which needs Docker Engine 25.0"
        check_error(old_engine, folder, f"{text} or newer", 3)
        return
    assert old_engine.build(folder, "--tag", tag).code == 0
    found = old_engine.docker("image", "inspect", "--format={{.Config.Healthcheck.StartInterval}}", tag)
    assert found.strip() == "5s"
