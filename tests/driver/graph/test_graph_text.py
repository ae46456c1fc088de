"""The stage graph as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from driver.graph.samples import CONTEXTS, chain, graph, pairs, services

from pyfrontend.driver.subrequests.graph.labels import with_mount_types
from pyfrontend.driver.subrequests.graph.lanes import MOST_LANES, Lanes

if TYPE_CHECKING:
    from pathlib import Path

    from driver.conftest import Asker


def test_the_drawing_of_a_service_is_the_one_that_was_looked_at(ask: Asker, root: Path, service: str) -> None:
    expected = (root / "tests/cases/graph/service.txt").read_text()
    assert graph(ask, service, **CONTEXTS).text == expected


@pytest.mark.parametrize("options", ["", "+stages"])
def test_a_gate_stands_in_the_heading_of_the_stage_that_requires_it(ask: Asker, options: str) -> None:
    text = graph(ask, "FROM scratch AS a\nFROM scratch AS b\nRUN --requires=a x\n", f"graph{options}").text
    assert "scratch · requires a" in text
    assert "● needed" in text
    assert "skipped" not in text


@pytest.mark.parametrize(
    ("form", "sign"),
    [("graph-dot", "style=dotted"), ("graph-mermaid", "-.->"), ("graph-svg", 'class="pyf-way pyf-gate"')],
)
def test_a_gate_is_drawn_and_explained(ask: Asker, form: str, sign: str) -> None:
    text = "FROM scratch AS a\nFROM scratch AS b\nRUN --requires=a x\n"
    picture = graph(ask, text, f"{form}+legend").text
    assert sign in picture
    assert "requires: has to succeed" in picture


def test_the_drawing_in_the_guide_is_what_is_drawn(ask: Asker, root: Path) -> None:
    text = graph(ask, (root / "tests/cases/graph/small.dockerfile").read_text()).text
    assert f"```\n{text}```\n" in (root / "docs/graph.md").read_text()


SERVICES = """\
●    base             FROM golang:1.22 (linux/amd64)  line 1
●    svc-00 … svc-49  FROM base · COPY context  50 stages, lines 3 to 150
╰─◉  release          FROM gcr.io/static:latest (linux/amd64) · COPY --from svc-00 … svc-49  line 153
"""
PAIRS = """\
●    base                FROM node:20 (linux/amd64)  line 1
├─●  build-0 … build-24  FROM base · COPY context  25 stages, lines 2 to 98
○─┤  test-0 … test-24    FROM base · COPY --from build-0 … build-24  25 stages, lines 4 to 100, skipped
◉─╯  all                 FROM scratch · COPY --from build-0 … build-24  line 102
"""


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [pytest.param(services(50), SERVICES, id="services"), pytest.param(pairs(25), PAIRS, id="pairs")],
)
def test_similar_stages_of_a_large_file_are_one_row(ask: Asker, dockerfile: str, expected: str) -> None:
    text = graph(ask, dockerfile).text
    assert text.split("\n\n")[1] + "\n" == expected
    assert text.endswith("Not shown: steps (option steps), every stage by itself (option stages)\n")


def test_a_large_file_has_no_steps_unless_they_are_asked_for(ask: Asker) -> None:
    few, many = chain(12), chain(13)
    assert "2/2 RUN a" in graph(ask, few).text
    assert "RUN a" not in graph(ask, many).text
    assert "2/2 RUN a" in graph(ask, many, "graph+steps").text


def test_every_stage_is_a_row_where_stages_are_asked_for(ask: Asker) -> None:
    text = graph(ask, services(50), "graph+stages").text
    rows = text.split("\n\n")[1].splitlines()
    assert [f"svc-{number:02} " in row for number, row in enumerate(rows[1:51])] == [True] * 50
    assert "Not shown: steps (option steps)\n" in text


def test_a_target_hides_what_it_does_not_need_unless_all_is_asked_for(ask: Asker, service: str) -> None:
    needed = graph(ask, service, target="build").text
    assert needed.startswith("Dockerfile: target build for linux/amd64 needs 2 of 5 stages\n")
    assert "release" not in needed
    assert needed.endswith("Not shown: 3 stages that the target does not need (option all)\n")
    everything = graph(ask, service, "graph+all", target="build").text
    assert "  release  FROM alpine:3.20 (linux/arm64)  line 22, skipped\n" in everything
    assert "Not shown" not in everything


def test_nothing_is_cut_where_everything_is_asked_for(ask: Asker) -> None:
    long = " ".join(f"word-{number}" for number in range(400))
    script = "RUN <<EOF\n# why\nif true; then\n    echo hi\nfi\nEOF\n"
    text = graph(ask, f"FROM alpine\nRUN {long}\nENV A=b\nENV C=d\n{script}", "graph+full").text
    assert "…" not in text
    assert " ".join(text.split()).count(long) == 1
    lines = [line.strip() for line in text.splitlines()]
    assert lines[lines.index("ENV A=b") :][:7] == [
        *("ENV A=b", "ENV C=d", "3/3 RUN <<EOF", "# why", "if true; then", "echo hi", "fi")
    ]
    assert max(map(len, lines)) <= 110


def test_a_legend_explains_the_signs(ask: Asker, service: str) -> None:
    assert "number of the step" not in graph(ask, service).text
    assert "2/4  number of the step in the progress of a build" in graph(ask, service, "graph+legend").text


def test_secrets_agents_and_caches_are_listed_with_the_stages_that_use_them(ask: Asker) -> None:
    text = (
        "FROM alpine AS a\nRUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=ssh x\n"
        "FROM alpine AS b\nRUN --mount=type=secret,target=/run/npmrc"
        " --mount=type=cache,id=go,target=/go --mount=type=cache,target=/var x\n"
    )
    rows = [line.split() for line in graph(ask, text).text.partition("SOURCE")[2].splitlines()]
    assert rows[2:6] == [
        ["secret", "npmrc", "/root/.npmrc,", "/run/npmrc", "a,", "b"],
        ["ssh", "default", "a"],
        ["cache", "go", "/go", "b"],
        ["cache", "/var", "b"],
    ]


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


def test_a_stage_takes_over_the_lane_of_a_stage_that_ends() -> None:
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
    assert with_mount_types(text) == expected
