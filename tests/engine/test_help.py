"""Errors of real builds end with the cause and the fix, whether a registry or a shell found them."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine.client import build_text
from engine.files import write_files

if TYPE_CHECKING:
    from pathlib import Path

REGISTRY = "127.0.0.1:1"
UNREACHABLE = "the builder cannot reach the registry of {}: check the name, the network and its proxy"


class Missing(NamedTuple):
    """A Dockerfile with an image that does not exist, the line of it, and the help."""

    promise: str
    text: str
    line: int
    help: str


MISSING = [
    Missing("a base", f"FROM {REGISTRY}/here:1\n", 2, UNREACHABLE.format(f"{REGISTRY}/here:1")),
    Missing(
        "an image that a flag names",
        f"FROM busybox\nCOPY --from={REGISTRY}/here / /\n",
        3,
        UNREACHABLE.format(f"{REGISTRY}/here"),
    ),
    Missing(
        "a misspelt stage",
        "FROM busybox AS builder\nFROM busybox\nCOPY --from=bulider / /\n",
        4,
        "did you mean the stage builder?",
    ),
    Missing(
        "another platform than the image has",
        "FROM --platform=linux/s390x busybox\nCOPY . /\n",
        2,
        "there is no busybox for linux/s390x; docker buildx imagetools inspect busybox lists its platforms",
    ),
]


@pytest.mark.parametrize("row", MISSING, ids=lambda row: row.promise)
def test_the_help_stands_before_what_the_registry_said(tmp_path: Path, syntax: str, row: Missing) -> None:
    built = build_text(tmp_path, syntax + row.text)
    assert built.code != 0
    assert built.marked == [row.line], built.excerpt
    before, found, noise = built.message.partition(f": {row.help} (")
    assert found, built.message
    assert "failed to resolve source metadata" in before
    assert re.search("connection refused|no such host|no match for platform", noise), noise
    assert not re.search("connection refused|no such host|no match for platform", before), before


class Failed(NamedTuple):
    """A Dockerfile below its syntax line, the line that fails, and the end of the error."""

    promise: str
    text: str
    line: int
    end: str


USER = "create the user in a RUN above (useradd app, on Alpine adduser -D app), or give a number"
FAILED = [
    Failed("a user that the image does not have", "FROM busybox\nUSER app\nRUN id\n", 4, USER),
    Failed("a user without its group", "FROM busybox\nUSER app:\nRUN id\n", 4, USER),
    Failed(
        "a group that the image does not have",
        "FROM busybox\nUSER root:app\nRUN id\n",
        4,
        "create the group in a RUN above (groupadd app, on Alpine addgroup app), or give a number",
    ),
    Failed(
        "a user in an empty stage",
        "FROM scratch\nUSER app\nRUN true\n",
        4,
        "this stage has no /etc/passwd to look app up in: give a number, such as USER 1000",
    ),
    Failed(
        "the host's network",
        "FROM busybox\nRUN --network=host true\n",
        3,
        "pass --allow network.host to the build; the daemon must allow it too",
    ),
    Failed(
        "a command in an empty stage",
        "FROM scratch\nRUN true\n",
        3,
        "this stage is empty, without a shell or any other program: start it from an image that has one",
    ),
    Failed(
        "a script with the line ends of Windows",
        "FROM busybox\nCOPY --chmod=755 windows.sh /\nRUN /windows.sh\n",
        4,
        "exit code: 127: a command was not found; if it is a script that exists, its first line names an"
        " interpreter that does not, or ends with CR LF",
    ),
    Failed(
        "a file that is not executable",
        "FROM busybox\nCOPY windows.sh /\nRUN /windows.sh\n",
        4,
        "exit code: 126: the program cannot be executed: use COPY --chmod=755, or call its interpreter",
    ),
    Failed(
        "a path of Windows",
        "FROM busybox\nCOPY src\\main.py /\n",
        3,
        "\\ is the escape character here: write src/main.py",
    ),
    Failed(
        "a path of the developer's machine",
        "FROM busybox\nCOPY C:\\src\\main.py /\n",
        3,
        "a source is a path within the build context, not one of your machine such as C:\\src\\main.py",
    ),
    Failed(
        "a flag behind the paths",
        "FROM busybox AS s\nFROM busybox\nCOPY /nothing /x --from=s\n",
        4,
        "--from=s was parsed as the destination: flags must come before the paths",
    ),
    Failed(
        "braces",
        "FROM busybox\nCOPY {src,windows.sh} /x/\n",
        3,
        "the braces in {src,windows.sh} are not expanded, since there is no shell: write out each path",
    ),
    Failed(
        "a path that contains spaces",
        "FROM busybox\nCOPY my file.txt /x/\n",
        3,
        'write a path that contains spaces in a JSON array: ["my file.txt", ...]',
    ),
    Failed(
        "a named context that is no image",
        "FROM busybox\nCOPY --from=dep / /\n",
        3,
        "image names are in lower case: --build-context dep=docker-image://busybox",
    ),
]


@pytest.mark.parametrize("row", FAILED, ids=lambda row: row.promise)
def test_a_step_that_fails_says_why(tmp_path: Path, syntax: str, row: Failed) -> None:
    files = {"windows.sh": "#!/bin/sh\r\ntrue\r\n", "src/main.py": "", "my file.txt": ""}
    write_files(tmp_path, files)
    built = build_text(tmp_path, syntax + row.text, "--build-context=dep=docker-image://BusyBox")
    assert built.code != 0
    assert built.message.endswith(f": {row.end}"), built.message
    assert row.line in built.marked, built.excerpt


#: Options of the command line, and the help. In a build the engine checks them before it starts a frontend.
OPTIONS = {
    "--platform=x64": "did you mean linux/amd64?",
    "--build-arg=BUILDKIT_MULTI_PLATFORM=yes": (
        "write BUILDKIT_MULTI_PLATFORM=true or BUILDKIT_MULTI_PLATFORM=false"
    ),
    "--build-arg=BUILDKIT_DOCKERFILE_CHECK=skp=all": "did you mean skip?",
    "--build-context=dep": "write dep=PLACE",
}


@pytest.mark.parametrize(("option", "text"), OPTIONS.items(), ids=OPTIONS)
def test_an_option_that_cannot_be_read_says_how_it_is_written(image: str, option: str, text: str) -> None:
    command = ["docker", "run", "--rm", "--interactive", image, "check", option]
    done = subprocess.run(command, input="FROM scratch\n", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("pyfrontend: ")
    assert done.stderr.endswith(f": {text}\n")
