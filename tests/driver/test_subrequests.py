"""Subrequests, which build nothing; the exact texts of the reference are compared by tests/parity."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from fakes import FakeBridge
from pyfrontend.driver.serve import serve
from pyfrontend.driver.subrequests import SUBREQUESTS, Subrequest
from pyfrontend.driver.subrequests.document import table
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import SOURCE_URL, SUBREQUEST_URL, BridgeError, to_status
from pyfrontend.golang.json import indented_json

if TYPE_CHECKING:
    from driver.conftest import Asker

TWO_STAGES = "# base the ground\nFROM alpine AS base\nFROM base\nRUN x\n"


def test_describe_lists_every_subrequest_those_of_the_reference_first(ask: Asker) -> None:
    answer = ask("subrequests.describe", TWO_STAGES)
    names = [entry["name"] for entry in answer.document]
    assert names == [
        "frontend.outline",
        "frontend.targets",
        "frontend.subrequests.describe",
        "frontend.lint",
        "frontend.convertllb",
        "frontend.check-sarif",
        "frontend.check-gitlab",
        "frontend.check-github",
        "frontend.graph",
        "frontend.graph-mermaid",
        "frontend.graph-dot",
        "frontend.graph-svg",
        "frontend.plain",
        "frontend.test",
        "frontend.lock",
        "frontend.lock-check",
        "frontend.lock-policy",
    ]
    assert [line.split()[0] for line in answer.text.splitlines()] == [
        "NAME",
        *(name.removeprefix("frontend.") for name in names),
    ]


#: Those about a lock have tests of their own.
PLAIN = [subrequest for subrequest in SUBREQUESTS if subrequest.module != "lock"]


@pytest.mark.parametrize("subrequest", PLAIN, ids=[subrequest.name for subrequest in PLAIN])
def test_every_subrequest_gets_its_response_with_the_metadata_that_describe_promises(
    ask: Asker, subrequest: Subrequest
) -> None:
    metadata = ask(subrequest.name, TWO_STAGES).metadata
    assert set(metadata) == {"version", *subrequest.metadata}
    assert metadata["version"] == subrequest.version
    assert import_module(f"pyfrontend.driver.subrequests.{subrequest.module}").__doc__


def test_words_follow_only_the_name_of_a_subrequest_that_takes_some(ask: Asker) -> None:
    assert ask("graph+stages", TWO_STAGES).text != ask("graph", TWO_STAGES).text
    with pytest.raises(BridgeError, match=r"^unsupported request frontend\.targets\+stages$"):
        ask("targets+stages", TWO_STAGES)


def test_an_unknown_subrequest_is_refused_with_its_name_in_the_details(ask: Asker) -> None:
    with pytest.raises(BridgeError, match=r"^unsupported request frontend\.riddle$") as caught:
        ask("riddle", TWO_STAGES)
    assert [(detail.type_url, detail.value) for detail in caught.value.details] == [
        (SUBREQUEST_URL, b'{"name":"frontend.riddle"}')
    ]


def test_a_misspelt_call_comes_with_the_name_that_was_meant(ask: Asker) -> None:
    with pytest.raises(BridgeError) as caught:
        ask("grpah", TWO_STAGES)
    assert caught.value.help.startswith("did you mean graph? --call is one of: outline, targets, ")
    assert " check, " in caught.value.help


@pytest.mark.parametrize("subrequest", ["outline", "targets", "convertllb", "graph"])
def test_an_error_of_a_subrequest_shows_its_line(ask: Asker, subrequest: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        ask(subrequest, "FROM alpine\nRUM x\n")
    status = to_status(caught.value)
    assert status.message == (
        "dockerfile parse error on line 2: unknown instruction: RUM (did you mean RUN?)"
    )
    (source,) = (json.loads(detail.value) for detail in status.details if detail.type_url == SOURCE_URL)
    assert source["ranges"][0]["start"]["line"] == 2


@pytest.mark.parametrize("subrequest", ["outline", "targets", "convertllb", "graph"])
def test_errors_after_the_first_are_warnings_of_a_subrequest_too(subrequest: str) -> None:
    bridge = FakeBridge("FROM alpine\nRUM x\nCOPPY y\n")
    with pytest.raises(DockerfileError):
        serve(bridge, bridge.request(requestid=f"frontend.{subrequest}"))
    assert [call for call in bridge.calls if call.startswith("warn")] == [
        "warn:SyntaxError: unknown instruction: COPPY (did you mean COPY?) (line 3)"
    ]


def test_check_finds_nothing_in_a_clean_file(ask: Asker) -> None:
    answer = ask("lint", TWO_STAGES)
    assert (answer.text, answer.metadata["result.statuscode"]) == ("", "0")
    assert answer.document["warnings"] is None
    assert "buildError" not in answer.document


SEVERAL = "FROM alpine\nCOPY x\nRUN ok\nRUM y\nENV\n"
FIRST = (
    "dockerfile parse error on line 2: COPY requires at least two arguments, but only one was provided."
    " Destination could not be determined"
)


def at_line(number: int) -> dict[str, object]:
    line = {"line": number}
    return {"ranges": [{"start": line, "end": line}]}


def test_check_shows_all_errors_the_first_one_as_the_error_of_the_build(ask: Asker) -> None:
    document = ask("lint", SEVERAL).document
    error = document["buildError"]
    assert (error["message"], error["location"]) == (FIRST, at_line(2))
    assert [(one["ruleName"], one["detail"], one["location"]) for one in document["warnings"]] == [
        (
            "SyntaxError",
            "dockerfile parse error on line 4: unknown instruction: RUM (did you mean RUN?)",
            at_line(4),
        ),
        (
            "SyntaxError",
            "dockerfile parse error on line 5: ENV requires at least one argument",
            at_line(5),
        ),
    ]


def test_the_text_of_a_check_has_the_errors_that_clients_do_not_print(ask: Asker) -> None:
    answer = ask("lint", SEVERAL)
    assert [line for line in answer.text.splitlines() if line.startswith("ERROR")] == [
        "ERROR: dockerfile parse error on line 4: unknown instruction: RUM (did you mean RUN?)",
        "ERROR: dockerfile parse error on line 5: ENV requires at least one argument",
    ]
    assert "   4 | >>> RUM y\n" in answer.text
    assert answer.metadata["result.statuscode"] == "1"


def test_an_error_that_shows_only_in_the_build_stands_alone(ask: Asker) -> None:
    document = ask("lint", "FROM alpine\nCOPY --from=later /a /b\nFROM alpine AS later\n").document
    assert "needs to be defined before current stage" in document["buildError"]["message"]
    assert document["warnings"] is None


def test_outline_takes_the_argument_of_the_stage_nearest_to_the_target(ask: Asker) -> None:
    text = "FROM a AS one\nARG v=1\nRUN $v\nFROM a\nARG v=2\nCOPY --from=one / /\nRUN $v\n"
    assert [(arg["name"], arg["value"]) for arg in ask("outline", text).document["args"]] == [("v", "2")]


def test_outline_takes_of_two_equally_near_arguments_that_of_the_stage_used_first(ask: Asker) -> None:
    stages = "FROM a AS one\nARG v=1\nRUN $v\nFROM a AS two\nARG v=2\nRUN $v\n"
    text = f"{stages}FROM a\nCOPY --from=two / /\nCOPY --from=one / /\n"
    assert [(arg["name"], arg["value"]) for arg in ask("outline", text).document["args"]] == [("v", "2")]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([("a", "b"), ("ccc", "d")], "a     b\nccc   d\n", id="columns are padded"),
        pytest.param([("a", ""), ("", "b")], "a   \n    b\n", id="the last cell is not"),
        pytest.param([("ü", "b"), ("xx", "d")], "ü    b\nxx   d\n", id="characters count, not bytes"),
        pytest.param(
            [("a", "1", "x"), ("bb", "2\n3", "y"), ("cc", "4", "z")],
            "a    1   x\nbb   2\n3    y\ncc   4   z\n",
            id="a line end in a cell ends the columns to its right",
        ),
        pytest.param([("a", "1\t2"), ("b", "3")], "a   1   2\nb   3\n", id="a tab in a cell makes another"),
        pytest.param(
            [("aaaa", "1\f2"), ("b", "3")], "aaaa   1\n2\nb   3\n", id="a form feed ends all columns"
        ),
    ],
)
def test_tables_are_those_of_gos_tabwriter(rows: list[tuple[str, ...]], expected: str) -> None:
    assert table(rows, 3) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"a": []}, '{\n  "a": []\n}', id="empty list"),
        pytest.param("<&>\u2028é", '"\\u003c\\u0026\\u003e\\u2028é"', id="escapes"),
        pytest.param("a\udcff", '"a\\ufffd"', id="bytes that are no UTF-8"),
    ],
)
def test_documents_are_those_of_gos_json(value: object, expected: str) -> None:
    assert indented_json(value) == expected
