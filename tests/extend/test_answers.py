"""What calls say of extensions: where values come from, what is skipped, which checks count."""

from __future__ import annotations

import json
from typing import Any

import pytest
from extend.builds import Case

from pyfrontend.driver.serve import serve
from pyfrontend.errors import DockerfileError

ARGS = {"opts": {"cmdline": "o/p args=versions.env"}}
TEXT = """\
# the version of Node
ARG NODE
ARG SHOW
ARG PART=x
ARG FLAVOR=base
FROM node:$NODE AS base
COPY --if=SHOW a /
INCLUDE $PART.inc
FROM base
COPY --from=$FLAVOR /a /b
"""
FILES = {"versions.env": "# all\n\nNODE=22\n", "x.inc": "ENV A=1\n"}


def outline(case: Case) -> dict[str, tuple[str, str]]:
    """Return value and description of the arguments that an outline lists."""
    rows = json.loads(case.call("outline").metadata["result.json"])["args"]
    return {row["name"]: (row.get("value", ""), row.get("description", "")) for row in rows}


def test_an_outline_lists_the_arguments_of_extensions_and_where_values_come_from() -> None:
    case = Case(TEXT, FILES, ARGS)
    assert outline(case) == {
        "NODE": ("22", "(versions.env:3)"),
        "SHOW": ("", ""),
        "PART": ("x", ""),
        "FLAVOR": ("base", ""),
    }
    text = case.call("outline").metadata["result.txt"].decode()
    assert "NODE        22      (versions.env:3)" in text


def test_an_argument_keeps_its_description_beside_the_origin_of_its_value() -> None:
    text = "# NODE the version of Node\nARG NODE\nFROM node:$NODE\n"
    assert outline(Case(text, FILES, ARGS)) == {"NODE": ("22", "the version of Node (versions.env:3)")}


def test_a_value_of_the_command_line_does_not_come_from_a_file() -> None:
    given = {**ARGS, "build_args": {"NODE": "23"}}
    assert outline(Case("ARG NODE\nFROM node:$NODE\n", FILES, given)) == {"NODE": ("23", "")}


SKIPPING = """\
FROM alpine AS base
RUN one
RUN --if=!TARGETOS --mount=type=secret,id=s two
COPY --if=!TARGETOS --from=other a b
RUN three
ENV --if=!TARGETOS A=1
"""


def graph() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Case(SKIPPING).call("graph").metadata["result.json"])
    return found


def test_a_graph_has_skipped_steps_in_their_place_without_numbers_and_edges() -> None:
    document = graph()
    rows = [
        (step.get("number", 0), step["text"], step.get("skipped", False))
        for step in document["stages"][0]["steps"]
    ]
    assert rows == [
        (2, "RUN one", False),
        (0, "RUN --if=!TARGETOS --mount=type=secret,id=s two", True),
        (0, "COPY --if=!TARGETOS --from=other a b", True),
        (3, "RUN three", False),
        (0, "ENV --if=!TARGETOS A=1", True),
    ]
    assert [edge["kind"] for edge in document["edges"]] == ["FROM"]


@pytest.mark.parametrize(
    "form", ["graph+steps", "graph+full", "graph-mermaid+full", "graph-dot+full", "graph-svg+full"]
)
def test_every_form_of_the_graph_shows_what_is_skipped(form: str) -> None:
    text = Case(SKIPPING).call(form).metadata["result.txt"].decode()
    plain = text.replace("</tspan>", "").replace("&#45;", "-").replace("#8288;", "")
    assert "skipped:" in plain
    assert "ENV" in plain
    assert text.count("skipped:") == 3


def test_a_step_of_an_included_file_says_which_file_in_a_graph() -> None:
    case = Case("FROM alpine\nINCLUDE x.inc\nRUN y\n", {"x.inc": "RUN x\n"})
    (stage,) = json.loads(case.call("graph").metadata["result.json"])["stages"]
    assert [(step["line"], step.get("file")) for step in stage["steps"]] == [(1, "x.inc"), (3, None)]


CHECKED = {"x": "# check={}\nFROM alpine AS y\nENV PASSWORD=1\n"}


def found(check: str, own: str = "", **options: Any) -> list[str]:
    files = {"x": CHECKED["x"].format(check)}
    case = Case(f"{own}FROM ./x#y\nENV TOKEN=1\n", files, options)
    warnings = json.loads(case.call("lint").metadata["result.json"])["warnings"] or ()
    return sorted(row["detail"].split('"')[1] for row in warnings)


def test_the_check_directive_of_another_file_counts_for_its_lines() -> None:
    assert found("skip=none") == ["PASSWORD", "TOKEN"]
    assert found("skip=SecretsUsedInArgOrEnv") == ["TOKEN"]
    assert found("skip=all") == ["TOKEN"]


def test_the_check_directive_of_the_main_file_and_the_build_argument_count_for_all() -> None:
    assert found("skip=none", "# check=skip=all\n") == []
    given = {"BUILDKIT_DOCKERFILE_CHECK": "error=false"}
    assert found("skip=all", build_args=given) == ["PASSWORD", "TOKEN"]


def test_an_error_mode_of_another_file_is_about_what_is_found_in_it() -> None:
    def failure(files: dict[str, str], text: str) -> str:
        bridge = Case(text, files).bridge()
        try:
            serve(bridge, bridge.request())
        except DockerfileError as error:
            return error.message
        return ""

    strict = {"x": CHECKED["x"].format("error=true")}
    assert failure(strict, "FROM ./x#y\n") == "lint violation found for rules: SecretsUsedInArgOrEnv"
    fine = {"x": "# check=error=true\nFROM alpine AS y\n"}
    assert failure(fine, "FROM ./x#y\nENV TOKEN=1\n") == ""


def test_a_check_directive_of_another_file_that_cannot_be_read_is_an_error_at_its_line() -> None:
    with pytest.raises(DockerfileError) as caught:
        Case("FROM ./x#y\n", {"x": CHECKED["x"].format("skp=all")}).build()
    assert caught.value.message == 'failed to parse check options: invalid check option "skp"'
    assert [(span.file.name, span.start) for span in caught.value.spans] == [("x", 1)]
