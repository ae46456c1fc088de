"""The stage graph as a document: stages, steps, sources and edges."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from driver.graph.samples import CONTEXTS, FORMS, graph

from pyfrontend.errors import DockerfileError
from pyfrontend.syntax import declare, grammars
from pyfrontend.syntax.declare import Instruction
from pyfrontend.syntax.fields import flag, word
from pyfrontend.syntax.inputs import CONTEXT, HTTP, STAGE, Input

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from driver.conftest import Asker


def edges(document: Any) -> list[tuple[str, str, str]]:
    """Return all edges as source, kind and name of the stage; stages by their names."""
    names = {stage["id"]: stage["name"] for stage in document["stages"]}
    return [
        (names.get(edge["from"], edge["from"]), edge["kind"], names[edge["to"]]) for edge in document["edges"]
    ]


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
            "FROM scratch AS a\nFROM scratch AS b\nRUN --requires=a\nRUN --requires=a x\n",
            [("a", "requires", "b")],
            id="a gate hands on no files",
        ),
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


class Fetch(Instruction):
    """An instruction of a plugin that takes files from everywhere."""

    source: str = flag(default="")
    url: str = word()

    def inputs(self) -> Iterable[Input]:
        if self.source:
            yield Input(STAGE, self.source, ("/x",), key="source")
        yield Input(HTTP, self.url)
        yield Input(CONTEXT, paths=("a", "b"))


def test_an_instruction_of_a_plugin_has_the_edges_of_its_inputs(
    ask: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(declare.REGISTRY, "FETCH", declare.declare(Fetch, "FETCH", grammars.rest_of_line))
    text = "FROM scratch AS a\nFROM scratch\nFETCH --source=a https://a.test/b\n"
    document = graph(ask, text).document
    assert edges(document) == [
        ("a", "FETCH --from", "stage-1"),
        ("http:https://a.test/b", "FETCH", "stage-1"),
        ("context", "FETCH", "stage-1"),
    ]
    assert [stage["reached"] for stage in document["stages"]] == [True, True]
    for form in FORMS:
        assert "--source=a https://a.test/b" in re.sub("<[^>]*>", "", graph(ask, text, form).text)


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


def test_an_error_inside_a_step_does_not_stop_the_drawing(ask: Asker) -> None:
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


@pytest.mark.parametrize("form", FORMS)
def test_all_forms_have_the_same_document(ask: Asker, service: str, form: str) -> None:
    assert graph(ask, service, form).document == graph(ask, service).document


def test_a_step_has_the_reports_that_it_writes(ask: Asker) -> None:
    text = "FROM scratch\nRUN --report=a --report=b/*.xml x\nRUN y\n"
    steps = graph(ask, text).document["stages"][0]["steps"]
    assert [step.get("reports") for step in steps] == [["a", "b/*.xml"], None]
