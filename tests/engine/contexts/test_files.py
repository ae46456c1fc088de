"""Files that lines of a Dockerfile name are read from its context, in whatever way that comes."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from engine.client import build
from engine.files import built_files, write_files
from engine.servers import git, missing_git, web

if TYPE_CHECKING:
    from pathlib import Path


def project(syntax: str) -> dict[str, str]:
    """Return files: one of them is a part of the Dockerfile, and hidden by the ignore file."""
    return {
        "Dockerfile": f"{syntax}FROM scratch\nINCLUDE parts/one\n",
        "parts/one": "COPY version /included\n",
        "version": "here",
        ".dockerignore": "parts\nDockerfile\n",
    }


def test_a_file_of_a_folder_is_read_though_it_is_ignored(tmp_path: Path, syntax: str) -> None:
    assert built_files(write_files(tmp_path, project(syntax))).texts == {"included": "here"}


def test_a_file_is_read_from_the_context_wherever_the_dockerfile_is(tmp_path: Path, syntax: str) -> None:
    here = write_files(tmp_path / "here", project(syntax))
    elsewhere = write_files(tmp_path / "elsewhere", {"Dockerfile": (here / "Dockerfile").read_text()})
    assert built_files(here, f"--file={elsewhere / 'Dockerfile'}").texts == {"included": "here"}
    on_stdin = (here / "Dockerfile").read_bytes()
    assert built_files(here, "--file=-", stdin=on_stdin).texts == {"included": "here"}


def test_a_file_that_changes_is_read_anew(tmp_path: Path, syntax: str) -> None:
    here = write_files(tmp_path, project(syntax))
    assert built_files(here).texts == {"included": "here"}
    write_files(here, {"parts/one": "COPY version /changed\n"})
    assert built_files(here).texts == {"changed": "here"}


@pytest.mark.parametrize("compression", ["", "gz"], ids=["plain", "compressed"])
def test_a_file_of_an_archive(tmp_path: Path, syntax: str, compression: str) -> None:
    source = write_files(tmp_path / "source", project(syntax))
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=f"w:{compression}", format=tarfile.USTAR_FORMAT) as archive:  # type: ignore[call-overload] # made text
        archive.add(source, ".")
    assert built_files("-", stdin=data.getvalue()).texts == {"included": "here"}
    served = tmp_path / "served"
    served.mkdir()
    (served / "project.tar").write_bytes(data.getvalue())
    with web(served) as server:
        assert built_files(f"{server.url}/project.tar").texts == {"included": "here"}


def test_a_file_of_a_repository(tmp_path: Path, syntax: str) -> None:
    reason = missing_git()
    if reason:
        pytest.skip(reason)
    work, served = write_files(tmp_path / "work", project(syntax)), tmp_path / "served"
    git(work, "init", "--quiet", "--initial-branch=main")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message", "all")
    served.mkdir()
    git(tmp_path, "clone", "--quiet", "--bare", str(work), str(served / "project.git"))
    git(served / "project.git", "update-server-info")
    with web(served) as server:
        assert built_files(f"{server.url}/project.git#main").texts == {"included": "here"}


def test_a_file_that_is_not_there_is_an_error_at_the_line_that_names_it(tmp_path: Path, syntax: str) -> None:
    here = write_files(tmp_path, {**project(syntax), "parts/one": "INCLUDE parts/two\n"})
    done = build(here)
    assert done.code != 0
    assert 'the build context has no file "parts/two"' in done.message
    assert "parts/one" in done.excerpt
