"""Paths that are no paths, links that lead nowhere, and files where a directory is covered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakes import FakeBridge
from pyfrontend.driver.session import open_session
from pyfrontend.driver.solve import conversions, solve
from pyfrontend.gateway.errors import UNKNOWN, VERTEX_URL, BridgeError, Detail
from pyfrontend.gateway.results import DirEntry
from pyfrontend.llb.marshal import head


def help_of_failure(dockerfile: str, message: str, **given: Any) -> str:
    """The help in the error of a build whose last step fails."""
    bridge = FakeBridge(dockerfile, **given)
    session = open_session(bridge, bridge.request())
    [convert] = conversions(session)
    converted = convert()
    detail = Detail(VERTEX_URL, json.dumps({"digest": head(converted.definition).digest}).encode())
    bridge.fail = {"solve:evaluated": BridgeError(UNKNOWN, message, [detail])}
    with pytest.raises(BridgeError) as caught:
        solve(session, converted)
    return caught.value.help


def link(name: str, target: str) -> DirEntry:
    return DirEntry(name, is_dir=False, link=target)


FILE, FOLDER = DirEntry("f", is_dir=False, is_file=True), DirEntry("d", is_dir=True)
NOT_FOLLOWED = "(links out of it are not followed)"
LINKS = {
    "an absolute link": (
        "a",
        {"/": [link("a", "/etc/x")]},
        f"a is a link to /etc/x, which the build context does not have {NOT_FOLLOWED}",
    ),
    "a link that leads up": (
        "a",
        {"/": [link("a", "../x")]},
        f"a is a link to ../x, which the build context does not have {NOT_FOLLOWED}",
    ),
    "a link to nothing": (
        "a",
        {"/": [link("a", "x")]},
        "a is a link to x, which the build context does not have",
    ),
    "a link on the way": (
        "d/a/x",
        {"/": [FOLDER], "d": [link("a", "/srv")]},
        f"d/a is a link to /srv, which the build context does not have {NOT_FOLLOWED}",
    ),
    "a link to what is there": ("d/x", {"/": [link("d", "f"), FILE]}, "the build context has no d/x"),
    "a link to the top": ("d/x", {"/": [link("d", "/")]}, "the build context has no d/x"),
    "no link": ("f", {"/": [FILE]}, ""),
}


@pytest.mark.parametrize(("path", "directories", "text"), LINKS.values(), ids=LINKS)
def test_a_link_that_leads_nowhere_is_named(
    path: str, directories: dict[str, list[DirEntry]], text: str
) -> None:
    message = f'"/{path}": not found'
    assert help_of_failure(f"FROM scratch\nCOPY {path} /\n", message, directories=directories) == text


def test_a_link_of_a_stage_is_named_from_its_root() -> None:
    dockerfile = "FROM x AS s\nRUN y\nFROM x\nCOPY --from=s /a /\n"
    text = help_of_failure(dockerfile, '"/a": not found', directories={"/": [link("a", "/x")]})
    assert text == "/a is a link to /x, which the stage s does not have"


SHELL = "was parsed as a path: only RUN has a shell"
DASHES = "was parsed as a path: flags begin with two dashes, --from=s"
NO_PATHS = {
    "COPY a > b": ("/>", f"> {SHELL}"),
    "COPY a b && ls": ("/b", f"&& {SHELL}"),
    "COPY a b || true": ("/b", f"|| {SHELL}"),
    "COPY -from=s a b": ("/-from=s", f"-from=s {DASHES}"),
    "COPY \u2014from=s a b": ("/\u2014from=s", f"\u2014from=s {DASHES}"),
    "COPY a --from=s b": ("/--from=s", "--from=s was parsed as a path: flags must come before the paths"),
    "COPY a # b c": ("/#", "# was parsed as a path: comments must be on their own line"),
    "COPY a b --from=s": (
        "/a",
        "--from=s was parsed as the destination: flags must come before the paths",
    ),
    "COPY {a,b} /x/": (
        "/{a,b}",
        "the braces in {a,b} are not expanded, since there is no shell: write out each path",
    ),
    "COPY src\\main.py /x/": ("/srcmain.py", "\\ is the escape character here: write src/main.py"),
    "COPY C:\\src\\main.py /x/": (
        "/C:srcmain.py",
        "a source is a path within the build context, not one of your machine such as C:\\src\\main.py",
    ),
    "COPY a\\ b c /x/": ("/c", "the build context has no c"),
}


@pytest.mark.parametrize(("code", "missing", "text"), [(k, *v) for k, v in NO_PATHS.items()], ids=NO_PATHS)
def test_what_is_no_path_is_said_to_be_none(code: str, missing: str, text: str) -> None:
    assert help_of_failure(f"FROM scratch\n{code}\n", f'"{missing}": not found') == text


def test_words_that_are_one_path_together_are_put_into_an_array() -> None:
    named = [DirEntry("my file.txt", is_dir=False, is_file=True)]
    text = help_of_failure(
        "FROM scratch\nCOPY a my file.txt /x/\n", '"/my": not found', directories={"/": named}
    )
    assert text == 'write a path that contains spaces in a JSON array: ["my file.txt", ...]'


PARENTS = {
    "COPY --parents lib/./nope /out/": "the build context has no lib/nope",
    "COPY --parents lib/./*.md /out/": "the build context has no lib/*.md",
}


@pytest.mark.parametrize(("code", "text"), PARENTS.items(), ids=PARENTS)
def test_parents_name_what_is_missing_below_their_pivot(code: str, text: str) -> None:
    message = "lstat /lib: no such file or directory"
    lib = DirEntry("lib", is_dir=True)
    directories = {"/": [lib], "lib": [DirEntry("real.txt", is_dir=False)]}
    assert help_of_failure(f"FROM scratch\n{code}\n", message, directories=directories) == text


FAILED = 'process "/bin/sh -c cat f" did not complete successfully: exit code: 1'
COVERED = "the source f is a file, and the mount covers the working directory /app: add target=/app/f"
MOUNTS = {
    "WORKDIR /app\nRUN --mount=source=f x": COVERED,
    "WORKDIR /app\nRUN --mount=source=f,target=/app/f x": "",
    "WORKDIR /app\nRUN --mount=source=d x": "",
    "WORKDIR /app\nRUN --mount=source=gone x": "",
    "COPY f /\nRUN x": "",
}


@pytest.mark.parametrize(("code", "text"), MOUNTS.items(), ids=MOUNTS)
def test_a_mount_of_a_file_onto_the_working_directory_is_named(code: str, text: str) -> None:
    given = {"directories": {"/": [FILE, FOLDER]}, "images": {"x": {}}}
    assert help_of_failure(f"FROM x\n{code}\n", FAILED, **given) == text
