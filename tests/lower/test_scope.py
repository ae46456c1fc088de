"""Variables: what ARG and ENV set, for whom, and what a build may say about it."""

from __future__ import annotations

from typing import Any

import pytest

from fakes import complaint, history, lower
from pyfrontend.lower.scope import is_enabled_for, platform_args, proxy_environment
from pyfrontend.oci.platforms import Platform

LINUX, ARM = Platform("linux", "amd64"), Platform("linux", "arm", "v6")


@pytest.mark.parametrize(
    ("text", "args", "entry"),
    [
        pytest.param("FROM scratch\nARG A", {}, "ARG A", id="without a value"),
        pytest.param("FROM scratch\nARG A=", {}, "ARG A=", id="an empty value is a value"),
        pytest.param("FROM scratch\nARG A=1", {"A": "2"}, "ARG A=2", id="a build argument beats the default"),
        pytest.param("FROM scratch\nARG A=1", {"A": ""}, "ARG A=", id="also an empty one"),
        pytest.param("FROM scratch\nARG A=1", {"a": "2"}, "ARG A=1", id="names are exact"),
        pytest.param(
            "ARG A=1\nFROM scratch\nARG A", {}, "ARG A=1", id="the global value where it is asked for"
        ),
        pytest.param("ARG A=1\nFROM scratch\nARG A=2", {}, "ARG A=2", id="but not over a default"),
        pytest.param("ARG A=1\nFROM scratch\nARG B=$A", {}, "ARG B=", id="nor where it is not asked for"),
        pytest.param(
            "ARG A=1\nARG A=${A}2\nFROM scratch\nARG A", {}, "ARG A=12", id="global values see earlier ones"
        ),
        pytest.param(
            "ARG A=1\nARG A\nFROM scratch\nARG A", {}, "ARG A=1", id="declared again without a value it stays"
        ),
        pytest.param("FROM scratch\nARG A=1 B=${A}2 C=${B}3", {}, "ARG A=1 B=12 C=123", id="left to right"),
        pytest.param("FROM scratch\nARG A=$B B=1", {}, "ARG A= B=1", id="not right to left"),
        pytest.param(
            "FROM scratch\nARG TARGETARCH",
            {},
            "ARG TARGETARCH=amd64",
            id="the platform is there when asked for",
        ),
        pytest.param(
            "FROM scratch\nARG TARGETARCH",
            {"TARGETARCH": "x"},
            "ARG TARGETARCH=x",
            id="unless the user says otherwise",
        ),
        pytest.param(
            "FROM scratch AS End\nARG TARGETSTAGE", {}, "ARG TARGETSTAGE=end", id="the target is known"
        ),
        pytest.param("FROM scratch\nARG A='$B'", {}, "ARG A=$B", id="quotes keep a dollar sign"),
    ],
)
def test_an_argument_has_its_value(text: str, args: dict[str, str], entry: str) -> None:
    assert history(lower(text, build_args=args))[-1] == entry


def test_a_variable_of_env_beats_an_argument_in_run() -> None:
    found = lower("FROM x\nARG A=1\nENV A=2\nRUN x\nENV A=\nRUN y")
    assert [entry for entry in history(found) if entry.startswith("RUN")] == [
        "RUN |1 A=2 /bin/sh -c x # buildkit",
        "RUN |1 A= /bin/sh -c y # buildkit",
    ]


def test_scan_arguments_never_reach_a_process() -> None:
    found = lower("FROM scratch\nARG BUILDKIT_SBOM_SCAN_STAGE=true A=1")
    assert dict(found.state.env).keys() == {"PATH", "A"}
    assert found.stage.scan_stage


@pytest.mark.parametrize(
    ("value", "stage", "enabled"),
    [
        ("true", "x", True),
        ("1", "", True),
        ("false", "false", False),
        ("a,b", "b", True),
        ("a, b", "b", False),
        ("", "", True),
        ("", "x", False),
        ("yes", "x", False),
    ],
)
def test_a_scan_is_asked_for_by_a_boolean_or_by_names(value: str, stage: str, *, enabled: bool) -> None:
    assert is_enabled_for(stage, value) == enabled


@pytest.mark.parametrize(
    ("args", "environment"),
    [
        pytest.param({"HTTP_PROXY": "a"}, {"http_proxy": "a"}, id="capitals"),
        pytest.param({"http_proxy": "b", "HTTP_PROXY": "a"}, {"http_proxy": "b"}, id="small letters win"),
        pytest.param({"No_Proxy": ""}, {"no_proxy": ""}, id="an empty one"),
        pytest.param({"PROXY": "x", "MY_HTTP_PROXY": "y"}, {}, id="others are no proxies"),
    ],
)
def test_proxies_are_found_among_the_build_arguments(
    args: dict[str, str], environment: dict[str, str]
) -> None:
    assert proxy_environment(args) == environment


def test_platform_arguments_say_both_platforms() -> None:
    assert platform_args(LINUX, ARM._replace(os_version="5"), {"BUILDARCH": "own"}, "") == {
        "BUILDPLATFORM": "linux/amd64",
        "BUILDOS": "linux",
        "BUILDOSVERSION": "",
        "BUILDARCH": "own",
        "BUILDVARIANT": "",
        "TARGETPLATFORM": "linux(5)/arm/v6",
        "TARGETOS": "linux",
        "TARGETOSVERSION": "5",
        "TARGETARCH": "arm",
        "TARGETVARIANT": "v6",
        "TARGETSTAGE": "default",
    }


def test_a_global_default_that_cannot_be_expanded_is_reported_at_its_line() -> None:
    assert complaint("ARG A=1 B=${C?none}\nFROM scratch") == (
        'failed to process "${C?none}": C: none',
        [(1, 1)],
        None,
    )


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        pytest.param("ARG A=1 B=$A\nFROM scratch", {"A": set(), "B": {"A"}}, id="what a default names"),
        pytest.param(
            "ARG A=1\nARG B=$A\nARG B=$B\nFROM scratch", {"A": set(), "B": {"A"}}, id="through itself"
        ),
        pytest.param("ARG A=$A\nFROM scratch", {"A": set()}, id="itself before it was there"),
    ],
)
def test_the_outline_learns_what_a_default_needs(text: str, needs: dict[str, Any]) -> None:
    declared = lower(text).lowering.globals.declared
    assert {name: set(found.needs) for name, found in declared.items()} == needs
