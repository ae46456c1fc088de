"""Names of steps, the platform marker, and the paths that others read."""

from __future__ import annotations

from typing import Any

import pytest

from fakes import CAPS, lower
from pyfrontend.limits import Meter
from pyfrontend.llb.marshal import marshal
from pyfrontend.lower.stage import _cross_marker, filter_paths, shown_text
from pyfrontend.oci.platforms import Platform

LINUX, ARM = Platform("linux", "amd64"), Platform("linux", "arm64")


def names(text: str, **given: Any) -> list[str]:
    """What the progress shows of all ops, the inputs first."""
    found = lower(text, **given)
    definition = marshal(found.state.output, caps=CAPS)
    shown = [found.description.get("llb.customname", "") for found in definition.metadata.values()]
    return sorted(name for name in shown if name.startswith("["))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("FROM scratch\nRUN a", ["[1/1] RUN a"], id="a single stage has no name"),
        pytest.param("FROM scratch AS x\nRUN a", ["[1/1] RUN a"], id="even if it has one"),
        pytest.param(
            "FROM scratch\nFROM scratch\nRUN a",
            ["[stage-1 1/1] RUN a"],
            id="a stage without a name has a number",
        ),
        pytest.param("FROM scratch AS a\nFROM scratch AS B\nRUN a", ["[b 1/1] RUN a"], id="names are small"),
        pytest.param(
            "FROM scratch\n" + "RUN a\n" * 10,
            [*(f"[ {n}/10] RUN a" for n in range(1, 10)), "[10/10] RUN a"],
            id="numbers are padded",
        ),
        pytest.param(
            "FROM scratch\nENV A=1\nUSER x\nRUN a", ["[1/1] RUN a"], id="what makes no files is not counted"
        ),
        pytest.param(
            "FROM scratch\nrun $x ${x", ["[1/1] RUN $x ${x"], id="as written where it cannot be expanded"
        ),
    ],
)
def test_a_step_says_where_it_is(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("steps", "first"),
    [
        pytest.param(999, "[  1/999] RUN a", id="as wide as the last number"),
        pytest.param(1000, "[  1/1000] RUN a", id="but not of a thousand, as in the reference"),
        pytest.param(1001, "[   1/1001] RUN a", id="and again after that"),
    ],
)
def test_thousands_of_steps_are_padded(steps: int, first: str) -> None:
    assert first in names("FROM scratch\n" + "RUN a\n" * steps)


@pytest.mark.parametrize(
    ("env", "marker"),
    [
        pytest.param({}, "", id="no variables"),
        pytest.param({"TARGETPLATFORM": "linux/amd64"}, "", id="the same"),
        pytest.param({"TARGETPLATFORM": "linux/arm/v6"}, "->arm/v6", id="another architecture"),
        pytest.param({"TARGETPLATFORM": "windows/amd64"}, "->windows/amd64", id="another system"),
        pytest.param(
            {"TARGETPLATFORM": "?", "TARGETARCH": "s390x"}, "->s390x", id="a bad platform does not count"
        ),
        pytest.param({"TARGETARCH": "arm64"}, "->arm64", id="an architecture alone"),
        pytest.param({"TARGETARCH": "aarch64"}, "->arm64", id="by another name"),
        pytest.param({"TARGETOS": "darwin"}, "->darwin/amd64", id="a system alone"),
        pytest.param({"TARGETVARIANT": "v3"}, "", id="a variant alone"),
    ],
)
def test_a_step_that_builds_for_another_platform_says_so(env: dict[str, str], marker: str) -> None:
    assert _cross_marker(LINUX, env) == marker


def test_the_platform_is_named_where_there_are_several() -> None:
    text = "FROM scratch AS a\nFROM --platform=linux/arm64 x\nARG TARGETARCH\nRUN a"
    [start, step] = names(text, opts={"multi-platform": "true"}, platform=LINUX)
    assert start.startswith("[linux/arm64 stage-1 1/2] FROM ")
    assert step == "[linux/arm64->amd64 stage-1 2/2] RUN a"


@pytest.mark.parametrize(
    ("paths", "filtered"),
    [
        (set(), []),
        ({"/b", "/a/c"}, ["a/c", "b"]),
        ({"/a", "/"}, []),
        ({""}, ["."]),
    ],
)
def test_paths_are_those_that_are_needed_or_none_for_all(paths: set[str], filtered: list[str]) -> None:
    assert filter_paths(paths) == filtered


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("run", "RUN"),
        ("", ""),
        ("env a=$A", "ENV a=1"),
        ("env a='$A'", "ENV a=$A"),
        ("env ${A:?x", "ENV ${A:?x"),
    ],
)
def test_an_instruction_is_shown_with_its_values(text: str, shown: str) -> None:
    assert shown_text(text, {"A": "1"}, escape="\\", meter=Meter()) == shown
