"""Several targets in one build."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fakes import FakeBridge
from pyfrontend.driver.serve import serve
from pyfrontend.driver.targets import read_targets
from pyfrontend.errors import DockerfileError
from pyfrontend.limits import GATE_WORK

if TYPE_CHECKING:
    from pyfrontend.gateway.results import Result

TEXT = """\
FROM alpine AS a
RUN echo a
FROM busybox AS b
RUN --if=TARGETSTAGE=b echo b
RUN --if=TARGETSTAGE=a echo never
FROM scratch AS c
"""


def built(target: str, text: str = TEXT, call: str = "", **given: Any) -> tuple[Result, FakeBridge]:
    bridge = FakeBridge(text, target=target, **given)
    more = {"requestid": f"frontend.{call}"} if call else {}
    return serve(bridge, bridge.request(**more)), bridge


@pytest.mark.parametrize(
    ("text", "names"),
    [("", []), ("a", ["a"]), ("a,b", ["a", "b"]), ("a, ./x#y ,0", ["a", "./x#y", "0"])],
    ids=["none", "one", "two", "spaces around names"],
)
def test_a_list_of_targets_is_read(text: str, names: list[str]) -> None:
    assert read_targets(text) == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (",", "--target=, has an empty name in its list"),
        ("a,", "--target=a, has an empty name in its list"),
        ("a,b,A", "--target=a,b,A names A twice"),
    ],
)
def test_a_list_without_a_name_or_with_one_twice_is_refused(text: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        read_targets(text)
    assert caught.value.message == message


def test_a_list_of_targets_has_a_limit_as_each_takes_all_of_the_file() -> None:
    names = [f"s{number}" for number in range(int(GATE_WORK**0.5) + 1)]
    text = "".join(f"FROM scratch AS {name}\n" for name in names)
    assert len(built(",".join(names[:20]), text)[0].refs) == 20
    with pytest.raises(DockerfileError, match="too many stages are targets"):
        built(",".join(names), text)
    checked, _ = built(",".join(names), text, call="lint")
    assert b"too many stages are targets" in checked.metadata["result.json"]


def test_the_result_has_each_target_under_its_name() -> None:
    result, _ = built("b,a")
    assert list(result.refs) == ["b", "a"]
    platforms = json.loads(result.metadata["refs.platforms"])["Platforms"]
    assert [(one["ID"], one["Platform"]["architecture"]) for one in platforms] == [
        ("b", "amd64"),
        ("a", "amd64"),
    ]
    histories = {
        name: [
            entry["created_by"].split(" #")[0]
            for entry in json.loads(result.metadata[f"containerimage.config/{name}"])["history"]
        ]
        for name in ("a", "b")
    }
    assert histories == {"a": ["RUN /bin/sh -c echo a"], "b": ["RUN /bin/sh -c echo b"]}


def test_a_stage_of_another_file_goes_into_a_folder_without_slashes() -> None:
    files = {"context": {"d/x": "FROM alpine AS y\n"}}
    result, _ = built("a,./d/x#y", files=files)
    assert list(result.refs) == ["a", "f-d-x-y"]


def test_what_is_wrong_with_the_file_is_said_once() -> None:
    text = "FROM alpine AS a\nENV a 1\nFROM a AS b\nENV b 1\n"
    _, bridge = built("a,b", text)
    shown = [warning["call"]["short"] for warning in bridge.warnings]
    assert len([line for line in shown if line.startswith("LegacyKeyValueFormat")]) == 2


@pytest.mark.parametrize(
    ("target", "given", "message"),
    [
        ("a,x", {}, 'target stage "x" could not be found'),
        ("a,b", {"platforms": ["linux/amd64", "linux/arm64"]}, "is built for one platform: choose it with"),
        ("a,b", {"opts": {"attest:sbom": ""}}, "--sbom describes one target, but --target=a,b names 2"),
        ("a,b", {"call": "outline"}, "--call=outline takes one target, but --target=a,b lists several"),
        ("a,b", {"call": "graph"}, "--call=graph takes one target, but --target=a,b lists several"),
    ],
    ids=["no such stage", "several platforms", "an SBOM", "an outline", "a graph"],
)
def test_a_list_that_cannot_be_built_says_why(target: str, given: dict[str, Any], message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        built(target, **given)
    assert message in caught.value.message


def test_a_check_is_about_all_stages_of_the_list() -> None:
    text = (
        "FROM alpine AS a\nRUN echo $X\nENV PASSWORD=1\nFROM a AS b\nENV TOKEN=1\nFROM a AS c\nENV SECRET=1\n"
    )
    result, _ = built("b,a", text, "lint")
    found = [warning["detail"] for warning in json.loads(result.metadata["result.json"])["warnings"]]
    assert sorted(line.split('"')[1] for line in found if '"' in line) == ["PASSWORD", "TOKEN"]


def test_an_image_without_extensions_looks_for_a_stage_of_that_name() -> None:
    bridge = FakeBridge("FROM alpine AS a\n", target="a,a2")
    with pytest.raises(DockerfileError, match='target stage "a,a2" could not be found'):
        serve(bridge, bridge.request()._replace(extensions=False))
