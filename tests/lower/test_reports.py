"""What ``RUN --report`` names, in the filesystem behind its step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakes import FakeBridge
from pyfrontend.driver.convert import Converter
from pyfrontend.driver.session import open_session
from pyfrontend.errors import DockerfileError
from pyfrontend.llb.marshal import head

if TYPE_CHECKING:
    from pyfrontend.lower.reports import Reported


def reports(dockerfile: str) -> tuple[Reported, ...]:
    """Return the steps with reports in the last stage."""
    bridge = FakeBridge(dockerfile)
    converter = Converter(open_session(bridge, bridge.request()), None, None)
    lowered = converter.lower(None)
    converter.marshal(lowered)
    return tuple(lowered.stage.reports)


@pytest.mark.parametrize(
    ("flags", "cwd", "found"),
    [
        ("--report=r.xml", "/", [("/r.xml", "/")]),
        ("--report=r.xml", "/src", [("/src/r.xml", "/src")]),
        ("--report=./out/ --report=/tmp/x", "/src", [("/src/out", "/src"), ("/tmp/x", "/")]),
        ("--report=../r.xml", "/a/b", [("/a/r.xml", "/")]),
        ("--report=../../../r.xml", "/a", [("/r.xml", "/")]),
        ("--report=//x//y/*.xml", "/a", [("/x/y/*.xml", "/")]),
        ("--report=$D/x", "/a", [("/a/dir/x", "/a")]),
    ],
)
def test_paths_are_absolute_and_know_the_folder_that_they_are_named_from(
    flags: str, cwd: str, found: list[tuple[str, str]]
) -> None:
    [step] = reports(f"FROM b\nARG D=dir\nWORKDIR {cwd}\nRUN {flags} x\n")
    assert [(path.path, path.root) for path in step.paths] == found


def test_each_step_has_the_state_behind_it() -> None:
    first, second = reports("FROM b\nRUN --report=a one\nRUN two\nRUN --report=b --report=c three\n")
    assert (first.span.start, second.span.start) == (2, 4)
    assert [path.written for path in second.paths] == ["b", "c"]
    assert first.state.output != second.state.output


def test_a_report_adds_nothing_to_the_graph() -> None:
    def last(text: str) -> str:
        bridge = FakeBridge(text)
        converter = Converter(open_session(bridge, bridge.request()), None, None)
        return head(converter.marshal(converter.lower(None))).digest

    assert last("FROM b\nRUN --report=x --report=y z\n") == last("FROM b\nRUN z\n")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--report=/c/r.xml --mount=type=cache,target=/c x", "inside the mount at /c"),
        ("--report=c --mount=type=cache,target=c x", "inside the mount at /src/c"),
        ("--report=/c/*.xml --mount=type=tmpfs,target=/c x", "inside the mount at /c"),
        ("--report=/s --mount=type=secret,id=s,target=/s x", "inside the mount at /s"),
        ("--report=/run/secrets/s --mount=type=secret,id=s x", "inside the mount at /run/secrets/s"),
        ("--report=/run/buildkit/ssh_agent.0 --mount=type=ssh x", "inside the mount at /run/buildkit"),
        ("--report=/f/x --mount=from=b,target=/f x", "inside the mount at /f"),
        ("--report=/dev/pipes/x <<E\n#!/bin/x\nE", "inside the mount at /dev/pipes"),
        ("--report=/ x", "is the whole filesystem"),
        ("--report=. x", None),
        ("--report=.. x", "is the whole filesystem"),
        ("--report= x", "missing a value on flag: --report"),
        ("--report=$HOME x", "--report: HOME has no value here"),
        ("--report=a", "--report needs a command"),
    ],
)
def test_a_report_that_cannot_be_is_an_error_at_its_line(line: str, message: str | None) -> None:
    text = f"FROM b\nWORKDIR /src\nRUN {line}\n"
    if message is None:
        assert [path.path for path in reports(text)[0].paths] == ["/src"]
        return
    with pytest.raises(DockerfileError) as caught:
        reports(text)
    assert message in caught.value.message
    assert [span.start for span in caught.value.spans] == [3]


def test_what_was_mounted_is_known_to_be_hidden() -> None:
    [step] = reports(
        "FROM b\nRUN --report=/r --mount=type=cache,target=/r/c --mount=type=secret,id=s,env=S x\n"
    )
    assert step.hidden == ("/r/c",)
