"""A whole request: what is solved, what the result says, and what becomes of mistakes."""

from __future__ import annotations

import json
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from fakes import FakeBridge, Lines, an_input, lines
from pyfrontend.driver.options.request import Request
from pyfrontend.driver.result import export_platform
from pyfrontend.driver.serve import serve
from pyfrontend.driver.session import open_session
from pyfrontend.driver.solve import build
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import UNKNOWN, BridgeError
from pyfrontend.oci.platforms import Platform

if TYPE_CHECKING:
    from pyfrontend.gateway.results import Result
    from pyfrontend.lookups import ImageMeta, ImageQuery

REFUSED = BridgeError(UNKNOWN, "refused")
TWO = {"platform": "linux/amd64,linux/arm64"}


def run(bridge: FakeBridge) -> Result:
    return serve(bridge, bridge.request())


def metadata(bridge: FakeBridge) -> dict[str, Any]:
    return {name: json.loads(data) for name, data in run(bridge).metadata.items()}


def test_a_build_returns_a_filesystem_its_config_and_its_platform() -> None:
    bridge = FakeBridge("FROM scratch\nCOPY a /\nUSER u\n")
    result = run(bridge)
    assert result.ref is not None
    assert result.refs == {}
    found = {name: json.loads(data) for name, data in result.metadata.items()}
    assert found["containerimage.config"]["config"]["User"] == "u"
    platform = {"architecture": "amd64", "os": "linux"}
    assert found["refs.platforms"] == {"Platforms": [{"ID": "linux/amd64", "Platform": platform}]}
    assert set(found) == {"containerimage.config", "refs.platforms"}


def test_an_empty_filesystem_has_no_reference() -> None:
    assert run(FakeBridge("FROM scratch\n")).ref is None


def test_a_subrequest_without_a_name_is_no_build() -> None:
    with pytest.raises(BridgeError, match=r"^unsupported request $"):
        run(FakeBridge("FROM scratch\n", opts={"requestid": ""}))


def test_the_base_and_the_epoch_are_in_the_metadata() -> None:
    found = metadata(FakeBridge("FROM x\nRUN y\n", build_args={"SOURCE_DATE_EPOCH": "5"}))
    assert found["source.date.epoch"] == 5
    assert found["containerimage.base.config"]["os"] == "linux"


def test_several_platforms_have_a_reference_each() -> None:
    result = run(FakeBridge("FROM x\nRUN y\n", opts=TWO))
    assert (result.ref, list(result.refs)) == (None, ["linux/amd64", "linux/arm64"])
    assert {"containerimage.config/linux/amd64", "containerimage.config/linux/arm64"} < set(result.metadata)


class Meeting(FakeBridge):
    """A daemon that answers the look-ups of images only when those of all platforms have come."""

    barrier = Barrier(8, timeout=20)

    def resolve_image(self, query: ImageQuery) -> ImageMeta:
        self.barrier.wait()
        return super().resolve_image(query)


def test_all_platforms_are_built_at_the_same_time_and_do_not_disturb_each_other() -> None:
    names = [f"linux/{name}" for name in ("amd64", "arm64", "s390x", "ppc64le", "riscv64", "386", "mips64le")]
    names.append("linux/arm/v7")
    dockerfile = "FROM x AS b\nARG TARGETARCH\nCOPY a $TARGETARCH\nCOPY --from=theme $TARGETARCH /\n"
    options = {"platform": ",".join(names), "context:theme": "local:theme"}
    bridge = Meeting(dockerfile, opts=options, dockerignore="x\ny")
    result = run(bridge)
    assert list(result.refs) == names
    for name in names:
        history = json.loads(result.metadata[f"containerimage.config/{name}"])["history"]
        architecture = name.split("/")[1]
        assert [entry["created_by"] for entry in history] == [
            f"ARG TARGETARCH={architecture}",
            f"COPY a {architecture} # buildkit",
            f"COPY {architecture} / # buildkit",
        ]
    followed = [
        source["local.followpaths"]
        for solve in bridge.solves
        for source in [dict(_source(data).attrs) for data in getattr(solve.definition, "def")]
        if source.get("local.sharedkeyhint", "").startswith("context:theme") and "ignore" not in str(source)
    ]
    assert sorted(followed) == sorted(json.dumps([name.split("/")[1]]) for name in names)
    assert len([call for call in bridge.calls if call == "read_file:Dockerfile"]) == 1


