"""What instructions take files from."""

from __future__ import annotations

import pytest

from pyfrontend.syntax.document import parse_instruction
from pyfrontend.syntax.inputs import CONTEXT, GIT, HTTP, INLINE, NOTHING, STAGE, Input
from pyfrontend.syntax.instructions import From
from pyfrontend.syntax.mounts import read_mount

REPOSITORY = "https://github.com/a/b.git#v1"


@pytest.mark.parametrize(
    ("line", "inputs"),
    [
        pytest.param("ENV a=b", [], id="most take nothing"),
        pytest.param("COPY a b /", [Input(CONTEXT, paths=("a", "b"))], id="the context"),
        pytest.param("COPY --from=s a /", [Input(STAGE, "s", ("a",), "from")], id="what a flag names"),
        pytest.param("COPY https://x/y /", [Input(CONTEXT, paths=("https://x/y",))], id="COPY loads nothing"),
        pytest.param("COPY <<E /\nE", [Input(INLINE, paths=("E",))], id="a heredoc"),
        pytest.param(
            "COPY a <<E <<F /\nE\nF",
            [Input(CONTEXT, paths=("a",)), Input(INLINE, paths=("E", "F"))],
            id="heredocs beside a path",
        ),
        pytest.param(
            "COPY --from=s <<E /\nE",
            [Input(STAGE, "s", (), "from"), Input(INLINE, paths=("E",))],
            id="a stage is an input without a path from it",
        ),
        pytest.param("ADD http://x/y /", [Input(HTTP, "http://x/y")], id="a download"),
        pytest.param(
            f"ADD a {REPOSITORY} b git@x:y.git /",
            [Input(GIT, REPOSITORY), Input(GIT, "git@x:y.git"), Input(CONTEXT, paths=("a", "b"))],
            id="repositories one by one, paths together",
        ),
        pytest.param(
            "ADD https://github.com/a/b.git?x=y /",
            [Input(HTTP, "https://github.com/a/b.git?x=y")],
            id="an address that is wrong still leads to the web",
        ),
        pytest.param("ADD $url /", [Input(CONTEXT, paths=("$url",))], id="as written"),
        pytest.param("RUN x", [], id="a process alone"),
    ],
)
def test_an_instruction_says_what_it_takes_files_from(line: str, inputs: list[Input]) -> None:
    assert list(parse_instruction(line).inputs()) == inputs


@pytest.mark.parametrize(
    ("mount", "kind", "name", "paths"),
    [
        pytest.param("target=/a", CONTEXT, "", ("/",), id="a bind from the context"),
        pytest.param("type=BIND,src=a,target=/a", CONTEXT, "", ("a",), id="in any letters"),
        pytest.param("type=$t,src=a,target=/a", CONTEXT, "", ("a",), id="what may be a bind counts as one"),
        pytest.param("type=cache,from=s,source=a,target=/a", STAGE, "s", ("a",), id="a cache from a stage"),
        pytest.param("type=cache,source=a,target=/a", NOTHING, "", (), id="a cache begins empty"),
        pytest.param("type=secret,id=i", NOTHING, "", (), id="a secret is no file of a build"),
    ],
)
def test_a_mount_is_an_input(mount: str, kind: str, name: str, paths: tuple[str, ...]) -> None:
    [found] = parse_instruction(f"RUN --mount={mount} x").inputs()
    assert found == Input(kind, name, paths, "mount.0", read_mount("mount", mount))


def test_the_base_is_an_input() -> None:
    node = From(image="x", stage_name="", as_keyword="")
    assert list(node.inputs()) == [Input(STAGE, "x", (), "from")]


def test_equal_mounts_are_two_inputs() -> None:
    node = parse_instruction("RUN --mount=from=s,target=/a --mount=from=s,target=/a x")
    assert [one.key for one in node.inputs()] == ["mount.0", "mount.1"]


@pytest.mark.parametrize(
    ("flags", "entitlements"),
    [
        ("", ()),
        ("--network=none", ()),
        ("--network=host", ("network.host",)),
        ("--security=insecure --network=host", ("network.host", "security.insecure")),
    ],
)
def test_a_process_says_what_must_be_allowed(flags: str, entitlements: tuple[str, ...]) -> None:
    assert parse_instruction(f"RUN {flags} x").entitlements() == entitlements
