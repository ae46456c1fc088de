"""`pyfrontend.testing`: assertions about Dockerfiles, which fail where they must, and say why."""

from __future__ import annotations

import json
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from parity.cases import OWN, case_files, read_cases
from pyfrontend import DockerfileError, testing
from pyfrontend.testing.graphs import MADE
from pyfrontend.testing.text import BASE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def failure(assertion: Callable[..., None], *given: object, **named: object) -> str:
    """What an assertion says that must fail."""
    with pytest.raises(AssertionError) as caught:
        assertion(*given, **named)
    return str(caught.value)


# ------------------------------------------------------------------------------------ instructions alone


def test_instructions_stand_below_a_base_image_that_lines_do_not_count() -> None:
    text = "# escape=`\n# about\nRUN one `\n two\nRUM three\n"
    [found] = testing.check(text)
    assert (found.line, found.end_line, found.severity) == (5, 5, "error")
    assert testing.parse(text).stages[0].base == BASE


def test_a_file_with_a_from_stays_as_it_is() -> None:
    text = "ARG V=1\nFROM alpine:$V\nRUN make\n"
    assert testing.parse(text).text == text
    assert testing.plain(text) == text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("# syntax=x\n# about\nARG A=1\nRUN --if=A make\n", "# about\nARG A=1\nRUN make\n"),
        ("# escape=`\n\nRUN make `\n all\n", "# escape=`\n\nRUN make `\n all\n"),
        ("# a \f line\u2028break\nRUN make\n", "# a \f line\u2028break\nRUN make\n"),
        ("FROM debian:stable\nRUN make\n", "FROM debian:stable\nRUN make\n"),
    ],
)
def test_the_line_that_is_put_in_is_the_one_that_is_taken_out(text: str, plain: str) -> None:
    assert testing.plain(text) == plain


@pytest.mark.parametrize("comment", ["# a \f line", "# line\u2028break", "# return\r", "# \x1c"])
def test_lines_are_those_of_dockerfiles(comment: str) -> None:
    testing.assert_error(f"{comment}\nRUN a\nRUM b\n", "unknown instruction: RUM", line=3)


def test_the_base_image_is_a_choice() -> None:
    graph = testing.Tester(base="alpine:3").graph("RUN make")
    assert graph.ops[0]["source"]["identifier"] == "docker-image://docker.io/library/alpine:3"


def test_an_error_in_the_base_image_is_at_no_line() -> None:
    found = testing.Tester(base="UPPER").check("RUN make")
    assert {(one.line, one.end_line) for one in found} == {(0, 0)}


def test_indented_texts_lose_their_indentation() -> None:
    text = """
        FROM alpine
        RUN <<EOF
          make
        EOF
    """
    assert testing.plain(text).splitlines() == ["FROM alpine", "RUN <<EOF", "  make", "EOF"]


def test_a_text_without_instructions_is_the_error_that_it_is_in_a_build() -> None:
    testing.assert_error("", "cannot be empty")
    testing.assert_error("# nothing\n", "no instructions")


def test_files_and_bytes_are_taken_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "app.dockerfile").write_text("FROM alpine\nRUM x\n")
    [found] = testing.check(tmp_path / "app.dockerfile")
    assert (found.file, found.line) == (str(tmp_path / "app.dockerfile"), 2)
    testing.assert_error(b"RUN make\n", "no build stage", line=1)


# -------------------------------------------------------------------------------------------- assertions


def test_equal_graphs_are_equal_whatever_the_steps_are_called() -> None:
    one, other = "RUN echo $A\n", "RUN echo ${A}\n"
    testing.assert_same_graph("ENV A=1\n", "ENV A 1\n")
    said = failure(testing.assert_same_graph, one, other)
    assert said.startswith("the graphs differ: - is RUN echo $A, + is RUN echo ${A}\n")
    testing.assert_same_graph("COPY a /b/\n", "COPY ./a /b/\n")
    said = failure(testing.assert_same_graph, "COPY a /b/\n", "COPY ./a /b/\n", names=True)
    assert "-    name: [2/2] COPY a /b/\n+    name: [2/2] COPY ./a /b/\n" in said
    assert "-    history: COPY a /b/ # buildkit\n+    history: COPY ./a /b/ # buildkit" in said


def test_a_difference_shows_what_is_different_and_in_which_step() -> None:
    one = "RUN apt-get install git\nCOPY a /\nRUN <<EOF\none\ntwo\nEOF\nUSER 1\n"
    other = "RUN --network=none apt-get install git\nCOPY a /\nRUN <<EOF\none\n2\nEOF\nUSER 2\n"
    assert failure(testing.assert_same_graph, one, other).splitlines() == [
        "the graphs differ: - is RUN apt-get install git …, + is RUN --network=none apt-get install git …",
        " op 1: docker-image://docker.io/library/debian:stable",
        " op 2: run /bin/sh -c 'apt-get install git'",
        "+    network: NONE",
        " op 3: local://context",
        " op 4: file",
        " op 5: run",
        "-        | two",
        "+        | 2",
        " image:",
        "-    config.User: 1",
        "+    config.User: 2",
    ]