def _source(data: bytes) -> Any:
    from pyfrontend.pb import ops_pb2 as pb  # noqa: PLC0415 - beside its only user

    return pb.Op.FromString(data).source


def test_only_the_first_platform_lints() -> None:
    bridge = FakeBridge("FROM x AS A\nRUN y\n", opts=TWO)
    run(bridge)
    assert [call["call"]["short"] for call in bridge.warnings] == [
        "StageNameCasing: Stage name 'A' should be lowercase (line 1)"
    ]


def test_a_warning_that_cannot_be_shown_fails_nothing() -> None:
    assert run(FakeBridge("FROM x AS A\n", fail={"warn": REFUSED})).ref is not None


def test_a_finding_fails_a_build_in_error_mode() -> None:
    with pytest.raises(DockerfileError, match=r"^lint violation found for rules: StageNameCasing$"):
        run(FakeBridge("# check=error=true\nFROM x AS A\n"))
    assert run(
        FakeBridge("# check=error=true\nFROM x AS A\n", build_args={"BUILDKIT_DOCKERFILE_CHECK": "skip=all"})
    ).ref


@pytest.mark.parametrize(
    ("dockerfile", "message", "ranges"),
    [
        pytest.param("", "the Dockerfile cannot be empty", [], id="nothing"),
        pytest.param("# only\n", "file with no instructions", [(1, 1)], id="only comments"),
        pytest.param(
            "FROM x\nNONSENSE\nALSO\n", "unknown instruction: NONSENSE", [(2, 2)], id="the first error"
        ),
        pytest.param("ARG A\n", "dockerfile contains no stages to build", [], id="no stage"),
    ],
)
def test_a_bad_dockerfile_is_refused(dockerfile: str, message: str, ranges: list[Lines]) -> None:
    with pytest.raises(DockerfileError) as caught:
        run(FakeBridge(dockerfile))
    assert caught.value.message.removeprefix("dockerfile parse error on line 2: ") == message
    assert list(map(lines, caught.value.spans)) == ranges


def test_further_errors_are_warnings() -> None:
    bridge = FakeBridge("FROM x\nNONSENSE\nRUN x\nALSO\n")
    with pytest.raises(DockerfileError):
        run(bridge)
    assert ["ALSO" in call["call"]["short"] for call in bridge.warnings] == [True]


@pytest.mark.parametrize(
    ("ignore", "told"),
    [
        ("# x\nfoo\n[a\n", 'the pattern "[a" on line 3 of .dockerignore is invalid'),
        ("!\n", 'the pattern "!" on line 1 of .dockerignore is invalid'),
    ],
)
def test_a_pattern_that_cannot_be_read_is_named(ignore: str, told: str) -> None:
    bridge = FakeBridge("FROM scratch\nCOPY a /\n", dockerignore=ignore)
    with pytest.raises(DockerfileError, match="pattern") as caught:
        run(bridge)
    assert caught.value.fallback
    assert caught.value.fallback.file.name == ".dockerignore"
    assert caught.value.help == told
    assert bridge.warnings == []


def test_check_options_that_cannot_be_read_are_reported_at_their_line() -> None:
    with pytest.raises(DockerfileError, match="invalid check option") as caught:
        run(FakeBridge("# escape=`\n# check=skp=all\nFROM scratch\n"))
    assert caught.value.fallback
    assert lines(caught.value.fallback) == (2, 2)


def test_a_graph_that_cannot_be_written_says_so() -> None:
    with pytest.raises(DockerfileError, match=r"^failed to marshal LLB definition: arguments are required$"):
        run(FakeBridge("FROM x\nRUN []\n"))


def test_an_image_that_is_not_there_is_reported_at_its_line() -> None:
    with pytest.raises(DockerfileError) as caught:
        run(FakeBridge("FROM x\nCOPY --from=gone / /\n", images={"gone": {"error": "not found"}}))
    assert (caught.value.message, list(map(lines, caught.value.spans))) == ("gone: not found", [(2, 2)])


