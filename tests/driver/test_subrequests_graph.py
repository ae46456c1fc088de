"""The stage graph: what is drawn, and the forms that it is drawn in."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from pyfrontend.driver.subrequests.graph.grouping import shortened
from pyfrontend.driver.subrequests.graph.lanes import MOST_LANES, Lanes
from pyfrontend.errors import DockerfileError

if TYPE_CHECKING:
    from pathlib import Path

    from driver.conftest import Answer, Asker

CONTEXTS = {"context__tools": "local:tools", "context__alpine:3.20": "docker-image://alpine:edge"}


@pytest.fixture
def service(root: Path) -> str:
    return (root / "tests/cases/graph/service.dockerfile").read_text()


def graph(ask: Asker, dockerfile: str, form: str = "graph", **options: str) -> Answer:
    return ask(form, dockerfile, lookups=False, **{"platform": "linux/amd64", **options})


def edges(document: Any) -> list[tuple[str, str, str]]:
    """Return all edges as source, kind and name of the stage; stages by their names."""
    names = {stage["id"]: stage["name"] for stage in document["stages"]}
    return [
        (names.get(edge["from"], edge["from"]), edge["kind"], names[edge["to"]]) for edge in document["edges"]
    ]


def test_the_drawing_of_a_service_is_the_one_that_was_looked_at(ask: Asker, root: Path, service: str) -> None:
    expected = (root / "tests/cases/graph/service.txt").read_text()
    assert graph(ask, service, **CONTEXTS).text == expected


def test_the_drawing_in_the_guide_is_what_is_drawn(ask: Asker, root: Path) -> None:
    text = graph(ask, (root / "tests/cases/graph/small.dockerfile").read_text()).text
    assert f"```\n{text}```\n" in (root / "docs/graph.md").read_text()


def test_the_guide_names_every_member_of_the_document(ask: Asker, root: Path, service: str) -> None:
    guide = (root / "docs/graph.md").read_text()
    document = graph(ask, "FROM a AS b\nONBUILD RUN x\nFROM b\n").document | graph(ask, service).document
    rows = [document, *document["stages"], *document["sources"], *document["edges"]]
    rows += [step for stage in document["stages"] for step in stage["steps"]]
    assert [name for row in rows for name in row if f"`{name}`" not in guide] == []


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        pytest.param("FROM scratch\n", [], id="scratch is nothing"),
        pytest.param(
            "ARG T=3\nFROM alpine:$T AS a\nFROM a\n",
            [("image:alpine:3@linux/amd64", "FROM", "a"), ("a", "FROM", "stage-1")],
            id="base image and base stage, arguments filled in",
        ),
        pytest.param(
            "FROM scratch AS a\nFROM scratch\nCOPY --from=a /x /y\nCOPY --from=0 /x /y\n",
            [("a", "COPY --from", "stage-1"), ("a", "COPY --from", "stage-1")],
            id="copy from a stage by name and number",
        ),
        pytest.param(
            "FROM scratch\nCOPY --from=nginx /x /y\n",
            [("image:nginx:latest@linux/amd64", "COPY --from", "stage-0")],
            id="copy from an image",
        ),
        pytest.param(
            "FROM scratch\nCOPY a b /c/\nADD d /e\n",
            [("context", "COPY", "stage-0"), ("context", "ADD", "stage-0")],
            id="files of the build context",
        ),
        pytest.param("FROM scratch\nCOPY <<x /y\nz\nx\n", [], id="an inline document comes from nowhere"),
        pytest.param(
            "FROM scratch\nADD https://a.test/b /c\nADD https://github.com/a/b.git /d\n",
            [
                ("http:https://a.test/b", "ADD", "stage-0"),
                ("git:https://github.com/a/b.git", "ADD", "stage-0"),
            ],
            id="downloads and repositories",
        ),
        pytest.param(
            'FROM scratch\nADD "https://a.test/b" \'https://github.com/a/b.git#$V\' /d/\nADD "$X /x\n',
            [
                ("http:https://a.test/b", "ADD", "stage-0"),
                ("git:https://github.com/a/b.git#$V", "ADD", "stage-0"),
                ("context", "ADD", "stage-0"),
            ],
            id="downloads in quotes, and what cannot be read",
        ),
        pytest.param(
            "FROM scratch AS a\nFROM scratch\n"
            "RUN --mount=from=a,target=/a --mount=target=/b --mount=type=cache,target=/c"
            " --mount=type=secret,id=s --mount=type=tmpfs,target=/t x\n",
            [("a", "RUN --mount", "stage-1"), ("context", "RUN --mount", "stage-1")],
            id="mounts of stages and of the context, no others",
        ),
        pytest.param(
            "FROM scratch AS a\nFROM scratch AS b\nONBUILD COPY --from=a /x /y\nFROM b\n",
            [("b", "FROM", "stage-2"), ("a", "COPY --from", "stage-2")],
            id="triggers of a base stage",
        ),
        pytest.param(
            "FROM golang AS tools\nFROM tools\n",
            [("context:tools", "FROM", "tools"), ("tools", "FROM", "stage-1")],
            id="a named context in the place of a stage",
        ),
        pytest.param(
            "FROM alpine:3.20\nCOPY --from=tools / /\n",
            [("context:alpine:3.20", "FROM", "stage-0"), ("context:tools", "COPY --from", "stage-0")],
            id="named contexts in the place of images",
        ),
    ],
)
def test_every_way_of_files_is_an_edge(
    ask: Asker, dockerfile: str, expected: list[tuple[str, str, str]]
) -> None:
    assert edges(graph(ask, dockerfile, **CONTEXTS).document) == expected


CHAIN = "FROM alpine AS a\nFROM a AS b\nFROM scratch AS c\nCOPY --from=a / /\nFROM busybox AS d\n"


@pytest.mark.parametrize(
    ("target", "reached"),
    [("a", ["a"]), ("b", ["a", "b"]), ("c", ["a", "c"]), ("", ["d"]), ("B", ["a", "b"])],
)
def test_a_stage_is_reached_if_the_target_needs_it(ask: Asker, target: str, reached: list[str]) -> None:
    document = graph(ask, CHAIN, target=target).document
    assert [stage["name"] for stage in document["stages"] if stage["reached"]] == reached
    assert document["target"] == f"stage:{'abcd'.index(reached[-1])}"


def test_sources_and_edges_are_reached_with_their_stages(ask: Asker) -> None:
    document = graph(ask, CHAIN, target="b").document
    assert [(source["name"], source["reached"]) for source in document["sources"]] == [
        ("alpine:latest", True),
        ("busybox:latest", False),
    ]
    assert [edge["reached"] for edge in document["edges"]] == [True, True, False, False]


def test_a_stage_behind_a_named_context_needs_nothing(ask: Asker) -> None:
    text = "FROM alpine AS a\nFROM golang AS tools\nCOPY --from=a / /\nFROM tools\n"
    stages = graph(ask, text, **CONTEXTS).document["stages"]
    assert [(stage["reached"], stage["steps"]) for stage in stages[:2]] == [(False, []), (True, [])]


def test_steps_are_numbered_as_in_the_progress_of_a_build(ask: Asker) -> None:
    text = "FROM alpine AS a\nENV x=y\nRUN a\nONBUILD RUN t\nWORKDIR /w\nFROM a\nCOPY . .\n"
    stages = graph(ask, text).document["stages"]
    assert [[(step["text"], step.get("number")) for step in stage["steps"]] for stage in stages] == [
        [("ENV x=y", None), ("RUN a", 2), ("ONBUILD RUN t", None), ("WORKDIR /w", 3)],
        [("RUN t", 1), ("COPY . .", 2)],
    ]
    assert [step.get("triggered") for step in stages[1]["steps"]] == [True, None]


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        pytest.param("RUN <<EOF\n\nset -e\n  echo  hi\nEOF\n", "RUN <<EOF (set -e ↵ echo hi)", id="short"),
        pytest.param(
            f"RUN <<EOF sh\n{'x' * 200}\nEOF\n", f"RUN <<EOF sh ({'x' * 159}…)", id="cut where it is long"
        ),
        pytest.param("RUN <<EOF\nEOF\n", "RUN <<EOF ()", id="empty"),
        pytest.param("RUN <<EOF\n#!/bin/sh\n # why\nhi\nEOF\n", "RUN <<EOF (hi)", id="without comments"),
        pytest.param("COPY <<EOF /f\nhi\nEOF\n", "COPY <<EOF /f", id="a file shows its name"),
    ],
)
def test_the_script_of_a_heredoc_is_drawn(ask: Asker, text: str, drawn: str) -> None:
    [stage] = ask("graph", f"FROM alpine\n{text}").document["stages"]
    assert [step["text"] for step in stage["steps"]] == [drawn]


@pytest.mark.parametrize("form", ["graph", "graph-mermaid", "graph-dot"])
def test_digests_are_shortened_for_people(ask: Asker, form: str) -> None:
    digest = "sha256:0123456789ab" + 52 * "c"
    answer = ask(form, f"FROM alpine:3@{digest}\n")
    assert answer.document["sources"][0]["name"] == f"alpine:3@{digest}"
    assert "alpine:3@sha256:0123456789ab…" in answer.text
    assert "ccc" not in answer.text.replace(f"image:alpine:3@{digest}", "")


def test_platforms_are_those_of_the_stages(ask: Asker) -> None:
    text = "FROM --platform=$BUILDPLATFORM alpine AS a\nFROM a AS b\nFROM alpine\n"
    document = graph(ask, text, platform="linux/arm64,linux/s390x").document
    assert [stage["platform"] for stage in document["stages"]] == [
        "linux/amd64",
        "linux/amd64",
        "linux/arm64",
    ]
    assert (document["platform"], document["platforms"]) == ("linux/arm64", ["linux/arm64", "linux/s390x"])
    assert [source["platform"] for source in document["sources"]] == ["linux/amd64", "linux/arm64"]


def test_a_mistake_inside_a_step_does_not_stop_the_drawing(ask: Asker) -> None:
    text = "FROM alpine\nRUN --mount=type=cache,target=/ x\nCOPY --chmod=nonsense ${a:?none} /\n"
    assert edges(graph(ask, text).document)[1:] == [("context", "COPY", "stage-0")]


@pytest.mark.parametrize(
    ("dockerfile", "options", "message"),
    [
        (
            "FROM alpine AS app\n",
            {"target": "ap"},
            'target stage "ap" could not be found (did you mean app?)',
        ),
        ("FROM alpine AS a\nCOPY --from=a / /\n", {}, "circular dependency detected on stage: a"),
        ("FROM UPPER\n", {}, "failed to parse stage name UPPER: "),
    ],
)
def test_what_cannot_be_drawn_is_an_error(
    ask: Asker, dockerfile: str, options: dict[str, str], message: str
) -> None:
    with pytest.raises(DockerfileError) as caught:
        graph(ask, dockerfile, **options)
    assert caught.value.message.startswith(message)


def test_many_stages_have_an_overview_before_their_steps(ask: Asker) -> None:
    text = "FROM alpine AS s0\n" + "".join(
        f"FROM s{n} AS s{n + 1}\nRUN --mount=target=/x x{n}\n" for n in range(9)
    )
    overview, heading, steps = graph(ask, text).text.partition("\n\nSteps\n\n")
    assert heading
    assert "FROM s8 · RUN --mount context  line 18" in overview
    assert "RUN --mount=bind x8  ◂ context (mount)" not in overview
    assert "RUN --mount=bind x8  ◂ context (mount)" in steps


@pytest.mark.parametrize("form", ["graph", "graph-mermaid", "graph-dot"])
def test_all_forms_have_the_same_document(ask: Asker, service: str, form: str) -> None:
    assert graph(ask, service, form).document == graph(ask, service).document


LANES = [
    pytest.param([[], [], []], ["o", "o", "o"], id="strangers"),
    pytest.param([[], [0], [0]], ["o", "├─o", "╰─o"], id="two from one"),
    pytest.param([[], [], [0, 1]], ["o", "│ o", "╰─┴─o"], id="one from two"),
    pytest.param(
        [[], [], [0], [1]], ["o", "│ o", "╰─│─o", "o─╯"], id="passing by, and a free lane to the left"
    ),
    pytest.param([[], [], [0, 1], [0, 1, 2]], ["o", "│ o", "├─┼─o", "╰─┴─┴─o"], id="lanes that go on"),
    pytest.param([[], [5], [0, 2]], ["o", "│ o", "╰─o"], id="from below, or from itself, there is no lane"),
]


@pytest.mark.parametrize(("needs", "expected"), LANES)
def test_rows_are_joined_to_the_lanes_that_they_need(needs: list[list[int]], expected: list[str]) -> None:
    lanes = Lanes(needs)
    assert [lanes.row(number, "o") for number in range(len(needs))] == expected


def test_a_heir_goes_straight_on_where_the_lane_ends() -> None:
    lanes = Lanes([[], [0], [0, 1]])
    assert [lanes.row(0, "o"), lanes.between()] == ["o", "│"]
    assert [lanes.row(1, "o", heir_of=0), lanes.between()] == ["├─o", "│ │"]
    assert [lanes.row(2, "o", heir_of=0), lanes.between()] == ["o─╯", ""]


def test_lanes_are_limited_in_number() -> None:
    count = MOST_LANES * 3
    lanes = Lanes([*([[]] * count), list(range(count))])
    widths = [len(lanes.row(number, "o")) for number in range(count + 1)]
    assert max(widths) == 2 * MOST_LANES + 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RUN x", "RUN x"),
        ("RUN --mount=type=cache,target=/a --mount=type=cache,target=/b x", "RUN --mount=cache x"),
        ("RUN --mount=from=a,target=/a --network=none x", "RUN --mount=bind --network=none x"),
        ("RUN echo --mount=type=cache", "RUN echo --mount=type=cache"),
    ],
)
def test_mounts_are_shortened_to_their_types(text: str, expected: str) -> None:
    assert shortened(text) == expected


STRANGE = 'FROM alpine AS a\nRUN echo "<b>&amp;\\" | {[()]} `#;\nCOPY ["a <", "b>\\\\", "/c"]\n'


def test_mermaid_gets_no_character_that_it_would_read_as_its_own(ask: Asker) -> None:
    text = graph(ask, STRANGE, "graph-mermaid").text
    assert text.startswith("flowchart TB\n")
    box = next(line for line in text.splitlines() if line.startswith("  stage0["))
    inside = box.removeprefix('  stage0["<b>a</b><br/>').removesuffix('"]').replace("<br/>", "")
    assert not set(inside) & set('"<>&{}[]()|`\\')
    assert "RUN echo #34;#60;b#62;#38;amp#59;#92;#34; #124;" in box


def test_mermaid_marks_the_target_and_what_is_skipped(ask: Asker) -> None:
    text = graph(ask, CHAIN, "graph-mermaid", target="b").text
    assert text.splitlines()[-2:] == ["  class stage1 target", "  class source1,stage2,stage3 skipped"]


needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")


def dot(text: str, form: str) -> bytes:
    return subprocess.run(["dot", f"-T{form}"], input=text.encode(), capture_output=True, check=True).stdout


@needs_dot
def test_dot_becomes_a_picture_with_all_stages_sources_and_edges(ask: Asker, service: str) -> None:
    answer = graph(ask, service, "graph-dot", **CONTEXTS)
    picture = json.loads(dot(answer.text, "json"))
    ends = {item["_gvid"]: item["name"] for item in picture["objects"]}
    document = answer.document
    assert set(ends.values()) == {item["id"] for item in (*document["stages"], *document["sources"])}
    assert {(ends[edge["tail"]], ends[edge["head"]]) for edge in picture["edges"]} == {
        (edge["from"], edge["to"]) for edge in document["edges"]
    }
    image = dot(answer.text, "png")
    assert image.startswith(b"\x89PNG")
    assert len(image) > 10_000


@needs_dot
def test_dot_draws_what_is_taken_from_above_what_takes_it(ask: Asker, service: str) -> None:
    answer = graph(ask, service, "graph-dot", **CONTEXTS)
    height = {
        item["name"]: float(item["pos"].split(",")[1])
        for item in json.loads(dot(answer.text, "json"))["objects"]
    }
    assert all(height[edge["from"]] > height[edge["to"]] for edge in answer.document["edges"])


@needs_dot
def test_dot_takes_any_text(ask: Asker) -> None:
    label = json.loads(dot(graph(ask, STRANGE, "graph-dot").text, "json"))["objects"][-1]["label"]
    assert "RUN echo &quot;&lt;b&gt;&amp;amp;" in label
