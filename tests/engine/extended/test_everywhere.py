"""Extensions wherever a Dockerfile and its context may come from, and on several platforms."""

from __future__ import annotations

import shutil
import tarfile
from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine.client import build, buildx
from engine.extended.calls import call
from engine.servers import git, web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.client import Build

FILES = {
    "values.env": "BASE=busybox\n",
    "tools/Dockerfile": "FROM busybox AS tools\nRUN echo tool >/tool\n",
    "part.inc": "COPY --if-exists --from=tools nothing* /tool /\n",
}
TEXT = """\
ARG BASE
FROM $BASE AS base
FROM ./tools/Dockerfile#tools AS tools
FROM scratch
INCLUDE part.inc
COPY --from=$BASE /etc/passwd /
"""
MADE = ["passwd", "tool"]
PLAIN = 'ARG BASE="busybox"\nFROM busybox AS f-tools-dockerfile-tools\n'


class Places(NamedTuple):
    """One project as a folder, a repository and an archive, the latter two behind the address of a server."""

    folder: Path
    address: str


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, syntax: str) -> Iterator[Places]:
    if not shutil.which("git"):
        pytest.skip("git is not installed here")
    top = tmp_path_factory.mktemp("everywhere")
    folder = top / "project"
    for name, text in {**FILES, "Dockerfile": syntax.replace("\n", " args=values.env\n") + TEXT}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    with tarfile.open(top / "project.tar", "w", format=tarfile.USTAR_FORMAT) as archive:
        archive.add(folder, ".")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=x")
    git(top, "clone", "--quiet", "--bare", str(folder), "project.git")
    git(top / "project.git", "update-server-info")
    with web(top) as server:
        yield Places(folder, server.url)


def files(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir())


@pytest.mark.parametrize("kind", ["folder", "standard input", "repository", "archive", "archive on input"])
def test_extensions_read_the_files_of_every_kind_of_context(
    places: Places, tmp_path: Path, kind: str
) -> None:
    output = f"--output={tmp_path / 'out'}"
    dockerfile = (places.folder / "Dockerfile").read_bytes()
    archive = (places.folder.parent / "project.tar").read_bytes()
    done: Build = {
        "folder": lambda: build(places.folder, output),
        "standard input": lambda: build(places.folder, output, "--file=-", stdin=dockerfile),
        "repository": lambda: build(f"{places.address}/project.git", output),
        "archive": lambda: build(f"{places.address}/project.tar", output),
        "archive on input": lambda: build("-", output, stdin=archive),
    }[kind]()
    assert done.code == 0, done.output
    assert files(tmp_path / "out") == MADE


@pytest.mark.parametrize("name", ["plain", "check", "outline", "targets", "graph", "lock"])
def test_calls_read_the_files_of_a_repository(places: Places, name: str) -> None:
    done = call(f"{places.address}/project.git", name)
    assert done.returncode == 0, done.stderr
    wanted = {
        "plain": PLAIN,
        "check": "no warnings found",
        "outline": "BASE",
        "targets": "f-tools-dockerfile-tools",
        "graph": "f-tools-dockerfile-tools",
        "lock": "image docker.io/library/busybox:latest sha256:",
    }
    assert wanted[name] in done.stdout


def test_a_dockerfile_without_a_context_says_that_there_is_no_such_file(places: Places) -> None:
    done = build("-", stdin=(places.folder / "Dockerfile").read_bytes())
    assert done.code != 0
    assert done.message.endswith('args: the build context has no file "values.env"')
    assert done.marked == [1]


def test_a_variable_in_from_may_name_a_context_and_a_target_of_bake(tmp_path: Path, syntax: str) -> None:
    (tmp_path / "Base").write_text(f"{syntax}ARG X\nFROM busybox\nARG X\nRUN --if=X echo $X >/x\n")
    (tmp_path / "Dockerfile").write_text(f"{syntax}ARG S=base\nFROM scratch\nCOPY --from=$S /x /\n")
    (tmp_path / "docker-bake.hcl").write_text(
        f"""
        target "default" {{
          contexts = {{ base = "target:base" }}
          output = ["type=local,dest={tmp_path / "out"}"]
        }}
        target "base" {{
          dockerfile = "Base"
          args = {{ X = "1" }}
        }}
        """
    )
    done = buildx(["bake", f"--allow=fs.write={tmp_path}"], cwd=tmp_path)
    assert done.code == 0, done.output
    assert (tmp_path / "out/x").read_text() == "1\n"


def test_a_context_may_stand_for_the_stage_of_another_file(places: Places, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "tool").write_text("other\n")
    context = f"--build-context=f-tools-dockerfile-tools={other}"
    done = build(places.folder, f"--output={tmp_path / 'out'}", context)
    assert done.code == 0, done.output
    assert (tmp_path / "out/tool").read_text() == "other\n"


def test_conditions_differ_between_the_platforms_of_one_build(tmp_path: Path, syntax: str) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "Dockerfile").write_text(
        f"{syntax}FROM scratch\nCOPY --if=TARGETARCH=amd64 a /x86\nCOPY --if=TARGETARCH=arm64 a /arm\n"
    )
    both = "--platform=linux/amd64,linux/arm64"
    done = build(tmp_path, f"--output={tmp_path / 'out'}", both)
    assert done.code == 0, done.output
    assert files(tmp_path / "out/linux_amd64") == ["x86"]
    assert files(tmp_path / "out/linux_arm64") == ["arm"]
    plain = call(tmp_path, "plain", both)
    assert plain.returncode != 0
    assert "the plain Dockerfile differs between linux/amd64 and linux/arm64" in plain.stderr
    one = call(tmp_path, "plain", "--platform=linux/arm64")
    assert one.stdout.strip() == "FROM scratch\nCOPY a /arm"
