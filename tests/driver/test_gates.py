"""Gates: what a build with ``RUN --requires`` solves beside its target, and what a failing gate says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fakes import FakeBridge
from parity import graph
from pyfrontend.driver.convert import Converter
from pyfrontend.driver.serve import serve
from pyfrontend.driver.session import open_session
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import SOURCE_URL, UNKNOWN, BridgeError
from pyfrontend.limits import GATE_WORK
from pyfrontend.oci.platforms import Platform
from pyfrontend.pb import ops_pb2 as pb

if TYPE_CHECKING:
    from pyfrontend.gateway.requests import SolveRequest
    from pyfrontend.gateway.results import Result

AMD = Platform("linux", "amd64")


class Daemon(FakeBridge):
    """Remembers the last command and the platform of each definition, and fails for those with ``bad``."""

    def __init__(self, dockerfile: str, *, bad: str = "", **given: Any) -> None:
        super().__init__(dockerfile, **given)
        self.bad = bad
        #: Last words of the last RUN, its platform, and whether the files were waited for.
        self.solved: set[tuple[str, str, bool]] = set()

    def solve(self, request: SolveRequest) -> Result:
        commands = [
            (op.exec.meta.args[-1], op.platform.Architecture)
            for op in map(pb.Op.FromString, graph.defs(request.definition))
            if op.WhichOneof("op") == "exec"
        ]
        if commands:
            self.solved.add((*commands[-1], request.evaluate))
            if self.bad and self.bad in commands[-1][0]:
                raise BridgeError(UNKNOWN, f"{self.bad} did not complete successfully: exit code: 1")
        return super().solve(request)


def solved(dockerfile: str, **given: Any) -> set[tuple[str, str, bool]]:
    """Build, and return what was solved."""
    bridge = Daemon(dockerfile, **given)
    serve(bridge, bridge.request())
    return bridge.solved


def failure(dockerfile: str, **given: Any) -> DockerfileError | BridgeError:
    """Return what a build ends with."""
    bridge = Daemon(dockerfile, **given)
    try:
        serve(bridge, bridge.request())
    except (DockerfileError, BridgeError) as error:
        return error
    raise AssertionError("no error")


def lines(error: BridgeError) -> list[int]:
    """Return the lines that the details of an error name, the innermost first."""
    found = [json.loads(detail.value) for detail in error.details if detail.type_url == SOURCE_URL]
    return [source["ranges"][0]["start"]["line"] for source in found]


def definition(dockerfile: str, **given: Any) -> bytes:
    """Return the graph of the target."""
    bridge = FakeBridge(dockerfile, **given)
    converter = Converter(open_session(bridge, bridge.request()), None, AMD)
    return converter.marshal(converter.lower(AMD)).SerializeToString(deterministic=True)


TESTED = """\
FROM b AS lint
RUN lint
FROM b AS unit
RUN unit
FROM b AS other
RUN --requires=lint other
FROM b AS app
RUN --requires=lint,unit
RUN app
"""


def test_gates_and_target_are_solved_and_waited_for() -> None:
    assert solved(TESTED) == {(name, "amd64", True) for name in ("lint", "unit", "app")}


def test_a_build_without_gates_waits_for_nothing_more() -> None:
    assert solved("FROM b AS lint\nRUN lint\nFROM b\nRUN app\n") == {("app", "amd64", False)}


def test_several_targets_have_their_gates_each() -> None:
    assert solved(TESTED, target="app,other") == {
        (n, "amd64", True) for n in ("lint", "unit", "app", "other")
    }


def test_gates_of_stages_that_the_target_does_not_reach_do_not_count() -> None:
    assert solved(TESTED, target="unit") == {("unit", "amd64", False)}


@pytest.mark.parametrize(
    ("dockerfile", "names"),
    [
        ("FROM b AS a\nRUN a\nFROM b AS c\nRUN --requires=a c\nFROM b\nRUN --requires=c d\n", "a c d"),
        ("FROM b AS a\nRUN a\nFROM b AS c\nRUN --requires=a c\nFROM c\nRUN d\n", "a d"),
        ("FROM b AS a\nRUN a\nFROM b AS c\nRUN --requires=a c\nFROM b\nCOPY --from=c / /\nRUN d\n", "a d"),
        ("FROM b\nRUN a\nFROM b\nRUN --requires=0 d\n", "a d"),
        ("ARG T=a\nFROM b AS a\nRUN a\nFROM b\nARG T\nRUN --requires=$T d\n", "a d"),
        ("FROM b AS d\nRUN --requires=A d\nFROM d AS a\nRUN a\nFROM d\n", "a d"),
        ("FROM b AS a\nRUN a\nFROM b\nRUN --if=TARGETOS=windows --requires=a\nRUN d\n", "d"),
        ("FROM b AS a\nRUN a\nFROM b AS e\nRUN e\nFROM b\nRUN --requires=a --requires=e,a d\n", "a e d"),
    ],
    ids=[
        "a gate of a gate",
        "a gate of a base stage",
        "a gate of a stage that files come from",
        "a stage by its index",
        "a variable",
        "a gate that is built on the stage that it guards",
        "a line that is skipped",
        "a gate that is named twice",
    ],
)
def test_a_gate_is_found(dockerfile: str, names: str) -> None:
    assert {name for name, _, _ in solved(dockerfile)} == set(names.split())


def test_a_gate_in_another_file_is_found_and_so_are_its_own() -> None:
    files = {
        "context": {"t.Dockerfile": "FROM b AS app\nRUN --requires=last mid\nFROM b AS last\nRUN last\n"}
    }
    found = solved("FROM b\nRUN --requires=./t.Dockerfile#app d\n", files=files)
    assert {name for name, _, _ in found} == {"last", "mid", "d"}


def test_the_graph_of_the_target_is_that_of_the_file_without_the_flag() -> None:
    gated = (
        "FROM b AS t\nCOPY tests /t\nRUN t\nFROM b\nCOPY app /app\nRUN --requires=t\nRUN --requires=t app\n"
    )
    plain = "FROM b AS t\nCOPY tests /t\nRUN t\nFROM b\nCOPY app /app\n\nRUN app\n"
    ops = [getattr(pb.Definition.FromString(definition(text)), "def") for text in (gated, plain)]
    assert list(ops[0]) == list(ops[1])


@pytest.mark.parametrize("platforms", ["linux/amd64,linux/arm64", "linux/arm64"])
def test_a_gate_is_solved_for_the_platform_of_the_stage_that_requires_it(platforms: str) -> None:
    text = (
        "FROM b AS t\nRUN t\nFROM --platform=$BUILDPLATFORM b AS tools\nRUN --requires=t tools\n"
        "FROM b\nCOPY --from=tools / /\nRUN --requires=t app\n"
    )
    found = solved(text, opts={"platform": platforms})
    wanted = {platform.partition("/")[2] for platform in platforms.split(",")}
    assert {arch for name, arch, _ in found if name == "t"} == {"amd64", *wanted}
    assert {arch for name, arch, _ in found if name == "app"} == wanted


def test_a_gate_for_another_platform_has_its_own_plain_form() -> None:
    text = (
        "FROM b AS t\nRUN --if=TARGETARCH=arm64 t-arm\nRUN --if=TARGETARCH=amd64 t-amd\n"
        "FROM --platform=linux/arm64 b\nRUN --requires=t app\n"
    )
    assert solved(text) == {("t-arm", "arm64", True), ("app", "arm64", True)}


def test_a_failing_gate_fails_the_build_with_the_line_that_requires_it() -> None:
    error = failure(TESTED, bad="unit")
    assert isinstance(error, BridgeError)
    assert error.helped == (
        "unit did not complete successfully: exit code: 1: stage app requires unit (Dockerfile:8)"
    )
    assert lines(error) == [8]


def test_an_error_in_a_gate_shows_its_line_and_the_one_that_requires_it() -> None:
    images = {"docker.io/library/missing:latest": {"error": "gone"}}
    error = failure("FROM missing AS t\nFROM b\nRUN --requires=t\n", images=images)
    assert isinstance(error, DockerfileError)
    assert "gone" in error.message
    assert [span.start for span in error.spans] == [1, 3]


def test_with_extensions_off_a_gate_is_an_unknown_flag() -> None:
    bridge = Daemon(TESTED)
    with pytest.raises(DockerfileError, match="unknown flag: --requires"):
        serve(bridge, bridge.request()._replace(extensions=False))


def test_a_named_context_in_place_of_a_gate_is_evaluated_and_reported() -> None:
    for text in ("FROM b AS t\nRUN t\nFROM b\nRUN --requires=t d\n", "FROM b\nRUN --requires=t d\n"):
        bridge = Daemon(text, opts={"context:t": "docker-image://other"})
        serve(bridge, bridge.request())
        assert {name for name, _, _ in bridge.solved} == {"d"}
        assert bridge.calls.count("solve:evaluated") == 2
        assert [call for call in bridge.calls if "GateReplaced: t is a named context here" in call]


@pytest.mark.parametrize(
    ("dockerfile", "message", "places"),
    [
        (
            "FROM b AS lint\nFROM b\nRUN --requires=lnt\n",
            'no stage is called "lnt" (did you mean lint?); there is lint',
            [3],
        ),
        (
            "FROM b\nRUN --requires=lint x\n",
            '--requires=lint: no stage is called "lint"; there is no stage',
            [2],
        ),
        ("FROM b\nRUN --requires=7 x\n", "invalid stage index 7", [2]),
        ("FROM b AS a\nRUN --requires=a x\n", "stages require each other: Dockerfile:2: remove one", [2]),
        (
            "FROM b AS a\nRUN --requires=c x\nFROM b AS c\nRUN --requires=a\n",
            "stages require each other: Dockerfile:2 -> Dockerfile:4: remove one",
            [2, 4],
        ),
        ("FROM b AS t\nFROM b\nRUN --requires=t --network=none\n", "--network needs a command", [3]),
        ("FROM b AS t\nFROM b\nRUN --requires=t --no-cache\n", "--no-cache needs a command", [3]),
        ("FROM b\nRUN --requires\n", "missing a value on flag: --requires", [2]),
    ],
    ids=["near name", "no names", "index", "itself", "circle", "flag", "no cache", "no value"],
)
def test_a_bad_gate_is_an_error_at_its_line(dockerfile: str, message: str, places: list[int]) -> None:
    error = failure(dockerfile)
    assert isinstance(error, DockerfileError)
    assert message in error.message
    assert [span.start for span in error.spans] == places


def many_gates(lines: int) -> str:
    """Return a file whose last stage requires 100 others; for each of them all of its ``lines`` count."""
    stages = "".join(f"FROM b AS s{n}\nRUN r{n}\n" for n in range(100))
    names = ",".join(f"s{n}" for n in range(100))
    more = "ENV A=b\n" * (lines - len(names.split(",")) - 2 * 100 - 3)
    return f"{stages}FROM b AS more\n{more}FROM b\nRUN --requires={names} last\n"


def test_gates_of_a_large_file_have_a_limit_as_each_takes_all_of_it() -> None:
    most = GATE_WORK // 100
    assert len(solved(many_gates(most))) == 101
    error = failure(many_gates(most + 1))
    assert isinstance(error, DockerfileError)
    assert error.message.startswith("too many stages are targets, required or with reports")
    assert [span.start for span in error.spans] == [most + 1 - 100]


def test_the_graph_in_json_says_that_it_holds_no_gates() -> None:
    bridge = Daemon(TESTED)
    serve(bridge, bridge.request(requestid="frontend.convertllb"))
    assert [call for call in bridge.calls if call.startswith("warn:GatesLost: ")]
    plain = Daemon("FROM b\nRUN x\n")
    serve(plain, plain.request(requestid="frontend.convertllb"))
    assert not [call for call in plain.calls if call.startswith("warn")]


def test_a_stage_that_is_required_or_has_a_report_is_built() -> None:
    head = "# check=experimental=StageNotBuilt\n"
    used = Daemon(f"{head}FROM b\nRUN x\nFROM b\nRUN --report=r y\nFROM b\nRUN --requires=0\n")
    serve(used, used.request())
    unused = Daemon(f"{head}FROM b\nRUN x\nFROM b\nRUN y\nFROM b\nRUN --requires=0\n")
    serve(unused, unused.request())
    found = [[one for one in bridge.calls if "StageNotBuilt" in one] for bridge in (used, unused)]
    assert [len(one) for one in found] == [0, 1]
    assert "(line 4)" in found[1][0]


def test_an_error_of_a_step_of_a_gate_shows_both_lines() -> None:
    error = failure("FROM b AS t\nCOPY --chown=$USER x /\nADD --checksum=x y /\nFROM b\nRUN --requires=t\n")
    assert isinstance(error, DockerfileError)
    assert [span.start for span in error.spans] == [3, 5]