def test_a_text_that_has_no_graph_is_named_with_its_error() -> None:
    said = failure(testing.assert_same_graph, "RUN make", "RUN make\nRUM make")
    assert said == "RUN make … has no graph: Dockerfile:2: unknown instruction: RUM (did you mean RUN?)"


@pytest.mark.parametrize(
    ("message", "line", "said"),
    [
        ("unknown flag", None, "no error says 'unknown flag', but:"),
        ("RUM", 1, "no error says 'RUM' at line 1, but:"),
        ("", 3, "no error at line 3, but:"),
    ],
)
def test_an_error_that_is_another_one_is_shown(message: str, line: int | None, said: str) -> None:
    first, *rest = failure(testing.assert_error, "RUN make\nRUM make", message, line=line).splitlines()
    assert first == said
    assert rest == ["  Dockerfile:2: error: unknown instruction: RUM (did you mean RUN?)"]
    testing.assert_error("RUN make\nRUM make", "RUM", line=2)


def test_the_help_of_an_error_counts_as_its_message() -> None:
    testing.assert_error("COPY --chmod=999 a b", "octal", line=1)


def test_no_error_where_one_is_expected_fails() -> None:
    assert failure(testing.assert_error, "RUN make") == "there is no error"


def test_a_warning_is_expected_of_a_rule() -> None:
    testing.assert_warning("MAINTAINER me", "MaintainerDeprecated", "label", line=1)
    testing.assert_warning("RUN sudo make", "SudoInRun")  # a strict rule, which is off by default
    assert failure(testing.assert_warning, "RUN make", "SudoInRun") == "there is no finding of SudoInRun"
    said = failure(testing.assert_warning, "MAINTAINER me", "MaintainerDeprecated", line=2)
    assert said.startswith("no finding of MaintainerDeprecated at line 2, but:\n  Dockerfile:1: warning: ")
    said = failure(testing.assert_warning, "RUM make", "SudoInRun")
    assert said.startswith(
        "there is no finding of SudoInRun, but:\n  Dockerfile:1: error: unknown instruction"
    )


def test_a_rule_that_there_is_not_is_an_error_of_the_test() -> None:
    with pytest.raises(ValueError, match="there is no rule SudoInRuns"):
        testing.assert_warning("RUN make", "SudoInRuns")


def test_a_clean_file_has_neither_errors_nor_findings() -> None:
    testing.assert_clean("RUN make")
    testing.assert_clean("RUN sudo make")
    said = failure(testing.assert_clean, "RUN sudo make", experimental=["strict"])
    assert said.startswith("RUN sudo make is not clean, but:\n  Dockerfile:1: ")
    assert "error" in failure(testing.assert_clean, "RUM make")


# ------------------------------------------------------------------------------------ graphs, plain texts


def test_options_are_those_of_a_build() -> None:
    text = "ARG V=1\nFROM alpine:$V AS a\nFROM alpine:9 AS b\n"
    options = {"target": "a", "args": {"V": "2"}, "platform": "linux/arm64"}
    graph = testing.graph(text, **options)  # type: ignore[arg-type] # a dict for brevity
    assert [op["source"]["identifier"] for op in graph.ops] == ["docker-image://docker.io/library/alpine:2"]
    assert graph.image["architecture"] == "arm64"


def test_a_graph_shows_its_steps_edges_and_itself() -> None:
    graph = testing.graph("FROM alpine AS base\nFROM scratch\nCOPY --from=base a /\n")
    assert graph.steps == (
        "[base 1/1] FROM docker.io/library/alpine:latest",
        "[stage-1 1/1] COPY --from=base a /",
    )
    assert [(edge.source, edge.target) for edge in graph.edges][1:] == [("stage:0", "stage:1")]
    assert repr(graph) == "Graph(2 ops)"
    assert "    history: COPY a / # buildkit" in str(graph).splitlines()
    assert graph == testing.graph("FROM alpine\nFROM scratch\nCOPY --from=0 a /\n")
    assert graph != testing.graph("FROM alpine\n")


def test_names_of_others_cannot_reach_the_terminal() -> None:
    said = failure(testing.assert_same_graph, 'ENV A="\x1b[31m"', "ENV A=b")
    assert "\x1b" not in said
    assert "-    config.Env: A=\\x1b[31m" in said


@pytest.mark.parametrize("ask", [testing.graph, testing.plain])
def test_errors_have_the_lines_of_the_test(ask: Callable[[str], object]) -> None:
    with pytest.raises(DockerfileError, match=r"^Dockerfile:2: unknown instruction: RUM"):
        ask("RUN make\nRUM make\n")


def test_graphs_are_equal_where_their_definitions_are() -> None:
    shown, sent, pairs = set(), set(), set()
    for case in read_cases(case_files([OWN])):
        try:
            graph = testing.graph(case.dockerfile, platform="linux/amd64")
        except DockerfileError:
            continue
        lines = tuple(graph.lines())
        config = {key: value for key, value in graph.image.items() if key not in MADE}
        digests = tuple(graph.digests)
        shown.add(lines)
        sent.add((digests, json.dumps(config)))
        pairs.add((lines, digests, json.dumps(config)))
    assert len(pairs) == len(shown) == len(sent) > 300