@pytest.mark.parametrize(
    ("text", "given", "evaluated"),
    [
        pytest.param("FROM x\nRUN y\n", {}, False, id="no copy"),
        pytest.param("FROM x\nCOPY a /\n", {}, True, id="a local context"),
        pytest.param(
            "FROM x\nCOPY a /\n", {"opts": {"context": "https://github.com/a/b.git"}}, True, id="a remote one"
        ),
        pytest.param("FROM x AS a\nFROM x\nCOPY --from=a /a /\n", {}, True, id="a stage"),
        pytest.param("FROM x AS a\nFROM x\nRUN --mount=from=a,target=/a y\n", {}, True, id="a mount"),
        pytest.param("FROM x\nRUN --mount=type=cache,target=/a y\n", {}, False, id="an empty mount"),
        pytest.param("FROM x\nCOPY <<E /\nE\n", {}, False, id="a heredoc"),
        pytest.param("FROM x\nADD http://x/y /\n", {}, True, id="a download, which has no line"),
        pytest.param("FROM x\nARG u=http://x/y\nADD $u /\n", {}, True, id="a download that a variable names"),
        pytest.param("FROM x\nRUN --network=host y\n", {}, True, id="what must be allowed"),
        pytest.param("FROM x AS a\nCOPY a /\nFROM x\n", {}, False, id="a stage that is not needed"),
    ],
)
def test_what_copies_is_not_left_to_the_export(text: str, given: dict[str, Any], *, evaluated: bool) -> None:
    bridge = FakeBridge(text, **given)
    run(bridge)
    assert bridge.solves[-1].evaluate is evaluated


def test_a_client_that_needs_the_graph_only_can_have_no_step_run() -> None:
    bridge = FakeBridge("FROM x\nCOPY a /\n", opts={"evaluate": "false"})
    run(bridge)
    assert [solved.evaluate for solved in bridge.solves] == [False] * len(bridge.solves)


def test_an_unknown_capability_is_refused_but_after_a_hand_over() -> None:
    caps = {"frontend.caps": "moby.buildkit.frontend.future+forward"}
    with pytest.raises(BridgeError, match=r"^unsupported frontend capability moby.buildkit.frontend.future$"):
        run(FakeBridge(opts=caps))
    bridge = FakeBridge("# syntax=other\nFROM x\n", opts=caps)
    assert serve(bridge, Request(caps, workers=bridge.workers)).metadata == {"forwarded": b"1"}


def test_what_the_daemon_refuses_is_passed_on() -> None:
    bridge = FakeBridge("FROM x\nRUN y\n")
    session = open_session(bridge, bridge.request())
    session.main.ignore_file()
    bridge.fail = {"solve": REFUSED}
    with pytest.raises(BridgeError, match=r"^refused$"):
        build(session)


@pytest.mark.parametrize(
    ("asked", "image", "exported"),
    [
        pytest.param(
            Platform("linux", "aarch64"),
            Platform("linux", "amd64"),
            Platform("linux", "arm64"),
            id="normalised",
        ),
        pytest.param(
            Platform("windows", "amd64"),
            Platform("windows", "amd64", "", "10.1", ("f",)),
            Platform("windows", "amd64", "", "10.1", ("f",)),
            id="windows details of the image",
        ),
        pytest.param(
            Platform("windows", "amd64", "", "9"),
            Platform("windows", "amd64", "", "10.1"),
            Platform("windows", "amd64", "", "9"),
            id="unless they were asked for",
        ),
        pytest.param(
            Platform("linux", "amd64"),
            Platform("windows", "amd64", "", "10.1"),
            Platform("linux", "amd64"),
            id="not for another system",
        ),
    ],
)
def test_the_exporter_learns_the_platform(asked: Platform, image: Platform, exported: Platform) -> None:
    class Image:
        platform = image

    class Lowered:
        image = Image

    class Converted:
        platform = asked
        lowered = Lowered

    assert export_platform(Converted) == exported  # type: ignore[arg-type] # all that is looked at


def test_inputs_may_be_the_whole_build() -> None:
    bridge = FakeBridge(inputs={"dockerfile": an_input("docker-image://d")})
    bridge.input["files"] = {"docker-image://d": {"Dockerfile": "FROM y\nRUN z\n"}}
    assert run(bridge).ref is not None
    assert bridge.lookups[0]["ref"] == "docker.io/library/y:latest"