# ----------------------------------------------------------------------------------------------- plugins

PLUGIN = """
from pyfrontend.api import DockerfileError, Finding, macro, rule

@macro("GREET")
def greet(*names):
    if not names:
        raise DockerfileError("GREET whom?")
    return f"RUN echo hello {' '.join(names)}"

@macro("CRON", heredocs=True)
def cron(mark, *, heredocs):
    return f"COPY <<END /cron\\n{heredocs[0].content}END"

@rule("HOUSE001", "Stages have names")
def named(dockerfile):
    for stage in dockerfile.stages:
        if not stage.name:
            yield Finding("name the stage", stage.span)
"""

POLICY = """
from pyfrontend.api import Deny, policy

@policy
def no_elsewhere(source):
    return Deny("take one of ours") if "elsewhere" in source.ref else None
"""


@pytest.fixture
def strict() -> ModuleType:
    """A plugin with a policy."""
    module = ModuleType("strict")
    exec(POLICY, vars(module))
    return module


@pytest.fixture
def house() -> ModuleType:
    """A plugin that is a module of this process."""
    module = ModuleType("house")
    exec(PLUGIN, vars(module))
    return module


def test_plugins_are_given_to_one_call_or_to_a_tester(house: ModuleType) -> None:
    tester = testing.Tester(house)
    tester.assert_same_graph("GREET me", "RUN echo hello me")
    testing.assert_same_graph("GREET me", "RUN echo hello me", plugins=[house])
    testing.assert_error("GREET me", "unknown instruction: GREET")
    tester.assert_error("GREET me", "unknown instruction: GREET", plugins=[])
    assert tester.plain("GREET me\n") == "RUN echo hello me\n"
    assert tester.build("GREET me").steps()[-1] == tester.graph("RUN echo hello me").steps[-1]
    assert tester.parse("FROM a AS b\nGREET me\n").errors == ()
    assert tester.parse("FROM a AS b\nGREET me\n", plugins=()).errors[0].line == 2


def test_errors_and_findings_of_plugins_are_at_their_lines(house: ModuleType) -> None:
    tester = testing.Tester(house)
    tester.assert_error("RUN make\nGREET", "GREET whom?", line=2)
    tester.assert_warning("FROM alpine AS a\nFROM alpine\n", "HOUSE001", "name the stage", line=2)
    tester.assert_clean("FROM alpine AS a\n")
    assert [one.rule for one in tester.build("FROM alpine\n").warnings] == ["HOUSE001"]
    with pytest.raises(ValueError, match="there is no rule HOUSE001"):
        testing.assert_warning("FROM alpine\n", "HOUSE001")


def test_a_plugin_that_is_not_there_is_an_error_of_the_test() -> None:
    with pytest.raises(DockerfileError, match="the plugin no_such_plugin is not there"):
        testing.check("RUN make", plugins=["no_such_plugin"])


def test_a_denial_is_expected_of_a_policy(strict: ModuleType) -> None:
    tester = testing.Tester(strict)
    tester.assert_denied("FROM elsewhere/app", "no_elsewhere", line=1)
    tester.assert_denied("RUN make\nCOPY --from=elsewhere/app a b", "no_elsewhere", "one of ours", line=2)
    assert failure(tester.assert_denied, "FROM app", "no_elsewhere") == "there is no denial by no_elsewhere"
    said = failure(tester.assert_denied, "FROM elsewhere/app", "no_elsewher")
    assert said.startswith("there is no denial by no_elsewher, but:\n  Dockerfile:1: error: the image ")
    said = failure(tester.assert_denied, "FROM elsewhere/app", "no_elsewhere", "of theirs", line=2)
    assert said.startswith(
        "no denial by no_elsewhere says 'of theirs' at line 2, but:\n  Dockerfile:1: error"
    )
    with pytest.raises(DockerfileError, match=r"^Dockerfile:1: the image .* is denied by the policy"):
        tester.build("FROM elsewhere/app")
    with pytest.raises(AssertionError, match="FROM elsewhere/app has no graph: Dockerfile:1: the image"):
        tester.assert_same_graph("FROM elsewhere/app", "FROM scratch")


def test_what_is_in_heredocs_of_plugins_is_no_from(house: ModuleType) -> None:
    tester = testing.Tester(house)
    tester.assert_same_graph("CRON <<EOF\nFROM me\nEOF", "COPY <<END /cron\nFROM me\nEND\n")
    tester.assert_error("CRON <<EOF\nFROM me\nEOF\nRUM a", "unknown instruction: RUM", line=4)
    assert tester.build("CRON <<EOF\nFROM me\nEOF", plugins=iter([house])).steps()
    found = tester.check("CRON <<EOF\nFROM me\nEOF", plugins=iter([house]))
    assert [(one.rule, one.line) for one in found] == [("HOUSE001", 0)]
